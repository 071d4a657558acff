//! Tables that fit: on a terminal too narrow for all columns, those that are empty in every row give up their room, the
//! last ones are left out and the widest are shortened, so that no line ever wraps; emails, which commands want whole, are
//! shortened last, and what is to be read whole, such as the answer of a server, stands below its row. In a pipe nothing is cut.

use comfy_table::{Attribute, Cell, Table};

use super::list::chosen;
use super::{Output, Record};
use crate::error::Result;
use crate::text::color::Color;
use crate::text::width::{display_width, sanitize_for_terminal, truncate_to, wrapped};

/// Columns between two columns.
const GAP: usize = 2;

/// A column shortened below this tells nothing; rather another column goes.
const NARROWEST: usize = 12;

/// The columns of which the first is shortened last: what people and permissions are named by in commands.
const WHOLE: [&str; 2] = ["email", "permission"];

/// Lays out a list. Columns that were asked for by name are all kept.
pub(super) fn table<R: Record>(output: &Output, rows: &[R], columns: &[usize], keep_all: bool) -> String {
    let mut columns = columns.to_vec();
    let name = |index: usize| R::FIELDS.get(index).copied().unwrap_or("");
    let mut cells: Vec<Vec<String>> =
        rows.iter().map(|row| columns.iter().map(|index| cell(output, row, *index)).collect()).collect();
    let mut widths: Vec<usize> = columns.iter().map(|index| display_width(&heading(name(*index)))).collect();
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(display_width(cell));
        }
    }
    let mut below = Vec::new();
    if let Some(room) = output.width {
        if total(&widths) > room {
            below = put_below::<R>(&mut columns, &mut cells, &mut widths);
        }
        if !keep_all && total(&widths) > room {
            leave_out_empty(&mut columns, &mut cells, &mut widths);
        }
        let whole = columns.iter().position(|index| WHOLE.contains(&name(*index)));
        let kept = fit(&mut widths, room, keep_all, whole);
        let dropped: Vec<&str> = columns.iter().skip(kept).map(|index| name(*index)).collect();
        if !dropped.is_empty() {
            output.say(&format!(
                "not shown for want of room: {} (choose with `--columns`)",
                dropped.join(", ")
            ));
        }
        columns.truncate(kept);
        for row in &mut cells {
            row.truncate(kept);
            for (cell, width) in row.iter_mut().zip(&widths) {
                *cell = truncate_to(cell, *width).into_owned();
            }
        }
    }
    let mut table = bare(output);
    table.set_header(columns.iter().zip(&widths).map(|(index, width)| {
        styled(&truncate_to(&heading(name(*index)), *width), output.color, None, true)
    }));
    for (row, texts) in rows.iter().zip(&cells) {
        table.add_row(
            columns
                .iter()
                .zip(texts)
                .map(|(index, text)| styled(text, output.color, row.paint(name(*index)), false)),
        );
    }
    let laid_out = trimmed(&mut table);
    if below.is_empty() { laid_out } else { with_below(output, rows, (&laid_out, &below)) }
}

/// A value as people read it, in one line.
fn cell<R: Record>(output: &Output, row: &R, index: usize) -> String {
    output.clocks.in_text(&sanitize_for_terminal(&row.field(index).text())).into_owned()
}

/// Takes away the columns whose values stand below their rows; returns which they are.
fn put_below<R: Record>(
    columns: &mut Vec<usize>,
    cells: &mut [Vec<String>],
    widths: &mut Vec<usize>,
) -> Vec<usize> {
    let is_below = |index: &usize| R::FIELDS.get(*index).is_some_and(|name| R::BELOW.contains(name));
    let below: Vec<usize> = columns.iter().copied().filter(is_below).collect();
    if below.len() < columns.len() {
        let stays: Vec<bool> = columns.iter().map(|index| !is_below(index)).collect();
        keep(columns, &stays);
        keep(widths, &stays);
        for row in cells {
            keep(row, &stays);
        }
        return below;
    }
    Vec::new()
}

/// A table with the values that stand below their rows: the heading has a line, and each row one.
fn with_below<R: Record>(output: &Output, rows: &[R], (table, below): (&str, &[usize])) -> String {
    let room = output.width.unwrap_or(usize::MAX).saturating_sub(GAP);
    let mut lines = table.lines();
    let mut text: String = lines.next().into_iter().flat_map(|line| [line, "\n"]).collect();
    for (line, row) in lines.zip(rows) {
        text.extend([line, "\n"]);
        for index in below {
            let value = cell(output, row, *index);
            for part in wrapped(&value, room) {
                text.extend(["  ", &part, "\n"]);
            }
        }
    }
    text
}

