//! Draws the what-if: the inputs of the request at the left, what the policies make of it at the right (below on narrow screens).

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::keymap::Context;
use crate::app::what_if::{Flip, Input, WhatIfPanel};
use crate::domain::Verdict;
use crate::explain::access::Ending;
use crate::explain::outline::Mark;
use crate::explain::what_if::{PolicyVerdict, WhatIf};

use super::MEDIUM;
use super::panel::{as_cursor, overlay, put_lines, window, window_of, with_cursor};
use super::text::{fit, wrap};
use super::theme::{Role, Theme};

/// The room that inputs need beside the policies.
const INPUTS: u16 = 46;

/// Draws the panel over the panes.
pub fn draw(panel: &WhatIfPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let note = "enter changes  tab policies  esc closes";
    let inner = overlay("What if", note, (170, area.height), theme, area, buffer);
    let inputs = Input::ALL.len() as u16 + 1;
    let [left, right] = if inner.width >= INPUTS + MEDIUM - 6 {
        inner.layout(&Layout::horizontal([Constraint::Length(INPUTS), Constraint::Fill(1)]))
    } else {
        let most = inner.height / 2;
        inner.layout(&Layout::vertical([Constraint::Length(inputs.min(most)), Constraint::Fill(1)]))
    };
    draw_inputs(panel, model, theme, left, buffer);
    draw_policies(panel, theme, right, buffer);
}

fn draw_inputs(panel: &WhatIfPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let cells = usize::from(area.width);
    let typed = model.prompt.as_ref().filter(|prompt| prompt.target == Context::WhatIf);
    let lines: Vec<Line> = window(panel.cursor, Input::ALL.len(), area.height.into())
        .filter_map(|number| {
            let input = *Input::ALL.get(number)?;
            let is_here = number == panel.cursor && panel.policy.is_none();
            let value = match typed.filter(|_| is_here) {
                Some(prompt) => with_cursor(&prompt.text, prompt.cursor),
                None => panel.value(input),
            };
            let changed = panel.is_changed(input);
            let role = if changed { Role::Lit } else { Role::Text };
            let sign = if changed { theme.sign("●", "*") } else { " " };
            let line = Line::from(vec![
                Span::styled(format!("{sign} {}", fit(input.label(), 15)), theme.style(Role::Name)),
                Span::styled(fit(&value, cells.saturating_sub(18)), theme.style(role)),
            ]);
            Some(if is_here { as_cursor(line, cells, theme.style(Role::Cursor)) } else { line })
        })
        .collect();
    put_lines(&lines, area, buffer);
}

fn draw_policies(panel: &WhatIfPanel, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let cells = usize::from(area.width);
    // What the log says of the recorded request stands in the panes behind; here both are computed, to compare like with like.
    let mut head = vec![outcome("computed", &panel.before, theme, cells)];
    if panel.has_changes() {
        head.push(outcome("changed", &panel.after, theme, cells));
    }
    head.push(vec![Line::default()]);
    let head: Vec<Line<'static>> = head.into_iter().flatten().collect();
    put_lines(&head, area, buffer);
    let used = u16::try_from(head.len()).unwrap_or(u16::MAX).min(area.height);
    let rest = Rect { y: area.y + used, height: area.height - used, ..area };
    let flips = panel.flips();
    let cursor = panel.policy.unwrap_or(0);
    let shown = window_of(cursor, flips.len(), rest.height.into(), |at| {
        let Some(flip) = flips.get(at) else { return Vec::new() };
        let lines = policy(flip, theme, cells);
        match panel.policy == Some(at) {
            true => lines.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor))).collect(),
            false => lines,
        }
    });
    put_lines(&shown, rest, buffer);
}

/// How a request ends, and what is demanded.
fn outcome(name: &str, answer: &WhatIf, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mark = match answer.ending {
        Ending::Granted => Mark::Good,
        Ending::Blocked => Mark::Bad,
        Ending::Interrupted => Mark::Step,
        Ending::Unknown => Mark::Unknown,
    };
    let words = answer.ending_text();
    let required =
        if answer.required.is_empty() { String::new() } else { format!("  asks for {}", answer.required_text()) };
    let pieces = [
        (fit(name, 13), theme.style(Role::Strong)),
        (format!("{} {words}", theme.glyph(mark)), theme.style(Role::Mark(mark))),
        (required, theme.style(Role::Text)),
    ];
    wrap(&pieces, cells, 13)
}

/// A policy with its result, before and after where the two differ, and why it does not apply.
fn policy(flip: &Flip<'_>, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mark = mark(flip.after);
    let flipped = flip.is_flipped();
    let arrow = theme.sign("→", "->");
    let result = match flipped {
        true => format!("  {} {arrow} {}", words(flip.before), words(flip.after)),
        false => format!("  {}", words(flip.after)),
    };
    let pieces = [
        (format!("{} ", theme.glyph(mark)), theme.style(Role::Mark(mark))),
        (flip.after.display_name.clone(), theme.style(if flipped { Role::Lit } else { Role::Text })),
        (result, theme.style(if flipped { Role::Lit } else { Role::Dim })),
    ];
    let mut lines = wrap(&pieces, cells, 4);
    if !flip.after.miss.is_empty() {
        let why = flip.after.miss.clone();
        lines.extend(wrap(&[("    ".to_owned(), theme.style(Role::Dim)), (why, theme.style(Role::Dim))], cells, 4));
    }
    lines
}

fn mark(policy: &PolicyVerdict) -> Mark {
    match (policy.applies, policy.result.as_str()) {
        (Verdict::Yes, "failure" | "reportOnlyFailure") => Mark::Bad,
        (Verdict::Yes, "reportOnlyInterrupted") => Mark::Step,
        (Verdict::Yes, "unknown") => Mark::Unknown,
        (Verdict::Yes, _) => Mark::Good,
        (Verdict::No, _) => Mark::Idle,
        _ => Mark::Unknown,
    }
}

/// What came of a policy, in words.
fn words(policy: &PolicyVerdict) -> String {
    match (policy.applies, policy.result.as_str()) {
        (Verdict::Yes, "unknown") => "applies".to_owned(),
        (Verdict::Yes | Verdict::No, result) => result.to_owned(),
        _ => "undecided".to_owned(),
    }
}
