//! F8 by the API: an agent that came for its order says how far it is; late, twice, in reverse order, once more after a
//! week; and what nobody may say: other content under the same id, orders of others, attempts that never were.

use super::agents::Course;
use chrono::{DateTime, TimeDelta, Utc};
use domain::agent::Said;
use domain::release::BuildVersion;
use services::mix::Mix;

/// In minutes.
const WEEK: i64 = 7 * 24 * 60;

/// What a report is to the one who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True, said until it is acknowledged.
    Own,
    /// The same once more: it changes nothing.
    Again,
    /// Under the id of another one: refused.
    OtherContent,
    /// Of an order that is not its own: it does not exist.
    Forged,
    /// Of an attempt that never was: kept, and nothing moves.
    NoAttempt,
}

/// One thing that an agent says, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    pub said: Said,
    /// By the agent's clock.
    pub at: DateTime<Utc>,
    pub sent: DateTime<Utc>,
}

/// What is said of one attempt, in the order in which it happens.
pub fn of_course(
    course: &Course,
    begun: DateTime<Utc>,
    (before, brought): (BuildVersion, BuildVersion),
) -> Vec<Saying> {
    let mut happens = vec![(TimeDelta::minutes(1), Said::Begun)];
    let ends = course.failed.unwrap_or(course.healthy);
    if ends >= course.applied {
        happens.push((course.applied, Said::Applied));
    }
    happens.push(match course.failed {
        Some(_) => {
            let reason = "the simulated agent failed".to_owned();
            let running = Some(if course.stays { brought } else { before });
            (ends, Said::Failed { reason, detail: None, running })
        }
        None => (ends, Said::Healthy),
    });
    let mut said: Vec<Saying> = happens
        .into_iter()
        .map(|(since, said)| {
            let told = since + course.late;
            let told = course.silent.filter(|(from, to)| *from <= told && told < *to).map_or(told, |(_, to)| to);
            Saying { said, at: begun + since, sent: begun + told }
        })
        .collect();
    if course.contradicts {
        // The last word arrives first.
        let last = said.iter().map(|saying| saying.sent).max().unwrap_or(begun);
        for (place, saying) in (1..).zip(said.iter_mut().rev().skip(1)) {
            saying.sent = last + TimeDelta::minutes(place);
        }
    }
    said
}

/// When a report is sent again, or something in its place.
pub fn more(mix: &mut Mix, sent: DateTime<Utc>) -> Vec<(Kind, DateTime<Utc>)> {
    let mut more = Vec::new();
    let mut add = |mix: &mut Mix, percent, kind, minutes: (i64, i64)| {
        if mix.percent(percent) {
            more.push((kind, sent + TimeDelta::minutes(mix.between(minutes.0, minutes.1))));
        }
    };
    add(mix, 15, Kind::Again, (0, 600));
    add(mix, 10, Kind::Again, (WEEK, WEEK + 2_000));
    add(mix, 4, Kind::OtherContent, (1, 600));
    add(mix, 6, Kind::Forged, (0, 600));
    add(mix, 4, Kind::NoAttempt, (0, 60));
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(seed: u64, with_faults: bool) -> Course {
        Course::draw(&mut Mix::keyed(seed, &[]), with_faults, 10)
    }

    #[test]
    fn an_attempt_is_told_to_its_end_and_nothing_before_it_happens() {
        let begun = DateTime::UNIX_EPOCH;
        let builds = [4, 5].map(|last| BuildVersion::new([1, 2, 3, last]));
        let (mut reversed, mut stay) = (0, 0);
        for seed in 0..1_000 {
            let mut course = course(seed, seed % 2 == 0);
            course.stays = course.may_stay();
            let said = of_course(&course, begun, builds.into());
            assert!(said.iter().all(|saying| saying.at <= saying.sent), "{said:?}");
            assert!(said.iter().any(|saying| saying.said.ending().is_some()) && said.is_sorted_by_key(|one| one.at));
            reversed += usize::from(!said.is_sorted_by_key(|saying| saying.sent));
            let Some(Said::Failed { running, .. }) = said.last().map(|saying| &saying.said) else { continue };
            assert_eq!(*running, Some(builds[usize::from(course.stays)]));
            stay += usize::from(course.stays);
        }
        assert!((5..100).contains(&reversed), "{reversed}");
        assert!(stay > 3, "{stay}");
    }
}
