//! How runs change people.

use std::borrow::Cow;
use std::collections::HashSet;

use zeroize::Zeroizing;

use super::filter::{self, Filter, Page};
use super::login::Moment;
use super::notice::{Causes, Waiting};
use super::org_lookup::OrgLookup;
use super::renamed::{Names, check_places};
use super::save::{self, Record};
use super::store::{self, User};
use super::{Error, Facts, KIND, last, losses, unrestored};
use crate::audit::{self, Fields};
use crate::context::Context;
use crate::crypto::seal::{self, SecretLocation};
use crate::error::Result;
use crate::run::{self, Action, AffectedPeople, Change, Coming, Done, Reverted, Step, Target};
use crate::state::History;
use crate::store::{SearchAside, SetAside, Tx};

/// Where the sealed hash of an imported password waits for its change to be applied.
fn sealed_place(seq: i64) -> SecretLocation<'static> {
    SecretLocation { table: "run_changes", column: "sealed", row: seq }
}

/// Seals the hash of an imported password to the change `seq` of `run`; the place knows the change only, so the run
/// stands before the hash.
pub(super) fn seal_hash(cx: &Context, run: &str, seq: i64, hash: &str) -> Result<Vec<u8>> {
    let text = Zeroizing::new(format!("{run} {hash}"));
    seal::seal(&cx.key, &*cx.rng, sealed_place(seq), text.as_bytes())
}

/// Opens what [`seal_hash`] sealed, for the same change of the same run only.
fn open_hash(cx: &Context, step: &Step<'_>, sealed: &[u8]) -> Result<Zeroizing<String>> {
    let text = seal::open_text(&cx.key, sealed_place(step.seq), sealed)?;
    match text.split_once(' ') {
        None => Err(run::Error::unreadable("sealed", "it names no run").into()),
        Some((run, hash)) if Some(run) == step.run => Ok(Zeroizing::new(hash.to_owned())),
        Some(_) => Err(Error::SealedElsewhere { run: step.run.unwrap_or_default().to_owned() }.into()),
    }
}

/// The target of people, for one run.
#[derive(Default)]
pub(crate) struct UserTarget {
    places: OrgLookup,
    names: Names,
    superuser: Option<User>,
    /// Those who still pass the filter that a run was planned with.
    meant: Option<HashSet<i64>>,
    /// The indexes of lists, while very many people are made or go.
    set_aside: Option<SetAside>,
    /// The index of searches, while nearly everybody goes.
    search_aside: Option<SearchAside>,
    /// What those lack who come back from the bin; worked out when the first of them does.
    history: Option<History>,
    /// Whose mails of the run that is taken back wait.
    waiting: Waiting,
}

/// The facts that decide what somebody may do.
const ACCESS: [&str; 14] = [
    "active",
    "start_date",
    "end_date",
    "superuser",
    "company",
    "roles",
    "roles_without_groups",
    "groups",
    "deleted",
    "directory",
    "directory_disabled",
    "directory_expires_at",
    "directory_missing_since",
    "directory_groups",
];

/// New people from which on it can be worth making the indexes of lists again.
const MANY: u64 = 10_000;

/// The indexes of lists that everybody stands in, in an order that new people do not come in.
pub(super) const LIST_INDEXES: [&str; 4] =
    ["users_by_name", "users_by_company", "users_by_department", "users_by_position"];

