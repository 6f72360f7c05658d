//! An anytime-valid test of "the failure rate is at most the baseline": it may be looked at after every report.
//!
//! **Null hypothesis** (composite, one-sided). Number the environments in the order in which their first attempts
//! *start*; `X_i = 1` where the attempt fails. Given what came before in that order, each fails with probability at
//! most `p0` (the baseline). The probabilities may differ and drift below `p0`, and need not be independent.
//!
//! **Method.** A test martingale by mixture: for a fixed set of alternatives `q_j > p0` with weights `w_j`,
//! `E_n = Σ_j w_j · (q_j/p0)^F_n · ((1−q_j)/(1−p0))^(n−F_n)`, where `F_n` is the number of failures among the first
//! `n`. Each factor has expectation `1 + (p − p0)(q/p0 − (1−q)/(1−p0)) ≤ 1` for every `p ≤ p0`, so `E` is a
//! nonnegative supermartingale that begins at 1, and by Ville's inequality
//! `P(E_n ≥ 1/α for some n) ≤ α`, however often and whenever one looks. The alternatives are odds multiplied by
//! `m = √2, 2, 2√2, … 256`, equally weighted: with `m`, `ln(q/p0) = ln m − ln(1+(m−1)p0)` and
//! `ln((1−q)/(1−p0)) = −ln(1+(m−1)p0)`, hence `ln E = logsumexp_j(F·ln m_j − n·ln(1+(m_j−1)p0)) − ln 16`.
//! The mixture costs at most ln 16 = 2.8 nats against knowing the true rate, and asks nobody to guess it.
//!
//! **Counts suffice**: `E_n` depends on `n` and `F_n` alone, so two maintained numbers are the whole state.
//!
//! **Updates in flight.** A failure is known sooner than a success, so reports in the order of their arrival are no
//! fair sample: 200 updates that start together show their failures first. Two numbers are looked at, both sound:
//! - *everything started*, what runs counted as not failed. `E` falls with each non-failure and rises with each failure,
//!   so the number that is computed is at most `E_n` for `n` = everything started;
//! - *what is settled*: those that started before the oldest one that still runs. They are the first `k` in the order of
//!   starts, all with their outcome, so the number is `E_k` itself (`k` may depend on what is known: the bound holds for
//!   all `k` at once). It lags behind, but no update in flight dilutes it.
//!
//! The larger of the two is the evidence; as Ville's inequality bounds all `E_n` together, looking at both costs nothing.
//! A failure may be missing in either (mended later, or its start is not known): a trial that failed and is left out, or
//! counted as not failed, only lowers `E`. A trial that did *not* fail must not be left out. The settled counts of
//! several stages do not add up to those of the rollout: a union of beginnings is no beginning.
//!
//! **Level.** A rollout is looked at as a whole and stage by stage. The whole takes half of the level `α`, each of `s`
//! stages `α/2s`; the chances of a false halt add up to at most `α/2 + s·α/2s = α` for the rollout.
//!
//! **Resume.** A person who resumes has accepted what was known. Both counts begin anew: reports from then on, with
//! what was still running. The guarantee then holds for each run between two resumes: after `r` resumes a healthy
//! rollout has halted falsely with probability at most `(r+1)·α`. What runs at the resume is counted as if it began
//! then; it has survived for a while, which makes it at most less likely to fail as long as failures come early. An
//! environment whose accepted failure is tried again counts as a new start; it is likelier to fail than others, and the
//! guarantee does not cover it: a build that fails where it failed before halts again, and is meant to.
//!
//! **What is not claimed.** `E` is not monotone in time: later successes lower it, and only the rollout's own halted
//! state keeps a halt. An environment counted twice voids the guarantee. A rate that is above the baseline for some
//! environments is outside the null even where the average is below it; a halt is then no false one.
//!
//! Sources: Wald, "Sequential tests of statistical hypotheses", Ann. Math. Stat. 16 (1945); Robbins, "Statistical
//! methods related to the law of the iterated logarithm", Ann. Math. Stat. 41 (1970), for the mixture; Ville, "Étude
//! critique de la notion de collectif" (1939); Howard, Ramdas, `McAuliffe`, Sekhon, "Time-uniform, nonparametric,
//! nonasymptotic confidence sequences", Ann. Stat. 49 (2021); Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic
//! statistics and safe anytime-valid inference", Stat. Sci. 38 (2023).
//!
//! **Numbers.** Sums of logarithms only: no product, no overflow, no NaN for any `u32` counts. `ln`, `ln_1p` and `exp`
//! may differ in the last bit between platforms: under 1e-6 nats at 10^7 reports. Evidence is rounded down to 1e-6
//! nats, so two platforms decide alike but for a value within that of a threshold.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Odds multiplied by √2 to 2^8: from 1.4 % to 72 % where the baseline is 1 %.
const ALTERNATIVES: usize = 16;
const MULTIPLIERS_PER_DOUBLING: f64 = 2.0;
/// Evidence is kept in millionths of a nat.
const MICRO: f64 = 1e6;
/// What is rarer is not told apart.
pub const ONE_IN_MAX: u64 = 1_000_000;
/// e^14 > 10^6.
const NATS_OF_ONE_IN_MAX: f64 = 14.0;

