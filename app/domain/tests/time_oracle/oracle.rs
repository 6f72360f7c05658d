//! What `jiff` says. Nothing here knows `chrono` or the rules: plain numbers and text come in and go out.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

/// Start and end in seconds since 1970.
pub type Span = (i64, i64);

/// A change of the clocks: when, in seconds since 1970, and from how many seconds east of UTC to how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub at: i64,
    pub before: i32,
    pub after: i32,
}

pub struct Oracle {
    zone: TimeZone,
}

impl Oracle {
    /// The data that comes with `jiff`, never those of the machine.
    pub fn of(zone: &str) -> Self {
        Self { zone: TimeZoneDatabase::bundled().get(zone).unwrap() }
    }

    /// Changes of the offset in `[from, to)`, years; not those of a name or of what counts as daylight saving.
    pub fn changes(&self, from: i16, to: i16) -> Vec<Change> {
        let begin = |year| TimeZone::UTC.to_timestamp(Date::new(year, 1, 1).unwrap().at(0, 0, 0, 0)).unwrap();
        let mut before = self.zone.to_offset(begin(from)).seconds();
        let mut changes = Vec::new();
        for transition in self.zone.following(begin(from)).take_while(|one| one.timestamp() < begin(to)) {
            let after = transition.offset().seconds();
            if after != before {
                changes.push(Change { at: transition.timestamp().as_second(), before, after });
            }
            before = after;
        }
        changes
    }

    /// The instant of a wall time by the decisions: the first instant after a gap, the first of two.
    fn instant(&self, wall: DateTime) -> Timestamp {
        let ambiguous = self.zone.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall).unwrap(),
            AmbiguousOffset::Fold { .. } => ambiguous.earlier().unwrap(),
            // A wall time in a gap, read by the offset after it, lies before the gap: the change is the next one.
            AmbiguousOffset::Gap { before, after } => {
                let (from, to) = (after.to_timestamp(wall).unwrap(), before.to_timestamp(wall).unwrap());
                let mut changes = self.zone.following(from).take_while(|change| change.timestamp() <= to);
                changes.find(|change| change.offset() == after).unwrap().timestamp()
            }
        }
    }

    /// The night that begins when the clock shows `minute` of the day on `date`, or of the day before it.
    pub fn local_night(&self, date: &str, day_before: bool, minute: u16, length: u16) -> Span {
        let date: Date = date.parse().unwrap();
        let day = if day_before { date.yesterday().unwrap() } else { date };
        let wall = day.at(i8::try_from(minute / 60).unwrap(), i8::try_from(minute % 60).unwrap(), 0, 0);
        let start = self.instant(wall).to_zoned(self.zone.clone());
        (start.timestamp().as_second(), (&start + i64::from(length).minutes()).timestamp().as_second())
    }

    /// `2026-03-29T03:00:00`: what the clock shows.
    pub fn wall(&self, seconds: i64) -> String {
        self.zone.to_datetime(Timestamp::from_second(seconds).unwrap()).to_string()
    }

    /// Which wall time, in minutes of the day, the clock shows at an instant.
    pub fn minute_of_day(&self, seconds: i64) -> u16 {
        let wall = self.zone.to_datetime(Timestamp::from_second(seconds).unwrap());
        u16::try_from(i32::from(wall.hour()) * 60 + i32::from(wall.minute())).unwrap()
    }
}

/// Is the date a Saturday or a Sunday?
pub fn is_weekend(date: &str) -> bool {
    matches!(date.parse::<Date>().unwrap().weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// `Fri`: the UTC weekday of an instant.
pub fn weekday(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap().strftime("%a").to_string()
}

/// The published night of `date`: `weekend` are the UTC weekdays on which the nights of Saturday and of Sunday begin,
/// and every other night keeps the same distance from its date.
pub fn published_night(date: &str, (hour, minute): (u16, u16), length: u16, weekend: &[String; 2]) -> Span {
    let date: Date = date.parse().unwrap();
    let saturday = date.nth_weekday(1, Weekday::Saturday).unwrap();
    let sunday = saturday.tomorrow().unwrap();
    let begins = |named: Date, on: &str| {
        let near = [named.yesterday().unwrap(), named];
        near.into_iter().position(|day| day.strftime("%a").to_string() == on).unwrap()
    };
    let distances = [begins(saturday, &weekend[0]), begins(sunday, &weekend[1])];
    assert_eq!(distances[0], distances[1], "the two nights of a weekend follow each other");
    let day = if distances[0] == 0 { date.yesterday().unwrap() } else { date };
    let at = day.at(i8::try_from(hour).unwrap(), i8::try_from(minute).unwrap(), 0, 0);
    let start = TimeZone::UTC.to_timestamp(at).unwrap();
    (start.as_second(), (start + i64::from(length).minutes()).as_second())
}
