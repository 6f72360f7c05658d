//! Every use case × every role, from the permission table.

use super::{Stage, stage};
use crate::environment::{DesignateForm, PlanForm, PullForm};
use crate::exemption::ExemptionForm;
use crate::{EmergencyActForm, Error, FlightForm, RecoveryActForm, RecoveryForm, RequestContext, Result};
use domain::ids::{BuildId, EmergencyId, ExemptionId, FlightId, FreezeId, HaltId, NotificationId, RecoveryId};
use domain::permission::{Permission, Role};
use domain::wire::calendar::CalendarParams;
use domain::wire::deployment::DeploymentsParams;
use domain::wire::emergency::EmergencyForm;
use domain::wire::environment::EnvironmentsParams;
use domain::wire::exemption::ExemptionsParams;
use domain::wire::flight::FlightsParams;
use domain::wire::freeze::FreezeForm;
use domain::wire::halt::HaltsParams;
use domain::wire::notification::NotificationsParams;
use domain::wire::plan::PlanParams;
use domain::wire::recovery::RecoveryParams;
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
    PullAhead,
    UndoPull,
    PlanEnvironment,
    RequestExemption,
    ListExemptions,
    ShowExemption,
    GrantExemption,
    RefuseExemption,
    WithdrawExemption,
    SearchDeployments,
    ListRollouts,
    ShowRollout,
    ListRolloutEnvironments,
    StartRollout,
    ApprovePromotion,
    HaltRollout,
    ResumeRollout,
    HaltStation,
    HaltCustomer,
    HaltBuild,
    HaltEverything,
    LiftHalt,
    LiftBuild,
    ListHalts,
    ListFreezes,
    SetFreeze,
    EndFreeze,
    ShowEmergency,
    RequestEmergency,
    ApproveEmergency,
    EndEmergency,
    CompleteEmergencyGate,
    ReviewEmergency,
    SetEmergencyApprovers,
    ShowRecovery,
    ProposeRecovery,
    ApproveRecovery,
    StartRecovery,
    AbandonRecovery,
    ListFlights,
    TurnFlight,
    SetPercent,
    ApproveBuild,
    WithdrawBuild,
    ShowPlan,
    ShowSettings,
    SetTimeZone,
    EndOtherSessions,
    SetDemoSpeed,
}

