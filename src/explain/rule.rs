//! Puts the conditions and controls of a policy into words, and beside them what the sign-in showed.
//!
//! The left side is the rule as the customer configured it, with names for ids where the snapshot has them; the right side is
//! the value seen, with a pointer to it.

use crate::domain::policy::{Guests, IncludeExclude, Policy, SignInFrequency, StrengthReference, UnknownMember};
use crate::domain::snapshot::NamedLocationKind;
use crate::domain::{Evidence, SignIn, first_party};

use super::access::{self, Tenant};

/// The conditions of a policy, under the names they have in the JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// The target resources, user actions and authentication contexts.
    Applications,
    /// Users, groups, roles and guests.
    Users,
    /// Workload identities.
    ClientApplications,
    /// Client app types.
    ClientAppTypes,
    /// Device platforms.
    Platforms,
    /// Named locations.
    Locations,
    /// The filter for devices and the retired device states.
    Devices,
    /// Sign-in risk.
    SignInRiskLevels,
    /// User risk.
    UserRiskLevels,
    /// Service principal risk.
    ServicePrincipalRiskLevels,
    /// Insider risk.
    InsiderRiskLevels,
    /// Authentication flows.
    AuthenticationFlows,
    /// Time of day.
    Times,
    /// Conditions that this program does not know.
    Other,
}

