//! What an owner tells about an environment for the planner to go by. The days are `calendar::MaintenanceDays`; here is the
//! date of the next service update (rule S1).

use chrono::{Days, NaiveDate};
use thiserror::Error;

/// Service updates are planned a release or two ahead; what is further away is a slip of the pen.
const AHEAD_DAYS_MAX: Days = Days::new(2 * 366);

/// Why a date is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DateError {
    #[error("Enter a date such as 2026-10-12.")]
    Malformed,
    #[error("This date has passed.")]
    Passed,
    #[error("This date is more than two years away.")]
    TooFar,
}

/// The day on which the next service update is taken; `None` where the text is empty: not known, or not planned.
pub fn service_update_date(text: &str, today: NaiveDate) -> Result<Option<NaiveDate>, DateError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let date: NaiveDate = text.parse().map_err(|_| DateError::Malformed)?;
    if date < today {
        Err(DateError::Passed)
    } else if date > today + AHEAD_DAYS_MAX {
        Err(DateError::TooFar)
    } else {
        Ok(Some(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_still_to_come_and_near() {
        let today: NaiveDate = "2026-10-01".parse().unwrap();
        let read = |text| service_update_date(text, today);
        assert_eq!(read("  "), Ok(None));
        assert_eq!(read("2026-10-01"), Ok(Some(today)));
        assert_eq!(read("2026-09-30"), Err(DateError::Passed));
        assert_eq!(read("2029-01-01"), Err(DateError::TooFar));
        assert_eq!(read("12 October"), Err(DateError::Malformed));
    }
}
