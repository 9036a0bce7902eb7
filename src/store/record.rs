//! Reads one record of a sign-in log: bytes to [`Json`], any shape to Graph's spelling, and that to a [`SignIn`].
//!
//! Every shape goes through the same three steps, so what is known of a field is known once. The way back, from Graph's name to
//! the place in the file, is kept in the record's [`Origin`], because an explanation points at the file.

use std::sync::Arc;

use crate::domain::Json;
use crate::domain::evidence::{Origin, Renames};
use crate::domain::json::escape_pointer;
use crate::domain::lockout::AttemptClass;
use crate::domain::merge::Fullness;
use crate::domain::sign_in::{
    AppliedPolicies, AppliedPolicy, AuthenticationStep, ConditionalAccessStatus, Device, EventKind, Location,
    LoggedCondition, LoggedStrength, NetworkLocation, PolicyResult, RequirementPolicy, SessionLifetimePolicy, SignIn,
    Status,
};

use super::audit_table::AuditTable;
use super::canonical::{graph_spelling, needs_spelling};
use super::dates::read_date;
use super::index::{Entry, Span, Who};
use super::pasted;
use super::source::Record;
use super::unified_audit;

/// How the records of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// JSON objects: Graph's own, the envelopes of diagnostic settings or the unified audit log's, told apart record by record.
    Json,
    /// `Key:Value` lines copied from the portal.
    Pasted,
    /// Rows of CSV that hold a record of the unified audit log.
    AuditTable(AuditTable),
}

/// What a JSON object of a log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// A sign-in as Microsoft Graph writes it, in camelCase or PascalCase.
    Graph,
    /// A sign-in in the envelope of Azure Monitor's diagnostic settings.
    Diagnostic,
    /// A directory audit event.
    Audit,
    /// A record of the unified audit log.
    UnifiedAudit,
    /// A row of a Log Analytics table.
    LogAnalytics,
    /// Nothing this program knows.
    Other,
}

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// They are no JSON, so that where the record ends is not certain either.
    #[error("{0}")]
    NoJson(String),
    /// They are JSON and no sign-in.
    #[error("no sign-in: {0}")]
    NoSignIn(&'static str),
    /// They are a record of the unified audit log, of another operation than a sign-in.
    #[error("no sign-in: the operation {0}")]
    OtherOperation(String),
}

/// Reads one record.
///
/// Fails when the bytes are no JSON or no sign-in.
pub fn read_record(bytes: &[u8], shape: Shape, file: &Arc<str>, number: u64) -> Result<Record, Refusal> {
    let json = match shape {
        Shape::Json => read_json(bytes).map_err(Refusal::NoJson)?,
        Shape::Pasted => pasted::read_block(&String::from_utf8_lossy(bytes)),
        Shape::AuditTable(table) => table.read_row(bytes)?,
    };
    read_object(json, shape, file, number)
}

/// Reads one record whose bytes were read already.
///
/// Fails when it is no sign-in.
pub fn read_object(json: Json, shape: Shape, file: &Arc<str>, number: u64) -> Result<Record, Refusal> {
    let mut json = json;
    // Most records are spelt as Graph spells them: those are read in place, without a second tree.
    let respelt = match shape {
        Shape::Pasted => Some(pasted::graph_spelling(&json)),
        Shape::AuditTable(_) => Some(unified_audit::graph_spelling(&json)?),
        Shape::Json => match recognise(&json) {
            Recognised::Graph if !needs_spelling(&json) => None,
            Recognised::Graph => Some(graph_spelling(json.clone())),
            Recognised::Diagnostic => Some(open_envelope(&json)),
            Recognised::UnifiedAudit => {
                json = unified_audit::opened(json)?;
                Some(unified_audit::graph_spelling(&json)?)
            }
            other => return Err(Refusal::NoSignIn(other.label())),
        },
    };
    let (graph, renames) = match &respelt {
        Some((graph, renames)) => (graph, renames.clone()),
        None => (&json, Renames::default()),
    };
    let origin = Origin { file: Arc::clone(file), record: Some(number), renames, ..Origin::default() };
    Ok(Record { sign_in: sign_in(graph, origin), json })
}

impl Recognised {
    /// What it is, in words.
    pub fn label(self) -> &'static str {
        match self {
            Recognised::Graph => "a sign-in of Microsoft Graph",
            Recognised::Diagnostic => "a sign-in of diagnostic settings",
            Recognised::Audit => "a directory audit event",
            Recognised::UnifiedAudit => "a record of the unified audit log",
            Recognised::LogAnalytics => "a row of a Log Analytics table",
            Recognised::Other => "not an object this program knows",
        }
    }
}

