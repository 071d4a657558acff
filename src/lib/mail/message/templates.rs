//! The templates of messages: built in, and those a site has in a folder of its own.
//!
//! A folder may hold `NAME.jinja` for any message, and the `layout` and `pieces` that all of them use; in a folder below
//! it named after a language, the same for that language alone. What is wrong with one (syntax, an unknown variable, a
//! loop that does not end) is told and the mail goes out with the built-in text: never nothing.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value, context};

use super::folder::{read_folder, unloaded};
use super::{Message, Reader, Site, names, pieces};
use crate::error::{Explain, Kind};
use crate::i18n::Language;
use crate::text::character::is_driving;
use crate::text::instant::Instant;
use crate::text::width;

/// The templates of messages, each a file of `built_in/`.
macro_rules! built_in {
    ($($name:literal),+ $(,)?) => { [$(($name, include_str!(concat!("built_in/", $name)))),+] };
}

/// What a site may have its own of.
pub(super) const BUILT_IN: [(&str, &str); 34] = built_in![
    "layout.txt",
    "layout.html",
    "pieces.txt",
    "pieces.html",
    "account-ending.jinja",
    "account-rests.jinja",
    "backup-code-used.jinja",
    "backup-codes-made.jinja",
    "certificate-ends.jinja",
    "contact.jinja",
    "directory-fails.jinja",
    "disowned.jinja",
    "email-changed-new.jinja",
    "email-changed-old.jinja",
    "export.jinja",
    "factor-added.jinja",
    "factor-removed.jinja",
    "factor-reset.jinja",
    "factor-unfinished.jinja",
    "first-login.jinja",
    "free.jinja",
    "mails-unmade.jinja",
    "mails-wait.jinja",
    "invitation.jinja",
    "new-browser.jinja",
    "password-changed.jinja",
    "password-elsewhere.jinja",
    "password-reset.jinja",
    "password-set.jinja",
    "run-held.jinja",
    "site-certificate-ends.jinja",
    "staff-given.jinja",
    "superuser-given.jinja",
    "test.jinja",
];

/// How many steps a template may take; those built in need less than 500.
const FUEL: u64 = 50_000;

/// How deep templates may call each other.
const DEPTH: usize = 50;

/// The most bytes of a template of a site, and of a part of a mail that is made from templates.
pub(super) const MAX_BYTES: u64 = 256 * 1024;

/// The most characters of a subject.
const MAX_SUBJECT: usize = 200;

/// The colour of a site that has chosen none.
const COLOR: &str = "#0b5cad";

/// What is written on it.
const ON_COLOR: &str = "#ffffff";

/// What a part of a mail is rendered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Text,
    Html,
}

impl Part {
    const ALL: [Self; 2] = [Self::Text, Self::Html];

    const fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Html => "html",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Html => "HTML",
        }
    }
}

/// A message that was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The subject: one line.
    pub(crate) subject: String,
    /// The text part, its lines ended by line feeds.
    pub(crate) text: String,
    /// The HTML part.
    pub(crate) html: String,
}

/// What is wrong with a template of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, where one is to blame.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

/// A message that no template renders, not even the one built in.
#[derive(Debug, thiserror::Error)]
#[error("the message `{message}` cannot be rendered")]
pub(crate) struct RenderError {
    message: &'static str,
    source: Error,
}

impl Explain for RenderError {
    fn code(&self) -> &'static str {
        "mail.unrendered"
    }

    fn kind(&self) -> Kind {
        Kind::Bug
    }
}

/// The templates in use.
pub(crate) struct Templates {
    /// Those of a site, by language and part; none where it has none.
    own: Vec<(Language, Part, Environment<'static>)>,
    /// Where each template of a site came from.
    files: BTreeMap<(Language, String), PathBuf>,
    /// What a site has, perhaps for one language alone, and is not in use, for it cannot be read or does not parse.
    unloaded: Vec<(Option<Language>, Fault)>,
}

static BUILT_IN_TEXT: LazyLock<Environment<'static>> = LazyLock::new(|| built_in(Part::Text));
static BUILT_IN_HTML: LazyLock<Environment<'static>> = LazyLock::new(|| built_in(Part::Html));

fn built_in(part: Part) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(DEPTH);
    environment.set_auto_escape_callback(move |_| match part {
        Part::Text => AutoEscape::None,
        Part::Html => AutoEscape::Html,
    });
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    pieces::install(&mut environment);
    for (name, source) in BUILT_IN {
        // A test renders every one of them.
        environment.add_template(name, source).ok();
    }
    environment
}

impl Templates {
    /// Those built in.
    pub(crate) const fn built_in() -> Self {
        Self { own: Vec::new(), files: BTreeMap::new(), unloaded: Vec::new() }
    }

    /// Those of a site: with a folder of its own, if it has one.
    pub(crate) fn of_site(folder: Option<&Path>, at: Instant) -> (Self, Vec<Fault>) {
        folder.map_or_else(|| (Self::built_in(), Vec::new()), |folder| Self::load(folder, at))
    }

