//! The flags that write a person's facts, the same for create, adopt and edit.

use clap::Args;

use crate::cli::App;
use crate::cli::color::ColorOf;
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::text::color::Color;
use crate::text::date::DayOrNever;
use crate::text::email::{self, Email};
use crate::text::name::check_name;
use crate::text::phone::parse_phone;
use crate::user::Facts;

/// A person's facts.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "The person")]
pub(super) struct FactsArgs {
    /// First name
    #[arg(long, value_name = "NAME")]
    pub(super) first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "NAME")]
    pub(super) last_name: Option<String>,
    /// Company
    #[arg(long, value_name = "COMPANY")]
    pub(super) company: Option<String>,
    /// Phone, international or national for the site's region; an empty one removes it
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// Department of the company; an empty one removes it
    #[arg(long, value_name = "DEPARTMENT")]
    department: Option<String>,
    /// Position under the department; an empty one removes it
    #[arg(long, value_name = "POSITION")]
    position: Option<String>,
    #[command(flatten)]
    color: ColorOf,
    /// First day login is allowed, or `never` for none
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    start_date: Option<String>,
    /// Last day login is allowed, or `never` for none
    #[arg(long, value_name = "DAY", allow_hyphen_values = true)]
    end_date: Option<String>,
    /// Language of pages and mails: en or uk; an empty one removes it
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,
    /// Role, by slug or name; may be repeated, and replaces those held; an empty one takes them all
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Access group; may be repeated, and replaces those given by hand; an empty one takes them all
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Roles come without their groups
    #[arg(long, conflicts_with = "role_groups")]
    no_role_groups: bool,
    /// Roles come with their groups, as they do unless told otherwise
    #[arg(long, conflicts_with = "no_role_groups")]
    role_groups: bool,
    /// May be an operator at the shell
    #[arg(long, conflicts_with = "no_staff")]
    staff: bool,
    /// May not be an operator
    #[arg(long, conflicts_with = "staff")]
    no_staff: bool,
    /// Bypasses every check
    #[arg(long, conflicts_with = "no_superuser")]
    superuser: bool,
    /// Bypasses nothing
    #[arg(long, conflicts_with = "superuser")]
    no_superuser: bool,
    /// Require a second factor
    #[arg(long, conflicts_with = "no_two_factor_required")]
    two_factor_required: bool,
    /// Require no second factor
    #[arg(long, conflicts_with = "two_factor_required")]
    no_two_factor_required: bool,
    /// Switch the account on
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// Switch the account off
    #[arg(long, conflicts_with = "active")]
    inactive: bool,
}

impl FactsArgs {
    /// Writes what was given into `facts`; what was not stays.
    pub(super) fn apply(&self, cx: &Context, facts: &mut Facts) -> Result<()> {
        if let Some(name) = &self.first_name {
            facts.first_name = Some(check_name(name)?);
        }
        if let Some(name) = &self.last_name {
            facts.last_name = Some(check_name(name)?);
        }
        if let Some(phone) = &self.phone {
            facts.phone = match unless_empty(phone) {
                Some(phone) => {
                    Some(parse_phone(phone, cx.settings.get(&site::REGION).as_deref())?.as_str().to_owned())
                }
                None => None,
            };
        }
        if let Some(color) = &self.color.color {
            facts.color = unless_empty(color).map(Color::parse).transpose()?.map(|color| color.to_string());
        }
        for (given, fact) in
            [(&self.start_date, &mut facts.start_date), (&self.end_date, &mut facts.end_date)]
        {
            if let Some(text) = given {
                *fact = DayOrNever::parse(text, cx.today())?.day();
            }
        }
        for (given, fact) in [
            (&self.company, &mut facts.company),
            (&self.department, &mut facts.department),
            (&self.position, &mut facts.position),
            (&self.language, &mut facts.language),
        ] {
            if let Some(text) = given {
                *fact = unless_empty(text).map(str::to_owned);
            }
        }
        for (given, fact) in [(&self.roles, &mut facts.roles), (&self.groups, &mut facts.groups)] {
            if !given.is_empty() {
                *fact = given.iter().filter_map(|name| unless_empty(name)).map(str::to_owned).collect();
            }
        }
        if self.no_role_groups {
            facts.roles_without_groups.clone_from(&facts.roles);
        } else if self.role_groups {
            facts.roles_without_groups.clear();
        }
        for (on, off, fact) in [
            (self.staff, self.no_staff, &mut facts.staff),
            (self.superuser, self.no_superuser, &mut facts.superuser),
            (self.two_factor_required, self.no_two_factor_required, &mut facts.two_factor_required),
            (self.active, self.inactive, &mut facts.active),
        ] {
            *fact = (*fact || on) && !off;
        }
        Ok(())
    }
}

/// An email as typed, checked; of one that may be meant to look like another, the person is told.
pub(super) fn email(app: &App, text: &str) -> Result<String> {
    let email = Email::parse(text)?.as_str().to_owned();
    if let Some(warning) = email::warning(&email) {
        app.out.say(&format!("warning: {warning}"));
    }
    Ok(email)
}

fn unless_empty(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}
