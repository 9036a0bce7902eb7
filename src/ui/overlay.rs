//! Draws what lies over the panes: the help, the files panel, the copy menu and pages of text.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::keymap::{Action, Context, bindings};
use crate::app::overlay::{FileLine, HelpLine, HelpPanel, Overlay, Page, PageLine, file_lines, help_lines};
use crate::app::{CopyItem, Model};
use crate::domain::sign_in::EventKind;
use crate::explain::outline::Mark;
use crate::store::inventory::{Coverage, FileReport};

use super::files;
use super::panel::{as_cursor, list_title, overlay, put_lines, put_note, window, window_of};
use super::text::{cut, fit, thousands, wrap};
use super::theme::{Role, Theme};

/// Draws what lies over the panes.
pub fn draw(panel: &Overlay, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    match panel {
        Overlay::Help(panel) => draw_help(panel, model, theme, area, buffer),
        Overlay::Files(cursor) => draw_files(*cursor, model, theme, area, buffer),
        Overlay::Copy(cursor) => draw_copy(*cursor, model, theme, area, buffer),
        Overlay::Page(page) => draw_page(page, theme, area, buffer),
        Overlay::Policies(panel) => super::policies::draw(panel, model, theme, area, buffer),
        Overlay::WhatIf(panel) => super::what_if::draw(panel, model, theme, area, buffer),
        Overlay::Facts(cursor) => super::facts::draw(*cursor, model, theme, area, buffer),
        Overlay::Timeline(panel) => super::timeline::draw(panel, model, theme, area, buffer),
        Overlay::Lockouts(panel) => super::lockouts::draw(panel, model, theme, area, buffer),
        Overlay::Addresses(panel) => super::addresses::draw(panel, model, theme, area, buffer),
    }
}

fn draw_help(panel: &HelpPanel, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let lines = help_lines(model, panel);
    let keys = lines.iter().filter(|line| matches!(line, HelpLine::Keys { .. })).count();
    let name = format!("Keys in {}", panel.context.label());
    let title = list_title(&name, Context::Help, &panel.query, keys, crate::app::keymap::KEYMAP.len(), model);
    let inner = overlay(&title, "/ searches  esc closes", (96, area.height), theme, area, buffer);
    if lines.is_empty() {
        return put_note("No key matches.", theme, inner, buffer);
    }
    let cells = usize::from(inner.width);
    let shown = window_of(panel.cursor, lines.len(), inner.height.into(), |number| {
        let Some(line) = lines.get(number) else { return Vec::new() };
        let drawn = help_line(line, panel, theme, cells);
        match number == panel.cursor {
            true => drawn.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor))).collect(),
            false => drawn,
        }
    });
    put_lines(&shown, inner, buffer);
}

fn help_line(line: &HelpLine, panel: &HelpPanel, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    match line {
        HelpLine::Heading(heading) => vec![Line::styled(format!(" {heading}"), theme.style(Role::Strong))],
        HelpLine::Keys { binding, is_here, refusal } => {
            let places: Vec<&str> = binding.contexts.iter().map(|context| context.label()).collect();
            let (role, aside) = match (is_here, refusal) {
                (true, None) => (Role::Text, String::new()),
                (true, Some(reason)) => (Role::Dim, format!("  ({reason})")),
                (false, _) => (Role::Dim, format!("  (in {})", places.join(", "))),
            };
            let key = if *is_here && panel.context != Context::Help { Role::Key } else { Role::Dim };
            let pieces = [
                (format!("   {}", fit(&binding.keys.join(" "), 18)), theme.style(key)),
                (binding.help.to_owned(), theme.style(role)),
                (aside, theme.style(Role::Dim)),
            ];
            wrap(&pieces, cells, 21)
        }
    }
}

