//! Writes the history as tables: the portal's downloads, Log Analytics, Splunk, Elasticsearch and PowerShell.

use serde_json::{Value, json};

use crate::history::{cell, diagnostic, snake};

/// A table of these columns, each cell in quotes where it needs them.
pub fn table(delimiter: char, columns: &[String], rows: &[Vec<String>]) -> String {
    let quoted = |cell: &String| match cell.contains([delimiter, '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    let line = |cells: &Vec<String>| {
        let cells: Vec<String> = cells.iter().map(quoted).collect();
        format!("{}\r\n", cells.join(&delimiter.to_string()))
    };
    std::iter::once(columns.to_vec()).chain(rows.to_vec()).map(|row| line(&row)).collect()
}

/// The 56 columns of the portal's download of 2025 and the member of Graph that each shows.
pub const PORTAL: [(&str, &str); 57] = [
    ("Date (UTC)", "createdDateTime"),
    ("Request ID", "id"),
    ("User agent", "userAgent"),
    ("Correlation ID", "correlationId"),
    ("User ID", "userId"),
    ("User", "userDisplayName"),
    ("Username", "userPrincipalName"),
    ("User type", "userType"),
    ("Cross tenant access type", "crossTenantAccessType"),
    ("Incoming token type", "incomingTokenType"),
    ("Authentication Protocol", "authenticationProtocol"),
    ("Unique token identifier", ""),
    ("Original transfer method", "originalTransferMethod"),
    ("Client credential type", ""),
    ("Token Protection - Sign In Session", ""),
    ("Token Protection - Sign In Session StatusCode", ""),
    ("Application", "appDisplayName"),
    ("Application ID ", "appId"),
    ("App owner tenant ID", ""),
    ("Resource", "resourceDisplayName"),
    ("Resource ID ", "resourceId"),
    ("Resource tenant ID", "resourceTenantId"),
    ("Resource owner tenant ID", ""),
    ("Home tenant ID", "homeTenantId"),
    ("Home tenant name", ""),
    ("IP address", "ipAddress"),
    ("Location", "location"),
    ("Status", "status"),
    ("Sign-in error code", "status.errorCode"),
    ("Failure reason", "status.failureReason"),
    ("Client app", "clientAppUsed"),
    ("Device ID", "deviceDetail.deviceId"),
    ("Browser", "deviceDetail.browser"),
    ("Operating System", "deviceDetail.operatingSystem"),
    ("Compliant", "deviceDetail.isCompliant"),
    ("Managed", "deviceDetail.isManaged"),
    ("Join Type", "deviceDetail.trustType"),
    ("Multifactor authentication result", ""),
    ("Multifactor authentication auth method", ""),
    ("Multifactor authentication auth detail", ""),
    ("Authentication requirement", "authenticationRequirement"),
    ("Sign-in identifier", ""),
    ("Session ID", "sessionId"),
    ("IP address (seen by resource)", ""),
    ("Through Global Secure Access", ""),
    ("Global Secure Access IP address", ""),
    ("Autonomous system  number", ""),
    ("Flagged for review", ""),
    ("Token issuer type", "tokenIssuerType"),
    ("Incoming token type", ""),
    ("Token issuer name", ""),
    ("Latency", ""),
    ("Conditional Access", "conditionalAccessStatus"),
    ("Managed Identity type", ""),
    ("Associated Resource Id", ""),
    ("Federated Token Id", ""),
    ("Federated Token Issuer", ""),
];

/// The columns of the download of applications' sign-ins.
pub const APPLICATIONS: [(&str, &str); 22] = [
    ("Date (UTC)", "createdDateTime"),
    ("Request ID", "id"),
    ("Correlation ID", "correlationId"),
    ("Service principal ID", "servicePrincipalId"),
    ("Service principal name", "servicePrincipalName"),
    ("Credential key ID", ""),
    ("Credential thumbprint", ""),
    ("Application", "appDisplayName"),
    ("Application ID ", "appId"),
    ("App owner tenant ID", ""),
    ("Resource", "resourceDisplayName"),
    ("Resource ID ", "resourceId"),
    ("Resource tenant ID", "resourceTenantId"),
    ("Resource owner tenant ID", ""),
    ("Home tenant ID", "homeTenantId"),
    ("Home tenant name", ""),
    ("IP address", "ipAddress"),
    ("Location", "location"),
    ("Status", "status"),
    ("Sign-in error code", "status.errorCode"),
    ("Failure reason", "status.failureReason"),
    ("Conditional Access", "conditionalAccessStatus"),
];

/// What the portal's download shows in a column.
pub fn portal_cell(record: &Value, path: &str) -> String {
    match path {
        "" => String::new(),
        "location" => {
            let place = &record["location"];
            format!("{}, {}, {}", cell(place, "city"), cell(place, "state"), cell(place, "countryOrRegion"))
        }
        "status" => match record["status"]["errorCode"].as_i64() {
            Some(0) => "Success".to_owned(),
            Some(50074) => "Interrupted".to_owned(),
            _ => "Failure".to_owned(),
        },
        "conditionalAccessStatus" => match record[path].as_str() {
            Some("success") => "Success".to_owned(),
            Some("failure") => "Failure".to_owned(),
            _ => "Not Applied".to_owned(),
        },
        "deviceDetail.isCompliant" | "deviceDetail.isManaged" => "true".to_owned(),
        _ => cell(record, path),
    }
}

/// The portal's download with some of its columns.
pub fn portal(delimiter: char, columns: &[(&str, &str)], records: &[Value]) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let rows: Vec<Vec<String>> =
        records.iter().map(|record| columns.iter().map(|(_, path)| portal_cell(record, path)).collect()).collect();
    table(delimiter, &names, &rows)
}

