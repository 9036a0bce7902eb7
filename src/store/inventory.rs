//! Defines the [`Inventory`]: what each file of the evidence is, and what could not be read.

mod coverage;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Holdings;
use crate::domain::fact::Facts;
use crate::domain::sign_in::EventKind;

use super::format;

pub use super::format::{Ask, Format, all as formats, groups as formats_by_kind};

/// What helps where a file is not understood, in words that can be sent as they stand.
pub const HELPFUL: &str = "The sign-in log as JSON (Entra admin center, Sign-in logs, Download, JSON), and the Conditional Access policies as \
     JSON (Graph, identity/conditionalAccess/policies).";

pub use coverage::Coverage;

/// What the evidence consists of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// The files in the order in which they were opened.
    pub files: Vec<FileReport>,
}

impl Inventory {
    /// What the logs hold as a whole.
    pub fn holdings(&self) -> Holdings {
        let logs = || self.files.iter().filter(|file| file.kind == FileKind::SignInLog);
        let holds = |word: &str| logs().any(|file| file.events.get(word).is_some_and(|count| *count > 0));
        Holdings {
            interactive: holds("interactiveUser"),
            non_interactive: holds("nonInteractiveUser"),
            applications: holds("servicePrincipal") || holds("managedIdentity"),
            more_pages: logs().any(|file| file.has_more_pages),
            unreadable: logs().any(|file| file.unreadable > 0),
            first: logs().filter_map(|file| file.first).min(),
            last: logs().filter_map(|file| file.last).max(),
            holes: self.longest_holes(),
        }
    }

    /// Notes what keeps policies from being decided, as warnings of the files it stands in; each once.
    pub fn note_doubts<'a>(&mut self, doubts: impl Iterator<Item = (&'a str, &'a str)>) {
        for (path, text) in doubts {
            let file = self.files.iter_mut().find(|file| file.path == path);
            if let Some(file) = file.filter(|file| !file.problems.iter().any(|known| known.reason == text)) {
                file.note(Problem::warning(text));
            }
        }
    }

    /// Notes of the files how many records in them add to sign-ins that are not in the evidence; each once.
    pub fn note_unclaimed(&mut self, unclaimed: &[(&str, usize)]) {
        let text = |count: &usize| match count {
            1 => "1 record adds to a sign-in that is not in the evidence: it is not shown".to_owned(),
            count => format!("{count} records add to sign-ins that are not in the evidence: they are not shown"),
        };
        let doubts: Vec<(&str, String)> = unclaimed.iter().map(|(file, count)| (*file, text(count))).collect();
        self.note_doubts(doubts.iter().map(|(file, text)| (*file, text.as_str())));
    }

    /// The formats of the files, in the order of the catalogue, each with how many files are of it.
    pub fn formats(&self) -> Vec<(&'static Format, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for word in self.files.iter().flat_map(|file| &file.formats) {
            *counts.entry(word).or_default() += 1;
        }
        formats().iter().filter_map(|format| Some((format, *counts.get(format.word.as_str())?))).collect()
    }

    /// Whether any file was understood. What the operator says is nothing by itself.
    pub fn is_understood(&self) -> bool {
        let is_evidence = |file: &FileReport| match file.kind {
            FileKind::SignInLog | FileKind::Trace => true,
            FileKind::Facts => false,
            _ => file.records > 0,
        };
        self.files.iter().any(is_evidence)
    }
}

