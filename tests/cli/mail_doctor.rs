//! `secboard mail doctor`: what keeps mails from leaving and from being believed, and what to do about it.

use insta::assert_snapshot;

use crate::dns::{Dns, Manner};
use crate::harness::Board;

const ED25519: &str = include_str!("../../src/lib/mail/dkim/test_keys/ed25519.pem");

/// What the domain has to publish for that key.
const KEY: &str = "v=DKIM1; k=ed25519; p=";

/// A board whose mails leave by a relay, from a domain that publishes what `dns` says.
fn board(dns: &Dns) -> Board {
    let board = Board::new();
    board.write("secboard.toml", format!("resolver = \"{}\"\n", dns.address()));
    board.run("setting set site.domain secboard.acme.example").ok();
    board.run("mail server create relay --host smtp.acme.example --auth none").ok();
    board.run("mail account create noreply --server relay --from noreply@acme.example").ok();
    board.run("mail route set --account noreply").ok();
    board
}

/// A domain with all that receivers ask for.
fn good() -> Dns {
    Dns::start(&[
        ("acme.example", "v=spf1 include:_spf.relay.example -all"),
        ("_dmarc.acme.example", "v=DMARC1; p=reject"),
    ])
}

#[test]
fn all_is_well_where_it_is_and_the_exit_code_says_so() {
    let dns = good();
    let board = board(&dns);
    assert_snapshot!(board.run("mail doctor"), @"
    ------- stderr -------
    all is well
    ");
    assert_eq!(board.run("mail doctor -o json").ok().json(), serde_json::json!([]));
    let mut asked = dns.asked();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, ["_dmarc.acme.example", "acme.example"]);
}

#[test]
fn what_a_domain_publishes_drives_no_terminal() {
    let dns = good();
    let board = board(&dns);
    dns.publish("acme.example", &["v=spf1 \x1B]0;pwned\x07\x1B[2J -all"]);
    let ran = board.run("mail doctor");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stdout.contains("]0;pwned") && !ran.stdout.contains(['\x1B', '\x07']), "{ran}");
}

