//! What a server has been given, by whichever worker, command or account: whoever knows something can repeat it.

use std::cell::Cell;

/// What a server knows of us.
#[derive(Debug, Default)]
pub(crate) struct Given {
    /// Whether it was given a mail or a password before, as the store knows.
    earlier: Cell<bool>,
    /// Whether it was given a mail since.
    mail: Cell<bool>,
    /// Whether it was given a password since.
    login: Cell<bool>,
}

impl Given {
    /// What the store knows.
    pub(crate) fn earlier(is_given: bool) -> Self {
        Self { earlier: Cell::new(is_given), ..Self::default() }
    }

    /// Whether it was given anything since, which the store has to know.
    pub(crate) const fn is_more(&self) -> bool {
        self.mail.get() || self.login.get()
    }

    /// Whether a mail may be known, or what the store knows of.
    pub(super) const fn has_mail(&self) -> bool {
        self.mail.get() || self.earlier.get()
    }

    /// Whether it may know what nobody here does, such as a password that is another one by now.
    pub(super) const fn was_given(&self) -> bool {
        self.earlier.get()
    }

    /// It is given a mail.
    pub(super) fn give_mail(&self) {
        self.mail.set(true);
    }

    /// It is given a password.
    pub(super) fn give_login(&self) {
        self.login.set(true);
    }

    /// Knows also what another account knows of the same server.
    pub(super) fn learn(&self, other: &Self) {
        self.earlier.set(self.earlier.get() || other.earlier.get());
    }
}
