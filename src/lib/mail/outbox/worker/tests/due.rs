//! What is not sent: no longer due, by nobody's account, unreadable.

use super::*;

/// Says that mails to these are no longer due.
struct NotFor(&'static str);

impl Readers for NotFor {
    fn reader(&self, cx: &Context, tx: &Tx<'_>, mail: &QueuedMail, said: &Message) -> Result<Due> {
        if mail.to.as_deref() == Some(self.0) {
            return Ok(Due::No { why: "the person is in the bin".to_owned() });
        }
        Addressed.reader(cx, tx, mail, said)
    }
}

#[test]
fn what_is_no_longer_due_is_dropped_and_says_why() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    let (gone, there) =
        (queued(&cx, &notice(), "gone@acme.example"), queued(&cx, &notice(), "there@acme.example"));
    let report = flush_for(&cx, &NotFor("gone@acme.example"));
    assert_eq!(report, Report { sent: 1, dropped: 1, ..Report::default() });
    let mail = got(&cx, &gone);
    assert_eq!((mail.state, mail.why.as_deref()), (MailState::Dropped, Some("the person is in the bin")));
    assert_eq!((mail.attempts, tries(&cx, &gone)), (0, vec![]));
    assert_eq!(got(&cx, &there).state, MailState::Sent);
}

#[test]
fn many_that_are_no_longer_due_are_dropped_and_the_rest_goes() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    for _ in 0..250 {
        queued(&cx, &notice(), "gone@acme.example");
    }
    queued(&cx, &notice(), "there@acme.example");
    let report = flush_for(&cx, &NotFor("gone@acme.example"));
    assert_eq!(report, Report { sent: 1, dropped: 250, ..Report::default() });
}

#[test]
fn what_has_no_account_waits_and_nothing_around_it_does() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    make_account(&cx, "off", "relay");
    route::set(&cx, (Some("alert"), None), ("off", None)).unwrap();
    accounts::edit(&cx, "off", &accounts::Edit { active: Some(false), ..accounts::Edit::default() }).unwrap();
    let held = Message::RunHeld { run: "7k2m9xq4td".into(), source: "x".into(), people: 3, at: cx.now() };
    let id = queued(&cx, &held, "ada@acme.example");
    queued(&cx, &notice(), "olena@acme.example");
    let report = flush(&cx);
    let off = Left { mails: 1, because: Because::Inactive { account: "off".into() } };
    assert_eq!(report, Report { sent: 1, left: vec![off], ..Report::default() });
    route::unset(&cx, Some("alert"), None).unwrap();
    route::unset(&cx, None, None).unwrap();
    let nobody = Left { mails: 1, because: Because::NoRoute { feature: "alert".into() } };
    assert_eq!(flush(&cx).left, [nobody]);
    assert_eq!(got(&cx, &id).state, MailState::Queued);
}

#[test]
fn a_mail_that_does_not_read_fails_alone() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    let bad = queued(&cx, &notice(), "olena@acme.example");
    let damaged = queued(
        &cx,
        &Message::Free { subject: "s".into(), text: "t".into(), reply_to: None },
        "olena@acme.example",
    );
    queued(&cx, &notice(), "petro@acme.example");
    let break_them = "UPDATE mails SET facts = '{\"message\":\"from-the-future\"}' WHERE id = ?1";
    cx.write(|tx| {
        tx.sql().execute(break_them, [&bad])?;
        tx.sql().execute("UPDATE mails SET sealed = x'00' WHERE id = ?1", [&damaged])?;
        Ok(())
    })
    .unwrap();
    let report = flush(&cx);
    assert_eq!((report.sent, report.failed), (1, 2));
    let unmade: Vec<_> = report.unmade.iter().map(|unmade| (&unmade.mail, unmade.code)).collect();
    assert_eq!(unmade, [(&bad, "mail.unreadable"), (&damaged, "seal.not_opened")]);
    assert!(got(&cx, &bad).why.unwrap().starts_with("it could not be made (mail.unreadable): "));
    assert_eq!(got(&cx, &damaged).state, MailState::Failed);
}

#[test]
fn an_account_whose_password_does_not_open_rests_and_says_so() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    let edit = accounts::Edit {
        server: Some("relay".into()),
        user: Some("app".into()),
        password: accounts::NewPassword::Is(Secret::new("app-secret".into())),
        ..accounts::Edit::default()
    };
    servers::edit(
        &cx,
        "relay",
        &ServerEdit { auth: Some(Auth::Plain), force: true, ..ServerEdit::default() },
    )
    .unwrap();
    accounts::edit(&cx, "noreply", &edit).unwrap();
    cx.write(|tx| Ok(tx.sql().execute("UPDATE mail_accounts SET password_sealed = x'0102'", [])?)).unwrap();
    queued(&cx, &notice(), "olena@acme.example");
    let report = flush(&cx);
    let [Left { mails: 1, because: Because::Rests(rest) }] = report.left.as_slice() else {
        panic!("{report:?}")
    };
    assert_eq!(rest.step, "set-up");
    assert!(server.heard().is_empty());
}

#[test]
fn a_domain_without_a_spelling_in_ascii_fails_that_mail() {
    let server = Server::start(Script { abilities: vec!["SIZE 1000000"], ..Script::default() });
    let cx = site(&server);
    let id = queued(&cx, &notice(), "анна@acme.example");
    queued(&cx, &notice(), "anna@пошта.example");
    assert_eq!(flush(&cx), Report { sent: 1, failed: 1, ..Report::default() });
    assert!(got(&cx, &id).why.unwrap().contains("SMTPUTF8"));
    assert_eq!(recipients(&server.received()), ["anna@xn--80a1acn3a.example"]);
}
