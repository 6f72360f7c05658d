//! One form of a page: what was wrong with it, what was typed, whether it is on its way. The answer comes from the server
//! function where Wasm runs and from the address where it does not; the page cannot tell the difference.

use std::time::Duration;

use domain::wire::problem::{FormOutcome, FormProblem};
use leptos::{html::Div, prelude::*, server::ServerActionError, server_fn::ServerFn};

use crate::{
    api::ApiError,
    components::FieldError,
    query::Query,
    state::{
        address::use_query,
        form_key::FormKey,
        landing,
        status::{Said, Status, use_status},
    },
};

/// Before the name of every field: server functions take one struct, called `input`.
fn sent_as(field: &str) -> String {
    format!("input[{field}]")
}

type Answered = Result<FormOutcome, ApiError>;

#[derive(Clone, Copy)]
pub struct Form {
    key: FormKey,
    query: Memo<Query>,
    answer: RwSignal<Option<Answered>>,
    /// How often it was answered here.
    answers: RwSignal<u64>,
    busy: RwSignal<bool>,
    problem: Memo<Option<FormProblem>>,
    /// The box with what is wrong.
    summary: NodeRef<Div>,
    /// Whether the form can be seen, where it stands in a disclosure.
    open: RwSignal<bool>,
    place: StoredValue<Place>,
}

/// Kept apart, so that a page can hand its forms on by value.
struct Place {
    /// Of the server function.
    address: &'static str,
    /// The line above the page.
    above: Status,
    /// The page on which the form was sent.
    sent_on: String,
    /// How often it is drawn just now: drawn anew, it may be there twice, or not at all for a moment.
    drawn: i32,
}

/// Longer than a page takes to be drawn anew.
const GONE_AFTER: Duration = Duration::from_millis(300);

