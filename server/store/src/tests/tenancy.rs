//! Another customer's rows do not exist.

use super::fixtures::{
    CONTOSO, FABRIKAM, an_update, contoso, env, fleet, later, night, now, of_fabrikam, production, rol, running,
    sandbox,
};
use super::harness::on_both;
use crate::environment::EnvironmentFilter;
use crate::update::NewUpdate;
use crate::{Db, customer, environment, rollout, update};
use domain::ids::CustomerId;
use domain::permission::TenantScope;
use domain::rollout::UpdateState;

on_both! { foreign_rows_do_not_exist a_foreign_cursor_says_nothing }

fn fabrikam() -> CustomerId {
    super::fixtures::id(FABRIKAM)
}

async fn two_customers(db: &Db) {
    fleet(db, 50, 2).await;
    let tx = db.begin().await.unwrap();
    environment::insert_many(&tx, vec![of_fabrikam(production(20, "prod")), of_fabrikam(sandbox(21, "uat-001"))])
        .await
        .unwrap();
    let announced = UpdateState::Announced { night: night(3), announced_at: now(), moved: None };
    let foreign = NewUpdate { customer: fabrikam(), ..an_update(50, 20, announced.clone()) };
    update::enrol_many(&tx, vec![an_update(50, 1, announced), foreign]).await.unwrap();
    let under_way = running();
    rollout::set_state(&tx, rol(50), &under_way).await.unwrap();
    tx.commit().await.unwrap();
}

async fn foreign_rows_do_not_exist(db: &Db) {
    two_customers(db).await;
    let conn = db.reader();
    let own = TenantScope::Customer(contoso());
    assert!(environment::find(conn, own, env(1)).await.unwrap().is_some());
    assert_eq!(environment::find(conn, own, env(20)).await.unwrap(), None);
    assert!(environment::find(conn, TenantScope::AllCustomers, env(20)).await.unwrap().is_some());
    assert_eq!(environment::history(conn, own, env(1)).await.unwrap().len(), 1);
    assert_eq!(environment::history(conn, own, env(20)).await.unwrap(), []);
    assert_eq!(update::of_environment(conn, own, env(1)).await.unwrap().len(), 1);
    assert_eq!(update::of_environment(conn, own, env(20)).await.unwrap(), []);
    assert_eq!(customer::find(conn, own, fabrikam()).await.unwrap(), None);
    assert_eq!(customer::find(conn, own, contoso()).await.unwrap().unwrap().id.uuid().as_u128(), CONTOSO);

    let names = |rows: Vec<environment::Environment>| rows.into_iter().map(|e| e.name).collect::<Vec<_>>();
    assert_eq!(names(environment::estate(conn, contoso()).await.unwrap()), ["uat-001", "uat-002"]);
    assert_eq!(environment::count(conn, fabrikam(), &EnvironmentFilter::default()).await.unwrap(), 2);
    for (customer, expected) in [(contoso(), env(1)), (fabrikam(), env(20))] {
        let between = update::of_customer_between(conn, customer, now(), later(1000)).await.unwrap();
        let open = update::of_customer_open(conn, customer).await.unwrap();
        for found in [between, open] {
            assert_eq!(found.iter().map(|w| w.update.environment).collect::<Vec<_>>(), [expected]);
        }
    }
}

async fn a_foreign_cursor_says_nothing(db: &Db) {
    two_customers(db).await;
    let own = TenantScope::Customer(contoso());
    let filter = EnvironmentFilter::default();
    // The list begins again, so a guessed id cannot tell whether and where a foreign row is.
    let page = environment::list(db.reader(), own, &filter, Some(env(21)), 9).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.environment.id).collect::<Vec<_>>(), [env(1), env(2)]);
}
