//! The lockout ledger of one user: the episodes of wrong passwords and locks, over how many counters they can have been spread, by what
//! that is known, and what else would explain them.
//!
//! [`ledger`] takes the rows of the log one by one (`attempt`), cuts them into episodes (`episode`), gathers the tries by what is known
//! of who answered them (`counter`), does the arithmetic (`counting`) under both readings of the boundary, weighs the explanations
//! (`rival`), says of whom the tries look like (`who`), and holds the settings against their rules (`settings`, `check`). `words` puts
//! it into sentences, and `lane` lays it out for the picture.
//!
//! Three strengths of knowing who answered are never mixed: a header in a browser trace proves it, the pattern of request ids suggests
//! it, and else nothing is known. What the documentation says of counters changed between 2021 and 2023, so each episode is read by
//! the text of its date.

pub mod attempt;
mod check;
mod counter;
pub mod counting;
pub mod episode;
pub mod lane;
mod rival;
pub mod settings;
mod who;
mod words;

use std::collections::HashMap;

use chrono::{DateTime, Duration, TimeZone, Utc};

use crate::domain::fact::AuthMethod;
use crate::domain::lockout::{Address, AttemptClass};
use crate::domain::trace::TraceEvent;
use crate::domain::{Evidence, Holdings};

use super::access::Tenant;
use super::catalogue;
use super::explanation::{Gap, Note, Rival};

pub use attempt::{Answered, Attempt, Attempts, Requests};
pub use counter::{Counter, Strength};
use counting::{Counted, Counting};
use episode::{Cut, Run, Tick, cut};
use settings::{Method, Setting};
pub use who::Hint;

/// What the ledger takes for granted where the documentation is silent, each with what is known of it.
pub const TAKEN_FOR_GRANTED: [(&str, &str); 4] = [
    (
        "Of all codes only a wrong password (50126) counts towards the lock.",
        "inferred; which codes count is documented nowhere",
    ),
    (
        "An accepted password sets the counter back, and ends an episode.",
        "Azure AD B2C threat management, 2021-05-15; for workforce tenants nothing is said",
    ),
    (
        "After an hour without tries a new episode begins, once no lock can last.",
        "ours; when counters forget is documented nowhere",
    ),
    (
        "Whether the try that reaches the threshold shows the lock itself (second reading) or the next one does (first reading) is left open.",
        "not documented; both readings are computed",
    ),
];

/// The lockout ledger of one user.
#[derive(Debug, Clone, PartialEq)]
pub struct Lockouts {
    /// The user's object id, empty when the log has none.
    pub user_id: String,
    /// The principal name, empty when the log has none.
    pub user_principal_name: String,
    /// Where the passwords are judged.
    pub method: Method,
    /// After how many wrong passwords the lock comes.
    pub threshold: Setting,
    /// How long a first lock lasts at least, in seconds.
    pub duration: Setting,
    /// What the ledger was read with.
    pub choices: Choices,
    /// The rows that have to do with smart lockout, oldest first.
    pub attempts: Vec<Attempt>,
    /// The episodes, oldest first.
    pub episodes: Vec<Episode>,
    /// The settings held against their rules.
    pub checks: Vec<Note>,
    /// What is missing.
    pub gaps: Vec<Gap>,
    /// What the log says of the addresses of the tries.
    pub addresses: HashMap<String, Address>,
    /// The user's own tenant where it is another one: its counters and its settings are meant, not those of this snapshot.
    pub home: Option<Evidence>,
    /// What the loaded logs hold as a whole.
    pub holds: Holdings,
    /// How many rows without a time were left out.
    pub undated: usize,
    /// How many older rows were left out, because there are too many.
    pub left_out: usize,
    /// Whether the first episode began among them.
    pub is_torn: bool,
}

/// How the log is read where it can be read in two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    /// Whether the pattern of request ids ties tries together. It is documented nowhere.
    pub by_pattern: bool,
    /// Whether an accepted password sets the counter back. It is documented for Azure AD B2C alone.
    pub success_resets: bool,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices { by_pattern: true, success_resets: true }
    }
}

/// What a ledger is made with besides the rows.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The requests of browser traces, of whomever.
    pub traces: &'a [TraceEvent],
    /// The same by what joins them with rows.
    pub requests: &'a Requests,
    /// How many older rows were not given, because there are too many.
    pub left_out: usize,
    /// Whether the first episode began among them.
    pub is_torn: bool,
    /// What the loaded logs hold as a whole.
    pub holds: Holdings,
    /// What the whole log says of the addresses the user was refused from.
    pub addresses: &'a HashMap<String, Address>,
    /// How the log is read where it can be read in two ways.
    pub choices: Choices,
}

