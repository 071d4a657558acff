//! Those who have what runs change and end. The engine knows them by this alone.

use super::Planner;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// A thing that somebody has.
pub(crate) struct Thing<'a> {
    /// Its kind.
    pub(crate) kind: &'static str,
    /// Its id.
    pub(crate) id: i64,
    /// How it is named everywhere.
    pub(crate) name: &'a str,
}

/// The people there are.
pub(crate) trait Holders {
    /// How many outside the bin the actor has the permission for.
    fn in_scope(&self, cx: &Context, tx: &Tx<'_>, permission: &str) -> Result<u64>;

    /// The id and the email of the one whom `who` names, for an actor who may look at them or has the permission.
    fn find(&self, cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<(i64, String)>;

    /// Plans that these, in the bin or not, no longer have the thing; and that nothing brings it to anybody which would end
    /// with it.
    fn let_go(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        thing: &Thing<'_>,
        people: &[i64],
    ) -> Result<()>;
}
