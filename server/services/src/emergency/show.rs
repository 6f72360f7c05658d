//! The page of a rollout's emergency path: what stands, who may do what about it, and what any rollout still owes.

use super::terms::{label, terms};
use super::{Desk, digest_of};
use crate::zone::ZoneClockface;
use crate::{Error, RequestContext, Result, Services};
use domain::emergency::{EmergencyPath, EmergencyState, OutOfBand, findings, in_force, review_due};
use domain::ids::RolloutId;
use domain::permission::{Actor, Permission};
use domain::rollout::RolloutState;
use domain::wire::emergency::{DebtRow, EmergencyPageView, EmergencyView, OwedRow};
use domain::wire::signal::{Aspect, ColourRole};
use store::Connection;
use store::user::User;

impl Services {
    pub async fn show_emergency(&self, ctx: &RequestContext, id: RolloutId) -> Result<EmergencyPageView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let rollout = store::rollout::find(&conn, id).await?.ok_or(Error::NotFound)?;
        let desk = Desk::open(&conn).await?;
        let staff: Vec<User> =
            store::user::list(&conn).await?.into_iter().filter(|user| !user.role.of_customer()).collect();
        let paths = store::emergency::of_rollout(&conn, id).await?;
        let viewer = Viewer { ctx, desk: &desk, clock: ctx.clock() };
        let why_not = viewer.may_not_request(&rollout.state, paths.first().map(|known| &known.path));
        let is_operator = ctx.actor.may(Permission::SetPolicy);
        let may_be_named = |user: &&User| user.disabled_at.is_none() && user.role.may(Permission::ApproveEmergency);
        let named = staff.iter().filter(may_be_named).filter(|_| is_operator);
        Ok(EmergencyPageView {
            rollout: id,
            train: crate::words::rollout_title(&rollout),
            build: rollout.version.to_string(),
            may_request: why_not.is_empty(),
            why_not,
            terms: terms(&desk, &rollout, &staff, viewer.clock),
            paths: paths.iter().map(|known| viewer.path(&known.path)).collect::<Result<_>>()?,
            owed: viewer.owed(&conn).await?,
            staff: named.map(|user| (user.id, user.name.clone(), desk.policy.approvers.contains(&user.id))).collect(),
        })
    }
}

struct Viewer<'a> {
    ctx: &'a RequestContext,
    desk: &'a Desk,
    clock: ZoneClockface,
}

