//! Defines [`Why`], the explanation on the screen: which lines are folded, where the cursor is, and the guided walk.

use crate::explain::outline::{Node, NodeKind};
use crate::store::index::{RowId, Spans};

use super::list::Motion;
use super::message::Explained;

/// The explanation of the selected sign-in.
#[derive(Debug, Default)]
pub struct Why {
    /// The sign-in that is to be explained.
    pub row: Option<RowId>,
    /// The newest answer. While another one is awaited it still shows the sign-in before, dimmed.
    pub explained: Option<Box<Explained>>,
    /// Whose answer it is.
    pub shown: Option<RowId>,
    /// Why there is no answer.
    pub failure: Option<String>,
    /// What the newest question was asked with.
    pub asked: Option<Asked>,
    /// Whether an answer is awaited.
    pub is_waiting: bool,
    /// The line under the cursor.
    pub cursor: usize,
    /// The line of the step that the guided walk is at.
    pub walk: Option<usize>,
    folded: Vec<bool>,
}

/// What an answer depends on; when it changes, the question is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The number of the question.
    pub generation: u64,
    /// The rows of the attempt.
    pub attempt: Vec<Spans>,
    /// How often the snapshot or the inventory had changed.
    pub evidence: u64,
}

impl Why {
    /// Whether the answer is that of the selected sign-in.
    pub fn is_current(&self) -> bool {
        self.explained.is_some() && self.shown == self.row
    }

    /// The lines of the explanation.
    pub fn nodes(&self) -> &[Node] {
        self.explained.as_ref().map_or(&[], |explained| &explained.nodes)
    }

    /// The line under the cursor.
    pub fn node(&self) -> Option<&Node> {
        self.nodes().get(self.cursor)
    }

    /// Takes an answer in. The folds and the cursor stay when it explains the same sign-in in as many lines.
    pub fn take(&mut self, explained: Box<Explained>) {
        let keeps = self.shown == self.row && self.nodes().len() == explained.nodes.len();
        self.explained = Some(explained);
        self.shown = self.row;
        self.failure = None;
        self.is_waiting = false;
        if !keeps {
            self.cursor = 0;
            self.walk = None;
            self.reset_folds();
        }
    }

    /// Notes that there is no answer.
    pub fn fail(&mut self, reason: String) {
        self.explained = None;
        self.shown = None;
        self.failure = Some(reason);
        self.is_waiting = false;
    }

    fn reset_folds(&mut self) {
        self.folded = self.nodes().iter().map(|node| node.folded).collect();
    }

    /// Whether anything lies below the line.
    pub fn has_below(&self, line: usize) -> bool {
        let depth = |line: usize| self.nodes().get(line).map(|node| node.depth);
        depth(line).zip(depth(line + 1)).is_some_and(|(this, next)| next > this)
    }

    /// Whether what lies below the line is hidden.
    pub fn is_folded(&self, line: usize) -> bool {
        self.has_below(line) && self.folded.get(line).copied().unwrap_or(false)
    }

    /// The lines that are not hidden in a fold.
    pub fn visible(&self) -> Vec<usize> {
        let mut visible = Vec::new();
        let mut hidden_below = usize::MAX;
        for (line, node) in self.nodes().iter().enumerate() {
            if node.depth > hidden_below {
                continue;
            }
            hidden_below = if self.is_folded(line) { node.depth } else { usize::MAX };
            visible.push(line);
        }
        visible
    }

    /// The line that the given one hangs under.
    pub fn above(&self, line: usize) -> Option<usize> {
        let depth = self.nodes().get(line)?.depth;
        self.nodes().iter().take(line).rposition(|node| node.depth < depth)
    }

    /// The step that the line belongs to, as a line.
    pub fn step_of(&self, line: usize) -> Option<usize> {
        let is_step = |line: &usize| self.nodes().get(*line).is_some_and(|node| matches!(node.kind, NodeKind::Step(_)));
        std::iter::successors(Some(line), |line| self.above(*line)).find(is_step)
    }

