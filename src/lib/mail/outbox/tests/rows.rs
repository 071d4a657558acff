//! What is queued, what is seen of it, and how rows end.

use std::collections::HashMap;
use std::mem::replace;

use super::*;
use crate::context::{Account, Authority};

#[test]
fn every_message_is_read_again_from_its_facts_under_its_own_name() {
    let cx = acme();
    for mut message in Message::samples(cx.now()) {
        // Tokens are no facts.
        message.put_links(Links::default());
        let facts = content::facts(&message).unwrap();
        assert_eq!(content::read(1, &facts).unwrap(), message);
        assert!(facts.starts_with(&format!("{{\"message\":\"{}\"", message.name())), "{facts}");
    }
}

#[test]
fn a_mail_waits_with_its_facts_and_what_it_is_for() {
    let cx = acme();
    let (old, new) = (email("olena@acme.example"), email("olena.s@acme.example"));
    let message = Message::EmailChangedOld { old: old.clone(), new, at: cx.now() };
    let mail =
        NewMail {
            message: &message, to: &old, name: " Олена ", user: None, company: Some(1), run: None
        };
    let id = cx.write(|tx| queue(&cx, tx, &mail)).unwrap();
    let mail = got(&cx, &id);
    assert_eq!(content_of(&cx, &id).unwrap().message, message);
    assert_eq!((mail.message.as_str(), mail.feature.as_str()), ("email-changed-old", "security-notice"));
    assert_eq!((mail.urgency, mail.state, mail.attempts), (Urgency::Notice, MailState::Queued, 0));
    assert_eq!((mail.to.as_deref(), mail.to_name.as_deref()), (Some("olena@acme.example"), Some("Олена")));
    assert_eq!((mail.company_id, mail.due_at, mail.created_at), (Some(1), cx.now(), cx.now()));
    assert_eq!(mail.message_id, None, "it is made when the mail is first tried");
}

#[test]
fn m3_what_a_run_queues_is_the_rest() {
    let cx = acme();
    let message = notice(&cx);
    let to = email("olena@acme.example");
    let mail = NewMail { run: Some("7k2m9xq4td"), ..new_mail(&message, &to) };
    let id = cx.write(|tx| queue(&cx, tx, &mail)).unwrap();
    assert_eq!(got(&cx, &id).urgency, Urgency::Rest);
}

#[test]
fn m4_what_is_a_secret_lies_sealed_and_is_wiped_when_the_mail_ends() {
    let cx = acme();
    let id = queued(&cx, &secret(), "olena@acme.example");
    let file = Attachment { name: "canary.csv", media_type: "text/csv", bytes: b"canary\nfile" };
    let attached = cx
        .write(|tx| queue_with(&cx, tx, &new_mail(&notice(&cx), &email("o@acme.example")), "word", &[file]))
        .unwrap();
    let stored = || {
        let sql = "SELECT group_concat(coalesce(facts, '') || hex(coalesce(sealed, ''))) FROM mails";
        cx.read(|tx| Ok(tx.sql().query_row(sql, [], |row| row.get::<_, String>(0))?)).unwrap()
    };
    assert!(stored().len() > 200 && !stored().contains(&hex("canary")), "{}", stored());
    let content = content_of(&cx, &id).unwrap();
    assert_eq!((content.message, content.attachments.len()), (secret(), 0));
    let content = content_of(&cx, &attached).unwrap();
    assert_eq!(content.message, notice(&cx));
    let enclosure = &content.attachments[0];
    assert_eq!((enclosure.name.as_str(), enclosure.media_type.as_str()), ("canary.csv", "text/csv"));
    assert_eq!(&**enclosure.bytes, b"canary\nfile");
    for id in [id, attached] {
        assert_eq!(drop_waiting(&cx, &id).unwrap().state, MailState::Dropped);
        assert!(content_of(&cx, &id).is_none());
    }
    assert_eq!(stored(), ",");
}

fn hex(text: &str) -> String {
    crate::crypto::hex::hex(text.as_bytes()).to_uppercase()
}

