//! Where the key of the audit is kept.

use crate::store::SealedColumn;

/// The column that key rotation finds.
pub(crate) const SEALED: SealedColumn = SealedColumn {
    table: "audit_keys",
    column: "sealed",
    after: "
        SELECT '', id, sealed
        FROM audit_keys
        WHERE ('', id) > (:owner, :row)
        ORDER BY id
        LIMIT 1000",
    replace: "UPDATE audit_keys SET sealed = :sealed WHERE :owner = '' AND id = :row",
    may_be_dropped: false,
};
