//! The state machine of the screen: a [`Model`], and [`update`], which takes a [`Msg`] in and hands [`Effect`]s out.
//!
//! Invariant: nothing here knows the terminal, files, the clock or threads. Everything that can change the screen is a
//! variant of [`Msg`], everything that has to be done outside is an [`Effect`], and a test is therefore a list of keys.
//!
//! What is shown depends on three choices, the user, the sign-in and the line, and each follows from the one before:
//! [`update`] handles the message first and then lets the lists and the explanation follow (`Model::settle`).

use std::sync::Arc;

use chrono::{DateTime, FixedOffset, Utc};

use crate::domain::fact::Facts;
use crate::domain::trace::TraceEvent;
use crate::explain::access::Tenant;
use crate::explain::explanation::Gap;
use crate::explain::gap;
use crate::explain::session;
use crate::store::index::tries::{Refusals, Tries};
use crate::store::index::{Index, RowId, UserKey};
use crate::store::inventory::Inventory;

pub mod addresses;
pub mod clock;
mod copy;
pub mod facts;
pub mod finder;
pub mod history;
pub mod key;
pub mod keymap;
pub mod lane;
pub mod list;
pub mod lockouts;
pub mod message;
pub mod overlay;
mod perform;
pub mod policies;
pub mod prompt;
pub mod raw;
pub mod record;
mod refusal;
pub mod scale;
pub mod sign_ins;
pub mod timeline;
mod typing;
pub mod users;
pub mod what_if;
pub mod why;

pub use copy::CopyItem;
pub use key::Key;
pub use message::{Effect, Msg};

use clock::Clock;
use history::{History, Pane, Place};
use keymap::Context;
use message::{History as Rows, Progress, Question, Size};
use overlay::Overlay;
use prompt::Prompt;
use record::RecordView;
use sign_ins::SignInList;
use users::UserList;
use why::{Asked, Why};

/// All that the screen is drawn from.
#[derive(Debug)]
pub struct Model {
    /// The size of the window.
    pub size: Size,
    /// What the evidence is called in the header.
    pub case: String,
    /// What is known of every record.
    pub index: Index,
    /// What the files are.
    pub inventory: Arc<Inventory>,
    /// The tenant's configuration.
    pub tenant: Arc<Tenant>,
    /// The requests of browser traces.
    pub traces: Arc<Vec<TraceEvent>>,
    /// What the operator said with the command line and in files.
    pub facts: Facts,
    /// What the operator says here, which counts before what was said elsewhere.
    pub facts_here: Facts,
    /// What the evidence as a whole lacks.
    pub gaps: Vec<Gap>,
    /// How far loading is.
    pub progress: Progress,
    /// Whether loading is over.
    pub is_loaded: bool,
    /// The zone of the times.
    pub clock: Clock,
    /// The pane with the focus.
    pub focus: Pane,
    /// The users.
    pub users: UserList,
    /// The sign-ins of the selected user.
    pub sign_ins: SignInList,
    /// The explanation of the selected sign-in.
    pub why: Why,
    /// The raw record, when it is open.
    pub record: Option<RecordView>,
    /// What lies over the panes.
    pub overlay: Option<Overlay>,
    /// The prompt, when something is being typed.
    pub prompt: Option<Prompt>,
    /// A message about something that does not show otherwise.
    pub toast: Option<Toast>,
    history: History,
    before_prompt: Option<Place>,
    last_query: String,
    questions: u64,
    evidence: u64,
    rows_of_user: Arc<Rows>,
}

/// A message at the foot of the screen; it stays until a key is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Whether something failed.
    pub is_error: bool,
}

impl Model {
    /// A model of a case of which nothing is loaded yet. `local` is the machine's offset from UTC at an instant.
    pub fn new(case: impl Into<String>, size: Size, local: fn(DateTime<Utc>) -> FixedOffset) -> Model {
        let mut model = Model {
            size,
            case: case.into(),
            index: Index::default(),
            inventory: Arc::default(),
            tenant: Arc::default(),
            traces: Arc::default(),
            facts: Facts::default(),
            facts_here: Facts::default(),
            gaps: Vec::new(),
            progress: Progress::default(),
            is_loaded: false,
            clock: Clock::new(local),
            focus: Pane::Users,
            users: UserList::default(),
            sign_ins: SignInList::default(),
            why: Why::default(),
            record: None,
            overlay: None,
            prompt: None,
            toast: None,
            history: History::default(),
            before_prompt: None,
            last_query: String::new(),
            questions: 0,
            evidence: 0,
            rows_of_user: Arc::default(),
        };
        model.history.visit(model.place(), true);
        model
    }

