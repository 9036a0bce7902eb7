//! Opens one history in several files at once: each sign-in becomes one row, whatever order the files come in.
//!
//! 1. Every order of the same files gives the same users, rows and explanations.
//! 2. What one record lacks another gives, field by field, and every evidence pointer resolves in the record it names.
//! 3. Contradictions are told, and other spellings of one value are none.
//! 4. The two kinds of log stay apart, and the time that no file covers is seen.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use authopsy::app::history::Pane;
use authopsy::app::message::Size;
use authopsy::app::{CopyItem, Effect, Model, Msg, update};
use authopsy::domain::sign_in::EventKind;
use authopsy::domain::{Evidence, Json, SignIn};
use authopsy::explain::access::Tenant;
use authopsy::explain::{Explanation, Surroundings, explain, gap};
use authopsy::report::json;
use authopsy::store::index::{Entry, Index, RowId};
use authopsy::store::inventory::Inventory;
use authopsy::store::source::Whole;
use authopsy::store::{self, LoadEvent, Request, Sources};
use authopsy::term::worker::{LastLedgers, answer};
use authopsy::ui::picture;
use authopsy::ui::theme::Theme;
use chrono::{FixedOffset, Offset, Utc};
use proptest::prelude::*;

const ID: &str = "4f3d2c1b-0000-4000-8000-000000000001";

/// The same blocked sign-in as the beta endpoint has it.
const BETA: &str = r#"{"id":"4f3d2c1b-0000-4000-8000-000000000001","createdDateTime":"2021-06-21T08:00:00.734Z","userPrincipalName":"ana@contoso.com","userDisplayName":"Ana","userId":"22222222-0000-4000-8000-000000000001","appDisplayName":"Teams","appId":"1fec8e78-bce4-4aaf-ab1b-5451cc387264","clientAppUsed":"Browser","ipAddress":"203.0.113.9","correlationId":"c1","signInEventTypes":["interactiveUser"],"isInteractive":true,"conditionalAccessStatus":"failure","status":{"errorCode":53003,"failureReason":"Access has been blocked by Conditional Access policies."},"location":{"city":"Tegucigalpa","countryOrRegion":"HN"},"deviceDetail":{"deviceId":"","operatingSystem":"Windows10"},"authenticationDetails":[{"authenticationStepDateTime":"2021-06-21T08:00:00Z","authenticationMethod":"Password","succeeded":true}],"appliedConditionalAccessPolicies":[{"id":"p1","displayName":"Block abroad","result":"failure","enforcedGrantControls":["Block"],"conditionsSatisfied":"application,users,location","conditionsNotSatisfied":"none"}]}"#;

/// As v1.0 has it, without reasons, steps and the kind of event.
const V1: &str = r#"{"id":"4F3D2C1B-0000-4000-8000-000000000001","createdDateTime":"2021-06-21T08:00:00Z","userPrincipalName":"ana@contoso.com","userId":"22222222-0000-4000-8000-000000000001","appDisplayName":"Teams","clientAppUsed":"Browser","ipAddress":"203.0.113.9","correlationId":"c1","isInteractive":true,"conditionalAccessStatus":"failure","status":{"errorCode":53003,"failureReason":"Access has been blocked by Conditional Access policies."},"resourceDisplayName":"Office 365 SharePoint Online","resourceId":"00000003-0000-0ff1-ce00-000000000000","riskLevelDuringSignIn":"none","appliedConditionalAccessPolicies":[{"id":"p1","displayName":"Block abroad","result":"failure","enforcedGrantControls":["Block"]}]}"#;

/// As the unified audit log has it, which alone knows the session here.
const AUDIT: &str = r#"{"CreationTime":"2021-06-21T08:00:00","Id":"4f3d2c1b-0000-4000-8000-000000000001","Operation":"UserLoginFailed","OrganizationId":"11111111-0000-4000-8000-000000000000","RecordType":15,"ResultStatus":"Success","Workload":"AzureActiveDirectory","ClientIP":"203.0.113.9:4711","ObjectId":"Unknown","UserId":"Ana@contoso.com","ExtendedProperties":[{"Name":"UserAgent","Value":"Mozilla/5.0 (Windows NT 10.0)"}],"Actor":[{"ID":"22222222-0000-4000-8000-000000000001","Type":0}],"InterSystemsId":"c1","ApplicationId":"1fec8e78-bce4-4aaf-ab1b-5451cc387264","DeviceProperties":[{"Name":"OS","Value":"Windows 10"},{"Name":"SessionId","Value":"s1"}],"ErrorNumber":"53003","LogonError":"BlockedByConditionalAccess"}"#;

/// As somebody copied it from the portal.
const PASTED: &str = "Date:2021-06-21 08:00:00\nUser:ana@contoso.com\nApplication:Teams\nStatus:Failure (53003)\nClient App:Browser\nConditional Access:failure\nSign-in identifier:ANA@CONTOSO.COM\nRequest Id:4f3d2c1b-0000-4000-8000-000000000001\n";

struct Opened {
    _folder: tempfile::TempDir,
    root: String,
    sources: Sources,
    entries: Vec<Entry>,
    index: Index,
    inventory: Inventory,
}

