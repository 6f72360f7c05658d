//! What an environment has to do now. Asked often and by everybody, so it only reads, but for the note that an agent
//! speaks for the environment.

use super::{Answer, reached};
use crate::engine::dispatch::last_start;
use crate::engine::order::flights_off;
use crate::ports::OrderKind;
use crate::{CallerContext, Error, Result, Services};
use chrono::{DateTime, TimeDelta, Utc};
use domain::calendar::Night;
use domain::ids::{EnvironmentId, UpdateId};
use domain::release::BuildVersion;
use domain::rollout::UpdateState;
use store::Connection;
use store::update::RunningUpdate;

/// Seconds until an agent without an order asks again: half a minute is soon enough for a night of six hours, and
/// 100,000 agents are 3,300 questions a second. Spread, so that agents that started together do not ask together.
const WAIT_SECONDS: (u64, u64) = (20, 40);
/// That an agent spoke is noted this often: 100,000 agents are 170 notes a second.
const SEEN_NOTED_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What an agent may do, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentOrder {
    pub order: UpdateId,
    pub environment: EnvironmentId,
    pub attempt: u8,
    pub build: BuildVersion,
    pub kind: OrderKind,
    /// Flights that are off for this environment, by key.
    pub flights_off: Vec<String>,
    pub night: Night,
    /// It was taken then; `None` while nobody took it.
    pub begun_at: Option<DateTime<Utc>>,
    /// The last instant at which it may be taken; of one that was taken, at which it may begin.
    pub valid_until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Poll {
    Order(AgentOrder),
    Nothing { wait_seconds: u64 },
}

impl Services {
    /// The order that may begin now, by the same checks as an order that is handed to a deployer.
    pub async fn agent_order(&self, ctx: &CallerContext, environment: Option<EnvironmentId>) -> Answer<Poll> {
        let reader = self.db().reader();
        let environment = match reached(reader, ctx, environment).await? {
            Ok(environment) => environment.id,
            Err(refused) => return Ok(Err(refused)),
        };
        self.note_agent(ctx, environment).await?;
        let order = match store::update::running_of(reader, environment).await? {
            Some(running) => self.open_order(&running, ctx.now).await?,
            None => None,
        };
        Ok(Ok(order.map_or_else(|| Poll::Nothing { wait_seconds: self.wait_seconds() }, Poll::Order)))
    }

    async fn open_order(&self, running: &RunningUpdate, now: DateTime<Utc>) -> Result<Option<AgentOrder>> {
        let update = &running.update;
        if !matches!(update.state, UpdateState::InProgress { .. }) {
            return Ok(None);
        }
        let reader = self.db().reader();
        let rollout = store::rollout::find(reader, update.rollout).await?.ok_or(Error::NotFound)?;
        match last_start(reader, &rollout, update, now).await? {
            Ok(last) => Ok(self.agent_order_of(reader, running, last, now).await?.ok()),
            Err(_) => Ok(None),
        }
    }

    /// Or why nobody can carry it out any more. An error where the update does not wait for its application.
    pub(super) async fn agent_order_of(
        &self,
        conn: &impl Connection,
        running: &RunningUpdate,
        valid_until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<std::result::Result<AgentOrder, String>> {
        let update = &running.update;
        let UpdateState::InProgress { night, .. } = update.state else { return Err(Error::Conflict) };
        let kind = self.order_kind(conn, running).await?;
        if let (Some(why), None) = (self.too_old(kind, now), update.dispatched_at) {
            return Ok(Err(why));
        }
        Ok(Ok(AgentOrder {
            order: update.id,
            environment: update.environment,
            attempt: update.attempts,
            build: running.build,
            kind,
            flights_off: flights_off(&store::flight::list(conn).await?, update.customer),
            night,
            begun_at: update.dispatched_at,
            valid_until,
        }))
    }

    /// From now on its agent is not asked through a deployer.
    async fn note_agent(&self, ctx: &CallerContext, environment: EnvironmentId) -> Result<()> {
        let known = store::agent::find(self.db().reader(), environment).await?;
        if known.is_some_and(|agent| ctx.now - agent.seen < SEEN_NOTED_AFTER) {
            return Ok(());
        }
        let tx = self.db().begin().await?;
        store::agent::spoke(&tx, environment, ctx.caller.token, ctx.now).await?;
        tx.commit().await?;
        Ok(())
    }

    fn wait_seconds(&self) -> u64 {
        let (least, most) = WAIT_SECONDS;
        let [random, ..] = self.ids().bytes32();
        let wait = least + u64::from(random) % (most - least + 1);
        // The night of a demo may last minutes.
        let factor = self.demo().map_or(1, |demo| u64::from(demo.speed().factor().max(1)));
        (wait / factor).max(1)
    }
}
