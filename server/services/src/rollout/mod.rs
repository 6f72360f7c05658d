//! What people do to a rollout: start, approve, halt, resume. Each is one transaction, conditional on the generation;
//! the engine does the rest. Not here: what a page shows of it (`rollout_views`).

mod approve;
mod halt;
mod resume;
mod start;

use crate::{Error, Result};
use domain::wire::problem::{FormOutcome, FormProblem};
use std::time::Duration;

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

/// A tick writes at most once a second in real time; twenty races in a row are not lost by chance.
const TRIES_MAX: u32 = 20;
/// Twenty of them are the two seconds that a person still waits for a button; a writer is done within milliseconds.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// The switch must win, in both directions: a change that loses a race against a tick is tried again at once, and one
/// that the database could not take just now, for it was busy or two transactions waited for each other, after a moment.
#[derive(Debug, Default)]
struct Insistence {
    tried: u32,
}

impl Insistence {
    /// How long to wait before the next try; `None` where this outcome stands.
    fn pause(&mut self, outcome: &Result<FormOutcome>) -> Option<Duration> {
        self.tried += 1;
        match outcome {
            _ if self.tried >= TRIES_MAX => None,
            Err(Error::Conflict) => Some(Duration::ZERO),
            Err(Error::Unavailable { .. }) => Some(TRY_AGAIN_AFTER),
            _ => None,
        }
    }
}

/// "Someone was faster" is a normal outcome of a form.
fn or_faster(outcome: Result<FormOutcome>) -> Result<FormOutcome> {
    match outcome {
        Err(Error::Conflict) => Ok(refused(FormProblem::SomeoneWasFaster)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_insists_against_races_and_a_busy_database() {
        let busy = || Err(Error::Unavailable { what: "the database" });
        let mut insistence = Insistence::default();
        assert_eq!(insistence.pause(&Err(Error::Conflict)), Some(Duration::ZERO));
        assert_eq!(insistence.pause(&busy()), Some(TRY_AGAIN_AFTER));
        assert_eq!(insistence.pause(&Err(Error::NotFound)), None);
        assert_eq!(insistence.pause(&Ok(FormOutcome::Done { message: "halted".into() })), None);
        let mut insistence = Insistence::default();
        let pauses = (0..TRIES_MAX).map_while(|_| insistence.pause(&busy())).count();
        assert_eq!(pauses, 19, "twenty tries");
    }
}
