//! How long a loop waits: its own pause while all is well, longer and longer while its call fails. An error is logged
//! when it begins, not at every try, and never ends the loop.

use std::error::Error;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// An operator who repairs something does not want to wait for longer than this.
const BACK_OFF_MAX: Duration = Duration::from_secs(30);
/// The first wait after a failure, however short the loop's own pause is.
const BACK_OFF_MIN: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub struct Pace {
    job: &'static str,
    failures: u32,
}

impl Pace {
    pub const fn new(job: &'static str) -> Self {
        Self { job, failures: 0 }
    }

    /// Waits for as long as [`Self::after`] says; `false` where `shutdown` comes first.
    pub async fn wait<E: Error>(
        &mut self,
        outcome: Result<(), &E>,
        pause: Duration,
        shutdown: &CancellationToken,
    ) -> bool {
        let wait = self.after(outcome, pause);
        shutdown.run_until_cancelled(tokio::time::sleep(wait)).await.is_some()
    }

    /// The pause after this outcome.
    pub fn after<E: Error>(&mut self, outcome: Result<(), &E>, pause: Duration) -> Duration {
        match outcome {
            Ok(()) => {
                if self.failures > 0 {
                    tracing::info!(job = self.job, failures = self.failures, "works again");
                }
                self.failures = 0;
                pause
            }
            Err(error) => {
                if self.failures == 0 {
                    tracing::error!(job = self.job, error = %chain(error), "failed; trying again");
                }
                self.failures += 1;
                let back_off = BACK_OFF_MIN.saturating_mul(1 << (self.failures - 1).min(16));
                pause.max(back_off.min(BACK_OFF_MAX))
            }
        }
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_down_and_success_forgives() {
        let mut pace = Pace::new("test");
        let (error, pause) = (std::io::Error::other("no"), Duration::from_millis(50));
        let mut waits = Vec::new();
        for _ in 0..40 {
            waits.push(pace.after(Err(&error), pause));
        }
        assert_eq!(waits[..3], [BACK_OFF_MIN, BACK_OFF_MIN * 2, BACK_OFF_MIN * 4]);
        assert_eq!(waits[39], BACK_OFF_MAX);
        assert_eq!(pace.after::<std::io::Error>(Ok(()), pause), pause);
        assert_eq!(pace.after(Err(&error), pause), BACK_OFF_MIN);
    }

    #[test]
    fn a_long_pause_stays_long() {
        let mut pace = Pace::new("test");
        let error = std::io::Error::other("no");
        assert_eq!(pace.after(Err(&error), Duration::from_mins(10)), Duration::from_mins(10));
    }
}
