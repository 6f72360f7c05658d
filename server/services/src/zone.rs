//! Instants in the viewer's zone, in words. The zone is always named; the environment's zone and UTC stand beside it as
//! a hint. Not here: rules in local time (dark hours are UTC, see `domain::calendar`).

use chrono::{DateTime, Days, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::{OffsetName, Tz};
use domain::calendar::{Night, StageWindow};
use domain::clockface::{Clockface, UtcClockface};
use domain::number::days;
use domain::wire::signal::When;

/// The clockface of one person or one environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZoneClockface {
    zone: Tz,
}

impl ZoneClockface {
    pub const UTC: Self = Self { zone: Tz::UTC };

    /// `name` is an IANA name. `None` where the zone database does not know it.
    pub fn named(name: &str) -> Option<Self> {
        name.parse().ok().map(|zone| Self { zone })
    }

    /// The zone a person chose. A name that the zone database has dropped since then reads as UTC, and says so.
    pub fn of_viewer(name: &str) -> Self {
        Self::named(name).unwrap_or(Self::UTC)
    }

    pub fn name(self) -> &'static str {
        self.zone.name()
    }

    /// The date on which `at` falls here.
    pub fn date_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// `05:00`
    pub fn clock_time(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%H:%M").to_string()
    }

    /// `Times in Europe/Berlin, UTC+2`
    pub fn sentence(self, now: DateTime<Utc>) -> String {
        let offset = utc_offset(self.seconds_east(now));
        match self.zone {
            Tz::UTC => "Times in UTC".to_owned(),
            zone => format!("Times in {}, {offset}", zone.name()),
        }
    }

    fn seconds_east(self, at: DateTime<Utc>) -> i32 {
        self.zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()
    }

    /// `CEST`; where the zone has no letters of its own, the distance from UTC.
    fn abbreviation(self, at: DateTime<Utc>) -> String {
        match self.zone.offset_from_utc_datetime(&at.naive_utc()).abbreviation() {
            Some(letters) if letters.starts_with(|c: char| c.is_ascii_alphabetic()) => letters.to_owned(),
            _ => utc_offset(self.seconds_east(at)),
        }
    }

    /// `at` for people; `there` is the IANA name of the environment's zone.
    pub fn when(self, at: DateTime<Utc>, there: Option<&str>) -> When {
        When { text: self.instant(at), utc: machine(at), hint: self.hint(there, |clock| clock.instant(at)) }
    }

    pub fn when_night(self, night: Night, there: Option<&str>) -> When {
        When { text: self.night(night), utc: machine(night.start), hint: self.hint(there, |clock| clock.night(night)) }
    }

    /// A window whose night is chosen `ahead_days` before it: published dates, in no zone.
    fn when_window(self, window: StageWindow, ahead_days: u16) -> When {
        When {
            text: self.dates(window.first, window.last),
            utc: window.first.to_string(),
            hint: format!("Dates as published; the night is chosen about {} ahead", days(ahead_days)),
        }
    }

    /// The expected night where it lies after the window. A night may begin on the date before the published one, and on
    /// the date after it in the viewer's zone.
    fn after(self, window: StageWindow, next: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        next.filter(|at| self.date_of(*at) > window.last + Days::new(1))
    }

    /// First and last date of what [`Self::when_planned`] says.
    pub fn planned_dates(self, window: StageWindow, next: Option<DateTime<Utc>>) -> (NaiveDate, NaiveDate) {
        self.after(window, next).map_or((window.first, window.last), |at| (self.date_of(at), self.date_of(at)))
    }

    /// The window of what is planned, or the day of its expected night where that lies after the window (rules G3, R2).
    pub fn when_planned(self, window: StageWindow, next: Option<DateTime<Utc>>, ahead_days: u16) -> When {
        let Some(at) = self.after(window, next) else { return self.when_window(window, ahead_days) };
        let (was, ahead) = (self.dates(window.first, window.last), days(ahead_days));
        When {
            text: format!("about {}", self.date(self.date_of(at))),
            utc: machine(at),
            hint: format!("After its window of {was}; the night is chosen about {ahead} ahead"),
        }
    }

    /// A published date, in no zone.
    pub fn when_date(self, date: NaiveDate) -> When {
        When { text: self.date(date), utc: date.to_string(), hint: "Date as published".to_owned() }
    }

    fn hint(self, there: Option<&str>, say: impl Fn(&dyn Clockface) -> String) -> String {
        let there = there.and_then(Self::named).filter(|clock| *clock != self && *clock != Self::UTC);
        let utc = say(&UtcClockface);
        match there {
            Some(clock) => format!("{} in {} · {utc}", say(&clock), clock.name()),
            None => utc,
        }
    }
}

impl Clockface for ZoneClockface {
    fn instant(&self, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        format!("{} {}", local.format("%a %-d %b %Y, %H:%M"), self.abbreviation(at))
    }

    fn night(&self, night: Night) -> String {
        let (start, end) = (night.start.with_timezone(&self.zone), night.end.with_timezone(&self.zone));
        let (before, after) = (self.abbreviation(night.start), self.abbreviation(night.end));
        let first = start.format("%a %-d %b %Y, %H:%M");
        // The clocks change inside this night: both ends name theirs, else the hours would not add up.
        if before == after {
            format!("{first}–{} {after}", end.format("%H:%M"))
        } else {
            format!("{first} {before}–{} {after}", end.format("%H:%M"))
        }
    }
}

