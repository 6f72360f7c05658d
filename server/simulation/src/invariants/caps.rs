//! I3 and C1: how much runs at once, over all rollouts; I4: one update in an environment.

use super::Found;
use crate::watch::{Seen, Step};
use domain::rollout::RolloutCaps;
use std::collections::{BTreeMap, BTreeSet};
use store::update::Update;

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    if !step.changes.iter().any(|change| change.after.state.is_running()) {
        return;
    }
    let running: Vec<&Update> = seen.updates.values().filter(|update| update.state.is_running()).collect();
    let mut busy = BTreeSet::new();
    for update in &running {
        if !busy.insert(update.environment) {
            found.push(Found::new("I4", format!("environment {} is in two updates that run", update.environment)));
        }
    }
    let mut used: BTreeMap<(&'static str, String), (u32, u32)> = BTreeMap::new();
    for update in &running {
        let Some(whole) = seen.rollout_of(update) else { continue };
        let caps: RolloutCaps = whole.rollout.policy.caps;
        let region = seen.fleet.get(&update.environment).map(|e| e.region.clone()).unwrap_or_default();
        let station = update.stage.map(|stage| stage.station.to_string()).unwrap_or_default();
        for (scope, of, cap) in [
            ("rollout", update.rollout.to_string(), caps.rollout),
            ("station", station, caps.station),
            ("region", region, caps.region),
            ("customer", update.customer.to_string(), caps.customer),
        ] {
            let entry = used.entry((scope, of)).or_default();
            // Where rollouts differ, the widest of those that run there was the one that let the last in.
            *entry = (entry.0 + 1, entry.1.max(cap));
        }
    }
    for ((scope, of), (count, cap)) in used {
        if count > cap {
            found.push(Found::new("I3", format!("{count} run at once in {scope} {of}, the cap is {cap}")));
        }
    }
}
