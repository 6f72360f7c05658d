//! The words of each message: what happened, what it means for its reader, what to do. Pages show them, mails and feeds
//! will. Not here: who is told, and when (`services::engine`).

mod halts;

use super::{NotificationEvent, NotificationPayload, ScheduledPlace, Subject};
use crate::calendar::Night;
use crate::clockface::Clockface;
use crate::fleet::EnvironmentKind;
use crate::ids::EnvironmentId;
use crate::number::{counted, days};
use crate::rollout::report::{EnvironmentReason, MoveReason};
use crate::rollout::words::Names;

/// One message in words. `facts` are label and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub title: String,
    /// One line, for a list.
    pub summary: String,
    pub what: String,
    pub meaning: String,
    pub action: String,
    pub facts: Vec<(String, String)>,
}

const NOTHING_TO_DO: &str = "Nothing for you to do.";

pub fn letter(payload: &NotificationPayload, clock: &dyn Clockface) -> Letter {
    let mut letter = letter_of(payload, clock);
    if let Some(from) = payload.returns_from {
        let back = format!("Build {from} was halted and is taken back; {} ran there before.", payload.build);
        letter.meaning = format!("{back} {}", letter.meaning);
    }
    letter
}

fn letter_of(payload: &NotificationPayload, clock: &dyn Clockface) -> Letter {
    let writer = Writer { payload, clock };
    match &payload.event {
        NotificationEvent::Scheduled { places, left_out, announce_ahead_days } => {
            writer.scheduled(places, left_out, *announce_ahead_days)
        }
        NotificationEvent::Announced { subject, night, declared_minutes, reasons } => {
            writer.announced(subject, *night, *declared_minutes, reasons)
        }
        NotificationEvent::Moved { subject, from, to, reason } => writer.moved(subject, *from, *to, reason),
        NotificationEvent::PullEnded { subject, night, stays, reason } => {
            writer.pull_ended(subject, *night, *stays, reason)
        }
        NotificationEvent::Delivered { subject, night, minutes, replaces } => {
            writer.delivered(subject, *night, *minutes, *replaces)
        }
        NotificationEvent::Failed { subject, error, attempts_left } => writer.failed(subject, error, *attempts_left),
        NotificationEvent::Satisfied { subject, cancelled } => writer.satisfied(subject, *cancelled),
        NotificationEvent::Skipped { subject, reason, cancelled } => writer.skipped(subject, reason, *cancelled),
        NotificationEvent::Held { subject, reason, cancelled } => writer.held(subject, reason, *cancelled),
        NotificationEvent::Halted { of, reason, waiting, updated } => writer.halted(*of, reason, *waiting, *updated),
        NotificationEvent::Resumed { of, waiting } => writer.resumed(*of, *waiting),
    }
}

/// What an update does to people who work in an environment at that time (`domain.md` §3).
pub const fn impact(kind: EnvironmentKind) -> &'static str {
    match kind {
        EnvironmentKind::Production => "near-zero downtime",
        EnvironmentKind::Sandbox | EnvironmentKind::Trial => "about 30 minutes of outage",
    }
}

struct Writer<'a> {
    payload: &'a NotificationPayload,
    clock: &'a dyn Clockface,
}

/// A message names only the environments that it is about.
impl Names for NotificationPayload {
    fn environment(&self, id: EnvironmentId) -> String {
        let named = match &self.event {
            NotificationEvent::Scheduled { places, left_out, .. } => {
                let left_out = left_out.iter().map(|(subject, _)| subject);
                places.iter().map(|place| &place.subject).chain(left_out).find(|subject| subject.environment == id)
            }
            event => event.subject().filter(|subject| subject.environment == id),
        };
        named.map_or_else(|| "your production environment".to_owned(), |subject| subject.name.clone())
    }
}

fn environments(n: u32) -> String {
    counted(n.into(), "environment", "environments")
}

/// A sentence ends with one full stop, whatever its last part brought along.
fn stop(sentence: &str) -> String {
    format!("{}.", sentence.trim_end().trim_end_matches('.'))
}

fn fact(label: &str, value: impl Into<String>) -> (String, String) {
    (label.to_owned(), value.into())
}

