//! Invitations, and the control words of companies.

use std::fs;

use insta::assert_snapshot;

use crate::harness::Board;

const PEOPLE: &str = "email,first_name,last_name,company,active\n\
    ann@acme.example,Ann,Lee,Acme Bank,yes\n\
    bob@acme.example,Bob,Ray,Acme Bank,no\n\
    max@acme.example,Max,Kay,Acme Bank,yes\n";

/// A board with Olena, who has no password.
fn board() -> Board {
    let board = Board::new();
    let olena = "--email olena@acme.example --first-name Олена --last-name Шевченко --company 'Acme Bank'";
    board.run(&format!("user create {olena}")).ok();
    board
}

/// A board whose mails become files in a folder.
fn mailing(board: &Board) {
    fs::create_dir(board.path("mail")).unwrap();
    let folder = board.path("mail").display().to_string();
    board.run(&format!("mail server create folder --kind file --folder {folder}")).ok();
    board.run("mail account create noreply --server folder --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board.run("setting set site.domain secboard.acme.example").ok();
}

/// The mails in the folder, each as it is without its encoding.
fn mails(board: &Board) -> Vec<String> {
    let read = |entry: fs::DirEntry| {
        let mail = fs::read_to_string(entry.path()).unwrap();
        mail.replace("=\r\n", "").replace("=\n", "").replace("=3D", "=")
    };
    let mut mails: Vec<String> = fs::read_dir(board.path("mail")).unwrap().flatten().map(read).collect();
    mails.sort();
    mails
}

#[test]
fn who_has_no_password_is_offered_an_invitation_and_why_says_how_it_stands() {
    let board = board();
    assert_snapshot!(board.run("user why olena@acme.example"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        yes  not managed by a directory
    password         no   no password was ever set
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    what to do:
      password: invite them with `secboard user invite 'olena@acme.example'`, or give first access with `secboard user set-password 'olena@acme.example' --generate`
    ------- stderr -------
    olena@acme.example may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user invite olena@acme.example"), @"
    ------- stderr -------
    note: mails with links wait until the setting `site.domain` says where they lead
    invited `olena@acme.example`
    ");
    assert_snapshot!(board.run("user why olena@acme.example --columns code,ok"), @"
    CODE             OK
    exists           yes
    active           yes
    dates            yes
    directory        yes
    password         no
    throttle         yes
    two_factor       yes
    password_change  yes
    ------- stderr -------
    olena@acme.example may not log in
    invited: pending, the mail waits to be sent
    [exit status: 1]
    ");
    assert_eq!(board.run("user why olena@acme.example -o json").json()["invited"], "pending");
    mailing(&board);
    assert_snapshot!(board.run("mail flush"), @"
    ------- stderr -------
    1 sent
    ");
    let sent = mails(&board);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains("https://secboard.acme.example/invite/"), "{}", sent[0]);
    assert!(sent[0].contains("https://secboard.acme.example/not-me/"), "{}", sent[0]);
    let said = board.run("user why olena@acme.example").stderr;
    assert!(said.contains("invited: pending, the link works until "), "{said}");
    assert_snapshot!(board.run("user list --invited pending --invited accepted"), @"
    FULL NAME       EMAIL               COMPANY    DEPARTMENT  STATUS  ROLES  GROUPS
    Олена Шевченко  olena@acme.example  Acme Bank              active
    ");
    assert_snapshot!(board.run("user list --invited expired --count"), @"0");
    assert_snapshot!(board.run("user list --sort invited --columns email,invited"), @"
    EMAIL               INVITED
    olena@acme.example  pending
    ada@acme.example
    ");
    let shown = board.run("user show olena@acme.example");
    assert!(shown.stdout.contains("pending"), "{}", shown.stdout);
    let why = board.run("user why olena@acme.example").to_string();
    assert!(why.contains("password: they are invited, and the link works until "), "{why}");
    assert!(why.contains("; send it again with `secboard user invite 'olena@acme.example'`"), "{why}");
    board.run("export users --output people.csv --columns email,invited").ok();
    assert_eq!(
        fs::read_to_string(board.path("people.csv")).unwrap(),
        "email,invited\nada@acme.example,\nolena@acme.example,pending\n"
    );
    board.run("user deactivate olena@acme.example").ok();
    assert_eq!(board.run("user why olena@acme.example -o json").json()["invited"], "expired");
    assert_snapshot!(board.run("user invite olena@acme.example"), @"
    ------- stderr -------
    error: `olena@acme.example` is not invited: the administrator's switch is off
    hint: let them log in first with `secboard user activate 'olena@acme.example'`
    [exit status: 65]
    ");
}

#[test]
fn no_token_is_told_by_any_command_and_none_is_in_the_store() {
    let board = board();
    mailing(&board);
    board.run("user invite olena@acme.example").ok();
    board.run("mail flush").ok();
    let mail = mails(&board).remove(0);
    let token = |path: &str| mail.split(path).nth(1).unwrap()[..52].to_owned();
    let tokens = [token("/invite/"), token("/not-me/")];
    let id = board.run("mail outbox list -o json").json()[0]["id"].as_str().unwrap().to_owned();
    for command in [
        format!("mail outbox show {id} -o json"),
        "mail trace olena@acme.example -o json".to_owned(),
        "audit list -o json".to_owned(),
        "user why olena@acme.example -o json".to_owned(),
    ] {
        let said = board.run(&command).to_string();
        assert!(tokens.iter().all(|token| !said.contains(token.as_str())), "{command}: {said}");
    }
    for file in fs::read_dir(board.path("")).unwrap().flatten().filter(|file| file.path().is_file()) {
        let bytes = fs::read(file.path()).unwrap();
        for token in &tokens {
            let is_there = bytes.windows(token.len()).any(|window| window == token.as_bytes());
            assert!(!is_there, "{}", file.path().display());
        }
    }
}

#[test]
fn several_are_invited_by_a_run_whose_undo_drops_what_waits() {
    let board = board();
    board.write("people.csv", PEOPLE);
    board.run(&format!("user import {}", board.path("people.csv").display())).ok();
    assert_snapshot!(board.run("user invite --company 'Acme Bank' --all-matching --dry-run"), @"
    + link max@acme.example  user=max@acme.example
    + link ann@acme.example  user=ann@acme.example
    + link olena@acme.example  user=olena@acme.example
    ------- stderr -------
    skipped `ada@acme.example`: `ada@acme.example` is not invited: there is a password already
    skipped `bob@acme.example`: `bob@acme.example` is not invited: the administrator's switch is off
    people: 3 invited, 2 refused; mails: 3 (dry run: nothing was changed)
    note: mails with links wait until the setting `site.domain` says where they lead
    error: skipped 2 of 5 people
    hint: see above why; change them apart, or ask an administrator who may
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user invite --company 'Acme Bank' --all-matching"), @"
    ------- stderr -------
    skipped `ada@acme.example`: `ada@acme.example` is not invited: there is a password already
    skipped `bob@acme.example`: `bob@acme.example` is not invited: the administrator's switch is off
    people: 3 invited, 2 refused; mails: 3
    run `[run]`; undo it with `secboard run undo [run]`
    note: mails with links wait until the setting `site.domain` says where they lead
    error: skipped 2 of 5 people
    hint: see above why; change them apart, or ask an administrator who may
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user list --invited pending --columns email"), @"
    EMAIL
    max@acme.example
    ann@acme.example
    olena@acme.example
    ");
    let run = board.run("run list -o json").json()[0]["id"].as_str().unwrap().to_owned();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 3 taken back, 3 mails dropped
    ");
    assert_snapshot!(board.run("user list --invited pending --columns email"), @"
    ------- stderr -------
    nothing matches
    ");
    assert_snapshot!(board.run("mail outbox list --columns message,state,to"), @"
    MESSAGE     STATE    TO
    invitation  dropped  olena@acme.example
    invitation  dropped  ann@acme.example
    invitation  dropped  max@acme.example
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn new_people_are_invited_as_they_are_made() {
    let board = Board::new();
    let new = "user create --email olena@acme.example --first-name Олена --last-name Ш --company 'Acme Bank' --invite";
    assert_snapshot!(board.run(new), @"
    ------- stderr -------
    created user `olena@acme.example`, id 2, and invited them
    note: mails with links wait until the setting `site.domain` says where they lead
    ");
    let later = "user create --email max@acme.example --first-name Max --last-name M --company 'Acme Bank' --invite \
        --start-date 2999-01-01";
    assert_snapshot!(board.run(later), @"
    ------- stderr -------
    error: `max@acme.example` is not invited: the start date 2999-01-01 lies ahead, today is [today]
    hint: let them log in first with `secboard user edit 'max@acme.example' --start-date today`
    [exit status: 65]
    ");
    assert!(board.run("user show max@acme.example").code != Some(0), "nobody was made");
    board.write("people.csv", PEOPLE);
    let file = board.path("people.csv").display().to_string();
    assert_snapshot!(board.run(&format!("user import {file} --invite --dry-run")), @"
    + user ann@acme.example  first_name=Ann, last_name=Lee, company=Acme Bank, active=yes
    + link ann@acme.example  user=ann@acme.example
    + user bob@acme.example  first_name=Bob, last_name=Ray, company=Acme Bank, active=no
    + user max@acme.example  first_name=Max, last_name=Kay, company=Acme Bank, active=yes
    + link max@acme.example  user=max@acme.example
    ------- stderr -------
    warning: `bob@acme.example` is not invited: the administrator's switch is off
    people: 2 invited, 3 created; mails: 2 (dry run: nothing was changed)
    note: mails with links wait until the setting `site.domain` says where they lead
    ");
    assert_snapshot!(board.run(&format!("user import {file} --invite")), @"
    ------- stderr -------
    warning: `bob@acme.example` is not invited: the administrator's switch is off
    people: 2 invited, 3 created; mails: 2
    run `[run]`; undo it with `secboard run undo [run]`
    note: mails with links wait until the setting `site.domain` says where they lead
    ");
    assert_snapshot!(board.run("user list --invited pending --columns email"), @"
    EMAIL
    max@acme.example
    ann@acme.example
    olena@acme.example
    ");
    let run = board.run("run list -o json").json()[0]["id"].as_str().unwrap().to_owned();
    assert_snapshot!(board.run(&format!("run undo {run} --yes")), @"
    ------- stderr -------
    run `[run]`: 5 taken back, 2 mails dropped
    ");
    assert_snapshot!(board.run("user list --columns email"), @"
    EMAIL
    ada@acme.example
    olena@acme.example
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn p10_a_control_word_has_twelve_characters_and_is_kept_as_a_hash() {
    let board = Board::new();
    assert_snapshot!(board.run("company control-word set acme-bank"), @"
    ------- stderr -------
    error: the control word is missing, and there is no terminal to ask on
    hint: give `--word-stdin`
    [exit status: 2]
    ");
    let set = |word: &str| board.run_with_input("company control-word set acme-bank --word-stdin", word);
    assert_snapshot!(set("eleven char"), @"
    ------- stderr -------
    error: the control word is too short: it has 11 of at least 12 characters
    hint: choose another, or have one made with `secboard company control-word rotate`
    [exit status: 65]
    ");
    assert_snapshot!(set("password1234"), @"
    ------- stderr -------
    error: this will not do as a control word
      because: the password is one of the most common ones, which are tried first by whoever guesses
    hint: choose another, or have one made with `secboard company control-word rotate`
    [exit status: 65]
    ");
    assert_snapshot!(set("Acme Bank 2026"), @"
    ------- stderr -------
    error: this will not do as a control word
      because: the password is little more than the company, which others know
    hint: choose another, or have one made with `secboard company control-word rotate`
    [exit status: 65]
    ");
    assert_snapshot!(set("sunflowers in july"), @"
    ------- stderr -------
    set the control word of `Acme Bank`
    ");
    let rotated = board.run("company control-word rotate 'Acme Bank' -o json").ok();
    let word = rotated.json()["control_word"].as_str().unwrap().to_owned();
    assert!(word.len() >= 12, "{word}");
    assert_eq!(rotated.json()["company"], "Acme Bank");
    let audit = board.run("audit list -o json").ok().stdout;
    let store = fs::read(board.path("secboard.db")).unwrap();
    for word in ["sunflowers in july", word.as_str()] {
        assert!(!audit.contains(word));
        assert!(!store.windows(word.len()).any(|window| window == word.as_bytes()));
    }
    assert!(!board.run("company show acme-bank -o json").json()["control_word_set_at"].is_null());
    assert_snapshot!(board.run("audit list --action company.set_control_word --columns action,kind,subject,after"), @"
    ACTION                    KIND          SUBJECT    AFTER
    company.set_control_word  control_word  Acme Bank  control_word=changed
    company.set_control_word  control_word  Acme Bank  control_word=changed
    ");
    assert_snapshot!(board.run("company control-word remove acme-bank"), @"
    ------- stderr -------
    `Acme Bank` has no control word any more
    ");
    assert_snapshot!(board.run("company control-word remove acme-bank"), @"
    ------- stderr -------
    no change: `Acme Bank` has no control word
    ");
    assert!(board.run("company show acme-bank -o json").json()["control_word_set_at"].is_null());
}
