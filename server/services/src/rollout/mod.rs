//! What people do to a rollout: start, approve, halt, resume. Each is one transaction, conditional on the generation;
//! the engine does the rest. Not here: what a page shows of it (`rollout_views`).

mod approve;
mod halt;
mod resume;
mod start;

use crate::{Error, Result};
use domain::wire::problem::{FormOutcome, FormProblem};

/// Letters and digits of a reason; longer ones belong into an incident.
pub const REASON_CHARS_MAX: usize = 500;

pub(crate) const fn refused(problem: FormProblem) -> FormOutcome {
    FormOutcome::Refused { problem }
}

/// The reason as it is kept, or what is wrong with it.
fn reason(text: &str) -> Result<String, FormProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FormProblem::ReasonMissing);
    }
    if text.chars().count() > REASON_CHARS_MAX {
        return Err(FormProblem::ReasonTooLong);
    }
    Ok(text.to_owned())
}

/// "Someone was faster" is a normal outcome of a form.
fn or_faster(outcome: Result<FormOutcome>) -> Result<FormOutcome> {
    match outcome {
        Err(Error::Conflict) => Ok(refused(FormProblem::SomeoneWasFaster)),
        other => other,
    }
}
