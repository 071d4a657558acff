//! Workbooks for people: a table of typed cells with a fixed, filterable header, rows filled with a colour, and a
//! sheet that says where it all came from. Several tables can grow at the same time, each on its sheet.
//!
//! Rows go to a temporary file as they come (constant memory), so a workbook of any size needs little. Text is always
//! written as text, so that nothing in it is ever run as a formula. Fills are static formats of the cells, which every
//! viewer shows, as opposed to conditional ones.

use std::collections::HashMap;
use std::error::Error;
use std::io;

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, Worksheet, XlsxError};

use super::file::{Output, OutputError};

/// Rows of one sheet, the header included (Excel specifications and limits).
const MAX_ROWS: u32 = 1_048_576;

/// UTF-16 units of one cell (Excel specifications and limits).
const MAX_CELL: usize = 32_767;

/// How dates are shown; spreadsheet programs know it as ISO 8601 in every language.
const DATE: &str = "yyyy-mm-dd";

/// Fills of one workbook. Excel opens no workbook with more than some 65,000 cell formats, of which a fill takes two;
/// rows of further colours stay without one.
const MAX_FILLS: usize = 30_000;

/// The library panics when its temporary file cannot grow, so as much room must be left …
const ROOM: u64 = 1 << 20;

/// … whenever about so many bytes were written since it was looked at.
const ROOM_CHECKED_EVERY: usize = 1 << 16;

/// The most that a cell adds beside its text, and that an escaped character becomes (`&quot;`), in bytes.
const CELL_OVERHEAD: usize = 80;
const LONGEST_ESCAPE: usize = 6;

/// The number of the paper A4 in a workbook (ECMA-376, 18.3.1.63).
const A4: u8 = 9;

/// A dark blue on which white is read at 7 : 1.
const HEADER: Color = Color::RGB(0x00_2f_55_80);

/// The height of a header, in points.
const HEADER_HEIGHT: f64 = 22.0;

/// The width of a column of ticks, in characters.
const TICK_WIDTH: f64 = 12.0;

/// Characters of a line in such a column, words being kept whole.
const TICK_LINE: usize = 10;

/// The height of a line, in points, …
const LINE_HEIGHT: f64 = 15.0;

/// … and the most that a row has of them.
const MAX_LINES: u32 = 10;

/// Rows of one workbook that are higher than a line: the library keeps each height in memory to the end. Further rows
/// show their first line; spreadsheet programs can fit them.
const MAX_HIGH_ROWS: usize = 50_000;

/// What a character of a title takes when it is written upwards, in points.
const UPWARDS: f64 = 6.8;

/// Half the time of the default level 6 for files larger by a fortieth.
const COMPRESSION: u8 = 4;

/// What the cells of a column are; cells typed in later by hand take after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Date,
    /// A tick or a few words, in the middle, below a title that is written upwards.
    Tick,
}

impl ColumnKind {
    /// How the cells look that have no format of their own.
    fn format(self) -> Option<Format> {
        match self {
            Self::Text => None,
            Self::Date => Some(Format::new().set_num_format(DATE)),
            // The names of several companies may need more lines.
            Self::Tick => Some(Format::new().set_align(FormatAlign::Center).set_text_wrap()),
        }
    }
}

/// A column of a sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Column {
    /// What the header says.
    pub(crate) title: &'static str,
    /// In characters of the standard font.
    pub(crate) width: f64,
    pub(crate) kind: ColumnKind,
}

impl Column {
    /// A column of text.
    pub(crate) const fn text(title: &'static str, width: f64) -> Self {
        Self { title, width, kind: ColumnKind::Text }
    }

    /// A column of days.
    pub(crate) const fn date(title: &'static str) -> Self {
        Self { title, width: 13.0, kind: ColumnKind::Date }
    }

    /// A narrow column of ticks.
    pub(crate) const fn tick(title: &'static str) -> Self {
        Self { title, width: TICK_WIDTH, kind: ColumnKind::Tick }
    }
}

/// The colours of a row, as 0xRRGGBB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fill {
    pub(crate) background: u32,
    /// The text, to be chosen readable on the background.
    pub(crate) font: u32,
}

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CellValue<'a> {
    Empty,
    /// Never a formula, whatever it begins with. What a cell cannot hold is cut off.
    Text(&'a str),
    /// In a column of dates.
    Date(jiff::civil::Date),
    Number(i32),
}

