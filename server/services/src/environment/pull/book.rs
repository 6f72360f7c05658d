//! Books a night of the owner's own choice.

use super::super::next::is_under_way;
use super::{Change, Pullable, subject};
use crate::rollout::or_faster;
use crate::{Error, RequestContext, Result, Services, planted};
use chrono::{DateTime, NaiveDate, Utc};
use domain::calendar::Night;
use domain::ids::EnvironmentId;
use domain::notification::{NotificationEvent, Subject};
use domain::people::Person;
use domain::permission::{Permission, TenantScope};
use domain::pull_ahead::{Booked, PullEffect, PullError, PullFacts, Start, pull_ahead};
use domain::wire::problem::{FormOutcome, FormProblem};

/// What was sent. `start` is `now` or the date of a night; `generation` the one that the form was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PullForm {
    pub start: String,
    pub generation: i64,
}

impl PullForm {
    fn read(&self, facts: &PullFacts<'_>) -> Result<Start, FormProblem> {
        if self.start == "now" {
            return Ok(Start::Now);
        }
        let date: NaiveDate = self.start.parse().map_err(|_| FormProblem::PullStartMissing)?;
        let night = facts.nights.iter().find(|night| night.date == date);
        night.map(|night| Start::At { at: night.start }).ok_or(FormProblem::PullOutsideDarkHours)
    }
}

const fn problem(error: &PullError) -> FormProblem {
    match error {
        PullError::UpdateRunning => FormProblem::PullUpdateRunning,
        PullError::Booked { .. } => FormProblem::PullBooked,
        PullError::AttemptsUsed => FormProblem::PullAttemptsUsed,
        PullError::OtherServiceUpdate { .. } => FormProblem::PullOtherServiceUpdate,
        PullError::AlreadyThere { .. } => FormProblem::PullAlreadyThere,
        PullError::Halted { .. } => FormProblem::PullHalted,
        PullError::NotApproved => FormProblem::PullNotApproved,
        PullError::NotOffered { .. } => FormProblem::PullNotOffered,
        PullError::ProductionFirst { .. } => FormProblem::PullProductionFirst,
        PullError::FailedInSandbox => FormProblem::PullFailedInSandbox,
        PullError::NoStation | PullError::NoDarkHours => FormProblem::PullUnplaced,
        PullError::InThePast => FormProblem::PullInThePast,
        PullError::OutsideDarkHours { .. } => FormProblem::PullOutsideDarkHours,
        PullError::NotAhead { .. } => FormProblem::PullNotAhead,
        PullError::Frozen { .. } => FormProblem::PullFrozen,
    }
}

/// A night that has begun already is "now" for whoever chose it before.
fn at_least_now(start: Start, nights: &[Night], now: DateTime<Utc>) -> Start {
    match start {
        Start::At { at } if at < now && nights.iter().any(|night| night.start == at && now < night.end) => Start::Now,
        other => other,
    }
}

impl Services {
    pub async fn pull_ahead(&self, ctx: &RequestContext, id: EnvironmentId, form: &PullForm) -> Result<FormOutcome> {
        ctx.require(Permission::PullAhead)?;
        or_faster(self.book(ctx, id, form).await)
    }

    async fn book(&self, ctx: &RequestContext, id: EnvironmentId, form: &PullForm) -> Result<FormOutcome> {
        let refuse = |problem| Ok(FormOutcome::Refused { problem });
        let customer = ctx.own_customer()?;
        let own = TenantScope::Customer(customer);
        let scope = if planted::is("pull-of-strangers") { TenantScope::AllCustomers } else { own };
        let tx = self.db().begin().await?;
        let environment = store::environment::find(&tx, scope, id).await?.ok_or(Error::NotFound)?;
        let estate = store::environment::estate(&tx, customer).await?;
        let updates = store::update::of_environment(&tx, scope, id).await?;
        let catalogue = store::catalogue::load(&tx).await?;
        // A halt that is first is seen below; one that is later waits, and finds what is booked here.
        if let Some(with) = updates.iter().find(|with| is_under_way(&with.rollout.state)) {
            store::rollout::find_and_hold(&tx, with.rollout.id).await?;
        }
        let loaded = Pullable::load(&tx, &environment, &estate, &updates, &catalogue, ctx.now).await?;
        let Some(pullable) = loaded else { return refuse(FormProblem::PullNothingUnderWay) };
        let facts = pullable.facts(&environment);
        let effect = match form.read(&facts) {
            Ok(start) => pull_ahead(&facts, at_least_now(start, facts.nights, ctx.now), ctx.now),
            Err(problem) => return refuse(problem),
        };
        let effect = match effect {
            Ok(effect) => effect,
            Err(error) => return refuse(problem(&error)),
        };
        let (update, rollout) = (&pullable.with.update, &pullable.with.rollout);
        if update.generation != form.generation {
            return refuse(FormProblem::SomeoneWasFaster);
        }
        let by = Person { id: ctx.actor.user, name: ctx.actor.name.clone() };
        let booked = Booked::new(by, ctx.now, update.state.clone(), effect.night);
        // Between an attempt that failed and the plan that moves it.
        let Ok(next) = update.state.clone().pull(effect.night, booked.move_reason(), ctx.now) else {
            return refuse(FormProblem::SomeoneWasFaster);
        };
        let event = letter(&effect, &booked, subject(&environment), facts.declared_minutes);
        let (reasons, action) = (vec![booked.reason()], "environment.pulled_ahead");
        let change = Change { environment: &environment, update, rollout, next, reasons, action, event };
        self.write_pull(&tx, ctx, change).await?;
        store::update::set_pull(&tx, update.id, Some(&booked)).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: effect.sentence(&ctx.clock()) })
    }
}

/// A date that was announced moves; one that was not is announced.
fn letter(effect: &PullEffect, booked: &Booked, subject: Subject, declared_minutes: u16) -> NotificationEvent {
    let night = effect.night;
    if let Some(from) = effect.replaces {
        return NotificationEvent::Moved { subject, from, to: night, reason: booked.move_reason() };
    }
    let reasons = vec![booked.reason()];
    NotificationEvent::Announced { subject, night, declared_minutes, reasons }
}
