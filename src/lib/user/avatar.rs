//! A person's photo: set, shown, removed. What is stored was checked and written again by [`crate::photo`].

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::store::{self, Photo, User};
use super::{Error, KIND, get_in, guard};
use crate::audit::{self, Event, Fields};
use crate::context::Context;
use crate::crypto::hex::hex;
use crate::error::Result;
use crate::photo::Photo as Checked;
use crate::store::Tx;

/// What becomes of a photo while other things of a person are changed.
#[derive(Debug)]
pub(crate) enum PhotoChange {
    /// It stays.
    Keep,
    /// This one takes its place.
    Set(Checked),
    /// It goes.
    Remove,
}

/// Gives the person `who` a photo; returns them, and whether it is another than before.
pub(crate) fn set(cx: &Context, who: &str, photo: &Checked) -> Result<(User, bool)> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        let changed = set_in(cx, tx, &user, photo)?;
        Ok((user, changed))
    })
}

/// Like [`set`], in a transaction of the caller.
pub(super) fn set_in(cx: &Context, tx: &Tx<'_>, user: &User, photo: &Checked) -> Result<bool> {
    let new = Photo {
        media_type: photo.media_type().to_owned(),
        width: photo.width(),
        height: photo.height(),
        image: photo.image().to_vec(),
        updated_at: cx.now(),
    };
    let old = store::photo(tx, user.id)?;
    if old.as_ref().is_some_and(|old| old.image == new.image) {
        return Ok(false);
    }
    record(cx, tx, user, old.as_ref(), Some(&new))?;
    store::set_photo(tx, user.id, &new)?;
    Ok(true)
}

/// The photo of the person `who`.
pub(crate) fn get(cx: &Context, who: &str) -> Result<(User, Photo)> {
    cx.read(|tx| {
        let user = get_in(cx, tx, who, "users.view")?;
        guard::require_view(cx, &user)?;
        match store::photo(tx, user.id)? {
            Some(photo) => Ok((user, photo)),
            None => Err(Error::NoPhoto { email: user.facts.email }.into()),
        }
    })
}

/// Whether the person of that id has a photo, for an actor who may look at them.
///
/// # Errors
/// When there is nobody of that id, or the actor may not.
pub(crate) fn is_there(cx: &Context, id: i64) -> Result<bool> {
    cx.read(|tx| {
        let user = get_in(cx, tx, &id.to_string(), "users.view")?;
        guard::require_view(cx, &user)?;
        store::has_photo(tx, user.id)
    })
}

/// Removes the photo of the person `who`; returns them, and whether there was one.
pub(crate) fn remove(cx: &Context, who: &str) -> Result<(User, bool)> {
    cx.write(|tx| {
        let user = get_in(cx, tx, who, "users.edit")?;
        guard::require_manage(cx, tx, &user, "users.edit")?;
        let removed = remove_in(cx, tx, &user)?;
        Ok((user, removed))
    })
}

/// Does to the photo what is asked, in a transaction of the caller; says whether that was anything.
pub(super) fn change_in(cx: &Context, tx: &Tx<'_>, user: &User, change: &PhotoChange) -> Result<bool> {
    match change {
        PhotoChange::Keep => Ok(false),
        PhotoChange::Set(photo) => set_in(cx, tx, user, photo),
        PhotoChange::Remove => remove_in(cx, tx, user),
    }
}

fn remove_in(cx: &Context, tx: &Tx<'_>, user: &User) -> Result<bool> {
    let Some(old) = store::photo(tx, user.id)? else { return Ok(false) };
    record(cx, tx, user, Some(&old), None)?;
    store::remove_photo(tx, user.id)
}

/// The audit keeps kind, size and digest of the pictures, not the pictures.
fn record(cx: &Context, tx: &Tx<'_>, user: &User, old: Option<&Photo>, new: Option<&Photo>) -> Result<()> {
    let fields = |photo| Fields::from_iter([("photo".to_owned(), described(photo))]);
    let subject = Event::of("user.avatar", (KIND, user.id), &user.facts.email);
    let revision = audit::change(cx, tx, subject, &fields(old), &fields(new))?;
    store::stamp(tx, user.id, revision, audit::time_of(tx, revision)?)
}

fn described(photo: Option<&Photo>) -> Value {
    photo.map_or(Value::Null, |photo| {
        json!({
            "media_type": photo.media_type, "width": photo.width, "height": photo.height,
            "bytes": photo.image.len(), "sha256": hex(&Sha256::digest(&photo.image)),
        })
    })
}