/// Wrong passwords and locks that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode {
    /// Its rows, as numbers in [`Lockouts::attempts`], oldest first.
    pub attempts: Vec<usize>,
    /// What it is.
    pub standing: Standing,
    /// The wrong passwords before the first lock, or all of them where there is none.
    pub failures: u32,
    /// The wrong passwords that were answered as such while the first lock cannot have run out, as numbers of attempts.
    pub within_lock: Vec<usize>,
    /// The row that met the first lock, as a number of an attempt.
    pub lock: Option<usize>,
    /// The earliest end of the first lock, where that can be told.
    pub lasts_until: Option<DateTime<Utc>>,
    /// Whether it follows a lock that had run out, after which one wrong password locks again.
    pub is_relock: bool,
    /// What the documentation of its date says of counters.
    pub era: Era,
    /// The arithmetic where the try after the threshold shows the lock; nothing where Entra keeps no counter.
    pub next: Option<Bounds>,
    /// The arithmetic where the try that reaches the threshold shows the lock itself.
    pub same: Option<Bounds>,
    /// How firmly it is known who answered the tries that the arithmetic ties together.
    pub strength: Strength,
    /// The tries by what is known of who answered them; those of which nothing is known come last.
    pub counters: Vec<Counter>,
    /// The counter that tripped, as a number in [`Episode::counters`], where it can be told.
    pub tripped: Option<usize>,
    /// One sentence or two on what happened.
    pub headline: String,
    /// What is certain: the rows, the settings and where they are from.
    pub certain: Vec<String>,
    /// What follows if each datacenter counts for itself.
    pub follows: Vec<String>,
    /// What would explain it, the likeliest first.
    pub explanations: Vec<Rival>,
    /// Of whom the tries look like.
    pub who: Option<Hint>,
}

/// What an episode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A lock after more wrong passwords than the threshold.
    Excess,
    /// A lock after as many wrong passwords as the threshold says.
    Exact,
    /// A lock after fewer wrong passwords than the threshold.
    Early,
    /// No lock, and no more wrong passwords than the threshold.
    NoLock,
    /// No lock, and more wrong passwords than the threshold.
    NoLockInExcess,
    /// No lock, but the address was blocked.
    AddressBlocked,
    /// A federation provider judges the passwords, so Entra keeps no counter.
    Federated,
    /// A guest's: the home tenant keeps the counter, by settings of its own.
    CountedAtHome,
}

impl Standing {
    /// The word in which JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Excess => "excess",
            Standing::Exact => "exact",
            Standing::Early => "early",
            Standing::NoLock => "noLock",
            Standing::NoLockInExcess => "noLockInExcess",
            Standing::AddressBlocked => "addressBlocked",
            Standing::Federated => "federated",
            Standing::CountedAtHome => "countedAtHome",
        }
    }
}

/// What the documentation says of counters at the time of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Era {
    /// Nothing is said of datacenters (text of 2018-06-25).
    Silent,
    /// Each datacenter counts for itself (text of 2019-11-21, quoted until June 2021).
    Independent,
    /// The text changed within this time; when is not known.
    Between,
    /// The state of the lock is synchronised, and the number of failures before it varies slightly (text of 2023-01-29).
    Synchronised,
}

impl Era {
    /// The era of an instant.
    pub fn of(at: DateTime<Utc>) -> Era {
        let day = |year, month, day| Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).single();
        let is_before = |until: Option<DateTime<Utc>>| until.is_some_and(|until| at < until);
        match () {
            () if is_before(day(2019, 11, 21)) => Era::Silent,
            () if is_before(day(2021, 7, 1)) => Era::Independent,
            () if is_before(day(2023, 1, 29)) => Era::Between,
            () => Era::Synchronised,
        }
    }

    /// The contract's word; before the first text and between the two neither holds.
    pub fn word(self) -> &'static str {
        match self {
            Era::Independent => "independent",
            Era::Silent | Era::Between => "unknown",
            Era::Synchronised => "synchronised",
        }
    }
}

