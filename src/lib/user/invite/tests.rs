use super::*;
use crate::context::Actor;
use crate::error::Kind;
use crate::mail::outbox::{Due, ListFilter, MailState, QueuedMail, Readers as _};
use crate::registry::{READERS, engine};
use crate::run;
use crate::store::Store;
use crate::text::date::Day;
use crate::text::secret::Secret;
use crate::token::{About, Token};
use crate::user::avatar::PhotoChange;
use crate::user::bulk::{self, Verb, Who};
use crate::user::edit::edit;
use crate::user::filter::{self, Filter, Page, Sort};
use crate::user::password::{self, MustChange};
use crate::user::tests::{acme, add, emails, person};
use crate::user::{Facts, bin, get};

/// A site with Ann, who has no password.
fn site() -> Context {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "Lee"));
    cx
}

const ANN: &str = "ann@acme.example";

fn stands(cx: &Context) -> Option<Invited> {
    get(cx, ANN).unwrap().invitation.map(|invitation| invitation.state(cx.now()))
}

/// The mails to Ann, the oldest first.
fn mails(cx: &Context) -> Vec<QueuedMail> {
    let mut mails = cx.read(|tx| outbox::list(tx, &ListFilter::default())).unwrap();
    mails.reverse();
    mails
}

/// Makes the token of a mail, as the worker does at the first attempt.
fn link(cx: &Context, mail: &QueuedMail) -> Token {
    let about =
        About { purpose: Purpose::Invite, user: mail.user_id.unwrap(), mail: Some(mail.seq), disowns: None };
    cx.write(|tx| token::make(cx, tx, &about)).unwrap().0
}

fn is_good(cx: &Context, link: &Token) -> bool {
    let known = cx.read(|tx| token::find(tx, Purpose::Invite, link)).unwrap();
    known.is_some_and(|known| known.is_good(cx.now()))
}

/// What a mail says.
fn told(tx: &Tx<'_>, mail: &QueuedMail) -> Message {
    outbox::told_by(tx, mail.seq).unwrap().unwrap()
}

/// Why a mail is not to go; nothing if it is.
fn dropped(cx: &Context, mail: &QueuedMail) -> Option<String> {
    match cx.read(|tx| READERS.reader(cx, tx, mail, &told(tx, mail))).unwrap() {
        Due::Reader(_) => None,
        Due::No { why } => Some(why),
    }
}

fn invited(cx: &Context, state: Invited) -> Vec<String> {
    emails(cx, &Filter { invited: vec![state], ..Filter::default() })
}

fn set_password(cx: &Context) {
    let password = Secret::new("correct horse battery".to_owned());
    password::set(cx, ANN, &password, MustChange::AsBefore).unwrap();
}

#[test]
fn every_statement_prepares() {
    Store::assert_prepares(&[STATEMENTS]);
}

#[test]
fn an_invitation_is_pending_until_its_link_runs_out() {
    let mut cx = site();
    assert_eq!(stands(&cx), None);
    invite(&cx, ANN).unwrap();
    assert_eq!(stands(&cx), Some(Invited::Pending), "its mail waits");
    let mail = &mails(&cx)[0];
    assert_eq!((mail.message.as_str(), mail.feature.as_str(), mail.has_link), ("invitation", "invite", true));
    let link = link(&cx, mail);
    assert_eq!((stands(&cx), is_good(&cx, &link)), (Some(Invited::Pending), true));
    assert_eq!(invited(&cx, Invited::Pending), [ANN]);
    cx.write(|tx| Ok(tx.sql().execute("UPDATE mails SET state = 'sent', ended_at = 1", [])?)).unwrap();
    cx.stop_clock(Instant::from_micros(cx.now().micros() + 72 * 3600 * 1_000_000));
    assert_eq!(stands(&cx), Some(Invited::Expired));
    assert_eq!((invited(&cx, Invited::Expired), invited(&cx, Invited::Pending)), (vec![ANN.into()], vec![]));
}

#[test]
fn an_invitation_to_an_address_that_is_theirs_no_longer_is_not_pending() {
    let cx = site();
    invite(&cx, ANN).unwrap();
    let moved = "ann.lee@acme.example";
    edit(&cx, ANN, &PhotoChange::Keep, |facts| {
        facts.email = moved.to_owned();
        Ok(())
    })
    .unwrap();
    let expired = || invited(&cx, Invited::Expired);
    assert_eq!(
        (expired(), invited(&cx, Invited::Pending)),
        (vec![moved.to_owned()], vec![]),
        "its mail waits in vain"
    );
    invite(&cx, moved).unwrap();
    assert_eq!((expired(), invited(&cx, Invited::Pending)), (vec![], vec![moved.to_owned()]));
}

