//! What administrators are told of mails that do not leave.

use super::*;
use crate::mail::outbox::store::work::Ended;
use crate::mail::outbox::{retry, unmade};
use crate::mail::settings::ALERTS_TO;
use crate::registry::READERS;

/// A site whose alerts go to one address by a server of their own.
fn watched(server: &Server, alerts: &Server) -> Context {
    let mut cx = site(server);
    make_server(&cx, "other", alerts);
    make_account(&cx, "alerts", "other");
    route::set(&cx, (Some("alert"), None), ("alerts", None)).unwrap();
    cx.settings_mut().set(&ALERTS_TO, vec![Email::parse("watch@acme.example").unwrap()]);
    cx
}

/// What is said to whom was handed over, by the subject.
fn subjects(server: &Server) -> Vec<String> {
    let subject = |mail: &Received| {
        let text = String::from_utf8_lossy(&mail.mail).into_owned();
        text.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned)).unwrap()
    };
    server.received().iter().map(subject).collect()
}

#[test]
fn an_account_that_rests_for_a_quarter_of_an_hour_is_told_once_a_day() {
    let (server, alerts) = (always(At::Greeting, Fault::Cut), Server::start(Script::default()));
    let mut cx = watched(&server, &alerts);
    queued(&cx, &notice(), "olena@acme.example");
    for _ in 0..15 {
        flush_for(&cx, &READERS);
        pass(&mut cx, MINUTE);
    }
    assert_eq!(subjects(&alerts), [""; 0], "no rest is long yet");
    for _ in 0..40 {
        flush_for(&cx, &READERS);
        pass(&mut cx, MINUTE);
    }
    assert_eq!(subjects(&alerts), ["Mail account noreply sends nothing"]);
    assert_eq!(recipients(&alerts.received()), ["watch@acme.example"]);
    pass(&mut cx, 23 * 60 * MINUTE);
    flush_for(&cx, &READERS);
    assert_eq!(subjects(&alerts).len(), 2, "that mails wait is another cause: {:?}", subjects(&alerts));
    pass(&mut cx, 60 * MINUTE);
    flush_for(&cx, &READERS);
    assert_eq!(
        subjects(&alerts),
        [
            "Mail account noreply sends nothing",
            "Mails have waited for more than an hour",
            "Mail account noreply sends nothing",
        ]
    );
}

#[test]
fn mails_that_wait_for_more_than_an_hour_are_told_once_a_day() {
    let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
    let mut cx = watched(&server, &alerts);
    route::unset(&cx, None, None).unwrap();
    queued(&cx, &notice(), "olena@acme.example");
    pass(&mut cx, 60 * MINUTE);
    flush_for(&cx, &READERS);
    assert_eq!(subjects(&alerts), [""; 0]);
    for (hours, told) in [(1, 1), (22, 1), (3, 2)] {
        pass(&mut cx, hours * 60 * MINUTE);
        flush_for(&cx, &READERS);
        assert_eq!(subjects(&alerts).len(), told, "{hours}");
    }
    assert_eq!(subjects(&alerts), ["Mails have waited for more than an hour"; 2]);
}

#[test]
fn what_a_clock_that_was_ahead_told_is_told_again() {
    let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
    let mut cx = watched(&server, &alerts);
    route::unset(&cx, None, None).unwrap();
    queued(&cx, &notice(), "olena@acme.example");
    let right = cx.now();
    pass(&mut cx, 400 * 24 * 60 * MINUTE);
    flush_for(&cx, &READERS);
    assert_eq!(subjects(&alerts).len(), 1);
    cx.stop_clock(after(right, 120 * MINUTE));
    flush_for(&cx, &READERS);
    assert_eq!(subjects(&alerts), ["Mails have waited for more than an hour"; 2]);
}

#[test]
fn what_is_sent_in_time_is_no_alert_and_one_that_waits_is_not_doubled() {
    let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
    let mut cx = watched(&server, &alerts);
    queued(&cx, &notice(), "olena@acme.example");
    pass(&mut cx, 3 * 60 * MINUTE);
    assert_eq!(
        flush_for(&cx, &READERS),
        Report { sent: 1, ..Report::default() },
        "it left before anybody looked"
    );
    route::unset(&cx, None, None).unwrap();
    route::unset(&cx, Some("alert"), None).unwrap();
    queued(&cx, &notice(), "petro@acme.example");
    for _ in 0..3 {
        pass(&mut cx, 26 * 60 * MINUTE);
        flush_for(&cx, &READERS);
    }
    let waiting = |cx: &Context| flush_for(cx, &READERS).left.iter().map(|left| left.mails).sum::<u64>();
    assert_eq!(waiting(&cx), 2, "the mail, and one alert");
    route::set(&cx, (None, None), ("noreply", None)).unwrap();
    assert_eq!(flush_for(&cx, &READERS), Report { sent: 2, ..Report::default() });
}

