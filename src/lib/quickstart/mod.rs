//! A store to try things out with: three companies and two hundred made-up people in a folder of its own, a workbook of
//! them, a folder for its mails, and a tour of commands that work exactly as printed. `--serve` serves its pages too.

pub(crate) mod cli;
mod mails;
mod sample;
mod serve;
mod tour;

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::company;
use crate::config::Config;
use crate::context::settings::Table;
use crate::context::{Clock, Context};
use crate::crypto::rng::Random;
use crate::error::{Explain, Kind, Result};
use crate::mail::server::ServerKind;
use crate::mail::{account, route, server};
use crate::org::unit;
use crate::run::{self, Change, Engine, Planner, Spec};
use crate::setup::template::Template;
use crate::setup::{self, InitOptions};
use crate::store::Tx;
use crate::text::date::Day;
use crate::text::secret::Secret;
use crate::user::{self, Facts};

/// The superuser of a quickstart.
pub(super) const SUPERUSER: &str = "admin@acme.example";

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Another store is named than the one that it makes.
    #[error("`quickstart` makes a store of its own, in its folder, and takes no `--store`")]
    StoreNamed,
    /// The folder has something in it.
    #[error("the folder `{folder}` is not empty", folder = folder.display())]
    NotEmpty {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be made or written.
    #[error("cannot write to the folder `{folder}`", folder = folder.display())]
    CannotWrite {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder is somebody else's, or theirs to change.
    #[error("the folder `{folder}` is not yours alone", folder = folder.display())]
    NotOwn {
        /// The folder.
        folder: PathBuf,
    },
    /// Another process serves the folder.
    #[error("`{folder}` is being served", folder = folder.display())]
    Served {
        /// The folder.
        folder: PathBuf,
    },
}

impl Explain for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::StoreNamed => "quickstart.store_named",
            Self::NotEmpty { .. } => "quickstart.not_empty",
            Self::CannotWrite { .. } => "quickstart.cannot_write",
            Self::NotOwn { .. } => "quickstart.not_own",
            Self::Served { .. } => "quickstart.served",
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::StoreNamed => Kind::Usage,
            Self::NotEmpty { .. } | Self::CannotWrite { .. } | Self::Served { .. } => Kind::CannotCreate,
            Self::NotOwn { .. } => Kind::Denied,
        }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::StoreNamed => {
                "name the folder, as in `secboard quickstart DIR`; `secboard init` makes a store where `--store` says"
                    .to_owned()
            }
            Self::NotEmpty { .. } => {
                "nothing was touched; name another folder, or remove this one".to_owned()
            }
            Self::NotOwn { .. } => {
                "whoever else can write into it could have this command run and write what they like; name a folder of your own"
                    .to_owned()
            }
            Self::CannotWrite { .. } => "name another, as in `secboard quickstart DIR`".to_owned(),
            Self::Served { .. } => "end it with Ctrl-C where it runs, or name another folder".to_owned(),
        })
    }
}

/// Refuses a folder that has something in it.
pub(crate) fn check_empty(folder: &Path) -> Result<(), Error> {
    let holds_something = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something { Err(Error::NotEmpty { folder: folder.to_owned() }) } else { Ok(()) }
}

/// Refuses a folder that is somebody else's, or that others can write into; one that is not there is nobody's.
pub(crate) fn check_own(folder: &Path) -> Result<(), Error> {
    let Ok(found) = std::fs::metadata(folder) else { return Ok(()) };
    let is_own = found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o022 == 0;
    if is_own { Ok(()) } else { Err(Error::NotOwn { folder: folder.to_owned() }) }
}

/// Folders that were made and are still empty.
#[must_use = "they are taken away again where nothing is to be made in them"]
pub(crate) struct Made<'folder> {
    /// The innermost first.
    folders: Vec<&'folder Path>,
}

impl Made<'_> {
    /// Takes them away, but for those in which something is by now.
    pub(crate) fn take_away(&self) {
        for folder in &self.folders {
            if std::fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }
}

/// Makes the folder, and refuses one in which nothing can be made.
pub(crate) fn make_folder(folder: &Path) -> Result<Made<'_>, Error> {
    let folders =
        folder.ancestors().take_while(|folder| std::fs::symlink_metadata(folder).is_err()).collect();
    let created = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    let tried = created.and_then(|()| tempfile::tempfile_in(folder));
    tried.map_err(|source| Error::CannotWrite { folder: folder.to_owned(), source })?;
    Ok(Made { folders })
}