/// Reads bytes as JSON, forgiving what damaged exports hold: bytes that are no UTF-8, and halves of surrogate pairs.
pub fn read_json(bytes: &[u8]) -> Result<Json, String> {
    let failure = match serde_json::from_slice(bytes) {
        Ok(json) => return Ok(json),
        Err(failure) => failure,
    };
    let text = String::from_utf8_lossy(bytes);
    let mended = without_lone_surrogates(&text);
    serde_json::from_str(&mended).map_err(|_| failure.to_string())
}

/// Replaces `\uD800` to `\uDFFF` that do not form a pair by the replacement character's escape.
fn without_lone_surrogates(text: &str) -> String {
    let unit = |at: &str| -> Option<u16> {
        let digits = at.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        mended.push_str(before);
        let length = match unit(escape) {
            Some(0xD800..=0xDBFF) => match escape.get(6..).and_then(unit) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => 0,
            },
            Some(0xDC00..=0xDFFF) => 0,
            _ => 2.min(escape.len()),
        };
        if length == 0 {
            mended.push_str("\\ufffd");
            rest = escape.get(6..).unwrap_or("");
        } else {
            // A backslash may be followed by a character of several bytes in text that is no JSON anyway.
            let end = (length..=escape.len()).find(|end| escape.is_char_boundary(*end)).unwrap_or(escape.len());
            mended.push_str(escape.get(..end).unwrap_or(""));
            rest = escape.get(end..).unwrap_or("");
        }
    }
    mended.push_str(rest);
    mended
}

/// Tells what a JSON object is by the members it has.
pub fn recognise(json: &Json) -> Recognised {
    let has = |name: &str| json.members().iter().any(|(member, _)| member.eq_ignore_ascii_case(name));
    if has("category") && has("properties") {
        let category = member(json, "category").text().unwrap_or("").to_ascii_lowercase();
        return if category.ends_with("signinlogs") {
            Recognised::Diagnostic
        } else if category == "auditlogs" {
            Recognised::Audit
        } else {
            Recognised::Other
        };
    }
    if has("activityDisplayName") && has("targetResources") {
        return Recognised::Audit;
    }
    if unified_audit::is_record(json) {
        return Recognised::UnifiedAudit;
    }
    if has("ResultType") && (has("TimeGenerated") || has("AADTenantId") || has("CreatedDateTime")) {
        return Recognised::LogAnalytics;
    }
    let marks = ["status", "correlationId", "clientAppUsed", "conditionalAccessStatus", "appDisplayName", "ipAddress"];
    if has("createdDateTime") && marks.iter().filter(|mark| has(mark)).count() >= 2 {
        return Recognised::Graph;
    }
    Recognised::Other
}

/// The member of that name without regard to case, which varies in the envelopes of diagnostic settings.
fn member<'a>(json: &'a Json, name: &str) -> &'a Json {
    named(json, name).map_or(&Json::Null, |(_, value)| value)
}

/// The member of that name without regard to case, with the name as it is written.
pub(super) fn named<'a>(json: &'a Json, name: &str) -> Option<(&'a str, &'a Json)> {
    json.members()
        .iter()
        .find(|(member, _)| member.eq_ignore_ascii_case(name))
        .map(|(member, value)| (member.as_str(), value))
}

/// Takes the sign-in out of the envelope of diagnostic settings; what only the envelope says is added to it.
fn open_envelope(json: &Json) -> (Json, Renames) {
    let (name, properties) = named(json, "properties").unwrap_or(("properties", &Json::Null));
    let (graph, inner) = graph_spelling(properties.clone());
    let base = format!("/{}", escape_pointer(name));
    let mut renames = inner.under(&base);
    let mut members: Vec<(String, Json)> = graph.members().to_vec();
    let lacks = |pointer: &str| graph.pointer(pointer).is_none_or(|value| value.is_null() || value.text() == Some(""));
    let mut add = |pointer: &str, name: &str, value: Json| {
        if let Some((written, _)) = named(json, name).filter(|_| lacks(pointer) && !value.is_null()) {
            set(&mut members, pointer, value);
            renames.add(pointer, format!("/{}", escape_pointer(written)));
        }
    };
    add("/status/errorCode", "resultType", result_type(member(json, "resultType")));
    add("/status/failureReason", "resultDescription", member(json, "resultDescription").clone());
    add("/createdDateTime", "time", member(json, "time").clone());
    add("/correlationId", "correlationId", member(json, "correlationId").clone());
    add("/ipAddress", "callerIpAddress", without_port(member(json, "callerIpAddress")));
    add("/userDisplayName", "identity", member(json, "identity").clone());
    add("/signInEventTypes", "category", event_of_category(member(json, "category")));
    (Json::Object(members), renames)
}

