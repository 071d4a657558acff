use std::time::Duration;

use super::*;
use crate::text::secret::Secret;

mod answers;
mod faults;
mod protection;

#[path = "../../../../../tests/ldap/mod.rs"]
pub(in crate::directory) mod peer;

use peer::{BASE, Directory, Entry as Known, PASSWORD, READER, Script};

/// Long enough for a busy machine.
const AMPLE: Duration = Duration::from_secs(20);

fn way() -> Way {
    Way {
        authorities: None,
        certificate_name: None,
        connect_timeout: AMPLE,
        answer_timeout: AMPLE,
        search_timeout: AMPLE,
    }
}

fn at(directory: &Directory, protection: Protection) -> Server {
    Server { host: "127.0.0.1".to_owned(), port: directory.port(), protection }
}

fn reader() -> Credentials {
    Credentials { name: READER.to_owned(), password: Secret::new(PASSWORD.to_owned()) }
}

fn people() -> Query<'static> {
    Query {
        base: BASE,
        scope: ldap3::Scope::Subtree,
        filter: "(objectClass=user)",
        attributes: &["mail", "sAMAccountName"],
        page_size: 2,
    }
}

fn staff(count: usize) -> Vec<Known> {
    (0..count).map(|number| Known::person(&format!("user{number}"), "Olena", "Koval")).collect()
}

/// The emails of everybody whom the reader finds there, or where that ends.
fn emails(server: &Server, way: &Way, query: Query<'_>) -> Result<Vec<String>, Failure> {
    block_on(async {
        let mut walk = Walk::default();
        let mut session = Session::open(server, way, &mut walk).await?;
        session.bind(&reader(), &mut walk).await?;
        let mut emails = Vec::new();
        let searched = session
            .search(Step::People, query, |entry| {
                emails.push(entry.text("mail").unwrap_or_default().to_owned());
            })
            .await;
        session.close().await;
        searched.map(|_| emails)
    })
    .unwrap()
}

/// What becomes of a bind.
fn bind(server: &Server, who: &Credentials) -> Result<(), Failure> {
    block_on(async {
        let mut walk = Walk::default();
        let mut session = Session::open(server, &way(), &mut walk).await?;
        let bound = session.bind(who, &mut walk).await;
        session.close().await;
        bound
    })
    .unwrap()
}