impl Condition {
    /// All conditions, in the order in which they are shown.
    pub const ALL: [Condition; 14] = [
        Condition::Applications,
        Condition::Users,
        Condition::ClientApplications,
        Condition::ClientAppTypes,
        Condition::Platforms,
        Condition::Locations,
        Condition::Devices,
        Condition::SignInRiskLevels,
        Condition::UserRiskLevels,
        Condition::ServicePrincipalRiskLevels,
        Condition::InsiderRiskLevels,
        Condition::AuthenticationFlows,
        Condition::Times,
        Condition::Other,
    ];

    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Condition::Applications => "applications",
            Condition::Users => "users",
            Condition::ClientApplications => "clientApplications",
            Condition::ClientAppTypes => "clientAppTypes",
            Condition::Platforms => "platforms",
            Condition::Locations => "locations",
            Condition::Devices => "devices",
            Condition::SignInRiskLevels => "signInRiskLevels",
            Condition::UserRiskLevels => "userRiskLevels",
            Condition::ServicePrincipalRiskLevels => "servicePrincipalRiskLevels",
            Condition::InsiderRiskLevels => "insiderRiskLevels",
            Condition::AuthenticationFlows => "authenticationFlows",
            Condition::Times => "times",
            Condition::Other => "other",
        }
    }

    /// The words of the admin's screen for one of the contract's words.
    pub fn label(word: &str) -> &str {
        match word {
            "applications" => "resources",
            "clientApplications" => "workloads",
            "clientAppTypes" => "client apps",
            "signInRiskLevels" => "sign-in risk",
            "userRiskLevels" => "user risk",
            "servicePrincipalRiskLevels" => "workload risk",
            "insiderRiskLevels" => "insider risk",
            "authenticationFlows" => "flows",
            "other" => "new conditions",
            other => other,
        }
    }

    /// The pointer of the condition within a policy.
    pub fn pointer(self) -> &'static str {
        match self {
            Condition::Applications => "/conditions/applications",
            Condition::Users => "/conditions/users",
            Condition::ClientApplications => "/conditions/clientApplications",
            Condition::ClientAppTypes => "/conditions/clientAppTypes",
            Condition::Platforms => "/conditions/platforms",
            Condition::Locations => "/conditions/locations",
            Condition::Devices => "/conditions/devices",
            Condition::SignInRiskLevels => "/conditions/signInRiskLevels",
            Condition::UserRiskLevels => "/conditions/userRiskLevels",
            Condition::ServicePrincipalRiskLevels => "/conditions/servicePrincipalRiskLevels",
            Condition::InsiderRiskLevels => "/conditions/insiderRiskLevels",
            Condition::AuthenticationFlows => "/conditions/authenticationFlows",
            Condition::Times => "/conditions/times",
            Condition::Other => "/conditions",
        }
    }

    /// The condition that a member of a policy belongs to; nothing for what is no condition.
    pub fn of_pointer(pointer: &str) -> Option<Condition> {
        let named = Condition::ALL.into_iter().filter(|condition| *condition != Condition::Other).find(|condition| {
            let rest = pointer.strip_prefix(condition.pointer());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        named.or_else(|| pointer.starts_with("/conditions/").then_some(Condition::Other))
    }
}

/// The rule of a condition in words, `None` when the policy does not configure it.
pub fn rule_text(policy: &Policy, condition: Condition, tenant: &Tenant) -> Option<String> {
    let conditions = &policy.conditions;
    let levels = |levels: &[String]| (!levels.is_empty()).then(|| levels.join(", "));
    match condition {
        Condition::Applications => applications_text(policy, tenant),
        Condition::Users => users_text(policy, tenant),
        Condition::ClientApplications => {
            let workloads = conditions.client_applications.as_ref()?;
            let name = |id: &String| workload_name(id, tenant);
            let mut include: Vec<String> = workloads.include.iter().map(name).collect();
            let mut exclude: Vec<String> = workloads.exclude.iter().map(name).collect();
            if let Some(filter) = &workloads.filter {
                let text = format!("applications with {}", filter.rule);
                if filter.mode.eq_ignore_ascii_case("exclude") { exclude.push(text) } else { include.push(text) }
            }
            include_exclude(include, exclude)
        }
        Condition::ClientAppTypes => {
            let types = &conditions.client_app_types;
            let all = types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case("all"));
            (!all).then(|| types.iter().map(|kind| client_app_type(kind)).collect::<Vec<_>>().join(", "))
        }
        Condition::Platforms => {
            let platforms = conditions.platforms.as_ref()?;
            include_exclude(platforms.include.clone(), platforms.exclude.clone())
        }
        Condition::Locations => locations_text(conditions.locations.as_ref()?, tenant),
        Condition::Devices => {
            let filter =
                conditions.device_filter.as_ref().map(|filter| format!("{} devices: {}", filter.mode, filter.rule));
            let states =
                conditions.device_states.as_ref().and_then(|s| include_exclude(s.include.clone(), s.exclude.clone()));
            filter.or(states)
        }
        Condition::SignInRiskLevels => levels(&conditions.sign_in_risk_levels),
        Condition::UserRiskLevels => levels(&conditions.user_risk_levels),
        Condition::ServicePrincipalRiskLevels => levels(&conditions.service_principal_risk_levels),
        Condition::InsiderRiskLevels => levels(&conditions.insider_risk_levels),
        Condition::AuthenticationFlows => levels(&conditions.transfer_methods),
        Condition::Times | Condition::Other => {
            let members = policy.unknown.iter();
            let own = members.filter(|member| Condition::of_pointer(&member.pointer) == Some(condition));
            let is_rule = policy.id.starts_with("securityDefaults/");
            let text = |member: &UnknownMember| match is_rule {
                true => member.text.clone(),
                false => format!("{} = {}", member.pointer, member.text),
            };
            let texts: Vec<String> = own.map(text).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
    }
}

/// The value that a condition looks at in a sign-in, in words, with the places it stands in.
pub fn seen(condition: Condition, sign_in: &SignIn) -> (String, Vec<Evidence>) {
    let mut evidence = Vec::new();
    let mut note = |label: &str, pointer: &str, value: &Option<String>| -> Option<String> {
        let value = value.clone()?;
        evidence.push(sign_in.evidence(label, pointer, value.clone()));
        Some(value)
    };
    let text = match condition {
        Condition::Applications => {
            let name = note("resource", "/resourceDisplayName", &sign_in.resource_display_name);
            let id = note("resource id", "/resourceId", &sign_in.resource_id);
            let implied = sign_in.is_exchange_active_sync().then(|| "Exchange, by its own protocol".to_owned());
            name.or(id).or(implied)
        }
        Condition::Users => {
            let name = note("user", "/userPrincipalName", &sign_in.user_principal_name);
            let id = note("user id", "/userId", &sign_in.user_id);
            name.or(id)
        }
        Condition::ClientApplications => {
            let name = note("service principal", "/servicePrincipalName", &sign_in.service_principal_name);
            name.or_else(|| note("service principal id", "/servicePrincipalId", &sign_in.service_principal_id))
        }
        Condition::ClientAppTypes => note("client app", "/clientAppUsed", &sign_in.client_app_used),
        Condition::Platforms => {
            let system = note("operating system", "/deviceDetail/operatingSystem", &sign_in.device.operating_system);
            system.or_else(|| sign_in.device.is_reported.then(|| "no operating system was told".to_owned()))
        }
        Condition::Locations => {
            let country = note("country", "/location/countryOrRegion", &sign_in.location.country);
            let address = note("IP address", "/ipAddress", &sign_in.ip_address);
            let networks = sign_in.network_locations.iter().flatten();
            let names: Vec<String> = networks.flat_map(|network| network.names.clone()).collect();
            let parts: Vec<String> = [country, address].into_iter().flatten().chain(names).collect();
            (!parts.is_empty()).then(|| parts.join(", "))
        }
        Condition::Devices => {
            let id = note("device id", "/deviceDetail/deviceId", &sign_in.device.device_id);
            let trust = note("join type", "/deviceDetail/trustType", &sign_in.device.trust_type);
            let compliant = sign_in.device.is_compliant.map(|yes| if yes { "compliant" } else { "not compliant" });
            match id {
                None => sign_in.device.is_reported.then(|| "no device identity".to_owned()),
                Some(id) => {
                    let parts: Vec<&str> =
                        [trust.as_deref(), compliant, Some(id.as_str())].into_iter().flatten().collect();
                    Some(parts.join(", "))
                }
            }
        }
        Condition::SignInRiskLevels => {
            note("sign-in risk", "/riskLevelDuringSignIn", &sign_in.risk_level_during_sign_in)
        }
        Condition::AuthenticationFlows => {
            let method = sign_in.original_transfer_method.clone();
            let carried = method.filter(|method| !method.eq_ignore_ascii_case("none"));
            let method = note("transfer method", "/originalTransferMethod", &carried);
            method.or_else(|| note("protocol", "/authenticationProtocol", &sign_in.authentication_protocol))
        }
        // The log carries none of these: user risk is not documented to be the aggregated level (signin.md, 2024-11-14).
        Condition::UserRiskLevels | Condition::ServicePrincipalRiskLevels | Condition::InsiderRiskLevels => None,
        Condition::Times => sign_in.created.map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string()),
        Condition::Other => Some("a condition this program does not know".to_owned()),
    };
    (text.unwrap_or_else(|| "not in the record".to_owned()), evidence)
}

