//! Defines [`Policy`], a Conditional Access policy as a snapshot holds it.
//!
//! Names follow the `conditionalAccessPolicy` resource of Microsoft Graph (v1.0 and beta schema of 2026-08-20). Members this
//! program does not know are kept raw in [`Policy::unknown`], never dropped: a policy with an unknown member cannot be
//! decided.

use chrono::{DateTime, Utc};

use super::evidence::{Evidence, Origin};

/// A Conditional Access policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    /// The policy's id; template collections may hold names or placeholders instead of a GUID.
    pub id: String,
    /// The policy's name.
    pub display_name: String,
    /// Whether it is enforced.
    pub state: PolicyState,
    /// When it was made.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed; after the sign-in means that the text may have been another one then.
    pub modified: Option<DateTime<Utc>>,
    /// When the policy applies.
    pub conditions: Conditions,
    /// What it demands; `None` when it has session controls only.
    pub grant: Option<GrantControls>,
    /// What it sets for the session.
    pub session: SessionControls,
    /// Members this program does not know, with their text.
    pub unknown: Vec<UnknownMember>,
    /// Where the policy stands in the evidence.
    pub origin: Origin,
}

impl Policy {
    /// Evidence for the value at `pointer`, a JSON pointer in Graph's spelling relative to the policy.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        self.origin.evidence(label, pointer, value)
    }

    /// Whether the policy's grant is to block.
    pub fn blocks(&self) -> bool {
        self.grant
            .as_ref()
            .is_some_and(|grant| grant.built_in.iter().any(|control| control.eq_ignore_ascii_case("block")))
    }
}

/// A member of a policy that this program does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownMember {
    /// Its JSON pointer relative to the policy.
    pub pointer: String,
    /// Its text.
    pub text: String,
}

/// Whether a policy is enforced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PolicyState {
    /// It is enforced.
    Enabled,
    /// It is off.
    Disabled,
    /// It is evaluated and reported, never enforced.
    ReportOnly,
    /// The snapshot says nothing, or a word this program does not know.
    Other(String),
    /// The snapshot does not say.
    #[default]
    Missing,
}

impl PolicyState {
    /// Reads Graph's word.
    pub fn from_word(word: &str) -> PolicyState {
        match word.to_ascii_lowercase().as_str() {
            "enabled" => PolicyState::Enabled,
            "disabled" => PolicyState::Disabled,
            "enabledforreportingbutnotenforced" => PolicyState::ReportOnly,
            _ => PolicyState::Other(word.to_owned()),
        }
    }

    /// Graph's word.
    pub fn word(&self) -> &str {
        match self {
            PolicyState::Enabled => "enabled",
            PolicyState::Disabled => "disabled",
            PolicyState::ReportOnly => "enabledForReportingButNotEnforced",
            PolicyState::Other(word) => word,
            PolicyState::Missing => "",
        }
    }
}

/// When a policy applies. A condition that is `None` is not configured and therefore holds
/// (entra-docs, Conditional Access policies, 2024-03-29).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Client app types (`browser`, `exchangeActiveSync`, ...); empty means all.
    pub client_app_types: Vec<String>,
    /// The target resources.
    pub applications: Applications,
    /// The users.
    pub users: Users,
    /// The workload identities; a policy for these is not for users.
    pub client_applications: Option<ClientApplications>,
    /// Named locations.
    pub locations: Option<IncludeExclude>,
    /// Device platforms.
    pub platforms: Option<IncludeExclude>,
    /// The filter for devices.
    pub device_filter: Option<Filter>,
    /// The retired device state condition.
    pub device_states: Option<IncludeExclude>,
    /// Sign-in risk levels; empty means not configured.
    pub sign_in_risk_levels: Vec<String>,
    /// User risk levels; empty means not configured.
    pub user_risk_levels: Vec<String>,
    /// Service principal risk levels; empty means not configured.
    pub service_principal_risk_levels: Vec<String>,
    /// Insider risk levels; empty means not configured.
    pub insider_risk_levels: Vec<String>,
    /// Authentication flows (`deviceCodeFlow`, `authenticationTransfer`); empty means not configured.
    pub transfer_methods: Vec<String>,
}

