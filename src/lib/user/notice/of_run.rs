//! The notices of a run that is taken back.

use std::collections::HashSet;

use crate::context::Context;
use crate::error::Result;
use crate::mail::outbox;
use crate::store::Tx;

/// To whom mails of a run waited when it began to be taken back.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    people: HashSet<i64>,
    /// The place of the last of those mails: what is behind it tells of the undo.
    last: i64,
}

impl Waiting {
    /// To whom those of this run do.
    pub(crate) fn of(tx: &Tx<'_>, run: &str) -> Result<Self> {
        let (_, last) = outbox::waiting_of_run(tx, run, 0)?;
        let people = if last == 0 { HashSet::new() } else { outbox::readers_of_run(tx, run)? };
        Ok(Self { people, last })
    }

    /// Whether mails wait to tell the person of the run, and none has left.
    pub(crate) fn is_untold(&self, tx: &Tx<'_>, run: &str, id: i64) -> Result<bool> {
        Ok(self.people.contains(&id) && !outbox::has_left(tx, run, id)?)
    }

    /// What the run did to the person was taken back: what waited to tell them of it is not sent.
    pub(crate) fn drop_to(&self, cx: &Context, tx: &Tx<'_>, run: &str, id: i64) -> Result<()> {
        if self.people.contains(&id) {
            outbox::drop_waiting_of_run(cx, tx, run, (id, self.last))?;
        }
        Ok(())
    }
}
