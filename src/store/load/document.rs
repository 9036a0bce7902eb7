//! Reads a JSON file that is no log, for the snapshot.

use std::sync::Arc;

use crate::domain::Json;
use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::recipients;
use crate::store::record;
use crate::store::snapshot;
use crate::store::sniff::{self, TextEncoding};
use crate::store::source::Bytes;
use crate::store::split::{Piece, Splitter};

/// A larger document is not read as a snapshot.
const LARGEST_DOCUMENT: u64 = 128 * 1024 * 1024;

/// Reads a JSON file that is no log: one document or several in a row.
pub(super) fn read_document(bytes: &Bytes, name: &Arc<str>, builder: &mut snapshot::Builder, report: &mut FileReport) {
    if bytes.len() > LARGEST_DOCUMENT {
        report.format = "JSON, larger than a snapshot can be".to_owned();
        return report.note(Problem::file("not read: it is no sign-in log and larger than 128 MiB"));
    }
    let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
        Ok(content) => TextEncoding::of(&content).decode(&content),
        Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
    };
    let text = String::from_utf8_lossy(&content);
    let mut formats: Vec<String> = Vec::new();
    let mut foreign = None;
    let mut documents = serde_json::Deserializer::from_str(&text).into_iter::<Json>();
    while let Some(document) = documents.next() {
        match document {
            Ok(json) => {
                let mut tell = |format: String| {
                    if !formats.contains(&format) {
                        formats.push(format);
                    }
                };
                let of_tenant = builder.take(name, &json);
                let others = recipients::read_document(name, &json);
                if of_tenant.is_none() && others.recipients.is_empty() {
                    foreign = foreign.or(Some(sniff::foreign_document(&json)));
                }
                if let Some(taken) = of_tenant {
                    report.kind = FileKind::TenantSnapshot;
                    report.formats.extend(taken.words);
                    report.records += taken.objects;
                    report.unreadable += taken.unreadable;
                    taken.problems.into_iter().for_each(|problem| report.note(problem));
                    tell(taken.format);
                }
                if !others.recipients.is_empty() {
                    if report.kind == FileKind::Unknown {
                        report.kind = FileKind::Recipients;
                    }
                    report.formats.insert(recipients::Form::Document.word());
                    report.records += others.recipients.len() as u64;
                    others.problems.into_iter().for_each(|problem| report.note(problem));
                    tell(others.format);
                    builder.add_recipients(others.recipients);
                }
            }
            Err(error) => {
                report.note(Problem::file(format!("is no valid JSON: {error}")));
                report.unreadable += 1;
                foreign = foreign.or(Some("JSON that cannot be read to its end"));
                let rest = text.as_bytes().get(documents.byte_offset()..).unwrap_or_default();
                if let Some(taken) = builder.take_damaged(name, whole_objects(rest)) {
                    report.kind = FileKind::TenantSnapshot;
                    report.formats.extend(&taken.words);
                    report.records += taken.objects;
                    report.unreadable += taken.unreadable;
                    let places = "what can be read of it is read object by object, and pointers count these objects";
                    report.note(Problem::warning(places));
                    taken.problems.into_iter().for_each(|problem| report.note(problem));
                    formats.push(format!("{}, damaged", taken.format));
                }
                break;
            }
        }
    }
    report.format = if formats.is_empty() { foreign.unwrap_or("nothing").to_owned() } else { formats.join(" and ") };
    if report.kind == FileKind::Unknown && report.problems.is_empty() {
        report.note(Problem::file("skipped: it holds nothing this program reads"));
    }
}

/// The objects of a damaged list or page that are whole.
fn whole_objects(bytes: &[u8]) -> Vec<Json> {
    let (mut splitter, mut pieces) = (Splitter::default(), Vec::new());
    splitter.push(bytes, &mut pieces);
    splitter.finish(&mut pieces);
    let spans = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Record { start, end } => Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?),
        _ => None,
    });
    spans.filter_map(|span| record::read_json(bytes.get(span)?).ok()).collect()
}
