//! No record is lost without a word: what is read, what is unreadable and what is left out come to what an independent count finds.

use std::sync::LazyLock;

use authopsy::store::inventory::{FileKind, FileReport};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::history::{diagnostic, sign_ins};
use crate::opened::open_bytes;
use crate::{tables, texts};

/// The files of rows or records that a wrong byte is put into, each of four sign-ins.
static FILES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let all = sign_ins();
    let lines = |values: Vec<Value>| values.iter().map(Value::to_string).collect::<Vec<_>>().join("\n").into_bytes();
    vec![
        ("portal", tables::portal(',', &tables::PORTAL, &all).into_bytes()),
        ("Log Analytics", tables::analytics_csv(&all).into_bytes()),
        ("Log Analytics in lines", lines(all.iter().map(tables::analytics_as_text).collect())),
        ("Splunk", tables::splunk_raw(&all).into_bytes()),
        (
            "Splunk in lines",
            lines(all.iter().map(|one| json!({ "result": { "_raw": diagnostic(one).to_string() } })).collect()),
        ),
        ("fields", tables::flattened_csv(&all.iter().map(diagnostic).collect::<Vec<_>>(), "{}").into_bytes()),
        ("Elasticsearch", lines(all.iter().map(|one| tables::elastic(one, true)).collect())),
        ("PowerShell", tables::power_shell_csv(&all).into_bytes()),
        ("PowerShell, cut", lines(all.iter().map(texts::cut_power_shell).collect())),
        ("steps", tables::steps(&all).into_bytes()),
    ]
});

/// How many records the warnings of a file say were left out.
fn left_out(file: &FileReport) -> u64 {
    let counts = file.problems.iter().filter_map(|problem| problem.reason.split_once(" left out"));
    counts.filter_map(|(before, _)| before.split(' ').next()?.parse::<u64>().ok()).sum()
}

#[test]
fn many_rows_are_counted_as_an_independent_count_counts_them() {
    let all = sign_ins();
    let mut rows: Vec<Value> = Vec::new();
    for number in 0..3_000_u32 {
        let mut row = tables::analytics_as_text(&all[number as usize % 4]);
        row["Id"] = json!(format!("0a000000-0000-4000-8000-{number:012}"));
        if number % 7 == 0 {
            row["Type"] = json!("AuditLogs");
        }
        rows.push(row);
    }
    let mut text = rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    text.push_str("\n{\"broken\": \n");
    let opened = open_bytes(text.as_bytes());
    let file = &opened.inventory.files[0];
    assert_eq!((file.records + left_out(file), file.unreadable), (3_000, 1), "{:?}", file.problems);
    assert_eq!(opened.index.len() as u64, file.records);
    for (_, row) in opened.index.rows() {
        let read = opened.sources.read(row.span).expect("a record");
        assert_eq!(read.sign_in.id, *row.id);
    }
}

proptest! {
    #[test]
    fn one_wrong_byte_in_any_shape_never_loses_a_record_without_saying_so(
        which in 0..FILES.len(),
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let (name, mut bytes) = FILES[which].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let opened = open_bytes(&bytes);
        let file = &opened.inventory.files[0];
        if file.kind == FileKind::SignInLog {
            let is_told = file.unreadable > 0 || left_out(file) > 0;
            prop_assert!(file.records >= 4 || is_told, "{}: {:?}", name, file);
        } else {
            prop_assert!(!file.problems.is_empty(), "{}: {:?}", name, file);
        }
        for (_, row) in opened.index.rows() {
            prop_assert!(opened.sources.read(row.span).is_ok(), "{}", name);
        }
    }

    #[test]
    fn a_file_cut_anywhere_says_so_or_holds_whole_records(
        which in 0..FILES.len(),
        at in any::<proptest::sample::Index>(),
    ) {
        let (name, bytes) = &FILES[which];
        let at = at.index(bytes.len());
        let opened = open_bytes(&bytes[..at]);
        let file = &opened.inventory.files[0];
        prop_assert!(file.kind == FileKind::SignInLog || !file.problems.is_empty(), "{}: {:?}", name, file);
        for (_, row) in opened.index.rows() {
            prop_assert!(opened.sources.read(row.span).is_ok(), "{}", name);
        }
    }
}
