//! `secboard mail account`.

use std::io::{self, Read};

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::say_unfit;
use crate::cli::output::record;
use crate::cli::{App, prompt};
use crate::context::Context;
use crate::error::Result;
use crate::mail::Error;
use crate::mail::account::{self, Account, Edit, NewPassword};
use crate::mail::dkim::KeyFault;
use crate::mail::outbox::{self, Rest};
use crate::tabular::{FileOrStream, InputError, open_file};
use crate::text::secret::Secret;

/// The longest key that is read, in bytes.
const LONGEST_KEY: usize = 64 << 10;

/// Accounts: whom mails are from, with what they log in, what signs them
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account
    #[command(
        after_help = "The password is asked for where the server wants one, and kept encrypted.\n\nExamples:\n  \
        secboard mail account create noreply --server relay --from noreply@acme.example --user app\n  \
        secboard mail account create noreply --server folder --from noreply@acme.example --from-name 'Acme Bank'"
    )]
    Create(Create),
    /// List accounts
    #[command(after_help = "Examples:\n  secboard mail account list\n  secboard mail account list -o json")]
    List,
    /// Show one account
    #[command(after_help = "Examples:\n  secboard mail account show noreply")]
    Show {
        /// Its name, in any letter case
        account: String,
    },
    /// Change an account
    #[command(after_help = "Examples:\n  secboard mail account edit noreply --password\n  \
        secboard mail account edit noreply --reply-to help@acme.example\n  secboard mail account edit noreply --inactive")]
    Edit(EditArgs),
    /// Delete an account that no route names
    #[command(after_help = "Examples:\n  secboard mail account delete noreply --yes")]
    Delete {
        /// Its name, in any letter case
        account: String,
    },
    /// Sign the mails of an account (DKIM), or print what its domain has to publish
    #[command(
        after_help = "A key is RSA of 2048 to 4096 bits or Ed25519, in PEM (PKCS#1, PKCS#8) or, Ed25519, its seed in base64. It is \
        kept encrypted.\n\nExamples:\n  secboard mail account dkim noreply --selector mail-2026 --key key.pem\n  \
        secboard mail account dkim noreply\n  secboard mail account dkim noreply --remove"
    )]
    Dkim(DkimArgs),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// By which server its mails leave
    #[arg(long)]
    server: String,
    /// Whom its mails are from
    #[arg(long, value_name = "EMAIL")]
    from: String,
    #[command(flatten)]
    facts: FactArgs,
    /// Succeed when there is one of that name already
    #[arg(long)]
    if_absent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EditArgs {
    /// Its name, in any letter case
    account: String,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// By which server its mails leave
    #[arg(long)]
    server: Option<String>,
    /// Whom its mails are from
    #[arg(long, value_name = "EMAIL")]
    from: Option<String>,
    #[command(flatten)]
    facts: FactArgs,
    /// Ask for a new password
    #[arg(long, conflicts_with_all = ["password_stdin", "no_password"])]
    password: bool,
    /// Take the password off
    #[arg(long, conflicts_with = "password_stdin")]
    no_password: bool,
    /// Let it send
    #[arg(long, conflicts_with = "inactive")]
    active: bool,
    /// Let it send nothing; what it should send waits
    #[arg(long)]
    inactive: bool,
}

