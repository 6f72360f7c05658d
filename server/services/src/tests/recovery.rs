//! Ways out of a halt: each is proposed, approved by somebody else, started; none of them lifts the halt. Whom a halt
//! caught in flight, and builds that are halted after their rollout, are in `late`; from which data a redeployment starts
//! is in `points`, which halt a way serves in `halts`, what is open where agents alone carry it out in `agents`.

mod agents;
mod halts;
mod late;
mod points;

use super::{Stage, done, refused, stage};
use crate::incident::{GivenIncident, IncidentOutcome};
use crate::{CallerContext, FlightForm, RecoveryActForm, RecoveryForm};
use chrono::TimeDelta;
use domain::fleet::{Audience, Exemption, StageKey, StationNumber};
use domain::flight::{Flight, FlightScope};
use domain::ids::{BuildId, EnvironmentId, FlightId, RecoveryId, TokenId};
use domain::people::Person;
use domain::permission::{Role, TenantScope};
use domain::recovery::{Schema, SchemaChange};
use domain::release::{BuildChange, BuildVersion};
use domain::rollout::{Edited, RampScope, RolloutState};
use domain::severity::Severity;
use domain::token::{Caller, TokenKind, TokenReach};
use domain::wire::flight::FlightsParams;
use domain::wire::notification::NotificationsParams;
use domain::wire::problem::{FormOutcome, FormProblem};
use domain::wire::recovery::{RecoveryPageView, RecoveryParams, RecoveryView, WayRow};
use store::build::NewBuild;
use store::rollout::{Rollout, RolloutFilter};
use store::token::NewToken;

const OLD: &str = "10.0.2645.136";
const BAD: &str = "10.0.2645.147";
const NEWER: &str = "10.0.2645.151";
const FLIGHT: &str = "posting";

fn version(text: &str) -> BuildVersion {
    text.parse().unwrap()
}

async fn register(stage: &Stage, build: &str, schema: &[SchemaChange]) -> BuildId {
    let tx = stage.services.db().begin().await.unwrap();
    let id = if let Some(known) = store::build::find_by_version(&tx, version(build)).await.unwrap() {
        known.id
    } else {
        let id = BuildId::new(stage.services.ids().uuid());
        let service_update = "10.0.48".parse().unwrap();
        let (version, registered_at) = (version(build), stage.now());
        let new = NewBuild { id, service_update, version, platform: None, artifact: None, registered_at };
        store::build::insert(&tx, &new).await.unwrap();
        stage.approve_build(&tx, id).await.unwrap();
        id
    };
    let changes = [BuildChange { id: "ERP-1".into(), title: "Posting".into(), flight: Some(FLIGHT.into()) }];
    let changes = if build == BAD { &changes[..] } else { &[] };
    store::build::record_content(&tx, id, changes, schema).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// The early sandbox has the build; then a person halts. The build's one change has a flight.
async fn halted(schema: Schema) -> Stage {
    let stage = started(schema).await;
    stage.run_until("2026-09-30T12:00:00Z").await;
    halt(&stage).await;
    stage
}

async fn halt(stage: &Stage) {
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "posting fails").await.unwrap());
}

async fn started(schema: Schema) -> Stage {
    let stage = stage().await;
    register(&stage, OLD, &[]).await;
    let bad = register(&stage, BAD, &[SchemaChange { name: "a column".into(), marked: schema }]).await;
    let flight = Flight {
        id: FlightId::new(stage.services.ids().uuid()),
        key: FLIGHT.into(),
        title: "Posting".into(),
        owner: "Finance".into(),
        build: bad,
        remove_on: "2026-12-31".parse().unwrap(),
        switches: Vec::new(),
    };
    let tx = stage.services.db().begin().await.unwrap();
    store::flight::insert(&tx, &flight, stage.now()).await.unwrap();
    tx.commit().await.unwrap();
    stage.start().await;
    stage
}

