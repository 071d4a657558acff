//! Progress of work that can last over a second: a bar on a terminal, nothing elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::App;
use crate::store::stops::starting_a_writer;

/// A bar on standard error; does nothing where there is no terminal to draw it on.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Starts a counter of rows under a word such as `reading`.
    pub(crate) fn rows(app: &App, word: &'static str) -> Self {
        if app.globals.quiet || !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {human_pos} rows, {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(word);
        starting_a_writer(|| bar.enable_steady_tick(Duration::from_millis(200)));
        Self { bar }
    }

    /// Counts to `rows`.
    pub(crate) fn at(&self, rows: u64) {
        self.bar.set_position(rows);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
