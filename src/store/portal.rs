//! Brings what the admin center shows of a sign-in to Graph's spelling: the columns of its CSV downloads, and the lines somebody
//! copied from it.
//!
//! The labels of 2021 and of today are known, in any case; unknown ones are kept in the record. No download as CSV lists policies.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::Json;
use crate::domain::evidence::Renames;
use crate::domain::json::escape_pointer;

use super::dates::DateOrder;
use super::draft::Draft;

/// A label of the portal (in lower case) and the member of Graph that it stands for; nothing where Graph has no member for it.
const LABELS: [(&str, &str); 67] = [
    ("date", "/createdDateTime"),
    ("date (utc)", "/createdDateTime"),
    ("request id", "/id"),
    ("correlation id", "/correlationId"),
    ("user", "/userPrincipalName"),
    ("username", "/userPrincipalName"),
    ("user name", "/userDisplayName"),
    ("user id", "/userId"),
    ("user type", "/userType"),
    ("alternate signin name", "/signInIdentifier"),
    ("sign-in identifier", "/signInIdentifier"),
    ("application", "/appDisplayName"),
    ("application id", "/appId"),
    ("resource", "/resourceDisplayName"),
    ("resource id", "/resourceId"),
    ("resource tenant id", "/resourceTenantId"),
    ("home tenant id", "/homeTenantId"),
    ("status", "/status/errorCode"),
    ("sign-in error code", "/status/errorCode"),
    ("failure reason", "/status/failureReason"),
    ("additional details", "/status/additionalDetails"),
    ("is interactive", "/isInteractive"),
    ("ip address", "/ipAddress"),
    ("location", "/location"),
    ("client app", "/clientAppUsed"),
    ("user agent", "/userAgent"),
    ("device id", "/deviceDetail/deviceId"),
    ("device os", "/deviceDetail/operatingSystem"),
    ("operating system", "/deviceDetail/operatingSystem"),
    ("device browser", "/deviceDetail/browser"),
    ("browser", "/deviceDetail/browser"),
    ("compliant", "/deviceDetail/isCompliant"),
    ("managed", "/deviceDetail/isManaged"),
    ("join type", "/deviceDetail/trustType"),
    ("conditional access", "/conditionalAccessStatus"),
    ("authentication requirement", "/authenticationRequirement"),
    ("mfa required", "/authenticationRequirement"),
    ("risk level (aggregate)", "/riskLevelAggregated"),
    ("risk level (real-time)", "/riskLevelDuringSignIn"),
    ("risk state", "/riskState"),
    ("session id", "/sessionId"),
    ("cross tenant access type", "/crossTenantAccessType"),
    ("incoming token type", "/incomingTokenType"),
    ("authentication protocol", "/authenticationProtocol"),
    ("service principal id", "/servicePrincipalId"),
    ("service principal name", "/servicePrincipalName"),
    ("app owner tenant id", "/appOwnerTenantId"),
    ("resource owner tenant id", "/resourceOwnerTenantId"),
    ("home tenant name", "/homeTenantName"),
    ("ip address (seen by resource)", "/ipAddressFromResourceProvider"),
    ("unique token identifier", "/uniqueTokenIdentifier"),
    ("original transfer method", "/originalTransferMethod"),
    ("client credential type", "/clientCredentialType"),
    ("token issuer type", "/tokenIssuerType"),
    ("token issuer name", "/tokenIssuerName"),
    ("through global secure access", "/isThroughGlobalSecureAccess"),
    ("global secure access ip address", "/globalSecureAccessIpAddress"),
    ("flagged for review", "/flaggedForReview"),
    ("managed identity type", "/managedServiceIdentity/msiType"),
    ("multifactor authentication auth method", "/mfaDetail/authMethod"),
    ("multifactor authentication auth detail", "/mfaDetail/authDetail"),
    ("token protection - sign in session", "/tokenProtectionStatusDetails/signInSessionStatus"),
    ("resource service principal id", "/resourceServicePrincipalId"),
    ("continuous access evaluation", ""),
    ("troubleshoot event", ""),
    ("latency", ""),
    ("sign-in identifier type", "/signInIdentifierType"),
];

/// The member of Graph that a label stands for, empty where Graph has none; nothing when the label is not known.
pub fn known(label: &str) -> Option<&'static str> {
    BY_LABEL.get(plain(label).as_str()).copied()
}

static BY_LABEL: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| LABELS.into_iter().collect());

