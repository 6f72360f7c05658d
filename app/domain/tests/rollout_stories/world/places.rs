//! Where and when: the published cadences and the dark hours of a few geographies.

use chrono::Weekday;
use domain::calendar::{Cadence, CadenceRow, DarkHours, DayOffsets};
use domain::fleet::StationNumber;

fn row(station: u8, sandbox: (u16, u16), production: Option<(u16, u16)>) -> CadenceRow {
    let days = |(first, last)| DayOffsets { first, last };
    CadenceRow { station: StationNumber(station), sandbox: days(sandbox), production: production.map(days) }
}

/// The two published cadences (domain.md §1.2). The catalogue's own file is compared with them by its loader's tests.
pub fn cadence(name: &str) -> Cadence {
    let rows = match name {
        "biweekly" => vec![
            row(1, (0, 3), None),
            row(2, (5, 8), Some((10, 11))),
            row(3, (5, 8), Some((10, 11))),
            row(4, (12, 15), Some((17, 18))),
            row(5, (19, 22), Some((24, 25))),
            row(6, (19, 22), Some((24, 25))),
        ],
        "monthly" => vec![
            row(1, (0, 3), None),
            row(2, (7, 10), Some((19, 20))),
            row(3, (8, 11), Some((19, 20))),
            row(4, (14, 17), Some((26, 27))),
            row(5, (21, 24), Some((33, 34))),
            row(6, (22, 25), Some((33, 34))),
        ],
        other => panic!("no cadence {other}"),
    };
    Cadence::new(name.to_owned(), 5, rows).unwrap()
}

pub fn dark_hours(name: &str) -> Option<DarkHours> {
    let (hour, first) = match name {
        // Shorter than the 90 minutes that an update may take.
        "hour" => return DarkHours::new(22 * 60, 60, Weekday::Fri),
        "europe" => (22, Weekday::Fri),
        "us" | "canada" => (4, Weekday::Sat),
        "asia" => (16, Weekday::Fri),
        "australia" => (13, Weekday::Fri),
        _ => return None,
    };
    DarkHours::new(hour * 60, 360, first)
}
