//! A picture that a camera reads, as the path of an SVG: a line for each run of black modules, which is short to say.

use qrcode::{Color, EcLevel, QrCode};

use crate::error::Result;
use crate::text::secret::Secret;
use crate::two_factor::Error;

/// How many modules are left white around it, as cameras need them.
const QUIET: usize = 4;

/// A square of black and white modules.
pub(super) struct Qr {
    /// How many modules it is wide.
    pub(super) size: usize,
    /// The lines of it that are black, each as high as a module.
    pub(super) path: String,
}

impl Qr {
    /// The picture of a text.
    pub(super) fn of(text: &Secret) -> Result<Self> {
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M)
            .map_err(|source| Error::NoPicture { source })?;
        let (width, colors) = (code.width(), code.to_colors());
        let mut lines = Vec::new();
        for (y, row) in colors.chunks(width).enumerate() {
            lines.push(format!("M{QUIET} {}.5", y + QUIET));
            lines.extend(row.chunk_by(|one, other| one == other).map(|run| {
                let long = run.len();
                if run.first() == Some(&Color::Dark) { format!("h{long}") } else { format!("m{long} 0") }
            }));
        }
        Ok(Self { size: width + 2 * QUIET, path: lines.concat() })
    }
}

#[cfg(test)]
mod tests {
    use qrcode::{Color, EcLevel, QrCode};

    use super::{QUIET, Qr};
    use crate::text::secret::Secret;

    /// The modules that the lines of a path make black.
    fn drawn(qr: &Qr) -> Vec<(usize, usize)> {
        let mut black = Vec::new();
        for line in qr.path.split('M').skip(1) {
            let (start, steps) = line.split_once(".5").unwrap();
            let (x, y) = start.split_once(' ').unwrap();
            let (mut x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for step in steps.replace(" 0", "").replace('h', " h").replace('m', " m").split_whitespace() {
                let (kind, long) = step.split_at(1);
                let end = x + long.parse::<usize>().unwrap();
                if kind == "h" {
                    black.extend((x..end).map(|x| (x, y)));
                }
                x = end;
            }
        }
        black
    }

    #[test]
    fn its_lines_are_black_where_the_picture_is() {
        for text in ["a", "otpauth://totp/Acme:olena@acme.example", &"x".repeat(700)] {
            let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
            let (width, colors) = (code.width(), code.to_colors());
            let dark = (0..colors.len()).filter(|place| colors[*place] == Color::Dark);
            let expected: Vec<_> = dark.map(|place| (place % width + QUIET, place / width + QUIET)).collect();
            let qr = Qr::of(&Secret::new(text.to_owned())).unwrap();
            assert_eq!((drawn(&qr), qr.size), (expected, width + 2 * QUIET));
        }
    }
}
