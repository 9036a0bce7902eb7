//! Writes an explanation as plain text, the way the screen shows it with everything unfolded that matters.

use std::fmt::Write;

use crate::domain::error_code::{self, ErrorCode};
use crate::domain::sign_in::RecordPlace;
use crate::domain::visible::clean;
use crate::explain::catalogue::LongText;
use crate::explain::explanation::Explanation;
use crate::explain::outline::{Mark, Node, NodeKind, outline};

/// The explanation as text: what the screen shows before anything is unfolded or, in full, every line of it. Lines are not wrapped:
/// a terminal and a ticket wrap in their own ways.
pub fn text(explanation: &Explanation, full: bool) -> String {
    let mut written = String::new();
    let sign_in = &explanation.sign_in;
    let at = sign_in.created.map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string());
    let parts =
        [at.as_deref(), Some(sign_in.who()), sign_in.client_app_used.as_deref(), sign_in.resource().or(sign_in.app())];
    let title: Vec<&str> = parts.into_iter().flatten().collect();
    line(&mut written, 0, &title.join(" · "));
    let correlation = sign_in.correlation_id.as_deref().unwrap_or("none");
    let record = sign_in.origin.record.unwrap_or_default();
    line(
        &mut written,
        0,
        &format!("request {}  correlation {correlation}  {} #{record}", sign_in.id, sign_in.origin.file),
    );
    if !sign_in.also_in.is_empty() {
        let places: Vec<String> = sign_in.also_in.iter().map(RecordPlace::written).collect();
        line(&mut written, 0, &format!("also in {}", places.join(", ")));
    }
    let mut hidden_below = None;
    for node in outline(explanation) {
        if hidden_below.is_some_and(|depth| node.depth > depth) {
            continue;
        }
        hidden_below = (node.folded && !full).then_some(node.depth);
        write_node(&mut written, &node);
    }
    written
}

fn write_node(written: &mut String, node: &Node) {
    let indent = node.depth * 2;
    let aside = if node.aside.is_empty() { String::new() } else { format!("  [{}]", node.aside) };
    let name = &node.name;
    let words = match node.kind {
        NodeKind::Headline => {
            written.push('\n');
            format!("{name}  {}{aside}", node.text)
        }
        NodeKind::Section => {
            written.push('\n');
            return line(written, indent, &format!("{name}:"));
        }
        NodeKind::Step(kind) => {
            let number =
                crate::explain::explanation::StepKind::ALL.iter().position(|other| *other == kind).unwrap_or(0) + 1;
            format!("{number} {} {name}: {}{aside}", mark(node.mark), node.text)
        }
        NodeKind::Policy => format!("{} “{name}” {}{aside}", mark(node.mark), node.text),
        NodeKind::Condition => format!("{name}: {}{aside}", node.text),
        NodeKind::Evidence => format!("> {name}: {}{aside}", node.text),
        NodeKind::Finding | NodeKind::Rival | NodeKind::Note | NodeKind::Gap => format!("{name}  {}{aside}", node.text),
        NodeKind::Detail | NodeKind::Row | NodeKind::Help if name.is_empty() => format!("- {}{aside}", node.text),
        NodeKind::Detail | NodeKind::Row | NodeKind::Help => format!("- {name}: {}{aside}", node.text),
    };
    line(written, indent, &words);
}

fn line(written: &mut String, indent: usize, words: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(written, "{:indent$}{}", "", clean(words).trim_end());
}

/// A sign in plain letters; the words beside it say the same.
fn mark(mark: Mark) -> &'static str {
    match mark {
        Mark::None => " ",
        Mark::Good => "+",
        Mark::Bad => "x",
        Mark::Step => "~",
        Mark::Handed => ">",
        Mark::Idle => "-",
        Mark::Unknown => "?",
    }
}

/// The long text of a finding, for `explain --code`.
pub fn finding_text(long: &LongText) -> String {
    let mut written = String::new();
    line(&mut written, 0, &format!("{}: {}", long.code, long.title));
    written.push('\n');
    line(&mut written, 0, &long.text);
    for citation in long.citations() {
        written.push('\n');
        line(&mut written, 0, &format!("Source, in our words: {}", citation.statement));
        line(&mut written, 2, &format!("{}, {}", citation.source, citation.date));
    }
    written
}

/// What is known of an error code, for `explain --code`.
pub fn error_code_text(code: &ErrorCode) -> String {
    let mut written = String::new();
    let name = code.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
    line(&mut written, 0, &format!("{}{name}: {}", code.code, code.meaning));
    line(&mut written, 0, &format!("What to do: {}", code.remedy));
    if let Some(doubt) = &code.doubt {
        line(&mut written, 0, &format!("Uncertain: {doubt}"));
    }
    line(&mut written, 0, &format!("Leads to the finding {}.", code.finding));
    for source in code.sources.iter().filter_map(|key| error_code::source(key)) {
        let date = source.date.as_deref().unwrap_or("undated");
        line(&mut written, 0, &format!("Source, in our words: {}, {}, {date}", source.title, source.url));
    }
    written
}
