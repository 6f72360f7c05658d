//! Dark hours and days, worked out from the published minutes: on purpose not by `domain::calendar`.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use domain::calendar::DarkHours;
use domain::fleet::EnvironmentKind;
use store::environment::Environment;

/// The dark hours around an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dark {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// As a published schedule names the night.
    pub date: NaiveDate,
    pub weekend: bool,
}

pub fn dark_at(hours: DarkHours, at: DateTime<Utc>) -> Option<Dark> {
    let first = hours.weekend_first();
    (0..=1).find_map(|days| {
        let day = at.date_naive() - Days::new(days);
        let start = day.and_hms_opt(0, 0, 0)?.and_utc() + TimeDelta::minutes(hours.start_minute().into());
        let end = start + TimeDelta::minutes(hours.length_minutes().into());
        let date = if first == Weekday::Fri { day + Days::new(1) } else { day };
        let weekend = day.weekday() == first || day.weekday() == first.succ();
        (start <= at && at < end).then_some(Dark { start, end, date, weekend })
    })
}

/// Rule G4: production and premium sandboxes at the weekend, unless the customer chose; everything else any night.
pub fn day_allows(environment: &Environment, date: NaiveDate) -> bool {
    let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
    match (environment.chosen_days.filter(|days| !days.is_empty()), environment.kind) {
        (Some(days), _) => days.bits() >> date.weekday().num_days_from_monday() & 1 == 1,
        (None, EnvironmentKind::Production) => weekend,
        (None, EnvironmentKind::Sandbox) => environment.tier < 4 || weekend,
        (None, EnvironmentKind::Trial) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn europe_is_dark_from_ten_to_four() {
        let europe = DarkHours::new(22 * 60, 360, Weekday::Fri).unwrap();
        let dark = dark_at(europe, at("2026-10-10T03:59:59Z")).unwrap();
        assert_eq!((dark.start, dark.end), (at("2026-10-09T22:00:00Z"), at("2026-10-10T04:00:00Z")));
        assert_eq!((dark.date.to_string().as_str(), dark.weekend), ("2026-10-10", true));
        assert_eq!(dark_at(europe, at("2026-10-10T04:00:00Z")), None);
        assert!(!dark_at(europe, at("2026-10-11T23:00:00Z")).unwrap().weekend);
    }

    #[test]
    fn both_ways_of_working_it_out_agree() {
        for (start, first) in [(22 * 60, Weekday::Fri), (4 * 60, Weekday::Sat), (18 * 60 + 30, Weekday::Fri)] {
            let hours = DarkHours::new(start, 360, first).unwrap();
            for minute in 0..20 * 24 * 12 {
                let now = at("2026-10-01T00:00:00Z") + TimeDelta::minutes(minute * 5);
                if let Some(dark) = dark_at(hours, now) {
                    let night = hours.night(dark.date).unwrap();
                    assert_eq!((night.start, night.end), (dark.start, dark.end));
                    assert_eq!(DarkHours::is_weekend(dark.date), dark.weekend);
                }
            }
        }
    }
}
