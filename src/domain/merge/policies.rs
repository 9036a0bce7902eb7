//! Unites the lists of policies that several records of one sign-in have.
//!
//! A list should be whole, and is not where a query spread it over rows, one policy a row, or chose among them. So a policy that only
//! one record lists is added, with its own place, and no list takes the place of one that holds more.

use std::sync::Arc;

use super::super::evidence::{Borrowed, Origin};
use super::super::sign_in::{AppliedPolicies, AppliedPolicy, PoliciesLost, PolicyResult, SignIn, Variance};

/// Where the list stands in Graph's spelling.
const LIST: &str = "/appliedConditionalAccessPolicies";

/// Takes from another record the policies that the main one lacks, and the reasons. Says whether the whole list was taken.
pub(super) fn unite(main: &mut SignIn, other: &mut SignIn, from: &Arc<Origin>) -> bool {
    if is_taken_whole(main, other) {
        main.policies_lost = whole_of(main, other);
        main.applied_policies = std::mem::take(&mut other.applied_policies);
        return true;
    }
    let lost = whole_of(main, other);
    let AppliedPolicies::Listed(held) = &mut main.applied_policies else {
        main.policies_lost = main.policies_lost.or(other.policies_lost);
        return false;
    };
    if other.applied_policies.list().is_empty() {
        return false;
    }
    main.policies_lost = lost;
    let AppliedPolicies::Listed(given) = std::mem::take(&mut other.applied_policies) else { return false };
    for (number, policy) in given.into_iter().enumerate() {
        let at = match held.iter().position(|known| is_same(known, &policy)) {
            Some(at) => {
                let Some(known) = held.get_mut(at).filter(|known| tells_more(&policy, known)) else { continue };
                *known = policy;
                at
            }
            None => {
                held.push(policy);
                held.len() - 1
            }
        };
        let place = format!("{LIST}/{at}");
        main.origin.borrowed.retain(|held| held.at != place);
        main.origin.borrowed.push(Borrowed { at: place, from: Arc::clone(from), there: format!("{LIST}/{number}") });
    }
    false
}

/// The policies that two records list with different results.
pub(super) fn differing_results(main: &SignIn, other: &SignIn, from: &Origin) -> Vec<Variance> {
    let is_whole = is_taken_whole(main, other);
    let theirs = other.applied_policies.list();
    let mut found = Vec::new();
    for (number, policy) in main.applied_policies.list().iter().enumerate() {
        let Some((at, same)) = theirs.iter().enumerate().find(|(_, theirs)| is_same(theirs, policy)) else { continue };
        let is_known = |result: &PolicyResult| !matches!(result, PolicyResult::Other(_));
        if policy.result == same.result || !is_known(&policy.result) || !is_known(&same.result) {
            continue;
        }
        let evidence = |origin: &Origin, number: usize, policy: &AppliedPolicy| {
            let pointer = format!("{LIST}/{number}/result");
            origin.evidence(&format!("result of “{}”", policy.display_name), &pointer, policy.result.word())
        };
        let (mine, given) = (evidence(&main.origin, number, policy), evidence(from, at, same));
        // What is taken over counts, and with it what it says.
        let (here, there) = if is_whole || tells_more(same, policy) { (given, mine) } else { (mine, given) };
        found.push(Variance { here, there });
    }
    found
}

/// Whether policies of a list come with reasons.
pub(super) fn gives_reasons(policies: &[AppliedPolicy]) -> bool {
    policies.iter().any(has_reasons)
}

/// Whether another record's list takes the place of the main one's: it holds all of it and says more.
fn is_taken_whole(main: &SignIn, other: &SignIn) -> bool {
    let rank = |policies: &AppliedPolicies| match policies {
        AppliedPolicies::Absent => 0,
        AppliedPolicies::Empty => 1,
        AppliedPolicies::Listed(list) if gives_reasons(list) => 3,
        AppliedPolicies::Listed(_) => 2,
    };
    let (held, given) = (&main.applied_policies, &other.applied_policies);
    rank(given) > rank(held) && covers(given.list(), held.list())
}

/// Why what the two lists come to may not be whole.
fn whole_of(main: &SignIn, other: &SignIn) -> Option<PoliciesLost> {
    let (held, given) = (main.applied_policies.list(), other.applied_policies.list());
    match (covers(held, given), covers(given, held)) {
        (true, true) => main.policies_lost.and(other.policies_lost),
        (true, false) => main.policies_lost,
        (false, true) => other.policies_lost,
        (false, false) => Some(PoliciesLost::InPieces),
    }
}

/// Whether a list has every policy of another.
fn covers(list: &[AppliedPolicy], other: &[AppliedPolicy]) -> bool {
    other.iter().all(|policy| list.iter().any(|known| is_same(known, policy)))
}

/// Policies are known by their ids, and by their names where a record leaves the ids out.
fn is_same(a: &AppliedPolicy, b: &AppliedPolicy) -> bool {
    if a.id.is_empty() || b.id.is_empty() {
        return a.display_name == b.display_name;
    }
    a.id.eq_ignore_ascii_case(&b.id)
}

fn tells_more(given: &AppliedPolicy, held: &AppliedPolicy) -> bool {
    has_reasons(given) && !has_reasons(held)
}

fn has_reasons(policy: &AppliedPolicy) -> bool {
    policy.conditions_satisfied.is_some() || policy.conditions_not_satisfied.is_some()
}
