//! What the daemon does by itself, each service in a thread of its own: the tasks of `secboard upkeep`.
//!
//! What is due once is marked in the store, so that the daemon and cron never do it twice.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Parts;
use super::health::Health;
use super::log::{Level, Log, cause};
use super::news::News;
use crate::config::{self, Config};
use crate::context::{Actor, CancelToken, Clock as _, Context, Meters, Service, SystemClock, join_until};
use crate::error::{Died, Explain as _, Kind, Result};
use crate::store::Store;
use crate::upkeep::{self, Report, Rest, Task};

/// How often it is asked whether somebody changed the store.
const LOOK: Duration = Duration::from_millis(500);

/// Services at work.
pub(super) struct Services {
    running: Vec<Running>,
    /// Those in whose place others are, until they have come to their end.
    leaving: Vec<JoinHandle<()>>,
}

struct Running {
    cancel: CancelToken,
    /// Nothing is sent on it: that it is gone is what ends the service.
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Running {
    /// Has it end when it comes to it.
    fn leave(self) -> JoinHandle<()> {
        drop(self.stop);
        self.thread
    }
}

/// What a service works with.
struct Work {
    name: &'static str,
    every: Duration,
    /// Whether it has to do with each change of the store.
    at_changes: bool,
    tasks: Vec<&'static Task>,
    store: PathBuf,
    key: PathBuf,
    templates: Option<PathBuf>,
    resolver: Option<SocketAddr>,
    parts: Parts,
    cancel: CancelToken,
    health: Arc<Health>,
    meters: Arc<Meters>,
    log: Arc<Log>,
}

/// A service of the configuration: its name, how often it works, whether at each change too, what it does.
fn wanted(switched: config::Services) -> Vec<(&'static str, Duration, bool, Service)> {
    let all = [
        (switched.outbox, "outbox", Duration::from_secs(30), true, Service::Outbox),
        (switched.sync, "sync", Duration::from_secs(3600), false, Service::Sync),
        (switched.reminders, "reminders", Duration::from_secs(600), false, Service::Reminders),
        (switched.cleaning, "cleaning", Duration::from_secs(3600), false, Service::CleanUp),
    ];
    let on = all.into_iter().filter(|(on, ..)| *on);
    on.map(|(_, name, every, at_changes, service)| (name, every, at_changes, service)).collect()
}

impl Services {
    /// Starts those that are switched on.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(
        config: &Config,
        parts: Parts,
        (health, meters): (&Arc<Health>, &Arc<Meters>),
        log: &Arc<Log>,
    ) -> std::io::Result<Self> {
        let mut running = Vec::new();
        let wanted = wanted(config.daemon.services);
        health.expect(wanted.iter().map(|(name, every, ..)| (*name, *every)), SystemClock.now());
        for (name, every, at_changes, service) in wanted {
            let cancel = CancelToken::default();
            let is_its = |task: &&&'static Task| task.service == service;
            let work = Work {
                name,
                every,
                at_changes,
                tasks: parts.tasks.iter().filter(is_its).copied().collect(),
                store: config.store.clone(),
                key: config.key.clone(),
                templates: config.templates.clone(),
                resolver: config.resolver,
                parts,
                cancel: cancel.clone(),
                health: Arc::clone(health),
                meters: Arc::clone(meters),
                log: Arc::clone(log),
            };
            let (stop, stopping) = mpsc::channel();
            let thread =
                std::thread::Builder::new().name(name.to_owned()).spawn(move || work.run(&stopping))?;
            running.push(Running { cancel, stop, thread });
        }
        Ok(Self { running, leaving: Vec::new() })
    }

    /// Has all of them end: what a service is at is broken off where it can be, and done another time.
    pub(super) fn cancel(&self) {
        for running in &self.running {
            running.cancel.cancel();
        }
    }

    /// Has all of them end, and waits for that no longer than until then.
    pub(super) fn stop(self, until: Instant) {
        self.cancel();
        let threads: Vec<_> = self.running.into_iter().map(Running::leave).collect();
        for thread in threads.into_iter().chain(self.leaving) {
            join_until(thread, until);
        }
    }

    /// Has others do the work from now on. What the old ones are at they come to an end of by themselves: nobody waits for that,
    /// and what is due once is done once.
    pub(super) fn replace(&mut self, others: Self) {
        let old = std::mem::replace(&mut self.running, others.running);
        for running in &old {
            running.cancel.cancel();
        }
        self.leaving.retain(|thread| !thread.is_finished());
        self.leaving.extend(old.into_iter().map(Running::leave));
    }
}

impl Work {
    fn run(&self, stopping: &mpsc::Receiver<()>) {
        let mut news = News::of(&self.store);
        loop {
            // Whatever changes from here on is news, its own changes too: it looks again until there was nothing to change.
            let seen = news.version();
            self.work();
            let done = Instant::now();
            loop {
                if stopping.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let mut is_changed =
                    || self.at_changes && news.version().is_some_and(|now| Some(now) != seen);
                if done.elapsed() >= self.every || is_changed() {
                    break;
                }
            }
        }
    }

