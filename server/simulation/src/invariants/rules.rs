//! What the rules say of one environment on one train, worked out anew from the rows: where it belongs, what keeps it
//! out, who is before it. On purpose not by `domain::rollout::planner`. A rollout that serves a recovery takes only whom
//! that names, and nothing of what keeps an environment out of a push keeps it out of the way back, nor out of what its
//! owner takes ahead.

use super::hours::{self, Dark};
use super::touches::place;
use crate::watch::{Seen, Step, Word};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::calendar::DarkHours;
use domain::fleet::{Audience, Designation, EnvironmentKind, StageKey, StationNumber};
use domain::freeze::{FreezeScope, FreezeState, Freezes};
use domain::ids::{EnvironmentId, FreezeId};
use domain::rollout::halt::HaltScope;
use domain::rollout::{EnvironmentReason, RolloutKind, UpdateState};
use store::census::WholeRollout;
use store::environment::Environment;
use store::update::Update;

/// Rule S1.
const SERVICE_UPDATE_NEAR: Days = Days::new(7);
/// A server that stood still applies a plan that is so old, at most.
const PLAN_OLD_MAX: TimeDelta = TimeDelta::minutes(30);

/// One environment on one train.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub seen: &'a Seen,
    pub whole: &'a WholeRollout,
    pub environment: &'a Environment,
}

impl<'a> Case<'a> {
    pub fn of(seen: &'a Seen, update: &Update) -> Option<Self> {
        Some(Self { seen, whole: seen.rollout_of(update)?, environment: seen.fleet.get(&update.environment)? })
    }

    pub fn name(&self) -> String {
        let Environment { name, customer, region, .. } = self.environment;
        format!("{name} of {customer} ({region}) by {}", self.whole.rollout.train)
    }

    pub fn is_production(&self) -> bool {
        self.environment.kind == EnvironmentKind::Production
    }

    /// The dark hours that begin at this instant in its region.
    pub fn dark_from(&self, start: DateTime<Utc>) -> Option<Dark> {
        let region = self.seen.regions.get(&self.environment.region)?;
        hours::dark_at(region.dark_hours?, start).filter(|dark| dark.start == start)
    }

