//! F13: a region is cut off for a while; F14: all of them are, and come back at once.

use chrono::{DateTime, TimeDelta, Utc};
use services::mix::Mix;
use std::collections::HashMap;

const OUTAGE_MINUTES: (i64, i64) = (5, 9 * 60);

#[derive(Debug, Default)]
pub struct Network {
    cut_until: HashMap<String, DateTime<Utc>>,
    all_until: Option<DateTime<Utc>>,
}

impl Network {
    pub fn is_cut(&self, region: &str, now: DateTime<Utc>) -> bool {
        self.all_until.is_some_and(|until| now < until) || self.cut_until.get(region).is_some_and(|until| now < *until)
    }

    /// What was cut.
    pub fn disturb(&mut self, mix: &mut Mix, regions: &[String], now: DateTime<Utc>) -> String {
        let until = now + TimeDelta::minutes(mix.between(OUTAGE_MINUTES.0, OUTAGE_MINUTES.1));
        if mix.percent(15) {
            self.all_until = Some(until);
            return format!("every agent is cut off until {until}");
        }
        let Some(region) = mix.pick(regions) else { return "nothing to cut off".to_owned() };
        self.cut_until.insert(region.clone(), until);
        format!("{region} is cut off until {until}")
    }

    pub fn mend(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_region_comes_back_by_itself() {
        let mut network = Network::default();
        let now = DateTime::UNIX_EPOCH;
        for seed in 0..50 {
            network.disturb(&mut Mix::keyed(seed, &[]), &["x".to_owned()], now);
            assert!(network.is_cut("x", now));
            assert!(!network.is_cut("x", now + TimeDelta::minutes(OUTAGE_MINUTES.1)));
        }
        network.mend();
        assert!(!network.is_cut("x", now));
    }
}
