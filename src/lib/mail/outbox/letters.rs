//! Letters that are of no use without a link: they go when what their link would do was done.

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::Message;
use crate::store::Tx;

/// Drops the letters with a link to a person that wait, and says why. What is being sent is left to its worker: its link has a
/// token by then, which ends as every other does.
pub(crate) fn drop_letters(cx: &Context, tx: &Tx<'_>, user: i64, why: &str) -> Result<()> {
    store::letters::drop_waiting(tx, user, &Message::names_of_letters_with_link(), (why, cx.now()))
}
