//! Who asks, when, and under which request id. Made once per request, at the edge.

use crate::error::{Error, require};
use crate::zone::ZoneClockface;
use chrono::{DateTime, Utc};
use domain::ids::CustomerId;
use domain::people::Person;
use domain::permission::{Actor, Permission, TenantScope};
use domain::token::Caller;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestContext {
    pub actor: Actor,
    pub now: DateTime<Utc>,
    pub request_id: String,
}

/// As [`RequestContext`], of a program that asks with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerContext {
    pub caller: Caller,
    pub now: DateTime<Utc>,
}

impl RequestContext {
    pub(crate) fn require(&self, what: Permission) -> Result<(), Error> {
        require(&self.actor, what)
    }

    /// As what this person does is signed.
    pub(crate) fn person(&self) -> Person {
        Person { id: self.actor.user, name: self.actor.name.clone() }
    }

    pub(crate) fn clock(&self) -> ZoneClockface {
        ZoneClockface::of_viewer(&self.actor.time_zone)
    }

    /// The customer whose estate this person may see as their own. Staff has none.
    pub(crate) fn own_customer(&self) -> Result<CustomerId, Error> {
        self.require(Permission::SeeOwnEstate)?;
        match self.actor.scope() {
            Some(TenantScope::Customer(customer)) => Ok(customer),
            Some(TenantScope::AllCustomers) | None => Err(Error::Forbidden),
        }
    }

    /// Whose environments this person may look at one by one: staff any, customers their own.
    pub(crate) fn environment_scope(&self) -> Result<TenantScope, Error> {
        if self.actor.may(Permission::SeeEnvironments) {
            self.actor.scope().ok_or(Error::Forbidden)
        } else {
            self.own_customer().map(TenantScope::Customer)
        }
    }
}
