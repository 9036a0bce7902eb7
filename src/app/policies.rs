//! Defines [`PolicyPanel`], the list of all policies of an explanation with what each did and why not: the answer to "why not
//! policy P?" from any sign-in.

use crate::explain::explanation::PolicyAnswer;

use super::Model;
use super::finder::contains_words;

/// The list of policies that lies over the panes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyPanel {
    /// What was searched for.
    pub query: String,
    /// The line under the cursor, among those that match.
    pub cursor: usize,
}

/// The policies of the explanation that match the search, in its order, with their numbers there.
pub fn policy_lines<'a>(model: &'a Model, panel: &PolicyPanel) -> Vec<(usize, &'a PolicyAnswer)> {
    let Some(explained) = &model.why.explained else { return Vec::new() };
    let fits = |answer: &&PolicyAnswer| {
        let text = format!("{} {} {} {}", answer.display_name, answer.part.label(), answer.miss, answer.id);
        panel.query.trim().is_empty() || contains_words(&panel.query, &text)
    };
    explained.explanation.policies.iter().enumerate().filter(|(_, answer)| fits(answer)).collect()
}
