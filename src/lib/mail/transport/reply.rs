//! What a server answers (RFC 5321, 4.2), read with a bound on everything.

use std::fmt;

use super::judgement::{About, Judgement, judge};
use super::withheld::{LEFT_OUT, Telling, Withheld};
use crate::text::character::is_driving;

/// The most bytes of a line. RFC 5321 allows 512.
pub(super) const MAX_LINE: usize = 4096;

/// The most lines of an answer.
pub(super) const MAX_LINES: usize = 128;

/// The most characters that are kept of what a server said.
const MAX_WORDS: usize = 1000;

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    code: u16,
    lines: Vec<String>,
    /// Whether the words are shown, and if not, why.
    telling: Telling,
}

/// One line of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    code: u16,
    text: String,
    /// Whether no line follows.
    pub(super) is_last: bool,
}

/// What may be the account's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suspicion {
    says: String,
    /// Whether nobody knows what it means, so that only being said of everybody speaks against the account.
    pub(crate) names_nobody: bool,
}

/// An enhanced status code (RFC 3463), such as 5.7.1. Its numbers are such as somebody uses: one that a
/// server makes up to say something else is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enhanced {
    /// 2, 4 or 5.
    pub(crate) class: u16,
    /// What it is about.
    pub(crate) subject: u16,
    /// What exactly.
    pub(crate) detail: u16,
}

impl Line {
    /// Reads a line without its line end; none if it is no line of an answer.
    pub(super) fn parse(line: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        let code = text.get(..3)?;
        let is_code = matches!(code.as_bytes(), [b'2'..=b'5', b'0'..=b'9', b'0'..=b'9']);
        let (is_last, words) = match text.get(3..)? {
            "" => (true, ""),
            rest => match rest.split_at_checked(1)? {
                (" ", words) => (true, words),
                ("-", words) => (false, words),
                _ => return None,
            },
        };
        is_code.then_some(())?;
        Some(Self { code: code.parse().ok()?, text: words.to_owned(), is_last })
    }
}

