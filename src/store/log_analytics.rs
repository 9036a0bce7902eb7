//! Brings rows of the sign-in tables of Log Analytics and Sentinel to Graph's spelling, whether they come as CSV or JSON.
//!
//! The tables have Graph's names in PascalCase beside columns of their own, and hold objects as text in all tables but one
//! (learn.microsoft.com, Azure Monitor reference of the tables). Headings of CSV tell the time zone (`TimeGenerated [UTC]`), and a
//! union of tables doubles a column (`Status_dynamic`, `Status_string`), one of which is filled.

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::canonical::spelled;
use super::dates::DateOrder;
use super::diagnostic::{event_of_category, result_type, without_port};
use super::draft::Draft;
use super::record::opened_text;

/// Columns that only these tables have.
const OWN: [&str; 12] = [
    "TimeGenerated",
    "ResultType",
    "ResultSignature",
    "ResultDescription",
    "AADTenantId",
    "ConditionalAccessPolicies",
    "LocationDetails",
    "ResourceIdentity",
    "OperationName",
    "OperationVersion",
    "SourceSystem",
    "IsRisky",
];

/// Columns of which a row of a sign-in has at least two.
const MARKS: [&str; 13] = [
    "Id",
    "ResultType",
    "UserPrincipalName",
    "UserId",
    "AppDisplayName",
    "AppId",
    "IPAddress",
    "CorrelationId",
    "ClientAppUsed",
    "ConditionalAccessStatus",
    "ServicePrincipalId",
    "ServicePrincipalName",
    "ResourceDisplayName",
];

/// Columns that are not Graph's member of that name: where they stand in Graph, or nothing where Graph has no such member.
/// `TenantId` is the workspace. `AADTenantId` is the tenant whose log it is, which may be the home or the resource tenant.
const APART: [(&str, &str); 22] = [
    ("CreatedDateTime", "/createdDateTime"),
    ("TimeGenerated", "/createdDateTime"),
    ("ConditionalAccessPolicies", "/appliedConditionalAccessPolicies"),
    ("LocationDetails", "/location"),
    ("ResourceIdentity", "/resourceId"),
    ("AlternateSignInName", "/signInIdentifier"),
    ("Identity", "/userDisplayName"),
    ("ResultDescription", "/status/failureReason"),
    ("ResultType", "/status/errorCode"),
    ("Location", "/location/countryOrRegion"),
    ("IPAddress", "/ipAddress"),
    ("Category", ""),
    ("Type", ""),
    ("TableName", ""),
    ("TenantId", ""),
    ("AADTenantId", ""),
    ("ResourceId", ""),
    ("Resource", ""),
    ("ResourceGroup", ""),
    ("ResourceProvider", ""),
    ("OperationName", ""),
    ("Level", ""),
];

/// The column's name without the time zone and the type that exports append.
pub fn bare(name: &str) -> &str {
    let name = name.trim();
    let name = name.strip_suffix(']').and_then(|name| name.rsplit_once(" [")).map_or(name, |(name, _)| name);
    name.strip_suffix("_dynamic").or(name.strip_suffix("_string")).unwrap_or(name)
}

/// The time zone that a heading tells of a column, unless it is UTC.
pub fn other_zone(name: &str) -> Option<&str> {
    let (_, zone) = name.trim().strip_suffix(']')?.rsplit_once(" [")?;
    (!zone.trim().eq_ignore_ascii_case("utc")).then_some(zone)
}

/// Whether an object has columns that Graph does not have.
pub fn has_own_columns(json: &Json) -> bool {
    json.members().iter().any(|(name, _)| OWN.contains(&bare(name)))
}

/// Whether these are the names of the columns of a sign-in: a time, something only these tables have, and two marks of a sign-in.
pub fn is_row<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut has_time, mut is_own, mut marks) = (false, false, 0);
    for name in names.map(bare) {
        has_time |= matches!(name, "TimeGenerated" | "CreatedDateTime");
        is_own |= OWN.contains(&name);
        marks += usize::from(MARKS.contains(&name));
        if is_count(name) {
            return false;
        }
    }
    has_time && is_own && marks >= 2
}

/// Whether these are the names of a result that was summarised from a table of sign-ins: some of its columns, and counts or no time.
pub fn is_summary<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    let (mut has_time, mut has_count, mut marks, mut is_own) = (false, false, 0, false);
    for name in names.map(bare) {
        has_time |= matches!(name, "TimeGenerated" | "CreatedDateTime");
        has_count |= is_count(name);
        is_own |= OWN.contains(&name);
        marks += usize::from(MARKS.contains(&name));
    }
    marks >= 1 && has_count && (has_time || is_own || marks >= 2) || marks >= 2 && is_own && !has_time
}

/// Whether a row says that it is of a table of sign-ins. A summary may say so and hold none.
pub fn names_table(value: &str) -> bool {
    let name = value.trim().to_ascii_lowercase();
    name.ends_with("signinlogs") && name.chars().all(|c| c.is_ascii_alphabetic())
}

/// Whether a row says that it is of another table: queries unite tables of sign-ins with others.
pub fn is_of_other_table(json: &Json) -> bool {
    let said = ["Type", "Category"].into_iter().find_map(|column| {
        json.members().iter().find(|(name, _)| bare(name) == column).and_then(|(_, value)| value.text())
    });
    said.is_some_and(|table| !names_table(table))
}

