//! Opens browser traces: what becomes an event, what damage leaves of them, and that no secret of theirs comes out.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::io::Write;
use std::path::PathBuf;

use authopsy::domain::trace::{Endpoint, TraceEvent};
use authopsy::store::inventory::{FileKind, FileReport, Inventory};
use authopsy::store::{self, LoadEvent, Request, Sources};
use proptest::prelude::*;
use serde_json::{Value, json};

const TENANT: &str = "11111111-2222-4333-8444-555555555555";
const REQUEST_ID: &str = "0a0b0c0d-1111-4222-8333-444455556600";
const CORRELATION: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";

struct Opened {
    traces: Vec<TraceEvent>,
    times_told: usize,
    inventory: Inventory,
    records: usize,
}

fn open(evidence: Vec<PathBuf>) -> Opened {
    let request = Request { evidence, ..Request::default() };
    let mut opened = Opened { traces: Vec::new(), times_told: 0, inventory: Inventory::default(), records: 0 };
    let mut has_snapshot = false;
    store::load(&request, &Sources::new(), &|| true, &mut |event| match event {
        LoadEvent::Traces(traces) => {
            assert!(!has_snapshot && !traces.is_empty());
            opened.times_told += 1;
            opened.traces = traces;
        }
        LoadEvent::Snapshot(_) => has_snapshot = true,
        LoadEvent::Inventory(read) => opened.inventory = read,
        LoadEvent::Batch(batch) => opened.records += batch.len(),
        _ => {}
    });
    opened
}

fn open_named(name: &str, bytes: &[u8]) -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("writing");
    open(vec![path])
}

fn open_bytes(bytes: &[u8]) -> Opened {
    open_named("evidence", bytes)
}

fn headers(list: &[(&str, &str)]) -> Value {
    list.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn entry(
    second: u32,
    method: &str,
    url: &str,
    sent: &[(&str, &str)],
    status: u16,
    got: &[(&str, &str)],
    body: &str,
) -> Value {
    json!({
        "startedDateTime": format!("2021-05-24T16:14:{second:02}.000+02:00"),
        "request": {"method": method, "url": url, "headers": headers(sent), "cookies": []},
        "response": {"status": status, "headers": headers(got), "cookies": [], "content": {"text": body}},
    })
}

/// A sign-in by way of a federation provider that ends with a lasting cookie.
fn entries() -> Vec<Value> {
    let sts = "https://login.microsoftonline.com";
    vec![
        entry(1, "GET", "https://app.contoso.com/", &[("Cookie", "app=1")], 302, &[], ""),
        entry(
            2,
            "GET",
            &format!(
                "{sts}/{TENANT}/oauth2/v2.0/authorize?client_id=x&prompt=login&max_age=3600&client-request-id={CORRELATION}"
            ),
            &[("cookie", "ESTSAUTHLIGHT=+x; buid=y")],
            302,
            &[
                ("X-Ms-Request-Id", REQUEST_ID),
                ("x-ms-ests-server", "2.1.11722.21 - WEULR1 ProdSlices"),
                ("Location", "https://sts.fabrikam.com/adfs/ls/?wa=wsignin1.0&username=ana"),
            ],
            "",
        ),
        entry(3, "POST", "https://sts.fabrikam.com/adfs/ls/?wa=wsignin1.0", &[("x", "y")], 200, &[], ""),
        entry(
            4,
            "POST",
            &format!("{sts}/login.srf"),
            &[("x", "y")],
            200,
            &[
                ("Set-Cookie", "ESTSAUTHPERSISTENT=v; expires=Sun, 22-Aug-2021 14:14:07 GMT\nESTSAUTH=w; path=/"),
                ("set-cookie", "estsstatetransient=; expires=Thu, 01-Jan-1970 00:00:01 GMT"),
            ],
            r#"<script>$Config={"pgid":"KmsiInterrupt","sErrorCode":"50140"};</script>"#,
        ),
        entry(
            5,
            "POST",
            &format!("{sts}/{TENANT}/oauth2/v2.0/token"),
            &[("x", "y")],
            400,
            &[],
            r#"{"error_codes":[50076]}"#,
        ),
    ]
}

fn har(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "Web\u{1b}Inspector", "version": "537.36"}, "pages": [], "entries": entries}})
        .to_string()
}

