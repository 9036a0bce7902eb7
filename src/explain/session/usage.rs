//! Reads what one row of the log says of sessions: who was asked for what, what was presented in its place, and which session rules of
//! policies were in force.

use chrono::{DateTime, Datelike, Utc};

use crate::domain::context::trust_type;
use crate::domain::error_code;
use crate::domain::policy::{Policy, PolicyState};
use crate::domain::sign_in::{AuthenticationStep, EventKind, PolicyResult};
use crate::domain::{Evidence, Origin, SignIn, Verdict};

use super::rules::Credential;
use crate::explain::access::{Asked, Tenant, decide, from_sign_in};
use crate::explain::rule::Condition;

/// The client with which Windows signs in at the lock screen, which refreshes the device's primary refresh token
/// (first-party application "Windows Sign In").
const WINDOWS_SIGN_IN: &str = "38aa3b87-a06d-4817-b275-7a316988d93b";

/// A longer frequency never comes to bear: ten years.
const MOST_HOURS: i64 = 87_600;

/// One row of the log, as far as sessions are concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Use {
    /// The request id.
    pub id: String,
    /// When it was.
    pub at: DateTime<Utc>,
    /// Where the row stands in the evidence.
    pub origin: Origin,
    /// The correlation id, empty when there is none.
    pub correlation_id: String,
    /// The session id, in lower case.
    pub session_id: Option<String>,
    /// The session in the ledger that the row belongs to.
    pub session: Option<usize>,
    /// What became of it.
    pub kind: UseKind,
    /// The error code.
    pub error_code: Option<i64>,
    /// Whether its attempt came through, on this row or a later one. An attempt that did not began no session.
    pub is_completed: bool,
    /// What the first factor came to.
    pub first: Factor,
    /// What the second factor came to.
    pub second: Factor,
    /// The methods by which factors were given on this row.
    pub methods: Vec<String>,
    /// What the first factor was, where it was given here.
    pub credential: Option<Credential>,
    /// The kind of client.
    pub client: Client,
    /// The browser or app, with its device, that the row came from.
    pub seat: Seat,
    /// The application's name.
    pub app: String,
    /// The application's id, in lower case.
    pub app_id: String,
    /// The place, empty when there is none.
    pub place: String,
    /// The address, empty when there is none.
    pub ip: String,
    /// The words of `sessionLifetimePolicies`.
    pub lifetime_rules: Vec<String>,
    /// The policies that applied, as numbers in the ledger's list.
    pub policies: Vec<usize>,
    /// The policies of which it cannot be told whether they applied, likewise.
    pub undecided: Vec<usize>,
    /// Whether the row says itself which policies applied.
    pub policies_are_logged: bool,
    /// Whether a primary refresh token was presented.
    pub by_primary_refresh_token: bool,
    /// Whether the device is a joined Windows device.
    pub on_joined_windows: bool,
    /// Whether Windows signed in at its lock screen.
    pub is_windows_sign_in: bool,
    /// Whether the token is watched continuously, where the row says so.
    pub is_continuously_evaluated: bool,
    /// Whether the application is one that lives in the browser, whose refresh tokens have a fixed end.
    pub is_single_page: bool,
    /// Whether the user is a guest here.
    pub is_guest: bool,
    /// The device id, in lower case, where a device proved itself.
    pub device_id: Option<String>,
}

impl Use {
    /// Evidence for a value of the row.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        self.origin.evidence(label, pointer, value)
    }

    /// Whether the row used its session, which moves the idle clock. That refused requests and the renewals of single-page apps move none
    /// is inferred.
    pub fn moves_clocks(&self) -> bool {
        match self.kind {
            UseKind::Refused => false,
            // Of the pages only the stay-signed-in question comes after the sign-in; others come where no session is.
            UseKind::Page => self.error_code == Some(50_140),
            // A single-page app renews its tokens without the cookie of the browser.
            UseKind::Background => !(self.is_single_page && self.client == Client::Browser),
            // Whether somebody who was asked had a session is told by the row in which the attempt came through.
            UseKind::Asked | UseKind::Silent => self.succeeded(),
        }
    }

    /// Whether the row came through.
    pub fn succeeded(&self) -> bool {
        matches!(self.error_code, None | Some(0))
    }

    /// Whether the first factor was given, in an attempt that came through.
    pub fn gave_first(&self) -> bool {
        self.first == Factor::Given && self.is_completed
    }

    /// Whether a second factor was given, in an attempt that came through.
    pub fn gave_second(&self) -> bool {
        self.second == Factor::Given && self.is_completed
    }

    /// Whether both the device and the browser or app are the same.
    pub fn same_seat(&self, other: &Use) -> bool {
        self.seat.key == other.seat.key
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UseKind {
    /// Somebody was asked for a factor.
    Asked,
    /// Somebody came, and nobody was asked.
    Silent,
    /// A client renewed a token in the background.
    Background,
    /// A page between, such as the stay-signed-in question.
    Page,
    /// It was refused.
    Refused,
}

impl UseKind {
    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            UseKind::Asked => "asked",
            UseKind::Silent => "used, not asked",
            UseKind::Background => "renewed in the background",
            UseKind::Page => "a page between",
            UseKind::Refused => "refused",
        }
    }
}

