//! The chart as a picture, one file without anything beside it.
//!
//! What hangs under a box is either stacked below it, indented, or spread beside each other in columns: people and
//! positions mostly stack, departments spread. How readily is tried out, and the picture nearest to the shape of a page
//! is taken. Every branch has a rectangle of its own, so nothing can overlap. Names too long for a box are cut; the whole name is the box's title,
//! which viewers show under the pointer.

use std::fmt::Write as _;

use super::{Branch, Kind};
use crate::text::color::Color;
use crate::text::width::{display_width, sanitize_for_terminal, truncate_to};

// Pixels.
const MARGIN: usize = 24;
const BOX_HEIGHT: usize = 34;
/// From the top of a box to the line its text stands on.
const BASELINE: usize = 22;
const NARROWEST_BOX: usize = 130;
const WIDEST_BOX: usize = 380;
/// Left and right of the text in a box, together.
const PADDING: usize = 24;
/// A generous mean width of one column of text at the size used.
const COLUMN: usize = 9;
/// How far a stack stands to the right of what it hangs under, and where its line runs.
const INDENT: usize = 28;
const TRUNK: usize = 14;
/// Between boxes of a stack, between columns, between a box and its columns, between companies.
const STACK_GAP: usize = 10;
const COLUMN_GAP: usize = 28;
const LEVEL_GAP: usize = 44;
const COMPANY_GAP: usize = 56;
/// A company spreads at least up to here.
const PAGE: usize = 2400;

/// How wide a spread may become, in tenths of the height of the same things stacked.
const READINESS: [usize; 6] = [16, 10, 6, 3, 1, 0];

/// How what hangs under a box is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrangement {
    Stack,
    Spread,
}

/// A branch, or a stack of boxes without one above, with the room it takes.
struct Block<'a> {
    branch: Option<&'a Branch>,
    arrangement: Arrangement,
    width: usize,
    height: usize,
    below: Vec<Self>,
}

struct Picture {
    box_width: usize,
    boxes: String,
    lines: String,
}

pub(super) fn render(charts: &[Branch]) -> String {
    let box_width = charts.iter().map(widest).max().unwrap_or(0).clamp(NARROWEST_BOX, WIDEST_BOX);
    let blocks: Vec<Block<'_>> = charts.iter().filter_map(|chart| best(chart, box_width)).collect();
    let mut picture = Picture { box_width, boxes: String::new(), lines: String::new() };
    let mut top = MARGIN;
    for block in &blocks {
        picture.draw(block, MARGIN, top);
        top += block.height + COMPANY_GAP;
    }
    let width = blocks.iter().map(|block| block.width).max().unwrap_or(0) + 2 * MARGIN;
    let height = if blocks.is_empty() { 2 * MARGIN } else { top - COMPANY_GAP + MARGIN };
    let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
    let title = escape(&format!("Organisation: {}", names.join(", ")));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n\
         <style>text{{font:13px 'Noto Sans','DejaVu Sans',Arial,sans-serif}}\
         .b{{font-weight:600}}path{{fill:none;stroke:#8a94a3;stroke-width:1.5}}</style>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <path d=\"{lines}\"/>\n{boxes}</svg>\n",
        lines = picture.lines.trim_end(),
        boxes = picture.boxes,
    )
}

/// The width of the box that the longest name wants.
fn widest(branch: &Branch) -> usize {
    let own = display_width(&branch.name) * COLUMN + PADDING;
    branch.below.iter().map(widest).fold(own, usize::max)
}

/// The layout nearest to a page, which is wider than high.
fn best(chart: &Branch, box_width: usize) -> Option<Block<'_>> {
    let layouts = READINESS.iter().map(|tenths| block(chart, box_width, *tenths));
    layouts.min_by_key(|block| block.width.max(block.height * 8 / 5))
}

fn block(branch: &Branch, box_width: usize, tenths: usize) -> Block<'_> {
    let below: Vec<Block<'_>> = branch.below.iter().map(|child| block(child, box_width, tenths)).collect();
    let stack_width = below.iter().map(|block| INDENT + block.width).fold(box_width, usize::max);
    let stack_height = BOX_HEIGHT + stack_height(&below);
    let longest = if branch.kind == Kind::Company { PAGE } else { 0 }.max(stack_height * tenths / 10);
    let (columns, spread_width) = columns_width(&below, box_width);
    if columns < 2 || spread_width > longest {
        let arrangement = Arrangement::Stack;
        return Block { branch: Some(branch), arrangement, width: stack_width, height: stack_height, below };
    }
    let (leaves, mut columns): (Vec<_>, Vec<_>) = below.into_iter().partition(|block| block.below.is_empty());
    if !leaves.is_empty() {
        columns.insert(0, loose_stack(leaves, box_width));
    }
    let height = columns.iter().map(|column| column.height).max().unwrap_or(0);
    Block {
        branch: Some(branch),
        arrangement: Arrangement::Spread,
        width: spread_width,
        height: BOX_HEIGHT + LEVEL_GAP + height,
        below: columns,
    }
}

