//! What must be true of the browser traces of the demo case, read back from their text beside the log's.

use crate::checks::{Case, Checked, DOCUMENTATION_RANGES, code, counter, list, text};
use crate::people::{ANNELIESE, LUKASZ};
use crate::places::range_contains;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The host of the sign-in service.
const SIGN_IN_SERVICE: &str = "login.microsoftonline.com";
/// The host of the federation provider.
const FEDERATION: &str = "sts.corp.contoso.com";
/// The cookie of a session that is meant to outlive the browser.
const PERSISTENT: &str = "ESTSAUTHPERSISTENT";
/// Everything in a trace that is secret has this in it.
const MARK: &str = "DEMO-SECRET-";
/// What must not be shown of a form or an address.
const SECRETS: [&str; 9] =
    ["passwd", "canary", "ctx", "flowToken", "code", "id_token", "state", "session_state", "nonce"];

fn entries(trace: &Value) -> &[Value] {
    list(&trace["log"]["entries"])
}

/// The entries of the portal's trace by visit: each begins at the company's portal.
fn visits(case: &Case) -> Vec<&[Value]> {
    let starts = |_: &Value, next: &Value| host(text(&next["request"], "url")) != "portal.contoso.com";
    entries(&case.travel).chunk_by(starts).collect()
}

/// The records of the visits that the portal's trace tells of, oldest first.
fn travel_records(case: &Case) -> Vec<&Value> {
    let mut rows = case.rows_of(&LUKASZ);
    rows.retain(|row| text(row, "appDisplayName") == "Fabrikam Travel");
    rows
}

/// The entries of the lockout test that send a password, each with it.
fn passwords(case: &Case) -> Vec<(&Value, &str)> {
    let sent = entries(&case.lockout).iter();
    sent.filter_map(|entry| Some((entry, only(&entry["request"]["postData"]["params"], "passwd")?))).collect()
}

/// The record with the id that an answer has.
fn record_of<'a>(case: &'a Case, entry: &Value) -> Option<&'a Value> {
    let id = only(&entry["response"]["headers"], "x-ms-request-id")?;
    let mut found = case.rows().filter(|row| text(row, "id") == id);
    found.next().filter(|_| found.next().is_none())
}

/// The place of the server that answered.
fn place(entry: &Value) -> Option<&str> {
    let server = only(&entry["response"]["headers"], "x-ms-ests-server")?;
    server.strip_prefix("2.1.11898.12 - ")?.strip_suffix(" ProdSlices")
}

