//! Live events: committed first, told then, to whom they concern.

use super::stage;
use crate::events::may_hear;
use crate::testing::World;
use domain::permission::Role;
use domain::wire::live::Topic;

#[tokio::test]
async fn what_is_committed_is_relayed_in_order_and_once() {
    let stage = stage().await;
    let mut events = stage.services.events().subscribe();
    assert_eq!(stage.services.relay_events().await.unwrap(), 0, "history is no news");
    let before = store::outbox::latest_seq(stage.services.db().reader()).await.unwrap();
    stage.start().await;
    assert!(stage.services.relay_events().await.unwrap() > 0);
    assert_eq!(stage.services.relay_events().await.unwrap(), 0);
    let mut last = before;
    let mut texts = Vec::new();
    while let Ok(sent) = events.try_recv() {
        assert!(sent.seq > last, "{sent:?}");
        last = sent.seq;
        texts.push(sent.event.text);
    }
    assert!(texts.iter().any(|text| text.starts_with("Rollout started by ")), "{texts:?}");

    let support = stage.as_role(Role::Support).await.unwrap();
    let missed = stage.services.events_since(&support, before).await.unwrap().unwrap();
    assert!(!missed.is_empty());
    assert!(missed.iter().all(|sent| sent.event.topic == Topic::Rollout(stage.rollout)));
    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let missed = stage.services.events_since(&admin, before).await.unwrap().unwrap();
    assert!(missed.iter().all(|sent| sent.event.topic == Topic::Estate(stage.contoso)));
}

#[tokio::test]
async fn nobody_hears_of_another_customer_or_of_rollouts_without_the_role() {
    let stage = stage().await;
    for role in Role::ALL {
        let ctx = stage.as_role(role).await.unwrap();
        assert_eq!(may_hear(&ctx.actor, &Topic::Rollout(stage.rollout)), !role.of_customer(), "{role:?}");
        assert_eq!(may_hear(&ctx.actor, &Topic::Estate(stage.contoso)), role.of_customer(), "{role:?}");
        assert!(!may_hear(&ctx.actor, &Topic::Estate(stage.fabrikam)), "{role:?}");
    }
}

/// What is halted is counted on every page of staff: each halt and each lift of one is told there, and to nobody else.
#[tokio::test]
async fn every_halt_and_every_lift_is_told_to_staff() {
    let stage = stage().await;
    stage.start().await;
    let (services, manager) = (&stage.services, stage.as_role(Role::ReleaseManager).await.unwrap());
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    assert!(may_hear(&lead.actor, &Topic::Halts) && !may_hear(&admin.actor, &Topic::Halts));
    let build = store::rollout::find(services.db().reader(), stage.rollout).await.unwrap().unwrap().build;
    let in_force = async || store::halt::in_force(services.db().reader()).await.unwrap()[0].id;
    services.relay_events().await.unwrap();
    services.halt_station(&lead, stage.rollout, 4, "x").await.unwrap();
    assert!(is_told(&stage).await, "a station");
    services.lift_halt(&manager, in_force().await, "y").await.unwrap();
    assert!(is_told(&stage).await, "a station's lift");
    services.halt_customer(&lead, stage.fabrikam, None, "x").await.unwrap();
    assert!(is_told(&stage).await, "a customer");
    services.lift_halt(&manager, in_force().await, "y").await.unwrap();
    services.halt_rollout(&lead, stage.rollout, "x").await.unwrap();
    assert!(is_told(&stage).await, "a rollout");
    services.resume_rollout(&manager, stage.rollout, "y").await.unwrap();
    assert!(is_told(&stage).await, "a rollout goes on");
    services.halt_build(&lead, build, "x").await.unwrap();
    assert!(is_told(&stage).await, "a build");
    services.lift_build(&manager, build, "y").await.unwrap();
    assert!(is_told(&stage).await, "a build's lift");
    services.relay_events().await.unwrap();
    services.approve_promotion(&lead, stage.rollout, 2).await.ok();
    assert!(!is_told(&stage).await, "nothing is halted by that");
}

/// Whether the outbox tells of halts since it was last asked.
async fn is_told(stage: &World) -> bool {
    let mut heard = stage.services.events().subscribe();
    stage.services.relay_events().await.unwrap();
    let mut told = false;
    while let Ok(sent) = heard.try_recv() {
        told |= sent.event.topic == Topic::Halts;
    }
    told
}
