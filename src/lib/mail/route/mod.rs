//! Routes: which account sends the mails of a feature and a company.
//!
//! The nearest route that there is decides, also where its account does not send: the feature of the company, the
//! company's default, the feature, the site's default.

mod store;

#[cfg(test)]
pub(super) use store::STATEMENTS;

use serde_json::json;

use super::account::{self, Account};
use super::error::Error;
use super::require_superuser;
use crate::audit::{self, Event, Fields};
use crate::company::{self, Company};
use crate::context::{CompanyScope, Context};
use crate::error::Result;
use crate::store::Tx;
use crate::text::count::named_among;
use crate::text::instant::Instant;

/// The word for a route in the audit.
pub(crate) const KIND: &str = "mail_route";

/// What secboard itself sends mails for; any other word is a feature of another program.
pub(crate) const FEATURES: [&str; 11] = [
    "access-request",
    "alert",
    "contact",
    "contact-auto-reply",
    "directory-alert",
    "export",
    "first-login",
    "invite",
    "password-reset",
    "reminder",
    "security-notice",
];

/// The most characters of a feature.
const MAX_FEATURE: usize = 40;

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// Never reused.
    pub(crate) id: i64,
    /// What for; none for whatever has no route of its own.
    pub(crate) feature: Option<String>,
    /// For whose mails alone.
    pub(crate) company_id: Option<i64>,
    /// How that is called.
    pub(crate) company: Option<String>,
    /// The account.
    pub(crate) account_id: i64,
    /// How that is called.
    pub(crate) account: String,
    /// Whether it sends.
    pub(crate) active: bool,
    /// The account while the first rests.
    pub(crate) second_id: Option<i64>,
    /// How that is called.
    pub(crate) second: Option<String>,
    /// When it was made.
    pub(crate) created_at: Instant,
    /// When it was last changed.
    pub(crate) updated_at: Instant,
}

/// How a route is called: `invite@Acme Bank`, `default`.
pub(crate) fn label(feature: Option<&str>, company: Option<&str>) -> String {
    let feature = feature.unwrap_or("default");
    company.map_or_else(|| feature.to_owned(), |company| format!("{feature}@{company}"))
}

impl Route {
    fn label(&self) -> String {
        label(self.feature.as_deref(), self.company.as_deref())
    }

    /// As the audit has it.
    fn fields(&self) -> Fields {
        fields((self.feature.as_deref(), self.company.as_deref()), &self.account, self.second.as_deref())
    }
}

fn fields((feature, company): (Option<&str>, Option<&str>), account: &str, second: Option<&str>) -> Fields {
    audit::fields_of([
        ("feature", json!(feature)),
        ("company", json!(company)),
        ("account", json!(account)),
        ("second", json!(second)),
    ])
}

/// Where the choice looks, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// For the feature of the company.
    FeatureOfCompany,
    /// The company's default.
    Company,
    /// For the feature.
    Feature,
    /// The site's default.
    Site,
}

impl Step {
    /// In words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::FeatureOfCompany => "the feature of the company",
            Self::Company => "the company's default",
            Self::Feature => "the feature",
            Self::Site => "the site's default",
        }
    }
}

/// A step of the choice, and what was found there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Looked {
    /// Where.
    pub(crate) step: Step,
    /// The route there.
    pub(crate) route: Option<Route>,
    /// Whether that is the one.
    pub(crate) is_chosen: bool,
}

/// Routes a feature, or all that have no route of their own, of a company or of all; returns the route and whether it
/// changed.
pub(crate) fn set(
    cx: &Context,
    (feature, company): (Option<&str>, Option<&str>),
    (account, second): (&str, Option<&str>),
) -> Result<(Route, bool)> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let feature = feature.map(check_feature).transpose()?;
        let company = company.map(|name| company::get_in(tx, name, &CompanyScope::All)).transpose()?;
        let account = usable(tx, account, company.as_ref())?;
        let second = second.map(|name| usable(tx, name, company.as_ref())).transpose()?;
        if second.as_ref().is_some_and(|second| second.id == account.id) {
            return Err(Error::Twice { account: account.facts.name }.into());
        }
        let called = (feature.as_deref(), company.as_ref().map(|company| company.name.as_str()));
        let company_id = company.as_ref().map(|company| company.id);
        let old = store::find(tx, feature.as_deref(), company_id)?;
        let was = old.as_ref().map(Route::fields).unwrap_or_default();
        let is =
            fields(called, &account.facts.name, second.as_ref().map(|second| second.facts.name.as_str()));
        let (before, after) = audit::difference(&was, &is);
        if let (Some(old), true) = (&old, after.is_empty()) {
            return Ok((old.clone(), false));
        }
        let id = old.as_ref().map_or_else(|| audit::new_id(tx, (KIND, "mail_routes")), |old| Ok(old.id))?;
        let name = label(called.0, called.1);
        let event = Event::of("mail_route.set", (KIND, id), &name);
        let revision = audit::change(cx, tx, event, &before, &after)?;
        let values = store::Values {
            id,
            feature: feature.as_deref(),
            company_id,
            account_id: account.id,
            second_id: second.as_ref().map(|second| second.id),
            revision,
            now: cx.now(),
        };
        store::put(tx, &values, old.is_none())?;
        Ok((store::get(tx, id)?, true))
    })
}

