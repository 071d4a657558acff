use super::{Company, Edit, New, create, edit, get};
use crate::context::{Actor, CompanyScope, Context};
use crate::error::Result;
use crate::registry::engine;
use crate::store::Store;

/// Deletes a company, whoever loses it by that.
pub(crate) fn delete(cx: &Context, name: &str) -> Result<Company> {
    Ok(super::delete(cx, &mut engine(), name)?.0)
}

fn new(name: &str) -> New {
    New { name: name.to_owned(), ..New::default() }
}

#[test]
fn names_differ_by_more_than_case_in_any_script() {
    let cx = Context::for_tests();
    create(&cx, &new("Дніпро Енерго"), false).unwrap();
    let failure = create(&cx, &new("ДНІПРО  енерго"), false).unwrap_err();
    assert_eq!(failure.code(), "company.exists");
    let (company, is_new) = create(&cx, &new("дніпро енерго"), true).unwrap();
    assert_eq!((company.name.as_str(), is_new), ("Дніпро Енерго", false));
}

#[test]
fn slugs_are_made_from_any_script_and_never_collide() {
    let cx = Context::for_tests();
    assert_eq!(create(&cx, &new("Дніпро"), false).unwrap().0.slug, "dnipro");
    assert_eq!(create(&cx, &new("Дніпро!"), false).unwrap().0.slug, "dnipro-2");
    assert_eq!(get(&cx, "dnipro-2").unwrap().name, "Дніпро!");
}

#[test]
fn an_edit_says_what_changed_and_writes_nothing_else() {
    let cx = Context::for_tests();
    create(&cx, &new("Acme"), false).unwrap();
    let rename = Edit { name: Some("Acme Bank".into()), ..Edit::default() };
    assert_eq!(edit(&cx, "acme", &rename).unwrap().1, ["name"]);
    assert_eq!(edit(&cx, "acme", &rename).unwrap().1, Vec::<String>::new());
    assert_eq!(crate::audit::verify(&cx, crate::audit::Proof::default()).unwrap().rows, 2);
}

#[test]
fn a_deleted_id_is_not_used_again() {
    let cx = Context::for_tests();
    let first = create(&cx, &new("Acme"), false).unwrap().0.id;
    delete(&cx, "Acme").unwrap();
    assert!(create(&cx, &new("Acme"), false).unwrap().0.id > first);
}

#[test]
fn a_typing_error_finds_what_was_meant() {
    let cx = Context::for_tests();
    create(&cx, &new("Acme Bank"), false).unwrap();
    let failure = get(&cx, "Acme Bnak").unwrap_err();
    assert_eq!(failure.explain().hint().unwrap(), "did you mean `Acme Bank`?");
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS]);
}

#[test]
fn a1_no_company_takes_the_slug_of_another_for_a_name() {
    let cx = Context::for_tests();
    for name in ["Acme Bank", "Globex"] {
        create(&cx, &new(name), false).unwrap();
    }
    let name = Some("ACME-bank".to_owned());
    let renamed = edit(&cx, "Globex", &Edit { name, ..Edit::default() });
    assert_eq!(renamed.unwrap_err().code(), "company.slug_taken");
    for if_absent in [false, true] {
        let failure = create(&cx, &new("ACME-bank"), if_absent).unwrap_err();
        assert_eq!(failure.to_string(), "`ACME-bank` is the slug of another company");
    }
}

#[test]
fn a1_no_company_takes_the_name_of_another_for_a_slug() {
    let cx = Context::for_tests();
    create(&cx, &New { slug: Some("first".into()), ..new("Acme") }, false).unwrap();
    create(&cx, &new("Globex"), false).unwrap();
    let edited = edit(&cx, "Globex", &Edit { slug: Some("acme".into()), ..Edit::default() });
    assert_eq!(edited.unwrap_err().code(), "company.slug_taken");
    let made = create(&cx, &New { slug: Some("acme".into()), ..new("Initech") }, false);
    assert_eq!(made.unwrap_err().code(), "company.slug_taken");
    assert_eq!(create(&cx, &new("Acme!"), false).unwrap().0.slug, "acme-2");
    let own = Edit { slug: Some("acme".into()), ..Edit::default() };
    assert_eq!(edit(&cx, "Acme", &own).unwrap().0.slug, "acme");
}

/// The context of an operator with these rights for all companies, who is no superuser.
fn operator(cx: Context, rights: &[&'static str]) -> Context {
    Context { actor: Actor::operator_with(&[(rights, CompanyScope::All)]), ..cx }
}

fn renamed(cx: &Context, company: &str, name: &str) -> std::result::Result<(), &'static str> {
    let name = Edit { name: Some(name.to_owned()), ..Edit::default() };
    edit(cx, company, &name).map(drop).map_err(|failure| failure.code())
}

#[test]
fn a1_no_name_or_slug_of_one_company_comes_to_mean_another() {
    let cx = Context::for_tests();
    for name in ["Acme", "Beta"] {
        create(&cx, &new(name), false).unwrap();
    }
    let cx = operator(cx, &["org.view", "companies.add", "companies.edit", "companies.delete"]);
    let slug = |company: &str, slug: &str| {
        let slug = Edit { slug: Some(slug.to_owned()), ..Edit::default() };
        edit(&cx, company, &slug).map(drop).map_err(|failure| failure.code())
    };
    renamed(&cx, "Acme", "Tmp").unwrap();
    slug("tmp", "tmp").unwrap();
    assert_eq!(renamed(&cx, "Beta", "ACME"), Err("permission.denied"));
    assert_eq!(slug("Beta", "acme"), Err("permission.denied"));
    let taken = create(&cx, &new("acme"), false).unwrap_err();
    assert_eq!(
        taken.to_string(),
        "`op@acme.example` may not do this: `acme` was another company's before, and only superusers pass it on"
    );
    let as_slug = create(&cx, &New { slug: Some("acme".into()), ..new("Gamma") }, false);
    assert_eq!(as_slug.unwrap_err().code(), "permission.denied");
    assert_eq!(
        create(&cx, &new("Acme!"), false).unwrap().0.slug,
        "acme-2",
        "a slug that is made goes round it"
    );

    renamed(&cx, "Tmp", "Acme").unwrap();
    renamed(&cx, "Acme", "Acme Bank").unwrap();
    delete(&cx, "Acme Bank").unwrap();
    renamed(&cx, "Beta", "Acme").unwrap();

    let cx = Context { actor: Actor::system(None), ..cx };
    renamed(&cx, "Acme", "Gamma").unwrap();
    assert_eq!(renamed(&cx, "Acme!", "Acme"), Ok(()), "a superuser passes a name on");
}
