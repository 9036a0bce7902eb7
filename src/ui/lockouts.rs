//! Draws the lockouts of a user: on top the episode under the cursor with a lane for each counter and a column for each try, below the
//! list of what is certain, what follows, what would explain it, and the tries.
//!
//! ```text
//! ┌ Anneliese Müller: 1 episode ── threshold 5 ───────────┐
//! │ try                    1    2    3    4    5  ▼       │  the try under the cursor is lit
//! │ after                 0s   5s  11s  17s  22s          │
//! │!WEULR1 proved  5/5     1    2    ·    3    4    L     │  wrong passwords counted so far, and the lock
//! │ NEULR1 proved  2/5     ·    ·    1    ·    ·    ·     │
//! │ 2021-06-23 13:40:04: Locked after 7 wrong passwords…  │
//! └───────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::app::Model;
use crate::app::clock::Clock;
use crate::app::lockouts::{Item, LockoutPanel, verdict_word};
use crate::app::timeline::counted;
use crate::app::users;
use crate::domain::lockout::AttemptClass;
use crate::explain::explanation::RivalVerdict;
use crate::explain::lockout::lane::{Cell, Lane, Picture, letter};
use crate::explain::lockout::{Episode, Strength};
use crate::explain::outline::Mark;

use super::panel::{as_cursor, frame, put_lines, window, window_of};
use super::text::{fit, fit_right, wrap};
use super::theme::{Role, Theme};

/// The lane of the tries of which it is not known who answered them.
const UNKNOWN: &str = "  counter not known";

/// Draws the panel over the panes.
pub fn draw(panel: &LockoutPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    let view = View { panel, clock: &model.clock, theme, cells: 0, gutter: 0 };
    let inner = frame(&title(panel, model), &view.note(), true, theme, area, buffer);
    let cells = usize::from(inner.width);
    if cells == 0 || inner.height == 0 {
        return;
    }
    let gutter = match cells {
        110.. => 32,
        60.. => 24,
        _ => (cells / 2).saturating_sub(1),
    };
    let view = View { cells, gutter, ..view };
    let height = usize::from(inner.height);
    let head = view.picture((height / 2).saturating_sub(1));
    let used = u16::try_from(head.len()).unwrap_or(u16::MAX).min(inner.height);
    put_lines(&head, inner, buffer);
    let rest = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    put_lines(&view.list(rest.height.into()), rest, buffer);
}

fn title(panel: &LockoutPanel, model: &Model) -> String {
    let name = model.users.list.selected().and_then(|user| model.index.user(user)).map_or("nobody", users::name);
    format!("{name}: {}", counted(panel.lockouts.episodes.len(), "episode"))
}

struct View<'a> {
    panel: &'a LockoutPanel,
    clock: &'a Clock,
    theme: &'a Theme,
    cells: usize,
    gutter: usize,
}