fn applications_text(policy: &Policy, tenant: &Tenant) -> Option<String> {
    let apps = &policy.conditions.applications;
    let name = |id: &String| application_name(id, tenant);
    let mut include: Vec<String> = apps.include.iter().map(name).collect();
    include.extend(apps.user_actions.iter().map(|action| user_action(action)));
    include.extend(apps.authentication_contexts.iter().map(|context| authentication_context(context)));
    let mut exclude: Vec<String> = apps.exclude.iter().map(name).collect();
    if let Some(filter) = &apps.filter {
        let text = format!("resources with {}", filter.rule);
        if filter.mode.eq_ignore_ascii_case("exclude") { exclude.push(text) } else { include.push(text) }
    }
    include_exclude(include, exclude)
}

fn users_text(policy: &Policy, tenant: &Tenant) -> Option<String> {
    let users = &policy.conditions.users;
    let include = people(
        &users.include_users,
        &users.include_groups,
        &users.include_roles,
        users.include_guests.as_ref(),
        tenant,
    );
    let exclude = people(
        &users.exclude_users,
        &users.exclude_groups,
        &users.exclude_roles,
        users.exclude_guests.as_ref(),
        tenant,
    );
    include_exclude(include, exclude)
}

fn people(
    users: &[String],
    groups: &[String],
    roles: &[String],
    guests: Option<&Guests>,
    tenant: &Tenant,
) -> Vec<String> {
    let mut words: Vec<String> = users.iter().map(|id| user_name(id, tenant)).collect();
    words.extend(groups.iter().map(|id| group_name(id, tenant)));
    words.extend(roles.iter().map(|id| role_name(id, tenant)));
    words.extend(guests.map(guests_text));
    words
}

/// A user of a policy's list, or a word for several, in words.
pub(super) fn user_name(id: &str, tenant: &Tenant) -> String {
    match id {
        "All" => "all users".to_owned(),
        "None" => "no users".to_owned(),
        "GuestsOrExternalUsers" => "guests and external users".to_owned(),
        _ => tenant.user(Some(id), None).map_or_else(|| format!("user {id}"), |user| user.user_principal_name.clone()),
    }
}

/// A group in words.
pub(super) fn group_name(id: &str, tenant: &Tenant) -> String {
    tenant.group(id).map_or_else(|| format!("group {id}"), |group| format!("group “{}”", group.display_name))
}

