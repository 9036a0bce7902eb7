//! Reads what PowerShell cut: objects that `ConvertTo-Json` wrote as text because they lie too deep, and the rows of `Export-Csv`.
//!
//! `@{Id=p1; Result=success}` is read where it can mean one thing only. The name of a type says nothing of what was there: such a
//! member is taken for one that the record lacks, never for an empty one.

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::canonical::spelled;
use super::dates::DateOrder;
use super::draft::Draft;

/// How names of types begin that PowerShell writes in place of a value.
const TYPES: [&str; 7] = [
    "System.Object",
    "System.Collections.",
    "System.Management.Automation.",
    "System.String[]",
    "Microsoft.Graph.PowerShell.Models.",
    "Microsoft.Graph.Beta.PowerShell.Models.",
    "Microsoft.Open.MSGraph.Model.",
];

/// The members of Graph's objects in a sign-in, in lower case. A text can be taken apart only at names that are known: a display
/// name may hold a semicolon.
const MEMBERS: [&str; 48] = [
    "additionaldetails",
    "additionalproperties",
    "altitude",
    "authdetail",
    "authenticationmethod",
    "authenticationmethoddetail",
    "authenticationstepdatetime",
    "authenticationsteprequirement",
    "authenticationstepresultdetail",
    "authenticationstrength",
    "authenticationstrengthid",
    "authenticationstrengthresult",
    "authmethod",
    "browser",
    "browserid",
    "city",
    "conditionalaccesscondition",
    "conditionsnotsatisfied",
    "conditionssatisfied",
    "countryorregion",
    "detail",
    "deviceid",
    "displayname",
    "enforcedgrantcontrols",
    "enforcedsessioncontrols",
    "errorcode",
    "excluderulessatisfied",
    "expirationrequirement",
    "failurereason",
    "geocoordinates",
    "id",
    "includerulessatisfied",
    "iscompliant",
    "ismanaged",
    "key",
    "latitude",
    "longitude",
    "networknames",
    "networktype",
    "operatingsystem",
    "requirementprovider",
    "result",
    "rulesatisfied",
    "sessioncontrolsnotsatisfied",
    "state",
    "succeeded",
    "trusttype",
    "value",
];

/// Whether a text is the name of a type in place of a value.
pub fn is_type_name(text: &str) -> bool {
    // Every text of every record comes here, so the first letter decides most.
    match text.as_bytes().first() {
        // A list that lies too deep is the names of its items' types, one after the other.
        Some(b'S' | b'M') => text.split(' ').all(|name| TYPES.iter().any(|start| name.starts_with(start))),
        Some(b'c') => text.starts_with("class ") && text.contains('{'),
        _ => false,
    }
}

fn is_object_text(text: &str) -> bool {
    text.starts_with("@{") && text.ends_with('}')
}

/// Opens the objects that stand as text, in their places, and says whether anything was cut.
pub fn open(json: &mut Json) -> bool {
    match json {
        Json::Text(text) if is_object_text(text) => {
            if let Some(opened) = object(text) {
                *json = opened;
            }
            true
        }
        Json::Text(text) => is_type_name(text),
        // Every one is opened, also behind the first that was cut.
        Json::List(items) => items.iter_mut().map(open).filter(|is_cut| *is_cut).count() > 0,
        Json::Object(members) => members.iter_mut().map(|(_, value)| open(value)).filter(|is_cut| *is_cut).count() > 0,
        _ => false,
    }
}

/// Reads `@{Name=value; Name=value}`; nothing when it can be read in two ways or holds another object.
fn object(text: &str) -> Option<Json> {
    let inner = text.strip_prefix("@{")?.strip_suffix('}')?;
    if inner.contains("@{") {
        return None;
    }
    let mut members: Vec<(String, Json)> = Vec::new();
    for part in inner.split("; ") {
        let (name, value) = part.split_once('=')?;
        let is_known = MEMBERS.binary_search(&name.to_ascii_lowercase().as_str()).is_ok();
        if !is_known || members.iter().any(|(held, _)| held.eq_ignore_ascii_case(name)) {
            return None;
        }
        members.push((name.to_owned(), Json::Text(value.to_owned())));
    }
    Some(Json::Object(members))
}

/// The value without the members that were cut, and without the lists one of whose items was.
pub fn without_cut(json: Json) -> Json {
    match json {
        Json::Object(members) => Json::Object(
            members
                .into_iter()
                .filter(|(_, value)| !is_cut(value))
                .map(|(name, value)| (name, without_cut(value)))
                .collect(),
        ),
        Json::List(items) => Json::List(items.into_iter().map(without_cut).collect()),
        other => other,
    }
}

fn is_cut(value: &Json) -> bool {
    match value {
        Json::Text(text) => is_object_text(text) || is_type_name(text),
        Json::List(items) => items.iter().any(is_cut),
        _ => false,
    }
}

/// Columns of tables made with `Select-Object` and the member of Graph they stand for, in lower case.
const COLUMNS: [(&str, &str); 13] = [
    ("city", "/location/city"),
    ("country", "/location/countryOrRegion"),
    ("countryorregion", "/location/countryOrRegion"),
    ("errorcode", "/status/errorCode"),
    ("failurereason", "/status/failureReason"),
    ("additionaldetails", "/status/additionalDetails"),
    ("browser", "/deviceDetail/browser"),
    ("os", "/deviceDetail/operatingSystem"),
    ("operatingsystem", "/deviceDetail/operatingSystem"),
    ("device", "/deviceDetail/displayName"),
    ("deviceid", "/deviceDetail/deviceId"),
    ("iscompliant", "/deviceDetail/isCompliant"),
    ("trusttype", "/deviceDetail/trustType"),
];

