//! Up to where the changes of a directory were followed, so that the next sync reads what changed since, and no more.
//!
//! A server of Active Directory counts the changes of its database. What it counted says nothing of another one, nor of the same
//! when it was restored: either has another `invocationId`. Who is gone, or is found by the filter no longer, is among no changes,
//! and what somebody changed here is none there: so everybody is read once a day, and whenever it matters.

use super::quarantine::Fault;
use super::{GIVING, TAKING, spec, store};
use crate::audit;
use crate::context::Context;
use crate::directory::connection::Connection;
use crate::directory::transport::{Failure, Session, Step};
use crate::error::Result;
use crate::run;
use crate::text::instant::Instant;

/// For how many microseconds changes are enough.
const A_DAY: i64 = 86_400 * 1_000_000;

/// The length of an `invocationId`.
const ID: usize = 16;

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    /// Its `invocationId`.
    pub(super) server: Vec<u8>,
    /// How many changes it has counted.
    pub(super) usn: i64,
}

/// Up to where a directory was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Where the server was before it was read.
    pub(super) position: Position,
    /// The audit row that came next then.
    pub(super) next_row: i64,
    /// When everybody was read last.
    pub(super) full_at: Instant,
}

impl Cursor {
    /// The first change that was not followed, where a server goes on from there.
    pub(super) fn goes_on_at(&self, now: &Position) -> Option<i64> {
        let is_same = now.server == self.position.server && now.usn >= self.position.usn;
        is_same.then(|| self.position.usn.saturating_add(1))
    }
}

/// Where a server is; nothing where it does not say that.
pub(super) async fn position(session: &mut Session) -> std::result::Result<Option<Position>, Failure> {
    let root = session.read(Step::RootDse, "", &["highestCommittedUSN", "dsServiceName"]).await?;
    let Some((usn, service)) = root
        .as_ref()
        .and_then(|root| Some((root.number("highestCommittedUSN")?, root.text("dsServiceName")?)))
    else {
        return Ok(None);
    };
    let service = session.read(Step::RootDse, service, &["invocationId"]).await?;
    let server = service.and_then(|service| service.values("invocationId").first().cloned());
    Ok(server.filter(|server| server.len() == ID && usn >= 0).map(|server| Position { server, usn }))
}

/// Up to where a connection was followed, if what changed there since is enough to know: nobody is on the way to being gone,
/// nothing is held, nobody is kept aside for what others are, and nothing was changed here that says who comes where.
pub(super) fn usable(cx: &Context, connection: &Connection) -> Result<Option<Cursor>> {
    cx.read(|tx| {
        let Some(cursor) = store::cursor(tx, connection.id)? else { return Ok(None) };
        let age = cx.now().micros().saturating_sub(cursor.full_at.micros());
        let is_fresh = (0..A_DAY).contains(&age)
            && !store::was_changed_here(tx, cursor.next_row)?
            && !store::is_anybody_absent(tx, connection.id)?
            && store::quarantine(tx, connection.id)?
                .iter()
                .all(|kept| Fault::of_word(&kept.code).is_some_and(Fault::is_of_the_entry_alone))
            && !run::is_any_held(tx, &spec(GIVING, connection), connection.id)?
            && !run::is_any_held(tx, &spec(TAKING, connection), connection.id)?;
        Ok(is_fresh.then_some(cursor))
    })
}

/// The audit row that comes next.
pub(super) fn next_row(cx: &Context) -> Result<i64> {
    cx.read(audit::next_seq)
}

/// Notes up to where a connection was followed, or that nobody knows; nothing is written where nothing changed.
pub(super) fn note(cx: &Context, connection: i64, cursor: Option<&Cursor>) -> Result<()> {
    if cx.read(|tx| store::cursor(tx, connection))?.as_ref() == cursor {
        return Ok(());
    }
    cx.write(|tx| store::set_cursor(tx, connection, cursor))
}
