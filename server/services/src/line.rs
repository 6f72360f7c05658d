//! The railway line as data: one node a station, for a rollout's page, for lists, and personal for an environment.
//! States come from the stage rows, words from the planner's report.

use crate::zone::ZoneClockface;
use domain::catalogue::Catalogue;
use domain::clockface::Clockface;
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::Verdict;
use domain::number::{counted, grouped};
use domain::rollout::{RolloutReport, RolloutState, StageCounts, StageFacts, StageReport, StageState, WaitingOn};
use domain::wire::signal::{Aspect, LineNode, LineState};
use std::collections::BTreeMap;

/// A rollout as far as its line is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Track<'a> {
    pub state: &'a RolloutState,
    pub stages: &'a [StageFacts],
    pub report: &'a RolloutReport,
}

/// One station of it.
#[derive(Debug)]
pub(crate) struct Stop<'a> {
    pub number: StationNumber,
    pub stages: Vec<&'a StageFacts>,
    pub state: LineState,
    reports: Vec<&'a StageReport>,
}

/// The environment whose line it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Yours<'a> {
    pub stage: StageKey,
    pub region: &'a str,
}

impl<'a> Track<'a> {
    pub(crate) fn stops(self) -> Vec<Stop<'a>> {
        let mut stations: BTreeMap<StationNumber, Vec<&StageFacts>> = BTreeMap::new();
        for stage in self.stages {
            stations.entry(stage.key.station).or_default().push(stage);
        }
        let is_halted = self.state.is_halted();
        let any_open = self.stages.iter().any(|stage| matches!(stage.state, StageState::Open { .. }));
        let mut halt_shown = false;
        let stop = |(number, stages): (StationNumber, Vec<&'a StageFacts>)| {
            let mut state = running_state(&stages);
            // A halt is shown where the train stands; where it stands between stations, at the next one.
            let stands_here = state == LineState::Running || (!any_open && !halt_shown && state == LineState::Waiting);
            if is_halted && stands_here {
                state = LineState::Halted;
                halt_shown = true;
            }
            let reports: Vec<_> = stages.iter().filter_map(|stage| self.report.stage(stage.key)).collect();
            // Of the station, or of everything that is still to come.
            let of_its_own = |report: &&StageReport| match report.waiting.first() {
                Some(WaitingOn::Halt { .. }) => true,
                Some(WaitingOn::KillSwitch { .. }) => state != LineState::Passed,
                _ => false,
            };
            if !is_halted && reports.iter().any(of_its_own) {
                state = LineState::Halted;
            }
            Stop { number, stages, state, reports }
        };
        stations.into_iter().map(stop).collect()
    }

    pub(crate) fn states(self) -> Vec<LineState> {
        self.stops().iter().map(|stop| stop.state).collect()
    }

    /// For the page of a rollout: how much and when.
    pub(crate) fn nodes(self, catalogue: &Catalogue, clock: ZoneClockface) -> Vec<LineNode> {
        let node = |stop: Stop<'_>| {
            let regions = catalogue.regions.iter().filter(|region| region.station == Some(stop.number)).count() as u64;
            let where_text = match regions {
                0 => "early opt-in".to_owned(),
                n => counted(n, "region", "regions"),
            };
            let total = u64::from(stop.counts().total);
            let lines = vec![format!("{where_text} · {}", grouped(total)), stop.dates(clock)];
            stop.node(lines, false)
        };
        self.stops().into_iter().map(node).collect()
    }

    /// For the page of one environment: where the train is, as seen from there.
    pub(crate) fn personal(self, yours: Option<Yours<'_>>, clock: ZoneClockface) -> Vec<LineNode> {
        let node = |stop: Stop<'_>| {
            let Some(yours) = yours.filter(|yours| yours.stage.station == stop.number) else {
                let dates = stop.dates(clock);
                return stop.node(vec![dates], false);
            };
            let own = stop.stages.iter().find(|stage| stage.key == yours.stage);
            let dates = own.map(|stage| clock.dates(stage.window.first, stage.window.last));
            stop.node([Some(yours.region.to_owned()), dates].into_iter().flatten().collect(), true)
        };
        self.stops().into_iter().map(node).collect()
    }

    /// Every stage has passed, and some of its environments take a later night: by their own days, a gap, a retry.
    fn stragglers(self, clock: ZoneClockface) -> String {
        let left = later_nights(self.report.totals());
        let last = self.report.last_night_at.map(|at| format!(", the last on {}", clock.date(clock.date_of(at))));
        format!("Every station has passed; {left}{}", last.unwrap_or_default())
    }

    /// `Running at station 4`
    pub(crate) fn where_text(self, clock: ZoneClockface) -> String {
        let stops = self.stops();
        let at = |wanted: LineState| {
            let numbers: Vec<String> =
                stops.iter().filter(|stop| stop.state == wanted).map(|stop| stop.number.to_string()).collect();
            match numbers.as_slice() {
                [] => None,
                [one] => Some(format!("at station {one}")),
                several => Some(format!("at stations {}", crate::words::listed(several))),
            }
        };
        match self.state {
            RolloutState::Draft => "Not started".to_owned(),
            RolloutState::Completed { completed_at, .. } => {
                format!("Completed on {}", clock.date(clock.date_of(*completed_at)))
            }
            RolloutState::Halted { .. } => format!("Halted {}", at(LineState::Halted).unwrap_or_default()),
            RolloutState::Running { .. } => at(LineState::Running).map_or_else(
                || {
                    let next = stops.iter().find(|stop| stop.state == LineState::Waiting);
                    next.map_or_else(
                        || self.stragglers(clock),
                        |stop| format!("Before station {}: {}", stop.number, stop.word().to_lowercase()),
                    )
                },
                |at| format!("Running {at}"),
            ),
        }
        .trim_end()
        .to_owned()
    }
}

