//! What people of a site may do: groups, a hundred grants each, roles and memberships, written straight into a copy of
//! its store, as nobody would grant so much by hand.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use secboard::bench::Questions;

use crate::measure::{Cost, Goal, Table, short, timed, watched};
use crate::peers;
use crate::people::{self, pick, scattered};
use crate::site::{Site, secboard};

/// People for each group.
const PEOPLE: usize = 100;

/// Grants of each group.
const GRANTS: usize = 100;

/// Roles, each of which brings five groups; every other person holds one.
const ROLES: usize = 50;

/// The companies of a site, and what is granted for all of them instead.
const COMPANIES: usize = 20;

/// What only three groups of the first companies grant.
const RARE: &str = "reviews.run";

/// What about half of all groups would grant for some company.
const COMMON: &str = "risk.edit_report";

/// Checks timed as one.
const CHECKS: usize = 1000;

/// Row 9: one question.
pub(crate) fn check(site: &Site, table: &mut Table) {
    let store = with_access(site);
    let questions = Questions::on(&store).unwrap();
    let company = people::company(3);
    let mut emails = (0..site.people).map(people::email);
    let email = emails.find(|email| questions.check(email, COMMON, &company).unwrap()).unwrap();
    let ask = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        short(|| {
            let mut command = secboard(&store);
            command.args(&words);
            command
        })
    };
    let ours = || ask(&["permission", "check", &email, COMMON, "--company", &company]);
    let names = ("9", site.people, "`permission check`; peer: `user show`");
    table.compare(names, Goal::More(2.0), ours, || ask(&["user", "show", &email]));
    let permissions = questions.permissions();
    let ours = || {
        let cost = timed(|| {
            for number in 0..CHECKS {
                let email = people::email(scattered(number, 20) % site.people);
                let permission = pick(&permissions, number, 21);
                questions.check(&email, permission, &people::company(scattered(number, 22))).unwrap();
            }
        });
        Cost { time: cost.time / u32::try_from(CHECKS).unwrap(), ..cost }
    };
    table.measure(("9", site.people, "`permission check`, in process"), Goal::Millis(0.02), ours);
}

/// Row 10: the question the other way round.
pub(crate) fn who_can(site: &Site, table: &mut Table) {
    let store = with_access(site);
    let company = people::company(3);
    for permission in [RARE, COMMON] {
        let count = Questions::on(&store).unwrap().who_can(permission, &company).unwrap();
        let what = format!("`permission who-can {permission}`: {count} people");
        let ours = || {
            short(|| {
                let mut command = secboard(&store);
                command.args(["-o", "json", "permission", "who-can", permission, "--company", &company]);
                command
            })
        };
        table.measure(("10", site.people, &what), Goal::Millis(60.0), ours);
    }
}

/// Row 10: what everybody may do.
pub(crate) fn export(site: &Site, table: &mut Table) {
    let store = with_access(site);
    let workbook = site.path("access.xlsx");
    let export = |format: &str, output: &Path| {
        let mut command = secboard(&store);
        command.args(["export", "access", "--format", format, "--output"]).arg(output);
        watched(&mut command)
    };
    let ours = || export("xlsx", &workbook);
    let own = table.measure(("10", site.people, "`export access`"), Goal::Millis(5000.0), ours);
    table.measure(("10", site.people, "`export access`: memory"), Goal::Memory(96.0), || own);
    let what = "`export access` as JSON Lines to nowhere: a disk may take longer";
    table.measure(("10", site.people, what), Goal::Millis(6000.0), || export("jsonl", Path::new("-")));
}

/// A copy of the store in which people may do something; kept for the next row.
fn with_access(site: &Site) -> PathBuf {
    let folder = site.path("access");
    let store = folder.join("secboard.db");
    if !store.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        for name in ["secboard.key", "secboard.db"] {
            std::fs::copy(site.path(name), folder.join(name)).unwrap();
        }
        fill(&store, site.people);
    }
    store
}

fn fill(store: &Path, people: usize) {
    let permissions = Questions::on(store).unwrap().permissions();
    let mut connection = peers::open(store);
    let tx = connection.transaction().unwrap();
    let groups = people / PEOPLE;
    for group in 1..=groups {
        make_group(&tx, group, &permissions);
    }
    for role in 1..=ROLES {
        let name = format!("role-{role}");
        tx.execute(
            "INSERT INTO roles (id, name, name_folded, slug, revision, created_at, updated_at) VALUES (?, ?2, ?2, ?2, 1, 0, 0)",
            params![id(role), name],
        )
        .unwrap();
        for number in 0..5 {
            let group = 1 + scattered(role * 5 + number, 10) % groups / 2 * 2;
            tx.execute("INSERT OR IGNORE INTO role_groups VALUES (?, ?)", params![id(role), id(group)])
                .unwrap();
        }
    }
    tx.execute_batch(&format!(
        "INSERT INTO user_roles SELECT id, 1 + id * 7919 % {ROLES}, 1, 0 FROM users WHERE id % 2 = 0 AND id > 1;
        INSERT OR IGNORE INTO memberships
            SELECT u.id, g.id, 'manual', 0 FROM users u JOIN groups g
            ON g.id IN (1 + u.id * 104729 % {groups}, 1 + u.id * 1299709 % {groups})
            WHERE u.company_id IS NOT NULL AND (g.company_id IS NULL OR g.company_id = u.company_id);",
    ))
    .unwrap();
    tx.commit().unwrap();
}

/// Every second group is of all companies, and a quarter of its grants is for all; the others are of one.
fn make_group(tx: &Connection, group: usize, permissions: &[&str]) {
    let of_all = group % 2 == 1;
    let company = 1 + scattered(group, 11) % COMPANIES;
    tx.execute(
        "INSERT INTO groups (id, name, name_folded, company_id, revision, created_at, updated_at)
        VALUES (?1, ?2, ?2, ?3, 1, 0, 0)",
        params![id(group), format!("group-{group}"), (!of_all).then_some(id(company))],
    )
    .unwrap();
    let mut grant = tx.prepare_cached("INSERT OR IGNORE INTO grants VALUES (?, ?, ?, 0)").unwrap();
    for number in 0..GRANTS {
        let place = group * GRANTS + number;
        let permission = pick(permissions, place, 14);
        let company = if of_all { 1 + scattered(place, 12) % COMPANIES } else { company };
        let for_all = scattered(place, 13).is_multiple_of(4);
        if permission != RARE || group < 4 {
            grant.execute(params![id(group), permission, (!for_all).then_some(id(company))]).unwrap();
        }
    }
    if group < 4 {
        grant.execute(params![id(group), RARE, None::<i64>]).unwrap();
    }
}

fn id(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}
