//! The key that signs the mails of an account.

use serde_json::json;

use super::{Account, DKIM_KEY, Dkim, Facts, KIND, check_key_covers, get_in, place, store};
use crate::audit::{self, Event};
use crate::context::{CompanyScope, Context};
use crate::crypto::seal;
use crate::error::Result;
use crate::mail::dkim::Signer;
use crate::mail::require_superuser;
use crate::text::secret::Secret;

/// Gives an account a key; the domain is that of the sender unless given.
pub(crate) fn set_key(
    cx: &Context,
    name: &str,
    (domain, selector): (Option<&str>, &str),
    key: &Secret,
) -> Result<Account> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let old = get_in(tx, name, &CompanyScope::All)?;
        let sender = old.facts.sender()?;
        let signer = Signer::new(domain.unwrap_or_else(|| sender.path().domain()), selector, key.expose())?;
        let (domain, selector) = (signer.domain().to_owned(), signer.selector().to_owned());
        let dkim = Dkim { domain, selector, record: signer.record().text };
        let new = Facts { dkim: Some(dkim), ..old.facts.clone() };
        check_key_covers(&new)?;
        let (before, mut after) = audit::difference(&old.facts.fields(), &new.fields());
        if after.is_empty() && store::key(tx, old.id)?.is_some() {
            return Ok(old);
        }
        after.insert("dkim_key".to_owned(), json!("changed"));
        let event = Event::of("mail_account.dkim", (KIND, old.id), &old.facts.name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        store::update(tx, old.id, &new, (revision, cx.now()))?;
        let sealed = seal::seal(&cx.key, &*cx.rng, place(&DKIM_KEY, old.id), key.expose().as_bytes())?;
        store::set_key(tx, old.id, Some(&sealed))?;
        store::get(tx, old.id)
    })
}

/// Ends the signatures of an account; returns it, and whether it had any.
pub(crate) fn remove_key(cx: &Context, name: &str) -> Result<(Account, bool)> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let old = get_in(tx, name, &CompanyScope::All)?;
        let new = Facts { dkim: None, ..old.facts.clone() };
        let (before, after) = audit::difference(&old.facts.fields(), &new.fields());
        if after.is_empty() {
            return Ok((old, false));
        }
        let event = Event::of("mail_account.dkim", (KIND, old.id), &old.facts.name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        // A key needs a domain, before and after.
        store::set_key(tx, old.id, None)?;
        store::update(tx, old.id, &new, (revision, cx.now()))?;
        Ok((store::get(tx, old.id)?, true))
    })
}
