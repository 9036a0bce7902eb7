//! Defines the [`Index`]: what is kept of every record so that lists can be shown without reading the records again.
//!
//! An index grows by batches, and a row keeps its number. Rows keep positions, not contents; a record is read from its file when
//! it is looked at. Further records of a sign-in that is there already make no row: they fill it (`merge`).

mod merge;
mod people;
pub mod tries;

pub use merge::Spans;

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::domain::lockout::AttemptClass;
use crate::domain::merge::{Clock, Fullness};
use crate::domain::plain::Plain;
use crate::domain::sign_in::{ConditionalAccessStatus, EventKind};

/// Where a record's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file, as a number in [`Sources`](super::source::Sources).
    pub source: u32,
    /// The record's number in the file, counted from 0.
    pub number: u64,
    /// The offset of its first byte in the (decoded) file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u32,
}

/// What is kept of one record, before its texts are interned.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Where the record is.
    pub span: Span,
    /// The request id.
    pub id: String,
    /// Milliseconds since 1970 UTC; `None` when the date cannot be read.
    pub time: Option<i64>,
    /// Who signed in.
    pub who: Who,
    /// The error code; `None` when the record carries none.
    pub error_code: Option<i64>,
    /// What it is to smart lockout.
    pub class: AttemptClass,
    /// What Conditional Access came to.
    pub conditional_access: Option<ConditionalAccessStatus>,
    /// The application's name, or its id where no name is known.
    pub app: String,
    /// The resource's name, or its id where no name is known.
    pub resource: String,
    /// The kind of client.
    pub client: String,
    /// Where the address is, as one text.
    pub place: String,
    /// The address.
    pub ip: String,
    /// The correlation id.
    pub correlation_id: String,
    /// The session id.
    pub session_id: String,
    /// Which log it belongs to.
    pub event_kind: EventKind,
    /// Whether any policy result in the record says failure.
    pub policy_failed: bool,
    /// How much the record says, by which the fullest of several is found.
    pub fullness: Fullness,
    /// Whether it is no sign-in by itself and only adds to the row of its id: it makes no row.
    pub is_supplement: bool,
}

/// Who signed in, as the index tells people apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// The object id, empty when there is none.
    pub id: String,
    /// The principal name, empty when there is none.
    pub principal_name: String,
    /// The display name, empty when there is none.
    pub display_name: String,
    /// What was typed to sign in, empty when the log has none.
    pub identifier: String,
    /// Whether this is a service principal or managed identity.
    pub is_service: bool,
}

impl Who {
    /// Whether the row gave no object id, or the one of nobody.
    fn has_no_id(&self) -> bool {
        self.id.is_empty() || self.id == "00000000-0000-0000-0000-000000000000"
    }

    /// The key under which one person's rows are gathered: the object id, since guests' principal names differ between log
    /// and directory; the principal name for accounts that do not exist.
    fn key(&self) -> String {
        if !self.has_no_id() {
            self.id.to_lowercase()
        } else if !self.principal_name.is_empty() {
            format!("name:{}", self.principal_name.to_lowercase())
        } else {
            format!("name:{}", self.display_name.to_lowercase())
        }
    }
}

/// A number for an interned text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(u32);

/// Texts that occur in many records, each kept once.
#[derive(Debug, Clone, Default)]
struct Names {
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, u32>,
}

impl Names {
    fn intern(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return Name(*number);
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.into());
        self.numbers.insert(text.into(), number);
        Name(number)
    }

    fn text(&self, name: Name) -> &str {
        self.texts.get(name.0 as usize).map_or("", |text| text)
    }
}

/// The number of a row in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

/// The number of a user in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UserKey(pub u32);

