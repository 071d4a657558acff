//! What is said of mails that wait.

/// How many wait.
pub(super) fn waiting(mails: u64) -> String {
    if mails == 1 { "1 mail waits".to_owned() } else { format!("{mails} mails wait") }
}

/// What is known of mails when whoever sends them is ended.
pub(super) fn left_off(sent: u64, unanswered: u64) -> String {
    let mut known = Vec::new();
    if sent > 0 {
        known.push(format!("{sent} sent"));
    }
    match unanswered {
        0 => {}
        1 => known.push("of 1 mail nobody knows whether it was taken".to_owned()),
        _ => known.push(format!("of {unanswered} mails nobody knows whether they were taken")),
    }
    if known.is_empty() {
        return "nothing was sent".to_owned();
    }
    format!("{}, and the rest waits", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::left_off;

    #[test]
    fn whoever_ends_it_is_told_what_is_known_and_what_is_not() {
        assert_eq!(left_off(0, 0), "nothing was sent");
        assert_eq!(left_off(3, 0), "3 sent, and the rest waits");
        assert_eq!(left_off(0, 1), "of 1 mail nobody knows whether it was taken, and the rest waits");
        assert_eq!(
            left_off(3, 2),
            "3 sent, of 2 mails nobody knows whether they were taken, and the rest waits"
        );
    }
}
