//! authopsy explains Microsoft Entra ID sign-ins from what a customer sent: a sign-in log, a tenant snapshot, a browser trace.
//!
//! # Bird's-eye view
//!
//! ```text
//!  files, folders, zips                                     one value, many views
//!        │                                                           │
//!      store ── records ──▶ domain::SignIn ─┐                 ┌──▶ ui (screen)
//!        │                                  ├─▶ explain ──▶ Explanation
//!        └───── snapshot ─▶ domain::Snapshot┘                 └──▶ report (text, Markdown, JSON)
//! ```
//!
//! Besides records and snapshot a case may hold browser traces, of which no secret outlives its reading, and facts that the operator
//! says. All rows of a user together make the session ledger and the lockout ledger, in whose light each sign-in is explained.
//!
//! A record is read twice: once in passing, when the index keeps what lists need, and once in full, when somebody looks at it. Then
//! it is explained, with the other rows of its attempt and with the snapshot, and the explanation is drawn or written.
//!
//! # Map
//!
//! - [`domain`]: the field's nouns. Invariant: knows no files, terminal, clock or threads, and nothing of the rest.
//! - [`explain`]: a sign-in, its attempt, the sessions and lockouts of its user and the snapshot to an `Explanation`. Invariant: pure
//!   and total; uses `domain` only.
//! - [`store`]: bytes to records, index, snapshot, traces, facts, inventory. Invariant: all reading of evidence is here; uses
//!   `domain` only.
//! - [`report`]: an explanation or list to text, Markdown, JSON. Invariant: decides nothing; everything it writes is cleaned.
//! - [`app`]: the state of the interface, `update(&mut Model, Msg) -> Vec<Effect>`. Invariant: no terminal, files, clock, threads.
//! - [`ui`]: the state to a frame. Invariant: reads only, and draws something at every size.
//! - [`term`]: the imperative shell of the interface: threads, signals, the terminal. Invariant: the only place that has effects
//!   while the interface runs.
//! - [`cli`] and [`headless`]: the command line, and the answers it gives without the interface.
//!
//! `tests/architecture.rs` holds these folders to what they may use.

pub mod app;
pub mod cli;
pub mod domain;
pub mod explain;
pub mod headless;
pub mod report;
pub mod store;
pub mod term;
pub mod ui;
