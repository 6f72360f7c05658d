//! What people do to a rollout: start, approve, halt, resume, let more take part, approve and withdraw its build. Each is one transaction, conditional on the generation;
//! the engine does the rest. Not here: what a page shows of it (`rollout_views`).

pub(crate) mod approve;
mod build_approval;
pub(crate) mod halt;
pub(crate) mod mailing;
mod resume;
mod set_percent;
mod start;

use crate::{Error, Result};
use domain::wire::problem::{FormOutcome, FormProblem, REASON_CHARS_MAX};
use std::time::Duration;

pub(crate) const fn refused(problem: FormProblem) -> FormOutcome {
    FormOutcome::Refused { problem }
}

/// The reason as it is kept, or what is wrong with it. A browser sends a line break as two characters and counts it as
/// one, so a text that its field just holds is accepted here.
pub(crate) fn reason(text: &str) -> Result<String, FormProblem> {
    let text = text.trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(FormProblem::ReasonMissing);
    }
    if text.chars().count() > REASON_CHARS_MAX {
        return Err(FormProblem::ReasonTooLong);
    }
    Ok(text)
}

/// A tick writes at most once a second in real time; twenty races in a row are not lost by chance.
const TRIES_MAX: u32 = 20;
/// Twenty of them are the two seconds that a person still waits for a button; a writer is done within milliseconds.
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// The switch must win, in both directions: a change that loses a race against a tick is tried again at once, and one
/// that the database could not take just now, for it was busy or two transactions waited for each other, after a moment.
pub(crate) async fn insist<T, F: Future<Output = Result<T>>>(change: impl Fn() -> F) -> Result<T> {
    for _ in 1..TRIES_MAX {
        match change().await {
            Err(Error::Conflict) => {}
            Err(Error::Unavailable { .. }) => tokio::time::sleep(TRY_AGAIN_AFTER).await,
            other => return other,
        }
    }
    change().await
}

/// "Someone was faster" is a normal outcome of a form.
pub(crate) fn or_faster(outcome: Result<FormOutcome>) -> Result<FormOutcome> {
    match outcome {
        Err(Error::Conflict) => Ok(refused(FormProblem::SomeoneWasFaster)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_a_field_holds_is_accepted() {
        let lines = "ä\r\n".repeat(REASON_CHARS_MAX / 2);
        assert_eq!(reason(&lines), Ok("ä\n".repeat(REASON_CHARS_MAX / 2).trim().to_owned()));
        assert_eq!(reason(&"ä".repeat(REASON_CHARS_MAX + 1)), Err(FormProblem::ReasonTooLong));
        assert_eq!(reason(" \r\n "), Err(FormProblem::ReasonMissing));
    }

    #[tokio::test]
    async fn a_switch_insists_against_races_and_a_busy_database() {
        let tried = Cell::new(0);
        let outcome = insist(|| async {
            tried.set(tried.get() + 1);
            match tried.get() {
                1 => Err(Error::Conflict),
                2 => Err(Error::Unavailable { what: "the database" }),
                _ => Ok(FormOutcome::Done { message: "halted".into() }),
            }
        });
        assert_eq!(outcome.await.unwrap(), FormOutcome::Done { message: "halted".into() });
        assert_eq!(tried.get(), 3);
        tried.set(0);
        let never = insist::<FormOutcome, _>(|| async {
            tried.set(tried.get() + 1);
            Err(Error::Unavailable { what: "the database" })
        });
        assert!(matches!(never.await, Err(Error::Unavailable { .. })));
        assert_eq!(tried.get(), TRIES_MAX);
        let refused = insist::<FormOutcome, _>(|| async { Err(Error::NotFound) }).await;
        assert!(matches!(refused, Err(Error::NotFound)), "tried once");
    }
}
