use super::server::{At, Fault, PASSWORD, Script, Server as Peer, TOKEN, Trouble, USER};
use super::*;
use crate::mail::transport::turn::Turns;
use crate::text::secret::Secret;

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

#[test]
fn a_mail_arrives_as_it_was_with_every_step_told() {
    let peer = Peer::start(Script::default());
    let (outcomes, walk) = send(plain(&peer), &[mail()]);
    assert_eq!(told(&outcomes[0]), "sent: 250 2.0.0 (taken)");
    let received = peer.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].mail, mail().bytes, "dots at the beginning of lines too");
    let shown = steps(&walk).replace(&peer.port().to_string(), "PORT");
    insta::assert_snapshot!(shown, @"
    DNS: 127.0.0.1
    TCP: 127.0.0.1:PORT
    greeting: 220 mail.test ESMTP
    EHLO: 250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    MAIL: 250 2.1.0 ok
    RCPT: 250 2.1.5 ok
    DATA: 354 go ahead
    message: 250 2.0.0 (taken)
    ");
    let heard: Vec<String> = peer.heard();
    let size = mail().bytes.len().to_string();
    insta::assert_snapshot!(heard.join("\n").replace(&size, "N"), @"
    EHLO secboard.acme.example
    MAIL FROM:<noreply@acme.example> SIZE=N
    RCPT TO:<olena@acme.example>
    DATA
    QUIT
    ");
}

#[test]
fn a_connection_is_kept_for_the_next_mail_and_left_politely() {
    let peer = Peer::start(Script::default());
    let (outcomes, _) = send(plain(&peer), &[mail(), mail(), mail()]);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Sent { .. })));
    assert_eq!(peer.received().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 0, 0]);
    assert_eq!(peer.heard().last().map(String::as_str), Some("QUIT"));
}

#[test]
fn a_mail_that_is_refused_leaves_the_connection_to_the_next() {
    let trouble = |at, fault| Trouble { at, fault, connection: Some(0), mail: Some(1) };
    for (at, answer) in [
        (At::Rcpt, "550 5.1.1 unknown\r\n"),
        (At::Data, "451 4.3.0 later\r\n"),
        (At::End, "554 5.7.1 spam\r\n"),
    ] {
        let troubles = vec![trouble(at, Fault::Say(answer))];
        let peer = Peer::start(Script { troubles, ..Script::default() });
        let (outcomes, _) = send(plain(&peer), &[mail(), mail(), mail()]);
        let told: Vec<String> = outcomes.iter().map(told).collect();
        assert!(told[0].starts_with("sent") && told[2].starts_with("sent"), "{told:?}");
        assert!(told[1].starts_with("MailFor"), "{told:?}");
        assert_eq!(peer.received().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 0]);
    }
}

#[test]
fn m2_a_server_that_ends_a_connection_after_mails_is_asked_on_a_new_one_at_once() {
    for (at, fault) in [
        (At::Mail, Fault::Say("421 4.7.0 too many mails on this connection\r\n")),
        (At::Mail, Fault::SayAndCut("421 4.7.0 bye\r\n")),
        (At::Mail, Fault::Cut),
        (At::Rcpt, Fault::Cut),
        (At::Rcpt, Fault::SayAndCut("421 4.7.0 bye\r\n")),
        (At::Data, Fault::Cut),
        (At::End, Fault::SayAndCut("421 4.7.0 bye\r\n")),
    ] {
        let troubles = vec![Trouble { at, fault, connection: Some(0), mail: Some(1) }];
        let peer = Peer::start(Script { troubles, ..Script::default() });
        let (outcomes, _) = send(plain(&peer), &[mail(), mail()]);
        assert_eq!(told(&outcomes[1]), "sent: 250 2.0.0 (taken)", "{at:?} {fault:?}");
        assert_eq!(peer.received().iter().map(|mail| mail.connection).collect::<Vec<_>>(), [0, 1]);
    }
}

#[test]
fn m1_a_cut_behind_the_mail_is_not_sent_again_here_for_it_may_have_been_taken() {
    let troubles = vec![Trouble { at: At::End, fault: Fault::Cut, connection: Some(0), mail: Some(1) }];
    let peer = Peer::start(Script { troubles, ..Script::default() });
    let (outcomes, _) = send(plain(&peer), &[mail(), mail()]);
    assert_eq!(told(&outcomes[1]), "Unknown: message: the server ended the connection");
    assert_eq!(peer.received().len(), 2);
}

