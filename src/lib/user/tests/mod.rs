mod avatar;
mod bin;
mod bulk;
mod calendar;
mod directory;
mod due;
mod last;
mod notices;
mod operators;
mod password;
mod past;
mod search;
mod stored;

use serde_json::json;

use self::last::superuser;
use super::avatar::PhotoChange;
use super::filter::{self, Count, Filter, Page, Sort, Status};
use super::invite::Invited;
use super::login::{Employment, Moment, checks};
use super::{Facts, User, as_of, create, edit, get};
use crate::audit;
use crate::audit::Fields;
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::org::unit::{self, UnitKind};
use crate::registry::engine;
use crate::run::{self, Action, Change, Planner, Spec, State};
use crate::run::{BRAKE_PEOPLE, BRAKE_PERCENT};
use crate::text::date::Day;
use crate::text::instant::Instant;

fn day(text: &str) -> Option<Day> {
    Day::parse(text).ok()
}

/// A store with one company, `Acme`, on Saturday 2026-11-21 in Kyiv.
pub(in crate::user) fn acme() -> Context {
    let cx = Context::for_tests();
    company::create(&cx, &company::New { name: "Acme".into(), ..Default::default() }, false).unwrap();
    cx
}

pub(in crate::user) fn person(email: &str, first: &str, last: &str) -> Facts {
    Facts {
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        company: Some("acme".to_owned()),
        ..Facts::new(email.to_owned())
    }
}

pub(in crate::user) fn add(cx: &Context, facts: Facts) -> User {
    create::create(cx, facts, None, false).unwrap().0
}

pub(in crate::user) fn emails(cx: &Context, filter: &Filter) -> Vec<String> {
    let mut emails = Vec::new();
    cx.read(|tx| {
        filter::each(cx, tx, filter, Page::default(), |user| {
            emails.push(user.facts.email);
            Ok(())
        })
    })
    .unwrap();
    emails
}

#[test]
fn a_new_person_is_active_and_stands_under_the_stored_name_of_the_company() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    assert_eq!(user.facts.company.as_deref(), Some("Acme"));
    assert!(user.facts.active);
    assert_eq!(get(&cx, "ANN@ACME.example").unwrap(), user);
    assert_eq!(get(&cx, &user.id.to_string()).unwrap(), user);
}

#[test]
fn an_email_is_taken_in_every_letter_case_of_every_script() {
    let cx = acme();
    add(&cx, person("Дарʼя@приклад.укр", "Дар'я", "Шевченко"));
    let failure =
        create::create(&cx, person("дар'я@ПРИКЛАД.УКР", "Дарія", "Шевченко"), None, false).unwrap_err();
    assert_eq!(failure.code(), "user.exists");
}

#[test]
fn a_person_needs_a_company_and_dates_in_their_order() {
    let cx = acme();
    let homeless = Facts { company: None, ..person("a@acme.example", "A", "B") };
    assert_eq!(create::create(&cx, homeless, None, false).unwrap_err().code(), "user.missing");
    let backwards = Facts {
        start_date: day("2026-02-01"),
        end_date: day("2026-01-31"),
        ..person("a@acme.example", "A", "B")
    };
    assert_eq!(create::create(&cx, backwards, None, false).unwrap_err().code(), "user.end_before_start");
    let stray = Facts { department: Some("Nowhere".into()), ..person("a@acme.example", "A", "B") };
    assert_eq!(create::create(&cx, stray, None, false).unwrap_err().code(), "department.not_found");
    assert_eq!(emails(&cx, &Filter::default()), Vec::<String>::new());
}

#[test]
fn a_new_company_clears_the_department_and_position_of_the_old_one() {
    let cx = acme();
    company::create(&cx, &company::New { name: "Globex".into(), ..Default::default() }, false).unwrap();
    cx.write(|tx| {
        let company_id = company::get_in(tx, "Acme", &CompanyScope::All)?.id;
        let new = unit::New { name: "Treasury".into(), owner_id: company_id, ..Default::default() };
        let department_id = unit::create_in(&cx, tx, UnitKind::Department, &new, None)?;
        let new = unit::New { name: "Head".into(), owner_id: department_id, ..Default::default() };
        unit::create_in(&cx, tx, UnitKind::Position, &new, None)
    })
    .unwrap();
    // The position alone brings its department.
    add(&cx, Facts { position: Some("head".into()), ..person("a@acme.example", "A", "B") });
    assert_eq!(get(&cx, "a@acme.example").unwrap().facts.department.as_deref(), Some("Treasury"));
    let edited = edit::edit(&cx, "a@acme.example", &PhotoChange::Keep, |facts| {
        facts.company = Some("Globex".into());
        Ok(())
    })
    .unwrap();
    assert_eq!(edited.cleared.fields, ["department", "position"]);
    assert_eq!(get(&cx, "a@acme.example").unwrap().facts.department, None);
}

