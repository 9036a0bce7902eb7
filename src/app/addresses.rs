//! Defines [`AddressPanel`], the address collisions of the tenant: a list of them that can be searched, and the one under its cursor told
//! whole, down to the plan. What is to be said of the whole evidence follows it.

use std::sync::Arc;

use crate::domain::Evidence;
use crate::explain::addresses::{Addresses, Collision, Party, PartyError};
use crate::store::index::UserKey;

use super::Model;
use super::clock::Clock;
use super::copy::pointer;
use super::history::Pane;
use super::list::{List, Motion};
use super::message::Effect;
use super::overlay::Overlay;

/// The address collisions of the tenant.
#[derive(Debug, Clone)]
pub struct AddressPanel {
    /// What is shown.
    pub addresses: Arc<Addresses>,
    /// What is to be said of the whole evidence, under its headings.
    pub beside: Vec<(&'static str, Vec<String>)>,
    /// The collisions that match the search, as numbers among all; the one under the cursor is told whole.
    pub list: List<usize>,
    /// The lines that tell it.
    pub items: Vec<Item>,
    /// The line under the cursor.
    pub cursor: usize,
}

/// A line of what is told; the numbers are those of the collision's own lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// What the collision comes to, or that there is none.
    Headline,
    /// Who holds the value.
    Holder,
    /// What is wrong with who holds it.
    HolderError(usize),
    /// Who wants it or has it as well.
    Claimant(usize),
    /// What is wrong with who wants it.
    ClaimantError(usize, usize),
    /// What else is to be said.
    Note(usize),
    /// Something that happened.
    Moment(usize),
    /// A step of the plan.
    Step(usize),
    /// A statement that was relied on.
    Source(usize),
    /// How much was compared.
    Summary,
    /// A line about the whole evidence, with the number of its heading.
    Beside(usize, usize),
}

impl AddressPanel {
    /// The panel for what was found, with the cursor on the first collision.
    pub fn new(addresses: Arc<Addresses>) -> AddressPanel {
        let beside = addresses.beside();
        let mut panel = AddressPanel { addresses, beside, list: List::default(), items: Vec::new(), cursor: 0 };
        panel.search("");
        panel
    }

    /// Shows the collisions that a text is about. The cursor stays with its collision as far as that is among them.
    pub fn search(&mut self, query: &str) {
        query.clone_into(&mut self.list.query);
        let before = self.list.selected();
        let collisions = self.addresses.collisions.iter().enumerate();
        self.list.items = collisions.filter(|(_, one)| one.is_about(query)).map(|(number, _)| number).collect();
        self.list.total = self.addresses.collisions.len();
        self.tell(before);
    }

    /// Takes in what was found in other evidence; the search stays, and the cursor with its value if that still collides.
    pub fn renew(&mut self, addresses: &Arc<Addresses>) {
        if Arc::ptr_eq(&self.addresses, addresses) {
            return;
        }
        let here = self.collision().map(|found| (found.namespace, found.value.clone()));
        let query = std::mem::take(&mut self.list.query);
        *self = AddressPanel::new(Arc::clone(addresses));
        self.search(&query);
        let is_here =
            |one: &Collision| here.as_ref().is_some_and(|(kind, value)| (*kind, value) == (one.namespace, &one.value));
        if let Some(number) = addresses.collisions.iter().position(is_here) {
            self.choose(number);
        }
    }

    /// Puts the cursor of the list on a collision.
    pub fn choose(&mut self, number: usize) {
        let before = self.list.selected();
        self.list.select(number);
        self.tell(before);
    }

    /// Puts the cursor of the list on the first collision that an account is a party to, if there is one.
    pub fn choose_account(&mut self, id: Option<&str>, principal_name: Option<&str>) {
        let first = self.addresses.of_account(id, principal_name).into_iter().next();
        let number = first.and_then(|first| self.addresses.collisions.iter().position(|one| std::ptr::eq(one, first)));
        number.into_iter().for_each(|number| self.choose(number));
    }

    /// Goes to the next collision of the list or to the one before.
    pub fn turn(&mut self, forward: bool) {
        let before = self.list.selected();
        self.list.go(if forward { Motion::Down } else { Motion::Up }, 1);
        self.tell(before);
    }

    /// Whether there is a collision after (`forward`) or before that under the cursor.
    pub fn can_turn(&self, forward: bool) -> bool {
        let at = self.list.position();
        if forward { at + 1 < self.list.items.len() } else { at > 0 }
    }

