//! Who may use whom: the arrows of the architecture text, held to by reading the sources.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

use std::fs;
use std::path::{Path, PathBuf};

/// A folder of `src`, the parts of ours it may name, and words that must not occur in it.
const RULES: [(&str, &[&str], &[&str]); 7] = [
    ("domain", &["domain"], PURE),
    ("explain", &["explain", "domain"], PURE),
    ("store", &["store", "domain"], TERMINAL),
    ("report", &["report", "explain", "domain", "store::index", "store::inventory"], TERMINAL),
    ("app", &["app", "domain", "explain", "store::index", "store::inventory"], PURE),
    (
        "ui",
        &["ui", "app", "explain", "domain", "store::index", "store::inventory"],
        &["std::fs", "std::io", "std::thread", "std::time", "crossterm"],
    ),
    ("term", &["term", "app", "ui", "store", "explain", "report", "domain"], &[]),
];
const PURE: &[&str] =
    &["std::fs", "std::io", "std::thread", "std::time", "ratatui", "crossterm", "Utc::now", "Local::now"];
const TERMINAL: &[&str] = &["ratatui", "crossterm"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file: without its tests at the foot and without comments, in which other parts may be named.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).expect("a source file");
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The parts of ours that a text names: what follows `crate::`, and each item of `crate::{...}`, to the second level.
fn named(code: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let path = &code[at + "crate::".len()..];
        if let Some(list) = path.strip_prefix('{') {
            let list = list.split('}').next().unwrap_or_default();
            parts.extend(list.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()));
        } else if let Some((head, list)) =
            path.split_once("::{").filter(|(head, _)| head.chars().all(|c| c.is_alphanumeric() || c == '_'))
        {
            let mut depth = 0;
            let mut item = String::new();
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => parts.push(format!("{head}::{}", std::mem::take(&mut item).trim())),
                    c if depth == 0 => item.push(c),
                    _ => {}
                }
            }
            parts.push(format!("{head}::{}", item.trim()));
        } else {
            parts.push(path.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect());
        }
    }
    parts.iter().map(|part| part.trim_end_matches("::").to_owned()).collect()
}

#[test]
fn each_folder_uses_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (folder, allowed, forbidden) in RULES {
        let files = sources(&root.join(folder));
        assert!(!files.is_empty(), "{folder}");
        for file in files {
            let code = code(&file);
            for part in named(&code) {
                let fits = allowed.iter().any(|prefix| {
                    part == *prefix || part.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"))
                });
                assert!(fits, "{} uses crate::{part}", file.display());
            }
            for word in forbidden {
                assert!(!code.contains(word), "{} uses {word}", file.display());
            }
        }
    }
}

#[test]
fn only_the_finder_knows_the_fuzzy_matcher_and_only_main_ends_the_process() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in sources(&root) {
        let code = code(&file);
        assert!(!code.contains("fuzzy_matcher") || file.ends_with("app/finder.rs"), "{}", file.display());
        assert!(!code.contains("process::exit"), "{}", file.display());
    }
}

#[test]
fn names_of_parts_are_read_from_every_form_of_use() {
    let code = "use crate::app::{Model, key::{Key, Press}};\nuse crate::store::index::Row;\nuse crate::{report, ui};";
    assert_eq!(named(code), ["app::Model", "app::key", "store::index::Row", "report", "ui"]);
}
