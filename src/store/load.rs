//! Opens the evidence: walks folders and zips, finds out what each file is, indexes logs and reads the snapshot.
//!
//! Loading tells what it finds as it goes ([`LoadEvent`]), can be stopped at any chunk, and never fails as a whole: what is wrong
//! with a file or a record is a problem in the [`Inventory`].

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::{Json, Snapshot};

use super::index::{Entry, Span};
use super::inventory::{FileKind, FileReport, Inventory, Problem};
use super::pasted;
use super::record::{self, Refusal, Shape};
use super::snapshot;
use super::sniff::{self, Looks, TextEncoding};
use super::source::{Bytes, Source, Sources};
use super::split::{Piece, Splitter, StartPattern};

/// How many bytes are read at a time.
const CHUNK: usize = 1024 * 1024;
/// How many bytes are read first after a broken record.
const SMALL_CHUNK: usize = 16 * 1024;
/// How many records are told at a time, at most.
const BATCH: usize = 2_000;
/// How many bytes tell whether a record begins: its first two members.
const START: usize = 512;
/// For how long records are held back, at most: whoever looks at the list wants to see something.
const PATIENCE: Duration = Duration::from_millis(100);
/// A longer record is not read: no sign-in comes near, and one that does would fill the memory.
const LONGEST_RECORD: u64 = 64 * 1024 * 1024;
/// A larger document is not read as a snapshot.
const LARGEST_DOCUMENT: u64 = 512 * 1024 * 1024;
/// What may come out of one zip, all members together.
const LARGEST_ZIP: u64 = 1024 * 1024 * 1024;
/// How many files are opened, at most, so that a wrong folder ends.
const MOST_FILES: usize = 500_000;

/// What to open. With no path at all the built-in demo case opens.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// Files and folders whose kind is found out; `-` is standard input.
    pub evidence: Vec<PathBuf>,
    /// Files that are sign-in logs whatever they look like.
    pub logs: Vec<PathBuf>,
    /// Files and folders that are a tenant snapshot whatever they look like.
    pub tenants: Vec<PathBuf>,
}

impl Request {
    /// Whether nothing was asked for, which means the demo case.
    pub fn is_demo(&self) -> bool {
        self.evidence.is_empty() && self.logs.is_empty() && self.tenants.is_empty()
    }
}

/// What loading tells.
#[derive(Debug, Clone)]
pub enum LoadEvent {
    /// How far it is.
    Progress(Progress),
    /// Records that were found.
    Batch(Vec<Entry>),
    /// The snapshot, once all files are read.
    Snapshot(Box<Snapshot>),
    /// What the files are; told after each file.
    Inventory(Inventory),
    /// There is no more, or loading was stopped.
    Finished,
}

/// How far loading is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Progress {
    /// The file that is being read.
    pub file: String,
    /// Bytes read of all files.
    pub done_bytes: u64,
    /// Bytes of all files.
    pub total_bytes: u64,
    /// Records indexed so far.
    pub records: u64,
    /// Records that could not be read so far.
    pub unreadable: u64,
}

/// Why nothing can be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A path that was named does not exist or cannot be opened.
    #[error("cannot open `{0}`: {1}")]
    Path(String, #[source] io::Error),
    /// Nothing that was named is evidence.
    #[error("no file of the evidence could be understood: {0}")]
    Nothing(String),
}

/// One thing to read: a file, standard input, or a part of the demo case.
enum Item {
    File(PathBuf, Forced),
    StandardInput(Forced),
    Embedded(&'static str, &'static [u8]),
}

/// Whether the user said what a file is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Forced {
    No,
    Log,
    Tenant,
}

