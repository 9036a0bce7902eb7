//! Turns what the terminal and the system say into messages: keys, pasted text, sizes, signals.

use std::sync::mpsc::SyncSender;
use std::thread;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, read};

use crate::app::Msg;
use crate::app::key::{Key, Press};
use crate::app::message::Size;

/// Reads events for as long as somebody takes them.
pub fn spawn(queue: SyncSender<Msg>) -> std::io::Result<()> {
    let body = move || {
        loop {
            let msg = match read() {
                Ok(event) => message(event),
                Err(_) => Some(Msg::Terminate),
            };
            let is_last = matches!(msg, Some(Msg::Terminate));
            if msg.is_some_and(|msg| queue.send(msg).is_err()) || is_last {
                return;
            }
        }
    };
    thread::Builder::new().name("input".to_owned()).spawn(body).map(|_| ())
}

/// Turns signals into messages.
#[cfg(unix)]
pub fn spawn_signals(queue: SyncSender<Msg>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGTERM, SIGTSTP};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGTSTP, SIGCONT])?;
    let body = move || {
        for signal in signals.forever() {
            let msg = match signal {
                SIGTSTP => Msg::Stop,
                SIGCONT => Msg::Continued,
                _ => Msg::Terminate,
            };
            if queue.send(msg).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("signals".to_owned()).spawn(body).map(|_| ())
}

/// Elsewhere the terminal's own events are all there is.
#[cfg(not(unix))]
pub fn spawn_signals(_queue: SyncSender<Msg>) -> std::io::Result<()> {
    Ok(())
}

fn message(event: Event) -> Option<Msg> {
    match event {
        // Windows also tells when a key is let go.
        Event::Key(key) if key.is_release() => None,
        Event::Key(key) => key_of(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize(Size { width, height })),
        _ => None,
    }
}

fn key_of(event: KeyEvent) -> Option<Key> {
    let press = match event.code {
        KeyCode::Char(c) => Press::Char(c),
        KeyCode::F(number) => Press::Function(number),
        KeyCode::Enter => Press::Enter,
        KeyCode::Esc => Press::Esc,
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Press::BackTab,
        KeyCode::Tab => Press::Tab,
        KeyCode::BackTab => Press::BackTab,
        KeyCode::Backspace => Press::Backspace,
        KeyCode::Delete => Press::Delete,
        KeyCode::Up => Press::Up,
        KeyCode::Down => Press::Down,
        KeyCode::Left => Press::Left,
        KeyCode::Right => Press::Right,
        KeyCode::Home => Press::Home,
        KeyCode::End => Press::End,
        KeyCode::PageUp => Press::PageUp,
        KeyCode::PageDown => Press::PageDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    // Terminals send ctrl-h for backspace and differ in the case of control keys.
    match (press, ctrl) {
        (Press::Char('h' | 'H'), true) => Some(Key::plain(Press::Backspace)),
        (Press::Char(c), true) => Some(Key { press: Press::Char(c.to_ascii_lowercase()), ctrl, alt }),
        _ => Some(Key { press, ctrl, alt }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_keys_become_ours() {
        let read = |code, modifiers| key_of(KeyEvent::new(code, modifiers)).map(|key| key.to_string());
        assert_eq!(read(KeyCode::Char('G'), KeyModifiers::SHIFT).as_deref(), Some("G"));
        assert_eq!(read(KeyCode::Char('D'), KeyModifiers::CONTROL).as_deref(), Some("ctrl-d"));
        assert_eq!(read(KeyCode::Char('h'), KeyModifiers::CONTROL).as_deref(), Some("backspace"));
        assert_eq!(read(KeyCode::Tab, KeyModifiers::SHIFT).as_deref(), Some("shift-tab"));
        assert_eq!(read(KeyCode::CapsLock, KeyModifiers::NONE), None);
    }
}
