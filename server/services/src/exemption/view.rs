//! One exemption in words, for its page and for the page of its environment.

use super::policy;
use crate::zone::ZoneClockface;
use crate::{RequestContext, Result};
use chrono::{DateTime, Utc};
use domain::clockface::Clockface;
use domain::fleet::exemption::{ExemptionRecord, ExemptionState};
use domain::permission::Permission;
use domain::wire::exemption::{ExemptionPanel, ExemptionView};
use domain::wire::signal::Aspect;
use store::customer::Customer;
use store::environment::Environment;
use store::exemption::{Known, Listed};

pub(super) const fn aspect(record: &ExemptionRecord) -> Aspect {
    match record.state {
        ExemptionState::Requested => Aspect::Caution,
        ExemptionState::Granted { .. } => Aspect::Clear,
        ExemptionState::Refused { .. } | ExemptionState::Withdrawn { .. } => Aspect::Unlit,
    }
}

/// Label and value, in the order of what happened.
fn facts(record: &ExemptionRecord, clock: ZoneClockface) -> Vec<(String, String)> {
    let request = &record.request;
    let said = |by: &str, at: DateTime<Utc>| format!("{by}, {}", clock.instant(at));
    let mut facts = vec![
        ("Reason", request.why.reason.clone()),
        ("Evidence", request.evidence.clone()),
        ("Until", clock.instant(request.expires_at)),
        ("Asked for by", said(&request.why.by.name, request.why.at)),
    ];
    match &record.state {
        ExemptionState::Requested => {}
        ExemptionState::Refused { refusal } => {
            facts.push(("Refused by", said(&refusal.by.name, refusal.at)));
            facts.push(("Because", refusal.reason.clone()));
        }
        ExemptionState::Granted { approval, .. } => {
            facts.push(("Granted by", said(&approval.by.name, approval.at)));
        }
        ExemptionState::Withdrawn { approval, withdrawal } => {
            facts.push(("Granted by", said(&approval.by.name, approval.at)));
            facts.push(("Withdrawn by", said(&withdrawal.by.name, withdrawal.at)));
            facts.push(("Because", withdrawal.reason.clone()));
        }
    }
    facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

/// For staff, with what may be decided about it.
pub(super) fn view(ctx: &RequestContext, listed: &Listed) -> Result<ExemptionView> {
    let record = &listed.known.record;
    let may = ctx.actor.may(Permission::DecideExemption);
    let is_author = record.request.why.by.id == ctx.actor.user;
    let waits = record.state == ExemptionState::Requested;
    let holds = record.exemption().is_some_and(|exemption| exemption.holds_at(ctx.now));
    Ok(ExemptionView {
        id: record.id,
        environment: (listed.known.environment, listed.environment_name.clone()),
        customer: listed.customer_name.clone(),
        state: record.word(ctx.now).to_owned(),
        aspect: aspect(record),
        facts: facts(record, ctx.clock()),
        digest: store::digest::of(&record.request)?.to_string(),
        may_grant: may && waits && !is_author && ctx.now < record.request.expires_at,
        may_refuse: may && waits,
        may_withdraw: may && holds,
    })
}

/// On the page of its environment: how it stands, and the form for who may ask.
pub(crate) fn panel(
    ctx: &RequestContext,
    environment: &Environment,
    customer: &Customer,
    records: &[Known],
) -> Option<ExemptionPanel> {
    let standing = environment.exemption.as_ref();
    if !customer.regulated && standing.is_none() && records.is_empty() {
        return None;
    }
    let clock = ctx.clock();
    let holds = standing.filter(|standing| standing.holds_at(ctx.now));
    let waits = records.iter().any(|known| known.record.state == ExemptionState::Requested);
    let says = match (holds, waits) {
        (Some(standing), _) => {
            format!("It is exempt from quality updates until {}.", clock.instant(standing.expires_at))
        }
        (None, true) => "An exemption is asked for and waits for a decision; until then updates go on.".to_owned(),
        (None, false) => "It is not exempt: quality updates come to it like to any other.".to_owned(),
    };
    let newest = records.first().map(|known| (known.record.word(ctx.now).to_owned(), facts(&known.record, clock)));
    let registered = || {
        let facts = standing.map(|standing| {
            vec![
                ("Reason".to_owned(), standing.reason.clone()),
                ("Evidence".to_owned(), standing.evidence.clone()),
                ("Until".to_owned(), clock.instant(standing.expires_at)),
            ]
        });
        let word = if holds.is_some() { "Granted" } else { "Expired" };
        facts.map(|facts| (word.to_owned(), facts))
    };
    Some(ExemptionPanel {
        says,
        newest: newest.or_else(registered),
        may_ask: ctx.actor.may(Permission::RequestExemption) && customer.regulated && !waits,
        longest_days: policy().longest_days,
    })
}
