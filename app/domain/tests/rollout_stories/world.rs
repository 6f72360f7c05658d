//! The world around the planner: ids, a deployer that takes 45 minutes and 15 to verify, people, and the safety rules.

mod apply;
mod approvals;
mod counts;
mod emergency;
mod listening;
mod places;
mod preview;
mod pulls;
mod safety;
mod stops;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use domain::calendar::{DaySet, MaintenanceDays};
use domain::clockface::UtcClockface;
use domain::fleet::{Cloud, Designation, EnvironmentKind, Exemption, StationNumber};
use domain::freeze::Freezes;
use domain::health::ReportCounts;
use domain::ids::{BuildId, CustomerId, EnvironmentId, RolloutId, UserId};
use domain::pull_ahead::Booked;
use domain::rollout::report::StageCounts;
use domain::rollout::words::Names;
use domain::rollout::{
    EnvironmentFacts, Following, GivenApproval, HaltCause, InFlight, Placement, Plan, PlanFigures, Promotion,
    RolloutFacts, RolloutKind, RolloutPolicy, RolloutState, StageFacts, StageState, StageTally, UpdateState, reasons,
    standstill,
};
use places::{cadence, dark_hours};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

const APPLY: TimeDelta = TimeDelta::minutes(45);
const VERIFY: TimeDelta = TimeDelta::minutes(15);
const TICK: TimeDelta = TimeDelta::minutes(15);

pub struct World {
    pub facts: RolloutFacts,
    pub cadence: String,
    pub fail_share: u64,
    now: DateTime<Utc>,
    names: BTreeMap<EnvironmentId, String>,
    failures: BTreeMap<EnvironmentId, u32>,
    customers: BTreeMap<String, CustomerId>,
    elsewhere: Vec<InFlight>,
    /// Since when so much is used, and so much of it fails, in an environment and hour.
    heard: Vec<(DateTime<Utc>, u64, u64)>,
    /// Every approval given, whether or not it still counts.
    given: Vec<GivenApproval>,
    promotion: Promotion,
    edits: u32,
    previewed: Option<PlanFigures>,
    /// When each estate has to be looked at again; one that is missing is due.
    wakes: BTreeMap<CustomerId, Option<DateTime<Utc>>>,
    /// The last plan that did nothing, and what it was made of.
    rest: Option<(RolloutFacts, Plan)>,
    out: String,
}

impl Names for World {
    fn environment(&self, id: EnvironmentId) -> String {
        self.names.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    format!("{}:00Z", text.strip_suffix('Z')?).parse().ok()
}

fn chosen_days(names: &str) -> Option<MaintenanceDays> {
    let days = names.split(',').map(|day| day.parse::<Weekday>().ok()).collect::<Option<Vec<_>>>()?;
    MaintenanceDays::chosen(DaySet::of(days))
}

fn user(n: u128) -> UserId {
    UserId::new(Uuid::from_u128(n))
}

impl Default for World {
    fn default() -> Self {
        let facts = RolloutFacts {
            rollout: RolloutId::new(Uuid::from_u128(0x0148)),
            generation: 0,
            state: RolloutState::Draft,
            train: "10.0.48 PQU-7".parse().unwrap(),
            build: "10.0.2645.147".parse().unwrap(),
            start: NaiveDate::default(),
            build_id: BuildId::new(Uuid::from_u128(0x0147)),
            build_halted: None,
            kind: RolloutKind::Forward,
            emergency: None,
            unapproved: None,
            halts: Vec::new(),
            freezes: Freezes::default(),
            policy: RolloutPolicy::DEFAULT,
            stages: Vec::new(),
            approvals: Vec::new(),
            environments: Vec::new(),
            pending: false,
            unplaced: StageCounts::default(),
            reports: ReportCounts::default(),
            last_night: None,
            in_flight: Vec::new(),
        };
        Self {
            facts,
            cadence: "biweekly".into(),
            fail_share: 0,
            now: DateTime::<Utc>::MIN_UTC,
            names: BTreeMap::new(),
            failures: BTreeMap::new(),
            customers: BTreeMap::new(),
            elsewhere: Vec::new(),
            heard: Vec::new(),
            given: Vec::new(),
            promotion: approvals::promotion(),
            edits: 0,
            previewed: None,
            wakes: BTreeMap::new(),
            rest: None,
            out: String::new(),
        }
    }
}

impl World {
    pub fn set_train(&mut self, start: NaiveDate) {
        self.facts.start = start;
        let windows = cadence(&self.cadence).windows(start);
        self.facts.stages = windows
            .into_iter()
            .map(|window| StageFacts {
                key: window.stage,
                window,
                state: StageState::Waiting,
                first_night: None,
                tally: StageTally::default(),
            })
            .collect();
    }

