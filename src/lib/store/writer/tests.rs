use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{LARGEST_GROUP, Writer};
use crate::error::{Kind, Result};
use crate::store::{Error, Store, Tx};

/// A store in a file, and its writer.
struct Site {
    _folder: tempfile::TempDir,
    path: PathBuf,
    writer: Writer,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        Store::create(&path).unwrap();
        let writer = Writer::new(&path, Duration::from_secs(10));
        Self { _folder: folder, path, writer }
    }

    /// What another process finds, in order.
    fn found(&self) -> Vec<String> {
        let sql = "SELECT name FROM store_info ORDER BY rowid";
        let read = |tx: &Tx<'_>| {
            Ok(tx.sql().prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        };
        Store::open(&self.path).unwrap().read(read).unwrap()
    }

    /// Adds a row; returns how many were there.
    fn add(&self, name: &str) -> Result<i64> {
        self.writer.write(|tx| put(tx, name))
    }

    /// Runs `work` in a change of its own, which is not done before all of `crowd` wait for their turn; returns how each
    /// of them ended, in order.
    fn gather<T: Send>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<T> + Send,
        crowd: &[&(dyn Fn() -> Result<i64> + Sync)],
    ) -> (Result<T>, Vec<thread::Result<Result<i64>>>) {
        thread::scope(|scope| {
            let (begun, has_begun): (Sender<()>, Receiver<()>) = channel();
            let first = scope.spawn(move || {
                self.writer.write(|tx| {
                    begun.send(()).unwrap();
                    wait_until(|| self.waiting() == crowd.len());
                    work(tx)
                })
            });
            has_begun.recv().unwrap();
            let mut others = Vec::new();
            for (place, one) in crowd.iter().enumerate() {
                others.push(scope.spawn(one));
                // Each has its place before the next comes.
                wait_until(|| self.waiting() > place || first.is_finished());
            }
            let ended = others.into_iter().map(thread::ScopedJoinHandle::join).collect();
            (first.join().unwrap(), ended)
        })
    }

    fn waiting(&self) -> usize {
        self.writer.queue().waiting.len()
    }

    /// Whether nobody has the turn, and no transaction is open.
    fn is_at_rest(&self) -> bool {
        self.writer.queue().free.as_ref().is_some_and(|hand| hand.group.is_none())
    }
}

/// Waits for what other threads do, a minute at most.
fn wait_until(is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(60), "nothing comes of it");
        thread::yield_now();
    }
}

fn put(tx: &Tx<'_>, name: &str) -> Result<i64> {
    let count = tx.sql().query_row("SELECT count(*) FROM store_info", [], |row| row.get(0))?;
    tx.sql().execute("INSERT INTO store_info (name, value) VALUES (?1, '')", [name])?;
    Ok(count)
}

/// Counts the commits of the connection that the writer has.
fn count_commits(site: &Site) -> Arc<AtomicUsize> {
    let commits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&commits);
    let mut queue = site.writer.queue();
    let store = queue.free.as_mut().unwrap().store.as_mut().unwrap();
    let count = move || {
        counted.fetch_add(1, Ordering::SeqCst);
        false
    };
    store.connection.commit_hook(Some(count)).unwrap();
    commits
}

#[test]
fn those_who_wait_are_committed_together_in_the_order_they_came() {
    let site = Site::new();
    site.add("before").unwrap();
    let commits = count_commits(&site);
    let (first, others) =
        site.gather(|tx| put(tx, "first"), &[&|| site.add("a"), &|| site.add("b"), &|| site.add("c")]);
    assert_eq!(first.unwrap(), 1);
    let seen: Vec<i64> = others.into_iter().map(|ended| ended.unwrap().unwrap()).collect();
    assert_eq!(seen, [2, 3, 4], "each sees those before it");
    assert_eq!(commits.load(Ordering::SeqCst), 1);
    assert_eq!(site.found(), ["before", "first", "a", "b", "c"]);
    assert!(site.is_at_rest());
}

