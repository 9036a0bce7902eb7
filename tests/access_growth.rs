//! How the evaluator grows: with policies no faster than their number, and with the groups of a tenant hardly at all. Times are only
//! held against each other within one run, so that the machine does not matter.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

#[path = "bench/tenant.rs"]
mod tenant;

use std::hint::black_box;
use std::time::{Duration, Instant};

use authopsy::domain::{Context, Holdings};
use authopsy::explain::access::{Asked, Tenant, decide, evaluate, from_sign_in};
use authopsy::explain::{Surroundings, explain};
use tenant::Size;

/// How much more one thing may take than another that should take as much.
const SLACK: f64 = 3.0;

/// How many times longer the second takes than the first: by the fastest of several rounds, in which they take turns.
fn ratio(rounds: usize, small: &mut dyn FnMut(), large: &mut dyn FnMut()) -> f64 {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let (mut of_small, mut of_large) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        of_small = of_small.min(time(small));
        of_large = of_large.min(time(large));
    }
    of_large.as_secs_f64() / of_small.as_secs_f64().max(f64::MIN_POSITIVE)
}

fn made(size: Size) -> (Tenant, Vec<Context>) {
    let tenant = Tenant::new(tenant::snapshot(size));
    let contexts =
        (0..8).map(|number| from_sign_in::context(&tenant::sign_in(number * 31, &tenant), &tenant)).collect();
    (tenant, contexts)
}

/// Evaluates the policies for each request, as often as said.
fn evaluate_all(tenant: &Tenant, contexts: &[Context], times: usize) {
    for context in contexts {
        let asked = Asked::new(context, tenant);
        for index in 0..tenant.snapshot().policies.len() {
            for _ in 0..times {
                black_box(evaluate(index, &asked));
            }
        }
    }
}

#[test]
fn ten_times_the_policies_take_ten_times_as_long() {
    let few = Size { users: 500, ..Size::COMPANY };
    let ((small, of_small), (large, of_large)) = (made(few), made(Size { policies: few.policies * 10, ..few }));
    let found = ratio(7, &mut || evaluate_all(&small, &of_small, 10), &mut || evaluate_all(&large, &of_large, 1));
    println!("a policy among 2,000 takes {found:.2} times one among 200");
    assert!(found < SLACK, "evaluating a policy: {found:.2}");
    let decide_all = |tenant: &Tenant, contexts: &[Context], times: usize| {
        for context in contexts {
            let asked = Asked::new(context, tenant);
            (0..times).for_each(|_| drop(black_box(decide(&asked))));
        }
    };
    let found = ratio(7, &mut || decide_all(&small, &of_small, 10), &mut || decide_all(&large, &of_large, 1));
    println!("deciding, for each policy: {found:.2}");
    assert!(found < SLACK, "deciding: {found:.2}");
}

#[test]
fn ten_times_the_policies_are_explained_in_about_ten_times_as_long() {
    let few = Size { users: 500, ..Size::COMPANY };
    let ((small, _), (large, _)) = (made(few), made(Size { policies: few.policies * 10, ..few }));
    let (in_small, in_large) = (tenant::sign_in(1, &small), tenant::sign_in(1, &large));
    let explained = |tenant: &Tenant, sign_in| {
        let attempt = std::slice::from_ref(sign_in);
        drop(black_box(explain(
            sign_in,
            &Surroundings { tenant, attempt, holds: Holdings::default(), ledger: None, lockouts: None },
        )));
    };
    let explain_few = &mut || (0..10).for_each(|_| explained(&small, &in_small));
    let found = ratio(7, explain_few, &mut || explained(&large, &in_large));
    println!("explaining, for each policy: {found:.2}");
    assert!(found < SLACK, "explaining: {found:.2}");
}

#[test]
fn a_policy_that_names_two_groups_does_not_care_how_many_there_are() {
    let few = Size { policies: 1, users: 1_000, groups: 1_000, locations: 3 };
    let ((small, of_small), (large, of_large)) = (made(few), made(Size { groups: 100_000, ..few }));
    let found = ratio(15, &mut || evaluate_all(&small, &of_small, 200), &mut || evaluate_all(&large, &of_large, 200));
    println!("a policy among 100,000 groups takes {found:.2} times one among 1,000");
    assert!(found < SLACK, "evaluating a policy: {found:.2}");
    let ready = |tenant: &Tenant, contexts: &[Context]| {
        (0..50).for_each(|_| contexts.iter().for_each(|context| drop(black_box(Asked::new(context, tenant)))));
    };
    let found = ratio(15, &mut || ready(&small, &of_small), &mut || ready(&large, &of_large));
    println!("making a sign-in ready: {found:.2}");
    assert!(found < SLACK, "making a sign-in ready: {found:.2}");
}
