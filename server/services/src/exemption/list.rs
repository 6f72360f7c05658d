//! Exemptions for staff: what waits for a decision first, then what was decided; and one of them, whole.

use super::view::{aspect, view};
use crate::{Error, RequestContext, Result, Services};
use domain::clockface::Clockface;
use domain::ids::ExemptionId;
use domain::permission::{Permission, TenantScope};
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::exemption::{ExemptionRow, ExemptionView, ExemptionsParams, ExemptionsView};
use store::exemption::Listed;

impl Services {
    pub async fn list_exemptions(&self, ctx: &RequestContext, params: &ExemptionsParams) -> Result<ExemptionsView> {
        ctx.require(Permission::SeeExemptions)?;
        let conn = self.db().snapshot().await?;
        let waiting = store::exemption::waiting(&conn, PAGE_ROWS_MAX).await?;
        let decided = store::exemption::decided(&conn, params.after, PAGE_ROWS_MAX).await?;
        let next = decided.rows.last().filter(|_| decided.more).map(|row| row.known.record.id);
        let row = |listed: &Listed| row(ctx, listed);
        Ok(ExemptionsView {
            waiting: waiting.rows.iter().map(row).collect(),
            waiting_more: waiting.more,
            decided: decided.rows.iter().map(row).collect(),
            next,
        })
    }

    pub async fn show_exemption(&self, ctx: &RequestContext, id: ExemptionId) -> Result<ExemptionView> {
        ctx.require(Permission::SeeExemptions)?;
        let conn = self.db().snapshot().await?;
        let known = store::exemption::find(&conn, TenantScope::AllCustomers, id).await?.ok_or(Error::NotFound)?;
        let scope = TenantScope::Customer(known.customer);
        let environment = store::environment::find(&conn, scope, known.environment).await?.ok_or(Error::NotFound)?;
        let customer = store::customer::find(&conn, scope, known.customer).await?.ok_or(Error::NotFound)?;
        view(ctx, &Listed { known, customer_name: customer.name, environment_name: environment.name })
    }
}

fn row(ctx: &RequestContext, listed: &Listed) -> ExemptionRow {
    let record = &listed.known.record;
    let request = &record.request;
    ExemptionRow {
        id: record.id,
        environment: listed.environment_name.clone(),
        customer: listed.customer_name.clone(),
        state: record.word(ctx.now).to_owned(),
        aspect: aspect(record),
        reason: request.why.reason.clone(),
        until: ctx.clock().instant(request.expires_at),
        asked: format!("{}, {}", request.why.by.name, ctx.clock().instant(request.why.at)),
    }
}
