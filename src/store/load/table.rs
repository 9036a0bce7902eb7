//! Indexes the rows of a table.

use std::io::{self, Read};
use std::sync::Arc;

use csv::ByteRecord;

use crate::store::dates::DateOrder;
use crate::store::index::Span;
use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::record::{self, Refusal, Shape};
use crate::store::source::{Bytes, Source};
use crate::store::table::{Kind, Table};

use super::log::{CHUNK, LONGEST_RECORD, LogReader};
use super::{BATCH, Loader, PATIENCE};

/// How the portal's downloads begin, and the kind of the sign-ins in them.
const NAMES: [(&str, &str); 4] = [
    ("noninteractivesignins_", "nonInteractiveUser"),
    ("interactivesignins_", "interactiveUser"),
    ("applicationsignins_", "servicePrincipal"),
    ("msisignins_", "managedIdentity"),
];

impl Loader<'_> {
    /// Indexes the rows of a table. A row is found again by its place, and its cells opened again when it is looked at.
    pub(super) fn table(&mut self, name: &str, bytes: Bytes, start: u64, table: Table, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        let event = event_of_name(name).filter(|_| table.kind() == Kind::Portal);
        let dates = self.date_order(&bytes, start, &table, report);
        let table = Arc::new(table.with_dates(dates).with_event(event));
        note_kind(&table, report);
        let shape = Shape::Table(Arc::clone(&table));
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape });
        let mut log = LogReader::new(number);
        // What the file is does not depend on whether a row of it can be read.
        log.formats.insert(table.format(), 0);
        let mut rows = table.rows(Stretch { bytes: &source.bytes, at: start, end: 0 });
        let done_before = self.progress.done_bytes;
        let mut row = ByteRecord::new();
        let mut is_below_other = false;
        let mut steps = Steps::default();
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
                is_below_other = false;
                if table.hides_row(&row) {
                    let reason = "a quote of the heading is lost: the row below it is hidden in it";
                    self.count_unreadable(&mut log, report, offset, reason);
                }
                continue;
            }
            if table.is_other_heading(&row) {
                is_below_other = true;
                continue;
            }
            let end = start + rows.position().byte();
            self.progress.done_bytes = done_before + end;
            if is_below_other {
                let reason =
                    "the row stands below a heading with other columns than the first: save it as a file of its own";
                self.count_unreadable(&mut log, report, offset, reason);
                continue;
            }
            if end >= source.bytes.len() && table.lacks_cells(&row) && !ends_in_line_end(&source.bytes) {
                self.count_unreadable(&mut log, report, offset, "the row is cut off");
                continue;
            }
            if table.kind() == Kind::Steps {
                let id = table.record_of_row(&row).unwrap_or_default();
                if !steps.continues(id) {
                    self.supplement(&steps, &mut log, &source, report);
                    steps = Steps { id: id.to_ascii_lowercase(), start: offset, end };
                }
                steps.end = end;
                continue;
            }
            if table.kind() == Kind::AuditEvents {
                let json = table.open(&row).map_err(|refusal| refusal.to_string());
                self.count_event(&mut log, report, offset, json, &source);
                continue;
            }
            let read =
                table.open(&row).and_then(|json| record::read_object(json, &source.shape, &source.name, log.next));
            let is_sound = !matches!(read, Err(Refusal::NoJson(_)));
            match read {
                Ok(found) => {
                    let length = u32::try_from(end - offset).unwrap_or(u32::MAX);
                    let span = Span { source: log.source, number: log.next, offset, length };
                    self.count_reading(&mut log, report, &found, span);
                }
                Err(Refusal::AuditEvent) => {
                    let json = table.open(&row).map_err(|refusal| refusal.to_string());
                    self.count_event(&mut log, report, offset, json, &source);
                }
                Err(refusal) => self.count_refused(&mut log, report, offset, refusal),
            }
            if is_sound && table.hides_more(&row) {
                let reason = "the row has more cells than the heading: another row is hidden in it";
                self.count_unreadable(&mut log, report, offset, reason);
            }
            if self.batch.len() >= BATCH || self.told.elapsed() >= PATIENCE {
                self.tell_batch();
                self.tell_progress();
            }
        }
        if table.kind() == Kind::Steps {
            self.supplement(&steps, &mut log, &source, report);
        }
        let is_foreign = matches!(table.kind(), Kind::Wrapped(_)) && report.records + report.unreadable == 0;
        self.finish_log(log, report);
        if is_foreign && !report.problems.is_empty() {
            report.kind = FileKind::Unknown;
            report.format = "events of another program, none of them a sign-in".to_owned();
        }
    }

    /// Counts the steps of one sign-in, which stand in rows one after the other.
    fn supplement(&mut self, steps: &Steps, log: &mut LogReader, source: &Source, report: &mut FileReport) {
        if steps.end == 0 {
            return;
        }
        let length = steps.end - steps.start;
        let bytes = usize::try_from(length).ok().map(|length| source.bytes.read(steps.start, length));
        let read = match bytes {
            Some(Ok(bytes)) => record::read(&bytes, &source.shape, &source.name, log.next),
            _ => Err(Refusal::NoJson("the rows cannot be read".to_owned())),
        };
        match read {
            Ok(found) if !found.record.sign_in.id.is_empty() => {
                let length = u32::try_from(length).unwrap_or(u32::MAX);
                let span = Span { source: log.source, number: log.next, offset: steps.start, length };
                self.count_supplement(log, report, &found, span);
            }
            Ok(_) => self.count_unreadable(log, report, steps.start, "the row has no request id"),
            Err(refusal) => self.count_refused(log, report, steps.start, refusal),
        }
    }

    /// Tells in which order the file writes day and month, and notes what cannot be told. Only a file that was opened and saved
    /// again has such dates, or Log Analytics, which writes the month first.
    fn date_order(&self, bytes: &Bytes, start: u64, table: &Table, report: &mut FileReport) -> DateOrder {
        let columns: Vec<usize> = table.time_columns().map(|(number, _)| number).collect();
        for (_, zone) in table.time_columns() {
            if let Some(zone) = zone {
                report.note(Problem::warning(format!(
                    "the times are in the zone `{zone}` and not in UTC: they are shown as they stand, so they may be hours off"
                )));
                break;
            }
        }
        let mut rows = table.rows(Stretch { bytes, at: start, end: 0 });
        let mut row = ByteRecord::new();
        let mut open = None;
        loop {
            let offset = start + rows.position().byte();
            rows.get_mut().end = offset + LONGEST_RECORD;
            if !(self.keep_going)() || !rows.read_byte_record(&mut row).unwrap_or(false) {
                break;
            }
            for cell in columns.iter().filter_map(|column| row.get(*column)) {
                let text = String::from_utf8_lossy(cell);
                if let Some(order) = DateOrder::told_by(&text) {
                    return order;
                }
                if DateOrder::is_open(&text) && open.is_none() {
                    open = Some(text.trim().to_owned());
                }
            }
            // A file whose first rows write dates as the service does was not saved by a spreadsheet.
            if open.is_none() && offset > start + CHUNK as u64 {
                break;
            }
        }
        let is_certain = matches!(table.kind(), Kind::LogAnalytics | Kind::AuditEvents);
        if let Some(text) = open.filter(|_| !is_certain) {
            report.note(Problem::warning(format!(
                "whether dates such as `{text}` write the day or the month first cannot be told from the file, which a program seems \
                 to have saved again: the month is taken to be first. Ask for the file as it was downloaded"
            )));
        }
        DateOrder::MonthFirst
    }
}

