//! Plays the logged time again under other session rules, and counts the prompts.
//!
//! Only what the rules decide is decided anew: prompts for want of use, for age, and because a browser was closed. Prompts for other
//! reasons (a new browser, a revocation, a demand of the application) stay where they were. Background requests are asked nothing; what
//! they would have been asked waits for the next time somebody comes (entra-docs, session lifetime, 2025-03-03).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};

use super::clock::strictest;
use super::gather::is_interactive;
use super::rules::{EVERY_TIME_TOLERANCE, IDLE_NOT_PERSISTENT, IDLE_PERSISTENT, PRIMARY_REFRESH_TOKEN, REFRESH_TOKEN};
use super::usage::{Client, Frequency, Use, UseKind};
use super::{AskedFor, Ledger, in_words};
use crate::explain::{joined, written};

/// What is changed; nothing leaves it as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// Persistent browser for everything: always or never.
    pub persistent_browser: Option<bool>,
    /// A sign-in frequency for everything, in hours; 0 takes away what there is.
    pub frequency_hours: Option<i64>,
}

impl Change {
    /// The change in words.
    pub fn words(self) -> String {
        let persistent =
            self.persistent_browser.map(|mode| format!("persistent browser {}", if mode { "always" } else { "never" }));
        let frequency = self.frequency_hours.map(|hours| match hours {
            0 => "no sign-in frequency".to_owned(),
            hours => format!("sign-in frequency {}", in_words(Duration::hours(hours))),
        });
        let parts: Vec<String> = persistent.into_iter().chain(frequency).collect();
        if parts.is_empty() { "as it is".to_owned() } else { parts.join(" and ") }
    }
}

/// The logged time under other rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// What was changed.
    pub change: Change,
    /// How many prompts the log shows.
    pub logged: usize,
    /// When the rules as they are would ask: what the model makes of the log.
    pub before: Vec<DateTime<Utc>>,
    /// When the changed rules would ask.
    pub after: Vec<DateTime<Utc>>,
    /// The same in a sentence.
    pub words: String,
}

/// How many prompts that fall away are named.
const MOST_NAMED: usize = 3;

/// Plays the log again under a change.
pub fn replay(ledger: &Ledger, change: Change) -> Replay {
    let before = play(ledger, Change::default());
    let after = play(ledger, change);
    let logged = ledger.prompts.iter().filter(|prompt| prompt.is_completed).count();
    let (before, _) = before;
    let (after, waiting) = after;
    let doubt = if before.len() == logged {
        String::new()
    } else {
        format!(" (the model makes {} of the rules as they are, so take it for a rough answer)", before.len())
    };
    let mut words = format!("The log shows {}{doubt}", count(logged));
    if change != Change::default() {
        let same = if after == before { "the same " } else { "" };
        words.push_str(&format!("; with {}: {same}{}", change.words(), after.len()));
        let gone: Vec<String> =
            before.iter().filter(|at| !after.contains(at)).take(MOST_NAMED).map(|at| written(*at)).collect();
        if !gone.is_empty() {
            words.push_str(&format!(", without that of {}", joined(&gone)));
        }
        if waiting > 0 {
            let apps = if waiting == 1 { "1 app".to_owned() } else { format!("{waiting} apps") };
            words.push_str(&format!("; besides, {apps} renewed in the background would wait for somebody to sign in"));
        }
    }
    words.push('.');
    Replay { change, logged, before, after, words }
}

fn count(prompts: usize) -> String {
    if prompts == 1 { "1 prompt".to_owned() } else { format!("{prompts} prompts") }
}

/// When somebody signed in and when the session was last used.
struct State {
    full: DateTime<Utc>,
    last: DateTime<Utc>,
}

