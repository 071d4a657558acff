//! Who is switched off, as headings and cells say it in the languages of our neighbours.
//!
//! A column may say that somebody is active, or that they are not; and so may a word in it. What says that they are not is
//! never taken for yes. It is better to ask once too often: a word that merely sounds so costs whoever imports one option.

use super::heading::{normal, squeezed};
use crate::text::fold::fold;

/// Parts of words that say that somebody is off.
const OFF: &[&str] = &[
    // English
    "block",
    "suspend",
    "suspens",
    "disable",
    "deactiv",
    "inactiv",
    "lock",
    "terminat",
    "termd",
    "dismiss",
    "resign",
    "archiv",
    "delet",
    "remov",
    "revok",
    "banned",
    "deprovision",
    "offboard",
    "departed",
    // German and Dutch
    "gesperrt",
    "sperrung",
    "blockiert",
    "geblok",
    "deaktiv",
    "inaktiv",
    "inactie",
    "ausgeschied",
    "ausgetret",
    "austritt",
    "kündig",
    "kuendig",
    "entlassen",
    "gelöscht",
    "geloescht",
    "stillgelegt",
    // French, Spanish, Italian and Portuguese
    "bloqu",
    "bloccat",
    "désactiv",
    "desactiv",
    "disattiv",
    "inactif",
    "inattiv",
    "inativ",
    "supprim",
    "verrouill",
    "licencié",
    "résili",
    "sospes",
    "deshabilit",
    "inhabilit",
    "eliminad",
    "despedid",
    "cesado",
    "debaja",
    // Ukrainian, Polish and Russian
    "блок",
    "вимкн",
    "відключ",
    "деактив",
    "неактив",
    "призупин",
    "звільн",
    "видален",
    "архів",
    "уволен",
    "отключ",
    "zablok",
    "nieaktyw",
    "zwolnion",
];

/// Whole words that say so; as parts of others they say nothing.
const OFF_WORDS: &[&str] =
    &["ban", "off", "left", "gone", "former", "retired", "baja", "parti", "sorti", "удален", "удалён"];

/// Parts of words that take it back.
const UNDONE: &[&str] = &[
    "unlock",
    "unblock",
    "unsuspend",
    "undelet",
    "entsperr",
    "débloqu",
    "debloqu",
    "desbloqu",
    "sblocc",
    "розблок",
    "разблок",
    "odblok",
    "clock",
    "disableable",
];

/// Parts of words that say that somebody is on.
const ON: &[&str] = &["activ", "aktiv", "actif", "aktyw", "актив", "enabl", "allow"];

/// The same of a heading that is one word.
const ON_ALONE: &[&str] =
    &["activ", "aktiv", "actif", "actie", "aktyw", "ativ", "attiv", "актив", "enabled", "увімкн", "включ"];

/// What is no word for somebody who is.
const NO_ADJECTIVE: &[&str] = &[
    "activit",
    "aktivit",
    "actividad",
    "atividad",
    "активність",
    "активность",
    "native",
    "creative",
    "relative",
];

/// Words that turn what follows round: these wherever they stand, …
const NOT: &[&str] = &["not", "nicht", "non", "niet"];

/// … and these at the beginning; elsewhere they are an answer, as in "blocked (yes/no)".
const NOT_AT_FIRST: &[&str] = &["no", "не", "nie", "pas"];

/// Headings of a column that says it one way or the other.
const STATUS: &[&str] = &["status", "statut", "zustand", "estado", "статус", "состояни"];

/// What makes a status one of something else, or the time of it.
const NO_STATUS: &[&str] =
    &["marital", "familien", "civil", "сімейн", "семейн", "changed", "since", "geändert", "seit", "змін"];

/// What the name of a time ends with.
const TIME: &[&str] = &["date", "time", "datum", "дата"];

/// What stands beside a `State` that is part of an address.
const OF_ADDRESS: &[&str] = &["city", "zip", "postalcode", "country", "street", "address"];

