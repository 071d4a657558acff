//! What the site decides of the contact form: what its page says, who is told, and what everybody is answered.

use super::Topic;
use crate::context::settings::{About, ChangedBy, Definition, Setting, number, one_of};
use crate::mail::settings::{addresses, shown};
use crate::text::character::is_driving;
use crate::text::email::Email;

/// All of them, in the order in which they are listed.
pub(crate) const SETTINGS: &[&dyn Definition] = &[
    &ADDRESS,
    &HOURS,
    &PHONE,
    &EMAIL,
    &LINKS,
    &TO_GENERAL,
    &TO_SUPPORT,
    &TO_SALES,
    &TO_PARTNERSHIP,
    &TO_SECURITY,
    &TO_FEEDBACK,
    &TO_OTHER,
    &SUPPORT_EMAIL,
    &AUTO_REPLY,
    &AUTO_REPLY_SUBJECT,
    &AUTO_REPLY_BODY,
    &AUTO_REPLY_ADDRESS,
    &KEEP_DAYS,
];

/// The most characters of a line of the page, and of the body of the answer.
const MAX_LINE: usize = 200;
const MAX_BODY: usize = 4000;

/// The most links.
const MAX_LINKS: usize = 10;

/// What stands for something of whoever wrote.
pub(super) const HOLES: [&str; 2] = ["{name}", "{subject}"];

const fn told(name: &'static str, meaning: &'static str) -> Setting<Vec<Email>> {
    Setting {
        about: About {
            name,
            meaning,
            values: "email addresses, separated by commas",
            changed_by: ChangedBy::Superusers,
        },
        default: Vec::new(),
        read: addresses,
        show: |emails| shown(emails),
        check: |_| Ok(()),
    }
}

const fn one_line(name: &'static str, meaning: &'static str, changed_by: ChangedBy) -> Setting<String> {
    Setting {
        about: About { name, meaning, values: "text of one line", changed_by },
        default: String::new(),
        read: |text| line(text).map(str::to_owned),
        show: String::clone,
        check: |_| Ok(()),
    }
}

const fn address(name: &'static str, meaning: &'static str) -> Setting<Option<Email>> {
    Setting {
        about: About { name, meaning, values: "an email address", changed_by: ChangedBy::Superusers },
        default: None,
        read: |text| match text.trim() {
            "" => Ok(None),
            text => Email::parse(text).map(Some).map_err(|error| error.to_string()),
        },
        show: |email| email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default(),
        check: |_| Ok(()),
    }
}

/// Where the site is, for a letter.
pub(super) static ADDRESS: Setting<String> =
    one_line("contact.address", "postal address on the contact page", ChangedBy::Superusers);

/// When somebody is there.
pub(super) static HOURS: Setting<String> =
    one_line("contact.hours", "hours in which somebody answers, on the contact page", ChangedBy::Superusers);

/// The phone on the page.
pub(super) static PHONE: Setting<String> = Setting {
    about: About {
        name: "contact.phone",
        meaning: "phone on the contact page",
        values: "digits, spaces and + - ( ) . /",
        changed_by: ChangedBy::Superusers,
    },
    default: String::new(),
    read: phone,
    show: String::clone,
    check: |_| Ok(()),
};

/// The email on the page.
pub(super) static EMAIL: Setting<Option<Email>> =
    address("contact.email", "email address on the contact page");

/// Where else the site is found.
pub(super) static LINKS: Setting<Vec<String>> = Setting {
    about: About {
        name: "contact.links",
        meaning: "other pages that the contact page leads to",
        values: "addresses that begin with https://, separated by commas",
        changed_by: ChangedBy::Superusers,
    },
    default: Vec::new(),
    read: links,
    show: |links| links.join(", "),
    check: |_| Ok(()),
};

