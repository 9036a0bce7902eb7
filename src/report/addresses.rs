//! Writes the address collisions of a tenant as text, as JSON and as CSV.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::domain::visible::clean;
use crate::explain::addresses::{Addresses, Collision, Party, PlanStep};

use super::json::{citation, evidence, instant};

/// A collision in the form that other programs rely on.
pub fn collision_json(collision: &Collision) -> Value {
    json!({
        "value": collision.value,
        "kind": collision.namespace.word(),
        "check": collision.check.word(),
        "state": collision.state.word(),
        "expected": collision.expected.word(),
        "headline": collision.headline,
        "basis": collision.basis.word(),
        "stale": collision.is_stale,
        "holder": collision.holder.as_ref().map(party_json),
        "unknownHolder": collision.unknown_holder,
        "namedHolder": collision.named_holder.as_ref().map(party_json),
        "claimants": collision.claimants.iter().map(party_json).collect::<Vec<_>>(),
        "complete": collision.is_complete,
        "notes": collision.notes,
        "chain": collision.chain.iter().map(|moment| json!({
            "at": instant(moment.at),
            "text": moment.words,
            "evidence": evidence(&moment.evidence),
        })).collect::<Vec<_>>(),
        "plan": collision.plan.iter().map(step_json).collect::<Vec<_>>(),
        "citations": collision.citations.iter().map(citation).collect::<Vec<_>>(),
    })
}

fn party_json(party: &Party) -> Value {
    json!({
        "id": party.id,
        "name": party.name,
        "userPrincipalName": party.principal_name,
        "kind": if party.is_deleted { "deleted" } else { party.kind.word() },
        "objectKind": party.kind.word(),
        "deletedDateTime": party.deleted.map(instant),
        "synced": party.is_synced,
        "directories": party.directories.iter().map(|directory| directory.label()).collect::<Vec<_>>(),
        "attributes": party.attributes.iter().map(|attribute| attribute.name()).collect::<Vec<_>>(),
        "errors": party.errors.iter().map(|error| json!({
            "code": error.code,
            "description": error.description,
            "at": error.at.map(instant),
        })).collect::<Vec<_>>(),
        "evidence": party.evidence.iter().map(evidence).collect::<Vec<_>>(),
    })
}

fn step_json(step: &PlanStep) -> Value {
    json!({
        "order": step.order,
        "way": step.way,
        "text": step.text,
        "command": step.command,
        "retired": step.retired,
        "warning": step.warning,
    })
}

/// The columns of the CSV.
const COLUMNS: [&str; 11] = [
    "value",
    "kind",
    "check",
    "state",
    "complete",
    "holder",
    "holderKind",
    "holderId",
    "claimants",
    "errorCodes",
    "headline",
];

/// The collisions as CSV, one a line, with the byte order mark that spreadsheets look for.
pub fn addresses_csv<'a>(collisions: impl Iterator<Item = &'a Collision>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![0xEF, 0xBB, 0xBF]);
    // Writing to memory cannot fail.
    let _ = writer.write_record(COLUMNS);
    for collision in collisions {
        let holder = collision.holder.as_ref();
        let claimants: Vec<String> =
            collision.claimants.iter().map(|party| format!("{} {}", kind(party), party.name)).collect();
        let mut codes: Vec<&str> =
            collision.parties().flat_map(|party| &party.errors).map(|error| error.code.as_str()).collect();
        codes.dedup();
        let cells: [&str; 11] = [
            &collision.value,
            collision.namespace.word(),
            collision.check.word(),
            collision.state.word(),
            if collision.is_complete { "true" } else { "false" },
            holder.map(|party| party.name.as_str()).or(collision.unknown_holder.as_deref()).unwrap_or_default(),
            holder.map(kind).unwrap_or_default(),
            holder.map(|party| party.id.as_str()).unwrap_or_default(),
            &claimants.join("; "),
            &codes.join("; "),
            &collision.headline,
        ];
        let _ = writer.write_record(cells.map(harmless));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    let cell = clean(cell);
    // Spreadsheets of East Asia take the full-width signs for the same.
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\u{ff1d}' | '\u{ff0b}' | '\u{ff0d}' | '\u{ff20}' | '\t' | '\r') => {
            format!("'{cell}")
        }
        _ => cell.into_owned(),
    }
}