impl Reply {
    /// A whole answer; none if it is none.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        Self::of(text.trim_ascii_end().split(|byte| *byte == b'\n').map(Line::parse).collect::<Option<_>>()?)
    }

    /// An answer of its lines; none if they have different codes.
    pub(super) fn of(lines: Vec<Line>) -> Option<Self> {
        let code = lines.first()?.code;
        if lines.iter().any(|line| line.code != code) {
            return None;
        }
        let lines = lines.into_iter().map(|line| line.text).collect();
        Some(Self { code, lines, telling: Telling::Nothing })
    }

    /// The three digits.
    pub(crate) const fn status(&self) -> u16 {
        self.code
    }

    /// The texts of the lines as they were sent.
    pub(super) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The enhanced status code in front of the text, or else behind it as qmail writes it: `(#5.7.1)`.
    pub(crate) fn enhanced(&self) -> Option<Enhanced> {
        let first = self.lines.first()?.split(' ').next()?;
        self.code_in(first.strip_prefix('#').unwrap_or(first)).or_else(|| {
            let words = self.lines.iter().flat_map(|line| line.split(' '));
            let mut marked = words.filter_map(|word| word.strip_prefix("(#")?.split_once(')'));
            marked.find_map(|(code, _)| self.code_in(code))
        })
    }

    /// The enhanced status code that a word is.
    fn code_in(&self, word: &str) -> Option<Enhanced> {
        let is_number =
            |number: &&str| number.len() <= 3 && number.bytes().all(|digit| digit.is_ascii_digit());
        let mut numbers = word.split('.').map(|number| Some(number).filter(is_number)?.parse().ok());
        let enhanced =
            Enhanced { class: numbers.next()??, subject: numbers.next()??, detail: numbers.next()?? };
        let is_one = numbers.next().is_none() && enhanced.class == self.code / 100 && enhanced.is_used();
        is_one.then_some(enhanced)
    }

    /// Whether it is a yes, or asks to go on.
    pub(super) const fn is_positive(&self) -> bool {
        self.code < 400
    }

    /// Whether it is a no for good.
    pub(crate) const fn is_permanent(&self) -> bool {
        self.code >= 500
    }

    /// Whether it is a no for now.
    pub(crate) const fn is_transient(&self) -> bool {
        400 <= self.code && self.code < 500
    }

    /// Whether it refuses a mail for its size.
    pub(super) fn is_about_size(&self) -> bool {
        let by_text = matches!(self.enhanced(), Some(Enhanced { class: 5, subject: 3, detail: 4 }));
        by_text || self.code == 552 && self.enhanced().is_none()
    }

    /// The answer, which shows its codes alone if its words tell what may not be repeated, all in one line or spread over
    /// several. What it says that the server can do is read as it was said.
    pub(super) fn without(self, withheld: &Withheld) -> Self {
        let words: String = self.lines.iter().map(|line| without_code(line)).collect();
        let telling = withheld.told_by(&self.lines.concat()).or(withheld.told_by(&words));
        Self { telling, ..self }
    }

    /// The answer, which shows its codes alone, with words of our own.
    pub(super) fn in_codes(self) -> Self {
        Self { telling: Telling::Given, ..self }
    }

    /// What a refusal means.
    pub(super) fn judged(&self) -> Judgement {
        judge(self.code, self.enhanced(), &self.lines.join(" ").to_lowercase())
    }

    /// What a refusal says that may be the account's, alike for all that say the same; none of one that is not, or that is no
    /// refusal.
    pub(crate) fn suspicion(&self) -> Option<Suspicion> {
        let Judgement { about, meaning, is_by_code } = self.judged();
        let says = match self.enhanced().filter(|_| is_by_code) {
            _ if self.is_positive() || about == About::Mail => return None,
            // By what is shown of it, for that is what can be read again.
            _ if about == About::Nobody => format!("{} {}", self.code, gist(&self.to_string())),
            Some(code) => format!("{code} {meaning}"),
            None => format!("{} {meaning}", self.code),
        };
        Some(Suspicion { says, names_nobody: about == About::Nobody })
    }

    /// What it means, in words of our own, in the place of those of the server.
    fn meaning(&self) -> &'static str {
        match self.code {
            220 => "ready",
            235 => "logged in",
            ..300 => "taken",
            300..400 => "go on",
            _ => self.judged().meaning,
        }
    }

    /// The answer with another text behind it, such as what was sent encoded.
    pub(super) fn and(mut self, more: String) -> Self {
        self.lines.push(more);
        self
    }
}

impl fmt::Display for Reply {
    /// In one line that drives no terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.enhanced().map(|code| format!(" {code}")).unwrap_or_default();
        match self.telling {
            Telling::Nothing => {}
            Telling::Login => return write!(f, "{}{code} {LEFT_OUT}", self.code),
            Telling::Given => return write!(f, "{}{code} ({})", self.code, self.meaning()),
        }
        let words = self.lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let words = shown(&words.collect::<Vec<_>>().join(" / "));
        write!(f, "{}{}{words}", self.code, if words.is_empty() { "" } else { " " })
    }
}

/// A line without the enhanced status code that each line may begin with.
fn without_code(line: &str) -> &str {
    match line.split_once(' ') {
        Some((code, words)) if code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') => words,
        _ => line,
    }
}

/// The words of an answer that stay the same whoever the mail is to: those of letters alone, without addresses, hosts, numbers
/// and what else is made of them.
fn gist(words: &str) -> String {
    let trimmed = words.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let kept = trimmed
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || "'-".contains(c)));
    kept.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply({self})")
    }
}

impl Enhanced {
    /// Whether somebody uses it: what is registered has two digits, and of the longer ones of Microsoft these are known.
    const fn is_used(self) -> bool {
        match (self.subject, self.detail) {
            (0..=7, 0..=99) | (7, 139 | 500..=999) => true,
            (subject, detail) => subject == 2 && detail == 252,
        }
    }
}

