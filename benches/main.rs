//! How fast secboard is: each figure beside a peer or a limit, in the same run.
//!
//! `cargo bench` measures with 1,000, 10,000 and 100,000 people; `cargo bench -- --people 1000000` with so many. Stores
//! are made once by `user import` and kept in `target/bench`. Without optimisation (`cargo test --benches`), or with
//! `--quick`, everything runs once with 1,000 people: a smoke test, whose figures mean nothing.
//!
//! The table is Markdown, to be pasted into `docs/performance.md`, which says how to read it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_possible_truncation,
    reason = "a bench ends by panicking, prints its table, reads the clock; its figures are no money"
)]

mod access;
#[path = "../tests/browser/mod.rs"]
#[expect(dead_code, clippy::panic, reason = "a bench needs less of it than tests do, and ends by panicking")]
mod browser;
mod daemon;
mod mails;
mod measure;
mod peers;
mod people;
#[path = "../tests/live/program.rs"]
mod program;
mod rows;
mod site;

use measure::Table;
use site::Site;

/// How often each side runs; medians are taken.
const ROUNDS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let quick = has("--quick") || !has("--bench");
    let asked = arguments.iter().skip_while(|argument| *argument != "--people").nth(1);
    let sizes: Vec<usize> = match asked {
        Some(people) => vec![people.parse().unwrap()],
        None if quick => vec![1000],
        None => vec![1000, 10_000, 100_000],
    };
    let only: Vec<&String> =
        arguments.iter().filter(|argument| rows::ALL.iter().any(|(name, _)| name == argument)).collect();
    let mut table = Table::new(if quick { 1 } else { ROUNDS });
    for people in sizes {
        let site = Site::of(people, quick);
        for (name, row) in rows::ALL {
            if only.is_empty() || only.iter().any(|asked| asked == name) {
                row(&site, &mut table);
            }
        }
    }
}
