//! Puts an episode into sentences: what happened, what is certain, and what follows if each datacenter counts for itself.
//!
//! The wording is exact. "At least 2 counters" is what arithmetic gives; that two datacenters were met is said only where a trace
//! proves it.

use chrono::{DateTime, Utc};

use super::counting::Counted;
use super::rival::{chosen, counted};
use super::settings::Origin;
use super::{Attempt, Bounds, Episode, Era, Lockouts, Standing, Strength};
use crate::domain::lockout::AttemptClass;

/// So many splits are written out in a sentence.
const MOST_SPLITS: usize = 8;
/// So many tries are named by their numbers.
const MOST_NAMED: usize = 24;

/// Writes the sentences of an episode.
pub(super) fn write(episode: &mut Episode, ledger: &Lockouts) {
    let words = Words { episode, ledger };
    let (headline, certain, follows) = (words.headline(), words.certain(), words.follows());
    episode.headline = headline;
    episode.certain = certain;
    episode.follows = follows;
}

struct Words<'a> {
    episode: &'a Episode,
    ledger: &'a Lockouts,
}

fn clock(at: DateTime<Utc>) -> String {
    at.format("%H:%M:%SZ").to_string()
}

fn date(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `5 + 1 + 1`.
fn sum(split: &[u32]) -> String {
    split.iter().map(u32::to_string).collect::<Vec<_>>().join("+")
}

impl Words<'_> {
    fn rows(&self) -> Vec<(usize, &Attempt)> {
        self.ledger.rows(self.episode).collect()
    }

    fn lock(&self) -> Option<&Attempt> {
        self.ledger.attempt(self.episode.lock?)
    }

    fn threshold(&self) -> String {
        let value = self.ledger.threshold.value;
        match self.ledger.threshold.origin {
            Origin::Operator | Origin::Snapshot => format!("threshold of {value}"),
            Origin::OfCloud(_) | Origin::Default => format!("default threshold of {value}"),
        }
    }

    fn headline(&self) -> String {
        let episode = self.episode;
        let failures = counted(episode.failures, "wrong password");
        let is_doubtful = self.lock().is_some_and(|lock| lock.class == AttemptClass::LockUnknown);
        let locked = if is_doubtful { "Error 50053 (a lock, or a blocked address)" } else { "Locked" };
        let excess = episode.next.as_ref().map_or(0, |bounds| bounds.excess);
        match episode.standing {
            Standing::Federated => {
                format!("{failures}, judged by the federation provider: Entra keeps no counter for this user.")
            }
            Standing::AddressBlocked if episode.failures == 0 => {
                "The address was blocked for attacks; that is no lock of the account.".to_owned()
            }
            Standing::AddressBlocked => {
                format!("{failures}, then the address was blocked for attacks; that is no lock of the account.")
            }
            Standing::NoLock => format!("{failures} and no lock; the {} was not passed.", self.threshold()),
            Standing::NoLockInExcess => format!(
                "{failures} and no lock, {excess} more than the {}: {}.",
                self.threshold(),
                self.at_least_or_uncounted()
            ),
            Standing::Early if episode.failures == 0 => {
                format!(
                    "{locked} without a wrong password in this log: failures are missing, or an earlier lock lasted or had run out."
                )
            }
            Standing::Early => {
                let missing = episode.next.as_ref().map_or(0, |bounds| bounds.missing);
                format!(
                    "{locked} after {failures}, {missing} fewer than the {}: failures are missing from the log, or a lock came before.",
                    self.threshold()
                )
            }
            Standing::Exact if episode.is_relock => {
                format!("{locked} again after {failures}: once a lock has run out, one is enough.")
            }
            Standing::Exact if episode.within_lock.is_empty() => {
                format!("{locked} after {failures}, as many as the {} says.", self.threshold())
            }
            Standing::Exact => {
                let within = match episode.within_lock.len() {
                    1 => "1 more was".to_owned(),
                    several => format!("{several} more were"),
                };
                format!(
                    "{locked} after {failures}, as many as the {} says, yet {within} answered as wrong while the lock lasted: {}.",
                    self.threshold(),
                    self.at_least("counter")
                )
            }
            Standing::Excess => {
                let places = self.places();
                let why = match (places.is_empty(), is_doubtful) {
                    (false, _) => places,
                    (true, true) => format!("if a lock, {}", self.at_least_or_uncounted()),
                    (true, false) => self.at_least_or_uncounted(),
                };
                let than = if episode.is_relock {
                    "one that is enough after an earlier lock".to_owned()
                } else {
                    self.threshold()
                };
                format!("{locked} after {failures}, {excess} more than the {than}: {why}.")
            }
        }
    }

    /// What the trace proves of who answered, where it shows more than one region.
    fn places(&self) -> String {
        let known: Vec<_> =
            self.episode.counters.iter().filter(|counter| counter.strength == Strength::Proved).collect();
        let regions: Vec<&str> = known.iter().filter_map(|counter| counter.region).collect();
        if known.len() < 2 || regions.windows(2).all(|pair| pair.first() == pair.get(1)) {
            return String::new();
        }
        let each: Vec<String> =
            known.iter().map(|counter| format!("{} at {}", counter.failures, counter.label)).collect();
        let tripped = self.episode.tripped.and_then(|number| self.episode.counters.get(number));
        let tripped = tripped.map(|counter| format!(", and {} reached it", counter.label)).unwrap_or_default();
        format!("{} places answered them (proved by the trace), {}{tripped}", known.len(), each.join(", "))
    }

    fn least(&self) -> Option<u32> {
        let (next, same) = (self.episode.next.as_ref(), self.episode.same.as_ref());
        next.and_then(|bounds| bounds.counting.minimum).or_else(|| same.and_then(|bounds| bounds.counting.minimum))
    }

    fn at_least(&self, noun: &str) -> String {
        self.least()
            .map_or_else(|| "not at one place alone".to_owned(), |least| format!("at least {}", counted(least, noun)))
    }

    fn at_least_or_uncounted(&self) -> String {
        match self.least() {
            Some(least) => format!("at least {}, or tries that did not count", counted(least, "counter")),
            None => "tries that did not count, or more counters than places".to_owned(),
        }
    }

    fn certain(&self) -> Vec<String> {
        let rows = self.rows();
        let Some((_, first)) = rows.first() else { return Vec::new() };
        let mut lines = vec![self.tries(first)];
        lines.extend(self.after_the_lock());
        let threshold = &self.ledger.threshold;
        let duration = &self.ledger.duration;
        if self.ledger.is_counted_here() {
            lines.push(format!(
                "Threshold {} ({}); a first lock lasts at least {} s ({}).",
                threshold.value,
                threshold.from(),
                duration.value,
                match duration.origin {
                    Origin::Operator | Origin::Snapshot => duration.from(),
                    _ => "by default",
                }
            ));
        }
        lines.push(match self.ledger.method.kind {
            Some(_) => format!("Passwords are judged {}.", self.ledger.method.words),
            None => format!("Where passwords are judged is {}.", self.ledger.method.words),
        });
        if self.ledger.home.is_some() {
            lines.push(
                "A guest: the home tenant keeps the counter, by its own settings, which are not in the evidence."
                    .to_owned(),
            );
        }
        lines.push(self.addresses());
        let proved: Vec<String> = self
            .episode
            .counters
            .iter()
            .filter(|counter| counter.strength == Strength::Proved)
            .map(|counter| {
                let region = counter.region.map(|region| format!(" ({region})")).unwrap_or_default();
                let tries = counted(u32::try_from(counter.attempts.len()).unwrap_or(u32::MAX), "row");
                format!("{}{region} {tries}", counter.label)
            })
            .collect();
        if !proved.is_empty() {
            lines.push(format!("Answered at {}, proved by the browser trace.", proved.join(", ")));
        }
        lines.extend(chosen(self.ledger.choices).map(str::to_owned));
        lines.retain(|line| !line.is_empty());
        lines
    }

    fn tries(&self, first: &Attempt) -> String {
        let episode = self.episode;
        let bad: Vec<&Attempt> = self
            .rows()
            .into_iter()
            .filter(|(number, row)| {
                row.class == AttemptClass::BadPassword && episode.lock.is_none_or(|lock| *number < lock)
            })
            .map(|(_, row)| row)
            .collect();
        let failures = counted(episode.failures, "wrong password");
        let span = match bad.as_slice() {
            [] => "no wrong password".to_owned(),
            [one] => format!("{failures} at {}", date(one.at)),
            [one, .., last] => format!("{failures} from {} to {}", date(one.at), clock(last.at)),
        };
        let grouped = bad.iter().any(|row| row.times > 1);
        let grouped = if grouped { " (some rows stand for several tries)" } else { "" };
        match self.lock() {
            Some(lock) => {
                let reason = if lock.class == AttemptClass::Lock {
                    "the lock"
                } else {
                    "error 50053, whose text names no cause"
                };
                let at = if bad.is_empty() { date(lock.at) } else { clock(lock.at) };
                format!("{}{grouped}, then {reason} at {at}.", capitalised(&span))
            }
            None if bad.is_empty() => format!("Begins at {}.", date(first.at)),
            None => format!("{}{grouped}, and no lock.", capitalised(&span)),
        }
    }

    fn after_the_lock(&self) -> Vec<String> {
        let (Some(lock), rows) = (self.lock(), self.rows()) else { return Vec::new() };
        let mut lines = Vec::new();
        let later: Vec<&Attempt> = rows
            .iter()
            .filter(|(number, row)| Some(*number) > self.episode.lock && row.class.is_lock())
            .map(|(_, row)| *row)
            .collect();
        if let Some(last) = later.last() {
            let more = counted(u32::try_from(later.len()).unwrap_or(u32::MAX), "more try").replace("trys", "tries");
            let after = (last.at - lock.at).num_seconds();
            let longer = if after >= i64::from(self.ledger.duration.value) {
                ", longer than a first lock lasts at least: it lasted longer, or a failure that is not in the log locked again"
            } else {
                ""
            };
            let how_long = if after < 120 { format!("{after} s") } else { format!("{} min", after / 60) };
            lines.push(format!("{more} met the lock, the last one {how_long} after the first{longer}."));
        }
        for number in &self.episode.within_lock {
            let Some(row) = self.ledger.attempt(*number) else { continue };
            let from = if row.ip.is_empty() { String::new() } else { format!(" from {}", row.ip) };
            lines.push(format!(
                "At {}{from} a wrong password was answered as one, {} s after {}, which cannot have run out by then{}.",
                clock(row.at),
                (row.at - lock.at).num_seconds(),
                if lock.class == AttemptClass::Lock {
                    "the lock"
                } else {
                    "error 50053: if that was a lock, it was one"
                },
                if self.ledger.duration.origin.is_known() { "" } else { " if it lasts as long as by default" }
            ));
        }
        if let Some((_, pass)) = rows.last().filter(|(_, row)| row.class == AttemptClass::Pass) {
            let is_within = self.episode.lasts_until.is_some_and(|until| pass.at < until);
            let odd = if is_within {
                ", while the lock should have lasted: it was lifted by a password reset, or it did not hold everywhere"
            } else {
                ""
            };
            lines.push(format!("A password was accepted at {}{odd}.", clock(pass.at)));
        }
        lines
    }

    fn addresses(&self) -> String {
        let rows = self.rows();
        let start = rows.first().map(|(_, row)| row.at.timestamp_millis()).unwrap_or_default();
        let mut seen: Vec<&str> = Vec::new();
        for (_, row) in rows.iter().filter(|(_, row)| row.class.is_refusal() && !row.ip.is_empty()) {
            if !seen.contains(&row.ip.as_str()) {
                seen.push(&row.ip);
            }
        }
        let told = |ip: &&str| {
            let first = self.ledger.addresses.get(*ip).and_then(|address| address.first_success);
            let used =
                if first.is_some_and(|first| first < start) { "used before" } else { "no success before in this log" };
            format!("{ip} ({used})")
        };
        match seen.as_slice() {
            [] => String::new(),
            [one] => format!("All from {}.", told(one)),
            several if several.len() <= 4 => {
                format!(
                    "From {} addresses: {}.",
                    several.len(),
                    several.iter().map(told).collect::<Vec<_>>().join(", ")
                )
            }
            several => format!("From {} addresses.", several.len()),
        }
    }

    fn follows(&self) -> Vec<String> {
        let episode = self.episode;
        let (Some(next), Some(same)) = (&episode.next, &episode.same) else { return Vec::new() };
        let concerns = matches!(episode.standing, Standing::Excess | Standing::NoLockInExcess)
            || episode.standing == Standing::Exact && !episode.is_relock
            || episode.strength != Strength::None && episode.lock.is_some();
        if !concerns {
            return Vec::new();
        }
        let mut lines = vec![
            match episode.era {
                Era::Independent => "That each datacenter counts for itself is documented for this date (text of 2019-11-21, quoted until June 2021).",
                Era::Between => "Between June 2021 and January 2023 the documentation changed from counters of each datacenter to a synchronised state; which held on this date is not known.",
                Era::Synchronised => "Since January 2023 the state of the lock is documented as synchronised, with a slight variance; counters of each datacenter are then no more than a possibility.",
            }
            .to_owned(),
            self.reading("If the try after the threshold shows the lock", next),
            self.reading("If the try that reaches the threshold shows it itself", same),
        ];
        lines.extend(self.positions(next));
        lines.extend(self.tripped());
        lines
    }

    fn reading(&self, condition: &str, bounds: &Bounds) -> String {
        let counting = &bounds.counting;
        if bounds.missing > 0 {
            return format!("{condition}: {} not in the log at least.", are(bounds.missing, "counted failure"));
        }
        let Some(least) = counting.minimum else {
            let by = self.episode.strength.label();
            return match bounds.uncounted_in_place {
                0 => format!("{condition}: no way is left by what is known of who answered ({by})."),
                one => format!(
                    "{condition}: what is known of who answered ({by}) contradicts it, unless at least {} did not count.",
                    counted(one, "try").replace("trys", "tries")
                ),
            };
        };
        let most = counting.maximum.filter(|most| *most > least).map(|most| format!(", at most {most}"));
        let splits: Vec<String> = counting.splits.iter().take(MOST_SPLITS).map(|split| sum(split)).collect();
        let more = counting.splits.len().saturating_sub(splits.len());
        let more = if more > 0 { format!(" and {more} more ways") } else { String::new() };
        let splits = if splits.is_empty() { String::new() } else { format!(": {}{more}", splits.join(" or ")) };
        let tripping =
            if self.episode.lock.is_some() && !counting.splits.is_empty() { ", the one that locked first" } else { "" };
        let later = match self.episode.within_lock.len() {
            0 => "",
            1 => "; the one after the lock elsewhere",
            _ => "; those after the lock elsewhere",
        };
        let exactly = if counting.is_exact && counting.maximum == Some(least) { "" } else { "at least " };
        let most = most.unwrap_or_default();
        format!("{condition}: {exactly}{}{most}{splits}{tripping}{later}.", counted(least, "counter"))
    }

    /// Which of the wrong passwords were counted where it tripped.
    fn positions(&self, bounds: &Bounds) -> Option<String> {
        self.lock()?;
        if bounds.positions.is_empty() || bounds.excess == 0 {
            return None;
        }
        let bad: Vec<usize> = self
            .rows()
            .into_iter()
            .filter(|(number, row)| row.class == AttemptClass::BadPassword && Some(*number) < self.episode.lock)
            .map(|(number, _)| number)
            .collect();
        let of = |wanted: Counted| -> Vec<String> {
            let tries = bad.iter().enumerate().filter(|(_, number)| bounds.positions.get(number) == Some(&wanted));
            tries.map(|(place, _)| (place + 1).to_string()).collect()
        };
        let (there, elsewhere, open) = (of(Counted::WhereItTripped), of(Counted::Elsewhere), of(Counted::Open));
        if bad.len() > MOST_NAMED {
            return None;
        }
        let full = bounds.full;
        Some(match (there.is_empty(), elsewhere.is_empty(), open.is_empty()) {
            (_, _, true) => format!(
                "Then tries {} were counted where it locked, and {} elsewhere.",
                there.join(", "),
                elsewhere.join(", ")
            ),
            (true, true, false) => {
                format!(
                    "Then {full} of these {} tries were counted where it locked; which {full} is not in the log.",
                    bad.len()
                )
            }
            _ => {
                let there = if there.is_empty() {
                    String::new()
                } else {
                    format!("tries {} were counted where it locked; ", there.join(", "))
                };
                let elsewhere = if elsewhere.is_empty() {
                    String::new()
                } else {
                    format!("tries {} elsewhere; ", elsewhere.join(", "))
                };
                format!("Then {there}{elsewhere}of tries {} it cannot be told.", open.join(", "))
            }
        })
    }

    fn tripped(&self) -> Option<String> {
        self.episode.lock?;
        let Some(counter) = self.episode.tripped.and_then(|number| self.episode.counters.get(number)) else {
            return (self.episode.strength != Strength::None)
                .then(|| "Which counter tripped cannot be told.".to_owned());
        };
        let region = counter.region.map(|region| format!(" ({region})")).unwrap_or_default();
        let by = counter.strength.label();
        let why = match self.episode.era {
            Era::Independent => "it answered with the lock",
            Era::Between | Era::Synchronised => "it alone answered as many wrong passwords as the threshold",
        };
        Some(format!("The counter that tripped is that of {}{region} ({by}): {why}.", counter.label))
    }
}

fn are(number: u32, noun: &str) -> String {
    if number == 1 { format!("1 {noun} is") } else { format!("{number} {noun}s are") }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
