//! The arithmetic of counters: over how many counters the tries of an episode can have been spread, and how.
//!
//! Taken for granted is what smart lockout was documented to do until 2021: each place counts for itself, each wrong password counts
//! at exactly one counter, a full counter answers with the lock. Nothing is taken for granted of routing. What is known of who
//! answered (a place, a process) ties tries together or keeps them apart; all else is free. The answer holds whatever the truth about
//! places is: it is the set of all ways in which the log can have come about under that rule.

use std::collections::{BTreeSet, HashMap, HashSet};

/// A try of an episode as far as counting goes, in the order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// Whether it met the lock; else its password was wrong.
    pub is_lock: bool,
    /// The place that answered, as the numbers of its label and of its region. One label is one counter, two regions are two; of two
    /// labels of one region neither is known.
    pub place: Option<(usize, usize)>,
    /// The process that answered, as a number. One process is at one place.
    pub process: Option<usize>,
}

/// How many wrong passwords counters take before they answer with the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Of a counter that was at rest before the episode.
    pub full: u32,
    /// Of the counter that tripped: 1 where it had been locked before, else the same.
    pub full_at_tripping: u32,
}

/// What the arithmetic comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counting {
    /// The least number of counters; nothing where no way is left, so that what is known of places contradicts the rule.
    pub minimum: Option<u32>,
    /// The greatest number of counters.
    pub maximum: Option<u32>,
    /// How the wrong passwords before the first lock can have been spread, the counter that tripped first; empty where there were too
    /// many ways to list.
    pub splits: Vec<Vec<u32>>,
    /// Whether every way was tried; else the two numbers are bounds that no way can pass.
    pub is_exact: bool,
}

/// Where a wrong password was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Counted {
    /// At the counter that tripped, in every way.
    WhereItTripped,
    /// At another counter, in every way.
    Elsewhere,
    /// It cannot be told.
    Open,
}

/// With more free groups than this the ways are not listed.
const MOST_GROUPS: usize = 20;
/// With more half-finished ways than this the ways are not listed either.
const MOST_STATES: usize = 20_000;
/// Where each wrong password was counted is asked for each group anew, so that it is asked only where there are fewer.
const MOST_STATES_OF_POSITIONS: usize = 2_000;

/// Tries that are known to have met the same counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Group {
    /// Wrong passwords before the first lock.
    before: u32,
    /// Wrong passwords after it.
    after: u32,
    /// Whether one of its tries met the lock, so that its counter was full.
    is_full: bool,
    /// Whether it is the group of the first lock.
    is_tripping: bool,
    /// The groups that cannot share its counter, as bits.
    apart: u64,
}

impl Group {
    fn total(&self) -> u32 {
        self.before.saturating_add(self.after)
    }
}

/// A counter in a half-finished way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Counter {
    is_tripping: bool,
    is_full: bool,
    before: u32,
    total: u32,
    apart: u64,
}

/// Groups with the tries of each.
struct Groups {
    list: Vec<Group>,
    /// The tries of each group, as numbers.
    tries: Vec<Vec<usize>>,
    /// Whether the groups contradict the rule by themselves.
    is_contradictory: bool,
}

/// All ways in which the tries can have been counted. Fewer wrong passwords before the first lock than fill a counter leave no way,
/// since failures are missing then; the caller looks for that first.
pub fn count(tries: &[Try], rule: Rule) -> Counting {
    let groups = groups(tries);
    let free = groups.list.iter().filter(|group| !group.is_tripping).count();
    let ways = if groups.is_contradictory {
        Some(BTreeSet::new())
    } else if free > MOST_GROUPS {
        None
    } else {
        ways(&groups.list, rule, MOST_STATES)
    };
    match ways {
        Some(ways) => Counting {
            minimum: ways.iter().map(|(_, counters)| *counters).min(),
            maximum: ways.iter().map(|(_, counters)| *counters).max(),
            splits: {
                let mut splits: Vec<Vec<u32>> = ways.into_iter().map(|(split, _)| split).collect();
                splits.dedup();
                splits.sort_by(|one, other| (one.len(), other).cmp(&(other.len(), one)));
                splits
            },
            is_exact: true,
        },
        None => bounds(tries, &groups.list, rule),
    }
}

