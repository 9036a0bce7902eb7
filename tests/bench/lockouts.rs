//! Measures how long it takes to find the users with lockouts in a log of a million rows, beside one pass over the same index that
//! counts failures, and how long the ledger of one user takes whose password was tried many times.
//!
//! ```text
//! cargo bench --bench lockouts
//! ```
//!
//! The pass and the scan stand in one run, so their ratio means something on any machine; it is printed first.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use authopsy::app::lockouts::LockoutPanel;
use authopsy::domain::lockout::AttemptClass;
use authopsy::domain::merge::Fullness;
use authopsy::domain::sign_in::EventKind;
use authopsy::domain::{Holdings, Origin, SignIn};
use authopsy::explain::access::Tenant;
use authopsy::explain::lockout::episode::{Tick, scan};
use authopsy::explain::lockout::{self, Attempts, Choices, Lockouts, Requests};
use authopsy::store::index::{Entry, Index, Span, Who};
use chrono::DateTime;
use divan::Bencher;

const ROWS: usize = 1_000_000;
const USERS: usize = 40_000;
const START: i64 = 1_624_252_804_000;

/// A million rows of forty thousand users: two in a hundred are wrong passwords, six are passwords that were right, a few are locks,
/// and the rest are tokens that were renewed, as in a log that holds the non-interactive sign-ins.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index::default();
    let mut chance: u64 = 7;
    let mut below = |bound: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % bound
    };
    for batch in 0..ROWS / 10_000 {
        let entries = (0..10_000)
            .map(|number| {
                let number = batch * 10_000 + number;
                let user = below(USERS as u64);
                let (code, class) = match below(100) {
                    0..=1 => (50_126, AttemptClass::BadPassword),
                    2 if user % 50 == 0 => (50_053, AttemptClass::Lock),
                    3..=8 => (0, AttemptClass::Pass),
                    _ => (0, AttemptClass::Neutral),
                };
                Entry {
                    span: Span { source: 0, number: number as u64, offset: number as u64 * 4000, length: 4000 },
                    id: format!("{number:08x}-0000-4000-8000-000000000000"),
                    time: Some(START + number as i64 * 600),
                    who: Who { id: format!("user-{user}"), ..Who::default() },
                    error_code: Some(code),
                    class,
                    conditional_access: None,
                    app: "Portal".to_owned(),
                    resource: String::new(),
                    client: "Browser".to_owned(),
                    place: String::new(),
                    ip: format!("198.51.{}.{}", below(256), below(256)),
                    correlation_id: String::new(),
                    session_id: String::new(),
                    event_kind: EventKind::Interactive,
                    policy_failed: false,
                    fullness: Fullness::default(),
                    is_supplement: false,
                }
            })
            .collect();
        index.append(entries);
    }
    index
});

/// One pass over the index: the failures of each user with the last of them.
fn pass(index: &Index) -> usize {
    let mut failures: Vec<(u32, i64)> = vec![(0, 0); index.users().count()];
    for (_, row) in index.rows() {
        let (Some(time), Some(held)) = (row.time, failures.get_mut(row.user.0 as usize)) else { continue };
        if row.class.is_refusal() {
            *held = (held.0 + 1, held.1.max(time));
        }
    }
    failures.into_iter().filter(|(count, _)| *count > 0).count()
}

/// All users of the log with their episodes.
fn lockouts(index: &Index) -> usize {
    let ticks =
        index.attempts().filter_map(|row| Some((row.user.0 as usize, Tick { at: row.time?, class: row.class })));
    scan(ticks, lockout::cut_of(&Tenant::default(), Choices::default())).len()
}

#[divan::bench]
fn one_pass_over_a_million_rows(bencher: Bencher) {
    bencher.bench_local(|| black_box(pass(&INDEX)));
}

#[divan::bench]
fn scan_a_million_rows_for_lockouts(bencher: Bencher) {
    bencher.bench_local(|| black_box(lockouts(&INDEX)));
}

/// So many wrong passwords of one user, as a device with an old one sends them. The process and the address of each are those of its
/// number.
fn wrong_passwords(tries: usize, process: fn(usize) -> usize, address: fn(usize) -> usize) -> Vec<SignIn> {
    let row = |number: usize| {
        let ip = address(number);
        let mut sign_in = SignIn {
            id: format!("{:08x}-0000-4000-8000-{:012x}", process(number), number << 24),
            created: DateTime::from_timestamp_millis(START + number as i64 * 3_000),
            user_id: Some("user".to_owned()),
            ip_address: Some(format!("198.51.{}.{}", ip / 256, ip % 256)),
            origin: Origin { file: Arc::from("log"), record: Some(number as u64), ..Origin::default() },
            ..SignIn::default()
        };
        sign_in.status.error_code = Some(50_126);
        sign_in
    };
    (0..tries).map(row).collect()
}

fn ledger(rows: &[SignIn]) -> Lockouts {
    let mut attempts = Attempts::default();
    rows.iter().for_each(|row| attempts.add(row));
    let beside = lockout::Beside {
        tenant: &Tenant::default(),
        traces: &[],
        requests: &Requests::default(),
        left_out: 0,
        is_torn: false,
        holds: Holdings::default(),
        addresses: &HashMap::new(),
        choices: Choices::default(),
    };
    lockout::ledger(attempts, beside)
}

/// The ledger of a user whose password was tried so many times by a few processes.
#[divan::bench(args = [10, 200, 2_000, 20_000])]
fn ledger_of_a_user(bencher: Bencher, tries: usize) {
    let rows = wrong_passwords(tries, |number| number % 7, |_| 7);
    bencher.bench_local(|| black_box(ledger(&rows)));
}

/// The same where each process answered two of the tries, so that there are half as many lanes as tries.
#[divan::bench(args = [200, 2_000, 20_000])]
fn ledger_of_a_user_of_many_processes(bencher: Bencher, tries: usize) {
    let rows = wrong_passwords(tries, |number| number / 2, |_| 7);
    bencher.bench_local(|| black_box(ledger(&rows)));
}

/// The same where each try came from an address of its own.
#[divan::bench(args = [200, 2_000, 20_000])]
fn ledger_of_a_user_of_many_addresses(bencher: Bencher, tries: usize) {
    let rows = wrong_passwords(tries, |number| number % 7, |number| number);
    bencher.bench_local(|| black_box(ledger(&rows)));
}

/// What a key on the screen waits for: other choices, and the pictures of the panel.
#[divan::bench(args = [200, 2_000, 20_000])]
fn other_choices(bencher: Bencher, tries: usize) {
    let panel = LockoutPanel::new(Arc::new(ledger(&wrong_passwords(tries, |number| number / 2, |_| 7))));
    bencher.bench_local(|| {
        let mut panel = panel.clone();
        panel.choose(|choices| choices.success_resets = !choices.success_resets);
        black_box(panel)
    });
}

/// The best of some runs.
fn best(work: fn(&Index) -> usize) -> Duration {
    let run = || {
        let since = Instant::now();
        black_box(work(&INDEX));
        since.elapsed()
    };
    (0..9).map(|_| run()).min().unwrap_or_default()
}

fn main() {
    // The answer is checked against a slow count before it is timed: a fast wrong answer is a failure.
    assert_eq!(lockouts(&INDEX), pass(&INDEX), "every user who was refused has an episode");
    let (one, scanned) = (best(pass), best(lockouts));
    println!(
        "a pass over {ROWS} rows: {one:?}; the scan: {scanned:?}; {:.1} passes",
        scanned.as_secs_f64() / one.as_secs_f64()
    );
    divan::main();
}