/// What is known of an environment's first attempt since the last resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Running,
    Succeeded,
    /// And nothing mended it since.
    Failed,
}

/// First attempts of environments, each counted once, since the last resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReportCounts {
    /// Reported success or failure.
    pub reported: u32,
    /// Of the reported: failed, and nothing mended it since.
    pub failed: u32,
    /// Started, nothing reported yet.
    pub running: u32,
    /// Of the reported: started before the oldest that still runs. Zeros are sound, and slower.
    pub settled: Settled,
}

/// Those that started before the oldest one that still runs; all reported where none runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settled {
    pub reported: u32,
    pub failed: u32,
}

impl ReportCounts {
    /// Counts attempts: when each started and what came of it. A database counts the same.
    pub fn of(attempts: &[(DateTime<Utc>, Outcome)]) -> Self {
        let oldest = attempts.iter().filter(|(_, outcome)| *outcome == Outcome::Running).map(|(at, _)| *at).min();
        let mut counts = Self::default();
        for (started_at, outcome) in attempts {
            if *outcome == Outcome::Running {
                counts.running = counts.running.saturating_add(1);
                continue;
            }
            let failed = u32::from(*outcome == Outcome::Failed);
            counts.reported = counts.reported.saturating_add(1);
            counts.failed = counts.failed.saturating_add(failed);
            // Those that started together with the oldest are left out, whatever came of them.
            if oldest.is_none_or(|oldest| *started_at < oldest) {
                counts.settled.reported = counts.settled.reported.saturating_add(1);
                counts.settled.failed = counts.settled.failed.saturating_add(failed);
            }
        }
        counts
    }

    /// What runs counts as not failed.
    pub const fn started(self) -> u32 {
        self.reported.saturating_add(self.running)
    }

    /// The two beginnings of the order of starts that are looked at: how many, and how many of them failed.
    pub const fn looks(self) -> [(u32, u32); 2] {
        [(self.started(), self.failed), (self.settled.reported, self.settled.failed)]
    }
}

/// The most often that a healthy build may be stopped by one test: `permille / 1000 / parts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    permille: u16,
    parts: u32,
}

impl Level {
    /// `permille` split evenly over `parts`; both at least 1.
    pub fn new(permille: u16, parts: u32) -> Self {
        Self { permille: permille.max(1), parts: parts.max(1) }
    }

    /// `40` for a level of 2.5 %; rounded up.
    pub fn one_in(self) -> u64 {
        (u64::from(self.parts) * 1000).div_ceil(self.permille.into())
    }

    /// ln(1/α)
    fn nats(self) -> f64 {
        (f64::from(self.parts) * 1000.0 / f64::from(self.permille)).ln()
    }
}

/// `ln E` in millionths of a nat. More is stronger evidence against "as good as usual".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence(i64);

impl Evidence {
    fn of_nats(nats: f64) -> Self {
        Self(whole(nats * MICRO))
    }

    /// By Ville's inequality a healthy build reaches this at any time at most 1 time in so many; 1 = nothing unusual.
    /// At most 1,000,000.
    pub fn one_in(self) -> u64 {
        let nats = Self::in_nats(self.0.max(0)).min(NATS_OF_ONE_IN_MAX);
        u64::try_from(whole(nats.exp())).unwrap_or(ONE_IN_MAX).min(ONE_IN_MAX)
    }

    pub fn rejects(self, level: Level) -> bool {
        self >= Self::of_nats(level.nats())
    }

    #[expect(clippy::cast_precision_loss, reason = "only the first 14 nats matter")]
    fn in_nats(micro: i64) -> f64 {
        micro as f64 / MICRO
    }
}

