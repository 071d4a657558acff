//! Following a directory as somebody who may not do everything.

use super::{least, site};
use crate::context::{Actor, CompanyScope, Context};
use crate::directory::connection::{self, Edit, FollowingEdit};
use crate::directory::sync::{self, Extent, Order, Synced};
use crate::directory::transport::tests::peer::{Directory, Entry, Script};
use crate::group::{self, GrantSpec, New, Selector};
use crate::registry::engine;
use crate::text::instant::Instant;
use crate::user::bulk::{Verb, apply_one};
use crate::user::get;

/// The first of these is the operator, who has the first id of the store.
fn staff() -> Vec<Entry> {
    ["operator", "olena", "petro"].map(|login| Entry::person(login, "Some", "Body")).to_vec()
}

fn disabled(mut people: Vec<Entry>) -> Vec<Entry> {
    for person in &mut people[1..] {
        person.attributes.retain(|(name, _)| name != "userAccountControl");
        person.add("userAccountControl", b"514");
    }
    people
}

fn at(directory: &Directory) -> Edit {
    Edit { servers: vec![format!("ldap://localhost:{}", directory.port())], ..Edit::default() }
}

fn follow(cx: &mut Context) -> Synced {
    sync::run(cx, &mut engine(), Order { name: "corp", resolver: None, everybody: false }, None).unwrap()
}

/// A site that has followed the staff, where Petro stands above an operator who follows directories.
fn followed() -> Context {
    let directory = Directory::start(Script::of(staff()));
    let mut cx = site();
    let following = FollowingEdit { leaver_runs: Some(1), ..FollowingEdit::default() };
    let edit = Edit { insecure: Some(true), servers: at(&directory).servers, following, ..least() };
    let acme = connection::create(&cx, ("corp", "Acme"), &edit).unwrap().facts.company_id;
    follow(&mut cx);
    group::create(&cx, &New { name: "Chiefs".to_owned(), ..New::default() }, None, false).unwrap();
    let order = GrantSpec { patterns: vec!["users.delete".to_owned()], ..GrantSpec::default() };
    let chiefs = Selector { name: "Chiefs".to_owned(), company: None };
    group::grant(&cx, &chiefs, &order).unwrap();
    apply_one(&cx, "petro@corp.test", &Verb::AddGroup("Chiefs".to_owned())).unwrap();
    cx.actor = Actor::operator_with(&[(&["directory.sync"], CompanyScope::of([acme]))]);
    cx
}

/// Has the connection ask another directory, which only superusers may.
fn becomes(cx: &mut Context, directory: &Directory) {
    let operator = std::mem::replace(&mut cx.actor, Actor::system(None));
    connection::edit(cx, "corp", &at(directory)).unwrap();
    cx.actor = operator;
}

/// Whom a directory keeps out: those who are disabled there, and those who are gone.
fn kept_out(cx: &mut Context) -> Vec<&'static str> {
    let operator = std::mem::replace(&mut cx.actor, Actor::system(None));
    let now = cx.now();
    let mut people = vec!["operator@corp.test", "olena@corp.test", "petro@corp.test"];
    people.retain(|email| get(cx, email).unwrap().facts.is_closed_there(now));
    cx.actor = operator;
    people
}

/// Who is kept aside, why, and by which entry.
fn kept(synced: &Synced) -> Vec<(&str, &str, &str)> {
    let kept = synced.kept.iter();
    kept.map(|kept| (kept.email.as_deref().unwrap_or_default(), &*kept.code, &*kept.dn)).collect()
}

#[test]
fn of_whom_nothing_changes_nobody_is_asked_whether_they_may() {
    let mut cx = followed();
    let directory = Directory::start(Script::of(staff()));
    becomes(&mut cx, &directory);
    let synced = follow(&mut cx);
    assert_eq!(kept(&synced), []);
    assert_eq!(synced.given.summary.people.unchanged, 3);
}

#[test]
fn d4_one_who_may_not_be_kept_out_keeps_nobody_else_in() {
    let petros = "CN=petro,OU=Staff,DC=corp,DC=test";
    for (people, entry) in [(disabled(staff()), petros), (staff()[..1].to_vec(), "")] {
        let mut cx = followed();
        let directory = Directory::start(Script::of(people));
        becomes(&mut cx, &directory);
        let synced = follow(&mut cx);
        assert_eq!(kept(&synced), [("petro@corp.test", "refused", entry)]);
        assert_eq!((synced.taken.summary.people.deactivate, synced.taken.summary.people.refused), (1, 1));
        assert_eq!(kept_out(&mut cx), ["olena@corp.test"]);
        let since = synced.kept[0].since;
        let again = follow(&mut cx);
        assert_eq!((kept(&again), again.kept[0].since), (kept(&synced), since), "as long as it lasts");
        assert!(again.given.run.is_none() && again.taken.run.is_none());
    }
}

#[test]
fn once_a_day_everybody_is_read_though_nothing_changed() {
    let mut script = Script::of(staff());
    script.root.add("highestCommittedUSN", b"10");
    script.root.add("dsServiceName", b"CN=DC1,DC=corp,DC=test");
    let mut service = Entry::new("CN=DC1,DC=corp,DC=test", &[("objectClass", "nTDSDSA")]);
    service.add("invocationId", &[1; 16]);
    script.entries.push(service);
    let directory = Directory::start(script.clone());
    let mut cx = site();
    let edit = Edit { insecure: Some(true), servers: at(&directory).servers, ..least() };
    connection::create(&cx, ("corp", "Acme"), &edit).unwrap();
    let begun = cx.now();
    cx.stop_clock(begun);
    assert_eq!(follow(&mut cx).extent, Extent::Everybody);
    script.entries.retain(|entry| !entry.dn.starts_with("CN=petro"));
    directory.becomes(script);
    for (hours, is_everybody) in [(1, false), (23, false), (24, true)] {
        cx.stop_clock(Instant::from_micros(begun.micros() + hours * 3_600_000_000));
        let synced = follow(&mut cx);
        assert_eq!(synced.extent == Extent::Everybody, is_everybody, "after {hours} hours");
    }
}
