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

impl Try {
    fn is_named(&self) -> bool {
        self.place.is_some() || self.process.is_some()
    }
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
    fn of(tries: &[Try], rows: &[usize], first_lock: Option<usize>) -> Group {
        let mut group = Group { before: 0, after: 0, is_full: false, is_tripping: false, apart: 0 };
        for (row, one) in rows.iter().filter_map(|row| Some((*row, tries.get(*row)?))) {
            match (one.is_lock, first_lock.is_none_or(|lock| row < lock)) {
                (true, _) => {
                    group.is_full = true;
                    group.is_tripping |= Some(row) == first_lock;
                }
                (false, true) => group.before = group.before.saturating_add(1),
                (false, false) => group.after = group.after.saturating_add(1),
            }
        }
        group
    }

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

/// The tries of an episode, gathered by what is known to have met one counter. That is the same by either reading of the boundary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gathered {
    list: Vec<Group>,
    /// The tries of each group, as numbers.
    tries: Vec<Vec<usize>>,
    /// Whether the place or the process of any of its tries is known, for each group.
    is_known: Vec<bool>,
    /// Whether the groups contradict the rule by themselves, whatever a counter takes.
    is_contradictory: bool,
    /// How many regions are known to have answered.
    regions: u32,
    /// The first lock, or the number of the tries.
    first_lock: usize,
    /// How many wrong passwords there are besides, of which nothing is known.
    more: u32,
}

/// So many tries of which nothing is known are worth giving one by one; with so many the ways are not listed any more, and the rest may
/// be given as a number.
pub const MOST_FREE: usize = MOST_GROUPS + 1;

impl Gathered {
    /// Gathers tries, which are in the order of time. `more` is how many wrong passwords there are besides of which nothing is known;
    /// there are none unless [`MOST_FREE`] such are among the tries.
    pub fn of(tries: &[Try], more: u32) -> Gathered {
        let first_lock = tries.iter().position(|one| one.is_lock);
        let members = members(tries, first_lock);
        let known: Vec<Known> = members.iter().map(|rows| Known::of(tries, rows)).collect();
        let list = members.iter().map(|rows| Group::of(tries, rows, first_lock)).collect();
        let regions: HashSet<usize> = tries.iter().filter_map(|one| Some(one.place?.1)).collect();
        let mut gathered = Gathered {
            list,
            is_known: known.iter().map(|known| known.is_named).collect(),
            is_contradictory: known.iter().any(|known| known.regions.len() > 1 || known.shuts_out(known)),
            regions: u32::try_from(regions.len()).unwrap_or(u32::MAX),
            first_lock: first_lock.unwrap_or(tries.len()),
            tries: members,
            more,
        };
        // Which groups are apart is asked only where the ways are listed; of many groups it would take the square of their number.
        if gathered.list.len() <= MOST_FREE {
            gathered.keep_apart(&known);
        }
        gathered
    }

    /// How many regions are known to have answered.
    pub fn regions(&self) -> u32 {
        self.regions
    }

    fn keep_apart(&mut self, known: &[Known]) {
        for (number, (group, own)) in self.list.iter_mut().zip(known).enumerate() {
            let beside = known.iter().enumerate().filter(|(other, theirs)| *other != number && own.is_apart(theirs));
            group.apart = beside.fold(0, |bits, (other, _)| bits | bit(other));
        }
    }

    /// All ways in which the tries can have been counted. Fewer wrong passwords before the first lock than fill a counter leave no way,
    /// since failures are missing then; the caller looks for that first.
    pub fn count(&self, rule: Rule) -> Counting {
        let free = self.list.iter().filter(|group| !group.is_tripping).count();
        let ways = if self.is_contradictory {
            Some(BTreeSet::new())
        } else if free > MOST_GROUPS || self.more > 0 {
            None
        } else {
            ways(&self.list, rule, MOST_STATES)
        };
        let Some(ways) = ways else { return self.bounds(rule) };
        Counting {
            minimum: ways.iter().map(|(_, counters)| *counters).min(),
            maximum: ways.iter().map(|(_, counters)| *counters).max(),
            splits: {
                let mut splits: Vec<Vec<u32>> = ways.into_iter().map(|(split, _)| split).collect();
                splits.dedup();
                splits.sort_by(|one, other| (one.len(), other).cmp(&(other.len(), one)));
                splits
            },
            is_exact: true,
        }
    }

    /// Where each wrong password before the first lock was counted, by the number of its try. Nothing where the ways are not listed or
    /// there is no lock.
    pub fn positions(&self, rule: Rule) -> HashMap<usize, Counted> {
        let list = &self.list;
        let mut found = HashMap::new();
        let Some(tripping) = list.iter().position(|group| group.is_tripping) else { return found };
        if self.is_contradictory || list.len() > MOST_FREE || self.more > 0 {
            return found;
        }
        let mut told: HashMap<Group, Option<Counted>> = HashMap::new();
        for (number, (group, rows)) in list.iter().zip(&self.tries).enumerate() {
            let counted = if number == tripping {
                Some(Counted::WhereItTripped)
            } else {
                // Of groups that are alike one answer is enough.
                *told.entry(group.clone()).or_insert_with(|| {
                    let together = is_possible(&merged(list, tripping, number)?, rule)?;
                    let separate = is_possible(&parted(list, tripping, number), rule)?;
                    match (together, separate) {
                        (true, true) => Some(Counted::Open),
                        (true, false) => Some(Counted::WhereItTripped),
                        (false, true) => Some(Counted::Elsewhere),
                        (false, false) => None,
                    }
                })
            };
            let Some(counted) = counted else { continue };
            found.extend(rows.iter().filter(|row| **row < self.first_lock).map(|row| (*row, counted)));
        }
        found
    }

