//! Defines [`RecordView`], the raw record on the screen with the field under discussion.

use std::sync::Arc;

use crate::domain::sign_in::RecordPlace;
use crate::domain::{Evidence, SignIn};

use super::finder::contains_words;
use super::list::Motion;
use super::raw::{self, RawLine};
use crate::store::index::RowId;

/// The raw record of a sign-in.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// Whose record it is.
    pub row: RowId,
    /// The file and the number of the record in it.
    pub title: String,
    /// Where the record is.
    pub place: RecordPlace,
    /// In which other files the sign-in stands too, in words; empty when it stands here alone.
    pub also_in: String,
    /// The record.
    pub lines: Vec<RawLine>,
    /// What is being looked at, and where.
    pub lit: Option<Evidence>,
    /// The line under the cursor.
    pub cursor: usize,
    /// What was searched for.
    pub query: String,
    /// The lines that match the search.
    pub matches: Vec<usize>,
}

impl RecordView {
    /// A record with the cursor on the field that the evidence points at.
    pub fn new(
        row: RowId,
        place: RecordPlace,
        sign_in: &SignIn,
        lines: Vec<RawLine>,
        lit: Option<Evidence>,
    ) -> RecordView {
        let cursor = lit.as_ref().map_or(0, |evidence| raw::line_of(&lines, &evidence.pointer));
        let title = match place.record {
            Some(record) => format!("{} record {record}", place.file),
            None => place.file.to_string(),
        };
        let main = RecordPlace { file: Arc::clone(&sign_in.origin.file), record: sign_in.origin.record };
        let others = std::iter::once(&main).chain(&sign_in.also_in).filter(|other| **other != place);
        let also_in = others.map(RecordPlace::written).collect::<Vec<_>>().join(", ");
        RecordView { row, title, place, also_in, lines, lit, cursor, query: String::new(), matches: Vec::new() }
    }

    /// The line under the cursor.
    pub fn line(&self) -> Option<&RawLine> {
        self.lines.get(self.cursor)
    }

    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion, page: usize) {
        self.cursor = motion.from(self.cursor, self.lines.len(), page);
    }

    /// Whether the line belongs to the field under discussion.
    pub fn is_lit(&self, line: &RawLine) -> bool {
        self.lit.as_ref().is_some_and(|evidence| raw::is_within(line, &evidence.pointer))
    }

    /// Searches the record and goes to the first match at or after the cursor.
    pub fn search(&mut self, query: &str) {
        self.query = query.to_owned();
        let is_match = |line: &RawLine| !query.trim().is_empty() && contains_words(query, &line.written());
        self.matches =
            self.lines.iter().enumerate().filter(|(_, line)| is_match(line)).map(|(number, _)| number).collect();
        let next = self.matches.iter().find(|line| **line >= self.cursor).or(self.matches.first());
        self.cursor = next.copied().unwrap_or(self.cursor);
    }

    /// Goes to the match after (`forward`) or before the cursor, round the end.
    pub fn next_match(&mut self, forward: bool) {
        let next = if forward {
            self.matches.iter().find(|line| **line > self.cursor).or(self.matches.first())
        } else {
            self.matches.iter().rev().find(|line| **line < self.cursor).or(self.matches.last())
        };
        self.cursor = next.copied().unwrap_or(self.cursor);
    }
}
