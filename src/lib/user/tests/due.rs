//! What still is sent when it is about to leave: a notice always, whatever was done to the account meanwhile; everything else
//! as long as it is so.

use super::notices::{board, change, due, mails};
use super::{add, get, person};
use crate::context::{CompanyScope, Context};
use crate::group;
use crate::mail::message::links::Links;
use crate::mail::message::{AskedBy, Message, Took};
use crate::mail::outbox::{self, MailState, NewMail, QueuedMail};
use crate::mail::send::{self, File};
use crate::operator;
use crate::text::email::Email;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::token::{self, About, Purpose};
use crate::user::bin::{self, RestoreOptions};
use crate::user::bulk::{self, Verb};
use crate::user::disown::disown;
use crate::user::notice;
use crate::user::password::{self, MustChange};

const ANN: &str = "ann@acme.example";

fn set_password(cx: &Context, who: &str) {
    let secret = Secret::new("correct horse battery".to_owned());
    password::set(cx, who, &secret, MustChange::AsBefore).unwrap();
}

fn apply(cx: &Context, who: &str, verb: &Verb) {
    bulk::apply_one(cx, who, verb).unwrap();
}

/// Each mail that waits, to whom, and who reads it or why it is dropped.
fn fates(cx: &Context) -> Vec<String> {
    let fate = |mail: QueuedMail| format!("{} {}", mail.message, due(cx, &mail));
    mails(cx).into_iter().map(fate).collect()
}

#[test]
fn a4_a_notice_leaves_though_another_took_the_old_address() {
    let cx = board();
    change(&cx, ANN, |ann| ann.email = "ann@new.example".into()).unwrap();
    add(&cx, person(ANN, "Another", "Ann"));
    let told =
        ["email-changed-old read by ann@new.example (en)", "email-changed-new read by ann@new.example (en)"];
    assert_eq!(fates(&cx), told);
    assert_eq!(mails(&cx)[0].to.as_deref(), Some(ANN));
}

#[test]
fn a4_a_notice_leaves_though_who_took_the_old_address_is_deleted_permanently() {
    let cx = board();
    change(&cx, ANN, |ann| ann.email = "ann@new.example".into()).unwrap();
    add(&cx, person(ANN, "Another", "Ann"));
    apply(&cx, ANN, &Verb::Delete);
    bin::purge(&cx, &[ANN.to_owned()]).unwrap();
    let notice = mails(&cx).remove(0);
    assert_eq!((notice.state, notice.to.as_deref()), (MailState::Queued, Some(ANN)));
    assert_eq!(due(&cx, &notice), "read by ann@new.example (en)");
}

#[test]
fn a4_a_notice_leaves_though_the_address_is_theirs_again() {
    let cx = board();
    change(&cx, ANN, |ann| ann.email = "ann@new.example".into()).unwrap();
    change(&cx, "ann@new.example", |ann| ann.email = ANN.into()).unwrap();
    assert_eq!(
        fates(&cx),
        [
            "email-changed-old read by ann@new.example (en)",
            "email-changed-new read by ann@new.example (en)",
            "email-changed-old read by ann@acme.example (en)",
            "email-changed-new read by ann@acme.example (en)",
        ]
    );
}

#[test]
fn a4_a_notice_leaves_to_the_address_of_the_deed_though_that_was_changed_after_it() {
    let cx = board();
    set_password(&cx, ANN);
    change(&cx, ANN, |ann| ann.email = "thief@new.example".into()).unwrap();
    let notice = mails(&cx).remove(0);
    assert_eq!(
        (notice.to.as_deref(), due(&cx, &notice).as_str()),
        (Some(ANN), "read by ann@acme.example (en)")
    );
}

#[test]
fn a4_a_notice_leaves_from_the_bin_and_after_it() {
    let cx = board();
    set_password(&cx, ANN);
    change(&cx, ANN, |ann| ann.email = "ann@new.example".into()).unwrap();
    apply(&cx, "ann@new.example", &Verb::Delete);
    let told = [
        "password-set read by ann@acme.example (en)",
        "email-changed-old read by ann@new.example (en)",
        "email-changed-new read by ann@new.example (en)",
    ];
    assert_eq!(fates(&cx), told);
    bin::restore(&cx, "ann@new.example", RestoreOptions::default()).unwrap();
    assert_eq!(fates(&cx), told);
}