/// Where each wrong password before the first lock was counted, by the number of its try. Nothing where the ways are not listed or
/// there is no lock.
pub fn positions(tries: &[Try], rule: Rule) -> HashMap<usize, Counted> {
    let Groups { list, tries: members, is_contradictory } = groups(tries);
    let mut found = HashMap::new();
    let Some(tripping) = list.iter().position(|group| group.is_tripping) else { return found };
    if is_contradictory || list.len() > MOST_GROUPS + 1 {
        return found;
    }
    let mut told: HashMap<Group, Option<Counted>> = HashMap::new();
    for (number, group) in list.iter().enumerate() {
        let counted = if number == tripping {
            Some(Counted::WhereItTripped)
        } else {
            // Of groups that are alike one answer is enough.
            *told.entry(group.clone()).or_insert_with(|| {
                let together = is_possible(&merged(&list, tripping, number)?, rule)?;
                let separate = is_possible(&parted(&list, tripping, number), rule)?;
                match (together, separate) {
                    (true, true) => Some(Counted::Open),
                    (true, false) => Some(Counted::WhereItTripped),
                    (false, true) => Some(Counted::Elsewhere),
                    (false, false) => None,
                }
            })
        };
        let Some(counted) = counted else { continue };
        found.extend(members.get(number).into_iter().flatten().map(|row| (*row, counted)));
    }
    let first_lock = tries.iter().position(|one| one.is_lock).unwrap_or(tries.len());
    found.retain(|row, _| *row < first_lock);
    found
}

/// Gathers tries that met one counter. Locks of which nothing is known but that they came later are left out: the counter that tripped
/// answers them.
fn groups(tries: &[Try]) -> Groups {
    let first_lock = tries.iter().position(|one| one.is_lock);
    let mut number_of = Numbers::new(tries.len());
    let mut by_label: HashMap<usize, usize> = HashMap::new();
    let mut by_process: HashMap<usize, usize> = HashMap::new();
    for (row, one) in tries.iter().enumerate() {
        if let Some((label, _)) = one.place {
            number_of.join(row, *by_label.entry(label).or_insert(row));
        }
        if let Some(process) = one.process {
            number_of.join(row, *by_process.entry(process).or_insert(row));
        }
    }
    let is_named = |one: &Try| one.place.is_some() || one.process.is_some();
    let mut members: Vec<Vec<usize>> = Vec::new();
    let mut at: HashMap<usize, usize> = HashMap::new();
    for (row, one) in tries.iter().enumerate() {
        if one.is_lock && Some(row) != first_lock && !is_named(one) {
            continue;
        }
        let group = *at.entry(number_of.root(row)).or_insert(members.len());
        match members.get_mut(group) {
            Some(rows) => rows.push(row),
            None => members.push(vec![row]),
        }
    }
    let mut is_contradictory = false;
    let mut list: Vec<Group> = Vec::with_capacity(members.len());
    for rows in &members {
        let mut group = Group { before: 0, after: 0, is_full: false, is_tripping: false, apart: 0 };
        for row in rows {
            let Some(one) = tries.get(*row) else { continue };
            match (one.is_lock, first_lock.is_none_or(|lock| *row < lock)) {
                (true, _) => {
                    group.is_full = true;
                    group.is_tripping |= Some(*row) == first_lock;
                }
                (false, true) => group.before = group.before.saturating_add(1),
                (false, false) => group.after = group.after.saturating_add(1),
            }
        }
        list.push(group);
    }
    let regions =
        |rows: &[usize]| -> HashSet<usize> { rows.iter().filter_map(|row| Some(tries.get(*row)?.place?.1)).collect() };
    let is_lock = |row: usize| tries.get(row).is_some_and(|one| one.is_lock);
    // A counter that answered with the lock takes no further wrong password.
    let shuts_out = |one: &[usize], other: &[usize]| {
        let lock = one.iter().copied().find(|row| is_lock(*row));
        lock.is_some_and(|lock| other.iter().any(|row| *row > lock && !is_lock(*row)))
    };
    for (number, rows) in members.iter().enumerate() {
        let own = regions(rows);
        is_contradictory |= own.len() > 1 || shuts_out(rows, rows);
        for (other, others) in members.iter().enumerate() {
            let theirs = regions(others);
            let is_elsewhere = !own.is_empty() && !theirs.is_empty() && own.is_disjoint(&theirs);
            let is_apart = is_elsewhere || shuts_out(rows, others) || shuts_out(others, rows);
            if let Some(group) = list.get_mut(number).filter(|_| number != other && is_apart) {
                group.apart |= bit(other);
            }
        }
    }
    Groups { list, tries: members, is_contradictory }
}

