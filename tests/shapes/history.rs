//! A small invented history as Graph beta writes it: what every other shape is made from and compared with.

use serde_json::{Value, json};

/// The request ids of the four sign-ins of a user.
pub const IDS: [&str; 4] = [
    "0a000000-0000-4000-8000-000000000001",
    "0b000000-0000-4000-8000-000000000002",
    "0c000000-0000-4000-8000-000000000003",
    "0d000000-0000-4000-8000-000000000004",
];

/// Four sign-ins: granted, blocked by a policy on places, interrupted for a second factor, and with a wrong password.
pub fn sign_ins() -> Vec<Value> {
    let details = |method: &str, succeeded: bool, result: &str, time: &str| {
        json!([{ "authenticationStepDateTime": time, "authenticationMethod": method,
                 "authenticationMethodDetail": "Password in the cloud", "succeeded": succeeded,
                 "authenticationStepResultDetail": result, "authenticationStepRequirement": "Primary authentication" }])
    };
    let policy = |result: &str, satisfied: &str, not_satisfied: &str| {
        json!({ "id": "aaaaaaaa-0000-4000-8000-000000000001", "displayName": "Block abroad", "result": result,
                "enforcedGrantControls": ["Block"], "enforcedSessionControls": [],
                "conditionsSatisfied": satisfied, "conditionsNotSatisfied": not_satisfied })
    };
    let factor = |result: &str| {
        json!({ "id": "aaaaaaaa-0000-4000-8000-000000000002", "displayName": "Ask for MFA; always = on", "result": result,
                "enforcedGrantControls": ["Mfa"], "enforcedSessionControls": ["SignInFrequency"],
                "conditionsSatisfied": "application,users", "conditionsNotSatisfied": "none" })
    };
    let home = json!({ "city": "Vigo", "state": "Pontevedra", "countryOrRegion": "ES" });
    let abroad = json!({ "city": "Recife", "state": "Pernambuco", "countryOrRegion": "BR" });
    let mut all = Vec::new();
    for (number, (time, code, reason, access, ip, place, requirement, policies, steps)) in [
        (
            "2021-06-21T08:05:00Z",
            0,
            "Other.",
            "success",
            "198.51.100.7",
            &home,
            "multiFactorAuthentication",
            json!([policy("notApplied", "application,users", "location"), factor("success")]),
            details(
                "Previously satisfied",
                true,
                "MFA requirement satisfied by claim in the token",
                "2021-06-21T08:05:00Z",
            ),
        ),
        (
            "2021-06-21T09:00:00Z",
            53003,
            "Access has been blocked by Conditional Access policies.",
            "failure",
            "203.0.113.9",
            &abroad,
            "singleFactorAuthentication",
            json!([policy("failure", "application,users,location", "none"), factor("notApplied")]),
            details("Password", true, "Correct password", "2021-06-21T08:59:58Z"),
        ),
        (
            "2021-06-21T10:15:30Z",
            50074,
            "Strong Authentication is required.",
            "failure",
            "198.51.100.7",
            &home,
            "multiFactorAuthentication",
            json!([policy("notApplied", "application,users", "location"), factor("failure")]),
            details("Password", true, "Correct password", "2021-06-21T10:15:29Z"),
        ),
        (
            "2021-06-21T11:30:00Z",
            50126,
            "Error validating credentials due to invalid username or password.",
            "notApplied",
            "203.0.113.77",
            &abroad,
            "singleFactorAuthentication",
            json!([policy("notApplied", "none", "none"), factor("notApplied")]),
            details("Password", false, "Invalid username or password", "2021-06-21T11:30:00Z"),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        all.push(json!({
            "id": IDS[number],
            "createdDateTime": time,
            "userDisplayName": "Ana Lima",
            "userPrincipalName": "ana@contoso.com",
            "userId": "11111111-0000-4000-8000-00000000000a",
            "userType": "member",
            "appId": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
            "appDisplayName": "Microsoft Teams",
            "resourceId": "00000003-0000-0000-c000-000000000000",
            "resourceDisplayName": "Microsoft Graph",
            "ipAddress": ip,
            "clientAppUsed": "Browser",
            "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64), \"quoted\"",
            "correlationId": format!("cccccccc-0000-4000-8000-00000000000{number}"),
            "originalRequestId": IDS[number],
            "sessionId": format!("eeeeeeee-0000-4000-8000-00000000000{number}"),
            "conditionalAccessStatus": access,
            "isInteractive": true,
            "signInEventTypes": ["interactiveUser"],
            "authenticationRequirement": requirement,
            "authenticationDetails": steps,
            "status": { "errorCode": code, "failureReason": reason, "additionalDetails": "MFA requirement" },
            "deviceDetail": { "deviceId": "dddddddd-0000-4000-8000-000000000001", "displayName": "LT-7",
                              "operatingSystem": "Windows 10", "browser": "Edge 91.0", "isCompliant": true,
                              "isManaged": true, "trustType": "Azure AD joined" },
            "location": place,
            "riskLevelDuringSignIn": "none",
            "riskLevelAggregated": "none",
            "incomingTokenType": "none",
            "authenticationProtocol": "oAuth2",
            "originalTransferMethod": "none",
            "crossTenantAccessType": "none",
            "homeTenantId": "99999999-0000-4000-8000-000000000001",
            "resourceTenantId": "99999999-0000-4000-8000-000000000001",
            "tokenIssuerType": "AzureAD",
            "sessionLifetimePolicies": [],
            "networkLocationDetails": [{ "networkType": "namedNetwork", "networkNames": ["Office, Vigo"] }],
            "appliedConditionalAccessPolicies": policies,
        }));
    }
    all
}

/// A sign-in of an application, as Graph beta writes it.
pub fn of_application() -> Value {
    json!({
        "id": "0e000000-0000-4000-8000-000000000005",
        "createdDateTime": "2021-06-21T12:00:00Z",
        "appId": "77777777-0000-4000-8000-000000000001",
        "appDisplayName": "fabrikam-sync",
        "servicePrincipalId": "77777777-0000-4000-8000-000000000002",
        "servicePrincipalName": "fabrikam-sync",
        "resourceId": "00000003-0000-0000-c000-000000000000",
        "resourceDisplayName": "Microsoft Graph",
        "ipAddress": "192.0.2.44",
        "correlationId": "cccccccc-0000-4000-8000-000000000005",
        "conditionalAccessStatus": "notApplied",
        "signInEventTypes": ["servicePrincipal"],
        "status": { "errorCode": 7000215, "failureReason": "Invalid client secret is provided." },
        "location": { "city": "Vigo", "state": "Pontevedra", "countryOrRegion": "ES" },
        "homeTenantId": "99999999-0000-4000-8000-000000000001",
        "resourceTenantId": "99999999-0000-4000-8000-000000000001",
        "appliedConditionalAccessPolicies": [],
    })
}

/// A record without the members at these dotted paths; in lists, of every item.
pub fn without(record: &Value, paths: &[&str]) -> Value {
    fn remove(value: &mut Value, path: &str) {
        if let Some(items) = value.as_array_mut() {
            items.iter_mut().for_each(|item| remove(item, path));
        }
        let Some(members) = value.as_object_mut() else { return };
        match path.split_once('.') {
            Some((first, rest)) => members.get_mut(first).into_iter().for_each(|inner| remove(inner, rest)),
            None => {
                members.remove(path);
            }
        }
    }
    let mut record = record.clone();
    paths.iter().for_each(|path| remove(&mut record, path));
    record
}

/// What stands at a dotted path as the cell of a table has it.
pub fn cell(record: &Value, path: &str) -> String {
    match path.split('.').fold(record, |here, name| &here[name]) {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The record with every name beginning with a capital, as PowerShell writes it.
pub fn pascal(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (format!("{}{}", name[..1].to_uppercase(), &name[1..]), pascal(value)))
            .collect(),
        Value::Array(items) => items.iter().map(pascal).collect(),
        other => other.clone(),
    }
}

/// The record with names in snake_case, as Elasticsearch writes them.
pub fn snake(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let name: String = name
                    .chars()
                    .flat_map(|c| if c.is_ascii_uppercase() { vec!['_', c.to_ascii_lowercase()] } else { vec![c] })
                    .collect();
                (name, snake(value))
            })
            .collect(),
        Value::Array(items) => items.iter().map(snake).collect(),
        other => other.clone(),
    }
}

