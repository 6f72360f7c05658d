//! What can be asked of a simulation, and the words for it.

use std::collections::BTreeSet;
use std::fmt;

/// The fault classes of the reliability anchors that a simulation can inject by itself. F11 and F12 (mail, webhooks)
/// have no counterpart in the product yet; their place is `faults::outside`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// F1, F2, F18, F19: the process is gone at a statement, beside a commit, while it migrates.
    Kill,
    /// F3, F4: a statement is refused, for now or for good.
    Statement,
    /// F5: committed, and an error comes back.
    LostCommit,
    /// F6: a server stands still in the middle of a tick and goes on later.
    Pause,
    /// F7: a server's clock jumps, drifts, steps back.
    Clock,
    /// F8, F9: agents fail, vanish, report late, twice, contradictory.
    Agent,
    /// F10: samples partial, late, twice, contradictory, absurd; usage that falls silent.
    Telemetry,
    /// F13, F14: regions are cut off, and all come back at once.
    Network,
    /// F15, F16, F17, F20: people at the wrong moment, and with broken input.
    People,
}

impl Family {
    pub const ALL: [Self; 9] = [
        Self::Kill,
        Self::Statement,
        Self::LostCommit,
        Self::Pause,
        Self::Clock,
        Self::Agent,
        Self::Telemetry,
        Self::Network,
        Self::People,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Statement => "statement",
            Self::LostCommit => "lost-commit",
            Self::Pause => "pause",
            Self::Clock => "clock",
            Self::Agent => "agent",
            Self::Telemetry => "telemetry",
            Self::Network => "network",
            Self::People => "people",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.key() == key)
    }
}

/// A mistake that is built into the simulated surroundings on purpose, to see that it is found. Mistakes of the engine
/// itself are planted there, and named here as [`Planted::Engine`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Planted {
    /// Agents begin whatever arrives, however late and at whatever hour.
    AgentsObeyAnything,
    /// A receiver does not ask for what it missed.
    ReceiversForget,
    /// The named one of the engine. The caller makes it active before the run.
    Engine(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub seed: u64,
    pub environments: u32,
    pub days: u32,
    /// 1 to 3 on one database; `None` lets the seed decide.
    pub servers: Option<u8>,
    /// Empty: nothing goes wrong but what agents and people do in good order.
    pub faults: BTreeSet<Family>,
    /// People halt and choose. Without them somebody still starts and approves.
    pub people: bool,
    pub planted: Option<Planted>,
}

impl Options {
    pub fn new(seed: u64, environments: u32, days: u32) -> Self {
        Self { seed, environments, days, servers: None, faults: BTreeSet::new(), people: true, planted: None }
    }

    #[must_use]
    pub fn with_faults(self) -> Self {
        Self { faults: Family::ALL.into(), ..self }
    }

    pub fn has(&self, family: Family) -> bool {
        self.faults.contains(&family)
    }
}

/// The command line that runs it again.
impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signalbox simulate --seed {} --environments {} --days {}", self.seed, self.environments, self.days)?;
        if self.faults.len() == Family::ALL.len() {
            f.write_str(" --faults")?;
        } else if !self.faults.is_empty() {
            let keys: Vec<&str> = self.faults.iter().map(|family| family.key()).collect();
            write!(f, " --only {}", keys.join(","))?;
        }
        if let Some(servers) = self.servers {
            write!(f, " --servers {servers}")?;
        }
        if self.people { Ok(()) } else { f.write_str(" --quiet-people") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_what_was_asked() {
        let options = Options::new(7, 200, 30);
        assert_eq!(options.to_string(), "signalbox simulate --seed 7 --environments 200 --days 30");
        let all = Options { servers: Some(3), ..options.clone().with_faults() };
        assert!(all.to_string().ends_with("--days 30 --faults --servers 3"));
        let some = Options { faults: [Family::Pause, Family::Kill].into(), people: false, ..options };
        assert!(some.to_string().ends_with("--only kill,pause --quiet-people"));
        assert!(Family::ALL.into_iter().all(|family| Family::from_key(family.key()) == Some(family)));
    }
}
