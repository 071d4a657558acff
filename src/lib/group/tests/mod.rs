mod grants;
mod operators;

use super::{Edit, GrantSpec, Group, New, Revoked, Selector, canonical, create, find_id_in, get_in, show};
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::registry::engine;
use crate::run::{Ask, Committed, Effect};
use crate::user::bulk;

/// Changes a group, whatever that takes; returns it and what changed.
pub(crate) fn edit(cx: &Context, which: &Selector, edit: &Edit) -> Result<(Group, Vec<String>)> {
    let edited = super::edit(cx, &mut engine(), which, edit, &Ask::nothing(false))?;
    Ok((edited.group, edited.changed))
}

/// Takes grants from a group, whatever that takes.
pub(crate) fn revoke(cx: &Context, which: &Selector, order: &GrantSpec) -> Result<Revoked> {
    super::revoke(cx, &mut engine(), which, order, &Ask::nothing(false))
}

/// Deletes a group, whatever that takes.
pub(crate) fn delete(cx: &Context, which: &Selector, force: bool) -> Result<Committed> {
    Ok(super::delete(cx, &mut engine(), which, force, &Ask::nothing(true))?.committed)
}

/// A store with the companies Acme and Globex.
fn cx_with_companies() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        let new = company::New { name: name.to_owned(), ..company::New::default() };
        company::create(&cx, &new, false).unwrap();
    }
    cx
}

fn make(cx: &Context, name: &str, company: Option<&str>) -> Result<String> {
    let new = New { name: name.to_owned(), ..New::default() };
    create(cx, &new, company, false).map(|(group, _)| group.canonical())
}

fn which(name: &str) -> Selector {
    Selector { name: name.to_owned(), company: None }
}

fn meant(cx: &Context, name: &str) -> Result<String> {
    cx.read(|tx| Ok(get_in(tx, name)?.canonical()))
}

#[test]
fn a_plain_name_means_the_group_of_no_company_else_the_only_one() {
    let cx = cx_with_companies();
    make(&cx, "Risk", Some("Acme")).unwrap();
    assert_eq!(meant(&cx, "RISK").unwrap(), "Risk@Acme");
    make(&cx, "Risk", Some("Globex")).unwrap();
    let failure = meant(&cx, "risk").unwrap_err();
    assert_eq!(failure.code(), "group.ambiguous");
    assert_eq!(failure.explain().hint().unwrap(), "say which, such as `Risk@Acme`");
    make(&cx, "Risk", None).unwrap();
    assert_eq!(meant(&cx, "risk").unwrap(), "Risk");
    assert_eq!(meant(&cx, "risk@globex").unwrap(), "Risk@Globex");
}

#[test]
fn whatever_a_company_is_called_its_groups_are_found_by_what_is_printed() {
    let cx = cx_with_companies();
    for (number, company) in
        ["acme-bank;Power", "a@b, \"c\"", "=1", "'", "x --company Acme", "Äöü@@", "Група@Є"]
            .into_iter()
            .enumerate()
    {
        let slug = Some(format!("c{number}"));
        company::create(&cx, &company::New { name: company.into(), slug, note: None }, false).unwrap();
        make(&cx, "Risk", Some(company)).unwrap();
        assert_eq!(meant(&cx, &canonical("Risk", Some(company))).unwrap(), format!("Risk@{company}"));
    }
}

#[test]
fn names_differ_within_a_company_and_among_the_groups_of_none() {
    let cx = cx_with_companies();
    for company in [None, Some("Acme"), Some("Globex")] {
        make(&cx, "Аналітики", company).unwrap();
        assert_eq!(make(&cx, "АНАЛІТИКИ", company).unwrap_err().code(), "group.exists");
    }
}

#[test]
fn a_name_that_means_something_else_where_groups_are_named_is_refused() {
    let cx = cx_with_companies();
    for name in ["a@b", "Read; write", ";", "*", "role:ciso", "ROLE:x", "Directory:ldap"] {
        assert_eq!(make(&cx, name, None).unwrap_err().code(), "group.bad_name", "{name}");
    }
    make(&cx, "Read", None).unwrap();
    let renamed = Edit { name: Some("Read; write".into()), ..Edit::default() };
    let which = which("Read");
    assert_eq!(edit(&cx, &which, &renamed).unwrap_err().code(), "group.bad_name");
    for name in ["role", "Role - CISO", "a*b", "Roles: all"] {
        make(&cx, name, None).unwrap();
    }
}

