//! What the columns of a file mean: headings matched to the fields of a person.

use super::Error;
use crate::error::Result;
use crate::text::fold::fold;
use crate::text::secret::holds_hash;
use crate::text::suggest::nearest;

/// A field that an import writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Email,
    FirstName,
    LastName,
    Company,
    Department,
    Position,
    Phone,
    StartDate,
    EndDate,
    Active,
    Staff,
    Superuser,
    TwoFactorRequired,
    MustChangePassword,
    ProfileCompleted,
    Color,
    Language,
    Roles,
    RolesWithoutGroups,
    Groups,
    GroupsByHand,
    PasswordHash,
}

impl Field {
    /// Every field of a person with a profile, in the order of the template.
    pub(crate) const OF_PEOPLE: [Self; 21] = [
        Self::Email,
        Self::FirstName,
        Self::LastName,
        Self::Company,
        Self::Department,
        Self::Position,
        Self::Phone,
        Self::StartDate,
        Self::EndDate,
        Self::Active,
        Self::Staff,
        Self::Superuser,
        Self::TwoFactorRequired,
        Self::MustChangePassword,
        Self::ProfileCompleted,
        Self::Color,
        Self::Language,
        Self::Roles,
        Self::RolesWithoutGroups,
        Self::Groups,
        Self::GroupsByHand,
    ];

    /// Every field of a bare account: what can be written of somebody without a profile.
    pub(crate) const OF_ACCOUNTS: [Self; 15] = [
        Self::Email,
        Self::PasswordHash,
        Self::StartDate,
        Self::EndDate,
        Self::Active,
        Self::Staff,
        Self::Superuser,
        Self::TwoFactorRequired,
        Self::MustChangePassword,
        Self::ProfileCompleted,
        Self::Language,
        Self::Roles,
        Self::RolesWithoutGroups,
        Self::Groups,
        Self::GroupsByHand,
    ];

    /// The name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Company => "company",
            Self::Department => "department",
            Self::Position => "position",
            Self::Phone => "phone",
            Self::StartDate => "start_date",
            Self::EndDate => "end_date",
            Self::Active => "active",
            Self::Staff => "staff",
            Self::Superuser => "superuser",
            Self::TwoFactorRequired => "two_factor_required",
            Self::MustChangePassword => "must_change_password",
            Self::ProfileCompleted => "profile_completed",
            Self::Color => "color",
            Self::Language => "language",
            Self::Roles => "roles",
            Self::RolesWithoutGroups => "roles_without_groups",
            Self::Groups => "groups",
            Self::GroupsByHand => "groups_by_hand",
            Self::PasswordHash => "password_hash",
        }
    }

    /// The field that a heading names, by its own name or by one that other systems use.
    fn named(heading: &str) -> Option<Self> {
        let heading = normal(heading);
        let by_name = Self::OF_PEOPLE.into_iter().chain([Self::PasswordHash]);
        by_name.into_iter().find(|field| field.name() == heading).or_else(|| {
            Some(match heading.as_str() {
                "e_mail" | "mail" | "email_address" => Self::Email,
                "firstname" | "given_name" => Self::FirstName,
                "lastname" | "surname" | "family_name" => Self::LastName,
                "telephone" | "mobile" | "phone_number" => Self::Phone,
                "is_active" => Self::Active,
                "is_staff" => Self::Staff,
                "is_superuser" => Self::Superuser,
                "require_2fa" | "requires_2fa" => Self::TwoFactorRequired,
                "colour" => Self::Color,
                "role" | "platform_roles" => Self::Roles,
                "group" | "access_groups" => Self::Groups,
                "password" => Self::PasswordHash,
                _ => return None,
            })
        })
    }
}

