//! Samples of a listening system, between the request and the sums of a stage.

use super::stage;
use crate::CallerContext;
use chrono::TimeDelta;
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::health::StageTelemetry;
use domain::health::telemetry::UncheckedSample;
use domain::ids::TokenId;
use domain::token::{Caller, TokenKind, TokenReach};

const FIRST: StageKey = StageKey { station: StationNumber::OPT_IN, audience: Audience::Sandbox };

/// The request came ten minutes before a sum, and waited: the sum does not know of it, so the next one has to.
#[tokio::test]
async fn a_sample_is_received_when_it_is_written_down() {
    let stage = stage().await;
    let (services, now) = (&stage.services, stage.now());
    let tx = services.db().begin().await.unwrap();
    store::telemetry::put(&tx, stage.rollout, FIRST, &StageTelemetry::default(), now).await.unwrap();
    tx.commit().await.unwrap();
    let is_summed = async || {
        let at = store::telemetry::summed(services.db().reader(), stage.rollout).await?[&FIRST];
        store::telemetry::is_summed(services.db().reader(), at, TimeDelta::zero(), now).await
    };
    assert!(is_summed().await.unwrap());
    let caller = Caller {
        token: TokenId::new(services.ids().uuid()),
        name: "Watch".into(),
        kind: TokenKind::ListeningSystem,
        reach: TokenReach::Signals,
    };
    let sample = UncheckedSample {
        environment: stage.environment_id(stage.contoso, "DEV"),
        from: now - TimeDelta::hours(3),
        to: now - TimeDelta::hours(2),
        usage: 5,
        errors: 0,
        source: "Watch".into(),
    };
    let ctx = CallerContext { caller, now: now - TimeDelta::minutes(10) };
    assert_eq!(services.take_samples(&ctx, vec![(0, sample)]).await.unwrap(), []);
    assert!(!is_summed().await.unwrap());
}
