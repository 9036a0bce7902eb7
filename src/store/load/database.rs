//! Reads an SQLite database for the snapshot.

use std::path::Path;
use std::sync::Arc;

use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::snapshot;
use crate::store::source::Bytes;

use super::{Loader, shown};

/// What a database is that holds no tenant.
const FOREIGN: &str = "an SQLite database that is none of ROADrecon's";

/// Whether a database on disk holds a tenant. Fails in words that follow its name.
pub(super) fn is_understood(path: &Path) -> Result<(), String> {
    let bytes = Bytes::open(path).map_err(|error| format!("cannot be read ({error})"))?;
    match snapshot::Builder::holds_tenant(&shown(path), &bytes) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("is {FOREIGN}")),
        Err(reason) => Err(reason),
    }
}

impl Loader<'_> {
    /// Reads an SQLite database, which may be a tenant's.
    pub(super) fn database(&mut self, name: &str, bytes: &Bytes, report: &mut FileReport) {
        match self.builder.take_database(&Arc::from(name), bytes) {
            Ok(Some(taken)) => {
                report.kind = FileKind::TenantSnapshot;
                report.encoding = "SQLite".to_owned();
                report.formats.extend(taken.words);
                report.format = taken.format;
                report.records = taken.objects;
                report.unreadable = taken.unreadable;
                taken.problems.into_iter().for_each(|problem| report.note(problem));
            }
            Ok(None) => {
                report.format = FOREIGN.to_owned();
                report.note(Problem::file("skipped: it holds nothing this program reads"));
            }
            Err(reason) => {
                report.format = "an SQLite database that cannot be read".to_owned();
                report.note(Problem::file(reason));
            }
        }
    }
}
