//! The field's nouns: sign-ins, policies, the tenant snapshot, evidence and verdicts.
//!
//! Invariant: nothing here knows files, the terminal, the clock or threads, and nothing here depends on the rest of the
//! program.

pub mod context;
pub mod error_code;
pub mod evidence;
pub mod fact;
pub mod first_party;
pub mod guest;
pub mod history;
pub mod holdings;
pub mod json;
pub mod lockout;
pub mod merge;
pub mod plain;
pub mod policy;
pub mod recipient;
pub mod server;
pub mod sign_in;
pub mod snapshot;
pub mod trace;
pub mod verdict;
pub mod visible;

pub use context::Context;
pub use evidence::{Evidence, Origin};
pub use history::History;
pub use holdings::Holdings;
pub use json::Json;
pub use policy::Policy;
pub use sign_in::SignIn;
pub use snapshot::Snapshot;
pub use verdict::Verdict;