/// Include and exclude lists of one condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncludeExclude {
    /// What is included.
    pub include: Vec<String>,
    /// What is excluded; an exclusion beats an inclusion.
    pub exclude: Vec<String>,
}

/// The target resources of a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Applications {
    /// Application ids, `All`, `None`, `Office365`, `MicrosoftAdminPortals`.
    pub include: Vec<String>,
    /// Application ids or groups of them.
    pub exclude: Vec<String>,
    /// User actions (`urn:user:registersecurityinfo`, ...).
    pub user_actions: Vec<String>,
    /// Authentication contexts (`c1`, ...).
    pub authentication_contexts: Vec<String>,
    /// The filter over custom security attributes of the resource.
    pub filter: Option<Filter>,
}

/// A rule in the filter language, and whether what it matches is included or excluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// `include` or `exclude`.
    pub mode: String,
    /// The rule's text.
    pub rule: String,
}

/// The users of a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Users {
    /// User ids, `All`, `None`, `GuestsOrExternalUsers`.
    pub include_users: Vec<String>,
    /// User ids, `GuestsOrExternalUsers`.
    pub exclude_users: Vec<String>,
    /// Group ids.
    pub include_groups: Vec<String>,
    /// Group ids.
    pub exclude_groups: Vec<String>,
    /// Role template ids.
    pub include_roles: Vec<String>,
    /// Role template ids.
    pub exclude_roles: Vec<String>,
    /// Kinds of guests and external users.
    pub include_guests: Option<Guests>,
    /// Kinds of guests and external users.
    pub exclude_guests: Option<Guests>,
}

/// Kinds of guests and external users that a policy names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Guests {
    /// The kinds (`internalGuest`, `b2bCollaborationGuest`, ...).
    pub kinds: Vec<String>,
    /// The home tenants, `None` when all of them.
    pub tenants: Option<Vec<String>>,
}

/// The workload identities of a policy.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientApplications {
    /// Service principal ids or `ServicePrincipalsInMyTenant`.
    pub include: Vec<String>,
    /// Service principal ids.
    pub exclude: Vec<String>,
    /// The filter over custom security attributes of the service principal.
    pub filter: Option<Filter>,
}

/// What a policy demands before it grants access.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GrantControls {
    /// `AND` or `OR` as the snapshot writes it.
    pub operator: Option<String>,
    /// `block`, `mfa`, `compliantDevice`, ...
    pub built_in: Vec<String>,
    /// Custom controls by id or name.
    pub custom_factors: Vec<String>,
    /// Terms of use by agreement id.
    pub terms_of_use: Vec<String>,
    /// The authentication strength.
    pub strength: Option<StrengthReference>,
}

/// The authentication strength a policy asks for; exports hold it in full or by id only.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StrengthReference {
    /// The strength's id.
    pub id: String,
    /// Its name, where the export has it.
    pub display_name: Option<String>,
    /// The allowed combinations of methods, where the export has them.
    pub allowed_combinations: Vec<String>,
}

/// What a policy sets for the session.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SessionControls {
    /// How often the user must sign in again.
    pub sign_in_frequency: Option<SignInFrequency>,
    /// `always` or `never`: whether the browser session outlives the browser.
    pub persistent_browser: Option<String>,
    /// Whether the application enforces restrictions itself.
    pub application_enforced_restrictions: bool,
    /// Conditional Access App Control (`mcasConfigured`, ...).
    pub cloud_app_security: Option<String>,
    /// Continuous access evaluation (`strictLocation`, `disabled`, ...).
    pub continuous_access_evaluation: Option<String>,
    /// Whether the backup authentication service is kept from extending sessions.
    pub disable_resilience_defaults: bool,
    /// Token protection: tokens must be bound to the device.
    pub token_protection: bool,
}

/// How often a user must sign in again.
#[derive(Debug, Clone, PartialEq)]
pub struct SignInFrequency {
    /// The period in hours; `None` means every time.
    pub hours: Option<i64>,
    /// `primaryAndSecondaryAuthentication` or `secondaryAuthentication`.
    pub authentication_type: Option<String>,
}
