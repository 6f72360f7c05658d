//! What people do: start, approve, halt, resume, designate, and get it wrong (F15, F16, F17, F20). Each act is one call of one
//! server, by its clock. Nobody here chooses days: the fleet is born with them.
//!
//! | file | acts |
//! |---|---|
//! | here | what every train needs, halts, freezes, designations, nonsense |
//! | `emergencies` | the emergency path: asked for, approved, ended, completed, reviewed |
//! | `recoveries` | ways out of a halt |
//! | `pulls` | customers take a build ahead of its night |
//! | `exemptions` | asked for, granted, refused, withdrawn |
//! | `builds` | withdrawn while offered, approved again, reported as the cause of an incident |
//!
//! The last five are drawn from a stream of their own ([`unusual`]), and look at the page before they act.

pub mod builds;
pub mod emergencies;
pub mod exemptions;
pub mod pulls;
pub mod recoveries;

use crate::server::{Call, Ended};
use crate::watch::Seen;
use crate::world::fleet::Fleet;
use crate::world::staff::Staff;
use builds::BuildAct;
use chrono::{DateTime, TimeDelta, Utc};
use domain::emergency::EmergencyState;
use domain::fleet::exemption::ExemptionState;
use domain::ids::{CustomerId, EnvironmentId, FreezeId, HaltId, RolloutId};
use domain::permission::Actor;
use domain::recovery::RecoveryState;
use domain::rollout::halt::HaltScope;
use domain::wire::freeze::FreezeForm;
use domain::wire::problem::FormOutcome;
use emergencies::EmergencyAct;
use exemptions::ExemptionAct;
use pulls::PullAct;
use recoveries::RecoveryAct;
use services::mix::Mix;
use services::{DesignateForm, Error, RequestContext, Services};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Start(RolloutId),
    Approve(RolloutId, u8),
    /// By the one who started it: must be refused (I11).
    ApproveOwn(RolloutId, u8),
    Halt(RolloutId),
    Resume(RolloutId),
    Designate {
        customer: CustomerId,
        environment: EnvironmentId,
        form: DesignateForm,
    },
    /// Of a station, of one customer or of everything.
    HaltScope(HaltScope),
    Lift(HaltId),
    Freeze(FreezeForm),
    Thaw(FreezeId),
    /// Input that nobody would send on purpose (F20).
    Nonsense(RolloutId, u8),
    Emergency(EmergencyAct),
    Recovery(RecoveryAct),
    Pull(PullAct),
    Exemption(ExemptionAct),
    Build(BuildAct),
}

pub fn context(services: &Services, actor: &Actor) -> RequestContext {
    RequestContext { actor: actor.clone(), now: services.now(), request_id: "simulation".to_owned() }
}

pub fn call(services: &Services, staff: &Arc<Staff>, act: &Act, server: usize) -> Call {
    let (services, staff, act) = (services.clone(), staff.clone(), act.clone());
    Box::pin(async move {
        let outcome = match carry_out(&services, &staff, &act).await {
            Ok(FormOutcome::Done { message }) => format!("done: {message}"),
            Ok(FormOutcome::Refused { problem }) => format!("refused: {problem:?}"),
            Err(error) => format!("error: {error}"),
        };
        Ended { line: format!("{} at server {server}: {outcome}", act.words()), tick: None }
    })
}

async fn carry_out(services: &Services, staff: &Staff, act: &Act) -> Result<FormOutcome, Error> {
    let by = |actor: &Actor| context(services, actor);
    match act {
        Act::Start(rollout) => services.start_rollout(&by(&staff.manager), *rollout).await,
        Act::Approve(rollout, station) => services.approve_promotion(&by(&staff.approver), *rollout, *station).await,
        Act::ApproveOwn(rollout, station) => services.approve_promotion(&by(&staff.manager), *rollout, *station).await,
        Act::Halt(rollout) => services.halt_rollout(&by(&staff.lead), *rollout, "customers cannot sign in").await,
        Act::Resume(rollout) => services.resume_rollout(&by(&staff.manager), *rollout, "looked at").await,
        Act::Designate { customer, environment, form } => {
            let admin = staff.admins.get(customer).ok_or(Error::NotFound)?;
            services.designate_sandbox(&by(admin), *environment, form).await
        }
        Act::HaltScope(scope) => halt(services, &by(&staff.lead), *scope).await,
        Act::Lift(halt) => services.lift_halt(&by(&staff.manager), *halt, "mended").await,
        Act::Freeze(form) => services.set_freeze(&by(&staff.manager), form, "a stocktaking").await,
        Act::Thaw(freeze) => services.end_freeze(&by(&staff.manager), *freeze, "counted").await,
        Act::Nonsense(rollout, kind) => nonsense(services, staff, *rollout, *kind).await,
        Act::Emergency(act) => emergencies::carry_out(services, staff, act).await,
        Act::Recovery(act) => recoveries::carry_out(services, staff, act).await,
        Act::Pull(act) => pulls::carry_out(services, staff, act).await,
        Act::Exemption(act) => exemptions::carry_out(services, staff, act).await,
        Act::Build(act) => builds::carry_out(services, staff, act).await,
    }
}

