//! `secboard mail flush`: what waits in the outbox leaves, or says why not.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use regex::Regex;
use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{Board, Ran};
use crate::smtp::{At, Authority, Certified, Fault, PASSWORD, Protection, Script, Server, Trouble};

/// The store, behind secboard's back.
#[expect(clippy::disallowed_methods, reason = "stands for what causes mails")]
pub(crate) fn store(board: &Board) -> Connection {
    Connection::open(board.path("secboard.db")).unwrap()
}

/// Queues notices to these addresses, as the commands that cause them do.
pub(crate) fn queue(board: &Board, to: &[&str]) {
    queue_for(board, to, "NULL");
}

/// The same, for a run or none.
fn queue_for(board: &Board, to: &[&str], run: &str) {
    let store = store(board);
    let sql = format!(
        "WITH next (seq) AS (SELECT coalesce(max(seq), 0) + 1 FROM mails)
         INSERT INTO mails (id, message, feature, urgency, to_address, to_folded, facts, has_link, run, state, due_at,
             attempts, created_at)
         SELECT printf('m%09d', next.seq), 'password-set', 'security-notice', iif({run} IS NULL, 1, 2), ?1, ?1,
             '{{\"message\":\"password-set\",\"at\":\"2026-11-29T12:05:00Z\"}}', 0, {run}, 'queued',
             unixepoch() * 1000000, 0, unixepoch() * 1000000
         FROM next"
    );
    store.execute_batch("BEGIN").unwrap();
    for to in to {
        store.execute(&sql, [to]).unwrap();
    }
    store.execute_batch("COMMIT").unwrap();
}

/// A board whose mails leave by that server, plain and by anybody.
fn at(server: &Server) -> Board {
    let board = Board::new();
    let port = server.port();
    let relay = "mail server create relay --host 127.0.0.1 --security none --auth none --force --port";
    board.run(&format!("{relay} {port}")).ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board
}

/// What was printed, whatever the port.
fn steady(ran: &Ran, server: &Server) -> String {
    ran.to_string().replace(&server.port().to_string(), "[port]")
}

