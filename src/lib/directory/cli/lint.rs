//! `secboard ad lint`.

use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::directory::lint;
use crate::error::Result;
use crate::text::count::{counted, people};

record! {
    /// A finding as it is printed.
    FindingRow, table ["code", "subject", "words"] {
        /// What.
        code: &'static str,
        /// Of which entry there, or group here.
        subject: String,
        /// In words.
        words: String,
        /// What to do.
        advice: &'static str,
    }
}

/// Looks at a directory.
pub(super) fn run(app: &App, name: &str) -> Result<Outcome> {
    let linted = lint::run(&app.reader()?, name)?;
    let found = linted.found.len() as u64;
    let mut list = app.out.list::<FindingRow>()?;
    let mut advised = Vec::new();
    for finding in linted.found {
        let (code, advice) = (finding.fault.code(), finding.fault.advice());
        if !advised.contains(&(code, advice)) {
            advised.push((code, advice));
        }
        list.row(&FindingRow { code, subject: finding.subject, words: finding.words, advice })?;
    }
    list.finish()?;
    for (code, advice) in advised {
        app.out.say(&format!("{code}: {advice}"));
    }
    let findings = counted(&[(found, "finding", "findings")]);
    let findings = if findings.is_empty() { "nothing found" } else { &findings };
    app.done(&format!("looked at {} of `{}`: {findings}", people(linted.people), linted.connection));
    Ok(if found == 0 { Outcome::Done } else { Outcome::No })
}
