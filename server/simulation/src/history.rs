//! What happened, step by step: the last lines for whoever reads a violation, and a digest over all of them, by which two
//! runs of a seed are compared.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fmt::Write as _;

/// Lines that are kept. A violation is nearly always caused within the last hours; all of it is in the replay.
const LINES_KEPT: usize = 60;

#[derive(Debug, Default)]
pub struct History {
    step: u64,
    lines: VecDeque<String>,
    digest: Sha256,
    /// Prints every line as it comes.
    pub aloud: bool,
}

impl History {
    pub const fn step(&self) -> u64 {
        self.step
    }

    pub fn next(&mut self, at: DateTime<Utc>, what: &str) {
        self.step += 1;
        self.add(format!("{:>6} {} {what}", self.step, at.format("%m-%d %H:%M:%S")));
    }

    /// Belongs to the step before.
    pub fn note(&mut self, what: &str) {
        self.add(format!("{:>6} {:>14} {what}", "", ""));
    }

    fn add(&mut self, line: String) {
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        if self.aloud {
            eprintln!("{line}");
        }
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    /// Counts for the digest, not for readers.
    pub fn seal(&mut self, hash: &[u8]) {
        self.digest.update(hash);
    }

    pub fn last(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }

    pub fn digest(&self) -> String {
        self.digest.clone().finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
