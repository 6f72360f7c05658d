//! How long a session lives. Pure.

use chrono::{DateTime, TimeDelta, Utc};

/// Without a request for this long, the session ends.
pub const IDLE_MAX: TimeDelta = TimeDelta::minutes(30);
/// However busy, the session ends after this.
pub const ABSOLUTE_MAX: TimeDelta = TimeDelta::hours(12);
/// Looking at a page writes to the database at most this often.
pub const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(5);

pub fn expires_at(created_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    (now + IDLE_MAX).min(created_at + ABSOLUTE_MAX)
}

pub fn is_touch_due(last_seen_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - last_seen_at >= TOUCH_EVERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_time_is_granted_anew_until_the_absolute_end() {
        let begin = DateTime::UNIX_EPOCH;
        assert_eq!(expires_at(begin, begin), begin + TimeDelta::minutes(30));
        assert_eq!(expires_at(begin, begin + TimeDelta::hours(5)), begin + TimeDelta::minutes(330));
        assert_eq!(expires_at(begin, begin + TimeDelta::minutes(715)), begin + TimeDelta::hours(12));
        assert!(!is_touch_due(begin, begin + TimeDelta::seconds(299)));
        assert!(is_touch_due(begin, begin + TimeDelta::seconds(300)));
    }
}
