//! Weighs what would explain an episode: each explanation with its verdict, the reason for it, and the one fact that would settle it.

use std::collections::HashSet;

use chrono::Duration;

use super::counter::same_region;
use super::who::HintKind;
use super::{Attempt, Bounds, Choices, Episode, Era, Lockouts, Standing, Strength};
use crate::domain::fact::AuthMethod;
use crate::domain::lockout::AttemptClass;
use crate::explain::explanation::{Rival, RivalVerdict};
use crate::explain::lockout::settings::Origin;

use RivalVerdict::{Excluded, Fits, Strained};

/// More counters than this are hardly believable; how many datacenters there are is not documented.
pub(super) const BELIEVABLE: u32 = 6;
/// With more addresses it is not asked which of them are familiar.
const MOST_ADDRESSES: usize = 12;
/// A log that begins so shortly before an episode may lack its beginning, in milliseconds.
const JUST_BEGUN: i64 = 3_600_000;
/// A lock that lies longer back is not taken for the reason of a new one.
const REMEMBERED: Duration = Duration::days(1);
/// The default threshold in the clouds of the United States government.
const US_GOV: u32 = 3;

/// Weighs the explanations of an episode, the likeliest first.
pub(super) fn weigh(episode: &mut Episode, ledger: &Lockouts) {
    let case = Case { episode, ledger };
    let mut found = match episode.standing {
        Standing::Federated | Standing::CountedAtHome => Vec::new(),
        Standing::AddressBlocked => vec![address_block()],
        Standing::NoLock => Vec::new(),
        Standing::Early => case.early(),
        Standing::Exact => case.exact(),
        Standing::Excess | Standing::NoLockInExcess => case.excess(),
    };
    // Within a verdict the order stays: what stands first is what the documentation of the time speaks of.
    found.sort_by_key(|rival| match rival.verdict {
        Fits => 0,
        Strained => 1,
        Excluded => 2,
    });
    episode.explanations = found;
}

struct Case<'a> {
    episode: &'a Episode,
    ledger: &'a Lockouts,
}

fn rival(code: &str, verdict: RivalVerdict, headline: impl Into<String>, settled_by: &str) -> Rival {
    Rival { code: code.to_owned(), headline: headline.into(), verdict, settled_by: settled_by.to_owned() }
}

/// A number with its noun.
pub(super) fn counted(number: u32, noun: &str) -> String {
    match (number, noun) {
        (1, noun) => format!("1 {noun}"),
        (number, "try") => format!("{number} tries"),
        (number, noun) => format!("{number} {noun}s"),
    }
}

fn address_block() -> Rival {
    rival(
        "LCK-IP-BLOCK",
        Fits,
        "The log's reason says that the address is blocked for attacks. That is no lock, and no counter had a part in it.",
        "whether other users fail from this address, and this user comes through from another",
    )
}

