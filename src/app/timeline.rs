//! Defines [`TimelinePanel`], the sessions of a user on an axis of time with a list of what happened below it.
//!
//! What is to be shown is sorted out once, when a ledger comes in: the items of the list in the order of time, and for each session a
//! [`Lane`] with its marks by kind, each sorted. So moving and zooming cost no more for a long log than for a short one.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::Duration;

use crate::explain::explanation::RivalVerdict;
use crate::explain::session::replay::{Change, Replay, replay};
use crate::explain::session::{HappeningKind, Ledger, Prompt, UseKind, in_words};

use super::clock::Clock;
use super::lane::{Lane, Sign, sign_of};
use super::list::Motion;
use super::scale::Stretch;

/// The sessions of one user over time.
#[derive(Debug, Clone)]
pub struct TimelinePanel {
    /// The ledger that is shown.
    pub ledger: Arc<Ledger>,
    /// What happened, in the order of time, and after it what misleads and what is missing.
    pub items: Vec<Item>,
    /// The sessions, by their first use.
    pub lanes: Vec<Lane>,
    /// The item under the cursor.
    pub cursor: usize,
    /// The time that is in sight.
    pub sight: Stretch,
    /// The time that there is to see.
    pub whole: Stretch,
    /// The other rules that the logged time is played again under.
    pub change: Change,
    /// What comes of it, while it is shown.
    pub replayed: Option<Replay>,
}

/// A line of the list; the numbers are those of the ledger's own lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The user was asked.
    Prompt(usize),
    /// A row that is part of no prompt.
    Use(usize),
    /// Rows one after another in which clients renewed tokens in the background.
    Renewals {
        /// The rows.
        rows: Vec<usize>,
        /// How many sessions they belong to.
        sessions: usize,
    },
    /// Something that is no row of the log.
    Happening(usize),
    /// A session ended.
    Ended(usize),
    /// The end of the evidence.
    EndOfLog,
    /// When the user is asked next.
    Next,
    /// Something that commonly misleads.
    Trap(usize),
    /// Something that is missing.
    Gap(usize),
    /// So many rows of some sort that are not shown.
    Hidden(usize, &'static str),
}

/// How a use moved the end of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The use.
    pub at: i64,
    /// The end until then; nothing where the use began the session.
    pub from: Option<i64>,
    /// The end since then.
    pub to: i64,
    /// What that takes for granted; may be empty.
    pub assuming: &'static str,
}

/// The choices of the persistent browser.
const BROWSER: [Option<bool>; 3] = [None, Some(true), Some(false)];
/// The choices of the sign-in frequency, in hours.
const HOURS: [Option<i64>; 9] = [None, Some(1), Some(4), Some(8), Some(12), Some(24), Some(168), Some(720), Some(0)];

/// Turns to the next choice of the persistent browser.
pub fn turn_browser(change: &mut Change) {
    change.persistent_browser = turned(&BROWSER, change.persistent_browser);
}

/// Turns to the next choice of the sign-in frequency.
pub fn turn_frequency(change: &mut Change) {
    change.frequency_hours = turned(&HOURS, change.frequency_hours);
}

/// The rules in words, with the keys that change them.
pub fn rules_in_words(change: Change) -> String {
    let browser = match change.persistent_browser {
        None => "as it is",
        Some(true) => "always",
        Some(false) => "never",
    };
    let frequency = match change.frequency_hours {
        None => "as it is".to_owned(),
        Some(0) => "none".to_owned(),
        Some(hours) => in_words(Duration::hours(hours)),
    };
    format!("persistent browser {browser} (b), sign-in frequency {frequency} (f)")
}

fn turned<T: Copy + PartialEq>(choices: &[Option<T>], now: Option<T>) -> Option<T> {
    let at = choices.iter().position(|choice| *choice == now).unwrap_or(0);
    choices.get((at + 1) % choices.len()).copied().flatten()
}

