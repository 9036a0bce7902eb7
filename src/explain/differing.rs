//! Says where the records that were merged into one sign-in contradict each other.

use super::explanation::Note;
use super::note::note;
use super::{View, joined};

/// How many contradictions are told one by one.
const MOST: usize = 6;

/// One note on everything that two files say differently. Whose value counts is said, since nothing in the files tells who is right.
pub(super) fn notes(view: &View) -> Option<Note> {
    let differences = &view.sign_in.differences;
    let first = differences.first()?;
    let words = |value: &str| match value.char_indices().nth(80) {
        Some((end, _)) => format!("“{}…”", value.get(..end).unwrap_or(value)),
        None => format!("“{value}”"),
    };
    let parts: Vec<String> = differences
        .iter()
        .take(MOST)
        .map(|one| {
            let places = format!(
                "{} in {}, {} in {}",
                words(&one.here.value),
                one.here.file,
                words(&one.there.value),
                one.there.file
            );
            format!("{} ({places})", one.here.label)
        })
        .collect();
    let rest = match differences.len().saturating_sub(MOST) {
        0 => String::new(),
        count => format!(" and on {count} more"),
    };
    let who = if first.here.file == first.there.file {
        "Two records of this sign-in differ on"
    } else {
        "Two files differ on"
    };
    let counts = "What was read is what the fuller record says.";
    let mut told = note("LOG-FILES-DIFFER", format!("{who} {}{rest}. {counts}", joined(&parts)));
    told.evidence = differences.iter().take(MOST).flat_map(|one| [one.here.clone(), one.there.clone()]).collect();
    Some(told)
}
