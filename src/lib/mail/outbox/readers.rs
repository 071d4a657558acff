//! Who reads a mail, asked when it is about to leave.

use super::QueuedMail;
use crate::context::Context;
use crate::error::Result;
use crate::mail::message::{Message, Reader};
use crate::setting::site;
use crate::store::Tx;

/// Who reads a mail now, if it still is due.
#[derive(Debug, Clone)]
pub(crate) enum Due {
    /// It is, and this is who reads it.
    Reader(Reader),
    /// It is not.
    No {
        /// Why not, as it is shown.
        why: String,
    },
}

/// Says who reads a mail, or why it is no longer due. Given by the composition root: the outbox knows no people.
pub(crate) trait Readers {
    /// Asked in the transaction in which the mail is about to leave; the mail has an address.
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<Due>;

    /// Told in that transaction that a mail was dropped, for it was no longer due: nobody has learned what it told.
    fn dropped(&self, _tx: &Tx<'_>, _mail: &QueuedMail, _said: &Message) -> Result<()> {
        Ok(())
    }

    /// Asked once nothing more can leave: queues what administrators have to know of that.
    fn watch(&self, _cx: &Context) -> Result<()> {
        Ok(())
    }
}

/// Takes every mail to be due, and knows of readers what the mail itself has: right for mails that are to no person.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Addressed;

impl Readers for Addressed {
    fn reader(&self, cx: &Context, _tx: &Tx<'_>, mail: &QueuedMail, _said: &Message) -> Result<Due> {
        let language = *cx.settings.get(&site::LANGUAGE);
        Ok(Due::Reader(Reader {
            name: mail.to_name.clone().unwrap_or_default(),
            account: mail.to.clone().unwrap_or_default(),
            language,
        }))
    }
}
