//! What people do to a path that was asked for: approve, end, withdraw, complete a gate out of band, review.

use super::{Desk, digest_of, problem};
use crate::rollout::{insist, or_faster, refused};
use crate::trail::{By, EmergencyDeed};
use crate::{Error, RequestContext, Result, Services, planted};
use domain::approval::Approved;
use domain::emergency::{EmergencyError, EmergencyPath, EmergencyState, Gate, GateResult, OutOfBand, Review};
use domain::ids::EmergencyId;
use domain::people::{ReasonError, Reasoned, reason};
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};

/// Everything that these forms send; each uses its own part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EmergencyActForm {
    /// Of what the approver read.
    pub digest: String,
    /// Why it ends, the evidence of a gate, or the review.
    pub text: String,
    pub gate: String,
    /// `pass` or `fail`.
    pub result: String,
    /// A review: where it is written, if not here.
    pub link: String,
}

/// What became of the path, what is told of it, and what the person is told.
type Acted = std::result::Result<(EmergencyPath, Vec<EmergencyDeed>, String), FormProblem>;

impl Services {
    /// The second approval that counts puts it into force.
    pub async fn approve_emergency(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        form: &EmergencyActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::ApproveEmergency)?;
        self.act_on_emergency(ctx, id, |path, desk| approve(ctx, path, desk, form)).await
    }

    pub async fn end_emergency(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        form: &EmergencyActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::RequestEmergency)?;
        self.act_on_emergency(ctx, id, |path, _| {
            let why = why(ctx, &form.text)?;
            let reason = why.reason.clone();
            let is_active = matches!(path.state, EmergencyState::Active { .. });
            let (path, did) = if is_active {
                (path.end(why), EmergencyDeed::Ended { reason })
            } else {
                (path.withdraw(why), EmergencyDeed::Withdrawn { reason })
            };
            let path = path.map_err(|error| problem(&error))?;
            let said = if is_active { "The emergency path is ended. Its review is owed." } else { "It is withdrawn." };
            Ok((path, vec![did], said.to_owned()))
        })
        .await
    }

    pub async fn complete_emergency_gate(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        form: &EmergencyActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::RequestEmergency)?;
        self.act_on_emergency(ctx, id, |path, _| {
            let gate = Gate::from_key(&form.gate).ok_or(FormProblem::GateNotOwed)?;
            let pass = match form.result.as_str() {
                "pass" => true,
                "fail" => false,
                _ => return Err(FormProblem::ResultMissing),
            };
            let note = reason(&form.text).map_err(evidence)?;
            let result = GateResult { pass, by: ctx.person(), at: ctx.now, note: note.clone() };
            let path = path.complete_gate(gate, result).map_err(|error| problem(&error))?;
            let message = format!("The {} is completed out of band.", gate.word());
            Ok((path, vec![EmergencyDeed::GateCompleted { gate, pass, note }], message))
        })
        .await
    }

    pub async fn review_emergency(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        form: &EmergencyActForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::RequestEmergency)?;
        self.act_on_emergency(ctx, id, |path, _| {
            let text = match reason(&form.text) {
                Ok(text) => text,
                Err(ReasonError::Missing) => String::new(),
                Err(ReasonError::TooLong) => return Err(FormProblem::TextTooLong),
            };
            let link = Some(form.link.trim().to_owned()).filter(|link| !link.is_empty());
            let review = Review { by: ctx.person(), at: ctx.now, text, link };
            let path = path.review(review).map_err(|error| problem(&error))?;
            Ok((path, vec![EmergencyDeed::Reviewed], "The review is written; nothing is owed any more.".to_owned()))
        })
        .await
    }

    async fn act_on_emergency(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        act: impl Fn(EmergencyPath, &Desk) -> Acted + Sync,
    ) -> Result<FormOutcome> {
        let act = &act;
        or_faster(insist(|| self.act_once(ctx, id, act)).await)
    }

    async fn act_once(
        &self,
        ctx: &RequestContext,
        id: EmergencyId,
        act: &(impl Fn(EmergencyPath, &Desk) -> Acted + Sync),
    ) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let known = store::emergency::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let desk = Desk::open(&tx).await?;
        let (path, deeds, message) = match act(known.path.clone(), &desk) {
            Ok(acted) => acted,
            Err(problem) => return Ok(refused(problem)),
        };
        self.save_emergency(&tx, By::Person(&ctx.actor), &known, &path, deeds, ctx.now).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message })
    }
}

fn approve(ctx: &RequestContext, path: EmergencyPath, desk: &Desk, form: &EmergencyActForm) -> Acted {
    let broken = |_| FormProblem::Unavailable;
    let digest = digest_of(&path).map_err(broken)?;
    let read = form.digest.parse().map_err(|_| FormProblem::ChangedMeanwhile)?;
    let approval = Approved { digest: read, by: ctx.person(), at: ctx.now };
    let refuse = |error: EmergencyError| problem(&error);
    let path = path.approve(approval, &digest, &desk.policy).map_err(refuse)?;
    let path = planted::approved(path, ctx.now);
    let mut deeds = vec![EmergencyDeed::Approved];
    if !matches!(path.state, EmergencyState::Approved { .. }) {
        return Ok((path, deeds, "Approved. One more named person has to approve it.".to_owned()));
    }
    let path = path.activate(&digest, &desk.policy, &desk.freezes, ctx.now).map_err(refuse)?;
    let owed = path.state.used().map_or(&[][..], |used| &used.debts).iter();
    let owed: Vec<Gate> = owed.map(|OutOfBand { gate, .. }| *gate).collect();
    deeds.push(EmergencyDeed::InForce { hours: path.request.lasts_hours, owed });
    Ok((path, deeds, "Approved. The emergency path is in force.".to_owned()))
}

fn why(ctx: &RequestContext, text: &str) -> Result<Reasoned, FormProblem> {
    Reasoned::new(ctx.person(), text, ctx.now).map_err(|error| match error {
        ReasonError::Missing => FormProblem::EndReasonMissing,
        ReasonError::TooLong => FormProblem::TextTooLong,
    })
}

/// What was run and where its result is.
const fn evidence(error: ReasonError) -> FormProblem {
    match error {
        ReasonError::Missing => FormProblem::GateEvidenceMissing,
        ReasonError::TooLong => FormProblem::TextTooLong,
    }
}
