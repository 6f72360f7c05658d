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

/// Failed, or held because of that: its owner reads that it is over. Of what was only planned nobody was told anything.
#[tokio::test]
async fn who_was_told_of_a_failure_is_told_that_the_build_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let world = World::new(directory.path()).await.unwrap();
    let (db, reach) = (world.services.db().reader(), store::rollout::Reach::Everyone);
    let facts = store::rollout::load_facts(db, world.rollout, reach).await.unwrap().unwrap().facts;
    let mut environment = facts.environments[0].clone();
    let start = world.now();
    let night = Night { date: start.date_naive(), start, end: start + TimeDelta::hours(6) };
    let running = UpdateState::InProgress { night, started_at: start };
    let failed = running.fail("no report for 6 hours".into(), night.end).unwrap();
    let reason = EnvironmentReason::AttemptsUsed { attempts: 2, last: failed.failed_attempt().unwrap() };
    let held = failed.clone().hold(reason).unwrap();
    let update = UpdateId::new(world.services.ids().uuid());
    let why = Explanation { reasons: Vec::new(), next: None };
    let satisfy = Action::Satisfy { update, environment: environment.id, why };
    let unplaced = UpdateState::Held { reason: EnvironmentReason::NotStarted, cancelled: None };
    for (state, is_told) in [(failed, true), (held, true), (unplaced, false), (UpdateState::Planned, false)] {
        environment.update = Some(domain::rollout::UpdateFacts {
            id: update,
            stage: None,
            follows: None,
            state: state.clone(),
            attempts: 2,
            failed_at: None,
            reasons: Vec::new(),
            next: None,
            part: domain::rollout::Part::Later,
            early: false,
            pull: None,
        });
        let told = letter(&facts, &environment, &satisfy).map(|(event, _)| event);
        let letter = NotificationEvent::Satisfied { subject: subject(&environment), cancelled: None };
        assert_eq!(told, is_told.then_some(letter), "{state:?}");
    }
}
