//! What must be true of the demo case, read back from its text the way a stranger would read it.

use crate::demo_case;
use crate::identifiers::token_identifier;
use crate::people::{ANA, ANNELIESE, LUKASZ, Person, TIMOTHEA, TIMOTHEA_GUEST};
use crate::places::range_contains;
use crate::policies::EXCHANGE_ACTIVE_SYNC;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The limit for all files together.
const MOST_BYTES: usize = 3_500_000;

/// Addresses nobody owns (RFC 5737, RFC 3849).
const DOCUMENTATION_RANGES: [&str; 4] = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"];

/// Every code the demo wants to show at least once.
const CODES: [i64; 20] = [
    0, 50034, 50053, 50055, 50057, 50058, 50074, 50076, 50079, 50097, 50105, 50126, 50158, 50173, 53000, 53003, 65001,
    70043, 500_121, 7_000_222,
];

/// The host of the sign-in service.
const SIGN_IN_SERVICE: &str = "login.microsoftonline.com";
/// The host of the federation provider.
const FEDERATION: &str = "sts.corp.contoso.com";
/// The cookie of a session that is meant to outlive the browser.
const PERSISTENT: &str = "ESTSAUTHPERSISTENT";
/// Everything in the trace that is secret has this in it.
const MARK: &str = "DEMO-SECRET-";

/// What a check returns: an error only if a file is no JSON at all.
type Checked = Result<(), &'static serde_json::Error>;

/// The demo case, parsed.
struct Case {
    interactive: Vec<Value>,
    others: Vec<Value>,
    tenant: Value,
    trace: Value,
}

impl Case {
    /// The case, parsed once for all tests.
    fn read() -> Result<&'static Self, &'static serde_json::Error> {
        static CASE: LazyLock<serde_json::Result<Case>> = LazyLock::new(Case::parse);
        CASE.as_ref()
    }

    fn parse() -> serde_json::Result<Self> {
        let [(_, interactive), (_, others), (_, tenant), (_, trace)] = demo_case();
        let mut page: Value = serde_json::from_str(&others)?;
        Ok(Self {
            interactive: serde_json::from_str(&interactive)?,
            others: serde_json::from_value(page["value"].take())?,
            tenant: serde_json::from_str(&tenant)?,
            trace: serde_json::from_str(&trace)?,
        })
    }

    fn rows(&self) -> impl Iterator<Item = &Value> {
        self.interactive.iter().chain(&self.others)
    }

    /// A person's rows, oldest first.
    fn rows_of(&self, person: &Person) -> Vec<&Value> {
        let id = person.id();
        let mut rows: Vec<_> = self.rows().filter(|row| text(row, "userId") == id).collect();
        rows.sort_by_key(|row| text(row, "createdDateTime"));
        rows
    }

    fn entries(&self) -> &[Value] {
        list(&self.trace["log"]["entries"])
    }

    /// The entries of the trace by visit: each begins at the company's portal.
    fn visits(&self) -> Vec<&[Value]> {
        let starts = |_: &Value, next: &Value| host(text(&next["request"], "url")) != "portal.contoso.com";
        self.entries().chunk_by(starts).collect()
    }

    /// The records of the visits that the trace tells of, oldest first.
    fn travel_records(&self) -> Vec<&Value> {
        let mut rows = self.rows_of(&LUKASZ);
        rows.retain(|row| text(row, "appDisplayName") == "Fabrikam Travel");
        rows
    }

    /// The ids and names of a collection of the snapshot.
    fn named(&self, collection: &str) -> BTreeMap<&str, &str> {
        list(&self.tenant[collection]).iter().map(|item| (text(item, "id"), text(item, "displayName"))).collect()
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What stands under a name in a list of names with values, whatever case the name is in.
fn named<'a>(pairs: &'a Value, name: &str) -> impl Iterator<Item = &'a str> {
    list(pairs).iter().filter(move |pair| text(pair, "name").eq_ignore_ascii_case(name)).map(|pair| text(pair, "value"))
}

/// The only value under a name; nothing if there is none, or more than one.
fn only<'a>(pairs: &'a Value, name: &str) -> Option<&'a str> {
    let mut values = named(pairs, name);
    values.next().filter(|_| values.next().is_none())
}

/// The host of an address.
fn host(address: &str) -> &str {
    address.split('/').nth(2).unwrap_or_default()
}

