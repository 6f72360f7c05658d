//! The customer's choice for a sandbox, carried out.

use super::designation::{effect_text, promise};
use crate::trail::{By, Deed};
use crate::{Error, RequestContext, Result, Services};
use domain::fleet::Designation;
use domain::fleet::designation::{DesignationError, Member, designate};
use domain::ids::EnvironmentId;
use domain::permission::{Permission, TenantScope};
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use serde_json::json;
use store::environment::Environment;

/// What was sent. `generation` is the one that the form was made from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DesignateForm {
    /// `standard`, `early`, `with_production`
    pub designation: String,
    pub production: Option<EnvironmentId>,
    pub generation: i64,
}

impl DesignateForm {
    fn read(&self) -> Result<Designation, FormProblem> {
        match self.designation.as_str() {
            "standard" => Ok(Designation::Standard),
            "early" => Ok(Designation::Early),
            "with_production" => {
                let production = self.production.ok_or(FormProblem::NoSuchProduction)?;
                Ok(Designation::WithProduction { production })
            }
            _ => Err(FormProblem::DesignationMissing),
        }
    }
}

const fn problem(error: DesignationError) -> FormProblem {
    match error {
        DesignationError::NotASandbox => FormProblem::NotASandbox,
        DesignationError::NoSuchProduction => FormProblem::NoSuchProduction,
        DesignationError::NoSandboxLeftInFront => FormProblem::NoSandboxLeftInFront,
        DesignationError::UpdateRunning => FormProblem::UpdateRunning,
    }
}

impl Services {
    pub async fn designate_sandbox(
        &self,
        ctx: &RequestContext,
        id: EnvironmentId,
        form: &DesignateForm,
    ) -> Result<FormOutcome> {
        ctx.require(Permission::DesignateSandbox)?;
        let customer = ctx.own_customer()?;
        let refuse = |problem| Ok(FormOutcome::Refused { problem });
        let to = match form.read() {
            Ok(to) => to,
            Err(problem) => return refuse(problem),
        };
        let tx = self.db().begin().await?;
        // Two choices at the same time could each leave the other's sandbox as the last one in front of production.
        store::customer::lock(&tx, customer).await?;
        let scope = TenantScope::Customer(customer);
        let before = store::environment::find(&tx, scope, id).await?.ok_or(Error::NotFound)?;
        if before.generation != form.generation {
            return refuse(FormProblem::SomeoneWasFaster);
        }
        let estate = store::environment::estate(&tx, customer).await?;
        let members: Vec<Member> = estate.iter().map(Environment::member).collect();
        let promise = promise(&store::update::of_environment(&tx, scope, id).await?);
        let effect = match designate(&before.member(), to, &members, promise) {
            Ok(effect) => effect,
            Err(error) => return refuse(problem(error)),
        };
        if to == before.designation {
            return Ok(FormOutcome::Done { message: "Nothing was changed: this is how it is already.".to_owned() });
        }
        match store::environment::set_designation(&tx, id, form.generation, to).await {
            Err(store::Error::Conflict { .. }) => return refuse(FormProblem::SomeoneWasFaster),
            other => other?,
        };
        let deed = Deed {
            action: "environment.designated",
            object_kind: "environment",
            object_id: id.to_string(),
            customer: Some(customer),
            details: json!({ "from": before.designation, "to": to }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        let text = format!("{} has a new designation", before.name);
        self.announce(&tx, ctx.now, Topic::Estate(customer), text).await?;
        tx.commit().await?;
        self.events().poke();
        Ok(FormOutcome::Done { message: effect_text(&before.member(), &effect, &ctx.clock()) })
    }
}
