//! The control word of a company: what people type beside their email to be sent a link for their first login.
//!
//! It says no more than that somebody was told it, as all who are new are; without the mailbox it opens nothing. It is kept
//! as a hash, like a password, and the audit learns that it was set, never what it is.

use serde_json::json;
use unicode_normalization::UnicodeNormalization as _;

use super::{Company, Error, get_in, store};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::password::generate::generate;
use crate::password::hash::Hasher;
use crate::password::policy::{About, PasswordProfile, Policy, check};
use crate::setting::site;
use crate::store::Tx;
use crate::text::secret::Secret;

/// The word for it in the audit: it is no fact of the company, which a run could take back.
const KIND: &str = "control_word";

/// The fewest characters of one.
const SHORTEST: usize = 12;

/// The company of that name or slug, for an actor who may change its control word.
pub(super) fn to_change(cx: &Context, tx: &Tx<'_>, name: &str) -> Result<Company> {
    cx.actor.require_anywhere("companies.edit")?;
    let company = get_in(tx, name, &cx.actor.scope_of_any(&["org.view", "companies.edit"]))?;
    cx.actor.require("companies.edit", Some(company.id))?;
    Ok(company)
}

/// Gives a company a control word, in the place of the one that it has.
pub(crate) fn set(cx: &Context, name: &str, word: &Secret) -> Result<Company> {
    let company = cx.read(|tx| to_change(cx, tx, name))?;
    let length = word.expose().nfc().count();
    if length < SHORTEST {
        return Err(Error::ShortControlWord { length, shortest: SHORTEST }.into());
    }
    let policy = Policy { profile: PasswordProfile::Normal, second_factor: false };
    let site = cx.settings.get(&site::NAME);
    let about = About { company: &company.name, site, ..About::default() };
    check(word, policy, &about).map_err(|source| Error::WeakControlWord { source })?;
    put(cx, name, word, |_| Ok(()))
}

/// Gives a company a random control word, which is shown before it counts.
pub(super) fn rotate(
    cx: &Context,
    name: &str,
    show: impl FnOnce(&Company, &Secret) -> Result<()>,
) -> Result<Company> {
    cx.read(|tx| to_change(cx, tx, name))?;
    let word = generate(&*cx.rng)?;
    put(cx, name, &word, |company| if cx.dry_run { Ok(()) } else { show(company, &word) })
}

/// Hashes a word, which takes a while, before the store is locked for the change; `last` is done last.
fn put(
    cx: &Context,
    name: &str,
    word: &Secret,
    last: impl FnOnce(&Company) -> Result<()>,
) -> Result<Company> {
    let hash = Hasher::of(cx)?.hash(&*cx.rng, word)?;
    cx.write(|tx| {
        let company = to_change(cx, tx, name)?;
        note(cx, tx, &company, "company.set_control_word", "changed")?;
        store::set_control_word(tx, company.id, &hash, cx.now())?;
        last(&company)?;
        Ok(company)
    })
}

/// Takes the control word from a company; whether it had one.
pub(super) fn remove(cx: &Context, name: &str) -> Result<(Company, bool)> {
    cx.write(|tx| {
        let company = to_change(cx, tx, name)?;
        let had_one = store::remove_control_word(tx, company.id)?;
        if had_one {
            note(cx, tx, &company, "company.remove_control_word", "removed")?;
        }
        Ok((company, had_one))
    })
}

fn note(cx: &Context, tx: &Tx<'_>, company: &Company, action: &str, what: &str) -> Result<()> {
    let event = Event::of(action, (KIND, company.id), &company.name);
    audit::note(cx, tx, event, &fields_of([("control_word", json!(what))]))?;
    Ok(())
}