    fn id(&self, name: &str) -> Option<EnvironmentId> {
        self.names.iter().find(|(_, known)| *known == name).map(|(id, _)| *id)
    }

    fn of(&mut self, name: &str) -> Option<&mut EnvironmentFacts> {
        let id = self.id(name)?;
        let customer = self.facts.environments.iter().find(|environment| environment.id == id)?.customer;
        self.touch(customer);
        self.facts.environments.iter_mut().find(|environment| environment.id == id)
    }

    fn customer(&mut self, name: &str) -> CustomerId {
        let next = CustomerId::new(Uuid::from_u128(self.customers.len() as u128 + 1));
        *self.customers.entry(name.to_owned()).or_insert(next)
    }

    pub fn add(&mut self, name: &str, kind: &str, station: &str, hours: &str, options: &[&str]) -> Option<()> {
        let (customer_name, _) = name.split_once('/')?;
        let number = self.names.len() as u128 + 1;
        let customer = self.customer(customer_name);
        let id = EnvironmentId::new(Uuid::from_u128(number << 64));
        let kind = match kind {
            "production" => EnvironmentKind::Production,
            "sandbox" => EnvironmentKind::Sandbox,
            "trial" => EnvironmentKind::Trial,
            _ => return None,
        };
        let mut environment = EnvironmentFacts {
            id,
            name: name.to_owned(),
            customer,
            kind,
            placement: Placement {
                region: hours.to_owned(),
                region_name: hours.to_owned(),
                cloud: Cloud::Public,
                station: station.parse().ok().map(StationNumber),
                dark_hours: dark_hours(hours),
            },
            designation: Designation::Standard,
            following: None,
            days: kind.default_days(2),
            service_update: self.facts.train.service_update,
            build: "10.0.2645.136".parse().unwrap(),
            exemption: None,
            service_update_due: None,
            priority_batch: true,
            elsewhere: Vec::new(),
            update: None,
        };
        let mut production_update = self.facts.train.service_update;
        let mut with = None;
        for option in options {
            match option.split_once('=').unwrap_or((option, "")) {
                ("tier", tier) => environment.days = kind.default_days(tier.parse().ok()?),
                ("early", "") => environment.designation = Designation::Early,
                ("with", production) => with = Some(self.id(&format!("{customer_name}/{production}"))?),
                ("update", update) => production_update = update.parse().ok()?,
                ("days", days) => environment.days = chosen_days(days)?,
                ("no-batch", "") => environment.priority_batch = false,
                ("build", build) => environment.build = build.parse().ok()?,
                ("due", on) => environment.service_update_due = Some(on.parse().ok()?),
                ("exempt", until) => {
                    let expires_at = until.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?.and_utc();
                    let (reason, evidence) = ("validated system under GxP".into(), "certificate 4711".into());
                    environment.exemption = Some(Exemption { reason, evidence, expires_at });
                }
                _ => return None,
            }
        }
        if let Some(production) = with {
            environment.designation = Designation::WithProduction { production };
            let station = self.facts.environments.iter().find(|known| known.id == production)?.placement.station;
            environment.following = Some(Following { production, service_update: production_update, station });
        }
        self.names.insert(id, name.to_owned());
        self.facts.environments.push(environment);
        Some(())
    }

    pub fn fail(&mut self, name: &str, times: u32) -> Option<()> {
        let id = self.id(name)?;
        self.failures.insert(id, times);
        Some(())
    }