    /// The production that it is designated to follow, where there is one.
    fn designated(&self) -> Option<&'a Environment> {
        let Designation::WithProduction { production } = self.environment.designation else { return None };
        self.seen.fleet.get(&production).filter(|other| other.kind == EnvironmentKind::Production)
    }

    /// Whom it moves with, and the stage it belongs to (rules G2, G5, S5).
    pub fn belongs(&self) -> (Option<EnvironmentId>, Option<StageKey>) {
        let train = self.whole.rollout.train.service_update;
        let region_of =
            |environment: &Environment| self.seen.regions.get(&environment.region).and_then(|region| region.station);
        let (follows, station, audience) = match self.designated() {
            // On a way back only who is named is aboard.
            Some(production) if production.service_update == train && self.is_named(production.id) => {
                (Some(production.id), region_of(production), Audience::Production)
            }
            Some(production) if production.service_update > train => {
                (None, region_of(production), Audience::Production)
            }
            _ => {
                let early = self.environment.designation == Designation::Early
                    && self.environment.kind == EnvironmentKind::Sandbox;
                let station = if early { Some(StationNumber(1)) } else { region_of(self.environment) };
                let audience = if self.is_production() { Audience::Production } else { Audience::Sandbox };
                (None, station, audience)
            }
        };
        let stage = station.map(|station| StageKey { station, audience });
        (follows, stage.filter(|stage| self.whole.stages.iter().any(|known| known.key == *stage)))
    }

    /// Whom it moves with, and its stage: as they were bound, else as it belongs.
    pub fn seat(&self, update: &Update) -> (Option<EnvironmentId>, Option<StageKey>) {
        if update.stage.is_some() { (update.follows, update.stage) } else { self.belongs() }
    }

    /// The rule by which it takes no part at an instant, if one does: it may then neither be announced nor started.
    pub fn kept_out(&self, update: &Update, at: DateTime<Utc>) -> Option<(&'static str, String)> {
        let (environment, rollout) = (self.environment, &self.whole.rollout);
        let (follows, stage) = self.seat(update);
        if environment.service_update != rollout.train.service_update {
            return Some(("G6", format!("it is on {}", environment.service_update)));
        }
        if self.has_it(environment) {
            return Some(("G6", format!("it runs {} already", environment.build)));
        }
        if !self.may_go_back() {
            return Some(("I7", "no recovery under way names it".to_owned()));
        }
        let pushed = !self.goes_back() && !is_pulled(update);
        let kept_out = pushed.then(|| self.not_pushed((follows, stage), at)).flatten();
        if kept_out.is_some() {
            return kept_out;
        }
        let region = self.seen.regions.get(&environment.region);
        match region.and_then(|region| region.dark_hours) {
            None => return Some(("S5", "nobody knows its dark hours".to_owned())),
            Some(dark) if is_too_short(dark, self.whole) => {
                return Some(("G4", "its nights are shorter than an update".to_owned()));
            }
            Some(_) => {}
        }
        stage.is_none().then(|| ("S5", "no station visits it".to_owned()))
    }

    /// What keeps it out of a push: neither a way back nor what its owner takes ahead is one.
    fn not_pushed(
        &self,
        (follows, stage): (Option<EnvironmentId>, Option<StageKey>),
        at: DateTime<Utc>,
    ) -> Option<(&'static str, String)> {
        let environment = self.environment;
        if environment.exemption.as_ref().is_some_and(|exemption| at < exemption.expires_at) {
            return Some(("S2", "it is exempt".to_owned()));
        }
        if self.is_production() && !environment.priority_batch {
            return Some(("S4", "priority-based batch scheduling is off".to_owned()));
        }
        if !self.is_in_share(follows, stage) {
            return Some(("C1", "it is not in the share".to_owned()));
        }
        let on = environment.service_update_due?;
        let takes = self.takes_service_update(stage, on, at.date_naive());
        takes.then(|| ("S1", format!("its service update is due on {on}")))
    }

    /// What a plan may have decided before an exemption of it was decided on, a moment ago, is not judged by that: the
    /// dispatch looks again, and what an agent accepts is judged in `touches`.
    pub fn decided_just_now(&self, step: &Step) -> bool {
        let decided = self.seen.ways.decided.get(&self.environment.id);
        decided.is_some_and(|at| step.at < *at + PLAN_OLD_MAX)
    }

    /// Another rollout delivered to it later in the same tick: the plan cannot have known.
    pub fn delivered_since(&self, update: &Update, word: &Word, step: &Step) -> bool {
        step.words.iter().any(|other| {
            let of = self.seen.updates.get(&other.update).map(|of| of.environment);
            let delivered = matches!(other.after.as_str(), "succeeded" | "already_satisfied");
            delivered && other.seq > word.seq && of == Some(self.environment.id) && other.update != update.id
        })
    }

    /// [`Case::kept_out`] as a plan can know it.
    pub fn kept_out_of_plan(&self, update: &Update, word: &Word, step: &Step) -> Option<(&'static str, String)> {
        self.kept_out(update, word.at).filter(|(rule, _)| match *rule {
            "S2" => !self.decided_just_now(step),
            "G6" => !self.delivered_since(update, word, step),
            _ => true,
        })
    }

    /// It serves a recovery: from the build that was halted to what ran before.
    pub fn goes_back(&self) -> bool {
        self.whole.rollout.descent.kind != RolloutKind::Forward
    }

    /// This environment needs nothing of the rollout: the build or a later one is there; on a way back, the build that
    /// is taken back is not there any more.
    pub fn has_it(&self, environment: &Environment) -> bool {
        let version = self.whole.rollout.version;
        match self.whole.rollout.descent.kind {
            RolloutKind::Forward => environment.build >= version,
            RolloutKind::Back { from } | RolloutKind::Redeploy { from } => environment.build != from,
        }
    }

    /// I7: everybody on the way forward; on a way back those that its recovery takes to this very build.
    pub fn is_named(&self, environment: EnvironmentId) -> bool {
        let Some(recovery) = self.whole.rollout.descent.recovery.filter(|_| self.goes_back()) else { return true };
        let named = self.seen.ways.move_of(recovery, environment);
        named.is_some_and(|one| one.to.id == self.whole.rollout.build)
    }

    /// It is named, and the recovery is under way.
    fn may_go_back(&self) -> bool {
        let recovery = self.whole.rollout.descent.recovery.filter(|_| self.goes_back());
        recovery.is_none_or(|recovery| self.seen.ways.runs(recovery) && self.is_named(self.environment.id))
    }

    /// The share of its stage. Whoever moves with production is in or out with it.
    fn is_in_share(&self, follows: Option<EnvironmentId>, stage: Option<StageKey>) -> bool {
        let policy = &self.whole.rollout.policy;
        let audience = if self.is_production() { Audience::Production } else { Audience::Sandbox };
        let percent = stage.map_or_else(|| policy.percent_of(audience), |stage| policy.percent(stage));
        place(self.whole.rollout.id, follows.unwrap_or(self.environment.id)) % 100 < u64::from(percent)
    }

    pub fn takes_service_update(&self, stage: Option<StageKey>, on: NaiveDate, today: NaiveDate) -> bool {
        let window = self.whole.stages.iter().find(|known| Some(known.key) == stage).map(|known| known.window);
        window.is_some_and(|window| today <= on && on <= window.last.max(today) + SERVICE_UPDATE_NEAR)
    }

    /// Whether this reason is true of it: what is left out is left out for what is the case.
    pub fn is_true(&self, update: &Update, reason: &EnvironmentReason, at: DateTime<Utc>) -> bool {
        use EnvironmentReason as R;
        let environment = self.environment;
        let (follows, stage) = self.seat(update);
        match reason {
            R::OtherServiceUpdate { on } => {
                environment.service_update == *on && *on != self.whole.rollout.train.service_update
            }
            R::Exempt { expires_at, .. } => {
                environment.exemption.as_ref().is_some_and(|exemption| exemption.expires_at == *expires_at)
                    && at < *expires_at
            }
            R::PriorityBatchOff => self.is_production() && !environment.priority_batch,
            R::NotInShare { .. } => !self.is_in_share(follows, stage),
            R::ServiceUpdateDue { on } => {
                environment.service_update_due == Some(*on) && self.takes_service_update(stage, *on, at.date_naive())
            }
            R::NoDarkHours { .. } => {
                self.seen.regions.get(&environment.region).and_then(|region| region.dark_hours).is_none()
            }
            R::NightTooShort { .. } => {
                let dark = self.seen.regions.get(&environment.region).and_then(|region| region.dark_hours);
                dark.is_some_and(|dark| is_too_short(dark, self.whole))
            }
            R::NoStation { .. } => self.belongs().1.is_none(),
            R::SandboxFailed { sandbox } => {
                let failed = self.own_sandboxes().find(|other| other.environment == *sandbox);
                self.is_production() && failed.is_some_and(|other| other.last_failed_at.is_some())
            }
            R::AttemptsUsed { attempts, .. } => *attempts == update.attempts && update.last_failed_at.is_some(),
            // It may have been updated, and gone back since.
            R::ProductionNotUpdated { production, .. } => {
                let of = self.updates().find(|other| other.environment == *production);
                of.is_none_or(|other| !matches!(other.state, UpdateState::Succeeded { .. }))
                    || !self.runs_it(*production)
            }
            _ => false,
        }
    }

    /// As [`Case::has_it`], of another environment.
    pub fn runs_it(&self, environment: EnvironmentId) -> bool {
        self.seen.fleet.get(&environment).is_some_and(|environment| self.has_it(environment))
    }

    /// When its night starts, or started: also of one that its owner took ahead.
    pub fn night_of(&self, update: &Update) -> Option<DateTime<Utc>> {
        let UpdateState::AlreadySatisfied { pulled_at: Some(at), .. } = update.state else {
            return update.state.night_or_tried().map(|night| night.start);
        };
        let region = self.seen.regions.get(&self.seen.fleet.get(&update.environment)?.region)?;
        hours::dark_at(region.dark_hours?, at).map(|dark| dark.start)
    }

    pub fn updates(&self) -> impl Iterator<Item = &'a Update> {
        let rollout = self.whole.rollout.id;
        self.seen.updates.values().filter(move |update| update.rollout == rollout)
    }

    /// Sandboxes of the same customer that go before its production.
    pub fn own_sandboxes(&self) -> impl Iterator<Item = &'a Update> {
        let (customer, fleet) = (self.environment.customer, &self.seen.fleet);
        self.updates().filter(move |update| {
            update.customer == customer
                && update.stage.is_some_and(|stage| stage.audience == Audience::Sandbox)
                && fleet.get(&update.environment).is_some_and(|other| other.kind == EnvironmentKind::Sandbox)
        })
    }

    /// A freeze that holds the night of this date here.
    pub fn is_frozen(&self, freezes: &Freezes, date: NaiveDate) -> bool {
        self.is_frozen_but(freezes, date, &[])
    }

    /// As the rules of an instant see it: an emergency path that is in force overrides the freezes that it names (E1), but
    /// for what its owner takes ahead.
    pub fn is_frozen_at(&self, step: &Step, update: &Update, date: NaiveDate, at: DateTime<Utc>) -> bool {
        let overridden = step.ways_before.overridden(self.whole.rollout.id, at);
        self.is_frozen_but(&step.freezes_before, date, if is_pulled(update) { &[] } else { overridden })
    }

    fn is_frozen_but(&self, freezes: &Freezes, date: NaiveDate, overridden: &[FreezeId]) -> bool {
        let cloud = self.seen.regions.get(&self.environment.region).map(|region| region.cloud);
        freezes.iter().any(|freeze| {
            let here = match &freeze.scope {
                FreezeScope::Global => true,
                FreezeScope::Cloud { cloud: frozen } => cloud.is_none_or(|cloud| cloud == *frozen),
                FreezeScope::Region { region } => *region == self.environment.region,
                FreezeScope::Customer { customer } => *customer == self.environment.customer,
                FreezeScope::Environment { environment } => *environment == self.environment.id,
            };
            let holds = freeze.state == FreezeState::Set && !overridden.contains(&freeze.id);
            holds && here && freeze.span.covers(date)
        })
    }

    /// A halt of its customer or its station that stood before the step; for how long, by true time.
    pub fn halted_since(&self, step: &Step, stage: Option<StageKey>) -> Option<DateTime<Utc>> {
        step.halts_before.values().find(|(halt, _)| self.is_stopped_by(halt.scope, stage)).map(|(_, since)| *since)
    }

    pub fn is_stopped_by(&self, scope: HaltScope, stage: Option<StageKey>) -> bool {
        match scope {
            HaltScope::Everything => true,
            HaltScope::Customer { customer, rollout } => {
                customer == self.environment.customer && rollout.is_none_or(|of| of == self.whole.rollout.id)
            }
            HaltScope::Station { rollout, station } => {
                rollout == self.whole.rollout.id && stage.is_some_and(|stage| stage.station == station)
            }
            HaltScope::Build { build } => build == self.whole.rollout.build,
            HaltScope::Rollout { rollout } => rollout == self.whole.rollout.id,
        }
    }
}

