//! What a sync does with the people of a directory.

use serde_json::{Value, json};

/// What becomes of groups that are called as those of the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GroupSync {
    /// Nothing.
    Off,
    /// Who is in one there is in it here.
    Additive,
    /// And who left it there leaves it here, unless something else keeps them in it.
    Mirror,
}

impl GroupSync {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("off", Self::Off), ("additive", Self::Additive), ("mirror", Self::Mirror)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Additive => "additive",
            Self::Mirror => "mirror",
        }
    }
}

/// What becomes of departments or positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Places {
    /// People get the one of that name, if there is one.
    Match,
    /// It is made where there is none.
    Create,
    /// None is read.
    Ignore,
}

impl Places {
    pub(super) const WORDS: [(&'static str, Self); 3] =
        [("match", Self::Match), ("create", Self::Create), ("ignore", Self::Ignore)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Create => "create",
            Self::Ignore => "ignore",
        }
    }
}

/// What becomes of people who are gone there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leavers {
    /// They may not log in any more.
    Deactivate,
    /// Nothing.
    Ignore,
}

impl Leavers {
    pub(super) const WORDS: [(&'static str, Self); 2] =
        [("deactivate", Self::Deactivate), ("ignore", Self::Ignore)];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Ignore => "ignore",
        }
    }
}

/// What a sync does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Following {
    /// Whether it makes people who are not here yet.
    pub(crate) creates: bool,
    /// What becomes of groups.
    pub(crate) groups: GroupSync,
    /// What becomes of departments.
    pub(crate) departments: Places,
    /// What becomes of positions.
    pub(crate) positions: Places,
    /// What becomes of people who are gone there.
    pub(crate) leavers: Leavers,
    /// After how many whole reads that did not find them.
    pub(crate) leaver_runs: u32,
    /// What takes from more people than this, and than the share, is held; what holds everywhere if none is given.
    pub(crate) brake_people: Option<u32>,
    /// The share of the people of the connection, in per cent.
    pub(crate) brake_percent: Option<u32>,
}

impl Default for Following {
    fn default() -> Self {
        Self {
            creates: true,
            groups: GroupSync::Off,
            departments: Places::Match,
            positions: Places::Match,
            leavers: Leavers::Deactivate,
            leaver_runs: 2,
            brake_people: None,
            brake_percent: None,
        }
    }
}

/// A limit of the brake, as it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// That of the site.
    OfSite,
    /// This one.
    Own(u32),
}

impl Limit {
    const fn own(self) -> Option<u32> {
        match self {
            Self::OfSite => None,
            Self::Own(limit) => Some(limit),
        }
    }
}

/// What is given of it; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FollowingEdit {
    /// See [`Following::creates`].
    pub(crate) creates: Option<bool>,
    /// See [`Following::groups`].
    pub(crate) groups: Option<GroupSync>,
    /// See [`Following::departments`].
    pub(crate) departments: Option<Places>,
    /// See [`Following::positions`].
    pub(crate) positions: Option<Places>,
    /// See [`Following::leavers`].
    pub(crate) leavers: Option<Leavers>,
    /// See [`Following::leaver_runs`].
    pub(crate) leaver_runs: Option<u32>,
    /// See [`Following::brake_people`].
    pub(crate) brake_people: Option<Limit>,
    /// See [`Following::brake_percent`].
    pub(crate) brake_percent: Option<Limit>,
}

impl Following {
    /// With what was given.
    pub(super) fn with(self, given: &FollowingEdit) -> Self {
        Self {
            creates: given.creates.unwrap_or(self.creates),
            groups: given.groups.unwrap_or(self.groups),
            departments: given.departments.unwrap_or(self.departments),
            positions: given.positions.unwrap_or(self.positions),
            leavers: given.leavers.unwrap_or(self.leavers),
            leaver_runs: given.leaver_runs.unwrap_or(self.leaver_runs),
            brake_people: given.brake_people.map_or(self.brake_people, Limit::own),
            brake_percent: given.brake_percent.map_or(self.brake_percent, Limit::own),
        }
    }

    /// As the audit has it.
    pub(super) fn fields(&self) -> [(&'static str, Value); 8] {
        [
            ("creates", json!(self.creates)),
            ("group_sync", json!(self.groups.word())),
            ("departments", json!(self.departments.word())),
            ("positions", json!(self.positions.word())),
            ("leavers", json!(self.leavers.word())),
            ("leaver_runs", json!(self.leaver_runs)),
            ("brake_people", json!(self.brake_people)),
            ("brake_percent", json!(self.brake_percent)),
        ]
    }
}
