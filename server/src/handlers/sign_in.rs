//! POST /login: checks the password, gives the browser a new session and sends it on. What went wrong travels back to
//! the form as a code in the URL; what was typed as the email travels in a cookie, see `session::typed`.

use crate::layers::client::Client;
use crate::next_path::own_page;
use crate::refusal::Refusal;
use crate::session::store::{ADDRESS, BROWSER, USER};
use crate::session::typed;
use crate::state::AppState;
use app::query::Query;
use axum::extract::rejection::FormRejection;
use axum::extract::{Extension, Form, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::UserId;
use domain::wire::problem::FormProblem;
use serde::Deserialize;
use tower_sessions::Session;

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: String,
    next: String,
}

/// Enough to recognise a browser in the list of sessions.
const BROWSER_CHARS_MAX: usize = 300;

pub async fn sign_in(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    session: Session,
    headers: HeaderMap,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return Refusal::BodyUnreadable.into_response() };
    let next = own_page(&form.next);
    let refused = |problem| back_to_form(problem, &form.email, next, client);
    if !state.sign_in_limit.allows(client.address) {
        tracing::warn!(address = %client.address, "too many tries to sign in from one address");
        return refused(FormProblem::SignInThrottled);
    }
    let now = state.session_clock.now();
    let user = match state.services.sign_in(&form.email, &form.password, client.address, now).await {
        Ok(Ok(user)) => user,
        Ok(Err(problem)) => return refused(problem),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "signing in failed");
            return refused(FormProblem::Unavailable);
        }
    };
    let home = match state.services.actor(user).await {
        Ok(Some(actor)) => app::routes::home(actor.role),
        // Disabled between the two questions.
        Ok(None) => return refused(FormProblem::CredentialsWrong),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "reading the account failed");
            return refused(FormProblem::Unavailable);
        }
    };
    if let Err(error) = begin(&session, user, client, &headers).await {
        tracing::error!(error = &error as &dyn std::error::Error, "beginning a session failed");
        return refused(FormProblem::Unavailable);
    }
    Redirect::to(next.unwrap_or(home)).into_response()
}

/// Whatever session the browser came with ends; the new one has an id that nobody has seen.
async fn begin(
    session: &Session,
    user: UserId,
    client: Client,
    headers: &HeaderMap,
) -> Result<(), tower_sessions::session::Error> {
    session.clear().await;
    session.cycle_id().await?;
    let browser = headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    let browser: String = browser.unwrap_or_default().chars().take(BROWSER_CHARS_MAX).collect();
    session.insert(USER, user).await?;
    session.insert(ADDRESS, client.address.to_string()).await?;
    session.insert(BROWSER, browser).await
}

fn back_to_form(problem: FormProblem, email: &str, next: Option<&str>, client: Client) -> Response {
    let query = Query::default().set("problem", problem.code()).set("next", next.unwrap_or_default());
    let mut response = Redirect::to(&query.on(app::routes::LOGIN)).into_response();
    typed::keep(&mut response, email, client.secure);
    response
}