/// The events as lines.
fn lines(events: &[TraceEvent]) -> Vec<String> {
    let line = |event: &TraceEvent| {
        let set: Vec<String> = event
            .cookies_set
            .iter()
            .map(|set| {
                let end = set.expires.map_or("-".to_owned(), |end| end.format("%Y-%m-%dT%H:%M:%SZ").to_string());
                format!("{}:{end}{}", set.name, if set.is_cleared { ":cleared" } else { "" })
            })
            .collect();
        let or = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
        format!(
            "{} {} {:?} {} {:?} sent={} {} set={} {:?} {} {} -> {}",
            event.at.map_or("-".to_owned(), |at| at.format("%H:%M:%S").to_string()),
            event.host,
            event.endpoint,
            or(&event.tenant),
            event.status,
            event.cookies_sent.join(","),
            if event.shows_cookies { "shown" } else { "hidden" },
            set.join(","),
            event.error_code,
            or(&event.page),
            or(&event.prompt),
            or(&event.redirects_to),
        )
    };
    events.iter().map(line).collect()
}

fn expected() -> Vec<String> {
    [
        "14:14:02 login.microsoftonline.com Authorize 11111111-2222-4333-8444-555555555555 Some(302) sent=ESTSAUTHLIGHT shown set= None - login -> sts.fabrikam.com",
        "14:14:03 sts.fabrikam.com FederationProvider - Some(200) sent= shown set= None - - -> -",
        "14:14:04 login.microsoftonline.com FederationAnswer - Some(200) sent= shown set=ESTSAUTHPERSISTENT:2021-08-22T14:14:07Z,ESTSAUTH:-,estsStateTransient:1970-01-01T00:00:01Z:cleared Some(50140) KmsiInterrupt - -> -",
        "14:14:05 login.microsoftonline.com Token 11111111-2222-4333-8444-555555555555 Some(400) sent= shown set= Some(50076) - - -> -",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn zipped(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("writing");
    }
    zip.finish().expect("a zip").into_inner()
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("packing");
    packer.finish().expect("packing")
}

/// The entries of a HAR as a Fiddler archive, with bodies as servers send them.
fn saz_members(entries: &[Value]) -> Vec<(String, Vec<u8>)> {
    let mut members = vec![("[Content_Types].xml".to_owned(), b"<x/>".to_vec())];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = |list: &Value| -> String {
        let list = list.as_array().into_iter().flatten();
        list.flat_map(|header| {
            let (name, value) = (text(&header["name"]), text(&header["value"]));
            value.split('\n').map(|value| format!("{name}: {value}\r\n")).collect::<Vec<_>>()
        })
        .collect()
    };
    for (number, entry) in entries.iter().enumerate() {
        let (request, response) = (&entry["request"], &entry["response"]);
        let head = format!(
            "{} {} HTTP/1.1\r\n{}\r\n",
            text(&request["method"]),
            text(&request["url"]),
            lines(&request["headers"])
        );
        let sent = format!("{head}{}", text(&request["postData"]["text"]));
        let packed = gzipped(&text(&response["content"]["text"]));
        let mut answer = format!(
            "HTTP/1.1 {} OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n{}\r\n{:x}\r\n",
            response["status"],
            lines(&response["headers"]),
            packed.len()
        )
        .into_bytes();
        answer.extend_from_slice(&packed);
        answer.extend_from_slice(b"\r\n0\r\n\r\n");
        let timers =
            format!("<Session><SessionTimers ClientBeginRequest=\"{}\" /></Session>", text(&entry["startedDateTime"]));
        members.push((format!("raw/{number:02}_c.txt"), sent.into_bytes()));
        members.push((format!("raw/{number:02}_s.txt"), answer));
        members.push((format!("raw/{number:02}_m.xml"), timers.into_bytes()));
    }
    members
}

#[test]
fn every_shape_of_a_trace_holds_the_same_events() {
    let text = har(&entries());
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<Value>(&text).expect("JSON")).expect("JSON");
    let saz = zipped(&saz_members(&entries()));
    let shapes = [
        ("plain", text.clone().into_bytes()),
        ("pretty", pretty.into_bytes()),
        ("marked", [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat()),
        ("UTF-16 with a mark", utf16(&text, true)),
        ("UTF-16 without", utf16(&text, false)),
        ("in a zip", zipped(&[("a/trace.har".to_owned(), text.clone().into_bytes())])),
        ("SAZ", saz.clone()),
        ("SAZ in a zip", zipped(&[("trace.saz".to_owned(), saz)])),
    ];
    for (name, bytes) in shapes {
        let opened = open_bytes(&bytes);
        assert_eq!(lines(&opened.traces), expected(), "{name}");
        assert_eq!(opened.times_told, 1, "{name}");
        let file = &opened.inventory.files[0];
        assert_eq!((file.kind, file.records, file.unreadable), (FileKind::Trace, 4, 0), "{name}: {:?}", file.problems);
        assert_eq!((file.first, file.last), (Some(1_621_865_642_000), Some(1_621_865_645_000)), "{name}");
        let format = if name.contains("SAZ") {
            "Fiddler archive (SAZ), 5 requests"
        } else {
            "HAR of WebInspector 537.36, 5 requests"
        };
        assert_eq!(file.format, format, "{name}");
        assert!(said(file, &format!("tenants in the addresses: {TENANT}")), "{name}: {:?}", file.problems);
        let first = &opened.traces[0];
        assert_eq!(first.request_id.as_deref(), Some(REQUEST_ID), "{name}");
        assert_eq!(first.correlation_id.as_deref(), Some(CORRELATION), "{name}");
        assert_eq!(first.server.as_deref(), Some("2.1.11722.21 - WEULR1 ProdSlices"), "{name}");
        assert_eq!((first.max_age, first.origin.record), (Some(3600), Some(1)), "{name}");
        let evidence = first.origin.evidence("x", "/response/headers", "v");
        let pointer = if name.contains("SAZ") { "raw/01_s.txt/headers" } else { "/log/entries/1/response/headers" };
        assert_eq!(evidence.pointer, pointer, "{name}");
        assert_eq!(
            first.origin.evidence("x", "", "v").pointer,
            if name.contains("SAZ") { "raw/01" } else { "/log/entries/1" }
        );
    }
}

fn said(file: &FileReport, words: &str) -> bool {
    file.problems.iter().any(|problem| problem.reason.contains(words))
}

#[test]
fn a_har_cut_anywhere_keeps_its_whole_entries() {
    let entries = entries();
    let text = har(&entries);
    let ends: Vec<usize> = entries
        .iter()
        .map(|entry| text.find(&entry.to_string()).expect("the entry") + entry.to_string().len())
        .collect();
    let begins = text.find("\"entries\":[").expect("the entries");
    for cut in 0..text.len() {
        let opened = open_bytes(&text.as_bytes()[..cut]);
        // The first entry is no event.
        let whole = ends.iter().filter(|end| **end <= cut).count().saturating_sub(1);
        assert_eq!(opened.traces.len(), whole, "cut at {cut}");
        if cut > begins + 11 {
            let file = &opened.inventory.files[0];
            assert!(said(file, "cut off"), "cut at {cut}: {file:?}");
        }
    }
}

#[test]
fn cookies_that_a_tool_left_out_are_not_taken_for_none() {
    let mut entries = entries();
    for entry in &mut entries {
        for side in ["request", "response"] {
            if let Some(list) = entry[side]["headers"].as_array_mut() {
                list.retain(|header| !header["name"].as_str().unwrap_or_default().to_lowercase().contains("cookie"));
            }
        }
    }
    let opened = open_bytes(har(&entries).as_bytes());
    assert!(opened.traces.iter().all(|event| !event.shows_cookies && event.cookies_set.is_empty()));
    assert!(said(&opened.inventory.files[0], "no cookies at all"));
}

#[test]
fn lists_of_cookies_count_where_there_are_no_headers() {
    let mut entry = entry(1, "POST", "https://login.microsoftonline.com/kmsi", &[("a", "b")], 200, &[], "");
    entry["request"]["cookies"] = json!([{"name": "estsauth", "value": "x"}, {"name": "other", "value": "x"}]);
    entry["response"]["cookies"] = json!([
        {"name": "ESTSAUTHPERSISTENT", "value": "x", "expires": "2021-08-22T14:14:07.000Z"},
        {"name": "ESTSAUTH", "value": "x", "expires": -1},
        {"name": "estsStatePersistent", "value": "x", "expires": "whenever"}
    ]);
    let opened = open_bytes(har(&[entry]).as_bytes());
    assert_eq!(
        lines(&opened.traces),
        [
            "14:14:01 login.microsoftonline.com StaySignedIn - Some(200) sent=ESTSAUTH shown set=ESTSAUTHPERSISTENT:2021-08-22T14:14:07Z,ESTSAUTH:- None - - -> -"
        ]
    );
    assert!(said(&opened.inventory.files[0], "the end of a cookie `estsStatePersistent` cannot be read"));
}

#[test]
fn the_page_that_looks_the_user_up_names_the_provider() {
    let body = r#"{"Credentials":{"FederationRedirectUrl":"https:\/\/sts.fabrikam.com\/adfs\/ls\/?wa=wsignin1.0"}}"#;
    let look_up = entry(1, "POST", "https://login.microsoftonline.com/common/GetCredentialType", &[], 200, &[], body);
    let provider = entry(2, "GET", "https://sts.fabrikam.com/adfs/ls/", &[], 200, &[], "");
    let opened = open_bytes(har(&[look_up, provider]).as_bytes());
    assert_eq!(opened.traces[0].redirects_to.as_deref(), Some("sts.fabrikam.com"));
    assert_eq!(opened.traces[1].endpoint, Endpoint::FederationProvider);
}

#[test]
fn what_is_broken_or_not_there_is_said() {
    let none = open_bytes(har(&entries()[..1]).as_bytes());
    assert!(said(&none.inventory.files[0], "no request of the trace goes to the sign-in service"));
    assert!(none.inventory.is_understood() && none.times_told == 0);

    let text = har(&entries()).replacen("\"status\":302", "\"status\":30x2", 1);
    let broken = open_bytes(text.as_bytes());
    assert_eq!((broken.traces.len(), broken.inventory.files[0].unreadable), (4, 1));
    assert!(said(&broken.inventory.files[0], "the entry is no valid JSON"));

    let foreign = open_named("trace.saz", b"\x01\x02\x00 no zip");
    assert!(said(&foreign.inventory.files[0], "it is no zip"));

    let mut members = saz_members(&entries());
    members.retain(|(name, _)| !name.ends_with("_m.xml") && name != "raw/02_c.txt");
    members.push(("notes/unrelated.txt".to_owned(), b"hello".to_vec()));
    let partial = open_bytes(&zipped(&members));
    let file = &partial.inventory.files[0];
    assert_eq!((partial.traces.len(), file.unreadable), (3, 1));
    assert!(said(file, "the request of `raw/02` is missing") && said(file, "3 requests have no time"), "{file:?}");
    assert!(partial.inventory.files.iter().any(|file| file.path.contains("unrelated")));
}

#[test]
fn pasted_cookies_are_read_beside_pasted_sign_ins_and_their_values_are_gone() {
    let cookie = "Set-Cookie: ESTSAUTHPERSISTENT=0.S3CRET–x; domain=.login.microsoftonline.com; expires=Sun, 22-Aug-2021 14:14:07 GMT; path=/; secure";
    let sign_in = "Date:2021-06-21 02:30:18\nUser:ana@contoso.com\nApplication:Teams\nStatus:Success (0)\nClient App:Browser\nRequest Id:r1\n";
    let alone = open_bytes(format!("Prose with S3CRET.\n\n{cookie}\n\nMore prose.").as_bytes());
    let file = &alone.inventory.files[0];
    assert_eq!(file.kind, FileKind::Trace);
    assert_eq!(file.format, "pasted cookies: ESTSAUTHPERSISTENT persistent until 2021-08-22 14:14:07 UTC");
    assert_eq!((alone.traces.len(), alone.traces[0].at, alone.traces[0].host.as_str()), (1, None, ""));
    assert!(!alone.traces[0].shows_cookies);

    for text in [format!("{sign_in}{cookie}\n"), format!("{cookie}\n\nwords in S3CRET\n\n{sign_in}")] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("text");
        std::fs::write(&path, &text).expect("writing");
        let (sources, mut spans, mut traces) = (Sources::new(), Vec::new(), Vec::new());
        let request = Request { evidence: vec![path], ..Request::default() };
        store::load(&request, &sources, &|| true, &mut |event| match event {
            LoadEvent::Batch(batch) => spans.extend(batch.iter().map(|entry| entry.span)),
            LoadEvent::Traces(read) => traces = read,
            _ => {}
        });
        assert_eq!((spans.len(), traces.len()), (1, 1), "{text}");
        let record = sources.read(spans[0]).expect("the record");
        assert!(!format!("{record:?}").contains("S3CRET"));
        let kept = sources.get(0).expect("the text").bytes.read(0, 1 << 20).expect("reading");
        assert!(!String::from_utf8_lossy(&kept).contains("S3CRET"));
    }
}

