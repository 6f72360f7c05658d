//! The sentences of the report: one per reason, in the viewer's clockface. Pages, mails and the API say these.

use super::report::{CapScope, EnvironmentReason, MoveReason, WaitingOn};
use super::state::HaltCause;
use crate::calendar::{Night, StageWindow};
use crate::clockface::Clockface;
use crate::ids::EnvironmentId;
use crate::number::{counted, days};
use crate::release::TrainId;
use crate::wire::signal::{Aspect, UpdateStateWord};
use chrono::{DateTime, NaiveDate, Utc};

/// Names of environments, for reasons that point at another one.
pub trait Names {
    fn environment(&self, id: EnvironmentId) -> String;
}

impl CapScope {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rollout => "in this rollout",
            Self::Station => "in this station",
            Self::Region => "in this region",
            Self::Customer => "for this customer",
        }
    }

    /// `20 updates run at once in this region`
    fn full(self, limit: u32) -> String {
        format!("{} at once {}", counted(limit.into(), "update runs", "updates run"), self.word())
    }
}

impl HaltCause {
    pub fn sentence(&self) -> String {
        match self {
            Self::Person { name, reason, .. } => format!("Halted by {name}: {reason}"),
            Self::Gate { stage, gate } => format!("Halted by the gate of {stage}: {}", gate.harm()),
            // The reason is itself a sentence: who halted it, and why.
            Self::Build { reason } => {
                format!("{}. This stops every rollout of the build", reason.trim_end_matches('.'))
            }
            Self::ListeningSystem { system, incident: Some(incident), finding } => {
                format!("Halted by {system}, incident {incident}: {finding}")
            }
            Self::ListeningSystem { system, incident: None, finding } => format!("Halted by {system}: {finding}"),
        }
    }
}

impl WaitingOn {
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        match self {
            Self::NotStarted => "The rollout is not started".to_owned(),
            Self::KillSwitch { cause } => cause.of_everything(),
            Self::Halt { cause } => cause.sentence(),
            Self::Freeze { why, until: Some(until) } => {
                format!("A freeze holds it until {}: {why}", clock.date(*until))
            }
            Self::Freeze { why, until: None } => format!("A freeze holds it: {why}"),
            Self::Build { build } => build.sentence(),
            Self::Stage { stage } => format!("Waits for {stage} to pass"),
            Self::Gate { gate } => gate.sentence(),
            Self::Bake { until } => format!("Bakes until {}", clock.instant(*until)),
            Self::Approval { station } => format!("Waits for the approval of station {station}"),
            Self::Window { opens_at } => format!("Its window opens on {}", clock.instant(*opens_at)),
            Self::Unproven => "No sandbox before it was updated, so nothing is proven; let some take part".to_owned(),
        }
    }

    pub const fn aspect(&self) -> Aspect {
        match self {
            Self::KillSwitch { .. } | Self::Halt { .. } | Self::Freeze { .. } | Self::Build { .. } => Aspect::Stop,
            Self::Gate { gate } => gate.aspect(),
            Self::Approval { .. } | Self::Bake { .. } | Self::Unproven => Aspect::Caution,
            Self::NotStarted | Self::Stage { .. } | Self::Window { .. } => Aspect::Unlit,
        }
    }
}

/// `Station 4 · Sandbox takes 12–15 Oct 2026`
fn takes(window: StageWindow, clock: &dyn Clockface) -> String {
    format!("{} takes {}", window.stage, clock.dates(window.first, window.last))
}

