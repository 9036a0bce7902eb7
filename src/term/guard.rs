//! Defines [`Screen`], the terminal while it is ours: entered once, and given back whatever happens.
//!
//! Three ways lead out: the guard is dropped, the UI thread panics, or a signal ends the loop. All of them go through
//! [`leave`], which acts once. Other threads' panics are caught where they happen and must not touch the screen, so the panic
//! hook looks at the thread first.

use std::io::{self, Stdout, Write, stdout};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use crate::app::Model;
use crate::ui::{self, theme::Theme};

/// Whether the terminal is in our hands, for the panic hook and for leaving only once.
static IS_OURS: AtomicBool = AtomicBool::new(false);

/// The terminal in raw mode and on its alternate screen.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal over.
    pub fn enter() -> io::Result<Screen> {
        install_hook();
        take()?;
        let terminal = Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| leave())?;
        Ok(Screen { terminal })
    }

    /// Draws the model in one go, so that no half-drawn screen is ever seen.
    pub fn draw(&mut self, model: &Model, theme: &Theme) -> io::Result<()> {
        queue!(stdout(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let area = frame.area();
            ui::draw(model, theme, area, frame.buffer_mut());
        })?;
        execute!(stdout(), EndSynchronizedUpdate)
    }

    /// Takes the terminal over again after something else had it, and forgets what is on it.
    pub fn renew(&mut self) -> io::Result<()> {
        take()?;
        let (width, height) = crossterm::terminal::size()?;
        // Not `clear`, which asks the terminal where its cursor is while the input thread takes the answer away.
        self.terminal.resize(Rect::new(0, 0, width, height))
    }

    /// Gives the terminal to the shell, stops this process, and takes the terminal back when it is continued.
    pub fn suspend(&mut self) -> io::Result<()> {
        leave();
        stop_here()?;
        self.renew()
    }

    /// Writes a sequence that puts text on the clipboard, for the terminal to take.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(stdout(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    IS_OURS.store(true, Ordering::SeqCst);
    // Mouse reporting stays off: it would take the terminal's own selecting and copying away.
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

/// Gives the terminal back. Errors are of no use here: there is nowhere left to say them.
pub fn leave() {
    if IS_OURS.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), EndSynchronizedUpdate, DisableBracketedPaste, LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
        let _ = stdout().flush();
    }
}

/// Installs the panic hook, once in the life of the process, around the one that is there.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        let ui_thread = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == ui_thread {
                leave();
                previous(info);
                let version = env!("CARGO_PKG_VERSION");
                eprintln!(
                    "authopsy {version} has a fault and had to stop; the lines above say where. Nothing was changed."
                );
            } else if !IS_OURS.load(Ordering::SeqCst) {
                previous(info);
            }
        }));
    });
}

#[cfg(unix)]
fn stop_here() -> io::Result<()> {
    // Stops the process even where the shell has no job control; returns when it is continued.
    signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)
}

#[cfg(not(unix))]
fn stop_here() -> io::Result<()> {
    Ok(())
}
