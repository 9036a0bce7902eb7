//! Puts collisions into words, the same for the screen and for reports. Times are left to who writes them, since only the screen has a
//! clock with a zone.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use crate::domain::recipient::Directory;

use super::told::in_words;
use super::{Addresses, Check, Collision, OtherError, Party, PartyError, State};

fn counted(count: usize, one: &str, several: &str) -> String {
    match count {
        0 => format!("no {one}"),
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    }
}

impl Addresses {
    /// How much was compared, and how many collisions came of it.
    pub fn summary(&self) -> String {
        let compared = format!(
            "{} with {}",
            counted(self.objects, "object", "objects"),
            counted(self.claims, "address or name", "addresses and names"),
        );
        if self.collisions.is_empty() {
            return match self.can_rule_out() {
                true => format!("no collision in what is loaded: {compared}"),
                false => format!("no collision was found, and none can be ruled out: {compared}"),
            };
        }
        let expected = self.collisions.iter().filter(|one| one.is_to_come()).count();
        let noted = self.collisions.len() - expected;
        let expected = if expected > 0 { format!(" ({noted} now, {expected} to come)") } else { String::new() };
        format!("{}{expected} among {compared}", counted(self.collisions.len(), "collision", "collisions"))
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
        let lost = self.lost.iter().map(|party| {
            format!(
                "{} “{}”: in the place of its list of addresses the export wrote the name of a type, so a collision of it cannot be ruled out",
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
        let (with_holder, others): (Vec<&OtherError>, Vec<&OtherError>) =
            self.others.iter().partition(|error| error.holder.is_some());
        let dropped = match self.dropped {
            0 => Vec::new(),
            count => vec![format!(
                "{} on premises of the service's own domains: synchronisation leaves them out (of hybrid routing domains, \
                 mail.onmicrosoft.com, that is not documented)",
                counted(count, "address", "addresses")
            )],
        };
        let all = [
            ("Refused over a value that the error does not name", with_holder.into_iter().map(other).collect()),
            ("Errors of provisioning about something else, or not known", others.into_iter().map(other).collect()),
            ("Not compared", dropped),
            ("A collision cannot be ruled out", self.routing.clone()),
            ("The next synchronisation would take for one", self.matches.clone()),
            ("An active object and a soft-deleted one have it", self.beside_deleted.clone()),
            ("Incomplete", cut.chain(lost).collect()),
            ("Resolved", resolved),
            ("Missing", gaps.collect()),
        ];
        all.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
    }
}

/// An error that names no address.
fn other(error: &OtherError) -> String {
    let at = error.at.map(|at| format!(" ({})", at.format("%Y-%m-%d %H:%M:%SZ"))).unwrap_or_default();
    let code = if error.code.is_empty() { String::new() } else { format!(", {}", error.code) };
    let service = if error.service.is_empty() { "a service" } else { &error.service };
    let names = match &error.holder {
        Some(holder) => format!("It names “{holder}” as the holder, and not the value."),
        None => "It names no address that this program can read.".to_owned(),
    };
    let (kind, name) = (error.party.kind.label(), &error.party.name);
    format!("{service}{code}, on the {kind} “{name}”{at}: “{}” {names}", error.description)
}

/// How many values or names are listed in a sentence.
const LISTED: usize = 3;

/// How many more there are than are listed.
fn more(count: usize) -> String {
    match count.saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

/// Values that an active object has and a soft-deleted one as well.
pub(super) fn beside_deleted(active: &Party, deleted: &Party, values: &[&str]) -> String {
    let listed: Vec<String> = values.iter().take(LISTED).map(|value| format!("“{value}”")).collect();
    let it = if values.len() == 1 { "it" } else { "them" };
    format!(
        "{}{}: {} has {it}, and so has {}. In Entra an active object may take what a soft-deleted one had, so this is no collision there; for \
         Exchange nothing is said.",
        listed.join(", "),
        more(values.len()),
        in_words(active),
        in_words(deleted)
    )
}

/// An address of a hybrid routing domain that several objects have.
pub(super) fn routing(value: &str, parties: &[Party]) -> String {
    let listed: Vec<String> = parties.iter().take(LISTED).map(in_words).collect();
    format!(
        "“{value}”: {}{} have it. Whether synchronisation leaves an address of a hybrid routing domain out is not documented.",
        listed.join(if parties.len() > LISTED { ", " } else { " and " }),
        more(parties.len())
    )
}

impl Collision {
    /// What came of it, and by whose check.
    pub fn state_words(&self) -> &'static str {
        match self.state {
            State::Refused if self.is_stale => "refused by Exchange Online, held by nobody now",
            State::Refused => "refused by Exchange Online",
            State::Quarantined if self.is_stale => "left out by the directory, held by nobody now",
            State::Quarantined => "left out by the directory",
            State::Stripped if !self.is_to_come() => "the guest is without it, and no error",
            State::Stripped => "would be taken from the guest",
            State::Predicted => "to come",
            State::Held if self.claimants.len() > 1 => "held by several",
            State::Held => "held by both",
        }
    }

    /// The heading over who does not hold the value, or not alone.
    pub fn claimants_heading(&self) -> &'static str {
        match self.state {
            State::Held => "Who has it as well",
            State::Stripped if !self.is_to_come() => "Who is without it",
            _ => "Who wants it",
        }
    }

    /// Who holds the value, as far as the evidence tells.
    pub fn holder_words(&self) -> String {
        match (&self.holder, &self.unknown_holder) {
            (Some(party), _) => party.words(),
            (None, None) if self.named_holder.is_some() => {
                let named = self.named_holder.as_ref().map(Party::words).unwrap_or_default();
                format!("says the service: {named}. In the evidence it does not have the value")
            }
            (None, Some(name)) => format!("“{name}”, says the service; no object of that name is in the evidence"),
            (None, None) if self.check == Check::Predicted => "nobody yet".to_owned(),
            (None, None) => "nobody in the evidence".to_owned(),
        }
    }

    /// What introduces a step of the plan, where another way begins with it.
    pub fn way_words(&self, step: usize) -> Option<String> {
        let way = self.plan.get(step)?.way;
        let earlier = self.plan.get(..step).unwrap_or_default();
        let is_first = earlier.iter().all(|step| step.way.is_empty());
        let mut ways = self.plan.iter().map(|step| step.way).filter(|way| !way.is_empty());
        let only = ways.next();
        let is_only = ways.all(|way| Some(way) == only);
        match way {
            _ if way == earlier.last().map_or("", |step| step.way) => None,
            "" if is_only => Some("then".to_owned()),
            "" => Some("then, whichever way".to_owned()),
            way if is_only => Some(way.to_owned()),
            way if is_first => Some(format!("either: {way}")),
            way => Some(format!("or: {way}")),
        }
    }
}

impl Party {
    /// Who it is and where it stands.
    pub fn words(&self) -> String {
        let mut words = format!("{} “{}”", self.kind.label(), self.name);
        // Which id it is tells where it may be pasted.
        let id = match self.directories.as_slice() {
            _ if self.id.is_empty() => String::new(),
            _ if self.is_entra_id => self.id.clone(),
            [Directory::OnPremises] | [Directory::Entra, Directory::OnPremises] => {
                format!("GUID on premises {}", self.id)
            }
            _ => format!("GUID in Exchange {}", self.id),
        };
        let names = [self.principal_name.as_str(), &id].into_iter().filter(|name| !name.is_empty());
        let names: Vec<&str> = names.filter(|name| *name != self.name).collect();
        // Writing to a string cannot fail.
        if !names.is_empty() {
            let _ = write!(words, " ({})", names.join(", "));
        }
        if self.is_deleted {
            words.push_str(", soft-deleted");
        }
        if self.attributes.is_empty() && !self.errors.is_empty() {
            words.push_str(", by the error alone");
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
