//! Following a directory as somebody who may not do everything.

use super::{least, site};
use crate::context::{Actor, CompanyScope, Context, Via};
use crate::directory::connection::{self, Edit, FollowingEdit};
use crate::directory::sync::{self, Again, Extent, Order, Synced};
use crate::directory::transport::tests::peer::{Directory, Entry, Script};
use crate::error::Kind;
use crate::group::{self, GrantSpec, New, Selector};
use crate::registry::engine;
use crate::run;
use crate::text::instant::Instant;
use crate::user::bulk::{Verb, Who, apply_one};
use crate::user::directory as people;
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
    sync::run(cx, &mut engine(), Order { name: "corp", everybody: false }, None).unwrap()
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

#[test]
fn who_edits_people_reads_those_of_their_company_again_and_takes_nothing_back_by_it() {
    let mut cx = followed();
    let corp = cx.read(|tx| connection::get_in(tx, "corp", &CompanyScope::All)).unwrap();
    let directory = Directory::start(Script::of(disabled(staff())));
    becomes(&mut cx, &directory);
    cx.actor = Actor::operator_with(&[(&["users.edit"], CompanyScope::of([corp.facts.company_id]))]);
    let who = |names: &[&str]| Who::Named(names.iter().map(|name| format!("{name}@corp.test")).collect());
    let meant = people::meant(&cx, &who(&["olena", "petro"])).unwrap();
    let passed_over: Vec<_> = meant.passed_over.iter().map(|(who, _)| who.as_str()).collect();
    assert_eq!(passed_over, ["3"], "he stands above whoever asks, who may not look at people");
    let again = Again { connection: corp.id, people: &meant.managed[&corp.id] };
    let read = sync::read_again(&mut cx, &mut engine(), &again, None).unwrap();
    assert_eq!((read.people, read.extent, kept(&read)), (1, Extent::Named, Vec::new()));
    assert_eq!(kept_out(&mut cx), ["olena@corp.test"]);
    assert_eq!(cx.via, Via::Cli, "the door is the same afterwards");
    // Nothing of what a directory says is written by hand.
    let run = read.taken.run.unwrap().id;
    let undone = run::undo(&cx, &mut engine(), &run);
    assert_eq!(kept_out(&mut cx), ["olena@corp.test"], "{undone:?}");
    // In another company nobody is there.
    cx.actor = Actor::operator_with(&[(&["users.edit"], CompanyScope::of([corp.facts.company_id + 1]))]);
    assert_eq!(people::meant(&cx, &who(&["olena"])).unwrap_err().kind(), Kind::NotFound);
}
