//! What is written beside every change: the chain holds, and the order is the order of commits.

use super::fixtures::{contoso, id, later, now};
use super::harness::on_both;
use crate::audit::{ActorKind, AuditActor, AuditObject, NewAudit, Verified};
use crate::{Connection, Db, audit, outbox};
use serde_json::json;
use std::collections::BTreeSet;

on_both! {
    the_chain_verifies_and_lists tampering_is_found parallel_appends_make_one_chain
    a_follower_misses_nothing handled_rows_are_pruned
}

pub fn event(number: u128) -> NewAudit {
    NewAudit {
        id: id(number),
        at: later(i64::try_from(number).unwrap()),
        actor: AuditActor { kind: ActorKind::Person, id: Some("usr_1".into()), name: "R. Iyer".into() },
        action: "rollout.start".into(),
        object: AuditObject { kind: "rollout".into(), id: format!("rol_{}", number % 2) },
        customer: Some(contoso()),
        details: json!({"zulu": 1.5, "alpha": [null, true, "ä \" \\ \u{7}"], "nested": {"b": 1, "a": 2}}),
    }
}

async fn write(db: &Db, count: u128) {
    let tx = db.begin().await.unwrap();
    for number in 1..=count {
        audit::append(&tx, &event(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn the_chain_verifies_and_lists(db: &Db) {
    assert_eq!(audit::verify(db.reader()).await.unwrap(), Verified { events: 0, first_broken: None, head: [0; 32] });
    write(db, 5).await;
    let page = audit::list(db.reader(), None, 3).await.unwrap();
    assert_eq!((page.rows.iter().map(|e| e.seq).collect::<Vec<_>>(), page.more), (vec![5, 4, 3], true));
    let rest = audit::list(db.reader(), Some(3), 3).await.unwrap();
    assert_eq!((rest.rows.iter().map(|e| e.seq).collect::<Vec<_>>(), rest.more), (vec![2, 1], false));
    let first = &rest.rows[1];
    assert_eq!(
        (first.id, first.at, &first.actor, &first.details),
        (id(1), later(1), &event(1).actor, &event(1).details)
    );
    let own = audit::of_object(db.reader(), &event(1).object, None, 9).await.unwrap();
    assert_eq!(own.rows.iter().map(|e| e.seq).collect::<Vec<_>>(), [5, 3, 1]);
    let verified = audit::verify(db.reader()).await.unwrap();
    assert_eq!(verified, Verified { events: 5, first_broken: None, head: page.rows[0].hash });
}

async fn tampering_is_found(db: &Db) {
    for (sql, first_broken) in [
        ("update audit_event set actor_name = 'Nobody' where seq = 3", 3),
        ("update audit_event set customer_id = null where seq = 2", 2),
        ("update audit_event set details = '{}' where seq = 4", 4),
        ("update audit_event set at_ms = at_ms + 1 where seq = 1", 1),
        ("delete from audit_event where seq = 3", 4),
        ("delete from audit_event where seq = 1", 2),
        ("update audit_event set hash = prev_hash where seq = 5", 5),
    ] {
        let tx = db.begin().await.unwrap();
        for number in 1..=5 {
            audit::append(&tx, &event(number)).await.unwrap();
        }
        tx.execute_unprepared(sql).await.unwrap();
        assert_eq!(audit::verify(&tx).await.unwrap().first_broken, Some(first_broken), "{sql}");
    }
}

async fn parallel_appends_make_one_chain(db: &Db) {
    const WRITERS: u128 = 6;
    const EACH: u128 = 8;
    let writers = (0..WRITERS).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let tx = db.begin().await.unwrap();
                audit::append(&tx, &event(1 + writer * EACH + number)).await.unwrap();
                outbox::append(&tx, "rollout", "rol_1", &json!({}), now()).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let verified = audit::verify(db.reader()).await.unwrap();
    assert_eq!((u128::from(verified.events), verified.first_broken), (WRITERS * EACH, None));
}

/// Polls while others commit; a number that becomes visible after a higher one would be lost for ever.
async fn a_follower_misses_nothing(db: &Db) {
    const WRITERS: usize = 5;
    const EACH: usize = 12;
    let writers = (0..WRITERS).map(|writer| {
        let db = db.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let tx = db.begin().await.unwrap();
                outbox::append(&tx, "estate", &format!("{writer}-{number}"), &json!({"n": number}), now())
                    .await
                    .unwrap();
                // Time for another writer to overtake, if it could.
                tokio::time::sleep(std::time::Duration::from_millis(u64::try_from((writer * 7 + number) % 4).unwrap()))
                    .await;
                tx.commit().await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let (mut seen, mut cursor) = (BTreeSet::new(), 0);
    while seen.len() < WRITERS * EACH {
        let rows = outbox::after(db.reader(), cursor, 7).await.unwrap();
        for row in rows {
            assert!(row.seq > cursor);
            cursor = row.seq;
            seen.insert(row.key);
        }
        let all_written = writers.iter().all(tokio::task::JoinHandle::is_finished);
        if all_written && outbox::latest_seq(db.reader()).await.unwrap() == cursor {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!(seen.len(), WRITERS * EACH);
}

async fn handled_rows_are_pruned(db: &Db) {
    let tx = db.begin().await.unwrap();
    let mut seqs = Vec::new();
    for hour in 0..4 {
        seqs.push(outbox::append(&tx, "rollout", "rol_1", &json!({"hour": hour}), later(hour)).await.unwrap());
    }
    tx.commit().await.unwrap();
    assert!(seqs.is_sorted());
    assert_eq!(outbox::latest_seq(db.reader()).await.unwrap(), seqs[3]);
    let tx = db.begin().await.unwrap();
    outbox::mark_handled(&tx, &[seqs[0], seqs[3]], later(9)).await.unwrap();
    assert_eq!(outbox::prune(&tx, later(2)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let left = outbox::after(db.reader(), 0, 9).await.unwrap();
    assert_eq!(left.iter().map(|row| row.seq).collect::<Vec<_>>(), seqs[1..]);
    assert_eq!(left[2].handled_at, Some(later(9)));
    assert_eq!(
        (left[0].topic.as_str(), left[0].key.as_str(), &left[0].payload),
        ("rollout", "rol_1", &json!({"hour": 1}))
    );
    let open = outbox::unhandled(db.reader(), 9).await.unwrap();
    assert_eq!(open.iter().map(|row| row.seq).collect::<Vec<_>>(), seqs[1..3]);
}
