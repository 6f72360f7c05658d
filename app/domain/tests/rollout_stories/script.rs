//! The language of the stories, one command a line; `#` begins a comment.
//!
//! ```text
//! cadence monthly                         default: biweekly
//! train 2026-09-30                        the first day of station 1; before any environment
//! policy gate 90 10 3 24                  succeeded %, usual failures in 1,000, failures min, bake hours
//! policy telemetry                        gates look at what is heard
//! policy caps 200 80 20 3                 rollout, station, region, customer
//! policy gap 9                            days between a sandbox and its production
//! policy duration 180                     minutes that an update may take
//! policy ahead 3                          nights are announced so many days ahead
//! policy share 50 100                     sandbox %, production %
//! policy ramp 4 sandbox 10                 percentage of one station and audience
//! env contoso/PROD production 4 europe [option …]
//!     options: tier=5 early with=PROD days=Tue,Thu no-batch exempt=2026-12-31 build=10.0.2645.147 update=10.0.49 due=2026-10-20
//!     station `-` is none; hours: europe us asia australia canada hour `-`; `hour` is dark for one
//! at 2026-09-24T08:00Z start              people act at an instant; the world ticks hourly until then
//! at … approve 2 · halt REASON · resume · halt-build REASON · unhalt-build · batch-on contoso/PROD · batch-off contoso/PROD · install contoso/UAT
//! at … service-update contoso/UAT 10.0.49 · designate contoso/UAT early|standard · hours contoso/UAT us · days contoso/UAT Tue
//! at … elsewhere contoso 4 europe 2 · elsewhere none     what another rollout runs
//! at … pull contoso/UAT 2026-10-06 · unpull contoso/UAT
//! at … elsewhere-first contoso/UAT 2026-10-06     another train has that night and keeps it; `-too`: it would give way
//! at … halt-station 2 REASON · halt-customer contoso REASON · halt-everything REASON · lift REASON
//! at … freeze all|us|contoso|contoso/UAT 2026-10-10 2026-10-11 REASON · unfreeze
//! at … emergency bake=6 notice=24 gap=1 any-night lasts=48 override REASON   in force at once; overrides the freeze that was set first
//! back 10.0.2645.147 10.0.2645.136        this rollout takes a build back to another; before any environment
//! at … goes-back contoso/PROD 10.0.2645.136     a recovery of its own took it back
//! at … runs contoso/UAT 10.0.2645.150     its agent says so
//! at … hears 400 1                        from then on 1 of 400 requests fails in each updated environment and hour
//! at … ramp 4 sandbox 25 · ramp all sandbox 25    voids the approvals; approve-too 4 is another approver
//! at … disable-approver · withdraw-build REASON · approve-build
//! fail contoso/UAT [times]                its next attempts fail
//! fail-share 30                           this percentage of attempts fails (by the environment's place)
//! run until 2026-10-30T00:00Z
//! preview                                 the plan from now on, and what changed since the preview before
//! show                                    stages with reasons, environments with state and reasons
//! ```

use crate::world::{World, parse_instant};

pub fn tell(text: &str) -> String {
    told(text, |line| panic!("{line}"))
}

/// As [`tell`], but what the world refuses is left out.
pub fn tell_what_is_possible(text: &str) -> String {
    told(text, |_| {})
}

fn told(text: &str, refused: impl Fn(&str)) -> String {
    let mut world = World::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if command(&mut world, &words).is_none() {
            refused(&format!("line {}: {line}", number + 1));
        }
    }
    world.finish()
}

