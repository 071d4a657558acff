//! May this person log in? The one function that answers it: for the login page, for every request of a session, and for
//! `secboard user why`, which therefore cannot disagree with them.
//!
//! The facts are kept apart and all must agree: the administrator's switch, the dates (days in the site's time zone, both
//! ends included), the directory, a password to log in with, no hold by the throttle, and no time that ended in which a second
//! factor was to be set up. A required second factor and a forced password change do not block otherwise; they lead to a page
//! that has to be completed first.

use serde::{Deserialize, Serialize};

use super::Facts;
use super::invite::Invited;
use super::store::{Origin, User};
use crate::context::Context;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::text::shell::secboard;
use crate::throttle::Of;

/// When the question is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// The time.
    pub(crate) now: Instant,
    /// The day in the site's time zone.
    pub(crate) today: Day,
}

impl Moment {
    /// Now.
    pub(crate) fn of(cx: &Context) -> Self {
        Self { now: cx.now(), today: cx.today() }
    }
}

/// The check of the hold after failed logins.
const THROTTLE: &str = "throttle";

/// The check of the second factor.
const TWO_FACTOR: &str = "two_factor";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// Its stable name.
    pub(crate) code: &'static str,
    /// Whether it lets the person through.
    pub(crate) ok: bool,
    /// What was found.
    pub(crate) detail: String,
    /// What to do, when it does not let them through.
    #[serde(flatten)]
    pub(crate) hint: Hint,
}

/// What to do about a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Hint {
    /// What to know, or to do.
    pub(crate) advice: Option<String>,
    /// The one whole command that does it.
    pub(crate) command: Option<String>,
}

impl Hint {
    /// In one line, as a terminal shows it.
    pub(crate) fn said(&self) -> Option<String> {
        match (&self.advice, &self.command) {
            (Some(advice), Some(command)) => Some(format!("{advice} with `{command}`")),
            (advice, command) => command.as_ref().or(advice.as_ref()).cloned(),
        }
    }
}

impl From<String> for Hint {
    /// What is one whole command is that; anything else is advice.
    fn from(text: String) -> Self {
        if text.starts_with("secboard ") {
            Self { command: Some(text), advice: None }
        } else {
            Self { advice: Some(text), command: None }
        }
    }
}

/// How a person stands to their dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Employment {
    /// A date is set, and today is inside.
    Current,
    /// The start lies ahead.
    Future,
    /// The end has passed.
    Past,
    /// No date is set.
    None,
}

impl Employment {
    /// Where `today` lies.
    pub(crate) fn of(start: Option<Day>, end: Option<Day>, today: Day) -> Self {
        match (start, end) {
            (None, None) => Self::None,
            (Some(start), _) if today < start => Self::Future,
            (_, Some(end)) if end < today => Self::Past,
            _ => Self::Current,
        }
    }

    /// The word in JSON and on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Future => "future",
            Self::Past => "past",
            Self::None => "none",
        }
    }
}

/// What keeps the account from being active then: nothing, or the reasons. Password and throttle are not part of it.
pub(crate) fn inactive_reasons(user: &User, moment: Moment) -> Vec<String> {
    hindrances(&user.facts, moment).into_iter().map(|check| check.detail).collect()
}

/// What of the facts keeps the account from being active then, with what to do about it.
pub(crate) fn hindrances(facts: &Facts, moment: Moment) -> Vec<Check> {
    let hindrances =
        [switched_off(facts), outside_dates(facts, moment.today), closed_there(facts, moment.now)];
    hindrances.into_iter().flatten().collect()
}

/// Whether nothing keeps the account from being active then.
pub(crate) fn is_active(user: &User, moment: Moment) -> bool {
    user.facts.service().is_open(moment)
}

/// Switch, dates and directory: what decides whether an account is active. That is said here, and to the store by
/// `store/service.rs`, which means the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Service {
    /// The administrator's switch.
    pub(crate) active: bool,
    /// The first day.
    pub(crate) start: Option<Day>,
    /// The last day.
    pub(crate) end: Option<Day>,
    /// From when on the directory keeps it closed.
    pub(crate) closed_from: Option<Instant>,
}

impl Service {
    /// Whether the account is active then.
    pub(crate) fn is_open(self, moment: Moment) -> bool {
        self.active
            && matches!(
                Employment::of(self.start, self.end, moment.today),
                Employment::Current | Employment::None
            )
            && self.closed_from.is_none_or(|from| moment.now < from)
    }
}

impl Facts {
    /// What decides whether the account is active.
    pub(crate) fn service(&self) -> Service {
        let (active, start, end) = (self.active, self.start_date, self.end_date);
        Service { active, start, end, closed_from: self.closed_from() }
    }

    /// From when on the directory keeps the account closed: always while it is disabled or missing there.
    fn closed_from(&self) -> Option<Instant> {
        if self.directory_disabled || self.directory_missing_since.is_some() {
            return Some(Instant::from_micros(0));
        }
        self.directory_expires_at
    }

