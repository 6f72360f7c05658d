//! Halts as a plan knows them, and the letters that tell of one.

use super::fixtures::{
    FABRIKAM, a_rollout, an_update, contoso, fleet, id, later, now, of_fabrikam, rol, sandbox, service_update, user,
};
use super::harness::on_both;
use crate::mailing::{self, Mailing};
use crate::update::NewUpdate;
use crate::{Connection, Db, environment, estate, halt, rollout, update};
use domain::fleet::{Audience, StageKey, StationNumber};
use domain::ids::{CustomerId, HaltId};
use domain::people::{Person, Reasoned};
use domain::rollout::halt::{Halt, HaltScope};
use domain::rollout::{HaltCause, UpdateState};
use domain::wire::signal::UpdateStateWord;
use uuid::Uuid;

on_both! {
    a_plan_knows_what_stands_and_the_last_stop letters_count_what_each_customer_has_aboard
}

async fn stand(conn: &impl Connection, number: u128, scope: HaltScope) -> Halt {
    let cause = HaltCause::Build { reason: "wrong totals".into() };
    let halt = Halt::new(id(number), scope, cause, now());
    halt::insert(conn, &halt).await.unwrap();
    halt
}

async fn lifted(conn: &impl Connection, number: u128, hours: i64) {
    let by = Person { id: user(1), name: "R. Iyer".into() };
    let lift = Reasoned { by, at: later(hours), reason: "mended".into() };
    let halt = stand(conn, number, HaltScope::Everything).await;
    halt::lift(conn, &halt, &lift).await.unwrap();
}

async fn a_plan_knows_what_stands_and_the_last_stop(db: &Db) {
    fleet(db, 50, 1).await;
    let tx = db.begin().await.unwrap();
    let station = |rollout| HaltScope::Station { rollout: rol(rollout), station: StationNumber(2) };
    rollout::insert(&tx, &a_rollout(51)).await.unwrap();
    // The stop that was lifted last is not the last that was set.
    lifted(&tx, 1, 9).await;
    lifted(&tx, 2, 3).await;
    stand(&tx, 3, HaltScope::Customer { customer: contoso(), rollout: None }).await;
    stand(&tx, 4, station(51)).await;
    stand(&tx, 5, station(50)).await;
    let known: Vec<HaltId> = halt::of_plan(&tx, rol(50)).await.unwrap().into_iter().map(|halt| halt.id).collect();
    assert_eq!(known, [3, 5, 1].map(id::<HaltId>));
}

async fn letters_count_what_each_customer_has_aboard(db: &Db) {
    fleet(db, 50, 4).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![of_fabrikam(sandbox(5, "uat"))]).await.unwrap();
    let stage = Some(StageKey { station: StationNumber(2), audience: Audience::Sandbox });
    let planned = |number| NewUpdate { stage, ..an_update(50, number, UpdateState::Planned) };
    let fabrikam: CustomerId = id(FABRIKAM);
    let taken = UpdateState::AlreadySatisfied { since: now(), cancelled: None, pulled_at: Some(now()) };
    let new = vec![
        planned(1),
        planned(2),
        an_update(50, 3, UpdateState::Planned),
        an_update(50, 4, taken),
        NewUpdate { customer: fabrikam, ..planned(5) },
    ];
    update::enrol_many(&tx, new).await.unwrap();
    estate::open(&tx, rol(50), service_update("10.0.48")).await.unwrap();
    let mailing = Mailing {
        id: Uuid::from_u128(9),
        rollout: rol(50),
        key: "halted:1".into(),
        occasion: serde_json::json!({}),
        after: None,
        created_at: now(),
    };
    mailing::open(&tx, &mailing).await.unwrap();
    let (station, word) = (Some(StationNumber(2)), UpdateStateWord::Planned);
    let theirs = mailing::next(&tx, &mailing, None, None, 10).await.unwrap();
    let ahead = (None, UpdateStateWord::Succeeded, 1);
    let of_contoso = vec![(None, word, 1), ahead, (station, word, 2)];
    assert_eq!(
        theirs,
        [(contoso(), of_contoso), (fabrikam, vec![(station, word, 1)])],
        "what was taken ahead is there"
    );
    let after_contoso = Mailing { after: Some(contoso()), ..mailing };
    assert_eq!(
        mailing::next(&tx, &after_contoso, None, None, 10).await.unwrap(),
        [(fabrikam, vec![(station, word, 1)])]
    );
}
