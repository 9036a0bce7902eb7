//! The shell around the state machine: the terminal, the threads, and everything that is done outside.
//!
//! Invariant: decisions are made in `app`; here they are only carried out. One bounded queue carries every message, and the
//! loop takes one, drains what else is there, updates, does what was asked for and draws once. Nothing ticks: while nothing
//! happens, nothing runs. The first frame is drawn before a byte of the evidence is read.
//!
//! ```text
//! input thread    --Key/Paste/Resize--\
//! signal thread   --Terminate/Stop-----\
//! loader thread   --Indexed/Loading-----> one bounded queue -> recv, drain, update, effects, draw once
//! worker threads  --Explained/Found----/                                        |
//!       ^-----------------------------------------------------------------------'
//! ```

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use chrono::{DateTime, FixedOffset, Local, Offset, TimeZone, Utc};

use crate::app::message::{Form, Progress, Question, Search, Size};
use crate::app::{Effect, Model, Msg, update};
use crate::domain::visible::{clean, clean_lines};
use crate::explain::access::Tenant;
use crate::report;
use crate::store::{self, LoadEvent, Sources};
use crate::ui::theme::{Theme, ThemeName};
use crate::ui::{picture as draw_picture, svg};

mod clipboard;
pub mod guard;
mod input;
mod picture;
pub mod worker;

use guard::Screen;
use worker::{Slot, guarded};

/// How many messages may wait; a loader that is faster than the screen waits for it.
const QUEUE: usize = 256;
/// How many records are taken in at once; more would make a key press wait.
const GATHERED: usize = 10_000;
/// For how long waiting messages are taken in before a frame is drawn.
const DRAIN: Duration = Duration::from_millis(12);

/// How the terminal interface is asked to look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The theme; without one the environment decides.
    pub theme: Option<ThemeName>,
    /// Whether only ASCII is used for glyphs and frames; some terminals get it without asking.
    pub ascii: bool,
}

impl Options {
    /// What was asked for, and else what the environment says: no colour when `NO_COLOR` is set and not empty, ASCII where the
    /// locale or the terminal has none of Unicode.
    fn theme(self) -> Theme {
        let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let by_environment = if value("NO_COLOR").is_some() { ThemeName::Mono } else { ThemeName::default() };
        let locale = value("LC_ALL").or_else(|| value("LC_CTYPE")).or_else(|| value("LANG"));
        let is_plain = matches!(locale.as_deref(), Some("C" | "POSIX")) || value("TERM").as_deref() == Some("linux");
        Theme { name: self.theme.unwrap_or(by_environment), is_ascii: self.ascii || is_plain }
    }
}

/// Runs the terminal interface on the evidence until it is left.
pub fn run(request: store::Request, options: Options) -> anyhow::Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        bail!("the screen needs a terminal; `authopsy explain` and `authopsy users` answer without one");
    }
    let (width, height) = crossterm::terminal::size().context("cannot learn the size of the terminal")?;
    let mut model = Model::new(case_name(&request), Size { width, height }, local_offset);
    let (queue, messages) = sync_channel(QUEUE);
    let mut screen = Screen::enter().context("cannot take the terminal over")?;
    let theme = options.theme();
    screen.draw(&model, &theme)?;
    input::spawn(queue.clone())?;
    input::spawn_signals(queue.clone())?;
    let mut shell = Shell::start(request, queue, theme)?;
    let result = shell.run(&mut model, &mut screen, &messages);
    shell.stop.store(true, Ordering::SeqCst);
    result
}

/// What the header calls the evidence.
fn case_name(request: &store::Request) -> String {
    if request.is_demo() {
        return "demo case".to_owned();
    }
    let paths = request.evidence.iter().chain(&request.logs).chain(&request.tenants);
    let names: Vec<String> =
        paths.map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()).collect();
    clean(&names.join(", ")).into_owned()
}

