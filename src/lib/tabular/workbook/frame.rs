//! What stands around the rows of a workbook, made by the library.

use std::io::{Cursor, Read as _};

use rust_xlsxwriter::{Color, DocProperties, ExcelDateTime, Format, FormatAlign, Worksheet, XlsxError};
use zip::ZipArchive;

use super::{Column, ColumnKind, Fill};

/// How dates are shown; spreadsheet programs know it as ISO 8601 in every language.
const DATE: &str = "yyyy-mm-dd";

/// UTF-16 units of one cell (Excel specifications and limits).
const MAX_CELL: usize = 32_767;

/// The most characters that say how many names there is no room for.
const MORE: usize = 40;

/// The number of the paper A4 in a workbook (ECMA-376, 18.3.1.63).
const A4: u8 = 9;

/// A dark blue on which white is read at 7 : 1.
const HEADER: Color = Color::RGB(0x00_2f_55_80);

/// The height of a header, in points.
const HEADER_HEIGHT: f64 = 22.0;

/// What a character of a title takes when it is written upwards, in points.
const UPWARDS: f64 = 6.8;

/// What ends a row (ECMA-376, 18.3.1.73), …
const END_OF_ROW: &str = "</row>";

/// … and the rows of a sheet (ECMA-376, 18.3.1.80).
const END_OF_ROWS: &str = "</sheetData>";

/// The formats that every workbook has, by the numbers that cells name them by; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Date = 1,
    Tick,
    Title,
    TitleUpwards,
    Name,
    Value,
}

impl Style {
    const ALL: [Self; 6] = [Self::Date, Self::Tick, Self::Title, Self::TitleUpwards, Self::Name, Self::Value];

    /// The number of the format of cells in a column that have none of their own.
    pub(super) fn of_column(kind: ColumnKind) -> u32 {
        match kind {
            ColumnKind::Text => 0,
            ColumnKind::Date => Self::Date as u32,
            ColumnKind::Tick => Self::Tick as u32,
        }
    }

    /// The number of the format of a fill, by its place, for days or for anything else.
    pub(super) fn of_fill(place: u32, day: bool) -> u32 {
        1 + Self::Value as u32 + 2 * place + u32::from(day)
    }

    fn format(self) -> Format {
        let title = || Format::new().set_bold().set_font_color(Color::White).set_background_color(HEADER);
        match self {
            Self::Date => Format::new().set_num_format(DATE),
            // The names of several companies may need more lines.
            Self::Tick => Format::new().set_align(FormatAlign::Center).set_text_wrap(),
            Self::Title => title().set_align(FormatAlign::VerticalCenter),
            Self::TitleUpwards => title().set_rotation(90).set_align(FormatAlign::Center),
            Self::Name => Format::new().set_bold().set_align(FormatAlign::Top),
            Self::Value => Format::new().set_text_wrap(),
        }
    }
}

/// A table but for its rows.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) title: String,
    pub(super) columns: Vec<Column>,
    /// Columns that stay when one scrolls.
    pub(super) fixed: u16,
}

/// The name of a sheet in the archive, by the place of its tab from 1.
pub(super) fn sheet_name(number: usize) -> String {
    format!("xl/worksheets/sheet{number}.xml")
}

/// A workbook whose sheets have their headers only.
pub(super) struct Frame(rust_xlsxwriter::Workbook);

impl Frame {
    pub(super) fn new(created: jiff::Timestamp, fills: &[Fill]) -> Result<Self, XlsxError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let created = ExcelDateTime::from_timestamp(created.as_second())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        // The library numbers formats that differ as they are first used, in whichever sheet; this one is thrown away.
        let mut first = book.new_worksheet_with_constant_memory()?;
        let fixed = Style::ALL.into_iter().map(Style::format);
        let fills = fills.iter().flat_map(|fill| {
            let plain = Format::new()
                .set_background_color(Color::RGB(fill.background))
                .set_font_color(Color::RGB(fill.font));
            [plain.clone(), plain.set_num_format(DATE)]
        });
        for (row, format) in (0..).zip(fixed.chain(fills)) {
            first.write_blank(row, 0, &format)?;
        }
        Ok(Self(book))
    }

    /// Adds a sheet with a header, to be followed by so many rows: they decide what the filter spans.
    pub(super) fn table(&mut self, layout: &Layout, rows: u32) -> Result<(), XlsxError> {
        let sheet = self.0.add_worksheet_with_constant_memory()?;
        sheet.set_name(&layout.title)?;
        sheet.set_freeze_panes(1, layout.fixed)?;
        print_on_a4(sheet);
        sheet.set_repeat_rows(0, 0)?;
        sheet.set_footer("&L&A&RPage &P of &N");
        if let Some(last) = layout.columns.len().checked_sub(1).and_then(|last| u16::try_from(last).ok()) {
            sheet.autofilter(0, 0, rows, last)?;
        }
        write_header(sheet, &layout.columns)
    }

    /// Adds a sheet of names and values.
    pub(super) fn info(&mut self, title: &str, lines: &[(String, String)]) -> Result<(), XlsxError> {
        let sheet = self.0.add_worksheet_with_constant_memory()?;
        sheet.set_name(title)?;
        sheet.set_column_width(0, 24)?;
        sheet.set_column_width(1, 80)?;
        print_on_a4(sheet);
        for (row, (name, value)) in (0..).zip(lines) {
            sheet.write_string_with_format(row, 0, cut(name), &Style::Name.format())?;
            sheet.write_string_with_format(row, 1, cut(value), &Style::Value.format())?;
        }
        Ok(())
    }

    pub(super) fn save(mut self) -> Result<Vec<u8>, XlsxError> {
        self.0.save_to_buffer()
    }
}