    /// Whether the directory keeps the account closed.
    pub(crate) fn is_closed_there(&self, now: Instant) -> bool {
        self.closed_from().is_some_and(|from| from <= now)
    }
}

/// Whether a change takes the login away: switch, dates and directory allowed it then, and no longer do.
pub(crate) fn loses_access(old: &Facts, new: &Facts, moment: Moment) -> bool {
    old.service().is_open(moment) && !new.service().is_open(moment)
}

/// Whether the person is let in at that time, a hold after failed logins apart: that ends by itself. One of what they disowned
/// does not.
pub(crate) fn lets_in(user: &User, moment: Moment) -> bool {
    checks(user, moment).iter().all(|check| check.ok || check.code == THROTTLE && user.disowned_at.is_none())
}

/// Whether nothing keeps the person out at that time.
pub(crate) fn may_log_in(user: &User, moment: Moment) -> bool {
    checks(user, moment).iter().all(|check| check.ok)
}

/// Everything that is looked at, in the order of a login.
pub(crate) fn checks(user: &User, moment: Moment) -> Vec<Check> {
    vec![
        exists(user),
        switch(user),
        dates(user, moment.today),
        directory(user, moment.now),
        password(user, moment.now),
        throttle(user, moment.now),
        two_factor(user, moment.now),
        password_change(user),
    ]
}

/// The only check there is for somebody who does not exist.
pub(crate) fn unknown(who: &str, hint: Hint) -> Check {
    blocked("exists", format!("nobody has the email `{who}`"), hint)
}

fn passed(code: &'static str, detail: impl Into<String>) -> Check {
    Check { code, ok: true, detail: detail.into(), hint: Hint::default() }
}

fn blocked(code: &'static str, detail: impl Into<String>, hint: impl Into<Hint>) -> Check {
    Check { code, ok: false, detail: detail.into(), hint: hint.into() }
}

fn exists(user: &User) -> Check {
    if user.facts.deleted {
        let hint = secboard("user restore").operand(&user.facts.email).to_string();
        return blocked("exists", "the account is in the bin", hint);
    }
    passed(
        "exists",
        if user.facts.has_profile() { "account and profile" } else { "account without a profile" },
    )
}

fn switch(user: &User) -> Check {
    switched_off(&user.facts).unwrap_or_else(|| passed("active", "the administrator's switch is on"))
}

/// The switch, when it keeps the person out.
fn switched_off(facts: &Facts) -> Option<Check> {
    if facts.active {
        return None;
    }
    let hint = secboard("user activate").operand(&facts.email).to_string();
    Some(blocked("active", "the administrator's switch is off", hint))
}

fn dates(user: &User, today: Day) -> Check {
    outside_dates(&user.facts, today).unwrap_or_else(|| match (user.facts.start_date, user.facts.end_date) {
        (None, None) => passed("dates", "no dates are set"),
        (start, end) => {
            let side = |day: Option<Day>| day.map_or_else(|| "open".to_owned(), |day| day.to_string());
            passed("dates", format!("{} to {}, today is {today}", side(start), side(end)))
        }
    })
}

/// The dates, when they keep the person out.
fn outside_dates(facts: &Facts, today: Day) -> Option<Check> {
    let edit = || secboard("user edit").operand(&facts.email);
    match (Employment::of(facts.start_date, facts.end_date, today), facts.start_date, facts.end_date) {
        (Employment::Future, Some(start), _) => Some(blocked(
            "dates",
            format!("the start date {start} lies ahead, today is {today}"),
            edit().flags("--start-date today").to_string(),
        )),
        (Employment::Past, _, Some(end)) => Some(blocked(
            "dates",
            format!("the end date {end} has passed, today is {today}"),
            edit().flags("--end-date never").to_string(),
        )),
        _ => None,
    }
}

fn directory(user: &User, now: Instant) -> Check {
    let Some(by) = &user.managed_by else {
        return match user.origin {
            Origin::Local => passed("directory", "not managed by a directory"),
            Origin::Directory => passed("directory", "managed by a directory"),
        };
    };
    let seen = match by.seen_at {
        Some(at) => format!("seen {}", age(at, now)),
        None => "never seen since".to_owned(),
    };
    match closed_there(&user.facts, now) {
        Some(check) => Check { detail: format!("{}; `{}`, {seen}", check.detail, by.connection), ..check },
        None => passed("directory", format!("managed by `{}`, {seen}", by.connection)),
    }
}

/// The directory, when it keeps the person out.
fn closed_there(facts: &Facts, now: Instant) -> Option<Check> {
    let detail = if facts.directory_disabled {
        "disabled there".to_owned()
    } else if let Some(since) = facts.directory_missing_since {
        format!("gone there since {since}")
    } else {
        format!("expired there at {}", facts.directory_expires_at.filter(|at| *at <= now)?)
    };
    let hint = "it is the directory that decides: have it changed there".to_owned();
    Some(blocked("directory", detail, hint))
}

