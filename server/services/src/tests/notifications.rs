//! A customer's messages.

use super::{done, stage};
use domain::permission::Role;
use domain::wire::calendar::{BarStyle, CalendarParams};
use domain::wire::environment::EnvironmentView;
use domain::wire::notification::{NotificationKind, NotificationsParams};

#[tokio::test]
async fn messages_tell_of_the_rollout_and_each_person_reads_for_themselves() {
    let stage = stage().await;
    stage.start().await;
    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let viewer = stage.as_role(Role::CustomerViewer).await.unwrap();
    let all = NotificationsParams::default();
    let list = stage.services.list_notifications(&admin, &all).await.unwrap();
    let scheduled = list.rows.iter().find(|row| row.kind == NotificationKind::Scheduled).unwrap();
    assert!(scheduled.title.starts_with("10.0.48 PQU-7 is scheduled for "), "{}", scheduled.title);
    assert!(scheduled.unread);

    let whole = stage.services.show_notification(&admin, scheduled.id).await.unwrap();
    assert!(whole.facts.iter().any(|(label, value)| label == "PROD" && value.contains("17–18 Oct 2026")));
    let still = stage.services.list_notifications(&admin, &all).await.unwrap();
    assert_eq!(still.unread, list.unread, "showing marks nothing");

    done(stage.services.mark_notification_read(&admin, scheduled.id).await.unwrap());
    let after = stage.services.list_notifications(&admin, &all).await.unwrap();
    assert_eq!(after.unread, list.unread - 1);
    let other = stage.services.list_notifications(&viewer, &all).await.unwrap();
    assert_eq!(other.unread, list.unread);

    done(stage.services.mark_all_notifications_read(&viewer).await.unwrap());
    assert_eq!(stage.services.shell_view(&viewer).await.unwrap().unread, 0);
    let again = done(stage.services.mark_all_notifications_read(&viewer).await.unwrap());
    assert_eq!(again, "Everything was read already.");
}

#[tokio::test]
async fn a_filter_holds_its_kinds_only() {
    let stage = stage().await;
    stage.start().await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let params = NotificationsParams { filter: "problems".into(), after: None };
    let list = stage.services.list_notifications(&admin, &params).await.unwrap();
    assert!(list.rows.iter().any(|row| row.kind == NotificationKind::Halted));
    assert!(list.rows.iter().all(|row| list.filter.holds(row.kind)));
}

#[tokio::test]
async fn who_used_up_the_attempts_is_held_and_told_once() {
    let stage = stage().await;
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    stage.deployer.fail(uat, 2, "disk full");
    stage.start().await;
    stage.run_until("2026-11-20T08:00:00Z").await;
    let admin = stage.by("customer_admin@fabrikam.example").await.unwrap();
    let list = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap();
    let of_uat: Vec<_> = list.rows.iter().filter(|row| row.title.contains("UAT")).collect();
    assert_eq!(of_uat[0].title, "The update of UAT failed");
    assert!(of_uat[0].summary.ends_with("No attempt is left in this rollout."), "{}", of_uat[0].summary);
    assert!(of_uat.iter().all(|row| row.kind != NotificationKind::Held), "told once");

    let EnvironmentView { history, .. } = stage.services.show_environment(&admin, uat).await.unwrap();
    assert_eq!(
        (history[0].state.key(), history[0].text.as_str()),
        ("held", "2 attempts failed, the last with: disk full")
    );
    let params = CalendarParams { month: "2026-10".into(), ..CalendarParams::default() };
    let view = stage.services.show_calendar(&admin, &params).await.unwrap();
    let bars: Vec<_> = view.weeks.iter().flatten().flat_map(|day| &day.bars).collect();
    assert_eq!(bars.iter().filter(|bar| bar.style == BarStyle::Failed && bar.text == "UAT failed").count(), 1);
}
