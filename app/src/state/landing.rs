//! Where a browser without Wasm lands after a form: the page the form stood on, with what went wrong and what was typed in
//! its address. Only codes and the reader's own words travel there; anybody can write such an address, so sentences are
//! looked up from the codes.

use domain::wire::problem::{FormOutcome, FormProblem, REASON_CHARS_MAX};

use crate::{query::Query, routes::own_path, state::form_key::FormKey};

const FORM: &str = "form";
const PROBLEM: &str = "problem";
const DONE: &str = "done";
/// Before the name of a field.
const TYPED: &str = "typed_";
/// A longer text would not fit into every server's and proxy's line; the reader gets its beginning back.
const TYPED_CHARS_MAX: usize = 1_000;
/// Whatever would be accepted comes back whole; only who gets round the limit of the field meets the cut.
const _: () = assert!(REASON_CHARS_MAX <= TYPED_CHARS_MAX);

/// The address after a form. `referer` is the page it stood on, `page` where it belongs if that is not known.
pub fn after(
    referer: Option<&str>,
    page: &str,
    form: FormKey,
    outcome: &FormOutcome,
    typed: &[(&str, &str)],
) -> String {
    let from = referer.and_then(path_of).unwrap_or(page);
    let (path, query) = from.split_once('?').unwrap_or((from, ""));
    let query = clean(Query::parse(query));
    match outcome {
        FormOutcome::Done { .. } => query.set(DONE, form.code()).on(path),
        FormOutcome::Refused { problem } => {
            let query = query.set(FORM, form.code()).set(PROBLEM, problem.code());
            let with_typed = |query: Query, (name, value): &(&str, &str)| {
                query.set(&format!("{TYPED}{name}"), value.chars().take(TYPED_CHARS_MAX).collect::<String>())
            };
            typed.iter().fold(query, with_typed).on(path)
        }
    }
}

/// Without what an earlier form left behind.
fn clean(query: Query) -> Query {
    query.without(|name| [FORM, PROBLEM, DONE, "__path", "__err"].contains(&name) || name.starts_with(TYPED))
}

/// The path of an absolute address; the origin is thrown away, so the redirect cannot leave the site.
fn path_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    own_path(rest.split_once('#').map_or(rest, |(path, _)| path))
}

/// What was wrong with this form, as the address says.
pub fn problem_of(query: &Query, form: FormKey) -> Option<FormProblem> {
    if FormKey::from_code(query.get(FORM)) == Some(form) { FormProblem::from_code(query.get(PROBLEM)) } else { None }
}

/// What was typed into a field of this form before it was refused.
pub fn typed_into(query: &Query, form: FormKey, field: &str) -> Option<String> {
    problem_of(query, form).map(|_| query.get(&format!("{TYPED}{field}")).to_owned())
}

/// What was done, in our words.
pub fn done(query: &Query) -> Option<String> {
    FormKey::from_code(query.get(DONE)).map(FormKey::done)
}

/// Why a form as a whole was refused. The form may be gone: somebody was faster, and there is nothing more to start or lift.
pub fn refused(query: &Query) -> Option<&'static str> {
    let problem = FormKey::from_code(query.get(FORM)).and_then(|form| problem_of(query, form));
    problem.filter(|problem| problem.field().is_none()).map(FormProblem::message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: FormOutcome = FormOutcome::Refused { problem: FormProblem::ReasonMissing };

    fn read(address: &str) -> Query {
        Query::parse(address.split_once('?').map_or("", |(_, query)| query))
    }

    #[test]
    fn a_refused_form_finds_its_problem_and_what_was_typed() {
        let typed = [("reason", "100% of sign-ins & more")];
        let referer = "http://127.0.0.1:3000/rollouts/rol_1?station=4&problem=unavailable&typed_reason=old";
        let address = after(Some(referer), "/", FormKey::Halt, &REFUSED, &typed);
        assert!(address.starts_with("/rollouts/rol_1?station=4&"), "{address}");
        let query = read(&address);
        assert_eq!(problem_of(&query, FormKey::Halt), Some(FormProblem::ReasonMissing));
        assert_eq!(typed_into(&query, FormKey::Halt, "reason").as_deref(), Some("100% of sign-ins & more"));
        assert_eq!(problem_of(&query, FormKey::Resume), None, "another form of the page");
        assert_eq!(typed_into(&query, FormKey::Resume, "reason"), None);
    }

    #[test]
    fn a_done_form_leaves_only_its_code() {
        let outcome = FormOutcome::Done { message: "Halted. Whatever.".into() };
        let referer = "https://signalbox.example/rollouts/rol_1?form=halt&problem=reason_missing&typed_reason=x";
        let address = after(Some(referer), "/", FormKey::Halt, &outcome, &[]);
        assert_eq!(address, "/rollouts/rol_1?done=halt");
        assert_eq!(done(&read(&address)).as_deref(), Some("The rollout is halted."));
        assert_eq!(done(&read("/?done=<b>owned</b>")), None);
    }

    #[test]
    fn what_concerns_a_form_as_a_whole_is_said_without_it() {
        let refused_by = |problem| {
            let outcome = FormOutcome::Refused { problem };
            refused(&read(&after(None, "/halts", FormKey::LiftHalt, &outcome, &[])))
        };
        assert_eq!(refused_by(FormProblem::HaltLifted), Some(FormProblem::HaltLifted.message()));
        assert_eq!(refused_by(FormProblem::ReasonMissing), None, "its field stands there");
        assert_eq!(refused(&read("/halts?problem=halt_lifted&form=nonsense")), None);
    }

    #[test]
    fn the_redirect_stays_on_the_site() {
        for referer in
            [None, Some("https://evil.example"), Some("https://evil.example//evil"), Some("nonsense"), Some("")]
        {
            let address = after(referer, "/settings", FormKey::TimeZone, &REFUSED, &[]);
            assert!(address.starts_with("/settings?") || address.starts_with("/?"), "{referer:?} {address}");
        }
    }

    #[test]
    fn a_long_text_is_cut_not_refused() {
        let long = "ä".repeat(5_000);
        let address = after(None, "/x", FormKey::Halt, &REFUSED, &[("reason", &long)]);
        assert_eq!(typed_into(&read(&address), FormKey::Halt, "reason").unwrap().chars().count(), TYPED_CHARS_MAX);
    }
}
