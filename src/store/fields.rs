//! Reads sign-ins that another program took apart: Elasticsearch's integration (`azure.signinlogs.properties.*` in snake_case) and
//! Splunk's flattened fields (`properties.status.errorCode`), in JSON or as columns.
//!
//! Names, renamed ones among them: elastic/integrations, ingest pipeline of `signinlogs`. Lists of objects that were spread over
//! fields lose which values belong together (and Splunk drops empty ones), so they are not read.

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::diagnostic::{event_of_category, result_type, without_port};
use super::draft::Draft;

/// Where Elasticsearch keeps what the envelope of diagnostic settings had.
const ELASTIC: &str = "azure.signinlogs.";
/// Where a record of diagnostic settings keeps the sign-in.
const PROPERTIES: &str = "properties.";
/// Graph's names that Elasticsearch does not only write in snake_case.
const RENAMED: [(&str, &str); 4] = [
    ("created_at", "createdDateTime"),
    ("processing_time_ms", "processingTimeInMilliseconds"),
    ("risk_level_during_signin", "riskLevelDuringSignIn"),
    ("is_tenant_restricted", "isTenantRestricted"),
];
/// Members of Graph that are lists of objects.
const LISTS: [&str; 9] = [
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "authenticationProcessingDetails",
    "authenticationRequirementPolicies",
    "authenticationContextClassReferences",
    "networkLocationDetails",
    "sessionLifetimePolicies",
    "conditionalAccessAudiences",
    "appliedEventListeners",
];
/// Fields beside the sign-in and the member that they stand for where the sign-in itself lacks it.
const BESIDE: [(&str, &str); 17] = [
    ("azure.signinlogs.result_type", "/status/errorCode"),
    ("resultType", "/status/errorCode"),
    ("azure.signinlogs.result_description", "/status/failureReason"),
    ("resultDescription", "/status/failureReason"),
    ("azure.signinlogs.identity", "/userDisplayName"),
    ("identity", "/userDisplayName"),
    ("azure.correlation_id", "/correlationId"),
    ("correlationId", "/correlationId"),
    ("source.ip", "/ipAddress"),
    ("client.ip", "/ipAddress"),
    ("callerIpAddress", "/ipAddress"),
    ("user_agent.original", "/userAgent"),
    ("geo.city_name", "/location/city"),
    ("geo.country_iso_code", "/location/countryOrRegion"),
    ("time", "/createdDateTime"),
    ("@timestamp", "/createdDateTime"),
    ("azure.signinlogs.category", ""),
];

/// A sign-in in Graph's spelling.
pub struct Found {
    /// The sign-in, and where its values stand.
    pub graph: (Json, Renames),
    /// Whether lists of objects were spread over fields.
    pub has_spread_lists: bool,
    /// The word of the format.
    pub format: &'static str,
}

/// Whether an object is a sign-in that was taken apart.
pub fn is_sign_in(json: &Json) -> bool {
    let is_nested = !json.get("azure").get("signinlogs").is_null();
    is_nested || has_fields(json.members().iter().map(|(name, _)| name.as_str()))
}

/// Whether these names of fields or columns are those of a sign-in: three of its members, a mark of sign-ins among them.
pub fn has_fields<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    const MARKS: [&str; 5] =
        ["createdDateTime", "userPrincipalName", "appDisplayName", "conditionalAccessStatus", "servicePrincipalName"];
    let (mut fields, mut marks) = (0, 0);
    for name in names.filter_map(in_sign_in) {
        let first = graph_name(name.split('.').next().unwrap_or(""));
        fields += 1;
        marks += usize::from(MARKS.contains(&first.as_str()));
    }
    fields >= 3 && marks >= 1
}

/// The part of a field's name that lies in the sign-in.
fn in_sign_in(name: &str) -> Option<&str> {
    let name = name.trim();
    name.strip_prefix(ELASTIC).unwrap_or(name).strip_prefix(PROPERTIES)
}

/// Brings a sign-in that was taken apart to Graph's spelling.
pub fn graph_spelling(json: &Json) -> Found {
    let mut leaves = Vec::new();
    gather(json, "", "", 0, &mut leaves);
    let mut draft = Draft::default();
    let mut has_spread_lists = false;
    for leaf in &leaves {
        let Some(name) = in_sign_in(&leaf.name) else { continue };
        let parts: Vec<String> = name.split('.').map(graph_name).collect();
        let is_spread = name.contains("{}")
            || parts.len() > 1 && parts.first().is_some_and(|first| LISTS.contains(&first.as_str()));
        match parts.as_slice() {
            _ if is_spread => has_spread_lists |= !leaf.value.says_nothing(),
            // A list that became one text is spread as well.
            [list] if LISTS.contains(&list.as_str()) && !matches!(leaf.value, Json::List(_) | Json::Object(_)) => {
                has_spread_lists |= !leaf.value.says_nothing();
            }
            [first] => draft.add_tree(&format!("/{first}"), &leaf.place, leaf.value, respelt),
            [first, second] => draft.add_tree(&format!("/{first}/{second}"), &leaf.place, leaf.value, respelt),
            _ => {}
        }
    }
    for (name, pointer) in BESIDE.iter().filter(|(_, pointer)| !pointer.is_empty()) {
        let Some(leaf) = leaves.iter().find(|leaf| leaf.name == *name && !leaf.value.says_nothing()) else { continue };
        let value = match *pointer {
            "/status/errorCode" => result_type(leaf.value),
            "/ipAddress" => without_port(leaf.value),
            _ => leaf.value.clone(),
        };
        draft.add(pointer, &leaf.place, value);
    }
    let category = leaves.iter().find(|leaf| matches!(leaf.name.as_str(), "category" | "azure.signinlogs.category"));
    if let Some((leaf, Json::List(words))) = category.map(|leaf| (leaf, event_of_category(leaf.value)))
        && let Some(word) = words.first().and_then(Json::text)
        && draft.pointer("/signInEventTypes").is_none()
    {
        draft.add_event(&leaf.place, word);
    }
    let is_elastic = leaves.iter().any(|leaf| leaf.name.starts_with(ELASTIC));
    let format = if is_elastic { "elasticFields" } else { "splunkFields" };
    Found { graph: draft.finish(""), has_spread_lists, format }
}

