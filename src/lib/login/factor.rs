//! The second factor of a visitor: typing a code of it, setting it up, and changing it.

use super::{Begun, Browser, Visitor, go_on, known, whose};
use crate::context::Context;
use crate::error::Result;
use crate::session;
use crate::text::secret::Secret;
use crate::throttle::CodeBy;
use crate::two_factor::{self, Checked, Confirmed, Offer, Typed};

impl Visitor {
    /// Goes on with a login by a code of the second factor; the session gets another secret.
    ///
    /// # Errors
    /// When too many hashes are being made, or the store is busy.
    pub(crate) fn pass_code(
        &self,
        cx: &Context,
        typed: &Typed,
        browser: Browser<'_>,
    ) -> Result<Checked<Begun>> {
        let known = browser.known.and_then(|kept| known::of(cx, whose(&self.user), kept));
        let by = known.map_or(CodeBy::Password, |_| CodeBy::KnownBrowser);
        two_factor::check(cx, (self.user.id, by), typed, |tx, user| {
            let token = session::pass_factor(cx, tx, &self.session)?;
            go_on(cx, tx, (&user, browser), token)
        })
    }

    /// Proves again who visits, like [`Visitor::confirm`], by a code.
    ///
    /// # Errors
    /// Those of [`Visitor::pass_code`].
    pub(crate) fn confirm_by_code(&self, cx: &Context, typed: &Typed) -> Result<Checked<Secret>> {
        let by = CodeBy::KnownBrowser;
        two_factor::check(cx, (self.user.id, by), typed, |tx, _| session::pass_factor(cx, tx, &self.session))
    }

    /// What is shown to be taken over by an app.
    ///
    /// # Errors
    /// When they have a second factor, or the store cannot be written.
    pub(crate) fn offer(&self, cx: &Context) -> Result<Offer> {
        two_factor::offer(cx, &self.user, self.session.id)
    }

    /// Sets the second factor up by a first code of it. Every other session ends, and this one gets another secret; where
    /// it was the last step of a login, they are in.
    ///
    /// # Errors
    /// Those of [`Visitor::pass_code`].
    pub(crate) fn enrol(
        &self,
        cx: &Context,
        typed: &Typed,
        browser: Browser<'_>,
    ) -> Result<Confirmed<Begun>> {
        two_factor::confirm(cx, &self.user, self.session.id, typed, |tx, user| {
            let token = session::pass_factor(cx, tx, &self.session)?;
            go_on(cx, tx, (&user, browser), token)
        })
    }

    /// Removes the second factor by a code of it. Every other session ends, and this one gets another secret.
    ///
    /// # Errors
    /// Those of [`Visitor::pass_code`], and when it is required.
    pub(crate) fn remove_factor(&self, cx: &Context, typed: &Typed) -> Result<Checked<Secret>> {
        two_factor::check(cx, (self.user.id, CodeBy::KnownBrowser), typed, |tx, user| {
            two_factor::disable(cx, tx, &user, self.session.id)?;
            session::prove(cx, tx, &self.session)
        })
    }

    /// New backup codes, in the place of all others, and the new secret of the session; nothing where others were made since the
    /// visitor came with that one.
    ///
    /// # Errors
    /// When they have no second factor, the session has ended or another secret, too many hashes are being made, or the store is
    /// busy.
    pub(crate) fn new_codes(&self, cx: &Context, token: &str) -> Result<Option<(Vec<Secret>, Secret)>> {
        let old = cx.read(|tx| {
            session::find(cx, tx, token)?.ok_or(session::Error::Ended)?;
            two_factor::code_set(tx, self.user.id)
        })?;
        two_factor::new_codes(cx, &self.user, old, |tx| session::prove(cx, tx, &self.session))
    }
}
