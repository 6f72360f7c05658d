//! A customer's messages.

use super::{done, stage};
use domain::permission::Role;
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
