//! What somebody writes, and what is refused of it.
//!
//! All of it goes into a mail. Every value but the text is one line, and none drives what shows it, so that none can add a
//! header or a recipient.

use crate::i18n::Language;
use crate::text::character::is_driving;
use crate::text::email::Email;

/// The most characters of a name, a phone, a company, a subject, and of the text.
pub(crate) const NAME: usize = 100;
pub(crate) const PHONE: usize = 50;
pub(crate) const COMPANY: usize = 200;
pub(crate) const SUBJECT: usize = 150;
pub(crate) const TEXT: usize = 4000;

/// The fewest characters of the text.
pub(crate) const SHORTEST_TEXT: usize = 10;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Whatever has no other.
    General,
    /// Help.
    Support,
    /// Buying.
    Sales,
    /// Working together.
    Partnership,
    /// Something unsafe.
    Security,
    /// What somebody thinks of it.
    Feedback,
    /// Something else.
    Other,
}

impl Topic {
    /// All of them, as they are stored and typed.
    pub(crate) const WORDS: [(&'static str, Self); 7] = [
        ("general", Self::General),
        ("support", Self::Support),
        ("sales", Self::Sales),
        ("partnership", Self::Partnership),
        ("security", Self::Security),
        ("feedback", Self::Feedback),
        ("other", Self::Other),
    ];

    /// As it is stored and typed.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Support => "support",
            Self::Sales => "sales",
            Self::Partnership => "partnership",
            Self::Security => "security",
            Self::Feedback => "feedback",
            Self::Other => "other",
        }
    }

    /// The topic of that word.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, topic)| *topic)
    }
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// What it is about.
    pub(crate) topic: Topic,
    /// Who.
    pub(crate) name: String,
    /// Where they are answered.
    pub(crate) email: Email,
    /// Their phone.
    pub(crate) phone: Option<String>,
    /// Their company.
    pub(crate) company: Option<String>,
    /// The subject.
    pub(crate) subject: String,
    /// The text, its lines ended by line feeds.
    pub(crate) text: String,
    /// The language of the page.
    pub(crate) language: Language,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is empty.
    Missing,
    /// It has fewer characters than that.
    TooShort(usize),
    /// It has more characters than that.
    TooLong(usize),
    /// It holds a character that does more than be shown.
    Driving,
}

/// A value of one line, of at most so many characters.
pub(crate) fn line(typed: &str, most: usize) -> Result<String, Fault> {
    let typed = typed.trim();
    match typed.chars().count() {
        0 => Err(Fault::Missing),
        count if count > most => Err(Fault::TooLong(most)),
        _ if typed.chars().any(is_driving) => Err(Fault::Driving),
        _ => Ok(typed.to_owned()),
    }
}

/// The text, as it is kept.
pub(crate) fn text(typed: &str) -> Result<String, Fault> {
    let text = typed.replace("\r\n", "\n").replace(['\r', '\t'], " ");
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Fault::Missing),
        count if count < SHORTEST_TEXT => Err(Fault::TooShort(SHORTEST_TEXT)),
        count if count > TEXT => Err(Fault::TooLong(TEXT)),
        _ if text.chars().any(|c| is_driving(c) && c != '\n') => Err(Fault::Driving),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, TEXT, Topic, line, text};

    #[test]
    fn a_line_holds_nothing_that_could_begin_another() {
        assert_eq!(line("  Анна Коваль ", 100).as_deref(), Ok("Анна Коваль"));
        for (typed, fault) in [
            ("", Fault::Missing),
            (" \u{a0}", Fault::Missing),
            ("Anna\r\nBcc: all@acme.example", Fault::Driving),
            ("Anna\nBcc: all@acme.example", Fault::Driving),
            ("Anna\u{2028}", Fault::Missing),
            ("Anna\u{2028}Bcc", Fault::Driving),
            ("Anna\0", Fault::Driving),
            ("\u{202E}annA", Fault::Driving),
        ] {
            let expected = if typed == "Anna\u{2028}" { Ok("Anna".to_owned()) } else { Err(fault) };
            assert_eq!(line(typed, 100), expected, "{typed:?}");
        }
        assert_eq!(line(&"я".repeat(100), 100).map(|line| line.chars().count()), Ok(100));
        assert_eq!(line(&"я".repeat(101), 100), Err(Fault::TooLong(100)));
    }

    #[test]
    fn a_text_has_lines_and_is_neither_too_short_nor_too_long() {
        assert_eq!(text("Good day,\r\n\r\nit is\tbroken.\r\n").as_deref(), Ok("Good day,\n\nit is broken."));
        assert_eq!(text("too short"), Err(Fault::TooShort(10)));
        assert_eq!(text("ten chars."), Ok("ten chars.".to_owned()));
        assert_eq!(text(&"я".repeat(TEXT + 1)), Err(Fault::TooLong(TEXT)));
        assert_eq!(text("escape \u{1b}[2J here"), Err(Fault::Driving));
    }

    #[test]
    fn a_topic_is_one_of_seven() {
        for (word, topic) in Topic::WORDS {
            assert_eq!((topic.word(), Topic::of_word(word)), (word, Some(topic)));
        }
        assert_eq!(Topic::of_word("General"), None);
    }
}
