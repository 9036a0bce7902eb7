//! Draws the explanation: the headline, who decided, the eight steps with their folds, and what stands beside them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::history::Pane;
use crate::app::why::Why;
use crate::domain::visible::clean;
use crate::explain::explanation::StepKind;
use crate::explain::outline::{Node, NodeKind};

use super::panel::{as_cursor, frame, put_lines, put_note, window_of};
use super::text::{fit, fit_right, width, wrap};
use super::theme::{Role, Theme};

/// Draws the explanation of the selected sign-in. While it is awaited, the one before stays, dimmed.
pub fn draw(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let why = &model.why;
    let is_focused = model.focus == Pane::Why;
    let step = why.walk.and_then(|line| why.nodes().get(line));
    let title = step.map_or_else(|| "Why".to_owned(), |step| format!("Why: {}", numbered(step)));
    let note = if why.walk.is_some() { "n p walk, esc ends" } else { "" };
    let inner = frame(&title, note, is_focused, theme, area, buffer);
    if let Some(reason) = &why.failure {
        return put_note(&format!("This sign-in could not be explained: {reason}"), theme, inner, buffer);
    }
    if why.nodes().is_empty() {
        let note =
            if why.is_waiting { "Reading the record ..." } else { "Select a sign-in to see why it ended as it did." };
        return put_note(note, theme, inner, buffer);
    }
    let cells = usize::from(inner.width);
    let visible = why.visible();
    let cursor = visible.iter().position(|line| *line == why.cursor).unwrap_or(0);
    let lines = window_of(cursor, visible.len(), inner.height.into(), |number| {
        let Some((line, node)) = visible.get(number).and_then(|line| Some((*line, why.nodes().get(*line)?))) else {
            return Vec::new();
        };
        let lines = node_lines(why, line, node, theme, cells);
        let dim = theme.style(Role::Dim);
        match (line == why.cursor, why.is_current()) {
            (_, false) => lines.into_iter().map(|line| Line::styled(line.to_string(), dim)).collect(),
            (true, true) if is_focused => under_cursor(lines, cells, theme),
            _ => lines,
        }
    });
    put_lines(&lines, inner, buffer);
}

/// The cursor lies on the lines of its item, not on the blank line that sets a heading off.
fn under_cursor(lines: Vec<Line<'static>>, cells: usize, theme: &Theme) -> Vec<Line<'static>> {
    let is_blank = |line: &Line| line.width() == 0;
    lines
        .into_iter()
        .map(|line| if is_blank(&line) { line } else { as_cursor(line, cells, theme.style(Role::Cursor)) })
        .collect()
}

/// A step's number and name.
fn numbered(node: &Node) -> String {
    match node.kind {
        NodeKind::Step(kind) => {
            let number = StepKind::ALL.iter().position(|step| *step == kind).map_or(0, |at| at + 1);
            format!("{number} {}", node.name)
        }
        _ => node.name.clone(),
    }
}

/// The lines of a node.
fn node_lines(why: &Why, line: usize, node: &Node, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let style = |role| theme.style(role);
    let mark = style(Role::Mark(node.mark));
    let text = if why.is_lit(line) { style(Role::Lit) } else { text_style(node, theme) };
    let aside = if node.aside.is_empty() { String::new() } else { format!("  {}", node.aside) };
    let leads = if node.leads_to.is_some() { theme.sign(" ↗", " ->") } else { "" };
    let leads = (leads.to_owned(), style(Role::Key));
    match node.kind {
        NodeKind::Headline => {
            let mut code = vec![(format!("{} {}", theme.glyph(node.mark), node.name), mark)];
            code.push((aside, style(Role::Dim)));
            let mut lines = if node.name.is_empty() { Vec::new() } else { wrap(&code, cells, 2) };
            lines.extend(wrap(&[(node.text.clone(), text)], cells, 0));
            lines
        }
        NodeKind::Section => {
            let mut lines = vec![Line::default()];
            let title = [node.name.as_str(), node.text.as_str()].into_iter().filter(|part| !part.is_empty());
            let fold = fold_sign(why, line, theme);
            let pieces =
                [(fold, style(Role::Dim)), (title.collect::<Vec<_>>().join(": "), text), (aside, style(Role::Dim))];
            lines.extend(wrap(&pieces, cells, 2));
            lines
        }
        NodeKind::Step(_) => step_lines(node, &fold_sign(why, line, theme), (mark, text), leads, theme, cells),
        _ => {
            let indent = "  ".repeat(node.depth.saturating_sub(usize::from(cells < 40)));
            let lead = format!("{indent}{}", fold_sign(why, line, theme));
            let glyph = format!("{} ", theme.glyph(node.mark));
            let name = if node.text.is_empty() { named(node).trim_end().to_owned() } else { named(node) };
            // The names of policies are long, and so are the reasons behind them.
            let is_short = node.kind != NodeKind::Policy && width(&name) * 2 < cells;
            let hang = width(&lead) + 2 + if is_short { width(&name) } else { 2 };
            let pieces = [
                (lead, style(Role::Dim)),
                (glyph, mark),
                (name, style(Role::Name)),
                (node.text.clone(), text),
                (aside, style(Role::Dim)),
                leads,
            ];
            wrap(&pieces, cells, hang)
        }
    }
}

/// A step: its name, its verdict at the right edge, and its text between them where it fits, else below.
fn step_lines(
    node: &Node,
    fold: &str,
    (mark, text): (Style, Style),
    leads: (String, Style),
    theme: &Theme,
    cells: usize,
) -> Vec<Line<'static>> {
    let name = format!("{fold}{} {}", theme.glyph(node.mark), fit(&numbered(node), 22));
    let said = clean(&node.text).into_owned();
    let verdict = width(&clean(&node.aside)) + 1;
    let room = cells.saturating_sub(width(&name) + width(&leads.0) + verdict);
    if width(&said) < room {
        let aside = fit_right(&node.aside, room - width(&said) + verdict);
        return vec![Line::from(vec![
            Span::styled(name, mark),
            Span::styled(said, text),
            Span::styled(leads.0, leads.1),
            Span::styled(aside, mark),
        ])];
    }
    let name = name.trim_end().to_owned();
    let aside = fit_right(&node.aside, cells.saturating_sub(width(&name)));
    let head = Line::from(vec![Span::styled(name, mark), Span::styled(aside, mark)]);
    let below = [("      ".to_owned(), text), (said, text), leads];
    std::iter::once(head).chain(wrap(&below, cells, 6)).collect()
}

/// The name of a node, filled up so that the texts of siblings stand below each other.
fn named(node: &Node) -> String {
    let column = match node.kind {
        NodeKind::Condition => 16,
        NodeKind::Evidence | NodeKind::Row => 12,
        _ => 0,
    };
    let name = numbered(node);
    match (name.is_empty(), width(&clean(&name)) < column) {
        (true, _) => String::new(),
        (false, true) => fit(&name, column),
        (false, false) => format!("{name}  "),
    }
}

fn fold_sign(why: &Why, line: usize, theme: &Theme) -> String {
    let sign = match (why.has_below(line), why.is_folded(line)) {
        (false, _) => " ",
        (true, true) => theme.sign("▸", ">"),
        (true, false) => theme.sign("▾", "v"),
    };
    format!("{sign} ")
}

fn text_style(node: &Node, theme: &Theme) -> Style {
    theme.style(match node.kind {
        NodeKind::Headline => Role::Headline,
        NodeKind::Section | NodeKind::Policy => Role::Strong,
        _ => Role::Text,
    })
}
