//! Defines [`SignIn`], one row of a sign-in log in the terms of Microsoft Graph (beta), whatever shape it came in.
//!
//! Names and values follow the `signIn` resource of Microsoft Graph (beta schema of 2026-08-20). Fields that a shape does
//! not carry are `None` or empty; nothing is filled in.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::evidence::{Evidence, Origin};
use super::first_party;
use super::merge::Clock;

/// One row of a sign-in log. A user's attempt may consist of several rows with one correlation id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SignIn {
    /// The request id, which the portal, the error page ("Trace ID") and Graph (`id`) share.
    pub id: String,
    /// When the sign-in happened, in UTC; `None` when the record's date cannot be read.
    pub created: Option<DateTime<Utc>>,
    /// Which clock that time is read from.
    pub clock: Clock,
    /// The user's object id; empty or the nil GUID for an account that does not exist.
    pub user_id: Option<String>,
    /// The user principal name as the log writes it: lower case, without `#EXT#` for guests.
    pub user_principal_name: Option<String>,
    /// The user's display name.
    pub user_display_name: Option<String>,
    /// `member` or `guest`, in lower case.
    pub user_type: Option<String>,
    /// What the user typed to identify themself, where the log has it.
    pub sign_in_identifier: Option<String>,
    /// The client application's id.
    pub app_id: Option<String>,
    /// The client application's name.
    pub app_display_name: Option<String>,
    /// The application id of the resource (not its object id).
    pub resource_id: Option<String>,
    /// The resource's name.
    pub resource_display_name: Option<String>,
    /// The tenant that owns the resource's application.
    pub resource_owner_tenant_id: Option<String>,
    /// The kind of client in the log's own words ("Browser", "Exchange ActiveSync", ...).
    pub client_app_used: Option<String>,
    /// The user agent string.
    pub user_agent: Option<String>,
    /// The address that Entra saw.
    pub ip_address: Option<String>,
    /// The address that the resource (Exchange, SharePoint) saw, where it was reported.
    pub ip_address_from_resource: Option<String>,
    /// Where the address is thought to be.
    pub location: Location,
    /// The device as the service knew it.
    pub device: Device,
    /// Groups the rows of one attempt; it comes from the client and is not vouched for (entra-docs, 2024-03-21).
    pub correlation_id: Option<String>,
    /// The first request of the sequence.
    pub original_request_id: Option<String>,
    /// Links everything that came from one interactive authentication.
    pub session_id: Option<String>,
    /// The id of the token that was issued (`uti`).
    pub unique_token_identifier: Option<String>,
    /// Whether a person was asked; `None` when the record does not say.
    pub is_interactive: Option<bool>,
    /// Which of the logs the row belongs to.
    pub event_kind: EventKind,
    /// How the row ended.
    pub status: Status,
    /// What Conditional Access came to.
    pub conditional_access_status: Option<ConditionalAccessStatus>,
    /// The policies as the log lists them.
    pub applied_policies: AppliedPolicies,
    /// Why the list may not be whole; nothing where nothing speaks against it.
    pub policies_lost: Option<PoliciesLost>,
    /// The authentication steps; `None` when the shape does not carry them.
    pub authentication_details: Option<Vec<AuthenticationStep>>,
    /// `singleFactorAuthentication` or `multiFactorAuthentication`.
    pub authentication_requirement: Option<String>,
    /// Who asked for more than one factor.
    pub authentication_requirement_policies: Vec<RequirementPolicy>,
    /// The session rules that required this authentication.
    pub session_lifetime_policies: Vec<SessionLifetimePolicy>,
    /// Whether the token is watched continuously (`Is CAE Token` of the processing details).
    pub is_cae_token: Option<bool>,
    /// The token that came with the request (`primaryRefreshToken`, ...).
    pub incoming_token_type: Option<String>,
    /// The protocol.
    pub authentication_protocol: Option<String>,
    /// How the session was transferred at its start (`deviceCodeFlow`, ...).
    pub original_transfer_method: Option<String>,
    /// The risk of this sign-in as seen while it happened.
    pub risk_level_during_sign_in: Option<String>,
    /// The aggregated risk.
    pub risk_level_aggregated: Option<String>,
    /// `b2bCollaboration` and the like.
    pub cross_tenant_access_type: Option<String>,
    /// The tenant the account lives in.
    pub home_tenant_id: Option<String>,
    /// The tenant that was signed in to.
    pub resource_tenant_id: Option<String>,
    /// The networks the address was recognised as; `None` when the record does not speak of networks.
    pub network_locations: Option<Vec<NetworkLocation>>,
    /// Who issued the token (`AzureAD`, `ADFederationServices`, ...).
    pub token_issuer_type: Option<String>,
    /// The resources that Conditional Access was evaluated for.
    pub audiences: Vec<String>,
    /// Authentication contexts that were asked for (`c1`, ...); `None` when the record does not speak of them.
    pub authentication_contexts: Option<Vec<String>>,
    /// Whether the traffic came through Global Secure Access.
    pub through_global_secure_access: Option<bool>,
    /// The service principal that signed in, for rows without a user.
    pub service_principal_id: Option<String>,
    /// The service principal's name.
    pub service_principal_name: Option<String>,
    /// How many sign-ins the row stands for, where the portal's column "# sign-ins" says so: the portal gathers rows of clients that
    /// are alike in app, user, address, status and resource (entra-docs, non-interactive sign-ins, 2025-03-17).
    pub grouped: Option<u32>,
    /// Where the row stands in the evidence.
    pub origin: Origin,
    /// The further records of this sign-in that were merged into it.
    pub also_in: Vec<RecordPlace>,
    /// What these records say differently.
    pub differences: Vec<Variance>,
}