/// How far each mail is, by age.
fn states(board: &Board) -> Vec<String> {
    let store = store(board);
    let mut statement = store.prepare("SELECT state FROM mails ORDER BY seq").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Whom mails went to.
fn recipients(server: &Server) -> Vec<String> {
    let address = |line: &String| line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
    server.received().iter().filter_map(|mail| mail.envelope.get(1)).map(address).collect()
}

#[test]
fn a_wrong_password_has_the_account_rest_and_the_right_one_sends_at_once() {
    let authority = Authority::new();
    let protection = Protection::StartTls(authority.server("localhost", Certified::Now));
    let server = Server::start(Script { protection, ..Script::default() });
    let board = Board::new();
    board.write("ca.pem", authority.pem());
    let relay = "mail server create relay --host localhost --security starttls --ca-file ca.pem --port";
    board.run(&format!("{relay} {}", server.port())).ok();
    let account =
        "mail account create noreply --server relay --from noreply@acme.example --user app --password-stdin";
    board.run_with_input(account, "wrong-canary").ok();
    board.run("mail route set --account noreply").ok();
    queue(&board, &["olena@acme.example", "olena.s@acme.example"]);
    let ran = board.run("mail flush");
    assert!(!ran.to_string().contains("canary"));
    assert_snapshot!(ran, @"
    ------- stderr -------
    error: account `noreply` rests until [time]; 2 mails wait
    hint: it failed at AUTH: 535 5.7.8 authentication failed; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends; see what to do with `secboard mail test --account 'noreply'`
    [exit status: 69]
    ");
    assert_snapshot!(board.run("mail flush -o json"), @r#"
    {"sent":0,"failed":0,"later":0,"dropped":0,"waiting":2,"others":0}
    ------- stderr -------
    {"error":{"code":"mail.account_rests","kind":"unavailable","message":"account `noreply` rests until [time]; 2 mails wait","causes":[],"command":"secboard mail test --account 'noreply'","advice":"it failed at AUTH: 535 5.7.8 authentication failed; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends; see what to do","exit":69,"rows":[]}}
    [exit status: 69]
    "#);
    board.run_with_input("mail account edit noreply --password-stdin", PASSWORD).ok();
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    2 sent
    ");
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    nothing is due
    ");
    let mut went = recipients(&server);
    went.sort();
    assert_eq!(went, ["olena.s@acme.example", "olena@acme.example"]);
    assert_eq!(states(&board), ["sent", "sent"]);
}

#[test]
fn what_fails_for_good_is_counted_and_what_is_put_off_goes_later() {
    let troubles = [(0, "550 5.1.1 no such user\r\n"), (1, "450 4.2.0 greylisted\r\n")];
    let troubles = troubles.map(|(mail, words)| Trouble {
        at: At::Rcpt,
        fault: Fault::Say(words),
        connection: Some(0),
        mail: Some(mail),
    });
    let server = Server::start(Script { troubles: troubles.to_vec(), ..Script::default() });
    let board = at(&server);
    board.run("mail server edit relay --connections 1").ok();
    queue(&board, &["gone@acme.example", "grey@acme.example", "olena@acme.example"]);
    assert_snapshot!(board.run("mail flush --dry-run"), @"
    MESSAGE       ACCOUNT  MAILS
    password-set  noreply  3
    ------- stderr -------
    3 mails would go (dry run: nothing was changed)
    ");
    assert!(server.heard().is_empty());
    assert_snapshot!(board.run("mail flush -o json"), @r#"
    {"sent":1,"failed":1,"later":1,"dropped":0,"waiting":0,"others":0}
    ------- stderr -------
    1 sent, 1 failed, 1 goes later
    [exit status: 1]
    "#);
    assert_eq!(states(&board), ["failed", "queued", "sent"]);
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    nothing is due
    ");
    let listed = board.run("mail outbox list --state queued -o json").ok().json();
    let shown = board.run(&format!("mail outbox show {}", listed[0]["id"].as_str().unwrap())).ok();
    let shown = shown.to_string();
    assert!(shown.contains("WAITS UNTIL  [time]") && shown.contains("RCPT: 450 4.2.0 greylisted"), "{shown}");
}

#[test]
fn mails_without_an_account_wait_and_say_so() {
    let board = Board::new();
    queue(&board, &["olena@acme.example"]);
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    error: no account sends mails of `security-notice`; 1 mail waits
    hint: choose one with `secboard mail route set --account …`, for all features or with `--feature`
    [exit status: 69]
    ");
    assert_snapshot!(board.run("mail flush --dry-run"), @"
    ------- stderr -------
    no account sends mails of `security-notice`; 1 mail waits
    nothing would go (dry run: nothing was changed)
    ");
    assert_eq!(states(&board), ["queued"]);
}

#[test]
fn whom_mails_are_sent_for_is_decided_by_who_may_send_for_all() {
    let board = Board::new();
    board.run("group create Senders --company acme-bank").ok();
    board.run("group grant Senders mail.send --company acme-bank").ok();
    let olena =
        "user create --email olena@acme.example --first-name O --last-name S --company acme-bank --staff";
    board.run(olena).ok();
    board.run("group add-member Senders olena@acme.example").ok();
    assert_snapshot!(board.run("mail flush --as olena@acme.example"), @"
    ------- stderr -------
    error: `olena@acme.example` may not do this: it needs the permission `mail.send` for all companies
    hint: see what there is with `secboard permission explain olena@acme.example mail.send`
    [exit status: 77]
    ");
}

/// A server that takes half a second for each mail.
fn slow() -> Server {
    Server::start(Script::with(At::Data, Fault::Late(Duration::from_millis(500))))
}

/// Starts what sends, and waits until it has sent something.
fn started(board: &Board, server: &Server, line: &str) -> Child {
    let mut command = board.command(line);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while server.received().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was sent");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}

const MANY: [&str; 8] = [
    "a@acme.example",
    "b@acme.example",
    "c@acme.example",
    "d@acme.example",
    "e@acme.example",
    "f@acme.example",
    "g@acme.example",
    "h@acme.example",
];

/// Whatever sends: with a password, and words that are sealed, so that the new key is needed.
#[test]
fn a_key_that_is_replaced_meanwhile_is_loaded_and_nothing_is_lost() {
    for line in ["mail flush", "upkeep --only outbox"] {
        let server = slow();
        let board = at(&server);
        board.run("mail server edit relay --auth plain --connections 1 --force").ok();
        board.run_with_input("mail account edit noreply --user app --password-stdin", PASSWORD).ok();
        for to in MANY {
            board.run_with_input(&format!("mail send --to {to} --subject s"), "words").ok();
        }
        let child = started(&board, &server, line);
        board.run("key rotate --yes").ok();
        // What is changed of an account has it opened again.
        board.run("mail account edit noreply --from-name Acme").ok();
        let ran = child.wait_with_output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(states(&board), ["sent"; 8]);
        let mut went = recipients(&server);
        went.sort();
        assert_eq!(went, MANY, "{line}");
    }
}

#[test]
fn ctrl_c_ends_it_between_two_mails_and_what_was_sent_is_known() {
    let server = slow();
    let board = at(&server);
    queue(&board, &MANY);
    let child = started(&board, &server, "mail flush");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ran = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(130), "{said}");
    let sent = states(&board).iter().filter(|state| *state == "sent").count();
    assert!(
        (1..8).contains(&sent) && said.contains(&format!("interrupted; {sent} sent, and the rest waits")),
        "{said}"
    );
    assert_eq!(states(&board).iter().filter(|state| *state == "queued").count(), 8 - sent);
    assert_eq!(server.received().len(), sent);
}

#[test]
fn who_ends_it_with_ctrl_c_is_told_at_once_what_it_waits_for() {
    let server = Server::start(Script::with(At::End, Fault::Hang));
    let board = at(&server);
    queue(&board, &["olena@acme.example"]);
    let child = started(&board, &server, "mail flush");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let ran = child.wait_with_output().unwrap();
    assert_snapshot!(String::from_utf8_lossy(&ran.stderr), @"
    it ends once the mail at hand is answered, in some seconds at most
    error: interrupted; of 1 mail nobody knows whether it was taken, and the rest waits
    ");
    assert_eq!((ran.status.code(), states(&board)), (Some(130), vec!["queued".to_owned()]));
}

#[test]
fn each_reason_why_mails_wait_is_told_with_what_to_do() {
    let server = Server::start(Script::with(At::Mail, Fault::Say("550 5.7.1 not from you\r\n")));
    let board = at(&server);
    board.run("mail account create off --server relay --from off@acme.example").ok();
    board.run("mail account edit off --inactive").ok();
    board.run("mail route set --feature message --account off").ok();
    board.run_with_input("mail send --to ada@acme.example --subject Hello", "Hello").ok();
    queue(&board, &["olena@acme.example"]);
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    error: account `off` is switched off; 1 mail waits
    hint: route another account with `secboard mail route set`, or let it send with `secboard mail account edit 'off' --active`
    error: account `noreply` rests until [time]; 1 mail waits
    hint: it failed at MAIL: 550 5.7.1 not from you; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends; see what to do with `secboard mail test --account 'noreply'`
    [exit status: 69]
    ");
    let quiet = board.run("mail flush --quiet");
    assert_eq!(quiet.stderr.lines().filter(|line| line.starts_with("error: ")).count(), 2, "{quiet}");
    let ran = board.run("mail flush --quiet -o json");
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"]["code"], "mail.account_switched_off");
    let others = error["error"]["others"].as_array().unwrap();
    assert_eq!((others.len(), &others[0]["code"]), (1, &"mail.account_rests".into()));
    assert_eq!(others[0]["command"], "secboard mail test --account 'noreply'");
}

#[test]
fn a_mail_that_arrives_when_an_account_is_tried_ends_its_rest() {
    let bad = Server::start(Script::with(At::Rcpt, Fault::Say("530 5.7.0 Authentication required\r\n")));
    let board = at(&bad);
    queue(&board, &["olena@acme.example"]);
    assert_eq!(board.run("mail flush").code, Some(69));
    // As if its administrator had mended it: nothing is changed here.
    let good = Server::start(Script::default());
    let moved = format!("UPDATE mail_servers SET port = {}", good.port());
    let rest = "CREATE TEMP TABLE kept AS SELECT * FROM mail_rests";
    store(&board)
        .execute_batch(&format!("{rest}; {moved}; INSERT INTO mail_rests SELECT * FROM kept"))
        .unwrap();
    assert_eq!(board.run("mail flush").code, Some(69), "it rests all the same");
    let ran = board.run("mail test --account noreply").ok();
    assert!(ran.stderr.contains("rests until"), "nothing was sent: {ran}");
    let ran = board.run("mail test --account noreply --to ada@acme.example").ok();
    assert!(!ran.stderr.contains("rests until"), "{ran}");
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    1 sent
    ");
}

#[test]
fn two_at_once_send_nothing_twice() {
    let server = Server::start(Script::with(At::Data, Fault::Late(Duration::from_millis(20))));
    let board = at(&server);
    let to: Vec<String> = (0..60).map(|number| format!("p{number}@acme.example")).collect();
    queue(&board, &to.iter().map(String::as_str).collect::<Vec<_>>());
    let start = || {
        let mut command = board.command("mail flush");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let (mut one, mut other) = (start(), start());
    assert_eq!((one.wait().unwrap().code(), other.wait().unwrap().code()), (Some(0), Some(0)));
    let mut went = recipients(&server);
    went.sort();
    went.dedup();
    assert_eq!((went.len(), server.received().len()), (60, 60));
    assert_eq!(states(&board), vec!["sent"; 60]);
}

#[test]
fn m3_a_notice_leaves_within_two_seconds_from_behind_ten_thousand_of_a_run() {
    let server = Server::start(Script::default());
    let board = at(&server);
    let to: Vec<String> = (0..10_000).map(|number| format!("p{number}@acme.example")).collect();
    queue_for(&board, &to.iter().map(String::as_str).collect::<Vec<_>>(), "'7k2m9xq4td'");
    let mut child = started(&board, &server, "mail flush");
    queue(&board, &["awaited@acme.example"]);
    let begun = Instant::now();
    while !recipients(&server).iter().any(|to| to == "awaited@acme.example") {
        assert!(begun.elapsed() < Duration::from_secs(2), "{} were sent before it", server.received().len());
        std::thread::sleep(Duration::from_millis(20));
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn a_token_is_asked_for_once_and_again_when_it_is_refused() {
    let authority = Authority::new();
    let protection = Protection::Tls(authority.server("localhost", Certified::Now));
    let refused = |connection| Trouble {
        at: At::Mail,
        fault: Fault::SayAndCut("421 4.7.0 enough\r\n"),
        connection: Some(connection),
        mail: Some(2),
    };
    let troubles = vec![refused(0), refused(1)];
    let server = Server::start(Script { protection, troubles, ..Script::default() });
    let board = Board::new();
    board.write("ca.pem", authority.pem());
    // It says how often it was asked.
    board.write("token", "#!/bin/sh\necho >> \"${0%/*}/asked\"\necho good-token\n");
    std::fs::set_permissions(board.path("token"), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .unwrap();
    let relay = format!(
        "mail server create relay --host localhost --port {} --security tls --ca-file ca.pem --auth xoauth2 \
         --connections 1 --token-command '{}'",
        server.port(),
        board.path("token").display()
    );
    board.run(&relay).ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example --user app").ok();
    board.run("mail route set --account noreply").ok();
    queue(&board, &MANY[..5]);
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    5 sent
    ");
    assert_eq!(server.received().last().unwrap().connection, 2, "it logged in three times");
    assert_eq!(std::fs::read_to_string(board.path("asked")).unwrap().lines().count(), 1);
}

#[test]
fn bad_ends_of_a_dialogue_are_bounded_named_and_lose_nothing() {
    let lines = Regex::new(r"rests until \S+;").unwrap();
    for (at_step, fault, said) in [
        (At::Greeting, Fault::Cut, "greeting: the server ended the connection"),
        (
            At::Greeting,
            Fault::Say("HTTP/1.1 400 Bad Request\r\n"),
            "greeting: the server does not speak SMTP",
        ),
        (At::Ehlo, Fault::EndlessLine, "EHLO: the server said more than an answer can have"),
        (At::Ehlo, Fault::EndlessLines, "EHLO: the server said more than an answer can have"),
        (At::Greeting, Fault::Hang, "greeting: no answer within 1 second"),
        (At::Ehlo, Fault::Trickle, "EHLO: no answer within 1 second"),
    ] {
        let server = Server::start(Script::with(at_step, fault));
        let board = at(&server);
        board.run("mail server edit relay --connect-timeout 1 --answer-timeout 1 --mail-timeout 1").ok();
        queue(&board, &["olena@acme.example"]);
        let ran = board.run("mail flush");
        assert_eq!(ran.code, Some(69), "{ran}");
        assert!(lines.is_match(&ran.stderr) && ran.stderr.contains(said), "{ran}");
        assert_eq!(states(&board), ["queued"]);
    }
    for (at_step, fault) in [
        (At::Rcpt, Fault::Hang),
        (At::Data, Fault::Cut),
        (At::Middle, Fault::Cut),
        (At::End, Fault::Hang),
        (At::End, Fault::EndlessLine),
    ] {
        let server = Server::start(Script::with(at_step, fault));
        let board = at(&server);
        board.run("mail server edit relay --connect-timeout 1 --answer-timeout 1 --mail-timeout 1").ok();
        queue(&board, &["olena@acme.example"]);
        let ran = board.run("mail flush").ok();
        assert!(steady(&ran, &server).contains("1 goes later"), "{ran}");
        assert_eq!(states(&board), ["queued"]);
    }
}

#[test]
fn whatever_shows_a_mail_that_waits_says_what_for_and_until_when() {
    let server = Server::start(Script::with(At::Greeting, Fault::Cut));
    let board = at(&server);
    queue(&board, &["olena@acme.example"]);
    assert_eq!(board.run("mail flush").code, Some(69));
    assert_snapshot!(board.run("mail outbox list --columns to,state,why -o csv"), @"
    to,state,why
    olena@acme.example,queued,account `noreply` rests until [time]: greeting: the server ended the connection
    ");
    assert_snapshot!(board.run("mail outbox retry m000000001"), @"
    ------- stderr -------
    1 mail waits: account `noreply` rests until [time]: greeting: the server ended the connection
    ");
    assert_snapshot!(board.run("mail trace olena@acme.example --columns state,account,answer -o csv"), @"
    state,account,answer
    queued,,account `noreply` rests until [time]: greeting: the server ended the connection
    ");
    assert_snapshot!(board.run("mail account list --columns name,active,rests_until,rests_for -o csv"), @"
    name,active,rests_until,rests_for
    noreply,yes,[time],greeting: the server ended the connection
    ------- stderr -------
    account `noreply` rests until [time]: greeting: the server ended the connection
    ");
    assert_snapshot!(board.run("mail route explain"), @"
    STEP                ACCOUNT  SECOND  CHOSEN
    the site's default  noreply          yes
    ------- stderr -------
    account `noreply` rests until [time]: greeting: the server ended the connection
    ");
    assert_snapshot!(steady(&board.run("mail test --account noreply"), &server), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    greeting  no   the server ended the connection
    ------- stderr -------
    account `noreply` rests until [time]: greeting: the server ended the connection; what is changed of it or its server ends the rest, as does a mail that `mail test --to` sends
    greeting: the server ended the connection
    what to do: port and security may not fit: `secboard mail server edit 'relay' --security starttls` or `secboard mail server edit 'relay' --security tls`
    [exit status: 1]
    ");
    board.run("mail account edit noreply --inactive").ok();
    assert_snapshot!(board.run("mail outbox list --columns state,waits_until,why -o csv"), @"
    state,waits_until,why
    queued,,account `noreply` is not active
    ");
    board.run("mail route unset").ok();
    assert_snapshot!(board.run("mail outbox list --columns state,waits_until,why -o csv"), @"
    state,waits_until,why
    queued,,no account is to send what is for `security-notice`
    ");
}

#[test]
fn the_end_of_a_rest_is_the_same_second_wherever_it_is_told() {
    let server = Server::start(Script::with(At::Greeting, Fault::Cut));
    let board = at(&server);
    queue(&board, &["olena@acme.example"]);
    assert_eq!(board.run("mail flush").code, Some(69));
    let account = board.run("mail account show noreply -o json").ok().json();
    let until = account["rests_until"].as_str().unwrap().to_owned();
    assert!(until.ends_with(".000000Z"), "{until}");
    for command in ["mail account list", "mail outbox list", "mail doctor --offline", "mail flush"] {
        let told = board.run(&format!("{command} -o json"));
        let told = told.stdout + &told.stderr;
        assert!(told.contains(&until), "{command}: {told}");
    }
    let mail = board.run("mail outbox list -o json").ok().json()[0].clone();
    assert_eq!(mail["waits_until"], *until);
    assert!(mail["why"].as_str().unwrap().contains(&until), "{mail}");
    let shown = board.run("mail account show noreply").ok().stdout;
    let listed = board.run("mail account list").ok().stderr;
    let time = Regex::new(r"rests[_ ]until:? +(\S+?):?\s").unwrap();
    let told = |text: &str| time.captures(text).unwrap_or_else(|| panic!("{text}"))[1].to_owned();
    assert_eq!(told(&shown.to_lowercase()), told(&listed.to_lowercase()));
}

#[test]
fn a_program_that_takes_mails_is_waited_for_as_long_as_its_server_says() {
    let board = Board::new();
    board.write("hangs", "#!/bin/sh\nexec sleep 100\n");
    let program = board.path("hangs");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let create =
        format!("mail server create local --kind sendmail --mail-timeout 1 --command {}", program.display());
    board.run(&create).ok();
    board.run("mail account create noreply --server local --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    queue(&board, &["olena@acme.example"]);
    let begun = Instant::now();
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    1 goes later
    ");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}
