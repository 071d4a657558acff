//! What every error of secboard can say of itself, and what an error makes of the exit code and of the HTTP status.
//!
//! A feature declares one `thiserror` enum with named fields and implements [`Explain`] for it. Operations return
//! [`Result`], whose [`Failure`] holds any such error, so that no feature has to convert the errors of another.
//! [`Kind`] alone decides the exit code and the status; the table is published by `secboard help exit-codes`, `docs/exit-codes.md`
//! and `secboard(1)`, all made from [`Kind::ALL`].

use std::fmt;
use std::sync::Mutex;

/// The class of an error; it alone decides the exit code, and the status of an answer by HTTP.
///
/// The numbers of the exit codes are those of `sysexits.h` where it has one, so that systemd and mail tools know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command ran, and the answer is no, or some rows failed.
    No,
    /// The command line is wrong.
    Usage,
    /// Input was refused by a rule.
    Refused,
    /// The input file or the store is missing or cannot be read.
    NoInput,
    /// There is no such user, company, run ….
    NotFound,
    /// A directory or mail server cannot be reached.
    Unavailable,
    /// A defect of secboard itself.
    Bug,
    /// The thing exists already, or the output cannot be created.
    CannotCreate,
    /// Reading or writing failed, or the disk is full.
    Io,
    /// The store is busy; the same command may work a little later.
    Busy,
    /// The brake holds a change that would take access from too many.
    Held,
    /// The actor may not do this.
    Denied,
    /// The configuration, the key or the store is wrong.
    Config,
    /// Interrupted from the keyboard.
    Interrupted,
}

impl Kind {
    /// Every kind, in the order of the exit codes.
    pub(crate) const ALL: [Self; 14] = [
        Self::No,
        Self::Usage,
        Self::Refused,
        Self::NoInput,
        Self::NotFound,
        Self::Unavailable,
        Self::Bug,
        Self::CannotCreate,
        Self::Io,
        Self::Busy,
        Self::Held,
        Self::Denied,
        Self::Config,
        Self::Interrupted,
    ];

    /// The exit code of a command that ends with this kind.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Refused => 65,
            Self::NoInput => 66,
            Self::NotFound => 67,
            Self::Unavailable => 69,
            Self::Bug => 70,
            Self::CannotCreate => 73,
            Self::Io => 74,
            Self::Busy => 75,
            Self::Held => 76,
            Self::Denied => 77,
            Self::Config => 78,
            Self::Interrupted => 130,
        }
    }

    /// The HTTP status of an answer that ends with this kind.
    pub(crate) const fn http_status(self) -> u16 {
        match self {
            Self::Usage => 400,
            Self::Denied => 403,
            Self::NotFound => 404,
            Self::CannotCreate | Self::Held => 409,
            Self::Refused => 422,
            Self::Busy | Self::Unavailable => 503,
            Self::No | Self::NoInput | Self::Bug | Self::Io | Self::Config | Self::Interrupted => 500,
        }
    }

    /// The seconds after which the same request may succeed, for the header `Retry-After`: what waits for something else
    /// is worth another try soon.
    pub(crate) const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Busy => Some(1),
            Self::Unavailable => Some(30),
            _ => None,
        }
    }

    /// The name scripts see as `kind` in a JSON error.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::NoInput => "no_input",
            Self::NotFound => "not_found",
            Self::Unavailable => "unavailable",
            Self::Bug => "bug",
            Self::CannotCreate => "cannot_create",
            Self::Io => "io",
            Self::Busy => "busy",
            Self::Held => "held",
            Self::Denied => "denied",
            Self::Config => "config",
            Self::Interrupted => "interrupted",
        }
    }

    /// When a command ends with this code, as the published table says it.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::No => "ran, and the answer is no, or some rows failed",
            Self::Usage => "wrong command line",
            Self::Refused => "input refused by a rule",
            Self::NoInput => "input file or store missing or unreadable",
            Self::NotFound => "no such user, group, role, company, run, audit row or other named thing",
            Self::Unavailable => "directory or mail server unavailable",
            Self::Bug => "a bug in secboard",
            Self::CannotCreate => "exists already, or cannot create or write (read-only store)",
            Self::Io => "I/O error, disk full",
            Self::Busy => "store busy, try again",
            Self::Held => "held by the brake",
            Self::Denied => "permission denied",
            Self::Config => "configuration, key or store wrong (not a database, corrupt, newer)",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One bad place of an input file, as shown to the person who has to mend it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct BadRow {
    /// The file as it was named on the command line.
    pub(crate) file: String,
    /// The line (CSV, JSONL) or row (XLSX), counted from 1.
    pub(crate) line: u64,
    /// The column's name in the file; empty when the whole row is meant.
    pub(crate) column: String,
    /// The value as read, shortened; never a secret.
    pub(crate) value: String,
    /// Why it was refused.
    pub(crate) reason: String,
    /// Whether the reason is a sentence of its own, which needs no value before it.
    #[serde(skip)]
    pub(crate) is_sentence: bool,
    /// Whether it is right as it is, but not the actor's to bring in.
    #[serde(skip)]
    pub(crate) is_denied: bool,
    /// What to do about it.
    pub(crate) advice: Option<String>,
}