    pub fn start(&mut self) {
        let state = std::mem::replace(&mut self.facts.state, RolloutState::Draft);
        self.facts.state = state.start(user(1), self.now).unwrap();
        self.promotion.started_by = Some(user(1));
        self.touch_all();
        self.note("R. Iyer starts the rollout");
    }

    pub fn halt(&mut self, reason: &str) {
        let cause = HaltCause::Person { by: user(3), name: "I. Lead".into(), reason: reason.to_owned() };
        self.halt_because(cause);
    }

    pub fn halt_build(&mut self, reason: &str) {
        self.facts.build_halted = Some(reason.to_owned());
        self.note(&format!("the build is halted elsewhere: {reason}"));
    }

    pub fn unhalt_build(&mut self) {
        self.facts.build_halted = None;
        self.note("the halt of the build is lifted");
    }

    fn halt_because(&mut self, cause: HaltCause) {
        self.note(&cause.sentence());
        self.facts.state = self.facts.state.clone().halt(cause, self.now).unwrap();
    }

    pub fn resume(&mut self) {
        self.facts.state = self.facts.state.clone().resume(self.now).unwrap();
        // What failed until now is tried once more.
        let failed = |e: &EnvironmentFacts| e.update.as_ref().is_some_and(|update| update.failed_at.is_some());
        let estates: Vec<_> = self.facts.environments.iter().filter(|e| failed(e)).map(|e| e.customer).collect();
        for customer in estates {
            self.touch(customer);
        }
        self.note("R. Iyer resumes the rollout");
    }

    pub fn batch(&mut self, name: &str, on: bool) -> Option<()> {
        self.of(name)?.priority_batch = on;
        self.note(&format!("{name} switches priority-based batch scheduling {}", if on { "on" } else { "off" }));
        Some(())
    }

    pub fn service_update(&mut self, name: &str, to: &str) -> Option<()> {
        self.of(name)?.service_update = to.parse().ok()?;
        self.note(&format!("{name} moves to {to}"));
        Some(())
    }

    pub fn designate(&mut self, name: &str, to: &str) -> Option<()> {
        let environment = self.of(name)?;
        environment.following = None;
        environment.designation = match to {
            "early" => Designation::Early,
            "standard" => Designation::Standard,
            _ => return None,
        };
        self.note(&format!("{name} is designated {to}"));
        Some(())
    }

    pub fn days(&mut self, name: &str, to: &str) -> Option<()> {
        self.of(name)?.days = chosen_days(to)?;
        self.note(&format!("{name} chooses {to}"));
        Some(())
    }

    pub fn hours(&mut self, name: &str, to: &str) -> Option<()> {
        self.of(name)?.placement.dark_hours = Some(dark_hours(to)?);
        self.note(&format!("{name} has the dark hours of {to} now"));
        Some(())
    }

    pub fn install(&mut self, name: &str) -> Option<()> {
        let build = self.facts.build;
        self.of(name)?.build = build;
        self.note(&format!("{name} installs the build ahead"));
        Some(())
    }

    /// Another rollout runs this many updates of the customer's, until it is said to run none.
    pub fn elsewhere(&mut self, customer: &str, station: u8, hours: &str, updates: u128) {
        let customer_id = self.customer(customer);
        self.elsewhere.extend((0..updates).map(|n| InFlight {
            environment: EnvironmentId::new(Uuid::from_u128(u128::MAX - n)),
            customer: customer_id,
            region: hours.to_owned(),
            station: Some(StationNumber(station)),
            own: false,
        }));
        self.note(&format!("another rollout runs {updates} of {customer} in station {station}, {hours}"));
    }

    pub fn nothing_elsewhere(&mut self) {
        self.elsewhere.clear();
        self.note("the other rollout runs nothing any more");
    }

    fn note(&mut self, what: &str) {
        let _ = writeln!(self.out, "{}  {what}", self.now.format("%a %d %b %H:%M"));
    }

