//! What customers are told: one letter per environment and change, of a plan or of how an attempt ended; one per customer
//! when a rollout starts or is halted. Written in the transaction of the change; the key makes a letter unique, so a replay writes none twice.

use crate::{Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::ids::{CustomerId, NotificationId, RolloutId};
use domain::notification::{NotificationEvent, NotificationPayload, ScheduledPlace, Subject};
use domain::rollout::{Action, EnvironmentFacts, EnvironmentReason, MoveReason, RolloutFacts, UpdateState};
use std::collections::BTreeMap;
use store::Connection;
use store::environment::Environment;
use store::notification::NewNotification;
use store::update::Update;

/// A letter to one customer before it is written.
#[derive(Debug)]
pub(crate) struct NewLetter {
    pub customer: CustomerId,
    pub rollout: RolloutId,
    pub payload: NotificationPayload,
    /// Where it was used before, no letter is written.
    pub key: String,
}

impl Services {
    pub(crate) async fn notify(&self, tx: &impl Connection, drafts: &[NewLetter], now: DateTime<Utc>) -> Result<()> {
        let mut letters = Vec::with_capacity(drafts.len());
        for draft in drafts.iter().filter(|draft| !planted::omits(&draft.payload.event)) {
            letters.push(self.written(draft, draft.key.clone(), now)?);
            if planted::is("letter-twice") {
                letters.push(self.written(draft, format!("{} again", draft.key), now)?);
            }
        }
        store::notification::insert_many(tx, &letters).await?;
        Ok(())
    }

    fn written(&self, draft: &NewLetter, dedupe_key: String, now: DateTime<Utc>) -> Result<NewNotification> {
        let event = &draft.payload.event;
        Ok(NewNotification {
            id: NotificationId::new(self.ids().uuid()),
            customer: draft.customer,
            kind: event.kind(),
            environment: event.subject().map(|subject| subject.environment),
            rollout: Some(draft.rollout),
            payload: serde_json::to_value(&draft.payload).map_err(store::Error::from)?,
            created_at: now,
            dedupe_key,
        })
    }
}

fn subject(environment: &EnvironmentFacts) -> Subject {
    Subject { environment: environment.id, name: environment.name.clone(), kind: environment.kind }
}

/// The letter of one action, and the key that makes it unique.
pub fn letter(
    facts: &RolloutFacts,
    environment: &EnvironmentFacts,
    action: &Action,
) -> Option<(NotificationEvent, String)> {
    let subject = subject(environment);
    let cancelled = match environment.update.as_ref().map(|update| &update.state) {
        Some(UpdateState::Announced { night, .. }) => Some(*night),
        _ => None,
    };
    Some(match action {
        Action::Announce { update, night, why, .. } => {
            let declared_minutes = facts.policy.declared_minutes;
            let reasons = why.reasons.clone();
            let event = NotificationEvent::Announced { subject, night: *night, declared_minutes, reasons };
            (event, format!("{update}:announced:{}:{}", night.start.timestamp(), facts.generation))
        }
        Action::Relocate { update, from, to, reason, .. } => {
            let event = NotificationEvent::Moved { subject, from: *from, to: *to, reason: reason.clone() };
            (event, format!("{update}:moved:{}:{}", to.start.timestamp(), facts.generation))
        }
        Action::Retry { update, to, .. } => {
            let state = environment.update.as_ref().map(|update| &update.state);
            let Some(UpdateState::Failed { night, error, .. }) = state else { return None };
            let reason = MoveReason::AttemptFailed { error: error.clone() };
            let event = NotificationEvent::Moved { subject, from: *night, to: *to, reason };
            (event, format!("{update}:moved:{}:{}", to.start.timestamp(), facts.generation))
        }
        Action::EndPull { update, night, before, reason, .. } => {
            let (night, stays) = (*night, before.night());
            let event = NotificationEvent::PullEnded { subject, night, stays, reason: reason.clone() };
            (event, format!("{update}:pull_ended:{}", facts.generation))
        }
        // What was not announced is not taken back. Whoever was told of a failure is told that it is over.
        Action::Satisfy { .. } if cancelled.is_none() && !has_failed(environment) => return None,
        Action::Satisfy { update, .. } => {
            let key = format!("{update}:satisfied:{}", facts.generation);
            (NotificationEvent::Satisfied { subject, cancelled }, key)
        }
        // More are taken, and it is not among them: nothing changed for it.
        Action::Skip { reason: EnvironmentReason::NotInShare { .. }, .. } if is_outside(environment) => return None,
        Action::Skip { update, reason, .. } => {
            let event = NotificationEvent::Skipped { subject, reason: reason.clone(), cancelled };
            (event, format!("{update}:skipped:{}", facts.generation))
        }
        // That the last attempt failed, and what happens next, was told with its outcome.
        Action::Hold { reason: EnvironmentReason::AttemptsUsed { attempts, .. }, .. }
            if *attempts >= facts.policy.attempts_max =>
        {
            return None;
        }
        Action::Hold { update, reason, .. } => {
            let event = NotificationEvent::Held { subject, reason: reason.clone(), cancelled };
            (event, format!("{update}:held:{}", facts.generation))
        }
        _ => return None,
    })
}

/// The letters that tell how an attempt ended, each with the key that makes it unique.
pub fn outcome(
    update: &Update,
    environment: &Environment,
    next: &UpdateState,
    attempts_max: u8,
) -> Vec<(NotificationEvent, String)> {
    let subject = Subject { environment: environment.id, name: environment.name.clone(), kind: environment.kind };
    // It may come twice: what was there and is no more is updated again; and an ending that was told may be taken back.
    let taken_back = if update.state.is_running() { String::new() } else { format!(":{}", update.generation) };
    let key = |what: &str| format!("{}:{what}:{}{taken_back}", update.id, update.attempts);
    match next {
        // Taken ahead: the build came, and the push finds it there.
        UpdateState::AlreadySatisfied { since, cancelled, pulled_at: Some(started_at) } => {
            let (minutes, night) = ((*since - *started_at).num_minutes(), update.state.night());
            let delivered = |night| NotificationEvent::Delivered { subject, night, minutes, replaces: *cancelled };
            night.map(|night| (delivered(night), key("delivered"))).into_iter().collect()
        }
        UpdateState::Succeeded { night, started_at, finished_at } => {
            let minutes = (*finished_at - *started_at).num_minutes();
            let event = NotificationEvent::Delivered { subject, night: *night, minutes, replaces: None };
            vec![(event, key("delivered"))]
        }
        UpdateState::Failed { error, .. } => {
            let attempts_left = attempts_max.saturating_sub(update.attempts);
            let event = NotificationEvent::Failed { subject, error: error.clone(), attempts_left };
            vec![(event, key("failed"))]
        }
        _ => Vec::new(),
    }
}

/// One letter a customer for everything that a plan enrols of theirs.
pub fn scheduled(facts: &RolloutFacts, actions: &[Action]) -> BTreeMap<CustomerId, NotificationEvent> {
    let mut letters: BTreeMap<CustomerId, (Vec<ScheduledPlace>, Vec<_>)> = BTreeMap::new();
    for action in actions {
        let Action::Enrol { environment, stage, state, .. } = action else { continue };
        let Some(environment) = facts.environments.iter().find(|known| known.id == *environment) else { continue };
        let (places, left_out) = letters.entry(environment.customer).or_default();
        let window = facts.stages.iter().find(|known| Some(known.key) == *stage).map(|known| known.window);
        match (state, window) {
            (UpdateState::Planned, Some(window)) => {
                places.push(ScheduledPlace { subject: subject(environment), window });
            }
            (UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. }, _) => {
                left_out.push((subject(environment), reason.clone()));
            }
            _ => {}
        }
    }
    letters
        .into_iter()
        .filter(|(_, (places, left_out))| !places.is_empty() || !left_out.is_empty())
        .map(|(customer, (places, left_out))| {
            let announce_ahead_days = facts.policy.ahead_days();
            (customer, NotificationEvent::Scheduled { places, left_out, announce_ahead_days })
        })
        .collect()
}

/// The last attempt failed, and nothing was announced since.
fn has_failed(environment: &EnvironmentFacts) -> bool {
    environment.update.as_ref().is_some_and(|update| update.state.failed_attempt().is_some())
}

/// It was not in the share before either.
fn is_outside(environment: &EnvironmentFacts) -> bool {
    let state = environment.update.as_ref().map(|update| &update.state);
    matches!(state, Some(UpdateState::Skipped { reason: EnvironmentReason::NotInShare { .. }, .. }))
}

#[cfg(test)]
#[path = "letters_tests.rs"]
mod tests;
