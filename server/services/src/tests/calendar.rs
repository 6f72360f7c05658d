//! The calendar in the viewer's zone, over month edges and daylight saving.

use super::{Stage, done, stage};
use crate::RequestContext;
use domain::permission::Role;
use domain::wire::calendar::{BarStyle, CalendarDay, CalendarParams, CalendarView};
use domain::wire::notification::{NotificationKind, NotificationsParams};
use domain::wire::signal::UpdateStateWord;
use store::environment::Deployed;

async fn in_zone(stage: &Stage, zone: &str) -> RequestContext {
    let mut ctx = stage.as_role(Role::CustomerAdmin).await.unwrap();
    ctx.actor.time_zone = zone.to_owned();
    ctx
}

async fn calendar(stage: &Stage, zone: &str, month: &str) -> CalendarView {
    let params = CalendarParams { month: month.to_owned(), ..CalendarParams::default() };
    stage.services.show_calendar(&in_zone(stage, zone).await, &params).await.unwrap()
}

fn days_with(view: &CalendarView, style: BarStyle, text: &str) -> Vec<String> {
    let has = |day: &&CalendarDay| day.bars.iter().any(|bar| bar.style == style && bar.text.contains(text));
    view.weeks.iter().flatten().filter(has).map(|day| day.date.clone()).collect()
}

#[tokio::test]
async fn the_month_of_now_is_the_viewers_month() {
    let stage = stage().await;
    stage.clock.set(super::at("2026-09-30T20:00:00Z"));
    for (zone, month, today) in [("Europe/Berlin", "2026-09", "2026-09-30"), ("Asia/Tokyo", "2026-10", "2026-10-01")] {
        let view = calendar(&stage, zone, "").await;
        assert_eq!((view.month.as_str(), view.today.as_str()), (month, month));
        let marked: Vec<_> = view.weeks.iter().flatten().filter(|day| day.is_today).collect();
        assert_eq!(marked.len(), 1);
        assert_eq!(marked[0].date, today);
        assert!(view.weeks.iter().all(|week| week.len() == 7 && week[0].label.starts_with("Mon ")));
    }
    let view = calendar(&stage, "Europe/Berlin", "nonsense").await;
    assert_eq!(
        (view.title.as_str(), view.previous.as_str(), view.next.as_str()),
        ("September 2026", "2026-08", "2026-10")
    );
}

#[tokio::test]
async fn windows_are_hatched_on_their_published_dates_in_every_zone() {
    let stage = stage().await;
    stage.start().await;
    for zone in ["Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        let view = calendar(&stage, zone, "2026-10").await;
        let production = days_with(&view, BarStyle::Hatched, "PROD window");
        assert_eq!(production, ["2026-10-17", "2026-10-18"], "{zone}");
        let row = view.agenda.iter().find(|row| row.environment.as_ref().is_some_and(|(_, name)| name == "PROD"));
        let row = row.unwrap();
        assert_eq!((row.when.text.as_str(), row.state), ("17–18 Oct 2026", Some(UpdateStateWord::Planned)));
    }
}

/// PQU-8 of 14 October is published and nobody has started it; PQU-7 is the rollout's own to tell.
#[tokio::test]
async fn trains_that_have_not_started_are_expected() {
    let stage = stage().await;
    let expected = async |month| {
        let view = calendar(&stage, "Europe/Berlin", month).await;
        let text = "expected by the published schedule for PROD; the train has not started";
        let told = view.agenda.iter().filter(|row| row.text == text).map(|row| row.train.clone()).collect::<Vec<_>>();
        (days_with(&view, BarStyle::Hatched, "PROD expected"), told)
    };
    let pqu_8 = (vec!["2026-10-31".to_owned(), "2026-11-01".to_owned()], vec!["10.0.48 PQU-8".to_owned()]);
    let (days, trains) = expected("2026-10").await;
    assert_eq!(days[days.len() - 2..], pqu_8.0);
    assert_eq!(trains, ["10.0.48 PQU-7", "10.0.48 PQU-8"], "neither is started");
    stage.start().await;
    assert_eq!(expected("2026-10").await, pqu_8);
    stage.clock.set(super::at("2026-10-14T08:00:00Z"));
    assert_eq!(expected("2026-10").await, (Vec::new(), Vec::new()), "it was not started on its day: nobody knows");
}

#[tokio::test]
async fn a_night_stands_on_the_viewers_date_and_is_done_afterwards() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-10-12T08:00:00Z").await;
    // The dark hours of Europe begin at 22:00 UTC: the published Sunday begins on Saturday in New York.
    let berlin = calendar(&stage, "Europe/Berlin", "2026-10").await;
    let new_york = calendar(&stage, "America/New_York", "2026-10").await;
    assert_eq!(days_with(&berlin, BarStyle::Solid, "PROD 00:00"), ["2026-10-18"]);
    assert_eq!(days_with(&new_york, BarStyle::Solid, "PROD 18:00"), ["2026-10-17"]);

    stage.run_until("2026-10-18T08:00:00Z").await;
    let after = calendar(&stage, "Europe/Berlin", "2026-10").await;
    assert_eq!(days_with(&after, BarStyle::Done, "PROD done"), ["2026-10-18"]);
    assert!(days_with(&after, BarStyle::Solid, "PROD").is_empty());
    let dates: Vec<_> = after.agenda.iter().map(|row| row.when.utc.clone()).collect();
    let mut sorted = dates.clone();
    sorted.sort();
    assert_eq!(dates, sorted);
}

