//! The demo as somebody lets it run: its gates look at what its listening system says, and its train goes on.

use crate::catalogue::{demo, shipped};
use crate::demo::{DEMO_START, DemoOptions, DemoSeed, SimulatedListening, seed_demo};
use crate::ports::{OsIds, Punctual, SystemClock};
use crate::testing::MockClock;
use crate::{Limits, RequestContext, Services, ServicesParts};
use chrono::{DateTime, TimeDelta, Utc};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::{GateReport, Measure, Verdict};
use domain::ids::RolloutId;
use domain::rollout::{RolloutState, StageState};
use std::sync::Arc;
use store::rollout::RolloutFilter;
use tempfile::TempDir;

const FIRST: StageKey = StageKey { station: StationNumber::OPT_IN, audience: Audience::Sandbox };

struct Demo {
    services: Services,
    clock: Arc<MockClock>,
    /// `None`: it is down.
    listening: Option<SimulatedListening>,
    rollout: RolloutId,
    _folder: TempDir,
}

impl Demo {
    async fn started() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("demo.db").display());
        let db = store::Db::open(&url, &store::OpenOptions::default()).await.unwrap();
        db.migrate().await.unwrap();
        let (catalogue, customers) = (shipped().unwrap(), demo::shipped_customers().unwrap());
        let clock = Arc::new(MockClock::at(DEMO_START));
        let ids = Arc::new(OsIds::new(clock.clone()));
        let options = DemoOptions::default();
        let seed = DemoSeed { seed: options.seed, catalogue: &catalogue, customers: &customers, now: DEMO_START };
        seed_demo(&db, &*ids, &seed).await.unwrap();
        let rollout = store::rollout::list(db.reader(), &RolloutFilter::default()).await.unwrap()[0].id;
        let services = Services::new(ServicesParts {
            db,
            clock: clock.clone(),
            machine: Arc::new(SystemClock),
            ids,
            deployer: Arc::new(Punctual::new(clock.clone(), Arc::new(options.deployer()))),
            demo: None,
            limits: Limits::default(),
        });
        let demo = Self { services, clock, listening: Some(options.listening()), rollout, _folder: folder };
        let manager = demo.by("release@vendor.example").await;
        demo.services.start_rollout(&manager, rollout).await.unwrap();
        demo
    }

    async fn by(&self, email: &str) -> RequestContext {
        let user = store::user::find_by_email(self.services.db().reader(), email).await.unwrap().unwrap().user;
        let actor = self.services.actor(user.id).await.unwrap().unwrap();
        RequestContext { actor, now: self.services.now(), request_id: "demo".into() }
    }

    async fn tick(&mut self) {
        if let Some(listening) = &mut self.listening {
            listening.speak(&self.services).await.unwrap();
        }
        while self.services.engine_tick("demo").await.unwrap().unfinished {}
    }

    /// Until the first stage is as wanted, in steps as the demo's clock makes them; `None` after `days`.
    async fn until(&mut self, days: i64, is: impl Fn(StageState) -> bool) -> Option<DateTime<Utc>> {
        let end = self.services.now() + TimeDelta::days(days);
        while self.services.now() < end {
            self.clock.advance(TimeDelta::minutes(20));
            self.tick().await;
            let stages = store::rollout::stages(self.services.db().reader(), self.rollout).await.unwrap();
            if stages.iter().any(|stage| stage.key == FIRST && is(stage.state)) {
                return Some(self.services.now());
            }
        }
        None
    }

    async fn gate(&self) -> (RolloutState, GateReport) {
        let rollout = store::rollout::find(self.services.db().reader(), self.rollout).await.unwrap().unwrap();
        let stage = rollout.report.stages.into_iter().find(|stage| stage.stage == FIRST).unwrap();
        (rollout.state, stage.gate)
    }
}

fn baked(gate: &GateReport) -> Option<(u32, u16)> {
    gate.findings.iter().find_map(|finding| match finding.measure {
        Measure::Bake { covered_hours, needed_hours, watched: true, .. } => Some((covered_hours, needed_hours)),
        _ => None,
    })
}

const fn is_open(state: StageState) -> bool {
    matches!(state, StageState::Open { .. })
}

const fn is_passed(state: StageState) -> bool {
    matches!(state, StageState::Passed { .. })
}

#[tokio::test]
async fn the_first_stage_passes_by_what_was_heard() {
    let mut demo = Demo::started().await;
    demo.until(8, is_open).await.expect("the train enters its first station");
    let passed = demo.until(6, is_passed).await;
    let (_, gate) = demo.gate().await;
    assert!(passed.is_some(), "{:?} {gate:?}", demo.services.now());
    let (covered, needed) = baked(&gate).unwrap();
    assert!(covered >= u32::from(needed) && needed == 24, "{covered} of {needed}");
    assert!(gate.findings.iter().all(|finding| finding.verdict == Verdict::Pass), "{gate:?}");
    let requests = gate.findings.iter().find_map(|finding| match finding.measure {
        Measure::Errors { usage, samples_min, .. } => Some((usage, samples_min)),
        _ => None,
    });
    assert!(requests.is_some_and(|(usage, least)| usage >= u64::from(least)), "{requests:?}");
    demo.until(1, |state| !is_passed(state)).await;
    let (_, later) = demo.gate().await;
    assert_eq!(later.verdict, Verdict::Pass, "what was heard then is no older for having been looked at: {later:?}");
}

#[tokio::test]
async fn the_first_stage_waits_where_nothing_is_heard() {
    let mut demo = Demo::started().await;
    demo.listening = None;
    demo.until(8, is_open).await.expect("the train enters its first station");
    assert_eq!(demo.until(6, is_passed).await, None, "silence is no health");
    let (state, gate) = demo.gate().await;
    assert!(matches!(state, RolloutState::Running { .. }), "nor is it harm where nothing was heard a week before");
    assert_eq!((gate.verdict, baked(&gate)), (Verdict::NotEnoughEvidence, Some((0, 24))));
    assert!(gate.succeeded >= gate.succeeded_needed, "{gate:?}");
}
