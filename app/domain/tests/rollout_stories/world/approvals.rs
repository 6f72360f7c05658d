//! Approvals of stations and of the build, and the edits that void them.

use super::{World, user};
use domain::approval::Digest;
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::people::Person;
use domain::release::Unapproved;
use domain::rollout::{Approval, Edited, GivenApproval, Promotion, RampScope, RolloutState};

/// One digest for each number of edits.
fn digest(edits: u32) -> Digest {
    format!("{edits:064x}").parse().unwrap()
}

pub fn promotion() -> Promotion {
    Promotion { digest: digest(0), started_by: None, edited: None, authorised: vec![user(1), user(2), user(4)] }
}

impl World {
    pub fn approve(&mut self, station: u8) {
        let approval = Approval { by: user(2), name: "N. Okafor".into(), at: self.now };
        self.give(StationNumber(station), approval);
    }

    /// By another approver.
    pub fn approve_too(&mut self, station: u8) {
        let approval = Approval { by: user(4), name: "B. Lind".into(), at: self.now };
        self.give(StationNumber(station), approval);
    }

    fn give(&mut self, station: StationNumber, approval: Approval) {
        self.note(&format!("{} approves station {station}", approval.name));
        self.given.retain(|known| known.station != station);
        self.given.push(GivenApproval { station, approval, digest: Some(self.promotion.digest.clone()) });
        self.count_approvals();
    }

    /// As the store loads them.
    fn count_approvals(&mut self) {
        self.facts.approvals = self.promotion.counting(&self.given);
    }

    pub fn disable_approver(&mut self) {
        self.promotion.authorised.retain(|known| *known != user(2));
        self.count_approvals();
        self.note("the account of N. Okafor is disabled");
    }

    /// `sandbox` and `production` are every station.
    pub fn ramp(&mut self, station: Option<u8>, audience: &str, percent: u8) -> Option<()> {
        let audience = match audience {
            "sandbox" => Audience::Sandbox,
            "production" => Audience::Production,
            _ => return None,
        };
        let scope = match station {
            Some(station) => RampScope::Stage(StageKey { station: StationNumber(station), audience }),
            None => RampScope::Audience(audience),
        };
        let stages: Vec<StageKey> = self.facts.stages.iter().map(|stage| stage.key).collect();
        let started = !matches!(self.facts.state, RolloutState::Draft);
        self.facts.policy = self.facts.policy.with_percent(scope, percent, &stages, started).ok()?;
        let by = Person { id: user(1), name: "R. Iyer".into() };
        self.promotion.edited = Some(Edited { by, at: self.now });
        self.edits += 1;
        self.promotion.digest = digest(self.edits);
        self.count_approvals();
        let whom = station.map_or_else(|| "every station".to_owned(), |station| format!("station {station}"));
        self.note(&format!("R. Iyer lets {percent} % of {whom} take part, {}", audience.word().to_lowercase()));
        self.touch_all();
        Some(())
    }

    pub fn withdraw_build(&mut self, reason: &str) {
        let build = Unapproved::Withdrawn { name: "I. Lead".into(), reason: reason.to_owned() };
        self.note(&build.sentence());
        self.facts.unapproved = Some(build);
        self.touch_all();
    }

    pub fn approve_build(&mut self) {
        self.facts.unapproved = None;
        self.note("N. Okafor approves the build");
        self.touch_all();
    }
}