/// How yes and no are spelled in other places.
const ANSWERS: &[(&str, &str)] = &[
    ("1", "0"),
    ("Yes", "No"),
    ("True", "False"),
    ("Ja", "Nein"),
    ("Oui", "Non"),
    ("Sí", "No"),
    ("Sim", "Não"),
    ("Так", "Ні"),
    ("Да", "Нет"),
    ("Tak", "Nie"),
];

/// Whether a heading or a word says the opposite of active.
pub(super) fn is_opposite(text: &str) -> bool {
    let squeezed = squeezed(text);
    let normal = normal(text);
    let words: Vec<&str> =
        normal.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |parts: &[&str]| parts.iter().any(|part| squeezed.contains(part));
    if has(UNDONE) {
        return false;
    }
    let is_off = has(OFF) || words.iter().any(|word| OFF_WORDS.contains(word));
    let is_turned = words.iter().any(|word| NOT.contains(word))
        || words.len() > 1 && words.first().is_some_and(|word| NOT_AT_FIRST.contains(word));
    // Behind "not" each word counts alone: «не активний» is no «неактивний», and is as much off.
    let says = |parts: &[&str]| words.iter().any(|word| parts.iter().any(|part| word.contains(part)));
    if is_turned { says(ON) && !says(OFF) } else { is_off }
}

/// How a column may say who is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By yes: it says the opposite of active.
    Off,
    /// By no: it says active itself.
    On,
    /// By a word alone.
    Status,
}

impl Way {
    /// That of a column under this heading, if it may say so at all.
    pub(super) fn of(heading: &str, header: &[String]) -> Option<Self> {
        if is_opposite(heading) {
            Some(Self::Off)
        } else if is_active(heading) {
            Some(Self::On)
        } else {
            is_status(heading, header).then_some(Self::Status)
        }
    }

    /// Whether a cell of such a column says that somebody is off.
    pub(super) fn says_off(self, cell: &str) -> bool {
        let word = fold(cell.trim());
        !word.is_empty()
            && (is_opposite(&word)
                || match self {
                    Self::Off => is_yes(&word),
                    Self::On => is_no(&word),
                    Self::Status => false,
                })
    }
}

/// Whether a cell holds a day or a time, which is neither yes nor no.
pub(super) fn is_time(cell: &str) -> bool {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let marks = cell.chars().filter(|c| matches!(c, '-' | '.' | '/' | ':')).count();
    cell.starts_with(|c: char| c.is_ascii_digit()) && digits >= 4 && marks >= 2
}

/// Whether a heading is a word for active, alone.
fn is_active(heading: &str) -> bool {
    let normal = normal(heading);
    let mut words = normal.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let (word, more) = (words.next().unwrap_or_default(), words.next());
    let has = |parts: &[&str]| parts.iter().any(|part| word.contains(part));
    more.is_none() && has(ON_ALONE) && !has(NO_ADJECTIVE)
}

fn is_status(heading: &str, header: &[String]) -> bool {
    let name = squeezed(heading);
    let is_of_address = || {
        let names = header.iter().map(|other| squeezed(other));
        names.into_iter().any(|other| OF_ADDRESS.iter().any(|part| other.contains(part)))
    };
    match name.as_str() {
        "стан" | "stan" => true,
        "state" => !is_of_address(),
        _ => {
            STATUS.iter().any(|part| name.contains(part))
                && !NO_STATUS.iter().any(|part| name.contains(part))
                && !TIME.iter().any(|end| name.ends_with(end))
        }
    }
}

/// Whether a folded word answers yes.
pub(super) fn is_yes(word: &str) -> bool {
    matches!(word, "y" | "on" | "j" | "x") || ANSWERS.iter().any(|(yes, _)| fold(yes) == word)
}

/// Whether a folded word answers no.
fn is_no(word: &str) -> bool {
    matches!(word, "n" | "off") || ANSWERS.iter().any(|(_, no)| fold(no) == word)
}

