//! The worker against a server that does what it is told, by a clock that stands still.

use std::time::Duration;

use super::verdict::after;
use super::*;
use crate::company;
use crate::mail::message::Message;
use crate::mail::message::links::Links;
use crate::mail::outbox::{
    Addressed, Attempt, AttemptOutcome, Due, MailState, NewMail, QueuedMail, attempts, get, queue,
};
use crate::mail::server::{Auth, Edit as ServerEdit, ServerKind};
use crate::mail::transport::tests::server::{At, Fault, Received, Script, Server, Trouble};
use crate::mail::transport::{Security, block_on};
use crate::mail::{account as accounts, route, server as servers};
use crate::setting::site;
use crate::text::email::Email;
use crate::text::instant::Instant;

mod blame;
mod due;
mod links;
mod order;
mod taken;
mod watch;

/// A site whose mails leave by `noreply` at that server, one connection at a time.
fn site(server: &Server) -> Context {
    let cx = Context::for_tests();
    let new = company::New { name: "Acme Bank".into(), ..company::New::default() };
    company::create(&cx, &new, false).unwrap();
    make_server(&cx, "relay", server);
    make_account(&cx, "noreply", "relay");
    route::set(&cx, (None, None), ("noreply", None)).unwrap();
    cx
}

fn make_server(cx: &Context, name: &str, server: &Server) {
    let edit = ServerEdit {
        host: Some("127.0.0.1".into()),
        port: Some(server.port()),
        security: Some(Security::None),
        auth: Some(Auth::None),
        connections: Some(1),
        force: true,
        ..ServerEdit::default()
    };
    servers::create(cx, (name, false), ServerKind::Smtp, &edit).unwrap();
}

fn make_account(cx: &Context, name: &str, server: &str) {
    let edit = accounts::Edit {
        server: Some(server.into()),
        from: Some(format!("{name}@acme.example")),
        ..accounts::Edit::default()
    };
    accounts::create(cx, name, &edit).unwrap();
}

fn notice() -> Message {
    Message::PasswordSet { at: Instant::from_micros(0), is_first: false, links: Links::default() }
}

/// Queues a mail; its id.
fn queued(cx: &Context, message: &Message, to: &str) -> String {
    let to = Email::parse(to).unwrap();
    let mail = NewMail { message, to: &to, name: "", user: None, company: None, run: None };
    cx.write(|tx| queue(cx, tx, &mail)).unwrap()
}

fn got(cx: &Context, id: &str) -> QueuedMail {
    cx.read(|tx| get(tx, id)).unwrap()
}

fn tries(cx: &Context, id: &str) -> Vec<Attempt> {
    let seq = got(cx, id).seq;
    cx.read(|tx| attempts(tx, seq)).unwrap()
}

/// Lets a worker work until nothing is left.
fn flush(cx: &Context) -> Report {
    flush_for(cx, &Addressed)
}

fn flush_for(cx: &Context, readers: &dyn Readers) -> Report {
    let (report, ended) = block_on(work(cx, readers, &Templates::built_in(), &cx.cancel)).unwrap();
    ended.unwrap();
    report
}

/// Has some time pass.
fn pass(cx: &mut Context, time: Duration) {
    let now = after(cx.now(), time);
    cx.stop_clock(now);
}

const MINUTE: Duration = Duration::from_secs(60);

/// Whom mails went to, in the order in which they were taken.
fn recipients(received: &[Received]) -> Vec<String> {
    let address = |line: &String| line.trim_start_matches("RCPT TO:<").trim_end_matches('>').to_owned();
    received.iter().filter_map(|mail| mail.envelope.get(1)).map(address).collect()
}

/// The Message-IDs of mails.
fn message_ids(received: &[Received]) -> Vec<String> {
    let id = |mail: &Received| {
        let text = String::from_utf8_lossy(&mail.mail).into_owned();
        text.lines().find_map(|line| line.strip_prefix("Message-ID: ").map(str::to_owned)).unwrap()
    };
    received.iter().map(id).collect()
}

/// Always this, at that step.
fn always(at: At, fault: Fault) -> Server {
    Server::start(Script::with(at, fault))
}

/// This, at that step, for mails of these numbers on each connection.
fn sometimes(at: At, fault: Fault, mails: &[usize]) -> Server {
    let troubles = mails.iter().map(|mail| Trouble { at, fault, connection: None, mail: Some(*mail) });
    Server::start(Script { troubles: troubles.collect(), ..Script::default() })
}