#[test]
fn an_invitation_that_was_disowned_is_said_to_be_that_and_not_to_have_expired() {
    let mut cx = site();
    invite(&cx, ANN).unwrap();
    let link = link(&cx, &mails(&cx)[0]);
    let known = cx.read(|tx| token::find(tx, Purpose::Invite, &link)).unwrap().unwrap();
    cx.write(|tx| token::disown(tx, known.id, cx.now())).unwrap();
    assert_eq!(stands(&cx), Some(Invited::Disowned));
    assert_eq!((invited(&cx, Invited::Disowned), invited(&cx, Invited::Expired)), (vec![ANN.into()], vec![]));
    cx.stop_clock(Instant::from_micros(cx.now().micros() + 90 * 86_400 * 1_000_000));
    (token::CLEAN_UP.run)(&cx, &|| unreachable!("the key stays")).unwrap();
    assert_eq!(stands(&cx), Some(Invited::Disowned), "long after its link would have run out");
    invite(&cx, ANN).unwrap();
    assert_eq!(stands(&cx), Some(Invited::Pending));
    assert_eq!((token::CLEAN_UP.run)(&cx, &|| unreachable!("the key stays")).unwrap().count, 1);
}

#[test]
fn filter_order_and_field_say_the_same_of_every_invitation() {
    let cx = site();
    let now = cx.now().micros();
    let states = ["accepted", "disowned", "expired", "pending"];
    for (state, name) in states.iter().zip(["B", "C", "D", "E"]) {
        let email = format!("{state}@acme.example");
        add(&cx, person(&email, name, name));
        invite(&cx, &email).unwrap();
        let mail = mails(&cx).pop().unwrap();
        link(&cx, &mail);
        let sql = match *state {
            "accepted" => format!("UPDATE invitations SET accepted_at = {now} WHERE mail = ?1"),
            "disowned" => {
                format!("UPDATE tokens SET ended_at = {now}, ended_by = 'disowned' WHERE mail = ?1")
            }
            "expired" => format!("UPDATE tokens SET made_at = {now} - 1, expires_at = {now} WHERE mail = ?1"),
            _ => continue,
        };
        cx.write(|tx| Ok(tx.sql().execute(&sql, [mail.seq])?)).unwrap();
        let sent = "UPDATE mails SET state = 'sent', ended_at = 1 WHERE seq = ?1";
        cx.write(|tx| Ok(tx.sql().execute(sent, [mail.seq])?)).unwrap();
    }
    for (word, state) in
        states.iter().zip([Invited::Accepted, Invited::Disowned, Invited::Expired, Invited::Pending])
    {
        let email = format!("{word}@acme.example");
        let user = get(&cx, &email).unwrap();
        assert_eq!(user.invitation.map(|invitation| invitation.state(cx.now()).word()), Some(*word));
        assert_eq!(invited(&cx, state), [email]);
    }
    let sort = Sort::ALL.into_iter().find(|sort| sort.name == "invited").unwrap();
    let mut order = Vec::new();
    cx.read(|tx| {
        filter::each(&cx, tx, &Filter::default(), Page { sort, ..Page::default() }, |user| {
            order.push(user.facts.email);
            Ok(())
        })
    })
    .unwrap();
    let mut expected: Vec<String> = states.iter().map(|state| format!("{state}@acme.example")).collect();
    expected.push(ANN.to_owned());
    assert_eq!(order, expected);
}

#[test]
fn an_invitation_whose_mail_never_left_has_expired() {
    let cx = site();
    invite(&cx, ANN).unwrap();
    let id = mails(&cx)[0].id.clone();
    outbox::drop_waiting(&cx, &[id]).unwrap();
    assert_eq!(stands(&cx), Some(Invited::Expired));
}

#[test]
fn l4_inviting_again_ends_the_older_link_and_the_older_mail() {
    let cx = site();
    invite(&cx, ANN).unwrap();
    let older = link(&cx, &mails(&cx)[0]);
    invite(&cx, ANN).unwrap();
    let mails = mails(&cx);
    assert!(!is_good(&cx, &older));
    assert_eq!(
        dropped(&cx, &mails[0]).as_deref(),
        Some("the invitation was taken back, or a newer one counts")
    );
    assert_eq!((dropped(&cx, &mails[1]), stands(&cx)), (None, Some(Invited::Pending)));
}

