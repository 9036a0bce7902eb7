//! What must be true of the demo case, read back from its text the way a stranger would read it; of the browser traces,
//! see [`crate::trace_checks`].

use crate::demo_case;
use crate::identifiers::token_identifier;
use crate::people::{ANA, ANNELIESE, LUKASZ, Person, TIMOTHEA, TIMOTHEA_GUEST};
use crate::places::range_contains;
use crate::policies::EXCHANGE_ACTIVE_SYNC;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The limit for all files together.
const MOST_BYTES: usize = 3_600_000;

/// Addresses nobody owns (RFC 5737, RFC 3849).
pub const DOCUMENTATION_RANGES: [&str; 4] = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];

/// Every code the demo wants to show at least once.
const CODES: [i64; 20] = [
    0, 50034, 50053, 50055, 50057, 50058, 50074, 50076, 50079, 50097, 50105, 50126, 50158, 50173, 53000, 53003, 65001,
    70043, 500_121, 7_000_222,
];

/// What a check returns: an error only if a file is no JSON at all.
pub type Checked = Result<(), &'static serde_json::Error>;

/// The demo case, parsed.
pub struct Case {
    interactive: Vec<Value>,
    others: Vec<Value>,
    tenant: Value,
    /// The trace of the visits to the travel portal.
    pub travel: Value,
    /// The trace of the lockout test.
    pub lockout: Value,
}

impl Case {
    /// The case, parsed once for all tests.
    pub fn read() -> Result<&'static Self, &'static serde_json::Error> {
        static CASE: LazyLock<serde_json::Result<Case>> = LazyLock::new(Case::parse);
        CASE.as_ref()
    }

    fn parse() -> serde_json::Result<Self> {
        let [(_, interactive), (_, others), (_, tenant), _, (_, travel), (_, lockout), _] = demo_case();
        let mut page: Value = serde_json::from_str(&others)?;
        Ok(Self {
            interactive: serde_json::from_str(&interactive)?,
            others: serde_json::from_value(page["value"].take())?,
            tenant: serde_json::from_str(&tenant)?,
            travel: serde_json::from_str(&travel)?,
            lockout: serde_json::from_str(&lockout)?,
        })
    }

    pub fn rows(&self) -> impl Iterator<Item = &Value> {
        self.interactive.iter().chain(&self.others)
    }

    /// A person's rows, oldest first.
    pub fn rows_of(&self, person: &Person) -> Vec<&Value> {
        let id = person.id();
        let mut rows: Vec<_> = self.rows().filter(|row| text(row, "userId") == id).collect();
        rows.sort_by_key(|row| text(row, "createdDateTime"));
        rows
    }