/// A role in words, by the snapshot or by the published list of built-in roles.
pub(super) fn role_name(id: &str, tenant: &Tenant) -> String {
    let held = tenant.role(id).map(|role| role.display_name.as_str()).filter(|name| *name != id);
    held.or_else(|| first_party::role_name(id)).map_or_else(|| format!("role {id}"), |name| format!("role “{name}”"))
}

/// Kinds of guests in words.
pub(super) fn guests_text(guests: &Guests) -> String {
    let kinds = guests.kinds.join(", ");
    match &guests.tenants {
        None => format!("external users ({kinds})"),
        Some(tenants) => format!("external users ({kinds}) of {}", tenants.join(", ")),
    }
}

fn locations_text(locations: &IncludeExclude, tenant: &Tenant) -> Option<String> {
    let name = |id: &String| location_name(id, tenant);
    include_exclude(locations.include.iter().map(name).collect(), locations.exclude.iter().map(name).collect())
}

/// A location of a policy's list, or a word for several, in words.
pub(super) fn location_name(id: &str, tenant: &Tenant) -> String {
    match id {
        "All" => "any location".to_owned(),
        "AllTrusted" => "trusted locations".to_owned(),
        access::MFA_TRUSTED_ADDRESSES => "the trusted addresses of the MFA settings".to_owned(),
        access::COMPLIANT_NETWORK => "the compliant network".to_owned(),
        _ => tenant.named_location(id).map_or_else(
            || format!("location {id}"),
            |location| match &location.kind {
                NamedLocationKind::Countries { codes, include_unknown, lookup } => {
                    let unknown = if *include_unknown { " and unknown" } else { "" };
                    let by_phone =
                        lookup.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("authenticatorAppGps"));
                    let by_phone = if by_phone { ", by the phone's position" } else { "" };
                    format!("“{}” ({}{unknown}{by_phone})", location.display_name, codes.join(", "))
                }
                _ => format!("“{}”", location.display_name),
            },
        ),
    }
}

fn include_exclude(include: Vec<String>, exclude: Vec<String>) -> Option<String> {
    match (include.is_empty(), exclude.is_empty()) {
        (true, true) => None,
        (false, true) => Some(include.join(", ")),
        (true, false) => Some(format!("all except {}", exclude.join(", "))),
        (false, false) => Some(format!("{} except {}", include.join(", "), exclude.join(", "))),
    }
}

/// A resource of a policy's list, or a word for several, in words.
pub(super) fn application_name(id: &str, tenant: &Tenant) -> String {
    match id {
        "All" => "all resources".to_owned(),
        "None" => "no resources".to_owned(),
        "Office365" => "Office 365".to_owned(),
        "MicrosoftAdminPortals" => "Microsoft admin portals".to_owned(),
        _ => tenant
            .application(id)
            .map(|application| application.display_name.as_str())
            .filter(|name| *name != id)
            .or_else(|| first_party::application_name(id))
            .map_or_else(|| format!("application {id}"), str::to_owned),
    }
}

pub(super) fn authentication_context(context: &str) -> String {
    format!("authentication context {context}")
}

pub(super) fn workload_name(id: &str, tenant: &Tenant) -> String {
    match id {
        "ServicePrincipalsInMyTenant" => "all service principals of this tenant".to_owned(),
        _ => application_name(id, tenant),
    }
}

pub(super) fn user_action(action: &str) -> String {
    match action.to_ascii_lowercase().as_str() {
        "urn:user:registersecurityinfo" => "the action “register security information”".to_owned(),
        "urn:user:registerdevice" => "the action “register or join devices”".to_owned(),
        _ => format!("the action {action}"),
    }
}

pub(super) fn client_app_type(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "browser" => "browser".to_owned(),
        "mobileappsanddesktopclients" | "modern" => "mobile apps and desktop clients".to_owned(),
        "exchangeactivesync" | "easunsupported" => "Exchange ActiveSync".to_owned(),
        "eassupported" => "Exchange ActiveSync on supported platforms".to_owned(),
        "other" => "other (legacy) clients".to_owned(),
        _ => kind.to_owned(),
    }
}

/// What a policy demands, in words; "nothing" for a policy with session controls only.
pub fn grant_text(policy: &Policy) -> String {
    let Some(grant) = &policy.grant else { return "no grant control".to_owned() };
    let mut words: Vec<String> = grant.built_in.iter().map(|control| control_name(control)).collect();
    words.extend(grant.strength.as_ref().map(strength_text));
    words.extend(grant.terms_of_use.iter().map(|id| format!("terms of use {id}")));
    words.extend(grant.custom_factors.iter().map(|id| format!("custom control {id}")));
    let joint =
        if grant.operator.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("or")) { " or " } else { " and " };
    if words.is_empty() { "no grant control".to_owned() } else { words.join(joint) }
}

