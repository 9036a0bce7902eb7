//! Opens files as the program does.

use std::path::PathBuf;

use authopsy::domain::Snapshot;
use authopsy::store::index::Index;
use authopsy::store::inventory::Inventory;
use authopsy::store::{self, LoadEvent, Request, Sources};

pub struct Opened {
    pub sources: Sources,
    pub index: Index,
    pub snapshot: Snapshot,
    pub inventory: Inventory,
}

pub fn open(evidence: Vec<PathBuf>) -> Opened {
    let sources = Sources::new();
    let (mut index, mut snapshot, mut inventory) = (Index::default(), Snapshot::default(), Inventory::default());
    let request = Request { evidence, ..Request::default() };
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Snapshot(read) => snapshot = *read,
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    Opened { sources, index, snapshot, inventory }
}

pub fn open_bytes(bytes: &[u8]) -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("evidence");
    std::fs::write(&path, bytes).expect("writing");
    // The folder goes when this function ends: what is open stays readable on every system that we test on.
    open(vec![path])
}

/// Opens bytes under a name of their own.
pub fn open_named(name: &str, bytes: &[u8]) -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writing");
    open(vec![path])
}
