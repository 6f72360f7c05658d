//! Ways out of a halt: one that the page shows open is proposed, approved by somebody else (and by who proposed it, which
//! must be refused), started, now and then abandoned.

use super::emergencies::minutes;
use super::{Act, context};
use crate::watch::Seen;
use crate::world::staff::Staff;
use chrono::TimeDelta;
use domain::ids::RolloutId;
use domain::permission::Actor;
use domain::recovery::{RecoveryPath, RecoveryState};
use domain::rollout::{RolloutKind, RolloutState};
use domain::wire::problem::FormOutcome;
use domain::wire::recovery::{RecoveryPageView, RecoveryParams};
use services::mix::Mix;
use services::{Error, RecoveryActForm, RecoveryForm, Services};

/// Of the rounds in which a rollout stands and nobody looks for a way out yet.
const PROPOSED_PERCENT: u8 = 40;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecoveryAct {
    /// The one of the open ways, else of all, that `pick` falls on.
    Propose {
        rollout: RolloutId,
        by_lead: bool,
        pick: u64,
    },
    /// `own`: by the release manager, who mostly proposed it.
    Approve {
        rollout: RolloutId,
        own: bool,
    },
    Start(RolloutId),
    Abandon(RolloutId),
    /// What a way forward drafted.
    StartDraft(RolloutId),
}

pub fn draw(mix: &mut Mix, seen: &Seen, acts: &mut Vec<(TimeDelta, Act)>) {
    for whole in seen.rollouts.values() {
        let rollout = whole.rollout.id;
        let descent = whole.rollout.descent;
        match &whole.rollout.state {
            // Nobody recovers from a way back: it is abandoned, and another way is chosen.
            RolloutState::Halted { .. } if descent.kind == RolloutKind::Forward => {
                let open =
                    seen.ways.recoveries.values().find(|known| known.rollout == rollout && is_open(&known.plan.state));
                match open.map(|known| &known.plan.state) {
                    None if mix.percent(PROPOSED_PERCENT) => propose(mix, rollout, acts),
                    Some(state) => acts.extend(follow(mix, rollout, state)),
                    None => {}
                }
            }
            RolloutState::Draft if descent.recovery.is_some() && mix.percent(60) => {
                acts.push((minutes(mix, 1, 120), Act::Recovery(RecoveryAct::StartDraft(rollout))));
            }
            _ => {}
        }
    }
}

pub const fn is_open(state: &RecoveryState) -> bool {
    !matches!(state, RecoveryState::Completed { .. } | RecoveryState::Abandoned { .. })
}

fn propose(mix: &mut Mix, rollout: RolloutId, acts: &mut Vec<(TimeDelta, Act)>) {
    let by_lead = mix.percent(30);
    let mut at = minutes(mix, 1, 30);
    acts.push((at, Act::Recovery(RecoveryAct::Propose { rollout, by_lead, pick: mix.draw() })));
    for own in [true, false] {
        if !own || mix.percent(15) {
            at += minutes(mix, 1, 20);
            acts.push((at, Act::Recovery(RecoveryAct::Approve { rollout, own })));
        }
    }
    at += minutes(mix, 1, 40);
    acts.push((at, Act::Recovery(RecoveryAct::Start(rollout))));
}

fn follow(mix: &mut Mix, rollout: RolloutId, state: &RecoveryState) -> Option<(TimeDelta, Act)> {
    let abandoned = mix.percent(4);
    let act = match state {
        _ if abandoned => Some(RecoveryAct::Abandon(rollout)),
        RecoveryState::Proposed => Some(RecoveryAct::Approve { rollout, own: mix.percent(20) }),
        RecoveryState::Approved { .. } if mix.percent(80) => Some(RecoveryAct::Start(rollout)),
        _ => None,
    };
    act.map(|act| (minutes(mix, 1, 120), Act::Recovery(act)))
}

pub async fn carry_out(services: &Services, staff: &Staff, act: &RecoveryAct) -> Result<FormOutcome, Error> {
    let by = |actor: &Actor| context(services, actor);
    match act {
        RecoveryAct::Propose { rollout, by_lead, pick } => {
            let proposes = if *by_lead { &staff.lead } else { &staff.manager };
            let page = page(services, proposes, *rollout).await?;
            let open = page.ways.iter().filter(|way| way.obstacles.is_empty()).map(|way| way.key.as_str());
            let (mut open, all): (Vec<&str>, _) = (open.collect(), RecoveryPath::ALL.map(RecoveryPath::key));
            // Mostly open, and the only one where nobody runs the build: else the others are looked at first.
            if open.len() > 1 && pick % 5 > 0 {
                open.retain(|key| *key != RecoveryPath::RollForward.key());
            }
            let chosen = Mix::keyed(*pick, &[]).pick(if open.is_empty() { &all[..] } else { &open[..] }).copied();
            let form = RecoveryForm { path: chosen.unwrap_or_default().to_owned(), reason: "posting fails".to_owned() };
            services.propose_recovery(&by(proposes), *rollout, &form).await
        }
        RecoveryAct::Approve { rollout, own } => {
            let approves = if *own { &staff.manager } else { &staff.approver };
            let newest = page(services, approves, *rollout).await?.recoveries.into_iter().next();
            let recovery = newest.ok_or(Error::NotFound)?;
            let form = RecoveryActForm { digest: recovery.digest, reason: String::new() };
            services.approve_recovery(&by(approves), recovery.id, &form).await
        }
        RecoveryAct::Start(rollout) => {
            let newest = page(services, &staff.manager, *rollout).await?.recoveries.into_iter().next();
            services.start_recovery(&by(&staff.manager), newest.ok_or(Error::NotFound)?.id).await
        }
        RecoveryAct::Abandon(rollout) => {
            let newest = page(services, &staff.lead, *rollout).await?.recoveries.into_iter().next();
            let form = RecoveryActForm { digest: String::new(), reason: "the fix is near".to_owned() };
            services.abandon_recovery(&by(&staff.lead), newest.ok_or(Error::NotFound)?.id, &form).await
        }
        RecoveryAct::StartDraft(rollout) => services.start_rollout(&by(&staff.manager), *rollout).await,
    }
}

async fn page(services: &Services, reader: &Actor, rollout: RolloutId) -> Result<RecoveryPageView, Error> {
    let params = RecoveryParams { rollout: Some(rollout), severity: String::new() };
    services.show_recovery(&context(services, reader), &params).await
}

impl RecoveryAct {
    pub fn words(&self) -> String {
        match self {
            Self::Propose { rollout, .. } => format!("propose a way out of the halt of {rollout}"),
            Self::Approve { rollout, own: true } => format!("the manager approves the way out of {rollout}"),
            Self::Approve { rollout, own: false } => format!("approve the way out of {rollout}"),
            Self::Start(rollout) => format!("start the way out of {rollout}"),
            Self::Abandon(rollout) => format!("abandon the way out of {rollout}"),
            Self::StartDraft(rollout) => format!("start {rollout}, the way forward"),
        }
    }
}
