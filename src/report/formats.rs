//! Writes the catalogue of formats, and what it says of the files of the evidence.

use std::fmt::Write;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use crate::domain::visible::clean;
use crate::store::inventory::{Ask, FileKind, FileReport, Format, HELPFUL, Inventory, Sureness, formats_by_kind};

/// How wide a line of prose is. A command is one line however long it is, so that it can be copied.
const WIDE: usize = 80;

/// What has to be known to use the commands.
const CAPITALS: &str = "Words in capitals stand for your own values.";

/// The page of formats, grouped by what files of them hold: of all, or of the one of that word.
pub fn formats_text(only: Option<&Format>) -> String {
    let mut text = String::new();
    for (heading, mut formats) in formats_by_kind() {
        formats.retain(|format| only.is_none_or(|only| only.word == format.word));
        if formats.is_empty() {
            continue;
        }
        let before = if text.is_empty() { "" } else { "\n" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{before}{}", heading.to_uppercase());
        for format in formats {
            let _ = writeln!(text, "\n  {} [{}]", clean(&format.name), format.word);
            field("told by", &format.told_by, &mut text);
            about(format, &mut text);
        }
    }
    if only.is_none_or(has_command) {
        let _ = writeln!(text, "\n{CAPITALS}");
    }
    text
}

fn has_command(format: &Format) -> bool {
    format.ask.as_ref().is_some_and(|ask| ask.command.is_some())
}

/// A format in the form that other programs rely on.
pub fn format_json(format: &Format) -> Value {
    json!({
        "word": format.word,
        "kind": format.kind,
        "name": format.name,
        "writtenBy": format.written_by,
        "toldBy": format.told_by,
        "lacks": format.lacks,
        "ask": format.ask.as_ref().map(ask),
        "sources": format.sources,
    })
}

/// What a file's formats are, who writes them, what they lack and what to ask for instead.
pub(super) fn of_file(file: &FileReport) -> Vec<Value> {
    let written = |format: &Format| {
        json!({
            "word": format.word,
            "name": format.name,
            "writtenBy": format.written_by,
            "lacks": format.lacks,
            "ask": format.ask.as_ref().map(ask),
        })
    };
    file.known_formats().map(written).collect()
}

fn ask(ask: &Ask) -> Value {
    json!({ "text": ask.text, "command": ask.command })
}

/// What a file is and how sure that is, under its name.
pub(super) fn file_text(file: &FileReport, span: &str, text: &mut String) {
    let packed: String = file.packed.iter().rev().map(|packing| format!(", in {packing}")).collect();
    let encoding = if file.encoding.is_empty() { String::new() } else { format!(", {}", file.encoding) };
    let sureness = if file.sureness == Sureness::Unknown { "" } else { file.sureness.word() };
    let sureness = if sureness.is_empty() { String::new() } else { format!(", {sureness}") };
    let shape = format!("{}{sureness}: {}{encoding}{packed}", file.kind.label(), file.format);
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", clean(&file.path));
    put("  ", 6, &shape, text);
    let noun = if file.records == 1 { "record" } else { "records" };
    let _ = writeln!(text, "  {} {noun}, {} unreadable{span}", file.records, file.unreadable);
    if file.sureness == Sureness::Likely {
        let _ = writeln!(text, "  likely: {}", clean(&file.sureness_reason));
    }
}

/// What the formats of all files lack and what to ask for instead, each format once, and what helps where none was told.
pub(super) fn of_inventory(inventory: &Inventory, text: &mut String) {
    for (format, files) in inventory.formats() {
        let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{} ({files})", clean(&format.name));
        about(format, text);
    }
    if inventory.formats().iter().any(|(format, _)| has_command(format)) {
        let _ = writeln!(text, "\n{CAPITALS}");
    }
    let unknown = inventory.files.iter().filter(|file| file.kind == FileKind::Unknown).count();
    if unknown > 0 {
        let files = if unknown == 1 { "1 file".to_owned() } else { format!("{unknown} files") };
        let _ = writeln!(text, "\nnot understood ({files})");
        field("what helps", HELPFUL, text);
        field("", "`authopsy formats` lists all that is read.", text);
    }
}

fn about(format: &Format, text: &mut String) {
    field("written by", &format.written_by, text);
    if !format.lacks.is_empty() {
        field("lacks", &format.lacks.join("; "), text);
    }
    if let Some(ask) = &format.ask {
        field("ask for", &ask.text, text);
        if let Some(command) = &ask.command {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "      {}", clean(command));
        }
    }
}

/// A name and what it says, in lines that end within [`WIDE`] cells where the words allow it.
fn field(name: &str, words: &str, text: &mut String) {
    const HANG: usize = 16;
    put(&format!("    {name:<width$}", width = HANG - 4), HANG, words, text);
}

/// Words behind a beginning, with `hang` blanks before each further line.
fn put(beginning: &str, hang: usize, words: &str, text: &mut String) {
    let mut line = beginning.to_owned();
    let mut is_new = true;
    for word in clean(words).split_whitespace() {
        if !is_new && line.width() + 1 + word.width() > WIDE {
            let _ = writeln!(text, "{}", line.trim_end());
            line = " ".repeat(hang);
            is_new = true;
        }
        if !is_new {
            line.push(' ');
        }
        line.push_str(word);
        is_new = false;
    }
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::inventory::formats;

    #[test]
    fn the_page_names_every_format_and_fits_a_terminal() {
        let text = formats_text(None);
        for format in formats() {
            assert!(text.contains(&format!("[{}]", format.word)), "{}", format.word);
            let command = format.ask.as_ref().and_then(|ask| ask.command.as_deref()).unwrap_or_default();
            assert!(text.lines().any(|line| line.trim_start() == command) || command.is_empty(), "{}", format.word);
        }
        let is_command = |line: &str| line.starts_with("      ") && !line.starts_with("       ");
        for line in text.lines().filter(|line| !is_command(line)) {
            assert!(line.width() <= WIDE, "{line}");
        }
    }

    #[test]
    fn a_format_of_a_thousand_files_is_told_once() {
        let mut inventory = Inventory::default();
        for number in 0..1_000 {
            let mut file = FileReport::new(format!("{number}.json"));
            file.kind = FileKind::SignInLog;
            file.formats.insert("graphV1");
            inventory.files.push(file);
        }
        inventory.files.push(FileReport::new("notes.docx"));
        let mut text = String::new();
        of_inventory(&inventory, &mut text);
        assert!(text.contains("Graph v1.0 (1000 files)") && text.contains("not understood (1 file)"), "{text}");
        assert_eq!(text.matches("ask for").count(), 1, "{text}");
    }
}
