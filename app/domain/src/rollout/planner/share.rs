//! A stable hash: the same environment always falls into the same share and prefers the same night of a rollout, on
//! every server and after every restart. Not for security.

use crate::ids::{EnvironmentId, RolloutId};

/// FNV-1a, 64 bit (Fowler, Noll, Vo; public domain), followed by the `SplitMix64` finaliser, because FNV alone leaves
/// the low bits of similar inputs alike.
fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    let fnv = bytes
        .into_iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// The environment's place in this rollout's order. Seeded per rollout, so that nobody is always first.
pub fn place(rollout: RolloutId, environment: EnvironmentId) -> u64 {
    hash(rollout.uuid().into_bytes().into_iter().chain(environment.uuid().into_bytes()))
}

/// Whether a place lies within the first `percent` of all places.
pub const fn within(place: u64, percent: u8) -> bool {
    place % 100 < percent as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    #[test]
    fn shares_are_about_as_large_as_they_say_and_grow_without_losing_members() {
        let rollout = RolloutId::new(Uuid::from_u128(1));
        let places: Vec<u64> =
            (0..10_000_u128).map(|n| place(rollout, EnvironmentId::new(Uuid::from_u128(n)))).collect();
        for percent in [0_u8, 1, 10, 50, 99, 100] {
            let members = places.iter().filter(|p| within(**p, percent)).count();
            let expected = usize::from(percent) * 100;
            assert!(members.abs_diff(expected) <= 200, "{percent} %: {members}");
        }
        assert!(places.iter().all(|p| !within(*p, 10) || within(*p, 50)));
    }

    proptest! {
        /// Whoever is in at one percentage is in at every higher one, and each share is as large as it says: of 4,000
        /// environments at most five standard deviations away, for any rollout.
        #[test]
        fn shares_are_uniform_and_only_grow(
            rollout: u128, first in 0_u128..u128::MAX / 2, low in 0_u8..=100, high in 0_u8..=100
        ) {
            let (low, high) = (low.min(high), low.max(high));
            let rollout = RolloutId::new(Uuid::from_u128(rollout));
            let environments = (0..4_000_u128).map(|n| EnvironmentId::new(Uuid::from_u128(first + n)));
            let places: Vec<u64> = environments.map(|environment| place(rollout, environment)).collect();
            prop_assert!(places.iter().all(|place| !within(*place, low) || within(*place, high)));
            for percent in [low, high] {
                let members = places.iter().filter(|place| within(**place, percent)).count();
                let members = f64::from(u32::try_from(members).unwrap());
                let share = f64::from(percent) / 100.0;
                let deviation = (4_000.0 * share * (1.0 - share)).sqrt();
                prop_assert!((members - 4_000.0 * share).abs() <= 5.0 * deviation + 0.5, "{percent} %: {members}");
            }
        }

        /// Seeded per rollout: who is among the first tenth of one is among the first tenth of another by chance only.
        #[test]
        fn another_rollout_takes_others_first(one: u128, other: u128) {
            prop_assume!(one != other);
            let first = |rollout: u128, n: u128| {
                within(place(RolloutId::new(Uuid::from_u128(rollout)), EnvironmentId::new(Uuid::from_u128(n))), 10)
            };
            let both = (0..10_000).filter(|n| first(one, *n) && first(other, *n)).count();
            // A hundred are expected; ten is the standard deviation.
            prop_assert!((40..=160).contains(&both), "{both}");
        }
    }

    #[test]
    fn another_rollout_orders_differently() {
        let environment = EnvironmentId::new(Uuid::from_u128(7));
        assert_ne!(
            place(RolloutId::new(Uuid::from_u128(1)), environment),
            place(RolloutId::new(Uuid::from_u128(2)), environment)
        );
    }
}
