//! Counts as people say them.

/// What there is of each thing, such as `1 department, 3 people`; nothing for what there is none of.
pub(crate) fn counted(things: &[(u64, &str, &str)]) -> String {
    let said: Vec<String> = things
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }))
        .collect();
    said.join(", ")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_singular_and_none_is_not_said() {
        let people = |count| (count, "person", "people");
        assert_eq!(counted(&[(1, "department", "departments"), people(3)]), "1 department, 3 people");
        assert_eq!(counted(&[people(0), people(1)]), "1 person");
        assert_eq!(counted(&[people(0)]), "");
    }
}
