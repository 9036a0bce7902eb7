//! Handles what is typed into the prompt, and the filter or search that follows it.

use super::Model;
use super::history::Pane;
use super::keymap::{Action, Context};
use super::list::Motion;
use super::message::Effect;
use super::overlay::Overlay;
use super::prompt::Prompt;

impl Model {
    pub(super) fn open_prompt(&mut self) {
        let target = self.context();
        self.before_prompt = Some(self.place());
        self.prompt = Some(Prompt::new(target, self.query(target)));
    }

    pub(super) fn query(&self, target: Context) -> &str {
        match (target, &self.overlay, &self.record) {
            (Context::Users, ..) => &self.users.list.query,
            (Context::SignIns, ..) => &self.sign_ins.list.query,
            (Context::Help, Some(Overlay::Help(panel)), _) => &panel.query,
            (Context::Policies, Some(Overlay::Policies(panel)), _) => &panel.query,
            (Context::Addresses, Some(Overlay::Addresses(panel)), _) => &panel.list.query,
            (Context::Record, _, Some(record)) => &record.query,
            _ => "",
        }
    }

    pub(super) fn set_query(&mut self, target: Context, query: &str) -> Vec<Effect> {
        match (target, &mut self.overlay, &mut self.record) {
            (Context::Users, ..) => {
                let keep = if query.is_empty() { self.users.list.selected() } else { None };
                query.clone_into(&mut self.users.list.query);
                self.users.list.unpin();
                if let Some(user) = keep {
                    self.users.list.select(user);
                }
                return self.users.refresh(&self.index).map(Effect::Find).into_iter().collect();
            }
            (Context::SignIns, ..) => {
                let keep = self.sign_ins.list.selected();
                query.clone_into(&mut self.sign_ins.list.query);
                self.sign_ins.refresh(&self.index, &self.clock);
                match keep.filter(|row| self.sign_ins.list.items.contains(row)) {
                    Some(row) => self.sign_ins.list.select(row),
                    None => self.sign_ins.list.unpin(),
                }
            }
            (Context::Help, Some(Overlay::Help(panel)), _) => {
                query.clone_into(&mut panel.query);
                panel.cursor = 0;
            }
            (Context::Policies, Some(Overlay::Policies(panel)), _) => {
                query.clone_into(&mut panel.query);
                panel.cursor = 0;
            }
            (Context::Addresses, Some(Overlay::Addresses(panel)), _) => panel.search(query),
            (Context::Record, _, Some(record)) => record.search(query),
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn type_text(&mut self, text: &str) -> Vec<Effect> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.insert(text);
        let (target, query) = (prompt.target, prompt.text.clone());
        self.set_query(target, &query)
    }

    pub(super) fn edit(&mut self, action: Action) -> Vec<Effect> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let target = prompt.target;
        match action {
            Action::Quit => return vec![Effect::Quit],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Accept => return self.accept(),
            Action::Cancel => return self.cancel(),
            Action::Delete if prompt.text.is_empty() => return self.cancel(),
            Action::Up if prompt.text.is_empty() => prompt.set(&self.last_query.clone()),
            Action::Up | Action::Down => {
                let motion = if action == Action::Up { Motion::Up } else { Motion::Down };
                self.move_under_prompt(target, motion);
                return Vec::new();
            }
            Action::Delete => prompt.delete(),
            Action::DeleteWord => prompt.delete_word(),
            Action::DeleteAll => prompt.set(""),
            Action::Left => prompt.shift(-1),
            Action::Right => prompt.shift(1),
            Action::First => prompt.cursor = 0,
            Action::Last => prompt.cursor = prompt.text.chars().count(),
            _ => {}
        }
        let query = self.prompt.as_ref().map(|prompt| prompt.text.clone()).unwrap_or_default();
        if query == self.query(target) { Vec::new() } else { self.set_query(target, &query) }
    }

    fn move_under_prompt(&mut self, target: Context, motion: Motion) {
        match (target, &mut self.record) {
            (Context::Users, _) => self.users.list.go(motion, 1),
            (Context::SignIns, _) => self.sign_ins.list.go(motion, 1),
            (Context::Record, Some(record)) => record.next_match(motion == Motion::Down),
            (Context::Addresses, _) => self.change_addresses(|panel| panel.turn(motion == Motion::Down)),
            _ => self.go(motion),
        }
    }

    /// Keeps what was typed; a user that was searched is opened at once, which saves a key.
    fn accept(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        if prompt.target == Context::WhatIf {
            let tenant = std::sync::Arc::clone(&self.tenant);
            if let Some(Overlay::WhatIf(panel)) = &mut self.overlay
                && let Err(reason) = panel.typed(&prompt.text, &tenant)
            {
                self.complain(reason);
                self.prompt = Some(prompt);
            }
            return Vec::new();
        }
        if prompt.target == Context::Facts {
            if let Err(reason) = self.say_fact(&prompt.text) {
                self.complain(reason);
                self.prompt = Some(prompt);
            }
            return Vec::new();
        }
        if prompt.target == Context::Users
            && self.users.list.items.is_empty()
            && self.row_of_id(prompt.text.trim()).is_some()
        {
            // A request or correlation id typed among the users means its sign-in.
            let _effects = self.set_query(Context::Users, "");
            return self.paste(&prompt.text);
        }
        let found = match prompt.target {
            Context::Users => !self.users.list.items.is_empty(),
            Context::SignIns => !self.sign_ins.list.items.is_empty(),
            Context::Record => self.record.as_ref().is_some_and(|record| !record.matches.is_empty()),
            Context::Addresses => self.collisions().is_some_and(|panel| panel.collision().is_some()),
            _ => true,
        };
        if !found && !prompt.text.is_empty() {
            let so_far = if self.is_loaded { "" } else { " so far" };
            self.complain(format!("nothing matches `{}`{so_far}; / changes it, esc clears it", prompt.text));
        } else if prompt.target == Context::Users {
            self.users.list.pin();
            self.focus = Pane::SignIns;
        } else if prompt.target == Context::SignIns {
            self.sign_ins.list.pin();
        } else if prompt.target == Context::Addresses {
            self.change_addresses(|panel| panel.list.pin());
        }
        if !prompt.text.is_empty() {
            self.last_query = prompt.text;
        }
        Vec::new()
    }

    /// Drops what was typed and returns to where the cursor was.
    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let effects = self.set_query(prompt.target, &prompt.before);
        if let Some(place) = self.before_prompt.take() {
            match (prompt.target, place.user, place.row) {
                (Context::Users, Some(user), _) => self.users.list.select(user),
                (Context::SignIns, _, Some(row)) => self.sign_ins.list.select(row),
                _ => {}
            }
        }
        effects
    }
}