    /// Does what is due, and tells how that went. A defect costs this work, and not the next.
    fn work(&self) {
        let begun = SystemClock.now();
        let mut result = "nothing";
        let done = catch_unwind(AssertUnwindSafe(|| self.try_to_work(&mut result)));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(failure)) if failure.kind() == Kind::Interrupted => return,
            Ok(Err(failure)) => {
                result = "failed";
                let mut facts = vec![("service", self.name.into()), ("code", failure.code().into())];
                facts.extend(cause(&failure).map(|cause| ("because", cause.into())));
                self.log.say_with(Level::Error, "a service could not begin its work", &facts);
            }
            Err(panic) => {
                result = "failed";
                let died = Died::of("the work of a service", &*panic);
                let facts = [("service", self.name.into()), ("code", died.code().into())];
                self.log.say_with(Level::Error, "a service broke off its work", &facts);
            }
        }
        self.health.note(self.name, begun, result);
    }

    /// Does what is due; `result` is the worst word of what was done.
    fn try_to_work(&self, result: &mut &'static str) -> Result<()> {
        let mut cx = self.context()?;
        let ended = upkeep::run((&mut cx, &|| self.context()), &self.tasks, |task, done| {
            *result = worse(result, word(done));
            self.tell(task, done);
        });
        // Of a task that failed it was told above.
        ended.or_else(|failure| if failure.kind() == Kind::Interrupted { Err(failure) } else { Ok(()) })
    }

    fn tell(&self, task: &Task, done: &Result<Report>) {
        let mut facts = vec![("task", task.name.into())];
        let (level, said) = match done {
            Ok(Report { count: 0, rest: None, .. }) => return,
            Ok(report) => {
                facts.push(("count", report.count.into()));
                facts.push(("said", report.said.as_str().into()));
                let level = if report.rest.is_some() { Level::Warning } else { Level::Info };
                (level, "a task was done")
            }
            Err(failure) if failure.kind() == Kind::Interrupted => return,
            Err(failure) => {
                facts.push(("code", failure.code().into()));
                facts.extend(cause(failure).map(|cause| ("because", cause.into())));
                (Level::Error, "a task failed")
            }
        };
        self.log.say_with(level, said, &facts);
    }

    /// A context of its own, made anew for each work, with the key and the settings of now.
    fn context(&self) -> Result<Context> {
        let mut store = Store::open(&self.store)?;
        let key = store.load_key(&self.key)?;
        let settings = store.read(|tx| self.parts.settings.load(tx))?;
        store.interrupt_when(self.cancel.is_unwanted());
        let mut cx = Context::new(store, key, settings, Actor::nobody(None));
        self.log.go_by_clocks_of(cx.time_zone());
        cx.store.interrupt_when(self.cancel.is_unwanted());
        cx.cancel = self.cancel.clone();
        cx.templates.clone_from(&self.templates);
        cx.resolver = self.resolver;
        cx.meters = Arc::clone(&self.meters);
        Ok(cx)
    }
}

/// How a task went, in a word.
fn word(done: &Result<Report>) -> &'static str {
    match done {
        Err(_) | Ok(Report { rest: Some(Rest::Failed), .. }) => "failed",
        Ok(Report { rest: Some(Rest::Waits), .. }) => "waits",
        Ok(Report { count: 0, .. }) => "nothing",
        Ok(_) => "done",
    }
}

