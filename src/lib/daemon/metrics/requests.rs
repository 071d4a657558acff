//! How many requests were answered by which route, with what, and how long that took.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::text::Text;
use crate::web::Served;

/// The classes of time, by their upper bounds in microseconds, and as they are told, in seconds.
const BOUNDS: [(u64, &str); 11] = [
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (2_500_000, "2.5"),
    (10_000_000, "10"),
];

/// The classes of answers, by the first digit of their status.
const STATUSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What was answered so far, by route.
#[derive(Default)]
pub(in crate::daemon) struct Requests(Mutex<BTreeMap<&'static str, Answered>>);

#[derive(Default)]
struct Answered {
    /// How many took no longer than each bound and longer than the one before.
    classes: [u64; BOUNDS.len()],
    count: u64,
    took: Duration,
    statuses: [u64; STATUSES.len()],
}

impl Requests {
    /// Counts an answer.
    pub(in crate::daemon) fn count(&self, served: &Served) {
        self.add(served.route, served.status.as_u16(), served.took);
    }

    fn add(&self, route: &'static str, status: u16, took: Duration) {
        let mut answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = answered.entry(route).or_default();
        let class = BOUNDS.iter().position(|(bound, _)| took.as_micros() <= u128::from(*bound));
        if let Some(class) = class.and_then(|class| answered.classes.get_mut(class)) {
            *class += 1;
        }
        if let Some(count) = answered.statuses.get_mut(usize::from(status / 100).wrapping_sub(1)) {
            *count += 1;
        }
        answered.count += 1;
        answered.took += took;
    }

    /// Tells all of it.
    pub(super) fn tell(&self, text: &mut Text) {
        let answered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = "secboard_requests_total";
        text.counter(
            name,
            "Requests that were answered, by the name of their page and the class of the status",
        );
        for (route, answered) in &*answered {
            for (status, count) in STATUSES.iter().zip(answered.statuses).filter(|(_, count)| *count > 0) {
                text.sample(name, &[("route", route), ("status", status)], count);
            }
        }
        let name = "secboard_request_seconds";
        text.histogram(name, "How long an answer took to be made, by the name of the page");
        let (bucket, sum, count) = (format!("{name}_bucket"), format!("{name}_sum"), format!("{name}_count"));
        for (route, answered) in &*answered {
            let mut so_far = 0;
            for ((_, bound), class) in BOUNDS.iter().zip(answered.classes) {
                so_far += class;
                text.sample(&bucket, &[("route", route), ("le", bound)], so_far);
            }
            text.sample(&bucket, &[("route", route), ("le", "+Inf")], answered.count);
            text.sample(&sum, &[("route", route)], answered.took.as_secs_f64());
            text.sample(&count, &[("route", route)], answered.count);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Requests, Text};

    #[test]
    fn what_took_no_longer_than_a_bound_is_in_every_class_above_it() {
        let requests = Requests::default();
        for milliseconds in [1, 3, 3, 20_000] {
            requests.add("login", 200, Duration::from_millis(milliseconds));
        }
        requests.add("login", 503, Duration::from_millis(2));
        let mut text = Text::default();
        requests.tell(&mut text);
        let text = text.whole();
        for line in [
            "secboard_requests_total{route=\"login\",status=\"2xx\"} 4\n",
            "secboard_requests_total{route=\"login\",status=\"5xx\"} 1\n",
            "secboard_request_seconds_bucket{route=\"login\",le=\"0.001\"} 1\n",
            "secboard_request_seconds_bucket{route=\"login\",le=\"0.0025\"} 2\n",
            "secboard_request_seconds_bucket{route=\"login\",le=\"0.005\"} 4\n",
            "secboard_request_seconds_bucket{route=\"login\",le=\"10\"} 4\n",
            "secboard_request_seconds_bucket{route=\"login\",le=\"+Inf\"} 5\n",
            "secboard_request_seconds_sum{route=\"login\"} 20.009\n",
            "secboard_request_seconds_count{route=\"login\"} 5\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
    }
}
