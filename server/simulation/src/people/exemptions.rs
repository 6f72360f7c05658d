//! Exemptions: asked for by a customer or by support, granted or refused by somebody else, withdrawn. They end while the
//! simulation goes on, and some are reminded of before.

use super::emergencies::minutes;
use super::{Act, context};
use crate::watch::Seen;
use crate::world::fleet::Fleet;
use crate::world::staff::Staff;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::fleet::exemption::ExemptionState;
use domain::ids::{CustomerId, EnvironmentId, ExemptionId};
use domain::permission::Actor;
use domain::wire::problem::FormOutcome;
use services::mix::Mix;
use services::{Error, ExemptionForm, Services};

/// Of the rounds.
const ASKED_PERCENT: u8 = 6;
/// Some end before the owner is to be reminded, a week ahead, and some after.
const LASTS_DAYS: (i64, i64) = (1, 14);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExemptionAct {
    Ask { customer: CustomerId, environment: EnvironmentId, by_support: bool, last_day: NaiveDate },
    Grant { exemption: ExemptionId, read: bool },
    Refuse(ExemptionId),
    Withdraw(ExemptionId),
}

pub fn draw(mix: &mut Mix, fleet: &Fleet, seen: &Seen, now: DateTime<Utc>, acts: &mut Vec<(TimeDelta, Act)>) {
    if mix.percent(ASKED_PERCENT) {
        // Of others it must be refused.
        let strict = !mix.percent(10);
        let own = |environment: &&store::environment::NewEnvironment| {
            seen.ways.regulated.contains(&environment.customer) == strict
        };
        let asked: Vec<_> = fleet.environments.iter().filter(own).collect();
        if let Some(environment) = mix.pick(&asked) {
            let days = mix.between(LASTS_DAYS.0, LASTS_DAYS.1).unsigned_abs();
            let act = ExemptionAct::Ask {
                customer: environment.customer,
                environment: environment.id,
                by_support: mix.percent(30),
                last_day: now.date_naive() + Days::new(days),
            };
            acts.push((minutes(mix, 1, 180), Act::Exemption(act)));
        }
    }
    for known in seen.ways.exemptions.values() {
        let exemption = known.record.id;
        let act = match known.record.state {
            ExemptionState::Requested => match mix.below(10) {
                0..=4 => Some(ExemptionAct::Grant { exemption, read: true }),
                5 => Some(ExemptionAct::Grant { exemption, read: false }),
                6 => Some(ExemptionAct::Refuse(exemption)),
                _ => None,
            },
            ExemptionState::Granted { .. } if now < known.record.request.expires_at && mix.percent(2) => {
                Some(ExemptionAct::Withdraw(exemption))
            }
            _ => None,
        };
        acts.extend(act.map(|act| (minutes(mix, 1, 150), Act::Exemption(act))));
    }
}

pub async fn carry_out(services: &Services, staff: &Staff, act: &ExemptionAct) -> Result<FormOutcome, Error> {
    let by = |actor: &Actor| context(services, actor);
    match act {
        ExemptionAct::Ask { customer, environment, by_support, last_day } => {
            let owner = staff.admins.get(customer).ok_or(Error::NotFound)?;
            let asks = if *by_support { &staff.support } else { owner };
            let form = ExemptionForm {
                reason: "Validated system under GxP".to_owned(),
                evidence: "VP-1".to_owned(),
                last_day: last_day.to_string(),
            };
            services.request_exemption(&by(asks), *environment, &form).await
        }
        ExemptionAct::Grant { exemption, read } => {
            let view = services.show_exemption(&by(&staff.approver), *exemption).await?;
            // Whoever did not read it grants something else.
            let digest = if *read { view.digest } else { "0".repeat(view.digest.len()) };
            services.grant_exemption(&by(&staff.approver), *exemption, &digest).await
        }
        ExemptionAct::Refuse(exemption) => {
            services.refuse_exemption(&by(&staff.manager), *exemption, "no such plan").await
        }
        ExemptionAct::Withdraw(exemption) => {
            services.withdraw_exemption(&by(&staff.manager), *exemption, "the plan is outdated").await
        }
    }
}

impl ExemptionAct {
    pub fn words(&self) -> String {
        match self {
            Self::Ask { environment, last_day, .. } => {
                format!("ask for an exemption of {environment} until {last_day}")
            }
            Self::Grant { exemption, read } => format!("grant {exemption}, read: {read}"),
            Self::Refuse(exemption) => format!("refuse {exemption}"),
            Self::Withdraw(exemption) => format!("withdraw {exemption}"),
        }
    }
}
