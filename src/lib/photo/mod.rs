//! Photos of people: a JPEG or PNG, known by its content, of a size that a page and a store can bear.
//!
//! Nothing that was uploaded is stored. The picture is decoded and written again, so that neither metadata (where it was
//! taken, by which camera) nor anything hidden in the file survives, and what a phone noted as "turn me" is done. Colours
//! are made those of sRGB, which every program shows alike, where the file says that they are meant otherwise. The
//! size that the file claims is checked before one pixel is unpacked: a few kilobytes can claim gigabytes.

mod color;
mod turn;

pub(crate) use turn::check_in_turn;

use std::io::Cursor;

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
use image::{DynamicImage, ImageDecoder, ImageEncoder as _, ImageError, ImageFormat, ImageReader, Limits};

use crate::error::{Explain, Kind, Result};

/// The largest file, in bytes; twice as much is the largest picture that is stored.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// The shortest side, in pixels.
const MIN_SIDE: u32 = 200;
/// The most pixels.
const MAX_PIXELS: u64 = 40_000_000;
/// The most memory for what a file has beside its pixels, in bytes, packed and unpacked: a colour profile in a PNG is packed, and a few
/// kilobytes of it can be gigabytes. One that is larger is none, as one that cannot be read.
const MAX_BESIDE: u64 = 8 * 1024 * 1024;
/// The quality at which a JPEG is written again, of 100; the second loss is not seen.
const JPEG_QUALITY: u8 = 88;

/// A picture that was checked and written again.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Photo {
    format: Format,
    width: u32,
    height: u32,
    image: Vec<u8>,
}

/// The kinds of picture that every browser shows and every decoder reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
}

/// Why a photo is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PhotoError {
    #[error("the photo is {found}; only JPEG and PNG are accepted, whatever the name of the file")]
    Format { found: &'static str },
    #[error("the photo has {bytes} bytes, more than {MAX_BYTES} (2 MiB)")]
    TooLarge { bytes: usize },
    #[error("the photo would take {bytes} bytes once it is written without metadata, too many to store")]
    TooDetailed { bytes: usize },
    #[error("the photo has {width} × {height} pixels, fewer than {MIN_SIDE} × {MIN_SIDE}")]
    TooSmall { width: u32, height: u32 },
    #[error("the photo claims {width} × {height} pixels, more than {} megapixels", MAX_PIXELS / 1_000_000)]
    TooManyPixels { width: u32, height: u32 },
    #[error("the photo would need too much memory to unpack")]
    TooMuchMemory,
    #[error("the photo is cut off or damaged")]
    Damaged { source: Option<ImageError> },
    #[error("too many photos are sent at once")]
    Busy,
}

impl Explain for PhotoError {
    fn code(&self) -> &'static str {
        match self {
            Self::Format { .. } => "photo.format",
            Self::TooLarge { .. } | Self::TooDetailed { .. } => "photo.too_large",
            Self::TooSmall { .. } => "photo.too_small",
            Self::TooManyPixels { .. } | Self::TooMuchMemory => "photo.too_many_pixels",
            Self::Damaged { .. } => "photo.damaged",
            Self::Busy => "photo.busy",
        }
    }

    fn kind(&self) -> Kind {
        if matches!(self, Self::Busy) { Kind::Busy } else { Kind::Refused }
    }

    fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Format { .. } => "save it as JPEG or PNG; renaming the file changes nothing".into(),
            Self::TooLarge { .. } | Self::TooDetailed { .. } => {
                "make it smaller, such as 800 × 800 pixels, or save it as JPEG".into()
            }
            Self::TooSmall { .. } => "take one of at least 200 × 200 pixels; enlarging adds no detail".into(),
            Self::TooManyPixels { .. } | Self::TooMuchMemory => {
                "make it smaller, such as 800 × 800 pixels".into()
            }
            Self::Busy => "send it again in a few seconds".into(),
            Self::Damaged { .. } => "open it in a picture viewer, save it again, or copy it again".into(),
        })
    }
}

impl Photo {
    /// The media type a browser is told (RFC 2046, RFC 2083).
    pub(crate) const fn media_type(&self) -> &'static str {
        match self.format {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
        }
    }

    /// Width in pixels, after turning.
    pub(crate) const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, after turning.
    pub(crate) const fn height(&self) -> u32 {
        self.height
    }

    /// The picture as it is stored.
    pub(crate) fn image(&self) -> &[u8] {
        &self.image
    }
}

impl std::fmt::Debug for Photo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Photo({}, {} × {})", self.media_type(), self.width, self.height)
    }
}

/// Checks an uploaded picture and makes of it the one to store.
pub(crate) fn check_photo(bytes: &[u8]) -> Result<Photo> {
    Ok(check(bytes)?)
}

fn check(bytes: &[u8]) -> Result<Photo, PhotoError> {
    if bytes.len() > MAX_BYTES {
        return Err(PhotoError::TooLarge { bytes: bytes.len() });
    }
    let format = recognise(bytes)?;
    if !is_complete(bytes, format) {
        return Err(PhotoError::Damaged { source: None });
    }
    let (picture, profile) = decode(bytes, format)?;
    let (width, height) = (picture.width(), picture.height());
    let image = match profile.and_then(|profile| color::in_srgb(&picture, &profile)) {
        Some((picture, srgb)) => encode(picture, format, Some(srgb))?,
        None => encode(picture, format, None)?,
    };
    Ok(Photo { format, width, height, image })
}