#[test]
fn what_a_domain_publishes_is_held_against_what_it_should() {
    let dns = good();
    let board = board(&dns);
    board.run_with_input("mail account dkim noreply --selector s --key -", ED25519).ok();
    let record = board.run("mail account dkim noreply --columns text -o json").ok().json();
    let record = record["text"].as_str().unwrap();
    assert!(record.starts_with(KEY));
    let published = |name: &str, texts: &[&str]| {
        dns.publish(name, texts);
        let ran = board.run("mail doctor");
        format!("{} -> {}\n{ran}", texts.join(" | "), ran.code.unwrap())
    };
    let key = "s._domainkey.acme.example";
    let long = format!("{record}; n={}", "x".repeat(600));
    assert_snapshot!(published(key, &[]), @"
     -> 1
    error mail.dns: `s._domainkey.acme.example` publishes no key, so no signature is believed
      publish as `s._domainkey.acme.example` what this prints:
      secboard mail account dkim 'noreply'
    [exit status: 1]
    ");
    assert_snapshot!(published(key, &["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]), @"
    v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo= -> 1
    error mail.dns: `s._domainkey.acme.example` publishes another key than the account signs with
      publish as `s._domainkey.acme.example` what this prints:
      secboard mail account dkim 'noreply'
    [exit status: 1]
    ");
    assert_snapshot!(published(key, &[record, "v=DKIM1; p="]), @"
    v=DKIM1; k=ed25519; p=7TKGIVexG4g2d230JdPvCnCihGryulkq7X1YJsSZpLg= | v=DKIM1; p= -> 1
    error mail.dns: `s._domainkey.acme.example` publishes 2 keys, and receivers may take any of them
      leave only the one that this prints:
      secboard mail account dkim 'noreply'
    [exit status: 1]
    ");
    assert_snapshot!(published(key, &[&long]), @"
    v=DKIM1; k=ed25519; p=7TKGIVexG4g2d230JdPvCnCihGryulkq7X1YJsSZpLg=; n=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx -> 0
    ------- stderr -------
    all is well
    ");
    assert_snapshot!(published("acme.example", &[]), @"
     -> 0
    warning mail.dns: `acme.example` publishes no SPF record, so nobody can tell who may send for it
      publish `v=spf1 include:… -all` as a TXT record of `acme.example`; the provider of the mail server says what to include
    ");
    assert_snapshot!(published("acme.example", &["v=spf1 mx -all", "v=spf1 a -all", "other"]), @"
    v=spf1 mx -all | v=spf1 a -all | other -> 1
    error mail.dns: `acme.example` publishes 2 SPF records, and of several none counts
      make one of them, with all that may send
    [exit status: 1]
    ");
    assert_snapshot!(published("acme.example", &["v=spf1 -all"]), @"
    v=spf1 -all -> 1
    error mail.dns: the SPF record of `acme.example` says that nobody sends for it: `v=spf1 -all`
      name the servers that may send before `-all`, with `include:…`, `ip4:…` or `mx`
    [exit status: 1]
    ");
    assert_snapshot!(published("acme.example", &["v=spf1 mx -all"]), @"
    v=spf1 mx -all -> 0
    ------- stderr -------
    all is well
    ");
    assert_snapshot!(published("_dmarc.acme.example", &["v=DMARC1; p=none"]), @"
    v=DMARC1; p=none -> 0
    warning mail.dns: `_dmarc.acme.example` asks for nothing to be done with forged mails: `p=none`
      ask for `p=quarantine` or `p=reject` once the reports show that your own mails pass
    ");
    assert_snapshot!(published("_dmarc.acme.example", &[]), @"
     -> 0
    warning mail.dns: `acme.example` publishes no DMARC record; large providers ask for one
      publish `v=DMARC1; p=none; rua=mailto:…` as `_dmarc.acme.example` to begin with
    ");
}

/// Neither of a server that says nothing nor of one that failed is said that a domain publishes nothing.
#[test]
fn a_dns_that_gives_no_answer_is_named_and_nothing_is_made_of_it() {
    let dns = good();
    let board = board(&dns);
    dns.behave(Manner::Failing);
    let failing = board.run("mail doctor");
    assert_eq!(failing.code, Some(1));
    assert!(
        failing.stdout.starts_with("error mail.dns: the DNS gives no answer about `acme.example`"),
        "{failing}"
    );
    dns.behave(Manner::Silent);
    let silent = board.run("mail doctor -o json");
    assert_eq!(silent.code, Some(1));
    assert_eq!(silent.json().as_array().unwrap().len(), 1, "{silent}");
    assert_eq!(silent.json()[0]["code"], "mail.dns");
    // Who asks nobody is not kept by it.
    board.run("mail doctor --offline").ok();
}

#[test]
fn what_the_store_and_the_machine_tell_is_said_with_what_to_type() {
    let board = Board::new();
    std::fs::create_dir(board.path("templates")).unwrap();
    std::fs::create_dir(board.path("mails")).unwrap();
    board.write("templates/password-set.jinja", "{{ nobody }}");
    board.write("secboard.toml", format!("templates = \"{}\"\n", board.path("templates").display()));
    assert_snapshot!(board.run("mail doctor"), @"
    error site.domain: the host in links is `localhost`, so mails with links wait
      set the host by which people reach this site, with `secboard setting set site.domain …`; or say that this is no production:
      secboard setting set site.kind test
    error mail.feature: no account is to send anything, so every mail waits
      make a server and an account, with `secboard mail server create …` and `secboard mail account create …`, and take the account for all, with `secboard mail route set --account …`
    error mail.templates: [board]/templates/password-set.jinja:1: this message knows no `nobody`
      correct it; the built-in text is sent instead
    [exit status: 1]
    ");
    board
        .run("mail server create relay --host smtp.acme.example --port 465 --security starttls --force")
        .ok();
    let create =
        "mail account create noreply --server relay --from noreply@acme.example --user app --password-stdin";
    board.run_with_input(create, "app-secret").ok();
    board.run("mail server create folder --kind file --folder mails").ok();
    board.run("mail account create local --server folder --from local@acme.example").ok();
    board.run("mail account edit local --inactive").ok();
    board.run("mail route set --feature invite --account local --second noreply").ok();
    std::fs::remove_dir(board.path("mails")).unwrap();
    assert_snapshot!(board.run("mail doctor --offline"), @"
    error site.domain: the host in links is `localhost`, so mails with links wait
      set the host by which people reach this site, with `secboard setting set site.domain …`; or say that this is no production:
      secboard setting set site.kind test
    error mail.server: server `folder`: the folder `[board]/mails` is not there
      make it again
    warning mail.port_security: server `relay`: port 465 speaks TLS from the first byte, so `starttls` would wait for ever
      write `--port 465 --security tls` or `--port 587 --security starttls`; `--force` if this server is different:
      secboard mail server edit 'relay' --security tls
    error mail.account: `invite`: account `local` is to send it, and is not active
      name another with `secboard mail route set --account …`, or let it send:
      secboard mail account edit 'local' --active
    error mail.feature: no account is to send `access-request`, `alert`, `contact`, `contact-auto-reply`, `directory-alert`, `export`, `first-login`, `password-reset`, `reminder`, `security-notice`, so such mails wait
      take one of the accounts for all, with `secboard mail route set --account …`
    error mail.templates: [board]/templates/password-set.jinja:1: this message knows no `nobody`
      correct it; the built-in text is sent instead
    [exit status: 1]
    ");
    let asked = board.run("mail doctor --offline -o json").json();
    let codes: Vec<&str> =
        asked.as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_snapshot!(codes.join(" "), @"site.domain mail.server mail.port_security mail.account mail.feature mail.templates");
    for row in asked.as_array().unwrap() {
        if let Some(command) = row["command"].as_str() {
            assert!(command.starts_with("secboard "), "{command}");
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "somebody damages the file")]
fn a_password_that_does_not_open_is_named() {
    let board = Board::new();
    board.run("mail server create relay --host smtp.acme.example").ok();
    let create =
        "mail account create noreply --server relay --from noreply@acme.example --user app --password-stdin";
    board.run_with_input(create, "app-secret").ok();
    board.run("mail route set --account noreply").ok();
    board.run("setting set site.domain secboard.acme.example").ok();
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    store.execute("UPDATE mail_accounts SET password_sealed = zeroblob(64)", []).unwrap();
    drop(store);
    assert_snapshot!(board.run("mail doctor --offline"), @"
    error mail.account: the password of account `noreply` does not open with this key
      give it again:
      secboard mail account edit 'noreply' --password
    [exit status: 1]
    ");
}
