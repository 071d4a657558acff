//! The SQL of photos.

use rusqlite::{OptionalExtension as _, named_params};

use crate::error::Result;
use crate::store::Tx;
use crate::store::value::{of_row, one_row};
use crate::text::instant::Instant;

pub(super) const SET_PHOTO: &str = "
    INSERT INTO photos (user_id, media_type, width, height, image, created_at, updated_at)
    VALUES (:id, :media_type, :width, :height, :image, :now, :now)
    ON CONFLICT (user_id) DO UPDATE
    SET media_type = excluded.media_type, width = excluded.width, height = excluded.height, image = excluded.image,
        updated_at = excluded.updated_at";

pub(super) const PHOTO: &str =
    "SELECT user_id, media_type, width, height, image, updated_at FROM photos WHERE user_id = :id";

pub(super) const HAS_PHOTO: &str = "SELECT EXISTS (SELECT 1 FROM photos WHERE user_id = :id)";

pub(super) const REMOVE_PHOTO: &str = "DELETE FROM photos WHERE user_id = :id";

/// A stored photo.
pub(crate) struct Photo {
    /// `image/jpeg` or `image/png`.
    pub(crate) media_type: String,
    /// Pixels across.
    pub(crate) width: u32,
    /// Pixels down.
    pub(crate) height: u32,
    /// The file's bytes.
    pub(crate) image: Vec<u8>,
    /// When it was set.
    pub(crate) updated_at: Instant,
}

pub(in crate::user) fn set_photo(tx: &Tx<'_>, id: i64, photo: &Photo) -> Result<()> {
    let set = tx.sql().prepare_cached(SET_PHOTO)?.execute(named_params! {
        ":id": id, ":media_type": photo.media_type, ":width": photo.width, ":height": photo.height,
        ":image": photo.image, ":now": photo.updated_at.micros(),
    })?;
    Ok(one_row(set, "photos", id)?)
}

/// Whether a person has a photo.
pub(in crate::user) fn has_photo(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(HAS_PHOTO)?.query_row(named_params! { ":id": id }, |row| row.get(0))?)
}

pub(in crate::user) fn photo(tx: &Tx<'_>, id: i64) -> Result<Option<Photo>> {
    let mut statement = tx.sql().prepare_cached(PHOTO)?;
    let photo = statement
        .query_row(named_params! { ":id": id }, |row| {
            of_row(("photos", "user_id"), row, |row| {
                Ok(Photo {
                    media_type: row.get("media_type")?,
                    width: row.get("width")?,
                    height: row.get("height")?,
                    image: row.get("image")?,
                    updated_at: Instant::from_micros(row.get("updated_at")?),
                })
            })
        })
        .optional()?;
    Ok(photo)
}

pub(in crate::user) fn remove_photo(tx: &Tx<'_>, id: i64) -> Result<bool> {
    Ok(tx.sql().prepare_cached(REMOVE_PHOTO)?.execute(named_params! { ":id": id })? > 0)
}
