//! Small words that several pages share. The sentences of reasons are the domain's (`domain::rollout::words`).

use crate::halt::standstill::Standstill;
use crate::zone::ZoneClockface;
use domain::clockface::Clockface;
use domain::fleet::{EnvironmentKind, StageKey};
use domain::ids::EnvironmentId;
use domain::rollout::words::Names;
use domain::rollout::{EnvironmentReason, MoveReason, RolloutKind, RolloutReport, UpdateState, WaitingOn};
use domain::wire::WhyView;
use domain::wire::signal::UpdateStateWord;
use std::collections::HashMap;
use store::environment::Environment;
use store::rollout::{Descent, Rollout};
use store::update::Update;

/// Names of the environments that reasons point at.
#[derive(Debug, Clone, Default)]
pub(crate) struct EnvironmentNames(HashMap<EnvironmentId, String>);

impl EnvironmentNames {
    pub(crate) fn of(environments: &[Environment]) -> Self {
        environments.iter().map(|environment| (environment.id, environment.name.clone())).collect()
    }
}

impl FromIterator<(EnvironmentId, String)> for EnvironmentNames {
    fn from_iter<I: IntoIterator<Item = (EnvironmentId, String)>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl Names for EnvironmentNames {
    fn environment(&self, id: EnvironmentId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| "another environment".to_owned())
    }
}

/// The environment that a reason names.
pub(crate) const fn mentioned(reason: &EnvironmentReason) -> Option<EnvironmentId> {
    use EnvironmentReason as R;
    match reason {
        R::ProductionNotUpdated { production, .. }
        | R::WaitsForProduction { production }
        | R::WaitsForSandbox { sandbox: production }
        | R::SandboxFailed { sandbox: production }
        | R::MovesWithProduction { production }
        | R::MovesWithSandboxes { production }
        | R::KeepsGapForProduction { production, .. } => Some(*production),
        _ => None,
    }
}

/// "Halted" is no state of an update but of its rollout: it was to come, and its rollout stands.
pub(crate) const fn shown(state: &UpdateState, is_halted: bool) -> UpdateStateWord {
    match state {
        UpdateState::Planned | UpdateState::Announced { .. } if is_halted => UpdateStateWord::Halted,
        other => other.word(),
    }
}

/// How an update looks in a list: its word, and beside it the reason or the date.
pub(crate) struct Told {
    pub word: UpdateStateWord,
    pub text: String,
}

/// Tells updates in the viewer's zone, with the names they need.
pub(crate) struct Teller<'a> {
    pub clock: ZoneClockface,
    pub names: &'a EnvironmentNames,
    pub halted: &'a Standstill,
}

impl Teller<'_> {
    pub(crate) fn tell(&self, update: &Update) -> Told {
        let halt = self.halted.reason(update);
        let word = shown(&update.state, halt.is_some());
        let halt = halt.filter(|_| word == UpdateStateWord::Halted);
        let text = halt.map_or_else(|| self.state_text(update), |halt| self.reason(&halt));
        Told { word, text }
    }

    pub(crate) fn reason(&self, reason: &EnvironmentReason) -> String {
        reason.sentence(&self.clock, self.names)
    }

    fn why_one(&self, reason: &EnvironmentReason) -> WhyView {
        // A night that is chosen or expected stands there already, with its date.
        let is_said = matches!(reason, EnvironmentReason::NightAhead { .. } | EnvironmentReason::Exempt { .. });
        let next = reason.next().filter(|_| !is_said).map(|at| format!("from {}", self.clock.instant(at)));
        let way_out = reason
            .way_out()
            .map(|way_out| (format!("{}.", way_out.text), way_out.at.map(|part| format!("#{}", part.anchor()))));
        WhyView { aspect: reason.aspect(), text: self.reason(reason), next, way_out }
    }

    /// Why it is not updated yet, or was left out. A stage that is not open is followed by what it waits for, as the report
    /// of its rollout has it.
    pub(crate) fn why_update(&self, update: &Update, report: Option<&RolloutReport>) -> Vec<WhyView> {
        let halt = self.halted.reason(update);
        let used = (update.attempts, update.dispatched_at.is_some());
        let reasons = domain::rollout::reasons(&update.state, used, &update.reasons, halt.as_ref());
        let mut why = Vec::with_capacity(reasons.len());
        for reason in &reasons {
            why.push(self.why_one(reason));
            if let (EnvironmentReason::StageClosed { stage }, Some(report)) = (reason, report) {
                why.extend(self.why_closed(*stage, report, &reasons));
            }
        }
        why
    }

    /// What is among the reasons already is not said again.
    fn why_closed(&self, stage: StageKey, report: &RolloutReport, said: &[EnvironmentReason]) -> Vec<WhyView> {
        let is_said = |on: &WaitingOn| {
            said.iter().any(|reason| match (on, reason) {
                (WaitingOn::Approval { station: on }, EnvironmentReason::ApprovalMissing { station }) => on == station,
                (WaitingOn::Build { .. }, EnvironmentReason::BuildNotApproved { .. })
                | (WaitingOn::Freeze { .. }, EnvironmentReason::Frozen { .. })
                | (
                    WaitingOn::KillSwitch { .. } | WaitingOn::Halt { .. },
                    EnvironmentReason::Halted { .. } | EnvironmentReason::RolloutHalted,
                ) => true,
                _ => false,
            })
        };
        let waits = |stage| report.stage(stage).map_or(&[][..], |stage| &stage.waiting);
        let mut why = Vec::new();
        for on in waits(stage).iter().filter(|on| !is_said(on)) {
            why.push(WhyView::plain(on.aspect(), on.sentence(&self.clock)));
            let WaitingOn::Stage { stage: before } = on else { continue };
            let theirs = waits(*before).iter().filter(|on| !waits(stage).contains(on) && !is_said(on));
            why.extend(theirs.map(|on| WhyView::plain(on.aspect(), format!("{before}: {}", on.sentence(&self.clock)))));
        }
        why
    }

    fn state_text(&self, update: &Update) -> String {
        let day = |at| self.clock.date(self.clock.date_of(at));
        match &update.state {
            UpdateState::Planned => self.window_or_reason(update),
            UpdateState::Announced { night, moved: None, .. } => day(night.start),
            UpdateState::Announced { night, moved: Some(moved), .. } => {
                format!("to {}: {}", day(night.start), moved.reason.sentence(&self.clock))
            }
            UpdateState::InProgress { started_at, .. } if update.dispatched_at.is_none() => {
                format!("ready since {}, and not taken yet", self.clock.instant(*started_at))
            }
            UpdateState::InProgress { started_at, .. } => format!("since {}", self.clock.instant(*started_at)),
            UpdateState::Verifying { applied_at, .. } => format!("applied {}", self.clock.instant(*applied_at)),
            UpdateState::Succeeded { finished_at, .. } => day(*finished_at),
            UpdateState::Failed { error, .. } => error.clone(),
            UpdateState::AlreadySatisfied { pulled_at: Some(_), .. } => match &update.pull {
                Some(booked) => format!("{} took it ahead of its night", booked.by.name),
                None => "taken ahead of its night".to_owned(),
            },
            UpdateState::AlreadySatisfied { .. } => "an equal or later build was there".to_owned(),
            UpdateState::Skipped { reason, .. } | UpdateState::Held { reason, .. } => self.reason(reason),
        }
    }

    fn window_or_reason(&self, update: &Update) -> String {
        let reasons = &update.reasons;
        let window = reasons.iter().find_map(|reason| match reason {
            EnvironmentReason::NightNotChosen { window, ahead_days } => {
                Some(self.clock.when_planned(*window, update.next, *ahead_days).text)
            }
            _ => None,
        });
        window.or_else(|| reasons.first().map(|reason| self.reason(reason))).unwrap_or_default()
    }
}

