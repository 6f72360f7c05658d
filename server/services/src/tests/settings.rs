//! A person's own settings.

use super::{Stage, done, refused, stage};
use crate::demo::{DemoClock, DemoClockState};
use crate::ports::{Agents, Clock, SystemClock};
use crate::testing::SeededIds;
use crate::{Limits, Services, ServicesParts};
use chrono::TimeDelta;
use domain::permission::Role;
use domain::wire::problem::FormProblem;
use domain::wire::shell::DemoSpeed;
use std::sync::Arc;
use store::audit::AuditObject;
use store::session::Session;

#[tokio::test]
async fn the_zone_is_kept_and_named() {
    let stage = stage().await;
    let ctx = stage.as_role(Role::CustomerAdmin).await.unwrap();
    assert_eq!(stage.services.shell_view(&ctx).await.unwrap().zone, "Times in Europe/Berlin, UTC+2");
    let unknown = stage.services.set_time_zone(&ctx, "Europe/Atlantis").await.unwrap();
    assert_eq!(refused(unknown), FormProblem::TimeZoneUnknown);
    done(stage.services.set_time_zone(&ctx, "Asia/Kolkata").await.unwrap());
    let ctx = stage.as_role(Role::CustomerAdmin).await.unwrap();
    assert_eq!(stage.services.shell_view(&ctx).await.unwrap().zone, "Times in Asia/Kolkata, UTC+5:30");
    let view = stage.services.show_settings(&ctx, &[], ctx.now).await.unwrap();
    assert_eq!(view.time_zone, "Asia/Kolkata");
    assert!(view.time_zones.contains(&view.time_zone));
}

#[tokio::test]
async fn signing_out_elsewhere_keeps_this_browser_and_other_people() {
    let stage = stage().await;
    let ctx = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let viewer = stage.as_role(Role::CustomerViewer).await.unwrap();
    let tx = stage.services.db().begin().await.unwrap();
    for (id, user) in [(1, ctx.actor.user), (2, ctx.actor.user), (3, viewer.actor.user)] {
        let session = Session {
            id_hash: [id; 32],
            user: Some(user),
            data: serde_json::json!({}),
            created_at: ctx.now,
            last_seen_at: ctx.now,
            expires_at: ctx.now + TimeDelta::hours(8),
            ip: Some("192.0.2.1".into()),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0".into()),
        };
        store::session::create(&tx, &session).await.unwrap();
    }
    tx.commit().await.unwrap();
    let before = stage.services.show_settings(&ctx, &[1; 32], ctx.now).await.unwrap().sessions;
    assert_eq!(before.len(), 2);
    assert_eq!(before.iter().filter(|session| session.this_one).count(), 1);
    let message = done(stage.services.end_other_sessions(&ctx, &[1; 32]).await.unwrap());
    assert_eq!(message, "Signed out in 1 other browser.");
    let after = stage.services.show_settings(&ctx, &[1; 32], ctx.now).await.unwrap().sessions;
    assert_eq!((after.len(), after[0].this_one, after[0].browser.as_str()), (1, true, "Firefox on Linux"));
    assert_eq!(stage.services.show_settings(&viewer, &[3; 32], ctx.now).await.unwrap().sessions.len(), 1);
    let ended = ctx.now + TimeDelta::hours(8);
    assert_eq!(stage.services.show_settings(&ctx, &[1; 32], ended).await.unwrap().sessions, [], "over, though kept");

    // And here: once, with its trace.
    for _ in 0..2 {
        stage.services.sign_out(&ctx, &[1; 32]).await.unwrap();
    }
    assert_eq!(stage.services.show_settings(&ctx, &[1; 32], ctx.now).await.unwrap().sessions.len(), 0);
    assert_eq!(stage.services.show_settings(&viewer, &[3; 32], ctx.now).await.unwrap().sessions.len(), 1);
    let user = AuditObject { kind: "user".into(), id: ctx.actor.user.to_string() };
    let trail = store::audit::of_object(stage.services.db().reader(), &user, None, 10).await.unwrap().rows;
    let actions: Vec<_> = trail.iter().map(|event| (event.action.as_str(), event.at)).collect();
    assert_eq!(actions, [("user.signed_out", ctx.now), ("user.other_sessions_ended", ctx.now)]);
}

/// A server of a demo on the database of `stage`.
fn demo_server(stage: &Stage, clock: &Arc<DemoClock>) -> Services {
    Services::new(ServicesParts {
        db: stage.services.db().clone(),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        machine: Arc::new(SystemClock),
        ids: Arc::new(SeededIds::new(7)),
        deployer: Arc::new(Agents::default()),
        demo: Some(Arc::clone(clock)),
        limits: Limits::default(),
    })
}

#[tokio::test]
async fn only_a_demo_clock_is_set_and_it_is_written_down() {
    let stage = stage().await;
    let operator = stage.as_role(Role::Operator).await.unwrap();
    let outcome = stage.services.set_demo_speed(&operator, DemoSpeed::HourASecond).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::Unavailable);
    assert_eq!(stage.services.demo_accounts(), None);
    assert!(stage.services.shell_view(&operator).await.unwrap().demo.is_none());

    let clock = Arc::new(DemoClock::starting(stage.now(), DemoSpeed::Stopped));
    let demo = demo_server(&stage, &clock);
    done(demo.set_demo_speed(&operator, DemoSpeed::HourASecond).await.unwrap());
    assert_eq!(clock.speed(), DemoSpeed::HourASecond);
    let kept: serde_json::Value =
        store::setting::get(demo.db().reader(), crate::demo::DEMO_CLOCK_SETTING).await.unwrap().unwrap();
    assert_eq!(kept["speed"], "hour_a_second");
    let shell = demo.shell_view(&operator).await.unwrap();
    assert!(shell.demo.is_some_and(|view| view.may_set && view.speed == DemoSpeed::HourASecond));
    assert!(demo.demo_accounts().is_some());
}

#[tokio::test]
async fn who_takes_the_engine_over_goes_on_where_time_had_come_to() {
    let stage = stage().await;
    let clock = Arc::new(DemoClock::starting(stage.now(), DemoSpeed::Stopped));
    let demo = demo_server(&stage, &clock);
    let reached = stage.now() + TimeDelta::days(3);
    let written = DemoClockState { virtual_now: reached, speed: DemoSpeed::HourASecond };
    let tx = demo.db().begin().await.unwrap();
    written.save(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!demo.engine_tick("another").await.unwrap().stood_by);
    assert_eq!(clock.now(), reached);
    let kept = DemoClockState::load(demo.db().reader()).await.unwrap().unwrap();
    assert_eq!(kept, DemoClockState { virtual_now: reached, speed: DemoSpeed::Stopped });
}
