//! Finds out what a file is by its content: encoding, then kind. Names are never looked at.

use std::sync::Arc;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::domain::Json;

use super::answer;
use super::log_analytics;
use super::oauth_error;
use super::pasted;
use super::recipients::{self, Form};
use super::record::{self, Recognised};
use super::snapshot;
use super::split::{Piece, Splitter, StartPattern};
use super::table::{self, Table};
use super::trace;

/// How many bytes of a file are looked at.
pub const HEAD: usize = 256 * 1024;

/// How a file's text is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// How many bytes its mark takes.
    pub mark: usize,
}

impl TextEncoding {
    /// Tells the encoding by its mark. UTF-16 without a mark is told by the zeros beside the first bytes of any JSON.
    pub fn of(head: &[u8]) -> TextEncoding {
        if let Some((encoding, mark)) = Encoding::for_bom(head) {
            return TextEncoding { encoding, mark };
        }
        let encoding = match head {
            [first, 0, second, 0, ..] if *first != 0 && *second != 0 => UTF_16LE,
            [0, first, 0, second, ..] if *first != 0 && *second != 0 => UTF_16BE,
            _ => UTF_8,
        };
        TextEncoding { encoding, mark: 0 }
    }

    /// Whether the bytes must be decoded before they can be split.
    pub fn needs_decoding(self) -> bool {
        self.encoding != UTF_8
    }

    /// The bytes as UTF-8 without a mark.
    pub fn decode(self, bytes: &[u8]) -> Arc<[u8]> {
        let (text, _) = self.encoding.decode_with_bom_removal(bytes);
        Arc::from(text.as_bytes())
    }

    /// The encoding's name for the inventory.
    pub fn name(self) -> String {
        let mark = if self.mark > 0 { " with BOM" } else { "" };
        format!("{}{mark}", self.encoding.name())
    }
}

/// What a file's head says it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Looks {
    /// Nothing but white space.
    Empty,
    /// JSON records of a sign-in log or audit log, with the shape of the first.
    SignInLog(Recognised),
    /// A table whose rows are sign-ins or belong to them.
    Table(Table),
    /// One JSON document that holds the rows of a log.
    Answer,
    /// JSON whose records are of a kind that this version does not read.
    OtherLog(Recognised),
    /// JSON of some other kind, perhaps of a tenant's configuration.
    Document,
    /// Text with pasted sign-ins, errors or cookies.
    Pasted,
    /// Text with recipients, in that form.
    Recipients(Form),
    /// A browser trace (HAR).
    Trace,
    /// Text that holds objects of a tenant, in that form.
    TenantText(snapshot::Form),
    /// An SQLite database, perhaps of a tenant.
    Database,
    /// Another product's or format's file, in words.
    Foreign(&'static str),
}

/// Looks at the head of a file, decoded if need be, that is not packed and no other program's binary file ([`packing`]).
///
/// [`packing`]: super::packing
pub fn look(head: &[u8], is_whole: bool) -> Looks {
    if let Some(found) = magic(head) {
        return found;
    }
    let text = head.trim_ascii_start();
    match text.first() {
        None => Looks::Empty,
        Some(b'{') if trace::har::looks_like(text) => Looks::Trace,
        // The prompt of the Exchange Management Shell is no list.
        Some(b'{' | b'[') if !text.starts_with(b"[PS]") => look_at_json(text, is_whole),
        Some(_) => look_at_text(text),
    }
}

fn look_at_text(head: &[u8]) -> Looks {
    if let Some(table) = Table::of_head(head) {
        return Looks::Table(table);
    }
    if let Some(found) = by_starts(head) {
        return found;
    }
    let text = String::from_utf8_lossy(head);
    if let Some(form) = snapshot::look(&text) {
        return Looks::TenantText(form);
    }
    let has_sign_ins = || !pasted::find_blocks(&text).is_empty() || !oauth_error::find(&text).is_empty();
    if has_sign_ins() || trace::pasted::has_cookies(&text) {
        Looks::Pasted
    } else if text.contains('\0') {
        Looks::Foreign("binary data")
    } else if let Some(form) = recipients::look(&text) {
        Looks::Recipients(form)
    } else if table::is_summary(head) {
        Looks::Foreign(SUMMARY)
    } else {
        Looks::Foreign(foreign_text(&text))
    }
}

/// What a result of Log Analytics is that has columns of sign-ins and no sign-ins.
const SUMMARY: &str = "a result of Log Analytics that was summarised from sign-ins or lacks their times, and holds none: ask for the rows \
                       themselves (the table with a `where`, without `summarize` and `project`)";

