//! Reads a record in Graph's spelling into a [`SignIn`].

use crate::domain::Json;
use crate::domain::evidence::Origin;
use crate::domain::merge::Clock;
use crate::domain::sign_in::{
    AppliedPolicies, AppliedPolicy, AuthenticationStep, ConditionalAccessStatus, Device, EventKind, Location,
    LoggedCondition, LoggedStrength, NetworkLocation, PoliciesLost, PolicyResult, RequirementPolicy,
    SessionLifetimePolicy, SignIn, Status,
};
use crate::store::dates::read_date;

/// Reads a record in Graph's spelling. Nothing is required: what is missing or of an odd type is left out.
pub(super) fn sign_in(json: &Json, origin: Origin) -> SignIn {
    let text = |name: &str| json.get(name).text().map(str::to_owned);
    let location = json.get("location");
    let device = json.get("deviceDetail");
    let status = json.get("status");
    let part = |object: &Json, name: &str| object.get(name).text().map(str::to_owned);
    SignIn {
        id: text("id").unwrap_or_default(),
        created: json.get("createdDateTime").text().and_then(read_date),
        clock: Clock::default(),
        user_id: text("userId"),
        user_principal_name: text("userPrincipalName"),
        user_display_name: text("userDisplayName"),
        user_type: text("userType").map(|kind| kind.to_ascii_lowercase()),
        sign_in_identifier: text("signInIdentifier"),
        app_id: text("appId"),
        app_display_name: text("appDisplayName"),
        resource_id: text("resourceId"),
        resource_display_name: text("resourceDisplayName"),
        resource_owner_tenant_id: text("resourceOwnerTenantId"),
        client_app_used: text("clientAppUsed"),
        user_agent: text("userAgent"),
        ip_address: text("ipAddress"),
        ip_address_from_resource: text("ipAddressFromResourceProvider"),
        location: Location {
            city: part(location, "city"),
            state: part(location, "state"),
            country: part(location, "countryOrRegion"),
            is_reported: matches!(location, Json::Object(_)),
        },
        device: Device {
            device_id: part(device, "deviceId"),
            display_name: part(device, "displayName"),
            operating_system: part(device, "operatingSystem"),
            browser: part(device, "browser"),
            is_compliant: device.get("isCompliant").bool(),
            is_managed: device.get("isManaged").bool(),
            trust_type: part(device, "trustType"),
            is_reported: matches!(device, Json::Object(_)),
        },
        correlation_id: text("correlationId"),
        original_request_id: text("originalRequestId"),
        session_id: text("sessionId"),
        unique_token_identifier: text("uniqueTokenIdentifier"),
        is_interactive: json.get("isInteractive").bool(),
        event_kind: event_kind(json),
        status: Status {
            error_code: status.get("errorCode").int(),
            failure_reason: part(status, "failureReason"),
            additional_details: part(status, "additionalDetails"),
        },
        conditional_access_status: text("conditionalAccessStatus").map(|word| conditional_access_status(&word)),
        applied_policies: applied_policies(json),
        policies_lost: policies_lost(json.get("appliedConditionalAccessPolicies")),
        authentication_details: (json.has("authenticationDetails") && !is_no_list(json.get("authenticationDetails")))
            .then(|| texts_or_objects(json.get("authenticationDetails")).iter().map(authentication_step).collect()),
        authentication_requirement: text("authenticationRequirement"),
        authentication_requirement_policies: texts_or_objects(json.get("authenticationRequirementPolicies"))
            .iter()
            .filter_map(|policy| {
                Some(RequirementPolicy {
                    provider: part(policy, "requirementProvider")?,
                    detail: part(policy, "detail"),
                })
            })
            .collect(),
        session_lifetime_policies: texts_or_objects(json.get("sessionLifetimePolicies"))
            .iter()
            .filter_map(|policy| {
                Some(SessionLifetimePolicy {
                    requirement: part(policy, "expirationRequirement")?,
                    detail: part(policy, "detail"),
                })
            })
            .collect(),
        is_cae_token: texts_or_objects(json.get("authenticationProcessingDetails"))
            .iter()
            .find(|detail| {
                // "IsCAEToken" in older records.
                detail.get("key").text().is_some_and(|key| key.replace(' ', "").eq_ignore_ascii_case("IsCAEToken"))
            })
            .and_then(|detail| detail.get("value").text().map(|value| value.eq_ignore_ascii_case("true"))),
        incoming_token_type: text("incomingTokenType"),
        authentication_protocol: text("authenticationProtocol"),
        original_transfer_method: text("originalTransferMethod"),
        risk_level_during_sign_in: text("riskLevelDuringSignIn"),
        risk_level_aggregated: text("riskLevelAggregated"),
        cross_tenant_access_type: text("crossTenantAccessType"),
        home_tenant_id: text("homeTenantId"),
        resource_tenant_id: text("resourceTenantId"),
        network_locations: json.has("networkLocationDetails").then(|| {
            let networks = texts_or_objects(json.get("networkLocationDetails"));
            networks
                .iter()
                .filter_map(|network| {
                    let names = network.get("networkNames").items().iter().filter_map(Json::text);
                    Some(NetworkLocation {
                        kind: part(network, "networkType")?,
                        names: names.map(str::to_owned).collect(),
                    })
                })
                .collect()
        }),
        token_issuer_type: text("tokenIssuerType"),
        audiences: audiences(json.get("conditionalAccessAudiences")),
        authentication_contexts: json.has("authenticationContextClassReferences").then(|| {
            let contexts = texts_or_objects(json.get("authenticationContextClassReferences"));
            contexts.iter().filter_map(|context| part(context, "id")).collect()
        }),
        through_global_secure_access: json.get("isThroughGlobalSecureAccess").bool(),
        service_principal_id: text("servicePrincipalId"),
        service_principal_name: text("servicePrincipalName"),
        grouped: grouped(json.get("# sign-ins")),
        origin,
        also_in: Vec::new(),
        differences: Vec::new(),
    }
}