/// What a factor came to on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Factor {
    /// It was given here.
    Given,
    /// It was asked for, and not given or wrong.
    Asked,
    /// A claim in a token stood for it.
    Earlier,
    /// It had no part.
    NotNeeded,
    /// The row does not say.
    Unknown,
}

/// The kinds of clients that have sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Client {
    /// A browser, with cookies.
    Browser,
    /// An app, with refresh tokens.
    App,
}

/// A browser or app on a device, as far as the log tells one from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    /// What is compared.
    pub key: String,
    /// The same without the place, for a machine that moved; nothing where the place was not needed.
    pub elsewhere: Option<String>,
    /// The words for people.
    pub words: String,
    /// Whether a device id vouches for it.
    pub is_by_device: bool,
}

/// A policy that says something of sessions or demands MFA.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePolicy {
    /// The policy's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its sign-in frequency: nothing where it has none.
    pub frequency: Option<Frequency>,
    /// `always` or `never` of its persistent browser control.
    pub persistent_browser: Option<bool>,
    /// Whether it targets all resources, without which the persistent browser control is not honoured.
    pub is_for_all_resources: bool,
    /// Whether it demands MFA or an authentication strength.
    pub demands_mfa: bool,
    /// Where it stands in the snapshot.
    pub origin: Option<Origin>,
}

/// The sign-in frequency of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// So many hours.
    Hours(i64),
    /// Every time.
    EveryTime,
    /// The log names the control, and its value is not in the evidence.
    NotInEvidence,
}

/// What a row is to a ledger.
pub(super) enum Read {
    /// A use.
    Use(Box<Use>),
    /// A client that sends the password each time and holds no session.
    Legacy,
    /// A row without a time.
    Undated,
    /// An application's own sign-in.
    NotOfAPerson,
}

/// Reads a row. Policies that are met for the first time are added to the list.
pub(super) fn read(sign_in: &SignIn, tenant: &Tenant, policies: &mut Vec<RulePolicy>) -> Read {
    if matches!(sign_in.event_kind, EventKind::ServicePrincipal | EventKind::ManagedIdentity) {
        return Read::NotOfAPerson;
    }
    let Some(at) = sign_in.created.filter(is_plausible) else { return Read::Undated };
    let Some(client) = client_of(sign_in) else { return Read::Legacy };
    let (first, second) = factors(sign_in);
    let is_interactive = sign_in.event_kind != EventKind::NonInteractive;
    let given: Vec<&AuthenticationStep> = steps(sign_in).filter(|step| is_given(step)).collect();
    let is_asked = |factor: Factor| matches!(factor, Factor::Given | Factor::Asked);
    let kind = match sign_in.error_code() {
        Some(0) | None if !is_interactive => UseKind::Background,
        Some(0) | None if is_asked(first) || is_asked(second) => UseKind::Asked,
        Some(0) | None => UseKind::Silent,
        Some(code) if error_code::is_interrupt(code, !is_interactive) => {
            if is_asked(first) || is_asked(second) {
                UseKind::Asked
            } else {
                UseKind::Page
            }
        }
        Some(_) => UseKind::Refused,
    };
    let Applied { applied, undecided, is_logged: policies_are_logged } = applied(sign_in, tenant, policies);
    let token = sign_in.incoming_token_type.as_deref().unwrap_or("").to_ascii_lowercase();
    let app_id = sign_in.app_id.as_deref().unwrap_or("").to_ascii_lowercase();
    let system = family(sign_in.device.operating_system.as_deref());
    let trust = sign_in.device.trust_type.as_deref().and_then(trust_type);
    let is_single_page = tenant.is_single_page(&app_id);
    Read::Use(Box::new(Use {
        id: sign_in.id.clone(),
        at,
        origin: sign_in.origin.clone(),
        correlation_id: sign_in.correlation_id.clone().unwrap_or_default(),
        session_id: sign_in.session_id.as_deref().filter(|id| !id.is_empty()).map(str::to_ascii_lowercase),
        session: None,
        kind,
        error_code: sign_in.error_code(),
        is_completed: matches!(sign_in.error_code(), None | Some(0)),
        first,
        second,
        methods: given.iter().filter_map(|step| step.method.clone()).collect(),
        credential: credential(sign_in, first),
        client,
        seat: seat(sign_in, client, &system),
        app: sign_in.app().unwrap_or_default().to_owned(),
        is_windows_sign_in: app_id == WINDOWS_SIGN_IN,
        app_id,
        place: sign_in.location.written().unwrap_or_default(),
        ip: sign_in.ip_address.clone().unwrap_or_default(),
        lifetime_rules: sign_in.session_lifetime_policies.iter().map(|rule| rule.requirement.clone()).collect(),
        policies: applied,
        undecided,
        policies_are_logged,
        by_primary_refresh_token: token.contains("primaryrefreshtoken"),
        on_joined_windows: system == "windows" && matches!(trust, Some("AzureAD" | "ServerAD")),
        is_continuously_evaluated: sign_in.is_cae_token == Some(true),
        is_single_page,
        is_guest: sign_in.user_type.as_deref() == Some("guest"),
        device_id: sign_in.device.device_id.as_deref().filter(|id| !id.is_empty()).map(str::to_ascii_lowercase),
    }))
}

