//! Second factors, at a clock that is set by hand.

mod enrolled;
mod reset;

use rusqlite::named_params;

use super::enrol::CodeSet;
use super::totp::code_at;
use super::{Checked, Confirmed, Error, Typed, check, code_set, confirm, disable, new_codes, offer, store};
use crate::audit;
use crate::context::{Actor, Context};
use crate::error::Result;
use crate::session;
use crate::store::Store;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle::CodeBy;
use crate::user::{Facts, User, create, password};

const OLENA: &str = "olena@acme.example";

/// The code of an app that was given this secret, as it is shown, at that time.
pub(crate) fn code_of(shown: &str, at: Instant) -> String {
    let plain = shown.replace(' ', "");
    let secret = totp_rs::Secret::try_from_base32(plain).unwrap();
    code_at(&zeroize::Zeroizing::new(secret.as_bytes().to_vec()), at)
}

/// Enrols a person who acts on their own account, in a session that is begun for it; the secret as it is shown, and the
/// backup codes.
pub(crate) fn enrol(cx: &Context, user: &User) -> (String, Vec<String>) {
    let session = cx
        .write(|tx| {
            let token = session::begin(cx, tx, user.id, "")?;
            Ok(session::find(cx, tx, token.expose())?.unwrap().id)
        })
        .unwrap();
    let secret = offer(cx, user, session).unwrap().secret;
    let typed = Typed::parse(&code_of(secret.expose(), cx.now())).unwrap();
    match confirm(cx, user, session, &typed, |_, _| Ok(())).unwrap() {
        Confirmed::Done { codes, .. } => {
            (secret.expose().to_owned(), codes.iter().map(|code| code.expose().to_owned()).collect())
        }
        other => panic!("{other:?}"),
    }
}

/// Ends the second factor of a person, for an administrator who gave a reason.
pub(crate) fn reset_factor(cx: &Context, who: &str) -> Result<()> {
    reset_factor_until(cx, who, None)
}

/// The same, with so many microseconds to set another up.
pub(crate) fn reset_factor_until(cx: &Context, who: &str, grace: Option<i64>) -> Result<()> {
    super::reset::reset(cx, &[who.to_owned()], grace).map(drop)
}

/// Uses up a code of a person.
pub(crate) fn use_code(cx: &Context, user: i64, code: &str) {
    let checked = check(cx, (user, CodeBy::Password), &Typed::parse(code).unwrap(), |_, _| Ok(()));
    assert_eq!(checked.unwrap(), Checked::Right(()));
}

/// Makes new backup codes of a person.
pub(crate) fn make_codes(cx: &Context, user: &User) {
    let old = cx.read(|tx| code_set(tx, user.id)).unwrap();
    assert!(new_codes(cx, user, old, |_| Ok(())).unwrap().is_some());
}

/// So many seconds after some time, in the middle of a step.
fn at(seconds: i64) -> Instant {
    Instant::from_micros((1_800_000_015 + seconds) * 1_000_000)
}

/// A store with Olena, who acts on her own account in a session.
struct Site {
    cx: Context,
    olena: i64,
    session: i64,
}

impl Site {
    fn new() -> Self {
        let mut cx = Context::for_tests();
        cx.stop_clock(at(0));
        create::create(&cx, Facts::new(OLENA.to_owned()), None, false).unwrap();
        let olena = password::set_for_tests(&cx, OLENA, "correct horse battery").unwrap().id;
        let mut site = Self { cx, olena, session: 0 };
        site.session = site.log_in();
        site.cx.actor = Actor::oneself(olena, OLENA);
        site
    }

    /// Begins another session of hers; its id.
    fn log_in(&self) -> i64 {
        let cx = &self.cx;
        cx.write(|tx| {
            let token = session::begin(cx, tx, self.olena, "")?;
            let session = session::find(cx, tx, token.expose())?.unwrap();
            session::complete(cx, tx, &session, OLENA)?;
            Ok(session.id)
        })
        .unwrap()
    }

    fn user(&self) -> User {
        self.cx.read(|tx| crate::user::by_id(tx, self.olena)).unwrap().unwrap()
    }

    fn go_to(&mut self, seconds: i64) {
        self.cx.stop_clock(at(seconds));
    }

    /// Enrols her; the secret as it was shown, and the backup codes.
    fn enrol(&self) -> (String, Vec<Secret>) {
        let secret = offer(&self.cx, &self.user(), self.session).unwrap().secret;
        let codes = match self.confirm(&code_of(secret.expose(), self.cx.now())) {
            Confirmed::Done { codes, .. } => codes,
            other => panic!("{other:?}"),
        };
        (secret.expose().to_owned(), codes)
    }

