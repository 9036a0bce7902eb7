//! Gathers rows into sessions, and what else happened around them.

use std::collections::HashMap;

use chrono::Duration;

use super::ending::{self, UserEndingKind};
use super::usage::{Factor, Use, UseKind, is_plausible};
use super::{Beside, Happening, HappeningKind, Ledger, Persistence, Session, as_logged};
use crate::domain::history::{Version, What};
use crate::domain::snapshot::User;
use crate::domain::trace::{Endpoint, TraceEvent};
use crate::explain::explanation::Basis;
use crate::explain::version::differences;

/// The audit log notes a change of a policy shortly after the time that the policy carries; within this time the two are one event.
const ONE_EVENT: Duration = Duration::seconds(60);
/// How many differences of a policy are told on its edit.
const MOST_DIFFERENCES: usize = 2;
/// Rows of one attempt follow each other within this time. Some clients give one correlation id to everything they do.
pub(super) const ONE_ATTEMPT: Duration = Duration::minutes(30);

/// Gathers the rows, which are in order, into sessions: by the session id, else by device, browser or app, and place, anew at every
/// first factor that was given.
pub(super) fn sessions(ledger: &mut Ledger) {
    let mut by_id: HashMap<String, usize> = HashMap::new();
    let mut by_seat: HashMap<String, usize> = HashMap::new();
    let mut gathered: Vec<Vec<usize>> = Vec::new();
    for (number, row) in ledger.uses.iter().enumerate() {
        let place = match &row.session_id {
            Some(id) => by_id.entry(id.clone()).or_insert(gathered.len()),
            None => {
                let open = by_seat.entry(row.seat.key.clone()).or_insert(gathered.len());
                let last = gathered.get(*open).and_then(|rows| ledger.uses.get(*rows.last()?));
                let is_new = row.first == Factor::Given && last.is_some_and(|last| !is_one_attempt(last, row));
                if is_new {
                    *open = gathered.len();
                }
                open
            }
        };
        if *place == gathered.len() {
            gathered.push(Vec::new());
        }
        if let Some(rows) = gathered.get_mut(*place) {
            rows.push(number);
        }
    }
    // Attempts that never came through began no session.
    let moves = |number: &usize| ledger.uses.get(*number).is_some_and(Use::moves_clocks);
    let mut sessions: Vec<Session> =
        gathered.into_iter().filter(|rows| rows.iter().any(moves)).filter_map(|rows| session(ledger, rows)).collect();
    sessions.sort_by_key(|session| session.root);
    for (number, session) in sessions.iter().enumerate() {
        for row in &session.uses {
            if let Some(row) = ledger.uses.get_mut(*row) {
                row.session = Some(number);
            }
        }
    }
    ledger.sessions = sessions;
}

/// Marks the rows whose attempt came through on a later row.
pub(super) fn attempts(ledger: &mut Ledger) {
    let mut came_through: HashMap<String, chrono::DateTime<chrono::Utc>> = HashMap::new();
    for row in ledger.uses.iter_mut().rev().filter(|row| !row.correlation_id.is_empty()) {
        if row.is_completed {
            came_through.insert(row.correlation_id.clone(), row.at);
        } else {
            let later = came_through.get(&row.correlation_id);
            row.is_completed = later.is_some_and(|later| *later - row.at <= ONE_ATTEMPT);
        }
    }
}

/// Whether two rows, the later one second, are steps of one attempt.
pub(super) fn is_one_attempt(earlier: &Use, later: &Use) -> bool {
    !later.correlation_id.is_empty()
        && later.correlation_id == earlier.correlation_id
        && later.at - earlier.at <= ONE_ATTEMPT
}

