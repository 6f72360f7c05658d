//! Halts of a station or of one customer, and their lifting. The use cases for it do not exist yet: until they do, people
//! write them as those will, in one transaction that bumps every rollout under way, so that no plan made before is applied
//! after, with its audit record.

use crate::world::staff::Staff;
use domain::ids::HaltId;
use domain::people::{Person, Reasoned};
use domain::permission::Actor;
use domain::rollout::HaltCause;
use domain::rollout::halt::{Halt, HaltScope};
use domain::wire::problem::FormOutcome;
use serde_json::json;
use services::trail::{self, By, Deed};
use services::{Error, Services};
use store::rollout::RolloutFilter;

const HALT: &str = "halt";

pub async fn halt(services: &Services, staff: &Staff, scope: HaltScope) -> Result<FormOutcome, Error> {
    let lead = &staff.lead;
    let reason = "their sign-in fails".to_owned();
    let cause = HaltCause::Person { by: lead.user, name: lead.name.clone(), reason };
    let halt = Halt::new(HaltId::new(services.ids().uuid()), scope, cause, services.now());
    let tx = services.db().begin().await?;
    bump(&tx).await?;
    store::halt::insert(&tx, &halt).await?;
    note(services, &tx, lead, "halt.placed", halt.id).await?;
    tx.commit().await?;
    Ok(FormOutcome::Done { message: "halted".to_owned() })
}

pub async fn lift(services: &Services, staff: &Staff, id: HaltId) -> Result<FormOutcome, Error> {
    let lead = &staff.lead;
    let tx = services.db().begin().await?;
    let halt = store::halt::find(&tx, id).await?.ok_or(Error::NotFound)?;
    bump(&tx).await?;
    let by = Person { id: lead.user, name: lead.name.clone() };
    let lift = Reasoned { by, reason: "mended".to_owned(), at: services.now() };
    store::halt::lift(&tx, &halt, &lift).await?;
    note(services, &tx, lead, "halt.lifted", id).await?;
    tx.commit().await?;
    Ok(FormOutcome::Done { message: "lifted".to_owned() })
}

async fn bump(tx: &store::Tx) -> Result<(), Error> {
    let running = RolloutFilter { states: vec!["running"], ..RolloutFilter::default() };
    for id in store::rollout::ids(tx, &running).await? {
        if let Some(rollout) = store::rollout::find(tx, id).await? {
            store::rollout::bump(tx, id, rollout.generation).await?;
        }
    }
    Ok(())
}

async fn note(
    services: &Services,
    tx: &store::Tx,
    by: &Actor,
    action: &'static str,
    halt: HaltId,
) -> Result<(), Error> {
    let deed = Deed {
        action,
        object_kind: HALT,
        object_id: halt.to_string(),
        customer: None,
        details: json!({ "halt": halt }),
    };
    Ok(trail::append(tx, services.ids(), By::Person(by), services.now(), deed).await?)
}