fn kind(party: &Party) -> &'static str {
    if party.is_deleted { "deleted" } else { party.kind.word() }
}

/// What was compared and what came of it, for people. The collisions are those that are to be shown.
pub fn addresses_text(addresses: &Addresses, shown: &[&Collision]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |words: &str| {
        let _ = writeln!(text, "{}", clean(words.trim_end()));
    };
    line(&addresses.summary());
    match (shown.len(), addresses.collisions.len()) {
        (shown, all) if shown == all => {}
        (0, _) => line("none of them is about what was asked for"),
        (1, _) => line("1 of them is about what was asked for"),
        (shown, _) => line(&format!("{shown} of them are about what was asked for")),
    }
    for collision in shown {
        line("");
        collision_lines(collision).iter().for_each(|words| line(words));
    }
    for (title, lines) in addresses.beside() {
        line("");
        line(&title.to_lowercase());
        lines.iter().for_each(|words| line(&format!("  {words}")));
    }
    text
}

/// A collision whole, line by line.
fn collision_lines(collision: &Collision) -> Vec<String> {
    let whole = if collision.is_complete { "" } else { " · incomplete" };
    let mut lines = vec![
        format!("{} · {} · {}{whole}", collision.value, collision.namespace.word(), collision.state_words()),
        format!("  {} ({})", collision.headline, collision.basis.word()),
    ];
    let mut block = |title: &str, words: Vec<String>| {
        if !words.is_empty() {
            lines.push(String::new());
            lines.push(format!("  {title}"));
            lines.extend(words.iter().map(|words| format!("    {words}")));
        }
    };
    let errors = collision.holder.iter().flat_map(error_lines);
    block("holds it", std::iter::once(collision.holder_words()).chain(errors).collect());
    let claimants = collision.claimants.iter();
    let heading = collision.claimants_heading();
    let heading = heading.strip_prefix("Who ").unwrap_or(heading);
    block(heading, claimants.flat_map(|party| std::iter::once(party.words()).chain(error_lines(party))).collect());
    block("notes", collision.notes.clone());
    let chain = collision.chain.iter();
    block("what happened", chain.map(|moment| format!("{}  {}", time(moment.at), moment.words)).collect());
    block("plan (to be read first; nothing is executed)", plan_lines(collision));
    let sources = collision.citations.iter();
    block(
        "sources",
        sources.map(|citation| format!("{} — {}, {}", citation.statement, citation.source, citation.date)).collect(),
    );
    lines
}

/// What is wrong with a party.
fn error_lines(party: &Party) -> impl Iterator<Item = String> {
    party.errors.iter().map(|error| format!("  {}", error.words(time)))
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// The plan with its ways, its commands of today and the retired ones beside them.
fn plan_lines(collision: &Collision) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, step) in collision.plan.iter().enumerate() {
        lines.extend(collision.way_words(number).map(|way| format!("— {way}")));
        lines.push(format!("{}. {}", step.order, step.text));
        let beside = [("", &step.command), ("retired: ", &step.retired), ("! ", &step.warning)];
        lines.extend(
            beside.iter().filter(|(_, words)| !words.is_empty()).map(|(head, words)| format!("   {head}{words}")),
        );
    }
    lines
}

/// The plan of a collision as it is copied: what it is about, and the steps.
pub fn plan_text(collision: &Collision) -> String {
    let mut text = format!("{}\n\n", collision.headline);
    plan_lines(collision).iter().for_each(|line| {
        let _ = writeln!(text, "{line}");
    });
    text.lines().map(|line| format!("{}\n", clean(line))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for sign in ["=", "+", "-", "@", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"] {
            assert_eq!(harmless(&format!("{sign}1+1")), format!("'{sign}1+1"));
        }
        assert_eq!(harmless("a=b"), "a=b");
    }
}
