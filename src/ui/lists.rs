//! Draws the users and the sign-ins. Only rows that are seen are formatted.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::finder;
use crate::app::history::Pane;
use crate::app::keymap::Context;
use crate::app::sign_ins::{RowWords, ending, row_words};
use crate::app::users;
use crate::domain::sign_in::EventKind;
use crate::domain::visible::clean;
use crate::explain::outline::Mark;
use crate::store::index::{Counted, RowId, UserKey};
use crate::store::inventory::FileKind;

use super::panel::{as_cursor, frame, list_title, put_lines, put_note, window};
use super::text::{cut, fit, fit_right, thousands, width};
use super::theme::{Role, Theme};

/// Draws the users: a name, the principal name where there is room, how many sign-ins and how many of them failed.
pub fn draw_users(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let list = &model.users.list;
    let title = list_title("Users", Context::Users, &list.query, list.items.len(), list.total, model);
    let note = if list.query.is_empty() && model.prompt.is_none() { list.total.to_string() } else { String::new() };
    let is_focused = model.focus == Pane::Users;
    let inner = frame(&title, &note, is_focused, theme, area, buffer);
    if list.items.is_empty() {
        return put_note(&no_users(model), theme, inner, buffer);
    }
    let cursor = list.position();
    let lines: Vec<Line> = window(cursor, list.items.len(), inner.height.into())
        .filter_map(|number| {
            let line = user_line(model, *list.items.get(number)?, theme, inner.width.into(), number == cursor);
            Some(cursor_line(line, number == cursor, is_focused, theme, inner.width.into()))
        })
        .collect();
    put_lines(&lines, inner, buffer);
}

fn no_users(model: &Model) -> String {
    match (model.users.list.query.is_empty(), model.is_loaded) {
        (false, true) => format!("No user matches `{}`.", model.users.list.query),
        (false, false) => format!("No user matches `{}` so far; the log is still being read.", model.users.list.query),
        (true, false) => "Reading the log ...".to_owned(),
        (true, true) if model.inventory.files.iter().all(|file| file.kind == FileKind::Unknown) => {
            "No file was understood; f shows why.".to_owned()
        }
        (true, true) => "No sign-in was read; f shows the files.".to_owned(),
    }
}

fn user_line(model: &Model, key: UserKey, theme: &Theme, cells: usize, is_cursor: bool) -> Line<'static> {
    let Some(user) = model.index.user(key) else { return Line::default() };
    let failures = if user.failures > 0 { format!("!{}", thousands(user.failures as u64)) } else { String::new() };
    let count = thousands(user.sign_ins as u64);
    let service = if user.who.is_service { " app" } else { "" };
    let right = 2 + width(&count).max(3) + 1 + width(&failures).max(3);
    let room = cells.saturating_sub(1 + right + service.len());
    let name = users::name(user);
    let principal = &user.who.principal_name;
    let name_cells = if room >= 46 && !principal.is_empty() { 22 } else { room };
    let gutter = if is_cursor { theme.sign("▸", ">") } else { " " };
    let mut spans = vec![Span::raw(gutter)];
    spans.extend(matched(name, &model.users.list.query, name_cells, theme.style(Role::Text), theme));
    if name_cells < room {
        spans.push(Span::raw(" "));
        spans.extend(matched(principal, &model.users.list.query, room - name_cells - 1, theme.style(Role::Dim), theme));
    }
    spans.push(Span::styled(service, theme.style(Role::Dim)));
    spans.push(Span::raw(format!("  {}", fit_right(&count, width(&count).max(3)))));
    spans.push(Span::styled(
        format!(" {}", fit(&failures, width(&failures).max(3))),
        theme.style(Role::Mark(Mark::Bad)),
    ));
    Line::from(spans)
}

/// A text cut and filled to its cells, with what the query matches lit.
fn matched(text: &str, query: &str, cells: usize, style: Style, theme: &Theme) -> Vec<Span<'static>> {
    let text = clean(text);
    let short = cut(&text, cells);
    let mut spans = Vec::new();
    let mut at = 0;
    for range in finder::ranges(query, &text) {
        let (Some(before), Some(lit)) = (short.get(at..range.start), short.get(range.clone())) else { break };
        spans.push(Span::styled(before.to_owned(), style));
        spans.push(Span::styled(lit.to_owned(), style.patch(theme.style(Role::Match))));
        at = range.end;
    }
    spans.push(Span::styled(short.get(at..).unwrap_or("").to_owned(), style));
    spans.push(Span::raw(" ".repeat(cells.saturating_sub(width(&short)))));
    spans
}

