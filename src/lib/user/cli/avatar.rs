//! `secboard user avatar`.

use std::io::Write as _;

use clap::{Args, Subcommand};

use crate::cli::App;
use crate::cli::output::record;
use crate::error::Result;
use crate::photo::{Photo, check_photo};
use crate::tabular::{FileOrStream, Source};
use crate::user::avatar;

/// The most bytes that are read, far more than a photo may have, so that its true size can be told.
const MOST_READ: u64 = 64 << 20;

/// Photos of people
#[derive(Debug, Subcommand)]
pub(crate) enum Avatar {
    /// Set a person's photo: JPEG or PNG, at most 2 MiB, at least 200 × 200 pixels
    #[command(after_help = "What the camera wrote into the file is not kept.\n\nExamples:\n  \
        secboard user avatar set olena@acme.example olena.jpg\n  \
        secboard user avatar set olena@acme.example - < olena.png")]
    Set {
        /// Email or id
        user: String,
        /// The picture; `-` is standard input
        file: FileOrStream,
    },
    /// Say what photo a person has, or write it to a file
    #[command(after_help = "Examples:\n  \
        secboard user avatar show olena@acme.example\n  \
        secboard user avatar show olena@acme.example --output olena.jpg")]
    Show(Show),
    /// Remove a person's photo
    #[command(after_help = "Examples:\n  secboard user avatar remove olena@acme.example")]
    Remove {
        /// Email or id
        user: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Email or id
    user: String,
    /// Write the picture there; `-` is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<FileOrStream>,
}

record! {
    /// A photo as printed.
    PhotoRow, table ["email", "media_type", "width", "height", "bytes", "updated_at"] {
        /// Whose.
        email: String,
        /// `image/jpeg` or `image/png`.
        media_type: String,
        /// Pixels across.
        width: i64,
        /// Pixels down.
        height: i64,
        /// Size of the file.
        bytes: i64,
        /// RFC 3339.
        updated_at: String,
    }
}

/// Runs a verb.
pub(super) fn run(app: &App, command: &Avatar) -> Result<()> {
    match command {
        Avatar::Set { user, file } => set(app, user, file),
        Avatar::Show(arguments) => show(app, arguments),
        Avatar::Remove { user } => remove(app, user),
    }
}

/// The picture in a file, checked.
pub(super) fn read(file: &FileOrStream) -> Result<Photo> {
    check_photo(&Source::named(file).read(MOST_READ)?)
}

fn set(app: &App, who: &str, file: &FileOrStream) -> Result<()> {
    let cx = app.writer()?;
    let (user, changed) = avatar::set(&cx, who, &read(file)?)?;
    let email = user.facts.email;
    app.done(&if changed {
        format!("set the photo of `{email}`")
    } else {
        format!("no change: `{email}` has this photo already")
    });
    Ok(())
}

fn show(app: &App, arguments: &Show) -> Result<()> {
    let (user, photo) = avatar::get(&app.reader()?, &arguments.user)?;
    if let Some(place) = &arguments.output {
        let mut output = app.output(place)?;
        output.write_all(&photo.image).map_err(|source| output.failed(source))?;
        output.commit()?;
        if place.file().is_some() {
            app.out.say(&format!("wrote `{place}`"));
        }
        return Ok(());
    }
    app.out.object(&PhotoRow {
        email: user.facts.email,
        media_type: photo.media_type,
        width: photo.width.into(),
        height: photo.height.into(),
        bytes: i64::try_from(photo.image.len()).unwrap_or(i64::MAX),
        updated_at: photo.updated_at.to_string(),
    })
}

fn remove(app: &App, who: &str) -> Result<()> {
    let (user, changed) = avatar::remove(&app.writer()?, who)?;
    let email = user.facts.email;
    app.done(&if changed {
        format!("removed the photo of `{email}`")
    } else {
        format!("no change: `{email}` has no photo")
    });
    Ok(())
}
