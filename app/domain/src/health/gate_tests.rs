use super::*;
use crate::health::policy::TelemetryPolicy;
use crate::health::sequential::Settled;
use crate::health::telemetry::{Hour, StageHour};
use rstest::rstest;

const POLICY: GatePolicy = GatePolicy::DEFAULT;
const WATCHED: GatePolicy = GatePolicy { telemetry: Some(TelemetryPolicy::DEFAULT), ..POLICY };

fn after(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_006_400 + minutes * 60, 0).unwrap()
}

fn counts(reported: u32, failed: u32, running: u32) -> ReportCounts {
    ReportCounts { reported, failed, running, settled: Settled::default() }
}

/// The needed successes were in at minute 0.
fn evidence(due: u32, succeeded: u32, failed: u32) -> StageEvidence {
    let needed_success_at = (succeeded >= POLICY.needed(due, 0)).then(|| after(0));
    let reports = counts(succeeded + failed, failed, 0);
    StageEvidence { due, succeeded, needed_success_at, reports, stages: 11, ..StageEvidence::default() }
}

fn verdict(evidence: &StageEvidence) -> Verdict {
    POLICY.judge(evidence, after(24 * 60)).verdict
}

#[test]
fn what_runs_counts_as_not_failed() {
    let running = |running, failed| {
        let reports = counts(11, failed, running);
        verdict(&StageEvidence { reports, ..evidence(53, 8, 3) })
    };
    assert_eq!(running(0, 3), Verdict::Fail);
    assert_eq!(running(20, 3), Verdict::NotEnoughEvidence);
    assert_eq!(running(20, 5), Verdict::Fail);
}

#[test]
fn what_is_settled_is_not_diluted_by_what_runs() {
    let judged = |settled| {
        let reports = ReportCounts { settled, ..counts(11, 3, 20) };
        verdict(&StageEvidence { reports, ..evidence(53, 8, 3) })
    };
    assert_eq!(judged(Settled { reported: 10, failed: 3 }), Verdict::Fail);
    assert_eq!(judged(Settled { reported: 10, failed: 1 }), Verdict::NotEnoughEvidence);
    assert_eq!(judged(Settled::default()), Verdict::NotEnoughEvidence);
}

#[rstest]
#[case::nobody_due(0, 0, 0, Verdict::Pass)]
#[case::silence(10, 0, 0, Verdict::NotEnoughEvidence)]
#[case::nearly(10, 8, 0, Verdict::NotEnoughEvidence)]
#[case::enough(10, 9, 1, Verdict::Pass)]
#[case::share_rounds_up(11, 9, 0, Verdict::NotEnoughEvidence)]
#[case::one_of_one_failed(1, 0, 1, Verdict::NotEnoughEvidence)]
#[case::two_failures_are_few(10, 5, 2, Verdict::NotEnoughEvidence)]
#[case::three_of_ten(10, 7, 3, Verdict::Fail)]
#[case::three_of_forty(40, 37, 3, Verdict::Pass)]
#[case::five_of_forty(40, 36, 5, Verdict::Fail)]
fn verdicts(#[case] due: u32, #[case] succeeded: u32, #[case] failed: u32, #[case] expected: Verdict) {
    assert_eq!(verdict(&evidence(due, succeeded, failed)), expected);
}

#[test]
fn two_failures_of_two_hold_even_where_enough_succeeded() {
    // both failures are of environments that were not due
    let few = StageEvidence { reports: counts(3, 2, 0), ..evidence(1, 1, 0) };
    let report = POLICY.judge(&few, after(24 * 60));
    assert_eq!((report.verdict, report.findings[1].verdict), (Verdict::NotEnoughEvidence, Verdict::NotEnoughEvidence));
}

#[rstest]
#[case::few_stay_behind(10, 2, 8, Verdict::Pass)]
#[case::nearly(10, 2, 7, Verdict::NotEnoughEvidence)]
#[case::half_is_the_least(10, 5, 5, Verdict::Pass)]
#[case::most_failed(10, 8, 2, Verdict::NotEnoughEvidence)]
#[case::all_failed(10, 10, 0, Verdict::NotEnoughEvidence)]
#[case::the_only_one_failed(1, 1, 0, Verdict::NotEnoughEvidence)]
fn what_was_accepted_is_no_success(
    #[case] due: u32,
    #[case] accepted: u32,
    #[case] succeeded: u32,
    #[case] expected: Verdict,
) {
    let needed_success_at = (succeeded >= POLICY.needed(due, accepted)).then(|| after(0));
    let evidence = StageEvidence { accepted, needed_success_at, ..evidence(due, succeeded, 0) };
    assert_eq!(verdict(&evidence), expected);
}

#[test]
fn bake_counts_from_the_last_needed_success() {
    let report = |minutes| POLICY.judge(&evidence(10, 10, 0), after(minutes));
    let until = Some(after(24 * 60));
    assert_eq!((report(0).verdict, report(0).bakes_until()), (Verdict::NotEnoughEvidence, until));
    assert_eq!((report(1439).verdict, report(1439).baked_at), (Verdict::NotEnoughEvidence, until));
    assert_eq!((report(1440).verdict, report(1440).bakes_until()), (Verdict::Pass, None));
    let short = POLICY.judge(&evidence(10, 8, 0), after(1440));
    assert_eq!((short.baked_at, short.bakes_until()), (None, None));
}

#[test]
fn the_whole_rollout_can_fail_where_the_stage_does_not() {
    let rollout = Some(counts(300, 12, 0));
    let report = POLICY.judge(&StageEvidence { rollout, ..evidence(100, 98, 2) }, after(1440));
    assert_eq!((report.verdict, report.fails_itself()), (Verdict::Fail, false));
    assert!(matches!(
        report.findings[2],
        Finding { verdict: Verdict::Fail, measure: Measure::PooledFailures(FailureEvidence { failed: 12, .. }) }
    ));
    assert!(POLICY.judge(&evidence(10, 7, 3), after(1440)).fails_itself());
}

