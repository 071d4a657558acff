//! What people in the bin lose: nobody there keeps alive what they had, and each of them has a row of what is gone.
//!
//! Whoever may end a company, a department or a position takes it from those in the bin by that, for they are of that
//! company; a group or a role is taken from them by who could take it from them outside. Nobody takes anything from who
//! stands above them. Giving it back is a change of the person as any other.

use serde_json::{Value, json};

use super::create::stored;
use super::save::{self, Record};
use super::{Error, Facts, KIND, User, guard, store};
use crate::audit::Fields;
use crate::context::Context;
use crate::error::Result;
use crate::org::unit;
use crate::run::{self, Action, BinLoss, BinRemoval, Change, Ids, Loss};
use crate::store::Tx;
use crate::{company, group, role};

/// The mark of such a change among its ids: the kind and the id of what is lost.
const MARK: &str = "lost";

/// What can be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LossKind {
    /// With it goes what is in it.
    Company,
    /// With it goes the position.
    Department,
    Position,
    Group,
    Role,
}

impl LossKind {
    /// All of them, with their kinds.
    const ALL: [(&str, Self); 5] = [
        (company::KIND, Self::Company),
        (unit::DEPARTMENT, Self::Department),
        (unit::POSITION, Self::Position),
        (group::KIND, Self::Group),
        (role::KIND, Self::Role),
    ];

    fn of_kind(kind: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == kind).map(|(_, thing)| *thing)
    }

    /// What is its among five.
    pub(super) const fn of<T: Copy>(self, [company, department, position, group, role]: [T; 5]) -> T {
        match self {
            Self::Company => company,
            Self::Department => department,
            Self::Position => position,
            Self::Group => group,
            Self::Role => role,
        }
    }

    /// How people's facts name the one with that id, where they list several.
    fn name(self, tx: &Tx<'_>, id: i64) -> Result<Option<String>> {
        Ok(match self {
            Self::Group => group::by_id(tx, id)?.map(|group| group.canonical()),
            Self::Role => role::held_by_id(tx, id)?.map(|role| role.slug),
            Self::Company | Self::Department | Self::Position => None,
        })
    }

    /// The facts without it: of groups and roles, the one with that name. A group and a role may share one.
    pub(super) fn taken_from(self, facts: &Facts, name: Option<&str>) -> Facts {
        let mut facts = facts.clone();
        let Facts { groups, directory_groups, roles, roles_without_groups, .. } = &mut facts;
        let lists = match self {
            Self::Group => vec![groups, directory_groups],
            Self::Role => vec![roles, roles_without_groups],
            Self::Company | Self::Department | Self::Position => Vec::new(),
        };
        for names in lists {
            names.retain(|other| Some(other.as_str()) != name);
        }
        if matches!(self, Self::Company | Self::Department | Self::Position) {
            facts.position = None;
        }
        if matches!(self, Self::Company | Self::Department) {
            facts.department = None;
        }
        if self == Self::Company {
            facts.company = None;
        }
        facts
    }
}

/// How each person in the bin loses it who has it.
pub(super) fn planned(cx: &Context, tx: &Tx<'_>, lost: BinRemoval<'_>) -> Result<Vec<BinLoss>> {
    let Some(thing) = LossKind::of_kind(lost.kind) else { return Ok(Vec::new()) };
    let name = thing.name(tx, lost.id)?;
    let mut people = store::in_bin_with(tx, thing, lost.id)?;
    people.retain(|id| lost.only.is_none_or(|only| only.contains(id)));
    let losing = people.into_iter().map(|id| {
        let user = stored(tx, id)?;
        let facts = thing.taken_from(&user.facts, name.as_deref());
        let (before, after) = user.facts.difference(&facts);
        let (mut of_before, of_after) = ids(tx, id, (&before, &after), lost.id)?;
        of_before.insert("deleted".to_owned(), true.into());
        of_before.insert(MARK.to_owned(), json!([lost.kind, lost.id]));
        let told = guard::require_view(cx, &user).is_ok().then(|| loss_of(user.facts, &facts));
        let subject = told.as_ref().map_or_else(|| id.to_string(), |loss| loss.email.clone());
        let change = Change::of(Action::Update, KIND, (subject, id), (before, after));
        let ids = Ids { before: of_before, after: of_after, ..Ids::default() };
        Ok(BinLoss { change: Change { ids, ..change }, told })
    });
    losing.collect()
}

