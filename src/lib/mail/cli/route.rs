//! `secboard mail route`.

use clap::{Args, Subcommand};

use super::say_unfit;
use crate::cli::output::record;
use crate::cli::{App, Outcome};
use crate::error::Result;
use crate::mail::outbox::Rest;
use crate::mail::route::{self, FEATURES, Looked, Route, told};
use crate::mail::{account, outbox};
use crate::text::suggest::nearest;

/// Routes: which account is taken for which feature of which company
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Take an account for a feature, a company, both, or whatever has no route of its own
    #[command(after_help = "Examples:\n  secboard mail route set --account noreply\n  \
        secboard mail route set --feature invite --company acme-bank --account welcome --second noreply")]
    Set(Set),
    /// Take a route away
    #[command(after_help = "Examples:\n  secboard mail route unset --feature invite --company acme-bank")]
    Unset(Use),
    /// List routes
    #[command(after_help = "Examples:\n  secboard mail route list\n  secboard mail route list -o json")]
    List,
    /// Show how the account for a mail is chosen, step by step
    #[command(
        after_help = "The exit code is 1 where such mails would wait: no route is there, or its account does not send.\n\nExamples:\n  \
        secboard mail route explain --feature password-reset\n  \
        secboard mail route explain --feature invite --company acme-bank"
    )]
    Explain(Use),
}

#[derive(Debug, Args)]
pub(crate) struct Use {
    /// What the mails are for, such as invite; whatever has no route of its own unless given
    #[arg(long)]
    feature: Option<String>,
    /// Whose mails; those of all companies unless given
    #[arg(long)]
    company: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Set {
    #[command(flatten)]
    of: Use,
    /// The account that sends them
    #[arg(long)]
    account: String,
    /// The account that sends them while the first rests
    #[arg(long, value_name = "ACCOUNT")]
    second: Option<String>,
}

record! {
    /// A route as it is printed.
    RouteRow, table ["feature", "company", "account", "second"] {
        /// The id.
        id: i64,
        /// What for; nothing for whatever has no route of its own.
        feature: Option<String>,
        /// Whose mails.
        company: Option<String>,
        /// The account.
        account: String,
        /// Whether it sends.
        active: bool,
        /// The account while the first rests.
        second: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl From<Route> for RouteRow {
    fn from(route: Route) -> Self {
        Self {
            id: route.id,
            feature: route.feature,
            company: route.company,
            account: route.account,
            active: route.active,
            second: route.second,
            created_at: route.created_at.to_string(),
            updated_at: route.updated_at.to_string(),
        }
    }
}

record! {
    /// A step of the choice as it is printed.
    StepRow, table ["step", "account", "second", "chosen"] {
        /// Where it looks.
        step: String,
        /// The account of the route there.
        account: Option<String>,
        /// Whether that sends.
        active: Option<bool>,
        /// The account while the first rests.
        second: Option<String>,
        /// Whether it is the one.
        chosen: bool,
    }
}

impl From<Looked> for StepRow {
    fn from(looked: Looked) -> Self {
        let route = looked.route;
        Self {
            step: looked.step.words().to_owned(),
            active: route.as_ref().map(|route| route.active),
            second: route.as_ref().and_then(|route| route.second.clone()),
            account: route.map(|route| route.account),
            chosen: looked.is_chosen,
        }
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Set(arguments) => set(app, &arguments)?,
        Command::Unset(of) => {
            let route = route::unset(&app.writer()?, of.feature.as_deref(), of.company.as_deref())?;
            let what = told(route.feature.as_deref(), route.company.as_deref());
            app.done(&format!("{what}: no longer sent by `{}`", route.account));
        }
        Command::List => list(app)?,
        Command::Explain(of) => return explain(app, &of),
    }
    Ok(Outcome::Done)
}

fn set(app: &App, arguments: &Set) -> Result<()> {
    let of = (arguments.of.feature.as_deref(), arguments.of.company.as_deref());
    let (route, is_changed) =
        route::set(&app.writer()?, of, (&arguments.account, arguments.second.as_deref()))?;
    let while_resting = route.second.as_ref().map(|second| format!(", by `{second}` while that rests"));
    let what = told(route.feature.as_deref(), route.company.as_deref());
    let does = format!("{what}: sent by `{}`{}", route.account, while_resting.unwrap_or_default());
    app.done(&if is_changed { does } else { format!("no change: {does}") });
    let unknown = route.feature.as_deref().filter(|feature| !FEATURES.contains(feature));
    if let Some(near) = unknown.and_then(|feature| nearest(feature, FEATURES).first().copied()) {
        app.out.say(&format!("secboard itself sends nothing for that; did you mean `{near}`?"));
    }
    app.print_if_asked(&RouteRow::from(route))
}

fn list(app: &App) -> Result<()> {
    let mut list = app.out.list::<RouteRow>()?;
    route::list(&app.reader()?)?.into_iter().try_for_each(|route| list.row(&route.into()))?;
    list.finish()
}

fn explain(app: &App, of: &Use) -> Result<Outcome> {
    let cx = app.reader()?;
    let looked = route::explain(&cx, of.feature.as_deref(), of.company.as_deref())?;
    let chosen = looked.iter().find(|looked| looked.is_chosen).and_then(|looked| looked.route.clone());
    let mut list = app.out.list::<StepRow>()?;
    looked.into_iter().try_for_each(|looked| list.row(&looked.into()))?;
    list.finish()?;
    match chosen {
        Some(route) if route.active => {
            if let Some(why) = account::unfit_of(&cx, route.account_id)? {
                app.out.say("such mails would wait");
                say_unfit(app, &why);
                return Ok(Outcome::No);
            }
            let is_its =
                |rest: &Rest| rest.account_id == route.account_id || Some(rest.account_id) == route.second_id;
            for rest in cx.read(|tx| outbox::resting(&cx, tx))?.into_iter().filter(is_its) {
                app.out.say(&rest.said());
            }
            Ok(Outcome::Done)
        }
        Some(route) => {
            app.out
                .say(&format!("such mails would wait: the mail account `{}` is not active", route.account));
            Ok(Outcome::No)
        }
        None => {
            app.out.say(
                "such mails would wait: there is no route for them; `secboard mail route set --account …`",
            );
            Ok(Outcome::No)
        }
    }
}
