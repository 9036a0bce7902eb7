//! The session ledger of one user: which sessions the log shows, what each rests on, which clocks run on them and what reset them, why
//! the user was asked and when they will be asked next.
//!
//! [`ledger`] takes the rows of the log one by one (`usage`), gathers them into sessions (`gather`), finds out which of them are
//! persistent (`persistence`), sets the clocks (`clock`), asks of every prompt why it came (`prompt`), and looks for what commonly
//! misleads (`trap`). `replay` plays the log again under other rules. The rules themselves, with their sources, are in `rules`.
//!
//! What the log cannot show is never assumed away: a browser that was closed, a row that is missing, a setting that no export holds
//! are gaps and rivals.

pub(super) mod advice;
mod clock;
mod ending;
mod gather;
mod persistence;
mod prompt;
pub mod replay;
pub mod rules;
mod trap;
mod usage;

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};

use crate::domain::trace::TraceEvent;
use crate::domain::{Evidence, Holdings, SignIn};

use super::access::{Doubt, Tenant};
use super::catalogue;
use super::explanation::{Basis, Gap, Rival};

use usage::Read;
pub use usage::{Client, Factor, Frequency, RulePolicy, Seat, Use, UseKind};

/// The sessions of one user.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ledger {
    /// The user's object id, empty when the log has none.
    pub user_id: String,
    /// The principal name, empty when the log has none.
    pub user_principal_name: String,
    /// Every row that has to do with sessions, oldest first.
    pub uses: Vec<Use>,
    /// The sessions, by their first use.
    pub sessions: Vec<Session>,
    /// The attempts in which the user was asked for something, oldest first.
    pub prompts: Vec<Prompt>,
    /// What else happened on the way: passwords, revocations, policies, requests of a trace; oldest first.
    pub happenings: Vec<Happening>,
    /// What commonly misleads, as far as it is there.
    pub traps: Vec<Trap>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// When the user will be asked next, if they come back then.
    pub next: Option<Next>,
    /// The policies that say something of sessions and applied to some row.
    pub policies: Vec<RulePolicy>,
    /// Whether users are asked to stay signed in, and how that is known.
    pub setting: Setting,
    /// The end of the evidence: what the clocks are held against.
    pub until: Option<DateTime<Utc>>,
    /// How many rows of clients that hold no session were left out: Exchange ActiveSync, mail protocols, the password grant.
    pub without_session: usize,
    /// How many rows without a time were left out.
    pub undated: usize,
    /// How many older rows were left out, because there are too many.
    pub left_out: usize,
    /// The tenants of the rows, home and resource, in lower case.
    pub tenants: Vec<String>,
    /// The happenings that belong to a row, by its number.
    pub joined: HashMap<usize, Vec<usize>>,
}

/// A session: everything that came from one sign-in.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The log's id of the session, where it has one.
    pub session_id: Option<String>,
    /// How firmly it is known that its rows belong together: by the session id (logged), or by what is alike of device, browser, app
    /// and place (inferred).
    pub basis: Basis,
    /// The kind of client that began it.
    pub client: Client,
    /// Browser or app and device, in words.
    pub seat: Seat,
    /// Its first row, as a number in [`Ledger::uses`].
    pub root: usize,
    /// Whether the first row is the one in which somebody signed in; else it began before the log or elsewhere.
    pub root_is_seen: bool,
    /// The last row that used it.
    pub last_use: usize,
    /// The last row in which the first factor was given.
    pub last_first_factor: Option<usize>,
    /// The last row in which a second factor was given.
    pub last_second_factor: Option<usize>,
    /// The methods given in it, each once.
    pub methods: Vec<String>,
    /// Whether it outlives the browser, and how that is known.
    pub persistence: Persistence,
    /// The clocks on it.
    pub clocks: Vec<Clock>,
    /// When and why it ended, as far as can be told.
    pub ended: Option<Ended>,
    /// Its rows, oldest first.
    pub uses: Vec<usize>,
}

/// Whether a session outlives the browser.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Persistence {
    /// Whether it does; nothing when it cannot be told.
    pub is_persistent: Option<bool>,
    /// What tells it.
    pub from: PersistenceFrom,
    /// How firmly.
    pub basis: Option<Basis>,
    /// The same in words.
    pub words: String,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

