//! Lays an episode out for the picture: a lane for each counter, a column for each try, and in each cell the running count, the lock, or
//! the time in which it lasts.

use super::{Attempt, Counter, Episode, Lockouts};
use crate::domain::lockout::AttemptClass;

/// The picture of an episode.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The tries, as numbers of attempts; each is a column.
    pub columns: Vec<usize>,
    /// The lanes: one for each counter, and one for what has to do with none, where there is such.
    pub lanes: Vec<Lane>,
    /// The addresses, in the order in which they were met.
    pub addresses: Vec<String>,
}

/// The lane of a counter, or of what has to do with none.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// The counter, as a number in [`Episode::counters`].
    pub counter: Option<usize>,
    /// What is in each column.
    pub cells: Vec<Cell>,
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

/// The picture of an episode. Its rows that have to do with no counter are left out.
pub fn picture(ledger: &Lockouts, episode: &Episode) -> Picture {
    let rows: Vec<(usize, &Attempt)> =
        ledger.rows(episode).filter(|(_, row)| row.class != AttemptClass::Neutral).collect();
    let mut addresses: Vec<String> = Vec::new();
    for (_, row) in rows.iter().filter(|(_, row)| !row.ip.is_empty()) {
        if !addresses.contains(&row.ip) {
            addresses.push(row.ip.clone());
        }
    }
    let of_counters = episode.counters.iter().enumerate();
    let lanes =
        of_counters.map(|(number, counter)| Lane { counter: Some(number), cells: cells(ledger, counter, &rows) });
    let beside: Vec<Cell> = rows
        .iter()
        .map(|(_, row)| match row.class {
            AttemptClass::Pass => Cell::Pass,
            AttemptClass::IpBlock => Cell::Block,
            _ => Cell::Empty,
        })
        .collect();
    let is_needed = beside.iter().any(|cell| *cell != Cell::Empty);
    let beside = is_needed.then_some(Lane { counter: None, cells: beside });
    Picture {
        columns: rows.iter().map(|(number, _)| *number).collect(),
        lanes: lanes.chain(beside).collect(),
        addresses,
    }
}

fn cells(ledger: &Lockouts, counter: &Counter, rows: &[(usize, &Attempt)]) -> Vec<Cell> {
    let lasts = i64::from(ledger.duration.value).saturating_mul(1000);
    let mut count: u32 = 0;
    let mut locked_at: Option<i64> = None;
    let cell = |(number, row): &(usize, &Attempt)| {
        let at = row.at.timestamp_millis();
        if !counter.attempts.contains(number) {
            let is_locked = locked_at.is_some_and(|locked| at.saturating_sub(locked) < lasts);
            return if is_locked && !counter.is_unknown() { Cell::Locked } else { Cell::Empty };
        }
        if row.class.is_lock() {
            locked_at = locked_at.or(Some(at));
            return Cell::Lock;
        }
        count = count.saturating_add(row.times);
        Cell::Count(count)
    };
    rows.iter().map(cell).collect()
}

/// The letter of an address in the picture.
pub fn letter(picture: &Picture, ip: &str) -> char {
    let at = picture.addresses.iter().position(|known| known == ip);
    let letter = at.and_then(|at| u8::try_from(at).ok()).filter(|at| *at < 26).map(|at| char::from(b'a' + at));
    letter.unwrap_or(if at.is_some() { '*' } else { ' ' })
}
