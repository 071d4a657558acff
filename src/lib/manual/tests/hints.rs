//! Every command that is printed to be copied means what it shows, whatever people and things are called.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use clap::error::ErrorKind;

use crate::cli::StoreFlags;
use crate::context::{Actor, Context, Denied};
use crate::error::Explain;
use crate::org::unit::{self, UnitKind};
use crate::tabular::FileOrStream;
use crate::text::date::Day;
use crate::text::instant::Instant;
use crate::text::secret::Secret;
use crate::throttle::Hold;
use crate::user::import;
use crate::user::login::{self, Moment};
use crate::user::{self, Facts, create::create};
use crate::{company, directory, export, group, mail, operator, registry, role, run, two_factor};

/// Names as files of other systems and earlier versions bring them, and as somebody would choose them who means harm.
const NAMES: [&str; 18] = [
    "olena@acme.example",
    "Acme Bank",
    "o'neil@x.example",
    "Дар'я 山田",
    "it's \"quoted\"",
    "$(id) `id` $HOME",
    "a;b@c, d|e & f > g",
    "-rf",
    "--store=/tmp/x@acme.example",
    "--",
    "-",
    "=x",
    "\\",
    "'",
    "#none",
    "!! ~ * ? [a]",
    "-it's -- mine",
    "…",
];

/// The errors whose hints print a command, made with that name.
fn errors(name: &str) -> Vec<Box<dyn Explain>> {
    let name = || name.to_owned();
    let denied = Actor::nobody(None).require("users.edit", None).unwrap_err();
    let no_unit =
        |kind| unit::Error::NotFound { kind, name: name(), within: None, near: None, elsewhere: Vec::new() };
    vec![
        Box::new(user::Error::NotFound { who: name(), near: None }),
        Box::new(user::bulk::Error::NotFoundAny { who: vec![name()] }),
        Box::new(user::bulk::Error::NoneInBin { who: vec![name()] }),
        Box::new(user::Error::NotYet {
            email: name(),
            created_at: Instant::from_micros(1 << 50),
            at: Instant::from_micros(0),
        }),
        Box::new(user::Error::NoSession { email: name(), id: 7 }),
        Box::new(user::Error::InBin { email: name() }),
        Box::new(user::Error::NotInBin { email: name() }),
        Box::new(user::Error::Exists { email: name() }),
        Box::new(user::Error::EmailTaken { email: name() }),
        Box::new(user::Error::RoleElsewhere { role: name(), email: name() }),
        Box::new(user::Error::RoleInactive { role: name() }),
        Box::new(user::Error::GroupElsewhere { group: name(), email: name() }),
        Box::new(user::Error::LastSuperuser { email: name() }),
        Box::new(user::Error::HasProfile { email: name() }),
        Box::new(user::Error::NoProfile { email: name() }),
        Box::new(user::Error::NoPhoto { email: name() }),
        Box::new(user::Error::UnknownPlace { what: "position", name: name() }),
        Box::new(company::Error::NotFound { name: name(), near: None }),
        Box::new(company::Error::NameIsSlug { name: name() }),
        Box::new(no_unit(UnitKind::Department)),
        Box::new(no_unit(UnitKind::Position)),
        Box::new(role::Error::NotFound { name: name(), near: None }),
        Box::new(role::Error::InUse { role: name(), holders: name() }),
        Box::new(group::Error::NotFound { name: name(), near: Vec::new() }),
        Box::new(group::Error::InUse { group: name(), uses: name() }),
        Box::new(mail::Error::NotFound { what: mail::ServerOrAccount::Server, name: name(), near: None }),
        Box::new(mail::Error::NotFound { what: mail::ServerOrAccount::Account, name: name(), near: None }),
        Box::new(mail::Error::NoRoute { route: name() }),
        Box::new(mail::Error::Rests { account: name(), until: name(), mails: 2, said: name() }),
        Box::new(mail::Error::WrongState { id: name(), state: "sent", what: "dropped" }),
        Box::new(mail::Error::SwitchedOff { account: name(), mails: 2 }),
        Box::new(two_factor::Error::GraceWithoutRequirement { email: name() }),
        Box::new(export::Error::Inactive { email: name() }),
        Box::new(mail::Error::Unsigned { account: name() }),
        Box::new(mail::Error::ForeignDomain { account: name(), domain: name(), from: name() }),
        Box::new(mail::Error::NeedsUser { server: name() }),
        Box::new(mail::Error::CannotLogIn {
            account: name(),
            why: Box::new(mail::Error::NeedsPassword { server: name() }),
        }),
        Box::new(directory::Error::NotFound { name: name(), near: None }),
        Box::new(directory::Error::NoConnection { email: name() }),
        Box::new(directory::Error::DomainTaken { domain: name(), connection: name() }),
        Box::new(directory::Error::PasswordGone { name: name() }),
        Box::new(directory::Error::HasPeople { name: name(), live: 2, in_bin: 0 }),
        Box::new(directory::Error::unavailable(name())),
        Box::new(directory::Error::NoBase { name: name(), base: "DC=corp".to_owned() }),
        Box::new(directory::Error::Inactive { name: name() }),
        Box::new(run::Error::Held { id: "a1b2c3d4e5".into(), because: name(), is_theirs: true }),
        Box::new(run::Error::ReleaserMayNot { id: "a1b2c3d4e5".into(), of: name(), why: name() }),
        Box::new(run::Error::MakerChanged { id: "a1b2c3d4e5".into(), maker: name() }),
        Box::new(run::Error::SomeLeftOut { count: 1, run: Some("a1b2c3d4e5".into()) }),
        Box::new(run::Error::Applied { id: "a1b2c3d4e5".into() }),
        Box::new(operator::Error::Unmapped { shell_user: name() }),
        Box::new(operator::Error::Inactive { email: name(), reason: name() }),
        Box::new(operator::Error::NotStaff { email: name() }),
        Box::new(Denied { actor: name(), ..denied }),
    ]
}