impl Session {
    /// Whether a primary refresh token of the device was presented in it: then the device signs on, and the browser's cookie is not all
    /// there is (entra-docs, primary refresh token, 2025-03-03).
    pub fn has_device_token(&self, ledger: &Ledger) -> bool {
        ledger.rows(&self.uses).any(|row| row.by_primary_refresh_token)
    }
}

impl Persistence {
    /// The answer with what it rests on, in words; empty for apps, whose tokens outlive anything that is closed.
    pub fn told(&self) -> String {
        match self.is_persistent {
            _ if self.words.is_empty() => String::new(),
            Some(true) => format!("persistent: {}", self.words),
            Some(false) => format!("not persistent: {}", self.words),
            None => format!("not known to be persistent: {}", self.words),
        }
    }
}

/// What tells whether a session is persistent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum PersistenceFrom {
    /// The answer to the stay-signed-in question, to which the session's own life testifies.
    Kmsi,
    /// The persistent browser control of a policy.
    PersistentBrowser,
    /// A cookie in a browser trace.
    Trace,
    /// The tenant's setting.
    Setting,
    /// Nothing.
    #[default]
    Unknown,
}

impl PersistenceFrom {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            PersistenceFrom::Kmsi => "kmsi",
            PersistenceFrom::PersistentBrowser => "persistentBrowser",
            PersistenceFrom::Trace => "trace",
            PersistenceFrom::Setting => "setting",
            PersistenceFrom::Unknown => "unknown",
        }
    }
}

/// Whether users are asked to stay signed in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Setting {
    /// Whether the question is shown; nothing when it cannot be told.
    pub is_shown: Option<bool>,
    /// How that is known, in words.
    pub words: String,
    /// The value that shows it.
    pub evidence: Option<Evidence>,
}

/// A clock on a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Clock {
    /// Which.
    pub kind: ClockKind,
    /// How long it runs.
    pub limit: Duration,
    /// What it takes for granted, where that is not known ("if the session is not persistent"); else empty.
    pub assuming: &'static str,
    /// When it was last set.
    pub last_reset: DateTime<Utc>,
    /// The row that set it, as a number in [`Ledger::uses`]; nothing when something else did.
    pub reset_by: Option<usize>,
    /// When it runs out.
    pub expires: DateTime<Utc>,
    /// The policy it is from, as its id and name.
    pub policy: Option<(String, String)>,
    /// How firmly it is known that it runs.
    pub basis: Basis,
    /// The code of what happens when it runs out, under which its statements stand.
    pub code: &'static str,
    /// What else is to be said of it; may be empty.
    pub note: String,
    /// The value it is from.
    pub evidence: Option<Evidence>,
}

/// The clocks that can run on a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClockKind {
    /// How long it may go unused.
    Idle,
    /// How long ago the last full sign-in may be.
    SignInFrequency,
    /// How long ago the last MFA may be.
    RememberMfa,
    /// How long a refresh token may go unused.
    RefreshToken,
    /// How long the refresh tokens of a single-page app live in all.
    SpaRefreshToken,
    /// How long a primary refresh token may go unused.
    PrimaryRefreshToken,
    /// How long federated users stay without a known password change.
    Federated,
    /// From when on only newer sessions count.
    Revocation,
    /// How long the access token of a session that is watched continuously lives.
    ContinuousAccess,
}

impl ClockKind {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            ClockKind::Idle => "idle",
            ClockKind::SignInFrequency => "signInFrequency",
            ClockKind::RememberMfa => "rememberMfa",
            ClockKind::RefreshToken => "refreshToken",
            ClockKind::SpaRefreshToken => "spaRefreshToken",
            ClockKind::PrimaryRefreshToken => "primaryRefreshToken",
            ClockKind::Federated => "federated",
            ClockKind::Revocation => "revocation",
            ClockKind::ContinuousAccess => "continuousAccess",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            ClockKind::Idle => "idle",
            ClockKind::SignInFrequency => "sign-in frequency",
            ClockKind::RememberMfa => "remembered MFA",
            ClockKind::RefreshToken => "refresh token",
            ClockKind::SpaRefreshToken => "single-page app's token",
            ClockKind::PrimaryRefreshToken => "primary refresh token",
            ClockKind::Federated => "federated user",
            ClockKind::Revocation => "revocation",
            ClockKind::ContinuousAccess => "continuous access evaluation",
        }
    }

    /// Whether somebody is asked when it runs out. An access token is merely renewed.
    pub fn asks(self) -> bool {
        self != ClockKind::ContinuousAccess
    }
}

