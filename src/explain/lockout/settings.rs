//! The settings of smart lockout and where passwords are judged: said by the operator, else in the snapshot, else by default.

use crate::domain::Evidence;
use crate::domain::fact::{AuthMethod, Cloud};
use crate::domain::snapshot::Domain;
use crate::explain::access::Tenant;

/// The defaults (entra-docs, smart lockout, 2025-03-04).
const THRESHOLD: u32 = 10;
const THRESHOLD_US_GOV: u32 = 3;
const DURATION_SECONDS: u32 = 60;

/// Where a setting is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The operator says it.
    Operator,
    /// The snapshot holds it.
    Snapshot,
    /// The default of a cloud that was said.
    OfCloud(Cloud),
    /// The default where nothing was said.
    Default,
}

impl Origin {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Operator => "operator",
            Origin::Snapshot => "snapshot",
            Origin::OfCloud(_) | Origin::Default => "default",
        }
    }

    /// Whether somebody or something says it, so that it is no default that was taken for granted.
    pub fn is_known(self) -> bool {
        matches!(self, Origin::Operator | Origin::Snapshot)
    }
}

/// A number that was set.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The number.
    pub value: u32,
    /// Where it is from.
    pub origin: Origin,
    /// The value that shows it, unless it is a default.
    pub evidence: Option<Evidence>,
}

/// After how many wrong passwords the lock comes.
pub(in crate::explain) fn threshold(tenant: &Tenant) -> Setting {
    let said = tenant.facts();
    let set = tenant.snapshot().password_rules.as_ref().and_then(|rules| Some((rules, rules.lockout_threshold?)));
    match (said.lockout_threshold, set, said.cloud) {
        (Some(value), ..) => Setting { value, origin: Origin::Operator, evidence: said.evidence("lockoutThreshold") },
        (None, Some((rules, value)), _) => {
            let evidence = rules.origin.evidence("lockout threshold", "/values", value.to_string());
            Setting { value, origin: Origin::Snapshot, evidence: Some(evidence) }
        }
        (None, None, Some(cloud)) => {
            let value = if cloud == Cloud::UsGov { THRESHOLD_US_GOV } else { THRESHOLD };
            Setting { value, origin: Origin::OfCloud(cloud), evidence: said.evidence("cloud") }
        }
        (None, None, None) => Setting { value: THRESHOLD, origin: Origin::Default, evidence: None },
    }
}

/// How long the first lock lasts at least, in seconds.
pub(in crate::explain) fn duration_seconds(tenant: &Tenant) -> Setting {
    let said = tenant.facts();
    let set =
        tenant.snapshot().password_rules.as_ref().and_then(|rules| Some((rules, rules.lockout_duration_seconds?)));
    match (said.lockout_duration_seconds, set) {
        (Some(value), _) => {
            Setting { value, origin: Origin::Operator, evidence: said.evidence("lockoutDurationSeconds") }
        }
        (None, Some((rules, value))) => {
            let evidence = rules.origin.evidence("lockout duration", "/values", value.to_string());
            Setting { value, origin: Origin::Snapshot, evidence: Some(evidence) }
        }
        (None, None) => Setting { value: DURATION_SECONDS, origin: Origin::Default, evidence: None },
    }
}

/// The threshold of a tenant of which nothing is known.
pub(super) fn unknown_threshold() -> Setting {
    Setting { value: THRESHOLD, origin: Origin::Default, evidence: None }
}

/// The length of a first lock in a tenant of which nothing is known.
pub(super) fn unknown_duration() -> Setting {
    Setting { value: DURATION_SECONDS, origin: Origin::Default, evidence: None }
}

impl Setting {
    /// Where the setting is from, in words.
    pub fn from(&self) -> &'static str {
        match self.origin {
            Origin::Operator => "said by the operator",
            Origin::Snapshot => "snapshot",
            Origin::OfCloud(Cloud::UsGov) => "the default for US Government",
            Origin::OfCloud(Cloud::Public) => "the default of the public cloud",
            Origin::OfCloud(Cloud::China) => "the default in China",
            Origin::Default => "by default, 3 for US Government",
        }
    }
}

/// Whether a federation provider judges the password, with what says so.
pub(in crate::explain) struct Federation {
    pub(in crate::explain) is_federated: bool,
    /// What is federated, or who says that it is, in words.
    pub(in crate::explain) who: String,
    pub(in crate::explain) evidence: Vec<Evidence>,
}

