//! Defines the keymap: one table from which keys are dispatched and hints, help and documents are written.
//!
//! A new key is a new row here and nowhere else. Whether an action can be done now is [`Model::refusal`]'s to say, so a
//! disabled key can tell its reason wherever it is shown.

use std::sync::LazyLock;

use super::key::Key;
use super::{CopyItem, Model};

/// What a key can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// To the next line.
    Down,
    /// To the line before.
    Up,
    /// Half a screen on.
    HalfDown,
    /// Half a screen back.
    HalfUp,
    /// A screen on.
    PageDown,
    /// A screen back.
    PageUp,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// Into what the cursor is on.
    Open,
    /// Closes what is on top, else clears the filter, else goes one level back.
    Back,
    /// To the next pane.
    NextPane,
    /// To the pane before.
    PreviousPane,
    /// To the place before this one.
    HistoryBack,
    /// To the place after this one.
    HistoryForward,
    /// To the place that was last left, and back again.
    LastPlace,
    /// Opens the prompt of the list that has the focus.
    Search,
    /// To the next match.
    NextMatch,
    /// To the match before.
    PreviousMatch,
    /// To the next failure down the list.
    NextFailure,
    /// To the failure before, up the list.
    PreviousFailure,
    /// To the next row of the same attempt.
    NextInAttempt,
    /// To the row before of the same attempt.
    PreviousInAttempt,
    /// To the next row of the same session.
    NextInSession,
    /// To the row before of the same session.
    PreviousInSession,
    /// To the next step of the explanation, unfolded alone.
    NextStep,
    /// To the step before, unfolded alone.
    PreviousStep,
    /// Folds or unfolds what lies below the line.
    ToggleFold,
    /// Unfolds the line, or goes to the first line below it.
    Unfold,
    /// Folds the line, or goes to the line above it in the tree.
    Fold,
    /// Shows the line's evidence in the raw record.
    ShowRecord,
    /// Shows the long text of a code.
    LongText,
    /// Shows what each policy did, and why not.
    Policies,
    /// Changes the request, and shows which policies flip.
    WhatIf,
    /// Shows what the operator says, to be changed.
    Facts,
    /// Shows the sessions of the user over time.
    Timeline,
    /// Shows the lockouts of the user.
    Lockouts,
    /// To the next try.
    NextTry,
    /// To the try before.
    PreviousTry,
    /// To the next episode.
    NextEpisode,
    /// To the episode before.
    PreviousEpisode,
    /// Uses the pattern of request ids, or does not.
    TurnPattern,
    /// Lets an accepted password set the counter back, or does not.
    TurnResets,
    /// Copies the lockout ledger.
    CopyLockouts,
    /// Shows the address collisions of the tenant.
    Addresses,
    /// To the next collision.
    NextCollision,
    /// To the collision before.
    PreviousCollision,
    /// Copies the plan of the collision.
    CopyPlan,
    /// Copies the collisions.
    CopyAddresses,
    /// To the next prompt.
    NextPrompt,
    /// To the prompt before.
    PreviousPrompt,
    /// Shows less time, and more of it.
    ZoomIn,
    /// Shows more time.
    ZoomOut,
    /// Shows all of the time.
    ZoomWhole,
    /// Moves the time in sight to later.
    Later,
    /// Moves the time in sight to earlier.
    Earlier,
    /// Shows what other session rules would change, or hides it.
    Replay,
    /// Changes the persistent browser of the other rules.
    TurnBrowser,
    /// Changes the sign-in frequency of the other rules.
    TurnFrequency,
    /// Turns an input to its next value.
    NextValue,
    /// Turns an input to the value before.
    PreviousValue,
    /// Takes back the change of an input.
    ResetInput,
    /// Takes back all changes.
    ResetAll,
    /// Copies what to ask the customer for instead of the file under the cursor.
    CopyRequest,
    /// Opens the copy menu.
    CopyMenu,
    /// Copies one thing.
    Copy(CopyItem),
    /// Saves the screen as a picture.
    Picture,
    /// Shows what each file is.
    Files,
    /// Shows the keys.
    Help,
    /// Changes the time zone of the lists.
    Zone,
    /// Draws everything anew.
    Redraw,
    /// Leaves the view, or the program where there is nothing to leave.
    Leave,
    /// Leaves the program from anywhere.
    Quit,
    /// Hands the terminal back to the shell for a while.
    Suspend,
    /// Keeps what was typed.
    Accept,
    /// Drops what was typed.
    Cancel,
    /// Deletes a character.
    Delete,
    /// Deletes a word.
    DeleteWord,
    /// Deletes everything.
    DeleteAll,
    /// Moves the text cursor left.
    Left,
    /// Moves the text cursor right.
    Right,
}

