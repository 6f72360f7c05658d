//! Freezes: who sets them, what they move, that they win over a plan made before, and who sees them.

use super::{Stage, done, refused, stage};
use crate::{Error, RequestContext};
use chrono::TimeDelta;
use domain::ids::FreezeId;
use domain::permission::Role;
use domain::rollout::{EnvironmentReason, MoveReason, UpdateFacts, UpdateState};
use domain::wire::calendar::{BarStyle, CalendarParams};
use domain::wire::freeze::{FreezeForm, FreezesView};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use domain::wire::problem::FormProblem;
use std::collections::BTreeMap;
use store::rollout::Reach;
use uuid::Uuid;

fn form(scope: &str, first: &str, last: &str) -> FreezeForm {
    FreezeForm { scope: scope.into(), first: first.into(), last: last.into(), ..FreezeForm::default() }
}

fn of_customer(domain: &str, environment: &str, first: &str, last: &str) -> FreezeForm {
    let scope = if environment.is_empty() { "customer" } else { "environment" };
    FreezeForm { customer: domain.into(), environment: environment.into(), ..form(scope, first, last) }
}

async fn manager(stage: &Stage) -> RequestContext {
    stage.as_role(Role::ReleaseManager).await.unwrap()
}

async fn list(stage: &Stage, form: &FreezeForm) -> FreezesView {
    stage.services.list_freezes(&manager(stage).await, form).await.unwrap()
}

async fn dev(stage: &Stage) -> UpdateFacts {
    let snapshot = stage.services.db().snapshot().await.unwrap();
    let loaded = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap();
    let id = stage.environment_id(stage.contoso, "DEV");
    loaded.facts.environments.into_iter().find(|environment| environment.id == id).unwrap().update.unwrap()
}

async fn generation(stage: &Stage) -> i64 {
    store::rollout::find(stage.services.db().reader(), stage.rollout).await.unwrap().unwrap().generation
}

/// DEV's night is announced: the only one.
async fn announced() -> Stage {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-09-25T08:00:00Z").await;
    assert!(matches!(dev(&stage).await.state, UpdateState::Announced { .. }));
    stage
}

#[tokio::test]
async fn a_freeze_is_looked_at_set_and_moves_what_falls_into_it() {
    let stage = announced().await;
    let night = dev(&stage).await.state.night().unwrap();
    let asked = form("global", &night.date.to_string(), "2026-10-03");
    let preview = list(&stage, &asked).await.preview.unwrap();
    assert_eq!(preview.what, "Freeze every environment, the nights of 30 Sep–3 Oct 2026");
    assert_eq!((preview.environments, preview.touches.len()), (1, 1));
    assert_eq!((preview.touches[0].train.as_str(), preview.touches[0].nights), ("10.0.48 PQU-7", 1));
    assert!(preview.effect.contains("1 announced night of 1 environment fall into it"), "{}", preview.effect);
    assert!(list(&stage, &FreezeForm::default()).await.current.is_empty(), "looking sets nothing");

    let before = generation(&stage).await;
    done(stage.services.set_freeze(&manager(&stage).await, &asked, "audit of the year").await.unwrap());
    assert_eq!(generation(&stage).await, before + 1, "no plan made before is carried out after");
    stage.tick().await;
    let moved = dev(&stage).await;
    let UpdateState::Announced { night: to, moved: Some(why), .. } = &moved.state else { panic!("{:?}", moved.state) };
    assert!(to.date > "2026-10-03".parse().unwrap(), "{to:?}");
    let MoveReason::Frozen { why, until } = &why.reason else { panic!("{why:?}") };
    assert_eq!((why.as_str(), *until), ("audit of the year", "2026-10-03".parse().ok()));
    let admin = stage.by("customer_admin@contoso.example").await.unwrap();
    let letters = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap();
    assert!(letters.rows.iter().any(|row| row.kind == NotificationKind::Moved), "{:?}", letters.rows);

    let row = &list(&stage, &FreezeForm::default()).await.current[0];
    assert_eq!((row.scope.as_str(), row.state.as_str(), row.may_end), ("every environment", "Planned", true));
    let page = stage.services.show_environment(&admin, stage.environment_id(stage.contoso, "DEV")).await.unwrap();
    let moved = page.next.unwrap().moved.unwrap();
    assert!(moved.contains("a freeze holds its nights until Sat 3 Oct 2026: audit of the year"), "{moved}");
}

