//! How the command line takes words of the catalogue.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::Level;

impl ValueEnum for Level {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::View, Self::Edit, Self::Full]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::View => PossibleValue::new("view").help("Looking, and the menu link"),
            Self::Edit => PossibleValue::new("edit").help("Looking, adding and editing, and the menu link"),
            Self::Full => PossibleValue::new("full").help("Everything in the module"),
        })
    }
}
