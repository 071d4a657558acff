//! In which order mails leave, and by what.

use super::*;

/// Queues a mail of a run.
fn of_run(cx: &Context, to: &str) -> String {
    let to = Email::parse(to).unwrap();
    let mail =
        NewMail { message: &notice(), to: &to, name: "", user: None, company: None, run: Some("7k2m9xq4td") };
    cx.write(|tx| queue(cx, tx, &mail)).unwrap()
}

#[test]
fn m3_what_somebody_waits_for_goes_first_then_notices_then_the_rest_by_age() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    for number in 0..3 {
        of_run(&cx, &format!("run{number}@acme.example"));
    }
    queued(
        &cx,
        &Message::Free { subject: "s".into(), text: "t".into(), reply_to: None },
        "free@acme.example",
    );
    queued(&cx, &notice(), "notice1@acme.example");
    pass(&mut cx, MINUTE);
    queued(&cx, &notice(), "notice2@acme.example");
    let test = Message::Test { sender: "noreply".into(), server: "relay".into(), at: cx.now() };
    queued(&cx, &test, "awaited@acme.example");
    let report = flush(&cx);
    assert_eq!(report, Report { sent: 7, ..Report::default() });
    let order: Vec<String> =
        recipients(&server.received()).iter().map(|to| to.split('@').next().unwrap().to_owned()).collect();
    assert_eq!(order, ["awaited", "notice1", "notice2", "run0", "run1", "run2", "free"]);
}

#[test]
fn m3_what_somebody_waits_for_goes_before_what_tells_whether_another_account_is_well() {
    let refused = Fault::Say("530 5.7.0 Authentication required\r\n");
    let trouble = Trouble { at: At::Mail, fault: refused, connection: Some(0), mail: Some(0) };
    let server = Server::start(Script { troubles: vec![trouble], ..Script::default() });
    let mut cx = site(&server);
    make_account(&cx, "swift", "relay");
    route::set(&cx, (Some("test"), None), ("swift", None)).unwrap();
    of_run(&cx, "run0@acme.example");
    assert!(matches!(flush(&cx).left[..], [Left { mails: 1, because: Because::Rests(_) }]));
    pass(&mut cx, MINUTE);
    of_run(&cx, "run1@acme.example");
    let test = Message::Test { sender: "swift".into(), server: "relay".into(), at: cx.now() };
    queued(&cx, &test, "awaited@acme.example");
    assert_eq!(flush(&cx).sent, 3);
    let order = recipients(&server.received());
    assert_eq!(order, ["awaited@acme.example", "run1@acme.example", "run0@acme.example"]);
}

#[test]
fn m3_what_somebody_waits_for_goes_first_though_its_account_has_rested_and_it_was_tried() {
    let refused = Fault::Say("530 5.7.0 Authentication required\r\n");
    let trouble = Trouble { at: At::Mail, fault: refused, connection: Some(0), mail: Some(0) };
    let server = Server::start(Script { troubles: vec![trouble], ..Script::default() });
    let mut cx = site(&server);
    make_account(&cx, "swift", "relay");
    route::set(&cx, (Some("test"), None), ("swift", None)).unwrap();
    let test = Message::Test { sender: "swift".into(), server: "relay".into(), at: cx.now() };
    queued(&cx, &test, "awaited@acme.example");
    assert!(matches!(flush(&cx).left[..], [Left { mails: 1, because: Because::Rests(_) }]));
    pass(&mut cx, MINUTE);
    for number in 0..3 {
        of_run(&cx, &format!("run{number}@acme.example"));
    }
    assert_eq!(flush(&cx).sent, 4);
    assert_eq!(recipients(&server.received())[0], "awaited@acme.example");
}

/// Says that at every step `at` of a connection.
fn at_all(connection: usize, at: At, said: &'static str) -> Trouble {
    Trouble { at, fault: Fault::Say(said), connection: Some(connection), mail: None }
}

const NO_LOGIN: &str = "530 5.7.0 Authentication required\r\n";

/// Whom the server was told that mails are to, whether it took them or not.
fn asked(server: &Server) -> Vec<String> {
    let address = |line: &String| Some(line.strip_prefix("RCPT TO:<")?.split('@').next()?.to_owned());
    server.heard().iter().filter_map(address).collect()
}

