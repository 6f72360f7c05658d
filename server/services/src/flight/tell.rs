//! Executors are told of every switch, in the order in which they were turned, until they took note. Telling twice does no
//! harm: an order says how the flight stands, not that it changes. Agents are not told, they fetch how flights stand
//! (`agent::flights`): a switch counts as told once it is there for them. Where nobody is known to set flights a switch
//! stays untold, until the server starts with somebody who can.

use crate::engine::{ANSWER_MAX, TickOutcome, too_slow};
use crate::ports::FlightOrder;
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::recovery::Obstacle;

impl Services {
    pub(crate) async fn tell_flights(&self, now: DateTime<Utc>, outcome: &mut TickOutcome) -> Result<()> {
        if !self.deployer().capabilities().set_flight {
            return Ok(());
        }
        for untold in store::flight::untold(self.db().reader()).await? {
            let order = FlightOrder { flight: untold.flight, scope: untold.switch.scope, on: untold.switch.on };
            let call = tokio::time::timeout(ANSWER_MAX, self.deployer().turn_flight(&order));
            if let Err(error) = call.await.unwrap_or_else(|_| Err(too_slow())) {
                tracing::warn!(flight = %order.flight, %error, "the executors did not take note of a flight");
                // Later switches of it must not overtake it.
                break;
            }
            let tx = self.db().begin().await?;
            store::flight::set_told(&tx, untold.id, now).await?;
            tx.commit().await?;
            outcome.reported += 1;
        }
        Ok(())
    }

    /// How environments learn of a switch; empty where they are told at once.
    pub(super) fn how_learnt(&self) -> String {
        if !self.deployer().capabilities().set_flight {
            let why = Obstacle::ExecutorCannotSetFlights.sentence();
            return format!("Only update orders say how flights stand. {why}.");
        }
        if self.deployer().is_asked() {
            return String::new();
        }
        "Agents learn how flights stand when they next ask.".to_owned()
    }

    /// What was said of a switch, and how environments learn of it.
    pub(crate) fn and_how_learnt(&self, said: String) -> String {
        match self.how_learnt() {
            learnt if learnt.is_empty() => said,
            learnt => format!("{said} {learnt}"),
        }
    }
}