/// Rounded down. The largest here is 2^32 reports × 6 nats × 10^6 = 2.6e16 < 2^63.
#[expect(clippy::cast_possible_truncation, reason = "no standard conversion exists; the bound is above")]
fn whole(number: f64) -> i64 {
    number.floor() as i64
}

/// The test for one baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureTest {
    /// Per alternative: nats that a failure adds, nats that each start takes away.
    alternatives: [(f64, f64); ALTERNATIVES],
}

impl FailureTest {
    /// `baseline_permille`: the failure rate of a build as good as usual; taken as 1 to 999.
    pub fn new(baseline_permille: u16) -> Self {
        let baseline = f64::from(baseline_permille.clamp(1, 999)) / 1000.0;
        let mut doublings = 0.0;
        let alternatives = [(); ALTERNATIVES].map(|()| {
            doublings += 1.0 / MULTIPLIERS_PER_DOUBLING;
            let multiplier = f64::exp2(doublings);
            (multiplier.ln(), ((multiplier - 1.0) * baseline).ln_1p())
        });
        Self { alternatives }
    }

    /// The evidence of `failed` failures among `started`; more failures than starts are taken as all failed.
    pub fn evidence(&self, started: u32, failed: u32) -> Evidence {
        let (n, f) = (f64::from(started), f64::from(failed.min(started)));
        let nats = self.alternatives.map(|(up, down)| f * up - n * down);
        let most = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // The largest term is e^0 = 1, so the sum is between 1 and 16.
        let sum: f64 = nats.iter().map(|nat| (nat - most).exp()).sum();
        Evidence::of_nats(most + sum.ln() - (16.0_f64).ln())
    }

    /// The larger evidence of both looks.
    pub fn strongest(&self, counts: ReportCounts) -> Evidence {
        let [all, settled] = counts.looks().map(|(started, failed)| self.evidence(started, failed));
        all.max(settled)
    }

