//! Lines before the one that names the columns, and texts that are no table.

use super::error::InputError;

/// What stands before the header of CSV.
pub(super) struct Preamble<'a> {
    /// How many lines that is.
    pub(super) lines: u64,
    /// The delimiter that one of them names.
    pub(super) delimiter: Option<char>,
    /// The text behind them.
    pub(super) rest: &'a str,
}

/// Passes over the lines that programs write before the header, or over all before the line that is asked for, from 1.
pub(super) fn find(sample: &str, header_line: Option<u64>) -> Preamble<'_> {
    let mut found = Preamble { lines: 0, delimiter: None, rest: sample };
    loop {
        let (line, rest) = first_line(found.rest);
        let is_before = match header_line {
            Some(header) => found.lines + 1 < header && !found.rest.is_empty(),
            None => is_known(line),
        };
        found.delimiter = found.delimiter.or_else(|| delimiter_named(line));
        if !is_before {
            // A delimiter that the header itself seems to name is none.
            return Preamble { delimiter: found.delimiter.filter(|_| found.lines > 0), ..found };
        }
        found = Preamble { lines: found.lines + 1, rest, ..found };
    }
}

/// What programs write there: the delimiter for a spreadsheet program, the type of the objects of `PowerShell`, the version of a
/// template.
fn is_known(line: &str) -> bool {
    let lower = line.trim().to_ascii_lowercase();
    delimiter_named(line).is_some()
        || line.trim().starts_with("#TYPE ")
        || lower.strip_prefix("version:v").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The delimiter of the line `sep=;`, which may stand in quotation marks.
fn delimiter_named(line: &str) -> Option<char> {
    let line = line.trim_matches(['\r', '\n', '"']);
    let named = line.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).and(line.get(4..))?;
    let mut characters = named.chars();
    characters.next().filter(|_| characters.as_str().is_empty())
}

/// The first line, and what stands behind its end.
fn first_line(text: &str) -> (&str, &str) {
    let Some(end) = text.find(['\r', '\n']) else { return (text, "") };
    let (line, rest) = text.split_at(end);
    let rest = rest.strip_prefix("\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
    (line, rest)
}

/// Refuses what directories write and what is no table: LDIF, and rows of `csvde` without the line that names the columns.
pub(super) fn check_is_table(name: &str, text: &str) -> Result<(), InputError> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default().to_ascii_lowercase();
    let is_version = first.strip_prefix("version:").is_some_and(|rest| rest.trim() == "1");
    let is_entry = |line: &str| line.starts_with("dn:");
    let second = lines.next().unwrap_or_default().to_ascii_lowercase();
    if is_entry(&first) || (is_version && is_entry(&second)) {
        return Err(InputError::Ldif { file: name.to_owned() });
    }
    let first = first.trim_start_matches('"');
    let is_name = ["cn=", "uid=", "ou="].iter().any(|start| first.starts_with(start));
    if is_name && first.contains(",dc=") {
        return Err(InputError::NoHeader { file: name.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_is_table, find};

    #[test]
    fn lines_that_programs_write_before_the_header_are_known() {
        for (text, lines, delimiter, rest) in [
            ("a;b\n1;2", 0, None, "a;b\n1;2"),
            ("sep=;\r\na;b", 1, Some(';'), "a;b"),
            ("\"SEP=|\"\ra|b", 1, Some('|'), "a|b"),
            ("#TYPE Selected.ADUser\na,b", 1, None, "a,b"),
            ("sep=\t\n#TYPE x\na\tb", 2, Some('\t'), "a\tb"),
            ("version:v1.0\nName,User", 1, None, "Name,User"),
            ("version: 2\nName", 0, None, "version: 2\nName"),
            ("sep=ab\nx", 0, None, "sep=ab\nx"),
        ] {
            let found = find(text, None);
            assert_eq!((found.lines, found.delimiter, found.rest), (lines, delimiter, rest), "{text:?}");
        }
        assert_eq!(find("Title\n\na,b\n1,2", Some(3)).rest, "a,b\n1,2");
        assert_eq!(find("sep=;\nTitle\na;b", Some(3)).delimiter, Some(';'));
        assert_eq!(find("a", Some(9)).rest, "");
    }

    #[test]
    fn what_a_directory_writes_is_no_table() {
        let code = |text: &str| check_is_table("f", text).map_err(|error| error.to_string().contains("LDIF"));
        assert_eq!(code("# made by\nversion: 1\n\ndn: uid=a,dc=x\n"), Err(true));
        assert_eq!(code("dn:: dWlkPWE=\n"), Err(true));
        assert_eq!(code("\"CN=Nora,DC=acme,DC=example\",user,Nora\n"), Err(false));
        assert_eq!(code("DN,cn\n\"CN=Nora,DC=acme\",Nora\n"), Ok(()));
        assert_eq!(code("version: 1\na,b\n"), Ok(()));
    }
}
