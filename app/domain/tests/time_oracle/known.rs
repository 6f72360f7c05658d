//! Where the two libraries' zone data are known to differ: those of `chrono-tz` are of 2025b, those of `jiff` newer.
//! Only zones without a region of the catalogue may stand here; a difference in any other would be a wrong night.
//! An entry that is no difference any more fails the test.

use chrono::NaiveDate;

pub struct Known {
    pub zone: &'static str,
    /// The UTC date of the first change that only one of the two knows; from then on the zone is not compared.
    pub from: &'static str,
    #[expect(dead_code, reason = "for the reader of the list")]
    why: &'static str,
}

impl Known {
    pub fn date(&self) -> NaiveDate {
        self.from.parse().unwrap()
    }
}

const ALBERTA: &str = "newer data: no change back in autumn 2026, UTC-6 for good";
const BRITISH_COLUMBIA: &str = "newer data: no change back in autumn 2026, UTC-7 for good";
const MANITOBA: &str = "newer data: no change back in autumn 2026, UTC-5 for good";
const MOLDOVA: &str = "newer data: changes at the instant of the European Union's, 01:00 UTC, since 2022";
const MOROCCO: &str = "newer data: UTC+0 for good from 20 September 2026, no change for Ramadan";

pub const KNOWN: [Known; 13] = [
    Known { zone: "Africa/Casablanca", from: "2026-09-20", why: MOROCCO },
    Known { zone: "Africa/El_Aaiun", from: "2026-09-20", why: MOROCCO },
    Known { zone: "America/Edmonton", from: "2026-11-01", why: ALBERTA },
    Known { zone: "America/Inuvik", from: "2026-11-01", why: ALBERTA },
    Known { zone: "America/Rainy_River", from: "2026-11-01", why: MANITOBA },
    Known { zone: "America/Vancouver", from: "2026-11-01", why: BRITISH_COLUMBIA },
    Known { zone: "America/Winnipeg", from: "2026-11-01", why: MANITOBA },
    Known { zone: "America/Yellowknife", from: "2026-11-01", why: ALBERTA },
    Known { zone: "Canada/Central", from: "2026-11-01", why: MANITOBA },
    Known { zone: "Canada/Mountain", from: "2026-11-01", why: ALBERTA },
    Known { zone: "Canada/Pacific", from: "2026-11-01", why: BRITISH_COLUMBIA },
    Known { zone: "Europe/Chisinau", from: "2022-03-27", why: MOLDOVA },
    Known { zone: "Europe/Tiraspol", from: "2022-03-27", why: MOLDOVA },
];
