//! The chart as JSON: companies that hold departments that hold positions that hold people.

use serde::Serialize;

use super::{Branch, Kind};
use crate::error::Result;
use crate::org::Error;
use crate::text::width::sanitize_json;

#[derive(Serialize)]
struct Company<'a> {
    company: &'a str,
    people: Vec<Person<'a>>,
    departments: Vec<UnitObject<'a>>,
}

/// A department or a position.
#[derive(Serialize)]
struct UnitObject<'a> {
    name: &'a str,
    color: Option<String>,
    people: Vec<Person<'a>>,
    positions: Vec<Self>,
    departments: Vec<Self>,
}

#[derive(Serialize)]
struct Person<'a> {
    email: &'a str,
    full_name: &'a str,
}

/// One document for people to read: a company, or a list of them.
pub(super) fn document(charts: &[Branch], one: bool) -> Result<String> {
    let companies: Vec<Company<'_>> = charts.iter().map(company).collect();
    let mut text = match companies.as_slice() {
        [company] if one => serde_json::to_string_pretty(company),
        companies => serde_json::to_string_pretty(companies),
    }
    .map_err(|source| Error::Json { source })?;
    text.push('\n');
    Ok(sanitize_json(&text).into_owned())
}

/// One line for each company.
pub(super) fn lines(charts: &[Branch]) -> Result<String> {
    let mut text = String::new();
    for chart in charts {
        text.push_str(&serde_json::to_string(&company(chart)).map_err(|source| Error::Json { source })?);
        text.push('\n');
    }
    Ok(sanitize_json(&text).into_owned())
}

fn company(branch: &Branch) -> Company<'_> {
    Company { company: &branch.name, people: people(branch), departments: things(branch, Kind::Department) }
}

fn things(branch: &Branch, kind: Kind) -> Vec<UnitObject<'_>> {
    branch.below.iter().filter(|child| child.kind == kind).map(thing).collect()
}

fn thing(branch: &Branch) -> UnitObject<'_> {
    UnitObject {
        name: &branch.name,
        color: branch.color.map(|color| color.to_string()),
        people: people(branch),
        positions: things(branch, Kind::Position),
        departments: things(branch, Kind::Department),
    }
}

fn people(branch: &Branch) -> Vec<Person<'_>> {
    let people = branch.below.iter().filter(|child| child.kind == Kind::Person);
    people
        .map(|person| Person { email: person.email.as_deref().unwrap_or(""), full_name: &person.name })
        .collect()
}