    /// Puts the cursor on the policy of that number in the explanation, with all that it hangs under unfolded, and itself.
    pub fn show_policy(&mut self, number: usize) {
        let policies = self.nodes().iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Policy);
        let Some(line) = policies.map(|(line, _)| line).nth(number) else { return };
        self.walk = None;
        let above: Vec<usize> = std::iter::successors(Some(line), |line| self.above(*line)).collect();
        for line in above {
            self.set_folded(line, false);
        }
        self.cursor = line;
    }

    /// The words of the policy that the line belongs to, as they stand in the snapshot.
    pub fn policy_text(&self, line: usize) -> Vec<&str> {
        let is_policy = |line: &usize| self.nodes().get(*line).is_some_and(|node| node.kind == NodeKind::Policy);
        let Some(policy) = std::iter::successors(Some(line), |line| self.above(*line)).find(is_policy) else {
            return Vec::new();
        };
        let below = self.nodes().iter().take(self.end_of(policy)).skip(policy + 1);
        below
            .filter(|node| node.kind == NodeKind::Detail && node.evidence.is_none())
            .map(|node| node.text.as_str())
            .collect()
    }

    /// The number of the line after the last one below `line`.
    fn end_of(&self, line: usize) -> usize {
        let Some(depth) = self.nodes().get(line).map(|node| node.depth) else { return line };
        let below = self.nodes().iter().skip(line + 1).take_while(|node| node.depth > depth).count();
        line + 1 + below
    }

    /// Whether the guided walk lights the line: it is a value of the evidence that the step rests on.
    pub fn is_lit(&self, line: usize) -> bool {
        self.walk.is_some_and(|step| line >= step && line < self.end_of(step))
            && self.nodes().get(line).is_some_and(|node| node.kind == NodeKind::Evidence)
    }

    /// Moves the cursor along the visible lines.
    pub fn go(&mut self, motion: Motion, page: usize) {
        let visible = self.visible();
        let at = visible.iter().position(|line| *line == self.cursor).unwrap_or(0);
        if let Some(line) = visible.get(motion.from(at, visible.len(), page)) {
            self.cursor = *line;
        }
    }

    /// Folds or unfolds a line.
    pub fn set_folded(&mut self, line: usize, folded: bool) {
        if let Some(fold) = self.folded.get_mut(line) {
            *fold = folded;
        }
    }

    /// The line of the step after (`by` 1) or before (`by` -1) the one the cursor is in.
    pub fn step_beside(&self, by: isize) -> Option<usize> {
        let is_step = |line: &usize| matches!(self.nodes().get(*line).map(|node| node.kind), Some(NodeKind::Step(_)));
        let steps: Vec<usize> = (0..self.nodes().len()).filter(is_step).collect();
        let here = self.walk.or_else(|| self.step_of(self.cursor));
        let target = match here.and_then(|line| steps.iter().position(|step| *step == line)) {
            Some(number) => number.checked_add_signed(by)?,
            None if by > 0 => steps.iter().position(|step| *step > self.cursor).unwrap_or(0),
            None => steps.iter().rposition(|step| *step < self.cursor)?,
        };
        steps.get(target).copied()
    }

    /// Walks to a step: it alone of all steps is unfolded.
    pub fn walk_to(&mut self, step: usize) {
        self.reset_folds();
        for line in 0..self.nodes().len() {
            if matches!(self.nodes().get(line).map(|node| node.kind), Some(NodeKind::Step(_))) {
                self.set_folded(line, line != step);
            }
        }
        self.walk = Some(step);
        self.cursor = step;
    }

    /// Ends the guided walk; the folds are as they were at first.
    pub fn end_walk(&mut self) {
        self.walk = None;
        self.reset_folds();
        if !self.visible().contains(&self.cursor) {
            self.cursor = self.step_of(self.cursor).unwrap_or(0);
        }
    }
}