#[test]
fn a_typing_error_offers_groups_with_their_companies() {
    let cx = cx_with_companies();
    make(&cx, "Auditors", Some("Acme")).unwrap();
    let hint = |name: &str| meant(&cx, name).unwrap_err().explain().hint().unwrap();
    assert_eq!(hint("Auditers"), "did you mean `Auditors@Acme`?");
    assert_eq!(hint("Auditors@Globex"), "did you mean `Auditors@Acme`?");
    assert_eq!(hint("Nobody"), "see them with `secboard group list`");
    assert_eq!(cx.read(|tx| find_id_in(tx, "Auditors@Nowhere", &CompanyScope::All)).unwrap(), None);
}

#[test]
fn an_edit_says_what_changed_and_writes_nothing_else() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    let change = Edit { company: Some("acme".into()), color: Some("#ABCDEF".into()), ..Edit::default() };
    let (group, changed) = edit(&cx, &which("risk"), &change).unwrap();
    assert_eq!(
        (group.canonical().as_str(), changed.as_slice()),
        ("Risk@Acme", ["company", "color"].map(String::from).as_slice())
    );
    assert_eq!(edit(&cx, &which("risk"), &change).unwrap().1, Vec::<String>::new());
    let back = Edit { company: Some(String::new()), ..Edit::default() };
    assert_eq!(edit(&cx, &which("risk"), &back).unwrap().0.canonical(), "Risk");
}

#[test]
fn a_group_with_people_of_two_companies_becomes_no_companys() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Risk", "a@x.example", "Acme");
    put_in(&cx, "Risk", "g@x.example", "Globex");
    let change = Edit { company: Some("Acme".into()), ..Edit::default() };
    let failure = edit(&cx, &which("Risk"), &change).unwrap_err();
    assert_eq!(failure.code(), "group.does_not_fit");
    assert!(failure.to_string().ends_with("it has 1 person of another company"), "{failure}");
}

#[test]
fn a_group_whose_role_is_for_another_company_becomes_no_companys() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    bring_by_role(&cx, "Risk");
    let change = Edit { company: Some("Globex".into()), ..Edit::default() };
    sql(&cx, "INSERT INTO role_companies SELECT r.id, c.id FROM roles r, companies c WHERE c.name = 'Acme'");
    let failure = edit(&cx, &which("Risk"), &change).unwrap_err();
    assert_eq!(failure.code(), "group.does_not_fit");
    assert!(failure.to_string().ends_with("it has 1 role for another company"), "{failure}");
    sql(
        &cx,
        "INSERT INTO role_companies SELECT r.id, c.id FROM roles r, companies c WHERE c.name = 'Globex'",
    );
    assert_eq!(edit(&cx, &which("Risk"), &change).unwrap().0.canonical(), "Risk@Globex");
}

#[test]
fn a_group_that_people_of_another_company_have_through_a_role_becomes_no_companys() {
    let cx = cx_with_companies();
    make(&cx, "Other", None).unwrap();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Other", "a@x.example", "Acme");
    put_in(&cx, "Other", "g@x.example", "Globex");
    bring_by_role(&cx, "Risk");
    let change = Edit { company: Some("Globex".into()), ..Edit::default() };
    let failure = edit(&cx, &which("Risk"), &change).unwrap_err();
    assert!(failure.to_string().ends_with("it has 1 person of another company"), "{failure}");
    sql(&cx, "UPDATE users SET deleted_at = 1 WHERE email = 'a@x.example'");
    assert_eq!(edit(&cx, &which("Risk"), &change).unwrap().0.canonical(), "Risk@Globex");
}

#[test]
fn a_group_that_somebody_is_in_or_a_role_brings_stays() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Risk", "a@x.example", "Acme");
    bring_by_role(&cx, "Risk");
    let failure = delete(&cx, &which("Risk"), false).unwrap_err();
    assert_eq!(failure.to_string(), "group `Risk` is in use: 1 person (a@x.example), 1 role (ciso)");
    assert_eq!(show(&cx, &which("Risk")).unwrap().roles, ["ciso"]);
}

