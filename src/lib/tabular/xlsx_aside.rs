//! What a workbook has beside the rows that are seen: further sheets, and hidden rows and columns of the one that is read.
//!
//! None of it changes what is read, and all of it may be what somebody did not mean, so it is told. The reader of workbooks
//! passes over what hides rows and columns, so the sheet is looked through for that alone, where it has any.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::RangeInclusive;

use calamine::{DataRef, Reader as _, SheetType, Xlsx};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// What there is beside the visible rows of a sheet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Aside {
    /// Other sheets with anything in them.
    others: Vec<String>,
    hidden: Hidden,
}

/// What a sheet hides.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hidden {
    /// The rows with anything in them, from 1.
    rows: Vec<u64>,
    /// The columns, from 0.
    columns: Vec<RangeInclusive<usize>>,
}

impl Aside {
    /// What stands beside the sheet of that name; `hiding` names the members of the archive that hide anything.
    pub(super) fn of<R: BufRead + std::io::Seek>(
        book: &mut Xlsx<R>,
        file: &File,
        (sheet, hiding): (&str, &[String]),
    ) -> Self {
        let sheets = book.sheets_metadata().iter().filter(|other| other.typ == SheetType::WorkSheet);
        let names: Vec<String> =
            sheets.map(|other| other.name.clone()).filter(|name| name != sheet).collect();
        let others = names.into_iter().filter(|name| has_any(book, name)).collect();
        let hidden = if hiding.is_empty() { None } else { Hidden::of(file, sheet, hiding) };
        Self { others, hidden: hidden.unwrap_or_default() }
    }

    /// What there is to know of it: of the columns only those that are read.
    pub(super) fn remarks(
        &self,
        (file, header, below): (&str, &[String], u64),
        is_read: &dyn Fn(usize) -> bool,
    ) -> Vec<String> {
        let mut remarks = Vec::new();
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|name| format!("`{name}`")).collect();
            remarks.push(format!(
                "`{file}` has other sheets that were not read: {}; `--sheet` says which is",
                others.join(", ")
            ));
        }
        let rows = self.hidden.rows.iter().filter(|row| **row > below).count();
        let columns = header.iter().enumerate().filter(|(place, heading)| {
            let is_hidden = self.hidden.columns.iter().any(|columns| columns.contains(place));
            is_hidden && !heading.is_empty() && is_read(*place)
        });
        let columns: Vec<String> = columns.map(|(_, heading)| format!("`{heading}`")).collect();
        let mut hidden = Vec::new();
        match rows {
            0 => {}
            1 => hidden.push("1 row".to_owned()),
            rows => hidden.push(format!("{rows} rows")),
        }
        match columns.as_slice() {
            [] => {}
            [one] => hidden.push(format!("the column {one}")),
            several => hidden.push(format!("the columns {}", several.join(", "))),
        }
        if !hidden.is_empty() {
            remarks.push(format!("hidden in `{file}`, and read like the others: {}", hidden.join(", ")));
        }
        remarks
    }
}

/// Whether a sheet has a value in any cell; one that cannot be read is nobody's.
fn has_any<R: BufRead + std::io::Seek>(book: &mut Xlsx<R>, sheet: &str) -> bool {
    let Ok(mut cells) = book.worksheet_cells_reader(sheet) else { return false };
    while let Ok(Some(cell)) = cells.next_cell() {
        if !matches!(cell.get_value(), DataRef::Empty) {
            return true;
        }
    }
    false
}

impl Hidden {
    /// What the sheet of that name hides; nothing where it is not found in the archive.
    fn of(file: &File, sheet: &str, hiding: &[String]) -> Option<Self> {
        let mut archive = ZipArchive::new(BufReader::new(file.try_clone().ok()?)).ok()?;
        let mut id = None;
        let book = BufReader::new(archive.by_name("xl/workbook.xml").ok()?);
        each_element(book, |element| {
            if local(element) == "sheet" && attribute(element, "name").as_deref() == Some(sheet) {
                id = attribute(element, "id");
            }
        })?;
        let (id, mut target) = (id?, None);
        let links = BufReader::new(archive.by_name("xl/_rels/workbook.xml.rels").ok()?);
        each_element(links, |element| {
            if attribute(element, "Id").as_ref() == Some(&id) {
                target = attribute(element, "Target");
            }
        })?;
        let target = target?;
        let member = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
        if !hiding.contains(&member) {
            return None;
        }
        Self::read(BufReader::new(archive.by_name(&member).ok()?))
    }

