//! The live stream: who hears what, how it resumes, when it ends.

use crate::browser::Browser;
use crate::harness::TestApp;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use domain::ids::{CustomerId, RolloutId};
use domain::permission::Role;
use domain::wire::live::{LiveEvent, Topic};
use futures::StreamExt;
use std::time::Duration;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(5);
const NEVER: Duration = Duration::from_millis(600);

struct Stream {
    body: axum::body::BodyDataStream,
    read: String,
}

/// One event: its id and its data.
type Heard = (i64, LiveEvent);

impl Stream {
    async fn open(browser: &mut Browser, query: &str, last: Option<i64>) -> Self {
        let mut request = Request::get(format!("/events?{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = browser.open(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"), "a compressed stream is held back");
        Self { body: response.into_body().into_data_stream(), read: String::new() }
    }

    /// The next event; `None` where the stream ended.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                    return Some((id.parse().unwrap(), serde_json::from_str(data).unwrap()));
                }
                continue;
            }
            self.read.push_str(std::str::from_utf8(&self.body.next().await?.unwrap()).unwrap());
        }
    }

    async fn hears(&mut self) -> Heard {
        tokio::time::timeout(SOON, self.next()).await.expect("an event in time").expect("the stream is open")
    }

    async fn hears_nothing(&mut self) {
        assert!(tokio::time::timeout(NEVER, self.next()).await.is_err(), "silence");
    }

    async fn ends(&mut self) {
        assert_eq!(tokio::time::timeout(SOON, self.next()).await.expect("an end in time"), None);
    }
}

fn rollout(number: u128) -> RolloutId {
    RolloutId::new(Uuid::from_u128(number))
}

async fn happens(app: &TestApp, topic: Topic, text: &str) -> i64 {
    app.announce(&LiveEvent { topic, text: text.to_owned() }).await
}

#[tokio::test]
async fn a_page_hears_the_topics_it_asked_for() {
    let app = TestApp::new().await;
    let mut staff = app.signed_in_as(Role::ReleaseManager).await;
    let mut stream = Stream::open(&mut staff, &format!("topics=demo_clock,rollout:{}", rollout(1)), None).await;
    let seq = happens(&app, Topic::Rollout(rollout(1)), "Station 2 opened").await;
    assert_eq!(
        stream.hears().await,
        (seq, LiveEvent { topic: Topic::Rollout(rollout(1)), text: "Station 2 opened".to_owned() })
    );
    happens(&app, Topic::Rollout(rollout(2)), "of another page").await;
    stream.hears_nothing().await;
    let seq = happens(&app, Topic::DemoClock, "").await;
    assert_eq!(stream.hears().await.0, seq);
}

#[tokio::test]
async fn customers_hear_their_own_estate_only() {
    let app = TestApp::new().await;
    let (contoso, fabrikam) = (app.customer("contoso.example").await, app.customer("fabrikam.example").await);
    let mut customer = app.signed_in_as(Role::CustomerAdmin).await;
    let query = format!("topics=estate,rollout:{},estate:{fabrikam}", rollout(1));
    let mut stream = Stream::open(&mut customer, &query, Some(0)).await;
    happens(&app, Topic::Estate(fabrikam), "theirs").await;
    happens(&app, Topic::Rollout(rollout(1)), "staff's").await;
    stream.hears_nothing().await;
    happens(&app, Topic::Estate(contoso), "ours").await;
    assert_eq!(stream.hears().await.1.text, "ours");
    let mut again = Stream::open(&mut customer, &query, Some(0)).await;
    assert_eq!(again.hears().await.1.text, "ours", "also when looking back");
    again.hears_nothing().await;
    let mut staff = app.signed_in_as(Role::Support).await;
    let mut none = Stream::open(&mut staff, "topics=estate", Some(0)).await;
    happens(&app, Topic::Estate(CustomerId::new(Uuid::from_u128(9))), "a customer's").await;
    none.hears_nothing().await;
}

