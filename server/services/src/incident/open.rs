//! What is said of an incident, by whomever. Where it is as bad as the policy says, or people suffer from it and say so, the
//! build is halted in the same transaction, and with it every rollout of it, under way or to come (rule H1).

use super::incident_policy;
use crate::rollout::insist;
use crate::trail::{By, Deed};
use crate::{CallerContext, Result, Services};
use chrono::{DateTime, Utc};
use domain::agent::CLOCK_SKEW_MAX;
use domain::health::{KnownIncident, Raised};
use domain::ids::RolloutId;
use domain::release::BuildVersion;
use domain::rollout::{HaltCause, RolloutKind};
use domain::severity::Severity;
use domain::wire::live::Topic;
use serde_json::json;
use store::Tx;
use store::build::Build;
use store::incident::{Incident, Reporter};
use store::rollout::RolloutFilter;
use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenIncident {
    /// As the reporter calls it; of one reporter the same name is the same incident.
    pub name: String,
    pub build: BuildVersion,
    pub severity: Severity,
    /// Customers suffer from it and said so.
    pub by_people: bool,
    pub finding: String,
    pub opened_at: DateTime<Utc>,
}

/// What an incident led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentOutcome {
    Halted,
    /// The build stands already.
    HaltedBefore,
    /// Below the severity from which incidents halt.
    Recorded,
    /// As bad as that, and no rollout of the build runs: none starts until somebody lifts the halt of the build.
    NothingRuns,
    /// No such build is registered.
    UnknownBuild,
}

