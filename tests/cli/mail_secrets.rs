//! M4: what is a secret of a mail is nowhere to be read, before it was sent, while it cannot be, and after.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::harness::Board;
use crate::smtp::{At, Fault, Script, Server, Trouble};

const RSA: &str = include_str!("../../src/lib/mail/dkim/test_keys/rsa-pkcs1.pem");

/// One in each secret, in the text, in the subject, in what is attached.
const CANARIES: [&str; 5] = [
    "canary-of-the-password",
    "canary-of-the-text",
    "canary-of-the-subject",
    "canary-of-the-file",
    "canary-of-the-token",
];

/// What to look for: a line of the key; each canary as it is, and as base64 has it wherever in a longer text it begins.
fn forms() -> Vec<Vec<u8>> {
    // Behind what everybody may know.
    let mut forms = vec![RSA.lines().nth(15).unwrap().as_bytes().to_vec()];
    for canary in CANARIES {
        forms.push(canary.as_bytes().to_vec());
        for before in 0..3 {
            let coded = BASE64_STANDARD.encode([&vec![b'x'; before], canary.as_bytes()].concat());
            // The letters at both ends also stand for their neighbours.
            let begin = if before == 0 { 0 } else { 4 };
            forms.push(coded.as_bytes().get(begin..coded.len() - 4).unwrap().to_vec());
        }
    }
    forms
}

fn assert_none_in(bytes: &[u8], place: &str) {
    for form in forms() {
        let found = bytes.windows(form.len()).any(|window| window == form);
        assert!(!found, "{place} holds `{}`", String::from_utf8_lossy(&form));
    }
}