#[tokio::test]
async fn it_resumes_where_it_broke_off() {
    let app = TestApp::new().await;
    let mut staff = app.signed_in_as(Role::ReleaseManager).await;
    let first = happens(&app, Topic::Rollout(rollout(1)), "seen").await;
    let missed = happens(&app, Topic::Rollout(rollout(1)), "missed").await;
    let query = format!("after={first}&topics=rollout:{}", rollout(1));
    let mut stream = Stream::open(&mut staff, &query, None).await;
    assert_eq!(stream.hears().await.0, missed);
    stream.hears_nothing().await;
    let mut stream = Stream::open(&mut staff, &query, Some(missed)).await;
    stream.hears_nothing().await;
    let next = happens(&app, Topic::Rollout(rollout(1)), "news").await;
    assert_eq!(stream.hears().await.0, next);
}

#[tokio::test]
async fn many_changes_at_once_are_one_event() {
    let app = TestApp::new().await;
    let mut staff = app.signed_in_as(Role::ReleaseManager).await;
    let mut last = 0;
    for number in 0..40 {
        last = happens(&app, Topic::Rollout(rollout(1)), &format!("change {number}")).await;
    }
    let mut stream = Stream::open(&mut staff, &format!("after=0&topics=rollout:{}", rollout(1)), None).await;
    assert_eq!(
        stream.hears().await,
        (last, LiveEvent { topic: Topic::Rollout(rollout(1)), text: "change 39".to_owned() })
    );
    stream.hears_nothing().await;
}

#[tokio::test]
async fn who_missed_too_much_is_told_that_everything_changed() {
    let app = TestApp::new().await;
    let mut staff = app.signed_in_as(Role::ReleaseManager).await;
    let mut last = 0;
    for _ in 0..600 {
        last = happens(&app, Topic::Rollout(rollout(2)), "of another page").await;
    }
    let mut stream = Stream::open(&mut staff, &format!("after=1&topics=rollout:{}", rollout(1)), None).await;
    let (seq, event) = stream.hears().await;
    assert!(seq >= last);
    assert_eq!(event, LiveEvent { topic: Topic::Rollout(rollout(1)), text: String::new() });
}

#[tokio::test]
async fn it_ends_with_the_session_the_account_the_idle_time_and_the_server() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in_as(Role::ReleaseManager).await;
    let mut stream = Stream::open(&mut browser, "topics=demo_clock", None).await;
    browser.post("/logout", &[]).await;
    stream.ends().await;

    let mut browser = app.signed_in_as(Role::Support).await;
    let mut stream = Stream::open(&mut browser, "topics=demo_clock", None).await;
    app.disable(Role::Support).await;
    stream.ends().await;

    let mut browser = app.signed_in_as(Role::Operator).await;
    let mut stream = Stream::open(&mut browser, "topics=demo_clock", None).await;
    app.session_clock.advance(TimeDelta::minutes(31));
    stream.ends().await;

    let mut browser = app.signed_in_as(Role::Approver).await;
    let mut stream = Stream::open(&mut browser, "topics=demo_clock", None).await;
    app.shutdown.cancel();
    stream.ends().await;
}

#[tokio::test]
async fn nonsense_in_its_address_is_left_out() {
    let app = TestApp::new().await;
    let mut staff = app.signed_in_as(Role::ReleaseManager).await;
    for query in
        ["", "after=x&topics=,,:,rollout:,rollout:env_1", "after=-5&topics=demo_clock", "after=99999999999999999999"]
    {
        let mut stream = Stream::open(&mut staff, query, None).await;
        stream.hears_nothing().await;
    }
}

#[tokio::test]
async fn one_session_cannot_take_the_streams_of_everybody() {
    let app = TestApp::new().await;
    let mut busy = app.signed_in_as(Role::CustomerViewer).await;
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(Stream::open(&mut busy, "topics=estate", None).await);
    }
    let one_more = || Request::get("/events?topics=estate").body(Body::empty()).unwrap();
    assert_eq!(busy.open(one_more()).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    // The same account in another browser, and anybody else.
    for role in [Role::CustomerViewer, Role::ReleaseManager] {
        let mut other = app.signed_in_as(role).await;
        Stream::open(&mut other, "topics=demo_clock", None).await;
    }
    open.pop();
    tokio::time::timeout(SOON, async {
        while busy.open(one_more()).await.status() != StatusCode::OK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("a closed stream gives its place back");
}
