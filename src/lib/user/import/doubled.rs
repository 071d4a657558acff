//! Headings that stand more than once. Each of them goes by its number among its like: `Mail#2` is the second `Mail`.

use std::collections::HashMap;

use super::heading::{is_same, normal};

/// A heading in its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'h> {
    pub(super) heading: &'h str,
    /// Which of its like it is, from 1.
    pub(super) number: usize,
}

impl Column<'_> {
    /// Whether it is what was said: a heading that is the same.
    pub(super) fn is(self, said: &str) -> bool {
        is_same(said, self.heading)
    }

    /// Whether it is meant by its number among its like.
    pub(super) fn is_numbered(self, said: &str) -> bool {
        numbered(said).is_some_and(|(heading, number)| number == self.number && self.is(heading))
    }
}

/// The numbers of the headings of a file, of which there may come more.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    of_place: Vec<usize>,
    /// How many there are so far of each heading.
    counts: HashMap<String, usize>,
}

impl Numbers {
    /// Numbers the headings that came since.
    pub(super) fn extend(&mut self, header: &[String]) {
        for heading in header.iter().skip(self.of_place.len()) {
            let count = self.counts.entry(normal(heading)).or_default();
            *count += 1;
            self.of_place.push(*count);
        }
    }

    /// The column at a place.
    pub(super) fn column<'h>(&self, header: &'h [String], place: usize) -> Column<'h> {
        let heading = header.get(place).map(String::as_str).unwrap_or_default();
        Column { heading, number: self.of_place.get(place).copied().unwrap_or(1) }
    }

    /// Whether there are others of its like.
    pub(super) fn is_doubled(&self, column: Column<'_>) -> bool {
        self.counts.get(&normal(column.heading)).is_some_and(|count| *count > 1)
    }

    /// What to call a column so that no other is meant.
    pub(super) fn name(&self, column: Column<'_>) -> String {
        let Column { heading, number } = column;
        if self.is_doubled(column) { format!("{heading}#{number}") } else { heading.to_owned() }
    }
}

/// What to call each column of a file.
pub(super) fn names(header: &[String]) -> Vec<String> {
    let mut numbers = Numbers::default();
    numbers.extend(header);
    (0..header.len()).map(|place| numbers.name(numbers.column(header, place))).collect()
}

/// The heading and the number of `Mail#2`.
pub(super) fn numbered(said: &str) -> Option<(&str, usize)> {
    let (heading, number) = said.rsplit_once('#')?;
    Some((heading, number.parse().ok().filter(|number| *number > 0)?))
}

/// Whether a file has the column that was said.
pub(super) fn has(header: &[String], said: &str) -> bool {
    let count = |said: &str| header.iter().filter(|heading| is_same(heading, said)).count();
    count(said) > 0 || numbered(said).is_some_and(|(heading, number)| count(heading) >= number)
}

#[cfg(test)]
mod tests {
    use super::{Numbers, has, names, numbered};

    #[test]
    fn a_number_stands_behind_the_heading() {
        assert_eq!(numbered("Line #2#3"), Some(("Line #2", 3)));
        for said in ["Mail", "Mail#", "Mail#x", "Mail#0", "#"] {
            assert_eq!(numbered(said), None, "{said}");
        }
    }

    #[test]
    fn equal_headings_are_counted_from_left_to_right() {
        let header = ["Mail", "Phone", "mail [Required]", "Mail#2"].map(str::to_owned);
        assert_eq!(names(&header), ["Mail#1", "Phone", "mail [Required]#2", "Mail#2"]);
        assert!(has(&header, "MAIL#2") && has(&header, "phone#1") && !has(&header, "Mail#3"));
        let mut numbers = Numbers::default();
        numbers.extend(&header);
        assert!(numbers.column(&header, 2).is_numbered("Mail#2"));
    }
}
