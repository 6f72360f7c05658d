//! How instants become words. The viewer's zone is known to the server only, so sentences take a clockface; tests and
//! the command line use [`UtcClockface`].

use crate::calendar::Night;
use chrono::{DateTime, NaiveDate, Utc};

pub trait Clockface {
    /// `Sun 11 Oct 2026, 05:00 CEST`
    fn instant(&self, at: DateTime<Utc>) -> String;
    /// `Sun 11 Oct 2026, 00:00–06:00 CEST`
    fn night(&self, night: Night) -> String;

    /// `Sun 11 Oct 2026`: a date as the schedule publishes it, in no zone.
    fn date(&self, date: NaiveDate) -> String {
        date.format("%a %-d %b %Y").to_string()
    }

    /// `12–15 Oct 2026`, `28 Feb–1 Mar 2026`, `30 Dec 2026–2 Jan 2027`
    fn dates(&self, first: NaiveDate, last: NaiveDate) -> String {
        use chrono::Datelike;
        if first == last {
            return last.format("%-d %b %Y").to_string();
        }
        let head = if first.year() != last.year() {
            "%-d %b %Y"
        } else if first.month() != last.month() {
            "%-d %b"
        } else {
            "%-d"
        };
        format!("{}–{}", first.format(head), last.format("%-d %b %Y"))
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct UtcClockface;

impl Clockface for UtcClockface {
    fn instant(&self, at: DateTime<Utc>) -> String {
        at.format("%a %-d %b %Y, %H:%M UTC").to_string()
    }

    fn night(&self, night: Night) -> String {
        format!("{}–{} UTC", night.start.format("%a %-d %b %Y, %H:%M"), night.end.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_dates_say_no_more_than_needed() {
        let span = |first: &str, last: &str| UtcClockface.dates(first.parse().unwrap(), last.parse().unwrap());
        assert_eq!(span("2026-10-12", "2026-10-15"), "12–15 Oct 2026");
        assert_eq!(span("2026-02-28", "2026-03-01"), "28 Feb–1 Mar 2026");
        assert_eq!(span("2026-12-30", "2027-01-02"), "30 Dec 2026–2 Jan 2027");
        assert_eq!(span("2026-10-12", "2026-10-12"), "12 Oct 2026");
    }
}
