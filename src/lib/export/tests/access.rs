//! Who has what: agreement with every other answer, the layout of the sheets, and what an operator gets.

use std::collections::{BTreeSet, HashMap};

use calamine::Data;
use serde_json::Value;

use super::read;
use crate::catalog::{GrantScope, Module, Permission};
use crate::cli::output::Record;
use crate::cli::output::stream::{Encoding, RowColumn, columns};
use crate::context::{Account, Actor, Authority, CompanyScope, Context};
use crate::error::{Kind, Result};
use crate::export::{
    AccessRow, Format, GrantRow, GroupRow, Request, UserSelection, Watch, access, groups, permissions, roles,
    users,
};
use crate::group::{self, GrantSpec, Selector};
use crate::permission::Access;
use crate::role::cli::RoleRow;
use crate::tabular::FileOrStream;
use crate::tabular::file::Output;
use crate::user::cli::row::UserRow;
use crate::user::create::create;
use crate::user::filter::{Filter, Status};
use crate::user::{self, Facts};
use crate::{audit, company, role};

/// Ann of Acme and Ben of Globex with a role and groups, Sue a superuser, Ida switched off, Nil with nothing.
fn world() -> Context {
    let cx = Context::for_tests();
    for name in ["Acme", "Globex"] {
        company::create(&cx, &company::New { name: name.into(), ..Default::default() }, false).unwrap();
    }
    for (name, company, grants) in [
        ("Readers", None, &[("risk.view_report", None), ("fim.view", Some("Acme"))][..]),
        ("Risk", Some("Acme"), &[("risk.*", None)]),
        ("Elsewhere", None, &[("fim.view", Some("Globex")), ("fim.edit", Some("Acme"))]),
    ] {
        let new = group::New { name: name.into(), color: Some("#1a237e".into()), ..group::New::default() };
        group::create(&cx, &new, company, false).unwrap();
        for (pattern, company) in grants {
            let companies = company.iter().map(|company: &&str| (*company).to_owned()).collect();
            let order = GrantSpec { patterns: vec![(*pattern).into()], companies, ..GrantSpec::default() };
            group::grant(&cx, &Selector { name: name.into(), company: None }, &order).unwrap();
        }
    }
    let new = role::New {
        name: "CISO".into(),
        groups: vec!["Readers".into(), "Risk@Acme".into()],
        color: Some("#ffcc00".into()),
        ..role::New::default()
    };
    role::create(&cx, &new, false).unwrap();
    let person = |name: &str, company: &str| Facts {
        first_name: Some(name.to_owned()),
        last_name: Some("Test".to_owned()),
        company: Some(company.to_owned()),
        ..Facts::new(format!("{}@{}.example", name.to_lowercase(), company.to_lowercase()))
    };
    for facts in [
        Facts { roles: vec!["ciso".into()], groups: vec!["Elsewhere".into()], ..person("Ann", "Acme") },
        Facts { roles: vec!["ciso".into()], ..person("Ben", "Globex") },
        Facts { superuser: true, ..person("Sue", "Acme") },
        Facts { active: false, groups: vec!["Readers".into()], ..person("Ida", "Acme") },
        person("Nil", "Acme"),
    ] {
        create(&cx, facts, None, false).unwrap();
    }
    cx
}

fn company_id(cx: &Context, name: &str) -> i64 {
    cx.read(|tx| company::get_in(tx, name, &CompanyScope::All)).unwrap().id
}

