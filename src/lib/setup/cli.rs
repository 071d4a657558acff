//! `secboard init`.

use clap::Args;
use std::sync::Arc;

use super::template::Template;
use super::{InitOptions, check_free, init};
use crate::cli::output;
use crate::cli::values;
use crate::cli::{App, Outcome, prompt};
use crate::context::SystemClock;
use crate::crypto::rng::SystemRandom;
use crate::error::Result;
use crate::password;
use crate::text::email::{self, Email};
use crate::text::name::{check_name, check_title};
use crate::user::Facts;
use crate::user::cli::password::print_once;

values! {
    Template {
        Manual "manual": "Groups Full Access, Read-Only, Risk Only, Incident Response; roles CISO, Risk Manager, Internal Auditor, SOC Analyst, Read-Only Auditor",
    }
}

/// The examples of its help.
pub(crate) const EXAMPLES: &str = "Examples:
  secboard init
  secboard init --email ada@acme.example --first-name Ada --last-name Admin --company 'Acme Bank' \\
      --time-zone Europe/Kyiv --password-stdin --no-input < password.txt
  secboard init --template manual";

/// Make a store, its key and the first superuser
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The first superuser's login name
    #[arg(long, value_name = "EMAIL")]
    email: Option<String>,
    /// The first superuser's first name
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// The first superuser's last name
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// The first company
    #[arg(long, value_name = "COMPANY")]
    company: Option<String>,
    /// Where days begin and end, such as Europe/Kyiv; the system's unless given
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Name of the site
    #[arg(long, value_name = "TEXT")]
    site_name: Option<String>,
    /// Host name in links
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
    /// Scheme of links: https or http
    #[arg(long, value_name = "SCHEME")]
    protocol: Option<String>,
    /// Region whose national phone numbers are accepted, such as UA
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Read the superuser's password from standard input
    #[arg(long, conflicts_with = "generate_password")]
    password_stdin: bool,
    /// Make a password, print it once, and ask for another at the first login
    #[arg(long)]
    generate_password: bool,
    /// Begin with groups for tiers of access and roles for jobs; none of them administers secboard
    #[arg(long, value_name = "TEMPLATE")]
    template: Option<Template>,
}

/// Runs the command.
pub(crate) fn run(app: &App, arguments: Init) -> Result<Outcome> {
    let config = app.config()?;
    check_free(&config)?;
    let email = prompt::ask(app, arguments.email, "Email of the first superuser", "--email")?;
    let mut superuser = Facts::new(Email::parse(&email)?.as_str().to_owned());
    if let Some(warning) = email::warning(&superuser.email) {
        app.out.say(&format!("warning: {warning}"));
    }
    let first = prompt::ask(app, arguments.first_name, "First name", "--first-name")?;
    superuser.first_name = Some(check_name(&first)?);
    let last = prompt::ask(app, arguments.last_name, "Last name", "--last-name")?;
    superuser.last_name = Some(check_name(&last)?);
    let company = check_title(&prompt::ask(app, arguments.company, "First company", "--company")?)?;
    app.warn_of_name(&company);
    let time_zone = arguments.time_zone.unwrap_or_else(system_time_zone);
    let given = [
        ("site.time_zone", Some(time_zone)),
        ("site.name", arguments.site_name),
        ("site.domain", arguments.domain),
        ("site.protocol", arguments.protocol),
        ("site.region", arguments.region),
    ];
    let settings = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let generated = arguments.generate_password;
    let password = if generated {
        password::generate::generate(&SystemRandom)?
    } else if arguments.password_stdin {
        prompt::secret_from_stdin()?
    } else {
        prompt::ask_new_secret(app, "password", "--password-stdin")?
    };
    let options = InitOptions {
        table: app.settings,
        settings,
        company,
        superuser,
        password,
        must_change_password: generated,
        template: arguments.template,
    };
    if app.globals.dry_run {
        app.done(&format!(
            "would make the store `{}` and the key `{}`",
            config.store.display(),
            config.key.display()
        ));
        return Ok(Outcome::Done);
    }
    init(&config, Arc::new(SystemClock), Arc::new(SystemRandom), &options, |_, _| {
        if !generated {
            return Ok(());
        }
        output::await_reader()?;
        print_once(app, &options.superuser.email, &options.password)
    })?;
    app.done(&format!("made the store `{}` and its key `{}`", config.store.display(), config.key.display()));
    app.out.say("keep a copy of the key somewhere else: without it the store's secrets cannot be read");
    if generated {
        app.out.say("that is the superuser's password, shown only now; the first login asks for another");
    }
    Ok(Outcome::Done)
}

/// The system's time zone, as far as it has a name.
pub(crate) fn system_time_zone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}