/// Whether a time can be that of a sign-in. Clocks are added to times, which far outside the calendar would overflow.
pub(super) fn is_plausible(at: &DateTime<Utc>) -> bool {
    (1970..=2200).contains(&at.year())
}

/// The kind of client; nothing for those that send the password each time: Exchange ActiveSync, mail protocols, the password grant.
fn client_of(sign_in: &SignIn) -> Option<Client> {
    let word = sign_in.client_app_used.as_deref().unwrap_or("").to_ascii_lowercase();
    let protocol = sign_in.authentication_protocol.as_deref().unwrap_or("");
    if protocol.eq_ignore_ascii_case("ropc") {
        return None;
    }
    match word.as_str() {
        "browser" => Some(Client::Browser),
        "mobile apps and desktop clients" | "modern clients" => Some(Client::App),
        "" | "unknown" if sign_in.device.browser.is_some() => Some(Client::Browser),
        "" | "unknown" => Some(Client::App),
        _ => None,
    }
}

fn steps(sign_in: &SignIn) -> impl Iterator<Item = &AuthenticationStep> {
    sign_in.authentication_details.iter().flatten()
}

fn is_given(step: &AuthenticationStep) -> bool {
    step.succeeded == Some(true)
        && !step.was_satisfied_earlier()
        && step.method.as_deref().is_some_and(|method| !method.is_empty())
}

/// What the two factors came to: by the steps of the record, else by its code and the token that was brought.
fn factors(sign_in: &SignIn) -> (Factor, Factor) {
    let code = sign_in.error_code();
    let mut first = None;
    let mut second = None;
    for (index, step) in steps(sign_in).enumerate() {
        let holds =
            |text: &Option<String>, part: &str| text.as_deref().is_some_and(|t| t.to_ascii_lowercase().contains(part));
        let is_second = holds(&step.requirement, "multi")
            || holds(&step.requirement, "secondary")
            || holds(&step.result_detail, "mfa requirement");
        let is_first = holds(&step.requirement, "primary")
            || holds(&step.result_detail, "first factor requirement")
            || index == 0 && !is_second;
        let came = match (step.was_satisfied_earlier(), step.succeeded) {
            (true, _) => Factor::Earlier,
            (false, Some(true)) if is_given(step) => Factor::Given,
            (false, Some(false)) => Factor::Asked,
            _ => Factor::Unknown,
        };
        // Of several steps for one factor, one that was given counts before one that failed.
        let place = if is_second {
            &mut second
        } else if is_first {
            &mut first
        } else {
            continue;
        };
        if *place != Some(Factor::Given) {
            *place = Some(came);
        }
    }
    let is_interactive = sign_in.event_kind != EventKind::NonInteractive;
    let by_federation = sign_in
        .incoming_token_type
        .as_deref()
        .is_some_and(|kind| ["saml11", "saml20"].iter().any(|word| kind.eq_ignore_ascii_case(word)));
    let first = first.unwrap_or(match code {
        _ if !is_interactive => Factor::Earlier,
        _ if by_federation => Factor::Given,
        Some(50_126 | 50_053 | 50_055 | 50_144) => Factor::Asked,
        _ => Factor::Unknown,
    });
    let second = second.unwrap_or(match code {
        _ if !is_interactive => Factor::Earlier,
        Some(50_074 | 50_076 | 50_078 | 50_079 | 50_072 | 500_121) => Factor::Asked,
        Some(0) if sign_in.authentication_requirement.as_deref() == Some("singleFactorAuthentication") => {
            Factor::NotNeeded
        }
        _ => Factor::Unknown,
    });
    (first, second)
}

