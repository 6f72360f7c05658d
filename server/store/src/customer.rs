//! Customers.

use crate::entity::customer::{ActiveModel, Column, Entity, Model};
use crate::row::{ROWS_PER_INSERT, Row, ms, name_key};
use crate::{Connection, Error, Result};
use chrono::{DateTime, Utc};
use domain::ids::CustomerId;
use domain::permission::TenantScope;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, Select};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub id: CustomerId,
    pub name: String,
    pub domain: String,
    pub sector: String,
    pub regulated: bool,
    pub created_at: DateTime<Utc>,
}

impl TryFrom<Model> for Customer {
    type Error = crate::Error;

    fn try_from(model: Model) -> Result<Self> {
        let id = CustomerId::new(model.id);
        Ok(Self {
            id,
            name: model.name,
            domain: model.domain,
            sector: model.sector,
            regulated: model.regulated,
            created_at: Row::new("customer", id).at(model.created_ms)?,
        })
    }
}

fn scoped(scope: TenantScope) -> Select<Entity> {
    match scope {
        TenantScope::Customer(own) => Entity::find().filter(Column::Id.eq(own.uuid())),
        TenantScope::AllCustomers => Entity::find(),
    }
}

/// Conflict where a domain is taken.
pub async fn insert_many(conn: &impl Connection, customers: &[Customer]) -> Result<()> {
    for chunk in customers.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().map(|customer| -> ActiveModel {
            Model {
                id: customer.id.uuid(),
                name: customer.name.clone(),
                name_key: name_key(&customer.name),
                domain: customer.domain.clone(),
                sector: customer.sector.clone(),
                regulated: customer.regulated,
                created_ms: ms(customer.created_at),
            }
            .into_active_model()
        });
        Entity::insert_many(rows).exec_without_returning(conn).await?;
    }
    Ok(())
}

pub async fn find(conn: &impl Connection, scope: TenantScope, id: CustomerId) -> Result<Option<Customer>> {
    scoped(scope).filter(Column::Id.eq(id.uuid())).one(conn).await?.map(Customer::try_from).transpose()
}

/// By its domain, however that is capitalised.
pub async fn find_by_domain(conn: &impl Connection, domain: &str) -> Result<Option<Customer>> {
    let domain = domain.trim().to_lowercase();
    Entity::find().filter(Column::Domain.eq(domain)).one(conn).await?.map(Customer::try_from).transpose()
}

/// Makes those who decide over this customer's estate as a whole queue: what one has read stays true until it ends. Weak
/// enough that rows which only point at the customer are still written. SQLite has one writer anyway.
pub async fn lock(conn: &impl Connection, id: CustomerId) -> Result<()> {
    let row = Entity::find_by_id(id.uuid()).lock(LockType::NoKeyUpdate).one(conn).await?;
    row.map(drop).ok_or(Error::NotFound)
}

/// All of them, by name. For staff pages and jobs.
pub async fn list(conn: &impl Connection) -> Result<Vec<Customer>> {
    let rows = Entity::find().order_by_asc(Column::NameKey).order_by_asc(Column::Id).all(conn).await?;
    rows.into_iter().map(Customer::try_from).collect()
}
