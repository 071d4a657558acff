//! What is counted of hashes.

use super::hash;
use crate::context::meters::Gauge;

/// How many run.
pub(crate) static RUNNING: Gauge = Gauge {
    name: "secboard_hashes_running",
    about: "Passwords that are being hashed, at most one a processor",
    label: None,
    read: |_| Ok(vec![("", hash::load().0)]),
};

/// How many wait for their turn.
pub(crate) static WAITING: Gauge = Gauge {
    name: "secboard_hashes_waiting",
    about: "Passwords that wait to be hashed",
    label: None,
    read: |_| Ok(vec![("", hash::load().1)]),
};
