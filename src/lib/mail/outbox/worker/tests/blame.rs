//! Whose failure it is: the mail's, the account's, or nobody knows.

use super::*;
use crate::mail::outbox::worker::verdict::MOST_ATTEMPTS;

#[test]
fn what_is_put_off_waits_longer_each_time_and_has_an_end() {
    let server = always(At::Rcpt, Fault::Say("450 4.2.0 greylisted\r\n"));
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let mut waited = Vec::new();
    loop {
        let report = flush(&cx);
        let mail = got(&cx, &id);
        if mail.state == MailState::Failed {
            assert_eq!((report.failed, report.later), (1, 0));
            assert_eq!(mail.why.as_deref(), Some("put off for the last time: RCPT: 450 4.2.0 greylisted"));
            break;
        }
        assert_eq!((report.failed, report.later, report.left.len()), (0, 1, 0));
        assert_eq!(
            (mail.state, mail.why.as_deref()),
            (MailState::Queued, Some("RCPT: 450 4.2.0 greylisted"))
        );
        assert_eq!(flush(&cx), Report::default(), "it is not due before");
        let wait = Duration::from_micros((mail.due_at.micros() - cx.now().micros()).unsigned_abs());
        waited.push(wait.as_secs() / 60);
        pass(&mut cx, wait);
    }
    assert_eq!(waited, [1, 5, 15, 60, 240, 720, 1440, 1440, 1440, 1440]);
    let tries = tries(&cx, &id);
    assert_eq!(tries.len(), usize::try_from(MOST_ATTEMPTS).unwrap());
    assert!(tries[..10].iter().all(|attempt| attempt.outcome == AttemptOutcome::Later));
    assert_eq!(tries[0].step.as_deref(), Some("RCPT"));
}

#[test]
fn a_refusal_for_good_fails_that_mail_alone_with_its_words() {
    let server = sometimes(At::Rcpt, Fault::Say("550 5.1.1 no such user\r\n"), &[0]);
    let cx = site(&server);
    let (gone, there) =
        (queued(&cx, &notice(), "gone@acme.example"), queued(&cx, &notice(), "there@acme.example"));
    let report = flush(&cx);
    assert_eq!((report.sent, report.failed), (1, 1));
    let mail = got(&cx, &gone);
    assert_eq!((mail.state, mail.why.as_deref()), (MailState::Failed, Some("RCPT: 550 5.1.1 no such user")));
    assert_eq!(got(&cx, &there).state, MailState::Sent);
    assert_eq!(flush(&cx), Report::default());
}

#[test]
fn m2_a_failure_of_the_account_has_it_rest_and_uses_no_mail_up() {
    for (at, fault, step) in [
        (At::Greeting, Fault::Cut, "greeting"),
        (At::Ehlo, Fault::Say("554 go away\r\n"), "EHLO"),
        (At::Mail, Fault::Say("550 5.7.1 not from you\r\n"), "MAIL"),
        (At::Mail, Fault::Say("452 4.3.1 the queue is full\r\n"), "MAIL"),
    ] {
        let server = always(at, fault);
        let mut cx = site(&server);
        let ids = ["olena", "petro"].map(|name| queued(&cx, &notice(), &format!("{name}@acme.example")));
        let mut rested = Vec::new();
        for _ in 0..6 {
            let report = flush(&cx);
            assert_eq!((report.sent, report.failed, report.later), (0, 0, 0));
            let [Left { mails: 2, because: Because::Rests(rest) }] = report.left.as_slice() else {
                panic!("{report:?}")
            };
            assert_eq!((rest.account.as_str(), rest.step.as_str()), ("noreply", step));
            let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
            assert_eq!(flush(&cx).left, report.left, "it rests");
            rested.push(wait.as_secs() / 60);
            pass(&mut cx, wait);
        }
        assert_eq!(rested, [1, 5, 15, 30, 60, 60], "{step}");
        for id in &ids {
            let mail = got(&cx, id);
            assert_eq!((mail.state, mail.attempts), (MailState::Queued, 0));
            assert_eq!(tries(&cx, id), []);
        }
    }
}

#[test]
fn an_account_that_was_changed_rests_no_longer_nor_one_whose_server_was() {
    let (dead, good) = (always(At::Greeting, Fault::Cut), Server::start(Script::default()));
    let cx = site(&dead);
    queued(&cx, &notice(), "olena@acme.example");
    assert_eq!(flush(&cx).left.len(), 1);
    servers::edit(&cx, "relay", &ServerEdit { port: Some(good.port()), ..ServerEdit::default() }).unwrap();
    assert_eq!(flush(&cx).sent, 1);
}

