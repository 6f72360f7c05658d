//! The planner's working sheet: each environment with its standing, the production it follows, the own sandboxes that
//! go before it, and the night that is chosen or would be.

use super::nights::{Nights, Wish};
use super::rules::Rules;
use super::seat::Seat;
use super::share;
use super::standing::{self, Standing};
use crate::calendar::{MaintenanceDays, Night, StageWindow};
use crate::fleet::designation::moves_with_sandboxes;
use crate::fleet::{Audience, EnvironmentKind, StageKey};
use crate::freeze::Freeze;
use crate::ids::{CustomerId, EnvironmentId};
use crate::rollout::facts::{Following, RolloutFacts};
use crate::rollout::halt::HaltScope;
use crate::rollout::report::EnvironmentReason;
use crate::rollout::state::UpdateState;
use crate::rollout::tally::Part;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Why this night: the reasons that hold as long as the environment is aboard.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// Chosen already, or the one that would be chosen now.
    pub night: Option<Night>,
    /// Own sandbox whose night sets the earliest night of this production (rule G3).
    pub gap: Option<Night>,
    pub reasons: Vec<EnvironmentReason>,
}

#[derive(Debug)]
pub struct Board<'a> {
    pub facts: &'a RolloutFacts,
    pub now: DateTime<Utc>,
    pub rules: Rules<'a>,
    pub declared: TimeDelta,
    pub gap: TimeDelta,
    pub seats: Vec<Seat<'a>>,
    pub(super) by_customer: HashMap<CustomerId, Vec<usize>>,
    busy_elsewhere: HashSet<EnvironmentId>,
}

impl<'a> Board<'a> {
    pub fn new(facts: &'a RolloutFacts, now: DateTime<Utc>) -> Self {
        let index: HashMap<EnvironmentId, usize> =
            facts.environments.iter().enumerate().map(|(i, e)| (e.id, i)).collect();
        let mut by_customer: HashMap<CustomerId, Vec<usize>> = HashMap::new();
        let mut seats = Vec::with_capacity(facts.environments.len());
        for (i, environment) in facts.environments.iter().enumerate() {
            by_customer.entry(environment.customer).or_default().push(i);
            let follows = standing::follows(facts, environment).and_then(|id| index.get(&id).copied());
            let production = follows.map(|p| &facts.environments[p]);
            let standing = standing::judge(facts, environment, production, now);
            let place = share::place(facts.rollout, environment.id);
            let stage = standing::stage(facts, environment, production);
            seats.push(Seat { facts: environment, standing, stage, follows, place, turn: Turn::default() });
        }
        let elsewhere = facts.in_flight.iter().filter(|running| !running.own);
        let rules = Rules::of(facts, now);
        let mut board = Self {
            facts,
            now,
            declared: TimeDelta::minutes(facts.policy.declared_minutes.into()),
            gap: TimeDelta::days(rules.policy.min_gap_days.into()),
            rules,
            seats,
            by_customer,
            busy_elsewhere: elsewhere.map(|running| running.environment).collect(),
        };
        board.hold_where_sandboxes_failed();
        board.assign_turns();
        board
    }

