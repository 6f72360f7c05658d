//! The planner's storybook. Each `scripts/*.txt` tells what a fleet is and what people do; the snapshot beside it is
//! what the planner did and said. The world around the planner is played by `world.rs`: it applies a plan through the
//! state machines, lets updates take their time, and checks the safety rules after each tick.

#![expect(clippy::unwrap_used, reason = "a story that cannot be told is a failed test")]

mod chance;
mod script;
mod world;

use rstest::rstest;

#[rstest]
#[case("a_train_goes_round")]
#[case("production_without_priority_batch_is_skipped")]
#[case("exempt_and_unplaced_environments")]
#[case("already_there_is_not_skipped")]
#[case("a_sandbox_with_production")]
#[case("designated_but_ahead")]
#[case("designated_and_behind")]
#[case("the_gap_decides_the_night")]
#[case("a_late_sandbox_moves_production")]
#[case("a_sandbox_that_missed_its_night_goes_first")]
#[case("a_halted_station_keeps_production_behind_its_sandbox")]
#[case("approval_is_late")]
#[case("approval_is_weeks_late")]
#[case("a_regression_halts")]
#[case("a_regression_across_stages_halts")]
#[case("harm_after_a_stage_passed_halts")]
#[case("a_window_that_suits_nobody")]
#[case("resuming_twice_heals_nothing")]
#[case("the_only_one_fails")]
#[case("a_person_halts_and_resumes")]
#[case("a_halt_outlasts_the_night")]
#[case("a_halt_outlasts_the_window")]
#[case("a_halt_of_the_build_stops_the_rollout")]
#[case("changed_hours_move_the_night")]
#[case("another_service_update_is_skipped")]
#[case("a_choice_counts_from_the_next_train")]
#[case("who_moves_with_production_stays_with_it")]
#[case("caps_spread_a_night")]
#[case("caps_are_shared_between_rollouts")]
#[case("who_opted_in_early_goes_first")]
#[case("a_failed_attempt_gets_a_second_night")]
#[case("a_failure_counts_until_a_person_resumes")]
#[case("too_little_evidence_holds")]
#[case("started_late_keeps_the_notice")]
#[case("chosen_weekdays")]
#[case("half_the_sandboxes_take_part")]
#[case("a_ramp_is_raised")]
#[case("nobody_in_the_share_proves_nothing")]
#[case("an_edit_voids_approvals")]
#[case("a_disabled_approver_counts_no_more")]
#[case("a_withdrawn_build_is_not_offered")]
#[case("a_plan_is_previewed")]
#[case("a_plan_names_its_conflicts")]
#[case("the_monthly_cadence")]
#[case("a_freeze_without_end")]
#[case("what_lacks_evidence_is_watched")]
#[case("each_rule_that_holds_is_named")]
#[case("a_freeze_always_wins")]
#[case("a_freeze_ends_where_the_next_night_begins")]
#[case("a_lifted_freeze_brings_nights_back")]
#[case("one_customer_is_halted")]
#[case("a_station_is_halted")]
#[case("everything_is_halted")]
#[case("a_failed_attempt_of_a_halted_customer")]
#[case("a_failed_sandbox_holds_production")]
#[case("a_failure_outlasts_its_sandbox")]
#[case("a_service_update_is_due")]
#[case("an_emergency_shortens_the_bake")]
#[case("an_emergency_keeps_a_red_gate_red")]
#[case("an_emergency_ends_by_itself")]
#[case("an_emergency_overrides_the_freeze_it_names")]
#[case("an_emergency_brings_nights_forward")]
#[case("an_emergency_waits_for_no_published_window")]
#[case("an_emergency_that_ends_gives_its_nights_back")]
#[case("an_emergency_follows_what_happens")]
#[case("a_rollback_goes_back")]
#[case("a_rollback_leaves_nobody_behind")]
#[case("production_goes_back_and_is_waited_for")]
#[case("what_was_taken_back_proves_nothing")]
#[case("what_was_taken_ahead_goes_back")]
#[case("taken_ahead")]
#[case("taken_ahead_and_kept_back")]
#[case("the_gap_holds_after_taking_ahead")]
#[case("another_train_has_the_night")]
#[case("what_is_there_no_more_is_updated")]
#[case("failures_ahead_of_every_stage_halt")]
#[case("nights_too_short_for_an_update")]
#[case("announced_no_later_than_the_notice_asks")]
#[case("resuming_proves_nothing")]
#[case("caps_put_off_the_last_night")]
fn story(#[case] name: &str) {
    let path = format!("{}/tests/rollout_stories/scripts/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, script::tell(&text));
    });
}

#[test]
fn every_script_is_told() {
    let told = include_str!("main.rs");
    let folder = format!("{}/tests/rollout_stories/scripts", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        assert!(told.contains(&format!("#[case(\"{name}\")]")), "{name}.txt is not in the list of stories");
    }
}
