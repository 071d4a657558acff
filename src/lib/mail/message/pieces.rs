//! What templates call: texts in the language of the reader, and how the text part is laid out.

use std::fmt::Write as _;
use std::sync::LazyLock;

use minijinja::value::{Kwargs, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, HtmlEscape, State};

use crate::i18n::{Catalogue, FluentValue, Language, Values};
use crate::text::width::{self, display_width};

pub(super) const ENGLISH: &str = include_str!("../text/en.ftl");
pub(super) const UKRAINIAN: &str = include_str!("../text/uk.ftl");

static TEXTS: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(ENGLISH, UKRAINIAN));

/// How many columns a line of the text part has.
const WIDTH: usize = 70;

/// Stands for a line end that is part of a text kept as it is, until the blank lines between pieces are tidied. No text
/// can hold it: control characters are refused.
const KEPT_LINE_END: char = '\u{1E}';

/// What a template may call, whatever it is rendered as.
pub(super) const FUNCTIONS: [&str; 4] = ["t", "range", "dict", "namespace"];

/// Adds what templates call. HTML has its pieces in a template alone.
pub(super) fn install(environment: &mut Environment<'_>) {
    environment.add_function("t", text);
    environment.add_filter("wrapped", wrapped);
    environment.add_filter("underlined", underlined);
    environment.add_filter("aligned", aligned);
    environment.add_filter("unbroken", unbroken);
    environment.add_filter("kept", |text: &str| {
        text.trim_end().replace('\n', KEPT_LINE_END.encode_utf8(&mut [0; 4]))
    });
}

/// `t("name", value=…)`: a text of the product.
fn text(state: &State<'_, '_>, name: &str, values: Kwargs) -> Result<String, Error> {
    let tag = state.lookup("language").unwrap_or_default();
    let language = tag.as_str().and_then(Language::of_tag).unwrap_or_default();
    let mut said = Values::default();
    let names: Vec<String> = values.args().map(str::to_owned).collect();
    for value in names {
        let given: Value = values.get(&value)?;
        let given = match (given.kind(), i64::try_from(given.clone())) {
            (ValueKind::Number, Ok(number)) => FluentValue::from(number),
            _ => FluentValue::from(given.to_string()),
        };
        said = said.with(value, given);
    }
    TEXTS.text(language, name, &said).ok_or_else(|| {
        Error::new(ErrorKind::InvalidOperation, format!("there is no text `{name}` with these values"))
    })
}

/// A paragraph in lines that are not too long.
fn wrapped(text: &str) -> String {
    width::wrapped(text, WIDTH).join("\n")
}

/// A heading and the line below it.
fn underlined(text: &str) -> String {
    let lines = width::wrapped(text, WIDTH);
    let longest = lines.iter().map(|line| display_width(line)).max().unwrap_or_default();
    format!("{}\n{}", lines.join("\n"), "=".repeat(longest))
}

/// A text as HTML, in which no email is broken at a hyphen as long as a telephone has room for it.
fn unbroken(text: &Value) -> Result<Value, Error> {
    /// The most characters of an email for which a telephone has room.
    const ROOM: usize = 36;
    if text.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = text.to_string();
    let mut html = String::with_capacity(text.len());
    for piece in text.split_inclusive(' ') {
        let escaped = HtmlEscape(piece);
        let is_kept = piece.contains('@') && piece.contains('-') && piece.chars().count() <= ROOM;
        let written = if is_kept {
            write!(html, "<span style=\"white-space:nowrap\">{escaped}</span>")
        } else {
            write!(html, "{escaped}")
        };
        written.map_err(|_| Error::from(ErrorKind::WriteFailure))?;
    }
    Ok(Value::from_safe_string(html))
}

/// Rows of a name and a value, the values below each other; one of no value is left out.
fn aligned(rows: Vec<Vec<Value>>) -> Result<String, Error> {
    let mut pairs = Vec::new();
    for row in rows {
        let Ok([name, value]) = <[Value; 2]>::try_from(row) else {
            return Err(Error::new(ErrorKind::InvalidOperation, "a row of facts has a name and a value"));
        };
        if name.is_undefined() || value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        if !value.is_none() {
            pairs.push((format!("{name}:"), value.to_string()));
        }
    }
    let longest = pairs.iter().map(|(name, _)| display_width(name)).max().unwrap_or_default();
    let lines = pairs.iter().map(|(name, value)| {
        let gap = " ".repeat(longest - display_width(name));
        let value = width::words(value).collect::<Vec<_>>().join(" ");
        format!("  {name}{gap} {value}")
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

/// The text part with one empty line between its pieces, and texts that are kept as they were.
pub(super) fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        // `-- ` begins the signature.
        let line = if line == "-- " { line } else { line.trim_end_matches([' ', '\t']) };
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 && !(line.is_empty() && tidy.is_empty()) {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.truncate(tidy.trim_end_matches('\n').len());
    tidy.push('\n');
    tidy.replace(KEPT_LINE_END, "\n")
}
