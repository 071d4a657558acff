use jiff::tz::TimeZone;

use super::*;
use crate::company;
use crate::mail::message::links::Links;
use crate::text::date::Day;

mod rows;

/// A context whose store has the company `Acme Bank`, with its id 1.
fn acme() -> Context {
    let mut cx = Context::for_tests();
    cx.reason = Some("the outbox is tried".to_owned());
    let new = company::New { name: "Acme Bank".into(), ..company::New::default() };
    company::create(&cx, &new, false).unwrap();
    cx
}

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// A notice.
fn notice(cx: &Context) -> Message {
    Message::PasswordSet { at: cx.now(), is_first: false, links: Links::default() }
}

/// A secret.
fn secret() -> Message {
    Message::Free { subject: "canary-subject".into(), text: "canary-text".into(), reply_to: None }
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

/// Has one mail go now.
fn retry(cx: &Context, id: &str) -> Result<QueuedMail> {
    Ok(super::retry(cx, &[id.to_owned()])?.remove(0))
}

/// Drops one mail.
fn drop_waiting(cx: &Context, id: &str) -> Result<QueuedMail> {
    Ok(super::drop_waiting(cx, &[id.to_owned()])?.remove(0))
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
