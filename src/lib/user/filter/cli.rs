//! The flags of the filters, one set for every command that takes them.

use clap::{Args, ValueEnum};

use super::{
    AccountOrigin, Employment, Filter, Page, Sort, Status, Switch, TwoFactor, department_ids, group_ids,
    position_ids, role_ids,
};
use crate::cli::filter_text;
use crate::cli::values;
use crate::company;
use crate::context::{CompanyScope, Context};
use crate::error::{Explain, Kind, Result};
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::shell::{before, word};
use crate::text::suggest::nearest;
use crate::user::invite::Invited;

values! {
    Status {
        Active "active": "Switch and dates allow login today",
        Inactive "inactive": "Switch or dates do not allow login today",
        ProfileCompleted "profile-completed": "The person has looked through the own profile",
        Staff "staff": "May be an operator",
    }
    Switch {
        On "on": "On",
        Off "off": "Off",
    }
    Employment {
        Current "current": "A date is set, and today is inside",
        Future "future": "The start date lies ahead",
        Past "past": "The end date has passed",
        None "none": "No date is set",
    }
    TwoFactor {
        Enrolled "enrolled": "They have one",
        Required "required": "Required by an administrator",
        Missing "missing": "Required, and they have none",
    }
    Invited {
        Pending "pending": "Their mail waits, or its link works",
        Accepted "accepted": "They chose a password by a link in a mail",
        Disowned "disowned": "They said that they did not expect it",
        Expired "expired": "Nothing of that, and the link no longer works",
    }
    AccountOrigin {
        Local "local": "Made here",
        Directory "directory": "Managed by a directory",
    }
}

/// People on a page of a table, unless asked otherwise.
const PER_PAGE: u64 = 25;

/// Which people.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Name, email or phone contains this; any script, any letter case
    #[arg(long, value_name = "TEXT", value_parser = filter_text)]
    search: Option<String>,
    /// Of this company
    #[arg(long, value_name = "COMPANY", value_parser = filter_text)]
    company: Vec<String>,
    /// In this department
    #[arg(long, value_name = "DEPARTMENT", value_parser = filter_text)]
    department: Vec<String>,
    /// In this position
    #[arg(long, value_name = "POSITION", value_parser = filter_text)]
    position: Vec<String>,
    /// In this access group, however that comes
    #[arg(long = "group", value_name = "GROUP", value_parser = filter_text)]
    in_group: Vec<String>,
    /// Holding this role
    #[arg(long = "role", value_name = "ROLE", value_parser = filter_text)]
    with_role: Vec<String>,
    /// As evaluated today
    #[arg(long, value_name = "STATUS")]
    status: Vec<Status>,
    /// The administrator's switch
    #[arg(long, value_name = "ON|OFF")]
    switch: Vec<Switch>,
    /// By start and end date
    #[arg(long, value_name = "EMPLOYMENT")]
    employment: Vec<Employment>,
    /// Starting on this day or later
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    date_from: Option<String>,
    /// Ending on this day or earlier, or without an end
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    date_to: Option<String>,
    /// By second factor
    #[arg(long, value_name = "STATE")]
    two_factor: Vec<TwoFactor>,
    /// How their last invitation stands
    #[arg(long, value_name = "STATE")]
    invited: Vec<Invited>,
    /// Where the account is managed
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<AccountOrigin>,
    /// Last login before this time or day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    last_login_before: Option<String>,
    /// Never logged in
    #[arg(long)]
    never_logged_in: bool,
    /// Accounts without a profile
    #[arg(long)]
    without_profile: bool,
    /// In the bin
    #[arg(long)]
    deleted: bool,
}

/// Order.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Order and page")]
pub(crate) struct SortArgs {
    /// Sort by this field; `:desc` turns it round
    #[arg(long, value_name = "FIELD[:desc]")]
    sort: Option<String>,
}

/// Order and page.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Order and page")]
pub(crate) struct PageArgs {
    #[command(flatten)]
    sort: SortArgs,
    /// The page to print
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    page: Option<u64>,
    /// People on a page, 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1000))]
    per_page: Option<u64>,
}

/// Flags of filters that cannot be understood.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No such order.
    #[error("people cannot be sorted by `{field}`")]
    Sort {
        /// As typed.
        field: String,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        "filter.sort"
    }

    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn advice(&self) -> Option<String> {
        let Self::Sort { field } = self;
        let known = Sort::ALL.map(|sort| sort.name);
        Some(match nearest(field, known).first() {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("sort by {}", known.join(", ")),
        })
    }
}

