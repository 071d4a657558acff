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
    /// In a list of objects inside of one object, under these keys, each in the object under the one before.
    ListUnder(Vec<String>),
}

/// What names a list of people where more than one list is there.
const PEOPLE: [&str; 6] = ["users", "people", "persons", "members", "employees", "accounts"];

/// Objects in objects that are looked into for lists.
const DEPTH: usize = 3;

/// A value, as far as it has to be known, with what stands in it.
enum Seen<'t> {
    Object(&'t str),
    Objects(&'t str),
    Null,
    Text(&'t str),
    Other,
}

/// A list of objects inside of an object.
struct List {
    path: Vec<String>,
    /// Its first entry has an email.
    has_email: bool,
}

impl List {
    fn name(&self) -> String {
        self.path.join(".")
    }

    fn is_of_people(&self) -> bool {
        self.path.last().is_some_and(|key| PEOPLE.contains(&key.to_lowercase().as_str()))
    }
}

impl Shape {
    /// That of a text which begins like this.
    ///
    /// One object alone is a row if an email is among its own values. Else its values are the rows, if all of them are
    /// objects, or a list of objects is: the one that is asked for, the only one, the only one with emails, the only one that is
    /// called so.
    ///
    /// # Errors
    /// The names of several lists of which nobody knows in which one the people are.
    pub(in super::super) fn of(sample: &str, asked: Option<&str>) -> Result<Self, Vec<String>> {
        let text = sample.trim_start();
        if text.starts_with('[') {
            return Ok(Self::Array);
        }
        let (members, rest) = members_of(text.get(1..).unwrap_or_default());
        let is_followed = rest.strip_prefix('}').is_some_and(|rest| !rest.trim().is_empty());
        let has_email = |members: &[(&str, Seen<'_>)]| {
            members.iter().any(|(_, seen)| matches!(seen, Seen::Text(text) if is_email(text)))
        };
        if let Some(asked) = asked {
            return Ok(Self::ListUnder(path_of(asked, &members)));
        }
        if is_followed || has_email(&members) {
            return Ok(Self::Lines);
        }
        let is_object = |(_, seen): &(&str, Seen<'_>)| matches!(seen, Seen::Object(_));
        let is_null = |(_, seen): &(&str, Seen<'_>)| matches!(seen, Seen::Null);
        let are_objects = members.iter().any(is_object)
            && members.iter().all(|member| is_object(member) || is_null(member));
        let lists = lists_in(&members, &[]);
        let is_person = |(_, seen): &(&str, Seen<'_>)| matches!(seen, Seen::Object(inside) if has_email(&members_of(inside).0));
        if are_objects
            && (lists.len() != 1 || !lists.iter().all(|list| list.has_email) || members.iter().any(is_person))
        {
            return Ok(Self::Members);
        }
        Self::of_lists(&lists)
    }

    /// The people are in one of these lists; those that are not in another object come first.
    fn of_lists(lists: &[List]) -> Result<Self, Vec<String>> {
        let is_outer = |list: &&List| list.path.len() == 1;
        let only = |is: &dyn Fn(&&List) -> bool| {
            let mut found = lists.iter().filter(is);
            found.next().filter(|_| found.next().is_none()).map(|list| Self::ListUnder(list.path.clone()))
        };
        let outer = lists.iter().filter(is_outer).count();
        let of_people = |list: &&List| list.is_of_people();
        let found = if outer == 1 { only(&is_outer) } else { None };
        let found = found.or_else(|| only(&|list| list.has_email));
        let found =
            found.or_else(|| only(&|list| is_outer(list) && of_people(list))).or_else(|| only(&of_people));
        match found {
            Some(found) => Ok(found),
            None if outer == 0 => Ok(Self::Lines),
            None => Err(lists.iter().filter(is_outer).map(List::name).collect()),
        }
    }
}

/// The names of the lists of objects in an object that begins like this.
pub(in super::super) fn lists(sample: &str) -> Vec<String> {
    let (members, _) = members_of(sample.trim_start().get(1..).unwrap_or_default());
    lists_in(&members, &[]).iter().map(List::name).collect()
}

/// The keys that lead to the list that is asked for: one key, as it is written, or several with dots between.
fn path_of(asked: &str, members: &[(&str, Seen<'_>)]) -> Vec<String> {
    if members.iter().any(|(key, _)| *key == asked) {
        return vec![asked.to_owned()];
    }
    asked.split('.').map(str::to_owned).collect()
}

/// The lists of objects among the members of an object, and of those in it.
fn lists_in(members: &[(&str, Seen<'_>)], path: &[String]) -> Vec<List> {
    let mut lists = Vec::new();
    for (key, seen) in members {
        let Ok(key) = serde_json::from_str(&format!("\"{key}\"")) else { continue };
        let path = [path, &[key]].concat();
        match seen {
            Seen::Objects(entries) => lists.push(List { path, has_email: has_email(entries) }),
            Seen::Object(inside) if path.len() < DEPTH => {
                lists.extend(lists_in(&members_of(inside).0, &path));
            }
            _ => {}
        }
    }
    lists
}

/// Whether the first entry of a list has an email, at whatever depth.
fn has_email(entries: &str) -> bool {
    let first = entries.find('{').and_then(|start| entries.get(start..)).unwrap_or_default();
    let mut reader = Reader { rest: first };
    reader.skip();
    let entry = first.get(..first.len() - reader.rest.len()).unwrap_or_default();
    entry.split('"').any(is_email)
}

fn is_email(text: &str) -> bool {
    text.contains('@') && !text.contains(['/', ' '])
}

/// The members of an object whose brace was passed, and what stands behind the last.
fn members_of(inside: &str) -> (Vec<(&str, Seen<'_>)>, &str) {
    let mut reader = Reader { rest: inside };
    let mut members = Vec::new();
    while let Some(member) = reader.member() {
        members.push(member);
    }
    (members, reader.rest)
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
            '{' => Seen::Object(self.rest.get(1..).unwrap_or_default()),
            '[' if self.rest.get(1..).is_some_and(begins_objects) => {
                Seen::Objects(self.rest.get(1..).unwrap_or_default())
            }
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
        let list = |path: &str| Shape::ListUnder(path.split('.').map(str::to_owned).collect());
        for (text, shape) in [
            (" [ {\"a\":1} ]", Shape::Array),
            ("{\"a\":1}\n{\"a\":2}", Shape::Lines),
            ("{\"f\":{\"a\":1}}\n{\"f\":{\"a\":2}}", Shape::Lines),
            ("{\"email\":\"a@x\",\"groups\":[{\"name\":\"g\"}]}", Shape::Lines),
            ("{\"ann\":{\"a\":\"}\"},\"bob\":{}}", Shape::Members),
            ("{\"ann\":{\"email\":\"a@x\"},\"bob\":{\"em", Shape::Members),
            ("{\"@odata.context\":\"https://g/$metadata#users@x\",\"value\":[ {\"a\":1}]}", list("value")),
            ("{\"n\":2,\"meta\":{\"x\":[]},\"us\\\"ers\":[{\"a\":1},", list("us\"ers")),
            ("{\"a\":[{}],\"Users\":[{}]}", list("Users")),
            ("{\"a\":[{}],\"b\":[{\"m\":[{\"v\":\"a@x\"}]}],\"n\":1}", list("b")),
            ("{\"r\":{\"realm\":[{\"n\":1}]},\"g\":[{}],\"users\":[{\"e\":\"a@x\"}", list("users")),
            ("{\"data\":{\"people\":[{\"e\":\"a@x\"}]}}", list("data.people")),
            ("{\"ok\":true,\"data\":{\"people\":[{\"e\":1}]}}", list("data.people")),
            ("{\"ann\":{\"email\":\"a@x\",\"mails\":[{\"v\":\"a@x\"}]}}", Shape::Members),
            ("{\"ann\":{\"g\":[{\"n\":1}]},\"bob\":{}}", Shape::Members),
            ("{\"a\":[1,2]}", Shape::Lines),
            ("{\"ann\":null,\"bob\":{\"a\":1}}", Shape::Members),
            ("{\"ann\":null}", Shape::Lines),
            ("{\"n\":2,\"users\":[null, {\"a\":1}]}", list("users")),
            ("{\"users\":[null]}", Shape::Lines),
            ("{}", Shape::Lines),
            ("{", Shape::Lines),
        ] {
            assert_eq!(Shape::of(text, None), Ok(shape), "{text}");
        }
        for (asked, keys) in [("a", "a"), ("c.d", "c.d")] {
            assert_eq!(Shape::of("{\"a\":[{}],\"b\":[{}]}", Some(asked)), Ok(list(keys)));
        }
        let dotted = Shape::ListUnder(vec!["a.b".to_owned()]);
        assert_eq!(Shape::of("{\"a.b\":[{}]}", Some("a.b")), Ok(dotted));
        let several = Shape::of("{\"a\":[{}],\"b\":[{}],\"c\":{\"d\":[{}]}}", None);
        assert_eq!(several, Err(vec!["a".to_owned(), "b".to_owned()]));
    }
}
