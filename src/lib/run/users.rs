//! Those who have what runs change and end. The engine knows them by this alone.

use super::{Change, Loss, Planner};
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;

/// What somebody was given and can be taken from them, named as people's facts name it.
pub(crate) enum Assignment<'a> {
    /// The role of this slug.
    Role(&'a str),
    /// The group of this id and name.
    Group(i64, &'a str),
}

/// A thing that is taken from those in the bin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BinRemoval<'a> {
    /// What it is.
    pub(crate) kind: &'static str,
    /// Its id.
    pub(crate) id: i64,
    /// From whom alone it is taken; from everybody there when absent.
    pub(crate) only: Option<&'a [i64]>,
}

impl BinRemoval<'static> {
    /// By everybody in the bin.
    pub(crate) const fn by_all(kind: &'static str, id: i64) -> Self {
        Self { kind, id, only: None }
    }
}

/// How one of those in the bin loses a thing.
pub(crate) struct BinLoss {
    /// The change.
    pub(crate) change: Change,
    /// Who loses what, if the actor may be told.
    pub(crate) told: Option<Loss>,
}

/// The people there are.
pub(crate) trait Users {
    /// How many outside the bin the actor has the permission for.
    fn in_scope(&self, cx: &Context, tx: &Tx<'_>, permission: &str) -> Result<u64>;

    /// The id and the email of the one whom `who` names, for an actor who may look at them or has the permission.
    fn find(&self, cx: &Context, tx: &Tx<'_>, who: &str, permission: &str) -> Result<(i64, String)>;

    /// Refuses an actor who stands below one of these.
    fn refuse_those_above(&self, cx: &Context, tx: &Tx<'_>, people: &[i64]) -> Result<()>;

    /// How each of those in the bin loses a thing who has it.
    fn losing(&self, cx: &Context, tx: &Tx<'_>, lost: BinRemoval<'_>) -> Result<Vec<BinLoss>>;

    /// Plans that these no longer have it; and that nothing brings it to anybody which would end with it.
    fn let_go(
        &self,
        cx: &Context,
        tx: &Tx<'_>,
        planner: &mut Planner<'_>,
        assignment: &Assignment<'_>,
        people: &[i64],
    ) -> Result<()>;
}