impl Writer<'_> {
    fn reason(&self, reason: &EnvironmentReason) -> String {
        reason.sentence(self.clock, self.payload)
    }

    /// `10.0.48 PQU-7 · …`
    fn line(&self, text: &str) -> String {
        format!("{} · {}", self.payload.train, stop(text))
    }

    fn facts(&self, more: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
        let mut facts =
            vec![fact("Train", self.payload.train.to_string()), fact("Build", self.payload.build.to_string())];
        facts.extend(more);
        facts
    }

    fn scheduled(
        &self,
        places: &[ScheduledPlace],
        left_out: &[(Subject, EnvironmentReason)],
        ahead_days: u16,
    ) -> Letter {
        let train = self.payload.train;
        let aboard = match places.len() {
            0 => "none of your environments is".to_owned(),
            n => counted(n as u64, "of your environments is", "of your environments are"),
        };
        let first = places.iter().map(|place| place.window.first).min();
        let last = places.iter().map(|place| place.window.last).max();
        let when = first.zip(last).map(|(first, last)| self.clock.dates(first, last));
        let left = match left_out.len() {
            0 => String::new(),
            n => format!("; {} left out", counted(n as u64, "is", "are")),
        };
        let windows = places.iter().map(|place| {
            let window = place.window;
            fact(&place.subject.name, format!("{}, {}", self.clock.dates(window.first, window.last), window.stage))
        });
        let reasons =
            left_out.iter().map(|(subject, reason)| fact(&subject.name, format!("Left out. {}", self.reason(reason))));
        let title = match &when {
            Some(when) => format!("{train} is scheduled for {when}"),
            None => format!("{train} passes your environments by"),
        };
        Letter {
            title,
            summary: self.line(&format!("{aboard} on this train{left}")),
            what: format!(
                "The rollout of {train}, build {}, began. It goes through the stations in order, sandboxes before \
                 production.",
                self.payload.build
            ),
            meaning: if when.is_some() {
                format!(
                    "Each environment has a window of days. Its night is chosen about {} ahead and announced in a \
                     message of its own.",
                    days(ahead_days)
                )
            } else {
                "No environment of yours is updated by this train, for the reasons below.".to_owned()
            },
            action: if left_out.is_empty() {
                NOTHING_TO_DO.to_owned()
            } else {
                "Look at what is left out and why. The rest needs nothing from you.".to_owned()
            },
            facts: self.facts(windows.chain(reasons).collect::<Vec<_>>()),
        }
    }

    fn announced(&self, subject: &Subject, night: Night, minutes: u16, reasons: &[EnvironmentReason]) -> Letter {
        let night_text = self.clock.night(night);
        // The night itself stands above already.
        let reasons = reasons.iter().filter(|reason| !matches!(reason, EnvironmentReason::NightAhead { .. }));
        let why = reasons.map(|reason| fact("Why then", self.reason(reason)));
        Letter {
            title: format!("{} is updated on {night_text}", subject.name),
            summary: self.line(&format!("{}, within this night", impact(subject.kind))),
            what: format!("The night of {} for {} is chosen: {night_text}.", subject.name, self.payload.train),
            meaning: match subject.kind {
                EnvironmentKind::Production => format!(
                    "Near-zero downtime: a session may be interrupted for less than a minute. The update starts within \
                     this night and takes at most {minutes} minutes."
                ),
                EnvironmentKind::Sandbox | EnvironmentKind::Trial => format!(
                    "About 30 minutes without {}. The update starts within this night and takes at most {minutes} \
                     minutes.",
                    subject.name
                ),
            },
            action: NOTHING_TO_DO.to_owned(),
            facts: self.facts([fact("Night", night_text)].into_iter().chain(why).collect::<Vec<_>>()),
        }
    }

    fn moved(&self, subject: &Subject, from: Night, to: Night, reason: &MoveReason) -> Letter {
        let (old, new) = (self.clock.night(from), self.clock.night(to));
        let why = reason.sentence(self.clock);
        Letter {
            title: format!("{} moves to {new}", subject.name),
            summary: self.line(&format!("was {old}: {why}")),
            what: format!("The update of {} moved from {old} to {new}.", subject.name),
            meaning: stop(&format!("The reason: {why}")),
            action: match reason {
                MoveReason::PulledAhead { .. } => {
                    format!("{NOTHING_TO_DO} Until it begins, this can be taken back on the page of {}.", subject.name)
                }
                MoveReason::AttemptFailed { .. } => {
                    "Nothing for you to do. If it fails again, support can help.".to_owned()
                }
                _ => NOTHING_TO_DO.to_owned(),
            },
            facts: self.facts([fact("New night", new), fact("Old night", old)]),
        }
    }

    fn pull_ended(&self, subject: &Subject, night: Night, stays: Option<Night>, reason: &MoveReason) -> Letter {
        let (name, train) = (&subject.name, self.payload.train);
        let (ended, why) = (self.clock.night(night), reason.sentence(self.clock));
        let meaning = match stays {
            Some(own) => format!("The night announced for {train} stays: {}.", self.clock.night(own)),
            None => format!("Nothing changes for {train}: what was planned for {name} before holds again."),
        };
        Letter {
            title: format!("{name} is not taken ahead"),
            summary: self.line(&format!("not on {ended}: {why}")),
            what: stop(&format!("{name} is not updated on {ended}: {why}")),
            meaning,
            action: match reason {
                MoveReason::PullTakenBack { .. } => NOTHING_TO_DO.to_owned(),
                _ => format!("{NOTHING_TO_DO} The page of {name} says from when on it can be taken ahead again."),
            },
            facts: self.facts(stays.map(|own| fact("Own night", self.clock.night(own)))),
        }
    }

    fn delivered(&self, subject: &Subject, night: Night, minutes: i64, replaces: Option<Night>) -> Letter {
        let build = self.payload.build;
        let minutes = counted(minutes.unsigned_abs(), "minute", "minutes");
        let night = self.clock.night(night);
        Letter {
            title: format!("{} was updated to {build}", subject.name),
            summary: self.line(&format!("took {minutes}, healthy afterwards")),
            what: format!("{} was updated to build {build} in {minutes}.{}", subject.name, self.cancelled(replaces)),
            meaning: "Its health was confirmed after the update.".to_owned(),
            action: NOTHING_TO_DO.to_owned(),
            facts: self
                .facts([fact("Night", night), fact("Took", minutes)].into_iter().chain(self.cancelled_night(replaces))),
        }
    }

    fn failed(&self, subject: &Subject, error: &str, attempts_left: u8) -> Letter {
        let (outlook, action) = match attempts_left {
            0 => (
                "No attempt is left in this rollout",
                format!("Ask support to look at {}, and name the train.", subject.name),
            ),
            _ => (
                "It is tried again on another night",
                format!("{NOTHING_TO_DO} The new night is announced in a message of its own."),
            ),
        };
        Letter {
            title: format!("The update of {} failed", subject.name),
            summary: self.line(&format!("{}. {outlook}", error.trim_end_matches('.'))),
            what: format!("The update of {} to build {} failed: {}", subject.name, self.payload.build, stop(error)),
            meaning: format!("{outlook}."),
            action,
            facts: self.facts([fact("Error", error), fact("Attempts left", attempts_left.to_string())]),
        }
    }

    /// Takes an announcement back.
    fn cancelled(&self, night: Option<Night>) -> String {
        night
            .map(|night| format!(" The update announced for {} does not take place.", self.clock.night(night)))
            .unwrap_or_default()
    }

    fn cancelled_night(&self, night: Option<Night>) -> Option<(String, String)> {
        night.map(|night| fact("Cancelled night", self.clock.night(night)))
    }

    fn satisfied(&self, subject: &Subject, night: Option<Night>) -> Letter {
        let cancelled = self.cancelled(night);
        let runs = format!("{} runs build {} or a later one already.", subject.name, self.payload.build);
        let (summary, meaning) = match night {
            Some(_) => (cancelled.trim_start(), "There is no outage in that night."),
            None => (runs.as_str(), "An attempt failed before. No other one is made."),
        };
        Letter {
            title: format!("{} needs no update by {}", subject.name, self.payload.train),
            summary: self.line(summary),
            what: format!("{runs}{cancelled}"),
            meaning: meaning.to_owned(),
            action: NOTHING_TO_DO.to_owned(),
            facts: self.facts(self.cancelled_night(night)),
        }
    }

    fn skipped(&self, subject: &Subject, reason: &EnvironmentReason, cancelled: Option<Night>) -> Letter {
        let why = self.reason(reason);
        Letter {
            title: format!("{} is left out of {}", subject.name, self.payload.train),
            summary: self.line(&why),
            what: format!("{} is not updated by {}.{}", subject.name, self.payload.train, self.cancelled(cancelled)),
            meaning: stop(&why),
            action: self.action(reason),
            facts: self.facts([fact("Reason", why)]),
        }
    }

    fn held(&self, subject: &Subject, reason: &EnvironmentReason, cancelled: Option<Night>) -> Letter {
        let why = self.reason(reason);
        Letter {
            title: format!("{} is held", subject.name),
            summary: self.line(&why),
            what: format!(
                "{} waits outside {} for now.{}",
                subject.name,
                self.payload.train,
                self.cancelled(cancelled)
            ),
            meaning: format!("{} It is updated only when this is settled.", stop(&why)),
            action: self.action(reason),
            facts: self.facts([fact("Reason", why)]),
        }
    }

    /// The same way out, and the same date, as the page of the environment says.
    fn action(&self, reason: &EnvironmentReason) -> String {
        let action = reason.way_out().map_or_else(|| NOTHING_TO_DO.to_owned(), |way_out| stop(way_out.text));
        match reason.next() {
            Some(next) => format!("{action} It can change from {} on.", self.clock.instant(next)),
            None => action,
        }
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
