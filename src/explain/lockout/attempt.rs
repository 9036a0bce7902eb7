//! Reads the rows of the log as tries of a password, joins each with the server that answered it, and puts them in order.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use crate::domain::lockout::{AttemptClass, concerns};
use crate::domain::server::{Process, Server};
use crate::domain::trace::TraceEvent;
use crate::domain::{Evidence, Origin, SignIn};

use super::episode::place_in_instant;

/// Within this time a request and a row of one correlation id and error code are probably the same try.
const SAME_TRY: Duration = Duration::seconds(5);

/// A row of the log that has to do with smart lockout.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt {
    /// The request id.
    pub id: String,
    /// When it was.
    pub at: DateTime<Utc>,
    /// What it is to smart lockout.
    pub class: AttemptClass,
    /// The error code.
    pub error_code: Option<i64>,
    /// The log's own text for the code, which decided the class where the code alone does not; may be empty.
    pub reason: String,
    /// How many tries the row stands for.
    pub times: u32,
    /// The address, empty when there is none.
    pub ip: String,
    /// Where that is, empty when it is not known.
    pub place: String,
    /// The application's name, or else the resource's.
    pub app: String,
    /// The kind of client in the log's words, empty when there is none.
    pub client: String,
    /// The user agent, empty when there is none.
    pub user_agent: String,
    /// The correlation id, empty when there is none.
    pub correlation_id: String,
    /// The server that answered it, where a browser trace shows it.
    pub answered: Option<Answered>,
    /// Whether traces name several servers for it, so that none is proved.
    pub is_disputed: bool,
    /// The process that answered it, by the pattern of request ids.
    pub process: Option<Process>,
    /// Whether the log says that a password was given, where the class rests on that.
    pub shows_password: bool,
    /// The episode it is part of, as a number in the ledger.
    pub episode: Option<usize>,
    /// Where the row stands in the evidence.
    pub origin: Origin,
}

/// The server that answered a try, by the header in a browser trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The server.
    pub server: Server,
    /// Whether the request id joins the request with the row; else correlation id, code and time make it probable, which proves nothing.
    pub is_sure: bool,
    /// Where the header stands.
    pub evidence: Evidence,
}

impl Attempt {
    /// The server that is proved to have answered it.
    pub fn proved(&self) -> Option<&Answered> {
        self.answered.as_ref().filter(|answered| answered.is_sure)
    }

    /// The values by which it was classed.
    pub fn evidence(&self) -> Vec<Evidence> {
        let code =
            self.error_code.map(|code| self.origin.evidence("error code", "/status/errorCode", code.to_string()));
        let reason = (!self.reason.is_empty())
            .then(|| self.origin.evidence("failure reason", "/status/failureReason", self.reason.as_str()));
        code.into_iter().chain(reason).collect()
    }
}

/// The rows of one user that have to do with smart lockout, as they are read.
#[derive(Debug, Clone, Default)]
pub struct Attempts {
    pub(super) rows: Vec<Attempt>,
    pub(super) user_id: String,
    pub(super) user_principal_name: String,
    /// What the log calls the check of a password, with when it did.
    methods: Vec<(DateTime<Utc>, String, Evidence)>,
    /// The user's own tenant, where that is another than the one that was signed in to.
    pub(super) home: Option<Evidence>,
    pub(super) undated: usize,
}