#[test]
fn a4_a_mark_that_was_given_is_told_though_it_was_taken_back_and_the_account_switched_off() {
    let cx = board();
    change(&cx, ANN, |ann| (ann.superuser, ann.language) = (true, Some("uk".into()))).unwrap();
    change(&cx, ANN, |ann| ann.superuser = false).unwrap();
    change(&cx, ANN, |ann| ann.staff = true).unwrap();
    change(&cx, ANN, |ann| ann.staff = false).unwrap();
    apply(&cx, ANN, &Verb::Deactivate);
    let told = ["superuser-given read by ann@acme.example (uk)", "staff-given read by ann@acme.example (uk)"];
    assert_eq!(fates(&cx), told);
}

#[test]
fn an_alert_leaves_only_to_who_still_is_a_superuser_and_active() {
    let cx = board();
    change(&cx, ANN, |ann| ann.superuser = true).unwrap();
    let (to, id) = (Email::parse(ANN).unwrap(), get(&cx, ANN).unwrap().id);
    let message = Message::MailsWait { mails: 1, since: cx.now() };
    let mail = NewMail { message: &message, to: &to, name: "", user: Some(id), company: None, run: None };
    let alert = cx.write(|tx| outbox::queue(&cx, tx, &mail)).unwrap();
    let alert = cx.read(|tx| outbox::get(tx, &alert)).unwrap();
    assert_eq!(due(&cx, &alert), "no mail has waited for long");
    cx.write(|tx| Ok(tx.sql().execute("UPDATE mails SET created_at = created_at - 3600000001", [])?))
        .unwrap();
    assert_eq!(due(&cx, &alert), "read by ann@acme.example (en)");
    apply(&cx, ANN, &Verb::Deactivate);
    assert_eq!(due(&cx, &alert), "the account is not active");
    change(&cx, ANN, |ann| (ann.superuser, ann.active) = (false, true)).unwrap();
    assert_eq!(due(&cx, &alert), "they are no longer a superuser");
}

#[test]
fn a_letter_leaves_only_to_who_has_the_address() {
    let cx = board();
    let (to, id) = (Email::parse(ANN).unwrap(), get(&cx, ANN).unwrap().id);
    let message = Message::Free { subject: "s".into(), text: "t".into(), reply_to: None };
    let mail = NewMail { message: &message, to: &to, name: "", user: Some(id), company: None, run: None };
    cx.write(|tx| outbox::queue(&cx, tx, &mail)).unwrap();
    let letter = mails(&cx).remove(0);
    assert_eq!(due(&cx, &letter), "read by ann@acme.example (en)");
    apply(&cx, ANN, &Verb::Delete);
    assert_eq!(due(&cx, &letter), "the account is in the bin");
    bin::restore(&cx, ANN, RestoreOptions::default()).unwrap();
    change(&cx, ANN, |ann| ann.email = "ann@new.example".into()).unwrap();
    assert_eq!(due(&cx, &letter), "the address is no longer theirs");
}

/// Ann may export the people of Acme, and has done so to her own address.
fn exported() -> (Context, QueuedMail) {
    let mut cx = board();
    cx.tells_people = false;
    group::create(&cx, &group::New { name: "Desk".into(), ..Default::default() }, None, false).unwrap();
    let order = group::GrantSpec {
        patterns: vec!["users.export".to_owned()],
        companies: vec!["Acme".to_owned()],
        ..group::GrantSpec::default()
    };
    let desk = group::Selector { name: "Desk".to_owned(), company: None };
    group::grant(&cx, &desk, &order).unwrap();
    change(&cx, ANN, |ann| (ann.staff, ann.groups) = (true, vec!["Desk".to_owned()])).unwrap();
    let ann = get(&cx, ANN).unwrap();
    let actor = cx.read(|tx| operator::actor(&cx, tx, &ann)).unwrap();
    let companies = match actor.scope("users.export") {
        CompanyScope::These(ids) => Some(ids),
        CompanyScope::All => None,
    };
    assert_eq!(companies, ann.company_id.map(|id| vec![id]));
    let took = vec![Took { permission: "users.export".to_owned(), companies }];
    mail_export(&cx, Some(AskedBy { account: ann.id, took }));
    let mail = mails(&cx).remove(0);
    assert_eq!(due(&cx, &mail), "read by ann@acme.example (en)");
    (cx, mail)
}

fn mail_export(cx: &Context, asked: Option<AskedBy>) {
    let file = File { name: "users.csv".to_owned(), bytes: b"a,b".to_vec().into() };
    let to = Email::parse(ANN).unwrap();
    cx.write(|tx| send::queue_export(cx, tx, (&to, asked), (file, 1))).unwrap();
}

