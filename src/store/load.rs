//! Opens the evidence: walks folders and archives, finds out what each file is, indexes logs and reads the snapshot.
//!
//! Loading tells what it finds as it goes ([`LoadEvent`]), can be stopped at any chunk, and never fails as a whole: what is wrong
//! with a file or a record is a problem in the [`Inventory`].

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use zeroize::{Zeroize, Zeroizing};

use crate::domain::Snapshot;
use crate::domain::fact::Facts;
use crate::domain::trace::TraceEvent;

use super::index::Entry;
use super::inventory::{FileKind, FileReport, Inventory, Problem};
use super::packing::{self, Packing};
use super::snapshot;
use super::sniff::{self, Looks, TextEncoding};
use super::source::{Bytes, Sources};
use archive::Unpacking;
use document::read_document;

mod answer;
mod archive;
mod database;
mod document;
mod facts;
mod log;
mod recipients;
mod table;
mod tenant_text;
mod trace;

/// How many records are told at a time, at most.
const BATCH: usize = 2_000;
/// For how long records are held back, at most: whoever looks at the list wants to see something.
const PATIENCE: Duration = Duration::from_millis(100);
/// What is decoded or read from standard input is held in memory, up to here.
const LARGEST_IN_MEMORY: u64 = 1024 * 1024 * 1024;
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
    /// What the operator says.
    pub facts: Facts,
}

impl Request {
    /// Whether nothing was asked for, which means the demo case.
    pub fn is_demo(&self) -> bool {
        self.evidence.is_empty() && self.logs.is_empty() && self.tenants.is_empty()
    }

    /// Whether standard input is among what was named.
    pub fn reads_standard_input(&self) -> bool {
        self.named().any(|path| path.as_os_str() == "-")
    }

    fn named(&self) -> impl Iterator<Item = &PathBuf> {
        self.evidence.iter().chain(&self.logs).chain(&self.tenants)
    }
}

