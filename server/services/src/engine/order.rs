//! What an order says beside its build: which way it goes, from which restore point, and which flights are off. The same for
//! the deployer that the engine asks and for an agent that comes for it.

use crate::ports::OrderKind;
use crate::{Result, Services};
use chrono::{DateTime, Utc};
use domain::ids::CustomerId;
use domain::rollout::RolloutKind;
use store::Connection;
use store::flight::Known;
use store::update::RunningUpdate;

impl Services {
    pub(crate) async fn order_kind(&self, conn: &impl Connection, running: &RunningUpdate) -> Result<OrderKind> {
        let Some(recovery) = running.descent.recovery else { return Ok(OrderKind::Forward) };
        Ok(match running.descent.kind {
            RolloutKind::Forward => OrderKind::Forward,
            RolloutKind::Back { .. } => OrderKind::Back,
            RolloutKind::Redeploy { .. } => {
                let named =
                    store::recovery::find_move(conn, recovery, running.update.environment, running.build).await?;
                OrderKind::Redeploy { restored_from: named.flatten() }
            }
        })
    }

    /// Why an order of this kind cannot be carried out any more, on whatever night: its restore point is not kept. It fails
    /// then, and is not sent back: a person has to know.
    pub(crate) fn too_old(&self, kind: OrderKind, now: DateTime<Utc>) -> Option<String> {
        let OrderKind::Redeploy { restored_from: Some(point) } = kind else { return None };
        (!self.deployer().keeps(point, now)).then(|| match self.deployer().restore_days().map(domain::number::days) {
            Some(kept) => format!(
                "not begun: its restore point is older than the {kept} for which points are kept; propose another way"
            ),
            None => {
                "not begun: for how long restore points are kept is not known any more; propose another way".to_owned()
            }
        })
    }
}

/// The flights that are off for this customer, by key.
pub(crate) fn flights_off(flights: &[Known], customer: CustomerId) -> Vec<String> {
    let off = flights.iter().filter(|known| !known.flight.is_on_for(customer));
    off.map(|known| known.flight.key.clone()).collect()
}