/// The bit of a group; groups beyond 64 have none, and the ways of so many are never listed.
fn bit(number: usize) -> u64 {
    u32::try_from(number).ok().and_then(|number| 1u64.checked_shl(number)).unwrap_or(0)
}

/// The spreads of the wrong passwords before the first lock, each with its number of counters. Nothing when there are too many.
fn ways(groups: &[Group], rule: Rule, most: usize) -> Option<BTreeSet<(Vec<u32>, u32)>> {
    // What must be together comes first, so that a contradiction shows early.
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|number| {
        let group = groups.get(*number);
        group.map(|group| (!group.is_tripping, !group.is_full, u32::MAX - group.total()))
    });
    let mut states: HashSet<Vec<Counter>> = HashSet::from([Vec::new()]);
    for (at, number) in order.iter().enumerate() {
        let Some(group) = groups.get(*number) else { continue };
        let left = order.get(at + 1..).unwrap_or_default().iter().fold(0, |bits, number| bits | bit(*number));
        let mut next: HashSet<Vec<Counter>> = HashSet::new();
        for state in &states {
            let places = state.iter().enumerate().filter(|(_, counter)| counter.apart & bit(*number) == 0);
            let beside = places.filter_map(|(place, counter)| {
                let grown = grown(counter, group, rule)?;
                let mut state = state.clone();
                *state.get_mut(place)? = grown;
                Some(state)
            });
            let empty = Counter { is_tripping: false, is_full: false, before: 0, total: 0, apart: 0 };
            let opened = grown(&empty, group, rule).map(|counter| {
                let mut state = state.clone();
                state.push(counter);
                state
            });
            for mut state in beside.chain(opened) {
                // What is apart from groups that have their place already makes no difference any more.
                state.iter_mut().for_each(|counter| counter.apart &= left);
                state.sort_unstable();
                next.insert(state);
            }
            if next.len() > most {
                return None;
            }
        }
        states = next;
    }
    let is_finished = |state: &&Vec<Counter>| {
        state.iter().all(|counter| !counter.is_full || counter.total == limit(counter.is_tripping, rule))
    };
    let found = states.iter().filter(is_finished).map(|state| {
        let tripped = state.iter().filter(|counter| counter.is_tripping).map(|counter| counter.before);
        let mut others: Vec<u32> =
            state.iter().filter(|counter| !counter.is_tripping).map(|counter| counter.before).collect();
        others.retain(|before| *before > 0);
        others.sort_unstable_by(|one, other| other.cmp(one));
        (tripped.chain(others).collect(), u32::try_from(state.len()).unwrap_or(u32::MAX))
    });
    Some(found.collect())
}

fn limit(is_tripping: bool, rule: Rule) -> u32 {
    if is_tripping { rule.full_at_tripping } else { rule.full }
}

/// A counter that took a group in; nothing where it cannot.
fn grown(counter: &Counter, group: &Group, rule: Rule) -> Option<Counter> {
    let is_tripping = counter.is_tripping || group.is_tripping;
    let total = counter.total.checked_add(group.total())?;
    (total <= limit(is_tripping, rule)).then(|| Counter {
        is_tripping,
        is_full: counter.is_full || group.is_full,
        before: counter.before.saturating_add(group.before),
        total,
        apart: counter.apart | group.apart,
    })
}

