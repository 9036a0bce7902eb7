//! Cuts the tries of a user into episodes, and scans whole logs for them.

use std::ops::Range;

use crate::domain::lockout::{AttemptClass, QUIET};

/// A try as far as the cutting goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// When it was, in milliseconds since 1970 UTC.
    pub at: i64,
    /// What it is.
    pub class: AttemptClass,
}

/// A lock that lies longer back is not taken for the reason of a new one, in milliseconds: one day. For how long the service remembers
/// one is documented nowhere.
const REMEMBERED: i64 = 86_400_000;

/// The place of a try among those of the same instant: wrong passwords come before the lock they bring about, and what came through
/// comes last.
pub(super) fn place_in_instant(class: AttemptClass) -> u8 {
    match class {
        AttemptClass::BadPassword => 0,
        AttemptClass::Lock | AttemptClass::LockUnknown | AttemptClass::IpBlock => 1,
        AttemptClass::Neutral => 2,
        AttemptClass::Pass => 3,
    }
}

/// What an episode is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// How long a first lock lasts at least, in milliseconds.
    pub lock_lasts: i64,
    /// Whether an accepted password ends an episode, as it sets the counter back.
    pub at_success: bool,
}

/// An episode as the numbers of its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its tries.
    pub tries: Range<usize>,
    /// Its first lock.
    pub lock: Option<usize>,
    /// Whether it follows a lock of the same chain that had run out: then one wrong password locks again (entra-docs, smart lockout,
    /// 2025-03-04).
    pub is_relock: bool,
    /// Whether a lock came within the day before and no accepted password since, so that it may be a relock, although it was quiet in
    /// between.
    pub may_be_relock: bool,
}

/// The episodes of tries, which are in the order of time: each begins with a wrong password, a lock or a block, and ends with an
/// accepted password, with the first wrong password after its lock has run out, or with an hour without tries once no lock can last.
pub fn cut(ticks: &[Tick], by: Cut) -> Vec<Run> {
    let mut runs = Vec::new();
    each(ticks, by, |run| runs.push(run));
    runs
}

/// Hands out the episodes of tries one by one.
fn each(ticks: &[Tick], by: Cut, mut found: impl FnMut(Run)) {
    let mut open: Option<Run> = None;
    let mut last = 0;
    // The last lock since an accepted password.
    let mut last_lock: Option<i64> = None;
    for (number, tick) in ticks.iter().enumerate() {
        let lock = open.as_ref().and_then(|run| run.lock).and_then(|lock| ticks.get(lock));
        let may_last = lock.is_some_and(|lock| tick.at < lock.at.saturating_add(by.lock_lasts));
        let is_quiet = open.is_some() && tick.at.saturating_sub(last) > QUIET && !may_last;
        let locks_again = lock.is_some() && !may_last && tick.class == AttemptClass::BadPassword;
        if is_quiet || locks_again {
            open.take().into_iter().for_each(&mut found);
        }
        match tick.class {
            AttemptClass::Neutral => continue,
            AttemptClass::Pass => {
                if let Some(run) = &mut open {
                    run.tries.end = number + 1;
                    last = tick.at;
                    // One that came through while the account should have been locked does not end what goes on around it.
                    if by.at_success && !may_last {
                        open.take().into_iter().for_each(&mut found);
                    }
                }
                if by.at_success && !may_last {
                    last_lock = None;
                }
                continue;
            }
            AttemptClass::BadPassword | AttemptClass::Lock | AttemptClass::IpBlock | AttemptClass::LockUnknown => {}
        }
        let run = open.get_or_insert(Run {
            tries: number..number,
            lock: None,
            is_relock: locks_again && !is_quiet,
            may_be_relock: last_lock.is_some_and(|lock| tick.at.saturating_sub(lock) < REMEMBERED),
        });
        run.tries.end = number + 1;
        if tick.class.is_lock() {
            run.lock = run.lock.or(Some(number));
            last_lock = Some(tick.at);
        }
        last = tick.at;
    }
    open.into_iter().for_each(found);
}

/// What a scan found of one user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scanned {
    /// How many episodes there are.
    pub episodes: usize,
    /// How many of them met a lock, or what may be one.
    pub locks: usize,
    /// The most wrong passwords of an episode.
    pub most_failures: usize,
}

