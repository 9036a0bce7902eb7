//! Gathers the tries of an episode by what is known of who answered them, and does the arithmetic on them.

use std::collections::HashMap;

use super::counting::{Counted, Counting, Gathered, MOST_FREE, Rule, Try};
use super::{Attempt, Bounds, Episode, Era, Lockouts};
use crate::domain::lockout::AttemptClass;
use crate::domain::server::Server;

/// How firmly it is known who answered a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// Nothing is known.
    None,
    /// The pattern of the request id, which is documented nowhere.
    Pattern,
    /// The header of the answer in a browser trace, joined by the request id.
    Proved,
}

impl Strength {
    /// The contract's word.
    pub fn word(self) -> &'static str {
        match self {
            Strength::None => "none",
            Strength::Pattern => "pattern",
            Strength::Proved => "proved",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            Strength::None => "not known",
            Strength::Pattern => "by the pattern of request ids, undocumented",
            Strength::Proved => "proved by the trace",
        }
    }
}

/// The tries of an episode that one place or one process answered, or those of which it is not known who answered them.
#[derive(Debug, Clone, PartialEq)]
pub struct Counter {
    /// The place's label, a name for the process, or `unknown`.
    pub label: String,
    /// The region, where the label is known.
    pub region: Option<&'static str>,
    /// How firmly it is known that its tries belong together.
    pub strength: Strength,
    /// The wrong passwords before the first lock.
    pub failures: u32,
    /// Its tries, as numbers of attempts in their order.
    pub attempts: Vec<usize>,
    /// How many tries of each of them are its own: of a row that stands for several it is known of one who answered it.
    pub tries: Vec<u32>,
}

impl Counter {
    /// Whether it gathers the tries of which nothing is known, so that it need not be one counter.
    pub fn is_unknown(&self) -> bool {
        self.strength == Strength::None
    }
}

/// The labels of one region of which it is not known whether they count together, in words, where several answered.
pub(super) fn same_region(counters: &[Counter]) -> Option<String> {
    let stem = |counter: &Counter| Server { label: counter.label.clone(), written: String::new() }.stem().to_owned();
    let known: Vec<&Counter> = counters.iter().filter(|counter| counter.region.is_some()).collect();
    let one =
        known.iter().find(|one| known.iter().any(|other| other.label != one.label && stem(other) == stem(one)))?;
    let labels = known.iter().filter(|other| stem(other) == stem(one)).map(|counter| counter.label.as_str());
    Some(labels.collect::<Vec<_>>().join(" and "))
}

/// Who answered a try, as far as that ties it to others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Answerer {
    Place(String),
    Process(String),
    Unknown,
}

fn counts(row: &Attempt) -> bool {
    row.class == AttemptClass::BadPassword || row.class.is_lock()
}

/// How many wrong passwords a row stands for besides the one of which it is known who answered it.
fn stands_for_more(row: &Attempt) -> u32 {
    if row.class == AttemptClass::BadPassword { row.times.saturating_sub(1) } else { 0 }
}

/// What the processes of an episode are known for.
struct Processes<'a> {
    /// The place of a process that answered a proved try; nothing where two places are claimed, so that the pattern does not hold.
    places: HashMap<&'a str, Option<&'a Server>>,
    /// How many tries a process answered.
    tries: HashMap<&'a str, usize>,
    by_pattern: bool,
}

impl<'a> Processes<'a> {
    fn of(ledger: &'a Lockouts, episode: &'a Episode) -> Processes<'a> {
        let mut found =
            Processes { places: HashMap::new(), tries: HashMap::new(), by_pattern: ledger.choices.by_pattern };
        for (_, row) in ledger.rows(episode).filter(|(_, row)| counts(row)) {
            let Some(process) = &row.process else { continue };
            *found.tries.entry(&process.group).or_default() += 1;
            if let Some(answered) = row.proved() {
                let server = &answered.server;
                let held = found.places.entry(&process.group).or_insert(Some(server));
                if held.is_some_and(|held| held.label != server.label) {
                    *held = None;
                }
            }
        }
        found
    }

    /// The process of a try, where it ties the try to another or to a place.
    fn of_try<'r>(&self, row: &'r Attempt) -> Option<&'r str> {
        let group = row.process.as_ref().filter(|_| self.by_pattern)?.group.as_str();
        let ties = self.tries.get(group).is_some_and(|tries| *tries > 1);
        (ties && !matches!(self.places.get(group), Some(None))).then_some(group)
    }

    fn answerer(&self, row: &Attempt) -> (Answerer, Strength) {
        if let Some(answered) = row.proved() {
            return (Answerer::Place(answered.server.label.clone()), Strength::Proved);
        }
        match self.of_try(row) {
            Some(group) => match self.places.get(group) {
                Some(Some(server)) => (Answerer::Place(server.label.clone()), Strength::Pattern),
                _ => (Answerer::Process(group.to_owned()), Strength::Pattern),
            },
            None => (Answerer::Unknown, Strength::None),
        }
    }
}