/// What an error tells the person and the script that meet it.
pub(crate) trait Explain: std::error::Error + std::any::Any + Send + Sync {
    /// The stable name scripts match on, such as `user.not_found`.
    fn code(&self) -> &'static str;
    /// The class, which decides the exit code.
    fn kind(&self) -> Kind;
    /// The field it is about, if it is about one, called as in JSON: `start_date` means the flag `--start-date`, the
    /// column and the field of a form alike. Who has to know that asks here, never by the code.
    fn field(&self) -> Option<&'static str> {
        None
    }
    /// What to type next: one whole command line of secboard, with nothing left to fill in.
    fn command(&self) -> Option<String> {
        None
    }
    /// What to do or to know, as a sentence. Where there is a command too, "with" and the command may follow it; commands
    /// with something to fill in, and further ones, stand in the sentence itself.
    fn advice(&self) -> Option<String> {
        None
    }
    /// The bad rows of an input file, when it is an input file that was refused.
    fn rows(&self) -> &[BadRow] {
        &[]
    }
    /// What else is wrong, each with words, advice and command of its own.
    fn others(&self) -> Vec<&dyn Explain> {
        Vec::new()
    }
}

impl dyn Explain {
    /// What to do next, advice and command in one line, as a terminal shows it.
    pub(crate) fn hint(&self) -> Option<String> {
        match (self.advice(), self.command()) {
            (Some(advice), Some(command)) => Some(format!("{advice} with `{command}`")),
            (None, Some(command)) => Some(format!("run `{command}`")),
            (advice, None) => advice,
        }
    }
}

/// Any error of secboard on its way to the person; see [`Explain`].
pub(crate) struct Failure(Box<dyn Explain>);

impl Failure {
    /// The error inside.
    pub(crate) fn explain(&self) -> &dyn Explain {
        &*self.0
    }

    /// The class of the error inside.
    pub(crate) fn kind(&self) -> Kind {
        self.0.kind()
    }

    /// The stable name of the error inside.
    pub(crate) fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The error inside, if it is of this type.
    pub(crate) fn get<E: Explain>(&self) -> Option<&E> {
        let error: &dyn std::any::Any = &*self.0;
        error.downcast_ref()
    }

    /// The messages of the errors that led to this one, nearest first; one that ends with the words of the one before
    /// (SQLite's, with its number) says nothing new and is left out.
    pub(crate) fn causes(&self) -> Vec<String> {
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.0.source();
        while let Some(cause) = next {
            let message = cause.to_string();
            if !causes.last().is_some_and(|last| message.ends_with(last)) {
                causes.push(message);
            }
            next = cause.source();
        }
        causes
    }
}

impl<E: Explain> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(Box::new(error))
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Work that a panic ended in the middle: a defect of secboard, or too little memory.
#[derive(Debug, thiserror::Error)]
#[error("{work} ended in the middle: {said}{place}")]
pub(crate) struct Died {
    work: &'static str,
    said: String,
    /// Where in the program, after a comma; empty where that is not known.
    place: String,
}

/// Where the last panic was.
static PLACE_OF_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Has panics say nothing of themselves, which takes memory there may be none of: [`Died`] tells of them, and where they were.
pub(crate) fn tell_of_panics_as_errors() {
    std::panic::set_hook(Box::new(|panic| {
        if let (Some(place), Ok(mut last)) = (panic.location(), PLACE_OF_PANIC.lock()) {
            *last = Some(place.to_string());
        }
    }));
}

