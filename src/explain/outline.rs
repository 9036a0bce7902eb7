//! Defines the outline of an explanation: the flat list of lines that every view is made from.
//!
//! The screen folds and walks it, the text prints it, so both use the same words in the same order. It is stored flat, with
//! depths, because moving to the next step or folding a branch is then arithmetic on a list.

use std::sync::Arc;

use crate::domain::{Evidence, Verdict};

use super::explanation::{
    Agreement, Basis, Citation, ComputedAccess, ConditionAnswer, ControlAnswer, Explanation, Outcome, PolicyAnswer,
    PolicyPart, RivalVerdict, Step, StepKind, StepVerdict,
};
use super::rule::Condition;
use super::written;

/// One line of an outline, with all that a view needs to show it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// How deep it lies; 0 is the top.
    pub depth: usize,
    /// What it is.
    pub kind: NodeKind,
    /// Its sign.
    pub mark: Mark,
    /// A short name before the text (a step's or condition's name, a code); may be empty.
    pub name: String,
    /// The text; may be several sentences.
    pub text: String,
    /// What stands at the right or in brackets: a basis, a result, a citation's date; may be empty.
    pub aside: String,
    /// The value in the evidence that the line speaks of.
    pub evidence: Option<Evidence>,
    /// The request id of another sign-in that the line leads to.
    pub leads_to: Option<String>,
    /// Whether what lies below is hidden until it is asked for.
    pub folded: bool,
}

/// What a line of an outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// The headline of the finding.
    Headline,
    /// A line about the finding: who decided, on which basis.
    Finding,
    /// A heading.
    Section,
    /// One of the eight steps.
    Step(StepKind),
    /// A policy.
    Policy,
    /// A condition of a policy.
    Condition,
    /// A value of the evidence.
    Evidence,
    /// A line of text below something else.
    Detail,
    /// A row of the attempt.
    Row,
    /// A fact beside the finding.
    Note,
    /// A remedy.
    Help,
    /// Something that is missing.
    Gap,
    /// Another explanation.
    Rival,
}

/// The sign of a line. Views show it as a glyph and a colour; the words always say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing to mark.
    None,
    /// Passed, yes, granted.
    Good,
    /// Failed, blocked: this stopped it.
    Bad,
    /// Interrupted: a step of a longer way.
    Step,
    /// Handed to another service.
    Handed,
    /// Not reached, not applicable, no: it had no say.
    Idle,
    /// Unknown.
    Unknown,
}

/// The lines of an explanation, in the order in which they are read.
pub fn outline(explanation: &Explanation) -> Vec<Node> {
    let mut lines = Lines { nodes: Vec::new(), file: Arc::clone(&explanation.sign_in.origin.file) };
    lines.finding(explanation);
    lines.steps(explanation);
    lines.texts(explanation);
    lines.attempt(explanation);
    lines.nodes
}

struct Lines {
    nodes: Vec<Node>,
    /// The file of the sign-in itself, which evidence in it need not name.
    file: Arc<str>,
}

/// Where evidence stands, beside a sign-in of that file: a record of another file is named with its file.
pub fn place(evidence: &Evidence, file: &str) -> String {
    match evidence.record {
        Some(record) if &*evidence.file == file => format!("#{record} {}", evidence.pointer),
        Some(record) => {
            let name = evidence.file.rsplit(['/', '\\', '!']).next().unwrap_or(&evidence.file);
            format!("{name} #{record} {}", evidence.pointer)
        }
        None => format!("{} {}", evidence.file, evidence.pointer),
    }
}

/// Why the snapshot does not have the policy apply, with the words before it: what cannot be decided is no reason for what was
/// logged. Nothing where it would apply.
pub fn miss(policy: &PolicyAnswer) -> Option<(&'static str, &str)> {
    if policy.miss.is_empty() {
        return None;
    }
    let applies = policy.computed.as_ref().map(|computed| computed.applies);
    let words = match (policy.part, applies) {
        (_, Some(verdict)) if verdict.is_unknown() => "not compared",
        (PolicyPart::NotMatched, _) => "did not match",
        _ => "would not match, by the snapshot",
    };
    Some((words, &policy.miss))
}

