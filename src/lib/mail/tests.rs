use super::{account, doctor, outbox, person, route, send, server};
use crate::context::Context;
use crate::store::Store;

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[
        server::STATEMENTS,
        account::STATEMENTS,
        route::STATEMENTS,
        outbox::STATEMENTS,
        outbox::STATEMENTS_OF_FORGOTTEN,
        outbox::STATEMENTS_OF_LEASES,
        outbox::STATEMENTS_OF_AHEAD,
        outbox::STATEMENTS_OF_ELSEWHERE,
        outbox::STATEMENTS_OF_LETTERS,
        outbox::STATEMENTS_OF_RUN,
        outbox::STATEMENTS_OF_OFTEN,
        outbox::STATEMENTS_OF_SIZES,
        outbox::STATEMENTS_OF_METERS,
        outbox::STATEMENTS_OF_TRIALS,
        doctor::STATEMENTS,
        person::STATEMENTS,
        send::STATEMENTS,
        outbox::STATEMENTS_OF_WORK,
    ]);
}

#[test]
fn half_a_signature_is_an_error_and_not_none() {
    let cx = Context::for_tests();
    let spoilt = "
        PRAGMA ignore_check_constraints = ON;
        INSERT INTO mail_servers (id, name, name_folded, kind, folder, connect_timeout, answer_timeout,
                mail_timeout, connections, revision, created_at, updated_at)
            VALUES (1, 'out', 'out', 'file', '/tmp', 1, 1, 1, 1, 1, 1, 1);
        INSERT INTO mail_accounts (id, name, name_folded, server_id, from_address, dkim_domain, active, revision,
                created_at, updated_at)
            VALUES (1, 'main', 'main', 1, 'a@acme.example', 'acme.example', 1, 1, 1, 1)";
    cx.write(|tx| Ok(tx.sql().execute_batch(spoilt)?)).unwrap();
    let failure = account::get(&cx, "main").unwrap_err();
    assert_eq!(failure.code(), "store.undecodable");
    let place = "the column `dkim_domain` of `mail_accounts`, row 1, does not read: \
                 domain, selector and record belong together";
    assert!(failure.to_string().contains(place), "{failure}");
}

#[test]
fn a_server_with_what_its_kind_has_not_is_an_error_and_not_another() {
    for (columns, values, place) in [
        ("kind, folder", "'file', NULL", "`folder`"),
        ("kind, command", "'sendmail', NULL", "`command`"),
        ("kind, host, port, security, auth", "'smtp', 'a.example', 587, NULL, 'none'", "`security`"),
        ("kind, host, port, security, auth", "'smtp', 'a.example', 587, 'tls', 'xoauth2'", "`token_command`"),
        (
            "kind, host, port, security, auth, ca_file",
            "'smtp', 'a.example', 587, 'none', 'none', '/ca.pem'",
            "`ca_file`",
        ),
    ] {
        let cx = Context::for_tests();
        let spoilt = format!(
            "PRAGMA ignore_check_constraints = ON;
            INSERT INTO mail_servers (id, name, name_folded, {columns}, connect_timeout, answer_timeout, mail_timeout,
                connections, revision, created_at, updated_at)
            VALUES (1, 'out', 'out', {values}, 1, 1, 1, 1, 1, 1, 1)"
        );
        cx.write(|tx| Ok(tx.sql().execute_batch(&spoilt)?)).unwrap();
        let failure = server::get(&cx, "out").unwrap_err();
        assert_eq!(failure.code(), "store.undecodable", "{values}");
        assert!(failure.to_string().contains(place), "{failure}");
    }
}
