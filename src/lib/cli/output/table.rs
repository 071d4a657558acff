//! Tables that fit: on a terminal too narrow for all columns, those that are empty in every row give up their room, the
//! last ones are left out and the widest are shortened. What commands want whole, such as an email, an id or a time, is never
//! shortened, and what is to be read whole, such as the answer of a server, stands below its row. In a pipe nothing is cut.

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
        let floors = (0..columns.len()).map(|place| floor(&cells, &widths, place)).collect();
        let kept = fit((&mut widths, floors), room, keep_all);
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

/// How narrow a column may become. One of emails, ids, times, permissions and the like is not shortened, for a part of them is of
/// no use.
fn floor(cells: &[Vec<String>], widths: &[usize], place: usize) -> usize {
    let width = widths.get(place).copied().unwrap_or_default();
    let mut column = cells.iter().filter_map(|row| row.get(place));
    if column.all(|cell| is_whole(cell)) { width } else { width.min(NARROWEST) }
}

/// Whether it is one word, and no name in letters that are written without blanks.
fn is_whole(cell: &str) -> bool {
    !cell.contains(' ') && (cell.is_ascii() || cell.contains('@'))
}

/// How many columns stay in `room`; narrows the widths of those that do, none below its floor.
fn fit((widths, mut floors): (&mut Vec<usize>, Vec<usize>), room: usize, keep_all: bool) -> usize {
    while !keep_all && widths.len() > 1 && total(&floors) > room {
        widths.pop();
        floors.pop();
    }
    while total(widths) > room {
        let shrinking = widths.iter_mut().zip(&floors).filter(|(width, floor)| **width > **floor);
        let Some((widest, _)) = shrinking.max_by_key(|(width, _)| **width) else { break };
        *widest -= 1;
    }
    widths.len()
}

/// The room of columns with the gaps between them.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
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
    use super::{fit, floor, leave_out_empty};

    #[test]
    fn what_commands_want_whole_is_not_shortened() {
        let cells = [["Anna Borg", "anna.borg@acme.example", "2026-12-01T08:00:00+02:00"], ["Bo", "", ""]];
        let cells = cells.map(|row| row.map(str::to_owned).to_vec());
        let floors = [20, 30, 25].iter().enumerate().map(|(place, _)| floor(&cells, &[20, 30, 25], place));
        assert_eq!(floors.collect::<Vec<_>>(), [12, 30, 25]);
        let mut widths = vec![20, 30, 20, 6];
        assert_eq!(fit((&mut widths, vec![12, 30, 12, 6]), 70, false), 4);
        assert_eq!(widths, [14, 30, 14, 6], "the others give way");
        let mut widths = vec![20, 50, 20];
        assert_eq!(fit((&mut widths, vec![12, 50, 20]), 70, false), 2, "rather the last one goes");
        assert_eq!(widths, [18, 50]);
        let mut widths = vec![20, 50, 20];
        assert_eq!(fit((&mut widths, vec![12, 50, 20]), 70, true), 3);
        assert_eq!(widths, [12, 50, 20], "what was asked for by name is whole, though the line wraps");
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
        assert_eq!(fit((&mut widths, vec![12, 12, 10]), 60, false), 3);
        assert!(widths.iter().sum::<usize>() + 4 <= 60);
        assert_eq!(widths[2], 10, "the narrow one keeps its width");
    }

    #[test]
    fn the_last_columns_go_when_all_would_be_unreadable() {
        let mut widths = vec![30, 40, 30, 30, 30, 30, 30];
        assert_eq!(fit((&mut widths, vec![12; 7]), 60, false), 4);
        let mut widths = vec![30, 40, 30, 30, 30, 30, 30];
        assert_eq!(fit((&mut widths, vec![12; 7]), 60, true), 7, "those asked for by name stay");
    }
}
