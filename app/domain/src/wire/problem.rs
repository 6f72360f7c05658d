//! What can be wrong with a form, as codes: without Wasm they travel in the URL, where anybody can write anything, so
//! only our own sentences are ever shown.

use serde::{Deserialize, Serialize};

/// Characters of a reason that is accepted; longer ones belong into an incident. Fields hold no more, and a form that is
/// shown again without Wasm brings all of them back.
pub const REASON_CHARS_MAX: usize = 500;

/// Characters of what an incident is called: the number of a ticket, or a few words.
pub const REFERENCE_CHARS_MAX: usize = 120;

/// One row a problem: its name, its code in a URL, which is the snake-case name, the `name` of the field it stands beside
/// (none where it concerns the form as a whole), and what is said.
macro_rules! problems {
    ($($name:ident $code:literal $(at $field:literal)?: $message:literal;)*) => {
        /// What was refused, beside which field, and what to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FormProblem {
            $($name,)*
        }

        impl FormProblem {
            pub const ALL: [Self; [$($code),*].len()] = [$(Self::$name),*];

            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The `name` of the field it stands beside; `None` where it concerns the form as a whole.
            pub const fn field(self) -> Option<&'static str> {
                let field = match self {
                    $(Self::$name => concat!($($field)?),)*
                };
                if field.is_empty() { None } else { Some(field) }
            }

            pub const fn message(self) -> &'static str {
                match self {
                    $(Self::$name => $message,)*
                }
            }
        }
    };
}

