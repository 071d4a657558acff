//! `secboard ad create`, `list`, `show`, `edit`, `delete`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use crate::cli::output::record;
use crate::cli::{App, path, prompt, values};
use crate::context::Context;
use crate::context::settings::number;
use crate::directory::connection::{
    self, Connection, Edit, FollowingEdit, GroupSync, Leavers, Limit, Places, Scope,
};
use crate::error::Result;
use crate::run::{self, Engine, Plan};
use crate::text::count::people;
use crate::text::secret::Secret;

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// Whose people it knows
    #[arg(long)]
    company: String,
    /// A server: `ldaps://HOST` for TLS, `ldap://HOST` for StartTLS, with `:PORT` where that is another; or
    /// `ldaps+srv://DOMAIN`, `ldap+srv://DOMAIN` for those that the DNS names of a domain. Several are asked in order
    #[arg(long = "server", value_name = "URL", required = true)]
    servers: Vec<String>,
    /// Who reads: the name of an entry, or what the directory takes for one
    #[arg(long, value_name = "NAME")]
    bind_dn: String,
    /// The entry of the domain
    #[arg(long, value_name = "DN")]
    base_dn: String,
    /// Make it, and let nobody log in by it yet
    #[arg(long)]
    inactive: bool,
    #[command(flatten)]
    facts: FactArgs,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Its name, in any letter case
    connection: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// A server, or a domain whose servers the DNS names, in the place of all that it has; several are asked in order
    #[arg(long = "server", value_name = "URL")]
    servers: Vec<String>,
    /// Who reads: the name of an entry, or what the directory takes for one
    #[arg(long, value_name = "NAME")]
    bind_dn: Option<String>,
    /// The entry of the domain
    #[arg(long, value_name = "DN")]
    base_dn: Option<String>,
    #[command(flatten)]
    facts: FactArgs,
    /// Ask for a new password
    #[arg(long, conflicts_with = "password_stdin")]
    password: bool,
    /// Let StartTLS protect `ldap://…` again
    #[arg(long, conflicts_with = "insecure")]
    no_insecure: bool,
    /// Trust the authorities of the system
    #[arg(long, conflicts_with = "ca_file")]
    no_ca_file: bool,
    /// Let people log in by it
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// Let nobody log in by it; `ad test`, `ad lint` and `ad login-test --connection` ask it all the same
    #[arg(long)]
    inactive: bool,
}