    /// Those built in and those of a folder, with what is wrong in it. Each is tried with made-up facts, of the time
    /// `at`.
    pub(crate) fn load(folder: &Path, at: Instant) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut own = Vec::new();
        let mut files = BTreeMap::new();
        let everywhere = read_folder(folder, &mut faults);
        for language in Language::ALL {
            let below = folder.join(language.tag());
            let special = if below.is_dir() { read_folder(&below, &mut faults) } else { BTreeMap::new() };
            let mut sources = everywhere.clone();
            sources.extend(special);
            for part in Part::ALL {
                let mut environment = built_in(part);
                for (name, (file, source)) in &sources {
                    match environment.add_template_owned(name.clone(), source.clone()) {
                        Ok(()) => {
                            files.insert((language, name.clone()), file.clone());
                        }
                        Err(error) => add(&mut faults, fault_in(file.clone(), &error)),
                    }
                }
                if !sources.is_empty() {
                    own.push((language, part, environment));
                }
            }
        }
        let unloaded = faults.iter().filter_map(|fault| unloaded(folder, fault)).collect();
        let templates = Self { own, files, unloaded };
        for fault in templates.try_all(at) {
            add(&mut faults, fault);
        }
        (templates, faults)
    }

    /// Renders a message; with the built-in templates where those of the site fail, and then with what is wrong.
    pub(crate) fn render(
        &self,
        message: &Message,
        site: &Site,
        reader: &Reader,
    ) -> Result<(Rendered, Option<Fault>), RenderError> {
        let unloaded = || self.unloaded_for(message, reader.language).cloned();
        let (fault, own) = match self.render_own(message, site, reader) {
            Some(Ok(rendered)) => (unloaded(), Some(rendered)),
            Some(Err(fault)) => (Some(fault), None),
            None => (unloaded(), None),
        };
        if let Some(rendered) = own {
            return Ok((rendered, fault));
        }
        let built_in = |part| match part {
            Part::Text => &*BUILT_IN_TEXT,
            Part::Html => &*BUILT_IN_HTML,
        };
        let rendered = render(built_in, message, site, reader)
            .map_err(|source| RenderError { message: message.name(), source })?;
        Ok((rendered, fault))
    }

    /// What a site has for a message in a language, or for what all of them use, and is not in use.
    fn unloaded_for(&self, message: &Message, language: Language) -> Option<&Fault> {
        let is_for = |(of, fault): &&(Option<Language>, Fault)| {
            let name = fault.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_replaced = of.is_none() && self.files.contains_key(&(language, name.clone()));
            // What is no template of a message is used by all of them: a layout, pieces, the folder itself.
            let is_used =
                name == template_of(message) || fault.file.extension().is_none_or(|end| end != "jinja");
            of.is_none_or(|of| of == language) && is_used && !is_replaced
        };
        self.unloaded.iter().find(is_for).map(|(_, fault)| fault)
    }

    /// Renders with the templates of the site, if it has any.
    fn render_own(&self, message: &Message, site: &Site, reader: &Reader) -> Option<Result<Rendered, Fault>> {
        let language = reader.language;
        let find = |part| {
            let mut own = self.own.iter();
            own.find(|(of, as_, _)| *of == language && *as_ == part).map(|(.., environment)| environment)
        };
        let (text, html) = (find(Part::Text)?, find(Part::Html)?);
        let of_part = |part| if part == Part::Text { text } else { html };
        Some(self.check_variables(text, message, site, reader).and_then(|()| {
            render(of_part, message, site, reader).map_err(|error| self.blamed(language, message, &error))
        }))
    }

    /// A variable that no fact answers is a fault even where this mail does not come by it.
    fn check_variables(
        &self,
        environment: &Environment<'_>,
        message: &Message,
        site: &Site,
        reader: &Reader,
    ) -> Result<(), Fault> {
        let name = template_of(message);
        let Some(file) = self.files.get(&(reader.language, name.clone())) else { return Ok(()) };
        let known = variables(message, site, reader);
        let used = environment.get_template(&name).map(|it| it.undeclared_variables(false));
        let mut unknown: Vec<String> =
            used.unwrap_or_default().into_iter().filter(|used| !known.contains(used)).collect();
        unknown.sort();
        match unknown.first() {
            Some(first) => Err(Fault {
                file: file.clone(),
                line: line_of(file, first),
                what: format!("this message knows no `{first}`"),
            }),
            None => Ok(()),
        }
    }

    /// What is wrong, in the file of the site that brought it about: a piece that is built in fails over what it is given.
    fn blamed(&self, language: Language, message: &Message, error: &Error) -> Fault {
        let of = |template: &str| self.files.get(&(language, template.to_owned())).cloned();
        if let Some(file) = error.name().and_then(of) {
            return fault_in(file, error);
        }
        let mut own = self.files.iter().filter(|((of, _), _)| *of == language).map(|(_, file)| file.clone());
        let file = of(&template_of(message)).or_else(|| own.next()).unwrap_or_default();
        let fault = fault_in(file, error);
        let what = match error.name() {
            Some(piece) => format!("what it gives to `{piece}` cannot be used there: {}", fault.what),
            None => fault.what,
        };
        Fault { line: None, what, ..fault }
    }

    /// What is wrong when every message is rendered with made-up facts, in every language.
    fn try_all(&self, at: Instant) -> Vec<Fault> {
        let site = Site {
            name: "Acme Bank".into(),
            protocol: "https",
            host: "acme.example".into(),
            color: None,
            zone: TimeZone::UTC,
        };
        let mut faults = Vec::new();
        for language in Language::ALL {
            let reader = Reader { name: "Anna".into(), account: "anna@acme.example".into(), language };
            for message in Message::samples(at) {
                if let Some(Err(fault)) = self.render_own(&message, &site, &reader) {
                    add(&mut faults, fault);
                }
            }
        }
        faults
    }
}

