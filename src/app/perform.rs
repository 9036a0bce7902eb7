//! Handles keys and pasted text: what each action does to the model.

use super::copy::CopyItem;
use super::history::{Pane, Place};
use super::key::Key;
use super::keymap::{Action, Context, action_for};
use super::list::Motion;
use super::message::{Effect, Form};
use super::overlay::{HelpPanel, Overlay, Page, file_lines, help_lines};
use super::policies::{PolicyPanel, policy_lines};
use super::prompt::Prompt;
use super::record::RecordView;
use super::sign_ins::SignInList;
use super::timeline::{TimelinePanel, turn_browser, turn_frequency};
use super::what_if::{Input, WhatIfPanel};
use super::{Model, raw, sign_ins};
use crate::domain::fact::FACTS;
use crate::domain::sign_in::RecordPlace;
use crate::explain::access::{Tenant, from_sign_in};
use crate::store::index::{RowId, UserKey};

impl Model {
    /// Handles a key.
    pub(super) fn press(&mut self, key: Key) -> Vec<Effect> {
        self.toast = None;
        let context = self.context();
        let before = self.place();
        let Some(action) = action_for(key, context) else {
            match key.written() {
                Some(c) if context == Context::Prompt => return self.type_text(&c.to_string()),
                _ => self.say(format!("`{key}` has no meaning here; ? shows the keys")),
            }
            return Vec::new();
        };
        if let Some(reason) = self.refusal(action) {
            self.say(reason);
            return Vec::new();
        }
        let effects = self.perform(action, context);
        let moves_by_history = matches!(action, Action::HistoryBack | Action::HistoryForward | Action::LastPlace);
        if self.prompt.is_none() && !moves_by_history {
            let is_jump = motion(action).is_none() && self.place().row != before.row;
            self.history.visit(self.place(), is_jump);
        }
        effects
    }

    /// The sign-in that a request or correlation id means.
    pub(super) fn row_of_id(&self, text: &str) -> Option<RowId> {
        self.index.find_id(text).or_else(|| self.index.find_correlation(text).first().copied())
    }

