//! The tiny world: a fleet of three environments, two stages, a handful of instants. The figures are as small as they
//! can be for the rules to be met: caps of 1, one night a stage, a bake of two hours, two attempts.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc, Weekday};
use domain::calendar::{DarkHours, MaintenanceDays, StageWindow};
use domain::fleet::{Audience, Cloud, Designation, EnvironmentKind, StageKey, StationNumber};
use domain::freeze::Freezes;
use domain::health::{GatePolicy, ReportCounts};
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UserId};
use domain::rollout::report::StageCounts;
use domain::rollout::{
    EnvironmentFacts, Placement, RolloutCaps, RolloutFacts, RolloutKind, RolloutPolicy, RolloutState, StageFacts,
    StageState, StageTally,
};
use uuid::Uuid;

/// Environments of every scene.
pub const FLEET: usize = 3;
/// Nights start at 04:00 and last six hours; an update declares 90 minutes.
const NIGHT: (u16, u16) = (4 * 60, 360);
const TARGET: &str = "10.0.2645.147";
const BEFORE: &str = "10.0.2645.136";

/// What never changes in one check, and how much may go wrong in it.
pub struct Scene {
    pub frame: RolloutFacts,
    pub instants: Vec<DateTime<Utc>>,
    /// Manual halts of the rollout, halts of a station or a customer, and failures of environments, at most.
    pub halts: u8,
    pub scoped_halts: u8,
    pub failures: u8,
    /// Times that the lease changes hands after its first holder, and crashes, at most.
    pub takeovers: u8,
    pub crashes: u8,
}

pub fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

pub fn customer(n: u128) -> CustomerId {
    CustomerId::new(Uuid::from_u128(n))
}

fn october(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, day).unwrap()
}

/// Noon of the first day; of each night its beginning, and an hour before its end, which is too late to start; at last
/// the day on which every window lies two days back. The bake of a night is over when the next begins.
fn instants(nights: u32, last: u32) -> Vec<DateTime<Utc>> {
    let at = |day, hour| october(day).and_hms_opt(hour, 0, 0).unwrap().and_utc();
    let mut instants = vec![at(4, 12)];
    for night in 0..nights {
        instants.extend([at(5 + night, 4), at(5 + night, 9)]);
    }
    instants.push(at(last, 12));
    instants
}

const POLICY: RolloutPolicy = RolloutPolicy {
    // One failure is a regression: at one in a thousand, even the first of three is.
    gate: GatePolicy {
        succeeded_percent_min: 100,
        baseline_permille: 1,
        failures_min: 1,
        bake_hours: 2,
        ..GatePolicy::DEFAULT
    },
    min_gap_days: 1,
    notice_days: 0,
    announce_ahead_days: 1,
    ..RolloutPolicy::DEFAULT
};

fn environment(n: u128, of: u128, kind: EnvironmentKind, designation: Designation) -> EnvironmentFacts {
    EnvironmentFacts {
        id: EnvironmentId::new(Uuid::from_u128(n << 64)),
        name: format!("environment {n}"),
        customer: customer(of),
        kind,
        placement: Placement {
            region: "us".into(),
            region_name: "us".into(),
            cloud: Cloud::Public,
            station: Some(StationNumber(2)),
            dark_hours: DarkHours::new(NIGHT.0, NIGHT.1, Weekday::Sat),
        },
        designation,
        following: None,
        days: MaintenanceDays::AnyNight,
        service_update: "10.0.48".parse().unwrap(),
        build: BEFORE.parse().unwrap(),
        exemption: None,
        service_update_due: None,
        priority_batch: true,
        elsewhere: Vec::new(),
        update: None,
    }
}

fn stage(station: u8, audience: Audience, (first, last): (u32, u32)) -> StageFacts {
    let key = StageKey { station: StationNumber(station), audience };
    let window = StageWindow { stage: key, first: october(first), last: october(last) };
    StageFacts { key, window, state: StageState::Waiting, first_night: None, tally: StageTally::default() }
}

fn frame(caps: RolloutCaps, stages: Vec<StageFacts>, environments: Vec<EnvironmentFacts>) -> RolloutFacts {
    RolloutFacts {
        rollout: RolloutId::new(Uuid::from_u128(0x0148)),
        generation: 0,
        state: RolloutState::Draft,
        train: "10.0.48 PQU-7".parse().unwrap(),
        build: TARGET.parse().unwrap(),
        build_id: BuildId::new(Uuid::from_u128(0x0147)),
        start: october(5),
        build_halted: None,
        unapproved: None,
        policy: RolloutPolicy { caps, ..POLICY },
        kind: RolloutKind::Forward,
        emergency: None,
        halts: Vec::new(),
        freezes: Freezes::default(),
        stages,
        approvals: Vec::new(),
        environments,
        pending: false,
        unplaced: StageCounts::default(),
        reports: ReportCounts::default(),
        last_night: None,
        in_flight: Vec::new(),
    }
}

/// Two stations: two customers' early sandboxes in the first, then, approved by name, a sandbox of the first customer in
/// the second. One update at a time in the whole rollout.
pub fn two_stations(halts: u8, failures: u8) -> Scene {
    let stages = vec![stage(1, Audience::Sandbox, (5, 5)), stage(2, Audience::Sandbox, (6, 6))];
    let fleet = vec![
        environment(1, 1, EnvironmentKind::Sandbox, Designation::Early),
        environment(2, 2, EnvironmentKind::Sandbox, Designation::Early),
        environment(3, 1, EnvironmentKind::Sandbox, Designation::Standard),
    ];
    let caps = RolloutCaps { rollout: 1, station: 2, region: 2, customer: 2 };
    let mut scene = Scene {
        frame: frame(caps, stages, fleet),
        instants: instants(2, 8),
        halts,
        scoped_halts: 0,
        failures,
        takeovers: 1,
        crashes: u8::from(failures == 0),
    };
    if halts > 0 {
        scene.satisfy(1);
    }
    scene
}

/// One station, all of it approved by name: two sandboxes of one customer, who runs one update at a time, then the
/// customer's production.
pub fn one_station() -> Scene {
    let stages = vec![stage(2, Audience::Sandbox, (5, 5)), stage(2, Audience::Production, (6, 6))];
    let fleet = vec![
        environment(1, 1, EnvironmentKind::Sandbox, Designation::Standard),
        environment(2, 1, EnvironmentKind::Sandbox, Designation::Standard),
        environment(3, 1, EnvironmentKind::Production, Designation::Standard),
    ];
    let caps = RolloutCaps { rollout: 2, station: 2, region: 2, customer: 1 };
    let mut scene = Scene {
        frame: frame(caps, stages, fleet),
        instants: instants(2, 8),
        halts: 0,
        scoped_halts: 1,
        failures: 0,
        takeovers: 1,
        crashes: 1,
    };
    scene.satisfy(1);
    scene
}

impl Scene {
    /// It has the build already: where people halt, two environments that move are enough, and as much as can be
    /// explored to the end within the time of a test.
    fn satisfy(&mut self, environment: usize) {
        self.frame.environments[environment].build = self.frame.build;
    }

    pub fn declared(&self) -> TimeDelta {
        TimeDelta::minutes(self.frame.policy.declared_minutes.into())
    }

    pub fn bake(&self) -> TimeDelta {
        TimeDelta::hours(self.frame.policy.gate.bake_hours.into())
    }
}