    /// Where a key press goes: to the topmost thing on the screen.
    pub fn context(&self) -> Context {
        match (&self.prompt, &self.overlay) {
            (Some(_), _) => Context::Prompt,
            (None, Some(Overlay::Help(_))) => Context::Help,
            (None, Some(Overlay::Files(_))) => Context::Files,
            (None, Some(Overlay::Copy(_))) => Context::Menu,
            (None, Some(Overlay::Page(_))) => Context::Page,
            (None, Some(Overlay::Policies(_))) => Context::Policies,
            (None, Some(Overlay::WhatIf(_))) => Context::WhatIf,
            (None, Some(Overlay::Facts(_))) => Context::Facts,
            (None, Some(Overlay::Timeline(_))) => Context::Timeline,
            (None, Some(Overlay::Lockouts(_))) => Context::Lockouts,
            (None, Some(Overlay::Addresses(_))) => Context::Addresses,
            (None, None) => self.pane_context(),
        }
    }

    fn pane_context(&self) -> Context {
        match self.focus {
            Pane::Users => Context::Users,
            Pane::SignIns => Context::SignIns,
            Pane::Why => Context::Why,
            Pane::Record => Context::Record,
        }
    }

    /// The way from the users to where the focus is, in the words of the screen.
    pub fn crumbs(&self) -> Vec<String> {
        let mut crumbs = vec!["users".to_owned()];
        let user = self.users.list.selected().and_then(|user| self.index.user(user));
        if self.focus >= Pane::SignIns {
            crumbs.push(user.map_or("nobody", users::name).to_owned());
        }
        if self.focus >= Pane::Why {
            let row = self.sign_ins.list.selected().and_then(|row| self.index.row(row));
            crumbs.extend(row.map(|row| {
                let words = sign_ins::row_words(&self.index, row, &self.clock);
                format!("{} {}", words.time, words.app)
            }));
            let step = self.why.step_of(self.why.cursor).and_then(|line| self.why.nodes().get(line));
            crumbs.extend(step.map(|step| step.name.clone()));
        }
        if let (Pane::Record, Some(record)) = (self.focus, &self.record) {
            let pointer = record.line().map_or("", |line| line.pointer.as_str());
            crumbs.push(format!("record {pointer}").trim_end().to_owned());
        }
        crumbs
    }

    /// How many lines a page has: the window without its frame.
    fn page(&self) -> usize {
        usize::from(self.size.height.saturating_sub(6)).max(1)
    }

