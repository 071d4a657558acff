use std::time::Duration;

use jiff::tz::TimeZone;

use super::*;
use crate::crypto::rng::SeededRandom;
use crate::mail::address::Mailbox;
use crate::mail::message::compose::{Mail, compose};
use crate::text::email::Email;
use crate::text::instant::Instant;

mod elsewhere;
mod faults;
mod protection;
mod sessions;

#[path = "../../../../../tests/smtp/mod.rs"]
pub(crate) mod server;

/// Long enough for a busy machine.
const AMPLE: Patience = Patience {
    connect: Duration::from_secs(20),
    command: Duration::from_secs(20),
    mail: Duration::from_secs(20),
};

/// As long as a test waits for nothing.
const SHORT: Patience = Patience {
    connect: Duration::from_secs(3),
    command: Duration::from_secs(3),
    mail: Duration::from_secs(3),
};

fn mail_to(to: &str) -> Composed {
    let mailbox = |text| Mailbox::new("", &Email::parse(text).unwrap()).unwrap();
    let mail = Mail {
        from: &mailbox("noreply@acme.example"),
        reply_to: None,
        to: &mailbox(to),
        subject: "Hello",
        text: ".\n..\nend\n",
        html: None,
        attachments: &[],
        host: "acme.example",
        message_id: "<1@acme.example>",
        date: Instant::parse("2026-11-29T12:05:00Z", &TimeZone::UTC).unwrap(),
    };
    compose(&mail, &SeededRandom::new(1)).unwrap()
}

fn mail() -> Composed {
    mail_to("olena@acme.example")
}

fn plain(server: &server::Server) -> Smtp {
    Smtp {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        security: Security::None,
        authorities: None,
        login: Credentials::None,
        others: Vec::new(),
        given: Rc::default(),
        hello: "secboard.acme.example:8443".to_owned(),
        patience: AMPLE,
    }
}

/// Sends mails one after the other through one sender, and parts politely.
fn send(smtp: Smtp, mails: &[Composed]) -> (Vec<Outcome>, Walk) {
    block_on(async {
        let mut walk = Walk::default();
        let mut sender = match Sender::new(&Server::Smtp(smtp)) {
            Ok(sender) => sender,
            Err(failure) => return (vec![Outcome::Failed(failure)], walk),
        };
        let mut outcomes = Vec::new();
        for mail in mails {
            outcomes.push(sender.send(mail, &mut walk, &mut Turn::alone()).await);
        }
        sender.close().await;
        (outcomes, walk)
    })
    .unwrap()
}

/// What became of one mail, in one line.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent { words } => format!("sent: {words}"),
        Outcome::Failed(failure) => format!("{:?}: {failure}", failure.whose),
    }
}

fn steps(walk: &Walk) -> String {
    let lines: Vec<String> =
        walk.steps().iter().map(|gone| format!("{}: {}\n", gone.step, gone.words)).collect();
    lines.concat()
}