/// A label in lower case, with single blanks and without the number of a repeated column.
fn plain(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    let words = match words.as_slice() {
        [words @ .., number] if number.starts_with('(') && number.trim_matches(['(', ')']).parse::<u8>().is_ok() => {
            words
        }
        words => words,
    };
    words.join(" ").to_ascii_lowercase()
}

/// A line or cell with a label that is known.
struct Labelled<'a> {
    name: &'a str,
    label: String,
    pointer: &'static str,
    /// Nothing where it says nothing.
    said: Option<&'a str>,
}

fn labelled(record: &Json) -> Vec<Labelled<'_>> {
    let found = record.members().iter().filter_map(|(name, value)| {
        let label = plain(name);
        let pointer = BY_LABEL.get(label.as_str()).copied()?;
        Some(Labelled { name, label, pointer, said: value.text().and_then(said) })
    });
    found.collect()
}

/// Brings a block of pasted lines to Graph's spelling.
pub fn pasted_spelling(block: &Json) -> (Json, Renames) {
    let mut draft = Draft::default();
    let lines = labelled(block);
    add_labels(&lines, &mut draft, None);
    if lines.iter().any(|line| line.pointer == "/deviceDetail/deviceId") {
        // "N/A" after the label says that there was no device, which a missing line does not.
        draft.add_empty("deviceDetail");
    }
    draft.finish("")
}

/// Brings a row of the CSV download to Graph's spelling. `event` is the kind of its sign-ins where the file's name tells it: the
/// tables of interactive and non-interactive sign-ins have the same columns.
pub fn row_spelling(row: &Json, dates: DateOrder, event: Option<&'static str>) -> (Json, Renames) {
    let mut draft = Draft::default();
    let cells = labelled(row);
    add_labels(&cells, &mut draft, Some(dates));
    let column = |pointer: &str| cells.iter().find(|cell| cell.pointer == pointer);
    // A column without a value says that nothing is known; a table without the column says nothing.
    for (pointer, object) in [("/deviceDetail/deviceId", "deviceDetail"), ("/location", "location")] {
        if column(pointer).is_some() {
            draft.add_empty(object);
        }
    }
    let filled = |pointer: &str| column(pointer).filter(|cell| cell.said.is_some());
    let service = filled("/servicePrincipalId");
    let is_kind = |cell: &&Labelled<'_>| cell.said.is_some_and(|kind| !kind.eq_ignore_ascii_case("none"));
    let managed = column("/managedServiceIdentity/msiType").filter(is_kind);
    let is_person = filled("/userId").is_some() || filled("/userPrincipalName").is_some();
    // A user is no application, whatever the file is called.
    let event = event.filter(|event| is_person == matches!(*event, "interactiveUser" | "nonInteractiveUser"));
    match (service, managed, event) {
        (_, Some(cell), _) => draft.add_event(&place(cell.name), "managedIdentity"),
        (Some(_), None, Some("managedIdentity")) => draft.add_event("", "managedIdentity"),
        (Some(cell), None, _) => draft.add_event(&place(cell.name), "servicePrincipal"),
        (None, None, Some(event)) => draft.add_event("", event),
        (None, None, None) => {}
    }
    draft.finish("")
}

/// Brings the steps of one sign-in, which the download of authentication details has a row for each, to Graph's spelling. They are
/// no sign-in but belong to the one of the same request id.
pub fn steps_spelling(rows: &Json, dates: DateOrder) -> (Json, Renames) {
    const STEPS: [(&str, &str); 6] = [
        ("date", "authenticationStepDateTime"),
        ("authentication method", "authenticationMethod"),
        ("authentication method detail", "authenticationMethodDetail"),
        ("succeeded", "succeeded"),
        ("result detail", "authenticationStepResultDetail"),
        ("requirement", "authenticationStepRequirement"),
    ];
    let mut draft = Draft::default();
    let mut steps = Vec::new();
    let mut places = Vec::new();
    let list = rows.get(ROWS);
    for (number, row) in list.items().iter().enumerate() {
        let base = format!("/{ROWS}/{number}");
        let mut step = Vec::new();
        for (name, value) in row.members() {
            let Some(text) = value.text().and_then(said) else { continue };
            let label = plain(name);
            let label = label.strip_suffix(" (utc)").unwrap_or(&label);
            if known(label) == Some("/id") {
                draft.add("/id", &format!("{base}{}", place(name)), Json::Text(text.to_owned()));
            }
            let Some((_, member)) = STEPS.iter().find(|(known, _)| *known == label) else { continue };
            let value =
                if *member == "authenticationStepDateTime" { dated(text, Some(dates)) } else { text.to_owned() };
            step.push(((*member).to_owned(), Json::Text(value)));
            places.push((format!("/authenticationDetails/{number}/{member}"), format!("{base}{}", place(name))));
        }
        steps.push(Json::Object(step));
    }
    draft.add("/authenticationDetails", &format!("/{ROWS}"), Json::List(steps));
    for (pointer, place) in places {
        draft.note_place(&pointer, &place);
    }
    draft.finish("")
}