#[test]
fn a_forced_deletion_takes_the_group_from_people_and_roles_first() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Risk", "a@x.example", "Acme");
    bring_by_role(&cx, "Risk");
    let rows = crate::audit::verify(&cx, crate::audit::Proof::default()).unwrap().rows;
    let Committed { run, losses, .. } = delete(&cx, &which("Risk"), true).unwrap();
    let losses: Vec<_> = losses.iter().map(|loss| (loss.email.as_str(), loss.groups.join(", "))).collect();
    assert_eq!(losses, [("a@x.example", "Risk".to_owned())]);
    assert_eq!(
        crate::audit::verify(&cx, crate::audit::Proof::default()).unwrap().rows,
        rows + 4,
        "the run has one too"
    );
    assert_eq!(meant(&cx, "Risk").unwrap_err().code(), "group.not_found");
    let undone = crate::run::undo(&cx, &mut engine(), &run.unwrap().id).unwrap();
    assert_eq!((undone.reverted, undone.left.count), (3, 0));
    assert_eq!(show(&cx, &which("Risk")).unwrap().roles, ["ciso"]);
    let mut members = Vec::new();
    super::each_member(&cx, &which("Risk"), |member| {
        members.push(member.email);
        Ok(())
    })
    .unwrap();
    assert_eq!(members, ["a@x.example"]);
}

#[test]
fn who_is_in_a_group_twice_is_told_once_with_both_origins() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Risk", "a@x.example", "Acme");
    put_in(&cx, "Risk", "b@x.example", "Globex");
    bring_by_role(&cx, "Risk");
    let mut members = Vec::new();
    super::each_member(&cx, &which("Risk"), |member| {
        members.push((member.email, member.origins.iter().map(ToString::to_string).collect::<Vec<_>>()));
        Ok(())
    })
    .unwrap();
    let both = |email: &str| (email.to_owned(), vec!["manual".to_owned(), "role:ciso".to_owned()]);
    assert_eq!(members, [both("a@x.example"), both("b@x.example")]);
}

/// Makes a person and puts them into a group.
#[test]
fn who_goes_to_the_bin_with_the_group_while_it_is_asked_does_not_lose_it_in_silence() {
    let cx = cx_with_companies();
    make(&cx, "Risk", None).unwrap();
    put_in(&cx, "Risk", "ann@x.example", "Acme");
    let order = GrantSpec { patterns: vec!["risk.view_report".to_owned()], ..GrantSpec::default() };
    super::grant(&cx, &which("Risk"), &order).unwrap();
    let bob_comes_and_goes = |_: &Effect| {
        put_in(&cx, "Risk", "bob@x.example", "Acme");
        bulk::apply_one(&cx, "bob@x.example", &bulk::Verb::Delete).map(|_| false)
    };
    let ask = Ask { with_losses: false, question: &bob_comes_and_goes };
    let refused = super::delete(&cx, &mut engine(), &which("Risk"), true, &ask).err().unwrap();
    assert_eq!((refused.code(), refused.kind().exit_code()), ("run.changed", 65));
    let committed = delete(&cx, &which("Risk"), true).unwrap();
    assert_eq!(committed.in_bin.named(), "1 person in the bin (bob@x.example)");
}

fn put_in(cx: &Context, group: &str, email: &str, company: &str) {
    let mut facts = crate::user::Facts::new(email.to_owned());
    facts.company = Some(company.to_owned());
    facts.first_name = Some("A".to_owned());
    facts.last_name = Some("B".to_owned());
    crate::user::create::create(cx, facts, None, false).unwrap();
    let id = cx.read(|tx| Ok(get_in(tx, group)?.id)).unwrap();
    sql(
        cx,
        &format!("INSERT INTO memberships SELECT id, {id}, 'manual', 0 FROM users WHERE email = '{email}'"),
    );
}

/// Makes a role that everybody holds and that brings the group.
fn bring_by_role(cx: &Context, group: &str) {
    sql(
        cx,
        "INSERT INTO roles (name, name_folded, slug, revision, created_at, updated_at)
        VALUES ('CISO', 'ciso', 'ciso', 1, 0, 0)",
    );
    sql(
        cx,
        &format!("INSERT INTO role_groups SELECT r.id, g.id FROM roles r, groups g WHERE g.name = '{group}'"),
    );
    sql(cx, "INSERT INTO user_roles SELECT u.id, r.id, 1, 0 FROM users u, roles r");
}

fn sql(cx: &Context, text: &str) {
    cx.write(|tx| Ok(tx.sql().execute_batch(text)?)).unwrap();
}

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in super::store::STATEMENTS.iter().chain(super::potential::STATEMENTS) {
            tx.sql().prepare(sql)?;
            tx.assert_no_walk_of_memberships(sql);
        }
        Ok(())
    })
    .unwrap();
}