async fn page(stage: &Stage, role: Role) -> RecoveryPageView {
    let ctx = stage.as_role(role).await.unwrap();
    let params = RecoveryParams { rollout: Some(stage.rollout), severity: String::new() };
    stage.services.show_recovery(&ctx, &params).await.unwrap()
}

async fn way(stage: &Stage, key: &str) -> WayRow {
    page(stage, Role::Support).await.ways.into_iter().find(|way| way.key == key).unwrap()
}

async fn newest(stage: &Stage) -> RecoveryView {
    page(stage, Role::Approver).await.recoveries.remove(0)
}

async fn propose(stage: &Stage, path: &str) -> FormOutcome {
    let ctx = stage.as_role(Role::ReleaseManager).await.unwrap();
    let form = RecoveryForm { path: path.into(), reason: "posting fails".into() };
    stage.services.propose_recovery(&ctx, stage.rollout, &form).await.unwrap()
}

async fn approve(stage: &Stage, role: Role, id: RecoveryId, digest: &str) -> FormOutcome {
    let ctx = stage.as_role(role).await.unwrap();
    let form = RecoveryActForm { digest: digest.to_owned(), reason: String::new() };
    stage.services.approve_recovery(&ctx, id, &form).await.unwrap()
}

async fn begin(stage: &Stage, id: RecoveryId) -> FormOutcome {
    let ctx = stage.as_role(Role::ReleaseManager).await.unwrap();
    stage.services.start_recovery(&ctx, id).await.unwrap()
}

/// Proposed, approved by somebody else, started.
async fn recover(stage: &Stage, path: &str) -> RecoveryId {
    done(propose(stage, path).await);
    let proposed = newest(stage).await;
    done(approve(stage, Role::Approver, proposed.id, &proposed.digest).await);
    done(begin(stage, proposed.id).await);
    proposed.id
}

async fn build_of(stage: &Stage, environment: EnvironmentId) -> String {
    let reader = stage.services.db().reader();
    let found = store::environment::find(reader, TenantScope::AllCustomers, environment).await.unwrap().unwrap();
    found.build.to_string()
}

async fn rollouts(stage: &Stage) -> Vec<Rollout> {
    store::rollout::list(stage.services.db().reader(), &RolloutFilter::default()).await.unwrap()
}

async fn still_halted(stage: &Stage) {
    let own = rollouts(stage).await.into_iter().find(|rollout| rollout.id == stage.rollout).unwrap();
    assert!(own.state.is_halted(), "no way lifts the halt");
}

#[tokio::test]
async fn every_way_says_what_closes_it() {
    let stage = halted(Schema::Irreversible).await;
    assert!(way(&stage, "fall_back_by_flight").await.obstacles.is_empty());
    assert_eq!(way(&stage, "roll_forward").await.obstacles, ["There is no newer build of this service update"]);
    let back = way(&stage, "roll_back").await.obstacles;
    assert_eq!(back, ["10.0.2645.147 changed the schema (a column), marked irreversible"]);
    let redeploy = way(&stage, "redeploy_last_known_good").await;
    assert!(redeploy.obstacles.is_empty(), "a restore point was kept: {redeploy:?}");
    assert!(redeploy.reach.ends_with("1 environment starts from a restore point and lose what was written since"));
    assert_eq!(refused(propose(&stage, "roll_back").await), FormProblem::RecoveryClosed);
    let affected = page(&stage, Role::Support).await.affected;
    assert_eq!((affected.updated, affected.runs_it, affected.failed), (1, 1, 0));
    assert!(affected.waiting > 0);
}