/// The arithmetic of an episode under one reading of the boundary.
#[derive(Debug, Clone, PartialEq)]
pub struct Bounds {
    /// How many wrong passwords a counter takes before it answers with the lock.
    pub full: u32,
    /// How many the counter that tripped takes: 1 where it had been locked before, else the same.
    pub full_at_tripping: u32,
    /// How many wrong passwords there are beyond those that fill the counter that tripped.
    pub excess: u32,
    /// How many counted failures are not in the log at least, where there are too few to fill a counter.
    pub missing: u32,
    /// Over how many counters they can have been spread, and how.
    pub counting: Counting,
    /// How many tries must have gone uncounted at one place at least, where what is known of places leaves no way.
    pub uncounted_in_place: u32,
    /// Where each wrong password before the lock was counted, by its number among the attempts.
    pub positions: HashMap<usize, Counted>,
}

impl Episode {
    /// Where a wrong password before the lock was counted, as far as both readings of the boundary that are left say the same. Nothing
    /// where neither says anything.
    pub fn counted(&self, attempt: usize) -> Option<Counted> {
        let of = |bounds: &Option<Bounds>| {
            bounds
                .as_ref()
                .filter(|bounds| !bounds.is_contradicted())
                .map(|bounds| bounds.positions.get(&attempt).copied())
        };
        match (of(&self.next), of(&self.same)) {
            (Some(one), Some(other)) if one == other => one,
            (Some(Some(_)), Some(_)) => Some(Counted::Open),
            (Some(one), None) | (None, Some(one)) => one,
            _ => None,
        }
    }

    /// The counter that an attempt is part of. Of a row that stands for several tries it is that of the one of which it is known.
    pub fn counter_of(&self, attempt: usize) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.attempts.binary_search(&attempt).is_ok())
    }

    /// The counter of each attempt that is part of one.
    pub fn counters_by_attempt(&self) -> HashMap<usize, &Counter> {
        // Those of which nothing is known come last, so that they never take the place of one that is known.
        let each = self.counters.iter().rev().flat_map(|counter| counter.attempts.iter().map(move |at| (*at, counter)));
        each.collect()
    }

    /// Whether an attempt met the first lock or came before it.
    pub fn is_up_to_lock(&self, attempt: usize) -> bool {
        self.lock.is_none_or(|lock| attempt <= lock)
    }
}

impl Bounds {
    /// Whether what is known of places leaves no way.
    pub fn is_contradicted(&self) -> bool {
        self.counting.minimum.is_none()
    }
}

/// The ledger of rows of one user.
pub fn ledger(attempts: Attempts, beside: Beside) -> Lockouts {
    // The settings are those of the last attempt: an older snapshot may hold others than the newest.
    let tenant = &beside.tenant.as_of(attempts.rows.iter().map(|row| row.at).max(), Some(""));
    let name = Some(attempts.user_principal_name.as_str()).filter(|name| !name.is_empty());
    let mut ledger = Lockouts {
        method: settings::method(tenant, name, &attempts.methods(), attempts.judged_here()),
        threshold: settings::threshold(tenant),
        duration: settings::duration_seconds(tenant),
        choices: beside.choices,
        user_id: attempts.user_id.clone(),
        user_principal_name: attempts.user_principal_name.clone(),
        home: attempts.home.clone(),
        undated: attempts.undated,
        attempts: attempts.in_order(beside.traces, beside.requests),
        episodes: Vec::new(),
        checks: Vec::new(),
        gaps: Vec::new(),
        addresses: beside.addresses.clone(),
        holds: beside.holds,
        left_out: beside.left_out,
        is_torn: beside.is_torn,
    };
    if ledger.home.is_some() {
        // The guest's own tenant keeps the counter, by settings that are not here.
        ledger.threshold = settings::unknown_threshold();
        ledger.duration = settings::unknown_duration();
    }
    ledger.read();
    ledger.checks = check::of(&ledger, tenant);
    ledger
}

impl Lockouts {
    /// The same rows, read with other choices.
    #[must_use]
    pub fn with_choices(&self, choices: Choices) -> Lockouts {
        // Field by field: the old episodes are made anew and need not be copied.
        let mut other = Lockouts {
            user_id: self.user_id.clone(),
            user_principal_name: self.user_principal_name.clone(),
            method: self.method.clone(),
            threshold: self.threshold.clone(),
            duration: self.duration.clone(),
            choices,
            attempts: self.attempts.clone(),
            episodes: Vec::new(),
            checks: self.checks.clone(),
            gaps: Vec::new(),
            addresses: self.addresses.clone(),
            home: self.home.clone(),
            holds: self.holds,
            undated: self.undated,
            left_out: self.left_out,
            is_torn: self.is_torn,
        };
        other.read();
        other
    }

    /// Whether an episode began among the rows that were not read, so that what it counts is too little.
    pub fn is_torn(&self, episode: &Episode) -> bool {
        self.is_torn && episode.attempts.first() == Some(&0)
    }

