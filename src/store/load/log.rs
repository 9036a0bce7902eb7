//! Indexes the records of a sign-in log, and goes on behind broken ones.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::domain::Json;
use crate::domain::history::{Change, Reach};
use crate::store::audit;
use crate::store::format;
use crate::store::index::{Entry, Span};
use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::pasted;
use crate::store::record::{self, Loss, Reading, Refusal, Shape};
use crate::store::source::{Bytes, Source};
use crate::store::split::{Piece, Splitter, StartPattern};
use crate::store::trace::pasted::take_cookies;
use crate::store::unified_audit;

use super::trace::wipe;
use super::{BATCH, Loader, PATIENCE};

/// How many bytes are read at a time.
pub(super) const CHUNK: usize = 1024 * 1024;
/// How many bytes are read first after a broken record.
const SMALL_CHUNK: usize = 16 * 1024;
/// How many bytes tell whether a record begins: its first two members.
const START: usize = 512;
/// After how many records without an end the rest is read from one beginning to the next.
const MOST_CUT_OFFS: u32 = 16;
/// A text with pasted sign-ins that is larger is no such text.
const LARGEST_PASTED: u64 = 64 * 1024 * 1024;
/// A longer record is not read: no sign-in comes near, and one that does would fill the memory.
pub(super) const LONGEST_RECORD: u64 = 64 * 1024 * 1024;
/// What the inventory calls the unified audit log.
const UNIFIED: &str = "unified audit log";