/// When and why a session ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// The code of why.
    pub code: &'static str,
    /// How firmly.
    pub basis: Basis,
}

/// What a prompt asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AskedFor {
    /// The first factor.
    First,
    /// The second factor.
    Second,
    /// Both.
    Both,
}

impl AskedFor {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            AskedFor::First => "first",
            AskedFor::Second => "second",
            AskedFor::Both => "both",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            AskedFor::First => "first factor",
            AskedFor::Second => "second factor",
            AskedFor::Both => "both factors",
        }
    }
}

/// An attempt in which the user was asked for something, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The rows of the attempt, as numbers in [`Ledger::uses`]; the first is the one in which the user was asked.
    pub uses: Vec<usize>,
    /// When.
    pub at: DateTime<Utc>,
    /// What for.
    pub asked: AskedFor,
    /// Whether the attempt came through. One that did not may be somebody else's.
    pub is_completed: bool,
    /// The code of why.
    pub code: &'static str,
    /// Why, in a sentence or two that are true by themselves.
    pub headline: String,
    /// How firmly that is known.
    pub basis: Basis,
    /// The earlier row that explains it, as a number in [`Ledger::uses`].
    pub because: Option<usize>,
    /// The session that had counted until then, as a number in [`Ledger::sessions`].
    pub earlier: Option<usize>,
    /// The policy whose rule it was, as its id and name.
    pub policy: Option<(String, String)>,
    /// Other explanations.
    pub rivals: Vec<Rival>,
    /// The codes of what is missing.
    pub gaps: Vec<&'static str>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

impl Prompt {
    /// Whether the reason is more than what is left over when nothing else is seen.
    pub fn is_told(&self) -> bool {
        !matches!(
            self.code,
            "SES-NO-SESSION" | "SES-NOT-SEEN" | "SES-BROWSER-CLOSED" | "SES-NEW-REQUIREMENT" | "SES-TRIED-AGAIN"
        )
    }
}

/// Something on the way that is no row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: HappeningKind,
    /// In words.
    pub words: String,
    /// Where it stands.
    pub evidence: Evidence,
    /// The row it belongs to, as a number in [`Ledger::uses`].
    pub joined_to: Option<usize>,
    /// Whether the request id joins it; else it is the correlation id, which is only probable.
    pub is_sure: bool,
    /// The request itself, of a browser trace.
    pub trace: Option<Box<TraceEvent>>,
}

/// The kinds of happenings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HappeningKind {
    /// The password was changed or reset.
    Password,
    /// All sessions were revoked.
    Revocation,
    /// A policy that says something of sessions was changed.
    Policy,
    /// A request in a browser trace.
    Trace,
}

impl Next {
    /// When, in words around a time that the caller writes: the words before it, the time, the words after it.
    pub fn in_words(&self) -> (String, DateTime<Utc>, String) {
        let covered = self.covers.as_ref().map(|name| format!(" of what “{name}” covers")).unwrap_or_default();
        let sooner = if self.code == "SES-IDLE-NONPERSISTENT" { "; a closed browser may ask sooner" } else { "" };
        match (self.ran_out, &self.covers) {
            (Some(at), _) => (format!("at the next use{covered}, since the time ran out"), at, String::new()),
            (None, Some(_)) => (format!("at a use{covered} from"), self.at, "on".to_owned()),
            (None, None) => ("from".to_owned(), self.at, format!("on, if it is not used before{sooner}")),
        }
    }
}

/// Something that commonly misleads.
#[derive(Debug, Clone, PartialEq)]
pub struct Trap {
    /// The stable code.
    pub code: &'static str,
    /// What it is here.
    pub text: String,
    /// The session it concerns, as a number in [`Ledger::sessions`].
    pub session: Option<usize>,
    /// The row it concerns, as a number in [`Ledger::uses`].
    pub use_: Option<usize>,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

/// When the user will be asked next.
#[derive(Debug, Clone, PartialEq)]
pub struct Next {
    /// From when on; the end of the evidence where the clock has run out already.
    pub at: DateTime<Utc>,
    /// When the clock ran out, where that was before the end of the evidence.
    pub ran_out: Option<DateTime<Utc>>,
    /// The policy for whose resources somebody is asked; nothing where it is for all.
    pub covers: Option<String>,
    /// The code of why.
    pub code: &'static str,
    /// The session it concerns, as a number in [`Ledger::sessions`].
    pub session: usize,
    /// How firmly.
    pub basis: Basis,
}

/// What a ledger is made with besides the rows.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The requests of browser traces, of whomever.
    pub traces: &'a [TraceEvent],
    /// What the loaded logs hold as a whole.
    pub holds: Holdings,
}

