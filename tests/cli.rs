//! Runs the built program without a terminal: answers, forms, exit codes, hostile logs.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_authopsy"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    serde_json::from_slice(&output.stdout).expect("one JSON value")
}

/// The keys of an object, sorted.
fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().expect("an object").keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[track_caller]
fn has(value: &Value, wanted: &[&str]) {
    let keys = keys(value);
    for key in wanted {
        assert!(keys.contains(key), "no `{key}` in {keys:?}");
    }
}

#[test]
fn users_are_listed_most_failures_first_with_the_promised_members() {
    let users = json(&["users", "--json"]);
    let users = users.as_array().expect("an array");
    has(
        &users[0],
        &["userId", "userPrincipalName", "userDisplayName", "signIns", "failures", "interrupts", "first", "last"],
    );
    let failures: Vec<u64> = users.iter().map(|user| user["failures"].as_u64().expect("a number")).collect();
    assert!(failures.is_sorted_by(|a, b| a >= b), "{failures:?}");
    let lines = text(&run(&["users", "--format", "ndjson"]));
    assert_eq!(lines.lines().count(), users.len());
    assert!(text(&run(&["users"])).contains("anneliese.mueller@contoso.com"));
}

#[test]
fn an_explanation_has_the_promised_form() {
    let answer = json(&["explain", "--sign-in", "548d8ae3-a528-4197-9702-2b5baf1b3500", "--json"]);
    let explanation = &answer[0];
    assert_eq!(explanation["schema"], "authopsy.explanation/1");
    has(explanation, &["signIn", "finding", "steps", "policies", "gaps", "rivals", "notes", "help"]);
    has(
        &explanation["signIn"],
        &[
            "id",
            "createdDateTime",
            "userId",
            "userPrincipalName",
            "appDisplayName",
            "resourceDisplayName",
            "clientAppUsed",
            "ipAddress",
            "correlationId",
            "errorCode",
            "conditionalAccessStatus",
            "source",
        ],
    );
    assert_eq!(explanation["finding"]["code"], "CA-EAS-HANDOFF");
    assert_eq!(explanation["finding"]["outcome"], "handedOff");
    has(&explanation["finding"]["decidedBy"], &["kind", "id", "name", "datacenter"]);
    let steps: Vec<&str> = explanation["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| step["step"].as_str().expect("a word"))
        .collect();
    assert_eq!(
        steps,
        ["request", "account", "lockout", "primaryAuthentication", "session", "conditionalAccess", "controls", "token"]
    );
    let policy = &explanation["policies"][0];
    has(policy, &["id", "displayName", "state", "logged", "computed", "agreement", "difference", "conditions"]);
    assert_eq!(policy["logged"], "failure");
    assert_eq!(policy["agreement"], "agrees");
    has(&policy["conditions"][0], &["condition", "verdict", "rule", "seen", "evidence"]);
    has(&policy["conditions"][0]["evidence"][0], &["file", "record", "pointer", "value"]);
}

/// The value at a pointer, which may go on within a text that is JSON: an audit log holds policies as such texts.
fn within_texts(record: &Value, pointer: &str) -> Option<Value> {
    if let Some(there) = record.pointer(pointer) {
        return Some(there.clone());
    }
    let ends = pointer.rmatch_indices('/').map(|(end, _)| pointer.split_at(end));
    let mut parts = ends.filter_map(|(outer, inner)| Some((record.pointer(outer)?.as_str()?, inner)));
    let (text, inner) = parts.next()?;
    serde_json::from_str::<Value>(text).ok()?.pointer(inner).cloned()
}

#[test]
fn every_evidence_of_the_demo_case_points_at_the_value_it_shows() {
    let read = |name: &str| -> Value {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name);
        serde_json::from_slice(&std::fs::read(path).expect("a file of the demo case")).expect("JSON")
    };
    let files = [
        ("demo/signins-interactive.json", read("demo/signins-interactive.json")),
        ("demo/signins-noninteractive.json", read("demo/signins-noninteractive.json")["value"].clone()),
        ("demo/tenant.json", read("demo/tenant.json")),
        ("demo/audit.json", read("demo/audit.json")["value"].clone()),
        ("demo/travel-portal.har", read("demo/travel-portal.har")),
        ("demo/lockout-test.har", read("demo/lockout-test.har")),
    ];
    let output = run(&["explain", "--format", "ndjson"]);
    let mut seen = 0;
    for line in text(&output).lines() {
        let explanation: Value = serde_json::from_str(line).expect("a JSON line");
        for step in explanation["steps"].as_array().expect("steps") {
            for evidence in step["evidence"].as_array().expect("evidence") {
                // What was pasted from a shell has no pointers to follow: its lines wrap, and its names are Exchange's.
                if evidence["file"] == "demo/exchange-recipients.txt" {
                    continue;
                }
                let (name, file) =
                    files.iter().find(|(name, _)| evidence["file"] == *name).expect("a file of the demo case");
                let record = match evidence["record"].as_u64() {
                    // The pointers of a trace begin at the top of the file.
                    Some(_) if name.ends_with(".har") => file,
                    Some(number) => &file[number as usize],
                    None => file,
                };
                let pointer = evidence["pointer"].as_str().expect("a pointer");
                let there = within_texts(record, pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
                let shown = evidence["value"].as_str().expect("a text");
                let is_composed = pointer == "/location" || there.is_array() || there.is_object();
                if !is_composed {
                    let written = there.as_str().map_or_else(|| there.to_string(), str::to_owned);
                    assert_eq!(written, shown, "{pointer}");
                }
                seen += 1;
            }
        }
    }
    assert!(seen > 2_000, "only {seen} values were looked up");
}

#[test]
fn sign_ins_are_listed_newest_first_and_found_by_any_name() {
    for name in
        ["ana.ramirez@contoso.com", "ANA.RAMIREZ@CONTOSO.COM", "Ana Ramírez", "ed389250-72c7-4186-9732-0f16aea04f51"]
    {
        let rows = json(&["sign-ins", "--user", name, "--json"]);
        let times: Vec<&str> =
            rows.as_array().expect("rows").iter().map(|row| row["createdDateTime"].as_str().expect("a time")).collect();
        assert_eq!(times.len(), 47, "{name}");
        assert!(times.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn several_users_are_an_error_that_lists_them_and_none_is_exit_one() {
    let several = run(&["explain", "--user", "timothea"]);
    assert_eq!(several.status.code(), Some(2));
    assert!(
        errors(&several).contains("t.marsh@fabrikam.com") && errors(&several).contains("t.marsh.external@contoso.com")
    );
    let none = run(&["sign-ins", "--user", "nobody-at-all"]);
    assert_eq!(none.status.code(), Some(1));
    assert!(text(&none).is_empty());
    assert_eq!(run(&["explain", "--sign-in", "no-such-id", "--json"]).status.code(), Some(1));
}

#[test]
fn mistakes_are_exit_two_and_name_the_file() {
    let missing = run(&["users", "nowhere.json"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(errors(&missing).contains("nowhere.json"), "{}", errors(&missing));
    let readme = run(&["users", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert_eq!(readme.status.code(), Some(2));
    assert!(errors(&readme).contains("could be understood"), "{}", errors(&readme));
    assert_eq!(run(&["explain", "--no-such-flag"]).status.code(), Some(2));
    let screen = run(&[]);
    assert_eq!(screen.status.code(), Some(2));
    assert!(errors(&screen).contains("authopsy explain"), "{}", errors(&screen));
    let code = run(&["explain", "--code", "CA-EAS-HANDOF"]);
    assert_eq!(code.status.code(), Some(2));
    assert!(errors(&code).contains("did you mean `CA-EAS-HANDOFF`"), "{}", errors(&code));
}

#[test]
fn the_long_text_of_every_promised_code_can_be_printed() {
    let promised = [
        "CA-EAS-HANDOFF",
        "CA-BLOCK",
        "CA-CONTROL-UNMET",
        "SES-IDLE-NONPERSISTENT",
        "SES-SIGN-IN-FREQUENCY",
        "SES-REVOKED",
        "LCK-LOCKED",
        "LCK-COUNTERS",
        "LCK-IP-BLOCK",
        "CRED-BAD-PASSWORD",
        "DIR-PROXY-COLLISION",
        "INT-STEP",
        "OK-GRANTED",
        "UNKNOWN",
    ];
    for code in promised {
        let output = run(&["explain", "--code", code]);
        assert_eq!(output.status.code(), Some(0), "{code}");
        assert!(text(&output).starts_with(code), "{code}");
    }
}

#[test]
fn the_inventory_says_what_each_file_is_and_strict_counts_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.json");
    std::fs::write(
        &log,
        r#"[{"id":"a","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x@contoso.com","status":{"errorCode":0},"correlationId":"c"},null]"#,
    )
    .expect("writing");
    let path = log.to_str().expect("UTF-8");
    let answer = json(&["inventory", path, "--json"]);
    let file = &answer["files"][0];
    has(file, &["path", "kind", "format", "encoding", "records", "unreadable", "first", "last", "problems"]);
    assert_eq!((&file["kind"], &file["records"], &file["unreadable"]), (&"signInLog".into(), &1.into(), &1.into()));
    has(file, &["formats", "sureness", "surenessReason", "packed", "help"]);
    assert_eq!((&file["sureness"], &file["help"]), (&"certain".into(), &Value::Null));
    has(&file["formats"][0], &["word", "name", "writtenBy", "lacks", "ask"]);
    has(&answer["gaps"][0], &["code", "missing", "limits", "ask"]);
    let listed = text(&run(&["inventory", path]));
    let command = file["formats"][0]["ask"]["command"].as_str().expect("a command");
    assert!(listed.lines().any(|line| line.trim() == command), "{listed}");
    std::fs::write(folder.path().join("notes.txt"), "Dear customer").expect("writing");
    let folder = folder.path().to_str().expect("UTF-8");
    let answer = json(&["inventory", folder, "--json"]);
    let notes = &answer["files"][1];
    assert_eq!((&notes["kind"], &notes["sureness"]), (&"unknown".into(), &"unknown".into()));
    assert!(notes["help"].as_str().is_some_and(|help| help.contains("as JSON")), "{notes}");
    assert!(text(&run(&["inventory", folder])).contains("what helps"));
    let strict = run(&["inventory", path, "--strict"]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(errors(&strict).contains("problem in `") && errors(&strict).contains("log.json`: "), "{}", errors(&strict));
    assert!(errors(&run(&["users", path])).contains("1 record could not be read"));
}

#[test]
fn standard_input_and_forced_kinds_are_read() {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_authopsy"))
        .args(["users", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let record = r#"{"id":"a","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x@contoso.com","status":{"errorCode":0},"correlationId":"c"}"#;
    child.stdin.take().expect("a pipe").write_all(record.as_bytes()).expect("writing");
    let output = child.wait_with_output().expect("an answer");
    let users: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(users[0]["userPrincipalName"], "x@contoso.com");
    let tenant = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/tenant.json");
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/signins-interactive.json");
    let answer = json(&["inventory", "--tenant", tenant, "--log", log, "--json"]);
    let kinds: Vec<&Value> = answer["files"].as_array().expect("files").iter().map(|file| &file["kind"]).collect();
    assert_eq!(kinds, ["signInLog", "tenantSnapshot"]);
}

/// What the program answers to bytes on its standard input.
fn piped(arguments: &[&str], bytes: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_authopsy"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(bytes).expect("writing");
    child.wait_with_output().expect("an answer")
}

#[test]
fn standard_input_may_be_packed() {
    let record = r#"{"id":"a","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x@contoso.com","status":{"errorCode":0},"correlationId":"c"}"#;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(record.as_bytes()).expect("writing");
    let packed = packer.finish().expect("a gzip");
    let users: Value = serde_json::from_slice(&piped(&["users", "-", "--json"], &packed).stdout).expect("JSON");
    assert_eq!(users[0]["userPrincipalName"], "x@contoso.com");
    let files: Value = serde_json::from_slice(&piped(&["inventory", "-", "--json"], &packed).stdout).expect("JSON");
    assert_eq!((&files["files"][0]["path"], &files["files"][0]["packed"]), (&"-".into(), &serde_json::json!(["gzip"])));
}

#[test]
#[cfg(unix)]
fn more_files_than_a_process_may_keep_open_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for hour in 0..400 {
        let record = format!(
            r#"{{"id":"a{hour}","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x@contoso.com","userId":"u","status":{{"errorCode":0}},"correlationId":"c{hour}"}}"#
        );
        let at = folder.path().join(format!("h={hour:03}"));
        std::fs::create_dir(&at).expect("a folder");
        std::fs::write(at.join("PT1H.json"), record).expect("writing");
    }
    let command = format!(
        "ulimit -n 200; exec {} explain '{}' --format ndjson",
        env!("CARGO_BIN_EXE_authopsy"),
        folder.path().display()
    );
    let output = Command::new("sh").args(["-c", &command]).output().expect("a shell");
    assert_eq!(text(&output).lines().count(), 400, "{}", errors(&output));
}

#[test]
fn the_formats_are_listed_for_people_and_for_programs() {
    let page = text(&run(&["formats"]));
    let formats = json(&["formats", "--json"]);
    let formats = formats.as_array().expect("an array");
    assert!(formats.len() > 20);
    for format in formats {
        has(format, &["word", "kind", "name", "writtenBy", "toldBy", "lacks", "ask", "sources"]);
        assert!(page.contains(format["name"].as_str().expect("a name")), "{format}");
    }
    for heading in ["SIGN-IN LOGS", "TENANT SNAPSHOTS", "BROWSER TRACES", "RECIPIENTS", "PACKINGS"] {
        assert!(page.contains(heading), "{heading}");
    }
    assert_eq!(text(&run(&["formats", "--format", "ndjson"])).lines().count(), formats.len());
    let one = text(&run(&["formats", "groupmemberscsv"]));
    assert_eq!(one.matches("told by").count(), 1, "{one}");
    assert!(one.contains("[groupMembersCsv]") && one.contains("stand for your own values"), "{one}");
    assert_eq!(json(&["formats", "har", "--json"]).as_array().map(Vec::len), Some(1));
    let unknown = run(&["formats", "hra"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(errors(&unknown).contains("no format has the word `hra`"), "{}", errors(&unknown));
    assert!(text(&run(&["--help"])).contains("audit logs"));
}

/// A sign-in that a policy met and another did not, an audit log that changed the policy since, and the policy as it is now.
#[test]
fn markdown_says_what_was_in_force_and_takes_no_unknown_for_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, value: &Value| {
        std::fs::write(folder.path().join(name), value.to_string()).expect("writing");
    };
    let policy = |state: &str, modified: &str| {
        serde_json::json!({"id": "22222222-0000-4000-8000-000000000001", "displayName": "Block but some", "state": state,
            "createdDateTime": "2025-01-01T00:00:00Z", "modifiedDateTime": modified,
            "conditions": {"clientAppTypes": ["all"], "applications": {"includeApplications": ["All"]},
                "users": {"includeUsers": ["All"], "excludeGroups": ["33333333-0000-4000-8000-000000000001"]}},
            "grantControls": {"operator": "OR", "builtInControls": ["block"]}})
    };
    let (old, new) = (policy("enabled", "2025-01-01T00:00:00Z"), policy("disabled", "2025-06-13T10:00:00Z"));
    write(
        "policies.json",
        &serde_json::json!({"value": [new],
        "@odata.context": "https://graph.microsoft.com/beta/$metadata#identity/conditionalAccess/policies"}),
    );
    write(
        "audit.json",
        &serde_json::json!([{"id": "a1", "category": "Policy", "result": "success",
        "activityDisplayName": "Update conditional access policy", "activityDateTime": "2025-06-13T10:00:00Z",
        "targetResources": [{"id": old["id"], "displayName": "Block but some", "type": "Policy", "modifiedProperties":
            [{"displayName": "ConditionalAccessPolicy", "oldValue": old.to_string(), "newValue": new.to_string()}]}]}]),
    );
    write(
        "log.json",
        &serde_json::json!([{"id": "s1", "createdDateTime": "2025-06-11T12:00:00Z", "userId": "u1",
        "userPrincipalName": "ana@contoso.com", "appDisplayName": "Teams", "appId": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        "resourceId": "00000002-0000-0ff1-ce00-000000000000", "clientAppUsed": "Browser", "isInteractive": true,
        "signInEventTypes": ["interactiveUser"], "conditionalAccessStatus": "failure", "status": {"errorCode": 53003},
        "appliedConditionalAccessPolicies": [{"id": old["id"], "displayName": "Block but some", "result": "failure",
            "enforcedGrantControls": ["Block"], "conditionsSatisfied": "users,clientType,devicePlatform"}]}]),
    );
    let path = folder.path().to_str().expect("UTF-8");
    let page = text(&run(&["explain", path, "--format", "markdown"]));
    assert!(page.contains("  - in force: ") && page.contains("    - since: "), "{page}");
    assert!(page.contains("(audit.json \\#0 /"), "{page}");
    assert!(page.contains("  - not compared: users: ") && !page.contains("did not match"), "{page}");
    let full = text(&run(&["explain", path, "--full"]));
    assert!(full.contains("[audit.json #0 /") && full.contains("[#0 /"), "{full}");
    assert!(full.contains("platforms: not configured, so any | "), "{full}");
    assert!(!full.contains("rule not in the snapshot"), "{full}");
}

#[test]
fn a_log_that_says_that_no_policy_applied_says_no_more() {
    let heading = "Date (UTC),Request ID,User ID,User,Username,Application,Resource,Status,Sign-in error code,Client app,Conditional Access";
    let row = "2025-06-02T12:00:00Z,r1,u1,Ana,ana@contoso.com,Teams,Exchange,Success,0,Browser,Not Applied";
    let folder = folder_with("log.csv", &format!("{heading}\n{row}\n"));
    let answer = json(&["explain", folder.path().to_str().expect("UTF-8"), "--json"]);
    assert_eq!(answer[0]["finding"]["headline"], "Granted. No policy applied.");
    assert!(!answer.to_string().contains("covers this user"), "{answer}");
}

#[test]
fn a_remedy_does_not_point_at_policies_that_the_record_lacks() {
    for code in ["53003", "50105", "530003"] {
        assert!(!text(&run(&["explain", "--code", code])).contains("on this row"), "{code}");
    }
    let remedy = text(&run(&["explain", "--code", "53003"]));
    assert!(remedy.contains("If the record lists policies") && remedy.contains("Otherwise ask for"), "{remedy}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_authopsy"))
        .args(["explain", "--format", "ndjson"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut first = [0; 100];
    child.stdout.take().expect("a pipe").read_exact(&mut first).expect("some bytes");
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(errors(&output), "");
}

#[test]
fn nothing_in_a_log_reaches_the_terminal_as_a_control() {
    let attacks = "\\u001b[2J\\u001b]0;owned\\u0007\\u009b31m\\u202egpj.exe\\u200b\\udb40\\udc41\\r\\n=1+1|`x`";
    let record = format!(
        r#"{{"id":"a{attacks}","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x{attacks}@contoso.com","userDisplayName":"n{attacks}","userId":"u","appDisplayName":"app{attacks}","clientAppUsed":"c{attacks}","ipAddress":"i{attacks}","correlationId":"c{attacks}","conditionalAccessStatus":"s{attacks}","status":{{"errorCode":987654,"failureReason":"f{attacks}"}},"deviceDetail":{{"operatingSystem":"o{attacks}"}},"location":{{"city":"l{attacks}"}},"appliedConditionalAccessPolicies":[{{"id":"p{attacks}","displayName":"d{attacks}","result":"r{attacks}","enforcedGrantControls":["g{attacks}"]}}]}}"#
    );
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log.json");
    let wrong_password = record.replace("987654", "50126").replace(r#""id":"a"#, r#""id":"b"#);
    std::fs::write(&log, format!("{record}\n{wrong_password}")).expect("writing");
    let path = log.to_str().expect("UTF-8");
    for arguments in [
        vec!["lockouts", path],
        vec!["lockouts", path, "--user", "u"],
        vec!["lockouts", path, "--json"],
        vec!["explain", path],
        vec!["explain", path, "--full"],
        vec!["explain", path, "--format", "markdown"],
        vec!["explain", path, "--json"],
        vec!["explain", path, "--format", "ndjson"],
        vec!["users", path],
        vec!["users", path, "--json"],
        vec!["sign-ins", path, "--user", "u"],
        vec!["sign-ins", path, "--user", "u", "--json"],
        vec!["inventory", path],
        vec!["sign-ins", path, "--user", "no\u{1b}[2Jbody"],
    ] {
        let output = run(&arguments);
        for stream in [text(&output), errors(&output)] {
            let bad: Vec<char> = stream
                .chars()
                .filter(|c| {
                    *c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}' | '\u{e0000}'..='\u{e007f}'))
                })
                .collect();
            assert!(bad.is_empty(), "{arguments:?}: {bad:?}");
        }
    }
}

/// A request of a what-if as Graph words it, for Exchange Online from an address.
fn what_if_request(address: &str) -> String {
    format!(
        r##"{{"signInIdentity":{{"@odata.type":"#microsoft.graph.userSignIn","userId":"ana.ramirez@contoso.com"}},"signInContext":{{"@odata.type":"#microsoft.graph.applicationContext","includeApplications":["00000002-0000-0ff1-ce00-000000000000"]}},"signInConditions":{{"clientAppType":"exchangeActiveSync","devicePlatform":"android","country":"HN","ipAddress":"{address}"}}}}"##
    )
}

fn what_if(requests: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("requests");
    std::fs::write(&file, requests).expect("writing");
    let path = file.to_string_lossy().into_owned();
    let arguments: Vec<&str> = ["what-if", "--request", &path].into_iter().chain(more.iter().copied()).collect();
    run(&arguments)
}

#[test]
fn nothing_in_a_refused_request_reaches_the_terminal_as_a_control() {
    let hostile = r"\u001b]0;pwned\u0007\u202e\u009b";
    let fields = ["ipAddress", "country", "devicePlatform", "clientAppType", "signInRiskLevel", "authenticationFlow"];
    let requests: Vec<String> =
        fields.iter().map(|name| format!(r#"{{"signInConditions":{{"{name}":"{hostile}"}}}}"#)).collect();
    let output = what_if(&requests.join("\n"), &["--format", "text"]);
    let text = text(&output);
    assert_eq!(text.matches("request ").count(), fields.len(), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{202e}'), "{text:?}");
}

#[test]
fn evidence_and_requests_cannot_both_be_standard_input() {
    let output = run(&["what-if", "-", "--request", "-"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("not both"));
}

#[test]
fn what_if_answers_as_graph_does_with_the_decision_beside_it() {
    let one = what_if_request("192.0.2.44");
    let output = what_if(&one, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("one object for one request");
    has(&answer, &["value", "decision"]);
    has(&answer["decision"], &["outcome", "requiredControls", "blockedBy", "sessionControls", "undecided"]);
    assert_eq!(answer["decision"]["outcome"], "blocked");
    let policies = answer["value"].as_array().expect("an array");
    let named = |name: &str| policies.iter().find(|policy| policy["displayName"] == name).expect("a policy");
    let block = named("Block Exchange ActiveSync outside allowed countries");
    has(block, &["id", "displayName", "state", "policyApplies", "analysisReasons", "result", "conditions"]);
    assert_eq!((&block["policyApplies"], &block["result"]), (&Value::Bool(true), &Value::from("failure")));
    assert_eq!(answer["decision"]["blockedBy"][0], block["id"]);
    let mfa = named("Require MFA for all users");
    assert_eq!((&mfa["policyApplies"], &mfa["analysisReasons"]), (&Value::Bool(false), &Value::from("clientApps")));
    let risk = named("Block high-risk sign-ins");
    assert_eq!(risk["policyApplies"], Value::Null);
    assert!(risk["analysisReasons"].as_str().is_some_and(|reasons| reasons.starts_with("notEnoughInformation")));
}

#[test]
fn requests_in_lines_are_answered_in_lines_each_at_once() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_authopsy"))
        .args(["what-if", "--request", "-", "--format", "ndjson"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut to = child.stdin.take().expect("its input");
    let mut from = BufReader::new(child.stdout.take().expect("its output")).lines();
    for address in ["192.0.2.44", "192.0.2.45"] {
        writeln!(to, "{}", what_if_request(address)).expect("writing");
        to.flush().expect("writing");
        // The answer comes before the next request is sent.
        let line = from.next().expect("an answer").expect("UTF-8");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["decision"]["outcome"], "blocked");
    }
    drop(to);
    assert!(from.next().is_none());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
}

#[test]
fn a_broken_request_is_answered_by_an_error_and_the_others_all_the_same() {
    let lines = format!("{}\n{{\"oops\":\n{}\n", what_if_request("192.0.2.44"), what_if_request("nowhere"));
    let output = what_if(&lines, &["--format", "ndjson"]);
    assert_eq!(output.status.code(), Some(2));
    let answers: Vec<Value> = text(&output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(answers.len(), 3);
    assert!(answers[0]["error"].is_null() && !answers[1]["error"].is_null());
    assert!(answers[2]["error"]["message"].as_str().is_some_and(|words| words.contains("nowhere")));
    let applied = format!(
        "[{}]",
        what_if_request("192.0.2.44").replace("\"signInContext\"", "\"appliedPoliciesOnly\":true,\"signInContext\"")
    );
    let answers: Value = serde_json::from_slice(&what_if(&applied, &["--json"]).stdout).expect("an array for a list");
    let policies = answers[0]["value"].as_array().expect("an array");
    assert!(policies.iter().all(|policy| policy["policyApplies"] != false) && policies.len() < 11);
    assert!(text(&what_if(&what_if_request("192.0.2.44"), &["--format", "text"])).contains("outcome: blocked"));
    assert_eq!(what_if("", &[]).status.code(), Some(2));
}

#[test]
fn the_log_is_held_against_the_model_on_every_record() {
    let check = &json(&["inventory", "--check-model", "--json"])["modelCheck"];
    assert!(check["agrees"].as_u64().is_some_and(|agrees| agrees > 3000), "{check}");
    assert_eq!((&check["unclassed"], &check["differs"]), (&Value::from(0), &serde_json::json!({})));
    assert!(text(&run(&["inventory", "--check-model"])).contains("differences without a cause"));
}

#[test]
fn the_inventory_lists_what_leaves_policies_undecided() {
    let case = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/access-bad-input.toml"))
        .expect("the case");
    let snapshot = case.split("'''").nth(1).expect("the snapshot");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tenant.json");
    std::fs::write(&file, snapshot).expect("writing");
    let listed = text(&run(&["inventory", &file.to_string_lossy()]));
    for part in [
        "unknown operator `-resembles`",
        "its mode `sometimes`",
        "group `no-such-group` is not in the snapshot",
        "named location `no-such-place` is not in the snapshot",
        "group `One` is a member of itself",
        "`203.0.113.7/24` has host bits set",
        "`0.0.0.0/0` is wider",
        "phaseOfTheMoon",
        "evaluationMode",
    ] {
        assert!(listed.contains(part), "no `{part}` in\n{listed}");
    }
}

#[test]
fn facts_are_said_and_a_wrong_one_is_refused() {
    let output = run(&["users", "--fact", "baselineScopes=perhaps"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("`legacy` or `enforced`, not `perhaps`"), "{}", errors(&output));
    assert_eq!(run(&["users", "--fact", "baselineScopes=legacy"]).status.code(), Some(0));
}

/// A folder with a log of one wrong password, and a file beside it.
fn folder_with(name: &str, facts: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let record = r#"[{"id":"a","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"x@contoso.com","userId":"u","isInteractive":true,"signInEventTypes":["interactiveUser"],"status":{"errorCode":50126},"correlationId":"c"}]"#;
    std::fs::write(folder.path().join("log.json"), record).expect("writing");
    std::fs::write(folder.path().join(name), facts).expect("writing");
    folder
}

#[test]
fn facts_stand_in_a_file_among_the_evidence_and_the_flag_counts_before_them() {
    let folder = folder_with("facts.toml", "# on the phone\nlockoutThreshold = 5\n");
    let path = folder.path().to_str().expect("UTF-8");
    let lock = |more: &[&str]| {
        let arguments: Vec<&str> = ["explain", path, "--json"].into_iter().chain(more.iter().copied()).collect();
        let answer = json(&arguments);
        let evidence = answer[0]["steps"][2]["evidence"].as_array().expect("evidence").clone();
        let said = evidence.iter().find(|evidence| evidence["file"] == "operator").expect("what the operator says");
        (said["pointer"].clone(), said["value"].clone())
    };
    assert_eq!(lock(&[]), ("lockoutThreshold".into(), "5".into()));
    assert_eq!(lock(&["--fact", "lockoutThreshold=4"]), ("lockoutThreshold".into(), "4".into()));
    let answer = json(&["inventory", path, "--fact", "lockoutThreshold=4", "--json"]);
    let file = &answer["files"][0];
    assert_eq!((&file["kind"], &file["records"], &file["unreadable"]), (&"facts".into(), &1.into(), &0.into()));
    assert!(file["problems"].to_string().contains("by --fact, which counts; not `5`"), "{file}");
    // Of two files the first counts.
    std::fs::write(folder.path().join("said.txt"), "lockoutThreshold = 6").expect("writing");
    assert_eq!(lock(&[]).1, "5");
    let listed = text(&run(&["inventory", path]));
    assert!(listed.contains("facts.toml`, which counts; not `6`"), "{listed}");
}

#[test]
fn a_mistake_in_a_facts_file_names_the_line_and_the_near_name() {
    let folder = folder_with("facts.toml", "lockoutTreshold = 5\ncloud = \"usGov\"\n");
    let path = folder.path().to_str().expect("UTF-8");
    let listed = text(&run(&["inventory", path]));
    let words = "line 1: there is no fact `lockoutTreshold`; did you mean `lockoutThreshold`?";
    assert!(listed.contains(words), "{listed}");
    assert_eq!(run(&["inventory", path, "--strict"]).status.code(), Some(1));
    assert!(errors(&run(&["users", path])).contains("1 record could not be read"));
    assert!(text(&run(&["explain", path, "--full"])).contains("usGov"), "the rest counts");
}

#[test]
fn facts_alone_are_no_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("facts.toml");
    std::fs::write(&file, "cloud = \"usGov\"").expect("writing");
    let output = run(&["users", file.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("holds what the operator says and nothing else"), "{}", errors(&output));
}

#[test]
fn the_second_escalation_is_answered_from_the_demo_case() {
    let ledgers = json(&["sessions", "--user", "lukasz", "--json"]);
    let ledger = &ledgers.as_array().expect("an array")[0];
    has(ledger, &["userId", "userPrincipalName", "sessions", "prompts", "traps", "next"]);
    let prompt = ledger["prompts"].as_array().expect("prompts").last().expect("a prompt");
    has(prompt, &["signIn", "at", "factor", "code", "basis", "because", "rivals"]);
    assert_eq!(prompt["code"], "SES-IDLE-NONPERSISTENT");
    assert_eq!(prompt["basis"], "computed");
    assert_eq!(prompt["factor"], "first");
    assert_eq!(prompt["at"], "2021-06-24T06:10:03Z");
    let excluded: Vec<&str> = prompt["rivals"]
        .as_array()
        .expect("rivals")
        .iter()
        .filter(|rival| rival["verdict"] == "excluded")
        .filter_map(|rival| rival["code"].as_str())
        .collect();
    for code in ["SES-TOKEN-LIFETIME", "SES-SIGN-IN-FREQUENCY", "SES-BROWSER-CLOSED", "SES-REVOKED"] {
        assert!(excluded.contains(&code), "{code} is not ruled out: {excluded:?}");
    }
    let traps: Vec<&str> =
        ledger["traps"].as_array().expect("traps").iter().filter_map(|trap| trap["code"].as_str()).collect();
    assert!(traps.contains(&"SES-TRAP-MOVED-CLOCK") && traps.contains(&"SES-TRAP-COOKIE-LIFE"), "{traps:?}");
    assert_eq!(ledger["next"]["at"], "2021-06-25T06:10:03Z");
    let session = &ledger["sessions"][1];
    has(session, &["sessionId", "basis", "root", "lastUse", "persistent", "persistenceFrom", "clocks", "uses"]);
    assert_eq!(session["persistenceFrom"], "setting");
    let clock = &session["clocks"][0];
    has(clock, &["clock", "limit", "lastReset", "resetBy", "expires", "citation"]);
    assert_eq!((&clock["clock"], &clock["limit"]), (&Value::from("idle"), &Value::from("PT24H")));

    let explained = text(&run(&["explain", "--sign-in", prompt["signIn"].as_str().expect("an id")]));
    for part in ["SES-IDLE-NONPERSISTENT", "persistent browser: always", "all resources", "that is the cookie's life"] {
        assert!(explained.contains(part), "no `{part}` in\n{explained}");
    }
}

#[test]
fn sessions_can_be_played_again_under_other_rules() {
    let plain = text(&run(&["sessions", "--user", "lukasz"]));
    assert!(plain.contains("with persistent browser always: 2"), "{plain}");
    let changed =
        json(&["sessions", "--user", "lukasz", "--persistent-browser", "always", "--sign-in-frequency", "8", "--json"]);
    let replay = &changed[0]["replays"][0];
    assert_eq!(replay["change"], "persistent browser always and sign-in frequency 8 h");
    assert_eq!(replay["after"].as_array().expect("times").len(), 4);
    assert_eq!(run(&["sessions", "--user", "nobody at all"]).status.code(), Some(1));
    assert_eq!(run(&["sessions"]).status.code(), Some(2));
    assert_eq!(run(&["sessions", "--user", "lukasz", "--sign-in-frequency", "100000"]).status.code(), Some(2));
}

#[test]
fn no_secret_of_the_demo_traces_is_shown() {
    let of_user = |user| {
        [
            vec!["sessions", "--user", user],
            vec!["sessions", "--user", user, "--json"],
            vec!["explain", "--user", user, "--full"],
            vec!["explain", "--user", user, "--json"],
            vec!["explain", "--user", user, "--format", "markdown"],
            vec!["lockouts", "--user", user],
            vec!["lockouts", "--user", user, "--json"],
        ]
    };
    let whole = [vec!["inventory"], vec!["inventory", "--json"]];
    for arguments in of_user("lukasz").into_iter().chain(of_user("anneliese")).chain(whole) {
        let output = run(&arguments);
        assert!(!text(&output).contains("DEMO-SECRET") && !errors(&output).contains("DEMO-SECRET"), "{arguments:?}");
    }
}

/// The demo case's files without the browser trace of the lockout test.
fn without_the_trace() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let files = ["signins-interactive.json", "signins-noninteractive.json", "tenant.json"];
    files.iter().map(|file| folder.join(file).display().to_string()).collect()
}

#[test]
fn lockouts_have_the_promised_members_and_the_third_escalation_its_answer() {
    let ledgers = json(&["lockouts", "--json"]);
    let ledger = &ledgers[0];
    has(
        ledger,
        &["userId", "userPrincipalName", "method", "threshold", "thresholdFrom", "durationSeconds", "episodes"],
    );
    assert_eq!(ledger["userPrincipalName"], "anneliese.mueller@contoso.com", "who was locked comes first");
    assert_eq!((&ledger["threshold"], &ledger["thresholdFrom"]), (&Value::from(5), &Value::from("snapshot")));
    assert_eq!((&ledger["method"], &ledger["durationSeconds"]), (&Value::from("passwordHashSync"), &Value::from(60)));
    let episode = &ledger["episodes"][0];
    let members = ["start", "end", "locked", "lockedBy", "failures", "excess", "era", "bounds", "counters"];
    has(episode, &members);
    has(episode, &["explanations", "attempts"]);
    assert_eq!((&episode["failures"], &episode["excess"]), (&Value::from(7), &Value::from(2)));
    assert_eq!((&episode["era"], &episode["locked"]), (&"independent".into(), &"2021-06-23T13:40:46Z".into()));
    let next = &episode["bounds"]["next"];
    assert_eq!((&next["minCounters"], &next["maxCounters"]), (&Value::from(2), &Value::from(2)));
    assert_eq!(next["splits"], serde_json::json!([[5, 2]]));
    let counter = &episode["counters"][0];
    assert_eq!((&counter["label"], &counter["evidence"]), (&"WEULR1".into(), &"proved".into()));
    assert_eq!((&counter["failures"], &counter["tripped"]), (&Value::from(5), &Value::from(true)));
    assert_eq!(counter["signIns"].as_array().map(Vec::len), Some(8));
    has(&episode["explanations"][0], &["code", "verdict", "reason", "settledBy"]);
    let attempt = &episode["attempts"][7];
    assert_eq!((&attempt["class"], &attempt["counter"]), (&"lock".into(), &"WEULR1".into()));
    assert_eq!(attempt["signIn"], episode["lockedBy"]);
}

#[test]
fn without_the_trace_nothing_is_proved_and_without_the_pattern_nothing_is_known() {
    let files = without_the_trace();
    let with = |more: &[&'static str]| {
        let mut arguments = vec!["lockouts", "--user", "anneliese", "--json"];
        arguments.extend(files.iter().map(String::as_str));
        arguments.extend(more);
        json(&arguments)[0]["episodes"][0].clone()
    };
    let pattern = with(&[]);
    assert_eq!(
        (&pattern["counters"][0]["evidence"], &pattern["counters"][0]["failures"]),
        (&"pattern".into(), &5.into())
    );
    assert!(!pattern.to_string().contains("proved"), "nothing is proved without a trace");
    assert!(pattern["headline"].as_str().is_some_and(|words| words.contains("at least 2 counters")));
    let bare = with(&["--no-pattern"]);
    assert_eq!(bare["counters"][0]["evidence"], "none");
    assert_eq!(bare["counters"][0]["tripped"], Value::Null);
    assert_eq!(bare["bounds"]["next"]["splits"], serde_json::json!([[5, 2], [5, 1, 1]]));
    assert_eq!(bare["bounds"]["same"]["splits"], serde_json::json!([[4, 3], [4, 2, 1], [4, 1, 1, 1]]));
}

#[test]
fn lockouts_answer_for_everybody_or_say_that_there_are_none() {
    let everybody = text(&run(&["lockouts"]));
    assert!(everybody.contains("freja.lindqvist@contoso.com") && everybody.contains("no lock of the account"));
    assert!(everybody.contains("wrong passwords without a lock, within the threshold"));
    let nobody = run(&["lockouts", "--user", "lukasz"]);
    assert_eq!((nobody.status.code(), text(&nobody).as_str()), (Some(1), ""));
    assert!(errors(&nobody).contains("no wrong password"));
    assert_eq!(text(&run(&["lockouts", "--user", "lukasz", "--json"])), "[]\n");
    assert_eq!(run(&["lockouts", "--user", "nobody at all"]).status.code(), Some(1));
    let said = json(&["lockouts", "--user", "anneliese", "--json", "--fact", "lockoutThreshold=7"]);
    assert_eq!((&said[0]["thresholdFrom"], &said[0]["episodes"][0]["standing"]), (&"operator".into(), &"exact".into()));
    let federated = json(&["lockouts", "--user", "anneliese", "--json", "--fact", "authMethod=federated"]);
    assert_eq!(federated[0]["episodes"][0]["bounds"], serde_json::json!({ "next": null, "same": null }));
}

#[test]
fn the_row_that_met_the_lock_names_the_place_that_a_trace_proves() {
    let rows = json(&["sign-ins", "--user", "anneliese", "--json"]);
    let mut locked = rows.as_array().into_iter().flatten().filter(|row| row["errorCode"] == 50053);
    let first = locked.next_back().map(|row| row["id"].as_str().unwrap_or_default().to_owned()).unwrap_or_default();
    let proved = &json(&["explain", "--sign-in", &first, "--json"])[0];
    assert_eq!((&proved["finding"]["code"], &proved["finding"]["basis"]), (&"LCK-LOCKED".into(), &"logged".into()));
    assert_eq!(proved["finding"]["decidedBy"]["datacenter"], "WEULR1");
    let files = without_the_trace();
    let mut arguments = vec!["explain", "--sign-in", &first, "--json"];
    arguments.extend(files.iter().map(String::as_str));
    let plain = &json(&arguments)[0];
    assert_eq!(plain["finding"]["decidedBy"]["datacenter"], Value::Null);
    let codes: Vec<&str> =
        plain["rivals"].as_array().into_iter().flatten().filter_map(|rival| rival["code"].as_str()).collect();
    assert!(codes.starts_with(&["LCK-COUNTERS", "LCK-REPEATED"]), "{codes:?}");
}

#[test]
fn the_fourth_escalation_is_answered_from_the_demo_case() {
    let output = run(&["addresses", "--json"]);
    assert_eq!(output.status.code(), Some(1), "there is a collision");
    let found: Value = serde_json::from_str(&text(&output)).expect("JSON");
    let collision = &found[0];
    has(collision, &["value", "kind", "check", "state", "holder", "claimants", "complete", "plan", "citations"]);
    has(&collision["holder"], &["id", "name", "kind", "attributes"]);
    has(&collision["claimants"][0]["errors"][0], &["code", "description", "at"]);
    has(&collision["plan"][0], &["order", "text", "command", "retired", "warning"]);
    assert_eq!(collision["value"], "t.marsh@fabrikam.com");
    assert_eq!((&collision["check"], &collision["state"]), (&"exchange".into(), &"refused".into()));
    assert_eq!(
        (&collision["holder"]["kind"], &collision["holder"]["name"]),
        (&"guest".into(), &"Timothea Marsh".into())
    );
    assert_eq!(collision["claimants"][0]["errors"][0]["code"], "Ex1472D1");
    let times: Vec<&str> =
        collision["chain"].as_array().expect("a chain").iter().filter_map(|moment| moment["at"].as_str()).collect();
    assert_eq!(times.len(), 5);
    assert!(times.is_sorted());

    let written = text(&run(&["addresses", "--address", "SMTP:T.Marsh@fabrikam.com"]));
    for part in ["belongs to the guest", "Redo-MsolProvisionUser", "Invoke-MgRetryUserServiceProvisioning", "14:56:19Z"]
    {
        assert!(written.contains(part), "{part} is not in {written}");
    }
    let none = run(&["addresses", "--address", "somebody.else", "--json"]);
    assert_eq!((none.status.code(), text(&none).trim()), (Some(0), "[]"));
}

#[test]
fn addresses_as_a_table_hold_no_formula_and_no_line_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("users.json");
    let user = |id: u32, name: &str| {
        serde_json::json!({
            "id": format!("{id:08x}-0000-4000-8000-000000000000"), "displayName": name, "userType": "Member",
            "userPrincipalName": format!("user{id}@contoso.com"), "proxyAddresses": ["SMTP:=cmd|' /C calc'!A0@contoso.com"],
        })
    };
    let users =
        serde_json::json!({ "users": [user(1, "=HYPERLINK(\"http://x\")"), user(2, "two\nlines, \"quoted\"")] });
    std::fs::write(&file, users.to_string()).expect("writing");
    let output = run(&["addresses", "--format", "csv", file.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(1));
    let table = text(&output);
    let mut rows = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 1, "{table}");
    for cell in &rows[0] {
        assert!(!cell.starts_with(['=', '+', '-', '@']) && !cell.contains(['\n', '\r']), "{cell}");
    }
}

#[test]
fn without_anything_that_has_addresses_there_is_no_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("log.json");
    std::fs::write(&file, r#"[{"id":"a","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"ana@contoso.com","appDisplayName":"Portal","ipAddress":"192.0.2.1","correlationId":"b","status":{"errorCode":0}}]"#)
        .expect("writing");
    let output = run(&["addresses", file.to_str().expect("a path")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&output).contains("Get-Recipient"), "{}", errors(&output));
}