/// A number with its noun.
pub fn counted(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

impl TimelinePanel {
    /// The panel for a ledger, all of it in sight, with the cursor on the last prompt or else the last row.
    pub fn new(ledger: Arc<Ledger>) -> TimelinePanel {
        let items = items(&ledger);
        let lanes = ledger.sessions.iter().map(|session| Lane::new(&ledger, session)).collect();
        let whole = whole(&ledger, &items);
        let last = |fits: fn(&Item) -> bool| items.iter().rposition(fits);
        let cursor = last(|item| matches!(item, Item::Prompt(_)))
            .or_else(|| last(|item| matches!(item, Item::Use(_) | Item::Renewals { .. })));
        TimelinePanel {
            cursor: cursor.unwrap_or(0),
            ledger,
            items,
            lanes,
            sight: whole,
            whole,
            change: Change::default(),
            replayed: None,
        }
    }

    /// Takes another ledger of the same user in; the cursor stays with its row and the choices as they are.
    pub fn renew(&mut self, ledger: Arc<Ledger>) {
        if Arc::ptr_eq(&self.ledger, &ledger) {
            return;
        }
        let here = self.row(self.item()).and_then(|row| self.ledger.id_of(Some(row)));
        let mut fresh = TimelinePanel::new(ledger);
        fresh.change = self.change;
        if self.replayed.is_some() {
            fresh.replayed = Some(replay(&fresh.ledger, fresh.change));
        }
        if let Some(row) = here.and_then(|id| fresh.ledger.find(&id)) {
            fresh.go_to_row(row);
        }
        *self = fresh;
    }

    /// Puts the cursor on the line that a row is part of, if there is one.
    pub fn go_to_row(&mut self, row: usize) {
        let holds = |item: &Item| match item {
            Item::Prompt(number) => self.ledger.prompts.get(*number).is_some_and(|prompt| prompt.uses.contains(&row)),
            Item::Use(number) => *number == row,
            Item::Renewals { rows, .. } => rows.contains(&row),
            _ => false,
        };
        if let Some(found) = self.items.iter().position(holds) {
            self.go_to(found);
        }
    }

    /// The item under the cursor.
    pub fn item(&self) -> Option<&Item> {
        self.items.get(self.cursor)
    }

    /// Moves the cursor; the time of its item comes in sight.
    pub fn go(&mut self, motion: Motion, page: usize) {
        self.go_to(motion.from(self.cursor, self.items.len(), page));
    }

    fn go_to(&mut self, item: usize) {
        self.cursor = item;
        if let Some(at) = self.at(self.item()) {
            self.sight = self.sight.showing(at, self.whole);
        }
    }

    /// The prompt after (`forward`) or before the cursor, as an item.
    pub fn prompt_beside(&self, forward: bool) -> Option<usize> {
        let mut items = self.items.iter().enumerate();
        let is_prompt = |(_, item): &(usize, &Item)| matches!(item, Item::Prompt(_));
        let found = match forward {
            true => items.skip(self.cursor + 1).find(is_prompt),
            false => items.rfind(|(number, item)| *number < self.cursor && is_prompt(&(*number, item))),
        };
        found.map(|(number, _)| number)
    }

    /// Goes to the prompt after or before the cursor.
    pub fn go_to_prompt(&mut self, forward: bool) {
        if let Some(item) = self.prompt_beside(forward) {
            self.go_to(item);
        }
    }

    /// Shows half as much time, about the cursor.
    pub fn zoom_in(&mut self) {
        let at = self.at(self.item()).unwrap_or(self.whole.until());
        self.sight = self.sight.showing(at, self.whole).nearer(at, self.whole);
    }

    /// Shows twice as much time, about the cursor.
    pub fn zoom_out(&mut self) {
        let at = self.at(self.item()).unwrap_or(self.whole.until());
        self.sight = self.sight.farther(at, self.whole);
    }

    /// Shows all of the time.
    pub fn zoom_whole(&mut self) {
        self.sight = self.whole;
    }

    /// Moves the time in sight by quarters of it.
    pub fn pan(&mut self, quarters: i64) {
        self.sight = self.sight.moved(quarters, self.whole);
    }

    /// Shows what other rules would change, or hides it.
    pub fn turn_replay(&mut self) {
        self.replayed = match self.replayed {
            Some(_) => None,
            None => Some(replay(&self.ledger, self.change)),
        };
    }

    /// Changes the rules and shows what that changes.
    pub fn turn_change(&mut self, turn: fn(&mut Change)) {
        turn(&mut self.change);
        self.replayed = Some(replay(&self.ledger, self.change));
    }

    /// When an item was, in milliseconds; nothing for what has no time.
    pub fn at(&self, item: Option<&Item>) -> Option<i64> {
        time_of(&self.ledger, item?)
    }

    /// The row that an item leads to, as a number in the ledger.
    pub fn row(&self, item: Option<&Item>) -> Option<usize> {
        let ledger = &self.ledger;
        match item? {
            Item::Prompt(number) => ledger.prompts.get(*number)?.uses.first().copied(),
            Item::Use(row) => Some(*row),
            Item::Renewals { rows, .. } => rows.last().copied(),
            Item::Happening(number) => ledger.happenings.get(*number)?.joined_to,
            Item::Ended(session) => Some(ledger.sessions.get(*session)?.last_use),
            Item::Next => Some(ledger.sessions.get(ledger.next.as_ref()?.session)?.last_use),
            Item::Trap(number) => ledger.traps.get(*number)?.use_,
            Item::EndOfLog | Item::Gap(_) | Item::Hidden(..) => None,
        }
    }

    /// The session that an item belongs to, as a number in the ledger.
    pub fn session(&self, item: Option<&Item>) -> Option<usize> {
        let ledger = &self.ledger;
        match item? {
            Item::Prompt(number) => {
                let prompt = ledger.prompts.get(*number)?;
                prompt.uses.iter().rev().find_map(|row| ledger.row(*row)?.session)
            }
            Item::Ended(session) => Some(*session),
            Item::Next => Some(ledger.next.as_ref()?.session),
            Item::Trap(number) => {
                let trap = ledger.traps.get(*number)?;
                trap.session.or_else(|| ledger.row(trap.use_?)?.session)
            }
            item => ledger.row(self.row(Some(item))?)?.session,
        }
    }

    /// How an item moved the end of its session: the last of its rows that did.
    pub fn moved(&self, item: Option<&Item>) -> Option<Moved> {
        let ledger = &self.ledger;
        let row = match item? {
            Item::Prompt(number) => {
                let uses = &ledger.prompts.get(*number)?.uses;
                uses.iter().rev().filter_map(|row| ledger.row(*row)).find(|row| row.session.is_some())
            }
            Item::Use(row) => ledger.row(*row),
            Item::Renewals { rows, .. } => ledger.row(*rows.last()?),
            _ => None,
        };
        let row = row.filter(|row| row.moves_clocks())?;
        let lane = self.lanes.get(row.session?)?;
        let limit = lane.limit?.num_milliseconds();
        let at = row.at.timestamp_millis();
        let before = lane.moving.partition_point(|earlier| *earlier < at).checked_sub(1);
        let before = before.and_then(|number| lane.moving.get(number));
        let from = before.map(|earlier| earlier.saturating_add(limit));
        Some(Moved { at, from, to: at.saturating_add(limit), assuming: lane.assuming })
    }

    /// The sign of an item; nothing for what stands on no axis.
    pub fn sign(&self, item: &Item) -> Option<Sign> {
        Some(match item {
            Item::Prompt(_) => Sign::Asked,
            Item::Use(row) => sign_of(self.ledger.row(*row)?),
            Item::Renewals { .. } => Sign::Renewed,
            Item::Happening(number) => match self.ledger.happenings.get(*number)?.kind {
                HappeningKind::Password => Sign::Password,
                HappeningKind::Revocation => Sign::Revoked,
                HappeningKind::Policy => Sign::Policy,
                HappeningKind::Trace => Sign::Request,
            },
            Item::Ended(_) => Sign::Ended,
            Item::EndOfLog => Sign::EndOfLog,
            Item::Next => Sign::Next,
            Item::Trap(_) | Item::Gap(_) | Item::Hidden(..) => return None,
        })
    }

    /// What an item says: its sentence, and the code it stands under, which may be empty.
    pub fn words(&self, item: &Item, clock: &Clock) -> (String, String) {
        let ledger = &self.ledger;
        let minute = |at: i64| clock.minute(Some(at));
        let words = match item {
            Item::Prompt(number) => ledger.prompts.get(*number).map(|prompt| {
                let (asked, basis) = (prompt.asked.label(), prompt.basis.word());
                let open = if prompt.is_completed { "" } else { ", not completed" };
                let words = format!("{asked}{open} ({basis}): {}", prompt.headline);
                (words, prompt.code.to_owned())
            }),
            Item::Use(row) => ledger.row(*row).map(|row| {
                let code = row.error_code.filter(|code| *code != 0).map(|code| code.to_string()).unwrap_or_default();
                (format!("{}{}", row.kind.label(), self.moved_words(item, clock)), code)
            }),
            Item::Renewals { rows, sessions } => {
                let last = rows.last().and_then(|row| ledger.row(*row)).map(|row| row.at.timestamp_millis());
                let of = if *sessions > 1 { format!(" of {sessions} sessions") } else { String::new() };
                let count =
                    if rows.len() == 1 { "renewed".to_owned() } else { format!("renewed {} times", rows.len()) };
                let words = format!("{count}{of} in the background");
                let last = if rows.len() > 1 {
                    format!(", last {}", last.map(minute).unwrap_or_default())
                } else {
                    String::new()
                };
                Some((format!("{words}{last}"), String::new()))
            }
            Item::Happening(number) => ledger.happenings.get(*number).map(|happening| {
                let doubt = if happening.joined_to.is_some() && !happening.is_sure {
                    " (by correlation id: probable)"
                } else {
                    ""
                };
                (format!("{}{doubt}", happening.words), String::new())
            }),
            Item::Ended(session) => ledger.sessions.get(*session).and_then(|session| {
                let ended = session.ended.as_ref()?;
                Some((format!("the session ended ({})", ended.basis.word()), ended.code.to_owned()))
            }),
            Item::EndOfLog => Some(("the log ends; what is later is not known yet".to_owned(), String::new())),
            Item::Next => ledger.next.as_ref().map(|next| {
                let words = format!("asked next, if the user comes back from here on ({})", next.basis.word());
                (words, next.code.to_owned())
            }),
            Item::Trap(number) => ledger.traps.get(*number).map(|trap| (trap.text.clone(), trap.code.to_owned())),
            Item::Gap(number) => ledger
                .gaps
                .get(*number)
                .map(|gap| (format!("{}. {} Ask for: {}", gap.missing, gap.limits, gap.ask), gap.code.clone())),
            Item::Hidden(count, what) => Some((format!("{count} {what}"), String::new())),
        };
        words.unwrap_or_default()
    }

    fn moved_words(&self, item: &Item, clock: &Clock) -> String {
        let minute = |at: i64| clock.minute(Some(at));
        let Some(moved) = self.moved(Some(item)) else { return String::new() };
        let end = match moved.from {
            Some(from) if minute(from) == minute(moved.to) => format!("end stays {}", minute(moved.to)),
            Some(from) => format!("end moved from {} to {}", minute(from), minute(moved.to)),
            None => format!("end is {}", minute(moved.to)),
        };
        let assuming = if moved.assuming.is_empty() { String::new() } else { format!(", {}", moved.assuming) };
        format!(": {end}{assuming}")
    }

    /// What else is to be said of the item under the cursor: why, the session with its clocks, and the row.
    pub fn details(&self, clock: &Clock) -> Vec<String> {
        let item = self.item();
        let mut details = Vec::new();
        if let Some(Item::Prompt(number)) = item
            && let Some(prompt) = self.ledger.prompts.get(*number)
        {
            details.extend(self.prompt_details(prompt, clock));
        }
        if let Some(number) = self.session(item)
            && let Some(session) = self.ledger.sessions.get(number)
        {
            let persistence = Some(session.persistence.told()).filter(|words| !words.is_empty());
            let persistence = persistence.map(|words| format!("; {words}")).unwrap_or_default();
            details.push(format!("session {}: {}{persistence}", number + 1, session.seat.words));
            for held in &session.clocks {
                let until = clock.minute(Some(held.expires.timestamp_millis()));
                let assuming = if held.assuming.is_empty() { String::new() } else { format!(", {}", held.assuming) };
                let label = held.kind.label();
                details.push(format!("clock: {label} {} until {until}{assuming}", in_words(held.limit)));
            }
        }
        let row = self.row(item).and_then(|row| self.ledger.row(row));
        details.extend(row.map(|row| {
            let at = clock.full(Some(row.at.timestamp_millis()));
            let parts = [row.app.as_str(), &row.place, &row.ip];
            let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
            format!("row: {at} {parts}")
        }));
        details
    }

    fn prompt_details(&self, prompt: &Prompt, clock: &Clock) -> Vec<String> {
        let mut details = Vec::new();
        if let Some(cause) = prompt.because.and_then(|row| self.ledger.row(row)) {
            details.push(format!("because of the row {}", clock.full(Some(cause.at.timestamp_millis()))));
        }
        if let Some(number) = prompt.earlier
            && let Some(session) = self.ledger.sessions.get(number)
        {
            let ended = session.ended.as_ref().map(|ended| clock.minute(Some(ended.at.timestamp_millis())));
            let ended = ended.map(|at| format!(", which ended {at}")).unwrap_or_default();
            details.push(format!("until then session {} had counted{ended}", number + 1));
        }
        details.extend(prompt.policy.iter().map(|(_, name)| format!("rule of policy {name}")));
        details.extend(prompt.rivals.iter().map(|rival| match rival.verdict {
            RivalVerdict::Excluded => format!("ruled out: {}", rival.headline),
            RivalVerdict::Strained => {
                format!("hardly: {}; {}: {}", rival.headline, rival.verdict.settled_label(), rival.settled_by)
            }
            RivalVerdict::Fits => {
                format!("or: {}; {}: {}", rival.headline, rival.verdict.settled_label(), rival.settled_by)
            }
        }));
        if !prompt.gaps.is_empty() {
            details.push(format!("missing: {}", prompt.gaps.join(", ")));
        }
        details
    }
}

/// What happened, in the order of time, and after it what misleads and what is missing.
fn items(ledger: &Ledger) -> Vec<Item> {
    let mut is_of_prompt = vec![false; ledger.uses.len()];
    for row in ledger.prompts.iter().flat_map(|prompt| &prompt.uses) {
        if let Some(known) = is_of_prompt.get_mut(*row) {
            *known = true;
        }
    }
    let rows = is_of_prompt.iter().enumerate().filter(|(_, known)| !**known).map(|(row, _)| Item::Use(row));
    let mut timed: Vec<Item> = rows.collect();
    timed.extend((0..ledger.prompts.len()).map(Item::Prompt));
    timed.extend((0..ledger.happenings.len()).map(Item::Happening));
    let ended = ledger.sessions.iter().enumerate().filter(|(_, session)| session.ended.is_some());
    timed.extend(ended.map(|(number, _)| Item::Ended(number)));
    timed.extend(ledger.until.map(|_| Item::EndOfLog));
    timed.extend(ledger.next.as_ref().map(|_| Item::Next));
    // At one instant the end of the log comes last, and an ending before what it led to.
    let rank = |item: &Item| match item {
        Item::Ended(_) => 0,
        Item::EndOfLog => 2,
        Item::Next => 3,
        _ => 1,
    };
    timed.sort_by_key(|item| (time_of(ledger, item).unwrap_or(i64::MAX), rank(item)));
    let is_background = |row: usize| {
        ledger.row(row).is_some_and(|row| row.kind == UseKind::Background && row.error_code.unwrap_or(0) == 0)
    };
    let mut items: Vec<Item> = Vec::new();
    for item in timed {
        match (items.last_mut(), item) {
            (Some(Item::Renewals { rows, .. }), Item::Use(row)) if is_background(row) => rows.push(row),
            (_, Item::Use(row)) if is_background(row) => items.push(Item::Renewals { rows: vec![row], sessions: 1 }),
            (_, item) => items.push(item),
        }
    }
    for item in &mut items {
        if let Item::Renewals { rows, sessions } = item {
            let known: HashSet<usize> = rows.iter().filter_map(|row| ledger.row(*row)?.session).collect();
            *sessions = known.len();
        }
    }
    items.extend((0..ledger.traps.len()).map(Item::Trap));
    items.extend((0..ledger.gaps.len()).map(Item::Gap));
    let hidden = [
        (ledger.left_out, "older rows, because there are too many"),
        (ledger.without_session, "rows of clients that hold no session (Exchange ActiveSync, mail protocols)"),
        (ledger.undated, "rows without a time"),
    ];
    items.extend(hidden.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| Item::Hidden(count, what)));
    items
}

