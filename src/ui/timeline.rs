//! Draws the sessions of a user over time: an axis, a lane for each session with its marks and the window in which it lives, and below
//! a list of what happened.
//!
//! ```text
//! ┌ Ana: 2 sessions, 1 prompt ───────────────────────────┐
//! │ asked next 06-25 06:10, session 3 ...                │
//! │            06-21     06-22     06-23     06-24       │
//! │            ──┬─────────┬────▼────┬─────────┬──────   │  ▼ the line under the cursor
//! │>1 Edge 24h  P══════════════u╌╌╌╌╌╌╌x                 │  lives, and lasts until it runs out unless it is used
//! │   end moved, o to ]        [........o>>>>>]          │  how the use under the cursor moved the end
//! │ 06-22 02:05 u 1 used, not asked: the end moved ...   │
//! └──────────────────────────────────────────────────────┘
//! ```
//!
//! Every sign is a letter of its own, so nothing needs a colour.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::app::Model;
use crate::app::clock::Clock;
use crate::app::lane::{Band, Lane, Sign};
use crate::app::scale::{DAY, Scale};
use crate::app::timeline::{Item, TimelinePanel, counted, rules_in_words};
use crate::app::users;
use crate::explain::outline::Mark;
use crate::explain::session::{HappeningKind, in_words};

use super::panel::{as_cursor, frame, put_lines, window, window_of};
use super::text::{cut, fit, fit_right, width, wrap};
use super::theme::{Role, Theme};

/// The cells of a letter or a line, with their looks.
type Cells = Vec<(&'static str, Role)>;

/// Draws the panel over the panes.
pub fn draw(panel: &TimelinePanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    let until = panel.ledger.until.map(|at| at.timestamp_millis());
    let zone = model.clock.label(until);
    let ends = until.map(|at| format!("log ends {} ", model.clock.minute(Some(at)))).unwrap_or_default();
    let inner = frame(&title(panel, model), &format!("{ends}{zone}"), true, theme, area, buffer);
    let cells = usize::from(inner.width);
    if cells == 0 || inner.height == 0 {
        return;
    }
    let gutter = match cells {
        110.. => 36,
        60.. => 23,
        _ => (cells / 3).max(5).min(cells.saturating_sub(1)),
    };
    let view = View {
        panel,
        clock: &model.clock,
        theme,
        cells,
        gutter,
        scale: Scale::new(panel.sight, cells.saturating_sub(gutter)),
    };
    let height = usize::from(inner.height);
    let mut head: Vec<Line<'static>> = Vec::new();
    if height >= 12 {
        head.extend(view.next().into_iter().take(2));
    }
    if let Some(replayed) = &panel.replayed {
        head.extend(view.replay(&replayed.words).into_iter().take(if height >= 12 { 4 } else { 1 }));
    }
    head.extend(view.axis(height >= 12));
    let legend = if height >= 14 { view.legend() } else { Vec::new() };
    let room = height.saturating_sub(head.len() + legend.len());
    let beside = if room >= 8 { view.lanes_beside() } else { Vec::new() };
    let wanted = panel.lanes.len() + 1;
    let most = (room / 2).saturating_sub(beside.len()).max(1);
    let mut lines = head;
    lines.extend(view.lanes(wanted.min(most)));
    lines.extend(beside);
    lines.extend(legend);
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(inner.height);
    put_lines(&lines, inner, buffer);
    let rest = Rect { y: inner.y + used, height: inner.height - used, ..inner };
    put_lines(&view.list(rest.height.into()), rest, buffer);
}

fn title(panel: &TimelinePanel, model: &Model) -> String {
    let ledger = &panel.ledger;
    let name = model.users.list.selected().and_then(|user| model.index.user(user)).map_or("nobody", users::name);
    format!("{name}: {}, {}", counted(ledger.sessions.len(), "session"), counted(ledger.prompts.len(), "prompt"))
}

struct View<'a> {
    panel: &'a TimelinePanel,
    clock: &'a Clock,
    theme: &'a Theme,
    cells: usize,
    gutter: usize,
    scale: Scale,
}

