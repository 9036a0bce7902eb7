//! The screen: from a [`Model`] to the cells of a buffer.
//!
//! Invariant: drawing reads and never decides; it changes no state, does no input or output, and is total: every model can be
//! drawn at every size down to nothing. All text is cleaned on its way (`domain::visible`).

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;

use crate::app::Model;
use crate::app::history::Pane;

mod addresses;
mod chrome;
mod facts;
mod files;
mod lists;
mod lockouts;
mod overlay;
mod panel;
mod policies;
mod record;
pub mod svg;
pub mod text;
pub mod theme;
mod timeline;
mod what_if;
mod why;

use theme::Theme;

/// From this width on users, sign-ins and the explanation stand side by side.
pub const WIDE: u16 = 110;
/// From this width on all three of them have room enough while the explanation is read.
const ROOMY: u16 = 150;
/// From this width on two panes are shown at a time.
pub const MEDIUM: u16 = 60;
/// Below this size nothing useful can be shown.
pub const SMALLEST: (u16, u16) = (40, 10);
/// From this height on the crumbs have a line of their own.
const CRUMBS: u16 = 14;

/// Draws the whole screen.
///
/// ```text
/// wide (110 columns and more)                     middle (80x24)               narrow
/// ┌ header: case, counts, zone, progress ───────┐ ┌ header ─────────────────┐  ┌ header ──────┐
/// │ crumbs: users › name › sign-in › step       │ │ crumbs                  │  │ crumbs       │
/// ├─ Users ─┬─ Sign-ins ──────┬─ Why ───────────┤ ├─ Users ─┬─ Sign-ins ────┤  ├─ the pane ───┤
/// │ name  n │ time app status │ headline        │ │ or, one pane further in:│  │ with the     │
/// │ ...     │ ...             │ eight steps     │ │ Sign-ins above Why,     │  │ focus        │
/// │         │                 │ notes, gaps     │ │ then Why, then Record   │  │              │
/// ├─────────┴─────────────────┴─────────────────┤ ├─────────────────────────┤  ├──────────────┤
/// │ hints of this context, or a message         │ │ hints                   │  │ hints        │
/// └─────────────────────────────────────────────┘ └─────────────────────────┘  └──────────────┘
/// With the raw record open, a wide screen shows Why │ Record. Help, files, copy and pages lie over all of it.
/// ```
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return;
    }
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let words = format!("window too small: {}x{} of {}x{}", area.width, area.height, SMALLEST.0, SMALLEST.1);
        buffer.set_line(area.x, area.y, &Line::raw(text::cut(&words, area.width.into())), area.width);
        return;
    }
    let crumbs = u16::from(area.height >= CRUMBS);
    let rows = [Constraint::Length(1), Constraint::Length(crumbs), Constraint::Fill(1), Constraint::Length(1)];
    let [header, crumb_line, body, foot] = area.layout(&Layout::vertical(rows));
    chrome::draw_header(model, theme, header, buffer);
    if crumbs > 0 {
        chrome::draw_crumbs(model, theme, crumb_line, buffer);
    }
    draw_panes(model, theme, body, buffer);
    chrome::draw_foot(model, theme, foot, buffer);
    if let Some(panel) = &model.overlay {
        overlay::draw(panel, model, theme, body, buffer);
    }
}

fn draw_panes(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    for (pane, area) in arrangement(model.focus, area) {
        match (pane, &model.record) {
            (Pane::Users, _) => lists::draw_users(model, theme, area, buffer),
            (Pane::SignIns, _) => lists::draw_sign_ins(model, theme, area, buffer),
            (Pane::Record, Some(record)) => record::draw(record, model, theme, area, buffer),
            (Pane::Why | Pane::Record, _) => why::draw(model, theme, area, buffer),
        }
    }
}

/// Which panes are shown and where.
fn arrangement(focus: Pane, area: Rect) -> Vec<(Pane, Rect)> {
    let beside = |left: Constraint, right: Constraint| area.layout::<2>(&Layout::horizontal([left, right]));
    match (area.width, focus) {
        (WIDE.., Pane::Record) => {
            let [left, right] = beside(Constraint::Percentage(45), Constraint::Fill(1));
            vec![(Pane::Why, left), (Pane::Record, right)]
        }
        // The explanation is what is read; where room is scarce the users make way for it.
        (WIDE..ROOMY, Pane::Why) => {
            let [left, right] = beside(Constraint::Length(48), Constraint::Fill(1));
            vec![(Pane::SignIns, left), (Pane::Why, right)]
        }
        (WIDE.., _) => {
            let users = if area.width >= ROOMY { 26 } else { 24 };
            let parts = [Constraint::Length(users), Constraint::Fill(1), Constraint::Fill(1)];
            let [left, middle, right] = area.layout(&Layout::horizontal(parts));
            vec![(Pane::Users, left), (Pane::SignIns, middle), (Pane::Why, right)]
        }
        (MEDIUM.., Pane::Users) => {
            let [left, right] = beside(Constraint::Length(28), Constraint::Fill(1));
            vec![(Pane::Users, left), (Pane::SignIns, right)]
        }
        (MEDIUM.., Pane::SignIns) if area.height >= 16 => {
            let rows = [Constraint::Percentage(42), Constraint::Fill(1)];
            let [top, bottom] = area.layout(&Layout::vertical(rows));
            vec![(Pane::SignIns, top), (Pane::Why, bottom)]
        }
        (_, focus) => vec![(focus, area)],
    }
}

/// Draws the whole screen into a buffer of its own, for pictures and tests.
pub fn picture(model: &Model, theme: &Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, model.size.width, model.size.height));
    draw(model, theme, buffer.area, &mut buffer);
    buffer
}
