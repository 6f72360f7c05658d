//! Open, pass, halt (rules G1, H1). The order of the checks is the order of the reasons: kill switch → halt → freeze →
//! approval of the build → stage before → bake → gate → approval → window.
//!
//! The stage before: production follows the sandboxes of its own station; and each audience follows those stages of
//! earlier stations whose window ends before its own begins. Stations that share a window (2 and 3, 5 and 6 of the
//! biweekly cadence) therefore go side by side, as the published schedule has them.

use super::board::Board;
use crate::fleet::{Audience, StageKey, StationNumber};
use crate::freeze::Freeze;
use crate::health::{GatePolicy, GateReport, Measure, StageEvidence, Verdict};
use crate::rollout::facts::StageFacts;
use crate::rollout::halt::stops_stage;
use crate::rollout::plan::Action;
use crate::rollout::ramp::PERCENT_MAX;
use crate::rollout::report::{StageReport, WaitingOn};
use crate::rollout::state::{HaltCause, RolloutState, StageState};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::collections::HashMap;

#[derive(Debug, Default)]
pub struct Review {
    pub actions: Vec<Action>,
    pub reports: Vec<StageReport>,
    /// The first stage whose gate failed.
    pub failed: Option<HaltCause>,
    states: HashMap<StageKey, StageState>,
    /// Nobody is left to be looked at or counted.
    is_final: bool,
}

impl Review {
    pub fn admits(&self, stage: StageKey) -> bool {
        self.states.get(&stage).is_some_and(|state| state.admits())
    }

    /// The last window is behind us and nothing is watched any more: until then a skipped or new environment can come
    /// aboard, and what was delivered can still fail.
    pub fn over(&self, board: &Board<'_>) -> bool {
        let windows_over = windows_over(board).is_none_or(|over| over <= board.now);
        let baking =
            self.reports.iter().any(|report| report.waiting.iter().any(|on| matches!(on, WaitingOn::Bake { .. })));
        windows_over && !baking && !self.watches(board)
    }

    /// A stage that delivered and lacks something else than time is watched as long as it would have baked.
    fn watches(&self, board: &Board<'_>) -> bool {
        let delivered = |report: &&StageReport| report.counts.succeeded > 0;
        let open = |report: &StageReport| matches!(report.state, StageState::Open { .. });
        let is_watched = self.reports.iter().filter(delivered).any(open);
        is_watched && watched_until(board).is_some_and(|at| board.now < at)
    }

    /// When time alone changes what is said here, where no listening system is asked.
    pub fn changes(&self, board: &Board<'_>) -> impl Iterator<Item = DateTime<Utc>> {
        let waiting = board.facts.stages.iter().filter(|stage| stage.state == StageState::Waiting);
        let findings = self.reports.iter().flat_map(|report| &report.gate.findings);
        let baked = findings.filter_map(|finding| match finding.measure {
            Measure::Bake { until: Some(until), .. } => Some(next_hour(until, board.now)),
            _ => None,
        });
        let changes = waiting
            .map(|stage| opens_at(board, stage))
            .chain(baked)
            .chain(windows_over(board))
            .chain(watched_until(board));
        changes.chain(freezes_turn(board)).filter(|at| *at > board.now)
    }

    /// What a closed stage waits for first.
    pub fn first_reason(&self, stage: StageKey) -> Option<&WaitingOn> {
        self.report(stage).and_then(|report| report.waiting.first())
    }

    /// When it can change by itself.
    pub fn next(&self, stage: StageKey) -> Option<DateTime<Utc>> {
        self.report(stage).and_then(|report| report.next)
    }

    fn report(&self, stage: StageKey) -> Option<&StageReport> {
        self.reports.iter().find(|report| report.stage == stage)
    }
}

pub fn review(board: &Board<'_>) -> Review {
    let is_final = !board.facts.pending && board.is_counted();
    let mut review = Review { is_final, ..Review::default() };
    let stages = u16::try_from(board.facts.stages.len()).unwrap_or(u16::MAX);
    for stage in &board.facts.stages {
        let rollout = answers_for_all(board, stage).then_some(board.facts.reports);
        let passed_at = passed_at(stage);
        let evidence = StageEvidence { rollout, stages, passed_at, ..stage.tally.evidence.clone() };
        let gate = board.rules.policy.gate.judge(&evidence, board.now);
        note_failure(&mut review, stage.key, &gate);
        let (state, waiting) = advance(board, stage, &gate, &mut review);
        review.states.insert(stage.key, state);
        let next = next_change(&waiting);
        review.reports.push(StageReport {
            stage: stage.key,
            window: board.window(stage.key).unwrap_or(stage.window),
            state,
            counts: stage.tally.counts,
            gate,
            waiting,
            next,
        });
    }
    review
}

/// A stage that passed stays so, and its harm halts as long as the rollout runs.
const fn passed_at(stage: &StageFacts) -> Option<DateTime<Utc>> {
    match stage.state {
        StageState::Passed { passed_at, .. } => Some(passed_at),
        StageState::Waiting | StageState::Open { .. } => None,
    }
}

