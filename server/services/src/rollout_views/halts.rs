//! Halts on a rollout's page: in words for its head, and beside each station with what this person may do.

use crate::Result;
use domain::fleet::StationNumber;
use domain::permission::{Actor, Permission, TenantScope};
use domain::rollout::RolloutState;
use domain::rollout::halt::{Halt, HaltScope};
use domain::wire::rollout::StageRow;
use store::Connection;

pub(super) async fn sentences(conn: &impl Connection, halts: &[Halt]) -> Result<Vec<String>> {
    let mut said = Vec::with_capacity(halts.len());
    for halt in halts {
        let what = match halt.scope {
            HaltScope::Station { station, .. } => format!("Station {station}"),
            HaltScope::Customer { customer, .. } => {
                let found = store::customer::find(conn, TenantScope::AllCustomers, customer).await?;
                found.map_or_else(|| "A customer".to_owned(), |customer| customer.name)
            }
            HaltScope::Build { .. } | HaltScope::Rollout { .. } | HaltScope::Everything => "Everything".to_owned(),
        };
        said.push(format!("{what}: {}", halt.cause.sentence()));
    }
    Ok(said)
}

/// The first row of each station says whether it is halted, and offers the switch.
pub(super) fn beside(rows: &mut [StageRow], halts: &[Halt], state: &RolloutState, actor: &Actor) {
    let is_over = matches!(state, RolloutState::Completed { .. });
    let mut before = None;
    for row in rows {
        let number = StationNumber(row.station);
        let own = |halt: &&Halt| matches!(halt.scope, HaltScope::Station { station, .. } if station == number);
        row.halt = halts.iter().find(own).map(|halt| halt.id.to_string());
        let needs = if row.halt.is_some() { Permission::ResumeRollout } else { Permission::HaltRollout };
        row.may_stop = !is_over && before != Some(row.station) && actor.may(needs);
        before = Some(row.station);
    }
}