/// Where a key is pressed: the topmost thing on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The list of users.
    Users,
    /// The list of sign-ins.
    SignIns,
    /// The explanation.
    Why,
    /// The raw record.
    Record,
    /// The files panel.
    Files,
    /// The help.
    Help,
    /// The copy menu.
    Menu,
    /// A page of text.
    Page,
    /// The policies of an explanation.
    Policies,
    /// The what-if.
    WhatIf,
    /// What the operator says.
    Facts,
    /// The sessions over time.
    Timeline,
    /// The lockouts.
    Lockouts,
    /// The address collisions.
    Addresses,
    /// A prompt.
    Prompt,
}

impl Context {
    /// The context's name in help.
    pub fn label(self) -> &'static str {
        match self {
            Context::Users => "users",
            Context::SignIns => "sign-ins",
            Context::Why => "why",
            Context::Record => "record",
            Context::Files => "files",
            Context::Help => "help",
            Context::Menu => "copy menu",
            Context::Page => "text",
            Context::Policies => "policies",
            Context::WhatIf => "what-if",
            Context::Facts => "facts",
            Context::Timeline => "timeline",
            Context::Lockouts => "lockouts",
            Context::Addresses => "addresses",
            Context::Prompt => "prompt",
        }
    }
}

/// The headings under which help gathers the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Going from sign-in to explanation to evidence.
    Walking,
    /// Moving the cursor.
    Moving,
    /// Searching and filtering.
    Finding,
    /// Taking something away.
    Taking,
    /// The program.
    Program,
    /// Typing into a prompt.
    Typing,
}

impl Group {
    /// All headings in the order of help.
    pub const ALL: [Group; 6] =
        [Group::Walking, Group::Moving, Group::Finding, Group::Taking, Group::Program, Group::Typing];

    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Group::Walking => "Walking the explanation",
            Group::Moving => "Moving",
            Group::Finding => "Finding",
            Group::Taking => "Taking away",
            Group::Program => "The program",
            Group::Typing => "Typing into a prompt",
        }
    }
}

/// One row of the keymap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// What is done.
    pub action: Action,
    /// Where.
    pub contexts: &'static [Context],
    /// By which keys, the one to teach first.
    pub keys: &'static [&'static str],
    /// The words in the hint line; empty when the key is not worth its room there.
    pub hint: &'static str,
    /// The sentence in help.
    pub help: &'static str,
    /// Its heading in help.
    pub group: Group,
    /// How early it stands in the hint line; a smaller number is earlier.
    pub rank: u8,
}

use Action as A;
use Context::{
    Addresses, Facts, Files, Help, Lockouts, Menu, Page, Policies, Prompt, Record, SignIns, Timeline, Users, WhatIf,
    Why,
};

const PANES: &[Context] = &[Users, SignIns, Why, Record];
/// Where times are shown.
const TIMES: &[Context] = &[Users, SignIns, Why, Record, Timeline, Lockouts, Addresses];
const LISTS: &[Context] =
    &[Users, SignIns, Why, Record, Files, Help, Menu, Page, Policies, WhatIf, Facts, Timeline, Lockouts, Addresses];
const TYPING: &[Context] = &[Prompt];