/// A record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPlace {
    /// The file's name as shown to the user.
    pub file: Arc<str>,
    /// The record's number in it, counted from 0.
    pub record: Option<u64>,
}

impl RecordPlace {
    /// The file and the number.
    pub fn written(&self) -> String {
        self.record.map_or_else(|| self.file.to_string(), |record| format!("{} #{record}", self.file))
    }
}

/// A value of which two records of one sign-in say different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variance {
    /// The value that counts.
    pub here: Evidence,
    /// The other value.
    pub there: Evidence,
}

impl SignIn {
    /// Evidence for the value at `pointer`, a JSON pointer in Graph's spelling.
    pub fn evidence(&self, label: &str, pointer: &str, value: impl Into<String>) -> Evidence {
        self.origin.evidence(label, pointer, value)
    }

    /// The error code, 0 meaning success; `None` when the record carries none.
    pub fn error_code(&self) -> Option<i64> {
        self.status.error_code
    }

    /// The name to show for whoever signed in: display name, else principal name, else service principal, else id.
    pub fn who(&self) -> &str {
        [&self.user_display_name, &self.user_principal_name, &self.service_principal_name, &self.user_id]
            .into_iter()
            .find_map(|name| name.as_deref())
            .unwrap_or("somebody the record does not name")
    }

    /// The name to show for the application: the log's, else the one that Microsoft publishes for its id, else the id.
    pub fn app(&self) -> Option<&str> {
        shown(self.app_display_name.as_deref(), self.app_id.as_deref())
    }

    /// The name to show for the resource: the log's, else the one that Microsoft publishes for its id, else the id.
    pub fn resource(&self) -> Option<&str> {
        shown(self.resource_display_name.as_deref(), self.resource_id.as_deref())
    }

    /// The record's steps for the first factor with their numbers, or its first step when none is marked.
    pub fn primary_steps(&self) -> Vec<(usize, &AuthenticationStep)> {
        let steps = self.authentication_details.as_deref().unwrap_or_default();
        let is_primary = |step: &AuthenticationStep| {
            step.requirement.as_deref().is_some_and(|word| word.to_ascii_lowercase().starts_with("primary"))
        };
        let marked: Vec<_> = steps.iter().enumerate().filter(|(_, step)| is_primary(step)).collect();
        if marked.is_empty() { steps.iter().enumerate().take(1).collect() } else { marked }
    }

    /// Whether no person was there: a client or an application presented a token or secret.
    pub fn is_silent(&self) -> bool {
        !matches!(self.event_kind, EventKind::Interactive | EventKind::Unknown)
    }