impl Attempts {
    /// Takes a row of the user in; the order does not matter.
    pub fn add(&mut self, sign_in: &SignIn) {
        for (held, given) in
            [(&mut self.user_id, &sign_in.user_id), (&mut self.user_principal_name, &sign_in.user_principal_name)]
        {
            if held.is_empty() {
                held.push_str(given.as_deref().unwrap_or(""));
            }
        }
        let class = AttemptClass::of(sign_in);
        if !concerns(class, sign_in.error_code()) {
            return;
        }
        let Some(at) = sign_in.created else {
            self.undated += 1;
            return;
        };
        self.methods.extend(checked_by(sign_in).map(|(words, evidence)| (at, words, evidence)));
        if self.home.is_none() {
            self.home = foreign_home(sign_in);
        }
        let held = |text: &Option<String>| text.clone().unwrap_or_default();
        self.rows.push(Attempt {
            id: sign_in.id.clone(),
            at,
            class,
            error_code: sign_in.error_code(),
            // A success carries a text that says nothing ("Other.").
            reason: sign_in
                .status
                .failure_reason
                .clone()
                .filter(|_| sign_in.error_code() != Some(0))
                .unwrap_or_default(),
            times: sign_in.grouped.unwrap_or(1).max(1),
            ip: held(&sign_in.ip_address),
            place: sign_in.location.written().unwrap_or_default(),
            app: sign_in.app_display_name.clone().or_else(|| sign_in.resource_display_name.clone()).unwrap_or_default(),
            client: held(&sign_in.client_app_used),
            user_agent: held(&sign_in.user_agent),
            correlation_id: held(&sign_in.correlation_id),
            answered: None,
            is_disputed: false,
            process: Process::of(&sign_in.id),
            shows_password: sign_in.gave_password() == Some(true),
            episode: None,
            origin: sign_in.origin.clone(),
        });
    }

    /// Whether Entra logged a wrong password or a lock itself.
    pub(super) fn judged_here(&self) -> bool {
        self.rows.iter().any(|row| row.class == AttemptClass::BadPassword || row.class.is_lock())
    }

    /// What the log calls the check of a password, the newest first.
    pub(super) fn methods(&self) -> Vec<(String, Evidence)> {
        let mut methods: Vec<&(DateTime<Utc>, String, Evidence)> = self.methods.iter().collect();
        methods.sort_by_key(|(at, words, _)| (std::cmp::Reverse(*at), words.as_str()));
        methods.into_iter().map(|(_, words, evidence)| (words.clone(), evidence.clone())).collect()
    }

    /// The tries in the order of time, each once. Of rows with one id, of which Azure Monitor may hold several, the last counts.
    pub(super) fn in_order(self, traces: &[TraceEvent], requests: &Requests) -> Vec<Attempt> {
        let mut rows = self.rows;
        // Of one second the process knows the order; a lock in the second of a wrong password is taken to have come after it, which
        // never makes the wrong password one that a lock let through.
        let count = |row: &Attempt| row.process.as_ref().map(|process| (process.group.clone(), process.count));
        // The rest of the key keeps rows without an id in one order, whatever the order of the files.
        let rest =
            |row: &Attempt| (row.id.to_ascii_lowercase(), row.correlation_id.clone(), row.ip.clone(), row.error_code);
        rows.sort_by_cached_key(|row| (row.at, place_in_instant(row.class), count(row), rest(row)));
        let mut last: HashMap<String, usize> = HashMap::new();
        for (number, row) in rows.iter().enumerate().filter(|(_, row)| !row.id.is_empty()) {
            last.insert(row.id.to_ascii_lowercase(), number);
        }
        let mut number = 0;
        rows.retain(|row| {
            let at = number;
            number += 1;
            last.get(&row.id.to_ascii_lowercase()).is_none_or(|kept| *kept == at)
        });
        for row in &mut rows {
            requests.join(row, traces);
        }
        rows
    }
}

/// What the log calls the check of the password of a row.
fn checked_by(sign_in: &SignIn) -> Option<(String, Evidence)> {
    const FEDERATION: &str = "ADFederationServices";
    if let Some(issuer) = sign_in.token_issuer_type.as_deref().filter(|issuer| issuer.eq_ignore_ascii_case(FEDERATION))
    {
        return Some((issuer.to_owned(), sign_in.evidence("token issuer", "/tokenIssuerType", issuer)));
    }
    if sign_in.gave_password() != Some(true) {
        return None;
    }
    let steps = sign_in.primary_steps();
    let (number, step) = steps.first()?;
    let words = step.method_detail.as_deref().filter(|words| !words.is_empty())?;
    let pointer = format!("/authenticationDetails/{number}/authenticationMethodDetail");
    Some((words.to_owned(), sign_in.evidence("password checked by", &pointer, words)))
}