    /// The ids and names of a collection of the snapshot.
    fn named(&self, collection: &str) -> BTreeMap<&str, &str> {
        list(&self.tenant[collection]).iter().map(|item| (text(item, "id"), text(item, "displayName"))).collect()
    }
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

pub fn code(row: &Value) -> i64 {
    row["status"]["errorCode"].as_i64().unwrap_or(-1)
}

fn policies(row: &Value) -> &[Value] {
    list(&row["appliedConditionalAccessPolicies"])
}

fn methods(row: &Value) -> Vec<&str> {
    list(&row["authenticationDetails"]).iter().map(|step| text(step, "authenticationMethod")).collect()
}

/// The last four bytes of a request id, little-endian.
pub fn counter(id: &str) -> Option<u32> {
    u32::from_str_radix(id.get(28..)?, 16).ok().map(u32::swap_bytes)
}

#[test]
fn the_case_is_of_the_promised_size() -> Checked {
    let bytes: usize = demo_case().iter().map(|(_, text)| text.len()).sum();
    assert!(bytes < MOST_BYTES, "{bytes} bytes");
    let case = Case::read()?;
    let rows = case.rows().count();
    assert!((300..=400).contains(&rows), "{rows} sign-ins");
    let users: BTreeSet<_> = case.rows().map(|row| text(row, "userId")).collect();
    assert!(users.len() >= 14, "{} users", users.len());
    Ok(())
}

#[test]
fn rows_come_newest_first_and_lie_within_the_five_days() -> Checked {
    let case = Case::read()?;
    for rows in [&case.interactive, &case.others] {
        assert!(rows.is_sorted_by(|one, next| text(one, "createdDateTime") >= text(next, "createdDateTime")));
    }
    for row in case.rows() {
        let at = text(row, "createdDateTime");
        assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{at}");
        assert!(("2021-06-20".."2021-06-25").contains(&at), "{at}");
        assert!(at < text(&case.tenant, "exportedDateTime"), "{at}");
    }
    Ok(())
}

#[test]
fn request_ids_are_unique_and_built_like_real_ones() -> Checked {
    let case = Case::read()?;
    let mut seen = BTreeSet::new();
    let mut counters: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
    for row in case.rows() {
        let id = text(row, "id");
        assert!(seen.insert(id), "{id} twice");
        assert_eq!(text(row, "uniqueTokenIdentifier"), token_identifier(id));
        assert_eq!((id.len(), id.get(14..15)), (36, Some("4")), "{id}");
        assert!(matches!(id.get(34..), Some("00" | "01")), "{id}");
        counters
            .entry(&id[..28])
            .or_default()
            .extend(counter(id).map(|counter| (text(row, "createdDateTime"), counter)));
    }
    assert!((6..=9).contains(&counters.len()), "{} processes", counters.len());
    for requests in counters.values_mut() {
        requests.sort_unstable();
        assert!(requests.is_sorted_by(|one, next| one.1 < next.1), "a counter goes back: {requests:?}");
    }
    Ok(())
}

#[test]
fn rows_of_an_attempt_point_to_its_first() -> Checked {
    let case = Case::read()?;
    let mut attempts: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for row in case.rows() {
        attempts.entry(text(row, "correlationId")).or_default().push(row);
    }
    for rows in attempts.values() {
        let firsts: BTreeSet<_> = rows.iter().map(|row| text(row, "originalRequestId")).collect();
        assert_eq!(firsts.len(), 1);
        let oldest = rows.iter().min_by_key(|row| text(row, "createdDateTime"));
        assert!(oldest.is_some_and(|row| firsts.contains(text(row, "id"))));
        let users: BTreeSet<_> = rows.iter().map(|row| text(row, "userId")).collect();
        assert_eq!(users.len(), 1);
    }
    Ok(())
}

#[test]
fn every_policy_in_the_log_is_a_policy_of_the_tenant() -> Checked {
    let case = Case::read()?;
    let names = case.named("conditionalAccessPolicies");
    let states: BTreeMap<_, _> = list(&case.tenant["conditionalAccessPolicies"])
        .iter()
        .map(|policy| (text(policy, "id"), text(policy, "state")))
        .collect();
    for entry in case.rows().flat_map(policies) {
        let id = text(entry, "id");
        assert_eq!(names.get(id), Some(&text(entry, "displayName")));
        let words: &[&str] = match states.get(id) {
            Some(&"enabled") => &["success", "failure", "notApplied"],
            Some(&"disabled") => &["notEnabled"],
            _ => &["reportOnlySuccess", "reportOnlyFailure", "reportOnlyInterrupted", "reportOnlyNotApplied"],
        };
        assert!(words.contains(&text(entry, "result")), "{entry}");
        let failed = text(entry, "conditionsNotSatisfied");
        let applied = !text(entry, "result").ends_with("otApplied");
        assert_eq!(applied, failed == "none", "{entry}");
    }
    for row in case.rows().filter(|row| !policies(row).is_empty()) {
        assert_eq!(policies(row).len(), names.len());
    }
    Ok(())
}

#[test]
fn the_overall_status_follows_from_the_policies() -> Checked {
    for row in Case::read()?.rows() {
        let failed = policies(row).iter().any(|entry| text(entry, "result") == "failure");
        let reached = policies(row).iter().any(|entry| {
            matches!(text(entry, "result"), "success" | "notApplied")
                && text(entry, "conditionsSatisfied").starts_with("application,users")
        });
        let expected = match (failed, reached) {
            (true, _) => "failure",
            (false, true) => "success",
            (false, false) => "notApplied",
        };
        assert_eq!(text(row, "conditionalAccessStatus"), expected, "{}", text(row, "id"));
        if matches!(code(row), 50034 | 50053 | 50057 | 50126) {
            assert!(policies(row).is_empty());
        }
    }
    Ok(())
}

#[test]
fn a_token_is_only_issued_when_no_policy_failed_but_for_active_sync() -> Checked {
    for row in Case::read()?.rows().filter(|row| code(row) == 0) {
        let handed_over = text(row, "clientAppUsed") == "Exchange ActiveSync";
        assert!(handed_over || text(row, "conditionalAccessStatus") != "failure", "{}", text(row, "id"));
    }
    Ok(())
}

#[test]
fn the_log_shows_every_code_and_every_result_it_is_meant_to() -> Checked {
    let case = Case::read()?;
    let codes: BTreeSet<_> = case.rows().map(code).collect();
    assert_eq!(codes, BTreeSet::from(CODES));
    let results: BTreeSet<_> = case.rows().flat_map(policies).map(|entry| text(entry, "result")).collect();
    assert_eq!(results.len(), 8, "{results:?}");
    // A status of success although no policy applied.
    let untouched = case.rows().any(|row| {
        text(row, "conditionalAccessStatus") == "success"
            && policies(row).iter().all(|entry| text(entry, "result").to_lowercase().contains("not"))
    });
    assert!(untouched);
    Ok(())
}

#[test]
fn nothing_real_is_in_it() -> Checked {
    let case = Case::read()?;
    for row in case.rows() {
        let address = text(row, "ipAddress");
        assert!(DOCUMENTATION_RANGES.iter().any(|range| range_contains(range, address)), "{address}");
    }
    for (name, text) in demo_case() {
        let odd = text.chars().find(|letter| letter.is_control() && *letter != '\n');
        assert_eq!(odd, None, "{name}");
    }
    Ok(())
}

#[test]
fn everybody_in_the_log_is_in_the_directory() -> Checked {
    let case = Case::read()?;
    let users = case.named("users");
    let principals = case.named("servicePrincipals");
    for row in case.rows() {
        let known = match text(row, "userId") {
            "" => principals.contains_key(text(row, "servicePrincipalId")),
            "00000000-0000-0000-0000-000000000000" => code(row) == 50034,
            id => users.get(id) == Some(&text(row, "userDisplayName")),
        };
        assert!(known, "{}", text(row, "id"));
        assert!(principals.contains_key(text(row, "resourceServicePrincipalId")));
    }
    let groups = case.named("groups");
    for member in list(&case.tenant["groups"]).iter().flat_map(|group| list(&group["members"])) {
        let id = text(member, "id");
        assert!(users.contains_key(id) || groups.contains_key(id), "{id}");
    }
    Ok(())
}

#[test]
fn escalation_1_a_success_that_conditional_access_refused() -> Checked {
    let case = Case::read()?;
    let rows = case.rows_of(&ANA);
    let handed: Vec<_> = rows.iter().filter(|row| text(row, "clientAppUsed") == "Exchange ActiveSync").collect();
    assert_eq!(handed.first().map(|row| text(row, "createdDateTime")), Some("2021-06-21T02:30:18Z"));
    for row in handed {
        assert_eq!((code(row), text(row, "conditionalAccessStatus")), (0, "failure"));
        let failed: Vec<_> = policies(row).iter().filter(|entry| text(entry, "result") == "failure").collect();
        let names: Vec<_> = failed.iter().map(|entry| text(entry, "displayName")).collect();
        assert_eq!(names, [EXCHANGE_ACTIVE_SYNC.name]);
        assert_eq!(text(failed[0], "conditionsSatisfied"), "application,users,location,clientType");
    }
    Ok(())
}

#[test]
fn escalation_2_a_session_that_was_kept_alive_once() -> Checked {
    let case = Case::read()?;
    let rows: Vec<_> =
        case.rows_of(&LUKASZ).into_iter().filter(|row| text(row, "clientAppUsed") == "Browser").collect();
    assert_eq!(rows.len(), 3);
    let prompts: Vec<_> = rows.iter().map(|row| methods(row)).collect();
    assert_eq!(prompts, [["Password"], ["Previously satisfied"], ["Password"]]);
    let sessions: Vec<_> = rows.iter().map(|row| text(row, "sessionId")).collect();
    assert_eq!(sessions[0], sessions[1]);
    assert_ne!(sessions[1], sessions[2]);
    for entry in rows.iter().flat_map(|row| policies(row)) {
        let applied = matches!(text(entry, "result"), "success" | "failure");
        assert!(!applied, "{entry}");
    }
    let brandings = list(&case.tenant["loginTenantBrandings"]);
    assert!(brandings.iter().all(|branding| branding["hideKeepMeSignedIn"] == true));
    Ok(())
}

#[test]
fn escalation_3_locked_at_the_eighth_password() -> Checked {
    let case = Case::read()?;
    let test: Vec<_> = case
        .rows_of(&ANNELIESE)
        .into_iter()
        .filter(|row| {
            text(row, "createdDateTime") >= "2021-06-23T13:40" && text(row, "createdDateTime") < "2021-06-23T14"
        })
        .collect();
    let codes: Vec<_> = test.iter().map(|row| code(row)).collect();
    assert_eq!(codes, [50126, 50126, 50126, 50126, 50126, 50126, 50126, 50053, 50053, 50053, 0]);
    let server = |number: usize| &text(test[number - 1], "id")[..28];
    for row in [2, 4, 5, 7, 8] {
        assert_eq!(server(row), server(1));
    }
    assert_eq!(server(3), server(6));
    assert_ne!(server(1), server(3));
    let same = |key: &str| test.iter().map(|row| row[key].to_string()).collect::<BTreeSet<_>>().len();
    assert_eq!((same("ipAddress"), same("userAgent"), same("correlationId")), (1, 1, 3));

    let blocked = |row: &&Value| text(&row["status"], "failureReason").contains("malicious activity");
    let addresses: BTreeSet<_> = case.rows().filter(blocked).map(|row| text(row, "ipAddress")).collect();
    let from_there = case.rows().filter(|row| addresses.contains(text(row, "ipAddress")) && code(row) == 50126);
    let sprayed: BTreeSet<_> = from_there.map(|row| text(row, "userId")).collect();
    assert_eq!((addresses.len(), sprayed.len()), (1, 3));
    Ok(())
}

#[test]
fn escalation_4_two_objects_want_one_address() -> Checked {
    let case = Case::read()?;
    let user = |person: &Person| {
        let id = person.id();
        list(&case.tenant["users"]).iter().find(move |user| text(user, "id") == id)
    };
    let holder = user(&TIMOTHEA_GUEST).map(|guest| guest["proxyAddresses"].to_string());
    assert_eq!(holder.as_deref(), Some(r#"["SMTP:t.marsh@fabrikam.com"]"#));
    let error = user(&TIMOTHEA).map(|member| text(&member["serviceProvisioningErrors"][0], "errorDetail"));
    assert!(error.is_some_and(|xml| xml.contains("Ex1472D1") && xml.contains(TIMOTHEA_GUEST.proxy_addresses[0])));
    for row in case.rows_of(&TIMOTHEA_GUEST) {
        assert_eq!(text(row, "userPrincipalName"), "t.marsh@fabrikam.com");
        assert_eq!((text(row, "userType"), text(row, "crossTenantAccessType")), ("guest", "b2bCollaboration"));
        assert_ne!(text(row, "homeTenantId"), text(row, "resourceTenantId"));
    }
    assert!(case.rows_of(&TIMOTHEA).iter().any(|row| code(row) == 0));
    Ok(())
}