/// Whether any way is left; nothing when there are too many to try.
fn is_possible(groups: &[Group], rule: Rule) -> Option<bool> {
    ways(groups, rule, MOST_STATES_OF_POSITIONS).map(|ways| !ways.is_empty())
}

/// The groups with two of them made one. Groups that are apart make one that is too large for any counter.
fn merged(groups: &[Group], one: usize, other: usize) -> Option<Vec<Group>> {
    let (kept, added) = (groups.get(one)?, groups.get(other)?);
    if kept.apart & bit(other) != 0 {
        return Some(vec![Group { before: u32::MAX, after: 0, is_full: false, is_tripping: false, apart: 0 }]);
    }
    let both = Group {
        before: kept.before.saturating_add(added.before),
        after: kept.after.saturating_add(added.after),
        is_full: kept.is_full || added.is_full,
        is_tripping: kept.is_tripping || added.is_tripping,
        apart: kept.apart | added.apart,
    };
    let mut list = groups.to_vec();
    for group in &mut list {
        if group.apart & bit(other) != 0 {
            group.apart |= bit(one);
        }
    }
    *list.get_mut(one)? = both;
    // Nothing is left of the second; it stays, so that the bits of the others keep their meaning.
    *list.get_mut(other)? = Group { before: 0, after: 0, is_full: false, is_tripping: false, apart: 0 };
    Some(list)
}

/// The groups with two of them kept apart.
fn parted(groups: &[Group], one: usize, other: usize) -> Vec<Group> {
    let mut list = groups.to_vec();
    for (number, beside) in [(one, other), (other, one)] {
        if let Some(group) = list.get_mut(number) {
            group.apart |= bit(beside);
        }
    }
    list
}

/// What no way can pass, where the ways are too many to be listed.
fn bounds(tries: &[Try], groups: &[Group], rule: Rule) -> Counting {
    let total = groups.iter().fold(0, |sum: u32, group| sum.saturating_add(group.total()));
    let tripping = groups.iter().find(|group| group.is_tripping);
    let is_too_much = |group: &Group| group.total() > limit(group.is_tripping, rule);
    if rule.full == 0 && total > 0 || groups.iter().any(is_too_much) {
        return Counting::default();
    }
    let regions: HashSet<usize> = tries.iter().filter_map(|one| Some(one.place?.1)).collect();
    let regions = u32::try_from(regions.len()).unwrap_or(u32::MAX);
    let filled = groups.iter().filter(|group| group.total() > 0);
    let filled = u32::try_from(filled.count()).unwrap_or(u32::MAX);
    let (minimum, maximum) = match tripping {
        Some(tripping) => {
            let elsewhere = total.saturating_sub(rule.full_at_tripping);
            let filled = filled.saturating_sub(u32::from(tripping.total() > 0));
            (1 + elsewhere.div_ceil(rule.full.max(1)), 1 + elsewhere.min(filled))
        }
        None => (total.div_ceil(rule.full.max(1)), filled),
    };
    let minimum = minimum.max(regions).max(1);
    Counting { minimum: Some(minimum), maximum: Some(maximum.max(minimum)), splits: Vec::new(), is_exact: false }
}

/// Which tries are one group: each try points at another of its group or at itself.
struct Numbers(Vec<usize>);

impl Numbers {
    fn new(length: usize) -> Numbers {
        Numbers((0..length).collect())
    }

    fn root(&self, mut row: usize) -> usize {
        while let Some(above) = self.0.get(row).filter(|above| **above != row) {
            row = *above;
        }
        row
    }

    fn join(&mut self, row: usize, other: usize) {
        let (one, other) = (self.root(row), self.root(other));
        let (first, second) = (one.min(other), one.max(other));
        if let Some(pointer) = self.0.get_mut(second) {
            *pointer = first;
        }
    }
}