#[test]
fn a_folder_may_mix_logs_and_traces() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = r#"[{"id":"a1","createdDateTime":"2021-06-21T08:05:00Z","userPrincipalName":"ana@contoso.com","userId":"u1","clientAppUsed":"Browser","correlationId":"c2","status":{"errorCode":0}}]"#;
    std::fs::write(folder.path().join("a.json"), log).expect("writing");
    std::fs::write(folder.path().join("b.har"), har(&entries())).expect("writing");
    std::fs::write(folder.path().join("c.saz"), zipped(&saz_members(&entries()))).expect("writing");
    let opened = open(vec![folder.path().to_owned()]);
    assert_eq!((opened.records, opened.traces.len(), opened.times_told), (1, 8, 1));
}

/// A trace with a secret in every place where one can stand, and all secrets.
fn planted() -> (Vec<Value>, &'static str) {
    const S: &str = "PLANTED5ecret";
    let url = format!(
        "https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/authorize?code=c{S}&id_token=i{S}&SAMLResponse=s{S}&wresult=w{S}&login_hint=l{S}&prompt=p{S}&max_age={S}&client-request-id={S}&state={S}#f{S}"
    );
    let sent = [
        ("Cookie", "ESTSAUTH=PLANTED5ecret; PLANTED5ecret=1; ESTSAUTHPERSISTENT=\"PLANTED5ecret\""),
        ("Authorization", "Bearer PLANTED5ecret"),
        ("x-PLANTED5ecret", "1"),
        ("client-request-id", "PLANTED5ecret"),
        ("x-ms-RefreshTokenCredential", "PLANTED5ecret"),
    ];
    let got = [
        ("Set-Cookie", "ESTSAUTH=PLANTED5ecret; path=/PLANTED5ecret; expires=PLANTED5ecret"),
        ("Set-Cookie", "PLANTED5ecret=x; expires=Sun, 22-Aug-2021 14:14:07 GMT"),
        (
            "Location",
            "https://sts.fabrikam.com/PLANTED5ecret?wa=wsignin1.0&wctx=PLANTED5ecret&error_description=AADSTS50076+PLANTED5ecret#access_token=PLANTED5ecret",
        ),
        ("x-ms-request-id", "PLANTED5ecret"),
        ("x-ms-ests-server", "PLANTED5ecret/<>"),
        ("x-PLANTED5ecret", "1"),
    ];
    let body = r#"$Config={"pgid":"PLANTED5ecret!","sErrorCode":"PLANTED5ecret","sFT":"PLANTED5ecret","correlationId":"PLANTED5ecret","FederationRedirectUrl":"https://sts.contoso.com/PLANTED5ecret"};"#;
    let mut first = entry(1, "POST", &url, &sent, 302, &got, body);
    first["request"]["postData"] = json!({"text": "passwd=PLANTED5ecret", "params": [{"name": "passwd", "value": S}]});
    first["request"]["queryString"] = json!([{"name": "code", "value": S}]);
    first["request"]["cookies"] = json!([{"name": S, "value": S}, {"name": "ESTSAUTH", "value": S}]);
    first["response"]["cookies"] = json!([{"name": S, "value": S, "expires": S}]);
    first["response"]["redirectURL"] = json!(S);
    first["comment"] = json!(S);
    first["startedDateTime"] = json!(S);
    let second = entry(2, S, &format!("https://login.live.com/{S}/{S}"), &sent, 200, &got, S);
    let third = entry(3, "POST", &format!("https://sts.fabrikam.com/{S}?{S}={S}"), &sent, 200, &got, S);
    (vec![first, second, third], S)
}