#[test]
fn an_export_leaves_only_while_who_asked_for_it_could_still_make_it() {
    let (cx, mail) = exported();
    let desk = || "Desk".to_owned();
    for (taken, back, why) in [
        (Verb::RemoveGroup(desk()), Verb::AddGroup(desk()), "who asked for it may no longer export that"),
        (Verb::Deactivate, Verb::Activate, "the account is not active"),
    ] {
        apply(&cx, ANN, &taken);
        assert_eq!(due(&cx, &mail), why);
        apply(&cx, ANN, &back);
        assert_eq!(due(&cx, &mail), "read by ann@acme.example (en)");
    }
    change(&cx, ANN, |ann| ann.staff = false).unwrap();
    assert_eq!(due(&cx, &mail), "who asked for it is no longer staff");
    apply(&cx, ANN, &Verb::Delete);
    assert_eq!(due(&cx, &mail), "the account is in the bin");
}

#[test]
fn an_export_for_more_companies_than_are_left_is_not_sent() {
    let (cx, _) = exported();
    let took = vec![Took { permission: "users.export".to_owned(), companies: None }];
    mail_export(&cx, Some(AskedBy { account: get(&cx, ANN).unwrap().id, took }));
    assert_eq!(due(&cx, &mails(&cx)[1]), "who asked for it may no longer export that");
    mail_export(&cx, None);
    assert_eq!(
        due(&cx, &mails(&cx)[2]),
        "read by ann@acme.example (en)",
        "the owner of the store asked for it"
    );
    apply(&cx, ANN, &Verb::Deactivate);
    assert_eq!(due(&cx, &mails(&cx)[2]), "the account is not active");
}

/// Has the clock go on by so many hours, or back.
fn pass(cx: &mut Context, hours: i64) {
    cx.stop_clock(Instant::from_micros(cx.now().micros() + hours * 3_600_000_000));
}

/// Queues a letter with a link to Ann, as somebody does who asks for it.
fn ask(cx: &Context) {
    let ann = get(cx, ANN).unwrap();
    let (at, links) = (cx.now(), Links::default());
    let letter = Message::PasswordReset { at, client: None, is_protection: false, factor: None, links };
    cx.write(|tx| notice::tell_of(cx, tx, &ann, &letter)).unwrap();
}

#[test]
fn t3_a_link_is_mailed_though_the_password_was_set_by_a_clock_that_was_ahead() {
    let mut cx = board();
    pass(&mut cx, 24);
    set_password(&cx, ANN);
    pass(&mut cx, -24);
    ask(&cx);
    let ann = get(&cx, ANN).unwrap();
    cx.write(|tx| disown(&cx, tx, &ann)).unwrap();
    let told = [
        "password-set read by ann@acme.example (en)",
        "password-reset read by ann@acme.example (en)",
        "password-reset read by ann@acme.example (en)",
    ];
    assert_eq!(
        fates(&cx)[..3],
        told,
        "what was asked for, and what lets a person in who said that it was not them"
    );
}

#[test]
fn l4_a_letter_that_waits_when_a_password_is_set_goes_no_more_whatever_the_clock_says() {
    let mut cx = board();
    ask(&cx);
    pass(&mut cx, -24);
    set_password(&cx, ANN);
    let states: Vec<_> = mails(&cx).into_iter().map(|mail| (mail.message, mail.state, mail.why)).collect();
    let why = Some("the password was set since".to_owned());
    assert_eq!(states[0], ("password-reset".to_owned(), MailState::Dropped, why));
    assert_eq!(states[1].1, MailState::Queued, "a notice is still told");
}

#[test]
fn l4_a_letter_that_was_being_sent_when_a_password_was_set_gets_no_new_link() {
    let cx = board();
    ask(&cx);
    let letter = mails(&cx).remove(0);
    let about = About {
        purpose: Purpose::Reset,
        user: letter.user_id.unwrap(),
        mail: Some(letter.seq),
        disowns: None,
    };
    let make = |cx: &Context| cx.write(|tx| token::make(cx, tx, &about)).unwrap();
    make(&cx);
    let sending = "UPDATE mails SET state = 'sending', worker = 'w', leased_until = 1 WHERE seq = 1";
    cx.write(|tx| Ok(tx.sql().execute(sending, [])?)).unwrap();
    set_password(&cx, ANN);
    assert_eq!(mails(&cx)[0].state, MailState::Sending);
    assert_eq!(due(&cx, &letter), "its link was ended since, with all of the account");
    make(&cx);
    assert_eq!(due(&cx, &letter), "read by ann@acme.example (en)", "it is the last one that counts");
}