/// How many rows of a user a ledger takes in, the newest.
pub const MOST_ROWS: usize = 20_000;

/// The ledger of rows of one user, in any order. Of more than [`MOST_ROWS`] the caller gives the newest, and says how many it left out.
pub fn ledger(rows: impl Iterator<Item = SignIn>, left_out: usize, beside: Beside) -> Ledger {
    let mut builder = Builder::new(beside);
    rows.for_each(|row| builder.add(&row));
    builder.ledger.left_out = left_out;
    builder.finish()
}

/// Makes a ledger from the rows of one user.
struct Builder<'a> {
    beside: Beside<'a>,
    ledger: Ledger,
    /// The policies with session controls that may be for the user; nothing before the first row.
    covering: Option<Vec<RulePolicy>>,
    /// The tenant as it was at the last row, with its epoch.
    then: Option<(usize, Tenant)>,
}

impl<'a> Builder<'a> {
    /// A ledger without rows.
    fn new(beside: Beside<'a>) -> Builder<'a> {
        Builder { beside, ledger: Ledger::default(), covering: None, then: None }
    }

    /// Takes in a row of the user; the order does not matter.
    fn add(&mut self, sign_in: &SignIn) {
        let ledger = &mut self.ledger;
        for (held, given) in
            [(&mut ledger.user_id, &sign_in.user_id), (&mut ledger.user_principal_name, &sign_in.user_principal_name)]
        {
            if held.is_empty() {
                held.push_str(given.as_deref().unwrap_or(""));
            }
        }
        for tenant in [&sign_in.home_tenant_id, &sign_in.resource_tenant_id].into_iter().flatten() {
            let tenant = tenant.to_ascii_lowercase();
            if !tenant.is_empty() && !ledger.tenants.contains(&tenant) {
                ledger.tenants.push(tenant);
            }
        }
        if self.covering.is_none() && self.beside.tenant.is_of(sign_in) {
            self.covering = Some(usage::covering(sign_in, self.beside.tenant));
        }
        if let Some(at) = sign_in.created {
            // Rows of one epoch are read with one tenant.
            let epoch = self.beside.tenant.epoch(at);
            if self.then.as_ref().is_none_or(|(held, _)| *held != epoch) {
                self.then = Some((epoch, self.beside.tenant.as_of(Some(at), sign_in.user_id.as_deref())));
            }
        }
        let tenant = self.then.as_ref().map_or(self.beside.tenant, |(_, tenant)| tenant);
        match usage::read(sign_in, tenant, &mut ledger.policies) {
            Read::Use(row) => ledger.uses.push(*row),
            Read::Legacy => ledger.without_session += 1,
            Read::Undated => ledger.undated += 1,
            Read::NotOfAPerson => {}
        }
    }

    /// The ledger.
    fn finish(self) -> Ledger {
        let Builder { beside, mut ledger, covering, .. } = self;
        ledger.uses.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
        let last = ledger.uses.last().map(|row| row.at);
        let end_of_log = beside.holds.last.and_then(DateTime::from_timestamp_millis).filter(usage::is_plausible);
        ledger.until = last.into_iter().chain(end_of_log).max();
        ledger.setting = persistence::setting(&ledger, beside.tenant);
        ledger.happenings = gather::happenings(&ledger, &beside);
        for (number, happening) in ledger.happenings.iter().enumerate() {
            if let Some(row) = happening.joined_to {
                ledger.joined.entry(row).or_default().push(number);
            }
        }
        gather::attempts(&mut ledger);
        gather::sessions(&mut ledger);
        for session in 0..ledger.sessions.len() {
            let found = persistence::of(&ledger, session, &beside);
            let clocks = clock::of(&ledger, session, &found, &beside);
            if let Some(held) = ledger.sessions.get_mut(session) {
                held.persistence = found;
                held.clocks = clocks;
            }
        }
        ledger.prompts = prompt::of(&ledger, &beside);
        clock::endings(&mut ledger);
        ledger.next = clock::next(&ledger);
        ledger.traps = trap::of(&ledger, &beside, &covering.unwrap_or_default());
        ledger.gaps = gaps(&ledger, &beside);
        ledger
    }
}

impl Ledger {
    /// The row of that number.
    pub fn row(&self, number: usize) -> Option<&Use> {
        self.uses.get(number)
    }

