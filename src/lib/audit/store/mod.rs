//! The SQL of the audit.

mod runs;
mod sealed;

use std::collections::BTreeSet;

#[cfg(test)]
pub(super) use runs::STATEMENTS as OF_RUNS;
pub(super) use runs::undone_by;
pub(crate) use runs::{RowOfRun, rows_of_runs};
pub(crate) use sealed::SEALED;
#[cfg(test)]
pub(super) use sealed::STATEMENTS as OF_KEY;
pub(super) use sealed::{
    has_keyed, keyed_head, keyed_rows, put_key, sealed_key, set_highest, set_keyed_head,
};

use rusqlite::{OptionalExtension as _, Params, Row as SqlRow, ToSql, named_params};

use super::chain::{Against, Checkpoint, Hash, KnownKey, Link, Verdict};
use super::{Entry, Event, Tally};
use crate::error::Result;
use crate::store::Tx;
use crate::store::value::one_row;
use crate::text::email::key;
use crate::text::instant::Instant;
use crate::text::person_selector::PersonSelector;

const HEAD: &str = "SELECT seq, at, hash, keyed FROM audit ORDER BY seq DESC LIMIT 1";

const INSERT: &str = "
    INSERT INTO audit (seq, at, actor, actor_id, shell_user, via, client, action, kind, subject_id, subject, before,
        after, reason, run_id, hash, keyed)
    VALUES (:seq, :at, :actor, :actor_id, :shell_user, :via, :client, :action, :kind, :subject_id, :subject, :before,
        :after, :reason, :run_id, :hash, :keyed)";

/// The start of every question about whole rows.
macro_rules! rows {
    ($($rest:tt)*) => {
        concat!(
            "SELECT seq, at, actor, actor_id, shell_user, via, client, action, kind, subject_id, subject, before, after,
                reason, run_id, hash, keyed
            FROM audit ",
            $($rest)*
        )
    };
}

const ALL: &str = rows!("NOT INDEXED ORDER BY seq");

const ONE: &str = rows!("WHERE seq = :seq");

/// An absent filter passes everything. A time is that of the row, right or wrong: what is listed is a row with what it says
/// of itself, and the order is that of the chain. The actor is compared outside, folded, and so the limit is counted there
/// too.
macro_rules! passing {
    () => {
        "(:since IS NULL OR at >= :since)
            AND (:until IS NULL OR at < :until)
            AND (:action IS NULL OR action = :action OR substr(action, 1, length(:action) + 1) = :action || '.')
            AND (:run IS NULL OR run_id = :run)
        ORDER BY seq DESC"
    };
}

const LIST: &str = rows!("WHERE ", passing!());

const LIST_AMONG: &str = rows!("WHERE seq IN (SELECT value FROM json_each(:rows)) AND ", passing!());

/// The rows of one thing, whatever it was called.
const ROWS_OF: &str = "SELECT seq FROM audit WHERE kind = :kind AND subject_id = :subject_id";

const TELLS_OF: &str = "SELECT EXISTS (SELECT 1 FROM audit WHERE kind = :kind AND subject_id >= :subject_id)";

const SUBJECTS: &str = "SELECT seq, kind, subject_id, subject FROM audit";

const KINDS_OF_ID: &str = "SELECT DISTINCT kind FROM audit WHERE subject_id = :subject_id";

const NAMES: &str = "SELECT DISTINCT subject FROM audit";

const ACTORS: &str = "SELECT DISTINCT actor, actor_id, shell_user FROM audit";

const ACTIONS: &str = "SELECT DISTINCT action FROM audit";

/// The runs that there are or that rows tell of.
const RUNS: &str = "
    SELECT id FROM runs WHERE id >= :run AND id < :run || char(1114111)
    UNION
    SELECT run_id FROM audit WHERE run_id >= :run AND run_id < :run || char(1114111)";

const HAS_ACCOUNT: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id = :id)";

/// Refusals change nothing.
const CHANGES_OF: &str = rows!(
    "WHERE kind = :kind AND subject_id = :subject_id AND action <> 'permission.denied'
    ORDER BY seq DESC"
);

const LAST_AT: &str = "SELECT coalesce(max(seq), 0) FROM audit WHERE at <= :at";

const CALLED: &str = "
    SELECT subject_id, subject
    FROM audit
    WHERE kind = :kind AND seq <= :seq AND subject_id IS NOT NULL AND action <> 'permission.denied'";

/// Whoever has that email, in the bin or outside it.
const ACCOUNTS: &str = "
    SELECT id FROM users WHERE email_folded = :email AND deleted_at IS NULL
    UNION ALL
    SELECT id FROM users WHERE email_folded = :email AND deleted_at IS NOT NULL";