#[test]
fn one_that_fails_takes_back_itself_alone() {
    let site = Site::new();
    let fails = || {
        site.writer.write(|tx| {
            put(tx, "lost")?;
            tx.expect_many()?;
            Err::<i64, _>(Error::Interrupted.into())
        })
    };
    let (first, others) = site.gather(|tx| put(tx, "first"), &[&|| site.add("a"), &fails, &|| site.add("b")]);
    assert_eq!(first.unwrap(), 0);
    let codes: Vec<_> =
        others.into_iter().map(|ended| ended.unwrap().map_err(|failure| failure.code())).collect();
    assert_eq!(codes, [Ok(1), Err("interrupted"), Ok(2)]);
    assert_eq!(site.found(), ["first", "a", "b"]);
    let cache = site
        .writer
        .write(|tx| Ok(tx.sql().pragma_query_value(None, "cache_size", |row| row.get::<_, i64>(0))?));
    assert_eq!(cache.unwrap(), super::super::open::USUAL_PAGES, "the memory for many changes is given back");
}

#[test]
fn the_first_that_fails_leaves_the_transaction_to_nobody() {
    let site = Site::new();
    let fails = |tx: &Tx<'_>| {
        put(tx, "lost")?;
        Err::<(), _>(Error::Interrupted.into())
    };
    let (first, others) = site.gather(fails, &[&|| site.add("a"), &|| site.add("b")]);
    assert_eq!(first.unwrap_err().code(), "interrupted");
    assert!(others.into_iter().all(|ended| ended.unwrap().is_ok()));
    assert_eq!(site.found(), ["a", "b"]);
}

#[test]
fn a_panic_is_that_of_its_thread_alone() {
    let site = Site::new();
    let panics = || -> Result<i64> {
        site.writer.write(|tx| {
            put(tx, "lost")?;
            panic!("in the middle of a change")
        })
    };
    let (first, others) =
        site.gather(|tx| put(tx, "first"), &[&panics, &|| site.add("a"), &panics, &|| site.add("b")]);
    assert_eq!(first.unwrap(), 0);
    let ended: Vec<_> = others.into_iter().map(|ended| ended.map(Result::unwrap).ok()).collect();
    assert_eq!(ended, [None, Some(1), None, Some(2)]);
    assert_eq!(site.found(), ["first", "a", "b"]);
    assert!(thread::scope(|scope| scope.spawn(panics).join()).is_err());
    assert_eq!(site.add("c").unwrap(), 3, "the writer goes on");
    assert!(site.is_at_rest());
}

/// SQLite takes back a whole transaction on some errors: then nobody of the group is told that something was done.
#[test]
fn where_one_takes_back_the_whole_transaction_nobody_is_told_that_it_is_done() {
    let site = Site::new();
    let breaks = || {
        site.writer.write(|tx| {
            tx.sql().execute_batch("ROLLBACK")?;
            Err::<i64, _>(Error::Interrupted.into())
        })
    };
    let unnoticed = || site.writer.write(|tx| Ok(tx.sql().execute_batch("ROLLBACK").map(|()| 0)?));
    for breaks in [&breaks as &(dyn Fn() -> Result<i64> + Sync), &unnoticed] {
        let (first, others) =
            site.gather(|tx| put(tx, "first"), &[&|| site.add("a"), breaks, &|| site.add("b")]);
        let first = first.unwrap_err();
        assert_eq!((first.code(), first.kind()), ("store.taken_back", Kind::Busy));
        let ended: Vec<_> = others.into_iter().map(|ended| ended.unwrap().is_ok()).collect();
        assert_eq!(ended, [false, false, true]);
        assert_eq!(site.found(), ["b"]);
        site.writer.write(|tx| Ok(tx.sql().execute_batch("DELETE FROM store_info")?)).unwrap();
    }
}

#[test]
fn where_the_commit_fails_everybody_is_told_so() {
    let site = Site::new();
    site.add("before").unwrap();
    {
        let mut queue = site.writer.queue();
        let store = queue.free.as_mut().unwrap().store.as_mut().unwrap();
        store.connection.commit_hook(Some(|| true)).unwrap();
    }
    let (first, others) = site.gather(|tx| put(tx, "first"), &[&|| site.add("a")]);
    assert_eq!(first.unwrap_err().code(), "store.statement");
    assert_eq!(others.into_iter().next().unwrap().unwrap().unwrap_err().code(), "store.statement");
    assert_eq!(site.found(), ["before"]);
}

