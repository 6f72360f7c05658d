//! The sentences of recovery.

use super::facts::Schema;
use super::menu::{Choice, Preference, Reach};
use super::obstacle::Obstacle;
use super::{RecoveryPath, RecoveryPlan, RecoveryState, Work};
use crate::number::counted;

fn environments(number: usize) -> String {
    counted(number as u64, "environment", "environments")
}

impl RecoveryPath {
    pub const fn word(self) -> &'static str {
        match self {
            Self::FallBackByFlight => "Fall back by flight",
            Self::RollForward => "Roll forward",
            Self::RollBack => "Roll back",
            Self::RedeployLastKnownGood => "Redeploy the last known good build",
        }
    }

    pub const fn what_it_does(self) -> &'static str {
        match self {
            Self::FallBackByFlight => {
                "Turns the flights of the changes off wherever the build runs. The build stays; nobody is interrupted."
            }
            Self::RollForward => {
                "Starts a rollout of the newer build, through the same stations and gates. The bad build stays until its turn."
            }
            Self::RollBack => {
                "Returns each environment, in place, to the build that it ran before and that was healthy, through the same stations, windows and approvals as every rollout."
            }
            Self::RedeployLastKnownGood => {
                "Sets each environment up on new infrastructure, with the build and configuration it had before, through the same stations, windows and approvals as every rollout."
            }
        }
    }
}

impl Preference {
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NothingMoves => "First, because no version moves and it waits for no night",
            Self::KeepsOtherFixes => "It keeps every other fix, and takes the time that stations and gates take",
            Self::NeedsNoNewerBuild => {
                "At this severity before a newer build, because it needs none and leads to a build that was healthy there"
            }
            Self::TakesFixesBack => "After a newer build, because it takes every fix of this build back",
            Self::NewInfrastructure => "Last, because new infrastructure takes longest",
        }
    }
}

fn not_said(can: &str, flag: &str) -> String {
    format!(
        "The agents of this fleet are not known to {can}. Where they can, the operator starts the server with --agents-can {flag}"
    )
}

const fn schema_word(schema: Schema) -> &'static str {
    match schema {
        Schema::Online => "only online",
        Schema::Compatible => "compatible",
        Schema::Reversible => "reversible",
        Schema::Irreversible => "irreversible",
    }
}

impl Obstacle {
    pub fn sentence(&self) -> String {
        match self {
            Self::NotHalted => "No halt stands. Halt the build or the rollout first".to_owned(),
            Self::NobodyRunsIt => "No environment runs this build".to_owned(),
            Self::StillComing { updates: 1 } => {
                "1 update to this build still runs; its environment would be left behind. Wait for its end".to_owned()
            }
            Self::StillComing { updates } => {
                format!(
                    "{updates} updates to this build still run; their environments would be left behind. Wait for their end"
                )
            }
            Self::ExecutorCannotSetFlights => not_said("set flights", "flights"),
            Self::ExecutorCannotRollBack => not_said("roll back", "roll-back"),
            Self::ExecutorCannotRedeploy => not_said("redeploy", "redeploy"),
            Self::ChangesUnknown => "The changes of this build are not recorded".to_owned(),
            Self::UnknownSuspect { change } => format!("{change} is no change of this build"),
            Self::ChangeWithoutFlight { change } => format!("No flight guards {change}"),
            Self::FlightsAlreadyOff => "All flights of these changes are off already".to_owned(),
            Self::NoNewerBuild => "There is no newer build of this service update".to_owned(),
            Self::NewerBuildNotApproved { build } => format!("{build} is not approved yet"),
            Self::LastGoodBuildNotApproved { build } => format!("{build} is not approved"),
            Self::NewerBuildHalted { build } | Self::LastGoodBuildHalted { build } => format!("{build} is halted"),
            Self::UpdateRunning => "An update runs just now; it has to finish first".to_owned(),
            Self::NoLastGoodBuild => "No build is known that ran before and was healthy".to_owned(),
            Self::OtherServiceUpdate { last_good } => {
                format!("Before, it ran service update {last_good}; a quality update never changes the service update")
            }
            Self::NotEarlier { build } => format!("What ran before, {build}, is no earlier build"),
            Self::SchemaUnknown { build } => format!("The schema changes of {build} are not recorded"),
            Self::SchemaStandsAgainst { build, change, marked } => {
                format!("{build} changed the schema ({change}), marked {}", schema_word(*marked))
            }
            Self::NoRestorePoint => "No restore point from before the update was kept".to_owned(),
            Self::RestorePointsUnknown => {
                "For how many days restore points are kept is not known. The operator starts the server with --restore-days"
                    .to_owned()
            }
        }
    }
}

impl Reach {
    /// `Reaches 12 of 15 environments that run the build`
    pub fn sentence(&self) -> String {
        let mut text =
            format!("Reaches {} of {} that run the build", self.reached, environments(self.stricken as usize));
        if self.data_lost > 0 {
            let starts = if self.data_lost == 1 { "starts" } else { "start" };
            let lost = environments(self.data_lost as usize);
            text = format!("{text}; {lost} {starts} from a restore point and lose what was written since");
        }
        text
    }
}

impl Choice {
    /// What it does, whom it reaches, and why it stands where it stands or what closes it.
    pub fn sentence(&self) -> String {
        let does = self.path.what_it_does();
        if self.open() {
            return format!("{does} {}. {}.", self.reach.sentence(), self.because.sentence());
        }
        let why: Vec<String> = self.obstacles.iter().map(Obstacle::sentence).collect();
        format!("{does} Closed: {}.", why.join("; "))
    }
}

impl RecoveryPlan {
    /// `Roll back 12 environments: Running, approved by Bo`
    pub fn sentence(&self) -> String {
        let what = match &self.proposal.work {
            Work::TurnFlightsOff { flights, environments: at } => {
                format!("Turn {} off in {}", counted(flights.len() as u64, "flight", "flights"), environments(at.len()))
            }
            Work::NewRollout { to } => format!("Roll forward to {}", to.version),
            Work::MoveBack { moves } => match self.proposal.path {
                RecoveryPath::RedeployLastKnownGood => format!("Redeploy {}", environments(moves.len())),
                _ => format!("Roll back {}", environments(moves.len())),
            },
        };
        let state = self.state.word();
        match &self.state {
            RecoveryState::Proposed => format!("{what}: {state} by {}", self.proposal.by.by.name),
            RecoveryState::Approved { approval }
            | RecoveryState::Running { approval, .. }
            | RecoveryState::Completed { approval, .. } => format!("{what}: {state}, approved by {}", approval.by.name),
            RecoveryState::Abandoned { abandoned, .. } => {
                format!("{what}: {state} by {}: {}", abandoned.by.name, abandoned.reason)
            }
        }
    }
}