/// The error code in `resultType`: a number, a number as text, or the word Success.
fn result_type(value: &Json) -> Json {
    match value.int() {
        Some(code) => Json::Number(code.into()),
        None if value.text().is_some_and(|word| word.eq_ignore_ascii_case("success")) => Json::Number(0.into()),
        None => Json::Null,
    }
}

/// An address without the port that some envelopes append.
fn without_port(value: &Json) -> Json {
    value.text().map_or(Json::Null, |text| Json::Text(unified_audit::bare_address(text.to_owned())))
}

fn event_of_category(value: &Json) -> Json {
    let word = match value.text().unwrap_or("").to_ascii_lowercase().as_str() {
        "signinlogs" => "interactiveUser",
        "noninteractiveusersigninlogs" => "nonInteractiveUser",
        "serviceprincipalsigninlogs" | "microsoftserviceprincipalsigninlogs" => "servicePrincipal",
        "managedidentitysigninlogs" => "managedIdentity",
        _ => return Json::Null,
    };
    Json::List(vec![Json::Text(word.to_owned())])
}

/// Sets a member one or two levels deep, making the object in between.
fn set(members: &mut Vec<(String, Json)>, pointer: &str, value: Json) {
    let mut parts = pointer.split('/').skip(1);
    let (Some(first), second) = (parts.next(), parts.next()) else { return };
    let Some(second) = second else {
        members.retain(|(name, _)| name != first);
        members.push((first.to_owned(), value));
        return;
    };
    let mut inner = match members.iter().position(|(name, _)| name == first) {
        Some(at) => members.remove(at).1.members().to_vec(),
        None => Vec::new(),
    };
    inner.retain(|(name, _)| name != second);
    inner.push((second.to_owned(), value));
    members.push((first.to_owned(), Json::Object(inner)));
}

/// Reads a record in Graph's spelling. Nothing is required: what is missing or of an odd type is left out.
fn sign_in(json: &Json, origin: Origin) -> SignIn {
    let text = |name: &str| json.get(name).text().map(str::to_owned);
    let location = json.get("location");
    let device = json.get("deviceDetail");
    let status = json.get("status");
    let part = |object: &Json, name: &str| object.get(name).text().map(str::to_owned);
    SignIn {
        id: text("id").unwrap_or_default(),
        created: json.get("createdDateTime").text().and_then(read_date),
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
        authentication_details: json
            .has("authenticationDetails")
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
        is_cae_token: json
            .get("authenticationProcessingDetails")
            .items()
            .iter()
            .find(|detail| detail.get("key").text().is_some_and(|key| key.eq_ignore_ascii_case("Is CAE Token")))
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
    if !json.has("appliedConditionalAccessPolicies") {
        return AppliedPolicies::Absent;
    }
    let items = texts_or_objects(json.get("appliedConditionalAccessPolicies"));
    if items.is_empty() {
        return AppliedPolicies::Empty;
    }
    AppliedPolicies::Listed(items.iter().map(applied_policy).collect())
}

fn applied_policy(json: &Json) -> AppliedPolicy {
    let words = |name: &str| -> Vec<String> {
        json.get(name).items().iter().filter_map(Json::text).map(str::to_owned).collect()
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

/// What the index keeps of a sign-in.
pub fn entry(sign_in: &SignIn, span: Span) -> Entry {
    let held = |text: &Option<String>| text.clone().unwrap_or_default();
    let is_service = sign_in.user_id.is_none() && sign_in.service_principal_id.is_some();
    let who = if is_service {
        Who {
            id: held(&sign_in.service_principal_id),
            principal_name: String::new(),
            display_name: held(&sign_in.service_principal_name),
            identifier: String::new(),
            is_service,
        }
    } else {
        Who {
            id: held(&sign_in.user_id),
            principal_name: held(&sign_in.user_principal_name),
            display_name: held(&sign_in.user_display_name),
            identifier: held(&sign_in.sign_in_identifier),
            is_service,
        }
    };
    Entry {
        span,
        id: sign_in.id.clone(),
        time: sign_in.created.map(|created| created.timestamp_millis()),
        who,
        error_code: sign_in.error_code(),
        class: AttemptClass::of(sign_in),
        conditional_access: sign_in.conditional_access_status.clone(),
        app: sign_in.app().unwrap_or_default().to_owned(),
        resource: sign_in.resource().unwrap_or_default().to_owned(),
        client: held(&sign_in.client_app_used),
        place: sign_in.location.written().unwrap_or_default(),
        ip: held(&sign_in.ip_address),
        correlation_id: held(&sign_in.correlation_id),
        session_id: held(&sign_in.session_id),
        event_kind: sign_in.event_kind,
        policy_failed: sign_in.applied_policies.list().iter().any(|policy| policy.result == PolicyResult::Failure),
        fullness: Fullness::of(sign_in),
        is_supplement: false,
    }
}