    /// Sandboxes first, then production (whose gap looks at them), then the sandboxes that move with production.
    fn assign_turns(&mut self) {
        let order = |seat: &Seat<'_>| match (seat.is_production(), seat.follows) {
            (false, None) => 0,
            (true, _) => 1,
            (false, Some(_)) => 2,
        };
        for pass in 0..3 {
            for i in 0..self.seats.len() {
                if order(&self.seats[i]) == pass {
                    self.seats[i].turn = self.turn(i, None);
                }
            }
        }
    }

    /// It runs an update of another rollout; one environment is never in two.
    pub fn busy_elsewhere(&self, environment: EnvironmentId) -> bool {
        self.busy_elsewhere.contains(&environment)
    }

    /// The production that it moves with.
    pub fn followed(&self, seat: &Seat<'_>) -> Option<EnvironmentId> {
        seat.follows.map(|production| self.seats[production].facts.id)
    }

    pub fn window(&self, stage: StageKey) -> Option<StageWindow> {
        self.rules.windows.get(&stage).copied()
    }

    /// The turn of one environment: the night it has, else the one it would get. With `after`, the night it would get
    /// if it may not start before that instant, and at once where notice is not owed again.
    pub fn turn(&self, i: usize, after: Option<DateTime<Utc>>) -> Turn {
        let seat = &self.seats[i];
        if let (Some(booked), None) = (seat.pulled(), after) {
            let night = seat.state().and_then(UpdateState::night);
            return Turn { night, gap: None, reasons: vec![booked.reason()] };
        }
        let Some(nights) = self.nights(seat) else { return Turn::default() };
        let gap = self.gap_sandbox(i);
        let mut turn = Turn { night: None, gap, reasons: self.standing_reasons(seat, nights.window) };
        let kept = seat.state().and_then(UpdateState::night_or_tried).filter(|_| after.is_none());
        if let Some(night) = kept {
            turn.reasons.extend(reasons_of_the_choice(seat));
            self.explain_gap(seat, &mut turn);
            turn.night = Some(night);
            return turn;
        }
        let notice = self.now + self.rules.notice;
        let earliest = [
            Some(after.unwrap_or(notice)),
            gap.map(|sandbox| sandbox.start + self.gap),
            self.production_night(seat).map(|night| night.start),
        ];
        let latest = self.latest_for_production(i);
        let wish = Wish {
            nights,
            earliest: earliest.into_iter().flatten().max().unwrap_or(self.now),
            latest: latest.map(|(_, at)| at),
            place: self.is_spread(seat, after).then_some(seat.place),
        };
        if let Some(choice) = wish.choose() {
            if let (true, Some((production, _))) = (choice.keeps_gap, latest) {
                let days = self.rules.policy.min_gap_days;
                turn.reasons.push(EnvironmentReason::KeepsGapForProduction { production, days });
            }
            turn.reasons.extend(choice.frozen.map(|found| frozen_for(choice.night, found)));
            if let Some(other) = choice.clash {
                turn.reasons.push(EnvironmentReason::Clash { train: other.train, night: other.night });
            }
            if choice.pushed && wish.earliest == notice {
                turn.reasons.push(self.notice_owed());
            }
            self.explain_gap(seat, &mut turn);
            turn.night = Some(choice.night);
        } else {
            turn.reasons.extend(nights.frozen_from(wish.earliest).map(frozen));
        }
        turn
    }

    /// Over the nights of its window; who is early, follows somebody or is in a hurry takes the first.
    fn is_spread(&self, seat: &Seat<'_>, after: Option<DateTime<Utc>>) -> bool {
        after.is_none() && !seat.early() && seat.follows.is_none() && self.rules.any_night().is_none()
    }

    /// The nights in which it may be updated; `None` where it has no stage or no dark hours.
    pub fn nights<'b>(&'b self, seat: &'b Seat<'a>) -> Option<Nights<'b>> {
        Some(Nights {
            window: self.window(seat.stage?)?,
            dark_hours: seat.facts.placement.dark_hours?,
            days: self.rules.days(seat.facts),
            freezes: &self.rules.freezes,
            place: seat.facts.place(),
            elsewhere: &seat.facts.elsewhere,
        })
    }

    fn standing_reasons(&self, seat: &Seat<'_>, window: StageWindow) -> Vec<EnvironmentReason> {
        let mut reasons = vec![EnvironmentReason::StageTurn { window }];
        if let Some(production) = self.followed(seat) {
            reasons.push(EnvironmentReason::MovesWithProduction { production });
        } else if let Some(Following { production, service_update, .. }) = seat.facts.following {
            if moves_with_sandboxes(self.facts.train.service_update, service_update) {
                reasons.push(EnvironmentReason::MovesWithSandboxes { production });
            } else if window.stage.audience == Audience::Production {
                reasons.push(EnvironmentReason::MovesWithProduction { production });
            }
        }
        if seat.early() {
            reasons.push(EnvironmentReason::EarlyOptIn);
        }
        match (self.rules.any_night(), seat.facts.days) {
            (Some(quick), _) => reasons.push(EnvironmentReason::AnyNight { why: quick.why.clone() }),
            (None, MaintenanceDays::Weekend) => reasons.push(EnvironmentReason::WeekendOnly),
            (None, MaintenanceDays::Chosen(_)) => reasons.push(EnvironmentReason::ChosenWeekdays),
            (None, MaintenanceDays::AnyNight) => {}
        }
        reasons
    }

    fn notice_owed(&self) -> EnvironmentReason {
        let short = self.rules.quick.as_ref().and_then(|quick| Some((quick.notice_hours?, quick.why.clone())));
        match short {
            Some((hours, why)) => EnvironmentReason::ShortNotice { hours, why },
            None => EnvironmentReason::NoticePeriod { days: self.facts.policy.notice_days },
        }
    }

    /// Said where the gap pushed production past the first night of its window.
    fn explain_gap(&self, seat: &Seat<'a>, turn: &mut Turn) {
        if let Some(sandbox) = turn.gap
            && let Some(first) = self.own_first_possible(seat)
            && sandbox.start + self.gap > first.start
        {
            let days = self.rules.policy.min_gap_days;
            turn.reasons.push(EnvironmentReason::GapToSandbox { sandbox_night: sandbox, days });
        }
    }

    /// For a sandbox: the latest start that lets its customer's production keep the gap within its own window, and
    /// that production. A production with chosen weekdays finds a night after the window and sets no limit.
    fn latest_for_production(&self, i: usize) -> Option<(EnvironmentId, DateTime<Utc>)> {
        let seat = &self.seats[i];
        let before_production = seat.stage.is_some_and(|stage| stage.audience == Audience::Sandbox);
        if seat.facts.kind != EnvironmentKind::Sandbox || !before_production {
            return None;
        }
        let productions = self.by_customer.get(&seat.facts.customer)?.iter().map(|j| &self.seats[*j]);
        let own = self.own_first_possible(seat)?;
        productions
            .filter(|production| {
                let days = self.rules.days(production.facts);
                production.is_production() && !matches!(days, MaintenanceDays::Chosen(_))
            })
            .filter_map(|production| {
                let Standing::Aboard(_) = production.standing else { return None };
                let last = self.nights(production)?.last_in_window()?;
                Some((production.facts.id, last.start - self.gap))
            })
            .filter(|(_, latest)| own.start <= *latest)
            .min_by_key(|(_, latest)| *latest)
    }

    fn own_first_possible(&self, seat: &Seat<'a>) -> Option<Night> {
        self.nights(seat)?.first_possible()
    }

    /// The night of the production that this sandbox moves with, as long as it is still to come.
    pub fn production_night(&self, seat: &Seat<'_>) -> Option<Night> {
        let production = &self.seats[seat.follows?];
        match production.state() {
            Some(UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. }) => None,
            _ => production.turn.night,
        }
    }

    /// Its turn falls into its stage's own window, whatever happened since: weekend-only environments in a weekday
    /// window and production whose sandbox is visited later never count as due.
    pub fn due(&self, i: usize) -> bool {
        let seat = &self.seats[i];
        let Some(last) = self.nights(seat).and_then(|nights| nights.last_in_window()) else { return false };
        let first_sandbox = seat
            .is_production()
            .then(|| self.own_sandboxes(i).filter_map(|s| self.own_first_possible(s)).max_by_key(|night| night.start))
            .flatten();
        let follows_outside = seat.follows.is_some_and(|production| !self.due(production));
        !follows_outside && first_sandbox.is_none_or(|sandbox| sandbox.start + self.gap <= last.start)
    }

    /// What it counts for in its stage.
    pub fn part(&self, i: usize) -> Part {
        let seat = &self.seats[i];
        if seat.left_out() || seat.pulled().is_some() || self.is_kept_apart(i) || self.is_taken_back(i) {
            Part::Out
        } else if self.due(i) {
            Part::Due
        } else {
            Part::Later
        }
    }

    /// It had the build, and a recovery or somebody has taken it back since: what runs there counts, not what was.
    fn is_taken_back(&self, i: usize) -> bool {
        let seat = &self.seats[i];
        matches!(seat.state(), Some(UpdateState::Succeeded { .. })) && !standing::still_runs(self.facts, seat.facts)
    }

    /// Rule H2: no stage waits for what is still to come of a customer who is halted alone.
    fn is_kept_apart(&self, i: usize) -> bool {
        let seat = &self.seats[i];
        let halt = seat.stage.and_then(|stage| self.facts.halt_of(stage.station, seat.facts.customer));
        seat.is_to_come() && halt.is_some_and(|halt| matches!(halt.scope, HaltScope::Customer { .. }))
    }

    /// Every environment of these estates counts in the facts as it should. Until then no stage moves on by the counts.
    pub fn is_counted(&self) -> bool {
        let is_counted =
            |i: usize| self.seats[i].facts.update.as_ref().is_some_and(|update| update.part == self.part(i));
        (0..self.seats.len()).all(is_counted)
    }

    /// When the last night starts that is chosen or expected, as far as the facts tell.
    pub fn last_night(&self) -> Option<DateTime<Utc>> {
        let aboard = self.seats.iter().filter(|seat| !seat.left_out());
        aboard.filter_map(|seat| seat.turn.night).map(|night| night.start).max().max(self.facts.last_night)
    }

    /// The estates of the facts: each customer with its seats, in the order of their ids.
    pub fn estates(&self) -> BTreeMap<CustomerId, Vec<&Seat<'a>>> {
        let seats = |indices: &[usize]| indices.iter().map(|i| &self.seats[*i]).collect();
        self.by_customer.iter().map(|(customer, indices)| (*customer, seats(indices))).collect()
    }
}