/// What one file is.
#[derive(Debug, Clone, PartialEq)]
pub struct FileReport {
    /// The file's name as shown to the user; a file inside an archive is `archive.zip!inner/name`.
    pub path: String,
    /// How it is packed, outermost first, by the words of the catalogue; empty when it is not.
    pub packed: Vec<&'static str>,
    /// What it holds.
    pub kind: FileKind,
    /// The shape it has, in words ("Graph beta page", "diagnostic settings, NDJSON").
    pub format: String,
    /// The words of its formats in the catalogue ([`format::find`]).
    pub formats: BTreeSet<&'static str>,
    /// How sure it is what the file is.
    pub sureness: Sureness,
    /// Why it is so sure and no surer, in lower case and without a full stop; empty where the file is not understood.
    pub sureness_reason: String,
    /// The encoding ("UTF-8", "UTF-16LE with BOM").
    pub encoding: String,
    /// Its size in bytes on disk.
    pub bytes: u64,
    /// How many records or objects were read.
    pub records: u64,
    /// How many could not be read.
    pub unreadable: u64,
    /// The earliest sign-in, in milliseconds since 1970 UTC.
    pub first: Option<i64>,
    /// The latest sign-in, in milliseconds since 1970 UTC.
    pub last: Option<i64>,
    /// How many rows of each log it holds, by Graph's word.
    pub events: BTreeMap<&'static str, u64>,
    /// The earliest and the latest sign-in of each log, in milliseconds since 1970 UTC.
    pub times: BTreeMap<&'static str, (i64, i64)>,
    /// Whether a page of it says that there are more pages.
    pub has_more_pages: bool,
    /// What the operator says in it, as far as it counts: not what was said before it.
    pub facts: Facts,
    /// What is wrong with it or its records. At most [`FileReport::MOST_PROBLEMS`] of each kind are kept;
    /// `unreadable` counts all.
    pub problems: Vec<Problem>,
}

impl FileReport {
    /// How many problems, and as many warnings, of one file are kept with their text.
    pub const MOST_PROBLEMS: usize = 200;

    /// A report on a file of which nothing is known yet.
    pub fn new(path: impl Into<String>) -> FileReport {
        FileReport {
            path: path.into(),
            packed: Vec::new(),
            kind: FileKind::Unknown,
            format: String::new(),
            formats: BTreeSet::new(),
            sureness: Sureness::Unknown,
            sureness_reason: String::new(),
            encoding: String::new(),
            bytes: 0,
            records: 0,
            unreadable: 0,
            first: None,
            last: None,
            events: BTreeMap::new(),
            times: BTreeMap::new(),
            has_more_pages: false,
            facts: Facts::default(),
            problems: Vec::new(),
        }
    }

