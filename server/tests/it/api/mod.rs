//! What programs ask under `/api/v1`: a tiny fleet, agents with tokens, and a clock that the test moves.

mod agents;
mod document;
mod failures;
mod flights;
mod incidents;
mod signals;
mod tokens;
mod why;

use crate::browser::{Answer, Browser};
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::{EnvironmentId, TokenId};
use domain::permission::{Role, TenantScope};
use domain::rollout::UpdateState;
use domain::token::{Caller, TokenKind, TokenReach};
use domain::wire::problem::FormOutcome;
use serde_json::{Value, json};
use server::config::HttpConfig;
use server::router::router;
use server::state::{AppParts, AppState};
use services::ports::{Clock, Ids, SystemClock};
use services::testing::{SeededIds, World};
use std::sync::Arc;
use store::environment::Environment;
use store::token::NewToken;
use store::update::Update;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub struct Api {
    pub world: World,
    pub browser: Browser,
    folder: TempDir,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn done(outcome: &FormOutcome) {
    assert!(matches!(outcome, FormOutcome::Done { .. }), "{outcome:?}");
}

impl Api {
    pub async fn new() -> Self {
        Self::with(6_000).await
    }

    pub async fn with(token_requests_per_minute: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = World::new(folder.path()).await.unwrap();
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let config = HttpConfig { token_requests_per_minute, ..HttpConfig::new(folder.path().join("site")) };
        let state = AppState::new(AppParts {
            services: world.services.clone(),
            db: world.services.db().clone(),
            ids,
            session_clock: Arc::new(SystemClock),
            config,
            shutdown: CancellationToken::new(),
        });
        Self { browser: Browser::new(router(state)), world, folder }
    }

    /// A token of Contoso's or Fabrikam's, or of a listening system.
    pub async fn token(&self, kind: TokenKind, reach: TokenReach) -> String {
        let (text, hash) = services::token::make(self.world.services.ids());
        let now = SystemClock.now();
        let token = TokenId::new(self.world.services.ids().uuid());
        let caller = Caller { token, name: token.to_string(), kind, reach };
        let theirs = match &caller.reach {
            TokenReach::Environments { environments } => Some(self.environment(environments[0]).await.customer),
            TokenReach::Customer { customer } => Some(*customer),
            TokenReach::Signals => None,
        };
        let new = NewToken { caller, hash, created_at: now, expires_at: now + TimeDelta::days(1) };
        let tx = self.world.services.db().begin().await.unwrap();
        store::token::insert(&tx, &new, theirs).await.unwrap();
        tx.commit().await.unwrap();
        text
    }

    /// The token of one environment's agent.
    pub async fn agent(&self, environment: EnvironmentId) -> String {
        self.token(TokenKind::Agent, TokenReach::Environments { environments: vec![environment] }).await
    }

    pub fn dev(&self) -> EnvironmentId {
        self.world.environment_id(self.world.contoso, "DEV")
    }

    pub async fn environment(&self, id: EnvironmentId) -> Environment {
        let reader = self.world.services.db().reader();
        store::environment::find(reader, TenantScope::AllCustomers, id).await.unwrap().unwrap()
    }

    pub async fn update(&self, id: EnvironmentId) -> Update {
        let update = self.environment(id).await.current_update.unwrap();
        store::update::get(self.world.services.db().reader(), update).await.unwrap().unwrap()
    }

    pub async fn start(&self) {
        let (world, services) = (&self.world, &self.world.services);
        let starter = world.as_role(Role::ReleaseManager).await.unwrap();
        done(&services.start_rollout(&starter, world.rollout).await.unwrap());
        let approver = world.as_role(Role::Approver).await.unwrap();
        for station in 2..=6 {
            done(&services.approve_promotion(&approver, world.rollout, station).await.unwrap());
        }
        self.tick().await;
    }

    pub async fn halt(&self) {
        let lead = self.world.as_role(Role::IncidentLead).await.unwrap();
        done(&self.world.services.halt_rollout(&lead, self.world.rollout, "sign-in fails").await.unwrap());
    }

    pub async fn tick(&self) {
        let outcome = self.world.services.engine_tick("tests").await.unwrap();
        assert_eq!(outcome.failed, 0, "{outcome:?}");
    }

    /// Ticks every half hour until the update of this environment runs: its agent may take it.
    pub async fn run_until_ordered(&self, id: EnvironmentId) {
        loop {
            self.world.clock.advance(TimeDelta::minutes(30));
            self.tick().await;
            let update = self.environment(id).await.current_update;
            if update.is_some() && matches!(self.update(id).await.state, UpdateState::InProgress { .. }) {
                return;
            }
            assert!(self.world.now() < at("2026-11-20T00:00:00Z"), "never started");
        }
    }

    pub async fn ask(&mut self, method: Method, path: &str, token: Option<&str>, body: Option<&Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.browser.send(request.body(body).unwrap()).await
    }

    pub async fn order(&mut self, token: &str) -> Answer {
        self.ask(Method::GET, "/api/v1/agent/order", Some(token), None).await
    }

    pub async fn begin(&mut self, token: &str, order: &str, attempt: u8) -> Answer {
        let path = format!("/api/v1/agent/orders/{order}/begin");
        self.ask(Method::POST, &path, Some(token), Some(&json!({ "attempt": attempt }))).await
    }

    pub async fn report(&mut self, token: &str, body: &Value) -> Answer {
        self.ask(Method::POST, "/api/v1/agent/reports", Some(token), Some(body)).await
    }

    /// The database goes with it.
    pub fn keep(&self) -> &TempDir {
        &self.folder
    }
}

pub fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"))
}

/// A refusal: its status and its name.
pub fn problem(answer: &Answer) -> (StatusCode, String) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    let problem = read(answer);
    assert_eq!(problem["status"], answer.status.as_u16());
    for field in ["title", "detail"] {
        assert!(!problem[field].as_str().unwrap().is_empty(), "{answer:?}");
    }
    let kind = problem["type"].as_str().unwrap().strip_prefix("urn:signalbox:problem:").unwrap().to_owned();
    (answer.status, kind)
}
