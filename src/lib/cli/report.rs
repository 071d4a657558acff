//! How an error is told: what, why, what to do next, on standard error; as one object for programs.

use std::ffi::OsString;
use std::io::{self, Write as _};

use serde_json::{Value, json};

use super::filter::EmptyFilter;
use super::output::{self, Format};
use super::{Clocks, StoreFlags};
use crate::config;
use crate::error::{Explain, Failure, Kind};
use crate::tabular::file::OutputError;
use crate::text::character::is_driving;
use crate::text::shell::word;
use crate::text::width::{sanitize_for_terminal as line, sanitize_json, sanitize_lines};

/// Rows of bad input shown to a person; the rest is counted.
const ROWS_SHOWN: usize = 20;

/// Prints an error and returns its exit code. A list whose reader went away is silence and success.
pub(crate) fn report(failure: &Failure, format: Format, flags: &StoreFlags, clocks: &Clocks) -> u8 {
    let is_closed = matches!(failure.get(), Some(output::Error::Closed))
        || matches!(failure.get(), Some(OutputError::Closed { .. }));
    if is_closed {
        return 0;
    }
    let text = match format {
        Format::Json | Format::Jsonl => format!("{}\n", sanitize_json(&object(failure, flags).to_string())),
        Format::Table | Format::Csv => clocks.in_text(&sentences(failure, flags)).into_owned(),
    };
    io::stderr().write_all(text.as_bytes()).ok();
    failure.kind().exit_code()
}

/// Prints an error of a command line that named no store yet.
pub(crate) fn plain(failure: &Failure, format: Format) -> u8 {
    report(failure, format, &StoreFlags::default(), &Clocks::default())
}

fn object(failure: &Failure, flags: &StoreFlags) -> Value {
    let explain = failure.explain();
    let mut rows = explain.rows().to_vec();
    for advice in rows.iter_mut().filter_map(|row| row.advice.as_mut()) {
        *advice = flags.in_hint(advice).into_owned();
    }
    let mut error = json!({
        "code": explain.code(),
        "kind": explain.kind().name(),
        "message": explain.to_string(),
        "causes": failure.causes(),
        "command": command_of(explain, flags),
        "advice": advice_of(explain, flags),
        "exit": explain.kind().exit_code(),
        "rows": rows,
    });
    let others = explain.others();
    if !others.is_empty() {
        let other = |other: &&dyn Explain| {
            json!({
                "code": other.code(),
                "message": other.to_string(),
                "command": command_of(*other, flags),
                "advice": advice_of(*other, flags),
            })
        };
        let others = others.iter().map(other).collect();
        error.as_object_mut().map(|error| error.insert("others".to_owned(), others));
    }
    json!({ "error": error })
}

fn command_of(explain: &dyn Explain, flags: &StoreFlags) -> Option<String> {
    explain.command().map(|command| flags.in_command(&command).into_owned())
}

fn advice_of(explain: &dyn Explain, flags: &StoreFlags) -> Option<String> {
    explain.advice().map(|advice| flags.in_text(&advice).into_owned())
}

fn sentences(failure: &Failure, flags: &StoreFlags) -> String {
    use std::fmt::Write as _;
    let explain = failure.explain();
    let mut text = format!("error: {}\n", line(&explain.to_string()));
    for cause in failure.causes() {
        writeln!(text, "  because: {}", cause.trim_end()).ok();
    }
    for row in explain.rows().iter().take(ROWS_SHOWN) {
        let column = if row.column.is_empty() { String::new() } else { format!(", `{}`", row.column) };
        let is_told = row.value.is_empty() || row.is_sentence;
        let value = if is_told { String::new() } else { format!(" `{}`", row.value) };
        let told = format!("{}:{}{column}:{value} {}", row.file, row.line, row.reason);
        writeln!(text, "  {}", line(&told)).ok();
        if let Some(advice) = &row.advice {
            writeln!(text, "      {}", line(&flags.in_hint(advice))).ok();
        }
    }
    let hint = |text: &mut String, explain: &dyn Explain| {
        if let Some(hint) = explain.hint() {
            writeln!(text, "hint: {}", line(&flags.in_text(&hint))).ok();
        }
    };
    hint(&mut text, explain);
    if config::was_root() && failure.causes().iter().any(|cause| cause.contains("ermission denied")) {
        text.push_str("hint: root works as whom the store belongs to, who must be able to read and write what you name\n");
    }
    for other in explain.others() {
        writeln!(text, "error: {}", line(&other.to_string())).ok();
        hint(&mut text, other);
    }
    sanitize_lines(&text)
}