/// Whether a halt keeps a stage from opening and passing: that of its station, or of everything.
pub fn stops_stage(scope: HaltScope, whole: &WholeRollout, stage: StageKey) -> bool {
    match scope {
        HaltScope::Everything => true,
        HaltScope::Station { rollout, station } => rollout == whole.rollout.id && station == stage.station,
        HaltScope::Customer { .. } | HaltScope::Build { .. } | HaltScope::Rollout { .. } => false,
    }
}

/// When somebody let it go on, knowing what had failed until then. Not compared with what a server did afterwards: its clock
/// may be behind.
pub const fn resumed_at(whole: &WholeRollout) -> Option<DateTime<Utc>> {
    whole.rollout.state.resumed_at()
}

/// Its last attempt failed, nothing mended it, and nobody resumed knowing it. That the build is there mends nothing.
pub fn is_failed(update: &Update, resumed_at: Option<DateTime<Utc>>) -> bool {
    !is_delivered(update) && update.last_failed_at.is_some_and(|at| resumed_at.is_none_or(|seen| at > seen))
}

/// Its owner takes it ahead of its night, or it runs because of that. What follows a failure is the push again.
pub fn is_pulled(update: &Update) -> bool {
    update.pull.is_some() && (update.state.is_announced() || update.state.is_running())
}

/// This rollout brought the build: in its turn, or ahead of it.
pub const fn is_delivered(update: &Update) -> bool {
    matches!(update.state, UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { pulled_at: Some(_), .. })
}

/// Minutes as a span.
pub fn declared(whole: &WholeRollout) -> TimeDelta {
    TimeDelta::minutes(whole.rollout.policy.declared_minutes.into())
}

fn is_too_short(dark: DarkHours, whole: &WholeRollout) -> bool {
    TimeDelta::minutes(dark.length_minutes().into()) < declared(whole)
}

pub fn days(days: u16) -> TimeDelta {
    TimeDelta::days(days.into())
}
