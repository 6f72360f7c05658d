//! The emergency path, asked for, approved twice and put into force through its own edges; and rollouts that go back.

use super::{World, user};
use chrono::{DateTime, Utc};
use domain::approval::Approved;
use domain::clockface::UtcClockface;
use domain::emergency::{Criterion, Emergency, EmergencyPolicy, EmergencyRequest, Shortening, in_force};
use domain::ids::EmergencyId;
use domain::people::{Person, Reasoned};
use domain::rollout::RolloutKind;
use domain::severity::Severity;
use uuid::Uuid;

impl World {
    /// Words such as `bake=6` and `any-night`, then the reason. `override` names the freeze that was set first.
    pub fn emergency(&mut self, words: &[&str]) -> Option<()> {
        let person = |n: u128, name: &str| Person { id: user(n), name: name.into() };
        let mut shortening = Shortening::default();
        let (mut lasts_hours, mut overrides, mut reason) = (48, Vec::new(), Vec::new());
        for word in words {
            match word.split_once('=') {
                Some(("bake", hours)) => shortening.bake_hours = Some(hours.parse().ok()?),
                Some(("notice", hours)) => shortening.notice_hours = Some(hours.parse().ok()?),
                Some(("gap", days)) => shortening.gap_days = Some(days.parse().ok()?),
                Some(("lasts", hours)) => lasts_hours = hours.parse().ok()?,
                None if *word == "any-night" => shortening.any_night = true,
                None if *word == "override" => overrides.push(self.facts.freezes.iter().next()?.id),
                _ => reason.push(*word),
            }
        }
        let request = EmergencyRequest {
            rollout: self.facts.rollout,
            build: self.facts.build_id,
            criterion: Criterion::Security,
            severity: Severity::Critical,
            why: Reasoned::new(person(1, "R. Iyer"), &reason.join(" "), self.now).ok()?,
            shortening,
            overrides,
            lasts_hours,
        };
        let policy = EmergencyPolicy::with(vec![user(2), user(3)]);
        let id = EmergencyId::new(Uuid::from_u128(1));
        let mut path = request.file(id, &policy, &self.facts.freezes).ok()?;
        let digest: domain::approval::Digest = "0".repeat(64).parse().ok()?;
        for (n, name) in [(2, "N. Okafor"), (3, "I. Lead")] {
            let approval = Approved { digest: digest.clone(), by: person(n, name), at: self.now };
            path = path.approve(approval, &digest, &policy).ok()?;
        }
        let path = path.activate(&digest, &policy, &self.facts.freezes, self.now).ok()?;
        self.note(&path.sentence(&UtcClockface, self.now));
        self.facts.emergency = Some(Emergency { path, policy });
        self.touch_all();
        Some(())
    }

    /// What an emergency path shortened at an instant.
    pub(super) fn wish_at(&self, at: DateTime<Utc>) -> Shortening {
        let path = self.facts.emergency.as_ref().map(|emergency| &emergency.path).filter(|path| in_force(path, at));
        path.map(|path| path.request.shortening.clone()).unwrap_or_default()
    }

    /// From now on this is a rollout that takes `from` back to `to`.
    pub fn take_back(&mut self, from: &str, to: &str) -> Option<()> {
        self.facts.kind = RolloutKind::Back { from: from.parse().ok()? };
        self.facts.build = to.parse().ok()?;
        Some(())
    }

    /// Another rollout took this environment back.
    pub fn goes_back(&mut self, name: &str, to: &str) -> Option<()> {
        self.of(name)?.build = to.parse().ok()?;
        self.note(&format!("{name} goes back to {to}"));
        Some(())
    }

    pub fn is_said_to_run(&mut self, name: &str, build: &str) -> Option<()> {
        self.of(name)?.build = build.parse().ok()?;
        self.note(&format!("the agent of {name} says that it runs {build}"));
        Some(())
    }
}