fn open(files: &[(&str, String)]) -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let mut evidence: Vec<PathBuf> = Vec::new();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("writing");
        evidence.push(path);
    }
    let sources = Sources::new();
    let (mut entries, mut index, mut inventory) = (Vec::new(), Index::default(), Inventory::default());
    let request = Request { evidence, ..Request::default() };
    store::load(&request, &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => {
            entries.extend(batch.iter().cloned());
            index.append(batch);
        }
        LoadEvent::Inventory(read) => inventory = read,
        _ => {}
    });
    let root = format!("{}/", folder.path().to_string_lossy());
    Opened { _folder: folder, root, sources, entries, index, inventory }
}

impl Opened {
    fn read(&self, row: RowId) -> Whole {
        let spans = self.index.spans_of(row).expect("a row");
        self.sources.read_whole(&spans).expect("records")
    }

    fn only(&self) -> Whole {
        assert_eq!(self.index.len(), 1);
        self.read(RowId(0))
    }

    fn explain(&self, row: RowId) -> Explanation {
        let attempt = self.index.attempt_of(row).into_iter();
        let attempt: Vec<Arc<SignIn>> = attempt.map(|row| Arc::new(self.read(row).sign_in)).collect();
        let holds = self.inventory.holdings();
        let tenant = Tenant::default();
        let surroundings = Surroundings { tenant: &tenant, attempt: &attempt, holds, ledger: None, lockouts: None };
        explain(&Arc::new(self.read(row).sign_in), &surroundings)
    }

    /// Everything that the lists and explanations say, without the folder and the numbers of rows.
    fn story(&self) -> String {
        let mut users: Vec<String> = Vec::new();
        for (key, user) in self.index.users() {
            let mut told = vec![json::user(user).to_string()];
            for row in self.index.rows_of(key) {
                let held = self.index.row(row).expect("a row");
                told.push(json::row(&self.index, held, held.class.word(), "").to_string());
                told.push(json::explanation(&self.explain(row)).to_string());
                assert_eq!(self.index.attempt_of(row).iter().filter(|other| **other == row).count(), 1);
            }
            users.push(told.join("\n"));
        }
        users.sort();
        users.join("\n\n").replace(&self.root, "")
    }
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let put = |order: &Vec<usize>, at: usize| {
        let mut order = order.clone();
        order.insert(at, count - 1);
        order
    };
    shorter.iter().flat_map(|order| (0..count).map(|at| put(order, at))).collect()
}

fn in_order<'a>(files: &[(&'a str, String)], order: &[usize]) -> Vec<(&'a str, String)> {
    order.iter().map(|at| files[*at].clone()).collect()
}

/// What is told of files that differ.
fn told_of(explanation: &Explanation) -> Vec<&str> {
    let notes = explanation.notes.iter().filter(|note| note.code == "LOG-FILES-DIFFER");
    notes.map(|note| note.text.as_str()).collect()
}

/// The evidence of an explanation that stands in a log, checked against the record that it names.
#[track_caller]
fn check_evidence(whole: &Whole, explanation: &Explanation) {
    let sign_in = &explanation.sign_in;
    let mut records: BTreeMap<(String, Option<u64>), &Json> = BTreeMap::new();
    records.insert((sign_in.origin.file.to_string(), sign_in.origin.record), &whole.json);
    for (place, json) in sign_in.also_in.iter().zip(&whole.others) {
        records.insert((place.file.to_string(), place.record), json);
    }
    let steps = explanation.steps.iter().flat_map(|step| &step.evidence);
    let policies = explanation.policies.iter().flat_map(|policy| {
        policy.evidence.iter().chain(policy.conditions.iter().flat_map(|condition| &condition.evidence))
    });
    let notes = explanation.notes.iter().flat_map(|note| &note.evidence);
    let all: Vec<&Evidence> = steps.chain(policies).chain(notes).chain(&explanation.finding.evidence).collect();
    assert!(!all.is_empty());
    for evidence in all {
        let record = records.get(&(evidence.file.to_string(), evidence.record));
        let record = record.expect("the evidence names a record of the sign-in");
        assert!(record.pointer(&evidence.pointer).is_some(), "{} is not in {}", evidence.pointer, evidence.file);
    }
}

fn four() -> Vec<(&'static str, String)> {
    vec![
        ("beta.json", format!("[{BETA}]")),
        ("v1.json", format!("[{V1}]")),
        ("audit.json", format!("[{AUDIT}]")),
        ("ticket.txt", PASTED.to_owned()),
    ]
}

#[test]
fn four_shapes_of_one_sign_in_are_one_row_in_every_order() {
    let files = four();
    let expected = open(&files).story();
    for order in orders(files.len()) {
        let opened = open(&in_order(&files, &order));
        assert_eq!((opened.index.len(), opened.index.users().count()), (1, 1), "{order:?}");
        assert_eq!((opened.index.repeated(), opened.index.merged(), opened.index.completed()), (3, 1, 1), "{order:?}");
        assert_eq!(opened.story(), expected, "{order:?}");
    }
}