/// Queues a mail that somebody waits for.
fn awaited(cx: &Context, to: &str) -> String {
    queued(cx, &Message::Test { sender: "noreply".into(), server: "relay".into(), at: cx.now() }, to)
}

#[test]
fn m3_what_somebody_waits_for_goes_before_the_bulk_of_its_own_account_though_it_was_tried_and_put_off() {
    let troubles = vec![at_all(0, At::Mail, NO_LOGIN), at_all(1, At::Rcpt, "450 4.2.0 greylisted\r\n")];
    let server = Server::start(Script { troubles, ..Script::default() });
    let mut cx = site(&server);
    awaited(&cx, "awaited@acme.example");
    assert!(matches!(flush(&cx).left[..], [Left { mails: 1, because: Because::Rests(_) }]));
    for number in 0..8 {
        of_run(&cx, &format!("run{number}@other{number}.example"));
    }
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx).later, 9);
    pass(&mut cx, MINUTE);
    queued(&cx, &notice(), "notice@acme.example");
    assert_eq!(flush(&cx).sent, 10, "the account was on trial until now");
    let asked = asked(&server);
    assert_eq!((asked[0].as_str(), asked[9].as_str(), asked[10].as_str()), ("awaited", "awaited", "notice"));
}

#[test]
fn m2_what_is_refused_of_urgent_mails_keeps_no_account_from_showing_that_it_is_well() {
    let refused = |connection, mail| Trouble {
        at: At::Rcpt,
        fault: Fault::Say("550 5.7.1 policy\r\n"),
        connection: Some(connection),
        mail: Some(mail),
    };
    let troubles = (0..5).map(|mail| refused(0, mail)).chain((0..3).map(|mail| refused(1, mail)));
    let server = Server::start(Script { troubles: troubles.collect(), ..Script::default() });
    let mut cx = site(&server);
    for number in 0..5 {
        awaited(&cx, &format!("awaited{number}@acme{number}.example"));
    }
    let run = of_run(&cx, "run@acme.example");
    assert!(matches!(flush(&cx).left[..], [Left { mails: 6, because: Because::Rests(_) }]));
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx), Report { sent: 3, failed: 3, ..Report::default() });
    assert_eq!(
        asked(&server)[5..8],
        ["awaited0", "awaited1", "awaited2"],
        "the most urgent were asked first"
    );
    assert_eq!(recipients(&server.received())[0], "run@acme.example");
    assert_eq!(got(&cx, &run).state, MailState::Sent);
}

#[test]
fn m2_a_mail_that_has_its_account_rest_each_time_lets_another_go_before_at_the_third() {
    let troubles = (0..3).map(|connection| at_all(connection, At::Mail, NO_LOGIN)).collect();
    let server = Server::start(Script { troubles, ..Script::default() });
    let mut cx = site(&server);
    awaited(&cx, "awaited@acme.example");
    for number in 0..2 {
        of_run(&cx, &format!("run{number}@acme.example"));
    }
    for _ in 0..3 {
        let report = flush(&cx);
        let [Left { mails: 3, because: Because::Rests(rest) }] = report.left.as_slice() else {
            panic!("{report:?}")
        };
        let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
        pass(&mut cx, wait);
    }
    assert_eq!(flush(&cx).sent, 3);
    let order = recipients(&server.received());
    assert_eq!(order, ["run0@acme.example", "awaited@acme.example", "run1@acme.example"]);
}

#[test]
fn accounts_on_trial_are_asked_by_turns() {
    let mut troubles = vec![at_all(0, At::Mail, NO_LOGIN), at_all(1, At::Mail, NO_LOGIN)];
    let greylists = Fault::Say("450 4.2.0 greylisted\r\n");
    troubles.push(Trouble { at: At::Rcpt, fault: greylists, connection: None, mail: None });
    let server = Server::start(Script { troubles, ..Script::default() });
    let mut cx = site(&server);
    make_account(&cx, "swift", "relay");
    route::set(&cx, (None, Some("Acme Bank")), ("swift", None)).unwrap();
    for (company, name) in [(None, "site"), (Some(1), "company")] {
        for number in 0..3 {
            let to = Email::parse(&format!("{name}{number}@acme.example")).unwrap();
            let message = notice();
            let mail = NewMail { message: &message, to: &to, name: "", user: None, company, run: None };
            cx.write(|tx| queue(&cx, tx, &mail)).unwrap();
        }
    }
    assert_eq!(flush(&cx).left.len(), 2, "both rest");
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx).later, 6);
    assert_eq!(asked(&server), ["site1", "company1", "site2", "company2", "site0", "company0"]);
}