/// On paper as on the screen: all columns on a page.
fn print_on_a4(sheet: &mut Worksheet) {
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
}

/// What stands in a sheet before its rows, the header among it, and what stands after so many of them.
pub(super) fn around(layout: &Layout, rows: u32) -> Result<(String, String), XlsxError> {
    let mut frame = Frame::new(jiff::Timestamp::UNIX_EPOCH, &[])?;
    frame.table(layout, rows)?;
    let mut archive = ZipArchive::new(Cursor::new(frame.save()?)).map_err(std::io::Error::from)?;
    let mut sheet = String::new();
    archive.by_name(&sheet_name(1)).map_err(std::io::Error::from)?.read_to_string(&mut sheet)?;
    // After the header the library may write an empty row of the same number.
    let parts = sheet.split_once(END_OF_ROW).zip(sheet.rsplit_once(END_OF_ROWS));
    let no_header = || XlsxError::ParameterError("a sheet without a header".into());
    let ((before, _), (_, after)) = parts.ok_or_else(no_header)?;
    // The only sheet of a workbook is the selected one; of several sheets, a reader selects the first.
    let before = without_dimension(before).replace(" tabSelected=\"1\"", "");
    Ok((before + END_OF_ROW, format!("{END_OF_ROWS}{after}")))
}

/// A sheet need not say how large it is (ECMA-376, 18.3.1.35), and is not known to be when it begins.
fn without_dimension(sheet: &str) -> String {
    let cut =
        sheet.split_once("<dimension ").and_then(|(before, rest)| Some((before, rest.split_once("/>")?.1)));
    cut.map_or_else(|| sheet.to_owned(), |(before, after)| format!("{before}{after}"))
}

fn write_header(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    sheet.set_row_height(0, header_height(columns))?;
    for (index, column) in (0..).zip(columns) {
        sheet.set_column_width(index, column.width)?;
        let (own, title) = match column.kind {
            ColumnKind::Text => (None, Style::Title),
            ColumnKind::Date => (Some(Style::Date), Style::Title),
            ColumnKind::Tick => (Some(Style::Tick), Style::TitleUpwards),
        };
        if let Some(own) = own {
            sheet.set_column_format(index, &own.format())?;
        }
        sheet.write_string_with_format(0, index, &*column.title, &title.format())?;
    }
    Ok(())
}

/// High enough for the longest title that is written upwards and the button of the filter below it, in points.
fn header_height(columns: &[Column]) -> f64 {
    let upwards = columns.iter().filter(|column| column.kind == ColumnKind::Tick);
    let longest = upwards.map(|column| u32::try_from(column.title.chars().count()).unwrap_or(0)).max();
    longest.map_or(HEADER_HEIGHT, |characters| f64::from(characters) * UPWARDS + HEADER_HEIGHT)
}

/// Names in one cell, between them what is asked for; those for which there is no room are counted.
pub(crate) fn in_one_cell<S: AsRef<str>>(names: &[S], between: &str) -> String {
    let units = |text: &str| text.encode_utf16().count();
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let whole = names.iter().map(|name| units(name) + units(between)).sum::<usize>();
    if whole <= MAX_CELL {
        return names.join(between);
    }
    let room = MAX_CELL - MORE - units(between);
    let mut taken = 0;
    let fitting = names.iter().take_while(|name| {
        taken += units(name) + units(between);
        taken <= room
    });
    let fitting = fitting.count();
    let shown = names.get(..fitting).unwrap_or_default().join(between);
    format!("{shown}{between}… and {} more", names.len() - fitting)
}

/// As much of a text as a cell holds.
pub(super) fn cut(text: &str) -> &str {
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
