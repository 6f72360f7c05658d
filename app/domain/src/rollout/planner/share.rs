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

    #[test]
    fn another_rollout_orders_differently() {
        let environment = EnvironmentId::new(Uuid::from_u128(7));
        assert_ne!(
            place(RolloutId::new(Uuid::from_u128(1)), environment),
            place(RolloutId::new(Uuid::from_u128(2)), environment)
        );
    }
}
