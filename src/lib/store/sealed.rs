//! Columns that hold sealed secrets. Each is a constant of the feature that keeps the secrets, and the composition root
//! collects them, so that a rotation of the key finds every secret.

/// A column of sealed secrets, and how its rows are walked and written.
#[derive(Debug)]
pub(crate) struct SealedColumn {
    /// The table, as secrets are bound to it.
    pub(crate) table: &'static str,
    /// The column, as secrets are bound to it.
    pub(crate) column: &'static str,
    /// The next thousand secrets behind `:owner` and `:row`: owner, row, secret. A table whose rows have an id of their
    /// own gives `''` as owner.
    pub(crate) after: &'static str,
    /// Writes `:sealed` to the row of `:owner` and `:row`.
    pub(crate) replace: &'static str,
}
