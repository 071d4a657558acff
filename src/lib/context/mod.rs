//! What every operation is given first: the store, the clock, randomness, the key, the settings, and who acts.
//!
//! Nothing of it is ambient. A test builds a [`Context`] with a fixed clock and a seeded generator, and every operation
//! then does the same thing every time.

mod actor;
mod asked;
mod cancel;
mod clock;
#[cfg(test)]
pub(crate) mod for_tests;
pub(crate) mod meters;
mod scope;
pub(crate) mod settings;
mod site;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

pub(crate) use actor::{Account, Actor, Authority, Denied, Service, Subject, Why};
pub(crate) use asked::{Asked, Meaning};
pub(crate) use cancel::{CancelToken, join_until};
pub(crate) use clock::{Clock, FixedClock, SystemClock};
pub(crate) use meters::Meters;
pub(crate) use scope::CompanyScope;
pub(crate) use settings::Settings;
pub(crate) use site::{Site, Visit};

use crate::crypto::key::MasterKey;
use crate::crypto::rng::{Random, SystemRandom};
use crate::crypto::seal::Opened;
use crate::error::Result;
use crate::store::{Store, Tx, Writer};
use crate::text::date::{DateError, Day};
use crate::text::instant::Instant;

/// Through which door a change came in; a column of the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    /// The `secboard` command.
    Cli,
    /// A page, asked for from that address.
    Web(IpAddr),
    /// What a directory says.
    Directory,
    /// What secboard does by itself.
    System,
}

impl Via {
    /// The word in the audit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Web(_) => "web",
            Self::Directory => "directory",
            Self::System => "system",
        }
    }

    /// The address it came from, where it came through the web.
    pub(crate) const fn client(self) -> Option<IpAddr> {
        match self {
            Self::Web(address) => Some(address),
            Self::Cli | Self::Directory | Self::System => None,
        }
    }
}

/// How long is at once.
const AT_ONCE: Duration = Duration::from_millis(20);

/// Asked at the beginning of every change, in its transaction: refuses an actor who may no longer do what was possible when
/// the command began, which may have waited for an answer since.
pub(crate) type RevalidateActor = fn(&Context, &Tx<'_>) -> Result<()>;

/// Opens the store again for whoever acts, with the key of now: for work that goes on when its key was replaced.
pub(crate) type Reopen<'a> = dyn Fn() -> Result<Context> + 'a;

/// What was refused while the rest was done. It is kept whatever becomes of the change, which a dry run takes back.
pub(crate) type Refusals = Rc<RefCell<Vec<Refusal>>>;

/// A refusal: about whom or what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What was not to be touched; nothing for the command as a whole.
    pub(crate) subject: Option<Subject>,
    /// Why not.
    pub(crate) why: String,
}

/// The first argument of every operation.
pub(crate) struct Context {
    /// Where everything is kept.
    pub(crate) store: Store,
    /// The writer of a process that serves several; none where the store is written here.
    pub(crate) writer: Option<Arc<Writer>>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness.
    pub(crate) rng: Arc<dyn Random>,
    /// The master key of this store.
    pub(crate) key: Arc<MasterKey>,
    /// The secret of the store that every change needs.
    pub(crate) opened: Arc<Opened>,
    /// The settings as they were when the command began.
    pub(crate) settings: Arc<Settings>,
    /// The folder with the site's own templates of mails.
    pub(crate) templates: Option<PathBuf>,
    /// Who is asked for names of the DNS, if not those that the machine asks.
    pub(crate) resolver: Option<SocketAddr>,
    /// Who acts.
    pub(crate) actor: Actor,
    /// Whether it still is who may do that.
    pub(crate) revalidate_actor: RevalidateActor,
    /// Through which door.
    pub(crate) via: Via,
    /// The reason given with `--reason`, for the audit.
    pub(crate) reason: Option<String>,
    /// Whether changes are computed, shown and taken back.
    pub(crate) dry_run: bool,
    /// Whether people are told by mail what is done to their accounts.
    pub(crate) tells_people: bool,
    /// What was refused so far; the door records it when the command has ended.
    pub(crate) refusals: Refusals,
    /// What changes mean, and what they have to after an answer.
    pub(crate) asked: Asked,
    /// Whether all this is still wanted.
    pub(crate) cancel: CancelToken,
    /// What is counted for whoever watches the process.
    pub(crate) meters: Arc<Meters>,
}