/// How many columns a spread would have, and how wide it would be. Boxes with nothing under them share one column.
fn columns_width(below: &[Block<'_>], box_width: usize) -> (usize, usize) {
    let has_leaves = below.iter().any(|block| block.below.is_empty());
    let leaves = has_leaves.then_some(INDENT + box_width);
    let others = below.iter().filter(|block| !block.below.is_empty()).map(|block| block.width);
    let (count, width) =
        leaves.into_iter().chain(others).fold((0, 0), |(count, sum), width| (count + 1, sum + width));
    (count, width + COLUMN_GAP * usize::saturating_sub(count, 1))
}

fn loose_stack(leaves: Vec<Block<'_>>, box_width: usize) -> Block<'_> {
    Block {
        branch: None,
        arrangement: Arrangement::Stack,
        width: INDENT + box_width,
        height: stack_height(&leaves).saturating_sub(STACK_GAP),
        below: leaves,
    }
}

fn stack_height(below: &[Block<'_>]) -> usize {
    below.iter().map(|block| STACK_GAP + block.height).sum()
}

impl Picture {
    /// Draws a block with its upper left corner there.
    fn draw(&mut self, block: &Block<'_>, x: usize, y: usize) {
        match (block.arrangement, block.branch) {
            (Arrangement::Spread, branch) => {
                let centre = x + block.width / 2;
                if let Some(branch) = branch {
                    self.put(branch, centre - self.box_width / 2, y);
                }
                self.columns(block, x, y);
            }
            (Arrangement::Stack, Some(branch)) => {
                self.put(branch, x, y);
                self.stack(block, x, y + BOX_HEIGHT, y + BOX_HEIGHT + STACK_GAP);
            }
            (Arrangement::Stack, None) => self.stack(block, x, y, y),
        }
    }

    /// Draws the columns of a spread block and the lines from its box to them.
    fn columns(&mut self, block: &Block<'_>, x: usize, y: usize) {
        let bus = y + BOX_HEIGHT + LEVEL_GAP / 2;
        let top = y + BOX_HEIGHT + LEVEL_GAP;
        let centre = x + block.width / 2;
        self.line(format_args!("M{centre} {}V{bus}", y + BOX_HEIGHT));
        let mut left = x;
        for column in &block.below {
            let anchor = left + self.anchor(column);
            self.line(format_args!("M{centre} {bus}H{anchor}V{top}"));
            self.draw(column, left, top);
            left += column.width + COLUMN_GAP;
        }
    }

    /// Draws what is stacked in a block: the line runs down from `from`, the first box stands at `y`.
    fn stack(&mut self, block: &Block<'_>, x: usize, from: usize, mut y: usize) {
        let trunk = x + TRUNK;
        let mut end = from;
        for child in &block.below {
            let middle = y + BOX_HEIGHT / 2;
            let left = x + INDENT + self.box_left(child);
            self.line(format_args!("M{trunk} {middle}H{left}"));
            self.draw(child, x + INDENT, y);
            y += child.height + STACK_GAP;
            end = middle;
        }
        if end > from {
            self.line(format_args!("M{trunk} {from}V{end}"));
        }
    }

    /// Where in a block its box begins.
    const fn box_left(&self, block: &Block<'_>) -> usize {
        match block.arrangement {
            Arrangement::Stack => 0,
            Arrangement::Spread => (block.width - self.box_width) / 2,
        }
    }

    /// Where in a block the line from above arrives.
    const fn anchor(&self, block: &Block<'_>) -> usize {
        match (block.arrangement, block.branch) {
            (Arrangement::Stack, None) => TRUNK,
            (Arrangement::Stack, Some(_)) => self.box_width / 2,
            (Arrangement::Spread, _) => block.width / 2,
        }
    }

    fn line(&mut self, path: std::fmt::Arguments<'_>) {
        self.lines.write_fmt(path).ok();
        self.lines.push(' ');
    }

    fn put(&mut self, branch: &Branch, x: usize, y: usize) {
        let (fill, ink) = colors(branch);
        let radius = if matches!(branch.kind, Kind::Position | Kind::Person) { BOX_HEIGHT / 2 } else { 4 };
        let border = match branch.kind {
            Kind::Person => "#ffffff",
            _ => "#8a94a3",
        };
        let class = match branch.kind {
            Kind::Company | Kind::Department => " class=\"b\"",
            Kind::Position | Kind::Person => "",
        };
        let name = sanitize_for_terminal(&branch.name);
        let shown = escape(&truncate_to(&name, (self.box_width - PADDING) / COLUMN));
        let title = match &branch.email {
            Some(email) => escape(&format!("{name} <{email}>")),
            None => escape(&name),
        };
        let (centre, baseline, width) = (x + self.box_width / 2, y + BASELINE, self.box_width);
        writeln!(
            self.boxes,
            "<g><title>{title}</title><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{BOX_HEIGHT}\" \
             rx=\"{radius}\" fill=\"{fill}\" stroke=\"{border}\"/><text x=\"{centre}\" y=\"{baseline}\" \
             text-anchor=\"middle\" fill=\"{ink}\"{class}>{shown}</text></g>"
        )
        .ok();
    }
}

/// The colours of a box and of the text in it.
fn colors(branch: &Branch) -> (String, String) {
    match (branch.color, branch.kind) {
        (Some(color), _) => (color.to_string(), Color::readable_text(color).to_string()),
        (None, Kind::Company) => ("#22303f".to_owned(), "#ffffff".to_owned()),
        (None, Kind::Department) => ("#dde6f0".to_owned(), "#000000".to_owned()),
        (None, Kind::Position) => ("#ffffff".to_owned(), "#000000".to_owned()),
        (None, Kind::Person) => ("#f2f4f7".to_owned(), "#000000".to_owned()),
    }
}

/// Text as XML takes it; what XML 1.0 cannot hold at all becomes `�`.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in sanitize_for_terminal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}