/// What `user why` advises about somebody of that email for whom nothing is as it should be.
fn advice(name: &str) -> Vec<String> {
    let day = |text| Some(Day::parse(text).unwrap());
    let mut advice = vec![directory::see_why(name)];
    for (start_date, end_date) in [(day("2030-01-01"), None), (None, day("2020-01-01"))] {
        let facts = Facts { active: false, start_date, end_date, ..Facts::new(name.to_owned()) };
        let cx = Context::for_tests();
        let moment = Moment { now: cx.now(), today: cx.today() };
        let (mut user, _) = create(&cx, facts, None, false).unwrap();
        user.facts.deleted = true;
        user.facts.two_factor_required = true;
        user.two_factor_grace_until = Some(Instant::from_micros(0));
        user.holds = vec![Hold::for_ever(cx.now())];
        advice.extend(login::checks(&user, moment).into_iter().filter_map(|check| check.hint.said()));
    }
    advice
}

/// What `mail doctor` advises about a server and its only account of that name, with which nothing is as it should be.
fn mended(name: &str) -> Vec<String> {
    let cx = Context::for_tests();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    let authority = rcgen::generate_simple_self_signed(vec!["ca.example".into()]).unwrap();
    fs::write(&ca_file, authority.cert.pem()).unwrap();
    let (host, ca_file) = (Some("smtp.acme.example".to_owned()), Some(ca_file));
    let port = Some(465);
    let server = mail::server::Edit { host, port, ca_file, force: true, ..mail::server::Edit::default() };
    if mail::server::create(&cx, (name, false), mail::server::ServerKind::Smtp, &server).is_err() {
        // Not every text is a name.
        return Vec::new();
    }
    let text = |text: &str| Some(text.to_owned());
    let account = mail::account::Edit {
        server: text(name),
        from: text("noreply@acme.example"),
        user: text("app"),
        password: mail::account::NewPassword::Is(Secret::new("secret".to_owned())),
        ..mail::account::Edit::default()
    };
    mail::account::create(&cx, name, &account).unwrap();
    let key = Secret::new(include_str!("../../mail/dkim/test_keys/ed25519.pem").to_owned());
    mail::account::set_key(&cx, name, (None, "s"), &key).unwrap();
    drop(folder);
    let broken = "
        UPDATE mail_accounts SET password_sealed = zeroblob(64), dkim_key_sealed = zeroblob(64);
        INSERT INTO mail_rests (account_id, since, until, times, first_at, step, answer)
        VALUES (1, 0, 9000000000000000, 1, 0, 'AUTH', '535')";
    cx.write(|tx| Ok(tx.sql().execute_batch(broken)?)).unwrap();
    let machine = mail::doctor::Machine { is_offline: true, ..mail::doctor::Machine::default() };
    let found = mail::doctor::run(&cx, &machine, crate::contact::doctor::check).unwrap();
    found.into_iter().filter_map(|finding| finding.command).collect()
}

