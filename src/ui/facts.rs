//! Draws what the operator says: a row a fact, with its value, where it was said, and what it means.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::facts::{FactLine, SaidIn, fact_lines};
use crate::app::keymap::Context;

use super::panel::{as_cursor, overlay, put_lines, window_of, with_cursor};
use super::text::{fit, width, wrap};
use super::theme::{Role, Theme};

/// The columns of names and values, and what is needed for a column of meanings beside them.
const NAMES: usize = 26;
const VALUES: usize = 16;
const MEANINGS: usize = 110;

/// Draws the panel over the panes.
pub fn draw(cursor: usize, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = fact_lines(model);
    let wanted = (140.min(area.width.saturating_sub(2)), area.height);
    let cells = usize::from(wanted.0.saturating_sub(2));
    let row = |at: usize| -> Vec<Line<'static>> {
        let Some(line) = lines.get(at) else { return Vec::new() };
        let typed = model.prompt.as_ref().filter(|prompt| at == cursor && prompt.target == Context::Facts);
        let typed = typed.map(|prompt| with_cursor(&prompt.text, prompt.cursor));
        let drawn = fact(line, typed, theme, cells);
        match at == cursor {
            true => drawn.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor))).collect(),
            false => drawn,
        }
    };
    let height: usize = (0..lines.len()).map(|at| row(at).len()).sum();
    let height = u16::try_from(height).unwrap_or(u16::MAX).saturating_add(2);
    let note = "enter changes  r takes back  esc closes; changes stay";
    let inner = overlay("Facts", note, (wanted.0, height), theme, area, buffer);
    put_lines(&window_of(cursor, lines.len(), inner.height.into(), row), inner, buffer);
}

/// A fact in a line where there is room for its meaning, else in two.
fn fact(line: &FactLine<'_>, typed: Option<String>, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let is_here = line.said == SaidIn::Here;
    let sign = if is_here { theme.sign("●", "*") } else { " " };
    let value_role = match (&line.value, is_here) {
        (_, true) => Role::Lit,
        (Some(_), false) => Role::Text,
        (None, false) => Role::Dim,
    };
    let value = typed.unwrap_or_else(|| line.value.clone().unwrap_or_else(|| "not said".to_owned()));
    let style = |role| theme.style(role);
    let mut pieces: Vec<(String, Style)> = vec![
        (format!("{sign} {} ", fit(line.fact.name, NAMES)), style(Role::Name)),
        (format!("{} ", fit(&value, VALUES)), style(value_role)),
    ];
    let said = match line.said {
        SaidIn::Nowhere => String::new(),
        SaidIn::Flag => "--fact".to_owned(),
        SaidIn::File(path) => format!("file {}", path.rsplit(['/', '\\', '!']).next().unwrap_or(path)),
        SaidIn::Here => "said here".to_owned(),
    };
    let mut meaning = line.fact.meaning.to_owned();
    match line.fact.values {
        [] => {}
        values => meaning.push_str(&format!(": {}", values.join(", "))),
    }
    if cells >= MEANINGS {
        pieces.push((format!("{} ", fit(&said, VALUES)), style(Role::Dim)));
        let used: usize = pieces.iter().map(|(text, _)| width(text)).sum();
        let head: Vec<Span<'static>> = pieces.into_iter().map(|(text, style)| Span::styled(text, style)).collect();
        let beside = wrap(&[(meaning, style(Role::Text))], cells.saturating_sub(used), 0);
        let place = |(at, rest): (usize, Line<'static>)| {
            let mut spans = if at == 0 { head.clone() } else { vec![Span::raw(" ".repeat(used))] };
            spans.extend(rest.spans);
            Line::from(spans)
        };
        return beside.into_iter().enumerate().map(place).collect();
    }
    pieces.push((said, style(Role::Dim)));
    let mut lines = wrap(&pieces, cells, 4);
    lines.extend(wrap(&[("    ".to_owned(), style(Role::Dim)), (meaning, style(Role::Dim))], cells, 4));
    lines
}