/// Lays out one object, a field a line.
pub(super) fn fields<R: Record>(output: &Output, row: &R) -> Result<String> {
    let mut table = bare(output);
    for index in chosen::<R>(output.columns.as_deref(), R::FIELDS)? {
        let name = R::FIELDS.get(index).copied().unwrap_or("");
        let text = row.field(index).text();
        if text.is_empty() && output.columns.is_none() {
            continue;
        }
        let text = sanitize_for_terminal(&text);
        let text = output.clocks.in_text(&text);
        table.add_row([
            styled(&heading(name), output.color, None, true),
            styled(&text, output.color, row.paint(name), false),
        ]);
    }
    Ok(trimmed(&mut table))
}

/// Takes away the columns without a value in any row.
fn leave_out_empty(columns: &mut Vec<usize>, cells: &mut [Vec<String>], widths: &mut Vec<usize>) {
    let has_value =
        |place: usize| cells.iter().any(|row| row.get(place).is_some_and(|cell| !cell.is_empty()));
    let stays: Vec<bool> = (0..columns.len()).map(has_value).collect();
    keep(columns, &stays);
    keep(widths, &stays);
    for row in cells {
        keep(row, &stays);
    }
}

fn keep<T>(values: &mut Vec<T>, stays: &[bool]) {
    let mut stays = stays.iter();
    values.retain(|_| stays.next().copied().unwrap_or(true));
}

/// How many columns stay in `room`; narrows the widths of those that do, that of the column at `whole` last.
fn fit(widths: &mut Vec<usize>, room: usize, keep_all: bool, whole: Option<usize>) -> usize {
    while !keep_all && widths.len() > 1 && least(widths) > room {
        widths.pop();
    }
    while total(widths) > room {
        let others = widths.iter_mut().enumerate().filter(|(place, _)| Some(*place) != whole);
        let Some(widest) = others.map(|(_, width)| width).max().filter(|width| **width > NARROWEST) else {
            break;
        };
        *widest -= 1;
    }
    while total(widths) > room {
        let Some(widest) = widths.iter_mut().max() else { break };
        if *widest <= 1 {
            break;
        }
        *widest -= 1;
    }
    widths.len()
}

/// The room of columns with the gaps between them.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The room the columns need when each is as narrow as it may become.
fn least(widths: &[usize]) -> usize {
    total(&widths.iter().map(|width| (*width).min(NARROWEST)).collect::<Vec<_>>())
}

fn heading(name: &str) -> String {
    name.replace('_', " ").to_uppercase()
}

/// A table whose gaps are plain: blanks with a style could not be trimmed, and would make the last column wrap.
fn bare(output: &Output) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.style_text_only();
    if output.color {
        table.enforce_styling();
    }
    table
}

fn styled(text: &str, color: bool, paint: Option<Color>, bold: bool) -> Cell {
    let mut cell = Cell::new(text);
    if color {
        if bold {
            cell = cell.add_attribute(Attribute::Bold);
        }
        if let Some(paint) = paint {
            let [r, g, b] = paint.rgb();
            let [tr, tg, tb] = paint.readable_text().rgb();
            cell = cell.bg(comfy_table::Color::Rgb { r, g, b }).fg(comfy_table::Color::Rgb {
                r: tr,
                g: tg,
                b: tb,
            });
        }
    }
    cell
}

/// The table as text without the padding at the line ends.
fn trimmed(table: &mut Table) -> String {
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = String::new();
    for line in table.lines() {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{fit, leave_out_empty};

    #[test]
    fn emails_are_shortened_when_the_others_are_as_narrow_as_they_may_be() {
        let mut widths = vec![20, 30, 20, 6];
        assert_eq!(fit(&mut widths, 70, false, Some(1)), 4);
        assert_eq!(widths, [14, 30, 14, 6], "the others give way");
        let mut widths = vec![20, 50, 20];
        assert_eq!(fit(&mut widths, 60, false, Some(1)), 3);
        assert_eq!(widths, [12, 32, 12]);
    }

    #[test]
    fn a_column_without_a_value_gives_up_its_room() {
        let mut columns = vec![4, 7, 9];
        let mut cells = [["a", "", ""], ["b", "", "c"]].map(|row| row.map(str::to_owned).to_vec());
        let mut widths = vec![1, 5, 2];
        leave_out_empty(&mut columns, &mut cells, &mut widths);
        assert_eq!((columns, widths), (vec![4, 9], vec![1, 2]));
        assert_eq!(cells, [["a", ""], ["b", "c"]]);
    }

    #[test]
    fn wide_columns_are_shortened_before_any_is_dropped() {
        let mut widths = vec![30, 40, 10];
        assert_eq!(fit(&mut widths, 60, false, None), 3);
        assert!(widths.iter().sum::<usize>() + 4 <= 60);
        assert_eq!(widths[2], 10, "the narrow one keeps its width");
    }

    #[test]
    fn the_last_columns_go_when_all_would_be_unreadable() {
        let mut widths = vec![30, 40, 30, 30, 30, 30, 30];
        assert_eq!(fit(&mut widths, 60, false, None), 4);
        let mut widths = vec![30, 40, 30, 30, 30, 30, 30];
        assert_eq!(fit(&mut widths, 60, true, None), 7, "those asked for by name stay");
    }
}