/// The record in the envelope of diagnostic settings: conditions are a bit mask there, and nothing is null.
pub fn diagnostic(record: &Value) -> Value {
    let bits = |words: &str| -> u32 {
        let bit = |word| match word {
            "application" => 1,
            "users" => 2,
            "location" => 8,
            _ => 0,
        };
        words.split(',').map(bit).sum()
    };
    let mut properties = record.clone();
    for policy in properties["appliedConditionalAccessPolicies"].as_array_mut().into_iter().flatten() {
        for name in ["conditionsSatisfied", "conditionsNotSatisfied"] {
            if let Some(words) = policy[name].as_str() {
                policy[name] = json!(bits(words));
            }
        }
    }
    if properties.get("userType").is_some() {
        properties["userType"] = json!("Member");
    }
    let category = match record["signInEventTypes"][0].as_str() {
        Some("servicePrincipal") => "ServicePrincipalSignInLogs",
        _ => "SignInLogs",
    };
    json!({
        "time": "2021-06-21T23:00:00.1234567Z",
        "resourceId": "/tenants/99999999-0000-4000-8000-000000000001/providers/Microsoft.aadiam",
        "operationName": "Sign-in activity",
        "operationVersion": "1.0",
        "category": category,
        "tenantId": "99999999-0000-4000-8000-000000000001",
        "resultType": cell(record, "status.errorCode"),
        "resultSignature": "None",
        "durationMs": 0,
        "callerIpAddress": record["ipAddress"],
        "correlationId": record["correlationId"],
        "Level": 4,
        "properties": properties,
    })
}
