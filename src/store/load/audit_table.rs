//! Indexes the rows of a CSV export of the unified audit log.

use std::io::{self, Read};
use std::sync::Arc;

use csv::ByteRecord;

use crate::store::audit_table::AuditTable;
use crate::store::index::Span;
use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::record::{self, Refusal, Shape};
use crate::store::source::{Bytes, Source};

use super::log::{CHUNK, LONGEST_RECORD, LogReader};
use super::{BATCH, Loader, PATIENCE};

impl Loader<'_> {
    /// Indexes the rows of a table. A row is found again by its place, and its cell opened again when it is looked at.
    pub(super) fn audit_table(
        &mut self,
        name: &str,
        bytes: Bytes,
        start: u64,
        table: AuditTable,
        report: &mut FileReport,
    ) {
        report.kind = FileKind::SignInLog;
        let shape = Shape::AuditTable(table);
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape });
        let mut log = LogReader::new(number);
        // What the file is does not depend on whether a row of it can be read.
        log.formats.insert("unifiedAuditCsv", 0);
        let mut rows = table.rows(Stretch { bytes: &source.bytes, at: start, end: 0 });
        let done_before = self.progress.done_bytes;
        let mut row = ByteRecord::new();
        loop {
            if !(self.keep_going)() {
                report.note(Problem::warning("loading was stopped: the rest of the file is not read"));
                break;
            }
            let offset = start + rows.position().byte();
            rows.get_mut().end = offset + LONGEST_RECORD;
            match rows.read_byte_record(&mut row) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let reason = format!("the row and what follows it cannot be read: {error}");
                    self.count_unreadable(&mut log, report, offset, &reason);
                    break;
                }
            }
            if table.is_heading(&row) {
                continue;
            }
            let end = start + rows.position().byte();
            let read = table.open(&row).and_then(|json| record::read_object(json, shape, &source.name, log.next));
            let is_sound = !matches!(read, Err(Refusal::NoJson(_)));
            match read {
                Ok(found) => {
                    let length = u32::try_from(end - offset).unwrap_or(u32::MAX);
                    let span = Span { source: log.source, number: log.next, offset, length };
                    self.count_record(&mut log, report, &found, span);
                }
                Err(refusal) => self.count_refused(&mut log, report, offset, refusal),
            }
            if is_sound && table.hides_more(&row) {
                let reason = "the row has more cells than the heading: another row is hidden in it";
                self.count_unreadable(&mut log, report, offset, reason);
            }
            self.progress.done_bytes = done_before + end;
            if self.batch.len() >= BATCH || self.told.elapsed() >= PATIENCE {
                self.tell_batch();
                self.tell_progress();
            }
        }
        self.finish_log(log, report);
    }
}

/// The bytes of a table as the row reader wants them, up to where a row must have ended: a quote that is never closed would read
/// the rest of the file into memory.
struct Stretch<'a> {
    bytes: &'a Bytes,
    at: u64,
    end: u64,
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.end {
            return Err(io::Error::other("it is longer than 64 MiB"));
        }
        let read = self.bytes.read(self.at, buffer.len().min(CHUNK))?;
        if let Some(target) = buffer.get_mut(..read.len()) {
            target.copy_from_slice(&read);
        }
        self.at += read.len() as u64;
        Ok(read.len())
    }
}
