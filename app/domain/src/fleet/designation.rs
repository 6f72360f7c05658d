//! The choice a customer makes: with whom a sandbox is updated, whether an environment goes early, and what that choice
//! does from when on. Source: seed "Sandbox sync designation", and "the process will start with environments that opt in
//! for early deployment", said of sandboxes and of production; rules G2, G5. The effect is said by the same function that
//! carries it out.

use super::environment::{Designation, EnvironmentKind};
use crate::calendar::Night;
use crate::ids::EnvironmentId;
use crate::release::ServiceUpdate;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An environment as far as designations care.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: EnvironmentId,
    pub name: String,
    pub kind: EnvironmentKind,
    pub service_update: ServiceUpdate,
    pub designation: Designation,
}

/// Why a choice is refused. Each names the field it belongs to through [`DesignationError::field`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DesignationError {
    #[error("Only a sandbox can follow production, and a trial goes with the sandboxes.")]
    NotASandbox,
    #[error("Choose the production environment that this sandbox follows.")]
    NoSuchProduction,
    #[error(
        "This would leave no sandbox in the usual order or early: at least one has to be updated before production."
    )]
    NoSandboxLeftInFront,
    #[error("Its update is running. Choose again when it has finished.")]
    UpdateRunning,
}

impl DesignationError {
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoSuchProduction => "production",
            Self::NotASandbox | Self::NoSandboxLeftInFront | Self::UpdateRunning => "designation",
        }
    }
}

/// What the running rollout has already promised for this sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    Nothing,
    Announced(Night),
    Running,
}

/// What a choice will do. `stays` is an announced night that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DesignationEffect {
    pub designation: Designation,
    /// The name of the production it follows, where it follows one.
    pub production: Option<String>,
    pub stays: Option<Night>,
    /// It runs a newer service update than its production and so moves with the other sandboxes for now (rule G5).
    pub ahead_of_production: bool,
}

/// A sandbox has every choice, production opts in early or out of it, a trial has none.
const fn may_choose(kind: EnvironmentKind, to: Designation) -> bool {
    match kind {
        EnvironmentKind::Sandbox => true,
        EnvironmentKind::Production => matches!(to, Designation::Standard | Designation::Early),
        EnvironmentKind::Trial => false,
    }
}

/// Checks a choice and says its effect. `estate` is all of the customer's environments, `sandbox` one of them.
pub fn designate(
    sandbox: &Member,
    to: Designation,
    estate: &[Member],
    promise: Promise,
) -> Result<DesignationEffect, DesignationError> {
    if !may_choose(sandbox.kind, to) {
        return Err(DesignationError::NotASandbox);
    }
    if promise == Promise::Running {
        return Err(DesignationError::UpdateRunning);
    }
    let production = match to {
        Designation::WithProduction { production } => Some(find_production(estate, production)?),
        Designation::Standard | Designation::Early => None,
    };
    if production.is_some() && !others_in_front(sandbox.id, estate) {
        return Err(DesignationError::NoSandboxLeftInFront);
    }
    Ok(DesignationEffect {
        designation: to,
        production: production.map(|p| p.name.clone()),
        stays: match promise {
            Promise::Announced(night) => Some(night),
            Promise::Nothing | Promise::Running => None,
        },
        ahead_of_production: production.is_some_and(|p| moves_with_sandboxes(sandbox.service_update, p.service_update)),
    })
}

/// Rule G5: a designated sandbox that tests a newer service update than its production moves with the other sandboxes.
pub fn moves_with_sandboxes(sandbox: ServiceUpdate, production: ServiceUpdate) -> bool {
    sandbox > production
}

fn find_production(estate: &[Member], id: EnvironmentId) -> Result<&Member, DesignationError> {
    estate
        .iter()
        .find(|member| member.id == id && member.kind == EnvironmentKind::Production)
        .ok_or(DesignationError::NoSuchProduction)
}

/// "Customers who have multiple sandboxes will be able to specify …" (seed): one must stay in front of production.
fn others_in_front(sandbox: EnvironmentId, estate: &[Member]) -> bool {
    estate.iter().any(|member| {
        member.id != sandbox
            && member.kind == EnvironmentKind::Sandbox
            && !matches!(member.designation, Designation::WithProduction { .. })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(id: u128, kind: EnvironmentKind, service_update: &str) -> Member {
        let name = format!("{kind:?} {id}");
        let id = EnvironmentId::new(Uuid::from_u128(id));
        Member { id, name, kind, service_update: service_update.parse().unwrap(), designation: Designation::Standard }
    }

    #[test]
    fn production_opts_in_early_and_follows_nobody_and_a_trial_has_no_choice() {
        let (production, trial) = (member(1, EnvironmentKind::Production, "10.0.48"), EnvironmentKind::Trial);
        let estate = [production.clone(), member(2, EnvironmentKind::Sandbox, "10.0.48"), member(3, trial, "10.0.48")];
        let choose = |of: &Member, to| designate(of, to, &estate, Promise::Nothing);
        for to in [Designation::Early, Designation::Standard] {
            let effect = choose(&production, to).unwrap();
            assert_eq!((effect.designation, effect.production, effect.ahead_of_production), (to, None, false));
            assert_eq!(choose(&estate[2], to), Err(DesignationError::NotASandbox));
        }
        let with = Designation::WithProduction { production: production.id };
        assert_eq!(choose(&production, with), Err(DesignationError::NotASandbox));
        assert_eq!(
            designate(&production, Designation::Early, &estate, Promise::Running),
            Err(DesignationError::UpdateRunning)
        );
    }

    #[test]
    fn only_a_newer_service_update_leads_away_from_production() {
        let production = member(1, EnvironmentKind::Production, "10.0.48");
        for (on, ahead) in [("10.0.47", false), ("10.0.48", false), ("10.0.49", true)] {
            let sandbox = member(2, EnvironmentKind::Sandbox, on);
            let estate = [production.clone(), sandbox.clone(), member(3, EnvironmentKind::Sandbox, "10.0.48")];
            let to = Designation::WithProduction { production: production.id };
            let effect = designate(&sandbox, to, &estate, Promise::Nothing).unwrap();
            assert_eq!(effect.ahead_of_production, ahead, "{on}");
        }
    }
}
