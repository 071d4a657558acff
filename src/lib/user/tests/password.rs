use super::{acme, add, person};
use crate::audit;
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

#[test]
fn p8_a_generated_password_is_flagged_and_the_audit_says_only_that_it_changed() {
    let cx = acme();
    let user = add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    let (changed, password) = password::set_generated(&cx, "ann@acme.example").unwrap();
    assert!(changed.facts.must_change_password);
    assert!(changed.password_changed_at.is_some());
    let row = audit::show(&cx, changed.revision).unwrap();
    assert_eq!((row.action.as_str(), row.subject_id), ("user.set_password", Some(user.id)));
    let after = row.after.unwrap();
    assert!(after.contains(r#""password":"changed""#), "{after}");
    assert!(!after.contains(password.expose()) && !after.contains("argon2"), "{after}");
    let (_, other) = password::set_generated(&cx, "ann@acme.example").unwrap();
    assert_ne!(password.expose(), other.expose());
}

#[test]
fn the_flag_for_change_stays_unless_something_is_said_of_it() {
    let cx = acme();
    add(&cx, person("ann@acme.example", "Ann", "O'Neil"));
    password::set_generated(&cx, "ann@acme.example").unwrap();
    assert!(set(&cx, "correct horse battery").unwrap().facts.must_change_password);
    let password = Secret::new("another good password".to_owned());
    let user = password::set(&cx, "ann@acme.example", &password, MustChange::No).unwrap();
    assert!(!user.facts.must_change_password);
}