/// A value under the name that its fields have when they are written in a row.
struct Leaf<'a> {
    name: String,
    place: String,
    value: &'a Json,
}

/// Gathers the values of nested objects under one name each, as if they were columns.
fn gather<'a>(json: &'a Json, name: &str, place: &str, depth: u8, leaves: &mut Vec<Leaf<'a>>) {
    const DEEPEST: u8 = 6;
    for (member, value) in json.members() {
        let name = if name.is_empty() { member.trim().to_owned() } else { format!("{name}.{member}") };
        let place = format!("{place}/{}", escape_pointer(member));
        match value {
            Json::Object(_) if depth < DEEPEST => gather(value, &name, &place, depth + 1, leaves),
            value => leaves.push(Leaf { name, place, value }),
        }
    }
}

fn respelt(name: &str) -> Option<String> {
    let graph = graph_name(name);
    (graph != name).then_some(graph)
}

/// Graph's name for one in snake_case; other names stay.
fn graph_name(name: &str) -> String {
    if let Some((_, graph)) = RENAMED.iter().find(|(renamed, _)| *renamed == name) {
        return (*graph).to_owned();
    }
    let mut graph = String::with_capacity(name.len());
    let mut raise = false;
    for c in name.chars() {
        match c {
            '_' if !graph.is_empty() => raise = true,
            c if raise => {
                graph.push(c.to_ascii_uppercase());
                raise = false;
            }
            c => graph.push(c),
        }
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn fields_of_elasticsearch_read_as_graph_and_point_at_themselves() {
        let event = json(
            r#"{"@timestamp":"2021-06-21T08:09:00Z","source":{"ip":"203.0.113.9"},"azure":{"correlation_id":"c1","signinlogs":{"category":"SignInLogs","result_type":"53003","properties":{"created_at":"2021-06-21T08:00:00Z","id":"b2","user_principal_name":"ana@contoso.com","status":{"error_code":53003},"device_detail":{"device_id":""},"applied_conditional_access_policies":[{"display_name":"Block abroad","result":"failure","enforcedGrantControls":["Block"]}]}}}}"#,
        );
        assert!(is_sign_in(&event));
        let found = graph_spelling(&event);
        let (graph, renames) = found.graph;
        assert_eq!((found.format, found.has_spread_lists), ("elasticFields", false));
        for (pointer, place) in [
            ("/createdDateTime", "/azure/signinlogs/properties/created_at"),
            ("/status/errorCode", "/azure/signinlogs/properties/status/error_code"),
            ("/ipAddress", "/source/ip"),
            ("/signInEventTypes", "/azure/signinlogs/category"),
            (
                "/appliedConditionalAccessPolicies/0/displayName",
                "/azure/signinlogs/properties/applied_conditional_access_policies/0/display_name",
            ),
        ] {
            assert_eq!(renames.to_file(pointer), place);
            assert!(graph.pointer(pointer).is_some() && event.pointer(place).is_some(), "{pointer}");
        }
    }

    #[test]
    fn lists_that_were_spread_are_not_read_and_that_is_said() {
        let row = json(
            r#"{"properties.id":"b2","properties.userPrincipalName":"ana@contoso.com","properties.status.errorCode":"53003","properties.appliedConditionalAccessPolicies{}.result":"notApplied\nfailure","resultType":"53003","category":"SignInLogs"}"#,
        );
        assert!(is_sign_in(&row));
        let found = graph_spelling(&row);
        assert!(found.has_spread_lists && found.format == "splunkFields");
        assert!(!found.graph.0.has("appliedConditionalAccessPolicies"));
        assert_eq!(found.graph.1.to_file("/status/errorCode"), "/properties.status.errorCode");
    }

    #[test]
    fn other_events_are_no_sign_ins() {
        assert!(!is_sign_in(&json(r#"{"properties.a":1,"properties.b":2,"properties.c":3}"#)));
        assert!(!is_sign_in(&json(r#"{"azure":{"activitylogs":{}}}"#)));
    }
}
