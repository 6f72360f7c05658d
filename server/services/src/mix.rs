//! Numbers that look random and are the same for the same key: all variety of demos and simulations comes from here.
//! `SplitMix64`: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; constants as in
//! Vigna's reference code, <https://prng.di.unimi.it/splitmix64.c>. Not for secrets (see `ports::Ids`).

use chrono::{DateTime, Utc};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Mix(u64);

impl Mix {
    /// A stream of its own for each key under one seed.
    pub fn keyed(seed: u64, key: &[u64]) -> Self {
        key.iter().fold(Self(seed), |mut mix, part| Self(mix.draw() ^ part))
    }

    pub const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `count`, which is at least 1. The high half of a 128-bit product is even to one part in 2^64 / `count`.
    pub fn below(&mut self, count: u64) -> u64 {
        let product = u128::from(self.draw()) * u128::from(count);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Both ends included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + i64::try_from(self.below(most.abs_diff(least) + 1)).unwrap_or(0)
    }

    pub fn percent(&mut self, percent: u8) -> bool {
        self.below(100) < u64::from(percent)
    }

    /// `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(from.len()).unwrap_or(u64::MAX).max(1));
        from.get(usize::try_from(index).unwrap_or(0))
    }

    /// A version 7 id as if made at `at`.
    pub fn uuid(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.draw().to_le_bytes());
        random[8..].copy_from_slice(&self.draw().to_le_bytes()[..2]);
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of the reference code from seed 1234567.
    #[test]
    fn agrees_with_the_reference() {
        let mut mix = Mix(1_234_567);
        let first = [mix.draw(), mix.draw(), mix.draw()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn keys_give_streams_of_their_own() {
        let first = |key: &[u64]| Mix::keyed(7, key).draw();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1]), Mix::keyed(8, &[1]).draw());
    }

    #[test]
    fn draws_stay_in_their_bounds_and_reach_both_ends() {
        let mut mix = Mix::keyed(1, &[]);
        let draws: Vec<i64> = (0..1000).map(|_| mix.between(-2, 3)).collect();
        assert_eq!((draws.iter().min(), draws.iter().max()), (Some(&-2), Some(&3)));
        assert!((0..100).all(|_| !mix.percent(0) && mix.percent(100)));
        assert_eq!(mix.pick::<u8>(&[]), None);
    }
}