#[test]
fn an_alert_of_what_is_over_is_dropped_and_the_next_time_told_again() {
    let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
    let mut cx = watched(&server, &alerts);
    route::unset(&cx, None, None).unwrap();
    route::unset(&cx, Some("alert"), None).unwrap();
    let mail = queued(&cx, &notice(), "olena@acme.example");
    pass(&mut cx, 2 * 60 * MINUTE);
    flush_for(&cx, &READERS);
    let end = "UPDATE mails SET state = 'failed', ended_at = created_at WHERE id = ?1";
    cx.write(|tx| Ok(tx.sql().execute(end, [&mail])?)).unwrap();
    route::set(&cx, (Some("alert"), None), ("alerts", None)).unwrap();
    assert_eq!(flush_for(&cx, &READERS), Report { dropped: 1, ..Report::default() });
    assert_eq!(subjects(&alerts), [""; 0]);
    queued(&cx, &notice(), "petro@acme.example");
    pass(&mut cx, 2 * 60 * MINUTE);
    flush_for(&cx, &READERS);
    assert_eq!(subjects(&alerts), ["Mails have waited for more than an hour"]);
}

#[test]
fn a_mail_that_cannot_be_made_is_told_by_report_outbox_doctor_and_alert() {
    let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
    let cx = watched(&server, &alerts);
    let endless = Message::Free { subject: "s".into(), text: "x ".repeat(200 * 1024), reply_to: None };
    let id = queued(&cx, &endless, "olena@acme.example");
    let report = flush_for(&cx, &READERS);
    assert!(
        report.said().contains(&format!("mail `{id}` could not be made: mail.unrendered")),
        "{}",
        report.said()
    );
    let (mail, tries) = (got(&cx, &id), tries(&cx, &id));
    assert_eq!((mail.state, tries.len()), (MailState::Failed, 1));
    assert_eq!(tries[0].step.as_deref(), Some("compose"));
    let why = mail.why.unwrap();
    assert!(why.starts_with("it could not be made (mail.unrendered): the message `free` cannot"), "{why}");
    let machine = crate::mail::doctor::Machine { is_offline: true, ..Default::default() };
    let found = crate::mail::doctor::run(&cx, &machine, |_, _| Ok(Vec::new())).unwrap();
    let unmade = found.iter().find(|finding| finding.code == "mail.unmade").unwrap();
    assert!(unmade.what.starts_with("1 mail could not be made in the last 7 days"), "{}", unmade.what);
    assert!(unmade.advice.contains("give `mail send` and exports again"), "{}", unmade.advice);
    assert!(retry(&cx, std::slice::from_ref(&id)).unwrap_err().to_string().contains("no longer there"));
    assert_eq!(unmade.command.as_deref(), Some(format!("secboard mail outbox show '{id}'").as_str()));
    assert_eq!(subjects(&alerts), ["Mails could not be made"]);
}

#[test]
fn a_mail_whose_words_do_not_open_is_told_like_every_other_that_could_not_be_made() {
    for (damage, code) in [
        ("UPDATE mails SET sealed = x'00112233' WHERE id = ?1", "seal.not_opened"),
        ("UPDATE mails SET sealed = NULL WHERE id = ?1", "mail.nothing_left"),
        ("UPDATE mails SET sealed = NULL, facts = '{}' WHERE id = ?1", "mail.unreadable"),
        ("UPDATE mails SET to_address = 'olena@' WHERE id = ?1", "email.malformed"),
    ] {
        let (server, alerts) = (Server::start(Script::default()), Server::start(Script::default()));
        let cx = watched(&server, &alerts);
        let sealed = Message::Free { subject: "s".into(), text: "x".into(), reply_to: None };
        let id = queued(&cx, &sealed, "olena@acme.example");
        cx.write(|tx| Ok(tx.sql().execute(damage, [&id])?)).unwrap();
        let report = flush_for(&cx, &READERS);
        assert!(
            report.said().contains(&format!("mail `{id}` could not be made: {code}")),
            "{}",
            report.said()
        );
        assert_eq!(report.failed, 1);
        assert_eq!(
            (got(&cx, &id).state, tries(&cx, &id)[0].step.as_deref()),
            (MailState::Failed, Some("compose"))
        );
        let machine = crate::mail::doctor::Machine { is_offline: true, ..Default::default() };
        let found = crate::mail::doctor::run(&cx, &machine, |_, _| Ok(Vec::new())).unwrap();
        assert!(found.iter().any(|finding| finding.code == "mail.unmade"), "{code}");
        assert_eq!(subjects(&alerts), ["Mails could not be made"], "{code}");
    }
}

#[test]
fn a_mail_that_was_made_after_all_is_told_no_longer_though_its_server_refused_it() {
    let server = always(At::Rcpt, Fault::Say("550 5.1.1 no such user\r\n"));
    let cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let count = || cx.read(|tx| unmade(&cx, tx)).unwrap().map(|(count, ..)| count);
    let (seq, until) = (got(&cx, &id).seq, after(cx.now(), LEASE));
    let step = Some("compose".to_owned());
    let ended =
        Ended { outcome: AttemptOutcome::Failed, step, answer: "no template".into(), milliseconds: 1 };
    cx.write(|tx| {
        let number = work::begin(tx, (seq, "<first@acme.example>"), "noreply", ("gone", until), cx.now())?;
        work::end_attempt(tx, (seq, number), &ended)?;
        work::failed(tx, (seq, "gone"), "it could not be made", cx.now())
    })
    .unwrap();
    assert_eq!(count(), Some(1));
    retry(&cx, std::slice::from_ref(&id)).unwrap();
    assert_eq!(count(), None, "it may be made this time");
    assert_eq!(flush(&cx).failed, 1);
    assert_eq!((got(&cx, &id).state, count()), (MailState::Failed, None));
}
