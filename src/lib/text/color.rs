//! Colours of people, roles, departments: `#rrggbb`, and the text that stays readable on them.

use std::fmt;

use crate::error::{Explain, Kind};

/// A colour in sRGB, eight bits a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Color {
    rgb: [u8; 3],
}

/// Why a colour is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{color}` is not a colour: it must be `#` and six digits 0-9 a-f")]
pub(crate) struct ColorError {
    color: String,
}

impl Explain for ColorError {
    fn code(&self) -> &'static str {
        "color.malformed"
    }

    fn kind(&self) -> Kind {
        Kind::Refused
    }

    fn field(&self) -> Option<&'static str> {
        Some("color")
    }

    fn advice(&self) -> Option<String> {
        Some("write it like `'#ffcc00'`, in quotes, for a shell reads a bare # as a comment".into())
    }
}

impl Color {
    const BLACK: Self = Self { rgb: [0, 0, 0] };
    const WHITE: Self = Self { rgb: [255, 255, 255] };

    /// Reads `#rrggbb` in either letter case.
    pub(crate) fn parse(text: &str) -> Result<Self, ColorError> {
        let text = text.trim();
        read(text).ok_or_else(|| ColorError { color: text.chars().take(20).collect() })
    }

    /// Reads `#rrggbb`; an empty text is no colour.
    pub(crate) fn parse_optional(text: &str) -> Result<Option<Self>, ColorError> {
        if text.is_empty() { Ok(None) } else { Self::parse(text).map(Some) }
    }

    /// Red, green, blue.
    pub(crate) const fn rgb(self) -> [u8; 3] {
        self.rgb
    }

    /// Black or white, whichever is easier to read on this colour.
    ///
    /// The better of the two always has a contrast of at least 4.5 : 1, which WCAG 2.2 (1.4.3) asks of text.
    pub(crate) fn readable_text(self) -> Self {
        let on_black = contrast(self, Self::BLACK);
        if contrast(self, Self::WHITE) > on_black { Self::WHITE } else { Self::BLACK }
    }

    /// Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.rgb.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// The contrast ratio of WCAG 2.2, from 1 (the same) to 21 (black and white).
pub(crate) fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.rgb;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

fn read(text: &str) -> Option<Color> {
    let digits = text.strip_prefix('#')?;
    if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some(Color { rgb: [red, green, blue] })
}

/// One channel without the gamma of sRGB.
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_is_accepted_and_not_kept() {
        let color = Color::parse(" #FfCc00 ").unwrap();
        assert_eq!((color.rgb(), color.to_string().as_str()), ([255, 204, 0], "#ffcc00"));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in
            ["", "#", "ffcc00", "#fc0", "#ffcc0", "#ffcc000", "#gggggg", "#+fcc00", "red", "#ффcc00", "#ффф"]
        {
            let error = Color::parse(text).unwrap_err();
            assert_eq!((error.code(), error.kind()), ("color.malformed", Kind::Refused), "{text}");
            assert!(error.advice().is_some());
        }
        assert!(Color::parse("red").unwrap_err().to_string().starts_with("`red` is not a colour: "));
    }

    #[test]
    fn text_is_readable_on_every_colour() {
        let steps = || (0..=255_u8).step_by(5);
        for (red, green) in steps().flat_map(|red| steps().map(move |green| (red, green))) {
            for blue in steps() {
                let color = Color { rgb: [red, green, blue] };
                let ratio = contrast(color, color.readable_text());
                assert!(ratio >= 4.5, "{color}: {ratio}");
            }
        }
    }

    #[test]
    fn contrast_is_that_of_the_standard() {
        assert!((contrast(Color::BLACK, Color::WHITE) - 21.0).abs() < 1e-9);
        assert!((contrast(Color::WHITE, Color::WHITE) - 1.0).abs() < 1e-9);
        let grey = Color::parse("#767676").unwrap();
        assert!(
            (contrast(grey, Color::WHITE) - 4.54).abs() < 0.01,
            "the darkest grey in the examples of WCAG"
        );
    }
}
