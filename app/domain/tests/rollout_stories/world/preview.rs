//! The preview of a plan, told: made estate by estate, laid aside as JSON after each, and the same as made at once.

use super::World;
use domain::clockface::{Clockface, UtcClockface};
use domain::ids::CustomerId;
use domain::rollout::{PlanDifference, PlanFigures, Preview, RolloutFacts};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl World {
    /// What would be done from now on, and what is another than in the preview before.
    pub fn preview(&mut self) {
        let mut whole = Preview::default();
        whole.add(&self.facts, self.now);
        let figures = whole.figures(&self.facts);
        assert_eq!(self.in_parts(), whole, "some estates at a time");
        let clock = UtcClockface;
        let _ = writeln!(self.out, "--- plan as of {} ---", clock.instant(self.now));
        self.tell_figures(&figures);
        if let Some(before) = self.previewed.replace(figures) {
            let after = self.previewed.clone().unwrap();
            self.tell_difference(&PlanDifference::between(&before, &after));
            assert!(PlanDifference::between(&after, &after).is_empty());
        }
    }

    fn in_parts(&self) -> Preview {
        let customers: BTreeSet<CustomerId> = self.facts.environments.iter().map(|e| e.customer).collect();
        customers.into_iter().fold(Preview::default(), |mut preview, customer| {
            let own = self.facts.environments.iter().filter(|e| e.customer == customer).cloned().collect();
            preview.add(&RolloutFacts { environments: own, ..self.facts.clone() }, self.now);
            serde_json::from_str(&serde_json::to_string(&preview).unwrap()).unwrap()
        })
    }

    fn tell_figures(&mut self, figures: &PlanFigures) {
        let clock = UtcClockface;
        for stage in figures.stages.iter().filter(|stage| stage.aboard + stage.left_out > 0) {
            let nights: Vec<String> =
                stage.nights.iter().map(|(date, n)| format!("{n} on {}", clock.date(*date))).collect();
            let (aboard, out, percent) = (stage.aboard, stage.left_out, stage.percent);
            let nights = nights.join(", ");
            let _ = writeln!(self.out, "{} ({percent} %): {aboard} aboard, {out} left out: {nights}", stage.stage);
        }
        for (why, environments) in &figures.left_out {
            let _ = writeln!(self.out, "left out: {environments}: {}", why.word());
        }
        for conflict in &figures.conflicts {
            let _ = writeln!(self.out, "conflict: {}", conflict.sentence(&clock));
        }
        let last = figures.last_night.map_or_else(|| "never".to_owned(), |at| clock.instant(at));
        let _ = writeln!(self.out, "{} aboard, {} left out, the last on {last}", figures.aboard(), figures.skipped());
    }

    fn tell_difference(&mut self, difference: &PlanDifference) {
        let clock = UtcClockface;
        for stage in &difference.stages {
            let (before, after) = stage.aboard;
            let nights: Vec<String> = stage
                .nights
                .iter()
                .map(|(date, before, after)| format!("{} {before} → {after}", clock.date(*date)))
                .collect();
            let _ = writeln!(self.out, "another: {}: {before} → {after} aboard; {}", stage.stage, nights.join(", "));
        }
        for (why, before, after) in &difference.left_out {
            let _ = writeln!(self.out, "another: {}: {before} → {after}", why.word());
        }
        if let Some((before, after)) = difference.last_night {
            let say = |at: Option<_>| at.map_or_else(|| "never".to_owned(), |at| clock.instant(at));
            let _ = writeln!(self.out, "another: the last night: {} → {}", say(before), say(after));
        }
    }
}
