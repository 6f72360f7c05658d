//! Who is signed in. The browser holds a random id in a cookie; `store` holds its hash, the person and two limits of
//! time. What a person may do is never kept here: it is read anew for every request, so that a changed role acts at once.

pub mod cookie;
pub mod layer;
pub mod lifetime;
pub mod sign_in_limit;
pub mod store;
pub mod stream_limit;
pub mod typed;
pub mod who;