/// Scans the tries of all users, in any order, for episodes; users are numbered from 0. The time grows with the number of tries: they
/// are gathered by user without sorting all of them, and put in order of time user by user.
pub fn scan(rows: impl Iterator<Item = (usize, Tick)>, by: Cut) -> Vec<(usize, Scanned)> {
    let mut kept: Vec<(usize, Tick)> = Vec::new();
    // How many tries each user has, and whether any was refused.
    let mut counts: Vec<(usize, bool)> = Vec::new();
    for (user, tick) in rows.filter(|(_, tick)| tick.class != AttemptClass::Neutral) {
        if counts.len() <= user {
            counts.resize(user + 1, (0, false));
        }
        if let Some(held) = counts.get_mut(user) {
            *held = (held.0 + 1, held.1 || tick.class.is_refusal());
            kept.push((user, tick));
        }
    }
    // Where the tries of each user go; those of users who were never refused are dropped.
    let mut next: Vec<Option<usize>> = Vec::with_capacity(counts.len());
    let mut total = 0;
    for (count, is_refused) in &counts {
        next.push(is_refused.then_some(total));
        total += if *is_refused { *count } else { 0 };
    }
    let mut gathered = vec![Tick { at: 0, class: AttemptClass::Neutral }; total];
    for (user, tick) in kept {
        let Some(Some(place)) = next.get_mut(user) else { continue };
        if let Some(held) = gathered.get_mut(*place) {
            *held = tick;
        }
        *place += 1;
    }
    let mut found = Vec::new();
    let mut from = 0;
    for (user, (count, _)) in counts.iter().enumerate().filter(|(_, (_, is_refused))| *is_refused) {
        let Some(ticks) = gathered.get_mut(from..from + count) else { continue };
        from += count;
        ticks.sort_by_key(|tick| (tick.at, place_in_instant(tick.class)));
        let mut scanned = Scanned::default();
        each(ticks, by, |run| {
            let tries = ticks.get(run.tries).unwrap_or_default();
            let failures = tries.iter().filter(|tick| tick.class == AttemptClass::BadPassword).count();
            scanned.episodes += 1;
            scanned.locks += usize::from(run.lock.is_some());
            scanned.most_failures = scanned.most_failures.max(failures);
        });
        found.push((user, scanned));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttemptClass::{BadPassword as Bad, IpBlock, Lock, Neutral, Pass};

    fn runs(ticks: &[(i64, AttemptClass)], at_success: bool) -> Vec<(Range<usize>, Option<usize>, bool)> {
        let ticks: Vec<Tick> = ticks.iter().map(|(at, class)| Tick { at: at * 1000, class: *class }).collect();
        let found = cut(&ticks, Cut { lock_lasts: 60_000, at_success });
        found.into_iter().map(|run| (run.tries, run.lock, run.is_relock)).collect()
    }

    #[test]
    fn an_episode_ends_with_a_success_an_expiry_or_an_hour_of_quiet() {
        let tries = [(0, Bad), (5, Bad), (9, Pass), (20, Bad), (25, Lock), (40, Lock), (90, Bad), (95, Lock)];
        assert_eq!(runs(&tries, true), [(0..3, None, false), (3..6, Some(4), false), (6..8, Some(7), true)]);
        assert_eq!(runs(&tries, false), [(0..6, Some(4), false), (6..8, Some(7), true)]);
        assert_eq!(runs(&[(0, Bad), (3_700, Bad)], true), [(0..1, None, false), (1..2, None, false)]);
        assert_eq!(runs(&[(0, Lock), (3_700, Bad)], true), [(0..1, Some(0), false), (1..2, None, false)]);
        assert_eq!(runs(&[(0, Neutral), (1, Pass), (2, IpBlock), (3, Neutral)], true), [(2..3, None, false)]);
        assert_eq!(runs(&[(0, Bad), (1, Lock), (2_040, Lock)], true), [(0..3, Some(1), false)]);
    }

    #[test]
    fn a_scan_finds_what_the_cutting_of_each_user_finds() {
        let row = |user: usize, at: i64, class| (user, Tick { at: at * 1000, class });
        let rows =
            [row(1, 9, Lock), row(0, 3, Pass), row(1, 1, Bad), row(2, 5, Neutral), row(1, 4, Bad), row(3, 1, Bad)];
        let found = scan(rows.into_iter(), Cut { lock_lasts: 60_000, at_success: true });
        let one = Scanned { episodes: 1, locks: 1, most_failures: 2 };
        assert_eq!(found, [(1, one), (3, Scanned { episodes: 1, locks: 0, most_failures: 1 })]);
    }
}