    /// What the catalogue says of its formats.
    pub fn known_formats(&self) -> impl Iterator<Item = &'static Format> {
        self.formats.iter().filter_map(|word| format::find(word))
    }

    /// Notes that a sign-in of a log stands in the file.
    pub fn note_sign_in(&mut self, kind: EventKind, time: Option<i64>) {
        *self.events.entry(kind.word()).or_default() += 1;
        let Some(time) = time else { return };
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        let (first, last) = self.times.entry(kind.word()).or_insert((time, time));
        (*first, *last) = (time.min(*first), time.max(*last));
    }

    /// Says how sure it is what the file is, once it is read. The user may have said what it is.
    pub(super) fn judge(&mut self, is_forced: bool) {
        let names: Vec<&str> = self.known_formats().map(|format| format.name.as_str()).collect();
        let noun = if self.kind == FileKind::SignInLog { "record" } else { "object" };
        let (plural, verb) = if self.records == 1 { ("", "was") } else { ("s", "were") };
        let count = self.records;
        let (sureness, reason) = match self.kind {
            FileKind::Unknown => (Sureness::Unknown, String::new()),
            FileKind::Container => (Sureness::Certain, "its first bytes are those of such an archive".to_owned()),
            _ if count > 0 && names.is_empty() => {
                (Sureness::Certain, format!("{count} {noun}{plural} {verb} read whole"))
            }
            _ if count > 0 => {
                let marks = names.join(" and ");
                (Sureness::Certain, format!("{count} {noun}{plural} {verb} read whole, with the marks of {marks}"))
            }
            _ if is_forced => (Sureness::Likely, format!("you said so; no whole {noun} was read")),
            FileKind::Facts => (Sureness::Likely, "its name or its first lines say so; no fact was read".to_owned()),
            _ => (Sureness::Likely, format!("names in its first bytes say so; no whole {noun} was read")),
        };
        (self.sureness, self.sureness_reason) = (sureness, reason);
    }

    /// What would help, for a file that is not understood.
    pub fn help(&self) -> Option<&'static str> {
        (self.kind == FileKind::Unknown).then_some(HELPFUL)
    }

    /// What to ask the customer for, of all that its formats lack or because it is not understood, in words that can be sent.
    pub fn request(&self) -> Option<String> {
        let asks = self.known_formats().filter_map(|format| format.ask.as_ref());
        let mut lines: Vec<&str> = Vec::new();
        for line in
            asks.flat_map(|ask| std::iter::once(ask.text.as_str()).chain(ask.command.as_deref())).chain(self.help())
        {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Notes a problem, unless there are too many to keep.
    pub fn note(&mut self, problem: Problem) {
        // Warnings about dates must not push out what could not be read.
        let alike = self.problems.iter().filter(|known| known.is_warning == problem.is_warning).count();
        if alike < FileReport::MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// How sure it is what a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sureness {
    /// Whole records or objects were read, with their marks.
    Certain,
    /// It is told by names in its first bytes or by the user, and nothing whole was read.
    Likely,
    /// It is not understood.
    Unknown,
}

impl Sureness {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Sureness::Certain => "certain",
            Sureness::Likely => "likely",
            Sureness::Unknown => "unknown",
        }
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// Sign-ins.
    SignInLog,
    /// Directory audit events.
    AuditLog,
    /// Objects of a tenant's configuration.
    TenantSnapshot,
    /// A browser trace.
    Trace,
    /// Mail recipients.
    Recipients,
    /// Errors of provisioning.
    ProvisioningErrors,
    /// What the operator says.
    Facts,
    /// Other files, of which something could not be unpacked.
    Container,
    /// Something else.
    Unknown,
}

impl FileKind {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            FileKind::SignInLog => "signInLog",
            FileKind::AuditLog => "auditLog",
            FileKind::TenantSnapshot => "tenantSnapshot",
            FileKind::Trace => "trace",
            FileKind::Recipients => "recipients",
            FileKind::ProvisioningErrors => "provisioningErrors",
            FileKind::Facts => "facts",
            FileKind::Container => "container",
            FileKind::Unknown => "unknown",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            FileKind::SignInLog => "sign-in log",
            FileKind::AuditLog => "audit log",
            FileKind::TenantSnapshot => "tenant snapshot",
            FileKind::Trace => "browser trace",
            FileKind::Recipients => "recipients",
            FileKind::ProvisioningErrors => "provisioning errors",
            FileKind::Facts => "operator facts",
            FileKind::Container => "archive",
            FileKind::Unknown => "not understood",
        }
    }
}

/// Something in a file that could not be read or is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The record it concerns, counted from 0; nothing when it concerns the file.
    pub record: Option<u64>,
    /// The offset in bytes, where one is known.
    pub offset: Option<u64>,
    /// What is wrong, in lower case and without a full stop.
    pub reason: String,
    /// Whether it only warns: the record or file was read all the same.
    pub is_warning: bool,
}

impl Problem {
    /// A problem of the whole file that keeps nothing from being read.
    pub fn warning(reason: impl Into<String>) -> Problem {
        Problem { record: None, offset: None, reason: reason.into(), is_warning: true }
    }

    /// A record that could not be read.
    pub fn unreadable(record: u64, offset: u64, reason: impl Into<String>) -> Problem {
        Problem { record: Some(record), offset: Some(offset), reason: reason.into(), is_warning: false }
    }

    /// A file that could not be read.
    pub fn file(reason: impl Into<String>) -> Problem {
        Problem { record: None, offset: None, reason: reason.into(), is_warning: false }
    }
}