/// Prints help, version or what is wrong with the command line; returns the exit code.
///
/// A noun alone lists its verbs and is no error of the person's, yet nothing was done, so it ends with 2 like any
/// incomplete command.
pub(crate) fn usage(error: &clap::Error, arguments: &[OsString]) -> u8 {
    use clap::error::ErrorKind;
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = error.render();
        let color = output::wants_color(output::ColorChoice::Auto);
        let written = output::text(&if color { text.ansi().to_string() } else { text.to_string() });
        return written.map_or_else(|failure| plain(&failure, Format::Table), |()| 0);
    }
    if let Some(empty) = EmptyFilter::of(error) {
        let format = if wants_json(arguments) { Format::Json } else { Format::Table };
        return plain(&empty.into(), format);
    }
    if wants_json(arguments) {
        let (message, advice) = message_and_advice(&error.render().to_string());
        let object = json!({ "error": {
            "code": "usage",
            "kind": Kind::Usage.name(),
            "message": message,
            "causes": [],
            "command": null,
            "advice": Some(advice).filter(|advice| !advice.is_empty()),
            "exit": Kind::Usage.exit_code(),
            "rows": [],
        }});
        writeln!(io::stderr(), "{}", sanitize_json(&object.to_string())).ok();
    } else if arguments.iter().any(|argument| argument.to_string_lossy().contains(is_driving)) {
        // The parser repeats what was typed as it is; without its colours all of it can be made harmless.
        io::stderr().write_all(sanitize_lines(&error.render().to_string()).as_bytes()).ok();
    } else {
        error.print().ok();
    }
    Kind::Usage.exit_code()
}

/// What is wrong, with what it lists below, in one line; and in another, what stands behind the first empty line.
fn message_and_advice(text: &str) -> (String, String) {
    let (wrong, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let mut lines = wrong.lines().map(str::trim);
    let first = lines.next().unwrap_or_default().trim_start_matches("error: ");
    let listed: Vec<&str> = lines.collect();
    let advice: Vec<&str> = rest.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (format!("{first} {}", listed.join(", ")).trim_end().to_owned(), advice.join(" "))
}

/// The same error, saying which flag an email needs that was typed where the command takes none.
pub(crate) fn with_tip(mut error: clap::Error, root: &clap::Command, arguments: &[OsString]) -> clap::Error {
    use clap::error::{ContextKind, ContextValue};
    let typed = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(typed)) if typed.contains('@') && !typed.starts_with('-') => {
            word(typed).into_owned()
        }
        _ => return error,
    };
    let words = arguments.iter().filter_map(|argument| argument.to_str());
    let command = words.fold(root, |command, word| command.find_subcommand(word).unwrap_or(command));
    if command.get_arguments().any(|argument| argument.get_long() == Some("email")) {
        let tip = format!("write it as `--email {typed}`").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

/// Whether a command line that did not parse asked for JSON.
fn wants_json(arguments: &[OsString]) -> bool {
    let words: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let is_json = |word: &str| word == "json" || word == "jsonl";
    words.windows(2).any(|pair| matches!(pair, ["-o" | "--format", value] if is_json(value)))
        || words.iter().any(|word| {
            word.strip_prefix("--format=").or_else(|| word.strip_prefix("-o")).is_some_and(is_json)
        })
}

#[cfg(test)]
mod tests {
    use super::message_and_advice;

    #[test]
    fn what_is_missing_belongs_to_the_message() {
        let text = "error: the following required arguments were not provided:\n  --company <COMPANY>\n  <NAME>\n\n\
                    Usage: secboard position create --company <COMPANY> <NAME>\n\nFor more information, try '--help'.\n";
        assert_eq!(
            message_and_advice(text),
            (
                "the following required arguments were not provided: --company <COMPANY>, <NAME>".to_owned(),
                "Usage: secboard position create --company <COMPANY> <NAME> For more information, try '--help'."
                    .to_owned()
            )
        );
        assert_eq!(message_and_advice("error: no\n"), ("no".to_owned(), String::new()));
    }
}
