//! Writes the lists of the command line as text: users, sign-ins, files.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr;

use crate::domain::visible::clean;
use crate::explain::explanation::{Difference, Gap};
use crate::explain::model_check::ModelCheck;
use crate::store::index::{Index, Row, User};
use crate::store::inventory::Inventory;

use super::formats;

/// Columns of text, each as wide as its widest cell; the last is not padded.
struct Table {
    rows: Vec<Vec<String>>,
    right: &'static [usize],
}

impl Table {
    fn written(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|c| self.rows.iter().filter_map(|r| r.get(c)).map(|cell| cell.width()).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let pad = widths.get(column).copied().unwrap_or(0).saturating_sub(cell.width());
                let (before, after) = if self.right.contains(&column) { (pad, 0) } else { (0, pad) };
                // Writing to a string cannot fail.
                let _ = write!(line, "{:before$}{cell}{:after$}  ", "", "");
            }
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

fn cells<const N: usize>(row: [&str; N]) -> Vec<String> {
    row.iter().map(|cell| clean(cell).into_owned()).collect()
}

fn time(at: Option<i64>) -> String {
    at.and_then(DateTime::<Utc>::from_timestamp_millis)
        .map_or_else(|| "no date".to_owned(), |at| at.format("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// The users with their counts and the times they were first and last seen.
pub fn users_text(users: &[&User]) -> String {
    let mut rows = vec![cells(["user", "name", "sign-ins", "failures", "interrupts", "first", "last"])];
    for user in users {
        let name = if user.who.principal_name.is_empty() { &user.who.id } else { &user.who.principal_name };
        rows.push(cells([
            name,
            &user.who.display_name,
            &user.sign_ins.to_string(),
            &user.failures.to_string(),
            &user.interrupts.to_string(),
            &time(user.first),
            &time(user.last),
        ]));
    }
    Table { rows, right: &[2, 3, 4] }.written()
}

/// One line for each sign-in.
pub fn sign_ins_text(index: &Index, sign_ins: &[(&Row, String)]) -> String {
    let mut rows = vec![cells(["time (UTC)", "application", "client", "code", "CA", "place", "reason", "request id"])];
    for (row, reason) in sign_ins {
        rows.push(cells([
            &time(row.time),
            index.text(row.app),
            index.text(row.client),
            &row.error_code.map_or_else(|| "none".to_owned(), |code| code.to_string()),
            row.conditional_access.as_ref().map_or("not logged", |status| status.word()),
            index.text(row.place),
            reason,
            &row.id,
        ]));
    }
    Table { rows, right: &[3] }.written()
}

/// What each file is, what is wrong with it, and what is missing altogether.
pub fn inventory_text(inventory: &Inventory, gaps: &[Gap], check: Option<&ModelCheck>) -> String {
    let mut text = String::new();
    for file in &inventory.files {
        let span = match (file.first, file.last) {
            (Some(_), Some(_)) => format!(", {} to {}", time(file.first), time(file.last)),
            _ => String::new(),
        };
        formats::file_text(file, &span, &mut text);
        for problem in &file.problems {
            let place = match (problem.record, problem.offset) {
                (Some(record), Some(offset)) => format!("record #{record} at byte {offset}: "),
                (Some(record), None) => format!("record #{record}: "),
                _ => String::new(),
            };
            let word = if problem.is_warning { "note" } else { "problem" };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {word}: {}", clean(&format!("{place}{}", problem.reason)));
        }
    }
    coverage(inventory, &mut text);
    formats::of_inventory(inventory, &mut text);
    if let Some(check) = check {
        model_check(check, &mut text);
    }
    for gap in gaps {
        let _ = writeln!(text, "\n{} missing: {}", gap.code, clean(&gap.missing));
        let _ = writeln!(text, "  limits: {}", clean(&gap.limits));
        let _ = writeln!(text, "  ask for: {}", clean(&gap.ask));
    }
    text
}

/// The time that the files of each log cover, and the longest holes between them.
fn coverage(inventory: &Inventory, text: &mut String) {
    const MOST: usize = 5;
    for (number, coverage) in inventory.coverage().iter().enumerate() {
        let before = if number == 0 { "\n" } else { "" };
        let files = match coverage.files.len() {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        let (first, last) = (time(Some(coverage.first)), time(Some(coverage.last)));
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{before}{}: {first} to {last}, in {files}", coverage.kind.sign_ins());
        let holes = coverage.longest_holes(MOST);
        for hole in &holes {
            let _ = writeln!(text, "  no file covers {} to {}", time(Some(hole.from)), time(Some(hole.to)));
        }
        if coverage.holes.len() > holes.len() {
            let _ = writeln!(text, "  and {} shorter holes", coverage.holes.len() - holes.len());
        }
    }
}

/// How the model fares against the log.
fn model_check(check: &ModelCheck, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\nmodel against log: {} records list policies", check.records);
    let total = |counts: &BTreeMap<Difference, u64>| counts.values().sum::<u64>();
    let _ = writeln!(
        text,
        "  {:>8} results agree ({} only in that the policy applied; whether it was met could not be computed)",
        check.agrees, check.agrees_in_applying
    );
    let mut by_cause = |heading: &str, counts: &BTreeMap<Difference, u64>| {
        let _ = writeln!(text, "  {:>8} {heading}", total(counts));
        for (cause, count) in counts {
            let _ = writeln!(text, "  {count:>8}   {}: {}", cause.word(), cause.label());
        }
    };
    by_cause("differ", &check.differs);
    by_cause("could not be computed", &check.not_computed);
    let _ = writeln!(text, "  {:>8} are of policies that the snapshot lacks", check.not_in_snapshot);
    let _ = writeln!(text, "  {:>8} carry no result that can be compared", check.not_logged);
    let (agree, differ, unknown) = check.status;
    let _ = writeln!(text, "  overall status: {agree} agree, {differ} differ, {unknown} not computed");
    let _ = writeln!(text, "  {:>8} differences without a cause (faults of the model)", check.unclassed());
    for (id, policy) in &check.faults {
        let _ = writeln!(text, "    {}", clean(&format!("sign-in {id}: {policy}")));
    }
}