    fn place(&self) -> Place {
        Place { pane: self.focus, user: self.users.list.selected(), row: self.sign_ins.list.selected() }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), is_error: false });
    }

    fn complain(&mut self, text: impl Into<String>) {
        self.toast = Some(Toast { text: text.into(), is_error: true });
    }

    /// Notes that explanations rest on other evidence now.
    fn note_evidence(&mut self) {
        self.evidence += 1;
        let doubts = self.tenant.doubts().iter().map(|doubt| (&*doubt.file, doubt.text.as_str()));
        let foreign = session::foreign_traces(&self.traces, &self.tenant);
        let doubts = doubts.chain(foreign.iter().map(|doubt| (&*doubt.file, doubt.text.as_str())));
        Arc::make_mut(&mut self.inventory).note_doubts(doubts);
        self.gaps = gap::of_evidence(&self.inventory.holdings(), &self.tenant);
    }

    /// Lets the sign-ins follow the user and the explanation follow the sign-in.
    fn settle(&mut self, lists_changed: bool) -> Vec<Effect> {
        let user = self.users.list.selected();
        if user != self.sign_ins.user {
            self.sign_ins = SignInList { user, ..SignInList::default() };
            self.sign_ins.refresh(&self.index, &self.clock);
        } else if lists_changed {
            self.sign_ins.refresh(&self.index, &self.clock);
        }
        let row = self.sign_ins.list.selected();
        if self.record.as_ref().is_some_and(|record| Some(record.row) != row) {
            self.record = None;
        }
        if self.record.is_none() && self.focus == Pane::Record {
            self.focus = Pane::Why;
        }
        self.ask().into_iter().collect()
    }

    /// The rows of a user, from which the sessions are made once all logs are read; the same as long as they do not change.
    fn history_of(&self, user: UserKey) -> Arc<Rows> {
        let total = self.index.user(user).map_or(0, |person| person.sign_ins);
        let held = &self.rows_of_user;
        if !self.is_loaded {
            return Arc::default();
        }
        if held.user == Some(user) && held.rows.len() + held.left_out == total {
            return Arc::clone(held);
        }
        let rows = self.index.rows_of(user);
        let tries = Tries::of(&self.index, user, session::MOST_ROWS);
        let newest = rows.iter().take(session::MOST_ROWS);
        Arc::new(Rows {
            user: Some(user),
            rows: newest.filter_map(|row| self.index.spans_of(*row)).collect(),
            left_out: rows.len().saturating_sub(session::MOST_ROWS),
            tries: tries.rows.iter().filter_map(|row| self.index.spans_of(*row)).collect(),
            tries_left_out: tries.left_out,
            is_torn: tries.is_torn,
            addresses: Refusals::of(&self.index).addresses_of(&self.index, user),
        })
    }

    /// The question about the selected sign-in, unless it has been asked with the same evidence.
    fn ask(&mut self) -> Option<Effect> {
        let row_id = self.sign_ins.list.selected();
        let held = |id: RowId| Some((id, self.index.row(id)?.user, self.index.spans_of(id)?));
        let Some((row_id, user, row)) = row_id.and_then(held) else {
            self.why = Why::default();
            return None;
        };
        self.rows_of_user = self.history_of(user);
        let rows = self.index.attempt_of(row_id);
        let attempt = rows.iter().filter_map(|id| self.index.spans_of(*id)).collect();
        let mut asked = Asked { generation: self.questions, attempt, evidence: self.evidence };
        if self.why.row == Some(row_id) && self.why.asked.as_ref() == Some(&asked) {
            return None;
        }
        self.questions += 1;
        asked.generation = self.questions;
        let question = Question {
            generation: self.questions,
            row,
            attempt: asked.attempt.clone(),
            tenant: Arc::clone(&self.tenant),
            inventory: Arc::clone(&self.inventory),
            history: Arc::clone(&self.rows_of_user),
            traces: Arc::clone(&self.traces),
        };
        if self.why.row != Some(row_id) {
            self.why.walk = None;
        }
        self.why.row = Some(row_id);
        self.why.failure = None;
        self.why.asked = Some(asked);
        self.why.is_waiting = true;
        Some(Effect::Explain(Box::new(question)))
    }
}

/// Takes a message in and hands out what has to be done for it.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut lists_changed = false;
    let mut effects = Vec::new();
    match msg {
        Msg::Key(key) => effects.extend(model.press(key)),
        Msg::Paste(text) => effects.extend(model.paste(&text)),
        Msg::Resize(size) => model.size = size,
        Msg::Loading(progress) => model.progress = progress,
        Msg::Indexed(batch) => {
            model.index.append(batch);
            effects.extend(model.users.refresh(&model.index).map(Effect::Find));
            lists_changed = true;
        }
        Msg::Facts(facts) => {
            model.facts = facts;
            model.use_facts();
        }
        Msg::Snapshot(tenant) => {
            model.tenant = tenant;
            model.use_facts();
            model.renew_addresses();
        }
        Msg::Traces(traces) => model.traces = traces,
        Msg::Inventory(inventory) => {
            model.inventory = Arc::new(inventory);
            model.note_evidence();
        }
        Msg::Loaded => {
            model.is_loaded = true;
            Arc::make_mut(&mut model.inventory).note_unclaimed(&model.index.unclaimed());
            // Sessions are made of all rows, so what was explained while loading is explained again.
            model.evidence += 1;
        }
        Msg::Explained(explained) => {
            if explained.generation == model.questions {
                model.why.take(explained);
                model.renew_timeline();
                model.renew_lockouts();
            }
        }
        Msg::NotExplained { generation, reason } => {
            if generation == model.questions {
                model.why.fail(reason);
            }
        }
        Msg::Found { generation, matches } => model.users.found(&model.index, generation, matches),
        Msg::Done(text) => model.say(text),
        Msg::Failed(text) => model.complain(text),
        Msg::Terminate => effects.push(Effect::Quit),
        Msg::Stop => effects.push(Effect::Suspend),
        Msg::Continued => effects.push(Effect::Redraw),
    }
    effects.extend(model.settle(lists_changed));
    effects
}