/// The prompts under a change, and how many browsers and apps were left waiting for somebody.
fn play(ledger: &Ledger, change: Change) -> (Vec<DateTime<Utc>>, usize) {
    let prompt_at: HashMap<usize, usize> = ledger
        .prompts
        .iter()
        .enumerate()
        .flat_map(|(number, prompt)| prompt.uses.iter().map(move |row| (*row, number)))
        .collect();
    let mut states: HashMap<&str, State> = HashMap::new();
    let mut asked = Vec::new();
    let mut waiting: HashSet<&str> = HashSet::new();
    for (number, row) in ledger.uses.iter().enumerate() {
        let prompt = prompt_at.get(&number).and_then(|prompt| ledger.prompts.get(*prompt));
        if prompt.is_some_and(|prompt| prompt.uses.first() != Some(&number)) {
            continue;
        }
        // An attempt that never came through began nothing.
        if prompt.is_some_and(|prompt| !prompt.is_completed) {
            continue;
        }
        let seat = row.seat.elsewhere.as_deref().unwrap_or(&row.seat.key);
        let is_decided = prompt.is_none_or(|prompt| is_decided_by_rules(prompt.code));
        let is_due = states.get(seat).is_none_or(|state| is_due(ledger, row, state, change));
        let was_closed =
            prompt.is_some_and(|prompt| prompt.code == "SES-BROWSER-CLOSED") && !stays(ledger, row, change);
        match prompt {
            // A second factor alone does not begin a session.
            Some(prompt) if !is_decided || prompt.asked == AskedFor::Second => {
                asked.push(prompt.at);
                waiting.remove(seat);
                states.insert(seat, State { full: row.at, last: row.at });
            }
            _ if matches!(row.kind, UseKind::Refused | UseKind::Page) => {}
            None if !is_interactive(row) => {
                if let Some(state) = states.get_mut(seat).filter(|_| !is_due) {
                    state.last = row.at;
                } else if states.contains_key(seat) {
                    waiting.insert(seat);
                } else {
                    // Begun before the log: nothing earlier is known of it.
                    states.insert(seat, State { full: row.at, last: row.at });
                }
            }
            None if !states.contains_key(seat) => {
                states.insert(seat, State { full: row.at, last: row.at });
            }
            _ if is_due || was_closed => {
                asked.push(row.at);
                waiting.remove(seat);
                states.insert(seat, State { full: row.at, last: row.at });
            }
            _ => {
                if let Some(state) = states.get_mut(seat) {
                    state.last = row.at;
                }
            }
        }
    }
    (asked, waiting.len())
}

fn is_decided_by_rules(code: &str) -> bool {
    code.starts_with("SES-IDLE")
        || matches!(code, "SES-SIGN-IN-FREQUENCY" | "SES-EVERY-TIME" | "SES-BROWSER-CLOSED" | "SES-EXPIRED")
}

/// Whether the session of a row outlives the browser under a change.
fn stays(ledger: &Ledger, row: &Use, change: Change) -> bool {
    let is_persistent = |row: &Use| {
        let session = row.session.and_then(|number| ledger.sessions.get(number));
        session.is_some_and(|session| session.persistence.is_persistent == Some(true))
    };
    change.persistent_browser.unwrap_or_else(|| is_persistent(row))
}

/// Whether somebody who comes at the time of a row is asked under a change.
fn is_due(ledger: &Ledger, row: &Use, state: &State, change: Change) -> bool {
    let idle = match (row.client, stays(ledger, row, change)) {
        // The device's own token signs on whatever the cookie.
        _ if row.by_primary_refresh_token => PRIMARY_REFRESH_TOKEN,
        (Client::App, _) => REFRESH_TOKEN,
        (Client::Browser, true) => IDLE_PERSISTENT,
        (Client::Browser, false) => IDLE_NOT_PERSISTENT,
    };
    let frequency = match change.frequency_hours {
        Some(0) => None,
        Some(hours) => Some(Duration::hours(hours)),
        None => strictest(ledger, row).and_then(|(frequency, _)| match frequency {
            Frequency::Hours(hours) => Some(Duration::hours(hours)),
            Frequency::EveryTime => Some(EVERY_TIME_TOLERANCE),
            Frequency::NotInEvidence => None,
        }),
    };
    row.at - state.last > idle || frequency.is_some_and(|limit| row.at - state.full > limit)
}
