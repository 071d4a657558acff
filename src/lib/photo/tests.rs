use image::{DynamicImage, ExtendedColorType, GrayImage, ImageEncoder, Rgb, RgbImage, RgbaImage};
use proptest::prelude::*;

use super::*;

/// A picture with a red top left quarter, so that turning it shows.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, low_byte(x ^ y)]) }
    })
}

fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture(width, height).write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 90)).unwrap();
    bytes
}

/// A PNG of that size.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    png_of(picture(width, height).into())
}

fn png_of(picture: DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(PngEncoder::new(&mut bytes)).unwrap();
    bytes
}

/// A JPEG that says it was taken at a secret place, by a camera that was turned (EXIF orientation 6).
fn turned_jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend_from_slice(b"secret place \xFF\xD9");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.set_exif_metadata(exif).unwrap();
    picture(width, height).write_with_encoder(encoder).unwrap();
    bytes
}

/// A PNG whose header claims a size that its few bytes do not hold.
pub(crate) fn png_that_claims(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0D".to_vec();
    bytes.extend(&header);
    bytes.extend(crc32(&header).to_be_bytes());
    bytes.extend(b"\0\0\0\x02IDAT\x78\x9C");
    bytes.extend(crc32(b"IDAT\x78\x9C").to_be_bytes());
    bytes.extend(b"\0\0\0\0");
    bytes.extend(PNG_END);
    bytes
}

/// The checksum of a chunk (PNG specification, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

fn refused(bytes: &[u8]) -> (&'static str, String) {
    let failure = check_photo(bytes).unwrap_err();
    assert_eq!(failure.kind(), Kind::Refused);
    assert!(failure.explain().hint().is_some());
    (failure.code(), failure.to_string())
}

fn stored(bytes: &[u8]) -> DynamicImage {
    image::load_from_memory(check_photo(bytes).unwrap().image()).unwrap()
}

#[test]
fn a8_a_jpeg_stays_a_jpeg_and_a_png_a_png() {
    let photo = check_photo(&jpeg(300, 200)).unwrap();
    assert_eq!((photo.media_type(), photo.width(), photo.height()), ("image/jpeg", 300, 200));
    assert_eq!(image::guess_format(photo.image()).unwrap(), ImageFormat::Jpeg);
    let photo = check_photo(&png(200, 300)).unwrap();
    assert_eq!((photo.media_type(), photo.width(), photo.height()), ("image/png", 200, 300));
    assert_eq!(image::guess_format(photo.image()).unwrap(), ImageFormat::Png);
}

#[test]
fn a8_a_png_loses_no_pixel() {
    assert_eq!(stored(&png(211, 233)).into_rgb8(), picture(211, 233));
    let clear =
        RgbaImage::from_fn(200, 200, |x, y| image::Rgba([low_byte(x), low_byte(y), 0, low_byte(x + y)]));
    assert_eq!(stored(&png_of(clear.clone().into())), DynamicImage::from(clear));
    let grey = GrayImage::from_fn(200, 200, |x, _| image::Luma([low_byte(x)]));
    assert_eq!(stored(&png_of(grey.clone().into())), DynamicImage::from(grey));
}

#[test]
fn a8_a_picture_of_sixteen_bits_is_stored_with_eight() {
    let deep = DynamicImage::from(picture(200, 200)).into_rgb16();
    assert_eq!(stored(&png_of(deep.into())), DynamicImage::from(picture(200, 200)));
}

#[test]
fn a8_a_grey_jpeg_is_accepted() {
    let mut bytes = Vec::new();
    let grey = vec![90; 200 * 200];
    JpegEncoder::new(&mut bytes).write_image(&grey, 200, 200, ExtendedColorType::L8).unwrap();
    assert_eq!(stored(&bytes).color(), image::ColorType::L8);
}

#[test]
fn a8_metadata_is_stripped_and_the_picture_turned_as_it_said() {
    let bytes = turned_jpeg(400, 200);
    assert!(memchr::memmem::find(&bytes, b"secret place").is_some());
    let photo = check_photo(&bytes).unwrap();
    assert!(memchr::memmem::find(photo.image(), b"secret place").is_none());
    assert!(memchr::memmem::find(photo.image(), b"Exif").is_none());
    assert_eq!((photo.width(), photo.height()), (200, 400));
    let upright = image::load_from_memory(photo.image()).unwrap().into_rgb8();
    assert!(upright.get_pixel(190, 10).0[0] > 200, "the red quarter came to the top right");
    assert!(upright.get_pixel(10, 390).0[0] < 60);
}

#[test]
fn a8_what_follows_the_picture_is_not_stored() {
    for mut bytes in [jpeg(200, 200), png(200, 200)] {
        bytes.extend_from_slice(b"<script>alert(1)</script>");
        let photo = check_photo(&bytes).unwrap();
        assert!(memchr::memmem::find(photo.image(), b"<script>").is_none());
    }
}

#[test]
fn a8_the_content_tells_the_format_never_the_name() {
    for (bytes, what) in [
        (&b"GIF89a\x01\0\x01\0\0\0\0;"[..], "a GIF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP"),
        (b"BM\x10\0\0\0", "a BMP"),
        (b"\0\0\0\x18ftypheic", "a HEIC or a video"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"", "an empty file"),
    ] {
        let (code, message) = refused(bytes);
        assert_eq!(code, "photo.format");
        assert!(message.starts_with(&format!("the photo is {what}; only JPEG and PNG")), "{message}");
    }
}

