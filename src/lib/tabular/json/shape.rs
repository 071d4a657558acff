//! Where the objects of a JSON text stand: which is seen at its beginning.
//!
//! Programs put people into an array, on lines of their own, into a list inside of an object that says how many there are,
//! or into an object whose keys are their names.

/// Where the objects stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Shape {
    /// One on each line.
    Lines,
    /// In one array.
    Array,
    /// They are the values of one object.
    Members,
    /// In the only list of objects inside of one object, under this key.
    ListUnder(String),
}

/// A value, as far as it has to be known.
enum Seen<'t> {
    Object,
    Objects,
    Null,
    Text(&'t str),
    Other,
}

impl Shape {
    /// That of a text which begins like this.
    ///
    /// One object alone is a row if an email is among its own values. Else its values are the rows, if all of them are
    /// objects, or a list of objects is, if there is only one.
    pub(in super::super) fn of(sample: &str) -> Self {
        let text = sample.trim_start();
        if text.starts_with('[') {
            return Self::Array;
        }
        let mut reader = Reader { rest: text.get(1..).unwrap_or_default() };
        let mut members: Vec<(&str, Seen<'_>)> = Vec::new();
        while let Some(member) = reader.member() {
            members.push(member);
        }
        let is_followed = reader.rest.strip_prefix('}').is_some_and(|rest| !rest.trim().is_empty());
        let is_email = |seen: &Seen<'_>| matches!(seen, Seen::Text(text) if text.contains('@') && !text.contains(['/', ' ']));
        if is_followed || members.iter().any(|(_, seen)| is_email(seen)) {
            return Self::Lines;
        }
        let is_object = |(_, seen): &(&str, Seen<'_>)| matches!(seen, Seen::Object);
        let is_null = |(_, seen): &(&str, Seen<'_>)| matches!(seen, Seen::Null);
        if members.iter().any(is_object) && members.iter().all(|member| is_object(member) || is_null(member))
        {
            return Self::Members;
        }
        let mut lists = members.iter().filter(|(_, seen)| matches!(seen, Seen::Objects));
        match (lists.next(), lists.next()) {
            (Some((key, _)), None) => {
                serde_json::from_str(&format!("\"{key}\"")).map_or(Self::Lines, Self::ListUnder)
            }
            _ => Self::Lines,
        }
    }
}

/// Whether the entries of a list are objects; some may be `null`.
pub(in super::super) fn begins_objects(list: &str) -> bool {
    let mut rest = list.trim_start();
    while let Some(behind) = rest.strip_prefix("null") {
        rest = behind.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
    }
    rest.starts_with('{')
}

/// Reads the members of an object, of which the last may be cut off.
struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn member(&mut self) -> Option<(&'t str, Seen<'t>)> {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let key = self.string()?;
        self.rest = self.rest.trim_start().strip_prefix(':')?.trim_start();
        let seen = match self.rest.chars().next()? {
            '"' => Seen::Text(self.string()?),
            '{' => Seen::Object,
            '[' if self.rest.get(1..).is_some_and(begins_objects) => Seen::Objects,
            'n' => Seen::Null,
            _ => Seen::Other,
        };
        if !matches!(seen, Seen::Text(_)) {
            self.skip();
        }
        Some((key, seen))
    }

    /// The text between quotation marks, as it is written.
    fn string(&mut self) -> Option<&'t str> {
        let text = self.rest.strip_prefix('"')?;
        let mut is_escaped = false;
        let end = text.find(|c| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        })?;
        self.rest = text.get(end + 1..).unwrap_or_default();
        text.get(..end)
    }

    /// Passes over a value that is no string.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(next) = self.rest.chars().next() {
            match next {
                '"' => {
                    if self.string().is_none() {
                        self.rest = "";
                    }
                    continue;
                }
                '{' | '[' => depth += 1,
                ',' | '}' | ']' if depth == 0 => return,
                '}' | ']' => depth -= 1,
                _ => {}
            }
            self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn it_is_seen_at_the_beginning() {
        let list = |key: &str| Shape::ListUnder(key.to_owned());
        for (text, shape) in [
            (" [ {\"a\":1} ]", Shape::Array),
            ("{\"a\":1}\n{\"a\":2}", Shape::Lines),
            ("{\"f\":{\"a\":1}}\n{\"f\":{\"a\":2}}", Shape::Lines),
            ("{\"email\":\"a@x\",\"groups\":[{\"name\":\"g\"}]}", Shape::Lines),
            ("{\"ann\":{\"a\":\"}\"},\"bob\":{}}", Shape::Members),
            ("{\"ann\":{\"email\":\"a@x\"},\"bob\":{\"em", Shape::Members),
            ("{\"@odata.context\":\"https://g/$metadata#users@x\",\"value\":[ {\"a\":1}]}", list("value")),
            ("{\"n\":2,\"meta\":{\"x\":[]},\"us\\\"ers\":[{\"a\":1},", list("us\"ers")),
            ("{\"a\":[{}],\"b\":[{}]}", Shape::Lines),
            ("{\"a\":[1,2]}", Shape::Lines),
            ("{\"ann\":null,\"bob\":{\"a\":1}}", Shape::Members),
            ("{\"ann\":null}", Shape::Lines),
            ("{\"n\":2,\"users\":[null, {\"a\":1}]}", list("users")),
            ("{\"users\":[null]}", Shape::Lines),
            ("{}", Shape::Lines),
            ("{", Shape::Lines),
        ] {
            assert_eq!(Shape::of(text), shape, "{text}");
        }
    }
}