/// The keymap. Of two rows that share a key the contexts differ; a test holds it to that.
#[rustfmt::skip]
pub const KEYMAP: &[Binding] = &[
    // Walking the explanation.
    row(A::Open, &[Users, SignIns], &["enter", "l", "right"], 1, "open", "open the user or sign-in", Group::Walking),
    row(A::Open, &[Why], &["enter"], 2, "evidence", "show the line's evidence, or go where it leads", Group::Walking),
    row(A::NextStep, &[SignIns, Why], &["n"], 1, "walk", "walk to the next step, alone unfolded", Group::Walking),
    row(A::PreviousStep, &[SignIns, Why], &["p"], 60, "", "walk to the step before", Group::Walking),
    row(A::ToggleFold, &[Why], &["space"], 5, "fold", "fold or unfold what lies below", Group::Walking),
    row(A::Unfold, &[Why], &["l", "right"], 60, "", "unfold, or go to the first line below", Group::Walking),
    row(A::Fold, &[Why], &["h", "left"], 60, "", "fold, or go to the line above, or back", Group::Walking),
    row(A::ShowRecord, &[SignIns, Why], &["v"], 3, "record", "show the raw record, at the field in question", Group::Walking),
    row(A::LongText, &[SignIns, Why], &["K"], 8, "about", "explain the code of the line at length", Group::Walking),
    row(A::NextFailure, &[SignIns, Why], &["e"], 3, "failure", "go to the next (older) failure", Group::Walking),
    row(A::PreviousFailure, &[SignIns, Why], &["E"], 60, "", "go to the failure before (newer)", Group::Walking),
    row(A::NextInAttempt, &[SignIns, Why], &["o"], 6, "attempt", "go to the next row of the same attempt", Group::Walking),
    row(A::PreviousInAttempt, &[SignIns, Why], &["O"], 60, "", "go to the row before of the same attempt", Group::Walking),
    row(A::NextInSession, &[SignIns, Why], &["s"], 12, "session", "go to the next row of the same session", Group::Walking),
    row(A::PreviousInSession, &[SignIns, Why], &["S"], 60, "", "go to the row before of the same session", Group::Walking),
    row(A::Policies, &[SignIns, Why], &["c"], 4, "policies", "show what each policy did, and why not", Group::Walking),
    row(A::Open, &[Policies], &["enter", "l", "right", "c"], 1, "show", "show the policy in the explanation", Group::Walking),
    row(A::WhatIf, &[SignIns, Why], &["w"], 5, "what if", "change the request, and see which policies flip", Group::Walking),
    row(A::Open, &[WhatIf], &["enter"], 1, "change", "type a value, or take the next; on a policy: say why", Group::Walking),
    row(A::NextValue, &[WhatIf], &["l", "right", "space"], 2, "next value", "take the next value of the input", Group::Walking),
    row(A::PreviousValue, &[WhatIf], &["h", "left"], 60, "", "take the value before", Group::Walking),
    row(A::ResetInput, &[WhatIf], &["r"], 4, "take back", "take back the change of this input", Group::Walking),
    row(A::ResetAll, &[WhatIf], &["R"], 60, "", "take back all changes", Group::Walking),
    row(A::NextPane, &[WhatIf], &["tab"], 3, "policies", "to the policies, and back to the inputs", Group::Walking),
    row(A::Facts, PANES, &["F"], 15, "facts", "say what no export holds: lockout, cloud, stay signed in and more", Group::Walking),
    row(A::NextValue, &[Facts], &["enter", "l", "right", "space"], 1, "change", "take the next value, or type a number", Group::Walking),
    row(A::PreviousValue, &[Facts], &["h", "left"], 60, "", "take the value before", Group::Walking),
    row(A::ResetInput, &[Facts], &["r"], 3, "take back", "take back what was said here of this fact", Group::Walking),
    row(A::ResetAll, &[Facts], &["R"], 4, "take all back", "take back all that was said here", Group::Walking),
    row(A::Timeline, &[Users, SignIns, Why], &["t"], 5, "timeline", "show the user's sessions over time: prompts, uses, and how uses move the end", Group::Walking),
    row(A::Open, &[Timeline], &["enter"], 1, "sign-in", "go to the sign-in of the line", Group::Walking),
    row(A::NextPrompt, &[Timeline], &["n"], 2, "prompt", "to the next prompt", Group::Walking),
    row(A::PreviousPrompt, &[Timeline], &["p"], 60, "", "to the prompt before", Group::Walking),
    row(A::ZoomIn, &[Timeline], &["+", "="], 3, "zoom in", "show less time, about the cursor", Group::Walking),
    row(A::ZoomOut, &[Timeline], &["-"], 4, "out", "show more time", Group::Walking),
    row(A::ZoomWhole, &[Timeline], &["0"], 5, "all", "show all of the time", Group::Walking),
    row(A::Earlier, &[Timeline], &["h", "left"], 7, "earlier", "move to earlier times", Group::Walking),
    row(A::Later, &[Timeline], &["l", "right"], 8, "later", "move to later times", Group::Walking),
    row(A::Replay, &[Timeline], &["w"], 6, "what if", "show what other session rules would change in the logged time", Group::Walking),
    row(A::TurnBrowser, &[Timeline], &["b"], 60, "", "persistent browser of the other rules: as it is, always, never", Group::Walking),
    row(A::TurnFrequency, &[Timeline], &["f"], 60, "", "sign-in frequency of the other rules: as it is, 1 h to 30 d", Group::Walking),
    row(A::Lockouts, &[Users, SignIns, Why], &["L"], 6, "lockouts", "show the user's lockouts: wrong passwords, counters, and what explains them", Group::Walking),
    row(A::Open, &[Lockouts], &["enter"], 1, "sign-in", "go to the sign-in of the try", Group::Walking),
    row(A::NextTry, &[Lockouts], &["n"], 2, "walk", "to the next try", Group::Walking),
    row(A::PreviousTry, &[Lockouts], &["p"], 60, "", "to the try before", Group::Walking),
    row(A::NextEpisode, &[Lockouts], &["e"], 3, "episode", "to the next episode", Group::Walking),
    row(A::PreviousEpisode, &[Lockouts], &["E"], 60, "", "to the episode before, or to the head of this one", Group::Walking),
    row(A::TurnPattern, &[Lockouts], &["s"], 5, "id pattern", "tie tries together by the pattern of request ids (undocumented), or do not", Group::Walking),
    row(A::TurnResets, &[Lockouts], &["r"], 6, "resets", "let an accepted password set the counter back, or do not", Group::Walking),
    row(A::Addresses, &[Users, SignIns, Why], &["A"], 13, "addresses", "show the address collisions: who holds an address, who wants it, and a plan", Group::Walking),
    row(A::Open, &[Addresses], &["enter"], 5, "sign-ins", "go to the sign-ins of who holds or wants it", Group::Walking),
    row(A::NextCollision, &[Addresses], &["n"], 1, "collision", "to the next collision", Group::Walking),
    row(A::PreviousCollision, &[Addresses], &["p"], 60, "", "to the collision before", Group::Walking),
    // Moving.
    row(A::Down, LISTS, &["j", "down"], 2, "down", "next line", Group::Moving),
    row(A::Up, LISTS, &["k", "up"], 60, "", "line before", Group::Moving),
    row(A::HalfDown, LISTS, &["ctrl-d"], 60, "", "half a screen on", Group::Moving),
    row(A::HalfUp, LISTS, &["ctrl-u"], 60, "", "half a screen back", Group::Moving),
    row(A::PageDown, LISTS, &["pgdn", "ctrl-f"], 60, "", "a screen on", Group::Moving),
    row(A::PageUp, LISTS, &["pgup", "ctrl-b"], 60, "", "a screen back", Group::Moving),
    row(A::First, LISTS, &["g", "home"], 60, "", "to the top", Group::Moving),
    row(A::Last, LISTS, &["G", "end"], 60, "", "to the end", Group::Moving),
    row(A::NextPane, PANES, &["tab"], 9, "pane", "to the next pane", Group::Moving),
    row(A::PreviousPane, PANES, &["shift-tab"], 60, "", "to the pane before", Group::Moving),
    row(A::Back, &[Users, Why], &["esc", "backspace"], 10, "back", "end the walk, clear the filter, or go back", Group::Moving),
    row(A::Back, &[SignIns, Record, Files, Help, Page, Policies], &["esc", "backspace", "h", "left"], 10, "back", "close, clear the filter, or go back", Group::Moving),
    row(A::Back, &[WhatIf], &["esc", "backspace", "w"], 10, "close", "close the what-if; nothing of it is kept", Group::Moving),
    row(A::Back, &[Facts], &["esc", "backspace", "F"], 10, "close", "close the facts; what was said stays", Group::Moving),
    row(A::Back, &[Timeline], &["esc", "backspace", "t"], 6, "close", "close the timeline", Group::Moving),
    row(A::Back, &[Lockouts], &["esc", "backspace", "h", "left", "L"], 7, "close", "close the lockouts", Group::Moving),
    row(A::Back, &[Addresses], &["esc", "backspace", "h", "left", "A"], 7, "close", "clear the search, or close the address collisions", Group::Moving),
    row(A::Back, &[Menu], &["esc", "backspace", "y"], 10, "close", "close the menu", Group::Moving),
    row(A::HistoryBack, PANES, &["["], 60, "", "to the place before", Group::Moving),
    row(A::HistoryForward, PANES, &["]"], 60, "", "to the place after", Group::Moving),
    row(A::LastPlace, PANES, &["-"], 60, "", "to the last place, and back again", Group::Moving),
    // Finding.
    row(A::Search, &[Users], &["/"], 0, "find user", "find a user by name, UPN or id, letters in order", Group::Finding),
    row(A::Search, &[SignIns], &["/"], 4, "filter", "filter the sign-ins by words in any column", Group::Finding),
    row(A::Search, &[Policies], &["/"], 2, "search", "search the policies by words", Group::Finding),
    row(A::Search, &[Addresses], &["/"], 3, "search", "search the collisions by address, name or id", Group::Finding),
    row(A::Search, &[Record, Help], &["/"], 3, "search", "search here", Group::Finding),
    row(A::NextMatch, &[Record, Help], &["n"], 4, "next match", "to the next match", Group::Finding),
    row(A::PreviousMatch, &[Record, Help], &["N"], 60, "", "to the match before", Group::Finding),
    // Taking away.
    row(A::CopyMenu, PANES, &["y"], 7, "copy", "open the copy menu", Group::Taking),
    row(A::CopyRequest, &[Files], &["y"], 4, "copy", "copy what to ask the customer for, with its command", Group::Taking),
    row(A::CopyLockouts, &[Lockouts], &["y"], 4, "copy", "copy the whole lockout ledger as text", Group::Taking),
    row(A::CopyPlan, &[Addresses], &["y"], 4, "copy plan", "copy the plan of the collision as text", Group::Taking),
    row(A::CopyAddresses, &[Addresses], &["Y"], 6, "copy all", "copy the collisions that are listed as text", Group::Taking),
    row(A::Picture, TIMES, &["P"], 30, "picture", "save this screen as an SVG file in the current folder", Group::Taking),
    row(A::Open, &[Menu], &["enter"], 1, "copy", "copy the line's thing", Group::Taking),
    row(A::Copy(CopyItem::Value), &[Menu], &["v"], 60, "", "copy the value under the cursor", Group::Taking),
    row(A::Copy(CopyItem::Pointer), &[Menu], &["p"], 60, "", "copy the evidence pointer: file, record, JSON path", Group::Taking),
    row(A::Copy(CopyItem::Step), &[Menu], &["s"], 60, "", "copy the step as text", Group::Taking),
    row(A::Copy(CopyItem::RequestId), &[Menu], &["r"], 60, "", "copy the request id", Group::Taking),
    row(A::Copy(CopyItem::CorrelationId), &[Menu], &["c"], 60, "", "copy the correlation id", Group::Taking),
    row(A::Copy(CopyItem::User), &[Menu], &["u"], 60, "", "copy the user principal name", Group::Taking),
    row(A::Copy(CopyItem::Text), &[Menu], &["t"], 60, "", "copy the whole explanation as text", Group::Taking),
    row(A::Copy(CopyItem::Markdown), &[Menu], &["m"], 60, "", "copy the whole explanation as Markdown", Group::Taking),
    // The program.
    row(A::Help, &[Users, SignIns, Why, Record, Files, Menu, Page, Policies, WhatIf, Facts, Timeline, Lockouts, Addresses], &["?", "f1"], 20, "help", "show the keys", Group::Program),
    row(A::Files, PANES, &["f"], 14, "files", "show what each file is and what could not be read", Group::Program),
    row(A::Zone, TIMES, &["z"], 16, "zone", "show times in UTC or in local time", Group::Program),
    row(A::Redraw, LISTS, &["ctrl-l"], 60, "", "draw the screen anew", Group::Program),
    row(A::Suspend, LISTS, &["ctrl-z"], 60, "", "suspend; `fg` in the shell returns", Group::Program),
    row(A::Leave, LISTS, &["q"], 18, "leave", "leave the view; at the list of users, quit", Group::Program),
    row(A::Quit, LISTS, &["ctrl-c"], 60, "", "quit from anywhere", Group::Program),
    // Typing into a prompt.
    row(A::Accept, TYPING, &["enter"], 1, "take", "take the first match, keep the filter", Group::Typing),
    row(A::Cancel, TYPING, &["esc"], 2, "cancel", "drop what was typed", Group::Typing),
    row(A::Down, TYPING, &["down", "ctrl-n"], 3, "next", "next match", Group::Typing),
    row(A::Up, TYPING, &["up", "ctrl-p"], 60, "", "match before; in an empty prompt the last query", Group::Typing),
    row(A::Delete, TYPING, &["backspace"], 60, "", "delete a character; in an empty prompt leave it", Group::Typing),
    row(A::DeleteWord, TYPING, &["ctrl-w"], 60, "", "delete a word", Group::Typing),
    row(A::DeleteAll, TYPING, &["ctrl-u"], 4, "clear", "delete everything", Group::Typing),
    row(A::Left, TYPING, &["left"], 60, "", "move the text cursor left", Group::Typing),
    row(A::Right, TYPING, &["right"], 60, "", "move the text cursor right", Group::Typing),
    row(A::First, TYPING, &["home", "ctrl-a"], 60, "", "to the start of the text", Group::Typing),
    row(A::Last, TYPING, &["end", "ctrl-e"], 60, "", "to the end of the text", Group::Typing),
    row(A::Suspend, TYPING, &["ctrl-z"], 60, "", "suspend; `fg` in the shell returns", Group::Typing),
    row(A::Quit, TYPING, &["ctrl-c"], 60, "", "quit from anywhere", Group::Typing),
];