fn local_offset(at: DateTime<Utc>) -> FixedOffset {
    Local.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// The threads that do what the state machine asks for.
struct Shell {
    questions: Slot<Box<Question>>,
    searches: Slot<Search>,
    queue: SyncSender<Msg>,
    stop: Arc<AtomicBool>,
    theme: Theme,
}

impl Shell {
    fn start(request: store::Request, queue: SyncSender<Msg>, theme: Theme) -> std::io::Result<Shell> {
        let sources = Arc::new(Sources::new());
        let stop = Arc::new(AtomicBool::new(false));
        let questions = {
            let sources = Arc::clone(&sources);
            let last = worker::LastLedgers::default();
            let work = move |question: Box<Question>| worker::answer(&question, &sources, &last);
            let lost = |generation, reason| Msg::NotExplained { generation, reason };
            Slot::spawn("explainer", queue.clone(), work, |question| question.generation, lost)?
        };
        let lost = |_, reason| Msg::Failed(format!("searching the users failed: {reason}"));
        let searches =
            Slot::spawn("finder", queue.clone(), |search| worker::find(&search), |search| search.generation, lost)?;
        spawn_loader(request, sources, queue.clone(), Arc::clone(&stop))?;
        Ok(Shell { questions, searches, queue, stop, theme })
    }

    fn run(&mut self, model: &mut Model, screen: &mut Screen, messages: &Receiver<Msg>) -> anyhow::Result<()> {
        // The shell holds a sender itself, so receiving ends only with the program.
        while let Ok(first) = messages.recv() {
            let since = Instant::now();
            let mut next = Some(first);
            while let Some(msg) = next {
                let (msg, after) = gathered(msg, messages);
                for effect in update(model, msg) {
                    if matches!(effect, Effect::Quit) {
                        return Ok(());
                    }
                    self.perform(effect, model, screen)?;
                }
                next = after.or_else(|| if since.elapsed() < DRAIN { messages.try_recv().ok() } else { None });
            }
            screen.draw(model, &self.theme)?;
        }
        Ok(())
    }

    fn perform(&self, effect: Effect, model: &mut Model, screen: &mut Screen) -> std::io::Result<()> {
        match effect {
            Effect::Explain(question) => self.questions.submit(question),
            Effect::Find(search) => self.searches.submit(search),
            Effect::Copy { what, text } => self.copy(what, clean_lines(&text), screen)?,
            Effect::CopyReport { form, explanation } => {
                let (what, text) = match form {
                    Form::Text => ("explanation as text", report::text(&explanation, false)),
                    Form::Markdown => ("explanation as Markdown", report::markdown(&explanation)),
                };
                self.copy(what, clean_lines(&text), screen)?;
            }
            Effect::CopyLockouts { lockouts } => {
                self.copy("lockout ledger", clean_lines(&report::lockouts_text(&lockouts)), screen)?;
            }
            Effect::CopyPlan { addresses, collision } => {
                let text = addresses.collisions.get(collision).map(report::plan_text).unwrap_or_default();
                self.copy("plan", clean_lines(&text), screen)?;
            }
            Effect::CopyAddresses { addresses, collisions } => {
                let shown: Vec<_> = collisions.iter().filter_map(|one| addresses.collisions.get(*one)).collect();
                self.copy("address collisions", clean_lines(&report::addresses_text(&addresses, &shown)), screen)?;
            }
            Effect::Picture => {
                let msg = self.save_picture(model);
                // Neither message of the two has an effect of its own.
                let _effects = update(model, msg);
            }
            Effect::Suspend => screen.suspend()?,
            Effect::Redraw => screen.renew()?,
            Effect::Quit => {}
        }
        Ok(())
    }

    /// Copies through the terminal at once and with a helper program beside, since that may take its time.
    fn copy(&self, what: &'static str, text: String, screen: &mut Screen) -> std::io::Result<()> {
        screen.copy(&text)?;
        let queue = self.queue.clone();
        let body = move || {
            let by = clipboard::with_helper(&text)
                .map_or_else(|| "OSC 52".to_owned(), |helper| format!("OSC 52 and {helper}"));
            let count = text.chars().count();
            let the = if what.starts_with("what ") { "" } else { "the " };
            // When nobody listens any more the program is ending.
            let _ = queue.send(Msg::Done(format!("copied {the}{what} ({count} characters) through {by}")));
        };
        thread::Builder::new().name("clipboard".to_owned()).spawn(body).map(|_| ())
    }

    fn save_picture(&self, model: &Model) -> Msg {
        let stamp = Utc::now().format("%Y%m%d-%H%M%S").to_string();
        let svg = svg::write(&draw_picture(model, &self.theme), &self.theme);
        let saved = std::env::current_dir().and_then(|folder| picture::save(&folder, &stamp, &svg));
        match saved {
            Ok(path) => Msg::Done(format!("saved this screen as {}", path.display())),
            Err(error) => Msg::Failed(format!("cannot save the picture: {error}")),
        }
    }
}

/// A message and the one that has to be handled after it. Records that wait behind records are gathered up, because the lists are
/// put in order once for each message.
fn gathered(msg: Msg, messages: &Receiver<Msg>) -> (Msg, Option<Msg>) {
    let Msg::Indexed(mut batch) = msg else { return (msg, None) };
    while batch.len() < GATHERED {
        match messages.try_recv() {
            Ok(Msg::Indexed(more)) => batch.extend(more),
            Ok(other) => return (Msg::Indexed(batch), Some(other)),
            Err(_) => break,
        }
    }
    (Msg::Indexed(batch), None)
}

fn spawn_loader(
    request: store::Request,
    sources: Arc<Sources>,
    queue: SyncSender<Msg>,
    stop: Arc<AtomicBool>,
) -> std::io::Result<()> {
    let body = move || {
        let keep_going = || !stop.load(Ordering::SeqCst);
        let mut sink = |event| {
            if queue.send(message(event)).is_err() {
                stop.store(true, Ordering::SeqCst);
            }
        };
        let result = guarded(|| store::load(&request, &sources, &keep_going, &mut sink));
        if let Err(reason) = result {
            // When nobody listens any more the program is ending.
            let _ = queue.send(Msg::Failed(format!("loading stopped: {reason}")));
            let _ = queue.send(Msg::Loaded);
        }
    };
    thread::Builder::new().name("loader".to_owned()).spawn(body).map(|_| ())
}

/// What the loader tells, as the state machine takes it in.
pub fn message(event: LoadEvent) -> Msg {
    match event {
        LoadEvent::Progress(store::Progress { file, done_bytes, total_bytes, records, unreadable }) => {
            Msg::Loading(Progress { file, done_bytes, total_bytes, records, unreadable })
        }
        LoadEvent::Batch(batch) => Msg::Indexed(batch),
        LoadEvent::Facts(facts) => Msg::Facts(facts),
        LoadEvent::Snapshot(snapshot) => Msg::Snapshot(Arc::new(Tenant::new(*snapshot))),
        LoadEvent::Traces(traces) => Msg::Traces(Arc::new(traces)),
        LoadEvent::Inventory(inventory) => Msg::Inventory(inventory),
        LoadEvent::Finished => Msg::Loaded,
    }
}