    /// Whether a password was given on this row: what the record says of its steps, else what its error code means; nothing where
    /// neither tells.
    pub fn gave_password(&self) -> Option<bool> {
        let is_password = |step: &AuthenticationStep| {
            !step.was_satisfied_earlier()
                && step.method.as_deref().is_some_and(|method| method.to_ascii_lowercase().contains("password"))
        };
        let steps = self.primary_steps();
        if !steps.is_empty() {
            return Some(steps.iter().any(|(_, step)| is_password(step)));
        }
        match self.error_code() {
            Some(50_053 | 50_055 | 50_126 | 50_144) => Some(true),
            _ if self.is_silent() => Some(false),
            _ => None,
        }
    }

    /// Whether the client spoke Exchange ActiveSync. Microsoft's texts also spell it "Exchange ActiveSync (supported)".
    pub fn is_exchange_active_sync(&self) -> bool {
        self.client_app_used
            .as_deref()
            .is_some_and(|client| client.to_ascii_lowercase().starts_with("exchange activesync"))
    }
}

fn shown<'a>(name: Option<&'a str>, id: Option<&'a str>) -> Option<&'a str> {
    name.or_else(|| id.map(|id| first_party::application_name(id).unwrap_or(id)))
}

/// Where an address is thought to be. All fields may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Location {
    /// The city.
    pub city: Option<String>,
    /// The state or province.
    pub state: Option<String>,
    /// The ISO 3166 two-letter code.
    pub country: Option<String>,
    /// Whether the record speaks of the place at all; when it does and names no country, none was found.
    pub is_reported: bool,
}

impl Location {
    /// City, state and country joined by commas, without what is missing.
    pub fn written(&self) -> Option<String> {
        let parts: Vec<&str> =
            [&self.city, &self.state, &self.country].into_iter().filter_map(|p| p.as_deref()).collect();
        if parts.is_empty() { None } else { Some(parts.join(", ")) }
    }
}

/// The device as the log shows it. Graph writes `false` and `""` for a device it does not know.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Device {
    /// The device id; `None` in a record that speaks of the device means that none proved itself, whatever the flags say.
    pub device_id: Option<String>,
    /// The device's name.
    pub display_name: Option<String>,
    /// The operating system in the log's words.
    pub operating_system: Option<String>,
    /// The browser.
    pub browser: Option<String>,
    /// Whether the device is compliant.
    pub is_compliant: Option<bool>,
    /// Whether the device is managed.
    pub is_managed: Option<bool>,
    /// How the device is joined, in the log's words ("Azure AD joined", ...).
    pub trust_type: Option<String>,
    /// Whether the record speaks of the device at all; when it does and names no id, no device proved itself.
    pub is_reported: bool,
}

/// How a row ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Status {
    /// The code; 0 is success.
    pub error_code: Option<i64>,
    /// The log's own text for the code; it may be translated.
    pub failure_reason: Option<String>,
    /// Further words, of which those on MFA are useful on success.
    pub additional_details: Option<String>,
}

/// Which of the sign-in logs a row belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A person was at the keyboard.
    Interactive,
    /// A client used a token on a person's behalf.
    NonInteractive,
    /// An application signed in as itself.
    ServicePrincipal,
    /// A managed identity signed in.
    ManagedIdentity,
    /// The record does not say.
    #[default]
    Unknown,
}

impl EventKind {
    /// The word Graph uses.
    pub fn word(self) -> &'static str {
        match self {
            EventKind::Interactive => "interactiveUser",
            EventKind::NonInteractive => "nonInteractiveUser",
            EventKind::ServicePrincipal => "servicePrincipal",
            EventKind::ManagedIdentity => "managedIdentity",
            EventKind::Unknown => "unknown",
        }
    }

    /// Sign-ins of the kind, for people.
    pub fn sign_ins(self) -> &'static str {
        match self {
            EventKind::Interactive => "interactive sign-ins",
            EventKind::NonInteractive => "non-interactive sign-ins",
            EventKind::ServicePrincipal => "service principal sign-ins",
            EventKind::ManagedIdentity => "managed identity sign-ins",
            EventKind::Unknown => "sign-ins of unknown kind",
        }
    }

    /// The kind of Graph's word.
    pub fn of_word(word: &str) -> EventKind {
        let kinds = [
            EventKind::Interactive,
            EventKind::NonInteractive,
            EventKind::ServicePrincipal,
            EventKind::ManagedIdentity,
        ];
        kinds.into_iter().find(|kind| kind.word() == word).unwrap_or(EventKind::Unknown)
    }
}

