//! A screen as text, for the tests that look at one.

use authopsy::app::Model;
use authopsy::ui::picture;
use authopsy::ui::theme::Theme;
use ratatui::buffer::{Buffer, CellWidth};

/// The lines of a buffer; what fills two cells stands once.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let line = |y| {
        let mut line = String::new();
        let mut x = area.left();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += symbol.cell_width().max(1);
        }
        line
    };
    (area.top()..area.bottom()).map(line).collect()
}

/// The screen as text, each line between bars so that blanks at its end show.
pub fn screen(model: &Model, theme: &Theme) -> String {
    lines(&picture(model, theme)).into_iter().map(|line| format!("|{line}|\n")).collect()
}
