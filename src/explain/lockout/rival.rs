//! Weighs what would explain an episode: each explanation with its verdict, the reason for it, and the one fact that would settle it.

use chrono::DateTime;

use super::{Attempt, Bounds, Choices, Episode, Era, Lockouts, Standing, Strength};
use crate::domain::fact::AuthMethod;
use crate::domain::lockout::AttemptClass;
use crate::explain::explanation::{Rival, RivalVerdict};
use crate::explain::lockout::settings::Origin;

use RivalVerdict::{Excluded, Fits, Strained};

/// More counters than this are hardly believable; how many datacenters there are is not documented.
const BELIEVABLE: u32 = 6;
/// With more addresses the ways of calling them familiar are not all tried.
const MOST_ADDRESSES: usize = 12;
/// A log that begins so shortly before an episode may lack its beginning, in milliseconds.
const JUST_BEGUN: i64 = 3_600_000;
/// The default threshold in the clouds of the United States government.
const US_GOV: u32 = 3;

/// Weighs the explanations of an episode, the likeliest first.
pub(super) fn weigh(episode: &mut Episode, ledger: &Lockouts) {
    let case = Case { episode, ledger };
    let mut found = match episode.standing {
        Standing::Federated => Vec::new(),
        Standing::AddressBlocked => vec![case.address_block()],
        Standing::NoLock => Vec::new(),
        Standing::Early => case.early(),
        Standing::Exact => case.exact(),
        Standing::Excess | Standing::NoLockInExcess => case.excess(),
    };
    if ledger.method.kind != Some(AuthMethod::Federated) {
        let has_block = ledger.rows(episode).any(|(_, row)| row.class == AttemptClass::IpBlock);
        if has_block && episode.standing != Standing::AddressBlocked {
            found.push(case.address_block());
        }
    }
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
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
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

    /// Whether one lock for all is ruled out: a wrong password was answered as such between two locks, within the time that a first lock
    /// lasts at least. Where that time is only the default, it is no more than unlikely.
    fn rules_out_one_lock(&self) -> bool {
        let last_lock =
            self.ledger.rows(self.episode).filter(|(_, row)| row.class.is_lock()).map(|(number, _)| number).max();
        let is_between = self.episode.within_lock.iter().any(|number| last_lock.is_some_and(|lock| *number < lock));
        is_between && self.ledger.duration.origin.is_known()
    }

    /// What does not let a wrong password through once the account is locked.
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
        if self.episode.is_relock {
            found.push(rival(
                "LCK-ROWS-MISSING",
                Fits,
                "A password that was accepted or reset in between, and is not in this log, sets the counter back; then the whole \
                 threshold counts again.",
                "the interactive and non-interactive logs and the audit log of the time between the locks",
            ));
        } else {
            found.push(self.other_threshold());
            found.push(rival(
                "LCK-ROWS-MISSING",
                Excluded,
                "Rows that are missing or gathered would make the excess larger, not smaller.",
                "the log itself",
            ));
        }
        found.extend(self.kind_of_lock());
        found
    }

    /// Which of its causes error 50053 had, where that is in doubt or was told.
    fn kind_of_lock(&self) -> Option<Rival> {
        let lock = self.ledger.attempt(self.episode.lock?)?;
        Some(match lock.class {
            AttemptClass::LockUnknown => rival(
                "LCK-IP-BLOCK",
                Fits,
                "Error 50053 may also be a block of the address; the log's text does not say which, and then there was no lock.",
                "the failure reason of that row in English, from the sign-in log of the portal or Graph",
            ),
            _ => rival(
                "LCK-IP-BLOCK",
                Excluded,
                "The log's reason speaks of too many tries, not of the address.",
                "the failure reason of the row that met the lock",
            ),
        })
    }

    fn address_block(&self) -> Rival {
        rival(
            "LCK-IP-BLOCK",
            Fits,
            "The log's reason says that the address is blocked for attacks. That is no lock, and no counter had a part in it.",
            "whether other users fail from this address, and this user comes through from another",
        )
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
            let full = next.full;
            let most = self
                .episode
                .counters
                .iter()
                .filter(|counter| !counter.is_unknown())
                .max_by_key(|counter| counter.failures);
            let (name, failures) = most.map_or(("one place", 0), |counter| (counter.label.as_str(), counter.failures));
            let by = self.episode.strength.label();
            let verdict = if self.episode.strength == Strength::Proved { Excluded } else { Strained };
            let words = if failures > full {
                format!(
                    "{name} alone answered {failures} of the wrong passwords ({by}), more than the {full} that a counter takes: \
                     several places do not explain that, unless {name} is more than one of them."
                )
            } else {
                format!(
                    "Who answered ({by}) leaves no way in which each place counted for itself and the one that locked was full."
                )
            };
            return rival(CODE, verdict, words, settled);
        }
        let least = [next, same].into_iter().filter_map(|bounds| bounds.counting.minimum).min().unwrap_or(1);
        let fewest = next.counting.minimum.or(same.counting.minimum).unwrap_or(1);
        if least > BELIEVABLE {
            let words = format!("It would take at least {least} counters, which is hardly believable.");
            return rival(CODE, Strained, words, settled);
        }
        let places = self.proved_regions();
        let shown = match (places.len(), self.episode.strength) {
            (2.., _) => format!(" The trace proves {} places: {}.", places.len(), places.join(", ")),
            (_, Strength::Pattern) => " The pattern of request ids (undocumented) fits.".to_owned(),
            _ => String::new(),
        };
        let need = format!("Each place counting for itself takes at least {}.", counted(fewest, "counter"));
        match self.episode.era {
            Era::Independent => {
                let words = format!("{need}{shown} So it was documented when this happened.");
                rival(CODE, Fits, words, settled)
            }
            Era::Between => {
                let words = format!("{need}{shown} Whether it was still so when this happened is not known.");
                rival(CODE, Fits, words, settled)
            }
            Era::Synchronised => {
                let is_seen = self.has_within() || places.len() > 1;
                let words = if self.has_within() {
                    format!(
                        "{need}{shown} Wrong passwords that a lock should have met speak for it, although the state of the lock is documented as synchronised."
                    )
                } else {
                    format!("{need}{shown} But the state of the lock is documented as synchronised since January 2023.")
                };
                rival(CODE, if is_seen { Fits } else { Strained }, words, settled)
            }
        }
    }

    /// The regions that the trace proves to have answered, by name where the label is known.
    fn proved_regions(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for (_, row) in self.ledger.rows(self.episode) {
            let server = row.proved().map(|answered| &answered.server);
            let region = server.map(|server| server.region().unwrap_or_else(|| server.stem()).to_owned());
            found.extend(region.filter(|region| !found.contains(region)));
        }
        found
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
        let words = match verdict {
            Excluded => {
                "It would explain the excess, but not wrong passwords answered as such between two locks.".to_owned()
            }
            _ => {
                let tries = if next == 1 { "1 try" } else { &format!("{next} tries") };
                let machine = match &self.episode.who {
                    Some(hint) if hint.kind == super::who::HintKind::StaleCredential => {
                        " The steady rhythm from one source speaks for it."
                    }
                    _ => "",
                };
                let unknown =
                    if self.ledger.method.kind.is_none() { ", unless pass-through authentication is used" } else { "" };
                format!(
                    "At least {tries} ({same} if the try that reaches the threshold shows the lock itself) repeated one of the last three \
                     wrong passwords, which does not count{unknown}. No log shows it.{machine}"
                )
            }
        };
        rival(CODE, verdict, words, SETTLED)
    }

    fn variance(&self) -> Rival {
        const CODE: &str = "LCK-VARIANCE";
        let excess = self.next().map_or(0, |bounds| bounds.excess);
        let slight = (self.ledger.threshold.value / 2).max(2);
        let settled = "the same test again, several times: the number of tries before the lock changes";
        match self.episode.era {
            Era::Independent => {
                rival(CODE, Strained, "A slight variance is documented only since January 2023.", settled)
            }
            _ if self.rules_out_one_lock() => {
                let words = "Once locked, the account is documented as locked everywhere; a wrong password between two locks contradicts that.";
                rival(CODE, Excluded, words, "the rows between the two locks")
            }
            _ if excess > slight => {
                let words = format!("Documented is a slight variance; {excess} more than the threshold is not slight.");
                rival(CODE, Strained, words, settled)
            }
            Era::Between => {
                let words =
                    "A slight variance is documented in a text of January 2023; whether it held before is not known.";
                rival(CODE, self.of_one_lock(Fits), words, settled)
            }
            Era::Synchronised => {
                let words = "Documented since January 2023: the number of failures before a lock varies slightly, because datacenters \
                             pass the state on. By how much is not said.";
                rival(CODE, self.of_one_lock(Fits), words, settled)
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
        let mut addresses: Vec<&str> = Vec::new();
        for (_, row) in rows.iter().filter(|(_, row)| row.class == AttemptClass::BadPassword || row.class.is_lock()) {
            if !addresses.contains(&row.ip.as_str()) {
                addresses.push(&row.ip);
            }
        }
        if addresses.len() < 2 {
            let words = "Familiar and unfamiliar places count apart, but all tries came from one address. How familiar is decided is not published.";
            return rival(CODE, Strained, words, SETTLED);
        }
        let start = rows.first().map(|(_, row)| row.at.timestamp_millis()).unwrap_or_default();
        let is_familiar = |ip: &str| {
            let first = self.ledger.addresses.get(ip).and_then(|address| address.first_success);
            first.is_some_and(|first| first < start)
        };
        let (known, unknown): (Vec<&str>, Vec<&str>) = addresses.iter().partition(|ip| is_familiar(ip));
        if known.is_empty() || unknown.is_empty() || addresses.len() > MOST_ADDRESSES {
            let which = if known.is_empty() { "none of them had" } else { "all of them had" };
            let words =
                format!("The tries came from {} addresses, and {which} a success before in this log.", addresses.len());
            return rival(CODE, Strained, words, SETTLED);
        }
        let lock = self.episode.lock.and_then(|lock| self.ledger.attempt(lock));
        let count = |side: &[&str]| {
            let own = rows
                .iter()
                .filter(|(_, row)| row.class == AttemptClass::BadPassword && side.contains(&row.ip.as_str()));
            let before = own.clone().filter(|(number, _)| self.episode.lock.is_none_or(|lock| *number < lock));
            let total = own.clone().filter(|(number, _)| {
                self.episode.lock.is_none_or(|lock| *number < lock) || self.episode.within_lock.contains(number)
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
        let words = match (self.episode.lock, self.ledger.threshold.origin) {
            (None, _) => format!("The threshold would have to be {failures} at least."),
            (Some(_), Origin::Operator) => format!(
                "The threshold would have to have been {failures} or {}; you say otherwise.",
                failures.saturating_add(1)
            ),
            (Some(_), Origin::Snapshot) => format!(
                "If the threshold was {failures} or {} that day, all counts. The snapshot does not say when it was changed.",
                failures.saturating_add(1)
            ),
            (Some(_), _) => format!(
                "If the tenant's own threshold is {failures} or {}, all counts: the setting is not in the evidence.",
                failures.saturating_add(1)
            ),
        };
        let verdict = match (self.ledger.threshold.origin, self.episode.lock) {
            (Origin::Operator, _) | (_, None) => Strained,
            _ => Fits,
        };
        rival(CODE, self.of_one_lock(verdict), words, SETTLED)
    }

    fn early(&self) -> Vec<Rival> {
        let mut found = Vec::new();
        let (next, same) = (self.next().map_or(0, |b| b.missing), self.same().map_or(0, |b| b.missing));
        let holds = self.ledger.holds;
        let start = self.ledger.rows(self.episode).next().map(|(_, row)| row.at.timestamp_millis());
        let begins_late = holds.first.zip(start).is_some_and(|(first, start)| start.saturating_sub(first) < JUST_BEGUN);
        let mut why: Vec<&str> = Vec::new();
        if begins_late {
            why.push("the log begins shortly before");
        }
        if !holds.non_interactive {
            why.push("the non-interactive sign-ins are not loaded");
        }
        why.push("logs are known to omit such rows");
        let fewest = if same == 0 {
            format!("{next} counted")
        } else if same == next {
            format!("At least {next} counted")
        } else {
            format!("At least {next} (or {same}) counted")
        };
        let words = match (next, same) {
            (1, 0) => {
                "1 counted failure is not in the log, unless the try that reaches the threshold shows the lock itself."
                    .to_owned()
            }
            _ => format!("{fewest} failures are not in the log: {}.", why.join(", ")),
        };
        found.push(rival(
            "LCK-ROWS-MISSING",
            Fits,
            words,
            "the interactive and non-interactive logs of the hour before, with clients of old protocols",
        ));
        if self
            .ledger
            .attempt(self.episode.lock.unwrap_or_default())
            .is_some_and(|row| row.class == AttemptClass::LockUnknown)
        {
            found.extend(self.kind_of_lock());
        }
        found.push(self.earlier_lock());
        let failures = self.episode.failures;
        let origin = self.ledger.threshold.origin;
        let words = if !origin.is_known() && (failures == US_GOV || failures + 1 == US_GOV) {
            format!(
                "If the tenant is in the US Government cloud, the default threshold is {US_GOV}, which fits exactly."
            )
        } else if failures == 0 {
            "A lower threshold does not explain a lock without any wrong password.".to_owned()
        } else {
            format!("If the threshold was {failures} or {} that day, the log is complete.", failures.saturating_add(1))
        };
        let verdict = match (origin, failures) {
            (_, 0) => Excluded,
            (Origin::Operator, _) => Strained,
            _ => Fits,
        };
        found.push(rival(
            "LCK-OTHER-THRESHOLD",
            verdict,
            words,
            "the tenant's setting (Password Rule Settings) and its cloud",
        ));
        found.push(rival(
            "LCK-COUNTERS",
            Excluded,
            "Several counters let more wrong passwords through, never fewer.",
            "the number of wrong passwords",
        ));
        if !found.iter().any(|rival| rival.code == "LCK-IP-BLOCK") {
            found.extend(self.kind_of_lock());
        }
        found
    }

    /// An earlier lock that had run out, or that still lasted.
    fn earlier_lock(&self) -> Rival {
        const CODE: &str = "LCK-RELOCK";
        const SETTLED: &str = "the rows of the hours before";
        let start = self.ledger.rows(self.episode).next().map(|(_, row)| row.at);
        let earlier =
            self.ledger.attempts.iter().rev().find(|row| row.class.is_lock() && start.is_some_and(|at| row.at < at));
        match earlier {
            Some(row) => {
                let words = format!(
                    "A lock was met at {} already: it lasted longer than the least time, or one more wrong password locked again.",
                    clock(row.at)
                );
                rival(CODE, Fits, words, SETTLED)
            }
            None => rival(
                CODE,
                Fits,
                "If an earlier lock that is not in this log had run out, one wrong password locks again.",
                SETTLED,
            ),
        }
    }

    fn exact(&self) -> Vec<Rival> {
        if self.episode.is_relock {
            let words = "After a lock has run out, the first wrong password locks again. How much longer than the first such a lock lasts is not published.";
            let mut found = vec![rival("LCK-RELOCK", Fits, words, "the documentation of smart lockout says so")];
            found.extend(self.kind_of_lock());
            return found;
        }
        let words =
            "One counter that was at rest explains it: as many wrong passwords as the threshold, and then the lock.";
        let mut found = vec![rival("LCK-LOCKED", Fits, words, "nothing is left to settle")];
        if self.has_within() {
            found.extend([self.several_counters(), self.repeated(), self.variance(), self.familiar()]);
            if let Some(one) = found.first_mut() {
                one.verdict = self.of_one_lock(Fits);
                one.headline =
                    "One lock for all does not explain wrong passwords that were answered as such while it lasted."
                        .to_owned();
                one.settled_by = "the rows after the first lock".to_owned();
            }
        }
        found.extend(self.kind_of_lock());
        found
    }
}

fn clock<Zone: chrono::TimeZone>(at: DateTime<Zone>) -> String
where
    Zone::Offset: std::fmt::Display,
{
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
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
