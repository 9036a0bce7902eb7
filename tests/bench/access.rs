//! Measures how fast policies are evaluated and sign-ins explained, and how much memory an explanation takes: on a tenant as a large
//! company has it, and on the demo tenant. Memory is counted by the allocator, which makes allocations dearer than they are.
//!
//! ```text
//! cargo bench --bench access
//! cargo bench --bench access -- explain
//! ```
//!
//! What must hold on every machine is a test: `tests/access_growth.rs`.
#![expect(clippy::expect_used, reason = "a bench stops where it fails")]

mod tenant;

use std::fmt;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};

use authopsy::domain::{Context, Holdings, SignIn, Snapshot};
use authopsy::explain::access::{Asked, Tenant, decide, evaluate, from_sign_in};
use authopsy::explain::{Surroundings, explain};
use authopsy::store::index::Index;
use authopsy::store::{self, LoadEvent, Request, Sources};
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many sign-ins are asked in turn, so that no branch is learnt by heart.
const SIGN_INS: usize = 32;

/// A tenant with sign-ins to it.
struct Case {
    tenant: Tenant,
    sign_ins: Vec<Arc<SignIn>>,
    contexts: Vec<Context>,
    holds: Holdings,
}

static COMPANY: LazyLock<Case> = LazyLock::new(|| {
    let tenant = Tenant::new(tenant::snapshot(tenant::Size::COMPANY));
    let sign_ins = (0..SIGN_INS).map(|number| tenant::sign_in(number * 31, &tenant)).collect();
    Case::new(tenant, sign_ins, Holdings::default())
});
static DEMO: LazyLock<Case> = LazyLock::new(|| {
    let sources = Sources::new();
    let (mut index, mut tenant, mut holds) = (Index::default(), Tenant::default(), Holdings::default());
    store::load(&Request::default(), &sources, &|| true, &mut |event| match event {
        LoadEvent::Batch(batch) => index.append(batch),
        LoadEvent::Snapshot(read) => tenant = Tenant::new(*read),
        LoadEvent::Inventory(read) => holds = read.holdings(),
        _ => {}
    });
    let spans: Vec<_> = index.rows().map(|(_, row)| row.span).collect();
    let spread = spans.iter().step_by((spans.len() / SIGN_INS).max(1)).take(SIGN_INS);
    let sign_ins = spread.map(|span| Arc::new(sources.read(*span).expect("a record").sign_in)).collect();
    Case::new(tenant, sign_ins, holds)
});

impl Case {
    fn new(tenant: Tenant, sign_ins: Vec<Arc<SignIn>>, holds: Holdings) -> Case {
        let contexts = sign_ins.iter().map(|sign_in| from_sign_in::context(sign_in, &tenant)).collect();
        Case { tenant, sign_ins, contexts, holds }
    }
}

/// Which case is measured.
#[derive(Clone, Copy)]
enum Of {
    Company,
    Demo,
}

impl Of {
    const ALL: [Of; 2] = [Of::Company, Of::Demo];

    fn case(self) -> &'static Case {
        match self {
            Of::Company => &COMPANY,
            Of::Demo => &DEMO,
        }
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, case) = (if matches!(self, Of::Company) { "company" } else { "demo" }, self.case());
        write!(f, "{name}, {} policies", case.tenant.snapshot().policies.len())
    }
}

/// Hands out one after the other, again and again.
fn in_turn<'a, T>(list: &'a [T]) -> impl FnMut() -> &'a T + use<'a, T> {
    let mut all = list.iter().cycle();
    move || all.next().expect("something in the list")
}

/// Every policy with every reason, for a sign-in that is ready. Items are policies.
#[divan::bench(args = Of::ALL)]
fn evaluate_all(bencher: Bencher<'_, '_>, of: Of) {
    let case = of.case();
    let asked: Vec<Asked<'_>> = case.contexts.iter().map(|context| Asked::new(context, &case.tenant)).collect();
    let policies = case.tenant.snapshot().policies.len();
    let mut next = in_turn(&asked);
    bencher.counter(ItemsCount::new(policies)).bench_local(|| {
        let asked = next();
        for index in 0..policies {
            black_box(evaluate(index, asked));
        }
    });
}

/// The same with making the sign-in ready. Items are policies.
#[divan::bench(args = Of::ALL)]
fn make_ready_and_evaluate_all(bencher: Bencher<'_, '_>, of: Of) {
    let case = of.case();
    let policies = case.tenant.snapshot().policies.len();
    let mut next = in_turn(&case.contexts);
    bencher.counter(ItemsCount::new(policies)).bench_local(|| {
        let asked = Asked::new(next(), &case.tenant);
        for index in 0..policies {
            black_box(evaluate(index, &asked));
        }
    });
}

/// Making a sign-in ready. Items are sign-ins.
#[divan::bench(args = Of::ALL)]
fn make_ready(bencher: Bencher<'_, '_>, of: Of) {
    let case = of.case();
    let mut next = in_turn(&case.contexts);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        black_box(Asked::new(next(), &case.tenant));
    });
}

/// All policies joined to an ending. Items are sign-ins.
#[divan::bench(args = Of::ALL)]
fn decide_one(bencher: Bencher<'_, '_>, of: Of) {
    let case = of.case();
    let asked: Vec<Asked<'_>> = case.contexts.iter().map(|context| Asked::new(context, &case.tenant)).collect();
    let mut next = in_turn(&asked);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| decide(next()));
}

/// A whole explanation with its wording; the allocations shown are those of one. Items are sign-ins.
#[divan::bench(args = Of::ALL)]
fn explain_one(bencher: Bencher<'_, '_>, of: Of) {
    let case = of.case();
    let mut next = in_turn(&case.sign_ins);
    bencher.counter(ItemsCount::new(1usize)).bench_local(|| {
        let sign_in = next();
        let attempt = std::slice::from_ref(sign_in);
        explain(
            sign_in,
            &Surroundings { tenant: &case.tenant, attempt, holds: case.holds, ledger: None, lockouts: None },
        )
    });
}

/// Making a tenant ready, once for every snapshot.
#[divan::bench(args = Of::ALL)]
fn tenant_new(bencher: Bencher<'_, '_>, of: Of) {
    let snapshot: Arc<Snapshot> = Arc::new(of.case().tenant.snapshot().clone());
    bencher.bench_local(|| Tenant::new(Arc::clone(&snapshot)));
}

fn main() {
    divan::main();
}