#[derive(Debug, Args)]
struct FactArgs {
    /// The only company whose mails it sends; an empty text for any
    #[arg(long)]
    company: Option<String>,
    /// The name beside the address; an empty text for none
    #[arg(long, value_name = "NAME")]
    from_name: Option<String>,
    /// Where answers go, if elsewhere; an empty text for nowhere else
    #[arg(long, value_name = "EMAIL")]
    reply_to: Option<String>,
    /// The name it logs in with; an empty text for none
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DkimArgs {
    /// Its name, in any letter case
    account: String,
    /// The private key, a file or `-`
    #[arg(long, value_name = "FILE", requires = "selector")]
    key: Option<FileOrStream>,
    /// Under which name the domain publishes the key
    #[arg(long, requires = "key")]
    selector: Option<String>,
    /// The domain that signs; that of the sender unless given
    #[arg(long, requires = "key")]
    domain: Option<String>,
    /// Sign no longer
    #[arg(long, conflicts_with = "key")]
    remove: bool,
}

impl FactArgs {
    fn edit(self, password: NewPassword) -> Edit {
        Edit {
            company: self.company,
            from_name: self.from_name,
            reply_to: self.reply_to,
            user: self.user,
            password,
            ..Edit::default()
        }
    }
}

record! {
    /// An account as it is printed.
    AccountRow, table ["name", "server", "company", "from", "user", "active"] {
        /// The id.
        id: i64,
        /// The name.
        name: String,
        /// By which server its mails leave.
        server: String,
        /// The only company whose mails it sends.
        company: Option<String>,
        /// Whom its mails are from.
        from: String,
        /// The name beside that.
        from_name: Option<String>,
        /// Where answers go.
        reply_to: Option<String>,
        /// The name it logs in with.
        user: Option<String>,
        /// Whether it has a password.
        has_password: bool,
        /// The domain that signs.
        dkim_domain: Option<String>,
        /// Under which name that publishes the key.
        dkim_selector: Option<String>,
        /// Whether it sends.
        active: bool,
        /// Until when it rests after a failure, RFC 3339; nothing where it does not.
        rests_until: Option<String>,
        /// At which step it failed, and what the server said.
        rests_for: Option<String>,
        /// RFC 3339.
        created_at: String,
        /// RFC 3339.
        updated_at: String,
    }
}

impl AccountRow {
    fn new(account: Account, resting: &[Rest]) -> Self {
        let rest = resting.iter().find(|rest| rest.account_id == account.id);
        let facts = account.facts;
        let (dkim_domain, dkim_selector) = facts.dkim.map(|dkim| (dkim.domain, dkim.selector)).unzip();
        Self {
            id: account.id,
            name: facts.name,
            server: facts.server,
            company: facts.company,
            from: facts.from,
            from_name: facts.from_name,
            reply_to: facts.reply_to,
            user: facts.user,
            has_password: account.has_password,
            dkim_domain,
            dkim_selector,
            active: facts.active,
            rests_until: rest.map(|rest| rest.until.to_string()),
            rests_for: rest.map(|rest| format!("{}: {}", rest.step, rest.answer)),
            created_at: account.created_at.to_string(),
            updated_at: account.updated_at.to_string(),
        }
    }
}

record! {
    /// What a domain has to publish.
    RecordRow, table ["name", "text", "zone_line"] {
        /// The name of the record.
        name: String,
        /// Its text.
        text: String,
        /// All of it, as a zone file has it.
        zone_line: String,
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: Command) -> Result<()> {
    match command {
        Command::Create(arguments) => create(app, arguments),
        Command::List => list(app),
        Command::Show { account } => {
            let cx = app.reader()?;
            app.out.object(&row(&cx, account::get(&cx, &account)?)?)
        }
        Command::Edit(arguments) => edit(app, arguments),
        Command::Delete { account } => delete(app, &account),
        Command::Dkim(arguments) => dkim(app, arguments),
    }
}

fn create(app: &App, arguments: Create) -> Result<()> {
    let cx = app.writer()?;
    // Before anything is asked for.
    if arguments.if_absent
        && let Some(found) = account::find(&cx, &arguments.name)?
    {
        app.done(&format!("no change: there is a mail account `{}` already", found.facts.name));
        return app.print_if_asked(&row(&cx, found)?);
    }
    let wants = account::wants_password(&cx, &arguments.server)? && arguments.facts.user.is_some();
    let password = if arguments.facts.password_stdin {
        NewPassword::Is(prompt::secret_from_stdin()?)
    } else if wants {
        NewPassword::Is(prompt::ask_new_secret(app, "password", "--password-stdin")?)
    } else {
        NewPassword::Same
    };
    let edit =
        Edit { server: Some(arguments.server), from: Some(arguments.from), ..arguments.facts.edit(password) };
    let account = account::create(&cx, &arguments.name, &edit)?;
    app.done(&format!("created mail account `{}`", account.facts.name));
    app.print_if_asked(&row(&cx, account)?)
}

fn list(app: &App) -> Result<()> {
    let cx = app.reader()?;
    let resting = cx.read(|tx| outbox::resting(&cx, tx))?;
    let accounts = account::list(&cx)?;
    let said: Vec<String> = resting
        .iter()
        .filter(|rest| accounts.iter().any(|account| account.id == rest.account_id))
        .map(Rest::said)
        .collect();
    let mut list = app.out.list::<AccountRow>()?;
    accounts.into_iter().try_for_each(|account| list.row(&AccountRow::new(account, &resting)))?;
    list.finish()?;
    for said in said {
        app.out.say(&said);
    }
    Ok(())
}

fn row(cx: &Context, account: Account) -> Result<AccountRow> {
    Ok(AccountRow::new(account, &cx.read(|tx| outbox::resting(cx, tx))?))
}

fn edit(app: &App, arguments: EditArgs) -> Result<()> {
    let cx = app.writer()?;
    let password = if arguments.facts.password_stdin {
        NewPassword::Is(prompt::secret_from_stdin()?)
    } else if arguments.password {
        NewPassword::Is(prompt::ask_new_secret(app, "password", "--password-stdin")?)
    } else if arguments.no_password {
        NewPassword::No
    } else {
        NewPassword::Same
    };
    let active = (arguments.active || arguments.inactive).then_some(arguments.active);
    let edit = Edit {
        name: arguments.name,
        server: arguments.server,
        from: arguments.from,
        active,
        ..arguments.facts.edit(password)
    };
    let (account, changed) = account::edit(&cx, &arguments.account, &edit)?;
    app.done(&match changed.as_slice() {
        [] => "no change".to_owned(),
        changed => format!("changed mail account `{}`: {}", account.facts.name, changed.join(", ")),
    });
    if !changed.is_empty() {
        account::unfit(&cx, &account)?.iter().for_each(|why| say_unfit(app, why));
    }
    app.print_if_asked(&row(&cx, account)?)
}

fn delete(app: &App, name: &str) -> Result<()> {
    let mut cx = app.writer()?;
    prompt::confirm_rehearsed(
        app,
        &mut cx,
        |cx| account::delete(cx, name),
        |account| format!("Delete mail account `{}`?", account.facts.name),
    )?;
    let account = account::delete(&cx, name)?;
    app.done(&format!("deleted mail account `{}`", account.facts.name));
    Ok(())
}

fn dkim(app: &App, arguments: DkimArgs) -> Result<()> {
    if arguments.remove {
        let cx = app.writer()?;
        let (account, was_signed) = account::remove_key(&cx, &arguments.account)?;
        let name = &account.facts.name;
        app.done(&if was_signed {
            format!("the mails of `{name}` are signed no longer")
        } else {
            format!("no change: the mails of `{name}` are not signed")
        });
        return app.print_if_asked(&row(&cx, account)?);
    }
    let account = match (&arguments.key, &arguments.selector) {
        (Some(place), Some(selector)) => {
            let cx = app.writer()?;
            let key = read_key(place)?;
            let account =
                account::set_key(&cx, &arguments.account, (arguments.domain.as_deref(), selector), &key)?;
            app.done(&format!(
                "the mails of `{}` are signed from now on; they are believed once its domain publishes:",
                account.facts.name
            ));
            account
        }
        _ => account::get(&app.reader()?, &arguments.account)?,
    };
    let unsigned = || Error::Unsigned { account: account.facts.name.clone() };
    let record = account.facts.dkim.as_ref().ok_or_else(unsigned)?.record();
    if app.out.is_table() && app.out.columns.is_none() {
        return app.out.value(&record.zone_line());
    }
    let zone_line = record.zone_line();
    app.out.object(&RecordRow { name: record.name, text: record.text, zone_line })
}

/// The text of a key. Its buffer is wiped, and has room for all of it: one that grows leaves copies behind.
fn read_key(place: &FileOrStream) -> Result<Secret> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * LONGEST_KEY));
    let limit = LONGEST_KEY as u64;
    match place.file() {
        Some(path) => open_file(path)?.take(limit).read_to_end(&mut bytes),
        None => io::stdin().lock().take(limit).read_to_end(&mut bytes),
    }
    .map_err(|source| InputError::Read { file: place.to_string(), source })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyFault::NoKey)?;
    Ok(Secret::new(text.to_owned()))
}