#[test]
fn the_second_account_sends_while_the_first_rests() {
    let (dead, good) = (always(At::Greeting, Fault::Cut), Server::start(Script::default()));
    let cx = site(&dead);
    make_server(&cx, "spare", &good);
    make_account(&cx, "stand-in", "spare");
    route::set(&cx, (None, None), ("noreply", Some("stand-in"))).unwrap();
    let id = queued(&cx, &notice(), "olena@acme.example");
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
    assert_eq!(tries(&cx, &id)[0].account, "stand-in");
}

#[test]
fn five_domains_refused_alike_are_the_accounts_and_fewer_are_the_mails() {
    let denied = Fault::Say("554 5.7.1 relay access denied\r\n");
    let server = always(At::Rcpt, denied);
    let cx = site(&server);
    let to = |number: usize| format!("olena@acme{number}.example");
    let ids: Vec<String> = (0..7).map(|number| queued(&cx, &notice(), &to(number))).collect();
    let report = flush(&cx);
    assert_eq!((report.failed, report.sent), (0, 0));
    let [Left { mails: 7, because: Because::Rests(rest) }] = report.left.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(rest.answer, "554 5.7.1 relay access denied");
    for id in &ids {
        assert_eq!(
            (got(&cx, id).state, got(&cx, id).attempts, tries(&cx, id)),
            (MailState::Queued, 0, vec![])
        );
    }
    let heard = server.heard().iter().filter(|line| line.starts_with("RCPT")).count();
    assert_eq!(heard, 5, "the sixth was not tried");

    let server = always(At::Rcpt, denied);
    let cx = site(&server);
    let ids: Vec<String> = (0..4).map(|number| queued(&cx, &notice(), &to(number))).collect();
    let same: Vec<String> = (0..3).map(|_| queued(&cx, &notice(), &to(0))).collect();
    assert_eq!(flush(&cx), Report { later: 7, ..Report::default() }, "of four domains nobody knows yet");
    for id in ids.iter().chain(&same) {
        let mail = got(&cx, id);
        assert_eq!(
            (mail.state, mail.why.as_deref()),
            (MailState::Queued, Some("RCPT: 554 5.7.1 relay access denied"))
        );
        assert_eq!(tries(&cx, id)[0].outcome, AttemptOutcome::Later);
    }
}

#[test]
fn m2_whatever_is_refused_alike_to_five_domains_is_the_accounts_whatever_it_means() {
    for answer in [
        "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)\r\n",
        "550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)\r\n",
        "554 Transaction failed\r\n",
        "550 Administrative prohibition\r\n",
        "550 5.4.1 Access denied\r\n",
    ] {
        let server = always(At::Rcpt, Fault::Say(answer));
        let mut cx = site(&server);
        let ids: Vec<String> =
            (0..7).map(|number| queued(&cx, &notice(), &format!("olena@acme{number}.example"))).collect();
        // More often than a mail is tried that is put off for itself.
        for _ in 0..=MOST_ATTEMPTS {
            let report = flush(&cx);
            assert_eq!((report.failed, report.later), (0, 0), "{answer}");
            let [Left { mails: 7, because: Because::Rests(rest) }] = report.left.as_slice() else {
                panic!("{report:?}")
            };
            let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
            pass(&mut cx, wait);
        }
        assert!(ids.iter().all(|id| (got(&cx, id).state, got(&cx, id).attempts) == (MailState::Queued, 0)));
    }
}

#[test]
fn addresses_that_do_not_exist_are_each_mails_own_however_many_there_are() {
    for answer in [
        "550 5.1.1 no such user\r\n",
        "550 no such user here\r\n",
        "550 5.4.1 Recipient address rejected: Access denied\r\n",
        "552 5.2.2 mailbox full\r\n",
    ] {
        let server = always(At::Rcpt, Fault::Say(answer));
        let cx = site(&server);
        for number in 0..7 {
            queued(&cx, &notice(), &format!("olena@acme{number}.example"));
        }
        assert_eq!(flush(&cx), Report { failed: 7, ..Report::default() }, "{answer}");
    }
}

