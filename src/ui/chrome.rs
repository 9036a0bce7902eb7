//! Draws what surrounds the panes: the header, the crumbs, and the foot with hints or a message.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::Model;
use crate::app::keymap::{self, Context};

use super::text::{cut, thousands, width};
use super::theme::{Role, Theme};

/// Draws the header: the program, the case, and on the right what is loaded, or how far loading is.
pub fn draw_header(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let cells = usize::from(area.width);
    let right = if model.is_loaded { counts(model, cells) } else { progress(model) };
    let right = cut(&right, cells.saturating_sub(12));
    let tenant = model.tenant.snapshot().organization.as_ref().map(|tenant| tenant.display_name.as_str()).unwrap_or("");
    let case =
        [tenant, model.case.as_str()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" / ");
    let left = cut(&case, cells.saturating_sub(width(&right) + 14));
    let used = 10 + 2 + width(&left);
    let gap = cells.saturating_sub(used + width(&right) + 1);
    let line = Line::from(vec![
        Span::styled(" authopsy", theme.style(Role::Focus)),
        Span::raw(format!("  {left}")),
        Span::raw(" ".repeat(gap + 1)),
        Span::styled(right, theme.style(Role::Dim)),
    ]);
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn counts(model: &Model, cells: usize) -> String {
    let users = model.users.list.total as u64;
    let sign_ins = model.index.len() as u64;
    let span = model.index.span_of_time().map(|(first, last)| {
        let (from, to) = (model.clock.date(Some(first)), model.clock.date(Some(last)));
        let days = if from == to { from } else { format!("{from}..{to}") };
        format!("  {days} {}", model.clock.label(Some(last)))
    });
    let unreadable: u64 = model.inventory.files.iter().map(|file| file.unreadable).sum();
    let unreadable = if unreadable > 0 { format!("  {} unreadable", thousands(unreadable)) } else { String::new() };
    let span = span.filter(|_| cells >= 100).unwrap_or_default();
    format!("{} users  {} sign-ins{span}{unreadable}", thousands(users), thousands(sign_ins))
}

fn progress(model: &Model) -> String {
    let progress = &model.progress;
    if progress.total_bytes == 0 {
        return "opening ...".to_owned();
    }
    let percent = (progress.done_bytes.saturating_mul(100) / progress.total_bytes).min(100);
    let unreadable = if progress.unreadable > 0 {
        format!("  {} unreadable", thousands(progress.unreadable))
    } else {
        String::new()
    };
    let (done, total) =
        (bytes(progress.done_bytes, progress.total_bytes), bytes(progress.total_bytes, progress.total_bytes));
    let unit = unit(progress.total_bytes).1;
    format!("indexed {done}/{total} {unit}  {percent}%  {} sign-ins{unreadable}", thousands(model.index.len() as u64))
}

fn unit(total: u64) -> (u64, &'static str) {
    match total {
        0..=999_999 => (1_000, "kB"),
        1_000_000..=999_999_999 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    }
}

fn bytes(count: u64, total: u64) -> String {
    let (size, _) = unit(total);
    format!("{}.{}", count / size, count % size * 10 / size)
}

/// Draws the way to where the focus is.
pub fn draw_crumbs(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let arrow = theme.sign(" › ", " > ");
    let crumbs = model.crumbs();
    let line = cut(&format!(" {}", crumbs.join(arrow)), area.width.into());
    buffer.set_line(area.x, area.y, &Line::styled(line, theme.style(Role::Dim)), area.width);
}

/// Draws the last line: a message while there is one, else the keys that matter here.
pub fn draw_foot(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let cells = usize::from(area.width);
    let line = match &model.toast {
        Some(toast) => {
            let (role, sign) = if toast.is_error { (Role::Error, "! ") } else { (Role::Toast, "") };
            Line::styled(cut(&format!(" {sign}{} ", toast.text), cells), theme.style(role))
        }
        None => hint_line(model, theme, cells),
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn hint_line(model: &Model, theme: &Theme, cells: usize) -> Line<'static> {
    let hints = keymap::hints(model);
    let more = if model.context() == Context::Prompt || model.context() == Context::Help { "" } else { "  ? more" };
    let needed: usize = hints.iter().map(|hint| width(hint.key) + width(hint.word) + 3).sum();
    let room = if needed <= cells { cells } else { cells.saturating_sub(more.len()) };
    let mut spans = Vec::new();
    let mut used = 0;
    let mut is_cut = false;
    for hint in hints {
        let wide = width(hint.key) + width(hint.word) + 3;
        if used + wide > room {
            is_cut = true;
            break;
        }
        used += wide;
        spans.push(Span::styled(format!(" {}", hint.key), theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {} ", hint.word), theme.style(Role::Dim)));
    }
    if is_cut {
        spans.push(Span::styled(cut(more, cells.saturating_sub(used)), theme.style(Role::Key)));
    }
    Line::from(spans)
}
