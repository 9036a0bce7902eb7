//! The explanations: a pure function from a sign-in, its attempt and the snapshot to an [`Explanation`].
//!
//! The sessions of a user (`session`) and the episodes of wrong passwords and locks (`lockout`) are reconstructed beforehand, since why
//! somebody was asked or locked lies in other rows.
//!
//! First every policy is evaluated (`access`) and answered (`policies`): its rule in words (`rule`), what came of each item
//! (`reason`), and whether the log agrees (`agreement`). Then come the eight steps (`step`), what decided (`finding`), what else is
//! worth saying (`note`) and what is missing (`gap`). `outline` turns the result into the lines that every view shows.
//!
//! Invariant: nothing here knows files, the terminal, the clock or threads, and nothing here can fail: what cannot be
//! decided is an unknown with its reason.

pub mod access;
mod account;
pub mod addresses;
mod agreement;
pub mod catalogue;
mod differing;
pub mod explanation;
pub mod filter;
mod finding;
pub mod gap;
pub mod lockout;
pub mod model_check;
mod note;
pub mod outline;
mod policies;
mod policy_answer;
pub mod reason;
pub mod rule;
pub mod session;
mod step;
mod version;
pub mod what_if;

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::error_code::{self, Class, ErrorCode};
use crate::domain::policy::PolicyState;
use crate::domain::sign_in::{AppliedPolicies, ConditionalAccessStatus, EventKind, PolicyResult};
use crate::domain::{Holdings, SignIn, Snapshot, Verdict};

use access::{Asked, Tenant, decide};
use lockout::{Episode, Lockouts};
use session::{Ledger, Prompt};

pub use explanation::Explanation;
use explanation::{AttemptRow, ComputedAccess, PolicyAnswer, PolicyPart, StepKind};

/// What a sign-in is explained with.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The tenant, made ready; empty when there is no snapshot.
    pub tenant: &'a Tenant,
    /// The rows of the same attempt, in any order, the sign-in itself among them or not.
    pub attempt: &'a [Arc<SignIn>],
    /// What the loaded logs hold as a whole.
    pub holds: Holdings,
    /// The sessions of the user; nothing while they are not known.
    pub ledger: Option<&'a Ledger>,
    /// The lockouts of the user; nothing while they are not known.
    pub lockouts: Option<&'a Lockouts>,
}

/// Explains why a sign-in ended as it did.
pub fn explain(sign_in: &Arc<SignIn>, surroundings: &Surroundings) -> Explanation {
    let attempt = in_order(sign_in, surroundings.attempt);
    // Policies, members and roles are those of the time of the sign-in, as far as the evidence tells.
    let tenant = &surroundings.tenant.as_of(sign_in.created, sign_in.user_id.as_deref());
    let context = access::from_sign_in::context(sign_in, tenant);
    let asked = Asked::new(&context, tenant);
    let decision = decide(&asked);
    let policies = policies::answer_policies(sign_in, &asked, &decision);
    let view = View {
        sign_in,
        tenant,
        snapshot: tenant.snapshot(),
        attempt: &attempt,
        holds: surroundings.holds,
        code: sign_in.error_code().and_then(error_code::find),
        policies: &policies,
        ledger: surroundings.ledger,
        row: surroundings.ledger.and_then(|ledger| ledger.find(&sign_in.id)),
        lockouts: surroundings.lockouts,
        attempt_number: surroundings.lockouts.and_then(|lockouts| lockouts.find(&sign_in.id)),
    };
    let finding = finding::find(&view);
    let rivals = finding::rivals(&view, &finding);
    // Where nothing links the snapshot to the record, no policy of it is said to have decided, in the steps and lists either.
    let policies = without_inferred_deciders(&policies, finding.basis);
    let view = View { policies: &policies, ..view };
    let steps = step::walk(&view, &finding);
    let assumptions = note::assumptions(&view, &finding);
    let computed = computed_access(&view, &decision);
    let mut explanation = Explanation {
        sign_in: Arc::clone(sign_in),
        attempt: attempt_rows(&view),
        steps,
        gaps: gap::of_sign_in(&view, &finding),
        rivals,
        notes: note::notes(&view, &finding),
        help: note::help(&view, &finding),
        assumptions,
        computed,
        finding,
        policies,
    };
    note::assume_facts(&mut explanation, tenant.facts());
    explanation
}

