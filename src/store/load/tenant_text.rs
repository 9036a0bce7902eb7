//! Reads a text that is no JSON for the snapshot.

use std::sync::Arc;

use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::snapshot;
use crate::store::source::Bytes;

use super::Loader;

/// A larger text is not read as a snapshot.
const LARGEST_TEXT: u64 = 128 * 1024 * 1024;

impl Loader<'_> {
    /// Reads a text that holds objects of a tenant.
    pub(super) fn tenant_text(&mut self, name: &str, bytes: &Bytes, form: snapshot::Form, report: &mut FileReport) {
        report.kind = FileKind::TenantSnapshot;
        if bytes.len() > LARGEST_TEXT {
            report.format = "text of a tenant, larger than a snapshot can be".to_owned();
            return report.note(Problem::file("not read: it is larger than 128 MiB"));
        }
        let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
            Ok(content) => content,
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        let text = String::from_utf8_lossy(&content);
        let taken = self.builder.take_text(&Arc::from(name), form, &text);
        report.formats.extend(taken.words);
        report.format = taken.format;
        report.records = taken.objects;
        report.unreadable = taken.unreadable;
        taken.problems.into_iter().for_each(|problem| report.note(problem));
    }
}