    /// Moves the cursor along the lines.
    pub fn go(&mut self, motion: Motion, page: usize) {
        self.cursor = motion.from(self.cursor, self.items.len(), page);
    }

    /// The collision that is told.
    pub fn collision(&self) -> Option<&Collision> {
        self.addresses.collisions.get(self.list.selected()?)
    }

    /// The line under the cursor.
    pub fn item(&self) -> Option<Item> {
        self.items.get(self.cursor).copied()
    }

    /// Lists the lines anew; another collision than before is read from its top.
    fn tell(&mut self, before: Option<usize>) {
        if self.list.selected() != before || self.items.is_empty() {
            self.cursor = 0;
            self.items = items(self.collision(), &self.beside);
        }
    }

    /// The party of a line about one.
    pub fn party(&self, item: Item) -> Option<&Party> {
        match item {
            Item::Holder | Item::HolderError(_) => self.collision()?.holder.as_ref(),
            Item::Claimant(number) | Item::ClaimantError(number, _) => self.collision()?.claimants.get(number),
            _ => None,
        }
    }

    fn error(&self, item: Item) -> Option<&PartyError> {
        match item {
            Item::HolderError(number) | Item::ClaimantError(_, number) => self.party(item)?.errors.get(number),
            _ => None,
        }
    }

