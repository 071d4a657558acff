//! The users workbook: which columns it has, and how a person fills them.

use super::Request;
use crate::context::Context;
use crate::error::Result;
use crate::tabular::file::{Output, OutputError};
use crate::tabular::workbook::{CellValue, Column, ColumnKind, Fill, Sheet, Workbook};
use crate::text::color::Color;
use crate::text::date::Day;
use crate::user::User;
use crate::user::login;

/// The sheet of people.
pub(super) const TITLE: &str = "Users";

/// The sheet that says where it comes from.
pub(super) const ABOUT: &str = "About";

/// The columns people find in the workbook, in this order.
pub(super) const COLUMNS: [Column; 11] = [
    text("Full Name", 30.0),
    text("Email", 34.0),
    text("Phone", 17.0),
    text("Company", 24.0),
    text("Department", 24.0),
    text("Position", 24.0),
    text("Account Status", 16.0),
    text("Cabinet Groups", 30.0),
    text("Other Groups", 30.0),
    date("Start Date"),
    date("End Date"),
];

const fn text(title: &'static str, width: f64) -> Column {
    Column { title, width, kind: ColumnKind::Text }
}

const fn date(title: &'static str) -> Column {
    Column { title, width: 13.0, kind: ColumnKind::Date }
}

/// Begins the workbook.
pub(super) fn begin(cx: &Context, output: Output) -> Result<Workbook, OutputError> {
    Workbook::create(output, cx.now().timestamp())
}

/// Writes a person's row, in their colour.
pub(super) fn row(sheet: &mut Sheet<'_>, user: &User, today: Day) -> Result<(), OutputError> {
    let facts = &user.facts;
    let full_name = facts.full_name();
    let cells = [
        given(Some(&full_name)),
        given(Some(&facts.email)),
        given(facts.phone.as_ref()),
        given(facts.company.as_ref()),
        given(facts.department.as_ref()),
        given(facts.position.as_ref()),
        CellValue::Text(if login::is_active(user, today) { "active" } else { "inactive" }),
        // Nobody is in a group while there are none.
        CellValue::Empty,
        CellValue::Empty,
        day(facts.start_date),
        day(facts.end_date),
    ];
    let color = facts.color.as_deref().and_then(|color| Color::parse(color).ok());
    sheet.row(color.map(fill), &cells)
}

fn given(text: Option<&String>) -> CellValue<'_> {
    text.filter(|text| !text.is_empty()).map_or(CellValue::Empty, |text| CellValue::Text(text))
}

fn day(day: Option<Day>) -> CellValue<'static> {
    day.map_or(CellValue::Empty, |day| CellValue::Date(day.date()))
}

/// The colour, and the text that stays readable on it.
pub(super) fn fill(color: Color) -> Fill {
    let number = |color: Color| {
        let [red, green, blue] = color.rgb();
        u32::from_be_bytes([0, red, green, blue])
    };
    Fill { background: number(color), font: number(color.readable_text()) }
}

/// When, by whom, with which filters.
pub(super) fn about(cx: &Context, request: &Request, people: u64) -> Vec<(String, String)> {
    let actor = match &cx.actor.shell_user {
        Some(shell_user) => format!("{} (shell user {shell_user})", cx.actor.name),
        None => cx.actor.name.clone(),
    };
    let made = cx.now().timestamp().to_zoned(cx.time_zone().clone());
    let filters = if request.words.is_empty() { "none: everybody" } else { &request.words };
    let lines = [
        ("Site", cx.settings.site_name.clone()),
        ("Made", made.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()),
        ("By", actor),
        ("Filters", filters.to_owned()),
        ("People", people.to_string()),
        ("Statuses as of", cx.today().to_string()),
        ("Program", concat!("secboard ", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    lines.map(|(name, value)| (name.to_owned(), value)).into()
}
