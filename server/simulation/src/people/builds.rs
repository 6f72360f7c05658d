//! What is done about a build itself: withdrawn while it is offered (F17) and approved again, reported as the cause of an
//! incident. A plan that was made before a withdrawal must start nothing after it.

use super::emergencies::minutes;
use super::{Act, context};
use crate::watch::Seen;
use crate::world::staff::Staff;
use chrono::TimeDelta;
use domain::ids::RolloutId;
use domain::release::BuildVersion;
use domain::rollout::RolloutState;
use domain::wire::problem::FormOutcome;
use services::mix::Mix;
use services::{Error, IncidentForm, Services};
use store::census::WholeRollout;

/// Of the rounds.
const WITHDRAWN_PERCENT: u8 = 2;
const REPORTED_PERCENT: u8 = 3;
/// Of the incidents. What customers suffer from halts the build.
const SUFFERED_PERCENT: u8 = 25;
/// So few that some are reported twice, and some against another build.
const TICKETS: i64 = 12;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildAct {
    /// The build of this rollout.
    Withdraw(RolloutId),
    /// As it is read just then.
    Approve(RolloutId),
    Report {
        build: BuildVersion,
        suffered: bool,
        ticket: i64,
    },
}

pub fn draw(mix: &mut Mix, seen: &Seen, acts: &mut Vec<(TimeDelta, Act)>) {
    let offered: Vec<&WholeRollout> = offered(seen).collect();
    if mix.percent(WITHDRAWN_PERCENT)
        && let Some(whole) = mix.pick(&offered)
    {
        acts.push((minutes(mix, 1, 180), Act::Build(BuildAct::Withdraw(whole.rollout.id))));
    }
    if mix.percent(REPORTED_PERCENT)
        && let Some(whole) = mix.pick(&offered)
    {
        let (suffered, ticket) = (mix.percent(SUFFERED_PERCENT), mix.between(1, TICKETS));
        let act = BuildAct::Report { build: whole.rollout.version, suffered, ticket };
        acts.push((minutes(mix, 1, 180), Act::Build(act)));
    }
}

/// What runs, and whose build nobody has withdrawn.
pub fn offered(seen: &Seen) -> impl Iterator<Item = &WholeRollout> {
    let runs = |whole: &&WholeRollout| matches!(whole.rollout.state, RolloutState::Running { .. });
    seen.rollouts.values().filter(runs).filter(|whole| !seen.withheld.contains_key(&whole.rollout.build))
}

/// Approvals that withdrawn builds wait for.
pub fn owed(seen: &Seen) -> Vec<Act> {
    let waits = |whole: &&WholeRollout| {
        let over = matches!(whole.rollout.state, RolloutState::Completed { .. });
        !over && seen.withheld.contains_key(&whole.rollout.build)
    };
    let waiting = seen.rollouts.values().filter(waits);
    waiting.map(|whole| Act::Build(BuildAct::Approve(whole.rollout.id))).collect()
}

pub async fn carry_out(services: &Services, staff: &Staff, act: &BuildAct) -> Result<FormOutcome, Error> {
    match act {
        BuildAct::Withdraw(rollout) => {
            services.withdraw_build(&context(services, &staff.manager), *rollout, "signed with the wrong key").await
        }
        BuildAct::Approve(rollout) => {
            let conn = services.db().reader();
            let rollout = store::rollout::find_unreported(conn, *rollout).await?.ok_or(Error::NotFound)?;
            let build = store::build::find(conn, rollout.build).await?.ok_or(Error::NotFound)?;
            let artifact = build.artifact.to_string();
            services.approve_build(&context(services, &staff.approver), rollout.id, &artifact).await
        }
        BuildAct::Report { build, suffered, ticket } => {
            let form = IncidentForm {
                reference: format!("T-{ticket}"),
                build: build.to_string(),
                source: if *suffered { "customers" } else { "staff" }.to_owned(),
                severity: "low".to_owned(),
                finding: "posting is slow".to_owned(),
            };
            services.report_incident(&context(services, &staff.support), &form).await
        }
    }
}

impl BuildAct {
    pub fn words(&self) -> String {
        match self {
            Self::Withdraw(rollout) => format!("withdraw the build of {rollout}"),
            Self::Approve(rollout) => format!("approve the build of {rollout} again"),
            Self::Report { build, suffered, ticket } => {
                format!("report T-{ticket} against {build}, customers suffer: {suffered}")
            }
        }
    }
}
