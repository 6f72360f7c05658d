//! Live events: committed first, told then, to whom they concern.

use super::stage;
use crate::events::may_hear;
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