fn ends_in_line_end(bytes: &Bytes) -> bool {
    bytes.read(bytes.len().saturating_sub(1), 1).is_ok_and(|last| matches!(last.first(), Some(b'\n' | b'\r')))
}

/// The rows of one sign-in's steps.
#[derive(Default)]
struct Steps {
    id: Vec<u8>,
    start: u64,
    end: u64,
}

impl Steps {
    fn continues(&self, id: &[u8]) -> bool {
        self.end > 0 && !id.is_empty() && self.id.eq_ignore_ascii_case(id)
    }
}

/// The kind of sign-ins that a file's name tells; a name alone never makes a file anything.
fn event_of_name(name: &str) -> Option<&'static str> {
    let last = name.rsplit(['/', '\\', '!']).next().unwrap_or(name).to_ascii_lowercase();
    NAMES.iter().find(|(start, _)| last.starts_with(start)).map(|(_, word)| *word)
}

fn note_kind(table: &Table, report: &mut FileReport) {
    if table.kind() != Kind::Portal || table.portal_format() != "portalCsv" {
        return;
    }
    let words = match table.event() {
        Some("interactiveUser") => {
            "that the sign-ins are interactive is taken from the file's name alone: the columns of both downloads are the same"
        }
        Some("nonInteractiveUser") => {
            "that the sign-ins are non-interactive is taken from the file's name alone: the columns of both downloads are the same"
        }
        _ => {
            "whether the sign-ins are interactive cannot be told: the columns do not say it, and the file is not named as the portal \
             names its downloads"
        }
    };
    report.note(Problem::warning(words));
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
