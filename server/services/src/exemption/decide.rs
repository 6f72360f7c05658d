//! Granting, refusing and withdrawing. Granted and withdrawn are written to the environment too, where the planner reads
//! them; its estate is due at once.

use super::{policy, problem};
use crate::rollout::{or_faster, reason};
use crate::trail::By;
use crate::{Error, RequestContext, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::approval::{Approved, Digest};
use domain::fleet::Exemption;
use domain::fleet::exemption::ExemptionRecord;
use domain::ids::ExemptionId;
use domain::notification::exemption::ExemptionEvent;
use domain::people::Reasoned;
use domain::permission::{Permission, TenantScope};
use domain::wire::problem::{FormOutcome, FormProblem};
use store::Tx;
use store::environment::Environment;
use store::exemption::Known;

/// A decision as it is written.
struct Decision {
    after: ExemptionRecord,
    action: &'static str,
    event: ExemptionEvent,
    message: String,
}

impl Services {
    /// `digest` is of what was read: a request that is another one meanwhile is not granted.
    pub async fn grant_exemption(&self, ctx: &RequestContext, id: ExemptionId, digest: &str) -> Result<FormOutcome> {
        ctx.require(Permission::DecideExemption)?;
        or_faster(self.grant(ctx, id, digest).await)
    }

    async fn grant(&self, ctx: &RequestContext, id: ExemptionId, seen: &str) -> Result<FormOutcome> {
        let refuse = |problem| Ok(FormOutcome::Refused { problem });
        let Ok(seen) = seen.parse::<Digest>() else { return refuse(FormProblem::ExemptionChanged) };
        let tx = self.db().begin().await?;
        let (known, environment) = load(&tx, id).await?;
        let scope = TenantScope::Customer(known.customer);
        let customer = store::customer::find(&tx, scope, known.customer).await?.ok_or(Error::NotFound)?;
        let approval = Approved { digest: seen, by: ctx.person(), at: ctx.now };
        let stands = store::digest::of(&known.record.request)?;
        let granted = known.record.clone().grant(approval, &stands, &[ctx.actor.user], customer.regulated);
        let after = match granted {
            Ok(after) => after,
            Err(error) => return refuse(problem(&error)),
        };
        let (until, by) = (after.request.expires_at, ctx.actor.name.clone());
        let decision = Decision {
            message: format!("{} is exempt. Its owner is told.", environment.name),
            event: ExemptionEvent::Granted { until, by },
            action: "exemption.granted",
            after,
        };
        self.decide(ctx, tx, &known, &environment, decision).await
    }

    pub async fn refuse_exemption(&self, ctx: &RequestContext, id: ExemptionId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::DecideExemption)?;
        or_faster(self.refuse_asked(ctx, id, why).await)
    }

    async fn refuse_asked(&self, ctx: &RequestContext, id: ExemptionId, why: &str) -> Result<FormOutcome> {
        let refusal = match reason(why) {
            Ok(reason) => Reasoned { by: ctx.person(), reason, at: ctx.now },
            Err(problem) => return Ok(FormOutcome::Refused { problem }),
        };
        let tx = self.db().begin().await?;
        let (known, environment) = load(&tx, id).await?;
        let (by, reason) = (refusal.by.name.clone(), refusal.reason.clone());
        let Ok(after) = known.record.clone().refuse(refusal) else {
            return Ok(FormOutcome::Refused { problem: FormProblem::ExemptionSettled });
        };
        let decision = Decision {
            message: "The request is refused. Its owner is told.".to_owned(),
            event: ExemptionEvent::Refused { by, reason },
            action: "exemption.refused",
            after,
        };
        self.decide(ctx, tx, &known, &environment, decision).await
    }

    pub async fn withdraw_exemption(&self, ctx: &RequestContext, id: ExemptionId, why: &str) -> Result<FormOutcome> {
        ctx.require(Permission::DecideExemption)?;
        or_faster(self.withdraw_granted(ctx, id, why).await)
    }

    async fn withdraw_granted(&self, ctx: &RequestContext, id: ExemptionId, why: &str) -> Result<FormOutcome> {
        let withdrawal = match reason(why) {
            Ok(reason) => Reasoned { by: ctx.person(), reason, at: ctx.now },
            Err(problem) => return Ok(FormOutcome::Refused { problem }),
        };
        let tx = self.db().begin().await?;
        let (known, environment) = load(&tx, id).await?;
        let (by, reason) = (withdrawal.by.name.clone(), withdrawal.reason.clone());
        let Ok(after) = known.record.clone().withdraw(withdrawal) else {
            return Ok(FormOutcome::Refused { problem: FormProblem::ExemptionSettled });
        };
        let decision = Decision {
            message: format!("The exemption of {} is withdrawn. Its owner is told.", environment.name),
            event: ExemptionEvent::Withdrawn { by, reason },
            action: "exemption.withdrawn",
            after,
        };
        self.decide(ctx, tx, &known, &environment, decision).await
    }

    async fn decide(
        &self,
        ctx: &RequestContext,
        tx: Tx,
        known: &Known,
        environment: &Environment,
        decision: Decision,
    ) -> Result<FormOutcome> {
        let Decision { after, action, event, message } = decision;
        store::exemption::save(&tx, known, &after, after.next_reminder(&policy())).await?;
        let holds = in_force(&tx, known.customer, environment, ctx.now).await?;
        if holds != environment.exemption && !planted::is("exemption-not-noted") {
            store::environment::set_exemption(&tx, environment.id, holds.as_ref()).await?;
        }
        self.note_exemption(&tx, (By::Person(&ctx.actor), ctx.now), action, environment, &after).await?;
        self.write_exemption_letter(&tx, environment, event, format!("{}:{action}", after.id), ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message })
    }
}

async fn load(tx: &Tx, id: ExemptionId) -> Result<(Known, Environment)> {
    let known = store::exemption::find(tx, TenantScope::AllCustomers, id).await?.ok_or(Error::NotFound)?;
    let scope = TenantScope::Customer(known.customer);
    let environment = store::environment::find(tx, scope, known.environment).await?.ok_or(Error::NotFound)?;
    Ok((known, environment))
}

/// Of what is granted, the one that holds longest. One that no record tells of (it was there at registration) stays as long
/// as no record takes its place.
async fn in_force(
    tx: &Tx,
    customer: domain::ids::CustomerId,
    environment: &Environment,
    now: DateTime<Utc>,
) -> Result<Option<Exemption>> {
    let records = store::exemption::of_environment(tx, TenantScope::Customer(customer), environment.id).await?;
    let granted = records.iter().filter_map(|known| known.record.exemption()).filter(|granted| granted.holds_at(now));
    let recorded = |standing: &Exemption| {
        records.iter().any(|known| {
            let request = &known.record.request;
            request.expires_at == standing.expires_at && request.evidence == standing.evidence
        })
    };
    let registered = environment.exemption.clone().filter(|standing| !recorded(standing));
    Ok(granted.chain(registered).max_by_key(|exemption| exemption.expires_at))
}
