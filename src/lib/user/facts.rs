//! What an administrator can write of a person.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::audit::{self, Fields, Side};
use crate::text::collate::place_in_lists;
use crate::text::date::Day;
use crate::text::guid::Guid;
use crate::text::initial::initial;
use crate::text::instant::Instant;

/// The writable facts of a person, under the names that JSON, CSV, imports, plans and the audit use.
///
/// Companies, departments and positions are named here; their ids are looked up when the facts are saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent switches, as the manual has them")]
pub(crate) struct Facts {
    /// The login name, as typed.
    pub(crate) email: String,
    /// Absent, like the last name, for an account without a profile.
    pub(crate) first_name: Option<String>,
    /// See `first_name`.
    pub(crate) last_name: Option<String>,
    /// E.164.
    pub(crate) phone: Option<String>,
    /// The company's name.
    pub(crate) company: Option<String>,
    /// The department's name.
    pub(crate) department: Option<String>,
    /// The position's name.
    pub(crate) position: Option<String>,
    /// The administrator's switch.
    pub(crate) active: bool,
    /// The first day login is allowed.
    pub(crate) start_date: Option<Day>,
    /// The last day login is allowed.
    pub(crate) end_date: Option<Day>,
    /// May be an operator at the shell.
    pub(crate) staff: bool,
    /// Bypasses every check.
    pub(crate) superuser: bool,
    /// The person has looked through the own profile.
    pub(crate) profile_completed: bool,
    /// A second factor is required.
    pub(crate) two_factor_required: bool,
    /// The next login leads to the change page.
    pub(crate) must_change_password: bool,
    /// `#rrggbb`.
    pub(crate) color: Option<String>,
    /// BCP 47.
    pub(crate) language: Option<String>,
    /// The roles held, by slug, in its order.
    pub(crate) roles: Vec<String>,
    /// Those of the roles whose groups do not come with them.
    pub(crate) roles_without_groups: Vec<String>,
    /// The groups given by hand, as they are named, in order.
    pub(crate) groups: Vec<String>,
    /// In the bin.
    pub(crate) deleted: bool,
    /// The id of the connection whose directory manages the account; none for an account of this store. What begins with
    /// `directory` is written by what asks the directory alone.
    pub(crate) directory: Option<i64>,
    /// Which entry they are there.
    pub(crate) directory_guid: Option<Guid>,
    /// The account is disabled there.
    pub(crate) directory_disabled: bool,
    /// When the account expires there; nothing for never.
    pub(crate) directory_expires_at: Option<Instant>,
    /// Since when the entry is gone there.
    pub(crate) directory_missing_since: Option<Instant>,
    /// The groups that the directory puts them into, as they are named, in order.
    pub(crate) directory_groups: Vec<String>,
}

impl Facts {
    /// An account that may log in, with nothing else known of it.
    pub(crate) fn new(email: String) -> Self {
        Self {
            email,
            first_name: None,
            last_name: None,
            phone: None,
            company: None,
            department: None,
            position: None,
            active: true,
            start_date: None,
            end_date: None,
            staff: false,
            superuser: false,
            profile_completed: false,
            two_factor_required: false,
            must_change_password: false,
            color: None,
            language: None,
            roles: Vec::new(),
            roles_without_groups: Vec::new(),
            groups: Vec::new(),
            deleted: false,
            directory: None,
            directory_guid: None,
            directory_disabled: false,
            directory_expires_at: None,
            directory_missing_since: None,
            directory_groups: Vec::new(),
        }
    }

    /// Whether there is a profile.
    pub(crate) fn has_profile(&self) -> bool {
        self.first_name.is_some()
    }

