//! `secboard ad`: connections to directories, whether they can be asked, and why a password does not open.

use insta::assert_snapshot;
use serde_json::Value;

use crate::audit::tamper;
use crate::dns::{Dns, Manner};
use crate::harness::{Board, Ran};
use crate::ldap::{At, BASE, Directory, Entry, Fault, PASSWORD, Protection, READER, Script};
use crate::smtp::{Authority, Certified};

const CORP: &str = "ad create corp --company 'Acme Bank' --server ldaps://dc1.corp.test --bind-dn svc@corp.test \
    --base-dn DC=corp,DC=test --password-stdin";

/// Olena, Petro who is disabled, somebody without an email, and a computer.
fn staff() -> Vec<Entry> {
    let mut olena = Entry::person("olena", "Олена", "Коваль");
    for (name, value) in
        [("telephoneNumber", "067 123 45 67"), ("department", "Скарбниця"), ("title", "Дилер")]
    {
        olena.add(name, value.as_bytes());
    }
    let mut petro = Entry::person("petro", "Petro", "O'Neil");
    petro.attributes.retain(|(name, _)| name != "userAccountControl");
    petro.add("userAccountControl", b"514");
    let mut nobody = Entry::person("nobody", "No", "Mail");
    nobody.attributes.retain(|(name, _)| name != "mail");
    let mut computer = Entry::person("pc$", "", "");
    computer.add("objectClass", b"computer");
    vec![olena, petro, nobody, computer]
}

/// A board with a connection to a directory that is asked by TLS.
fn at(directory: &Directory, authority: &Authority) -> Board {
    let board = Board::new();
    board.write("ca.pem", authority.pem());
    let port = directory.port();
    let corp =
        format!("ad create corp --company acme-bank --server ldaps://localhost:{port} --ca-file ca.pem");
    let corp = format!(
        "{corp} --bind-dn {READER} --base-dn {BASE} --password-stdin --connect-timeout 3 --answer-timeout 3"
    );
    board.run_with_input(&corp, PASSWORD).ok();
    board
}

fn secured(script: Script) -> (Directory, Authority) {
    let authority = Authority::new();
    let config = authority.server("localhost", Certified::Now);
    (Directory::start(Script { protection: Protection::Tls(config), ..script }), authority)
}

/// What was printed, whatever the port.
fn steady(ran: &Ran, directory: &Directory) -> String {
    let port = directory.port().to_string();
    ran.to_string().replace(&port, "[port]").replace("[::1]:[port]", "127.0.0.1:[port]")
}

