//! A picture that a camera reads, as the path of an SVG.

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
    /// Where it is black.
    pub(super) path: String,
}

impl Qr {
    /// The picture of a text.
    pub(super) fn of(text: &Secret) -> Result<Self> {
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M)
            .map_err(|source| Error::NoPicture { source })?;
        let (width, colors) = (code.width(), code.to_colors());
        let mut bars = Vec::new();
        for (y, row) in colors.chunks(width).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, other| one == other) {
                if run.first() == Some(&Color::Dark) {
                    let (left, top, long) = (x + QUIET, y + QUIET, run.len());
                    bars.push(format!("M{left} {top}h{long}v1h-{long}z"));
                }
                x += run.len();
            }
        }
        Ok(Self { size: width + 2 * QUIET, path: bars.concat() })
    }
}