/// The tries of an episode by who answered them, in the order of their first try, those of which nothing is known last. Of a row that
/// stands for several tries one is known to have been answered where its header or its id says; the others are not.
pub(super) fn gather(ledger: &Lockouts, episode: &Episode) -> Vec<Counter> {
    let processes = Processes::of(ledger, episode);
    let mut found = Found::default();
    for (number, row) in ledger.rows(episode).filter(|(_, row)| counts(row)) {
        let counts_before = row.class == AttemptClass::BadPassword && episode.lock.is_none_or(|lock| number < lock);
        let (answerer, strength) = processes.answerer(row);
        let others = if strength == Strength::None { 0 } else { stands_for_more(row) };
        found.add(answerer, strength, (number, row.times.saturating_sub(others)), counts_before);
        if others > 0 {
            found.add(Answerer::Unknown, Strength::None, (number, others), counts_before);
        }
    }
    let mut counters = found.counters;
    counters.sort_by_key(Counter::is_unknown);
    counters
}

/// The counters that were met so far.
#[derive(Default)]
struct Found {
    counters: Vec<Counter>,
    of: HashMap<Answerer, usize>,
    processes: usize,
}

impl Found {
    /// Takes tries of an attempt in; they count among the failures where they came before the lock.
    fn add(&mut self, answerer: Answerer, strength: Strength, (attempt, tries): (usize, u32), counts_before: bool) {
        let at = match self.of.get(&answerer) {
            Some(at) => *at,
            None => self.open(answerer, strength),
        };
        let Some(counter) = self.counters.get_mut(at) else { return };
        // What holds for one of its tries only by the pattern holds for all of it only by the pattern.
        counter.strength = counter.strength.min(strength);
        counter.attempts.push(attempt);
        counter.tries.push(tries);
        counter.failures = counter.failures.saturating_add(if counts_before { tries } else { 0 });
    }

    fn open(&mut self, answerer: Answerer, strength: Strength) -> usize {
        let (label, region) = match &answerer {
            Answerer::Place(label) => {
                let known = Server { label: label.clone(), written: String::new() };
                (label.clone(), known.region())
            }
            Answerer::Process(_) => {
                self.processes += 1;
                (format!("server {}", self.processes), None)
            }
            Answerer::Unknown => ("unknown".to_owned(), None),
        };
        let at = self.counters.len();
        self.counters.push(Counter { label, region, strength, failures: 0, attempts: Vec::new(), tries: Vec::new() });
        self.of.insert(answerer, at);
        at
    }
}

/// How firm the weakest is of what ties tries together: nothing where nothing does.
pub(super) fn strength(ledger: &Lockouts, episode: &Episode) -> Strength {
    let processes = Processes::of(ledger, episode);
    let known = ledger.rows(episode).filter(|(_, row)| counts(row)).map(|(_, row)| processes.answerer(row).1);
    known.filter(|strength| *strength != Strength::None).min().unwrap_or(Strength::None)
}

/// The tries that the arithmetic is about: the wrong passwords up to the first lock, that lock, and what came while it cannot have run
/// out. They are the same by either reading of the boundary.
pub(super) struct Tries {
    /// The attempt of each try.
    attempts: Vec<usize>,
    gathered: Gathered,
}

