//! What the domain of a sender says of its mails: who may send for it (SPF, RFC 7208), with which key it signs (DKIM, RFC
//! 6376), and what receivers do with what is neither (DMARC, RFC 7489).

use super::Severity;
use crate::mail::account::Dkim;
use crate::tls::dns::{Dns, NoAnswer};

/// The most questions that receivers ask about who may send (RFC 7208, 4.6.4).
const MAX_QUESTIONS: usize = 10;

/// The mechanisms that can say of a server that it may send, and those of them that need a question.
const NAMING: [&str; 7] = ["include", "a", "mx", "ptr", "ip4", "ip6", "exists"];
const ASKING: [&str; 5] = ["include", "a", "mx", "ptr", "exists"];

/// Something wrong with a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// How bad it is.
    pub(super) severity: Severity,
    /// What is wrong.
    pub(super) what: String,
    /// What to do.
    pub(super) advice: String,
}

fn error(what: String, advice: impl Into<String>) -> Flaw {
    Flaw { severity: Severity::Error, what, advice: advice.into() }
}

fn warning(what: String, advice: impl Into<String>) -> Flaw {
    Flaw { severity: Severity::Warning, what, advice: advice.into() }
}

/// What is wrong with who may send for a domain.
pub(super) async fn check_spf(dns: &Dns, domain: &str) -> Result<Option<Flaw>, NoAnswer> {
    Ok(spf(domain, &dns.texts(domain).await?))
}

/// What is wrong with the key that a domain publishes for an account.
pub(super) async fn check_dkim(dns: &Dns, dkim: &Dkim) -> Result<Option<Flaw>, NoAnswer> {
    let record = dkim.record();
    Ok(key(&record.name, &record.text, &dns.texts(&record.name).await?))
}

/// What is wrong with what a domain asks of receivers: its own record, else that of a domain above it.
pub(super) async fn check_dmarc(dns: &Dns, domain: &str) -> Result<Option<Flaw>, NoAnswer> {
    let mut above = domain;
    loop {
        let name = format!("_dmarc.{above}");
        let found = records(&dns.texts(&name).await?, "v=DMARC1");
        if !found.is_empty() {
            return Ok(dmarc(&name, &found, above != domain));
        }
        // A domain of one label is nobody's own.
        above = match above.split_once('.') {
            Some((_, parent)) if parent.contains('.') => parent,
            _ => break,
        };
    }
    let advice = format!("publish `v=DMARC1; p=none; rua=mailto:…` as `_dmarc.{domain}` to begin with");
    Ok(Some(warning(format!("`{domain}` publishes no DMARC record; large providers ask for one"), advice)))
}

