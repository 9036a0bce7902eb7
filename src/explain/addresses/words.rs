//! Puts collisions into words, the same for the screen and for reports. Times are left to who writes them, since only the screen has a
//! clock with a zone.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::domain::recipient::Directory;

use super::{Addresses, Collision, Party, PartyError, State};

impl Addresses {
    /// How much was compared, and how many collisions came of it.
    pub fn summary(&self) -> String {
        let counted = |count: usize, one: &str, several: &str| match count {
            0 => format!("no {one}"),
            1 => format!("1 {one}"),
            count => format!("{count} {several}"),
        };
        let is_noted = |one: &&Collision| !matches!(one.state, State::Predicted | State::Stripped);
        let noted = self.collisions.iter().filter(is_noted).count();
        let expected = self.collisions.len() - noted;
        let expected = if expected > 0 { format!(" ({noted} now, {expected} to come)") } else { String::new() };
        format!(
            "{}{expected} among {} with {}",
            counted(self.collisions.len(), "collision", "collisions"),
            counted(self.objects, "object", "objects"),
            counted(self.claims, "address or name", "addresses and names"),
        )
    }

    /// What is to be said of the whole evidence, under headings: what would be matched, what was cut, what is missing.
    pub fn beside(&self) -> Vec<(&'static str, Vec<String>)> {
        let cut = self.cut.iter().map(|party| {
            format!(
                "{} “{}”: its list of addresses was cut by the export, so a collision of it cannot be ruled out",
                party.kind.label(),
                party.name
            )
        });
        let resolved = match self.resolved {
            0 => Vec::new(),
            1 => vec!["1 error of provisioning counts as resolved: history".to_owned()],
            several => vec![format!("{several} errors of provisioning count as resolved: history")],
        };
        let gaps =
            self.gaps.iter().map(|gap| format!("{}: {}. {} Ask for: {}", gap.code, gap.missing, gap.limits, gap.ask));
        let all = [
            ("The next synchronisation would take for one", self.matches.clone()),
            ("Incomplete", cut.collect()),
            ("Resolved", resolved),
            ("Missing", gaps.collect()),
        ];
        all.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }
}

impl Collision {
    /// What came of it, and by whose check.
    pub fn state_words(&self) -> &'static str {
        match self.state {
            State::Refused if self.is_stale => "refused by Exchange Online, held by nobody now",
            State::Refused => "refused by Exchange Online",
            State::Quarantined if self.is_stale => "left out by the directory, held by nobody now",
            State::Quarantined => "left out by the directory",
            State::Stripped => "would be taken from the guest",
            State::Predicted => "to come",
            State::Held => "held by both",
        }
    }

    /// Who holds the value, as far as the evidence tells.
    pub fn holder_words(&self) -> String {
        match (&self.holder, &self.unknown_holder) {
            (Some(party), _) => party.words(),
            (None, Some(name)) => format!("“{name}”, says the service; no object of that name is in the evidence"),
            (None, None) => "nobody in the evidence".to_owned(),
        }
    }

    /// What introduces a step of the plan, where another way begins with it.
    pub fn way_words(&self, step: usize) -> Option<String> {
        let way = self.plan.get(step)?.way;
        let earlier = self.plan.get(..step).unwrap_or_default();
        let is_first = earlier.iter().all(|step| step.way.is_empty());
        match way {
            _ if way == earlier.last().map_or("", |step| step.way) => None,
            "" => Some("then, whichever way".to_owned()),
            way if is_first => Some(format!("either: {way}")),
            way => Some(format!("or: {way}")),
        }
    }
}

impl Party {
    /// Who it is and where it stands.
    pub fn words(&self) -> String {
        let mut words = format!("{} “{}”", self.kind.label(), self.name);
        let names = [self.principal_name.as_str(), &self.id].into_iter().filter(|name| !name.is_empty());
        let names: Vec<&str> = names.filter(|name| *name != self.name).collect();
        // Writing to a string cannot fail.
        if !names.is_empty() {
            let _ = write!(words, " ({})", names.join(", "));
        }
        if self.is_deleted {
            words.push_str(", soft-deleted");
        }
        if !self.attributes.is_empty() {
            let by: Vec<&str> = self.attributes.iter().map(|attribute| attribute.name()).collect();
            let _ = write!(words, ", by {}", by.join(", "));
        }
        let place = |directory: &Directory| match directory {
            Directory::OnPremises => directory.label().to_owned(),
            Directory::Entra | Directory::Exchange => format!("in {}", directory.label()),
        };
        let places: Vec<String> = self.directories.iter().map(place).collect();
        if !places.is_empty() {
            let _ = write!(words, "; seen {}", places.join(" and "));
        }
        words
    }
}

impl PartyError {
    /// Its code, its time as `written` writes it, and its sentence.
    pub fn words(&self, written: impl FnOnce(DateTime<Utc>) -> String) -> String {
        let at = self.at.map(|at| format!(" ({})", written(at))).unwrap_or_default();
        let code = if self.code.is_empty() { "error" } else { &self.code };
        format!("{code}{at}: {}", self.description)
    }
}