async fn halt(services: &Services, by: &RequestContext, scope: HaltScope) -> Result<FormOutcome, Error> {
    let why = "their sign-in fails";
    match scope {
        HaltScope::Station { rollout, station } => services.halt_station(by, rollout, station.0, why).await,
        HaltScope::Customer { customer, rollout } => services.halt_customer(by, customer, rollout, why).await,
        HaltScope::Everything => services.halt_everything(by, why).await,
        HaltScope::Build { .. } | HaltScope::Rollout { .. } => Err(Error::NotFound),
    }
}

async fn nonsense(services: &Services, staff: &Staff, rollout: RolloutId, kind: u8) -> Result<FormOutcome, Error> {
    let by = |actor: &Actor| context(services, actor);
    let nobody = RolloutId::new(uuid::Uuid::from_u128(u128::MAX));
    match kind % 7 {
        0 => services.approve_promotion(&by(&staff.approver), rollout, 0).await,
        1 => services.approve_promotion(&by(&staff.approver), rollout, 255).await,
        2 => services.halt_rollout(&by(&staff.lead), rollout, &"\u{202e}x".repeat(4_000)).await,
        3 => services.halt_rollout(&by(&staff.lead), rollout, " \r\n\t").await,
        4 => services.halt_rollout(&by(&staff.lead), nobody, "nobody").await,
        5 => services.resume_rollout(&by(&staff.approver), rollout, "not mine to resume").await,
        _ => services.start_rollout(&by(&staff.support), rollout).await,
    }
}

impl Act {
    fn words(&self) -> String {
        match self {
            Self::Start(rollout) => format!("start {rollout}"),
            Self::Approve(rollout, station) => format!("approve station {station} of {rollout}"),
            Self::ApproveOwn(rollout, station) => format!("the starter approves station {station} of {rollout}"),
            Self::Halt(rollout) => format!("halt {rollout}"),
            Self::Resume(rollout) => format!("resume {rollout}"),
            Self::Designate { environment, form, .. } => format!("designate {environment} {}", form.designation),
            Self::HaltScope(scope) => format!("halt {scope:?}"),
            Self::Lift(halt) => format!("lift {halt}"),
            Self::Freeze(form) => format!("freeze {} from {} to {}", form.scope, form.first, form.last),
            Self::Thaw(freeze) => format!("end the freeze {freeze}"),
            Self::Nonsense(rollout, kind) => format!("nonsense {} about {rollout}", kind % 7),
            Self::Emergency(act) => act.words(),
            Self::Recovery(act) => act.words(),
            Self::Pull(act) => act.words(),
            Self::Exemption(act) => act.words(),
            Self::Build(act) => act.words(),
        }
    }
}

/// What people do within the next hours beside what every train needs, each with how soon.
pub fn unusual(mix: &mut Mix, fleet: &Fleet, seen: &Seen, now: DateTime<Utc>) -> Vec<(TimeDelta, Act)> {
    let mut acts = Vec::new();
    emergencies::draw(mix, seen, now, &mut acts);
    recoveries::draw(mix, seen, &mut acts);
    pulls::draw(mix, seen, &mut acts);
    exemptions::draw(mix, fleet, seen, now, &mut acts);
    builds::draw(mix, seen, &mut acts);
    acts
}

/// One of them that changes what a server in the middle of its work believes.
pub fn meddling(mix: &mut Mix, seen: &Seen) -> Option<Act> {
    let ways = &seen.ways;
    let active = ways.emergencies.values().filter(|path| matches!(path.state, EmergencyState::Active { .. }));
    let mut acts: Vec<Act> =
        active.map(|path| Act::Emergency(EmergencyAct::End(path.request.rollout, path.id))).collect();
    let backward = ways.recoveries.values().filter(|known| matches!(known.plan.state, RecoveryState::Running { .. }));
    acts.extend(backward.map(|known| Act::Recovery(RecoveryAct::Abandon(known.rollout))));
    let asked = ways.exemptions.values().filter(|known| known.record.state == ExemptionState::Requested);
    acts.extend(asked.map(|known| Act::Exemption(ExemptionAct::Grant { exemption: known.record.id, read: true })));
    let booked = pulls::booked(seen);
    acts.extend(
        booked.map(|update| Act::Pull(PullAct::Undo { customer: update.customer, environment: update.environment })),
    );
    acts.extend(builds::offered(seen).map(|whole| Act::Build(BuildAct::Withdraw(whole.rollout.id))));
    mix.pick(&acts).cloned()
}

/// A customer's choice, sometimes one that cannot be, sometimes made from a page that is old.
pub fn choice(
    mix: &mut Mix,
    fleet: &std::collections::BTreeMap<EnvironmentId, store::environment::Environment>,
) -> Option<Act> {
    let all: Vec<_> = fleet.values().collect();
    let chosen = *mix.pick(&all)?;
    let own: Vec<EnvironmentId> =
        fleet.values().filter(|other| other.customer == chosen.customer).map(|other| other.id).collect();
    let words = ["standard", "early", "with_production", "with_production", "sideways"];
    let production = mix.pick(&own).copied().filter(|_| !mix.percent(10));
    let form = DesignateForm {
        designation: (*mix.pick(&words)?).to_owned(),
        production,
        generation: chosen.generation - i64::from(mix.percent(10)),
    };
    Some(Act::Designate { customer: chosen.customer, environment: chosen.id, form })
}
