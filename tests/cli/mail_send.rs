//! `secboard mail send`, `outbox`, `trace`, `preview`, and exports that go by mail.

use std::fs;

use insta::assert_snapshot;

use crate::harness::{Board, Ran};
use crate::smtp::{At, Fault, Script, Server};

/// A board whose mails leave into a folder.
fn board() -> Board {
    let board = Board::new();
    fs::create_dir(board.path("mails")).unwrap();
    board.run("mail server create folder --kind file --folder mails").ok();
    board
        .run(
            "mail account create noreply --server folder --from noreply@acme.example --from-name 'Acme Bank'",
        )
        .ok();
    board.run("mail route set --account noreply").ok();
    board
}

/// Queues a mail; its id.
fn send(board: &Board, to: &str, text: &str) -> String {
    let ran = board.run_with_input(&format!("mail send --to {to} --subject Maintenance"), text).ok();
    ran.stdout.trim().to_owned()
}

/// The mails that left into the folder.
fn left(board: &Board) -> Vec<String> {
    let mut mails: Vec<String> = fs::read_dir(board.path("mails"))
        .unwrap()
        .map(|mail| fs::read_to_string(mail.unwrap().path()).unwrap())
        .collect();
    mails.sort();
    mails
}

/// What was printed, whatever the id.
fn steady(ran: &Ran, id: &str) -> String {
    ran.to_string().replace(id, "[mail]    ")
}