#[test]
fn mails_that_are_refused_alike_hold_no_other_up_and_fail_once_another_has_left() {
    let refused = Fault::Say("550 Requested action not taken: mailbox unavailable\r\n");
    let refused_at = |connection, mail| Trouble {
        at: At::Rcpt,
        fault: refused,
        connection: Some(connection),
        mail: Some(mail),
    };
    let troubles = (0..5).map(|mail| refused_at(0, mail)).chain((1..6).map(|mail| refused_at(1, mail)));
    let server = Server::start(Script { troubles: troubles.collect(), ..Script::default() });
    let mut cx = site(&server);
    let dead: Vec<String> =
        (0..5).map(|number| queued(&cx, &notice(), &format!("gone@acme{number}.example"))).collect();
    let report = flush(&cx);
    assert!(matches!(report.left[..], [Left { mails: 5, because: Because::Rests(_) }]), "{report:?}");
    for id in &dead {
        let mail = got(&cx, id);
        assert_eq!((mail.state, mail.attempts, tries(&cx, id).len()), (MailState::Queued, 0, 1));
        assert!(mail.why.unwrap().ends_with("mailbox unavailable"));
    }
    pass(&mut cx, MINUTE);
    let other = queued(&cx, &notice(), "olena@other.example");
    assert_eq!(flush(&cx), Report { sent: 1, failed: 5, ..Report::default() });
    assert_eq!(got(&cx, &other).state, MailState::Sent, "it was tried first");
}

#[test]
fn m2_what_a_server_says_of_the_account_has_it_rest_at_once_wherever_it_is_said() {
    for (at, answer) in [
        (At::Rcpt, "530 5.7.0 Authentication required\r\n"),
        (At::Rcpt, "550 5.4.5 Daily user sending quota exceeded\r\n"),
        (At::End, "554 5.2.252 SendAsDenied\r\n"),
    ] {
        let server = always(at, Fault::Say(answer));
        let cx = site(&server);
        let ids = ["olena", "petro"].map(|name| queued(&cx, &notice(), &format!("{name}@acme.example")));
        let report = flush(&cx);
        assert_eq!((report.sent, report.failed, report.later), (0, 0, 0), "{answer}");
        assert!(matches!(report.left[..], [Left { mails: 2, because: Because::Rests(_) }]), "{report:?}");
        for id in &ids {
            assert_eq!((got(&cx, id).state, got(&cx, id).attempts), (MailState::Queued, 0), "{answer}");
        }
    }
}

#[test]
fn m2_a_limit_that_is_said_to_five_domains_has_the_account_rest_and_uses_no_mail_up() {
    let server = always(At::Rcpt, Fault::SayAndCut("421 4.7.28 unusual rate of mail\r\n"));
    let mut cx = site(&server);
    let ids: Vec<String> =
        (0..7).map(|number| queued(&cx, &notice(), &format!("olena@acme{number}.example"))).collect();
    // More often than a mail is tried that is put off for itself.
    for _ in 0..=MOST_ATTEMPTS {
        let report = flush(&cx);
        assert_eq!((report.failed, report.later), (0, 0));
        let [Left { mails: 7, because: Because::Rests(rest) }] = report.left.as_slice() else {
            panic!("{report:?}")
        };
        let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
        pass(&mut cx, wait);
    }
    assert!(ids.iter().all(|id| got(&cx, id).attempts == 0 && tries(&cx, id).is_empty()));
}

#[test]
fn a_limit_that_is_said_of_one_mail_puts_it_off_and_others_leave() {
    let server = sometimes(At::Rcpt, Fault::Say("451 4.7.500 server busy\r\n"), &[0]);
    let cx = site(&server);
    let late = queued(&cx, &notice(), "olena@acme0.example");
    for number in 1..7 {
        queued(&cx, &notice(), &format!("olena@acme{number}.example"));
    }
    assert_eq!(flush(&cx), Report { sent: 6, later: 1, ..Report::default() });
    let mail = got(&cx, &late);
    assert_eq!((mail.state, mail.attempts), (MailState::Queued, 1));
    assert_eq!(mail.why.as_deref(), Some("RCPT: 451 4.7.500 server busy"));
}

