//! Asking the deployer about running updates, and handing on what nobody has heard of.

use super::dispatch::Begin;
use super::order::flights_off;
use crate::ports::{DeployError, ORDER_VALID, Progress, UpdateOrder};
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, TimeDelta, Utc};
use domain::pull_ahead::Booked;
use domain::rollout::{UpdateState, WrongEdge};
use futures::StreamExt;
use futures::future::{BoxFuture, join_all, ready};
use futures::stream::FuturesOrdered;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use store::update::{RunningUpdate, Update};

/// An update of which nothing good is heard for this long has failed. Four times the 90 minutes that a rollout
/// declares, and as long as a whole night.
const SILENCE_MAX: TimeDelta = TimeDelta::hours(6);
/// A deployer only takes note of an order or reads one, which takes milliseconds. A rollout at its cap of 200, asked 32
/// at a time, takes 7 turns of at most two calls: 7 × 2 × 2 s = 28 s, within the 30 s of the lease, though nobody answers.
pub(crate) const ANSWER_MAX: Duration = Duration::from_secs(2);
pub(super) const ASKED_AT_ONCE: usize = 32;

/// What asking about one update led to.
pub(super) enum Answer {
    Unchanged,
    Moved(UpdateState),
    /// It was never begun and may not begin; that is written already.
    SentBack,
}

type Heard = Result<Progress, DeployError>;

/// Of an update about which the deployer is asked: the order, or what is known without it.
enum Asked {
    Order(UpdateOrder),
    Answered(Answer),
}

/// Of an update that the deployer told of.
enum Begun {
    /// It never heard of it: the order is to be handed on.
    Claimed(UpdateOrder),
    Answered(Answer),
}

impl Services {
    /// All of these; an answer for each, in their order. The deployer is asked about many at once; what the database is asked
    /// comes one after the other, so that the same updates are begun in the same order whatever answers first.
    pub(super) async fn ask(
        &self,
        running: &[RunningUpdate],
        flights: &[store::flight::Known],
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Vec<Result<Answer>> {
        let mut asked = Vec::with_capacity(running.len());
        for running in running {
            asked.push(self.prepare(running, flights, epoch, now).await);
        }
        let mut asking: Vec<BoxFuture<'_, Option<Heard>>> = Vec::with_capacity(asked.len());
        for asked in &asked {
            asking.push(Box::pin(async move {
                let Ok(Asked::Order(order)) = asked else { return None };
                Some(planted::heard(self.progress(order, now).await))
            }));
        }
        let heard = join_all(asking).await;
        // Claimed one after the other, and each handed on as soon as it is: an order is valid for seconds.
        let (mut going, mut answers) = (FuturesOrdered::new(), Vec::with_capacity(running.len()));
        for ((running, asked), heard) in running.iter().zip(asked).zip(heard) {
            let begun = beside(&mut going, &mut answers, self.begun(running, asked, heard, epoch, now)).await;
            let next: BoxFuture<'_, Result<Answer>> = match begun {
                Ok(Begun::Claimed(order)) => Box::pin(self.set_going(running, order, now)),
                Ok(Begun::Answered(answer)) => Box::pin(ready(Ok(answer))),
                Err(error) => Box::pin(ready(Err(error))),
            };
            going.push_back(next);
        }
        answers.extend(going.collect::<Vec<_>>().await);
        answers
    }