impl UseCase {
    const ALL: [Self; 58] = [
        Self::ShellView,
        Self::ListNotifications,
        Self::ShowNotification,
        Self::MarkNotificationRead,
        Self::MarkAllNotificationsRead,
        Self::ShowCalendar,
        Self::ListEnvironments,
        Self::ShowEnvironment,
        Self::DesignateSandbox,
        Self::PullAhead,
        Self::UndoPull,
        Self::PlanEnvironment,
        Self::RequestExemption,
        Self::ListExemptions,
        Self::ShowExemption,
        Self::GrantExemption,
        Self::RefuseExemption,
        Self::WithdrawExemption,
        Self::SearchDeployments,
        Self::ListRollouts,
        Self::ShowRollout,
        Self::ListRolloutEnvironments,
        Self::StartRollout,
        Self::ApprovePromotion,
        Self::HaltRollout,
        Self::ResumeRollout,
        Self::HaltStation,
        Self::HaltCustomer,
        Self::HaltBuild,
        Self::HaltEverything,
        Self::LiftHalt,
        Self::LiftBuild,
        Self::ListHalts,
        Self::ListFreezes,
        Self::SetFreeze,
        Self::EndFreeze,
        Self::ShowEmergency,
        Self::RequestEmergency,
        Self::ApproveEmergency,
        Self::EndEmergency,
        Self::CompleteEmergencyGate,
        Self::ReviewEmergency,
        Self::SetEmergencyApprovers,
        Self::ShowRecovery,
        Self::ProposeRecovery,
        Self::ApproveRecovery,
        Self::StartRecovery,
        Self::AbandonRecovery,
        Self::ListFlights,
        Self::TurnFlight,
        Self::SetPercent,
        Self::ApproveBuild,
        Self::WithdrawBuild,
        Self::ShowPlan,
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
            Self::PullAhead | Self::UndoPull => &[P::PullAhead],
            Self::PlanEnvironment => &[P::PlanOwnEnvironment],
            Self::RequestExemption => &[P::RequestExemption],
            Self::ListExemptions | Self::ShowExemption => &[P::SeeExemptions],
            Self::GrantExemption | Self::RefuseExemption | Self::WithdrawExemption => &[P::DecideExemption],
            Self::SearchDeployments => &[P::SeeDeployments],
            Self::ListRollouts
            | Self::ShowRollout
            | Self::ListRolloutEnvironments
            | Self::ListHalts
            | Self::ListFreezes
            | Self::ShowPlan
            | Self::ShowEmergency
            | Self::ShowRecovery
            | Self::ListFlights => &[P::SeeRollouts],
            Self::RequestEmergency | Self::EndEmergency | Self::CompleteEmergencyGate | Self::ReviewEmergency => {
                &[P::RequestEmergency]
            }
            Self::ProposeRecovery | Self::StartRecovery | Self::AbandonRecovery => &[P::ProposeRecovery],
            Self::ApproveRecovery => &[P::ApproveRecovery],
            Self::TurnFlight => &[P::TurnFlights],
            Self::ApproveEmergency => &[P::ApproveEmergency],
            Self::SetEmergencyApprovers => &[P::SetPolicy],
            Self::StartRollout | Self::SetPercent => &[P::StartRollout],
            Self::ApprovePromotion | Self::ApproveBuild => &[P::ApprovePromotion],
            Self::HaltRollout | Self::WithdrawBuild | Self::HaltStation | Self::HaltCustomer | Self::HaltBuild => {
                &[P::HaltRollout]
            }
            Self::ResumeRollout | Self::LiftBuild => &[P::ResumeRollout],
            Self::HaltEverything => &[P::HaltEverything],
            Self::LiftHalt => &[P::ResumeRollout, P::LiftEverything],
            Self::SetFreeze | Self::EndFreeze => &[P::SetFreezes],
            Self::SetDemoSpeed => &[P::SetDemoClock],
        }
    }

    #[expect(clippy::too_many_lines, reason = "one call a use case")]
    async fn call(self, stage: &Stage, ctx: &RequestContext) -> Result<()> {
        let services = &stage.services;
        let rollout = stage.rollout;
        let sandbox = stage.environment_id(stage.contoso, "UAT");
        let message = NotificationId::new(Uuid::nil());
        let recovery = RecoveryId::new(Uuid::nil());
        let (emergency, act) = (EmergencyId::new(Uuid::nil()), EmergencyActForm::default());
        let exemption = ExemptionId::new(Uuid::nil());
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
            Self::PullAhead => drop(services.pull_ahead(ctx, sandbox, &PullForm::default()).await?),
            Self::UndoPull => drop(services.undo_pull(ctx, sandbox, 1).await?),
            Self::PlanEnvironment => drop(services.plan_environment(ctx, sandbox, &PlanForm::default()).await?),
            Self::RequestExemption => {
                drop(services.request_exemption(ctx, sandbox, &ExemptionForm::default()).await?);
            }
            Self::ListExemptions => drop(services.list_exemptions(ctx, &ExemptionsParams::default()).await?),
            Self::ShowExemption => drop(services.show_exemption(ctx, exemption).await?),
            Self::GrantExemption => drop(services.grant_exemption(ctx, exemption, &"0".repeat(64)).await?),
            Self::RefuseExemption => drop(services.refuse_exemption(ctx, exemption, "a reason").await?),
            Self::WithdrawExemption => drop(services.withdraw_exemption(ctx, exemption, "a reason").await?),
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
            Self::ShowPlan => {
                let params = PlanParams { rollout: Some(rollout), ..PlanParams::default() };
                drop(services.show_plan(ctx, &params).await?);
            }
            Self::SetPercent => drop(services.set_percent(ctx, rollout, "sandbox", "50").await?),
            Self::ApproveBuild => drop(services.approve_build(ctx, rollout, "").await?),
            Self::WithdrawBuild => drop(services.withdraw_build(ctx, rollout, "a reason").await?),
            Self::HaltRollout => drop(services.halt_rollout(ctx, rollout, "a reason").await?),
            Self::ResumeRollout => drop(services.resume_rollout(ctx, rollout, "a reason").await?),
            Self::HaltStation => drop(services.halt_station(ctx, rollout, 4, "a reason").await?),
            Self::HaltCustomer => drop(services.halt_customer(ctx, stage.contoso, None, "a reason").await?),
            Self::HaltBuild => drop(services.halt_build(ctx, BuildId::new(Uuid::nil()), "a reason").await?),
            Self::HaltEverything => drop(services.halt_everything(ctx, "a reason").await?),
            Self::LiftHalt => drop(services.lift_halt(ctx, HaltId::new(Uuid::nil()), "a reason").await?),
            Self::LiftBuild => drop(services.lift_build(ctx, BuildId::new(Uuid::nil()), "a reason").await?),
            Self::ListHalts => drop(services.list_halts(ctx, &HaltsParams::default()).await?),
            Self::ListFreezes => drop(services.list_freezes(ctx, &FreezeForm::default()).await?),
            Self::SetFreeze => drop(services.set_freeze(ctx, &FreezeForm::default(), "a reason").await?),
            Self::EndFreeze => drop(services.end_freeze(ctx, FreezeId::new(Uuid::nil()), "a reason").await?),
            Self::ShowEmergency => drop(services.show_emergency(ctx, rollout).await?),
            Self::RequestEmergency => drop(services.request_emergency(ctx, rollout, &EmergencyForm::default()).await?),
            Self::ApproveEmergency => drop(services.approve_emergency(ctx, emergency, &act).await?),
            Self::EndEmergency => drop(services.end_emergency(ctx, emergency, &act).await?),
            Self::CompleteEmergencyGate => drop(services.complete_emergency_gate(ctx, emergency, &act).await?),
            Self::ReviewEmergency => drop(services.review_emergency(ctx, emergency, &act).await?),
            Self::SetEmergencyApprovers => drop(services.set_emergency_approvers(ctx, &[]).await?),
            Self::ShowRecovery => {
                let params = RecoveryParams { rollout: Some(rollout), severity: String::new() };
                drop(services.show_recovery(ctx, &params).await?);
            }
            Self::ProposeRecovery => drop(services.propose_recovery(ctx, rollout, &RecoveryForm::default()).await?),
            Self::ApproveRecovery => {
                drop(services.approve_recovery(ctx, recovery, &RecoveryActForm::default()).await?);
            }
            Self::StartRecovery => drop(services.start_recovery(ctx, recovery).await?),
            Self::AbandonRecovery => {
                drop(services.abandon_recovery(ctx, recovery, &RecoveryActForm::default()).await?);
            }
            Self::ListFlights => drop(services.list_flights(ctx, &FlightsParams::default()).await?),
            Self::TurnFlight => {
                let flight = FlightId::new(Uuid::nil());
                drop(services.turn_flight(ctx, flight, &FlightForm::default()).await?);
            }
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
