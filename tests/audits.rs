//! Opens the same small audit log in every shape in which it comes: the same changes, nothing lost, and what is of no use is counted.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::PathBuf;

use authopsy::domain::Snapshot;
use authopsy::domain::history::{Change, Version, What};
use authopsy::store::inventory::{FileKind, Inventory};
use authopsy::store::{self, LoadEvent, Request, Sources};
use serde_json::{Value, json};

/// A policy as the audit log writes it: null members left out, kinds of guests as a sum.
fn policy(state: &str) -> String {
    json!({
        "id": "p1", "displayName": "Block abroad", "state": state, "createdDateTime": "2025-01-01T00:00:00.0000000+00:00",
        "modifiedDateTime": "2025-06-02T10:00:00.1234567+00:00",
        "conditions": {
            "clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
            "users": {"includeGuestsOrExternalUsers": {"guestOrExternalUserTypes": 63, "externalTenants": {}}},
        },
        "grantControls": {"operator": "OR", "builtInControls": ["block"]},
    })
    .to_string()
}

fn event(at: &str, activity: &str, result: &str, targets: &Value) -> Value {
    json!({
        "id": format!("Directory_{at}"), "category": "Policy", "result": result, "activityDisplayName": activity,
        "activityDateTime": at, "loggedByService": "Core Directory", "correlationId": "c",
        "initiatedBy": {"user": {"id": "a", "userPrincipalName": "admin@contoso.com"}, "app": null},
        "targetResources": targets, "additionalDetails": [],
    })
}

fn events() -> Vec<Value> {
    let properties = json!([{"displayName": "ConditionalAccessPolicy", "oldValue": policy("disabled"), "newValue": policy("enabled")}]);
    let of_policy =
        json!([{"id": "p1", "displayName": "Block abroad", "type": "Policy", "modifiedProperties": properties}]);
    let of_member = json!([
        {"id": "u1", "type": "User", "userPrincipalName": "ana@contoso.com", "modifiedProperties": [
            {"displayName": "Group.ObjectID", "oldValue": null, "newValue": "\"g1\""},
            {"displayName": "Group.DisplayName", "oldValue": null, "newValue": "\"Exceptions\""}]},
        {"id": "g1", "type": "Group", "modifiedProperties": []}]);
    let of_user =
        json!([{"id": "u1", "type": "User", "userPrincipalName": "ana@contoso.com", "modifiedProperties": []}]);
    vec![
        event("2025-06-02T10:00:01.1234567Z", "Update conditional access policy", "success", &of_policy),
        event("2025-06-02T11:00:00Z", "Add member to group", "success", &of_member),
        event("2025-06-02T12:00:00Z", "Reset user password", "success", &of_user),
        event("2025-06-02T12:30:00Z", "Reset user password", "failure", &of_user),
        event("2025-06-02T13:00:00Z", "Update user", "success", &of_user),
    ]
}

/// An event in the envelope of diagnostic settings.
fn diagnostic(event: &Value) -> Value {
    json!({
        "time": event["activityDateTime"], "operationName": event["activityDisplayName"], "category": "AuditLogs",
        "resultSignature": "None", "identity": "", "Level": 4, "properties": event,
    })
}

/// A row of Log Analytics: names in PascalCase, everything as text.
fn row(event: &Value) -> Value {
    json!({
        "TimeGenerated": event["activityDateTime"], "OperationName": event["activityDisplayName"], "Category": event["category"],
        "Result": event["result"], "LoggedByService": event["loggedByService"], "Id": event["id"],
        "TargetResources": event["targetResources"].to_string(), "InitiatedBy": event["initiatedBy"].to_string(), "Type": "AuditLogs",
    })
}

fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (format!("{}{}", name[..1].to_uppercase(), &name[1..]), pascal(value)))
            .collect(),
        Value::Array(items) => items.iter().map(pascal).collect(),
        other => other.clone(),
    }
}

fn lines(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

/// Rows as Log Analytics exports them: the zone of times in their heading, the month first.
fn table(rows: &[Value]) -> String {
    let names: Vec<&String> = rows[0].as_object().expect("a row").keys().collect();
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let heading: Vec<String> = names
        .iter()
        .map(|name| if *name == "TimeGenerated" { "\"TimeGenerated [UTC]\"".to_owned() } else { quoted(name) })
        .collect();
    let cells = |row: &Value| -> String {
        let cell = |name: &&String| {
            let text = row[name.as_str()].as_str().expect("a text");
            if *name == "TimeGenerated" {
                let at = chrono::DateTime::parse_from_rfc3339(text).expect("a time");
                return quoted(&at.format("%-m/%-d/%Y, %-I:%M:%S%.3f %p").to_string());
            }
            quoted(text)
        };
        names.iter().map(cell).collect::<Vec<_>>().join(",")
    };
    std::iter::once(heading.join(",")).chain(rows.iter().map(cells)).collect::<Vec<_>>().join("\r\n") + "\r\n"
}

/// The answer of the Log Analytics API.
fn answer(rows: &[Value]) -> String {
    let names: Vec<&String> = rows[0].as_object().expect("a row").keys().collect();
    let columns: Vec<Value> = names.iter().map(|name| json!({"name": name, "type": "string"})).collect();
    let rows: Vec<Value> =
        rows.iter().map(|row| names.iter().map(|name| row[name.as_str()].clone()).collect()).collect();
    json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}).to_string()
}

