//! Emergency paths: asked for, approved by two who are named (and by who asked, and by one twice, which must be refused),
//! ended, completed, reviewed. Each act looks at the page first, as a person does.

use super::{Act, context};
use crate::watch::Seen;
use crate::world::staff::Staff;
use chrono::{DateTime, TimeDelta, Utc};
use domain::emergency::{EmergencyPath, EmergencyState};
use domain::ids::{EmergencyId, FreezeId, RolloutId};
use domain::permission::Actor;
use domain::rollout::RolloutState;
use domain::wire::emergency::{EmergencyForm, EmergencyView};
use domain::wire::problem::FormOutcome;
use services::mix::Mix;
use services::{EmergencyActForm, Error, Services};
use store::census::WholeRollout;

/// Of the rounds in which a rollout runs; and where a freeze is near, which it may override.
const ASKED_PERCENT: u8 = 1;
const ASKED_IN_A_FREEZE_PERCENT: u8 = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmergencyAct {
    Ask {
        rollout: RolloutId,
        by_lead: bool,
        form: Box<EmergencyForm>,
    },
    /// By one of those who may be named; of four, two can.
    Approve {
        rollout: RolloutId,
        by: usize,
    },
    /// One that a page showed, however many are newer.
    End(RolloutId, EmergencyId),
    Complete {
        rollout: RolloutId,
        path: EmergencyId,
        pass: bool,
    },
    Review(RolloutId, EmergencyId),
    /// The operator leaves one of them out of the list.
    Name {
        without: usize,
    },
}

/// What people do about emergency paths within the next hours.
pub fn draw(mix: &mut Mix, seen: &Seen, now: DateTime<Utc>, acts: &mut Vec<(TimeDelta, Act)>) {
    let running = |whole: &&WholeRollout| matches!(whole.rollout.state, RolloutState::Running { .. });
    for whole in seen.rollouts.values().filter(running) {
        let near = near(seen, now);
        if mix.percent(if near.is_empty() { ASKED_PERCENT } else { ASKED_IN_A_FREEZE_PERCENT }) {
            let rollout = whole.rollout.id;
            let form = Box::new(form(mix, whole, near));
            let ask = EmergencyAct::Ask { rollout, by_lead: mix.percent(30), form };
            let mut at = minutes(mix, 1, 60);
            acts.push((at, Act::Emergency(ask)));
            for _ in 0..mix.between(1, 5) {
                at += minutes(mix, 1, 40);
                acts.push((at, Act::Emergency(EmergencyAct::Approve { rollout, by: anybody(mix) })));
            }
        }
    }
    for path in seen.ways.emergencies.values() {
        let rollout = path.request.rollout;
        let act = match &path.state {
            EmergencyState::Requested { .. } | EmergencyState::Approved { .. } => match mix.below(10) {
                0 => Some(EmergencyAct::End(rollout, path.id)),
                1..=5 => Some(EmergencyAct::Approve { rollout, by: anybody(mix) }),
                _ => None,
            },
            EmergencyState::Active { .. } if mix.percent(8) => Some(EmergencyAct::End(rollout, path.id)),
            EmergencyState::Active { .. } => owed(mix, path, 15),
            EmergencyState::Expired { .. } | EmergencyState::Ended { .. } if mix.percent(30) => {
                Some(EmergencyAct::Review(rollout, path.id))
            }
            EmergencyState::Expired { .. } | EmergencyState::Ended { .. } => owed(mix, path, 60),
            EmergencyState::Reviewed { .. } | EmergencyState::Withdrawn { .. } => None,
        };
        acts.extend(act.map(|act| (minutes(mix, 1, 150), Act::Emergency(act))));
    }
    if mix.percent(2) {
        acts.push((minutes(mix, 1, 150), Act::Emergency(EmergencyAct::Name { without: anybody(mix) })));
    }
}

fn owed(mix: &mut Mix, path: &EmergencyPath, percent: u8) -> Option<EmergencyAct> {
    let rollout = path.request.rollout;
    mix.percent(percent).then(|| EmergencyAct::Complete { rollout, path: path.id, pass: mix.percent(80) })
}

fn anybody(mix: &mut Mix) -> usize {
    usize::try_from(mix.below(4)).unwrap_or(0)
}

pub fn minutes(mix: &mut Mix, least: i64, most: i64) -> TimeDelta {
    TimeDelta::seconds(mix.between(least * 60, most * 60))
}

/// Freezes of the next nights.
fn near(seen: &Seen, now: DateTime<Utc>) -> Vec<FreezeId> {
    let soon = now.date_naive() + TimeDelta::days(3);
    let near = seen.freezes.iter().filter(|freeze| {
        let mut days = now.date_naive().iter_days().take_while(|day| *day <= soon);
        days.any(|day| freeze.span.covers(day))
    });
    near.map(|freeze| freeze.id).collect()
}

