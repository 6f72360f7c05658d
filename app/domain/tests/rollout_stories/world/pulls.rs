//! A customer takes the build ahead of its night, or takes that back. Whether it may is tested with the rule itself. And
//! what another train has planned for an environment.

use super::{World, user};
use chrono::NaiveDate;
use domain::clockface::{Clockface, UtcClockface};
use domain::people::Person;
use domain::pull_ahead::Booked;
use domain::rollout::PlannedElsewhere;

impl World {
    pub fn pull(&mut self, name: &str, date: NaiveDate) -> Option<()> {
        let now = self.now;
        let environment = self.of(name)?;
        let night = environment.placement.dark_hours?.night(date)?;
        let update = environment.update.as_mut()?;
        let by = Person { id: user(4), name: "Ada".into() };
        let booked = Booked::new(by, now, update.state.clone(), night);
        update.state = update.state.clone().pull(night, booked.move_reason(), now).ok()?;
        update.pull = Some(booked);
        self.note(&format!("Ada takes {name} ahead, {}", UtcClockface.night(night)));
        Some(())
    }

    pub fn planned_elsewhere(&mut self, name: &str, date: NaiveDate, goes_first: bool) -> Option<()> {
        let environment = self.of(name)?;
        let night = environment.placement.dark_hours?.night(date)?;
        let train = "10.0.48 PQU-6".parse().ok()?;
        environment.elsewhere.push(PlannedElsewhere { train, night, goes_first });
        self.note(&format!("{train} updates {name} {}", UtcClockface.night(night)));
        Some(())
    }

    pub fn unpull(&mut self, name: &str) -> Option<()> {
        let update = self.of(name)?.update.as_mut()?;
        let before = *update.pull.take()?.before;
        update.state = update.state.clone().unpull(before).ok()?;
        self.note(&format!("Ada does not take {name} ahead any more"));
        Some(())
    }
}