impl Loader<'_> {
    /// Indexes the records of a log.
    pub(super) fn log(&mut self, name: &str, bytes: Bytes, start: u64, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape: Shape::Json });
        let mut log = LogReader::new(number);
        let mut offset = start;
        let mut splitter = Splitter::new(offset);
        let done_before = self.progress.done_bytes;
        let mut chunk_length = CHUNK;
        loop {
            if !(self.keep_going)() {
                report.note(Problem::warning("loading was stopped: the rest of the file is not read"));
                break;
            }
            let chunk = match source.bytes.read(offset, chunk_length) {
                Ok(chunk) => chunk,
                Err(error) => {
                    report.note(Problem::file(format!("cannot be read beyond byte {offset}: {error}")));
                    break;
                }
            };
            let mut pieces = Vec::new();
            if chunk.is_empty() {
                splitter.finish(&mut pieces);
            } else {
                splitter.push(&chunk, &mut pieces);
            }
            let mut again = None;
            for piece in pieces {
                again = self.piece(&piece, &chunk, offset, &source, &mut log, report);
                // A record without its end has hidden the rest: what was found behind it is not to be trusted.
                if again.is_some() {
                    break;
                }
            }
            match again {
                Some(next) if log.cut_offs > MOST_CUT_OFFS => {
                    self.walk_starts(next, &source, &mut log, report);
                    break;
                }
                Some(next) => {
                    splitter = splitter.resumed_at(next);
                    offset = next;
                    // Where much is broken, much would be read again and again.
                    chunk_length = SMALL_CHUNK;
                }
                None if chunk.is_empty() => break,
                None => {
                    offset += chunk.len() as u64;
                    chunk_length = (chunk_length * 2).min(CHUNK);
                }
            }
            self.progress.done_bytes = done_before + offset;
            if self.batch.len() >= BATCH || self.told.elapsed() >= PATIENCE {
                self.tell_batch();
                self.tell_progress();
            }
        }
        if log.has_next_link {
            report.has_more_pages = true;
            report.note(Problem::warning(
                "the page says that there are more pages (`@odata.nextLink`): the log is not complete",
            ));
        }
        self.finish_log(log, report);
    }

    /// Tells what is known once a log is read to its end.
    pub(super) fn finish_log(&mut self, mut log: LogReader, report: &mut FileReport) {
        let Events { changes, reach, others, .. } = std::mem::take(&mut log.events);
        if let Some(Reach { first, last, .. }) = reach {
            if report.records == others.count + changes.len() as u64 {
                report.kind = FileKind::AuditLog;
            }
            report.first = Some(report.first.unwrap_or(i64::MAX).min(first.timestamp_millis()));
            report.last = Some(report.last.unwrap_or(i64::MIN).max(last.timestamp_millis()));
            if let Some(words) = others.words("event is not one that is read", "events are not of those that are read")
            {
                report.note(Problem::warning(words));
            }
            self.builder.add_changes(changes, reach);
        }
        log.finish(report);
    }

    /// Reads what lies between one beginning of a record and the next, for a log in which many records lack their end: looking for
    /// each end up to the end of the file would take too long.
    fn walk_starts(&mut self, first: u64, source: &Source, log: &mut LogReader, report: &mut FileReport) {
        let mut at = Some(first);
        while let Some(start) = at.filter(|_| (self.keep_going)()) {
            let next = log.next_start(&source.bytes, start);
            let end = next.unwrap_or_else(|| source.bytes.len());
            let length = usize::try_from((end - start).min(LONGEST_RECORD)).unwrap_or(0);
            let bytes = source.bytes.read(start, length).unwrap_or_default();
            let trimmed = bytes.trim_ascii_end();
            let trimmed = trimmed.strip_suffix(b",").or(trimmed.strip_suffix(b"]")).unwrap_or(trimmed);
            match record::read(trimmed, &source.shape, &source.name, log.next) {
                Ok(found) => {
                    let length = u32::try_from(trimmed.len()).unwrap_or(u32::MAX);
                    let span = Span { source: log.source, number: log.next, offset: start, length };
                    self.count_reading(log, report, &found, span);
                }
                Err(Refusal::AuditEvent) => {
                    self.count_event(log, report, start, record::read_json(trimmed), source);
                }
                Err(refusal) => self.count_refused(log, report, start, refusal),
            }
            if self.batch.len() >= BATCH || self.told.elapsed() >= PATIENCE {
                self.tell_batch();
                self.tell_progress();
            }
            at = next;
        }
    }

    /// Deals with what the splitter found. Returns where to go on when a record without its end hides what follows.
    fn piece(
        &mut self,
        piece: &Piece,
        chunk: &[u8],
        chunk_offset: u64,
        source: &Source,
        log: &mut LogReader,
        report: &mut FileReport,
    ) -> Option<u64> {
        match *piece {
            Piece::NextLink => log.has_next_link = true,
            Piece::Stray { start } => {
                // What stands before the next record counts once: a stray quote would hide all that follows.
                self.count_unreadable(log, report, start, "a value that is no record stands here");
                return log.next_start(&source.bytes, start);
            }
            Piece::NotClosed => {
                report.note(Problem::warning("the list of records is not closed: the file may be cut off"));
            }
            Piece::Suspect { start, at } => {
                let pattern =
                    log.pattern.clone().or_else(|| StartPattern::of_bytes(&source.bytes.read(start, START).ok()?))?;
                let begins = source.bytes.read(at, START).is_ok_and(|bytes| pattern.begins(&bytes));
                if begins {
                    self.count_unreadable(log, report, start, "the record does not end before the next begins");
                    return Some(at);
                }
            }
            Piece::CutOff { start } => {
                self.count_unreadable(log, report, start, "the record is cut off");
                log.cut_offs += 1;
                return log.next_start(&source.bytes, start);
            }
            Piece::Record { start, end } => {
                let length = end - start;
                if length > LONGEST_RECORD {
                    self.count_unreadable(log, report, start, "the record is longer than 64 MiB");
                    return log.next_start(&source.bytes, start);
                }
                let in_chunk = start.checked_sub(chunk_offset).and_then(|from| {
                    let from = usize::try_from(from).ok()?;
                    chunk.get(from..from + usize::try_from(length).ok()?)
                });
                let read;
                let bytes = match in_chunk {
                    Some(bytes) => bytes,
                    None => match source.bytes.read(start, usize::try_from(length).unwrap_or(usize::MAX)) {
                        Ok(bytes) => {
                            read = bytes;
                            &read
                        }
                        Err(error) => {
                            self.count_unreadable(log, report, start, &error.to_string());
                            return None;
                        }
                    },
                };
                match record::read(bytes, &source.shape, &source.name, log.next) {
                    Ok(found) => {
                        if log.pattern.is_none() {
                            let members = found.record.json.members();
                            log.pattern = StartPattern::learn(members.iter().map(|(name, _)| name.as_str()));
                        }
                        let length = u32::try_from(length).unwrap_or(u32::MAX);
                        let span = Span { source: log.source, number: log.next, offset: start, length };
                        self.count_reading(log, report, &found, span);
                    }
                    Err(Refusal::AuditEvent) => {
                        self.count_event(log, report, start, record::read_json(bytes), source);
                    }
                    Err(refusal) => {
                        let is_broken = matches!(refusal, Refusal::NoJson(_));
                        self.count_refused(log, report, start, refusal);
                        if is_broken {
                            let next = log.next_start(&source.bytes, start)?;
                            return (!follows(&source.bytes, end, next)).then_some(next);
                        }
                    }
                }
            }
        }
        None
    }

    /// Counts a record that was read.
    pub(super) fn count_reading(&mut self, log: &mut LogReader, report: &mut FileReport, found: &Reading, span: Span) {
        log.count_formats(found);
        log.losses.extend(&found.losses);
        self.builder.see_logged_policies(&found.record.sign_in);
        let entry = record::entry(&found.record.sign_in, span);
        log.next += 1;
        report.records += 1;
        self.progress.records += 1;
        if entry.time.is_none() {
            let mut problem = Problem::warning("the record's date cannot be read");
            problem.record = Some(span.number);
            problem.offset = Some(span.offset);
            report.note(problem);
        }
        report.note_sign_in(entry.event_kind, entry.time);
        self.batch.push(entry);
    }

    /// Counts an event of a directory audit log, and keeps the change that it tells.
    pub(super) fn count_event(
        &mut self,
        log: &mut LogReader,
        report: &mut FileReport,
        offset: u64,
        json: Result<Json, String>,
        source: &Source,
    ) {
        match json.and_then(|json| audit::read_event(json, &source.name, log.next)) {
            Ok(event) => {
                *log.formats.entry(event.format).or_default() += 1;
                log.events.add(event);
                log.next += 1;
                report.records += 1;
                self.progress.records += 1;
            }
            Err(reason) => self.count_unreadable(log, report, offset, &reason),
        }
    }

    /// Counts what only adds to a sign-in of another file.
    pub(super) fn count_supplement(
        &mut self,
        log: &mut LogReader,
        report: &mut FileReport,
        found: &Reading,
        span: Span,
    ) {
        log.count_formats(found);
        log.next += 1;
        log.supplements += 1;
        report.records += 1;
        self.progress.records += 1;
        self.batch.push(Entry { is_supplement: true, ..record::entry(&found.record.sign_in, span) });
    }

    /// Counts what is no sign-in. Other operations of the unified audit log are sound records, and there may be thousands: they
    /// are no problem each.
    pub(super) fn count_refused(
        &mut self,
        log: &mut LogReader,
        report: &mut FileReport,
        offset: u64,
        refusal: Refusal,
    ) {
        match refusal {
            Refusal::OtherOperation(operation) => {
                log.other_operations.add(operation);
                log.next += 1;
            }
            Refusal::LeftOut(what) => {
                *log.left_out.entry(what).or_default() += 1;
                log.next += 1;
            }
            refusal => self.count_unreadable(log, report, offset, &refusal.to_string()),
        }
    }

    pub(super) fn count_unreadable(&mut self, log: &mut LogReader, report: &mut FileReport, offset: u64, reason: &str) {
        report.unreadable += 1;
        self.progress.unreadable += 1;
        report.note(Problem::unreadable(log.next, offset, reason));
        log.next += 1;
    }

    /// Indexes the sign-ins that somebody pasted into a text.
    pub(super) fn pasted(&mut self, name: &str, bytes: Bytes, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        if bytes.len() > LARGEST_PASTED {
            report.format = "text that is larger than a pasted one can be".to_owned();
            return report.note(Problem::file("not read: a pasted text is not larger than 64 MiB"));
        }
        let length = usize::try_from(bytes.len()).unwrap_or(usize::MAX);
        let text = match bytes.read(0, length) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        // Positions are counted in the decoded text, so that text is what is kept.
        let mut text = Zeroizing::new(String::from_utf8_lossy(&text).into_owned());
        let cookies = take_cookies(&mut text, &Arc::from(name));
        let mut blocks = pasted::find_blocks(&text);
        let errors = pasted::find_errors(&text, &blocks);
        let words: Vec<&str> = [(!blocks.is_empty(), "pastedPortal"), (!errors.is_empty(), "pastedError")]
            .into_iter()
            .filter_map(|(is_there, word)| format::find(word).filter(|_| is_there))
            .map(|format| format.name.as_str())
            .collect();
        report.format = words.join(" and ");
        blocks.extend(errors);
        blocks.sort_by_key(|block| block.start);
        let has_sign_ins = !blocks.is_empty();
        if !cookies.words.is_empty() || !cookies.ends_unknown.is_empty() {
            let words = cookies.words.join(", ");
            report.format = if has_sign_ins {
                format!("{}, and cookies: {words}", report.format)
            } else {
                format!("pasted cookies: {words}")
            };
        }
        for name in cookies.ends_unknown {
            report.note(Problem::warning(format!("the end of a cookie `{name}` cannot be read: it is left out")));
        }
        if !has_sign_ins {
            report.kind = FileKind::Trace;
            report.formats = ["pastedCookies"].into();
            report.records = cookies.events.len() as u64;
            report.note(Problem::warning("the cookies have no time"));
        }
        self.pasted_events(cookies.events, report);
        let recipients = self.pasted_recipients(name, &text, report);
        wipe(bytes);
        if !has_sign_ins {
            return;
        }
        let covered: usize = blocks.iter().chain(&recipients).map(|block| block.len()).sum();
        if text.trim().len() > covered + 2 {
            report.note(Problem::warning("other text stands around the pasted sign-ins: it is not read"));
        }
        // Only the sign-ins are kept, at their places: other text may hold secrets that have no name.
        let mut kept = vec![b' '; text.len()];
        for block in &blocks {
            if let (Some(to), Some(from)) = (kept.get_mut(block.clone()), text.as_bytes().get(block.clone())) {
                to.copy_from_slice(from);
            }
        }
        let bytes = Bytes::InMemory(Arc::from(kept));
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape: Shape::Pasted });
        let mut log = LogReader::new(number);
        for block in blocks {
            let start = block.start as u64;
            let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
            let content = text.get(block).unwrap_or("").as_bytes();
            match record::read(content, &Shape::Pasted, &source.name, log.next) {
                Ok(found) => {
                    let span = Span { source: number, number: log.next, offset: start, length };
                    self.count_reading(&mut log, report, &found, span);
                }
                Err(refusal) => self.count_unreadable(&mut log, report, start, &refusal.to_string()),
            }
        }
        report.formats.extend(log.formats.keys());
    }
}

