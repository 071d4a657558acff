//! `secboard mail test`: the way of a mail, and what to do where it ends.

use insta::assert_snapshot;

use crate::audit::tamper;
use crate::harness::{Board, Ran};
use crate::smtp::{At, Authority, Certified, Fault, Protection, Script, Server};

/// A board with an account at a server that behaves as told.
fn at(server: &Server, authority: &Authority, security: &str, password: &str) -> Board {
    let board = Board::new();
    board.write("ca.pem", authority.pem());
    let port = server.port();
    let ca_file = if security == "none" { "--auth none --force" } else { "--ca-file ca.pem" };
    board
        .run(&format!(
            "mail server create relay --host localhost --port {port} --security {security} {ca_file}"
        ))
        .ok();
    let account = "mail account create noreply --server relay --from noreply@acme.example";
    if security == "none" {
        board.run(account).ok();
    } else {
        board.run_with_input(&format!("{account} --user app --password-stdin"), password).ok();
    }
    board
}

/// What was printed, whatever the port.
fn steady(ran: &Ran, server: &Server) -> String {
    let port = server.port().to_string();
    ran.to_string().replace(&port, "[port]").replace("[::1]:[port]", "127.0.0.1:[port]")
}

#[test]
fn a_good_way_is_walked_to_its_end_and_a_mail_arrives_only_where_one_was_asked_for() {
    let authority = Authority::new();
    let protection = Protection::StartTls(authority.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    let board = at(&server, &authority, "starttls", "app-secret");
    assert_snapshot!(steady(&board.run("mail test --account noreply"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  yes  220 mail.test ESMTP
    EHLO      yes  250 mail.test / STARTTLS / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    STARTTLS  yes  220 go ahead
    TLS       yes  TLS 1.3, certificate for localhost verified
    EHLO      yes  250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    AUTH      yes  235 2.7.0 welcome
    MAIL      yes  250 2.1.0 ok
    RCPT      yes  250 2.1.5 ok
    ------- stderr -------
    `noreply` would send; nothing was sent
    ");
    assert!(server.received().is_empty());
    board.run("mail test --account noreply --to olena@acme.example --dry-run").ok();
    assert!(server.received().is_empty());
    let key = include_str!("../../src/lib/mail/dkim/test_keys/ed25519.pem");
    board.run_with_input("mail account dkim noreply --selector s --key -", key).ok();
    assert_snapshot!(steady(&board.run("mail test --account noreply --to olena@acme.example"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  yes  220 (ready)
    EHLO      yes  250 (taken)
    STARTTLS  yes  220 (ready)
    TLS       yes  TLS 1.3, certificate for localhost verified
    EHLO      yes  250 (taken)
    AUTH      yes  235 2.7.0 (logged in)
    MAIL      yes  250 2.1.0 ok
    RCPT      yes  250 2.1.5 ok
    DATA      yes  354 go ahead
    message   yes  250 2.0.0 taken
    ------- stderr -------
    `noreply` sent a mail
    ");
    let received = server.received();
    let mail = String::from_utf8_lossy(&received[0].mail).into_owned();
    assert_eq!(received[0].login.as_deref(), Some("app"));
    assert!(mail.starts_with("DKIM-Signature: ") && mail.contains("To: olena@acme.example"), "{mail}");
    let rows = board.run("audit list --action mail.test --columns actor,subject,after -o csv").ok();
    assert_snapshot!(rows.stdout, @r#"
    actor,subject,after
    system,noreply,"to=olena@acme.example, outcome=sent"
    system,noreply,"to=olena@acme.example, outcome=begun"
    "#);
}

#[test]
fn a_mail_that_cannot_be_recorded_is_not_sent() {
    let authority = Authority::new();
    let server = Server::start(Script::default());
    let board = at(&server, &authority, "none", "");
    tamper(&board, "UPDATE audit_keys SET sealed = zeroblob(80)");
    let ran = board.run("mail test --account noreply --to olena@acme.example");
    assert_eq!(ran.code, Some(78), "{ran}");
    assert!(server.received().is_empty() && server.heard().is_empty(), "{:?}", server.heard());
}

#[test]
fn a_wrong_password_is_said_with_the_words_of_the_server_and_is_not_shown() {
    let authority = Authority::new();
    let protection = Protection::Tls(authority.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    let board = at(&server, &authority, "tls", "wrong-canary");
    let ran = board.run("mail test --account noreply --to olena@acme.example");
    assert!(!ran.to_string().contains("canary"));
    assert_snapshot!(steady(&ran, &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    TLS       yes  TLS 1.3, certificate for localhost verified
    greeting  yes  220 mail.test ESMTP
    EHLO      yes  250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    AUTH      no   535 5.7.8 authentication failed
    ------- stderr -------
    AUTH: 535 5.7.8 authentication failed
    what to do: give user and password again, with `secboard mail account edit 'noreply' --user … --password-stdin`; some providers want a password made for programs
    [exit status: 1]
    ");
    board.run_with_input("mail account edit noreply --password-stdin", "app-secret").ok();
    board.run("mail test --account noreply --to olena@acme.example").ok();
    assert_eq!(server.received().len(), 1);
}

#[test]
fn an_authority_that_nobody_knows_is_named_and_nothing_is_said() {
    let (ours, theirs) = (Authority::new(), Authority::new());
    let protection = Protection::Tls(theirs.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    let board = at(&server, &ours, "tls", "app-secret");
    assert_snapshot!(steady(&board.run("mail test --account noreply"), &server), @"
    STEP  OK   WORDS
    DNS   yes  127.0.0.1
    TCP   yes  127.0.0.1:[port]
    TLS   no   no trusted authority vouches for the certificate of the server
    ------- stderr -------
    TLS: no trusted authority vouches for the certificate of the server
    what to do: if the server is yours, trust its authority with `secboard mail server edit 'relay' --ca-file …`; if not, somebody may be in between
    [exit status: 1]
    ");
    assert!(server.heard().is_empty());
}

#[test]
fn a_starttls_that_was_taken_out_on_the_way_ends_it_before_the_password() {
    let authority = Authority::new();
    let server = Server::start(Script::default());
    let board = at(&server, &authority, "starttls", "app-secret");
    assert_snapshot!(steady(&board.run("mail test --account noreply"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  yes  220 mail.test ESMTP
    EHLO      yes  250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    STARTTLS  no   the server offers no STARTTLS, so nothing was sent: somebody may have taken it out on the way
    ------- stderr -------
    STARTTLS: the server offers no STARTTLS, so nothing was sent: somebody may have taken it out on the way
    what to do: ask the provider; if it speaks TLS from the first byte, `secboard mail server edit 'relay' --security tls`
    [exit status: 1]
    ");
    assert!(!server.heard().iter().any(|line| line.starts_with("AUTH")));
}

#[test]
fn a_relay_that_is_denied_and_one_that_wants_to_be_asked_later_are_told_apart() {
    let authority = Authority::new();
    let server = Server::start(Script::with(At::Rcpt, Fault::Say("554 5.7.1 relay access denied\r\n")));
    let board = at(&server, &authority, "none", "");
    assert_snapshot!(steady(&board.run("mail test --account noreply --to olena@acme.example"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  yes  220 mail.test ESMTP
    EHLO      yes  250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    MAIL      yes  250 2.1.0 ok
    RCPT      no   554 5.7.1 relay access denied
    ------- stderr -------
    RCPT: 554 5.7.1 relay access denied
    what to do: the server may relay only for who logs in, with `secboard mail server edit 'relay' --auth plain`, or for machines it knows: ask its administrator
    [exit status: 1]
    ");
    let server = Server::start(Script::with(At::Rcpt, Fault::Say("450 4.2.0 greylisted\r\n")));
    board.run(&format!("mail server edit relay --port {}", server.port())).ok();
    assert_snapshot!(steady(&board.run("mail test --account noreply --to olena@acme.example"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  yes  220 mail.test ESMTP
    EHLO      yes  250 mail.test / SIZE 1000000 / 8BITMIME / SMTPUTF8 / AUTH PLAIN LOGIN XOAUTH2 / HELP
    MAIL      yes  250 2.1.0 ok
    RCPT      no   450 4.2.0 greylisted
    ------- stderr -------
    RCPT: 450 4.2.0 greylisted
    what to do: the server wants to be asked again later, as greylisting does: try again in some minutes
    [exit status: 1]
    ");
    assert!(server.received().is_empty());
}

#[test]
fn what_to_do_fits_where_the_way_ends() {
    let authority = Authority::new();
    let protected = || Protection::StartTls(authority.server("localhost", Certified::Now));
    let hello = "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname\r\n";
    let other =
        "something else listens there: correct it with `secboard mail server edit 'relay' --host … --port …`";
    let broken = "the server agrees to STARTTLS and then speaks no TLS: tell its administrator";
    let named = "`secboard setting set site.domain …`";
    for (at_step, fault, says) in [
        (At::Greeting, Fault::Say("HTTP/1.1 400 Bad Request\r\n"), other),
        (At::Ehlo, Fault::Say(hello), named),
        (At::Rcpt, Fault::Say(hello), named),
        (At::Rcpt, Fault::Say("550 Access denied - Invalid HELO name\r\n"), named),
        (At::Handshake, Fault::Cut, broken),
        (At::Handshake, Fault::Hang, broken),
        (At::Handshake, Fault::Say("500 what?\r\n"), broken),
    ] {
        let server = Server::start(Script { protection: protected(), ..Script::with(at_step, fault) });
        let board = at(&server, &authority, "starttls", "app-secret");
        board.run("mail server edit relay --connect-timeout 1").ok();
        let ran = board.run("mail test --account noreply");
        assert!(ran.stderr.contains(says), "{at_step:?} {fault:?}: {ran}");
    }
}

#[test]
fn authorities_that_a_server_has_are_taken_off_before_it_is_asked_in_plain() {
    let authority = Authority::new();
    let board = at(&Server::start(Script::default()), &authority, "starttls", "app-secret");
    assert_snapshot!(board.run("mail server edit relay --security none --force"), @"
    ------- stderr -------
    error: `--ca-file` says whom to trust, and with `--security none` nobody is asked
    hint: take it off with `--no-ca-file`, or choose `starttls` or `tls`
    [exit status: 65]
    ");
    board.run("mail server edit relay --security none --force --no-ca-file").ok();
}

#[test]
fn a_token_is_what_its_command_prints_and_nothing_shows_it() {
    let authority = Authority::new();
    let protection = Protection::Tls(authority.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    let board = at(&server, &authority, "tls", "app-secret");
    board.write("token", "good-token\n");
    let token = board.path("token");
    let command =
        format!("mail server edit relay --auth xoauth2 --token-command '/bin/cat {}'", token.display());
    board.run(&command).ok();
    board.run("mail account edit noreply --no-password").ok();
    let ran = board.run("mail test --account noreply --to olena@acme.example -o json").ok();
    assert!(!ran.to_string().contains("good-token"), "{ran}");
    assert_eq!(server.received().len(), 1);
    board.write("token", "");
    assert_snapshot!(board.run("mail test --account noreply"), @"
    STEP  OK  WORDS
    AUTH  no  the command of the token prints nothing
    ------- stderr -------
    AUTH: the command of the token prints nothing
    what to do: run the command of the token by hand, as the owner of the store
    [exit status: 1]
    ");
}

#[test]
fn what_to_do_about_a_refused_login_fits_the_way_in_which_the_account_logs_in() {
    let authority = Authority::new();
    let disabled =
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant\r\n";
    let at_auth = |fault| {
        let protection = Protection::Tls(authority.server("localhost", Certified::Now));
        Server::start(Script { protection, ..Script::with(At::Auth, fault) })
    };
    let server = at_auth(Fault::Say(disabled));
    let board = at(&server, &authority, "tls", "app-secret");
    let told = |board: &Board| {
        let ran = board.run("mail test --account noreply");
        assert_eq!(ran.code, Some(1), "{ran}");
        ran.stderr.lines().last().unwrap().to_owned()
    };
    assert_snapshot!(told(&board), @"what to do: Microsoft 365 takes no password: log in with a token, with `secboard mail server edit 'relay' --auth xoauth2 --token-command …`");
    board.write("token", "old-token\n");
    let command = format!(
        "mail server edit relay --auth xoauth2 --token-command '/bin/cat {}'",
        board.path("token").display()
    );
    board.run(&command).ok();
    board.run("mail account edit noreply --no-password").ok();
    assert_snapshot!(told(&board), @"what to do: run the command of the token by hand, as the owner of the store; see whether the mailbox is granted to the application, and whether the user is that mailbox, or name it with `secboard mail account edit 'noreply' --user …`; and see whether SMTP AUTH is allowed for it and its tenant");
    let server = at_auth(Fault::Say("535 5.7.3 Authentication unsuccessful\r\n"));
    board.run(&format!("mail server edit relay --port {}", server.port())).ok();
    assert_snapshot!(told(&board), @"what to do: run the command of the token by hand, as the owner of the store; see whether the mailbox is granted to the application, and whether the user is that mailbox, or name it with `secboard mail account edit 'noreply' --user …`");
}

#[test]
fn a_folder_takes_mails_on_a_site_without_smtp() {
    let board = Board::new();
    std::fs::create_dir(board.path("mails")).unwrap();
    board.run("mail server create folder --kind file --folder mails").ok();
    board.run("mail account create noreply --server folder --from noreply@acme.example").ok();
    assert_snapshot!(board.run("mail test --account noreply"), @"
    STEP       OK   WORDS
    hand-over  yes  `[board]/mails` can be written to
    ------- stderr -------
    `noreply` would send; nothing was sent
    ");
    board.run("mail test --account noreply --to olena@acme.example").ok();
    assert_eq!(std::fs::read_dir(board.path("mails")).unwrap().count(), 1);
    std::fs::remove_dir_all(board.path("mails")).unwrap();
    assert_eq!(board.run("mail test --account noreply").code, Some(1));
}

#[test]
fn an_account_that_is_switched_off_is_tried_and_said_to_be() {
    let board = Board::new();
    board.run("mail server create folder --kind file --folder .").ok();
    board.run("mail account create noreply --server folder --from noreply@acme.example").ok();
    board.run("mail account edit noreply --inactive").ok();
    assert_snapshot!(board.run("mail test --account noreply"), @"
    STEP       OK   WORDS
    hand-over  yes  `[board]` can be written to
    ------- stderr -------
    account `noreply` is switched off, so no mail leaves by it but this; let it send with `secboard mail account edit 'noreply' --active`
    `noreply` would send; nothing was sent
    ");
}