/// The texts that are of that version.
fn records(texts: &[String], version: &str) -> Vec<String> {
    let is_of_version = |text: &&String| {
        let text = text.trim_ascii_start();
        text.get(..version.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(version))
            && !text.get(version.len()..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    texts.iter().filter(is_of_version).cloned().collect()
}

fn spf(domain: &str, texts: &[String]) -> Option<Flaw> {
    let found = records(texts, "v=spf1");
    let record = match found.as_slice() {
        [] => {
            return Some(warning(
                format!("`{domain}` publishes no SPF record, so nobody can tell who may send for it"),
                format!(
                    "publish `v=spf1 include:… -all` as a TXT record of `{domain}`; the provider of the mail server says \
                     what to include"
                ),
            ));
        }
        [record] => record.to_ascii_lowercase(),
        several => {
            return Some(error(
                format!("`{domain}` publishes {} SPF records, and of several none counts", several.len()),
                "make one of them, with all that may send",
            ));
        }
    };
    let (mut names, mut questions, mut all) = (false, 0, None);
    for term in record.split_ascii_whitespace().skip(1) {
        let (qualifier, mechanism) = match term.strip_prefix(['+', '-', '~', '?']) {
            Some(mechanism) => (term.chars().next().unwrap_or('+'), mechanism),
            None => ('+', term),
        };
        let name = mechanism.split([':', '/', '=']).next().unwrap_or_default();
        let is_modifier = mechanism.get(name.len()..).is_some_and(|rest| rest.starts_with('='));
        match name {
            "redirect" if is_modifier => (names, questions) = (true, questions + 1),
            _ if is_modifier => {}
            "all" => all = all.or(Some(qualifier)),
            _ if NAMING.contains(&name) => {
                names |= qualifier == '+';
                questions += usize::from(ASKING.contains(&name));
            }
            _ => {
                return Some(error(
                    format!("the SPF record of `{domain}` has `{term}`, which no receiver understands"),
                    "correct it",
                ));
            }
        }
    }
    let permit = "name the servers that may send before `-all`, with `include:…`, `ip4:…` or `mx`";
    match all {
        Some('+') => Some(warning(
            format!("the SPF record of `{domain}` lets everybody send for it: `+all`"),
            "end it with `-all` or `~all`",
        )),
        _ if questions > MAX_QUESTIONS => Some(error(
            format!(
                "the SPF record of `{domain}` takes {questions} questions to the DNS, and receivers give up after \
                 {MAX_QUESTIONS}"
            ),
            "replace some with `ip4:…` and `ip6:…`",
        )),
        Some('-') if !names => Some(error(
            format!("the SPF record of `{domain}` says that nobody sends for it: `{record}`"),
            permit,
        )),
        _ if !names => Some(warning(
            format!("the SPF record of `{domain}` names nobody who sends for it: `{record}`"),
            permit,
        )),
        _ => None,
    }
}

/// The tags of a record, such as `p=…; k=…`; spaces within a value mean nothing.
fn tags(record: &str) -> impl Iterator<Item = (String, String)> {
    record.split(';').filter_map(|tag| {
        let (name, value) = tag.split_once('=')?;
        let value: String = value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        Some((name.trim_ascii().to_owned(), value))
    })
}

fn tag(record: &str, wanted: &str) -> Option<String> {
    tags(record).find(|(name, _)| name == wanted).map(|(_, value)| value)
}

fn key(name: &str, own: &str, texts: &[String]) -> Option<Flaw> {
    let found: Vec<&String> = texts.iter().filter(|text| tag(text, "p").is_some()).collect();
    let publish = format!("publish as `{name}` what this prints");
    let record = match found.as_slice() {
        [] => return Some(error(format!("`{name}` publishes no key, so no signature is believed"), publish)),
        [record] => record.as_str(),
        several => {
            return Some(error(
                format!("`{name}` publishes {} keys, and receivers may take any of them", several.len()),
                "leave only the one that this prints",
            ));
        }
    };
    let kind = |record: &str| tag(record, "k").unwrap_or_else(|| "rsa".to_owned());
    if tag(record, "p").is_some_and(|key| key.is_empty()) {
        return Some(error(format!("`{name}` says that its key is revoked"), publish));
    }
    if (tag(record, "p"), kind(record)) != (tag(own, "p"), kind(own)) {
        return Some(error(format!("`{name}` publishes another key than the account signs with"), publish));
    }
    let is_test = tag(record, "t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y"));
    is_test.then(|| {
        warning(
            format!("`{name}` says that signatures are only tried: `t=y`"),
            "take `t=y` out once mails arrive",
        )
    })
}

fn dmarc(name: &str, found: &[String], is_above: bool) -> Option<Flaw> {
    let record = match found {
        [record] => record,
        several => {
            return Some(error(
                format!("`{name}` publishes {} DMARC records, and of several none counts", several.len()),
                "leave one",
            ));
        }
    };
    let own = tag(record, "p");
    let policy = if is_above { tag(record, "sp").or(own) } else { own };
    match policy.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("quarantine" | "reject") => None,
        Some("none") => Some(warning(
            format!("`{name}` asks for nothing to be done with forged mails: `p=none`"),
            "ask for `p=quarantine` or `p=reject` once the reports show that your own mails pass",
        )),
        _ => Some(error(
            format!("`{name}` does not say what is to be done with forged mails: `{record}`"),
            "add `p=none`, `p=quarantine` or `p=reject`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::{dmarc, key, records, spf};

    fn told(flaw: Option<super::Flaw>) -> String {
        flaw.map_or("well".to_owned(), |flaw| format!("{:?}: {}", flaw.severity, flaw.what))
    }

    #[test]
    fn who_may_send_is_named_once_and_before_it_is_forbidden() {
        let of = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            told(spf("acme.example", &texts))
        };
        for well in [
            "v=spf1 include:_spf.relay.example -all",
            "V=SPF1 MX ~ALL",
            "v=spf1 ip4:203.0.113.7 ip6:2001:db8::/32 -all",
            "v=spf1 redirect=_spf.acme.example",
            "v=spf1 a/24 exp=why.acme.example ?all",
            "v=spf1 a:mail.acme.example//64 unknown=modifier -all",
        ] {
            assert_eq!(of(&["google-site-verification=x", well]), "well", "{well}");
        }
        let many = format!("v=spf1 {} -all", "include:x.example ".repeat(11));
        let said: Vec<String> = [
            &[][..],
            &["v=spf10 mx -all"],
            &["v=spf1 mx -all", "v=spf1 a -all"],
            &["v=spf1 -all"],
            &["v=spf1 -mx ?a -all"],
            &["v=spf1 ~all"],
            &["v=spf1"],
            &["v=spf1 mx +all"],
            &["v=spf1 all"],
            &["v=spf1 ip:203.0.113.7 -all"],
            &[&many],
        ]
        .iter()
        .map(|texts| of(texts))
        .collect();
        insta::assert_snapshot!(said.join("\n"), @"
        Warning: `acme.example` publishes no SPF record, so nobody can tell who may send for it
        Warning: `acme.example` publishes no SPF record, so nobody can tell who may send for it
        Error: `acme.example` publishes 2 SPF records, and of several none counts
        Error: the SPF record of `acme.example` says that nobody sends for it: `v=spf1 -all`
        Error: the SPF record of `acme.example` says that nobody sends for it: `v=spf1 -mx ?a -all`
        Warning: the SPF record of `acme.example` names nobody who sends for it: `v=spf1 ~all`
        Warning: the SPF record of `acme.example` names nobody who sends for it: `v=spf1`
        Warning: the SPF record of `acme.example` lets everybody send for it: `+all`
        Warning: the SPF record of `acme.example` lets everybody send for it: `+all`
        Error: the SPF record of `acme.example` has `ip:203.0.113.7`, which no receiver understands
        Error: the SPF record of `acme.example` takes 11 questions to the DNS, and receivers give up after 10
        ");
    }

    #[test]
    fn the_published_key_is_that_of_the_account() {
        let own = "v=DKIM1; k=rsa; p=MIIBIjANBgkq";
        let of = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            told(key("s._domainkey.acme.example", own, &texts))
        };
        for well in [own, "k=rsa; p=MIIB IjAN Bgkq;", "p=MIIBIjANBgkq", "v=DKIM1;p=MIIBIjANBgkq;t=s"] {
            assert_eq!(of(&[well]), "well", "{well}");
        }
        let said: Vec<String> = [
            &[][..],
            &["v=spf1 -all"],
            &[own, "v=DKIM1; p=other"],
            &["v=DKIM1; p="],
            &["v=DKIM1; k=rsa; p=MIIBIjANBgkr"],
            &["v=DKIM1; k=ed25519; p=MIIBIjANBgkq"],
            &["v=DKIM1; t=s:y; p=MIIBIjANBgkq"],
        ]
        .iter()
        .map(|texts| of(texts))
        .collect();
        insta::assert_snapshot!(said.join("\n"), @"
        Error: `s._domainkey.acme.example` publishes no key, so no signature is believed
        Error: `s._domainkey.acme.example` publishes no key, so no signature is believed
        Error: `s._domainkey.acme.example` publishes 2 keys, and receivers may take any of them
        Error: `s._domainkey.acme.example` says that its key is revoked
        Error: `s._domainkey.acme.example` publishes another key than the account signs with
        Error: `s._domainkey.acme.example` publishes another key than the account signs with
        Warning: `s._domainkey.acme.example` says that signatures are only tried: `t=y`
        ");
    }

    #[test]
    fn what_receivers_are_asked_to_do_is_said_once() {
        let of = |texts: &[&str], is_above: bool| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            told(dmarc("_dmarc.acme.example", &records(&texts, "v=DMARC1"), is_above))
        };
        assert_eq!(of(&["v=DMARC1; p=reject; rua=mailto:d@acme.example", "x"], false), "well");
        assert_eq!(of(&["v=DMARC1;p=Quarantine"], false), "well");
        assert_eq!(of(&["v=DMARC1; p=none; sp=reject"], true), "well");
        let said = [
            of(&["v=DMARC1; p=none"], false),
            of(&["v=DMARC1; p=reject; sp=none"], true),
            of(&["v=DMARC1; rua=mailto:d@acme.example"], false),
            of(&["v=DMARC1; p=everything"], false),
            of(&["v=DMARC1; p=none", "v=DMARC1; p=reject"], false),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        Warning: `_dmarc.acme.example` asks for nothing to be done with forged mails: `p=none`
        Warning: `_dmarc.acme.example` asks for nothing to be done with forged mails: `p=none`
        Error: `_dmarc.acme.example` does not say what is to be done with forged mails: `v=DMARC1; rua=mailto:d@acme.example`
        Error: `_dmarc.acme.example` does not say what is to be done with forged mails: `v=DMARC1; p=everything`
        Error: `_dmarc.acme.example` publishes 2 DMARC records, and of several none counts
        ");
    }
}
