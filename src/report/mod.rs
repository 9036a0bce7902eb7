//! Writes explanations and lists for people and programs: text, Markdown, JSON.
//!
//! Every form is made from the same [`Explanation`](crate::explain::Explanation), by way of its outline where people read it, so
//! that the words are those of the screen.
//!
//! Invariant: nothing here decides anything, and nothing leaves without having been cleaned of what could act on a terminal.

mod addresses;
mod formats;
pub mod json;
mod lists;
mod lockouts;
mod markdown;
mod sessions;
mod text;
mod what_if;

pub use addresses::{addresses_csv, addresses_text, collision_json, plan_text};
pub use formats::{format_json, formats_text};
pub use lists::{inventory_text, sign_ins_text, users_text};
pub use lockouts::{is_quiet, lockouts_json, lockouts_line, lockouts_text};
pub use markdown::markdown;
pub use sessions::{iso, sessions_json, sessions_text};
pub use text::{error_code_text, finding_text, text};
pub use what_if::what_if_text;
