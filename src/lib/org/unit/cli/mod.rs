//! `secboard department` and `secboard position`: what both do and print.

/// A unit as it is printed; the two differ in what the department is to them.
macro_rules! row {
    (
        $(#[$meta:meta])*
        $name:ident, table [$($shown:literal),* $(,)?], $(#[$department_meta:meta])* $department:ident
    ) => {
        $crate::cli::output::record! {
            $(#[$meta])*
            $name, table [$($shown),*] {
                /// The id.
                id: i64,
                /// The name.
                name: String,
                /// The company.
                company: String,
                $(#[$department_meta])*
                $department: Option<String>,
                /// The position it hangs under.
                parent_position: Option<String>,
                /// People outside the bin.
                people: i64,
                /// Positions of a department, or directly under a position.
                positions: i64,
                /// Departments directly under it.
                departments: i64,
                /// `#rrggbb`.
                color: Option<String>,
                /// The note.
                note: Option<String>,
                /// RFC 3339.
                created_at: String,
                /// RFC 3339.
                updated_at: String,
            }
            paint |row, name| match name {
                "name" => $crate::text::color::Color::parse_optional(row.color.as_deref()?).ok()?,
                _ => None,
            }
        }

        impl From<($crate::org::unit::Unit, $crate::org::unit::Uses)> for $name {
            fn from((unit, uses): ($crate::org::unit::Unit, $crate::org::unit::Uses)) -> Self {
                Self {
                    id: unit.id,
                    name: unit.name,
                    company: unit.company,
                    $department: unit.home.department.map(|department| department.name),
                    parent_position: unit.home.position.map(|position| position.name),
                    people: uses.people,
                    positions: uses.positions,
                    departments: uses.departments,
                    color: unit.color,
                    note: unit.note,
                    created_at: unit.created_at.to_string(),
                    updated_at: unit.updated_at.to_string(),
                }
            }
        }
    };
}

pub(crate) mod department;
pub(crate) mod position;

use super::{Draft, Edit, Edited, Selector, Unit, UnitKind, Uses};
use crate::cli::output::Record;
use crate::cli::{App, Outcome, prompt};
use crate::error::Result;
use crate::run::{self, Engine};

/// What is asked of either.
enum Verb {
    Create { draft: Draft, if_absent: bool },
    List { company: Option<String>, department: Option<String> },
    Show(Selector),
    Edit(Selector, Edit),
    Delete(Selector),
}

fn run<R: Record + From<(Unit, Uses)>>(
    app: &App,
    engine: &mut Engine,
    kind: UnitKind,
    verb: Verb,
) -> Result<Outcome> {
    match verb {
        Verb::Create { draft, if_absent } => create::<R>(app, kind, &draft, if_absent)?,
        Verb::List { company, department } => {
            let cx = app.reader()?;
            let mut list = app.out.list::<R>()?;
            let scope = (company.as_deref(), department.as_deref());
            super::list(&cx, kind, scope, |unit, uses| list.row(&R::from((unit, uses))))?;
            list.finish()?;
        }
        Verb::Show(which) => app.out.object(&R::from(super::get(&app.reader()?, kind, &which)?))?,
        Verb::Edit(which, edit) => {
            let cx = app.writer()?;
            let Edited { unit, uses, changed, in_bin } = super::edit(&cx, engine, kind, &which, &edit)?;
            if changed.is_empty() {
                app.done("no change");
            } else {
                app.done(&format!("changed {kind} `{}`: {}", unit.name, changed.join(", ")));
            }
            if edit.name.is_some() {
                app.warn_of_name(&unit.name);
            }
            if !in_bin.is_nobody() {
                let who = if cx.dry_run { in_bin.named() } else { in_bin.counted() };
                app.out.say(&format!(
                    "a position that no longer lies under their department was taken from {who}"
                ));
            }
            app.print_if_asked(&R::from((unit, uses)))?;
        }
        Verb::Delete(which) => {
            let mut cx = app.writer()?;
            prompt::confirm_rehearsed(
                app,
                &mut cx,
                |cx| super::delete(cx, engine, kind, &which),
                |(unit, committed)| {
                    format!(
                        "Delete {kind} `{}` of `{}`{}?",
                        unit.name,
                        unit.owner(),
                        committed.in_bin.asked()
                    )
                },
            )?;
            let (unit, committed) = super::delete(&cx, engine, kind, &which)?;
            let done = format!("deleted {kind} `{}` of `{}`", unit.name, unit.owner());
            run::cli::finish_proposed(app, &cx, &committed, (&done, !app.out.is_table()))?;
        }
    }
    Ok(Outcome::Done)
}

fn create<R: Record + From<(Unit, Uses)>>(
    app: &App,
    kind: UnitKind,
    draft: &Draft,
    if_absent: bool,
) -> Result<()> {
    let (unit, uses, is_new) = super::create(&app.writer()?, kind, draft, if_absent)?;
    let (name, owner) = (&unit.name, unit.owner());
    if is_new {
        app.done(&format!("created {kind} `{name}` {} `{owner}`", kind.either("of", "in")));
        app.warn_of_name(name);
    } else {
        app.done(&format!("no change: there is a {kind} `{name}` in `{owner}` already"));
    }
    app.print_if_asked(&R::from((unit, uses)))
}