    /// The rows of these numbers.
    pub fn rows<'a>(&'a self, numbers: &'a [usize]) -> impl DoubleEndedIterator<Item = &'a Use> {
        numbers.iter().filter_map(|number| self.uses.get(*number))
    }

    /// The number of the row with that request id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.uses.iter().position(|row| row.id.eq_ignore_ascii_case(id))
    }

    /// The session that a row belongs to.
    pub fn session_of(&self, row: usize) -> Option<&Session> {
        self.sessions.get(self.uses.get(row)?.session?)
    }

    /// The prompt that a row is part of.
    pub fn prompt_of(&self, row: usize) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.uses.contains(&row))
    }

    /// The requests of a trace that belong to a row.
    pub fn happenings_of(&self, row: usize) -> impl Iterator<Item = &Happening> {
        let numbers = self.joined.get(&row).into_iter().flatten();
        numbers.filter_map(|number| self.happenings.get(*number))
    }

    /// The request id of a row.
    pub fn id_of(&self, row: Option<usize>) -> Option<String> {
        row.and_then(|row| self.uses.get(row)).map(|row| row.id.clone())
    }
}

/// What is missing for the ledger as a whole.
fn gaps(ledger: &Ledger, beside: &Beside) -> Vec<Gap> {
    let mut codes: Vec<&'static str> = Vec::new();
    if !ledger.uses.is_empty() && !beside.holds.non_interactive {
        codes.push("GAP-NON-INTERACTIVE");
    }
    let has_browser = ledger.sessions.iter().any(|session| session.client == Client::Browser);
    if has_browser && ledger.setting.is_shown.is_none() {
        codes.push("GAP-STAY-SIGNED-IN");
    }
    if ledger.sessions.iter().any(|session| session.session_id.is_none()) {
        codes.push("GAP-SESSION-ID");
    }
    if !ledger.uses.is_empty() && beside.tenant.snapshot().is_empty() {
        codes.push("GAP-SNAPSHOT");
    }
    for code in ledger.prompts.iter().flat_map(|prompt| prompt.gaps.iter()) {
        if !codes.contains(code) {
            codes.push(code);
        }
    }
    codes.into_iter().map(catalogue::gap).collect()
}

/// What is to be said of traces beside the snapshot: requests to another tenant are joined only to a guest's sign-ins that name it.
pub fn foreign_traces(traces: &[TraceEvent], tenant: &Tenant) -> Vec<Doubt> {
    let Some(organization) = tenant.snapshot().organization.as_ref() else { return Vec::new() };
    let mut told: Vec<Doubt> = Vec::new();
    for event in traces {
        let Some(other) = event.tenant.as_deref().filter(|other| gather::is_guid(other)) else { continue };
        if other.eq_ignore_ascii_case(&organization.id) {
            continue;
        }
        let text = format!(
            "requests to another tenant, {other}, are joined to no sign-in that does not name it; the snapshot is of {}",
            organization.id
        );
        if told.len() < 100 && !told.iter().any(|known| known.file == event.origin.file && known.text == text) {
            told.push(Doubt { file: std::sync::Arc::clone(&event.origin.file), text });
        }
    }
    told
}

/// A time as Graph writes it, for evidence.
fn as_logged(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// A duration in words: the two largest units.
pub fn in_words(duration: Duration) -> String {
    let minutes = duration.num_minutes();
    let (days, hours, minutes) = (minutes / 1440, minutes % 1440 / 60, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", duration.num_seconds().max(0)),
        (0, 0, minutes) => format!("{minutes} min"),
        (1, 0, 0) => "24 h".to_owned(),
        (1, 0, minutes) => format!("24 h {minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, 0, _) => format!("{days} d"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}