    fn read(sheet: impl BufRead) -> Option<Self> {
        let mut hidden = Self::default();
        let (mut row, mut is_hidden) = (0, false);
        each_element(sheet, |element| match local(element) {
            "row" => {
                row = attribute(element, "r").and_then(|row| row.parse().ok()).unwrap_or(row + 1);
                is_hidden = hides(element);
            }
            // A value, or a text that stands in the cell itself.
            "v" | "t" if is_hidden => {
                hidden.rows.push(row);
                is_hidden = false;
            }
            "col" if hides(element) => {
                let number = |name| attribute(element, name).and_then(|text| text.parse::<usize>().ok());
                if let (Some(from), Some(to)) = (number("min"), number("max")) {
                    hidden.columns.push(from.saturating_sub(1)..=to.saturating_sub(1));
                }
            }
            _ => {}
        })?;
        Some(hidden)
    }
}

fn hides(element: &BytesStart<'_>) -> bool {
    attribute(element, "hidden").is_some_and(|value| matches!(value.as_str(), "1" | "true"))
}

/// Hands on what begins each element of a document; none where it is no XML.
fn each_element(input: impl BufRead, mut each: impl FnMut(&BytesStart<'_>)) -> Option<()> {
    let mut reader = quick_xml::Reader::from_reader(input);
    let mut bytes = Vec::new();
    loop {
        match reader.read_event_into(&mut bytes).ok()? {
            Event::Start(element) | Event::Empty(element) => each(&element),
            Event::Eof => return Some(()),
            _ => {}
        }
        bytes.clear();
    }
}

/// The name of an element, whatever stands for its namespace.
fn local<'e>(element: &'e BytesStart<'_>) -> &'e str {
    let name = element.name().into_inner();
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// The value of an attribute, whatever stands for its namespace.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| {
        let key = attribute.key.into_inner();
        key.rsplit_once(':').map_or(key, |(_, local)| local) == name
    })?;
    found.normalized_value(XmlVersion::Implicit1_0).ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::{Aside, Hidden};

    #[test]
    fn hidden_rows_and_columns_are_found_however_they_are_written() {
        for sheet in [
            r#"<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="1"><c><v>1</v></c></row>
            <row r="2" hidden="1"><c><v>1</v></c><c><v>2</v></c></row><row r="3" hidden="1"><c s="1"/></row></sheetData></worksheet>"#,
            r#"<x:worksheet xmlns:x="urn:x"><x:cols><x:col hidden="true" max="3" min="2" /></x:cols><x:sheetData><x:row/>
            <x:row hidden="true"><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"#,
        ] {
            let found = Hidden::read(sheet.as_bytes()).unwrap();
            assert_eq!(found, Hidden { rows: vec![2], columns: vec![1..=2] }, "{sheet}");
        }
    }

    #[test]
    fn what_is_hidden_is_told_by_its_heading_where_it_is_read() {
        let hidden = Hidden { rows: vec![1, 3, 4], columns: vec![0..=1, 3..=9] };
        let aside = Aside { others: vec!["Leavers".into()], hidden };
        let header = ["email", "phone", "note", "salary", ""].map(str::to_owned);
        assert_eq!(
            aside.remarks(("p.xlsx", &header, 1), &|place| place != 3),
            [
                "`p.xlsx` has other sheets that were not read: `Leavers`; `--sheet` says which is",
                "hidden in `p.xlsx`, and read like the others: 2 rows, the columns `email`, `phone`",
            ]
        );
        assert!(Aside::default().remarks(("p.xlsx", &header, 1), &|_| true).is_empty());
    }
}
