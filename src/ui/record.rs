//! Draws the raw record with the field under discussion lit.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Model;
use crate::app::history::Pane;
use crate::app::keymap::Context;
use crate::app::raw::RawLine;
use crate::app::record::RecordView;

use super::panel::{as_cursor, frame, list_title, put_lines, window_of};
use super::text::wrap;
use super::theme::{Role, Theme};

/// Draws the record: on top what is being looked at and where it stands, below it the JSON as it was written.
pub fn draw(record: &RecordView, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let is_focused = model.focus == Pane::Record;
    let title =
        list_title(&record.title, Context::Record, &record.query, record.matches.len(), record.lines.len(), model);
    let inner = frame(&title, record.line().map_or("", |line| &line.pointer), is_focused, theme, area, buffer);
    let head = head_lines(record, theme, inner.width.into());
    let head_height = u16::try_from(head.len()).unwrap_or(0).min(inner.height / 2);
    put_lines(&head, Rect { height: head_height, ..inner }, buffer);
    let body = Rect { y: inner.y + head_height, height: inner.height - head_height, ..inner };
    let cells = usize::from(body.width);
    let lines = window_of(record.cursor, record.lines.len(), body.height.into(), |number| {
        let Some(line) = record.lines.get(number) else { return Vec::new() };
        let lines = raw_lines(record, number, line, theme, cells);
        match number == record.cursor && is_focused && !record.is_lit(line) {
            true => lines.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor))).collect(),
            false => lines,
        }
    });
    put_lines(&lines, body, buffer);
}

fn head_lines(record: &RecordView, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    if let Some(evidence) = &record.lit {
        let pieces = [
            (format!("{}  ", evidence.label), theme.style(Role::Name)),
            (evidence.value.clone(), theme.style(Role::Strong)),
            (format!("  {}", evidence.pointer), theme.style(Role::Dim)),
        ];
        lines.extend(wrap(&pieces, cells, 2).into_iter().take(3));
    }
    if !record.also_in.is_empty() {
        let pieces =
            [("also in  ".to_owned(), theme.style(Role::Name)), (record.also_in.clone(), theme.style(Role::Dim))];
        lines.extend(wrap(&pieces, cells, 2).into_iter().take(2));
    }
    if lines.is_empty() {
        return lines;
    }
    lines.push(Line::styled(theme.sign("─", "-").repeat(cells), theme.style(Role::Frame)));
    lines
}

fn raw_lines(record: &RecordView, number: usize, line: &RawLine, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let is_match = record.matches.binary_search(&number).is_ok();
    let value = match (record.is_lit(line), is_match) {
        (true, _) => Role::Lit,
        (false, true) => Role::Match,
        (false, false) => Role::Text,
    };
    let name = if value == Role::Text { Role::Name } else { value };
    let indent = "  ".repeat(line.depth.min(cells / 6));
    let gutter = if number == record.cursor { theme.sign("▸", ">") } else { " " };
    let separator = if line.name.is_empty() { "" } else { ": " };
    let comma = if line.comma { "," } else { "" };
    let lead = format!("{gutter}{indent}");
    let hang = lead.chars().count() + 2;
    let pieces = [
        (lead, theme.style(Role::Text)),
        (line.name.clone(), theme.style(name)),
        (separator.to_owned(), theme.style(value)),
        (line.value.clone(), theme.style(value)),
        (comma.to_owned(), theme.style(Role::Dim)),
    ];
    wrap(&pieces, cells, hang)
}