/// Whether these are the columns of sign-ins that PowerShell exported: the time and two marks of a sign-in.
pub fn has_columns<'a>(names: impl Iterator<Item = &'a str>) -> bool {
    const MARKS: [&str; 6] =
        ["appdisplayname", "clientappused", "conditionalaccessstatus", "correlationid", "ipaddress", "isinteractive"];
    let (mut has_time, mut marks) = (false, 0);
    for name in names.map(|name| name.trim().to_ascii_lowercase()) {
        has_time |= name == "createddatetime";
        marks += usize::from(MARKS.contains(&name.as_str()));
    }
    has_time && marks >= 2
}

/// Brings a row of such a table to Graph's spelling, and says whether cells hold names of types.
pub fn row_spelling(json: &Json, dates: DateOrder) -> ((Json, Renames), bool) {
    let mut draft = Draft::default();
    let mut has_type_names = false;
    for (name, value) in json.members() {
        let Some(text) = value.text() else { continue };
        if is_type_name(text) {
            has_type_names = true;
            continue;
        }
        let place = format!("/{}", escape_pointer(name));
        let column = name.trim();
        let lower = column.to_ascii_lowercase();
        if let Some((_, pointer)) = COLUMNS.iter().find(|(known, _)| *known == lower) {
            draft.add(pointer, &place, value.clone());
            continue;
        }
        match lower.as_str() {
            "createddatetime" => {
                let date = dates.iso(text).unwrap_or_else(|| text.to_owned());
                draft.add("/createdDateTime", &place, Json::Text(date));
            }
            // A number is the code; words are whatever who made the table meant by them.
            "status" => {
                if let Ok(code) = text.parse::<i64>() {
                    draft.add("/status/errorCode", &place, Json::Number(code.into()));
                }
            }
            // Lists and objects that became one text are not lists any more.
            _ if is_nested(&lower) => {}
            _ => {
                let graph = spelled(column).unwrap_or_else(|| column.to_owned());
                draft.add(&format!("/{graph}"), &place, value.clone());
            }
        }
    }
    (draft.finish(""), has_type_names)
}

fn is_nested(column: &str) -> bool {
    column.starts_with("applied")
        || column.ends_with("details")
        || column.ends_with("policies")
        || matches!(column, "devicedetail" | "location" | "mfadetail" | "state" | "signineventtypes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(text: &str) -> (Json, bool) {
        let mut json: Json = serde_json::from_str(text).expect("JSON");
        let is_cut = open(&mut json);
        (json, is_cut)
    }

    #[test]
    fn the_known_members_are_in_order() {
        assert!(MEMBERS.is_sorted());
    }

    #[test]
    fn flat_objects_are_opened_in_their_places() {
        let (json, is_cut) =
            opened(r#"{"P":["@{DisplayName=Block = all; Id=p1; Result=failure}"],"Status":{"ErrorCode":0}}"#);
        assert!(is_cut);
        assert_eq!(json.pointer("/P/0/DisplayName").and_then(Json::text), Some("Block = all"));
        assert_eq!(json.pointer("/P/0/Result").and_then(Json::text), Some("failure"));
    }

    #[test]
    fn what_can_be_read_two_ways_and_names_of_types_are_absent_and_never_empty() {
        for cut in [
            r#"{"p":["@{DisplayName=a; b; Id=p1}"]}"#,
            r#"{"p":["@{DisplayName=a; Result=x; Result=success}"]}"#,
            r#"{"p":"@{Id=p1; Users=@{Id=u1}}"}"#,
            r#"{"p":"System.Object[]"}"#,
            r#"{"p":"Microsoft.Graph.PowerShell.Models.X Microsoft.Graph.PowerShell.Models.X"}"#,
            r#"{"p":"@{Id=p1} @{Id=p2}"}"#,
            r#"{"p":["Microsoft.Graph.PowerShell.Models.MicrosoftGraphAppliedConditionalAccessPolicy"]}"#,
        ] {
            let (json, is_cut) = opened(cut);
            assert!(is_cut, "{cut}");
            assert_eq!(without_cut(json), Json::Object(Vec::new()), "{cut}");
        }
        let (json, is_cut) = opened(r#"{"a":"System of records","b":"@home","c":[]}"#);
        assert!(!is_cut && json.members().len() == 3);
    }

    #[test]
    fn cells_with_names_of_types_are_left_out_and_that_is_said() {
        let row = serde_json::from_str(
            r#"{"CreatedDateTime":"28/04/2021 14:08","UserPrincipalName":"ana@contoso.com","IPAddress":"203.0.113.9","Status":"Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInStatus","AppliedConditionalAccessPolicies":"System.Object[]","City":"Vigo"}"#,
        )
        .expect("JSON");
        let ((graph, renames), has_type_names) = row_spelling(&row, DateOrder::DayFirst);
        assert!(has_type_names);
        assert_eq!(graph.get("createdDateTime").text(), Some("2021-04-28T14:08:00Z"));
        assert_eq!(renames.to_file("/location/city"), "/City");
        assert!(!graph.has("appliedConditionalAccessPolicies") && !graph.has("status"));
    }
}
