//! Draws the address collisions of the tenant: a list of them, on a wide screen at the left and else on top, and beside or below it the one
//! under its cursor, whole.
//!
//! ```text
//! ┌ Address collisions /marsh 2/7 ── 1 of 2  UTC ─────────┐
//! │▸✗ t.marsh@fabrikam.com   SMTP  refused by Exchange …  │  the collisions
//! │ → marsh@contoso.com      UPN   to come                │
//! │───────────────────────────────────────────────────────│
//! │ “t.marsh@fabrikam.com” belongs to the guest …         │  the one under the cursor: who holds it, who wants it,
//! │ Who holds it                                          │  what happened, the plan, the sources
//! └───────────────────────────────────────────────────────┘
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use crate::app::Model;
use crate::app::addresses::{AddressPanel, Item};
use crate::app::clock::Clock;
use crate::app::keymap::Context;
use crate::explain::addresses::{Collision, PlanStep, State};
use crate::explain::outline::Mark;

use super::panel::{as_cursor, frame, list_title, put_lines, window, window_of};
use super::text::{cut, fit, wrap};
use super::theme::{Role, Theme};

/// From this width on the list stands at the left.
const BESIDE: u16 = 100;
/// The cells of the list at the left.
const LIST: u16 = 42;
/// The cells of a kind of value.
const KIND: usize = 6;
/// From this width on a line of the list has room for what came of the collision.
const STATES: usize = 72;
/// The cells of that.
const STATE: usize = 38;

/// Draws the panel over the panes.
pub fn draw(panel: &AddressPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    Clear.render(area, buffer);
    let list = &panel.list;
    let title = list_title("Address collisions", Context::Addresses, &list.query, list.items.len(), list.total, model);
    let view = View { panel, clock: &model.clock, theme };
    let inner = frame(&title, &view.note(), true, theme, area, buffer);
    if list.items.is_empty() {
        return put_lines(&view.told(inner), inner, buffer);
    }
    // A list of one is not worth a column.
    let is_column = inner.width >= BESIDE && list.total > 1;
    let (head, told) = if is_column {
        let head = Rect { width: LIST, ..inner };
        let bar = Line::styled(theme.sign("│", "|"), view.style(Role::Frame));
        put_lines(&vec![bar; inner.height.into()], Rect { x: head.right(), width: 1, ..inner }, buffer);
        (head, Rect { x: head.right() + 1, width: inner.width - LIST - 1, ..inner })
    } else {
        let lines = u16::try_from(list.items.len()).unwrap_or(u16::MAX).min(inner.height / 3);
        let head = Rect { height: lines, ..inner };
        let line = theme.sign("─", "-").repeat(inner.width.into());
        let rule = Rect { y: head.bottom(), height: inner.height.min(1), ..inner };
        put_lines(&[Line::styled(line, view.style(Role::Frame))], rule, buffer);
        (head, Rect { y: rule.bottom(), height: inner.height - head.height - rule.height, ..inner })
    };
    put_lines(&view.list(head, is_column), head, buffer);
    put_lines(&view.told(told), told, buffer);
}

struct View<'a> {
    panel: &'a AddressPanel,
    clock: &'a Clock,
    theme: &'a Theme,
}

