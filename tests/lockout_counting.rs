//! Holds the arithmetic of counters against a walk through every way of counting, one try after the other.
//!
//! The slow way knows nothing of groups: it tries every assignment of tries to counters and walks each in the order of time.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::collections::{BTreeSet, HashMap};

use authopsy::explain::lockout::counting::{Counted, Counting, Gathered, MOST_FREE, Rule, Try};

fn count(tries: &[Try], rule: Rule) -> Counting {
    Gathered::of(tries, 0).count(rule)
}

/// A way: the counter of each try.
type Way = Vec<usize>;

/// Every way of giving the tries to counters, counters being numbered by their first try.
fn all_ways(tries: usize) -> Vec<Way> {
    let mut ways = vec![Vec::new()];
    for _ in 0..tries {
        ways = ways
            .into_iter()
            .flat_map(|way: Way| {
                let next = way.iter().max().map_or(0, |most| most + 1);
                (0..=next).map(move |counter| [way.as_slice(), &[counter]].concat())
            })
            .collect();
    }
    ways
}

/// Walks a way: the wrong passwords of each counter before the first lock, that of the first lock first, and how many counters there
/// are. Nothing where the log cannot have come about so.
fn walk(tries: &[Try], way: &Way, rule: Rule) -> Option<(Vec<u32>, u32)> {
    let first_lock = tries.iter().position(|one| one.is_lock);
    let tripping = first_lock.map(|row| way[row]);
    for one in 0..tries.len() {
        for other in one + 1..tries.len() {
            let (a, b) = (&tries[one], &tries[other]);
            let same_process = a.process.is_some() && a.process == b.process;
            let places = a.place.zip(b.place);
            let same_label = places.is_some_and(|(a, b)| a.0 == b.0);
            let other_region = places.is_some_and(|(a, b)| a.1 != b.1);
            let is_same = way[one] == way[other];
            if (same_process || same_label) && !is_same || other_region && is_same {
                return None;
            }
        }
    }
    let mut held: HashMap<usize, u32> = HashMap::new();
    let mut before: HashMap<usize, u32> = HashMap::new();
    for (row, one) in tries.iter().enumerate() {
        let counter = way[row];
        let full = if Some(counter) == tripping { rule.full_at_tripping } else { rule.full };
        let count = held.entry(counter).or_default();
        match one.is_lock {
            true if *count != full => return None,
            true => {}
            false if *count >= full => return None,
            false => *count += 1,
        }
        if Some(row) == first_lock {
            before.clone_from(&held);
        }
    }
    if first_lock.is_none() {
        before.clone_from(&held);
    }
    let tripped = tripping.map(|counter| before.get(&counter).copied().unwrap_or(0));
    let mut others: Vec<u32> =
        before.iter().filter(|(counter, _)| Some(**counter) != tripping).map(|(_, count)| *count).collect();
    others.retain(|count| *count > 0);
    others.sort_unstable_by(|a, b| b.cmp(a));
    let counters = way.iter().collect::<BTreeSet<_>>().len();
    Some((tripped.into_iter().chain(others).collect(), u32::try_from(counters).expect("few counters")))
}

/// A generator that gives the same numbers on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % bound as u64).expect("a small number")
    }
}

fn tries(chance: &mut Chance) -> Vec<Try> {
    let length = 1 + chance.below(7);
    let first_lock = chance.below(length + 2);
    let knows = chance.below(3);
    // Labels 0 and 1 are parts of one region.
    let regions = [0, 0, 1];
    let mut place_of: HashMap<usize, Option<(usize, usize)>> = HashMap::new();
    (0..length)
        .map(|row| {
            let is_lock = row == first_lock || row > first_lock && chance.below(2) == 0;
            let process = (knows > 0 && chance.below(2) == 0).then(|| chance.below(3));
            let label = chance.below(3);
            let place = (knows > 1 && chance.below(2) == 0).then(|| (label, regions[label]));
            // One process is at one place.
            let place = match process {
                Some(process) => *place_of.entry(process).or_insert(place),
                None => place,
            };
            Try { is_lock, place, process }
        })
        .collect()
}

