//! The chart of a company: the tree with its people, and the forms it is given out in.
//!
//! A person stands under the own position, else under the department, else directly under the company. Siblings come as
//! people, positions, departments, each by name.

mod graph;
mod json;
mod svg;
mod text;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(super) use text::TextStyle;

use super::{Error, Node, store};
use crate::company;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::color::Color;

/// More levels are no organisation but a mistake, and following them would take more stack than there is.
const DEEPEST: usize = 1000;

/// The forms of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A tree for reading on a terminal.
    Text,
    /// One JSON document.
    Json,
    /// A graph for Graphviz.
    Dot,
    /// A flowchart for Mermaid.
    Mermaid,
    /// A picture that needs nothing beside it.
    Svg,
}

/// What a branch of the chart is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Company,
    Department,
    Position,
    Person,
}

/// A thing of the chart with all that hangs under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Branch {
    pub(super) kind: Kind,
    /// A person's full name, or the name of the thing.
    pub(super) name: String,
    /// Of people only.
    pub(super) email: Option<String>,
    pub(super) color: Option<Color>,
    pub(super) below: Vec<Self>,
}

impl Branch {
    /// How many people are in it.
    pub(super) fn people(&self) -> u64 {
        u64::from(self.kind == Kind::Person) + self.below.iter().map(Self::people).sum::<u64>()
    }
}

/// What hangs where while a company's tree is put together; `None` is the company itself.
type Hanging = HashMap<Option<Node>, Vec<(Option<Node>, Branch)>>;

/// The charts of one company, by name or slug, or of all.
pub(super) fn read(cx: &Context, company: Option<&str>, people: bool) -> Result<Vec<Branch>> {
    cx.read(|tx| {
        if let Some(name) = company {
            cx.actor.require_anywhere("org.view_chart")?;
            let seen = cx.actor.scope_of_any(&["org.view", "org.view_chart"]);
            let company = company::get_in(tx, name, &seen)?;
            cx.actor.require("org.view_chart", Some(company.id))?;
            return Ok(vec![branch_of(tx, &company, people)?]);
        }
        let seen = cx.actor.scope("org.view_chart");
        let mut charts = Vec::new();
        company::list_in(tx, |company| {
            if seen.contain(Some(company.id)) {
                charts.push(branch_of(tx, &company, people)?);
            }
            Ok(())
        })?;
        Ok(charts)
    })
}

/// Writes the charts in a form. `one` says that a single company was asked for, which JSON gives without a list.
pub(super) fn render(charts: &[Branch], form: Form, one: bool, style: TextStyle) -> Result<String> {
    Ok(match form {
        Form::Text => text::render(charts, style),
        Form::Json => json::document(charts, one)?,
        Form::Dot => graph::dot(charts),
        Form::Mermaid => graph::mermaid(charts),
        Form::Svg => svg::render(charts),
    })
}

/// Writes each chart as one line of JSON.
pub(super) fn json_lines(charts: &[Branch]) -> Result<String> {
    json::lines(charts)
}

fn branch_of(tx: &Tx<'_>, company: &company::Company, people: bool) -> Result<Branch> {
    let mut hanging = Hanging::new();
    let mut hang = |under: Option<Node>, node: Option<Node>, branch: Branch| {
        hanging.entry(under).or_default().push((node, branch));
    };
    if people {
        store::people(tx, company.id, |under, person| {
            let branch = Branch { email: Some(person.email), ..Branch::new(Kind::Person, person.full_name) };
            hang(under, None, branch);
        })?;
    }
    let things = [
        (Kind::Position, store::positions(tx, company.id)?),
        (Kind::Department, store::departments(tx, company.id)?),
    ];
    for (kind, things) in things {
        for thing in things {
            let color = thing.color.as_deref().and_then(|color| Color::parse(color).ok());
            hang(thing.under, Some(thing.node), Branch { color, ..Branch::new(kind, thing.name) });
        }
    }
    let mut root = Branch::new(Kind::Company, company.name.clone());
    attach(&mut hanging, None, &mut root, 0)?;
    Ok(root)
}

/// Moves what hangs under `node` into `branch`, level by level.
fn attach(hanging: &mut Hanging, node: Option<Node>, branch: &mut Branch, depth: usize) -> Result<()> {
    if depth > DEEPEST {
        return Err(Error::TooDeep { name: branch.name.clone(), deepest: DEEPEST }.into());
    }
    for (node, mut child) in hanging.remove(&node).unwrap_or_default() {
        if node.is_some() {
            attach(hanging, node, &mut child, depth + 1)?;
        }
        branch.below.push(child);
    }
    Ok(())
}

impl Branch {
    const fn new(kind: Kind, name: String) -> Self {
        Self { kind, name, email: None, color: None, below: Vec::new() }
    }
}