/// Checks that every path exists and that at least one file is understood, without reading more than heads.
///
/// Fails when a named path cannot be opened, or when nothing is understood; the reason names each file. Standard input counts as
/// understood, since it can be read only once.
pub fn check(request: &Request) -> Result<(), OpenError> {
    if request.is_demo() {
        return Ok(());
    }
    let named = request.evidence.iter().chain(&request.logs).chain(&request.tenants);
    for path in named.filter(|path| path.as_os_str() != "-") {
        std::fs::metadata(path).map_err(|error| OpenError::Path(shown(path), error))?;
    }
    let (items, _) = plan(request);
    let mut reasons = Vec::new();
    for item in &items {
        let Item::File(path, forced) = item else { return Ok(()) };
        if *forced != Forced::No {
            return Ok(());
        }
        match glance(path) {
            Ok(Looks::Empty) => reasons.push(format!("`{}` is empty", shown(path))),
            Ok(Looks::Foreign(words)) => reasons.push(format!("`{}` is {words}", shown(path))),
            Ok(Looks::OtherLog(kind)) => reasons.push(format!("`{}` holds {}", shown(path), kind.label())),
            Ok(Looks::Document) => match document_is_understood(path) {
                Ok(()) => return Ok(()),
                Err(reason) => reasons.push(format!("`{}` is {reason}", shown(path))),
            },
            Ok(_) => return Ok(()),
            Err(error) => reasons.push(format!("`{}` cannot be read ({error})", shown(path))),
        }
    }
    let rest = reasons.len().saturating_sub(3);
    reasons.truncate(3);
    let mut words = reasons.join("; ");
    if rest > 0 {
        words.push_str(&format!("; and {rest} more"));
    }
    Err(OpenError::Nothing(if words.is_empty() { "there is no file in it".to_owned() } else { words }))
}

fn glance(path: &Path) -> io::Result<Looks> {
    let bytes = Bytes::open(path)?;
    let head = bytes.read(0, sniff::HEAD)?;
    let encoding = TextEncoding::of(&head);
    Ok(sniff::look(&encoding.decode(&head), bytes.len() <= sniff::HEAD as u64))
}

fn document_is_understood(path: &Path) -> Result<(), String> {
    let bytes = Bytes::open(path).map_err(|error| error.to_string())?;
    let mut builder = snapshot::Builder::new();
    let mut report = FileReport::new(shown(path));
    read_document(&bytes, &Arc::from(shown(path)), &mut builder, &mut report);
    match report.kind {
        FileKind::TenantSnapshot => Ok(()),
        _ => Err(report.format),
    }
}

/// Opens everything the request names and tells what it finds to `sink`. Stops soon after `keep_going` says no.
pub fn load(request: &Request, sources: &Sources, keep_going: &dyn Fn() -> bool, sink: &mut dyn FnMut(LoadEvent)) {
    let (items, mut files) = plan(request);
    let total_bytes = items.iter().map(Item::size).sum();
    let mut loader = Loader {
        sources,
        keep_going,
        sink,
        inventory: Inventory::default(),
        builder: snapshot::Builder::new(),
        progress: Progress { total_bytes, ..Progress::default() },
        batch: Vec::new(),
        told: Instant::now(),
    };
    loader.inventory.files.append(&mut files);
    loader.tell_progress();
    for item in items {
        if !keep_going() {
            break;
        }
        let before = loader.progress.done_bytes;
        let size = item.size();
        loader.item(item);
        loader.progress.done_bytes = before + size;
        loader.tell_batch();
        let inventory = loader.inventory.clone();
        (loader.sink)(LoadEvent::Inventory(inventory));
        loader.tell_progress();
    }
    let snapshot = std::mem::take(&mut loader.builder).finish();
    (loader.sink)(LoadEvent::Snapshot(Box::new(snapshot)));
    (loader.sink)(LoadEvent::Inventory(loader.inventory));
    sink(LoadEvent::Finished);
}

