//! What tests of many features say of who acts.

use super::{Account, Actor, Authority, CompanyScope};
use crate::error::{Kind, Result};

impl Actor {
    /// An operator who has these permissions, each list of them for its companies.
    pub(crate) fn operator_with(held: &[(&[&'static str], CompanyScope)]) -> Self {
        let each = held.iter().flat_map(|(ids, scope)| ids.iter().map(|id| (*id, scope.clone())));
        let account = Account { id: 1, superuser: false, permissions: each.collect() };
        let name = "op@acme.example".to_owned();
        Self { name, shell_user: None, authority: Authority::Account(account) }
    }
}

/// Whether the actor may not do it.
pub(crate) fn is_denied<T>(result: Result<T>) -> bool {
    result.is_err_and(|failure| failure.kind() == Kind::Denied)
}

/// Whether it is told as what never was.
pub(crate) fn is_unknown<T>(result: Result<T>) -> bool {
    result.is_err_and(|failure| failure.kind() == Kind::NotFound)
}

#[test]
fn a1_who_acts_on_behalf_of_another_may_do_what_both_may_and_is_recorded_as_themself() {
    let (acme, globex) = (CompanyScope::of([1]), CompanyScope::of([1, 2]));
    let mut releaser =
        Actor::operator_with(&[(&["users.edit"], CompanyScope::All), (&["users.add"], globex)]);
    let mut maker = Actor::operator_with(&[(&["users.edit", "users.add", "users.delete"], acme.clone())]);
    if let Authority::Account(account) = &mut maker.authority {
        account.id = 7;
    }
    let own = releaser.clone();
    releaser.on_behalf_of(maker.clone());
    let scopes = ["users.edit", "users.add", "users.delete"].map(|permission| releaser.scope(permission));
    assert_eq!(scopes, [acme.clone(), acme.clone(), CompanyScope::none()]);
    assert_eq!(releaser.widest_scope(), acme);
    assert_eq!(
        (releaser.account_id(), releaser.is_account(1), releaser.is_account(7)),
        (Some(1), true, true)
    );
    assert!(releaser.is_on_behalf_of(&maker) && !releaser.is_on_behalf_of(&own));
    let alone = releaser.as_who_decided(|| (releaser.scope("users.delete"), releaser.is_account(1)));
    assert_eq!(alone, Some((acme.clone(), false)), "for a moment with the rights of the maker alone");
    assert_eq!(releaser.scope("users.delete"), CompanyScope::none());
    releaser.for_themself();
    assert_eq!(releaser, own);
    assert_eq!(releaser.as_who_decided(|| ()), None);

    releaser.on_behalf_of(Actor::system(None));
    assert!(!releaser.is_superuser() && !releaser.is_system());
    assert_eq!(
        releaser.as_who_decided(|| releaser.is_superuser() && releaser.is_system()),
        Some(true),
        "what the owner of the store decided"
    );
    assert_eq!(releaser.scope("users.edit"), CompanyScope::All, "and each of them may do");

    let mut system = Actor::system(None);
    system.on_behalf_of(maker);
    assert!(!system.is_superuser() && !system.is_system() && system.account_id().is_none());
    assert_eq!(system.scope("users.delete"), acme);
}