/// What Conditional Access came to for a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConditionalAccessStatus {
    /// At least one policy applied or was evaluated, and none failed (entra-docs, sign-in log details, 2024-03-21).
    Success,
    /// A policy blocked, or its controls were not met.
    Failure,
    /// No policy was for this user and resource.
    NotApplied,
    /// A word this program does not know.
    Other(String),
}

impl ConditionalAccessStatus {
    /// The word of the log.
    pub fn word(&self) -> &str {
        match self {
            ConditionalAccessStatus::Success => "success",
            ConditionalAccessStatus::Failure => "failure",
            ConditionalAccessStatus::NotApplied => "notApplied",
            ConditionalAccessStatus::Other(word) => word,
        }
    }
}

/// The list of policies in a record. That it is missing, null or empty means different things.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum AppliedPolicies {
    /// The shape carries no list (unified audit log, portal CSV, pasted text).
    #[default]
    Absent,
    /// The list is null or empty: nothing was evaluated, or the exporting account could not read policies
    /// (microsoft-graph-docs-contrib issue 8761).
    Empty,
    /// Every policy of the tenant with its result.
    Listed(Vec<AppliedPolicy>),
}

/// Why a list of policies may not be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoliciesLost {
    /// It breaks off: a spreadsheet cuts what is longer than a cell can be.
    Cut,
    /// The policies stand one by one in rows of their own, not all of which need be there.
    InPieces,
}

impl AppliedPolicies {
    /// The policies, none when there is no list.
    pub fn list(&self) -> &[AppliedPolicy] {
        match self {
            AppliedPolicies::Listed(policies) => policies,
            _ => &[],
        }
    }
}

/// One policy as a record logs it.
#[derive(Debug, Clone, PartialEq)]
pub struct AppliedPolicy {
    /// The policy's id.
    pub id: String,
    /// The policy's name when the sign-in happened.
    pub display_name: String,
    /// What it came to.
    pub result: PolicyResult,
    /// The grant controls the log names ("Mfa", "Block", or a terms-of-use name).
    pub grant_controls: Vec<String>,
    /// The session controls the log names.
    pub session_controls: Vec<String>,
    /// Session controls that were not met.
    pub session_controls_not_satisfied: Vec<String>,
    /// Conditions that held; `None` when the shape carries no reasons (Graph v1.0).
    pub conditions_satisfied: Option<Vec<LoggedCondition>>,
    /// Conditions that did not hold; `None` when the shape carries no reasons.
    pub conditions_not_satisfied: Option<Vec<LoggedCondition>>,
    /// Include rules that matched, as (condition, rule) words.
    pub include_rules: Vec<(String, String)>,
    /// Exclude rules that matched, as (condition, rule) words.
    pub exclude_rules: Vec<(String, String)>,
    /// The authentication strength and what it came to.
    pub authentication_strength: Option<LoggedStrength>,
}

/// The authentication strength of a logged policy.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedStrength {
    /// The strength's name.
    pub display_name: String,
    /// What it came to (`satisfied`, `singleChallengeRequired`, ...).
    pub result: String,
}

/// What a policy came to for one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PolicyResult {
    /// It applied and its controls were met.
    Success,
    /// It applied and its controls were not met, or it blocks.
    Failure,
    /// Its conditions did not hold, or an exclusion did.
    NotApplied,
    /// It is switched off.
    NotEnabled,
    /// Report-only: it would have applied and been met.
    ReportOnlySuccess,
    /// Report-only: it would have stopped the sign-in.
    ReportOnlyFailure,
    /// Report-only: it would not have applied.
    ReportOnlyNotApplied,
    /// Report-only: the user would have been asked for something.
    ReportOnlyInterrupted,
    /// A word this program does not know, or the log's own `unknown`.
    Other(String),
}

