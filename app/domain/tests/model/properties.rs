//! What must always hold, and what must happen at least once, so that a machine that does nothing is no proof.

use crate::laws::{self, Breach, Ending};
use crate::machine::Machine;
use crate::scene::Scene;
use crate::shelf::Refused;
use crate::state::{Phase, Race, State, Work};
use stateright::Property;

const fn is(state: &State, breach: Breach) -> bool {
    matches!(state.breach, Some(found) if found as u8 == breach as u8)
}

/// Some server is in this phase.
fn any(state: &State, phase: Phase) -> bool {
    state.servers.iter().any(|server| server.phase == phase)
}

pub fn of(scene: &Scene) -> Vec<Property<Machine>> {
    let mut properties = vec![
        Property::<Machine>::always(OPENS, |m, s| !is(s, Breach::StageOpensEarly) && !m.digest(s).order_broken),
        Property::<Machine>::always(PASSES, |_, s| !is(s, Breach::StagePassesEarly)),
        Property::<Machine>::always(CAPS, |m, s| {
            let digest = m.digest(s);
            !digest.over_cap && !laws::over_cap(&m.shelf.scene, digest.stations, s.works.map(Work::is_going_on))
        }),
        Property::<Machine>::always(ONE_UPDATE, |m, s| {
            let running = m.digest(s).running;
            let known = |(work, attempt): (&Work, u8)| !work.is_going_on() || work.attempt == attempt;
            !is(s, Breach::TwoAttempts) && s.works.iter().zip(running).all(known)
        }),
        Property::<Machine>::always(ONE_WRITER, |_, s| !is(s, Breach::OldEpochWrites)),
        Property::<Machine>::always(STARTS, |_, s| !is(s, Breach::StartAfterHalt)),
        Property::<Machine>::always(DISPATCHES, |_, s| !is(s, Breach::DispatchAfterHalt)),
        Property::<Machine>::always(STANDS, |_, s| !is(s, Breach::HaltUndone)),
        Property::<Machine>::sometimes("a stage passes", |m, s| m.digest(s).passed > 0),
        Property::<Machine>::sometimes("the last stage passes", |m, s| m.digest(s).passed == 2),
        Property::<Machine>::sometimes("the rollout completes", |m, s| m.digest(s).ending == Ending::Completed),
        Property::<Machine>::sometimes("a plan loses to a newer generation", |_, s| {
            any(s, Phase::Lost(Race::Generation))
        }),
        Property::<Machine>::sometimes("an old leader loses its race", |_, s| any(s, Phase::Lost(Race::Epoch))),
        Property::<Machine>::sometimes("a night ends between commit and dispatch", |_, s| {
            any(s, Phase::Refused(Refused::Night))
        }),
    ];
    if scene.halts + scene.scoped_halts > 0 {
        properties.push(Property::<Machine>::sometimes("a halt lands between commit and dispatch", |_, s| {
            any(s, Phase::Refused(Refused::Halt))
        }));
    }
    if scene.failures > 0 {
        properties.extend([
            Property::<Machine>::sometimes("a gate halts the build", |m, s| m.digest(s).ending == Ending::GateHalted),
            Property::<Machine>::sometimes("an update is tried again", |m, s| m.digest(s).second_attempt),
        ]);
    }
    properties
}

pub const OPENS: &str = "I2: no stage opens before its time";
pub const PASSES: &str = "I2: no stage passes without successes, gate and bake";
pub const CAPS: &str = "I3: no cap is exceeded";
pub const ONE_UPDATE: &str = "I4: an environment works on one update, and the database knows it";
pub const ONE_WRITER: &str = "I4: only the holder of the epoch writes";
pub const STARTS: &str = "I5: after a halt nothing is started";
pub const DISPATCHES: &str = "I5: after a halt nothing is dispatched";
pub const STANDS: &str = "only a person undoes a halt";