impl Case<'_> {
    fn next(&self) -> Option<&Bounds> {
        self.episode.next.as_ref()
    }

    fn same(&self) -> Option<&Bounds> {
        self.episode.same.as_ref()
    }

    /// Whether wrong passwords were answered as such although the account was locked.
    fn has_within(&self) -> bool {
        !self.episode.within_lock.is_empty()
    }

    fn passed_within(&self) -> Option<(usize, &Attempt)> {
        self.ledger.passed_within_lock(self.episode)
    }

    /// Whether one lock for all is ruled out: a wrong password was answered as such between two locks, within the time that a first lock
    /// lasts at least. Where that time is only the default, it is no more than unlikely.
    fn rules_out_one_lock(&self) -> bool {
        let locks = self.ledger.rows(self.episode).filter(|(_, row)| row.class.is_lock());
        let last_lock = locks.map(|(number, _)| number).max();
        let is_between = self.episode.within_lock.iter().any(|number| last_lock.is_some_and(|lock| *number < lock));
        is_between && self.ledger.duration.origin.is_known()
    }

    /// The verdict on what does not let a wrong password through once the account is locked.
    fn of_one_lock(&self, verdict: RivalVerdict) -> RivalVerdict {
        match (self.rules_out_one_lock(), self.has_within()) {
            (true, _) => Excluded,
            (false, true) if verdict == Fits => Strained,
            _ => verdict,
        }
    }

    fn excess(&self) -> Vec<Rival> {
        let mut found = vec![self.several_counters(), self.repeated(), self.variance()];
        if self.episode.era == Era::Synchronised {
            found.rotate_right(1);
        }
        found.extend([self.near_identical(), self.familiar()]);
        if !self.episode.is_relock {
            found.push(self.other_threshold());
        }
        found.push(self.reset());
        found.push(rival(
            "LCK-ROWS-MISSING",
            Excluded,
            "Failures that are missing or gathered would make the excess larger, not smaller.",
            "the number of wrong passwords",
        ));
        found.extend(self.kind_of_lock());
        found
    }

    /// Which of its causes error 50053 had, where that is in doubt or was told.
    fn kind_of_lock(&self) -> Option<Rival> {
        const CODE: &str = "LCK-IP-BLOCK";
        let lock = self.ledger.attempt(self.episode.lock?)?;
        Some(match lock.class {
            AttemptClass::LockUnknown => rival(
                CODE,
                Fits,
                "Error 50053 may also be a block of the address; the log's text does not say which, and then there was no lock.",
                "the failure reason of that row in English, from the sign-in log of the portal or Graph",
            ),
            _ => rival(
                CODE,
                Excluded,
                "The log's reason speaks of too many tries, not of the address.",
                "the failure reason of the row that met the lock",
            ),
        })
    }

    /// A success or reset in between that the log does not hold.
    fn reset(&self) -> Rival {
        const CODE: &str = "LCK-RESET";
        const SETTLED: &str = "the non-interactive sign-ins and the audit log (password resets) of the time between";
        match (self.episode.is_relock, self.has_within()) {
            (true, _) => rival(
                CODE,
                Fits,
                "A password that was accepted or reset in between, and is not in this log, sets the counter back; then the whole threshold \
                 counts again.",
                SETTLED,
            ),
            (false, true) => rival(
                CODE,
                Strained,
                "A reset of the password in between would have lifted the lock: by “I forgot my password” at once, by an admin as documented \
                 since 2025.",
                SETTLED,
            ),
            (false, false) => rival(
                CODE,
                Strained,
                "An accepted or reset password in between that is not in this log would have set the counter back.",
                SETTLED,
            ),
        }
    }

    fn several_counters(&self) -> Rival {
        const CODE: &str = "LCK-COUNTERS";
        let settled = match self.episode.strength {
            Strength::Proved => "the same test again with clearly different passwords and a browser trace",
            _ => "a browser trace with the header x-ms-ests-server of each try",
        };
        let (Some(next), Some(same)) = (self.next(), self.same()) else {
            return rival(CODE, Strained, "No counter is kept here.", settled);
        };
        if next.is_contradicted() && same.is_contradicted() {
            let verdict = if self.episode.strength == Strength::Proved { Excluded } else { Strained };
            return rival(CODE, verdict, self.refuted(next), settled);
        }
        let least = [next, same].into_iter().filter_map(|bounds| bounds.counting.minimum).min().unwrap_or(1);
        let fewest = next.counting.minimum.or(same.counting.minimum).unwrap_or(1);
        if least > BELIEVABLE {
            let words = format!("It would take at least {least} counters, which is hardly believable.");
            return rival(CODE, Strained, words, settled);
        }
        let places = self.proved_regions();
        let shown = match (places.len(), self.episode.strength) {
            (2..=3, _) => format!(" The trace proves that {} answered.", places.join(" and ")),
            (4.., _) => format!(" The trace proves that {} places answered.", places.len()),
            (_, Strength::Pattern) => " The pattern of request ids (undocumented) does not contradict it.".to_owned(),
            _ => String::new(),
        };
        let need = format!(
            "If each datacenter counts for itself, {} were needed at least.{shown}",
            counted(fewest, "counter")
        );
        let (verdict, era) = match self.episode.era {
            Era::Silent => {
                (Fits, "At this date the documentation said nothing of datacenters; the text of 2019-11-21 did.")
            }
            Era::Independent => (Fits, "That is what was documented then."),
            Era::Between => (Fits, "Whether that was still so then is not known."),
            Era::Synchronised if self.has_within() => (
                Fits,
                "Wrong passwords that a lock should have met speak for it, although the state of the lock is documented as synchronised.",
            ),
            Era::Synchronised => (
                Strained,
                "That is against the documentation since January 2023: the state of the lock is synchronised.",
            ),
        };
        rival(CODE, verdict, format!("{need} {era}"), settled)
    }

    /// Why several counters do not explain it.
    fn refuted(&self, next: &Bounds) -> String {
        let known = self.episode.counters.iter().filter(|counter| !counter.is_unknown());
        let most = known.max_by_key(|counter| counter.failures);
        let (name, failures) = most.map_or(("one place", 0), |counter| (counter.label.as_str(), counter.failures));
        let by = self.episode.strength.label();
        let unless = match self.episode.strength {
            Strength::Proved => format!("unless {name} is more than one of them"),
            _ => "unless the pattern misleads".to_owned(),
        };
        if failures > next.full {
            format!(
                "{name} alone answered {failures} of the wrong passwords ({by}), more than the {} that a counter takes: several places do \
                 not explain that, {unless}.",
                next.full
            )
        } else {
            format!(
                "Who answered ({by}) leaves no way in which each place counted for itself and the one that locked was full."
            )
        }
    }

    /// The regions that the trace proves to have answered, by name where the label is known.
    fn proved_regions(&self) -> Vec<String> {
        let mut met: HashSet<&str> = HashSet::new();
        let servers = self.ledger.rows(self.episode).filter_map(|(_, row)| Some(&row.proved()?.server));
        let regions = servers.map(|server| server.region().unwrap_or_else(|| server.stem()));
        regions.filter(|region| met.insert(region)).map(str::to_owned).collect()
    }

    fn repeated(&self) -> Rival {
        const CODE: &str = "LCK-REPEATED";
        const SETTLED: &str = "the list of passwords that were typed, or the device that sends an old one";
        if self.ledger.method.kind == Some(AuthMethod::PassThrough) {
            let words = "With pass-through authentication Entra remembers no wrong passwords, so a repeated one counts as well.";
            return rival(CODE, Excluded, words, "where the password is judged");
        }
        let (next, same) = (self.next().map_or(0, |b| b.excess), self.same().map_or(0, |b| b.excess));
        let verdict = self.of_one_lock(Fits);
        if verdict == Excluded {
            let words = "It would explain too many wrong passwords, but not those that were answered as such between two locks.";
            return rival(CODE, verdict, words, SETTLED);
        }
        if next == 0 {
            let words = format!(
                "None need have been repeated ({same} by the second reading), and a repeated one does not pass a lock."
            );
            return rival(CODE, verdict, words, SETTLED);
        }
        let second = if same == next { String::new() } else { format!(" ({same} by the second reading)") };
        let machine = match &self.episode.who {
            Some(hint) if hint.kind == HintKind::StaleCredential => {
                " So many tries from one source without a lock speak for it."
            }
            _ => "",
        };
        let unless =
            if self.ledger.method.kind.is_none() { ", unless pass-through authentication is used" } else { "" };
        let words = format!(
            "{} at least{second} repeated one of the last three wrong passwords, which does not count{unless}. No log shows it.{machine}",
            counted(next, "try")
        );
        rival(CODE, verdict, words, SETTLED)
    }

    fn variance(&self) -> Rival {
        const CODE: &str = "LCK-VARIANCE";
        const SETTLED: &str = "the same test again, several times: the number of tries before the lock changes";
        let excess = self.next().map_or(0, |bounds| bounds.excess);
        let threshold = self.ledger.threshold.value;
        match self.episode.era {
            Era::Silent | Era::Independent => {
                rival(CODE, Strained, "A slight variance is documented only since January 2023.", SETTLED)
            }
            _ if self.rules_out_one_lock() => {
                let words = "Once locked, the account is documented as locked everywhere; a wrong password between two locks contradicts \
                             that, unless a reset lifted the lock.";
                rival(CODE, Excluded, words, "the rows between the two locks")
            }
            _ if excess > threshold => {
                let words = format!(
                    "Documented is a slight variance; whether {excess} more than {threshold} still is one is not said."
                );
                rival(CODE, Strained, words, SETTLED)
            }
            Era::Between => {
                let words =
                    "A slight variance is documented in a text of January 2023; whether it held before is not known.";
                rival(CODE, self.of_one_lock(Fits), words, SETTLED)
            }
            Era::Synchronised => {
                let words = format!(
                    "Documented since January 2023: the number of failures before a lock varies slightly. Whether {excess} more than \
                     {threshold} is slight is not said."
                );
                rival(CODE, self.of_one_lock(Fits), words, SETTLED)
            }
        }
    }

    fn near_identical(&self) -> Rival {
        let words =
            "Passwords that differ slightly count once: documented for Azure AD B2C alone, and no log shows it.";
        let verdict = self.of_one_lock(Strained);
        rival("LCK-NEAR-IDENTICAL", verdict, words, "the same test again with clearly different passwords")
    }

    /// Familiar and unfamiliar places count apart: two counters at one place.
    fn familiar(&self) -> Rival {
        const CODE: &str = "LCK-FAMILIAR";
        const SETTLED: &str = "whether the user had signed in from these networks before";
        let rows: Vec<(usize, &Attempt)> =
            self.ledger.rows(self.episode).filter(|(_, row)| !row.ip.is_empty()).collect();
        let passed = self.passed_within();
        let concerns = |number: usize, row: &Attempt| match row.class {
            AttemptClass::BadPassword => true,
            AttemptClass::Pass => passed.is_some_and(|(pass, _)| pass == number),
            class => class.is_lock(),
        };
        let mut met: HashSet<&str> = HashSet::new();
        let of_concern = rows.iter().filter(|(number, row)| concerns(*number, row)).map(|(_, row)| row.ip.as_str());
        let addresses: Vec<&str> = of_concern.filter(|ip| met.insert(ip)).collect();
        if addresses.len() < 2 {
            let words = "Familiar and unfamiliar places count apart, but all tries came from one address. How familiar is decided is not \
                         published.";
            return rival(CODE, Strained, words, SETTLED);
        }
        let start = rows.first().map(|(_, row)| row.at.timestamp_millis()).unwrap_or_default();
        let is_familiar = |ip: &str| {
            let first = self.ledger.addresses.get(ip).and_then(|address| address.first_success);
            first.is_some_and(|first| first < start)
        };
        let (known, unknown): (Vec<&str>, Vec<&str>) = addresses.iter().partition(|ip| is_familiar(ip));
        let lock = self.episode.lock.and_then(|lock| self.ledger.attempt(lock));
        if let (Some((_, pass)), Some(lock)) = (passed, lock)
            && is_familiar(&pass.ip)
            && !is_familiar(&lock.ip)
        {
            let words = format!(
                "Familiar and unfamiliar places count apart: the lock was met from {}, never used before, and the success came from {}, \
                 used before.",
                lock.ip, pass.ip
            );
            return rival(CODE, Fits, words, SETTLED);
        }
        if known.is_empty() || unknown.is_empty() || addresses.len() > MOST_ADDRESSES {
            let which = if known.is_empty() {
                "none of them had a success before in this log"
            } else if unknown.is_empty() {
                "all of them had a success before in this log"
            } else {
                "some of them had a success before in this log"
            };
            let words = format!("The tries came from {} addresses, and {which}.", addresses.len());
            return rival(CODE, Strained, words, SETTLED);
        }
        let count = |side: &[&str]| {
            let own = rows
                .iter()
                .filter(|(_, row)| row.class == AttemptClass::BadPassword && side.contains(&row.ip.as_str()));
            let before = own.clone().filter(|(number, _)| self.episode.is_up_to_lock(*number));
            let total = own.filter(|(number, _)| {
                self.episode.is_up_to_lock(*number) || self.episode.within_lock.binary_search(number).is_ok()
            });
            let sum = |rows: Vec<u32>| rows.into_iter().fold(0, u32::saturating_add);
            (sum(before.map(|(_, row)| row.times).collect()), sum(total.map(|(_, row)| row.times).collect()))
        };
        let (used, new) = (count(&known), count(&unknown));
        let locked_new = lock.is_some_and(|lock| unknown.contains(&lock.ip.as_str()));
        let (tripped, other) = if locked_new { (new.0, used.1) } else { (used.0, new.1) };
        let threshold = self.ledger.threshold.value;
        let fits_next = lock.is_some() && tripped == threshold && other <= threshold;
        let fits_same = lock.is_some() && tripped.saturating_add(1) == threshold && other < threshold;
        let sides = format!(
            "{} of the wrong passwords before the lock came from places used before, {} from new ones",
            used.0, new.0
        );
        let within = self.episode.within_lock.iter().filter_map(|number| self.ledger.attempt(*number));
        let is_other_side =
            within.clone().count() > 0 && within.clone().all(|row| unknown.contains(&row.ip.as_str()) != locked_new);
        let speaks = if is_other_side {
            " The wrong password answered after the lock came from the other side, which speaks for it."
        } else {
            ""
        };
        match fits_next || fits_same {
            true => {
                let side = if locked_new { "new" } else { "used" };
                let words = format!("{sides}: the {side} side, where it locked, reached the threshold.{speaks}");
                rival(CODE, Fits, words, SETTLED)
            }
            false => {
                rival(CODE, Strained, format!("{sides}, which does not fill one counter exactly.{speaks}"), SETTLED)
            }
        }
    }

    fn other_threshold(&self) -> Rival {
        const CODE: &str = "LCK-OTHER-THRESHOLD";
        const SETTLED: &str = "the audit log of the setting, or when it was last changed";
        let failures = self.episode.failures;
        let (one, other) = (failures, failures.saturating_add(1));
        const DONE: &str = "every try counted and nothing needs explaining";
        let words = match (self.episode.lock, self.ledger.threshold.origin) {
            (None, _) => format!("The threshold would have to have been {failures} at least."),
            (Some(_), Origin::Operator) => {
                format!("With a threshold of {one} or {other} that day {DONE}; you say otherwise.")
            }
            (Some(_), Origin::Snapshot) => format!(
                "If the threshold was {one} or {other} that day, {DONE}. The snapshot does not say when it was changed."
            ),
            (Some(_), _) => {
                format!(
                    "If the tenant's own threshold is {one} or {other}, {DONE}: the setting is not in the evidence."
                )
            }
        };
        let verdict = match (self.ledger.threshold.origin, self.episode.lock) {
            (Origin::Operator, _) | (_, None) => Strained,
            _ => Fits,
        };
        rival(CODE, self.of_one_lock(verdict), words, SETTLED)
    }

    fn early(&self) -> Vec<Rival> {
        let (next, same) = (self.next().map_or(0, |b| b.missing), self.same().map_or(0, |b| b.missing));
        let holds = self.ledger.holds;
        let start = self.ledger.rows(self.episode).next().map(|(_, row)| row.at.timestamp_millis());
        let begins_late = holds.first.zip(start).is_some_and(|(first, start)| start.saturating_sub(first) < JUST_BEGUN);
        let mut why: Vec<&str> = Vec::new();
        if self.ledger.is_torn(self.episode) {
            why.push("older rows of this user are not read");
        }
        if begins_late {
            why.push("the log begins shortly before");
        }
        if !holds.non_interactive {
            why.push("the non-interactive sign-ins are not loaded");
        }
        why.push("logs are known to omit such rows");
        let words = match (next, same) {
            (1, 0) => {
                "1 counted failure is not in the log, unless the try that reaches the threshold shows the lock itself \
                       (the second reading)."
                    .to_owned()
            }
            _ => format!("{} or {same} counted failures at least are not in the log: {}.", next, why.join(", ")),
        };
        let missing = rival(
            "LCK-ROWS-MISSING",
            Fits,
            words,
            "the interactive and non-interactive logs of the hour before, with clients of old protocols",
        );
        let mut found = vec![missing];
        let lock = self.episode.lock.and_then(|lock| self.ledger.attempt(lock));
        let is_doubtful = lock.is_some_and(|row| row.class == AttemptClass::LockUnknown);
        found.extend(self.kind_of_lock().filter(|_| is_doubtful));
        found.push(self.earlier_lock());
        found.push(self.lower_threshold());
        found.push(rival(
            "LCK-COUNTERS",
            Excluded,
            "Several counters let more wrong passwords through, never fewer.",
            "the number of wrong passwords",
        ));
        found.extend(self.kind_of_lock().filter(|_| !is_doubtful));
        found
    }

    fn lower_threshold(&self) -> Rival {
        let failures = self.episode.failures;
        let origin = self.ledger.threshold.origin;
        let words = match (origin, failures) {
            (_, 0) => "A lower threshold does not explain a lock without any wrong password.".to_owned(),
            (Origin::Default, US_GOV) => format!(
                "If the tenant is in the US Government cloud, the default threshold is {US_GOV}, which fits exactly by the first reading."
            ),
            (Origin::Default, failures) if failures + 1 == US_GOV => format!(
                "If the tenant is in the US Government cloud, the default threshold is {US_GOV}, which fits by the second reading."
            ),
            _ => format!(
                "If the threshold was {failures} or {} that day, no failure is missing.",
                failures.saturating_add(1)
            ),
        };
        let verdict = match (origin, failures) {
            (_, 0) => Excluded,
            (Origin::Operator, _) => Strained,
            _ => Fits,
        };
        rival("LCK-OTHER-THRESHOLD", verdict, words, "the tenant's setting (Password Rule Settings) and its cloud")
    }

    /// An earlier lock that had run out, after which one wrong password is enough, or that still lasted.
    fn earlier_lock(&self) -> Rival {
        const CODE: &str = "LCK-RELOCK";
        const SETTLED: &str = "the rows of the hours before";
        let start = self.ledger.rows(self.episode).next().map(|(_, row)| row.at);
        // The rows stand in the order of time, so that the search for those before needs not go through all of them.
        let rows = &self.ledger.attempts;
        let before = rows.partition_point(|row| start.is_some_and(|start| row.at < start));
        let is_recent = |row: &&Attempt| start.is_some_and(|start| start - row.at < REMEMBERED);
        let mut since_pass =
            rows.iter().take(before).rev().take_while(is_recent).take_while(|row| row.class != AttemptClass::Pass);
        let earlier = since_pass.find(|row| row.class.is_lock());
        let failures = self.episode.failures;
        let met = earlier.map(|row| format!("a lock was met at {} already", row.at.format("%Y-%m-%d %H:%M:%SZ")));
        match (met, failures) {
            (Some(met), 0) => {
                rival(CODE, Fits, format!("{}, and may have lasted until then.", capitalised(&met)), SETTLED)
            }
            (None, 0) => {
                rival(CODE, Fits, "An earlier lock that is not in this log may have lasted until then.", SETTLED)
            }
            (Some(met), _) => {
                let words = format!(
                    "{}. Once it has run out one wrong password locks again; then the first of these {failures} would have.",
                    capitalised(&met)
                );
                rival(CODE, Strained, words, SETTLED)
            }
            (None, 1) => rival(
                CODE,
                Fits,
                "If an earlier lock that is not in this log had run out, one wrong password locks again.",
                SETTLED,
            ),
            (None, _) => rival(
                CODE,
                Strained,
                format!("If an earlier lock had run out, the first of these {failures} would have locked again."),
                SETTLED,
            ),
        }
    }

    fn exact(&self) -> Vec<Rival> {
        if self.episode.is_relock {
            let words = "Once a lock has run out, the first wrong password locks again. How much longer than the first such a lock lasts is \
                         not published.";
            let mut found = vec![rival("LCK-RELOCK", Fits, words, "the documentation of smart lockout says so")];
            found.extend(self.kind_of_lock());
            return found;
        }
        let is_contradicted = self.next().is_some_and(Bounds::is_contradicted);
        let mut found = Vec::new();
        if self.has_within() {
            found.push(rival(
                "LCK-LOCKED",
                self.of_one_lock(Fits),
                "One lock for all does not explain wrong passwords that were answered as such while it lasted, unless a reset lifted it.",
                "the rows after the first lock",
            ));
            found.extend([self.several_counters(), self.repeated(), self.variance(), self.familiar(), self.reset()]);
        } else if self.passed_within().is_some() {
            found.push(rival(
                "LCK-LOCKED",
                Strained,
                "One lock for all does not explain a success while it should have lasted, unless a reset lifted it.",
                "the audit log (password resets)",
            ));
            found.extend([self.familiar(), self.reset()]);
        } else if is_contradicted {
            let places = self.proved_regions().len();
            let over = if places > 1 { format!("over {places} places") } else { "not at one place".to_owned() };
            let (verdict, era) = match self.episode.era {
                Era::Independent => (
                    Strained,
                    "counters of each datacenter, documented for this date, do not explain it; one for all does",
                ),
                _ => (Fits, "one counter for all explains it, counters of each datacenter do not"),
            };
            found.push(rival(
                "LCK-LOCKED",
                verdict,
                format!("As many as the threshold, but {over}: {era}."),
                "the same test again with a browser trace",
            ));
            found.extend([self.several_counters(), self.reset()]);
        } else {
            let same = self.same().and_then(|bounds| bounds.counting.minimum).unwrap_or(1);
            let parts = same_region(&self.episode.counters);
            let unless = parts
                .map(|labels| format!(", if {labels} count together, which is not documented"))
                .unwrap_or_default();
            found.push(rival(
                "LCK-LOCKED",
                Fits,
                format!("One counter that was at rest explains it{unless}: as many wrong passwords as the threshold, and then the lock."),
                if same > 1 {
                    "a test at one place with clearly different passwords: whether the try that reaches the threshold shows the lock itself"
                } else {
                    "nothing is left to settle"
                },
            ));
        }
        found.extend(self.kind_of_lock());
        found
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// What the choices change, in words, where they are not the usual ones.
pub(super) fn chosen(choices: Choices) -> Option<&'static str> {
    match (choices.by_pattern, choices.success_resets) {
        (true, true) => None,
        (false, true) => Some("The pattern of request ids is not used."),
        (true, false) => Some("Accepted passwords are taken not to set the counter back."),
        (false, false) => Some(
            "The pattern of request ids is not used, and accepted passwords are taken not to set the counter back.",
        ),
    }
}