    /// The fewest failures among `started` that reject at this level; `None` where even all of them do not.
    pub fn rejects_from(&self, started: u32, level: Level) -> Option<u32> {
        let rejects = |failed| self.evidence(started, failed).rejects(level);
        // Evidence rises with failures: the answer is in least..=most.
        let (mut least, mut most) = (0, started);
        if !rejects(most) {
            return None;
        }
        while least < most {
            let middle = least.midpoint(most);
            if rejects(middle) {
                most = middle;
            } else {
                least = middle + 1;
            }
        }
        Some(least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn one_in(started: u32, failed: u32) -> u64 {
        FailureTest::new(10).evidence(started, failed).one_in()
    }

    /// The product form of the module docs, term by term: an oracle for small counts.
    fn by_products(p0: f64, started: i32, failed: i32) -> f64 {
        let term = |j: i32| {
            let odds = 2_f64.powf(f64::from(j) / 2.0) * p0 / (1.0 - p0);
            let q = odds / (1.0 + odds);
            (q / p0).powi(failed) * ((1.0 - q) / (1.0 - p0)).powi(started - failed)
        };
        (1..=16).map(term).sum::<f64>() / 16.0
    }

    #[rstest]
    #[case::nothing(0, 0, 1)]
    #[case::as_usual(300, 3, 1)]
    #[case::three_of_four(4, 3, 26_092)]
    #[case::three_of_forty_one(41, 3, 8)]
    #[case::four_percent(400, 16, 3_675)]
    fn worked_examples(#[case] started: u32, #[case] failed: u32, #[case] expected: u64) {
        assert_eq!(one_in(started, failed), expected);
    }

    #[rstest]
    #[case(1, 30, 2)]
    #[case(10, 41, 3)]
    #[case(10, 200, 9)]
    #[case(50, 60, 12)]
    fn logarithms_agree_with_products(#[case] permille: u16, #[case] started: i32, #[case] failed: i32) {
        let expected = by_products(f64::from(permille) / 1000.0, started, failed).ln();
        let Evidence(micro) =
            FailureTest::new(permille).evidence(started.try_into().unwrap(), failed.try_into().unwrap());
        assert!((Evidence::in_nats(micro) - expected).abs() < 1e-5, "{micro} for {expected}");
    }

    /// Exactly, not by simulation: with n starts at rate p0 the expectation of E is 1.
    #[test]
    fn its_expectation_under_the_null_is_one() {
        for (permille, p) in [(10, 0.01), (10, 0.004), (100, 0.1)] {
            let expectation: f64 = (0..=60)
                .map(|failed| {
                    let ways: f64 = (0..failed).map(|i| f64::from(60 - i) / f64::from(i + 1)).product();
                    let chance = ways * f64::powi(p, failed) * f64::powi(1.0 - p, 60 - failed);
                    let Evidence(micro) = FailureTest::new(permille).evidence(60, failed.try_into().unwrap());
                    chance * Evidence::in_nats(micro).exp()
                })
                .sum();
            assert!(expectation <= 1.0, "{expectation}");
            let at_the_baseline = (p - f64::from(permille) / 1000.0).abs() < 1e-9;
            assert!(!at_the_baseline || expectation > 0.999, "{expectation}");
        }
    }

    #[test]
    fn levels() {
        assert_eq!((Level::new(50, 2).one_in(), Level::new(50, 22).one_in()), (40, 440));
        assert_eq!(Level::new(0, 0).one_in(), 1000);
        let test = FailureTest::new(10);
        assert_eq!(test.rejects_from(200, Level::new(50, 2)), Some(9));
        assert_eq!(test.rejects_from(200, Level::new(50, 22)), Some(10));
        assert_eq!(test.rejects_from(0, Level::new(50, 2)), None);
        assert_eq!(test.rejects_from(1, Level::new(50, 22)), None);
    }

    /// 1,000 start together, and the ten that fail say so before any other has finished.
    #[test]
    fn failures_that_are_known_first_are_no_regression() {
        let (test, level) = (FailureTest::new(10), Level::new(50, 2));
        let counts = ReportCounts { reported: 10, failed: 10, running: 990, settled: Settled::default() };
        assert!(!test.strongest(counts).rejects(level));
        assert!(test.evidence(counts.reported, counts.failed).rejects(level), "arrival order would halt");
    }

    #[test]
    fn settled_is_what_started_before_the_oldest_that_runs() {
        let at = |minute: i64| DateTime::from_timestamp(minute * 60, 0).unwrap();
        let mut attempts = vec![
            (at(0), Outcome::Succeeded),
            (at(1), Outcome::Failed),
            (at(2), Outcome::Running),
            (at(2), Outcome::Failed),
            (at(3), Outcome::Succeeded),
        ];
        let counts = ReportCounts::of(&attempts);
        assert_eq!((counts.reported, counts.failed, counts.running, counts.started()), (4, 2, 1, 5));
        assert_eq!(counts.settled, Settled { reported: 2, failed: 1 });
        assert_eq!(counts.looks(), [(5, 2), (2, 1)]);
        attempts.reverse();
        assert_eq!(ReportCounts::of(&attempts), counts);
        attempts.retain(|(_, outcome)| *outcome != Outcome::Running);
        assert_eq!(ReportCounts::of(&attempts).settled, Settled { reported: 4, failed: 2 });
        assert_eq!(ReportCounts::of(&[]), ReportCounts::default());
    }

    proptest! {
        #[test]
        fn evidence_rises_with_failures_and_falls_with_starts(
            permille in 1_u16..=999, started in 1_u32..=10_000_000, share in 0.0_f64..1.0,
        ) {
            let test = FailureTest::new(permille);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32")]
            let failed = (f64::from(started) * share) as u32;
            let here = test.evidence(started, failed);
            prop_assert!(test.evidence(started, failed + 1) >= here);
            prop_assert!(test.evidence(started + 1, failed) <= here);
            // a trial that failed and is left out never raises the evidence
            prop_assert!(test.evidence(started + 1, failed + 1) >= here);
        }

        #[test]
        fn no_count_breaks_it(permille: u16, started: u32, failed: u32) {
            let test = FailureTest::new(permille);
            let evidence = test.evidence(started, failed);
            prop_assert!((1..=ONE_IN_MAX).contains(&evidence.one_in()));
            prop_assert!(evidence.0.unsigned_abs() < 30_000_000_000_000_000);
        }

        #[test]
        fn the_fewest_failures_are_the_edge(permille in 1_u16..=200, started in 0_u32..=1_000_000, parts in 1_u32..50) {
            let (test, level) = (FailureTest::new(permille), Level::new(50, parts));
            match test.rejects_from(started, level) {
                Some(least) => {
                    prop_assert!(test.evidence(started, least).rejects(level));
                    prop_assert!(least == 0 || !test.evidence(started, least - 1).rejects(level));
                }
                None => prop_assert!(!test.evidence(started, started).rejects(level)),
            }
        }
    }
}