const fn row(
    action: Action,
    contexts: &'static [Context],
    keys: &'static [&'static str],
    rank: u8,
    hint: &'static str,
    help: &'static str,
    group: Group,
) -> Binding {
    Binding { action, contexts, keys, hint, help, group, rank }
}

/// The keymap with its keys read, so that a key press costs no parsing.
static READ: LazyLock<Vec<(Key, &'static Binding)>> = LazyLock::new(|| {
    let read =
        |binding: &'static Binding| binding.keys.iter().filter_map(move |word| Some((word.parse().ok()?, binding)));
    KEYMAP.iter().flat_map(read).collect()
});

/// What the key asks for in the context.
pub fn action_for(key: Key, context: Context) -> Option<Action> {
    let fits = |(known, binding): &&(Key, &Binding)| *known == key && binding.contexts.contains(&context);
    READ.iter().find(fits).map(|(_, binding)| binding.action)
}

/// The rows of the keymap that hold in the context, in the order of the table.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    KEYMAP.iter().filter(move |binding| binding.contexts.contains(&context))
}

/// A key and a word for the hint line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hint {
    /// The key to teach.
    pub key: &'static str,
    /// What it does.
    pub word: &'static str,
}

/// The hints for what the model shows: the most useful first, without those that would be refused.
pub fn hints(model: &Model) -> Vec<Hint> {
    let mut rows: Vec<&Binding> = bindings(model.context())
        .filter(|binding| !binding.hint.is_empty() && model.refusal(binding.action).is_none())
        .collect();
    rows.sort_by_key(|binding| binding.rank);
    rows.iter().filter_map(|binding| Some(Hint { key: binding.keys.first()?, word: binding.hint })).collect()
}