/// The tries of an episode that the arithmetic is about.
pub(super) fn tries(ledger: &Lockouts, episode: &Episode) -> Tries {
    let processes = Processes::of(ledger, episode);
    let mut labels: HashMap<&str, usize> = HashMap::new();
    let mut regions: HashMap<&str, usize> = HashMap::new();
    let mut groups: HashMap<&str, usize> = HashMap::new();
    let mut attempts = Vec::new();
    let mut found = Vec::new();
    // A row may stand for billions of tries: no more of them are written out than make a difference, and the rest are a number.
    let mut room = MOST_FREE;
    let mut more: u32 = 0;
    for (number, row) in ledger.rows(episode).filter(|(_, row)| counts(row)) {
        let is_within = episode.lasts_until.is_some_and(|until| row.at < until);
        let concerns = match episode.lock {
            Some(lock) if number > lock && row.class.is_lock() => is_within,
            // They stand in the order of their numbers.
            Some(lock) if number > lock => is_within && episode.within_lock.binary_search(&number).is_ok(),
            _ => true,
        };
        if !concerns {
            continue;
        }
        let place = row.proved().map(|answered| {
            let (next_label, next_region) = (labels.len(), regions.len());
            let label = *labels.entry(&answered.server.label).or_insert(next_label);
            (label, *regions.entry(answered.server.stem()).or_insert(next_region))
        });
        let process = processes.of_try(row).map(|group| {
            let next = groups.len();
            *groups.entry(group).or_insert(next)
        });
        attempts.push(number);
        found.push(Try { is_lock: row.class.is_lock(), place, process });
        // Of a row that stands for several tries it is known of one who answered it.
        let others = stands_for_more(row);
        let listed = usize::try_from(others).unwrap_or(usize::MAX).min(room);
        room -= listed;
        more = more.saturating_add(others.saturating_sub(u32::try_from(listed).unwrap_or(u32::MAX)));
        attempts.extend((0..listed).map(|_| number));
        found.extend((0..listed).map(|_| Try { is_lock: false, place: None, process: None }));
    }
    Tries { attempts, gathered: Gathered::of(&found, more) }
}

/// The arithmetic of an episode, for counters that take so many wrong passwords before they answer with the lock.
pub(super) fn bounds(episode: &Episode, tries: &Tries, full: u32) -> Bounds {
    // After a lock has run out one failure locks again; which code that failure itself shows is not documented.
    let is_again = episode.is_relock && episode.lock.is_some();
    let rule = Rule { full, full_at_tripping: if is_again { 1 } else { full } };
    let needed = if episode.lock.is_some() { rule.full_at_tripping } else { full };
    let mut bounds = Bounds {
        full,
        full_at_tripping: rule.full_at_tripping,
        excess: episode.failures.saturating_sub(needed),
        missing: 0,
        counting: Counting::default(),
        uncounted_in_place: 0,
        positions: HashMap::new(),
    };
    if episode.lock.is_some() && episode.failures < needed {
        bounds.missing = needed - episode.failures;
        let least = tries.gathered.regions().max(1);
        bounds.counting = Counting { minimum: Some(least), maximum: None, splits: Vec::new(), is_exact: false };
        return bounds;
    }
    bounds.counting = tries.gathered.count(rule);
    if bounds.is_contradicted() {
        bounds.uncounted_in_place = tries.gathered.beyond(rule);
        return bounds;
    }
    for (row, counted) in tries.gathered.positions(rule) {
        let Some(number) = tries.attempts.get(row) else { continue };
        let held = bounds.positions.entry(*number).or_insert(counted);
        if *held != counted {
            *held = Counted::Open;
        }
    }
    bounds
}

/// The counter that tripped. Where each place counted for itself it is the one that answered with the first lock. Where the lock is
/// synchronised that answer may come from anywhere, and it is the one whose own wrong passwords reached the threshold, if one did.
pub(super) fn tripped(ledger: &Lockouts, episode: &Episode) -> Option<usize> {
    let lock = episode.lock?;
    let next = episode.next.as_ref()?;
    let needed = if episode.is_relock { 1 } else { ledger.threshold.value };
    let mut known = episode.counters.iter().enumerate().filter(|(_, counter)| !counter.is_unknown());
    // Tries that did not count may fill what the log holds too much of, but nothing fills what it holds too little of.
    let falls_short = |bounds: &Bounds| bounds.is_contradicted() && bounds.uncounted_in_place == 0;
    let is_contradicted = falls_short(next) && episode.same.as_ref().is_some_and(falls_short);
    if episode.era == Era::Independent {
        let answered = known.find(|(_, counter)| counter.attempts.contains(&lock)).filter(|_| !is_contradicted);
        return answered.map(|(number, _)| number);
    }
    let mut reached = known.filter(|(_, counter)| counter.failures >= needed);
    let first = reached.next()?;
    reached.next().is_none().then_some(first.0)
}