    fn confirm(&self, code: &str) -> Confirmed<()> {
        let typed = Typed::parse(code).unwrap();
        confirm(&self.cx, &self.user(), self.session, &typed, |_, _| Ok(())).unwrap()
    }

    fn check(&self, code: &str) -> Checked<()> {
        self.check_by(CodeBy::Password, code)
    }

    fn check_by(&self, by: CodeBy, code: &str) -> Checked<()> {
        check(&self.cx, (self.olena, by), &Typed::parse(code).unwrap(), |_, _| Ok(())).unwrap()
    }

    fn code_set(&self) -> CodeSet {
        self.cx.read(|tx| code_set(tx, self.olena)).unwrap()
    }

    /// New backup codes in the place of those.
    fn new_codes(&self, old: CodeSet) -> Option<Vec<Secret>> {
        let made = new_codes(&self.cx, &self.user(), old, |_| Ok(())).unwrap();
        made.map(|(codes, ())| codes)
    }

    /// Does something as the owner of the store.
    fn shell<T>(&mut self, work: impl FnOnce(&Context) -> Result<T>) -> Result<T> {
        let actor = std::mem::replace(&mut self.cx.actor, Actor::system(None));
        let done = work(&self.cx);
        self.cx.actor = actor;
        done
    }

    /// The actions of the rows of that kind, the oldest first, each with what it tells.
    fn rows(&mut self, kind: &str) -> Vec<(String, String)> {
        self.shell(|cx| {
            let mut rows = Vec::new();
            audit::list(cx, &audit::Filter::default(), |row| {
                if row.kind == kind {
                    rows.push((row.action, row.after.unwrap_or_default()));
                }
                Ok(())
            })?;
            rows.reverse();
            Ok(rows)
        })
        .unwrap()
    }

    /// The messages that were queued to her, the oldest first.
    fn mails(&self) -> Vec<String> {
        self.cx
            .read(|tx| {
                let mut mails =
                    tx.sql().prepare("SELECT message FROM mails WHERE user_id = :user ORDER BY seq")?;
                let mails = mails.query_map(named_params! { ":user": self.olena }, |row| row.get(0))?;
                Ok(mails.collect::<std::result::Result<_, _>>()?)
            })
            .unwrap()
    }
}

#[test]
fn every_statement_is_one() {
    Store::assert_prepares(&[store::STATEMENTS]);
}

/// The test vectors of RFC 6238, appendix B, of whose eight digits an app shows the last six.
#[test]
fn o2_codes_are_those_of_the_standard() {
    let secret = zeroize::Zeroizing::new(b"12345678901234567890".to_vec());
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(code_at(&secret, Instant::from_micros(seconds * 1_000_000)), code, "{seconds}");
    }
}

#[test]
fn o1_a_secret_has_160_bits_and_lies_sealed_to_its_row() {
    let mut site = Site::new();
    let (secret, _) = site.enrol();
    assert_eq!(secret.replace(' ', "").len(), 32, "32 times five bits");
    let cx = &site.cx;
    let plain = totp_rs::Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let bytes = cx.read(|tx| store::secret(tx, site.olena)).unwrap().unwrap();
    assert!(!bytes.windows(8).any(|part| plain.as_bytes().windows(8).any(|other| other == part)));
    // Put into the row of somebody else, it does not open.
    site.shell(|cx| create::create(cx, Facts::new("max@acme.example".to_owned()), None, false)).unwrap();
    let moved = "INSERT INTO two_factors SELECT id, (SELECT secret_sealed FROM two_factors), 0 FROM users
        WHERE email = 'max@acme.example'";
    site.cx.write(|tx| Ok(tx.sql().execute(moved, [])?)).unwrap();
    let max = site.olena + 1;
    let typed = Typed::parse(&code_of(&secret, at(0))).unwrap();
    let failure = check(&site.cx, (max, CodeBy::Password), &typed, |_, _| Ok(())).unwrap_err();
    assert_eq!(failure.code(), "seal.not_opened");
}

