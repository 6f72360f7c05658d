//! The freezes that hold or will, those that are over, and the preview of the one that the form describes.

use super::FreezePlaces;
use super::form::{CLOUDS, asked};
use super::preview::preview;
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result, Services};
use chrono::NaiveDate;
use domain::clockface::Clockface;
use domain::freeze::{Freeze, FreezeOwner, FreezePhase, FreezeScope, FreezeState};
use domain::permission::Permission;
use domain::wire::PAGE_ROWS_MAX;
use domain::wire::freeze::{FreezeForm, FreezeRow, FreezesView};
use domain::wire::problem::FormProblem;
use std::cmp::Reverse;

impl Services {
    pub async fn list_freezes(&self, ctx: &RequestContext, form: &FreezeForm) -> Result<FreezesView> {
        ctx.require(Permission::SeeRollouts)?;
        let conn = self.db().snapshot().await?;
        let mut freezes: Vec<Freeze> = store::freeze::set(&conn).await?.iter().cloned().collect();
        freezes.extend(store::freeze::lifted(&conn, PAGE_ROWS_MAX).await?);
        let names = FreezePlaces::of_freezes(&conn, &freezes).await?;
        let may_set = ctx.actor.may(Permission::SetFreezes);
        let lister = Lister { clock: ctx.clock(), names: &names, today: ctx.now.date_naive(), may_set };
        let (mut past, mut current): (Vec<Freeze>, Vec<Freeze>) =
            freezes.into_iter().partition(|freeze| lister.is_past(freeze));
        current.sort_by_key(|freeze| {
            (freeze.phase(lister.today) != FreezePhase::Active, freeze.span.at_or_after(lister.today))
        });
        past.sort_by_key(|freeze| Reverse(freeze.id));
        let (preview, problem) = if form.scope.is_empty() {
            (None, None)
        } else {
            match asked(&conn, form).await? {
                Ok(asked) if asked.span.is_over(ctx.now) => (None, Some(FormProblem::FreezeOver)),
                Ok(asked) => (Some(preview(&conn, ctx, &asked).await?), None),
                Err(problem) => (None, Some(problem)),
            }
        };
        let regions = names.catalogue().regions.iter().map(|region| (region.slug.clone(), region.name.clone()));
        let clouds = CLOUDS.map(|(key, cloud)| (key.to_owned(), FreezeScope::Cloud { cloud }.words(&names)));
        Ok(FreezesView {
            current: current.iter().map(|freeze| lister.row(freeze)).collect(),
            past: past.iter().map(|freeze| lister.row(freeze)).collect(),
            may_set,
            regions: regions.collect(),
            clouds: clouds.to_vec(),
            form: form.clone(),
            preview,
            problem,
        })
    }
}

struct Lister<'a> {
    clock: ZoneClockface,
    names: &'a FreezePlaces,
    today: NaiveDate,
    may_set: bool,
}

impl Lister<'_> {
    fn is_past(&self, freeze: &Freeze) -> bool {
        matches!(freeze.phase(self.today), FreezePhase::Over | FreezePhase::Lifted)
    }

    fn row(&self, freeze: &Freeze) -> FreezeRow {
        let ended = match &freeze.state {
            FreezeState::Set => None,
            FreezeState::Lifted { lift } => {
                Some(format!("{} by {}: {}", self.clock.instant(lift.at), lift.by.name, lift.reason))
            }
        };
        let phase = freeze.phase(self.today);
        FreezeRow {
            id: freeze.id,
            scope: freeze.scope.words(self.names),
            nights: freeze.span.words(&self.clock),
            reason: freeze.reason.clone(),
            set: format!("{} by {}", self.clock.instant(freeze.set_at), freeze.set_by.name),
            state: if phase == FreezePhase::Lifted { "Ended" } else { phase.word() }.to_owned(),
            ended,
            may_end: self.may_set && !self.is_past(freeze) && freeze.owner == FreezeOwner::Vendor,
        }
    }
}
