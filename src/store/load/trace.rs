//! Takes browser traces in.

use std::sync::Arc;

use zeroize::Zeroize;

use crate::domain::trace::TraceEvent;
use crate::store::inventory::{FileReport, Problem};
use crate::store::source::Bytes;
use crate::store::trace::{TraceReader, har};

use super::{Loader, PATIENCE};

/// How many events of all traces together are kept.
const MOST_EVENTS: usize = 100_000;

impl Loader<'_> {
    /// Reads a HAR.
    pub(super) fn har(&mut self, name: &str, bytes: Bytes, start: u64, report: &mut FileReport) {
        report.formats.insert("har");
        let mut reader = self.trace_reader();
        let done_before = self.progress.done_bytes;
        let mut keep_going = |offset| {
            self.progress.done_bytes = done_before + offset;
            if self.told.elapsed() >= PATIENCE {
                self.tell_progress();
            }
            (self.keep_going)()
        };
        if let Err(error) = har::read(&bytes, start, &Arc::from(name), &mut reader, report, &mut keep_going) {
            report.note(Problem::file(format!("cannot be read to its end: {error}")));
        }
        self.traces.append(&mut reader.finish(report));
        wipe(bytes);
    }

    /// A reader for the next trace, which may keep what is left of the room.
    pub(super) fn trace_reader(&self) -> TraceReader {
        TraceReader::new(MOST_EVENTS.saturating_sub(self.traces.len()))
    }

    /// Takes in the events of pasted cookies.
    pub(super) fn pasted_events(&mut self, mut events: Vec<TraceEvent>, report: &mut FileReport) {
        let room = MOST_EVENTS.saturating_sub(self.traces.len());
        if events.len() > room {
            report.note(Problem::warning("too many cookies for one case: the rest is left out"));
            events.truncate(room);
        }
        self.traces.append(&mut events);
    }
}

/// Wipes bytes in memory that nobody else holds.
pub(super) fn wipe(bytes: Bytes) {
    let Bytes::InMemory(mut bytes) = bytes else { return };
    if let Some(bytes) = Arc::get_mut(&mut bytes) {
        bytes.zeroize();
    }
}
