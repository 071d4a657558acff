//! How runs change people.

use super::login::Moment;
use super::meaning::Meanings;
use super::places::Places;
use super::save::{self, Record};
use super::store::{self, User};
use super::{Error, Facts, KIND, last};
use crate::audit::{self, Fields};
use crate::context::Context;
use crate::crypto::seal::{self, Place};
use crate::error::{Kind, Result};
use crate::run::{self, Action, Change, Done, Reverted, Step, Target};
use crate::store::{SetAside, Tx};
use zeroize::Zeroizing;

/// Where the sealed hash of an imported password waits for its change to be applied.
fn sealed_place(seq: i64) -> Place<'static> {
    Place { table: "run_changes", column: "sealed", row: seq }
}

/// Seals the hash of an imported password to the change `seq` of `run`; the place knows the change only, so the run
/// stands before the hash.
pub(super) fn seal_hash(cx: &Context, run: &str, seq: i64, hash: &str) -> Result<Vec<u8>> {
    let text = Zeroizing::new(format!("{run} {hash}"));
    seal::seal(&cx.key, &*cx.rng, sealed_place(seq), text.as_bytes())
}

/// Opens what [`seal_hash`] sealed, for the same change of the same run only.
fn open_hash(cx: &Context, step: &Step<'_>, sealed: &[u8]) -> Result<Zeroizing<String>> {
    let text = seal::open(&cx.key, sealed_place(step.seq), sealed)?;
    let text = std::str::from_utf8(&text).unwrap_or_default();
    match text.split_once(' ') {
        Some((run, hash)) if run == step.run => Ok(Zeroizing::new(hash.to_owned())),
        _ => Err(Error::SealedElsewhere { run: step.run.to_owned() }.into()),
    }
}

/// The target of people, for one run.
#[derive(Default)]
pub(crate) struct People {
    places: Places,
    meanings: Meanings,
    superuser: Option<User>,
    /// The indexes of lists, while very many people are made.
    set_aside: Option<SetAside>,
}

/// New people from which on it can be worth making the indexes of lists anew.
const MANY: u64 = 10_000;

/// The indexes of lists that everybody stands in, in an order that new people do not come in.
pub(super) const LIST_INDEXES: [&str; 4] =
    ["users_by_name", "users_by_company", "users_by_department", "users_by_position"];

impl Target for People {
    fn kind(&self) -> &'static str {
        KIND
    }

    /// When most of those there will be are new, the indexes of lists are set aside and made anew at the end, for which
    /// everybody is sorted again; emails keep theirs, which says whether one is free.
    fn begin(&mut self, tx: &Tx<'_>, people: &run::People) -> Result<()> {
        if people.create >= MANY && people.create >= store::live_count(tx)? / 2 {
            self.set_aside = Some(tx.set_indexes_aside(&LIST_INDEXES)?);
        }
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<()> {
        let record = Record {
            run: Some(step.run),
            reason: change.reason.as_deref(),
            with_password: change.sealed.is_some(),
            ..Record::of(step.made_by)
        };
        let id = match (change.action, change.subject_id) {
            (Action::Create, _) | (_, None) => {
                let facts = with(&Facts::new(change.subject.clone()), &change.after)?;
                self.meanings.check(tx, step, &facts, &change.after)?;
                save::insert(cx, tx, &mut self.places, facts, record)?.id
            }
            (Action::Update | Action::Deactivate | Action::Delete, Some(id)) => {
                let user = self.unchanged_since_planned(cx, tx, id, change)?;
                let facts = with(&user.facts, &change.after)?;
                self.meanings.check(tx, step, &facts, &change.after)?;
                save::update(cx, tx, &mut self.places, &user, facts, record)?.id
            }
        };
        if let Some(sealed) = &change.sealed {
            store::set_imported_hash(tx, id, &open_hash(cx, step, sealed)?)?;
        }
        Ok(())
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let Some(user) = store::by_id(tx, done.subject_id)? else {
            return Ok(Reverted::gone());
        };
        if !stands_at(tx, &user, done.revision)? {
            return Ok(Reverted::changed());
        }
        self.remember(cx, &user);
        let record = Record { run: Some(step.run), ..Record::of(step.made_by) };
        if done.change.action == Action::Create {
            return reverted(save::erase(cx, tx, &user, record));
        }
        let facts = with(&user.facts, &done.change.before)?;
        let before = &done.change.before;
        reverted(
            self.meanings
                .check(tx, step, &facts, before)
                .and_then(|()| save::update(cx, tx, &mut self.places, &user, facts, record).map(drop)),
        )
    }

    fn finish(&mut self, cx: &Context, tx: &Tx<'_>) -> Result<()> {
        if let Some(set_aside) = self.set_aside.take() {
            tx.make_indexes_anew(&set_aside)?;
        }
        last::keep_a_superuser(cx, tx, self.superuser.as_ref())
    }
}

impl People {
    /// Keeps one of the superusers whom the run touches and who could administer, to ask at its end whether one is left.
    fn remember(&mut self, cx: &Context, user: &User) {
        let moment = Moment { now: cx.now(), today: cx.today() };
        if self.superuser.is_none() && last::can_administer(user, moment) {
            self.superuser = Some(user.clone());
        }
    }

    /// The person, if the fields that will change are still as the plan saw them, and outside the bin: a held run may be
    /// old.
    fn unchanged_since_planned(
        &mut self,
        cx: &Context,
        tx: &Tx<'_>,
        id: i64,
        change: &Change,
    ) -> Result<User> {
        let gone = || Error::ChangedSincePlanned { email: change.subject.clone() };
        let user = store::by_id(tx, id)?.ok_or_else(gone)?;
        let now = user.facts.to_fields();
        let is_changed = change.before.iter().any(|(name, value)| now.get(name) != Some(value));
        let is_gone = user.facts.deleted && !change.before.contains_key("deleted");
        if is_changed || is_gone {
            return Err(gone().into());
        }
        self.remember(cx, &user);
        Ok(user)
    }
}

/// Whether the last change of the person is that of the audit row `revision`, but for later ones that were taken back.
fn stands_at(tx: &Tx<'_>, user: &User, revision: i64) -> Result<bool> {
    let mut at = user.revision;
    while at > revision {
        match audit::before_undone(tx, (KIND, user.id), at)? {
            Some(before) => at = before,
            None => return Ok(false),
        }
    }
    Ok(at == revision)
}

/// What a rule refuses leaves one person as they are; anything else ends the undo.
fn reverted(result: Result<()>) -> Result<Reverted> {
    match result {
        Ok(()) => Ok(Reverted::Yes),
        Err(failure) => match failure.kind() {
            Kind::Refused | Kind::NotFound | Kind::CannotCreate | Kind::Denied => {
                Ok(Reverted::No(failure.to_string()))
            }
            _ => Err(failure),
        },
    }
}

fn with(facts: &Facts, fields: &Fields) -> Result<Facts, Error> {
    facts.with(fields).map_err(|source| Error::Stored { email: facts.email.clone(), source })
}
