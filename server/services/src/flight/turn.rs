//! A flight is turned on or off, for everybody or for one customer, by a named person who says why. Environments learn of
//! it after the commit (`tell`).

use crate::rollout::{or_faster, refused};
use crate::trail::{By, Deed};
use crate::{Error, RequestContext, Result, Services};
use domain::flight::FlightScope;
use domain::ids::FlightId;
use domain::people::{ReasonError, Reasoned};
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::Tx;
use store::flight::Known;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlightForm {
    pub on: bool,
    /// The name of one customer; empty for everybody.
    pub customer: String,
    pub reason: String,
}

impl Services {
    pub async fn turn_flight(&self, ctx: &RequestContext, id: FlightId, form: &FlightForm) -> Result<FormOutcome> {
        ctx.require(Permission::TurnFlights)?;
        or_faster(self.turn(ctx, id, form).await)
    }

    async fn turn(&self, ctx: &RequestContext, id: FlightId, form: &FlightForm) -> Result<FormOutcome> {
        let tx = self.db().begin().await?;
        let known = store::flight::find(&tx, id).await?.ok_or(Error::NotFound)?;
        let scope = match form.customer.trim() {
            "" => FlightScope::Everywhere,
            name => {
                let customers = store::customer::list(&tx).await?;
                let Some(customer) = customers.iter().find(|customer| customer.name.eq_ignore_ascii_case(name)) else {
                    return Ok(refused(FormProblem::CustomerNameUnknown));
                };
                FlightScope::Customer { customer: customer.id }
            }
        };
        match Reasoned::new(ctx.person(), &form.reason, ctx.now) {
            Ok(_) => {}
            Err(ReasonError::Missing) => return Ok(refused(FormProblem::ReasonMissing)),
            Err(ReasonError::TooLong) => return Ok(refused(FormProblem::ReasonTooLong)),
        }
        if !self.turn_known(&tx, ctx, &known, scope, form.on, &form.reason).await? {
            return Ok(refused(FormProblem::FlightStandsThere));
        }
        tx.commit().await?;
        self.events().poke();
        let word = if form.on { "on" } else { "off" };
        Ok(FormOutcome::Done { message: self.and_how_learnt(format!("{} is turned {word}.", known.flight.key)) })
    }

    /// Whether anything had to be turned.
    pub(crate) async fn turn_known(
        &self,
        tx: &Tx,
        ctx: &RequestContext,
        known: &Known,
        scope: FlightScope,
        on: bool,
        reason: &str,
    ) -> Result<bool> {
        let why = Reasoned::new(ctx.person(), reason, ctx.now)
            .map_err(|error| Error::Broken { what: "a flight", why: error.to_string() })?;
        let Ok(switches) = known.flight.turn(scope, on, &why) else { return Ok(false) };
        let ids: Vec<_> = switches.iter().map(|_| self.ids().uuid()).collect();
        store::flight::turn(tx, known, &switches, &ids).await?;
        for switch in &switches {
            let deed = Deed {
                action: if switch.on { "flight.turned_on" } else { "flight.turned_off" },
                object_kind: "flight",
                object_id: known.flight.id.to_string(),
                customer: switch.scope.customer(),
                details: json!({ "flight": known.flight.key, "scope": switch.scope, "reason": switch.why.reason }),
            };
            self.audit(tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        }
        Ok(true)
    }
}
