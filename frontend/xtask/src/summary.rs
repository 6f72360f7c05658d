//! Counting passed and failed tests from what the test runners print.

use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

impl Count {
    pub const PASSED: Self = Self { passed: 1, failed: 0 };
    pub const FAILED: Self = Self { passed: 0, failed: 1 };

    pub fn total(self) -> u64 {
        self.passed + self.failed
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// A line of `cargo test`: `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
pub fn of_cargo(line: &str) -> Option<Count> {
    let line = plain(line);
    let (_, counts) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let number = |word: &str| {
        let part = counts.split(';').map(str::trim).find_map(|part| part.strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some(Count { passed: number(" passed")?, failed: number(" failed")? })
}

/// A line of Playwright's summary: `12 passed (3.4s)`, `2 failed`, `1 flaky`, `3 did not run`, `1 interrupted`.
///
/// A flaky test passed when it was run again, which only happens in CI; Playwright names it. One that did not run because
/// another failed counts as failed.
pub fn of_playwright(line: &str) -> Option<Count> {
    let line = plain(line);
    let words = line.trim();
    let (number, rest) = words.split_once(' ')?;
    let number = number.parse().ok()?;
    let what = rest.split(" (").next().unwrap_or(rest);
    match what {
        "passed" | "flaky" => Some(Count { passed: number, failed: 0 }),
        "failed" | "did not run" | "interrupted" => Some(Count { passed: 0, failed: number }),
        _ => None,
    }
}

/// The line without colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or(part, |(_, after)| after));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_cargo_is_counted() {
        let ok = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(of_cargo(ok), Some(Count { passed: 12, failed: 0 }));
        let failed = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.2s";
        assert_eq!(of_cargo(failed), Some(Count { passed: 3, failed: 2 }));
        assert_eq!(of_cargo("test result: \x1b[32mok\x1b[0m. 1 passed; 0 failed; 0 ignored"), Some(Count::PASSED));
    }

    #[test]
    fn other_lines_of_cargo_are_not() {
        assert_eq!(of_cargo("test summary::tests::x ... ok"), None);
        assert_eq!(of_cargo("running 12 tests"), None);
        assert_eq!(of_cargo("test result: something else"), None);
    }

    #[test]
    fn a_summary_of_playwright_is_counted() {
        assert_eq!(of_playwright("  12 passed (3.4s)"), Some(Count { passed: 12, failed: 0 }));
        assert_eq!(of_playwright("  2 failed"), Some(Count { passed: 0, failed: 2 }));
        assert_eq!(of_playwright("\x1b[31m  1 failed\x1b[39m"), Some(Count::FAILED));
        assert_eq!(of_playwright("  1 flaky"), Some(Count::PASSED));
        assert_eq!(of_playwright("  3 did not run"), Some(Count { passed: 0, failed: 3 }));
    }

    #[test]
    fn other_lines_of_playwright_are_not() {
        assert_eq!(of_playwright("  1 skipped"), None);
        assert_eq!(of_playwright("  ✓  1 login.spec.ts:3:1 › 2 passed checks (1.0s)"), None);
        assert_eq!(of_playwright("Running 12 tests using 2 workers"), None);
    }
}