    /// The heading that a line stands under.
    pub fn heading(&self, item: Item) -> Option<&'static str> {
        match item {
            Item::Headline => None,
            Item::Holder | Item::HolderError(_) => Some("Who holds it"),
            Item::Claimant(_) | Item::ClaimantError(..) => self.collision().map(Collision::claimants_heading),
            Item::Note(_) => Some("Notes"),
            Item::Moment(_) => Some("What happened"),
            Item::Step(_) => Some("Plan (to be read first; nothing is executed)"),
            Item::Source(_) => Some("Sources"),
            Item::Summary => Some("The whole evidence"),
            Item::Beside(heading, _) => self.beside.get(heading).map(|(heading, _)| *heading),
        }
    }

    /// What a line says.
    pub fn words(&self, item: Item, clock: &Clock) -> String {
        let found = self.collision();
        let words = match item {
            Item::Headline => Some(found.map_or_else(|| self.nothing(), |found| found.headline.clone())),
            Item::Holder => found.map(Collision::holder_words),
            Item::Claimant(_) => self.party(item).map(Party::words),
            Item::HolderError(_) | Item::ClaimantError(..) => {
                self.error(item).map(|error| error.words(|at| clock.full(Some(at.timestamp_millis()))))
            }
            Item::Note(number) => found.and_then(|found| found.notes.get(number).cloned()),
            Item::Moment(number) => found
                .and_then(|found| found.chain.get(number))
                .map(|moment| format!("{}  {}", clock.full(Some(moment.at.timestamp_millis())), moment.words)),
            Item::Step(number) => {
                found.and_then(|found| found.plan.get(number)).map(|step| format!("{}. {}", step.order, step.text))
            }
            Item::Source(number) => found
                .and_then(|found| found.citations.get(number))
                .map(|source| format!("{} — {}, {}", source.statement, source.source, source.date)),
            Item::Summary => Some(self.addresses.summary()),
            Item::Beside(heading, line) => self.beside.get(heading).and_then(|(_, lines)| lines.get(line).cloned()),
        };
        words.unwrap_or_default()
    }

    /// What is said where no collision is told.
    fn nothing(&self) -> String {
        match (self.list.total, self.list.query.trim()) {
            (0, _) if self.addresses.can_rule_out() => "No collision in what is loaded.".to_owned(),
            (0, _) => "No collision was found, and none can be ruled out.".to_owned(),
            (_, query) => format!("No collision is about `{query}`."),
        }
    }

    /// Where what the line under the cursor says stands in the evidence.
    pub fn details(&self) -> Vec<String> {
        let shown = |evidence: &Evidence| format!("{} “{}” in {}", evidence.label, evidence.value, pointer(evidence));
        match self.item() {
            Some(item @ (Item::Holder | Item::Claimant(_))) => {
                self.party(item).into_iter().flat_map(|party| &party.evidence).map(shown).collect()
            }
            Some(Item::Moment(number)) => {
                let moment = self.collision().and_then(|found| found.chain.get(number));
                moment.map(|moment| shown(&moment.evidence)).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

fn items(collision: Option<&Collision>, beside: &[(&str, Vec<String>)]) -> Vec<Item> {
    let mut items = vec![Item::Headline];
    if let Some(found) = collision {
        items.push(Item::Holder);
        let errors = found.holder.as_ref().map_or(0, |party| party.errors.len());
        items.extend((0..errors).map(Item::HolderError));
        for (number, party) in found.claimants.iter().enumerate() {
            items.push(Item::Claimant(number));
            items.extend((0..party.errors.len()).map(|error| Item::ClaimantError(number, error)));
        }
        items.extend((0..found.notes.len()).map(Item::Note));
        items.extend((0..found.chain.len()).map(Item::Moment));
        items.extend((0..found.plan.len()).map(Item::Step));
        items.extend((0..found.citations.len()).map(Item::Source));
    }
    items.push(Item::Summary);
    let lines = beside.iter().enumerate();
    items.extend(lines.flat_map(|(heading, (_, lines))| (0..lines.len()).map(move |line| Item::Beside(heading, line))));
    items
}

impl Model {
    /// The address collisions that are open, also where help lies over them.
    pub(super) fn collisions(&self) -> Option<&AddressPanel> {
        match self.overlay.as_ref()?.under_help()? {
            Overlay::Addresses(panel) => Some(panel),
            _ => None,
        }
    }

    /// Why the address collisions cannot be shown; nothing when they can.
    pub(super) fn addresses_refusal(&self) -> Option<String> {
        match (self.tenant.addresses().objects, self.is_loaded) {
            (0, true) => Some("the evidence holds no users, groups, contacts or recipients to compare".to_owned()),
            (0, false) => Some("the evidence is still being read".to_owned()),
            _ => None,
        }
    }

    pub(super) fn open_addresses(&mut self) {
        let mut panel = AddressPanel::new(Arc::clone(self.tenant.addresses()));
        if let Some(user) = self.users.list.selected().and_then(|user| self.index.user(user)) {
            panel.choose_account(Some(&user.who.id), Some(&user.who.principal_name));
        }
        self.users.list.pin();
        self.sign_ins.list.pin();
        self.overlay = Some(Overlay::Addresses(Box::new(panel)));
    }

    /// Lets open address collisions follow the newest evidence.
    pub(super) fn renew_addresses(&mut self) {
        let addresses = Arc::clone(self.tenant.addresses());
        self.change_addresses(|panel| panel.renew(&addresses));
    }

    pub(super) fn change_addresses(&mut self, change: impl FnOnce(&mut AddressPanel)) {
        if let Some(Overlay::Addresses(panel)) = &mut self.overlay {
            change(panel);
        }
    }

    /// Who of the collision under the cursor is in the log: the party of the line, or else the first that is.
    fn account_of_collision(&self) -> Option<UserKey> {
        let panel = self.collisions()?;
        let found = panel.collision()?;
        let here = panel.item().and_then(|item| panel.party(item));
        let parties: Vec<&Party> = match here {
            Some(party) => vec![party],
            None => found.claimants.iter().chain(&found.holder).collect(),
        };
        let is_one = |id: &str, name: &str| parties.iter().any(|party| party.is_account(Some(id), Some(name)));
        self.index.users().find(|(_, user)| is_one(&user.who.id, &user.who.principal_name)).map(|(key, _)| key)
    }

    /// Why the collision under the cursor leads to no user; nothing when it does.
    pub(super) fn account_refusal(&self) -> Option<String> {
        let here = self.collisions().and_then(|panel| panel.party(panel.item()?));
        match (self.account_of_collision(), here) {
            (Some(_), _) => None,
            (None, Some(party)) => Some(format!("“{}” has no sign-in in the evidence", party.name)),
            (None, None) => Some("none of those who hold or want it has a sign-in in the evidence".to_owned()),
        }
    }

    /// Goes to the sign-ins of who is a party to the collision under the cursor.
    pub(super) fn open_account_of_collision(&mut self) {
        let Some(user) = self.account_of_collision() else { return };
        self.overlay = None;
        self.select_user(user);
        self.focus = Pane::SignIns;
    }

    /// Copies the plan of the collision under the cursor.
    pub(super) fn copy_plan(&self) -> Vec<Effect> {
        let effect = self.collisions().and_then(|panel| {
            Some(Effect::CopyPlan { addresses: Arc::clone(&panel.addresses), collision: panel.list.selected()? })
        });
        effect.into_iter().collect()
    }

    /// Copies the collisions that are listed, with what is to be said of the whole evidence.
    pub(super) fn copy_addresses(&self) -> Vec<Effect> {
        let effect = self.collisions().map(|panel| Effect::CopyAddresses {
            addresses: Arc::clone(&panel.addresses),
            collisions: panel.list.items.clone(),
        });
        effect.into_iter().collect()
    }
}