    /// Ticks on the quarter hour up to `until`.
    pub fn run_until(&mut self, until: DateTime<Utc>) {
        if self.now == DateTime::<Utc>::MIN_UTC {
            self.now = until;
        }
        while self.now < until {
            self.now = (self.now + TICK).min(until);
            self.tick();
        }
    }

    fn tick(&mut self) {
        self.deployer();
        // A plan whose actions change what the next plan sees is followed by another in the same tick; the bound is
        // enrol, announce, explain, open, pass for each of the stages.
        for _ in 0..32 {
            let (facts, plan) = self.plan_now();
            self.check_wakes(&plan);
            self.check_rest(&facts, &plan);
            // The whole hours show as much as the quarters, in a quarter of the time.
            if self.now.minute() == 0 {
                self.check_estates(&plan);
            }
            self.wakes.extend(plan.estates.iter().map(|estate| (estate.customer, estate.wake)));
            if plan.actions.is_empty() {
                self.rest = Some((facts, plan));
                break;
            }
            for action in plan.actions {
                self.apply(action);
            }
        }
        assert_eq!(self.plan_now(), self.plan_now());
        self.check();
        self.check_next();
    }

    /// Running updates go on whatever the planner thinks.
    fn deployer(&mut self) {
        for i in 0..self.facts.environments.len() {
            let (id, target, now) = (self.facts.environments[i].id, self.facts.build, self.now);
            let place = id.uuid().as_u128() >> 64;
            let by_share = u64::try_from(place * 37 % 100).unwrap() < self.fail_share;
            let fails = by_share || self.failures.get(&id).is_some_and(|times| *times > 0);
            let environment = &mut self.facts.environments[i];
            let Some(update) = &mut environment.update else { continue };
            let next = match update.state.clone() {
                state @ UpdateState::InProgress { started_at, .. } if now >= started_at + APPLY => {
                    if fails {
                        self.failures.entry(id).and_modify(|times| *times = times.saturating_sub(1));
                        state.fail("disk full".into(), now)
                    } else {
                        state.applied(now)
                    }
                }
                state @ UpdateState::Verifying { applied_at, .. } if now >= applied_at + VERIFY => {
                    environment.build = target;
                    Booked::confirm(update.pull.as_ref(), state, now)
                }
                _ => continue,
            };
            update.state = next.unwrap();
            if let UpdateState::Failed { failed_at, .. } = update.state {
                update.failed_at = Some(failed_at);
            }
            let word = update.state.word().word().to_lowercase();
            let customer = environment.customer;
            self.touch(customer);
            self.note(&format!("{}: {word}", self.names[&id].clone()));
        }
    }

    pub fn show(&mut self) {
        let report = self.plan_now().1.report;
        let mut out = format!("--- {} ---\n", self.now.format("%a %d %b %Y %H:%M"));
        let _ = writeln!(out, "rollout: {}", self.facts.state.word().to_lowercase());
        for stage in &report.stages {
            let why: Vec<String> = stage.waiting.iter().map(|on| on.sentence(&UtcClockface)).collect();
            let c = stage.counts;
            let counts = format!(
                "{} of {} done, {} failed, {} waiting",
                c.succeeded,
                c.total,
                c.failed,
                c.planned + c.announced
            );
            let _ = writeln!(
                out,
                "{}: {} · {counts}{}{}",
                stage.stage,
                stage.state.word().to_lowercase(),
                if why.is_empty() { "" } else { " · " },
                why.join(" · ")
            );
        }
        for environment in &self.facts.environments {
            let Some(update) = &environment.update else { continue };
            let halt = standstill(&self.facts.state, self.facts.kill_switch());
            let reasons = reasons(&update.state, (update.attempts, true), &update.reasons, halt.as_ref());
            let why: Vec<String> = reasons.iter().map(|reason| reason.sentence(&UtcClockface, self)).collect();
            let _ = writeln!(
                out,
                "{}: {} · {}",
                self.environment(environment.id),
                update.state.word().word().to_lowercase(),
                why.join(" · ")
            );
        }
        self.out.push_str(&out);
    }

    pub fn finish(self) -> String {
        self.out
    }
}