#[test]
fn login_needs_switch_dates_and_password_to_agree() {
    let cx = acme();
    let blocked = |facts: Facts, today: &str| -> Vec<&'static str> {
        let mut user = add(&cx, facts);
        user.password_hash = None;
        let moment = Moment { now: cx.now(), today: Day::parse(today).unwrap() };
        checks(&user, moment).into_iter().filter(|check| !check.ok).map(|check| check.code).collect()
    };
    let dated = |email: &str, start: Option<Day>, end: Option<Day>| Facts {
        start_date: start,
        end_date: end,
        ..person(email, "A", "B")
    };
    assert_eq!(blocked(person("a@x.example", "A", "B"), "2026-11-21"), ["password"]);
    let off = Facts { active: false, ..person("b@x.example", "A", "B") };
    assert_eq!(blocked(off, "2026-11-21"), ["active", "password"]);
    for (count, (start, end, today, open)) in [
        (Some("2026-11-21"), None, "2026-11-21", true),
        (Some("2026-11-22"), None, "2026-11-21", false),
        (None, Some("2026-11-21"), "2026-11-21", true),
        (None, Some("2026-11-20"), "2026-11-21", false),
        (Some("2024-02-29"), Some("2024-02-29"), "2024-02-29", true),
    ]
    .into_iter()
    .enumerate()
    {
        let facts = dated(&format!("d{count}@x.example"), start.and_then(day), end.and_then(day));
        let found = blocked(facts, today);
        assert_eq!(!found.contains(&"dates"), open, "{start:?} {end:?} {today}");
    }
}

#[test]
fn people_are_found_by_any_part_in_any_script() {
    let cx = acme();
    add(
        &cx,
        Facts {
            phone: Some("+380671234567".into()), ..person("dar@acme.example", "Дар'я", "Шевченко")
        },
    );
    add(&cx, person("yamada@acme.example", "太郎", "山田"));
    let find = |text: &str| emails(&cx, &Filter { search: Some(text.into()), ..Filter::default() });
    for text in ["дар", "ДАР’Я", "шевченко дар", "067 123-45", "dar@", "я"] {
        assert_eq!(find(text), ["dar@acme.example"], "{text}");
    }
    assert_eq!(find("山"), ["yamada@acme.example"]);
    assert_eq!(find("acme").len(), 2);
    assert_eq!(find("дарина"), Vec::<String>::new());
    assert_eq!(find("\"' OR 1=1 --"), Vec::<String>::new());
}

#[test]
fn filters_combine_and_the_same_one_repeated_takes_any() {
    let cx = acme();
    add(&cx, person("open@acme.example", "A", "A"));
    add(&cx, Facts { active: false, ..person("off@acme.example", "B", "B") });
    add(&cx, Facts { end_date: day("2026-11-01"), ..person("past@acme.example", "C", "C") });
    add(&cx, Facts { start_date: day("2026-12-01"), staff: true, ..person("future@acme.example", "D", "D") });
    let with = |change: fn(&mut Filter)| {
        let mut filter = Filter::default();
        change(&mut filter);
        emails(&cx, &filter)
    };
    assert_eq!(with(|f| f.status = vec![Status::Active]), ["open@acme.example"]);
    assert_eq!(with(|f| f.status = vec![Status::Inactive]).len(), 3);
    assert_eq!(with(|f| f.status = vec![Status::Active, Status::Staff]).len(), 2);
    assert_eq!(with(|f| f.employment = vec![Employment::Past, Employment::Future]).len(), 2);
    assert_eq!(
        with(|f| {
            f.employment = vec![Employment::Past, Employment::Future];
            f.date_from = day("2026-11-30");
        }),
        ["future@acme.example"]
    );
    assert_eq!(with(|f| f.date_to = day("2026-11-30")).len(), 4, "open ends count");
    let count = |limit| cx.read(|tx| filter::count(&cx, tx, &Filter::default(), limit)).unwrap();
    assert_eq!(count(None), Count::Exactly(4));
    assert_eq!(count(Some(3)), Count::MoreThan(3));
}

