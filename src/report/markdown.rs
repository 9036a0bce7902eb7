//! Writes an explanation as Markdown for a ticket.

use std::fmt::Write;
use std::sync::Arc;

use crate::domain::Evidence;
use crate::domain::sign_in::RecordPlace;
use crate::domain::visible::clean;
use crate::explain::explanation::{Agreement, Citation, Explanation, PolicyAnswer, PolicyPart};
use crate::explain::outline::{condition_words, control_words, miss, place, result_words, rule_words};

/// The explanation as Markdown: headline, ids, steps, policies that mattered, notes, remedies, what is missing, sources.
pub fn markdown(explanation: &Explanation) -> String {
    let sign_in = &explanation.sign_in;
    let mut page = Page { text: String::new(), file: Arc::clone(&sign_in.origin.file) };
    let finding = &explanation.finding;
    page.line(&format!("## {}: {}", finding.code, escape(&finding.headline)));
    page.blank();
    page.line("| | |\n|---|---|");
    let at = sign_in.created.map(|at| at.format("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default();
    page.row("Time (UTC)", &at);
    page.row(
        "User",
        &format!("{} ({})", sign_in.who(), sign_in.user_principal_name.as_deref().unwrap_or("no name logged")),
    );
    page.row("Application", sign_in.app().unwrap_or(""));
    page.row("Resource", sign_in.resource().unwrap_or(""));
    page.row("Client app", sign_in.client_app_used.as_deref().unwrap_or(""));
    page.row("Request id", &sign_in.id);
    page.row("Correlation id", sign_in.correlation_id.as_deref().unwrap_or(""));
    page.row("Outcome", finding.outcome.label());
    let name = finding.decided_by.name.as_deref().map(|name| format!(" “{name}”")).unwrap_or_default();
    page.row("Decided by", &format!("{}{name} ({})", finding.decided_by.kind.label(), finding.basis.word()));
    page.row("Record", &format!("{} #{}", sign_in.origin.file, sign_in.origin.record.unwrap_or_default()));
    if !sign_in.also_in.is_empty() {
        page.row("Also in", &sign_in.also_in.iter().map(RecordPlace::written).collect::<Vec<_>>().join(", "));
    }
    page.blank();
    page.line("### Steps");
    page.blank();
    page.line("| Step | Verdict | What | Evidence |\n|---|---|---|---|");
    for step in &explanation.steps {
        let evidence = step.evidence.iter().map(|item| page.pointer(item)).collect::<Vec<_>>().join("<br>");
        page.line(&format!(
            "| {} | {} | {} | {evidence} |",
            step.kind.label(),
            step.verdict.label(),
            escape(&step.headline)
        ));
    }
    page.blank();
    let matters =
        |policy: &&PolicyAnswer| policy.part <= PolicyPart::Undecided || policy.agreement == Agreement::Differs;
    let mattered: Vec<_> = explanation.policies.iter().filter(matters).collect();
    if !mattered.is_empty() {
        page.line("### Policies");
        page.blank();
    }
    for policy in mattered {
        let result = result_words(policy);
        page.line(&format!("- **{}** ({}; {result})", escape(&policy.display_name), policy.part.label()));
        if let Some(version) = &policy.version {
            page.line(&format!("  - in force: {}", escape(&version.text)));
            for line in &version.differences {
                page.line(&format!("    - since: {}", escape(line)));
            }
            for item in &version.evidence {
                page.line(&format!("    - {}", page.pointer(item)));
            }
        }
        if let Some(difference) = policy.difference {
            let words = if policy.agreement == Agreement::Differs { "differs" } else { "not compared" };
            page.line(&format!("  - {words}: {}", difference.label()));
        }
        if let Some((words, why)) = miss(policy) {
            page.line(&format!("  - {words}: {}", escape(why)));
        }
        for answer in &policy.controls {
            let met = control_words(answer);
            page.line(&format!("  - demand: {} — seen: {} — {met}", escape(&answer.control), escape(&answer.seen)));
        }
        for answer in &policy.conditions {
            page.line(&format!(
                "  - {}: {} — seen: {} — {}",
                crate::explain::rule::Condition::label(&answer.condition),
                escape(rule_words(answer, !policy.text.is_empty())),
                escape(&answer.seen),
                condition_words(answer)
            ));
        }
    }
    page.list("Notes", explanation.notes.iter().map(|note| format!("`{}` {}", note.code, escape(&note.text))));
    page.list(
        "Also possible",
        explanation.rivals.iter().map(|rival| {
            format!(
                "{} ({}): {} Settled by: {}",
                rival.code,
                rival.verdict.word(),
                escape(&rival.headline),
                escape(&rival.settled_by)
            )
        }),
    );
    page.list(
        "What to do",
        explanation.help.iter().map(|help| {
            let side = if help.side_effects.is_empty() {
                String::new()
            } else {
                format!(" Side effects: {}", help.side_effects)
            };
            format!("{} (confidence {}){} {}", escape(&help.text), help.confidence.word(), escape(&side), help.doc)
        }),
    );
    page.list(
        "Missing",
        explanation.gaps.iter().map(|gap| {
            format!("`{}` {}. {} Ask for: {}", gap.code, escape(&gap.missing), escape(&gap.limits), escape(&gap.ask))
        }),
    );
    page.list(
        "Assumed",
        explanation.assumptions.iter().map(|a| format!("{} ({})", escape(&a.text), escape(&a.source))),
    );
    let mut citations: Vec<&Citation> =
        finding.citations.iter().chain(explanation.notes.iter().flat_map(|n| &n.citations)).collect();
    citations.dedup();
    page.list("Sources", citations.into_iter().map(|c| format!("{} — {}, {}", escape(&c.statement), c.source, c.date)));
    page.text
}

/// Text of the log as Markdown that shows it and does nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in clean(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '~') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

struct Page {
    text: String,
    /// The file of the sign-in itself, which evidence in it need not name.
    file: Arc<str>,
}

impl Page {
    fn pointer(&self, evidence: &Evidence) -> String {
        let place = place(evidence, &self.file);
        format!("{}: {} ({})", escape(&evidence.label), escape(&evidence.value), escape(&place))
    }

    /// Every line goes through here, so that nothing leaves uncleaned.
    fn line(&mut self, lines: &str) {
        for line in lines.split('\n') {
            // Writing to a string cannot fail.
            let _ = writeln!(self.text, "{}", clean(line));
        }
    }

    fn blank(&mut self) {
        self.text.push('\n');
    }

    fn row(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.line(&format!("| {name} | {} |", escape(value)));
        }
    }

    fn list(&mut self, title: &str, items: impl Iterator<Item = String>) {
        let items: Vec<String> = items.collect();
        if items.is_empty() {
            return;
        }
        self.blank();
        self.line(&format!("### {title}"));
        self.blank();
        for item in items {
            self.line(&format!("- {item}"));
        }
    }
}
