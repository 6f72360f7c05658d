//! Adding to the Rust toolchain with rustup, patient with a slow line and quick to see a dead one.

use std::{
    env,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::process::{command, find_program};

/// Without an answer rustup fails at once where the server's name is unknown or it refuses, but waits for minutes
/// where packets are lost.
const NOTHING_YET: Duration = Duration::from_secs(20);
/// A part has about 20 MB; a line that needs longer than this for it needs a person.
const AT_MOST: Duration = Duration::from_mins(10);
const POLL: Duration = Duration::from_millis(100);

pub fn is_there() -> bool {
    find_program("rustup").is_some()
}

/// `rustup <args>` with its output shown. It is given up when nothing has arrived after [`NOTHING_YET`].
pub fn add(args: &[&str]) -> Result<()> {
    let before = arrived();
    run_patiently(command("rustup").args(args), || arrived() != before, NOTHING_YET, AT_MOST)
}

/// Bytes in the folder that rustup downloads into. It grows from the first byte that the server sends, while rustup's
/// own lines say "downloading" before that and, outside a terminal, nothing after it.
fn arrived() -> u64 {
    let home = env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| env::home_dir().map(|home| home.join(".rustup"))) else { return 0 };
    let entries = home.join("downloads").read_dir().into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).map(|file| file.len()).sum()
}

/// Runs to the end, but ends it after `at_most`, and after `nothing_yet` if by then it has not `begun`.
fn run_patiently(
    command: &mut Command,
    mut begun: impl FnMut() -> bool,
    nothing_yet: Duration,
    at_most: Duration,
) -> Result<()> {
    let mut child = command.stdin(Stdio::null()).spawn().context("rustup does not start")?;
    let start = Instant::now();
    let mut has_begun = false;
    loop {
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(()) } else { bail!("rustup failed ({status})") };
        }
        has_begun = has_begun || begun();
        let limit = if has_begun { at_most } else { nothing_yet };
        if start.elapsed() > limit {
            // It may just have ended by itself.
            let _ = child.kill();
            child.wait()?;
            let what = if has_begun { "was not done" } else { "had received nothing" };
            bail!("rustup {what} after {} seconds", limit.as_secs());
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn a_line_on_which_nothing_arrives_is_given_up() {
        let start = Instant::now();
        let error = run_patiently(Command::new("sleep").arg("60"), || false, SHORT, LONG).expect_err("nothing arrives");
        assert!(error.to_string().contains("received nothing"), "{error}");
        assert!(start.elapsed() < LONG / 2);
    }

    #[test]
    fn a_slow_line_is_waited_for() {
        let mut polls = 0;
        let mut begun = || {
            polls += 1;
            polls == 2 // It need not say so again.
        };
        run_patiently(Command::new("sleep").arg("1"), &mut begun, SHORT, LONG).unwrap();
        let error = run_patiently(Command::new("sleep").arg("60"), || true, SHORT, SHORT * 2).expect_err("not forever");
        assert!(error.to_string().contains("was not done"), "{error}");
    }

    #[test]
    fn a_failure_is_one_at_once() {
        let error = run_patiently(&mut Command::new("false"), || false, LONG, LONG).expect_err("false fails");
        assert!(error.to_string().starts_with("rustup failed"), "{error}");
    }
}
