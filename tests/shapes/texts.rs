//! Writes the history as text: lines copied from the portal, errors of the token service, what PowerShell cuts, and the unified
//! audit log.

use serde_json::{Value, json};

use crate::history::{cell, pascal};
use crate::tables::portal_cell;

/// Labels of the portal's page and the member of Graph that each shows.
const LABELS: [(&str, &str); 23] = [
    ("Date", "createdDateTime"),
    ("Request ID", "id"),
    ("Correlation ID", "correlationId"),
    ("Authentication requirement", "authenticationRequirement"),
    ("Status", "status"),
    ("Continuous access evaluation", ""),
    ("Sign-in error code", "status.errorCode"),
    ("Failure reason", "status.failureReason"),
    ("Additional Details", "status.additionalDetails"),
    ("User", "userDisplayName"),
    ("Username", "userPrincipalName"),
    ("User ID", "userId"),
    ("User type", "userType"),
    ("Application", "appDisplayName"),
    ("Application ID", "appId"),
    ("Resource", "resourceDisplayName"),
    ("Resource ID", "resourceId"),
    ("Client app", "clientAppUsed"),
    ("IP address", "ipAddress"),
    ("Location", "location"),
    ("Conditional Access", "conditionalAccessStatus"),
    ("Session ID", "sessionId"),
    ("Is interactive", "isInteractive"),
];

/// What copied lines do not show.
pub const NOT_COPIED: [&str; 14] = [
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "authenticationProtocol",
    "crossTenantAccessType",
    "deviceDetail",
    "homeTenantId",
    "incomingTokenType",
    "networkLocationDetails",
    "originalRequestId",
    "originalTransferMethod",
    "resourceTenantId",
    "sessionLifetimePolicies",
    "tokenIssuerType",
    "userAgent",
];

/// Lines copied from the portal, label and value parted so.
pub fn pasted(records: &[Value], between: &str) -> String {
    let mut text = "Dear support, these are the sign-ins\n\n".to_owned();
    for record in records {
        for (label, path) in LABELS {
            let value = if path.is_empty() { "No".to_owned() } else { portal_cell(record, path) };
            text.push_str(&format!("{label}{between}{value}\n"));
        }
        text.push('\n');
    }
    text
}

/// What no error says.
pub const NOT_IN_ERROR: [&str; 34] = [
    "appDisplayName",
    "appId",
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "authenticationProtocol",
    "authenticationRequirement",
    "clientAppUsed",
    "conditionalAccessStatus",
    "crossTenantAccessType",
    "deviceDetail",
    "homeTenantId",
    "incomingTokenType",
    "ipAddress",
    "isInteractive",
    "location",
    "networkLocationDetails",
    "originalRequestId",
    "originalTransferMethod",
    "resourceDisplayName",
    "resourceId",
    "resourceTenantId",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "servicePrincipalId",
    "servicePrincipalName",
    "sessionId",
    "sessionLifetimePolicies",
    "signInEventTypes",
    "status.additionalDetails",
    "tokenIssuerType",
    "userAgent",
    "userDisplayName",
    "userId",
    "userPrincipalName",
];

/// The records that failed, with the message of the service in place of the log's reason, which errors do not have.
pub fn as_errors(records: &[Value]) -> Vec<Value> {
    let failed = records.iter().filter(|record| record["status"]["errorCode"] != 0);
    let told = failed.map(|record| {
        let mut record = record.clone();
        record["status"]["failureReason"] =
            json!(format!("AADSTS{}: {}", cell(&record, "status.errorCode"), cell(&record, "status.failureReason")));
        record.as_object_mut().expect("members").remove("userType");
        record
    });
    told.collect()
}

/// The text of an error, its parts separated so.
pub fn error(record: &Value, between: &str) -> String {
    let time = cell(record, "createdDateTime").replace('T', " ");
    format!(
        "{}{between}Trace ID: {}{between}Correlation ID: {}{between}Timestamp: {time}",
        cell(record, "status.failureReason"),
        cell(record, "id"),
        cell(record, "correlationId"),
    )
}

/// The answer of the token service.
pub fn oauth(record: &Value) -> Value {
    json!({
        "error": "invalid_grant",
        "error_description": error(record, "\r\n"),
        "error_codes": [record["status"]["errorCode"]],
        "timestamp": cell(record, "createdDateTime").replace('T', " "),
        "trace_id": record["id"],
        "correlation_id": record["correlationId"],
        "error_uri": "https://login.microsoftonline.com/error?code=50126",
    })
}