impl View<'_> {
    fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// When the user is asked next.
    fn next(&self) -> Vec<Line<'static>> {
        let ledger = &self.panel.ledger;
        let pieces = match &ledger.next {
            Some(next) => {
                let (before, at, after) = next.in_words();
                let at = self.clock.minute(Some(at.timestamp_millis()));
                let after = if after.is_empty() { after } else { format!(" {after}") };
                let words = format!("{after}, in session {} ({}, {})", next.session + 1, next.code, next.basis.word());
                vec![
                    (format!(" asked next {before} "), self.style(Role::Text)),
                    (at, self.style(Role::Strong)),
                    (words, self.style(Role::Text)),
                ]
            }
            None => vec![(" asked next: the log does not tell when".to_owned(), self.style(Role::Text))],
        };
        wrap(&pieces, self.cells, 1)
    }

    /// What other rules would change.
    fn replay(&self, words: &str) -> Vec<Line<'static>> {
        let rules = format!(" what if: {}", rules_in_words(self.panel.change));
        let mut lines = wrap(&[(rules, self.style(Role::Name))], self.cells, 10);
        lines.extend(wrap(&[(format!("   {words}"), self.style(Role::Strong))], self.cells, 3));
        lines
    }

    /// The axis: labels, dates above times where hours are told apart, and the ruler with the cursor.
    fn axis(&self, is_roomy: bool) -> Vec<Line<'static>> {
        let sight = self.panel.sight;
        let written = |at: i64, form: &str| self.clock.written(Some(at), form);
        let has_years = written(sight.from(), "%Y") != written(sight.until(), "%Y");
        let date = if has_years { "%Y-%m-%d" } else { "%m-%d" };
        let label = |step: i64| match step {
            DAY.. if has_years => 10,
            ..60_000 => 8,
            _ => 5,
        };
        let (step, ticks) = self.scale.ticks(label, |at| self.clock.offset(at));
        let time = if step < 60_000 { "%H:%M:%S" } else { "%H:%M" };
        let mut lines = Vec::new();
        if step < DAY && is_roomy {
            // The first day is named at the edge, every other where it begins.
            let mut days = vec![(0, written(sight.from(), date))];
            for tick in ticks.iter().filter(|tick| written(**tick, "%H:%M:%S") == "00:00:00") {
                days.extend(self.scale.column(*tick).map(|column| (column, written(*tick, date))));
            }
            if days.get(1).is_some_and(|(column, _)| *column < width(&days[0].1) + 1) {
                days.remove(0);
            }
            lines.push(self.labels(&days, Role::Strong));
        }
        let form = if step < DAY { time } else { date };
        let labels = ticks.iter().filter_map(|tick| Some((self.scale.column(*tick)?, written(*tick, form))));
        lines.push(self.labels(&labels.collect::<Vec<_>>(), Role::Dim));
        lines.push(self.ruler(&ticks));
        lines
    }

    /// Labels that begin at their columns; one that would run into the label before it or over the edge is left out or moved.
    fn labels(&self, labels: &[(usize, String)], role: Role) -> Line<'static> {
        let mut text = String::new();
        let mut used = 0;
        for (column, label) in labels {
            let column = (*column).min(self.scale.cells().saturating_sub(width(label)));
            if (used == 0 || column > used) && column + width(label) <= self.scale.cells() {
                text.push_str(&" ".repeat(column.saturating_sub(used)));
                text.push_str(label);
                used = column + width(label);
            }
        }
        Line::from(vec![Span::raw(" ".repeat(self.gutter)), Span::styled(text, self.style(role))])
    }

    fn ruler(&self, ticks: &[i64]) -> Line<'static> {
        let mut cells: Cells = vec![(self.theme.sign("─", "-"), Role::Dim); self.scale.cells()];
        for tick in ticks {
            self.put(&mut cells, *tick, (self.theme.sign("┬", "+"), Role::Dim));
        }
        if let Some(at) = self.panel.at(self.panel.item()) {
            let sight = self.panel.sight;
            let sign = match () {
                () if at < sight.from() => "<",
                () if at > sight.until() => ">",
                () => self.theme.sign("▼", "V"),
            };
            if let Some(cell) = cells.get_mut(self.scale.nearest(at)) {
                *cell = (sign, Role::Key);
            }
        }
        let at = self.panel.at(self.panel.item());
        let at = if self.gutter < 16 {
            at.map(|at| self.clock.minute(Some(at)))
        } else {
            at.map(|at| self.clock.short(Some(at)))
        };
        let at = at.unwrap_or_default();
        self.lane_line(vec![Span::styled(fit_right(&format!("{at} "), self.gutter), self.style(Role::Key))], cells)
    }

    fn put(&self, cells: &mut Cells, at: i64, sign: (&'static str, Role)) {
        if let Some(cell) = self.scale.column(at).and_then(|column| cells.get_mut(column)) {
            *cell = sign;
        }
    }

    fn lane_line(&self, head: Vec<Span<'static>>, cells: Cells) -> Line<'static> {
        let mut spans = head;
        for run in cells.chunk_by(|one, other| one.1 == other.1) {
            let text: String = run.iter().map(|(sign, _)| *sign).collect();
            spans.push(Span::styled(text, run.first().map_or(Style::new(), |(_, role)| self.style(*role))));
        }
        Line::from(spans)
    }

    /// The lanes that fit, with that of the cursor among them, and below it how the line under the cursor moved its end.
    fn lanes(&self, height: usize) -> Vec<Line<'static>> {
        let panel = self.panel;
        if panel.lanes.is_empty() {
            return vec![Line::styled(" no session is in the log", self.style(Role::Dim))];
        }
        let here = panel.session(panel.item());
        let moved = here.and_then(|_| self.moved()).filter(|_| height >= 2);
        let lanes = if moved.is_some() { height - 1 } else { height };
        let mut shown = Vec::new();
        let range = window(here.unwrap_or(0), panel.lanes.len(), lanes);
        let (first, end) = (range.start, range.end);
        for number in range {
            let Some(lane) = panel.lanes.get(number) else { continue };
            let is_cut = number == first && first > 0 || number + 1 == end && end < panel.lanes.len();
            shown.push(self.lane(number, lane, here == Some(number), is_cut));
            if here == Some(number) {
                shown.extend(moved.clone());
            }
        }
        shown
    }

    fn lane(&self, number: usize, lane: &Lane, is_here: bool, is_cut: bool) -> Line<'static> {
        let panel = self.panel;
        let ledger = &panel.ledger;
        let end_of_log = ledger.until.and_then(|until| self.scale.column(until.timestamp_millis()));
        let mut cells: Cells = (0..self.scale.cells())
            .map(|column| {
                let (from, end) = self.scale.instants(column);
                match (lane.sign(from, end), lane.band(from, end)) {
                    (Some(sign), _) => (sign.letter(), role_of(sign)),
                    (None, _) if end_of_log == Some(column) => (Sign::EndOfLog.letter(), Role::Strong),
                    (None, _) if lane.runs_out(from, end) => ("F", Role::Mark(Mark::Step)),
                    (None, Band::Lives) => (self.theme.sign("═", "="), Role::Mark(Mark::Good)),
                    (None, Band::Lasts) => (self.theme.sign("╌", "-"), Role::Text),
                    (None, Band::Nothing) => (" ", Role::Text),
                }
            })
            .collect();
        let next = ledger.next.as_ref().filter(|next| next.session == number);
        if let Some(next) = next {
            self.put(&mut cells, next.at.timestamp_millis(), (Sign::Next.letter(), role_of(Sign::Next)));
        }
        if let Some(at) = panel.at(panel.item()).filter(|_| is_here)
            && let Some(cell) = self.scale.column(at).and_then(|column| cells.get_mut(column))
            && cell.0 != " "
        {
            cell.1 = Role::Cursor;
        }
        let words = ledger.sessions.get(number).map_or("", |session| session.seat.words.as_str());
        let limit = match lane.limit {
            Some(limit) if lane.assuming.is_empty() => short(&in_words(limit)),
            Some(limit) => format!("{}?", short(&in_words(limit))),
            None => String::new(),
        };
        let sign = match (is_here, is_cut) {
            (true, _) => self.theme.sign("▸", ">"),
            (false, true) => self.theme.sign("…", "~"),
            (false, false) => " ",
        };
        let digits = width(&panel.lanes.len().to_string());
        let room = self.gutter.saturating_sub(digits + 3);
        let name = fit(words, room.saturating_sub(width(&limit) + 1));
        let head = format!("{sign}{} {name} {limit} ", fit_right(&(number + 1).to_string(), digits));
        let role = if is_here { Role::Strong } else { Role::Text };
        self.lane_line(vec![Span::styled(fit(&head, self.gutter), self.style(role))], cells)
    }

    /// The window that the line under the cursor opened: from it by the end until then to the new one.
    fn moved(&self) -> Option<Line<'static>> {
        let moved = self.panel.moved(self.panel.item())?;
        let mut cells: Cells = (0..self.scale.cells())
            .map(|column| {
                let (from, end) = self.scale.instants(column);
                let is_old = moved.from.is_none_or(|old| from < old);
                match end > moved.at && from < moved.to {
                    true if is_old => (self.theme.sign("·", "."), Role::Dim),
                    true => (">", Role::Mark(Mark::Step)),
                    false => (" ", Role::Text),
                }
            })
            .collect();
        if let Some(old) = moved.from.filter(|old| *old > moved.at) {
            self.put(&mut cells, old, ("o", Role::Text));
        }
        self.put(&mut cells, moved.to, ("]", Role::Key));
        self.put(&mut cells, moved.at, ("[", Role::Key));
        let label = if moved.from.is_some() { "end moved, o to ]" } else { "end set, ]" };
        let head = fit_right(&format!("{label} "), self.gutter);
        Some(self.lane_line(vec![Span::styled(head, self.style(Role::Dim))], cells))
    }

    /// The lanes of what is no session: password, revocations and policies; requests of a trace; prompts under other rules.
    fn lanes_beside(&self) -> Vec<Line<'static>> {
        let ledger = &self.panel.ledger;
        let mut lines = Vec::new();
        for (name, is_trace) in [("password, policy", false), ("browser trace", true)] {
            let happenings = ledger.happenings.iter().filter(|it| (it.kind == HappeningKind::Trace) == is_trace);
            let mut cells: Cells = vec![(" ", Role::Text); self.scale.cells()];
            let mut is_there = false;
            for happening in happenings {
                let sign = match happening.kind {
                    HappeningKind::Password => Sign::Password,
                    HappeningKind::Revocation => Sign::Revoked,
                    HappeningKind::Policy => Sign::Policy,
                    HappeningKind::Trace => Sign::Request,
                };
                is_there = true;
                self.put(&mut cells, happening.at.timestamp_millis(), (sign.letter(), role_of(sign)));
            }
            if is_there {
                lines.push(self.lane_line(vec![Span::raw(fit(&format!("   {name}"), self.gutter))], cells));
            }
        }
        if let Some(replayed) = self.panel.replayed.as_ref().filter(|replayed| !replayed.after.is_empty()) {
            let mut cells: Cells = vec![(" ", Role::Text); self.scale.cells()];
            for at in &replayed.after {
                self.put(&mut cells, at.timestamp_millis(), (Sign::Asked.letter(), Role::Strong));
            }
            lines.push(self.lane_line(vec![Span::raw(fit("   prompts, what if", self.gutter))], cells));
        }
        lines
    }

    /// The signs that are there, with their words.
    fn legend(&self) -> Vec<Line<'static>> {
        let panel = self.panel;
        let has = |kind: HappeningKind| panel.ledger.happenings.iter().any(|happening| happening.kind == kind);
        let bears = |sign: Sign| panel.lanes.iter().any(|lane| lane.has(sign));
        let all = (i64::MIN, i64::MAX);
        let has_other = panel.lanes.iter().any(|lane| lane.runs_out(all.0, all.1));
        let alive = [(self.theme.sign("═", "="), "alive"), (self.theme.sign("╌", "-"), "alive if used in time")];
        let signs = [
            (Sign::Asked, true),
            (Sign::Used, true),
            (Sign::Renewed, bears(Sign::Renewed)),
            (Sign::Refused, bears(Sign::Refused)),
            (Sign::Ended, bears(Sign::Ended)),
            (Sign::Password, has(HappeningKind::Password)),
            (Sign::Revoked, has(HappeningKind::Revocation)),
            (Sign::Policy, has(HappeningKind::Policy)),
            (Sign::Request, has(HappeningKind::Trace)),
            (Sign::Next, panel.ledger.next.is_some()),
            (Sign::EndOfLog, panel.ledger.until.is_some()),
        ];
        let signs = signs.into_iter().filter(|(_, is_there)| *is_there).map(|(sign, _)| (sign.letter(), sign.label()));
        let other = has_other.then_some(("F", "another clock runs out"));
        let mut pieces = Vec::new();
        for (sign, words) in alive.into_iter().chain(signs).chain(other) {
            // A sign and its words stay together on a line.
            let words = words.replace(' ', "\u{a0}");
            pieces.push((" ".to_owned(), self.style(Role::Dim)));
            pieces.push((format!("{sign}\u{a0}{words} "), self.style(Role::Dim)));
        }
        let mut lines = wrap(&pieces, self.cells, 1);
        lines.truncate(2);
        for span in lines.iter_mut().flat_map(|line| &mut line.spans) {
            span.content = span.content.replace('\u{a0}', " ").into();
        }
        lines
    }

    /// The list of what happened, as much of it as fits, with the cursor in the middle.
    fn list(&self, height: usize) -> Vec<Line<'static>> {
        let panel = self.panel;
        window_of(panel.cursor, panel.items.len(), height, |number| {
            let Some(item) = panel.items.get(number) else { return Vec::new() };
            let mut lines = Vec::new();
            let section = section(item);
            let before = number.checked_sub(1).and_then(|before| panel.items.get(before)).and_then(self::section);
            if let Some(heading) = section.filter(|_| section != before) {
                lines.push(Line::styled(format!(" {heading}"), self.style(Role::Strong)));
            }
            let own = self.item(item);
            match number == panel.cursor {
                true => {
                    let style = self.style(Role::Cursor);
                    lines.extend(own.into_iter().map(|line| as_cursor(line, self.cells, style)));
                    // What is under the cursor is told in full, as far as that leaves room for its neighbours.
                    let room = height.saturating_sub(lines.len() + 2).max(1);
                    let details = panel.details(self.clock).into_iter();
                    let details = details
                        .flat_map(|text| wrap(&[(format!("     {}", text), self.style(Role::Name))], self.cells, 7));
                    lines.extend(details.take(room));
                }
                false => lines.extend(own),
            }
            lines
        })
    }

    fn item(&self, item: &Item) -> Vec<Line<'static>> {
        let panel = self.panel;
        let (words, code) = panel.words(item, self.clock);
        let code = if code.is_empty() { String::new() } else { format!("  {code}") };
        let Some(sign) = panel.sign(item) else {
            let mark = match item {
                Item::Trap(_) => ("! ", Role::Mark(Mark::Bad)),
                Item::Gap(_) => ("? ", Role::Mark(Mark::Unknown)),
                _ => ("- ", Role::Dim),
            };
            let pieces = [
                (format!("  {}", mark.0), self.style(mark.1)),
                (words, self.style(Role::Text)),
                (code, self.style(Role::Dim)),
            ];
            return wrap(&pieces, self.cells, 4);
        };
        let at = panel.at(Some(item));
        let has_years =
            self.clock.written(Some(panel.whole.from()), "%Y") != self.clock.written(Some(panel.whole.until()), "%Y");
        let at = match (has_years, self.cells) {
            (true, _) => self.clock.written(at, "%Y-%m-%d %H:%M"),
            (false, 100..) => self.clock.short(at),
            (false, _) => self.clock.minute(at),
        };
        let digits = width(&panel.lanes.len().to_string());
        let session = panel.session(Some(item)).map(|session| (session + 1).to_string()).unwrap_or_default();
        let text = if sign == Sign::Renewed { Role::Dim } else { Role::Text };
        let head = format!(" {at} ");
        let session = fit_right(&session, digits);
        let hang = width(&head) + digits + 3;
        let pieces = [
            (head, self.style(text)),
            (format!("{} ", sign.letter()), self.style(role_of(sign))),
            (format!("{session} "), self.style(Role::Dim)),
            (words, self.style(text)),
            (code, self.style(Role::Dim)),
        ];
        wrap(&pieces, self.cells, hang)
    }
}

/// The heading that an item stands under; nothing for what has its time.
fn section(item: &Item) -> Option<&'static str> {
    match item {
        Item::Trap(_) => Some("What commonly misleads"),
        Item::Gap(_) => Some("What is missing"),
        Item::Hidden(..) => Some("What is not shown"),
        _ => None,
    }
}

fn role_of(sign: Sign) -> Role {
    match sign {
        Sign::Asked | Sign::Next => Role::Mark(Mark::Handed),
        Sign::Ended | Sign::Refused | Sign::Revoked => Role::Mark(Mark::Bad),
        Sign::Used => Role::Mark(Mark::Step),
        Sign::Renewed => Role::Text,
        Sign::Password | Sign::Policy => Role::Mark(Mark::Unknown),
        Sign::Request => Role::Name,
        Sign::EndOfLog => Role::Strong,
    }
}

/// A duration without its blanks.
fn short(words: &str) -> String {
    cut(&words.replace(' ', ""), 7)
}