    /// Whether nothing is to be told: no episode, and no row that was left out of them.
    pub fn is_empty(&self) -> bool {
        self.episodes.is_empty() && self.undated == 0 && self.left_out == 0
    }

    /// Cuts the attempts into episodes and says what each comes to.
    fn read(&mut self) {
        let ticks: Vec<Tick> =
            self.attempts.iter().map(|row| Tick { at: row.at.timestamp_millis(), class: row.class }).collect();
        self.attempts.iter_mut().for_each(|row| row.episode = None);
        for run in cut(&ticks, self.cut()) {
            let number = self.episodes.len();
            for row in run.tries.clone() {
                if let Some(row) = self.attempts.get_mut(row) {
                    row.episode = Some(number);
                }
            }
            let mut episode = self.episode(run);
            episode.who = who::hint(self, &episode);
            rival::weigh(&mut episode, self);
            words::write(&mut episode, self);
            self.episodes.push(episode);
        }
        self.gaps = gaps(self);
    }

    /// The attempt of that number.
    pub fn attempt(&self, number: usize) -> Option<&Attempt> {
        self.attempts.get(number)
    }

    /// The number of the attempt with that request id.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.attempts.iter().position(|row| row.id.eq_ignore_ascii_case(id))
    }

    /// The episode that an attempt is part of.
    pub fn episode_of(&self, attempt: usize) -> Option<&Episode> {
        self.episodes.get(self.attempts.get(attempt)?.episode?)
    }

    /// The attempts of an episode with their numbers, oldest first.
    pub fn rows<'a>(&'a self, episode: &'a Episode) -> impl DoubleEndedIterator<Item = (usize, &'a Attempt)> {
        episode.attempts.iter().filter_map(|number| Some((*number, self.attempts.get(*number)?)))
    }

    /// Whether this tenant keeps the counter, as far as is known: no federation provider judges the passwords, and no other tenant does.
    pub fn is_counted_here(&self) -> bool {
        self.method.kind != Some(AuthMethod::Federated) && self.home.is_none()
    }

    /// What episodes are cut by.
    pub fn cut(&self) -> Cut {
        cut_by(&self.duration, self.choices)
    }

    /// An episode with its arithmetic; what is said of it comes afterwards.
    fn episode(&self, run: Run) -> Episode {
        let Run { tries, lock, is_relock, may_be_relock } = run;
        let attempts: Vec<usize> = tries.collect();
        let rows: Vec<(usize, &Attempt)> =
            attempts.iter().filter_map(|number| Some((*number, self.attempts.get(*number)?))).collect();
        let is_before = |number: usize| lock.is_none_or(|lock| number < lock);
        let bad = rows.iter().filter(|(_, row)| row.class == AttemptClass::BadPassword);
        let failures =
            bad.filter(|(number, _)| is_before(*number)).fold(0, |sum: u32, (_, row)| sum.saturating_add(row.times));
        let start = rows.first().map(|(_, row)| row.at).unwrap_or_default();
        let mut episode = Episode {
            standing: Standing::NoLock,
            failures,
            within_lock: Vec::new(),
            lock,
            lasts_until: None,
            // After a quiet time one wrong password that locks is the rule for relocks; more are counted from the start.
            is_relock: is_relock || may_be_relock && lock.is_some() && failures == 1 && self.threshold.value > 1,
            era: Era::of(start),
            next: None,
            same: None,
            strength: Strength::None,
            counters: Vec::new(),
            tripped: None,
            headline: String::new(),
            certain: Vec::new(),
            follows: Vec::new(),
            explanations: Vec::new(),
            who: None,
            attempts,
        };
        episode.lasts_until = self.earliest_end(&episode);
        episode.within_lock = self.within_lock(&episode);
        episode.counters = counter::gather(self, &episode);
        episode.strength = counter::strength(self, &episode);
        if self.is_counted_here() {
            let threshold = self.threshold.value;
            let tries = counter::tries(self, &episode);
            episode.next = Some(counter::bounds(&episode, &tries, threshold));
            episode.same = Some(counter::bounds(&episode, &tries, threshold.saturating_sub(1)));
        }
        episode.standing = self.standing(&episode);
        episode.tripped = counter::tripped(self, &episode);
        episode
    }

    /// When the first lock can have run out at the earliest, wherever it was: it began no sooner than with the wrong password that
    /// reached the threshold, and was still met later where the log shows that.
    fn earliest_end(&self, episode: &Episode) -> Option<DateTime<Utc>> {
        let needed = if episode.is_relock { 1 } else { self.threshold.value };
        let mut counted: u32 = 0;
        let began = self.rows(episode).take_while(|(number, _)| episode.lock.is_some_and(|lock| *number < lock)).find(
            |(_, row)| {
                counted = counted.saturating_add(if row.class == AttemptClass::BadPassword { row.times } else { 0 });
                counted >= needed
            },
        );
        began.and_then(|(_, row)| row.at.checked_add_signed(self.lock_lasts()))
    }

    fn lock_lasts(&self) -> Duration {
        Duration::seconds(i64::from(self.duration.value))
    }

    /// The wrong passwords that were answered as such sooner after the lock than a first lock lasts. One lock for all began after the last
    /// wrong password before it, so it cannot have run out by then.
    fn within_lock(&self, episode: &Episode) -> Vec<usize> {
        let Some(lock) = episode.lock else { return Vec::new() };
        let mut before =
            self.rows(episode).filter(|(number, row)| *number < lock && row.class == AttemptClass::BadPassword);
        let until = before.next_back().and_then(|(_, row)| row.at.checked_add_signed(self.lock_lasts()));
        let Some(until) = until else { return Vec::new() };
        let rows = self
            .rows(episode)
            .filter(|(number, row)| *number > lock && row.class == AttemptClass::BadPassword && row.at < until);
        rows.map(|(number, _)| number).collect()
    }

    /// The success, with its number, that came through while the first lock should have lasted.
    pub fn passed_within_lock<'a>(&'a self, episode: &'a Episode) -> Option<(usize, &'a Attempt)> {
        let lock = episode.lock?;
        let end = self.attempt(lock)?.at.checked_add_signed(self.lock_lasts())?;
        let mut rows = self.rows(episode);
        let locked = self.attempt(lock)?.at;
        // Of one instant the order is not known.
        rows.find(|(number, row)| *number > lock && row.class == AttemptClass::Pass && row.at > locked && row.at < end)
    }

    fn standing(&self, episode: &Episode) -> Standing {
        let has_block = self.rows(episode).any(|(_, row)| row.class == AttemptClass::IpBlock);
        let threshold = if episode.is_relock && episode.lock.is_some() { 1 } else { self.threshold.value };
        match (episode.lock, episode.failures.cmp(&threshold)) {
            _ if self.home.is_some() => Standing::CountedAtHome,
            _ if !self.is_counted_here() => Standing::Federated,
            (Some(_), std::cmp::Ordering::Greater) => Standing::Excess,
            (Some(_), std::cmp::Ordering::Equal) => Standing::Exact,
            (Some(_), std::cmp::Ordering::Less) => Standing::Early,
            (None, std::cmp::Ordering::Greater) => Standing::NoLockInExcess,
            (None, _) if has_block => Standing::AddressBlocked,
            (None, _) => Standing::NoLock,
        }
    }
}

