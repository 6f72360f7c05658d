//! The zone in which a person's times are shown. It changes no rule: dark hours are the region's.

use crate::trail::{By, Deed};
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result, Services};
use domain::permission::Permission;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;

impl Services {
    pub async fn set_time_zone(&self, ctx: &RequestContext, name: &str) -> Result<FormOutcome> {
        ctx.require(Permission::ManageOwnSession)?;
        let Some(zone) = ZoneClockface::named(name.trim()) else {
            return Ok(FormOutcome::Refused { problem: FormProblem::TimeZoneUnknown });
        };
        let tx = self.db().begin().await?;
        store::user::set_time_zone(&tx, ctx.actor.user, zone.name()).await?;
        let deed = Deed {
            action: "user.time_zone_set",
            object_kind: "user",
            object_id: ctx.actor.user.to_string(),
            customer: ctx.actor.customer,
            details: json!({ "from": ctx.actor.time_zone, "to": zone.name() }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        tx.commit().await?;
        Ok(FormOutcome::Done { message: format!("Times are now shown in {}.", zone.name()) })
    }
}
