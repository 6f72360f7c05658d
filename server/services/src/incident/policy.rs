//! From which severity on an incident halts a build, as an operator set it.

use crate::Result;
use domain::health::IncidentPolicy;
use store::Connection;

const KEY: &str = "incident_policy";

pub async fn incident_policy(conn: &impl Connection) -> Result<IncidentPolicy> {
    Ok(store::setting::get(conn, KEY).await?.unwrap_or_default())
}

pub async fn set_incident_policy(conn: &impl Connection, policy: IncidentPolicy) -> Result<()> {
    Ok(store::setting::put(conn, KEY, &policy).await?)
}