/// The form of server function `S`. `on_done` is called when it succeeded, to ask again for what it changed.
///
/// Call this in the page itself, not in what an answer draws: drawn again, it would forget.
pub fn use_form<S>(key: FormKey, on_done: impl Fn() + Send + Sync + 'static) -> Form
where
    S: ServerFn<Output = FormOutcome, Error = ApiError>,
{
    form_at(S::PATH, key, Box::new(on_done))
}

fn form_at(address: &'static str, key: FormKey, on_done: Box<dyn Fn() + Send + Sync>) -> Form {
    let query = use_query();
    // A call that failed without Wasm is in the address too, written by the server function's own redirect.
    let failed = use_context::<ServerActionError>()
        .filter(|error| error.path() == address)
        .map(|error| Err(ApiError::from_address(error.err())));
    let answer = RwSignal::new(failed);
    let answers = RwSignal::new(0);
    let problem = Memo::new(move |_| match &*answer.read() {
        Some(Ok(FormOutcome::Refused { problem })) => Some(*problem),
        Some(_) => None,
        // Not sent from here yet: the page may be the answer itself.
        None => query.with(|query| landing::problem_of(query, key)),
    });
    let (busy, open) = (RwSignal::new(false), RwSignal::new(false));
    let (summary, status) = (NodeRef::new(), use_status());
    let place = StoredValue::new(Place { address, above: status, sent_on: String::new(), drawn: 0 });
    let form = Form { key, query, answer, answers, busy, problem, summary, open, place };
    open.set(form.is_refused());
    form.tell(status, on_done);
    form
}

impl Form {
    /// Says what was done, or takes back what an earlier form had done.
    fn tell(self, status: Status, on_done: Box<dyn Fn() + Send + Sync>) {
        Effect::new(move |seen: Option<u64>| {
            let answers = self.answers.get();
            if seen.is_some_and(|seen| seen != answers) {
                if let Some(Ok(FormOutcome::Done { message })) = &*self.answer.read_untracked() {
                    status.say(Said::Done(message.clone()));
                    self.open.set(false);
                    on_done();
                } else {
                    status.clear();
                    self.open.set(true);
                    self.show_summary();
                }
            }
            answers
        });
    }

    /// Moves the reader to what is wrong, once it is drawn.
    fn show_summary(self) {
        request_animation_frame(move || {
            if let Some(summary) = self.summary.try_get_untracked().flatten() {
                let _ = summary.focus();
            }
        });
    }

    /// Why it was refused as a whole, as the answer says that came here. (What the address says stands above the page.)
    fn refusal(self) -> Option<Said> {
        self.answer.try_with_untracked(|answer| match answer {
            Some(Ok(FormOutcome::Refused { problem })) if problem.field().is_none() => {
                Some(Said::Refused(problem.message().to_owned()))
            }
            _ => None,
        })?
    }

    /// It is drawn: what is wrong with it stands in it.
    pub fn drawn(self) {
        self.place.update_value(|place| place.drawn += 1);
        if let Some(refusal) = self.refusal() {
            self.place.with_value(|place| place.above.take_back(&refusal));
        }
    }

    /// It is drawn no more. Somebody was faster, where the page is the same: then it is said above the page.
    pub fn gone(self) {
        self.place.try_update_value(|place| place.drawn -= 1);
        if self.refusal().is_some() {
            // It may be drawn anew.
            set_timeout(move || self.say_if_gone(), GONE_AFTER);
        }
    }

    fn say_if_gone(self) {
        let Some(refusal) = self.refusal() else { return };
        self.place.try_with_value(|Place { above, sent_on, drawn, .. }| {
            if *drawn <= 0 && *sent_on == above.path() {
                above.say(refusal);
            }
        });
    }

    /// Where the box with what is wrong is.
    pub const fn summary(self) -> NodeRef<Div> {
        self.summary
    }

    /// Where it is sent.
    pub fn address(self) -> &'static str {
        self.place.with_value(|place| place.address)
    }

    /// While the answer is on its way.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Whether it can be seen: opened by its reader, or because something is wrong with it.
    pub const fn open(self) -> RwSignal<bool> {
        self.open
    }

    fn is_refused(self) -> bool {
        self.problem.with_untracked(Option::is_some)
            || self.answer.with_untracked(|answer| matches!(answer, Some(Err(_))))
    }

    fn failure(self) -> Option<ApiError> {
        self.answer.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned()))
    }

    /// What is wrong with one field.
    pub fn error(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.problem
                .get()
                .filter(|problem| problem.field() == Some(field))
                .map(|problem| problem.message().to_owned())
        })
    }

    /// For the summary above the form.
    pub fn errors(self) -> Signal<Vec<FieldError>> {
        Signal::derive(move || {
            // What the address says of the form as a whole stands above the page, with the form or without it.
            let here = |problem: &FormProblem| problem.field().is_some() || self.answer.with(Option::is_some);
            let refused = self
                .problem
                .get()
                .filter(here)
                .map(|problem| FieldError { field: self.control(problem.field()), text: problem.message().to_owned() });
            let failed = self.failure().map(|error| FieldError { field: String::new(), text: error.to_string() });
            refused.into_iter().chain(failed).collect()
        })
    }

    /// What the reader had typed into a field of a form that was sent without Wasm and refused.
    pub fn typed(self, field: &str) -> Option<String> {
        self.query.with_untracked(|query| landing::typed_into(query, self.key, field))
    }

    /// The value of this form's confirmation box. It makes the box's id, so it differs between the forms of a page.
    pub fn confirmation(self) -> String {
        self.key.code()
    }

    /// The name that makes the id of this form's reason: it differs between the forms of a page.
    pub fn reason(self) -> String {
        match self.key {
            FormKey::WithdrawBuild => format!("{} {}", sent_as("reason"), self.key.code()),
            _ => sent_as("reason"),
        }
    }

    /// Sends what the form holds. Once: while an answer is on its way, pressing again does nothing.
    #[cfg(feature = "hydrate")]
    pub fn send(self, fields: String) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.place.update_value(|place| place.sent_on = place.above.path());
        let address = self.address();
        leptos::task::spawn_local(async move {
            let answer = crate::api::browser::post(address, fields).await;
            // The page may have been left meanwhile.
            self.busy.try_set(false);
            self.answer.try_set(Some(answer));
            self.answers.try_update(|answers| *answers += 1);
        });
    }

    /// The control that an error belongs to, as the summary links to it.
    fn control(self, field: Option<&str>) -> String {
        match field {
            Some("confirmed") => format!("{} {}", sent_as("confirmed"), self.confirmation()),
            Some("reason") => self.reason(),
            Some(field) => sent_as(field),
            None => String::new(),
        }
    }
}