/// What is frozen after the night that it has holds nothing: it has that night in the place of one of them.
fn frozen_for(night: Night, (freeze, date): (&Freeze, NaiveDate)) -> EnvironmentReason {
    if night.date < date {
        EnvironmentReason::NightFrozen { date, why: freeze.reason.clone() }
    } else {
        frozen((freeze, date))
    }
}

fn frozen((freeze, date): (&Freeze, NaiveDate)) -> EnvironmentReason {
    EnvironmentReason::Frozen { why: freeze.reason.clone(), until: freeze.span.covered_until(date) }
}

/// Why an announced night was chosen stays true as long as it is kept.
fn reasons_of_the_choice(seat: &Seat<'_>) -> impl Iterator<Item = EnvironmentReason> {
    let written = seat.facts.update.iter().flat_map(|update| &update.reasons);
    let of_the_choice = |reason: &&EnvironmentReason| {
        matches!(
            reason,
            EnvironmentReason::KeepsGapForProduction { .. }
                | EnvironmentReason::NoticePeriod { .. }
                | EnvironmentReason::ShortNotice { .. }
                | EnvironmentReason::Frozen { .. }
                | EnvironmentReason::NightFrozen { .. }
                | EnvironmentReason::Clash { .. }
        )
    };
    written.filter(of_the_choice).cloned()
}
