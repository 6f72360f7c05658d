//! Asking for the emergency path. Who asked may ask anew as long as it is not in force; approvals given for the earlier
//! wording then do not count any more.

use super::{Desk, problem, request_problem};
use crate::rollout::{insist, or_faster, refused};
use crate::trail::{By, EmergencyDeed, RolloutEvent};
use crate::{Error, RequestContext, Result, Services};
use domain::emergency::{Criterion, EmergencyRequest, EmergencyState, Gate, Pace, Shortening};
use domain::ids::{EmergencyId, RolloutId};
use domain::people::{ReasonError, Reasoned};
use domain::permission::Permission;
use domain::rollout::RolloutState;
use domain::severity::Severity;
use domain::wire::emergency::EmergencyForm;
use domain::wire::problem::{FormOutcome, FormProblem};
use store::rollout::Rollout;

impl Services {
    pub async fn request_emergency(
        &self,
        ctx: &RequestContext,
        rollout: RolloutId,
        form: &EmergencyForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::RequestEmergency)?;
        or_faster(insist(|| self.ask_for_emergency(ctx, rollout, form)).await)
    }

    async fn ask_for_emergency(
        &self,
        ctx: &RequestContext,
        id: RolloutId,
        form: &EmergencyForm,
    ) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let rollout = store::rollout::find(&tx, id).await?.ok_or(Error::NotFound)?;
        if let RolloutState::Completed { .. } = rollout.state {
            return Ok(refused(FormProblem::RolloutOver));
        }
        let request = match read(ctx, &rollout, form) {
            Ok(request) => request,
            Err(problem) => return Ok(refused(problem)),
        };
        let desk = Desk::open(&tx).await?;
        let what = request.shortening.phrases().join(", ");
        let is_open = |state: &EmergencyState| {
            matches!(
                state,
                EmergencyState::Requested { .. } | EmergencyState::Approved { .. } | EmergencyState::Active { .. }
            )
        };
        let known = store::emergency::of_rollout(&tx, id).await?.into_iter().find(|known| is_open(&known.path.state));
        if let Some(known) = known {
            let path = match known.path.clone().edit(request, &desk.policy, &desk.freezes) {
                Ok(path) => path,
                Err(error) => return Ok(refused(problem(&error))),
            };
            let deeds = vec![EmergencyDeed::Changed { what }];
            self.save_emergency(&tx, By::Person(&ctx.actor), &known, &path, deeds, ctx.now).await?;
        } else {
            let new = EmergencyId::new(self.ids().uuid());
            let path = match request.file(new, &desk.policy, &desk.freezes) {
                Ok(path) => path,
                Err(error) => return Ok(refused(request_problem(error))),
            };
            store::rollout::bump(&tx, id, rollout.generation).await?;
            store::emergency::insert(&tx, &path, ctx.now).await?;
            let reason = path.request.why.reason.clone();
            let event = RolloutEvent::Emergency { emergency: new, did: EmergencyDeed::Requested { what, reason } };
            self.audit_rollout(&tx, By::Person(&ctx.actor), ctx.now, id, &event).await?;
        }
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done {
            message: "The emergency path is asked for. Two named people have to approve it.".into(),
        })
    }
}

/// What was typed, as a request; the domain judges it.
fn read(ctx: &RequestContext, rollout: &Rollout, form: &EmergencyForm) -> Result<EmergencyRequest, FormProblem> {
    let criterion = Criterion::from_key(&form.criterion).ok_or(FormProblem::CriterionMissing)?;
    let severity = Severity::from_key(&form.severity).ok_or(FormProblem::SeverityTooLow)?;
    let why = Reasoned::new(ctx.person(), &form.reason, ctx.now).map_err(|error| match error {
        ReasonError::Missing => FormProblem::ReasonMissing,
        ReasonError::TooLong => FormProblem::ReasonTooLong,
    })?;
    let ticked = [
        (&form.change_scrutiny, Gate::ChangeScrutiny),
        (&form.smoke_tests, Gate::SmokeTests),
        (&form.integration_tests, Gate::IntegrationTests),
    ];
    let shortening = Shortening {
        bake_hours: number(&form.bake_hours)?,
        covered_hours: number(&form.covered_hours)?,
        samples: number(&form.samples)?,
        notice_hours: number(&form.notice_hours)?,
        gap_days: number(&form.gap_days)?,
        any_night: !form.any_night.is_empty(),
        reduced: ticked.into_iter().filter(|(tick, _)| !tick.is_empty()).map(|(_, gate)| gate).collect(),
    }
    .below(Pace::usual(&rollout.policy));
    Ok(EmergencyRequest {
        rollout: rollout.id,
        build: rollout.build,
        criterion,
        severity,
        why,
        shortening,
        overrides: form.overrides.clone(),
        lasts_hours: number(&form.lasts_hours)?.ok_or(FormProblem::EmergencyLengthWrong)?,
    })
}

/// Nothing typed is as usual.
fn number<N: std::str::FromStr>(text: &str) -> Result<Option<N>, FormProblem> {
    match text.trim() {
        "" => Ok(None),
        typed => typed.parse().map(Some).map_err(|_| FormProblem::NumberUnreadable),
    }
}
