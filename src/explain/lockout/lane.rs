//! Lays an episode out for the picture: a lane for each counter, a column for each try, and in each cell the running count, the lock, or
//! the time in which it lasts.
//!
//! A lane holds what it has itself and nothing of the others, so that a picture is as large as the log and not as its square.

use std::collections::HashSet;
use std::ops::Range;

use super::{Attempt, Counter, Episode, Lockouts};
use crate::domain::lockout::AttemptClass;

/// A column takes at least so many cells.
const NARROWEST: usize = 5;
/// So many addresses have a letter.
const LETTERS: u8 = 26;

/// The picture of an episode.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The tries, as numbers of attempts; each is a column.
    pub columns: Vec<usize>,
    /// The lanes: one for each counter, and one for what has to do with none, where there is such.
    pub lanes: Vec<Lane>,
    /// The addresses, in the order in which they were met.
    pub addresses: Vec<String>,
    /// How many cells a column takes, so that the greatest number stands apart from that before it.
    pub width: usize,
}

/// The lane of a counter, or of what has to do with none.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// The counter, as a number in [`Episode::counters`].
    pub counter: Option<usize>,
    /// Its own tries, each by its column, in the order of columns.
    own: Vec<(usize, Cell)>,
    /// The columns of which its lock is known to last; empty where it met none.
    locked: Range<usize>,
}

/// What a lane shows at a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Another counter had it.
    Empty,
    /// Another counter had it, or none, while this one was locked.
    Locked,
    /// A wrong password, with how many there were by then.
    Count(u32),
    /// A try that met the lock.
    Lock,
    /// A try that met a block of the address.
    Block,
    /// An accepted password.
    Pass,
}

impl Lane {
    /// What it shows in a column.
    pub fn at(&self, column: usize) -> Cell {
        match self.own.binary_search_by_key(&column, |(at, _)| *at) {
            Ok(found) => self.own.get(found).map_or(Cell::Empty, |(_, cell)| *cell),
            Err(_) if self.locked.contains(&column) => Cell::Locked,
            Err(_) => Cell::Empty,
        }
    }

    /// How many of its own tries are among these columns.
    pub fn tries_within(&self, columns: &Range<usize>) -> usize {
        let before = |column: usize| self.own.partition_point(|(at, _)| *at < column);
        before(columns.end).saturating_sub(before(columns.start))
    }

    /// Whether a cell of that kind is in it.
    fn has(&self, wanted: fn(Cell) -> bool) -> bool {
        self.own.iter().any(|(_, cell)| wanted(*cell))
            || wanted(Cell::Locked) && self.tries_within(&self.locked) < self.locked.len()
    }
}

impl Picture {
    /// Whether a cell of that kind is in any lane. Cells where another lane had the try are not asked for.
    pub fn has(&self, wanted: fn(Cell) -> bool) -> bool {
        self.lanes.iter().any(|lane| lane.has(wanted))
    }

    /// The lane that a try of that column stands in; of a row the tries of which are in two, the first.
    pub fn lane_of(&self, column: usize) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.own.binary_search_by_key(&column, |(at, _)| *at).is_ok())
    }
}

/// The picture of an episode. Its rows that have to do with no counter are left out.
pub fn picture(ledger: &Lockouts, episode: &Episode) -> Picture {
    let rows: Vec<(usize, &Attempt)> =
        ledger.rows(episode).filter(|(_, row)| row.class != AttemptClass::Neutral).collect();
    let mut met: HashSet<&str> = HashSet::new();
    let addresses: Vec<String> = rows
        .iter()
        .map(|(_, row)| row.ip.as_str())
        .filter(|ip| !ip.is_empty() && met.insert(ip))
        .map(str::to_owned)
        .collect();
    let mut lanes: Vec<Lane> =
        episode.counters.iter().enumerate().map(|(number, counter)| lane(ledger, number, counter, &rows)).collect();
    let beside = rows.iter().enumerate().filter_map(|(column, (_, row))| match row.class {
        AttemptClass::Pass => Some((column, Cell::Pass)),
        AttemptClass::IpBlock => Some((column, Cell::Block)),
        _ => None,
    });
    let beside = Lane { counter: None, own: beside.collect(), locked: 0..0 };
    if !beside.own.is_empty() {
        lanes.push(beside);
    }
    let counts = lanes.iter().flat_map(|lane| &lane.own).map(|(_, cell)| match cell {
        Cell::Count(count) => u64::from(*count),
        _ => 0,
    });
    let greatest = counts.max().unwrap_or(0).max(u64::try_from(rows.len()).unwrap_or(u64::MAX));
    Picture {
        width: NARROWEST.max(greatest.to_string().len().saturating_add(1)),
        columns: rows.iter().map(|(number, _)| *number).collect(),
        lanes,
        addresses,
    }
}

fn lane(ledger: &Lockouts, number: usize, counter: &Counter, rows: &[(usize, &Attempt)]) -> Lane {
    let lasts = i64::from(ledger.duration.value).saturating_mul(1000);
    let mut lane = Lane { counter: Some(number), own: Vec::with_capacity(counter.attempts.len()), locked: 0..0 };
    let mut count: u32 = 0;
    let mut is_locked = false;
    for (attempt, tries) in counter.attempts.iter().zip(&counter.tries) {
        // Rows and the tries of a counter stand in the order of their numbers, and so of time.
        let Ok(column) = rows.binary_search_by_key(attempt, |(number, _)| *number) else { continue };
        let Some((_, row)) = rows.get(column) else { continue };
        if !row.class.is_lock() {
            count = count.saturating_add(*tries);
            lane.own.push((column, Cell::Count(count)));
            continue;
        }
        lane.own.push((column, Cell::Lock));
        // Of whom nothing is known it is not known either how long they were locked.
        if !is_locked && !counter.is_unknown() {
            let until = row.at.timestamp_millis().saturating_add(lasts);
            let end = rows.partition_point(|(_, other)| other.at.timestamp_millis() < until);
            lane.locked = column.saturating_add(1)..end.max(column.saturating_add(1));
        }
        is_locked = true;
    }
    lane
}

/// The letter of an address in the picture.
pub fn letter(picture: &Picture, ip: &str) -> char {
    let mut lettered = (b'a'..).zip(picture.addresses.iter().take(LETTERS.into()));
    match lettered.find(|(_, known)| *known == ip) {
        Some((letter, _)) => char::from(letter),
        None if ip.is_empty() => ' ',
        None => '*',
    }
}
