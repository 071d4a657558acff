//! The menu: a module stands in it whose link is shown and in which something may be looked at.

use serde::Serialize;

/// What somebody sees of a module of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Visibility {
    /// The module's name.
    #[serde(skip)]
    pub(crate) module: &'static str,
    /// Whether something in it may be looked at, for some company.
    pub(crate) view: bool,
    /// Whether its link is shown, for some company.
    pub(crate) show_link: bool,
    /// Why the module is not seen; nothing when it is.
    pub(crate) why: Option<String>,
}

impl Visibility {
    /// Whether exactly one of the two permissions is there, which is mostly a slip.
    pub(crate) fn is_half(&self) -> bool {
        self.view != self.show_link
    }
}
