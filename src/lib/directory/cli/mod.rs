//! `secboard ad`.

mod connection;
mod copy;
mod link;
mod lint;
mod refresh;
mod sync;
mod test;

use clap::Subcommand;

pub(crate) use self::refresh::refresh;

use crate::cli::{App, Outcome, values};
use crate::directory::connection::Scope;
use crate::error::Result;
use crate::run::Engine;
use crate::tabular::FileOrStream;

values! {
    Scope {
        Subtree "subtree": "Anywhere below the base",
        OneLevel "onelevel": "Directly below the base",
    }
}

/// Directories: which servers know the people of a company, and how they are asked
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a connection to a directory
    #[command(
        after_help = "The password is asked for unless it comes by --password-stdin, and is kept encrypted. Nothing is asked \
        of the directory yet: see whether it can be with `secboard ad test`.\n\nExamples:\n  \
        secboard ad create corp --company 'Acme Bank' --server ldaps://dc1.corp.example --server ldaps://dc2.corp.example \
        --bind-dn svc@corp.example --base-dn DC=corp,DC=example --login-domain corp.example\n  \
        secboard ad create corp --company 'Acme Bank' --server ldaps+srv://corp.example --bind-dn svc@corp.example \
        --base-dn DC=corp,DC=example\n  \
        secboard ad create corp --company 'Acme Bank' --server ldap://ds.corp.example --ca-file ca.pem \
        --bind-dn cn=reader,dc=corp,dc=example --base-dn dc=corp,dc=example --filter '(objectClass=inetOrgPerson)' \
        --map login=uid --map guid=entryUUID"
    )]
    Create(connection::Create),
    /// List connections
    #[command(after_help = "Examples:\n  secboard ad list\n  secboard ad list -o json")]
    List,
    /// Show one connection
    #[command(after_help = "Examples:\n  secboard ad show corp")]
    Show {
        /// Its name, in any letter case
        connection: String,
    },
    /// Change a connection
    #[command(after_help = "Examples:\n  secboard ad edit corp --password\n  \
        secboard ad edit corp --filter '(&(objectClass=user)(department=Treasury))'\n  \
        secboard ad edit corp --filter default\n  secboard ad edit corp --map phone=mobile --map position=-\n  \
        secboard ad edit corp --inactive")]
    Edit(connection::EditArgs),
    /// Delete a connection
    #[command(
        after_help = "A connection that manages people is kept. With --make-local they are people of this store first, in a run \
        that can be undone as long as the connection is there; nobody of them has a password then, and each chooses one by the \
        link of `secboard user invite`.\n\nExamples:\n  secboard ad delete corp --yes\n  \
        secboard ad delete corp --make-local"
    )]
    Delete {
        /// Its name, in any letter case
        connection: String,
        /// Make its people local first, without a password
        #[arg(long)]
        make_local: bool,
    },
    /// Ask a directory step by step, and say what to do where that ends
    #[command(
        after_help = "Asks every server, and the first that answers how many people there are, what three of them would be \
        here, and when it locks accounts. Nothing is changed here or there. The exit code is 1 where something is not as it \
        should be.\n\nExamples:\n  secboard ad test corp\n  secboard ad test corp -o json"
    )]
    Test {
        /// The name of the connection, in any letter case
        connection: String,
    },
    /// Find what in a directory would keep people out, or take somebody for another
    ///
    /// People without an email, a name or a guid; emails and guids that two have; emails that an account here has which is none
    /// of a directory; groups that are called nearly as one here.
    #[command(
        after_help = "All people and groups are read; where that cannot be done in whole, nothing is said of them. Nothing is \
        changed. The exit code is 1 where something was found.\n\nExamples:\n  secboard ad lint corp\n  \
        secboard ad lint corp -o csv > findings.csv"
    )]
    Lint {
        /// The name of the connection, in any letter case
        connection: String,
    },
    /// Show what a sync would do, and change nothing
    #[command(
        after_help = "Everybody is read, or what changed since the last sync, and compared with the people of the connection: what gives, then what takes. The exit code \
        is 1 where entries would be kept aside, and 76 where the brake would hold what takes.\n\nExamples:\n  \
        secboard ad plan corp\n  secboard ad plan corp -o json"
    )]
    Plan {
        /// The name of the connection, in any letter case
        connection: String,
        /// Read everybody, though what changed since the last sync may be enough
        #[arg(long)]
        full: bool,
    },
    /// Follow a directory: who is there is here, and who is gone there may not log in
    ///
    /// People are known by their guid, whatever they are called. What gives is applied: people who come new, names, access
    /// back, groups. What takes is a run of its own, which the brake holds where it takes from too many, until the next sync
    /// plans it anew or `run release` applies it. Active Directory is asked for what changed since the last sync, and once a
    /// day for everybody.
    #[command(
        after_help = "What cannot be made of an entry keeps that entry aside, for `ad quarantine`, and nobody else. A read \
        that was not whole takes nothing away. The exit code is 0 where everybody was followed, 1 where entries were kept aside, \
        69 where the directory cannot be read, 75 where another command follows it just now, 76 where the brake holds what \
        takes.\n\nExamples:\n  secboard ad sync corp\n  secboard ad sync --all\n  \
        secboard ad sync corp --full\n  secboard ad sync corp --dry-run"
    )]
    Sync(sync::Sync),
    /// List the entries that the last sync kept aside, and why
    #[command(after_help = "Examples:\n  secboard ad quarantine corp\n  secboard ad quarantine corp -o csv")]
    Quarantine {
        /// The name of the connection, in any letter case
        connection: String,
    },
    /// Write a copy of what a directory says, in which nobody is named
    ///
    /// People and groups are read as a sync of everybody reads them. In the place of each name, email, phone, entry and group stands
    /// what nobody can turn back, the same for the same, so that a copy can be given to whoever helps.
    #[command(
        after_help = "It goes to standard output, in lines of JSON. Times are left out but for whether an account has ended. \
        Nothing is changed.\n\nExamples:\n  secboard ad capture corp > corp.jsonl\n  secboard ad replay corp.jsonl"
    )]
    Capture {
        /// The name of the connection, in any letter case
        connection: String,
    },
    /// Follow a copy of a directory offline, and show what a sync would do where nobody of it is yet
    #[command(
        after_help = "It needs no store and asks nobody: a store that is made for it goes with it. The exit code is 1 where entries \
        would be kept aside.\n\nExamples:\n  secboard ad replay corp.jsonl\n  secboard ad replay - -o json < corp.jsonl"
    )]
    Replay {
        /// What `secboard ad capture` wrote; `-` for standard input
        #[arg(value_name = "FILE")]
        file: FileOrStream,
    },
    /// Tie an account of this store to its entry in a directory
    ///
    /// From then on the directory keeps the password, and the one that was set here is gone. An email that is the same does that
    /// to nobody.
    #[command(
        after_help = "It is asked for one entry that has the email, or is called as `--login` says. It is a run: its undo leaves \
        the account without a password. The last superuser of this store is not tied.\n\nExamples:\n  \
        secboard ad link olena@corp.example\n  secboard ad link olena@acme.example --connection corp --login okoval"
    )]
    Link(link::LinkArgs),
    /// Try the password of one person, and say why it does not open
    #[command(
        name = "login-test",
        after_help = "The password is asked for, or read from standard input, and is tried once, at one server. It is not tried \
        where the directory could lock the account for it. Nobody is logged in. The exit code is 1 where the password does not \
        open.\n\nExamples:\n  secboard ad login-test olena@corp.example\n  \
        secboard ad login-test okoval --connection corp --password-stdin < password"
    )]
    LoginTest(test::LoginTest),
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command, engine: &mut Engine) -> Result<Outcome> {
    match command {
        Command::Create(arguments) => connection::create(app, arguments)?,
        Command::List => connection::list(app)?,
        Command::Show { connection } => connection::show(app, &connection)?,
        Command::Edit(arguments) => connection::edit(app, arguments)?,
        Command::Delete { connection, make_local } => {
            connection::delete(app, engine, (&connection, make_local))?;
        }
        Command::Capture { connection } => copy::capture(app, &connection)?,
        Command::Replay { file } => return copy::replay(app, &file, engine),
        Command::Link(arguments) => link::run(app, &arguments, engine)?,
        Command::Test { connection } => return test::run(app, &connection),
        Command::Lint { connection } => return lint::run(app, &connection),
        Command::Plan { connection, full } => return sync::plan(app, (&connection, full), engine),
        Command::Sync(arguments) => return sync::run(app, &arguments, engine),
        Command::Quarantine { connection } => sync::quarantine(app, &connection)?,
        Command::LoginTest(arguments) => return test::login(app, &arguments),
    }
    Ok(Outcome::Done)
}
