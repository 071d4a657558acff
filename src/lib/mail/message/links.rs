//! The links of a mail: which tokens it carries, and where they lead.

use std::fmt;

use minijinja::{Value, context};

use super::{Message, Site};
use crate::i18n::{Language, moment};
use crate::text::instant::Instant;
use crate::token::{Purpose, Token};

/// The tokens of a mail, once it is tried; none before.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Links {
    tokens: Vec<(Purpose, Token)>,
    /// Until when the first of them is good.
    until: Option<Instant>,
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(…)")
    }
}

impl Links {
    /// These tokens, the first of which is good until then.
    pub(crate) const fn new(tokens: Vec<(Purpose, Token)>, until: Instant) -> Self {
        Self { tokens, until: Some(until) }
    }

    /// Some that lead nowhere, for samples.
    pub(super) fn sample(purposes: &[Purpose], until: Instant) -> Self {
        Self::new(purposes.iter().map(|purpose| (*purpose, Token::sample(*purpose))).collect(), until)
    }

    /// The tokens as they stand in links, by the names that templates use for these.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let name = |purpose: Purpose| if purpose == Purpose::NotMe { "not_me" } else { "link" };
        self.tokens.iter().map(move |(purpose, token)| (name(*purpose), token.expose()))
    }

    /// The address of what a token opens; none without one.
    fn address(&self, purpose: Purpose, site: &Site) -> Option<String> {
        let (_, token) = self.tokens.iter().find(|(of, _)| *of == purpose)?;
        let path = path(purpose);
        Some(format!("{}://{}{path}{}/", site.protocol, site.host, token.expose()))
    }

    /// What templates know of them: the way in, the way to disown, and until when the mail's own link works.
    pub(super) fn facts(&self, own: &[Purpose], site: &Site, language: Language) -> Value {
        // A host and a token have no character that HTML has a use for, and an address is to be read by everybody as it is.
        let safe = |address: String| Value::from_safe_string(address);
        let link = own.first().and_then(|purpose| self.address(*purpose, site)).map(safe);
        let not_me = self.address(Purpose::NotMe, site).map(safe);
        let until = self.until.map(|until| moment(language, until, &site.zone));
        context! { link, not_me, until }
    }
}

/// Where the page of a purpose is; its token follows.
pub(crate) const fn path(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Reset => "/reset/",
        Purpose::FirstLogin => "/first_login/",
        Purpose::Invite => "/invite/",
        Purpose::NotMe => "/not-me/",
    }
}

impl Message {
    /// What the tokens of the links in it open, its own first; none where it has no such link.
    pub(crate) const fn purposes(&self) -> &'static [Purpose] {
        match self {
            // There was none, so there is nothing to disown.
            Self::FactorReset { was_enrolled: false, .. } => &[],
            Self::PasswordReset { is_protection: true, .. } => &[Purpose::Reset],
            Self::PasswordReset { .. } => &[Purpose::Reset, Purpose::NotMe],
            Self::FirstLogin { .. } => &[Purpose::FirstLogin, Purpose::NotMe],
            Self::Invitation { .. } => &[Purpose::Invite, Purpose::NotMe],
            Self::PasswordSet { .. }
            | Self::PasswordChanged { .. }
            | Self::FactorAdded { .. }
            | Self::FactorRemoved { .. }
            | Self::FactorReset { .. }
            | Self::BackupCodeUsed { .. }
            | Self::BackupCodesMade { .. }
            | Self::FactorUnfinished { .. }
            | Self::NewBrowser { .. } => &[Purpose::NotMe],
            _ => &[],
        }
    }

    /// Whether it is of no use without a link. A notice is of use: it goes, without one, where a link would lead nowhere.
    pub(crate) fn needs_link(&self) -> bool {
        self.purposes().first().is_some_and(|purpose| *purpose != Purpose::NotMe)
    }

    /// The names of the messages that are of no use without a link.
    pub(crate) fn names_of_letters_with_link() -> Vec<&'static str> {
        let samples = Self::samples(Instant::from_micros(0));
        let mut names: Vec<&'static str> =
            samples.iter().filter(|sample| sample.needs_link()).map(Self::name).collect();
        names.dedup();
        names
    }

    /// Gives the links in it their tokens.
    pub(crate) fn put_links(&mut self, given: Links) {
        if let Some(links) = self.links_mut() {
            *links = given;
        }
    }

    const fn links_mut(&mut self) -> Option<&mut Links> {
        match self {
            Self::PasswordReset { links, .. }
            | Self::FirstLogin { links, .. }
            | Self::Invitation { links, .. }
            | Self::PasswordSet { links, .. }
            | Self::PasswordChanged { links, .. }
            | Self::FactorAdded { links, .. }
            | Self::FactorRemoved { links, .. }
            | Self::FactorReset { links, .. }
            | Self::BackupCodeUsed { links, .. }
            | Self::BackupCodesMade { links, .. }
            | Self::FactorUnfinished { links, .. }
            | Self::NewBrowser { links, .. } => Some(links),
            _ => None,
        }
    }

    /// The links in it, where it can have some.
    pub(super) const fn links(&self) -> Option<&Links> {
        match self {
            Self::PasswordReset { links, .. }
            | Self::FirstLogin { links, .. }
            | Self::Invitation { links, .. }
            | Self::PasswordSet { links, .. }
            | Self::PasswordChanged { links, .. }
            | Self::FactorAdded { links, .. }
            | Self::FactorRemoved { links, .. }
            | Self::FactorReset { links, .. }
            | Self::BackupCodeUsed { links, .. }
            | Self::BackupCodesMade { links, .. }
            | Self::FactorUnfinished { links, .. }
            | Self::NewBrowser { links, .. } => Some(links),
            _ => None,
        }
    }
}
