//! What has to be known of somebody and follows from more than is known here.

use super::{PastAssignments, User};
use crate::catalog::Visibility;
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::instant::Instant;

/// Who answers it.
pub(crate) trait AccessQueries {
    /// What the person with that id held at `at`; nothing when there was no such person.
    fn assignments_at(&self, tx: &Tx<'_>, id: i64, at: Instant) -> Result<Option<PastAssignments>>;

    /// For which companies they have a permission; for none while the account is not active.
    fn scope(&self, cx: &Context, tx: &Tx<'_>, user: &User, permission: &str) -> Result<CompanyScope>;

    /// What they see of each module of the menu.
    fn menu(&self, cx: &Context, tx: &Tx<'_>, user: &User) -> Result<Vec<Visibility>>;
}