impl Died {
    /// What was at work, and what it panicked with.
    pub(crate) fn of(work: &'static str, panic: &(dyn std::any::Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        let place = PLACE_OF_PANIC.lock().ok().and_then(|mut place| place.take());
        let place = place.map(|place| format!(", at {place}")).unwrap_or_default();
        Self { work, said: text.unwrap_or_else(|| "it says nothing".to_owned()), place }
    }

    /// Whether it says that there was too little memory, as the libraries that pack and unpack do.
    pub(crate) fn is_for_want_of_memory(&self) -> bool {
        self.said.contains("MemError") || self.said.to_lowercase().contains("memory")
    }
}

impl Explain for Died {
    fn code(&self) -> &'static str {
        "internal.died"
    }

    fn kind(&self) -> Kind {
        Kind::Bug
    }

    fn advice(&self) -> Option<String> {
        Some(
            "see that there is memory enough; else please report it with the command and these lines"
                .to_owned(),
        )
    }
}

/// The result of every operation.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    use super::{Died, Explain, Failure, Kind};

    #[test]
    fn a9_the_kind_decides_the_exit_code_and_the_http_status() {
        let row = |kind: &Kind| {
            let retry_after = kind.retry_after().map_or("-".to_owned(), |seconds| seconds.to_string());
            format!("{} {} {} {retry_after}", kind.name(), kind.exit_code(), kind.http_status())
        };
        assert_eq!(
            Kind::ALL.iter().map(row).collect::<Vec<_>>(),
            [
                "no 1 500 -",
                "usage 2 400 -",
                "refused 65 422 -",
                "no_input 66 500 -",
                "not_found 67 404 -",
                "unavailable 69 503 30",
                "bug 70 500 -",
                "cannot_create 73 409 -",
                "io 74 500 -",
                "busy 75 503 1",
                "held 76 409 -",
                "denied 77 403 -",
                "config 78 500 -",
                "interrupted 130 500 -",
            ]
        );
    }

    #[test]
    fn a_hint_is_the_advice_and_the_command_in_one_line() {
        #[derive(Debug, thiserror::Error)]
        #[error("no")]
        struct Told(Option<&'static str>, Option<&'static str>);
        impl Explain for Told {
            fn code(&self) -> &'static str {
                "told"
            }
            fn kind(&self) -> Kind {
                Kind::No
            }
            fn advice(&self) -> Option<String> {
                self.0.map(str::to_owned)
            }
            fn command(&self) -> Option<String> {
                self.1.map(str::to_owned)
            }
        }
        let hint = |advice, command| Failure::from(Told(advice, command)).explain().hint();
        assert_eq!(hint(None, None), None);
        assert_eq!(hint(Some("look"), None).unwrap(), "look");
        assert_eq!(hint(None, Some("secboard init")).unwrap(), "run `secboard init`");
        assert_eq!(hint(Some("make one"), Some("secboard init")).unwrap(), "make one with `secboard init`");
    }

    #[test]
    fn whatever_ended_work_in_the_middle_is_told_in_its_words() {
        fn pack() -> Result<(), &'static str> {
            Err("MemError")
        }
        let died = |work: fn()| Died::of("counting", &*std::panic::catch_unwind(work).unwrap_err());
        let said = [died(|| panic!("it is 7")), died(|| pack().unwrap()), died(|| std::panic::panic_any(7))];
        assert_eq!(
            said.each_ref().map(ToString::to_string),
            [
                "counting ended in the middle: it is 7",
                "counting ended in the middle: called `Result::unwrap()` on an `Err` value: \"MemError\"",
                "counting ended in the middle: it says nothing",
            ]
        );
        assert_eq!(said.each_ref().map(Died::is_for_want_of_memory), [false, true, false]);
        assert_eq!(said.each_ref().map(|died| died.kind().exit_code()), [70; 3]);
    }

    #[test]
    fn a9_every_kind_has_an_exit_code_of_its_own() {
        let mut codes: Vec<u8> = Kind::ALL.iter().map(|kind| kind.exit_code()).collect();
        let listed = codes.clone();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, listed, "in order, none twice");
    }
}