impl fmt::Display for Enhanced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// The beginning of what a server said, harmless to show.
pub(super) fn shown(text: &str) -> String {
    let harmless = |c| if is_driving(c) { '\u{FFFD}' } else { c };
    let mut shown: String = text.chars().take(MAX_WORDS).map(harmless).collect();
    if shown.len() < text.len() && text.chars().nth(MAX_WORDS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mail::transport::Credentials;
    use crate::text::secret::Secret;

    fn reply(lines: &[&str]) -> Option<Reply> {
        Reply::parse(lines.join("\r\n").as_bytes())
    }

    #[test]
    fn an_answer_is_its_code_and_its_words() {
        let answer = reply(&["550-5.7.1 Relaying", "550 denied"]).unwrap();
        assert_eq!(answer.to_string(), "550 5.7.1 Relaying / denied");
        assert_eq!(answer.enhanced(), Some(Enhanced { class: 5, subject: 7, detail: 1 }));
        assert!(answer.is_permanent() && !answer.is_transient() && !answer.is_positive());
        for marked in
            ["550 #5.7.1 no", "550 no (#5.7.1)", "550 no (#5.7.1).", "550-no\r\n550 never (#5.7.1) again"]
        {
            assert_eq!(reply(&[marked]).unwrap().enhanced(), answer.enhanced(), "{marked}");
        }
        assert_eq!(reply(&["250"]).unwrap().to_string(), "250");
        assert_eq!(reply(&["250 "]).unwrap().to_string(), "250");
        assert!(reply(&["450 4.7.1 Greylisted"]).unwrap().is_transient());
        for plain in [
            "550 no",
            "550 5.7 no",
            "550 4.7.1 no",
            "550 5.7.1.1 no",
            "550 5.a.1",
            "550 5.7.1000",
            "550 5.918.273",
            "550 5.8.1",
            "550 5.7.123",
            "550 5.+7.1",
            "550 no (#5.7.1.1)",
            "550 no #5.7.1",
            "550 no (#4.7.1)",
        ] {
            assert_eq!(reply(&[plain]).unwrap().enhanced(), None, "{plain}");
        }
    }

    #[test]
    fn what_is_no_answer_is_none() {
        for line in ["", "25", "250x", "HTTP/1.1 400", "150 no", "650 no", "2é0 x", "\u{660}50 x", "-50 x"] {
            assert_eq!(Line::parse(line.as_bytes()), None, "{line}");
        }
        assert_eq!(reply(&["250-a", "550 b"]), None);
        assert!(!Line::parse(b"250-a").unwrap().is_last);
    }

    #[test]
    fn words_drive_no_terminal() {
        let answer = reply(&["535 \u{1B}[2J \u{202E}x"]).unwrap();
        assert_eq!(answer.to_string(), "535 \u{FFFD}[2J \u{FFFD}x");
        assert_eq!(shown(&"x".repeat(2000)).chars().count(), 1001);
    }

    #[test]
    fn m4_words_that_tell_a_secret_are_left_out_and_the_codes_stay() {
        let (user, password) = ("app".to_owned(), Secret::new("app-secret".to_owned()));
        let withheld = Withheld::of(&Credentials::Plain { user, password });
        let told = |lines: &[&str]| reply(lines).unwrap().without(&withheld);
        let spread = told(&["535-5.7.8 app-s", "535-5.7.8 ecret is", "535 5.7.8 wrong"]);
        assert_eq!(spread.to_string(), format!("535 5.7.8 {LEFT_OUT}"));
        assert_eq!(format!("{spread:?}"), format!("Reply(535 5.7.8 {LEFT_OUT})"));
        assert_eq!(told(&["535 app-secret"]).to_string(), format!("535 {LEFT_OUT}"));
        assert_eq!(told(&["535 5.7.8 wrong"]).to_string(), "535 5.7.8 wrong");
    }

    #[test]
    fn a_size_is_refused_by_its_code_or_by_its_words() {
        for (line, expected) in [
            ("552 too big", true),
            ("552 5.3.4 too big", true),
            ("554 5.3.4 x", true),
            ("552 5.2.2 full", false),
            ("550 x", false),
        ] {
            assert_eq!(reply(&[line]).unwrap().is_about_size(), expected, "{line}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_read_or_refused(line in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Some(line) = Line::parse(&line) {
                let reply = Reply::of(vec![line]).unwrap();
                prop_assert!((200..600).contains(&reply.status()));
                prop_assert!(!reply.to_string().contains(is_driving));
            }
        }
    }
}