/// The worse of two words.
fn worse(one: &'static str, other: &'static str) -> &'static str {
    let order = ["nothing", "done", "waits", "failed"];
    let place = |word: &str| order.iter().position(|known| *known == word);
    if place(other) > place(one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::{Health, Log, Running, Services, Work, wanted};
    use crate::config::LogFormat;
    use crate::context::{CancelToken, Context, Reopen, Service};
    use crate::crypto::key::MasterKey;
    use crate::crypto::rng::SystemRandom;
    use crate::error::Result;
    use crate::store::Store;
    use crate::upkeep::{Report, Task};

    /// How often a task was run.
    static BREAKS_RUNS: AtomicUsize = AtomicUsize::new(0);
    static NEWS_RUNS: AtomicUsize = AtomicUsize::new(0);

    /// Breaks down the first time.
    static BREAKS: Task = Task {
        name: "breaks",
        about: "breaks down",
        service: Service::Outbox,
        run: |_, _| {
            assert_ne!(BREAKS_RUNS.fetch_add(1, Ordering::SeqCst), 0, "asked for");
            Ok(Report::of(0, String::new()))
        },
    };

    /// The first time, somebody else changes the store while it is at work.
    static MISSES: Task =
        Task { name: "misses", about: "misses news", service: Service::Outbox, run: misses };

    fn misses(cx: &Context, _: &Reopen<'_>) -> Result<Report> {
        if NEWS_RUNS.fetch_add(1, Ordering::SeqCst) == 0 {
            cx.write(|tx| Ok(tx.sql().execute_batch("CREATE TABLE news (id INTEGER PRIMARY KEY)")?))?;
        }
        Ok(Report::of(0, String::new()))
    }

    /// A service that does this: at each change of the store, or every so many milliseconds.
    fn work(folder: &Path, task: &'static Task, every: u64, at_changes: bool) -> Work {
        let (store, key) = (folder.join("secboard.db"), folder.join("secboard.key"));
        let master = MasterKey::generate(&SystemRandom).unwrap();
        Store::create(&store).unwrap().write(|tx| tx.bind_key(&master)).unwrap();
        master.create_file(&key).unwrap();
        Work {
            meters: Arc::default(),
            name: "outbox",
            every: Duration::from_millis(every),
            at_changes,
            tasks: vec![task],
            health: Arc::new(Health::new(&store)),
            store,
            key,
            templates: None,
            resolver: None,
            parts: crate::registry::DAEMON,
            cancel: CancelToken::default(),
            log: Arc::new(Log::new(LogFormat::Text, None)),
        }
    }

    /// Has it work until its task was run twice; what is known of it after that.
    fn until_twice(work: &Work, runs: &AtomicUsize) -> Option<&'static str> {
        let (stop, stopping) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let service = scope.spawn(move || work.run(&stopping));
            let until = Instant::now() + Duration::from_secs(30);
            while runs.load(Ordering::SeqCst) < 2 && Instant::now() < until && !service.is_finished() {
                std::thread::sleep(Duration::from_millis(10));
            }
            drop(stop);
            service.join().unwrap();
        });
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        work.health.last(work.name)
    }

    /// How people say how often that is.
    fn words_for(every: Duration, at_changes: bool) -> String {
        let times = [(3600, "hour"), (60, "minute"), (1, "second")];
        let (count, unit) = times
            .into_iter()
            .find_map(|(seconds, unit)| {
                every.as_secs().is_multiple_of(seconds).then(|| (every.as_secs() / seconds, unit))
            })
            .unwrap();
        let every = if count == 1 { format!("every {unit}") } else { format!("every {count} {unit}s") };
        if at_changes { format!("at each change of the store, and {every}") } else { every }
    }

    #[test]
    fn the_guide_tells_of_every_service_and_how_often_it_works() {
        let works = wanted(crate::config::Services::default());
        let works: Vec<String> = works
            .into_iter()
            .map(|(name, every, at_changes, _)| format!("{name}: {}", words_for(every, at_changes)))
            .collect();
        let guide = include_str!("../../../docs/web.md");
        let (_, table) = guide.split_once("| service | does | how often |\n|---|---|---|\n").unwrap();
        let rows = table.lines().map_while(|line| line.strip_prefix("| `")?.strip_suffix(" |"));
        let told: Vec<String> = rows
            .map(|row| {
                let (name, rest) = row.split_once("` | ").unwrap();
                format!("{name}: {}", rest.rsplit_once(" | ").unwrap().1)
            })
            .collect();
        assert_eq!(told, works);
    }

    #[test]
    fn a_defect_costs_a_service_one_work_and_not_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let work = work(folder.path(), &BREAKS, 1, false);
        work.work();
        assert_eq!(work.health.last("outbox"), Some("failed"));
        assert_eq!(until_twice(&work, &BREAKS_RUNS), Some("nothing"));
    }

    #[test]
    fn a_service_that_cannot_begin_its_work_is_seen_to_have_failed() {
        let folder = tempfile::tempdir().unwrap();
        let work = work(folder.path(), &BREAKS, 1, false);
        std::fs::remove_file(&work.key).unwrap();
        work.work();
        assert_eq!(work.health.last("outbox"), Some("failed"));
    }

    #[test]
    fn what_others_change_while_a_service_works_is_news_to_it() {
        let folder = tempfile::tempdir().unwrap();
        // Somebody has the store open all the time, as the daemon has.
        let work = work(folder.path(), &MISSES, 3_600_000, true);
        let _held = Store::open(&work.store).unwrap();
        assert_eq!(until_twice(&work, &NEWS_RUNS), Some("nothing"));
    }

    #[test]
    fn nobody_waits_for_services_in_whose_place_others_are() {
        let (done, waits) = mpsc::channel::<()>();
        let (stop, stopping) = mpsc::channel::<()>();
        let cancel = CancelToken::default();
        let thread = std::thread::spawn(move || {
            waits.recv().unwrap();
            stopping.recv().unwrap_err();
        });
        let running = Running { cancel: cancel.clone(), stop, thread };
        let mut services = Services { running: vec![running], leaving: Vec::new() };
        services.replace(Services { running: Vec::new(), leaving: Vec::new() });
        assert!(cancel.check().is_err(), "it is told to end");
        assert_eq!(services.leaving.len(), 1, "which it has not yet");
        done.send(()).unwrap();
        services.stop(Instant::now() + Duration::from_secs(10));
    }
}