/// From the start of the last night: a day, in which it ends and its updates with it; the bake; and, of what listening
/// systems say, as long as their data may take and silence is waited for.
fn watched_for(gate: &GatePolicy) -> TimeDelta {
    let heard = gate.telemetry.map_or(TimeDelta::zero(), |telemetry| {
        TimeDelta::minutes(telemetry.max_age_minutes.into()) + TimeDelta::hours(telemetry.silence_grace_hours.into())
    });
    TimeDelta::days(1) + TimeDelta::hours(gate.bake_hours.into()) + heard
}

/// A night of the last date ends at the latest two days after that date began.
fn windows_over(board: &Board<'_>) -> Option<DateTime<Utc>> {
    let last = board.facts.stages.iter().map(|stage| stage.window.last).max()?;
    Some((last + Days::new(2)).and_hms_opt(0, 0, 0)?.and_utc())
}

fn watched_until(board: &Board<'_>) -> Option<DateTime<Utc>> {
    board.last_night().map(|night| night + watched_for(&board.rules.policy.gate))
}

/// A bake is told in whole hours: when the next one is over.
fn next_hour(until: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let left = (until - now).num_milliseconds().max(0);
    until - TimeDelta::hours((left - 1).max(0) / TimeDelta::hours(1).num_milliseconds())
}

/// The whole rollout is judged at the gates of its open stages; where none is open, of those that passed; and before the
/// first one opens, of all: what owners take ahead waits for no stage, and fails all the same.
fn answers_for_all(board: &Board<'_>, stage: &StageFacts) -> bool {
    let stages = &board.facts.stages;
    let open = |stage: &StageFacts| matches!(stage.state, StageState::Open { .. });
    if stages.iter().any(open) {
        return open(stage);
    }
    stage.state.admits() || !stages.iter().any(|known| known.state.admits())
}

/// The first gate that failed; one that failed for its own stage goes before one that did so for the whole rollout.
fn note_failure(review: &mut Review, stage: StageKey, gate: &GateReport) {
    let known = match &review.failed {
        Some(HaltCause::Gate { gate, .. }) => Some(gate.fails_itself()),
        _ => None,
    };
    let goes_first = known.is_none_or(|itself| !itself && gate.fails_itself());
    if gate.verdict == Verdict::Fail && goes_first {
        review.failed = Some(HaltCause::Gate { stage, gate: gate.clone() });
    }
}

/// The state after this tick and what keeps it from the next one. While estates are still to be looked at, the counts
/// are not final and no stage moves on.
fn advance(
    board: &Board<'_>,
    stage: &StageFacts,
    gate: &GateReport,
    review: &mut Review,
) -> (StageState, Vec<WaitingOn>) {
    let mut state = stage.state;
    match &board.facts.state {
        RolloutState::Draft => return (state, vec![WaitingOn::NotStarted]),
        RolloutState::Completed { .. } => return (state, Vec::new()),
        RolloutState::Halted { cause, .. } => {
            let own = WaitingOn::Halt { cause: cause.clone() };
            return (state, kill_switch(board).into_iter().chain([own]).collect());
        }
        RolloutState::Running { .. } => {}
    }
    if let Some(all) = kill_switch(board) {
        return (state, vec![all]);
    }
    if let Some(halt) = stops_stage(&board.facts.halts, board.facts.target(stage.key.station)).first() {
        return (state, vec![WaitingOn::Halt { cause: halt.cause.clone() }]);
    }
    if let Some(freeze) = frozen(board, stage).filter(|_| !matches!(state, StageState::Passed { .. })) {
        let (why, until) = (freeze.reason.clone(), freeze.span.covered_until(board.now.date_naive()));
        return (state, vec![WaitingOn::Freeze { why, until }]);
    }
    if let Some(build) = board.facts.unapproved.as_ref().filter(|_| !matches!(state, StageState::Passed { .. })) {
        return (state, vec![WaitingOn::Build { build: build.clone() }]);
    }
    if state == StageState::Waiting {
        let waiting = closed_because(board, stage, review);
        if !waiting.is_empty() {
            return (state, waiting);
        }
        if !review.is_final {
            return (state, waiting);
        }
        if let Ok(open) = state.open(board.now) {
            state = open;
            review.actions.push(Action::OpenStage { stage: stage.key });
        }
    }
    if matches!(state, StageState::Open { .. }) {
        let station = stage.key.station;
        let waiting = if board.facts.is_let_into(station) {
            not_passed_because(gate)
        } else {
            // It was voided after the stage opened.
            vec![WaitingOn::Approval { station }]
        };
        if !waiting.is_empty() {
            return (state, waiting);
        }
        if !review.is_final {
            return (state, waiting);
        }
        if let Ok(passed) = state.pass(board.now) {
            state = passed;
            review.actions.push(Action::PassStage { stage: stage.key });
        }
    }
    (state, Vec::new())
}

