//! The chart as a tree of lines. Positions stand in round brackets, people with their address.

use std::fmt::Write as _;

use super::{Branch, Kind};
use crate::text::width::{display_width, sanitize_for_terminal, truncate_to};

/// How lines may look.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::org) struct TextStyle {
    /// Columns of the terminal, beyond which lines are cut; nothing is cut without it.
    pub(in crate::org) width: Option<usize>,
    /// Whether names are painted in their colours.
    pub(in crate::org) color: bool,
}

pub(super) fn render(charts: &[Branch], style: TextStyle) -> String {
    let mut out = String::new();
    for chart in charts {
        line(&mut out, "", chart, style);
        below(&mut out, &mut String::new(), chart, style);
    }
    out
}

fn below(out: &mut String, indent: &mut String, branch: &Branch, style: TextStyle) {
    let indented = indent.len();
    for (index, child) in branch.below.iter().enumerate() {
        let is_last = index + 1 == branch.below.len();
        indent.push_str(if is_last { "└── " } else { "├── " });
        line(out, indent, child, style);
        indent.truncate(indented);
        indent.push_str(if is_last { "    " } else { "│   " });
        below(out, indent, child, style);
        indent.truncate(indented);
    }
}

fn line(out: &mut String, lead: &str, branch: &Branch, style: TextStyle) {
    let label = label(branch);
    let label = sanitize_for_terminal(&label);
    let room = style.width.unwrap_or(usize::MAX);
    let lead = truncate_to(lead, room);
    let label = truncate_to(&label, room.saturating_sub(display_width(&lead)));
    out.push_str(&lead);
    match branch.color.filter(|_| style.color) {
        Some(color) => {
            let [r, g, b] = color.rgb();
            let [tr, tg, tb] = color.readable_text().rgb();
            write!(out, "\u{1b}[48;2;{r};{g};{b};38;2;{tr};{tg};{tb}m{label}\u{1b}[0m").ok();
        }
        None => out.push_str(&label),
    }
    out.push('\n');
}

fn label(branch: &Branch) -> String {
    match (branch.kind, &branch.email) {
        (Kind::Person, Some(email)) => format!("{} <{email}>", branch.name),
        (Kind::Position, _) => format!("({})", branch.name),
        _ => branch.name.clone(),
    }
}