#[derive(Debug, Args)]
struct FactArgs {
    /// Ask `ldap://…` in plain: everybody on the way reads every password
    #[arg(long)]
    insecure: bool,
    /// The authorities to trust, in PEM; those of the system unless given
    #[arg(long, value_name = "FILE", value_parser = path())]
    ca_file: Option<PathBuf>,
    /// The name that certificates must have; that of the server unless given, an empty text for that again
    #[arg(long, value_name = "NAME")]
    certificate_name: Option<String>,
    /// Read the password of who reads from standard input
    #[arg(long)]
    password_stdin: bool,
    /// The entry below which people are; that of the domain unless given, an empty text for that again
    #[arg(long, value_name = "DN")]
    search_base: Option<String>,
    /// Which entries are people; `(objectClass=user)` unless given, or for `default`. Computers are left out
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// How far below the base people are; subtree unless given
    #[arg(long, value_enum)]
    scope: Option<Scope>,
    /// How many entries are asked for at once; 1000 unless given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=1000))]
    page_size: Option<u32>,
    /// Which attribute is read as what, such as `phone=mobile`; `FIELD=-` reads none, `FIELD=` the usual one. Fields are
    /// email, `first_name`, `last_name`, phone, department, position, login, principal, guid, `account_control`, and expires,
    /// which is read only where an attribute is given, such as `expires=accountExpires`
    #[arg(long, value_name = "FIELD=ATTRIBUTE")]
    map: Vec<String>,
    /// A domain of emails whose owners it knows, in the place of all that it has; an empty text for none
    #[arg(long = "login-domain", value_name = "DOMAIN")]
    login_domains: Vec<String>,
    /// Seconds to wait for a name, a connection and a handshake, each; 10 unless given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    connect_timeout: Option<u32>,
    /// Seconds to wait for an answer, or a page of them; 60 unless given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    answer_timeout: Option<u32>,
    #[command(flatten)]
    following: FollowingArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What a sync does")]
struct FollowingArgs {
    /// Whether it makes people who are not here yet; yes unless given
    #[arg(long, value_name = "YES|NO", value_parser = BoolishValueParser::new())]
    create: Option<bool>,
    /// What becomes of groups that are called as those there; off unless given
    #[arg(long, value_name = "MODE")]
    group_sync: Option<GroupSync>,
    /// What becomes of departments; match unless given
    #[arg(long, value_name = "MODE")]
    departments: Option<Places>,
    /// What becomes of positions; match unless given
    #[arg(long, value_name = "MODE")]
    positions: Option<Places>,
    /// What becomes of people who are gone there; deactivate unless given
    #[arg(long, value_name = "MODE")]
    leavers: Option<Leavers>,
    /// How many whole reads in a row must not find somebody who is gone; 2 unless given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100))]
    leaver_runs: Option<u32>,
    /// Hold what takes from more people than this; as `brake.people` unless given, `default` for that again
    #[arg(long, value_name = "COUNT", value_parser = of_people)]
    brake_people: Option<Limit>,
    /// … and from more of its people than these in a hundred; as `brake.percent` unless given, `default` for that again
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    brake_percent: Option<Limit>,
}

fn of_people(text: &str) -> std::result::Result<Limit, String> {
    limit(text, 1_000_000)
}

fn percent(text: &str) -> std::result::Result<Limit, String> {
    limit(text, 100)
}

fn limit(text: &str, most: u32) -> std::result::Result<Limit, String> {
    if text == "default" { Ok(Limit::OfSite) } else { number(text, 0, most).map(Limit::Own) }
}

values! {
    GroupSync {
        Off "off": "Nothing",
        Additive "additive": "Who is in one there is put into it here",
        Mirror "mirror": "And who left it there is taken out, unless something else keeps them in it",
    }
    Places {
        Match "match": "People get the one of that name, if there is one",
        Create "create": "It is made where there is none",
        Ignore "ignore": "None is read",
    }
    Leavers {
        Deactivate "deactivate": "They may not log in any more",
        Ignore "ignore": "Nothing",
    }
}

impl FollowingArgs {
    fn edit(self) -> FollowingEdit {
        FollowingEdit {
            creates: self.create,
            groups: self.group_sync,
            departments: self.departments,
            positions: self.positions,
            leavers: self.leavers,
            leaver_runs: self.leaver_runs,
            brake_people: self.brake_people,
            brake_percent: self.brake_percent,
        }
    }
}

impl FactArgs {
    fn edit(self, password: Option<Secret>) -> Edit {
        Edit {
            insecure: self.insecure.then_some(true),
            ca_file: self.ca_file,
            certificate_name: self.certificate_name,
            password,
            search_base: self.search_base,
            filter: self.filter,
            scope: self.scope,
            page_size: self.page_size,
            map: self.map,
            login_domains: self.login_domains,
            connect_timeout: self.connect_timeout,
            answer_timeout: self.answer_timeout,
            following: self.following.edit(),
            ..Edit::default()
        }
    }
}

record! {
    /// A connection as it is printed.
    ConnectionRow, table ["name", "company", "servers", "bind_dn", "base_dn", "active"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// Whose people it knows.
        company: String,
        /// Whether people log in by it.
        active: bool,
        /// Its servers, in order.
        servers: Vec<String>,
        /// Whether `ldap://…` is asked in plain.
        insecure: bool,
        /// The authorities that are trusted.
        ca_file: Option<String>,
        /// The name that certificates must have.
        certificate_name: Option<String>,
        /// Who reads.
        bind_dn: String,
        /// The entry of the domain.
        base_dn: String,
        /// The entry below which people are.
        search_base: Option<String>,
        /// Which entries are people.
        filter: String,
        /// How far below the base they are.
        scope: String,
        /// How many entries are asked for at once.
        page_size: i64,
        /// Which attribute is read as what.
        map: Vec<String>,
        /// The domains of emails whose owners it knows.
        login_domains: Vec<String>,
        /// Seconds.
        connect_timeout: i64,
        /// Seconds.
        answer_timeout: i64,
        /// Whether a sync makes people who are not here yet.
        creates: bool,
        /// `off`, `additive`, `mirror`.
        group_sync: String,
        /// `match`, `create`, `ignore`.
        departments: String,
        /// `match`, `create`, `ignore`.
        positions: String,
        /// `deactivate`, `ignore`.
        leavers: String,
        /// How many whole reads in a row must not find somebody who is gone.
        leaver_runs: i64,
        /// What takes from more people is held; nothing for `brake.people`.
        brake_people: Option<i64>,
        /// And from more of its people in a hundred; nothing for `brake.percent`.
        brake_percent: Option<i64>,
        /// How many people it manages, those in the bin apart.
        people: i64,
        /// How many of those in the bin it manages.
        people_in_bin: i64,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl ConnectionRow {
    /// The connection with how many people it manages.
    fn of(cx: &Context, connection: Connection) -> Result<Self> {
        let (live, in_bin) = connection::people(cx, &connection)?;
        let facts = connection.facts;
        Ok(Self {
            id: connection.id,
            name: facts.name,
            company: facts.company,
            active: facts.active,
            servers: facts.servers,
            insecure: facts.insecure,
            ca_file: facts.ca_file,
            certificate_name: facts.certificate_name,
            bind_dn: facts.bind_dn,
            base_dn: facts.base_dn,
            search_base: facts.search_base,
            filter: facts.filter,
            scope: facts.scope.word().to_owned(),
            page_size: facts.page_size.into(),
            map: facts.map.shown(),
            login_domains: facts.login_domains,
            connect_timeout: facts.connect_timeout.into(),
            answer_timeout: facts.answer_timeout.into(),
            creates: facts.following.creates,
            group_sync: facts.following.groups.word().to_owned(),
            departments: facts.following.departments.word().to_owned(),
            positions: facts.following.positions.word().to_owned(),
            leavers: facts.following.leavers.word().to_owned(),
            leaver_runs: facts.following.leaver_runs.into(),
            brake_people: facts.following.brake_people.map(i64::from),
            brake_percent: facts.following.brake_percent.map(i64::from),
            people: live.cast_signed(),
            people_in_bin: in_bin.cast_signed(),
            created_at: connection.created_at.to_string(),
            updated_at: connection.updated_at.to_string(),
        })
    }
}

pub(super) fn create(app: &App, arguments: Create) -> Result<()> {
    let cx = app.writer()?;
    // Before anything is asked for.
    if arguments.if_absent
        && let Some(found) = connection::find(&cx, &arguments.name)?
    {
        app.done(&format!("no change: there is a connection `{}` already", found.facts.name));
        return app.print_if_asked(&ConnectionRow::of(&cx, found)?);
    }
    let password = if arguments.facts.password_stdin {
        prompt::secret_from_stdin()?
    } else {
        prompt::ask_new_secret(app, "password", "--password-stdin")?
    };
    let edit = Edit {
        active: arguments.inactive.then_some(false),
        servers: arguments.servers,
        bind_dn: Some(arguments.bind_dn),
        base_dn: Some(arguments.base_dn),
        ..arguments.facts.edit(Some(password))
    };
    let connection = connection::create(&cx, (&arguments.name, &arguments.company), &edit)?;
    app.done(&format!("created connection `{}`", connection.facts.name));
    warn(app, &connection);
    app.print_if_asked(&ConnectionRow::of(&cx, connection)?)
}

pub(super) fn list(app: &App) -> Result<()> {
    let cx = app.reader()?;
    let mut list = app.out.list::<ConnectionRow>()?;
    for connection in connection::list(&cx)? {
        list.row(&ConnectionRow::of(&cx, connection)?)?;
    }
    list.finish()
}

pub(super) fn show(app: &App, name: &str) -> Result<()> {
    let cx = app.reader()?;
    app.out.object(&ConnectionRow::of(&cx, connection::get(&cx, name)?)?)
}

pub(super) fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let cx = app.writer()?;
    let password = if arguments.facts.password_stdin {
        Some(prompt::secret_from_stdin()?)
    } else if arguments.password {
        Some(prompt::ask_new_secret(app, "password", "--password-stdin")?)
    } else {
        None
    };
    let mut edit = Edit {
        name: arguments.name,
        active: (arguments.active || arguments.inactive).then_some(arguments.active),
        servers: arguments.servers,
        bind_dn: arguments.bind_dn,
        base_dn: arguments.base_dn,
        no_ca_file: arguments.no_ca_file,
        ..arguments.facts.edit(password)
    };
    if arguments.no_insecure {
        edit.insecure = Some(false);
    }
    let (connection, changed) = connection::edit(&cx, &arguments.connection, &edit)?;
    app.done(&match changed.as_slice() {
        [] => "no change".to_owned(),
        changed => format!("changed connection `{}`: {}", connection.facts.name, changed.join(", ")),
    });
    if !changed.is_empty() {
        warn(app, &connection);
    }
    app.print_if_asked(&ConnectionRow::of(&cx, connection)?)
}

/// Says that nothing protects what is asked.
fn warn(app: &App, connection: &Connection) {
    if connection.facts.insecure {
        let name = &connection.facts.name;
        app.out
            .warn(&format!("warning: `{name}` is asked in plain: everybody on the way reads every password"));
    }
}

pub(super) fn delete(app: &App, engine: &mut Engine, (name, is_made_local): (&str, bool)) -> Result<()> {
    let mut cx = app.writer()?;
    if is_made_local {
        let plan = connection::make_local(&cx, engine, name)?;
        if !plan.is_empty() {
            return make_local(app, (&cx, engine), plan, name);
        }
    }
    prompt::confirm_rehearsed(
        app,
        &mut cx,
        |cx| connection::delete(cx, name),
        |connection| format!("Delete connection `{}`?", connection.facts.name),
    )?;
    let connection = connection::delete(&cx, name)?;
    app.done(&format!("deleted connection `{}`", connection.facts.name));
    Ok(())
}

/// Makes the people of a connection local, and deletes it then.
fn make_local(app: &App, (cx, engine): (&Context, &mut Engine), plan: Plan, name: &str) -> Result<()> {
    let people = people(plan.people());
    prompt::confirm(app, &format!("Take the password from {people}, and delete connection `{name}`?"))?;
    let committed = run::commit(cx, engine, plan)?;
    run::cli::finish(app, cx, &committed)?;
    if cx.dry_run {
        app.out.say(&format!("would delete connection `{name}` then"));
        return Ok(());
    }
    let connection = connection::delete(cx, name)?;
    app.done(&format!("deleted connection `{}`", connection.facts.name));
    Ok(())
}
