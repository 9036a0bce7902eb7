//! Defines [`Asked`], a context made ready for one tenant: what its lists are compared with is looked up once.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::domain::context::{Audience, Subject, Target, UserSubject};
use crate::domain::snapshot::{Group, User};
use crate::domain::{Context, Verdict};

use super::tenant::{Completeness, Tenant};
use super::{Why, condition, resource};

/// A context made ready for one tenant.
#[derive(Debug)]
pub struct Asked<'a> {
    context: &'a Context,
    tenant: &'a Tenant,
    user: Option<&'a User>,
    user_id: Option<String>,
    steps: Vec<Step<'a>>,
    groups: HashMap<String, usize>,
    /// Groups of which it is not known whether they held the user then, by id in lower case.
    uncertain: HashSet<String>,
    /// Whether a group that was not found is known not to hold the user.
    knows_groups: bool,
    located: Vec<OnceCell<(Verdict, Why)>>,
    others: Vec<(Audience, Why)>,
}

/// A group that the user belongs to.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    /// The group; nothing for one that is only known by its id.
    group: Option<&'a Group>,
    /// The step within it, nothing when the user is a direct member.
    through: Option<usize>,
}

impl<'a> Asked<'a> {
    /// Makes a context ready.
    pub fn new(context: &'a Context, tenant: &'a Tenant) -> Asked<'a> {
        let subject = match &context.subject {
            Subject::User(subject) => Some(subject),
            Subject::Workload(_) | Subject::Missing => None,
        };
        let user = subject.and_then(|subject| tenant.user(subject.id.as_deref(), subject.principal_name.as_deref()));
        let said = subject.and_then(|subject| subject.id.clone());
        let user_id = said.or_else(|| user.map(|user| user.id.clone())).map(|id| id.to_ascii_lowercase());
        let locations = tenant.snapshot().named_locations.len();
        let mut asked = Asked {
            context,
            tenant,
            user,
            user_id,
            steps: Vec::new(),
            groups: HashMap::new(),
            uncertain: HashSet::new(),
            knows_groups: false,
            located: (0..locations).map(|_| OnceCell::new()).collect(),
            others: match &context.target {
                Target::Resources(resources) => resource::others(resources, context.client_app),
                Target::UserAction(_) | Target::Missing => Vec::new(),
            },
        };
        if let Some(subject) = subject {
            asked.follow_groups(subject);
        }
        asked
    }

    fn follow_groups(&mut self, subject: &UserSubject) {
        match &subject.member_of {
            Some(groups) => {
                for id in groups {
                    self.enter(id.to_ascii_lowercase(), self.tenant.group(id), None);
                }
                // A group that the snapshot lacks may still stand among the members of one that it has.
                for id in groups.iter().filter(|id| self.tenant.group(id).is_none()) {
                    let id = id.to_ascii_lowercase();
                    self.enter_holders(&id, self.groups.get(&id).copied());
                }
                self.knows_groups = true;
            }
            None => {
                self.knows_groups = self.user.is_some_and(|user| user.groups_known);
                let Some(id) = self.user_id.clone() else { return };
                self.enter_holders(&id, None);
            }
        }
        let mut next = 0;
        while let Some(step) = self.steps.get(next) {
            if let Some(group) = step.group {
                let id = group.id.to_ascii_lowercase();
                self.enter_holders(&id, Some(next));
            }
            next += 1;
        }
        self.follow_uncertain();
    }

    /// Notes the groups into which the user, or a group around the user, came between two snapshots, and the groups around those.
    fn follow_uncertain(&mut self) {
        let Some(then) = self.tenant.then() else { return };
        let own = self.user_id.iter().cloned();
        let ids = own.chain(self.steps.iter().filter_map(|step| Some(step.group?.id.to_ascii_lowercase())));
        let numbers = ids.flat_map(|id| then.uncertain(&id).to_vec());
        let mut open: Vec<&Group> = numbers.filter_map(|number| self.tenant.snapshot().groups.get(number)).collect();
        while let Some(group) = open.pop() {
            let id = group.id.to_ascii_lowercase();
            if self.uncertain.insert(id.clone()) {
                open.extend(self.tenant.holders(&id));
            }
        }
    }

    fn enter_holders(&mut self, lower_id: &str, through: Option<usize>) {
        let tenant = self.tenant;
        for group in tenant.holders(lower_id) {
            self.enter(group.id.to_ascii_lowercase(), Some(group), through);
        }
    }

    fn enter(&mut self, lower_id: String, group: Option<&'a Group>, through: Option<usize>) {
        let number = self.steps.len();
        if let std::collections::hash_map::Entry::Vacant(place) = self.groups.entry(lower_id) {
            place.insert(number);
            self.steps.push(Step { group, through });
        }
    }

    /// The context.
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// The tenant.
    pub fn tenant(&self) -> &'a Tenant {
        self.tenant
    }

    /// Further audiences that the request may have had.
    pub(super) fn others(&self) -> &[(Audience, Why)] {
        &self.others
    }

    /// The user's object id in lower case.
    pub(super) fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// The groups from the one that the user is in directly up to the one of that number.
    pub fn path(&self, number: usize) -> Vec<&'a Group> {
        let mut path = Vec::new();
        let mut at = Some(number);
        while let Some(step) = at.and_then(|at| self.steps.get(at)) {
            path.extend(step.group);
            at = step.through;
        }
        path.reverse();
        path
    }

    /// Whether the user belongs to a group, by its id in lower case.
    pub(super) fn is_member(&self, lower_id: &str) -> (Verdict, Why) {
        if let Some(number) = self.groups.get(lower_id) {
            let is_direct = self.steps.get(*number).is_none_or(|step| step.through.is_none());
            return (Verdict::Yes, if is_direct { Why::Compared } else { Why::Through(*number) });
        }
        if self.uncertain.contains(lower_id) {
            return (Verdict::UnknownData, Why::MembersUnknown);
        }
        if self.knows_groups {
            return (Verdict::No, Why::Compared);
        }
        if self.user_id.is_none() {
            return (Verdict::UnknownContext, Why::NotInRecord);
        }
        match self.tenant.completeness(lower_id) {
            None => (Verdict::UnknownData, Why::NotInSnapshot),
            Some(Completeness::Known) => (Verdict::No, Why::Compared),
            Some(Completeness::Unknown) => (Verdict::UnknownData, Why::MembersUnknown),
            Some(Completeness::Cyclic) => (Verdict::UnknownData, Why::Cyclic),
        }
    }

    /// Whether the request comes from the named location of that number in the snapshot.
    pub(super) fn is_at(&self, location: usize) -> (Verdict, Why) {
        let Some(cell) = self.located.get(location) else { return (Verdict::UnknownData, Why::NotInSnapshot) };
        *cell.get_or_init(|| condition::named_location(self, location))
    }
}
