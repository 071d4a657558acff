use std::io::ErrorKind;

use super::{acme, add, person};
use crate::audit;
use crate::cli::output::Error as OutputError;
use crate::context::Context;
use crate::error::Result;
use crate::text::secret::Secret;
use crate::user::password::{self, MustChange};
use crate::user::{User, get};

/// Settings are not read here, so hashing costs what it costs; the tests set few passwords.
fn set(cx: &Context, password: &str) -> Result<User> {
    password::set(cx, "ann@acme.example", &Secret::new(password.to_owned()), MustChange::AsBefore)
}

fn code(result: Result<User>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn p4_own_words_common_passwords_and_the_current_one_are_refused() {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Annabella", "O'Neil"));
    assert_eq!(code(set(&cx, "annabella1")), "password.context");
    assert_eq!(code(set(&cx, "password1")), "password.common");
    assert!(get(&cx, "ann@acme.example").unwrap().password_hash.is_none(), "nothing was set");
    set(&cx, "correct horse battery").unwrap();
    assert_eq!(code(set(&cx, "correct horse battery")), "password.same");
}

/// The failed logins in the audit: whether the password that was tried was the current one.
fn guesses(cx: &Context) -> Vec<bool> {
    let mut guesses = Vec::new();
    let filter = audit::Filter { action: Some("login.failed".to_owned()), ..audit::Filter::default() };
    audit::list(cx, &filter, |row| {
        assert_eq!((row.kind.as_str(), row.subject.as_str()), ("login", "ann@acme.example"));
        guesses.push(row.after.unwrap().contains(r#""is_current":true"#));
        Ok(())
    })
    .unwrap();
    guesses
}

#[test]
fn p4_who_learns_what_the_password_is_leaves_a_trace_and_is_held_up() {
    let mut cx = acme();
    add(&cx, person("ann@acme.example", "Annabella", "O'Neil"));
    set(&cx, "correct horse battery").unwrap();
    set(&cx, "another good password").unwrap();
    assert_eq!(guesses(&cx), Vec::<bool>::new(), "to change it is no guess");
    assert_eq!(code(set(&cx, "another good password")), "password.same");
    assert_eq!(guesses(&cx), [true]);
    cx.dry_run = true;
    let before = get(&cx, "ann@acme.example").unwrap();
    set(&cx, "correct horse battery").unwrap();
    assert_eq!(code(set(&cx, "another good password")), "password.same");
    assert_eq!(guesses(&cx), [true, false, true], "a dry run counts whichever answer it gets");
    for _ in 0..7 {
        set(&cx, "correct horse battery").unwrap();
    }
    assert_eq!(guesses(&cx).len(), 10);
    let held = get(&cx, "ann@acme.example").unwrap();
    assert!(held.holds[0].until(cx.now()).is_some(), "ten failed logins");
    assert_eq!((held.password_hash.clone(), held.revision), (before.password_hash, before.revision));
    set(&cx, "another good password").expect("who is held is told about no more");
    assert_eq!(guesses(&cx).len(), 10);
    cx.dry_run = false;
    set(&cx, "another good password").expect("and can be helped all the same");
}

#[test]
fn p8_a_generated_password_is_no_guess() {
    let mut cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    set(&cx, "correct horse battery").unwrap();
    cx.dry_run = true;
    password::set_generated(&cx, "ann@acme.example", |_, _| Ok(())).unwrap();
    assert_eq!(guesses(&cx), Vec::<bool>::new());
}

/// The person after a random password was set, and that password as it was shown.
fn generated(cx: &Context) -> (User, Secret) {
    let mut shown = None;
    let show = |_: &str, password: &Secret| {
        shown = Some(Secret::new(password.expose().to_owned()));
        Ok(())
    };
    let user = password::set_generated(cx, "ann@acme.example", show).unwrap();
    (user, shown.unwrap())
}

#[test]
fn p8_a_generated_password_that_cannot_be_shown_is_not_set() {
    let cx = acme();
    let before = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    let show = |_: &str, _: &Secret| Err(OutputError::Unseen { source: ErrorKind::BrokenPipe.into() }.into());
    let failure = password::set_generated(&cx, "ann@acme.example", show).unwrap_err();
    assert_eq!(code(Err::<User, _>(failure)), "output.unseen");
    assert_eq!(get(&cx, "ann@acme.example").unwrap(), before);
}

#[test]
fn p8_a_generated_password_is_flagged_and_the_audit_says_only_that_it_changed() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    let (changed, password) = generated(&cx);
    assert!(changed.facts.must_change_password);
    assert!(changed.password_changed_at.is_some());
    let row = audit::show(&cx, changed.revision).unwrap();
    assert_eq!((row.action.as_str(), row.subject_id), ("user.set_password", Some(user.id)));
    let after = row.after.unwrap();
    assert!(after.contains(r#""password":"changed""#), "{after}");
    assert!(!after.contains(password.expose()) && !after.contains("argon2"), "{after}");
    let (_, other) = generated(&cx);
    assert_ne!(password.expose(), other.expose());
}

#[test]
fn the_flag_for_change_stays_unless_something_is_said_of_it() {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    generated(&cx);
    assert!(set(&cx, "correct horse battery").unwrap().facts.must_change_password);
    let password = Secret::new("another good password".to_owned());
    let user = password::set(&cx, "ann@acme.example", &password, MustChange::No).unwrap();
    assert!(!user.facts.must_change_password);
}
