//! What stands around every signed-in page: who, where, which zone, what is unread, how fast the demo runs.

use crate::demo::{DEMO_CLOCK_SETTING, DemoClockState};
use crate::trail::{By, Deed};
use crate::{RequestContext, Result, Services};
use domain::clockface::Clockface;
use domain::number::counted;
use domain::permission::Permission;
use domain::rollout::halt::HaltScope;
use domain::wire::live::Topic;
use domain::wire::problem::{FormOutcome, FormProblem};
use domain::wire::shell::{DemoAccounts, DemoSpeed, DemoView, ShellView};
use serde_json::json;

impl Services {
    pub async fn shell_view(&self, ctx: &RequestContext) -> Result<ShellView> {
        ctx.require(Permission::ManageOwnSession)?;
        let conn = self.db().reader();
        let unread = match ctx.own_customer() {
            Ok(customer) => store::notification::unread_count(conn, customer, ctx.actor.user).await?,
            Err(_) => 0,
        };
        let sees_halts = ctx.actor.may(Permission::SeeRollouts);
        let halts = if sees_halts { store::halt::count_in_force(conn).await? } else { 0 };
        let clock = ctx.clock();
        let may_set_clock = self.demo().is_some() && ctx.actor.may(Permission::SetDemoClock);
        let may = |what: &Permission| ctx.actor.may(*what) && (*what != Permission::SetDemoClock || may_set_clock);
        Ok(ShellView {
            name: ctx.actor.name.clone(),
            email: ctx.actor.email.clone(),
            role: ctx.actor.role,
            place: ctx.actor.customer_name.clone().unwrap_or_else(|| "Vendor".to_owned()),
            may: Permission::ALL.into_iter().filter(may).collect(),
            zone: clock.sentence(ctx.now),
            unread,
            halts,
            demo: self.demo().map(|demo| DemoView {
                now: clock.when(ctx.now, None),
                speed: demo.speed(),
                may_set: may_set_clock,
            }),
            stop: self.stop_text(ctx).await?,
            live_seq: store::outbox::latest_seq(conn).await?,
        })
    }

    /// What everybody who is concerned reads on every page while the kill switch is thrown.
    async fn stop_text(&self, ctx: &RequestContext) -> Result<Option<String>> {
        let conn = self.db().reader();
        let Some(halt) = store::halt::kill_switch(conn).await? else { return Ok(None) };
        let sentence = halt.sentence();
        let sentence = sentence.trim_end_matches('.');
        let since = ctx.clock().instant(halt.at);
        let Ok(customer) = ctx.own_customer() else {
            return Ok(Some(format!("{sentence} ({since}). Nothing new starts anywhere; updates that ran finish.")));
        };
        let scope = HaltScope::Customer { customer, rollout: None };
        let waiting = store::update::affected(conn, scope).await?.effect.waiting;
        let yours = counted(waiting.into(), "environment of yours waits", "environments of yours wait");
        Ok((waiting > 0).then(|| format!("{sentence} ({since}). {yours} until this is lifted; you are told when.")))
    }

    /// `None` unless this is a demo.
    pub fn demo_accounts(&self) -> Option<DemoAccounts> {
        self.demo().map(|_| crate::demo::demo_accounts())
    }

    /// How fast the demo runs from now on. Refused by name where there is no demo clock: a real clock is never set.
    pub async fn set_demo_speed(&self, ctx: &RequestContext, speed: DemoSpeed) -> Result<FormOutcome> {
        ctx.require(Permission::SetDemoClock)?;
        let Some(demo) = self.demo() else {
            return Ok(FormOutcome::Refused { problem: FormProblem::Unavailable });
        };
        let before = demo.speed();
        let state = demo.set_speed(speed);
        if let Err(error) = self.keep_demo_clock(ctx, state).await {
            demo.set_speed(before);
            return Err(error);
        }
        self.events().poke();
        Ok(FormOutcome::Done { message: format!("The demo clock is set: {}.", state.speed.word().to_lowercase()) })
    }

    async fn keep_demo_clock(&self, ctx: &RequestContext, state: DemoClockState) -> Result<()> {
        let tx = self.db().begin().await?;
        store::setting::put(&tx, DEMO_CLOCK_SETTING, &state).await?;
        let deed = Deed {
            action: "demo_clock.set",
            object_kind: "demo_clock",
            object_id: DEMO_CLOCK_SETTING.to_owned(),
            customer: None,
            details: json!({ "speed": state.speed.key() }),
        };
        self.audit(&tx, By::Person(&ctx.actor), ctx.now, deed).await?;
        let text = format!("Demo clock: {}", state.speed.word().to_lowercase());
        self.announce(&tx, ctx.now, Topic::DemoClock, text).await?;
        Ok(tx.commit().await?)
    }
}
