//! The safety rules, on what really happened.

use super::World;
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, EnvironmentKind, StageKey};
use domain::rollout::words::Names;
use domain::rollout::{EnvironmentFacts, Following, RolloutKind, RolloutState, UpdateFacts, UpdateState};
use std::collections::HashMap;
use std::hash::Hash;

impl World {
    /// The safety rules, on what really happened: I1, I3, I6, G1, G3.
    pub(super) fn check(&self) {
        let running =
            self.facts.environments.iter().filter(|e| e.update.as_ref().is_some_and(|u| u.state.is_running()));
        assert!(u32::try_from(running.clone().count()).unwrap() <= self.facts.policy.caps.rollout);
        self.check_shared_caps(&running.clone().collect::<Vec<_>>());
        for environment in running {
            let update = environment.update.as_ref().unwrap();
            let (UpdateState::InProgress { night, started_at } | UpdateState::Verifying { night, started_at, .. }) =
                update.state
            else {
                unreachable!()
            };
            assert_eq!(environment.placement.dark_hours.unwrap().night(night.date), Some(night));
            assert!(night.admits_start(started_at, TimeDelta::minutes(self.facts.policy.declared_minutes.into())));
            let stage = update.stage.unwrap();
            if update.pulled().is_none() && started_at == self.now {
                self.check_push(environment);
            }
            // Days, stages and the gap order the push; its owner chose otherwise.
            let pushed = update.pulled().is_none();
            assert!(!pushed || self.wish_at(started_at).any_night || environment.days.allow(night.date));
            assert!(
                !pushed || self.facts.stages.iter().any(|known| known.key == stage && known.state.admits()),
                "{stage} is closed"
            );
            if pushed && environment.kind == EnvironmentKind::Production {
                self.check_gap(environment, night.start, started_at);
            }
            // R1: its night is its own. What it waits for elsewhere gave way, or is told to.
            let clashes = environment.elsewhere.iter().any(|other| other.goes_first && other.night.overlaps(night));
            assert!(!pushed || !clashes, "{} has another update", self.environment(environment.id));
            let aboard = |following: &Following| following.service_update == self.facts.train.service_update;
            if let Some(following) = environment.following.filter(aboard)
                && stage.audience == Audience::Production
            {
                let production = self.facts.environments.iter().find(|e| e.id == following.production).unwrap();
                assert!(
                    self.facts.kind.is_satisfied(production.build, self.facts.build),
                    "{} before its production",
                    self.environment(environment.id)
                );
            }
        }
    }

    /// As long as the train moves, the next time that is told is still to come.
    pub(super) fn check_next(&self) {
        if !matches!(self.facts.state, RolloutState::Running { .. }) || self.facts.kill_switch().is_some() {
            return;
        }
        for environment in &self.facts.environments {
            let next = environment.update.as_ref().and_then(|update| update.next);
            let name = self.environment(environment.id);
            assert!(next.is_none_or(|next| next > self.now), "{name} is told {next:?} at {}", self.now);
        }
    }

