//! The plan of a rollout before it happens, kept and compared.

use super::{Stage, done, stage};
use chrono::TimeDelta;
use domain::fleet::Exemption;
use domain::permission::Role;
use domain::rollout::LeftOut;
use domain::wire::plan::{PlanParams, PlanView};

async fn plan(stage: &Stage, why: &str) -> PlanView {
    let ctx = stage.as_role(Role::ReleaseManager).await.unwrap();
    let params = PlanParams { rollout: Some(stage.rollout), why: why.to_owned(), after: String::new() };
    stage.services.show_plan(&ctx, &params).await.unwrap()
}

async fn set(stage: &Stage, whom: &str, percent: &str) {
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.set_percent(&manager, stage.rollout, whom, percent).await.unwrap());
}

#[tokio::test]
async fn a_plan_says_who_goes_when_and_who_does_not() {
    let stage = stage().await;
    let view = plan(&stage, "").await;
    assert_eq!((view.number, view.progress, view.difference.clone()), (1, None, None));
    let figures = view.figures.unwrap();
    assert_eq!((figures.aboard, figures.skipped), (7, 1), "LAB has no station");
    let station4 = figures.stages.iter().find(|row| row.title == "Station 4 · Production").unwrap();
    assert_eq!((station4.aboard, station4.percent), (2, 100));
    assert_eq!(station4.nights.iter().map(|(_, n)| n).sum::<u32>(), 2);
    let on_nights: u32 = figures.stages.iter().flat_map(|row| &row.nights).map(|(_, n)| n).sum();
    assert_eq!(on_nights, figures.aboard, "everybody has a night");
    assert_eq!(figures.left_out[0].key, LeftOut::NoStation.key());
    assert!(figures.last_night.is_some() && figures.conflicts.is_empty(), "{:?}", figures.conflicts);
    assert!(!view.only_up && view.ramp.iter().any(|(key, _)| key == "4-sandbox"));
    let listed = plan(&stage, "no_station").await.listed.unwrap();
    assert_eq!(listed.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["LAB"]);
    assert!(listed.rows[0].why.contains("East US 2") && listed.next.is_none());
}

#[tokio::test]
async fn an_edit_makes_a_plan_that_is_compared_with_the_one_before() {
    let stage = stage().await;
    let before = plan(&stage, "").await.figures.unwrap();
    set(&stage, "4-sandbox", "0").await;
    let view = plan(&stage, "not_in_share").await;
    assert_eq!(view.number, 2);
    let (after, difference) = (view.figures.unwrap(), view.difference.unwrap());
    assert!(after.aboard < before.aboard);
    assert!(
        difference.because.starts_with("Since plan 1: the rollout was edited by Release manager of vendor.example on "),
        "{}",
        difference.because
    );
    let row = |what: &str| difference.rows.iter().find(|row| row.what == what).unwrap();
    assert_eq!(row("Station 4 · Sandbox, percentage").after, "0 %");
    let aboard = row("Station 4 · Sandbox, aboard");
    assert_eq!((aboard.before.as_str(), aboard.after.as_str()), ("4", "0"));
    assert!(difference.rows.iter().any(|row| row.what.starts_with("Station 4 · Sandbox, night of ")));
    assert_eq!(view.listed.unwrap().rows.len(), 4, "UAT, TEST, TRAIN, and UAT of Fabrikam");
    assert_eq!(plan(&stage, "").await.number, 2, "looking again makes no other");
}

#[tokio::test]
async fn an_emergency_path_makes_another_plan_when_it_comes_and_when_it_ends() {
    let (stage, id) = super::emergency::in_force_after(async |stage| {
        stage.start().await;
        assert_eq!(plan(stage, "").await.number, 1);
    })
    .await;
    let because = async |number| {
        let view = plan(&stage, "").await;
        assert_eq!(view.number, number);
        view.difference.unwrap().because
    };
    assert_eq!(because(2).await, "Since plan 1: the emergency path came into force");
    assert_eq!(because(2).await, "Since plan 1: the emergency path came into force", "looking again makes no other");
    let manager = stage.as_role(Role::ReleaseManager).await.unwrap();
    let form = crate::EmergencyActForm { text: "the leak is closed".into(), ..Default::default() };
    done(stage.services.end_emergency(&manager, id, &form).await.unwrap());
    assert_eq!(because(3).await, "Since plan 2: the emergency path ended");
}

#[tokio::test]
async fn a_plan_of_other_figures_is_another_plan() {
    let stage = stage().await;
    assert_eq!(plan(&stage, "").await.number, 1);
    let uat = stage.environment_id(stage.fabrikam, "UAT");
    let expires_at = stage.now() + TimeDelta::days(90);
    let exemption = Exemption { reason: "GxP".into(), evidence: "VP-1".into(), expires_at };
    let tx = stage.services.db().begin().await.unwrap();
    store::environment::set_exemption(&tx, uat, Some(&exemption)).await.unwrap();
    tx.commit().await.unwrap();
    stage.clock.advance(TimeDelta::hours(2));
    let view = plan(&stage, "").await;
    assert_eq!(view.number, 2);
    assert_eq!(view.difference.unwrap().because, "Since plan 1: time passed, and the fleet changed");
    stage.clock.advance(TimeDelta::hours(2));
    assert_eq!(plan(&stage, "").await.number, 2, "worked out again, with the same figures");
}

#[tokio::test]
async fn a_running_plan_is_worked_out_by_whoever_comes_and_only_once() {
    let stage = stage().await;
    assert!(!stage.services.work_on_plans().await.unwrap(), "nobody asked for one");
    stage.start().await;
    let view = plan(&stage, "").await;
    assert!(view.only_up && view.figures.is_some());
    assert!(!stage.services.work_on_plans().await.unwrap(), "it is done");
    stage.run_until("2026-10-27T08:00:00Z").await;
    let view = plan(&stage, "").await;
    assert_eq!(view.number, 1, "the same plan, worked out again");
    assert!(view.ramp.is_empty(), "it is over");
    let support = stage.as_role(Role::Support).await.unwrap();
    let params = PlanParams { rollout: Some(stage.rollout), ..PlanParams::default() };
    assert!(stage.services.show_plan(&support, &params).await.unwrap().ramp.is_empty());
}