#[test]
fn a8_a_small_picture_is_refused() {
    for (width, height) in [(100, 100), (199, 500), (500, 199)] {
        let (code, message) = refused(&png(width, height));
        assert_eq!(code, "photo.too_small");
        assert_eq!(message, format!("the photo has {width} × {height} pixels, fewer than 200 × 200"));
    }
    assert!(check_photo(&png(200, 200)).is_ok());
}

#[test]
fn a8_a_large_file_is_refused_before_it_is_read() {
    let mut bytes = jpeg(200, 200);
    bytes.resize(3 * 1024 * 1024, 0);
    assert_eq!(refused(&bytes).0, "photo.too_large");
    bytes.truncate(MAX_BYTES);
    assert!(check_photo(&bytes).is_ok(), "exactly 2 MiB");
}

#[test]
fn a8_a_decompression_bomb_is_refused_by_the_size_it_claims() {
    for (width, height) in [(50_000, 50_000), (u32::MAX >> 1, 200), (40_001, 1_000)] {
        let (code, message) = refused(&png_that_claims(width, height));
        assert_eq!(code, "photo.too_many_pixels", "{message}");
    }
    let mut bomb = jpeg(200, 200);
    let frame = memchr::memmem::find(&bomb, b"\xFF\xC0").unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    assert_eq!(refused(&bomb).0, "photo.too_many_pixels");
}

#[test]
fn a8_a_file_that_is_cut_off_is_refused() {
    for whole in [jpeg(256, 256), turned_jpeg(256, 256), png(256, 256)] {
        for part in [10, 40, 90, 100, 150] {
            assert_eq!(refused(&whole[..part]).0, "photo.damaged", "{part} bytes");
        }
        for percent in [30, 60, 90] {
            assert_eq!(refused(&whole[..whole.len() * percent / 100]).0, "photo.damaged", "{percent} %");
        }
        assert_eq!(refused(&whole[..whole.len() - 2]).0, "photo.damaged", "without its end");
    }
}

#[test]
fn a8_what_cannot_be_packed_small_enough_again_is_refused() {
    let too_detailed = PhotoError::TooDetailed { bytes: 5_000_000 };
    assert_eq!(too_detailed.code(), "photo.too_large");
    let mut state = 1_u32;
    let noise = GrayImage::from_fn(2_100, 2_100, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Luma([low_byte(state >> 24)])
    });
    assert!(matches!(encode(noise.into(), Format::Png, None), Err(PhotoError::TooDetailed { .. })));
}

#[test]
fn debug_output_holds_no_picture() {
    assert_eq!(format!("{:?}", check_photo(&png(200, 200)).unwrap()), "Photo(image/png, 200 × 200)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a8_whatever_is_sent_gets_an_answer(start in 0_usize..3, noise in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut bytes = [&b""[..], b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n"][start].to_vec();
        bytes.extend(noise);
        prop_assert!(check_photo(&bytes).is_err());
    }

    #[test]
    fn a8_damage_never_panics(place in 0_usize..2_000, byte in any::<u8>()) {
        for mut bytes in [jpeg(200, 200), png(200, 200)] {
            let place = place % bytes.len();
            bytes[place] = byte;
            if let Ok(photo) = check_photo(&bytes) {
                prop_assert!(photo.width() >= 200 && photo.height() >= 200);
            }
        }
    }
}

/// A profile by which the channels of red and blue have changed places, so that it shows whether it was followed.
fn swapped() -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_srgb();
    std::mem::swap(&mut profile.red_colorant, &mut profile.blue_colorant);
    profile.encode().unwrap()
}

#[test]
fn colours_are_those_that_the_profile_means() {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(swapped()).unwrap();
    picture(200, 200).write_with_encoder(encoder).unwrap();
    let [red, green, blue] = stored(&png).to_rgb8().get_pixel(0, 0).0;
    assert!(red < 8 && green < 8 && blue > 247, "{red} {green} {blue}");
}

#[test]
fn a_profile_that_cannot_be_followed_is_passed_over() {
    for profile in [Vec::new(), b"no profile".to_vec(), swapped().split_off(64), vec![0; 4096]] {
        let mut png = Vec::new();
        let mut encoder = PngEncoder::new(&mut png);
        encoder.set_icc_profile(profile).unwrap();
        picture(200, 200).write_with_encoder(encoder).unwrap();
        assert_eq!(stored(&png).to_rgb8().get_pixel(0, 0).0, [255, 0, 0]);
    }
}

#[test]
fn a8_a_profile_that_unpacks_to_more_than_any_has_is_not_unpacked() {
    let mut png = Vec::new();
    let mut encoder = PngEncoder::new(&mut png);
    encoder.set_icc_profile(vec![0; 16 * 1024 * 1024]).unwrap();
    picture(200, 200).write_with_encoder(encoder).unwrap();
    assert!(png.len() < 256 * 1024, "it is packed: {} bytes", png.len());
    let (_, profile) = decode(&png, Format::Png).unwrap();
    assert_eq!(profile.map(|profile| profile.len()), None);
    assert_eq!(stored(&png).to_rgb8().get_pixel(0, 0).0, [255, 0, 0], "the picture is as good as without");
}

#[test]
fn a8_a_picture_of_many_pixels_needs_no_room_beside_them() {
    let wide = DynamicImage::from(GrayImage::new(40_000, 200)).into_rgba16();
    assert_eq!(check_photo(&png_of(wide.into())).unwrap().width(), 40_000);
}
