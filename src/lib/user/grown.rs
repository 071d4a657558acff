//! What somebody who comes back from the bin would have more of than they had: what their groups grant since, and what their
//! roles bring.
//!
//! Whoever granted more to a group thought of those who are in it, and not of somebody in the bin. So it is given by who
//! brings them back, and as with a run that is released only as far as it is theirs to give: a group or role of which more
//! is not stays behind, and is named.

use super::losses::LossKind;
use super::{Facts, User, unrestored};
use crate::audit;
use crate::catalog::{GrantScope, grant_scope};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::group::{self, Grant};
use crate::role::{self, Role};
use crate::state::{GroupThen, History, KeptHistory};
use crate::store::Tx;

/// A group or role of somebody in the bin that gives more than when they came there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grown {
    kind: &'static str,
    /// As facts name it.
    name: String,
    /// What it gives more, as far as the actor may look at it.
    more: String,
    /// Whether all of that is the actor's to give.
    may_be_given: bool,
}

impl Grown {
    /// What it is, and what it gives more.
    pub(crate) fn said(&self) -> String {
        let Self { kind, name, more, .. } = self;
        format!("{kind} `{name}`, which since gives {more}")
    }

    /// Whether somebody with these facts has it.
    pub(super) fn is_of(&self, facts: &Facts) -> bool {
        if self.kind == role::KIND {
            return facts.roles.contains(&self.name);
        }
        facts.groups.contains(&self.name) || facts.directory_groups.contains(&self.name)
    }

    /// Whether it stays behind, for it is not the actor's to give.
    pub(super) const fn stays_behind(&self) -> bool {
        !self.may_be_given
    }
}

/// The facts without the groups and roles that stay behind.
pub(super) fn without(facts: &Facts, grown: &[Grown]) -> Facts {
    let kind_of = |grown: &Grown| if grown.kind == role::KIND { LossKind::Role } else { LossKind::Group };
    let behind = grown.iter().filter(|grown| grown.stays_behind());
    behind.fold(facts.clone(), |facts, grown| kind_of(grown).taken_from(&facts, Some(&grown.name)))
}

/// What gives somebody in the bin more than it did when they came there.
///
/// # Errors
/// When a row of the audit does not decode, or names what there was not.
pub(super) fn since(cx: &Context, tx: &Tx<'_>, history: &mut KeptHistory, user: &User) -> Result<Vec<Grown>> {
    let Some(seq) = unrestored::in_bin_since(tx, user.id)? else { return Ok(Vec::new()) };
    let mut look = Look { cx, tx, seq, history };
    let mut grown = Vec::new();
    let by_directory = user.facts.directory_groups.iter().filter(|name| !user.facts.groups.contains(name));
    for name in user.facts.groups.iter().chain(by_directory) {
        if let Some(group) = group::find_id_in(tx, name, &CompanyScope::All)? {
            let more = look.granted_more(&group, true)?;
            grown.extend(look.grown(group::KIND, name, &[(group, more)]));
        }
    }
    let brings = |slug: &&String| !user.facts.roles_without_groups.contains(slug);
    for slug in user.facts.roles.iter().filter(brings) {
        if let Some(role) = role::find_in(tx, slug)?.filter(|role| role.active) {
            let more = look.brought_more(&role)?;
            grown.extend(look.grown(role::KIND, slug, &more));
        }
    }
    Ok(grown)
}

/// A look at what groups granted and roles brought when the audit had come to a row.
struct Look<'a> {
    cx: &'a Context,
    tx: &'a Tx<'a>,
    seq: i64,
    history: &'a mut KeptHistory,
}

impl Look<'_> {
    /// That it gives more, if these groups grant more.
    fn grown(&self, kind: &'static str, name: &str, groups: &[(group::Found, Vec<Grant>)]) -> Option<Grown> {
        let mut all = Vec::new();
        let (mut is_told, mut may_be_given) = (true, true);
        for (group, more) in groups.iter().filter(|(_, more)| !more.is_empty()) {
            is_told &= group::is_told(self.cx, group.company_id);
            may_be_given &= group::may_give_what(self.cx, group, more);
            all.extend(more.iter().cloned());
        }
        let more = if is_told { group::named(&all) } else { "what is not yours to look at".to_owned() };
        let grown = Grown { kind, name: name.to_owned(), more, may_be_given };
        (!all.is_empty()).then_some(grown)
    }

    /// What a group grants that it did not; all of it, where the person did not get it then.
    fn granted_more(&mut self, group: &group::Found, was_in: bool) -> Result<Vec<Grant>> {
        if was_in && !self.has_changed(group::KIND, group.id)? {
            return Ok(Vec::new());
        }
        let mut grants = group::grants_in(self.tx, group.id)?;
        if was_in {
            let then: Vec<(String, GrantScope)> = match self.then()?.group(group.id) {
                Some(GroupThen { company_id, grants }) => {
                    let scope = |(permission, of)| Some((permission, grant_scope(company_id, of)?));
                    grants.into_iter().filter_map(scope).collect()
                }
                None => Vec::new(),
            };
            grants.retain(|grant| {
                let Some(now) = grant_scope(group.company_id, grant.company_id) else { return false };
                !then.iter().any(|(permission, scope)| {
                    *permission == grant.permission && (*scope == now || *scope == GrantScope::Everywhere)
                })
            });
        }
        Ok(grants)
    }

    /// The groups that a role brings, each with what it gives that it did not.
    fn brought_more(&mut self, role: &Role) -> Result<Vec<(group::Found, Vec<Grant>)>> {
        let brought = if self.has_changed(role::KIND, role.id)? {
            self.then()?.brought(role.id)
        } else {
            role.groups.iter().map(|group| group.id).collect()
        };
        let mut all = Vec::new();
        for group in &role.groups {
            if let Some(found) = group::by_id(self.tx, group.id)? {
                let more = self.granted_more(&found, brought.contains(&group.id))?;
                all.push((found, more));
            }
        }
        Ok(all)
    }

    fn has_changed(&self, kind: &str, id: i64) -> Result<bool> {
        Ok(audit::changes_of(self.tx, kind, id)?.iter().any(|row| row.seq > self.seq))
    }

    fn then(&mut self) -> Result<&History> {
        self.history.until(self.tx, self.seq)
    }
}