/// Draws the sign-ins of the selected user, newest first. A bracket at the left joins rows of one attempt.
pub fn draw_sign_ins(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let list = &model.sign_ins.list;
    let user = model.sign_ins.user.and_then(|user| model.index.user(user));
    let name = user.map_or_else(|| "Sign-ins".to_owned(), |user| format!("Sign-ins: {}", clean(users::name(user))));
    let title = list_title(&name, Context::SignIns, &list.query, list.items.len(), list.total, model);
    let is_plain = list.query.is_empty() && model.context() != Context::Prompt;
    let note = if is_plain && list.total > 0 {
        format!("{} of {}", list.position() + 1, thousands(list.total as u64))
    } else {
        String::new()
    };
    let is_focused = model.focus == Pane::SignIns;
    let inner = frame(&title, &note, is_focused, theme, area, buffer);
    if list.items.is_empty() {
        return put_note(&no_sign_ins(model), theme, inner, buffer);
    }
    let columns = Columns::for_width(inner.width.into());
    let zone = model.clock.label(list.selected().and_then(|row| model.index.row(row)?.time));
    let head = columns.line(&heads(&zone), [Style::new(); COLUMNS]).patch_style(theme.style(Role::Dim));
    put_lines(&[head], inner, buffer);
    let body = Rect { y: inner.y.saturating_add(1), height: inner.height.saturating_sub(1), ..inner };
    let cursor = list.position();
    let lines: Vec<Line> = window(cursor, list.items.len(), body.height.into())
        .filter_map(|number| {
            let line = sign_in_line(model, number, theme, &columns)?;
            Some(cursor_line(line, number == cursor, is_focused, theme, body.width.into()))
        })
        .collect();
    put_lines(&lines, body, buffer);
}

fn no_sign_ins(model: &Model) -> String {
    match (model.sign_ins.list.query.is_empty(), model.sign_ins.user, model.is_loaded) {
        (false, ..) => format!("No sign-in matches `{}`; esc clears the filter.", model.sign_ins.list.query),
        (true, Some(_), _) => "No sign-ins.".to_owned(),
        (true, None, false) => "Reading the log ...".to_owned(),
        (true, None, true) => "No user is selected.".to_owned(),
    }
}

const COLUMNS: usize = 8;
/// The cells of `06-21 02:30`.
const TO_THE_MINUTE: usize = 11;
/// The cells of `06-21 02:30:18`.
const TO_THE_SECOND: usize = 14;

/// How many cells each column has; none for a column that there is no room for.
struct Columns([usize; COLUMNS]);

impl Columns {
    /// Time and reason are never given up; then the status, the application, the client, Conditional Access and the place come
    /// in, and what is left over goes to the reason, the application, the seconds and the place.
    fn for_width(cells: usize) -> Columns {
        //                 bracket, time, app, client, status, access, place, reason
        let mut columns = [2, TO_THE_MINUTE, 0, 0, 0, 0, 0, 8];
        let minimum = [(4, 8), (2, 10), (3, 7), (5, 8), (6, 9)];
        let taken =
            |columns: &[usize; COLUMNS]| columns.iter().sum::<usize>() + columns.iter().filter(|c| **c > 0).count() - 1;
        for (column, wanted) in minimum {
            let mut wider = columns;
            if let Some(cell) = wider.get_mut(column) {
                *cell = wanted;
            }
            if taken(&wider) > cells {
                break;
            }
            columns = wider;
        }
        let most = [
            (7, 12),
            (2, 10),
            (1, TO_THE_SECOND),
            (2, 12),
            (7, 16),
            (2, 18),
            (6, 16),
            (7, 20),
            (2, 26),
            (6, 24),
            (7, 32),
            (2, 40),
        ];
        for (column, limit) in most {
            let spare = cells.saturating_sub(taken(&columns));
            if let Some(cell) = columns.get_mut(column).filter(|cell| **cell > 0 && **cell < limit) {
                // A time is written to the minute or to the second, and nothing between.
                let more = spare.min(limit - *cell);
                *cell += if column == 1 && more < TO_THE_SECOND - TO_THE_MINUTE { 0 } else { more };
            }
        }
        Columns(columns)
    }