impl Viewer<'_> {
    fn actor(&self) -> &Actor {
        &self.ctx.actor
    }

    fn may_not_request(&self, state: &RolloutState, newest: Option<&EmergencyPath>) -> String {
        let open = newest.filter(|path| {
            matches!(path.state, EmergencyState::Requested { .. } | EmergencyState::Approved { .. })
                || in_force(path, self.ctx.now)
        });
        if !self.actor().may(Permission::RequestEmergency) {
            "Release managers and incident leads ask for it".to_owned()
        } else if matches!(state, RolloutState::Completed { .. }) {
            "The rollout is completed".to_owned()
        } else if open.is_some_and(|path| in_force(path, self.ctx.now)) {
            "It is in force".to_owned()
        } else if open.is_some_and(|path| path.request.why.by.id != self.actor().user) {
            "It is asked for already; only who asked changes what is asked".to_owned()
        } else {
            String::new()
        }
    }

    fn path(&self, path: &EmergencyPath) -> Result<EmergencyView> {
        let (request, now) = (&path.request, self.ctx.now);
        let digest = digest_of(path)?;
        let standing = path.standing(&digest, &self.desk.policy);
        let why_not = self.may_not_approve(path, standing.counted.iter().any(|one| one.id == self.actor().user));
        let (state, aspect, role) = signal(path, now);
        let may_act = self.actor().may(Permission::RequestEmergency);
        let freeze = |id| {
            self.desk
                .freezes
                .get(id)
                .map_or_else(|| "A freeze that was lifted".to_owned(), |freeze| label(freeze, self.clock))
        };
        let is_waiting = matches!(path.state, EmergencyState::Requested { .. } | EmergencyState::Approved { .. });
        Ok(EmergencyView {
            id: path.id,
            state,
            aspect,
            role,
            criterion: request.criterion.word().to_owned(),
            severity: request.severity.word().to_owned(),
            reason: request.why.reason.clone(),
            asked_by: request.why.by.name.clone(),
            asked: self.clock.when(request.why.at, None),
            shortened: request.shortening.phrases(),
            overrides: request.overrides.iter().map(|id| freeze(*id)).collect(),
            lasts_hours: request.lasts_hours,
            standing: standing.sentence(),
            digest: digest.to_string(),
            until: path.state.used().map(|used| self.clock.when(used.until, None)),
            why_not,
            may_end: may_act && in_force(path, now),
            may_withdraw: may_act && is_waiting,
            debts: path
                .state
                .used()
                .map_or(&[][..], |used| &used.debts)
                .iter()
                .map(|debt| self.debt(path, debt))
                .collect(),
            review: review(path),
            review_due: review_due(&self.desk.policy, path, now).map(|due| self.clock.when(due, None)),
            may_review: may_act && matches!(path.state, EmergencyState::Expired { .. } | EmergencyState::Ended { .. }),
        })
    }

    fn may_not_approve(&self, path: &EmergencyPath, given: bool) -> String {
        let said = if !matches!(path.state, EmergencyState::Requested { .. }) {
            "It does not wait for an approval"
        } else if !self.actor().may(Permission::ApproveEmergency)
            || !self.desk.policy.approvers.contains(&self.actor().user)
        {
            "Only people named for it approve it"
        } else if path.request.why.by.id == self.actor().user {
            "You asked for it; two others approve"
        } else if given {
            "You approved it; one more person is needed"
        } else {
            ""
        };
        said.to_owned()
    }

    fn debt(&self, path: &EmergencyPath, debt: &OutOfBand) -> DebtRow {
        let is_open = !matches!(path.state, EmergencyState::Reviewed { .. });
        let told = debt.results.iter().map(|result| {
            let word = if result.pass { "Passed" } else { "Failed" };
            format!("{word} on {} by {}: {}", self.clock.when(result.at, None).text, result.by.name, result.note)
        });
        let aspect = match debt.results.last() {
            Some(result) if result.pass => Aspect::Clear,
            Some(_) => Aspect::Stop,
            None if debt.due <= self.ctx.now => Aspect::Caution,
            None => Aspect::Unlit,
        };
        DebtRow {
            key: debt.gate.key().to_owned(),
            title: debt.gate.word().to_owned(),
            due: self.clock.when(debt.due, None),
            results: told.collect(),
            aspect,
            may_complete: is_open && !debt.passed() && self.actor().may(Permission::RequestEmergency),
        }
    }

    /// Over all rollouts: what is overdue or failed, and every review that is still to be written.
    async fn owed(&self, conn: &impl Connection) -> Result<Vec<OwedRow>> {
        let mut rows = Vec::new();
        for known in store::emergency::owing(conn).await? {
            let path = &known.path;
            let rollout = store::rollout::find(conn, path.request.rollout).await?.ok_or(Error::NotFound)?;
            let row = |text, overdue| OwedRow {
                rollout: rollout.id,
                train: crate::words::rollout_title(&rollout),
                text,
                overdue,
            };
            let found = findings(&self.desk.policy, path, self.ctx.now);
            rows.extend(found.iter().map(|finding| row(finding.sentence(&self.clock), true)));
            let due = review_due(&self.desk.policy, path, self.ctx.now).filter(|due| *due > self.ctx.now);
            rows.extend(
                due.map(|due| row(format!("A review is owed until {}", self.clock.when(due, None).text), false)),
            );
        }
        Ok(rows)
    }
}

fn review(path: &EmergencyPath) -> Option<String> {
    let EmergencyState::Reviewed { review, .. } = &path.state else { return None };
    let link = review.link.iter().map(|link| format!("See {link}"));
    let said = [review.text.clone()].into_iter().filter(|text| !text.is_empty()).chain(link);
    Some(format!("{}: {}", review.by.name, said.collect::<Vec<_>>().join(" ")))
}

fn signal(path: &EmergencyPath, now: chrono::DateTime<chrono::Utc>) -> (String, Aspect, ColourRole) {
    let (word, aspect, role) = match &path.state {
        EmergencyState::Active { .. } if in_force(path, now) => ("In force", Aspect::Caution, ColourRole::Live),
        EmergencyState::Active { .. } | EmergencyState::Expired { .. } => {
            ("Expired, review owed", Aspect::Stop, ColourRole::Stop)
        }
        EmergencyState::Ended { .. } => ("Ended, review owed", Aspect::Stop, ColourRole::Stop),
        EmergencyState::Reviewed { .. } => ("Reviewed", Aspect::Clear, ColourRole::Clear),
        state => (state.word(), Aspect::Unlit, ColourRole::Quiet),
    };
    (word.to_owned(), aspect, role)
}