/// How long ago something was, in the largest unit that has passed.
fn age(at: Instant, now: Instant) -> String {
    let seconds = now.micros().saturating_sub(at.micros()) / 1_000_000;
    let (count, unit) = match seconds {
        ..60 => return "just now".to_owned(),
        60..3600 => (seconds / 60, "minute"),
        3600..86_400 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
}

fn password(user: &User, now: Instant) -> Check {
    if user.origin == Origin::Directory {
        return passed("password", "checked by the directory");
    }
    if user.password_hash.is_some() {
        return passed("password", "set");
    }
    blocked("password", "no password was ever set", first_access(user, now))
}

/// How somebody without a password gets in.
fn first_access(user: &User, now: Instant) -> Hint {
    let invite = secboard("user invite").operand(&user.facts.email);
    if let Some(invitation) = user.invitation.filter(|invitation| invitation.state(now) == Invited::Pending) {
        let advice = format!("they are invited, and {}; send it again", invitation.waiting(now));
        return Hint { advice: Some(advice), command: Some(invite.to_string()) };
    }
    let command = secboard("user set-password").operand(&user.facts.email).flags("--generate");
    let advice = format!("invite them with `{invite}`, or give first access");
    Hint { advice: Some(advice), command: Some(command.to_string()) }
}

/// Until when the account is held, wherever somebody logs in.
fn held_until(user: &User, now: Instant) -> Option<Instant> {
    let everywhere = user.holds.iter().filter(|hold| hold.of == Of::Logins && hold.source.is_none());
    everywhere.filter_map(|hold| hold.until(now)).max()
}

fn throttle(user: &User, now: Instant) -> Check {
    let unlock = || secboard("user unlock").operand(&user.facts.email).to_string();
    if let Some(until) = held_until(user, now) {
        return blocked(THROTTLE, format!("held after failed logins until {until}"), unlock());
    }
    if let Some(at) = user.disowned_at {
        return disowned(user, at);
    }
    let here: Vec<String> = user
        .holds
        .iter()
        .filter_map(|hold| Some(format!("{} until {}", hold.source.as_deref()?, hold.until(now)?)))
        .collect();
    if here.is_empty() {
        return passed(THROTTLE, "not held");
    }
    let detail = format!("held after failed logins from {}; from elsewhere not", here.join(", from "));
    Check { hint: unlock().into(), ..passed(THROTTLE, detail) }
}

/// That whoever has the mailbox has to choose a password first: they said that somebody else was in their account.
fn disowned(user: &User, at: Instant) -> Check {
    let command = secboard("user unlock").operand(&user.facts.email);
    let hint = format!(
        "they ask for the link at `/password_reset/`; if it was a mistake, end the hold with `{command}`"
    );
    blocked(
        THROTTLE,
        format!(
            "held since they said at {at} that it was not them, until they choose a password by a link in a mail"
        ),
        match doubtful_factor(user) {
            Some(doubt) => format!("{doubt}; then {hint}"),
            None => hint,
        },
    )
}

/// What to do first about the second factor of somebody who said that somebody else had been in their account: no link and no
/// other password removes it, and whoever set it up needs it to get in again.
pub(crate) fn doubtful_factor(user: &User) -> Option<String> {
    let factor = user.second_factor.filter(|_| user.disowned_at.is_some())?;
    let reset = secboard("two-factor reset").operand(&user.facts.email).flags("--reason stolen");
    Some(format!(
        "ask them whether the second factor of {} is theirs, and if not, end it with `{reset}`",
        factor.enrolled_at
    ))
}

fn two_factor(user: &User, now: Instant) -> Check {
    let required = if user.facts.two_factor_required { "required" } else { "not required" };
    if let Some(factor) = user.second_factor {
        let codes = match factor.codes_left {
            1 => "1 backup code left".to_owned(),
            left => format!("{left} backup codes left"),
        };
        let held = user.holds.iter().filter(|hold| hold.of == Of::Codes).find_map(|hold| hold.until(now));
        let held = held.map_or_else(String::new, |until| format!("; held after wrong codes until {until}"));
        return passed(TWO_FACTOR, format!("{required}, enrolled, {codes}{held}"));
    }
    match user.grace_until() {
        Some(until) if until <= now => {
            let command = secboard("two-factor reset").operand(&user.facts.email);
            let command = command.flags("--grace 24h --reason 'another day'");
            blocked(
                TWO_FACTOR,
                format!("required, and not enrolled before {until}"),
                Hint { advice: Some("give them another day".to_owned()), command: Some(command.to_string()) },
            )
        }
        Some(until) => passed(TWO_FACTOR, format!("required, to be enrolled until {until}")),
        None if user.facts.two_factor_required => {
            passed(TWO_FACTOR, "required, not enrolled: the login leads there")
        }
        None => passed(TWO_FACTOR, required),
    }
}

fn password_change(user: &User) -> Check {
    let flagged = user.facts.must_change_password;
    passed(
        "password_change",
        if flagged { "a new password is asked for after the login" } else { "not asked for" },
    )
}