/// The store with its log, and everything that a command tells.
fn assert_kept(board: &Board, when: &str) {
    let copies = tempfile::tempdir().unwrap();
    // By another process: one that closes a file gives up all locks that it has on it (POSIX), also those of the reader.
    let copy = "cp secboard.db* \"$0\"";
    let status = Command::new("sh")
        .args(["-c", copy, copies.path().to_str().unwrap()])
        .current_dir(board.path(""))
        .status()
        .unwrap();
    assert!(status.success());
    let mut looked = Vec::new();
    for file in fs::read_dir(copies.path()).unwrap().map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        assert_none_in(&fs::read(&file).unwrap(), &format!("{when}: {name}"));
        looked.push(name);
    }
    for name in ["secboard.db", "secboard.db-wal"] {
        assert!(looked.iter().any(|looked| looked == name), "{when}: {looked:?}");
    }
    let mails = board.run("mail outbox list -o json").ok();
    let ids = mails.json();
    let ids = ids.as_array().unwrap().iter().map(|mail| mail["id"].as_str().unwrap());
    let shows = ids.map(|id| format!("mail outbox show {id} -o json"));
    let lists = [
        "mail outbox list -o json",
        "mail trace ada@acme.example -o json",
        "mail account list -o json",
        "mail account show noreply",
        "mail doctor --offline -o json",
        "audit list -o json",
        "audit verify --state",
        "user why ada@acme.example -o json",
    ];
    for command in lists.map(str::to_owned).into_iter().chain(shows) {
        let told = board.run(&command);
        assert_none_in(told.stdout.as_bytes(), &format!("{when}: {command}"));
        assert_none_in(told.stderr.as_bytes(), &format!("{when}: {command}"));
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a reader that secboard does not know of")]
fn m4_no_secret_text_or_file_is_to_be_read_before_or_after_a_mail_is_sent() {
    let refusing = Server::start(Script::with(At::Rcpt, Fault::Say("450 4.2.0 later\r\n")));
    let board = Board::new();
    // As long as somebody reads, nothing is moved out of the log.
    let reader = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    let held = reader.unchecked_transaction().unwrap();
    held.query_row("SELECT count(*) FROM users", [], |row| row.get::<_, i64>(0)).unwrap();
    let create = "mail server create relay --host 127.0.0.1 --security none --force";
    board.run(&format!("{create} --port {}", refusing.port())).ok();
    let account = "mail account create noreply --server relay --from noreply@acme.example --user app";
    board.run_with_input(&format!("{account} --password-stdin"), CANARIES[0]).ok();
    board.run_with_input("mail account dkim noreply --selector s --key -", RSA).ok();
    board.run("mail route set --account noreply").ok();
    board.write("file.txt", format!("{}\n", CANARIES[3]));
    let send = format!("mail send --to ada@acme.example --subject '{}' --attach file.txt", CANARIES[2]);
    let queued = board.run_with_input(&send, CANARIES[1]).ok();
    assert_none_in(format!("{}{}", queued.stdout, queued.stderr).as_bytes(), "mail send");
    assert_kept(&board, "queued");

    // The password is wrong, so the account rests.
    let flushed = board.run("mail flush");
    assert_eq!(flushed.code, Some(69), "{flushed}");
    assert_none_in(format!("{flushed}").as_bytes(), "mail flush");
    assert_kept(&board, "resting");

    // It has none to be wrong, and the mail is put off.
    board.run("mail server edit relay --auth none").ok();
    board.run("mail account edit noreply --no-password --user ''").ok();
    let flushed = board.run("mail flush");
    assert_none_in(format!("{flushed}").as_bytes(), "mail flush");
    assert_kept(&board, "put off");

    // It logs in with a token, and the mail leaves.
    let taking = Server::start(Script::default());
    board.write("token", CANARIES[4]);
    let token = format!("--auth xoauth2 --token-command '/bin/cat {}'", board.path("token").display());
    board.run(&format!("mail server edit relay --port {} {token} --force", taking.port())).ok();
    board.run("mail account edit noreply --user app").ok();
    let id = board.run("mail outbox list -o json").ok().json()[0]["id"].as_str().unwrap().to_owned();
    board.run(&format!("mail outbox retry {id}")).ok();
    let refused = board.run("mail flush");
    assert_eq!(refused.code, Some(69), "{refused}");
    assert_none_in(format!("{refused}").as_bytes(), "mail flush");
    assert_kept(&board, "without a good token");
    board.write("token", "good-token");
    board.run("mail server edit relay --rate 100").ok();
    board.run("mail flush").ok();
    let received = taking.received();
    let mail = String::from_utf8_lossy(&received[0].mail).into_owned();
    assert!(
        mail.contains(CANARIES[1]) && mail.contains(CANARIES[2]),
        "the mail has what the store hides: {mail}"
    );
    assert!(mail.contains(&BASE64_STANDARD.encode(format!("{}\n", CANARIES[3]))), "{mail}");
    assert_kept(&board, "sent");
    drop(held);
}

/// What a server may say that quotes a text: as it is, and in encodings.
fn quotes(of: &str) -> Vec<String> {
    let spaced: Vec<String> = of.chars().map(String::from).collect();
    let hex = |mark: &str| of.bytes().map(|byte| format!("{mark}{byte:02X}")).collect::<Vec<_>>().concat();
    vec![
        of.to_owned(),
        of.to_uppercase(),
        of.chars().rev().collect(),
        spaced.join(" "),
        BASE64_STANDARD.encode(of),
        hex(""),
        hex("="),
    ]
}

/// A server that quotes all of this where it can once it was given a mail, with this answer at its end.
fn quoting(answer: &str, quoted: &str) -> Server {
    let line = |code: &str| -> &'static str { Box::leak(format!("{code} {quoted}\r\n").into_boxed_str()) };
    let trouble = |at, fault, connection, mail| Trouble { at, fault, connection, mail };
    Server::start(Script {
        troubles: vec![
            trouble(At::End, Fault::Say(line(answer)), None, Some(0)),
            trouble(At::Rcpt, Fault::Say(line("451 4.7.1")), Some(0), Some(1)),
            trouble(At::Mail, Fault::SayAndCut(line("421 4.3.2")), Some(0), Some(2)),
            trouble(At::Greeting, Fault::Say(line("554 5.3.2")), Some(1), None),
        ],
        ..Script::default()
    })
}

#[test]
fn m4_what_a_server_quotes_of_a_mail_is_kept_and_told_nowhere() {
    let board = Board::new();
    let create =
        "mail server create relay --host 127.0.0.1 --security none --auth none --force --connections 1";
    board.run(&format!("{create} --port 1")).ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board.write("file.txt", format!("{}\n", CANARIES[3]));
    let quoted: Vec<String> = CANARIES[1..4].iter().flat_map(|canary| quotes(canary)).collect();
    for answer in ["250 2.0.0", "451 4.2.0", "554 5.7.1", "550", "354"] {
        let server = quoting(answer, &quoted.join(" "));
        board.run(&format!("mail server edit relay --port {}", server.port())).ok();
        for _ in 0..4 {
            let send =
                format!("mail send --to ada@acme.example --subject '{}' --attach file.txt", CANARIES[2]);
            board.run_with_input(&send, CANARIES[1]).ok();
        }
        let mut told = board.run("mail flush").to_string();
        assert!(server.heard().contains(&"DATA".to_owned()), "{answer}: {told}");
        for command in
            ["mail outbox list -o json", "mail trace ada@acme.example -o json", "mail doctor --offline"]
        {
            told += &board.run(command).to_string();
        }
        assert_none_in(told.as_bytes(), answer);
        for quote in &quoted {
            assert!(!told.contains(quote) && !in_store(&board, quote), "{answer}: {quote}: {told}");
        }
    }
    let shown = board.run("mail outbox list -o json").ok().to_string();
    assert!(shown.contains("message: 451 4.2.0 (the mailbox takes nothing)"), "the codes stay: {shown}");
}

#[test]
fn m4_what_a_program_quotes_of_a_mail_is_kept_nowhere() {
    let board = Board::new();
    board.write("sendmail", "#!/bin/sh\ncat >&2\nexit 75\n");
    fs::set_permissions(board.path("sendmail"), fs::Permissions::from_mode(0o755)).unwrap();
    let create = "mail server create machine --kind sendmail --command";
    board.run(&format!("{create} {}", board.path("sendmail").display())).ok();
    board.run("mail account create noreply --server machine --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    let send = format!("mail send --to ada@acme.example --subject '{}'", CANARIES[2]);
    board.run_with_input(&send, CANARIES[1]).ok();
    board.run("mail flush").ok();
    let told = board.run("mail trace ada@acme.example -o json").ok().to_string();
    assert!(told.contains("the program ended with 75 (put off)"), "{told}");
    assert_none_in(told.as_bytes(), "mail trace");
    assert!(!in_store(&board, "canary"));
}

/// Whether the file of the store or its log has a text.
fn in_store(board: &Board, text: &str) -> bool {
    ["secboard.db", "secboard.db-wal"].iter().any(|name| {
        let bytes = fs::read(board.path(name)).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}
