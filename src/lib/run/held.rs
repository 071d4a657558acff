//! How many runs wait for somebody to release or discard them.

use super::store::held;
use crate::context::meters::Gauge;

/// Runs that the brake holds.
pub(crate) static HELD: Gauge = Gauge {
    name: "secboard_runs_held",
    about: "Runs that are held until somebody releases or discards them",
    label: None,
    read: |cx| cx.read(|tx| Ok(vec![("", held::count(tx)?)])),
};
