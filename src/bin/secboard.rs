//! The administration command; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    secboard::secboard()
}
