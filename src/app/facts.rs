//! What the operator says while the screen runs: the facts of the panel, where each was said, and how one is changed.
//!
//! What is said here is kept apart from what was said with the command line and in files, so that it can be taken back. Every change
//! is a change of the evidence: what is shown is explained anew.

use std::sync::Arc;

use crate::domain::fact::{FACTS, FactName, Facts};
use crate::explain::access::Tenant;

use super::Model;
use super::keymap::Context;
use super::overlay::Overlay;
use super::prompt::Prompt;

/// Where a fact was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidIn<'a> {
    /// Nowhere.
    Nowhere,
    /// On the command line.
    Flag,
    /// In a file of the evidence.
    File(&'a str),
    /// On the screen.
    Here,
}

/// A fact as the panel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactLine<'a> {
    /// The fact.
    pub fact: FactName,
    /// Its value, when it was said.
    pub value: Option<String>,
    /// Where it was said.
    pub said: SaidIn<'a>,
}

/// All facts with their values, in the order of the table.
pub fn fact_lines(model: &Model) -> Vec<FactLine<'_>> {
    let line = |fact: FactName| {
        let here = model.facts_here.value(fact.name);
        let before = model.facts.value(fact.name);
        let file = model.inventory.files.iter().find(|file| file.facts.value(fact.name).is_some());
        let said = match (&here, &before, file) {
            (Some(_), ..) => SaidIn::Here,
            (None, Some(_), Some(file)) => SaidIn::File(&file.path),
            (None, Some(_), None) => SaidIn::Flag,
            (None, None, _) => SaidIn::Nowhere,
        };
        FactLine { fact, value: here.or(before), said }
    };
    FACTS.map(line).into()
}

impl Model {
    /// Makes the tenant anew with what is said, and lets what is shown follow.
    pub(super) fn use_facts(&mut self) {
        let facts = self.facts_here.or(&self.facts);
        self.tenant = Arc::new(Tenant::clone(&self.tenant).with_facts(facts));
        self.note_evidence();
    }

    fn fact(&self) -> Option<FactName> {
        let Some(Overlay::Facts(cursor)) = self.overlay else { return None };
        FACTS.get(cursor).copied()
    }

    /// Turns the fact under the cursor to its next or last value, by way of what was said elsewhere; a number is typed.
    pub(super) fn turn_fact(&mut self, by: isize) {
        let Some(fact) = self.fact() else { return };
        if fact.values.is_empty() {
            let value = self.facts_here.value(fact.name).unwrap_or_default();
            self.prompt = Some(Prompt::new(Context::Facts, &value));
            return;
        }
        // To say again what was said elsewhere changes nothing.
        let before = self.facts.value(fact.name);
        let values: Vec<&str> = fact.values.iter().copied().filter(|value| before.as_deref() != Some(value)).collect();
        if values.is_empty() {
            return self.say(format!("`{}` has no other value", fact.name));
        }
        let here = self.facts_here.value(fact.name);
        let at = values.iter().position(|value| here.as_deref() == Some(value)).map_or(0, |at| at + 1);
        let count = values.len() + 1;
        let step = by.rem_euclid(isize::try_from(count).unwrap_or(1)).unsigned_abs();
        self.facts_here.take_back(fact.name);
        if let Some(value) = ((at + step) % count).checked_sub(1).and_then(|next| values.get(next)) {
            // The value is one of the table's.
            let _ = self.facts_here.say(fact.name, value);
        }
        self.use_facts();
    }

    /// Takes in what was typed for the fact under the cursor; an empty text takes it back. Fails with the reason when it cannot be
    /// meant.
    pub(super) fn say_fact(&mut self, text: &str) -> Result<(), String> {
        let Some(fact) = self.fact() else { return Ok(()) };
        match text.trim() {
            "" => self.facts_here.take_back(fact.name),
            text => self.facts_here.say(fact.name, text)?,
        }
        self.use_facts();
        Ok(())
    }

    /// Why the fact under the cursor cannot be taken back; nothing when it can.
    pub(super) fn facts_refusal(&self) -> Option<String> {
        let fact = self.fact()?;
        match (self.facts_here.value(fact.name), self.facts.value(fact.name)) {
            (Some(_), _) => None,
            (None, Some(_)) => Some(format!("`{}` was not said here; another value can be", fact.name)),
            (None, None) => Some(format!("`{}` was not said", fact.name)),
        }
    }

    /// Takes back what was said here of the fact under the cursor.
    pub(super) fn take_fact_back(&mut self) {
        if let Some(fact) = self.fact() {
            self.facts_here.take_back(fact.name);
            self.use_facts();
        }
    }

    /// Takes back all that was said here.
    pub(super) fn take_all_facts_back(&mut self) {
        self.facts_here = Facts::default();
        self.use_facts();
    }
}
