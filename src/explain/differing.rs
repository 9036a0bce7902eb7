//! Says where the records that were merged into one sign-in contradict each other, and where two files give one request two ends.

use std::sync::Arc;

use crate::domain::evidence::Evidence;
use crate::domain::sign_in::SignIn;

use super::explanation::Note;
use super::note::note;
use super::{View, is_step};

/// How many contradictions are told one by one.
const MOST: usize = 6;

/// How far the times of two ends of one request lie apart, at most, in milliseconds, to be two reports of one end.
const SAME_TIME: u64 = 1_000;

/// One note on each value that two records say differently. Whose value counts is said, since nothing in the files tells who is right.
pub(super) fn notes(view: &View) -> Vec<Note> {
    let mut told: Vec<Note> = other_ends(view);
    let differences = &view.sign_in.differences;
    for one in differences.iter().take(MOST) {
        let label = capital(&one.here.label);
        told.push(differ(
            format!("{label}: {}; the first is used.", side_by_side(&one.here, &one.there)),
            [one.here.clone(), one.there.clone()],
        ));
    }
    match differences.len().saturating_sub(MOST) {
        0 => {}
        1 => told.push(note("LOG-FILES-DIFFER", "One more value differs.")),
        count => told.push(note("LOG-FILES-DIFFER", format!("{count} more values differ."))),
    }
    told
}

fn differ(text: String, evidence: [Evidence; 2]) -> Note {
    let mut told = note("LOG-FILES-DIFFER", text);
    told.evidence = evidence.to_vec();
    told
}

/// The rows of the same request that another file says ended in the same instant, and otherwise: one granted, the other not.
fn other_ends(view: &View) -> Vec<Note> {
    let this = view.sign_in;
    let has_other_end = |other: &&Arc<SignIn>| {
        let apart = this.created.zip(other.created).map(|(a, b)| a.timestamp_millis().abs_diff(b.timestamp_millis()));
        let codes = this.error_code().zip(other.error_code());
        !this.id.is_empty()
            && other.id.eq_ignore_ascii_case(&this.id)
            && apart.is_some_and(|apart| apart <= SAME_TIME)
            && codes.is_some_and(|(a, b)| (a == 0) != (b == 0))
            && !is_step(this)
            && !is_step(other)
            && !files_of(this).any(|file| files_of(other).any(|theirs| theirs == file))
    };
    let code = |row: &SignIn| {
        let code = row.error_code().map(|code| code.to_string()).unwrap_or_default();
        row.evidence("error code", "/status/errorCode", code)
    };
    let found = view.attempt.iter().filter(has_other_end);
    found
        .map(|other| {
            let (here, there) = (code(this), code(other));
            let places = side_by_side(&here, &there);
            differ(format!("Error code: {places}; each is a row of its own, and 0 means granted."), [here, there])
        })
        .collect()
}

fn files_of(sign_in: &SignIn) -> impl Iterator<Item = &str> {
    std::iter::once(&*sign_in.origin.file).chain(sign_in.also_in.iter().map(|place| &*place.file))
}

/// Two values with the names of their files, without the folders where the names alone tell them apart.
fn side_by_side(here: &Evidence, there: &Evidence) -> String {
    let name = |evidence: &Evidence| evidence.file.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let place = |evidence: &Evidence| {
        if here.file == there.file {
            evidence.record.map_or_else(|| name(evidence), |record| format!("{} #{record}", name(evidence)))
        } else if name(here) == name(there) {
            evidence.file.to_string()
        } else {
            name(evidence)
        }
    };
    let side = |evidence: &Evidence| format!("{} ({})", shortened(&evidence.value), place(evidence));
    format!("{} / {}", side(here), side(there))
}

fn shortened(value: &str) -> String {
    match value.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or(value)),
        None => value.to_owned(),
    }
}

fn capital(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
