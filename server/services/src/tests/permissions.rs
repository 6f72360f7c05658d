//! Every use case × every role, from the permission table.

use super::{Stage, stage};
use crate::environment::DesignateForm;
use crate::{Error, RequestContext, Result};
use domain::ids::NotificationId;
use domain::permission::{Permission, Role};
use domain::wire::calendar::CalendarParams;
use domain::wire::deployment::DeploymentsParams;
use domain::wire::environment::EnvironmentsParams;
use domain::wire::notification::NotificationsParams;
use domain::wire::rollout::RolloutEnvironmentsParams;
use domain::wire::shell::DemoSpeed;
use uuid::Uuid;

#[derive(Debug, Clone, Copy)]
enum UseCase {
    ShellView,
    ListNotifications,
    ShowNotification,
    MarkNotificationRead,
    MarkAllNotificationsRead,
    ShowCalendar,
    ListEnvironments,
    ShowEnvironment,
    DesignateSandbox,
    SearchDeployments,
    ListRollouts,
    ShowRollout,
    ListRolloutEnvironments,
    StartRollout,
    ApprovePromotion,
    HaltRollout,
    ResumeRollout,
    ShowSettings,
    SetTimeZone,
    EndOtherSessions,
    SetDemoSpeed,
}

impl UseCase {
    const ALL: [Self; 21] = [
        Self::ShellView,
        Self::ListNotifications,
        Self::ShowNotification,
        Self::MarkNotificationRead,
        Self::MarkAllNotificationsRead,
        Self::ShowCalendar,
        Self::ListEnvironments,
        Self::ShowEnvironment,
        Self::DesignateSandbox,
        Self::SearchDeployments,
        Self::ListRollouts,
        Self::ShowRollout,
        Self::ListRolloutEnvironments,
        Self::StartRollout,
        Self::ApprovePromotion,
        Self::HaltRollout,
        Self::ResumeRollout,
        Self::ShowSettings,
        Self::SetTimeZone,
        Self::EndOtherSessions,
        Self::SetDemoSpeed,
    ];

    /// Any one of them is enough.
    const fn needs(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::ShellView | Self::ShowSettings | Self::SetTimeZone | Self::EndOtherSessions => &[P::ManageOwnSession],
            Self::ListNotifications
            | Self::ShowNotification
            | Self::MarkNotificationRead
            | Self::MarkAllNotificationsRead
            | Self::ShowCalendar
            | Self::ListEnvironments => &[P::SeeOwnEstate],
            Self::ShowEnvironment => &[P::SeeOwnEstate, P::SeeEnvironments],
            Self::DesignateSandbox => &[P::DesignateSandbox],
            Self::SearchDeployments => &[P::SeeDeployments],
            Self::ListRollouts | Self::ShowRollout | Self::ListRolloutEnvironments => &[P::SeeRollouts],
            Self::StartRollout => &[P::StartRollout],
            Self::ApprovePromotion => &[P::ApprovePromotion],
            Self::HaltRollout => &[P::HaltRollout],
            Self::ResumeRollout => &[P::ResumeRollout],
            Self::SetDemoSpeed => &[P::SetDemoClock],
        }
    }

    async fn call(self, stage: &Stage, ctx: &RequestContext) -> Result<()> {
        let services = &stage.services;
        let rollout = stage.rollout;
        let sandbox = stage.environment_id(stage.contoso, "UAT");
        let message = NotificationId::new(Uuid::nil());
        match self {
            Self::ShellView => drop(services.shell_view(ctx).await?),
            Self::ListNotifications => drop(services.list_notifications(ctx, &NotificationsParams::default()).await?),
            Self::ShowNotification => drop(services.show_notification(ctx, message).await?),
            Self::MarkNotificationRead => drop(services.mark_notification_read(ctx, message).await?),
            Self::MarkAllNotificationsRead => drop(services.mark_all_notifications_read(ctx).await?),
            Self::ShowCalendar => drop(services.show_calendar(ctx, &CalendarParams::default()).await?),
            Self::ListEnvironments => drop(services.list_environments(ctx, &EnvironmentsParams::default()).await?),
            Self::ShowEnvironment => drop(services.show_environment(ctx, sandbox).await?),
            Self::DesignateSandbox => {
                drop(services.designate_sandbox(ctx, sandbox, &DesignateForm::default()).await?);
            }
            Self::SearchDeployments => drop(services.search_deployments(ctx, &DeploymentsParams::default()).await?),
            Self::ListRollouts => drop(services.list_rollouts(ctx).await?),
            Self::ShowRollout => drop(services.show_rollout(ctx, rollout).await?),
            Self::ListRolloutEnvironments => {
                let params =
                    RolloutEnvironmentsParams { rollout: Some(rollout), ..RolloutEnvironmentsParams::default() };
                drop(services.list_rollout_environments(ctx, &params).await?);
            }
            Self::StartRollout => drop(services.start_rollout(ctx, rollout).await?),
            Self::ApprovePromotion => drop(services.approve_promotion(ctx, rollout, 2).await?),
            Self::HaltRollout => drop(services.halt_rollout(ctx, rollout, "a reason").await?),
            Self::ResumeRollout => drop(services.resume_rollout(ctx, rollout, "a reason").await?),
            Self::ShowSettings => drop(services.show_settings(ctx, &[0; 32], ctx.now).await?),
            Self::SetTimeZone => drop(services.set_time_zone(ctx, "Europe/Paris").await?),
            Self::EndOtherSessions => drop(services.end_other_sessions(ctx, &[0; 32]).await?),
            Self::SetDemoSpeed => drop(services.set_demo_speed(ctx, DemoSpeed::HourASecond).await?),
        }
        Ok(())
    }
}

#[tokio::test]
async fn each_use_case_admits_exactly_its_roles() {
    let stage = stage().await;
    for role in Role::ALL {
        let ctx = stage.as_role(role).await.unwrap();
        for case in UseCase::ALL {
            let admitted = match case.call(&stage, &ctx).await {
                // What is asked for need not exist: it was looked for.
                Ok(()) | Err(Error::NotFound) => true,
                Err(Error::Forbidden) => false,
                Err(other) => panic!("{role:?} {case:?}: {other}"),
            };
            let may = case.needs().iter().any(|what| role.may(*what));
            assert_eq!(admitted, may, "{role:?} {case:?}");
        }
    }
}

#[tokio::test]
async fn a_customers_role_without_a_customer_sees_nothing() {
    let stage = stage().await;
    let mut ctx = stage.as_role(Role::CustomerAdmin).await.unwrap();
    ctx.actor.customer = None;
    for case in [UseCase::ListNotifications, UseCase::ShowCalendar, UseCase::ShowEnvironment, UseCase::DesignateSandbox]
    {
        assert!(matches!(case.call(&stage, &ctx).await, Err(Error::Forbidden)), "{case:?}");
    }
}