/// What is remembered while a log is read.
pub(super) struct LogReader {
    pub(super) source: u32,
    /// The number of the next record.
    pub(super) next: u64,
    pub(super) formats: BTreeMap<&'static str, u64>,
    other_operations: OtherOperations,
    pub(super) events: Events,
    /// Sound rows that nobody signed in for, by what they are.
    left_out: BTreeMap<&'static str, u64>,
    losses: BTreeSet<Loss>,
    /// How many records only add to sign-ins of other files.
    supplements: u64,
    pattern: Option<StartPattern>,
    has_next_link: bool,
    cut_offs: u32,
    /// Where the last search for a beginning began, and what it found, so that much damage is searched once.
    known_next: Option<(u64, Option<u64>)>,
}

/// The events of a directory audit log.
#[derive(Default)]
pub(super) struct Events {
    changes: Vec<Change>,
    /// From when to when the log reaches.
    reach: Option<Reach>,
    /// Events of which nothing is used.
    others: OtherOperations,
}

impl Events {
    fn add(&mut self, event: audit::Event) {
        let at = event.at;
        let reach = self.reach.get_or_insert_with(|| Reach { first: at, last: at, areas: BTreeSet::new() });
        (reach.first, reach.last) = (reach.first.min(at), reach.last.max(at));
        reach.areas.extend(event.areas);
        match event.change {
            Some(change) => self.changes.push(change),
            None => self.others.add(event.activity),
        }
    }
}

