//! What whoever watches the daemon is told.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use super::{Config, Daemon, Log, LogFormat, Running, Settings, open, store_and_key};
use crate::context::meters::MOST_ROWS;
use crate::context::{Actor, Clock as _, SystemClock, Via, Visit};
use crate::login::{Browser, log_in};
use crate::registry::{DAEMON, SETTINGS, command};
use crate::text::secret::Secret;
use crate::user::proof::Proved;
use crate::user::{Facts, create};

/// A daemon that tells figures, and where.
struct Watched {
    running: Running,
    at: String,
}

/// A value as it is written, and as it is read.
type Value = (String, f64);

/// What a family of samples is, and its samples: the labels, and the value.
struct Family {
    kind: String,
    samples: BTreeMap<String, Value>,
}

impl Watched {
    fn start() -> Self {
        let (folder, config) = store_and_key();
        let metrics = Some(([127, 0, 0, 1], 0).into());
        let config = Config { daemon: Settings { metrics, ..config.daemon.clone() }, ..config };
        let told = folder.path().join("log");
        let log = Arc::new(Log::new(LogFormat::Text, Some(File::create(&told).unwrap())));
        let site = open(&config, &SETTINGS).unwrap();
        let daemon = Daemon::start(&config, site, DAEMON, &log).unwrap();
        let told = std::fs::read_to_string(told).unwrap();
        let (_, at) = told.split_once("telling figures at http://").unwrap();
        let at = at.split_once('/').unwrap().0.to_owned();
        Self { running: Running { folder, config, daemon }, at }
    }