impl Target for UserTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "people"
    }

    fn makers(&self, run: &str) -> &'static [&'static str] {
        match run {
            "user.import" => &["users.add", "users.edit"],
            "user.delete" => &["users.delete"],
            "two_factor.require" | "two_factor.unrequire" => &["two_factor.require"],
            "directory.refresh" | "directory.refresh_take" => &["users.edit"],
            _ if run.starts_with("directory.") => &["directory.sync"],
            _ => &["users.edit"],
        }
    }

    fn is_of(&self, word: &str) -> bool {
        [KIND, "two_factor", "directory"].contains(&word)
    }

    fn affected(&self, _: &Tx<'_>, change: &Change, affected: &mut AffectedPeople) -> Result<()> {
        // Whoever loses something in the bin has no access to lose.
        let is_outside = losses::lost_by(change)?.is_none();
        let takes = is_outside && ACCESS.iter().any(|field| change.will_be().has(field));
        if let (Some(id), true) = (change.subject_id, change.action != Action::Create && takes) {
            affected.person(id);
        }
        Ok(())
    }

    fn mails(&self, change: &Change) -> u64 {
        Causes::of(&change.before, &change.after).mails()
    }

    /// When most of those there will be are new, or hardly anybody of those there are will be left, the indexes of lists are
    /// set aside and made again at the end, for which everybody is sorted again; emails keep theirs, which says whether one
    /// is free.
    fn begin(&mut self, cx: &Context, tx: &Tx<'_>, coming: &Coming<'_>) -> Result<()> {
        *self = Self { places: OrgLookup::of_changes(), ..Self::default() };
        if let Some(meant) = coming.meant {
            let unreadable =
                |source| Error::FilterOfRun { run: coming.run.unwrap_or_default().to_owned(), source };
            self.meant = Some(still_meant(cx, tx, &serde_json::from_str(meant).map_err(unreadable)?)?);
        }
        if let (true, Some(run)) = (coming.is_undo, coming.run) {
            self.waiting = Waiting::of(tx, run)?;
        }
        let (new, gone) = (coming.people.create, coming.people.delete);
        let is_mostly_new = new >= MANY && new >= store::live_count(tx)? / 2;
        // Whoever is left is looked through when a place that was made with them is taken back.
        let is_mostly_gone =
            coming.is_undo && gone >= MANY && store::count(tx)?.saturating_sub(gone) <= MANY / 10;
        if is_mostly_new || is_mostly_gone {
            self.set_aside = Some(tx.set_indexes_aside(&LIST_INDEXES)?);
        }
        if is_mostly_gone {
            self.search_aside = Some(tx.set_search_aside());
        }
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let record = Record {
            run: step.run,
            reason: change.reason.as_deref(),
            with_password: change.sealed.is_some(),
            ..Record::of(step.made_by)
        };
        let after = self.named(tx, step, &change.after, &change.ids.after)?;
        let id = match (change.action, change.subject_id) {
            (Action::Create, _) | (_, None) => {
                if !step.is_fresh {
                    check_places(tx, step, (&change.after, &change.ids.after), [None; 3])?;
                }
                let facts = Facts::created(&change.subject, &after).map_err(stored(&change.subject))?;
                save::insert(cx, tx, &mut self.places, facts, record)?
            }
            (Action::Update | Action::Deactivate | Action::Delete, Some(id)) => {
                let user = self.unchanged_since_planned(cx, tx, step, (id, change))?;
                if let Some(lost) = losses::lost_by(change)? {
                    losses::take(cx, tx, &user, lost, record)?;
                    return Ok(id);
                }
                if !step.is_fresh {
                    check_places(tx, step, (&change.after, &change.ids.after), store::place_ids(tx, id)?)?;
                }
                let facts = with(&user.facts, &after)?;
                // A role that goes takes with it that its groups did not come along; of that the plan has to know, or an
                // undo would give the groups.
                let is_known = |slug| facts.roles.contains(slug);
                if !step.is_fresh && !facts.roles_without_groups.iter().all(is_known) {
                    return Err(Error::ChangedSincePlanned { email: change.subject.clone() }.into());
                }
                save::update(cx, tx, &mut self.places, &user, facts, record)?.id
            }
        };
        if let Some(sealed) = &change.sealed {
            store::set_imported_hash(tx, id, &open_hash(cx, step, sealed)?)?;
        }
        Ok(id)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(user) = store::by_id(tx, done.subject_id)? else {
            return Ok(Reverted::gone());
        };
        if !self.stands(tx, step, &user, done)? {
            return Ok(Reverted::changed());
        }
        self.remember(cx, &user);
        let record = Record { run: step.run, ..Record::of(step.made_by) };
        if done.change.action == Action::Create {
            return Reverted::of(save::erase(cx, tx, &user, record));
        }
        let run = step.run.unwrap_or_default();
        let record = Record { is_untold: self.waiting.is_untold(tx, run, user.id)?, ..record };
        let reverted = Reverted::of(
            check_places(
                tx,
                step,
                (&done.change.before, &done.change.ids.before),
                store::place_ids(tx, user.id)?,
            )
            .and_then(|()| self.named(tx, step, &done.change.before, &done.change.ids.before))
            .and_then(|before| Ok(with(&user.facts, &before)?))
            .and_then(|facts| save::update(cx, tx, &mut self.places, &user, facts, record).map(drop)),
        )?;
        if reverted == Reverted::Yes {
            self.waiting.drop_to(cx, tx, run, user.id)?;
        }
        if reverted != Reverted::Yes || done.change.action != Action::Delete {
            return Ok(reverted);
        }
        let history = match &mut self.history {
            Some(history) => history,
            none => none.insert(History::of(tx)?),
        };
        let missing = unrestored::since(tx, history, (user.id, done.revision))?;
        let what = missing.said();
        Ok(if missing.is_nothing() { Reverted::Yes } else { Reverted::Without { what, runs: missing.runs } })
    }

    fn finish(&mut self, cx: &Context, tx: &Tx<'_>) -> Result<()> {
        if let Some(set_aside) = self.set_aside.take() {
            tx.rebuild_indexes(&set_aside)?;
        }
        if let Some(aside) = self.search_aside.take() {
            store::rebuild_search(tx, aside)?;
        }
        last::keep_a_superuser(cx, tx, self.superuser.as_ref())
    }
}

