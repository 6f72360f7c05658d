//! Version texts, parsed once and compared as numbers: 10.0.2645.9 comes before 10.0.2645.147.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// The text is not a version of the form asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not {expected}")]
pub struct VersionError {
    text: String,
    expected: &'static str,
}

fn parts<const N: usize>(text: &str, expected: &'static str) -> Result<[u32; N], VersionError> {
    let wrong = || VersionError { text: text.to_owned(), expected };
    let mut numbers = [0; N];
    let mut given = text.trim().split('.');
    for number in &mut numbers {
        let part = given.next().ok_or_else(wrong)?;
        // `u32::from_str` would take "+1"; a version has digits only.
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        *number = part.parse().map_err(|_| wrong())?;
    }
    if given.next().is_some() { Err(wrong()) } else { Ok(numbers) }
}

macro_rules! dotted {
    ($($(#[$doc:meta])* $name:ident $count:literal $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u32; $count]);

        impl $name {
            pub const fn new(parts: [u32; $count]) -> Self { Self(parts) }
            pub const fn parts(self) -> [u32; $count] { self.0 }
        }
        impl FromStr for $name {
            type Err = VersionError;
            fn from_str(text: &str) -> Result<Self, VersionError> { parts(text, $expected).map(Self) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                for (i, part) in self.0.iter().enumerate() {
                    if i > 0 { f.write_str(".")?; }
                    write!(f, "{part}")?;
                }
                Ok(())
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

dotted! {
    /// The number customers hear about: `10.0.48`.
    ServiceUpdate 3 "a service update such as 10.0.48";
    /// A cumulative build, application `10.0.2645.147` or platform `7.0.7996.122`.
    BuildVersion 4 "a build such as 10.0.2645.147";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[test]
    fn orders_by_number_not_by_letter() {
        let build = |text: &str| text.parse::<BuildVersion>().unwrap();
        assert!(build("10.0.2645.9") < build("10.0.2645.147"));
        assert!(build("10.0.2527.215") < build("10.0.2645.81"));
        assert!("10.0.9".parse::<ServiceUpdate>().unwrap() < "10.0.48".parse().unwrap());
    }

    #[rstest]
    #[case("")]
    #[case("10.0.2645")]
    #[case("10.0.2645.147.1")]
    #[case("10.0..147")]
    #[case("10.0.+5.1")]
    #[case("10.0.4294967296.1")]
    #[case("v10.0.2645.147")]
    #[case("10.0.2645.١٤٧")]
    fn refuses(#[case] text: &str) {
        assert!(text.parse::<BuildVersion>().is_err());
    }

    proptest! {
        #[test]
        fn text_and_back(parts: [u32; 4]) {
            let build = BuildVersion::new(parts);
            prop_assert_eq!(build.to_string().parse::<BuildVersion>(), Ok(build));
        }

        #[test]
        fn any_text_is_refused_or_round_trips(text in "\\PC{0,24}") {
            if let Ok(build) = text.parse::<BuildVersion>() {
                prop_assert_eq!(build.to_string().parse::<BuildVersion>(), Ok(build));
            }
        }
    }
}