    /// What keeps an environment out of the push, or the push from it, when it starts: S1 to S4, C1, G6, freezes, halts.
    fn check_push(&self, environment: &EnvironmentFacts) {
        let (facts, now, name) = (&self.facts, self.now, self.environment(environment.id));
        let update = environment.update.as_ref().unwrap();
        let (stage, night) = (update.stage.unwrap(), update.state.night().unwrap());
        // Whom a recovery names goes back, whatever keeps environments out of a push.
        if facts.kind == RolloutKind::Forward {
            let exemption = environment.exemption.as_ref().filter(|exemption| exemption.holds_at(now));
            assert!(exemption.is_none(), "{name} is exempt");
            assert!(environment.kind != EnvironmentKind::Production || environment.priority_batch, "{name}: batch off");
            assert!(facts.policy.percent(stage) > 0, "{name} is in no share");
        }
        let week = now.date_naive() + TimeDelta::days(7);
        let due = environment.service_update_due.filter(|on| (now.date_naive()..=week).contains(on));
        assert!(due.is_none() || facts.kind != RolloutKind::Forward, "{name}: its service update is due");
        assert!(!facts.kind.is_satisfied(environment.build, facts.build), "{name} has it");
        assert_eq!(environment.service_update, facts.train.service_update, "{name}");
        let nobody = facts
            .stages
            .iter()
            .all(|known| facts.policy.percent(StageKey { audience: Audience::Sandbox, ..known.key }) == 0);
        let has = |e: &EnvironmentFacts| {
            Audience::of(e.kind) == Audience::Sandbox && facts.kind.is_satisfied(e.build, facts.build)
        };
        let proven = facts.environments.iter().any(has);
        let alone = facts.environments.iter().all(|e| Audience::of(e.kind) == Audience::Production);
        assert!(stage.audience == Audience::Sandbox || proven || alone || !nobody, "{name} before every sandbox");
        let is_frozen = facts.freezes.covering(environment.place(), night.date).is_some();
        assert!(!is_frozen || facts.emergency.is_some(), "{name} is frozen");
        assert!(facts.kill_switch().is_none(), "everything is halted");
        assert!(facts.halt_of(stage.station, environment.customer).is_none(), "{name} is halted");
        let failed = |sandbox: &&EnvironmentFacts| {
            let update = sandbox.update.as_ref();
            let in_front = update.and_then(|update| update.stage).is_some_and(|s| s.audience == Audience::Sandbox);
            let failed = update.and_then(UpdateFacts::unmended_failure).filter(|at| !facts.is_acknowledged(*at));
            sandbox.customer == environment.customer && in_front && failed.is_some()
        };
        let sandboxes = facts.environments.iter().filter(|e| e.kind == EnvironmentKind::Sandbox);
        let has_failed = sandboxes.filter(failed).count() > 0;
        assert!(environment.kind != EnvironmentKind::Production || !has_failed, "{name}: its sandbox failed");
    }

    /// I3: with what other rollouts run, no station, region or customer has more than its cap.
    fn check_shared_caps(&self, running: &[&EnvironmentFacts]) {
        let (caps, elsewhere) = (self.facts.policy.caps, &self.elsewhere);
        let station = |e: &&EnvironmentFacts| e.update.as_ref().and_then(|update| update.stage).map(|s| s.station);
        within(running.iter().map(station), elsewhere.iter().map(|e| e.station), caps.station);
        let region = |e: &&EnvironmentFacts| e.placement.region.clone();
        within(running.iter().map(region), elsewhere.iter().map(|e| e.region.clone()), caps.region);
        within(running.iter().map(|e| e.customer), elsewhere.iter().map(|e| e.customer), caps.customer);
    }

    fn check_gap(&self, production: &EnvironmentFacts, start: DateTime<Utc>, started_at: DateTime<Utc>) {
        let gap = TimeDelta::days(self.wish_at(started_at).gap_days.unwrap_or(self.facts.policy.min_gap_days).into());
        for sandbox in self.facts.environments.iter().filter(|e| e.customer == production.customer) {
            let Some(update) =
                sandbox.update.as_ref().filter(|u| u.stage.is_some_and(|s| s.audience == Audience::Sandbox))
            else {
                continue;
            };
            let began = match update.state {
                UpdateState::AlreadySatisfied { pulled_at, .. } => pulled_at,
                _ => update.state.night().map(|night| night.start),
            };
            if let (EnvironmentKind::Sandbox, Some(began)) = (sandbox.kind, began) {
                assert!(began + gap <= start, "{} keeps no gap", self.environment(production.id));
            }
        }
    }
}

/// What other rollouts run alone is theirs to answer for.
fn within<K: Eq + Hash>(own: impl Iterator<Item = K>, elsewhere: impl Iterator<Item = K>, cap: u32) {
    let mut running: HashMap<K, u32> = HashMap::new();
    own.for_each(|key| *running.entry(key).or_default() += 1);
    for key in elsewhere {
        running.entry(key).and_modify(|count| *count += 1);
    }
    assert!(running.values().all(|count| *count <= cap), "over the cap of {cap}: {:?}", running.values());
}