#[test]
fn a_connection_is_made_shown_changed_and_deleted() {
    let board = Board::new();
    assert_snapshot!(board.run_with_input(&format!("{CORP} --login-domain Corp.Test --map phone=mobile"), "reader-secret"), @"
    ------- stderr -------
    created connection `corp`
    ");
    assert_snapshot!(board.run_with_input(CORP, "reader-secret"), @"
    ------- stderr -------
    error: there is a connection `corp` already
    [exit status: 73]
    ");
    assert_snapshot!(board.run_with_input(&format!("{CORP} --if-absent"), "reader-secret"), @"
    ------- stderr -------
    no change: there is a connection `corp` already
    ");
    assert_snapshot!(board.run("ad show CORP"), @"
    ID               1
    NAME             corp
    COMPANY          Acme Bank
    ACTIVE           yes
    SERVERS          ldaps://dc1.corp.test
    INSECURE         no
    BIND DN          svc@corp.test
    BASE DN          DC=corp,DC=test
    FILTER           (objectClass=user)
    SCOPE            subtree
    PAGE SIZE        1000
    MAP              email=mail; first_name=givenName; last_name=sn; phone=mobile; department=department; position=title; login=sAMAccountName; principal=userPrincipalName; guid=objectGUID; account_control=userAccountControl; expires=-
    LOGIN DOMAINS    corp.test
    CONNECT TIMEOUT  10
    ANSWER TIMEOUT   60
    CREATES          yes
    GROUP SYNC       off
    DEPARTMENTS      match
    POSITIONS        match
    LEAVERS          deactivate
    LEAVER RUNS      2
    PEOPLE           0
    PEOPLE IN BIN    0
    CREATED AT       [time]
    UPDATED AT       [time]
    ");
    assert_snapshot!(board.run("ad list"), @"
    NAME  COMPANY    SERVERS                BIND DN        BASE DN          ACTIVE
    corp  Acme Bank  ldaps://dc1.corp.test  svc@corp.test  DC=corp,DC=test  yes
    ");
    assert_snapshot!(board.run("ad edit corp --server ldap://dc1.corp.test --server ldaps://dc2.corp.test:1636 --page-size 500"), @"
    ------- stderr -------
    changed connection `corp`: servers, page_size
    ");
    assert_snapshot!(board.run("ad edit corp --page-size 500"), @"
    ------- stderr -------
    no change
    ");
    assert_snapshot!(board.run("ad edit corp --filter '(cn=x)' --map phone= --map position=- --name Corp"), @"
    ------- stderr -------
    changed connection `Corp`: name, filter, map
    ");
    assert_snapshot!(board.run("ad edit corp --filter default --login-domain '' --inactive"), @"
    ------- stderr -------
    changed connection `Corp`: active, filter, login_domains
    ");
    assert_snapshot!(board.run_with_input("ad edit corp --password-stdin", "another"), @"
    ------- stderr -------
    changed connection `Corp`: password
    ");
    assert_snapshot!(board.run("ad show corp --columns servers,filter,map,login_domains,active -o json"), @r#"{"servers":["ldap://dc1.corp.test","ldaps://dc2.corp.test:1636"],"filter":"(objectClass=user)","map":["email=mail","first_name=givenName","last_name=sn","phone=telephoneNumber","department=department","position=-","login=sAMAccountName","principal=userPrincipalName","guid=objectGUID","account_control=userAccountControl","expires=-"],"login_domains":[],"active":false}"#);
    board.run("audit verify --state").ok();
    assert_snapshot!(board.run("company delete acme-bank --yes"), @"
    ------- stderr -------
    error: company `Acme Bank` is in use: 1 person, 1 connection to a directory
    hint: move or delete what refers to it first
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad delete corp --yes"), @"
    ------- stderr -------
    deleted connection `Corp`
    ");
    assert_snapshot!(board.run("ad show corp"), @"
    ------- stderr -------
    error: there is no connection `corp`
    hint: see what there is with `secboard ad list`
    [exit status: 67]
    ");
    let audit = board.run("audit list --action directory -o json").ok();
    assert_eq!(audit.json().as_array().unwrap().len(), 6);
    board.run("audit verify --state").ok();
}

#[test]
fn what_a_connection_cannot_be_is_refused_with_what_to_do() {
    let board = Board::new();
    let here = board.path("x").display().to_string().replace("/x", "/");
    let with = |flags: &str| {
        let ran = board.run_with_input(&format!("{CORP} {flags}"), "reader-secret");
        ran.stderr.replace(&here, "[board]/")
    };
    assert_snapshot!(with("--server dc2.corp.test"), @"
    error: `dc2.corp.test` is no server of a directory
    hint: write it as `ldaps://dc1.corp.example`, or `ldap://dc1.corp.example` for StartTLS, with `:PORT` behind it where that is another; for the servers of a domain as `ldaps+srv://corp.example`
    ");
    assert_snapshot!(with("--insecure"), @"
    error: `--insecure` is for servers that begin with `ldap://`, and `ldaps://dc1.corp.test` speaks TLS
    hint: leave `--insecure` out; where the connection has it already, `--no-insecure` takes it off
    ");
    assert_snapshot!(with("--filter 'objectClass=user'"), @"
    error: `objectClass=user` is no filter of LDAP
    hint: write it as `(objectClass=user)`; `default` is the usual one
    ");
    assert_snapshot!(with("--map fax=facsimile"), @"
    error: `fax=facsimile` does not say which attribute is read as what
    hint: write it as `phone=mobile`: email, first_name, last_name, phone, department, position, login, principal, guid, account_control or expires, and an attribute, `-` for none, or nothing for the usual one
    ");
    assert_snapshot!(with("--map guid=-"), @"
    error: `guid` cannot be left out
    hint: name its attribute
    ");
    assert_snapshot!(with("--search-base corp.test"), @"
    error: `corp.test` is no name of an entry
    hint: write it as `DC=corp,DC=example`
    ");
    assert_snapshot!(with("--login-domain 10.0.0.1"), @"
    error: `10.0.0.1` is no domain
    hint: write what stands behind the @, such as `corp.example`
    ");
    assert_snapshot!(with("--ca-file nowhere.pem"), @"
    error: the authorities in `[board]/nowhere.pem` cannot be read
      because: No such file or directory (os error 2)
    hint: see whether it is there, and whether the owner of the store may read it
    ");
    board.write("key.pem", "no certificate");
    assert_snapshot!(with("--ca-file key.pem"), @"
    error: `[board]/key.pem` holds no certificate in PEM
    hint: give the certificate of the authority, not its key
    ");
    assert_snapshot!(board.run(CORP).stderr, @"
    error: what came on standard input is no password: it is empty
    hint: give one line of UTF-8
    ");
    let asked = CORP.replace(" --password-stdin", "");
    assert_snapshot!(board.run(&asked), @"
    ------- stderr -------
    error: the password is missing, and there is no terminal to ask on
    hint: give `--password-stdin`
    [exit status: 2]
    ");
    board.run_with_input(&format!("{CORP} --login-domain corp.test"), "reader-secret").ok();
    let other = CORP.replace("create corp", "create other");
    assert_snapshot!(board.run_with_input(&format!("{other} --login-domain corp.test"), "x").stderr, @"
    error: logins of `corp.test` belong to the connection `corp`
    hint: look at the other one with `secboard ad show 'corp'`
    ");
    assert_snapshot!(board.run("ad show crop"), @"
    ------- stderr -------
    error: there is no connection `crop`
    hint: did you mean `corp`?
    [exit status: 67]
    ");
    assert_snapshot!(board.run("ad show nowhere"), @"
    ------- stderr -------
    error: there is no connection `nowhere`
    hint: see what there is with `secboard ad list`
    [exit status: 67]
    ");
}

#[test]
fn what_is_asked_in_plain_is_said_each_time_it_is_chosen() {
    let board = Board::new();
    let plain = CORP.replace("ldaps://", "ldap://");
    assert_snapshot!(board.run_with_input(&format!("{plain} --insecure"), "reader-secret"), @"
    ------- stderr -------
    created connection `corp`
    warning: `corp` is asked in plain: everybody on the way reads every password
    ");
    assert_snapshot!(board.run("ad edit corp --answer-timeout 5"), @"
    ------- stderr -------
    changed connection `corp`: answer_timeout
    warning: `corp` is asked in plain: everybody on the way reads every password
    ");
    assert_snapshot!(board.run("ad edit corp --server ldaps://dc1.corp.test"), @"
    ------- stderr -------
    error: `--insecure` is for servers that begin with `ldap://`, and `ldaps://dc1.corp.test` speaks TLS
    hint: leave `--insecure` out; where the connection has it already, `--no-insecure` takes it off
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad edit corp --certificate-name dc1.corp.test"), @"
    ------- stderr -------
    error: `--ca-file` and `--certificate-name` say whom to trust, and with `--insecure` nobody is asked
    hint: leave one of them out; what the connection has already goes with `--no-insecure`, or with `--no-ca-file` and `--certificate-name ''`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad edit corp --no-insecure"), @"
    ------- stderr -------
    changed connection `corp`: insecure
    ");
}

#[test]
fn a_directory_that_can_be_asked_is_walked_to_its_end() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    assert_snapshot!(steady(&board.run("ad test corp --columns step,ok,words"), &directory), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    TLS       yes  TLS 1.3, certificate for localhost verified, until [time]
    bind      yes  as svc@corp.test
    root DSE  yes  dc1.corp.test, DC=corp,DC=test
    base      yes  DC=corp,DC=test
    people    yes  3 people; 1 disabled, 1 without an email
    sample    yes  Олена Коваль <olena@corp.test>, 067 123 45 67, department `Скарбниця`, position `Дилер`
    sample    yes  Petro O'Neil <petro@corp.test>, disabled
    sample    yes  No Mail <no email>
    groups    yes  0 groups
    lockout   yes  an account is locked after 5 wrong passwords within 30 minutes
    ------- stderr -------
    `corp` can be asked
    ");
    board.run("ad edit corp --inactive").ok();
    let ran = board.run("ad test corp -o json").ok();
    assert_snapshot!(ran.stderr, @"
    connection `corp` is switched off, so nobody logs in by it; switch it on with `secboard ad edit 'corp' --active`
    `corp` can be asked
    ");
    let steps = ran.json();
    assert_eq!(steps[0]["server"], format!("ldaps://localhost:{}", directory.port()));
    assert!(steps[0]["milliseconds"].is_number() && steps[0]["advice"].is_null());
}

#[test]
fn where_the_way_ends_is_said_with_what_to_do() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    let test = |flags: &str| {
        board.run(&format!("ad edit corp {flags}")).ok();
        steady(&board.run("ad test corp --columns step,ok,words"), &directory)
    };
    assert_snapshot!(test("--base-dn DC=elsewhere"), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    TLS       yes  TLS 1.3, certificate for localhost verified, until [time]
    bind      yes  as svc@corp.test
    root DSE  yes  dc1.corp.test, DC=corp,DC=test
    base      no   there is no entry `DC=elsewhere`
    ------- stderr -------
    ldaps://localhost:[port], base: there is no entry `DC=elsewhere`
    what to do: see how it is called, and whether the account may read it; correct it with `secboard ad edit 'corp' --base-dn … --search-base …`
    [exit status: 1]
    ");
    assert_snapshot!(test(&format!("--base-dn {BASE} --filter '(cn=nobody)'")), @"
    STEP      OK   WORDS
    DNS       yes  127.0.0.1
    TCP       yes  127.0.0.1:[port]
    TLS       yes  TLS 1.3, certificate for localhost verified, until [time]
    bind      yes  as svc@corp.test
    root DSE  yes  dc1.corp.test, DC=corp,DC=test
    base      yes  DC=corp,DC=test
    people    no   0 people
    groups    yes  0 groups
    lockout   yes  an account is locked after 5 wrong passwords within 30 minutes
    ------- stderr -------
    ldaps://localhost:[port], people: 0 people
    what to do: nobody is found, and a sync would hold; look at base and filter, and change them with `secboard ad edit 'corp' --search-base … --filter …`
    [exit status: 1]
    ");
    assert_snapshot!(test("--filter default --bind-dn evil@corp.test"), @"
    STEP  OK   WORDS
    DNS   yes  127.0.0.1
    TCP   yes  127.0.0.1:[port]
    TLS   yes  TLS 1.3, certificate for localhost verified, until [time]
    bind  no   there is no such account (answer 49, data 525)
    ------- stderr -------
    ldaps://localhost:[port], bind: there is no such account (answer 49, data 525)
    what to do: see whether the account was deleted or moved to another domain; or give name and password again, with `secboard ad edit 'corp' --bind-dn … --password-stdin`
    [exit status: 1]
    ");
    board.write("other.pem", Authority::new().pem());
    assert_snapshot!(test(&format!("--bind-dn {READER} --ca-file other.pem")), @"
    STEP  OK   WORDS
    DNS   yes  127.0.0.1
    TCP   yes  127.0.0.1:[port]
    TLS   no   no trusted authority vouches for the certificate of the server
    ------- stderr -------
    ldaps://localhost:[port], TLS: no trusted authority vouches for the certificate of the server
    what to do: if the server is yours, trust its authority with `secboard ad edit 'corp' --ca-file …`; if not, somebody may be in between
    [exit status: 1]
    ");
}

#[test]
fn the_second_server_is_asked_where_the_first_is_dead() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    let dead = Directory::start(Script::of(Vec::new()).with(At::Connect, Fault::Cut));
    let (first, second) = (dead.port(), directory.port());
    board
        .run(&format!("ad edit corp --server ldaps://localhost:{first} --server ldaps://localhost:{second}"))
        .ok();
    let ran = board.run("ad test corp -o json");
    assert_eq!(ran.code, Some(1), "{ran}");
    let steps = ran.json();
    let people = steps.as_array().unwrap().iter().find(|step| step["step"] == "people").unwrap();
    assert_eq!(
        (people["ok"].as_bool(), people["words"].as_str().unwrap()),
        (Some(true), "3 people; 1 disabled, 1 without an email")
    );
    let tried = board.run_with_input("ad login-test olena@corp.test --password-stdin", "olena-secret");
    assert_eq!(tried.code, Some(0), "{tried}");
}

/// A board whose connection asks the servers that the DNS names of `corp.test`, and a directory that does StartTLS.
fn of_domain(dns: &Dns) -> (Board, Directory) {
    let authority = Authority::new();
    let protection = Protection::StartTls(authority.server("localhost", Certified::Now));
    let directory = Directory::start(Script { protection, ..Script::of(staff()) });
    let board = at(&directory, &authority);
    board.write("secboard.toml", format!("resolver = \"{}\"\n", dns.address()));
    board.run("ad edit corp --server LDAP+srv://Corp.Test./").ok();
    (board, directory)
}

#[test]
fn the_servers_of_a_domain_are_asked_in_the_order_of_its_dns() {
    let dns = Dns::start(&[]);
    let (board, directory) = of_domain(&dns);
    let dead = Directory::start(Script::of(Vec::new()).with(At::Connect, Fault::Cut));
    let (good, dead) = (directory.port(), dead.port());
    board.run("ad edit corp --certificate-name localhost").ok();
    let servers = [(20, 0, good, "127.0.0.1"), (10, 1, dead, "127.0.0.1"), (10, 9, dead, "localhost")];
    dns.publish_servers("_ldap._tcp.corp.test", &servers);
    let ran = board.run("ad test corp -o json");
    assert_eq!(ran.code, Some(1), "{ran}");
    let steps = ran.json();
    let steps: Vec<String> = steps
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| ["SRV", "StartTLS", "people"].contains(&step["step"].as_str().unwrap()))
        .map(|step| format!("{} {}: {}", step["server"], step["step"], step["words"]).replace('"', ""))
        .collect();
    let expected = [
        "ldap+srv://corp.test SRV: localhost, 127.0.0.1, 127.0.0.1".to_owned(),
        format!("ldap://localhost:{dead} StartTLS: the server ended the connection"),
        format!("ldap://127.0.0.1:{dead} StartTLS: the server ended the connection"),
        format!("ldap://127.0.0.1:{good} StartTLS: the server begins TLS"),
        format!("ldap://127.0.0.1:{good} people: 3 people; 1 disabled, 1 without an email"),
    ];
    assert_eq!(steps, expected);
    board.run_with_input("ad login-test olena --password-stdin", "olena-secret").ok();
    // What secboard does by itself asks the same DNS.
    let ran = board.run("upkeep --columns task,result,detail");
    assert!(ran.stdout.contains("`corp`: 2 people created or changed"), "{ran}");
}

#[test]
fn d1_a_server_that_the_dns_names_outside_of_the_domain_is_told_nothing() {
    let dns = Dns::start(&[]);
    let (board, directory) = of_domain(&dns);
    for named in ["127.0.0.1", "localhost", "dc1.notcorp.test", "corp.test.evil.test"] {
        dns.publish_servers("_ldap._tcp.corp.test", &[(0, 0, directory.port(), named)]);
        let ran = board.run("ad lint corp");
        let why = "the directory `corp` cannot be asked: SRV: no server of `corp.test`: those that it names are not within \
            the domain, and are not asked";
        assert!(ran.stderr.contains(why) && ran.code == Some(69), "{named}\n{ran}");
    }
    assert_eq!(directory.asked(), Vec::<String>::new());
    // Whoever is within is looked for, and is not there.
    dns.publish_servers("_ldap._tcp.corp.test", &[(0, 0, 389, "DC1.corp.test")]);
    let ran = board.run("ad test corp --columns step,ok,words");
    assert!(
        ran.stdout.contains("SRV   yes  dc1.corp.test\nDNS   no   `dc1.corp.test` has no address"),
        "{ran}"
    );
}

#[test]
fn the_servers_of_an_internationalised_domain_are_within_it() {
    let dns = Dns::start(&[]);
    let (board, directory) = of_domain(&dns);
    board.run("ad edit corp --server ldap+srv://каталог.укр").ok();
    let (domain, within) = ("xn--80aajzhsz.xn--j1amh", "dc1.xn--80aajzhsz.xn--j1amh");
    dns.publish_servers(&format!("_ldap._tcp.{domain}"), &[(0, 0, directory.port(), within)]);
    let ran = board.run("ad test corp --columns step,ok,words");
    assert!(ran.stdout.contains(&format!("SRV   yes  {within}\n")), "{ran}");
}

#[test]
fn what_the_dns_does_not_say_of_a_domain_is_told_with_what_to_do() {
    let dns = Dns::start(&[]);
    let (board, _directory) = of_domain(&dns);
    assert_snapshot!(board.run("ad test corp --columns server,step,words"), @"
    SERVER                STEP  WORDS
    ldap+srv://corp.test  SRV   no server of `corp.test`: there is no `_ldap._tcp.corp.test`
    ------- stderr -------
    ldap+srv://corp.test, SRV: no server of `corp.test`: there is no `_ldap._tcp.corp.test`
    what to do: see whether this machine asks the DNS of the domain (`resolver` in secboard.toml), name its servers with `secboard ad edit 'corp' --server …`, or the name that the certificates of all have with `secboard ad edit 'corp' --certificate-name …`
    [exit status: 1]
    ");
    // A server without a name says that there is none.
    dns.publish_servers("_ldap._tcp.corp.test", &[(0, 0, 0, ".")]);
    assert_eq!(board.run("ad lint corp").code, Some(69));
    for manner in [Manner::Failing, Manner::Silent] {
        dns.behave(manner);
        let ran = board.run("ad test corp --columns step,ok");
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "STEP  OK\nSRV   no\n"), "{ran}");
    }
}

#[test]
fn a_limit_in_mid_read_is_no_shorter_list() {
    let (directory, authority) =
        secured(Script::of(staff()).with(At::PageEnd(0), Fault::Code(4, "limit reached")));
    let board = at(&directory, &authority);
    let ran = board.run("ad test corp --columns step,ok,words");
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("the server gives no more entries than its size limit (answer 4): limit reached"),
        "{ran}"
    );
    assert!(!ran.stdout.contains("people;"), "{ran}");
}

#[test]
fn a_password_that_opens_and_those_that_do_not_are_told_apart_for_the_administrator() {
    let mut script = Script::of(staff());
    for (login, refused) in [("petro", "533"), ("nobody", "773")] {
        let account =
            script.accounts.iter_mut().find(|account| account.name.starts_with(&format!("CN={login},")));
        account.unwrap().refused = Some(refused);
    }
    let (directory, authority) = secured(script);
    let board = at(&directory, &authority);
    let test = |login: &str, password: &str| {
        board.run_with_input(&format!("ad login-test '{login}' --password-stdin"), password).to_string()
    };
    assert_snapshot!(test("olena@corp.test", "olena-secret"), @"
    CONNECTION  corp
    DN          CN=olena,OU=Staff,DC=corp,DC=test
    OPENS       yes
    WORDS       the password opens
    ");
    assert_snapshot!(test("olena", "wrong"), @"
    CONNECTION  corp
    DN          CN=olena,OU=Staff,DC=corp,DC=test
    OPENS       no
    WORDS       the password is wrong (answer 49, data 52e)
    ADVICE      type the password again; the directory counts wrong ones and locks the account after some
    [exit status: 1]
    ");
    assert_snapshot!(test("petro", "petro-secret"), @"
    CONNECTION  corp
    DN          CN=petro,OU=Staff,DC=corp,DC=test
    OPENS       no
    WORDS       the account is disabled (answer 49, data 533)
    ADVICE      have the account enabled in the directory
    [exit status: 1]
    ");
    assert_snapshot!(test("nobody", "nobody-secret"), @"
    CONNECTION  corp
    DN          CN=nobody,OU=Staff,DC=corp,DC=test
    OPENS       no
    WORDS       the password has to be changed (answer 49, data 773)
    ADVICE      have the password changed in the directory; it was right, and has to be changed at the first logon
    [exit status: 1]
    ");
    assert_snapshot!(test("pc$", "pc$-secret"), @"
    CONNECTION  corp
    OPENS       no
    WORDS       nobody there is called so
    ADVICE      see whether the filter and the base of the connection take them in, with `secboard ad test`
    [exit status: 1]
    ");
    assert_snapshot!(test("*", "olena-secret"), @"
    CONNECTION  corp
    OPENS       no
    WORDS       nobody there is called so
    ADVICE      see whether the filter and the base of the connection take them in, with `secboard ad test`
    [exit status: 1]
    ");
    assert_snapshot!(test("olena)(objectClass=*", "olena-secret"), @"
    CONNECTION  corp
    OPENS       no
    WORDS       nobody there is called so
    ADVICE      see whether the filter and the base of the connection take them in, with `secboard ad test`
    [exit status: 1]
    ");
    assert_snapshot!(test("", "olena-secret"), @"
    ------- stderr -------
    error: that is no name to log in with
    hint: type an email or the name of an account, at most 256 characters in one line
    [exit status: 65]
    ");
    assert_snapshot!(board.run_with_input("ad login-test olena --connection other --password-stdin", "x"), @"
    ------- stderr -------
    error: there is no connection `other`
    hint: see what there is with `secboard ad list`
    [exit status: 67]
    ");
    assert_snapshot!(board.run("audit list --action directory.login_test --columns actor,action,subject,after"), @"
    ACTOR   ACTION                SUBJECT  AFTER
    system  directory.login_test  corp     dn=CN=nobody,OU=Staff,DC=corp,DC=test, outcome=refused
    system  directory.login_test  corp     dn=CN=nobody,OU=Staff,DC=corp,DC=test, outcome=begun
    system  directory.login_test  corp     dn=CN=petro,OU=Staff,DC=corp,DC=test, outcome=refused
    system  directory.login_test  corp     dn=CN=petro,OU=Staff,DC=corp,DC=test, outcome=begun
    system  directory.login_test  corp     dn=CN=olena,OU=Staff,DC=corp,DC=test, outcome=refused
    system  directory.login_test  corp     dn=CN=olena,OU=Staff,DC=corp,DC=test, outcome=begun
    system  directory.login_test  corp     dn=CN=olena,OU=Staff,DC=corp,DC=test, outcome=opened
    system  directory.login_test  corp     dn=CN=olena,OU=Staff,DC=corp,DC=test, outcome=begun
    ");
}

#[test]
fn what_would_keep_people_out_is_found_before_anybody_is() {
    let mut staff = staff();
    let mut double = Entry::person("double", "Double", "Petro");
    double.attributes.retain(|(name, _)| name != "mail" && name != "objectGUID");
    double.add("mail", b"Petro@Corp.test");
    // That of Petro.
    double.add("objectGUID", b"petropetropetrop");
    let mut nameless = Entry::person("nameless", "", "");
    nameless.attributes.retain(|(name, _)| name != "objectGUID");
    staff.extend([double, nameless]);
    let mut script = Script::of(staff);
    for name in ["Help Desk", "Auditors", "Cleaners"] {
        script
            .entries
            .push(Entry::new(&format!("CN={name},{BASE}"), &[("objectClass", "group"), ("cn", name)]));
    }
    script.elsewhere.push("ldap://kyiv.corp.test/DC=kyiv,DC=corp,DC=test".to_owned());
    let (directory, authority) = secured(script);
    let board = at(&directory, &authority);
    for command in [
        "user create --email olena@corp.test --first-name Olena --last-name Koval --company acme-bank",
        "group create help-desk",
        "group create Auditors",
        "company create Globex",
        "group create cleaners --company globex",
    ] {
        board.run(command).ok();
    }
    let ran = board.run("ad lint corp -o json");
    assert_eq!(ran.code, Some(1), "{ran}");
    let rows = ran.json();
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap().to_owned();
    let found: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let subject = text(row, "subject");
            format!("{} {}", text(row, "code"), subject.split(',').next().unwrap())
        })
        .collect();
    let expected = [
        "no_guid CN=nameless",
        "guid_twice CN=double",
        "guid_twice CN=petro",
        "no_email CN=nobody",
        "email_twice CN=double",
        "email_twice CN=petro",
        "email_is_local CN=olena",
        "no_name CN=nameless",
        "group_near help-desk",
        "elsewhere ldap://kyiv.corp.test/DC=kyiv",
    ];
    assert_eq!(found, expected);
}

#[test]
fn d3_a_directory_that_is_not_read_in_whole_is_not_said_to_be_clean() {
    let (directory, authority) = secured(Script::of(staff()).with(At::PageEnd(0), Fault::NoControl));
    let board = at(&directory, &authority);
    let ran = board.run("ad lint corp");
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(69), ""), "{ran}");
    let why =
        "the directory `corp` cannot be asked: people: the server did not say whether there are more pages";
    assert!(ran.stderr.contains(why), "{ran}");
}

#[test]
fn t9_wrong_passwords_end_before_the_directory_locks_the_account() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    let test = || board.run_with_input("ad login-test olena --password-stdin", "wrong");
    // It is locked after five.
    for _ in 0..3 {
        assert!(test().stdout.contains("the password is wrong"));
    }
    for _ in 0..7 {
        let ran = test();
        assert!(ran.stdout.contains("not tried: an account is locked after 5 wrong passwords"), "{ran}");
    }
    let tries = directory.asked().iter().filter(|asked| asked.starts_with("bind CN=olena")).count();
    assert_eq!(tries, 3);
}

#[test]
fn t9_what_never_reached_the_directory_is_no_wrong_password() {
    let script = || Script::of(staff()).with(At::EveryOther, Fault::Cut);
    let (directory, authority) = secured(script());
    let board = at(&directory, &authority);
    // One connection to find her, and another one for her password.
    for _ in 0..5 {
        let ran = board.run_with_input("ad login-test olena --password-stdin", "olena-secret");
        let why = "the directory `corp` cannot be asked: TLS: the server ended the connection";
        assert!(ran.stderr.contains(why) && ran.code == Some(69), "{ran}");
    }
    assert!(!directory.asked().iter().any(|asked| asked.starts_with("bind CN=olena")));
    let (better, authority) = secured(Script::of(staff()));
    board.write("ca.pem", authority.pem());
    board.run(&format!("ad edit corp --server ldaps://localhost:{}", better.port())).ok();
    board.run_with_input("ad login-test olena --password-stdin", "olena-secret").ok();
}

#[test]
fn t9_wrong_passwords_at_the_same_time_are_no_more_than_one_after_the_other() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| board.run_with_input("ad login-test olena --password-stdin", "wrong"));
        }
    });
    let tries = directory.asked().iter().filter(|asked| asked.starts_with("bind CN=olena")).count();
    assert_eq!(tries, 3);
}

#[test]
fn t9_a_password_of_the_reader_that_one_server_refuses_is_not_shown_to_the_next() {
    let (first, authority) = secured(Script::of(staff()));
    let config = authority.server("localhost", Certified::Now);
    let second = Directory::start(Script { protection: Protection::Tls(config), ..Script::of(staff()) });
    let board = at(&first, &authority);
    let servers = [&first, &second].map(|server| format!("--server ldaps://localhost:{}", server.port()));
    board.run(&format!("ad edit corp {} --bind-dn evil@corp.test", servers.join(" "))).ok();
    let lint = board.run("ad lint corp");
    assert_eq!(lint.code, Some(69), "{lint}");
    let test = board.run("ad test corp --columns step,words");
    assert!(test.stdout.contains("refuses the password, and each refusal counts"), "{test}");
    let binds = |server: &Directory| server.asked().iter().filter(|asked| asked.starts_with("bind")).count();
    assert_eq!((binds(&first), binds(&second)), (2, 0));
}

#[test]
fn d9_passwords_of_readers_and_of_people_are_nowhere() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    let mut said = board.run("ad test corp -o json --verbose").to_string();
    for password in ["olena-secret", "olena-wrong-secret"] {
        said += &board.run_with_input("ad login-test olena --password-stdin -o json", password).to_string();
    }
    let (repeating, authority) = secured(Script::of(staff()).with(At::Bind, Fault::Echo));
    board.write("ca.pem", authority.pem());
    board.run(&format!("ad edit corp --server ldaps://localhost:{}", repeating.port())).ok();
    let repeated = board.run("ad test corp -o json --verbose").to_string();
    assert!(repeated.contains("left out: it repeats the password"), "{repeated}");
    said += &repeated;
    said += &board.run("ad show corp -o json").to_string();
    said += &board.run("audit list -o json").to_string();
    let store = std::fs::read(board.path("secboard.db")).unwrap();
    for secret in [PASSWORD, "olena-secret", "olena-wrong-secret"] {
        assert!(!said.contains(secret), "{secret}");
        assert!(!store.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
}

#[test]
fn a6_the_password_outlives_a_new_key() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    board.run("key rotate --yes").ok();
    board.run("ad test corp").ok();
}

#[test]
fn a_connection_that_was_led_elsewhere_past_secboard_is_found() {
    let board = Board::new();
    board.run_with_input(CORP, "reader-secret").ok();
    tamper(&board, "UPDATE directory_connections SET servers = '[\"ldaps://evil.test\"]' WHERE id = 1");
    assert_snapshot!(board.run("audit verify --state"), @r#"
    OK              no
    ROWS            6
    HEAD SEQ        6
    HEAD HASH       [hash]
    HEAD AT         [time]
    KEYED FROM      1
    KEYED PROVED    yes
    TIMES BACK      0
    KEY IS DAMAGED  no
    SUBJECTS        4
    DIFFERENCES     1
    DIFFERING       row 1 of `directory_connections`: servers is ["ldaps://evil.test"], and by the audit ["ldaps://dc1.corp.test"]
    ------- stderr -------
    row 1 of `directory_connections`: servers is ["ldaps://evil.test"], and by the audit ["ldaps://dc1.corp.test"]
    [exit status: 1]
    "#);
}

#[test]
fn a_directory_that_cannot_be_asked_is_unavailable() {
    let (directory, authority) = secured(Script::of(staff()));
    let board = at(&directory, &authority);
    drop(directory);
    let ran = board.run_with_input("ad login-test olena --password-stdin", "olena-secret");
    assert_eq!(ran.code, Some(69), "{ran}");
    assert!(ran.stderr.contains("hint: see every step with `secboard ad test 'corp'`"), "{ran}");
}

/// Ties people to the first connection, as a sync does.
#[expect(clippy::disallowed_methods, reason = "stands for a sync")]
fn tie(board: &Board, email: &str, state: &str) {
    let store = rusqlite::Connection::open(board.path("secboard.db")).unwrap();
    let sql = format!(
        "UPDATE users
        SET directory_id = 1, origin = 'directory', directory_guid = CAST(printf('%016d', id) AS BLOB),
            password_hash = NULL {state}
        WHERE email = ?1"
    );
    assert_eq!(store.execute(&sql, [email]).unwrap(), 1);
}

#[test]
fn people_of_a_directory_are_told_as_such_and_are_made_local_before_it_goes() {
    let board = Board::new();
    board.run_with_input(CORP, "reader-secret").ok();
    for (email, name) in [("olena@corp.test", "Olena"), ("petro@corp.test", "Petro")] {
        board
            .run(&format!(
                "user create --email {email} --first-name {name} --last-name Koval --company acme-bank"
            ))
            .ok();
    }
    tie(&board, "olena@corp.test", "");
    tie(&board, "petro@corp.test", ", directory_disabled = 1");
    assert_snapshot!(board.run("user list --columns full_name,status,origin,directory_connection"), @"
    FULL NAME    STATUS        ORIGIN     DIRECTORY CONNECTION
    Ada Admin    active        local
    Olena Koval  active, AD    directory  corp
    Petro Koval  inactive, AD  directory  corp
    ");
    assert_snapshot!(board.run("user why petro@corp.test --columns code,ok,detail"), @"
    CODE             OK   DETAIL
    exists           yes  account and profile
    active           yes  the administrator's switch is on
    dates            yes  no dates are set
    directory        no   disabled there; `corp`, never seen since
    password         yes  checked by the directory
    throttle         yes  not held
    two_factor       yes  not required
    password_change  yes  not asked for
    ------- stderr -------
    petro@corp.test may not log in
    [exit status: 1]
    ");
    assert_snapshot!(board.run("user set-password olena@corp.test --generate"), @"
    ------- stderr -------
    error: the password of `olena@corp.test` is managed by the directory
    hint: change it in the directory
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user force-password-change olena@corp.test"), @"
    ------- stderr -------
    error: the password of `olena@corp.test` is managed by the directory
    hint: change it in the directory
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad show corp --columns name,people,people_in_bin"), @"
    NAME           corp
    PEOPLE         2
    PEOPLE IN BIN  0
    ");
    assert_snapshot!(board.run("ad delete corp --yes"), @"
    ------- stderr -------
    error: `corp` manages 2 people
    hint: have them as people of this store without a password, which each is to choose by a link that is mailed to them, with `secboard ad delete 'corp' --make-local`
    [exit status: 65]
    ");
    assert_snapshot!(board.run("ad delete corp --make-local --yes --dry-run"), @"
    ~ user olena@corp.test  directory: 1 → none, directory_guid: 30303030-3030-3030-3030-303030303032 → none
    ~ user petro@corp.test  active: yes → no, directory: 1 → none, directory_guid: 30303030-3030-3030-3030-303030303033 → none, directory_disabled: yes → no
    ------- stderr -------
    people: 2 changed (dry run: nothing was changed)
    would delete connection `corp` then
    ");
    assert_snapshot!(board.run("ad delete corp --make-local --yes"), @"
    ------- stderr -------
    people: 2 changed
    run `[run]`; undo it with `secboard run undo [run]`
    deleted connection `corp`
    ");
    assert_snapshot!(board.run("user list --columns full_name,status,origin,directory_connection"), @"
    FULL NAME    STATUS    ORIGIN  DIRECTORY CONNECTION
    Ada Admin    active    local
    Olena Koval  active    local
    Petro Koval  inactive  local
    ");
}

#[test]
fn what_a_directory_says_goes_out_by_an_export_and_no_import_changes_it() {
    let board = Board::new();
    board.run_with_input(CORP, "reader-secret").ok();
    board
        .run("user create --email olena@corp.test --first-name Olena --last-name Koval --company acme-bank")
        .ok();
    tie(&board, "olena@corp.test", "");
    board.run("export users --output people.csv").ok();
    let csv = std::fs::read_to_string(board.path("people.csv")).unwrap();
    assert_snapshot!(board.run("user import people.csv --on-existing update"), @"
    ------- stderr -------
    no change; people: 2 unchanged
    ");
    for (name, from, to) in [("local", ",directory,", ",local,"), ("disabled", ",corp,", ",other,")] {
        assert!(csv.contains(from), "{csv}");
        board.write(&format!("{name}.csv"), csv.replace(from, to));
    }
    assert_snapshot!(board.run("user import local.csv --on-existing update"), @"
    ------- stderr -------
    error: refused 1 of 2 rows, so nothing was imported
      local.csv:3, `origin`: `local` is worked out and cannot be written: it is `directory`
          have it changed in the directory, which alone says it, or leave the column out with `--map 'origin=-'`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
    assert_snapshot!(board.run("user import disabled.csv --on-existing update"), @"
    ------- stderr -------
    error: refused 1 of 2 rows, so nothing was imported
      disabled.csv:3, `directory_connection`: `other` is worked out and cannot be written: it is `corp`
          have it changed in the directory, which alone says it, or leave the column out with `--map 'directory_connection=-'`
    hint: faults: 1; `--errors FILE` writes them all to a file; `--partial` imports the other rows
    [exit status: 65]
    ");
}
