//! Halts of stations and customers, and freezes: what people stop without stopping the whole rollout.

use super::{World, user};
use domain::fleet::StationNumber;
use domain::freeze::{Freeze, FreezeOwner, FreezeScope, FreezeState, Span};
use domain::ids::{FreezeId, HaltId};
use domain::people::{Person, Reasoned};
use domain::rollout::HaltCause;
use domain::rollout::halt::{Halt, HaltScope};
use uuid::Uuid;

impl World {
    pub fn halt_station(&mut self, station: u8, reason: &str) {
        let scope = HaltScope::Station { rollout: self.facts.rollout, station: StationNumber(station) };
        self.place_halt(scope, reason);
        self.touch_all();
    }

    pub fn halt_everything(&mut self, reason: &str) {
        self.place_halt(HaltScope::Everything, reason);
    }

    pub fn halt_customer(&mut self, name: &str, reason: &str) {
        let customer = self.customer(name);
        self.place_halt(HaltScope::Customer { customer, rollout: None }, reason);
        self.touch(customer);
    }

    fn place_halt(&mut self, scope: HaltScope, reason: &str) {
        let cause = HaltCause::Person { by: user(3), name: "I. Lead".into(), reason: reason.to_owned() };
        let halt = Halt::new(HaltId::new(Uuid::from_u128(self.facts.halts.len() as u128)), scope, cause, self.now);
        self.note(&format!("{}: {}", halt.sentence(), scope.stops()));
        self.facts.halts.push(halt);
    }

    /// The last halt is lifted.
    pub fn lift(&mut self, reason: &str) -> Option<()> {
        let last = self.facts.halts.iter().rposition(Halt::stands)?;
        let lift = Reasoned::new(Person { id: user(1), name: "R. Iyer".into() }, reason, self.now).ok()?;
        self.facts.halts[last] = self.facts.halts[last].clone().lift(lift).ok()?;
        self.note(&self.facts.halts[last].sentence());
        self.touch_all();
        Some(())
    }

    /// `scope` is `all`, a region, a customer or an environment.
    pub fn freeze(&mut self, scope: &str, first: &str, last: &str, reason: &str) -> Option<()> {
        let environment = self.id(scope);
        let scope = match environment {
            Some(environment) => FreezeScope::Environment { environment },
            None if scope == "all" => FreezeScope::Global,
            None if self.customers.contains_key(scope) => FreezeScope::Customer { customer: self.customer(scope) },
            None => FreezeScope::Region { region: scope.to_owned() },
        };
        let freeze = Freeze {
            id: FreezeId::new(Uuid::from_u128(self.facts.freezes.iter().count() as u128)),
            scope,
            span: Span::one_off(first.parse().ok()?, last.parse().ok()?).ok()?,
            reason: reason.to_owned(),
            owner: FreezeOwner::Vendor,
            set_by: Person { id: user(1), name: "R. Iyer".into() },
            set_at: self.now,
            state: FreezeState::Set,
        };
        self.note(&format!("R. Iyer freezes {first} to {last}: {reason}"));
        self.facts.freezes = self.facts.freezes.iter().cloned().chain([freeze]).collect();
        self.touch_all();
        Some(())
    }

    pub fn unfreeze(&mut self) {
        self.facts.freezes = domain::freeze::Freezes::default();
        self.note("every freeze is lifted");
        self.touch_all();
    }
}
