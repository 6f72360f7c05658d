//! The designation form: what it says is what happens.

use super::{Stage, done, refused, stage};
use crate::environment::DesignateForm;
use domain::ids::EnvironmentId;
use domain::permission::Role;
use domain::wire::environment::DesignationForm;
use domain::wire::problem::FormProblem;

async fn form(stage: &Stage, name: &str) -> (EnvironmentId, DesignationForm) {
    let id = stage.environment_id(stage.contoso, name);
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let view = stage.services.show_environment(&owner, id).await.unwrap();
    (id, view.designation.expect("a sandbox of one's own can be designated"))
}

fn effect<'a>(form: &'a DesignationForm, key: &str) -> (&'a str, bool) {
    let option = form.options.iter().find(|option| option.key == key).unwrap();
    (&option.effect, option.refused)
}

#[tokio::test]
async fn the_effect_that_is_said_is_the_effect_that_is_done() {
    let stage = stage().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let (id, before) = form(&stage, "UAT").await;
    let (said, _) = effect(&before, "with_production");
    assert_eq!(said, "From the next train on, UAT is updated with PROD.");
    assert_eq!(effect(&before, "standard").0, "This is how it is now.");
    let chosen = DesignateForm {
        designation: "with_production".into(),
        production: before.production,
        generation: before.generation,
    };
    assert_eq!(done(stage.services.designate_sandbox(&owner, id, &chosen).await.unwrap()), said);

    let view = stage.services.show_environment(&owner, id).await.unwrap();
    assert_eq!(view.designation_text, "Updated with PROD");
    let audit = store::audit::list(stage.services.db().reader(), None, 1).await.unwrap().rows.remove(0);
    assert_eq!((audit.action.as_str(), audit.object.id), ("environment.designated", id.to_string()));
    assert_eq!(audit.customer, Some(stage.contoso));
    assert_eq!(audit.details["from"]["with"], "standard");
    assert_eq!(audit.details["to"]["with"], "with_production");
}

/// G2: "the process will start with environments that opt in for early deployment", in production too.
#[tokio::test]
async fn production_opts_in_early_too() {
    let stage = stage().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let (id, before) = form(&stage, "PROD").await;
    assert_eq!(before.options.iter().map(|option| option.key.as_str()).collect::<Vec<_>>(), ["standard", "early"]);
    let (said, _) = effect(&before, "early");
    assert!(said.starts_with("PROD is updated first in its station"), "{said}");
    let chosen = DesignateForm { designation: "early".into(), production: None, generation: before.generation };
    assert_eq!(done(stage.services.designate_sandbox(&owner, id, &chosen).await.unwrap()), said);
    let view = stage.services.show_environment(&owner, id).await.unwrap();
    assert_eq!(view.designation_text, "Updated first in its station");
}

#[tokio::test]
async fn an_announced_night_stays_and_is_said_to_stay() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-10-07T08:00:00Z").await;
    let (_, form) = form(&stage, "UAT").await;
    let (said, _) = effect(&form, "early");
    assert!(said.starts_with("From the next train on, UAT is updated first of all, at station 1."), "{said}");
    assert!(said.contains("The update announced for ") && said.ends_with(" CEST stays."), "{said}");
}

#[tokio::test]
async fn a_sandbox_behind_its_production_moves_with_it() {
    let stage = stage().await;
    let (_, form) = form(&stage, "LEGACY").await;
    let (said, refused) = effect(&form, "with_production");
    assert_eq!(said, "From the next train on, LEGACY is updated with PROD.");
    assert!(!refused);
}

#[tokio::test]
async fn the_second_of_two_writers_is_told_that_somebody_was_faster() {
    let stage = stage().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let (id, seen) = form(&stage, "UAT").await;
    let choose = |designation: &str| DesignateForm {
        designation: designation.into(),
        production: None,
        generation: seen.generation,
    };
    done(stage.services.designate_sandbox(&owner, id, &choose("early")).await.unwrap());
    let late = stage.services.designate_sandbox(&owner, id, &choose("standard")).await.unwrap();
    assert_eq!(refused(late), FormProblem::SomeoneWasFaster);
    let view = stage.services.show_environment(&owner, id).await.unwrap();
    assert_eq!(view.designation_text, "Updated first of all, at station 1");
}

#[tokio::test]
async fn what_the_rules_forbid_is_refused_beside_its_field() {
    let stage = stage().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let of = |customer, name| stage.environment_id(customer, name);
    let (uat, prod) = (of(stage.contoso, "UAT"), of(stage.contoso, "PROD"));
    let trial = of(stage.contoso, "TRAIN");
    let foreign = of(stage.fabrikam, "PROD");
    for (id, designation, production, expected) in [
        (uat, "", None, FormProblem::DesignationMissing),
        (uat, "sometimes", None, FormProblem::DesignationMissing),
        (uat, "with_production", None, FormProblem::NoSuchProduction),
        (uat, "with_production", Some(uat), FormProblem::NoSuchProduction),
        (uat, "with_production", Some(foreign), FormProblem::NoSuchProduction),
        (prod, "with_production", Some(prod), FormProblem::NotASandbox),
        (trial, "early", None, FormProblem::NotASandbox),
    ] {
        let form = DesignateForm { designation: designation.into(), production, generation: 1 };
        let outcome = stage.services.designate_sandbox(&owner, id, &form).await.unwrap();
        assert_eq!(refused(outcome), expected, "{designation}");
    }
}

#[tokio::test]
async fn one_sandbox_stays_in_front_of_production() {
    let stage = stage().await;
    let owner = stage.by("customer_admin@fabrikam.example").await.unwrap();
    let production = stage.environment_id(stage.fabrikam, "PROD");
    let choose =
        |generation| DesignateForm { designation: "with_production".into(), production: Some(production), generation };
    let lab = stage.environment_id(stage.fabrikam, "LAB");
    done(stage.services.designate_sandbox(&owner, lab, &choose(1)).await.unwrap());
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    let outcome = stage.services.designate_sandbox(&owner, uat, &choose(1)).await.unwrap();
    assert_eq!(refused(outcome), FormProblem::NoSandboxLeftInFront);
    let view = stage.services.show_environment(&owner, uat).await.unwrap();
    let form = view.designation.unwrap();
    let (said, is_refused) = effect(&form, "with_production");
    assert!(is_refused && said.contains("at least one has to be updated before production"), "{said}");
}
