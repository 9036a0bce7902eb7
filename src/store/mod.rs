//! All reading of files: bytes to records, records to the index, folders to the snapshot.
//!
//! Invariant: no other part of the program opens a file of the evidence, and nothing here explains anything.

pub mod index;
pub mod inventory;
