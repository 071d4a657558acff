//! The brake: a mistake that takes access from many is held before it happens.

use std::fmt;

use super::Measured;
use crate::context::Settings;
use crate::context::settings::{About, ChangedBy, Definition, Setting, number};

/// What the site decides of it, in the order in which it is listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[&BRAKE_PEOPLE, &BRAKE_PERCENT];

/// The brake holds a run when more people than this lose access …
pub(crate) static BRAKE_PEOPLE: Setting<u32> = Setting {
    about: About {
        name: "brake.people",
        meaning: "a run is held when more people than this, and than brake.percent, would lose access; or would leave a group and are half of it",
        values: "0 to 1000000",
        changed_by: ChangedBy::Superusers,
    },
    default: 20,
    read: |text| number(text, 0, 1_000_000),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// … and more than this share of those in scope, in per cent.
pub(crate) static BRAKE_PERCENT: Setting<u32> = Setting {
    about: About {
        name: "brake.percent",
        meaning: "share of the people in scope, for brake.people",
        values: "0 to 100",
        changed_by: ChangedBy::Superusers,
    },
    default: 5,
    read: |text| number(text, 0, 100),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// The most reasons that are told.
const TOLD: usize = 3;

/// What is let through of a plan, where that is not what the site decides.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// How many people may lose something.
    pub(super) people: Option<u32>,
    /// What share of those it could concern, in per cent.
    pub(super) percent: Option<u32>,
}

impl Limits {
    /// How many of those whom a plan could concern may lose something.
    pub(super) fn allowed(self, settings: &Settings, in_scope: u64) -> u64 {
        let people = self.people.unwrap_or(*settings.get(&BRAKE_PEOPLE));
        let percent = self.percent.unwrap_or(*settings.get(&BRAKE_PERCENT));
        u64::from(people).max(in_scope.saturating_mul(percent.into()) / 100)
    }
}

/// Why a run is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Too many people would lose something of what they may do.
    TooMany {
        /// How many.
        losing: u64,
        /// Of how many whom it could concern.
        in_scope: u64,
        /// How many may.
        allowed: u64,
    },
    /// What people are in would lose half of them or more.
    LosesHalf {
        /// What they are in.
        what: String,
        /// How many would leave it.
        losing: u64,
        /// Of how many.
        of: u64,
    },
}

impl Reason {
    /// That more people than `brake.people` would lose something of what they may do, and than `brake.percent` of those in
    /// scope; or than the plan has in the place of these.
    fn too_many(settings: &Settings, limits: Limits, (losing, in_scope): (u64, u64)) -> Option<Self> {
        let allowed = limits.allowed(settings, in_scope);
        (losing > allowed).then_some(Self::TooMany { losing, in_scope, allowed })
    }

    /// That more people than `brake.people` would leave something, and they are half of those in it or more, whatever
    /// they may do without it.
    pub(crate) fn loses_half(settings: &Settings, what: String, (losing, of): (u64, u64)) -> Option<Self> {
        let is_half = losing.saturating_mul(2) >= of;
        (is_half && losing > (*settings.get(&BRAKE_PEOPLE)).into()).then_some(Self::LosesHalf {
            what,
            losing,
            of,
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { losing, in_scope, allowed } => write!(
                f,
                "{losing} of {in_scope} people would be able to do less than before, more than {allowed} are not let through"
            ),
            Self::LosesHalf { what, losing, of } => {
                write!(f, "{what} would lose {losing} of the {of} people in it")
            }
        }
    }
}

/// Why a plan is held, in words, if it is. What is made or gained never brakes.
pub(super) fn holds(
    settings: &Settings,
    measured: &Measured,
    in_scope: u64,
    (limits, said): (Limits, &[String]),
) -> Option<String> {
    let too_many = Reason::too_many(settings, limits, (measured.effect.people, in_scope));
    let found = too_many.iter().chain(&measured.reasons).map(Reason::to_string);
    let reasons: Vec<String> = said.iter().cloned().chain(found).collect();
    let (told, more) = reasons.split_at(reasons.len().min(TOLD));
    let more = if more.is_empty() { String::new() } else { format!("; and {} more like it", more.len()) };
    (!told.is_empty()).then(|| format!("{}{more}", told.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::{BRAKE_PEOPLE, BRAKE_PERCENT, Limits, Reason};
    use crate::context::Settings;
    use crate::run::{Effect, Measured};

    fn holds(settings: &Settings, measured: &Measured, in_scope: u64) -> Option<String> {
        super::holds(settings, measured, in_scope, (Limits::default(), &[]))
    }

    #[test]
    fn a_plan_has_limits_and_reasons_of_its_own() {
        let settings = Settings::default();
        let limits = |people, percent| Limits { people: Some(people), percent: Some(percent) };
        let holds = |limits, said: &[String]| super::holds(&settings, &losing(3), 100, (limits, said));
        assert!(holds(limits(2, 0), &[]).is_some());
        assert!(holds(limits(2, 3), &[]).is_none());
        assert!(holds(limits(3, 0), &[]).is_none());
        assert_eq!(holds(Limits::default(), &["nobody is there".to_owned()]).unwrap(), "nobody is there");
    }

    fn losing(people: u64) -> Measured {
        Measured { effect: Effect { people, ..Effect::default() }, ..Measured::default() }
    }

    #[test]
    fn twenty_people_or_five_in_a_hundred_whichever_is_more() {
        let settings = Settings::default();
        assert_eq!(holds(&settings, &losing(20), 100), None);
        assert!(holds(&settings, &losing(21), 100).is_some());
        assert_eq!(holds(&settings, &losing(50), 1000), None);
        assert!(holds(&settings, &losing(51), 1000).is_some());
    }

    #[test]
    fn settings_move_it() {
        let mut settings = Settings::default();
        settings.set(&BRAKE_PEOPLE, 0);
        settings.set(&BRAKE_PERCENT, 0);
        assert!(holds(&settings, &losing(1), 1000).is_some());
        assert_eq!(holds(&settings, &losing(0), 1000), None);
    }

    #[test]
    fn more_than_twenty_people_who_are_half_of_what_they_are_in() {
        let half = |settings: &Settings, losing, of| {
            Reason::loses_half(settings, "group `Readers`".to_owned(), (losing, of)).is_some()
        };
        let settings = Settings::default();
        let found = [(20, 20), (21, 21), (21, 42), (21, 43), (500, 1000)]
            .map(|(losing, of)| half(&settings, losing, of));
        assert_eq!(found, [false, true, true, false, true]);
        let mut few = Settings::default();
        few.set(&BRAKE_PEOPLE, 1);
        assert_eq!([half(&few, 1, 1), half(&few, 2, 4)], [false, true]);
    }

    #[test]
    fn every_reason_is_told_and_of_many_alike_the_first() {
        let settings = Settings::default();
        let reason =
            |name: &str| Reason::loses_half(&settings, format!("group `{name}`"), (30, 40)).into_iter();
        let reasons: Vec<Reason> = ["A", "B", "C", "D"].into_iter().flat_map(reason).collect();
        let two = Measured { reasons: reasons[..1].to_vec(), ..losing(30) };
        assert_eq!(
            holds(&settings, &two, 100).unwrap(),
            "30 of 100 people would be able to do less than before, more than 20 are not let through; group `A` would lose 30 of the 40 people \
            in it"
        );
        let many = holds(&settings, &Measured { reasons, ..losing(0) }, 100).unwrap();
        assert!(
            many.ends_with("group `C` would lose 30 of the 40 people in it; and 1 more like it"),
            "{many}"
        );
    }
}
