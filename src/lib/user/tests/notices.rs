//! What people are told by mail of what is done to their accounts: by every door, once, as long as it is so.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::last::superuser;
use super::{acme, add, day, person};
use crate::context::{Actor, Context, Service};
use crate::error::Result;
use crate::group;
use crate::mail::message::Message;
use crate::mail::outbox::{self, Due, ListFilter, MailState, QueuedMail, Readers as _};
use crate::mail::settings::ALERTS_TO;
use crate::registry::{READERS, engine};
use crate::run::{self, BRAKE_PEOPLE, BRAKE_PERCENT, Committed};
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::user::Facts;
use crate::user::avatar::PhotoChange;
use crate::user::bin::{self, RestoreOptions};
use crate::user::bulk::{self, Verb};
use crate::user::edit::edit;
use crate::user::import::tests::plan_of_files;
use crate::user::import::{Bad, OnExisting, Options};
use crate::user::notice::remind;
use crate::user::password::{self, MustChange};

/// All mails, the oldest first.
pub(super) fn mails(cx: &Context) -> Vec<QueuedMail> {
    let mut mails = cx.read(|tx| outbox::list(tx, &ListFilter::default())).unwrap();
    mails.reverse();
    mails
}

/// What is told to whom of all that was queued behind a mail.
pub(super) fn told_since(cx: &Context, seq: i64) -> Vec<String> {
    let new = mails(cx).into_iter().filter(|mail| mail.seq > seq);
    new.map(|mail| format!("{} to {}", mail.message, mail.to.unwrap_or_default())).collect()
}

pub(super) fn last(cx: &Context) -> i64 {
    mails(cx).last().map_or(0, |mail| mail.seq)
}

/// What is told of a change.
fn told(cx: &Context, change: impl FnOnce()) -> Vec<String> {
    let before = last(cx);
    change();
    told_since(cx, before)
}

pub(super) fn change(cx: &Context, who: &str, change: impl Fn(&mut Facts)) -> Result<()> {
    let changed = edit(cx, who, &PhotoChange::Keep, |facts| {
        change(facts);
        Ok(())
    });
    changed.map(drop)
}

/// Imports a table, whose rows change those who exist.
fn import(cx: &Context, table: &str) -> (u64, Result<Committed>) {
    let options = Options { on_existing: OnExisting::Update, ..Options::default() };
    let plan = plan_of_files(cx, &[table], &options, &mut Bad::default()).unwrap();
    (plan.mails(), run::commit(cx, &mut engine(), plan))
}

/// A company with a superuser who may log in, and Ann; nobody has been told anything.
pub(super) fn board() -> Context {
    let mut cx = acme();
    cx.tells_people = false;
    superuser(&cx, "root@acme.example");
    add(&cx, person("ann@acme.example", "Ann", "Lee"));
    cx.tells_people = true;
    cx
}

#[test]
fn a4_a_new_address_is_told_to_the_old_one_and_to_the_new() {
    let cx = board();
    let told =
        told(&cx, || change(&cx, "ann@acme.example", |ann| ann.email = "ann@new.example".into()).unwrap());
    assert_eq!(told, ["email-changed-old to ann@acme.example", "email-changed-new to ann@new.example"]);
}

