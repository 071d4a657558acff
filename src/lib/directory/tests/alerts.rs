//! What administrators are told of directories by mail.

use std::fs;

use super::{instant, least, site};
use crate::context::Context;
use crate::directory::alert::{Certificate, tell_certificate};
use crate::directory::connection::{self, Edit};
use crate::directory::sync::{self, Order, Synced};
use crate::directory::transport::tests::peer::{At, Directory, Entry, Fault, Protection, Script};
use crate::error::Result;
use crate::mail::outbox::{self, ListFilter};
use crate::mail::settings::ALERTS_TO;
use crate::mail::transport::tests::server::{Authority, Certified};
use crate::registry::engine;
use crate::text::email::Email;
use crate::text::instant::Instant;

const HOUR: i64 = 3_600_000_000;

/// A site whose alerts go to an address.
fn watched() -> Context {
    let mut cx = site();
    cx.settings_mut().set(&ALERTS_TO, vec![Email::parse("watch@acme.example").unwrap()]);
    cx
}

fn follow(cx: &mut Context) -> Result<Synced> {
    sync::run(cx, &mut engine(), Order { name: "corp", everybody: false }, None)
}

/// Which mails were queued so far, the oldest first.
fn told(cx: &Context) -> Vec<String> {
    let mut mails = cx.read(|tx| outbox::list(tx, &ListFilter::default())).unwrap();
    mails.reverse();
    mails.into_iter().map(|mail| mail.message).collect()
}

/// That what was queued has left.
fn leave(cx: &Context) {
    cx.write(|tx| {
        tx.sql().execute("UPDATE mails SET state = 'sent', ended_at = due_at", [])?;
        Ok(())
    })
    .unwrap();
}

#[test]
fn that_a_directory_cannot_be_followed_for_a_day_is_told_once_a_day_until_it_can() {
    let mut cx = watched();
    let good = || Script::of(vec![Entry::person("olena", "Olena", "Koval")]);
    let directory = Directory::start(good());
    let servers = vec![format!("ldap://localhost:{}", directory.port())];
    let edit = Edit { insecure: Some(true), servers, ..least() };
    connection::create(&cx, ("corp", "Acme"), &edit).unwrap();
    let begun = instant("2026-03-01T08:00:00Z");
    let at =
        |cx: &mut Context, hours: i64| cx.stop_clock(Instant::from_micros(begun.micros() + hours * HOUR));
    at(&mut cx, 0);
    follow(&mut cx).unwrap();
    directory.becomes(good().with(At::PageEnd(0), Fault::Cut));
    for (hours, mails) in [(1, 0), (24, 0), (25, 1), (26, 1), (48, 1), (49, 2)] {
        at(&mut cx, hours);
        follow(&mut cx).unwrap_err();
        assert_eq!(told(&cx), vec!["directory-fails"; mails], "after {hours} hours");
        leave(&cx);
    }
    directory.becomes(good());
    at(&mut cx, 73);
    follow(&mut cx).unwrap();
    // Another time, counted anew.
    directory.becomes(good().with(At::PageEnd(0), Fault::Cut));
    for (hours, mails) in [(74, 2), (97, 2), (98, 3)] {
        at(&mut cx, hours);
        follow(&mut cx).unwrap_err();
        assert_eq!(told(&cx).len(), mails, "after {hours} hours");
        leave(&cx);
    }
}

#[test]
fn that_a_certificate_is_about_to_end_is_told_at_thirty_days_and_at_seven_once_each() {
    let mut cx = watched();
    let begun = instant("2026-03-01T08:00:00Z");
    let certificate =
        |until: &str| Certificate { server: "ldaps://dc1.corp.example".to_owned(), until: instant(until) };
    let old = certificate("2026-05-01T00:00:00Z");
    for (days, mails) in [(0, 0), (30, 0), (31, 1), (32, 1), (53, 1), (54, 2), (55, 2), (60, 2)] {
        cx.stop_clock(Instant::from_micros(begun.micros() + days * 24 * HOUR));
        cx.write(|tx| tell_certificate(&cx, tx, (1, "corp"), &old)).unwrap();
        assert_eq!(told(&cx), vec!["certificate-ends"; mails], "after {days} days");
        leave(&cx);
    }
    // That of another server, and the next one of the same, are others.
    let other = Certificate { server: "ldaps://dc2.corp.example".to_owned(), ..old };
    for (shown, mails) in [(other, 3), (certificate("2026-05-02T00:00:00Z"), 4)] {
        cx.write(|tx| tell_certificate(&cx, tx, (1, "corp"), &shown)).unwrap();
        assert_eq!(told(&cx).len(), mails);
    }
}

#[test]
fn a_sync_looks_at_the_certificate_that_the_server_shows() {
    let mut cx = watched();
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, authority.pem()).unwrap();
    let protection = Protection::Tls(authority.server("localhost", Certified::Now));
    let directory = Directory::start(Script { protection, ..Script::of(Vec::new()) });
    let servers = vec![format!("ldaps://localhost:{}", directory.port())];
    let edit = Edit { ca_file: Some(ca_file), servers, ..least() };
    connection::create(&cx, ("corp", "Acme"), &edit).unwrap();
    // That of the tests ends with the year 4095.
    for (now, mails) in
        [("4095-11-30T00:00:00Z", 0), ("4095-12-03T00:00:00Z", 1), ("4095-12-04T00:00:00Z", 1)]
    {
        cx.stop_clock(instant(now));
        follow(&mut cx).unwrap();
        assert_eq!(told(&cx), vec!["certificate-ends"; mails], "{now}");
        leave(&cx);
    }
}