#[test]
fn a_silent_connection_that_has_served_is_left_for_a_new_one() {
    let troubles = vec![Trouble { at: At::Mail, fault: Fault::Hang, connection: Some(0), mail: Some(1) }];
    let peer = Peer::start(Script { troubles, ..Script::default() });
    let (outcomes, _) = send(Smtp { patience: SHORT, ..plain(&peer) }, &[mail(), mail()]);
    assert_eq!(told(&outcomes[1]), "sent: 250 2.0.0 (taken)");
}

#[test]
fn an_account_logs_in_in_each_way() {
    let user = || USER.to_owned();
    for login in [
        Credentials::Plain { user: user(), password: secret(PASSWORD) },
        Credentials::Login { user: user(), password: secret(PASSWORD) },
        Credentials::XOAuth2 { user: user(), token: secret(TOKEN) },
    ] {
        let peer = Peer::start(Script::default());
        let (outcomes, walk) = send(Smtp { login, ..plain(&peer) }, &[mail()]);
        assert_eq!(told(&outcomes[0]), "sent: 250 2.0.0 (taken)");
        assert_eq!(peer.received()[0].login.as_deref(), Some(USER));
        assert!(steps(&walk).contains("AUTH: 235 2.7.0 welcome"));
    }
}

#[test]
fn m4_a_wrong_secret_is_told_with_the_words_of_the_server_and_without_itself() {
    let user = || USER.to_owned();
    for (login, expected) in [
        (
            Credentials::Plain { user: user(), password: secret("canary") },
            "Account: AUTH: 535 5.7.8 authentication failed",
        ),
        (
            Credentials::Login { user: user(), password: secret("canary") },
            "Account: AUTH: 535 5.7.8 authentication failed",
        ),
        (
            Credentials::XOAuth2 { user: user(), token: secret("canary") },
            "Account: AUTH: 535 5.7.8 authentication failed / {\"status\":\"401\",\"schemes\":\"bearer\"}",
        ),
    ] {
        let peer = Peer::start(Script::default());
        let (outcomes, _) = send(Smtp { login, ..plain(&peer) }, &[mail()]);
        assert_eq!(told(&outcomes[0]), expected);
        assert!(peer.received().is_empty());
    }
}

