//! What the rules say of one environment on one train, worked out anew from the rows: where it belongs, what keeps it
//! out, who is before it. On purpose not by `domain::rollout::planner`. Nothing here knows emergency paths, recoveries and
//! what is taken ahead: the simulated world has none, nobody there asks for one.

use super::hours::{self, Dark};
use super::touches::place;
use crate::watch::{Seen, Step};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::calendar::DarkHours;
use domain::fleet::{Audience, Designation, EnvironmentKind, StageKey, StationNumber};
use domain::freeze::{FreezeScope, FreezeState, Freezes};
use domain::ids::EnvironmentId;
use domain::rollout::halt::HaltScope;
use domain::rollout::{EnvironmentReason, RolloutState, UpdateState};
use store::census::WholeRollout;
use store::environment::Environment;
use store::update::Update;

/// Rule S1.
const SERVICE_UPDATE_NEAR: Days = Days::new(7);

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
            Some(production) if production.service_update == train => {
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
        if environment.build >= rollout.version {
            return Some(("G6", format!("it runs {} already", environment.build)));
        }
        if environment.exemption.as_ref().is_some_and(|exemption| at < exemption.expires_at) {
            return Some(("S2", "it is exempt".to_owned()));
        }
        if self.is_production() && !environment.priority_batch {
            return Some(("S4", "priority-based batch scheduling is off".to_owned()));
        }
        if !self.is_in_share(follows, stage) {
            return Some(("C1", "it is not in the share".to_owned()));
        }
        if let Some(on) = environment.service_update_due
            && self.takes_service_update(stage, on, at.date_naive())
        {
            return Some(("S1", format!("its service update is due on {on}")));
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
            R::ProductionNotUpdated { production, .. } => {
                let of = self.updates().find(|other| other.environment == *production);
                of.is_none_or(|other| !matches!(other.state, UpdateState::Succeeded { .. }))
            }
            _ => false,
        }
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
        let cloud = self.seen.regions.get(&self.environment.region).map(|region| region.cloud);
        freezes.iter().any(|freeze| {
            let here = match &freeze.scope {
                FreezeScope::Global => true,
                FreezeScope::Cloud { cloud: frozen } => cloud.is_none_or(|cloud| cloud == *frozen),
                FreezeScope::Region { region } => *region == self.environment.region,
                FreezeScope::Customer { customer } => *customer == self.environment.customer,
                FreezeScope::Environment { environment } => *environment == self.environment.id,
            };
            freeze.state == FreezeState::Set && here && freeze.span.covers(date)
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

/// When somebody let it go on, knowing what had failed until then.
pub fn resumed_at(whole: &WholeRollout) -> Option<DateTime<Utc>> {
    match whole.rollout.state {
        RolloutState::Running { resumed_at, .. } => resumed_at,
        _ => None,
    }
}

/// Its last attempt failed, nothing mended it, and nobody resumed knowing it.
pub fn is_failed(update: &Update, resumed_at: Option<DateTime<Utc>>) -> bool {
    let mended = matches!(update.state, UpdateState::Succeeded { .. } | UpdateState::AlreadySatisfied { .. });
    !mended && update.last_failed_at.is_some_and(|at| resumed_at.is_none_or(|seen| at > seen))
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
