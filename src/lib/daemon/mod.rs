//! `secboardd`: the daemon.
//!
//! It finds store and key as the command does, checks both before it listens, and serves the pages of the features by the
//! front of [`web`](crate::web). What has to be done time after time it does too (`services`). SIGHUP has it read its
//! configuration again, SIGTERM and SIGINT end it after the requests at hand.

mod begun;
mod certificate;
pub(crate) mod cli;
mod error;
mod health;
mod log;
mod metrics;
mod news;
pub(crate) mod pages;
mod refusals;
mod services;
mod sockets;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::net::IpAddr;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Once, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

pub(crate) use error::Error;

use crate::config::{self, Config, Trusted};
use crate::context::meters::{Counter, Gauge};
use crate::context::settings::Table;
use crate::context::{Clock as _, Context, Site, SystemClock};
use crate::error::{Failure, Result};
use crate::store;
use crate::upkeep::Task;
use crate::web::front::{Answers, Certificates, Front, Pulse, Room};
use crate::web::{FileRoute, Greeter, Pages, Routes};
use begun::{check_audit, go_by_its_clocks, warn_of_readers, warn_of_templates};
use certificate::Ending;
use health::Health;
use log::{Level, Log};
use metrics::{Figures, Requests};
use refusals::Refusals;
use services::Services;
use sockets::{Made, Sockets};

/// How long it takes at most to end: so long for requests at hand and what was asked of them, …
const GRACE: Duration = Duration::from_secs(10);

/// … and a little more to write down what became of a mail that is being handed over.
const LAST_MAIL: Duration = Duration::from_secs(2);

/// How often the daemon looks after itself.
const LOOK: Duration = Duration::from_secs(1);

/// How long it is waited for an answer then, …
const PATIENCE: Duration = Duration::from_secs(1);

/// … and how long there may be none, so that it is known that none will come: longer than anybody may be at an answer.
const SILENCE: Duration = Duration::from_secs(90);

/// What is told once, where a proxy on this machine is not trusted.
const UNBELIEVED: &str = "a proxy on this machine says for whom it asks and is not believed, so that all visitors count as one \
                          and hold each other up: name it in `trusted_proxies`";

/// What is told of a configuration by which no proxy is.
const NO_PROXY: &str = "no proxy is believed about who visits: behind one, name it in `trusted_proxies`, or all visitors count as \
                        one and hold each other up";

/// What the features give the daemon.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    /// What there is to set.
    pub(crate) settings: &'static Table,
    /// Their pages.
    pub(crate) routes: Routes,
    /// Those whose forms may have a file.
    pub(crate) file_routes: &'static [FileRoute],
    /// Tells the language of whoever is logged in.
    pub(crate) greeter: Greeter,
    /// What is to be done time after time.
    pub(crate) tasks: &'static [&'static Task],
    /// What is wrong with the templates of a folder, tried as of a time.
    pub(crate) template_faults: fn(Option<&Path>, crate::text::instant::Instant) -> Vec<String>,
    /// Tells administrators of the certificate in a file, where that is about to end.
    pub(crate) tell_of_certificate: fn(&Context, &str, crate::text::instant::Instant) -> Result<()>,
    /// What is counted.
    pub(crate) counters: &'static [&'static Counter],
    /// What is so now.
    pub(crate) gauges: &'static [&'static Gauge],
}

/// Reads its configuration.
type Load<'a> = &'a dyn Fn() -> Result<Config>;

/// Told the addresses once all of them are listened on.
type Ready<'a> = &'a dyn Fn(&[String]) -> Result<()>;

/// What comes to a daemon that runs.
enum Event {
    /// It is to end.
    End,
    /// It is to read its configuration again.
    ReadAgain,
    /// It cannot go on.
    Failed(Failure),
}

/// The pages, and what supervisors ask.
struct Served {
    pages: Pages,
    health: Arc<Health>,
    log: Arc<Log>,
    /// Whether it was told that a proxy is not believed.
    unbelieved: Once,
    refusals: Arc<Refusals>,
}

impl Answers for Served {
    fn answer(&self, request: Request<Bytes>, client: IpAddr) -> Response<Bytes> {
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        match self.health.answer(request.uri().path(), is_read, self.pages.site()) {
            Some(answer) => self.pages.finish(answer),
            None => self.pages.answer(request, client),
        }
    }

