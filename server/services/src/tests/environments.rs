//! The list of environments and one whole, before, during and after a rollout.

use super::{done, stage};
use chrono::TimeDelta;
use domain::permission::{Role, TenantScope};
use domain::rollout::UpdateState;
use domain::wire::environment::{EnvironmentView, EnvironmentsParams};
use domain::wire::signal::{LineState, UpdateStateWord};
use store::update::WithRollout;

async fn show(stage: &super::Stage, name: &str) -> EnvironmentView {
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let id = stage.environment_id(stage.contoso, name);
    stage.services.show_environment(&owner, id).await.unwrap()
}

async fn stored(stage: &super::Stage, view: &EnvironmentView) -> Vec<WithRollout> {
    let reader = stage.services.db().reader();
    store::update::of_environment(reader, TenantScope::AllCustomers, view.id).await.unwrap()
}

fn fact<'a>(view: &'a EnvironmentView, label: &str) -> &'a str {
    view.facts.iter().find(|(known, _)| known == label).map(|(_, value)| value.as_str()).unwrap_or_default()
}

#[tokio::test]
async fn without_a_rollout_it_says_why_nothing_comes() {
    let stage = stage().await;
    let view = show(&stage, "UAT").await;
    assert_eq!(view.next, None);
    assert!(view.line.is_empty());
    assert_eq!(view.why[0].text, "No train of 10.0.48 is under way");
    assert_eq!(fact(&view, "Region"), "North Europe, station 4");
    assert_eq!(fact(&view, "Dark hours"), "22:00–04:00 UTC");
    assert_eq!(fact(&view, "Days"), "Any night");
    assert_eq!(view.history.len(), 1);
    assert_eq!(view.history[0].train, "10.0.48 PQU-6");
}

#[tokio::test]
async fn another_service_update_is_told_that_the_train_passes_by() {
    let stage = stage().await;
    stage.start().await;
    let texts: Vec<String> = show(&stage, "LEGACY").await.why.into_iter().map(|why| why.text).collect();
    assert_eq!(
        texts,
        [
            "No train of 10.0.47 is under way",
            "10.0.48 PQU-7 is under way, but updates environments on 10.0.48; this one is on 10.0.47"
        ]
    );
}

#[tokio::test]
async fn the_line_is_personal_and_the_reasons_are_the_planners() {
    let stage = stage().await;
    stage.start().await;
    let view = show(&stage, "UAT").await;
    let next = view.next.as_ref().unwrap();
    assert_eq!((next.state, next.night_chosen), (UpdateStateWord::Planned, false));
    assert_eq!(next.when.text, "12–15 Oct 2026");
    assert_eq!(next.impact, "about 30 minutes of outage");
    let yours: Vec<_> = view.line.iter().filter(|node| node.is_yours).collect();
    assert_eq!(yours.len(), 1);
    assert_eq!(yours[0].station, 4);
    assert_eq!(yours[0].lines, ["North Europe", "12–15 Oct 2026"]);
    assert_eq!(view.line.len(), 6);
    assert_eq!(view.why.len(), stored(&stage, &view).await[0].update.reasons.len());
}

/// Each blocking rule by name, also where it holds a stage before its own.
#[tokio::test]
async fn whoever_waits_for_a_stage_is_told_what_that_waits_for() {
    let stage = stage().await;
    let starter = stage.as_role(Role::ReleaseManager).await.unwrap();
    done(stage.services.start_rollout(&starter, stage.rollout).await.unwrap());
    let approver = stage.as_role(Role::Approver).await.unwrap();
    for station in [2, 5, 6] {
        done(stage.services.approve_promotion(&approver, stage.rollout, station).await.unwrap());
    }
    stage.tick().await;
    let begins = stored(&stage, &show(&stage, "UAT").await).await[0].update.next.unwrap();
    stage.run_until(&begins.to_rfc3339()).await;
    let night = stored(&stage, &show(&stage, "UAT").await).await[0].update.state.night().unwrap();
    stage.run_until(&(night.start + TimeDelta::hours(1)).to_rfc3339()).await;
    let texts: Vec<String> = show(&stage, "UAT").await.why.into_iter().map(|why| why.text).collect();
    let closed = texts.iter().position(|text| text == "Station 4 · Sandbox is not open yet");
    let closed = closed.unwrap_or_else(|| panic!("{texts:?}"));
    assert_eq!(
        texts[closed + 1..closed + 4],
        [
            "Waits for Station 3 · Sandbox to pass",
            "Station 3 · Sandbox: Waits for the approval of station 3",
            "Station 4 waits for an approval",
        ],
        "{texts:?}"
    );
}

#[tokio::test]
async fn afterwards_the_history_has_it_and_the_reason_says_so() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-10-27T08:00:00Z").await;
    let view = show(&stage, "UAT").await;
    assert_eq!(view.build, "10.0.2645.147");
    assert_eq!(view.history[0].state, UpdateStateWord::Succeeded);
    assert_eq!(view.history[0].train, "10.0.48 PQU-7");
    let stored = &stored(&stage, &view).await[0].update.state;
    let UpdateState::Succeeded { started_at, finished_at, .. } = stored else { panic!("{stored:?}") };
    assert_eq!(view.history[0].took, format!("{} min", (*finished_at - *started_at).num_minutes()));
    assert_eq!(view.history.len(), 2, "{:?}", view.history);
    let rollout = store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap();
    assert_eq!(rollout.state.word(), "Completed", "{:?}", rollout.report);
    assert_eq!(view.next, None);
    assert!(view.why.iter().any(|why| why.text.contains("the build of 10.0.48 PQU-7")), "{:?}", view.why);
}

#[tokio::test]
async fn filters_narrow_the_list_and_its_total() {
    let stage = stage().await;
    stage.start().await;
    let owner = stage.as_role(Role::CustomerAdmin).await.unwrap();
    for (q, kind, state, expected) in [
        ("", "", "", 6),
        ("t", "", "", 3),
        ("T", "sandbox", "", 2),
        ("", "production", "", 1),
        ("", "", "planned", 4),
        ("%", "", "", 0),
        ("", "nonsense", "", 6),
    ] {
        let params = EnvironmentsParams { q: q.into(), kind: kind.into(), state: state.into(), after: None };
        let view = stage.services.list_environments(&owner, &params).await.unwrap();
        assert_eq!((view.rows.len(), view.total), (expected, expected as u64), "{q} {kind} {state}");
    }
}

#[tokio::test]
async fn the_train_stands_at_the_station_that_runs() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-30T08:00:00Z").await;
    let states: Vec<LineState> = show(&stage, "UAT").await.line.iter().map(|node| node.state).collect();
    assert_eq!(states[0], LineState::Running, "{states:?}");
    assert!(states[1..].iter().all(|state| *state == LineState::Waiting), "{states:?}");
}
