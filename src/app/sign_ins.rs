//! Defines [`SignInList`], the sign-ins of one user on the screen, and the words of a row.

use crate::domain::sign_in::{ConditionalAccessStatus, EventKind};
use crate::explain::outline::Mark;
use crate::explain::reason_word;
use crate::store::index::{Counted, Index, Row, RowId, UserKey, counted};

use super::clock::Clock;
use super::finder::contains_words;
use super::list::List;

/// The sign-ins of the selected user, newest first.
#[derive(Debug, Default)]
pub struct SignInList {
    /// The list.
    pub list: List<RowId>,
    /// Whose sign-ins they are.
    pub user: Option<UserKey>,
}

impl SignInList {
    /// Brings the list up to date with the index, the user and the filter.
    pub fn refresh(&mut self, index: &Index, clock: &Clock) {
        let mut rows = self.user.map(|user| index.rows_of(user)).unwrap_or_default();
        self.list.total = rows.len();
        if !self.list.query.trim().is_empty() {
            let fits = |row: &Row| contains_words(&self.list.query, &searched(index, row, clock));
            rows.retain(|id| index.row(*id).is_some_and(fits));
        }
        self.list.items = rows;
    }
}

/// What one row of the list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowWords {
    /// When.
    pub time: String,
    /// The application, shortened.
    pub app: String,
    /// The kind of client, shortened.
    pub client: String,
    /// How the row ended, with its sign.
    pub status: (Mark, String),
    /// What Conditional Access came to, with its sign.
    pub access: (Mark, String),
    /// Where from.
    pub place: String,
    /// Why, in a word or two.
    pub reason: String,
}

/// The words of a row.
pub fn row_words(index: &Index, row: &Row, clock: &Clock) -> RowWords {
    let app = [row.app, row.resource].into_iter().map(|name| index.text(name)).find(|name| !name.is_empty());
    RowWords {
        time: clock.short(row.time),
        app: short_app(app.unwrap_or("")).to_owned(),
        client: short_client(index.text(row.client), row.event_kind).to_owned(),
        status: status(row),
        access: access(row.conditional_access.as_ref()),
        place: index.text(row.place).to_owned(),
        reason: reason_word(row.error_code, row.conditional_access.as_ref(), index.text(row.client), row.event_kind),
    }
}

/// Whether the row counts as a failure, a success that Conditional Access failed included.
pub fn is_failure(row: &Row) -> bool {
    ending(row) == Counted::Failure
}

/// How the row counts among failures, interrupts and the rest.
pub fn ending(row: &Row) -> Counted {
    counted(row.error_code, row.conditional_access.as_ref(), row.event_kind)
}

fn status(row: &Row) -> (Mark, String) {
    match (row.error_code, ending(row)) {
        (None, _) => (Mark::Unknown, "no code".to_owned()),
        (Some(0), _) => (Mark::Good, "ok".to_owned()),
        (Some(code), Counted::Interrupt) => (Mark::Step, code.to_string()),
        (Some(code), _) => (Mark::Bad, code.to_string()),
    }
}

fn access(status: Option<&ConditionalAccessStatus>) -> (Mark, String) {
    match status {
        None => (Mark::None, String::new()),
        Some(ConditionalAccessStatus::Success) => (Mark::Good, "passed".to_owned()),
        Some(ConditionalAccessStatus::Failure) => (Mark::Bad, "failed".to_owned()),
        Some(ConditionalAccessStatus::NotApplied) => (Mark::Idle, "none".to_owned()),
        Some(ConditionalAccessStatus::Other(word)) => (Mark::Unknown, word.clone()),
    }
}

/// The name of an application without the words that many of Microsoft's share, which would fill the column.
fn short_app(app: &str) -> &str {
    let short = app.strip_prefix("Microsoft ").unwrap_or(app);
    let short = short.strip_prefix("Office 365 ").unwrap_or(short);
    short.strip_suffix(" Online").unwrap_or(short)
}

/// The log's long names for kinds of clients, and words that fit a column.
const CLIENTS: [(&str, &str); 8] = [
    ("browser", "browser"),
    ("mobile apps and desktop clients", "app"),
    ("exchange activesync", "EAS"),
    ("authenticated smtp", "SMTP"),
    ("exchange web services", "EWS"),
    ("mapi over http", "MAPI"),
    ("imap", "IMAP"),
    ("pop", "POP"),
];

fn short_client(client: &str, kind: EventKind) -> &str {
    let lower = client.to_ascii_lowercase();
    let known = CLIENTS.iter().find(|(long, _)| lower.starts_with(long)).map(|(_, short)| *short);
    match (known, kind) {
        (Some(short), _) => short,
        (None, EventKind::ServicePrincipal | EventKind::ManagedIdentity) if client.is_empty() => "service",
        (None, _) => client,
    }
}

/// Everything of a row that the filter looks at.
fn searched(index: &Index, row: &Row, clock: &Clock) -> String {
    let words = row_words(index, row, clock);
    let ending = match ending(row) {
        Counted::Failure => "failed failure",
        Counted::Interrupt => "interrupt interrupted step",
        Counted::SignIn => "success",
    };
    let code = row.error_code.map(|code| code.to_string()).unwrap_or_default();
    let access = row.conditional_access.as_ref().map_or("", |status| status.word());
    let names = [row.app, row.resource, row.client, row.place, row.ip, row.correlation_id, row.session_id];
    let names: Vec<&str> = names.into_iter().map(|name| index.text(name)).collect();
    let rest =
        [clock.full(row.time).as_str(), ending, &code, access, &words.status.1, &words.client, &words.reason, &row.id]
            .join(" ");
    format!("{rest} {}", names.join(" "))
}