/// Takes a route away.
pub(crate) fn unset(cx: &Context, feature: Option<&str>, company: Option<&str>) -> Result<Route> {
    cx.write(|tx| {
        require_superuser(cx)?;
        let feature = feature.map(check_feature).transpose()?;
        let company = company.map(|name| company::get_in(tx, name, &CompanyScope::All)).transpose()?;
        let found = store::find(tx, feature.as_deref(), company.as_ref().map(|company| company.id))?;
        let Some(route) = found else {
            let company = company.as_ref().map(|company| company.name.as_str());
            return Err(Error::NoRoute { route: told(feature.as_deref(), company) }.into());
        };
        let name = route.label();
        let event = Event::of("mail_route.unset", (KIND, route.id), &name);
        audit::change(cx, tx, event, &route.fields(), &Fields::new())?;
        store::delete(tx, route.id)?;
        Ok(route)
    })
}

/// Every route that the actor may see: those of a company together, the site's at the end.
pub(crate) fn list(cx: &Context) -> Result<Vec<Route>> {
    cx.actor.require_anywhere("mail.view")?;
    let seen = cx.actor.scope("mail.view");
    let mut routes = cx.read(store::list)?;
    routes.retain(|route| seen.contain(route.company_id));
    Ok(routes)
}

/// How the account for a feature of a company is chosen, step by step.
pub(crate) fn explain(cx: &Context, feature: Option<&str>, company: Option<&str>) -> Result<Vec<Looked>> {
    cx.actor.require_anywhere("mail.view")?;
    cx.read(|tx| {
        let seen = cx.actor.scope("mail.view");
        let company = company.map(|name| company::get_in(tx, name, &seen)).transpose()?;
        let company = company.map(|company| company.id);
        cx.actor.require("mail.view", company)?;
        let feature = feature.map(check_feature).transpose()?;
        choose(tx, feature.as_deref(), company)
    })
}

/// The steps of the choice; the first route found is chosen.
pub(crate) fn choose(tx: &Tx<'_>, feature: Option<&str>, company: Option<i64>) -> Result<Vec<Looked>> {
    let steps = [
        (Step::FeatureOfCompany, feature.is_some() && company.is_some(), feature, company),
        (Step::Company, company.is_some(), None, company),
        (Step::Feature, feature.is_some(), feature, None),
        (Step::Site, true, None, None),
    ];
    let mut looked: Vec<Looked> = Vec::new();
    for (step, _, feature, company) in steps.into_iter().filter(|(_, applies, ..)| *applies) {
        let route = store::find(tx, feature, company)?;
        let is_chosen = route.is_some() && !looked.iter().any(|before| before.is_chosen);
        looked.push(Looked { step, route, is_chosen });
    }
    Ok(looked)
}

/// The route that decides about a feature of a company.
pub(crate) fn chosen(tx: &Tx<'_>, feature: &str, company: Option<i64>) -> Result<Option<Route>> {
    let looked = choose(tx, Some(feature), company)?;
    Ok(looked.into_iter().find(|looked| looked.is_chosen).and_then(|looked| looked.route))
}

/// Every route, whoever may look at them.
pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Route>> {
    store::list(tx)
}

/// How the routes that name an account are called.
pub(super) fn of_account(tx: &Tx<'_>, account: i64) -> Result<Vec<String>> {
    Ok(store::of_account(tx, account)?.iter().map(Route::label).collect())
}

/// Refuses an account of one company that routes of others name.
pub(super) fn check_company_of(
    tx: &Tx<'_>,
    (account, name): (i64, &str),
    company_id: Option<i64>,
    company: Option<&str>,
) -> Result<()> {
    let Some(company) = company else { return Ok(()) };
    let mut others = store::of_account(tx, account)?;
    others.retain(|route| route.company_id != company_id);
    if others.is_empty() {
        return Ok(());
    }
    let labels: Vec<String> = others.iter().map(Route::label).collect();
    let (account, company) = (name.to_owned(), company.to_owned());
    Err(Error::RoutedElsewhere {
        account,
        company,
        routes: named_among(labels.len(), &labels, "route", "routes"),
    }
    .into())
}

/// An account that may send for that company.
fn usable(tx: &Tx<'_>, name: &str, company: Option<&Company>) -> Result<Account> {
    let account = account::get_in(tx, name, &CompanyScope::All)?;
    let own = account.facts.company_id;
    if own.is_some() && own != company.map(|company| company.id) {
        let company = account.facts.company.unwrap_or_default();
        return Err(Error::Elsewhere { account: account.facts.name, company }.into());
    }
    Ok(account)
}

/// A feature, if it is a word.
pub(crate) fn check_feature(feature: &str) -> Result<String, Error> {
    let is_good = (1..=MAX_FEATURE).contains(&feature.len())
        && feature.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_good { Ok(feature.to_owned()) } else { Err(Error::BadFeature { feature: feature.to_owned() }) }
}

/// A route as it is told.
pub(crate) fn told(feature: Option<&str>, company: Option<&str>) -> String {
    match (feature, company) {
        (Some(feature), Some(company)) => format!("`{feature}` of `{company}`"),
        (Some(feature), None) => format!("`{feature}`"),
        (None, Some(company)) => format!("whatever else `{company}` sends"),
        (None, None) => "whatever else the site sends".to_owned(),
    }
}