impl Lines {
    fn add(
        &mut self,
        depth: usize,
        kind: NodeKind,
        mark: Mark,
        name: &str,
        text: impl Into<String>,
    ) -> Option<&mut Node> {
        self.nodes.push(Node {
            depth,
            kind,
            mark,
            name: name.to_owned(),
            text: text.into(),
            aside: String::new(),
            evidence: None,
            leads_to: None,
            folded: false,
        });
        self.nodes.last_mut()
    }

    fn section(&mut self, title: &str) {
        self.add(0, NodeKind::Section, Mark::None, title, "");
    }

    fn evidence(&mut self, depth: usize, evidence: &[Evidence]) {
        for item in evidence {
            let name = item.label.clone();
            let value = if item.value.is_empty() { "(empty)" } else { item.value.as_str() };
            let place = place(item, &self.file);
            if let Some(node) = self.add(depth, NodeKind::Evidence, Mark::None, &name, value) {
                node.aside = place;
                node.evidence = Some(item.clone());
            }
        }
    }

    fn citations(&mut self, depth: usize, citations: &[Citation]) {
        for citation in citations {
            if let Some(node) = self.add(depth, NodeKind::Detail, Mark::None, "source", citation.statement.clone()) {
                node.aside = format!("{}, {}", citation.source, citation.date);
            }
        }
    }

    fn finding(&mut self, explanation: &Explanation) {
        let finding = &explanation.finding;
        let mark = outcome_mark(finding.outcome);
        if let Some(node) = self.add(0, NodeKind::Headline, mark, &finding.code, finding.headline.clone()) {
            node.aside = finding.outcome.label().to_owned();
            node.evidence = finding.evidence.first().cloned();
        }
        let decider = match &finding.decided_by.name {
            Some(name) => format!("{}: “{name}”", finding.decided_by.kind.label()),
            None => finding.decided_by.kind.label().to_owned(),
        };
        if let Some(node) = self.add(0, NodeKind::Finding, Mark::None, "decided by", decider) {
            node.aside = finding.basis.word().to_owned();
            node.folded = true;
        }
        self.evidence(1, &finding.evidence);
        self.citations(1, &finding.citations);
    }

    fn steps(&mut self, explanation: &Explanation) {
        self.section("steps");
        for step in &explanation.steps {
            self.step(step);
            if step.kind == StepKind::ConditionalAccess {
                self.computed(explanation.computed.as_ref());
                self.policies(&explanation.policies);
            }
        }
    }

    fn step(&mut self, step: &Step) {
        let name = step.kind.label();
        if let Some(node) = self.add(0, NodeKind::Step(step.kind), step_mark(step.verdict), name, step.headline.clone())
        {
            node.aside = match step.basis {
                Basis::Logged => step.verdict.label().to_owned(),
                other => format!("{}, {}", step.verdict.label(), other.word()),
            };
            node.leads_to.clone_from(&step.because);
            // Of Conditional Access the policy's own result says more than the status.
            node.evidence = match step.kind {
                StepKind::ConditionalAccess => step.evidence.get(1).or(step.evidence.first()).cloned(),
                _ => step.evidence.first().cloned(),
            };
            // What stopped the sign-in is shown with its evidence; the rest on demand.
            let stopped = [StepVerdict::Failed, StepVerdict::Interrupted, StepVerdict::HandedOff];
            node.folded = !stopped.contains(&step.verdict);
        }
        self.evidence(1, &step.evidence);
    }

    /// What the policies come to together, where that says more than the log.
    fn computed(&mut self, computed: Option<&ComputedAccess>) {
        let Some(computed) = computed else { return };
        if let (Some(status), Some(logged)) = (&computed.status, &computed.logged)
            && status != logged
        {
            let text = format!("the snapshot's policies come to {status}, and the log says {logged}");
            self.add(1, NodeKind::Detail, Mark::Unknown, "differs", text);
        }
        for line in &computed.session {
            if let Some(node) = self.add(1, NodeKind::Detail, Mark::None, "session gets", line.clone()) {
                node.aside = Basis::Computed.word().to_owned();
            }
        }
    }

