//! Says of whom the tries of an episode look like: a device or program with an old password, a person, or somebody who tries one
//! password on many. It is a hint and nothing more, so it stands with what it rests on.

use std::collections::HashSet;

use super::{Attempt, Episode, Lockouts};
use crate::domain::fact::AuthMethod;
use crate::domain::lockout::AttemptClass;

/// Of whom the tries of an episode look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Of whom.
    pub kind: HintKind,
    /// What it rests on: how many tries in what time, how regular, from which addresses and apps.
    pub because: Vec<String>,
    /// What to do about it.
    pub advice: &'static str,
}

/// Of whom tries look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HintKind {
    /// One device or program that sends an old password: too many wrong ones from one source for a lock that did not come.
    StaleCredential,
    /// A program, by its rhythm; whether it sends an old password or guesses does not show.
    Program,
    /// Somebody who uses many addresses.
    ManyAddresses,
    /// A person at a keyboard.
    Person,
    /// Somebody who tries passwords on many users.
    Spray,
    /// None of them in particular.
    Unclear,
}

impl HintKind {
    /// The word in which JSON says it.
    pub fn word(self) -> &'static str {
        match self {
            HintKind::StaleCredential => "staleCredential",
            HintKind::Program => "program",
            HintKind::ManyAddresses => "manyAddresses",
            HintKind::Person => "person",
            HintKind::Spray => "spray",
            HintKind::Unclear => "unclear",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            HintKind::StaleCredential => "looks like one device or program that sends an old password",
            HintKind::Program => "looks like a program, by its rhythm",
            HintKind::ManyAddresses => "looks like an attack from many addresses",
            HintKind::Person => "looks like a person at a keyboard",
            HintKind::Spray => "looks like somebody who tries passwords on many users",
            HintKind::Unclear => "who it is does not show",
        }
    }
}

/// So many other users that were refused from one address make a spray of it.
const MANY_USERS: usize = 3;
/// A program tries at least so often before its rhythm shows.
const MANY_TRIES: usize = 10;
/// A person types no faster than this time after time, in milliseconds.
const FASTEST_TYPIST: i64 = 2_500;
/// So many addresses within an episode are no person's.
const MANY_ADDRESSES: usize = 5;
/// A person gives up earlier.
const MOST_OF_A_PERSON: u32 = 40;