impl FilterArgs {
    /// The filter behind the flags, cut to the companies for which the actor has the permission; names are looked up, and
    /// an unknown one is an error rather than an empty list.
    pub(crate) fn filter(&self, cx: &Context, tx: &Tx<'_>, permission: &'static str) -> Result<Filter> {
        let today = cx.today();
        let day =
            |text: &Option<String>| text.as_deref().map(|text| Day::parse_relative(text, today)).transpose();
        let mut companies = Vec::new();
        let seen = cx.actor.scope_of_any(&["org.view", permission]);
        for name in &self.company {
            let company = company::id_in(tx, name, &seen)?;
            cx.actor.require(permission, Some(company))?;
            companies.push(company);
        }
        cx.actor.require_anywhere(permission)?;
        if let (CompanyScope::These(ids), true) = (cx.actor.scope(permission), companies.is_empty()) {
            companies.extend(ids);
        }
        let last_login_before = match &self.last_login_before {
            Some(text) => Some(cx.time(text)?),
            None => None,
        };
        Ok(Filter {
            search: self.search.clone(),
            departments: department_ids(tx, &companies, &self.department)?,
            positions: position_ids(tx, &companies, &self.position)?,
            companies,
            groups: group_ids(cx, tx, &self.in_group, permission)?,
            roles: role_ids(cx, tx, &self.with_role, permission)?,
            status: self.status.clone(),
            switch: self.switch.clone(),
            employment: self.employment.clone(),
            date_from: day(&self.date_from)?,
            date_to: day(&self.date_to)?,
            starts: None,
            ends: None,
            two_factor: self.two_factor.clone(),
            invited: self.invited.clone(),
            origin: self.origin.clone(),
            last_login_before,
            never_logged_in: self.never_logged_in,
            without_profile: self.without_profile,
            deleted: self.deleted,
        })
    }

    /// Whether no filter was given.
    pub(crate) fn is_empty(&self) -> bool {
        self.words().is_empty()
    }

    /// The filters in words, as typed: for run lists and workbooks.
    pub(crate) fn words(&self) -> String {
        fn named<T: ValueEnum>(values: &[T]) -> Vec<String> {
            let values = values.iter().filter_map(ValueEnum::to_possible_value);
            values.map(|value| value.get_name().to_owned()).collect()
        }
        fn given(value: Option<&String>) -> Vec<String> {
            value.cloned().into_iter().collect()
        }
        let filters = [
            ("search", given(self.search.as_ref())),
            ("company", self.company.clone()),
            ("department", self.department.clone()),
            ("position", self.position.clone()),
            ("group", self.in_group.clone()),
            ("role", self.with_role.clone()),
            ("status", named(&self.status)),
            ("switch", named(&self.switch)),
            ("employment", named(&self.employment)),
            ("date-from", given(self.date_from.as_ref())),
            ("date-to", given(self.date_to.as_ref())),
            ("two-factor", named(&self.two_factor)),
            ("invited", named(&self.invited)),
            ("origin", named(&self.origin)),
            ("last-login-before", given(self.last_login_before.as_ref())),
        ];
        let switches = [
            ("never-logged-in", self.never_logged_in),
            ("without-profile", self.without_profile),
            ("deleted", self.deleted),
        ];
        let mut words = Vec::new();
        for (flag, values) in filters {
            words.extend(values.iter().map(|value| format!("--{flag}{}{}", before(value), word(value))));
        }
        words.extend(switches.iter().filter(|(_, on)| *on).map(|(flag, _)| format!("--{flag}")));
        words.join(" ")
    }
}

impl PageArgs {
    /// The order and the page; without a page everything, unless `first_page_only`.
    pub(crate) fn page(&self, first_page_only: bool) -> Result<Page> {
        let everybody = self.sort.everybody()?;
        let paged = first_page_only || self.page.is_some() || self.per_page.is_some();
        let per_page = self.per_page.unwrap_or(PER_PAGE);
        let window = paged.then(|| ((self.page.unwrap_or(1) - 1).saturating_mul(per_page), per_page));
        Ok(Page { window, ..everybody })
    }
}

impl SortArgs {
    /// Everybody, in the order asked for.
    pub(crate) fn everybody(&self) -> Result<Page> {
        let (sort, descending) = self.order()?;
        Ok(Page { sort, descending, window: None })
    }

    fn order(&self) -> Result<(Sort, bool), Error> {
        let Some(typed) = &self.sort else { return Ok((Sort::NAME, false)) };
        let (field, descending) = match typed.split_once(':') {
            Some((field, "desc")) => (field, true),
            Some((field, "asc")) => (field, false),
            Some(_) => return Err(Error::Sort { field: typed.clone() }),
            None => (typed.as_str(), false),
        };
        let found = Sort::ALL.into_iter().find(|sort| sort.name == field);
        found.map(|sort| (sort, descending)).ok_or_else(|| Error::Sort { field: field.to_owned() })
    }
}
