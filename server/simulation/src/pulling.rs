//! Agents that come for their orders, through the use cases that stand behind `/api/v1/agent`: they ask, take their order
//! and say how far they are. In one world of three, those of half of the customers. Each keeps its own truth in `agents`
//! like all others; when they come is in `run::errands`, what goes wrong on the way in `faults::reports`.
//!
//! What was acknowledged is written down: the same report again has to get the same answer (I13), also after a week.

use crate::Result;
use crate::agents::Agents;
use crate::faults::agents::Course;
use crate::faults::reports::{self, Kind, Saying};
use crate::invariants::Found;
use crate::server::{Call, Ended};
use crate::world::World;
use chrono::{DateTime, TimeDelta, Utc};
use domain::agent::{Outcome, Report, Said};
use domain::ids::{CustomerId, EnvironmentId, TokenId, UpdateId};
use domain::token::{Caller, TokenKind, TokenReach};
use services::agent::{Acknowledged, AgentOrder, AgentReport, Poll, Refused};
use services::mix::Mix;
use services::ports::UpdateOrder;
use services::{CallerContext, Error, Services};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::Db;
use store::token::NewToken;
use uuid::Uuid;

const WORLDS_PERCENT: u8 = 33;
const CUSTOMERS_PERCENT: u8 = 50;
/// Whoever got no answer comes again.
const AGAIN_MINUTES: (i64, i64) = (1, 40);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// It speaks for the first time, and says what runs.
    Hello(EnvironmentId),
    Fetch(EnvironmentId),
    Tell {
        kind: Kind,
        /// Of whom it speaks; with [`Kind::Forged`] a stranger does.
        of: EnvironmentId,
        report: AgentReport,
    },
}

impl Errand {
    pub const fn environment(&self) -> EnvironmentId {
        match self {
            Self::Hello(of) | Self::Fetch(of) | Self::Tell { of, .. } => *of,
        }
    }
}

/// What came back.
#[derive(Debug)]
enum Mail {
    Nothing,
    Granted(AgentOrder),
    Heard(std::result::Result<Acknowledged, Refused>),
    NotFound,
}

#[derive(Debug)]
pub struct Pulling {
    mix: Mix,
    agents: Agents,
    /// Who comes, and with which token.
    of: BTreeMap<EnvironmentId, CustomerId>,
    callers: BTreeMap<CustomerId, Caller>,
    sequence: u64,
    acknowledged: BTreeMap<(EnvironmentId, Uuid), (Report, Outcome)>,
    taken: Vec<(EnvironmentId, UpdateId, u8)>,
    /// Errands that have had no answer yet.
    open: BTreeMap<u64, Errand>,
    mail: Arc<Mutex<Vec<(u64, Errand, Mail)>>>,
    calls: u64,
}

/// What follows from the mail.
#[derive(Debug, Default)]
pub struct Followed {
    pub errands: Vec<(DateTime<Utc>, Errand)>,
    /// Who asked and found nothing to do.
    pub idle: Vec<EnvironmentId>,
    pub found: Vec<Found>,
    pub faults: u64,
}

impl Pulling {
    pub fn draw(mut mix: Mix, agents: Agents, world: &World) -> Self {
        let some = mix.percent(WORLDS_PERCENT);
        let mut callers = BTreeMap::new();
        for customer in &world.fleet.customers {
            if some && mix.percent(CUSTOMERS_PERCENT) {
                let (token, reach) =
                    (TokenId::new(mix.uuid(world.start)), TokenReach::Customer { customer: customer.id });
                let name = format!("pipeline of {}", customer.name);
                callers.insert(customer.id, Caller { token, name, kind: TokenKind::Agent, reach });
            }
        }
        let fleet = world.fleet.environments.iter().map(|new| (new.id, new.customer));
        Self {
            of: fleet.filter(|(_, customer)| callers.contains_key(customer)).collect(),
            callers,
            mix,
            agents,
            sequence: 0,
            acknowledged: BTreeMap::new(),
            taken: Vec::new(),
            open: BTreeMap::new(),
            mail: Arc::default(),
            calls: 0,
        }
    }

