//! Holds the README to the program: the keys it lists, the files it shows, the commands it names.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::path::Path;

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("the README")
}

#[test]
fn the_keys_in_the_readme_are_the_keymap() {
    let keys = authopsy::app::keymap::markdown();
    let text = readme();
    let (before, rest) = text.split_once("<!-- keys -->\n").expect("where the keys begin");
    let (held, after) = rest.split_once("<!-- /keys -->").expect("where the keys end");
    if std::env::var_os("AUTHOPSY_WRITE_README").is_some() {
        let written = format!("{before}<!-- keys -->\n{keys}<!-- /keys -->{after}");
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), written).expect("writing");
        return;
    }
    assert_eq!(held, keys, "stale: AUTHOPSY_WRITE_README=1 cargo test --test readme");
}

#[test]
fn every_picture_and_file_the_readme_names_is_there() {
    let text = readme();
    let pictures: Vec<&str> = text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
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
    let text = readme();
    let (before, rest) = text.split_once("<!-- facts -->\n").expect("where the facts begin");
    let (held, after) = rest.split_once("<!-- /facts -->").expect("where the facts end");
    if std::env::var_os("AUTHOPSY_WRITE_README").is_some() {
        let written = format!("{before}<!-- facts -->\n{table}<!-- /facts -->{after}");
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), written).expect("writing");
        return;
    }
    assert_eq!(held, table, "AUTHOPSY_WRITE_README=1 cargo test --test readme writes the table anew");
}
