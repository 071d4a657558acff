//! Attributes of which a server gives some values at a time: `member;range=0-1499` (MS-ADTS 3.1.1.3.1.3.3).

/// Some values of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// The attribute, without the range.
    pub(super) name: String,
    /// Which value comes first, counted from 0.
    pub(super) from: usize,
    /// Which value is the last of these; none if it is the last of all.
    to: Option<usize>,
    /// The values.
    pub(super) values: Vec<Vec<u8>>,
}

impl Range {
    /// Values of an attribute whose name may have a range.
    pub(super) fn of(name: &str, values: Vec<Vec<u8>>) -> Result<Self, Vec<Vec<u8>>> {
        match parted(name) {
            Some((name, from, to)) => Ok(Self { name, from, to, values }),
            None => Err(values),
        }
    }

    /// From which value on more is to be asked for; none behind the last.
    ///
    /// # Errors
    /// When there are other values than the range says, or none, so that nobody knows which are missing.
    pub(super) fn next(&self) -> Result<Option<usize>, Incomplete> {
        let behind = self.from.checked_add(self.values.len()).ok_or(Incomplete)?;
        match self.to {
            None => Ok(None),
            Some(to) if !self.values.is_empty() && to.checked_add(1) == Some(behind) => Ok(Some(behind)),
            Some(_) => Err(Incomplete),
        }
    }
}

/// That values are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Incomplete;

/// Whether the name of an attribute has a range.
pub(crate) fn is_range(name: &str) -> bool {
    parted(name).is_some()
}

/// What asks for the values from that one on.
pub(super) fn asked_from(name: &str, from: usize) -> String {
    format!("{name};range={from}-*")
}

/// A name without its range, and the first and the last value of that.
fn parted(name: &str) -> Option<(String, usize, Option<usize>)> {
    let mut options = name.split(';');
    let mut rest = vec![options.next()?];
    let mut range = None;
    for option in options {
        match option.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("range")) {
            Some((_, text)) if range.is_none() => range = Some(text),
            Some(_) => return None,
            None => rest.push(option),
        }
    }
    let (from, to) = range?.split_once('-')?;
    let to = if to == "*" { None } else { Some(to.parse().ok()?) };
    Some((rest.join(";"), from.parse().ok()?, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_of_a_name_is_read_whatever_options_it_has_beside() {
        for (name, is) in [
            ("member;range=0-1499", Some(("member", 0, Some(1499)))),
            ("member;Range=1500-*", Some(("member", 1500, None))),
            ("member;binary;range=3-4", Some(("member;binary", 3, Some(4)))),
        ] {
            assert_eq!(parted(name), is.map(|(name, from, to)| (name.to_owned(), from, to)), "{name}");
        }
        for odd in [
            "",
            "member",
            "member;lang-uk",
            "member;range",
            "member;range=",
            "member;range=1",
            "member;range=*-1",
            "member;range=-1-2",
            "member;range=0-99999999999999999999",
            "member;range=0-1;range=2-*",
        ] {
            assert!(!is_range(odd), "{odd}");
        }
    }

    #[test]
    fn d7_a_range_of_other_values_than_it_says_is_not_whole() {
        let values = |count| vec![b"x".to_vec(); count];
        let next = |name: &str, count| Range::of(name, values(count)).unwrap().next();
        assert_eq!(next("member;range=0-2", 3), Ok(Some(3)));
        assert_eq!(next("member;range=3-*", 1), Ok(None));
        assert_eq!(next("member;range=3-*", 0), Ok(None));
        for (odd, count) in [("0-2", 2), ("0-2", 4), ("0-2", 0), ("5-2", 3), ("18446744073709551615-3", 2)] {
            assert_eq!(next(&format!("member;range={odd}"), count), Err(Incomplete), "{odd}");
        }
        assert_eq!(Range::of("member", values(1)), Err(values(1)));
    }
}
