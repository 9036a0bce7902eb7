//! All reading of files: bytes to records, records to the index, folders to the snapshot.
//!
//! The way of a byte: `source` reads it, `sniff` tells what its file is, `split` finds the record it lies in, `record` reads that
//! into a sign-in in Graph's spelling, `index` keeps what lists need and picks what lockouts are told from. Every shape has a module
//! that knows its names (`canonical`, `diagnostic`, `unified_audit`, `log_analytics`, `portal`, `fields`, `oauth_error`, `cut`), some
//! lie in others (`wrapped`, `answer`), and rows of CSV are found by `table`. Events of a
//! directory audit log (`audit`) become the history of the snapshot. Files that are no log go to `snapshot`, what holds addresses to
//! `recipients`, browser traces to `trace`; what `packing` tells to be packed is unpacked first, in
//! memory. `load` drives all of it and reports to the `inventory`,
//! in the words of the catalogue of every `format`.
//!
//! Invariant: no other part of the program opens a file of the evidence, and nothing here explains anything.

pub mod answer;
pub mod audit;
pub mod canonical;
pub mod cut;
pub mod dates;
pub mod demo;
pub mod diagnostic;
mod draft;
pub mod fields;
pub mod format;
pub mod index;
pub mod inventory;
pub mod load;
pub mod log_analytics;
pub mod oauth_error;
pub mod packing;
pub mod pasted;
pub mod portal;
pub mod recipients;
pub mod record;
pub mod snapshot;
pub mod sniff;
pub mod source;
pub mod split;
pub mod table;
pub mod trace;
pub mod unified_audit;
pub mod what_if;
pub mod wrapped;

pub use load::{LoadEvent, OpenError, Progress, Request, check, load};
pub use source::{ReadError, Record, Sources};
