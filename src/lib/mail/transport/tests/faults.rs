use std::thread;

use super::server::{At, Fault, Script, Server as Peer};
use super::*;

/// What becomes of a mail to a server with one fault, each tried beside the others.
fn fates(patience: Patience, faults: &[(At, Fault)]) -> Vec<String> {
    thread::scope(|scope| {
        let running: Vec<_> = faults
            .iter()
            .map(|&(at, fault)| {
                scope.spawn(move || {
                    let peer = Peer::start(Script::with(at, fault));
                    let (outcomes, _) = send(Smtp { patience, ..plain(&peer) }, &[mail()]);
                    format!("{at:?}: {}", told(&outcomes[0]))
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

const BEFORE: [At; 3] = [At::Greeting, At::Ehlo, At::Mail];
const ALL: [At; 6] = [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::End];

#[test]
fn m2_a_hang_in_each_phase_ends_by_our_own_time_and_is_the_account_s_or_unknown() {
    let hang: Vec<(At, Fault)> = ALL.map(|at| (at, Fault::Hang)).into();
    insta::assert_snapshot!(fates(SHORT, &hang).join("\n"), @"
    Greeting: Account: greeting: no answer within 3 seconds
    Ehlo: Account: EHLO: no answer within 3 seconds
    Mail: Account: MAIL: no answer within 3 seconds
    Rcpt: Unknown: RCPT: no answer within 3 seconds
    Data: Unknown: DATA: no answer within 3 seconds
    End: Unknown: message: no answer within 3 seconds
    ");
}

#[test]
fn m2_a_server_that_trickles_gains_no_time() {
    let trickle: Vec<(At, Fault)> = ALL.map(|at| (at, Fault::Trickle)).into();
    insta::assert_snapshot!(fates(SHORT, &trickle).join("\n"), @"
    Greeting: Account: greeting: no answer within 3 seconds
    Ehlo: Account: EHLO: no answer within 3 seconds
    Mail: Account: MAIL: no answer within 3 seconds
    Rcpt: Unknown: RCPT: no answer within 3 seconds
    Data: Unknown: DATA: no answer within 3 seconds
    End: Unknown: message: no answer within 3 seconds
    ");
}

#[test]
fn m2_a_cut_in_each_phase_is_the_account_s_or_unknown() {
    let mut cut: Vec<(At, Fault)> = ALL.map(|at| (at, Fault::Cut)).into();
    cut.push((At::Middle, Fault::Cut));
    insta::assert_snapshot!(fates(AMPLE, &cut).join("\n"), @"
    Greeting: Account: greeting: the server ended the connection
    Ehlo: Account: EHLO: the server ended the connection
    Mail: Account: MAIL: the server ended the connection
    Rcpt: Unknown: RCPT: the server ended the connection
    Data: Unknown: DATA: the server ended the connection
    End: Unknown: message: the server ended the connection
    Middle: Unknown: message: the server ended the connection
    ");
}

#[test]
fn m2_an_endless_answer_is_bounded_in_each_phase() {
    let line: Vec<(At, Fault)> = ALL.map(|at| (at, Fault::EndlessLine)).into();
    for fate in fates(AMPLE, &line) {
        assert!(fate.ends_with("the server said more than an answer can have"), "{fate}");
    }
    let lines: Vec<(At, Fault)> = BEFORE.map(|at| (at, Fault::EndlessLines)).into();
    for fate in fates(AMPLE, &lines) {
        assert!(fate.contains("Account: "), "{fate}");
        assert!(fate.ends_with("the server said more than an answer can have"), "{fate}");
    }
}

#[test]
fn a_late_greeting_is_waited_for() {
    let late = [(At::Greeting, Fault::Late(Duration::from_millis(300)))];
    assert_eq!(fates(AMPLE, &late), ["Greeting: sent: 250 2.0.0 (taken)"]);
}

#[test]
fn each_no_is_the_account_s_before_the_recipient_and_where_it_speaks_of_it_and_else_the_mail_s() {
    let answers = [
        (At::Greeting, Fault::SayAndCut("554 5.7.1 no service for you\r\n")),
        (At::Greeting, Fault::SayAndCut("421 4.3.2 too busy\r\n")),
        (At::Ehlo, Fault::Say("502 5.5.1 what?\r\n")),
        (At::Mail, Fault::Say("550 5.7.1 sender rejected\r\n")),
        (At::Mail, Fault::Say("451 4.7.1 later\r\n")),
        (At::Mail, Fault::Say("421 4.7.0 bye\r\n")),
        (At::Mail, Fault::Say("552 5.3.4 too large\r\n")),
        (At::Rcpt, Fault::Say("450 4.7.1 greylisted, try again later\r\n")),
        (At::Rcpt, Fault::Say("452 4.2.2 mailbox full\r\n")),
        (At::Rcpt, Fault::Say("550 5.1.1 user unknown\r\n")),
        (At::Rcpt, Fault::Say("554-5.7.1 relay\r\n554 5.7.1 access denied\r\n")),
        (At::Rcpt, Fault::SayAndCut("421 4.7.0 bye\r\n")),
        (At::Rcpt, Fault::Say("251 2.1.5 will forward\r\n")),
        (At::Data, Fault::Say("451 4.3.0 later\r\n")),
        (At::Data, Fault::Say("554 5.5.1 no valid recipients\r\n")),
        (At::End, Fault::Say("451 4.3.0 later\r\n")),
        (At::End, Fault::Say("554 5.7.1 spam\r\n")),
        (At::End, Fault::Say("552 5.3.4 too large\r\n")),
        (At::Rcpt, Fault::Say("530 5.7.0 authentication required\r\n")),
        (At::Rcpt, Fault::Say("550 5.4.5 daily sending quota exceeded\r\n")),
        (At::Data, Fault::SayAndCut("521 5.3.2 no more from you\r\n")),
        (At::End, Fault::Say("554 5.2.252 SendAsDenied\r\n")),
        (At::End, Fault::Say("550 5.7.57 client not authenticated\r\n")),
        (At::End, Fault::Say("554 5.918.273 made up\r\n")),
    ];
    insta::assert_snapshot!(fates(AMPLE, &answers).join("\n"), @"
    Greeting: Account: greeting: 554 5.7.1 no service for you
    Greeting: Account: greeting: 421 4.3.2 too busy
    Ehlo: Account: EHLO: 502 5.5.1 what?
    Mail: Account: MAIL: 550 5.7.1 sender rejected
    Mail: Account: MAIL: 451 4.7.1 later
    Mail: Account: MAIL: 421 4.7.0 bye
    Mail: Account: MAIL: 552 5.3.4 too large
    Rcpt: MailForNow: RCPT: 450 4.7.1 greylisted, try again later
    Rcpt: MailForNow: RCPT: 452 4.2.2 mailbox full
    Rcpt: MailForGood: RCPT: 550 5.1.1 user unknown
    Rcpt: MailForGood: RCPT: 554 5.7.1 relay / 5.7.1 access denied
    Rcpt: MailForNow: RCPT: 421 4.7.0 bye
    Rcpt: sent: 250 2.0.0 (taken)
    Data: MailForNow: DATA: 451 4.3.0 later
    Data: MailForGood: DATA: 554 5.5.1 no valid recipients
    End: MailForNow: message: 451 4.3.0 (the server is not ready)
    End: MailForGood: message: 554 5.7.1 (refused by policy)
    End: MailForGood: message: 552 5.3.4 (too large)
    Rcpt: Account: RCPT: 530 5.7.0 authentication required
    Rcpt: Account: RCPT: 550 5.4.5 daily sending quota exceeded
    Data: Account: DATA: 521 5.3.2 no more from you
    End: Account: message: 554 5.2.252 (the sender is refused)
    End: Account: message: 550 5.7.57 (a login is required)
    End: MailForGood: message: 554 (refused)
    ");
}

#[test]
fn nonsense_is_named_and_believed_by_nobody() {
    let nonsense = [
        (At::Greeting, Fault::Say("HTTP/1.1 400 Bad Request\r\n")),
        (At::Greeting, Fault::Say("SSH-2.0-OpenSSH_9.2\r\n")),
        (At::Greeting, Fault::Say("250 hello\r\n")),
        (At::Greeting, Fault::Say("\r\n")),
        (At::Ehlo, Fault::Say("250-a\r\n550 b\r\n")),
        (At::Ehlo, Fault::Say("999 \u{1B}[2J\r\n")),
        (At::Mail, Fault::Say("354 go ahead\r\n")),
        (At::Data, Fault::Say("250 ok\r\n")),
        (At::End, Fault::Say("354 go on\r\n")),
        (At::End, Fault::Say("ok\r\n")),
    ];
    insta::assert_snapshot!(fates(AMPLE, &nonsense).join("\n"), @"
    Greeting: Account: greeting: the server does not speak SMTP: it said `HTTP/1.1 400 Bad Request`
    Greeting: Account: greeting: the server does not speak SMTP: it said `SSH-2.0-OpenSSH_9.2`
    Greeting: Account: greeting: the server does not speak SMTP: it said `250 hello`
    Greeting: Account: greeting: the server does not speak SMTP: it said ``
    Ehlo: Account: EHLO: the server does not speak SMTP: it said `550 b`
    Ehlo: Account: EHLO: the server does not speak SMTP: it said `999 �[2J`
    Mail: Account: MAIL: the server does not speak SMTP: it said `354 go ahead`
    Data: Unknown: DATA: the server does not speak SMTP: it said `250 ok`
    End: Unknown: message: the server does not speak SMTP: it said `354 (go on)`
    End: Unknown: message: the server does not speak SMTP: it said `… (left out: it knows mails or passwords)`
    ");
}

#[test]
fn nobody_there_is_the_account_s() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let peer = Peer::start(Script::default());
    let (outcomes, _) = send(Smtp { port, ..plain(&peer) }, &[mail()]);
    let told_ = told(&outcomes[0]);
    assert!(told_.starts_with(&format!("Account: TCP: no connection: 127.0.0.1:{port}: ")), "{told_}");
    let (outcomes, walk) = send(Smtp { host: "nobody.invalid".into(), ..plain(&peer) }, &[mail()]);
    let told_ = told(&outcomes[0]);
    assert!(told_.starts_with("Account: DNS: "), "{told_}");
    assert!(walk.steps().is_empty());
    let (outcomes, _) = send(Smtp { host: "a b".into(), ..plain(&peer) }, &[mail()]);
    assert_eq!(told(&outcomes[0]), "Account: set-up: `a b` is no host");
}
