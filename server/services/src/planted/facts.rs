//! A planner that does not look at something decides as if it were not there.

use super::active;
use super::ways::emergency;
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::{DarkHours, MaintenanceDays};
use domain::fleet::{Audience, Designation, EnvironmentKind, StationNumber};
use domain::freeze::{Freeze, FreezeScope};
use domain::health::ReportCounts;
use domain::release::{BuildVersion, ServiceUpdate};
use domain::rollout::halt::HaltScope;
use domain::rollout::{Approval, EnvironmentFacts, RolloutFacts, RolloutState, StageFacts, StageState};

pub fn facts(facts: &mut RolloutFacts, now: DateTime<Utc>) {
    let Some(mistake) = active() else { return };
    policy(mistake, facts);
    emergency(facts, now);
    stops(mistake, facts, now);
    for i in 0..facts.stages.len() {
        stage(mistake, &mut facts.stages[i], now);
    }
    for environment in &mut facts.environments {
        of_environment(mistake, environment);
    }
    match mistake {
        "approval-ignored" => {
            let someone = facts.state.started_by();
            let given = someone.map(|by| Approval { by, name: "nobody".to_owned(), at: now });
            let stations = facts.stages.iter().map(|stage| stage.key.station);
            facts.approvals = stations.filter_map(|station| Some((station, given.clone()?))).collect();
        }
        "withdrawal-ignored" => facts.unapproved = None,
        "red-verdict-ignored" => facts.reports = ReportCounts::default(),
        "busy-elsewhere-ignored" => facts.in_flight.retain(|running| running.own),
        "running-not-counted" => facts.in_flight.clear(),
        "forgets-some-to-enrol" => {
            facts.environments.retain(|known| known.update.is_some() || known.id.uuid().as_u128() % 5 != 0);
        }
        _ => {}
    }
}

fn policy(mistake: &str, facts: &mut RolloutFacts) {
    let policy = &mut facts.policy;
    match mistake {
        "duration-ignored" => policy.declared_minutes = 0,
        "gap-ignored" => policy.min_gap_days = 0,
        "cap-of-rollout-off-by-one" => policy.caps.rollout += 1,
        "cap-of-region-off-by-one" => policy.caps.region += 1,
        "cap-of-customer-off-by-one" => policy.caps.customer += 1,
        "participation-ignored" => (policy.sandbox_percent, policy.production_percent) = (100, 100),
        "bake-ignored" => policy.gate.bake_hours = 0,
        "notice-ignored" => (policy.notice_days, policy.announce_ahead_days) = (0, 1),
        "notice-a-day-short" => policy.notice_days -= 1,
        "attempts-without-bound" => policy.attempts_max = u8::MAX,
        "one-attempt-too-many" => policy.attempts_max += 1,
        _ => {}
    }
}

fn stops(mistake: &str, facts: &mut RolloutFacts, now: DateTime<Utc>) {
    match mistake {
        "halt-ignored" => {
            facts.build_halted = None;
            if let RolloutState::Halted { started_at, started_by, .. } = facts.state {
                facts.state = RolloutState::Running { started_at, started_by, resumed_at: Some(now) };
            }
        }
        "halt-of-customer-ignored" => facts.halts.retain(|halt| !matches!(halt.scope, HaltScope::Customer { .. })),
        "halt-of-station-ignored" => facts.halts.retain(|halt| !matches!(halt.scope, HaltScope::Station { .. })),
        "freeze-of-everybody-ignored" => thaw(facts, |scope| matches!(scope, FreezeScope::Global)),
        "freeze-of-cloud-ignored" => thaw(facts, |scope| matches!(scope, FreezeScope::Cloud { .. })),
        "freeze-of-region-ignored" => thaw(facts, |scope| matches!(scope, FreezeScope::Region { .. })),
        "freeze-of-customer-ignored" => thaw(facts, |scope| matches!(scope, FreezeScope::Customer { .. })),
        "freeze-of-environment-ignored" => thaw(facts, |scope| matches!(scope, FreezeScope::Environment { .. })),
        _ => {}
    }
}

fn thaw(facts: &mut RolloutFacts, which: fn(&FreezeScope) -> bool) {
    let kept: Vec<Freeze> = facts.freezes.iter().filter(|freeze| !which(&freeze.scope)).cloned().collect();
    facts.freezes = kept.into_iter().collect();
}

fn stage(mistake: &str, stage: &mut StageFacts, now: DateTime<Utc>) {
    let passed = StageState::Passed { opened_at: now, passed_at: now };
    match mistake {
        "sandboxes-not-awaited" if stage.key.audience == Audience::Sandbox => stage.state = passed,
        "stage-before-not-awaited" if stage.key.audience == Audience::Production && stage.state.admits() => {
            stage.state = passed;
        }
        "unknown-verdict-passes" => {
            stage.tally.evidence.due = 0;
            stage.tally.evidence.succeeded = 0;
        }
        "red-verdict-ignored" => stage.tally.evidence.reports = ReportCounts::default(),
        "opens-before-its-window" => stage.first_night = Some(now - TimeDelta::hours(1)),
        "stage-never-opens" => stage.first_night = Some(now + TimeDelta::hours(1)),
        _ => {}
    }
}

fn of_environment(mistake: &str, environment: &mut EnvironmentFacts) {
    let production = environment.kind == EnvironmentKind::Production;
    match mistake {
        "dark-hours-of-another-zone" => {
            let shifted = |hours: DarkHours| {
                let start = (hours.start_minute() + 180) % 1440;
                DarkHours::new(start, hours.length_minutes(), hours.weekend_first())
            };
            environment.placement.dark_hours = environment.placement.dark_hours.and_then(shifted);
        }
        "weekdays-for-production" if production => environment.days = MaintenanceDays::AnyNight,
        "chosen-days-ignored" if matches!(environment.days, MaintenanceDays::Chosen(_)) => {
            environment.days = MaintenanceDays::Weekend;
        }
        "early-not-first" if environment.designation == Designation::Early => {
            environment.designation = Designation::Standard;
        }
        "follower-not-kept-back" => {
            if let Some(update) = &mut environment.update {
                update.follows = None;
            }
        }
        "newer-sandbox-follows" => {
            if let Some(following) = &mut environment.following {
                following.service_update = ServiceUpdate::new([u32::MAX; 3]);
            }
        }
        "build-not-compared" => environment.build = BuildVersion::new([0; 4]),
        "exemption-ignored" => environment.exemption = None,
        "exemption-never-ends" => {
            if let Some(exemption) = &mut environment.exemption {
                exemption.expires_at = DateTime::<Utc>::MAX_UTC;
            }
        }
        "service-update-due-ignored" => environment.service_update_due = None,
        "priority-batch-ignored" => environment.priority_batch = true,
        "station-guessed" => {
            environment.placement.station = environment.placement.station.or(Some(StationNumber(2)));
        }
        "dark-hours-guessed" => {
            let usual = DarkHours::new(22 * 60, 360, chrono::Weekday::Fri);
            environment.placement.dark_hours = environment.placement.dark_hours.or(usual);
        }
        _ => {}
    }
}