#[tokio::test]
async fn a_recovery_is_approved_by_somebody_else_for_exactly_what_stands_there() {
    let stage = halted(Schema::Reversible).await;
    done(propose(&stage, "roll_back").await);
    let proposed = newest(&stage).await;
    assert_eq!(refused(begin(&stage, proposed.id).await), FormProblem::RecoveryElsewhere, "not approved yet");
    let own = approve(&stage, Role::ReleaseManager, proposed.id, &proposed.digest).await;
    assert_eq!(refused(own), FormProblem::ApproverIsAuthor);
    let other = approve(&stage, Role::Approver, proposed.id, &"0".repeat(64)).await;
    assert_eq!(refused(other), FormProblem::ChangedMeanwhile);
    assert_eq!(refused(propose(&stage, "roll_back").await), FormProblem::RecoveryElsewhere, "one at a time");
    done(approve(&stage, Role::Approver, proposed.id, &proposed.digest).await);
    // The halt is lifted meanwhile: what it was approved for does not hold any more.
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, stage.rollout, "a false alarm").await.unwrap());
    assert_eq!(refused(begin(&stage, proposed.id).await), FormProblem::RecoveryOutdated);
}

#[tokio::test]
async fn a_rollback_takes_exactly_the_named_environments_back_in_their_nights() {
    let stage = halted(Schema::Reversible).await;
    let dev = stage.environment_id(stage.contoso, "DEV");
    assert_eq!(build_of(&stage, dev).await, BAD);
    recover(&stage, "roll_back").await;
    let back = rollouts(&stage).await.into_iter().find(|rollout| rollout.id != stage.rollout).unwrap();
    assert_eq!((back.version.to_string(), back.start.to_string()), (OLD.to_owned(), "2026-10-07".to_owned()));
    assert!(matches!(back.state, RolloutState::Running { .. }));
    stage.run_until("2026-10-09T12:00:00Z").await;
    assert_eq!(build_of(&stage, dev).await, OLD);
    let reach = store::rollout::Reach::Everyone;
    let facts = store::rollout::load_facts(stage.services.db().reader(), back.id, reach).await.unwrap().unwrap().facts;
    assert_eq!(facts.environments.iter().map(|one| one.id).collect::<Vec<_>>(), [dev], "nobody else is aboard");
    let letters = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let told = stage.services.list_notifications(&letters, &NotificationsParams::default()).await.unwrap();
    assert!(told.rows.iter().any(|row| row.title.contains("DEV")), "{told:?}");
    still_halted(&stage).await;
    stage.run_until("2026-11-10T12:00:00Z").await;
    assert_eq!(newest(&stage).await.state, "Completed");
    still_halted(&stage).await;
}

#[tokio::test]
async fn an_abandoned_rollback_starts_nothing_any_more() {
    let stage = halted(Schema::Compatible).await;
    let id = recover(&stage, "roll_back").await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let form = RecoveryActForm { digest: String::new(), reason: "the fix is near".into() };
    done(stage.services.abandon_recovery(&manager, id, &form).await.unwrap());
    let again = stage.services.abandon_recovery(&manager, id, &form).await.unwrap();
    assert_eq!(refused(again), FormProblem::RecoveryElsewhere);
    stage.run_until("2026-10-12T12:00:00Z").await;
    assert_eq!(build_of(&stage, stage.environment_id(stage.contoso, "DEV")).await, BAD);
    let old = store::build::find_by_version(stage.services.db().reader(), version(OLD)).await.unwrap().unwrap();
    assert!(old.halted.is_none(), "the build that ran before is not halted by it");
}

/// Abandoned, it is over: resumed it would begin and be sent back, tick after tick.
#[tokio::test]
async fn an_abandoned_rollback_is_not_resumed() {
    let stage = halted(Schema::Compatible).await;
    let id = recover(&stage, "roll_back").await;
    let back = way_back(&stage).await.id;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, back, "look at it").await.unwrap());
    done(stage.services.resume_rollout(&manager, back, "looked at").await.unwrap());
    let form = RecoveryActForm { digest: String::new(), reason: "the fix is near".into() };
    done(stage.services.abandon_recovery(&manager, id, &form).await.unwrap());
    let resumed = stage.services.resume_rollout(&manager, back, "go on").await.unwrap();
    assert_eq!(refused(resumed), FormProblem::RecoveryOver);
    assert!(way_back(&stage).await.state.is_halted());
}

