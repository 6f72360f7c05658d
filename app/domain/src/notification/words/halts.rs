//! What stops, and that it goes on.

use super::{Letter, NOTHING_TO_DO, Writer, environments, fact, stop};
use crate::notification::HaltOf;

impl Writer<'_> {
    pub(super) fn halted(&self, of: HaltOf, reason: &str, waiting: u32, updated: u32) -> Letter {
        let (train, build) = (self.payload.train, self.payload.build);
        let (title, what) = match of {
            HaltOf::Rollout => {
                (format!("{train} is halted"), format!("The rollout of {train}, build {build}, was stopped."))
            }
            HaltOf::Build => (
                format!("The build that {train} brought is halted"),
                format!("Build {build}, which {train} brought, was stopped after the rollout was over."),
            ),
            HaltOf::Station => (
                format!("{train} is halted for some of your environments"),
                format!("A part of the rollout of {train}, build {build}, was stopped: the regions of one station."),
            ),
            HaltOf::Customer => (
                format!("{train} is halted for your environments"),
                format!("The rollout of {train}, build {build}, was stopped for your environments alone."),
            ),
            HaltOf::Everything => (
                format!("All updates are halted, {train} too"),
                format!("Every rollout was stopped, for everybody; that of {train}, build {build}, is one of them."),
            ),
        };
        let touched = match updated {
            0 => "none of yours was touched".to_owned(),
            1 => "1 of yours runs it or is being updated to it".to_owned(),
            n => format!("{n} of yours run it or are being updated to it"),
        };
        let waits = match waiting {
            0 => "nothing of yours waits for it".to_owned(),
            n => format!("{} of yours {} for it to go on", environments(n), if n == 1 { "waits" } else { "wait" }),
        };
        Letter {
            title,
            summary: self.line(&format!("{waits}; {touched}")),
            what: format!("{what} {}", stop(reason)),
            meaning: match of {
                HaltOf::Build => {
                    "Nobody else gets it. Yours stay as they are until a way back or a newer build is chosen."
                }
                _ => "No update starts while it is halted. Updates that were running finish and are watched.",
            }
            .to_owned(),
            // Who waits for nothing is not told that it goes on.
            action: match waiting {
                0 => NOTHING_TO_DO.to_owned(),
                _ => format!("{NOTHING_TO_DO} If any of yours still waits when it goes on, you are told."),
            },
            facts: self.facts([
                fact("Yours that wait", waiting.to_string()),
                fact("Yours on this build, or on the way to it", updated.to_string()),
            ]),
        }
    }

    pub(super) fn resumed(&self, of: HaltOf, waiting: u32) -> Letter {
        let train = self.payload.train;
        let what = match of {
            HaltOf::Build => return self.build_lifted(waiting),
            HaltOf::Rollout => format!("The halt of {train} is lifted; the rollout goes on where it stopped."),
            HaltOf::Station => {
                format!("The halt of one station of {train} is lifted; the rollout goes on there where it stopped.")
            }
            HaltOf::Customer => {
                format!("The halt of {train} for your environments is lifted; it goes on where it stopped.")
            }
            HaltOf::Everything => format!("The halt of all updates is lifted; {train} goes on where it stopped."),
        };
        let left =
            format!("{} of yours {} part again", environments(waiting), if waiting == 1 { "takes" } else { "take" });
        Letter {
            title: format!("{train} goes on"),
            summary: self.line(&left),
            what,
            meaning: format!("{left}. Nights that passed during the halt move, and each move is announced."),
            action: NOTHING_TO_DO.to_owned(),
            facts: self.facts([fact("Yours that wait", waiting.to_string())]),
        }
    }

    fn build_lifted(&self, updated: u32) -> Letter {
        let (train, build) = (self.payload.train, self.payload.build);
        let left = format!("{} of yours {} it", environments(updated), if updated == 1 { "runs" } else { "run" });
        Letter {
            title: format!("The build that {train} brought is no longer halted"),
            summary: self.line(&left),
            what: format!("The halt of build {build}, which {train} brought, is lifted."),
            meaning: format!("{left}, and nothing changes there."),
            action: NOTHING_TO_DO.to_owned(),
            facts: self.facts([fact("Yours on this build", updated.to_string())]),
        }
    }
}