/// The commands in a hint: what stands between grave accents, or all of it.
fn commands(hint: &str) -> Vec<Vec<String>> {
    if hint.starts_with("secboard ") {
        return vec![words(hint).0];
    }
    let mut found = Vec::new();
    let mut rest = hint;
    while let Some((_, after)) = rest.split_once("`secboard ") {
        let (words, left) = words(after);
        found.push([vec!["secboard".to_owned()], words].concat());
        rest = left;
    }
    found
}

/// The words of a command as a shell splits them, up to a grave accent outside of quotes, and what stands behind it.
fn words(line: &str) -> (Vec<String>, &str) {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    let mut characters = line.char_indices();
    let mut left = "";
    while let Some((place, c)) = characters.next() {
        match c {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if quoted => word.get_or_insert_default().push(c),
            ' ' => words.extend(word.take()),
            '`' => {
                left = &line[place + 1..];
                break;
            }
            '\\' => word.get_or_insert_default().extend(characters.next().map(|(_, c)| c)),
            c => {
                assert!(!"\"$;&|<>*?[~#!(){}".contains(c), "a shell reads `{c}` in another way: {line}");
                word.get_or_insert_default().push(c);
            }
        }
    }
    words.extend(word);
    (words, left)
}

/// Every value that was given, and the verb.
fn given(matches: &ArgMatches) -> (String, Vec<String>) {
    let (mut verb, mut values, mut matches) = (String::new(), Vec::new(), matches);
    loop {
        for id in matches.ids() {
            let raw = matches.try_get_raw(id.as_str()).ok().flatten().into_iter().flatten();
            values.extend(raw.map(|value| value.to_string_lossy().into_owned()));
        }
        let Some((name, below)) = matches.subcommand() else { return (verb, values) };
        verb = format!("{verb} {name}").trim().to_owned();
        matches = below;
    }
}