    /// How many tries there are at known places and processes beyond what their counters take, so that so many at least cannot have
    /// counted. Nothing where the contradiction is another one: it stays, however many of them did not count.
    pub fn beyond(&self, rule: Rule) -> u32 {
        if self.is_contradictory {
            return 0;
        }
        let known = self.list.iter().zip(&self.is_known).filter(|(_, is_known)| **is_known);
        known
            .map(|(group, _)| group.total().saturating_sub(limit(group.is_tripping, rule)))
            .fold(0, u32::saturating_add)
    }

    /// What no way can pass, where the ways are too many to be listed.
    fn bounds(&self, rule: Rule) -> Counting {
        let groups = &self.list;
        let total = groups.iter().fold(self.more, |sum, group| sum.saturating_add(group.total()));
        let tripping = groups.iter().find(|group| group.is_tripping);
        let is_too_much = |group: &Group| group.total() > limit(group.is_tripping, rule);
        if rule.full == 0 && total > 0 || groups.iter().any(is_too_much) {
            return Counting::default();
        }
        let filled = groups.iter().filter(|group| group.total() > 0);
        let filled = u32::try_from(filled.count()).unwrap_or(u32::MAX).saturating_add(self.more);
        let (minimum, maximum) = match tripping {
            Some(tripping) => {
                let elsewhere = total.saturating_sub(rule.full_at_tripping);
                let filled = filled.saturating_sub(u32::from(tripping.total() > 0));
                let with_tripping = |counters: u32| counters.saturating_add(1);
                (with_tripping(elsewhere.div_ceil(rule.full.max(1))), with_tripping(elsewhere.min(filled)))
            }
            None => (total.div_ceil(rule.full.max(1)), filled),
        };
        let minimum = minimum.max(self.regions).max(1);
        Counting { minimum: Some(minimum), maximum: Some(maximum.max(minimum)), splits: Vec::new(), is_exact: false }
    }
}

/// What is known of who answered the tries of a group, and of their order.
struct Known {
    is_named: bool,
    regions: HashSet<usize>,
    first_lock: Option<usize>,
    last_failure: Option<usize>,
}

impl Known {
    fn of(tries: &[Try], rows: &[usize]) -> Known {
        let of = || rows.iter().filter_map(|row| Some((*row, tries.get(*row)?)));
        Known {
            is_named: of().any(|(_, one)| one.is_named()),
            regions: of().filter_map(|(_, one)| Some(one.place?.1)).collect(),
            first_lock: of().filter(|(_, one)| one.is_lock).map(|(row, _)| row).min(),
            last_failure: of().filter(|(_, one)| !one.is_lock).map(|(row, _)| row).max(),
        }
    }

    /// Whether the other answered a wrong password as such after this one was locked: a counter that answered with the lock takes no
    /// further wrong password.
    fn shuts_out(&self, other: &Known) -> bool {
        self.first_lock.zip(other.last_failure).is_some_and(|(lock, failure)| failure > lock)
    }

    fn is_apart(&self, other: &Known) -> bool {
        let is_elsewhere =
            !self.regions.is_empty() && !other.regions.is_empty() && self.regions.is_disjoint(&other.regions);
        is_elsewhere || self.shuts_out(other) || other.shuts_out(self)
    }
}

/// Gathers tries that met one counter. Locks of which nothing is known but that they came later are left out: the counter that tripped
/// answers them.
fn members(tries: &[Try], first_lock: Option<usize>) -> Vec<Vec<usize>> {
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
    let mut members: Vec<Vec<usize>> = Vec::new();
    let mut at: HashMap<usize, usize> = HashMap::new();
    for (row, one) in tries.iter().enumerate() {
        if one.is_lock && Some(row) != first_lock && !one.is_named() {
            continue;
        }
        let group = *at.entry(number_of.root(row)).or_insert(members.len());
        match members.get_mut(group) {
            Some(rows) => rows.push(row),
            None => members.push(vec![row]),
        }
    }
    members
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

/// Which tries are one group: each try points at another of its group or at itself.
struct Numbers(Vec<usize>);

impl Numbers {
    fn new(length: usize) -> Numbers {
        Numbers((0..length).collect())
    }

    fn root(&mut self, mut row: usize) -> usize {
        while let Some(above) = self.0.get(row).copied().filter(|above| *above != row) {
            // The way up is halved as it is walked, so that no chain of groups becomes long.
            let next = self.0.get(above).copied().unwrap_or(above);
            if let Some(pointer) = self.0.get_mut(row) {
                *pointer = next;
            }
            row = next;
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