const TIME_OF: &str = "SELECT at FROM audit WHERE seq = :seq";

const HIGHEST: &str = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)";

/// Which rows to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// At or after.
    pub(crate) since: Option<Instant>,
    /// Before.
    pub(crate) until: Option<Instant>,
    /// By the account of this email or id, or one that was called so then, or a shell user.
    pub(crate) actor: Option<String>,
    /// About this thing: by its id, by `kind id`, or by a name it had at any time.
    pub(crate) subject: Option<String>,
    /// This action, or all of a feature (`user`).
    pub(crate) action: Option<String>,
    /// Of the run whose id begins so.
    pub(crate) run: Option<String>,
    /// At most so many.
    pub(crate) limit: Option<u32>,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The place in the chain.
    pub(crate) seq: i64,
    /// When.
    pub(crate) at: Instant,
    /// Who, as the account was called then.
    pub(crate) actor: String,
    /// The account that acted.
    pub(crate) actor_id: Option<i64>,
    /// The shell user behind.
    pub(crate) shell_user: Option<String>,
    /// Through which door.
    pub(crate) via: String,
    /// The address that a change by web came from.
    pub(crate) client: Option<String>,
    /// What happened.
    pub(crate) action: String,
    /// What it happened to.
    pub(crate) kind: String,
    /// The subject's id.
    pub(crate) subject_id: Option<i64>,
    /// The subject's name then.
    pub(crate) subject: String,
    /// The changed fields before, the text of a JSON object.
    pub(crate) before: Option<String>,
    /// The changed fields after.
    pub(crate) after: Option<String>,
    /// Why.
    pub(crate) reason: Option<String>,
    /// The run.
    pub(crate) run: Option<String>,
    /// What ties it to the row before, SHA-256.
    pub(crate) hash: Hash,
}

/// The fields of a row in the order of the statements, borrowed from SQLite, its hash and its keyed hash.
fn link<'a>(sql: &'a SqlRow<'_>) -> rusqlite::Result<(Link<'a>, (Hash, Option<Hash>))> {
    let text = |index: usize| Ok::<_, rusqlite::Error>(sql.get_ref(index)?.as_str()?);
    let optional = |index: usize| Ok::<_, rusqlite::Error>(sql.get_ref(index)?.as_str_or_null()?);
    let link = Link {
        seq: sql.get(0)?,
        at: Instant::from_micros(sql.get(1)?),
        actor: text(2)?,
        actor_id: sql.get(3)?,
        shell_user: optional(4)?,
        via: text(5)?,
        client: optional(6)?,
        entry: Entry {
            event: Event {
                action: text(7)?,
                kind: text(8)?,
                subject_id: sql.get(9)?,
                subject: text(10)?,
                reason: optional(13)?,
                actor: None,
                run: optional(14)?,
            },
            before: optional(11)?,
            after: optional(12)?,
        },
    };
    Ok((link, (sql.get(15)?, sql.get(16)?)))
}

fn row(sql: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let (link, (hash, _)) = link(sql)?;
    let Entry { event, before, after } = link.entry;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Row {
        seq: link.seq,
        at: link.at,
        actor: link.actor.to_owned(),
        actor_id: link.actor_id,
        shell_user: owned(link.shell_user),
        via: link.via.to_owned(),
        client: owned(link.client),
        action: event.action.to_owned(),
        kind: event.kind.to_owned(),
        subject_id: event.subject_id,
        subject: event.subject.to_owned(),
        before: owned(before),
        after: owned(after),
        reason: owned(event.reason),
        run: owned(event.run),
        hash,
    })
}

pub(super) fn head(tx: &Tx<'_>) -> Result<Option<Checkpoint>> {
    let mut statement = tx.sql().prepare_cached(HEAD)?;
    let head = statement
        .query_row([], |row| {
            Ok(Checkpoint {
                seq: row.get("seq")?,
                at: Instant::from_micros(row.get("at")?),
                hash: row.get("hash")?,
                keyed: row.get::<_, Option<Hash>>("keyed")?.is_some(),
            })
        })
        .optional()?;
    Ok(head)
}

pub(super) fn insert(tx: &Tx<'_>, link: &Link<'_>, (hash, keyed): (&Hash, &Hash)) -> Result<()> {
    let Entry { event, before, after } = &link.entry;
    let inserted = tx.sql().prepare_cached(INSERT)?.execute(named_params! {
        ":seq": link.seq,
        ":at": link.at.micros(),
        ":actor": link.actor,
        ":actor_id": link.actor_id,
        ":shell_user": link.shell_user,
        ":via": link.via,
        ":client": link.client,
        ":action": event.action,
        ":kind": event.kind,
        ":subject_id": event.subject_id,
        ":subject": event.subject,
        ":before": before,
        ":after": after,
        ":reason": event.reason,
        ":run_id": event.run,
        ":hash": hash,
        ":keyed": keyed,
    })?;
    Ok(one_row(inserted, "audit", link.seq)?)
}