/// What somebody in the bin loses who has `new` after `old`.
fn loss_of(old: Facts, new: &Facts) -> Loss {
    let places = old.place().into_iter().zip(new.place());
    let places = [company::KIND, unit::DEPARTMENT, unit::POSITION].into_iter().zip(places);
    let gone = places.filter(|(_, (had, has))| had != has);
    let mut taken: Vec<String> =
        gone.filter_map(|(kind, (had, _))| Some(format!("{kind} `{}`", had?))).collect();
    let lists = [
        (role::KIND, &old.roles, &new.roles),
        (group::KIND, &old.groups, &new.groups),
        (group::KIND, &old.directory_groups, &new.directory_groups),
    ];
    for (kind, had, has) in lists {
        for name in had.iter().filter(|name| !has.contains(name)) {
            let what = format!("{kind} `{name}`");
            if !taken.contains(&what) {
                taken.push(what);
            }
        }
    }
    Loss {
        full_name: old.has_profile().then(|| old.full_name()),
        email: old.email,
        company: old.company,
        groups: Vec::new(),
        permissions: Vec::new(),
        in_bin: true,
        taken,
    }
}

/// What the names in the fields before and after mean.
fn ids(tx: &Tx<'_>, user: i64, fields: (&Fields, &Fields), lost: i64) -> Result<(Fields, Fields)> {
    let (mut before, mut after) = (Fields::new(), Fields::new());
    let places = [company::KIND, unit::DEPARTMENT, unit::POSITION];
    for (field, id) in places.into_iter().zip(store::place_ids(tx, user)?) {
        if let Some(id) = id.filter(|_| fields.0.contains_key(field)) {
            before.insert(field.to_owned(), id.into());
        }
    }
    let roles = store::role_ids(tx, user)?;
    let all = roles.iter().map(|(id, _)| *id).collect();
    let bare = roles.iter().filter(|(_, with_groups)| !with_groups).map(|(id, _)| *id).collect();
    let lists: [(&str, Vec<i64>); 4] = [
        ("roles", all),
        ("roles_without_groups", bare),
        ("groups", store::group_ids(tx, user, true)?),
        ("directory_groups", store::group_ids(tx, user, false)?),
    ];
    for (field, ids) in lists {
        if fields.0.contains_key(field) {
            let kept: Vec<i64> = ids.iter().copied().filter(|id| *id != lost).collect();
            before.insert(field.to_owned(), ids.into());
            after.insert(field.to_owned(), kept.into());
        }
    }
    Ok((before, after))
}

/// What a change takes from somebody in the bin, if it is such a change.
pub(super) fn lost_by(change: &Change) -> Result<Option<(LossKind, i64)>, run::Error> {
    let Some((kind, id)) = change.was().id_if_any::<(&str, i64)>(MARK)? else { return Ok(None) };
    match LossKind::of_kind(kind) {
        Some(thing) => Ok(Some((thing, id))),
        None => Err(run::Error::unreadable(MARK, format!("nobody has a `{kind}`"))),
    }
}

/// Takes it.
pub(super) fn take(
    cx: &Context,
    tx: &Tx<'_>,
    user: &User,
    (thing, id): (LossKind, i64),
    record: Record<'_>,
) -> Result<()> {
    if !user.facts.deleted {
        return Err(Error::ChangedSincePlanned { email: user.facts.email.clone() }.into());
    }
    let facts = thing.taken_from(&user.facts, thing.name(tx, id)?.as_deref());
    save::lose(cx, tx, (user, &facts), record, |tx| store::lose(tx, user.id, thing, id))
}

/// Whether somebody still lacks just what a change took, wherever they are now.
pub(super) fn stands(user: &User, after: &Fields) -> bool {
    let now: Fields = user.facts.to_fields();
    after.iter().all(|(field, value): (&String, &Value)| now.get(field) == Some(value))
}
