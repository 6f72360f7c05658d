//! Designations in words: what holds now, and what each choice would do. Effects are worked out by
//! `domain::fleet::designation::designate`, which also carries the choice out.

use crate::words::EnvironmentNames;
use domain::clockface::Clockface;
use domain::fleet::designation::{DesignationEffect, DesignationError, Member, Promise, designate};
use domain::fleet::{Designation, EnvironmentKind};
use domain::ids::EnvironmentId;
use domain::number::days;
use domain::rollout::UpdateState;
use domain::rollout::words::Names;
use domain::wire::environment::{DesignationForm, DesignationOption};
use store::environment::Environment;
use store::update::WithRollout;

use super::next::is_under_way;

/// `With PROD`: for a list.
pub(super) fn short_text(environment: &Environment, names: &EnvironmentNames) -> String {
    match (environment.kind, environment.designation) {
        (EnvironmentKind::Sandbox, Designation::Early) => "Early, at station 1".to_owned(),
        (_, Designation::Early) => "First in its station".to_owned(),
        (_, Designation::WithProduction { production }) => format!("With {}", names.environment(production)),
        (EnvironmentKind::Sandbox, Designation::Standard) => "With other sandboxes".to_owned(),
        (EnvironmentKind::Trial, Designation::Standard) => "With sandboxes".to_owned(),
        (EnvironmentKind::Production, Designation::Standard) => "After sandboxes".to_owned(),
    }
}

/// For a page, as a sentence without a stop.
pub(super) fn long_text(environment: &Environment, names: &EnvironmentNames) -> String {
    match (environment.kind, environment.designation) {
        (EnvironmentKind::Sandbox, Designation::Early) => "Updated first of all, at station 1".to_owned(),
        (_, Designation::Early) => "Updated first in its station".to_owned(),
        (_, Designation::WithProduction { production }) => format!("Updated with {}", names.environment(production)),
        (EnvironmentKind::Sandbox, Designation::Standard) => "Updated with the other sandboxes".to_owned(),
        (EnvironmentKind::Trial, Designation::Standard) => "Updated with the sandboxes".to_owned(),
        (EnvironmentKind::Production, Designation::Standard) => "Updated after the sandboxes".to_owned(),
    }
}

/// What the rollout that is under way has promised for this sandbox.
pub(super) fn promise(updates: &[WithRollout]) -> Promise {
    let current = updates.iter().find(|with| is_under_way(&with.rollout.state));
    match current.map(|with| &with.update.state) {
        Some(UpdateState::Announced { night, .. }) => Promise::Announced(*night),
        Some(state) if state.is_running() => Promise::Running,
        _ => Promise::Nothing,
    }
}

/// What a choice does, as it is said before and after it is made.
pub(super) fn effect_text(sandbox: &Member, effect: &DesignationEffect, clock: &dyn Clockface) -> String {
    let name = &sandbox.name;
    let production = effect.production.as_deref().unwrap_or("its production");
    let from_when_on = match effect.designation {
        Designation::Standard => format!("From the next train on, {name} is updated with the other sandboxes."),
        Designation::Early => format!("From the next train on, {name} is updated first of all, at station 1."),
        Designation::WithProduction { .. } => {
            format!("From the next train on, {name} is updated with {production}.")
        }
    };
    let ahead = effect.ahead_of_production.then(|| {
        format!(
            "It runs another service update than {production} now; until both run the same one, it goes with the other \
             sandboxes."
        )
    });
    let stays = effect.stays.map(|night| format!("The update announced for {} stays.", clock.night(night)));
    [Some(from_when_on), ahead, stays].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The form of one sandbox.
pub(super) fn form(
    environment: &Environment,
    estate: &[Environment],
    promise: Promise,
    min_gap_days: u16,
    clock: &dyn Clockface,
) -> DesignationForm {
    let members: Vec<Member> = estate.iter().map(Environment::member).collect();
    let sandbox = environment.member();
    let productions: Vec<(EnvironmentId, String)> = estate
        .iter()
        .filter(|other| other.kind == EnvironmentKind::Production)
        .map(|other| (other.id, other.name.clone()))
        .collect();
    let followed = match environment.designation {
        Designation::WithProduction { production } => Some(production),
        Designation::Standard | Designation::Early => None,
    };
    let chooser = Chooser { sandbox: &sandbox, members: &members, promise, clock };
    let options = vec![
        chooser.option(
            "standard",
            "With the other sandboxes",
            &format!("The usual order: sandboxes first, production at least {} later.", days(min_gap_days)),
            &[Designation::Standard],
        ),
        chooser.option(
            "with_production",
            "With production",
            "Stays on the version of production, for troubleshooting.",
            &productions.iter().map(|(id, _)| Designation::WithProduction { production: *id }).collect::<Vec<_>>(),
        ),
        chooser.option(
            "early",
            "Early, at station 1",
            "First of all: you see fixes and problems before others.",
            &[Designation::Early],
        ),
    ];
    let production = followed.or_else(|| productions.first().map(|(id, _)| *id));
    DesignationForm { options, productions, production, generation: environment.generation }
}

struct Chooser<'a> {
    sandbox: &'a Member,
    members: &'a [Member],
    promise: Promise,
    clock: &'a dyn Clockface,
}

impl Chooser<'_> {
    /// `choices` has one entry for each production that could be followed; usually there is one.
    fn option(&self, key: &str, title: &str, hint: &str, choices: &[Designation]) -> DesignationOption {
        let chosen = match self.sandbox.designation {
            Designation::WithProduction { .. } => key == "with_production",
            Designation::Standard => key == "standard",
            Designation::Early => key == "early",
        };
        let outcomes: Vec<_> =
            choices.iter().map(|to| (*to, designate(self.sandbox, *to, self.members, self.promise))).collect();
        let refused = outcomes.iter().all(|(_, outcome)| outcome.is_err());
        let effect = match outcomes.as_slice() {
            [] => "There is no production environment that it could follow.".to_owned(),
            outcomes => {
                outcomes.iter().map(|(to, outcome)| self.outcome_text(*to, outcome)).collect::<Vec<_>>().join(" ")
            }
        };
        DesignationOption {
            key: key.to_owned(),
            title: title.to_owned(),
            hint: hint.to_owned(),
            effect,
            refused,
            chosen,
        }
    }

    fn outcome_text(&self, to: Designation, outcome: &Result<DesignationEffect, DesignationError>) -> String {
        match outcome {
            Ok(_) if to == self.sandbox.designation => "This is how it is now.".to_owned(),
            Ok(effect) => effect_text(self.sandbox, effect, self.clock),
            Err(error) => error.to_string(),
        }
    }
}
