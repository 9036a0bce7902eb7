//! Puts an episode into sentences: what happened, what is certain, and what follows if each datacenter counts for itself.
//!
//! The wording is exact. "At least 2 counters" is what arithmetic gives; that two places answered is said only where a trace proves it,
//! and what was counted where only as far as it holds in every way that is left. The first reading of the boundary is that the try after
//! the threshold shows the lock, the second that the try which reaches it shows the lock itself; which holds is not documented.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::counting::Counted;
use super::rival::{BELIEVABLE, chosen, counted};
use super::settings::Origin;
use super::{Attempt, Bounds, Counter, Episode, Era, Lockouts, Standing, Strength};
use crate::domain::lockout::AttemptClass;
use crate::explain::explanation::RivalVerdict;

/// So many splits are written out in a sentence; more are not worth reading.
const MOST_SPLITS: usize = 8;
/// So many tries are named by their numbers.
const MOST_NAMED: usize = 24;
/// So many wrong passwords within a lock are told one by one.
const MOST_WITHIN_LOCK: usize = 3;
/// So many places are named in a headline.
const MOST_PLACES: usize = 3;

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

/// `5+1+1`.
fn sum(split: &[u32]) -> String {
    split.iter().map(u32::to_string).collect::<Vec<_>>().join("+")
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Words<'_> {
    fn rows(&self) -> Vec<(usize, &Attempt)> {
        self.ledger.rows(self.episode).collect()
    }

    fn lock(&self) -> Option<&Attempt> {
        self.ledger.attempt(self.episode.lock?)
    }

    /// A time of day, with its date where that is another than the one on which the episode began.
    fn when(&self, at: DateTime<Utc>) -> String {
        let began = self.ledger.rows(self.episode).next().map(|(_, row)| row.at.date_naive());
        if began == Some(at.date_naive()) { clock(at) } else { date(at) }
    }

    fn is_doubtful(&self) -> bool {
        self.lock().is_some_and(|lock| lock.class == AttemptClass::LockUnknown)
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
        let locked = if self.is_doubtful() { "Error 50053 (a lock, or a blocked address)" } else { "Locked" };
        let excess = episode.next.as_ref().map_or(0, |bounds| bounds.excess);
        match episode.standing {
            Standing::Federated if episode.lock.is_some() => format!(
                "{locked} after {failures}: a federation provider judges this user's passwords, so it is said, yet Entra logged these itself."
            ),
            Standing::Federated if episode.failures == 0 => {
                "The address was blocked for attacks; the federation provider judges the passwords.".to_owned()
            }
            Standing::Federated => {
                format!("{failures}, judged by the federation provider: Entra keeps no counter for this user.")
            }
            Standing::CountedAtHome => {
                let what = if episode.lock.is_some() {
                    format!("{locked} after {failures}.")
                } else {
                    format!("{failures} and no lock.")
                };
                format!("{what} The home tenant of the guest counts, by a threshold that is not known here.")
            }
            Standing::AddressBlocked if episode.failures == 0 => {
                "The address was blocked for attacks; that is no lock of the account.".to_owned()
            }
            Standing::AddressBlocked => {
                format!("{failures}, and the address was blocked for attacks; that is no lock of the account.")
            }
            Standing::NoLock if episode.is_relock => format!(
                "{failures} and no lock, though an earlier lock had run out and one is enough then: something set the counter back, they did \
                 not count, or another counter took them."
            ),
            Standing::NoLock => format!("{failures} and no lock; the {} was not passed.", self.threshold()),
            Standing::NoLockInExcess => {
                format!("{failures} and no lock, {excess} more than the {}: {}.", self.threshold(), self.ending())
            }
            Standing::Early if episode.failures == 0 && !self.ledger.is_torn(episode) => format!(
                "{locked} without a wrong password in this log: failures are missing, or an earlier lock still lasted or had run out."
            ),
            Standing::Early => {
                let missing = episode.next.as_ref().map_or(0, |bounds| bounds.missing);
                let before = if episode.failures == 1 { ", or a lock came before" } else { "" };
                let why = if self.ledger.is_torn(episode) {
                    "older rows are not read".to_owned()
                } else {
                    format!("failures are missing from the log{before}")
                };
                format!("{locked} after {failures}, {missing} fewer than the {}: {why}.", self.threshold())
            }
            Standing::Exact if episode.is_relock => {
                format!("{locked} again after {failures}: once a lock has run out, one is enough.")
            }
            Standing::Exact if !episode.within_lock.is_empty() => {
                let within = match episode.within_lock.len() {
                    1 => "1 more was".to_owned(),
                    several => format!("{several} more were"),
                };
                let least = self.least();
                let ending = least.map_or_else(
                    || "more than one place, or a reset".to_owned(),
                    |least| format!("at least {}, or a reset", counted(least, "counter")),
                );
                format!(
                    "{locked} after {failures}, as many as the {} says, yet {within} answered as wrong while the lock lasted: {ending}.",
                    self.threshold()
                )
            }
            Standing::Exact if self.ledger.passed_within_lock(episode).is_some() => format!(
                "{locked} after {failures}, as many as the {} says, yet a sign-in came through while the lock should have lasted.",
                self.threshold()
            ),
            Standing::Exact => format!("{locked} after {failures}, as many as the {} says.", self.threshold()),
            Standing::Excess => {
                let places = self.places();
                let doubt = if self.is_doubtful() { "if a lock, " } else { "" };
                let why = if places.is_empty() { format!("{doubt}{}", self.ending()) } else { places };
                let than = if episode.is_relock {
                    "one that is enough after an earlier lock".to_owned()
                } else {
                    self.threshold()
                };
                format!("{locked} after {failures}, {excess} more than the {than}: {why}.")
            }
        }
    }

    /// What the trace proves of who answered, where it shows more than one region, and which of them counts as the one that locked.
    fn places(&self) -> String {
        let known: Vec<&Counter> =
            self.episode.counters.iter().filter(|counter| counter.strength == Strength::Proved).collect();
        let regions: Vec<&str> = known.iter().filter_map(|counter| counter.region).collect();
        if known.len() < 2 || regions.windows(2).all(|pair| pair.first() == pair.get(1)) {
            return String::new();
        }
        let mut each: Vec<String> = known
            .iter()
            .take(MOST_PLACES)
            .map(|counter| format!("{} at {}", counter.failures, counter.label))
            .collect();
        let rest = known.len().saturating_sub(MOST_PLACES);
        if rest > 0 {
            each.push(format!("{rest} places more"));
        }
        let unknown: u32 = self
            .episode
            .counters
            .iter()
            .filter(|counter| counter.strength != Strength::Proved)
            .fold(0, |sum: u32, counter| sum.saturating_add(counter.failures));
        if unknown > 0 {
            each.push(format!("{unknown} not known"));
        }
        let threshold = if self.episode.is_relock { 1 } else { self.ledger.threshold.value };
        let tripped = self.episode.tripped.and_then(|number| self.episode.counters.get(number));
        let tripped = match tripped {
            Some(counter) if counter.failures >= threshold => format!("; counted apart, {} reached it", counter.label),
            Some(counter) => format!("; {} answered with the lock", counter.label),
            None => String::new(),
        };
        format!("{} places answered them (proved by the trace), {}{tripped}", known.len(), each.join(", "))
    }

    /// The least number of counters, where it is believable.
    fn least(&self) -> Option<u32> {
        let (next, same) = (self.episode.next.as_ref(), self.episode.same.as_ref());
        next.and_then(|bounds| bounds.counting.minimum).or_else(|| same.and_then(|bounds| bounds.counting.minimum))
    }

    /// How a headline ends: with the explanations that fit, in their order.
    fn ending(&self) -> String {
        let fits = |code: &str| {
            self.episode.explanations.iter().any(|rival| rival.code == code && rival.verdict == RivalVerdict::Fits)
        };
        let mut ways: Vec<String> = Vec::new();
        let first = self.episode.explanations.first().map(|rival| rival.code.as_str()).unwrap_or_default();
        if fits("LCK-VARIANCE") && first == "LCK-VARIANCE" {
            ways.push("a slight variance is documented".to_owned());
        }
        match self.least() {
            Some(least) if fits("LCK-COUNTERS") => ways.push(format!("at least {}", counted(least, "counter"))),
            Some(least) if least > BELIEVABLE && fits("LCK-REPEATED") => {
                return "most of them cannot have counted".to_owned();
            }
            _ => {}
        }
        if fits("LCK-REPEATED") {
            ways.push("tries that did not count".to_owned());
        } else if fits("LCK-OTHER-THRESHOLD") {
            ways.push("another threshold that day".to_owned());
        }
        match ways.as_slice() {
            [] => "nothing that is documented explains it".to_owned(),
            ways => ways.join(", or "),
        }
    }

    fn certain(&self) -> Vec<String> {
        let rows = self.rows();
        let Some((_, first)) = rows.first() else { return Vec::new() };
        let mut lines = vec![self.tries(first)];
        if self.ledger.is_torn(self.episode) {
            lines.push(format!(
                "{} older rows of this user are not read, because there are too many: the episode began among them, and counts too little.",
                self.ledger.left_out
            ));
        }
        let disputed = self.rows().iter().filter(|(_, row)| row.is_disputed).count();
        if disputed > 0 {
            lines.push(format!(
                "Of {} the traces name several servers, so that none is proved.",
                counted(number(disputed), "row")
            ));
        }
        lines.extend(self.after_the_lock());
        lines.extend(self.beside());
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
                format!("{}{region} answered {}", counter.label, counted(number(counter.attempts.len()), "row"))
            })
            .collect();
        if !proved.is_empty() {
            lines.push(format!("{}: proved by the browser trace.", proved.join(", ")));
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
            .filter(|(number, row)| row.class == AttemptClass::BadPassword && episode.is_up_to_lock(*number))
            .map(|(_, row)| row)
            .collect();
        let failures = counted(episode.failures, "wrong password");
        let gathered = bad.iter().filter(|row| row.times > 1).count();
        let gathered = match gathered {
            0 => String::new(),
            1 => " (1 row stands for several tries)".to_owned(),
            rows => format!(" ({rows} rows stand for several tries)"),
        };
        let span = match bad.as_slice() {
            [] => "No wrong password".to_owned(),
            [one] => format!("{failures} at {}", date(one.at)),
            [one, .., last] => format!("{failures} from {} to {}", date(one.at), self.when(last.at)),
        };
        match self.lock() {
            Some(lock) => {
                let at = if bad.is_empty() { date(lock.at) } else { self.when(lock.at) };
                let met = if lock.class == AttemptClass::Lock {
                    format!("the lock at {at}")
                } else {
                    format!("error 50053 at {at}, whose text does not say which of its causes it had")
                };
                format!("{span}{gathered}, then {met}.")
            }
            None if bad.is_empty() => format!("Begins at {}.", date(first.at)),
            None => format!("{span}{gathered}, and no lock."),
        }
    }

    fn after_the_lock(&self) -> Vec<String> {
        let (Some(lock), rows) = (self.lock(), self.rows()) else { return Vec::new() };
        let lasts = i64::from(self.ledger.duration.value);
        let known = if self.ledger.duration.origin.is_known() { "" } else { " by default" };
        let mut lines = Vec::new();
        let later: Vec<&Attempt> = rows
            .iter()
            .filter(|(number, row)| Some(*number) > self.episode.lock && row.class.is_lock())
            .map(|(_, row)| *row)
            .collect();
        if let Some(last) = later.last() {
            let more = match later.len() {
                1 => "1 more try".to_owned(),
                several => format!("{several} more tries"),
            };
            let after = (last.at - lock.at).num_seconds();
            let longer = if after >= lasts {
                format!(
                    ", later than the {lasts} s that a first lock lasts at least{known}: it lasted longer, or a failure that is not in the log \
                     locked again"
                )
            } else {
                String::new()
            };
            let how_long = if after < 120 { format!("{after} s") } else { format!("{} min", after / 60) };
            lines.push(format!("{more} met the lock, the last one {how_long} after the first{longer}."));
        }
        for number in self.episode.within_lock.iter().take(MOST_WITHIN_LOCK) {
            let Some(row) = self.ledger.attempt(*number) else { continue };
            let from = if row.ip.is_empty() { String::new() } else { format!(" from {}", row.ip) };
            let what = if lock.class == AttemptClass::Lock { "the lock" } else { "error 50053" };
            lines.push(format!(
                "At {}{from} a wrong password was answered as one, {} s after {what}; a first lock lasts at least {lasts} s{known}.",
                self.when(row.at),
                (row.at - lock.at).num_seconds(),
            ));
        }
        let untold = self.episode.within_lock.len().saturating_sub(MOST_WITHIN_LOCK);
        if untold > 0 {
            lines.push(format!("{} more within that time.", counted(number(untold), "wrong password")));
        }
        if let Some((_, pass)) = self.ledger.passed_within_lock(self.episode) {
            lines.push(format!(
                "{} at {}, {} s after the lock: a reset lifted it, it did not hold everywhere, or familiar and unfamiliar places are counted \
                 apart.",
                came_through(pass),
                self.when(pass.at),
                (pass.at - lock.at).num_seconds()
            ));
        }
        lines
    }

    /// What came between or at the end and counts for nothing.
    fn beside(&self) -> Vec<String> {
        let rows = self.rows();
        let mut lines = Vec::new();
        let within = self.ledger.passed_within_lock(self.episode).map(|(number, _)| number);
        if let Some((_, pass)) =
            rows.last().filter(|(number, row)| row.class == AttemptClass::Pass && Some(*number) != within)
        {
            lines.push(format!("{} at {}.", came_through(pass), self.when(pass.at)));
        }
        let blocks = rows.iter().filter(|(_, row)| row.class == AttemptClass::IpBlock).count();
        if blocks > 0 {
            let met = counted(number(blocks), "try");
            lines.push(format!("{met} met a block of the address, which counts for nothing."));
        }
        let mut codes: Vec<(i64, u32)> = Vec::new();
        for code in
            rows.iter().filter(|(_, row)| row.class == AttemptClass::Neutral).filter_map(|(_, row)| row.error_code)
        {
            match codes.iter_mut().find(|(known, _)| *known == code) {
                Some((_, count)) => *count += 1,
                None => codes.push((code, 1)),
            }
        }
        if !codes.is_empty() {
            let total = codes.iter().fold(0, |sum: u32, (_, count)| sum.saturating_add(*count));
            let each: Vec<String> = codes
                .iter()
                .map(|(code, count)| if *count == 1 { code.to_string() } else { format!("{count} × {code}") })
                .collect();
            let rows = counted(total, "row");
            lines.push(format!(
                "{rows} of other codes between ({}): whether they count is not documented.",
                each.join(", ")
            ));
        }
        lines
    }

    fn addresses(&self) -> String {
        let rows = self.rows();
        let start = rows.first().map(|(_, row)| row.at.timestamp_millis()).unwrap_or_default();
        let mut met: HashSet<&str> = HashSet::new();
        let refused = rows.iter().filter(|(_, row)| row.class.is_refusal() && !row.ip.is_empty());
        let seen: Vec<&str> = refused.map(|(_, row)| row.ip.as_str()).filter(|ip| met.insert(ip)).collect();
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
        let era = match episode.era {
            Era::Silent => {
                "At this date the documentation said nothing of datacenters; that each counts for itself is a text of 2019-11-21."
            }
            Era::Independent => {
                "That each datacenter counts for itself is documented for this date (text of 2019-11-21, quoted until June 2021)."
            }
            Era::Between => {
                "Between June 2021 and January 2023 the documentation changed from counters of each datacenter to a synchronised state; which \
                 held on this date is not known."
            }
            Era::Synchronised => {
                "Since January 2023 the state of the lock is documented as synchronised, with a slight variance; counters of each datacenter \
                 are then no more than a possibility."
            }
        };
        let mut lines = vec![
            era.to_owned(),
            self.reading("First reading (the try after the threshold shows the lock)", next),
            self.reading("Second reading (the try that reaches the threshold shows it itself)", same),
        ];
        lines.extend(self.positions(next, same));
        lines.extend(self.tripped());
        lines
    }

    fn reading(&self, condition: &str, bounds: &Bounds) -> String {
        let counting = &bounds.counting;
        if bounds.missing > 0 {
            let are = if bounds.missing == 1 { "is" } else { "are" };
            return format!(
                "{condition}: {} {are} not in the log at least.",
                counted(bounds.missing, "counted failure")
            );
        }
        let Some(least) = counting.minimum else {
            let by = self.episode.strength.label();
            return match (bounds.uncounted_in_place, self.episode.strength) {
                (0, Strength::None) => format!(
                    "{condition}: then the {} wrong password would have shown the lock; it did not.",
                    if bounds.full == 0 { "first".to_owned() } else { format!("{}th", bounds.full + 1) }
                ),
                (0, _) => format!("{condition}: no way is left by what is known of who answered ({by})."),
                (one, _) => format!(
                    "{condition}: what is known of who answered ({by}) contradicts it, unless at least {} did not count.",
                    counted(one, "try")
                ),
            };
        };
        let most = counting.maximum.filter(|most| *most > least && self.lock().is_some());
        let most = most.map(|most| format!(", at most {most}")).unwrap_or_default();
        let later = match self.episode.within_lock.len() {
            0 => "",
            1 => "; the one after the lock elsewhere",
            _ => "; those after the lock elsewhere",
        };
        let splits: Vec<String> = counting.splits.iter().map(|split| sum(split)).collect();
        let splits = match splits.len() {
            0 => String::new(),
            1 if least == 1 => String::new(),
            ways if ways <= MOST_SPLITS && self.lock().is_some() => {
                format!(" ({}; the first number is the counter that locked{later})", splits.join(" or "))
            }
            ways if ways <= MOST_SPLITS => format!(" ({})", splits.join(" or ")),
            ways => format!(" (in {ways} ways)"),
        };
        let exactly = if counting.is_exact && counting.maximum == Some(least) { "" } else { "at least " };
        format!("{condition}: {exactly}{}{most}{splits}.", counted(least, "counter"))
    }

    /// Which of the wrong passwords were counted where it locked, as far as every reading that is left says the same.
    fn positions(&self, next: &Bounds, same: &Bounds) -> Option<String> {
        self.lock()?;
        let bad: Vec<(usize, u32)> = self
            .rows()
            .into_iter()
            .filter(|(number, row)| row.class == AttemptClass::BadPassword && self.episode.is_up_to_lock(*number))
            .map(|(number, row)| (number, row.times))
            .collect();
        if bad.len() > MOST_NAMED || next.excess == 0 && same.excess == 0 {
            return None;
        }
        let of = |wanted: Counted| -> Vec<String> {
            let tries = bad.iter().enumerate().filter(|(_, (number, _))| self.episode.counted(*number) == Some(wanted));
            tries.map(|(place, _)| (place + 1).to_string()).collect()
        };
        let (there, elsewhere, open) = (of(Counted::WhereItTripped), of(Counted::Elsewhere), of(Counted::Open));
        let named = |tries: &[String]| {
            let noun = if tries.len() == 1 { "try" } else { "tries" };
            format!("{noun} {}", tries.join(", "))
        };
        let was = |tries: &[String]| if tries.len() == 1 { "was" } else { "were" };
        if there.is_empty() && elsewhere.is_empty() {
            let total = bad.iter().fold(0, |sum: u32, (_, times)| sum.saturating_add(*times));
            let ways: Vec<u32> = [next, same]
                .into_iter()
                .filter(|bounds| !bounds.is_contradicted() && bounds.excess > 0)
                .map(|bounds| bounds.full_at_tripping)
                .collect();
            return match ways.as_slice() {
                [one, other] if one != other => Some(format!(
                    "By the first reading {one} of these {total} tries were counted where it locked, by the second {other}; which ones is not \
                     in the log."
                )),
                [1, ..] => {
                    Some(format!("1 of these {total} tries was counted where it locked; which one is not in the log."))
                }
                [one, ..] => Some(format!(
                    "{one} of these {total} tries were counted where it locked; which ones is not in the log."
                )),
                [] => None,
            };
        }
        let mut parts: Vec<String> = Vec::new();
        if !there.is_empty() {
            parts.push(format!("{} {} counted where it locked", named(&there), was(&there)));
        }
        if !elsewhere.is_empty() {
            parts.push(format!("{} elsewhere", named(&elsewhere)));
        }
        if !open.is_empty() {
            parts.push(format!("of {} it cannot be told", named(&open)));
        }
        let by = match (next.is_contradicted(), same.is_contradicted()) {
            (false, true) => "By the first reading",
            (true, false) => "By the second reading",
            _ => "By both readings",
        };
        Some(format!("{by} {}.", parts.join(", ")))
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
            Era::Silent | Era::Between | Era::Synchronised => {
                "it alone answered as many wrong passwords as the threshold"
            }
        };
        let doubt = if self.is_doubtful() { "If it was a lock, the" } else { "The" };
        Some(format!("{doubt} counter that tripped is that of {}{region} ({by}): {why}.", counter.label))
    }
}

/// That a sign-in came through, and whether a password was seen to be accepted.
fn came_through(row: &Attempt) -> &'static str {
    if row.shows_password {
        "A password was accepted"
    } else {
        "A sign-in came through (that a password was given is not logged)"
    }
}
