//! A whole name, taken apart: `First Last`, or `Last, First`.

use super::Error;

/// First and last name. Small words before the last one belong to it, as in `Ludwig van Beethoven`; whoever has another last
/// name than that is written `García Márquez, Gabriel`. A name by the father belongs to the first name, and where it stands at the
/// end the last name stands first: `Шевченко Анна Петрівна`.
pub(super) fn split(text: &str) -> Result<(String, String), Error> {
    let text = text.trim();
    let refused = |reason: &str| Error::FullName { text: text.to_owned(), reason: reason.to_owned() };
    if let Some((last, first)) = text.split_once(',') {
        let (first, last) = (first.trim(), last.trim());
        return match (first.is_empty() || last.is_empty(), first.contains(',')) {
            (true, _) => Err(refused("is one name only")),
            (_, true) => Err(refused("has more than one comma")),
            _ => Ok((first.to_owned(), last.to_owned())),
        };
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    if let Some((by_father, others)) = words.split_last().filter(|(word, _)| is_by_father(word)) {
        match others {
            [first] if is_daughters(by_father) => {
                return Err(refused(&format!("is the first name `{first}` and that of a father")));
            }
            [last, first] if !is_by_father(first) && (is_daughters(by_father) || !is_womans(first)) => {
                return Ok((format!("{first} {by_father}"), (*last).to_owned()));
            }
            _ => {}
        }
    }
    let is_particle = |word: &&&str| word.chars().next().is_some_and(char::is_lowercase);
    let before_last = words.split_last().map(|(_, before)| before).unwrap_or_default();
    let particles = before_last.iter().skip(1).rev().take_while(is_particle).count();
    match words.len().checked_sub(1 + particles).and_then(|first| words.split_at_checked(first)) {
        Some((first, last)) if !first.is_empty() => Ok((first.join(" "), last.join(" "))),
        _ => Err(refused("is one name only")),
    }
}

/// What names by a father end with in Ukrainian, Belarusian and Russian, of a daughter and of a son.
const OF_DAUGHTERS: [&str; 8] = ["івна", "ївна", "ычна", "ічна", "овна", "евна", "ична", "аўна"];
const OF_SONS: [&str; 7] = ["ович", "евич", "йович", "ьич", "авіч", "евіч", "лліч"];

/// Names of men that end as those of women do.
const OF_MEN: [&str; 10] =
    ["микола", "ілля", "илья", "микита", "никита", "сава", "лука", "кузьма", "хома", "данила"];

/// Whether a first name is a woman's, whose name by the father is no son's: `Марія Стефанович`.
fn is_womans(first: &str) -> bool {
    let first = first.to_lowercase();
    first.ends_with(['а', 'я']) && !OF_MEN.contains(&first.as_str())
}

fn is_by_father(word: &str) -> bool {
    let word = word.to_lowercase();
    is_daughters(&word) || OF_SONS.iter().any(|end| word.ends_with(end))
}

fn is_daughters(word: &str) -> bool {
    let word = word.to_lowercase();
    OF_DAUGHTERS.iter().any(|end| word.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn particles_stand_before_the_last_name() {
        for (text, first, last) in [
            ("Nora Lindqvist", "Nora", "Lindqvist"),
            (" Anna  Maria Koval ", "Anna Maria", "Koval"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("María de la Cruz", "María", "de la Cruz"),
            ("Brandt, Otto  ", "Otto", "Brandt"),
            ("de la Cruz, María José", "María José", "de la Cruz"),
            ("von Braun", "von", "Braun"),
            ("Леся Українка", "Леся", "Українка"),
            ("Шевченко Анна Петрівна", "Анна Петрівна", "Шевченко"),
            ("Анна Петрівна Шевченко", "Анна Петрівна", "Шевченко"),
            ("ШЕВЧЕНКО ТАРАС ГРИГОРОВИЧ", "ТАРАС ГРИГОРОВИЧ", "ШЕВЧЕНКО"),
            ("Адам Іванович Міцкевич", "Адам Іванович", "Міцкевич"),
            ("Кузьменко Ігор Ілліч", "Ігор Ілліч", "Кузьменко"),
            ("Юрій Стефанович", "Юрій", "Стефанович"),
            ("Анна Марія Стефанович", "Анна Марія", "Стефанович"),
            ("Шевченко Микола Іванович", "Микола Іванович", "Шевченко"),
            ("Шевченко, Анна Петрівна", "Анна Петрівна", "Шевченко"),
        ] {
            assert_eq!(split(text).unwrap(), (first.to_owned(), last.to_owned()));
        }
    }

    #[test]
    fn one_name_is_not_two() {
        for text in ["Nora", "", "Nora,", ", Nora", "a, b, c", "Анна Петрівна"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
