use std::collections::BTreeSet;

use super::super::pieces::{ENGLISH, UKRAINIAN};
use super::super::templates::{BUILT_IN, Rendered, Templates};
use super::*;
use crate::i18n::checks;
use crate::text::color::Color;

fn render(message: &Message, language: Language) -> Rendered {
    let (rendered, fault) = Templates::built_in().render(message, &site(), &reader(language)).unwrap();
    assert_eq!(fault, None);
    rendered
}

#[test]
fn no_text_of_mails_is_missing_or_said_nowhere() {
    checks::check(ENGLISH, UKRAINIAN, &BUILT_IN.map(|(_, source)| source));
}

#[test]
fn every_message_has_a_template_and_a_sample_and_says_its_facts_in_both_parts() {
    let samples = Message::samples(at());
    let named: BTreeSet<&str> = samples.iter().map(Message::name).collect();
    let built_in = BUILT_IN.iter().filter_map(|(name, _)| name.strip_suffix(".jinja"));
    assert_eq!(named, built_in.collect());
    for language in Language::ALL {
        for message in &samples {
            let Rendered { subject, text, html } = render(message, language);
            assert!(text.contains(&subject) && html.contains(&subject), "{}", message.name());
            assert!(text.contains("secboard.acme.example") && html.contains("secboard.acme.example"));
            // The address of a link is not broken.
            let is_whole = |line: &str| line.chars().count() <= 70 || line.starts_with("https://");
            assert!(text.lines().all(is_whole), "{text}");
            assert!(!text.contains("{{") && !html.contains("{{") && !html.contains("{%"));
        }
    }
}

#[test]
fn a_first_password_is_told_as_one_that_was_set_and_not_changed() {
    use crate::mail::message::links::Links;
    let first = [
        Message::PasswordChanged {
            at: at(),
            client: None,
            is_first: true,
            more: None,
            links: Links::default(),
        },
        Message::PasswordSet { at: at(), is_first: true, links: Links::default() },
    ];
    for message in first {
        let Rendered { text, .. } = render(&message, Language::English);
        assert!(text.contains("which had none") || text.contains("which had\nnone"), "{text}");
        assert!(!text.contains("changed") && !text.contains("old password"), "{text}");
        let Rendered { text, .. } = render(&message, Language::Ukrainian);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("досі його не було") || text.contains("який досі його не мав"), "{text}");
        assert!(!text.contains("змінено") && !text.contains("Старий пароль"), "{text}");
    }
}

#[test]
fn an_email_is_not_broken_at_a_hyphen_where_a_telephone_has_room_for_it() {
    let html = |account: &str| {
        let reader = Reader { account: account.into(), ..reader(Language::English) };
        let (rendered, _) =
            Templates::built_in().render(&sample("password-changed"), &site(), &reader).unwrap();
        rendered.html
    };
    let kept = r#"<span style="white-space:nowrap">anna-maria@acme-bank.example </span>was"#;
    assert!(html("anna-maria@acme-bank.example").contains(kept), "{}", html("anna-maria@acme-bank.example"));
    let long = format!("{}-{}@acme.example", "a".repeat(20), "b".repeat(20));
    assert!(html(&long).contains(&long) && !html(&long).contains("nowrap"));
    let hostile = html("<b>-x@acme.example");
    assert!(!hostile.contains("<b>-x") && hostile.contains("&lt;b&gt;-x@acme.example"), "{hostile}");
}

#[test]
fn nothing_in_a_mail_is_loaded_from_elsewhere() {
    for language in Language::ALL {
        for message in Message::samples(at()) {
            let html = render(&message, language).html.replace("https://secboard.acme.example/", "");
            assert!(html.len() < 15 * 1024, "{} has {} bytes", message.name(), html.len());
            for remote in ["src=", "url(", "<img", "<link", "<script", "@import", "http:", "https:"] {
                assert!(!html.contains(remote), "{} has {remote}", message.name());
            }
        }
    }
}

#[test]
fn the_colour_of_the_site_is_the_bar_on_top() {
    let bar = |color: Option<&str>| {
        let site = Site { color: color.map(|color| Color::parse(color).unwrap()), ..site() };
        let html =
            Templates::built_in().render(&sample("test"), &site, &reader(Language::English)).unwrap().0.html;
        html.split("border-top:4px solid ").nth(1).unwrap()[..7].to_owned()
    };
    assert_eq!((bar(None), bar(Some("#0F766E"))), ("#0b5cad".to_owned(), "#0f766e".to_owned()));
}

