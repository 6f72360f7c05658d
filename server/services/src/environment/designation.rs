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

/// What the rollouts that are under way have promised for this sandbox: an update that runs counts before any night, and
/// of two announced nights the earlier one.
pub(super) fn promise(updates: &[WithRollout]) -> Promise {
    let open = || updates.iter().filter(|with| is_under_way(&with.rollout.state)).map(|with| &with.update.state);
    if open().any(UpdateState::is_running) {
        return Promise::Running;
    }
    let announced = open().filter_map(|state| match state {
        UpdateState::Announced { night, .. } => Some(*night),
        _ => None,
    });
    announced.min_by_key(|night| night.start).map_or(Promise::Nothing, Promise::Announced)
}

/// What a choice does, as it is said before and after it is made.
pub(super) fn effect_text(sandbox: &Member, effect: &DesignationEffect, clock: &dyn Clockface) -> String {
    let name = &sandbox.name;
    let production = effect.production.as_deref().unwrap_or("its production");
    let from_when_on = match effect.designation {
        // Its stage is the same; it is the order of starts that changes, and at once.
        Designation::Standard if sandbox.kind == EnvironmentKind::Production => {
            format!("{name} is updated in the usual order of its station.")
        }
        Designation::Early if sandbox.kind == EnvironmentKind::Production => format!(
            "{name} is updated first in its station: in the first night that its sandboxes and its days allow, before \
             others where there is no room for all."
        ),
        Designation::Standard => format!("From the next train on, {name} is updated with the other sandboxes."),
        Designation::Early => format!("From the next train on, {name} is updated first of all, at station 1."),
        Designation::WithProduction { .. } => {
            format!("From the next train on, {name} is updated with {production}.")
        }
    };
    let ahead = effect.ahead_of_production.then(|| {
        format!(
            "It runs a newer service update than {production} now; until {production} runs it too, it goes with the \
             other sandboxes."
        )
    });
    let stays = effect.stays.map(|night| format!("The update announced for {} stays.", clock.night(night)));
    [Some(from_when_on), ahead, stays].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The form of one sandbox, or of production.
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
    if environment.kind == EnvironmentKind::Production {
        let title = "When is this production updated?".to_owned();
        let (options, generation) = (of_production(&chooser, min_gap_days), environment.generation);
        return DesignationForm { title, options, productions: Vec::new(), production: None, generation };
    }
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
    let title = "When is this sandbox updated?".to_owned();
    DesignationForm { title, options, productions, production, generation: environment.generation }
}

fn of_production(chooser: &Chooser<'_>, min_gap_days: u16) -> Vec<DesignationOption> {
    let usual = format!("After the sandboxes, at least {} after your own.", days(min_gap_days));
    vec![
        chooser.option("standard", "In the usual order", &usual, &[Designation::Standard]),
        chooser.option(
            "early",
            "Early, first in its station",
            "You have fixes before others; your sandboxes still go first.",
            &[Designation::Early],
        ),
    ]
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

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};
    use domain::calendar::Night;
    use domain::ids::{CustomerId, RolloutId, UpdateId, UserId};
    use domain::rollout::{RolloutPolicy, RolloutState};
    use store::rollout::RolloutHead;
    use store::update::Update;
    use uuid::Uuid;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + day)
    }

    fn night(day: i64) -> Night {
        Night { date: at(day).date_naive(), start: at(day), end: at(day) + TimeDelta::hours(6) }
    }

    fn announced(day: i64) -> UpdateState {
        UpdateState::Announced { night: night(day), announced_at: at(0), moved: None }
    }

    fn under_way() -> RolloutState {
        RolloutState::Running { started_at: at(0), started_by: UserId::new(Uuid::nil()), resumed_at: None }
    }

    fn update(rollout: RolloutState, state: UpdateState) -> WithRollout {
        let id = RolloutId::new(Uuid::nil());
        WithRollout {
            update: Update {
                id: UpdateId::new(Uuid::nil()),
                rollout: id,
                environment: EnvironmentId::new(Uuid::nil()),
                customer: CustomerId::new(Uuid::nil()),
                stage: None,
                follows: None,
                state,
                reasons: Vec::new(),
                next: None,
                attempts: 0,
                last_failed_at: None,
                dispatched_at: None,
                created_at: at(0),
                generation: 1,
                part: domain::rollout::Part::Due,
                early: false,
                pull: None,
            },
            rollout: RolloutHead {
                id,
                train: "10.0.48 PQU-7".parse().unwrap(),
                build: "10.0.2645.147".parse().unwrap(),
                state: rollout,
                start: at(0).date_naive(),
                policy: RolloutPolicy::DEFAULT,
            },
            window: None,
        }
    }

    #[test]
    fn what_an_older_rollout_promised_holds_too() {
        let running = UpdateState::InProgress { night: night(3), started_at: at(3) };
        let newest = || update(under_way(), announced(9));
        assert_eq!(promise(&[newest(), update(under_way(), running.clone())]), Promise::Running);
        assert_eq!(promise(&[newest(), update(under_way(), announced(4))]), Promise::Announced(night(4)));
        let planned = update(under_way(), UpdateState::Planned);
        assert_eq!(promise(&[planned.clone(), newest()]), Promise::Announced(night(9)));
        assert_eq!(promise(&[planned, update(RolloutState::Draft, running)]), Promise::Nothing);
    }
}