impl UserTarget {
    /// Keeps one of the superusers whom the run touches and who could administer, to ask at its end whether one is left.
    fn remember(&mut self, cx: &Context, user: &User) {
        let moment = Moment { now: cx.now(), today: cx.today() };
        if self.superuser.is_none() && last::can_administer(user, moment) {
            self.superuser = Some(user.clone());
        }
    }

    /// Whether somebody is still as a change left them. Of who was moved to the bin only that counts: what they lost there
    /// does not keep them in it. And what was taken from somebody in the bin is given back wherever they are now.
    fn stands(&mut self, tx: &Tx<'_>, step: &Step<'_>, user: &User, done: &Done) -> Result<bool> {
        let change = &done.change;
        if losses::lost_by(change)?.is_some() {
            return match self.named(tx, step, &change.after, &change.ids.after) {
                Ok(after) => Ok(losses::stands(user, &after)),
                Err(failure) if failure.get::<run::Error>().is_some() => Ok(false),
                Err(failure) => Err(failure),
            };
        }
        if change.action == Action::Delete {
            return Ok(user.facts.deleted && unrestored::in_bin_since(tx, user.id)? == Some(done.revision));
        }
        audit::stands_at(tx, (KIND, user.id), user.revision, done.revision)
    }

    /// The fields with the names that what they name has now.
    fn named<'a>(
        &mut self,
        tx: &Tx<'_>,
        step: &Step<'_>,
        fields: &'a Fields,
        ids: &Fields,
    ) -> Result<Cow<'a, Fields>> {
        if step.is_fresh {
            return Ok(Cow::Borrowed(fields));
        }
        Ok(Cow::Owned(self.names.of(tx, step, fields, ids)?))
    }

    /// The person, if the fields that will change are still as the plan saw them, and neither in the bin since nor back
    /// from it: a held run may be old.
    fn unchanged_since_planned(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        step: &Step<'_>,
        (id, change): (i64, &Change),
    ) -> Result<User> {
        let email = || change.subject.clone();
        if self.meant.as_ref().is_some_and(|meant| !meant.contains(&id)) {
            return Err(Error::NoLongerMeant { email: email() }.into());
        }
        let user = store::by_id(tx, id)?.ok_or_else(|| Error::ChangedSincePlanned { email: email() })?;
        let before = self.named(tx, step, &change.before, &change.ids.before)?;
        let now = user.facts.to_fields();
        let is_changed = before.iter().any(|(name, value)| now.get(name) != Some(value));
        let was_in_bin = change.before.contains_key("deleted") || change.ids.before.contains_key("deleted");
        let is_gone = user.facts.deleted && !was_in_bin;
        if is_changed || is_gone {
            return Err(Error::ChangedSincePlanned { email: email() }.into());
        }
        self.remember(cx, &user);
        Ok(user)
    }
}

/// Everybody who passes a filter that was written down when a run was planned.
fn still_meant(cx: &Context, tx: &Tx<'_>, meant: &Filter) -> Result<HashSet<i64>> {
    let mut ids = HashSet::new();
    filter::each(cx, tx, meant, Page::default(), |user| {
        ids.insert(user.id);
        Ok(())
    })?;
    Ok(ids)
}

fn with(facts: &Facts, fields: &Fields) -> Result<Facts, Error> {
    facts.with(fields).map_err(stored(&facts.email))
}

fn stored(email: &str) -> impl Fn(serde_json::Error) -> Error {
    move |source| Error::Stored { email: email.to_owned(), source }
}
