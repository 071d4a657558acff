//! Measuring: both sides in turn, so that what else the machine does hits both; medians; a line of a table.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What running something once cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// On the clock of the wall; of all cores together for what is [`short`].
    pub(crate) time: Duration,
    /// Seconds of all cores together; 0 when it was not watched.
    pub(crate) cpu: f64,
    /// The most memory it had, in MiB; 0 when it was not watched.
    pub(crate) peak: f64,
}

/// A goal of the design.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// At most so many times the peer.
    Ratio(f64),
    /// At most so many times the peer's rate, turned round: at least so many times as many in the same time.
    Rate(f64),
    /// At most so many milliseconds.
    Millis(f64),
    /// At most so many milliseconds more than the peer.
    More(f64),
    /// At most so many MiB.
    Memory(f64),
}

/// The table, printed line by line.
#[derive(Debug)]
pub(crate) struct Table {
    /// How often each side runs.
    pub(crate) rounds: usize,
}

impl Table {
    /// Prints the head.
    pub(crate) fn new(rounds: usize) -> Self {
        println!(
            "| row | people | what | figure | peer | ratio | goal | met |\n|---|---|---|---|---|---|---|---|"
        );
        Self { rounds }
    }

    /// Measures in turn and prints a line; returns the median of ours.
    pub(crate) fn compare(
        &mut self,
        (row, people, what): (&str, usize, &str),
        goal: Goal,
        mut ours: impl FnMut() -> Cost,
        mut peer: impl FnMut() -> Cost,
    ) -> Cost {
        let (mut own, mut other) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            other.push(peer());
            own.push(ours());
        }
        let (own, other) = (median(&mut own), median(&mut other));
        line((row, people, what), goal, own, Some(other));
        own
    }

    /// Measures without a peer, against a limit.
    pub(crate) fn measure(
        &mut self,
        names: (&str, usize, &str),
        goal: Goal,
        mut ours: impl FnMut() -> Cost,
    ) -> Cost {
        let mut own: Vec<Cost> = (0..self.rounds).map(|_| ours()).collect();
        let own = median(&mut own);
        line(names, goal, own, None);
        own
    }
}

fn line((row, people, what): (&str, usize, &str), goal: Goal, own: Cost, peer: Option<Cost>) {
    let (mine, theirs) = (millis(own), peer.map(millis));
    let ratio = theirs.map(|theirs| mine / theirs);
    let (goal, met) = match goal {
        Goal::Ratio(most) => (format!("≤ {most} ×"), ratio.map(|ratio| ratio <= most)),
        Goal::Rate(least) => (format!("≥ {least} × the rate"), ratio.map(|ratio| 1.0 / ratio >= least)),
        Goal::Millis(most) => (format!("≤ {most} ms"), Some(mine <= most)),
        Goal::More(most) => (format!("≤ {most} ms more"), theirs.map(|theirs| mine - theirs <= most)),
        Goal::Memory(most) => (format!("≤ {most} MiB"), Some(own.peak <= most)),
    };
    let figure = if own.peak > 0.0 {
        format!("{}, CPU {:.2} s, {:.0} MiB", shown(mine), own.cpu, own.peak)
    } else {
        shown(mine)
    };
    println!(
        "| {row} | {people} | {what} | {figure} | {} | {} | {goal} | {} |",
        theirs.map_or(String::new(), shown),
        ratio.map_or(String::new(), |ratio| format!("{ratio:.2}")),
        met.map_or("", |met| if met { "yes" } else { "**no**" }),
    );
}

fn shown(millis: f64) -> String {
    match millis {
        small if small < 1.0 => format!("{:.0} µs", small * 1000.0),
        some if some < 1000.0 => format!("{some:.1} ms"),
        many => format!("{:.2} s", many / 1000.0),
    }
}

fn millis(cost: Cost) -> f64 {
    cost.time.as_secs_f64() * 1000.0
}

fn median(costs: &mut [Cost]) -> Cost {
    costs.sort_by_key(|cost| cost.time);
    let peak = costs.iter().map(|cost| cost.peak).fold(0.0, f64::max);
    Cost { peak, ..costs.get(costs.len() / 2).copied().unwrap_or_default() }
}

/// Times work in this process.
pub(crate) fn timed(work: impl FnOnce()) -> Cost {
    let start = Instant::now();
    work();
    Cost { time: start.elapsed(), ..Cost::default() }
}

/// Times a whole process, from its start to its end, output thrown away; it has to succeed.
pub(crate) fn process(command: &mut Command) -> Cost {
    let start = Instant::now();
    let ended = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    let time = start.elapsed();
    assert!(
        ended.status.success(),
        "{command:?}: {}\n{}",
        ended.status,
        String::from_utf8_lossy(&ended.stderr)
    );
    Cost { time, ..Cost::default() }
}

/// Runs of something short that are measured as one: starting a process varies more than it takes, and Linux tells a
/// processor's time in hundredths of a second.
const SHORT: u32 = 20;

/// One of many runs of something short, in the time it takes of the cores: most of its time on the wall goes by while
/// other processes have them.
pub(crate) fn short(command: impl Fn() -> Command) -> Cost {
    let before = children_cpu();
    for _ in 0..SHORT {
        process(&mut command());
    }
    let time = Duration::from_secs_f64((children_cpu() - before).max(0.0)) / SHORT;
    Cost { time, ..Cost::default() }
}

/// One of many starts of a process, on the clock of the wall: what the peer pays for its start, ours pays too.
pub(crate) fn start(command: impl Fn() -> Command) -> Cost {
    let total: Duration = (0..SHORT).map(|_| process(&mut command()).time).sum();
    Cost { time: total / SHORT, ..Cost::default() }
}

/// Like [`process`], watching its memory and the cores it takes; for what lasts, as looking costs a little.
pub(crate) fn watched(command: &mut Command) -> Cost {
    watched_to(command, 0)
}

/// Like [`watched`], of what has to end with that code.
pub(crate) fn watched_to(command: &mut Command, code: i32) -> Cost {
    let before = children_cpu();
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak: f64 = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        peak = peak.max(high_water(&child).unwrap_or(0.0));
        thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(status.code(), Some(code), "{command:?}: {status}");
    Cost { time: start.elapsed(), cpu: children_cpu() - before, peak }
}

/// The seconds that all processes started here took of all cores, once they ended (proc(5): `cutime` and `cstime`, which
/// Linux tells in hundredths).
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

/// The memory that a process has now, in MiB, as Linux counts it.
pub(crate) fn resident(child: &Child) -> f64 {
    memory(child, "VmRSS:").unwrap_or(0.0)
}

/// The most memory that a process had so far, in MiB, as Linux counts it.
pub(crate) fn high_water(child: &Child) -> Option<f64> {
    memory(child, "VmHWM:")
}

fn memory(child: &Child, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1024.0)
}
