//! Brings sign-ins of the unified audit log (Purview, Office 365 Management Activity API) to Graph's spelling.
//!
//! The log writes a sign-in as an operation, with lists of names and values for what Graph has members for. Operation and error
//! number say how it ended. `ResultStatus` is never read: it says "Success" of most sign-ins that failed (292 of 368 in a public
//! export of 951 rows). Names and their meaning: Office 365 Management Activity API schema, and that export.

use std::net::{IpAddr, SocketAddr};

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::draft::Draft;
use super::record::{Refusal, named, read_json};

/// What the log writes where it knows nothing.
const PLACEHOLDERS: [&str; 5] = ["not available", "unknown", "none", "null", "<null>"];

/// The member in which exports wrap the record as it was logged, often as text.
pub const WRAPPED: &str = "AuditData";

/// What the whole log lacks, in words for the inventory.
pub const LACKS: &str = "the unified audit log has no Conditional Access result, no policies and no place, and tells neither which \
                         sign-ins were interactive nor which of its two causes error 50053 had: ask for the sign-in log as well";

/// Whether an object is a record of the unified audit log, bare or wrapped.
pub fn is_record(json: &Json) -> bool {
    let has = |name: &str| named(json, name).is_some();
    let wraps = named(json, WRAPPED).is_some_and(|(_, data)| match data {
        Json::Object(_) => true,
        Json::Text(text) => text.trim_start().starts_with('{'),
        _ => false,
    });
    wraps || has("Operation") && has("RecordType") && (has("Workload") || has("CreationTime"))
}

/// Opens the record that an export wraps as text, in its place.
///
/// Fails when that text is no JSON.
pub fn open(json: &mut Json) -> Result<(), Refusal> {
    if let Json::Object(members) = json {
        for (name, value) in members.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case(WRAPPED)) {
            if let Json::Text(text) = value {
                *value = read_json(text.as_bytes()).map_err(|error| broken(name, &error))?;
            }
        }
    }
    Ok(())
}

/// The refusal of a record that is wrapped as text and is no JSON.
pub fn broken(name: &str, error: &str) -> Refusal {
    Refusal::NoJson(format!("{name} is no JSON: {error}"))
}

/// Brings a sign-in to Graph's spelling and says where each value stands.
///
/// Fails when the record is of another operation.
pub fn graph_spelling(json: &Json) -> Result<(Json, Renames), Refusal> {
    let (base, data) = match named(json, WRAPPED) {
        Some((name, data @ Json::Object(_))) => (format!("/{}", escape_pointer(name)), data),
        _ => (String::new(), json),
    };
    let operation = named(data, "Operation").and_then(|(_, value)| value.text()).unwrap_or("");
    let failed = match operation.to_ascii_lowercase().as_str() {
        "userloggedin" => false,
        "userloginfailed" => true,
        _ => return Err(Refusal::OtherOperation(operation.to_owned())),
    };
    let mut graph = Draft::default();
    let top = |names: &[&str]| names.iter().find_map(|name| member(data, name));
    add(&mut graph, "/id", top(&["Id", "IntraSystemId"]));
    add(&mut graph, "/createdDateTime", top(&["CreationTime"]));
    add(&mut graph, "/correlationId", top(&["InterSystemsId"]));
    add(
        &mut graph,
        "/userPrincipalName",
        top(&["UserId"]).filter(|name| !is_guid(&name.value)).or_else(|| actor(data, 5)),
    );
    add(&mut graph, "/userId", actor(data, 0).filter(|id| is_guid(&id.value)));
    add(&mut graph, "/homeTenantId", top(&["ActorContextId"]));
    add(&mut graph, "/appId", top(&["ApplicationId"]));
    add(&mut graph, "/resourceId", top(&["ObjectId"]).filter(|id| is_guid(&id.value)));
    add(&mut graph, "/ipAddress", top(&["ClientIP", "ActorIpAddress"]).map(|address| address.map(bare_address)));
    add(&mut graph, "/userAgent", pair(data, "ExtendedProperties", &["UserAgent"]));
    match error_code(data) {
        Some(found) => add(&mut graph, "/status/errorCode", Some(found)),
        // The operation alone says that it came through.
        None if !failed => {
            add(&mut graph, "/status/errorCode", top(&["Operation"]).map(|word| word.map(|_| "0".to_owned())));
        }
        None => {}
    }
    add(&mut graph, "/status/failureReason", top(&["LogonError"]));
    device(data, &mut graph);
    Ok(graph.finish(&base))
}