/// The format by the first bytes of the content.
fn recognise(bytes: &[u8]) -> Result<Format, PhotoError> {
    let found = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => return Ok(Format::Jpeg),
        Ok(ImageFormat::Png) => return Ok(Format::Png),
        Ok(ImageFormat::Gif) => "a GIF",
        Ok(ImageFormat::WebP) => "a WebP",
        Ok(ImageFormat::Bmp) => "a BMP",
        Ok(ImageFormat::Tiff) => "a TIFF",
        Ok(ImageFormat::Avif) => "an AVIF",
        Ok(ImageFormat::Ico) => "an icon",
        Ok(_) => "a picture of another kind",
        Err(_) if bytes.is_empty() => "an empty file",
        Err(_) if bytes.get(4..8) == Some(b"ftyp") => "a HEIC or a video",
        Err(_) => "no picture",
    };
    Err(PhotoError::Format { found })
}

/// Whether the file has its end; the decoder of JPEG fills what is missing with grey and says nothing.
fn is_complete(bytes: &[u8], format: Format) -> bool {
    match format {
        Format::Jpeg => is_jpeg_complete(bytes),
        Format::Png => memchr::memmem::find(bytes, PNG_END).is_some(),
    }
}

/// The header is walked segment by segment, for a thumbnail inside it has an end of its own. After it, `FF D9` stands
/// nowhere but at the end of the picture (ITU T.81, B.1.1.5).
fn is_jpeg_complete(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, ..] = *rest {
        if marker == 0xFF {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = rest.get(2 + length..).unwrap_or_default();
        if marker == JPEG_START_OF_SCAN {
            return memchr::memmem::find(rest, JPEG_END).is_some();
        }
    }
    false
}

const JPEG_START_OF_SCAN: u8 = 0xDA;
const JPEG_END: &[u8] = b"\xFF\xD9";
/// The last chunk, which is empty, with its checksum.
const PNG_END: &[u8] = b"IEND\xAE\x42\x60\x82";

/// The picture, and its colour profile if it has one.
fn decode(bytes: &[u8], format: Format) -> Result<(DynamicImage, Option<Vec<u8>>), PhotoError> {
    let format = match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    // Of the pixels it is known by their number how much they take.
    limits.max_alloc = Some(MAX_BESIDE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(decode_error)?;
    check_size(decoder.dimensions())?;
    let orientation = decoder.orientation().map_err(decode_error)?;
    // What cannot be read of it is none: so viewers do.
    let profile = decoder.icc_profile().unwrap_or_default();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(decode_error)?;
    picture.apply_orientation(orientation);
    Ok((picture, profile))
}

fn check_size((width, height): (u32, u32)) -> Result<(), PhotoError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoError::TooManyPixels { width, height });
    }
    if width.min(height) < MIN_SIDE {
        return Err(PhotoError::TooSmall { width, height });
    }
    Ok(())
}

fn decode_error(error: ImageError) -> PhotoError {
    match error {
        ImageError::Limits(_) => PhotoError::TooMuchMemory,
        error => PhotoError::Damaged { source: Some(error) },
    }
}

/// Eight bits a channel are enough for every screen; grey stays grey. A profile says what the colours are.
fn encode(picture: DynamicImage, format: Format, profile: Option<Vec<u8>>) -> Result<Vec<u8>, PhotoError> {
    let mut image = Vec::new();
    let colors = picture.color();
    let written = match (format, colors.has_color(), colors.has_alpha()) {
        (Format::Jpeg, color, _) => {
            let picture =
                if color { picture.into_rgb8().into() } else { DynamicImage::from(picture.into_luma8()) };
            let mut encoder = JpegEncoder::new_with_quality(&mut image, JPEG_QUALITY);
            if let Some(profile) = profile {
                // Both formats hold profiles.
                encoder.set_icc_profile(profile).ok();
            }
            picture.write_with_encoder(encoder)
        }
        (Format::Png, color, alpha) => {
            let mut encoder = PngEncoder::new(&mut image);
            if let Some(profile) = profile {
                encoder.set_icc_profile(profile).ok();
            }
            as_png_pixels(picture, color, alpha).write_with_encoder(encoder)
        }
    };
    written.map_err(|error| PhotoError::Damaged { source: Some(error) })?;
    if image.len() > 2 * MAX_BYTES {
        return Err(PhotoError::TooDetailed { bytes: image.len() });
    }
    Ok(image)
}

fn as_png_pixels(picture: DynamicImage, color: bool, alpha: bool) -> DynamicImage {
    match (color, alpha) {
        (true, true) => picture.into_rgba8().into(),
        (true, false) => picture.into_rgb8().into(),
        (false, true) => picture.into_luma_alpha8().into(),
        (false, false) => picture.into_luma8().into(),
    }
}

#[cfg(test)]
pub(crate) mod tests;