impl Item {
    fn size(&self) -> u64 {
        match self {
            Item::File(path, _) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            Item::StandardInput(_) => 0,
            Item::Embedded(_, bytes) => bytes.len() as u64,
        }
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The files to read in the order in which they are read, and reports on what cannot be.
fn plan(request: &Request) -> (Vec<Item>, Vec<FileReport>) {
    if request.is_demo() {
        let items = super::demo::FILES.iter().map(|(name, bytes)| Item::Embedded(name, bytes)).collect();
        return (items, Vec::new());
    }
    let mut items = Vec::new();
    let mut problems = Vec::new();
    let named = [(&request.evidence, Forced::No), (&request.logs, Forced::Log), (&request.tenants, Forced::Tenant)];
    for (paths, forced) in named {
        for path in paths {
            if path.as_os_str() == "-" {
                items.push(Item::StandardInput(forced));
            } else {
                walk(path, forced, &mut items, &mut problems);
            }
        }
    }
    (items, problems)
}

fn walk(path: &Path, forced: Forced, items: &mut Vec<Item>, problems: &mut Vec<FileReport>) {
    let mut refuse = |path: String, reason: String| {
        let mut report = FileReport::new(path);
        report.format = "not read".to_owned();
        report.note(Problem::file(reason));
        problems.push(report);
    };
    // What lies hidden in a folder (`.git`, `.DS_Store`) is not what the customer meant to send.
    let is_shown =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter().filter_entry(is_shown) {
        if items.len() >= MOST_FILES {
            refuse(shown(path), format!("holds more than {MOST_FILES} files: the rest is not opened"));
            return;
        }
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {}
            Ok(entry) if entry.file_type().is_file() => items.push(Item::File(entry.into_path(), forced)),
            Ok(entry) => refuse(shown(entry.path()), "is no regular file: it is not opened".to_owned()),
            Err(error) => {
                let at = error.path().map_or_else(|| shown(path), shown);
                let reason = if error.loop_ancestor().is_some() {
                    "links back to a folder above it: it is not followed".to_owned()
                } else {
                    error.io_error().map_or_else(|| error.to_string(), ToString::to_string)
                };
                refuse(at, reason);
            }
        }
    }
}

/// The state of one loading.
struct Loader<'a> {
    sources: &'a Sources,
    keep_going: &'a dyn Fn() -> bool,
    sink: &'a mut dyn FnMut(LoadEvent),
    inventory: Inventory,
    builder: snapshot::Builder,
    progress: Progress,
    batch: Vec<Entry>,
    told: Instant,
}

