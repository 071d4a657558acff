//! What an export of ours says beyond the fields is worked out here. When the file comes back, each such cell is compared with
//! what is, so that no change to it is lost in silence. What becomes another by itself, as people log in, enrol and are edited and a
//! directory is asked, is passed over: whoever exports in the morning imports in the afternoon.

use std::borrow::Cow;

use jiff::Timestamp;

use super::error::map;
use super::faults::Faults;
use super::field::Field;
use super::heading::ReadOnly;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::fold::fold;
use crate::text::shell::secboard;
use crate::user::cli::row::UserRow;
use crate::user::login::{Employment, Moment, hindrances};
use crate::user::{Facts, User, guard, store};

/// The column that says whether somebody has one.
const PASSWORD: &str = "has_password";

/// Refuses a row of somebody new that has the id of somebody who is there: an edited email would make a second person. Who was
/// made at another time than the row says is of another store, and has the id by chance.
pub(super) fn refuse_edited_email(
    cx: &Context,
    tx: &Tx<'_>,
    faults: &mut Faults<'_>,
    moment: Moment,
) -> Result<()> {
    let columns = faults.columns;
    let cell = |name: &str| {
        let (place, _) = columns.compared().find(|(_, what)| what.name == name)?;
        Some(faults.row.get(place).trim()).filter(|text| !text.is_empty())
    };
    let Some(id) = cell("id").and_then(|text| text.parse().ok()) else { return Ok(()) };
    let Some(user) = store::by_id(tx, id)?.filter(|user| guard::is_seen(cx, user, "users.edit")) else {
        return Ok(());
    };
    let known = UserRow::new(user, moment);
    if cell("created_at").is_some_and(|text| !is_same(text, &known.csv("created_at"))) {
        return Ok(());
    }
    let email = known.csv("email");
    let reason = format!("is nobody's, and the row has the id {id}, which is that of `{email}`");
    let edit = secboard("user edit").operand(&email).option("--email", faults.cell(Field::Email));
    let advice = format!(
        "people are known by their email: change it with `{edit}`; where it is somebody new, leave the column out with `{}`",
        map("id", "-")
    );
    faults.add(Field::Email, reason, Some(advice));
    Ok(())
}

/// Refuses what says neither what is nor what the row makes of it.
pub(super) fn compare(faults: &mut Faults<'_>, old: Option<&User>, facts: &Facts, moment: Moment) {
    let columns = faults.columns;
    let is_filled = |(place, _): &(usize, ReadOnly)| !faults.row.get(*place).trim().is_empty();
    let filled: Vec<(usize, ReadOnly)> = columns.compared().filter(is_filled).collect();
    if filled.is_empty() {
        return;
    }
    let Some(old) = old else {
        for (place, what) in filled {
            if let Some(will_be) = of_new(what.name, facts, moment)
                && !is_same(faults.row.get(place), &will_be)
            {
                refuse(faults, (place, what), &format!("it will be `{will_be}`"));
            }
        }
        return;
    };
    let is = UserRow::new(old.clone(), moment);
    let will_be = UserRow::new(User { facts: facts.clone(), ..old.clone() }, moment);
    for (place, what) in filled {
        let text = faults.row.get(place);
        let (is, will_be) = (is.csv(what.name), will_be.csv(what.name));
        // Whoever had no password then has set one since.
        let is_since = what.name == PASSWORD && is_same(text, "no");
        if is_same(text, &is) || is_same(text, &will_be) || is_since {
            continue;
        }
        let is = if is.is_empty() { "there is none".to_owned() } else { format!("it is `{is}`") };
        refuse(faults, (place, what), &is);
    }
}

fn refuse(faults: &mut Faults<'_>, (place, what): (usize, ReadOnly), is: &str) {
    let reason = format!("is worked out and cannot be written: {is}");
    let leave_out = map(what.name, "-");
    let advice = match what.instead {
        Some(instead) => format!("{instead}, or leave the column out with `{leave_out}`"),
        None => format!("no column changes it: export again, or leave the column out with `{leave_out}`"),
    };
    faults.add_at(place, reason, advice);
}

/// What of somebody new follows from the row alone; everything else of them begins here.
fn of_new(name: &str, facts: &Facts, moment: Moment) -> Option<Cow<'static, str>> {
    match name {
        "full_name" => Some(facts.full_name().into()),
        "status" if hindrances(facts, moment).is_empty() => Some("active".into()),
        "status" => Some("inactive".into()),
        "employment" => Some(Employment::of(facts.start_date, facts.end_date, moment.today).name().into()),
        _ => None,
    }
}

/// Whether a cell says what an export would: the same time in any writing, and yes and no in the words of JSON too.
fn is_same(cell: &str, exported: &str) -> bool {
    let cell = cell.trim();
    let is_time = |cell: &str| Some(cell.parse::<Timestamp>().ok()? == exported.parse::<Timestamp>().ok()?);
    let word = match (exported, &*fold(cell)) {
        ("yes", "true" | "1") => "yes",
        ("no", "false" | "0") => "no",
        _ => cell,
    };
    word == exported || is_time(cell) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn a_cell_may_be_written_in_another_way() {
        for (cell, exported) in [
            ("TRUE", "yes"),
            (" false ", "no"),
            ("1", "1"),
            ("2026-11-21T10:00:00+02:00", "2026-11-21T08:00:00Z"),
            ("local", "local"),
        ] {
            assert!(is_same(cell, exported), "{cell}");
        }
        for (cell, exported) in
            [("true", "no"), ("1", "7"), ("Local", "local"), ("2026-11-21T08:00:01Z", "2026-11-21T08:00:00Z")]
        {
            assert!(!is_same(cell, exported), "{cell}");
        }
    }
}
