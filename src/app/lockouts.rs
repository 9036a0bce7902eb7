//! Defines [`LockoutPanel`], the lockouts of a user: a picture of the episode under the cursor, and below it a list of what happened, what
//! follows, what would explain it, and its tries.

use std::sync::Arc;

use crate::explain::explanation::RivalVerdict;
use crate::explain::lockout::counting::Counted;
use crate::explain::lockout::lane::{Cell, Picture, picture};
use crate::explain::lockout::{Attempt, Choices, Episode, Lockouts, Standing};

use super::Model;
use super::clock::Clock;
use super::history::Pane;
use super::list::Motion;
use super::message::Effect;
use super::overlay::Overlay;

/// The lockouts of one user.
#[derive(Debug, Clone)]
pub struct LockoutPanel {
    /// The ledger that is shown.
    pub lockouts: Arc<Lockouts>,
    /// The pictures of its episodes.
    pub pictures: Vec<Picture>,
    /// The lines of the list.
    pub items: Vec<Item>,
    /// The line under the cursor.
    pub cursor: usize,
}

/// A line of the list; the numbers are those of the ledger's own lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// What an episode comes to.
    Headline(usize),
    /// Something of an episode that is certain.
    Certain(usize, usize),
    /// Something that follows if each datacenter counts for itself.
    Follows(usize, usize),
    /// Something that would explain an episode.
    Rival(usize, usize),
    /// Of whom it looks like.
    Who(usize),
    /// A try, as the number of its column in the picture of its episode.
    Try(usize, usize),
    /// A setting held against its rule.
    Check(usize),
    /// Something that is missing.
    Gap(usize),
    /// So many rows of some sort that are not shown.
    Hidden(usize, &'static str),
}

impl Item {
    /// The episode that it belongs to.
    pub fn episode(self) -> Option<usize> {
        match self {
            Item::Headline(episode)
            | Item::Certain(episode, _)
            | Item::Follows(episode, _)
            | Item::Rival(episode, _)
            | Item::Who(episode)
            | Item::Try(episode, _) => Some(episode),
            Item::Check(_) | Item::Gap(_) | Item::Hidden(..) => None,
        }
    }

    /// The heading that it stands under.
    pub fn heading(self) -> Option<&'static str> {
        match self {
            Item::Headline(_) => None,
            Item::Certain(..) => Some("Certain"),
            Item::Follows(..) => Some("If each datacenter counts for itself"),
            Item::Rival(..) => Some("What would explain it"),
            Item::Who(_) => Some("Who it looks like (a hint)"),
            Item::Try(..) => Some("Tries"),
            Item::Check(_) => Some("Settings held against their rules"),
            Item::Gap(_) => Some("What is missing"),
            Item::Hidden(..) => Some("What is not shown"),
        }
    }
}

impl LockoutPanel {
    /// The panel for a ledger, with the cursor on the last episode that met a lock, or else on the last of which there is
    /// more to say than that passwords were wrong.
    pub fn new(lockouts: Arc<Lockouts>) -> LockoutPanel {
        let pictures: Vec<Picture> = lockouts.episodes.iter().map(|episode| picture(&lockouts, episode)).collect();
        let items = items(&lockouts, &pictures);
        let mut panel = LockoutPanel { lockouts, pictures, items, cursor: 0 };
        let last = |fits: fn(&Episode) -> bool| panel.lockouts.episodes.iter().rposition(fits);
        let told =
            last(|episode| episode.lock.is_some()).or_else(|| last(|episode| episode.standing != Standing::NoLock));
        if let Some(episode) = told.or_else(|| panel.lockouts.episodes.len().checked_sub(1)) {
            panel.go_to(Item::Headline(episode));
        }
        panel
    }

    /// Takes another ledger of the same user in; the cursor stays with its try or its line as far as it is there.
    pub fn renew(&mut self, lockouts: Arc<Lockouts>) {
        let here = self.attempt().map(|row| row.id.clone());
        let (item, choices) = (self.item(), self.lockouts.choices);
        let lockouts = if lockouts.choices == choices { lockouts } else { Arc::new(lockouts.with_choices(choices)) };
        *self = LockoutPanel::new(lockouts);
        match here {
            Some(id) => self.go_to_sign_in(&id),
            None => item.into_iter().for_each(|item| self.go_to(item)),
        }
    }