    fn policies(&mut self, policies: &[PolicyAnswer]) {
        let mut part = None;
        for policy in policies {
            if part != Some(policy.part) {
                part = Some(policy.part);
                let count = policies.iter().filter(|other| other.part == policy.part).count();
                let title = format!("{} ({count})", policy.part.label());
                if let Some(node) = self.add(1, NodeKind::Detail, Mark::None, "", title) {
                    node.folded = policy.part > PolicyPart::Undecided;
                }
            }
            self.policy(policy);
        }
    }

    fn policy(&mut self, policy: &PolicyAnswer) {
        let is_miss = matches!(policy.part, PolicyPart::NotMatched | PolicyPart::Undecided) && !policy.miss.is_empty();
        let text = match (is_miss, policy.demand.is_empty()) {
            (true, _) => match miss(policy) {
                Some(("not compared", why)) if policy.part == PolicyPart::NotMatched => {
                    format!("| not compared: {why}")
                }
                _ => format!("| {}", policy.miss),
            },
            (false, true) => String::new(),
            (false, false) => format!("= {}", policy.demand),
        };
        if let Some(node) = self.add(2, NodeKind::Policy, policy_mark(policy.part), &policy.display_name, text) {
            node.aside = result_words(policy);
            node.folded = policy.part != PolicyPart::Decided;
            node.evidence = policy.evidence.first().cloned();
        }
        if let Some(version) = &policy.version {
            self.add(3, NodeKind::Detail, Mark::None, "in force", version.text.clone());
            for line in &version.differences {
                self.add(4, NodeKind::Detail, Mark::None, "since", line.clone());
            }
            self.evidence(4, &version.evidence);
        }
        if let Some(difference) = policy.difference {
            let (mark, name) = match policy.agreement {
                Agreement::Differs => (Mark::Bad, "differs"),
                _ => (Mark::Unknown, "not compared"),
            };
            self.add(3, NodeKind::Detail, mark, name, difference.label());
        }
        if is_miss && !policy.demand.is_empty() {
            self.add(3, NodeKind::Detail, Mark::None, "demands", policy.demand.clone());
        }
        for answer in &policy.conditions {
            self.condition(answer, !policy.text.is_empty());
        }
        if !matches!(policy.part, PolicyPart::NotMatched | PolicyPart::Disabled) {
            // That a block cannot be met is said by the block.
            for answer in policy.controls.iter().filter(|answer| answer.control != "block") {
                self.control(answer);
            }
        }
        self.evidence(3, &policy.evidence);
        if policy.text.is_empty() {
            return;
        }
        let words = match policy.version {
            Some(_) => "the policy's own words, as they stood then",
            None => "the policy's own words, from the snapshot",
        };
        if let Some(node) = self.add(3, NodeKind::Detail, Mark::None, "", words) {
            node.folded = true;
        }
        for line in &policy.text {
            self.add(4, NodeKind::Detail, Mark::None, "", line.clone());
        }
    }

    /// A condition; `is_held` says whether the policy's text is in the evidence.
    fn condition(&mut self, answer: &ConditionAnswer, is_held: bool) {
        let name = Condition::label(&answer.condition);
        let text = format!("{} | {}", rule_words(answer, is_held), answer.seen);
        let mark = if answer.differs() { Mark::Bad } else { verdict_mark(answer.verdict) };
        if let Some(node) = self.add(3, NodeKind::Condition, mark, name, text) {
            node.aside = condition_words(answer);
            node.evidence = answer.evidence.first().cloned();
            node.folded = true;
        }
        // A single item that says no more than the line above is not said twice.
        let is_telling = answer.parts.len() > 1 || answer.parts.iter().any(|part| !part.seen.is_empty());
        for part in answer.parts.iter().filter(|_| is_telling) {
            let except = if part.is_exclusion && part.depth == 0 { "except " } else { "" };
            let seen = if part.seen.is_empty() { String::new() } else { format!(" | {}", part.seen) };
            let text = format!("{except}{}{seen}", part.text);
            if let Some(node) = self.add(4 + part.depth, NodeKind::Detail, verdict_mark(part.verdict), "", text) {
                node.aside = verdict_words(part.verdict).to_owned();
            }
        }
        self.evidence(4, &answer.evidence);
    }

