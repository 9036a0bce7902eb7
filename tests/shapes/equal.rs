//! One table of shapes: in each, the same history is written, and what it explains equals what Graph beta explains of the same
//! sign-ins without the members that the shape lacks. What a shape lacks is said, by the catalogue and by the explanation.

use std::collections::BTreeSet;
use std::sync::Arc;

use authopsy::domain::merge::Clock;
use authopsy::domain::{Holdings, Origin, SignIn};
use authopsy::explain::access::Tenant;
use authopsy::explain::{Explanation, Surroundings, explain};
use authopsy::store::format;
use authopsy::store::inventory::FileKind;
use authopsy::store::source::Record;
use serde_json::{Value, json};

use crate::history::{cell, diagnostic, of_application, sign_ins, without};
use crate::opened::{Opened, open_named};
use crate::{tables, texts};

/// One shape of a history.
struct Shape {
    name: &'static str,
    /// The word of its format.
    word: &'static str,
    /// The name of its file.
    file: &'static str,
    bytes: Vec<u8>,
    /// What it was made from, as Graph beta has it.
    records: Vec<Value>,
    /// The members of Graph that it lacks, as dotted paths.
    lacks: Vec<String>,
}

fn joined(records: &[Value], write: impl Fn(&Value) -> String, between: &str) -> Vec<u8> {
    records.iter().map(write).collect::<Vec<_>>().join(between).into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What Graph v1.0 does not have.
const NOT_IN_V1: [&str; 19] = [
    "appliedConditionalAccessPolicies.conditionsNotSatisfied",
    "appliedConditionalAccessPolicies.conditionsSatisfied",
    "authenticationDetails",
    "authenticationProtocol",
    "authenticationRequirement",
    "crossTenantAccessType",
    "incomingTokenType",
    "networkLocationDetails",
    "originalRequestId",
    "originalTransferMethod",
    "resourceOwnerTenantId",
    "sessionId",
    "sessionLifetimePolicies",
    "signInEventTypes",
    "signInIdentifier",
    "tokenIssuerType",
    "uniqueTokenIdentifier",
    "userType",
    "isThroughGlobalSecureAccess",
];
/// What the portal's download as CSV does not have.
const NOT_IN_PORTAL: [&str; 10] = [
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "deviceDetail.displayName",
    "isInteractive",
    "networkLocationDetails",
    "originalRequestId",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "sessionLifetimePolicies",
    "status.additionalDetails",
];
/// Lists of objects, which flattening takes apart.
const LISTS: [&str; 4] =
    ["appliedConditionalAccessPolicies", "authenticationDetails", "networkLocationDetails", "sessionLifetimePolicies"];

fn and<'a>(these: &[&'a str], those: &[&'a str]) -> Vec<&'a str> {
    these.iter().chain(those).copied().collect()
}

fn shapes() -> Vec<Shape> {
    let all = sign_ins();
    let v1: Vec<Value> = all.iter().map(|record| without(record, &NOT_IN_V1)).collect();
    let envelopes: Vec<Value> = all.iter().map(diagnostic).collect();
    let applications = vec![of_application()];
    let plain_names: Vec<Value> =
        all.iter().map(|record| text_replaced(record, "Ask for MFA; always = on", "Ask for MFA")).collect();
    let errors = texts::as_errors(&all);
    let portal = tables::portal(',', &tables::PORTAL, &all);
    let mut turned = tables::PORTAL;
    turned.reverse();
    let few: Vec<(&str, &str)> = tables::PORTAL.into_iter().filter(|(name, _)| FEW.contains(name)).collect();
    let kept: Vec<&str> = few.iter().map(|(_, path)| *path).collect();
    let mut shapes = Vec::new();
    let mut add = |name, word, file, bytes: Vec<u8>, records: &[Value], lacks: &[&str]| {
        let lacks = lacks.iter().map(|path| (*path).to_owned()).collect();
        shapes.push(Shape { name, word, file, bytes, records: records.to_vec(), lacks });
    };
    let lines = |values: &[Value]| joined(values, Value::to_string, "\n");

    add("Graph beta", "graphBeta", "a.json", json!(all).to_string().into_bytes(), &all, &[]);
    add("Graph v1.0", "graphV1", "a.json", json!({ "value": v1 }).to_string().into_bytes(), &all, &NOT_IN_V1);
    let objects: Vec<Value> = all.iter().map(texts::power_shell).collect();
    add("PowerShell", "powerShellGraph", "a.json", json!(objects).to_string().into_bytes(), &all, &[]);
    let slashes = json!(objects).to_string().replace("/Date(", "\\/Date(").replace(")/\"", ")\\/\"");
    add("Windows PowerShell in UTF-16", "powerShellGraph", "a.json", utf16(&slashes), &all, &[]);
    let deep = [
        "appliedConditionalAccessPolicies.enforcedGrantControls",
        "appliedConditionalAccessPolicies.enforcedSessionControls",
    ];
    let cut: Vec<Value> = plain_names.iter().map(texts::cut_power_shell).collect();
    let networks = "networkLocationDetails.networkNames";
    add("PowerShell, cut", "powerShellGraph", "a.json", lines(&cut), &plain_names, &and(&deep, &[networks]));
    let cut: Vec<Value> = all.iter().map(texts::cut_power_shell).collect();
    let ambiguous = ["appliedConditionalAccessPolicies", networks];
    add("PowerShell, cut in names that mislead", "powerShellGraph", "a.json", lines(&cut), &all, &ambiguous);
    let typed: Vec<Value> = all.iter().map(texts::typed_power_shell).collect();
    let lost = ["appliedConditionalAccessPolicies", "authenticationDetails", "networkLocationDetails"];
    add("PowerShell, names of types", "powerShellGraph", "a.json", lines(&typed), &all, &lost);
    add("diagnostic settings", "diagnosticSettings", "a.json", lines(&envelopes), &all, &[]);
    add(
        "an Event Hub batch",
        "diagnosticSettings",
        "a",
        json!({ "records": envelopes }).to_string().into_bytes(),
        &all,
        &[],
    );
    add(
        "diagnostic settings of an application",
        "diagnosticSettings",
        "a.json",
        lines(&[diagnostic(&applications[0])]),
        &applications,
        &[],
    );
    let panther: Vec<Value> = envelopes
        .iter()
        .map(|record| {
            let members = record.as_object().expect("members").iter();
            let mut lower: Value = members.map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
            lower["p_event_time"] = json!("2021-06-21 23:00:00.983201900");
            lower["p_log_type"] = json!("Azure.Audit");
            lower
        })
        .collect();
    add("Panther", "panther", "a.json", lines(&panther), &all, &[]);

    let audited: Vec<Value> = all.iter().map(texts::audited).collect();
    let not_audited = texts::NOT_AUDITED;
    add("unified audit log", "unifiedAuditJson", "a.json", lines(&audited), &all, &not_audited);
    let rows: Vec<Vec<String>> = audited.iter().map(|record| vec!["x".to_owned(), record.to_string()]).collect();
    let csv = tables::table(',', &["UserIds", "AuditData"].map(str::to_owned), &rows);
    add("unified audit log, CSV", "unifiedAuditCsv", "a.csv", csv.into_bytes(), &all, &not_audited);

    let interactive = "InteractiveSignIns_2021-06-20_2021-06-22.csv";
    add("portal CSV", "portalCsv", interactive, portal.clone().into_bytes(), &all, &NOT_IN_PORTAL);
    let unnamed = and(&NOT_IN_PORTAL, &["signInEventTypes"]);
    let semicolons = format!("sep=;\r\n{}", tables::portal(';', &turned, &all));
    add("portal CSV, semicolons, turned about, UTF-16", "portalCsv", "export.csv", utf16(&semicolons), &all, &unnamed);
    let tabs = tables::portal('\t', &tables::PORTAL, &all);
    add("portal CSV, copied with tabs", "portalCsv", "a.txt", tabs.into_bytes(), &all, &unnamed);
    let spreadsheet = portal.replace("2021-06-21T", "21/06/2021 ").replace(":00Z", ":00").replace(":30Z", ":30");
    add("portal CSV, saved by a spreadsheet", "portalCsv", interactive, spreadsheet.into_bytes(), &all, &NOT_IN_PORTAL);
    let old = portal.replacen("Date (UTC)", "Date", 1);
    add("portal CSV, the older heading", "portalCsv", interactive, old.into_bytes(), &all, &NOT_IN_PORTAL);
    let twice =
        portal.clone() + &tables::portal(',', &tables::PORTAL, &all[..1]).replace(&cell(&all[0], "id"), OTHER_ID);
    let mut more = all.clone();
    more.push(all[0].clone());
    more[4]["id"] = json!(OTHER_ID);
    add("portal CSV, two downloads joined", "portalCsv", interactive, twice.into_bytes(), &more, &NOT_IN_PORTAL);
    let lost = members(&all[0]);
    let lost: Vec<&str> = lost.iter().map(String::as_str).filter(|path| !kept.contains(path)).collect();
    add("portal CSV, few columns", "portalCsv", "a.csv", tables::portal(',', &few, &all).into_bytes(), &all, &lost);
    let csv = tables::portal(',', &tables::APPLICATIONS, &applications);
    add(
        "portal CSV of applications",
        "portalApplicationCsv",
        "any.csv",
        csv.into_bytes(),
        &applications,
        &["appliedConditionalAccessPolicies"],
    );

    let nothing_more: [&str; 0] = [];
    add(
        "Log Analytics, CSV",
        "logAnalyticsCsv",
        "query_data.csv",
        tables::analytics_csv(&all).into_bytes(),
        &all,
        &nothing_more,
    );
    let texted: Vec<Value> = all.iter().map(tables::analytics_as_text).collect();
    add(
        "Log Analytics, a list of text",
        "logAnalyticsJson",
        "a.json",
        json!(texted).to_string().into_bytes(),
        &all,
        &[],
    );
    add("Log Analytics, lines", "logAnalyticsJson", "a.json", lines(&texted), &all, &[]);
    let answer = tables::analytics_answer(&all).to_string();
    add("Log Analytics, an answer", "logAnalyticsJson", "a.json", answer.into_bytes(), &all, &[]);
    let of_app = json!([tables::analytics_as_text(&applications[0])]).to_string();
    add("Log Analytics of an application", "logAnalyticsJson", "a.json", of_app.into_bytes(), &applications, &[]);

    add("Splunk, CSV", "splunkRaw", "1624.csv", tables::splunk_raw(&all).into_bytes(), &all, &[]);
    let results: Vec<Value> =
        envelopes.iter().map(|record| json!({ "_raw": record.to_string(), "_time": "x" })).collect();
    let preview: Vec<Value> =
        results.iter().map(|result| json!({ "preview": false, "offset": 0, "result": result })).collect();
    add("Splunk, lines", "splunkRaw", "a.json", lines(&preview), &all, &[]);
    let page = json!({ "preview": false, "results": results }).to_string();
    add("Splunk, one document", "splunkRaw", "a.json", page.into_bytes(), &all, &[]);
    let csv = tables::flattened_csv(&envelopes, "{}");
    add("Splunk, fields", "splunkFields", "a.csv", csv.into_bytes(), &all, &and(&LISTS, &[]));
    let flat: Vec<Value> = envelopes
        .iter()
        .map(|record| {
            let mut found = Vec::new();
            tables::flattened(record, "", "{}", &mut found);
            let result: Value = found.into_iter().map(|(name, value)| (name, json!(value))).collect();
            json!({ "preview": false, "result": result })
        })
        .collect();
    add("Splunk, fields in lines", "splunkFields", "a.json", lines(&flat), &all, &LISTS);

    let originals: Vec<Value> = all.iter().map(|record| tables::elastic(record, true)).collect();
    add("Elasticsearch", "elasticOriginal", "a.json", lines(&originals), &all, &[]);
    let sources: Vec<Value> =
        originals.iter().map(|event| json!({ "_index": "logs-azure", "_score": 1.0, "_source": event })).collect();
    let dump = json!({ "took": 3, "hits": { "total": 4, "hits": sources } }).to_string();
    add("Elasticsearch, an answer", "elasticOriginal", "a.json", dump.into_bytes(), &all, &[]);
    let fields: Vec<Value> = all.iter().map(|record| tables::elastic(record, false)).collect();
    let moved = ["status.failureReason", "status.additionalDetails", "location.state"];
    add("Elasticsearch, fields", "elasticFields", "a.json", lines(&fields), &all, &moved);
    let csv = tables::flattened_csv(&fields, "");
    add("Elasticsearch, fields in CSV", "elasticFields", "a.csv", csv.into_bytes(), &all, &and(&LISTS, &moved));

    let csv = tables::power_shell_csv(&all);
    add("PowerShell, CSV", "powerShellCsv", "a.csv", csv.into_bytes(), &all, &NOT_IN_POWER_SHELL_CSV);

    let copied = and(&texts::NOT_COPIED, &["riskLevelAggregated", "riskLevelDuringSignIn", "signInEventTypes"]);
    for (name, between) in
        [("pasted text", ": "), ("pasted text with tabs", "\t"), ("pasted text, values on lines of their own", "\n")]
    {
        add(name, "pastedPortal", "a.txt", texts::pasted(&all, between).into_bytes(), &all, &copied);
    }
    let in_error = and(&texts::NOT_IN_ERROR, &["userType"]);
    for (name, between) in [("errors in lines", " "), ("errors on lines of their own", "\r\n")] {
        let text = format!(
            "We see this:\n{}\n",
            errors.iter().map(|one| texts::error(one, between)).collect::<Vec<_>>().join("\n\n")
        );
        add(name, "pastedError", "a.txt", text.into_bytes(), &errors, &in_error);
    }
    let answers: Vec<Value> = errors.iter().map(texts::oauth).collect();
    add("errors as JSON", "oauthError", "a.json", lines(&answers), &errors, &in_error);
    shapes
}

const OTHER_ID: &str = "0f000000-0000-4000-8000-000000000009";
/// Columns that somebody kept of the portal's download.
const FEW: [&str; 8] = [
    "Date (UTC)",
    "Request ID",
    "User",
    "Username",
    "Application",
    "IP address",
    "Sign-in error code",
    "Conditional Access",
];
/// What the columns that somebody made with PowerShell lack.
const NOT_IN_POWER_SHELL_CSV: [&str; 24] = [
    "appliedConditionalAccessPolicies",
    "authenticationDetails",
    "authenticationProtocol",
    "authenticationRequirement",
    "crossTenantAccessType",
    "deviceDetail",
    "homeTenantId",
    "incomingTokenType",
    "location.state",
    "networkLocationDetails",
    "originalRequestId",
    "originalTransferMethod",
    "resourceId",
    "resourceTenantId",
    "riskLevelAggregated",
    "riskLevelDuringSignIn",
    "sessionId",
    "sessionLifetimePolicies",
    "signInEventTypes",
    "status.additionalDetails",
    "status.failureReason",
    "tokenIssuerType",
    "userAgent",
    "userType",
];

/// The dotted paths of the members of a record: of objects the paths of theirs.
fn members(record: &Value) -> Vec<String> {
    let of = |name: &String, value: &Value| match value {
        Value::Object(inner) => inner.keys().map(|inner| format!("{name}.{inner}")).collect(),
        _ => vec![name.clone()],
    };
    let mut found: Vec<String> =
        record.as_object().expect("members").iter().flat_map(|(name, value)| of(name, value)).collect();
    found.extend(["deviceDetail", "location"].map(str::to_owned));
    found
}

fn text_replaced(record: &Value, from: &str, to: &str) -> Value {
    serde_json::from_str(&record.to_string().replace(from, to)).expect("JSON")
}

/// What is compared of a sign-in.
#[derive(Debug, PartialEq)]
struct Seen {
    finding: String,
    outcome: &'static str,
    decided_by: String,
    steps: Vec<String>,
    who: String,
    app: Option<String>,
    sign_in: SignIn,
}

fn read(opened: &Opened, id: &str, name: &str) -> Record {
    let row = opened.index.find_id(id).expect(name);
    let span = opened.index.row(row).expect("a row").span;
    opened.sources.read(span).expect(name)
}

fn explained(sign_in: SignIn, tenant: &Tenant) -> Explanation {
    let surroundings = Surroundings { tenant, attempt: &[], holds: Holdings::default(), ledger: None, lockouts: None };
    explain(&Arc::new(sign_in), &surroundings)
}

fn seen(record: &Record, explanation: &Explanation) -> Seen {
    Seen {
        finding: explanation.finding.code.clone(),
        outcome: explanation.finding.outcome.word(),
        decided_by: format!("{:?}", explanation.finding.decided_by),
        steps: explanation.steps.iter().map(|step| format!("{:?} {:?}", step.kind, step.verdict)).collect(),
        who: record.sign_in.who().to_owned(),
        app: record.sign_in.app().map(str::to_owned),
        // Shapes read other clocks, which counts only where several records are merged.
        sign_in: SignIn { origin: Origin::default(), clock: Clock::default(), ..record.sign_in.clone() },
    }
}

#[test]
fn every_shape_explains_what_graph_beta_explains_as_far_as_it_goes() {
    let mut wrong = Vec::new();
    for shape in shapes() {
        let name = shape.name;
        let opened = open_named(shape.file, &shape.bytes);
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (shape.records.len() as u64, 0), "{name}: {:?}", file.problems);
        assert_eq!(file.kind, FileKind::SignInLog, "{name}");
        assert!(file.formats.contains(shape.word), "{name}: {:?}", file.formats);
        let format = format::find(shape.word).unwrap_or_else(|| panic!("{name}: no format {}", shape.word));
        let lacks: Vec<&str> = shape.lacks.iter().map(String::as_str).collect();
        let reduced: Vec<Value> = shape.records.iter().map(|record| without(record, &lacks)).collect();
        let graph = open_named("graph.json", json!(reduced).to_string().as_bytes());
        let tenant = Tenant::new(opened.snapshot.clone());
        for record in &shape.records {
            let id = cell(record, "id");
            let (here, there) = (read(&opened, &id, name), read(&graph, &id, name));
            let (told, expected) =
                (explained(here.sign_in.clone(), &tenant), explained(there.sign_in.clone(), &tenant));
            let (here_seen, there_seen) = (seen(&here, &told), seen(&there, &expected));
            if here_seen != there_seen {
                wrong.push(format!("{name}, {id}:\n{here_seen:#?}\ninstead of\n{there_seen:#?}"));
                break;
            }
            points_into_the_record(name, &here, &told);
            says_what_it_lacks(&shape, format, file, record, &told);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn points_into_the_record(name: &str, record: &Record, told: &Explanation) {
    let of_steps = told.steps.iter().flat_map(|step| &step.evidence);
    for evidence in of_steps.chain(&told.finding.evidence).filter(|evidence| evidence.record.is_some()) {
        let there = record.json.pointer(&evidence.pointer);
        assert!(there.is_some(), "{name}: {} ({}) is not in the record", evidence.pointer, evidence.label);
    }
}

fn says_what_it_lacks(
    shape: &Shape,
    format: &format::Format,
    file: &authopsy::store::inventory::FileReport,
    record: &Value,
    told: &Explanation,
) {
    let name = shape.name;
    if shape.lacks.is_empty() {
        return;
    }
    let is_warned = file.problems.iter().any(|problem| problem.is_warning);
    assert!(!format.lacks.is_empty() && format.ask.is_some() || is_warned, "{name}: nothing is said of what it lacks");
    let lacks = |path: &str| shape.lacks.iter().any(|lost| lost == path);
    let has_gap = |start: &str| told.gaps.iter().any(|gap| gap.code.starts_with(start));
    let is_person = record.get("userId").is_some();
    if lacks("authenticationDetails") && is_person {
        assert!(has_gap("GAP-AUTHENTICATION-DETAILS"), "{name}: {:?}", told.gaps);
    }
    let acted = matches!(record["status"]["errorCode"].as_i64(), Some(53003 | 50074));
    if lacks("appliedConditionalAccessPolicies") && acted {
        assert!(has_gap("GAP-POLICY-LIST"), "{name}: {:?}", told.gaps);
        let words = format.lacks.join("; ");
        let is_said = words.contains("polic") || file.problems.iter().any(|problem| problem.reason.contains("-Depth"));
        assert!(is_said, "{name}: {words}");
    }
}

#[test]
fn every_format_of_sign_ins_is_a_shape_of_the_table() {
    let mut words: BTreeSet<&str> = shapes().iter().map(|shape| shape.word).collect();
    // Steps are no sign-ins; they have a test of their own.
    words.insert("portalStepsCsv");
    let known: BTreeSet<&str> =
        format::all().iter().filter(|format| format.kind == "signInLog").map(|format| format.word.as_str()).collect();
    assert_eq!(words, known);
}

#[test]
fn the_steps_of_the_portals_second_file_are_counted_by_sign_in() {
    let opened = open_named("InteractiveSignIns_AuthDetails_x.csv", tables::steps(&sign_ins()).as_bytes());
    let file = &opened.inventory.files[0];
    assert_eq!((file.kind, file.records, file.unreadable), (FileKind::SignInLog, 4, 0), "{:?}", file.problems);
    assert_eq!(file.formats.iter().copied().collect::<Vec<_>>(), ["portalStepsCsv"]);
    assert!(file.problems.iter().any(|problem| problem.reason.contains("steps of 4 sign-ins")), "{:?}", file.problems);
    // Steps are no rows.
    assert_eq!(opened.index.len(), 0);
}