#[test]
fn o5_enrolment_counts_after_a_first_code_and_leaves_nothing_before() {
    let mut site = Site::new();
    let first = offer(&site.cx, &site.user(), site.session).unwrap();
    let again = offer(&site.cx, &site.user(), site.session).unwrap();
    assert_eq!(first.secret.expose(), again.secret.expose(), "opened twice in one session, it is one");
    let other = site.log_in();
    let elsewhere = offer(&site.cx, &site.user(), other).unwrap();
    assert_ne!(first.secret.expose(), elsewhere.secret.expose(), "another session, another secret");
    assert_eq!(site.user().second_factor, None);
    assert_eq!(site.rows("two_factor"), []);
    assert!(matches!(site.confirm("000000"), Confirmed::Wrong));
    let theirs = code_of(elsewhere.secret.expose(), at(0));
    assert!(matches!(site.confirm(&theirs), Confirmed::Wrong), "a code of the other secret");
    assert!(matches!(site.confirm("7K3M-9QXT-2VBD-8HRW"), Confirmed::Wrong), "there are no backup codes yet");
    // After an hour the secret is forgotten, and another is shown.
    site.go_to(60 * 60);
    assert!(matches!(site.confirm(&code_of(first.secret.expose(), site.cx.now())), Confirmed::Stale));
    let later = offer(&site.cx, &site.user(), site.session).unwrap();
    assert_ne!(later.secret.expose(), first.secret.expose());
    assert!(matches!(site.confirm(&code_of(later.secret.expose(), site.cx.now())), Confirmed::Done { .. }));
    let factor = site.user().second_factor.unwrap();
    assert_eq!((factor.enrolled_at, factor.codes_left), (site.cx.now(), 10));
    let left: i64 = site
        .cx
        .read(|tx| {
            Ok(tx.sql().query_row("SELECT count(*) FROM two_factor_enrolments", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(left, 0);
    // The page that is still open elsewhere leads nowhere.
    let typed = Typed::parse(&code_of(elsewhere.secret.expose(), site.cx.now())).unwrap();
    assert!(matches!(
        confirm(&site.cx, &site.user(), other, &typed, |_, _| Ok(())).unwrap(),
        Confirmed::Enrolled
    ));
    assert!(offer(&site.cx, &site.user(), site.session).unwrap_err().get::<Error>().is_some());
}

#[test]
fn o5_an_abandoned_secret_is_forgotten_by_itself() {
    let mut site = Site::new();
    offer(&site.cx, &site.user(), site.session).unwrap();
    let clean_up = |site: &Site| {
        let run = super::upkeep::CLEAN_UP.run;
        run(&site.cx, &|| unreachable!("it opens nothing again")).unwrap().count
    };
    assert_eq!(clean_up(&site), 0);
    site.go_to(60 * 60 + 1);
    assert_eq!(clean_up(&site), 1);
    offer(&site.cx, &site.user(), site.session).unwrap();
    site.cx
        .write(|tx| session::end_all(&site.cx, tx, (site.olena, OLENA), None, session::Ended::Logout))
        .unwrap();
    assert_eq!(clean_up(&site), 1, "that of a session that ended");
}

#[test]
fn o4_a_clock_that_is_wrong_is_said_at_enrolment_alone() {
    let site = Site::new();
    let secret = offer(&site.cx, &site.user(), site.session).unwrap().secret;
    let of = |seconds: i64| code_of(secret.expose(), at(seconds));
    for (seconds, minutes) in [(60, 1), (-60, -1), (300, 5), (-600, -10)] {
        match site.confirm(&of(seconds)) {
            Confirmed::ClockOff(off) => assert_eq!(off, minutes, "{seconds}"),
            other => panic!("{seconds}: {other:?}"),
        }
    }
    assert!(matches!(site.confirm(&of(3600)), Confirmed::Wrong));
    assert!(matches!(site.confirm(&of(-30)), Confirmed::Done { .. }));
}

#[test]
fn nobody_sets_up_or_removes_the_factor_of_somebody_else() {
    let mut site = Site::new();
    let olena = site.user();
    let session = site.session;
    let denied = |result: Result<()>| assert_eq!(result.unwrap_err().code(), "permission.denied");
    denied(site.shell(|cx| offer(cx, &olena, session).map(drop)));
    site.enrol();
    let set = site.code_set();
    denied(site.shell(|cx| new_codes(cx, &olena, set, |_| Ok(())).map(drop)));
    denied(site.shell(|cx| cx.write(|tx| disable(cx, tx, &olena, session))));
}

#[test]
fn the_address_takes_any_name_of_a_site() {
    let mut site = Site::new();
    let name = crate::setting::site::NAME.about.name;
    let long = "Дніпровський ".repeat(7);
    for (called, issuer) in [
        ("Банк: «Дніпро» & Co", Some("Банк  «Дніпро» & Co")),
        (long.trim(), Some("Дніпровський Дніпровський Дніпровський Д")),
        (":", None),
    ] {
        site.shell(|cx| crate::setting::set(cx, name, called)).unwrap();
        let read = crate::setting::site::NAME.read;
        site.cx.settings_mut().set(&crate::setting::site::NAME, read(called).unwrap());
        let offer = offer(&site.cx, &site.user(), site.session).unwrap();
        let read = totp_rs::Totp::from_url(offer.address.expose()).unwrap();
        assert_eq!((read.issuer(), read.account_name()), (issuer, OLENA), "{called}");
    }
    let offer = offer(&site.cx, &site.user(), site.session).unwrap();
    assert_eq!(format!("{offer:?}"), "Offer(…)");
}