/// I7: what keeps environments out of a push keeps out nobody whom the recovery names.
#[tokio::test]
async fn a_rollback_leaves_nobody_behind() {
    let stage = stage_halted_with_a_ramp().await;
    let dev = stage.environment_id(stage.contoso, "DEV");
    recover(&stage, "roll_back").await;
    assert!(way_back(&stage).await.policy.ramp.is_none());
    let expires_at = stage.now() + TimeDelta::days(90);
    let exemption = Exemption { reason: "GxP".into(), evidence: "VP-1".into(), expires_at };
    let tx = stage.services.db().begin().await.unwrap();
    store::environment::set_exemption(&tx, dev, Some(&exemption)).await.unwrap();
    tx.commit().await.unwrap();
    stage.run_until("2026-10-09T12:00:00Z").await;
    assert_eq!(build_of(&stage, dev).await, OLD);
}

/// As [`halted`], and nobody new is let into the share of station 1.
async fn stage_halted_with_a_ramp() -> Stage {
    let stage = halted(Schema::Reversible).await;
    let tx = stage.services.db().begin().await.unwrap();
    let known = store::rollout::find(&tx, stage.rollout).await.unwrap().unwrap();
    let first = StageKey { station: StationNumber(1), audience: Audience::Sandbox };
    let policy = known.policy.with_percent(RampScope::Stage(first), 0, &[first], false).unwrap();
    let by = Person { id: stage.user("release_manager@vendor.example"), name: "Release manager".into() };
    store::rollout::set_policy(&tx, known.id, &policy, &Edited { by, at: stage.now() }).await.unwrap();
    tx.commit().await.unwrap();
    stage
}

async fn way_back(stage: &Stage) -> Rollout {
    rollouts(stage).await.into_iter().find(|rollout| rollout.id != stage.rollout).unwrap()
}

/// Rule H1: an incident is against the build, also where all that runs of it takes environments back to it.
#[tokio::test]
async fn an_incident_against_the_build_gone_back_to_halts_that_build() {
    let stage = halted(Schema::Reversible).await;
    recover(&stage, "roll_back").await;
    let caller = Caller {
        token: TokenId::new(stage.services.ids().uuid()),
        name: "Watch".into(),
        kind: TokenKind::ListeningSystem,
        reach: TokenReach::Signals,
    };
    let given = GivenIncident {
        name: "INC-1".into(),
        build: version(OLD),
        severity: Severity::Critical,
        by_people: false,
        finding: "Invoices cannot be posted".into(),
        opened_at: stage.now(),
    };
    let (created_at, expires_at) = (stage.now(), stage.now() + TimeDelta::days(90));
    let tx = stage.services.db().begin().await.unwrap();
    let token = NewToken { caller: caller.clone(), hash: [7; 32], created_at, expires_at };
    store::token::insert(&tx, &token, None).await.unwrap();
    tx.commit().await.unwrap();
    let ctx = CallerContext { caller, now: stage.now() };
    let answer = stage.services.open_incident(&ctx, &given).await.unwrap().unwrap();
    assert_eq!(answer.outcome, IncidentOutcome::Halted);
    let old =
        async || store::build::find_by_version(stage.services.db().reader(), version(OLD)).await.unwrap().unwrap();
    assert!(old().await.halted.is_some(), "the build itself");
    let back = way_back(&stage).await;
    assert!(back.state.is_halted());
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, back.id, "a false alarm").await.unwrap());
    assert!(old().await.halted.is_none(), "it was halted with its build");
}