/// For `<time datetime>`.
fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// `UTC+2`, `UTC−3:30`, `UTC`
fn utc_offset(seconds_east: i32) -> String {
    let minutes = seconds_east.abs() / 60;
    let sign = if seconds_east < 0 { '−' } else { '+' };
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, rest) => format!("UTC{sign}{hours}:{rest:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::fleet::{Audience, StageKey, StationNumber};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> ZoneClockface {
        ZoneClockface::named(name).unwrap()
    }

    fn night(start: &str, end: &str) -> Night {
        Night { date: at(end).date_naive(), start: at(start), end: at(end) }
    }

    #[test]
    fn instants_name_their_zone() {
        for (name, text) in [
            ("Europe/Berlin", "Sun 11 Oct 2026, 05:00 CEST"),
            ("America/New_York", "Sat 10 Oct 2026, 23:00 EDT"),
            ("Asia/Kolkata", "Sun 11 Oct 2026, 08:30 IST"),
            ("America/Sao_Paulo", "Sun 11 Oct 2026, 00:00 UTC−3"),
            ("Asia/Kathmandu", "Sun 11 Oct 2026, 08:45 UTC+5:45"),
            ("UTC", "Sun 11 Oct 2026, 03:00 UTC"),
        ] {
            assert_eq!(zone(name).instant(at("2026-10-11T03:00:00Z")), text);
        }
    }

    #[test]
    fn a_night_in_which_the_clocks_change_names_both_sides() {
        let plain = night("2026-10-10T22:00:00Z", "2026-10-11T04:00:00Z");
        assert_eq!(zone("Europe/Berlin").night(plain), "Sun 11 Oct 2026, 00:00–06:00 CEST");
        let back = night("2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z");
        assert_eq!(zone("Europe/Berlin").night(back), "Sun 25 Oct 2026, 00:00 CEST–05:00 CET");
        let forward = night("2026-03-28T22:00:00Z", "2026-03-29T04:00:00Z");
        assert_eq!(zone("Europe/Berlin").night(forward), "Sat 28 Mar 2026, 23:00 CET–06:00 CEST");
        assert_eq!(zone("Asia/Tokyo").night(back), "Sun 25 Oct 2026, 07:00–13:00 JST");
    }

    #[test]
    fn the_hint_has_the_environments_zone_and_utc_once() {
        let viewer = zone("Europe/Berlin");
        let when = viewer.when(at("2026-10-11T03:00:00Z"), Some("America/New_York"));
        assert_eq!(when.utc, "2026-10-11T03:00:00Z");
        assert_eq!(when.hint, "Sat 10 Oct 2026, 23:00 EDT in America/New_York · Sun 11 Oct 2026, 03:00 UTC");
        for there in [None, Some("Europe/Berlin"), Some("UTC"), Some("Mars/Olympus")] {
            assert_eq!(viewer.when(at("2026-10-11T03:00:00Z"), there).hint, "Sun 11 Oct 2026, 03:00 UTC");
        }
    }

    #[test]
    fn the_zone_is_named_with_its_distance_of_that_day() {
        assert_eq!(zone("Europe/Berlin").sentence(at("2026-10-11T03:00:00Z")), "Times in Europe/Berlin, UTC+2");
        assert_eq!(zone("Europe/Berlin").sentence(at("2026-12-11T03:00:00Z")), "Times in Europe/Berlin, UTC+1");
        assert_eq!(ZoneClockface::of_viewer("Nowhere/City").sentence(at("2026-12-11T03:00:00Z")), "Times in UTC");
    }

    #[test]
    fn windows_are_dates_in_no_zone() {
        let window = StageWindow {
            stage: StageKey { station: StationNumber(4), audience: Audience::Sandbox },
            first: "2026-10-12".parse().unwrap(),
            last: "2026-10-15".parse().unwrap(),
        };
        for name in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let when = zone(name).when_window(window, 6);
            assert_eq!((when.text.as_str(), when.utc.as_str()), ("12–15 Oct 2026", "2026-10-12"));
        }
    }

    #[test]
    fn what_is_expected_after_its_window_says_so() {
        let stage = StageKey { station: StationNumber(4), audience: Audience::Production };
        let window = StageWindow { stage, first: "2026-10-17".parse().unwrap(), last: "2026-10-18".parse().unwrap() };
        let berlin = zone("Europe/Berlin");
        let in_window = berlin.when_planned(window, Some("2026-10-17T22:00:00Z".parse().unwrap()), 6);
        assert_eq!(in_window, berlin.when_planned(window, None, 6));
        assert_eq!(in_window.text, "17–18 Oct 2026");
        let late = berlin.when_planned(window, Some("2026-10-23T22:00:00Z".parse().unwrap()), 6);
        assert_eq!(late.text, "about Sat 24 Oct 2026");
        assert_eq!(late.hint, "After its window of 17–18 Oct 2026; the night is chosen about 6 days ahead");
    }
}
