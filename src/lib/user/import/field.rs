//! The fields of a person that an import writes, and what they are called elsewhere.

use super::heading::squeezed;
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
    FullName,
}

/// Whom an import brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whom {
    /// People with profiles.
    People,
    /// Bare accounts.
    Accounts,
}

impl Whom {
    /// Whether such an import writes the field.
    pub(crate) fn has(self, field: Field) -> bool {
        match self {
            Self::People => !matches!(field, Field::PasswordHash | Field::FullName),
            Self::Accounts => !field.is_of_profile(),
        }
    }

    /// The fields that such an import writes, in the order of the template.
    pub(crate) fn fields(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.has(*field))
    }
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = Self::FullName as usize + 1;

    /// Every field that has a column, in the order of the template.
    pub(crate) const ALL: [Self; 22] = [
        Self::Email,
        Self::PasswordHash,
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
            Self::FullName => "full_name",
        }
    }

    /// Whether somebody without a profile has none.
    const fn is_of_profile(self) -> bool {
        matches!(
            self,
            Self::FirstName
                | Self::LastName
                | Self::FullName
                | Self::Company
                | Self::Department
                | Self::Position
                | Self::Phone
                | Self::Color
        )
    }

    /// Whether it says what somebody may do.
    pub(super) const fn gives_rights(self) -> bool {
        matches!(
            self,
            Self::Superuser
                | Self::Staff
                | Self::Roles
                | Self::RolesWithoutGroups
                | Self::Groups
                | Self::GroupsByHand
        )
    }

    /// What can be cleared: a person may be without it.
    pub(super) const fn is_optional(self) -> bool {
        matches!(
            self,
            Self::Department
                | Self::Position
                | Self::Phone
                | Self::StartDate
                | Self::EndDate
                | Self::Color
                | Self::Language
                | Self::Roles
                | Self::RolesWithoutGroups
                | Self::Groups
                | Self::GroupsByHand
        )
    }

    /// Whether its values are names, which are text and nothing else.
    pub(super) const fn is_text(self) -> bool {
        matches!(
            self,
            Self::FirstName
                | Self::LastName
                | Self::FullName
                | Self::Company
                | Self::Department
                | Self::Position
                | Self::Roles
                | Self::RolesWithoutGroups
                | Self::Groups
                | Self::GroupsByHand
        )
    }

    /// Whether its values are yes or no.
    pub(super) const fn is_switch(self) -> bool {
        matches!(
            self,
            Self::Active
                | Self::Staff
                | Self::Superuser
                | Self::TwoFactorRequired
                | Self::MustChangePassword
                | Self::ProfileCompleted
        )
    }

    /// Whether a word that is not listed can be none of its values: they are a few words, and a word of another system that
    /// is spelled like one of them may well mean another.
    pub(super) const fn has_closed_words(self) -> bool {
        self.is_switch() || self.is_list() || matches!(self, Self::Language)
    }

    /// Whether its values are lists.
    pub(super) const fn is_list(self) -> bool {
        matches!(self, Self::Roles | Self::RolesWithoutGroups | Self::Groups | Self::GroupsByHand)
    }

    /// Whether letter case makes another value.
    pub(super) const fn is_of_case(self) -> bool {
        matches!(self, Self::FirstName | Self::LastName | Self::FullName | Self::PasswordHash)
    }

    /// Whether its values are days.
    pub(super) const fn is_day(self) -> bool {
        matches!(self, Self::StartDate | Self::EndDate)
    }

    /// The field that somebody names; the whole name, from which both are made, is one too.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = squeezed(name);
        let is_whole = name == squeezed(Self::FullName.name());
        if is_whole { Some(Self::FullName) } else { Self::of_heading(&name) }
    }

    /// The field that a heading means by itself, by its own name or by one that other systems use.
    pub(super) fn of_heading(squeezed_heading: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| is_squeezed(field.name(), squeezed_heading)).or_else(|| {
            Some(match squeezed_heading {
                "mail" | "emailaddress" | "primaryemail" | "workemail" => Self::Email,
                "givenname" | "forename" => Self::FirstName,
                "surname" | "sn" | "familyname" => Self::LastName,
                "companyname" => Self::Company,
                "jobtitle" => Self::Position,
                "telephone" | "telephonenumber" | "mobile" | "mobilephone" | "phonenumber" | "workphone" => {
                    Self::Phone
                }
                "isactive" | "enabled" | "accountenabled" => Self::Active,
                "isstaff" => Self::Staff,
                "issuperuser" => Self::Superuser,
                "require2fa" | "requires2fa" => Self::TwoFactorRequired,
                "colour" => Self::Color,
                "role" | "platformroles" => Self::Roles,
                "group" | "accessgroups" => Self::Groups,
                "password" => Self::PasswordHash,
                _ => return None,
            })
        })
    }

    /// What a heading may well mean, though it also means other things, or is a word of a neighbour's language: offered, and
    /// never taken without being asked for.
    pub(super) fn guessed(squeezed_heading: &str) -> Option<Self> {
        Some(match squeezed_heading {
            "userprincipalname"
            | "upn"
            | "login"
            | "emailgeschaeftlich"
            | "epost"
            | "correo"
            | "emails"
            | "adressesdemessagerie"
            | "adressedemessagerie"
            | "adresseemail"
            | "courriel"
            | "пошта"
            | "електроннапошта" => Self::Email,
            "vorname" | "prénom" | "prenom" | "nombre" | "ім'я" | "namegivenname" => Self::FirstName,
            "nachname" | "namefamilyname" | "nom" | "nomdefamille" | "apellido" | "apellidos"
            | "прізвище" => Self::LastName,
            "displayname" | "fullname" | "name" | "employeename" => Self::FullName,
            "organization" | "organisation" | "organizationname" | "employer" | "firma" | "unternehmen"
            | "компанія" | "o" => Self::Company,
            "departmentname"
            | "organizations0department"
            | "dept"
            | "abteilung"
            | "division"
            | "costcenter"
            | "відділ"
            | "orgunit" => Self::Department,
            "title"
            | "organizations0title"
            | "employeetitle"
            | "stellenbezeichnung"
            | "jobname"
            | "посада" => Self::Position,
            "primaryphone" | "phones0value" | "homephone" | "businessphone" | "telefon" | "handy"
            | "téléphone" | "phonenumbers" | "teléfono" | "телефон" => Self::Phone,
            "hiredate"
            | "dateofhire"
            | "startdatum"
            | "eintritt"
            | "eintrittsdatum"
            | "eintrittstermin"
            | "vertragsbeginn"
            | "beschäftigtab"
            | "beschäftigtseit"
            | "датаприйому"
            | "датаприйняття"
            | "датаприйняттянароботу"
            | "датапочатку"
            | "працюєз" => Self::StartDate,
            "accountexpirationdate"
            | "accountexpires"
            | "terminationdate"
            | "enddatum"
            | "austritt"
            | "austrittsdatum"
            | "austrittstermin"
            | "vertragsende"
            | "endedesvertrags"
            | "befristetbis"
            | "beschäftigtbis"
            | "letzterarbeitstag"
            | "gültigbis"
            | "датазвільнення"
            | "датазакінчення"
            | "датазавершення"
            | "датазакінченняконтракту"
            | "датазавершенняконтракту"
            | "датазакінченнядоговору"
            | "кінецьконтракту"
            | "кінецьдоговору"
            | "закінченняконтракту"
            | "закінченнядоговору"
            | "контрактдо"
            | "договірдо"
            | "працюєдо"
            | "останнійробочийдень"
            | "accessexpiration" => Self::EndDate,
            "activated" | "aktiv" | "actif" | "activo" | "активний" | "suspended" | "blocksignin"
            | "disabled" | "accountdisabled" | "locked" => Self::Active,
            "lang" | "preferredlanguage" => Self::Language,
            _ => return None,
        })
    }

    /// Fields of nearly that name.
    pub(super) fn near(name: &str) -> Vec<&'static str> {
        nearest(name, Self::ALL.into_iter().chain([Self::FullName]).map(Self::name))
    }
}

fn is_squeezed(name: &str, squeezed_name: &str) -> bool {
    name.bytes().filter(|byte| *byte != b'_').eq(squeezed_name.bytes())
}
