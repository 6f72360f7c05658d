//! A stage of one success that passes after a day: by what was heard, and not otherwise.

use super::*;
use crate::invariants::scene::{Scene, id, succeeded};
use chrono::TimeDelta;
use domain::health::telemetry::UncheckedSample;

const BAKE: i64 = 6;

/// The sandbox (2) was delivered; the others take no part. Its stage passes `hours` after the first whole hour.
fn scene(hours: i64) -> (Scene, Hour) {
    let mut scene = Scene::new();
    scene.update(2).state = succeeded("2026-10-06");
    scene.update(3).state = UpdateState::Planned;
    let UpdateState::Succeeded { finished_at, .. } = scene.update(2).state else { unreachable!() };
    let first = Hour::from(finished_at);
    let passed_at = first.plus(hours).start();
    scene.whole().rollout.policy.gate.bake_hours = u16::try_from(BAKE).unwrap();
    scene.whole().rollout.policy.gate.telemetry =
        Some(TelemetryPolicy { samples_min: 300, ..TelemetryPolicy::DEFAULT });
    let opened_at = finished_at - TimeDelta::hours(3);
    scene.stage(0, StageState::Passed { opened_at, passed_at });
    (scene, first)
}

/// Usage, errors of each hour; `None`: not said.
fn said(
    scene: &Scene,
    first: Hour,
    hours: impl IntoIterator<Item = Option<(u64, u64)>>,
    before: u64,
) -> Vec<&'static str> {
    let mut book = Book::default();
    let sample = |hour: Hour, usage, errors| UncheckedSample {
        environment: EnvironmentId::new(id(2)),
        from: hour.start(),
        to: hour.end(),
        usage,
        errors,
        source: "test".into(),
    };
    for (place, heard) in (0..).zip(hours) {
        let hour = first.plus(place);
        if let Some((usage, errors)) = heard {
            book.note(&sample(hour, usage, errors), Some(first.start()));
        }
        if before > 0 {
            book.note(&sample(hour.plus(-WEEK), before, 0), Some(first.start()));
        }
    }
    let mut found = Vec::new();
    check(&scene.seen, &scene.step, &book, &mut found);
    found.into_iter().map(|found| found.invariant).collect()
}

const HEARD: Option<(u64, u64)> = Some((100, 1));
const SILENT: Option<(u64, u64)> = Some((0, 0));

#[test]
fn a_stage_passes_by_what_was_heard() {
    const BAD: Option<(u64, u64)> = Some((100, 51));
    const FEW: Option<(u64, u64)> = Some((30, 0));
    const MANY: Option<(u64, u64)> = Some((400, 1));
    let (scene, first) = scene(8);
    for (name, hours, before, holds) in [
        ("all heard", [HEARD; 8], 0, true),
        ("five hours are no six", [HEARD, HEARD, HEARD, None, None, HEARD, None, HEARD], 0, false),
        ("two may be missed", [HEARD, HEARD, None, HEARD, HEARD, None, HEARD, HEARD], 0, true),
        ("nothing of late", [HEARD, HEARD, HEARD, HEARD, HEARD, None, None, None], 0, false),
        ("too few requests", [FEW; 8], 0, false),
        ("too many errors", [BAD; 8], 0, false),
        ("as a week before", [HEARD; 8], 900, true),
        ("less than a tenth of a week before", [HEARD; 8], 1_100, false),
        ("silent at last", [HEARD, HEARD, HEARD, HEARD, HEARD, HEARD, SILENT, SILENT], 500, true),
        ("silent for long", [HEARD, HEARD, HEARD, HEARD, HEARD, SILENT, SILENT, SILENT], 500, false),
        ("unused since", [MANY, MANY, SILENT, SILENT, SILENT, SILENT, SILENT, SILENT], 0, false),
        (
            "unused, and nobody knows of a week before",
            [MANY, MANY, MANY, MANY, HEARD, SILENT, SILENT, SILENT],
            50,
            false,
        ),
        ("used again", [MANY, SILENT, SILENT, SILENT, SILENT, SILENT, SILENT, HEARD], 0, true),
    ] {
        assert_eq!(said(&scene, first, hours, before).is_empty(), holds, "{name}");
    }
}

#[test]
fn who_resumed_has_seen_the_errors_before() {
    let (mut scene, first) = scene(8);
    let bad = Some((100, 90));
    let hours = [bad, bad, bad, HEARD, HEARD, HEARD, HEARD, HEARD];
    assert_eq!(said(&scene, first, hours, 0), ["I2"]);
    let RolloutState::Running { started_at, started_by, .. } = scene.whole().rollout.state else { unreachable!() };
    let resumed_at = Some(first.plus(2).start() + TimeDelta::minutes(20));
    scene.whole().rollout.state = RolloutState::Running { started_at, started_by, resumed_at };
    assert_eq!(said(&scene, first, hours, 0), [""; 0]);
}

#[test]
fn without_telemetry_nothing_is_asked() {
    let (mut scene, first) = scene(8);
    assert_eq!(said(&scene, first, [None; 8], 0), ["I2"]);
    scene.whole().rollout.policy.gate.telemetry = None;
    assert_eq!(said(&scene, first, [None; 8], 0), [""; 0]);
}

/// The sandboxes passed a day and more ago; production starts, and much failed of late.
#[test]
fn nothing_starts_where_a_stage_that_passed_fails() {
    const BAD: Option<(u64, u64)> = Some((100, 30));
    for (name, of_late, passed, samples_min, holds) in [
        ("all is well", HEARD, true, 300, true),
        ("much fails", BAD, true, 300, false),
        ("much of little", BAD, true, 3_000, true),
        ("the stage has just passed", BAD, false, 300, true),
    ] {
        let (mut scene, first) = scene(8);
        let now = first.plus(40).start();
        if passed {
            scene.step.rollouts_before.clear();
        }
        if let Some(telemetry) = &mut scene.whole().rollout.policy.gate.telemetry {
            telemetry.samples_min = samples_min;
        }
        scene.step.words[0].at = now;
        let hours = (0..40).map(|hour| if hour < 20 { HEARD } else { of_late });
        let found = said(&scene, first, hours, 0);
        assert_eq!(!found.contains(&"H1"), holds, "{name}: {found:?}");
    }
}