#[test]
fn l4_another_password_another_address_the_bin_and_the_switch_end_a_link() {
    type Deed = fn(&Context);
    let deeds: [(Deed, &str); 4] = [
        (|cx| set_password(cx), "its link was ended since, with all of the account"),
        (
            |cx| {
                let change = |facts: &mut Facts| {
                    facts.email = "lee@acme.example".into();
                    Ok(())
                };
                let keep = PhotoChange::Keep;
                edit(cx, ANN, &keep, change).unwrap();
            },
            "the address is no longer theirs",
        ),
        (|cx| drop(bulk::apply_one(cx, ANN, &Verb::Delete).unwrap()), "the account is in the bin"),
        (|cx| drop(bulk::apply_one(cx, ANN, &Verb::Deactivate).unwrap()), "the account is not active"),
    ];
    for (deed, why) in deeds {
        let cx = site();
        invite(&cx, ANN).unwrap();
        let mail = mails(&cx).remove(0);
        let link = link(&cx, &mail);
        assert!(is_good(&cx, &link));
        deed(&cx);
        assert!(!is_good(&cx, &link), "{why}");
        assert_eq!(dropped(&cx, &mail).as_deref(), Some(why));
    }
}

#[test]
fn a_link_stays_ended_when_somebody_comes_back() {
    let cx = site();
    invite(&cx, ANN).unwrap();
    let link = link(&cx, &mails(&cx)[0]);
    bulk::apply_one(&cx, ANN, &Verb::Delete).unwrap();
    bin::restore(&cx, ANN, bin::RestoreOptions::default()).unwrap();
    assert!(!is_good(&cx, &link));
}

#[test]
fn who_cannot_get_in_by_an_invitation_is_not_invited() {
    let cx = site();
    set_password(&cx);
    let later =
        Facts { start_date: Some(Day::parse("2026-12-24").unwrap()), ..person("b@x.example", "B", "B") };
    add(&cx, later);
    add(&cx, Facts { active: false, ..person("c@x.example", "C", "C") });
    let sql = "UPDATE users SET origin = 'directory' WHERE email = 'd@x.example'";
    add(&cx, person("d@x.example", "D", "D"));
    cx.write(|tx| Ok(tx.sql().execute(sql, [])?)).unwrap();
    for (who, why) in [
        (ANN, "there is a password already"),
        ("b@x.example", "the start date 2026-12-24 lies ahead, today is 2026-11-21"),
        ("c@x.example", "the administrator's switch is off"),
        ("d@x.example", "the directory has the password"),
    ] {
        let failure = invite(&cx, who).unwrap_err();
        assert_eq!(failure.to_string(), format!("`{who}` is not invited: {why}"));
        assert_eq!((failure.kind(), failure.code()), (Kind::Refused, "user.not_invited"));
    }
    assert!(mails(&cx).iter().all(|mail| mail.message != "invitation"));
}

#[test]
fn an_operator_invites_those_whom_they_may_change() {
    let mut cx = site();
    let mut permissions = std::collections::HashMap::new();
    permissions.insert("users.view", crate::context::CompanyScope::All);
    let account = crate::context::Account { id: 99, superuser: false, permissions };
    let authority = crate::context::Authority::Account(account);
    cx.actor = Actor { name: "op@acme.example".into(), shell_user: None, authority };
    assert_eq!(invite(&cx, ANN).unwrap_err().kind(), Kind::Denied);
}

#[test]
fn several_people_are_invited_by_one_run_and_an_undo_ends_their_links() {
    let cx = site();
    for who in ["b@x.example", "c@x.example"] {
        add(&cx, person(who, "B", "B"));
    }
    let who = Who::Filtered(Box::default(), String::new());
    let plan = bulk::plan(&cx, &mut engine(), &who, &Verb::Invite, |_, _| ()).unwrap();
    assert_eq!(plan.mails(), 3);
    let run = run::commit(&cx, &mut engine(), plan).unwrap().run.unwrap();
    let sent = mails(&cx);
    assert_eq!(sent.len(), 3);
    let link = link(&cx, &sent[0]);
    cx.write(|tx| {
        let sql = "UPDATE mails SET state = 'sent', ended_at = 1 WHERE seq = ?1";
        Ok(tx.sql().execute(sql, [sent[0].seq])?)
    })
    .unwrap();
    let user = sent[1].user_id.unwrap();
    cx.write(|tx| set_accepted(tx, user, cx.now())).unwrap();
    let undone = run::undo(&cx, &mut engine(), &run.id).unwrap();
    assert_eq!((undone.reverted, undone.left.count, undone.mails_dropped), (2, 1, 1));
    assert!(!is_good(&cx, &link));
    let states: Vec<MailState> = mails(&cx).iter().map(|mail| mail.state).collect();
    assert_eq!(states, [MailState::Sent, MailState::Queued, MailState::Dropped]);
    assert_eq!(invited(&cx, Invited::Pending), Vec::<String>::new());
    assert_eq!(invited(&cx, Invited::Accepted).len(), 1);
}
