//! Which environments a customer has: names, kinds and tiers by size, and with whom each is updated.
//! Contoso and Fabrikam own the demo accounts; their rosters are fixed, so that walks and pages can name them.

use crate::catalogue::demo::DemoSize;
use crate::mix::Mix;
use domain::fleet::EnvironmentKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    Standard,
    Early,
    /// With the production of this name.
    With(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    pub name: &'static str,
    pub kind: EnvironmentKind,
    /// 0 where the kind has no tiers.
    pub tier: u8,
    /// In the customer's second region, where it has one.
    pub second: bool,
    pub wish: Wish,
}

impl Slot {
    const fn second(self) -> Self {
        Self { second: true, ..self }
    }

    const fn wishes(self, wish: Wish) -> Self {
        Self { wish, ..self }
    }

    /// Moves with `production` in so many of a hundred cases.
    fn perhaps_with(self, production: &'static str, percent: u8, mix: &mut Mix) -> Self {
        if mix.percent(percent) { self.wishes(Wish::With(production)) } else { self }
    }
}

const fn production(name: &'static str) -> Slot {
    Slot { name, kind: EnvironmentKind::Production, tier: 0, second: false, wish: Wish::Standard }
}

const fn sandbox(name: &'static str, tier: u8) -> Slot {
    Slot { name, kind: EnvironmentKind::Sandbox, tier, second: false, wish: Wish::Standard }
}

const TRIAL: Slot = Slot { name: "TRIAL", kind: EnvironmentKind::Trial, tier: 0, second: false, wish: Wish::Standard };

/// All three designations, and nothing that would move its production from the first weekend of its station.
const CONTOSO: [Slot; 6] = [
    production("PROD"),
    sandbox("UAT", 2),
    sandbox("DEV", 2),
    sandbox("TEST", 3),
    sandbox("GOLD", 2).wishes(Wish::With("PROD")),
    sandbox("PERF", 4).second().wishes(Wish::Early),
];

/// All in the first region.
const FABRIKAM: [Slot; 12] = [
    production("PROD"),
    production("PROD-2"),
    sandbox("UAT", 3),
    sandbox("UAT-2", 2),
    sandbox("DEV", 2),
    sandbox("DEV-2", 2),
    sandbox("TEST", 2),
    sandbox("SIT", 3),
    sandbox("GOLD", 2).wishes(Wish::With("PROD")),
    sandbox("TRAIN", 2),
    sandbox("HOTFIX", 2),
    TRIAL,
];

/// The roster that walks and pages know by name.
pub fn fixed(domain: &str) -> Option<Vec<Slot>> {
    match domain {
        "contoso.example" => Some(CONTOSO.to_vec()),
        "fabrikam.example" => Some(FABRIKAM.to_vec()),
        _ => None,
    }
}

/// A roster of the given size. `UAT` is always there, a sandbox in front of production.
pub fn drawn(size: DemoSize, regulated: bool, mix: &mut Mix) -> Vec<Slot> {
    let mut slots = match size {
        DemoSize::Small => small(mix),
        DemoSize::Medium => medium(mix),
        DemoSize::Large => large(mix),
    };
    if regulated {
        slots.iter_mut().for_each(validate);
        // Small ones have no GOLD to validate in.
        if size == DemoSize::Small {
            slots[2] = sandbox("GXP-VAL", 2);
        }
    }
    slots
}

/// Validated environments carry it in their name.
fn validate(slot: &mut Slot) {
    slot.name = match slot.name {
        "PROD" => "GXP-PROD",
        "GOLD" => "GXP-VAL",
        other => other,
    };
    if slot.wish == Wish::With("PROD") {
        slot.wish = Wish::With("GXP-PROD");
    }
}

fn small(mix: &mut Mix) -> Vec<Slot> {
    let thirds = [sandbox("DEV", 2), sandbox("TEST", 2), sandbox("DEV", 2), sandbox("TRAIN", 2), TRIAL];
    let third = mix.pick(&thirds).copied().unwrap_or(TRIAL);
    vec![production("PROD"), sandbox("UAT", 2), if mix.percent(50) { third.second() } else { third }]
}

fn medium(mix: &mut Mix) -> Vec<Slot> {
    let perf = sandbox("PERF", 4).perhaps_with("PROD", 45, mix);
    let sixths = [perf, sandbox("TRAIN", 2), sandbox("SIT", 3), sandbox("HOTFIX", 2), sandbox("MIGRATION", 3), TRIAL];
    let sixth = mix.pick(&sixths).copied().unwrap_or(TRIAL);
    vec![
        production("PROD"),
        sandbox("UAT", 2),
        sandbox("DEV", 2),
        sandbox("TEST", if mix.percent(30) { 3 } else { 2 }),
        sandbox("GOLD", 2).perhaps_with("PROD", 65, mix),
        if mix.percent(40) { sixth.second() } else { sixth },
    ]
}

fn large(mix: &mut Mix) -> Vec<Slot> {
    let lasts = [sandbox("HOTFIX", 2), sandbox("MIGRATION", 4), sandbox("BUILD", 2), TRIAL];
    vec![
        production("PROD"),
        production("PROD-2").second(),
        sandbox("UAT", 3),
        sandbox("UAT-2", 2).second().perhaps_with("PROD-2", 15, mix),
        sandbox("DEV", 2),
        sandbox("DEV-2", 2).second(),
        sandbox("TEST", 2),
        sandbox("SIT", 3),
        sandbox("GOLD", 2).perhaps_with("PROD", 85, mix),
        sandbox("TRAIN", 2).perhaps_with("PROD", 15, mix),
        sandbox("PERF", if mix.percent(40) { 5 } else { 4 }).perhaps_with("PROD", 45, mix),
        mix.pick(&lasts).copied().unwrap_or(TRIAL),
    ]
}