#[test]
fn another_spelling_of_an_address_is_no_other_address() {
    let cx = board();
    let told =
        told(&cx, || change(&cx, "ann@acme.example", |ann| ann.email = "Ann@ACME.example".into()).unwrap());
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn a4_a_mark_is_told_to_whom_it_is_given_by_every_door() {
    let cx = board();
    let staff = |email: &str| Facts { staff: true, ..person(email, "A", "B") };
    assert_eq!(told(&cx, || drop(add(&cx, staff("new@acme.example")))), ["staff-given to new@acme.example"]);
    assert_eq!(
        told(&cx, || change(&cx, "ann@acme.example", |ann| ann.staff = true).unwrap()),
        ["staff-given to ann@acme.example"]
    );
    assert_eq!(
        told(&cx, || change(&cx, "ann@acme.example", |ann| ann.superuser = true).unwrap()),
        ["superuser-given to ann@acme.example"]
    );
    let both = |facts: &mut Facts| (facts.staff, facts.superuser) = (true, true);
    add(&cx, person("both@acme.example", "A", "B"));
    assert_eq!(
        told(&cx, || change(&cx, "both@acme.example", both).unwrap()),
        ["superuser-given to both@acme.example"],
        "of both the greater"
    );
    let table = "email,first_name,last_name,company,staff\n\
        i@acme.example,I,I,Acme,yes\nj@acme.example,J,J,Acme,no\nann@acme.example,Ann,Lee,Acme,yes\n";
    assert_eq!(told(&cx, || drop(import(&cx, table).1.unwrap())), ["staff-given to i@acme.example"]);
    assert_eq!(told(&cx, || change(&cx, "i@acme.example", |facts| facts.staff = false).unwrap()), [""; 0]);
}

#[test]
fn a4_who_comes_back_with_a_mark_is_given_it() {
    let cx = board();
    change(&cx, "ann@acme.example", |ann| ann.superuser = true).unwrap();
    bulk::apply_one(&cx, "ann@acme.example", &Verb::Delete).unwrap();
    let restored = || drop(bin::restore(&cx, "ann@acme.example", RestoreOptions::default()).unwrap());
    assert_eq!(told(&cx, restored), ["superuser-given to ann@acme.example"]);
    bulk::apply_one(&cx, "ann@acme.example", &Verb::Delete).unwrap();
    let moved = RestoreOptions { email: Some("ann@new.example".into()), ..RestoreOptions::default() };
    assert_eq!(
        told(&cx, || drop(bin::restore(&cx, "ann@acme.example", moved).unwrap())),
        [
            "email-changed-old to ann@acme.example",
            "email-changed-new to ann@new.example",
            "superuser-given to ann@new.example"
        ]
    );
}

#[test]
fn a4_a_password_that_an_administrator_sets_is_told() {
    let cx = board();
    let secret = Secret::new("correct horse battery".to_owned());
    let set = || drop(password::set(&cx, "ann@acme.example", &secret, MustChange::AsBefore).unwrap());
    assert_eq!(told(&cx, set), ["password-set to ann@acme.example"]);
    let another = Secret::new("staple battery horse".to_owned());
    let set = || drop(password::set(&cx, "ann@acme.example", &another, MustChange::AsBefore).unwrap());
    assert_eq!(told(&cx, set), ["password-set to ann@acme.example"]);
    let said = |mail: &QueuedMail| match cx.read(|tx| outbox::told_by(tx, mail.seq)).unwrap() {
        Some(Message::PasswordSet { is_first, .. }) => Some(is_first),
        _ => None,
    };
    let said: Vec<bool> = mails(&cx).iter().filter_map(said).collect();
    assert_eq!(said, [true, false], "the first one is told as that");
}

#[test]
fn what_tells_nobody_anything_queues_nothing() {
    let cx = board();
    let told = told(&cx, || {
        for verb in [Verb::Deactivate, Verb::Activate, Verb::ForcePasswordChange(true), Verb::Delete] {
            bulk::apply_one(&cx, "ann@acme.example", &verb).unwrap();
        }
        import(&cx, "email,first_name,last_name,company\nn@acme.example,N,N,Acme\n").1.unwrap();
    });
    assert_eq!(told, [""; 0]);
}

#[test]
fn a_change_without_notice_tells_nobody() {
    let mut cx = board();
    cx.tells_people = false;
    let secret = Secret::new("correct horse battery".to_owned());
    let told = told(&cx, || {
        change(&cx, "ann@acme.example", |ann| (ann.email, ann.staff) = ("a@new.example".into(), true))
            .unwrap();
        password::set(&cx, "a@new.example", &secret, MustChange::AsBefore).unwrap();
        let (planned, done) = import(&cx, "email,staff\na@new.example,no\nroot@acme.example,yes\n");
        assert_eq!((planned, done.unwrap().summary.mails), (0, 0));
    });
    assert_eq!(told, [""; 0]);
}

/// The run of an import that makes Ann and Bob staff.
fn made_staff(cx: &Context) -> String {
    let table = "email,first_name,last_name,company,staff\nann@acme.example,,,,yes\nbob@acme.example,Bob,Lee,Acme,yes\n";
    import(cx, table).1.unwrap().run.unwrap().id
}

fn states(cx: &Context) -> Vec<String> {
    let told = |mail: QueuedMail| format!("{} {}", mail.message, mail.state.word());
    mails(cx).into_iter().map(told).collect()
}

#[test]
fn an_undo_drops_what_waits_and_tells_nothing_to_who_was_told_nothing() {
    let cx = board();
    let run = made_staff(&cx);
    assert_eq!(states(&cx), ["staff-given queued"; 2]);
    let undone = run::undo(&cx, &mut engine(), &run).unwrap();
    assert_eq!((undone.mails_dropped, undone.mails_queued), (2, 0));
    assert_eq!(states(&cx), ["staff-given dropped"; 2]);
}

#[test]
fn an_undo_leaves_the_mail_of_whom_it_leaves() {
    let cx = board();
    let run = made_staff(&cx);
    change(&cx, "ann@acme.example", |ann| ann.language = Some("uk".into())).unwrap();
    let undone = run::undo(&cx, &mut engine(), &run).unwrap();
    assert_eq!((undone.left.count, undone.mails_dropped), (1, 1));
    assert_eq!(states(&cx), ["staff-given queued", "staff-given dropped"]);
    let why = |mail: &QueuedMail| mail.why.clone();
    assert_eq!(mails(&cx).iter().map(why).collect::<Vec<_>>()[0], None);
}

#[test]
fn a4_an_undo_that_gives_a_mark_back_tells_of_it() {
    let cx = board();
    change(&cx, "ann@acme.example", |ann| ann.staff = true).unwrap();
    let run = import(&cx, "email,staff\nann@acme.example,no\n").1.unwrap().run.unwrap().id;
    let before = last(&cx);
    let undone = run::undo(&cx, &mut engine(), &run).unwrap();
    assert_eq!((undone.mails_dropped, undone.mails_queued), (0, 1));
    assert_eq!(told_since(&cx, before), ["staff-given to ann@acme.example"]);
}

#[test]
fn what_does_not_happen_is_told_to_nobody() {
    let mut cx = board();
    cx.dry_run = true;
    let (planned, done) = import(&cx, "email,staff\nann@acme.example,yes\n");
    assert_eq!((planned, done.unwrap().summary.mails), (1, 1));
    change(&cx, "ann@acme.example", |ann| ann.superuser = true).unwrap();
    assert_eq!(mails(&cx), []);
}

/// A run that the brake holds: everybody would leave a group.
fn hold(cx: &Context) -> run::Run {
    let everybody = bulk::Who::Filtered(Box::default(), "everybody but nobody".to_owned());
    let plan =
        bulk::plan(cx, &mut engine(), &everybody, &Verb::RemoveGroup("Desk".into()), |_, _| ()).unwrap();
    run::commit(cx, &mut engine(), plan).unwrap().run.unwrap()
}

fn held_board() -> Context {
    let mut cx = board();
    let new = group::New { name: "Desk".into(), ..Default::default() };
    group::create(&cx, &new, None, false).unwrap();
    bulk::apply_one(&cx, "ann@acme.example", &Verb::AddGroup("Desk".into())).unwrap();
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    cx
}

/// Who reads a mail that is about to leave, or why it is dropped.
pub(super) fn due(cx: &Context, mail: &QueuedMail) -> String {
    let asked = cx.write(|tx| {
        let said = outbox::opened(cx, tx, mail)?.unwrap().message;
        let due = READERS.reader(cx, tx, mail, &said)?;
        if let Due::No { .. } = due {
            READERS.dropped(tx, mail, &said)?;
        }
        Ok(due)
    });
    match asked.unwrap() {
        Due::Reader(reader) => format!("read by {} ({})", reader.account, reader.language.tag()),
        Due::No { why } => why,
    }
}

#[test]
fn a_held_run_is_told_to_the_superusers_or_to_whom_the_site_names() {
    let mut cx = held_board();
    let run = hold(&cx);
    assert_eq!(run.state, run::State::Held);
    assert_eq!(told_since(&cx, 0), ["run-held to root@acme.example"]);
    assert_eq!(due(&cx, &mails(&cx)[0]), "read by root@acme.example (en)");
    let address = |text| Email::parse(text).unwrap();
    cx.settings_mut().set(&ALERTS_TO, vec![address("on@call.example"), address("off@call.example")]);
    let later = Instant::from_micros(cx.now().micros() + 86_400 * 1_000_000);
    cx.stop_clock(later);
    let before = last(&cx);
    hold(&cx);
    assert_eq!(told_since(&cx, before), ["run-held to on@call.example", "run-held to off@call.example"]);
    assert_eq!(due(&cx, mails(&cx).last().unwrap()), "read by off@call.example (en)");
}

#[test]
fn one_cause_is_told_once_a_day_unless_nobody_was_told_yet() {
    let mut cx = held_board();
    hold(&cx);
    let first = mails(&cx).remove(0);
    hold(&cx);
    assert_eq!(told_since(&cx, first.seq), ["run-held to root@acme.example"], "the first has not left");
    assert_eq!(due(&cx, &first), "the run is no longer held");
    let second = mails(&cx).remove(1);
    cx.write(|tx| {
        tx.sql().execute("UPDATE mails SET state = 'sent', ended_at = due_at", [])?;
        Ok(())
    })
    .unwrap();
    hold(&cx);
    assert_eq!(told_since(&cx, second.seq), [""; 0]);
    let later = Instant::from_micros(cx.now().micros() + 86_400 * 1_000_000);
    cx.stop_clock(later);
    hold(&cx);
    assert_eq!(told_since(&cx, second.seq), ["run-held to root@acme.example"]);
}

/// A board whose people end on these days.
pub(super) fn ending(days: &[&str]) -> Context {
    let cx = board();
    for (number, last_day) in days.iter().enumerate() {
        let email = format!("e{number}@acme.example");
        add(&cx, Facts { end_date: day(last_day), ..person(&email, "E", "E") });
    }
    cx
}

pub(super) fn reminded(cx: &mut Context) -> Vec<String> {
    let before = last(cx);
    let count = remind(cx).unwrap();
    let told = told_since(cx, before);
    assert_eq!(count, told.len() as u64);
    told.iter().map(|told| told.replace("account-ending to ", "").replace("@acme.example", "")).collect()
}

#[test]
fn an_end_is_told_thirty_days_seven_days_and_a_day_before() {
    // Today is 2026-11-21.
    let mut cx = ending(&[
        "2026-11-20",
        "2026-11-21",
        "2026-11-22",
        "2026-11-23",
        "2026-11-28",
        "2026-12-21",
        "2026-12-22",
    ]);
    assert_eq!(reminded(&mut cx), ["e1", "e2", "e3", "e4", "e5"]);
    assert_eq!(reminded(&mut cx), [""; 0], "each once");
    let mut days = Vec::new();
    for _ in 0..32 {
        let later = Instant::from_micros(cx.now().micros() + 86_400 * 1_000_000);
        cx.stop_clock(later);
        days.extend(reminded(&mut cx).into_iter().map(|who| format!("{who} on {}", cx.today())));
    }
    assert_eq!(
        days,
        [
            "e3 on 2026-11-22",
            "e6 on 2026-11-22",
            "e4 on 2026-11-27",
            "e5 on 2026-12-14",
            "e6 on 2026-12-15",
            "e5 on 2026-12-20",
            "e6 on 2026-12-21"
        ]
    );
}

#[test]
fn another_end_is_told_anew_and_one_that_was_moved_is_not_told() {
    let mut cx = ending(&["2026-11-22"]);
    assert_eq!(reminded(&mut cx), ["e0"]);
    let mail = mails(&cx).pop().unwrap();
    assert_eq!(due(&cx, &mail), "read by e0@acme.example (en)");
    change(&cx, "e0@acme.example", |facts| facts.end_date = day("2026-11-28")).unwrap();
    assert_eq!(due(&cx, &mail), "the last day is another by now");
    assert_eq!(reminded(&mut cx), ["e0"]);
    change(&cx, "e0@acme.example", |facts| facts.end_date = day("2026-11-22")).unwrap();
    assert_eq!(reminded(&mut cx), ["e0"], "of that day no mail has told them");
    assert_eq!(reminded(&mut cx), [""; 0]);
}

#[test]
fn who_was_not_reminded_while_away_is_reminded_on_return() {
    let mut cx = ending(&["2026-11-28"]);
    for (away, why) in
        [(Verb::Deactivate, "the account is not active"), (Verb::Delete, "the account is in the bin")]
    {
        assert_eq!(reminded(&mut cx), ["e0"]);
        let mail = mails(&cx).pop().unwrap();
        bulk::apply_one(&cx, "e0@acme.example", &away).unwrap();
        assert_eq!(due(&cx, &mail), why);
        assert_eq!(reminded(&mut cx), [""; 0]);
        if away == Verb::Delete {
            bin::restore(&cx, "e0@acme.example", RestoreOptions::default()).unwrap();
        } else {
            bulk::apply_one(&cx, "e0@acme.example", &Verb::Activate).unwrap();
        }
    }
    assert_eq!(reminded(&mut cx), ["e0"]);
    let mail = mails(&cx).pop().unwrap();
    change(&cx, "e0@acme.example", |facts| facts.email = "new@acme.example".into()).unwrap();
    assert_eq!(due(&cx, &mail), "the address is no longer theirs");
    assert_eq!(reminded(&mut cx), ["new"]);
}

#[test]
fn who_may_not_log_in_is_not_reminded() {
    let mut cx = ending(&["2026-11-28", "2026-11-28", "2026-11-28"]);
    bulk::apply_one(&cx, "e0@acme.example", &Verb::Deactivate).unwrap();
    bulk::apply_one(&cx, "e1@acme.example", &Verb::Delete).unwrap();
    change(&cx, "e2@acme.example", |facts| facts.start_date = day("2026-11-25")).unwrap();
    assert_eq!(reminded(&mut cx), [""; 0]);
    bulk::apply_one(&cx, "e0@acme.example", &Verb::Activate).unwrap();
    cx.actor = Actor::service(Service::Reminders);
    assert_eq!(reminded(&mut cx), ["e0"]);
}

/// Somebody as a row of an import has them: which of a few people, and their marks.
fn row() -> impl Strategy<Value = (usize, bool, bool)> {
    (0..12_usize, any::<bool>(), any::<bool>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_and_a_dry_run_count_the_mails_that_are_queued(
        before in prop::collection::btree_map(0..12_usize, (any::<bool>(), any::<bool>()), 0..12),
        rows in prop::collection::vec(row(), 1..12),
    ) {
        let mut cx = board();
        cx.tells_people = false;
        for (number, (staff, superuser)) in before {
            add(&cx, Facts { staff, superuser, ..person(&format!("p{number}@acme.example"), "P", "P") });
        }
        cx.tells_people = true;
        let mut table = "email,first_name,last_name,company,staff,superuser\n".to_owned();
        let mut seen = std::collections::BTreeSet::new();
        for (number, staff, superuser) in rows.into_iter().filter(|(number, ..)| seen.insert(*number)) {
            writeln!(table, "p{number}@acme.example,P,P,Acme,{staff},{superuser}").unwrap();
        }
        cx.dry_run = true;
        let (planned, dry) = import(&cx, &table);
        let dry = dry.unwrap().summary.mails;
        prop_assert_eq!(mails(&cx).len(), 0);
        cx.dry_run = false;
        let (again, done) = import(&cx, &table);
        let done = done.unwrap();
        let queued = mails(&cx).len() as u64;
        prop_assert_eq!((planned, dry, again, done.summary.mails), (queued, queued, queued, queued));
        if let Some(run) = done.run {
            let undone = run::undo(&cx, &mut engine(), &run.id).unwrap();
            prop_assert_eq!(undone.left.count, 0);
            prop_assert_eq!(undone.mails_dropped, queued);
            let waiting = mails(&cx).into_iter().filter(|mail| mail.state == MailState::Queued).count() as u64;
            prop_assert_eq!(waiting, undone.mails_queued, "what was taken and is given back");
        }
    }
}

#[test]
fn every_statement_of_notices_fits_the_schema() {
    crate::store::Store::assert_prepares(&[crate::user::notice::STATEMENTS]);
}
