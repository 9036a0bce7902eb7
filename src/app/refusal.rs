//! Says why an action cannot be done now, for the message, the hints and the help.

use super::Model;
use super::copy::CopyItem;
use super::keymap::{Action, Context};
use super::overlay::Overlay;
use crate::domain::fact::Facts;

impl Model {
    /// Why an action cannot be done now; nothing when it can.
    pub fn refusal(&self, action: Action) -> Option<String> {
        self.refusal_in(action, self.context())
    }

    /// Why an action cannot be done in a context; nothing when it can.
    pub fn refusal_in(&self, action: Action, context: Context) -> Option<String> {
        let refuse = |refused: bool, reason: &str| refused.then(|| reason.to_owned());
        let unexplained = !self.why.is_current();
        match action {
            Action::Open if context == Context::Users => refuse(self.users.list.items.is_empty(), "no user is listed"),
            Action::Open if context == Context::SignIns => {
                refuse(self.sign_ins.list.items.is_empty(), "no sign-in is listed")
            }
            Action::Open if context == Context::Why => {
                let leads_nowhere = self.why.node().is_none_or(|node| {
                    node.evidence.is_none() && node.leads_to.is_none() && !self.why.has_below(self.why.cursor)
                });
                refuse(leads_nowhere, "this line has no evidence of its own; n walks the steps, v shows the record")
            }
            Action::NextStep | Action::PreviousStep if unexplained => {
                Some("the explanation is not there yet".to_owned())
            }
            Action::NextStep => refuse(self.why.step_beside(1).is_none(), "this is the last step"),
            Action::PreviousStep => refuse(self.why.step_beside(-1).is_none(), "this is the first step"),
            Action::ToggleFold | Action::Unfold => {
                let nothing = !self.why.has_below(self.why.cursor);
                refuse(nothing, "nothing lies below this line")
            }
            Action::Policies if unexplained => Some("the explanation is not there yet".to_owned()),
            Action::Policies => {
                let none = self.why.explained.as_ref().is_none_or(|found| found.explanation.policies.is_empty());
                refuse(none, "neither the record nor a snapshot holds policies")
            }
            Action::WhatIf if unexplained => Some("the explanation is not there yet".to_owned()),
            Action::WhatIf => {
                refuse(self.tenant.snapshot().policies.is_empty(), "there is no snapshot with policies to ask")
            }
            Action::ResetInput if context == Context::Facts => self.facts_refusal(),
            Action::ResetAll if context == Context::Facts => {
                refuse(self.facts_here == Facts::default(), "nothing was said here")
            }
            Action::Timeline if unexplained => Some("the explanation is not there yet".to_owned()),
            Action::Timeline => {
                let none = self.why.explained.as_ref().is_none_or(|found| found.ledger.uses.is_empty());
                refuse(none, "no row of this user has to do with sessions")
            }
            Action::Open if context == Context::Timeline => {
                let leads = self.timeline().and_then(|panel| panel.row(panel.item()));
                refuse(leads.is_none(), "this line is no row of the log")
            }
            Action::Lockouts if unexplained => Some("the explanation is not there yet".to_owned()),
            Action::Lockouts => {
                let lockouts = self.why.explained.as_ref().map(|found| found.lockouts.as_ref());
                match lockouts {
                    Some(Some(lockouts)) => refuse(lockouts.is_empty(), "this user has no wrong password and no lock"),
                    _ => Some("the sign-ins are still being read".to_owned()),
                }
            }
            Action::Open if context == Context::Lockouts => {
                let leads = self.lockouts().and_then(|panel| panel.attempt());
                refuse(leads.is_none(), "this line is no try; n walks the tries")
            }
            Action::NextTry => {
                refuse(self.lockouts().is_none_or(|panel| panel.try_beside(true).is_none()), "no try after this")
            }
            Action::PreviousTry => {
                refuse(self.lockouts().is_none_or(|panel| panel.try_beside(false).is_none()), "no try before this")
            }
            Action::NextEpisode => refuse(
                self.lockouts().is_none_or(|panel| panel.episode_beside(true).is_none()),
                "no episode after this",
            ),
            Action::PreviousEpisode => refuse(
                self.lockouts().is_none_or(|panel| panel.episode_beside(false).is_none()),
                "no episode before this",
            ),
            Action::Addresses => self.addresses_refusal(),
            Action::Open if context == Context::Addresses => self.account_refusal(),
            Action::NextCollision => {
                refuse(!self.collisions().is_some_and(|panel| panel.can_turn(true)), "no further collision is listed")
            }
            Action::PreviousCollision => refuse(
                !self.collisions().is_some_and(|panel| panel.can_turn(false)),
                "no collision is listed before it",
            ),
            Action::CopyRequest => {
                let words = "there is nothing better to ask for than this file";
                refuse(self.file_under_cursor().is_none_or(|file| file.request().is_none()), words)
            }
            Action::CopyPlan => {
                let none = self.collisions().is_none_or(|panel| panel.collision().is_none());
                refuse(none, "there is no collision to plan for")
            }
            Action::NextPrompt => {
                refuse(self.timeline().is_none_or(|panel| panel.prompt_beside(true).is_none()), "no prompt after this")
            }
            Action::PreviousPrompt => refuse(
                self.timeline().is_none_or(|panel| panel.prompt_beside(false).is_none()),
                "no prompt before this",
            ),
            Action::ZoomOut | Action::ZoomWhole => {
                refuse(self.timeline().is_some_and(|panel| panel.sight == panel.whole), "all of the time is in sight")
            }
            Action::ShowRecord => refuse(unexplained, "the record is not read yet"),
            Action::LongText => refuse(self.long_text().is_none(), "no code stands on this line"),
            Action::NextFailure => refuse(self.failure_beside(true).is_none(), "no failure further down this list"),
            Action::PreviousFailure => refuse(self.failure_beside(false).is_none(), "no failure further up this list"),
            Action::NextInAttempt | Action::PreviousInAttempt => {
                refuse(self.attempt().len() < 2, "no other row has this correlation id")
            }
            Action::NextInSession | Action::PreviousInSession => {
                let none = self.session().is_empty();
                let words = if none { "the record names no session" } else { "no other row has this session id" };
                refuse(self.session().len() < 2, words)
            }
            Action::HistoryBack => refuse(!self.history.reaches(-1), "no place before this one"),
            Action::HistoryForward => refuse(!self.history.reaches(1), "no place after this one"),
            Action::LastPlace => refuse(!self.history.has_last(), "no other place was visited yet"),
            Action::NextMatch | Action::PreviousMatch => {
                refuse(!self.has_matches(context), "nothing is searched; / searches")
            }
            Action::Copy(item @ (CopyItem::Text | CopyItem::Markdown)) => {
                refuse(unexplained, &format!("no {} yet", item.label()))
            }
            Action::Copy(item) => refuse(self.copy_text(item).is_none(), &format!("no {} here", item.label())),
            _ => None,
        }
    }

    fn has_matches(&self, context: Context) -> bool {
        match (&self.overlay, &self.record) {
            (Some(Overlay::Help(panel)), _) => !panel.query.is_empty(),
            (None, Some(record)) => context == Context::Record && !record.matches.is_empty(),
            _ => false,
        }
    }
}