#[test]
fn levels_are_half_and_half() {
    assert_eq!((POLICY.pooled_level().one_in(), POLICY.stage_level(11).one_in()), (40, 440));
}

fn first() -> Hour {
    Hour::of(after(0))
}

fn heard(hours: u8, change: impl Fn(&mut StageHour)) -> StageTelemetry {
    let hours = (0..hours).map(|n| {
        let mut hour = StageHour {
            hour: first().plus(n.into()),
            expected: 10,
            reporting: 10,
            usage: 500,
            baseline: 500,
            errors: 0,
        };
        change(&mut hour);
        hour
    });
    StageTelemetry { hours: hours.collect() }
}

#[rstest]
#[case::all_covered(Some(heard(24, |_| {})), Verdict::Pass)]
#[case::never_heard(None, Verdict::NotEnoughEvidence)]
#[case::too_few_heard(Some(heard(24, |hour| hour.reporting = 7)), Verdict::NotEnoughEvidence)]
#[case::one_hour_short(Some(heard(23, |_| {})), Verdict::NotEnoughEvidence)]
#[case::errors(Some(heard(24, |hour| hour.errors = 26)), Verdict::Fail)]
#[case::silent(Some(heard(24, |hour| hour.usage = 10)), Verdict::Fail)]
fn elapsed_time_is_no_bake_where_telemetry_is_asked_for(
    #[case] telemetry: Option<StageTelemetry>,
    #[case] expected: Verdict,
) {
    let evidence = StageEvidence { telemetry, ..evidence(10, 10, 0) };
    assert_eq!(WATCHED.judge(&evidence, after(24 * 60)).verdict, expected);
    // and without telemetry none of it is looked at, and the report says so
    let blind = POLICY.judge(&evidence, after(24 * 60));
    assert_eq!(blind.verdict, Verdict::Pass);
    assert!(blind.findings.iter().any(|finding| finding.measure == Measure::NoTelemetry));
}

/// It passed after a day. Then it bakes no shorter, and what it says is no older; what it does is looked at.
#[rstest]
#[case::nothing_more_is_heard(heard(24, |_| {}), Verdict::Pass)]
#[case::calm(heard(72, |_| {}), Verdict::Pass)]
#[case::an_hour_of_errors_in_the_last_day(
    heard(72, |hour| hour.errors = if hour.hour >= first().plus(60) { 60 } else { 0 }), Verdict::Fail)]
#[case::silent_since(heard(72, |hour| if hour.hour >= first().plus(68) { hour.usage = 0 }), Verdict::Fail)]
#[case::silent_within_its_grace(
    heard(72, |hour| if hour.hour >= first().plus(71) { hour.usage = 0 }), Verdict::NotEnoughEvidence)]
fn what_passed_is_looked_at_for_harm(#[case] telemetry: StageTelemetry, #[case] expected: Verdict) {
    let evidence = StageEvidence { telemetry: Some(telemetry), ..evidence(10, 10, 0) };
    let passed_at = Some(after(24 * 60));
    let report = WATCHED.judge(&StageEvidence { passed_at, ..evidence.clone() }, after(72 * 60));
    assert_eq!(report.verdict, expected, "{report:?}");
    let waited_for =
        |measure: &Measure| matches!(measure, Measure::Coverage { .. } | Measure::Age { .. } | Measure::Bake { .. });
    let before = WATCHED.judge(&evidence, after(24 * 60));
    let of_then = |report: &GateReport| {
        report.findings.iter().filter(|finding| waited_for(&finding.measure)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_then(&report), of_then(&before));
    // Who resumes has seen it, as at any other gate.
    let resumed_at = Some(after(72 * 60));
    let seen = WATCHED.judge(&StageEvidence { resumed_at, passed_at, ..evidence }, after(72 * 60));
    assert_ne!(seen.verdict, Verdict::Fail, "{seen:?}");
}

#[test]
fn a_report_stored_before_findings_can_be_read() {
    let older = r#"{"verdict":"fail","due":10,"accepted":0,"succeeded":6,"succeeded_needed":9,"failed":4,"reported":10,
        "failures_percent_max":10,"baked_at":null}"#;
    let report: GateReport = serde_json::from_str(older).unwrap();
    assert_eq!((report.failed, report.findings.len()), (4, 0));
    let report = WATCHED.judge(&evidence(10, 10, 0), after(60));
    assert_eq!(serde_json::from_str::<GateReport>(&serde_json::to_string(&report).unwrap()).unwrap(), report);
}

#[test]
fn no_counts_overflow() {
    let settled = Settled { reported: u32::MAX, failed: u32::MAX };
    let most = ReportCounts { reported: u32::MAX, failed: u32::MAX, running: u32::MAX, settled };
    let evidence = StageEvidence {
        due: u32::MAX,
        accepted: u32::MAX,
        succeeded: u32::MAX,
        needed_success_at: Some(DateTime::<Utc>::MAX_UTC),
        reports: most,
        rollout: Some(most),
        stages: u16::MAX,
        resumed_at: None,
        passed_at: None,
        telemetry: Some(heard(1, |hour| (hour.usage, hour.baseline, hour.errors) = (u64::MAX, u64::MAX, u64::MAX))),
    };
    assert_eq!(WATCHED.judge(&evidence, after(0)).verdict, Verdict::Fail);
    assert_eq!(POLICY.judge(&evidence, after(0)).verdict, Verdict::Fail);
}
