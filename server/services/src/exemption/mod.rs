//! Exemptions of regulated customers (rule S2): asked for by the customer or by support, decided by a named person on the
//! release side who is not the one who asked (A1), withdrawn, ended by time, announced before they end. What is granted
//! stands with the environment, where the planner reads it; the record stands here.
//!
//! Not here: the rules (`domain::fleet::exemption`), and the end itself: the planner wakes at it.

mod ask;
mod decide;
mod list;
mod remind;
mod view;

pub use ask::ExemptionForm;
pub(crate) use view::panel;

use crate::trail::{By, Deed};
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::fleet::exemption::{ExemptionError, ExemptionPolicy, ExemptionRecord};
use domain::ids::NotificationId;
use domain::notification::Subject;
use domain::notification::exemption::{ExemptionEvent, ExemptionLetter};
use domain::people::ReasonError;
use domain::wire::live::Topic;
use domain::wire::problem::FormProblem;
use serde_json::json;
use store::Connection;
use store::environment::Environment;
use store::notification::NewNotification;

/// The vendor's; data of a policy page, once there is one.
fn policy() -> ExemptionPolicy {
    ExemptionPolicy::default()
}

const fn problem(error: &ExemptionError) -> FormProblem {
    use domain::approval::ApprovalError as A;
    match error {
        ExemptionError::NotRegulated => FormProblem::NotRegulated,
        ExemptionError::Reason(ReasonError::Missing) => FormProblem::ReasonMissing,
        ExemptionError::Reason(ReasonError::TooLong) => FormProblem::ReasonTooLong,
        ExemptionError::Evidence(ReasonError::Missing) => FormProblem::EvidenceMissing,
        ExemptionError::Evidence(ReasonError::TooLong) => FormProblem::EvidenceTooLong,
        ExemptionError::Over => FormProblem::ExemptionOver,
        ExemptionError::TooLong { .. } => FormProblem::ExemptionTooLong,
        ExemptionError::Approval(A::IsAuthor) => FormProblem::ExemptionByAuthor,
        ExemptionError::Approval(A::ChangedMeanwhile) => FormProblem::ExemptionChanged,
        ExemptionError::Approval(A::NotAuthorised | A::SamePerson) => FormProblem::NotAllowed,
        ExemptionError::WrongEdge(_) => FormProblem::ExemptionSettled,
    }
}

impl Services {
    /// What every change of an exemption leaves behind: the audit event, and a word to whoever looks at the estate.
    async fn note_exemption(
        &self,
        tx: &impl Connection,
        (by, now): (By<'_>, DateTime<Utc>),
        action: &'static str,
        environment: &Environment,
        record: &ExemptionRecord,
    ) -> Result<()> {
        let deed = Deed {
            action,
            object_kind: "exemption",
            object_id: record.id.to_string(),
            customer: Some(environment.customer),
            details: json!({ "environment": environment.id, "record": record }),
        };
        self.audit(tx, by, now, deed).await?;
        let text = format!("The exemption of {} changed", environment.name);
        self.announce(tx, now, Topic::Estate(environment.customer), text).await
    }

    /// A letter to the owner. Nothing where its key was used before.
    async fn write_exemption_letter(
        &self,
        tx: &impl Connection,
        environment: &Environment,
        event: ExemptionEvent,
        dedupe_key: String,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (kind, name) = (event.kind(), environment.name.clone());
        let subject = Subject { environment: environment.id, name, kind: environment.kind };
        let letter = NewNotification {
            id: NotificationId::new(self.ids().uuid()),
            customer: environment.customer,
            kind,
            environment: Some(environment.id),
            rollout: None,
            payload: serde_json::to_value(ExemptionLetter { subject, event }).map_err(store::Error::from)?,
            created_at: now,
            dedupe_key,
        };
        store::notification::insert(tx, &letter).await?;
        Ok(())
    }
}
