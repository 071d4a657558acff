use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;

fn send_by(server: &Server, mail: &Composed) -> String {
    send_with(Sender::new(server).unwrap(), mail)
}

/// As mails are tried that tell no secret.
fn try_by(server: &Server, mail: &Composed) -> String {
    send_with(Sender::new(server).unwrap().telling(), mail)
}

fn send_with(mut sender: Sender, mail: &Composed) -> String {
    block_on(async {
        let outcome = sender.send(mail, &mut Walk::default(), &mut Turn::alone()).await;
        sender.close().await;
        told(&outcome)
    })
    .unwrap()
}

#[test]
fn a_folder_gets_a_private_file_of_each_mail_and_one_of_a_mail_that_goes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::Folder(folder.path().to_owned());
    assert_eq!(send_by(&server, &mail()), "sent: written to `1.eml`");
    assert_eq!(send_by(&server, &mail()), "sent: written to `1.eml`");
    let other = Composed { message_id: "<../../2@x>".to_owned(), ..mail() };
    assert_eq!(send_by(&server, &other), "sent: written to `2.eml`");
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["1.eml", "2.eml"]);
    let file = folder.path().join("1.eml");
    assert_eq!(fs::read(&file).unwrap(), mail().bytes);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_folder_that_is_not_there_is_the_account_s_failure() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Server::Folder(folder.path().join("absent"));
    let told = send_by(&absent, &mail());
    assert!(told.starts_with("Account: hand-over: `"), "{told}");
    assert!(told.contains("absent` cannot be written to: "), "{told}");
    block_on(async {
        let mut walk = Walk::default();
        assert!(Sender::new(&absent).unwrap().try_out(&mail(), &mut walk).await.is_err());
        let there = Server::Folder(folder.path().to_owned());
        assert_eq!(Sender::new(&there).unwrap().try_out(&mail(), &mut walk).await, Ok(()));
    })
    .unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "trying leaves nothing");
}

/// A program that writes down how it was called.
fn program(folder: &Path, script: &str) -> Server {
    let file = folder.join("sendmail");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    let command = vec![file.to_str().unwrap().to_owned(), "-odi; touch pwned".to_owned()];
    Server::Program { command, patience: Duration::from_secs(20) }
}

/// Whether a process that a script has written the number of is there, and more than its end.
fn is_alive(folder: &Path) -> bool {
    let number = fs::read_to_string(folder.join("child")).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Whether it has ended, or does within some seconds.
fn ends(folder: &Path) -> bool {
    (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        !is_alive(folder)
    })
}

#[test]
fn a_program_that_takes_too_long_ends_with_all_that_it_has_started_and_one_that_ends_well_may_leave_something()
 {
    let folder = tempfile::tempdir().unwrap();
    let waits = format!("sleep 217 & echo $! > {}/child; wait", folder.path().display());
    let Server::Program { command, .. } = program(folder.path(), &waits) else { unreachable!() };
    let patience = Duration::from_secs(2);
    let slow = Server::Program { command: command.clone(), patience };
    assert_eq!(send_by(&slow, &mail()), "Unknown: hand-over: no answer within 2 seconds");
    assert!(ends(folder.path()));

    let asked = block_on(token_of(&command, patience)).unwrap();
    assert_eq!(
        asked.unwrap_err().to_string(),
        "AUTH: the command of the token does not end within 2 seconds"
    );
    assert!(ends(folder.path()));

    let leaves =
        format!("cat > /dev/null; sleep 20 2> /dev/null & echo $! > {}/child", folder.path().display());
    assert_eq!(send_by(&program(folder.path(), &leaves), &mail()), "sent: the program took it");
    assert!(is_alive(folder.path()));
}

#[test]
fn what_a_command_prints_that_is_no_token_is_told_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let told = |script: &str| {
        let Server::Program { command, patience } = program(folder.path(), script) else { unreachable!() };
        block_on(token_of(&command, patience))
            .unwrap()
            .map_or_else(|failure| failure.to_string(), |_| "taken".into())
    };
    assert_eq!(told("echo token"), "taken");
    for (script, what) in [
        ("true", "nothing"),
        ("printf 'one\\ntwo\\n'", "several lines, and a token is one"),
        ("head -c 20000 /dev/zero | tr '\\0' x", "more than a token can have"),
        (
            "echo 'to ken'",
            "what is no token: it has letters, digits and signs of ASCII alone, without a space",
        ),
    ] {
        assert_eq!(told(script), format!("AUTH: the command of the token prints {what}"), "{script}");
    }
}

#[test]
fn a_program_gets_the_mail_and_no_shell_reads_what_it_is_called_with() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display();
    let server = program(
        folder.path(),
        &format!(
            "for a in \"$@\"; do echo \"$a\"; done > {at}/called; env | sort > {at}/env; cat > {at}/mail"
        ),
    );
    assert_eq!(send_by(&server, &mail_to("o'brien@acme.example")), "sent: the program took it");
    let called = fs::read_to_string(folder.path().join("called")).unwrap();
    assert_eq!(called, "-odi; touch pwned\n-i\n-f\nnoreply@acme.example\n--\no'brien@acme.example\n");
    let env = fs::read_to_string(folder.path().join("env")).unwrap();
    assert!(!env.contains("HOME=") && env.contains("PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"), "{env}");
    let expected = String::from_utf8(mail_to("o'brien@acme.example").bytes).unwrap().replace("\r\n", "\n");
    assert_eq!(fs::read_to_string(folder.path().join("mail")).unwrap(), expected);
}

