use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn change(at: &str, minutes_east: i32) -> OffsetChange {
    OffsetChange { at: instant(at), seconds_east: minutes_east * 60 }
}

/// Berlin in 2026.
pub(in crate::calendar) fn berlin() -> ZoneOffsets {
    let changes = vec![
        change("2025-10-26T01:00:00Z", 60),
        change("2026-03-29T01:00:00Z", 120),
        change("2026-10-25T01:00:00Z", 60),
    ];
    ZoneOffsets::new("Europe/Berlin", changes, instant("2027-03-28T01:00:00Z")).unwrap()
}

/// Samoa moved over the date line: its clocks skipped the whole of 30 December 2011.
pub(in crate::calendar) fn apia() -> ZoneOffsets {
    let changes = vec![change("2011-09-24T14:00:00Z", -600), change("2011-12-30T10:00:00Z", 840)];
    ZoneOffsets::new("Pacific/Apia", changes, instant("2012-03-31T14:00:00Z")).unwrap()
}

/// Tables with up to twelve changes of 15 minutes to 3 hours, at least two days apart, over some years from 2000 on.
pub(in crate::calendar) fn tables() -> impl Strategy<Value = ZoneOffsets> {
    let step = (2 * 24 * 60_i64..300 * 24 * 60, prop_oneof![-12_i32..=-1, 1_i32..=12]);
    (-12 * 60_i32..=12 * 60, prop::collection::vec(step, 0..=12)).prop_map(|(base, steps)| {
        let mut last = change("2000-01-01T00:00:00Z", base);
        let mut changes = vec![last];
        for (minutes, quarters) in steps {
            // Towards UTC where it would go too far.
            let quarters = if last.seconds_east.abs() > 14 * 3600 { -last.seconds_east.signum() } else { quarters };
            let at = last.at + TimeDelta::minutes(minutes);
            last = OffsetChange { at, seconds_east: last.seconds_east + quarters * 15 * 60 };
            changes.push(last);
        }
        ZoneOffsets::new("Test/Table", changes, last.at + TimeDelta::days(400)).unwrap()
    })
}

#[rstest]
#[case::the_day_before("2026-03-28T02:30:00", "2026-03-28T01:30:00Z")]
#[case::last_minute("2026-03-29T01:59:00", "2026-03-29T00:59:00Z")]
#[case::skipped_begin("2026-03-29T02:00:00", "2026-03-29T01:00:00Z")]
#[case::skipped("2026-03-29T02:30:00", "2026-03-29T01:00:00Z")]
#[case::after_the_skip("2026-03-29T03:00:00", "2026-03-29T01:00:00Z")]
#[case::a_minute_on("2026-03-29T03:01:00", "2026-03-29T01:01:00Z")]
#[case::twice_begin("2026-10-25T02:00:00", "2026-10-25T00:00:00Z")]
#[case::twice("2026-10-25T02:30:00", "2026-10-25T00:30:00Z")]
#[case::once_again("2026-10-25T03:00:00", "2026-10-25T02:00:00Z")]
fn wall_times_of_berlin(#[case] wall: &str, #[case] expected: &str) {
    assert_eq!(berlin().first_instant(wall.parse().unwrap()), Some(instant(expected)));
}

#[test]
fn a_skipped_day_is_the_first_instant_after_it() {
    let skipped = ["2011-12-30T00:00:00", "2011-12-30T12:00:00", "2011-12-31T00:00:00"];
    for wall in skipped {
        assert_eq!(apia().first_instant(wall.parse().unwrap()), Some(instant("2011-12-30T10:00:00Z")), "{wall}");
    }
    assert_eq!(apia().largest_gap(), TimeDelta::days(1));
    assert_eq!(berlin().largest_gap(), TimeDelta::hours(1));
}

