//! What each kind of actor may do, tried with operations, and what the audit says of who did it.

use std::sync::Arc;

use insta::assert_snapshot;

use super::{OPERATOR, change, one, site};
use crate::audit;
use crate::context::{Actor, Context, FixedClock, Service, Via};
use crate::error::Result;
use crate::operator;
use crate::registry::engine;
use crate::run;
use crate::setting;
use crate::text::instant::Instant;
use crate::user::bulk::Verb;
use crate::user::import::tests::plan_of_files;
use crate::user::import::{Bad, OnExisting, Options};
use crate::user::{avatar, bin, get, get_in};

/// What is tried, and how. It fails, or says how many it was done to.
type Attempt = (&'static str, fn(&Context) -> Result<usize>);

const ATTEMPTS: &[Attempt] = &[
    ("own profile", |cx| {
        change(cx, OPERATOR, |facts| {
            facts.first_name = Some("Anna".into());
            facts.phone = Some("+380671234567".into());
            facts.language = Some("uk".into());
        })
        .map(|()| 1)
    }),
    ("own colour", |cx| change(cx, OPERATOR, |facts| facts.color = Some("#ffcc00".into())).map(|()| 1)),
    ("own company", |cx| change(cx, OPERATOR, |facts| facts.company = Some("Globex".into())).map(|()| 1)),
    ("own group", |cx| one(cx, OPERATOR, &Verb::AddGroup("Lunch".into())).map(|()| 1)),
    ("forced to a new password", |cx| one(cx, OPERATOR, &Verb::ForcePasswordChange(true)).map(|()| 1)),
    ("own photo removed", |cx| avatar::remove(cx, OPERATOR).map(|(_, removed)| usize::from(removed))),
    ("oneself looked at", |cx| cx.read(|tx| get_in(cx, tx, OPERATOR, "users.view")).map(|_| 1)),
    ("another looked at", |cx| cx.read(|tx| get_in(cx, tx, "plain@acme.example", "users.view")).map(|_| 1)),
    ("another's profile", |cx| {
        change(cx, "plain@acme.example", |facts| facts.language = Some("uk".into())).map(|()| 1)
    }),
    ("a superuser's profile", |cx| {
        change(cx, "root@acme.example", |facts| facts.language = Some("uk".into())).map(|()| 1)
    }),
    ("another's mark", |cx| change(cx, "plain@acme.example", |facts| facts.staff = true).map(|()| 1)),
    ("an import", |cx| import(cx, "email,first_name,last_name,company\nnew@acme.example,Eve,Doe,Acme\n")),
    ("an import of a group", |cx| {
        import(cx, "email,first_name,last_name,company,groups\nrisk@acme.example,Eve,Doe,Acme,Risk\n")
    }),
    ("an import of oneself", |cx| import(cx, "email,language\nop@acme.example,en\n")),
    ("own email", |cx| change(cx, OPERATOR, |facts| facts.email = "other@acme.example".into()).map(|()| 1)),
    ("a setting", |cx| setting::set(cx, "site.name", "Other").map(|_| 1)),
    ("the bin", bin::purge_expired),
];

fn import(cx: &Context, text: &str) -> Result<usize> {
    let options = Options { on_existing: OnExisting::Update, ..Options::default() };
    let plan = plan_of_files(cx, &[text], &options, &mut Bad::default())?;
    Ok(run::commit(cx, &mut engine(), plan)?.run.map_or(0, |_| 1))
}

/// An operator who has a second factor and a photo to lose, and a superuser in the bin who has been there too long.
fn board() -> Context {
    let mut cx = site(&["users.view", "users.edit"], &["Acme"]);
    change(&cx, "sleeper@acme.example", |facts| facts.superuser = true).unwrap();
    one(&cx, "sleeper@acme.example", &Verb::Delete).unwrap();
    let later = Instant::from_micros(cx.now().micros() + 31 * bin::DAY);
    cx.clock = Arc::new(FixedClock::new(later));
    cx
}

/// What became of every attempt, and who the audit says it was.
fn tried(actor: impl Fn(&Context) -> Actor, via: Via) -> String {
    let mut cx = board();
    let begun = cx.read(audit::next_seq).unwrap();
    (cx.actor, cx.via) = (actor(&cx), via);
    let mut told = vec![cx.actor.name.clone()];
    for (what, attempt) in ATTEMPTS {
        let became = match attempt(&cx) {
            Ok(0) => "nothing to do".to_owned(),
            Ok(_) => "done".to_owned(),
            Err(failure) => failure.code().to_owned(),
        };
        told.push(format!("  {what}: {became}"));
    }
    cx.actor = Actor::system(None);
    let mut rows = Vec::new();
    audit::list(&cx, &audit::Filter::default(), |row| {
        if row.seq >= begun {
            rows.push(format!("{:?} {:?} {:?}", row.actor_id, row.via, row.client));
        }
        Ok(())
    })
    .unwrap();
    rows.dedup();
    told.push(format!("  rows by {}", rows.join(", ")));
    told.join("\n")
}

fn oneself(cx: &Context) -> Actor {
    Actor::oneself(get(cx, OPERATOR).unwrap().id, OPERATOR)
}

fn operator(cx: &Context) -> Actor {
    cx.read(|tx| operator::actor(cx, tx, &get_in(cx, tx, OPERATOR, "users.view")?)).unwrap()
}

#[test]
fn a1_the_person_at_the_web_has_their_own_account_and_nothing_else_whatever_they_hold() {
    let address = "192.0.2.7".parse().unwrap();
    assert_snapshot!(tried(oneself, Via::Web(address)), @r#"
    op@acme.example
      own profile: done
      own colour: permission.denied
      own company: company.not_found
      own group: group.not_found
      forced to a new password: permission.denied
      own photo removed: nothing to do
      oneself looked at: done
      another looked at: user.not_found
      another's profile: user.not_found
      a superuser's profile: user.not_found
      another's mark: user.not_found
      an import: import.refused
      an import of a group: import.refused
      an import of oneself: import.refused
      own email: permission.denied
      a setting: permission.denied
      the bin: nothing to do
      rows by Some(5) "web" Some("192.0.2.7")
    "#);
    // The same person as an operator at the shell.
    assert_snapshot!(tried(operator, Via::Cli), @r#"
    op@acme.example
      own profile: done
      own colour: done
      own company: company.not_found
      own group: permission.denied
      forced to a new password: done
      own photo removed: nothing to do
      oneself looked at: done
      another looked at: done
      another's profile: done
      a superuser's profile: permission.denied
      another's mark: permission.denied
      an import: import.refused
      an import of a group: import.refused
      an import of oneself: done
      own email: permission.denied
      a setting: permission.denied
      the bin: nothing to do
      rows by Some(5) "cli" None
    "#);
}

#[test]
fn a1_a_service_does_its_work_and_no_more() {
    let service = |service| tried(move |_: &Context| Actor::service(service), Via::System);
    assert_snapshot!(service(Service::CleanUp), @r#"
    clean-up
      own profile: user.not_found
      own colour: user.not_found
      own company: user.not_found
      own group: user.not_found
      forced to a new password: user.not_found
      own photo removed: user.not_found
      oneself looked at: user.not_found
      another looked at: user.not_found
      another's profile: user.not_found
      a superuser's profile: user.not_found
      another's mark: user.not_found
      an import: import.refused
      an import of a group: import.refused
      an import of oneself: import.refused
      own email: user.not_found
      a setting: permission.denied
      the bin: done
      rows by None "system" None
    "#);
    assert_snapshot!(service(Service::Sync), @r#"
    sync
      own profile: done
      own colour: done
      own company: done
      own group: done
      forced to a new password: done
      own photo removed: nothing to do
      oneself looked at: done
      another looked at: done
      another's profile: done
      a superuser's profile: done
      another's mark: permission.denied
      an import: done
      an import of a group: import.refused
      an import of oneself: done
      own email: done
      a setting: permission.denied
      the bin: nothing to do
      rows by None "system" None
    "#);
    assert_snapshot!(service(Service::Outbox), @r#"
    outbox
      own profile: user.not_found
      own colour: user.not_found
      own company: user.not_found
      own group: user.not_found
      forced to a new password: user.not_found
      own photo removed: user.not_found
      oneself looked at: user.not_found
      another looked at: user.not_found
      another's profile: user.not_found
      a superuser's profile: user.not_found
      another's mark: user.not_found
      an import: import.refused
      an import of a group: import.refused
      an import of oneself: import.refused
      own email: user.not_found
      a setting: permission.denied
      the bin: nothing to do
      rows by
    "#);
}

#[test]
fn a1_nobody_does_nothing_and_the_system_everything() {
    assert_snapshot!(tried(|_: &Context| Actor::nobody(None), Via::Cli), @r#"
    nobody
      own profile: user.not_found
      own colour: user.not_found
      own company: user.not_found
      own group: user.not_found
      forced to a new password: user.not_found
      own photo removed: user.not_found
      oneself looked at: user.not_found
      another looked at: user.not_found
      another's profile: user.not_found
      a superuser's profile: user.not_found
      another's mark: user.not_found
      an import: import.refused
      an import of a group: import.refused
      an import of oneself: import.refused
      own email: user.not_found
      a setting: permission.denied
      the bin: nothing to do
      rows by
    "#);
    assert_snapshot!(tried(|_: &Context| Actor::system(None), Via::Cli), @r#"
    system
      own profile: done
      own colour: done
      own company: done
      own group: done
      forced to a new password: done
      own photo removed: nothing to do
      oneself looked at: done
      another looked at: done
      another's profile: done
      a superuser's profile: done
      another's mark: done
      an import: done
      an import of a group: done
      an import of oneself: done
      own email: done
      a setting: done
      the bin: done
      rows by None "cli" None
    "#);
}
