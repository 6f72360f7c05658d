//! The reminder before an exemption ends. A step of every tick: bounded, and written in one transaction with the record
//! that says it was sent, so that two servers, or a killed one, remind once.

use super::policy;
use crate::engine::ENGINE;
use crate::trail::By;
use crate::{Error, Result, Services, planted};
use chrono::{DateTime, Utc};
use domain::notification::exemption::ExemptionEvent;
use domain::permission::TenantScope;
use domain::rollout::RolloutPolicy;
use store::exemption::Known;

/// Some milliseconds each; a tick is a second, and a fleet has some hundreds of exemptions a year.
const REMINDERS_PER_TICK_MAX: u64 = 50;

impl Services {
    /// Whether any was written. One that cannot be written holds up no other.
    pub(crate) async fn remind_of_exemptions(&self, now: DateTime<Utc>) -> Result<bool> {
        let due = store::exemption::to_remind(self.db().reader(), now, REMINDERS_PER_TICK_MAX).await?;
        let mut wrote = false;
        for known in &due {
            match self.remind(known, now).await {
                Ok(()) => wrote = true,
                // Another server, or a person who withdrew it, was faster.
                Err(Error::Conflict) => {}
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => tracing::error!(exemption = %known.record.id, %error, "its owner is not reminded"),
            }
        }
        Ok(wrote)
    }

    async fn remind(&self, known: &Known, now: DateTime<Utc>) -> Result<()> {
        if planted::is("exemption-reminder-forgotten") {
            return Ok(());
        }
        let tx = self.db().begin().await?;
        let scope = TenantScope::Customer(known.customer);
        let environment = store::environment::find(&tx, scope, known.environment).await?.ok_or(Error::NotFound)?;
        let until = known.record.request.expires_at;
        let Some(days) = known.record.reminder_due(&policy(), now) else {
            // It has ended, or the server was away for so long that nothing is owed any more.
            let next = known.record.next_reminder(&policy()).filter(|at| now < *at && now < until);
            store::exemption::save(&tx, known, &known.record, next).await?;
            return Ok(tx.commit().await?);
        };
        let reminded = known.record.clone().reminded(days, now);
        let reminded = reminded.map_err(|edge| Error::Broken { what: "an exemption", why: edge.to_string() })?;
        store::exemption::save(&tx, known, &reminded, reminded.next_reminder(&policy())).await?;
        // Where a longer one was granted meanwhile, this end is no end.
        let is_last = environment.exemption.as_ref().is_none_or(|standing| standing.expires_at <= until);
        if is_last {
            let event = ExemptionEvent::EndsSoon { until, notice_days: RolloutPolicy::DEFAULT.notice_days };
            let key = format!("{}:reminder:{days}", reminded.id);
            self.write_exemption_letter(&tx, &environment, event, key, now).await?;
            self.note_exemption(&tx, (By::System(ENGINE), now), "exemption.reminded", &environment, &reminded).await?;
        }
        Ok(tx.commit().await?)
    }
}