/// The records that are read and not used, by operation or activity.
#[derive(Default)]
struct OtherOperations {
    count: u64,
    by_name: BTreeMap<String, u64>,
}

impl OtherOperations {
    /// How many names are kept apart: names are written by whoever wrote the file.
    const MOST: usize = 1_000;
    /// How many names are told.
    const TOLD: usize = 5;

    fn add(&mut self, mut operation: String) {
        self.count += 1;
        if let Some((end, _)) = operation.char_indices().nth(60) {
            operation.truncate(end);
        }
        if self.by_name.len() < OtherOperations::MOST || self.by_name.contains_key(&operation) {
            *self.by_name.entry(operation).or_default() += 1;
        }
    }

    /// How many there are, and of which operations, the most frequent first; nothing when there are none.
    fn words(&self, one: &str, many: &str) -> Option<String> {
        let what = match self.count {
            0 => return None,
            1 => format!("1 {one} and is left out"),
            count => format!("{count} {many} and are left out"),
        };
        let mut names: Vec<(&String, &u64)> = self.by_name.iter().collect();
        names.sort_by_key(|(_, count)| Reverse(**count));
        let told: Vec<String> = names
            .iter()
            .take(OtherOperations::TOLD)
            .map(|(name, count)| match name.is_empty() {
                true => format!("{count} without a name"),
                false => format!("{count} {name}"),
            })
            .collect();
        let rest = match names.len().saturating_sub(OtherOperations::TOLD) {
            0 => "",
            _ => " and others",
        };
        Some(format!("{what}: {}{rest}", told.join(", ")))
    }
}

