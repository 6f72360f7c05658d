//! The operator names who may approve an emergency path: "define who can approve SDP acceleration" (seed).

use crate::rollout::refused;
use crate::trail::{By, Deed};
use crate::{RequestContext, Result, Services};
use domain::ids::UserId;
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;

/// Fewer could never approve anything that one of them asked for.
const APPROVERS_MIN: usize = 2;

impl Services {
    /// Only people whose role may approve are taken; a path in force is not touched by it.
    pub async fn set_emergency_approvers(&self, ctx: &RequestContext, chosen: &[UserId]) -> Result<FormOutcome> {
        ctx.require(Permission::SetPolicy)?;
        let tx = self.db().begin().await?;
        let may = |user: &store::user::User| user.disabled_at.is_none() && user.role.may(Permission::ApproveEmergency);
        let staff = store::user::list(&tx).await?;
        let approvers: Vec<UserId> =
            staff.iter().filter(|user| may(user) && chosen.contains(&user.id)).map(|user| user.id).collect();
        if approvers.len() < APPROVERS_MIN {
            return Ok(refused(FormProblem::TooFewApprovers));
        }
        let mut policy = store::emergency::policy(&tx).await?;
        let before = std::mem::replace(&mut policy.approvers, approvers);
        store::emergency::set_policy(&tx, &policy).await?;
        let deed = Deed {
            action: "policy.emergency_approvers",
            object_kind: "policy",
            object_id: "emergency".to_owned(),
            customer: None,
            details: json!({ "from": before, "to": policy.approvers }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        tx.commit().await?;
        Ok(FormOutcome::Done { message: format!("{} people may approve an emergency path.", policy.approvers.len()) })
    }
}