/// What PowerShell's module makes of a record: capitals, a bag in every object, and the dates of Windows PowerShell.
pub fn power_shell(record: &Value) -> Value {
    fn dated(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    if let Some(at) = value.as_str().filter(|_| name.ends_with("DateTime")) {
                        let at = chrono::DateTime::parse_from_rfc3339(at).expect("a date");
                        *value = json!(format!("/Date({})/", at.timestamp_millis()));
                    }
                    dated(value);
                }
                members.insert("AdditionalProperties".to_owned(), json!({}));
            }
            Value::Array(items) => items.iter_mut().for_each(dated),
            _ => {}
        }
    }
    let mut record = pascal(record);
    dated(&mut record);
    record
}

/// The same, cut where `-Depth` ends: the items of lists are text, and lists in them the name of a type.
pub fn cut_power_shell(record: &Value) -> Value {
    let mut record = pascal(record);
    for (_, value) in record.as_object_mut().expect("members").iter_mut() {
        for item in value.as_array_mut().into_iter().flatten() {
            let Some(members) = item.as_object() else { continue };
            let told: Vec<String> = members
                .iter()
                .map(|(name, value)| match value {
                    Value::String(text) => format!("{name}={text}"),
                    Value::Bool(flag) => format!("{name}={}", if *flag { "True" } else { "False" }),
                    _ => format!("{name}=System.Object[]"),
                })
                .collect();
            *item = json!(format!("@{{{}}}", told.join("; ")));
        }
    }
    record
}

/// The same, with the names of types in place of lists and objects.
pub fn typed_power_shell(record: &Value) -> Value {
    let mut record = pascal(record);
    for (_, value) in record.as_object_mut().expect("members").iter_mut() {
        match value {
            Value::Array(items) if !items.is_empty() && items[0].is_object() => *value = json!("System.Object[]"),
            _ => {}
        }
    }
    record
}

/// What the unified audit log does not have.
pub const NOT_AUDITED: [&str; 27] = [
    "appDisplayName",
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "authenticationProtocol",
    "authenticationRequirement",
    "clientAppUsed",
    "conditionalAccessStatus",
    "crossTenantAccessType",
    "deviceDetail.isCompliant",
    "deviceDetail.isManaged",
    "incomingTokenType",
    "isInteractive",
    "location",
    "networkLocationDetails",
    "originalRequestId",
    "originalTransferMethod",
    "resourceDisplayName",
    "resourceTenantId",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "sessionLifetimePolicies",
    "signInEventTypes",
    "status.additionalDetails",
    "status.failureReason",
    "tokenIssuerType",
    "userDisplayName",
    "userType",
];

/// The record as the unified audit log has it; it calls every sign-in a success.
pub fn audited(record: &Value) -> Value {
    let failed = record["status"]["errorCode"] != 0;
    let id = cell(record, "userId");
    json!({
        "CreationTime": cell(record, "createdDateTime").trim_end_matches('Z'),
        "Id": record["id"],
        "Operation": if failed { "UserLoginFailed" } else { "UserLoggedIn" },
        "OrganizationId": record["homeTenantId"],
        "RecordType": 15,
        "ResultStatus": "Success",
        "Workload": "AzureActiveDirectory",
        "ClientIP": record["ipAddress"],
        "ObjectId": record["resourceId"],
        "UserId": record["userPrincipalName"],
        "ExtendedProperties": [{ "Name": "UserAgent", "Value": record["userAgent"] }],
        "Actor": [{ "ID": id, "Type": 0 }, { "ID": record["userPrincipalName"], "Type": 5 }],
        "ActorContextId": record["homeTenantId"],
        "InterSystemsId": record["correlationId"],
        "ApplicationId": record["appId"],
        "DeviceProperties": [
            { "Name": "Id", "Value": record["deviceDetail"]["deviceId"] },
            { "Name": "DisplayName", "Value": record["deviceDetail"]["displayName"] },
            { "Name": "OS", "Value": record["deviceDetail"]["operatingSystem"] },
            { "Name": "BrowserType", "Value": record["deviceDetail"]["browser"] },
            { "Name": "TrustType", "Value": "1" },
            { "Name": "SessionId", "Value": record["sessionId"] },
        ],
        "ErrorNumber": cell(record, "status.errorCode"),
    })
}
