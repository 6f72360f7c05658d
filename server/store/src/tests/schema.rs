//! The schema as migrations make it, against the schema as entities believe it.

use super::harness::on_both;
use crate::entity;
use crate::{Connection, Db};
use sea_orm::{ColumnTrait, ColumnType, DbBackend, EntityTrait, IdenStatic, Iterable, Statement};
use std::collections::{BTreeMap, BTreeSet};

on_both! { migrating_twice_changes_nothing entities_and_tables_agree }

async fn migrating_twice_changes_nothing(db: &Db) {
    assert_eq!(db.migrate().await.unwrap(), Vec::<String>::new());
    let status = db.migration_status().await.unwrap();
    assert!(status.iter().all(|(_, applied)| *applied), "{status:?}");
    let names: Vec<_> = status.iter().map(|(name, _)| name.clone()).collect();
    assert!(names.is_sorted(), "{names:?}");
    db.ping().await.unwrap();
}

/// Column name to "may be null" and, on PostgreSQL, its type.
type Columns = BTreeMap<String, (bool, String)>;

fn of_entity<E: EntityTrait>(_: E, backend: DbBackend) -> (String, Columns) {
    let columns = E::Column::iter().map(|column| {
        let def = column.def();
        let kind = match (backend, def.get_column_type()) {
            (DbBackend::Sqlite, _) => "",
            (_, ColumnType::Uuid) => "uuid",
            (_, ColumnType::String(_) | ColumnType::Text) => "text",
            (_, ColumnType::SmallInteger) => "smallint",
            (_, ColumnType::Integer) => "integer",
            (_, ColumnType::BigInteger) => "bigint",
            (_, ColumnType::Boolean) => "boolean",
            (_, ColumnType::Json) => "json",
            (_, ColumnType::Date) => "date",
            (_, ColumnType::VarBinary(_) | ColumnType::Binary(_) | ColumnType::Blob) => "bytea",
            (_, other) => panic!("{other:?}"),
        };
        (column.as_str().to_owned(), (def.is_null(), kind.to_owned()))
    });
    (E::default().table_name().to_owned(), columns.collect())
}

macro_rules! every_entity {
    ($backend:expr, $($name:ident)*) => { BTreeMap::from([$(of_entity(entity::$name::Entity, $backend)),*]) };
}

async fn of_database(db: &Db) -> BTreeMap<String, Columns> {
    let (backend, sql) = if db.is_postgres() {
        let sql = "select table_name, column_name, is_nullable = 'YES', data_type from information_schema.columns \
                   where table_schema = current_schema()";
        (DbBackend::Postgres, sql)
    } else {
        // A primary key of one column is never null here, whatever SQLite says.
        let sql = "select m.name, c.name, c.\"notnull\" = 0 and c.pk = 0, '' from sqlite_master m \
                   join pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite_%'";
        (DbBackend::Sqlite, sql)
    };
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    for row in db.reader().query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
        let (table, column, null, kind): (String, String, bool, String) = row.try_get_many_by_index().unwrap();
        tables.entry(table).or_default().insert(column, (null, kind));
    }
    tables.remove("seaql_migrations");
    tables
}

async fn entities_and_tables_agree(db: &Db) {
    let backend = db.reader().get_database_backend();
    let entities = every_entity!(backend, agent agent_report api_token approval audit_event build cadence cadence_row customer deployment deployment_count
        emergency environment environment_update estate exemption flight flight_switch freeze halt incident lease mailing notification notification_read outbox
        plan_version recovery recovery_move region rollout service_update session
        setting sign_in_throttle stage stage_telemetry station telemetry_hour train update_count user_account);
    let tables = of_database(db).await;
    let names = |of: &BTreeMap<String, Columns>| of.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&entities), names(&tables));
    for (table, columns) in &entities {
        assert_eq!(columns, &tables[table], "{table}");
    }
}
