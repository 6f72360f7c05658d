use super::*;
use rstest::rstest;

const FAILURES: FailureEvidence = FailureEvidence {
    reported: 41,
    failed: 3,
    running: 0,
    one_in: 900,
    halts_at_one_in: 440,
    halts_at: Some(3),
    failures_min: 3,
};

#[rstest]
#[case(
    Verdict::Fail,
    Measure::Failures(FAILURES),
    "3 failures of 41 reports; a build as good as usual would do this 1 time in 900 (limit 440)"
)]
#[case(
    Verdict::Fail,
    Measure::PooledFailures(FailureEvidence { one_in: 1_000_000, ..FAILURES }),
    "3 failures of 41 reports in the whole rollout; a build as good as usual would do this 1 time in \
     1,000,000 or more (limit 440)"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Failures(FailureEvidence { failed: 2, reported: 3, ..FAILURES }),
    "2 failures of 3 reports; a build as good as usual would do this 1 time in 900, but fewer than 3 do not halt"
)]
#[case(
    Verdict::Pass,
    Measure::Failures(FailureEvidence { failed: 1, halts_at: Some(5), ..FAILURES }),
    "1 failure of 41 reports, 5 would halt"
)]
#[case(
    Verdict::Pass,
    Measure::Failures(FailureEvidence { failed: 1, reported: 1, halts_at: None, ..FAILURES }),
    "1 failure of 1 report"
)]
#[case(Verdict::Pass, Measure::Failures(FailureEvidence { failed: 0, ..FAILURES }), "no failure")]
#[case(
    Verdict::Pass,
    Measure::Successes { succeeded: 9, needed: 9, due: 11, accepted: 1 },
    "9 of 11 due succeeded, 9 needed; 1 earlier failure accepted by who resumed"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Coverage { covered_hours: 0, hours: 4, percent_min: 80 },
    "at least 80 % of the environments were heard in 0 of 4 hours"
)]
#[case(Verdict::NotEnoughEvidence, Measure::Age { minutes: None, max_minutes: 120 }, "no covered hour yet")]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Age { minutes: Some(150), max_minutes: 120 },
    "the newest covered hour ended 150 minutes ago, at most 120 may pass"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Errors { errors: 1, usage: 30, permille_max: 50, samples_min: 200 },
    "30 requests seen, 200 are needed to judge errors"
)]
#[case(
    Verdict::Fail,
    Measure::Errors { errors: 1_200, usage: 10_000, permille_max: 50, samples_min: 200 },
    "1,200 of 10,000 requests failed, at most 50 in 1,000 may"
)]
#[case(
    Verdict::Fail,
    Measure::Silence { silent_hours: 3, grace_hours: 2, usage: 4, baseline: 5_000, judged_hours: 9 },
    "usage is silent for 3 hours, 2 are waited for: 4 requests in an hour, 5,000 a week before"
)]
#[case(
    Verdict::Pass,
    Measure::Silence { silent_hours: 0, grace_hours: 2, usage: 0, baseline: 0, judged_hours: 0 },
    "too little usage a week before to judge silence"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Silence { silent_hours: 0, grace_hours: 2, usage: 0, baseline: 0, judged_hours: 0 },
    "too little usage a week before to judge silence, and none is heard now"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Bake { covered_hours: 5, needed_hours: 24, until: None, watched: true },
    "baked 5 of 24 hours, counted where telemetry covers them"
)]
#[case(
    Verdict::NotEnoughEvidence,
    Measure::Bake { covered_hours: 5, needed_hours: 24, until: None, watched: false },
    "baked 5 of 24 hours"
)]
fn each_finding_in_words(#[case] verdict: Verdict, #[case] measure: Measure, #[case] expected: &str) {
    assert_eq!(Finding { verdict, measure }.clause(), expected);
}

fn report(verdict: Verdict, findings: Vec<Finding>) -> GateReport {
    GateReport {
        verdict,
        due: 10,
        accepted: 0,
        succeeded: 9,
        succeeded_needed: 9,
        failed: 3,
        reported: 41,
        baked_at: None,
        findings,
    }
}

#[test]
fn a_report_leads_with_what_decides() {
    let finding = |verdict, measure| Finding { verdict, measure };
    let successes = finding(Verdict::Pass, Measure::Successes { succeeded: 9, needed: 9, due: 10, accepted: 0 });
    let calm = finding(Verdict::Pass, Measure::Failures(FailureEvidence { failed: 0, ..FAILURES }));
    let silent = Measure::Silence { silent_hours: 3, grace_hours: 2, usage: 4, baseline: 500, judged_hours: 9 };
    let old = finding(Verdict::NotEnoughEvidence, Measure::Age { minutes: None, max_minutes: 120 });
    let findings = vec![successes.clone(), calm.clone(), old.clone(), finding(Verdict::Fail, silent)];
    assert_eq!(
        report(Verdict::Fail, findings).sentence(),
        "Gate failed: usage is silent for 3 hours, 2 are waited for: 4 requests in an hour, 500 a week before; \
         9 of 10 due succeeded, 9 needed"
    );
    assert_eq!(
        report(Verdict::NotEnoughEvidence, vec![successes.clone(), calm.clone(), old]).sentence(),
        "Not enough evidence: 9 of 10 due succeeded, 9 needed; no failure; no covered hour yet"
    );
    let blind = finding(Verdict::Pass, Measure::NoTelemetry);
    assert_eq!(
        report(Verdict::Pass, vec![successes, calm, blind]).sentence(),
        "Gate passed: 9 of 10 due succeeded, 9 needed; no failure; no telemetry is looked at"
    );
    assert_eq!(GateReport { due: 0, ..report(Verdict::Pass, Vec::new()) }.sentence(), "Gate passed: nobody is aboard");
    assert_eq!(report(Verdict::Fail, Vec::new()).harm(), "3 failures of 41 reports");
}

#[rstest]
#[case(1, "1 time in 1")]
#[case(99, "1 time in 99")]
#[case(518, "1 time in 510")]
#[case(26_092, "1 time in 26,000")]
#[case(999_999, "1 time in 990,000")]
#[case(1_000_000, "1 time in 1,000,000 or more")]
fn rarity_is_rounded_down(#[case] one_in: u64, #[case] expected: &str) {
    assert_eq!(rarity(one_in), expected);
}

#[test]
fn the_whole_rollout_is_told_where_the_stage_does_not_decide() {
    let finding = |verdict, measure| Finding { verdict, measure };
    let pooled = || finding(Verdict::Fail, Measure::PooledFailures(FAILURES));
    let calm = finding(Verdict::Pass, Measure::Failures(FailureEvidence { failed: 0, ..FAILURES }));
    let both = report(Verdict::Fail, vec![finding(Verdict::Fail, Measure::Failures(FAILURES)), pooled()]);
    let alone = report(Verdict::Fail, vec![calm, pooled()]);
    let usual = "a build as good as usual would do this 1 time in 900 (limit 440)";
    assert_eq!(both.harm(), format!("3 failures of 41 reports; {usual}"));
    assert_eq!(alone.harm(), format!("3 failures of 41 reports in the whole rollout; {usual}"));
}