/// An authentication strength in words.
pub(super) fn strength_text(strength: &StrengthReference) -> String {
    let built_in = first_party::strength(&strength.id).map(|strength| strength.name.as_str());
    let name = strength.display_name.as_deref().or(built_in).unwrap_or(&strength.id);
    format!("authentication strength “{name}”")
}

/// What a policy demands and sets, in words.
pub fn demand_text(policy: &Policy) -> String {
    let grant = grant_text(policy);
    let mut words: Vec<String> = if policy.grant.is_some() { vec![grant] } else { Vec::new() };
    words.extend(session_texts(policy));
    words.join(", ")
}

/// A session control in words, from the log's spelling.
pub fn session_control_name(control: &str) -> String {
    match control.to_ascii_lowercase().as_str() {
        "signinfrequency" => "sign-in frequency".to_owned(),
        "persistentbrowsersessionmode" => "persistent browser session".to_owned(),
        "appenforcedrestrictions" => "app enforced restrictions".to_owned(),
        "cloudappsecurity" => "Conditional Access App Control".to_owned(),
        "signintokenprotection" | "binding" => "token protection".to_owned(),
        _ => format!("“{control}”"),
    }
}

/// A grant control in words, from the policy's spelling or the log's.
pub fn control_name(control: &str) -> String {
    match control.to_ascii_lowercase().as_str() {
        "block" => "block".to_owned(),
        "mfa" => "MFA".to_owned(),
        "compliantdevice" | "requirecompliantdevice" => "a compliant device".to_owned(),
        "domainjoineddevice" | "requiredomainjoineddevice" => "a hybrid joined device".to_owned(),
        "approvedapplication" | "requireapprovedapp" => "an approved client app".to_owned(),
        "compliantapplication" | "requirecompliantapp" => "an app protection policy".to_owned(),
        "passwordchange" => "a password change".to_owned(),
        "riskremediation" => "risk remediation".to_owned(),
        _ => format!("“{control}”"),
    }
}

/// What a policy sets for the session, in words, one text a control.
pub fn session_texts(policy: &Policy) -> Vec<String> {
    let session = &policy.session;
    let mut words = Vec::new();
    if let Some(frequency) = &session.sign_in_frequency {
        words.push(frequency_text(frequency));
    }
    if let Some(mode) = &session.persistent_browser {
        words.push(format!("persistent browser session: {mode}"));
    }
    if session.application_enforced_restrictions {
        words.push("app enforced restrictions".to_owned());
    }
    if let Some(kind) = &session.cloud_app_security {
        words.push(format!("Conditional Access App Control: {kind}"));
    }
    if let Some(mode) = &session.continuous_access_evaluation {
        words.push(format!("continuous access evaluation: {mode}"));
    }
    if session.disable_resilience_defaults {
        words.push("resilience defaults off".to_owned());
    }
    if session.token_protection {
        words.push("token protection".to_owned());
    }
    words
}

fn frequency_text(frequency: &SignInFrequency) -> String {
    hours_text(frequency.hours)
}

/// A sign-in frequency in words; no hours are every time.
pub(super) fn hours_text(hours: Option<i64>) -> String {
    match hours {
        None => "sign-in frequency: every time".to_owned(),
        Some(hours) if hours % 24 == 0 && hours > 0 => format!("sign-in frequency: {} d", hours / 24),
        Some(hours) => format!("sign-in frequency: {hours} h"),
    }
}

/// The policy's own words, one line a condition and control.
pub fn policy_text(policy: &Policy, tenant: &Tenant) -> Vec<String> {
    let mut lines: Vec<String> = Condition::ALL
        .iter()
        .filter_map(|condition| {
            rule_text(policy, *condition, tenant).map(|text| format!("{}: {text}", Condition::label(condition.word())))
        })
        .collect();
    lines.push(format!("grant: {}", grant_text(policy)));
    lines.extend(session_texts(policy).into_iter().map(|text| format!("session: {text}")));
    for member in &policy.unknown {
        lines.push(format!("not known to this program: {} = {}", member.pointer, member.text));
    }
    lines
}
