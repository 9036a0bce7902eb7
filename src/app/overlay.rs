//! Defines what can lie over the panes: the help, the files panel, the copy menu and pages of text.

use crate::domain::Evidence;
use crate::domain::error_code;
use crate::explain::catalogue;
use crate::store::inventory::FileReport;

use super::Model;
use super::addresses::AddressPanel;
use super::finder::contains_words;
use super::keymap::{Binding, Context, Group, KEYMAP};
use super::list::Motion;
use super::lockouts::LockoutPanel;
use super::message::Effect;
use super::policies::PolicyPanel;
use super::timeline::TimelinePanel;
use super::what_if::WhatIfPanel;

/// What lies over the panes.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys.
    Help(HelpPanel),
    /// What each file is; the number is the line under the cursor.
    Files(usize),
    /// What can be copied; the number is the line under the cursor.
    Copy(usize),
    /// A page of text.
    Page(Page),
    /// The policies of the explanation.
    Policies(PolicyPanel),
    /// The request with changes, and what the policies make of it.
    WhatIf(Box<WhatIfPanel>),
    /// What the operator says; the number is the fact under the cursor.
    Facts(usize),
    /// The sessions of the user over time.
    Timeline(Box<TimelinePanel>),
    /// The lockouts of the user.
    Lockouts(Box<LockoutPanel>),
    /// The address collisions of the tenant.
    Addresses(Box<AddressPanel>),
}

impl Overlay {
    /// What help lies over; anything else is itself.
    pub fn under_help(&self) -> Option<&Overlay> {
        match self {
            Overlay::Help(help) => help.under.as_deref(),
            other => Some(other),
        }
    }
}

/// The help.
#[derive(Debug, Clone)]
pub struct HelpPanel {
    /// Where help was asked for; its keys are lit.
    pub context: Context,
    /// What was searched for.
    pub query: String,
    /// The line under the cursor.
    pub cursor: usize,
    /// What lay over the panes when help was asked for; it comes back when the help is closed.
    pub under: Option<Box<Overlay>>,
}

/// One line of the help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelpLine {
    /// A heading.
    Heading(&'static str),
    /// A row of the keymap.
    Keys {
        /// The row.
        binding: &'static Binding,
        /// Whether it holds where help was asked for.
        is_here: bool,
        /// Why it cannot be done now.
        refusal: Option<String>,
    },
}

/// The lines of the help: the whole keymap under its headings, or what matches the search.
pub fn help_lines(model: &Model, panel: &HelpPanel) -> Vec<HelpLine> {
    let is_pane = matches!(panel.context, Context::Users | Context::SignIns | Context::Why | Context::Record);
    let is_own = |binding: &Binding| !is_pane && binding.contexts == [panel.context];
    let mut lines = Vec::new();
    // The keys that only the view has for which help was asked, then the groups.
    for group in std::iter::once(None).chain(Group::ALL.into_iter().map(Some)) {
        let fits = |binding: &&Binding| {
            let places: Vec<&str> = binding.contexts.iter().map(|context| context.label()).collect();
            let text = format!("{} {} {} {}", binding.keys.join(" "), binding.hint, binding.help, places.join(" "));
            let belongs = group.map_or_else(|| is_own(binding), |group| binding.group == group && !is_own(binding));
            belongs && (panel.query.trim().is_empty() || contains_words(&panel.query, &text))
        };
        let rows: Vec<HelpLine> = KEYMAP
            .iter()
            .filter(fits)
            .map(|binding| {
                let is_here = binding.contexts.contains(&panel.context);
                let refusal = if is_here { model.refusal_in(binding.action, panel.context) } else { None };
                HelpLine::Keys { binding, is_here, refusal }
            })
            .collect();
        if !rows.is_empty() {
            lines.push(HelpLine::Heading(group.map_or("Of this view", Group::label)));
            lines.extend(rows);
        }
    }
    lines
}

/// One line of the files panel, as positions in the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileLine {
    /// A file.
    File(usize),
    /// How the file is written: its format, encoding and time span; of the file under the cursor also how sure that is, who writes
    /// the format, what it lacks and what to ask for instead.
    Shape(usize),
    /// A problem of a file.
    Problem(usize, usize),
    /// The time that the files of one log cover.
    Coverage(usize),
    /// The heading over what is missing.
    Missing,
    /// Something that the evidence lacks.
    Gap(usize),
}

impl FileLine {
    /// The file that the line is about, by its place in the inventory.
    pub fn file(self) -> Option<usize> {
        match self {
            FileLine::File(number) | FileLine::Shape(number) | FileLine::Problem(number, _) => Some(number),
            _ => None,
        }
    }
}

