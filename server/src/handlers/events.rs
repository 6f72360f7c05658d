//! GET /events: the live stream of one tab. An event says that something changed; the page asks again for what it
//! shows. A browser that lost the stream names the last event it saw and gets what it missed out of the outbox.

use crate::refusal::Refusal;
use crate::session::stream_limit::StreamPlace;
use crate::session::who::context;
use crate::state::AppState;
use app::api::context::SignedIn;
use axum::extract::{Extension, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use domain::ids::RolloutId;
use domain::permission::Actor;
use domain::wire::live::{LiveEvent, Topic};
use services::events::{Sent, may_hear};
use std::collections::HashSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tokio_stream::wrappers::ReceiverStream;

/// Proxies close a connection that says nothing for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How soon a changed role or an ended session closes the stream.
const RECHECK: Duration = Duration::from_secs(1);
/// Changes of one topic that come closer than this are one event: the page would load the same thing twice.
const GATHER: Duration = Duration::from_millis(200);
/// Events waiting for a slow connection.
const BACKLOG: usize = 32;
/// A tab follows the clock, what is stopped and what is halted, its customer's estate, and the rollouts of one page of a list:
/// 4 + 50, and some to spare; more is no page of ours.
const TOPICS_MAX: usize = 64;

type Message = Result<Event, Infallible>;

pub async fn events(
    State(state): State<AppState>,
    Extension(signed_in): Extension<SignedIn>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let Some(place) = state.streams.enter(&signed_in.session_hash) else {
        return Refusal::TooManyStreams.into_response();
    };
    let query = app::query::Query::parse(query.as_deref().unwrap_or_default());
    let resumed = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let after = resumed.or_else(|| query.get("after").parse().ok()).filter(|seq: &i64| *seq >= 0);
    let wanted = wanted(query.get("topics"), &signed_in.actor);
    let (sender, receiver) = mpsc::channel(BACKLOG);
    let shutdown = state.shutdown.clone();
    // Before the answer begins and before looking back, so that nothing falls between.
    let news = state.services.events().subscribe();
    let stream = Stream { state, signed_in, wanted, sender, _place: place };
    tokio::spawn(async move { shutdown.run_until_cancelled(stream.run(news, after)).await });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// What the page asked to hear, as far as this person may hear it. What we do not know is left out.
fn wanted(topics: &str, actor: &Actor) -> HashSet<Topic> {
    let topic = |name: &str| match name {
        "estate" => actor.customer.map(Topic::Estate),
        "demo_clock" => Some(Topic::DemoClock),
        "stops" => Some(Topic::Stops),
        "halts" => Some(Topic::Halts),
        _ => name.strip_prefix("rollout:")?.parse::<RolloutId>().ok().map(Topic::Rollout),
    };
    topics.split(',').take(TOPICS_MAX).filter_map(topic).filter(|topic| may_hear(actor, topic)).collect()
}

struct Stream {
    state: AppState,
    signed_in: SignedIn,
    wanted: HashSet<Topic>,
    sender: mpsc::Sender<Message>,
    _place: StreamPlace,
}

/// Why a stream ends. The browser comes back by itself; who may not is then refused.
struct Ended;

impl Stream {
    async fn run(self, mut news: Receiver<Sent>, after: Option<i64>) {
        let mut recheck = interval(RECHECK);
        recheck.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let Ok(mut sent) = self.catch_up(after).await else { return };
        while self.step(&mut news, &mut recheck, &mut sent).await.is_ok() {}
    }

    /// Sends what was missed; the sequence numbers of it.
    async fn catch_up(&self, after: Option<i64>) -> Result<HashSet<i64>, Ended> {
        let Some(after) = after else { return Ok(HashSet::new()) };
        let ctx = context(&self.state.services, &self.signed_in);
        match self.state.services.events_since(&ctx, after).await {
            Ok(Some(missed)) => {
                let seqs = missed.iter().map(|sent| sent.seq).collect();
                self.send(missed).await?;
                Ok(seqs)
            }
            Ok(None) => self.send_missed_too_much().await.map(|()| HashSet::new()),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a live stream could not look back");
                Err(Ended)
            }
        }
    }

    async fn step(
        &self,
        news: &mut Receiver<Sent>,
        recheck: &mut Interval,
        sent: &mut HashSet<i64>,
    ) -> Result<(), Ended> {
        tokio::select! {
            () = self.sender.closed() => Err(Ended),
            _ = recheck.tick() => self.still_allowed().await,
            first = news.recv() => match first {
                Ok(first) => {
                    sleep(GATHER).await;
                    let rest = std::iter::from_fn(|| news.try_recv().ok());
                    let batch = std::iter::once(first).chain(rest).filter(|news| !sent.remove(&news.seq)).collect();
                    self.send(batch).await
                }
                Err(RecvError::Lagged(_)) => self.send_missed_too_much().await,
                Err(RecvError::Closed) => Err(Ended),
            },
        }
    }

    /// One event for each topic, the last.
    async fn send(&self, batch: Vec<Sent>) -> Result<(), Ended> {
        let mut told = HashSet::new();
        let mut last: Vec<Sent> = batch
            .into_iter()
            .rev()
            .filter(|sent| self.wanted.contains(&sent.event.topic) && told.insert(sent.event.topic))
            .collect();
        last.sort_by_key(|sent| sent.seq);
        for sent in last {
            match Event::default().id(sent.seq.to_string()).json_data(&sent.event) {
                Ok(event) => self.sender.send(Ok(event)).await.map_err(|_| Ended)?,
                Err(error) => tracing::error!(seq = sent.seq, %error, "an event could not be written"),
            }
        }
        Ok(())
    }

    /// More happened than is worth listing: every topic of the page has changed.
    async fn send_missed_too_much(&self) -> Result<(), Ended> {
        let seq = store::outbox::latest_seq(self.state.db.reader()).await.map_err(|_| Ended)?;
        let changed = |topic: &Topic| Sent { seq, event: LiveEvent { topic: *topic, text: String::new() } };
        self.send(self.wanted.iter().map(changed).collect()).await
    }

    /// Looks at session and account without counting as use of them.
    async fn still_allowed(&self) -> Result<(), Ended> {
        let (hash, now) = (&self.signed_in.session_hash, self.state.session_clock.now());
        let hash: &[u8; 32] = hash.as_slice().try_into().map_err(|_| Ended)?;
        let session = store::session::load(self.state.db.reader(), hash, now).await.map_err(|_| Ended)?;
        let actor = self.state.services.actor(self.signed_in.actor.user).await.map_err(|_| Ended)?;
        let same = actor.is_some_and(|actor| {
            (actor.role, actor.customer) == (self.signed_in.actor.role, self.signed_in.actor.customer)
        });
        if session.is_some() && same { Ok(()) } else { Err(Ended) }
    }
}
