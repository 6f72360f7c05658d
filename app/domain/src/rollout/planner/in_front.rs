//! Who goes before whom: a customer's own sandboxes before its production (G3, S3), production before those that move with
//! it.

use super::board::Board;
use super::seat::Seat;
use super::standing::Standing;
use crate::calendar::Night;
use crate::fleet::{Audience, EnvironmentKind};
use crate::rollout::facts::UpdateFacts;
use crate::rollout::report::EnvironmentReason;
use crate::rollout::state::UpdateState;

impl<'a> Board<'a> {
    /// Rule S3: where a sandbox of its own failed and is not tried again, production is not tried.
    pub(super) fn hold_where_sandboxes_failed(&mut self) {
        for i in 0..self.seats.len() {
            let failed = self.failed_sandbox(i).filter(|sandbox| sandbox.given_up() || sandbox.left_out());
            let failed = failed.map(|sandbox| sandbox.facts.id);
            let tried =
                self.seats[i].state().is_some_and(|state| state.night_or_tried().is_some() && !state.is_announced());
            if let (Some(sandbox), Standing::Aboard(_), false) = (failed, &self.seats[i].standing, tried) {
                self.seats[i].standing = Standing::Held(EnvironmentReason::SandboxFailed { sandbox });
            }
        }
    }

    /// For production: an own sandbox in which the update failed, nothing mended it yet, and no person resumed since. That
    /// it was left out afterwards mends nothing.
    pub fn failed_sandbox(&self, i: usize) -> Option<&Seat<'a>> {
        let failed = |sandbox: &&Seat<'_>| {
            let update = sandbox.facts.update.as_ref();
            update.and_then(UpdateFacts::unmended_failure).is_some_and(|at| !self.facts.is_acknowledged(at))
        };
        self.sandboxes_in_front(i).find(failed)
    }

    /// For production: an own sandbox that was not updated in its night and is to have another. Once that is chosen,
    /// production keeps its gap to it.
    pub fn late_sandbox(&self, i: usize) -> Option<&Seat<'a>> {
        let is_late = |sandbox: &&Seat<'_>| match sandbox.state() {
            Some(UpdateState::Announced { night, .. }) => night.is_over_for(self.now, self.declared),
            Some(UpdateState::Failed { .. }) => !sandbox.given_up(),
            _ => false,
        };
        self.own_sandboxes(i).find(is_late)
    }

    /// Whom its night has to follow: production its owner's sandboxes, a follower its production.
    pub fn goes_after(&self, i: usize) -> impl Iterator<Item = usize> {
        self.indices_in_front(i).chain(self.seats[i].follows)
    }

    /// The latest night of the customer's own sandboxes (rule G3), also one that its owner chose; `None` for anything
    /// but production.
    pub(super) fn gap_sandbox(&self, i: usize) -> Option<Night> {
        let night = |sandbox: &Seat<'_>| if sandbox.left_out() { sandbox.night_of_pull() } else { sandbox.turn.night };
        self.sandboxes_in_front(i).filter_map(night).max_by_key(|night| night.start)
    }

    /// Own sandboxes that go before production: those that are aboard.
    pub(super) fn own_sandboxes(&self, i: usize) -> impl Iterator<Item = &Seat<'a>> {
        self.sandboxes_in_front(i).filter(|seat| !seat.left_out())
    }

    fn sandboxes_in_front(&self, i: usize) -> impl Iterator<Item = &Seat<'a>> {
        self.indices_in_front(i).map(|j| &self.seats[j])
    }

    /// Of production: the sandboxes of the same customer that are not designated with it, whether or not they take part.
    fn indices_in_front(&self, i: usize) -> impl Iterator<Item = usize> {
        let seat = &self.seats[i];
        let own = self.by_customer.get(&seat.facts.customer).filter(|_| seat.is_production());
        own.into_iter().flatten().copied().filter(|j| is_in_front(&self.seats[*j]))
    }
}

/// A sandbox that is not designated with production.
fn is_in_front(seat: &Seat<'_>) -> bool {
    let is_sandbox = seat.facts.kind == EnvironmentKind::Sandbox;
    is_sandbox && seat.stage.is_some_and(|stage| stage.audience == Audience::Sandbox)
}
