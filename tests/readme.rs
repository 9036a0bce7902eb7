//! Holds the README to the program: the keys and formats it lists, the files it shows, the commands it names.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::{Mutex, PoisonError};

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README")
}

/// Compares what the README holds between two marks, or writes it anew.
#[track_caller]
fn compare(mark: &str, expected: &str) {
    // Tests run beside each other; two that write would undo each other's work.
    static WRITING: Mutex<()> = Mutex::new(());
    let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let text = readme();
    let (before, rest) = text.split_once(&format!("<!-- {mark} -->\n")).expect("where it begins");
    let (held, after) = rest.split_once(&format!("<!-- /{mark} -->")).expect("where it ends");
    if std::env::var_os("AUTHOPSY_WRITE_README").is_some() {
        let written = format!("{before}<!-- {mark} -->\n{expected}<!-- /{mark} -->{after}");
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), written).expect("writing");
        return;
    }
    assert!(held == expected, "the {mark} are stale: AUTHOPSY_WRITE_README=1 cargo test --test readme");
}

#[test]
fn the_keys_in_the_readme_are_the_keymap() {
    compare("keys", &authopsy::app::keymap::markdown());
}

#[test]
fn the_formats_in_the_readme_are_those_of_the_catalogue() {
    compare("formats", &authopsy::store::format::markdown());
}

#[test]
fn every_picture_and_file_the_readme_names_is_there() {
    let text = readme();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let pictures: Vec<&str> = links.filter(|link| !link.starts_with('#')).collect();
    assert!(pictures.len() >= 4);
    for picture in pictures {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(picture).exists(), "{picture}");
    }
}

#[test]
fn the_facts_in_the_readme_are_those_that_can_be_said() {
    let mut table = "| Name | Values | What |\n|--|--|--|\n".to_owned();
    for fact in authopsy::domain::fact::FACTS {
        let values: Vec<String> = fact.values.iter().map(|value| format!("`{value}`")).collect();
        let values = if values.is_empty() { "a number".to_owned() } else { values.join(", ") };
        table.push_str(&format!("| `{}` | {values} | {} |\n", fact.name, fact.meaning));
    }
    compare("facts", &table);
}