fn draw_files(cursor: usize, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let inventory = &model.inventory;
    let lines = file_lines(model);
    let selected = lines.get(cursor).and_then(|line| line.file());
    let title = format!("Files {}", inventory.files.len());
    let note = if model.is_loaded { "y copies what to ask for  esc closes" } else { "still loading" };
    let inner = overlay(&title, note, (140, area.height), theme, area, buffer);
    if lines.is_empty() {
        return put_note("No file has been opened yet.", theme, inner, buffer);
    }
    let cells = usize::from(inner.width);
    let shown = window_of(cursor, lines.len(), inner.height.into(), |number| {
        let Some(line) = lines.get(number) else { return Vec::new() };
        let mut drawn = file_line(model, *line, theme, cells);
        if number == cursor {
            drawn = drawn.into_iter().map(|line| as_cursor(line, cells, theme.style(Role::Cursor))).collect();
        }
        // What is to be said of a format stands with one file at a time, or it would be said a thousand times.
        if let FileLine::Shape(file) = *line
            && selected == Some(file)
        {
            drawn.extend(inventory.files.get(file).map(|file| files::about(file, theme, cells)).unwrap_or_default());
        }
        drawn
    });
    put_lines(&shown, inner, buffer);
}

fn file_line(model: &Model, line: FileLine, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let file = |number: usize| model.inventory.files.get(number);
    let pieces = match line {
        FileLine::File(number) => file(number).map(|file| file_pieces(file, theme)),
        FileLine::Shape(number) => file(number).map(|file| vec![(shape(file, model), theme.style(Role::Dim))]),
        FileLine::Coverage(number) => {
            model.inventory.coverage().get(number).map(|coverage| coverage_pieces(coverage, model, theme))
        }
        FileLine::Missing => Some(vec![(" What is missing".to_owned(), theme.style(Role::Strong))]),
        FileLine::Gap(number) => model.gaps.get(number).map(|gap| {
            let mark = Mark::Unknown;
            vec![
                (format!("  {} {}  ", theme.glyph(mark), gap.code), theme.style(Role::Mark(mark))),
                (format!("{}. {} ", gap.missing, gap.limits), theme.style(Role::Text)),
                (format!("Ask for: {}", gap.ask), theme.style(Role::Name)),
            ]
        }),
        FileLine::Problem(number, problem) => file(number).and_then(|file| file.problems.get(problem)).map(|problem| {
            let mark = if problem.is_warning { Mark::None } else { Mark::Bad };
            let record = problem.record.map(|record| format!("record {record}"));
            let offset = problem.offset.map(|offset| format!("byte {}", thousands(offset)));
            let place: Vec<String> = record.into_iter().chain(offset).collect();
            let place = if place.is_empty() { String::new() } else { format!("{}: ", place.join(", ")) };
            let word = if problem.is_warning { "note " } else { "unreadable " };
            vec![
                (format!("    {} {word}", theme.glyph(mark)), theme.style(Role::Mark(mark))),
                (place, theme.style(Role::Name)),
                (problem.reason.clone(), theme.style(Role::Text)),
            ]
        }),
    };
    wrap(&pieces.unwrap_or_default(), cells, 6)
}

fn file_pieces(file: &FileReport, theme: &Theme) -> Vec<(String, ratatui::style::Style)> {
    let unreadable =
        if file.unreadable > 0 { format!("  {} unreadable", thousands(file.unreadable)) } else { String::new() };
    vec![
        (format!(" {}  ", file.path), theme.style(Role::Strong)),
        (format!("{}  ", file.kind.label()), theme.style(Role::Key)),
        (
            format!("{} {}", thousands(file.records), if file.records == 1 { "record" } else { "records" }),
            theme.style(Role::Text),
        ),
        (unreadable, theme.style(Role::Mark(Mark::Bad))),
    ]
}