    /// Reads the same rows with other choices.
    pub fn choose(&mut self, change: fn(&mut Choices)) {
        let mut choices = self.lockouts.choices;
        change(&mut choices);
        let here = self.attempt().map(|row| row.id.clone());
        let item = self.item();
        *self = LockoutPanel::new(Arc::new(self.lockouts.with_choices(choices)));
        match here {
            Some(id) => self.go_to_sign_in(&id),
            None => item.into_iter().for_each(|item| self.go_to(item)),
        }
    }

    fn go_to(&mut self, item: Item) {
        if let Some(found) = self.items.iter().position(|known| *known == item) {
            self.cursor = found;
        }
    }

    /// Puts the cursor on the try of a sign-in, if there is one.
    pub fn go_to_sign_in(&mut self, id: &str) {
        let Some(number) = self.lockouts.find(id) else { return };
        let Some(episode) = self.lockouts.attempt(number).and_then(|row| row.episode) else { return };
        let column = self.pictures.get(episode).and_then(|shown| shown.columns.iter().position(|at| *at == number));
        if let Some(column) = column {
            self.go_to(Item::Try(episode, column));
        }
    }

    /// The line under the cursor.
    pub fn item(&self) -> Option<Item> {
        self.items.get(self.cursor).copied()
    }

    /// The try under the cursor.
    pub fn attempt(&self) -> Option<&Attempt> {
        match self.item()? {
            Item::Try(episode, column) => self.attempt_at(episode, column).map(|(_, row)| row),
            _ => None,
        }
    }

    /// The try in a column of an episode's picture, with its number among the attempts.
    pub fn attempt_at(&self, episode: usize, column: usize) -> Option<(usize, &Attempt)> {
        let number = *self.pictures.get(episode)?.columns.get(column)?;
        Some((number, self.lockouts.attempt(number)?))
    }