/// Yes and no in the spelling of a cell, if it is one of them.
pub(super) fn answers(cell: &str) -> Option<(&'static str, &'static str)> {
    let cell = fold(cell);
    ANSWERS.iter().copied().find(|(yes, no)| fold(yes) == cell || fold(no) == cell)
}

#[cfg(test)]
mod tests {
    use super::{Way, answers, is_opposite, is_time, is_yes};

    #[test]
    fn what_says_that_somebody_is_off_is_known_in_several_languages() {
        for text in [
            "suspended",
            "Block sign in",
            "Block sign in (Yes/No) [accountEnabled] Required",
            "is_disabled",
            "accountDisabled",
            "Locked",
            "LOCKED_OUT",
            "Inactive",
            "not active",
            "Banned",
            "ban",
            "left",
            "Gesperrt",
            "Ausgeschieden",
            "nicht aktiv",
            "INAKTIV",
            "Désactivé",
            "Inactif",
            "non actif",
            "Inactivo",
            "Bloqueado",
            "Dado de baja",
            "no activo",
            "Заблоковано",
            "Звільнений",
            "не активний",
            "Уволен",
            "Nieaktywny",
            "Zablokowany",
        ] {
            assert!(is_opposite(text), "{text}");
        }
        for text in [
            "Active",
            "Enabled",
            "Unlocked",
            "Unblocked",
            "nicht gesperrt",
            "not blocked",
            "Entsperrt",
            "Розблоковано",
            "Clock in",
            "Urban area",
            "Bank",
            "Activo",
            "Actif",
            "Активний",
            "No",
            "Nein",
        ] {
            assert!(!is_opposite(text), "{text}");
        }
    }

    #[test]
    fn a_state_beside_an_address_is_part_of_it() {
        let header = |headings: &[&str]| headings.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        let plain = header(&["email", "state"]);
        for heading in ["state", "Status", "Employment status", "Statut", "Статус", "Gesperrt", "deleted"]
        {
            assert!(Way::of(heading, &plain).is_some(), "{heading}");
        }
        assert_eq!(Way::of("State", &header(&["Email", "City", "State"])), None);
        for heading in [
            "Aktiv",
            "Actif",
            "Activo",
            "Ativo",
            "Attivo",
            "Actief",
            "Aktywny",
            "Активний",
            "Активен",
            "Enabled?",
            "Activated",
        ] {
            assert_eq!(Way::of(heading, &plain), Some(Way::On), "{heading}");
        }
        for heading in [
            "Salary",
            "Marital status",
            "email",
            "Activity",
            "Last activity",
            "Native",
            "Активність",
            "statusChanged",
            "Status date",
        ] {
            assert_eq!(Way::of(heading, &plain), None, "{heading}");
        }
    }

    #[test]
    fn a_cell_says_who_is_off_in_the_way_of_its_column() {
        for (way, off, other) in [
            (Way::Off, "ja", "nein"),
            (Way::Off, " X ", ""),
            (Way::Off, "gesperrt", "Active"),
            (Way::On, "Ні", "Так"),
            (Way::On, "0", "1"),
            (Way::On, "Suspended", "yes"),
            (Way::Status, "Terminated", "no"),
        ] {
            assert!(way.says_off(off) && !way.says_off(other), "{way:?} {off} {other}");
        }
    }

    #[test]
    fn a_time_is_neither_yes_nor_no() {
        for time in ["2024-01-01T00:00:00.000Z", "31.01.2024", "1/2/2024", "2024-01-01"] {
            assert!(is_time(time), "{time}");
        }
        for other in ["", "1", "True", "66048", "active since 2024-01-01", "1-2"] {
            assert!(!is_time(other), "{other}");
        }
    }

    #[test]
    fn answers_are_told_in_the_language_of_the_cell() {
        assert_eq!(
            (answers("nein"), answers("TRUE"), answers("0"), answers("maybe")),
            (Some(("Ja", "Nein")), Some(("True", "False")), Some(("1", "0")), None)
        );
        assert!(is_yes("так") && is_yes("1") && !is_yes("ні") && !is_yes("active"));
    }
}