/// What the policies of the snapshot come to together. A session is only spoken of where one was granted, and where the record lists
/// policies only from those that it says applied.
fn computed_access(view: &View, decision: &access::Decision) -> Option<ComputedAccess> {
    let policies = &view.snapshot.policies;
    let logged = view.sign_in.applied_policies.list();
    let succeeded = logged.iter().filter(|applied| applied.result == PolicyResult::Success);
    let succeeded: HashSet<String> = succeeded.map(|applied| applied.id.to_ascii_lowercase()).collect();
    let gave = |index: usize, policy: &crate::domain::Policy| match logged.is_empty() {
        false => succeeded.contains(&policy.id.to_ascii_lowercase()),
        true => {
            let computed = decision.policies.get(index).map(|found| found.evaluation.applies);
            policy.state == PolicyState::Enabled && computed == Some(Verdict::Yes)
        }
    };
    let from = policies.iter().enumerate().filter(|(index, policy)| view.is_success() && gave(*index, policy));
    let session = access::merge_sessions(from);
    (!policies.is_empty()).then(|| ComputedAccess {
        status: decision.status.map(|status| status.word().to_owned()),
        logged: view.status().map(|status| status.word().to_owned()),
        session: reason::session_lines(&session, view.tenant),
    })
}

/// The policies, of which none that was only computed decided when the finding is an inference.
fn without_inferred_deciders(policies: &[PolicyAnswer], basis: explanation::Basis) -> Vec<PolicyAnswer> {
    let mut policies = policies.to_vec();
    for policy in policies.iter_mut().filter(|policy| basis == explanation::Basis::Inferred && policy.logged.is_none())
    {
        if policy.part == PolicyPart::Decided {
            policy.part = PolicyPart::Undecided;
        }
    }
    policies
}

/// A word or two on how a row ended, for the narrow column of a list.
pub fn reason_word(
    error_code: Option<i64>,
    conditional_access: Option<&ConditionalAccessStatus>,
    client: &str,
    event_kind: EventKind,
) -> String {
    match error_code {
        Some(0) if conditional_access == Some(&ConditionalAccessStatus::Failure) => {
            let is_active_sync = client.to_ascii_lowercase().starts_with("exchange activesync");
            if is_active_sync { "EAS hand-off".to_owned() } else { "contradictory".to_owned() }
        }
        Some(0) if event_kind == EventKind::NonInteractive => "token renewed".to_owned(),
        Some(0) => "granted".to_owned(),
        Some(code) => match error_code::find(code) {
            Some(known) => known.word.clone(),
            None => format!("error {code}"),
        },
        None => "no code".to_owned(),
    }
}

/// What all parts of an explanation look at.
struct View<'a> {
    sign_in: &'a Arc<SignIn>,
    tenant: &'a Tenant,
    snapshot: &'a Snapshot,
    attempt: &'a [Arc<SignIn>],
    holds: Holdings,
    /// What the catalogue says about the error code; `None` for 0 and for codes it does not know.
    code: Option<&'static ErrorCode>,
    policies: &'a [PolicyAnswer],
    ledger: Option<&'a Ledger>,
    /// The number of the sign-in in the ledger.
    row: Option<usize>,
    lockouts: Option<&'a Lockouts>,
    /// The number of the sign-in among the lockouts.
    attempt_number: Option<usize>,
}

