//! Exemptions and their records.

use super::fixtures::{contoso, env, fleet, id, later, now, of_fabrikam, sandbox, user};
use super::harness::on_both;
use crate::{Connection, Db, Error, environment, exemption};
use domain::fleet::Exemption;
use domain::fleet::exemption::{ExemptionRecord, ExemptionRequest, ExemptionScope, ExemptionState};
use domain::ids::ExemptionId;
use domain::people::{Person, Reasoned};
use domain::permission::TenantScope;

on_both! { a_record_is_kept_scoped_and_saved_once lists_begin_with_what_waits what_is_granted_stands_with_the_environment }

fn record(number: u128) -> ExemptionRecord {
    let by = Person { id: user(7), name: "Ada".into() };
    ExemptionRecord {
        id: id(number),
        request: ExemptionRequest {
            scope: ExemptionScope::Environment { environment: env(1) },
            why: Reasoned::new(by, "GxP", now()).unwrap(),
            evidence: "VP-1".into(),
            expires_at: later(90),
        },
        state: ExemptionState::Requested,
    }
}

fn refused(record: &ExemptionRecord) -> ExemptionRecord {
    let by = Person { id: user(8), name: "Bo".into() };
    record.clone().refuse(Reasoned::new(by, "outdated", later(1)).unwrap()).unwrap()
}

async fn insert(conn: &impl Connection, number: u128) {
    exemption::insert(conn, &record(number), contoso(), env(1)).await.unwrap();
}

async fn a_record_is_kept_scoped_and_saved_once(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![of_fabrikam(sandbox(9, "theirs"))]).await.unwrap();
    insert(&tx, 70).await;
    let theirs = environment::find(&tx, TenantScope::AllCustomers, env(9)).await.unwrap().unwrap().customer;
    let foreign = exemption::find(&tx, TenantScope::Customer(theirs), id(70)).await.unwrap();
    assert_eq!(foreign, None);
    let known = exemption::find(&tx, TenantScope::Customer(contoso()), id(70)).await.unwrap().unwrap();
    assert_eq!((&known.record, known.environment, known.generation), (&record(70), env(1), 1));
    let after = refused(&known.record);
    exemption::save(&tx, &known, &after, Some(later(60))).await.unwrap();
    let late = exemption::save(&tx, &known, &after, None).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
    let due = |at| exemption::to_remind(&tx, at, 10);
    assert!(due(later(59)).await.unwrap().is_empty());
    assert_eq!(due(later(60)).await.unwrap()[0].record, after);
    tx.commit().await.unwrap();
}

async fn lists_begin_with_what_waits(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    for number in 70..75 {
        insert(&tx, number).await;
    }
    for number in 70..73 {
        let known = exemption::find(&tx, TenantScope::AllCustomers, id(number)).await.unwrap().unwrap();
        exemption::save(&tx, &known, &refused(&known.record), None).await.unwrap();
    }
    let ids = |page: &crate::Paged<exemption::Listed>| {
        page.rows.iter().map(|row| row.known.record.id).collect::<Vec<ExemptionId>>()
    };
    let waiting = exemption::waiting(&tx, 10).await.unwrap();
    assert_eq!((ids(&waiting), waiting.more), (vec![id(73), id(74)], false));
    assert_eq!(waiting.rows[0].environment_name, "uat-001");
    let decided = exemption::decided(&tx, None, 2).await.unwrap();
    assert_eq!((ids(&decided), decided.more), (vec![id(72), id(71)], true));
    let rest = exemption::decided(&tx, Some(id(71)), 2).await.unwrap();
    assert_eq!((ids(&rest), rest.more), (vec![id(70)], false));
    let own = exemption::of_environment(&tx, TenantScope::AllCustomers, env(1)).await.unwrap();
    assert_eq!(own.len(), 5);
    tx.commit().await.unwrap();
}

async fn what_is_granted_stands_with_the_environment(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    let granted = Exemption { reason: "GxP".into(), evidence: "VP-1".into(), expires_at: later(90) };
    environment::set_exemption(&tx, env(1), Some(&granted)).await.unwrap();
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!((found.exemption, found.generation), (Some(granted), 2));
    environment::set_exemption(&tx, env(1), None).await.unwrap();
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!(found.exemption, None);
    let planning = environment::Planning {
        chosen_days: Some(domain::calendar::DaySet::from_bits(0b101)),
        service_update_due: Some("2026-11-02".parse().unwrap()),
        priority_batch: true,
    };
    assert_eq!(environment::set_planning(&tx, env(1), 3, &planning).await.unwrap(), 4);
    let late = environment::set_planning(&tx, env(1), 3, &planning).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
    let found = environment::find(&tx, TenantScope::AllCustomers, env(1)).await.unwrap().unwrap();
    assert_eq!((found.chosen_days, found.service_update_due), (planning.chosen_days, planning.service_update_due));
    tx.commit().await.unwrap();
}