#[test]
fn a_mail_is_queued_leaves_and_is_traced() {
    let board = board();
    let id = send(&board, "ada@acme.example", "The site rests on Sunday.\n");
    assert_eq!(id.len(), 10, "{id}");
    assert_snapshot!(steady(&board.run("mail outbox list"), &id), @"
    ID          STATE   MESSAGE  TO                WHY
    [mail]      queued  free     ada@acme.example
    ");
    assert!(left(&board).is_empty());
    board.run("mail flush").ok();
    let mails = left(&board);
    assert_eq!(mails.len(), 1);
    for part in ["To: \"Ada Admin\" <ada@acme.example>", "Subject: Maintenance", "The site rests on Sunday."]
    {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    assert_eq!(board.run("mail trace ada@acme.example -o json").ok().json()[0]["state"], "sent");
    let shown = steady(&board.run(&format!("mail outbox show {id}")), &id);
    assert!(!shown.contains("Sunday") && !shown.contains("Maintenance"), "{shown}");
    let shown = board.run(&format!("mail outbox show {id} -o json")).ok().json();
    assert_eq!(shown["attempts"][0]["outcome"], "sent");
    assert_eq!(shown["attempts"][0]["account"], "noreply");
    let audit = board.run("audit list --action mail.send --columns actor,subject,after -o csv").ok();
    assert_snapshot!(steady(&audit, &id), @r#"
    actor,subject,after
    system,[mail]    ,"to=ada@acme.example, files=0"
    "#);
    board.run("audit verify --state").ok();
}

#[test]
fn m5_what_would_do_more_than_be_shown_is_refused_or_encoded_and_queues_nothing() {
    let board = board();
    board.write("a.txt", "a");
    let said: String = [
        ("--subject 'a\nBcc: b@c.example'", "x"),
        ("--subject 'a\rb'", "x"),
        ("--subject 'a\u{202e}b'", "x"),
        ("--subject ''", "x"),
        (&format!("--subject '{}'", "x".repeat(201)), "x"),
        ("--subject s --reply-to 'a@b.example\nBcc: c@d.example'", "x"),
        ("--subject s --reply-to nobody", "x"),
        ("--subject s --feature 'a b'", "x"),
        ("--subject s --company nowhere", "x"),
        ("--subject s --attach nowhere.txt", "x"),
        ("--subject s --attach 'a\u{202e}b.txt'", "x"),
        ("--subject s --attach -", "x"),
        ("--subject s", ""),
        ("--subject s", "a\0b"),
        ("--subject s", "a\u{1e}b"),
        ("--subject s", &"x".repeat(65 * 1024)),
        ("--subject s --text nowhere.txt", ""),
    ]
    .map(|(line, input)| {
        board.write("a\u{202e}b.txt", "a");
        let ran = board.run_with_input(&format!("mail send --to ada@acme.example {line}"), input);
        let line: String = line.chars().take(60).collect();
        format!("{}\n  {} {}\n", line.escape_debug(), ran.code.unwrap(), ran.stderr.lines().next().unwrap())
    })
    .concat();
    assert_snapshot!(said.replace('\u{202e}', "[turned]"), @r#"
    --subject \'a\nBcc: b@c.example\'
      65 error: the subject holds U+000A, which a header of a mail cannot have
    --subject \'a\rb\'
      65 error: the subject holds U+000D, which a header of a mail cannot have
    --subject \'a\u{202e}b\'
      65 error: the subject holds U+202E, which a header of a mail cannot have
    --subject \'\'
      65 error: the subject must have 1 to 200 characters, not 0
    --subject \'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      65 error: the subject must have 1 to 200 characters, not 201
    --subject s --reply-to \'a@b.example\nBcc: c@d.example\'
      65 error: `a@b.example Bcc: c@d.example` is not an email address: it holds the invisible character U+000A
    --subject s --reply-to nobody
      65 error: `nobody` is not an email address: it has no `@`
    --subject s --feature \'a b\'
      65 error: `a b` is no feature
    --subject s --company nowhere
      67 error: there is no company `nowhere`
    --subject s --attach nowhere.txt
      66 error: there is no file `nowhere.txt`
    --subject s --attach \'a\u{202e}b.txt\'
      65 error: the name of the attachment holds U+202E, which a header of a mail cannot have
    --subject s --attach -
      2 error: invalid value '-' for '--attach <FILE>': a path is needed; what is called `-` is `./-`
    --subject s
      65 error: the text is empty
    --subject s
      65 error: the text holds the control character U+0000
    --subject s
      65 error: the text holds the control character U+001E
    --subject s
      65 error: the text has more than 65536 bytes
    --subject s --text nowhere.txt
      66 error: there is no file `nowhere.txt`
    "#);
    for to in ["a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "ада", "a@xn--.example"] {
        let ran = board.run_with_input(&format!("mail send --to '{to}' --subject s"), "x");
        assert_eq!(ran.code, Some(65), "{to:?}: {ran}");
    }
    assert_eq!(board.run("mail outbox list -o json").ok().json().as_array().unwrap().len(), 0);
    // What is encoded: letters of every script, and what looks like a header in the text.
    let line = "mail send --to olena@bücher.example --subject 'Обслуговування =?utf-8?q?x?=' --attach a.txt";
    board.run_with_input(line, "Дар'я\r\n.\r\nBcc: b@c.example\n").ok();
    board.run("mail flush").ok();
    let mails = left(&board);
    let (head, body) = mails[0].split_once("\r\n\r\n").unwrap();
    assert!(head.contains("To: olena@xn--bcher-kva.example\r\n"), "{head}");
    assert!(!head.contains("Bcc") && !head.contains("?q?x?="), "{head}");
    assert!(body.contains("filename=\"a.txt\""), "{body}");
}

#[test]
fn what_the_server_does_not_take_is_refused_before_it_is_queued_once_that_is_known() {
    let server = Server::start(Script { abilities: vec!["SIZE 100000"], ..Script::default() });
    let board = Board::new();
    let create = "mail server create relay --host 127.0.0.1 --auth none --security none";
    board.run(&format!("{create} --port {}", server.port())).ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board.write("large.bin", vec![7; 90_000]);
    let large = "mail send --to ada@acme.example --subject s --attach large.bin";
    board.run_with_input(large, "x").ok();
    let failed = board.run("mail flush");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(server.received().is_empty());
    let traced = board.run("mail trace ada@acme.example -o json").ok().json();
    assert_eq!(traced[0]["state"], "failed");
    assert_snapshot!(board.run_with_input(large, "x"), @"
    ------- stderr -------
    error: what is attached takes 123158 bytes, and the server takes mails of 100000
    hint: put it where the reader can fetch it, and write where that is
    [exit status: 65]
    ");
    board.write("small.bin", vec![7; 60_000]);
    board.run_with_input(&large.replace("large", "small"), "x").ok();
    board.run("mail flush").ok();
    assert_eq!(server.received().len(), 1);
    board.write("larger.bin", vec![7; 11 << 20]);
    assert_snapshot!(board.run_with_input(&large.replace("large", "larger"), "x"), @"
    ------- stderr -------
    error: what is attached has more than the 10485760 bytes that a mail can carry
    hint: put it where the reader can fetch it, and write where that is
    [exit status: 65]
    ");
}

#[test]
fn a_filter_of_mails_that_can_match_nothing_is_refused() {
    let board = board();
    send(&board, "ada@acme.example", "1");
    assert_snapshot!(board.run("mail outbox list --to ada"), @"
    ------- stderr -------
    error: `ada` is not an email address: it has no `@`
    hint: write it like `anna.koval@acme.example`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("mail outbox list --feature 'Password reset'"), @"
    ------- stderr -------
    error: `Password reset` is no feature
    hint: write it in at most 40 letters a to z, digits and hyphens, such as `invite`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("mail outbox list --state lost"), @"
    ------- stderr -------
    error: invalid value 'lost' for '--state <STATE>'
      [possible values: queued, sending, sent, failed, dropped]

    For more information, try '--help'.
    [exit status: 2]
    ");
    let found = board.run("mail outbox list --to ADA@acme.example --feature message -o json").ok().json();
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[test]
fn a_file_to_attach_that_is_not_there_is_named() {
    let board = board();
    assert_snapshot!(board.run_with_input("mail send --to ada@acme.example --subject S --attach none.pdf", "x"), @"
    ------- stderr -------
    error: there is no file `none.pdf`
    hint: check the name that `--attach` is given
    [exit status: 66]
    ");
    assert_snapshot!(board.run_with_input("mail send --to ada@acme.example --subject S --attach -", "x"), @"
    ------- stderr -------
    error: invalid value '-' for '--attach <FILE>': a path is needed; what is called `-` is `./-`

    For more information, try '--help'.
    [exit status: 2]
    ");
}

#[test]
fn nouns_of_mail_have_their_plural() {
    let board = board();
    for (many, one) in [("servers", "server"), ("accounts", "account"), ("routes", "route")] {
        let told = |noun: &str| board.run(&format!("mail {noun} list -o json")).ok().stdout;
        assert_eq!(told(many), told(one));
    }
}

#[test]
fn an_export_to_somebody_who_is_not_active_is_refused_at_once() {
    let board = board();
    board.run("user create --email max@acme.example --first-name Max --last-name Lee --company 'Acme Bank' --inactive").ok();
    assert_snapshot!(board.run("export users --mail-to max@acme.example"), @"
    ------- stderr -------
    error: the account `max@acme.example` is not active, so nothing would be sent to it
    hint: mail it to somebody else, or see why with `secboard user why 'max@acme.example'`
    [exit status: 65]
    ");
}

#[test]
fn whoever_queues_a_mail_that_waits_is_told_what_the_outbox_says_of_it() {
    let server = Server::start(Script::with(At::Greeting, Fault::Cut));
    let board = Board::new();
    let create = "mail server create relay --host 127.0.0.1 --security none --auth none --force --port";
    board.run(&format!("{create} {}", server.port())).ok();
    board.run("mail account create out --server relay --from noreply@acme.example").ok();
    let queue = |board: &Board| {
        let command = "mail send --to ada@acme.example --subject s";
        let sent = board.run_with_input(command, "x").ok().to_string().lines().last().unwrap().to_owned();
        let exported = board.run("export users --mail-to ada@acme.example").ok().to_string();
        let said = |line: &&str| line.starts_with("it waits: ");
        (sent, exported.lines().find(said).map(str::to_owned))
    };
    let (sent, exported) = queue(&board);
    assert_snapshot!(sent, @"it waits: no account is to send what is for `message`; see `secboard mail doctor`");
    assert_snapshot!(exported.unwrap(), @"it waits: no account is to send what is for `export`; see `secboard mail doctor`");
    board.run("mail route set --account out").ok();
    let (sent, exported) = queue(&board);
    assert_eq!((sent.as_str(), exported), ("queued a mail to ada@acme.example", None));
    board.run("mail flush");
    let (sent, exported) = queue(&board);
    assert_snapshot!(sent, @"it waits: account `out` rests until [time]; see `secboard mail doctor`");
    assert_eq!(exported, Some(sent));
    board.run("mail account edit out --inactive").ok();
    let (sent, exported) = queue(&board);
    assert_snapshot!(sent, @"it waits: account `out` is not active; see `secboard mail doctor`");
    assert_eq!(exported.as_deref(), Some(sent.as_str()));
    let why = board.run("mail outbox list --limit 1 --columns why -o csv").ok();
    assert_eq!(why.stdout, "why\naccount `out` is not active\n", "the same");
}

#[test]
fn a_mail_that_was_dropped_is_traced_with_why_and_not_with_what_a_server_said_before() {
    let server = Server::start(Script::with(At::Rcpt, Fault::Say("450 4.2.0 later\r\n")));
    let board = Board::new();
    let create = "mail server create relay --host 127.0.0.1 --security none --auth none --force --port";
    board.run(&format!("{create} {}", server.port())).ok();
    board.run("mail account create out --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account out").ok();
    let id = send(&board, "ada@acme.example", "x");
    board.run("mail flush").ok();
    board.run(&format!("mail outbox drop {id} --yes")).ok();
    assert_snapshot!(board.run("mail trace ada@acme.example --columns state,tries,account,answer -o csv"), @"
    state,tries,account,answer
    dropped,1,out,an administrator dropped it
    ");
}

#[test]
fn what_is_wrong_with_a_subject_or_the_name_of_a_file_is_said_with_what_mends_it() {
    let board = Board::new();
    board.write("a\u{202E}b.txt", "x");
    let hint = |line: &str| {
        let ran = board.run_with_input(&format!("mail send --to ada@acme.example {line}"), "x");
        assert_eq!(ran.code, Some(65), "{ran}");
        ran.stderr.lines().find(|line| line.starts_with("hint: ")).unwrap().to_owned()
    };
    assert_eq!(hint("--subject ''"), "hint: give it a word or more");
    assert_eq!(hint(&format!("--subject {}", "s".repeat(201))), "hint: shorten it to at most 200 characters");
    assert_eq!(hint("--subject 'a\nb'"), "hint: write it in one line of text");
    assert_eq!(hint("--subject s --attach 'a\u{202E}b.txt'"), "hint: rename the file");
    let long = format!("{}.txt", "n".repeat(220));
    board.write(&long, "x");
    assert_eq!(
        hint(&format!("--subject s --attach {long}")),
        "hint: rename the file, with at most 200 characters"
    );
}

/// Who may no longer export what waits for them gets nothing of it.
#[test]
fn a1_an_export_that_waits_is_not_sent_to_who_lost_the_permission() {
    let board = board();
    board.run("group create Desk").ok();
    board.run("group grant Desk users.export").ok();
    let new =
        "--email op@acme.example --first-name O --last-name P --company 'Acme Bank' --staff --group Desk";
    board.run(&format!("user create {new} --no-notice --reason test")).ok();
    board.run("export users --mail-to op@acme.example --as op@acme.example").ok();
    board.run("group revoke Desk users.export --yes").ok();
    board.run("mail flush").ok();
    assert!(left(&board).is_empty());
    assert_snapshot!(board.run("mail outbox list --columns state,message,why"), @"
    STATE    MESSAGE  WHY
    dropped  export   who asked for it may no longer export that
    ");
}

#[test]
fn mails_are_listed_dropped_and_have_another_try() {
    let board = board();
    let (first, second) = (send(&board, "ada@acme.example", "1"), send(&board, "olena@globex.example", "2"));
    let row = board.run("mail outbox list --to olena@globex.example -o json").ok().json();
    assert_eq!((row[0]["id"].as_str().unwrap(), row.as_array().unwrap().len()), (second.as_str(), 1));
    let count = |filter: &str| {
        board.run(&format!("mail outbox list {filter} -o json")).ok().json().as_array().unwrap().len()
    };
    assert_eq!(count(""), 2);
    assert_eq!(count("--state queued"), 2);
    assert_eq!(count("--state sent"), 0);
    assert_eq!(count("--feature message"), 2);
    assert_eq!(count("--feature invite"), 0);
    assert_eq!(count("--since today"), 2);
    assert_eq!(count("--limit 1"), 1);
    assert_snapshot!(board.run(&format!("mail outbox drop {first}")), @"
    ------- stderr -------
    error: a confirmation (“Drop 1 mail?”) is missing, and there is no terminal to ask on
    hint: give `--yes`
    [exit status: 2]
    ");
    assert_snapshot!(board.run(&format!("mail outbox retry {first} {first}")), @"
    ------- stderr -------
    1 mail goes with the next flush
    ");
    assert_snapshot!(board.run(&format!("mail outbox drop {first} {second} {first} --yes")), @"
    ------- stderr -------
    dropped 2 mails
    ");
    assert_eq!(count("--state dropped"), 2);
    // Once it has ended, what was sealed is gone.
    assert_snapshot!(steady(&board.run(&format!("mail outbox retry {first}")), &first), @"
    ------- stderr -------
    error: the mail `[mail]    ` has ended, and what it said is no longer there
    hint: send it anew
    [exit status: 65]
    ");
    assert_snapshot!(steady(&board.run(&format!("mail outbox drop {first} --yes")), &first), @"
    ------- stderr -------
    error: the mail `[mail]    ` cannot be dropped: it is dropped
    hint: see what became of it with `secboard mail outbox show '[mail]    '`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("mail outbox show nothing"), @"
    ------- stderr -------
    error: there is no mail `nothing`
    hint: take an id that `secboard mail outbox list` shows
    [exit status: 67]
    ");
    assert_snapshot!(board.run("mail trace nobody@acme.example"), @"
    ------- stderr -------
    error: no mail went to `nobody@acme.example`, and nobody has or had that address
    hint: see all mails with `secboard mail outbox list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("mail trace nobody"), @"
    ------- stderr -------
    error: `nobody` is not an email address: it has no `@`
    hint: write it like `anna.koval@acme.example`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("mail trace ada@acme.example --columns state,message,to,answer"), @"
    STATE    MESSAGE  TO                ANSWER
    dropped  free     ada@acme.example  an administrator dropped it
    ");
    let third = send(&board, "ada@acme.example", "3");
    assert_snapshot!(steady(&board.run(&format!("mail outbox retry {third}")), &third), @"
    ------- stderr -------
    1 mail goes with the next flush
    ");
    board.run("mail flush").ok();
    assert_eq!(left(&board).len(), 1);
    board.run("audit verify --state").ok();
}

#[test]
fn mails_are_traced_by_a_former_address_that_no_mail_went_to() {
    let board = board();
    for command in [
        "company create Globex",
        "group create Mail",
        "group grant Mail mail.view users.view --company globex",
        "user create --email op@globex.example --first-name O --last-name P --company globex --staff --group Mail",
        "user create --email maiden@acme.example --first-name Olena --last-name S --company acme-bank",
        "user edit maiden@acme.example --email olena@acme.example --no-notice --reason quiet",
    ] {
        board.run(command).ok();
    }
    send(&board, "olena@acme.example", "x");
    let traced = board.run("mail trace MAIDEN@acme.example --columns state,message,to,answer");
    assert_snapshot!(traced, @"
    STATE   MESSAGE  TO                  ANSWER
    queued  free     olena@acme.example
    ");
    assert_snapshot!(board.run("mail trace maiden@acme.example --as op@globex.example"), @"
    ------- stderr -------
    error: no mail went to `maiden@acme.example`, and nobody has or had that address
    hint: see all mails with `secboard mail outbox list`
    [exit status: 67]
    ");
    // Whoever has it today is another, to whom there is no mail.
    board
        .run("user create --email maiden@acme.example --first-name M --last-name A --company acme-bank")
        .ok();
    assert_eq!(board.run("mail trace maiden@acme.example -o json").ok().json().as_array().unwrap().len(), 1);
}

/// A mail of a company that an operator does not see is for them what never was.
#[test]
fn a1_mails_are_seen_and_decided_about_for_the_companies_that_one_may() {
    let board = board();
    for command in [
        "company create Globex",
        "group create Mail",
        "group grant Mail mail.view mail.send --company acme-bank",
        "group create Looking",
        "group grant Looking mail.view",
        "user create --email op@acme.example --first-name O --last-name P --company acme-bank --staff --group Mail",
        "user create --email looks@acme.example --first-name L --last-name K --company acme-bank --staff --group Looking",
    ] {
        board.run(command).ok();
    }
    let send = |company: &str, who: &str| {
        board.run_with_input(&format!("mail send --to max@globex.example --subject s {company} {who}"), "x")
    };
    let id = |ran: Ran| ran.ok().stdout.trim().to_owned();
    let (none, theirs) = (id(send("", "")), id(send("--company globex", "")));
    let ours = id(send("--company acme-bank", "--as op@acme.example"));
    assert_eq!(send("--company globex", "--as op@acme.example").code, Some(67));
    assert_eq!(send("", "--as op@acme.example").code, Some(77));
    assert_eq!(send("--company acme-bank", "--as looks@acme.example").code, Some(77));
    for own in ["invite", "password-reset", "security-notice", "alert", "first-login"] {
        let feature = format!("--company acme-bank --feature {own} --dry-run");
        assert_eq!(send(&feature, "--as op@acme.example").code, Some(77), "{own} is secboard's own to write");
        assert_eq!(send(&feature, "--as ada@acme.example").code, Some(0), "{own} by a superuser");
    }
    assert_eq!(
        send("--company acme-bank --feature newsletter --dry-run", "--as op@acme.example").code,
        Some(0)
    );
    let ids = |command: &str| {
        let rows = board.run(&format!("{command} -o json")).ok().json();
        rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("mail outbox list --feature message --as op@acme.example"), [ours.as_str()]);
    assert_eq!(ids("mail trace max@globex.example --as op@acme.example"), [ours.as_str()]);
    assert_eq!(ids("mail outbox list --feature message --as looks@acme.example").len(), 3);
    for hidden in [&none, &theirs] {
        for command in [format!("show {hidden}"), format!("retry {hidden}"), format!("drop {hidden} --yes")] {
            let ran = board.run(&format!("mail outbox {command} --as op@acme.example"));
            assert_eq!(ran.code, Some(67), "{command}: {ran}");
            assert!(ran.stderr.starts_with(&format!("error: there is no mail `{hidden}`")), "{ran}");
        }
    }
    assert_eq!(board.run(&format!("mail outbox drop {ours} --yes --as looks@acme.example")).code, Some(77));
    board.run(&format!("mail outbox drop {ours} --yes --as op@acme.example")).ok();
    // All or none of several.
    let second = id(send("--company acme-bank", "--as op@acme.example"));
    assert_eq!(
        board.run(&format!("mail outbox drop {second} {theirs} --yes --as op@acme.example")).code,
        Some(67)
    );
    assert_eq!(
        ids("mail outbox list --feature message --state queued --as op@acme.example"),
        [second.as_str()]
    );
}

#[test]
fn a_message_is_shown_as_its_reader_would_read_it() {
    let board = board();
    board.run("user edit ada@acme.example --language uk").ok();
    assert_snapshot!(board.run("mail preview staff-given --to ada@acme.example --now 2026-11-29T12:05:00Z"), @"
    Subject: Вас додано до персоналу

    secboard

    Вас додано до персоналу
    =======================

    Вітаємо, Ada!

    Ваш обліковий запис ada@acme.example додано до персоналу secboard.
    Відтепер йому можуть дозволити адмініструвати.

      Коли: 29 листопада 2026 р., 14:05 (Київ)

    Якщо ви цього не чекали, повідомте адміністраторів: можливо, це
    помилка.

    -- 
    Ми ніколи не питаємо ваш пароль поштою чи телефоном.
    secboard, localhost
    ");
    assert_snapshot!(board.run("mail preview pasword-set --to ada@acme.example"), @"
    ------- stderr -------
    error: there is no message `pasword-set`
    hint: did you mean `password-set`?
    [exit status: 67]
    ");
    let html = board.run("mail preview run-held --to ada@acme.example --html").ok().stdout;
    assert!(html.starts_with("<!doctype html>") && html.contains("lang=\"uk\""), "{html}");
    let row = board.run("mail preview test --to olena@globex.example --language en -o json").ok().json();
    assert_eq!(row["language"], "en");
    assert!(row["html"].as_str().unwrap().contains(row["subject"].as_str().unwrap()), "{row}");
    board.write("secboard.toml", format!("templates = \"{}\"\n", board.path("own").display()));
    fs::create_dir(board.path("own")).unwrap();
    let own =
        "{% extends layout %}{% block subject %}Ours{% endblock %}{% block body %}{{ when }}{% endblock %}";
    board.write("own/staff-given.jinja", own);
    let ran = board.run("mail preview staff-given --to ada@acme.example").ok();
    assert!(ran.stdout.starts_with("Subject: Ours\n"), "{ran}");
    board.write("own/staff-given.jinja", own.replace("when", "wen"));
    let ran = board.run("mail preview staff-given --to ada@acme.example");
    assert_eq!(ran.code, Some(1));
    assert_snapshot!(ran.stderr.replace(&board.path("").display().to_string(), "[board]/"), @"not all of the site's own templates are in use here: [board]/own/staff-given.jinja:1: this message knows no `wen`");
    for message in [
        "account-ending",
        "email-changed-new",
        "email-changed-old",
        "disowned",
        "export",
        "first-login",
        "free",
        "invitation",
        "password-changed",
        "password-elsewhere",
        "password-reset",
        "password-set",
        "run-held",
        "superuser-given",
        "test",
    ] {
        board.run(&format!("mail preview {message} --to ada@acme.example")).ok();
    }
}

#[test]
fn a5_an_export_goes_by_mail_to_the_own_address_and_is_in_the_audit() {
    let board = board();
    board.run("setting set site.domain secboard.acme.example").ok();
    assert_snapshot!(board.run("export users --mail-to ada@acme.example"), @"
    ------- stderr -------
    wrote 1 person to a mail to ada@acme.example
    ");
    assert_snapshot!(board.run("export roles --mail-to ada@acme.example -o csv --dry-run"), @"
    ------- stderr -------
    wrote 0 roles to a mail to ada@acme.example (dry run: nothing was changed)
    ");
    assert_snapshot!(board.run("export users --mail-to ada@acme.example --output a.xlsx"), @"
    ------- stderr -------
    error: the argument '--mail-to <EMAIL>' cannot be used with '--output <FILE>'

    Usage: secboard export users --mail-to <EMAIL>

    For more information, try '--help'.
    [exit status: 2]
    ");
    let denied = board.run("export users --mail-to olena@acme.example --as ada@acme.example");
    assert_snapshot!(denied, @"
    ------- stderr -------
    error: `ada@acme.example` may not do this: an export is mailed to one's own address only
    hint: ask an administrator who may
    [exit status: 77]
    ");
    board.run("export groups --mail-to ADA@acme.example -o jsonl --as ada@acme.example").ok();
    board.run("mail flush").ok();
    let mails = left(&board);
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().any(|mail| mail.contains("filename=\"users.xlsx\"")), "{mails:?}");
    assert!(mails.iter().any(|mail| mail.contains("filename=\"groups.jsonl\"")), "{mails:?}");
    let audit = board.run("audit list --action export --columns actor,action,subject,after -o csv").ok();
    assert_snapshot!(audit.stdout, @r#"
    actor,action,subject,after
    ada@acme.example,export.groups,groups.jsonl,"format=jsonl, groups=0, mail_to=ADA@acme.example"
    system,export.users,users.xlsx,"format=xlsx, people=1, mail_to=ada@acme.example"
    "#);
}

#[test]
fn a_file_whose_name_no_mail_can_carry_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let board = Board::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(board.path("").join(name), "x").unwrap();
    let mut command = board.command("mail send --to ada@acme.example --subject s --attach");
    let sent = command.arg(name).stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(sent.status.code(), Some(65));
    assert_snapshot!(String::from_utf8_lossy(&sent.stderr), @"
    error: the name of the file `caf�.txt` is not UTF-8, so no mail can carry it
    hint: give the file another name, as with `mv`
    ");
}
