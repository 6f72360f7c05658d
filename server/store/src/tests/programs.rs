//! What programs ask with, and what they said.

use super::fixtures::{an_update, contoso, env, fleet, id, later, night, now, rol, update_id, version};
use super::harness::on_both;
use crate::agent::Kept;
use crate::environment::Deployed;
use crate::incident::{Incident, Place, Reporter};
use crate::token::NewToken;
use crate::update::Expect;
use crate::{Db, Error, Tx, agent, environment, incident, token, update};
use domain::agent::{Outcome, Report, Runs, Said};
use domain::ids::{TokenId, UserId};
use domain::permission::TenantScope;
use domain::rollout::UpdateState;
use domain::severity::Severity;
use domain::token::{Caller, TokenKind, TokenReach};
use uuid::Uuid;

on_both! {
    a_token_is_found_by_its_hash_until_it_is_revoked a_report_is_kept_once an_agent_takes_the_updates_of_its_environment
    old_reports_are_forgotten an_incident_is_kept_once incidents_of_programs_and_people_are_listed_page_by_page
    two_words_of_one_instant_are_one_line_of_history
}

fn new_token(number: u128) -> NewToken {
    let reach = TokenReach::Environments { environments: vec![env(1), env(2)] };
    let caller = Caller { token: id(number), name: format!("edge-{number}"), kind: TokenKind::Agent, reach };
    NewToken { caller, hash: [u8::try_from(number).unwrap(); 32], created_at: now(), expires_at: later(24) }
}

async fn with_token(db: &Db) -> (Tx, TokenId) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    token::insert(&tx, &new_token(7), Some(contoso())).await.unwrap();
    (tx, id(7))
}

async fn a_token_is_found_by_its_hash_until_it_is_revoked(db: &Db) {
    let (tx, id) = with_token(db).await;
    let found = token::find_by_hash(&tx, &[7; 32]).await.unwrap().unwrap();
    assert_eq!((found.caller, found.expires_at, found.revoked_at), (new_token(7).caller, later(24), None));
    assert_eq!(token::find_by_hash(&tx, &[8; 32]).await.unwrap(), None);
    token::used(&tx, id, later(1)).await.unwrap();
    token::revoke(&tx, id, later(2)).await.unwrap();
    assert!(matches!(token::revoke(&tx, id, later(3)).await, Err(Error::Conflict { .. })));
    let listed = token::list(&tx).await.unwrap();
    assert_eq!((listed[0].last_used_at, listed[0].revoked_at), (Some(later(1)), Some(later(2))));
}

fn kept(number: u128, said: Said, outcome: Outcome) -> Kept {
    Kept {
        environment: env(1),
        id: Uuid::from_u128(number),
        update: Some(update_id(50, 1)),
        report: Report { at: now(), sequence: 1, attempt: Some(1), said },
        received_at: later(i64::try_from(number).unwrap()),
        outcome,
    }
}