/// How many sign-ins a row of the portal stands for. Tables write thousands with a separator; what is no number stands for one.
fn grouped(value: &Json) -> Option<u32> {
    let text = value.text().map(|text| text.replace([',', '.', ' ', '\u{a0}', '\u{202f}'], ""));
    let count = text.map_or_else(|| value.int(), |text| text.parse().ok());
    count.filter(|count| *count > 0).map(|count| u32::try_from(count).unwrap_or(u32::MAX))
}

/// A list, or the list that a text holds as JSON: some exports write nested lists as text.
fn texts_or_objects(value: &Json) -> Vec<Json> {
    match value {
        Json::List(items) => items.clone(),
        Json::Text(text) => serde_json::from_str::<Json>(text).map(|json| json.items().to_vec()).unwrap_or_default(),
        Json::Object(_) => vec![value.clone()],
        _ => Vec::new(),
    }
}

/// Whether a text stands where a list should and is none: what the list held is not known, and it is not empty.
fn is_no_list(value: &Json) -> bool {
    value.text().is_some_and(|text| serde_json::from_str::<Json>(text).is_err())
}

/// Audiences come as one text, as texts, or as objects with `applicationId`.
fn audiences(value: &Json) -> Vec<String> {
    match value {
        Json::Text(text) => text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        Json::List(items) => items
            .iter()
            .filter_map(|item| item.text().or_else(|| item.get("applicationId").text()).map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

fn event_kind(json: &Json) -> EventKind {
    let word = texts_or_objects(json.get("signInEventTypes")).iter().find_map(|kind| kind.text().map(str::to_owned));
    match word.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("interactiveuser") => EventKind::Interactive,
        Some("noninteractiveuser") => EventKind::NonInteractive,
        Some("serviceprincipal") => EventKind::ServicePrincipal,
        Some("managedidentity") => EventKind::ManagedIdentity,
        _ => match json.get("isInteractive").bool() {
            Some(true) => EventKind::Interactive,
            Some(false) if json.get("servicePrincipalId").text().is_some() && json.get("userId").text().is_none() => {
                EventKind::ServicePrincipal
            }
            Some(false) => EventKind::NonInteractive,
            None => EventKind::Unknown,
        },
    }
}

fn conditional_access_status(word: &str) -> ConditionalAccessStatus {
    match word.to_ascii_lowercase().as_str() {
        "success" => ConditionalAccessStatus::Success,
        "failure" => ConditionalAccessStatus::Failure,
        "notapplied" | "not applied" => ConditionalAccessStatus::NotApplied,
        _ => ConditionalAccessStatus::Other(word.to_owned()),
    }
}

fn applied_policies(json: &Json) -> AppliedPolicies {
    if !json.has("appliedConditionalAccessPolicies") || is_no_list(json.get("appliedConditionalAccessPolicies")) {
        return AppliedPolicies::Absent;
    }
    let items = texts_or_objects(json.get("appliedConditionalAccessPolicies"));
    if items.is_empty() {
        return AppliedPolicies::Empty;
    }
    AppliedPolicies::Listed(items.iter().map(applied_policy).collect())
}

/// Whether a list that stands as text breaks off, or one policy stands in place of the list.
fn policies_lost(value: &Json) -> Option<PoliciesLost> {
    match value {
        Json::Object(_) => Some(PoliciesLost::InPieces),
        Json::Text(text) if text.trim_start().starts_with(['[', '{']) && is_no_list(value) => Some(PoliciesLost::Cut),
        _ => None,
    }
}

fn applied_policy(json: &Json) -> AppliedPolicy {
    let words = |name: &str| -> Vec<String> {
        match json.get(name) {
            // PowerShell writes a list of one that lies too deep as its one word.
            Json::Text(word) if !word.is_empty() => vec![word.clone()],
            words => words.items().iter().filter_map(Json::text).map(str::to_owned).collect(),
        }
    };
    let rules = |name: &str| -> Vec<(String, String)> {
        let word = |rule: &Json, name: &str| rule.get(name).text().unwrap_or("").to_owned();
        json.get(name)
            .items()
            .iter()
            .map(|rule| (word(rule, "conditionalAccessCondition"), word(rule, "ruleSatisfied")))
            .collect()
    };
    let strength = json.get("authenticationStrength");
    AppliedPolicy {
        id: json.get("id").text().unwrap_or_default().to_owned(),
        display_name: json.get("displayName").text().unwrap_or_default().to_owned(),
        result: PolicyResult::from_word(json.get("result").text().unwrap_or("unknown")),
        grant_controls: words("enforcedGrantControls"),
        session_controls: words("enforcedSessionControls"),
        session_controls_not_satisfied: words("sessionControlsNotSatisfied"),
        conditions_satisfied: logged_conditions(json, "conditionsSatisfied"),
        conditions_not_satisfied: logged_conditions(json, "conditionsNotSatisfied"),
        include_rules: rules("includeRulesSatisfied"),
        exclude_rules: rules("excludeRulesSatisfied"),
        authentication_strength: strength.get("displayName").text().map(|name| LoggedStrength {
            display_name: name.to_owned(),
            result: strength.get("authenticationStrengthResult").text().unwrap_or_default().to_owned(),
        }),
    }
}

/// The two types in which conditions come: words in Graph, a bit mask in diagnostic settings.
fn logged_conditions(json: &Json, name: &str) -> Option<Vec<LoggedCondition>> {
    match json.get(name) {
        Json::Number(bits) => bits.as_u64().and_then(|bits| u32::try_from(bits).ok()).map(LoggedCondition::from_bits),
        Json::Text(words) => Some(match words.parse::<u32>() {
            Ok(bits) => LoggedCondition::from_bits(bits),
            Err(_) => LoggedCondition::from_words(words),
        }),
        Json::List(items) => {
            let words: Vec<&str> = items.iter().filter_map(Json::text).collect();
            Some(LoggedCondition::from_words(&words.join(",")))
        }
        _ => None,
    }
}

fn authentication_step(json: &Json) -> AuthenticationStep {
    let text = |name: &str| json.get(name).text().map(str::to_owned);
    AuthenticationStep {
        at: json.get("authenticationStepDateTime").text().and_then(read_date),
        method: text("authenticationMethod"),
        method_detail: text("authenticationMethodDetail"),
        succeeded: json.get("succeeded").bool(),
        result_detail: text("authenticationStepResultDetail"),
        requirement: text("authenticationStepRequirement"),
    }
}
