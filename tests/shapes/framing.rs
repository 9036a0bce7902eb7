//! Opens the same small history in every framing of a few formats, and files that are broken or foreign.
//!
//! 1. Every framing: two records, the same finding for the one that was blocked, nothing unreadable.
//! 2. Damage: what can be read is read, what cannot is counted with a place and a reason.
//! 3. Foreign files: named and skipped; the rest of the evidence goes on.
//! 4. Splitting in chunks of any size finds what splitting the whole finds.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use authopsy::domain::Holdings;
use authopsy::explain::access::Tenant;
use authopsy::explain::{Surroundings, explain};
use authopsy::store::inventory::FileKind;
use authopsy::store::split::Splitter;
use authopsy::store::{self, Request};
use proptest::prelude::*;

use crate::opened::{open, open_bytes};

const GRANTED: &str = r#"{"id":"a1","createdDateTime":"2021-06-21T08:05:00Z","userPrincipalName":"ana@contoso.com","userId":"u1","appDisplayName":"Teams","clientAppUsed":"Browser","ipAddress":"198.51.100.7","correlationId":"c2","isInteractive":true,"conditionalAccessStatus":"success","status":{"errorCode":0},"deviceDetail":{"displayName":"Ana's \"box\" }{"},"appliedConditionalAccessPolicies":[{"id":"p1","displayName":"Block abroad","result":"notApplied","enforcedGrantControls":["Block"]}]}"#;
const BLOCKED: &str = r#"{"id":"b2","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"ana@contoso.com","userId":"u1","appDisplayName":"Teams","clientAppUsed":"Browser","ipAddress":"203.0.113.9","correlationId":"c1","isInteractive":true,"conditionalAccessStatus":"failure","status":{"errorCode":53003,"failureReason":"Blocked"},"deviceDetail":{},"appliedConditionalAccessPolicies":[{"id":"p1","displayName":"Block abroad","result":"failure","enforcedGrantControls":["Block"]}]}"#;
const PAGE: &str = r#""@odata.context":"https://graph.microsoft.com/beta/$metadata#auditLogs/signIns""#;

