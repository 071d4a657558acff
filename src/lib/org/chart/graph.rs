//! The chart as a graph that other programs lay out.

use std::fmt::Write as _;

use super::{Branch, Kind};
use crate::text::dot::quoted;
use crate::text::width::sanitize_for_terminal;

/// A graph for Graphviz.
pub(super) fn dot(charts: &[Branch]) -> String {
    let mut out = String::from(
        "digraph organisation {\n  graph [rankdir=LR, nodesep=0.15, ranksep=0.6]\n  node [shape=box, style=\"rounded,filled\", fillcolor=\"#ffffff\", color=\"#8a94a3\", fontname=\"sans-serif\", fontsize=11, height=0.35]\n  edge [arrowhead=none, color=\"#8a94a3\"]\n",
    );
    walk(charts, &mut |number, parent, branch| {
        let label = quoted(&branch.name);
        let style = match (branch.color, branch.kind) {
            (Some(color), _) => format!(", fillcolor=\"{color}\", fontcolor=\"{}\"", color.readable_text()),
            (None, Kind::Company) => ", fillcolor=\"#22303f\", fontcolor=\"#ffffff\"".to_owned(),
            (None, Kind::Department) => ", fillcolor=\"#dde6f0\"".to_owned(),
            (None, Kind::Position) => String::new(),
            (None, Kind::Person) => ", shape=plaintext, style=\"\"".to_owned(),
        };
        writeln!(out, "  n{number} [label={label}{style}]").ok();
        if let Some(parent) = parent {
            writeln!(out, "  n{parent} -> n{number}").ok();
        }
    });
    out.push_str("}\n");
    out
}

/// A flowchart for Mermaid.
///
/// Mermaid reads labels as HTML and Markdown and knows `#35;` for the character with that number, so all punctuation but
/// the harmless is written that way.
pub(super) fn mermaid(charts: &[Branch]) -> String {
    let mut out = String::from("flowchart LR\n");
    walk(charts, &mut |number, parent, branch| {
        let mut label = String::new();
        for c in sanitize_for_terminal(&branch.name).chars() {
            if c.is_ascii_punctuation() && !matches!(c, '\'' | ',') {
                write!(label, "#{};", u32::from(c)).ok();
            } else {
                label.push(c);
            }
        }
        let (open, close) = match branch.kind {
            Kind::Company | Kind::Department => ("[", "]"),
            Kind::Position => ("(", ")"),
            Kind::Person => ("([", "])"),
        };
        writeln!(out, "  n{number}{open}\"{label}\"{close}").ok();
        if let Some(color) = branch.color {
            writeln!(out, "  style n{number} fill:{color},color:{}", color.readable_text()).ok();
        }
        if let Some(parent) = parent {
            writeln!(out, "  n{parent} --- n{number}").ok();
        }
    });
    out
}

/// Calls `each` with every branch, its number and that of the branch above.
fn walk(charts: &[Branch], each: &mut impl FnMut(usize, Option<usize>, &Branch)) {
    let mut waiting: Vec<(Option<usize>, &Branch)> = charts.iter().rev().map(|chart| (None, chart)).collect();
    let mut number = 0;
    while let Some((parent, branch)) = waiting.pop() {
        each(number, parent, branch);
        waiting.extend(branch.below.iter().rev().map(|child| (Some(number), child)));
        number += 1;
    }
}