#[tokio::test]
async fn a_redeployment_starts_from_the_restore_point_where_the_schema_stands_against_it() {
    let stage = halted(Schema::Irreversible).await;
    recover(&stage, "redeploy_last_known_good").await;
    stage.run_until("2026-10-09T12:00:00Z").await;
    assert_eq!(build_of(&stage, stage.environment_id(stage.contoso, "DEV")).await, OLD);
    still_halted(&stage).await;
}

#[tokio::test]
async fn rolling_forward_drafts_a_rollout_of_the_newer_build() {
    let stage = halted(Schema::Irreversible).await;
    register(&stage, NEWER, &[]).await;
    recover(&stage, "roll_forward").await;
    let drafted = rollouts(&stage).await.into_iter().find(|rollout| rollout.id != stage.rollout).unwrap();
    assert_eq!((drafted.version.to_string(), &drafted.state), (NEWER.to_owned(), &RolloutState::Draft));
    assert_eq!(drafted.descent.supersedes, Some(stage.rollout));
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.start_rollout(&manager, drafted.id).await.unwrap());
    stage.run_until("2026-10-09T12:00:00Z").await;
    let dev = stage.environment_id(stage.contoso, "DEV");
    assert_eq!(build_of(&stage, dev).await, NEWER, "who runs the bad build is included");
    still_halted(&stage).await;
}

#[tokio::test]
async fn with_its_flight_off_the_build_is_healthy() {
    let stage = halted(Schema::Irreversible).await;
    stage.deployer.blame(FLIGHT);
    recover(&stage, "fall_back_by_flight").await;
    stage.tick().await;
    let told = stage.deployer.flights();
    assert_eq!((told.len(), told[0].on, told[0].scope), (1, false, FlightScope::Everywhere));
    still_halted(&stage).await;
    let obstacles = way(&stage, "fall_back_by_flight").await.obstacles;
    assert_eq!(obstacles, ["All flights of these changes are off already"]);
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.resume_rollout(&manager, stage.rollout, "the flight is off").await.unwrap());
    stage.run_until("2026-10-17T12:00:00Z").await;
    assert_eq!(build_of(&stage, stage.environment_id(stage.contoso, "UAT")).await, BAD, "no update fails any more");
}

#[tokio::test]
async fn a_flight_is_turned_with_a_reason_and_told_until_it_is_taken_note_of() {
    let stage = halted(Schema::Irreversible).await;
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let list = async |flight| stage.services.list_flights(&manager, &FlightsParams { flight }).await.unwrap();
    let id = list(None).await.rows[0].id;
    let form = |on, customer: &str, reason: &str| FlightForm { on, customer: customer.into(), reason: reason.into() };
    let turn = async |form: FlightForm| stage.services.turn_flight(&manager, id, &form).await.unwrap();
    assert_eq!(refused(turn(form(false, "", " ")).await), FormProblem::ReasonMissing);
    assert_eq!(refused(turn(form(false, "Nobody", "x")).await), FormProblem::CustomerNameUnknown);
    assert_eq!(refused(turn(form(true, "", "x")).await), FormProblem::FlightStandsThere);
    stage.deployer.set_away(true);
    done(turn(form(false, "contoso", "they asked")).await);
    let _ = stage.services.engine_tick("tests").await.unwrap();
    assert!(stage.deployer.flights().is_empty());
    stage.deployer.set_away(false);
    stage.tick().await;
    stage.tick().await;
    assert_eq!(stage.deployer.flights().len(), 1, "told once it answers, and once only");
    let view = list(Some(id)).await;
    assert_eq!(view.rows[0].state, "On, but off for 1 customer");
    let (_, switches) = view.chosen.unwrap();
    assert_eq!(switches[0].text, "Turned off for Contoso by Release manager of vendor.example: they asked");
    let audit = store::audit::list(stage.services.db().reader(), None, 50).await.unwrap().rows;
    let turned = audit.iter().find(|event| event.action == "flight.turned_off").unwrap();
    assert_eq!(turned.customer, Some(stage.contoso));
}