/// Who is told of what has no recipients of its own.
pub(super) static TO_GENERAL: Setting<Vec<Email>> = told(
    "contact.to_general",
    "who is told of messages by the contact form, where their topic has no recipients of its own",
);
static TO_SUPPORT: Setting<Vec<Email>> =
    told("contact.to_support", "who is told of messages about support; none: as for general");
static TO_SALES: Setting<Vec<Email>> =
    told("contact.to_sales", "who is told of messages about sales; none: as for general");
static TO_PARTNERSHIP: Setting<Vec<Email>> =
    told("contact.to_partnership", "who is told of messages about partnership; none: as for general");
static TO_SECURITY: Setting<Vec<Email>> =
    told("contact.to_security", "who is told of messages about security; none: as for general");
static TO_FEEDBACK: Setting<Vec<Email>> =
    told("contact.to_feedback", "who is told of messages with feedback; none: as for general");
static TO_OTHER: Setting<Vec<Email>> =
    told("contact.to_other", "who is told of messages about something else; none: as for general");

/// Who is told of every message.
pub(super) static SUPPORT_EMAIL: Setting<Option<Email>> = address(
    "contact.support_email",
    "who is told of every message by the contact form, beside the recipients of its topic",
);

/// Whether everybody is answered the same at once.
pub(super) static AUTO_REPLY: Setting<bool> = Setting {
    about: About {
        name: "contact.auto_reply",
        meaning: "whether whoever writes by the contact form is sent an answer at once, the same for everybody",
        values: "on, off",
        changed_by: ChangedBy::Superusers,
    },
    default: false,
    read: |text| one_of(text, &[("on", true), ("off", false)]),
    show: |is_on| if *is_on { "on" } else { "off" }.to_owned(),
    check: |_| Ok(()),
};

/// The subject of that answer.
pub(super) static AUTO_REPLY_SUBJECT: Setting<String> = Setting {
    about: About {
        name: "contact.auto_reply_subject",
        meaning: "subject of that answer",
        values: "text of one line; {name} and {subject} stand for those of the message",
        changed_by: ChangedBy::Superusers,
    },
    default: String::new(),
    read: |text| line(text).and_then(filled),
    show: String::clone,
    check: |_| Ok(()),
};

/// The body of that answer.
pub(super) static AUTO_REPLY_BODY: Setting<String> = Setting {
    about: About {
        name: "contact.auto_reply_body",
        meaning: "what that answer says",
        values: "text of any number of lines; {name} and {subject} stand for those of the message",
        changed_by: ChangedBy::Superusers,
    },
    default: String::new(),
    read: body,
    show: String::clone,
    check: |_| Ok(()),
};

/// Where answers to that answer go.
pub(super) static AUTO_REPLY_ADDRESS: Setting<Option<Email>> =
    address("contact.auto_reply_address", "where people's replies to that answer go");

/// How long messages are kept.
pub(super) static KEEP_DAYS: Setting<u32> = Setting {
    about: About {
        name: "contact.keep_days",
        meaning: "days for which messages by the contact form are kept",
        values: "1 to 3650",
        changed_by: ChangedBy::Superusers,
    },
    default: 365,
    read: |text| number(text, 1, 3650),
    show: u32::to_string,
    check: |_| Ok(()),
};

/// Who is told of what is about this.
pub(super) const fn recipients(topic: Topic) -> &'static Setting<Vec<Email>> {
    match topic {
        Topic::General => &TO_GENERAL,
        Topic::Support => &TO_SUPPORT,
        Topic::Sales => &TO_SALES,
        Topic::Partnership => &TO_PARTNERSHIP,
        Topic::Security => &TO_SECURITY,
        Topic::Feedback => &TO_FEEDBACK,
        Topic::Other => &TO_OTHER,
    }
}

fn line(text: &str) -> Result<&str, String> {
    let text = text.trim();
    within(text, MAX_LINE)?;
    if text.chars().any(is_driving) {
        return Err("it has control characters, or such as turn the direction of text".to_owned());
    }
    Ok(text)
}

