//! Every reason, for a stage or an environment, has its words, a date where one is known, and a way out where there is one.

use super::*;
use crate::calendar::{Night, StageWindow};
use crate::clockface::UtcClockface;
use crate::fleet::{Audience, StageKey, StationNumber};
use crate::health::{GatePolicy, StageEvidence};
use crate::ids::EnvironmentId;
use crate::rollout::report::{CapScope, FailedAttempt, WaitingOn};
use crate::rollout::state::HaltCause;
use crate::rollout::words::Names;
use crate::wire::signal::UpdateStateWord;
use std::collections::HashSet;
use uuid::Uuid;

struct Named;

impl Names for Named {
    fn environment(&self, _: EnvironmentId) -> String {
        "PROD".to_owned()
    }
}

fn night() -> Night {
    let start: DateTime<Utc> = "2026-10-09T22:00:00Z".parse().unwrap();
    Night { date: "2026-10-10".parse().unwrap(), start, end: start + TimeDelta::hours(6) }
}

fn stage() -> StageKey {
    StageKey { station: StationNumber(2), audience: Audience::Sandbox }
}

fn window() -> StageWindow {
    StageWindow { stage: stage(), first: "2026-10-05".parse().unwrap(), last: "2026-10-08".parse().unwrap() }
}

/// One of each. `way_out` matches every variant by name, so a new one is seen there; here it is missed by the count.
fn reasons() -> Vec<EnvironmentReason> {
    use EnvironmentReason as R;
    let other = EnvironmentId::new(Uuid::from_u128(7));
    let (region, why) = (|| "Sweden Central".to_owned(), || "Year end".to_owned());
    let last =
        FailedAttempt { night: night(), started_at: night().start, failed_at: night().end, error: "disk".into() };
    vec![
        R::Satisfied { build: "10.0.2645.147".parse().unwrap() },
        R::OtherServiceUpdate { on: "10.0.49".parse().unwrap() },
        R::Exempt { why: why(), expires_at: night().start },
        R::PriorityBatchOff,
        R::NotInShare { percent: 50 },
        R::NoStation { region: region() },
        R::NoDarkHours { region: region() },
        R::NightTooShort { region: region(), minutes: 90 },
        R::NoNight,
        R::ProductionNotUpdated { production: other, state: UpdateStateWord::Skipped },
        R::AttemptsUsed { attempts: 2, last },
        R::SandboxFailed { sandbox: other },
        R::ServiceUpdateDue { on: night().date },
        R::NotStarted,
        R::RolloutHalted,
        R::Halted { why: "Halted by Ada: slow".into() },
        R::Frozen { why: why(), until: Some(night().date) },
        R::StageClosed { stage: stage() },
        R::NightNotChosen { window: window(), ahead_days: 6 },
        R::NightAhead { night: night() },
        R::WaitsForProduction { production: other },
        R::WaitsForSandbox { sandbox: other },
        R::GapToSandbox { sandbox_night: night(), days: 5 },
        R::Cap { scope: CapScope::Region, limit: 20 },
        R::WindowTooShort { minutes: 90 },
        R::BusyElsewhere,
        R::StageTurn { window: window() },
        R::WeekendOnly,
        R::ChosenWeekdays,
        R::EarlyOptIn,
        R::PulledAhead { by: "Ada".into(), replaces: Some(night()) },
        R::MovesWithProduction { production: other },
        R::MovesWithSandboxes { production: other },
        R::KeepsGapForProduction { production: other, days: 5 },
        R::NoticePeriod { days: 5 },
        R::NightFrozen { date: night().date, why: why() },
        R::OrderWaits { since: night().start },
        R::RunningNow { since: night().start },
    ]
}

#[test]
fn every_reason_of_an_environment_is_said_and_leads_somewhere() {
    let mut said = HashSet::new();
    for reason in reasons() {
        let sentence = reason.sentence(&UtcClockface, &Named);
        assert!(sentence.len() > 10 && !sentence.ends_with('.'), "{sentence}");
        assert!(said.insert(sentence.clone()), "{sentence}");
        if let Some(way_out) = reason.way_out() {
            assert!(!way_out.text.ends_with('.'), "{}", way_out.text);
        }
    }
    assert_eq!(said.len(), 38, "one of each variant");
}

/// Left out or held: whoever reads it is told from when on or what to do, or nobody can know.
#[test]
fn who_is_left_out_is_told_a_date_or_a_way_out() {
    use EnvironmentReason as R;
    for reason in reasons() {
        let left_out = matches!(
            reason,
            R::Exempt { .. }
                | R::PriorityBatchOff
                | R::NoStation { .. }
                | R::NoDarkHours { .. }
                | R::NightTooShort { .. }
                | R::NoNight
                | R::ProductionNotUpdated { .. }
                | R::AttemptsUsed { .. }
                | R::SandboxFailed { .. }
                | R::ServiceUpdateDue { .. }
        );
        assert!(!left_out || reason.next().is_some() || reason.way_out().is_some(), "{reason:?}");
    }
    let dated = reasons().iter().filter(|reason| reason.next().is_some()).count();
    assert_eq!(dated, 6, "exempt, service update, freeze, night ahead, night not chosen, gap");
    let of = |reason: R| reason.next().unwrap().to_string();
    assert_eq!(of(R::ServiceUpdateDue { on: night().date }), "2026-10-11 00:00:00 UTC");
    assert_eq!(of(R::NightNotChosen { window: window(), ahead_days: 6 }), "2026-09-29 00:00:00 UTC");
    assert_eq!(of(R::GapToSandbox { sandbox_night: night(), days: 5 }), "2026-10-14 22:00:00 UTC");
}

#[test]
fn every_reason_of_a_stage_is_said() {
    let gate = GatePolicy::DEFAULT.judge(&StageEvidence::default(), night().start);
    let cause = HaltCause::Build { reason: "Halted by Ada: slow".into() };
    let all = [
        WaitingOn::NotStarted,
        WaitingOn::Halt { cause },
        WaitingOn::Freeze { why: "Year end".into(), until: Some(night().date) },
        WaitingOn::Stage { stage: stage() },
        WaitingOn::Gate { gate },
        WaitingOn::Bake { until: night().end },
        WaitingOn::Approval { station: StationNumber(2) },
        WaitingOn::Window { opens_at: night().start },
        WaitingOn::Unproven,
    ];
    let said: HashSet<String> = all.iter().map(|on| on.sentence(&UtcClockface)).collect();
    assert_eq!(said.len(), all.len());
    assert!(said.iter().all(|sentence| sentence.len() > 10), "{said:?}");
}
