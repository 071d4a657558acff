//! One cell: read by the rules of its field and written into the facts of a person.

use std::borrow::Cow;

use jiff::tz::TimeZone;

use super::field::Field;
use super::rules::Rules;
use super::{Error, full_name};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::text::color::Color;
use crate::text::date::{DateError, Day, DayOrNever};
use crate::text::date_order::day_of_time;
use crate::text::fold::fold;
use crate::text::list;
use crate::text::name::{check_name, known_title};
use crate::text::phone::parse_phone;
use crate::text::ticks;
use crate::user::{Facts, rules};

/// Reads cells as the site's settings and the import's own rules have them read.
pub(super) struct Cells<'a> {
    region: Option<&'a str>,
    zone: &'a TimeZone,
    today: Day,
    rules: &'a Rules,
}

impl<'a> Cells<'a> {
    pub(super) fn new(cx: &'a Context, rules: &'a Rules) -> Self {
        let region = cx.settings.get(&site::REGION).as_deref();
        Self { region, zone: cx.time_zone(), today: cx.today(), rules }
    }

    /// Whether it is known whose numbers they are that have no country.
    pub(super) const fn has_region(&self) -> bool {
        self.region.is_some()
    }

    /// The email of a cell, which may hold the part before the `@` only.
    pub(super) fn email<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.rules.email_domain {
            Some(domain) if !text.is_empty() && !text.contains('@') => format!("{text}@{domain}").into(),
            _ => text.into(),
        }
    }

    /// The departments of a cell, each in the one before it.
    pub(super) fn departments<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let Some(separator) = &self.rules.department_separator else { return vec![text] };
        // At an end of the cell the blanks of the separator are gone.
        let mut text = text;
        while let Some(rest) = text.strip_suffix(separator.trim_end()) {
            text = rest.trim_end();
        }
        while let Some(rest) = text.strip_prefix(separator.trim_start()) {
            text = rest.trim_start();
        }
        let names = text.split(separator.as_str()).map(str::trim);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// A day as it is written everywhere here, the day of a time, or one in the order that was said.
    fn day(&self, text: &str) -> Result<Option<Day>, DateError> {
        let read = match DayOrNever::parse(text, self.today) {
            Ok(day) => return Ok(day.day()),
            Err(refused) => refused,
        };
        if let Some(day) = day_of_time(text, self.zone) {
            return Ok(Some(day));
        }
        match (read, self.rules.date_order) {
            (DateError::Malformed { .. }, Some(order)) => order.read(text).map(Some),
            (refused, _) => Err(refused),
        }
    }

    /// The day that a cell says of a field; none for never.
    pub(super) fn read_day(&self, field: Field, text: &str) -> Result<Option<Day>, DateError> {
        match field {
            Field::EndDate => {
                ticks::last_day(text, self.zone).map_or_else(|| self.last_day(text), |day| Ok(day.day()))
            }
            _ => self.day(text),
        }
    }

    /// The day on which somebody ends. `31-DEC-99` would be long past, and other systems mean by it that nobody knows when.
    fn last_day(&self, text: &str) -> Result<Option<Day>, DateError> {
        let day = self.day(text)?;
        let is_short = |day: &Day| {
            let year = day.to_string().chars().take(4).collect::<String>();
            year.starts_with("19") && !text.contains(&year)
        };
        match day.filter(is_short) {
            None => Ok(day),
            Some(_) => Err(DateError::Impossible {
                text: text.to_owned(),
                reason: "its year has two digits only, and a day of the last century ends nothing now; if it stands for no end, \
                    say so with `--values 'HEADING:WORD=never'`"
                    .to_owned(),
            }),
        }
    }

    /// Clears a fact that a person may be without.
    pub(super) fn clear(facts: &mut Facts, field: Field) {
        match field {
            Field::Department => facts.department = None,
            Field::Position => facts.position = None,
            Field::Phone => facts.phone = None,
            Field::StartDate => facts.start_date = None,
            Field::EndDate => facts.end_date = None,
            Field::Color => facts.color = None,
            Field::Language => facts.language = None,
            Field::Roles => facts.roles.clear(),
            Field::RolesWithoutGroups => facts.roles_without_groups.clear(),
            Field::Groups | Field::GroupsByHand => facts.groups.clear(),
            _ => {}
        }
    }

    /// Writes a cell that is not empty into the facts. The email, the password hash and what says which groups were given by
    /// hand are not facts to be written so; whoever reads the row looks at them.
    pub(super) fn write(&self, facts: &mut Facts, field: Field, text: &str) -> Result<()> {
        match field {
            Field::Email | Field::PasswordHash | Field::GroupsByHand => {}
            Field::FirstName => facts.first_name = Some(check_name(text)?),
            Field::LastName => facts.last_name = Some(check_name(text)?),
            Field::Company => facts.company = Some(known_title(text)?),
            Field::FullName => {
                let (first, last) = full_name::split(text)?;
                (facts.first_name, facts.last_name) = (Some(check_name(&first)?), Some(check_name(&last)?));
            }
            Field::Department => {
                facts.department = Some(known_title(self.departments(text).last().unwrap_or(&text))?);
            }
            Field::Position => facts.position = Some(known_title(text)?),
            Field::Phone => facts.phone = Some(parse_phone(text, self.region)?.as_str().to_owned()),
            Field::StartDate => facts.start_date = self.read_day(field, text)?,
            Field::EndDate => facts.end_date = self.read_day(field, text)?,
            Field::Active => facts.active = yes_or_no(text)?,
            Field::Staff => facts.staff = yes_or_no(text)?,
            Field::Superuser => facts.superuser = yes_or_no(text)?,
            Field::TwoFactorRequired => facts.two_factor_required = yes_or_no(text)?,
            Field::MustChangePassword => facts.must_change_password = yes_or_no(text)?,
            Field::ProfileCompleted => facts.profile_completed = yes_or_no(text)?,
            Field::Color => facts.color = Some(Color::parse(text)?.to_string()),
            Field::Roles => facts.roles = list::split(text)?,
            Field::RolesWithoutGroups => facts.roles_without_groups = list::split(text)?,
            Field::Groups => facts.groups = list::split(text)?,
            Field::Language => facts.language = Some(rules::check_language(text)?.to_owned()),
        }
        Ok(())
    }
}

