//! `secboard mail`.

mod account;
mod route;
mod server;
mod test;

use clap::Subcommand;

use crate::cli::{App, Outcome, values};
use crate::error::Result;
use crate::mail::server::{Auth, ServerKind};
use crate::mail::transport::Security;

values! {
    ServerKind {
        Smtp "smtp": "A server that speaks SMTP",
        File "file": "A folder, in which each mail is a file: for trying, and for sites without SMTP",
        Sendmail "sendmail": "A program of this machine that takes mails as sendmail does",
    }
    Security {
        StartTls "starttls": "Plain first, then TLS by the command STARTTLS; port 587",
        Tls "tls": "TLS from the first byte; port 465",
        None "none": "Plain, for everybody on the way to read",
    }
    Auth {
        Plain "plain": "User name and password in one line",
        Login "login": "User name and password in two lines, for older servers",
        XOAuth2 "xoauth2": "A token of OAuth 2, which a command prints",
        None "none": "Nobody logs in",
    }
}

/// Mail: by which servers and accounts mails leave, and whether they would
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Servers: one that speaks SMTP, a folder, a local program
    #[command(subcommand, arg_required_else_help = true)]
    Server(server::Command),
    /// Accounts: whom mails are from, with what they log in, what signs them
    #[command(subcommand, arg_required_else_help = true)]
    Account(account::Command),
    /// Routes: which account is taken for which feature of which company
    #[command(subcommand, arg_required_else_help = true)]
    Route(route::Command),
    /// Walk the way of a mail step by step, and say what to do where it ends
    #[command(
        after_help = "Without --to the way ends before a mail is said, and nothing is sent. The exit code is 1 where the way \
        ends early.\n\nExamples:\n  secboard mail test --account noreply\n  secboard mail test --account noreply --to olena@acme.example"
    )]
    Test(test::Test),
}

/// Runs a verb.
pub(crate) fn run(app: &App, command: Command) -> Result<Outcome> {
    match command {
        Command::Server(verb) => server::run(app, verb)?,
        Command::Account(verb) => account::run(app, verb)?,
        Command::Route(verb) => return route::run(app, verb),
        Command::Test(arguments) => return test::run(app, &arguments),
    }
    Ok(Outcome::Done)
}