#[test]
fn no_planted_secret_comes_out() {
    let (entries, secret) = planted();
    let text = har(&entries);
    let broken = text.replacen("\"method\"", "\"method", 1);
    let cut = &text[..text.len() - 40];
    let bad = text.replacen("\"status\":302", "\"status\":PLANTED5ecret", 1);
    let mut members = saz_members(&entries);
    let saz = zipped(&members);
    members[7].1 = format!("PLANTED5ecret {secret}").into_bytes();
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("a.har", text.clone().into_bytes()),
        ("broken.har", broken.into_bytes()),
        ("cut.har", cut.as_bytes().to_vec()),
        ("bad.har", bad.into_bytes()),
        ("wide.har", utf16(&text, true)),
        ("a.saz", saz),
        ("bad.saz", zipped(&members)),
        ("pasted.txt", format!("Set-Cookie: ESTSAUTH={secret}; path=/\nCookie: a={secret}\n").into_bytes()),
    ];
    for (name, bytes) in files {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, &bytes).expect("writing");
        let opened = open(vec![path.clone()]);
        assert!(!opened.traces.is_empty() || name == "broken.har", "{name}");
        let found = format!("{:?} {:?}", opened.traces, opened.inventory);
        let at = found.to_ascii_lowercase().find(&secret.to_ascii_lowercase());
        assert_eq!(at.map(|at| &found[at.saturating_sub(80)..at + 30]), None, "{name}");
        for arguments in [
            ["inventory", "--format", "json"],
            ["inventory", "--format", "text"],
            ["explain", "--format", "text"],
            ["explain", "--format", "json"],
        ] {
            let output =
                assert_cmd::Command::cargo_bin("authopsy").expect("the program").args(arguments).arg(&path).output();
            let output = output.expect("running");
            for stream in [&output.stdout, &output.stderr] {
                let shown = String::from_utf8_lossy(stream).to_ascii_lowercase();
                assert!(!shown.contains(&secret.to_ascii_lowercase()), "{name} {arguments:?}: {shown}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_trace_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        is_saz: bool,
    ) {
        let mut bytes = if is_saz { zipped(&saz_members(&entries())) } else { har(&entries()).into_bytes() };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        open_bytes(&bytes);
    }

    #[test]
    fn random_text_never_panics(text in "(set.cookie: ?|ESTSAUTH=|[ -~–\n]{0,8}|Date:2021-06-21 02:30:18\n|; expires=|authorization:|\\PC){0,30}") {
        open_bytes(text.as_bytes());
        open_bytes(format!("{{\"log\":{{\"entries\":[{text}").as_bytes());
    }
}
