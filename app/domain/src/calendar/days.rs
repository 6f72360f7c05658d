//! On which days an environment may be updated at all (rule G4).

use super::dark_hours::DarkHours;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// A set of weekdays as seven bits, Monday lowest. Empty is allowed to exist only inside [`DaySet`] itself:
/// [`MaintenanceDays::chosen`] refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct DaySet(u8);

impl DaySet {
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(days.into_iter().fold(0, |bits, day| bits | 1 << day.num_days_from_monday()))
    }

    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x7f)
    }

    pub const fn bits(self) -> u8 {
        self.0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn holds(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceDays {
    /// Sandboxes of tier 2 and 3 and trials: any night.
    AnyNight,
    /// Production and premium sandboxes, unless the customer chose otherwise.
    Weekend,
    /// The customer's own choice of weekdays for a production environment.
    Chosen(DaySet),
}

impl MaintenanceDays {
    /// The customer's choice; no day at all is no choice.
    pub fn chosen(days: DaySet) -> Option<Self> {
        (!days.is_empty()).then_some(Self::Chosen(days))
    }

    pub fn allow(self, date: NaiveDate) -> bool {
        match self {
            Self::AnyNight => true,
            Self::Weekend => DarkHours::is_weekend(date),
            Self::Chosen(days) => days.holds(date.weekday()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_allows_its_days() {
        let (friday, saturday) = ("2026-10-09".parse().unwrap(), "2026-10-10".parse().unwrap());
        assert!(MaintenanceDays::AnyNight.allow(friday) && MaintenanceDays::AnyNight.allow(saturday));
        assert!(!MaintenanceDays::Weekend.allow(friday) && MaintenanceDays::Weekend.allow(saturday));
        let fridays = MaintenanceDays::chosen(DaySet::of([Weekday::Fri])).unwrap();
        assert!(fridays.allow(friday) && !fridays.allow(saturday));
        assert_eq!(MaintenanceDays::chosen(DaySet::default()), None);
    }
}