    /// The episode that the picture shows: that of the cursor, or else the last.
    pub fn shown(&self) -> Option<(usize, &Episode, &Picture)> {
        let before = self.items.get(..=self.cursor).unwrap_or_default().iter().rev();
        let number = before.filter_map(|item| item.episode()).next()?;
        Some((number, self.lockouts.episodes.get(number)?, self.pictures.get(number)?))
    }

    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion, page: usize) {
        self.cursor = motion.from(self.cursor, self.items.len(), page);
    }

    /// The try after (`forward`) or before the cursor, as a line; from a line that is no try, the first or last of its episode.
    pub fn try_beside(&self, forward: bool) -> Option<usize> {
        let is_try = |item: &Item| matches!(item, Item::Try(..));
        let items = || self.items.iter().enumerate();
        match forward {
            true => items().skip(self.cursor + 1).find(|(_, item)| is_try(item)),
            false => items().take(self.cursor).rev().find(|(_, item)| is_try(item)),
        }
        .map(|(number, _)| number)
    }

    /// The episode after or before that of the cursor, as a line.
    pub fn episode_beside(&self, forward: bool) -> Option<usize> {
        let is_head = |item: &Item| matches!(item, Item::Headline(_));
        let items = || self.items.iter().enumerate();
        match forward {
            true => items().skip(self.cursor + 1).find(|(_, item)| is_head(item)),
            false => items().take(self.cursor).rev().find(|(_, item)| is_head(item)),
        }
        .map(|(number, _)| number)
    }

    /// What a line says.
    pub fn words(&self, item: Item, clock: &Clock) -> String {
        let episode = |number: usize| self.lockouts.episodes.get(number);
        let words = match item {
            Item::Headline(number) => episode(number).map(|found| {
                let start = self.lockouts.rows(found).next().map(|(_, row)| row.at.timestamp_millis());
                let of = self.lockouts.episodes.len();
                let of = if of > 1 { format!("episode {} of {of}, ", number + 1) } else { String::new() };
                format!("{of}{}: {}", clock.full(start), found.headline)
            }),
            Item::Certain(number, line) => episode(number).and_then(|found| found.certain.get(line).cloned()),
            Item::Follows(number, line) => episode(number).and_then(|found| found.follows.get(line).cloned()),
            Item::Rival(number, line) => {
                episode(number).and_then(|found| found.explanations.get(line)).map(|rival| rival.headline.clone())
            }
            Item::Who(number) => episode(number)
                .and_then(|found| found.who.as_ref())
                .map(|hint| format!("{}: {}. {}", hint.kind.label(), hint.because.join("; "), hint.advice)),
            Item::Try(number, column) => self.try_words(number, column, clock),
            Item::Check(number) => self.lockouts.checks.get(number).map(|check| check.text.clone()),
            Item::Gap(number) => self
                .lockouts
                .gaps
                .get(number)
                .map(|gap| format!("{}. {} Ask for: {}", gap.missing, gap.limits, gap.ask)),
            Item::Hidden(count, what) => Some(format!("{count} {what}")),
        };
        words.unwrap_or_default()
    }

    fn try_words(&self, number: usize, column: usize, clock: &Clock) -> Option<String> {
        let (attempt, row) = self.attempt_at(number, column)?;
        let episode = self.lockouts.episodes.get(number)?;
        let times = if row.times > 1 { format!(" ×{}", row.times) } else { String::new() };
        let counter = episode.counter_of(attempt).filter(|counter| !counter.is_unknown());
        let at = counter.map(|counter| format!(" at {}", counter.label)).unwrap_or_default();
        let count = self.running(number, column).map(|count| format!(", {count}")).unwrap_or_default();
        let time = clock.written(Some(row.at.timestamp_millis()), "%H:%M:%S");
        Some(format!("{time}  {}{times}{at}{count}", row.class.label()))
    }

    /// How many wrong passwords a counter had by a try, against what fills it.
    fn running(&self, number: usize, column: usize) -> Option<String> {
        let threshold = self.lockouts.threshold.value;
        match self.pictures.get(number)?.lane_of(column)?.at(column) {
            Cell::Count(count) if count > threshold => {
                Some(format!("{count} so far, more than the threshold of {threshold}"))
            }
            Cell::Count(count) => Some(format!("{count} so far, the threshold is {threshold}")),
            _ => None,
        }
    }

    /// What else is to be said of the line under the cursor.
    pub fn details(&self, clock: &Clock) -> Vec<String> {
        match self.item() {
            Some(Item::Rival(episode, line)) => {
                let rival = self.lockouts.episodes.get(episode).and_then(|found| found.explanations.get(line));
                rival
                    .map(|rival| format!("{}: {}", rival.verdict.settled_label(), rival.settled_by))
                    .into_iter()
                    .collect()
            }
            Some(Item::Try(episode, column)) => self.try_details(episode, column, clock),
            _ => Vec::new(),
        }
    }

    fn try_details(&self, episode: usize, column: usize, clock: &Clock) -> Vec<String> {
        let Some((number, row)) = self.attempt_at(episode, column) else { return Vec::new() };
        let Some(found) = self.lockouts.episodes.get(episode) else { return Vec::new() };
        let mut details = Vec::new();
        if !row.reason.is_empty() {
            details.push(format!("the log's reason: “{}”", row.reason));
        }
        let counter = found.counter_of(number);
        match (&row.answered, counter) {
            (Some(answered), _) if answered.is_sure => {
                details.push(format!("answered by {} (proved: {})", answered.server.written, answered.evidence.file));
            }
            (Some(answered), _) => details.push(format!(
                "probably answered by {}: correlation id, time and code agree, not the request id",
                answered.server.written
            )),
            (None, Some(counter)) if !counter.is_unknown() => {
                details.push(format!("answered by {} ({})", counter.label, counter.strength.label()));
            }
            _ => details.push("who answered it is not known".to_owned()),
        }
        details.extend(match found.counted(number) {
            Some(Counted::WhereItTripped) => {
                Some("counted where it locked, if each place counts for itself".to_owned())
            }
            Some(Counted::Elsewhere) => {
                Some("counted elsewhere than where it locked, if each place counts for itself".to_owned())
            }
            Some(Counted::Open) => Some("where it was counted cannot be told".to_owned()),
            None => None,
        });
        let used = self.lockouts.addresses.get(&row.ip).and_then(|address| address.first_success);
        let used = if used.is_some_and(|first| first < row.at.timestamp_millis()) { " (used before)" } else { "" };
        let at = clock.full(Some(row.at.timestamp_millis()));
        let ip = if row.ip.is_empty() { String::new() } else { format!("{}{used}", row.ip) };
        let parts = [row.app.as_str(), &row.client, &row.place, &ip];
        let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        details.push(format!("row: {at} {parts}"));
        details
    }
}

