//! Keeping cells of a CSV file from being run as formulas.
//!
//! A spreadsheet program takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula
//! (OWASP, "CSV Injection"). Such a cell is written with an apostrophe before it, and [`remove`] takes away exactly
//! that one apostrophe when the file comes back, so that nothing changes on the way. A cell that already looks
//! guarded gets one more.
//!
//! A phone number in international form, `+` and then digits and spaces only, names no function and no cell. It is
//! left as it is: the worst a spreadsheet program makes of it is a number, and scripts read it as it stands.

use std::borrow::Cow;

/// The cell as it is written to a CSV file that people may open in a spreadsheet program.
pub(crate) fn add(cell: &str) -> Cow<'_, str> {
    if is_risky(cell.trim_start_matches('\'')) && !is_phone(cell) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

/// The cell as it was before [`add`].
pub(crate) fn remove(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_risky(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn is_risky(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn is_phone(cell: &str) -> bool {
    let Some(number) = cell.strip_prefix('+') else { return false };
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
}

#[cfg(test)]
mod tests {
    use super::{add, remove};

    #[test]
    fn a5_cells_that_could_run_are_guarded() {
        for cell in ["=1+1", "+1+cmd", "-2", "@SUM(A1)", "\tx", "\rx", "+", "+380 =1", "'=1"] {
            assert_eq!(add(cell), format!("'{cell}"));
        }
    }

    #[test]
    fn other_cells_stay() {
        for cell in ["", "Anna", "+380671234567", "+49 30 6581698", "O'Neil", "'quoted'", "a=b"] {
            assert_eq!(add(cell), cell);
            assert_eq!(remove(cell), cell);
        }
    }

    #[test]
    fn what_was_guarded_comes_back() {
        for cell in ["=1", "'=1", "''=1", "'+380671234567", "-", "''"] {
            assert_eq!(remove(&add(cell)), cell);
        }
    }
}
