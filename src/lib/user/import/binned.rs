//! Who lies in the bin with the email of somebody new: two people come of it, and whoever imports may have meant the one who
//! was there.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::store;
use crate::context::Context;
use crate::error::Result;
use crate::store::Tx;
use crate::text::shell::secboard;

/// The emails of those in the bin whom the actor sees, as digests; nothing before it is asked.
#[derive(Default)]
pub(super) struct Binned(Option<HashSet<u64>>);

impl Binned {
    /// What there is to know of a new person with that email.
    pub(super) fn warning(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        email: (&str, &str),
    ) -> Result<Option<String>> {
        let emails = match &mut self.0 {
            Some(emails) => emails,
            none => {
                let mut emails = HashSet::new();
                store::binned(tx, |folded, company| {
                    if cx.actor.has_any(&["users.view", "users.edit"], company) {
                        emails.insert(digest(folded));
                    }
                })?;
                none.insert(emails)
            }
        };
        let (email, folded) = email;
        Ok(emails.contains(&digest(folded)).then(|| {
            format!(
                "`{email}` lies in the bin, and the row makes somebody new of that email; to have them back leave the row out, \
                and run `{}`",
                secboard("user restore").operand(email)
            )
        }))
    }
}

fn digest(folded: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    folded.hash(&mut hasher);
    hasher.finish()
}