#[test]
fn nothing_is_known_outside_the_table() {
    let table = berlin();
    let begins = instant("2025-10-26T01:00:00Z");
    assert_eq!(table.seconds_east(begins - TimeDelta::seconds(1)), None);
    assert_eq!(table.seconds_east(begins), Some(3600));
    assert_eq!(table.seconds_east(table.until() - TimeDelta::seconds(1)), Some(3600));
    assert_eq!(table.seconds_east(table.until()), None);
    // The first of the two 02:30 of that day lies before the table.
    assert_eq!(table.first_instant("2025-10-26T02:30:00".parse().unwrap()), None);
    assert_eq!(table.first_instant("2027-03-28T01:59:59".parse().unwrap()), Some(instant("2027-03-28T00:59:59Z")));
    assert_eq!(table.first_instant("2027-03-28T02:00:00".parse().unwrap()), None);
    assert_eq!(table.first_instant(NaiveDateTime::MIN), None);
    assert_eq!(table.first_instant(NaiveDateTime::MAX), None);
}

#[test]
fn refuses_what_is_no_table() {
    let (a, b) = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let table = |changes: &[OffsetChange], until: &str| ZoneOffsets::new("X/Y", changes.to_vec(), instant(until));
    let zone = || "X/Y".to_owned();
    assert_eq!(ZoneOffsets::new("", vec![change(a, 0)], instant(b)), Err(ZoneOffsetsError::NoName));
    assert_eq!(table(&[], b), Err(ZoneOffsetsError::NoOffset { zone: zone() }));
    assert_eq!(table(&[change(a, 0)], a), Err(ZoneOffsetsError::EndsTooEarly { zone: zone(), until: instant(a) }));
    let late = "2027-01-01T00:00:00Z";
    for (first, second) in [(b, a), (a, a)] {
        let wrong = ZoneOffsetsError::OutOfOrder { zone: zone(), at: instant(second) };
        assert_eq!(table(&[change(first, 0), change(second, 60)], late), Err(wrong));
    }
    let same = ZoneOffsetsError::NoChange { zone: zone(), at: instant(b) };
    assert_eq!(table(&[change(a, 60), change(b, 60)], late), Err(same));
    for minutes in [1440, -1440, 35_000_000] {
        let far = ZoneOffsetsError::TooFar { zone: zone(), at: instant(a), seconds_east: minutes * 60 };
        assert_eq!(table(&[change(a, minutes)], late), Err(far));
    }
    assert!(table(&[change(a, 1439), change(b, -1439)], late).is_ok());
}

proptest! {
    /// The rule itself: at the instant the clock shows the wall time or later, and at no instant before.
    #[test]
    fn the_first_instant_is_the_first(table in tables(), minute in 0_i64..(6 * 366 * 24 * 60)) {
        let wall = "2000-01-03T00:00:00".parse::<NaiveDateTime>().unwrap() + TimeDelta::minutes(minute);
        let Some(found) = table.first_instant(wall) else {
            // Only beyond the end: there the clock has not yet come to it.
            let last = table.until() - TimeDelta::seconds(1);
            prop_assert!(table.wall_time(last).unwrap() < wall);
            return Ok(());
        };
        prop_assert!(table.wall_time(found).unwrap() >= wall);
        // Between changes the clock only goes forward, so the last second before each change is the latest it shows.
        let ends = table.changes().iter().map(|change| change.at).filter(|at| *at <= found);
        for end in ends.chain([found]) {
            prop_assert!(table.wall_time(end - TimeDelta::seconds(1)).unwrap() < wall);
        }
    }

    #[test]
    fn an_instant_is_found_by_its_own_wall_time(table in tables(), minute in 0_i64..(6 * 366 * 24 * 60)) {
        let at = instant("2000-01-04T00:00:00Z") + TimeDelta::minutes(minute);
        prop_assume!(at < table.until());
        let found = table.first_instant(table.wall_time(at).unwrap()).unwrap();
        // Earlier only where the clock showed the same time before, or a later one.
        prop_assert!(found <= at);
        let put_back = table.changes().iter().any(|change| found < change.at && change.at <= at);
        prop_assert!(found == at || put_back);
    }
}