/// In the session of this process it could type into the terminal that root works at.
#[test]
fn a15_a_program_has_a_session_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let script =
        format!("cut -d ' ' -f 1,5,6 /proc/$$/stat > {}/ids; cat > /dev/null", folder.path().display());
    let server = program(folder.path(), &script);
    assert_eq!(send_by(&server, &mail()), "sent: the program took it");
    let ids = fs::read_to_string(folder.path().join("ids")).unwrap();
    let ids: Vec<_> = ids.split_whitespace().collect();
    assert!(
        ids.len() == 3 && ids.iter().all(|id| *id == ids[0]),
        "the leader of its group and session: {ids:?}"
    );
}

#[test]
fn a_program_that_cannot_be_started_is_the_accounts_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    let server = program(folder.path(), "");
    fs::write(folder.path().join("sendmail"), "#!/nowhere/at/all\n").unwrap();
    let told = send_by(&server, &mail());
    assert!(told.starts_with("Account: hand-over: the program cannot be run"), "{told}");
    let Server::Program { command, .. } = server else { unreachable!() };
    let asked = block_on(token_of(&command, Duration::from_secs(20))).unwrap();
    assert_eq!(
        asked.unwrap_err().to_string(),
        "AUTH: the command of the token cannot be run (it, or what it is run by, is not there)"
    );
}

#[test]
fn how_a_program_ends_says_whose_the_failure_is() {
    let folder = tempfile::tempdir().unwrap();
    for (script, expected) in [
        (
            "echo 'no such user' >&2; exit 67",
            "MailForGood: hand-over: the program ended with 67: no such user",
        ),
        ("cat > /dev/null; exit 75", "MailForNow: hand-over: the program ended with 75: "),
        (
            "printf 'a\\033[2J\\nb' >&2; exit 78",
            "Account: hand-over: the program ended with 78: a\u{FFFD}[2J b",
        ),
        ("kill -9 $$", "Unknown: hand-over: the program was ended by a signal"),
        // What it leaves behind holds nobody up.
        ("sleep 60 >&2 & exit 75", "MailForNow: hand-over: the program ended with 75: "),
    ] {
        assert_eq!(try_by(&program(folder.path(), script), &mail()), expected, "{script}");
    }
    let relative =
        Server::Program { command: vec!["sendmail".to_owned()], patience: Duration::from_secs(20) };
    assert_eq!(send_by(&relative, &mail()), "Account: hand-over: there is no program `sendmail`");
}

#[test]
fn m4_what_a_program_says_of_a_mail_is_told_by_no_word_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    for (code, expected) in [
        (65, "MailForGood: hand-over: the program ended with 65 (the mail is refused)"),
        (67, "MailForGood: hand-over: the program ended with 67 (no such user)"),
        (75, "MailForNow: hand-over: the program ended with 75 (put off)"),
        (78, "Account: hand-over: the program ended with 78 (it is not configured right)"),
        (1, "Account: hand-over: the program ended with 1 (it failed)"),
    ] {
        let quoting = program(folder.path(), &format!("cat >&2; exit {code}"));
        assert_eq!(send_by(&quoting, &mail()), expected);
    }
}

#[test]
fn a_program_that_does_not_read_the_mail_has_not_taken_it_however_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let large = Composed { bytes: vec![b'x'; 4 << 20], ..mail() };
    assert_eq!(
        send_by(&program(folder.path(), "exit 0"), &large),
        "Account: hand-over: the program ended well without reading the mail"
    );
    // Whether a pipe holds all of it, and however long the program waits.
    for script in ["exit 0", "sleep 0.3", "head -c 10 > /dev/null; sleep 0.2", "exec < /dev/null; sleep 0.2"]
    {
        assert_eq!(
            send_by(&program(folder.path(), script), &mail()),
            "Account: hand-over: the program ended well without reading the mail",
            "{script}"
        );
    }
}

/// It may have been closed when it was named, and opened since.
#[test]
fn a15_a_program_that_everybody_can_exchange_by_now_is_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let server = program(folder.path(), "cat > /dev/null; echo token");
    fs::set_permissions(folder.path().join("sendmail"), fs::Permissions::from_mode(0o757)).unwrap();
    let told = send_by(&server, &mail());
    assert!(told.starts_with("Account: hand-over: everybody can write to `"), "{told}");
    let Server::Program { command, .. } = server else { unreachable!() };
    let asked = block_on(token_of(&command, Duration::from_secs(20))).unwrap();
    assert!(asked.unwrap_err().to_string().starts_with("AUTH: everybody can write to `"));
}

#[test]
fn a_program_that_does_not_end_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let Server::Program { command, .. } = program(folder.path(), "exec sleep 60") else { panic!() };
    let server = Server::Program { command, patience: Duration::from_millis(500) };
    assert_eq!(send_by(&server, &mail()), "Unknown: hand-over: no answer within 500 ms");
}