    fn ask(&self, line: &str) -> (String, String) {
        let mut stream = TcpStream::connect(&self.at).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    fn text(&self) -> String {
        let (head, body) = self.ask("GET /metrics");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
        body
    }

    fn figures(&self) -> BTreeMap<String, Family> {
        read(&self.text())
    }

    /// The value of a sample, by its name and labels as they are written.
    fn figure(&self, name: &str, labels: &str) -> String {
        let figures = self.figures();
        let family = figures.get(name).unwrap_or_else(|| panic!("there is no {name}"));
        let found = family.samples.get(&format!("{name}{labels}"));
        found.unwrap_or_else(|| panic!("no {name}{labels}")).0.clone()
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Reads labels between braces, strictly; their names.
fn label_names(labels: &str) -> Vec<String> {
    let (mut rest, mut names) = (labels, Vec::new());
    loop {
        let (name, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("no label: {labels}"));
        assert!(is_name(name), "{labels}");
        names.push(name.to_owned());
        let mut escaped = false;
        let end = value.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let after = &value[end.unwrap_or_else(|| panic!("no end: {labels}")) + 1..];
        let Some(more) = after.strip_prefix(',') else {
            assert_eq!(after, "", "{labels}");
            return names;
        };
        rest = more;
    }
}

/// Reads the text format of Prometheus, and takes nothing that a reader of it could refuse.
fn read(text: &str) -> BTreeMap<String, Family> {
    assert!(text.ends_with('\n'), "the last line ends too");
    let mut families: BTreeMap<String, Family> = BTreeMap::new();
    let (mut current, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, about) = help.split_once(' ').unwrap();
            assert!(is_name(name) && about.len() > 10, "{line}");
            let kind = lines.next().unwrap().strip_prefix(&format!("# TYPE {name} ")).unwrap();
            assert!(["gauge", "counter", "histogram"].contains(&kind), "{kind}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{name}");
            let family = Family { kind: kind.to_owned(), samples: BTreeMap::new() };
            assert!(families.insert(name.to_owned(), family).is_none(), "{name} is told once");
            name.clone_into(&mut current);
            continue;
        }
        let (series, value) = line.rsplit_once(' ').unwrap();
        let name = series.split_once('{').map_or(series, |(name, labels)| {
            let names = label_names(labels.strip_suffix('}').unwrap());
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{line}");
            name
        });
        let family = families.get_mut(&current).unwrap_or_else(|| panic!("of no family: {line}"));
        let own = match family.kind.as_str() {
            "histogram" => ["_bucket", "_sum", "_count"].iter().any(|end| name == format!("{current}{end}")),
            _ => name == current,
        };
        assert!(own, "{line} stands below {current}");
        let read: f64 = value.parse().unwrap();
        assert!(read.is_finite() && (family.kind == "gauge" || read >= 0.0), "{line}");
        let value = (value.to_owned(), read);
        assert!(family.samples.insert(series.to_owned(), value).is_none(), "{series} is told once");
    }
    for (name, family) in families.iter().filter(|(_, family)| family.kind == "histogram") {
        assert_cumulates(name, family);
    }
    families
}

/// Each class of a histogram has all of the classes below it, and the last one all there are.
fn assert_cumulates(name: &str, family: &Family) {
    let of = |start: &str| -> Vec<(String, f64)> {
        let of = family.samples.iter().filter(|(series, _)| series.starts_with(start));
        of.map(|(series, value)| (series.clone(), value.1)).collect()
    };
    for (series, count) in of(&format!("{name}_count{{")) {
        let labels = series.strip_prefix(&format!("{name}_count{{")).unwrap().strip_suffix('}').unwrap();
        let mut classes: Vec<(f64, f64)> = of(&format!("{name}_bucket{{{labels},le="))
            .into_iter()
            .map(|(series, value)| (series.rsplit('"').nth(1).unwrap().parse().unwrap(), value))
            .collect();
        classes.sort_by(|one, other| one.0.total_cmp(&other.0));
        assert!(classes.is_sorted_by(|one, other| one.1 <= other.1), "{series}: {classes:?}");
        assert_eq!(classes.last().copied(), Some((f64::INFINITY, count)), "{series}");
    }
}

#[test]
fn figures_are_told_in_the_format_of_prometheus_and_on_no_other_address() {
    let watched = Watched::start();
    assert_eq!(watched.running.status("GET /metrics"), "404", "the site tells none");
    assert_eq!(watched.running.status("GET /login/"), "200");
    let figures = watched.figures();
    for counter in DAEMON.counters {
        let found = figures.get(counter.name).unwrap();
        assert_eq!((found.kind.as_str(), found.samples.len()), ("counter", counter.values.len()));
    }
    for gauge in DAEMON.gauges {
        assert!(!figures.get(gauge.name).unwrap().samples.is_empty(), "{}", gauge.name);
    }
    assert_eq!(watched.figure("secboard_ready", ""), "1");
    assert_eq!(watched.figure("secboard_figures_unread", ""), "0");
    assert_eq!(watched.figure("secboard_requests_total", "{route=\"login\",status=\"2xx\"}"), "1");
    let (head, body) = watched.ask("HEAD /metrics");
    assert!(head.starts_with("HTTP/1.1 200") && body.is_empty(), "{head}");
    for (line, status) in
        [("POST /metrics", "405"), ("GET /", "404"), ("GET /login/", "404"), ("GET /healthz", "404")]
    {
        assert!(watched.ask(line).0.starts_with(&format!("HTTP/1.1 {status}")), "{line}");
    }
    watched.running.daemon.stop();
    assert!(TcpStream::connect(&watched.at).is_err(), "it ends with the daemon");
}

#[test]
fn what_people_do_is_counted_and_nothing_of_them_is_told() {
    let watched = Watched::start();
    let site = watched.running.daemon.served.pages.site();
    let outcome = |word: &str| watched.figure("secboard_logins_total", &format!("{{outcome=\"{word}\"}}"));
    let logs_in = |email: &str| {
        let client = "203.0.113.7".parse().unwrap();
        let visit = Visit::of(Actor::nobody(None), Via::Web(client));
        let password = Secret::new("correct horse battery".to_owned());
        site.serve(visit, |cx| log_in(cx, (email, &password), Browser::default())).unwrap()
    };
    assert_eq!((outcome("wrong"), outcome("not_taken")), ("0".to_owned(), "0".to_owned()));
    assert!(matches!(logs_in("nobody@acme.example"), Proved::Wrong));
    assert_eq!((outcome("wrong"), outcome("not_taken")), ("1".to_owned(), "0".to_owned()));
    assert!(matches!(logs_in("nobody@acme.example"), Proved::Wrong));
    assert_eq!(
        (outcome("wrong"), outcome("not_taken")),
        ("1".to_owned(), "1".to_owned()),
        "it came too soon"
    );
    for number in 0..28 {
        logs_in(&format!("nobody{number}@acme.example"));
    }
    assert!(matches!(logs_in("another@acme.example"), Proved::SourceHeld(_)));
    assert_eq!((outcome("wrong"), outcome("address_held")), ("29".to_owned(), "1".to_owned()));
    assert_eq!(watched.running.send("GARBAGE\r\n\r\n").split(' ').nth(1), Some("400"));
    assert_eq!(watched.figure("secboard_refused_total", "{status=\"400\"}"), "1");
    let text = watched.text();
    for personal in ["@", "acme", "203.0.113.7", "127.0.0.1", "nobody"] {
        assert!(!text.contains(personal), "{personal}");
    }
    watched.running.daemon.stop();
}

#[test]
fn figures_of_the_store_look_at_so_many_rows_and_no_more() {
    let watched = Watched::start();
    let site = watched.running.daemon.served.pages.site();
    site.serve(Visit::of(Actor::system(None), Via::Cli), |cx| {
        let now = cx.now().micros();
        create::create(cx, Facts::new("olena@acme.example".to_owned()), None, false)?;
        cx.write(|tx| {
            tx.sql().execute_batch(&format!(
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x <= {MOST_ROWS})
                 INSERT INTO sessions (token_hash, user_id, complete, browser, proved_at, seen_at, created_at)
                     SELECT randomblob(32), 1, 1, 'a', {now}, {now}, {now} FROM n"
            ))?;
            Ok(())
        })
    })
    .unwrap();
    assert_eq!(watched.figure("secboard_sessions", ""), "100000");
    watched.running.daemon.stop();
}