#[test]
fn mails_are_listed_by_person_address_state_and_company_the_newest_first() {
    let cx = acme();
    let olena = person(&cx, "olena@acme.example");
    let message = notice(&cx);
    let old = email("Olena.Old@acme.example");
    let mail = NewMail { user: Some(olena), company: Some(1), ..new_mail(&message, &old) };
    let first = cx.write(|tx| queue(&cx, tx, &mail)).unwrap();
    let second = queued(&cx, &message, "olena.old@ACME.example");
    let other = queued(&cx, &message, "petro@acme.example");
    let ids = |filter: ListFilter<'_>| {
        let mails = cx.read(|tx| list(tx, &filter)).unwrap();
        mails.into_iter().map(|mail| mail.id).collect::<Vec<_>>()
    };
    let all = ListFilter::default;
    assert_eq!(ids(all()), [other.clone(), second.clone(), first.clone()]);
    assert_eq!(ids(ListFilter { limit: 1, ..all() }), std::slice::from_ref(&other));
    assert_eq!(ids(ListFilter { user: Some(olena), ..all() }), std::slice::from_ref(&first));
    let address = Some("olena.old@acme.example");
    assert_eq!(ids(ListFilter { user: Some(olena), address, ..all() }), [second.clone(), first.clone()]);
    assert_eq!(ids(ListFilter { scope: CompanyScope::of([1]), ..all() }), std::slice::from_ref(&first));
    drop_waiting(&cx, &other).unwrap();
    assert_eq!(ids(ListFilter { state: Some(MailState::Dropped), ..all() }), [other]);
    assert_eq!(ids(ListFilter { state: Some(MailState::Queued), ..all() }), [second, first]);
}

#[test]
fn an_undone_run_drops_what_still_waits_of_it_to_a_person_and_nothing_else() {
    let cx = acme();
    let people = [person(&cx, "olena@acme.example"), person(&cx, "petro@acme.example")];
    let (message, to) = (notice(&cx), email("olena@acme.example"));
    let of = |run, user| {
        let mail = NewMail { run: Some(run), user: Some(user), ..new_mail(&message, &to) };
        cx.write(|tx| queue(&cx, tx, &mail)).unwrap()
    };
    let [olena, petro] = people;
    let (run, other) = ("aaaaaaaaaa", "bbbbbbbbbb");
    let (gone, waits) = (of(run, olena), of(run, olena));
    let (theirs, elsewhere, after) = (of(run, petro), of(other, olena), of(run, olena));
    let has_left = |user| cx.read(|tx| has_left(tx, run, user)).unwrap();
    assert!(!has_left(olena));
    ended(&cx, &gone, MailState::Sent, None);
    assert!(has_left(olena) && !has_left(petro));
    let (seq, last) = (got(&cx, &theirs).seq, got(&cx, &after).seq);
    assert_eq!(cx.read(|tx| waiting_of_run(tx, run, 0)).unwrap(), (3, last));
    assert_eq!(cx.read(|tx| waiting_of_run(tx, run, seq)).unwrap(), (1, last));
    assert_eq!(cx.read(|tx| readers_of_run(tx, run)).unwrap(), people.into());
    cx.write(|tx| drop_waiting_of_run(&cx, tx, run, (olena, seq))).unwrap();
    let fate = |id: &str| (got(&cx, id).state, got(&cx, id).why);
    assert_eq!(fate(&gone), (MailState::Sent, None));
    assert_eq!(fate(&waits), (MailState::Dropped, Some("the run was undone".to_owned())));
    for id in [&theirs, &elsewhere, &after] {
        assert_eq!(fate(id), (MailState::Queued, None));
    }
}

#[test]
fn a_mail_goes_again_as_new_unless_it_was_sent_or_nothing_is_left_of_it() {
    let cx = acme();
    let failed = queued(&cx, &notice(&cx), "olena@acme.example");
    let wiped = queued(&cx, &secret(), "olena@acme.example");
    for id in [&failed, &wiped] {
        ended(&cx, id, MailState::Failed, Some("550 no"));
    }
    let again = retry(&cx, &failed).unwrap();
    assert_eq!((again.state, again.why, again.ended_at), (MailState::Queued, None, None));
    let refused = |result: Result<QueuedMail>| result.unwrap_err().to_string();
    assert_eq!(
        refused(retry(&cx, &wiped)),
        format!("the mail `{wiped}` has ended, and what it said is no longer there")
    );
    ended(&cx, &failed, MailState::Sent, None);
    assert_eq!(refused(retry(&cx, &failed)), format!("the mail `{failed}` cannot be sent again: it is sent"));
    assert_eq!(
        refused(drop_waiting(&cx, &failed)),
        format!("the mail `{failed}` cannot be dropped: it is sent")
    );
    let unknown = retry(&cx, "nosuchmail").unwrap_err();
    assert_eq!((unknown.code(), unknown.explain().hint().is_some()), ("mail.not_found", true));
}