#[test]
fn m2_five_mailboxes_of_the_only_domain_refused_alike_are_the_accounts() {
    let denied = Fault::Say("554 5.7.1 relay access denied\r\n");
    let server = always(At::Rcpt, denied);
    let mut cx = site(&server);
    let ids: Vec<String> =
        (0..7).map(|number| queued(&cx, &notice(), &format!("p{number}@acme.example"))).collect();
    // More often than a mail is tried that is the mail's own failure.
    for _ in 0..=MOST_ATTEMPTS {
        let report = flush(&cx);
        assert_eq!((report.failed, report.later), (0, 0));
        let [Left { mails: 7, because: Because::Rests(rest) }] = report.left.as_slice() else {
            panic!("{report:?}")
        };
        assert_eq!((rest.step.as_str(), rest.answer.as_str()), ("RCPT", "554 5.7.1 relay access denied"));
        let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
        pass(&mut cx, wait);
    }
    assert!(ids.iter().all(|id| got(&cx, id).attempts == 0));

    // Where what is said is found out little by little, too.
    let server = always(At::Rcpt, denied);
    let cx = site(&server);
    for number in 0..5 {
        queued(&cx, &notice(), &format!("p{number}@acme.example"));
        assert_eq!(flush(&cx).left.len(), usize::from(number == 4), "{number}");
    }
}

#[test]
fn one_mailbox_or_one_domain_of_several_has_no_account_rest() {
    let denied = Fault::Say("550 5.7.1 we do not like you\r\n");
    let server = always(At::Rcpt, denied);
    let cx = site(&server);
    for _ in 0..6 {
        queued(&cx, &notice(), "olena@acme.example");
        queued(&cx, &notice(), "Olena@ACME.example");
    }
    assert_eq!(flush(&cx), Report { later: 12, ..Report::default() }, "all are one mailbox");

    let server = sometimes(At::Rcpt, denied, &[0, 1, 2, 3, 4, 5]);
    let cx = site(&server);
    let ids: Vec<String> =
        (0..6).map(|number| queued(&cx, &notice(), &format!("p{number}@acme.example"))).collect();
    queued(&cx, &notice(), "olena@other.example");
    assert_eq!(flush(&cx), Report { sent: 1, failed: 6, ..Report::default() }, "the other was asked too");
    assert!(ids.iter().all(|id| got(&cx, id).state == MailState::Failed));
}

#[test]
fn m2_what_is_under_way_when_an_account_is_found_to_rest_waits_too() {
    for connections in [2, 8] {
        let server = always(At::Rcpt, Fault::Say("554 5.7.1 relay access denied\r\n"));
        let mut cx = site(&server);
        servers::edit(&cx, "relay", &ServerEdit { connections: Some(connections), ..ServerEdit::default() })
            .unwrap();
        for number in 0..12 {
            queued(&cx, &notice(), &format!("olena@acme{number}.example"));
        }
        for _ in 0..4 {
            let report = flush(&cx);
            assert_eq!((report.failed, report.later), (0, 0));
            let [Left { mails: 12, because: Because::Rests(rest) }] = report.left.as_slice() else {
                panic!("{report:?}")
            };
            let wait = Duration::from_micros((rest.until.micros() - cx.now().micros()).unsigned_abs());
            pass(&mut cx, wait);
        }
    }
}

#[test]
fn a_mail_refused_as_the_account_may_be_has_failed_once_another_has_left() {
    let server = Server::start(Script {
        troubles: vec![
            Trouble {
                at: At::Rcpt,
                fault: Fault::Say("554 5.7.1 looks like spam\r\n"),
                connection: Some(0),
                mail: None,
            },
            Trouble {
                at: At::Rcpt,
                fault: Fault::Say("554 5.7.1 looks like spam\r\n"),
                connection: Some(2),
                mail: None,
            },
        ],
        ..Script::default()
    });
    let mut cx = site(&server);
    let spam = queued(&cx, &notice(), "olena@acme.example");
    assert_eq!(flush(&cx), Report { later: 1, ..Report::default() });
    pass(&mut cx, MINUTE / 2);
    queued(&cx, &notice(), "petro@acme.example");
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() }, "the account is well");
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx), Report { failed: 1, ..Report::default() });
    assert_eq!(
        got(&cx, &spam).why.as_deref(),
        Some("RCPT: 554 5.7.1 (refused by policy)"),
        "the server knows a mail"
    );
}

#[test]
fn refusals_in_a_row_go_on_from_one_worker_to_the_next_until_a_mail_is_taken() {
    let denied = always(At::Rcpt, Fault::Say("550 5.7.1 policy\r\n"));
    let cx = site(&denied);
    for number in 0..5 {
        queued(&cx, &notice(), &format!("olena@acme{number}.example"));
        let report = flush(&cx);
        let rests = number == 4;
        assert_eq!((report.failed, report.later), (0, u64::from(!rests)), "{number}");
        assert_eq!(report.left.len(), usize::from(rests), "{number}");
    }
}

