//! Draws what is to be said of the file under the cursor of the files panel: how sure it is what it is, who writes such files, what
//! they lack, and what to ask for instead.

use ratatui::text::Line;

use crate::explain::outline::Mark;
use crate::store::inventory::{FileReport, Sureness};

use super::text::wrap;
use super::theme::{Role, Theme};

/// How far the lines stand in.
const INDENT: usize = 5;
/// Where what is said begins.
const HANG: usize = 18;

/// The lines about a file, below its shape.
pub fn about(file: &FileReport, theme: &Theme, cells: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut field = |name: &str, words: &str, role: Role| {
        let name = format!("{:INDENT$}{name:<width$}", "", width = HANG - INDENT);
        lines.extend(wrap(&[(name, theme.style(Role::Dim)), (words.to_owned(), theme.style(role))], cells, HANG));
    };
    match file.sureness {
        Sureness::Certain => field("certain", &file.sureness_reason, Role::Text),
        Sureness::Likely => field("likely", &file.sureness_reason, Role::Mark(Mark::Unknown)),
        Sureness::Unknown => {}
    }
    if !file.packed.is_empty() {
        let inside_out: Vec<&str> = file.packed.iter().rev().copied().collect();
        field("packed in", &inside_out.join(", and that in "), Role::Text);
    }
    for format in file.known_formats() {
        field("written by", &format.written_by, Role::Text);
        if !format.lacks.is_empty() {
            field("lacks", &format.lacks.join("; "), Role::Text);
        }
        if let Some(ask) = &format.ask {
            field("ask for", &ask.text, Role::Name);
            if let Some(command) = &ask.command {
                field("", command, Role::Key);
            }
        }
    }
    if let Some(help) = file.help() {
        field("what helps", help, Role::Name);
    }
    lines
}