impl Loader<'_> {
    fn item(&mut self, item: Item) {
        match item {
            Item::Embedded(name, bytes) => self.file(name, Bytes::Embedded(bytes), Forced::No),
            Item::StandardInput(forced) => {
                let mut bytes = Vec::new();
                match io::stdin().lock().read_to_end(&mut bytes) {
                    Ok(_) => self.file("-", Bytes::InMemory(bytes.into()), forced),
                    Err(error) => self.unreadable("-", &error.to_string()),
                }
            }
            Item::File(path, forced) => match Bytes::open(&path) {
                Ok(bytes) => self.file(&shown(&path), bytes, forced),
                Err(error) => self.unreadable(&shown(&path), &error.to_string()),
            },
        }
    }

    fn unreadable(&mut self, name: &str, reason: &str) {
        let mut report = FileReport::new(name);
        report.format = "not read".to_owned();
        report.note(Problem::file(format!("cannot be opened: {reason}")));
        self.inventory.files.push(report);
    }

    /// Reads one file or member of a zip.
    fn file(&mut self, name: &str, bytes: Bytes, forced: Forced) {
        let mut report = FileReport::new(name);
        report.bytes = bytes.len();
        self.progress.file = name.to_owned();
        let head = match bytes.read(0, sniff::HEAD) {
            Ok(head) => head,
            Err(error) => return self.unreadable(name, &error.to_string()),
        };
        let encoding = TextEncoding::of(&head);
        let decoded_head = encoding.decode(&head);
        let looks = sniff::look(&decoded_head, bytes.len() <= sniff::HEAD as u64);
        if looks == Looks::Zip {
            return self.zip(name, &bytes, forced, report);
        }
        report.encoding = encoding.name();
        // Decoded text has lost its mark; everything else is read behind it.
        let (bytes, start) = if encoding.needs_decoding() {
            match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
                Ok(raw) => (Bytes::InMemory(encoding.decode(&raw)), 0),
                Err(error) => return self.unreadable(name, &error.to_string()),
            }
        } else {
            (bytes, encoding.mark as u64)
        };
        match (forced, looks) {
            (Forced::Tenant, Looks::Empty) | (_, Looks::Empty) => {
                report.format = "empty".to_owned();
                report.note(Problem::file("the file is empty"));
            }
            (Forced::Tenant, _) => self.document(name, &bytes, &mut report),
            (_, Looks::SignInLog(_)) | (Forced::Log, Looks::Document | Looks::OtherLog(_)) => {
                self.log(name, bytes, start, &mut report);
            }
            (_, Looks::Pasted) => self.pasted(name, bytes, &mut report),
            (_, Looks::OtherLog(kind)) => {
                report.kind = match kind {
                    record::Recognised::Audit => FileKind::AuditLog,
                    record::Recognised::LogAnalytics | record::Recognised::UnifiedAudit => FileKind::SignInLog,
                    _ => FileKind::Unknown,
                };
                report.format = format!("{}, which this version does not read", kind.label());
                report.note(Problem::file("not read: this version does not know the shape yet"));
            }
            (Forced::No, Looks::Document) => self.document(name, &bytes, &mut report),
            (_, Looks::Foreign(words)) => {
                report.format = words.to_owned();
                report.note(Problem::file("skipped: it holds nothing this program reads"));
            }
            (_, Looks::Zip) => {}
        }
        self.inventory.files.push(report);
    }

    fn document(&mut self, name: &str, bytes: &Bytes, report: &mut FileReport) {
        read_document(bytes, &Arc::from(name), &mut self.builder, report);
    }

    /// Reads the members of a zip, in the order of their names, without ever writing one to disk.
    fn zip(&mut self, name: &str, bytes: &Bytes, forced: Forced, mut report: FileReport) {
        report.format = "zip".to_owned();
        let mut archive = match zip::ZipArchive::new(Seekable::new(bytes)) {
            Ok(archive) => archive,
            Err(error) => {
                report.note(Problem::file(format!("cannot be unpacked: {error}")));
                return self.inventory.files.push(report);
            }
        };
        let mut members: Vec<(String, usize)> = (0..archive.len())
            .filter_map(|index| Some((archive.name_for_index(index)?.ok()?.into_owned(), index)))
            .collect();
        members.sort();
        let mut left = LARGEST_ZIP;
        let mut read = 0;
        let at = self.inventory.files.len();
        for (member, index) in members {
            if !(self.keep_going)() {
                break;
            }
            let unpacked = match archive.by_index(index) {
                Ok(file) if !file.is_file() => continue,
                Ok(file) if file.encrypted() => Err("is encrypted".to_owned()),
                Ok(file) => unpack(file, left),
                Err(error) => Err(error.to_string()),
            };
            match unpacked {
                Ok(content) => {
                    left = left.saturating_sub(content.len() as u64);
                    read += 1;
                    let inner = format!("{name}!{member}");
                    if content.starts_with(b"PK\x03\x04") {
                        report.note(Problem::file(format!("`{member}` is a zip inside a zip: it is not opened")));
                    } else {
                        self.file(&inner, Bytes::InMemory(content.into()), forced);
                    }
                }
                Err(reason) => report.note(Problem::file(format!("`{member}` cannot be unpacked: {reason}"))),
            }
        }
        report.format = format!("zip with {read} files");
        self.inventory.files.insert(at.min(self.inventory.files.len()), report);
    }

    /// Indexes the records of a log.
    fn log(&mut self, name: &str, bytes: Bytes, start: u64, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape: Shape::Json });
        let mut log =
            LogReader { source: number, next: 0, formats: BTreeMap::new(), pattern: None, has_next_link: false };
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
        report.format = if log.formats.is_empty() {
            "sign-ins, none readable".to_owned()
        } else {
            log.formats.keys().copied().collect::<Vec<_>>().join(" and ")
        };
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
                self.count_unreadable(log, report, start, "a value that is no record stands here");
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
                return next_start(&source.bytes, start, log.pattern.as_ref());
            }
            Piece::Record { start, end } => {
                let length = end - start;
                if length > LONGEST_RECORD {
                    self.count_unreadable(log, report, start, "the record is longer than 64 MiB");
                    return None;
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
                match record::read_record(bytes, source.shape, &source.name, log.next) {
                    Ok(found) => {
                        if log.pattern.is_none() {
                            log.pattern =
                                StartPattern::learn(found.json.members().iter().map(|(name, _)| name.as_str()));
                        }
                        *log.formats.entry(format_of(&found)).or_default() += 1;
                        let length = u32::try_from(length).unwrap_or(u32::MAX);
                        let span = Span { source: log.source, number: log.next, offset: start, length };
                        self.count_record(log, report, &found, span);
                    }
                    Err(refusal) => {
                        self.count_unreadable(log, report, start, &refusal.to_string());
                        if matches!(refusal, Refusal::NoJson(_)) {
                            let next = next_start(&source.bytes, start, log.pattern.as_ref())?;
                            return (!follows(&source.bytes, end, next)).then_some(next);
                        }
                    }
                }
            }
        }
        None
    }

    fn count_record(
        &mut self,
        log: &mut LogReader,
        report: &mut FileReport,
        found: &super::source::Record,
        span: Span,
    ) {
        let entry = record::entry(&found.sign_in, span);
        log.next += 1;
        report.records += 1;
        self.progress.records += 1;
        if let Some(time) = entry.time {
            report.first = Some(report.first.map_or(time, |first| first.min(time)));
            report.last = Some(report.last.map_or(time, |last| last.max(time)));
        } else {
            let mut problem = Problem::warning("the record's date cannot be read");
            problem.record = Some(span.number);
            problem.offset = Some(span.offset);
            report.note(problem);
        }
        *report.events.entry(entry.event_kind.word()).or_default() += 1;
        self.batch.push(entry);
    }

    fn count_unreadable(&mut self, log: &mut LogReader, report: &mut FileReport, offset: u64, reason: &str) {
        report.unreadable += 1;
        self.progress.unreadable += 1;
        report.note(Problem::unreadable(log.next, offset, reason));
        log.next += 1;
    }

    /// Indexes the sign-ins that somebody pasted into a text.
    fn pasted(&mut self, name: &str, bytes: Bytes, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        report.format = "pasted text of the portal".to_owned();
        let length = usize::try_from(bytes.len()).unwrap_or(usize::MAX);
        let text = match bytes.read(0, length) {
            Ok(text) => text,
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        // Positions are counted in the decoded text, so that text is what is kept.
        let text = String::from_utf8_lossy(&text).into_owned();
        let blocks = pasted::find_blocks(&text);
        let covered: usize = blocks.iter().map(|block| block.len()).sum();
        if text.trim().len() > covered + 2 {
            report.note(Problem::warning("other text stands around the pasted sign-ins: it is not read"));
        }
        let bytes = Bytes::InMemory(Arc::from(text.as_bytes()));
        let (number, source) = self.sources.add(Source { name: Arc::from(name), bytes, shape: Shape::Pasted });
        let mut log =
            LogReader { source: number, next: 0, formats: BTreeMap::new(), pattern: None, has_next_link: false };
        for block in blocks {
            let start = block.start as u64;
            let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
            let content = text.get(block).unwrap_or("").as_bytes();
            match record::read_record(content, Shape::Pasted, &source.name, log.next) {
                Ok(found) => {
                    let span = Span { source: number, number: log.next, offset: start, length };
                    self.count_record(&mut log, report, &found, span);
                }
                Err(refusal) => self.count_unreadable(&mut log, report, start, &refusal.to_string()),
            }
        }
    }

    fn tell_batch(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            (self.sink)(LoadEvent::Batch(batch));
        }
    }

    fn tell_progress(&mut self) {
        self.told = Instant::now();
        let progress = self.progress.clone();
        (self.sink)(LoadEvent::Progress(progress));
    }
}

