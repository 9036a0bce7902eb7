//! Defines what the copy menu offers.

use crate::domain::Evidence;

use super::Model;
use super::history::Pane;
use super::users;

/// A thing that can be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CopyItem {
    /// The value under the cursor.
    Value,
    /// Where the value stands: file, record and JSON pointer.
    Pointer,
    /// The step under the cursor with everything below it.
    Step,
    /// The request id.
    RequestId,
    /// The correlation id.
    CorrelationId,
    /// The user principal name.
    User,
    /// The whole explanation as text.
    Text,
    /// The whole explanation as Markdown.
    Markdown,
}

impl CopyItem {
    /// All items in the order of the menu.
    pub const ALL: [CopyItem; 8] = [
        CopyItem::Value,
        CopyItem::Pointer,
        CopyItem::Step,
        CopyItem::RequestId,
        CopyItem::CorrelationId,
        CopyItem::User,
        CopyItem::Text,
        CopyItem::Markdown,
    ];

    /// What it is.
    pub fn label(self) -> &'static str {
        match self {
            CopyItem::Value => "value",
            CopyItem::Pointer => "evidence pointer",
            CopyItem::Step => "step as text",
            CopyItem::RequestId => "request id",
            CopyItem::CorrelationId => "correlation id",
            CopyItem::User => "user principal name",
            CopyItem::Text => "explanation as text",
            CopyItem::Markdown => "explanation as Markdown",
        }
    }
}

impl Model {
    /// The text of an item of the copy menu; nothing when there is none here, or when it is written by the shell.
    pub fn copy_text(&self, item: CopyItem) -> Option<String> {
        let row = self.sign_ins.list.selected().and_then(|row| self.index.row(row));
        let text = match item {
            CopyItem::Value => self.value()?,
            CopyItem::Pointer => pointer(&self.evidence()?),
            CopyItem::Step => self.step_text()?,
            CopyItem::RequestId => row?.id.to_string(),
            CopyItem::CorrelationId => self.index.text(row?.correlation_id).to_owned(),
            CopyItem::User => {
                let user = self.index.user(self.users.list.selected()?)?;
                if user.who.principal_name.is_empty() {
                    users::name(user).to_owned()
                } else {
                    user.who.principal_name.clone()
                }
            }
            CopyItem::Text | CopyItem::Markdown => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    fn value(&self) -> Option<String> {
        match self.focus {
            Pane::Users => self.copy_text(CopyItem::User),
            Pane::SignIns => {
                let row = self.index.row(self.sign_ins.list.selected()?)?;
                Some(self.index.text(row.ip).to_owned())
            }
            Pane::Why => self.why.node().map(|node| node.evidence.as_ref().map_or(&node.text, |e| &e.value).clone()),
            Pane::Record => {
                let shown = self.record.as_ref()?;
                let record = self.why.explained.as_ref()?.record_at(&shown.place.file, shown.place.record)?;
                Some(record.pointer(&shown.line()?.pointer)?.quoted())
            }
        }
    }

    /// The evidence under the cursor.
    fn evidence(&self) -> Option<Evidence> {
        match self.focus {
            Pane::Users | Pane::SignIns => None,
            Pane::Why => self.why.node()?.evidence.clone(),
            Pane::Record => {
                let shown = self.record.as_ref()?;
                let pointer = shown.line()?.pointer.clone();
                let (file, record) = (shown.place.file.clone(), shown.place.record);
                Some(Evidence { label: String::new(), file, record, pointer, value: String::new() })
            }
        }
    }

    fn step_text(&self) -> Option<String> {
        let top = self.why.step_of(self.why.cursor).unwrap_or(self.why.cursor);
        let depth = self.why.nodes().get(top)?.depth;
        let below = self.why.nodes().iter().skip(top + 1).take_while(|node| node.depth > depth);
        let lines: Vec<String> = std::iter::once(self.why.nodes().get(top)?)
            .chain(below)
            .map(|node| {
                let parts = [node.name.as_str(), node.text.as_str(), node.aside.as_str()];
                let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                format!("{}{}", "  ".repeat(node.depth.saturating_sub(depth)), said.join("  "))
            })
            .collect();
        Some(lines.join("\n"))
    }
}

/// Evidence as one line: the file, the record and the pointer.
pub fn pointer(evidence: &Evidence) -> String {
    match evidence.record {
        Some(record) => format!("{}#{record}{}", evidence.file, evidence.pointer),
        None => format!("{}#{}", evidence.file, evidence.pointer),
    }
}