/// The download of authentication details: a row for each step.
pub fn steps(records: &[Value]) -> String {
    const COLUMNS: [(&str, &str); 6] = [
        ("Date", "authenticationStepDateTime"),
        ("Authentication method", "authenticationMethod"),
        ("Authentication method detail", "authenticationMethodDetail"),
        ("Succeeded", "succeeded"),
        ("Result detail", "authenticationStepResultDetail"),
        ("Requirement", "authenticationStepRequirement"),
    ];
    let names = std::iter::once("Request ID".to_owned()).chain(COLUMNS.iter().map(|(name, _)| (*name).to_owned()));
    let mut rows = Vec::new();
    for record in records {
        // Each step twice, so that rows of one sign-in stand one below the other.
        for step in record["authenticationDetails"].as_array().into_iter().flatten().cycle().take(2) {
            let cells = COLUMNS.iter().map(|(_, path)| cell(step, path));
            rows.push(std::iter::once(cell(record, "id")).chain(cells).collect());
        }
    }
    table(',', &names.collect::<Vec<_>>(), &rows)
}

/// The column of Log Analytics for a member of Graph.
fn column(name: &str) -> String {
    match name {
        "appliedConditionalAccessPolicies" => "ConditionalAccessPolicies".to_owned(),
        "location" => "LocationDetails".to_owned(),
        "resourceId" => "ResourceIdentity".to_owned(),
        "ipAddress" => "IPAddress".to_owned(),
        _ => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
    }
}

/// A row of the table of interactive sign-ins, with objects as they are.
pub fn analytics(record: &Value) -> Vec<(String, Value)> {
    let event = diagnostic(record);
    let mut row = vec![
        ("TenantId".to_owned(), json!("33333333-0000-4000-8000-00000000aaaa")),
        ("SourceSystem".to_owned(), json!("Azure AD")),
        ("TimeGenerated".to_owned(), json!("2021-06-21T23:00:00.123Z")),
        ("ResourceId".to_owned(), event["resourceId"].clone()),
        ("OperationName".to_owned(), event["operationName"].clone()),
        ("Category".to_owned(), event["category"].clone()),
        ("ResultType".to_owned(), event["resultType"].clone()),
        ("ResultDescription".to_owned(), json!("")),
        ("Resource".to_owned(), json!("Microsoft.aadiam")),
        ("Location".to_owned(), record["location"]["countryOrRegion"].clone()),
        ("AADTenantId".to_owned(), event["tenantId"].clone()),
        ("Type".to_owned(), json!("SigninLogs")),
    ];
    let members = event["properties"].as_object().expect("members");
    row.extend(members.iter().map(|(name, value)| (column(name), value.clone())));
    row
}

/// The same row with every value as text, as the tool of the command line and most exports have it.
pub fn analytics_as_text(record: &Value) -> Value {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    analytics(record).iter().map(|(name, value)| (name.clone(), json!(text(value)))).collect()
}

/// The export of the Logs page: the zone in the heading, dates as the page shows them, doubled columns of a union.
pub fn analytics_csv(records: &[Value]) -> String {
    let mut columns: Vec<String> = Vec::new();
    let mut rows = Vec::new();
    for record in records {
        let mut row = Vec::new();
        columns.clear();
        for (name, value) in analytics(record) {
            let text = match &value {
                Value::String(text) => text.clone(),
                Value::Bool(flag) => flag.to_string().to_uppercase(),
                other => serde_json::to_string_pretty(other).expect("JSON"),
            };
            match name.as_str() {
                "CreatedDateTime" | "TimeGenerated" => {
                    let at = chrono::DateTime::parse_from_rfc3339(&text).expect("a date");
                    columns.push(format!("{name} [UTC]"));
                    row.push(at.format("%-m/%-d/%Y, %-I:%M:%S%.3f %p").to_string());
                }
                "ConditionalAccessPolicies" | "DeviceDetail" | "LocationDetails" | "Status" => {
                    columns.extend([format!("{name}_dynamic"), format!("{name}_string")]);
                    row.extend([String::new(), text]);
                }
                _ => {
                    columns.push(name);
                    row.push(text);
                }
            }
        }
        rows.push(row);
    }
    format!("\u{feff}{}", table(',', &columns, &rows))
}