impl PolicyResult {
    /// Reads the log's word, whatever its case.
    pub fn from_word(word: &str) -> PolicyResult {
        match word.to_ascii_lowercase().as_str() {
            "success" => PolicyResult::Success,
            "failure" => PolicyResult::Failure,
            "notapplied" => PolicyResult::NotApplied,
            "notenabled" => PolicyResult::NotEnabled,
            "reportonlysuccess" => PolicyResult::ReportOnlySuccess,
            "reportonlyfailure" => PolicyResult::ReportOnlyFailure,
            "reportonlynotapplied" => PolicyResult::ReportOnlyNotApplied,
            "reportonlyinterrupted" => PolicyResult::ReportOnlyInterrupted,
            _ => PolicyResult::Other(word.to_owned()),
        }
    }

    /// The word of the log.
    pub fn word(&self) -> &str {
        match self {
            PolicyResult::Success => "success",
            PolicyResult::Failure => "failure",
            PolicyResult::NotApplied => "notApplied",
            PolicyResult::NotEnabled => "notEnabled",
            PolicyResult::ReportOnlySuccess => "reportOnlySuccess",
            PolicyResult::ReportOnlyFailure => "reportOnlyFailure",
            PolicyResult::ReportOnlyNotApplied => "reportOnlyNotApplied",
            PolicyResult::ReportOnlyInterrupted => "reportOnlyInterrupted",
            PolicyResult::Other(word) => word,
        }
    }

    /// Whether this is one of the four report-only results, which never stop anybody.
    pub fn is_report_only(&self) -> bool {
        matches!(
            self,
            PolicyResult::ReportOnlySuccess
                | PolicyResult::ReportOnlyFailure
                | PolicyResult::ReportOnlyNotApplied
                | PolicyResult::ReportOnlyInterrupted
        )
    }
}

/// A condition that a record names as satisfied or not: Graph writes words, diagnostic settings a bit mask
/// (enum `conditionalAccessConditions`, microsoftgraph/msgraph-metadata, 2026-08-20).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoggedCondition {
    /// The target resource.
    Application,
    /// Users, groups and roles.
    Users,
    /// The device platform.
    DevicePlatform,
    /// The network location.
    Location,
    /// The client app type.
    ClientType,
    /// Sign-in risk.
    SignInRisk,
    /// User risk.
    UserRisk,
    /// Time of day.
    Time,
    /// Device state or device filter.
    DeviceState,
    /// The client.
    Client,
    /// The address that Entra saw; it accompanies [`LoggedCondition::Location`] in records since 2025.
    IpAddressSeenByAzureAd,
    /// The address that the resource saw.
    IpAddressSeenByResourceProvider,
    /// Service principals.
    ServicePrincipals,
    /// Service principal risk.
    ServicePrincipalRisk,
    /// Authentication flows.
    AuthenticationFlows,
    /// Insider risk.
    InsiderRisk,
    /// A word or bit this program does not know, as it stands in the record.
    Other(String),
}

/// Every known condition with its bit and Graph's word.
const CONDITIONS: [(LoggedCondition, u32, &str); 16] = [
    (LoggedCondition::Application, 1, "application"),
    (LoggedCondition::Users, 2, "users"),
    (LoggedCondition::DevicePlatform, 4, "devicePlatform"),
    (LoggedCondition::Location, 8, "location"),
    (LoggedCondition::ClientType, 16, "clientType"),
    (LoggedCondition::SignInRisk, 32, "signInRisk"),
    (LoggedCondition::UserRisk, 64, "userRisk"),
    (LoggedCondition::Time, 128, "time"),
    (LoggedCondition::DeviceState, 256, "deviceState"),
    (LoggedCondition::Client, 512, "client"),
    (LoggedCondition::IpAddressSeenByAzureAd, 1024, "ipAddressSeenByAzureAD"),
    (LoggedCondition::IpAddressSeenByResourceProvider, 2048, "ipAddressSeenByResourceProvider"),
    (LoggedCondition::ServicePrincipals, 8192, "servicePrincipals"),
    (LoggedCondition::ServicePrincipalRisk, 16384, "servicePrincipalRisk"),
    (LoggedCondition::AuthenticationFlows, 32768, "authenticationFlows"),
    (LoggedCondition::InsiderRisk, 65536, "insiderRisk"),
];