/// The keymap as Markdown, a table under each heading, for the README and `authopsy keys`.
pub fn markdown() -> String {
    let mut written = String::new();
    for group in Group::ALL {
        written.push_str(&format!("### {}\n\n| Keys | Where | What |\n|--|--|--|\n", group.label()));
        for binding in KEYMAP.iter().filter(|binding| binding.group == group) {
            let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
            let where_to: Vec<&str> = binding.contexts.iter().map(|context| context.label()).collect();
            let places = if binding.contexts == LISTS { "everywhere".to_owned() } else { where_to.join(", ") };
            written.push_str(&format!("| {} | {places} | {} |\n", keys.join(" "), binding.help));
        }
        written.push('\n');
    }
    written.truncate(written.trim_end().len());
    written.push('\n');
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_can_be_read_and_means_one_thing_in_each_context() {
        let mut seen = std::collections::HashMap::new();
        for binding in KEYMAP {
            assert!(!binding.contexts.is_empty() && !binding.keys.is_empty() && !binding.help.is_empty());
            for key in binding.keys {
                let key: Key = key.parse().expect("a key's name");
                for context in binding.contexts {
                    let other = seen.insert((key, *context), binding.action);
                    assert_eq!(other, None, "{key} in {}", context.label());
                }
            }
        }
    }
}
