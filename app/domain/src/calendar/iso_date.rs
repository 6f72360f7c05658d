//! A date as files and commands write it: `2026-10-05`, nothing else. `NaiveDate::from_str` would also take
//! `2026-1-5` and ` +12026-01-05`, and would not say whether the text or the calendar is at fault.

use chrono::NaiveDate;
use thiserror::Error;

/// The text is not a calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IsoDateError {
    #[error("not a date written YYYY-MM-DD")]
    Form,
    #[error("the calendar has no such day")]
    NoSuchDay,
}

pub fn iso_date(text: &str) -> Result<NaiveDate, IsoDateError> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
        return Err(IsoDateError::Form);
    };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
    };
    let year = number(&[*y1, *y2, *y3, *y4]).and_then(|year| i32::try_from(year).ok()).ok_or(IsoDateError::Form)?;
    let month = number(&[*m1, *m2]).ok_or(IsoDateError::Form)?;
    let day = number(&[*d1, *d2]).ok_or(IsoDateError::Form)?;
    NaiveDate::from_ymd_opt(year, month, day).ok_or(IsoDateError::NoSuchDay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-02-30", IsoDateError::NoSuchDay)]
    #[case("2027-02-29", IsoDateError::NoSuchDay)]
    #[case("2026-13-01", IsoDateError::NoSuchDay)]
    #[case("2026-00-01", IsoDateError::NoSuchDay)]
    #[case("", IsoDateError::Form)]
    #[case("2026-1-05", IsoDateError::Form)]
    #[case("05.01.2026", IsoDateError::Form)]
    #[case("2026/01/05", IsoDateError::Form)]
    #[case(" 2026-01-05", IsoDateError::Form)]
    #[case("+026-01-05", IsoDateError::Form)]
    #[case("２026-1-5", IsoDateError::Form)]
    fn refuses(#[case] text: &str, #[case] why: IsoDateError) {
        assert_eq!(iso_date(text), Err(why));
    }

    proptest! {
        #[test]
        fn text_and_back(day in 0_u64..3_000_000) {
            let date = NaiveDate::from_ymd_opt(0, 1, 1).unwrap() + chrono::Days::new(day);
            prop_assert_eq!(iso_date(&date.to_string()), Ok(date));
        }
    }
}