impl Model {
    /// The file under the cursor of the files panel, also where help lies over it.
    pub fn file_under_cursor(&self) -> Option<&FileReport> {
        let Overlay::Files(cursor) = self.overlay.as_ref()?.under_help()? else { return None };
        self.inventory.files.get(file_lines(self).get(*cursor)?.file()?)
    }

    /// Copies what to ask the customer for instead of the file under the cursor.
    pub(super) fn copy_request(&self) -> Vec<Effect> {
        let request = self.file_under_cursor().and_then(FileReport::request);
        request.map(|text| Effect::Copy { what: "what to ask for", text }).into_iter().collect()
    }
}

/// The lines of the files panel: the files with their problems, then what they cover and what is missing.
pub fn file_lines(model: &Model) -> Vec<FileLine> {
    let mut lines = Vec::new();
    for (number, file) in model.inventory.files.iter().enumerate() {
        lines.push(FileLine::File(number));
        lines.push(FileLine::Shape(number));
        lines.extend((0..file.problems.len()).map(|problem| FileLine::Problem(number, problem)));
    }
    lines.extend((0..model.inventory.coverage().len()).map(FileLine::Coverage));
    if model.is_loaded && !model.gaps.is_empty() {
        lines.push(FileLine::Missing);
        lines.extend((0..model.gaps.len()).map(FileLine::Gap));
    }
    lines
}

/// A page of text with a cursor that scrolls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub lines: Vec<PageLine>,
    /// The paragraph under the cursor.
    pub cursor: usize,
}

/// A paragraph of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageLine {
    /// A heading.
    Heading(String),
    /// Running text.
    Text(String),
    /// A name and its value.
    Field(&'static str, String),
    /// A line as it stands in the evidence.
    Quote(String),
}

impl Page {
    /// Moves the cursor.
    pub fn go(&mut self, motion: Motion, page: usize) {
        self.cursor = motion.from(self.cursor, self.lines.len(), page);
    }

    /// Shows where evidence stands that is not in the record of the sign-in, with the words of the object it belongs to.
    pub fn of_evidence(evidence: &Evidence, object: &[&str]) -> Page {
        let record =
            evidence.record.map_or_else(|| "none: an object of the snapshot".to_owned(), |record| record.to_string());
        let mut lines = vec![
            PageLine::Heading(evidence.label.clone()),
            PageLine::Field("value", evidence.value.clone()),
            PageLine::Field("file", evidence.file.to_string()),
            PageLine::Field("record", record),
            PageLine::Field("pointer", evidence.pointer.clone()),
        ];
        lines.extend(object.iter().map(|line| PageLine::Quote((*line).to_owned())));
        Page { title: "Evidence".to_owned(), lines, cursor: 0 }
    }

    /// The long text of what may be the code of a finding or of an error, where a catalogue has it.
    pub fn of_code(code: &str) -> Option<Page> {
        let code = code.trim();
        Page::of_finding(code).or_else(|| Page::of_error_code(code.trim_start_matches("AADSTS").parse().ok()?))
    }

    fn of_finding(code: &str) -> Option<Page> {
        let known = catalogue::find(code)?;
        let mut lines = vec![PageLine::Heading(known.title.clone()), PageLine::Text(known.text.clone())];
        for citation in known.citations() {
            lines.push(PageLine::Text(String::new()));
            lines.push(PageLine::Quote(citation.statement));
            lines.push(PageLine::Field("source", format!("{}, {}", citation.source, citation.date)));
        }
        Some(Page { title: known.code.clone(), lines, cursor: 0 })
    }

    /// The long text of an error code, where the catalogue has it.
    pub fn of_error_code(code: i64) -> Option<Page> {
        let known = error_code::find(code)?;
        let class = match known.class {
            error_code::Class::Interrupt => "an interrupt: a step of a longer sign-in, no failure",
            error_code::Class::Failure => "a failure",
            error_code::Class::Either => "a step in an interactive sign-in, a failure in a silent one",
        };
        let mut lines = vec![PageLine::Heading(known.name.clone().unwrap_or_else(|| known.word.clone()))];
        lines.push(PageLine::Text(known.meaning.clone()));
        lines.push(PageLine::Field("class", class.to_owned()));
        lines.push(PageLine::Field("remedy", known.remedy.clone()));
        lines.extend(known.doubt.iter().map(|doubt| PageLine::Field("doubt", doubt.clone())));
        for source in known.sources.iter().filter_map(|key| error_code::source(key)) {
            lines.push(PageLine::Field(
                "source",
                [Some(source.title.as_str()), source.date.as_deref(), Some(source.url.as_str())]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(", "),
            ));
        }
        Some(Page { title: format!("AADSTS{code}"), lines, cursor: 0 })
    }
}