/// `Moved from Sat 10 Oct 2026, 00:00–06:00 CEST: …`
pub(crate) fn moved_sentence(clock: ZoneClockface, from: domain::calendar::Night, reason: &MoveReason) -> String {
    format!("Moved from {}: {}", clock.night(from), reason.sentence(&clock))
}

pub(crate) fn kind_from_key(key: &str) -> Option<EnvironmentKind> {
    match key {
        "production" => Some(EnvironmentKind::Production),
        "sandbox" => Some(EnvironmentKind::Sandbox),
        "trial" => Some(EnvironmentKind::Trial),
        _ => None,
    }
}

/// `10.0.48 PQU-7`, `10.0.48 PQU-7, rollback`
pub(crate) fn rollout_title(rollout: &Rollout) -> String {
    let what = match rollout.descent {
        Descent { kind: RolloutKind::Back { .. }, .. } => ", rollback",
        Descent { kind: RolloutKind::Redeploy { .. }, .. } => ", redeployment",
        Descent { supersedes: Some(_), .. } => ", roll forward",
        Descent { .. } => "",
    };
    format!("{}{what}", rollout.train)
}

/// `Sandbox, tier 2`
pub(crate) fn kind_text(kind: EnvironmentKind, tier: u8) -> String {
    match kind {
        EnvironmentKind::Sandbox => format!("{}, tier {tier}", kind.word()),
        EnvironmentKind::Production | EnvironmentKind::Trial => kind.word().to_owned(),
    }
}

/// `UAT`, `UAT and TEST`, `UAT, TEST and DEV`
pub(crate) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_well() {
        let names = ["UAT".to_owned(), "TEST".to_owned(), "DEV".to_owned()];
        assert_eq!(listed(&names), "UAT, TEST and DEV");
        assert_eq!(listed(&names[..2]), "UAT and TEST");
        assert_eq!(listed(&names[..1]), "UAT");
    }

    #[test]
    fn only_what_was_to_come_is_halted() {
        assert_eq!(shown(&UpdateState::Planned, true), UpdateStateWord::Halted);
        assert_eq!(shown(&UpdateState::Planned, false), UpdateStateWord::Planned);
        let held = UpdateState::Held { reason: EnvironmentReason::NoNight, cancelled: None };
        assert_eq!(shown(&held, true), UpdateStateWord::Held);
    }

    #[test]
    fn kinds_come_back() {
        for kind in [EnvironmentKind::Production, EnvironmentKind::Sandbox, EnvironmentKind::Trial] {
            assert_eq!(kind_from_key(&kind.word().to_lowercase()), Some(kind));
        }
        assert_eq!(kind_from_key("everything"), None);
        assert_eq!(kind_text(EnvironmentKind::Sandbox, 2), "Sandbox, tier 2");
    }
}
