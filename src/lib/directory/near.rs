//! Groups that are called nearly the same here and in a directory: whose members somebody waits for in vain.

use std::collections::{BTreeSet, HashMap};

use crate::text::fold::fold;

/// A group here, and the one there that is called nearly so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Near {
    /// How it is called here.
    pub(crate) ours: String,
    /// How it is called there.
    pub(crate) theirs: String,
}

/// Our groups that are called as one there but for letter case, blanks, dashes, and as none exactly; in the order of ours.
pub(super) fn misses(ours: &[String], theirs: &[String]) -> Vec<Near> {
    let mut by_bare: HashMap<String, &String> = HashMap::new();
    for name in theirs {
        by_bare.entry(bare(name)).or_insert(name);
    }
    let exact: BTreeSet<&String> = theirs.iter().collect();
    let near = |ours: &String| {
        let key = bare(ours);
        let their = by_bare.get(&key).filter(|_| !key.is_empty() && !exact.contains(ours))?;
        Some(Near { ours: ours.clone(), theirs: (*their).clone() })
    };
    ours.iter().filter_map(near).collect()
}

/// What is left of a name without what is easily mistyped.
fn bare(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::misses;

    #[test]
    fn names_that_differ_in_letter_case_blanks_or_dashes_are_near_and_the_same_name_is_not() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let ours = names(&["Risk Managers", "Traders", "Zürich-Desk", "Back Office", "***", "Audit"]);
        let theirs =
            names(&["risk-managers", "Traders", "traders", "zürich desk", "Back  Office", "---", "Audit 2"]);
        let near: Vec<_> =
            misses(&ours, &theirs).into_iter().map(|near| [near.ours, near.theirs].join(" ~ ")).collect();
        assert_eq!(
            near,
            ["Risk Managers ~ risk-managers", "Zürich-Desk ~ zürich desk", "Back Office ~ Back  Office"]
        );
    }
}
