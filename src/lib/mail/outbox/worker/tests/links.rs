//! Links: their tokens are made late, kept sealed, and lead somewhere or wait.

use super::*;
use crate::token::{self, Purpose, Token};

fn link() -> Message {
    Message::Invitation { at: Instant::from_micros(0), links: Links::default() }
}

/// A site with a host name of its own, and somebody to whom mails with links go.
fn linked(server: &Server) -> Context {
    let mut cx = site(server);
    cx.settings_mut().set(&site::DOMAIN, "acme.example".into());
    person(&cx);
    cx
}

fn person(cx: &Context) {
    let sql =
        "INSERT INTO users (id, email, email_folded, active, sort_name, search, revision, created_at, updated_at)
        VALUES (1, ?1, ?1, 1, ?1, ?1, 1, 1, 1)";
    cx.write(|tx| Ok(tx.sql().execute(sql, ["olena@acme.example"])?)).unwrap();
}

/// Queues a mail with links to her; its id.
fn queued_link(cx: &Context) -> String {
    let to = Email::parse("olena@acme.example").unwrap();
    let mail = NewMail { message: &link(), to: &to, name: "", user: Some(1), company: None, run: None };
    cx.write(|tx| queue(cx, tx, &mail)).unwrap()
}

/// The tokens that arrived, of links that begin so.
fn tokens_of(received: &[Received], path: &str) -> Vec<Token> {
    let token = |mail: &Received| {
        let text = String::from_utf8_lossy(&mail.mail).replace("=\r\n", "");
        let link = text.split(&format!("https://acme.example/{path}/")).nth(1).unwrap();
        Token::parse(link.split('/').next().unwrap()).unwrap()
    };
    received.iter().map(token).collect()
}

fn tokens(received: &[Received]) -> Vec<Token> {
    tokens_of(received, "invite")
}

/// What is known of a token.
fn known(cx: &Context, purpose: Purpose, token: &Token) -> token::Known {
    cx.read(|tx| token::find(tx, purpose, token)).unwrap().unwrap()
}

/// Whether a token is kept in the row.
fn is_kept(cx: &Context) -> bool {
    let sql = "SELECT link_sealed IS NOT NULL FROM mails";
    cx.read(|tx| Ok(tx.sql().query_row(sql, [], |row| row.get(0))?)).unwrap()
}

#[test]
fn m4_a_token_is_made_at_the_first_attempt_and_wiped_when_the_mail_was_sent() {
    let server = always(At::Rcpt, Fault::Say("450 4.2.0 later\r\n"));
    let mut cx = linked(&server);
    let id = queued_link(&cx);
    assert!(!is_kept(&cx));
    flush(&cx);
    assert!(is_kept(&cx));
    let first = got(&cx, &id).message_id;
    let good = Server::start(Script::default());
    servers::edit(&cx, "relay", &ServerEdit { port: Some(good.port()), ..ServerEdit::default() }).unwrap();
    pass(&mut cx, MINUTE);
    assert_eq!(flush(&cx).sent, 1);
    assert!(!is_kept(&cx));
    assert_eq!(got(&cx, &id).message_id, first, "the token is still good");
    let (now, token) = (cx.now(), &tokens(&good.received())[0]);
    let known = known(&cx, Purpose::Invite, token);
    assert!(known.is_good(now));
    let since_first = Duration::from_secs(72 * 3600).saturating_sub(MINUTE);
    assert_eq!(known.expires_at, after(now, since_first), "it counts from the first attempt");
}

#[test]
fn a_retry_uses_the_token_while_it_is_good_and_then_it_is_another_mail() {
    let server = Server::start(Script {
        troubles: (0..2)
            .map(|connection| Trouble {
                at: At::End,
                fault: Fault::Cut,
                connection: Some(connection),
                mail: None,
            })
            .collect(),
        ..Script::default()
    });
    let mut cx = linked(&server);
    queued_link(&cx);
    flush(&cx);
    pass(&mut cx, MINUTE);
    flush(&cx);
    pass(&mut cx, 72 * 60 * MINUTE);
    assert_eq!(flush(&cx).sent, 1);
    let (received, ids) = (server.received(), message_ids(&server.received()));
    let tokens = tokens(&received);
    assert_eq!((&tokens[0], &ids[0]), (&tokens[1], &ids[1]));
    assert!(tokens[1] != tokens[2] && ids[1] != ids[2]);
    assert!(!known(&cx, Purpose::Invite, &tokens[0]).is_good(cx.now()));
    assert!(known(&cx, Purpose::Invite, &tokens[2]).is_good(cx.now()));
}

#[test]
fn l9_a_mail_with_a_link_has_another_by_which_it_is_disowned() {
    let server = Server::start(Script::default());
    let cx = linked(&server);
    queued_link(&cx);
    flush(&cx);
    let (link, not_me) = (&tokens(&server.received())[0], &tokens_of(&server.received(), "not-me")[0]);
    assert_ne!(link, not_me);
    let (link, not_me) = (known(&cx, Purpose::Invite, link), known(&cx, Purpose::NotMe, not_me));
    assert_eq!(not_me.about.disowns, Some(link.id));
    assert_eq!((link.about.user, not_me.about.user), (1, 1));
}