#[test]
fn every_way_and_no_other_is_found_in_ten_thousand_small_instances() {
    let mut chance = Chance(2021);
    let ways: Vec<Vec<Way>> = (0..=7).map(all_ways).collect();
    let (mut possible, mut impossible, mut forced) = (0, 0, 0);
    for instance in 0..10_000 {
        let tries = tries(&mut chance);
        let full = u32::try_from(chance.below(5)).expect("a small number");
        let full_at_tripping = if chance.below(4) == 0 { full.min(1) } else { full };
        let rule = Rule { full, full_at_tripping };
        let walked: Vec<(&Way, (Vec<u32>, u32))> =
            ways[tries.len()].iter().filter_map(|way| Some((way, walk(&tries, way, rule)?))).collect();
        // Locks of which nothing is known are met by the counter that tripped already, so they open no counter of their own.
        let first_lock = tries.iter().position(|one| one.is_lock);
        let is_plain = |way: &Way| {
            tries.iter().enumerate().all(|(row, one)| {
                let is_free = one.is_lock && Some(row) != first_lock && one.place.is_none() && one.process.is_none();
                !is_free || Some(way[row]) == first_lock.map(|lock| way[lock])
            })
        };
        let plain: Vec<&(&Way, (Vec<u32>, u32))> = walked.iter().filter(|(way, _)| is_plain(way)).collect();
        let found = count(&tries, rule);
        let at = format!("instance {instance}: {tries:?} {rule:?}");
        assert!(found.is_exact, "{at}");
        assert_eq!(found.minimum, walked.iter().map(|(_, (_, counters))| *counters).min(), "{at}");
        assert_eq!(found.maximum, plain.iter().map(|(_, (_, counters))| *counters).max(), "{at}");
        let splits: BTreeSet<&Vec<u32>> = walked.iter().map(|(_, (split, _))| split).collect();
        assert_eq!(found.splits.iter().collect::<BTreeSet<_>>(), splits, "{at}");
        assert_eq!(found.splits.len(), splits.len(), "{at}: a split stands twice");
        if let Some(lock) = first_lock {
            let positions = Gathered::of(&tries, 0).positions(rule);
            for row in (0..lock).filter(|_| !walked.is_empty()) {
                let together = walked.iter().any(|(way, _)| way[row] == way[lock]);
                let apart = walked.iter().any(|(way, _)| way[row] != way[lock]);
                let truth = match (together, apart) {
                    (true, false) => Counted::WhereItTripped,
                    (false, true) => Counted::Elsewhere,
                    _ => Counted::Open,
                };
                assert_eq!(positions.get(&row), Some(&truth), "{at}: try {row}");
                forced += usize::from(truth != Counted::Open);
            }
        }
        if walked.is_empty() { impossible += 1 } else { possible += 1 }
    }
    // A test that never meets the interesting cases would prove nothing.
    assert!(possible > 2_000 && impossible > 2_000 && forced > 500, "{possible} {impossible} {forced}");
}

#[test]
fn many_free_tries_give_bounds_and_no_list() {
    let free = |is_lock| Try { is_lock, place: None, process: None };
    let mut tries: Vec<Try> = (0..200).map(|_| free(false)).collect();
    let found = count(&tries, Rule { full: 10, full_at_tripping: 10 });
    assert_eq!((found.minimum, found.maximum, found.is_exact), (Some(20), Some(200), false));
    assert_eq!(count(&tries, Rule { full: 9, full_at_tripping: 9 }).minimum, Some(23));
    tries.push(free(true));
    let found = count(&tries, Rule { full: 10, full_at_tripping: 10 });
    assert_eq!((found.minimum, found.maximum), (Some(20), Some(191)));
    assert!(found.splits.is_empty());
}

/// Work that grew with the square of the tries or of the groups would take hours here.
#[test]
fn half_a_million_tries_of_as_many_places_and_processes_are_gathered_in_one_pass() {
    let rule = Rule { full: 10, full_at_tripping: 10 };
    let free = Try { is_lock: false, place: None, process: None };
    let found = count(&vec![free; 500_000], rule);
    assert_eq!((found.minimum, found.maximum, found.is_exact), (Some(50_000), Some(500_000), false));
    // Each process answers two tries, and each third process is at a place of its own.
    let of_process = |number: usize| {
        let process = number / 2;
        let place = process.is_multiple_of(3).then_some((process, process));
        Try { is_lock: false, place, process: Some(process) }
    };
    let found = count(&(0..500_000).map(of_process).collect::<Vec<_>>(), rule);
    assert_eq!((found.minimum, found.maximum, found.is_exact), (Some(83_334), Some(250_000), false));
}

#[test]
fn tries_that_are_given_as_a_number_count_like_those_that_are_written_out() {
    let free = |is_lock| Try { is_lock, place: None, process: None };
    let at = |label| Try { is_lock: false, place: Some((label, label)), process: None };
    for full in [0, 1, 5, 10] {
        for has_lock in [false, true] {
            let rule = Rule { full, full_at_tripping: full };
            let mut tries: Vec<Try> = (0..MOST_FREE).map(|_| free(false)).collect();
            tries.extend([at(0), at(1)]);
            let mut all: Vec<Try> = (0..70).map(|_| free(false)).chain(tries.clone()).collect();
            if has_lock {
                tries.push(free(true));
                all.push(free(true));
            }
            let (few, all) = (Gathered::of(&tries, 70), Gathered::of(&all, 0));
            assert_eq!(few.count(rule), all.count(rule), "{full} {has_lock}");
            assert_eq!(few.positions(rule), all.positions(rule), "{full} {has_lock}");
        }
    }
    let most = Gathered::of(&[free(false), free(true)], u32::MAX).count(Rule { full: 1, full_at_tripping: 1 });
    assert_eq!((most.minimum, most.maximum), (Some(u32::MAX), Some(u32::MAX)), "sums end at what a number can hold");
}

/// In how many ways a number is a sum of parts of at most so much.
fn partitions(number: u32, most: u32) -> usize {
    match (number, most) {
        (0, _) => 1,
        (_, 0) => 0,
        (number, most) if most > number => partitions(number, number),
        (number, most) => partitions(number - most, most) + partitions(number, most - 1),
    }
}

#[test]
fn twenty_free_tries_are_listed_in_every_way() {
    let mut tries: Vec<Try> = (0..20).map(|_| Try { is_lock: false, place: None, process: None }).collect();
    tries.push(Try { is_lock: true, place: None, process: None });
    let found = count(&tries, Rule { full: 5, full_at_tripping: 5 });
    assert!(found.is_exact);
    assert_eq!((found.minimum, found.maximum, found.splits.len()), (Some(4), Some(16), partitions(15, 5)));
    assert!(found.splits.iter().all(|split| split[0] == 5 && split.iter().sum::<u32>() == 20));
    assert_eq!(found.splits.first(), Some(&vec![5, 5, 5, 5]), "the fewest counters come first");
}
