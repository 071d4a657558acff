//! `secboard mail server`, `account`, `route`: by what mails leave.

use insta::assert_snapshot;

use crate::harness::Board;

const RSA: &str = include_str!("../../src/lib/mail/dkim/test_keys/rsa-pkcs1.pem");

/// A board with a server, two accounts and their company.
fn board() -> Board {
    let board = Board::new();
    board.run("mail server create relay --host smtp.acme.example").ok();
    let account =
        "mail account create noreply --server relay --from noreply@acme.example --user app --password-stdin";
    board.run_with_input(account, "app-secret\n").ok();
    board.run("mail server create folder --kind file --folder .").ok();
    board.run("mail account create local --server folder --from local@acme.example --company acme-bank").ok();
    board
}

#[test]
fn a_server_is_made_shown_changed_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run("mail server create relay --host smtp.acme.example"), @"
    ------- stderr -------
    created mail server `relay`
    ");
    assert_snapshot!(board.run("mail server show RELAY"), @"
    ID               1
    NAME             relay
    KIND             smtp
    PLACE            smtp.acme.example:587
    HOST             smtp.acme.example
    PORT             587
    SECURITY         starttls
    AUTH             plain
    CONNECT TIMEOUT  20
    ANSWER TIMEOUT   60
    MAIL TIMEOUT     300
    CONNECTIONS      2
    CREATED AT       [time]
    UPDATED AT       [time]
    ");
    assert_snapshot!(board.run("mail server edit relay --rate 30 --connections 4 --auth login"), @"
    ------- stderr -------
    changed mail server `relay`: auth, rate, connections
    ");
    assert_snapshot!(board.run("mail server edit relay --rate 30"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("mail server edit relay --no-rate --name Relay"), @"
    ------- stderr -------
    changed mail server `Relay`: name, rate
    ");
    board.run("mail server create folder --kind file --folder .").ok();
    assert_snapshot!(board.run("mail server create local --kind sendmail --command '/usr/sbin/sendmail -O x=y'"), @"
    ------- stderr -------
    created mail server `local`
    ");
    assert_snapshot!(board.run("mail server list"), @"
    NAME    KIND      PLACE                      SECURITY  AUTH
    folder  file      [board]
    local   sendmail  /usr/sbin/sendmail -O x=y
    Relay   smtp      smtp.acme.example:587      starttls  login
    ");
    assert_snapshot!(board.run("mail server delete relay --yes"), @"
    ------- stderr -------
    deleted mail server `Relay`
    ");
    assert_snapshot!(board.run("mail server show relay"), @"
    ------- stderr -------
    error: there is no mail server `relay`
    hint: see those there are with `secboard mail server list`
    [exit status: 67]
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn a_port_with_a_security_that_cannot_meet_is_refused_with_the_right_pair() {
    let board = Board::new();
    let create = "mail server create relay --host 127.0.0.1";
    assert_snapshot!(board.run(&format!("{create} --port 465 --security starttls")), @"
    ------- stderr -------
    error: port 465 speaks TLS from the first byte, so `starttls` would wait for ever
    hint: write `--port 465 --security tls` or `--port 587 --security starttls`; `--force` if this server is different
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("{create} --port 587 --security tls")), @"
    ------- stderr -------
    error: port 587 speaks plain first and changes to TLS by STARTTLS, so `tls` would wait for ever
    hint: write `--port 587 --security starttls` or `--port 465 --security tls`; `--force` if this server is different
    [exit status: 65]
    ");
    assert_snapshot!(board.run(&format!("{create} --port 25 --security none")), @"
    ------- stderr -------
    error: passwords would go to the server in plain, for everybody on the way to read
    hint: take `--security starttls` or `tls`; `--force` if nobody else is on the way
    [exit status: 65]
    ");
    board.run(&format!("{create} --port 465 --security starttls --force")).ok();
    // What was forced once is not asked about again by a change of something else.
    board.run("mail server edit relay --rate 10").ok();
    assert_eq!(board.run("mail server edit relay --port 587 --security tls").code, Some(65));
}

#[test]
fn a_server_that_cannot_be_is_refused_whole() {
    let board = Board::new();
    board.write("no.pem", "no certificate");
    let said: String = [
        "create a",
        "create a --host ''",
        "create a --host 'a b'",
        "create a --host 1.2.3",
        "create a --kind file",
        "create a --kind file --folder nowhere",
        "create a --kind file --folder . --host b",
        "create a --kind sendmail --command sendmail",
        "create a --host a.example --auth xoauth2",
        "create a --host a.example --token-command /bin/true",
        "create a --host a.example --ca-file nowhere.pem",
        "create a --host a.example --ca-file no.pem",
        "create a --host a.example --security none --auth none --ca-file no.pem",
        "edit a --rate 1",
    ]
    .map(|line| {
        let ran = board.run(&format!("mail server {line}"));
        format!("{line}\n  {} {}\n", ran.code.unwrap(), ran.stderr.lines().next().unwrap())
    })
    .concat();
    assert_snapshot!(said.replace(&board.path("").display().to_string(), "[board]/"), @"
    create a
      65 error: a mail server of kind `smtp` needs `--host`
    create a --host ''
      65 error: `` is no name of a host and no address
    create a --host 'a b'
      65 error: `a b` is no name of a host and no address
    create a --host 1.2.3
      65 error: `1.2.3` is no name of a host and no address
    create a --kind file
      65 error: a mail server of kind `file` needs `--folder`
    create a --kind file --folder nowhere
      66 error: `[board]/nowhere` is no folder
    create a --kind file --folder . --host b
      65 error: a mail server of kind `file` takes no `--host`
    create a --kind sendmail --command sendmail
      65 error: `sendmail` is not the full path of a program
    create a --host a.example --auth xoauth2
      65 error: `--auth xoauth2` and `--token-command` belong together
    create a --host a.example --token-command /bin/true
      65 error: `--auth xoauth2` and `--token-command` belong together
    create a --host a.example --ca-file nowhere.pem
      66 error: the authorities in `[board]/nowhere.pem` cannot be read
    create a --host a.example --ca-file no.pem
      65 error: `[board]/no.pem` holds no certificate in PEM
    create a --host a.example --security none --auth none --ca-file no.pem
      65 error: `[board]/no.pem` holds no certificate in PEM
    edit a --rate 1
      67 error: there is no mail server `a`
    ");
    assert_eq!(board.run("mail server list -o json").ok().json().as_array().unwrap().len(), 0);
}

#[test]
fn a6_an_account_is_made_shown_changed_and_deleted_and_its_password_is_never_shown() {
    let board = board();
    assert_snapshot!(board.run("mail account list"), @"
    NAME     SERVER  COMPANY    FROM                  USER  ACTIVE
    local    folder  Acme Bank  local@acme.example          yes
    noreply  relay              noreply@acme.example  app   yes
    ");
    assert_snapshot!(board.run("mail account show noreply"), @"
    ID            1
    NAME          noreply
    SERVER        relay
    FROM          noreply@acme.example
    USER          app
    HAS PASSWORD  yes
    ACTIVE        yes
    CREATED AT    [time]
    UPDATED AT    [time]
    ");
    let edit =
        "mail account edit noreply --from-name 'Acme Bank' --reply-to help@acme.example --password-stdin";
    assert_snapshot!(board.run_with_input(edit, "canary-of-a-secret\n"), @"
    ------- stderr -------
    changed mail account `noreply`: from_name, reply_to, password
    ");
    assert_snapshot!(board.run("mail account edit noreply --reply-to '' --inactive"), @"
    ------- stderr -------
    changed mail account `noreply`: reply_to, active
    ");
    assert_snapshot!(board.run("mail account edit noreply --inactive"), @"
    ------- stderr -------
    no change
    ");
    let audit = board.run("audit list --action mail_account -o json").ok();
    let shown = board.run("mail account show noreply -o json").ok();
    for text in [&audit.stdout, &shown.stdout] {
        assert!(!text.contains("canary") && !text.contains("app-secret"), "{text}");
    }
    let store = std::fs::read(board.path("secboard.db")).unwrap();
    assert!(!store.windows(6).any(|bytes| bytes == b"canary"));
    assert_snapshot!(board.run("mail server delete relay --yes"), @"
    ------- stderr -------
    error: mail server `relay` is in use: 1 account (noreply)
    hint: delete its accounts, or give them another server with `secboard mail account edit … --server …`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("mail account delete noreply --yes"), @"
    ------- stderr -------
    deleted mail account `noreply`
    ");
    assert_snapshot!(board.run("mail account show noreplay"), @"
    ------- stderr -------
    error: there is no mail account `noreplay`
    hint: see those there are with `secboard mail account list`
    [exit status: 67]
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn an_account_has_what_its_server_wants_and_nothing_else() {
    let board = board();
    let said: String = [
        ("create a --server relay --from a@acme.example", ""),
        ("create a --server relay --from a@acme.example --user a", ""),
        ("create a --server relay --from a@acme.example --password-stdin", "x"),
        ("create a --server folder --from a@acme.example --user a", ""),
        ("create a --server folder --from a@acme.example --password-stdin", "x"),
        ("create a --server folder --from acme.example", ""),
        ("create a --server folder --from a@acme.example --from-name 'a\u{202e}b'", ""),
        ("create a --server folder --from a@acme.example --from-name 'a\r\nBcc: b@c.example'", ""),
        (&format!("create a --server folder --from a@acme.example --from-name {}", "x".repeat(301)), ""),
        ("create a --server folder --from a@acme.example --reply-to 'a@b.example\nBcc: c@d.example'", ""),
        ("create a --server folder --from a@acme.example --reply-to b", ""),
        ("create a --server folder --from a@acme.example --company nowhere", ""),
        ("create NOREPLY --server folder --from a@acme.example", ""),
        ("create a --server nowhere --from a@acme.example", ""),
        ("edit noreply --user ''", ""),
        ("edit noreply --server folder", ""),
    ]
    .map(|(line, input)| {
        let ran = board.run_with_input(&format!("mail account {line}"), input);
        let line: String = line.chars().take(90).collect();
        let first = ran.stderr.lines().next().unwrap();
        format!("{}\n  {} {first}\n", line.replace('\u{202e}', "[turned]").escape_debug(), ran.code.unwrap())
    })
    .concat();
    assert_snapshot!(said, @r"
    create a --server relay --from a@acme.example
      65 error: the mail server `relay` logs in, so the account needs a user name
    create a --server relay --from a@acme.example --user a
      2 error: the password is missing, and there is no terminal to ask on
    create a --server relay --from a@acme.example --password-stdin
      65 error: the mail server `relay` logs in, so the account needs a user name
    create a --server folder --from a@acme.example --user a
      65 error: the mail server `folder` takes no user name
    create a --server folder --from a@acme.example --password-stdin
      65 error: the mail server `folder` takes no password
    create a --server folder --from acme.example
      65 error: `acme.example` is not an email address: it has no `@`
    create a --server folder --from a@acme.example --from-name \'a[turned]b\'
      65 error: the name beside an address holds U+202E, which is not shown but changes how text is shown
    create a --server folder --from a@acme.example --from-name \'a\r\nBcc: b@c.example\'
      65 error: the name beside an address holds U+000D, which is not shown but changes how text is shown
    create a --server folder --from a@acme.example --from-name xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
      65 error: the name beside an address has 301 characters, more than 100
    create a --server folder --from a@acme.example --reply-to \'a@b.example\nBcc: c@d.example\'
      65 error: `a@b.example Bcc: c@d.example` is not an email address: it holds the invisible character U+000A
    create a --server folder --from a@acme.example --reply-to b
      65 error: `b` is not an email address: it has no `@`
    create a --server folder --from a@acme.example --company nowhere
      67 error: there is no company `nowhere`
    create NOREPLY --server folder --from a@acme.example
      73 error: there is a mail account `noreply` already
    create a --server nowhere --from a@acme.example
      67 error: there is no mail server `nowhere`
    edit noreply --user \'\'
      65 error: the mail server `relay` logs in, so the account needs a user name
    edit noreply --server folder
      65 error: the mail server `folder` takes no user name
    ");
}

#[test]
fn a_key_signs_the_mails_of_an_account_and_what_to_publish_is_printed() {
    let board = board();
    board.write("key.pem", RSA);
    assert_snapshot!(board.run("mail account dkim noreply"), @"
    ------- stderr -------
    error: the mails of `noreply` are not signed
    hint: give it a key with `secboard mail account dkim 'noreply' --selector … --key …`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("mail account dkim noreply --selector mail-2026 --key key.pem"), @r#"
    mail-2026._domainkey.acme.example. IN TXT ( "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1CbxKCwwrWfmlSncXwpGzcllZBjW+pS0GMYL5WMRP6Iq9BnWeMuuDwWoy7c59norlm6V3gq4bUutsWNLeEAHI2YoQmtD+Q6pHoR9k1sh+feM9NZNiU1EIP7kmP7Qbn+LxLhAuElGlLUyKlLz5t4mUChF5o3iE6YbVU2fQvW6rs3EYPo4dXDZpYYcPxdiEtunE" "T25wklb+D/8NWdAZ8RbG1aDXZQ6Xk7wAVc25OLEra9TWq/K9giVHj8MMgcUBgFe67G31WM2w/sdPHiC5Fz1u8Z2eNKz275xcU+DqxBduHNeYbF0fFtQdHsW7XnOOse3dWMWLdPq3PTs6KfAkbmiewIDAQAB" )
    ------- stderr -------
    the mails of `noreply` are signed from now on; they are believed once its domain publishes:
    "#);
    assert_snapshot!(board.run("mail account dkim noreply --columns name"), @"
    NAME  mail-2026._domainkey.acme.example
    ");
    assert_snapshot!(board.run("mail account edit noreply --from noreply@globex.example"), @"
    ------- stderr -------
    error: a signature of `acme.example` says nothing about mails from `noreply@globex.example`
    hint: sign with the domain of the sender, or one above it; an old signature ends with `secboard mail account dkim 'noreply' --remove`
    [exit status: 65]
    ");
    let ran =
        board.run_with_input("mail account dkim local --selector s --domain globex.example --key -", RSA);
    assert_snapshot!(ran, @"
    ------- stderr -------
    error: a signature of `globex.example` says nothing about mails from `local@acme.example`
    hint: sign with the domain of the sender, or one above it; an old signature ends with `secboard mail account dkim 'local' --remove`
    [exit status: 65]
    ");
    let audit = board.run("audit list --action mail_account.dkim -o json").ok();
    assert!(!audit.stdout.contains("PRIVATE"), "{}", audit.stdout);
    // Both secrets are sealed again, and the mails are still signed.
    board.run("key rotate --yes").ok();
    board.run("audit verify --state").ok();
    assert_snapshot!(board.run("mail account dkim noreply --remove"), @"
    ------- stderr -------
    the mails of `noreply` are signed no longer
    ");
    assert_snapshot!(board.run("mail account dkim noreply --remove"), @"
    ------- stderr -------
    no change: the mails of `noreply` are not signed
    ");
}

#[test]
fn the_nearest_route_is_taken_and_explained() {
    let board = board();
    assert_snapshot!(board.run("mail route explain --feature invite --company acme-bank"), @"
    STEP                        ACCOUNT  SECOND  CHOSEN
    the feature of the company                   no
    the company's default                        no
    the feature                                  no
    the site's default                           no
    ------- stderr -------
    such mails would wait: there is no route for them; `secboard mail route set --account …`
    [exit status: 1]
    ");
    assert_snapshot!(board.run("mail route set --account noreply"), @"
    ------- stderr -------
    whatever else the site sends: sent by `noreply`
    ");
    assert_snapshot!(board.run("mail route set --feature invit --company acme-bank --account local --second noreply"), @"
    ------- stderr -------
    `invit` of `Acme Bank`: sent by `local`, by `noreply` while that rests
    secboard itself sends nothing for that; did you mean `invite`?
    ");
    assert_snapshot!(board.run("mail route unset --feature invit --company acme-bank"), @"
    ------- stderr -------
    `invit` of `Acme Bank`: no longer sent by `local`
    ");
    board.run("mail route set --feature invite --company acme-bank --account local --second noreply").ok();
    assert_snapshot!(board.run("mail route set --feature invite --company acme-bank --account local --second noreply"), @"
    ------- stderr -------
    no change: `invite` of `Acme Bank`: sent by `local`, by `noreply` while that rests
    ");
    assert_snapshot!(board.run("mail route list"), @"
    FEATURE  COMPANY    ACCOUNT  SECOND
    invite   Acme Bank  local    noreply
                        noreply
    ");
    assert_snapshot!(board.run("mail route explain --feature invite --company acme-bank"), @"
    STEP                        ACCOUNT  SECOND   CHOSEN
    the feature of the company  local    noreply  yes
    the company's default                         no
    the feature                                   no
    the site's default          noreply           no
    ");
    assert_snapshot!(board.run("mail route explain --feature contact"), @"
    STEP                ACCOUNT  SECOND  CHOSEN
    the feature                          no
    the site's default  noreply          yes
    ");
    board.run("mail account edit noreply --inactive").ok();
    assert_snapshot!(board.run("mail route explain"), @"
    STEP                ACCOUNT  SECOND  CHOSEN
    the site's default  noreply          yes
    ------- stderr -------
    such mails would wait: the mail account `noreply` is not active
    [exit status: 1]
    ");
    assert_snapshot!(board.run("mail account delete noreply --yes"), @"
    ------- stderr -------
    error: mail account `noreply` is in use: 2 routes (invite@Acme Bank, default)
    hint: give these routes another account with `secboard mail route set`, or unset them
    [exit status: 65]
    ");
    board.run("audit verify --state").ok();
}

#[test]
fn a_route_that_cannot_be_is_refused() {
    let board = board();
    board.run("company create Globex").ok();
    board.run("mail route set --company acme-bank --account local").ok();
    let said: String = [
        "route set --account nobody",
        "route set --account local",
        "route set --company globex --account local",
        "route set --account noreply --second noreply",
        "route set --account noreply --feature Invite",
        "route set --account noreply --company nowhere",
        "route unset --feature invite",
        "route explain --feature 'a b'",
        "account edit local --company globex",
    ]
    .map(|line| {
        let ran = board.run(&format!("mail {line}"));
        format!("{line}\n  {} {}\n", ran.code.unwrap(), ran.stderr.lines().next().unwrap())
    })
    .concat();
    assert_snapshot!(said, @"
    route set --account nobody
      67 error: there is no mail account `nobody`
    route set --account local
      65 error: the mail account `local` is of company `Acme Bank` alone
    route set --company globex --account local
      65 error: the mail account `local` is of company `Acme Bank` alone
    route set --account noreply --second noreply
      65 error: `noreply` cannot stand in for itself
    route set --account noreply --feature Invite
      65 error: `Invite` is no feature
    route set --account noreply --company nowhere
      67 error: there is no company `nowhere`
    route unset --feature invite
      67 error: there is no mail route for `invite`
    route explain --feature 'a b'
      65 error: `a b` is no feature
    account edit local --company globex
      65 error: the mail account `local` cannot be of company `Globex` alone: it is needed by 1 route (default@Acme Bank)
    ");
    board.run("company edit acme-bank --name Acme").ok();
    assert_snapshot!(board.run("company delete acme --yes"), @"
    ------- stderr -------
    error: company `Acme` is in use: 1 person, 1 mail account, 1 mail route
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    board.run("audit verify --state").ok();
}

#[test]
#[expect(clippy::disallowed_methods, reason = "somebody changes the store past secboard")]
fn a_change_of_mail_that_was_made_past_secboard_is_found() {
    let board = board();
    board.run("mail route set --account noreply").ok();
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    store
        .execute_batch(
            "UPDATE mail_servers SET host = 'smtp.evil.example' WHERE id = 1;
        UPDATE mail_accounts SET from_address = 'evil@acme.example' WHERE id = 1;
        UPDATE mail_routes SET account_id = 2;",
        )
        .unwrap();
    assert_snapshot!(board.run("audit verify --state").stderr, @"
    row 1 of `mail_servers`: host is `smtp.evil.example`, and by the audit `smtp.acme.example`
    row 1 of `mail_accounts`: from is `evil@acme.example`, and by the audit `noreply@acme.example`
    row 1 of `mail_routes`: account is 2, and by the audit 1
    ");
}

#[test]
fn a15_only_superusers_change_by_what_mails_leave_and_only_the_owner_names_files() {
    let board = board();
    board.run("group create Mail").ok();
    board.run("group grant Mail mail.view mail.edit mail.send").ok();
    board.run("user create --email olena@acme.example --first-name O --last-name K --company acme-bank --staff --group Mail").ok();
    board.run("user edit ada@acme.example --staff").ok();
    board.write("ca.pem", "");
    let said: String = [
        "server create a --host a.example --as olena@acme.example",
        "account edit noreply --from b@acme.example --as olena@acme.example",
        "route set --account noreply --as olena@acme.example",
        "account list --columns name --as olena@acme.example",
        "server create a --host a.example --as ada@acme.example",
        "server create b --kind file --folder . --as ada@acme.example",
        "server create b --host b.example --ca-file ca.pem --as ada@acme.example",
        "server edit a --auth xoauth2 --token-command /bin/true --as ada@acme.example",
        "server edit relay --host evil.example --as ada@acme.example",
        "account edit noreply --server a --as ada@acme.example",
        "account edit noreply --no-password --as ada@acme.example",
        "server edit relay --host new.example --as ada@acme.example",
    ]
    .map(|line| {
        let ran = board.run(&format!("mail {line}"));
        format!(
            "{line}\n  {} {}\n",
            ran.code.unwrap(),
            ran.stderr.lines().next().unwrap_or(ran.stdout.trim())
        )
    })
    .concat();
    assert_snapshot!(said, @"
    server create a --host a.example --as olena@acme.example
      77 error: `olena@acme.example` may not do this: only a superuser uses `secboard mail server create`
    account edit noreply --from b@acme.example --as olena@acme.example
      77 error: `olena@acme.example` may not do this: only a superuser uses `secboard mail account edit`
    route set --account noreply --as olena@acme.example
      77 error: `olena@acme.example` may not do this: only a superuser uses `secboard mail route set`
    account list --columns name --as olena@acme.example
      0 NAME
    local
    noreply
    server create a --host a.example --as ada@acme.example
      0 created mail server `a`
    server create b --kind file --folder . --as ada@acme.example
      77 error: `ada@acme.example` may not do this: only root or the owner of the store names files, folders and programs for mails, and takes them off
    server create b --host b.example --ca-file ca.pem --as ada@acme.example
      77 error: `ada@acme.example` may not do this: only root or the owner of the store names files, folders and programs for mails, and takes them off
    server edit a --auth xoauth2 --token-command /bin/true --as ada@acme.example
      77 error: `ada@acme.example` may not do this: only root or the owner of the store names files, folders and programs for mails, and takes them off
    server edit relay --host evil.example --as ada@acme.example
      77 error: `ada@acme.example` may not do this: the passwords of its accounts would go elsewhere; only root or the owner of the store may lead them there, or they are taken off first, with `secboard mail account edit … --no-password`
    account edit noreply --server a --as ada@acme.example
      77 error: `ada@acme.example` may not do this: its password would go to another server; give it again, with `--password-stdin`
    account edit noreply --no-password --as ada@acme.example
      0 changed mail account `noreply`: password
    server edit relay --host new.example --as ada@acme.example
      0 changed mail server `relay`: host
    ");
}