fn command(world: &mut World, words: &[&str]) -> Option<()> {
    match words {
        ["cadence", name] => (*name).clone_into(&mut world.cadence),
        ["train", start] => world.set_train(start.parse().ok()?),
        ["policy", "gate", numbers @ ..] => {
            let [succeeded, baseline, min, bake] =
                numbers.iter().map(|n| n.parse::<u16>().ok()).collect::<Option<Vec<_>>>()?[..]
            else {
                return None;
            };
            let gate = &mut world.facts.policy.gate;
            gate.succeeded_percent_min = u8::try_from(succeeded).ok()?;
            gate.baseline_permille = baseline;
            gate.failures_min = min.into();
            gate.bake_hours = bake;
        }
        ["policy", "telemetry"] => world.listen(),
        ["policy", "caps", numbers @ ..] => {
            let [rollout, station, region, customer] =
                numbers.iter().map(|n| n.parse::<u32>().ok()).collect::<Option<Vec<_>>>()?[..]
            else {
                return None;
            };
            world.facts.policy.caps = domain::rollout::RolloutCaps { rollout, station, region, customer };
        }
        ["back", from, to] => world.take_back(from, to)?,
        ["policy", "duration", minutes] => world.facts.policy.declared_minutes = minutes.parse().ok()?,
        ["policy", "ahead", days] => world.facts.policy.announce_ahead_days = days.parse().ok()?,
        ["policy", "gap", days] => world.facts.policy.min_gap_days = days.parse().ok()?,
        ["policy", "share", sandbox, production] => {
            world.facts.policy.sandbox_percent = sandbox.parse().ok()?;
            world.facts.policy.production_percent = production.parse().ok()?;
        }
        ["policy", "ramp", station, audience, percent] => {
            world.ramp(station.parse().ok(), audience, percent.parse().ok()?)?;
        }
        ["env", name, kind, station, hours, options @ ..] => world.add(name, kind, station, hours, options)?,
        ["at", instant, "preview"] => {
            world.run_until(parse_instant(instant)?);
            world.preview();
        }
        ["at", instant, act @ ..] => {
            world.run_until(parse_instant(instant)?);
            person(world, act)?;
        }
        ["fail", name] => world.fail(name, 1)?,
        ["fail", name, times] => world.fail(name, times.parse().ok()?)?,
        ["fail-share", percent] => world.fail_share = percent.parse().ok()?,
        ["run", "until", instant] => world.run_until(parse_instant(instant)?),
        ["show"] => world.show(),
        ["preview"] => world.preview(),
        _ => return None,
    }
    Some(())
}

fn person(world: &mut World, act: &[&str]) -> Option<()> {
    match act {
        ["start"] => world.start(),
        ["approve", station] => world.approve(station.parse().ok()?),
        ["approve-too", station] => world.approve_too(station.parse().ok()?),
        ["disable-approver"] => world.disable_approver(),
        ["ramp", station, audience, percent] => world.ramp(station.parse().ok(), audience, percent.parse().ok()?)?,
        ["withdraw-build", reason @ ..] => world.withdraw_build(&reason.join(" ")),
        ["approve-build"] => world.approve_build(),
        ["halt", reason @ ..] => world.halt(&reason.join(" ")),
        ["halt-build", reason @ ..] => world.halt_build(&reason.join(" ")),
        ["unhalt-build"] => world.unhalt_build(),
        ["resume"] => world.resume(),
        ["hears", usage, errors] => world.hears(usage.parse().ok()?, errors.parse().ok()?),
        ["batch-on", name] => world.batch(name, true)?,
        ["batch-off", name] => world.batch(name, false)?,
        ["service-update", name, to] => world.service_update(name, to)?,
        ["designate", name, to] => world.designate(name, to)?,
        ["hours", name, to] => world.hours(name, to)?,
        ["days", name, days] => world.days(name, days)?,
        ["elsewhere", "none"] => world.nothing_elsewhere(),
        ["elsewhere", customer, station, hours, updates] => {
            world.elsewhere(customer, station.parse().ok()?, hours, updates.parse().ok()?);
        }
        ["goes-back", name, to] => world.goes_back(name, to)?,
        ["runs", name, build] => world.is_said_to_run(name, build)?,
        ["install", name] => world.install(name)?,
        ["pull", name, date] => world.pull(name, date.parse().ok()?)?,
        ["elsewhere-first", name, date] => world.planned_elsewhere(name, date.parse().ok()?, true)?,
        ["elsewhere-too", name, date] => world.planned_elsewhere(name, date.parse().ok()?, false)?,
        ["unpull", name] => world.unpull(name)?,
        ["halt-station", station, reason @ ..] => world.halt_station(station.parse().ok()?, &reason.join(" ")),
        ["halt-everything", reason @ ..] => world.halt_everything(&reason.join(" ")),
        ["halt-customer", customer, reason @ ..] => world.halt_customer(customer, &reason.join(" ")),
        ["lift", reason @ ..] => world.lift(&reason.join(" "))?,
        ["freeze", scope, first, last, reason @ ..] => world.freeze(scope, first, last, &reason.join(" "))?,
        ["unfreeze"] => world.unfreeze(),
        ["emergency", words @ ..] => world.emergency(words)?,
        _ => return None,
    }
    Some(())
}