/// One sign-in in the index, from one record or several.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Where the record is; of several the fullest.
    pub span: Span,
    /// The request id.
    pub id: Box<str>,
    /// Milliseconds since 1970 UTC; `None` when the date cannot be read.
    pub time: Option<i64>,
    /// Who signed in.
    pub user: UserKey,
    /// The error code.
    pub error_code: Option<i64>,
    /// What it is to smart lockout.
    pub class: AttemptClass,
    /// What Conditional Access came to.
    pub conditional_access: Option<ConditionalAccessStatus>,
    /// The application's name.
    pub app: Name,
    /// The resource's name.
    pub resource: Name,
    /// The kind of client.
    pub client: Name,
    /// Where the address is.
    pub place: Name,
    /// The address.
    pub ip: Name,
    /// The correlation id.
    pub correlation_id: Name,
    /// The session id.
    pub session_id: Name,
    /// Which log it belongs to.
    pub event_kind: EventKind,
    /// Whether any policy result in the record says failure.
    pub policy_failed: bool,
    /// The name of the file.
    file: Name,
    /// How many values the record has.
    says: u32,
    /// Which values it has.
    filled: u64,
    /// How well the record knows the time.
    clock: Clock,
    /// The user by what the record itself gives, which may be no more than a name.
    given_user: UserKey,
    /// Whether it is among the rows that have to do with smart lockout, or was.
    is_listed: bool,
}

/// One user, with counts over the rows indexed so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct User {
    /// Who it is, with the names that the newest rows give.
    pub who: Who,
    /// How many rows.
    pub sign_ins: usize,
    /// How many of them failed; interrupts are not failures.
    pub failures: usize,
    /// How many of them were steps of a longer sign-in.
    pub interrupts: usize,
    /// The earliest row, in milliseconds since 1970 UTC.
    pub first: Option<i64>,
    /// The latest row, in milliseconds since 1970 UTC.
    pub last: Option<i64>,
    rows: Vec<RowId>,
    /// The times of the rows that gave the principal name, the display name and the sign-in identifier.
    named_at: [Option<i64>; 3],
}

/// How a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A sign-in that came through.
    SignIn,
    /// A failure.
    Failure,
    /// A step of a longer sign-in.
    Interrupt,
}

/// What is kept of every record of every log.
#[derive(Debug, Clone, Default)]
pub struct Index {
    rows: Vec<Row>,
    users: Vec<User>,
    keys: HashMap<String, UserKey>,
    /// The users with an object id who go by a principal name, which is in lower case.
    named: HashMap<String, Vec<UserKey>>,
    names: Names,
    /// The first row of each request id in lower case.
    by_id: HashMap<Box<str>, RowId>,
    by_correlation: HashMap<Name, Vec<RowId>>,
    by_session: HashMap<Name, Vec<RowId>>,
    attempts: Vec<RowId>,
    merged: merge::Merged,
}

impl Index {
    /// Adds a batch of records. Row numbers already given stay valid.
    pub fn append(&mut self, batch: Vec<Entry>) {
        for entry in batch {
            self.push(entry);
        }
    }

    fn push(&mut self, entry: Entry) {
        if entry.is_supplement {
            return self.merged.wait(&entry);
        }
        self.merged.count();
        let row = self.row_of(entry);
        let id = row.id.to_ascii_lowercase();
        match self.by_id.get(id.as_str()).copied().filter(|_| !id.is_empty()) {
            Some(first) => self.join(first, row),
            None => {
                let number = self.add(row);
                if !id.is_empty() {
                    self.by_id.insert(id.into(), number);
                }
            }
        }
    }

    /// What is kept of a record, with its texts interned.
    fn row_of(&mut self, entry: Entry) -> Row {
        let given_user = self.user_for(&entry.who, entry.time);
        Row {
            span: entry.span,
            id: entry.id.into_boxed_str(),
            time: entry.time,
            user: self.known_as(given_user),
            given_user,
            error_code: entry.error_code,
            class: entry.class,
            conditional_access: entry.conditional_access,
            app: self.names.intern(&entry.app),
            resource: self.names.intern(&entry.resource),
            client: self.names.intern(&entry.client),
            place: self.names.intern(&entry.place),
            ip: self.names.intern(&entry.ip),
            correlation_id: self.names.intern(&entry.correlation_id),
            session_id: self.names.intern(&entry.session_id),
            event_kind: entry.event_kind,
            policy_failed: entry.policy_failed,
            file: self.names.intern(&entry.fullness.file),
            says: entry.fullness.says,
            filled: entry.fullness.filled,
            clock: entry.fullness.clock,
            is_listed: entry.class != AttemptClass::Neutral,
        }
    }

