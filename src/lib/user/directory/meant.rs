//! Those of the people who are meant whom a directory manages.

use std::collections::BTreeMap;

use super::Error;
use crate::context::Context;
use crate::error::{Failure, Kind, Result};
use crate::store::Tx;
use crate::text::guid::Guid;
use crate::user::bulk::{Who, named};
use crate::user::filter::{self, Page};
use crate::user::{User, guard};

/// What who reads people again needs.
const NEEDS: &str = "users.edit";

/// Whom directories manage, and whom none does.
#[derive(Debug, Default)]
pub(crate) struct Meant {
    /// The entries by the id of their connection, each with how the person is called.
    pub(crate) managed: BTreeMap<i64, Vec<(Guid, String)>>,
    /// Those who are passed over, with the reason.
    pub(crate) passed_over: Vec<(String, Failure)>,
    /// How many passed the filter whom no directory manages.
    pub(crate) local: u64,
}

/// The people who are meant, as far as the actor may change them.
///
/// # Errors
/// When somebody who is named is not found; when the only one who is named is not managed, or not the actor's to change.
pub(crate) fn meant(cx: &Context, who: &Who) -> Result<Meant> {
    let mut meant = Meant::default();
    cx.read(|tx| match who {
        Who::Named(names) => named(cx, tx, names, NEEDS)?.iter().try_for_each(|user| meant.add(cx, tx, user)),
        Who::Filtered(filter, _) => filter::each(cx, tx, filter, Page::default(), |user| {
            if user.facts.directory.is_some() {
                return meant.add(cx, tx, &user);
            }
            meant.local += 1;
            Ok(())
        }),
    })?;
    match who {
        Who::Named(names) if names.len() == 1 => {
            meant.passed_over.pop().map_or(Ok(meant), |(_, why)| Err(why))
        }
        _ => Ok(meant),
    }
}

impl Meant {
    fn add(&mut self, cx: &Context, tx: &Tx<'_>, user: &User) -> Result<()> {
        match entry(cx, tx, user) {
            Ok((connection, guid)) => {
                let name = guard::display_name(cx, user);
                self.managed.entry(connection).or_default().push((guid, name));
                Ok(())
            }
            Err(failure) if matches!(failure.kind(), Kind::Refused | Kind::Denied) => {
                guard::note(cx, user, &failure);
                self.passed_over.push((guard::display_name(cx, user), failure));
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }
}

/// Which entry of which connection somebody is.
fn entry(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<(i64, Guid)> {
    guard::require_manage(cx, tx, user, NEEDS)?;
    let email = || user.facts.email.clone();
    let connection = user.facts.directory.ok_or_else(|| Error::NotManaged { email: email() })?;
    let guid = user.facts.directory_guid.ok_or_else(|| Error::WithoutEntry { email: email() })?;
    Ok((connection, guid))
}