impl<'a> View<'a> {
    /// The prompt that the sign-in is part of.
    fn prompt(&self) -> Option<&'a Prompt> {
        self.ledger?.prompt_of(self.row?)
    }

    /// The episode of wrong passwords and locks that the sign-in is part of.
    fn episode(&self) -> Option<&'a Episode> {
        self.lockouts?.episode_of(self.attempt_number?)
    }

    /// Whether no person was there: a client or an application presented a token or secret.
    fn is_silent(&self) -> bool {
        self.sign_in.is_silent()
    }

    fn is_application(&self) -> bool {
        matches!(self.sign_in.event_kind, EventKind::ServicePrincipal | EventKind::ManagedIdentity)
    }

    fn is_success(&self) -> bool {
        self.sign_in.error_code() == Some(0)
    }

    /// Whether the row is a step of a longer sign-in. Codes that may be a step or a wall are a step where the attempt went on.
    fn is_step_of_longer(&self) -> bool {
        match self.code.map(|code| code.class) {
            Some(Class::Interrupt) => true,
            Some(Class::Either) => !self.is_silent() && self.went_on().is_some(),
            Some(Class::Failure) | None => false,
        }
    }

    /// The later row with which the attempt went on to an answer.
    fn went_on(&self) -> Option<&Arc<SignIn>> {
        let row = deciding_row(self.attempt).and_then(|index| self.attempt.get(index))?;
        // One request may have several rows: its id alone does not tell the row that is looked at.
        let is_this = row.id == self.sign_in.id
            && row.created == self.sign_in.created
            && row.error_code() == self.sign_in.error_code();
        (!is_this && row.created >= self.sign_in.created).then_some(row)
    }

    /// Whether the client brought a token that stands for an earlier sign-in.
    fn brought_a_token(&self) -> bool {
        let names_token = self.sign_in.incoming_token_type.as_deref().is_some_and(|kind| {
            let kind = kind.to_ascii_lowercase();
            kind.contains("refresh")
        });
        names_token || self.sign_in.primary_steps().iter().any(|(_, step)| step.was_satisfied_earlier())
    }

    fn is_guest(&self) -> bool {
        self.sign_in.user_type.as_deref() == Some("guest")
    }

    fn status(&self) -> Option<&ConditionalAccessStatus> {
        self.sign_in.conditional_access_status.as_ref()
    }

    /// Whether the hand-off to Exchange happened: a token, although Conditional Access failed.
    fn is_handed_off(&self) -> bool {
        self.is_success()
            && self.status() == Some(&ConditionalAccessStatus::Failure)
            && self.sign_in.is_exchange_active_sync()
    }

    /// Whether the record ought to list policies and does not, because its status says that some acted.
    fn hides_policies(&self) -> bool {
        let list = self.sign_in.applied_policies.list();
        // Of a list that is not whole, the policy that acted may be the one that is missing.
        let lacks =
            |result: PolicyResult| list.is_empty() || self.lists_some() && !list.iter().any(|one| one.result == result);
        match self.status() {
            Some(ConditionalAccessStatus::Success) => lacks(PolicyResult::Success),
            Some(ConditionalAccessStatus::Failure) => lacks(PolicyResult::Failure),
            _ => false,
        }
    }

    /// Whether the list of policies may be a part of the whole.
    fn lists_some(&self) -> bool {
        self.sign_in.policies_lost.is_some()
    }

    /// Whether the shape of the record has no place for policies at all.
    fn shape_has_no_policies(&self) -> bool {
        self.sign_in.applied_policies == AppliedPolicies::Absent
    }

    fn deciding(&self) -> Vec<&PolicyAnswer> {
        self.policies.iter().filter(|policy| policy.part == PolicyPart::Decided).collect()
    }

    fn step_of_code(&self) -> Option<StepKind> {
        let word = self.code?.step.as_str();
        StepKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The user in the snapshot, by object id or, failing that, by principal name.
    fn user(&self) -> Option<&crate::domain::snapshot::User> {
        self.tenant.user(self.sign_in.user_id.as_deref(), self.sign_in.user_principal_name.as_deref())
    }
}

/// The rows of the attempt with the sign-in itself, oldest first, each once.
fn in_order(sign_in: &Arc<SignIn>, attempt: &[Arc<SignIn>]) -> Vec<Arc<SignIn>> {
    let is_this = |other: &Arc<SignIn>| {
        other.origin.file == sign_in.origin.file
            && other.origin.record == sign_in.origin.record
            && other.id == sign_in.id
    };
    let mut rows: Vec<Arc<SignIn>> = attempt.iter().filter(|other| !is_this(other)).cloned().collect();
    rows.push(Arc::clone(sign_in));
    rows.sort_by_key(|row| (row.created, row.id.clone()));
    rows
}

fn is_step(row: &SignIn) -> bool {
    let silent = !matches!(row.event_kind, EventKind::Interactive | EventKind::Unknown);
    row.error_code().is_some_and(|code| error_code::is_interrupt(code, silent))
}

/// The row that decided an attempt: its last row, unless the last rows are mere steps that follow an answer.
fn deciding_row(attempt: &[Arc<SignIn>]) -> Option<usize> {
    attempt.iter().rposition(|row| !is_step(row)).or_else(|| attempt.len().checked_sub(1))
}

fn attempt_rows(view: &View) -> Vec<AttemptRow> {
    let deciding = deciding_row(view.attempt);
    view.attempt
        .iter()
        .enumerate()
        .map(|(index, row)| AttemptRow {
            id: row.id.clone(),
            at: row.created,
            error_code: row.error_code(),
            word: reason_word(
                row.error_code(),
                row.conditional_access_status.as_ref(),
                row.client_app_used.as_deref().unwrap_or(""),
                row.event_kind,
            ),
            is_step: is_step(row),
            is_this: Arc::ptr_eq(row, view.sign_in),
            decided: deciding == Some(index),
        })
        .collect()
}

/// A time as explanations write it: UTC, to the second.
fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// "a, b and c".
fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A name as headlines quote it: long ones are cut, since the whole stands below.
fn quoted(name: &str) -> String {
    const MOST: usize = 60;
    if name.chars().count() <= MOST {
        return format!("“{name}”");
    }
    let short: String = name.chars().take(MOST - 1).collect();
    format!("“{}…”", short.trim_end())
}

/// The first sentence of a text.
fn first_sentence(text: &str) -> &str {
    match text.find(". ") {
        Some(end) => text.get(..=end).unwrap_or(text),
        None => text,
    }
}