/// The time that the files of a log cover, and the longest holes in it.
fn coverage_pieces(coverage: &Coverage, model: &Model, theme: &Theme) -> Vec<(String, ratatui::style::Style)> {
    const MOST: usize = 3;
    let between = |from: i64, to: i64| format!("{} to {}", model.clock.full(Some(from)), model.clock.full(Some(to)));
    let files = if coverage.files.len() == 1 { "1 file".to_owned() } else { format!("{} files", coverage.files.len()) };
    let (covered, zone) = (between(coverage.first, coverage.last), model.clock.label(Some(coverage.last)));
    let mut pieces = vec![
        (format!(" {}  ", coverage.kind.sign_ins()), theme.style(Role::Strong)),
        (format!("{covered} {zone}, {files}"), theme.style(Role::Text)),
    ];
    let holes = coverage.longest_holes(MOST);
    let mark = Mark::Unknown;
    for hole in &holes {
        let words = format!("  {} no file covers {}", theme.glyph(mark), between(hole.from, hole.to));
        pieces.push((words, theme.style(Role::Mark(mark))));
    }
    if coverage.holes.len() > holes.len() {
        pieces.push((format!("  and {} shorter", coverage.holes.len() - holes.len()), theme.style(Role::Dim)));
    }
    pieces
}

fn shape(file: &FileReport, model: &Model) -> String {
    let span = file.first.zip(file.last).map(|(first, last)| {
        format!(
            "{} to {} {}",
            model.clock.full(Some(first)),
            model.clock.full(Some(last)),
            model.clock.label(Some(last))
        )
    });
    let events: Vec<String> = file
        .events
        .iter()
        .map(|(word, count)| {
            let words = EventKind::of_word(word).sign_ins();
            let words = if *count == 1 { words.trim_end_matches('s') } else { words };
            format!("{} {words}", thousands(*count))
        })
        .collect();
    let size = format!("{} bytes", thousands(file.bytes));
    let parts = [file.format.clone(), file.encoding.clone(), size, span.unwrap_or_default(), events.join(", ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("     {}", parts.join("  "))
}

fn draw_copy(cursor: usize, model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let height = CopyItem::ALL.len() as u16 + 2;
    let inner = overlay("Copy", "", (72, height), theme, area, buffer);
    let cells = usize::from(inner.width);
    let lines: Vec<Line> = window(cursor, CopyItem::ALL.len(), inner.height.into())
        .filter_map(|number| {
            let item = *CopyItem::ALL.get(number)?;
            let key = bindings(Context::Menu).find(|binding| binding.action == Action::Copy(item))?.keys.first()?;
            let refusal = model.refusal_in(Action::Copy(item), Context::Menu);
            let text = model.copy_text(item).unwrap_or_default();
            let role = if refusal.is_some() { Role::Dim } else { Role::Text };
            let line = Line::from(vec![
                Span::styled(format!(" {key} "), theme.style(Role::Key)),
                Span::styled(fit(item.label(), 25), theme.style(role)),
                Span::styled(cut(&refusal.unwrap_or(text), cells.saturating_sub(28)), theme.style(Role::Dim)),
            ]);
            Some(if number == cursor { as_cursor(line, cells, theme.style(Role::Cursor)) } else { line })
        })
        .collect();
    put_lines(&lines, inner, buffer);
}

fn draw_page(page: &Page, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let cells = usize::from(area.width.saturating_sub(4).min(86));
    let page_lines =
        |number: usize| page.lines.get(number).map(|line| page_line(line, theme, cells)).unwrap_or_default();
    let height: usize = (0..page.lines.len()).map(|number| page_lines(number).len()).sum();
    let height = u16::try_from(height).unwrap_or(u16::MAX).saturating_add(2);
    let inner = overlay(&page.title, "j k scroll  esc closes", (88, height), theme, area, buffer);
    let lines = window_of(page.cursor, page.lines.len(), inner.height.into(), page_lines);
    put_lines(&lines, inner, buffer);
}

fn page_line(line: &PageLine, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let style = |role| theme.style(role);
    match line {
        PageLine::Heading(text) => wrap(&[(format!(" {text}"), style(Role::Strong))], cells, 1),
        PageLine::Text(text) => wrap(&[(format!(" {text}"), style(Role::Text))], cells, 1),
        PageLine::Quote(text) => wrap(
            &[(format!(" {} ", theme.sign("│", "|")), style(Role::Key)), (text.clone(), style(Role::Text))],
            cells,
            3,
        ),
        PageLine::Field(name, text) => {
            wrap(&[(format!(" {}", fit(name, 9)), style(Role::Name)), (text.clone(), style(Role::Text))], cells, 10)
        }
    }
}
