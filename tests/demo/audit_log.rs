//! The directory audit log of the five days: the edit of a policy that the snapshot holds as it is since, and new passwords.

use crate::identifiers::guid;
use crate::json::{Json, NONE, object};
use crate::people::{ANA, ANNELIESE, FREJA, LAYLA, MARCEL, Person};
use crate::policies::{FINANCE_DEVICES, Policy};

/// The policy's text before the edit: it was for phones as well.
const BEFORE: Policy = Policy {
    modified: "2021-03-15T10:12:33.7820467Z",
    platforms: &["windows", "macOS", "iOS", "android"],
    ..FINANCE_DEVICES
};

/// The events, newest first, as Graph returns them in a page.
pub fn page() -> Json {
    let edit = (FINANCE_DEVICES.id(), FINANCE_DEVICES.name);
    let texts = object! {
        "displayName": "ConditionalAccessPolicy",
        "oldValue": logged(&BEFORE),
        "newValue": logged(&FINANCE_DEVICES),
    };
    let of_policy = |properties: Vec<Json>| {
        Json::list([object! {
            "id": edit.0.clone(),
            "displayName": edit.1,
            "type": "Policy",
            "userPrincipalName": Json::Null,
            "groupType": Json::Null,
            "modifiedProperties": Json::list(properties),
        }])
    };
    // A change of a password is logged by the service that asked for it and by the directory, which moves the date of the tokens too.
    let of_password = |person: &'static Person, seconds: &str, activity: &str, service: &str| {
        let at = format!("{}.{seconds}Z", person.password_changed.trim_end_matches('Z'));
        event(&at, activity, service, person, of_person(person))
    };
    let (core, self_service) = ("Core Directory", "Self-service Password Management");
    let events = [
        event("2021-06-24T09:12:44.1190127Z", "Update user", core, &ANNELIESE, of_person(&ANA)),
        of_password(&MARCEL, "8104417", "Update StsRefreshTokenValidFrom Timestamp", core),
        of_password(&MARCEL, "7750132", "Change user password", core),
        of_password(&MARCEL, "4018833", "Change password (self-service)", self_service),
        event("2021-06-22T09:00:01.2210746Z", "Update policy", core, &LAYLA, of_policy(Vec::new())),
        event(
            "2021-06-22T09:00:01.0340118Z",
            "Update conditional access policy",
            "Conditional Access",
            &LAYLA,
            of_policy(vec![texts]),
        ),
        of_password(&FREJA, "9127740", "Update StsRefreshTokenValidFrom Timestamp", core),
        of_password(&FREJA, "8806102", "Change user password", core),
        event("2021-06-20T23:10:05.5518203Z", "Update user", core, &ANNELIESE, of_person(&ANA)),
    ];
    object! {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#auditLogs/directoryAudits",
        "value": Json::list(events),
    }
}

/// A policy as the audit log writes it: without the members that are null.
fn logged(policy: &Policy) -> String {
    fn bare(json: Json) -> Json {
        match json {
            Json::Object(members) => {
                let said = members.into_iter().filter(|(_, value)| !matches!(value, Json::Null));
                Json::Object(said.map(|(name, value)| (name, bare(value))).collect())
            }
            Json::List(items) => Json::list(items.into_iter().map(bare)),
            other => other,
        }
    }
    bare(policy.to_json()).compact()
}

fn of_person(person: &Person) -> Json {
    Json::list([object! {
        "id": person.id(),
        "displayName": Json::Null,
        "type": "User",
        "userPrincipalName": person.logged_name(),
        "groupType": Json::Null,
        "modifiedProperties": NONE,
    }])
}

fn event(at: &str, activity: &str, service: &str, by: &Person, targets: Json) -> Json {
    let prefix = if service == "Core Directory" { "Directory" } else { "IPCGraph" };
    object! {
        "id": format!("{prefix}_{}", guid(&format!("{at} {activity}"))),
        "category": if activity.ends_with("policy") { "Policy" } else { "UserManagement" },
        "correlationId": guid(&format!("audit attempt {at}")),
        "result": "success",
        "resultReason": "",
        "activityDisplayName": activity,
        "activityDateTime": at,
        "loggedByService": service,
        "operationType": "Update",
        "initiatedBy": object! {
            "app": Json::Null,
            "user": object! {
                "id": by.id(),
                "displayName": Json::Null,
                "userPrincipalName": by.logged_name(),
                "ipAddress": "",
            },
        },
        "targetResources": targets,
        "additionalDetails": NONE,
    }
}
