//! What an agent accepted really touched its environment: was it allowed, there and then, by true time?

use super::rules::{self, Case, is_delivered, is_pulled};
use super::{Found, hours};
use crate::agents::Touch;
use crate::watch::{Change, Seen, Step};
use chrono::TimeDelta;
use domain::fleet::EnvironmentKind;
use domain::ids::{EnvironmentId, RolloutId};
use domain::rollout::UpdateState;
use services::ports::ORDER_VALID;
use store::census::WholeRollout;
use store::environment::Environment;
use store::update::Update;

/// Clocks of servers are wrong by an hour at most; what goes by their word is judged with that in mind.
const CLOCKS_WRONG_MAX: TimeDelta = TimeDelta::minutes(61);

struct Look<'a> {
    seen: &'a Seen,
    step: &'a Step,
    touch: &'a Touch,
    update: &'a Update,
    whole: &'a WholeRollout,
    environment: &'a Environment,
}

pub fn check(seen: &Seen, step: &Step, found: &mut Vec<Found>) {
    for touch in &step.touches {
        let update = seen.updates.get(&touch.order.update);
        let environment = seen.fleet.get(&touch.order.environment);
        let whole = update.and_then(|update| seen.rollout_of(update));
        let (Some(update), Some(environment), Some(whole)) = (update, environment, whole) else {
            found.push(Found::new("I8", format!("an order for an update that nobody knows: {:?}", touch.order)));
            continue;
        };
        let look = Look { seen, step, touch, update, whole, environment };
        let wrong = [
            look.hours(),
            look.alone(),
            look.halted(),
            look.withheld(),
            look.stopped(),
            look.follower(),
            look.versions(),
            look.takes_part(),
            look.sandbox_failed(),
            look.told(),
        ];
        found.extend(wrong.into_iter().flatten());
    }
}

