//! Indexes the rows of a log that lie in one JSON document.

use crate::store::answer;
use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::record::read_json;
use crate::store::sniff::TextEncoding;
use crate::store::source::Bytes;

use super::Loader;

/// A larger document is not read: it is held in memory three times over.
const LARGEST_ANSWER: u64 = 256 * 1024 * 1024;

impl Loader<'_> {
    /// Indexes the rows of an answer, written out in memory.
    pub(super) fn answer(&mut self, name: &str, bytes: &Bytes, report: &mut FileReport) {
        report.kind = FileKind::SignInLog;
        report.format = "the answer of a search, not read".to_owned();
        if bytes.len() > LARGEST_ANSWER {
            let words = "not read: an answer of more than 256 MiB in one JSON document. Ask for it in parts, or one event a line";
            return report.note(Problem::file(words));
        }
        let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
            Ok(content) => TextEncoding::of(&content).decode(&content),
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        let lines = match read_json(content.trim_ascii()) {
            Ok(json) => answer::lines(&json),
            Err(error) => {
                report.unreadable += 1;
                return report
                    .note(Problem::file(format!("the answer is no valid JSON, so none of its rows is read: {error}")));
            }
        };
        match lines {
            Some(lines) => {
                report.note(Problem::warning("the rows lie in one answer: each is shown as an object of its own"));
                self.log(name, Bytes::InMemory(lines.into()), 0, report);
            }
            None => report.note(Problem::file("the answer holds no rows")),
        }
    }
}
