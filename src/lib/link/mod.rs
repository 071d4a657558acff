//! Links: what people do by the links of mails, and how they ask for one.
//!
//! Whoever asks for a link is answered the same, whoever they are: an account is looked for after the answer ([`ask`]), and
//! what comes of it is a mail or none. Who may not log in gets none, and whose password a directory keeps is told so by a
//! mail. A link is opened as often as somebody likes; what it is for is done once, by a form ([`choose`], [`disown`]).

mod ask;
mod choose;
mod disown;
pub(crate) mod web;

#[cfg(test)]
mod tests;

use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::token::{self, Known, Purpose, Token};
use crate::user::{self, User};

/// The word for links in the audit.
const KIND: &str = "link";

/// A link that works, and whose it is.
struct Open {
    known: Known,
    user: User,
}

/// Whose link this is, if it works: it is one of that purpose, was not used and has not run out, and its account is there.
fn opened(cx: &Context, tx: &Tx<'_>, purpose: Purpose, typed: &str) -> Result<Option<Open>> {
    let Some(token) = Token::parse(typed) else { return Ok(None) };
    let Some(known) = token::find(tx, purpose, &token)?.filter(|known| known.is_good(cx.now())) else {
        return Ok(None);
    };
    let user = user::by_id(tx, known.about.user)?.filter(|user| !user.facts.deleted);
    Ok(user.map(|user| Open { known, user }))
}
