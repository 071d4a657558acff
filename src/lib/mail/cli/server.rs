//! `secboard mail server`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::say_unfit;
use crate::cli::output::record;
use crate::cli::{App, path, prompt};
use crate::error::Result;
use crate::mail::account;
use crate::mail::server::{self, Auth, Edit, Server, ServerKind, Smtp, security_word};
use crate::mail::transport::Security;

/// Servers: one that speaks SMTP, a folder, a local program
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a server
    #[command(after_help = "Examples:\n  secboard mail server create relay --host smtp.acme.example\n  \
        secboard mail server create relay --host smtp.acme.example --port 465 --security tls --ca-file ca.pem\n  \
        secboard mail server create folder --kind file --folder /var/lib/secboard/mails")]
    Create(Create),
    /// List servers
    #[command(after_help = "Examples:\n  secboard mail server list\n  secboard mail server list -o json")]
    List,
    /// Show one server
    #[command(after_help = "Examples:\n  secboard mail server show relay")]
    Show {
        /// Its name, in any letter case
        server: String,
    },
    /// Change a server
    #[command(after_help = "Examples:\n  secboard mail server edit relay --port 587 --security starttls\n  \
        secboard mail server edit relay --rate 30")]
    Edit(EditArgs),
    /// Delete a server that no account uses
    #[command(after_help = "Examples:\n  secboard mail server delete relay --yes")]
    Delete {
        /// Its name, in any letter case
        server: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// What it is
    #[arg(long, value_enum, default_value_t)]
    kind: ServerKind,
    #[command(flatten)]
    facts: FactArgs,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Its name, in any letter case
    server: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    facts: FactArgs,
    /// Trust the authorities of the system
    #[arg(long, conflicts_with = "ca_file")]
    no_ca_file: bool,
    /// Send any number of mails a minute
    #[arg(long, conflicts_with = "rate")]
    no_rate: bool,
}

#[derive(Debug, Args)]
struct FactArgs {
    /// Its name, which its certificate must have, or its address
    #[arg(long)]
    host: Option<String>,
    /// The port; 587 unless given
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
    /// How the connection is protected; starttls unless given
    #[arg(long, value_enum)]
    security: Option<Security>,
    /// The authorities to trust, in PEM; those of the system unless given
    #[arg(long, value_name = "FILE", value_parser = path())]
    ca_file: Option<PathBuf>,
    /// How accounts log in; plain unless given
    #[arg(long, value_enum)]
    auth: Option<Auth>,
    /// The program that prints a token, from `/` on, and its arguments, parted by blanks; no shell reads them
    #[arg(long, value_name = "COMMAND")]
    token_command: Option<String>,
    /// The folder of a server of kind file
    #[arg(long, value_name = "FOLDER", value_parser = path())]
    folder: Option<PathBuf>,
    /// The program of a server of kind sendmail, from `/` on, and its arguments, parted by blanks
    #[arg(long, value_name = "COMMAND")]
    command: Option<String>,
    /// Seconds to wait for a name, a connection and a handshake, each; 20 unless given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    connect_timeout: Option<u32>,
    /// Seconds to wait for the answer to a command; 60 unless given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=600))]
    answer_timeout: Option<u32>,
    /// Seconds to wait for a whole mail and the answer behind it; 300 unless given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=3600))]
    mail_timeout: Option<u32>,
    /// The most mails a minute; any number unless given
    #[arg(long, value_name = "MAILS", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// The most connections at once of each process that sends; 2 unless given
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=20))]
    connections: Option<u32>,
    /// Take a port and a security that do not fit, or a password in plain
    #[arg(long)]
    force: bool,
}

impl From<FactArgs> for Edit {
    fn from(given: FactArgs) -> Self {
        Self {
            host: given.host,
            port: given.port,
            security: given.security,
            ca_file: given.ca_file,
            auth: given.auth,
            token_command: given.token_command,
            folder: given.folder,
            command: given.command,
            connect_timeout: given.connect_timeout,
            answer_timeout: given.answer_timeout,
            mail_timeout: given.mail_timeout,
            rate: given.rate,
            connections: given.connections,
            force: given.force,
            ..Self::default()
        }
    }
}