impl View<'_> {
    fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The settings and the choices that are not the usual ones.
    fn note(&self) -> String {
        let lockouts = &self.panel.lockouts;
        let pattern = if lockouts.choices.by_pattern { "" } else { ", without the id pattern" };
        let resets = if lockouts.choices.success_resets { "" } else { ", successes reset nothing" };
        let zone = self.clock.label(lockouts.attempts.last().map(|row| row.at.timestamp_millis()));
        match lockouts.is_counted_here() {
            true => format!(
                "threshold {} ({}){pattern}{resets} {zone}",
                lockouts.threshold.value,
                lockouts.threshold.from()
            ),
            false if lockouts.home.is_some() => format!("a guest: counted at home {zone}"),
            false => format!("federated: no counter in Entra {zone}"),
        }
    }

    /// The lanes of the episode under the cursor, in at most so many lines.
    fn picture(&self, height: usize) -> Vec<Line<'static>> {
        let Some((_, episode, shown)) = self.panel.shown() else {
            return vec![Line::styled(" no wrong password and no lock is in these sign-ins", self.style(Role::Dim))];
        };
        let here = match self.panel.item() {
            Some(Item::Try(_, column)) => Some(column),
            _ => None,
        };
        let lock = episode.lock.and_then(|lock| shown.columns.iter().position(|number| *number == lock));
        let wide = shown.width;
        let room = self.cells.saturating_sub(self.gutter) / wide;
        let columns = window(here.or(lock).unwrap_or(0), shown.columns.len(), room.max(1));
        let row_of = |column: usize| self.panel.lockouts.attempt(*shown.columns.get(column)?);
        let start = row_of(0).map(|row| row.at);
        let mut lines = Vec::new();
        let numbers = columns.clone().map(|column| {
            let role = if here == Some(column) { Role::Cursor } else { Role::Strong };
            (fit_right(&(column + 1).to_string(), wide), role)
        });
        lines.push(self.line(" try", Role::Strong, numbers));
        let after = columns.clone().map(|column| {
            let words = row_of(column).zip(start).map(|(row, start)| after((row.at - start).num_seconds()));
            (fit_right(&words.unwrap_or_default(), wide), Role::Dim)
        });
        lines.push(self.line(" after", Role::Dim, after));
        let room = height.saturating_sub(4).max(1);
        // Of more lanes than there is room for, those are drawn that have something in the columns that are drawn.
        let is_crowded = shown.lanes.len() > room;
        let lanes: Vec<&Lane> =
            shown.lanes.iter().filter(|lane| !is_crowded || lane.tries_within(&columns) > 0).collect();
        let lane_here = here
            .and_then(|column| lanes.iter().position(|lane| !matches!(lane.at(column), Cell::Empty | Cell::Locked)));
        for lane in window(lane_here.unwrap_or(0), lanes.len(), room) {
            let Some(lane) = lanes.get(lane) else { continue };
            lines.push(self.lane(episode, lane, columns.clone(), here, wide));
        }
        if shown.addresses.len() > 1 {
            let letters = columns.clone().map(|column| {
                let letter = row_of(column).map(|row| letter(shown, &row.ip)).unwrap_or(' ');
                (fit_right(&letter.to_string(), wide), Role::Name)
            });
            lines.push(self.line(" from", Role::Name, letters));
        }
        lines.extend(self.legend(episode, shown));
        lines.truncate(height.max(3));
        lines
    }

    fn line(&self, head: &str, role: Role, cells: impl Iterator<Item = (String, Role)>) -> Line<'static> {
        let mut spans = vec![Span::styled(fit(head, self.gutter), self.style(role))];
        spans.extend(cells.map(|(text, role)| Span::styled(text, self.style(role))));
        Line::from(spans)
    }

    fn lane(
        &self,
        episode: &Episode,
        lane: &Lane,
        columns: std::ops::Range<usize>,
        here: Option<usize>,
        wide: usize,
    ) -> Line<'static> {
        let threshold = self.panel.lockouts.threshold.value;
        let counter = lane.counter.and_then(|number| episode.counters.get(number));
        let is_tripped = lane.counter.is_some() && lane.counter == episode.tripped;
        let head = match counter {
            Some(counter) if counter.is_unknown() => {
                let failures = counter.failures.to_string();
                // The words are cut before the number is: a number that is cut would be another one.
                let room = self.gutter.saturating_sub(failures.len() + 2).min(UNKNOWN.len());
                format!("{} {failures}", fit(UNKNOWN, room))
            }
            Some(counter) => {
                let mark = if is_tripped { "!" } else { " " };
                let strength = if counter.strength == Strength::Proved { "proved" } else { "pattern" };
                let region = counter.region.filter(|_| self.gutter > 30).map(|region| format!(" {region}"));
                let name = format!("{mark} {}{}", counter.label, region.unwrap_or_default());
                let tail = match counter.strength {
                    Strength::Proved => format!("{strength} {}/{threshold} ", counter.failures),
                    // One process need not be one counter.
                    _ => format!("{strength} {} ", counter.failures),
                };
                let room = self.gutter.saturating_sub(tail.len() + 1);
                format!("{} {tail}", fit(&name, room))
            }
            None => "  no counter".to_owned(),
        };
        let cells = columns.map(|column| {
            let cell = lane.at(column);
            let before = column.checked_sub(1).map(|before| lane.at(before));
            let is_locked = matches!(before, Some(Cell::Lock | Cell::Locked));
            let bar = self.theme.sign("═", "=");
            let (text, role) = match cell {
                Cell::Empty => (self.theme.sign("·", ".").to_owned(), Role::Dim),
                Cell::Locked => (bar.repeat(wide), Role::Mark(Mark::Bad)),
                Cell::Lock if is_locked => (format!("{}L", bar.repeat(wide.saturating_sub(1))), Role::Mark(Mark::Bad)),
                Cell::Lock => ("L".to_owned(), Role::Mark(Mark::Bad)),
                Cell::Count(count) if count > threshold => (count.to_string(), Role::Mark(Mark::Unknown)),
                Cell::Count(count) => (count.to_string(), Role::Text),
                Cell::Block => ("B".to_owned(), Role::Mark(Mark::Unknown)),
                Cell::Pass => ("ok".to_owned(), Role::Mark(Mark::Good)),
            };
            let is_lit = here == Some(column) && !matches!(cell, Cell::Empty | Cell::Locked);
            (fit_right(&text, wide), if is_lit { Role::Cursor } else { role })
        });
        self.line(&head, if is_tripped { Role::Strong } else { Role::Text }, cells)
    }

    /// The signs that are there, with their words, and the addresses with their letters.
    fn legend(&self, episode: &Episode, shown: &Picture) -> Vec<Line<'static>> {
        let signs = [
            ("1 2 3 wrong passwords so far", shown.has(|cell| matches!(cell, Cell::Count(_)))),
            ("L met the lock", shown.has(|cell| cell == Cell::Lock)),
            ("B address blocked", shown.has(|cell| cell == Cell::Block)),
            ("ok password accepted", shown.has(|cell| cell == Cell::Pass)),
            ("! locked, if each place counts for itself", episode.tripped.is_some()),
        ];
        let mut words: Vec<String> =
            signs.into_iter().filter(|(_, is_there)| *is_there).map(|(words, _)| words.to_owned()).collect();
        let bar = self.theme.sign("═", "=");
        if shown.has(|cell| cell == Cell::Locked) {
            words.push(format!("{bar} locked"));
        }
        if shown.addresses.len() > 1 {
            words.extend(shown.addresses.iter().take(4).map(|ip| format!("{} {ip}", letter(shown, ip))));
        }
        let mut lines = wrap(&[(format!(" {}", words.join("  ")), self.style(Role::Dim))], self.cells, 1);
        lines.truncate(2);
        lines
    }

    /// The list, as much of it as fits, with the cursor in the middle.
    fn list(&self, height: usize) -> Vec<Line<'static>> {
        let panel = self.panel;
        window_of(panel.cursor, panel.items.len(), height, |number| {
            let Some(item) = panel.items.get(number).copied() else { return Vec::new() };
            let mut lines = Vec::new();
            let before =
                number.checked_sub(1).and_then(|before| panel.items.get(before)).and_then(|item| item.heading());
            if let Some(heading) = item.heading().filter(|heading| Some(*heading) != before) {
                lines.push(Line::styled(format!(" {heading}"), self.style(Role::Strong)));
            }
            let own = self.item(item);
            if number == panel.cursor {
                let style = self.style(Role::Cursor);
                lines.extend(own.into_iter().map(|line| as_cursor(line, self.cells, style)));
                let room = height.saturating_sub(lines.len() + 2).max(1);
                let details = panel.details(self.clock).into_iter();
                let details =
                    details.flat_map(|text| wrap(&[(format!("     {text}"), self.style(Role::Name))], self.cells, 7));
                lines.extend(details.take(room));
            } else {
                lines.extend(own);
            }
            lines
        })
    }

    fn item(&self, item: Item) -> Vec<Line<'static>> {
        let words = self.panel.words(item, self.clock);
        let text = |role: Role| (words.clone(), self.style(role));
        let dash = |role: Role| (" - ".to_owned(), self.style(role));
        match item {
            Item::Headline(_) => wrap(&[(" ".to_owned(), self.style(Role::Text)), text(Role::Headline)], self.cells, 3),
            Item::Rival(episode, number) => {
                let rival = self.panel.lockouts.episodes.get(episode).and_then(|found| found.explanations.get(number));
                let Some(rival) = rival else { return Vec::new() };
                let mark = match rival.verdict {
                    RivalVerdict::Fits => Mark::Good,
                    RivalVerdict::Strained => Mark::Unknown,
                    RivalVerdict::Excluded => Mark::Idle,
                };
                let head = format!(" {} {:<9}  ", self.theme.glyph(mark), verdict_word(rival.verdict));
                let role = if rival.verdict == RivalVerdict::Excluded { Role::Dim } else { Role::Text };
                let code = (format!("  {}", rival.code), self.style(Role::Dim));
                wrap(&[(head, self.style(Role::Mark(mark))), text(role), code], self.cells, 14)
            }
            Item::Try(episode, column) => {
                let class = self.panel.attempt_at(episode, column).map(|(_, row)| row.class).unwrap_or_default();
                let mark = match class {
                    AttemptClass::Pass => Mark::Good,
                    AttemptClass::Lock | AttemptClass::LockUnknown | AttemptClass::IpBlock => Mark::Bad,
                    AttemptClass::BadPassword | AttemptClass::Neutral => Mark::Step,
                };
                let head = format!(" {:>3} {} ", column + 1, self.theme.glyph(mark));
                wrap(&[(head, self.style(Role::Mark(mark))), text(Role::Text)], self.cells, 7)
            }
            Item::Check(number) => {
                let code = self.panel.lockouts.checks.get(number).map_or("", |check| check.code.as_str());
                wrap(&[dash(Role::Dim), text(Role::Text), (format!("  {code}"), self.style(Role::Dim))], self.cells, 3)
            }
            Item::Gap(number) => {
                let code = self.panel.lockouts.gaps.get(number).map_or("", |gap| gap.code.as_str());
                let mark = (format!(" {} ", self.theme.glyph(Mark::Unknown)), self.style(Role::Mark(Mark::Unknown)));
                wrap(&[mark, text(Role::Text), (format!("  {code}"), self.style(Role::Dim))], self.cells, 3)
            }
            Item::Certain(..) | Item::Follows(..) | Item::Who(_) | Item::Hidden(..) => {
                wrap(&[dash(Role::Dim), text(Role::Text)], self.cells, 3)
            }
        }
    }
}

fn after(seconds: i64) -> String {
    match seconds {
        ..1_000 => format!("{seconds}s"),
        1_000..36_000 => format!("{}m", seconds / 60),
        _ => format!("{}h", seconds / 3_600),
    }
}
