//! How the command line takes words of the catalogue.

use super::Level;
use crate::cli::values;

values! {
    Level {
        View "view": "Looking, and the menu link",
        Edit "edit": "Looking, adding and editing, and the menu link",
        Full "full": "Everything in the module",
    }
}