/// Adds what is not told yet; one file may fail in both languages and parts.
fn add(faults: &mut Vec<Fault>, fault: Fault) {
    if !faults.contains(&fault) {
        faults.push(fault);
    }
}

fn template_of(message: &Message) -> String {
    format!("{}.jinja", message.name())
}

/// What a template is rendered with.
fn values(message: &Message, site: &Site, reader: &Reader, part: Part) -> Value {
    let on_color = site.color.map_or_else(|| ON_COLOR.to_owned(), |color| color.readable_text().to_string());
    let color = site.color.map_or_else(|| COLOR.to_owned(), |color| color.to_string());
    context! {
        layout => format!("layout.{}", part.ending()),
        pieces => format!("pieces.{}", part.ending()),
        language => reader.language.tag(),
        site => context! { name => &site.name, host => &site.host, color, on_color },
        reader => context! { name => names::greeted(&reader.name), account => &reader.account },
        ..message.facts(site, reader.language)
    }
}

/// The names that a template of this message may use.
fn variables(message: &Message, site: &Site, reader: &Reader) -> HashSet<String> {
    let values = values(message, site, reader, Part::Text);
    let names = values.try_iter().into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned));
    names.chain(pieces::FUNCTIONS.map(str::to_owned)).chain(["self".to_owned()]).collect()
}

fn render<'a>(
    environment: impl Fn(Part) -> &'a Environment<'static>,
    message: &Message,
    site: &Site,
    reader: &Reader,
) -> Result<Rendered, Error> {
    let (subject, text) =
        render_part(environment(Part::Text), message, values(message, site, reader, Part::Text))?;
    let (_, html) = render_part(environment(Part::Html), message, values(message, site, reader, Part::Html))?;
    for (part, whole) in [(Part::Text, &text), (Part::Html, &html)] {
        says_essence(environment(part), message, part, whole)?;
    }
    let subject = width::words(&subject).collect::<Vec<_>>().join(" ");
    let refused = |what: &str| Error::new(ErrorKind::InvalidOperation, what.to_owned());
    if subject.is_empty() || subject.chars().count() > MAX_SUBJECT {
        return Err(refused("the subject is empty or too long"));
    }
    if subject.chars().any(is_driving) {
        return Err(refused("the subject holds a control character"));
    }
    Ok(Rendered { subject, text: pieces::tidied(&text), html })
}

/// The subject and the whole of one part.
fn render_part(
    environment: &Environment<'static>,
    message: &Message,
    values: Value,
) -> Result<(String, String), Error> {
    let template = environment.get_template(&template_of(message))?;
    let mut captured = template.render_captured(values)?;
    let subject = captured.with_state_mut(|state| state.render_block("subject"))?;
    let output = captured.into_output();
    if output.len() as u64 > MAX_BYTES {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("it makes more than {MAX_BYTES} bytes")));
    }
    Ok((subject, output))
}

/// Refuses a part that does not say what the mail is of no use without, as it is written in that part.
fn says_essence(
    environment: &Environment<'static>,
    message: &Message,
    part: Part,
    whole: &str,
) -> Result<(), Error> {
    for (name, essence) in message.essence() {
        if !whole.contains(&environment.render_str("{{ essence }}", context! { essence })?) {
            let what = format!("the {} does not say `{name}`", part.words());
            return Err(Error::new(ErrorKind::InvalidOperation, what));
        }
    }
    Ok(())
}

/// Where a template is wrong, and why.
fn fault_in(file: PathBuf, error: &Error) -> Fault {
    let what = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => "it does not end".to_owned(),
        (ErrorKind::UndefinedError, None) => "it uses something that is not there".to_owned(),
        (kind, None) => kind.to_string(),
        (_, Some(detail)) => detail.to_owned(),
    };
    Fault { file, line: error.line(), what }
}

/// The first line of a file that names a variable.
fn line_of(file: &Path, name: &str) -> Option<usize> {
    let source = fs::read_to_string(file).ok()?;
    source.lines().position(|line| line.contains(name)).map(|at| at + 1)
}
