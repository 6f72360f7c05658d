//! Typed ids with a readable prefix: `env_01j9z4…`. The text form is Crockford base32 of a UUID (26 letters, as in ULID),
//! so ids sort by creation, survive being read aloud and never contain characters that a URL must escape.
//! Not here: making ids (randomness is an argument; see `services::ports::Ids`).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use uuid::Uuid;

/// The text is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not an id of the form {prefix}…")]
pub struct IdError {
    prefix: &'static str,
    text: String,
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 × 5 = 130 bits hold the 128 bits of a UUID; the first letter carries only three of them.
const LETTERS: usize = 26;

fn encode(id: Uuid) -> String {
    let bits = id.as_u128();
    (0..LETTERS).rev().map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect()
}

fn decode(text: &str) -> Option<Uuid> {
    if text.len() != LETTERS || text.as_bytes()[0] > b'7' {
        return None;
    }
    text.bytes()
        .try_fold(0_u128, |bits, letter| {
            let value = ALPHABET.iter().position(|known| *known == letter.to_ascii_lowercase())?;
            Some(bits << 5 | value as u128)
        })
        .map(Uuid::from_u128)
}

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
            pub const fn new(id: Uuid) -> Self { Self(id) }
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}{}", $prefix, encode(self.0)) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(self, f) }
        }
        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .and_then(decode)
                    .map(Self)
                    .ok_or_else(|| IdError { prefix: $prefix, text: text.to_owned() })
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

typed_ids! {
    /// One record of the audit chain.
    AuditId "aud_";
    /// A registered build of a service update.
    BuildId "bld_";
    /// An organisation; the unit of isolation.
    CustomerId "cus_";
    /// One use of the emergency path.
    EmergencyId "emg_";
    /// One running instance of a customer.
    EnvironmentId "env_";
    /// An exemption, from its request on.
    ExemptionId "exm_";
    /// The switch that guards a change.
    FlightId "flt_";
    /// A span of nights in which nothing starts.
    FreezeId "frz_";
    /// A safety stop, from the evidence to its lift.
    HaltId "hlt_";
    /// A message to one customer about their environments.
    NotificationId "ntf_";
    /// One way out of a halt, carried out.
    RecoveryId "rcv_";
    /// A train in execution.
    RolloutId "rol_";
    /// A signed-in browser.
    SessionId "ses_";
    /// What a program asks with.
    TokenId "tok_";
    /// The move of one environment to one build within one rollout.
    UpdateId "upd_";
    /// A person who signs in.
    UserId "usr_";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_and_back(bits: u128) {
            let id = EnvironmentId::new(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<EnvironmentId>(), Ok(id));
        }

        #[test]
        fn order_of_text_is_order_of_ids(a: u128, b: u128) {
            let (a, b) = (UpdateId::new(Uuid::from_u128(a)), UpdateId::new(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }

    #[test]
    fn refuses_the_wrong_kind_and_nonsense() {
        let id = EnvironmentId::new(Uuid::from_u128(7)).to_string();
        assert!(id.parse::<CustomerId>().is_err());
        for text in [
            "",
            "env_",
            "env_00000000000000000000000000u",
            "env_80000000000000000000000000",
            "env_é0000000000000000000000000",
        ] {
            assert!(text.parse::<EnvironmentId>().is_err(), "{text}");
        }
    }
}
