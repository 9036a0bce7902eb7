//! Measures how long it takes to trace the collisions among many recipients, and whether the time grows with the number of addresses.
//!
//! ```text
//! cargo bench --bench addresses
//! ```
//!
//! Ten thousand and a hundred thousand recipients are traced in one run: the ratio of the two, over that of their addresses, is
//! printed first and is near 1 where the time is linear.

use std::hint::black_box;
use std::time::Instant;

use authopsy::domain::recipient::{Directory, Recipient, RecipientKind};
use authopsy::explain::addresses::trace;
use divan::Bencher;

/// So many recipients, of which every hundredth has three hundred addresses and the others five; every thousandth wants an address that
/// the one before it has.
fn recipients(count: usize, crowded: usize) -> Vec<Recipient> {
    (0..count)
        .map(|number| {
            let addresses = if number % 100 == 0 { crowded } else { 5 };
            let mut addresses: Vec<String> =
                (0..addresses).map(|at| format!("smtp:user{number}.{at}@contoso.com")).collect();
            if number % 1_000 == 999 {
                addresses.push(format!("SMTP:user{}.0@contoso.com", number - 1));
            }
            Recipient {
                directory: Directory::Entra,
                kind: RecipientKind::User,
                id: format!("{number:08x}-0000-4000-8000-000000000000"),
                principal_name: Some(format!("user{number}@contoso.com")),
                addresses,
                ..Recipient::default()
            }
        })
        .collect()
}

/// The same, each with so many addresses.
fn full(count: usize, addresses: usize) -> Vec<Recipient> {
    (0..count)
        .map(|number| Recipient {
            id: format!("{number:08x}-0000-4000-8000-000000000000"),
            addresses: (0..addresses).map(|at| format!("smtp:user{number}.{at}@contoso.com")).collect(),
            ..Recipient::default()
        })
        .collect()
}

fn main() {
    let [small, large] = [10_000, 100_000].map(|count| {
        let recipients = recipients(count, 300);
        let start = Instant::now();
        let found = black_box(trace(&recipients, &[]));
        let time = start.elapsed();
        println!("{count} recipients with {} addresses: {time:?}, {} collisions", found.claims, found.collisions.len());
        time.as_secs_f64() / found.claims as f64
    });
    println!("time for an address, the larger over the smaller: {:.2}", large / small);
    let most = full(100_000, 300);
    let start = Instant::now();
    let found = black_box(trace(&most, &[]));
    println!("100000 recipients with 300 addresses each, {} in all: {:?}", found.claims, start.elapsed());
    // All want one address.
    let mut same = full(100_000, 1);
    same.iter_mut().for_each(|recipient| recipient.addresses = vec!["SMTP:one@contoso.com".to_owned()]);
    let start = Instant::now();
    let found = black_box(trace(&same, &[]));
    println!("100000 recipients that want one address: {:?}, {} collisions", start.elapsed(), found.collisions.len());
    divan::main();
}

#[divan::bench(args = [1_000, 10_000])]
fn collisions(bencher: Bencher, count: usize) {
    let recipients = recipients(count, 300);
    bencher.bench_local(|| black_box(trace(black_box(&recipients), &[])));
}