/// Whom a freeze takes an expected night from is counted, too.
#[tokio::test]
async fn expected_nights_are_counted_and_move() {
    let stage = announced().await;
    let planned = async || {
        let snapshot = stage.services.db().snapshot().await.unwrap();
        let loaded = store::rollout::load_facts(&snapshot, stage.rollout, Reach::Everyone).await.unwrap().unwrap();
        let planned = loaded.facts.environments.into_iter().filter_map(|environment| {
            let update = environment.update.filter(|update| update.state == UpdateState::Planned)?;
            let (start, hours) = (update.next?, environment.placement.dark_hours?);
            let nights = [start.date_naive().pred_opt()?, start.date_naive(), start.date_naive().succ_opt()?];
            let night = nights.into_iter().filter_map(|date| hours.night(date)).find(|night| night.start == start)?;
            Some((environment.id, night.date))
        });
        planned.collect::<BTreeMap<_, _>>()
    };
    let before = planned().await;
    let date = *before.values().next().unwrap();
    let taken = before.values().filter(|expected| **expected == date).count();
    assert!(taken > 0 && taken < before.len(), "{before:?}");
    let asked = form("global", &date.to_string(), &date.to_string());
    let effect = list(&stage, &asked).await.preview.unwrap().effect;
    assert!(
        effect.contains(&format!(" {taken} environment")) && effect.contains("not told of a night yet"),
        "{effect}"
    );
    done(stage.services.set_freeze(&manager(&stage).await, &asked, "audit of the year").await.unwrap());
    stage.tick().await;
    let after = planned().await;
    let moved = before.iter().filter(|(id, expected)| **expected == date && after.get(id) != Some(&date)).count();
    assert_eq!((moved, after.len()), (taken, before.len()), "{before:?} {after:?}");
    assert!(!after.values().any(|expected| *expected == date), "{after:?}");
}

#[tokio::test]
async fn a_freeze_between_start_and_dispatch_wins() {
    let stage = announced().await;
    let update = dev(&stage).await;
    let night = update.state.night().unwrap();
    stage.run_until(&(night.start - TimeDelta::hours(1)).to_rfc3339()).await;
    stage.clock.set(night.start);
    let update = dev(&stage).await;
    let started = update.state.clone().start(stage.now()).unwrap();
    let tx = stage.services.db().begin().await.unwrap();
    store::update::save_state(&tx, update.id, store::update::Expect::State(&update.state), &started, 1).await.unwrap();
    tx.commit().await.unwrap();
    let date = night.date.to_string();
    let asked = of_customer("contoso.example", "dev", &date, &date);
    done(stage.services.set_freeze(&manager(&stage).await, &asked, "they asked").await.unwrap());
    let outcome = stage.services.engine_tick("tests").await.unwrap();
    assert_eq!(outcome.failed, 0);
    assert_eq!(stage.deployer.started(), 0);
    let back = dev(&stage).await;
    assert!(matches!(back.state, UpdateState::Announced { .. }), "{:?}", back.state);
    assert_eq!(back.attempts, 0);
    let frozen = |reason: &EnvironmentReason| matches!(reason, EnvironmentReason::Frozen { .. });
    let moved = matches!(&back.state, UpdateState::Announced { moved: Some(moved), .. } if matches!(moved.reason, MoveReason::Frozen { .. }));
    assert!(moved || back.reasons.iter().any(frozen), "{back:?}");
}

