//! Puts text on the clipboard: through the terminal (OSC 52), and on this machine also with the program made for it.
//!
//! OSC 52 works over SSH, but some terminals do not take it and none says so. A helper program works only where the screen is,
//! so over SSH none is tried.

use std::io::Write;
use std::process::{Command, Stdio};

/// Programs that take the clipboard's text on their standard input, with the variable that says whether they can work here.
const HELPERS: [(&str, &[&str], Option<&str>); 5] = [
    ("wl-copy", &[], Some("WAYLAND_DISPLAY")),
    ("xclip", &["-selection", "clipboard"], Some("DISPLAY")),
    ("xsel", &["--clipboard", "--input"], Some("DISPLAY")),
    ("pbcopy", &[], None),
    ("clip.exe", &[], None),
];

/// Copies with the first helper program that takes the text, and says which; nothing when none did.
pub fn with_helper(text: &str) -> Option<&'static str> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("SSH_CONNECTION") || is_set("SSH_TTY") {
        return None;
    }
    let mut usable = HELPERS.iter().filter(|(_, _, variable)| variable.is_none_or(is_set));
    usable
        .find(|(program, arguments, _)| run(program, arguments, text).is_ok_and(|done| done))
        .map(|(program, ..)| *program)
}

fn run(program: &str, arguments: &[&str], text: &str) -> std::io::Result<bool> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    Ok(child.wait()?.success())
}
