//! Colours of a picture as sRGB has them (IEC 61966-2-1), where its file says that its numbers mean others.

use image::DynamicImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Bytes of a profile that is followed; those of cameras and telephones have a few kilobytes.
const MOST: usize = 1 << 20;

/// The picture in sRGB, and the profile of sRGB; nothing if its own profile is not one of colours on a screen, or cannot be
/// followed, as viewers do not follow it either.
pub(super) fn in_srgb(picture: &DynamicImage, profile: &[u8]) -> Option<(DynamicImage, Vec<u8>)> {
    if profile.len() > MOST || !picture.color().has_color() {
        return None;
    }
    let from = ColorProfile::new_from_slice(profile).ok()?;
    if from.color_space != DataColorSpace::Rgb {
        return None;
    }
    let to = ColorProfile::new_srgb();
    let layout = if picture.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let transform = from.create_transform_8bit(layout, &to, layout, TransformOptions::default()).ok()?;
    let converted: DynamicImage = if picture.color().has_alpha() {
        let mut pixels = picture.to_rgba8();
        let read = pixels.as_raw().clone();
        transform.transform(&read, &mut pixels).ok()?;
        pixels.into()
    } else {
        let mut pixels = picture.to_rgb8();
        let read = pixels.as_raw().clone();
        transform.transform(&read, &mut pixels).ok()?;
        pixels.into()
    };
    Some((converted, to.encode().ok()?))
}