/// The member under which rows that make one record stand in it.
pub const ROWS: &str = "rows";

fn add_labels(cells: &[Labelled<'_>], draft: &mut Draft, dates: Option<DateOrder>) {
    let has = |wanted: &str| cells.iter().any(|cell| cell.label == wanted);
    // The portal shows the display name as "User" beside "Username"; alone it was the principal name.
    let has_both = has("user") && has("username");
    // The column of the code says it in full, before that of the status.
    let (codes, others): (Vec<&Labelled<'_>>, Vec<&Labelled<'_>>) =
        cells.iter().partition(|cell| cell.label == "sign-in error code");
    for Labelled { name, label, pointer, said } in codes.into_iter().chain(others) {
        let Some(text) = said.filter(|_| !pointer.is_empty()) else { continue };
        let place = place(name);
        match label.as_str() {
            "user" if has_both || dates.is_some() && !text.contains('@') => {
                draft.add("/userDisplayName", &place, Json::Text(text.to_owned()));
            }
            _ => {
                for (pointer, value) in graph_values(label, pointer, text, dates) {
                    draft.add(&pointer, &place, value);
                }
            }
        }
    }
}

fn place(label: &str) -> String {
    format!("/{}", escape_pointer(label))
}

fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !text.eq_ignore_ascii_case("n/a")).then_some(text)
}

fn dated(text: &str, dates: Option<DateOrder>) -> String {
    dates.and_then(|dates| dates.iso(text)).unwrap_or_else(|| text.to_owned())
}

/// The members of Graph that a line or cell stands for.
fn graph_values(label: &str, pointer: &str, text: &str, dates: Option<DateOrder>) -> Vec<(String, Json)> {
    let one = |value: Json| vec![(pointer.to_owned(), value)];
    match label {
        "status" => match status_code(text) {
            Some(code) => one(Json::Number(code.into())),
            None => Vec::new(),
        },
        "sign-in error code" => match text.parse::<i64>() {
            Ok(code) => one(Json::Number(code.into())),
            Err(_) => Vec::new(),
        },
        "date" | "date (utc)" => one(Json::Text(dated(text, dates))),
        "is interactive" | "compliant" | "managed" => {
            let yes = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
            one(Json::Bool(yes))
        }
        "mfa required" => {
            let yes = text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes");
            let word = if yes { "multiFactorAuthentication" } else { "singleFactorAuthentication" };
            one(Json::Text(word.to_owned()))
        }
        "location" => {
            let mut parts: Vec<&str> = text.rsplitn(3, ',').map(str::trim).collect();
            parts.reverse();
            let names: &[&str] = match parts.len() {
                3 => &["city", "state", "countryOrRegion"],
                2 => &["city", "countryOrRegion"],
                _ => &["countryOrRegion"],
            };
            names
                .iter()
                .zip(parts)
                .map(|(name, part)| (format!("/location/{name}"), Json::Text(part.to_owned())))
                .collect()
        }
        _ => one(Json::Text(graph_word(pointer, text).unwrap_or(text).to_owned())),
    }
}

/// Graph's words of members that the portal writes for people ("Multifactor authentication", "Primary refresh token").
const WORDS: [&str; 18] = [
    "authenticationTransfer",
    "b2bCollaboration",
    "b2bDirectConnect",
    "deviceCode",
    "deviceCodeFlow",
    "guest",
    "member",
    "microsoftSupport",
    "multiFactorAuthentication",
    "none",
    "oAuth2",
    "primaryRefreshToken",
    "refreshToken",
    "remoteDesktopToken",
    "saml11",
    "saml20",
    "serviceProvider",
    "singleFactorAuthentication",
];

/// Graph's spelling of a word, where only case, blanks and signs differ.
fn graph_word(pointer: &str, text: &str) -> Option<&'static str> {
    const MEMBERS: [&str; 6] = [
        "/authenticationProtocol",
        "/authenticationRequirement",
        "/crossTenantAccessType",
        "/incomingTokenType",
        "/originalTransferMethod",
        "/userType",
    ];
    if !MEMBERS.contains(&pointer) {
        return None;
    }
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    WORDS.into_iter().find(|word| word.eq_ignore_ascii_case(&letters))
}

