//! What the form means: whose environments, and which nights.

use crate::Result;
use chrono::{Datelike, NaiveDate};
use domain::fleet::Cloud;
use domain::freeze::{FreezeScope, MonthDay, Span, SpanError};
use domain::ids::CustomerId;
use domain::wire::freeze::FreezeForm;
use domain::wire::problem::FormProblem;
use store::Connection;

pub(super) const CLOUDS: [(&str, Cloud); 4] =
    [("public", Cloud::Public), ("gcc", Cloud::Gcc), ("dod", Cloud::Dod), ("china", Cloud::China)];

/// What a freeze is made of, and the customer whose estate or environment it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub scope: FreezeScope,
    pub span: Span,
    pub customer: Option<CustomerId>,
}

/// Or the first field that does not say it.
pub(super) async fn asked(
    conn: &impl Connection,
    form: &FreezeForm,
) -> Result<std::result::Result<Asked, FormProblem>> {
    let (scope, customer) = match scope(conn, form).await? {
        Ok(found) => found,
        Err(problem) => return Ok(Err(problem)),
    };
    Ok(span(form).map(|span| Asked { scope, span, customer }))
}

async fn scope(
    conn: &impl Connection,
    form: &FreezeForm,
) -> Result<std::result::Result<(FreezeScope, Option<CustomerId>), FormProblem>> {
    Ok(match form.scope.as_str() {
        "global" => Ok((FreezeScope::Global, None)),
        "cloud" => {
            let cloud = CLOUDS.iter().find(|(key, _)| *key == form.cloud);
            cloud.map(|(_, cloud)| (FreezeScope::Cloud { cloud: *cloud }, None)).ok_or(FormProblem::CloudMissing)
        }
        "region" => {
            let region = form.region.clone();
            let known = store::catalogue::load(conn).await?.region(&region).is_some();
            if known { Ok((FreezeScope::Region { region }, None)) } else { Err(FormProblem::RegionMissing) }
        }
        "customer" | "environment" => {
            let Some(customer) = store::customer::find_by_domain(conn, &form.customer).await?.map(|found| found.id)
            else {
                return Ok(Err(FormProblem::CustomerUnknown));
            };
            if form.scope == "customer" {
                return Ok(Ok((FreezeScope::Customer { customer }, Some(customer))));
            }
            let estate = store::environment::estate(conn, customer).await?;
            let name = form.environment.trim();
            let named = estate.iter().find(|environment| environment.name.eq_ignore_ascii_case(name));
            let scope = named.map(|environment| FreezeScope::Environment { environment: environment.id });
            scope.map(|scope| (scope, Some(customer))).ok_or(FormProblem::EnvironmentUnknown)
        }
        _ => Err(FormProblem::FreezeScopeMissing),
    })
}

/// Once: these dates. Every year: their days.
fn span(form: &FreezeForm) -> std::result::Result<Span, FormProblem> {
    let first: NaiveDate = form.first.parse().map_err(|_| FormProblem::FirstNightMissing)?;
    let last: NaiveDate = form.last.parse().map_err(|_| FormProblem::LastNightMissing)?;
    let wrong = |error| match error {
        SpanError::NoSuchDay => FormProblem::FirstNightMissing,
        SpanError::EndsBeforeItBegins => FormProblem::FreezeBackwards,
        SpanError::NeverFree => FormProblem::FreezeNeverEnds,
    };
    if form.repeats != "yearly" {
        return Span::one_off(first, last).map_err(wrong);
    }
    let day = |date: NaiveDate| MonthDay::new(u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?);
    let first = day(first).ok_or(FormProblem::FirstNightMissing)?;
    let last = day(last).ok_or(FormProblem::LastNightMissing)?;
    Span::yearly(first, last).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(first: &str, last: &str, repeats: &str) -> FreezeForm {
        FreezeForm { first: first.into(), last: last.into(), repeats: repeats.into(), ..FreezeForm::default() }
    }

    #[test]
    fn dates_once_and_days_of_every_year() {
        let once = span(&form("2026-12-20", "2027-01-03", "")).unwrap();
        assert!(!once.is_yearly() && once.covers("2026-12-20".parse().unwrap()));
        let yearly = span(&form("2026-12-20", "2027-01-03", "yearly")).unwrap();
        assert!(yearly.is_yearly() && yearly.covers("2030-01-03".parse().unwrap()));
        for (first, last, repeats, problem) in [
            ("", "2026-12-24", "", FormProblem::FirstNightMissing),
            ("2026-12-24", "soon", "", FormProblem::LastNightMissing),
            ("2026-12-24", "2026-12-23", "", FormProblem::FreezeBackwards),
            ("2026-01-01", "2026-12-31", "yearly", FormProblem::FreezeNeverEnds),
        ] {
            assert_eq!(span(&form(first, last, repeats)), Err(problem), "{first} {last}");
        }
    }
}
