//! The explanations: a pure function from a sign-in, its attempt and the snapshot to an [`Explanation`].
//!
//! Invariant: nothing here knows files, the terminal, the clock or threads, and nothing here can fail: what cannot be
//! decided is an unknown with its reason.

pub mod explanation;
pub mod outline;

pub use explanation::Explanation;