fn time_of(ledger: &Ledger, item: &Item) -> Option<i64> {
    let row = |number: usize| ledger.row(number).map(|row| row.at);
    let at = match item {
        Item::Prompt(number) => ledger.prompts.get(*number)?.at,
        Item::Use(number) => row(*number)?,
        Item::Renewals { rows, .. } => row(*rows.first()?)?,
        Item::Happening(number) => ledger.happenings.get(*number)?.at,
        Item::Ended(session) => ledger.sessions.get(*session)?.ended.as_ref()?.at,
        Item::EndOfLog => ledger.until?,
        Item::Next => ledger.next.as_ref()?.at,
        Item::Trap(number) => row(ledger.traps.get(*number)?.use_?)?,
        Item::Gap(_) | Item::Hidden(..) => return None,
    };
    Some(at.timestamp_millis())
}

/// The time that there is to see: what happened, and of what is to come so much that the log does not shrink below half of it.
fn whole(ledger: &Ledger, items: &[Item]) -> Stretch {
    let times = || items.iter().filter(|item| !matches!(item, Item::Next)).filter_map(|item| time_of(ledger, item));
    let first = times().min().unwrap_or(0);
    let rows = ledger.uses.iter().map(|row| Reverse(row.at.timestamp_millis())).min();
    let last = times().max().into_iter().chain(rows.map(|Reverse(last)| last)).max().unwrap_or(0);
    let length = (last - first).max(3_600_000);
    let next = ledger.next.as_ref().map_or(0, |next| next.at.timestamp_millis().saturating_sub(last));
    let after = if next > 0 && next <= length { next + length / 20 } else { length / 8 };
    Stretch::new(first.saturating_sub(length / 50), last.saturating_add(after))
}