fn running_state(stages: &[&StageFacts]) -> LineState {
    let passed = |stage: &&StageFacts| matches!(stage.state, StageState::Passed { .. });
    if stages.iter().all(passed) {
        LineState::Passed
    } else if stages.iter().any(|stage| stage.state.admits()) {
        LineState::Running
    } else {
        LineState::Waiting
    }
}

impl Stop<'_> {
    pub(crate) fn counts(&self) -> StageCounts {
        let mut counts = StageCounts::default();
        for report in &self.reports {
            counts += report.counts;
        }
        counts
    }

    fn dates(&self, clock: ZoneClockface) -> String {
        let first = self.stages.iter().map(|stage| stage.window.first).min();
        let last = self.stages.iter().map(|stage| stage.window.last).max();
        first.zip(last).map(|(first, last)| clock.dates(first, last)).unwrap_or_default()
    }

    fn first_waiting(&self) -> Option<&WaitingOn> {
        self.reports.iter().find_map(|report| report.waiting.first())
    }

    fn word(&self) -> String {
        match self.state {
            LineState::Passed => "Passed".to_owned(),
            LineState::Halted => "Halted".to_owned(),
            LineState::Running => self.running_word().to_owned(),
            LineState::Waiting => match self.first_waiting() {
                Some(WaitingOn::Approval { .. }) => "Waits for approval".to_owned(),
                Some(WaitingOn::Stage { stage }) => format!("Waits for station {}", stage.station),
                Some(WaitingOn::Window { .. }) => "Waits for its window".to_owned(),
                Some(WaitingOn::NotStarted) => "Not started".to_owned(),
                Some(WaitingOn::KillSwitch { .. } | WaitingOn::Halt { .. }) => "Halted".to_owned(),
                Some(WaitingOn::Freeze { .. }) => "Frozen".to_owned(),
                Some(WaitingOn::Build { .. }) => "Build not approved".to_owned(),
                Some(WaitingOn::Gate { .. } | WaitingOn::Bake { .. } | WaitingOn::Unproven) | None => {
                    "Waits".to_owned()
                }
            },
        }
    }

    fn running_word(&self) -> &'static str {
        let open = |audience| {
            self.stages
                .iter()
                .any(|stage| stage.key.audience == audience && matches!(stage.state, StageState::Open { .. }))
        };
        match (open(Audience::Sandbox), open(Audience::Production)) {
            (true, true) => "Running",
            (true, false) => "Sandboxes running",
            (false, true) => "Production running",
            (false, false) => "Production waits",
        }
    }

    fn aspect(&self) -> Aspect {
        let failed = self.reports.iter().any(|report| report.gate.verdict == Verdict::Fail);
        match self.state {
            LineState::Halted => Aspect::Stop,
            _ if failed => Aspect::Stop,
            LineState::Passed => Aspect::Clear,
            LineState::Running => Aspect::Caution,
            LineState::Waiting => match self.first_waiting() {
                Some(WaitingOn::Approval { .. }) => Aspect::Caution,
                _ => Aspect::Unlit,
            },
        }
    }

    fn node(&self, lines: Vec<String>, is_yours: bool) -> LineNode {
        LineNode {
            station: self.number.0,
            title: format!("Station {}", self.number),
            lines,
            state: self.state,
            word: self.word(),
            aspect: self.aspect(),
            is_yours,
        }
    }
}
/// `3 environments have a later night of their own`: what is left of stages that passed.
pub(crate) fn later_nights(counts: StageCounts) -> String {
    let (one, several) = ("environment has a later night of its own", "environments have a later night of their own");
    counted((counts.total - counts.settled()).into(), one, several)
}