#[test]
fn m4_no_step_repeats_the_secret_whatever_the_server_says_there() {
    let says = [
        (At::Greeting, "220-canary-of-mail.test\r\n220 canary-of-mail\r\n"),
        (At::Greeting, "SSH-2.0-canary-of-mail\r\n"),
        (At::Ehlo, "250-mail.test\r\n250-AUTH PLAIN\r\n250 canary-of-mail\r\n"),
        (At::Ehlo, "250-mail.test\r\n250 AUTH canary-of-mail\r\n"),
        (At::Auth, "235 2.7.0 welcome, canary-of-mail\r\n"),
        (At::Auth, "535 5.7.8 AGFwcABjYW5hcnktb2YtbWFpbA== is wrong\r\n"),
        (At::Auth, "535-5.7.8 wrong: canary-o\r\n535 5.7.8 f-mail\r\n"),
        (At::Auth, "334 eyJ0b2tlbiI6ImNhbmFyeS1vZi1tYWlsIn0=\r\n"),
        (At::Mail, "550 bad sender for app password canary-of-mail\r\n"),
        (At::Rcpt, "550 5.1.1 CANARY OF MAIL\r\n"),
        (At::Data, "354 go on, canary-of-mail\r\n"),
        (At::Data, "canary-of-mail\r\n"),
        (At::End, "250 2.0.0 queued as 63616e6172792d6f662d6d61696c\r\n"),
        (At::End, "554 5.7.1 liam-fo-yranac\r\n"),
    ];
    let told: Vec<String> = says
        .iter()
        .map(|(at, say)| {
            let welcome = (At::Auth, "235 2.7.0 welcome\r\n");
            let troubles = [(*at, *say), welcome].map(|(at, say)| Trouble {
                at,
                fault: Fault::Say(say),
                connection: None,
                mail: None,
            });
            let peer = Peer::start(Script { troubles: troubles.into(), ..Script::default() });
            let login = Credentials::Plain { user: USER.to_owned(), password: secret("canary-of-mail") };
            let (outcomes, walk) = send(Smtp { login, ..plain(&peer) }, &[mail()]);
            let all = format!("{}{outcomes:?}{walk:?}", told(&outcomes[0])).to_lowercase();
            for trace in ["canary", "nary-of", "f-mail", "y2fuyxj", "jyw5hcnk", "63616e", "yranac"] {
                assert!(!all.contains(trace), "{say}: {all}");
            }
            // Of what is said of a mail the codes are left alone.
            assert!(*at == At::End || all.contains("left out"), "{say}: {all}");
            told(&outcomes[0])
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    sent: 250 2.0.0 (taken)
    Account: greeting: the server does not speak SMTP: it said `… (left out: it repeats what was logged in with)`
    sent: 250 2.0.0 (taken)
    Account: AUTH: the server does not offer `PLAIN` to log in; it offers … (left out: it repeats what was logged in with)
    sent: 250 2.0.0 (taken)
    Account: AUTH: 535 5.7.8 … (left out: it repeats what was logged in with)
    Account: AUTH: 535 5.7.8 … (left out: it repeats what was logged in with)
    Account: AUTH: the server does not speak SMTP: it said `334 … (left out: it repeats what was logged in with)`
    Account: MAIL: 550 … (left out: it repeats what was logged in with)
    MailForGood: RCPT: 550 5.1.1 … (left out: it repeats what was logged in with)
    sent: 250 2.0.0 (taken)
    Unknown: DATA: the server does not speak SMTP: it said `… (left out: it repeats what was logged in with)`
    sent: 250 2.0.0 (taken)
    MailForGood: message: 554 5.7.1 (refused by policy)
    ");
    // What is wrong with a token stands in the challenge, encoded.
    let login = Credentials::XOAuth2 { user: USER.to_owned(), token: secret("schemes/bearer") };
    let (outcomes, _) = send(Smtp { login, ..plain(&Peer::start(Script::default())) }, &[mail()]);
    assert_eq!(
        self::told(&outcomes[0]),
        "Account: AUTH: 535 5.7.8 authentication failed / … (left out: it repeats what was logged in with)"
    );
}

#[test]
fn m2_what_goes_wrong_at_the_login_is_the_account_s() {
    for (fault, patience, expected) in [
        (Fault::Hang, SHORT, "Account: AUTH: no answer within 3 seconds"),
        (Fault::Cut, AMPLE, "Account: AUTH: the server ended the connection"),
        (Fault::EndlessLine, AMPLE, "Account: AUTH: the server said more than an answer can have"),
        (Fault::Say("454 4.7.0 temporary failure\r\n"), AMPLE, "Account: AUTH: 454 4.7.0 temporary failure"),
        (
            Fault::Say("334 more\r\n"),
            AMPLE,
            "Account: AUTH: the server does not speak SMTP: it said `334 more`",
        ),
        (Fault::Say("250 ok\r\n"), AMPLE, "Account: AUTH: the server does not speak SMTP: it said `250 ok`"),
    ] {
        let peer = Peer::start(Script::with(At::Auth, fault));
        let login = Credentials::Plain { user: USER.to_owned(), password: secret(PASSWORD) };
        let (outcomes, _) = send(Smtp { login, patience, ..plain(&peer) }, &[mail()]);
        assert_eq!(told(&outcomes[0]), expected);
    }
}

#[test]
fn a_way_to_log_in_that_is_not_offered_is_not_tried() {
    let login = || Credentials::XOAuth2 { user: USER.to_owned(), token: secret(TOKEN) };
    for (abilities, offered) in
        [(vec!["AUTH PLAIN LOGIN"], "PLAIN, LOGIN"), (vec!["AUTH=PLAIN"], "PLAIN"), (vec![], "none")]
    {
        let peer = Peer::start(Script { abilities, ..Script::default() });
        let (outcomes, _) = send(Smtp { login: login(), ..plain(&peer) }, &[mail()]);
        let expected =
            format!("Account: AUTH: the server does not offer `XOAUTH2` to log in; it offers {offered}");
        assert_eq!(told(&outcomes[0]), expected);
        assert!(!peer.heard().iter().any(|line| line.starts_with("AUTH")));
    }
}

#[test]
fn what_a_server_lacks_fails_the_mail_alone_and_the_next_goes_on_the_same_connection() {
    let peer = Peer::start(Script { abilities: vec!["SIZE 70000", "8BITMIME"], ..Script::default() });
    let mut large = Composed { has_attachments: true, ..mail() };
    large.bytes.extend(vec![b'x'; 70_000]);
    let (outcomes, _) =
        send(plain(&peer), &[mail_to("олена@acme.example"), large, mail_to("a@Bücher.example")]);
    assert_eq!(
        told(&outcomes[0]),
        "MailForGood: MAIL: `олена@acme.example` needs SMTPUTF8, which the server lacks"
    );
    assert!(told(&outcomes[1]).starts_with("MailForGood: MAIL: the mail has 7"), "{}", told(&outcomes[1]));
    assert!(told(&outcomes[1]).ends_with("bytes, and the server takes 70000"));
    assert_eq!(told(&outcomes[2]), "sent: 250 2.0.0 (taken)");
    let received = peer.received();
    assert_eq!((received.len(), received[0].connection), (1, 0));
    assert_eq!(received[0].envelope[1], "RCPT TO:<a@xn--bcher-kva.example>");
}

#[test]
fn m4_a_server_that_was_given_a_mail_is_quoted_on_no_other_connection() {
    let quoting = |at, say, connection| Trouble {
        at,
        fault: Fault::Say(say),
        connection: Some(connection),
        mail: None,
    };
    let troubles = vec![
        quoting(At::Rcpt, "550 5.1.1 nobody\r\n", 0),
        quoting(At::Rcpt, "550 5.1.1 you wrote canary\r\n", 2),
        quoting(At::Greeting, "554 5.3.2 you wrote canary\r\n", 3),
    ];
    let peer = Peer::start(Script { troubles, ..Script::default() });
    let turns = Turns::default();
    let told: Vec<String> = block_on(async {
        let mut told = Vec::new();
        for _ in 0..4 {
            let mut sender = Sender::new(&Server::Smtp(plain(&peer))).unwrap();
            told.push(self::told(&sender.send(&mail(), &mut Walk::default(), &mut Turn::of(&turns)).await));
            sender.close().await;
        }
        told
    })
    .unwrap();
    insta::assert_snapshot!(told.join("\n"), @"
    MailForGood: RCPT: 550 5.1.1 nobody
    sent: 250 2.0.0 (taken)
    MailForGood: RCPT: 550 5.1.1 (no such mailbox)
    Account: greeting: 554 5.3.2 (the server is not ready)
    ");
}

#[test]
fn m4_a_server_that_may_know_a_password_is_quoted_before_no_login() {
    let quoting = |at, say| Script::with(at, Fault::Say(say));
    let login = || Credentials::Plain { user: USER.into(), password: secret(PASSWORD) };
    let tried = |script: Script, is_known: bool| {
        let peer = Peer::start(script);
        let (others, given) = (vec![secret("of-another-account")], Rc::new(Given::earlier(is_known)));
        let smtp = Smtp { login: login(), others, given, ..plain(&peer) };
        block_on(async {
            let mut sender = Sender::new(&Server::Smtp(smtp)).unwrap().telling();
            told(&sender.send(&mail(), &mut Walk::default(), &mut Turn::alone()).await)
        })
        .unwrap()
    };
    let greeting = || quoting(At::Greeting, "421 4.3.2 it was 0ld-and-gone\r\n");
    assert_eq!(tried(greeting(), false), "Account: greeting: 421 4.3.2 it was 0ld-and-gone");
    assert!(tried(greeting(), true).starts_with("Account: greeting: 421 4.3.2 ("));
    let refused = || quoting(At::Auth, "535 5.7.8 it was 0ld-and-gone\r\n");
    assert_eq!(
        tried(refused(), false),
        "Account: AUTH: 535 5.7.8 it was 0ld-and-gone",
        "nobody knew it before"
    );
    assert!(tried(refused(), true).starts_with("Account: AUTH: 535 5.7.8 ("));
    // Whoever has logged in is told what is said of a mail without secrets, and of no account its password.
    let nobody = || quoting(At::Rcpt, "550 5.1.1 nobody\r\n");
    assert_eq!(tried(nobody(), true), "MailForGood: RCPT: 550 5.1.1 nobody");
    let other = quoting(At::Rcpt, "550 5.1.1 of-another-account\r\n");
    let told = tried(other, true);
    assert!(told.starts_with("MailForGood: RCPT: 550 5.1.1 … (left out"), "{told}");
}

#[test]
fn m2_a_server_that_takes_no_mail_for_its_size_is_the_account_s_failure() {
    let with = |has_attachments, more: usize| {
        let mut mail = Composed { has_attachments, ..mail() };
        mail.bytes.extend(vec![b'x'; more]);
        mail
    };
    for (limit, mail, expected) in [
        ("SIZE 1", with(false, 0), "Account: MAIL: the server says that it takes 1 bytes at most"),
        (
            "SIZE 65535",
            with(true, 70_000),
            "Account: MAIL: the server says that it takes 65535 bytes at most",
        ),
        (
            "SIZE 65536",
            with(false, 70_000),
            "Account: MAIL: the server says that it takes 65536 bytes at most",
        ),
        ("SIZE 65536", with(true, 70_000), "MailForGood: MAIL: the mail has "),
    ] {
        let peer = Peer::start(Script { abilities: vec![limit], ..Script::default() });
        let (outcomes, _) = send(plain(&peer), &[mail]);
        assert!(told(&outcomes[0]).starts_with(expected), "{limit}: {}", told(&outcomes[0]));
    }
    for (mail, expected) in [
        (with(false, 0), "Account: MAIL: 552 5.3.4 too large"),
        (with(true, 0), "Account: MAIL: 552 5.3.4 too large"),
        (with(true, 70_000), "MailForGood: MAIL: 552 5.3.4 too large"),
    ] {
        let peer = Peer::start(Script::with(At::Mail, Fault::Say("552 5.3.4 too large\r\n")));
        let (outcomes, _) = send(plain(&peer), &[mail]);
        assert_eq!(told(&outcomes[0]), expected);
    }
}

#[test]
fn m2_what_is_said_before_it_is_asked_for_is_no_answer() {
    let early = "the server answers before it is asked, so nobody knows what its answers mean";
    for (at, say, step) in [
        (At::Greeting, "220 hello\r\n250 ok\r\n", "EHLO"),
        (At::Ehlo, "250 mail.test\r\n250 ok\r\n", "MAIL"),
        (At::Mail, "250 ok\r\n250 ok\r\n354 go on\r\n250 taken\r\n", "RCPT"),
        (At::Rcpt, "250 ok\r\n354 go on\r\n250 2.0.0 taken\r\n", "DATA"),
        (At::Data, "354 go on\r\n250 2.0.0 taken\r\n", "message"),
        (At::Data, "354 go on\r\n2", "message"),
    ] {
        let peer = Peer::start(Script::with(at, Fault::Say(say)));
        let (outcomes, _) = send(plain(&peer), &[mail()]);
        assert_eq!(told(&outcomes[0]), format!("Account: {step}: {early}"), "{say}");
        assert!(peer.received().is_empty(), "what it said there is not the answer to a mail");
    }
    // Said while the mail is on its way, which waits for its turn before its last word.
    let peer = Peer::start(Script::with(At::Middle, Fault::Say("250 2.0.0 taken\r\n")));
    let turns = Turns::default();
    let outcome = block_on(async {
        let mut other = Turn::of(&turns);
        other.begin().await;
        let mut sender = Sender::new(&Server::Smtp(plain(&peer))).unwrap();
        sender.send(&mail(), &mut Walk::default(), &mut Turn::of(&turns)).await
    })
    .unwrap();
    assert_eq!(told(&outcome), format!("Account: message: {early}"));
    assert!(peer.received().is_empty());
}

#[test]
fn a_server_may_say_at_any_time_that_it_ends_the_connection() {
    let bye = Trouble {
        at: At::End,
        fault: Fault::Say("250 2.0.0 taken\r\n421 4.4.2 idle for too long\r\n"),
        connection: Some(0),
        mail: Some(0),
    };
    let peer = Peer::start(Script { troubles: vec![bye], ..Script::default() });
    let (outcomes, _) = send(plain(&peer), &[mail(), mail()]);
    assert_eq!(outcomes.iter().map(told).collect::<Vec<_>>(), ["sent: 250 2.0.0 (taken)"; 2]);
    assert_eq!(peer.received().last().unwrap().connection, 1, "the next goes on another");
}

#[test]
fn a_local_part_of_other_letters_travels_by_smtputf8() {
    let peer = Peer::start(Script::default());
    let (outcomes, _) = send(plain(&peer), &[mail_to("олена@acme.example")]);
    assert_eq!(told(&outcomes[0]), "sent: 250 2.0.0 (taken)");
    let envelope = &peer.received()[0].envelope;
    assert!(envelope[0].ends_with(" BODY=8BITMIME SMTPUTF8"), "{envelope:?}");
    assert_eq!(envelope[1], "RCPT TO:<олена@acme.example>");
}

#[test]
fn trying_goes_as_far_as_the_recipient_and_sends_nothing() {
    let peer = Peer::start(Script::default());
    let smtp = plain(&peer);
    block_on(async {
        let mut sender = Sender::new(&Server::Smtp(smtp)).unwrap();
        assert_eq!(sender.size_limit(), SizeLimit::Unknown);
        let mut walk = Walk::default();
        assert_eq!(sender.try_out(&mail(), &mut walk).await, Ok(()));
        assert_eq!(walk.steps().last().unwrap().step.to_string(), "RCPT");
        assert_eq!(sender.size_limit(), SizeLimit::Bytes(1_000_000));
        assert!(matches!(sender.send(&mail(), &mut walk, &mut Turn::alone()).await, Outcome::Sent { .. }));
        sender.close().await;
    })
    .unwrap();
    assert_eq!(peer.received().len(), 1);
    assert!(peer.heard().contains(&"RSET".to_owned()));
}
