//! What the filters of `audit list` mean. A name means whatever had it at any time, and then all that happened to it, under
//! whichever name; what there is nothing of is an error, for an empty answer would read as "nothing happened".

use std::collections::BTreeSet;

use serde_json::Value;

use super::store::{self, Filter};
use super::{Error, actions};
use crate::error::Result;
use crate::store::Tx;
use crate::text::email::key;
use crate::text::suggest::nearest_one;

/// Kinds of rows about what has rows of another kind, by the same ids.
const ABOUT: [(&str, &str); 2] = [("login", "user"), ("org", "company")];

/// Something that rows are about, as it is told and asked for: `user 2`, or the kind where there is no id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Subject {
    kind: String,
    id: Option<i64>,
}

impl Subject {
    fn new(kind: &str, id: Option<i64>) -> Self {
        let kind = ABOUT.iter().find(|(about, _)| *about == kind).map_or(kind, |(_, kind)| *kind);
        Self { kind: kind.to_owned(), id }
    }

    /// The kinds of its rows.
    fn kinds(&self) -> impl Iterator<Item = &str> {
        let about = ABOUT.iter().filter(|(_, kind)| *kind == self.kind).map(|(about, _)| *about);
        std::iter::once(self.kind.as_str()).chain(about)
    }

    /// As it is told, and as it is asked for.
    fn name(&self) -> String {
        self.id.map_or_else(|| self.kind.clone(), |id| format!("{} {id}", self.kind))
    }
}

/// What was asked for, found in the audit.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What the name belonged to.
    subjects: BTreeSet<Subject>,
    /// The rows about that, as a JSON array.
    pub(super) rows: Option<String>,
}

impl Asked {
    /// Finds what the filter means, and writes out the run in it.
    ///
    /// # Errors
    /// When the audit tells of no such subject, or there is no such run or action.
    pub(super) fn find(tx: &Tx<'_>, filter: &mut Filter) -> Result<Self> {
        if let Some(action) = &filter.action {
            check_action(tx, action)?;
        }
        if let Some(run) = &mut filter.run {
            *run = the_run(tx, run)?;
        }
        filter.subject.as_deref().map_or_else(|| Ok(Self::default()), |typed| Self::about(tx, typed))
    }

    fn about(tx: &Tx<'_>, typed: &str) -> Result<Self> {
        let (mut subjects, mut rows) = (BTreeSet::new(), BTreeSet::new());
        rows_called(tx, typed, |seq, kind, id| {
            subjects.insert(Subject::new(kind, id));
            rows.insert(seq);
        })?;
        if let Ok(id) = typed.parse() {
            let kinds = store::kinds_of_id(tx, id)?;
            subjects.extend(kinds.iter().map(|kind| Subject::new(kind, Some(id))));
        } else if let Some((kind, id)) = typed.split_once(' ')
            && let Ok(id) = id.parse()
            && store::kinds_of_id(tx, id)?.iter().any(|known| Subject::new(known, None).kind == kind)
        {
            subjects.insert(Subject::new(kind, Some(id)));
        }
        for subject in &subjects {
            let Some(id) = subject.id else { continue };
            for kind in subject.kinds() {
                rows.extend(store::rows_of(tx, kind, id)?);
            }
        }
        if rows.is_empty() {
            let names = store::names(tx)?;
            let near = nearest_one(typed, names.iter().map(String::as_str));
            return Err(Error::UnknownSubject { subject: typed.to_owned(), near }.into());
        }
        let rows: Value = rows.into_iter().collect();
        Ok(Self { subjects, rows: Some(rows.to_string()) })
    }

    /// What the name belonged to, when that is more than one thing.
    pub(crate) fn several(&self) -> Option<Vec<String>> {
        (self.subjects.len() > 1).then(|| self.subjects.iter().map(Subject::name).collect())
    }
}

/// The ids of the people who had that email at any time.
pub(crate) fn people_called(tx: &Tx<'_>, email: &str) -> Result<BTreeSet<i64>> {
    let mut people = BTreeSet::new();
    rows_called(tx, email, |_, kind, id| people.extend(id.filter(|_| kind == "user")))?;
    Ok(people)
}

/// Every row about what was called so then, in any spelling: its number, kind and id.
fn rows_called(tx: &Tx<'_>, typed: &str, mut each: impl FnMut(i64, &str, Option<i64>)) -> Result<()> {
    let folded = key(typed);
    // The rows of one thing are mostly called alike: the last text is not folded again.
    let (mut last, mut is_meant) = (String::new(), key("") == folded);
    store::subjects(tx, |seq, kind, id, name| {
        if name != last {
            name.clone_into(&mut last);
            is_meant = key(name) == folded;
        }
        if is_meant {
            each(seq, kind, id);
        }
    })
}

/// The run whose id begins so.
fn the_run(tx: &Tx<'_>, typed: &str) -> Result<String, crate::error::Failure> {
    let not_found = || Error::UnknownRun { run: typed.to_owned() };
    if typed.is_empty() {
        return Err(not_found().into());
    }
    let mut runs = store::runs(tx, typed)?;
    if runs.len() > 1 {
        return Err(Error::SeveralRuns { run: typed.to_owned() }.into());
    }
    Ok(runs.pop().ok_or_else(not_found)?)
}

/// Refuses an action, or a noun, that is neither known nor in any row.
fn check_action(tx: &Tx<'_>, action: &str) -> Result<()> {
    if actions::KNOWN.iter().any(|known| actions::is_of(known, action)) {
        return Ok(());
    }
    let written = store::actions(tx)?;
    if written.iter().any(|known| actions::is_of(known, action)) {
        return Ok(());
    }
    let nouns = actions::KNOWN.iter().filter_map(|known| known.split_once('.')).map(|(noun, _)| noun);
    let known = actions::KNOWN.iter().copied().chain(nouns).chain(written.iter().map(String::as_str));
    let near = nearest_one(action, known);
    Err(Error::UnknownAction { action: action.to_owned(), near }.into())
}