impl Context {
    /// A context on a store of its own, with the clock and the randomness of the machine.
    pub(crate) fn new(mut store: Store, key: MasterKey, settings: Settings, actor: Actor) -> Self {
        let cancel = CancelToken::default();
        store.interrupt_when(cancel.is_unwanted());
        Self {
            store,
            writer: None,
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRandom),
            key: Arc::new(key),
            opened: Arc::default(),
            settings: Arc::new(settings),
            templates: None,
            resolver: None,
            actor,
            revalidate_actor: |_, _| Ok(()),
            via: Via::Cli,
            reason: None,
            dry_run: false,
            tells_people: true,
            refusals: Refusals::default(),
            asked: Asked::default(),
            cancel,
            meters: Arc::default(),
        }
    }

    /// The time now.
    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The site's time zone, in which days begin and end.
    pub(crate) fn time_zone(&self) -> &TimeZone {
        self.settings.get(&settings::TIME_ZONE)
    }

    /// Today in the site's time zone.
    pub(crate) fn today(&self) -> Day {
        self.now().day_in(self.time_zone()).unwrap_or(Day::FIRST)
    }

    /// Reads a time as people type it: as [`Instant::parse`] does, or the first moment of a day counted from today.
    pub(crate) fn time(&self, text: &str) -> Result<Instant, DateError> {
        match Day::parse_relative(text, self.today()) {
            Ok(day) => Ok(Instant::start_of(day, self.time_zone())),
            Err(_) => Instant::parse(text, self.time_zone()),
        }
    }

    /// Reads a time as [`Context::time`] does, and refuses one that has not come yet.
    pub(crate) fn past_time(&self, text: &str) -> Result<Instant, DateError> {
        let time = self.time(text)?;
        if time > self.now() { Err(DateError::Future { text: text.trim().to_owned() }) } else { Ok(time) }
    }

    /// Runs a change in one transaction; with `--dry-run` the same change is made and taken back.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let work = |tx: &Tx<'_>| {
            self.asked.begin();
            let done = work(tx)?;
            self.asked.end()?;
            Ok(done)
        };
        if self.dry_run {
            self.in_turn(|| self.store.rehearse(self.checked(work)))
        } else {
            self.commit(work)
        }
    }

    /// Does as with `--dry-run` what is done in earnest afterwards, to know before anybody is asked what comes of it; also
    /// returns what it meant, for [`Asked::promise_rehearsed`].
    pub(crate) fn rehearse<T>(
        &mut self,
        work: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<(T, VecDeque<Meaning>)> {
        let noted = self.refusals.borrow().len();
        let was_dry = std::mem::replace(&mut self.dry_run, true);
        self.asked.begin_rehearsal();
        let rehearsed = work(self);
        let meanings = self.asked.end_rehearsal();
        self.dry_run = was_dry;
        let rehearsed = rehearsed?;
        // They are noted again when it is done.
        self.refusals.borrow_mut().truncate(noted);
        Ok((rehearsed, meanings))
    }

    /// Runs a change in one transaction that neither `--dry-run` nor a client who goes away takes back: what has to be known
    /// of an attempt, whatever comes of it.
    pub(crate) fn write_in_earnest<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.cancel.regardless(|| self.commit(work))
    }

    /// Runs a change that can be left out, where the store can be had at once; a process of its own waits as ever.
    ///
    /// # Errors
    /// That the store is busy, when somebody else has it.
    pub(crate) fn write_if_free<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        match &self.writer {
            Some(writer) if !self.dry_run && self.store.is_kept() => {
                writer.write_within(AT_ONCE, self.checked(work))
            }
            _ => self.write(work),
        }
    }

    fn commit<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        match &self.writer {
            // Unless something was staged, which lies in the connection it was staged in.
            Some(writer) if self.store.is_kept() => writer.write(self.checked(work)),
            _ => self.in_turn(|| self.store.write(self.checked(work))),
        }
    }

    /// Runs a change of the store of this context, while nobody else of the process changes it.
    fn in_turn<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        match &self.writer {
            Some(writer) => writer.alone(work),
            None => work(),
        }
    }

    /// A change, by an actor who still may.
    fn checked<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> impl FnOnce(&Tx<'_>) -> Result<T> {
        move |tx| {
            self.cancel.check()?;
            tx.check_key(&self.key)?;
            (self.revalidate_actor)(self, tx)?;
            work(tx)
        }
    }

    /// Does what another account decided, as far as both that account and who acts may.
    pub(crate) fn on_behalf_of<T>(
        &mut self,
        other: Actor,
        work: impl FnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        self.actor.on_behalf_of(other);
        let done = work(self);
        self.actor.for_themself();
        done
    }

    /// Notes what was refused where the rest is done.
    pub(crate) fn note_refusal(&self, refusal: Refusal) {
        self.refusals.borrow_mut().push(refusal);
    }

    /// Reads in one snapshot, and keeps what is put into temporary tables meanwhile; nothing is locked.
    pub(crate) fn stage<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.store.stage(work)
    }

    /// Reads in one snapshot.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        self.store.read(work)
    }
}

