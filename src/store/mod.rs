//! All reading of files: bytes to records, records to the index, folders to the snapshot.
//!
//! The way of a byte: `source` reads it, `sniff` tells what its file is, `split` finds the record it lies in, `record` reads that
//! into a sign-in in Graph's spelling (`canonical`, `pasted`, `unified_audit`, `dates`), `index` keeps what lists need and picks what
//! lockouts are told from. Rows of CSV are found by `audit_table`. Files that are no log go to `snapshot`, what holds addresses to
//! `recipients`, browser traces to `trace`; what `packing` tells to be packed is unpacked first, in memory. `load` drives all of it and reports to the `inventory`,
//! in the words of the catalogue of every `format`.
//!
//! Invariant: no other part of the program opens a file of the evidence, and nothing here explains anything.

pub mod audit_table;
pub mod canonical;
pub mod dates;
pub mod demo;
pub mod format;
pub mod index;
pub mod inventory;
pub mod load;
pub mod packing;
pub mod pasted;
pub mod recipients;
pub mod record;
pub mod snapshot;
pub mod sniff;
pub mod source;
pub mod split;
pub mod trace;
pub mod unified_audit;
pub mod what_if;

pub use load::{LoadEvent, OpenError, Progress, Request, check, load};
pub use source::{ReadError, Record, Sources};
