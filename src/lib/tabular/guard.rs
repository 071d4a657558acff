//! Keeping cells of a CSV file from being run as formulas.
//!
//! A spreadsheet program takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula
//! (OWASP, "CSV Injection"). Such a cell is written with an apostrophe before it, and [`remove`] takes away exactly
//! that one apostrophe when the file comes back, so that nothing changes on the way. A cell that already looks
//! guarded gets one more.
//!
//! In most of Europe a spreadsheet program splits the lines at `;` and knows nothing of our commas and quotation marks,
//! so what follows such a separator inside a cell begins a cell too, and is guarded in the same way.
//!
//! A phone number in international form, `+` and then digits and spaces only, names no function and no cell. It is
//! left as it is: the worst a spreadsheet program makes of it is a number, and scripts read it as it stands.

use std::borrow::Cow;

/// What somebody else's program may split a line at, apart from the comma that separates our cells.
const SEPARATORS: [char; 5] = [';', '|', '\t', '\n', '\r'];

/// What a formula begins with. Spreadsheet programs take the wide forms of the signs, which East Asian keyboards write, for the
/// signs themselves.
const STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The name of standard input, alone in its cell, which is no formula in any program.
const LONE: &str = "-";

/// What is written before a formula.
const GUARD: char = '\'';

/// Where cells are guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guarded {
    /// Wherever a program may begin a cell: rows for people and files.
    Everywhere,
    /// Where our cells begin: one thing, which a script reads and nobody opens.
    AtTheStart,
    /// Nowhere: for programs only. A cell that looks guarded, such as `'=1`, loses its apostrophe in an import, unless
    /// that takes cells as they are too.
    Nowhere,
}

/// The cell as it is written to a CSV file that people may open in a spreadsheet program.
pub(crate) fn add(cell: &str, guarded: Guarded) -> Cow<'_, str> {
    // A piece that looks guarded already gets one more everywhere, so that it comes back.
    let needs = |(number, piece): (usize, &str)| match guarded {
        Guarded::Nowhere => false,
        Guarded::AtTheStart if number > 0 => unguarded(piece).is_some(),
        Guarded::AtTheStart | Guarded::Everywhere => is_risky(piece),
    };
    if cell == LONE || is_phone(cell) || !pieces(cell).enumerate().any(needs) {
        return Cow::Borrowed(cell);
    }
    let mut guarded = String::with_capacity(cell.len() + 4);
    for (number, piece) in pieces(cell).enumerate() {
        if needs((number, piece)) {
            guarded.push(GUARD);
        }
        guarded.push_str(piece);
    }
    Cow::Owned(guarded)
}

/// The cell as it was before [`add`].
pub(crate) fn remove(cell: &str) -> Cow<'_, str> {
    if !pieces(cell).any(|piece| unguarded(piece).is_some()) {
        return Cow::Borrowed(cell);
    }
    Cow::Owned(pieces(cell).map(|piece| unguarded(piece).unwrap_or(piece)).collect())
}

/// What another program could take for cells, each with the separator that ends it.
fn pieces(cell: &str) -> impl Iterator<Item = &str> {
    cell.split_inclusive(SEPARATORS)
}

/// The piece without its guard, if it has one.
fn unguarded(piece: &str) -> Option<&str> {
    piece.strip_prefix(GUARD).filter(|rest| is_risky(rest))
}

/// Quotation marks before a formula do not keep it from being one: they stand doubled in the file, and the program that
/// splits elsewhere takes two of them for nothing.
fn is_risky(piece: &str) -> bool {
    piece.trim_start_matches([GUARD, '"']).starts_with(STARTS)
}

fn is_phone(cell: &str) -> bool {
    let Some(number) = cell.strip_prefix('+') else { return false };
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Guarded::{AtTheStart, Everywhere};
    use super::{add, remove};

    #[test]
    fn a5_cells_that_could_run_are_guarded() {
        for cell in [
            "=1+1",
            "+1+cmd",
            "-2",
            "@SUM(A1)",
            "＝1+1",
            "＋1",
            "－1",
            "＠SUM(A1)",
            "\tx",
            "\rx",
            "+",
            "+380 =1",
            "'=1",
        ] {
            assert_eq!(add(cell, Everywhere), format!("'{cell}"));
        }
    }

    #[test]
    fn other_cells_stay() {
        for cell in ["", "-", "Anna", "+380671234567", "+49 30 6581698", "O'Neil", "'quoted'", "a=b"] {
            assert_eq!(add(cell, Everywhere), cell);
            assert_eq!(remove(cell), cell);
        }
    }

    #[test]
    fn what_another_program_takes_for_a_cell_is_guarded_too() {
        assert_eq!(add("=1;=2", AtTheStart), "'=1;=2");
        for (cell, guarded) in [
            ("Moss;=1+2;", "Moss;'=1+2;"),
            ("a|@SUM(A1)", "a|'@SUM(A1)"),
            ("a\n-1;\"=2\"", "a\n'-1;'\"=2\""),
            ("=1;=2", "'=1;'=2"),
            ("\"=1\"", "'\"=1\""),
            ("a;'=1", "a;''=1"),
        ] {
            assert_eq!(add(cell, Everywhere), guarded);
            assert_eq!(remove(guarded), cell);
        }
        assert_eq!(
            add("a, =1; b", Everywhere),
            "a, =1; b",
            "a comma separates our own cells, which stand in quotation marks"
        );
    }

    proptest! {
        #[test]
        fn whatever_a_cell_holds_comes_back(cell in "[=+@＝＠a1;|,\t\r\n'\" -]{0,12}") {
            let guarded = add(&cell, Everywhere);
            prop_assert_eq!(remove(&guarded), cell.as_str());
            let at_the_start = add(&cell, AtTheStart);
            prop_assert_eq!(remove(&at_the_start), cell.as_str());
            let begins = |piece: &str| piece.starts_with(['=', '@', '-']);
            prop_assert!(cell == "-" || !guarded.split([';', '|', '\n']).any(begins), "{}", guarded);
        }
    }

    #[test]
    fn what_was_guarded_comes_back() {
        for cell in ["=1", "'=1", "''=1", "'+380671234567", "-", "''"] {
            assert_eq!(remove(&add(cell, Everywhere)), cell);
        }
    }
}
