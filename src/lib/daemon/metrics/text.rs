//! The text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

/// A text that is being written.
#[derive(Default)]
pub(in crate::daemon) struct Text(String);

impl Text {
    /// A number of one kind that is so now.
    pub(in crate::daemon) fn number(&mut self, name: &str, about: &str, value: impl Display) {
        self.gauge(name, about);
        self.sample(name, &[], value);
    }

    /// Begins what is so now; its samples follow.
    pub(in crate::daemon) fn gauge(&mut self, name: &str, about: &str) {
        self.family(name, about, "gauge");
    }

    /// Begins what only grows; its samples follow.
    pub(in crate::daemon) fn counter(&mut self, name: &str, about: &str) {
        self.family(name, about, "counter");
    }

    /// Begins what is measured in classes; its samples follow.
    pub(in crate::daemon) fn histogram(&mut self, name: &str, about: &str) {
        self.family(name, about, "histogram");
    }

    fn family(&mut self, name: &str, about: &str, kind: &str) {
        let about = about.replace('\\', "\\\\").replace('\n', "\\n");
        writeln!(self.0, "# HELP {name} {about}\n# TYPE {name} {kind}").ok();
    }

    /// A sample of what was begun last.
    pub(in crate::daemon) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<_> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        writeln!(self.0, "{name}{labels} {value}").ok();
    }

    /// The whole text.
    pub(in crate::daemon) fn whole(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_would_end_a_line_or_a_value_is_escaped() {
        let mut text = Text::default();
        text.counter("a_total", "one\nline \\");
        text.sample("a_total", &[("b", "\"x\\\n"), ("c", "d")], 1.5);
        assert_eq!(
            text.whole(),
            "# HELP a_total one\\nline \\\\\n# TYPE a_total counter\na_total{b=\"\\\"x\\\\\\n\",c=\"d\"} 1.5\n"
        );
    }
}
