//! Reads recipients: what holds addresses, from the dumps and exports that people send of it.
//!
//! A file is PowerShell's list text (`list`, `value`, `command`), a table (`table`), LDIF (`ldif`) or Exchange's JSON (`document`). Each
//! reader makes objects with names as written, of which `object` makes recipients: it finds a value under the name of any export
//! (`fields`) and tells where the object stands and what it is (`standing`). Snapshots hand their users, groups and contacts to
//! the same function.
//!
//! The names that evidence may ask for are Graph's; where Graph has none, Exchange's with a small first letter
//! (`externalDirectoryObjectId`, `windowsLiveID`, `recipientTypeDetails`) or Active Directory's (`targetAddress`, `legacyExchangeDN`).
//!
//! INVARIANT: nothing is merged and nothing is filled in. One object of one export is one recipient.

mod addresses;
mod command;
mod document;
mod errors;
mod fields;
mod guid;
mod ldif;
mod list;
mod object;
mod standing;
mod table;
mod value;

use std::ops::Range;
use std::sync::Arc;

use crate::domain::Json;
use crate::domain::recipient::{Recipient, RecipientKind};
use crate::store::inventory::Problem;

use object::Written;
use table::Table;

/// The form of an export of recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// PowerShell's list text, with prose around it or without.
    List,
    /// CSV.
    Table,
    /// LDIF.
    Ldif,
    /// Exchange's objects as JSON.
    Document,
    /// Graph's or the AzureAD module's objects as JSON, which the snapshot reads too.
    Snapshot,
}

impl Form {
    /// Its word in the catalogue of formats.
    pub fn word(self) -> &'static str {
        match self {
            Form::List => "recipientsList",
            Form::Table => "recipientsCsv",
            Form::Ldif => "recipientsLdif",
            Form::Document => "recipientsJson",
            Form::Snapshot => "snapshot",
        }
    }
}

/// What a file says of recipients.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taken {
    /// The recipients, in the order of the file.
    pub recipients: Vec<Recipient>,
    /// The shape of the file, in words.
    pub format: String,
    /// How many objects could not be read.
    pub unreadable: u64,
    /// What is wrong with the file or its objects.
    pub problems: Vec<Problem>,
    /// Where the objects stand in a text, in bytes.
    pub places: Vec<Range<usize>>,
}

/// Tells by its head whether a text holds recipients, and in which form.
pub fn look(text: &str) -> Option<Form> {
    if ldif::looks_like_ldif(text) {
        Some(Form::Ldif)
    } else if Table::of(text).is_some() {
        Some(Form::Table)
    } else {
        (!list::find_dumps(text).dumps.is_empty()).then_some(Form::List)
    }
}

/// Reads the recipients of a text. JSON is read by others.
pub fn read(form: Form, file: &Arc<str>, text: &str) -> Taken {
    match form {
        Form::List => read_list(file, text),
        Form::Table => read_table(file, text),
        Form::Ldif => read_ldif(file, text),
        Form::Document | Form::Snapshot => Taken::default(),
    }
}

/// Reads the recipients of Exchange and Active Directory in a JSON document; none when there are none.
pub fn read_document(file: &Arc<str>, json: &Json) -> Taken {
    let mut taken = Taken::default();
    for (pointer, json) in document::find_objects(json) {
        let written = Written { record: None, pointer: &pointer, ..Written::of_text(file, 0, json, Form::Document) };
        taken.add(object::recipient(written), || format!("the object at `{pointer}`"));
    }
    taken.format = format!("JSON: {}", counted(&taken.recipients));
    taken
}

/// Reads a user, group or contact of a snapshot; `None` when it holds no address. What its place in the snapshot tells of it counts
/// before its properties.
pub fn read_entra(
    file: &Arc<str>,
    json: &Json,
    pointer: &str,
    told: RecipientKind,
    is_deleted: bool,
) -> Option<Recipient> {
    let written = Written { record: None, pointer, ..Written::of_text(file, 0, json, Form::Snapshot) };
    let mut recipient = object::recipient(written);
    recipient.is_deleted |= is_deleted;
    if told != RecipientKind::Unknown {
        recipient.kind = told;
    }
    let names = [&recipient.principal_name, &recipient.mail, &recipient.target_address];
    let holds = names.iter().any(|name| name.is_some()) || !recipient.addresses.is_empty() || recipient.is_cut;
    (holds || !recipient.errors.is_empty()).then_some(recipient)
}

