//! Reads browser traces: HAR files, Fiddler's archives, and `Set-Cookie` lines that somebody pasted.
//!
//! A trace holds what opens a session: values of cookies, tokens, passwords. Invariant: of an entry only names of cookies, their
//! ends, checked ids, numbers and hosts outlive the reading of that entry; its bytes are wiped. What is said of an error never
//! quotes the entry.

use std::collections::BTreeSet;

use chrono::DateTime;
use zeroize::Zeroize;

use crate::domain::Json;
use crate::domain::trace::{Endpoint, TraceEvent};

use super::inventory::{FileKind, FileReport, Problem};

pub mod address;
pub mod cookie;
pub mod exchange;
pub mod har;
pub mod pasted;
pub mod saz;

/// What is gathered while one trace is read.
#[derive(Debug, Default)]
pub struct TraceReader {
    /// The events so far.
    pub events: Vec<TraceEvent>,
    /// How many requests were looked at, of any host.
    pub requests: u64,
    /// How many events there may be, at most.
    most: usize,
    /// How many events there were beyond that.
    left_out: u64,
    /// The hosts to which the service sent the browser for federation.
    providers: BTreeSet<String>,
    /// Whether any entry of the file shows a cookie.
    shows_cookies: bool,
    /// For each event, whether the request's headers are there.
    has_request_headers: Vec<bool>,
    /// The cookies whose end cannot be told.
    ends_unknown: Vec<&'static str>,
    without_time: u64,
}

impl TraceReader {
    /// A reader that keeps up to `most` events.
    pub fn new(most: usize) -> TraceReader {
        TraceReader { most, ..TraceReader::default() }
    }

    /// Ends the reading of a file: says in the report what the trace is and lacks, and hands the events out.
    pub fn finish(mut self, report: &mut FileReport) -> Vec<TraceEvent> {
        report.kind = FileKind::Trace;
        report.records = self.events.len() as u64;
        let mut times = self.events.iter().filter_map(|event| event.at);
        if let Some(first) = times.next() {
            let (first, last) = times.fold((first, first), |(low, high), at| (low.min(at), high.max(at)));
            report.first = Some(first.timestamp_millis());
            report.last = Some(last.timestamp_millis());
        }
        // A tool that leaves cookies out leaves all of them out.
        for (event, has_headers) in self.events.iter_mut().zip(&self.has_request_headers) {
            event.shows_cookies |= self.shows_cookies && *has_headers;
        }
        let to_service = self.events.iter().any(|event| event.endpoint != Endpoint::FederationProvider);
        if !to_service {
            report.note(Problem::warning("no request of the trace goes to the sign-in service"));
        } else if !self.shows_cookies {
            report.note(Problem::warning(
                "the trace shows no cookies at all, as when a tool leaves them out: nothing follows from there being none",
            ));
        }
        if self.without_time > 0 {
            report.note(Problem::warning(format!("{} have no time", counted(self.without_time, "request"))));
        }
        let ends: BTreeSet<&str> = self.ends_unknown.iter().copied().collect();
        for name in ends {
            report.note(Problem::warning(format!("the end of a cookie `{name}` cannot be read: it is left out")));
        }
        if self.left_out > 0 {
            let left_out = counted(self.left_out, "request");
            report.note(Problem::warning(format!("too many requests for one case: {left_out} are left out")));
        }
        let tenants: BTreeSet<&str> = self.events.iter().filter_map(|event| event.tenant.as_deref()).collect();
        if !tenants.is_empty() {
            const MOST: usize = 10;
            let mut words = tenants.iter().take(MOST).copied().collect::<Vec<_>>().join(", ");
            if tenants.len() > MOST {
                words.push_str(&format!(" and {} more", tenants.len() - MOST));
            }
            report.note(Problem::warning(format!("tenants in the addresses: {words}")));
        }
        self.events
    }
}

/// A number with its noun.
fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The instant of a trace; nothing for what is no instant.
fn instant(text: &str) -> Option<chrono::DateTime<chrono::Utc>> {
    const LONGEST: usize = 64;
    let text = text.trim();
    let zoned = || DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(|at| at.to_utc());
    (text.len() <= LONGEST).then(|| zoned().or_else(|| super::dates::read_date(text)))?
}

/// A name that a tool gives itself, without what does not belong in one.
fn tool_name(text: &str, longest: usize) -> String {
    let fits = |c: &char| c.is_ascii_alphanumeric() || " .-_()".contains(*c);
    text.chars().filter(fits).take(longest).collect::<String>().trim().to_owned()
}

/// A tree of an entry that is wiped when it is dropped.
struct Wiped(Json);

impl Drop for Wiped {
    fn drop(&mut self) {
        fn wipe(json: &mut Json) {
            match json {
                Json::Text(text) => text.zeroize(),
                Json::List(items) => items.iter_mut().for_each(wipe),
                Json::Object(members) => members.iter_mut().for_each(|(name, value)| {
                    name.zeroize();
                    wipe(value);
                }),
                Json::Null | Json::Bool(_) | Json::Number(_) => {}
            }
        }
        wipe(&mut self.0);
    }
}
