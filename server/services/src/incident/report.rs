//! A person reports what customers suffer from, or what staff found. Seeds: "If the alert is related to an end user, stop the
//! rollout immediately and investigate": no release manager has to be found first.

use super::open::{GivenIncident, IncidentRefused, Voice};
use crate::rollout::{or_faster, refused};
use crate::trail::By;
use crate::{Error, RequestContext, Result, Services};
use domain::permission::Permission;
use domain::release::BuildVersion;
use domain::rollout::HaltCause;
use domain::severity::Severity;
use domain::wire::problem::{FormOutcome, FormProblem, REASON_CHARS_MAX, REFERENCE_CHARS_MAX};
use store::incident::Reporter;

/// Who lifted the halt knew what was said; what is new gets a name of its own.
const LIFTED: &str = " That halt was lifted since. Where customers suffer again, report it under another reference.";

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncidentForm {
    /// The ticket by its number. From the same person the same reference is the same incident.
    pub reference: String,
    pub build: String,
    /// `customers` or `staff`: who noticed it.
    pub source: String,
    pub severity: String,
    pub finding: String,
}

impl IncidentForm {
    fn read(&self, ctx: &RequestContext) -> Result<GivenIncident, FormProblem> {
        let within = |text: &str, most: usize, missing, too_long| match text.trim().replace("\r\n", "\n") {
            text if text.is_empty() => Err(missing),
            text if text.chars().count() > most => Err(too_long),
            text => Ok(text),
        };
        let build: BuildVersion = self.build.parse().map_err(|_| FormProblem::BuildMissing)?;
        let by_people = match self.source.as_str() {
            "customers" => true,
            "staff" => false,
            _ => return Err(FormProblem::SourceMissing),
        };
        let severity = Severity::from_key(&self.severity).ok_or(FormProblem::SeverityMissing)?;
        let finding =
            within(&self.finding, REASON_CHARS_MAX, FormProblem::FindingMissing, FormProblem::FindingTooLong)?;
        let name =
            within(&self.reference, REFERENCE_CHARS_MAX, FormProblem::ReferenceMissing, FormProblem::ReferenceTooLong)?;
        Ok(GivenIncident { name, build, severity, by_people, finding, opened_at: ctx.now })
    }
}

impl Services {
    pub async fn report_incident(&self, ctx: &RequestContext, form: &IncidentForm) -> Result<FormOutcome> {
        ctx.require(Permission::ReportIncident)?;
        let given = match form.read(ctx) {
            Ok(given) => given,
            Err(problem) => return Ok(refused(problem)),
        };
        if store::build::find_by_version(self.db().reader(), given.build).await?.is_none() {
            return Ok(refused(FormProblem::BuildMissing));
        }
        or_faster(self.hear_person(ctx, &given).await)
    }

    async fn hear_person(&self, ctx: &RequestContext, given: &GivenIncident) -> Result<FormOutcome> {
        let (by, name) = (ctx.actor.user, ctx.actor.name.clone());
        // Every customer concerned reads it: the ticket, which may name another, is left out.
        let cause = HaltCause::Person { by, name, reason: given.finding.clone() };
        let voice = Voice { reporter: Reporter::Person(by), by: By::Person(&ctx.actor), cause, now: ctx.now };
        let answer = match self.hear_incident(&voice, given).await? {
            Ok(answer) => answer,
            Err(IncidentRefused::OtherBuild { .. }) => return Ok(refused(FormProblem::ReferenceTaken)),
            Err(refusal @ IncidentRefused::FromTheFuture { .. }) => {
                return Err(Error::Broken { what: "an incident", why: refusal.to_string() });
            }
        };
        self.tell_customers().await;
        let said = if answer.known { "was reported before" } else { "is reported" };
        let mut message = format!("{} {said}. {}", given.name, answer.outcome.sentence());
        let build = store::build::find_by_version(self.db().reader(), given.build).await?;
        if answer.outcome.halted() && build.is_some_and(|build| build.halted.is_none()) {
            message.push_str(LIFTED);
        }
        Ok(FormOutcome::Done { message })
    }
}
