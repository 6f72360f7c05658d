//! What a page asked the server for. Every page has its own kind of answer, but there is one kind of resource: its
//! machinery, drawn out for each kind, was a quarter of the Wasm. The kind is forgotten here and remembered when the page
//! draws.

use std::{convert::Infallible, fmt, marker::PhantomData, pin::Pin, str::FromStr, sync::Arc};

use codee::string::FromToStringCodec;
use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::{api::ApiError, json, query::Query};

/// What can be asked for.
pub trait View: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> View for T {}

/// An answer of any kind, as text.
#[derive(Clone)]
pub struct Answer(Result<Found, ApiError>);

#[derive(Clone)]
struct Found {
    text: Arc<str>,
    /// The server draws what it has just made, and need not read it first.
    #[cfg(feature = "ssr")]
    view: Option<Arc<dyn std::any::Any + Send + Sync>>,
}

impl Answer {
    #[cfg(feature = "ssr")]
    fn made<T: View>(answer: Result<T, ApiError>) -> Self {
        Self(answer.and_then(|view| {
            let text = serde_json::to_string(&view).map_err(|_| UNREADABLE)?;
            Ok(Found { text: text.into(), view: Some(Arc::new(view)) })
        }))
    }

    fn received(answer: Result<&str, ApiError>) -> Self {
        Self(answer.map(|text| Found {
            text: text.into(),
            #[cfg(feature = "ssr")]
            view: None,
        }))
    }

    fn read<T: View>(&self) -> Result<T, ApiError> {
        let found = self.0.as_ref().map_err(Clone::clone)?;
        #[cfg(feature = "ssr")]
        if let Some(view) = found.view.as_ref().and_then(|view| view.downcast_ref::<T>()) {
            return Ok(view.clone());
        }
        json::read(&found.text).map_err(|json::Unreadable| UNREADABLE)
    }
}

/// The page and its Wasm are of different builds: loading it again helps.
const UNREADABLE: ApiError = ApiError::Unavailable;

/// The sign before the text says which of the two it is.
const FOUND: char = '+';
const REFUSED: char = '-';

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(found) => write!(f, "{FOUND}{}", found.text),
            Err(error) => write!(f, "{REFUSED}{}", error.body()),
        }
    }
}

impl FromStr for Answer {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        let refused = || text.strip_prefix(REFUSED).and_then(ApiError::from_body).unwrap_or(UNREADABLE);
        Ok(Self::received(text.strip_prefix(FOUND).ok_or_else(refused)))
    }
}

type Asked = Pin<Box<dyn Future<Output = Answer> + Send>>;
pub(super) type AnswerResource = Resource<Answer, FromToStringCodec>;

/// The answer that a page draws, of its own kind.
pub struct Page<T> {
    answer: AnswerResource,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Page<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Page<T> {}

impl<T: View> Page<T> {
    /// Asks again. What is shown stays until the answer is there.
    pub fn refetch(self) {
        self.answer.refetch();
    }

    pub(super) fn answer(self) -> AnswerResource {
        self.answer
    }

    pub(super) fn read(answer: &Answer) -> Result<T, ApiError> {
        answer.read()
    }
}

/// Asks a server function now, and again whenever `params` change. In the browser by its address and the fields of its
/// argument, on the server by calling it.
pub fn ask<P, T, F>(
    address: &'static str,
    params: Memo<P>,
    fields: fn(&P) -> Query,
    call: impl Fn(P) -> F + Send + Sync + 'static,
) -> Page<T>
where
    P: Clone + Send + Sync + 'static,
    T: View,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    let turn = Memo::new(move |turn: Option<&u64>| {
        // Tracking alone would leave it to be worked out later, which would count as a change and ask twice.
        params.with(|_| ());
        turn.map_or(0, |turn| turn + 1)
    });
    #[cfg(feature = "ssr")]
    let asked = {
        let _ = (address, fields);
        move || -> Asked {
            let call = call(params.get_untracked());
            Box::pin(async move { Answer::made(call.await) })
        }
    };
    #[cfg(not(feature = "ssr"))]
    let asked = {
        let _ = call;
        move || -> Asked { received(address, params.with_untracked(fields)) }
    };
    Page { answer: resource(turn, Box::new(asked)), kind: PhantomData }
}

/// For a server function without an argument.
pub fn ask_once<T, F>(address: &'static str, call: impl Fn() -> F + Send + Sync + 'static) -> Page<T>
where
    T: View,
    F: Future<Output = Result<T, ApiError>> + Send + 'static,
{
    ask(address, Memo::new(|_| ()), |()| Query::default(), move |()| call())
}

fn resource(turn: Memo<u64>, asked: Box<dyn Fn() -> Asked + Send + Sync>) -> AnswerResource {
    Resource::new_str(move || turn.get(), move |_| asked())
}

#[cfg(feature = "hydrate")]
fn received(address: &'static str, fields: Query) -> Asked {
    Box::pin(send_wrapper::SendWrapper::new(async move {
        let text = crate::api::browser::get(address, &fields).await;
        Answer::received(text.as_deref().map_err(Clone::clone))
    }))
}

/// Neither server nor browser: nobody there to ask.
#[cfg(not(any(feature = "hydrate", feature = "ssr")))]
fn received(_: &'static str, _: Query) -> Asked {
    Box::pin(async { Answer::received(Err(UNREADABLE)) })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    type Kind = Vec<Option<String>>;

    fn carried(answer: Result<Kind, ApiError>) -> Result<Kind, ApiError> {
        let text = Answer::made(answer).to_string();
        text.parse::<Answer>().unwrap().read()
    }

    #[test]
    fn answers_come_through_the_page_as_they_were() {
        let view = vec![Some("-+\"</script>".to_owned()), None];
        assert_eq!(carried(Ok(view.clone())), Ok(view));
        for error in [ApiError::NotFound, ApiError::Internal { reference: "req-1".into() }] {
            assert_eq!(carried(Err(error.clone())), Err(error));
        }
    }

    #[test]
    fn nonsense_is_an_error_not_a_panic() {
        for text in ["", "+", "+{", "-", "-{", "?"] {
            assert!(text.parse::<Answer>().unwrap().read::<Kind>().is_err(), "{text}");
        }
    }
}
