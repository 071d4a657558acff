//! Counts as people say them.

/// A number of people, such as `1 person` or `0 people`.
pub(crate) fn people(count: u64) -> String {
    format!("{count} {}", if count == 1 { "person" } else { "people" })
}

/// What there is of each thing, such as `1 department, 3 people`; nothing for what there is none of.
pub(crate) fn counted(things: &[(u64, &str, &str)]) -> String {
    let said: Vec<String> = things
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    said.join(", ")
}

/// The most names that are said beside a count.
const NAMED: usize = 3;

/// How many there are, and the first of those that may be named, such as `4 people (ann, bob, …)`.
pub(crate) fn named_among(count: usize, names: &[String], one: &str, many: &str) -> String {
    let what = if count == 1 { one } else { many };
    let first = names.get(..NAMED).unwrap_or(names);
    let more = if count > first.len() { ", …" } else { "" };
    let first = if first.is_empty() { String::new() } else { format!(" ({}{more})", first.join(", ")) };
    format!("{count} {what}{first}")
}

#[cfg(test)]
mod tests {
    use super::{counted, named_among, people};

    #[test]
    fn people_are_counted_even_when_there_are_none() {
        assert_eq!([0, 1, 2].map(people), ["0 people", "1 person", "2 people"]);
    }

    #[test]
    fn three_names_stand_beside_a_count() {
        let said = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
            named_among(names.len(), &names, "person", "people")
        };
        assert_eq!(said(&["ann"]), "1 person (ann)");
        assert_eq!(said(&["ann", "bob", "cid"]), "3 people (ann, bob, cid)");
        assert_eq!(said(&["ann", "bob", "cid", "dan"]), "4 people (ann, bob, cid, …)");
        let among = |names: &[String]| named_among(3, names, "person", "people");
        assert_eq!(among(&["bob".to_owned()]), "3 people (bob, …)", "who may not be named is counted");
        assert_eq!(among(&[]), "3 people");
    }

    #[test]
    fn one_is_singular_and_none_is_not_said() {
        let people = |count| (count, "person", "people");
        assert_eq!(counted(&[(1, "department", "departments"), people(3)]), "1 department, 3 people");
        assert_eq!(counted(&[people(0), people(1)]), "1 person");
        assert_eq!(counted(&[people(0)]), "");
    }
}