/// The verbs of all commands that are printed with a name in them, as the code has them.
fn verbs_in(folder: &Path, verbs: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            verbs_in(&path, verbs);
        } else if !path.ends_with("text/shell.rs") && !path.ends_with("manual/tests/hints.rs") {
            let text = fs::read_to_string(&path).unwrap();
            let calls = text.split("secboard(\"").skip(1).filter_map(|call| call.split_once("\")"));
            verbs.extend(calls.map(|(verb, _)| verb.to_owned()));
            for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
                let typed = line.split_once("`secboard ").and_then(|(_, typed)| typed.split_once('`'));
                let is_filled = typed.is_some_and(|(typed, _)| typed.contains('{'));
                // What stands there is a word of secboard's own: the id of a run, a noun, a verb.
                let is_ours = typed.is_some_and(|(typed, _)| {
                    typed.starts_with("run ") || ["{what} list", "{command}"].contains(&typed)
                });
                assert!(
                    !is_filled || is_ours,
                    "{}: print it with `text::shell::secboard`: {line}",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn a16_a_command_in_a_hint_means_the_name_it_shows() {
    let mut tried = BTreeSet::new();
    let mut command_line = registry::whole_command();
    for name in NAMES {
        let errors = errors(name);
        for command in errors.iter().filter_map(|error| error.command()) {
            assert!(command.starts_with("secboard "), "{command}");
            let (words, left) = words(&command);
            assert_eq!(left, "", "{command} is one command");
            let is_open = |word: &&String| word.contains('…') || word.chars().all(char::is_uppercase);
            let open = words.iter().filter(|word| *word != name).find(is_open);
            assert_eq!(open, None, "{command} leaves something to fill in");
            if let Err(error) = command_line.try_get_matches_from_mut(&words) {
                panic!("{command}\n{error}");
            }
        }
        for hint in errors.iter().filter_map(|error| error.hint()).chain(advice(name)).chain(mended(name)) {
            for command in commands(&hint) {
                let names_somebody =
                    command.iter().any(|word| word == name || word.contains(&format!("={name}")));
                let matches = match command_line.try_get_matches_from_mut(&command) {
                    Ok(matches) => matches,
                    Err(error) if error.kind() == ErrorKind::MissingRequiredArgument && !names_somebody => {
                        continue;
                    }
                    Err(error) => panic!("{hint}\n{error}"),
                };
                let (verb, values) = given(&matches);
                assert!(!names_somebody || values.iter().any(|value| value == name), "{hint}: {values:?}");
                if names_somebody {
                    tried.insert(verb);
                }
            }
        }
    }
    let mut printed = BTreeSet::new();
    verbs_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib"), &mut printed);
    // Those of `permission explain` and `group grant` need a store with people and groups; their own tests try them. A
    // setting and a message by the contact form have no name that somebody gave them.
    let elsewhere = ["group grant", "group edit", "user add-group", "setting set", "mail contact show"];
    printed.retain(|verb| !elsewhere.contains(&verb.as_str()));
    assert_eq!(printed.difference(&tried).collect::<Vec<_>>(), Vec::<&String>::new(), "never tried");
    assert!(printed.len() > 15, "{printed:?}");
}

/// A file whose headings are unknown is answered with the command to type next, which maps what was recognised.
#[test]
fn a16_the_command_for_unknown_headings_means_the_heading_it_shows() {
    let mut command_line = registry::whole_command();
    let cx = Context::for_tests();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    for heading in NAMES.map(|name| format!("{name}.x.givenName")) {
        let quoted = heading.replace('"', "\"\"");
        fs::write(&path, format!("email,last_name,company,\"{quoted}\"\na@x.example,Lee,Acme,Ann\n"))
            .unwrap();
        let options =
            import::Options { typed: "secboard user import people.csv".to_owned(), ..Default::default() };
        let failure = import::open(&cx, &[FileOrStream::File(path.clone())], &options).err().unwrap();
        let command = failure.explain().command().unwrap();
        let (words, left) = words(&command);
        assert_eq!(left, "", "{command} is one command");
        let matches = command_line.try_get_matches_from_mut(&words).unwrap();
        let (verb, values) = given(&matches);
        assert_eq!(verb, "user import", "{command}");
        assert!(values.contains(&format!("{heading}=first_name")), "{command}: {values:?}");
    }
}

/// Where somebody keeps a store who means harm, or calls things as people do.
const PATHS: [&str; 8] = [
    "/x y/s.db",
    "it's/Дар'я.db",
    "-s.db",
    "--",
    "$(id) `id` $HOME",
    "a;b & c|d > e",
    "\\",
    "`secboard init`",
];

#[test]
fn a16_a_command_in_a_hint_means_the_store_that_was_given() {
    let mut command_line = registry::whole_command();
    let mut tried = 0;
    for (path, name) in PATHS.into_iter().flat_map(|path| NAMES.map(|name| (path, name))) {
        let flags = StoreFlags::given(Some(Path::new(path)), Some(Path::new(path)));
        let errors = errors(name);
        let all = errors.iter().flat_map(|error| [error.hint(), error.command()]).flatten();
        for hint in all.chain(advice(name)) {
            let (plain, given) = (commands(&hint), commands(&flags.in_hint(&hint)));
            assert_eq!(plain.len(), given.len(), "{hint}");
            for (plain, given) in plain.iter().zip(&given) {
                assert!(given.ends_with(&plain[1..]), "{given:?} is not {plain:?} with a store");
                let Ok(matches) = command_line.try_get_matches_from_mut(given) else {
                    assert!(command_line.try_get_matches_from_mut(plain).is_err(), "{given:?}");
                    continue;
                };
                for flag in ["store", "config"] {
                    assert_eq!(matches.get_one::<PathBuf>(flag).unwrap(), Path::new(path), "{given:?}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}

#[test]
fn what_begins_with_a_dash_is_written_so_that_it_is_a_name() {
    let command = user::Error::EmailTaken { email: "-x@a.example".into() }.command().unwrap();
    assert_eq!(command, "secboard user show -- '-x@a.example'");
    let command = user::Error::NotFound { who: "-x".into(), near: None }.command().unwrap();
    assert_eq!(command, "secboard user list --search='-x'");
}

#[test]
fn an_error_says_which_field_it_is_about() {
    let about = |error: Box<dyn Explain>| Some(format!("{} {}", error.code(), error.field()?));
    let fields: BTreeSet<String> = errors("x").into_iter().filter_map(about).collect();
    let expected = [
        "company.not_found company",
        "company.slug_taken name",
        "department.not_found department",
        "directory.domain_taken login_domain",
        "directory.no_connection email",
        "directory.not_found connection",
        "export.inactive mail_to",
        "group.not_found groups",
        "mail.account_not_found account",
        "mail.foreign_domain domain",
        "mail.needs_user user",
        "mail.server_not_found server",
        "position.not_found position",
        "role.not_found roles",
        "two_factor.grace_without_requirement grace",
        "user.exists email",
        "user.group_elsewhere groups",
        "user.role_elsewhere roles",
        "user.role_inactive roles",
        "user.unknown_place position",
    ];
    assert_eq!(fields.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