/// What an export, a users workbook or a dump of Django has beside the fields: worked out by secboard, or of no use to it.
const READ_ONLY: [&str; 23] = [
    "id",
    "full_name",
    "status",
    "login_allowed",
    "inactive_reasons",
    "employment",
    "origin",
    "directory_connection",
    "two_factor_enrolled",
    "backup_codes_left",
    "has_password",
    "invited",
    "last_login_at",
    "password_changed_at",
    "created_at",
    "updated_at",
    "deleted_at",
    "account_status",
    "cabinet_groups",
    "other_groups",
    "last_login",
    "date_joined",
    "no",
];

/// Headings that only the users workbook has.
const OF_HAND_OUT: [&str; 4] = ["full_name", "account_status", "cabinet_groups", "other_groups"];

/// A heading and the field it is to mean; none for a column that is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    heading: String,
    field: Option<Field>,
}

impl Mapping {
    /// Reads `HEADING=FIELD`, or `HEADING=-` to leave a column out.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let bad = |near: Vec<&str>| Error::BadMapping {
            text: text.to_owned(),
            near: near.first().map(|near| (*near).to_owned()),
        };
        let (heading, field) = text.rsplit_once('=').ok_or_else(|| bad(Vec::new()))?;
        let field = match field.trim() {
            "-" => None,
            name => Some(Field::named(name).ok_or_else(|| bad(near(name)))?),
        };
        Ok(Self { heading: heading.to_owned(), field })
    }
}

/// What each column of one file means.
#[derive(Debug)]
pub(super) struct Columns {
    fields: Vec<Option<Field>>,
    /// Columns that came with later rows and are refused, with their places.
    refused: Vec<(usize, Error)>,
}

impl Columns {
    /// Matches the headings of `file`.
    pub(super) fn new(
        file: &str,
        header: &[String],
        map: &[Mapping],
        known: &[Field],
    ) -> Result<Self, Error> {
        let mut columns = Self { fields: Vec::with_capacity(header.len()), refused: Vec::new() };
        columns.extend(file, header, map, known);
        match columns.refused.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok(Self { fields: columns.fields, refused: Vec::new() }),
        }
    }

    /// Matches the headings that came since; those that cannot be used are refused in each row that has them.
    pub(super) fn extend(&mut self, file: &str, header: &[String], map: &[Mapping], known: &[Field]) {
        for (place, heading) in header.iter().enumerate().skip(self.fields.len()) {
            let field = meaning(file, heading, map, known).and_then(|field| {
                let first = field.and_then(|field| self.place(field));
                first.map_or(Ok(field), |first| {
                    Err(Error::TwoColumns {
                        file: file.to_owned(),
                        field: field.map(Field::name).unwrap_or_default(),
                        first: header.get(first).cloned().unwrap_or_default(),
                        second: heading.clone(),
                    })
                })
            });
            self.fields.push(field.unwrap_or_else(|error| {
                self.refused.push((place, error));
                None
            }));
        }
    }

    /// The columns of later rows that are refused.
    pub(super) fn refused(&self) -> &[(usize, Error)] {
        &self.refused
    }

    /// The place of a field's column.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.fields.iter().position(|other| *other == Some(field))
    }

    /// The fields with their places, from left to right.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Field)> + '_ {
        self.fields.iter().enumerate().filter_map(|(place, field)| Some((place, (*field)?)))
    }
}

/// Refuses a mapping of a column that the file does not have.
pub(super) fn check_mapped(file: &str, header: &[String], map: &[Mapping]) -> Result<(), Error> {
    let missing = map.iter().find(|mapping| !header.iter().any(|heading| is_same(heading, &mapping.heading)));
    match missing {
        None => Ok(()),
        Some(mapping) => Err(Error::MappedColumnMissing {
            file: file.to_owned(),
            heading: mapping.heading.clone(),
            header: header.to_vec(),
        }),
    }
}

/// Whether these are the headings of the users workbook.
pub(super) fn is_hand_out(header: &[String]) -> bool {
    OF_HAND_OUT.iter().all(|known| header.iter().any(|heading| normal(heading) == *known))
}