/// The hint for an episode.
pub(super) fn hint(ledger: &Lockouts, episode: &Episode) -> Option<Hint> {
    let tries: Vec<&Attempt> = ledger.rows(episode).map(|(_, row)| row).filter(|row| row.class.is_refusal()).collect();
    tries.first()?;
    let count = tries.iter().fold(0, |sum: u32, row| sum.saturating_add(row.times));
    // The rhythm is that of the wrong passwords and the lock: who meets a lock waits. Gathered rows have no rhythm.
    let is_gathered = tries.iter().any(|row| row.times > 1);
    let up_to_lock =
        ledger.rows(episode).filter(|(number, row)| row.class.is_refusal() && episode.is_up_to_lock(*number));
    let paced: Vec<&Attempt> = up_to_lock.map(|(_, row)| row).filter(|_| !is_gathered).collect();
    let steps: Vec<i64> =
        paced.windows(2).filter_map(|pair| Some((pair.get(1)?.at - pair.first()?.at).num_milliseconds())).collect();
    let distinct = |of: fn(&Attempt) -> &str| -> Vec<&str> {
        let mut seen = HashSet::new();
        tries.iter().map(|row| of(row)).filter(|word| !word.is_empty() && seen.insert(*word)).collect()
    };
    let addresses = distinct(|row| &row.ip);
    let (apps, clients, agents) =
        (distinct(|row| &row.app), distinct(|row| &row.client), distinct(|row| &row.user_agent));
    let is_browser = clients.iter().all(|client| client.eq_ignore_ascii_case("Browser"));
    let beside = addresses.iter().filter_map(|ip| Some((*ip, ledger.addresses.get(*ip)?)));
    let crowded = beside.max_by_key(|(_, address)| address.other_users).filter(|(_, address)| address.other_users > 0);
    let is_blocked = tries.iter().any(|row| row.class == AttemptClass::IpBlock);

    let mut because = vec![pace(&paced, &steps)];
    let others = tries.len().saturating_sub(paced.len());
    if is_gathered {
        because = vec![format!("{count} tries, gathered in {} rows", tries.len())];
    } else if others > 0 {
        because.push(format!("{others} more after the lock"));
    }
    because.push(named(&addresses, "address", "addresses", "no address is logged"));
    if !apps.is_empty() {
        because.push(named(&apps, "app", "apps", ""));
    }
    if agents.len() > 1 {
        because.push(format!("{} user agents", agents.len()));
    } else if !clients.is_empty() {
        because.push(named(&clients, "kind of client", "kinds of clients", ""));
    }
    if let Some((ip, address)) = crowded {
        let users = if address.other_users == 1 {
            "1 other user was".to_owned()
        } else {
            format!("{} other users were", address.other_users)
        };
        because.push(format!("{users} refused from {ip} as well"));
    }
    if is_blocked {
        because.push("the service calls the address malicious".to_owned());
    }
    let is_one_source = addresses.len() <= 1 && apps.len() <= 1 && agents.len() <= 1;
    let is_crowded = crowded.is_some_and(|(_, address)| address.other_users >= MANY_USERS);
    let is_fast = steps.len() >= 3 && median(&steps) < FASTEST_TYPIST;
    let is_machine_like = steps.len() + 1 >= MANY_TRIES && (spread(&steps) < 0.25 || is_fast);
    let is_long = count > MOST_OF_A_PERSON;
    // One old password counts once, so that only many that brought no lock speak for it.
    let excess = episode.next.as_ref().map_or(0, |bounds| bounds.excess);
    let did_not_count = excess >= ledger.threshold.value && ledger.method.kind != Some(AuthMethod::PassThrough);
    let kind = match () {
        () if is_crowded || is_blocked && crowded.is_some() => HintKind::Spray,
        () if addresses.len() >= MANY_ADDRESSES => HintKind::ManyAddresses,
        () if is_one_source && did_not_count && steps.len() + 1 >= MANY_TRIES => HintKind::StaleCredential,
        () if is_one_source && (is_machine_like || is_long && !is_blocked) => HintKind::Program,
        () if is_one_source && is_browser && !clients.is_empty() && !steps.is_empty() && !is_fast && !is_long => {
            HintKind::Person
        }
        () => HintKind::Unclear,
    };
    let advice = match kind {
        HintKind::StaleCredential => "Find the device or app that still holds the old password.",
        HintKind::Program => {
            "Find out whose address it is: a device that sends an old password, or somebody who guesses. One old password alone would count \
             only once."
        }
        HintKind::ManyAddresses => {
            "Look for other users with wrong passwords from these addresses, and at what came through from them."
        }
        HintKind::Person => "Ask the user whether it was they, and how many different passwords were typed.",
        HintKind::Spray => {
            "Look at the other users refused from this address, and at sign-ins that came through from it."
        }
        HintKind::Unclear => "Ask the user which of these tries were theirs.",
    };
    Some(Hint { kind, because, advice })
}

fn pace(tries: &[&Attempt], steps: &[i64]) -> String {
    let (Some(first), Some(last)) = (tries.first(), tries.last()) else { return "no try before".to_owned() };
    let (Some(shortest), Some(longest)) = (steps.iter().min(), steps.iter().max()) else { return "1 try".to_owned() };
    let span = match (last.at - first.at).num_seconds() {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    };
    let apart = match (shortest / 1000, longest / 1000) {
        (a, b) if a == b => format!("{a} s apart"),
        (a, b) => format!("{a} to {b} s apart"),
    };
    format!("{} tries in {span}, {apart}", tries.len())
}

fn named(values: &[&str], one: &str, several: &str, none: &str) -> String {
    match values {
        [] => none.to_owned(),
        [value] => format!("one {one}, {value}"),
        values if values.len() <= 3 => format!("{} {several}: {}", values.len(), values.join(", ")),
        values => format!("{} {several}", values.len()),
    }
}

fn median(steps: &[i64]) -> i64 {
    let mut sorted = steps.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or(0)
}

/// How much the steps differ among themselves, as a part of their mean.
fn spread(steps: &[i64]) -> f64 {
    let count = steps.len().max(1) as f64;
    let mean = steps.iter().map(|step| *step as f64).sum::<f64>() / count;
    if mean <= 0.0 {
        return 0.0;
    }
    let variance = steps.iter().map(|step| (*step as f64 - mean).powi(2)).sum::<f64>() / count;
    variance.sqrt() / mean
}