pub(super) fn yes_or_no(text: &str) -> Result<bool, Error> {
    match fold(text).as_str() {
        "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err(Error::NotBoolean { text: text.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cells, Field, Rules};
    use crate::context::Context;
    use crate::text::date::Day;
    use crate::user::Facts;
    use crate::user::import::Clear;

    fn write(field: Field, text: &str) -> Result<Facts, &'static str> {
        let cx = Context::for_tests();
        let mut facts = Facts::new("a@x.example".into());
        Cells::new(&cx, &Rules::default())
            .write(&mut facts, field, text)
            .map_err(|failure| failure.code())?;
        Ok(facts)
    }

    #[test]
    fn switches_are_words_or_digits_in_any_letter_case() {
        for (text, staff) in [("yes", true), ("TRUE", true), ("1", true), ("No", false), ("0", false)] {
            assert_eq!(write(Field::Staff, text).unwrap().staff, staff);
        }
        assert_eq!(write(Field::Staff, "maybe"), Err("import.not_boolean"));
    }

    #[test]
    fn days_may_be_counted_and_cleared() {
        let day = |text| write(Field::EndDate, text).unwrap().end_date.map(|day| day.to_string());
        assert_eq!(day("2027-01-31").as_deref(), Some("2027-01-31"));
        assert_eq!(day("+1d").as_deref(), Some("2026-11-22"));
        assert_eq!(day("never"), None);
        assert_eq!(day("2027-01-31T23:30:00Z").as_deref(), Some("2027-02-01"), "in Kyiv");
        assert_eq!(write(Field::EndDate, "31.01.2027"), Err("date.malformed"));
    }

    /// What a person may be without is cleared, and what everybody has cannot be said to be.
    #[test]
    fn every_optional_field_can_be_cleared() {
        let full = Facts {
            department: Some("IT".into()),
            position: Some("Chief".into()),
            phone: Some("+380671234567".into()),
            start_date: Day::parse("2026-01-01").ok(),
            end_date: Day::parse("2027-01-01").ok(),
            color: Some("#ffcc00".into()),
            language: Some("uk".into()),
            roles: vec!["a".into()],
            roles_without_groups: vec!["a".into()],
            groups: vec!["g".into()],
            ..Facts::new("a@x.example".into())
        };
        let mut facts = full.clone();
        for field in Field::ALL {
            let mut one = full.clone();
            Cells::clear(&mut one, field);
            assert_eq!(one != full, field.is_optional(), "{}", field.name());
            assert_eq!(Clear::parse(field.name()).is_ok(), field.is_optional(), "{}", field.name());
            Cells::clear(&mut facts, field);
        }
        assert_eq!(facts, Facts::new("a@x.example".into()));
    }

    #[test]
    fn values_are_checked_by_their_own_rules() {
        for (field, text, code) in [
            (Field::FirstName, "A\u{7}", "name.refused"),
            (Field::LastName, "A\u{202e}", "name.refused"),
            (Field::Phone, "12", "phone.malformed"),
            (Field::Color, "red", "color.malformed"),
            (Field::Language, "tlh", "user.language"),
        ] {
            assert_eq!(write(field, text), Err(code));
        }
    }
}