#[test]
fn mails_share_a_connection_and_tell_who_they_are_to() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    queued(&cx, &notice(), "petro@acme.example");
    flush(&cx);
    let received = server.received();
    assert_eq!(received.iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 0]);
    let mail = got(&cx, &id);
    assert_eq!(
        (mail.state, mail.attempts, mail.ended_at, mail.why),
        (MailState::Sent, 1, Some(cx.now()), None)
    );
    assert_eq!(mail.message_id.as_ref(), message_ids(&received).first());
    let [attempt] = <[Attempt; 1]>::try_from(tries(&cx, &id)).unwrap();
    assert_eq!(
        (attempt.account.as_str(), attempt.outcome, attempt.step),
        ("noreply", AttemptOutcome::Sent, None)
    );
    assert_eq!(attempt.answer.as_deref(), Some("250 2.0.0 (taken)"));
    assert_eq!(flush(&cx), Report::default(), "nothing goes twice");
    assert_eq!(server.received().len(), 2);
}

#[test]
fn a_mail_leaves_by_the_account_of_its_feature_and_company() {
    let (site_server, company_server) = (Server::start(Script::default()), Server::start(Script::default()));
    let cx = site(&site_server);
    make_server(&cx, "other", &company_server);
    make_account(&cx, "acme", "other");
    route::set(&cx, (Some("security-notice"), Some("Acme Bank")), ("acme", None)).unwrap();
    let to = Email::parse("olena@acme.example").unwrap();
    let message = notice();
    let mail = NewMail { message: &message, to: &to, name: "", user: None, company: Some(1), run: None };
    let id = cx.write(|tx| queue(&cx, tx, &mail)).unwrap();
    queued(&cx, &notice(), "petro@acme.example");
    assert_eq!(flush(&cx).sent, 2);
    assert_eq!(recipients(&company_server.received()), ["olena@acme.example"]);
    assert_eq!(recipients(&site_server.received()), ["petro@acme.example"]);
    assert_eq!(tries(&cx, &id)[0].account, "acme");
}

#[test]
fn a_server_gets_no_more_mails_a_minute_than_it_takes() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    servers::edit(&cx, "relay", &ServerEdit { rate: Some(2), ..ServerEdit::default() }).unwrap();
    for number in 0..3 {
        queued(&cx, &notice(), &format!("p{number}@acme.example"));
    }
    // The clock stands still, so the minute does not pass by itself.
    let long = || {
        let templates = Templates::built_in();
        block_on(async {
            let working = work(&cx, &Addressed, &templates, &cx.cancel);
            tokio::time::timeout(Duration::from_millis(1500), working).await.is_ok()
        })
        .unwrap()
    };
    assert!(!long());
    assert_eq!(server.received().len(), 2);
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx).sent, 1);
}

#[test]
fn what_can_be_previewed_is_told_by_message_and_account() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    make_account(&cx, "alerts", "relay");
    route::set(&cx, (Some("alert"), None), ("alerts", None)).unwrap();
    queued(&cx, &notice(), "olena@acme.example");
    queued(&cx, &notice(), "petro@acme.example");
    let held = Message::RunHeld { run: "7k2m9xq4td".into(), source: "x".into(), people: 3, at: cx.now() };
    queued(&cx, &held, "ada@acme.example");
    let (planned, left) = preview(&cx).unwrap();
    let told: Vec<_> =
        planned.iter().map(|it| (it.message.as_str(), it.account.as_str(), it.mails)).collect();
    assert_eq!(told, [("password-set", "noreply", 2), ("run-held", "alerts", 1)]);
    assert_eq!(left, []);
    assert!(server.heard().is_empty());
}
