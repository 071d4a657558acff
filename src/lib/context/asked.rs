//! That what is done is what somebody was asked about.
//!
//! A question names things and tells what an answer would do to them, and others may change both while it waits. So what a
//! change means is told as it is made: each row it adds to the audit, by the id and the name of its subject and with the
//! fields before and after, and who loses what by it. What was rehearsed for a question and what is done after the answer
//! have to mean the same, or nothing is done.

use std::cell::RefCell;
use std::collections::VecDeque;

use sha2::{Digest as _, Sha256};

use crate::error::{Explain, Kind};

/// What one transaction means: a hash of what was told of it.
pub(crate) type Meaning = [u8; 32];

/// What was asked about is no longer what would be done.
#[derive(Debug, thiserror::Error)]
#[error("what was asked about has changed meanwhile; nothing was changed")]
pub(crate) struct ChangedSinceAsked;

impl Explain for ChangedSinceAsked {
    fn code(&self) -> &'static str {
        "prompt.changed_since_asked"
    }

    fn kind(&self) -> Kind {
        Kind::Busy
    }

    fn advice(&self) -> Option<String> {
        Some("run it again, and look at the question once more".to_owned())
    }
}

/// What the changes of a context mean, and what they have to.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What was told so far of the transaction that is open; nothing where it adds nothing to the audit.
    open: RefCell<Option<Sha256>>,
    expected: RefCell<Expected>,
}

#[derive(Debug, Default)]
enum Expected {
    /// Nobody was asked.
    #[default]
    Anything,
    /// A rehearsal goes on, whose transactions mean this.
    Rehearsed(VecDeque<Meaning>),
    /// The transactions that follow mean this; what comes after them is another matter.
    Promised(VecDeque<Meaning>),
}

impl Asked {
    /// Tells what a change does, in parts whose order counts.
    pub(crate) fn tell(&self, parts: &[&[u8]]) {
        let mut open = self.open.borrow_mut();
        let hash = open.get_or_insert_with(Sha256::new);
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }

    /// What the open transaction means so far.
    pub(crate) fn meaning(&self) -> Option<Meaning> {
        self.open.borrow().clone().map(|hash| hash.finalize().into())
    }

    /// Insists that the next transaction means that, unless more was promised before.
    pub(crate) fn promise(&self, meaning: Meaning) {
        let mut expected = self.expected.borrow_mut();
        if matches!(*expected, Expected::Anything) {
            *expected = Expected::Promised(VecDeque::from([meaning]));
        }
    }

    /// Insists that the next transactions mean what those meant that were rehearsed last.
    pub(crate) fn promise_rehearsed(&self, rehearsed: VecDeque<Meaning>) {
        self.expected.replace(Expected::Promised(rehearsed));
    }

    /// Begins to keep what transactions mean.
    pub(super) fn begin_rehearsal(&self) {
        self.expected.replace(Expected::Rehearsed(VecDeque::new()));
    }

    /// Ends that, and returns what they meant.
    pub(super) fn end_rehearsal(&self) -> VecDeque<Meaning> {
        match self.expected.take() {
            Expected::Rehearsed(meanings) => meanings,
            Expected::Anything | Expected::Promised(_) => VecDeque::new(),
        }
    }

    /// Begins a transaction.
    pub(super) fn begin(&self) {
        self.open.take();
    }

    /// Ends a transaction that is to be kept.
    ///
    /// # Errors
    /// When it does not mean what was promised.
    pub(super) fn end(&self) -> Result<(), ChangedSinceAsked> {
        let Some(meaning) = self.meaning() else { return Ok(()) };
        match &mut *self.expected.borrow_mut() {
            Expected::Anything => {}
            Expected::Rehearsed(meanings) => meanings.push_back(meaning),
            Expected::Promised(meanings) => {
                if meanings.pop_front().is_some_and(|promised| promised != meaning) {
                    return Err(ChangedSinceAsked);
                }
            }
        }
        Ok(())
    }
}
