//! What listening systems say of how environments are used. What follows from it are rules of the domain
//! (`health::listening`).
//! Not here: HTTP, tokens (`token`), incidents (`incident`).

mod samples;

pub use samples::SampleRefused;
