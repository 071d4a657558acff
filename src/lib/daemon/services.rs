//! What the daemon does by itself, each service in a thread of its own: the tasks of `secboard upkeep`.
//!
//! What is due once is marked in the store, so that the daemon and cron never do it twice.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Parts;
use super::health::Health;
use super::log::{Level, Log, cause};
use crate::config::{self, Config};
use crate::context::{Actor, CancelToken, Context, Service};
use crate::error::{Kind, Result};
use crate::store::Store;
use crate::upkeep::{self, Report, Rest, Task};

/// How often it is asked whether somebody changed the store.
const LOOK: Duration = Duration::from_millis(500);

/// Services at work.
#[derive(Default)]
pub(super) struct Services {
    running: Vec<Running>,
}

struct Running {
    cancel: CancelToken,
    /// Nothing is sent on it: that it is gone is what ends the service.
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
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
    parts: Parts,
    cancel: CancelToken,
    health: Arc<Health>,
    log: Arc<Log>,
}

/// A service of the configuration: its name, how often it works, whether at each change too, what it does.
fn wanted(switched: config::Services) -> Vec<(&'static str, Duration, bool, Service)> {
    let all = [
        (switched.outbox, "outbox", Duration::from_secs(30), true, Service::Outbox),
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
        health: &Arc<Health>,
        log: &Arc<Log>,
    ) -> std::io::Result<Self> {
        let mut running = Vec::new();
        for (name, every, at_changes, service) in wanted(config.daemon.services) {
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
                parts,
                cancel: cancel.clone(),
                health: Arc::clone(health),
                log: Arc::clone(log),
            };
            let (stop, stopping) = mpsc::channel();
            let thread =
                std::thread::Builder::new().name(name.to_owned()).spawn(move || work.run(&stopping))?;
            running.push(Running { cancel, stop, thread });
        }
        Ok(Self { running })
    }

    /// Ends all of them: what a service is at is broken off where it can be, and done another time.
    pub(super) fn stop(self) {
        for running in &self.running {
            running.cancel.cancel();
        }
        for Running { stop, thread, .. } in self.running {
            drop(stop);
            thread.join().ok();
        }
    }
}

impl Work {
    fn run(&self, stopping: &mpsc::Receiver<()>) {
        let mut seen = None;
        loop {
            self.work();
            let done = Instant::now();
            // What it changed itself is no news.
            seen = self.version().or(seen);
            loop {
                if stopping.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                let is_changed = || self.at_changes && self.version().is_some_and(|now| Some(now) != seen);
                if done.elapsed() >= self.every || is_changed() {
                    break;
                }
            }
        }
    }

    /// Does what is due, and tells how that went.
    fn work(&self) {
        let done = self.context().and_then(|mut cx| {
            let now = cx.now();
            let mut result = "nothing";
            let ended = upkeep::run((&mut cx, &|| self.context()), &self.tasks, |task, done| {
                result = worse(result, word(done));
                self.tell(task, done);
            });
            // Of a task that failed it was told above.
            ended
                .or_else(|failure| if failure.kind() == Kind::Interrupted { Err(failure) } else { Ok(()) })?;
            self.health.note(self.name, now, result);
            Ok(())
        });
        match done {
            Err(failure) if failure.kind() != Kind::Interrupted => {
                let mut facts = vec![("service", self.name.into()), ("code", failure.code().into())];
                facts.extend(cause(&failure).map(|cause| ("because", cause.into())));
                self.log.say_with(Level::Error, "a service could not begin its work", &facts);
            }
            _ => {}
        }
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
        cx.store.interrupt_when(self.cancel.is_unwanted());
        cx.cancel = self.cancel.clone();
        cx.templates.clone_from(&self.templates);
        Ok(cx)
    }

    /// What tells whether the store was changed.
    fn version(&self) -> Option<u64> {
        changes(&self.store)
    }
}

/// The size and time of the log of changes, which every change of the store touches.
fn changes(store: &std::path::Path) -> Option<u64> {
    let mut log = store.as_os_str().to_owned();
    log.push("-wal");
    let found = std::fs::metadata(log).ok()?;
    let changed = found.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(u64::try_from(changed.as_nanos()).unwrap_or(u64::MAX) ^ found.len())
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