#[test]
fn a_crowd_that_never_ends_keeps_nobody_waiting() {
    let site = Site::new();
    site.add("before").unwrap();
    let commits = count_commits(&site);
    let one = || site.add(&format!("{:?}", thread::current().id()));
    let crowd: Vec<&(dyn Fn() -> Result<i64> + Sync)> = vec![&one; LARGEST_GROUP + 5];
    let (first, others) = site.gather(|tx| put(tx, "first"), &crowd);
    assert!(first.is_ok() && others.into_iter().all(|ended| ended.unwrap().is_ok()));
    assert!(commits.load(Ordering::SeqCst) >= 2);
    assert_eq!(site.found().len(), LARGEST_GROUP + 7);
}

#[test]
fn who_changes_the_store_alone_waits_for_its_turn_and_keeps_no_group_waiting() {
    let site = Site::new();
    let alone = || site.writer.alone(|| Store::open(&site.path)?.write(|tx| put(tx, "alone")));
    let (first, others) = site.gather(|tx| put(tx, "first"), &[&|| site.add("a"), &alone, &|| site.add("b")]);
    assert_eq!(first.unwrap(), 0);
    let seen: Vec<i64> = others.into_iter().map(|ended| ended.unwrap().unwrap()).collect();
    assert_eq!(seen, [1, 2, 3]);
}

#[test]
fn a_store_that_others_hold_is_busy_and_not_for_ever() {
    let site = Site::new();
    let writer = Writer::new(&site.path, Duration::from_millis(50));
    let other = Store::open(&site.path).unwrap();
    other
        .write(|tx| {
            put(tx, "theirs")?;
            let codes = thread::scope(|scope| {
                let one = || writer.write(|tx| put(tx, "ours")).unwrap_err().code();
                let all: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(codes, ["store.busy"; 4]);
            Ok(())
        })
        .unwrap();
    assert_eq!(writer.write(|tx| put(tx, "ours")).unwrap(), 1, "then it is free again");
    assert_eq!(site.found(), ["theirs", "ours"]);
}

#[test]
fn who_waits_too_long_for_its_turn_leaves_the_queue() {
    let site = Site::new();
    let impatient = Writer::new(&site.path, Duration::from_millis(20));
    let told = impatient.write(|tx| {
        put(tx, "first")?;
        let other = thread::scope(|scope| scope.spawn(|| impatient.write(|tx| put(tx, "late"))).join());
        Ok(other.unwrap().unwrap_err().code())
    });
    assert_eq!(told.unwrap(), "store.busy");
    assert_eq!(site.found(), ["first"]);
}

#[test]
fn a_store_that_was_put_in_its_place_is_the_one_that_is_changed() {
    let site = Site::new();
    site.add("old").unwrap();
    let new = site.path.with_file_name("new.db");
    drop(Store::create(&new).unwrap());
    std::fs::rename(&new, &site.path).unwrap();
    for suffix in ["-wal", "-shm"] {
        let mut path = site.path.clone().into_os_string();
        path.push(suffix);
        std::fs::remove_file(path).ok();
    }
    assert_eq!(site.add("new").unwrap(), 0);
    assert_eq!(site.found(), ["new"]);
}

#[test]
fn a_store_of_another_schema_is_not_changed() {
    let site = Site::new();
    site.add("a").unwrap();
    for (schema, code) in [(999, "store.newer"), (1, "store.older")] {
        let other = Store::open_to_look(&site.path).unwrap();
        other.connection.pragma_update(None, "query_only", false).unwrap();
        other.connection.pragma_update(None, "user_version", schema).unwrap();
        assert_eq!(site.add("b").unwrap_err().code(), code);
        assert!(site.is_at_rest());
        other.connection.pragma_update(None, "user_version", crate::store::LATEST).unwrap();
    }
    assert_eq!(site.add("b").unwrap(), 1);
}
