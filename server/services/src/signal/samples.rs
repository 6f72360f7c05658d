//! A listening system says how environments are used. Each sample is taken or refused by itself; the same sample again,
//! late or out of order, changes nothing (`domain::health::telemetry`). When it was received is when it is written down: by
//! that the sums of a stage are made anew (`store::telemetry`).

use crate::{CallerContext, Result, Services};
use domain::health::telemetry::UncheckedSample;
use std::collections::BTreeSet;
use store::telemetry::Hours;

/// A sample that was not taken, by its place in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRefused {
    pub index: usize,
    pub reason: String,
}

impl Services {
    /// Those that were refused; the others are kept. `samples` come with their places in the batch.
    pub async fn take_samples(
        &self,
        ctx: &CallerContext,
        samples: Vec<(usize, UncheckedSample)>,
    ) -> Result<Vec<SampleRefused>> {
        let named: BTreeSet<_> = samples.iter().map(|(_, sample)| sample.environment).collect();
        let known = store::telemetry::known(self.db().reader(), &named).await?;
        let mut refused = Vec::new();
        let mut hours = Hours::new();
        for (index, sample) in samples {
            let environment = sample.environment;
            if !known.contains(&environment) {
                refused.push(SampleRefused { index, reason: format!("there is no environment {environment}") });
                continue;
            }
            match sample.check(ctx.now) {
                Ok(sample) => {
                    for (hour, heard) in sample.hours() {
                        let joined = hours.entry((environment, hour)).or_insert(heard);
                        *joined = joined.join(heard);
                    }
                }
                Err(error) => refused.push(SampleRefused { index, reason: error.to_string() }),
            }
        }
        let tx = self.db().begin().await?;
        // Not when the request came: whoever waited to write must not look older than a sum that does not know of it.
        store::telemetry::join(&tx, &hours, self.now()).await?;
        tx.commit().await?;
        Ok(refused)
    }
}
