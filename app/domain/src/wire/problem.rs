//! What can be wrong with a form, as codes: without Wasm they travel in the URL, where anybody can write anything, so
//! only our own sentences are ever shown.

use serde::{Deserialize, Serialize};

/// Characters of a reason that is accepted; longer ones belong into an incident. Fields hold no more, and a form that is
/// shown again without Wasm brings all of them back.
pub const REASON_CHARS_MAX: usize = 500;

/// What was refused, beside which field, and what to do. The code in a URL is the snake-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormProblem {
    EmailMissing,
    EmailMalformed,
    PasswordMissing,
    CredentialsWrong,
    SignInThrottled,
    ReasonMissing,
    ReasonTooLong,
    ConfirmationMissing,
    DesignationMissing,
    NotASandbox,
    NoSuchProduction,
    NoSandboxLeftInFront,
    UpdateRunning,
    TimeZoneUnknown,
    SpeedUnknown,
    SomeoneWasFaster,
    NotAllowed,
    ApproverIsStarter,
    AlreadyApproved,
    StationNeedsNoApproval,
    RolloutNotStartable,
    RolloutNotRunning,
    RolloutNotHalted,
    BuildHalted,
    Unavailable,
}

impl FormProblem {
    pub const ALL: [Self; 25] = [
        Self::EmailMissing,
        Self::EmailMalformed,
        Self::PasswordMissing,
        Self::CredentialsWrong,
        Self::SignInThrottled,
        Self::ReasonMissing,
        Self::ReasonTooLong,
        Self::ConfirmationMissing,
        Self::DesignationMissing,
        Self::NotASandbox,
        Self::NoSuchProduction,
        Self::NoSandboxLeftInFront,
        Self::UpdateRunning,
        Self::TimeZoneUnknown,
        Self::SpeedUnknown,
        Self::SomeoneWasFaster,
        Self::NotAllowed,
        Self::ApproverIsStarter,
        Self::AlreadyApproved,
        Self::StationNeedsNoApproval,
        Self::RolloutNotStartable,
        Self::RolloutNotRunning,
        Self::RolloutNotHalted,
        Self::BuildHalted,
        Self::Unavailable,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Self::EmailMissing => "email_missing",
            Self::EmailMalformed => "email_malformed",
            Self::PasswordMissing => "password_missing",
            Self::CredentialsWrong => "credentials_wrong",
            Self::SignInThrottled => "sign_in_throttled",
            Self::ReasonMissing => "reason_missing",
            Self::ReasonTooLong => "reason_too_long",
            Self::ConfirmationMissing => "confirmation_missing",
            Self::DesignationMissing => "designation_missing",
            Self::NotASandbox => "not_a_sandbox",
            Self::NoSuchProduction => "no_such_production",
            Self::NoSandboxLeftInFront => "no_sandbox_left_in_front",
            Self::UpdateRunning => "update_running",
            Self::TimeZoneUnknown => "time_zone_unknown",
            Self::SpeedUnknown => "speed_unknown",
            Self::SomeoneWasFaster => "someone_was_faster",
            Self::NotAllowed => "not_allowed",
            Self::ApproverIsStarter => "approver_is_starter",
            Self::AlreadyApproved => "already_approved",
            Self::StationNeedsNoApproval => "station_needs_no_approval",
            Self::RolloutNotStartable => "rollout_not_startable",
            Self::RolloutNotRunning => "rollout_not_running",
            Self::RolloutNotHalted => "rollout_not_halted",
            Self::BuildHalted => "build_halted",
            Self::Unavailable => "unavailable",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.code() == code)
    }

    /// The `name` of the field it stands beside; `None` where it concerns the form as a whole.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::EmailMissing | Self::EmailMalformed => Some("email"),
            Self::PasswordMissing => Some("password"),
            Self::ReasonMissing | Self::ReasonTooLong => Some("reason"),
            Self::ConfirmationMissing => Some("confirmed"),
            Self::DesignationMissing | Self::NotASandbox | Self::NoSandboxLeftInFront | Self::UpdateRunning => {
                Some("designation")
            }
            Self::NoSuchProduction => Some("production"),
            Self::TimeZoneUnknown => Some("time_zone"),
            Self::SpeedUnknown => Some("speed"),
            _ => None,
        }
    }

    pub const fn message(self) -> &'static str {
        match self {
            Self::EmailMissing => "Enter your email address.",
            Self::EmailMalformed => "Enter an email address such as ada@contoso.example.",
            Self::PasswordMissing => "Enter your password.",
            Self::CredentialsWrong => {
                "Email or password is not right. After five wrong tries signing in waits, longer with each further one."
            }
            Self::SignInThrottled => "Too many wrong tries. Wait a while: each further wrong try doubles the wait.",
            Self::ReasonMissing => "Say why. The reason is shown to everybody concerned and kept in the audit trail.",
            Self::ReasonTooLong => "Shorten the reason to 500 characters.",
            Self::ConfirmationMissing => "Tick the box to confirm.",
            Self::DesignationMissing => "Choose with whom this sandbox is updated.",
            Self::NotASandbox => "Only a sandbox can be designated. This environment is not a sandbox.",
            Self::NoSuchProduction => "Choose the production environment that this sandbox follows.",
            Self::NoSandboxLeftInFront => {
                "At least one sandbox has to be updated before production. Designate another one first."
            }
            Self::UpdateRunning => "Its update is running. Choose again when it has finished.",
            Self::TimeZoneUnknown => "Choose a time zone from the list.",
            Self::SpeedUnknown => "Choose one of the offered speeds.",
            Self::SomeoneWasFaster => {
                "Somebody changed this in the meantime. Look at what it says now, then try again."
            }
            Self::NotAllowed => "Your role may not do this. Ask a release manager or your administrator.",
            Self::ApproverIsStarter => "You started this rollout. Somebody else has to approve its promotion.",
            Self::AlreadyApproved => "This station is approved already. Nothing was changed.",
            Self::StationNeedsNoApproval => "This station needs no approval.",
            Self::RolloutNotStartable => "This rollout was started already. Nothing was changed.",
            Self::RolloutNotRunning => "This rollout is not running. Nothing was changed.",
            Self::RolloutNotHalted => "This rollout is not halted. Nothing was changed.",
            Self::BuildHalted => "This build is halted. It cannot be started or go on until the halt is lifted.",
            Self::Unavailable => "The server could not do this just now. Nothing was changed; try again in a moment.",
        }
    }
}

/// The answer to a form: what was done, or what is wrong with it. A refusal is a normal outcome, not an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum FormOutcome {
    /// `message` says what happened, for the status line.
    Done {
        message: String,
    },
    Refused {
        problem: FormProblem,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_serialised_names_and_come_back() {
        for problem in FormProblem::ALL {
            assert_eq!(serde_json::to_value(problem).unwrap(), problem.code());
            assert_eq!(FormProblem::from_code(problem.code()), Some(problem));
        }
        assert_eq!(FormProblem::from_code("<script>"), None);
    }

    #[test]
    fn a_reason_that_is_too_long_is_told_the_limit() {
        let limit = format!("{REASON_CHARS_MAX} characters");
        assert!(FormProblem::ReasonTooLong.message().contains(&limit));
    }
}
