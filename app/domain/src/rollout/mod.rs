//! A train in execution. `planner::plan(facts, now)` decides everything; the store loads the facts, the services carry
//! out the plan. The report says why each stage and each environment waits; every surface prints that report.

pub mod facts;
pub mod halt;
pub mod harm;
pub mod plan;
pub mod planner;
pub mod preview;
pub mod promotion;
pub mod ramp;
pub mod report;
pub mod state;
pub mod tally;
pub mod way_out;
pub mod why;
pub mod words;

pub use facts::{
    Approval, EnvironmentFacts, Following, InFlight, Placement, PlannedElsewhere, RolloutCaps, RolloutFacts,
    RolloutKind, RolloutPolicy, StageFacts, UpdateFacts,
};
pub use plan::{Action, EstatePlan, Explanation, Plan};
pub use planner::plan;
pub use preview::{LeftOut, PlanDifference, PlanFigures, Preview};
pub use promotion::{Edited, GivenApproval, Promotion, Subject};
pub use ramp::{Ramp, RampError, RampRow, RampScope};
pub use report::{
    CapScope, EnvironmentReason, FailedAttempt, MoveReason, RolloutReport, StageCounts, StageReport, WaitingOn,
};
pub use state::{HaltCause, Moved, RolloutState, StageState, UpdateState, WrongEdge};
pub use tally::{Counted, Failure, Part, Reports, StageTally};
pub use why::{reasons, standstill};