impl LogReader {
    /// A log of which nothing was read yet.
    pub(super) fn new(source: u32) -> LogReader {
        LogReader {
            source,
            next: 0,
            formats: BTreeMap::new(),
            other_operations: OtherOperations::default(),
            events: Events::default(),
            left_out: BTreeMap::new(),
            losses: BTreeSet::new(),
            supplements: 0,
            pattern: None,
            has_next_link: false,
            cut_offs: 0,
            known_next: None,
        }
    }

    fn count_formats(&mut self, found: &Reading) {
        for word in &found.formats {
            *self.formats.entry(word).or_default() += 1;
        }
    }

    /// Notes what is known once a log is read to its end.
    pub(super) fn finish(self, report: &mut FileReport) {
        let is_unified =
            self.other_operations.count > 0 || self.formats.keys().any(|word| word.starts_with("unifiedAudit"));
        if let Some(words) = self
            .other_operations
            .words("record is of another operation than a sign-in", "records are of other operations than sign-ins")
        {
            report.note(Problem::warning(words));
        }
        for (what, count) in &self.left_out {
            report.note(Problem::warning(match count {
                1 => format!("1 record is left out: {what}"),
                count => format!("{count} records are left out, each {what}"),
            }));
        }
        if self.supplements > 0 {
            report.note(Problem::warning(format!(
                "the file holds the authentication steps of {} sign-ins and no sign-in by itself: they are added to the sign-ins of \
                 the same request id",
                self.supplements
            )));
        }
        for loss in &self.losses {
            report.note(Problem::warning(loss.words()));
        }
        if is_unified {
            report.note(Problem::warning(unified_audit::LACKS));
        }
        report.formats.extend(self.formats.keys());
        let names: Vec<&str> = report.known_formats().map(|format| format.name.as_str()).collect();
        report.format = match names.is_empty() {
            false => names.join(" and "),
            true if is_unified => format!("{UNIFIED}, without a sign-in"),
            true => "sign-ins, none readable".to_owned(),
        };
    }

    /// The beginning of the first record behind the one at `start`.
    fn next_start(&mut self, bytes: &Bytes, start: u64) -> Option<u64> {
        let is_known = |(from, next): &(u64, Option<u64>)| *from <= start && next.is_none_or(|next| next > start);
        if let Some((_, next)) = self.known_next.filter(is_known) {
            return next;
        }
        let next = next_start(bytes, start, self.pattern.as_ref());
        self.known_next = Some((start, next));
        next
    }
}

/// The beginning of the first record behind the one at `start`, by the pattern that was learnt or can be guessed.
fn next_start(bytes: &Bytes, start: u64, pattern: Option<&StartPattern>) -> Option<u64> {
    let patterns = match pattern {
        Some(pattern) => vec![pattern.clone()],
        None => {
            let own = bytes.read(start, START).ok().and_then(|bytes| StartPattern::of_bytes(&bytes));
            own.into_iter().chain(StartPattern::usual()).collect()
        }
    };
    let mut offset = start + 1;
    let mut length = SMALL_CHUNK;
    loop {
        let window = bytes.read(offset, length).ok()?;
        if let Some(at) = patterns.iter().filter_map(|pattern| pattern.find(&window)).min() {
            return Some(offset + at as u64);
        }
        if window.len() < length {
            return None;
        }
        // Windows overlap by what tells a beginning.
        offset += (length - START) as u64;
        length = (length * 2).min(CHUNK);
    }
}

/// Whether nothing but what separates records lies between the end of one and the beginning of the next.
fn follows(bytes: &Bytes, end: u64, next: u64) -> bool {
    let between = next.checked_sub(end).filter(|length| *length <= START as u64);
    between
        .and_then(|length| bytes.read(end, usize::try_from(length).ok()?).ok())
        .is_some_and(|between| between.iter().all(|byte| matches!(byte, b',' | b' ' | b'\t' | b'\r' | b'\n')))
}
