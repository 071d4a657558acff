//! What the front refuses, told in few lines however much it is: the first of a status at once, the others together, once a
//! minute.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::StatusCode;

use super::log::{Level, Log};
use super::metrics::Text;

/// How long after a line of a status the next one comes.
const PAUSE: Duration = Duration::from_secs(60);

/// Refusals, by their status.
pub(super) struct Refusals {
    log: Arc<Log>,
    counted: Mutex<BTreeMap<u16, Counted>>,
}

/// What was refused with a status.
struct Counted {
    /// When a line told of it last.
    told_at: Instant,
    /// How many were refused since.
    untold: u64,
    /// How many were refused in all.
    all: u64,
    /// Who was refused last.
    client: IpAddr,
}

impl Refusals {
    pub(super) fn new(log: &Arc<Log>) -> Self {
        Self { log: Arc::clone(log), counted: Mutex::default() }
    }

    /// Counts one, and tells of it if it is the first in a while.
    pub(super) fn count(&self, status: StatusCode, client: IpAddr, now: Instant) {
        if let Some(times) = self.add(status.as_u16(), client, now) {
            self.say(status.as_u16(), client, times);
        }
    }

    /// Tells of what was refused since the last line, where that is long enough ago.
    pub(super) fn tell(&self, now: Instant) {
        for (status, client, times) in self.take_untold(now) {
            self.say(status, client, times);
        }
    }

    /// Tells of all that was refused since the last line.
    pub(super) fn tell_all(&self) {
        self.tell(Instant::now() + PAUSE);
    }

    /// Adds one; how many are to be told now.
    fn add(&self, status: u16, client: IpAddr, now: Instant) -> Option<u64> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counted) = counted.get_mut(&status) else {
            counted.insert(status, Counted { told_at: now, untold: 0, all: 1, client });
            return Some(1);
        };
        counted.untold += 1;
        counted.all += 1;
        counted.client = client;
        counted.take(now)
    }

    fn take_untold(&self, now: Instant) -> Vec<(u16, IpAddr, u64)> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let untold = counted.iter_mut().filter(|(_, counted)| counted.untold > 0);
        untold.filter_map(|(status, counted)| Some((*status, counted.client, counted.take(now)?))).collect()
    }

    /// Tells how many there were of each status.
    pub(super) fn tell_figures(&self, text: &mut Text) {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "secboard_refused_total";
        text.counter(name, "Requests that the front refused before they were read whole, by status");
        for (status, counted) in &*counted {
            text.sample(name, &[("status", &status.to_string())], counted.all);
        }
    }

    fn say(&self, status: u16, client: IpAddr, times: u64) {
        let facts =
            [("status", status.into()), ("times", times.into()), ("client", client.to_string().into())];
        self.log.say_with(Level::Warning, "the front refused", &facts);
    }
}

impl Counted {
    /// How many are to be told now, if the last line is long enough ago.
    fn take(&mut self, now: Instant) -> Option<u64> {
        if now.duration_since(self.told_at) < PAUSE {
            return None;
        }
        self.told_at = now;
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Log, Refusals};
    use crate::config::LogFormat;

    #[test]
    fn f5_however_much_is_refused_a_status_has_a_line_a_minute() {
        let refusals = Refusals::new(&Arc::new(Log::new(LogFormat::Text, None)));
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert_eq!(refusals.add(400, one, at(0)), Some(1), "the first at once");
        for second in 0..59 {
            assert_eq!(refusals.add(400, other, at(second)), None);
        }
        assert_eq!(refusals.add(413, one, at(1)), Some(1), "each status for itself");
        assert_eq!(refusals.take_untold(at(59)), []);
        assert_eq!(refusals.take_untold(at(60)), [(400, other, 59)], "the others together");
        assert_eq!(refusals.take_untold(at(600)), [], "of what was told nothing is told again");
        assert_eq!(refusals.add(400, one, at(200)), Some(1));
    }
}