fn session(ledger: &Ledger, rows: Vec<usize>) -> Option<Session> {
    let row = |number: &usize| ledger.uses.get(*number);
    let moving: Vec<usize> = rows.iter().copied().filter(|number| row(number).is_some_and(Use::moves_clocks)).collect();
    let root = *moving.first()?;
    let first = ledger.uses.get(root)?;
    let last_use = *moving.last()?;
    // Rows of apps on the same device share the session of the browser or app that began it.
    let own = moving.iter().rev().filter_map(row).find(|row| row.client == first.client).unwrap_or(first);
    let given = |gave: fn(&Use) -> bool| rows.iter().rev().copied().find(|number| row(number).is_some_and(gave));
    let mut methods: Vec<String> = Vec::new();
    let completed = rows.iter().filter_map(row).filter(|row| row.is_completed);
    for method in completed.flat_map(|row| row.methods.iter()) {
        if !methods.contains(method) {
            methods.push(method.clone());
        }
    }
    let is_of_root = |row: &&Use| row.id == first.id || is_one_attempt(row, first) || is_one_attempt(first, row);
    let root_is_seen = rows.iter().filter_map(row).filter(is_of_root).any(Use::gave_first);
    Some(Session {
        session_id: first.session_id.clone(),
        basis: if first.session_id.is_some() { Basis::Logged } else { Basis::Inferred },
        client: first.client,
        seat: own.seat.clone(),
        root,
        root_is_seen,
        last_use,
        last_first_factor: given(Use::gave_first),
        last_second_factor: given(Use::gave_second),
        methods,
        persistence: Persistence::default(),
        clocks: Vec::new(),
        ended: None,
        uses: rows,
    })
}

/// The user of the ledger in the snapshot.
pub(super) fn user_of<'a>(ledger: &Ledger, beside: &Beside<'a>) -> Option<&'a User> {
    let id = Some(ledger.user_id.as_str()).filter(|id| !id.is_empty());
    let name = Some(ledger.user_principal_name.as_str()).filter(|name| !name.is_empty());
    beside.tenant.user(id, name)
}

/// What happened besides the rows.
pub(super) fn happenings(ledger: &Ledger, beside: &Beside) -> Vec<Happening> {
    let mut found = Vec::new();
    let (Some(first), Some(until)) = (ledger.uses.first().map(|row| row.at), ledger.until) else { return found };
    let mut add = |at, kind, words: &str, evidence| {
        found.push(Happening {
            at,
            kind,
            words: words.to_owned(),
            evidence,
            joined_to: None,
            is_sure: true,
            trace: None,
        });
    };
    // What was changed before the log says nothing of its sessions.
    let concerns = |at: &chrono::DateTime<chrono::Utc>| (first..=until).contains(at);
    for ending in ending::of_user(ledger, beside).into_iter().filter(|ending| concerns(&ending.at)) {
        let kind = match ending.kind {
            UserEndingKind::Password { .. } => HappeningKind::Password,
            UserEndingKind::Revocation => HappeningKind::Revocation,
        };
        add(ending.at, kind, &ending.words, ending.evidence);
    }
    for change in beside.tenant.snapshot().history.changes.iter().filter(|change| concerns(&change.at)) {
        // When between two snapshots it came is not known.
        if change.since.is_some() {
            continue;
        }
        let What::Policy { name, before, after, .. } = &change.what else { continue };
        let by = change.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let verb = match change.activity.split(' ').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "add" => "made",
            "delete" => "deleted",
            _ => "changed",
        };
        let what = match (before, after) {
            (Version::Text(before), Version::Text(after)) => {
                let lines = differences(before, after, beside.tenant);
                let more = if lines.len() > MOST_DIFFERENCES { "; and more" } else { "" };
                let told: Vec<String> = lines.into_iter().take(MOST_DIFFERENCES).collect();
                if told.is_empty() { String::new() } else { format!(": {}{more}", told.join("; ")) }
            }
            _ => String::new(),
        };
        let words = format!("policy “{name}” was {verb}{by}{what}");
        add(change.at, HappeningKind::Policy, &words, change.evidence());
    }
    for policy in &beside.tenant.snapshot().policies {
        let rule = super::usage::rule_of(policy);
        let says = rule.frequency.is_some() || rule.persistent_browser.is_some();
        // The audit log tells the same change a second later.
        let is_told = |at: &chrono::DateTime<chrono::Utc>| {
            let mut changes = beside.tenant.snapshot().history.changes_of_policy(&policy.id);
            changes.any(|change| (change.at - *at).abs() <= ONE_EVENT)
        };
        if let Some(at) = policy.modified.filter(|at| says && concerns(at) && !is_told(at)) {
            let evidence = policy.origin.evidence("policy changed", "/modifiedDateTime", as_logged(at));
            add(at, HappeningKind::Policy, &format!("policy “{}” was changed", policy.display_name), evidence);
        }
    }
    let by_id: HashMap<String, usize> =
        ledger.uses.iter().enumerate().map(|(number, row)| (row.id.to_ascii_lowercase(), number)).collect();
    for event in own_requests(ledger, beside) {
        found.extend(traced(ledger, event, &by_id));
    }
    found.sort_by_key(|happening| happening.at);
    found
}

