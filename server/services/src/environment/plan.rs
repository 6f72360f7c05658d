//! What the planner goes by and the owner chooses: the nights of the week (G4), when the next service update comes (S1),
//! whether production has priority-based batch scheduling (S4).

use crate::rollout::or_faster;
use crate::trail::{By, Deed};
use crate::zone::ZoneClockface;
use crate::{Error, RequestContext, Result, Services};
use chrono::{NaiveDate, Weekday};
use domain::calendar::{DaySet, MaintenanceDays};
use domain::clockface::Clockface;
use domain::fleet::EnvironmentKind;
use domain::fleet::planning::{DateError, service_update_date};
use domain::ids::EnvironmentId;
use domain::permission::{Permission, TenantScope};
use domain::wire::environment::PlanningForm;
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::environment::{Environment, Planning};

/// In the order of a week.
const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// What was sent. No day at all means the usual nights; an empty date, that none is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanForm {
    /// `Mon` to `Sun`.
    pub days: Vec<String>,
    pub date: String,
    pub priority_batch: bool,
    pub generation: i64,
}

impl PlanForm {
    fn read(&self, environment: &Environment, today: NaiveDate) -> Result<Planning, FormProblem> {
        let is_production = environment.kind == EnvironmentKind::Production;
        if self.priority_batch && !is_production {
            return Err(FormProblem::NotProduction);
        }
        let days = self.days.iter().map(|day| day.parse::<Weekday>()).collect::<Result<Vec<_>, _>>();
        let days = DaySet::of(days.map_err(|_| FormProblem::DayUnknown)?);
        // What stands may have passed meanwhile; only a new date is checked.
        let kept = environment.service_update_due.filter(|due| due.to_string() == self.date.trim());
        let due = match kept {
            Some(due) => Some(due),
            None => service_update_date(&self.date, today).map_err(problem)?,
        };
        Ok(Planning {
            chosen_days: (!days.is_empty()).then_some(days),
            service_update_due: due,
            // Sandboxes and trials do not ask for it: what was known of them stays.
            priority_batch: if is_production { self.priority_batch } else { environment.priority_batch },
        })
    }
}

const fn problem(error: DateError) -> FormProblem {
    match error {
        DateError::Malformed => FormProblem::DateMalformed,
        DateError::Passed => FormProblem::DatePassed,
        DateError::TooFar => FormProblem::DateTooFar,
    }
}

const fn planning(environment: &Environment) -> Planning {
    Planning {
        chosen_days: environment.chosen_days,
        service_update_due: environment.service_update_due,
        priority_batch: environment.priority_batch,
    }
}

impl Services {
    pub async fn plan_environment(
        &self,
        ctx: &RequestContext,
        id: EnvironmentId,
        form: &PlanForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::PlanOwnEnvironment)?;
        or_faster(self.plan(ctx, id, form).await)
    }

    async fn plan(&self, ctx: &RequestContext, id: EnvironmentId, form: &PlanForm) -> Result<FormOutcome> {
        let customer = ctx.own_customer()?;
        let tx = self.db().begin().await?;
        let before = store::environment::find(&tx, TenantScope::Customer(customer), id).await?;
        let before = before.ok_or(Error::NotFound)?;
        let to = match form.read(&before, ctx.clock().date_of(ctx.now)) {
            Ok(to) => to,
            Err(problem) => return Ok(FormOutcome::Refused { problem }),
        };
        if to == planning(&before) {
            return Ok(FormOutcome::Done { message: "Nothing was changed: this is how it is already.".to_owned() });
        }
        store::environment::set_planning(&tx, id, form.generation, &to).await?;
        let told = |planning: Planning| {
            json!({
                "days": planning.chosen_days.map(day_keys),
                "service_update_due": planning.service_update_due,
                "priority_batch": planning.priority_batch,
            })
        };
        let deed = Deed {
            action: "environment.planned",
            object_kind: "environment",
            object_id: id.to_string(),
            customer: Some(customer),
            details: json!({ "from": told(planning(&before)), "to": told(to) }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        self.announce(&tx, ctx.now, Topic::Estate(customer), format!("{} is planned otherwise", before.name)).await?;
        tx.commit().await?;
        self.events().poke();
        let message = format!("{} is planned by this from now on. A night that has to move is announced.", before.name);
        Ok(FormOutcome::Done { message })
    }
}

fn day_keys(days: DaySet) -> Vec<String> {
    WEEK.into_iter().filter(|day| days.holds(*day)).map(|day| day.to_string()).collect()
}

/// The form, filled with what holds now.
pub(super) fn form(environment: &Environment, clock: ZoneClockface) -> PlanningForm {
    let chosen = environment.chosen_days.unwrap_or_default();
    let usual = match environment.kind.default_days(environment.tier) {
        MaintenanceDays::Weekend => "weekend nights",
        MaintenanceDays::AnyNight | MaintenanceDays::Chosen(_) => "any night",
    };
    let due_text = environment
        .service_update_due
        .map(|on| format!("Trains whose window ends less than a week before {} leave it out.", clock.date(on)));
    PlanningForm {
        days: WEEK.into_iter().map(|day| (day.to_string(), long(day).to_owned(), chosen.holds(day))).collect(),
        usual: usual.to_owned(),
        date: environment.service_update_due.map(|on| on.to_string()).unwrap_or_default(),
        due_text,
        priority_batch: (environment.kind == EnvironmentKind::Production).then_some(environment.priority_batch),
        generation: environment.generation,
    }
}

const fn long(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}
