//! Names of what freezes are for, and where environments are.

use crate::Result;
use domain::catalogue::Catalogue;
use domain::fleet::Cloud;
use domain::freeze::words::FreezeNames;
use domain::freeze::{Freeze, FreezeScope, Place};
use domain::ids::{CustomerId, EnvironmentId};
use domain::permission::TenantScope;
use domain::rollout::words::Names;
use std::collections::HashMap;
use store::Connection;

#[derive(Debug, Default)]
pub(crate) struct FreezePlaces {
    catalogue: Catalogue,
    customers: HashMap<CustomerId, String>,
    environments: HashMap<EnvironmentId, String>,
}

impl FreezePlaces {
    /// With the names that these scopes point at.
    pub(crate) async fn of(conn: &impl Connection, scopes: &[FreezeScope]) -> Result<Self> {
        let mut places = Self { catalogue: store::catalogue::load(conn).await?, ..Self::default() };
        for scope in scopes {
            match scope {
                FreezeScope::Customer { customer } => places.name(conn, *customer).await?,
                FreezeScope::Environment { environment } => {
                    let found = store::environment::find(conn, TenantScope::AllCustomers, *environment).await?;
                    if let Some(found) = found {
                        places.name(conn, found.customer).await?;
                        let name = format!("{} of {}", found.name, places.customer(found.customer));
                        places.environments.insert(*environment, name);
                    }
                }
                FreezeScope::Global | FreezeScope::Cloud { .. } | FreezeScope::Region { .. } => {}
            }
        }
        Ok(places)
    }

    pub(crate) async fn of_freezes(conn: &impl Connection, freezes: &[Freeze]) -> Result<Self> {
        let scopes: Vec<FreezeScope> = freezes.iter().map(|freeze| freeze.scope.clone()).collect();
        Self::of(conn, &scopes).await
    }

    async fn name(&mut self, conn: &impl Connection, id: CustomerId) -> Result<()> {
        if let Some(customer) = store::customer::find(conn, TenantScope::AllCustomers, id).await? {
            self.customers.insert(id, customer.name);
        }
        Ok(())
    }

    pub(crate) const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }
}

/// Where an environment is, as far as freezes care. A region that the catalogue does not know is in the public cloud.
pub(crate) fn place<'a>(
    catalogue: &Catalogue,
    region: &'a str,
    customer: CustomerId,
    environment: EnvironmentId,
) -> Place<'a> {
    let cloud = catalogue.region(region).map_or(Cloud::Public, |region| region.cloud);
    Place { cloud, region, customer, environment }
}

impl Names for FreezePlaces {
    fn environment(&self, id: EnvironmentId) -> String {
        self.environments.get(&id).cloned().unwrap_or_else(|| "one environment".to_owned())
    }
}

impl FreezeNames for FreezePlaces {
    fn region(&self, slug: &str) -> String {
        self.catalogue.region(slug).map_or_else(|| slug.to_owned(), |region| region.name.clone())
    }

    fn customer(&self, id: CustomerId) -> String {
        self.customers.get(&id).cloned().unwrap_or_else(|| "one customer".to_owned())
    }
}