/// The requests of traces that may be the user's: those to another tenant are not, whatever their ids, nor are those that name no
/// tenant, as the federation provider's answer does not, and share their correlation id only with such.
fn own_requests<'a>(ledger: &Ledger, beside: &Beside<'a>) -> Vec<&'a TraceEvent> {
    let organization = beside.tenant.snapshot().organization.as_ref().map(|organization| organization.id.as_str());
    let is_own = |tenant: &str| {
        let mut known = ledger.tenants.iter().map(String::as_str).chain(organization);
        known.any(|own| own.eq_ignore_ascii_case(tenant))
    };
    let knows_tenants = !ledger.tenants.is_empty() || organization.is_some();
    let named = |event: &'a TraceEvent| event.tenant.as_deref().filter(|tenant| is_guid(tenant) && knows_tenants);
    let mut by_correlation: HashMap<String, bool> = HashMap::new();
    for event in beside.traces {
        if let (Some(tenant), Some(id)) = (named(event), &event.correlation_id) {
            *by_correlation.entry(id.to_ascii_lowercase()).or_default() |= is_own(tenant);
        }
    }
    let shares = |event: &TraceEvent| by_correlation.get(&event.correlation_id.as_ref()?.to_ascii_lowercase()).copied();
    let may_be = |event: &&'a TraceEvent| named(event).map_or_else(|| shares(event).unwrap_or(true), is_own);
    beside.traces.iter().filter(may_be).collect()
}

/// A request of a trace that belongs to a row of the user: by its request id, or else probably by its correlation id.
fn traced(ledger: &Ledger, event: &TraceEvent, by_id: &HashMap<String, usize>) -> Option<Happening> {
    let at = event.at.filter(is_plausible)?;
    let by_request = event.request_id.as_ref().and_then(|id| by_id.get(&id.to_ascii_lowercase())).copied();
    let correlation = event.correlation_id.as_deref().filter(|id| !id.is_empty());
    let near = |row: &Use| (row.at - at).abs() <= ONE_ATTEMPT;
    let by_correlation = || {
        let id = correlation?;
        let fits = |row: &Use| row.correlation_id.eq_ignore_ascii_case(id) && near(row);
        ledger.uses.iter().position(fits)
    };
    let joined_to = by_request.or_else(by_correlation)?;
    Some(Happening {
        at,
        kind: HappeningKind::Trace,
        words: in_words(event),
        evidence: event.origin.evidence("browser trace", "", in_words(event)),
        joined_to: Some(joined_to),
        is_sure: by_request.is_some(),
        trace: Some(Box::new(event.clone())),
    })
}

/// Whether a tenant is named by its id; domains and `common` tell nothing.
pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// A request of a trace in words: what was asked, what came with it, and what the answer did.
fn in_words(event: &TraceEvent) -> String {
    let mut words = event.endpoint.label().to_owned();
    match (event.cookies_sent.as_slice(), event.shows_cookies) {
        // The provider is another host, to which no cookie of the sign-in service goes.
        ([], _) if event.endpoint == Endpoint::FederationProvider => {}
        ([], true) => words.push_str(", no session cookie came with it"),
        ([], false) => words.push_str(" (the trace shows no cookies)"),
        (names, _) => words.push_str(&format!(", came with {}", names.join(", "))),
    }
    if let Some(host) = &event.redirects_to {
        words.push_str(&format!("; sent on to {host}"));
    }
    if let Some(code) = event.error_code {
        words.push_str(&format!("; answered {code}"));
    }
    for cookie in &event.cookies_set {
        let until = match (cookie.is_cleared, cookie.expires) {
            (true, _) => "cleared".to_owned(),
            (false, Some(at)) => format!("set until {}", crate::explain::written(at)),
            (false, None) => "set until the browser closes".to_owned(),
        };
        words.push_str(&format!("; {} {until}", cookie.name));
    }
    words
}

/// Whether a row is one in which somebody took part, which is when a question can be asked.
pub(super) fn is_interactive(row: &Use) -> bool {
    matches!(row.kind, UseKind::Asked | UseKind::Silent)
}