fn pretty(text: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(text).expect("valid JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}

fn diagnostic(record: &str, category: &str) -> String {
    let code = if record.contains("53003") { "53003" } else { "0" };
    format!(
        r#"{{"time":"2021-06-21T08:09:00Z","category":"{category}","resultType":"{code}","callerIpAddress":"203.0.113.9","properties":{record}}}"#
    )
}

fn pascal(record: &str) -> String {
    fn raise(value: serde_json::Value) -> serde_json::Value {
        match value {
            serde_json::Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| (format!("{}{}", name[..1].to_uppercase(), &name[1..]), raise(value)))
                .collect(),
            serde_json::Value::Array(items) => items.into_iter().map(raise).collect(),
            other => other,
        }
    }
    raise(serde_json::from_str(record).expect("valid JSON")).to_string()
}

fn utf16(text: &str, mark: bool, big: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    let units = format!("{mark}{text}");
    units.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// The same two sign-ins as the unified audit log has them; it calls both a success.
fn unified(record: &str) -> String {
    let sign_in: serde_json::Value = serde_json::from_str(record).expect("valid JSON");
    let is_blocked = sign_in["status"]["errorCode"] == 53003;
    let (operation, logon_error) = match is_blocked {
        true => ("UserLoginFailed", r#","LogonError":"BlockedByConditionalAccess""#),
        false => ("UserLoggedIn", ""),
    };
    let time = sign_in["createdDateTime"].as_str().expect("a time").trim_end_matches('Z');
    format!(
        r#"{{"CreationTime":"{time}","Id":{id},"Operation":"{operation}","OrganizationId":"11111111-0000-4000-8000-000000000000","RecordType":15,"ResultStatus":"Success","UserKey":"1003200000000001","Workload":"AzureActiveDirectory","ClientIP":"203.0.113.9:4711","ObjectId":"Unknown","UserId":{user},"ExtendedProperties":[{{"Name":"UserAgent","Value":"Mozilla/5.0, \"quoted\" {{"}}],"Actor":[{{"ID":"22222222-0000-4000-8000-000000000001","Type":0}},{{"ID":{user},"Type":5}}],"InterSystemsId":{attempt},"ApplicationId":"1fec8e78-bce4-4aaf-ab1b-5451cc387264","DeviceProperties":[{{"Name":"OS","Value":"Windows 10"}},{{"Name":"SessionId","Value":"s1"}}],"ErrorNumber":"{code}"{logon_error}}}"#,
        id = sign_in["id"],
        user = sign_in["userPrincipalName"],
        attempt = sign_in["correlationId"],
        code = sign_in["status"]["errorCode"],
    )
}

/// A table with a heading and a row for each record, every cell in quotes, as PowerShell and the portal write them.
fn table(heading: &[&str], records: &[String]) -> String {
    separated(",", heading, records)
}

fn separated(delimiter: &str, heading: &[&str], records: &[String]) -> String {
    let row = |cells: Vec<&str>| {
        let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        format!("{}\r\n", quoted.join(delimiter))
    };
    let rows = records.iter().map(|record| {
        row(heading.iter().map(|column| if *column == "AuditData" { record.as_str() } else { "x, y" }).collect())
    });
    std::iter::once(row(heading.to_vec())).chain(rows).collect()
}

const SEARCHED: [&str; 6] = ["RecordType", "CreationDate", "UserIds", "Operations", "AuditData", "ResultIndex"];
const DOWNLOADED: [&str; 6] = ["RecordId", "CreationDate", "RecordType", "Operation", "UserId", "AuditData"];

fn shapes() -> Vec<(&'static str, Vec<u8>)> {
    let list = format!("[{GRANTED},{BLOCKED}]");
    let lines = format!("{GRANTED}\n{BLOCKED}\n");
    let doubled = BLOCKED.replacen("\"userId\"", "\"homeTenantId\":\"t1\",\"homeTenantId\":\"t1\",\"userId\"", 1);
    let pasted = "Date:2021-06-21 08:05:00\nUser:ana@contoso.com\nApplication:Teams\nStatus:Success (0)\nClient App:Browser\nConditional Access:success\nRequest Id:a1\n\nDate:2021-06-21 08:00:00\nUser:ana@contoso.com\nApplication:Teams\nStatus:Failure (53003)\nClient App:Browser\nConditional Access:failure\nRequest Id:b2\n";
    let audit = [unified(GRANTED), unified(BLOCKED)];
    let quoted = audit.each_ref().map(|record| serde_json::to_string(record).expect("JSON"));
    let wrapped = format!(
        r#"[{{"RecordType":"AzureActiveDirectoryStsLogon","AuditData":{}}},{{"AuditData":{}}}]"#,
        quoted[0], quoted[1]
    );
    vec![
        ("a list in one line", list.clone().into_bytes()),
        ("a list, indented", pretty(&list).into_bytes()),
        ("a list, one record a line", format!("[\n{GRANTED},\n{BLOCKED}\n]").into_bytes()),
        ("a page", format!("{{{PAGE},\"value\":[{GRANTED},{BLOCKED}]}}").into_bytes()),
        ("a page, indented", pretty(&format!("{{{PAGE},\"value\":[{GRANTED},{BLOCKED}]}}")).into_bytes()),
        ("pages in a row", format!("{{{PAGE},\"value\":[{GRANTED}]}}\n{{{PAGE},\"value\":[{BLOCKED}]}}").into_bytes()),
        ("lists in a row", format!("[{GRANTED}]\r\n[{BLOCKED}]").into_bytes()),
        ("a list and a bare record", format!("[{GRANTED}]{BLOCKED}").into_bytes()),
        ("lines", lines.clone().into_bytes()),
        ("lines with CRLF", lines.replace('\n', "\r\n").into_bytes()),
        ("lines with a mark", [b"\xef\xbb\xbf".as_slice(), lines.as_bytes()].concat()),
        ("UTF-16LE with a mark", utf16(&list, true, false)),
        ("UTF-16BE with a mark", utf16(&lines, true, true)),
        ("UTF-16LE without a mark", utf16(&list, false, false)),
        ("repeated keys", format!("[{GRANTED},{doubled}]").into_bytes()),
        ("PowerShell", format!("[{},{}]", pascal(GRANTED), pascal(BLOCKED)).into_bytes()),
        (
            "diagnostic settings in lines",
            format!("{}\n{}", diagnostic(GRANTED, "SignInLogs"), diagnostic(BLOCKED, "SignInLogs")).into_bytes(),
        ),
        (
            "an Event Hub batch",
            format!(
                "{{\"records\":[{},{}]}}",
                diagnostic(GRANTED, "SignInLogs"),
                diagnostic(BLOCKED, "NonInteractiveUserSignInLogs")
            )
            .into_bytes(),
        ),
        (
            "diagnostic settings in lower case",
            format!("{}\n{}", diagnostic(GRANTED, "SignInLogs"), diagnostic(BLOCKED, "SignInLogs"))
                .replace("resultType", "resulttype")
                .replace("callerIpAddress", "calleripaddress")
                .into_bytes(),
        ),
        ("unified audit log, a list", format!("[{},{}]", audit[0], audit[1]).into_bytes()),
        ("unified audit log, indented", pretty(&format!("[{},{}]", audit[0], audit[1])).into_bytes()),
        ("unified audit log, lines", audit.join("\n").into_bytes()),
        ("unified audit log, a page", format!("{{\"value\":[{}]}}", audit.join(",")).into_bytes()),
        ("unified audit log, wrapped as text", wrapped.into_bytes()),
        (
            "unified audit log, the CSV of PowerShell",
            format!("#TYPE Selected\r\n{}", table(&SEARCHED, &audit)).into_bytes(),
        ),
        ("unified audit log, the CSV of the portal", format!("\u{feff}{}", table(&DOWNLOADED, &audit)).into_bytes()),
        ("unified audit log, CSV in UTF-16", utf16(&table(&SEARCHED, &audit), true, false)),
        (
            "unified audit log, CSV with lines in its cells",
            table(&DOWNLOADED, &audit.each_ref().map(|one| pretty(one))).into_bytes(),
        ),
        ("unified audit log, CSV in semicolons", separated(";", &SEARCHED, &audit).into_bytes()),
        ("unified audit log, one column", table(&["AuditData"], &audit).into_bytes()),
        (
            "unified audit log, two exports joined",
            (table(&SEARCHED, &audit[..1]) + &table(&SEARCHED, &audit[1..])).into_bytes(),
        ),
        ("pasted text", pasted.as_bytes().to_vec()),
        ("pasted text with CRLF in UTF-16", utf16(&pasted.replace('\n', "\r\n"), true, false)),
    ]
}

#[test]
fn every_shape_holds_the_same_history() {
    for (name, bytes) in shapes() {
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (2, 0), "{name}: {:?}", file.problems);
        assert_eq!(file.kind, FileKind::SignInLog, "{name}");
        assert_eq!(opened.index.users().count(), 1, "{name}");
        let row = opened.index.find_id("b2").unwrap_or_else(|| panic!("{name}: no b2"));
        let span = opened.index.row(row).expect("a row").span;
        let record = opened.sources.read(span).unwrap_or_else(|error| panic!("{name}: {error}"));
        let sign_in = Arc::new(record.sign_in);
        let tenant = Tenant::new(opened.snapshot.clone());
        let surroundings =
            Surroundings { tenant: &tenant, attempt: &[], holds: Holdings::default(), ledger: None, lockouts: None };
        let explanation = explain(&sign_in, &surroundings);
        assert_eq!(explanation.finding.code, "CA-BLOCK", "{name}");
        for evidence in explanation.steps.iter().flat_map(|step| &step.evidence) {
            if evidence.record.is_some() && evidence.pointer != "/location" {
                let there = record.json.pointer(&evidence.pointer);
                assert!(there.is_some(), "{name}: {} is not in the record", evidence.pointer);
            }
        }
        let named = explanation.finding.decided_by.name.as_deref();
        let lists_policies = !name.starts_with("pasted") && !name.starts_with("unified");
        assert_eq!(named, lists_policies.then_some("Block abroad"), "{name}");
    }
}

#[test]
fn damage_loses_only_what_is_damaged_and_says_where() {
    let cut = &BLOCKED[..BLOCKED.len() - 40];
    let no_brace = GRANTED.replacen("\"errorCode\":0}", "\"errorCode\":0", 1);
    let no_quote = GRANTED.replacen("\"Teams\"", "\"Teams", 1);
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let nested = GRANTED.replacen("\"deviceDetail\":{", &format!("\"x\":{deep},\"deviceDetail\":{{"), 1);
    let surrogate = BLOCKED.replacen("Teams", "Te\\ud83dams", 1);
    let table: Vec<(&str, Vec<u8>, u64, u64, &str)> = vec![
        ("cut off in the last record", format!("[{GRANTED},{cut}").into_bytes(), 1, 1, "cut off"),
        ("a broken line in the midst", format!("{GRANTED}\n{cut}\n{BLOCKED}\n").into_bytes(), 2, 1, "does not end"),
        ("a broken first line", format!("{no_brace}\n{BLOCKED}\n").into_bytes(), 1, 1, "does not end"),
        ("a missing quote in a line", format!("{GRANTED}\n{no_quote}\n{BLOCKED}\n").into_bytes(), 2, 1, ""),
        ("a missing brace in a list in one line", format!("[{GRANTED},{no_brace},{BLOCKED}]").into_bytes(), 2, 1, ""),
        ("a missing quote in a list in one line", format!("[{GRANTED},{no_quote},{BLOCKED}]").into_bytes(), 2, 1, ""),
        (
            "a missing brace in a page",
            format!("{{{PAGE},\"value\":[\n{GRANTED},\n{no_brace},\n{BLOCKED}]}}").into_bytes(),
            2,
            1,
            "",
        ),
        ("a null and a number", format!("[null,{GRANTED},7,{BLOCKED}]").into_bytes(), 2, 2, "no record"),
        ("another kind of object", format!("[{GRANTED},{{\"a\":1}},{BLOCKED}]").into_bytes(), 2, 1, "not an object"),
        ("a record nested too deeply", format!("[{nested},{BLOCKED}]").into_bytes(), 1, 1, "recursion"),
        ("half a surrogate pair", format!("[{GRANTED},{surrogate}]").into_bytes(), 2, 0, ""),
        (
            "bytes that are no UTF-8",
            [b"[".as_slice(), &GRANTED.as_bytes().replace(b"Teams", b"Te\xffams"), b",", BLOCKED.as_bytes(), b"]"]
                .concat(),
            2,
            0,
            "",
        ),
        (
            "a date that is none",
            format!("[{},{BLOCKED}]", GRANTED.replace("2021-06-21T08:05:00Z", "soon")).into_bytes(),
            2,
            0,
            "date",
        ),
        ("a NUL tail", [GRANTED.as_bytes(), b"\n", &[0; 100]].concat(), 1, 1, "no record"),
        (
            "more pages",
            format!("{{{PAGE},\"@odata.nextLink\":\"https://x\",\"value\":[{GRANTED}]}}").into_bytes(),
            1,
            0,
            "nextLink",
        ),
        ("a page without records", format!("{{{PAGE},\"value\":[]}}").into_bytes(), 0, 0, ""),
    ];
    for (name, bytes, records, unreadable, reason) in table {
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (records, unreadable), "{name}: {:?}", file.problems);
        assert_eq!(file.kind, FileKind::SignInLog, "{name}");
        assert_eq!(opened.index.len() as u64, records, "{name}");
        let all: Vec<&str> = file.problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert!(all.join("; ").contains(reason), "{name}: {all:?}");
        for problem in file.problems.iter().filter(|problem| !problem.is_warning) {
            assert!(problem.record.is_some() && problem.offset.is_some(), "{name}: {problem:?}");
        }
        for (_, row) in opened.index.rows() {
            opened.sources.read(row.span).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[test]
fn a_damaged_row_of_a_table_costs_that_row() {
    let row = |id: &str| unified(&GRANTED.replace("\"a1\"", &format!("\"{id}\"")));
    let other = unified(BLOCKED).replace("UserLoginFailed", "Update user.");
    let whole = [row("a1"), row("a2"), row("a3"), row("a4")];
    let cut = [row("a1"), row("a2")[..200].to_owned(), row("a3"), row("a4")];
    let text = table(&SEARCHED, &whole);
    let quote_lost = text.replacen("}\",\"x, y\"\r\n", "},\"x, y\"\r\n", 1);
    let cell_lost = text.replacen("\"x, y\",\"{", "\"{", 1);
    let line_lost = text.replacen("\"x, y\",\"x, y\",\"x, y\",\"x, y\",\"{", "{", 1);
    let end_lost = text.replacen("x, y\"\r\n\"x", "x, y\r\n\"x", 1);
    let open_end = format!("{text}\"x, y\",\"x, y\",\"x");
    for (name, text, records, unreadable, reason) in [
        ("a cell that is cut off", table(&SEARCHED, &cut), 3, 1, "AuditData is no JSON: EOF"),
        ("a cell whose last quote is lost", quote_lost, 3, 1, "AuditData is no JSON"),
        ("a cell that is missing", cell_lost, 3, 1, "AuditData is no JSON"),
        ("cells that are missing", line_lost, 3, 1, "AuditData"),
        ("a row whose last quote is lost", end_lost, 3, 1, "hidden in it"),
        ("a row that is cut off", open_end, 4, 1, "the row has no AuditData"),
        ("another operation", table(&SEARCHED, &[row("a1"), other, row("a2")]), 2, 0, "1 Update user."),
        ("a heading and nothing else", table(&SEARCHED, &[]), 0, 0, ""),
    ] {
        let opened = open_bytes(text.as_bytes());
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (records, unreadable), "{name}: {:?}", file.problems);
        assert_eq!((file.kind, file.format.as_str()), (FileKind::SignInLog, "unified audit log, CSV"), "{name}");
        let all: Vec<&str> = file.problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert!(all.join("; ").contains(reason), "{name}: {all:?}");
        for problem in file.problems.iter().filter(|problem| !problem.is_warning) {
            assert!(problem.record.is_some() && problem.offset.is_some(), "{name}: {problem:?}");
        }
        for (_, row) in opened.index.rows() {
            let record = opened.sources.read(row.span).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(record.sign_in.id, *row.id, "{name}");
        }
    }
}

#[test]
fn other_operations_of_the_unified_audit_log_are_counted_and_no_problem_each() {
    let other = |operation: &str| unified(GRANTED).replace("UserLoggedIn", operation);
    let mut records = vec![other("MailItemsAccessed"); 300];
    records.extend([unified(GRANTED), other("FileAccessed"), unified(BLOCKED), unified(BLOCKED)]);
    for (name, text) in [("JSON", records.join("\n")), ("CSV", table(&DOWNLOADED, &records))] {
        let opened = open_bytes(text.as_bytes());
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (3, 0), "{name}: {:?}", file.problems);
        assert_eq!(file.format, format!("unified audit log, {name}"));
        let counted =
            "301 records are of other operations than sign-ins and are left out: 300 MailItemsAccessed, 1 FileAccessed";
        let reasons: Vec<&str> = file.problems.iter().map(|problem| problem.reason.as_str()).collect();
        assert!(file.problems.len() == 2 && reasons.contains(&counted), "{name}: {reasons:?}");
        // The log repeats rows; each counts once, with the number of its first place.
        assert_eq!((opened.index.len(), opened.index.repeated()), (2, 1), "{name}");
        let row = opened.index.row(opened.index.find_id("b2").expect("b2")).expect("a row");
        assert_eq!((row.span.number, row.error_code), (302, Some(53003)), "{name}");
    }
    let opened = open_bytes(other("MailItemsAccessed").as_bytes());
    assert_eq!(opened.inventory.files[0].format, "unified audit log, without a sign-in");
}

#[test]
fn rows_that_the_portal_gathered_say_how_many_they_stand_for() {
    for (member, expected) in [("\"# sign-ins\":17", Some(17)), ("\"# sign-ins\":\"17\"", Some(17)), ("\"x\":1", None)]
    {
        let opened = open_bytes(GRANTED.replacen('{', &format!("{{{member},"), 1).as_bytes());
        let row = opened.index.row(opened.index.find_id("a1").expect("a1")).expect("a row");
        assert_eq!(opened.sources.read(row.span).expect("a record").sign_in.grouped, expected, "{member}");
    }
}

trait Replace {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8>;
}

impl Replace for [u8] {
    fn replace(&self, from: &[u8], to: &[u8]) -> Vec<u8> {
        let at = self.windows(from.len()).position(|part| part == from).expect("the bytes to replace");
        [&self[..at], to, &self[at + from.len()..]].concat()
    }
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("writing");
    }
    zip.finish().expect("a zip").into_inner()
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("writing");
}

const POLICY: &str = r#"{"id":"p1","displayName":"Block abroad","state":"enabled","conditions":{"clientAppTypes":["all"],"applications":{"includeApplications":["All"]},"users":{"includeUsers":["All"]}},"grantControls":{"operator":"OR","builtInControls":["block"]},"sessionControls":null}"#;

#[test]
fn a_folder_of_everything_is_told_apart_by_content_and_nothing_stops_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    write(at, "a/notes.json", format!("[{GRANTED},{BLOCKED}]").as_bytes());
    write(at, "b/policy.log", &utf16(POLICY, true, false));
    write(at, "c/empty.json", b"");
    write(at, "c/three.json", b"abc");
    write(at, "c/wrong-mark.json", b"\xff\xfe[");
    write(at, "c/table.csv", b"Date (UTC),Request ID,User agent\n1,2,3\n");
    write(at, "c/trace.har", br#"{"log":{"version":"1.2","entries":[]}}"#);
    write(at, "c/other.json", br#"{"hello":"world"}"#);
    write(at, "c/broken.json", br#"{"hello": "#);
    write(at, "c/log.gz", b"\x1f\x8b\x08\x00rest");
    write(at, "c/picture.png", b"\x89PNG\r\n\x1a\n");
    write(at, "c/bad.zip", b"PK\x03\x04nothing");
    write(at, ".git/config", b"hidden");
    write(
        at,
        "d/case.zip",
        &zipped(&[
            ("../../evil.json", format!("[{}]", GRANTED.replace("a1", "z1")).as_bytes()),
            ("inner/locations.json", br##"{"value":[{"@odata.type":"#microsoft.graph.countryNamedLocation","id":"l1","displayName":"Home","countriesAndRegions":["ES"]}]}"##),
            ("inner/again.zip", &zipped(&[("x.json", b"{}")])),
        ]),
    );
    let opened = open(vec![at.to_path_buf()]);
    let kind = |name: &str| {
        let file = opened.inventory.files.iter().find(|file| file.path.ends_with(name));
        file.unwrap_or_else(|| panic!("no report on {name}")).kind
    };
    assert_eq!(kind("a/notes.json"), FileKind::SignInLog);
    assert_eq!(kind("b/policy.log"), FileKind::TenantSnapshot);
    assert_eq!(kind("c/trace.har"), FileKind::Trace);
    assert_eq!(kind("evil.json"), FileKind::SignInLog);
    assert_eq!(kind("inner/locations.json"), FileKind::TenantSnapshot);
    for name in
        ["empty.json", "three.json", "table.csv", "other.json", "broken.json", "log.gz", "picture.png", "bad.zip"]
    {
        let file = opened.inventory.files.iter().find(|file| file.path.ends_with(name)).expect("a report");
        assert_eq!(file.kind, FileKind::Unknown, "{name}");
        assert!(!file.problems.is_empty() && !file.format.is_empty(), "{name}: {file:?}");
    }
    assert!(!opened.inventory.files.iter().any(|file| file.path.contains(".git")));
    assert_eq!(opened.index.len(), 3);
    assert_eq!(opened.snapshot.policies.len(), 1);
    assert_eq!(opened.snapshot.named_locations.len(), 1);
    assert!(!at.join("../../evil.json").exists() && !at.join("d/evil.json").exists());
}

#[test]
fn nothing_readable_is_a_clear_error_before_anything_is_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "notes.txt", b"Dear customer, please send the log.\n");
    let check = |path: PathBuf| store::check(&Request { evidence: vec![path], ..Request::default() });
    let error = check(folder.path().to_path_buf()).expect_err("nothing is understood").to_string();
    assert!(error.contains("notes.txt") && error.contains("text without a sign-in"), "{error}");
    let error = check(folder.path().join("nowhere.json")).expect_err("no such file").to_string();
    assert!(error.contains("nowhere.json"), "{error}");
    write(folder.path(), "z.json", format!("[{GRANTED}]").as_bytes());
    assert!(check(folder.path().to_path_buf()).is_ok());
}

#[test]
fn a_file_that_was_replaced_gives_an_error_and_never_a_wrong_record() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.json");
    std::fs::write(&path, format!("[{GRANTED},{BLOCKED}]")).expect("writing");
    let opened = open(vec![path.clone()]);
    let span = opened.index.row(opened.index.find_id("b2").expect("b2")).expect("a row").span;
    assert!(opened.sources.read(span).is_ok());
    std::fs::write(&path, "[]").expect("writing");
    let error = opened.sources.read(span).expect_err("the file shrank").to_string();
    assert!(error.contains("has changed") && error.contains("log.json"), "{error}");
}

proptest! {
    #[test]
    fn splitting_in_chunks_finds_what_splitting_the_whole_finds(
        shape in 0..shapes().len(),
        damage in proptest::option::of((any::<proptest::sample::Index>(), any::<u8>())),
        cuts in proptest::collection::vec(1..400usize, 0..40),
    ) {
        let mut bytes = shapes().swap_remove(shape).1;
        if let Some((at, byte)) = damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut whole = Vec::new();
        let mut splitter = Splitter::default();
        splitter.push(&bytes, &mut whole);
        splitter.finish(&mut whole);
        let mut parts = Vec::new();
        let mut splitter = Splitter::default();
        let mut rest = bytes.as_slice();
        for cut in cuts {
            let (part, tail) = rest.split_at(cut.min(rest.len()));
            splitter.push(part, &mut parts);
            rest = tail;
        }
        splitter.push(rest, &mut parts);
        splitter.finish(&mut parts);
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn one_wrong_byte_never_panics_and_never_loses_a_record_without_saying_so(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = format!("[{GRANTED},{BLOCKED},{}]", GRANTED.replace("a1", "a3")).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        if file.kind == FileKind::SignInLog {
            prop_assert!(file.records >= 1, "{:?}", file);
            prop_assert!(file.records == 3 || file.unreadable > 0, "{:?}", file);
        } else {
            prop_assert!(!file.problems.is_empty(), "{:?}", file);
        }
    }

    #[test]
    fn one_wrong_byte_in_a_table_never_loses_a_row_without_saying_so(
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
        heading in prop_oneof![Just(&SEARCHED[..]), Just(&DOWNLOADED[..]), Just(&["AuditData"][..])],
    ) {
        let records = [GRANTED.to_owned(), BLOCKED.to_owned(), GRANTED.replace("a1", "a3")].map(|record| unified(&record));
        let mut bytes = table(heading, &records).into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        if file.kind == FileKind::SignInLog {
            let is_told = file.unreadable > 0 || file.problems.iter().any(|problem| problem.reason.contains("left out"));
            prop_assert!(file.records == 3 || is_told, "{:?}", file);
        } else {
            prop_assert!(!file.problems.is_empty(), "{:?}", file);
        }
        for (_, row) in opened.index.rows() {
            prop_assert!(opened.sources.read(row.span).is_ok());
        }
    }
}
