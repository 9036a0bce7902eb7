//! What a file is told to be and what is said of it: kinds of sign-ins, dates, summaries, rows that nobody signed in for, and files
//! that are damaged or foreign.

use authopsy::domain::sign_in::EventKind;
use authopsy::store::inventory::{FileKind, FileReport};
use serde_json::{Value, json};

use crate::history::{IDS, diagnostic, of_application, sign_ins};
use crate::opened::{Opened, open_bytes, open_named};
use crate::{tables, texts};

fn reasons(file: &FileReport) -> String {
    file.problems.iter().map(|problem| problem.reason.as_str()).collect::<Vec<_>>().join("; ")
}

fn portal(records: &[Value]) -> String {
    tables::portal(',', &tables::PORTAL, records)
}

fn times(opened: &Opened) -> Vec<String> {
    let mut times: Vec<String> = opened
        .index
        .rows()
        .map(|(_, row)| {
            let at = row.time.and_then(chrono::DateTime::from_timestamp_millis);
            at.map_or_else(|| "none".to_owned(), |at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
        })
        .collect();
    times.sort();
    times
}

#[test]
fn all_six_categories_tell_their_kind_and_who_signed_in() {
    let user = sign_ins().swap_remove(0);
    let application = of_application();
    for (category, table, record, kind, who) in [
        ("SignInLogs", "SigninLogs", &user, EventKind::Interactive, "Ana Lima"),
        (
            "NonInteractiveUserSignInLogs",
            "AADNonInteractiveUserSignInLogs",
            &user,
            EventKind::NonInteractive,
            "Ana Lima",
        ),
        (
            "ServicePrincipalSignInLogs",
            "AADServicePrincipalSignInLogs",
            &application,
            EventKind::ServicePrincipal,
            "fabrikam-sync",
        ),
        (
            "MicrosoftServicePrincipalSignInLogs",
            "MicrosoftServicePrincipalSignInLogs",
            &application,
            EventKind::ServicePrincipal,
            "fabrikam-sync",
        ),
        (
            "ManagedIdentitySignInLogs",
            "AADManagedIdentitySignInLogs",
            &application,
            EventKind::ManagedIdentity,
            "fabrikam-sync",
        ),
        // Whether a person was asked stands in the record alone there.
        ("ADFSSignInLogs", "ADFSSignInLogs", &user, EventKind::Interactive, "Ana Lima"),
    ] {
        let mut bare = record.clone();
        let members = bare.as_object_mut().expect("members");
        members.remove("signInEventTypes");
        if category != "ADFSSignInLogs" {
            members.remove("isInteractive");
        }
        let mut event = diagnostic(&bare);
        event["category"] = json!(category);
        let mut row = tables::analytics_as_text(&bare);
        row["Category"] = json!(category);
        row["Type"] = json!(table);
        for (name, text) in [("diagnostic settings", event.to_string()), ("Log Analytics", row.to_string())] {
            let opened = open_bytes(text.as_bytes());
            let (_, row) = opened.index.rows().next().unwrap_or_else(|| panic!("{name} {category}: no row"));
            let read = opened.sources.read(row.span).expect("a record");
            assert_eq!((row.event_kind, read.sign_in.who()), (kind, who), "{name} {category}");
            let is_service = opened.index.user(row.user).expect("a user").who.is_service;
            assert_eq!(is_service, record.get("userId").is_none(), "{name} {category}");
        }
    }
}

#[test]
fn a_name_is_a_hint_of_the_kind_and_said_to_be_one() {
    let text = portal(&sign_ins());
    for (name, kind, said) in [
        (
            "InteractiveSignIns_2021-06-20_2021-06-22.csv",
            EventKind::Interactive,
            "interactive is taken from the file's name",
        ),
        ("NonInteractiveSignIns_x.csv", EventKind::NonInteractive, "non-interactive is taken from the file's name"),
        ("MSISignIns_x.csv", EventKind::ManagedIdentity, "cannot be told"),
        ("my InteractiveSignIns_x.csv", EventKind::Unknown, "cannot be told"),
    ] {
        let opened = open_named(name, text.as_bytes());
        let (_, row) = opened.index.rows().next().expect("a row");
        // A user is no managed identity, whatever the file is called.
        let kind = if kind == EventKind::ManagedIdentity { EventKind::Unknown } else { kind };
        assert_eq!(row.event_kind, kind, "{name}");
        assert!(reasons(&opened.inventory.files[0]).contains(said), "{name}: {}", reasons(&opened.inventory.files[0]));
    }
    // No name makes another file a log.
    let opened = open_named("InteractiveSignIns_x.csv", b"Name,Mail\nAna,ana@contoso.com\n");
    assert_ne!(opened.inventory.files[0].kind, FileKind::SignInLog);
    let applications = tables::portal(',', &tables::APPLICATIONS, &[of_application()]);
    for (name, kind) in [("x.csv", EventKind::ServicePrincipal), ("MSISignIns_x.csv", EventKind::ManagedIdentity)] {
        let opened = open_named(name, applications.as_bytes());
        assert_eq!(opened.index.rows().next().expect("a row").1.event_kind, kind, "{name}");
    }
}

#[test]
fn the_order_of_day_and_month_is_decided_by_the_whole_file_or_said_to_be_open() {
    let four = sign_ins();
    let dated = |dates: [&str; 4]| {
        let mut text = portal(&four);
        for (record, date) in four.iter().zip(dates) {
            text = text.replacen(record["createdDateTime"].as_str().expect("a date"), date, 1);
        }
        open_bytes(text.as_bytes())
    };
    let told = dated(["05/01/2024 08:19", "06/01/2024 08:19", "07/01/2024 08:19", "28/01/2024 08:19:30"]);
    assert_eq!(
        times(&told),
        ["2024-01-05T08:19:00Z", "2024-01-06T08:19:00Z", "2024-01-07T08:19:00Z", "2024-01-28T08:19:30Z"]
    );
    assert!(!reasons(&told.inventory.files[0]).contains("day or the month"));
    let open = dated(["05/01/2024 08:19", "06/01/2024 08:19", "07/01/2024 08:19", "08/01/2024 08:19"]);
    assert_eq!(times(&open)[0], "2024-05-01T08:19:00Z");
    assert!(
        reasons(&open.inventory.files[0])
            .contains("`05/01/2024 08:19` write the day or the month first cannot be told")
    );
    let dots = dated(["05.01.2024 08:19", "06.01.2024 08:19", "07.01.2024 08:19", "08.01.2024 08:19"]);
    assert_eq!(times(&dots)[0], "2024-01-05T08:19:00Z");
    assert!(!reasons(&dots.inventory.files[0]).contains("cannot be told from the file"));
    let wrong = dated(["13/01/2024 08:19", "01/13/2024 08:19", "soon", "2024-01-13T08:19:00Z"]);
    // A date that can be read one way only is read so, also among others.
    assert_eq!(times(&wrong), ["2024-01-13T08:19:00Z", "2024-01-13T08:19:00Z", "2024-01-13T08:19:00Z", "none"]);
    assert_eq!(reasons(&wrong.inventory.files[0]).matches("the record's date cannot be read").count(), 1);
    let local = tables::analytics_csv(&four).replace("CreatedDateTime [UTC]", "CreatedDateTime [Local Time]");
    let local = open_bytes(local.as_bytes());
    assert!(reasons(&local.inventory.files[0]).contains("`Local Time` and not in UTC"));
}

#[test]
fn a_summary_is_told_and_rows_of_other_tables_are_counted() {
    for text in [
        "StartTime [UTC],IPAddress,disabledAccountLoginAttempts,Type\n\"4/19/2021, 12:13:19.483 PM\",203.0.113.9,4,SigninLogs\n",
        "UserPrincipalName,ResultType,count_\nana@contoso.com,50126,7\n",
        r#"[{"UserPrincipalName":"ana@contoso.com","ResultType":"50126","count_":"7"}]"#,
        r#"{"Type":"SigninLogs","IPAddress":"203.0.113.9","Attempts":4}"#,
    ] {
        let opened = open_bytes(text.as_bytes());
        let file = &opened.inventory.files[0];
        assert_eq!(file.kind, FileKind::Unknown, "{text}");
        assert!(file.format.contains("summarised"), "{text}: {}", file.format);
    }
    let mut rows: Vec<Value> = sign_ins().iter().map(tables::analytics_as_text).collect();
    rows[1]["Category"] = json!("UserManagement");
    rows[1]["Type"] = json!("AuditLogs");
    for text in [json!(rows).to_string(), tables::analytics_csv(&sign_ins()).replacen(",SigninLogs,", ",AuditLogs,", 1)]
    {
        let opened = open_bytes(text.as_bytes());
        let file = &opened.inventory.files[0];
        assert_eq!((file.records, file.unreadable), (3, 0), "{:?}", file.problems);
        assert!(reasons(file).contains("1 record is left out: a row of another table"), "{}", reasons(file));
    }
}

#[test]
fn model_rows_are_counted_and_what_power_shell_cut_is_said_once() {
    let model = json!({ "isZtModelRow": true, "id": "x", "createdDateTime": "1900-01-01T00:00:00Z", "status": {}, "appDisplayName": "" });
    let mut rows = vec![model];
    rows.extend(sign_ins());
    let opened = open_bytes(json!({ "value": rows }).to_string().as_bytes());
    let file = &opened.inventory.files[0];
    assert_eq!((file.records, file.unreadable), (4, 0));
    assert!(reasons(file).contains("1 record is left out: a model row"), "{}", reasons(file));
    for (name, records) in [
        ("text", sign_ins().iter().map(texts::cut_power_shell).collect::<Vec<_>>()),
        ("types", sign_ins().iter().map(texts::typed_power_shell).collect()),
    ] {
        let opened = open_bytes(json!(records).to_string().as_bytes());
        let said = reasons(&opened.inventory.files[0]);
        assert_eq!(said.matches("`ConvertTo-Json -Depth 10`").count(), 1, "{name}: {said}");
    }
    let opened = open_bytes(tables::power_shell_csv(&sign_ins()).as_bytes());
    assert_eq!(reasons(&opened.inventory.files[0]).matches("names of types").count(), 1);
    let csv = tables::flattened_csv(&sign_ins().iter().map(diagnostic).collect::<Vec<_>>(), "{}");
    assert_eq!(reasons(&open_bytes(csv.as_bytes()).inventory.files[0]).matches("were spread over columns").count(), 1);
}

#[test]
fn copied_lines_and_errors_stand_in_one_text() {
    let history = sign_ins();
    let errors = texts::as_errors(&history);
    let text =
        format!("{}\nand this:\n{}\nThanks\n", texts::pasted(&history[..1], ": "), texts::error(&errors[1], "\n"));
    let opened = open_bytes(text.as_bytes());
    let file = &opened.inventory.files[0];
    assert_eq!((file.records, file.unreadable), (2, 0), "{:?}", file.problems);
    assert_eq!(file.formats.iter().copied().collect::<Vec<_>>(), ["pastedError", "pastedPortal"]);
    assert!(reasons(file).contains("other text stands around"));
    let error = opened.index.row(opened.index.find_id(IDS[2]).expect("the error")).expect("a row");
    assert_eq!(error.error_code, Some(50_074));
    for prose in ["We see AADSTS50105 since Monday.\n", "AADSTS50105: not assigned\nTrace ID: gone\n"] {
        let opened = open_bytes(prose.as_bytes());
        assert_ne!(opened.inventory.files[0].kind, FileKind::SignInLog, "{prose}");
    }
}

#[test]
fn what_is_cut_off_empty_or_foreign_is_said() {
    let all = sign_ins();
    let portal = portal(&all);
    let answer = tables::analytics_answer(&all).to_string();
    let hits = json!({ "hits": { "hits": [{ "_source": tables::elastic(&all[0], true) }] } }).to_string();
    let heading = portal.lines().next().expect("a heading");
    for (name, bytes, records) in [
        ("a portal table cut in a row", portal.as_bytes()[..portal.len() - 300].to_vec(), 3),
        ("an answer cut", answer.as_bytes()[..answer.len() - 30].to_vec(), 0),
        ("hits cut", hits.as_bytes()[..hits.len() - 30].to_vec(), 0),
        ("a heading and nothing else", format!("{heading}\r\n").into_bytes(), 0),
    ] {
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        assert_eq!((file.kind, file.records), (FileKind::SignInLog, records), "{name}: {:?}", file.problems);
        assert!(!file.problems.is_empty() && !file.format.is_empty(), "{name}");
    }
    for (name, bytes) in [
        ("three bytes", b"a,b".to_vec()),
        ("a wrong mark", b"\xff\xfe\"Date (UTC)\",".to_vec()),
        ("another product's table", b"EventTime,Host,Rule,Action\n1,2,3,4\n".to_vec()),
        ("Splunk's events of another product", b"_time,_raw\nx,\"{\"\"a\"\":1}\"\n".to_vec()),
        ("Elasticsearch's events of another product", br#"{"_source":{"azure":{"activitylogs":{}}}}"#.to_vec()),
        ("an answer of another table", br#"{"tables":[{"columns":[{"name":"Computer"}],"rows":[["x"]]}]}"#.to_vec()),
    ] {
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        assert_eq!((file.kind, file.records), (FileKind::Unknown, 0), "{name}: {file:?}");
        assert!(!file.problems.is_empty() && !file.format.is_empty(), "{name}: {file:?}");
    }
}

#[test]
fn rows_below_another_heading_are_counted_and_none_is_lost() {
    let all = sign_ins();
    let mut turned = tables::PORTAL;
    turned.reverse();
    let text = portal(&all) + &tables::portal(',', &turned, &all[..2]);
    let opened = open_bytes(text.as_bytes());
    let file = &opened.inventory.files[0];
    assert_eq!((file.records, file.unreadable), (4, 2), "{:?}", file.problems);
    assert!(reasons(file).contains("below a heading with other columns"));
}

#[test]
fn a_text_in_the_place_of_a_list_is_a_list_that_is_not_known() {
    let mut record = sign_ins().swap_remove(1);
    record["appliedConditionalAccessPolicies"] = json!("Block abroad; Ask for MFA");
    record["authenticationDetails"] = json!("Password");
    let opened = open_bytes(record.to_string().as_bytes());
    let (_, row) = opened.index.rows().next().expect("a row");
    let read = opened.sources.read(row.span).expect("a record").sign_in;
    assert_eq!(read.applied_policies, authopsy::domain::sign_in::AppliedPolicies::Absent);
    assert_eq!(read.authentication_details, None);
}