#[test]
fn every_order_and_every_filter_is_valid_sql() {
    let cx = acme();
    let ahead = filter::Ahead { first: cx.today(), last: cx.today() };
    let filter = Filter {
        search: Some("abc".into()),
        companies: vec![1, 2],
        departments: vec![1, 2],
        positions: vec![1, 2],
        groups: vec![1, 2],
        roles: vec![1, 2],
        status: vec![Status::Active, Status::Inactive, Status::ProfileCompleted, Status::Staff],
        switch: vec![filter::Switch::On, filter::Switch::Off],
        employment: vec![Employment::Current, Employment::Future, Employment::Past, Employment::None],
        date_from: day("2026-01-01"),
        date_to: day("2026-01-01"),
        two_factor: vec![filter::TwoFactor::Required],
        invited: vec![Invited::Pending, Invited::Accepted],
        origin: vec![filter::AccountOrigin::Local, filter::AccountOrigin::Directory],
        starts: Some(ahead),
        ends: Some(ahead),
        last_login_before: Some(cx.now()),
        never_logged_in: true,
        without_profile: true,
        deleted: true,
    };
    for sort in Sort::ALL {
        for descending in [false, true] {
            for filter in [&filter, &Filter::default()] {
                let page = Page { sort, descending, window: Some((25, 25)) };
                cx.read(|tx| filter::each(&cx, tx, filter, page, |_| Ok(()))).unwrap();
            }
        }
    }
}

#[test]
fn the_past_is_worked_back_from_the_audit() {
    let mut cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "Lee"));
    let before = cx.now();
    cx.stop_clock(Instant::from_micros(before.micros() + 60_000_000));
    edit::edit(&cx, "ann@acme.example", &PhotoChange::Keep, |facts| {
        facts.last_name = Some("Kay".into());
        facts.end_date = day("2027-01-01");
        Ok(())
    })
    .unwrap();
    let then =
        cx.read(|tx| as_of(&cx, tx, &crate::permission::AccessQueries, "ann@acme.example", before)).unwrap();
    assert_eq!((then.facts.last_name.as_deref(), then.facts.end_date), (Some("Lee"), None));
    let too_early = Instant::from_micros(before.micros() - 1);
    assert_eq!(
        cx.read(|tx| as_of(&cx, tx, &crate::permission::AccessQueries, "ann@acme.example", too_early))
            .unwrap_err()
            .code(),
        "user.not_yet"
    );
}

fn fields(value: serde_json::Value) -> Fields {
    value.as_object().unwrap().clone()
}

fn change(action: Action, user: &User, before: serde_json::Value, after: serde_json::Value) -> Change {
    Change {
        action,
        kind: super::KIND.into(),
        subject: user.facts.email.clone(),
        subject_id: Some(user.id),
        before: fields(before),
        after: fields(after),
        ids: run::Ids::default(),
        reason: None,
        sealed: None,
    }
}

