//! Executors are told of every switch, in the order in which they were turned, until they took note. Telling twice does no
//! harm: an order says how the flight stands, not that it changes.

use crate::engine::{ANSWER_MAX, TickOutcome, too_slow};
use crate::ports::FlightOrder;
use crate::{Result, Services};
use chrono::{DateTime, Utc};

impl Services {
    pub(crate) async fn tell_flights(&self, now: DateTime<Utc>, outcome: &mut TickOutcome) -> Result<()> {
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
}