/// What the first factor was. A federation provider's token that the log calls a password is one.
fn credential(sign_in: &SignIn, first: Factor) -> Option<Credential> {
    if first != Factor::Given {
        return None;
    }
    let step = steps(sign_in).find(|step| is_given(step))?;
    let is_password = step.method.as_deref().is_some_and(|method| method.to_ascii_lowercase().contains("password"));
    // "Passwordless phone sign-in" and the like are no passwords.
    let is_passwordless =
        step.method.as_deref().is_some_and(|method| method.to_ascii_lowercase().contains("passwordless"));
    Some(if is_password && !is_passwordless { Credential::Password } else { Credential::Other })
}

/// The name of a system or browser without its version, in lower case.
fn family(name: Option<&str>) -> String {
    let name = name.unwrap_or("").trim().to_lowercase();
    let end = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    name.get(..end).unwrap_or("").trim_end_matches([' ', '.', '-']).to_owned()
}

/// Which browser or app on which device: by the device id, else by system, browser or app, and place.
fn seat(sign_in: &SignIn, client: Client, system: &str) -> Seat {
    let device = &sign_in.device;
    let named = device.browser.as_deref().filter(|_| client == Client::Browser);
    let browser = family(named);
    let app = sign_in.app_display_name.as_deref().unwrap_or("an app");
    let what = match (client, named) {
        (Client::Browser, Some(browser)) => browser.to_owned(),
        (Client::Browser, None) => "a browser".to_owned(),
        (Client::App, _) => app.to_owned(),
    };
    let on = device.operating_system.as_deref().unwrap_or("a system that is not logged");
    if let Some(id) = device.device_id.as_deref().filter(|id| !id.is_empty()) {
        let name = device.display_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(id);
        let kind = if client == Client::Browser { browser.as_str() } else { "app" };
        let key = format!("device {} {kind}", id.to_ascii_lowercase());
        return Seat { key, elsewhere: None, words: format!("{what} on {name}"), is_by_device: true };
    }
    let place = sign_in.location.written();
    let bare = match client {
        Client::Browser => format!("browser {system} {browser}"),
        Client::App => format!("app {system} {}", sign_in.app_id.as_deref().unwrap_or(app).to_ascii_lowercase()),
    };
    let at = place.or_else(|| sign_in.ip_address.clone()).unwrap_or_default();
    let words = if at.is_empty() { format!("{what} on {on}") } else { format!("{what} on {on}, {at}") };
    // An app on a phone moves about; of two browsers that look alike the place is all that tells them apart.
    match client {
        Client::Browser => {
            Seat { key: format!("{bare} {}", at.to_lowercase()), elsewhere: Some(bare), words, is_by_device: false }
        }
        Client::App => Seat { key: bare, elsewhere: None, words: format!("{what} on {on}"), is_by_device: false },
    }
}

/// Policies that say something of sessions or MFA, as numbers in the ledger's list.
struct Applied {
    applied: Vec<usize>,
    undecided: Vec<usize>,
    is_logged: bool,
}