    fn refuse(&self, status: StatusCode, path: &str, headers: &HeaderMap) -> Response<Bytes> {
        self.pages.refuse(status, path, headers)
    }

    fn takes_file(&self, path: &str) -> bool {
        self.pages.takes_file(path)
    }

    fn may_send_file(&self, path: &str, headers: &HeaderMap, client: IpAddr) -> bool {
        self.pages.may_send_file(path, headers, client)
    }

    fn note_unbelieved_proxy(&self) {
        self.unbelieved.call_once(|| self.log.say(Level::Warning, UNBELIEVED));
    }

    fn note_refusal(&self, status: StatusCode, client: IpAddr) {
        self.refusals.count(status, client, Instant::now());
    }
}

/// A daemon that listens.
struct Daemon {
    served: Arc<Served>,
    front: Front,
    /// Tells figures.
    watched: Option<Front>,
    services: Services,
    certificates: Option<Arc<Certificates>>,
    sockets: Vec<Made>,
    /// Where it listens.
    names: Vec<String>,
}

/// Checks what it needs and, if that is not all that is asked for, serves until it is told to end.
fn run(load: Load<'_>, parts: Parts, only_check: bool) -> Result<()> {
    let config = load()?;
    config::go_on_as_owner(&config)?;
    let log = Arc::new(Log::new(config.daemon.log_format, None));
    let site = open(&config, parts.settings)?;
    go_by_its_clocks(&site, &log)?;
    warn_of_readers(&config, &log);
    warn_of_templates(&config, parts, &log);
    if only_check {
        check_audit(&site)?;
        if let Some(certificates) = certificate::read(&config)? {
            certificate::tell_of(&certificates, &log);
        }
        if config.daemon.trusted == Trusted::default() && config.daemon.tls.is_none() {
            log.say(Level::Warning, NO_PROXY);
        }
        log.say(Level::Info, "configuration, store and key are fine");
        return Ok(());
    }
    if let Err(failure) = check_audit(&site) {
        log.say_with(Level::Error, "nothing can be changed", &[("because", failure.to_string().into())]);
    }
    let listening = |names: &[String]| {
        for name in names {
            log.say(Level::Info, &format!("listening on {name}"));
        }
        Ok(())
    };
    serve(config, site, parts, &log, Some(load), &listening)
}

/// Serves a store within another command, until that is told to end by Ctrl-C, SIGTERM or SIGHUP. What it does is told in
/// a file; `ready` is called when it listens, with where.
///
/// # Errors
/// What keeps the daemon from starting or going on, and what `ready` says.
pub(crate) fn serve_within(config: Config, parts: Parts, file: File, ready: Ready<'_>) -> Result<()> {
    let log = Arc::new(Log::new(config.daemon.log_format, Some(file)));
    let site = open(&config, parts.settings)?;
    go_by_its_clocks(&site, &log)?;
    serve(config, site, parts, &log, None, ready)
}

/// Serves until it is told to end. SIGHUP has it read its configuration again; where there is none to read, it ends then too,
/// as any program does whose terminal is gone.
fn serve(
    config: Config,
    site: Site,
    parts: Parts,
    log: &Arc<Log>,
    load: Option<Load<'_>>,
    ready: Ready<'_>,
) -> Result<()> {
    say_nothing_of_panics_but_where(log);
    let (events, coming) = mpsc::channel();
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])
        .map_err(|source| Error::System { what: "cannot wait for signals", source })?;
    let handle = signals.handle();
    let of_signals = events.clone();
    let no_thread = |source| Error::System { what: "cannot start a thread", source };
    let waiting = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            let event = if signal == SIGHUP { Event::ReadAgain } else { Event::End };
            if of_signals.send(event).is_err() {
                return;
            }
        }
    });
    waiting.map_err(no_thread)?;
    let mut daemon = Daemon::start(&config, site, parts, log)?;
    let looking = Looking::begin(&daemon, (&config, parts), events, log).map_err(no_thread)?;
    let ended = ready(&daemon.names).and_then(|()| {
        tell_supervisor(&[NotifyState::Ready]);
        daemon.go_on(coming, load, config, parts, log)
    });
    // Nobody else may hold the pages when they end, which do first what they have promised.
    looking.stop();
    log.say(Level::Info, "stopping");
    daemon.stop();
    handle.close();
    ended
}

