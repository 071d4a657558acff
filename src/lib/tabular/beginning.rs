//! The first lines of a table, cut into cells by guess: enough to see which of them names the columns.

use super::delimited;

/// Lines that are looked at.
pub(super) const LINES: usize = 20;

/// A line (CSV) or row (XLSX), counted from 1, and its cells.
pub(super) type Beginning = (u64, Vec<String>);

/// The first lines of a text before which so many others stand, each cut where it falls into most cells.
pub(super) fn of_text(text: &str, before: u64) -> Vec<Beginning> {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let cut = |line: &str| {
        let cells =
            delimited::delimiters().map(|delimiter| line.split(delimiter).map(cell).collect::<Vec<_>>());
        cells.max_by_key(Vec::len).unwrap_or_default()
    };
    (before + 1..).zip(lines.lines().take(LINES)).map(|(number, line)| (number, cut(line))).collect()
}

fn cell(text: &str) -> String {
    text.trim().trim_matches('"').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::of_text;

    #[test]
    fn each_line_is_cut_where_it_falls_into_most_cells() {
        let lines = of_text("Staff, May 2026\r\n\r\nemail;\"First name\";name\r\n", 1);
        let cells: Vec<(u64, Vec<&str>)> =
            lines.iter().map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect())).collect();
        assert_eq!(
            cells,
            [(2, vec!["Staff", "May 2026"]), (3, vec![""]), (4, vec!["email", "First name", "name"])]
        );
    }
}