/// Makes the store with everything in it.
pub(crate) fn make(
    config: &Config,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Random>,
    password: Secret,
    (table, engine): (&'static Table, &mut Engine),
) -> Result<()> {
    let mut superuser = Facts::new(SUPERUSER.to_owned());
    superuser.first_name = Some("Ada".to_owned());
    superuser.last_name = Some("Admin".to_owned());
    let first = sample::COMPANIES.first().map_or("Acme Bank", |company| company.name);
    let options = InitOptions {
        table,
        settings: vec![
            ("site.name", "Quickstart".to_owned()),
            ("site.kind", "demo".to_owned()),
            ("site.time_zone", setup::cli::system_time_zone()),
            ("site.region", "UA".to_owned()),
        ],
        company: first.to_owned(),
        superuser,
        password,
        must_change_password: true,
        template: Some(Template::Manual),
    };
    setup::init(config, clock, rng, &options, |cx, tx| fill(cx, tx, engine))
}

/// Has mails leave into a folder below this one.
pub(crate) fn make_mail(cx: &Context, folder: &Path) -> Result<()> {
    let mails = folder.join("mails");
    drop(make_folder(&mails)?);
    let into = server::Edit { folder: Some(mails), ..server::Edit::default() };
    server::create(cx, ("folder", false), ServerKind::File, &into)?;
    let text = |text: &str| Some(text.to_owned());
    let from = account::Edit {
        server: text("folder"),
        from: text("noreply@acme.example"),
        from_name: text("Quickstart"),
        ..account::Edit::default()
    };
    account::create(cx, "noreply", &from)?;
    route::set(cx, (None, None), ("noreply", None))?;
    Ok(())
}

fn fill(cx: &Context, tx: &Tx<'_>, engine: &mut Engine) -> Result<()> {
    let spec = Spec { kind: "quickstart", source: "made-up people", repeats: false, is_whole: true };
    run::execute_in(cx, tx, engine, &spec, |planner| {
        plan_organisation(planner)?;
        (0..sample::PEOPLE).filter_map(|index| sample::person(index, cx.today())).try_for_each(|facts| {
            planner.change(&Change::creation(user::KIND, facts.email.clone(), facts.as_created()))
        })
    })?;
    Ok(())
}

fn plan_organisation(planner: &mut Planner<'_>) -> Result<()> {
    for (index, company) in sample::COMPANIES.iter().enumerate() {
        let fields = |name: &str, more: &[(&str, &str)]| {
            let pairs = [("name", name), ("company", company.name)];
            pairs.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
        };
        if index > 0 {
            planner.change(&creation(company::KIND, company.name, fields(company.name, &[])))?;
        }
        for (department, positions) in company.departments {
            planner.change(&creation(unit::DEPARTMENT, department, fields(department, &[])))?;
            for position in *positions {
                let fields = fields(position, &[("department", department)]);
                planner.change(&creation(unit::POSITION, position, fields))?;
            }
        }
    }
    Ok(())
}

fn creation(kind: &str, subject: &str, after: crate::audit::Fields) -> Change {
    Change::creation(kind, subject.to_owned(), after)
}

/// This program, so that a tour calls the same.
fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| PathBuf::from("secboard"))
}

/// The email of the first made-up person who is like that.
fn somebody(is_like_that: impl Fn(&Facts) -> bool) -> String {
    (0..sample::PEOPLE)
        .filter_map(|index| sample::person(index, Day::FIRST))
        .find(is_like_that)
        .map(|facts| facts.email)
        .unwrap_or_default()
}

/// The email of a made-up person whose switch is off.
fn somebody_switched_off() -> String {
    somebody(|facts| !facts.active)
}

/// The email of a made-up person of a company who could log in, if they had a password.
fn somebody_to_log_in(company: &str) -> String {
    somebody(|facts| {
        let has_no_dates = facts.start_date.is_none() && facts.end_date.is_none();
        let is_plain = !facts.two_factor_required && !facts.staff;
        facts.active && has_no_dates && is_plain && facts.company.as_deref() == Some(company)
    })
}