#[test]
fn a_notice_has_a_link_where_it_leads_somewhere_and_goes_without_one_elsewhere() {
    let server = Server::start(Script::default());
    let mut cx = linked(&server);
    let to = Email::parse("olena@acme.example").unwrap();
    let queue_notice = |cx: &Context| {
        let mail = NewMail { message: &notice(), to: &to, name: "", user: Some(1), company: None, run: None };
        cx.write(|tx| queue(cx, tx, &mail)).unwrap();
    };
    queue_notice(&cx);
    cx.settings_mut().set(&site::DOMAIN, "localhost".into());
    queue_notice(&cx);
    assert_eq!(flush(&cx).sent, 1, "the one with a link waits");
    let has_link = |mail: &Received| String::from_utf8_lossy(&mail.mail).contains("/not-me/");
    assert_eq!(server.received().iter().map(has_link).collect::<Vec<_>>(), [false]);
    cx.settings_mut().set(&site::DOMAIN, "acme.example".into());
    assert_eq!(flush(&cx).sent, 1);
    let not_me = &tokens_of(&server.received()[1..], "not-me")[0];
    assert_eq!(known(&cx, Purpose::NotMe, not_me).about.disowns, None);
}

#[test]
fn links_that_would_lead_to_localhost_wait_on_a_site_for_production() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    person(&cx);
    queued_link(&cx);
    queued(&cx, &notice(), "petro@acme.example");
    let waits = Left { mails: 1, because: Because::NoDomain };
    assert_eq!(preview(&cx).unwrap().1, std::slice::from_ref(&waits));
    assert_eq!(flush(&cx), Report { sent: 1, left: vec![waits], ..Report::default() });
    cx.settings_mut().set(&site::KIND, "test");
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
}

#[test]
fn m4_what_a_server_was_given_by_one_worker_it_repeats_to_no_other_nor_to_a_trial() {
    let quoting = |connection| Trouble {
        at: At::Greeting,
        fault: Fault::SayAndCut("421 4.3.2 the last mail was canary\r\n"),
        connection: Some(connection),
        mail: None,
    };
    let server = Server::start(Script { troubles: vec![quoting(1), quoting(2)], ..Script::default() });
    let cx = site(&server);
    queued(&cx, &notice(), "olena@acme.example");
    assert_eq!(flush(&cx).sent, 1);
    queued(&cx, &notice(), "petro@acme.example");
    let report = flush(&cx);
    let [Left { mails: 1, because: Because::Rests(rest) }] = report.left.as_slice() else {
        panic!("{report:?}")
    };
    assert!(rest.answer.starts_with("421 4.3.2 ("), "{}", rest.answer);
    let tried = crate::mail::trial::run(&cx, "noreply", None).unwrap();
    let (failure, _) = tried.failure.unwrap();
    assert!(failure.to_string().starts_with("greeting: 421 4.3.2 ("), "{failure}");
}

#[test]
fn m4_a_server_knows_the_mail_of_a_worker_that_was_killed() {
    let server = always(At::Greeting, Fault::SayAndCut("421 4.3.2 the last mail was canary\r\n"));
    let mut cx = site(&server);
    let id = queued(&cx, &notice(), "olena@acme.example");
    let seq = got(&cx, &id).seq;
    let killed = |tx: &Tx<'_>| {
        let lease = ("killed", after(cx.now(), LEASE));
        work::begin(tx, (seq, "<1@acme.example>"), "noreply", lease, cx.now())
    };
    cx.write(killed).unwrap();
    pass(&mut cx, LEASE);
    let report = flush(&cx);
    let [Left { because: Because::Rests(rest), .. }] = report.left.as_slice() else { panic!("{report:?}") };
    assert!(rest.answer.starts_with("421 4.3.2 ("), "{}", rest.answer);
}

/// One that began before the server was given anything reads an answer that came after that.
#[test]
fn m4_a_server_that_another_worker_gave_a_mail_meanwhile_is_quoted_by_none() {
    let refuse = Trouble {
        at: At::Rcpt,
        fault: Fault::Say("450 4.2.0 later, the other mail was canary\r\n"),
        connection: Some(0),
        mail: None,
    };
    let server = Server::start(Script { troubles: vec![refuse], ..Script::default() });
    let cx = site(&server);
    let mine = queued(&cx, &notice(), "olena@acme.example");
    let other = got(&cx, &queued(&cx, &notice(), "petro@acme.example")).seq;
    // Another worker has its mail in hand all the while.
    let taken = |tx: &Tx<'_>| {
        let lease = ("another", after(cx.now(), LEASE));
        work::begin(tx, (other, "<2@acme.example>"), "noreply", lease, cx.now())
    };
    cx.write(taken).unwrap();
    let report = flush(&cx);
    let why = got(&cx, &mine).why.unwrap_or_else(|| panic!("{report:?}"));
    assert!(why.contains("450 4.2.0") && !why.contains("canary"), "{why}");
}

#[test]
fn m4_a_server_that_was_given_a_mail_is_quoted_by_no_other_name() {
    let server = Server::start(Script::default());
    let cx = site(&server);
    queued(&cx, &notice(), "olena@acme.example");
    assert_eq!(flush(&cx).sent, 1);
    let edit = crate::mail::server::Edit { host: Some("127.0.0.2".to_owned()), ..Default::default() };
    let (relay, _) = crate::mail::server::edit(&cx, "relay", &edit).unwrap();
    let host = relay.facts.way.smtp().unwrap().host.clone();
    assert!(cx.read(|tx| crate::mail::server::was_given(tx, &host)).unwrap());
}