/// What is remembered while a log is read.
struct LogReader {
    source: u32,
    next: u64,
    formats: BTreeMap<&'static str, u64>,
    pattern: Option<StartPattern>,
    has_next_link: bool,
}

/// The shape of a record for the inventory.
fn format_of(found: &super::source::Record) -> &'static str {
    let json = &found.json;
    let has = |name: &str| json.members().iter().any(|(member, _)| member.eq_ignore_ascii_case(name));
    if has("properties") && has("category") {
        "diagnostic settings"
    } else if json.members().first().is_some_and(|(name, _)| name.starts_with(|c: char| c.is_ascii_uppercase())) {
        "PowerShell (Get-MgAuditLogSignIn)"
    } else if has("signInEventTypes") || has("authenticationDetails") || has("networkLocationDetails") {
        "Graph beta"
    } else {
        "Graph v1.0"
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

/// Reads a JSON file that is no log: one document or several in a row.
fn read_document(bytes: &Bytes, name: &Arc<str>, builder: &mut snapshot::Builder, report: &mut FileReport) {
    if bytes.len() > LARGEST_DOCUMENT {
        report.format = "JSON, larger than a snapshot can be".to_owned();
        return report.note(Problem::file("not read: it is no sign-in log and larger than 512 MiB"));
    }
    let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
        Ok(content) => TextEncoding::of(&content).decode(&content),
        Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
    };
    let text = String::from_utf8_lossy(&content);
    let mut formats: Vec<String> = Vec::new();
    let mut foreign = None;
    for document in serde_json::Deserializer::from_str(&text).into_iter::<Json>() {
        match document {
            Ok(json) => match builder.take(name, &json) {
                Some(taken) => {
                    report.kind = FileKind::TenantSnapshot;
                    report.records += taken.objects;
                    report.unreadable += taken.unreadable;
                    taken.problems.into_iter().for_each(|problem| report.note(problem));
                    if !formats.contains(&taken.format) {
                        formats.push(taken.format);
                    }
                }
                None => foreign = foreign.or(Some(sniff::foreign_document(&json))),
            },
            Err(error) => {
                report.note(Problem::file(format!("is no valid JSON: {error}")));
                report.unreadable += 1;
                foreign = foreign.or(Some("JSON that cannot be read to its end"));
                break;
            }
        }
    }
    report.format = if formats.is_empty() { foreign.unwrap_or("nothing").to_owned() } else { formats.join(" and ") };
    if report.kind == FileKind::Unknown && report.problems.is_empty() {
        report.note(Problem::file("skipped: it holds nothing this program reads"));
    }
}

/// Unpacks a member, unless it is larger than `most`.
fn unpack(mut file: impl Read, most: u64) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    file.by_ref().take(most.saturating_add(1)).read_to_end(&mut content).map_err(|error| error.to_string())?;
    if content.len() as u64 > most {
        return Err(format!("more than {} MiB would come out of this zip", LARGEST_ZIP / (1024 * 1024)));
    }
    Ok(content)
}

/// Bytes as the zip reader wants them.
struct Seekable<'a> {
    bytes: &'a Bytes,
    at: u64,
}

impl<'a> Seekable<'a> {
    fn new(bytes: &'a Bytes) -> Seekable<'a> {
        Seekable { bytes, at: 0 }
    }
}

impl Read for Seekable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(self.at, buffer.len())?;
        if let Some(target) = buffer.get_mut(..read.len()) {
            target.copy_from_slice(&read);
        }
        self.at += read.len() as u64;
        Ok(read.len())
    }
}

impl io::Seek for Seekable<'_> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.bytes.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "sought before the start"))?;
        Ok(self.at)
    }
}