#[test]
fn who_is_deleted_permanently_is_named_by_no_mail_and_gets_none() {
    let cx = acme();
    let olena = person(&cx, "olena@acme.example");
    let to = email("olena@acme.example");
    let of = |message: &Message| {
        let mail = NewMail { user: Some(olena), name: "Olena", ..new_mail(message, &to) };
        cx.write(|tx| queue(&cx, tx, &mail)).unwrap()
    };
    let day = Day::parse("2026-12-01").unwrap();
    let (waits, sealed, failed) =
        (of(&notice(&cx)), of(&secret()), of(&Message::AccountEnding { last_day: day }));
    let seq = got(&cx, &failed).seq;
    cx.write(|tx| {
        store::end(tx, seq, MailState::Failed, Some("550 <olena@acme.example> unknown"), cx.now())?;
        tx.sql().execute(
            "INSERT INTO mail_attempts (mail, number, at, account, step, answer, outcome, milliseconds)
             VALUES (?1, 1, 1, 'noreply', 'RCPT', '550 <olena@acme.example> unknown', 'failed', 3)",
            [seq],
        )?;
        forget_person(&cx, tx, olena, "olena@acme.example")?;
        tx.sql().execute("DELETE FROM users WHERE id = ?1", [olena])?;
        Ok(())
    })
    .unwrap();
    for (id, state) in
        [(&waits, MailState::Dropped), (&sealed, MailState::Dropped), (&failed, MailState::Failed)]
    {
        let mail = got(&cx, id);
        assert_eq!(
            (mail.state, mail.to, mail.to_name, mail.facts, mail.user_id),
            (state, None, None, None, None)
        );
        assert!(mail.ended_at.is_some() && !format!("{:?}", mail.why).contains('@'));
    }
    let attempts = cx.read(|tx| attempts(tx, seq)).unwrap();
    assert_eq!((attempts.len(), attempts[0].answer.as_deref()), (1, None));
    assert_eq!(retry(&cx, &waits).unwrap_err().code(), "mail.nothing_left");
}

/// An address that the site names for alerts is nobody's to end.
#[test]
fn a4_who_is_deleted_permanently_takes_no_alert_along() {
    let cx = acme();
    let watch = "watch@acme.example";
    let (alert, letter) = (Message::MailsWait { mails: 3, since: cx.now() }, secret());
    let (alert, letter) = (queued(&cx, &alert, watch), queued(&cx, &letter, watch));
    let of_account = person(&cx, watch);
    cx.write(|tx| forget_person(&cx, tx, of_account, watch)).unwrap();
    assert_eq!((got(&cx, &alert).state, got(&cx, &alert).to.as_deref()), (MailState::Queued, Some(watch)));
    assert_eq!((got(&cx, &letter).state, got(&cx, &letter).to), (MailState::Dropped, None));
}

#[test]
fn a4_what_tells_people_is_dropped_by_superusers_alone_who_say_why() {
    let mut cx = acme();
    let facts = [
        notice(&cx),
        Message::AccountEnding { last_day: Day::parse("2026-11-30").unwrap() },
        Message::RunHeld { run: "7k2m9xq4td".into(), source: "people.csv".into(), people: 42, at: cx.now() },
        Message::AccountRests { sender: "noreply".into(), since: cx.now() },
        Message::MailsWait { mails: 3, since: cx.now() },
    ];
    let told = facts.map(|message| queued(&cx, &message, "olena@acme.example"));
    let letter = queued(&cx, &secret(), "olena@acme.example");
    let sends = HashMap::from([("mail.send", CompanyScope::All)]);
    let account = Account { id: 1, superuser: false, permissions: sends };
    let owner = replace(&mut cx.actor.authority, Authority::Account(account));
    for id in &told {
        assert_eq!(drop_waiting(&cx, id).unwrap_err().code(), "permission.denied");
    }
    assert_eq!(drop_waiting(&cx, &letter).unwrap().state, MailState::Dropped);
    cx.actor.authority = owner;
    cx.reason = None;
    for id in &told {
        assert_eq!(drop_waiting(&cx, id).unwrap_err().code(), "mail.drop_without_reason");
    }
    cx.reason = Some("sent to everybody by mistake".to_owned());
    for id in &told {
        assert_eq!(drop_waiting(&cx, id).unwrap().state, MailState::Dropped);
    }
}

#[test]
fn m8_a_mail_that_has_ended_is_known_for_as_long_as_the_site_says() {
    let mut cx = acme();
    let (gone, waits) =
        (queued(&cx, &notice(&cx), "olena@acme.example"), queued(&cx, &notice(&cx), "petro@acme.example"));
    drop_waiting(&cx, &gone).unwrap();
    cx.stop_clock(Instant::parse("2027-05-20T10:00:00Z", &TimeZone::UTC).unwrap());
    assert_eq!(end_keeping(&cx).unwrap(), 0, "after 180 days to the hour");
    cx.stop_clock(Instant::parse("2027-05-20T10:00:01Z", &TimeZone::UTC).unwrap());
    cx.dry_run = true;
    assert_eq!(end_keeping(&cx).unwrap(), 1);
    cx.dry_run = false;
    assert_eq!(end_keeping(&cx).unwrap(), 1);
    assert_eq!(cx.read(|tx| get(tx, &gone)).unwrap_err().code(), "mail.not_found");
    assert_eq!(got(&cx, &waits).state, MailState::Queued, "what waits is kept, however old");
}