/// The file that an export writes.
fn exported(
    name: &str,
    format: Format,
    export: impl FnOnce(&Request, Output, Watch<'_>) -> Result<u64>,
) -> (tempfile::TempDir, Result<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let output = Output::create(&FileOrStream::from(&folder.path().join(name))).unwrap();
    let request = Request { format, name: name.into(), words: String::new(), mail_to: None };
    let written = export(&request, output, &mut |_| ());
    (folder, written)
}

fn lines<R: Record>(export: impl FnOnce(&Request, Output, Watch<'_>) -> Result<u64>) -> Vec<Value> {
    let format = Format::Rows { encoding: Encoding::Jsonl, columns: columns::<R>(None).unwrap() };
    let (folder, written) = exported("rows.jsonl", format, export);
    written.unwrap();
    let text = std::fs::read_to_string(folder.path().join("rows.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn access_lines(cx: &Context) -> Vec<Value> {
    lines::<AccessRow>(|request, output, watch| access(cx, &UserSelection::default(), request, output, watch))
}

/// The sheets of a workbook, as text.
fn sheets<const N: usize>(
    export: impl FnOnce(&Request, Output, Watch<'_>) -> Result<u64>,
    names: [&str; N],
) -> [Vec<Vec<String>>; N] {
    let (folder, written) = exported("book.xlsx", Format::Xlsx, export);
    written.unwrap();
    names.map(|name| {
        let rows = read(&folder.path().join("book.xlsx"), name);
        rows.iter().map(|row| row.iter().map(Data::to_string).collect()).collect()
    })
}

#[test]
fn a2_the_export_says_of_everybody_what_every_other_question_says() {
    let cx = world();
    let mut exported: HashMap<String, BTreeSet<(String, Option<String>)>> = HashMap::new();
    for line in access_lines(&cx) {
        let has = (line["permission"].as_str().unwrap().to_owned(), line["permission_company"].as_str());
        exported
            .entry(line["email"].as_str().unwrap().to_owned())
            .or_default()
            .insert((has.0, has.1.map(str::to_owned)));
    }
    let names: HashMap<i64, &str> =
        ["Acme", "Globex"].into_iter().map(|name| (company_id(&cx, name), name)).collect();
    for email in
        ["ann@acme.example", "ben@globex.example", "sue@acme.example", "ida@acme.example", "nil@acme.example"]
    {
        let mut asked = BTreeSet::new();
        cx.read(|tx| {
            let access = Access::load(&cx, tx, &user::get_in(&cx, tx, email, "users.view")?)?;
            for permission in Permission::all() {
                for scope in access.scopes(permission) {
                    let company = match scope {
                        GrantScope::Everywhere => None,
                        GrantScope::Company(id) => Some(names[&id].to_owned()),
                    };
                    asked.insert((permission.id().to_owned(), company));
                }
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(exported.remove(email).unwrap_or_default(), asked, "{email}");
    }
    assert!(exported.is_empty());
}

#[test]
fn a_row_says_where_a_permission_comes_from() {
    let lines = access_lines(&world());
    let of = |email: &str, permission: &str| {
        let is = |line: &&Value| line["email"] == email && line["permission"] == permission;
        lines.iter().filter(is).map(|line| (&line["permission_company"], &line["via"])).collect::<Vec<_>>()
    };
    let ann = of("ann@acme.example", "fim.view");
    assert_eq!(ann.len(), 2);
    assert_eq!(
        ann[0],
        (
            &"Acme".into(),
            &serde_json::json!([{"group": "Readers", "grant_company": "Acme", "origins": ["role:ciso"]}])
        )
    );
    assert_eq!(
        ann[1],
        (
            &"Globex".into(),
            &serde_json::json!([{"group": "Elsewhere", "grant_company": "Globex", "origins": ["manual"]}])
        )
    );
    assert_eq!(of("sue@acme.example", "risk.view_report"), [(&Value::Null, &serde_json::json!([]))]);
}

#[test]
fn the_workbook_has_people_and_a_sheet_a_module_with_ticks_and_companies() {
    let cx = world();
    let [people, risk, fim, gdpr] = sheets(
        |request, output, watch| access(&cx, &UserSelection::default(), request, output, watch),
        ["People", "risk", "fim", "gdpr"],
    );
    let row = |sheet: &[Vec<String>], email: &str| {
        sheet.iter().find(|row| row[1] == email).cloned().unwrap_or_default()
    };
    assert_eq!(people.len(), 5, "who is switched off does not show: {people:?}");
    assert_eq!(
        row(&people, "ann@acme.example")[3..],
        ["", "ciso", "Elsewhere (manual), Readers (role:ciso), Risk@Acme (role:ciso)"]
    );
    assert_eq!(row(&people, "nil@acme.example")[3..], ["", "", ""]);
    assert_eq!(
        fim[0],
        [
            "Full Name",
            "Email",
            "Company",
            "Superuser",
            "view",
            "edit",
            "add",
            "delete",
            "configure",
            "show_link"
        ]
    );
    assert_eq!(row(&fim, "ann@acme.example")[3..], ["", "Acme, Globex", "Acme", "", "", "", ""]);
    assert_eq!(row(&fim, "sue@acme.example")[3..], ["✓"; 7]);
    assert_eq!(row(&fim, "nil@acme.example"), [""; 0], "who has nothing in a module does not stand there");
    let report = risk[0].iter().position(|title| title == "view_report").unwrap();
    let edit = risk[0].iter().position(|title| title == "edit_report").unwrap();
    let ann = row(&risk, "ann@acme.example");
    assert_eq!((ann[report].as_str(), ann[edit].as_str()), ("✓", "Acme"));
    let ben = row(&risk, "ben@globex.example");
    assert_eq!(
        (ben[report].as_str(), ben[edit].as_str()),
        ("✓", ""),
        "a group of Acme takes nobody of Globex"
    );
    assert_eq!(gdpr.len(), 2, "a superuser stands in every module");
}

#[test]
fn header_and_names_stay_when_one_scrolls_and_every_sheet_can_be_filtered() {
    let cx = world();
    let (folder, _) = exported("book.xlsx", Format::Xlsx, |request, output, watch| {
        access(&cx, &UserSelection::default(), request, output, watch)
    });
    let mut book =
        zip::ZipArchive::new(std::fs::File::open(folder.path().join("book.xlsx")).unwrap()).unwrap();
    for number in 1..=Module::all().count() + 1 {
        let mut sheet = String::new();
        let mut part = book.by_name(&format!("xl/worksheets/sheet{number}.xml")).unwrap();
        std::io::Read::read_to_string(&mut part, &mut sheet).unwrap();
        assert!(sheet.contains(r#"xSplit="2" ySplit="1" topLeftCell="C2""#), "{number}");
        assert!(sheet.contains(r#"state="frozen""#) && sheet.contains("<autoFilter "), "{number}");
    }
}

#[test]
fn grants_are_a_sheet_a_module_or_a_row_each() {
    let cx = world();
    let export =
        |request: &Request, output: Output, watch: Watch<'_>| permissions(&cx, request, output, watch);
    let [fim, gdpr] = sheets(export, ["fim", "gdpr"]);
    assert_eq!(
        fim[1..],
        [
            ["Elsewhere", "Globex", "Acme", "", "", "", ""].map(str::to_owned).to_vec(),
            ["Readers", "Acme", "", "", "", "", ""].map(str::to_owned).to_vec(),
        ]
    );
    assert_eq!(gdpr.len(), 1);
    let rows = lines::<GrantRow>(export);
    assert_eq!(rows.len(), 4 + Module::parse("risk").unwrap().permissions().count());
    assert_eq!(
        rows[0],
        serde_json::json!({"group": "Elsewhere", "company": null, "module": "fim", "permission": "fim.view", "grant_company": "Globex"})
    );
}

#[test]
fn roles_and_groups_are_a_row_each() {
    let cx = world();
    let [sheet] = sheets(|request, output, watch| roles(&cx, request, output, watch), ["Roles"]);
    assert_eq!(
        sheet[1],
        ["CISO", "ciso", "0", "active", "#ffcc00", "all", "Readers, Risk@Acme", "all", "2", ""]
    );
    assert_eq!(lines::<RoleRow>(|request, output, watch| roles(&cx, request, output, watch)).len(), 1);
    let export = |request: &Request, output: Output, watch: Watch<'_>| groups(&cx, request, output, watch);
    let [sheet] = sheets(export, ["Groups"]);
    assert_eq!(sheet[3][..2], ["Risk", "Acme"]);
    assert_eq!(sheet[3][5..], ["1", "ciso", "12"]);
    assert_eq!(lines::<GroupRow>(export)[2]["roles"], serde_json::json!(["ciso"]));
}

/// The same store, with an actor who has these permissions for Acme alone.
fn of_acme(cx: Context, permissions: &[&'static str]) -> Context {
    let acme = company_id(&cx, "Acme");
    let held = permissions.iter().map(|id| (*id, CompanyScope::These(vec![acme]))).collect();
    let account = Account { id: 1, superuser: false, permissions: held };
    let authority = Authority::Account(account);
    let actor = Actor { name: "op@acme.example".into(), shell_user: None, authority };
    Context { actor, ..cx }
}

#[test]
fn a5_an_operator_gets_the_people_and_the_grants_of_the_own_companies() {
    let cx = of_acme(world(), &["users.export", "groups.view", "roles.view"]);
    let rows = access_lines(&cx);
    let seen = |key: &str| -> BTreeSet<&str> { rows.iter().filter_map(|row| row[key].as_str()).collect() };
    assert_eq!(seen("email"), ["ann@acme.example", "sue@acme.example"].into());
    assert_eq!(seen("permission_company"), ["Acme"].into());
    let grants = lines::<GrantRow>(|request, output, watch| permissions(&cx, request, output, watch));
    assert!(grants.iter().all(|row| row["grant_company"] != "Globex"), "{grants:?}");
}

#[test]
fn a5_without_the_permissions_nothing_is_exported_nor_recorded() {
    for missing in ["users.export", "groups.view"] {
        let kept: Vec<&str> =
            ["users.export", "groups.view"].into_iter().filter(|kept| *kept != missing).collect();
        let cx = of_acme(world(), &kept);
        let (folder, written) = exported("access.xlsx", Format::Xlsx, |request, output, watch| {
            access(&cx, &UserSelection::default(), request, output, watch)
        });
        assert_eq!(written.unwrap_err().kind(), Kind::Denied, "{missing}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    let cx = of_acme(world(), &["users.export"]);
    for export in [groups, permissions, roles] {
        let (_, written) =
            exported("x.csv", Format::Xlsx, |request, output, watch| export(&cx, request, output, watch));
        assert_eq!(written.unwrap_err().kind(), Kind::Denied);
    }
}

/// Through a pipe, the audit is told the number before anything is sent: it is the number that is sent, whoever exports
/// what with which filters, and no second row corrects it.
#[test]
fn a5_the_number_told_before_is_the_number_sent() {
    let of_status = |status: &[Status]| UserSelection {
        filter: Filter { status: status.to_vec(), ..Filter::default() },
        ..UserSelection::default()
    };
    let in_bin =
        UserSelection { filter: Filter { deleted: true, ..Filter::default() }, ..UserSelection::default() };
    let whose = [
        UserSelection::default(),
        of_status(&[Status::Active]),
        of_status(&[Status::Inactive]),
        of_status(&[Status::Active, Status::Staff]),
        in_bin,
    ];
    let all = ["users.export", "groups.view", "roles.view"];
    for cx in [world(), of_acme(world(), &all)] {
        let before = cx.read(audit::next_seq).unwrap();
        let format = |columns| Format::Rows { encoding: Encoding::Jsonl, columns };
        let mut exports = 0;
        let mut send = |columns: Vec<RowColumn>,
                        export: &dyn Fn(&Request, Output, Watch<'_>) -> Result<u64>| {
            let request =
                Request { format: format(columns), name: "-".into(), words: String::new(), mail_to: None };
            export(&request, Output::stream("-", Box::new(std::io::sink())), &mut |_| ()).unwrap();
            exports += 1;
            assert_eq!(cx.read(audit::next_seq).unwrap(), before + exports, "one row each");
        };
        for people in &whose {
            send(columns::<AccessRow>(None).unwrap(), &|request, output, watch| {
                access(&cx, people, request, output, watch)
            });
            send(columns::<UserRow>(None).unwrap(), &|request, output, watch| {
                users(&cx, people, request, output, watch)
            });
        }
        send(columns::<GroupRow>(None).unwrap(), &|request, output, watch| {
            groups(&cx, request, output, watch)
        });
        send(columns::<GrantRow>(None).unwrap(), &|request, output, watch| {
            permissions(&cx, request, output, watch)
        });
        send(columns::<RoleRow>(None).unwrap(), &|request, output, watch| roles(&cx, request, output, watch));
    }
}
