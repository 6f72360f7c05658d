use super::*;
use crate::testing::World;
use chrono::TimeDelta;
use domain::calendar::Night;
use domain::ids::UpdateId;
use domain::rollout::Explanation;

/// Moved to a night, to another one, and to the first again: its owner reads of each.
#[tokio::test]
async fn each_move_has_its_letter_also_back_to_the_same_night() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::new(directory.path()).await.unwrap();
    let (db, reach) = (world.services.db().reader(), store::rollout::Reach::Everyone);
    let mut facts = store::rollout::load_facts(db, world.rollout, reach).await.unwrap().unwrap().facts;
    let environment = facts.environments[0].clone();
    let night = |days| {
        let start = world.now() + TimeDelta::days(days);
        Night { date: start.date_naive(), start, end: start + TimeDelta::hours(6) }
    };
    let update = UpdateId::new(world.services.ids().uuid());
    let why = Explanation { reasons: Vec::new(), next: None };
    let moved = |from, to| {
        let reason = MoveReason::RolloutHalted;
        Action::Relocate { update, environment: environment.id, from, to, reason, why: why.clone() }
    };
    let mut keys = std::collections::BTreeSet::new();
    for (from, to) in [(night(1), night(9)), (night(9), night(2)), (night(2), night(9))] {
        let (_, key) = letter(&facts, &environment, &moved(from, to)).unwrap();
        assert_eq!(letter(&facts, &environment, &moved(from, to)).unwrap().1, key, "a replay writes none twice");
        keys.insert(key);
        facts.generation += 1;
    }
    assert_eq!(keys.len(), 3);
}