#[test]
fn a_mail_that_is_taken_ends_a_row_of_refusals() {
    let server = sometimes(At::Rcpt, Fault::Say("550 5.7.1 policy\r\n"), &[0, 1, 2, 4, 5, 6]);
    let cx = site(&server);
    for number in 0..7 {
        queued(&cx, &notice(), &format!("olena@acme{number}.example"));
    }
    let report = Report { sent: 1, failed: 3, later: 3, ..Report::default() };
    assert_eq!(flush(&cx), report, "of those behind it nobody knows yet");
}

#[test]
fn m1_no_answer_has_the_same_mail_go_again() {
    let server = Server::start(Script {
        troubles: vec![Trouble { at: At::End, fault: Fault::Cut, connection: Some(0), mail: None }],
        ..Script::default()
    });
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let report = flush(&cx);
    assert_eq!((report.later, report.unanswered), (1, 1), "nobody knows whether it was taken");
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx).sent, 1);
    let ids = message_ids(&server.received());
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
    let outcomes: Vec<_> = tries(&cx, &id).iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [AttemptOutcome::Unknown, AttemptOutcome::Sent]);
}

#[test]
fn a_server_that_ends_a_connection_after_it_took_mails_gets_the_next_at_once() {
    let server = sometimes(At::Mail, Fault::SayAndCut("421 4.7.0 enough for one connection\r\n"), &[2]);
    let cx = site(&server);
    for number in 0..6 {
        queued(&cx, &notice(), &format!("p{number}@acme.example"));
    }
    assert_eq!(flush(&cx), Report { sent: 6, ..Report::default() });
    assert_eq!(server.received().last().unwrap().connection, 2);
}

#[test]
fn a_mail_that_is_too_large_fails_and_the_next_is_refused_before_it_is_queued() {
    let server = Server::start(Script { abilities: vec!["SIZE 70000"], ..Script::default() });
    let cx = site(&server);
    let id = attach(&cx, 51_000).unwrap();
    assert_eq!(flush(&cx).failed, 1);
    assert!(got(&cx, &id).why.unwrap().contains("and the server takes 70000"));
    let refused = attach(&cx, 51_200).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string()),
        (
            "mail.too_large",
            "the mail would have some 70066 bytes, and the server `relay` takes 70000".to_owned()
        )
    );
}

#[test]
fn m2_a_size_that_no_server_has_fails_no_mail_and_is_forgotten() {
    let (lying, other) = (
        Server::start(Script { abilities: vec!["SIZE 1"], ..Script::default() }),
        Server::start(Script { abilities: vec!["SIZE 70000"], ..Script::default() }),
    );
    let mut cx = site(&lying);
    let id = queued(&cx, &notice(), "olena@acme.example");
    attach(&cx, 1600).unwrap();
    let report = flush(&cx);
    assert_eq!((report.failed, report.left.len()), (0, 1), "the account rests, and no mail fails");
    assert_eq!((got(&cx, &id).state, got(&cx, &id).attempts), (MailState::Queued, 0));
    attach(&cx, 60_000).unwrap();

    // Another limit takes its place, and none too.
    for (server, is_refused) in
        [(&other, true), (&Server::start(Script { abilities: vec![], ..Script::default() }), false)]
    {
        let edit = ServerEdit { port: Some(server.port()), ..ServerEdit::default() };
        servers::edit(&cx, "relay", &edit).unwrap();
        queued(&cx, &notice(), "olena@acme.example");
        assert!(flush(&cx).sent > 0);
        assert_eq!(attach(&cx, 60_000).is_err(), is_refused);
        pass(&mut cx, MINUTE);
    }
}

/// Queues a mail with a file of so many bytes; its id.
fn attach(cx: &Context, bytes: usize) -> Result<String> {
    let message = Message::Export { file: "users.csv".into(), rows: 3, at: cx.now(), asked: None };
    let to = Email::parse("ada@acme.example").unwrap();
    let mail = NewMail { message: &message, to: &to, name: "", user: None, company: None, run: None };
    let attachment = crate::mail::message::compose::Attachment {
        name: "users.csv",
        media_type: "text/csv",
        bytes: &vec![b'x'; bytes],
    };
    cx.write(|tx| crate::mail::outbox::queue_with(cx, tx, &mail, "export", &[attachment]))
}