pub(super) fn get(tx: &Tx<'_>, seq: i64) -> Result<Option<Row>> {
    Ok(tx.sql().prepare_cached(ONE)?.query_row(named_params! { ":seq": seq }, row).optional()?)
}

/// An actor that rows are looked for by.
struct Actor {
    typed: String,
    folded: String,
    /// The accounts that are called so today, or the one with that number.
    ids: Vec<i64>,
}

impl Actor {
    fn typed(tx: &Tx<'_>, typed: &str) -> Result<Self> {
        let ids = match PersonSelector::of(typed) {
            PersonSelector::Id(id) => vec![id],
            PersonSelector::Email(key) => {
                let mut statement = tx.sql().prepare_cached(ACCOUNTS)?;
                let ids = statement.query_map(named_params! { ":email": key }, |row| row.get(0))?;
                ids.collect::<Result<_, _>>()?
            }
        };
        Ok(Self { typed: typed.to_owned(), folded: key(typed), ids })
    }

    /// Whether one of the accounts acted, or one that was called so then, or a shell user of that name.
    fn acted(&self, (actor, id, shell_user): (&str, Option<i64>, Option<&str>)) -> bool {
        id.is_some_and(|id| self.ids.contains(&id))
            || shell_user == Some(&self.typed)
            || key(actor) == self.folded
    }