impl EnvironmentReason {
    pub fn sentence(&self, clock: &dyn Clockface, names: &dyn Names) -> String {
        match self {
            Self::Satisfied { build } => format!("It already runs {build}, an equal or later build"),
            Self::OtherServiceUpdate { on } => {
                format!("It moved to service update {on}; trains of {on} bring its quality updates")
            }
            Self::Exempt { why, expires_at } => format!("Exempt until {}: {why}", clock.instant(*expires_at)),
            Self::PriorityBatchOff => {
                "Priority-based batch scheduling is off; switch it on and production takes part again".to_owned()
            }
            Self::NotInShare { percent } => not_in_share(*percent),
            Self::NoStation { region } => format!("{region} belongs to no station; the operator has to map it"),
            Self::NoDarkHours { region } => {
                format!("No dark hours are published for {region}; the operator has to set them")
            }
            Self::NightTooShort { region, minutes } => night_too_short(region, *minutes),
            Self::NoNight => "No night allows it: its chosen days and the rules leave none within a year".to_owned(),
            Self::ProductionNotUpdated { production, state } => not_updated(&names.environment(*production), *state),
            Self::AttemptsUsed { attempts, last } => attempts_used(*attempts, &last.error),
            Self::NotStarted => "The rollout is not started".to_owned(),
            Self::RolloutHalted => "The rollout is halted; nothing starts until it goes on".to_owned(),
            Self::Halted { why } => why.clone(),
            Self::Frozen { why, until } => frozen("A freeze holds it", why, *until, clock),
            Self::SandboxFailed { sandbox } => sandbox_failed(&names.environment(*sandbox)),
            Self::ServiceUpdateDue { on } => {
                let on = clock.date(*on);
                format!("Its next service update is due on {on}, within a week; it brings the same fixes")
            }
            Self::BuildNotApproved { build } => build.sentence(),
            Self::StageClosed { stage } => format!("{stage} is not open yet"),
            Self::ApprovalMissing { station } => format!("Station {station} waits for an approval"),
            Self::NightNotChosen { ahead_days: n, .. } => format!("Its own night is chosen about {} ahead", days(*n)),
            Self::NightAhead { night } => format!("Its night is {}", clock.night(*night)),
            Self::WaitsForProduction { production } => {
                format!("It starts when {} is updated", names.environment(*production))
            }
            Self::WaitsForSandbox { sandbox } => {
                format!("{} goes before it, and was not updated in its night", names.environment(*sandbox))
            }
            Self::GapToSandbox { sandbox_night: night, days: gap } => {
                format!("Production keeps {} from its sandbox's night of {}", days(*gap), clock.date(night.date))
            }
            Self::Cap { scope, limit } => format!("{}; it follows when one finishes", scope.full(*limit)),
            Self::NotNamed => "No recovery under way names it with this build".to_owned(),
            Self::HoursChanged => "Its dark hours or its days were changed; another night is chosen".to_owned(),
            Self::BusyElsewhere => "Another update of it runs just now".to_owned(),
            Self::Clash { train, night } => clash(*train, *night, clock),
            Self::WindowTooShort { minutes } => too_short(*minutes),
            Self::StageTurn { window } => takes(*window, clock),
            Self::WeekendOnly => "Production and premium sandboxes are updated on weekends".to_owned(),
            Self::ChosenWeekdays => "Its days were chosen".to_owned(),
            Self::EarlyOptIn => "It opted in early and goes first".to_owned(),
            Self::PulledAhead { by, replaces } => pulled_ahead(by, *replaces, clock),
            Self::MovesWithProduction { production } => {
                format!("It is designated to move with {}", names.environment(*production))
            }
            Self::MovesWithSandboxes { production } => format!(
                "It is designated to move with {}, but runs a newer service update and so moves with the other sandboxes",
                names.environment(*production)
            ),
            Self::KeepsGapForProduction { production, days: gap } => {
                format!("The night was chosen so that {} keeps its {}", names.environment(*production), days(*gap))
            }
            Self::NoticePeriod { days } => notice_period(*days),
            Self::ShortNotice { hours, why } => short_notice(*hours, why),
            Self::AnyNight { why } => any_night(why),
            Self::NightFrozen { date, why } => format!("A freeze has the night of {}: {why}", clock.date(*date)),
            Self::OrderWaits { since } => order_waits(*since, clock),
            Self::RunningNow { since } => format!("Its update runs since {}", clock.instant(*since)),
        }
    }

    pub const fn aspect(&self) -> Aspect {
        match self {
            Self::Satisfied { .. }
            | Self::StageTurn { .. }
            | Self::WeekendOnly
            | Self::ChosenWeekdays
            | Self::EarlyOptIn
            | Self::PulledAhead { .. }
            | Self::MovesWithProduction { .. }
            | Self::MovesWithSandboxes { .. }
            | Self::KeepsGapForProduction { .. }
            | Self::NoticePeriod { .. }
            | Self::ShortNotice { .. }
            | Self::AnyNight { .. }
            | Self::NightFrozen { .. }
            | Self::NightAhead { .. } => Aspect::Clear,
            Self::RunningNow { .. }
            | Self::OrderWaits { .. }
            | Self::BusyElsewhere
            | Self::Clash { .. }
            | Self::ApprovalMissing { .. }
            | Self::GapToSandbox { .. }
            | Self::Cap { .. }
            | Self::WaitsForProduction { .. }
            | Self::WaitsForSandbox { .. } => Aspect::Caution,
            Self::RolloutHalted
            | Self::Halted { .. }
            | Self::BuildNotApproved { .. }
            | Self::AttemptsUsed { .. }
            | Self::SandboxFailed { .. } => Aspect::Stop,
            _ => Aspect::Unlit,
        }
    }
}

