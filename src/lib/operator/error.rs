//! What the door of the shell refuses.

use std::path::PathBuf;

use crate::config;
use crate::error::{Explain, Failure, Kind};
use crate::text::shell::secboard;

/// Who may not use secboard here, or not like this.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The process runs as somebody who does not own the store.
    #[error("the store `{path}` belongs to `{owner}`, and this runs as `{user}`", path = path.display())]
    NotOwner {
        /// The store.
        path: PathBuf,
        /// Whose it is.
        owner: String,
        /// Who runs this.
        user: String,
    },
    /// A variable that sudo, doas or pkexec sets has a value none of them would set.
    #[error("`{variable}` is `{value}`, which names no user of this machine")]
    Malformed {
        /// The variable.
        variable: &'static str,
        /// Its value.
        value: String,
    },
    /// Two of those variables name different users.
    #[error("`{one}` and `{other}` name different users, so it is not known who is at the shell")]
    Contradiction {
        /// One variable.
        one: &'static str,
        /// Another.
        other: &'static str,
    },
    /// Nobody said which account the shell user has.
    #[error("the shell user `{shell_user}` is no operator")]
    Unmapped {
        /// The shell user.
        shell_user: String,
    },
    /// The number of the shell user belonged to somebody else when it was mapped.
    #[error("the shell user `{shell_user}` is no operator: number {uid} was `{mapped}` when it was mapped")]
    Renamed {
        /// The shell user.
        shell_user: String,
        /// The number.
        uid: u32,
        /// The name then.
        mapped: String,
    },
    /// The account may not log in today, so it may not act either.
    #[error("`{email}` may not act: {reason}")]
    Inactive {
        /// The account.
        email: String,
        /// Why not.
        reason: String,
    },
    /// The account is there no more.
    #[error("the account is gone")]
    AccountGone,
    /// The account may not be an operator.
    #[error("`{email}` may not act at the shell: the account is not marked as staff")]
    NotStaff {
        /// The account.
        email: String,
    },
    /// An operator asks for another store, another configuration or another account.
    #[error("an operator cannot use `{what}`")]
    Redirected {
        /// The flag or variable.
        what: String,
    },
    /// There is no store, and who asks is an operator.
    #[error("there is no store at `{path}`", path = path.display())]
    NoStore {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// An operator names a file.
    #[error("an operator reads and writes no files, and `{argument}` is `{value}`")]
    File {
        /// The argument.
        argument: String,
        /// The file.
        value: String,
        /// Whether `-` may stand there.
        takes_stream: bool,
    },
    /// A command that is no operator's.
    #[error("`secboard {command}` belongs to root and to the owner of the store")]
    SystemOnly {
        /// The command.
        command: String,
    },
    /// A refusal whose row cannot be written.
    #[error(
        "{}: {why}",
        if *in_part { "part of it was refused, which could not be recorded" }
        else { "there is no answer, for it could not be recorded" }
    )]
    Unrecorded {
        /// Whether the rest was done.
        in_part: bool,
        /// Why it cannot be written.
        why: Failure,
    },
    /// There is no such shell user.
    #[error("there is no user `{name}` on this machine")]
    NoShellUser {
        /// As typed.
        name: String,
    },
    /// Several numbers had this name when they were mapped.
    #[error("several numbers were `{name}` when they were mapped")]
    SeveralShellUsers {
        /// As typed.
        name: String,
        /// The numbers.
        uids: Vec<u32>,
    },
    /// The owner of the store needs no account.
    #[error("`{shell_user}` owns the store, may do everything with it and cannot be mapped")]
    Owner {
        /// The shell user.
        shell_user: String,
    },
    /// The users of the machine cannot be looked up.
    #[error(transparent)]
    Machine(#[from] config::Error),
    /// Root needs no account.
    #[error("root may do everything and cannot be mapped")]
    Root,
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOwner { .. } => "operator.not_owner",
            Self::Malformed { .. } => "operator.malformed",
            Self::Contradiction { .. } => "operator.contradiction",
            Self::Unmapped { .. } => "operator.unmapped",
            Self::Renamed { .. } => "operator.renamed",
            Self::Inactive { .. } => "operator.inactive",
            Self::AccountGone => "operator.account_gone",
            Self::NotStaff { .. } => "operator.not_staff",
            Self::Redirected { .. } => "operator.redirected",
            Self::NoStore { .. } => "store.missing",
            Self::File { .. } => "operator.file",
            Self::SystemOnly { .. } => "operator.system_only",
            Self::Unrecorded { .. } => "operator.unrecorded",
            Self::NoShellUser { .. } => "operator.no_shell_user",
            Self::SeveralShellUsers { .. } => "operator.several_shell_users",
            Self::Owner { .. } => "operator.owner",
            Self::Root => "operator.root",
            Self::Machine(error) => error.code(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Unrecorded { why, .. } => why.kind(),
            Self::NoShellUser { .. } => Kind::NotFound,
            Self::NoStore { .. } => Kind::NoInput,
            Self::SeveralShellUsers { .. } | Self::Owner { .. } | Self::Root => Kind::Refused,
            Self::Machine(error) => error.kind(),
            _ => Kind::Denied,
        }
    }

    fn command(&self) -> Option<String> {
        match self {
            Self::Inactive { email, .. } => Some(secboard("user why").operand(email).to_string()),
            Self::NotStaff { email } => {
                Some(secboard("user edit").operand(email).flags("--staff").to_string())
            }
            Self::Machine(error) => error.command(),
            _ => None,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NotOwner { owner, .. } => format!("run `{}`", config::as_owner(owner)),
            Self::Malformed { .. } | Self::Contradiction { .. } => {
                "sudo, doas and pkexec set these variables themselves; do not set them by hand".to_owned()
            }
            Self::Unmapped { shell_user } | Self::Renamed { shell_user, .. } => {
                let shell_user = shell_user.strip_prefix("uid ").unwrap_or(shell_user);
                let command = secboard("setting operator set").word(shell_user).word("EMAIL");
                format!("an administrator changes that with `{command}`")
            }
            Self::Inactive { .. } => "an administrator sees more".to_owned(),
            Self::NotStaff { .. } => "an administrator changes that".to_owned(),
            Self::Redirected { .. } => {
                "leave it out: operators work on the store of the user they run as".to_owned()
            }
            Self::File { takes_stream: false, .. } => {
                "leave it out, or ask the owner of the store".to_owned()
            }
            Self::File { .. } => {
                "give `-`, and let the shell read or write the file: `< FILE`, `> FILE`".to_owned()
            }
            Self::SystemOnly { .. } | Self::NoStore { .. } => {
                "ask somebody who administers this machine".to_owned()
            }
            Self::Unrecorded { in_part: true, .. } => {
                "the rest was done; see that the store can be written".to_owned()
            }
            Self::Unrecorded { in_part: false, .. } => {
                "see that the store can be written, and ask again".to_owned()
            }
            Self::NoShellUser { .. } => "give its name, or its number".to_owned(),
            Self::SeveralShellUsers { uids, .. } => {
                let uids: Vec<String> = uids.iter().map(u32::to_string).collect();
                format!("give the number: {}", uids.join(", "))
            }
            Self::Owner { .. } => {
                "map the user who runs `sudo` to become the owner, or try an account with `--as EMAIL`"
                    .to_owned()
            }
            Self::Machine(error) => return error.advice(),
            Self::Root | Self::AccountGone => return None,
        })
    }
}
