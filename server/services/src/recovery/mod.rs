//! Ways out of a halt (seed "Issue detection"): fall back by flight, roll forward, roll back, redeploy. The rules are
//! `domain::recovery`. Each is proposed, approved by a second person, started; none of them lifts the halt.
//!
//! | file | use case |
//! |---|---|
//! | `facts` | what the menu is made from |
//! | `propose`, `decide` | choose a way; approve, start, abandon it |
//! | `carry_out` | what starting it does: flights, rollouts |
//! | `complete` | the engine notes that its rollouts are done |
//! | `show` | the page |

mod carry_out;
mod complete;
mod decide;
mod facts;
mod propose;
mod show;

pub use decide::RecoveryActForm;
pub(crate) use facts::halt_of;
pub use propose::RecoveryForm;

use crate::trail::{By, RecoveryDeed, RolloutEvent};
use crate::{Error, Result, Services};
use chrono::{DateTime, Utc};
use domain::approval::ApprovalError;
use domain::ids::{RecoveryId, RolloutId, UserId};
use domain::permission::Permission;
use domain::recovery::{RecoveryError, RecoveryPlan, RecoveryState};
use domain::wire::problem::FormProblem;
use store::{Connection, Tx};

/// Who may approve a recovery now.
pub(crate) async fn authorised(conn: &impl Connection) -> Result<Vec<UserId>> {
    let may = |user: &store::user::User| user.disabled_at.is_none() && user.role.may(Permission::ApproveRecovery);
    Ok(store::user::list(conn).await?.iter().filter(|user| may(user)).map(|user| user.id).collect())
}

const fn is_open(plan: &RecoveryPlan) -> bool {
    !matches!(plan.state, RecoveryState::Completed { .. } | RecoveryState::Abandoned { .. })
}

const fn problem(error: &RecoveryError) -> FormProblem {
    use FormProblem as P;
    match error {
        RecoveryError::Closed { .. } => P::RecoveryClosed,
        RecoveryError::FactsChanged => P::RecoveryOutdated,
        RecoveryError::Approval(ApprovalError::IsAuthor) => P::ApproverIsAuthor,
        RecoveryError::Approval(ApprovalError::NotAuthorised) => P::ApproverNotNamed,
        RecoveryError::Approval(ApprovalError::SamePerson) => P::ApprovedBefore,
        RecoveryError::Approval(ApprovalError::ChangedMeanwhile) => P::ChangedMeanwhile,
        RecoveryError::WrongEdge(_) => P::RecoveryElsewhere,
    }
}

impl Services {
    /// Told on the timeline of the halted rollout, which is bumped first of all.
    async fn tell_recovery(
        &self,
        tx: &Tx,
        by: By<'_>,
        (rollout, recovery): (RolloutId, RecoveryId),
        did: RecoveryDeed,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let known = store::rollout::find(tx, rollout).await?.ok_or(Error::NotFound)?;
        store::rollout::bump(tx, rollout, known.generation).await?;
        self.audit_rollout(tx, by, now, rollout, &RolloutEvent::Recovery { recovery, did }).await
    }
}