fn shapes() -> Vec<(&'static str, &'static str, String)> {
    let events = events();
    let of = |form: fn(&Value) -> Value| -> Vec<Value> { events.iter().map(form).collect() };
    vec![
        ("a page", "directoryAudits", json!({"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/directoryAudits", "value": events.clone()}).to_string()),
        ("a list, indented", "directoryAudits", serde_json::to_string_pretty(&events).expect("JSON")),
        ("lines", "directoryAudits", lines(&events)),
        ("PowerShell", "directoryAudits", json!(of(pascal)).to_string()),
        ("diagnostic settings in lines", "diagnosticAudits", lines(&of(diagnostic))),
        ("an Event Hub batch", "diagnosticAudits", json!({"records": of(diagnostic)}).to_string()),
        ("rows of Log Analytics", "logAnalyticsAudits", json!(of(row)).to_string()),
        ("rows of Log Analytics in lines", "logAnalyticsAudits", lines(&of(row))),
        ("the CSV of Log Analytics", "logAnalyticsAudits", table(&of(row))),
        ("an answer of Log Analytics", "logAnalyticsAudits", answer(&of(row))),
        ("Splunk's raw events", "diagnosticAudits", lines(&of(|event| json!({"preview": false, "result": {"_raw": diagnostic(event).to_string()}})))),
    ]
}

fn open(texts: &[&str]) -> (Snapshot, Inventory) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut evidence: Vec<PathBuf> = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let path = folder.path().join(format!("evidence{number}"));
        std::fs::write(&path, text).expect("writing");
        evidence.push(path);
    }
    let (mut snapshot, mut inventory) = (Snapshot::default(), Inventory::default());
    let request = Request { evidence, ..Request::default() };
    store::load(&request, &Sources::new(), &|| true, &mut |event| match event {
        LoadEvent::Snapshot(read) => snapshot = *read,
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    (snapshot, inventory)
}

/// A change without where it stands.
fn bare(change: &Change) -> String {
    let state = |version: &Version<authopsy::domain::Policy>| match version {
        Version::Text(policy) => format!("{} guests {:?}", policy.state.word(), policy.conditions.users.include_guests),
        Version::Absent => "absent".to_owned(),
        Version::Unread => "unread".to_owned(),
    };
    let what = match &change.what {
        What::Policy { id, before, after, .. } => format!("{id}: {} to {}", state(before), state(after)),
        other => format!("{other:?}"),
    };
    format!("{} by {:?}: {what}", change.at.timestamp(), change.by)
}

#[test]
fn every_shape_tells_the_same_changes() {
    let told = |text: &str| -> Vec<String> { open(&[text]).0.history.changes.iter().map(bare).collect() };
    let expected = told(&shapes()[0].2);
    assert_eq!(expected.len(), 3, "{expected:#?}");
    assert!(expected[0].contains("p1: disabled") && expected[0].contains("to enabled"), "{expected:#?}");
    for (name, word, text) in shapes() {
        assert_eq!(told(&text), expected, "{name}");
        let (snapshot, inventory) = open(&[&text]);
        let file = &inventory.files[0];
        assert_eq!(
            (file.kind, file.records, file.unreadable),
            (FileKind::AuditLog, 5, 0),
            "{name}: {:?}",
            file.problems
        );
        assert_eq!(file.formats.iter().copied().collect::<Vec<_>>(), [word], "{name}");
        let told_of_the_answer = "the rows lie in one answer: each is shown as an object of its own";
        let reasons = file.problems.iter().map(|problem| problem.reason.as_str());
        let reasons: Vec<&str> = reasons.filter(|reason| *reason != told_of_the_answer).collect();
        let counted = "2 events are not of those that are read and are left out: 1 Reset user password, 1 Update user";
        assert_eq!(reasons, [counted], "{name}");
        assert_eq!(snapshot.history.reach.len(), 1, "{name}");
    }
}

#[test]
fn logs_that_overlap_tell_each_change_once() {
    let shapes = shapes();
    let (snapshot, _) = open(&[&shapes[0].2, &shapes[4].2, &shapes[6].2]);
    assert_eq!(snapshot.history.changes.len(), 3);
}

#[test]
fn a_damaged_event_costs_that_event() {
    let mut events = events();
    events[1]["activityDateTime"] = json!("soon");
    events[0]["targetResources"][0]["modifiedProperties"][0]["newValue"] =
        json!("{\"id\":\"p1\",\"displayName\":\"Block ab");
    let text = lines(&events) + &events[2].to_string()[..150];
    let (snapshot, inventory) = open(&[&text]);
    let file = &inventory.files[0];
    assert_eq!((file.records, file.unreadable), (4, 2), "{:?}", file.problems);
    assert!(
        file.problems.iter().any(|problem| problem.reason.contains("no time") && problem.offset.is_some()),
        "{:?}",
        file.problems
    );
    let What::Policy { before, after, .. } = &snapshot.history.changes[0].what else {
        unreachable!("the first is a policy's")
    };
    assert!(matches!((before, after), (Version::Text(_), Version::Unread)), "what is cut is not read");
}