async fn old_reports_are_forgotten(db: &Db) {
    let (tx, _) = with_token(db).await;
    update::enrol_many(&tx, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
    for number in 1..=5 {
        agent::keep(&tx, &kept(number, Said::Begun, Outcome::Known)).await.unwrap();
    }
    assert_eq!(agent::prune(&tx, later(4), 2).await.unwrap(), 2, "no more at once than was said");
    assert_eq!(agent::prune(&tx, later(4), 2).await.unwrap(), 1);
    assert_eq!(agent::prune(&tx, later(4), 2).await.unwrap(), 0);
    let left: Vec<Uuid> = agent::reports(&tx, update_id(50, 1)).await.unwrap().iter().map(|kept| kept.id).collect();
    assert_eq!(left, [4, 5].map(Uuid::from_u128));
}

async fn a_report_is_kept_once(db: &Db) {
    let (tx, _) = with_token(db).await;
    update::enrol_many(&tx, vec![an_update(50, 1, UpdateState::Planned)]).await.unwrap();
    let failed = Said::Failed { reason: "Disk full".into(), detail: None, running: Some(version("10.0.2645.136")) };
    // What contradicts, and so is believed by nobody, ends nothing.
    agent::keep(&tx, &kept(1, Said::Healthy, Outcome::Contradictory)).await.unwrap();
    assert_eq!(agent::ended(&tx, update_id(50, 1), 1).await.unwrap(), None);
    let first = kept(2, failed, Outcome::Accepted);
    agent::keep(&tx, &first).await.unwrap();
    assert_eq!(agent::find_report(&tx, env(1), Uuid::from_u128(2)).await.unwrap(), Some(first.clone()));
    assert_eq!(agent::find_report(&tx, env(2), Uuid::from_u128(2)).await.unwrap(), None);
    assert_eq!(agent::ended(&tx, update_id(50, 1), 1).await.unwrap(), first.report.ended());
    // Said before, and heard after it: what was said last holds.
    let mut earlier = kept(3, Said::Healthy, Outcome::Late);
    earlier.report.at = later(-1);
    agent::keep(&tx, &earlier).await.unwrap();
    assert_eq!(agent::ended(&tx, update_id(50, 1), 1).await.unwrap(), first.report.ended());
    assert_eq!(agent::ended(&tx, update_id(50, 1), 2).await.unwrap(), None);
    assert_eq!(agent::reports(&tx, update_id(50, 1)).await.unwrap().len(), 3);
    assert!(matches!(agent::keep(&tx, &first).await, Err(Error::Conflict { .. })));
}

async fn an_agent_takes_the_updates_of_its_environment(db: &Db) {
    let (tx, by) = with_token(db).await;
    let announced = UpdateState::Announced { night: night(1), announced_at: now(), moved: None };
    update::enrol_many(&tx, vec![an_update(50, 1, announced.clone())]).await.unwrap();
    assert_eq!(update::running_of(&tx, env(1)).await.unwrap(), None);
    let started = announced.start(later(24)).unwrap();
    update::save_state(&tx, update_id(50, 1), Expect::Generation(1), &started, 1).await.unwrap();
    assert_eq!(update::running_of(&tx, env(1)).await.unwrap().unwrap().agent_since, None);
    agent::spoke(&tx, env(1), by, later(1)).await.unwrap();
    agent::spoke(&tx, env(1), by, later(2)).await.unwrap();
    let runs = Runs { at: later(1), sequence: 3, build: version("10.0.2645.150") };
    agent::set_runs(&tx, env(1), &runs).await.unwrap();
    let known = agent::find(&tx, env(1)).await.unwrap().unwrap();
    assert_eq!((known.since, known.seen, known.runs), (later(1), later(2), Some(runs)));
    let running = update::running_of(&tx, env(1)).await.unwrap().unwrap();
    assert_eq!((running.update.id, running.agent_since), (update_id(50, 1), Some(later(1))));
    assert_eq!(update::with_names(&tx, update_id(50, 1)).await.unwrap(), Some(running));
    assert_eq!(update::running_of(&tx, env(2)).await.unwrap(), None);
}

async fn an_incident_is_kept_once(db: &Db) {
    let (tx, by) = with_token(db).await;
    let by = Reporter::Program(by);
    let first = Incident {
        by,
        name: "INC-1".into(),
        build: version("10.0.2645.147"),
        severity: Severity::Low,
        by_people: false,
        finding: "slow".into(),
        opened_at: now(),
        received_at: now(),
        outcome: "recorded".into(),
    };
    incident::put(&tx, &first).await.unwrap();
    let worse = Incident { severity: Severity::High, finding: "gone".into(), received_at: later(1), ..first };
    incident::put(&tx, &worse).await.unwrap();
    assert_eq!(incident::find_and_hold(&tx, by, "INC-1").await.unwrap(), Some(worse));
    assert_eq!(incident::find_and_hold(&tx, by, "INC-2").await.unwrap(), None);
}

async fn incidents_of_programs_and_people_are_listed_page_by_page(db: &Db) {
    let (tx, token) = with_token(db).await;
    let person = Reporter::Person(UserId::new(Uuid::from_u128(77)));
    let incident = |by, name: &str, hours| Incident {
        by,
        name: name.to_owned(),
        build: version("10.0.2645.147"),
        severity: Severity::Low,
        by_people: by == person,
        finding: "slow".into(),
        opened_at: now(),
        received_at: later(hours),
        outcome: "recorded".into(),
    };
    // The same name of two reporters, and two of one instant.
    let (first, second) = (incident(Reporter::Program(token), "A~1", 1), incident(person, "A~1", 2));
    let third = incident(person, "B", 2);
    for incident in [&first, &second, &third] {
        incident::put(&tx, incident).await.unwrap();
    }
    let mut seen = Vec::new();
    let mut after: Option<Place> = None;
    loop {
        let page = incident::list(&tx, after.as_ref(), 1).await.unwrap();
        seen.extend(page.rows);
        after = seen.last().map(|last| Place::of(last).to_string().parse().unwrap());
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, [third, second, first]);
    assert!("".parse::<Place>().is_err() && "1~x~y".parse::<Place>().is_err());
}

async fn two_words_of_one_instant_are_one_line_of_history(db: &Db) {
    let (tx, _) = with_token(db).await;
    let runs = |build: &str| Deployed {
        build: version(build),
        platform: None,
        service_update: Some("10.0.49".parse().unwrap()),
        at: later(1),
        rollout: Some(rol(50)),
    };
    for build in ["10.0.2645.150", "10.0.2645.151", "10.0.2645.150"] {
        environment::set_build(&tx, env(1), &runs(build)).await.unwrap();
    }
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!((found.build, found.service_update.to_string()), (version("10.0.2645.150"), "10.0.49".to_owned()));
    let history = environment::history(&tx, TenantScope::AllCustomers, env(1)).await.unwrap();
    assert_eq!(history.len(), 3, "what was registered, and the two that ran since");
}