/// The settings of the sign-in page that was shown.
fn settings(entry: &Value) -> Option<Value> {
    let (_, rest) = text(&entry["response"]["content"], "text").split_once("$Config=")?;
    let (settings, _) = rest.split_once(";\n//]]>")?;
    serde_json::from_str(settings).ok()
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

/// A time of a trace or of the log, in UTC.
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

/// What a trace says twice, in headers and in lists of their own, is the same.
fn lists_agree_with_headers(entry: &Value) {
    let (request, response) = (&entry["request"], &entry["response"]);
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

/// Addresses are nobody's, and cookies are marked.
fn is_invented_and_marked(entry: &Value) {
    let (request, response) = (&entry["request"], &entry["response"]);
    let address = text(entry, "serverIPAddress");
    assert!(DOCUMENTATION_RANGES.iter().any(|range| range_contains(range, address)), "{address}");
    for cookie in list(&request["cookies"]).iter().chain(list(&response["cookies"])) {
        // The names of the service's own machines are no secret, nor is what takes a cookie away.
        let plain = ["estsfd", ""].contains(&text(cookie, "value"));
        assert!(plain || text(cookie, "value").contains(MARK), "{cookie}");
    }
}

#[test]
fn the_trace_of_the_portal_is_one_that_firefox_saved() -> Checked {
    let case = Case::read()?;
    let log = &case.travel["log"];
    assert_eq!(text(log, "version"), "1.2");
    for program in [&log["creator"], &log["browser"]] {
        assert_eq!((text(program, "name"), text(program, "version")), ("Firefox", "89.0"));
    }
    let entries = entries(&case.travel);
    assert!((20..=30).contains(&entries.len()), "{} entries", entries.len());
    assert!(entries.is_sorted_by_key(|entry| utc(text(entry, "startedDateTime"))));
    for entry in entries {
        let started = text(entry, "startedDateTime");
        assert!(started.ends_with("+02:00") && utc(started).is_some(), "{started}");
        assert_eq!(entry["pageref"], log["pages"][0]["id"]);
        let phases = entry["timings"].as_object().into_iter().flatten().filter_map(|(_, phase)| phase.as_i64());
        assert_eq!(entry["time"].as_i64(), Some(phases.sum()));
        let agents: BTreeSet<_> = travel_records(case).into_iter().map(|row| text(row, "userAgent")).collect();
        assert!(only(&entry["request"]["headers"], "user-agent").is_some_and(|agent| agents.contains(agent)));
        lists_agree_with_headers(entry);
    }
    Ok(())
}

#[test]
fn the_trace_of_the_portal_tells_of_the_same_sign_ins_as_the_log() -> Checked {
    let case = Case::read()?;
    let (visits, records) = (visits(case), travel_records(case));
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
    for visit in visits(case) {
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
fn every_secret_of_the_portals_trace_is_marked_and_invented() -> Checked {
    let case = Case::read()?;
    let hosts = ["portal.contoso.com", "travel.fabrikam.com", SIGN_IN_SERVICE, FEDERATION];
    let mut passwords = 0;
    for entry in entries(&case.travel) {
        let (request, response) = (&entry["request"], &entry["response"]);
        assert!(hosts.contains(&host(text(request, "url"))));
        is_invented_and_marked(entry);
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

#[test]
fn the_trace_of_the_lockout_test_is_one_that_chrome_exported() -> Checked {
    let case = Case::read()?;
    let log = &case.lockout["log"];
    assert_eq!((text(log, "version"), log["browser"].is_null()), ("1.2", true));
    assert_eq!((text(&log["creator"], "name"), text(&log["creator"], "version")), ("WebInspector", "537.36"));
    let pages: Vec<_> = list(&log["pages"]).iter().map(|page| text(page, "id")).collect();
    let entries = entries(&case.lockout);
    let mut shown: Vec<_> = entries.iter().map(|entry| text(entry, "pageref")).collect();
    shown.dedup();
    assert_eq!(shown, pages);
    assert!(entries.is_sorted_by_key(|entry| utc(text(entry, "startedDateTime"))));
    let records = passwords(case).into_iter().filter_map(|(entry, _)| record_of(case, entry));
    let agents: BTreeSet<_> = records.map(|record| text(record, "userAgent")).collect();
    for entry in entries {
        let started = text(entry, "startedDateTime");
        assert!(started.len() == 24 && started.ends_with('Z') && utc(started).is_some(), "{started}");
        let phases = entry["timings"].as_object().into_iter().flatten();
        let phases = phases.filter(|(name, _)| !name.starts_with('_')).filter_map(|(_, phase)| phase.as_f64());
        let spent: f64 = phases.filter(|phase| *phase >= 0.0).sum();
        assert!(entry["time"].as_f64().is_some_and(|time| (time - spent).abs() < 0.001), "{started}");
        let (request, response) = (&entry["request"], &entry["response"]);
        for header in list(&request["headers"]).iter().chain(list(&response["headers"])) {
            assert_eq!(text(header, "name"), text(header, "name").to_lowercase());
        }
        assert_eq!((text(request, "httpVersion"), text(response, "httpVersion")), ("http/2.0", "http/2.0"));
        assert!(only(&request["headers"], "user-agent").is_some_and(|agent| agents.contains(agent)));
        let form: Vec<_> = list(&request["postData"]["params"])
            .iter()
            .map(|pair| format!("{}={}", text(pair, "name"), text(pair, "value")))
            .collect();
        assert!(form.is_empty() || form.join("&") == text(&request["postData"], "text"));
        lists_agree_with_headers(entry);
    }
    Ok(())
}

#[test]
fn each_password_of_the_lockout_test_is_one_record() -> Checked {
    let case = Case::read()?;
    let mut told = Vec::new();
    let sent = passwords(case);
    for (entry, record) in sent.iter().filter_map(|(entry, _)| Some((entry, record_of(case, entry)?))) {
        assert_eq!(text(record, "userId"), ANNELIESE.id());
        let headers = &entry["response"]["headers"];
        assert_eq!(only(headers, "client-request-id"), Some(text(record, "correlationId")));
        let logged = utc(text(record, "createdDateTime"));
        assert_eq!(only(headers, "date").and_then(header_time), logged);
        let early = logged.zip(utc(text(entry, "startedDateTime"))).map(|(logged, started)| logged - started);
        assert!(early.is_some_and(|early| early.abs() < TimeDelta::seconds(1)), "{early:?}");
        let said = settings(entry).map(|settings| text(&settings, "sErrorCode").to_owned());
        let expected = (code(record) != 0).then(|| code(record).to_string());
        assert_eq!(said, expected);
        assert_eq!(only(headers, "x-ms-clitelem").map(str::to_owned), expected.map(|code| format!("1,{code},0,,")));
        told.push((text(record, "createdDateTime"), code(record)));
    }
    let of_the_test = |row: &&Value| text(&row["deviceDetail"], "browser").starts_with("Chrome");
    let logged = case.rows_of(&ANNELIESE).into_iter().filter(of_the_test);
    assert_eq!(told, logged.map(|row| (text(row, "createdDateTime"), code(row))).collect::<Vec<_>>());
    assert_eq!((sent.len(), told.len()), (11, 11));
    Ok(())
}

#[test]
fn two_regions_count_wrong_passwords_apart() -> Checked {
    let case = Case::read()?;
    let mut story: BTreeMap<(&str, i64), usize> = BTreeMap::new();
    let answers = passwords(case).into_iter();
    let answers = answers.filter_map(|(entry, _)| Some((place(entry)?, code(record_of(case, entry)?))));
    for answer in answers.filter(|(_, code)| *code != 0) {
        *story.entry(answer).or_default() += 1;
    }
    let expected = [(("NEULR1", 50126), 2), (("WEULR1", 50053), 3), (("WEULR1", 50126), 5)];
    assert_eq!(story, BTreeMap::from(expected));
    // A process stands in one place.
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    for entry in entries(&case.travel).iter().chain(entries(&case.lockout)) {
        let Some(id) = only(&entry["response"]["headers"], "x-ms-request-id") else { continue };
        let place = place(entry).unwrap_or_default();
        assert_eq!(*places.entry(&id[..28]).or_insert(place), place, "{id}");
    }
    Ok(())
}

#[test]
fn what_stands_around_the_passwords_is_no_record() -> Checked {
    let case = Case::read()?;
    let mut story = Vec::new();
    let mut correlations: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in entries(&case.lockout).iter().filter(|entry| host(text(&entry["request"], "url")) == SIGN_IN_SERVICE) {
        let (request, response) = (&entry["request"], &entry["response"]);
        let id = only(&response["headers"], "x-ms-request-id").unwrap_or_default();
        assert!(counter(id).is_some() && ids.insert(id), "{id}");
        let correlation = only(&response["headers"], "client-request-id").unwrap_or_default();
        let path = text(request, "url").split('?').next().and_then(|address| address.rsplit('/').next());
        match path {
            Some("authorize") => {
                assert_eq!(only(&request["queryString"], "client-request-id"), Some(correlation));
                correlations.push(correlation);
            }
            Some("GetCredentialType") => {
                assert_eq!(only(&request["headers"], "client-request-id"), Some(correlation));
            }
            other => assert_eq!((other, record_of(case, entry).is_some()), (Some("login"), true)),
        }
        // The session's cookies come with the only answer that completes a sign-in.
        let completes = named(&response["cookies"], PERSISTENT).next().is_some();
        assert_eq!(completes, record_of(case, entry).is_some_and(|record| code(record) == 0));
        assert!(named(&request["cookies"], PERSISTENT).next().is_none());
        assert_eq!(correlations.last(), Some(&correlation));
        story.push(path.unwrap_or_default());
    }
    let page = |passwords: usize| [vec!["authorize", "GetCredentialType"], vec!["login"; passwords]].concat();
    assert_eq!(story, [page(8), page(2), page(1)].concat());
    assert_eq!(correlations.iter().collect::<BTreeSet<_>>().len(), 3);
    Ok(())
}

#[test]
fn every_secret_of_the_lockout_test_is_marked_and_invented() -> Checked {
    let case = Case::read()?;
    let refused = |code_of: i64| {
        let ended = move |entry: &Value| record_of(case, entry).map(code) == Some(code_of);
        passwords(case).into_iter().filter(move |(entry, _)| ended(entry)).map(|(_, password)| password)
    };
    assert_eq!((refused(50126).count(), refused(50126).collect::<BTreeSet<_>>().len()), (7, 7));
    assert_eq!((refused(50053).count(), refused(0).count()), (3, 1));
    assert!(refused(0).all(|own| refused(50126).all(|wrong| wrong != own)));
    for entry in entries(&case.lockout) {
        let request = &entry["request"];
        assert!(["portal.office.com", SIGN_IN_SERVICE].contains(&host(text(request, "url"))));
        is_invented_and_marked(entry);
        for pairs in [&request["postData"]["params"], &request["queryString"]] {
            for secret in SECRETS {
                assert!(named(pairs, secret).all(|value| value.contains(MARK)), "{secret}");
            }
        }
        assert!(named(&request["headers"], "canary").all(|value| value.contains(MARK)));
        let asked = serde_json::from_str::<Value>(text(&request["postData"], "text")).ok();
        let answered = serde_json::from_str::<Value>(text(&entry["response"]["content"], "text")).ok();
        for data in [asked, answered, settings(entry)].into_iter().flatten() {
            for secret in ["flowToken", "originalRequest", "FlowToken", "apiCanary", "sFT", "sCtx", "canary"] {
                assert!(data[secret].is_null() || text(&data, secret).contains(MARK), "{secret}");
            }
        }
    }
    Ok(())
}