    async fn begun(
        &self,
        running: &RunningUpdate,
        asked: Result<Asked>,
        heard: Option<Heard>,
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<Begun> {
        Ok(match (asked?, heard) {
            (Asked::Order(order), Some(heard)) => self.claim(running, order, heard, epoch, now).await?,
            (Asked::Order(_), None) => Begun::Answered(Answer::Unchanged),
            (Asked::Answered(answer), _) => Begun::Answered(answer),
        })
    }

    async fn prepare(
        &self,
        running: &RunningUpdate,
        flights: &[store::flight::Known],
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<Asked> {
        let update = &running.update;
        let (UpdateState::InProgress { started_at, night } | UpdateState::Verifying { started_at, night, .. }) =
            update.state
        else {
            return Ok(Asked::Answered(Answer::Unchanged));
        };
        if self.is_pulled(running) {
            return self.look_after(running, epoch, now).await.map(Asked::Answered);
        }
        Ok(Asked::Order(UpdateOrder {
            update: update.id,
            environment: update.environment,
            build: running.build,
            started_at,
            attempt: update.attempts,
            kind: self.order_kind(self.db().reader(), running).await?,
            flights_off: flights_off(flights, update.customer),
            dispatched: update.dispatched_at,
            night,
            valid_until: update.dispatched_at.unwrap_or(started_at) + ORDER_VALID,
        }))
    }

    /// An unreachable deployer is no failure of the update: it is asked again at the next tick, up to [`SILENCE_MAX`]. What
    /// nobody has heard of is claimed, to be begun at once.
    async fn claim(
        &self,
        running: &RunningUpdate,
        order: UpdateOrder,
        heard: Heard,
        epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<Begun> {
        let (update, since) = (&running.update, order.started_at);
        let is_unheard =
            heard == Err(DeployError::NeverBegun) && matches!(update.state, UpdateState::InProgress { .. });
        if !is_unheard {
            return answer(update, heard, since, now).map(Begun::Answered);
        }
        if let Some(error) = self.too_old(order.kind, now) {
            return answer(update, Ok(Progress::Failed { error }), since, now).map(Begun::Answered);
        }
        Ok(match self.begin(running, order, epoch).await? {
            Begin::SentBack => Begun::Answered(Answer::SentBack),
            Begin::Claimed(order) => Begun::Claimed(order),
        })
    }

    async fn set_going(&self, running: &RunningUpdate, order: UpdateOrder, now: DateTime<Utc>) -> Result<Answer> {
        let heard = match self.hand_on(&order).await {
            Ok(()) => self.progress(&order, now).await,
            Err(error) => Err(error),
        };
        answer(&running.update, heard, order.started_at, now)
    }

    async fn hand_on(&self, order: &UpdateOrder) -> Result<(), DeployError> {
        let call = tokio::time::timeout(ANSWER_MAX, self.deployer().start(order));
        call.await.unwrap_or_else(|_| Err(too_slow()))
    }

    /// Nobody is asked about what nobody outside has heard of.
    async fn progress(&self, order: &UpdateOrder, now: DateTime<Utc>) -> Result<Progress, DeployError> {
        if order.dispatched.is_none() {
            return Err(DeployError::NeverBegun);
        }
        let call = tokio::time::timeout(ANSWER_MAX, self.deployer().progress(order, now));
        call.await.unwrap_or_else(|_| Err(too_slow()))
    }
}

/// Awaits its own, and sees that what goes on beside it does.
async fn beside<T>(
    going: &mut FuturesOrdered<BoxFuture<'_, Result<Answer>>>,
    answers: &mut Vec<Result<Answer>>,
    own: impl Future<Output = T>,
) -> T {
    let mut own = pin!(own);
    poll_fn(|context| {
        while let Poll::Ready(Some(answer)) = going.poll_next_unpin(context) {
            answers.push(answer);
        }
        own.as_mut().poll(context)
    })
    .await
}

pub(crate) fn too_slow() -> DeployError {
    DeployError::NoAnswer(format!("no answer within {} seconds", ANSWER_MAX.as_secs()))
}

/// What follows from what was heard, since `since`.
pub(super) fn answer(
    update: &Update,
    heard: Result<Progress, DeployError>,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Answer> {
    match next_state(update, heard, since, now) {
        None => Ok(Answer::Unchanged),
        Some(Ok(next)) => Ok(Answer::Moved(next)),
        Some(Err(edge)) => Err(Error::Broken { what: "the engine", why: format!("update {}: {edge}", update.id) }),
    }
}

/// The state that follows from what was heard; `None` while nothing changed or nothing is known.
fn next_state(
    update: &Update,
    heard: Result<Progress, DeployError>,
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Result<UpdateState, WrongEdge>> {
    let state = update.state.clone();
    let patient = now - started_at < SILENCE_MAX;
    Some(match heard {
        // Nothing has touched the environment, so nothing failed: the next tick begins it, or sends it back.
        Err(DeployError::Refused) => return None,
        Err(error) if patient => {
            tracing::warn!(update = %update.id, %error, "no progress known");
            return None;
        }
        Err(error) => state.fail(format!("no report for {} hours: {error}", SILENCE_MAX.num_hours()), now),
        Ok(Progress::Running) if patient => return None,
        Ok(Progress::Running) => state.fail(format!("not done after {} hours", SILENCE_MAX.num_hours()), now),
        Ok(Progress::Applied) if matches!(state, UpdateState::Verifying { .. }) && patient => return None,
        Ok(Progress::Applied) if matches!(state, UpdateState::Verifying { .. }) => {
            state.fail(format!("not healthy after {} hours", SILENCE_MAX.num_hours()), now)
        }
        Ok(Progress::Applied) => state.applied(now),
        Ok(Progress::Healthy) if matches!(state, UpdateState::InProgress { .. }) => state.applied(now),
        Ok(Progress::Healthy) => {
            let pull = update.pull.as_ref().filter(|_| !planted::is("pull-counts-as-push"));
            Booked::confirm(pull, state, now)
        }
        Ok(Progress::Failed { error }) => state.fail(error, now),
    })
}