/// The domain of an account, when the snapshot says that it is federated.
pub(in crate::explain) fn federated_domain<'a>(tenant: &'a Tenant, principal_name: Option<&str>) -> Option<&'a Domain> {
    tenant.snapshot().domain_of(principal_name?).filter(|domain| domain.is_federated())
}

/// What is known of federation: what the operator says, since staged rollout takes users out of a federated domain, else the domain
/// in the snapshot. Nothing when neither speaks of it.
pub(in crate::explain) fn federation(tenant: &Tenant, principal_name: Option<&str>) -> Option<Federation> {
    let facts = tenant.facts();
    let domain = federated_domain(tenant, principal_name);
    let said = facts.auth_method.map(|method| method == AuthMethod::Federated);
    let mut evidence: Vec<Evidence> =
        domain.iter().map(|domain| domain.origin.evidence("domain", "/authenticationType", "Federated")).collect();
    evidence.extend(facts.evidence("authMethod"));
    let is_federated = said.unwrap_or(domain.is_some());
    let who = match domain {
        Some(domain) => format!("{} is federated", domain.name),
        None => "Passwords are judged by a federation provider, says the operator".to_owned(),
    };
    (!evidence.is_empty()).then_some(Federation { is_federated, who, evidence })
}

/// Where the passwords of a user are judged, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Where; nothing where it cannot be told.
    pub kind: Option<AuthMethod>,
    /// The same, with what tells it, in words.
    pub words: String,
    /// The values that show it.
    pub evidence: Vec<Evidence>,
}

impl Method {
    /// The contract's word.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Some(AuthMethod::Cloud) => "cloud",
            Some(AuthMethod::PasswordHashSync) => "passwordHashSync",
            Some(AuthMethod::PassThrough) => "passThrough",
            Some(AuthMethod::Federated) => "federated",
            None => "unknown",
        }
    }
}

/// Where the passwords of a user are judged: by what the operator says, else by what the log calls the check of a password, else by
/// the domain in the snapshot. `logged` are the log's own words with where they stand, the newest first; `judged_here` is whether Entra
/// logged a wrong password or a lock itself, which it does not where a federation provider judges.
pub(super) fn method(
    tenant: &Tenant,
    principal_name: Option<&str>,
    logged: &[(String, Evidence)],
    judged_here: bool,
) -> Method {
    let facts = tenant.facts();
    if let Some(kind) = facts.auth_method {
        let words = format!("{}, says the operator", label(kind));
        return Method { kind: Some(kind), words, evidence: facts.evidence("authMethod").into_iter().collect() };
    }
    let read = logged.iter().find_map(|(words, evidence)| Some((kind_of(words)?, words, evidence)));
    if let Some((kind, written, evidence)) = read {
        let words = format!("{}, by the log's “{written}”", label(kind));
        return Method { kind: Some(kind), words, evidence: vec![evidence.clone()] };
    }
    if let Some(domain) = federated_domain(tenant, principal_name) {
        let evidence = vec![domain.origin.evidence("domain", "/authenticationType", "Federated")];
        if judged_here {
            let words = format!(
                "not certain: {} is federated in the snapshot, yet Entra logged wrong passwords itself (staged rollout, or the \
                 snapshot is of another time)",
                domain.name
            );
            return Method { kind: None, words, evidence };
        }
        let words = format!("at a federation provider: {} is federated in the snapshot", domain.name);
        return Method { kind: Some(AuthMethod::Federated), words, evidence };
    }
    Method { kind: None, words: "not known: neither log nor snapshot say".to_owned(), evidence: Vec::new() }
}

fn label(kind: AuthMethod) -> &'static str {
    match kind {
        AuthMethod::Cloud => "in Entra",
        AuthMethod::PasswordHashSync => "in Entra, by the synchronised hash",
        AuthMethod::PassThrough => "on premises, by a pass-through agent",
        AuthMethod::Federated => "at a federation provider",
    }
}

/// Reads `authenticationMethodDetail` of a step with a password, or the issuer of the token.
fn kind_of(words: &str) -> Option<AuthMethod> {
    let plain = words.to_ascii_lowercase().replace(['-', ' '], "");
    match plain.as_str() {
        "passwordinthecloud" => Some(AuthMethod::Cloud),
        "passwordhashsync" => Some(AuthMethod::PasswordHashSync),
        "adfederationservices" | "federated" | "formsauthentication" => Some(AuthMethod::Federated),
        _ if plain.contains("passthrough") => Some(AuthMethod::PassThrough),
        _ => None,
    }
}