fn read_list(file: &Arc<str>, text: &str) -> Taken {
    let found = list::find_dumps(text);
    let mut taken = Taken { places: found.places, ..Taken::default() };
    for (number, dump) in found.dumps.iter().enumerate() {
        let written = Written {
            cut: &dump.cut,
            command: dump.command.as_ref(),
            ..Written::of_text(file, number, &dump.json, Form::List)
        };
        taken.add(object::recipient(written), || format!("the object on line {}", dump.line));
    }
    for line in found.repeated {
        let words = format!("line {line}: what stands there repeats an object of this text and is not counted again");
        taken.problems.push(Problem::warning(words));
    }
    taken.format = format!("PowerShell list: {}", counted(&taken.recipients));
    taken
}

/// Whether nothing is known of an object but errors and whose they are.
fn is_only_errors(recipient: &Recipient) -> bool {
    !recipient.errors.is_empty() && recipient.kind == RecipientKind::Unknown && recipient.addresses.is_empty()
}

fn read_table(file: &Arc<str>, text: &str) -> Taken {
    let mut taken = Taken { format: "CSV of recipients".to_owned(), ..Taken::default() };
    let Some(table) = Table::of(text) else { return taken };
    for (number, row) in table.rows(text).into_iter().enumerate() {
        match row.json {
            Ok(json) => {
                let written = Written { cut: &row.cut, ..Written::of_text(file, number, &json, Form::Table) };
                taken.add(object::recipient(written), || format!("the row on line {}", row.line));
            }
            Err(reason) => taken.refuse(number, format!("the row on line {}: {reason}", row.line)),
        }
    }
    taken
}

fn read_ldif(file: &Arc<str>, text: &str) -> Taken {
    let mut taken = Taken { format: "LDIF of recipients".to_owned(), ..Taken::default() };
    let entries = ldif::read_entries(text);
    for (number, entry) in entries.found.iter().enumerate() {
        let written = Written { cut: &entry.cut, ..Written::of_text(file, number, &entry.json, Form::Ldif) };
        taken.add(object::recipient(written), || format!("the entry on line {}", entry.line));
    }
    if entries.others > 0 {
        let words =
            if entries.others == 1 { "1 entry holds".to_owned() } else { format!("{} entries hold", entries.others) };
        taken.problems.push(Problem::warning(format!("{words} no addresses and are no recipients")));
    }
    for line in entries.unreadable {
        taken.problems.push(Problem::warning(format!("line {line} is no attribute: it is left out")));
    }
    taken
}

impl Taken {
    /// Notes an object that cannot be read.
    fn refuse(&mut self, number: usize, reason: String) {
        self.unreadable += 1;
        self.problems.push(Problem { record: Some(number as u64), ..Problem::file(reason) });
    }

    /// Whether there are errors and nothing else.
    pub fn holds_only_errors(&self) -> bool {
        !self.recipients.is_empty() && self.recipients.iter().all(is_only_errors)
    }

    /// Adds a recipient and notes what keeps it from being whole.
    fn add(&mut self, recipient: Recipient, place: impl Fn() -> String) {
        let mut warn = |words: String| {
            let record = recipient.origin.record;
            self.problems.push(Problem { record, ..Problem::warning(words) });
        };
        if recipient.is_cut {
            let how = if recipient.is_lost {
                "in the place of its list of addresses stands the name of a type: all of them are missing"
            } else {
                "its list of addresses was cut: others may be missing"
            };
            warn(format!("{} (`{}`): {how}", place(), recipient.shown()));
        }
        let is_nobody = recipient.id.is_empty() && recipient.shown().starts_with("an object");
        if is_nobody && !recipient.errors.is_empty() {
            warn(format!("{}: nothing says whose errors these are", place()));
        }
        self.recipients.push(recipient);
    }
}

/// How many recipients there are, and of how many objects there are only errors.
fn counted(recipients: &[Recipient]) -> String {
    let errors = recipients.iter().filter(|recipient| is_only_errors(recipient)).count();
    let words = |number: usize, one: &str| match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        number => Some(format!("{number} {one}s")),
    };
    let objects = words(recipients.len() - errors, "recipient");
    let errors = words(errors, "object").map(|objects| format!("provisioning errors of {objects}"));
    let parts: Vec<String> = objects.into_iter().chain(errors).collect();
    if parts.is_empty() { "no recipients".to_owned() } else { parts.join(" and ") }
}
