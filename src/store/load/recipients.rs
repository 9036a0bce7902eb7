//! Takes recipients in.

use std::ops::Range;
use std::sync::Arc;

use crate::store::inventory::{FileKind, FileReport, Problem};
use crate::store::recipients::{self, Form, Taken};
use crate::store::source::Bytes;

use super::Loader;

/// A larger text is not read as recipients.
const LARGEST_TEXT: u64 = 128 * 1024 * 1024;

impl Loader<'_> {
    /// Reads a text that holds recipients.
    pub(super) fn recipients(&mut self, name: &str, bytes: &Bytes, form: Form, report: &mut FileReport) {
        report.kind = FileKind::Recipients;
        report.formats.insert(form.word());
        if bytes.len() > LARGEST_TEXT {
            report.format = "recipients, larger than such a text can be".to_owned();
            return report.note(Problem::file("not read: a text of recipients larger than 128 MiB"));
        }
        let content = match bytes.read(0, usize::try_from(bytes.len()).unwrap_or(usize::MAX)) {
            Ok(content) => content,
            Err(error) => return report.note(Problem::file(format!("cannot be read: {error}"))),
        };
        let text = String::from_utf8_lossy(&content);
        let taken = recipients::read(form, &Arc::from(name), text.trim_start_matches('\u{feff}'));
        report.format.clone_from(&taken.format);
        report.records = taken.recipients.len() as u64;
        if taken.holds_only_errors() {
            report.kind = FileKind::ProvisioningErrors;
        }
        self.take_recipients(taken, report);
    }

    /// Reads the recipients in a text that holds sign-ins or cookies too, and says in which bytes they stand.
    pub(super) fn pasted_recipients(&mut self, name: &str, text: &str, report: &mut FileReport) -> Vec<Range<usize>> {
        let mut taken = recipients::read(Form::List, &Arc::from(name), text);
        if taken.recipients.is_empty() {
            return Vec::new();
        }
        report.format = format!("{}, and {}", report.format, taken.format);
        report.formats.insert(Form::List.word());
        let places = std::mem::take(&mut taken.places);
        self.take_recipients(taken, report);
        places
    }

    fn take_recipients(&mut self, taken: Taken, report: &mut FileReport) {
        report.unreadable += taken.unreadable;
        taken.problems.into_iter().for_each(|problem| report.note(problem));
        self.builder.add_recipients(taken.recipients);
    }
}