impl MoveReason {
    pub fn sentence(&self, clock: &dyn Clockface) -> String {
        match self {
            Self::NightMissed => "the night passed before it could start".to_owned(),
            Self::StageClosed { stage, on: None } => format!("{stage} was not open"),
            Self::StageClosed { stage, on: Some(on) } => {
                format!("{stage} was not open: {}", lower_first(&on.sentence(clock)))
            }
            Self::RolloutHalted => "the rollout was halted".to_owned(),
            Self::Halted { why } => lower_first(why),
            Self::Frozen { why, until } => frozen("a freeze holds its nights", why, *until, clock),
            Self::SandboxFailed => "the update failed in one of its sandboxes".to_owned(),
            Self::HoursChanged => "its dark hours or its days were changed".to_owned(),
            Self::GapToSandbox { sandbox_date, days: gap } => format!(
                "its sandbox is updated on the night of {}, and production keeps {}",
                clock.date(*sandbox_date),
                days(*gap)
            ),
            Self::WaitsForProduction => "the production environment it moves with was not updated yet".to_owned(),
            Self::WaitsForSandbox => "a sandbox that goes before it was not updated yet".to_owned(),
            Self::Clash { train } => format!("{train} updates it in that night"),
            Self::Emergency { why } => format!("an emergency path is in force: {}", lower_first(why)),
            Self::EmergencyOver => "the emergency path that allowed its night is over".to_owned(),
            Self::Cap { scope, limit } => format!("no more than {}", scope.full(*limit)),
            Self::AttemptFailed { error } => format!("an attempt failed: {error}"),
            Self::PulledAhead { by } => format!("{by} takes it ahead of its night"),
            Self::PullTakenBack { by } => format!("{by} does not take it ahead any more"),
        }
    }
}

fn sandbox_failed(sandbox: &str) -> String {
    format!("The update failed in {sandbox}; production waits until it is healthy there or the vendor lets it go on")
}

fn not_updated(production: &str, state: UpdateStateWord) -> String {
    match state {
        UpdateStateWord::Succeeded | UpdateStateWord::AlreadySatisfied => {
            format!("It moves with {production}, which had the build and does not run it any more")
        }
        state => format!("It moves with {production}, which is {}", state.word().to_lowercase()),
    }
}

fn clash(train: TrainId, night: Night, clock: &dyn Clockface) -> String {
    format!("{train} updates it on the night of {}; this one takes another", clock.date(night.date))
}

fn too_short(minutes: i64) -> String {
    let minutes = counted(minutes.unsigned_abs(), "minute", "minutes");
    format!("The rest of the night is shorter than the {minutes} an update may take")
}

fn night_too_short(region: &str, minutes: u16) -> String {
    let minutes = counted(minutes.into(), "minute", "minutes");
    format!(
        "The dark hours of {region} are shorter than the {minutes} an update may take; the operator has to change them"
    )
}

fn notice_period(notice: u16) -> String {
    format!("Every update is announced at least {} ahead", days(notice))
}

fn order_waits(since: DateTime<Utc>, clock: &dyn Clockface) -> String {
    format!("Its order is ready since {}; nobody has taken it yet", clock.instant(since))
}

fn short_notice(hours: u16, why: &str) -> String {
    let notice = counted(hours.into(), "hour", "hours");
    format!("An emergency path is in force ({}); the notice is {notice}", lower_first(why))
}

fn any_night(why: &str) -> String {
    format!("An emergency path is in force ({}); any night will do", lower_first(why))
}

fn frozen(what: &str, why: &str, until: Option<NaiveDate>, clock: &dyn Clockface) -> String {
    match until {
        Some(until) => format!("{what} until {}: {why}", clock.date(until)),
        None => format!("{what}: {why}"),
    }
}

fn pulled_ahead(by: &str, replaces: Option<Night>, clock: &dyn Clockface) -> String {
    match replaces {
        Some(night) => format!("{by} takes it ahead; its announced night, {}, is not needed then", clock.night(night)),
        None => format!("{by} takes it ahead of its night"),
    }
}

fn not_in_share(percent: u8) -> String {
    format!("Not in the {percent} % that this rollout takes so far; it comes aboard when more are taken")
}

fn attempts_used(attempts: u8, error: &str) -> String {
    match attempts {
        1 => format!("The attempt failed: {error}"),
        more => format!("{more} attempts failed, the last with: {error}"),
    }
}

/// A sentence in the middle of another one.
pub(super) fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