    fn control(&mut self, answer: &ControlAnswer) {
        let mark = if answer.verdict == Verdict::No { Mark::Bad } else { verdict_mark(answer.verdict) };
        let text = format!("{} | {}", answer.control, answer.seen);
        if let Some(node) = self.add(3, NodeKind::Condition, mark, "demand", text) {
            node.aside = control_words(answer).to_owned();
            node.evidence = answer.evidence.first().cloned();
            node.folded = true;
        }
        self.evidence(4, &answer.evidence);
    }

    fn texts(&mut self, explanation: &Explanation) {
        if !explanation.rivals.is_empty() {
            self.section("also possible");
        }
        for rival in &explanation.rivals {
            let mark = if rival.verdict == RivalVerdict::Excluded { Mark::Idle } else { Mark::Unknown };
            if let Some(node) = self.add(0, NodeKind::Rival, mark, &rival.code, rival.headline.clone()) {
                node.aside = rival.verdict.word().to_owned();
            }
            self.add(1, NodeKind::Detail, Mark::None, rival.verdict.settled_label(), rival.settled_by.clone());
        }
        if !explanation.notes.is_empty() {
            self.section("notes");
        }
        for note in &explanation.notes {
            if let Some(node) = self.add(0, NodeKind::Note, Mark::None, &note.code, note.text.clone()) {
                node.folded = true;
            }
            self.evidence(1, &note.evidence);
            self.citations(1, &note.citations);
        }
        if !explanation.help.is_empty() {
            self.section("what to do");
        }
        for help in &explanation.help {
            if let Some(node) = self.add(0, NodeKind::Help, Mark::None, "", help.text.clone()) {
                node.aside = format!("confidence {}", help.confidence.word());
            }
            if !help.side_effects.is_empty() {
                self.add(1, NodeKind::Detail, Mark::None, "side effects", help.side_effects.clone());
            }
            if !help.doc.is_empty() {
                self.add(1, NodeKind::Detail, Mark::None, "see", help.doc.clone());
            }
        }
        if !explanation.gaps.is_empty() {
            self.section("missing");
        }
        for gap in &explanation.gaps {
            let text = format!("{}. {}", gap.missing, gap.limits);
            self.add(0, NodeKind::Gap, Mark::Unknown, &gap.code, text);
            self.add(1, NodeKind::Detail, Mark::None, "ask for", gap.ask.clone());
        }
        if !explanation.assumptions.is_empty() {
            self.section("assumed");
        }
        for assumption in &explanation.assumptions {
            if let Some(node) = self.add(0, NodeKind::Detail, Mark::None, "", assumption.text.clone()) {
                node.aside.clone_from(&assumption.source);
            }
        }
    }

    fn attempt(&mut self, explanation: &Explanation) {
        if explanation.attempt.len() < 2 {
            return;
        }
        self.section("rows with this correlation id");
        for row in &explanation.attempt {
            let at = row.at.map(written).unwrap_or_else(|| "no date".to_owned());
            let code = row.error_code.map_or_else(|| "no code".to_owned(), |code| code.to_string());
            let mark = if row.decided { Mark::Good } else { Mark::Step };
            let name = if row.is_this { "this row" } else { "" };
            if let Some(node) = self.add(0, NodeKind::Row, mark, name, format!("{at}  {code}  {}", row.word)) {
                node.aside = match (row.decided, row.is_step) {
                    (true, _) => "the last word".to_owned(),
                    (false, true) => "a step".to_owned(),
                    (false, false) => "a try of its own".to_owned(),
                };
                node.leads_to = (!row.is_this).then(|| row.id.clone());
            }
        }
    }
}

/// The sign of an outcome.
pub fn outcome_mark(outcome: Outcome) -> Mark {
    match outcome {
        Outcome::Granted => Mark::Good,
        Outcome::Blocked | Outcome::Failed | Outcome::Locked => Mark::Bad,
        Outcome::Interrupted => Mark::Step,
        Outcome::HandedOff => Mark::Handed,
        Outcome::Unknown => Mark::Unknown,
    }
}

