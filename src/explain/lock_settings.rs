//! The settings of smart lockout and where passwords are judged: said by the operator, else in the snapshot, else by default.

use crate::domain::Evidence;
use crate::domain::fact::{AuthMethod, Cloud};

use super::View;

/// The defaults (entra-docs, smart lockout, 2025-03-04).
const THRESHOLD: u32 = 10;
const THRESHOLD_US_GOV: u32 = 3;
const DURATION_SECONDS: u32 = 60;

/// Where a setting is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Operator,
    Snapshot,
    /// The default of a cloud that was said.
    OfCloud(Cloud),
    Default,
}

/// A number that was set.
pub(super) struct Setting {
    pub(super) value: u32,
    pub(super) origin: Origin,
    pub(super) evidence: Option<Evidence>,
}

/// After how many wrong passwords the lock comes.
pub(super) fn threshold(view: &View) -> Setting {
    let said = view.tenant.facts();
    let set = view.snapshot.password_rules.as_ref().and_then(|rules| Some((rules, rules.lockout_threshold?)));
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
pub(super) fn duration_seconds(view: &View) -> Setting {
    let said = view.tenant.facts();
    let set = view.snapshot.password_rules.as_ref().and_then(|rules| Some((rules, rules.lockout_duration_seconds?)));
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

impl Setting {
    /// Where the setting is from, in words.
    pub(super) fn from(&self) -> &'static str {
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
pub(super) struct Federation {
    pub(super) is_federated: bool,
    /// What is federated, or who says that it is, in words.
    pub(super) who: String,
    pub(super) evidence: Vec<Evidence>,
}

/// What is known of federation: what the operator says, since staged rollout takes users out of a federated domain, else the domain
/// in the snapshot. Nothing when neither speaks of it.
pub(super) fn federation(view: &View) -> Option<Federation> {
    let facts = view.tenant.facts();
    let domain = view.federated_domain();
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
