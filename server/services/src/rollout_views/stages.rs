//! The stages of a rollout as table rows: how far, which signal, why they wait, when next.

use crate::line::{Track, later_nights};
use crate::zone::ZoneClockface;
use domain::clockface::Clockface;
use domain::fleet::Audience;
use domain::health::Verdict;
use domain::rollout::{RolloutState, StageFacts, StageReport, StageState, WaitingOn};
use domain::wire::WhyView;
use domain::wire::rollout::StageRow;
use domain::wire::signal::{Aspect, ColourRole};

pub(super) fn rows(track: Track<'_>, clock: ZoneClockface) -> Vec<StageRow> {
    track.stages.iter().map(|stage| row(stage, track.report.stage(stage.key), track.state, clock)).collect()
}

fn row(stage: &StageFacts, report: Option<&StageReport>, state: &RolloutState, clock: ZoneClockface) -> StageRow {
    let (word, aspect, role) = signal(stage, report, state);
    let window = report.map_or(stage.window, |report| report.window);
    StageRow {
        station: stage.key.station.0,
        audience: match stage.key.audience {
            Audience::Sandbox => "sandbox".to_owned(),
            Audience::Production => "production".to_owned(),
        },
        title: stage.key.to_string(),
        window: clock.dates(window.first, window.last),
        counts: report.map(|report| report.counts).unwrap_or_default(),
        state: word.to_owned(),
        aspect,
        role,
        why: why(stage, report, clock),
        next: report.and_then(|report| report.next).map(|at| clock.when(at, None)),
        halt: None,
        may_stop: false,
    }
}

fn signal(
    stage: &StageFacts,
    report: Option<&StageReport>,
    state: &RolloutState,
) -> (&'static str, Aspect, ColourRole) {
    let word = stage.state.word();
    if report.is_some_and(|report| report.gate.verdict == Verdict::Fail) {
        return (word, Aspect::Stop, ColourRole::Stop);
    }
    match stage.state {
        StageState::Open { .. } if state.is_halted() => ("Halted", Aspect::Stop, ColourRole::Stop),
        StageState::Open { .. } => (word, Aspect::Caution, ColourRole::Live),
        StageState::Passed { .. } => (word, Aspect::Clear, ColourRole::Clear),
        StageState::Waiting => (word, Aspect::Unlit, ColourRole::Quiet),
    }
}

/// What it waits on, and for a stage that is open or passed what its gate says.
fn why(stage: &StageFacts, report: Option<&StageReport>, clock: ZoneClockface) -> Vec<WhyView> {
    let Some(report) = report else { return Vec::new() };
    let waiting = report.waiting.iter().map(|on| WhyView::plain(on.aspect(), on.sentence(&clock)));
    let mut why: Vec<WhyView> = waiting.collect();
    let says_gate = report.waiting.iter().any(|on| matches!(on, WaitingOn::Gate { .. }));
    if stage.state.admits() && !says_gate {
        why.push(WhyView::plain(report.gate.aspect(), report.gate.sentence()));
    }
    if matches!(stage.state, StageState::Passed { .. }) && report.counts.settled() < report.counts.total {
        why.push(WhyView::plain(Aspect::Clear, later_nights(report.counts)));
    }
    why
}
