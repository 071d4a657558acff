mod hints;

use super::completion::{Values, values_of};
use super::store::{Source, beginning_with};
use super::{help, man_pages, topics::TOPICS};
use crate::context::Context;
use crate::error::Kind;
use crate::registry::PROGRAMS;
use crate::store::Store;
use crate::{company, role, user};

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a9_the_topic_of_exit_codes_names_every_one() {
    let text = help(PROGRAMS, &words("exit-codes")).unwrap();
    for kind in Kind::ALL {
        assert!(text.contains(&format!("{:>3}  {}", kind.exit_code(), kind.meaning())), "{kind:?}");
    }
}

#[test]
fn help_knows_topics_nouns_and_verbs() {
    let all = help(PROGRAMS, &[]).unwrap();
    for topic in TOPICS {
        assert!(all.contains(topic.name) && !help(PROGRAMS, &words(topic.name)).unwrap().is_empty());
    }
    assert!(help(PROGRAMS, &words("setting set")).unwrap().contains("secboard setting set"));
}

#[test]
fn topics_fit_the_narrowest_usual_terminal() {
    for topic in TOPICS {
        for line in help(PROGRAMS, &words(topic.name)).unwrap().lines() {
            assert!(crate::text::width::display_width(line) <= 80, "{}: {line}", topic.name);
        }
    }
}

#[test]
fn a_mistyped_topic_is_answered_with_the_nearest() {
    let failure = help(PROGRAMS, &words("exitcodes")).unwrap_err();
    assert_eq!(failure.explain().hint().unwrap(), "did you mean `exit-codes`?");
}

#[test]
fn every_noun_has_a_page_without_spaces_at_line_ends() {
    let pages = man_pages(PROGRAMS);
    let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["secboard.1", "secboard-user.1", "secboard-setting.1", "secboardd.8", "secboard.toml.5"] {
        assert!(names.contains(&name), "{name}");
    }
    for (name, page) in &pages {
        assert!(page.lines().all(|line| !line.is_empty() && !line.ends_with(' ')), "{name}");
    }
}

#[test]
fn what_is_hidden_is_on_no_page() {
    for (name, page) in man_pages(PROGRAMS) {
        assert!(!page.contains("color\\-when"), "{name}");
    }
}

#[test]
fn names_are_completed_in_any_letter_case_of_any_script() {
    let cx = Context::for_tests();
    for name in ["Дніпро Енерго", "Acme"] {
        company::create(&cx, &company::New { name: name.into(), ..company::New::default() }, false).unwrap();
    }
    let found = |typed: &str| {
        cx.read(|tx| beginning_with(tx, Source::Companies, &crate::text::fold::fold(typed))).unwrap()
    };
    assert_eq!(found("ДНІ"), ["Дніпро Енерго"]);
    assert_eq!(found("").len(), 2);
    assert!(found("zzz").is_empty());
    assert_eq!(values_of("user", "company"), Some(Values::Stored(Source::Companies)));
}

#[test]
fn words_that_may_be_people_or_what_they_get_are_completed_as_either() {
    let people_or = |source| Some(Values::PeopleOr(source));
    assert_eq!(values_of("user add-role", "users"), people_or(Source::ActiveRoles));
    assert_eq!(values_of("user remove-role", "users"), people_or(Source::Roles));
    assert_eq!(values_of("user add-group", "users"), people_or(Source::Groups));
    assert_eq!(values_of("user remove-group", "users"), people_or(Source::Groups));
    assert_eq!(values_of("user delete", "users"), Some(Values::Stored(Source::Emails)));
}

#[test]
fn what_would_be_refused_is_not_offered() {
    let cx = Context::for_tests();
    for (name, inactive) in [("Auditor", true), ("Analyst", false)] {
        role::create(&cx, &role::New { name: name.into(), inactive, ..role::New::default() }, false).unwrap();
    }
    for (email, staff) in [("tobias@x.example", true), ("tom@x.example", false)] {
        let facts = user::Facts { staff, ..user::Facts::new(email.into()) };
        user::create::create(&cx, facts, None, false).unwrap();
    }
    let found = |command: &str, argument: &str| match values_of(command, argument) {
        Some(Values::Stored(source)) => cx.read(|tx| beginning_with(tx, source, "")).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(found("user create", "roles"), ["analyst"]);
    assert_eq!(found("user list", "with_role"), ["analyst", "auditor"]);
    assert_eq!(found("setting operator set", "user"), ["tobias@x.example"]);
}

#[test]
fn every_statement_fits_the_schema() {
    Store::assert_prepares(&[super::store::STATEMENTS]);
}

/// Root may write below a folder of somebody else.
#[test]
fn what_is_generated_goes_through_no_link_below_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (out, elsewhere) = (folder.path().join("out"), folder.path().join("elsewhere"));
    for folder in [&out, &elsewhere] {
        std::fs::create_dir(folder).unwrap();
    }
    let documents = [("man/pages/a.1".to_owned(), "text".to_owned())];
    let written = || crate::manual::write(&out, &documents, &crate::tabular::InUse::default());
    written().unwrap();
    assert_eq!(std::fs::read_to_string(out.join("man/pages/a.1")).unwrap(), "text");
    std::fs::remove_dir_all(out.join("man")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, out.join("man")).unwrap();
    assert_eq!(written().unwrap_err().code(), "manual.write");
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
}