record! {
    /// A server as it is printed.
    ServerRow, table ["name", "kind", "place", "security", "auth"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// What it is.
        kind: String,
        /// Host and port, folder, or program.
        place: String,
        /// Its name or address.
        host: Option<String>,
        /// The port.
        port: Option<i64>,
        /// How the connection is protected.
        security: Option<String>,
        /// The authorities that are trusted.
        ca_file: Option<String>,
        /// How accounts log in.
        auth: Option<String>,
        /// The program that prints a token.
        token_command: Option<String>,
        /// The folder.
        folder: Option<String>,
        /// The local program.
        command: Option<String>,
        /// Seconds.
        connect_timeout: i64,
        /// Seconds.
        answer_timeout: i64,
        /// Seconds.
        mail_timeout: i64,
        /// The most mails a minute.
        rate: Option<i64>,
        /// The most connections at once.
        connections: i64,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl From<Server> for ServerRow {
    fn from(server: Server) -> Self {
        let facts = server.facts;
        let (way, smtp) = (&facts.way, facts.way.smtp());
        let command = way.command().map(|words| words.join(" "));
        let place = match smtp {
            Some(Smtp { host, port, .. }) if host.contains(':') => Some(format!("[{host}]:{port}")),
            Some(Smtp { host, port, .. }) => Some(format!("{host}:{port}")),
            None => way.folder().map(str::to_owned).or_else(|| command.clone()),
        };
        Self {
            id: server.id,
            kind: way.kind().word().to_owned(),
            place: place.unwrap_or_default(),
            host: smtp.map(|smtp| smtp.host.clone()),
            port: smtp.map(|smtp| smtp.port.into()),
            security: smtp.map(|smtp| security_word(smtp.protection.security()).to_owned()),
            ca_file: way.ca_file().cloned(),
            auth: smtp.map(|smtp| smtp.login.auth().word().to_owned()),
            token_command: way.token_command().map(|words| words.join(" ")),
            folder: way.folder().map(str::to_owned),
            command,
            name: facts.name,
            connect_timeout: facts.connect_timeout.into(),
            answer_timeout: facts.answer_timeout.into(),
            mail_timeout: facts.mail_timeout.into(),
            rate: facts.rate.map(i64::from),
            connections: facts.connections.into(),
            created_at: server.created_at.to_string(),
            updated_at: server.updated_at.to_string(),
        }
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(app, arguments),
        Command::List => list(app),
        Command::Show { server } => app.out.object(&ServerRow::from(server::get(&app.reader()?, &server)?)),
        Command::Edit(arguments) => edit(app, arguments),
        Command::Delete { server } => delete(app, &server),
    }
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let name = (arguments.name.as_str(), arguments.if_absent);
    let (server, is_new) = server::create(&app.writer()?, name, arguments.kind, &arguments.facts.into())?;
    app.done(&if is_new {
        format!("created mail server `{}`", server.facts.name)
    } else {
        format!("no change: there is a mail server `{}` already", server.facts.name)
    });
    app.print_if_asked(&ServerRow::from(server))
}

fn list(app: &App) -> Result<()> {
    let mut list = app.out.list::<ServerRow>()?;
    server::list(&app.reader()?)?.into_iter().try_for_each(|server| list.row(&server.into()))?;
    list.finish()
}

fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let (no_ca_file, no_rate) = (arguments.no_ca_file, arguments.no_rate);
    let edit = Edit { name: arguments.name, no_ca_file, no_rate, ..arguments.facts.into() };
    let cx = app.writer()?;
    let (server, changed) = server::edit(&cx, &arguments.server, &edit)?;
    app.done(&match changed.as_slice() {
        [] => "no change".to_owned(),
        changed => format!("changed mail server `{}`: {}", server.facts.name, changed.join(", ")),
    });
    if changed.iter().any(|fact| fact == "auth") {
        account::unfit_for(&cx, &server)?.iter().for_each(|why| say_unfit(app, why));
    }
    app.print_if_asked(&ServerRow::from(server))
}

fn delete(app: &App, name: &str) -> Result<()> {
    let mut cx = app.writer()?;
    prompt::confirm_rehearsed(
        app,
        &mut cx,
        |cx| server::delete(cx, name),
        |server| format!("Delete mail server `{}`?", server.facts.name),
    )?;
    let server = server::delete(&cx, name)?;
    app.done(&format!("deleted mail server `{}`", server.facts.name));
    Ok(())
}
