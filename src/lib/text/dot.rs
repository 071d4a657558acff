//! Text in the language of Graphviz.

use super::width::sanitize_for_terminal;

/// `text` as a quoted string that is shown as it is, whether it names a node or is a label.
///
/// In a label `\` begins an escape (such as `\N`, the node's name) and `&…;` is read as a character of HTML. What drives a
/// terminal is taken out: a graph is printed as well as drawn.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in sanitize_for_terminal(text).chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '&' => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_graphviz_would_read_otherwise_is_escaped() {
        assert_eq!(quoted("Müller & Söhne"), r#""Müller &amp; Söhne""#);
        assert_eq!(quoted("&lt; R&D"), r#""&amp;lt; R&amp;D""#);
        assert_eq!(quoted(r#"the "old" C:\N"#), r#""the \"old\" C:\\N""#);
        assert_eq!(quoted(""), r#""""#);
    }

    #[test]
    fn stored_text_cannot_drive_the_terminal_through_a_graph() {
        assert_eq!(quoted("a\u{1B}[2J\nb\u{202E}"), "\"a\u{FFFD}[2J b\u{FFFD}\"");
    }
}