impl LoggedCondition {
    /// Reads the comma-joined words of Graph; `none` is the empty list.
    pub fn from_words(words: &str) -> Vec<LoggedCondition> {
        words
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("none"))
            .map(|word| {
                CONDITIONS
                    .iter()
                    .find(|(_, _, known)| known.eq_ignore_ascii_case(word))
                    .map_or_else(|| LoggedCondition::Other(word.to_owned()), |(condition, _, _)| condition.clone())
            })
            .collect()
    }

    /// Reads the bit mask of diagnostic settings; a bit without a name is kept as such.
    pub fn from_bits(bits: u32) -> Vec<LoggedCondition> {
        (0..u32::BITS)
            .map(|shift| 1u32 << shift)
            .filter(|bit| bits & bit != 0)
            .map(|bit| {
                CONDITIONS
                    .iter()
                    .find(|(_, known, _)| *known == bit)
                    .map_or_else(|| LoggedCondition::Other(format!("bit {bit}")), |(condition, _, _)| condition.clone())
            })
            .collect()
    }

    /// The word of Graph.
    pub fn word(&self) -> &str {
        match self {
            LoggedCondition::Other(word) => word,
            known => CONDITIONS.iter().find(|(condition, _, _)| condition == known).map_or("", |(_, _, word)| word),
        }
    }
}

/// One authentication step of a record.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthenticationStep {
    /// When it happened, in UTC.
    pub at: Option<DateTime<Utc>>,
    /// The method ("Password", "Previously satisfied", ...).
    pub method: Option<String>,
    /// The method's detail ("Password Hash Sync", ...).
    pub method_detail: Option<String>,
    /// Whether it succeeded.
    pub succeeded: Option<bool>,
    /// What came of it, in the log's words.
    pub result_detail: Option<String>,
    /// Which requirement it was for ("Primary authentication", "Multi-factor authentication").
    pub requirement: Option<String>,
}

impl AuthenticationStep {
    /// Whether the factor was taken from an earlier authentication, so that nobody was asked now
    /// (Graph `authenticationDetail`, beta).
    pub fn was_satisfied_earlier(&self) -> bool {
        let says = |text: &Option<String>, needle: &str| {
            text.as_deref().is_some_and(|t| t.to_ascii_lowercase().contains(needle))
        };
        says(&self.method, "previously satisfied")
            || says(&self.method, "satisfied by token")
            || says(&self.result_detail, "satisfied by claim in the token")
    }
}

/// Who asked for more than one factor.
#[derive(Debug, Clone, PartialEq)]
pub struct RequirementPolicy {
    /// Graph's word (`multiConditionalAccess`, `user`, `securityDefaults`, ...).
    pub provider: String,
    /// The log's text.
    pub detail: Option<String>,
}

/// A session rule that required this authentication.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionLifetimePolicy {
    /// Graph's word (`signInFrequencyPeriodicReauthentication`, ...).
    pub requirement: String,
    /// The log's text.
    pub detail: Option<String>,
}

/// A network an address was recognised as.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkLocation {
    /// The kind (`trustedNamedLocation`, `namedNetwork`, ...).
    pub kind: String,
    /// The names of the networks.
    pub names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_without_a_name_is_shown_by_its_published_name_or_its_id() {
        let mut sign_in =
            SignIn { app_id: Some("00000002-0000-0FF1-CE00-000000000000".to_owned()), ..SignIn::default() };
        assert_eq!(sign_in.app(), Some("Office 365 Exchange Online"));
        sign_in.app_id = Some("00000000-1111-4000-8000-000000000000".to_owned());
        assert_eq!(sign_in.app(), sign_in.app_id.as_deref());
        sign_in.app_display_name = Some("Payroll".to_owned());
        assert_eq!((sign_in.app(), sign_in.resource()), (Some("Payroll"), None));
    }

    #[test]
    fn words_and_bits_name_the_same_conditions() {
        assert_eq!(LoggedCondition::from_bits(1032), LoggedCondition::from_words("location,ipAddressSeenByAzureAD"));
        assert_eq!(LoggedCondition::from_bits(3), LoggedCondition::from_words("application, users"));
        assert_eq!(LoggedCondition::from_words("none"), vec![]);
        assert_eq!(LoggedCondition::from_bits(1 << 20), vec![LoggedCondition::Other("bit 1048576".to_owned())]);
    }
}