    /// Adds a row of its own.
    fn add(&mut self, row: Row) -> RowId {
        let number = RowId(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.link(number, &row);
        self.rows.push(row);
        number
    }

    /// Notes a row under its user, its ids and what it is to lockouts.
    fn link(&mut self, number: RowId, row: &Row) {
        if let Some(person) = self.users.get_mut(row.user.0 as usize) {
            person.count(row);
            person.rows.push(number);
        }
        if !self.names.text(row.correlation_id).is_empty() {
            self.by_correlation.entry(row.correlation_id).or_default().push(number);
        }
        if !self.names.text(row.session_id).is_empty() {
            self.by_session.entry(row.session_id).or_default().push(number);
        }
        if row.is_listed {
            self.attempts.push(number);
        }
    }

    /// How many records are indexed.
    pub fn len(&self) -> usize {
        self.rows.len() - self.count_gone()
    }

    /// Whether no record is indexed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of that number.
    pub fn row(&self, row: RowId) -> Option<&Row> {
        self.rows.get(self.standing(row).0 as usize)
    }

    /// All rows in the order in which they were read.
    pub fn rows(&self) -> impl Iterator<Item = (RowId, &Row)> {
        let numbered = self.rows.iter().enumerate();
        numbered
            .map(|(number, row)| (RowId(u32::try_from(number).unwrap_or(u32::MAX)), row))
            .filter(|(number, _)| !self.is_gone(*number))
    }

    /// The text behind an interned name.
    pub fn text(&self, name: Name) -> &str {
        self.names.text(name)
    }

    /// All users in the order in which they were first met. Whose rows all turned out to be somebody else's is none.
    pub fn users(&self) -> impl Iterator<Item = (UserKey, &User)> {
        let numbered = self.users.iter().enumerate();
        numbered
            .filter(|(_, user)| !user.rows.is_empty())
            .map(|(number, user)| (UserKey(u32::try_from(number).unwrap_or(u32::MAX)), user))
    }

    /// The user of that number.
    pub fn user(&self, user: UserKey) -> Option<&User> {
        self.users.get(user.0 as usize)
    }

    /// A user's rows, newest first; rows without a time come last; rows of one instant keep the order of the file, and files that of
    /// their names.
    pub fn rows_of(&self, user: UserKey) -> Vec<RowId> {
        let mut rows = self.user(user).map(|person| person.rows.clone()).unwrap_or_default();
        let time = |id: RowId| self.row(id).and_then(|row| row.time);
        rows.sort_by(|a, b| time(*b).cmp(&time(*a)).then_with(|| self.order_in_files(*a, *b)));
        rows
    }

    /// Brings rows in the order of time, the oldest first.
    fn oldest_first(&self, rows: &mut [RowId]) {
        let time = |id: RowId| self.row(id).and_then(|row| row.time);
        rows.sort_by(|a, b| time(*a).cmp(&time(*b)).then_with(|| self.order_in_files(*a, *b)));
    }

    /// The order of rows of one instant, which must not depend on the order in which files are opened.
    fn order_in_files(&self, a: RowId, b: RowId) -> Ordering {
        let place = |id: RowId| self.row(id).map(|row| (self.text(row.file), row.span.number));
        place(a).cmp(&place(b))
    }

    /// The rows of all users that have to do with smart lockout, in the order in which they were read.
    pub fn attempts(&self) -> impl Iterator<Item = &Row> {
        self.attempts.iter().filter_map(|id| self.row(*id)).filter(|row| row.class != AttemptClass::Neutral)
    }

    /// The row with that request id; of several the one in which the request ended.
    pub fn find_id(&self, id: &str) -> Option<RowId> {
        let first = self.by_id.get(id.to_ascii_lowercase().as_str()).copied()?;
        self.last_of_request(first)
    }

    /// The rows with that correlation id, oldest first.
    pub fn find_correlation(&self, correlation_id: &str) -> Vec<RowId> {
        let name = self.names.numbers.get(correlation_id);
        let mut rows = name.and_then(|number| self.by_correlation.get(&Name(*number))).cloned().unwrap_or_default();
        self.oldest_first(&mut rows);
        rows
    }

    /// The rows of the same attempt, oldest first: the same correlation id and user. The row itself is among them.
    pub fn attempt_of(&self, row_id: RowId) -> Vec<RowId> {
        let Some(row) = self.row(row_id) else { return Vec::new() };
        let mut rows = self.by_correlation.get(&row.correlation_id).cloned().unwrap_or_default();
        rows.retain(|other| self.row(*other).is_some_and(|other| other.user == row.user));
        if rows.is_empty() {
            rows.push(row_id);
        }
        self.oldest_first(&mut rows);
        rows
    }

    /// The rows of the same attempt that are nearest in time, at most so many: a client may give one correlation id to everything.
    pub fn attempt_near(&self, row_id: RowId, most: usize) -> Vec<RowId> {
        let rows = self.attempt_of(row_id);
        let at = rows.iter().position(|row| *row == row_id).unwrap_or(0);
        let first = at.saturating_sub(most / 2).min(rows.len().saturating_sub(most));
        rows.into_iter().skip(first).take(most).collect()
    }

    /// The rows of the same session, oldest first; empty when the row names no session.
    pub fn session_of(&self, row_id: RowId) -> Vec<RowId> {
        let Some(row) = self.row(row_id) else { return Vec::new() };
        let mut rows = self.by_session.get(&row.session_id).cloned().unwrap_or_default();
        self.oldest_first(&mut rows);
        rows
    }

    /// The times of the earliest and the latest record, in milliseconds since 1970 UTC.
    pub fn span_of_time(&self) -> Option<(i64, i64)> {
        let mut times = self.users.iter().flat_map(|user| [user.first, user.last]).flatten();
        let first = times.next()?;
        Some(times.fold((first, first), |(low, high), time| (low.min(time), high.max(time))))
    }

    /// The users that a request of `--user` means: those whose object id, principal name, display name or sign-in
    /// identifier is the text, without regard to case and accents; when there is none, those that contain it.
    pub fn find_users(&self, wanted: &str) -> Vec<UserKey> {
        let wanted = fold(wanted.trim());
        let names = |user: &User| {
            [&user.who.id, &user.who.principal_name, &user.who.display_name, &user.who.identifier]
                .map(|name| fold(name))
        };
        let exact: Vec<UserKey> =
            self.users().filter(|(_, user)| names(user).contains(&wanted)).map(|(key, _)| key).collect();
        if !exact.is_empty() || wanted.is_empty() {
            return exact;
        }
        self.users()
            .filter(|(_, user)| names(user).iter().any(|name| name.contains(&wanted)))
            .map(|(key, _)| key)
            .collect()
    }
}

impl Row {
    /// How it counts in the list of users.
    fn counted(&self) -> Counted {
        counted(self.error_code, self.conditional_access.as_ref(), self.event_kind)
    }
}

/// How a row counts in the list of users: by the class of its error code, and a success that Conditional Access failed
/// (Exchange ActiveSync) as a failure.
pub fn counted(
    error_code: Option<i64>,
    conditional_access: Option<&ConditionalAccessStatus>,
    event_kind: EventKind,
) -> Counted {
    let is_silent = event_kind != EventKind::Interactive && event_kind != EventKind::Unknown;
    match error_code {
        Some(0) if conditional_access == Some(&ConditionalAccessStatus::Failure) => Counted::Failure,
        Some(0) | None => Counted::SignIn,
        Some(code) if crate::domain::error_code::is_interrupt(code, is_silent) => Counted::Interrupt,
        Some(_) => Counted::Failure,
    }
}

fn fold(name: &str) -> String {
    Plain::of(name).text
}