    /// First and last name; empty without a profile.
    pub(crate) fn full_name(&self) -> String {
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            _ => String::new(),
        }
    }

    /// What stands in the place of a photo: the first letters of the names; without a profile, that of the email.
    pub(crate) fn initials(&self) -> String {
        let names = [self.first_name.as_deref(), self.last_name.as_deref()];
        let letters: String = names.into_iter().flatten().map(initial).collect();
        if letters.is_empty() { initial(&self.email) } else { letters }
    }

    /// The place in lists.
    pub(super) fn sort_name(&self) -> String {
        place_in_lists(self.last_name.as_deref(), self.first_name.as_deref(), &self.email)
    }

    /// The facts by their names. Told one by one, for an import does it several times for each person.
    fn named<'a>(&'a self) -> [(&'static str, Fact<'a>); 27] {
        let Self {
            email,
            first_name,
            last_name,
            phone,
            company,
            department,
            position,
            active,
            start_date,
            end_date,
            staff,
            superuser,
            profile_completed,
            two_factor_required,
            must_change_password,
            color,
            language,
            roles,
            roles_without_groups,
            groups,
            deleted,
            directory,
            directory_guid,
            directory_disabled,
            directory_expires_at,
            directory_missing_since,
            directory_groups,
        } = self;
        let text = |text: &'a Option<String>| text.as_deref().map_or(Fact::Nothing, Fact::Text);
        let day = |day: Option<Day>| day.map_or(Fact::Nothing, Fact::Day);
        let time = |time: Option<Instant>| time.map_or(Fact::Nothing, Fact::Time);
        [
            ("email", Fact::Text(email)),
            ("first_name", text(first_name)),
            ("last_name", text(last_name)),
            ("phone", text(phone)),
            ("company", text(company)),
            ("department", text(department)),
            ("position", text(position)),
            ("active", Fact::Switch(*active)),
            ("start_date", day(*start_date)),
            ("end_date", day(*end_date)),
            ("staff", Fact::Switch(*staff)),
            ("superuser", Fact::Switch(*superuser)),
            ("profile_completed", Fact::Switch(*profile_completed)),
            ("two_factor_required", Fact::Switch(*two_factor_required)),
            ("must_change_password", Fact::Switch(*must_change_password)),
            ("color", text(color)),
            ("language", text(language)),
            ("roles", Fact::List(roles)),
            ("roles_without_groups", Fact::List(roles_without_groups)),
            ("groups", Fact::List(groups)),
            ("deleted", Fact::Switch(*deleted)),
            ("directory", directory.map_or(Fact::Nothing, Fact::Id)),
            ("directory_guid", directory_guid.map_or(Fact::Nothing, Fact::Guid)),
            ("directory_disabled", Fact::Switch(*directory_disabled)),
            ("directory_expires_at", time(*directory_expires_at)),
            ("directory_missing_since", time(*directory_missing_since)),
            ("directory_groups", Fact::List(directory_groups)),
        ]
    }

    /// The facts as a JSON object.
    pub(crate) fn to_fields(&self) -> Fields {
        audit::fields_of(self.named().map(|(name, fact)| (name, fact.into())))
    }

    /// What there is to say of a new person: the facts that are set, and whether the account is active.
    pub(crate) fn as_created(&self) -> Fields {
        self.set().map(|(name, fact)| (name.to_owned(), fact.into())).collect()
    }

    fn set(&self) -> impl Iterator<Item = (&'static str, Fact<'_>)> + Clone {
        self.named().into_iter().filter(|(name, fact)| match fact {
            Fact::Nothing => false,
            Fact::Switch(on) => *on || *name == "active",
            Fact::List(list) => !list.is_empty(),
            Fact::Text(_) | Fact::Day(_) | Fact::Id(_) | Fact::Guid(_) | Fact::Time(_) => true,
        })
    }

    /// The facts of somebody new who is told of so; what is not told is as [`Facts::new`] has it.
    ///
    /// # Errors
    /// When a field has a value of another kind than the fact; only a damaged store holds such.
    pub(crate) fn created(email: &str, told: &Fields) -> Result<Self, serde_json::Error> {
        let mut facts = Self::deserialize(told)?;
        if facts.email.is_empty() {
            email.clone_into(&mut facts.email);
        }
        Ok(facts)
    }

    /// Where the person works: company, department, position.
    pub(super) fn place(&self) -> [Option<&str>; 3] {
        [&self.company, &self.department, &self.position].map(Option::as_deref)
    }

    /// What was given by hand: roles, those of them without their groups, groups; and the groups of the directory.
    pub(super) fn assignments(&self) -> [&[String]; 4] {
        [&self.roles, &self.roles_without_groups, &self.groups, &self.directory_groups].map(Vec::as_slice)
    }

    /// Which entry of which connection they are, and what the directory says of the account.
    pub(super) fn directory_state(&self) -> impl PartialEq + use<> {
        let entry = (self.directory, self.directory_guid);
        (entry, self.directory_disabled, self.directory_expires_at, self.directory_missing_since)
    }

    /// The facts that differ: as they are here, and as they are in `other`.
    pub(crate) fn difference(&self, other: &Self) -> (Fields, Fields) {
        audit::difference(&self.to_fields(), &other.to_fields())
    }

    /// These facts with some of them replaced.
    ///
    /// # Errors
    /// When a field has a value of another kind than the fact; only a damaged store holds such.
    pub(crate) fn with(&self, fields: &Fields) -> Result<Self, serde_json::Error> {
        let mut all = self.to_fields();
        all.extend(fields.iter().map(|(name, value)| (name.clone(), value.clone())));
        serde_json::from_value(Value::Object(all))
    }
}

/// A fact, as JSON has it.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Fact<'a> {
    Nothing,
    Switch(bool),
    Text(&'a str),
    Day(Day),
    Id(i64),
    Guid(Guid),
    Time(Instant),
    List(&'a [String]),
}

impl From<Fact<'_>> for Value {
    fn from(fact: Fact<'_>) -> Self {
        match fact {
            Fact::Nothing => Self::Null,
            Fact::Switch(on) => Self::Bool(on),
            Fact::Text(text) => Self::String(text.to_owned()),
            Fact::Day(day) => Self::String(day.to_string()),
            Fact::Id(id) => Self::from(id),
            Fact::Guid(guid) => Self::String(guid.to_string()),
            Fact::Time(time) => Self::String(time.to_string()),
            Fact::List(list) => Self::from(list),
        }
    }
}

/// What the audit has of a new person: the facts that are set, and that a password came with them. It is written as text at
/// once: to make an object of it first costs an import as much as the rest of the row.
pub(super) struct Created<'a> {
    pub(super) facts: &'a Facts,
    pub(super) with_password: bool,
}

impl Serialize for Created<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let password = self.with_password.then_some(("password", Fact::Text("imported")));
        to.collect_map(self.facts.set().chain(password))
    }
}

impl Side for Created<'_> {
    fn text(&self) -> serde_json::Result<Option<String>> {
        serde_json::to_string(self).map(Some)
    }
}

/// Of what is not told.
impl Default for Facts {
    fn default() -> Self {
        Self::new(String::new())
    }
}