/// What loading tells.
#[derive(Debug, Clone)]
pub enum LoadEvent {
    /// How far it is.
    Progress(Progress),
    /// Records that were found.
    Batch(Vec<Entry>),
    /// What the operator says, with the request and in the evidence, once all files are read and before the snapshot.
    Facts(Facts),
    /// What the browser traces show, of all files together; told once, before the snapshot, and only when there is something.
    Traces(Vec<TraceEvent>),
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
    Path(String, io::Error),
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
    if request.reads_standard_input() && io::stdin().is_terminal() {
        return Err(OpenError::Nothing("standard input is a terminal: pipe a file into it".to_owned()));
    }
    for path in request.named().filter(|path| path.as_os_str() != "-") {
        std::fs::metadata(path).map_err(|error| OpenError::Path(shown(path), error))?;
    }
    let (items, _) = plan(request);
    let mut reasons = Vec::new();
    for item in &items {
        let Item::File(path, forced) = item else { return Ok(()) };
        match packed(path) {
            Some(true) => return Ok(()),
            Some(false) => {
                reasons.push(format!("`{}` is an archive without evidence in it", shown(path)));
                continue;
            }
            None => {}
        }
        match glance(path) {
            Ok(Looks::Foreign(_) | Looks::Document) if facts::is_facts_file(path) => {
                let words =
                    "holds what the operator says and nothing else: give a sign-in log or a tenant snapshot as well";
                reasons.push(format!("`{}` {words}", shown(path)));
            }
            Ok(Looks::Empty) => reasons.push(format!("`{}` is empty", shown(path))),
            Ok(Looks::Foreign(words)) => reasons.push(format!("`{}` is {words}", shown(path))),
            Ok(Looks::OtherLog(kind)) => reasons.push(format!("`{}` holds {}", shown(path), kind.label())),
            Ok(Looks::Database) => match database::is_understood(path) {
                Ok(()) => return Ok(()),
                Err(reason) => reasons.push(format!("`{}` {reason}", shown(path))),
            },
            Ok(Looks::Document) if *forced == Forced::Log => return Ok(()),
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
    let is_whole = bytes.len() <= sniff::HEAD as u64;
    Ok(packing::foreign(&head).map_or_else(|| sniff::look(&encoding.decode(&head), is_whole), Looks::Foreign))
}

/// Whether a packed file may hold evidence; nothing for one that is not packed.
fn packed(path: &Path) -> Option<bool> {
    let bytes = Bytes::open(path).ok()?;
    let packing = Packing::of(&bytes.read(0, sniff::HEAD).ok()?)?;
    Some(archive::may_hold_evidence(packing, &bytes))
}

fn document_is_understood(path: &Path) -> Result<(), String> {
    let bytes = Bytes::open(path).map_err(|error| error.to_string())?;
    let mut builder = snapshot::Builder::new();
    let mut report = FileReport::new(shown(path));
    read_document(&bytes, &Arc::from(shown(path)), &mut builder, &mut report);
    match report.kind {
        FileKind::TenantSnapshot | FileKind::Recipients => Ok(()),
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
        facts: request.facts,
        traces: Vec::new(),
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
        // A folder may hold a hundred thousand files; the whole report goes out when somebody can have read the last.
        if loader.told.elapsed() >= PATIENCE {
            let inventory = loader.inventory.clone();
            (loader.sink)(LoadEvent::Inventory(inventory));
            loader.tell_progress();
        }
    }
    (loader.sink)(LoadEvent::Facts(loader.facts));
    let traces = std::mem::take(&mut loader.traces);
    if !traces.is_empty() {
        (loader.sink)(LoadEvent::Traces(traces));
    }
    let (snapshot, said) = std::mem::take(&mut loader.builder).finish_saying();
    loader.inventory.note_doubts(said.iter().map(|said| (said.file.as_ref(), said.text.as_str())));
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
    /// What was said so far, with the request or in a file.
    facts: Facts,
    traces: Vec<TraceEvent>,
    told: Instant,
}

impl Loader<'_> {
    fn item(&mut self, item: Item) {
        let within = &mut Unpacking::default();
        match item {
            Item::Embedded(name, bytes) => self.file(name, Bytes::Embedded(bytes), Forced::No, within),
            Item::StandardInput(forced) => {
                let mut bytes = Vec::new();
                match io::stdin().lock().take(LARGEST_IN_MEMORY + 1).read_to_end(&mut bytes) {
                    Ok(_) if bytes.len() as u64 > LARGEST_IN_MEMORY => {
                        self.unreadable("-", "standard input is larger than 1 GiB: name the file instead");
                    }
                    Ok(_) => self.file("-", Bytes::InMemory(bytes.into()), forced, within),
                    Err(error) => self.unreadable("-", &error.to_string()),
                }
            }
            Item::File(path, forced) => match Bytes::open(&path) {
                Ok(bytes) => self.file(&shown(&path), bytes, forced, within),
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

    /// Reads one file or member of an archive.
    fn file(&mut self, name: &str, bytes: Bytes, forced: Forced, within: &mut Unpacking) {
        let mut report = FileReport::new(name);
        report.bytes = bytes.len();
        within.tell(&mut report);
        self.progress.file = name.to_owned();
        let mut head = match bytes.read(0, sniff::HEAD) {
            Ok(head) => head,
            Err(error) => return self.unreadable(name, &error.to_string()),
        };
        if let Some(packing) = Packing::of(&head) {
            self.packed(name, &bytes, packing, forced, report, within);
            return trace::wipe(bytes);
        }
        let encoding = TextEncoding::of(&head);
        let decoded_head = encoding.decode(&head);
        let is_whole = bytes.len() <= sniff::HEAD as u64;
        let foreign = packing::foreign(&head).map(Looks::Foreign);
        let is_foreign = foreign.is_some();
        let looks = foreign.unwrap_or_else(|| sniff::look(&decoded_head, is_whole));
        let is_facts = facts::looks_like_facts(name, &decoded_head);
        if matches!(looks, Looks::Trace | Looks::Pasted) {
            head.zeroize();
            trace::wipe(Bytes::InMemory(decoded_head));
        }
        // Nothing in a picture is text.
        report.encoding = if is_foreign { String::new() } else { encoding.name() };
        // Decoded text has lost its mark; everything else is read behind it.
        let (bytes, start) = if encoding.needs_decoding() {
            if bytes.len() > LARGEST_IN_MEMORY {
                return self.unreadable(name, "UTF-16 files larger than 1 GiB are not read: save it as UTF-8");
            }
            match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
                Ok(raw) => {
                    let raw = Zeroizing::new(raw);
                    (Bytes::InMemory(encoding.decode(&raw)), 0)
                }
                Err(error) => return self.unreadable(name, &error.to_string()),
            }
        } else {
            (bytes, encoding.mark as u64)
        };
        match (forced, looks) {
            (_, _) if is_facts => self.facts(&bytes, &mut report),
            (Forced::Tenant, Looks::Empty) | (_, Looks::Empty) => {
                report.format = "empty".to_owned();
                report.note(Problem::file("the file is empty"));
            }
            (Forced::No | Forced::Log, Looks::Trace) => self.har(name, bytes, start, &mut report),
            (_, Looks::Database) => self.database(name, &bytes, &mut report),
            (_, Looks::TenantText(form)) => self.tenant_text(name, &bytes, form, &mut report),
            (_, Looks::Recipients(form)) => self.recipients(name, &bytes, form, &mut report),
            (Forced::Tenant, _) => self.document(name, &bytes, &mut report),
            (_, Looks::SignInLog(_)) | (Forced::Log, Looks::Document | Looks::OtherLog(_)) => {
                self.log(name, bytes, start, &mut report);
            }
            (_, Looks::Table(table)) => self.table(name, bytes, start, table, &mut report),
            (_, Looks::Answer) => self.answer(name, &bytes, &mut report),
            (_, Looks::Pasted) => self.pasted(name, bytes, &mut report),
            (_, Looks::OtherLog(kind)) => {
                report.format = format!("{}, which this version does not read", kind.label());
                report.note(Problem::file("not read: this version does not know the shape yet"));
            }
            (Forced::No, Looks::Document) => self.document(name, &bytes, &mut report),
            (_, Looks::Foreign(words)) => {
                report.format = words.to_owned();
                let is_named_saz = name.to_ascii_lowercase().ends_with(".saz");
                report.note(Problem::file(if is_named_saz {
                    "skipped: its name is a Fiddler archive's, but it is no zip"
                } else {
                    "skipped: it holds nothing this program reads"
                }));
            }
        }
        report.judge(forced != Forced::No);
        self.inventory.files.push(report);
    }

    fn document(&mut self, name: &str, bytes: &Bytes, report: &mut FileReport) {
        read_document(bytes, &Arc::from(name), &mut self.builder, report);
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