#[test]
fn what_one_record_lacks_another_gives_and_its_evidence_stands_there() {
    let opened = open(&four());
    let whole = opened.only();
    let sign_in = &whole.sign_in;
    let places = [
        ("/status/errorCode", "beta.json", "/status/errorCode"),
        ("/location", "beta.json", "/location"),
        ("/appliedConditionalAccessPolicies/0/result", "beta.json", "/appliedConditionalAccessPolicies/0/result"),
        ("/resourceDisplayName", "v1.json", "/resourceDisplayName"),
        ("/sessionId", "audit.json", "/DeviceProperties/1/Value"),
        ("/userAgent", "audit.json", "/ExtendedProperties/0/Value"),
        ("/signInIdentifier", "ticket.txt", "/Sign-in identifier"),
    ];
    for (pointer, file, expected) in places {
        let evidence = sign_in.evidence("", pointer, "");
        assert_eq!(evidence.file.trim_start_matches(&opened.root), file, "{pointer}");
        assert_eq!(evidence.pointer, expected, "{pointer}");
    }
    assert_eq!(sign_in.session_id.as_deref(), Some("s1"));
    assert_eq!(sign_in.resource_display_name.as_deref(), Some("Office 365 SharePoint Online"));
    assert_eq!(sign_in.differences, []);
    let also: Vec<&str> = sign_in.also_in.iter().map(|place| place.file.trim_start_matches(&opened.root)).collect();
    assert_eq!(also.len(), 3);
    assert!(also.contains(&"ticket.txt"));
    let row = opened.index.row(RowId(0)).expect("the row");
    assert_eq!((opened.index.text(row.session_id), opened.index.text(row.place)), ("s1", "Tegucigalpa, HN"));
    assert_eq!(row.event_kind, EventKind::Interactive);
    assert_eq!(opened.index.session_of(RowId(0)), [RowId(0)]);
    let explanation = opened.explain(RowId(0));
    assert_eq!(explanation.finding.code, "CA-BLOCK");
    check_evidence(&whole, &explanation);
    let written = json::explanation(&explanation);
    assert_eq!(written["signIn"]["alsoIn"].as_array().map(Vec::len), Some(3));
}

