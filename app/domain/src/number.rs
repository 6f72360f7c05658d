//! How numbers become words: thousands apart, and one of a thing named in the singular.

/// `4,826`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 environment`, `4,826 environments`
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `1 day`, `6 days`
pub fn days(number: u16) -> String {
    counted(number.into(), "day", "days")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart_and_one_is_singular() {
        assert_eq!(
            (grouped(999), grouped(1_000), grouped(1_234_567)),
            ("999".into(), "1,000".into(), "1,234,567".into())
        );
        assert_eq!(counted(1, "environment", "environments"), "1 environment");
        assert_eq!(counted(0, "environment", "environments"), "0 environments");
        assert_eq!((days(1), days(6)), ("1 day".to_owned(), "6 days".to_owned()));
    }
}
