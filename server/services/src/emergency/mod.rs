//! The emergency path of a rollout (rule E1): asked for, approved by two named people, in force, ended, what it owes, its
//! review. The rules are `domain::emergency`; every change bumps the rollout, so that no plan made before it is applied
//! after it, and is told on the rollout's timeline.
//!
//! | file | use case |
//! |---|---|
//! | `request` | ask for it, or ask anew |
//! | `act` | approve, end, withdraw, complete a gate, review |
//! | `approvers` | the operator names who may approve |
//! | `expire` | the engine writes down that it ended by itself |
//! | `show`, `terms` | the page |

mod act;
mod approvers;
mod expire;
mod request;
mod show;
mod terms;

pub use act::EmergencyActForm;

use crate::trail::{By, EmergencyDeed, RolloutEvent};
use crate::{Error, Result, Services};
use chrono::{DateTime, Utc};
use domain::approval::{ApprovalError, Digest};
use domain::emergency::{EmergencyError, EmergencyPath, EmergencyPolicy, RequestError};
use domain::freeze::Freezes;
use domain::people::ReasonError;
use domain::permission::Permission;
use domain::wire::problem::FormProblem;
use store::emergency::Known;
use store::{Connection, Tx};

/// What every edge is judged by.
pub(crate) struct Desk {
    pub policy: EmergencyPolicy,
    pub freezes: Freezes,
}

impl Desk {
    /// Who is named and may not approve any more, by role or because the account is shut, is as good as not named (I11).
    pub(crate) async fn open(conn: &impl Connection) -> Result<Self> {
        let mut policy = store::emergency::policy(conn).await?;
        let may = store::user::who_may(conn, Permission::ApproveEmergency).await?;
        policy.approvers.retain(|named| may.contains(named));
        Ok(Self { policy, freezes: store::freeze::set(conn).await? })
    }
}

pub(crate) fn digest_of(path: &EmergencyPath) -> Result<Digest> {
    Ok(store::digest::of(&path.request)?)
}

impl Services {
    /// Saves one change and what it leaves behind. The rollout is bumped first of all, as by every change of it.
    async fn save_emergency(
        &self,
        tx: &Tx,
        by: By<'_>,
        known: &Known,
        after: &EmergencyPath,
        deeds: Vec<EmergencyDeed>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let id = after.request.rollout;
        let rollout = store::rollout::find(tx, id).await?.ok_or(Error::NotFound)?;
        store::rollout::bump(tx, id, rollout.generation).await?;
        store::emergency::save(tx, known, after).await?;
        for did in deeds {
            self.audit_rollout(tx, by, now, id, &RolloutEvent::Emergency { emergency: after.id, did }).await?;
        }
        Ok(())
    }
}

/// Our own sentence for each refusal, beside its field.
const fn problem(error: &EmergencyError) -> FormProblem {
    use FormProblem as P;
    match error {
        EmergencyError::Request(error) => request_problem(*error),
        EmergencyError::NotTheRequester => P::NotTheRequester,
        EmergencyError::Approval(ApprovalError::IsAuthor) => P::ApproverIsAuthor,
        EmergencyError::Approval(ApprovalError::NotAuthorised) => P::ApproverNotNamed,
        EmergencyError::Approval(ApprovalError::SamePerson) => P::ApprovedBefore,
        EmergencyError::Approval(ApprovalError::ChangedMeanwhile) => P::ChangedMeanwhile,
        EmergencyError::NotApproved => P::EmergencyNotApproved,
        EmergencyError::NotShortened => P::GateNotOwed,
        EmergencyError::ReviewEmpty => P::ReviewEmpty,
        EmergencyError::DebtsOpen { .. } => P::GatesStillOwed,
        EmergencyError::WrongEdge(_) => P::EmergencyElsewhere,
    }
}

const fn request_problem(error: RequestError) -> FormProblem {
    use FormProblem as P;
    match error {
        RequestError::Reason { error: ReasonError::Missing } => P::ReasonMissing,
        RequestError::Reason { error: ReasonError::TooLong } => P::ReasonTooLong,
        RequestError::SeverityTooLow { .. } => P::SeverityTooLow,
        RequestError::NothingShortened => P::NothingShortened,
        RequestError::BakeTooShort { .. } => P::BakeTooShort,
        RequestError::CoveredTooShort { .. } => P::CoveredTooShort,
        RequestError::TooFewSamples { .. } => P::TooFewSamples,
        RequestError::NoticeTooShort { .. } => P::NoticeTooShort,
        RequestError::GapTooShort { .. } => P::GapTooShort,
        RequestError::NotACheck { .. } => P::Unavailable,
        RequestError::WrongLength { .. } => P::EmergencyLengthWrong,
        RequestError::NoSuchFreeze { .. } => P::NoSuchFreeze,
        RequestError::TooFewApprovers => P::TooFewApprovers,
    }
}