impl Look<'_> {
    fn wrong(&self, invariant: &'static str, why: &str) -> Found {
        let what = format!(
            "{} of {} ({}) by {} at {}: {why}",
            self.environment.name,
            self.environment.customer,
            self.environment.region,
            self.whole.rollout.train,
            self.touch.at
        );
        Found::new(invariant, what)
    }

    const fn case(&self) -> Case<'_> {
        Case { seen: self.seen, whole: self.whole, environment: self.environment }
    }

    /// I1, G4, S5.
    fn hours(&self) -> Option<Found> {
        let region = self.seen.regions.get(&self.environment.region);
        let Some(hours) = region.and_then(|region| region.dark_hours) else {
            return Some(self.wrong("S5", "nobody knows the dark hours of its region"));
        };
        let declared = TimeDelta::minutes(self.whole.rollout.policy.declared_minutes.into());
        match hours::dark_at(hours, self.touch.at) {
            None => Some(self.wrong("I1", "outside the dark hours")),
            Some(dark) if self.touch.at + declared > dark.end => {
                Some(self.wrong("I1", "the rest of the night is too short"))
            }
            Some(dark) if !self.any_day() && !hours::day_allows(self.environment, dark.date) => {
                Some(self.wrong("I1", "not on that day"))
            }
            Some(_) => None,
        }
    }

    /// Its owner takes it ahead, or an emergency path was in force when it was claimed.
    fn any_day(&self) -> bool {
        let clocks = CLOCKS_WRONG_MAX * 2 + ORDER_VALID;
        let any_night = self.seen.ways.any_night_since(self.update.rollout, self.touch.at, clocks);
        is_pulled(self.update) || any_night.is_some()
    }

    /// I4.
    fn alone(&self) -> Option<Found> {
        self.touch.collides.map(|other| self.wrong("I4", &format!("update {other} is still at work there")))
    }

    /// I5, I8. What was claimed before the halt may begin within [`ORDER_VALID`].
    fn halted(&self) -> Option<Found> {
        let build = self.whole.rollout.build;
        if self.touch.order.build != self.whole.rollout.version {
            return Some(self.wrong("I8", "the order names another build than its rollout"));
        }
        let since = self.step.halted_before.get(&build)?;
        (self.touch.at > *since + ORDER_VALID).then(|| self.wrong("I5", &format!("its build is halted since {since}")))
    }

    /// I8, F17, in the same way.
    fn withheld(&self) -> Option<Found> {
        let since = self.step.withheld_before.get(&self.whole.rollout.build)?;
        let late = self.touch.at > *since + ORDER_VALID;
        late.then(|| self.wrong("I8", &format!("its build is withdrawn since {since}")))
    }

    /// H2, in the same way.
    fn stopped(&self) -> Option<Found> {
        let since = self.case().halted_since(self.step, self.update.stage)?;
        let late = self.touch.at > since + ORDER_VALID;
        late.then(|| self.wrong("H2", &format!("its station, its customer or everything is halted since {since}")))
    }

    /// I6.
    fn follower(&self) -> Option<Found> {
        let production = self.update.follows?;
        let behind = !self.case().runs_it(production);
        behind.then(|| self.wrong("I6", "the production that it follows does not run that build"))
    }

    /// I7, G6.
    fn versions(&self) -> Option<Found> {
        if self.touch.from > self.touch.order.build && !self.goes_back_by_name() {
            return Some(self.wrong("I7", &format!("it really runs {}", self.touch.from)));
        }
        let is_there = self.case().has_it(self.environment) && !self.changed();
        if is_there {
            return Some(self.wrong("G6", &format!("it is known to run {} already", self.environment.build)));
        }
        if self.environment.service_update != self.whole.rollout.train.service_update {
            return Some(self.wrong("G6", "it is on another service update"));
        }
        None
    }

    /// I7: a recovery that is under way, or was when the order was claimed, takes this environment to this build.
    fn goes_back_by_name(&self) -> bool {
        let Some(recovery) = self.whole.rollout.descent.recovery else { return false };
        let over = self.step.ways_before.over.get(&recovery);
        let under_way = over.is_none_or(|over| self.touch.at <= *over + ORDER_VALID);
        under_way && self.case().goes_back() && self.case().is_named(self.environment.id)
    }

    /// What runs there became known in this step.
    fn changed(&self) -> bool {
        let of = |change: &Change| change.after.environment == self.environment.id && is_delivered(&change.after);
        self.step.changes.iter().any(of)
    }

    /// S1, S2, S4, S5 and the share of C1. Of those only S5 holds for what its owner takes ahead, and for a way back.
    fn takes_part(&self) -> Option<Found> {
        let production = self.environment.kind == EnvironmentKind::Production;
        let Some(stage) = self.update.stage else { return Some(self.wrong("S5", "no stage")) };
        if is_pulled(self.update) || self.case().goes_back() {
            return None;
        }
        // As with halts, what was claimed before somebody decided on it may begin.
        let decided = self.seen.ways.decided.get(&self.environment.id);
        if let Some(exemption) = &self.environment.exemption
            && self.touch.at + CLOCKS_WRONG_MAX < exemption.expires_at
            && decided.is_none_or(|at| *at + ORDER_VALID < self.touch.at)
        {
            return Some(self.wrong("S2", "it is exempt"));
        }
        if production && !self.environment.priority_batch {
            return Some(self.wrong("S4", "priority-based batch scheduling is off"));
        }
        // By the date of whoever looked last.
        let looked = [self.touch.at - CLOCKS_WRONG_MAX - ORDER_VALID, self.touch.at + CLOCKS_WRONG_MAX];
        let is_near =
            |on| looked.iter().all(|at| self.case().takes_service_update(self.update.stage, on, at.date_naive()));
        if let Some(on) = self.environment.service_update_due.filter(|on| is_near(*on)) {
            return Some(self.wrong("S1", &format!("its service update is due on {on}")));
        }
        let percent = self.whole.rollout.policy.percent(stage);
        // Whoever moves with production is in or out with it.
        let whose = self.update.follows.unwrap_or(self.update.environment);
        let out = place(self.update.rollout, whose) % 100 >= u64::from(percent);
        out.then(|| self.wrong("C1", "it is not in the share"))
    }

    /// S3, of what was known before the order was claimed, whatever the clocks say: nothing that this step brought.
    fn sandbox_failed(&self) -> Option<Found> {
        if self.environment.kind != EnvironmentKind::Production {
            return None;
        }
        let claimed = self.touch.at - ORDER_VALID - CLOCKS_WRONG_MAX * 2;
        let resumed_at = rules::resumed_at(self.whole);
        let is_new = |update: &Update| self.step.changes.iter().any(|change| change.after.id == update.id);
        let known = |update: &Update| update.last_failed_at.is_some_and(|at| at < claimed) && !is_new(update);
        let is_out = |update: &Update| matches!(update.state, UpdateState::Skipped { .. });
        let case = self.case();
        let mut sandboxes = case.own_sandboxes().filter(|sandbox| !is_out(sandbox) && known(sandbox));
        let failed = sandboxes.find(|sandbox| rules::is_failed(sandbox, resumed_at))?;
        Some(self.wrong("S3", &format!("the update failed in its sandbox {}", failed.environment)))
    }

    /// I19, N1.
    fn told(&self) -> Option<Found> {
        let night = self.touch.order.night;
        let Some(told) = self.seen.told.get(&(self.update.id, night.start)) else {
            return Some(self.wrong("I19", "that night was never announced"));
        };
        let notice = TimeDelta::days(self.whole.rollout.policy.notice_days.into());
        // An emergency path may have shortened it; by how much is judged where it is told (`nights`).
        let shortened = self.seen.ways.may_be_short(self.update.rollout, told.at, CLOCKS_WRONG_MAX * 2);
        let short = !told.moved && !shortened && told.at + notice > night.start;
        let state = &self.update.state;
        let elsewhere = matches!(state, UpdateState::InProgress { night: other, .. } if *other != night);
        if elsewhere {
            return Some(self.wrong("I19", "the order names another night than the database"));
        }
        short.then(|| self.wrong("I19", &format!("announced only at {}", told.at)))
    }
}

/// The published hash of the share: FNV-1a over both ids, and the `SplitMix64` finaliser.
pub fn place(rollout: RolloutId, environment: EnvironmentId) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in rollout.uuid().as_bytes().iter().chain(environment.uuid().as_bytes()) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