#[test]
fn a_notice_in_english() {
    insta::assert_snapshot!(render(&sample("email-changed-old"), Language::English).text.replace("-- \n", "--·\n"), @"
    Acme Bank

    Your email address was changed
    ==============================

    Hello Олена,

    Your account at Acme Bank has another email address now. From now on
    its mails go there.

      When:        29 November 2026, 14:05 (UTC+02)
      Old address: anna.koval@acme.example
      New address: anna.shevchenko@acme.example

    Was this not you? Tell the administrators of Acme Bank at once.

    --·
    We never ask for your password by mail or by phone.
    Acme Bank, secboard.acme.example
    ");
}

#[test]
fn a_notice_in_ukrainian() {
    insta::assert_snapshot!(render(&sample("account-ending"), Language::Ukrainian).text.replace("-- \n", "--·\n"), @"
    Acme Bank

    Ваш обліковий запис діє до 29 листопада 2026 р. включно
    =======================================================

    Вітаємо, Олена!

    Строк дії вашого облікового запису olena@acme.example у Acme Bank
    добігає кінця.

      Останній день: 29 листопада 2026 р.

    До того нічого не зміниться, а потім увійти вже не вдасться. Якщо
    обліковий запис вам іще потрібен, попросіть адміністратора продовжити
    його.

    --·
    Ми ніколи не питаємо ваш пароль поштою чи телефоном.
    Acme Bank, secboard.acme.example
    ");
}

#[test]
fn a_held_run_is_told_with_the_commands_that_decide() {
    insta::assert_snapshot!(render(&sample("run-held"), Language::English).text.replace("-- \n", "--·\n"), @"
    Acme Bank

    A run is held until you decide
    ==============================

    Hello Олена,

    A run would have taken more from people than the brake lets through,
    so nothing of it was applied.

      When:          29 November 2026, 14:05 (UTC+02)
      Run:           7k2m9xq4td
      Source:        people.csv
      Losing access: 42

    Look at it first:

      secboard run show 7k2m9xq4td

    Then apply it, or discard it:

      secboard run release 7k2m9xq4td

      secboard run discard 7k2m9xq4td

    --·
    We never ask for your password by mail or by phone.
    Acme Bank, secboard.acme.example
    ");
}

#[test]
fn a_free_text_keeps_its_lines() {
    let message = Message::Free {
        subject: "Maintenance".into(),
        text: "Hello,\n\n\n\n  10:00  down\n  11:00  up\n\nyour <b>team</b> & co\n".into(),
        reply_to: None,
    };
    let Rendered { text, html, .. } = render(&message, Language::English);
    assert!(
        text.contains("Hello,\n\n\n\n  10:00  down\n  11:00  up\n\nyour <b>team</b> & co\n\n-- \n"),
        "{text}"
    );
    assert!(
        html.contains("10:00  down<br>") && html.contains("your &lt;b&gt;team&lt;&#x2f;b&gt; &amp; co"),
        "{html}"
    );
}

#[test]
fn m5_what_a_value_holds_is_text_in_html() {
    let site = Site { name: "<script>x</script>".into(), ..site() };
    let reader = Reader { name: "\"><img src=x>".into(), ..reader(Language::English) };
    for message in Message::samples(at()) {
        let html = Templates::built_in().render(&message, &site, &reader).unwrap().0.html;
        assert!(!html.contains("<script>") && !html.contains("<img"), "{}", message.name());
    }
}

#[test]
fn who_has_no_name_is_greeted_all_the_same() {
    let reader = Reader { name: String::new(), ..reader(Language::English) };
    let rendered = Templates::built_in().render(&sample("password-changed"), &site(), &reader).unwrap().0;
    assert!(rendered.text.contains("\n\nHello,\n\n"), "{}", rendered.text);
    assert!(rendered.html.contains(">Hello,</p>"));
}

/// Whatever an account is called, the command that an alert shows means it.
#[test]
fn an_alert_of_an_account_shows_a_command_that_means_it() {
    let rests =
        Message::AccountRests { sender: "it's; rm -rf $HOME".to_owned(), since: Instant::from_micros(0) };
    let text = render(&rests, Language::English).text;
    assert!(text.contains(r"secboard mail test --account 'it'\''s; rm -rf $HOME'"), "{text}");
}
