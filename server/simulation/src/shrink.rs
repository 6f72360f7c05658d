//! The shortest history that leads to a violation: the same seed again with less of everything, as long as the same
//! invariant still breaks.

use crate::options::{Family, Options};
use crate::report::Report;
use crate::run::simulate;

/// Runs that may be spent on one violation.
const TRIES_MAX: u32 = 24;

/// The smallest of the variants that were tried, with its report. `report` is what `options` led to.
pub async fn shortest(options: Options, report: Report) -> (Options, Report) {
    let Some(first) = report.violations.first() else { return (options, report) };
    let invariant = first.invariant;
    let mut best = (options, report);
    let mut tries = 0;
    loop {
        let mut smaller = None;
        for next in variants(&best.0) {
            if tries == TRIES_MAX {
                return best;
            }
            tries += 1;
            if let Ok(report) = simulate(&next).await
                && report.violations.iter().any(|violation| violation.invariant == invariant)
                && report.steps <= best.1.steps
            {
                smaller = Some((next, report));
                break;
            }
        }
        match smaller {
            Some(smaller) => best = smaller,
            None => return best,
        }
    }
}

/// Days are not cut: a run ends at its violation, and calm days are counted from the end.
fn variants(of: &Options) -> Vec<Options> {
    let mut variants = Vec::new();
    if of.environments > 4 {
        variants.push(Options { environments: of.environments / 2, ..of.clone() });
    }
    if of.servers != Some(1) {
        variants.push(Options { servers: Some(1), ..of.clone() });
    }
    if of.people {
        variants.push(Options { people: false, ..of.clone() });
    }
    for family in Family::ALL.into_iter().filter(|family| of.has(*family)) {
        let mut fewer = of.clone();
        fewer.faults.remove(&family);
        variants.push(fewer);
    }
    variants
}