#[tokio::test]
async fn a_freeze_is_ended_early_once_and_with_a_reason() {
    let stage = announced().await;
    let manager = manager(&stage).await;
    let asked = form("global", "2026-12-20", "2027-01-03");
    done(stage.services.set_freeze(&manager, &asked, "year end").await.unwrap());
    let id = list(&stage, &FreezeForm::default()).await.current[0].id;
    assert_eq!(refused(stage.services.end_freeze(&manager, id, "").await.unwrap()), FormProblem::ReasonMissing);
    let before = generation(&stage).await;
    done(stage.services.end_freeze(&manager, id, "the audit is done").await.unwrap());
    assert_eq!(generation(&stage).await, before + 1);
    assert_eq!(refused(stage.services.end_freeze(&manager, id, "twice").await.unwrap()), FormProblem::FreezeEnded);
    let view = list(&stage, &FreezeForm::default()).await;
    assert_eq!((view.current.len(), view.past[0].state.as_str()), (0, "Ended"));
    assert!(view.past[0].ended.as_ref().unwrap().ends_with("by Release manager of vendor.example: the audit is done"));
    let nothing = FreezeId::new(Uuid::from_u128(7));
    assert!(matches!(stage.services.end_freeze(&manager, nothing, "x").await, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_the_form_cannot_mean_is_said_beside_its_field() {
    let stage = stage().await;
    let manager = manager(&stage).await;
    let yearly = FreezeForm { repeats: "yearly".into(), ..form("global", "2026-01-01", "2026-12-31") };
    for (asked, problem) in [
        (form("nonsense", "2026-12-20", "2026-12-24"), FormProblem::FreezeScopeMissing),
        (form("cloud", "2026-12-20", "2026-12-24"), FormProblem::CloudMissing),
        (form("region", "2026-12-20", "2026-12-24"), FormProblem::RegionMissing),
        (of_customer("nobody.example", "", "2026-12-20", "2026-12-24"), FormProblem::CustomerUnknown),
        (of_customer("contoso.example", "NOPE", "2026-12-20", "2026-12-24"), FormProblem::EnvironmentUnknown),
        (form("global", "", "2026-12-24"), FormProblem::FirstNightMissing),
        (form("global", "2026-12-24", "2026-12-20"), FormProblem::FreezeBackwards),
        (yearly, FormProblem::FreezeNeverEnds),
        (form("global", "2026-01-01", "2026-01-02"), FormProblem::FreezeOver),
    ] {
        assert_eq!(list(&stage, &asked).await.problem, Some(problem), "{asked:?}");
        assert_eq!(refused(stage.services.set_freeze(&manager, &asked, "x").await.unwrap()), problem, "{asked:?}");
        assert!(problem.field().is_some(), "{problem:?}");
    }
}

#[tokio::test]
async fn customers_see_their_own_freezes_in_the_calendar_and_no_others() {
    let stage = stage().await;
    let manager = manager(&stage).await;
    for (asked, why) in [
        (of_customer("fabrikam.example", "", "2026-10-05", "2026-10-06"), "theirs"),
        (of_customer("contoso.example", "UAT", "2026-10-12", "2026-10-13"), "ours"),
        (FreezeForm { region: "north-europe".into(), ..form("region", "2026-10-19", "2026-10-19") }, "the region's"),
    ] {
        done(stage.services.set_freeze(&manager, &asked, why).await.unwrap());
    }
    let admin = stage.by("customer_admin@contoso.example").await.unwrap();
    let params = CalendarParams { month: "2026-10".into(), ..CalendarParams::default() };
    let view = stage.services.show_calendar(&admin, &params).await.unwrap();
    let days = view.weeks.iter().flatten();
    let frozen =
        days.filter(|day| day.bars.iter().any(|bar| bar.style == BarStyle::Frozen)).map(|day| day.date.as_str());
    assert_eq!(frozen.collect::<Vec<_>>(), ["2026-10-12", "2026-10-13", "2026-10-19"]);
    let texts: Vec<&str> = view.agenda.iter().map(|row| row.text.as_str()).collect();
    assert!(
        texts.iter().any(|text| text.starts_with("Frozen for UAT of Contoso, the nights of 12–13 Oct 2026: ours")),
        "{texts:?}"
    );
    assert!(texts.iter().all(|text| !text.contains("theirs") && !text.contains("Fabrikam")), "{texts:?}");
}
