//! Mistakes that are built in on purpose, to see that the simulator finds them. Only under the feature `planted`, which
//! nothing but the simulator's tests turns on, and inert until a test names one for its own thread.
//!
//! A mistake that only the store can make is asked for where the right thing would be done; those of the engine are in
//! `services::planted`.

use std::cell::Cell;

/// Every mistake. What is not listed cannot be planted, and what is listed is in the list of the simulator's test.
pub const MISTAKES: &[&str] = &[
    "abandoned-way-back-goes-on",
    "announcements-are-dropped",
    "announces-a-week-early",
    "announces-the-next-day",
    "applied-taken-for-healthy",
    "approval-ignored",
    "attempt-not-counted",
    "attempts-without-bound",
    "audit-missing",
    "bake-ignored",
    "build-not-compared",
    "build-not-halted",
    "build-not-noted",
    "busy-elsewhere-ignored",
    "cap-of-customer-off-by-one",
    "cap-of-region-off-by-one",
    "cap-of-rollout-off-by-one",
    "chosen-days-ignored",
    "completes-early",
    "counter-drifts",
    "dark-hours-guessed",
    "dark-hours-of-another-zone",
    "delivery-not-told",
    "duration-ignored",
    "early-not-first",
    "emergency-by-one",
    "emergency-drops-the-bake",
    "emergency-never-ends",
    "emergency-thaws-everything",
    "enrols-in-another-station",
    "event-missing",
    "exemption-ignored",
    "exemption-never-ends",
    "exemption-not-noted",
    "exemption-reminder-forgotten",
    "failure-taken-for-success",
    "follower-not-kept-back",
    "forgets-some-to-enrol",
    "freeze-of-cloud-ignored",
    "freeze-of-customer-ignored",
    "freeze-of-environment-ignored",
    "freeze-of-everybody-ignored",
    "freeze-of-region-ignored",
    "gap-ignored",
    "halt-ignored",
    "halt-of-customer-ignored",
    "halt-of-station-ignored",
    "halts-for-nothing",
    "harm-not-halted",
    "letter-twice",
    "mailing-forgotten",
    "missed-night-not-moved",
    "move-not-announced",
    "moves-for-nothing",
    "never-completes",
    "never-passes",
    "never-reopened",
    "never-tried-again",
    "newer-sandbox-follows",
    "notice-a-day-short",
    "notice-ignored",
    "one-attempt-too-many",
    "opens-before-its-window",
    "order-for-another-night",
    "order-for-lower-build",
    "participation-ignored",
    "parts-never-assigned",
    "place-not-told",
    "priority-batch-ignored",
    "pull-counts-as-push",
    "pull-not-restored",
    "pull-of-strangers",
    "recovery-by-its-author",
    "recovery-lifts-the-halt",
    "red-verdict-ignored",
    "resumes-by-itself",
    "retries-the-same-night",
    "rollback-ignores-schema",
    "running-not-counted",
    "sandboxes-not-awaited",
    "satisfied-counted-as-skipped",
    "service-update-due-ignored",
    "stage-before-not-awaited",
    "stage-never-opens",
    "starter-may-approve",
    "starts-are-dropped",
    "starts-before-the-night",
    "station-guessed",
    "unknown-verdict-passes",
    "wake-never-set",
    "weekdays-for-production",
    "withdrawal-ignored",
    "withdrawal-unseen-at-last",
];

thread_local! {
    static ACTIVE: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Makes one mistake on this thread from now on, or none.
pub fn plant(mistake: Option<&'static str>) {
    ACTIVE.set(mistake);
}

/// Whether this thread makes it.
///
/// # Panics
/// Where the mistake is not listed.
pub fn is(mistake: &str) -> bool {
    assert!(MISTAKES.contains(&mistake), "{mistake} is not listed");
    ACTIVE.get() == Some(mistake)
}

/// The mistake that is made.
pub fn active() -> Option<&'static str> {
    ACTIVE.get()
}