impl View<'_> {
    fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// Which collision is told, and the zone of its times.
    fn note(&self) -> String {
        let list = &self.panel.list;
        let last = self.panel.collision().and_then(|found| found.chain.last());
        let zone = self.clock.label(last.map(|moment| moment.at.timestamp_millis()));
        match list.items.len() {
            0 => zone,
            count => format!("{} of {count}  {zone}", list.position() + 1),
        }
    }

    /// The collisions, each in a line, or in two of a narrow column.
    fn list(&self, area: Rect, is_column: bool) -> Vec<Line<'static>> {
        let list = &self.panel.list;
        let cells = usize::from(area.width);
        let here = list.position();
        let found = |at: usize| self.panel.addresses.collisions.get(*list.items.get(at)?);
        if !is_column {
            let rows = window(here, list.items.len(), area.height.into());
            return rows.filter_map(|at| Some(self.row(found(at)?, at == here, cells))).collect();
        }
        window_of(here, list.items.len(), area.height.into(), |at| {
            let Some(collision) = found(at) else { return Vec::new() };
            let words = format!("    {}, {}", collision.namespace.word(), state(collision));
            vec![self.head(collision, at == here, cells), Line::styled(cut(&words, cells), self.style(Role::Dim))]
        })
    }

    /// The sign and the value of a collision.
    fn head(&self, collision: &Collision, is_here: bool, cells: usize) -> Line<'static> {
        let gutter = if is_here { self.theme.sign("▸", ">") } else { " " };
        let mark = mark(collision);
        let value = self.style(if is_here { Role::Resting } else { Role::Text });
        Line::from(vec![
            Span::styled(gutter, self.style(Role::Strong)),
            Span::styled(format!("{} ", self.theme.glyph(mark)), self.style(Role::Mark(mark))),
            Span::styled(fit(&collision.value, cells.saturating_sub(3)), value),
        ])
    }

    /// A collision in one line.
    fn row(&self, collision: &Collision, is_here: bool, cells: usize) -> Line<'static> {
        let states = if cells >= STATES { STATE } else { 0 };
        let mut line = self.head(collision, is_here, cells.saturating_sub(KIND + states + 1));
        line.push_span(Span::styled(format!(" {}", fit(collision.namespace.word(), KIND)), self.style(Role::Dim)));
        line.push_span(Span::styled(cut(&state(collision), states), self.style(Role::Text)));
        line
    }

    /// What is told, as much of it as fits, with the cursor in the middle.
    fn told(&self, area: Rect) -> Vec<Line<'static>> {
        let panel = self.panel;
        let (cells, height) = (usize::from(area.width), usize::from(area.height));
        window_of(panel.cursor, panel.items.len(), height, |number| {
            let Some(item) = panel.items.get(number).copied() else { return Vec::new() };
            let mut lines = Vec::new();
            let before = number.checked_sub(1).and_then(|before| panel.items.get(before));
            let before = before.and_then(|item| panel.heading(*item));
            if let Some(heading) = panel.heading(item).filter(|heading| Some(*heading) != before) {
                lines.push(Line::styled(cut(&format!(" {heading}"), cells), self.style(Role::Strong)));
            }
            let step = match item {
                Item::Step(step) => panel.collision().and_then(|found| Some((found, step, found.plan.get(step)?))),
                _ => None,
            };
            if let Some(way) = step.and_then(|(found, step, _)| found.way_words(step)) {
                lines.extend(wrap(
                    &[(format!("  {} {way}", self.theme.sign("—", "--")), self.style(Role::Strong))],
                    cells,
                    4,
                ));
            }
            let own = self.item(item, cells);
            if number == panel.cursor {
                lines.extend(own.into_iter().map(|line| as_cursor(line, cells, self.style(Role::Cursor))));
                let details = panel.details().into_iter();
                lines.extend(
                    details.flat_map(|text| wrap(&[(format!("     {text}"), self.style(Role::Name))], cells, 7)),
                );
            } else {
                lines.extend(own);
            }
            lines.extend(step.into_iter().flat_map(|(_, _, step)| self.commands(step, cells)));
            lines
        })
    }

    fn item(&self, item: Item, cells: usize) -> Vec<Line<'static>> {
        let words = self.panel.words(item, self.clock);
        let text = |role: Role| (words.clone(), self.style(role));
        let marked = |mark: Mark| (format!("   {} ", self.theme.glyph(mark)), self.style(Role::Mark(mark)));
        let dash = (" - ".to_owned(), self.style(Role::Dim));
        match item {
            Item::Headline => {
                let basis = self.panel.collision().map(|found| format!(" ({})", found.basis.word()));
                let basis = (basis.unwrap_or_default(), self.style(Role::Dim));
                wrap(&[(" ".to_owned(), self.style(Role::Text)), text(Role::Headline), basis], cells, 3)
            }
            Item::HolderError(_) | Item::ClaimantError(..) => wrap(&[marked(Mark::Bad), text(Role::Text)], cells, 5),
            Item::Step(_) => wrap(&[("  ".to_owned(), self.style(Role::Text)), text(Role::Text)], cells, 5),
            Item::Source(_) => wrap(&[dash, text(Role::Dim)], cells, 3),
            Item::Holder | Item::Claimant(_) | Item::Note(_) | Item::Moment(_) | Item::Summary | Item::Beside(..) => {
                wrap(&[dash, text(Role::Text)], cells, 3)
            }
        }
    }

    /// The commands of a step and what it costs, below its text.
    fn commands(&self, step: &PlanStep, cells: usize) -> Vec<Line<'static>> {
        let beside = [
            ("", &step.command, Role::Name),
            ("retired: ", &step.retired, Role::Dim),
            ("! ", &step.warning, Role::Mark(Mark::Unknown)),
        ];
        let beside = beside.into_iter().filter(|(_, words, _)| !words.is_empty());
        beside
            .flat_map(|(head, words, role)| wrap(&[(format!("     {head}{words}"), self.style(role))], cells, 7))
            .collect()
    }
}

/// What came of a collision, and whether others may be in it.
fn state(collision: &Collision) -> String {
    let whole = if collision.is_complete { "" } else { ", incomplete" };
    format!("{}{whole}", collision.state_words())
}

fn mark(collision: &Collision) -> Mark {
    match collision.state {
        _ if collision.is_stale => Mark::Idle,
        State::Refused | State::Quarantined => Mark::Bad,
        State::Stripped | State::Predicted => Mark::Step,
        State::Held => Mark::Unknown,
    }
}