    pub async fn write(&mut self, db: &Db, now: DateTime<Utc>) -> Result<()> {
        let tx = db.begin().await?;
        for caller in self.callers.values() {
            let mut hash = [0; 32];
            hash[..16].copy_from_slice(caller.token.uuid().as_bytes());
            let (caller, expires_at) = (caller.clone(), now + TimeDelta::days(400));
            store::token::insert(&tx, &NewToken { caller, hash, created_at: now, expires_at }, None).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Everybody speaks before the first train.
    pub fn begin(&mut self, start: DateTime<Utc>) -> Vec<(DateTime<Utc>, Errand)> {
        let all: Vec<EnvironmentId> = self.of.keys().copied().collect();
        all.into_iter().map(|of| (start + self.minutes((1, 240)), Errand::Hello(of))).collect()
    }

    fn minutes(&mut self, (least, most): (i64, i64)) -> TimeDelta {
        TimeDelta::seconds(self.mix.between(least * 60, most * 60))
    }

    pub fn pick(&mut self, servers: &[usize]) -> Option<usize> {
        self.mix.pick(servers).copied()
    }

    pub fn comes(&self, environment: EnvironmentId) -> bool {
        self.of.contains_key(&environment)
    }

    /// An order is there; its agent asks every half a minute, but for those that are slow.
    pub fn wake(&mut self, environment: EnvironmentId, now: DateTime<Utc>) -> (DateTime<Utc>, Errand) {
        let slow = self.mix.percent(20);
        let after = if slow { self.minutes((1, 25)) } else { TimeDelta::seconds(self.mix.between(1, 40)) };
        (now + after, Errand::Fetch(environment))
    }

    pub fn again(&mut self, errand: Errand, now: DateTime<Utc>) -> (DateTime<Utc>, Errand) {
        (now + self.minutes(AGAIN_MINUTES), errand)
    }

    /// `None` where it has nothing to do any more.
    pub fn call(&mut self, services: &Services, errand: &Errand, server: usize) -> Option<(u64, Call)> {
        let environment = errand.environment();
        let ctx = CallerContext { caller: self.caller(errand)?, now: services.now() };
        if let Errand::Tell { kind: Kind::OtherContent, of, report } = errand
            && !self.acknowledged.contains_key(&(*of, report.id))
        {
            return None;
        }
        self.calls += 1;
        let (number, asked) = (self.calls, errand.clone());
        self.open.insert(number, errand.clone());
        let (services, mail, errand) = (services.clone(), self.mail.clone(), asked.clone());
        let hello = self.hello(environment);
        Some((
            number,
            Box::pin(async move {
                let answer = match &errand {
                    Errand::Hello(_) => tell(&services, &ctx, &hello).await,
                    Errand::Fetch(_) => fetch(&services, &ctx, environment).await,
                    Errand::Tell { report, .. } => tell(&services, &ctx, report).await,
                };
                let line = format!("agent of {environment} at server {server}: {}", words(&asked, &answer));
                if let Ok(answer) = answer {
                    mail.lock().unwrap_or_else(PoisonError::into_inner).push((number, asked, answer));
                }
                Ended { line, tick: None }
            }),
        ))
    }

    fn caller(&mut self, errand: &Errand) -> Option<Caller> {
        let own = self.of.get(&errand.environment())?;
        // A stranger asks about it, or it asks about a stranger's order.
        let strange = matches!(errand, Errand::Tell { kind: Kind::Forged, report, .. } if report.id.as_u128() % 2 == 0);
        let strangers: Vec<&Caller> =
            self.callers.iter().filter(|(customer, _)| *customer != own).map(|(_, caller)| caller).collect();
        match self.mix.pick(&strangers) {
            Some(stranger) if strange => Some((*stranger).clone()),
            _ => self.callers.get(own).cloned(),
        }
    }

    fn hello(&mut self, environment: EnvironmentId) -> AgentReport {
        let build = self.agents.build_of(environment).unwrap_or(domain::release::BuildVersion::new([0; 4]));
        let at = services::ports::Clock::now(self.agents.truth());
        let id = self.id(at);
        let report = Report { at, sequence: self.next(), attempt: None, said: Said::RunningVersion { build } };
        AgentReport { id, environment: Some(environment), order: None, report }
    }

    fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        self.mix.uuid(at)
    }

    const fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    pub fn has_taken(&self, update: UpdateId, attempt: u8) -> bool {
        self.taken.iter().any(|(_, taken, of)| (*taken, *of) == (update, attempt))
    }

    /// The errand of a call that came to no end, once.
    pub fn unanswered(&mut self, number: u64) -> Option<Errand> {
        self.open.remove(&number)
    }

    pub fn open_mail(&mut self, now: DateTime<Utc>, with_faults: bool) -> Followed {
        let mail = std::mem::take(&mut *self.mail.lock().unwrap_or_else(PoisonError::into_inner));
        let mut followed = Followed::default();
        for (number, errand, answer) in mail {
            self.open.remove(&number);
            match (errand, answer) {
                (Errand::Fetch(of), Mail::Granted(order)) => self.take(of, &order, (now, with_faults), &mut followed),
                (Errand::Fetch(of), Mail::Nothing) => followed.idle.push(of),
                // A clock is wrong, or it is refused for now: it comes again, for an order as long as it has one.
                (errand @ Errand::Fetch(_), Mail::Heard(Err(_)))
                | (errand, Mail::Heard(Err(Refused::FromTheFuture(_)))) => {
                    let again = self.again(errand, now);
                    followed.errands.push(again);
                }
                (Errand::Tell { kind, of, report }, answer) => {
                    followed.found.extend(self.judge(kind, of, &report, &answer));
                }
                (Errand::Hello(_), Mail::Heard(Ok(_))) => {}
                (errand, answer) => {
                    followed.found.push(Found::new("I13", format!("{errand:?} was answered with {answer:?}")));
                }
            }
        }
        followed
    }

    fn take(
        &mut self,
        of: EnvironmentId,
        order: &AgentOrder,
        (now, with_faults): (DateTime<Utc>, bool),
        followed: &mut Followed,
    ) {
        let Some(begun_at) = order.begun_at else { return };
        let before = self.agents.build_of(of);
        let taken = UpdateOrder {
            update: order.order,
            environment: of,
            build: order.build,
            started_at: begun_at,
            attempt: order.attempt,
            kind: order.kind,
            flights_off: order.flights_off.clone(),
            dispatched: Some(begun_at),
            night: order.night,
            valid_until: order.valid_until,
        };
        let Some((course, before)) = self.agents.take(&taken).zip(before) else { return };
        self.taken.push((of, order.order, order.attempt));
        for saying in reports::of_course(&course, now, (before, order.build)) {
            self.say(of, order, saying, with_faults, followed);
        }
        followed.faults +=
            u64::from(course != Course { silent: None, late: TimeDelta::zero(), contradicts: false, ..course.clone() });
    }

    fn say(
        &mut self,
        of: EnvironmentId,
        order: &AgentOrder,
        saying: Saying,
        with_faults: bool,
        followed: &mut Followed,
    ) {
        let Saying { said, at, sent } = saying;
        let report = Report { at, sequence: self.next(), attempt: Some(order.attempt), said };
        let report = AgentReport { id: self.id(at), environment: Some(of), order: Some(order.order), report };
        followed.errands.push((sent, Errand::Tell { kind: Kind::Own, of, report: report.clone() }));
        if !with_faults {
            return;
        }
        for (kind, sent) in reports::more(&mut self.mix, sent) {
            let mut report = report.clone();
            match kind {
                Kind::Own | Kind::Again => {}
                Kind::OtherContent => report.report.sequence += 1,
                Kind::Forged => {
                    let others: Vec<UpdateId> =
                        self.taken.iter().filter(|(other, ..)| *other != of).map(|(_, update, _)| *update).collect();
                    let nobody = UpdateId::new(Uuid::from_u128(u128::MAX));
                    report.order = Some(self.mix.pick(&others).copied().unwrap_or(nobody));
                    report.id = self.id(at);
                }
                Kind::NoAttempt => {
                    report.id = self.id(at);
                    report.report.attempt = Some(order.attempt.saturating_add(100));
                    report.report.said = Said::Applied;
                }
            }
            followed.faults += 1;
            followed.errands.push((sent, Errand::Tell { kind, of, report }));
        }
    }

    /// I12, I13: what a report has to be answered with.
    fn judge(&mut self, kind: Kind, of: EnvironmentId, report: &AgentReport, answer: &Mail) -> Option<Found> {
        let wrong = |invariant, why: &str| {
            Some(Found::new(invariant, format!("{why}: {kind:?} of {of}, {report:?}, {answer:?}")))
        };
        match (kind, answer) {
            (Kind::Forged, Mail::NotFound)
            | (Kind::OtherContent, Mail::Heard(Err(Refused::OtherContent)))
            | (Kind::NoAttempt, Mail::Heard(Ok(Acknowledged { outcome: Outcome::Contradictory, .. }))) => None,
            (Kind::Forged, _) => wrong("I12", "what is not its own exists for an agent"),
            (Kind::OtherContent, _) => wrong("I13", "two reports have one id"),
            (Kind::NoAttempt, _) => wrong("I13", "an attempt that never was is believed"),
            (Kind::Own | Kind::Again, Mail::Heard(Ok(Acknowledged { outcome, known }))) => {
                let key = (of, report.id);
                match self.acknowledged.get(&key) {
                    None => {
                        self.acknowledged.insert(key, (report.report.clone(), *outcome));
                        None
                    }
                    Some((_, before)) if before == outcome && *known => None,
                    Some(_) => wrong("I13", "an acknowledged report is answered otherwise"),
                }
            }
            (Kind::Own | Kind::Again, _) => wrong("I13", "a true report is refused"),
        }
    }
}

async fn fetch(services: &Services, ctx: &CallerContext, of: EnvironmentId) -> services::Result<Mail> {
    let order = match services.agent_order(ctx, Some(of)).await? {
        Ok(Poll::Order(order)) => order,
        Ok(Poll::Nothing { .. }) => return Ok(Mail::Nothing),
        Err(refused) => return Ok(Mail::Heard(Err(refused))),
    };
    let begun = services.begin_order(ctx, order.order, order.attempt).await?;
    Ok(begun.map_or_else(|refused| Mail::Heard(Err(refused)), Mail::Granted))
}

async fn tell(services: &Services, ctx: &CallerContext, report: &AgentReport) -> services::Result<Mail> {
    match services.hear_agent(ctx, report).await {
        Ok(answer) => Ok(Mail::Heard(answer)),
        Err(Error::NotFound) => Ok(Mail::NotFound),
        Err(error) => Err(error),
    }
}

fn words(errand: &Errand, answer: &services::Result<Mail>) -> String {
    let asked = match errand {
        Errand::Hello(_) => "says hello".to_owned(),
        Errand::Fetch(_) => "asks for its order".to_owned(),
        Errand::Tell { kind, report, .. } => format!("says {} ({kind:?})", report.report.said.key()),
    };
    let answered = match answer {
        Ok(Mail::Nothing) => "nothing to do".to_owned(),
        Ok(Mail::Granted(order)) => format!("takes {} attempt {}", order.order, order.attempt),
        Ok(Mail::Heard(Ok(Acknowledged { outcome, known }))) => {
            format!("{}{}", outcome.key(), if *known { ", again" } else { "" })
        }
        Ok(Mail::Heard(Err(refused))) => format!("refused: {refused}"),
        Ok(Mail::NotFound) => "there is no such thing".to_owned(),
        Err(error) => format!("error: {error}"),
    };
    format!("{asked}: {answered}")
}