/// The policies that applied to a row and say something of sessions or MFA: those that the log says applied, else those that the
/// snapshot's policies come to.
fn applied(sign_in: &SignIn, tenant: &Tenant, known: &mut Vec<RulePolicy>) -> Applied {
    // Session controls do not reach users of B2B direct connect (entra-docs, B2B and Conditional Access, 2024-05-15).
    let is_direct =
        sign_in.cross_tenant_access_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("b2bDirectConnect"));
    if is_direct {
        return Applied { applied: Vec::new(), undecided: Vec::new(), is_logged: false };
    }
    let logged = sign_in.applied_policies.list();
    let is_of_tenant = tenant.is_of(sign_in);
    let (mut applied, mut undecided) = (Vec::new(), Vec::new());
    if !logged.is_empty() {
        for entry in logged.iter().filter(|entry| matches!(entry.result, PolicyResult::Success | PolicyResult::Failure))
        {
            let says = |controls: &[String], part: &str| {
                controls.iter().any(|control| control.to_ascii_lowercase().contains(part))
            };
            let held = if is_of_tenant { tenant.snapshot().policy(&entry.id) } else { None };
            let mut rule = match held {
                Some(policy) => rule_of(policy),
                None => RulePolicy {
                    id: entry.id.clone(),
                    name: entry.display_name.clone(),
                    frequency: None,
                    persistent_browser: None,
                    is_for_all_resources: false,
                    demands_mfa: says(&entry.grant_controls, "mfa") || entry.authentication_strength.is_some(),
                    origin: None,
                },
            };
            if rule.frequency.is_none() && held.is_none() && says(&entry.session_controls, "frequency") {
                rule.frequency = Some(Frequency::NotInEvidence);
            }
            add(rule, known, &mut applied);
        }
        return Applied { applied, undecided, is_logged: true };
    }
    if is_of_tenant && tenant.snapshot().policies.iter().any(|policy| rule_of(policy).matters()) {
        let context = from_sign_in::context(sign_in, tenant);
        let asked = Asked::new(&context, tenant);
        let decision = decide(&asked);
        for (policy, found) in tenant.snapshot().policies.iter().zip(&decision.policies) {
            let is_enforced = policy.state == PolicyState::Enabled;
            match found.evaluation.applies {
                Verdict::Yes if is_enforced => add(rule_of(policy), known, &mut applied),
                Verdict::No | Verdict::Yes => {}
                _ if is_enforced => add(rule_of(policy), known, &mut undecided),
                _ => {}
            }
        }
    }
    Applied { applied, undecided, is_logged: false }
}

fn add(rule: RulePolicy, known: &mut Vec<RulePolicy>, applied: &mut Vec<usize>) {
    if !rule.matters() {
        return;
    }
    // Versions of a policy that say the same of sessions are one rule, wherever each stands.
    let is_one = |held: &RulePolicy| RulePolicy { origin: rule.origin.clone(), ..held.clone() } == rule;
    let at = known.iter().position(is_one).unwrap_or_else(|| {
        known.push(rule);
        known.len() - 1
    });
    if !applied.contains(&at) {
        applied.push(at);
    }
}

impl RulePolicy {
    fn matters(&self) -> bool {
        self.frequency.is_some() || self.persistent_browser.is_some() || self.demands_mfa
    }
}

/// The policies in force with session controls whose users are not known to leave out whoever signs in here.
pub(super) fn covering(sign_in: &SignIn, tenant: &Tenant) -> Vec<RulePolicy> {
    let has_controls = |policy: &Policy| {
        policy.state == PolicyState::Enabled
            && (policy.session.sign_in_frequency.is_some() || policy.session.persistent_browser.is_some())
    };
    if !tenant.snapshot().policies.iter().any(has_controls) {
        return Vec::new();
    }
    let context = from_sign_in::context(sign_in, tenant);
    let decision = decide(&Asked::new(&context, tenant));
    let policies = tenant.snapshot().policies.iter().zip(&decision.policies);
    policies
        .filter(|(policy, found)| {
            has_controls(policy) && found.evaluation.verdict(Condition::Users) != Some(Verdict::No)
        })
        .map(|(policy, _)| rule_of(policy))
        .collect()
}

/// What a policy of the snapshot says of sessions.
pub(super) fn rule_of(policy: &Policy) -> RulePolicy {
    let frequency = policy.session.sign_in_frequency.as_ref().map(|frequency| match frequency.hours {
        Some(hours) => Frequency::Hours(hours.clamp(0, MOST_HOURS)),
        None => Frequency::EveryTime,
    });
    let demands_mfa = policy.grant.as_ref().is_some_and(|grant| {
        grant.strength.is_some() || grant.built_in.iter().any(|control| control.eq_ignore_ascii_case("mfa"))
    });
    RulePolicy {
        id: policy.id.clone(),
        name: policy.display_name.clone(),
        frequency,
        persistent_browser: policy
            .session
            .persistent_browser
            .as_deref()
            .map(|mode| mode.eq_ignore_ascii_case("always")),
        is_for_all_resources: policy.conditions.applications.include.iter().any(|id| id == "All"),
        demands_mfa,
        origin: Some(policy.origin.clone()),
    }
}