fn step_mark(verdict: StepVerdict) -> Mark {
    match verdict {
        StepVerdict::Passed => Mark::Good,
        StepVerdict::Failed => Mark::Bad,
        StepVerdict::Interrupted => Mark::Step,
        StepVerdict::HandedOff => Mark::Handed,
        StepVerdict::NotReached | StepVerdict::NotApplicable => Mark::Idle,
        StepVerdict::Unknown => Mark::Unknown,
    }
}

/// The sign of a policy.
pub fn policy_mark(part: PolicyPart) -> Mark {
    match part {
        PolicyPart::Decided | PolicyPart::NotMet => Mark::Bad,
        PolicyPart::Matched => Mark::Good,
        PolicyPart::Undecided | PolicyPart::WouldApply => Mark::Unknown,
        _ => Mark::Idle,
    }
}

/// What the log says of a policy beside what was computed.
pub fn result_words(policy: &PolicyAnswer) -> String {
    let is_half = policy.computed.as_ref().is_some_and(|c| c.result == "unknown" && c.applies == Verdict::Yes);
    let computed = policy.computed.as_ref().map(|computed| match is_half {
        true => "applies, whether it was met is not known".to_owned(),
        false => computed.result.clone(),
    });
    match (&policy.logged, computed, policy.agreement) {
        (Some(logged), Some(computed), Agreement::Agrees) if is_half => {
            format!("logged: {logged}, computed: {computed}")
        }
        (Some(logged), _, Agreement::Agrees) => format!("logged: {logged}, computed alike"),
        (Some(logged), Some(computed), Agreement::Differs) => format!("logged: {logged}, computed: {computed}"),
        (Some(logged), ..) => format!("logged: {logged}"),
        (None, Some(computed), _) => format!("computed, not logged: {computed}"),
        (None, None, _) => String::new(),
    }
}

/// Whether a control was met, in words.
pub fn control_words(answer: &ControlAnswer) -> &'static str {
    match answer.verdict {
        Verdict::Yes => "met",
        Verdict::No => "not met",
        _ => "not known",
    }
}

/// What a condition of a policy asks for; `is_held` says whether the policy's text is in the evidence.
pub fn rule_words(answer: &ConditionAnswer, is_held: bool) -> &str {
    let is_known = Condition::ALL.into_iter().any(|condition| condition.word() == answer.condition);
    let names_whom = [Condition::Users, Condition::Applications].iter().any(|whom| whom.word() == answer.condition);
    match (answer.rule.as_str(), answer.basis) {
        ("", Basis::Computed) => "nobody and nothing",
        ("", _) if !is_held => "(rule not in the snapshot)",
        ("", _) if !is_known => "(rule not known)",
        ("", _) if names_whom => "not configured",
        ("", _) => "not configured, so any",
        (rule, _) => rule,
    }
}

/// A condition's verdict and where it is from.
pub fn condition_words(answer: &ConditionAnswer) -> String {
    let word = verdict_words(answer.verdict);
    match (answer.basis, answer.logged) {
        (Basis::Computed, Some(logged)) if answer.differs() => {
            format!("logged {}, computed {word}", if logged { "yes" } else { "no" })
        }
        (Basis::Computed, Some(logged)) if answer.verdict.is_unknown() => {
            format!("{}, logged", if logged { "yes" } else { "no" })
        }
        (Basis::Computed, Some(_)) => format!("{word}, logged and computed"),
        (Basis::Computed, None) => format!("{word}, computed"),
        (_, Some(_)) => format!("{word}, logged"),
        (_, None) => "not tested in the log".to_owned(),
    }
}

fn verdict_mark(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Yes => Mark::Good,
        Verdict::No => Mark::Idle,
        Verdict::UnknownContext | Verdict::UnknownData => Mark::Unknown,
    }
}

fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Yes => "yes",
        Verdict::No => "no",
        Verdict::UnknownContext | Verdict::UnknownData => "unknown",
    }
}