/// The error number, unless it is no number.
fn error_code(data: &Json) -> Option<Found> {
    ["ErrorNumber", "ErrorCode"].into_iter().find_map(|name| {
        let (written, value) = named(data, name)?;
        Some(Found { pointer: format!("/{}", escape_pointer(written)), value: value.int()?.to_string() })
    })
}

/// What the record says of the device. A record that lists properties and no id knows of no device.
fn device(data: &Json, graph: &mut Draft) {
    const LIST: &str = "DeviceProperties";
    let of = |names: &[&str]| pair(data, LIST, names);
    add(graph, "/sessionId", of(&["SessionId"]));
    add(graph, "/deviceDetail/deviceId", of(&["Id"]));
    add(graph, "/deviceDetail/displayName", of(&["DisplayName"]));
    add(graph, "/deviceDetail/operatingSystem", of(&["OS"]));
    add(graph, "/deviceDetail/browser", of(&["BrowserType"]));
    add(graph, "/deviceDetail/trustType", of(&["TrustType", "DeviceTrustType"]).map(|kind| kind.map(trust_word)));
    let both = || of(&["IsCompliantAndManaged"]).filter(|flag| flag.value.eq_ignore_ascii_case("true"));
    add(graph, "/deviceDetail/isCompliant", of(&["IsCompliant"]).or_else(both));
    // That not both hold says of neither that it does not.
    add(graph, "/deviceDetail/isManaged", both());
}

/// Graph's words for the numbers of `DeviceTrustType` (Office 365 Management Activity API schema, STS logon).
fn trust_word(number: String) -> String {
    match number.as_str() {
        "0" => "Azure AD registered".to_owned(),
        "1" => "Azure AD joined".to_owned(),
        "2" => "Hybrid Azure AD joined".to_owned(),
        _ => number,
    }
}

/// A value that says something, and where in the record it stands.
struct Found {
    pointer: String,
    value: String,
}

impl Found {
    fn map(self, change: impl FnOnce(String) -> String) -> Found {
        Found { value: change(self.value), ..self }
    }
}

fn add(graph: &mut Draft, pointer: &str, found: Option<Found>) {
    if let Some(Found { pointer: place, value }) = found {
        graph.add(pointer, &place, Json::Text(value));
    }
}

/// A text that says something; numbers and truth values are taken as they are written.
fn said(value: &Json) -> Option<String> {
    let text = match value {
        Json::Text(text) => text.trim().to_owned(),
        Json::Number(_) | Json::Bool(_) => value.quoted(),
        _ => return None,
    };
    let says_nothing = text.is_empty() || PLACEHOLDERS.iter().any(|word| text.eq_ignore_ascii_case(word));
    (!says_nothing).then_some(text)
}

/// The member of that name.
fn member(data: &Json, name: &str) -> Option<Found> {
    let (written, value) = named(data, name)?;
    Some(Found { pointer: format!("/{}", escape_pointer(written)), value: said(value)? })
}

/// The value of the first of these names in a list of names and values.
fn pair(data: &Json, list: &str, names: &[&str]) -> Option<Found> {
    let (list, items) = named(data, list)?;
    names.iter().find_map(|wanted| {
        items.items().iter().enumerate().find_map(|(at, item)| {
            named(item, "Name")
                .filter(|(_, name)| name.text().is_some_and(|name| name.eq_ignore_ascii_case(wanted)))?;
            let (written, value) = named(item, "Value")?;
            Some(Found {
                pointer: format!("/{}/{at}/{}", escape_pointer(list), escape_pointer(written)),
                value: said(value)?,
            })
        })
    })
}

/// The first identity of that type (0 the object id, 5 the principal name) among those of who acted.
fn actor(data: &Json, kind: i64) -> Option<Found> {
    let (list, items) = named(data, "Actor")?;
    items.items().iter().enumerate().find_map(|(at, item)| {
        named(item, "Type").filter(|(_, number)| number.int() == Some(kind))?;
        let (written, value) = named(item, "ID")?;
        Some(Found {
            pointer: format!("/{}/{at}/{}", escape_pointer(list), escape_pointer(written)),
            value: said(value)?,
        })
    })
}