impl IncidentOutcome {
    const ALL: [Self; 5] = [Self::Halted, Self::HaltedBefore, Self::Recorded, Self::NothingRuns, Self::UnknownBuild];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Halted => "halted",
            Self::HaltedBefore => "halted_before",
            Self::Recorded => "recorded",
            Self::NothingRuns => "nothing_runs",
            Self::UnknownBuild => "unknown_build",
        }
    }

    /// As it is stored; a word that is not known any more halted nothing.
    pub(crate) fn stored(key: &str) -> Self {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key).unwrap_or(Self::Recorded)
    }

    /// It halted the build, or found it halted: said again, it does so no more.
    pub(super) const fn halted(self) -> bool {
        matches!(self, Self::Halted | Self::HaltedBefore | Self::NothingRuns)
    }

    /// What it comes to where it is said worse and halts nothing.
    const fn after_recording(self) -> Self {
        if self.halted() { self } else { Self::Recorded }
    }

    /// Said again, and no worse, it comes to the same. A build that was not known then may be now.
    fn settles(self) -> bool {
        self.halted() || self == Self::Recorded
    }

    pub fn sentence(self) -> String {
        format!("{}.", self.led_to())
    }

    /// What it led to, true at any time after: a halt may have been lifted since.
    pub const fn led_to(self) -> &'static str {
        match self {
            Self::Halted => "It halted every rollout of the build",
            Self::HaltedBefore => "The build was halted already",
            Self::Recorded => "It halted nothing",
            Self::NothingRuns => "It halted the build before any rollout of it ran",
            Self::UnknownBuild => "No such build was registered",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncidentAnswer {
    pub outcome: IncidentOutcome,
    /// It was said before, and no worse now.
    pub known: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IncidentRefused {
    #[error("The incident was opened at {at}, more than {} minutes ahead of the server's clock.", CLOCK_SKEW_MAX.num_minutes())]
    FromTheFuture { at: DateTime<Utc> },
    #[error("This incident was opened against {build}. Give an incident against another build its own name.")]
    OtherBuild { build: BuildVersion },
}

type Answer = Result<std::result::Result<IncidentAnswer, IncidentRefused>>;

/// Who says it, and what a halt for it names as its cause.
pub(super) struct Voice<'a> {
    pub reporter: Reporter,
    pub by: By<'a>,
    pub cause: HaltCause,
    pub now: DateTime<Utc>,
}

impl Services {
    /// Of a listening system.
    pub async fn open_incident(&self, ctx: &CallerContext, given: &GivenIncident) -> Answer {
        if given.opened_at.signed_duration_since(ctx.now) > CLOCK_SKEW_MAX {
            return Ok(Err(IncidentRefused::FromTheFuture { at: given.opened_at }));
        }
        let cause = HaltCause::ListeningSystem {
            system: ctx.caller.name.clone(),
            incident: Some(given.name.clone()),
            finding: given.finding.clone(),
        };
        let reporter = Reporter::Program(ctx.caller.token);
        let voice = Voice { reporter, by: By::Program(&ctx.caller), cause, now: ctx.now };
        self.hear_incident(&voice, given).await
    }

    pub(super) async fn hear_incident(&self, voice: &Voice<'_>, given: &GivenIncident) -> Answer {
        let answer = insist(|| self.hear_once(voice, given)).await;
        self.events().poke();
        answer
    }

    async fn hear_once(&self, voice: &Voice<'_>, given: &GivenIncident) -> Answer {
        let tx = self.db().begin().await?;
        let known = store::incident::find_and_hold(&tx, voice.reporter, &given.name).await?;
        if let Some(known) = known.as_ref().filter(|known| known.build != given.build) {
            return Ok(Err(IncidentRefused::OtherBuild { build: known.build }));
        }
        // What was said of it joins: the order does not matter.
        let suffered = known.as_ref().is_some_and(|known| known.by_people);
        let by_people = given.by_people || suffered;
        let before = known.map(|known| (known.severity, IncidentOutcome::stored(&known.outcome)));
        let no_worse = |(worst, before): &(Severity, IncidentOutcome)| {
            *worst >= given.severity && by_people == suffered && before.settles()
        };
        if let Some((_, outcome)) = before.filter(no_worse) {
            return Ok(Ok(IncidentAnswer { outcome, known: true }));
        }
        let known = before.map(|(severity, outcome)| KnownIncident { severity, halted: outcome.halted() });
        let Raised { worst, halts } = incident_policy(&tx).await?.raise(known, given.severity, by_people);
        let outcome = match store::build::find_by_version(&tx, given.build).await? {
            None => IncidentOutcome::UnknownBuild,
            Some(_) if !halts => before.map_or(IncidentOutcome::Recorded, |(_, outcome)| outcome.after_recording()),
            Some(build) => self.halt_for(&tx, voice, &build).await?,
        };
        let incident = Incident {
            by: voice.reporter,
            name: given.name.clone(),
            build: given.build,
            severity: worst,
            by_people,
            finding: given.finding.clone(),
            opened_at: given.opened_at,
            received_at: voice.now,
            outcome: outcome.key().to_owned(),
        };
        store::incident::put(&tx, &incident).await?;
        self.audit(&tx, voice.by, voice.now, opened(incident)).await?;
        self.announce(&tx, voice.now, Topic::Halts, format!("An incident was reported. {}", outcome.sentence()))
            .await?;
        tx.commit().await?;
        Ok(Ok(IncidentAnswer { outcome, known: false }))
    }

    /// The letters follow with the next tick.
    async fn halt_for(&self, tx: &Tx, voice: &Voice<'_>, build: &Build) -> Result<IncidentOutcome> {
        if build.halted.is_some() {
            return Ok(IncidentOutcome::HaltedBefore);
        }
        let running = RolloutFilter { states: vec!["running"], build: Some(build.id), ..RolloutFilter::default() };
        let running = store::rollout::ids(tx, &running).await?;
        let own = first_forward(tx, &running).await?;
        self.stop_build(tx, voice.by, build.id, own, &voice.cause, voice.now).await?;
        Ok(if running.is_empty() { IncidentOutcome::NothingRuns } else { IncidentOutcome::Halted })
    }
}

fn opened(incident: Incident) -> Deed {
    let Incident { name, build, severity, by_people, finding, outcome, .. } = incident;
    Deed {
        action: "incident.opened",
        object_kind: "build",
        object_id: build.to_string(),
        customer: None,
        details: json!({
            "incident": name,
            "severity": severity,
            "by_people": by_people,
            "finding": finding,
            "outcome": outcome,
        }),
    }
}

/// The rollout that names the incident as its cause. A way back is none: the cause lies in the build, and halted for a
/// cause of its own it would halt alone.
async fn first_forward(tx: &Tx, running: &[RolloutId]) -> Result<Option<(RolloutId, i64)>> {
    for id in running {
        match store::rollout::find(tx, *id).await {
            Ok(Some(rollout)) if rollout.descent.kind == RolloutKind::Forward => {
                return Ok(Some((rollout.id, rollout.generation)));
            }
            // One that cannot be read is left, as whoever halts the others leaves it.
            Ok(_) | Err(store::Error::Inconsistent { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}