impl CellValue<'_> {
    /// As many bytes of the workbook as the cell can take.
    fn most_bytes(&self) -> usize {
        let text = if let Self::Text(text) = self { text.len().min(MAX_CELL * 3) } else { 0 };
        CELL_OVERHEAD + text * LONGEST_ESCAPE
    }
}

/// The formats of the cells of one fill.
struct Formats {
    plain: Format,
    date: Format,
}

impl From<Fill> for Formats {
    fn from(fill: Fill) -> Self {
        let plain = Format::new()
            .set_background_color(Color::RGB(fill.background))
            .set_font_color(Color::RGB(fill.font));
        Self { date: plain.clone().set_num_format(DATE), plain }
    }
}

/// A workbook in the making.
pub(crate) struct Workbook {
    book: rust_xlsxwriter::Workbook,
    output: Output,
    sheets: usize,
    /// Rows that were made higher than a line.
    high_rows: usize,
    /// Bytes written, at most, since the room was looked at.
    unchecked: usize,
    /// Each format is made once, as there are few and cells are many.
    formats: HashMap<Fill, Formats>,
}

impl Workbook {
    /// Begins a workbook that says it was made at `created`; nothing appears at `output` before
    /// [`Workbook::finish`].
    pub(crate) fn create(output: Output, created: jiff::Timestamp) -> Result<Self, OutputError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_zip_compression_level(COMPRESSION);
        match ExcelDateTime::from_timestamp(created.as_second()) {
            Ok(created) => book.set_properties(&DocProperties::new().set_creation_datetime(&created)),
            Err(error) => return Err(failed(&output, error)),
        };
        if let Some(directory) = output.directory()
            && let Err(error) = book.set_tempdir(directory)
        {
            return Err(failed(&output, error));
        }
        Ok(Self { book, output, sheets: 0, high_rows: 0, unchecked: 0, formats: HashMap::new() })
    }

    /// Begins a sheet of rows whose first `fixed` columns stay where they are when one scrolls. Rows beyond what a sheet
    /// can hold go to further sheets: `Users 2`, `Users 3`, ….
    pub(crate) fn sheet(
        &mut self,
        title: &str,
        columns: &[Column],
        fixed: u16,
    ) -> Result<Sheet, OutputError> {
        let columns = columns.to_vec();
        let mut sheet =
            Sheet { title: title.into(), columns, fixed, index: 0, parts: 0, next: 0, limit: MAX_ROWS };
        sheet.begin(self)?;
        Ok(sheet)
    }

    /// A sheet of names and values, such as when and by whom the workbook was made.
    pub(crate) fn info_sheet(&mut self, title: &str, lines: &[(String, String)]) -> Result<(), OutputError> {
        let written = self.book.add_worksheet_with_constant_memory().and_then(|sheet| {
            sheet.set_name(title)?;
            sheet.set_column_width(0, 24)?;
            sheet.set_column_width(1, 80)?;
            sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
            let bold = Format::new().set_bold().set_align(FormatAlign::Top);
            let wrapped = Format::new().set_text_wrap();
            for (row, (key, value)) in (0..).zip(lines) {
                sheet.write_string_with_format(row, 0, cut(key), &bold)?;
                sheet.write_string_with_format(row, 1, cut(value), &wrapped)?;
            }
            Ok(())
        });
        written.map_err(|error| failed(&self.output, error))?;
        self.sheets += 1;
        Ok(())
    }

    /// Writes the workbook to its output, where it appears complete.
    pub(crate) fn finish(mut self) -> Result<(), OutputError> {
        self.check_room()?;
        if let Err(error) = self.book.save_to_writer(&mut self.output) {
            return Err(failed(&self.output, error));
        }
        self.output.commit()
    }

    /// Fails when the temporary file may not be able to take what comes.
    fn check_room(&self) -> Result<(), OutputError> {
        let temporary = std::env::temp_dir();
        let directory = self.output.directory().unwrap_or(&temporary);
        // Where nothing is said of the room, writing has to show it.
        let Ok(room) = rustix::fs::statvfs(directory) else { return Ok(()) };
        if room.f_bavail.saturating_mul(room.f_frsize) < ROOM {
            return Err(self.output.failed(io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }
}

/// A sheet in the making; its rows are written in order, also when other sheets get theirs in between.
pub(crate) struct Sheet {
    title: String,
    columns: Vec<Column>,
    /// Columns that stay when one scrolls.
    fixed: u16,
    /// The place of the sheet at hand in the workbook.
    index: usize,
    /// Sheets begun for this table.
    parts: usize,
    next: u32,
    limit: u32,
}

impl Sheet {
    /// Writes one row, from the first column on.
    pub(crate) fn row(
        &mut self,
        workbook: &mut Workbook,
        fill: Option<Fill>,
        cells: &[CellValue<'_>],
    ) -> Result<(), OutputError> {
        if self.next == self.limit {
            self.close(workbook)?;
            self.begin(workbook)?;
        }
        workbook.unchecked += cells.iter().map(CellValue::most_bytes).sum::<usize>();
        if workbook.unchecked >= ROOM_CHECKED_EVERY {
            workbook.check_room()?;
            workbook.unchecked = 0;
        }
        let Workbook { book, output, formats, high_rows, .. } = workbook;
        let fill = fill.filter(|fill| formats.len() < MAX_FILLS || formats.contains_key(fill));
        let formats = fill.map(|fill| &*formats.entry(fill).or_insert_with(|| fill.into()));
        let lines = self.lines(cells);
        let written = book.worksheet_from_index(self.index).and_then(|sheet| {
            if lines > 1 && *high_rows < MAX_HIGH_ROWS {
                *high_rows += 1;
                sheet.set_row_height(self.next, f64::from(lines) * LINE_HEIGHT)?;
            }
            (0..).zip(cells).try_for_each(|(column, cell)| match formats {
                None => write_plain(sheet, (self.next, column), *cell),
                Some(formats) => write_filled(sheet, (self.next, column), *cell, formats),
            })
        });
        written.map_err(|error| failed(output, error))?;
        self.next += 1;
        Ok(())
    }

    /// How many lines the names below titles written upwards need.
    fn lines(&self, cells: &[CellValue<'_>]) -> u32 {
        let narrow = self.columns.iter().zip(cells).filter(|(column, _)| column.kind == ColumnKind::Tick);
        let lines = narrow.map(|(_, cell)| match cell {
            CellValue::Text(text) if text.len() > TICK_LINE => text.chars().count().div_ceil(TICK_LINE),
            _ => 1,
        });
        lines.max().and_then(|lines| u32::try_from(lines).ok()).unwrap_or(1).min(MAX_LINES)
    }

    /// Ends the sheet.
    pub(crate) fn finish(self, workbook: &mut Workbook) -> Result<(), OutputError> {
        self.close(workbook)
    }

    fn begin(&mut self, workbook: &mut Workbook) -> Result<(), OutputError> {
        self.parts += 1;
        let title =
            if self.parts == 1 { self.title.clone() } else { format!("{} {}", self.title, self.parts) };
        let Workbook { book, output, sheets, .. } = workbook;
        let written = book.add_worksheet_with_constant_memory().and_then(|sheet| {
            sheet.set_name(title)?;
            sheet.set_freeze_panes(1, self.fixed)?;
            // On paper as on the screen: all columns on a page, the header on every page.
            sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
            sheet.set_footer("&L&A&RPage &P of &N");
            write_header(sheet, &self.columns)
        });
        written.map_err(|error| failed(output, error))?;
        self.index = *sheets;
        *sheets += 1;
        self.next = 1;
        Ok(())
    }

    /// The filter spans the rows that were written, which are known only now.
    fn close(&self, workbook: &mut Workbook) -> Result<(), OutputError> {
        let Some(last_column) = self.columns.len().checked_sub(1).and_then(|last| u16::try_from(last).ok())
        else {
            return Ok(());
        };
        let Workbook { book, output, .. } = workbook;
        let filtered = book
            .worksheet_from_index(self.index)
            .and_then(|sheet| sheet.autofilter(0, 0, self.next.saturating_sub(1), last_column).map(|_| ()));
        filtered.map_err(|error| failed(output, error))
    }
}

fn write_header(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_font_color(Color::White).set_background_color(HEADER);
    let upwards = bold.clone().set_rotation(90).set_align(FormatAlign::Center);
    let bold = bold.set_align(FormatAlign::VerticalCenter);
    sheet.set_row_height(0, header_height(columns))?;
    for (index, column) in (0..).zip(columns) {
        sheet.set_column_width(index, column.width)?;
        if let Some(format) = column.kind.format() {
            sheet.set_column_format(index, &format)?;
        }
        let format = if column.kind == ColumnKind::Tick { &upwards } else { &bold };
        sheet.write_string_with_format(0, index, column.title, format)?;
    }
    Ok(())
}

/// High enough for the longest title that is written upwards and the button of the filter below it, in points.
fn header_height(columns: &[Column]) -> f64 {
    let upwards = columns.iter().filter(|column| column.kind == ColumnKind::Tick);
    let longest = upwards.map(|column| u32::try_from(column.title.chars().count()).unwrap_or(0)).max();
    longest.map_or(HEADER_HEIGHT, |characters| f64::from(characters) * UPWARDS + HEADER_HEIGHT)
}

/// Writes a cell of a row without a fill. The library looks a format up by hashing all of it, so cells have none: a date
/// takes after its column, which is one of dates.
fn write_plain(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: CellValue<'_>,
) -> Result<(), XlsxError> {
    match cell {
        CellValue::Empty => {}
        CellValue::Text(text) => drop(sheet.write_string(row, column, cut(text))?),
        CellValue::Date(date) => match serial(date) {
            Some(serial) => drop(sheet.write_number(row, column, serial)?),
            None => drop(sheet.write_string(row, column, date.to_string())?),
        },
        CellValue::Number(number) => drop(sheet.write_number(row, column, number)?),
    }
    Ok(())
}

/// Writes a cell of a row with a fill, which empty cells have too.
fn write_filled(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: CellValue<'_>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    match cell {
        CellValue::Empty => sheet.write_blank(row, column, &formats.plain)?,
        CellValue::Text(text) => sheet.write_string_with_format(row, column, cut(text), &formats.plain)?,
        CellValue::Date(date) => match serial(date) {
            Some(serial) => sheet.write_number_with_format(row, column, serial, &formats.date)?,
            None => sheet.write_string_with_format(row, column, date.to_string(), &formats.plain)?,
        },
        CellValue::Number(number) => sheet.write_number_with_format(row, column, number, &formats.plain)?,
    };
    Ok(())
}

/// The day number of a date, counted from 1899-12-30. Before 1900-03-01 spreadsheet programs disagree on it, because
/// Excel knows a 29 February 1900; such dates have none.
fn serial(date: jiff::civil::Date) -> Option<f64> {
    let days = date.since(jiff::civil::date(1899, 12, 30)).ok()?.get_days();
    (days > 60).then(|| f64::from(days))
}

/// As much of a text as a cell holds.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_CELL {
        return text;
    }
    let mut units = 0;
    let end = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        units > MAX_CELL
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn failed(output: &Output, error: XlsxError) -> OutputError {
    if let XlsxError::IoError(source) = error {
        return output.failed(source);
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(reason) = inner.downcast_ref::<io::Error>() {
            // An `io::Error` cannot be cloned, and its code says all there is.
            let source = reason.raw_os_error().map_or(reason.kind().into(), io::Error::from_raw_os_error);
            return output.failed(source);
        }
        cause = inner.source();
    }
    OutputError::Workbook { file: output.name().into(), source: error }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use calamine::{Data, Reader, Xlsx, open_workbook};
    use jiff::Timestamp;
    use jiff::civil::date;

    use super::{CellValue, Column, Fill, Workbook, cut, serial};
    use crate::tabular::file::Output;

    const COLUMNS: [Column; 2] = [Column::text("Name", 30.0), Column::date("Start Date")];

    fn begin(path: &Path) -> Workbook {
        Workbook::create(Output::create(path).unwrap(), Timestamp::UNIX_EPOCH).unwrap()
    }

    fn read(path: &Path, sheet: &str) -> Vec<Vec<Data>> {
        let mut book: Xlsx<_> = open_workbook(path).unwrap();
        book.worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
    }

    #[test]
    fn a_workbook_reads_back_with_typed_cells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.xlsx");
        let mut book = begin(&path);
        let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
        let fill = Some(Fill { background: 0x00_ff_cc_00, font: 0 });
        let row = [CellValue::Text("Анна"), CellValue::Date(date(2024, 2, 29))];
        sheet.row(&mut book, fill, &row).unwrap();
        sheet.row(&mut book, None, &[CellValue::Empty, CellValue::Date(date(2024, 3, 1))]).unwrap();
        sheet.finish(&mut book).unwrap();
        book.info_sheet("About", &[("By".into(), "admin".into())]).unwrap();
        book.finish().unwrap();

        let rows = read(&path, "Users");
        assert_eq!(rows[0][1], Data::String("Start Date".into()));
        assert_eq!(rows[1][0], Data::String("Анна".into()));
        let Data::DateTime(start) = &rows[1][1] else { panic!("not a date: {:?}", rows[1][1]) };
        assert_eq!(start.to_ymd_hms_milli(), (2024, 2, 29, 0, 0, 0, 0));
        assert_eq!(read(&path, "About")[0][1], Data::String("admin".into()));
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "no temporary file is left: {left:?}");
    }

    #[test]
    fn a5_text_that_looks_like_a_formula_is_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.xlsx");
        let mut book = begin(&path);
        let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
        let risky = ["=1+1", "+380671234567", "-1", "@SUM(A1)", "\tx", "{=1}", "https://a.example"];
        for text in risky {
            sheet.row(&mut book, None, &[CellValue::Text(text)]).unwrap();
        }
        sheet.finish(&mut book).unwrap();
        book.finish().unwrap();
        let read: Vec<_> = read(&path, "Users").into_iter().skip(1).map(|row| row[0].clone()).collect();
        assert_eq!(read, risky.map(|text| Data::String(text.into())));
        let mut book: Xlsx<_> = open_workbook(&path).unwrap();
        assert!(book.worksheet_formula("Users").unwrap().is_empty());
    }

    #[test]
    fn rows_beyond_a_sheet_go_to_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.xlsx");
        let mut book = begin(&path);
        let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
        sheet.limit = 3;
        for name in ["a", "b", "c", "d", "e"] {
            sheet.row(&mut book, None, &[CellValue::Text(name)]).unwrap();
        }
        sheet.finish(&mut book).unwrap();
        book.info_sheet("About", &[("By".into(), "admin".into())]).unwrap();
        book.finish().unwrap();
        assert_eq!(read(&path, "Users").len(), 3);
        assert_eq!(read(&path, "Users 2")[2][0], Data::String("d".into()));
        assert_eq!(read(&path, "Users 3")[1][0], Data::String("e".into()));
    }

    #[test]
    fn tables_grow_side_by_side() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.xlsx");
        let mut book = begin(&path);
        let mut sheets: Vec<_> = (0..40)
            .map(|number| book.sheet(&format!("Sheet {number}"), &[Column::tick("a")], 1).unwrap())
            .collect();
        for row in ["first", "second"] {
            for sheet in &mut sheets {
                sheet.row(&mut book, None, &[CellValue::Text(row)]).unwrap();
            }
        }
        for sheet in sheets {
            sheet.finish(&mut book).unwrap();
        }
        book.finish().unwrap();
        for sheet in ["Sheet 0", "Sheet 39"] {
            let rows = read(&path, sheet);
            let cells = rows.iter().map(|row| row[0].to_string()).collect::<Vec<_>>();
            assert_eq!(cells, ["a", "first", "second"]);
        }
    }

    #[test]
    fn dates_before_spreadsheets_agree_stay_text() {
        assert_eq!(serial(date(1900, 3, 1)), Some(61.0));
        assert_eq!(serial(date(1900, 2, 28)), None);
    }

    #[test]
    fn the_same_rows_make_the_same_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let made = ["a.xlsx", "b.xlsx"].map(|name| {
            let path = folder.path().join(name);
            let mut book = begin(&path);
            let mut sheet = book.sheet("Users", &COLUMNS, 0).unwrap();
            sheet
                .row(
                    &mut book,
                    Some(Fill { background: 1, font: 2 }),
                    &[CellValue::Text("a"), CellValue::Empty],
                )
                .unwrap();
            sheet.finish(&mut book).unwrap();
            book.finish().unwrap();
            std::fs::read(path).unwrap()
        });
        assert_eq!(made[0], made[1]);
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_between_characters() {
        let long = "😀".repeat(20_000);
        assert_eq!(cut(&long).encode_utf16().count(), 32_766);
        assert_eq!(cut("short"), "short");
    }
}
