use jiff::tz::TimeZone;

use super::*;
use crate::company;
use crate::text::date::Day;

mod rows;

/// A context whose store has the company `Acme Bank`, with its id 1.
fn acme() -> Context {
    let cx = Context::for_tests();
    let new = company::New { name: "Acme Bank".into(), ..company::New::default() };
    company::create(&cx, &new, false).unwrap();
    cx
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A notice.
fn notice(cx: &Context) -> Message {
    Message::PasswordSet { at: cx.now() }
}

/// A secret.
fn secret() -> Message {
    Message::Free { subject: "canary-subject".into(), text: "canary-text".into() }
}

fn new_mail<'a>(message: &'a Message, to: &'a Email) -> NewMail<'a> {
    NewMail { message, to, name: "", user: None, company: None, run: None }
}

/// Queues a mail; its id.
fn queued(cx: &Context, message: &Message, to: &str) -> String {
    cx.write(|tx| queue(cx, tx, &new_mail(message, &email(to)))).unwrap()
}

fn got(cx: &Context, id: &str) -> QueuedMail {
    cx.read(|tx| get(tx, id)).unwrap()
}

/// What a mail says, opened.
fn content_of(cx: &Context, id: &str) -> Option<Content> {
    let mail = got(cx, id);
    cx.read(|tx| opened(cx, tx, &mail)).unwrap()
}

/// Ends a mail as a worker would.
fn ended(cx: &Context, id: &str, state: MailState, why: Option<&str>) {
    let seq = got(cx, id).seq;
    cx.write(|tx| store::end(tx, seq, state, why, cx.now())).unwrap();
}

/// Makes a person as the store has them; their id.
fn person(cx: &Context, address: &str) -> i64 {
    let sql =
        "INSERT INTO users (email, email_folded, active, sort_name, search, revision, created_at, updated_at)
        VALUES (?1, ?1, 1, ?1, ?1, 1, 1, 1)";
    cx.write(|tx| {
        tx.sql().execute(sql, [address])?;
        Ok(tx.sql().last_insert_rowid())
    })
    .unwrap()
}