/// Nearly always something that may be asked for. Whoever overrides a freeze is in a hurry.
fn form(mix: &mut Mix, whole: &WholeRollout, near: Vec<FreezeId>) -> EmergencyForm {
    let hurried = !near.is_empty();
    let watched = whole.rollout.policy.gate.telemetry.is_some();
    let number = |mix: &mut Mix, percent, least, most| {
        if mix.percent(percent) { mix.between(least, most).to_string() } else { String::new() }
    };
    let tick = |mix: &mut Mix| if mix.percent(20) { "true".to_owned() } else { String::new() };
    // Nothing at all is no bake, and refused.
    let least_bake = i64::from(!mix.percent(5));
    EmergencyForm {
        rollout: Some(whole.rollout.id),
        criterion: mix.pick(&["security", "data_loss", "outage", "regulatory"]).copied().unwrap_or("outage").to_owned(),
        severity: if mix.percent(90) { "critical" } else { "low" }.to_owned(),
        reason: "tokens leak".to_owned(),
        bake_hours: number(mix, 80, least_bake, 8),
        covered_hours: number(mix, if watched { 70 } else { 0 }, 1, 6),
        samples: number(mix, if watched { 50 } else { 0 }, 5, 60),
        notice_hours: if hurried { number(mix, 90, 2, 20) } else { number(mix, 40, 6, 72) },
        gap_days: number(mix, 40, 1, 3),
        any_night: if mix.percent(50) { "true".to_owned() } else { String::new() },
        lasts_hours: mix.between(if hurried { 48 } else { 6 }, 168).to_string(),
        change_scrutiny: tick(mix),
        smoke_tests: tick(mix),
        integration_tests: tick(mix),
        overrides: near.into_iter().filter(|_| mix.percent(85)).collect(),
        ..EmergencyForm::default()
    }
}

pub async fn carry_out(services: &Services, staff: &Staff, act: &EmergencyAct) -> Result<FormOutcome, Error> {
    let by = |actor: &Actor| context(services, actor);
    let named = |by: usize| staff.nameable()[by % 4];
    match act {
        EmergencyAct::Ask { rollout, by_lead, form } => {
            let asks = if *by_lead { &staff.lead } else { &staff.manager };
            services.request_emergency(&by(asks), *rollout, form).await
        }
        EmergencyAct::Approve { rollout, by: who } => {
            let ctx = by(named(*who));
            let path = newest(services, named(*who), *rollout).await?;
            let form = EmergencyActForm { digest: path.digest, ..EmergencyActForm::default() };
            services.approve_emergency(&ctx, path.id, &form).await
        }
        EmergencyAct::End(_, path) => {
            services.end_emergency(&by(&staff.manager), *path, &text("the leak is closed")).await
        }
        EmergencyAct::Complete { rollout, path, pass } => {
            let page = services.show_emergency(&by(&staff.lead), *rollout).await?;
            let path = page.paths.into_iter().find(|shown| shown.id == *path).ok_or(Error::NotFound)?;
            let gate = path.debts.iter().find(|debt| debt.may_complete).ok_or(Error::NotFound)?.key.clone();
            let result = if *pass { "pass" } else { "fail" }.to_owned();
            let form = EmergencyActForm { gate, result, ..text("run 7") };
            services.complete_emergency_gate(&by(&staff.lead), path.id, &form).await
        }
        EmergencyAct::Review(_, path) => services.review_emergency(&by(&staff.manager), *path, &text("it held")).await,
        EmergencyAct::Name { without } => {
            let others = staff.nameable().into_iter().enumerate().filter(|(i, _)| *i != without % 4);
            let others: Vec<_> = others.map(|(_, actor)| actor.user).collect();
            services.set_emergency_approvers(&by(&staff.operator), &others).await
        }
    }
}

fn text(text: &str) -> EmergencyActForm {
    EmergencyActForm { text: text.to_owned(), ..EmergencyActForm::default() }
}

/// The path that its page shows first.
async fn newest(services: &Services, reader: &Actor, rollout: RolloutId) -> Result<EmergencyView, Error> {
    let page = services.show_emergency(&context(services, reader), rollout).await?;
    page.paths.into_iter().next().ok_or(Error::NotFound)
}

impl EmergencyAct {
    pub fn words(&self) -> String {
        match self {
            Self::Ask { rollout, form, .. } => {
                let EmergencyForm { bake_hours, notice_hours, gap_days, any_night, lasts_hours, .. } = &**form;
                let freezes = form.overrides.len();
                let nights = if any_night.is_empty() { "published windows" } else { "any night" };
                format!(
                    "ask for the emergency path of {rollout} (bake {bake_hours}, notice {notice_hours}, gap {gap_days}, {nights}, {freezes} freezes, {lasts_hours} h)"
                )
            }
            Self::Approve { rollout, by } => format!("person {by} approves the emergency path of {rollout}"),
            Self::End(rollout, _) => format!("end the emergency path of {rollout}"),
            Self::Complete { rollout, pass, .. } => format!("complete a shortened gate of {rollout}: {pass}"),
            Self::Review(rollout, _) => format!("review the emergency path of {rollout}"),
            Self::Name { without } => format!("name everybody but person {without}"),
        }
    }
}
