//! Writes a screen as a picture: a self-contained SVG without scripts, links or fonts to fetch.
//!
//! The pictures of the README and of tickets are made from the same cells that the terminal gets.

use std::fmt::Write;

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::style::{Color, Modifier};

use super::theme::{Theme, ThemeName};

const CELL_WIDTH: u32 = 9;
const CELL_HEIGHT: u32 = 19;
const BASELINE: u32 = 14;
const MARGIN: u32 = 12;

/// The ground, the ink, and the sixteen colours of a picture.
struct Inks {
    ground: &'static str,
    ink: &'static str,
    colours: [&'static str; 16],
}

const ON_DARK: Inks = Inks {
    ground: "#16181d",
    ink: "#d8dce4",
    colours: [
        "#16181d", "#e0705a", "#7fb069", "#e3b341", "#4a8fd6", "#b98ce0", "#56b4d9", "#d8dce4", "#8b93a1", "#ff8a70",
        "#a5d68c", "#f5cf65", "#74b3f5", "#d3aef5", "#7fd4f0", "#ffffff",
    ],
};

const ON_LIGHT: Inks = Inks {
    ground: "#fdfdfb",
    ink: "#24272c",
    colours: [
        "#24272c", "#b3261e", "#2e6b2e", "#f2cc60", "#0b5cad", "#8a2f9e", "#0a6a83", "#fdfdfb", "#5c6370", "#b3261e",
        "#2e6b2e", "#8a6100", "#0b5cad", "#8a2f9e", "#0a6a83", "#000000",
    ],
};

/// The buffer as an SVG in the theme's colours.
pub fn write(buffer: &Buffer, theme: &Theme) -> String {
    let inks = if theme.name == ThemeName::Light { &ON_LIGHT } else { &ON_DARK };
    let area = buffer.area;
    let (width, height) =
        (u32::from(area.width) * CELL_WIDTH + 2 * MARGIN, u32::from(area.height) * CELL_HEIGHT + 2 * MARGIN);
    let mut grounds = String::new();
    let mut texts = String::new();
    for row in 0..area.height {
        let mut column = 0;
        while column < area.width {
            let Some(cell) = buffer.cell((area.x + column, area.y + row)) else { break };
            let looks = Looks::of(cell, inks);
            let start = column;
            let mut text = String::new();
            while let Some(cell) = buffer.cell((area.x + column, area.y + row)).filter(|_| column < area.width) {
                if Looks::of(cell, inks) != looks {
                    break;
                }
                text.push_str(cell.symbol());
                column += cell.symbol().cell_width().max(1);
            }
            looks.write(&mut grounds, &mut texts, &text, (start, row, column - start), inks);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{}\"/>\n{grounds}\
         <g font-family=\"ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"15\" \
         xml:space=\"preserve\">\n{texts}</g>\n</svg>\n",
        inks.ground
    )
}

/// How a run of cells looks.
#[derive(PartialEq, Eq)]
struct Looks {
    ink: &'static str,
    ground: &'static str,
    modifier: Modifier,
}

impl Looks {
    fn of(cell: &Cell, inks: &Inks) -> Looks {
        let ink = colour(cell.fg, inks, inks.ink);
        let ground = colour(cell.bg, inks, inks.ground);
        let reversed = cell.modifier.contains(Modifier::REVERSED);
        let (ink, ground) = if reversed { (ground, ink) } else { (ink, ground) };
        Looks { ink, ground, modifier: cell.modifier.difference(Modifier::REVERSED) }
    }

    fn write(
        &self,
        grounds: &mut String,
        texts: &mut String,
        text: &str,
        (column, row, cells): (u16, u16, u16),
        inks: &Inks,
    ) {
        let (x, y) = (MARGIN + u32::from(column) * CELL_WIDTH, MARGIN + u32::from(row) * CELL_HEIGHT);
        let wide = u32::from(cells) * CELL_WIDTH;
        // Writing into a string cannot fail.
        if self.ground != inks.ground {
            let _ = writeln!(
                grounds,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{CELL_HEIGHT}\" fill=\"{}\"/>",
                self.ground
            );
        }
        if text.trim().is_empty() {
            return;
        }
        let bold = if self.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
        let line = if self.modifier.contains(Modifier::UNDERLINED) { " text-decoration=\"underline\"" } else { "" };
        let dim = if self.modifier.contains(Modifier::DIM) { " opacity=\"0.65\"" } else { "" };
        let y = y + BASELINE;
        let _ = writeln!(
            texts,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{wide}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{}\"{bold}{line}{dim}>{}</text>",
            self.ink,
            escaped(text)
        );
    }
}

fn colour(colour: Color, inks: &Inks, otherwise: &'static str) -> &'static str {
    const NAMED: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    let number = NAMED.iter().position(|named| *named == colour);
    number.and_then(|number| inks.colours.get(number)).copied().unwrap_or(otherwise)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn text_is_escaped_and_runs_keep_their_columns() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "<a&\"b\"> 山", Style::new());
        buffer.set_string(2, 1, "lit", Style::new().fg(Color::Black).bg(Color::Yellow));
        let svg = write(&buffer, &Theme::default());
        assert!(svg.contains("&lt;a&amp;&quot;b&quot;&gt; 山"));
        assert!(svg.contains("x=\"30\" y=\"31\" width=\"27\""));
        assert!(!svg.contains("<script") && svg.ends_with("</svg>\n"));
        assert!(write(&Buffer::empty(Rect::ZERO), &Theme::default()).starts_with("<svg"));
    }
}