/// A time of the trace or of the log, in UTC.
fn utc(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// A time in a header, which has blanks or hyphens between day, month and year.
fn header_time(text: &str) -> Option<DateTime<Utc>> {
    let plain = text.replace('-', " ");
    NaiveDateTime::parse_from_str(&plain, "%a, %d %b %Y %H:%M:%S GMT").ok().map(|time| time.and_utc())
}

/// The expiry in the header that sets a cookie; nothing for a cookie that ends with the browser.
fn expiry(response: &Value, cookie: &str) -> Option<DateTime<Utc>> {
    let start = format!("{cookie}=");
    let header = named(&response["headers"], "set-cookie").find(|header| header.starts_with(&start))?;
    header.split("; ").find_map(|part| part.strip_prefix("expires=")).and_then(header_time)
}

fn code(row: &Value) -> i64 {
    row["status"]["errorCode"].as_i64().unwrap_or(-1)
}

fn policies(row: &Value) -> &[Value] {
    list(&row["appliedConditionalAccessPolicies"])
}

fn methods(row: &Value) -> Vec<&str> {
    list(&row["authenticationDetails"]).iter().map(|step| text(step, "authenticationMethod")).collect()
}

/// The last four bytes of a request id, little-endian.
fn counter(id: &str) -> Option<u32> {
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

#[test]
fn the_trace_is_one_that_firefox_saved() -> Checked {
    let case = Case::read()?;
    let log = &case.trace["log"];
    assert_eq!(text(log, "version"), "1.2");
    for program in [&log["creator"], &log["browser"]] {
        assert_eq!((text(program, "name"), text(program, "version")), ("Firefox", "89.0"));
    }
    let entries = case.entries();
    assert!((20..=30).contains(&entries.len()), "{} entries", entries.len());
    assert!(entries.is_sorted_by_key(|entry| utc(text(entry, "startedDateTime"))));
    for entry in entries {
        let started = text(entry, "startedDateTime");
        assert!(started.ends_with("+02:00") && utc(started).is_some(), "{started}");
        assert_eq!(entry["pageref"], log["pages"][0]["id"]);
        let phases = entry["timings"].as_object().into_iter().flatten().filter_map(|(_, phase)| phase.as_i64());
        assert_eq!(entry["time"].as_i64(), Some(phases.sum()));
        let (request, response) = (&entry["request"], &entry["response"]);
        let agents: BTreeSet<_> = case.travel_records().into_iter().map(|row| text(row, "userAgent")).collect();
        assert!(only(&request["headers"], "user-agent").is_some_and(|agent| agents.contains(agent)));
        let cookies: Vec<_> = list(&request["cookies"])
            .iter()
            .map(|pair| format!("{}={}", text(pair, "name"), text(pair, "value")))
            .collect();
        assert_eq!(only(&request["headers"], "cookie").unwrap_or_default(), cookies.join("; "));
        assert_eq!(only(&response["headers"], "location").unwrap_or_default(), text(response, "redirectURL"));
        assert_eq!(named(&response["headers"], "set-cookie").count(), list(&response["cookies"]).len());
        for cookie in list(&response["cookies"]) {
            assert_eq!(expiry(response, text(cookie, "name")), utc(text(cookie, "expires")), "{cookie}");
        }
    }
    Ok(())
}

#[test]
fn the_trace_tells_of_the_same_sign_ins_as_the_log() -> Checked {
    let case = Case::read()?;
    let (visits, records) = (case.visits(), case.travel_records());
    assert_eq!((visits.len(), records.len()), (3, 3));
    let in_log: BTreeSet<_> = case.rows().map(|row| text(row, "id")).collect();
    for (visit, record) in visits.iter().zip(records) {
        let asked = |entry: &&Value, name| host(text(&entry["request"], "url")) == name;
        let mut completing = 0;
        for entry in visit.iter().filter(|entry| asked(entry, SIGN_IN_SERVICE)) {
            let (request, response) = (&entry["request"], &entry["response"]);
            let id = only(&response["headers"], "x-ms-request-id").unwrap_or_default();
            let server = only(&response["headers"], "x-ms-ests-server").unwrap_or_default();
            assert!(server.starts_with("2.1.11898.12 - ") && server.ends_with(" ProdSlices"), "{server}");
            assert_eq!(only(&request["queryString"], "client-request-id"), Some(text(record, "correlationId")));
            assert_eq!(only(&response["headers"], "client-request-id"), Some(text(record, "correlationId")));
            let answered = only(&response["headers"], "date").and_then(header_time);
            let started = utc(text(entry, "startedDateTime"));
            if named(&response["cookies"], PERSISTENT).next().is_none() {
                assert!(!in_log.contains(id) && counter(id).is_some(), "{id}");
                continue;
            }
            completing += 1;
            assert_eq!(id, text(record, "id"));
            assert_eq!(answered, utc(text(record, "createdDateTime")));
            let early = answered.zip(started).map(|(answered, started)| answered - started);
            assert!(
                early.is_some_and(|early| (TimeDelta::zero()..TimeDelta::seconds(1)).contains(&early)),
                "{early:?}"
            );
            assert_eq!(expiry(response, PERSISTENT), answered.map(|time| time + TimeDelta::days(90)));
            for session in ["ESTSAUTH", "ESTSAUTHLIGHT"] {
                assert!(only(&response["cookies"], session).is_some());
                assert_eq!(expiry(response, session), None);
            }
        }
        assert_eq!(completing, 1);
        for entry in visit.iter().filter(|entry| asked(entry, FEDERATION)) {
            let correlation = only(&entry["request"]["queryString"], "client-request-id");
            assert_eq!(correlation, Some(text(record, "correlationId")));
        }
    }
    Ok(())
}

#[test]
fn the_third_visit_came_with_a_cookie_that_had_not_expired() -> Checked {
    let case = Case::read()?;
    let mut known: Option<(&str, DateTime<Utc>)> = None;
    let mut story = Vec::new();
    for visit in case.visits() {
        let first = visit.iter().find(|entry| host(text(&entry["request"], "url")) == SIGN_IN_SERVICE);
        let came = first.and_then(|entry| only(&entry["request"]["cookies"], PERSISTENT));
        // What comes is what was set last, and its 90 days are not over.
        assert_eq!(came, known.map(|(value, _)| value));
        let started = first.and_then(|entry| utc(text(entry, "startedDateTime")));
        assert!(known.is_none_or(|(_, expires)| started.is_some_and(|started| started < expires)));
        let sent_away = first.is_some_and(|entry| host(text(&entry["response"], "redirectURL")) == FEDERATION);
        let password = visit.iter().any(|entry| only(&entry["request"]["postData"]["params"], "Password").is_some());
        story.push((came.is_some(), sent_away, password));
        for response in visit.iter().map(|entry| &entry["response"]) {
            if let Some(set) = only(&response["cookies"], PERSISTENT).zip(expiry(response, PERSISTENT)) {
                known = Some(set);
            }
        }
    }
    assert_eq!(story, [(false, true, true), (true, false, false), (true, true, true)]);
    Ok(())
}

#[test]
fn every_secret_of_the_trace_is_marked_and_invented() -> Checked {
    let case = Case::read()?;
    let hosts = ["portal.contoso.com", "travel.fabrikam.com", SIGN_IN_SERVICE, FEDERATION];
    let mut passwords = 0;
    for entry in case.entries() {
        let (request, response) = (&entry["request"], &entry["response"]);
        assert!(hosts.contains(&host(text(request, "url"))));
        let address = text(entry, "serverIPAddress");
        assert!(DOCUMENTATION_RANGES.iter().any(|range| range_contains(range, address)), "{address}");
        for cookie in list(&request["cookies"]).iter().chain(list(&response["cookies"])) {
            // The names of the service's own machines are no secret, nor is what takes a cookie away.
            let plain = ["estsfd", ""].contains(&text(cookie, "value"));
            assert!(plain || text(cookie, "value").contains(MARK), "{cookie}");
        }
        let form = &request["postData"]["params"];
        for secret in ["Password", "SAMLResponse", "wresult", "wctx", "RelayState"] {
            assert!(
                named(form, secret).chain(named(&request["queryString"], secret)).all(|value| value.contains(MARK))
            );
        }
        passwords += named(form, "Password").count();
        let (body, has_form) = (text(&response["content"], "text"), text(request, "method") == "POST");
        assert_eq!(has_form, !list(form).is_empty());
        assert_eq!(body.contains("hiddenform"), body.contains(MARK));
    }
    assert_eq!(passwords, 2);
    Ok(())
}
