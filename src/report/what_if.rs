//! Writes the answer to a what-if as plain text.

use std::fmt::Write;

use crate::domain::Verdict;
use crate::domain::visible::clean;
use crate::explain::what_if::WhatIf;

/// How a request would end, by which policies, and why the others do not apply.
pub fn what_if_text(answer: &WhatIf, applied_only: bool, ignored: &[String]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let mut line = |words: String| {
        let _ = writeln!(text, "{}", clean(&words));
    };
    line(format!("outcome: {}", answer.ending_text()));
    if !answer.required.is_empty() {
        line(format!("required: {}", answer.required_text()));
    }
    for policy in &answer.policies {
        let mark = match policy.applies {
            Verdict::Yes => "applies",
            Verdict::No if applied_only => continue,
            Verdict::No => "no",
            _ => "unknown",
        };
        line(format!("{mark:<8} {} [{}, {}]", policy.display_name, policy.state, policy.result));
        if !policy.miss.is_empty() {
            line(format!("           {}", policy.miss));
        }
    }
    for note in &answer.notes {
        line(format!("note: {note}"));
    }
    if !ignored.is_empty() {
        line(format!("not understood and left out: {}", ignored.join(", ")));
    }
    text
}
