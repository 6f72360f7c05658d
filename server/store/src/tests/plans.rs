//! Plans that are worked out, laid aside and kept.

use super::fixtures::{contoso, fleet, later, now, rol};
use super::harness::on_both;
use crate::plan_version::{self as plans, PlanVersion, Work};
use crate::{Connection, Db, Error, estate};
use domain::rollout::{PlanFigures, Preview};

on_both! { a_plan_is_gone_on_with_by_one_only an_older_plan_gives_way }

fn work(done: u64) -> Work {
    Work { preview: Preview::default(), after: Some(contoso()), done, total: 2, now: now() }
}

async fn newest(conn: &impl Connection) -> PlanVersion<String> {
    plans::last_two(conn, rol(50)).await.unwrap().remove(0)
}

async fn a_plan_is_gone_on_with_by_one_only(db: &Db) {
    fleet(db, 50, 3).await;
    let tx = db.begin().await.unwrap();
    assert_eq!(estate::count_on(&tx, super::fixtures::service_update("10.0.48")).await.unwrap(), 1);
    plans::begin(&tx, rol(50), 1, &"a", &work(0)).await.unwrap();
    let begun = newest(&tx).await;
    assert_eq!((begun.number, begun.basis.as_str(), &begun.made, &begun.work), (1, "a", &None, &Some(work(0))));
    assert_eq!(plans::in_work(&tx).await.unwrap(), [rol(50)]);
    plans::lay_aside(&tx, &begun, &work(1)).await.unwrap();
    let twice = plans::lay_aside(&tx, &begun, &work(2)).await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    let on = newest(&tx).await;
    assert_eq!(on.work, Some(work(1)));
    plans::finish(&tx, &on, &PlanFigures::default(), later(1)).await.unwrap();
    let made = newest(&tx).await;
    assert_eq!((made.made, made.work), (Some((PlanFigures::default(), later(1))), None));
    assert_eq!(plans::in_work(&tx).await.unwrap(), []);
    tx.commit().await.unwrap();
}

async fn an_older_plan_gives_way(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    plans::begin(&tx, rol(50), 1, &"a", &work(0)).await.unwrap();
    plans::finish(&tx, &newest(&tx).await, &PlanFigures::default(), now()).await.unwrap();
    plans::begin(&tx, rol(50), 2, &"b", &work(0)).await.unwrap();
    plans::begin(&tx, rol(50), 3, &"c", &work(0)).await.unwrap();
    let kept = plans::last_two::<String>(&tx, rol(50)).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|version| (version.number, version.work.is_some())).collect();
    assert_eq!(kept, [(3, true), (1, false)], "what was never worked out is compared with nothing");
    tx.commit().await.unwrap();
}
