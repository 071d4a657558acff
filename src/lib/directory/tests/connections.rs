//! What a connection may be, and who may change what of it.

use super::{least, site};
use crate::company;
use crate::context::{Account, Actor, Authority, CompanyScope, Context};
use crate::directory::connection::{self, Connection, Edit, credentials};
use crate::directory::login_trial;
use crate::error::{Kind, Result};
use crate::text::secret::Secret;

fn corp(cx: &Context) -> Connection {
    connection::create(cx, ("corp", "Acme"), &least()).unwrap()
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// Lets an account act: a superuser, or who has these permissions for Acme.
fn act(cx: &mut Context, superuser: bool, for_acme: &[&'static str]) {
    let acme = cx.read(|tx| Ok(company::get_in(tx, "Acme", &CompanyScope::All)?.id)).unwrap();
    let permissions = for_acme.iter().map(|id| (*id, CompanyScope::These(vec![acme]))).collect();
    let authority = Authority::Account(Account { id: 1, superuser, permissions });
    cx.actor = Actor { name: "op@acme.example".to_owned(), shell_user: None, authority };
}

fn is_denied<T>(result: Result<T>) -> bool {
    result.is_err_and(|failure| failure.kind() == Kind::Denied)
}

#[test]
fn a_connection_is_kept_as_it_was_made_with_what_is_usual() {
    let cx = site();
    let made = corp(&cx);
    assert_eq!(connection::get(&cx, "CORP").unwrap(), made);
    let facts = &made.facts;
    assert_eq!((facts.filter.as_str(), facts.page_size, facts.active), ("(objectClass=user)", 1000, true));
    let opened = cx.read(|tx| credentials(&cx, tx, &made)).unwrap();
    assert_eq!((opened.name.as_str(), opened.password.expose()), ("svc@corp.test", "reader-secret"));
}

#[test]
fn a6_a_password_opens_in_its_own_row_alone() {
    let cx = site();
    corp(&cx);
    let other = connection::create(&cx, ("other", "Globex"), &least()).unwrap();
    let moved = "
        UPDATE directory_connections
        SET password_sealed = (SELECT password_sealed FROM directory_connections WHERE id = 1)
        WHERE id = 2";
    cx.write(|tx| Ok(tx.sql().execute_batch(moved)?)).unwrap();
    let failure = cx.read(|tx| credentials(&cx, tx, &other)).unwrap_err();
    assert_eq!(failure.kind(), Kind::Config);
    cx.write(|tx| Ok(tx.sql().execute_batch("UPDATE directory_connections SET password_sealed = NULL")?))
        .unwrap();
    let failure = cx.read(|tx| credentials(&cx, tx, &other)).unwrap_err();
    assert_eq!(failure.code(), "directory.password_gone");
}

#[test]
fn a_connection_without_a_server_is_said_to_have_none() {
    let cx = site();
    corp(&cx);
    // No command makes one, and the store takes none; somebody may have changed it by hand.
    let emptied = "PRAGMA ignore_check_constraints = ON; UPDATE directory_connections SET servers = '[]'";
    cx.write(|tx| Ok(tx.sql().execute_batch(emptied)?)).unwrap();
    let failure = crate::directory::lint::run(&cx, "corp").err().unwrap();
    assert_eq!(failure.kind(), Kind::Unavailable);
    assert_eq!(failure.to_string(), "the directory `corp` cannot be asked: set-up: it has no server");
    let tried = crate::directory::trial::run(&cx, "corp").unwrap();
    assert!(!tried.is_good());
    assert_eq!(tried.found.first().map(|found| found.words.as_str()), Some("it has no server"));
}

#[test]
fn the_only_connection_is_asked_about_whom_no_other_knows() {
    let cx = site();
    corp(&cx);
    let of = |login| {
        login_trial::connection_for(&cx, connection::EDIT, (login, None)).map_err(|failure| failure.code())
    };
    assert_eq!((of("olena"), of("olena@globex.test")), (Ok(text("corp")), Ok(text("corp"))));
    let globex = Edit { active: Some(false), login_domains: vec![text("globex.test")], ..least() };
    connection::create(&cx, ("globex", "Globex"), &globex).unwrap();
    assert_eq!(of("olena"), Ok(text("corp")));
    // That one is switched off: its passwords are still for no other.
    assert_eq!(of("olena@Globex.test"), Err("directory.no_connection"));
    connection::edit(&cx, "globex", &Edit { active: Some(true), ..Edit::default() }).unwrap();
    assert_eq!((of("olena@globex.test"), of("olena")), (Ok(text("globex")), Err("directory.no_connection")));
}

#[test]
fn a1_of_the_domains_of_others_nothing_is_said_to_whom_may_not_give_any() {
    let mut cx = site();
    connection::create(
        &cx,
        ("globex", "Globex"),
        &Edit { login_domains: vec![text("globex.test")], ..least() },
    )
    .unwrap();
    corp(&cx);
    act(&mut cx, false, &["directory.edit"]);
    let edit = Edit { login_domains: vec![text("globex.test")], ..Edit::default() };
    assert!(is_denied(connection::edit(&cx, "corp", &edit)));
    act(&mut cx, true, &[]);
    assert_eq!(connection::edit(&cx, "corp", &edit).unwrap_err().code(), "directory.domain_taken");
}

#[test]
fn servers_are_written_in_one_way_and_what_is_none_is_refused() {
    let cx = site();
    let written = |typed: &[&str], insecure: bool| {
        let servers = typed.iter().map(|typed| (*typed).to_owned()).collect();
        let given = Edit { servers, insecure: Some(insecure), ..least() };
        connection::create(&cx, ("corp", "Acme"), &given).map(|made| {
            connection::delete(&cx, "corp").unwrap();
            made.facts.servers
        })
    };
    for (typed, is) in [
        ("LDAPS://DC1.Corp.Test", "ldaps://dc1.corp.test"),
        ("ldaps://dc1.corp.test:636/", "ldaps://dc1.corp.test"),
        ("ldap://10.0.0.1:3389", "ldap://10.0.0.1:3389"),
        ("ldaps://[2001:db8::1]:1636", "ldaps://[2001:db8::1]:1636"),
        ("ldap://каталог.укр", "ldap://каталог.укр"),
        ("LDAPS+SRV://Corp.Test./", "ldaps+srv://corp.test"),
        ("ldaps+srv://corp.test:3636", "ldaps+srv://corp.test:3636"),
        ("ldap+srv://corp.test", "ldap+srv://corp.test"),
    ] {
        assert_eq!(written(&[typed], false).unwrap(), [is]);
    }
    assert_eq!(written(&["ldaps://a.test", "ldaps://b.test", "ldaps://A.test"], false).unwrap().len(), 2);
    for bad in [
        "",
        "dc1.corp.test",
        "http://dc1.corp.test",
        "ldaps://",
        "ldaps://dc1.corp.test:0",
        "ldaps://dc1.corp.test:99999",
        "ldaps://dc1.corp.test:",
        "ldaps://user@dc1.corp.test",
        "ldaps://dc1.corp.test/dc=x?mail",
        "ldaps://1.2.3",
        "ldaps://[dc1]",
        "ldaps://[::1",
        "ldaps://[::1]x",
        "ldaps://a b",
        "srv://corp.test",
        "ldap+srv://10.0.0.1",
        "ldap+srv://corp.test:0",
    ] {
        assert_eq!(written(&[bad], false).unwrap_err().code(), "directory.bad_server", "{bad}");
    }
    assert_eq!(written(&["ldaps://a.test"], true).unwrap_err().code(), "directory.insecure_tls");
    assert_eq!(written(&["ldaps+srv://a.test"], true).unwrap_err().code(), "directory.insecure_tls");
    assert_eq!(written(&["ldap://a.test"], true).unwrap(), ["ldap://a.test"]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let cx = site();
    let refused = |given: Edit| connection::create(&cx, ("corp", "Acme"), &given).unwrap_err().code();
    assert_eq!(refused(Edit { base_dn: Some(text("corp.test")), ..least() }), "directory.bad_dn");
    assert_eq!(refused(Edit { search_base: Some(text("=x")), ..least() }), "directory.bad_dn");
    assert_eq!(refused(Edit { bind_dn: Some(text(" ")), ..least() }), "directory.bad_dn");
    assert_eq!(refused(Edit { bind_dn: Some(text("a\nb")), ..least() }), "note.refused");
    assert_eq!(refused(Edit { filter: Some(text("(mail=")), ..least() }), "directory.bad_filter");
    assert_eq!(refused(Edit { map: vec!["fax=x".to_owned()], ..least() }), "directory.bad_map");
    assert_eq!(
        refused(Edit { login_domains: vec!["1.2.3.4".to_owned()], ..least() }),
        "directory.bad_domain"
    );
    assert_eq!(refused(Edit { certificate_name: Some(text("a b")), ..least() }), "directory.bad_server");
    let plain = |name: Option<&str>| Edit {
        servers: vec!["ldap://dc1.corp.test".to_owned()],
        insecure: Some(true),
        certificate_name: name.map(str::to_owned),
        ..least()
    };
    assert_eq!(refused(plain(Some("dc1.corp.test"))), "directory.trust_in_plain");
    assert!(connection::create(&cx, ("corp", "Acme"), &plain(None)).is_ok());
    assert_eq!(connection::create(&cx, ("CORP", "Acme"), &least()).unwrap_err().code(), "directory.exists");
    assert_eq!(connection::get(&cx, "corb").unwrap_err().to_string(), "there is no connection `corb`");
}

#[test]
fn logins_of_a_domain_belong_to_one_connection() {
    let cx = site();
    let of = |domains: &[&str]| Edit {
        login_domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        ..least()
    };
    let made =
        connection::create(&cx, ("corp", "Acme"), &of(&["Corp.Test", "@corp.example", "corp.test"])).unwrap();
    assert_eq!(made.facts.login_domains, ["corp.test", "corp.example"]);
    let taken = connection::create(&cx, ("other", "Globex"), &of(&["corp.example"])).unwrap_err();
    assert_eq!(taken.to_string(), "logins of `corp.example` belong to the connection `corp`");
    let only = |domains: &[&str]| Edit { login_domains: of(domains).login_domains, ..Edit::default() };
    // Its own are none of another's; an empty one takes all away.
    assert!(connection::edit(&cx, "corp", &only(&["corp.example"])).is_ok());
    assert_eq!(
        connection::edit(&cx, "corp", &only(&[""])).unwrap().0.facts.login_domains,
        Vec::<String>::new()
    );
}

#[test]
fn a_company_with_a_connection_is_in_use() {
    let cx = site();
    corp(&cx);
    let refused = company::delete(&cx, &mut crate::registry::engine(), "Acme");
    let told = refused.unwrap_err().to_string();
    assert!(told.contains("1 connection to a directory"), "{told}");
}

#[test]
fn a15_only_a_superuser_changes_where_logins_lead() {
    let mut cx = site();
    corp(&cx);
    act(&mut cx, false, &["directory.view", "directory.edit", "directory.sync"]);
    let edit = |given: Edit| connection::edit(&cx, "corp", &given);
    let leading = [
        Edit { servers: vec!["ldaps://evil.test".to_owned()], ..Edit::default() },
        Edit { certificate_name: Some(text("evil.test")), ..Edit::default() },
        Edit { bind_dn: Some(text("evil@corp.test")), ..Edit::default() },
        Edit { password: Some(Secret::new("other".to_owned())), ..Edit::default() },
        Edit { base_dn: Some(text("DC=evil")), ..Edit::default() },
        Edit { search_base: Some(text("OU=Evil,DC=corp,DC=test")), ..Edit::default() },
        Edit { filter: Some(text("(cn=evil)")), ..Edit::default() },
        Edit { scope: Some(connection::Scope::OneLevel), ..Edit::default() },
        Edit { map: vec!["email=description".to_owned()], ..Edit::default() },
        Edit { login_domains: vec!["evil.test".to_owned()], ..Edit::default() },
        Edit { ca_file: Some("/tmp/evil.pem".into()), ..Edit::default() },
        Edit { no_ca_file: true, ..Edit::default() },
    ];
    for given in leading {
        let told = format!("{given:?}");
        assert!(is_denied(edit(given)), "{told}");
    }
    assert!(is_denied(connection::create(&cx, ("more", "Acme"), &least())));
    assert!(is_denied(connection::delete(&cx, "corp")));
    let harmless = Edit {
        name: Some(text("staff")),
        active: Some(false),
        page_size: Some(100),
        connect_timeout: Some(5),
        answer_timeout: Some(30),
        ..Edit::default()
    };
    let (_, changed) = edit(harmless).unwrap();
    assert_eq!(changed.len(), 5);
}

#[test]
fn a15_a_password_goes_to_another_server_only_by_the_owner_or_given_again() {
    let mut cx = site();
    corp(&cx);
    act(&mut cx, true, &[]);
    let elsewhere = || Edit { servers: vec!["ldaps://dc2.corp.test".to_owned()], ..Edit::default() };
    let refused = connection::edit(&cx, "corp", &elsewhere()).unwrap_err();
    assert!(refused.to_string().contains("its password would go to another server"), "{refused}");
    assert!(is_denied(connection::edit(
        &cx,
        "corp",
        &Edit { certificate_name: Some(text("x.test")), ..Edit::default() }
    )));
    let again = Edit { password: Some(Secret::new("reader-secret".to_owned())), ..elsewhere() };
    assert!(connection::edit(&cx, "corp", &again).is_ok());
    // Another base is none of its business.
    assert!(
        connection::edit(&cx, "corp", &Edit { base_dn: Some(text("DC=other")), ..Edit::default() }).is_ok()
    );
    assert!(is_denied(connection::edit(&cx, "corp", &Edit { no_ca_file: true, ..Edit::default() })));
}

#[test]
fn a1_connections_of_other_companies_are_not_there() {
    let mut cx = site();
    corp(&cx);
    connection::create(&cx, ("other", "Globex"), &least()).unwrap();
    act(&mut cx, false, &["directory.view", "directory.edit"]);
    let names: Vec<String> =
        connection::list(&cx).unwrap().into_iter().map(|found| found.facts.name).collect();
    assert_eq!(names, ["corp"]);
    for asked in [
        connection::get(&cx, "other").map(drop),
        connection::edit(&cx, "other", &Edit::default()).map(drop),
        crate::directory::trial::run(&cx, "other").map(drop),
        crate::directory::lint::run(&cx, "other").map(drop),
        login_trial::connection_for(&cx, connection::EDIT, ("x@y.test", Some("other"))).map(drop),
    ] {
        assert_eq!(asked.unwrap_err().kind(), Kind::NotFound);
    }
    act(&mut cx, false, &[]);
    assert!(is_denied(connection::list(&cx)));
    assert!(is_denied(connection::get(&cx, "corp")));
    assert!(is_denied(crate::directory::trial::run(&cx, "corp")));
}
