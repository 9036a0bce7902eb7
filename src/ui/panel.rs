//! Defines what all panes share: the frame with its title, the window around a cursor, and the cursor line.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Widget};

use crate::app::Model;
use crate::app::keymap::Context;

use super::text::{cut, width};
use super::theme::{Role, Theme};

/// Draws a frame with a title and hands back the room inside. The frame of the focus is bold and its title is reversed.
pub fn frame(title: &str, note: &str, is_focused: bool, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Rect {
    let style = theme.style(if is_focused { Role::Focus } else { Role::Frame });
    let set = if theme.is_ascii { ASCII } else { border::PLAIN };
    let block = Block::bordered().border_set(set).border_style(style);
    let inner = block.inner(area);
    block.render(area, buffer);
    let room = usize::from(area.width).saturating_sub(4);
    let title = cut(title, room);
    let left = room.saturating_sub(width(&title) + 2);
    let title_style =
        if is_focused { theme.style(Role::Focus).patch(theme.style(Role::Cursor)) } else { theme.style(Role::Text) };
    let mut spans = vec![Span::styled(format!(" {title} "), title_style)];
    if !note.is_empty() && left > 4 {
        spans.push(Span::styled(format!(" {} ", cut(note, left.saturating_sub(2))), theme.style(Role::Dim)));
    }
    if area.height > 0 {
        buffer.set_line(area.x + 1, area.y, &Line::from(spans), area.width.saturating_sub(2));
    }
    inner
}

const ASCII: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

/// Draws an empty box in the middle of the screen and hands back the room inside.
pub fn overlay(title: &str, note: &str, wanted: (u16, u16), theme: &Theme, area: Rect, buffer: &mut Buffer) -> Rect {
    let size = (wanted.0.min(area.width.saturating_sub(2)), wanted.1.min(area.height.saturating_sub(2)));
    let x = area.x + (area.width - size.0) / 2;
    let y = area.y + (area.height - size.1) / 2;
    let place = Rect::new(x, y, size.0, size.1).intersection(area);
    Clear.render(place, buffer);
    frame(title, note, true, theme, place, buffer)
}

/// A pane's title with its filter and counts; the filter shows a cursor while it is typed.
pub fn list_title(name: &str, context: Context, query: &str, shown: usize, total: usize, model: &Model) -> String {
    match &model.prompt {
        Some(prompt) if prompt.target == context => {
            format!("{name} /{} {shown}/{total}", with_cursor(&prompt.text, prompt.cursor))
        }
        _ if !query.is_empty() => format!("{name} /{query} {shown}/{total}"),
        _ => name.to_owned(),
    }
}

/// The text of a prompt with a bar where the cursor is.
pub fn with_cursor(text: &str, cursor: usize) -> String {
    let before: String = text.chars().take(cursor).collect();
    let after: String = text.chars().skip(cursor).collect();
    format!("{before}▏{after}")
}

/// The numbers of the lines to show: `height` of `count`, with the cursor in the middle as far as the ends allow.
pub fn window(cursor: usize, count: usize, height: usize) -> std::ops::Range<usize> {
    let start = cursor.saturating_sub(height / 2).min(count.saturating_sub(height));
    start..count.min(start.saturating_add(height))
}

/// Lines of items that take several lines each, as many as fit, with the cursor's item in the middle as far as the ends
/// allow. Only items that are seen are asked for their lines.
pub fn window_of<'a>(
    cursor: usize,
    count: usize,
    height: usize,
    mut lines_of: impl FnMut(usize) -> Vec<Line<'a>>,
) -> Vec<Line<'a>> {
    if cursor >= count || height == 0 {
        return Vec::new();
    }
    let mut lines = std::collections::VecDeque::from(lines_of(cursor));
    let own = lines.len().min(height);
    let mut above = 0;
    for item in (0..cursor).rev() {
        if above >= height {
            break;
        }
        let before = lines_of(item);
        above += before.len();
        before.into_iter().rev().for_each(|line| lines.push_front(line));
    }
    for item in cursor + 1..count {
        if lines.len() >= above + own + height {
            break;
        }
        lines.extend(lines_of(item));
    }
    let start = above.saturating_sub((height - own) / 2).min(lines.len().saturating_sub(height));
    lines.into_iter().skip(start).take(height).collect()
}

/// Draws lines from the top of a room.
pub fn put_lines(lines: &[Line<'_>], area: Rect, buffer: &mut Buffer) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// Makes a line the cursor line: one look from edge to edge, whatever its parts looked like.
pub fn as_cursor(line: Line<'_>, cells: usize, style: Style) -> Line<'static> {
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    Line::styled(super::text::fit(&text, cells), style)
}

/// What an empty pane says instead of lines.
pub fn put_note(text: &str, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = super::text::wrap(&[(text.to_owned(), theme.style(Role::Dim))], area.width.into(), 0);
    put_lines(&lines, area, buffer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_holds_the_cursor_and_is_full_when_it_can_be() {
        for count in 0..12 {
            for height in 0..8 {
                for cursor in 0..count {
                    let range = window(cursor, count, height);
                    assert_eq!(range.len(), height.min(count));
                    assert!(height == 0 || range.contains(&cursor));
                }
            }
        }
    }

    #[test]
    fn items_of_several_lines_keep_the_cursor_in_sight_and_fill_the_window() {
        for heights in [vec![1, 1, 1, 1, 1, 1], vec![3, 1, 2, 5, 1, 1], vec![1, 9, 1], vec![2]] {
            for height in 1..10 {
                for cursor in 0..heights.len() {
                    let lines_of =
                        |item: usize| (0..heights[item]).map(|n| Line::from(format!("{item}.{n}"))).collect();
                    let shown: Vec<String> =
                        window_of(cursor, heights.len(), height, lines_of).iter().map(Line::to_string).collect();
                    let all: Vec<String> =
                        (0..heights.len()).flat_map(|i| (0..heights[i]).map(move |n| format!("{i}.{n}"))).collect();
                    assert_eq!(shown.len(), height.min(all.len()), "{heights:?} {height} {cursor}: {shown:?}");
                    assert!(shown.contains(&format!("{cursor}.0")), "{heights:?} {height} {cursor}: {shown:?}");
                    let own: usize = heights[cursor];
                    assert!(own > height || shown.contains(&format!("{cursor}.{}", own - 1)), "{shown:?}");
                    assert!(all.windows(shown.len()).any(|part| part == shown.as_slice()), "in order, without holes");
                }
            }
        }
    }
}
