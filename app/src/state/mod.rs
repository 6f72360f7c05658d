//! What outlives a page: who is signed in, what changes meanwhile, what a form answered. One context per concern, each with
//! a `provide_…` and a `use_…`. Not here: what pages show.

pub mod address;
pub mod form;
pub mod form_key;
pub mod hydrated;
pub mod landing;
pub mod live;
pub mod shell;
pub mod status;
