//! What a database would maintain beside the environments: counts of the stages, what runs, and which estates are due.

use super::World;
use chrono::{DateTime, Utc};
use domain::fleet::StageKey;
use domain::ids::CustomerId;
use domain::rollout::report::StageCounts;
use domain::rollout::{
    Action, Counted, EnvironmentFacts, InFlight, Plan, Reports, RolloutFacts, RolloutState, StageTally, UpdateFacts,
    UpdateState, plan,
};

impl World {
    /// The facts with every count made anew, over the estates for which `aboard` holds.
    pub(super) fn facts_of(&self, aboard: impl Fn(CustomerId) -> bool) -> RolloutFacts {
        let mut facts = self.facts.clone();
        let mut reports = Reports::default();
        for i in 0..facts.stages.len() {
            let (key, first) = (facts.stages[i].key, facts.stages[i].window.first);
            let starts = self.stage_of(key).filter_map(|e| e.placement.dark_hours?.night(first));
            facts.stages[i].first_night = starts.map(|night| night.start).min();
            let own;
            (facts.stages[i].tally, own) = self.tally(key);
            reports.add(&own);
        }
        facts.reports = reports.counts();
        let mut unplaced = StageCounts::default();
        let updates = self.facts.environments.iter().filter_map(|e| e.update.as_ref());
        updates.filter(|update| update.stage.is_none()).for_each(|update| unplaced.add(update.state.word()));
        facts.unplaced = unplaced;
        facts.in_flight = self.own_in_flight().chain(self.elsewhere.iter().cloned()).collect();
        facts.environments.retain(|e| aboard(e.customer));
        facts
    }

    pub(super) fn stage_of(&self, stage: StageKey) -> impl Iterator<Item = &EnvironmentFacts> {
        let bound = move |e: &&EnvironmentFacts| e.update.as_ref().is_some_and(|update| update.stage == Some(stage));
        self.facts.environments.iter().filter(bound)
    }

    fn tally(&self, stage: StageKey) -> (StageTally, Reports) {
        let updates: Vec<&UpdateFacts> = self.stage_of(stage).filter_map(|e| e.update.as_ref()).collect();
        let resumed_at = match self.facts.state {
            RolloutState::Running { resumed_at, .. } => resumed_at,
            _ => None,
        };
        let policy = &self.facts.policy;
        let (mut tally, reports) = StageTally::new(&Counted::of(&updates, resumed_at), policy, resumed_at);
        let awaited = updates.iter().map(|update| update.part).max();
        let of_awaited = updates.iter().filter(|update| Some(update.part) == awaited);
        let mut finished: Vec<DateTime<Utc>> = of_awaited.filter_map(|update| succeeded_at(update)).collect();
        finished.sort_unstable();
        let needed = policy.gate.needed(tally.evidence.due, tally.evidence.accepted) as usize;
        // A success that was taken back is none.
        let last = needed.checked_sub(1).filter(|_| tally.evidence.succeeded as usize >= needed);
        tally.evidence.needed_success_at = last.and_then(|last| finished.get(last).copied());
        tally.evidence.telemetry = self.telemetry(stage);
        (tally, reports)
    }

    fn own_in_flight(&self) -> impl Iterator<Item = InFlight> {
        self.facts.environments.iter().filter_map(|e| {
            let update = e.update.as_ref().filter(|update| update.state.is_running())?;
            let station = update.stage.map(|stage| stage.station);
            let (region, own) = (e.placement.region.clone(), true);
            Some(InFlight { environment: e.id, customer: e.customer, region, station, own })
        })
    }

    pub(super) fn plan_now(&self) -> (RolloutFacts, Plan) {
        let facts = self.facts_of(|_| true);
        let plan = plan(&facts, self.now);
        (facts, plan)
    }

    /// Something happened to this estate.
    pub(super) fn touch(&mut self, customer: CustomerId) {
        self.wakes.remove(&customer);
    }

    /// What holds for everybody changed.
    pub(super) fn touch_all(&mut self) {
        self.wakes.clear();
    }

    /// A plan over all estates asks nothing of one that is not due: what a server that only looks at due ones would
    /// miss. Starts are looked for whenever a night has begun, and a reason may change with the caps.
    pub(super) fn check_wakes(&self, plan: &Plan) {
        let due = |customer| self.wakes.get(&customer).is_none_or(|wake| wake.is_some_and(|at| at <= self.now));
        for action in &plan.actions {
            // A start waits for no wake, and what counts follows from what moved.
            let Some(id) = action.changes().filter(|_| is_of_estate(action)) else { continue };
            if matches!(action, Action::Assign { .. }) {
                continue;
            }
            let customer = self.facts.environments.iter().find(|e| e.id == id).unwrap().customer;
            assert!(due(customer), "{}: {action:?} of an estate that wakes {:?}", self.now, self.wakes.get(&customer));
        }
    }

    /// Where nothing happened and nobody is due, nothing changes as long as the plan rests: a server does not look at the
    /// rollout.
    pub(super) fn check_rest(&self, facts: &RolloutFacts, plan: &Plan) {
        let Some((known, before)) = &self.rest else { return };
        let later = |at: DateTime<Utc>| self.now < at;
        let rests =
            before.rests_until.is_some_and(later) && before.estates.iter().filter_map(|one| one.wake).all(later);
        if rests && known == facts {
            // Reasons of an estate that is not due are not looked at either way.
            let is_word = |action: &Action| matches!(action, Action::Explain { .. });
            assert!(
                plan.actions.iter().all(is_word),
                "{}: {:?} before {:?}",
                self.now,
                plan.actions,
                before.rests_until
            );
            assert_eq!(plan.report, before.report, "{}: before {:?}", self.now, before.rests_until);
        }
    }

    /// Each estate by itself leads to the same actions as all together, but for what caps and the stages decide.
    pub(super) fn check_estates(&self, whole: &Plan) {
        let mut parts: Vec<Action> = Vec::new();
        for estate in &whole.estates {
            let part = plan(&self.facts_of(|customer| customer == estate.customer), self.now);
            assert_eq!(part.estates.iter().filter(|own| own.customer == estate.customer).count(), 1);
            parts.extend(part.actions.into_iter().filter(is_of_estate));
        }
        let whole: Vec<&Action> = whole.actions.iter().filter(|action| is_of_estate(action)).collect();
        assert_eq!(parts.len(), whole.len(), "{}: {parts:#?}\n{whole:#?}", self.now);
        assert!(whole.iter().all(|action| parts.contains(action)), "{}: {parts:#?}\n{whole:#?}", self.now);
    }
}

fn succeeded_at(update: &UpdateFacts) -> Option<DateTime<Utc>> {
    match update.state {
        UpdateState::Succeeded { finished_at, .. } => Some(finished_at),
        _ => None,
    }
}

fn is_of_estate(action: &Action) -> bool {
    !matches!(
        action,
        Action::Start { .. }
            | Action::Explain { .. }
            | Action::OpenStage { .. }
            | Action::PassStage { .. }
            | Action::Halt { .. }
            | Action::Complete
    )
}