fn items(lockouts: &Lockouts, pictures: &[Picture]) -> Vec<Item> {
    let mut items = Vec::new();
    for (number, episode) in lockouts.episodes.iter().enumerate() {
        items.push(Item::Headline(number));
        items.extend((0..episode.certain.len()).map(|line| Item::Certain(number, line)));
        items.extend((0..episode.follows.len()).map(|line| Item::Follows(number, line)));
        items.extend((0..episode.explanations.len()).map(|line| Item::Rival(number, line)));
        items.extend(episode.who.as_ref().map(|_| Item::Who(number)));
        let columns = pictures.get(number).map_or(0, |shown| shown.columns.len());
        items.extend((0..columns).map(|column| Item::Try(number, column)));
    }
    items.extend((0..lockouts.checks.len()).map(Item::Check));
    items.extend((0..lockouts.gaps.len()).map(Item::Gap));
    let hidden =
        [(lockouts.undated, "rows without a time"), (lockouts.left_out, "older rows, because there are too many")];
    items.extend(hidden.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| Item::Hidden(count, what)));
    items
}

/// The mark of an explanation's verdict, in a word.
pub fn verdict_word(verdict: RivalVerdict) -> &'static str {
    match verdict {
        RivalVerdict::Fits => "fits",
        RivalVerdict::Strained => "hardly",
        RivalVerdict::Excluded => "ruled out",
    }
}

impl Model {
    /// The lockouts that are open, also where help lies over them.
    pub(super) fn lockouts(&self) -> Option<&LockoutPanel> {
        match self.overlay.as_ref()?.under_help()? {
            Overlay::Lockouts(panel) => Some(panel),
            _ => None,
        }
    }

    pub(super) fn open_lockouts(&mut self) {
        let Some(explained) = &self.why.explained else { return };
        let Some(lockouts) = &explained.lockouts else { return };
        let mut panel = LockoutPanel::new(Arc::clone(lockouts));
        if self.focus >= Pane::SignIns {
            panel.go_to_sign_in(&explained.explanation.sign_in.id);
        }
        self.users.list.pin();
        self.sign_ins.list.pin();
        self.overlay = Some(Overlay::Lockouts(Box::new(panel)));
    }

    /// Lets open lockouts follow the newest answer.
    pub(super) fn renew_lockouts(&mut self) {
        let Some(lockouts) = self.why.explained.as_ref().and_then(|found| found.lockouts.clone()) else { return };
        if let Some(Overlay::Lockouts(panel)) = &mut self.overlay {
            panel.renew(lockouts);
        }
    }

    pub(super) fn change_lockouts(&mut self, change: impl FnOnce(&mut LockoutPanel)) {
        if let Some(Overlay::Lockouts(panel)) = &mut self.overlay {
            change(panel);
        }
    }

    /// Goes to the sign-in of the try under the cursor.
    pub(super) fn open_row_of_lockouts(&mut self) {
        let Some(id) = self.lockouts().and_then(|panel| panel.attempt()).map(|row| row.id.clone()) else { return };
        match self.index.find_id(&id) {
            Some(row) => {
                self.overlay = None;
                self.go_to_row(row);
                self.focus = Pane::Why;
            }
            None => self.complain(format!("sign-in {id} is not in the evidence")),
        }
    }

    /// Copies the whole ledger as text.
    pub(super) fn copy_lockouts(&self) -> Vec<Effect> {
        let lockouts = self.lockouts().map(|panel| Arc::clone(&panel.lockouts));
        lockouts.map(|lockouts| Effect::CopyLockouts { lockouts }).into_iter().collect()
    }
}
