//! An account ready to send: its secrets opened, its server as the transport has it, what it says made a mail.

use std::rc::Rc;
use std::time::Duration;

use super::account::{self, Account};
use super::address::Mailbox;
use super::dkim::Signer;
use super::error::Error;
use super::message::compose::{Attachment, Composed, Mail, compose};
use super::message::templates::Templates;
use super::message::{Message, Reader, Site};
use super::server::{self, Login, Server, Way};
use super::transport::failure::Failure;
use super::transport::given::Given;
use super::transport::{self, Credentials, Patience, Sender, Smtp, token_of};
use crate::context::Context;
use crate::error::Result;
use crate::setting::site;
use crate::store::Tx;
use crate::text::instant::Instant;
use crate::text::secret::Secret;

/// An account with all that sending takes.
pub(super) struct Ready {
    pub(super) account: Account,
    pub(super) server: Server,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    signer: Option<Signer>,
    way: transport::Server,
}

/// What an account writes to somebody.
pub(super) struct Letter<'a> {
    pub(super) message: &'a Message,
    pub(super) attachments: &'a [Attachment<'a>],
    pub(super) to: &'a Mailbox,
    pub(super) reader: &'a Reader,
    pub(super) message_id: &'a str,
    /// The time in the header.
    pub(super) date: Instant,
}

impl Ready {
    /// Opens the secrets of an account.
    pub(super) fn of(cx: &Context, tx: &Tx<'_>, account: Account) -> Result<Self> {
        let server = server::by_id(tx, account.facts.server_id)?;
        let way = way(cx, tx, &account, &server.facts)?;
        let signer = match &account.facts.dkim {
            Some(dkim) => {
                let gone = || Error::KeyGone { account: account.facts.name.clone() };
                let key = account::key(cx, tx, account.id)?.ok_or_else(gone)?;
                Some(Signer::new(&dkim.domain, &dkim.selector, key.expose())?)
            }
            None => None,
        };
        let (from, reply_to) = (account.facts.sender()?, account.facts.answers()?);
        Ok(Self { account, server, from, reply_to, signer, way })
    }

    /// Whom its mails are from.
    pub(super) const fn from(&self) -> &Mailbox {
        &self.from
    }

    /// The mail that tells a message, signed if the account signs.
    pub(super) fn compose(
        &self,
        cx: &Context,
        templates: &Templates,
        letter: &Letter<'_>,
    ) -> Result<Composed> {
        let site = site_of(cx);
        let (rendered, _) = templates.render(letter.message, &site, letter.reader)?;
        let reply_to = letter.message.reply_to().map(|email| Mailbox::new("", email)).transpose()?;
        let mail = Mail {
            from: &self.from,
            reply_to: reply_to.as_ref().or(self.reply_to.as_ref()),
            to: letter.to,
            subject: &rendered.subject,
            text: &rendered.text,
            html: Some(&rendered.html),
            attachments: letter.attachments,
            host: &site.host,
            message_id: letter.message_id,
            date: letter.date,
        };
        let mut mail = compose(&mail, &*cx.rng)?;
        if let Some(signer) = &self.signer {
            mail.bytes = signer.sign(&mail.bytes, cx.now())?;
        }
        Ok(mail)
    }

    /// Whether it needs a program of this machine.
    pub(super) fn needs_program(&self) -> bool {
        self.server.facts.way.programs().next().is_some()
    }

    /// Whether its server was given a mail or a password since it was made ready, by what does not take turns.
    pub(super) fn has_given(&self) -> bool {
        matches!(&self.way, transport::Server::Smtp(smtp) if smtp.given.is_more())
    }

    /// Whether it logs in with a token that a program prints.
    pub(super) fn takes_token(&self) -> bool {
        self.server.facts.way.token_command().is_some()
    }

    /// What the program prints.
    pub(super) async fn token(&self) -> Result<Secret, Failure> {
        let patience = Duration::from_secs(self.server.facts.answer_timeout.into());
        let command = self.server.facts.way.token_command();
        token_of(command.map_or(&[], Vec::as_slice), patience).await
    }

    /// What hands its mails over; with a token where one is needed.
    pub(super) fn sender(&self, token: Option<&Secret>) -> Result<Sender, Failure> {
        let mut way = self.way.clone();
        if let transport::Server::Smtp(Smtp { login: Credentials::XOAuth2 { token: own, .. }, .. }) = &mut way
            && let Some(token) = token
        {
            *own = token.clone();
        }
        Sender::new(&way)
    }
}

/// The server as the transport has it; the token comes later.
fn way(cx: &Context, tx: &Tx<'_>, account: &Account, server: &server::Facts) -> Result<transport::Server> {
    let smtp = match &server.way {
        Way::Smtp(smtp) => smtp,
        Way::File { folder } => return Ok(transport::Server::Folder(folder.into())),
        Way::Sendmail { command } => {
            return Ok(transport::Server::Program {
                command: command.clone(),
                patience: Duration::from_secs(server.mail_timeout.into()),
            });
        }
    };
    if let Some(unfit) = account::unfit_at(server, account) {
        return Err(unfit.into());
    }
    let user = account.facts.user.clone().unwrap_or_default();
    let password = || -> Result<Secret> {
        let gone = || Error::NeedsPassword { server: server.name.clone() };
        Ok(account::password(cx, tx, account.id)?.ok_or_else(gone)?)
    };
    let login = match &smtp.login {
        Login::Plain => Credentials::Plain { user, password: password()? },
        Login::InTwoLines => Credentials::Login { user, password: password()? },
        Login::XOAuth2 { .. } => Credentials::XOAuth2 { user, token: Secret::new(String::new()) },
        Login::None => Credentials::None,
    };
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    Ok(transport::Server::Smtp(Smtp {
        host: smtp.host.clone(),
        port: smtp.port,
        security: smtp.protection.security(),
        authorities: smtp.protection.ca_file().map(|file| server::authorities(file)).transpose()?,
        login,
        others: account::other_passwords(cx, tx, account.id, &smtp.host)?,
        given: Rc::new(Given::earlier(server::was_given(tx, &smtp.host)?)),
        hello: cx.settings.get(&site::DOMAIN).to_string(),
        patience: Patience {
            connect: seconds(server.connect_timeout),
            command: seconds(server.answer_timeout),
            mail: seconds(server.mail_timeout),
        },
    }))
}

/// What mails know of the site.
pub(super) fn site_of(cx: &Context) -> Site {
    Site {
        name: cx.settings.get(&site::NAME).to_string(),
        protocol: cx.settings.get::<&str>(&site::PROTOCOL),
        host: cx.settings.get(&site::DOMAIN).to_string(),
        color: None,
        zone: cx.time_zone().clone(),
    }
}