#[test]
fn of_two_lists_of_policies_the_one_with_reasons_counts() {
    let poor =
        BETA.replace(r#","conditionsSatisfied":"application,users,location","conditionsNotSatisfied":"none""#, "");
    for (rich, names) in [(V1, false), (BETA, true)] {
        let with = rich.replace(
            r#"["Block"]}"#,
            r#"["Block"],"conditionsSatisfied":"application","conditionsNotSatisfied":"none"}"#,
        );
        let opened = open(&[("a.json", format!("[{poor}]")), ("b.json", format!("[{with}]"))]);
        let sign_in = opened.only().sign_in;
        assert!(sign_in.applied_policies.list()[0].conditions_satisfied.is_some(), "{names}");
        let evidence = sign_in.evidence("", "/appliedConditionalAccessPolicies/0/result", "");
        assert!(evidence.file.ends_with("b.json"), "{}", evidence.file);
    }
}

#[test]
fn contradictions_are_told_and_stand_in_their_files() {
    let edited = V1.replace("203.0.113.9", "198.51.100.20").replace(r#""result":"failure""#, r#""result":"success""#);
    for order in orders(2) {
        let files = [("beta.json", format!("[{BETA}]")), ("edited.json", format!("[{edited}]"))];
        let opened = open(&in_order(&files, &order));
        let whole = opened.only();
        assert_eq!(whole.sign_in.ip_address.as_deref(), Some("203.0.113.9"));
        let explanation = opened.explain(RowId(0));
        let told = told_of(&explanation);
        assert_eq!(
            told,
            [
                "IP address: 203.0.113.9 (beta.json) / 198.51.100.20 (edited.json); the first is used.",
                "Result of “Block abroad”: failure (beta.json) / success (edited.json); the first is used.",
            ]
        );
        check_evidence(&whole, &explanation);
    }
}

#[test]
fn other_spellings_of_one_value_are_no_contradiction() {
    let spelt = BETA
        .replace(ID, &ID.to_uppercase())
        .replace("08:00:00.734Z", "08:00:00.7340000Z")
        .replace(r#""errorCode":53003"#, r#""errorCode":"53003""#)
        .replace(r#""isInteractive":true"#, r#""isInteractive":"True""#)
        .replace("Windows10", "Windows 10");
    let opened = open(&[("a.json", format!("[{BETA}]")), ("b.json", format!("[{spelt}]"))]);
    assert_eq!(opened.only().sign_in.differences, []);
    assert_eq!((opened.index.merged(), opened.index.completed()), (1, 0));
}

#[test]
fn states_of_one_request_stay_apart_and_the_last_is_found() {
    let granted =
        BETA.replace("53003", "0").replace("08:00:00.734", "08:00:09.100").replace(":\"failure\"", ":\"success\"");
    let asked = BETA.replace("53003", "50140").replace("08:00:00.734", "08:00:20");
    let without = AUDIT.replace(r#""ErrorNumber":"53003","#, "").replace("08:00:00", "08:00:09");
    let files = [
        ("granted.json", format!("[{granted}]")),
        ("blocked.json", format!("[{BETA}]")),
        ("asked.json", format!("[{asked}]")),
        ("audit.json", format!("[{without}]")),
    ];
    let expected = open(&files).story();
    for order in orders(files.len()) {
        let opened = open(&in_order(&files, &order));
        assert_eq!((opened.index.len(), opened.index.repeated()), (3, 1), "{order:?}");
        let found = opened.index.find_id(ID).and_then(|row| opened.index.row(row)).expect("a row");
        assert_eq!(found.error_code, Some(0), "{order:?}");
        let row = opened.index.find_id(ID).expect("a row");
        assert_eq!(opened.read(row).sign_in.session_id.as_deref(), Some("s1"), "the code that is missing fits by time");
        assert_eq!(opened.story(), expected, "{order:?}");
    }
}

#[test]
fn a_row_keeps_its_number_while_others_come() {
    let first = open(&[("ticket.txt", PASTED.to_owned())]);
    let number = first.index.find_id(ID);
    let later = open(&[("ticket.txt", PASTED.to_owned()), ("beta.json", format!("[{BETA}]"))]);
    assert_eq!(later.index.find_id(ID), number);
    let users: Vec<&str> = later.index.users().map(|(_, user)| user.who.id.as_str()).collect();
    assert_eq!(users, ["22222222-0000-4000-8000-000000000001"]);
}

#[test]
fn whoever_is_known_by_a_display_name_alone_becomes_the_user_with_the_id() {
    let nameless = BETA
        .replace(r#""userPrincipalName":"ana@contoso.com","#, "")
        .replace(r#","userId":"22222222-0000-4000-8000-000000000001""#, "");
    let files = [("nameless.json", format!("[{nameless}]")), ("beta.json", format!("[{BETA}]"))];
    for order in orders(2) {
        let opened = open(&in_order(&files, &order));
        let users: Vec<(&str, usize, usize)> =
            opened.index.users().map(|(_, user)| (user.who.id.as_str(), user.sign_ins, user.failures)).collect();
        assert_eq!(users, [("22222222-0000-4000-8000-000000000001", 1, 1)], "{order:?}");
    }
}

#[test]
fn the_two_kinds_of_log_stay_apart_and_holes_between_files_are_seen() {
    let at = |hour: u32, day: u32, kind: &str| {
        BETA.replace(ID, &format!("{kind}-{day}-{hour}"))
            .replace("2021-06-21T08:00:00.734Z", &format!("2021-06-{day:02}T{hour:02}:00:00Z"))
            .replace("interactiveUser", kind)
            .replace(r#""isInteractive":true,"#, "")
    };
    let person = |hour, day| at(hour, day, "interactiveUser");
    let client = |hour, day| at(hour, day, "nonInteractiveUser");
    let opened = open(&[
        ("InteractiveSignIns_1.json", format!("[{},{}]", person(8, 1), person(20, 3))),
        ("InteractiveSignIns_2.json", format!("[{},{}]", person(8, 10), person(20, 12))),
        ("NonInteractiveSignIns.json", format!("[{},{},{}]", client(0, 1), client(9, 6), client(23, 12))),
    ]);
    let coverage = opened.inventory.coverage();
    let kinds: Vec<(&str, usize, usize)> =
        coverage.iter().map(|one| (one.kind.word(), one.holes.len(), one.files.len())).collect();
    assert_eq!(kinds, [("interactiveUser", 1, 2), ("nonInteractiveUser", 0, 1)]);
    assert_eq!(coverage[0].holes[0].written(), "2021-06-03 20:00Z and 2021-06-10 08:00Z");
    let gaps = gap::of_evidence(&opened.inventory.holdings(), &Tenant::default());
    let hole = gaps.iter().find(|gap| gap.code == "GAP-HOLE").expect("the gap");
    assert!(
        hole.missing.contains("the interactive sign-ins between 2021-06-03 20:00Z and 2021-06-10 08:00Z"),
        "{}",
        hole.missing
    );
    let gap_of = |id: &str| {
        let row = opened.index.find_id(id).expect("a row");
        opened.explain(row).gaps.iter().any(|gap| gap.code == "GAP-HOLE")
    };
    assert!(gap_of("nonInteractiveUser-6-9"));
    assert!(!gap_of("nonInteractiveUser-1-0") && !gap_of("interactiveUser-10-8"));
    let value = json::inventory(&opened.inventory, &gaps, None);
    assert_eq!(value["coverage"][0]["kind"], "interactiveUser");
    assert_eq!(value["coverage"][0]["holes"][0]["from"], "2021-06-03T20:00:00Z");
    let text = authopsy::report::inventory_text(&opened.inventory, &gaps, None);
    assert!(text.contains("no file covers 2021-06-03 20:00:00Z to 2021-06-10 08:00:00Z"), "{text}");
}

#[test]
fn supplements_add_to_their_row_whatever_comes_first() {
    let bare = BETA.replacen(r#""authenticationDetails":[{"authenticationStepDateTime":"2021-06-21T08:00:00Z","authenticationMethod":"Password","succeeded":true}],"#, "", 1);
    let step = |second: u32, method: &str| {
        format!(
            r#"{{"id":"{ID}","createdDateTime":"2021-06-21T08:00:{second:02}Z","ipAddress":"","status":{{}},"authenticationDetails":[{{"authenticationStepDateTime":"2021-06-21T08:00:{second:02}Z","authenticationMethod":"{method}"}}]}}"#
        )
    };
    let files = [
        ("AuthDetails.json", format!("[{},{}]", step(9, "Authenticator"), step(1, "Password"))),
        ("log.json", format!("[{bare}]")),
    ];
    for order in orders(2) {
        let sources = Sources::new();
        let folder = tempfile::tempdir().expect("a folder");
        let paths = in_order(&files, &order).into_iter().map(|(name, content)| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).expect("writing");
            path
        });
        let request = Request { evidence: paths.collect(), ..Request::default() };
        let mut index = Index::default();
        store::load(&request, &sources, &|| true, &mut |event| {
            if let LoadEvent::Batch(mut batch) = event {
                batch.iter_mut().for_each(|entry| entry.is_supplement = entry.fullness.file.contains("AuthDetails"));
                index.append(batch);
            }
        });
        assert_eq!((index.len(), index.repeated(), index.unclaimed().len()), (1, 0, 0), "{order:?}");
        let whole = sources.read_whole(&index.spans_of(RowId(0)).expect("a row")).expect("records");
        let steps = whole.sign_in.authentication_details.as_deref().unwrap_or_default();
        let methods: Vec<Option<&str>> = steps.iter().map(|step| step.method.as_deref()).collect();
        assert_eq!(methods, [Some("Password"), Some("Authenticator")], "{order:?}");
        let evidence = whole.sign_in.evidence("", "/authenticationDetails/0/authenticationMethod", "");
        assert!(evidence.file.ends_with("AuthDetails.json") && evidence.record == Some(1));
    }
}

/// Sends a message and answers every question as the worker would.
fn send(model: &mut Model, msg: Msg, sources: &Sources) {
    for effect in update(model, msg) {
        if let Effect::Explain(question) = effect {
            let answered = answer(&question, sources, &LastLedgers::default());
            send(model, answered, sources);
        }
    }
}

#[test]
fn the_screen_opens_the_record_that_a_value_was_borrowed_from() {
    let whole = BETA.replace(r#""conditionalAccessStatus":"failure","#, "");
    let table = V1.replace(r#","appliedConditionalAccessPolicies":[{"id":"p1","displayName":"Block abroad","result":"failure","enforcedGrantControls":["Block"]}]"#, "");
    let opened = open(&[("beta.json", format!("[{whole}]")), ("table.json", format!("[{table}]"))]);
    let mut model = Model::new("case", Size { width: 120, height: 40 }, |_| Utc.fix() as FixedOffset);
    for msg in [Msg::Indexed(opened.entries.clone()), Msg::Inventory(opened.inventory.clone()), Msg::Loaded] {
        send(&mut model, msg, &opened.sources);
    }
    for key in ["enter", "enter", "v"] {
        send(&mut model, Msg::Key(key.parse().expect("a key")), &opened.sources);
    }
    let shown = model.record.as_ref().expect("the record");
    assert!(shown.title.ends_with("beta.json record 0"), "{}", shown.title);
    assert!(shown.also_in.ends_with("table.json #0"), "{}", shown.also_in);
    model.focus = Pane::Why;
    let is_borrowed = |evidence: &Evidence| evidence.file.ends_with("table.json");
    let line = model.why.nodes().iter().position(|node| node.evidence.as_ref().is_some_and(is_borrowed));
    model.why.cursor = line.expect("a value of the table");
    let evidence = model.why.node().and_then(|node| node.evidence.clone()).expect("evidence");
    send(&mut model, Msg::Key("v".parse().expect("a key")), &opened.sources);
    let shown = model.record.as_ref().expect("the record");
    assert!(shown.title.ends_with("table.json record 0"), "{}", shown.title);
    assert_eq!(shown.line().map(|line| line.pointer.as_str()), Some(evidence.pointer.as_str()));
    assert_eq!(model.copy_text(CopyItem::Value).as_deref(), Some(evidence.value.as_str()));
    assert!(model.copy_text(CopyItem::Pointer).is_some_and(|place| place.contains("table.json#0/")));
    assert!(drawn(&model).contains("also in"));
    send(&mut model, Msg::Key("f".parse().expect("a key")), &opened.sources);
    assert!(drawn(&model).contains("interactive sign-ins  2021-06-21 08:00:00"), "{}", drawn(&model));
}

/// What the screen shows, line by line.
fn drawn(model: &Model) -> String {
    let buffer = picture(model, &Theme::default());
    let width = usize::from(buffer.area.width);
    let cells: Vec<&str> = buffer.content().iter().map(|cell| cell.symbol()).collect();
    cells.chunks(width).map(<[&str]>::concat).collect::<Vec<String>>().join("\n")
}

#[test]
fn the_program_says_what_it_merged_and_where_the_sign_in_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in four() {
        std::fs::write(folder.path().join(name), content).expect("writing");
    }
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_authopsy"));
        command.args(arguments).arg(folder.path()).output().expect("the program runs")
    };
    let output = run(&["explain", "--full"]);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let words = "authopsy: 1 sign-in stands in the evidence more than once and was merged";
    assert!(errors.contains(words) && errors.contains("another record added something"), "{errors}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("also in ")).expect("the line");
    assert!(line.contains("v1.json #0") && line.contains("audit.json #0") && line.contains("ticket.txt #0"), "{line}");
    let inventory = String::from_utf8_lossy(&run(&["inventory"]).stdout).into_owned();
    assert!(inventory.contains("interactive sign-ins: 2021-06-21 08:00:00Z to"), "{inventory}");
}

/// A record as a file might have it: of few requests, so that files overlap, and with much left out or changed.
#[derive(Debug, Clone)]
struct Made {
    request: u8,
    code: Option<u16>,
    late: Option<u16>,
    user: u8,
    address: Option<u8>,
    session: Option<u8>,
    kind: u8,
}

impl Made {
    fn written(&self) -> String {
        let code = self.code.map_or_else(String::new, |code| format!(r#""errorCode":{code}"#));
        let user = match self.user {
            0 => r#","userPrincipalName":"ana@contoso.com""#,
            1 => r#","userPrincipalName":"ana@contoso.com","userId":"u1","userDisplayName":"Ana""#,
            2 => r#","userId":"u1""#,
            3 => r#","userDisplayName":"Ana""#,
            _ => r#","userPrincipalName":"bo@contoso.com","userId":"u2""#,
        };
        let some =
            |name: &str, value: Option<String>| value.map_or_else(String::new, |v| format!(r#","{name}":"{v}""#));
        let kind = match self.kind {
            0 => r#","isInteractive":true"#,
            1 => r#","isInteractive":true,"authenticationDetails":[{"authenticationMethod":"Previously satisfied"}]"#,
            _ => "",
        };
        format!(
            r#"{{"id":"r{}","createdDateTime":"{}","clientAppUsed":"Browser","appDisplayName":"Teams","correlationId":"c{}","status":{{{code}}}{user}{kind}{}{}}}"#,
            self.request,
            self.late.map_or_else(
                || "soon".to_owned(),
                |late| {
                    format!("2021-06-21T08:00:{:02}.{:03}Z", u16::from(self.request) * 5 + late / 1000, late % 1000)
                }
            ),
            self.request / 2,
            some("ipAddress", self.address.map(|last| format!("192.0.2.{last}"))),
            some("sessionId", self.session.map(|number| format!("s{number}"))),
        )
    }
}

fn made() -> impl Strategy<Value = Made> {
    let code = prop_oneof![Just(None), Just(Some(0)), Just(Some(50_126)), Just(Some(50_140))];
    let optional = || prop::option::of(0_u8..2);
    (0_u8..4, code, prop::option::weighted(0.9, 0_u16..2_500), 0_u8..5, optional(), optional(), 0_u8..3).prop_map(
        |(request, code, late, user, address, session, kind)| Made {
            request,
            code,
            late,
            user,
            address,
            session,
            kind,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_the_same_files_tells_the_same(
        files in prop::collection::vec(prop::collection::vec(made(), 1..5), 2..5),
        shuffle in any::<prop::sample::Index>(),
    ) {
        let names = ["a.json", "b.json", "c.json", "d.json"];
        let written = |records: &Vec<Made>| {
            let records: Vec<String> = records.iter().map(Made::written).collect();
            format!("[{}]", records.join(","))
        };
        let files: Vec<(&str, String)> = names.into_iter().zip(files.iter().map(written)).collect();
        let orders = orders(files.len());
        let order = &orders[shuffle.index(orders.len())];
        let (expected, opened) = (open(&files), open(&in_order(&files, order)));
        prop_assert_eq!(opened.index.len(), expected.index.len());
        prop_assert_eq!(opened.index.repeated(), expected.index.repeated());
        prop_assert_eq!(opened.story(), expected.story());
        let counted: usize = opened.index.users().map(|(_, user)| user.sign_ins).sum();
        prop_assert_eq!(counted, opened.index.len());
        let attempts = opened.index.rows().filter(|(_, row)| row.class.is_refusal()).count();
        prop_assert_eq!(opened.index.attempts().filter(|row| row.class.is_refusal()).count(), attempts);
        for (number, row) in opened.index.rows() {
            let sign_in = opened.read(number).sign_in;
            prop_assert_eq!(row.time, sign_in.created.map(|at| at.timestamp_millis()));
            prop_assert_eq!(row.error_code, sign_in.error_code());
            prop_assert_eq!(opened.index.text(row.ip), sign_in.ip_address.as_deref().unwrap_or(""));
            prop_assert_eq!(opened.index.text(row.session_id), sign_in.session_id.as_deref().unwrap_or(""));
            prop_assert_eq!(row.event_kind, sign_in.event_kind);
        }
    }
}

/// A row of Log Analytics of the same sign-in.
fn table_row(columns: &[(&str, &str)]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let fixed =
        [("Id", ID), ("ResultType", "53003"), ("UserPrincipalName", "ana@contoso.com"), ("AppDisplayName", "Teams")];
    let fixed = fixed.iter().filter(|(name, _)| !columns.iter().any(|(given, _)| given == name));
    let all: Vec<(&str, &str)> = columns.iter().chain(fixed).copied().collect();
    let line = |cells: Vec<String>| cells.join(",");
    let header = line(all.iter().map(|(name, _)| quoted(name)).collect());
    format!("{header}\n{}\n", line(all.iter().map(|(_, value)| quoted(value)).collect()))
}

/// The same with two rows, of which the second has other policies and, where it says so, another time.
fn table_rows(first: &[(&str, &str)], second: &[(&str, &str)]) -> String {
    let second = table_row(second);
    format!("{}{}\n", table_row(first), second.lines().nth(1).expect("a row"))
}

const CREATED: (&str, &str) = ("CreatedDateTime [UTC]", "6/21/2021, 8:00:00.734 AM");
const BLOCK: &str = r#"{"id":"p1","displayName":"Block abroad","result":"failure","enforcedGrantControls":["Block"],"conditionsSatisfied":"users"}"#;
const MFA: &str = r#"{"id":"p2","displayName":"MFA","result":"notApplied","enforcedGrantControls":["Mfa"],"conditionsNotSatisfied":"users"}"#;

#[test]
fn a_later_row_of_the_same_request_is_seen_as_the_rest_of_the_attempt() {
    let asked = BETA.replace("53003", "50074");
    let granted =
        BETA.replace("53003", "0").replace(":\"failure\"", ":\"success\"").replace("08:00:00.734", "08:00:20");
    let opened = open(&[("beta.json", format!("[{asked},{granted}]"))]);
    let rows = opened.index.rows().find(|(_, row)| row.error_code == Some(50_074)).expect("the step").0;
    let headline = opened.explain(rows).finding.headline;
    assert!(headline.contains("granted at 08:00:20Z"), "{headline}");
}

#[test]
fn policies_that_stand_one_a_row_are_united_and_point_at_their_rows() {
    let list = |policy: &str| format!("[{policy}]");
    for form in [str::to_owned, list] {
        for policies in [[BLOCK, MFA], [MFA, BLOCK]] {
            let [first, second] = policies.map(form);
            let rows = |cell: &'_ str| {
                table_row(&[CREATED, ("ConditionalAccessStatus", "failure"), ("ConditionalAccessPolicies", cell)])
            };
            let in_one = format!("{}{}\n", rows(&first), rows(&second).lines().nth(1).expect("a row"));
            for files in [vec![("t.csv", in_one)], vec![("a.csv", rows(&first)), ("b.csv", rows(&second))]] {
                let opened = open(&files);
                let whole = opened.only();
                assert_eq!(whole.sign_in.applied_policies.list().len(), 2);
                let explanation = opened.explain(RowId(0));
                assert_eq!(explanation.finding.headline, "Blocked: “Block abroad” blocks it.");
                assert!(explanation.gaps.iter().any(|gap| gap.missing.contains("one policy a row")));
                check_evidence(&whole, &explanation);
                let story = opened.story();
                for order in orders(files.len()) {
                    assert_eq!(open(&in_order(&files, &order)).story(), story);
                }
            }
        }
    }
}

#[test]
fn a_whole_list_takes_the_place_of_pieces_and_a_piece_gives_its_reasons() {
    let piece = table_row(&[CREATED, ("ConditionalAccessStatus", "failure"), ("ConditionalAccessPolicies", BLOCK)]);
    let other = MFA.replace(r#","conditionsNotSatisfied":"users""#, "");
    let whole_list = V1
        .replace(r#""enforcedGrantControls":["Block"]}]"#, &format!(r#""enforcedGrantControls":["Block"]}},{other}]"#));
    let opened = open(&[("piece.csv", piece), ("v1.json", format!("[{whole_list}]"))]);
    let whole = opened.only();
    assert_eq!((whole.sign_in.applied_policies.list().len(), whole.sign_in.policies_lost), (2, None));
    let file = |number: usize| {
        whole.sign_in.evidence("", &format!("/appliedConditionalAccessPolicies/{number}/result"), "").file
    };
    assert!(file(0).ends_with("piece.csv") && file(1).ends_with("v1.json"), "{} {}", file(0), file(1));
    check_evidence(&whole, &opened.explain(RowId(0)));
}

#[test]
fn of_a_list_in_pieces_it_is_never_said_that_no_policy_applied_or_failed() {
    for (code, status) in [("0", "success"), ("53003", "failure")] {
        let row = table_row(&[
            CREATED,
            ("ResultType", code),
            ("ConditionalAccessStatus", status),
            ("ConditionalAccessPolicies", MFA),
        ]);
        let opened = open(&[("t.csv", row)]);
        let explanation = opened.explain(RowId(0));
        let told = format!("{:?} {:?} {:?}", explanation.finding.headline, explanation.steps, explanation.notes);
        for words in [
            "no policy applied",
            "none applied",
            "No policy in the record shows",
            "no policy demanded",
            "no policy in the record applied",
        ] {
            assert!(!told.contains(words), "{words}: {told}");
        }
        assert!(explanation.gaps.iter().any(|gap| gap.code == "GAP-POLICY-LIST"));
    }
}

#[test]
fn a_list_of_policies_that_breaks_off_is_told_with_the_remedy() {
    let cut = format!("[{BLOCK},{}", &MFA[..40]);
    let opened = open(&[(
        "t.csv",
        table_row(&[CREATED, ("ConditionalAccessStatus", "failure"), ("ConditionalAccessPolicies", &cut)]),
    )]);
    let problems = &opened.inventory.files[0].problems;
    assert!(problems.iter().any(|problem| problem.is_warning && problem.reason.contains("32,767")), "{problems:?}");
    let gaps = opened.explain(RowId(0)).gaps;
    assert!(gaps.iter().any(|gap| gap.missing.contains("breaks off") && gap.ask.contains("Excel")), "{gaps:?}");
}

#[test]
fn records_of_other_clocks_are_one_sign_in_with_the_best_known_time() {
    let portal = |date: &str| {
        format!(
            "Date (UTC),Request ID,Username,User,Status,Sign-in error code,Application,IP address,Correlation ID\n{date},{ID},ana@contoso.com,Ana,Failure,53003,Teams,203.0.113.9,c1\n6/22/2021 9:15,4f3d2c1b-0000-4000-8000-000000000009,ben@contoso.com,Ben,Failure,53003,Teams,203.0.113.9,c2\n"
        )
    };
    let beta = BETA.replace("08:00:00.734Z", "08:00:40.734Z");
    let diagnostic = format!(
        r#"{{"time":"2021-06-21T08:04:00Z","resourceId":"/tenants/t/providers/Microsoft.aadiam","operationName":"Sign-in activity","category":"SignInLogs","resultType":"53003","correlationId":"c1","properties":{}}}"#,
        V1.replace(r#""createdDateTime":"2021-06-21T08:00:00Z","#, "")
    );
    let others = [
        ("late.csv", table_row(&[("TimeGenerated [UTC]", "6/21/2021, 8:05:00.000 AM")]), true),
        ("local.csv", table_row(&[("CreatedDateTime [Local Time]", "6/21/2021, 10:00:40.734 AM")]), true),
        ("audit.json", format!("[{}]", AUDIT.replace("08:00:00", "08:00:43")), false),
        (
            "error.txt",
            format!(
                "AADSTS53003: Access has been blocked by Conditional Access policies. Trace ID: {ID} Correlation ID: c1 Timestamp: 2021-06-21 08:00:43Z\n"
            ),
            false,
        ),
        ("ticket.txt", PASTED.replace("2021-06-21 08:00:00", "6/21/2021, 10:00:40 AM"), true),
        ("excel.csv", portal("6/21/2021 8:00"), false),
        ("day.csv", portal("6/21/2021"), false),
        ("diagnostic.json", diagnostic, true),
    ];
    let time = chrono::DateTime::parse_from_rfc3339("2021-06-21T08:00:40.734Z").expect("a time").timestamp_millis();
    for (name, content, is_told) in &others {
        let files = [("beta.json", format!("[{beta}]")), (*name, content.clone())];
        let expected = open(&files).story();
        for order in orders(2) {
            let opened = open(&in_order(&files, &order));
            let rows: Vec<RowId> = opened.index.rows().filter(|(_, row)| *row.id == *ID).map(|(id, _)| id).collect();
            assert_eq!(rows.len(), 1, "{name}");
            assert_eq!(opened.index.row(rows[0]).and_then(|row| row.time), Some(time), "{name}");
            let whole = opened.read(rows[0]);
            assert_eq!(whole.sign_in.created.map(|at| at.timestamp_millis()), Some(time), "{name}");
            let explanation = opened.explain(rows[0]);
            assert_eq!(told_of(&explanation).iter().any(|text| text.starts_with("Time: ")), *is_told, "{name}");
            check_evidence(&whole, &explanation);
            assert_eq!(opened.story(), expected, "{name}");
        }
    }
    let mut all: Vec<(&str, String)> = others.iter().map(|(name, content, _)| (*name, content.clone())).collect();
    all.push(("beta.json", format!("[{beta}]")));
    let expected = open(&all).story();
    all.reverse();
    let opened = open(&all);
    assert_eq!(opened.index.rows().filter(|(_, row)| *row.id == *ID).count(), 1);
    assert_eq!(opened.story(), expected);
}

#[test]
fn two_rows_of_one_file_stay_two_and_each_takes_the_late_row_of_its_own() {
    let later = BETA.replace("08:00:00.734", "08:00:20.734");
    let graph = format!("[{BETA},{later}]");
    let late = |at: &str| [("TimeGenerated [UTC]", at.to_owned())];
    let [first, second] = ["6/21/2021, 8:05:00.000 AM", "6/21/2021, 8:05:20.000 AM"].map(late);
    let plain = |row: &'_ [(&'static str, String); 1]| [(row[0].0, row[0].1.clone())];
    let (first, second) = (plain(&first), plain(&second));
    let table = table_rows(&[(first[0].0, &first[0].1)], &[(second[0].0, &second[0].1)]);
    for files in [vec![("beta.json", graph.clone())], vec![("beta.json", graph), ("late.csv", table)]] {
        for order in orders(files.len()) {
            let opened = open(&in_order(&files, &order));
            let mut rows: Vec<_> = opened.index.rows().collect();
            rows.sort_by_key(|(_, row)| row.time);
            assert_eq!(rows.len(), 2);
            for (number, (id, _)) in rows.iter().enumerate() {
                let also = opened.read(*id).sign_in.also_in;
                assert!(
                    also.len() < files.len() && also.iter().all(|place| place.record == Some(number as u64)),
                    "{also:?}"
                );
            }
        }
    }
}

#[test]
fn opposite_ends_of_one_request_in_two_files_are_told_on_both() {
    let granted = V1.replace("53003", "0").replace(":\"failure\"", ":\"success\"");
    let opened = open(&[("beta.json", format!("[{BETA}]")), ("v1.json", format!("[{granted}]"))]);
    assert_eq!(opened.index.len(), 2);
    for (row, expected) in [
        (RowId(0), "Error code: 53003 (beta.json) / 0 (v1.json); each is a row of its own, and 0 means granted."),
        (RowId(1), "Error code: 0 (v1.json) / 53003 (beta.json); each is a row of its own, and 0 means granted."),
    ] {
        assert_eq!(told_of(&opened.explain(row)), [expected]);
    }
}

#[test]
fn reasons_differ_only_where_one_field_says_two_things() {
    let long =
        "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.";
    let beta = BETA.replace("Access has been blocked by Conditional Access policies.", long);
    let error = format!("AADSTS53003: {long} Trace ID: {ID} Correlation ID: c1 Timestamp: 2021-06-21 08:00:00Z\n");
    let table = table_row(&[CREATED, ("ResultDescription", "Access blocked by policy")]);
    let opened = open(&[
        ("beta.json", format!("[{beta}]")),
        ("error.txt", error),
        ("t.csv", table),
        ("v1.json", format!("[{V1}]")),
    ]);
    assert_eq!(opened.only().sign_in.differences, []);
    let other =
        V1.replace("Access has been blocked by Conditional Access policies.", "The account is disabled by its admin.");
    let opened = open(&[("beta.json", format!("[{beta}]")), ("v1.json", format!("[{other}]"))]);
    assert_eq!(opened.only().sign_in.differences.len(), 1);
}
