//! Defines [`Msg`], everything that can change the screen, and [`Effect`], everything the state machine asks for.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::Json;
use crate::domain::fact::Facts;
use crate::domain::lockout::Address;
use crate::domain::trace::TraceEvent;
use crate::explain::Explanation;
use crate::explain::access::Tenant;
use crate::explain::addresses::Addresses;
use crate::explain::lockout::Lockouts;
use crate::explain::outline::Node;
use crate::explain::session::Ledger;
use crate::store::index::{Entry, Spans, UserKey};
use crate::store::inventory::Inventory;

use super::finder::Candidates;
use super::key::Key;

/// Something that happened. Nothing else changes what is shown.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The window has this size now.
    Resize(Size),
    /// How far loading is.
    Loading(Progress),
    /// Records were indexed.
    Indexed(Vec<Entry>),
    /// What the operator said with the command line and in files is known.
    Facts(Facts),
    /// The snapshot was read.
    Snapshot(Arc<Tenant>),
    /// The browser traces were read.
    Traces(Arc<Vec<TraceEvent>>),
    /// What the files are, so far.
    Inventory(Inventory),
    /// Loading is over.
    Loaded,
    /// A sign-in was explained.
    Explained(Box<Explained>),
    /// A sign-in could not be read or explained.
    NotExplained {
        /// Which question was asked.
        generation: u64,
        /// Why there is no answer.
        reason: String,
    },
    /// Users were searched.
    Found {
        /// Which search was asked for.
        generation: u64,
        /// Who matches, and how well.
        matches: Vec<(UserKey, i64)>,
    },
    /// Something that was asked for is done, with a word on how.
    Done(String),
    /// Something that was asked for, or a thread, failed.
    Failed(String),
    /// The program was told to end.
    Terminate,
    /// Another process stopped the program, which asks for the manners of a suspend.
    Stop,
    /// The program goes on after it was stopped, and something else may have drawn on the screen.
    Continued,
}

/// Something the state machine asks the shell to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Read a sign-in with its attempt and explain it; the newest question wins.
    Explain(Box<Question>),
    /// Search the users on a worker; the newest search wins.
    Find(Search),
    /// Put a text on the clipboard.
    Copy {
        /// What it is, for the message afterwards.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Put a whole explanation on the clipboard.
    CopyReport {
        /// In which form.
        form: Form,
        /// Which one.
        explanation: Arc<Explanation>,
    },
    /// Put a whole lockout ledger on the clipboard as text.
    CopyLockouts {
        /// Which one.
        lockouts: Arc<Lockouts>,
    },
    /// Put the plan of an address collision on the clipboard as text.
    CopyPlan {
        /// Among which.
        addresses: Arc<Addresses>,
        /// Which of them.
        collision: usize,
    },
    /// Put address collisions on the clipboard as text.
    CopyAddresses {
        /// Among which, with what is to be said of the whole evidence.
        addresses: Arc<Addresses>,
        /// Which of them.
        collisions: Vec<usize>,
    },
    /// Save the screen as a picture.
    Picture,
    /// Hand the terminal to the shell until the program is continued.
    Suspend,
    /// Forget what the terminal shows and draw everything anew.
    Redraw,
    /// End the program.
    Quit,
}

/// What is needed to explain one sign-in: an answer depends on nothing else.
#[derive(Debug, Clone)]
pub struct Question {
    /// The number of the question.
    pub generation: u64,
    /// Where its records are.
    pub row: Spans,
    /// Where the rows of the attempt are, oldest first, this one included.
    pub attempt: Vec<Spans>,
    /// The tenant's configuration.
    pub tenant: Arc<Tenant>,
    /// What the files are.
    pub inventory: Arc<Inventory>,
    /// The rows of the user, from which the sessions are made; none while loading.
    pub history: Arc<History>,
    /// The requests of browser traces.
    pub traces: Arc<Vec<TraceEvent>>,
}

/// The rows of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// Whose.
    pub user: Option<UserKey>,
    /// Where the newest of them are.
    pub rows: Vec<Spans>,
    /// How many older ones are left out.
    pub left_out: usize,
    /// Where those are that have to do with lockouts, oldest first.
    pub tries: Vec<Spans>,
    /// How many older ones of these are left out.
    pub tries_left_out: usize,
    /// Whether an episode began among those left out.
    pub is_torn: bool,
    /// What the whole log says of the addresses the user was refused from.
    pub addresses: HashMap<String, Address>,
}

/// The answer to a [`Question`].
#[derive(Debug)]
pub struct Explained {
    /// The number of the question.
    pub generation: u64,
    /// The explanation.
    pub explanation: Arc<Explanation>,
    /// Its lines.
    pub nodes: Vec<Node>,
    /// The fullest record as it was written.
    pub record: Json,
    /// The other records of the sign-in, in the order of its `also_in`.
    pub others: Vec<Json>,
    /// The sessions of the user; empty while loading.
    pub ledger: Arc<Ledger>,
    /// The lockouts of the user; nothing while loading.
    pub lockouts: Option<Arc<Lockouts>>,
}

impl Explained {
    /// The record of a file as it was written, where it is one of the sign-in's.
    pub fn record_at(&self, file: &str, record: Option<u64>) -> Option<&Json> {
        let sign_in = &self.explanation.sign_in;
        if *sign_in.origin.file == *file && sign_in.origin.record == record {
            return Some(&self.record);
        }
        let other = sign_in.also_in.iter().position(|place| *place.file == *file && place.record == record)?;
        self.others.get(other)
    }
}

/// A search among the users.
#[derive(Debug, Clone)]
pub struct Search {
    /// The number of the search.
    pub generation: u64,
    /// What was typed.
    pub query: String,
    /// Whom to search.
    pub candidates: Candidates,
}

/// The forms in which a whole explanation is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
}

/// The size of the window in cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// How far loading is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The file that is being read.
    pub file: String,
    /// How many bytes of all files are read.
    pub done_bytes: u64,
    /// How many bytes all files have.
    pub total_bytes: u64,
    /// How many records were read.
    pub records: u64,
    /// How many could not be read.
    pub unreadable: u64,
}