/// The code of `Success (0)` or `Failure (50126)`; the bare word Success means 0, the other words tell no code.
fn status_code(text: &str) -> Option<i64> {
    match text.split_once('(') {
        Some((_, rest)) => rest.trim_end().trim_end_matches(')').trim().parse().ok(),
        None => text.eq_ignore_ascii_case("success").then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Json {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn labels_are_known_in_any_case_with_any_blanks_and_repeated() {
        assert_eq!(known("Application ID "), Some("/appId"));
        assert_eq!(known("Incoming token type (2)"), Some("/incomingTokenType"));
        assert_eq!(known("Sign-in  Error Code"), Some("/status/errorCode"));
        assert_eq!(known("IP address (seen by resource)"), Some("/ipAddressFromResourceProvider"));
        assert_eq!(known("Anything"), None);
        assert!(LABELS.iter().all(|(label, _)| plain(label) == *label));
    }

    #[test]
    fn a_row_points_at_its_columns_and_says_what_its_columns_say() {
        let row = row(
            r#"{"Date (UTC)":"28/04/2021 14:08","Request ID":"b2","User":"Ana Lima","Username":"ana@contoso.com","Application ID ":"app1","Incoming token type":"","Incoming token type (2)":"Primary refresh token","Location":"","Status":"Failure","Sign-in error code":"53003","Device ID":"","Compliant":"","Authentication requirement":"Multifactor authentication"}"#,
        );
        let (graph, renames) = row_spelling(&row, DateOrder::DayFirst, Some("nonInteractiveUser"));
        let (as_application, _) = row_spelling(&row, DateOrder::DayFirst, Some("servicePrincipal"));
        assert!(!as_application.has("signInEventTypes"));
        for (pointer, expected) in [
            ("/createdDateTime", "2021-04-28T14:08:00Z"),
            ("/userDisplayName", "Ana Lima"),
            ("/userPrincipalName", "ana@contoso.com"),
            ("/incomingTokenType", "primaryRefreshToken"),
            ("/authenticationRequirement", "multiFactorAuthentication"),
        ] {
            assert_eq!(graph.pointer(pointer).and_then(Json::text), Some(expected), "{pointer}");
        }
        assert_eq!(renames.to_file("/appId"), "/Application ID ");
        assert_eq!(renames.to_file("/isInteractive"), "");
        assert_eq!(graph.get("location"), &Json::Object(Vec::new()));
        assert_eq!(graph.get("deviceDetail"), &Json::Object(Vec::new()));
    }

    #[test]
    fn a_code_points_at_its_own_column_before_that_of_the_status() {
        for (text, expected) in [
            (r#"{"Status":"Success","Sign-in error code":"0"}"#, "/Sign-in error code"),
            (r#"{"Status":"Failure (53003)","Sign-in error code":"53003"}"#, "/Sign-in error code"),
            (r#"{"Status":"Success","Sign-in error code":""}"#, "/Status"),
        ] {
            let (graph, renames) = row_spelling(&row(text), DateOrder::default(), None);
            assert!(graph.pointer("/status/errorCode").is_some(), "{text}");
            assert_eq!(renames.to_file("/status/errorCode"), expected, "{text}");
        }
    }

    #[test]
    fn columns_of_service_principals_tell_the_kind_whatever_the_name_says() {
        let event = |text: &str, hint| {
            let (graph, _) = row_spelling(&row(text), DateOrder::default(), hint);
            graph.pointer("/signInEventTypes/0").and_then(Json::text).map(str::to_owned)
        };
        let service = r#"{"Service principal ID":"s1","Managed Identity type":"none"}"#;
        assert_eq!(event(service, Some("interactiveUser")).as_deref(), Some("servicePrincipal"));
        assert_eq!(event(service, Some("managedIdentity")).as_deref(), Some("managedIdentity"));
        assert_eq!(event(r#"{"Service principal ID":""}"#, None), None);
    }

    #[test]
    fn rows_of_steps_become_the_details_of_their_sign_in() {
        let rows = row(
            r#"{"rows":[{"Request ID":"b2","Date (UTC)":"2021-06-21T08:00:00Z","Authentication method":"Password","Succeeded":"true"},{"Request ID":"b2","Authentication method":"Mobile app notification","Succeeded":"false"}]}"#,
        );
        let (graph, renames) = steps_spelling(&rows, DateOrder::default());
        assert_eq!(graph.get("id").text(), Some("b2"));
        assert_eq!(graph.get("authenticationDetails").items().len(), 2);
        assert_eq!(renames.to_file("/authenticationDetails/1/authenticationMethod"), "/rows/1/Authentication method");
    }
}
