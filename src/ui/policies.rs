//! Draws the list of policies of an explanation: what each did, and why not.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::Model;
use crate::app::keymap::Context;
use crate::app::policies::{PolicyPanel, policy_lines};
use crate::explain::explanation::{Agreement, PolicyAnswer, PolicyPart};
use crate::explain::outline::{Mark, miss, policy_mark, result_words};

use super::panel::{as_cursor, list_title, overlay, put_lines, put_note, window_of};
use super::text::wrap;
use super::theme::{Role, Theme};

/// Draws the list over the panes.
pub fn draw(panel: &PolicyPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = policy_lines(model, panel);
    let total = model.why.explained.as_ref().map_or(0, |explained| explained.explanation.policies.len());
    let name = format!("Policies {total}");
    let title = list_title(&name, Context::Policies, &panel.query, lines.len(), total, model);
    let inner = overlay(&title, "enter shows  / searches  esc closes", (120, area.height), theme, area, buffer);
    if lines.is_empty() {
        return put_note("No policy matches.", theme, inner, buffer);
    }
    let cells = usize::from(inner.width);
    let shown = window_of(panel.cursor, lines.len(), inner.height.into(), |at| {
        let Some((_, answer)) = lines.get(at) else { return Vec::new() };
        let before = at.checked_sub(1).and_then(|before| lines.get(before)).map(|(_, answer)| answer.part);
        let is_first = before != Some(answer.part);
        let mut drawn = Vec::new();
        if is_first {
            drawn.push(Line::styled(format!(" {}", answer.part.label()), theme.style(Role::Strong)));
        }
        let own = policy(answer, theme, cells);
        match at == panel.cursor {
            true => drawn.extend(own.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor)))),
            false => drawn.extend(own),
        }
        drawn
    });
    put_lines(&shown, inner, buffer);
}

/// A policy: its name and result, and below why it did not match, or what it demands.
fn policy(answer: &PolicyAnswer, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mark = policy_mark(answer.part);
    let differs = answer.agreement == Agreement::Differs;
    let result =
        (format!("  {}", result_words(answer)), theme.style(if differs { Role::Mark(Mark::Bad) } else { Role::Dim }));
    let head = [
        (format!("  {} ", theme.glyph(mark)), theme.style(Role::Mark(mark))),
        (answer.display_name.clone(), theme.style(Role::Text)),
        result,
    ];
    let mut lines = wrap(&head, cells, 4);
    let mut line = |words: &str, text: &str| {
        let pieces = [(format!("      {words}"), theme.style(Role::Dim)), (text.to_owned(), theme.style(Role::Name))];
        lines.extend(wrap(&pieces, cells, 6));
    };
    // Only of a policy that did not match is what did not match the reason; of one that acted, its demand comes first.
    let missed = miss(answer);
    let acted = !matches!(answer.part, PolicyPart::NotMatched | PolicyPart::Undecided);
    if (acted || missed.is_none()) && !answer.demand.is_empty() {
        line("", &answer.demand);
    }
    match missed {
        Some(("did not match", why)) => line("", why),
        Some((words, why)) => line(&format!("{words}: "), why),
        None => {}
    }
    if let Some(version) = &answer.version {
        let told = std::iter::once(format!("in force: {}", version.text));
        let since = version.differences.iter().map(|line| format!("since: {line}"));
        for words in told.chain(since) {
            lines.extend(wrap(&[(format!("      {words}"), theme.style(Role::Dim))], cells, 6));
        }
    }
    if let Some(difference) = answer.difference.filter(|_| differs) {
        let words = format!("      differs: {}", difference.label());
        lines.extend(wrap(&[(words, theme.style(Role::Mark(Mark::Bad)))], cells, 6));
    }
    lines
}
