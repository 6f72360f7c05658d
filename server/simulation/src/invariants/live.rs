//! I10: whoever looks is told. Every change of a rollout and of an update has its live event in the outbox, by the same
//! step; and in the end every customer aboard a rollout that was halted has its letter.

use super::Found;
use crate::watch::{Seen, Step};
use domain::ids::{CustomerId, RolloutId};
use domain::rollout::UpdateState;
use domain::wire::live::{LiveEvent, Topic};
use domain::wire::notification::NotificationKind;
use std::collections::{BTreeMap, BTreeSet, HashSet};

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    let told: HashSet<Topic> = step
        .events
        .iter()
        .filter_map(|row| serde_json::from_value::<LiveEvent>(row.payload.clone()).ok())
        .map(|event| event.topic)
        .collect();
    let mut owed = BTreeSet::new();
    for deed in step.deeds.iter().filter(|deed| deed.object.kind == "rollout" && deed.action != "rollout.registered") {
        owed.extend(deed.object.id.parse::<RolloutId>().ok().map(|id| (Some(id), None)));
    }
    for word in &step.words {
        if let Some(update) = seen.updates.get(&word.update) {
            owed.insert((None, Some(update.customer)));
        }
    }
    for (rollout, customer) in owed {
        let topic = rollout.map(Topic::Rollout).or(customer.map(Topic::Estate));
        if let Some(topic) = topic.filter(|topic| !told.contains(topic)) {
            found.push(Found::new("I10", format!("no live event tells of a change: {topic:?}")));
        }
    }
}

/// Letters that a halt owes: of each, the customers who had something aboard then.
#[derive(Debug, Default)]
pub struct Owed(BTreeMap<(CustomerId, RolloutId), u32>);

impl Owed {
    /// After a step. Counted are customers of whom something was delivered: they stay aboard whatever comes.
    pub fn note(&mut self, seen: &Seen, step: &Step) {
        for deed in step.deeds.iter().filter(|deed| deed.action == "rollout.halted") {
            let Ok(rollout) = deed.object.id.parse::<RolloutId>() else { continue };
            let delivered = |update: &&store::update::Update| {
                update.rollout == rollout && matches!(update.state, UpdateState::Succeeded { .. })
            };
            let customers: BTreeSet<CustomerId> =
                seen.updates.values().filter(delivered).map(|update| update.customer).collect();
            for customer in customers {
                *self.0.entry((customer, rollout)).or_default() += 1;
            }
        }
    }

    /// Where nothing goes wrong any more, and a tick has been.
    pub fn unpaid(&self, seen: &Seen) -> Vec<Found> {
        let told = |customer: CustomerId, rollout: RolloutId| {
            seen.told_of.get(&(customer, rollout, NotificationKind::Halted.key())).copied().unwrap_or(0)
        };
        let unpaid = self.0.iter().filter(|((customer, rollout), owed)| told(*customer, *rollout) < **owed);
        unpaid
            .map(|((customer, rollout), owed)| {
                let what = format!("{customer} was told {} of {owed} halts of {rollout}", told(*customer, *rollout));
                Found::new("I10", what)
            })
            .collect()
    }
}
