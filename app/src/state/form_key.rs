//! The forms of the product by name. The name travels in the address when a form was answered without Wasm, so it is a
//! closed set, and the sentences shown for it are ours.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormKey {
    Designation,
    PullAhead,
    UndoPull,
    Planning,
    RequestExemption,
    GrantExemption,
    RefuseExemption,
    WithdrawExemption,
    Start,
    /// By station: a rollout's page has one form for each.
    Approve(u8),
    Halt,
    Resume,
    PlaceHalt,
    LiftHalt,
    SetFreeze,
    EndFreeze,
    ApproveBuild,
    WithdrawBuild,
    Percent,
    MarkRead,
    MarkAllRead,
    TimeZone,
    SignOutElsewhere,
    DemoSpeed,
    Emergency,
    EmergencyApprove,
    EmergencyEnd,
    EmergencyGate,
    EmergencyReview,
    EmergencyApprovers,
    RecoveryPropose,
    RecoveryApprove,
    RecoveryStart,
    RecoveryAbandon,
    Flight,
    ReportIncident,
}

impl FormKey {
    const PLAIN: [Self; 35] = [
        Self::Designation,
        Self::PullAhead,
        Self::UndoPull,
        Self::Planning,
        Self::RequestExemption,
        Self::GrantExemption,
        Self::RefuseExemption,
        Self::WithdrawExemption,
        Self::Start,
        Self::Halt,
        Self::Resume,
        Self::PlaceHalt,
        Self::LiftHalt,
        Self::SetFreeze,
        Self::EndFreeze,
        Self::ApproveBuild,
        Self::WithdrawBuild,
        Self::Percent,
        Self::MarkRead,
        Self::MarkAllRead,
        Self::TimeZone,
        Self::SignOutElsewhere,
        Self::DemoSpeed,
        Self::Emergency,
        Self::EmergencyApprove,
        Self::EmergencyEnd,
        Self::EmergencyGate,
        Self::EmergencyReview,
        Self::EmergencyApprovers,
        Self::RecoveryPropose,
        Self::RecoveryApprove,
        Self::RecoveryStart,
        Self::RecoveryAbandon,
        Self::Flight,
        Self::ReportIncident,
    ];

    pub fn code(self) -> String {
        match self {
            Self::Designation => "designation".into(),
            Self::PullAhead => "pull_ahead".into(),
            Self::UndoPull => "undo_pull".into(),
            Self::Planning => "planning".into(),
            Self::RequestExemption => "request_exemption".into(),
            Self::GrantExemption => "grant_exemption".into(),
            Self::RefuseExemption => "refuse_exemption".into(),
            Self::WithdrawExemption => "withdraw_exemption".into(),
            Self::Start => "start".into(),
            Self::Approve(station) => format!("approve_{station}"),
            Self::Halt => "halt".into(),
            Self::Resume => "resume".into(),
            Self::PlaceHalt => "place_halt".into(),
            Self::LiftHalt => "lift_halt".into(),
            Self::SetFreeze => "set_freeze".into(),
            Self::EndFreeze => "end_freeze".into(),
            Self::ApproveBuild => "approve_build".into(),
            Self::WithdrawBuild => "withdraw_build".into(),
            Self::Percent => "percent".into(),
            Self::MarkRead => "mark_read".into(),
            Self::MarkAllRead => "mark_all_read".into(),
            Self::TimeZone => "time_zone".into(),
            Self::SignOutElsewhere => "sign_out_elsewhere".into(),
            Self::DemoSpeed => "demo_speed".into(),
            Self::Emergency => "emergency".into(),
            Self::EmergencyApprove => "emergency_approve".into(),
            Self::EmergencyEnd => "emergency_end".into(),
            Self::EmergencyGate => "emergency_gate".into(),
            Self::EmergencyReview => "emergency_review".into(),
            Self::EmergencyApprovers => "emergency_approvers".into(),
            Self::RecoveryPropose => "recovery_propose".into(),
            Self::RecoveryApprove => "recovery_approve".into(),
            Self::RecoveryStart => "recovery_start".into(),
            Self::RecoveryAbandon => "recovery_abandon".into(),
            Self::Flight => "flight".into(),
            Self::ReportIncident => "report_incident".into(),
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        let station = || code.strip_prefix("approve_")?.parse().ok().map(Self::Approve);
        Self::PLAIN.into_iter().find(|key| key.code() == code).or_else(station)
    }

    /// What was done, for a page that only knows which form it was.
    pub fn done(self) -> String {
        match self {
            Self::Designation => "The designation is saved.".into(),
            Self::PullAhead => "It is taken ahead of its night.".into(),
            Self::UndoPull => "It is not taken ahead any more.".into(),
            Self::Planning => "The planning is saved. A night that has to move is announced.".into(),
            Self::RequestExemption => "The exemption is asked for. You are told what is decided.".into(),
            Self::GrantExemption => "The exemption is granted. Its owner is told.".into(),
            Self::RefuseExemption => "The request is refused. Its owner is told.".into(),
            Self::WithdrawExemption => "The exemption is withdrawn. Its owner is told.".into(),
            Self::Start => "The rollout is started.".into(),
            Self::Approve(station) => format!("Station {station} is approved."),
            Self::Halt => "The rollout is halted.".into(),
            Self::Resume => "The rollout goes on.".into(),
            Self::PlaceHalt => "It is halted. Nothing new starts there.".into(),
            Self::LiftHalt => "The halt is lifted.".into(),
            Self::SetFreeze => "The freeze is set. Nights that fall into it move, and each is told.".into(),
            Self::EndFreeze => "The freeze is ended. Its nights are free again.".into(),
            Self::ApproveBuild => "The build is approved.".into(),
            Self::WithdrawBuild => "The build is withdrawn. Nothing new starts.".into(),
            Self::Percent => "The percentage is set.".into(),
            Self::MarkRead => "Marked as read.".into(),
            Self::MarkAllRead => "All are marked as read.".into(),
            Self::TimeZone => "Times are shown in the zone you chose.".into(),
            Self::SignOutElsewhere => "You are signed out everywhere else.".into(),
            Self::DemoSpeed => "The demo clock runs at the speed you chose.".into(),
            Self::Emergency => "The emergency path is asked for. Two named people have to approve it.".into(),
            Self::EmergencyApprove => "Approved.".into(),
            Self::EmergencyEnd => "The emergency path is no longer asked for or in force.".into(),
            Self::EmergencyGate => "The gate is completed out of band.".into(),
            Self::EmergencyReview => "The review is written; nothing is owed any more.".into(),
            Self::EmergencyApprovers => "The list of approvers is saved.".into(),
            Self::RecoveryPropose => "The way out is proposed. A second person approves it.".into(),
            Self::RecoveryApprove => "The recovery is approved. It can be started.".into(),
            Self::RecoveryStart => "The recovery is started. The halt stays.".into(),
            Self::RecoveryAbandon => "The recovery is abandoned. The halt stays.".into(),
            Self::Flight => "The flight is turned.".into(),
            Self::ReportIncident => "The incident is reported. What it led to stands in the list.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back_and_nothing_else_does() {
        for key in FormKey::PLAIN.into_iter().chain([FormKey::Approve(1), FormKey::Approve(6)]) {
            assert_eq!(FormKey::from_code(&key.code()), Some(key));
            assert!(!key.done().is_empty());
        }
        for foreign in ["", "approve_", "approve_x", "approve_999", "<b>"] {
            assert_eq!(FormKey::from_code(foreign), None, "{foreign}");
        }
    }
}
