use std::fs;
use std::path::Path;

use super::super::templates::{Fault, Templates};
use super::*;
use crate::text::email::Email;

/// A template of a message in the way of those built in.
fn template(body: &str) -> String {
    format!(
        "{{% extends layout %}}\n{{% block subject %}}Ours{{% endblock %}}\n{{% block body %}}\n{{% import pieces as p %}}\n\
         {body}\n{{% endblock %}}\n"
    )
}

fn load(files: &[(&str, &str)]) -> (tempfile::TempDir, Templates, Vec<Fault>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let (templates, faults) = Templates::load(folder.path(), at());
    (folder, templates, faults)
}

fn told(folder: &Path, faults: &[Fault]) -> String {
    let root = format!("{}/", folder.display());
    faults.iter().map(|fault| fault.to_string().replace(&root, "")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_site_words_a_message_anew_in_both_parts_and_may_do_so_for_one_language() {
    let ours = template("{{ p.paragraph(\"Dear \" ~ reader.name ~ \" & co, \" ~ when) }}");
    let theirs = template("{{ p.paragraph(\"По-своєму\") }}");
    let (_folder, templates, faults) =
        load(&[("staff-given.jinja", &ours), ("uk/staff-given.jinja", &theirs)]);
    assert_eq!(faults, []);
    let message = sample("staff-given");
    let (english, fault) = templates.render(&message, &site(), &reader(Language::English)).unwrap();
    assert_eq!((english.subject.as_str(), fault), ("Ours", None));
    assert!(english.text.contains("Dear Олена & co, 29 November 2026, 14:05 (UTC+02)"), "{}", english.text);
    assert!(english.html.contains("Dear Олена &amp; co, 29 November"), "{}", english.html);
    let (ukrainian, _) = templates.render(&message, &site(), &reader(Language::Ukrainian)).unwrap();
    assert!(ukrainian.text.contains("По-своєму"));
    let other = templates.render(&sample("password-changed"), &site(), &reader(Language::English)).unwrap().0;
    let built_in = Templates::built_in();
    let expected =
        built_in.render(&sample("password-changed"), &site(), &reader(Language::English)).unwrap().0;
    assert_eq!(other, expected);
}

#[test]
fn m7_a_broken_template_is_told_and_the_built_in_text_goes_out() {
    let built_in = Templates::built_in();
    let endless = template(
        "{% set x = namespace(n=0) %}{% for a in range(90000) %}{% for b in range(90000) %}{% set x.n = x.n + 1 %}\
         {% endfor %}{% endfor %}",
    );
    let calls_itself = template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    for (what, source, expected) in [
        ("syntax", template("{% if %}"), "staff-given.jinja:5: "),
        (
            "variable",
            template("{{ p.paragraph(nobody) }}"),
            "staff-given.jinja:5: this message knows no `nobody`",
        ),
        (
            "variable that is not come by",
            template("{% if false %}{{ nobody }}{% endif %}"),
            "staff-given.jinja:5: this message knows no `nobody`",
        ),
        ("attribute", template("{{ reader.phone }}"), "staff-given.jinja:5: "),
        (
            "attribute given to a piece",
            template("{{ p.paragraph(reader.phone) }}"),
            "staff-given.jinja: what it gives to `pieces.txt` cannot be used there: ",
        ),
        (
            "fact of another message",
            template("{{ p.paragraph(run) }}"),
            "staff-given.jinja:5: this message knows no `run`",
        ),
        (
            "text",
            template("{{ t(\"nonsense\") }}"),
            "staff-given.jinja:5: there is no text `nonsense` with these values",
        ),
        (
            "value of a text",
            template("{{ t(\"mail-hello\") }}"),
            "there is no text `mail-hello` with these values",
        ),
        ("piece", template("{{ p.nothing() }}"), "staff-given.jinja:5: "),
        ("filter", template("{{ when|nothing }}"), "staff-given.jinja:5: "),
        ("layout", "{% extends \"/etc/passwd\" %}".to_owned(), "staff-given.jinja:1: "),
        ("no subject", "nothing".to_owned(), "staff-given.jinja"),
        ("long subject", template("x").replace("Ours", &"x".repeat(201)), "the subject is empty or too long"),
        (
            "subject of two lines",
            template("x").replace("Ours", "{{ \"a\\u0007b\" }}"),
            "the subject holds a control character",
        ),
        ("loop", endless, ": it does not end"),
        ("recursion", calls_itself, "staff-given.jinja:5: "),
    ] {
        let (folder, templates, faults) = load(&[("staff-given.jinja", &source)]);
        let told = told(folder.path(), &faults);
        assert!(told.contains(expected), "{what}: {told}");
        assert!(told.starts_with("staff-given.jinja"), "{what}: {told}");
        for language in Language::ALL {
            let message = sample("staff-given");
            let (rendered, _) = templates.render(&message, &site(), &reader(language)).unwrap();
            let expected = built_in.render(&message, &site(), &reader(language)).unwrap().0;
            assert_eq!(rendered, expected, "{what}");
        }
    }
}

/// Each would need more memory than a machine has, if it were let.
#[test]
fn m7_a_template_that_eats_memory_is_told_and_the_built_in_text_goes_out() {
    let built_in = Templates::built_in();
    let message = sample("staff-given");
    for (what, body) in [
        (
            "doubled",
            "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
        ),
        (
            "doubled by a macro",
            "{% macro m(x, n) %}{% if n %}{{ m(x ~ x, n - 1) }}{% endif %}{% endmacro %}{{ m('x', 45) }}",
        ),
        ("repeated", "{{ 'x' * 99000000 }}"),
        ("repeated and doubled", "{% set x = 'x' * 90000 %}{{ (x ~ x) * 900 }}"),
        ("indented", "{{ 'x\ny' | indent(900000000) }}"),
        ("replaced", "{{ ('x' * 9000) | replace('x', 'x' * 9000) }}"),
        ("joined", "{{ range(9000) | join('x' * 9000) }}"),
        ("printed", "{% for i in range(9000) %}{{ 'x' * 9000 }}{% endfor %}"),
    ] {
        let (folder, templates, faults) = load(&[("staff-given.jinja", &template(body))]);
        let told = told(folder.path(), &faults);
        assert!(told.starts_with("staff-given.jinja"), "{what}: {told}");
        let (rendered, fault) = templates.render(&message, &site(), &reader(Language::English)).unwrap();
        assert!(fault.is_some(), "{what}");
        let expected = built_in.render(&message, &site(), &reader(Language::English)).unwrap().0;
        assert_eq!(rendered, expected, "{what}");
    }
}

#[test]
fn m7_a_mail_never_goes_without_what_it_is_of_no_use_without() {
    for (name, body, expected) in [
        ("run-held", template("{{ p.paragraph(\"A run is held.\") }}"), "the text does not say `run`"),
        ("email-changed-old", template("{{ p.facts([[old, old]]) }}"), "the text does not say `new`"),
        (
            "password-reset",
            template("{{ p.paragraph(\"Choose another.\") }}"),
            "the text does not say `link`",
        ),
        ("invitation", template("{{ p.button(\"x\", link, \"y\") }}"), "the text does not say `not_me`"),
        ("password-set", template("{{ p.paragraph(\"It was set.\") }}"), "the text does not say `not_me`"),
        (
            "run-held",
            template("{% if pieces == \"pieces.txt\" %}{{ p.command(run) }}{% endif %}"),
            "the HTML does not say `run`",
        ),
    ] {
        let file = format!("{name}.jinja");
        let (folder, templates, faults) = load(&[(&file, &body)]);
        assert!(told(folder.path(), &faults).contains(expected), "{faults:?}");
        let (rendered, fault) = templates.render(&sample(name), &site(), &reader(Language::English)).unwrap();
        assert_ne!(rendered.subject, "Ours");
        assert!(fault.unwrap().what.contains(expected));
    }
    let (_folder, _, faults) =
        load(&[("run-held.jinja", &template("{{ p.command(\"secboard run show \" ~ run) }}"))]);
    assert_eq!(faults, []);
}

#[test]
fn what_a_mail_is_of_no_use_without_is_found_however_html_writes_it() {
    let email = |text| Email::parse(text).unwrap();
    let (old, new) = (email("a@acme.example"), email("o'neil&co@acme.example"));
    let message = Message::EmailChangedOld { old, new, at: at() };
    let ours = template("{{ p.facts([[\"→\", new]]) }}");
    let (_folder, templates, _) = load(&[("email-changed-old.jinja", &ours)]);
    let (rendered, fault) = templates.render(&message, &site(), &reader(Language::English)).unwrap();
    assert_eq!((rendered.subject.as_str(), fault), ("Ours", None));
}

#[test]
fn m7_a_broken_layout_breaks_no_message() {
    let (folder, templates, faults) =
        load(&[("layout.html", "<p>{{ nobody }}</p>"), ("pieces.txt", "{% macro %}")]);
    let told = told(folder.path(), &faults);
    assert!(told.contains("layout.html:1: ") && told.contains("pieces.txt:1: "), "{told}");
    let (rendered, fault) = templates.render(&sample("test"), &site(), &reader(Language::English)).unwrap();
    assert!(rendered.html.contains("</html>"));
    assert!(fault.unwrap().file.ends_with("layout.html"));
}

#[test]
fn who_looks_at_a_message_is_told_that_its_own_template_does_not_even_load() {
    let (site, message) = (site(), sample("password-set"));
    let told = |templates: &Templates, language| {
        let reader = Reader { name: "Olena".into(), account: "olena@acme.example".into(), language };
        templates.render(&message, &site, &reader).unwrap().1.map(|fault| fault.what)
    };
    for broken in ["{{ reader", "{% if x %}"] {
        let (_folder, templates, _) = load(&[("password-set.jinja", broken)]);
        assert!(Language::ALL.iter().all(|of| told(&templates, *of).is_some()), "{broken}");
        let (_folder, templates, _) = load(&[("password-changed.jinja", broken)]);
        assert!(Language::ALL.iter().all(|of| told(&templates, *of).is_none()), "{broken}");
        let (_folder, templates, _) = load(&[("uk/password-set.jinja", broken)]);
        assert_eq!(told(&templates, Language::English), None);
        assert!(told(&templates, Language::Ukrainian).is_some());
        let (_folder, templates, _) = load(&[("layout.html", broken), ("README", "mine")]);
        assert!(told(&templates, Language::English).is_some());
    }
    let (folder, _, _) = load(&[("README", "mine")]);
    fs::write(folder.path().join("password-set.jinja"), b"\xFF\xFE").unwrap();
    let (templates, _) = Templates::load(folder.path(), at());
    assert!(told(&templates, Language::English).unwrap().contains("UTF-8"));
    fs::remove_file(folder.path().join("password-set.jinja")).unwrap();
    fs::create_dir(folder.path().join("password-set.jinja")).unwrap();
    let (templates, _) = Templates::load(folder.path(), at());
    assert_eq!(told(&templates, Language::English).as_deref(), Some("it is no file"));
    let (templates, _) = Templates::load(&folder.path().join("absent"), at());
    assert!(told(&templates, Language::English).is_some());
}

#[test]
fn what_is_no_template_in_the_folder_is_told() {
    let long = "x".repeat(256 * 1024 + 1);
    let (folder, templates, faults) =
        load(&[("pasword-set.jinja", "x"), ("README", "x"), ("test.jinja", &long), ("de/test.jinja", "x")]);
    fs::write(folder.path().join("free.jinja"), b"\xFF").unwrap();
    let mut told = told(folder.path(), &faults).lines().map(str::to_owned).collect::<Vec<_>>();
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @"
    README: no template has this name
    pasword-set.jinja: no template has this name
    test.jinja: it has more than 262144 bytes
    ");
    let (_, faults) = Templates::load(folder.path(), at());
    assert!(faults.iter().any(|fault| fault.file.ends_with("free.jinja") && fault.what.contains("UTF-8")));
    assert!(templates.render(&sample("test"), &site(), &reader(Language::English)).is_ok());
    let (_, faults) = Templates::load(&folder.path().join("absent"), at());
    assert_eq!(faults.len(), 1);
}

#[test]
fn a_folder_that_is_called_as_a_template_is_told_and_one_of_somebodys_own_is_not() {
    let files =
        [("password-set.jinja/x", "x"), ("layout.html/x", "x"), ("drafts/x", "x"), ("uk/test.jinja/x", "x")];
    let (folder, _, faults) = load(&files);
    let told = told(folder.path(), &faults);
    let mut told: Vec<&str> = told.lines().collect();
    told.sort_unstable();
    let expected =
        ["layout.html", "password-set.jinja", "uk/test.jinja"].map(|name| format!("{name}: it is no file"));
    assert_eq!(told, expected);
}