    fn line(&self, texts: &[String; COLUMNS], styles: [Style; COLUMNS]) -> Line<'static> {
        let last = self.0.iter().rposition(|cells| *cells > 0);
        let shown = self.0.iter().zip(texts).zip(styles).enumerate().filter(|(_, ((cells, _), _))| **cells > 0);
        Line::from_iter(shown.map(|(column, ((cells, text), style))| {
            let gap = if Some(column) == last { "" } else { " " };
            Span::styled(format!("{}{gap}", fit(text, *cells)), style)
        }))
    }
}

fn heads(zone: &str) -> [String; COLUMNS] {
    ["", zone, "app", "client", "status", "CA", "place", "reason"].map(str::to_owned)
}

fn sign_in_line(model: &Model, number: usize, theme: &Theme, columns: &Columns) -> Option<Line<'static>> {
    let items = &model.sign_ins.list.items;
    let row = model.index.row(*items.get(number)?)?;
    let RowWords { time, app, client, status, access, place, reason } = row_words(&model.index, row, &model.clock);
    let is_silent = matches!(row.event_kind, EventKind::NonInteractive);
    let text = if is_silent { theme.style(Role::Dim) } else { theme.style(Role::Text) };
    let dim = theme.style(Role::Dim);
    let mark = |mark| theme.style(Role::Mark(mark));
    let signed = |(mark, word): &(Mark, String)| {
        if word.is_empty() { String::new() } else { format!("{} {word}", theme.glyph(*mark)) }
    };
    let (bracket, is_selected) = bracket(model, number, theme);
    let bracket_style = if is_selected { theme.style(Role::Key) } else { dim };
    let gutter = if number == model.sign_ins.list.position() { theme.sign("▸", ">") } else { " " };
    let time = if columns.0.get(1).is_some_and(|cells| *cells < TO_THE_SECOND) {
        time.chars().take(TO_THE_MINUTE).collect()
    } else {
        time
    };
    let reason_style = match ending(row) {
        Counted::Failure => mark(Mark::Bad),
        Counted::Interrupt => mark(Mark::Step),
        Counted::SignIn => text,
    };
    let texts = [format!("{gutter}{bracket}"), time, app, client, signed(&status), signed(&access), place, reason];
    let styles = [bracket_style, text, text, text, mark(status.0), mark(access.0), dim, reason_style];
    Some(columns.line(&texts, styles))
}

/// The bracket that joins a row to its neighbours of the same attempt, and whether that is the attempt of the selected row. A
/// row of that attempt whose neighbours are others is dotted, so that it is found all the same.
fn bracket(model: &Model, number: usize, theme: &Theme) -> (&'static str, bool) {
    let correlation = |row: Option<&RowId>| {
        let id = model.index.row(*row?)?.correlation_id;
        (!model.index.text(id).is_empty()).then_some(id)
    };
    let items = &model.sign_ins.list.items;
    let this = correlation(items.get(number));
    let selected = correlation(model.sign_ins.list.selected().as_ref());
    let joins = |other: Option<usize>| this.is_some() && other.and_then(|other| correlation(items.get(other))) == this;
    let is_selected = this.is_some() && this == selected && number != model.sign_ins.list.position();
    let sign = match (joins(number.checked_sub(1)), joins(number.checked_add(1))) {
        (false, true) => theme.sign("┌", "/"),
        (true, true) => theme.sign("│", "|"),
        (true, false) => theme.sign("└", "\\"),
        (false, false) if is_selected => theme.sign("•", "*"),
        (false, false) => " ",
    };
    (sign, this.is_some() && this == selected)
}

fn cursor_line(line: Line<'static>, is_cursor: bool, is_focused: bool, theme: &Theme, cells: usize) -> Line<'static> {
    match (is_cursor, is_focused) {
        (true, true) => as_cursor(line, cells, theme.style(Role::Cursor)),
        (true, false) => line.patch_style(theme.style(Role::Resting)),
        (false, _) => line,
    }
}