/// Whether a text is an id as the service writes them: 8, 4, 4, 4 and 12 hexadecimal digits.
fn is_guid(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(|part| part.chars().all(|digit| digit.is_ascii_hexdigit()))
}

/// An address without the port and brackets that some records have.
pub fn bare_address(text: String) -> String {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return address.ip().to_string();
    }
    let inner =
        text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).and_then(|rest| rest.parse::<IpAddr>().ok());
    inner.map_or(text, |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"CreationTime":"2021-06-21T08:00:00","Id":"4f3d2c1b-0000-4000-8000-000000000001","Operation":"UserLoginFailed","OrganizationId":"11111111-0000-4000-8000-000000000000","RecordType":15,"ResultStatus":"Success","UserKey":"1003200000000001","UserType":0,"Version":1,"Workload":"AzureActiveDirectory","ClientIP":"203.0.113.9:51234","ObjectId":"00000003-0000-0000-c000-000000000000","UserId":"ana@contoso.com","AzureActiveDirectoryEventType":1,"ExtendedProperties":[{"Name":"ResultStatusDetail","Value":"UserError"},{"Name":"UserAgent","Value":"Mozilla/5.0"}],"ModifiedProperties":[],"Actor":[{"ID":"22222222-0000-4000-8000-000000000001","Type":0},{"ID":"ana@contoso.com","Type":5}],"ActorContextId":"11111111-0000-4000-8000-000000000000","ActorIpAddress":"203.0.113.9","InterSystemsId":"c1","IntraSystemId":"4f3d2c1b-0000-4000-8000-000000000001","ApplicationId":"00000002-0000-0ff1-ce00-000000000000","DeviceProperties":[{"Name":"OS","Value":"Windows 10"},{"Name":"BrowserType","Value":"Edge"},{"Name":"IsCompliantAndManaged","Value":"False"},{"Name":"SessionId","Value":"s1"}],"ErrorNumber":"50126","LogonError":"InvalidUserNameOrPassword"}"#;

    fn json(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    fn spelt(text: &str) -> (Json, Renames) {
        graph_spelling(&json(text)).expect("a sign-in")
    }

    #[track_caller]
    fn check(graph: &Json, pointer: &str, expected: Option<&str>) {
        assert_eq!(graph.pointer(pointer).and_then(Json::text), expected, "{pointer}");
    }

    #[test]
    fn a_record_reads_as_graph_and_every_value_stands_where_it_is_said_to() {
        let (graph, renames) = spelt(RECORD);
        let whole = json(RECORD);
        let places = [
            ("/id", "/Id"),
            ("/createdDateTime", "/CreationTime"),
            ("/correlationId", "/InterSystemsId"),
            ("/userPrincipalName", "/UserId"),
            ("/userId", "/Actor/0/ID"),
            ("/homeTenantId", "/ActorContextId"),
            ("/appId", "/ApplicationId"),
            ("/resourceId", "/ObjectId"),
            ("/userAgent", "/ExtendedProperties/1/Value"),
            ("/status/errorCode", "/ErrorNumber"),
            ("/status/failureReason", "/LogonError"),
            ("/deviceDetail/operatingSystem", "/DeviceProperties/0/Value"),
            ("/deviceDetail/browser", "/DeviceProperties/1/Value"),
            ("/sessionId", "/DeviceProperties/3/Value"),
        ];
        for (pointer, place) in places {
            assert_eq!(renames.to_file(pointer), place);
            check(&graph, pointer, whole.pointer(place).and_then(Json::text));
        }
        assert_eq!(renames.to_file("/ipAddress"), "/ClientIP");
        check(&graph, "/ipAddress", Some("203.0.113.9"));
        // Not both compliant and managed: that says nothing of either.
        check(&graph, "/deviceDetail/isCompliant", None);
        check(&graph, "/deviceDetail/isManaged", None);
    }

    #[test]
    fn operation_and_number_say_how_it_ended_and_the_result_status_never_does() {
        let code = |operation: &str, number: &str| {
            let text = RECORD.replace("UserLoginFailed", operation).replace(r#""ErrorNumber":"50126","#, number);
            spelt(&text).0.pointer("/status/errorCode").and_then(Json::int)
        };
        assert_eq!(code("UserLoginFailed", r#""ErrorNumber":"50126","#), Some(50_126));
        assert_eq!(code("UserLoginFailed", r#""ErrorNumber":50126,"#), Some(50_126));
        assert_eq!(code("UserLoginFailed", ""), None);
        assert_eq!(code("UserLoginFailed", r#""ErrorNumber":"","#), None);
        assert_eq!(code("UserLoggedIn", ""), Some(0));
        assert_eq!(code("UserLoggedIn", r#""ErrorNumber":"0","#), Some(0));
        assert_eq!(code("UserLoggedIn", r#""ErrorNumber":"50140","#), Some(50_140));
    }

    #[test]
    fn placeholders_say_nothing_and_the_actor_names_the_user() {
        let text = RECORD
            .replace(r#""UserId":"ana@contoso.com""#, r#""UserId":"Not Available""#)
            .replace(r#""ID":"22222222-0000-4000-8000-000000000001","Type":0"#, r#""ID":"Unknown","Type":0"#)
            .replace(r#""ObjectId":"00000003-0000-0000-c000-000000000000""#, r#""ObjectId":"Unknown""#);
        let (graph, renames) = spelt(&text);
        check(&graph, "/userPrincipalName", Some("ana@contoso.com"));
        assert_eq!(renames.to_file("/userPrincipalName"), "/Actor/1/ID");
        check(&graph, "/userId", None);
        check(&graph, "/resourceId", None);
    }

    #[test]
    fn a_device_that_proved_itself_is_read() {
        let text = RECORD.replace(
            r#"{"Name":"IsCompliantAndManaged","Value":"False"}"#,
            r#"{"Name":"IsCompliantAndManaged","Value":"True"},{"Name":"Id","Value":"d1"},{"Name":"DisplayName","Value":"LT-7"},{"Name":"TrustType","Value":"2"}"#,
        );
        let (graph, _) = spelt(&text);
        check(&graph, "/deviceDetail/deviceId", Some("d1"));
        check(&graph, "/deviceDetail/displayName", Some("LT-7"));
        check(&graph, "/deviceDetail/trustType", Some("Hybrid Azure AD joined"));
        assert_eq!(graph.pointer("/deviceDetail/isCompliant").and_then(Json::bool), Some(true));
        assert_eq!(graph.pointer("/deviceDetail/isManaged").and_then(Json::bool), Some(true));
    }

    #[test]
    fn other_operations_are_named() {
        let other = RECORD.replace("UserLoginFailed", "MailItemsAccessed");
        assert_eq!(graph_spelling(&json(&other)), Err(Refusal::OtherOperation("MailItemsAccessed".to_owned())));
    }

    #[test]
    fn a_wrapped_record_points_into_its_wrapping() {
        let quoted = serde_json::to_string(RECORD).expect("JSON");
        let wrapped =
            json(&format!(r#"{{"RecordType":"AzureActiveDirectoryStsLogon","AuditData":{quoted},"ResultIndex":1}}"#));
        assert!(is_record(&wrapped));
        let mut opened = wrapped;
        open(&mut opened).expect("a record");
        let (_, renames) = graph_spelling(&opened).expect("a sign-in");
        assert_eq!(renames.to_file("/status/errorCode"), "/AuditData/ErrorNumber");
        assert_eq!(opened.pointer("/AuditData/ErrorNumber").and_then(Json::text), Some("50126"));
    }

    #[test]
    fn addresses_lose_ports_and_brackets_and_nothing_else() {
        let bare = |text: &str| bare_address(text.to_owned());
        assert_eq!(bare("203.0.113.9"), "203.0.113.9");
        assert_eq!(bare("203.0.113.9:443"), "203.0.113.9");
        assert_eq!(bare("[2001:db8::9]:443"), "2001:db8::9");
        assert_eq!(bare("[2001:db8::9]"), "2001:db8::9");
        assert_eq!(bare("2001:db8::9"), "2001:db8::9");
        assert_eq!(bare("somewhere"), "somewhere");
    }
}
