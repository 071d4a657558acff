use super::{New, create, find_id_in, get_in};
use crate::company;
use crate::context::Context;
use crate::error::Result;

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
fn names_differ_within_a_company_and_among_the_groups_of_none() {
    let cx = cx_with_companies();
    for company in [None, Some("Acme"), Some("Globex")] {
        make(&cx, "Аналітики", company).unwrap();
        assert_eq!(make(&cx, "АНАЛІТИКИ", company).unwrap_err().code(), "group.exists");
    }
    assert_eq!(make(&cx, "a@b", None).unwrap_err().code(), "group.bad_name");
}

#[test]
fn a_typing_error_offers_groups_with_their_companies() {
    let cx = cx_with_companies();
    make(&cx, "Auditors", Some("Acme")).unwrap();
    let hint = |name: &str| meant(&cx, name).unwrap_err().explain().hint().unwrap();
    assert_eq!(hint("Auditers"), "did you mean `Auditors@Acme`?");
    assert_eq!(hint("Auditors@Globex"), "did you mean `Auditors@Acme`?");
    assert_eq!(hint("Nobody"), "see them with `secboard group list`");
    assert_eq!(cx.read(|tx| find_id_in(tx, "Auditors@Nowhere")).unwrap(), None);
}

#[test]
fn every_statement_fits_the_schema() {
    let cx = Context::for_tests();
    cx.read(|tx| {
        for sql in super::store::STATEMENTS {
            tx.sql().prepare(sql)?;
        }
        Ok(())
    })
    .unwrap();
}