problems! {
    EmailMissing "email_missing" at "email": "Enter your email address.";
    EmailMalformed "email_malformed" at "email": "Enter an email address such as ada@contoso.example.";
    PasswordMissing "password_missing" at "password": "Enter your password.";
    CredentialsWrong "credentials_wrong":
        "Email or password is not right. After five wrong tries signing in waits, longer with each further one.";
    SignInThrottled "sign_in_throttled": "Too many wrong tries. Wait a while: each further wrong try doubles the wait.";
    ReasonMissing "reason_missing" at "reason":
        "Say why. The reason is shown to everybody concerned and kept in the audit trail.";
    ReasonTooLong "reason_too_long" at "reason": "Shorten the reason to 500 characters.";
    ConfirmationMissing "confirmation_missing" at "confirmed": "Tick the box to confirm.";
    DesignationMissing "designation_missing" at "designation": "Choose with whom this sandbox is updated.";
    NotASandbox "not_a_sandbox" at "designation":
        "Only a sandbox can follow production, and a trial goes with the sandboxes.";
    NoSuchProduction "no_such_production" at "production":
        "Choose the production environment that this sandbox follows.";
    NoSandboxLeftInFront "no_sandbox_left_in_front" at "designation":
        "At least one sandbox has to be updated before production. Designate another one first.";
    UpdateRunning "update_running" at "designation": "Its update is running. Choose again when it has finished.";
    TimeZoneUnknown "time_zone_unknown" at "time_zone": "Choose a time zone from the list.";
    SpeedUnknown "speed_unknown" at "speed": "Choose one of the offered speeds.";
    SomeoneWasFaster "someone_was_faster":
        "Somebody changed this in the meantime. Look at what it says now, then try again.";
    NotAllowed "not_allowed": "Your role may not do this. Ask a release manager or your administrator.";
    ApproverIsStarter "approver_is_starter": "You started this rollout. Somebody else has to approve its promotion.";
    AlreadyApproved "already_approved": "This station is approved already. Nothing was changed.";
    StationNeedsNoApproval "station_needs_no_approval": "This station needs no approval.";
    RolloutNotStartable "rollout_not_startable": "This rollout was started already. Nothing was changed.";
    RolloutNotRunning "rollout_not_running": "This rollout is not running. Nothing was changed.";
    RolloutNotHalted "rollout_not_halted": "This rollout is not halted. Nothing was changed.";
    BuildHalted "build_halted": "This build is halted. It cannot be started or go on until the halt is lifted.";
    EverythingHalted "everything_halted": "All updates are halted. Lift that first.";
    HaltedAlready "halted_already": "This is halted already. Nothing was changed.";
    HaltLifted "halt_lifted": "This halt is lifted already. Nothing was changed.";
    HaltTargetMissing "halt_target_missing" at "what": "Choose what to halt.";
    RolloutMissing "rollout_missing" at "rollout": "Choose a rollout that is not completed.";
    StationMissing "station_missing" at "station": "Choose a station of this rollout.";
    BuildMissing "build_missing" at "build": "Choose a build.";
    ReferenceMissing "reference_missing" at "reference":
        "Give the number of your ticket, or what your team calls it.";
    ReferenceTooLong "reference_too_long" at "reference": "Shorten the reference to 120 characters.";
    ReferenceTaken "reference_taken" at "reference":
        "You reported this against another build. Give this one a reference of its own.";
    SourceMissing "source_missing" at "source": "Say who noticed it: what customers suffer from halts the build.";
    SeverityMissing "severity_missing" at "severity": "Choose how bad it is.";
    FindingMissing "finding_missing" at "finding": "Say in a sentence what goes wrong.";
    FindingTooLong "finding_too_long" at "finding":
        "Shorten it to 500 characters; a longer story belongs into the ticket.";
    CustomerUnknown "customer_unknown" at "customer": "No customer has this domain. Write it as in contoso.example.";
    CustomerNameUnknown "customer_name_unknown" at "customer":
        "No customer has this name. Leave it empty for everybody.";
    EnvironmentUnknown "environment_unknown" at "environment": "This customer has no environment of that name.";
    FreezeScopeMissing "freeze_scope_missing" at "scope": "Choose what to freeze.";
    CloudMissing "cloud_missing" at "cloud": "Choose a cloud.";
    RegionMissing "region_missing" at "region": "Choose a region.";
    FirstNightMissing "first_night_missing" at "first": "Give the first night as a date.";
    LastNightMissing "last_night_missing" at "last": "Give the last night as a date.";
    FreezeBackwards "freeze_backwards" at "last": "It ends before it begins.";
    FreezeNeverEnds "freeze_never_ends" at "last": "A yearly freeze has to leave at least one night of the year free.";
    FreezeOver "freeze_over" at "last": "These nights are over already.";
    FreezeEnded "freeze_ended": "This freeze is over or was ended already. Nothing was changed.";
    NotYourFreeze "not_your_freeze": "Only the side that set a freeze ends it. Nothing was changed.";
    CriterionMissing "criterion_missing" at "criterion": "Choose what makes this an emergency.";
    SeverityTooLow "severity_too_low" at "severity":
        "Choose a severity that the emergency path is for; below it the usual path does.";
    NothingShortened "nothing_shortened" at "bake_hours":
        "Nothing is shortened and no freeze overridden: the usual path does.";
    BakeTooShort "bake_too_short" at "bake_hours":
        "The bake is shortened, never dropped. Ask for at least the hours that the policy allows.";
    CoveredTooShort "covered_too_short" at "covered_hours":
        "Telemetry is shortened, never dropped. Ask for at least the hours that the policy allows.";
    TooFewSamples "too_few_samples" at "samples":
        "The health gate is shortened, never dropped. Ask for at least the reports that the policy allows.";
    NoticeTooShort "notice_too_short" at "notice_hours":
        "Customers are told ahead. Ask for at least the hours that the policy allows.";
    GapTooShort "gap_too_short" at "gap_days":
        "Production follows its sandboxes. Ask for at least the days that the policy allows.";
    NumberUnreadable "number_unreadable": "Write the numbers in digits, or leave them empty for what is usual.";
    EmergencyLengthWrong "emergency_length_wrong" at "lasts_hours":
        "Say for how many hours, at most as many as the policy allows. It can be asked for again.";
    NoSuchFreeze "no_such_freeze" at "overrides": "No such freeze stands any more. Choose from those that do.";
    TooFewApprovers "too_few_approvers":
        "The list of approvers names too few people: two beside whoever asks. The operator completes it.";
    NotTheRequester "not_the_requester": "It is asked for already. Only who asked changes what is asked.";
    ApproverIsAuthor "approver_is_author": "You asked for it. Somebody else has to approve it.";
    ApproverNotNamed "approver_not_named": "Only people named for it may approve it. The operator keeps the list.";
    ApprovedBefore "approved_before": "You approved it already. A second person is needed.";
    ChangedMeanwhile "changed_meanwhile":
        "It was changed meanwhile. Read it again, then approve what stands there now.";
    EmergencyNotApproved "emergency_not_approved": "Two named people have to approve what stands there now.";
    EmergencyElsewhere "emergency_elsewhere":
        "The emergency path does not stand where you saw it. Look at what it says now.";
    GateNotOwed "gate_not_owed" at "gate": "Nothing like this is owed.";
    ResultMissing "result_missing" at "result": "Choose whether it passed or failed.";
    GateEvidenceMissing "gate_evidence_missing" at "evidence": "Say what was run and where its result is.";
    ReviewEmpty "review_empty" at "review": "Write what was found, or say where it is written.";
    EndReasonMissing "end_reason_missing" at "why": "Say why it ends. The reason is kept in the audit trail.";
    TextTooLong "text_too_long": "Shorten the text to 500 characters; a longer story belongs behind a link.";
    GatesStillOwed "gates_still_owed": "Complete the shortened gates first, whatever comes of them.";
    RolloutOver "rollout_over": "This rollout is completed. Nothing was changed.";
    RecoveryClosed "recovery_closed" at "path":
        "This way is closed: what closes it is said beside it. Nothing was changed.";
    RecoveryOutdated "recovery_outdated": "What it was approved for does not hold any more. Propose it again.";
    RecoveryOver "recovery_over": "The recovery that this rollout carries out was given up. Propose another one from the halted rollout.";
    WayBackRunning "way_back_running":
        "Environments are being taken back from this build, and that serves this halt: resumed, the build would be delivered again meanwhile. Nothing was changed. Abandon the way back first, then resume.";
    RecoveryElsewhere "recovery_elsewhere": "This recovery does not stand where you saw it. Look at what it says now.";
    FlightStandsThere "flight_stands_there": "The flight stands there already. Nothing was changed.";
    PullStartMissing "pull_start_missing" at "start": "Choose when it is to start.";
    PullNothingUnderWay "pull_nothing_under_way" at "start":
        "No train that takes this environment is under way. Nothing was changed.";
    PullUpdateRunning "pull_update_running" at "start":
        "Its update is running. What became of it is said here when it has finished.";
    PullBooked "pull_booked" at "start": "It is taken ahead already. Take that back first to choose another night.";
    PullNotBooked "pull_not_booked": "It is not taken ahead any more, or its update has begun. Nothing was changed.";
    PullAttemptsUsed "pull_attempts_used" at "start":
        "The update failed as often as it may be tried. Ask support to look at it.";
    PullAlreadyThere "pull_already_there" at "start": "It runs this build or a later one already. Nothing was changed.";
    PullOtherServiceUpdate "pull_other_service_update" at "start":
        "This build is of another service update; a quality update never changes the service update.";
    PullHalted "pull_halted" at "start": "It is halted, and nothing starts. It can be taken when the halt is lifted.";
    PullNotApproved "pull_not_approved" at "start": "The build is not approved yet. It can be taken when it is.";
    PullNotOffered "pull_not_offered" at "start": "The build is not offered yet. From when on it is stands below.";
    PullProductionFirst "pull_production_first" at "start":
        "It is designated to move with its production, which does not run the build yet.";
    PullFailedInSandbox "pull_failed_in_sandbox" at "start":
        "The update failed in one of your sandboxes. Production can follow when it succeeded there.";
    PullUnplaced "pull_unplaced" at "start":
        "Its region has no station or no dark hours yet; the operator has to set them.";
    PullInThePast "pull_in_the_past" at "start": "This time has passed. Choose one of the nights offered.";
    PullOutsideDarkHours "pull_outside_dark_hours" at "start":
        "An update starts in the dark hours, with enough of the night left. Choose one of the nights offered.";
    PullNotAhead "pull_not_ahead" at "start": "Its own night comes no later than that. Choose an earlier one.";
    PullFrozen "pull_frozen" at "start": "A freeze holds that night. The first free night stands below.";
    DateMalformed "date_malformed" at "date": "Enter a date such as 2026-10-12, or leave it empty.";
    DatePassed "date_passed" at "date": "This date has passed. Enter one that is still to come.";
    DateTooFar "date_too_far" at "date": "Enter a date within the next two years.";
    DayUnknown "day_unknown" at "days": "Choose nights of the week from the list.";
    NotProduction "not_production" at "priority_batch":
        "Only production asks for priority-based batch scheduling. This environment is not production.";
    NotRegulated "not_regulated" at "reason": "Only a regulated customer can be exempt from quality updates.";
    EvidenceMissing "evidence_missing" at "evidence":
        "Name the document that proves it, such as a validation plan, or give its address.";
    EvidenceTooLong "evidence_too_long" at "evidence":
        "Shorten the evidence to 500 characters; a link to the document is enough.";
    LastDayMissing "last_day_missing" at "last_day": "Enter the last day of the exemption, such as 2026-12-31.";
    ExemptionOver "exemption_over" at "last_day": "It would be over already. Enter a later day.";
    ExemptionTooLong "exemption_too_long" at "last_day":
        "An exemption lasts at most 365 days; it can be asked for again before it ends.";
    ExemptionOpen "exemption_open" at "reason": "A request for this environment waits for a decision already.";
    ExemptionByAuthor "exemption_by_author": "You asked for this exemption. Somebody else has to decide about it.";
    ExemptionChanged "exemption_changed": "This request was changed meanwhile. Read it again, then decide.";
    ExemptionSettled "exemption_settled": "This was decided already, or it has ended. Nothing was changed.";
    ApproverIsEditor "approver_is_editor": "You edited this rollout. Somebody else has to approve its promotion.";
    StageMissing "stage_missing" at "stage": "Choose the station and audience that it is for.";
    PercentMalformed "percent_malformed" at "percent": "Enter a whole number from 0 to 100.";
    PercentLowered "percent_lowered" at "percent":
        "While the rollout runs a percentage can only be raised. To stop more from starting, halt it.";
    PercentUnchanged "percent_unchanged" at "percent": "It is that percentage already. Nothing was changed.";
    BuildNotApproved "build_not_approved":
        "This build is not approved. An approver has to approve it before it can start.";
    BuildApprovedAlready "build_approved_already": "This build is approved already. Nothing was changed.";
    BuildWithdrawnAlready "build_withdrawn_already": "This build is withdrawn already. Nothing was changed.";
    Unavailable "unavailable": "The server could not do this just now. Nothing was changed; try again in a moment.";
}

impl FormProblem {
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.code() == code)
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
        assert!(FormProblem::FindingTooLong.message().contains(&limit));
        let limit = format!("{REFERENCE_CHARS_MAX} characters");
        assert!(FormProblem::ReferenceTooLong.message().contains(&limit));
    }
}
