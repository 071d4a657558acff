//! Texts that narrow what a command is about.
//!
//! A filter of nothing would let everybody pass. That is seldom meant: it is what a script gives whose variable is not
//! set. So each such flag reads its value with [`filter_text`], and who means everybody leaves the flag out.

use std::error::Error as _;

use clap::error::{ContextKind, ContextValue};

use crate::error::{Explain, Kind};
use crate::text::fold::fold;

/// Reads the value of a filter, which must be more than nothing: not empty, not blank, not only what nobody sees.
pub(crate) fn filter_text(text: &str) -> Result<String, Nothing> {
    if fold(text).is_empty() { Err(Nothing) } else { Ok(text.to_owned()) }
}

/// A value that looks for nothing.
#[derive(Debug, thiserror::Error)]
#[error("nothing is no filter")]
pub(crate) struct Nothing;

/// A filter that was given nothing to look for.
#[derive(Debug, thiserror::Error)]
#[error("`{flag}` was given nothing to look for, which is no filter")]
pub(crate) struct EmptyFilter {
    /// The flag.
    flag: String,
}

impl EmptyFilter {
    /// What the parser found wrong, if it is this.
    pub(crate) fn of(error: &clap::Error) -> Option<Self> {
        error.source()?.downcast_ref::<Nothing>()?;
        let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return None };
        Some(Self { flag: flag.split_whitespace().next()?.to_owned() })
    }
}

impl Explain for EmptyFilter {
    fn code(&self) -> &'static str {
        "filter.empty"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn advice(&self) -> Option<String> {
        Some(format!(
            "look whether a variable of the script is not set; leave `{}` out to mean all",
            self.flag
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::filter_text;

    #[test]
    fn a_text_that_folds_to_nothing_looks_for_nothing() {
        for nothing in ["", " ", "\t\n", "\u{a0}", "\u{200b}", "\u{feff}\u{ad} "] {
            assert!(filter_text(nothing).is_err(), "{nothing:?}");
        }
        for text in ["0", "-", " a ", "'", "я"] {
            assert_eq!(filter_text(text).unwrap(), text);
        }
    }
}