/// The user's own tenant, where that is another than the one that was signed in to.
fn foreign_home(sign_in: &SignIn) -> Option<Evidence> {
    let (home, here) = (sign_in.home_tenant_id.as_deref()?, sign_in.resource_tenant_id.as_deref()?);
    let is_foreign = !home.is_empty() && !here.is_empty() && !home.eq_ignore_ascii_case(here);
    (is_foreign && sign_in.user_type.as_deref() == Some("guest"))
        .then(|| sign_in.evidence("home tenant", "/homeTenantId", home))
}

/// The requests of browser traces that show who answered, by what joins them with rows; made once for all users.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// The numbers of the requests of a request id.
    by_id: HashMap<String, Vec<usize>>,
    /// The times and numbers of the requests of a correlation id, in the order of time.
    by_page: HashMap<String, Vec<(DateTime<Utc>, usize)>>,
}

impl Requests {
    /// The requests of traces, which are always given along.
    pub fn of(traces: &[TraceEvent]) -> Requests {
        let mut found = Requests::default();
        for (number, event) in traces.iter().enumerate().filter(|(_, event)| event.server.is_some()) {
            if let Some(id) = &event.request_id {
                found.by_id.entry(id.to_ascii_lowercase()).or_default().push(number);
            }
            if let Some((id, at)) = event.correlation_id.as_ref().filter(|id| !id.is_empty()).zip(event.at) {
                found.by_page.entry(id.to_ascii_lowercase()).or_default().push((at, number));
            }
        }
        found.by_page.values_mut().for_each(|page| page.sort_unstable());
        found
    }

    /// Joins a try with the request it was: by the request id, which proves it, or else by correlation id, code and time. Where the
    /// requests that come into question name different servers, none is taken.
    fn join(&self, row: &mut Attempt, traces: &[TraceEvent]) {
        let told = |number: usize| {
            let event = traces.get(number)?;
            let server = Server::read(event.server.as_deref()?)?;
            let evidence = event.origin.evidence("x-ms-ests-server", "", server.written.as_str());
            Some((server, evidence))
        };
        let sure = self.by_id.get(&row.id.to_ascii_lowercase());
        let numbers = sure.cloned().unwrap_or_else(|| self.nearest(row, traces));
        let mut servers = numbers.into_iter().filter_map(told);
        let Some((server, evidence)) = servers.next() else { return };
        if servers.any(|(other, _)| other.label != server.label) {
            row.is_disputed = true;
            return;
        }
        row.answered = Some(Answered { server, is_sure: sure.is_some(), evidence });
    }

    /// The requests of the same correlation id and error code that are nearest in time, and near enough.
    fn nearest(&self, row: &Attempt, traces: &[TraceEvent]) -> Vec<usize> {
        let Some(page) = self.by_page.get(&row.correlation_id.to_ascii_lowercase()) else { return Vec::new() };
        let apart = |at: DateTime<Utc>| (at - row.at).abs();
        let from = page.partition_point(|(at, _)| *at < row.at && apart(*at) > SAME_TRY);
        let near = page.iter().skip(from).take_while(|(at, _)| apart(*at) <= SAME_TRY);
        let has_code = |number: usize| {
            traces.get(number).is_some_and(|event| event.error_code.is_some() && event.error_code == row.error_code)
        };
        let near: Vec<(DateTime<Utc>, usize)> = near.copied().filter(|(_, number)| has_code(*number)).collect();
        let Some(least) = near.iter().map(|(at, _)| apart(*at)).min() else { return Vec::new() };
        near.into_iter().filter(|(at, _)| apart(*at) == least).map(|(_, number)| number).collect()
    }
}
