//! `secboard ad capture` and `secboard ad replay`.

use crate::cli::output::Stdout;
use crate::cli::{App, Outcome, stop};
use crate::context::Context;
use crate::directory::error::Error;
use crate::directory::sync::{self, Replay};
use crate::error::Result;
use crate::run::Engine;
use crate::run::cli::Plans;
use crate::tabular::{FileOrStream, Source};

/// The most bytes of a copy: that of a million people.
const MOST_READ: u64 = 1 << 30;

/// Writes a copy to standard output.
pub(super) fn capture(app: &App, name: &str) -> Result<()> {
    let mut cx = app.reader()?;
    cx.dry_run = true;
    let cancel = cx.cancel.clone();
    let _watch = stop::watch(&cancel);
    sync::capture(&cx, name, &mut Stdout::of_answer())
}

/// Follows a copy, and shows what that would do.
pub(super) fn replay(app: &App, file: &FileOrStream, engine: &mut Engine) -> Result<Outcome> {
    let bytes = Source::named(file).read(MOST_READ)?;
    // What is no text is no copy from its first line on.
    let text = String::from_utf8(bytes).map_err(|_| Error::BadCopy { line: 1 })?;
    let replay = Replay::of(&text, app.settings)?;
    let mut plans = Plans::begin(app)?;
    let synced = {
        let _watch = stop::watch(&replay.cx.cancel);
        let mut tell = |cx: &Context| plans.print(cx);
        sync::replay(&replay, engine, &mut tell)?
    };
    plans.finish()?;
    super::sync::tell(app, &replay.cx, &synced)
}
