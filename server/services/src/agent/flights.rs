//! Which flights are off for an environment, whether it has an order or not: a fallback by flight waits for no night. Only
//! reads: who looks at flights does not yet speak for the environment's updates.

use super::{Answer, reached};
use crate::engine::order::flights_off;
use crate::{CallerContext, Services};
use domain::ids::EnvironmentId;

impl Services {
    /// By key, as the environment's next order would name them.
    pub async fn agent_flights(&self, ctx: &CallerContext, environment: EnvironmentId) -> Answer<Vec<String>> {
        let reader = self.db().reader();
        let environment = match reached(reader, ctx, Some(environment)).await? {
            Ok(environment) => environment,
            Err(refused) => return Ok(Err(refused)),
        };
        Ok(Ok(flights_off(&store::flight::list(reader).await?, environment.customer)))
    }
}
