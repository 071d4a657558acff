//! `secboard group list`, `show` and `members`.

use super::rows::{GrantRow, GroupRow, MemberRow, ShownRow};
use crate::audit::cli::listing::{self, Listing};
use crate::cli::App;
use crate::cli::output;
use crate::context::CompanyScope;
use crate::error::Result;
use crate::group::{self, Selector};
use crate::text::count::people;

pub(super) fn list(app: &App, company: Option<&str>) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<GroupRow>()?;
    group::list(&cx, company, |group| list.row(&group.into()))?;
    list.finish()
}

/// For people, what the group grants stands in a table of its own below.
pub(super) fn show(app: &App, which: &Selector) -> Result<()> {
    let mut row = ShownRow::from(group::show(&app.reader()?, which)?);
    if !app.out.is_table() || app.out.columns.is_some() {
        return app.out.object(&row);
    }
    let granted = std::mem::take(&mut row.granted);
    app.out.object(&row)?;
    if granted.is_empty() {
        app.out.say("it grants nothing yet");
        return Ok(());
    }
    output::text("\n")?;
    let mut list = app.out.list::<GrantRow>()?;
    granted.into_iter().try_for_each(|line| list.row(&line.into()))?;
    list.finish()
}

pub(super) fn members(app: &App, which: &Selector) -> Result<()> {
    let cx = app.reader()?;
    let group = group::show(&cx, which)?.group;
    let listing = Listing {
        scope: match group.company_id {
            Some(company) => CompanyScope::These(vec![company]),
            None => cx.actor.scope("groups.view"),
        },
        words: group.canonical(),
        advice: "print it page by page: `secboard user list --group GROUP --per-page 100 --page 1`",
    };
    listing::give(app, &cx, &listing, |_| {
        let mut count = 0;
        group::each_member(&cx, which, |_| {
            count += 1;
            Ok(())
        })?;
        Ok(count)
    })?;
    let mut list = app.out.long_list::<MemberRow>()?;
    let unnamed = group::each_member(&cx, which, |member| list.row(&member.into()))?;
    list.finish()?;
    if unnamed > 0 {
        let are = if unnamed == 1 { "is" } else { "are" };
        let people = people(unnamed);
        app.out.say(&format!("note: {people} {are} not named, which takes `users.view` for their company"));
    }
    Ok(())
}