#[test]
fn a_service_that_does_no_good_work_for_long_is_late() {
    let health = super::super::health::Health::new(Path::new("/nowhere/secboard.db"));
    let now = SystemClock.now();
    let ago = |minutes: i64| crate::text::instant::Instant::from_micros(now.micros() - minutes * 60_000_000);
    let every = std::time::Duration::from_secs;
    let on = [("outbox", every(30)), ("sync", every(3600)), ("cleaning", every(3600))];
    health.expect(on.into_iter(), ago(300));
    health.note("outbox", ago(20), "done");
    health.note("outbox", ago(1), "waits");
    health.note("sync", ago(100), "nothing");
    let late = |health: &super::super::health::Health| {
        let mut text = super::super::metrics::Text::default();
        health.tell_of_services(now, &mut text);
        let text = text.whole();
        let late = text.lines().filter_map(|line| line.strip_prefix("secboard_service_late{service=\""));
        late.filter_map(|line| line.strip_suffix("\"} 1")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(late(&health), ["cleaning", "outbox"], "one waits for too long, one has never worked");
    health.note("outbox", ago(0), "nothing");
    health.expect(on.into_iter().take(2), ago(0));
    assert_eq!(late(&health), [""; 0], "what is switched off is not late");
    health.expect(on.into_iter(), ago(0));
    assert_eq!(late(&health), [""; 0], "and has its time when it is switched on again");
}

/// What of a text is called as our figures are.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("secboard_")).map(str::to_owned).collect()
}

fn packaged(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging").join(path)).unwrap()
}

#[test]
fn every_figure_that_the_dashboard_and_the_alerts_name_is_told() {
    let watched = Watched::start();
    let mut told: BTreeSet<String> = watched.figures().into_keys().collect();
    told.extend(["_bucket", "_sum", "_count"].map(|end| format!("secboard_request_seconds{end}")));
    // Only a site with a certificate has that, and one that is not asked by its proxy wrongly has refused nothing.
    told.insert("secboard_certificate_expires_timestamp_seconds".to_owned());
    told.insert("secboard_service_last_good_timestamp_seconds".to_owned());
    for path in ["grafana/dashboard.json", "prometheus/alerts.yml", "prometheus/alerts_test.yml"] {
        let named = named(&packaged(path));
        let unknown: Vec<_> = named.difference(&told).collect();
        assert!(unknown.is_empty() && named.len() > 10, "{path}: {unknown:?}");
    }
    watched.running.daemon.stop();
}

#[test]
fn the_dashboard_is_one_that_grafana_takes() {
    let dashboard: serde_json::Value = serde_json::from_str(&packaged("grafana/dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len(), "each panel has an id of its own");
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        let place = &panel["gridPos"];
        let (x, width) = (place["x"].as_i64().unwrap(), place["w"].as_i64().unwrap());
        assert!(x >= 0 && x + width <= 24, "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            assert!(expression.contains("secboard_") && expression.contains("job=\"$job\""), "{expression}");
            let count = |c| expression.matches(c).count();
            assert_eq!(
                (count('('), count('{'), count('[')),
                (count(')'), count('}'), count(']')),
                "{expression}"
            );
        }
    }
}

#[test]
fn every_command_that_an_alert_names_is_one() {
    let alerts = packaged("prometheus/alerts.yml");
    let commands = alerts.split('`').skip(1).step_by(2).filter(|text| text.starts_with("secboard "));
    let mut count = 0;
    for line in commands {
        count += 1;
        let parsed = command().try_get_matches_from(line.split(' '));
        assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
    }
    assert!(count >= 5, "{count} commands");
}

/// Runs `promtool`, that of Prometheus; what it says.
#[expect(clippy::disallowed_methods, reason = "the configuration names no program of tests")]
fn promtool(arguments: &[&str], input: &str) -> String {
    let promtool = std::env::var("SECBOARD_TEST_PROMTOOL").unwrap();
    let mut child = std::process::Command::new(promtool)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

#[test]
#[ignore = "promtool comes with the package of Prometheus: SECBOARD_TEST_PROMTOOL names one"]
fn promtool_finds_nothing_wrong_with_the_figures_and_each_alert_fires_and_is_silent() {
    let watched = Watched::start();
    watched.running.status("GET /login/");
    watched.running.send("GARBAGE\r\n\r\n");
    assert_eq!(promtool(&["check", "metrics"], &watched.text()), "");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/prometheus");
    let path = |file: &str| folder.join(file).display().to_string();
    promtool(&["check", "rules", &path("alerts.yml")], "");
    promtool(&["test", "rules", &path("alerts_test.yml")], "");
    watched.running.daemon.stop();
}
