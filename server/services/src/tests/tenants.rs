//! Another customer's things do not exist.

use super::stage;
use crate::Error;
use crate::environment::DesignateForm;
use domain::permission::Role;
use domain::wire::calendar::CalendarParams;
use domain::wire::environment::EnvironmentsParams;
use domain::wire::notification::NotificationsParams;

#[tokio::test]
async fn a_foreign_environment_is_not_found_and_not_changed() {
    let stage = stage().await;
    let stranger = stage.by("customer_admin@fabrikam.example").await.unwrap();
    let foreign = stage.environment_id(stage.contoso, "UAT");
    assert!(matches!(stage.services.show_environment(&stranger, foreign).await, Err(Error::NotFound)));
    let form = DesignateForm { designation: "early".into(), production: None, generation: 1 };
    assert!(matches!(stage.services.designate_sandbox(&stranger, foreign, &form).await, Err(Error::NotFound)));
    let asked = CalendarParams { environment: Some(foreign), ..CalendarParams::default() };
    assert!(matches!(stage.services.show_calendar(&stranger, &asked).await, Err(Error::NotFound)));

    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let seen = stage.services.show_environment(&owner, foreign).await.unwrap();
    assert_eq!(seen.designation_text, "Updated with the other sandboxes");
}

#[tokio::test]
async fn lists_hold_only_what_is_ones_own() {
    let stage = stage().await;
    let of = |email: &'static str| {
        let stage = &stage;
        async move {
            let ctx = stage.by(email).await.unwrap();
            let view = stage.services.list_environments(&ctx, &EnvironmentsParams::default()).await.unwrap();
            (view.rows.into_iter().map(|row| row.name).collect::<Vec<_>>(), view.total)
        }
    };
    let (contoso, total) = of("customer_admin@contoso.example").await;
    assert_eq!((contoso, total), (["DEV", "LEGACY", "PROD", "TEST", "TRAIN", "UAT"].map(String::from).to_vec(), 6));
    let (fabrikam, total) = of("customer_admin@fabrikam.example").await;
    assert_eq!((fabrikam, total), (["LAB", "PROD", "UAT"].map(String::from).to_vec(), 3));
}

#[tokio::test]
async fn a_foreign_message_is_not_found_and_stays_unread() {
    let stage = stage().await;
    stage.start().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let list = stage.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    let message = list.rows.first().unwrap().id;
    let stranger = stage.by("customer_admin@fabrikam.example").await.unwrap();
    assert!(matches!(stage.services.show_notification(&stranger, message).await, Err(Error::NotFound)));
    assert!(matches!(stage.services.mark_notification_read(&stranger, message).await, Err(Error::NotFound)));
    stage.services.mark_all_notifications_read(&stranger).await.unwrap();
    let again = stage.services.list_notifications(&owner, &NotificationsParams::default()).await.unwrap();
    assert_eq!(again.unread, list.unread);
}

#[tokio::test]
async fn staff_see_every_customers_environment_and_may_not_choose_for_them() {
    let stage = stage().await;
    let support = stage.as_role(Role::Support).await.unwrap();
    for customer in [stage.contoso, stage.fabrikam] {
        let sandbox = stage.environment_id(customer, "UAT");
        let view = stage.services.show_environment(&support, sandbox).await.unwrap();
        assert_eq!(view.customer.0, customer);
        assert_eq!(view.designation, None);
    }
}
