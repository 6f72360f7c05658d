//! F7: a server's clock is wrong by up to an hour, drifts by seconds a day, and is put right again in one step.

use crate::time::ServerClock;
use chrono::TimeDelta;
use services::mix::Mix;

const WRONG_MAX_SECONDS: i64 = 3_600;
const DRIFT_MAX_SECONDS: i64 = 20;

/// What was done to the clock.
pub fn disturb(mix: &mut Mix, clock: &ServerClock) -> String {
    let (ahead, drift) = match mix.below(4) {
        // Put right, be it backwards.
        0 | 1 => (0, mix.between(-DRIFT_MAX_SECONDS, 0)),
        2 => (mix.between(-90, 90), 0),
        _ => (mix.between(-WRONG_MAX_SECONDS, WRONG_MAX_SECONDS), 0),
    };
    clock.step_to(TimeDelta::seconds(ahead), TimeDelta::seconds(drift));
    format!("clock {ahead:+} s, drifting {drift:+} s a day")
}