    /// Handles pasted text: into the prompt, else an id jumps to its sign-in, else it is searched among the users.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        self.toast = None;
        let text = text.trim();
        if self.prompt.is_some() || text.is_empty() {
            return self.type_text(text);
        }
        match self.row_of_id(text) {
            Some(row) => {
                self.overlay = None;
                self.go_to_row(row);
                self.focus = Pane::Why;
                self.history.visit(self.place(), true);
                Vec::new()
            }
            None => {
                // Among the address collisions an address or id is meant to be searched there.
                if self.context() != Context::Addresses {
                    self.overlay = None;
                    self.focus = Pane::Users;
                }
                self.open_prompt();
                self.type_text(text)
            }
        }
    }

    /// The timeline, also where help lies over it.
    pub(super) fn timeline(&self) -> Option<&TimelinePanel> {
        match self.overlay.as_ref()?.under_help()? {
            Overlay::Timeline(panel) => Some(panel),
            _ => None,
        }
    }

    /// Lets an open timeline follow the newest answer.
    pub(super) fn renew_timeline(&mut self) {
        let Some(ledger) = self.why.explained.as_ref().map(|found| &found.ledger) else { return };
        if let Some(Overlay::Timeline(panel)) = &mut self.overlay {
            panel.renew(std::sync::Arc::clone(ledger));
        }
    }

    fn open_timeline(&mut self) {
        let Some(explained) = &self.why.explained else { return };
        let mut panel = TimelinePanel::new(std::sync::Arc::clone(&explained.ledger));
        if self.focus >= Pane::SignIns
            && let Some(row) = panel.ledger.find(&explained.explanation.sign_in.id)
        {
            panel.go_to_row(row);
        }
        self.users.list.pin();
        self.sign_ins.list.pin();
        self.overlay = Some(Overlay::Timeline(Box::new(panel)));
    }

    fn change_timeline(&mut self, change: impl FnOnce(&mut TimelinePanel)) {
        if let Some(Overlay::Timeline(panel)) = &mut self.overlay {
            change(panel);
        }
    }

    /// Goes to the sign-in of the line under the cursor in the timeline.
    fn open_row_of_timeline(&mut self) {
        let Some(id) = self.timeline().and_then(|panel| panel.ledger.id_of(panel.row(panel.item()))) else { return };
        match self.index.find_id(&id) {
            Some(row) => {
                self.overlay = None;
                self.go_to_row(row);
                self.focus = Pane::Why;
            }
            None => self.complain(format!("sign-in {id} is not in the evidence")),
        }
    }

    pub(super) fn perform(&mut self, action: Action, context: Context) -> Vec<Effect> {
        if context == Context::Prompt {
            return self.edit(action);
        }
        match action {
            Action::Open => return self.open(context),
            Action::Back => return self.back(),
            Action::Leave => return self.leave(),
            Action::Quit => return vec![Effect::Quit],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Picture => return vec![Effect::Picture],
            Action::Copy(item) => return self.copy(item),
            Action::NextPane if context != Context::WhatIf => self.turn_focus(1),
            Action::PreviousPane => self.turn_focus(-1),
            Action::HistoryBack => return self.travel(|model| model.history.step(-1)),
            Action::HistoryForward => return self.travel(|model| model.history.step(1)),
            Action::LastPlace => return self.travel(|model| model.history.last()),
            Action::Search => self.open_prompt(),
            Action::NextMatch => self.next_match(true),
            Action::PreviousMatch => self.next_match(false),
            Action::NextFailure => self.go_beside(self.failure_beside(true)),
            Action::PreviousFailure => self.go_beside(self.failure_beside(false)),
            Action::NextInAttempt => self.turn_among(&self.attempt(), 1),
            Action::PreviousInAttempt => self.turn_among(&self.attempt(), -1),
            Action::NextInSession => self.turn_among(&self.session(), 1),
            Action::PreviousInSession => self.turn_among(&self.session(), -1),
            Action::NextStep => self.walk(1),
            Action::PreviousStep => self.walk(-1),
            Action::ToggleFold => self.why.set_folded(self.why.cursor, !self.why.is_folded(self.why.cursor)),
            Action::Unfold if self.why.is_folded(self.why.cursor) => self.why.set_folded(self.why.cursor, false),
            Action::Unfold => self.why.go(Motion::Down, 1),
            Action::Fold => return self.fold(),
            Action::ShowRecord => self.show_evidence(),
            Action::LongText => self.overlay = self.long_text().map(Overlay::Page),
            Action::Policies => self.overlay = Some(Overlay::Policies(PolicyPanel::default())),
            Action::WhatIf => self.open_what_if(),
            Action::Facts => self.overlay = Some(Overlay::Facts(0)),
            Action::NextValue if context == Context::Facts => self.turn_fact(1),
            Action::PreviousValue if context == Context::Facts => self.turn_fact(-1),
            Action::ResetInput if context == Context::Facts => self.take_fact_back(),
            Action::ResetAll if context == Context::Facts => self.take_all_facts_back(),
            Action::Timeline => self.open_timeline(),
            Action::Lockouts => self.open_lockouts(),
            Action::NextTry => {
                self.change_lockouts(|panel| panel.cursor = panel.try_beside(true).unwrap_or(panel.cursor))
            }
            Action::PreviousTry => {
                self.change_lockouts(|panel| panel.cursor = panel.try_beside(false).unwrap_or(panel.cursor));
            }
            Action::NextEpisode => {
                self.change_lockouts(|panel| panel.cursor = panel.episode_beside(true).unwrap_or(panel.cursor));
            }
            Action::PreviousEpisode => {
                self.change_lockouts(|panel| panel.cursor = panel.episode_beside(false).unwrap_or(panel.cursor));
            }
            Action::TurnPattern => {
                self.change_lockouts(|panel| panel.choose(|choices| choices.by_pattern = !choices.by_pattern));
            }
            Action::TurnResets => {
                self.change_lockouts(|panel| panel.choose(|choices| choices.success_resets = !choices.success_resets));
            }
            Action::CopyLockouts => return self.copy_lockouts(),
            Action::Addresses => self.open_addresses(),
            Action::NextCollision => self.change_addresses(|panel| panel.turn(true)),
            Action::PreviousCollision => self.change_addresses(|panel| panel.turn(false)),
            Action::CopyRequest => return self.copy_request(),
            Action::CopyPlan => return self.copy_plan(),
            Action::CopyAddresses => return self.copy_addresses(),
            Action::NextPrompt => self.change_timeline(|panel| panel.go_to_prompt(true)),
            Action::PreviousPrompt => self.change_timeline(|panel| panel.go_to_prompt(false)),
            Action::ZoomIn => self.change_timeline(TimelinePanel::zoom_in),
            Action::ZoomOut => self.change_timeline(TimelinePanel::zoom_out),
            Action::ZoomWhole => self.change_timeline(TimelinePanel::zoom_whole),
            Action::Later => self.change_timeline(|panel| panel.pan(1)),
            Action::Earlier => self.change_timeline(|panel| panel.pan(-1)),
            Action::Replay => self.change_timeline(TimelinePanel::turn_replay),
            Action::TurnBrowser => self.change_timeline(|panel| panel.turn_change(turn_browser)),
            Action::TurnFrequency => self.change_timeline(|panel| panel.turn_change(turn_frequency)),
            Action::NextValue => return self.turn_value(1),
            Action::PreviousValue => return self.turn_value(-1),
            Action::ResetInput => self.change_what_if(WhatIfPanel::reset),
            Action::ResetAll => self.change_what_if(WhatIfPanel::reset_all),
            Action::NextPane if context == Context::WhatIf => {
                if let Some(Overlay::WhatIf(panel)) = &mut self.overlay {
                    panel.policy = if panel.policy.is_some() { None } else { Some(0) };
                }
            }
            Action::CopyMenu => self.overlay = Some(Overlay::Copy(0)),
            Action::Files => self.overlay = Some(Overlay::Files(0)),
            Action::Help => {
                let under = self.overlay.take().map(Box::new);
                self.overlay = Some(Overlay::Help(HelpPanel { context, query: String::new(), cursor: 0, under }));
            }
            Action::Zone => {
                self.clock.turn();
                self.sign_ins.refresh(&self.index, &self.clock);
                self.say(format!("times are in {}", self.clock.label(self.index.span_of_time().map(|(_, last)| last))));
            }
            _ => match motion(action) {
                Some(motion) => self.go(motion),
                None => self.say("this key only has a meaning in a prompt"),
            },
        }
        Vec::new()
    }

    pub(super) fn go(&mut self, motion: Motion) {
        let page = self.page();
        match &mut self.overlay {
            Some(Overlay::Help(panel)) => {
                let mut panel = panel.clone();
                panel.cursor = motion.from(panel.cursor, help_lines(self, &panel).len(), page);
                self.overlay = Some(Overlay::Help(panel));
            }
            Some(Overlay::Files(cursor)) => {
                let cursor = motion.from(*cursor, file_lines(self).len(), page);
                self.overlay = Some(Overlay::Files(cursor));
            }
            Some(Overlay::Copy(cursor)) => *cursor = motion.from(*cursor, CopyItem::ALL.len(), page),
            Some(Overlay::Facts(cursor)) => *cursor = motion.from(*cursor, FACTS.len(), page),
            Some(Overlay::Page(text)) => text.go(motion, page),
            Some(Overlay::Policies(panel)) => {
                let mut panel = panel.clone();
                panel.cursor = motion.from(panel.cursor, policy_lines(self, &panel).len(), page);
                self.overlay = Some(Overlay::Policies(panel));
            }
            Some(Overlay::WhatIf(panel)) => match &mut panel.policy {
                Some(at) => *at = motion.from(*at, panel.after.policies.len(), page),
                None => panel.cursor = motion.from(panel.cursor, Input::ALL.len(), page),
            },
            Some(Overlay::Timeline(panel)) => panel.go(motion, page),
            Some(Overlay::Lockouts(panel)) => panel.go(motion, page),
            Some(Overlay::Addresses(panel)) => panel.go(motion, page),
            None => match (self.focus, &mut self.record) {
                (Pane::Users, _) => self.users.list.go(motion, page),
                (Pane::SignIns, _) => self.sign_ins.list.go(motion, page),
                (Pane::Record, Some(record)) => record.go(motion, page),
                (Pane::Why | Pane::Record, _) => self.why.go(motion, page),
            },
        }
    }

    pub(super) fn open(&mut self, context: Context) -> Vec<Effect> {
        match context {
            Context::Users => {
                self.users.list.pin();
                self.sign_ins.list.pin();
                self.focus = Pane::SignIns;
            }
            Context::SignIns => {
                self.sign_ins.list.pin();
                self.focus = Pane::Why;
            }
            Context::Why => self.follow(),
            Context::Policies => self.show_policy(),
            Context::WhatIf => return self.open_in_what_if(),
            Context::Timeline => self.open_row_of_timeline(),
            Context::Lockouts => self.open_row_of_lockouts(),
            Context::Addresses => self.open_account_of_collision(),
            Context::Menu => {
                if let Some(Overlay::Copy(cursor)) = &self.overlay
                    && let Some(item) = CopyItem::ALL.get(*cursor).copied()
                {
                    match self.refusal(Action::Copy(item)) {
                        Some(reason) => self.say(reason),
                        None => return self.copy(item),
                    }
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// Shows the policy under the cursor of the list in the explanation, unfolded.
    pub(super) fn show_policy(&mut self) {
        let Some(Overlay::Policies(panel)) = &self.overlay else { return };
        let Some((number, _)) = policy_lines(self, panel).get(panel.cursor).copied() else { return };
        self.overlay = None;
        self.sign_ins.list.pin();
        self.focus = Pane::Why;
        self.why.show_policy(number);
    }

    fn open_what_if(&mut self) {
        let Some(explained) = &self.why.explained else { return };
        let context = from_sign_in::context(&explained.explanation.sign_in, &self.tenant);
        self.overlay = Some(Overlay::WhatIf(Box::new(WhatIfPanel::new(context, &self.tenant))));
    }

    fn change_what_if(&mut self, change: fn(&mut WhatIfPanel, &Tenant)) {
        let tenant = std::sync::Arc::clone(&self.tenant);
        if let Some(Overlay::WhatIf(panel)) = &mut self.overlay {
            change(panel, &tenant);
        }
    }

    /// Turns the input under the cursor; one that is typed opens a prompt.
    fn turn_value(&mut self, by: isize) -> Vec<Effect> {
        let tenant = std::sync::Arc::clone(&self.tenant);
        let Some(Overlay::WhatIf(panel)) = &mut self.overlay else { return Vec::new() };
        match (panel.policy, panel.input().values().is_empty()) {
            (Some(_), _) => {}
            (None, true) => self.prompt = Some(Prompt::new(Context::WhatIf, "")),
            (None, false) => panel.turn(by, &tenant),
        }
        Vec::new()
    }

    /// Changes the input under the cursor, or says at length why the policy under the cursor comes out as it does.
    fn open_in_what_if(&mut self) -> Vec<Effect> {
        let Some(Overlay::WhatIf(panel)) = &self.overlay else { return Vec::new() };
        let Some(at) = panel.policy else { return self.turn_value(1) };
        let Some(flip) = panel.flips().get(at).copied() else { return Vec::new() };
        let words =
            if flip.after.miss.is_empty() { "every condition holds".to_owned() } else { flip.after.miss.clone() };
        self.say(format!("{}: {words}", flip.after.display_name));
        Vec::new()
    }

    /// Follows the line under the cursor: to the sign-in it names, else to its evidence, else it is unfolded.
    pub(super) fn follow(&mut self) {
        let Some(node) = self.why.node() else { return };
        match (node.leads_to.clone(), &node.evidence) {
            (Some(id), _) => match self.index.find_id(&id) {
                Some(row) => self.go_to_row(row),
                None => self.complain(format!("sign-in {id} is not in the evidence")),
            },
            (None, Some(_)) => self.show_evidence(),
            (None, None) => self.why.set_folded(self.why.cursor, !self.why.is_folded(self.why.cursor)),
        }
    }

    /// Shows the raw record at the evidence under the cursor; evidence that stands elsewhere is quoted on a page.
    fn show_evidence(&mut self) {
        let (Some(row), Some(explained)) = (self.why.row, &self.why.explained) else { return };
        let evidence =
            if self.focus == Pane::Why { self.why.node().and_then(|node| node.evidence.clone()) } else { None };
        let sign_in = &explained.explanation.sign_in;
        let place = match &evidence {
            Some(evidence) => RecordPlace { file: evidence.file.clone(), record: evidence.record },
            None => RecordPlace { file: sign_in.origin.file.clone(), record: sign_in.origin.record },
        };
        match (explained.record_at(&place.file, place.record), evidence) {
            (Some(json), evidence) => {
                self.record = Some(RecordView::new(row, place, sign_in, raw::lines(json), evidence));
                self.focus = Pane::Record;
            }
            (None, Some(evidence)) => {
                self.overlay =
                    Some(Overlay::Page(Page::of_evidence(&evidence, &self.why.policy_text(self.why.cursor))));
            }
            (None, None) => {}
        }
    }

    /// The long text of the code on the line or row under the cursor.
    pub(super) fn long_text(&self) -> Option<Page> {
        if self.focus == Pane::SignIns {
            let row = self.index.row(self.sign_ins.list.selected()?)?;
            return Page::of_error_code(row.error_code?);
        }
        let node = self.why.node()?;
        Page::of_code(&node.name)
            .or_else(|| node.evidence.as_ref().and_then(|evidence| Page::of_code(&evidence.value)))
            .or_else(|| self.why.row.and_then(|row| Page::of_error_code(self.index.row(row)?.error_code?)))
    }

    /// Closes what is on top, else ends the walk, else clears the filter, else goes a level back.
    pub(super) fn back(&mut self) -> Vec<Effect> {
        if let Some(Overlay::Help(panel)) = &mut self.overlay
            && !panel.query.is_empty()
        {
            panel.query.clear();
        } else if let Some(Overlay::Policies(panel)) = &mut self.overlay
            && !panel.query.is_empty()
        {
            *panel = PolicyPanel::default();
        } else if let Some(Overlay::Addresses(panel)) = &mut self.overlay
            && !panel.list.query.is_empty()
        {
            panel.list.pin();
            panel.search("");
        } else if let Some(overlay) = self.overlay.take() {
            if let Overlay::Help(panel) = overlay {
                self.overlay = panel.under.map(|under| *under);
            }
        } else if self.focus == Pane::Why && self.why.walk.is_some() {
            self.why.end_walk();
        } else if !self.query(self.pane_context()).is_empty() {
            return self.set_query(self.pane_context(), "");
        } else {
            match outer(self.focus) {
                Some(pane) => self.focus = pane,
                None => self.say("this is the first view; q quits"),
            }
        }
        Vec::new()
    }

    pub(super) fn leave(&mut self) -> Vec<Effect> {
        if self.overlay.is_some() {
            self.overlay = None;
            return Vec::new();
        }
        match outer(self.focus) {
            Some(pane) => self.focus = pane,
            None => return vec![Effect::Quit],
        }
        Vec::new()
    }

    /// Folds the line, else goes to the line above it in the tree, else back.
    pub(super) fn fold(&mut self) -> Vec<Effect> {
        let line = self.why.cursor;
        if self.why.has_below(line) && !self.why.is_folded(line) {
            self.why.set_folded(line, true);
        } else if let Some(above) = self.why.above(line) {
            self.why.cursor = above;
        } else {
            return self.back();
        }
        Vec::new()
    }

    pub(super) fn walk(&mut self, by: isize) {
        self.sign_ins.list.pin();
        self.focus = Pane::Why;
        if let Some(step) = self.why.step_beside(by) {
            self.why.walk_to(step);
        }
    }

    fn turn_focus(&mut self, by: isize) {
        let all = [Pane::Users, Pane::SignIns, Pane::Why, Pane::Record];
        let open = if self.record.is_some() { 4 } else { 3 };
        let at = all.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let next = at.saturating_add_signed(by.rem_euclid(open)) % open.unsigned_abs();
        self.focus = all.get(next).copied().unwrap_or(Pane::Users);
        if self.focus >= Pane::SignIns {
            self.users.list.pin();
        }
    }

    fn travel(&mut self, step: impl FnOnce(&mut Model) -> Option<Place>) -> Vec<Effect> {
        let Some(place) = step(self) else { return Vec::new() };
        match (place.row, place.user) {
            (Some(row), _) => self.go_to_row(row),
            (None, Some(user)) => self.users.list.select(user),
            (None, None) => {}
        }
        let record_is_open = self.record.as_ref().is_some_and(|record| Some(record.row) == place.row);
        self.focus = if place.pane == Pane::Record && !record_is_open { Pane::Why } else { place.pane };
        Vec::new()
    }

    /// Selects a user wherever they are; a filter that hides them is cleared.
    pub(super) fn select_user(&mut self, user: UserKey) {
        if !self.users.list.items.contains(&user) {
            self.users.list.query.clear();
            // Without a query there is nothing for a worker to search.
            let _none = self.users.refresh(&self.index);
        }
        self.users.list.select(user);
        if self.sign_ins.user != Some(user) {
            self.sign_ins = SignInList { user: Some(user), ..SignInList::default() };
            self.sign_ins.refresh(&self.index, &self.clock);
        }
    }

    /// Selects a sign-in wherever it is; filters that hide it or its user are cleared.
    pub(super) fn go_to_row(&mut self, row: RowId) {
        let Some(user) = self.index.row(row).map(|row| row.user) else { return };
        self.select_user(user);
        if !self.sign_ins.list.items.contains(&row) {
            self.sign_ins.list.query.clear();
            self.sign_ins.refresh(&self.index, &self.clock);
        }
        self.sign_ins.list.select(row);
    }

    fn go_beside(&mut self, row: Option<RowId>) {
        if let Some(row) = row {
            self.sign_ins.list.select(row);
        }
    }

    pub(super) fn failure_beside(&self, down: bool) -> Option<RowId> {
        let (rows, at) = (&self.sign_ins.list.items, self.sign_ins.list.position());
        let fails = |id: &&RowId| self.index.row(**id).is_some_and(sign_ins::is_failure);
        let found = if down { rows.iter().skip(at + 1).find(fails) } else { rows.iter().take(at).rev().find(fails) };
        found.copied()
    }

    pub(super) fn attempt(&self) -> Vec<RowId> {
        self.sign_ins.list.selected().map(|row| self.index.attempt_of(row)).unwrap_or_default()
    }

    pub(super) fn session(&self) -> Vec<RowId> {
        self.sign_ins.list.selected().map(|row| self.index.session_of(row)).unwrap_or_default()
    }

    /// Goes to the row after or before the selected one, round the end.
    fn turn_among(&mut self, rows: &[RowId], by: isize) {
        let selected = self.sign_ins.list.selected();
        let at = rows.iter().position(|row| Some(*row) == selected).unwrap_or(0);
        let count = isize::try_from(rows.len()).unwrap_or(isize::MAX).max(1);
        let next = at.saturating_add_signed(by.rem_euclid(count)) % rows.len().max(1);
        if let Some(row) = rows.get(next) {
            self.go_to_row(*row);
            self.say(format!("row {} of {} by time", next + 1, rows.len()));
        }
    }

    pub(super) fn copy(&mut self, item: CopyItem) -> Vec<Effect> {
        let form = match item {
            CopyItem::Text => Some(Form::Text),
            CopyItem::Markdown => Some(Form::Markdown),
            _ => None,
        };
        let effect = match (form, &self.why.explained) {
            (Some(form), Some(explained)) => {
                let explanation = std::sync::Arc::clone(&explained.explanation);
                Some(Effect::CopyReport { form, explanation })
            }
            _ => self.copy_text(item).map(|text| Effect::Copy { what: item.label(), text }),
        };
        self.overlay = None;
        effect.into_iter().collect()
    }

    pub(super) fn next_match(&mut self, forward: bool) {
        match (&mut self.overlay, &mut self.record) {
            // The help shows matches only, so the next match is the next line.
            (Some(_), _) => self.go(if forward { Motion::Down } else { Motion::Up }),
            (None, Some(record)) => record.next_match(forward),
            (None, None) => {}
        }
    }
}

fn outer(pane: Pane) -> Option<Pane> {
    match pane {
        Pane::Users => None,
        Pane::SignIns => Some(Pane::Users),
        Pane::Why => Some(Pane::SignIns),
        Pane::Record => Some(Pane::Why),
    }
}

fn motion(action: Action) -> Option<Motion> {
    match action {
        Action::Down => Some(Motion::Down),
        Action::Up => Some(Motion::Up),
        Action::HalfDown => Some(Motion::HalfDown),
        Action::HalfUp => Some(Motion::HalfUp),
        Action::PageDown => Some(Motion::PageDown),
        Action::PageUp => Some(Motion::PageUp),
        Action::First => Some(Motion::First),
        Action::Last => Some(Motion::Last),
        _ => None,
    }
}
