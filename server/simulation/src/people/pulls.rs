//! Customers take a build ahead of its night, in one of the nights that their page offers, and take that back. Now and then
//! a stranger tries it with an environment that is not theirs.

use super::emergencies::minutes;
use super::{Act, context};
use crate::invariants::rules::is_pulled;
use crate::watch::Seen;
use crate::world::staff::Staff;
use chrono::TimeDelta;
use domain::ids::{CustomerId, EnvironmentId};
use domain::permission::Actor;
use domain::rollout::{RolloutState, UpdateState};
use domain::wire::environment::PullView;
use domain::wire::problem::FormOutcome;
use services::mix::Mix;
use services::{Error, PullForm, Services};
use store::update::Update;

/// Of the rounds.
const TAKEN_PERCENT: u8 = 9;
/// Of the rounds, each that is booked.
const TAKEN_BACK_PERCENT: u8 = 7;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullAct {
    Take {
        customer: CustomerId,
        environment: EnvironmentId,
        pick: u64,
    },
    /// From a page that is old.
    TakeStale {
        customer: CustomerId,
        environment: EnvironmentId,
    },
    /// By another customer, to whom it does not exist.
    TakeForeign {
        customer: CustomerId,
        environment: EnvironmentId,
    },
    Undo {
        customer: CustomerId,
        environment: EnvironmentId,
    },
}

pub fn draw(mix: &mut Mix, seen: &Seen, acts: &mut Vec<(TimeDelta, Act)>) {
    let runs = |update: &Update| {
        seen.rollout_of(update).is_some_and(|whole| matches!(whole.rollout.state, RolloutState::Running { .. }))
    };
    let waits = |update: &&Update| {
        let to_come = matches!(
            update.state,
            UpdateState::Planned
                | UpdateState::Announced { .. }
                | UpdateState::Skipped { .. }
                | UpdateState::Held { .. }
        );
        to_come && update.pull.is_none() && runs(update)
    };
    if mix.percent(TAKEN_PERCENT) {
        let waiting: Vec<&Update> = seen.updates.values().filter(waits).collect();
        if let Some(update) = mix.pick(&waiting) {
            let (customer, environment) = (update.customer, update.environment);
            let act = match mix.below(12) {
                0 => PullAct::TakeStale { customer, environment },
                1 | 2 => PullAct::TakeForeign { customer, environment },
                _ => PullAct::Take { customer, environment, pick: mix.below(5) },
            };
            acts.push((minutes(mix, 1, 180), Act::Pull(act)));
        }
    }
    for update in booked(seen) {
        if mix.percent(TAKEN_BACK_PERCENT) {
            let (customer, environment) = (update.customer, update.environment);
            acts.push((minutes(mix, 1, 180), Act::Pull(PullAct::Undo { customer, environment })));
        }
    }
}

pub fn booked(seen: &Seen) -> impl Iterator<Item = &Update> {
    seen.updates.values().filter(|update| is_pulled(update) && update.state.is_announced())
}

pub async fn carry_out(services: &Services, staff: &Staff, act: &PullAct) -> Result<FormOutcome, Error> {
    let (PullAct::Take { customer, environment, .. }
    | PullAct::TakeStale { customer, environment }
    | PullAct::TakeForeign { customer, environment }
    | PullAct::Undo { customer, environment }) = *act;
    let owner = staff.admins.get(&customer).ok_or(Error::NotFound)?;
    let ctx = context(services, owner);
    let view = page(services, owner, environment).await?;
    match act {
        PullAct::Take { pick, .. } => {
            let form = chosen(view.as_ref(), *pick);
            services.pull_ahead(&ctx, environment, &form).await
        }
        PullAct::TakeStale { .. } => {
            let form = chosen(view.as_ref(), 0);
            let form = PullForm { generation: form.generation - 1, ..form };
            services.pull_ahead(&ctx, environment, &form).await
        }
        PullAct::TakeForeign { .. } => {
            let stranger = staff.admins.iter().find(|(other, _)| **other != customer).ok_or(Error::NotFound)?.1;
            let form = chosen(view.as_ref(), 0);
            services.pull_ahead(&context(services, stranger), environment, &form).await
        }
        PullAct::Undo { .. } => {
            let generation = match view {
                Some(PullView::Booked { generation, .. } | PullView::Offered { generation, .. }) => generation,
                _ => 0,
            };
            services.undo_pull(&ctx, environment, generation).await
        }
    }
}

async fn page(services: &Services, owner: &Actor, environment: EnvironmentId) -> Result<Option<PullView>, Error> {
    Ok(services.show_environment(&context(services, owner), environment).await?.pull)
}

/// Whoever is offered nothing asks for now.
fn chosen(view: Option<&PullView>, pick: u64) -> PullForm {
    let (options, generation) = match view {
        Some(PullView::Offered { options, generation, .. }) => (&options[..], *generation),
        _ => (&[][..], 0),
    };
    let pick = usize::try_from(pick).unwrap_or(0);
    let option = options.get(pick.min(options.len().saturating_sub(1)));
    PullForm { start: option.map_or_else(|| "now".to_owned(), |option| option.key.clone()), generation }
}

impl PullAct {
    pub fn words(&self) -> String {
        match self {
            Self::Take { environment, pick, .. } => format!("take {environment} ahead, option {pick}"),
            Self::TakeStale { environment, .. } => format!("take {environment} ahead from an old page"),
            Self::TakeForeign { environment, .. } => format!("a stranger takes {environment} ahead"),
            Self::Undo { environment, .. } => format!("do not take {environment} ahead"),
        }
    }
}