fn execute(
    cx: &Context,
    in_scope: u64,
    plan: impl FnOnce(&mut Planner<'_>) -> Result<()>,
) -> Result<run::Run> {
    let spec = Spec { kind: "user.test", source: "test", repeats: false, is_whole: false };
    let plan = run::plan(cx, &mut engine(), &spec, |_, planner| {
        planner.concerns(in_scope);
        plan(planner)
    })?;
    Ok(run::commit(cx, &mut engine(), plan)?.run.unwrap())
}

#[test]
fn a_run_changes_people_and_undo_brings_them_back_but_those_changed_since() {
    let cx = acme();
    let people: Vec<User> = ["a", "b", "c"]
        .iter()
        .map(|name| add(&cx, person(&format!("{name}@x.example"), name, "X")))
        .collect();
    let run = execute(&cx, 3, |planner| {
        for user in &people {
            planner.change(&change(
                Action::Deactivate,
                user,
                json!({"active": true}),
                json!({"active": false}),
            ))?;
        }
        planner.change(&Change {
            subject: "new@x.example".into(),
            subject_id: None,
            ..change(
                Action::Create,
                &people[0],
                json!({}),
                json!({"email": "new@x.example", "active": false}),
            )
        })
    })
    .unwrap();
    assert_eq!((run.state, run.summary.people.deactivate, run.summary.people.create), (State::Applied, 3, 1));
    assert!(people.iter().all(|user| !get(&cx, &user.facts.email).unwrap().facts.active));
    edit::edit(&cx, "b@x.example", &PhotoChange::Keep, |facts| {
        facts.first_name = Some("Bea".into());
        Ok(())
    })
    .unwrap();

    let undone = run::undo(&cx, &mut engine(), &run.id[..4]).unwrap();
    assert_eq!(undone.reverted, 3);
    assert_eq!(undone.left.named, [("b@x.example".to_owned(), "has been changed since".to_owned())]);
    assert!(get(&cx, "a@x.example").unwrap().facts.active);
    assert!(!get(&cx, "b@x.example").unwrap().facts.active);
    assert_eq!(get(&cx, "new@x.example").unwrap_err().code(), "user.not_found");
    assert_eq!(audit::verify(&cx, audit::Proof::default()).unwrap().broken, None);
}

#[test]
fn a_row_that_changes_no_fact_of_a_person_stands_in_the_way_of_no_undo() {
    let cx = acme();
    let user = add(&cx, person("a@x.example", "A", "X"));
    let told = |cx: &Context| {
        for kind in ["mail", "login", "session", "link"] {
            let event = audit::Event::of("login.failed", (kind, user.id), &user.facts.email);
            cx.write(|tx| audit::note(cx, tx, event, &Fields::new())).unwrap();
        }
    };
    let flip = |active: bool| {
        let user = get(&cx, "a@x.example").unwrap();
        let action = if active { Action::Update } else { Action::Deactivate };
        let planned = change(action, &user, json!({"active": !active}), json!({"active": active}));
        execute(&cx, 1, |planner| planner.change(&planned)).unwrap()
    };
    let first = flip(false);
    told(&cx);
    let second = flip(true);
    told(&cx);
    for (run, active) in [(&second, false), (&first, true)] {
        let undone = run::undo(&cx, &mut engine(), &run.id).unwrap();
        assert_eq!((undone.reverted, undone.left.count), (1, 0), "{:?}", undone.left.named);
        assert_eq!(get(&cx, "a@x.example").unwrap().facts.active, active);
        told(&cx);
    }
    let proof = audit::Proof { state: Some(crate::state::TABLES), ..audit::Proof::default() };
    assert!(audit::verify(&cx, proof).unwrap().state.is_some_and(|state| state.differences == 0));
}

#[test]
fn the_brake_holds_until_somebody_releases() {
    let mut cx = acme();
    cx.settings_mut().set(&BRAKE_PEOPLE, 1);
    let people: Vec<User> = ["a", "b", "c"]
        .iter()
        .map(|name| add(&cx, person(&format!("{name}@x.example"), name, "X")))
        .collect();
    let run = execute(&cx, 3, |planner| {
        for user in &people {
            planner.change(&change(
                Action::Delete,
                user,
                json!({"deleted": false}),
                json!({"deleted": true}),
            ))?;
        }
        Ok(())
    })
    .unwrap();
    assert_eq!(run.state, State::Held);
    assert_eq!(emails(&cx, &Filter::default()).len(), 3);
    let released = run::release(&mut cx, &mut engine(), &run.id).unwrap();
    assert_eq!(released.run.unwrap().state, State::Applied);
    assert_eq!(emails(&cx, &Filter::default()).len(), 0);
    assert_eq!(emails(&cx, &Filter { deleted: true, ..Filter::default() }).len(), 3);
    run::undo(&cx, &mut engine(), &run.id).unwrap();
    assert_eq!(emails(&cx, &Filter::default()).len(), 3);
}

#[test]
fn a_held_run_is_not_released_over_later_changes() {
    let mut cx = acme();
    cx.settings_mut().set(&BRAKE_PEOPLE, 0);
    cx.settings_mut().set(&BRAKE_PERCENT, 0);
    let user = add(&cx, person("a@x.example", "A", "X"));
    let run = execute(&cx, 1, |planner| {
        planner.change(&change(Action::Deactivate, &user, json!({"active": true}), json!({"active": false})))
    })
    .unwrap();
    edit::edit(&cx, "a@x.example", &PhotoChange::Keep, |facts| {
        facts.active = false;
        Ok(())
    })
    .unwrap();
    let left = run::release(&mut cx, &mut engine(), &run.id).unwrap().left;
    let why = "`a@x.example` has been changed since the run was planned";
    assert_eq!(left.named, [("a@x.example".to_owned(), why.to_owned())]);
}

#[test]
fn a_run_takes_the_last_superuser_from_nobody() {
    let cx = acme();
    let root = superuser(&cx, "root@x.example");
    let failure = execute(&cx, 1, |planner| {
        planner.change(&change(Action::Deactivate, &root, json!({"active": true}), json!({"active": false})))
    })
    .unwrap_err();
    assert_eq!(failure.code(), "user.last_superuser");
    assert!(get(&cx, "root@x.example").unwrap().facts.active, "nothing was changed");
}

#[test]
fn a_name_or_a_company_without_the_rest_of_a_profile_is_refused_in_words() {
    let cx = acme();
    add(&cx, Facts::new("bare@acme.example".to_owned()));
    let refuse = |change: fn(&mut Facts)| {
        edit::edit(&cx, "bare@acme.example", &PhotoChange::Keep, |facts| {
            change(facts);
            Ok(())
        })
        .map(|_| ())
        .unwrap_err()
        .code()
    };
    assert_eq!(refuse(|facts| facts.first_name = Some("Ann".into())), "user.missing");
    assert_eq!(refuse(|facts| facts.company = Some("Acme".into())), "user.no_profile");
    assert_eq!(refuse(|facts| facts.phone = Some("+380671234567".into())), "user.no_profile");
}
