//! Asking for an exemption of one environment, with reason, evidence and a last day.

use super::{policy, problem};
use crate::rollout::or_faster;
use crate::trail::By;
use crate::{Error, RequestContext, Result, Services};
use chrono::{DateTime, NaiveDate, Utc};
use domain::fleet::exemption::{ExemptionRequest, ExemptionScope, ExemptionState};
use domain::ids::{EnvironmentId, ExemptionId};
use domain::people::Reasoned;
use domain::permission::{Permission, TenantScope};
use domain::wire::problem::{FormOutcome, FormProblem};

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExemptionForm {
    pub reason: String,
    /// A document by name, or its address.
    pub evidence: String,
    /// ISO date; the exemption holds to its end, by UTC.
    pub last_day: String,
}

impl ExemptionForm {
    fn ends(&self) -> Result<DateTime<Utc>, FormProblem> {
        let day: NaiveDate = self.last_day.trim().parse().map_err(|_| FormProblem::LastDayMissing)?;
        let next = day.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0));
        next.map(|midnight| midnight.and_utc()).ok_or(FormProblem::ExemptionTooLong)
    }
}

impl Services {
    pub async fn request_exemption(
        &self,
        ctx: &RequestContext,
        id: EnvironmentId,
        form: &ExemptionForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::RequestExemption)?;
        or_faster(self.file_exemption(ctx, id, form).await)
    }

    async fn file_exemption(
        &self,
        ctx: &RequestContext,
        id: EnvironmentId,
        form: &ExemptionForm,
    ) -> Result<FormOutcome> {
        let refuse = |problem| Ok(FormOutcome::Refused { problem });
        let scope = ctx.environment_scope()?;
        let tx = self.db().begin().await?;
        let environment = store::environment::find(&tx, scope, id).await?.ok_or(Error::NotFound)?;
        let own = TenantScope::Customer(environment.customer);
        let customer = store::customer::find(&tx, own, environment.customer).await?.ok_or(Error::NotFound)?;
        // Two requests at once would each find none before it.
        store::customer::lock(&tx, customer.id).await?;
        let asked = store::exemption::of_environment(&tx, own, id).await?;
        if asked.iter().any(|known| known.record.state == ExemptionState::Requested) {
            return refuse(FormProblem::ExemptionOpen);
        }
        let expires_at = match form.ends() {
            Ok(ends) => ends,
            // What stands before it in the form is told first.
            Err(_) if form.reason.trim().is_empty() => return refuse(FormProblem::ReasonMissing),
            Err(_) if form.evidence.trim().is_empty() => return refuse(FormProblem::EvidenceMissing),
            Err(problem) => return refuse(problem),
        };
        let request = ExemptionRequest {
            scope: ExemptionScope::Environment { environment: id },
            why: Reasoned { by: ctx.person(), reason: form.reason.clone(), at: ctx.now },
            evidence: form.evidence.clone(),
            expires_at,
        };
        let new_id = ExemptionId::new(self.ids().uuid());
        let record = match request.file(new_id, customer.regulated, &policy(), ctx.now) {
            Ok(record) => record,
            Err(error) => return refuse(problem(&error)),
        };
        store::exemption::insert(&tx, &record, customer.id, id).await?;
        let by = (By::Person(&ctx.actor), ctx.now);
        self.note_exemption(&tx, by, "exemption.requested", &environment, &record).await?;
        tx.commit().await?;
        self.events().poke();
        let message = format!("The exemption of {} is asked for. You are told what is decided.", environment.name);
        Ok(FormOutcome::Done { message })
    }
}