/// The answer of the API: names apart from rows.
pub fn analytics_answer(records: &[Value]) -> Value {
    let rows: Vec<Vec<(String, Value)>> = records.iter().map(analytics).collect();
    let columns: Vec<Value> = rows[0].iter().map(|(name, _)| json!({ "name": name, "type": "dynamic" })).collect();
    let cells: Vec<Vec<Value>> = rows.iter().map(|row| row.iter().map(|(_, value)| value.clone()).collect()).collect();
    json!({ "tables": [{ "name": "PrimaryResult", "columns": columns, "rows": cells }] })
}

/// Splunk's table of events, the record as it came among its own columns.
pub fn splunk_raw(records: &[Value]) -> String {
    let rows = records.iter().map(|record| {
        vec!["main~12~AB".to_owned(), diagnostic(record).to_string(), "2021-06-21T23:00:00.000+0000".to_owned()]
    });
    table(',', &["_cd", "_raw", "_time"].map(str::to_owned), &rows.collect::<Vec<_>>())
}

/// The names and values of a record that was flattened; lists of objects become columns of their members.
pub fn flattened(value: &Value, name: &str, list: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (inner, value) in members {
                let name = if name.is_empty() { inner.clone() } else { format!("{name}.{inner}") };
                flattened(value, &name, list, found);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let members = items[0].as_object().expect("members");
            for inner in members.keys() {
                let values: Vec<String> = items.iter().map(|item| cell(item, inner)).collect();
                found.push((format!("{name}{list}.{inner}"), values.join("\n")));
            }
        }
        Value::Array(items) => {
            let values: Vec<String> = items.iter().map(|item| item.as_str().unwrap_or("").to_owned()).collect();
            found.push((format!("{name}{list}"), values.join("\n")));
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        other => found.push((name.to_owned(), other.to_string())),
    }
}

/// A table of flattened records.
pub fn flattened_csv(records: &[Value], list: &str) -> String {
    let rows: Vec<Vec<(String, String)>> = records
        .iter()
        .map(|record| {
            let mut found = Vec::new();
            flattened(record, "", list, &mut found);
            found
        })
        .collect();
    let columns: Vec<String> = rows[0].iter().map(|(name, _)| name.clone()).collect();
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|(_, cell)| cell.clone()).collect()).collect();
    table(',', &columns, &cells)
}

/// The event of Elasticsearch's integration; what its pipeline moves elsewhere is moved.
pub fn elastic(record: &Value, keeps_original: bool) -> Value {
    let event = diagnostic(record);
    let mut properties = snake(&event["properties"]);
    let members = properties.as_object_mut().expect("members");
    for (from, to) in [("created_date_time", "created_at"), ("risk_level_during_sign_in", "risk_level_during_signin")] {
        if let Some(value) = members.remove(from) {
            members.insert(to.to_owned(), value);
        }
    }
    members.remove("location");
    members["status"].as_object_mut().expect("a status").retain(|name, _| name == "error_code");
    let mut found = json!({
        "@timestamp": "2021-06-21T23:00:00.123Z",
        "message": record["status"]["failureReason"],
        "source": { "ip": record["ipAddress"] },
        "geo": { "city_name": record["location"]["city"], "country_iso_code": record["location"]["countryOrRegion"] },
        "event": { "action": "Sign-in activity", "kind": "event" },
        "azure": {
            "tenant_id": event["tenantId"],
            "correlation_id": record["correlationId"],
            "signinlogs": { "category": event["category"], "result_type": event["resultType"], "properties": properties },
        },
    });
    if keeps_original {
        found["event"]["original"] = json!(event.to_string());
    }
    found
}

/// What `Select-Object` and `Export-Csv` make of sign-ins: types in place of objects, and the columns somebody made of some.
pub fn power_shell_csv(records: &[Value]) -> String {
    const PLAIN: [&str; 12] = [
        "id",
        "createdDateTime",
        "userDisplayName",
        "userPrincipalName",
        "userId",
        "appDisplayName",
        "appId",
        "resourceDisplayName",
        "ipAddress",
        "clientAppUsed",
        "correlationId",
        "conditionalAccessStatus",
    ];
    let mut columns: Vec<String> =
        PLAIN.iter().map(|name| format!("{}{}", name[..1].to_uppercase(), &name[1..])).collect();
    columns.extend(
        ["IsInteractive", "ErrorCode", "City", "Country", "AppliedConditionalAccessPolicies", "Status"]
            .map(str::to_owned),
    );
    let rows = records.iter().map(|record| {
        let mut row: Vec<String> = PLAIN.iter().map(|name| cell(record, name)).collect();
        row.extend([
            "True".to_owned(),
            cell(record, "status.errorCode"),
            cell(record, "location.city"),
            cell(record, "location.countryOrRegion"),
            "System.Object[]".to_owned(),
            "Microsoft.Graph.PowerShell.Models.MicrosoftGraphSignInStatus".to_owned(),
        ]);
        row
    });
    table(',', &columns, &rows.collect::<Vec<_>>())
}
