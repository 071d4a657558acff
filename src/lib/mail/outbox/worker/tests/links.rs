//! Links: their tokens are made late, kept sealed, and lead somewhere or wait.

use super::*;

fn link() -> Message {
    Message::Link { token: String::new() }
}

/// A site with a host name of its own.
fn linked(server: &Server) -> Context {
    let mut cx = site(server);
    cx.settings_mut().set(&site::DOMAIN, "acme.example".into());
    cx
}

/// The tokens that arrived.
fn tokens(received: &[Received]) -> Vec<String> {
    let token = |mail: &Received| {
        let text = String::from_utf8_lossy(&mail.mail).replace("=\r\n", "");
        text.split("https://acme.example/")
            .nth(1)
            .unwrap()
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    };
    received.iter().map(token).collect()
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
    let id = queued(&cx, &link(), "olena@acme.example");
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
    assert_eq!(tokens(&good.received())[0].len(), 52);
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
    queued(&cx, &link(), "olena@acme.example");
    flush(&cx);
    pass(&mut cx, MINUTE);
    flush(&cx);
    pass(&mut cx, 60 * MINUTE);
    assert_eq!(flush(&cx).sent, 1);
    let (received, ids) = (server.received(), message_ids(&server.received()));
    let tokens = tokens(&received);
    assert_eq!((&tokens[0], &ids[0]), (&tokens[1], &ids[1]));
    assert!(tokens[1] != tokens[2] && ids[1] != ids[2]);
}

#[test]
fn links_that_would_lead_to_localhost_wait_on_a_site_for_production() {
    let server = Server::start(Script::default());
    let mut cx = site(&server);
    queued(&cx, &link(), "olena@acme.example");
    queued(&cx, &notice(), "petro@acme.example");
    let waits = Left { mails: 1, because: Because::NoDomain };
    assert_eq!(preview(&cx).unwrap().1, std::slice::from_ref(&waits));
    assert_eq!(flush(&cx), Report { sent: 1, left: vec![waits], ..Report::default() });
    cx.settings_mut().set(&site::KIND, "test");
    assert_eq!(flush(&cx), Report { sent: 1, ..Report::default() });
}