/// What episodes are cut by, for a scan of all users.
pub fn cut_by(duration: &Setting, choices: Choices) -> Cut {
    Cut { lock_lasts: i64::from(duration.value).saturating_mul(1000), at_success: choices.success_resets }
}

/// What episodes of a tenant are cut by.
pub fn cut_of(tenant: &Tenant, choices: Choices) -> Cut {
    cut_by(&settings::duration_seconds(tenant), choices)
}

/// What is missing for the ledger as a whole.
fn gaps(ledger: &Lockouts) -> Vec<Gap> {
    let mut codes: Vec<&'static str> = Vec::new();
    if ledger.episodes.is_empty() {
        return Vec::new();
    }
    let is_open = |episode: &Episode| matches!(episode.standing, Standing::Excess | Standing::NoLockInExcess);
    if !ledger.threshold.origin.is_known() && ledger.is_counted_here() {
        codes.push("GAP-LOCKOUT-SETTINGS");
    }
    if !ledger.holds.non_interactive {
        codes.push("GAP-NON-INTERACTIVE");
    }
    if ledger.method.kind.is_none() {
        codes.push("GAP-SIGN-IN-METHOD");
    }
    if ledger.attempts.iter().any(|row| row.class == AttemptClass::LockUnknown) {
        codes.push("GAP-LOCK-REASON");
    }
    let proves = |episode: &Episode| {
        let counters = || episode.counters.iter();
        counters().count() > 0 && counters().all(|counter| counter.strength == Strength::Proved)
    };
    if ledger.episodes.iter().any(|episode| is_open(episode) && !proves(episode)) {
        codes.push("GAP-SERVER-HEADER");
    }
    codes.into_iter().map(catalogue::gap).collect()
}