/// Opens everything, so that what is wrong stops the start and not the first request.
fn open(config: &Config, settings: &'static Table) -> Result<Site> {
    let site = Site::open(&config.store, &config.key, settings)?;
    site.ask_for_names(config.resolver);
    Ok(site)
}

/// A panic costs one answer; what it says may hold what somebody typed, so only its place is told.
fn say_nothing_of_panics_but_where(log: &Arc<Log>) {
    let log = Arc::clone(log);
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map_or_else(String::new, ToString::to_string);
        log.say_with(Level::Error, "a defect of secboard", &[("place", place.into())]);
    }));
}

/// Tells systemd how it is, where that started it.
fn tell_supervisor(states: &[NotifyState<'_>]) {
    sd_notify::notify(states).ok();
}

impl Daemon {
    /// Listens and serves.
    fn start(config: &Config, site: Site, parts: Parts, log: &Arc<Log>) -> Result<Self> {
        let certificates = certificate::read(config)?;
        let room = Room::of_this_process();
        let sockets = Sockets::bind(&config.daemon.listen, certificates.as_ref())?;
        let health = Arc::new(Health::new(&config.store));
        let requests = Arc::new(Requests::default());
        let (of_pages, counted) = (Arc::clone(log), Arc::clone(&requests));
        let told = Box::new(move |served: &crate::web::Served| {
            counted.count(served);
            of_pages.served(served);
        });
        let site = Arc::new(site);
        let pages = Pages::new(Arc::clone(&site), parts.routes, pages::facts, told);
        let pages = pages.with_files_at(parts.file_routes).with_greeter(parts.greeter);
        pages.allow_hosts(config.daemon.allowed_hosts.clone());
        pages.allow_sites(config.daemon.sites.clone());
        let refusals = Arc::new(Refusals::new(log));
        let served = Arc::new(Served {
            pages,
            health: Arc::clone(&health),
            log: Arc::clone(log),
            unbelieved: Once::new(),
            refusals: Arc::clone(&refusals),
        });
        let (made, names) = (sockets.made(), sockets.names);
        let answers: Arc<dyn Answers> = Arc::<Served>::clone(&served);
        let front = Front::start(sockets.listeners, answers, config.daemon.trusted.clone(), room)
            .map_err(|source| Error::System { what: "cannot start to serve", source })?;
        let watched = config.daemon.metrics.map(|address| {
            let (health, certificates) = (Arc::clone(&health), certificates.clone());
            let (site, began) = (Arc::clone(&site), SystemClock.now());
            let figures = Figures { parts, site, health, requests, refusals, certificates, began };
            metrics::listen(address, figures, log)
        });
        let watched = watched.transpose()?;
        let services = Services::start(config, parts, (&health, site.meters()), log)
            .map_err(|source| Error::System { what: "cannot start the services", source })?;
        Ok(Self { served, front, watched, services, certificates, sockets: made, names })
    }

    /// Serves until it is to end.
    fn go_on(
        &mut self,
        coming: mpsc::Receiver<Event>,
        load: Option<Load<'_>>,
        mut config: Config,
        parts: Parts,
        log: &Arc<Log>,
    ) -> Result<()> {
        loop {
            match coming.recv() {
                Ok(Event::ReadAgain) => match load.map(|load| load()) {
                    None => return Ok(()),
                    Some(Ok(read)) => self.follow(&mut config, read, parts, log),
                    Some(Err(failure)) => {
                        let facts = [("because", log::told(&failure).into())];
                        log.say_with(Level::Error, "the configuration stays as it was", &facts);
                    }
                },
                Ok(Event::Failed(failure)) => return Err(failure),
                Ok(Event::End) | Err(_) => return Ok(()),
            }
        }
    }

    /// Does from now on what a configuration says that was read again.
    fn follow(&mut self, config: &mut Config, read: Config, parts: Parts, log: &Arc<Log>) {
        let (old, new) = (&config.daemon, &read.daemon);
        let stays = old.listen == new.listen && old.tls == new.tls && old.metrics == new.metrics;
        if !stays || config.store != read.store || config.key != read.key {
            let what = "`store`, `key`, `listen`, `metrics_listen` and the paths of TLS are taken over by a new start";
            log.say(Level::Warning, what);
        }
        log.write_as(new.log_format);
        self.front.trust(new.trusted.clone());
        self.served.pages.allow_hosts(new.allowed_hosts.clone());
        self.served.pages.allow_sites(new.sites.clone());
        self.served.pages.site().ask_for_names(read.resolver);
        certificate::read_again(self.certificates.as_ref(), true, log);
        *config = Config {
            store: config.store.clone(),
            key: config.key.clone(),
            daemon: config::Daemon {
                listen: old.listen.clone(),
                tls: old.tls.clone(),
                metrics: old.metrics,
                ..read.daemon
            },
            ..read
        };
        match Services::start(config, parts, (&self.served.health, self.served.pages.site().meters()), log) {
            Ok(services) => self.services.replace(services),
            Err(error) => {
                let facts = [("because", error.to_string().into())];
                log.say_with(Level::Error, "the services stay as they were", &facts);
            }
        }
        warn_of_templates(config, parts, log);
        log.say(Level::Info, "the configuration was read again");
    }

    /// Takes no more requests, and ends when those at hand are answered.
    fn stop(self) {
        tell_supervisor(&[NotifyState::Stopping]);
        let until = Instant::now() + GRACE;
        self.services.cancel();
        self.front.stop(until);
        self.watched.into_iter().for_each(|watched| watched.stop(until));
        self.served.pages.end(until);
        self.served.refusals.tell_all();
        self.services.stop(until + LAST_MAIL);
        Sockets::remove(&self.sockets);
    }
}

/// Looks after the daemon from time to time: that its supervisor knows that it lives, that a new certificate is taken, and
/// that it ends where the store is one of a newer program.
struct Looking {
    /// Nothing is sent on it: that it is gone is what ends the thread.
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Looking {
    fn begin(
        daemon: &Daemon,
        (config, parts): (&Config, Parts),
        events: mpsc::Sender<Event>,
        log: &Arc<Log>,
    ) -> io::Result<Self> {
        let (stop, stopping) = mpsc::channel::<()>();
        let mut look = Look {
            served: Arc::clone(&daemon.served),
            certificates: daemon.certificates.clone(),
            ending: Ending::of(parts),
            pulse: daemon.front.pulse(),
            silent_since: None,
            store: config.store.clone(),
            log: Arc::clone(log),
            is_watched: sd_notify::watchdog_enabled().is_some(),
        };
        let thread = std::thread::Builder::new().name("look".to_owned()).spawn(move || {
            while stopping.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                if let Err(failure) = look.once() {
                    events.send(Event::Failed(failure)).ok();
                    return;
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    fn stop(self) {
        drop(self.stop);
        self.thread.join().ok();
    }
}

/// What is looked after.
struct Look {
    served: Arc<Served>,
    certificates: Option<Arc<Certificates>>,
    ending: Ending,
    pulse: Pulse,
    /// Since when nobody answers.
    silent_since: Option<Instant>,
    store: PathBuf,
    log: Arc<Log>,
    is_watched: bool,
}

impl Look {
    /// Looks once.
    ///
    /// # Errors
    /// When the daemon cannot go on.
    fn once(&mut self) -> Result<()> {
        if let Err(failure) = self.served.pages.site().check()
            && matches!(failure.get(), Some(store::Error::Newer { .. }))
        {
            let facts = [("store", self.store.display().to_string().into())];
            self.log.say_with(Level::Error, "a newer program has upgraded the store", &facts);
            return Err(failure);
        }
        certificate::read_again(self.certificates.as_ref(), false, &self.log);
        if let Some(certificates) = &self.certificates {
            self.ending.look(self.served.pages.site(), certificates, &self.log);
        }
        self.served.refusals.tell(Instant::now());
        let is_answered = self.is_answered()?;
        if self.is_watched && is_answered {
            tell_supervisor(&[NotifyState::Watchdog]);
        }
        Ok(())
    }

    /// Whether visitors are answered now; all who answer may be at work for a while.
    fn is_answered(&mut self) -> Result<bool, Error> {
        let nobody = |source| Error::System { what: "nobody answers visitors any more", source };
        if self.pulse.is_felt(PATIENCE).map_err(nobody)? {
            self.silent_since = None;
            return Ok(true);
        }
        let since = *self.silent_since.get_or_insert_with(Instant::now);
        if since.elapsed() < SILENCE { Ok(false) } else { Err(nobody(io::ErrorKind::TimedOut.into())) }
    }
}