/// The freeze of everybody that keeps the stage as it is. Freezes cover nights by their published date, and the first night
/// of a date begins on the day before where it is late already: the day after a freeze begins there.
fn frozen<'a>(board: &'a Board<'_>, stage: &StageFacts) -> Option<&'a Freeze> {
    let today = board.now.date_naive();
    let freeze = board.rules.freezes.of_everybody(today)?;
    let is_over = today.succ_opt().is_some_and(|next| {
        let has_begun = stage.first_night.is_some() && begins(stage, next) <= board.now;
        has_begun && board.rules.freezes.of_everybody(next).is_none()
    });
    (!is_over).then_some(freeze)
}

/// When the first night with this date starts anywhere in the stage; midnight (UTC) where nobody is.
pub fn begins(stage: &StageFacts, date: NaiveDate) -> DateTime<Utc> {
    let midnight = || date.and_hms_opt(0, 0, 0).unwrap_or_default().and_utc();
    stage.first_night.map_or_else(midnight, |night| night + (date - stage.window.first))
}

/// When a freeze of everybody can begin or end for a stage: with a date, or with the first night of the next one.
fn freezes_turn<'a>(board: &'a Board<'_>) -> impl Iterator<Item = DateTime<Utc>> + 'a {
    let today = board.now.date_naive();
    let is_near = |date: NaiveDate| board.rules.freezes.of_everybody(date).is_some();
    let next = today.succ_opt().filter(|next| is_near(today) || is_near(*next));
    next.into_iter().flat_map(|next| {
        let midnight = next.and_hms_opt(0, 0, 0).map(|midnight| midnight.and_utc());
        board.facts.stages.iter().map(move |stage| begins(stage, next)).chain(midnight)
    })
}

fn kill_switch(board: &Board<'_>) -> Option<WaitingOn> {
    board.facts.kill_switch().map(|halt| WaitingOn::KillSwitch { cause: halt.cause.clone() })
}

fn closed_because(board: &Board<'_>, stage: &StageFacts, review: &Review) -> Vec<WaitingOn> {
    let not_passed = |key| !matches!(review.states.get(&key), Some(StageState::Passed { .. }));
    let unmet: Vec<&StageFacts> =
        board.facts.stages.iter().filter(|before| goes_before(before, stage) && not_passed(before.key)).collect();
    // A stage that another unmet one waits for in its turn goes without saying.
    let nearest = |before: &&&StageFacts| !unmet.iter().any(|later| goes_before(before, later));
    let mut waiting: Vec<WaitingOn> =
        unmet.iter().filter(nearest).map(|before| WaitingOn::Stage { stage: before.key }).collect();
    if waiting.is_empty() && is_unproven(board, stage) {
        waiting.push(WaitingOn::Unproven);
    }
    let station = stage.key.station;
    if !board.facts.is_let_into(station) {
        waiting.push(WaitingOn::Approval { station });
    }
    let opens_at = opens_at(board, stage);
    if board.now < opens_at {
        waiting.push(WaitingOn::Window { opens_at });
    }
    waiting
}

/// Sandboxes up to this station could have proven the build, and none did: the percentages left them out when their stages
/// passed, for those had nobody to wait for (rule G1). Stages that are empty by themselves have nothing to prove.
fn is_unproven(board: &Board<'_>, stage: &StageFacts) -> bool {
    let before = |b: &&StageFacts| b.key.audience == Audience::Sandbox && b.key.station <= stage.key.station;
    let mut sandboxes = board.facts.stages.iter().filter(before);
    let could = |b: &StageFacts| {
        let (is_there, due) = (b.tally.counts.total > 0, b.tally.evidence.due);
        due > 0 || is_there && board.facts.policy.percent(b.key) < PERCENT_MAX
    };
    let did = |b: &StageFacts| b.tally.counts.succeeded + b.tally.counts.satisfied > b.tally.taken_back;
    stage.key.audience == Audience::Production && !sandboxes.clone().any(did) && sandboxes.any(could)
}

fn not_passed_because(gate: &GateReport) -> Vec<WaitingOn> {
    match (gate.verdict, gate.bakes_until()) {
        (Verdict::Pass, _) => Vec::new(),
        (_, Some(until)) => vec![WaitingOn::Bake { until }],
        (Verdict::Fail | Verdict::NotEnoughEvidence, None) => vec![WaitingOn::Gate { gate: gate.clone() }],
    }
}

/// Starting the rollout lets the train into the first station; every later one is approved by name.
pub fn needs_approval(station: StationNumber) -> bool {
    station > StationNumber::OPT_IN
}

pub fn goes_before(before: &StageFacts, stage: &StageFacts) -> bool {
    let (b, s) = (before.key, stage.key);
    let own_sandboxes = s.audience == Audience::Production && b.audience == Audience::Sandbox && b.station == s.station;
    let earlier_station = b.audience == s.audience && b.station < s.station && before.window.last < stage.window.first;
    own_sandboxes || earlier_station
}

fn opens_at(board: &Board<'_>, stage: &StageFacts) -> DateTime<Utc> {
    begins(stage, board.window(stage.key).unwrap_or(stage.window).first)
}

fn next_change(waiting: &[WaitingOn]) -> Option<DateTime<Utc>> {
    match waiting {
        [WaitingOn::Window { opens_at: at } | WaitingOn::Bake { until: at }] => Some(*at),
        _ => None,
    }
}