#[cfg(test)]
impl Context {
    /// A context on an empty store in memory, on Saturday 2026-11-21 at noon in Kyiv, with a seeded generator.
    pub(crate) fn for_tests() -> Self {
        use crate::crypto::rng::SeededRandom;
        let rng = SeededRandom::new(1);
        let key = MasterKey::generate(&rng).unwrap();
        let store = Store::in_memory();
        store.write(|tx| tx.bind_key(&key)).unwrap();
        let mut settings = Settings::default();
        settings.set(&settings::TIME_ZONE, TimeZone::get("Europe/Kyiv").unwrap());
        let mut cx = Self::new(store, key, settings, Actor::system(Some("root".to_owned())));
        cx.rng = Arc::new(rng);
        cx.stop_clock(Instant::parse("2026-11-21T10:00:00Z", &TimeZone::UTC).unwrap());
        cx
    }

    /// Makes it that time, until further notice.
    pub(crate) fn stop_clock(&mut self, at: Instant) {
        self.clock = Arc::new(FixedClock::new(at));
    }

    /// The settings, to be changed.
    pub(crate) fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

#[cfg(test)]
mod tests {
    use super::Context;

    #[test]
    fn a_time_is_counted_from_today_and_the_past_has_passed() {
        let cx = Context::for_tests();
        let time = |text: &str| cx.time(text).unwrap().to_string();
        assert_eq!(time("today"), "2026-11-20T22:00:00.000000Z");
        assert_eq!(time("-1d"), "2026-11-19T22:00:00.000000Z");
        assert_eq!(time("2026-11-21T12:00:00Z"), "2026-11-21T12:00:00.000000Z");
        for past in ["today", "-1w", "2026-11-21T10:00:00Z"] {
            assert_eq!(cx.past_time(past).unwrap(), cx.time(past).unwrap());
        }
        for future in ["tomorrow", "+1d", "2026-11-21T10:00:00.000001Z", "2999-01-01"] {
            assert_eq!(
                cx.past_time(future).unwrap_err().to_string(),
                format!("`{future}` has not come yet, so nothing is known of it")
            );
        }
    }
}
