//! The brake: a mistake that takes access from many is held before it happens.

use super::Effect;
use crate::context::Settings;

/// Why a plan is held, if it is: more people would lose something of what they may do than `brake.people` and than
/// `brake.percent` of those in scope. What is made or gained never brakes.
pub(super) fn holds(settings: &Settings, effect: &Effect, in_scope: u64) -> Option<String> {
    let losing = effect.people;
    let share = in_scope.saturating_mul(settings.brake_percent.into()) / 100;
    let allowed = u64::from(settings.brake_people).max(share);
    (losing > allowed).then(|| {
        format!("{losing} of {in_scope} people would lose access, more than {allowed} are not let through")
    })
}

#[cfg(test)]
mod tests {
    use super::holds;
    use crate::context::Settings;
    use crate::run::Effect;

    fn losing(people: u64) -> Effect {
        Effect { people, ..Effect::default() }
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
        let settings = Settings { brake_people: 0, brake_percent: 0, ..Settings::default() };
        assert!(holds(&settings, &losing(1), 1000).is_some());
        assert_eq!(holds(&settings, &losing(0), 1000), None);
    }
}