    /// Whether there is an account that is meant, or there was.
    fn is_known(&self, tx: &Tx<'_>) -> Result<bool> {
        let mut account = tx.sql().prepare_cached(HAS_ACCOUNT)?;
        for id in &self.ids {
            if account.query_row(named_params! { ":id": id }, |row| row.get(0))? {
                return Ok(true);
            }
        }
        let mut statement = tx.sql().prepare_cached(ACTORS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let text = |index| row.get_ref(index)?.as_str_or_null().map_err(rusqlite::Error::from);
            if self.acted((text(0)?.unwrap_or_default(), row.get(1)?, text(2)?)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether that actor is an account, or acted at any time.
pub(super) fn knows_actor(tx: &Tx<'_>, typed: &str) -> Result<bool> {
    Actor::typed(tx, typed)?.is_known(tx)
}

/// Calls `each` with the rows that pass, the subject apart: `rows` are those about it. Returns how many there were.
pub(super) fn list(
    tx: &Tx<'_>,
    filter: &Filter,
    rows: Option<&str>,
    mut each: impl FnMut(Row) -> Result<()>,
) -> Result<u64> {
    let actor = filter.actor.as_deref().map(|typed| Actor::typed(tx, typed)).transpose()?;
    let (since, until) = (filter.since.map(Instant::micros), filter.until.map(Instant::micros));
    let mut statement = tx.sql().prepare_cached(if rows.is_some() { LIST_AMONG } else { LIST })?;
    let mut parameters: Vec<(&str, &dyn ToSql)> =
        vec![(":since", &since), (":until", &until), (":action", &filter.action), (":run", &filter.run)];
    parameters.extend(rows.as_ref().map(|rows| (":rows", rows as &dyn ToSql)));
    let mut found = statement.query(parameters.as_slice())?;
    let most = filter.limit.map_or(u64::MAX, u64::from);
    let mut listed = 0;
    while listed < most
        && let Some(sql) = found.next()?
    {
        let (link, _) = link(sql)?;
        if actor.as_ref().is_none_or(|actor| actor.acted((link.actor, link.actor_id, link.shell_user))) {
            each(row(sql)?)?;
            listed += 1;
        }
    }
    Ok(listed)
}

pub(super) fn rows_of(tx: &Tx<'_>, kind: &str, subject_id: i64) -> Result<Vec<i64>> {
    let mut statement = tx.sql().prepare_cached(ROWS_OF)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id };
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Whether a row tells of that thing, or of a later one of its kind.
pub(super) fn tells_of(tx: &Tx<'_>, kind: &str, subject_id: i64) -> Result<bool> {
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id };
    Ok(tx.sql().query_row(TELLS_OF, parameters, |row| row.get(0))?)
}

/// Calls `each` with the number, the kind, the id and the name of the subject of every row.
pub(super) fn subjects(tx: &Tx<'_>, mut each: impl FnMut(i64, &str, Option<i64>, &str)) -> Result<()> {
    let mut statement = tx.sql().prepare_cached(SUBJECTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let text = |index| row.get_ref(index)?.as_str().map_err(rusqlite::Error::from);
        each(row.get(0)?, text(1)?, row.get(2)?, text(3)?);
    }
    Ok(())
}

pub(super) fn kinds_of_id(tx: &Tx<'_>, subject_id: i64) -> Result<Vec<String>> {
    texts(tx, KINDS_OF_ID, named_params! { ":subject_id": subject_id })
}

pub(super) fn names(tx: &Tx<'_>) -> Result<Vec<String>> {
    texts(tx, NAMES, [])
}

pub(super) fn actions(tx: &Tx<'_>) -> Result<Vec<String>> {
    texts(tx, ACTIONS, [])
}

/// The runs whose id begins so.
pub(super) fn runs(tx: &Tx<'_>, run: &str) -> Result<Vec<String>> {
    texts(tx, RUNS, named_params! { ":run": run })
}

fn texts(tx: &Tx<'_>, sql: &str, parameters: impl Params) -> Result<Vec<String>> {
    let mut statement = tx.sql().prepare_cached(sql)?;
    Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

pub(super) fn changes_of(tx: &Tx<'_>, kind: &str, subject_id: i64) -> Result<Vec<Row>> {
    let mut statement = tx.sql().prepare_cached(CHANGES_OF)?;
    let parameters = named_params! { ":kind": kind, ":subject_id": subject_id };
    let rows = statement.query_map(parameters, row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

pub(super) fn last_at(tx: &Tx<'_>, at: Instant) -> Result<i64> {
    let mut statement = tx.sql().prepare_cached(LAST_AT)?;
    Ok(statement.query_row(named_params! { ":at": at.micros() }, |row| row.get(0))?)
}

pub(super) fn time_of(tx: &Tx<'_>, seq: i64) -> Result<Instant> {
    let mut statement = tx.sql().prepare_cached(TIME_OF)?;
    Ok(Instant::from_micros(statement.query_row(named_params! { ":seq": seq }, |row| row.get(0))?))
}

pub(super) fn called(tx: &Tx<'_>, kind: &str, folded: &str, seq: i64) -> Result<BTreeSet<i64>> {
    let mut statement = tx.sql().prepare_cached(CALLED)?;
    let mut rows = statement.query(named_params! { ":kind": kind, ":seq": seq })?;
    let mut ids = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if key(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?) == folded {
            ids.insert(row.get(0)?);
        }
    }
    Ok(ids)
}

/// The highest number that a row was ever given.
pub(super) fn highest(tx: &Tx<'_>) -> Result<i64> {
    Ok(tx.sql().prepare_cached(HIGHEST)?.query_row([], |row| row.get(0))?)
}

/// Walks over all rows, and counts those that state follows from.
pub(super) fn verify(tx: &Tx<'_>, against: &Against, tally: &mut Tally) -> Result<Verdict> {
    let mut verdict = Verdict { altered: tx.altered_schema()?, ..Verdict::default() };
    verdict.keyed_proved = matches!(against.key, KnownKey::This(_));
    let mut statement = tx.sql().prepare(ALL)?;
    let mut rows = statement.query([])?;
    while let Some(sql) = rows.next()? {
        let next = verdict.rows + 1;
        let broken = match link(sql) {
            Ok((link, hashes)) => {
                tally.add_told(link.seq, &link.entry.event);
                verdict.follow(&link, hashes, against).map_err(|why| (link.seq, why))
            }
            Err(error) => Err((next, format!("it holds what was never written there: {error}"))),
        };
        if let Err(broken) = broken {
            verdict.broken = Some(broken);
            return Ok(verdict);
        }
    }
    let reached = verdict.rows;
    let highest = highest(tx)?;
    let keyed = if let KnownKey::This(key) = &against.key { key.first } else { 0 };
    let expected = highest.max(against.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.seq)).max(keyed);
    if reached < expected {
        verdict.broken =
            Some((reached + 1, format!("the chain ends here, but row {expected} was written once")));
    } else if let (KnownKey::This(key), Some(head)) = (&against.key, &verdict.head)
        && keyed_head(tx)? != Some(key.head(&head.hash))
    {
        verdict.broken = Some((reached + 1, "the chain ends here, but by its key it went on".to_owned()));
    }
    Ok(verdict)
}

#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    HEAD,
    INSERT,
    ALL,
    ONE,
    LIST,
    LIST_AMONG,
    ROWS_OF,
    TELLS_OF,
    SUBJECTS,
    KINDS_OF_ID,
    NAMES,
    ACTORS,
    ACTIONS,
    RUNS,
    HAS_ACCOUNT,
    CHANGES_OF,
    LAST_AT,
    CALLED,
    ACCOUNTS,
    TIME_OF,
    HIGHEST,
];