fn within(text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        count if count > most => Err(format!("it has {count} characters; at most {most} are taken")),
        _ => Ok(()),
    }
}

fn phone(text: &str) -> Result<String, String> {
    let text = line(text)?;
    let is_of_phones = |c: char| c.is_ascii_digit() || " +-()./".contains(c);
    match text.chars().find(|c| !is_of_phones(*c)) {
        Some(other) => Err(format!("`{other}` stands in no phone")),
        None => Ok(text.to_owned()),
    }
}

fn links(text: &str) -> Result<Vec<String>, String> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    let links: Vec<String> = parts.map(link).collect::<Result<_, _>>()?;
    match links.len() {
        count if count > MAX_LINKS => Err(format!("it has {count} links; at most {MAX_LINKS} are taken")),
        _ => Ok(links),
    }
}

fn link(text: &str) -> Result<String, String> {
    let uri: http::Uri = text.parse().map_err(|_| format!("`{text}` is no address of a page"))?;
    let host = uri.host().filter(|host| host.contains('.'));
    match (uri.scheme_str(), host) {
        (Some("https"), Some(_)) if text.len() <= MAX_LINE && !text.contains('@') => Ok(text.to_owned()),
        _ => Err(format!("`{text}` does not begin with https:// and a host")),
    }
}

fn body(text: &str) -> Result<String, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    within(text, MAX_BODY)?;
    if text.chars().any(|c| is_driving(c) && c != '\n') {
        return Err("it has control characters, or such as turn the direction of text".to_owned());
    }
    filled(text)
}

/// A text in which nothing but what is known is to be filled in.
fn filled(text: &str) -> Result<String, String> {
    let rest = HOLES.iter().fold(text.to_owned(), |rest, hole| rest.replace(hole, ""));
    match rest.find(['{', '}']) {
        Some(_) => Err("braces stand around `name` and `subject` alone".to_owned()),
        None => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_takes_a_name_and_a_subject_and_nothing_else() {
        let read = |text| (AUTO_REPLY_BODY.read)(text);
        assert_eq!(read("Hello {name},\r\n\r\n{subject}").as_deref(), Ok("Hello {name},\n\n{subject}"));
        for text in ["{email}", "{ name }", "{name", "name}", "{{name}}"] {
            assert_eq!(read(text).unwrap_err(), "braces stand around `name` and `subject` alone", "{text}");
        }
        assert!((AUTO_REPLY_SUBJECT.read)("Thanks\nBcc: a@b.example").unwrap_err().contains("control"));
        assert!(read(&"x".repeat(4001)).unwrap_err().contains("at most 4000"));
    }

    #[test]
    fn the_address_for_replies_is_one_and_no_list() {
        let read = |text| (AUTO_REPLY_ADDRESS.read)(text).map(|email| (AUTO_REPLY_ADDRESS.show)(&email));
        assert_eq!(read("help@acme.example").as_deref(), Ok("help@acme.example"));
        assert_eq!(read("").as_deref(), Ok(""));
        for list in
            ["a@acme.example, b@acme.example", "a@acme.example;b@acme.example", "Help <a@acme.example>"]
        {
            assert!(read(list).is_err(), "{list}");
        }
    }

    #[test]
    fn the_page_leads_to_https_alone() {
        assert_eq!(links("https://acme.example/a, https://t.me/acme,").unwrap().len(), 2);
        for wrong in [
            "http://acme.example",
            "javascript:alert(1)",
            "https://",
            "https://a@acme.example",
            "acme.example",
            "https://local",
        ] {
            assert!(links(wrong).is_err(), "{wrong}");
        }
        assert_eq!(phone(" +380 (44) 123-45/67 ").as_deref(), Ok("+380 (44) 123-45/67"));
        assert_eq!(phone("call me").unwrap_err(), "`c` stands in no phone");
    }
}
