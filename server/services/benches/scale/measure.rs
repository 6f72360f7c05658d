//! Wall time, CPU time and memory of a step, against what was promised.

use std::ops::AddAssign;
use std::time::{Duration, Instant};

/// Clock ticks a second in `/proc`; fixed by the kernel's interface to programs (`USER_HZ`).
const TICKS_PER_SECOND: u64 = 100;

/// What a step may take at most.
#[derive(Debug, Clone, Copy)]
pub enum Promise {
    None,
    Time(Duration),
    /// Bytes of memory, at the highest since the process began.
    Memory(u64),
}

struct Line {
    what: String,
    figure: String,
    is_kept: bool,
}

#[derive(Default)]
pub struct Table {
    lines: Vec<Line>,
}

impl Table {
    pub fn add(&mut self, what: &str, took: Took, promise: Promise) {
        let is_kept = !matches!(promise, Promise::Time(most) if took.wall > most);
        let mut figure = format!("{:>10.3} s   {:>8.2} s CPU", took.wall.as_secs_f64(), took.cpu.as_secs_f64());
        if let Promise::Time(most) = promise {
            figure = format!("{figure}   promised {} s", most.as_secs_f64());
        }
        self.push(what, figure, is_kept);
    }

    pub fn add_memory(&mut self, what: &str, promise: Promise) {
        let most = memory_at_most();
        let mut figure = format!("{:>10} MB", most / 1_000_000);
        let mut is_kept = true;
        if let Promise::Memory(promised) = promise {
            is_kept = most <= promised;
            figure = format!("{figure}   promised {} MB", promised / 1_000_000);
        }
        self.push(what, figure, is_kept);
    }

    /// Several runs of one step: the middle one, and the longest, which has to keep the promise.
    pub fn add_runs(&mut self, what: &str, mut runs: Vec<Took>, most: Duration) {
        if runs.is_empty() {
            return self.push(what, "there was none".to_owned(), false);
        }
        runs.sort_unstable_by_key(|took| took.wall);
        let (middle, longest) = (runs[runs.len() / 2].wall, runs[runs.len() - 1].wall);
        let count = u32::try_from(runs.len()).unwrap();
        let cpu = (runs.iter().map(|took| took.cpu).sum::<Duration>() / count).as_secs_f64();
        let figure = format!(
            "{:>10.3} s   {cpu:>8.3} s CPU   longest of {}: {:.3} s   promised {} s",
            middle.as_secs_f64(),
            runs.len(),
            longest.as_secs_f64(),
            most.as_secs_f64()
        );
        self.push(what, figure, longest <= most);
    }

    fn push(&mut self, what: &str, figure: String, is_kept: bool) {
        println!("{what:<64} {figure}");
        self.lines.push(Line { what: what.to_owned(), figure, is_kept });
    }

    pub fn is_kept(&self) -> bool {
        self.lines.iter().all(|line| line.is_kept)
    }

    pub fn print(&self) {
        println!();
        for Line { what, figure, is_kept } in &self.lines {
            println!("{} {what:<64} {figure}", if *is_kept { " " } else { "!" });
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Took {
    pub wall: Duration,
    /// Of all threads.
    pub cpu: Duration,
}

impl AddAssign for Took {
    fn add_assign(&mut self, more: Self) {
        self.wall += more.wall;
        self.cpu += more.cpu;
    }
}

pub struct Watch {
    began: Instant,
    cpu: Duration,
}

impl Watch {
    pub fn start() -> Self {
        Self { began: Instant::now(), cpu: cpu() }
    }

    pub fn stop(&self) -> Took {
        Took { wall: self.began.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

/// The sum of fields 14 and 15 (utime, stime) of `/proc/self/stat`; zero where there is no such file.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field, in brackets, may hold spaces.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND)
}

/// Bytes (`VmHWM`); zero where the system does not say.
fn memory_at_most() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|figure| figure.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

/// Forgets the highest use of memory so far, so that the next figure is that of the next step.
pub fn forget_memory() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