/// Whether a column holds what Kusto's `summarize` makes and names by itself.
fn is_count(name: &str) -> bool {
    ["count_", "countif_", "dcount_", "dcountif_", "sum_", "avg_", "max_", "min_", "set_", "list_"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Opens the objects and lists that a row keeps as text, in their places.
pub fn open(json: &mut Json) {
    let Json::Object(members) = json else { return };
    for (name, value) in members {
        let name = bare(name);
        // What people and clients write may look like JSON.
        if name.ends_with("Name") || name == "UserAgent" || name == "Identity" {
            continue;
        }
        if let Some(opened) = value.text().and_then(opened_text) {
            *value = opened;
        }
    }
}

/// Brings a row whose texts are opened to Graph's spelling; `dates` tells how a table writes them.
pub fn graph_spelling(json: &Json, dates: Option<DateOrder>) -> (Json, Renames) {
    let mut draft = Draft::default();
    for (name, value) in json.members() {
        let column = bare(name);
        if APART.iter().any(|(apart, _)| *apart == column) || value.says_nothing() && !matches!(value, Json::List(_)) {
            continue;
        }
        let Some(graph) = spelled(column) else { continue };
        draft.add_tree(&format!("/{graph}"), &place(name), value, spelled);
    }
    // In the order of the list: the time of the sign-in before the time of the row, the object before the text.
    for (apart, pointer) in APART.iter().filter(|(_, pointer)| !pointer.is_empty()) {
        for (name, value) in json.members().iter().filter(|(name, _)| bare(name) == *apart) {
            add_apart(&mut draft, apart, pointer, &place(name), value, dates);
        }
    }
    for column in ["Category", "Type", "TableName"] {
        let of_column = json.members().iter().find(|(name, _)| bare(name) == column);
        if let Some((name, Json::List(words))) = of_column.map(|(name, value)| (name, event_of_category(value)))
            && let Some(word) = words.first().and_then(Json::text)
            && draft.pointer("/signInEventTypes").is_none()
        {
            draft.add_event(&place(name), word);
        }
    }
    draft.finish("")
}

fn add_apart(draft: &mut Draft, column: &str, pointer: &str, place: &str, value: &Json, dates: Option<DateOrder>) {
    match column {
        "ConditionalAccessPolicies" | "LocationDetails" => draft.add_tree(pointer, place, value, spelled),
        "ResultType" => draft.add(pointer, place, result_type(value)),
        "IPAddress" => draft.add(pointer, place, without_port(value)),
        "CreatedDateTime" | "TimeGenerated" => {
            let dated = value.text().zip(dates).and_then(|(text, dates)| dates.iso(text)).map(Json::Text);
            draft.add(pointer, place, dated.unwrap_or_else(|| value.clone()));
        }
        _ if value.text().is_some() => draft.add(pointer, place, value.clone()),
        _ => {}
    }
}

fn place(name: &str) -> String {
    format!("/{}", escape_pointer(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn columns_are_known_without_zone_and_type() {
        for (name, expected) in [
            ("TimeGenerated [UTC]", "TimeGenerated"),
            ("CreatedDateTime [Local Time]", "CreatedDateTime"),
            ("Status_string", "Status"),
            ("Status_dynamic", "Status"),
            ("Id", "Id"),
        ] {
            assert_eq!(bare(name), expected);
        }
        assert_eq!(other_zone("TimeGenerated [UTC]"), None);
        assert_eq!(other_zone("TimeGenerated [Local Time]"), Some("Local Time"));
    }

    #[test]
    fn rows_and_summaries_are_told_apart() {
        let rows = |names: &[&str]| is_row(names.iter().copied());
        let sums = |names: &[&str]| is_summary(names.iter().copied());
        assert!(rows(&["TimeGenerated [UTC]", "UserPrincipalName", "ResultType"]));
        assert!(!rows(&["CreatedDateTime", "UserPrincipalName", "AppDisplayName"]));
        for summary in [
            &["UserPrincipalName", "ResultType", "count_"][..],
            &["TimeGenerated", "AppDisplayName", "dcount_UserId"],
            &["UserPrincipalName", "ResultType", "Attempts"],
        ] {
            assert!(sums(summary) && !rows(summary), "{summary:?}");
        }
        assert!(is_of_other_table(&json(r#"{"Category":"UserManagement","Type":"AuditLogs"}"#)));
        assert!(!is_of_other_table(&json(r#"{"Category":"SignInLogs","Type":"SigninLogs"}"#)));
        assert!(!is_of_other_table(&json(r#"{"Type":""}"#)) && names_table("AADManagedIdentitySignInLogs"));
        assert!(!sums(&["Name", "Mail"]) && !sums(&["UserPrincipalName", "AppDisplayName"]));
    }

    #[test]
    fn of_doubled_columns_the_filled_one_is_read_and_points_at_itself() {
        let mut row = json(
            r#"{"TimeGenerated":"t2","CreatedDateTime":"t1","TenantId":"w1","ResourceId":"/tenants/t1/providers/x","ResultType":"53003","Status_dynamic":"","Status_string":"{\"errorCode\":53003}","ConditionalAccessPolicies_string":"[{\"id\":\"p1\",\"result\":\"failure\"}]","Category":"NonInteractiveUserSignInLogs","DisplayName":"[]"}"#,
        );
        open(&mut row);
        let (graph, renames) = graph_spelling(&row, None);
        assert_eq!(graph.pointer("/createdDateTime").and_then(Json::text), Some("t1"));
        assert_eq!(renames.to_file("/status/errorCode"), "/Status_string/errorCode");
        assert_eq!(
            renames.to_file("/appliedConditionalAccessPolicies/0/result"),
            "/ConditionalAccessPolicies_string/0/result"
        );
        assert_eq!(renames.to_file("/signInEventTypes"), "/Category");
        assert!(!graph.has("tenantId") && !graph.has("resourceId"));
        assert_eq!(row.get("DisplayName").text(), Some("[]"));
    }
}
