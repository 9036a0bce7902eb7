//! Asks the program the same and puts its answer beside the naive one; makes a case smaller while the two differ.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use authopsy::domain::Context;
use authopsy::domain::verdict::Verdict;
use authopsy::explain::access::{Asked, Decision, Ending, Status, Tenant, decide};

use crate::case::Case;
use crate::judge::{Answer, PolicyAnswer, judge};
use crate::truth::Truth;

/// A verdict without what would settle it.
pub fn collapsed(verdict: Verdict) -> Truth {
    match verdict {
        Verdict::Yes => Truth::Yes,
        Verdict::No => Truth::No,
        Verdict::UnknownContext | Verdict::UnknownData => Truth::Unknown,
    }
}

/// The program's word for how a request ends.
pub fn ending(decision: &Decision) -> &'static str {
    match decision.ending {
        Ending::Granted => "granted",
        Ending::Blocked => "blocked",
        Ending::Interrupted => "interrupted",
        Ending::Unknown => "unknown",
    }
}

/// The program's answer for a request.
pub fn program(context: &Context, tenant: &Tenant) -> Answer {
    let decision = decide(&Asked::new(context, tenant));
    let policies = decision.policies.iter().map(|policy| PolicyAnswer {
        applies: collapsed(policy.evaluation.applies),
        granted: collapsed(policy.granted.verdict),
        result: policy.result,
    });
    Answer {
        policies: policies.collect(),
        ending: ending(&decision),
        status: decision.status.as_ref().map(|status| match status {
            Status::Failure => "failure",
            Status::Success => "success",
            Status::NotApplied => "notApplied",
        }),
        blocked_by: decision.blocked_by.iter().copied().collect::<BTreeSet<usize>>(),
        undecided: decision.undecided.iter().copied().collect(),
        frequency: decision.session.sign_in_frequency.map(|(hours, _)| hours),
    }
}

/// The program's answer for a case; nothing when it breaks off.
fn program_alone(case: &Case) -> Option<Answer> {
    let ask = || program(&case.context, &Tenant::new(case.snapshot.clone()));
    catch_unwind(AssertUnwindSafe(ask)).ok()
}

/// Whether the two answers to a case differ.
fn differ(case: &Case) -> bool {
    program_alone(case).as_ref() != Some(&judge(case))
}

/// Makes a case smaller, one step after the other, while the two answers still differ.
fn smallest(mut case: Case) -> Case {
    loop {
        let Some(smaller) = crate::shrink::smaller(&case).into_iter().find(differ) else { return case };
        case = smaller;
    }
}

/// What the two answers to a case differ in, with the smallest case found.
pub fn report(case: Case) -> String {
    let case = smallest(case);
    let (program, naive) = (program_alone(&case), judge(&case));
    let snapshot = &case.snapshot;
    format!(
        "program: {program:#?}\nnaive: {naive:#?}\ncontext: {:#?}\npolicies: {:#?}\nusers: {:#?}\ngroups: {:#?}\n\
         roles: {:#?}\nnamed locations: {:#?}\n",
        case.context, snapshot.policies, snapshot.users, snapshot.groups, snapshot.roles, snapshot.named_locations
    )
}