#[tokio::test]
async fn a_moved_night_is_struck_where_it_was() {
    let stage = stage().await;
    stage.deployer.fail(stage.environment_id(stage.contoso, "UAT"), 1, "disk full");
    stage.start().await;
    // Until the night after its first attempt was chosen.
    let moved = async || {
        let view = calendar(&stage, "Europe/Berlin", "2026-10").await;
        view.agenda.iter().any(|row| row.state == Some(UpdateStateWord::Moved))
    };
    while !moved().await {
        assert!(stage.now() < super::at("2026-10-20T00:00:00Z"), "never moved");
        stage.clock.advance(chrono::TimeDelta::hours(1));
        stage.tick().await;
    }
    let view = calendar(&stage, "Europe/Berlin", "2026-10").await;
    let struck = days_with(&view, BarStyle::Struck, "UAT moved to ");
    let solid = days_with(&view, BarStyle::Solid, "UAT 00:00");
    assert_eq!((struck.len(), solid.len()), (1, 1), "{:?}", view.agenda);
    assert!(struck < solid);
    let row = view.agenda.iter().find(|row| row.state == Some(UpdateStateWord::Moved)).unwrap();
    assert!(row.text.contains("Moved from ") && row.text.ends_with("an attempt failed: disk full"), "{}", row.text);
}

#[tokio::test]
async fn an_announced_night_that_is_not_needed_is_struck_and_told() {
    let stage = stage().await;
    stage.start().await;
    let uat = stage.environment_id(stage.contoso, "UAT");
    stage.run_until("2026-10-09T08:00:00Z").await;
    let announced = calendar(&stage, "Europe/Berlin", "2026-10").await;
    let solid = days_with(&announced, BarStyle::Solid, "UAT 00:00");
    assert_eq!(solid.len(), 1, "{:?}", announced.agenda);

    // Somebody brings the build by hand.
    let deployed = Deployed {
        build: "10.0.2645.147".parse().unwrap(),
        platform: None,
        service_update: None,
        at: stage.now(),
        rollout: None,
    };
    let tx = stage.services.db().begin().await.unwrap();
    store::environment::set_build(&tx, uat, &deployed).await.unwrap();
    tx.commit().await.unwrap();
    stage.tick().await;
    let view = calendar(&stage, "Europe/Berlin", "2026-10").await;
    assert_eq!(days_with(&view, BarStyle::Struck, "UAT satisfied"), solid);
    assert!(days_with(&view, BarStyle::Solid, "UAT").is_empty());
    let row = view.agenda.iter().find(|row| row.state == Some(UpdateStateWord::AlreadySatisfied)).unwrap();
    assert_eq!(row.text, "does not take place: it runs an equal or later build");

    let admin = stage.as_role(Role::CustomerAdmin).await.unwrap();
    let list = stage.services.list_notifications(&admin, &NotificationsParams::default()).await.unwrap();
    let told: Vec<_> = list.rows.iter().filter(|row| row.kind == NotificationKind::Satisfied).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].title, "UAT needs no update by 10.0.48 PQU-7");
}

#[tokio::test]
async fn the_end_of_service_is_a_fact_for_who_still_runs_it() {
    let stage = stage().await;
    let owner = in_zone(&stage, "Europe/Berlin").await;
    let catalogue = store::catalogue::load(stage.services.db().reader()).await.unwrap();
    let ends = catalogue.service_update("10.0.47".parse().unwrap()).unwrap().end_of_service;
    let month = ends.format("%Y-%m").to_string();
    let view = calendar(&stage, "Europe/Berlin", &month).await;
    assert_eq!(days_with(&view, BarStyle::EndOfService, "10.0.47 ends"), [ends.to_string()]);
    let told = "10.0.47 reaches its end of service; LEGACY runs it.";
    assert!(view.agenda.iter().any(|row| row.text.starts_with(told)), "{:?}", view.agenda);
    // Asked for one environment only, the others' facts are gone.
    let only = CalendarParams {
        month,
        environment: Some(stage.environment_id(stage.contoso, "UAT")),
        ..CalendarParams::default()
    };
    let view = stage.services.show_calendar(&owner, &only).await.unwrap();
    assert!(days_with(&view, BarStyle::EndOfService, "10.0.47").is_empty());
    assert_eq!(view.environments.len(), 6);
}

#[tokio::test]
async fn in_a_halted_rollout_what_was_to_come_is_halted() {
    let stage = stage().await;
    stage.start().await;
    stage.run_until("2026-10-09T08:00:00Z").await;
    let lead = stage.as_role(Role::IncidentLead).await.unwrap();
    done(stage.services.halt_rollout(&lead, stage.rollout, "sign-in fails").await.unwrap());
    let view = calendar(&stage, "Europe/Berlin", "2026-10").await;
    assert_eq!(days_with(&view, BarStyle::Halted, "UAT halted").len(), 1);
    assert!(days_with(&view, BarStyle::Solid, "").is_empty(), "{:?}", view.weeks);
    let to_come = |state: &UpdateStateWord| *state != UpdateStateWord::Succeeded;
    let states: Vec<_> = view.agenda.iter().filter_map(|row| row.state).filter(to_come).collect();
    assert!(!states.is_empty() && states.iter().all(|state| *state == UpdateStateWord::Halted), "{states:?}");
}