fn magic(head: &[u8]) -> Option<Looks> {
    head.starts_with(b"SQLite format 3\0").then_some(Looks::Database)
}

fn foreign_text(text: &str) -> &'static str {
    let first = text.lines().next().unwrap_or("");
    if first.contains("Request ID") && first.contains(',') {
        "CSV with too few columns of the portal's download: ask for the download as it comes, or for the JSON download"
    } else if first.matches(',').count() >= 3 {
        "CSV, which this version does not read"
    } else if first.trim_start().starts_with('<') {
        "XML or HTML"
    } else {
        "text without a sign-in in it"
    }
}

fn look_at_json(head: &[u8], is_whole: bool) -> Looks {
    let mut pieces = Vec::new();
    let mut splitter = Splitter::default();
    splitter.push(head, &mut pieces);
    if is_whole {
        splitter.finish(&mut pieces);
    }
    let mut other = None;
    for piece in &pieces {
        let Piece::Record { start, end } = piece else { continue };
        let (Ok(start), Ok(end)) = (usize::try_from(*start), usize::try_from(*end)) else { continue };
        let Some(Ok(json)) = head.get(start..end).map(record::read_json) else { continue };
        match record::innermost(&json) {
            found if found.is_read() => return Looks::SignInLog(found),
            Recognised::Other if answer::is_answer(&json) => return Looks::Answer,
            Recognised::Other => {}
            found => other = Some(found),
        }
    }
    if let Some(found) = other {
        return Looks::OtherLog(found);
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::CutOff { .. })) || !is_whole {
        // A first record that is cut off or larger than the head may still show what it is by its first names.
        if let Some(found) = by_first_names(head) {
            return found;
        }
        if answer::begins(head) {
            return Looks::Answer;
        }
    }
    // A log whose first record is damaged still holds others.
    if let Some(found) = by_starts(head) {
        return found;
    }
    // A page of sign-ins without any is a log all the same.
    let start = String::from_utf8_lossy(head.get(..head.len().min(1024)).unwrap_or(head));
    if start.contains("$metadata#auditLogs/signIns") {
        return Looks::SignInLog(Recognised::Graph);
    }
    if start.contains("$metadata#auditLogs/directoryAudits") {
        return Looks::SignInLog(Recognised::Audit);
    }
    Looks::Document
}

/// Tells a log by a record that begins anywhere in a damaged head. Other objects begin alike, so names that only sign-ins have must
/// be there too.
fn by_starts(head: &[u8]) -> Option<Looks> {
    let begins = StartPattern::usual().iter().any(|pattern| pattern.find(head).is_some());
    begins.then(|| by_first_names(head)).flatten()
}

/// Tells a sign-in by the names in a head that holds no whole record.
fn by_first_names(head: &[u8]) -> Option<Looks> {
    let has = |name: &str| {
        let quoted = format!("\"{name}\"");
        memchr::memmem::find(head, quoted.as_bytes()).is_some()
    };
    if has("createdDateTime") && has("userPrincipalName") && (has("clientAppUsed") || has("correlationId")) {
        return Some(Looks::SignInLog(Recognised::Graph));
    }
    if has("category") && has("properties") && has("callerIpAddress") {
        return Some(Looks::SignInLog(Recognised::Diagnostic));
    }
    if has("activityDisplayName") && has("targetResources") {
        return Some(Looks::SignInLog(Recognised::Audit));
    }
    if has("CreationTime") && has("Operation") && has("RecordType") {
        return Some(Looks::SignInLog(Recognised::UnifiedAudit));
    }
    None
}

/// The kind of a JSON document that is neither a log nor configuration, in words.
pub fn foreign_document(json: &Json) -> &'static str {
    if json.get("log").has("entries") {
        "a browser trace (HAR), which is no tenant snapshot"
    } else if is_summary(json) {
        SUMMARY
    } else if json.has("tables") && json.get("tables").items().iter().any(|table| table.has("columns")) {
        "a Log Analytics answer without rows of sign-ins"
    } else {
        "JSON of a kind this program does not know"
    }
}

/// Whether a document is rows that were summarised from sign-ins.
fn is_summary(json: &Json) -> bool {
    let row = json.items().first().unwrap_or(json);
    let names_table = row.get("Type").text().is_some_and(log_analytics::names_table);
    names_table || log_analytics::is_summary(row.members().iter().map(|(name, _)| name.as_str()))
}
