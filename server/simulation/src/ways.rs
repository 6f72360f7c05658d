//! What is seen of emergency paths, recoveries and exemptions, and what follows from them at an instant: worked out anew
//! from the records, on purpose not by `domain::emergency` and `domain::recovery`. Read again where the audit chain names a
//! change of one.

use chrono::{DateTime, TimeDelta, Utc};
use domain::emergency::{EmergencyPath, EmergencyPolicy, EmergencyState};
use domain::ids::{CustomerId, EmergencyId, EnvironmentId, ExemptionId, FreezeId, RecoveryId, RolloutId, UserId};
use domain::recovery::{Move, RecoveryState, Work};
use domain::rollout::RolloutPolicy;
use std::collections::{BTreeMap, BTreeSet};
use store::audit::AuditEvent;
use store::census;
use store::{exemption, recovery};

#[derive(Debug, Clone, Default)]
pub struct Ways {
    pub emergencies: BTreeMap<EmergencyId, EmergencyPath>,
    /// `None` before the first look.
    pub policy: Option<EmergencyPolicy>,
    pub recoveries: BTreeMap<RecoveryId, recovery::Known>,
    /// True time at which a recovery was first seen not to run any more.
    pub over: BTreeMap<RecoveryId, DateTime<Utc>>,
    pub exemptions: BTreeMap<ExemptionId, exemption::Known>,
    /// True time at which an exemption of this environment was last decided on.
    pub decided: BTreeMap<EnvironmentId, DateTime<Utc>>,
    /// Whose estate is whose.
    pub owners: BTreeMap<UserId, CustomerId>,
    /// Of customers that may be exempt.
    pub regulated: BTreeSet<CustomerId>,
}

/// How long a rollout waits, and for how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub bake_hours: u16,
    pub samples: u32,
    pub notice: TimeDelta,
    pub gap: TimeDelta,
    /// From when on any night will do, whatever its window and its day (rule G4).
    pub any_night_since: Option<DateTime<Utc>>,
}

/// Whether an event is about one of them.
pub fn concerns(deed: &AuditEvent) -> bool {
    let of = ["rollout.emergency_", "rollout.recovery_", "rollout.completed", "policy.", "exemption."];
    of.iter().any(|prefix| deed.action.starts_with(prefix))
}

/// The environment that a decision on an exemption is about.
pub fn exempted(deed: &AuditEvent) -> Option<EnvironmentId> {
    let is_one = deed.object.kind == "exemption";
    is_one.then(|| deed.details.get("environment")?.as_str()?.parse().ok()).flatten()
}

impl Ways {
    /// As they are now; `decided` are environments of which an exemption was decided on in this step.
    #[must_use]
    pub fn after(
        &self,
        read: census::Ways,
        decided: impl IntoIterator<Item = EnvironmentId>,
        at: DateTime<Utc>,
    ) -> Self {
        let census::Ways { emergencies, policy, recoveries, exemptions } = read;
        let mut after = Self {
            emergencies: emergencies.into_iter().map(|known| (known.path.id, known.path)).collect(),
            policy: Some(policy),
            recoveries: recoveries.into_iter().map(|known| (known.plan.id, known)).collect(),
            exemptions: exemptions.into_iter().map(|known| (known.record.id, known)).collect(),
            ..self.clone()
        };
        for (id, known) in &after.recoveries {
            if matches!(known.plan.state, RecoveryState::Completed { .. } | RecoveryState::Abandoned { .. }) {
                after.over.entry(*id).or_insert(at);
            }
        }
        after.decided.extend(decided.into_iter().map(|environment| (environment, at)));
        after
    }

    /// Those of which nobody may say otherwise than the audit chain: a reminder that is none is noted without it.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let plans = |ways: &Self| ways.recoveries.values().map(|known| known.plan.clone()).collect::<Vec<_>>();
        self.emergencies == other.emergencies && plans(self) == plans(other)
    }

    /// The emergency path of a rollout that is in force at an instant.
    pub fn in_force(&self, rollout: RolloutId, at: DateTime<Utc>) -> Option<&EmergencyPath> {
        self.emergencies.values().find(|path| {
            let EmergencyState::Active { used } = &path.state else { return false };
            path.request.rollout == rollout && used.since <= at && at < used.until
        })
    }

    /// Freezes that do not hold in a rollout at an instant.
    pub fn overridden(&self, rollout: RolloutId, at: DateTime<Utc>) -> &[FreezeId] {
        self.in_force(rollout, at).map_or(&[], |path| &path.request.overrides)
    }

    /// Rule E1: shortened, and never dropped.
    pub fn pace(&self, rollout: RolloutId, policy: &RolloutPolicy, at: DateTime<Utc>) -> Pace {
        let bake = policy.gate.bake_hours;
        let samples = policy.gate.telemetry.map_or(0, |telemetry| telemetry.samples_min);
        let usual = Pace {
            bake_hours: bake,
            samples,
            notice: TimeDelta::days(policy.notice_days.into()),
            gap: TimeDelta::days(policy.min_gap_days.into()),
            any_night_since: None,
        };
        let Some(path) = self.in_force(rollout, at) else { return usual };
        let wish = &path.request.shortening;
        let shorter = |usual: u16, wish: Option<u16>| wish.map_or(usual, |wish| wish.clamp(1, usual.max(1)).min(usual));
        // Covered hours that nobody asked for are the bake's.
        let covered = wish.covered_hours.or(wish.bake_hours);
        let covered = if policy.gate.telemetry.is_some() { shorter(bake, covered) } else { 0 };
        let notice = shorter(policy.notice_days.saturating_mul(24), wish.notice_hours);
        Pace {
            bake_hours: shorter(bake, wish.bake_hours).max(covered),
            samples: wish.samples.map_or(samples, |wish| wish.max(1).min(samples)),
            notice: TimeDelta::hours(notice.into()),
            gap: TimeDelta::days(shorter(policy.min_gap_days, wish.gap_days).into()),
            any_night_since: path.state.used().filter(|_| wish.any_night).map(|used| used.since),
        }
    }

    /// Since when any night does for a rollout, or may around an instant, by whichever clock.
    pub fn any_night_since(&self, rollout: RolloutId, at: DateTime<Utc>, clocks: TimeDelta) -> Option<DateTime<Utc>> {
        let own = self.emergencies.values().filter(|path| path.request.rollout == rollout);
        let used = own.filter(|path| path.request.shortening.any_night).filter_map(|path| path.state.used());
        used.filter(|used| used.since - clocks <= at && at < used.until + clocks).map(|used| used.since).min()
    }

    /// Whether notice may have been shortened around an instant, by whichever clock.
    pub fn may_be_short(&self, rollout: RolloutId, at: DateTime<Utc>, clocks: TimeDelta) -> bool {
        let own = self.emergencies.values().filter(|path| path.request.rollout == rollout);
        let used =
            own.filter(|path| path.request.shortening.notice_hours.is_some()).filter_map(|path| path.state.used());
        used.into_iter().any(|used| used.since - clocks <= at && at < used.until + clocks)
    }

    /// What a recovery does to an environment, if it names it.
    pub fn move_of(&self, recovery: RecoveryId, environment: EnvironmentId) -> Option<&Move> {
        let Work::MoveBack { moves } = &self.recoveries.get(&recovery)?.plan.proposal.work else { return None };
        moves.iter().find(|one| one.environment == environment)
    }

    pub fn runs(&self, recovery: RecoveryId) -> bool {
        let state = self.recoveries.get(&recovery).map(|known| &known.plan.state);
        matches!(state, Some(RecoveryState::Running { .. }))
    }
}
