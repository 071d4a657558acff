//! Whose turn it is: of the mails that go to one server at once, one at a time is handed over.
//!
//! From the last word of a mail until it is written down that the server took it, nothing but this process knows. If it is
//! killed just then, that mail goes twice: that one, and no other, for the others wait for their turn. A server that takes long
//! to answer keeps nobody waiting for more than [`PATIENCE`].

use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::given::Given;

/// How long the turn of another is waited for.
const PATIENCE: Duration = Duration::from_secs(1);

/// The turns at one server.
#[derive(Debug)]
pub(crate) struct Turns {
    one: Semaphore,
    /// What the server was given, by whomsoever of these.
    given: Rc<Given>,
}

impl Default for Turns {
    fn default() -> Self {
        Self { one: Semaphore::new(1), given: Rc::default() }
    }
}

/// The turn of one mail; over when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: Option<&'a Turns>,
    held: Option<SemaphorePermit<'a>>,
}

impl Turns {
    /// What the server was given.
    pub(crate) fn given(&self) -> &Given {
        &self.given
    }
}

impl<'a> Turn<'a> {
    /// A turn among others.
    pub(crate) const fn of(turns: &'a Turns) -> Self {
        Self { turns: Some(turns), held: None }
    }

    /// The turn of a mail that is alone.
    pub(crate) const fn alone() -> Self {
        Self { turns: None, held: None }
    }

    /// What the server was given by all who take turns with this one; nothing where nobody does.
    pub(super) fn given(&self) -> Option<&Rc<Given>> {
        self.turns.map(|turns| &turns.given)
    }

    /// Waits until it is this one's turn.
    pub(super) async fn begin(&mut self) {
        if let (Some(turns), None) = (self.turns, &self.held) {
            let waited = tokio::time::timeout(PATIENCE, turns.one.acquire()).await;
            self.held = waited.ok().and_then(Result::ok);
        }
    }
}
