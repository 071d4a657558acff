//! How runs invite people, and take that back.

use serde_json::json;

use super::{KIND, check, invite_in, store};
use crate::audit::{self, Event, fields_of};
use crate::context::Context;
use crate::error::Result;
use crate::run::{Change, Coming, Done, Ids, Planner, Reverted, Step, Target};
use crate::store::Tx;
use crate::token;
use crate::user::create::stored;
use crate::user::notice::Waiting;
use crate::user::{User, get_in, guard};

/// The field of a change that says who is invited.
const WHO: &str = "user";

/// The target of invitations, for one run.
#[derive(Default)]
pub(crate) struct InvitationTarget {
    /// Whose mails of the run that is taken back wait.
    waiting: Waiting,
}

impl Target for InvitationTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn counted(&self) -> &'static str {
        "invitations"
    }

    fn mails(&self, _: &Change) -> u64 {
        1
    }

    fn begin(&mut self, _: &Context, tx: &Tx<'_>, coming: &Coming<'_>) -> Result<()> {
        self.waiting = match coming.run {
            Some(run) if coming.is_undo => Waiting::of(tx, run)?,
            _ => Waiting::default(),
        };
        Ok(())
    }

    fn apply(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, change: &Change) -> Result<i64> {
        let user = stored(tx, step.id_or(change, WHO, |who| Ok(get_in(cx, tx, who, "users.edit")?.id))?)?;
        // Whom the run makes itself the actor may bring in, and so invite.
        if !step.made.values().any(|made| *made == user.id) {
            guard::require_manage(cx, tx, &user, "users.edit")?;
        }
        invite_in(cx, tx, &user, (step.made_by, step.run))?;
        Ok(user.id)
    }

    fn revert(&mut self, cx: &Context, tx: &Tx<'_>, step: &Step<'_>, done: &Done) -> Result<Reverted> {
        let user = done.subject_id;
        let Some(last) = store::last(tx, user)? else { return Ok(Reverted::gone()) };
        if last.invitation.accepted_at.is_some() {
            return Ok(Reverted::No("has accepted the invitation".to_owned()));
        }
        if last.revision != done.revision {
            return Ok(Reverted::No("has been invited again since".to_owned()));
        }
        let user = stored(tx, user)?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        let event = Event::of(step.made_by, (KIND, user.id), &user.facts.email).in_run(step.run);
        audit::note(cx, tx, event, &fields_of([("invited", json!(null))]))?;
        if let Some(mail) = last.mail {
            token::end_of_mail(tx, mail, cx.now())?;
        }
        store::remove(tx, user.id)?;
        self.waiting.drop_to(cx, tx, step.run.unwrap_or_default(), user.id)?;
        Ok(Reverted::Yes)
    }
}

/// Plans to invite somebody there is.
pub(in crate::user) fn plan_one(cx: &Context, planner: &mut Planner<'_>, user: &User) -> Result<()> {
    check(cx, user)?;
    planner.change(&invitation(&user.facts.email, user.id))
}

/// The invitation of somebody, by their id, or the number that they go by in the plan that makes them.
pub(in crate::user) fn invitation(email: &str, id: i64) -> Change {
    let ids = Ids { after: fields_of([(WHO, json!(id))]), ..Ids::default() };
    Change { ids, ..Change::creation(KIND, email.to_owned(), fields_of([(WHO, json!(email))])) }
}