fn meaning(file: &str, heading: &str, map: &[Mapping], known: &[Field]) -> Result<Option<Field>, Error> {
    let named = Field::named(heading);
    if let Some(mapping) = map.iter().find(|mapping| is_same(&mapping.heading, heading)) {
        // Taken for anything else, it would be stored, and repeated, for everybody to read.
        let is_misplaced = mapping.field.is_some_and(|field| field != Field::PasswordHash);
        if is_misplaced && named == Some(Field::PasswordHash) {
            return Err(Error::PasswordColumn { file: file.to_owned(), column: heading.to_owned() });
        }
        return Ok(mapping.field);
    }
    if holds_hash(heading) {
        return Err(Error::HashForHeading { file: file.to_owned() });
    }
    match named {
        Some(Field::PasswordHash) if !known.contains(&Field::PasswordHash) => {
            Err(Error::PasswordColumn { file: file.to_owned(), column: heading.to_owned() })
        }
        Some(field) => Ok(known.contains(&field).then_some(field)),
        None if READ_ONLY.contains(&normal(heading).as_str()) => Ok(None),
        None => Err(Error::UnknownColumn {
            file: file.to_owned(),
            column: heading.to_owned(),
            near: near(&normal(heading)).first().map(|near| (*near).to_owned()),
        }),
    }
}

fn near(name: &str) -> Vec<&'static str> {
    nearest(name, Field::OF_PEOPLE.into_iter().chain([Field::PasswordHash]).map(Field::name))
}

fn is_same(one: &str, other: &str) -> bool {
    normal(one) == normal(other)
}

/// A heading without regard to letter case, with `_` for what separates words.
fn normal(heading: &str) -> String {
    fold(heading.trim()).replace([' ', '-', '.', '\u{a0}'], "_")
}

#[cfg(test)]
mod tests {
    use super::{Columns, Field, Mapping};

    fn columns(header: &[&str], map: &[&str]) -> Result<Vec<Option<Field>>, String> {
        let header: Vec<String> = header.iter().map(|&heading| heading.to_owned()).collect();
        let map: Vec<Mapping> = map.iter().map(|text| Mapping::parse(text).unwrap()).collect();
        super::check_mapped("f", &header, &map)
            .and_then(|()| Columns::new("f", &header, &map, &Field::OF_PEOPLE))
            .map(|columns| columns.fields)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn headings_match_without_case_and_in_the_words_of_other_systems() {
        let found = columns(&["E-Mail", "First Name", "last-name", "require_2fa", "IS_STAFF", "Colour"], &[]);
        assert_eq!(
            found.unwrap(),
            [
                Field::Email,
                Field::FirstName,
                Field::LastName,
                Field::TwoFactorRequired,
                Field::Staff,
                Field::Color
            ]
            .map(Some)
        );
    }

    #[test]
    fn a_mapping_names_a_column_or_leaves_it_out() {
        let found = columns(&["Пошта", "Salary"], &["пошта=email", "Salary=-"]);
        assert_eq!(found.unwrap(), [Some(Field::Email), None]);
        assert!(Mapping::parse("Пошта").is_err());
        assert!(Mapping::parse("Пошта=emial").unwrap_err().to_string().contains("emial"));
        assert!(columns(&["email"], &["Mail=email"]).is_err(), "no such heading");
    }

    #[test]
    fn what_an_export_has_besides_is_not_read() {
        assert_eq!(columns(&["id", "email", "Full Name", "Account Status"], &[]).unwrap().len(), 4);
    }

    #[test]
    fn unknown_and_doubled_columns_are_refused() {
        assert!(columns(&["email", "salary"], &[]).unwrap_err().contains("salary"));
        assert!(columns(&["email", "E-mail"], &[]).unwrap_err().contains("E-mail"));
        assert!(columns(&["email", "password"], &[]).unwrap_err().contains("password"));
    }
}
