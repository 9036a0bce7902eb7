//! Takes sign-ins out of the envelopes that Azure Monitor's diagnostic settings write.

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::canonical::graph_spelling;
use super::record::{member, named};
use super::unified_audit::bare_address;

/// Takes the sign-in out of the envelope of diagnostic settings; what only the envelope says is added to it.
pub fn open_envelope(json: &Json) -> (Json, Renames) {
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
pub fn result_type(value: &Json) -> Json {
    match value.int() {
        Some(code) => Json::Number(code.into()),
        None if value.text().is_some_and(|word| word.eq_ignore_ascii_case("success")) => Json::Number(0.into()),
        None => Json::Null,
    }
}

/// An address without the port that some envelopes append.
pub fn without_port(value: &Json) -> Json {
    value.text().map_or(Json::Null, |text| Json::Text(bare_address(text.to_owned())))
}

/// The event type of a category or table, as Graph's list of one word; null where the name tells none.
pub fn event_of_category(value: &Json) -> Json {
    let word = value.text().unwrap_or("").to_ascii_lowercase();
    // Tables of Log Analytics are named as the categories are, some with AAD before it.
    let word = match word.strip_prefix("aad").unwrap_or(&word) {
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
