//! Whatever a directory says, and then says otherwise: what its syncs did is taken back by the undo of their runs, and what is so
//! already is written no more.

use proptest::prelude::*;

use super::{least, site};
use crate::audit;
use crate::context::Context;
use crate::directory::connection::{self, Edit, FollowingEdit, GroupSync, Places};
use crate::directory::sync::{self, Order, Synced};
use crate::directory::transport::tests::peer::{BASE, Directory, Entry, Script};
use crate::group;
use crate::registry::engine;
use crate::run;
use crate::user::Facts;
use crate::user::filter::{self, Filter, Page};

/// The people whom the directory can have, and the groups they can be in.
const LOGINS: [&str; 5] = ["anna", "bohdan", "ciara", "dmytro", "elif"];
const GROUPS: [&str; 2] = ["Desk", "Traders"];

/// Somebody, as a directory can say of them: whose email it is, which name, whether disabled, where, in which groups.
#[derive(Debug, Clone)]
struct Said {
    email: Option<usize>,
    name: u8,
    is_disabled: bool,
    department: Option<u8>,
    groups: [bool; 2],
}

fn said() -> impl Strategy<Value = Said> {
    // Most have an email of their own; some share one, change it with another, or have none.
    let email = prop_oneof![6 => Just(None), 3 => (0..LOGINS.len()).prop_map(Some)];
    let rest = (0..2_u8, prop::bool::weighted(0.3), prop::option::of(0..2_u8), any::<[bool; 2]>());
    (email, rest).prop_map(|(email, (name, is_disabled, department, groups))| Said {
        email,
        name,
        is_disabled,
        department,
        groups,
    })
}

/// Who is there, at least one: that nobody at all is there is held, and so is nothing that is done.
fn people() -> impl Strategy<Value = Vec<Option<Said>>> {
    prop::collection::vec(prop::option::weighted(0.8, said()), LOGINS.len())
        .prop_filter("nobody", |people| people.iter().any(Option::is_some))
}

fn script(people: &[Option<Said>]) -> Script {
    let (mut entries, mut members) = (Vec::new(), [Vec::new(), Vec::new()]);
    for (place, said) in people.iter().enumerate() {
        let Some(said) = said else { continue };
        let mut entry = Entry::person(LOGINS[place], ["Maria", "Марія"][usize::from(said.name)], "Koval");
        let mut set = |name: &str, value: &str| {
            entry.attributes.retain(|(of, _)| of != name);
            entry.add(name, value.as_bytes());
        };
        if let Some(of) = said.email {
            set("mail", &format!("{}@corp.test", LOGINS[of]));
        }
        if said.is_disabled {
            set("userAccountControl", "514");
        }
        if let Some(department) = said.department {
            set("department", ["Treasury", "Audit"][usize::from(department)]);
        }
        for (is_in, members) in said.groups.iter().zip(&mut members) {
            if *is_in {
                members.push(entry.dn.clone());
            }
        }
        entries.push(entry);
    }
    let mut script = Script::of(entries);
    for (name, members) in GROUPS.iter().zip(members) {
        let mut group = Entry::new(&format!("CN={name},{BASE}"), &[("objectClass", "group"), ("cn", name)]);
        for member in members {
            group.add("member", member.as_bytes());
        }
        script.entries.push(group);
    }
    script
}

/// A site that follows a directory in everything, and notes at once who is gone.
fn following(directory: &Directory) -> Context {
    let cx = site();
    for name in GROUPS {
        group::create(&cx, &group::New { name: name.to_owned(), ..Default::default() }, None, false).unwrap();
    }
    let following = FollowingEdit {
        groups: Some(GroupSync::Mirror),
        departments: Some(Places::Create),
        leaver_runs: Some(1),
        ..FollowingEdit::default()
    };
    let servers = vec![format!("ldap://localhost:{}", directory.port())];
    let edit = Edit { insecure: Some(true), servers, following, ..least() };
    connection::create(&cx, ("corp", "Acme"), &edit).unwrap();
    cx
}

fn follow(cx: &mut Context) -> Synced {
    sync::run(cx, &mut engine(), Order { name: "corp", everybody: true }, None).unwrap()
}

/// The runs of a sync, in their order.
fn runs(synced: &Synced) -> Vec<String> {
    [&synced.given, &synced.taken].iter().filter_map(|made| Some(made.run.as_ref()?.id.clone())).collect()
}

/// Everybody who is not in the bin, and every department.
fn store(cx: &Context) -> (Vec<Facts>, Vec<String>) {
    cx.read(|tx| {
        let mut people = Vec::new();
        filter::each(cx, tx, &Filter::default(), Page::default(), |user| {
            people.push(user.facts);
            Ok(())
        })?;
        let mut departments = tx.sql().prepare("SELECT name FROM departments ORDER BY name")?;
        let departments = departments.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok((people, departments))
    })
    .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn what_two_syncs_did_is_taken_back_and_what_is_so_already_is_not_written((first, second) in (people(), people())) {
        let directory = Directory::start(script(&first));
        let mut cx = following(&directory);
        let mut made: Vec<(String, _)> = Vec::new();
        for said in [&first, &second] {
            directory.becomes(script(said));
            // An email that another gives up in the same sync is theirs at the next.
            for _ in 0..=LOGINS.len() {
                let before = store(&cx);
                let done = runs(&follow(&mut cx));
                if done.is_empty() {
                    break;
                }
                // What the run that gives left, before the one that takes, is in no table any more.
                made.push((done.join(" "), before));
            }
            let before = cx.read(audit::next_seq).unwrap();
            prop_assert_eq!(runs(&follow(&mut cx)), Vec::<String>::new());
            prop_assert_eq!(cx.read(audit::next_seq).unwrap(), before, "what is so already was written");
        }
        for (done, before) in made.into_iter().rev() {
            for id in done.split(' ').rev() {
                let undone = run::undo(&cx, &mut engine(), id).unwrap();
                prop_assert_eq!(undone.left.count, 0);
            }
            prop_assert_eq!(store(&cx), before);
        }
    }
}
