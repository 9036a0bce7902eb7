//! Reads tenant snapshots: what the customer exported of the tenant's configuration, in any of the shapes exports have.
//!
//! A [`Builder`] takes the JSON files of the evidence one by one, in any order, and joins them at the end. Each file is
//! cut into `pieces`, each piece is told what it is (`kinds`), brought to Graph's spelling (`object`) and read
//! (`policies`, `locations`, `directory`, `settings`). A broken object is reported and never keeps the rest from being
//! read.
//!
//! Files of other products are brought to Graph's form (`export`) by readers of their own: ROADrecon's database
//! (`roadrecon`), configurations of Microsoft365DSC (`desired`), Terraform (`terraform`), tables (`tables`) and wrapped
//! policies (`wrapper`). What they call by name is found at the end (`names`, `named_members`), and `wording` tells whose
//! form a file has.
//!
//! INVARIANT: what the evidence lacks is unknown, never empty. A collection counts as present only when an object of it
//! was read or when it stands in a file as a whole.

mod conditions;
mod context;
mod controls;
mod dated;
mod desired;
mod directory;
mod export;
mod kinds;
mod locations;
mod members;
mod named_members;
mod names;
mod notes;
mod object;
mod pieces;
mod policies;
mod properties;
mod roadrecon;
mod settings;
mod table;
mod tables;
mod terraform;
mod wording;
mod wrapper;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::history::{Change, History, Membership, Reach, Seen, What};
use crate::domain::json::Json;
use crate::domain::policy::{Policy, UnknownMember};
use crate::domain::recipient::{Recipient, RecipientKind};
use crate::domain::snapshot::{
    AuthenticationStrength, Branding, Collection, Domain, Group, NamedLocation, Organization, PasswordRules,
    SecurityDefaults, Snapshot, TokenLifetimePolicy,
};
use crate::domain::{Origin, SignIn, first_party};
use crate::store::inventory::{FileReport, Problem};
use crate::store::recipients;
use crate::store::source::Bytes;

use dated::Dated;
use directory::{Directory, Reading};
use export::Export;
use kinds::Kind;
pub use locations::read_location;
use members::member_id;
use names::Logged;
pub use names::Said;
use object::Object;
use pieces::{Piece, Pieces, Relation, Shape, Whole};
pub use policies::{PolicyReading, read_policy};
use table::Table;

/// What a file said about the tenant.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Taken {
    /// The shape the file has, in words.
    pub format: String,
    /// The words of its formats in the catalogue.
    pub words: BTreeSet<&'static str>,
    /// How many objects were read.
    pub objects: u64,
    /// How many objects could not be read.
    pub unreadable: u64,
    /// What is wrong with the file or its objects, at most [`FileReport::MOST_PROBLEMS`].
    pub problems: Vec<Problem>,
}

impl Taken {
    fn note(&mut self, problem: Problem) {
        if self.problems.len() < FileReport::MOST_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

/// A text that holds objects of a tenant and is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A configuration of Microsoft365DSC, in PowerShell.
    Configuration,
    /// A table, CSV.
    Table,
}

/// What a text holds of a tenant, by its content; `None` when it is none of these.
pub fn look(text: &str) -> Option<Form> {
    if desired::looks_like(text) { Some(Form::Configuration) } else { tables::look(text).map(|_| Form::Table) }
}

/// Gathers what the files of the evidence say about the tenant.
#[derive(Debug, Default)]
pub struct Builder {
    policies: Vec<Policy>,
    policy_at: HashMap<String, usize>,
    named_locations: Table<NamedLocation>,
    directory: Directory,
    strengths: Table<AuthenticationStrength>,
    /// Which strengths narrow their methods further (allowed keys, issuers), and the text that does.
    narrowed_strengths: HashMap<String, String>,
    password_rules: Option<PasswordRules>,
    branding: Option<(Branding, bool)>,
    token_lifetime_policies: Table<TokenLifetimePolicy>,
    security_defaults: Option<SecurityDefaults>,
    domains: Table<Domain>,
    organization: Option<Organization>,
    taken_at: Option<DateTime<Utc>>,
    recipients: Vec<Recipient>,
    history: History,
    present: BTreeSet<Collection>,
    /// How often each collection was seen as a list that goes on elsewhere, and as one that ends.
    lists: BTreeMap<Collection, (u32, u32)>,
    /// Collections with an object that could not be read.
    broken: BTreeSet<Collection>,
    counts: BTreeMap<Collection, usize>,
    /// Which policies have no id of their own, by their numbers.
    nameless: BTreeSet<usize>,
    /// Which policies name people and things where Graph has ids, by their numbers.
    named: BTreeSet<usize>,
    /// Whether the export that is being taken writes names.
    writes_names: bool,
    /// What the logs call policies.
    logged: Logged,
    /// The tenants that the logs name, home and resource.
    tenants: HashSet<String>,
    /// The files that say when they were exported, by that time.
    dated: Dated,
}

impl Builder {
    /// A builder that has taken nothing yet.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Takes what a JSON file of the evidence says about the tenant; `None` when it holds nothing of a tenant's
    /// configuration.
    ///
    /// `file` is the path as shown; it matters only where an export keeps members in folders of their own.
    pub fn take(&mut self, file: &Arc<str>, json: &Json) -> Option<Taken> {
        self.of_time(file, pieces::export_date(json)).take_undated(file, json)
    }

    fn take_undated(&mut self, file: &Arc<str>, json: &Json) -> Option<Taken> {
        if let Some(export) = wrapper::read(json).or_else(|| terraform::read(json)).or_else(|| desired::read_json(json))
        {
            return Some(self.take_export(file, export));
        }
        let pieces = Pieces::cut(json, Relation::of_path(file))?;
        let words = wording::words_of(json, &pieces, file);
        let mut taken = Taken { format: wording::format_of(&pieces), words, ..Taken::default() };
        for whole in &pieces.wholes {
            self.see(file, whole);
        }
        // A tree with one file an object lists them all: its maker followed the pages. Other single files may be some of many.
        if let (Shape::Single, Some(piece)) = (pieces.shape, pieces.found.first()) {
            let relation = piece.relation.clone();
            let kind = match piece.kind {
                Some(kind) if relation == Relation::Itself => kind,
                _ => Kind::DirectoryObject,
            };
            if relation != Relation::Itself || pieces::is_in_tree(file) {
                self.see(file, &Whole { kind, relation, is_open: false });
            }
        }
        for piece in &pieces.found {
            self.take_piece(file, piece, &mut taken);
        }
        self.taken_at = self.taken_at.max(pieces.taken_at);
        pieces.problems.into_iter().for_each(|problem| taken.note(problem));
        Some(taken)
    }

    /// Takes what an audit log tells: its changes, and from when to when it reaches.
    pub fn add_changes(&mut self, changes: Vec<Change>, reach: Option<Reach>) {
        self.history.changes.extend(changes);
        self.history.reach.extend(reach);
    }

    /// Takes a text of that form.
    pub fn take_text(&mut self, file: &Arc<str>, form: Form, text: &str) -> Taken {
        let export = match form {
            Form::Configuration => desired::read_text(text),
            Form::Table => tables::read(text),
        };
        self.of_time(file, export.taken_at).take_export(file, export)
    }

    /// Whether an SQLite database holds a tenant. Fails when it cannot be opened, in words.
    pub fn holds_tenant(file: &str, bytes: &Bytes) -> Result<bool, String> {
        roadrecon::looks_like(file, bytes)
    }

    /// Takes an SQLite database; `Ok(None)` when it is none that holds a tenant.
    ///
    /// Fails when the database cannot be read, in words.
    pub fn take_database(&mut self, file: &Arc<str>, bytes: &Bytes) -> Result<Option<Taken>, String> {
        let export = roadrecon::read(file, bytes)?;
        Ok(export.map(|export| self.of_time(file, export.taken_at).take_export(file, export)))
    }

    /// Takes the objects that could be read of a damaged list. What was lost may be of any of their kinds.
    pub fn take_damaged(&mut self, file: &Arc<str>, objects: Vec<Json>) -> Option<Taken> {
        if objects.is_empty() {
            return None;
        }
        let list = Json::List(objects);
        let kinds = Pieces::cut(&list, Relation::of_path(file))?.found.into_iter().filter_map(|piece| piece.kind);
        let lost: Vec<Collection> = kinds.map(Kind::collection).collect();
        let builder = self.of_time(file, None);
        let taken = builder.take_undated(file, &list);
        builder.broken.extend(lost);
        taken
    }

    /// Takes what the file of another product says, brought to Graph's form.
    fn take_export(&mut self, file: &Arc<str>, export: Export) -> Taken {
        let words = BTreeSet::from([export.word]);
        let mut taken = Taken { format: export.format, words, unreadable: export.unreadable, ..Taken::default() };
        for whole in &export.wholes {
            self.see(file, whole);
        }
        self.writes_names = export.writes_names;
        for object in &export.objects {
            let piece = Piece {
                json: &object.json,
                pointer: object.pointer.clone(),
                kind: Some(object.kind),
                relation: object.relation.clone(),
                renames: Some(&object.renames),
            };
            object.warnings.iter().for_each(|warning| taken.note(Problem::warning(warning.as_str())));
            self.take_piece(file, &piece, &mut taken);
        }
        self.writes_names = false;
        self.taken_at = self.taken_at.max(export.taken_at);
        export.problems.into_iter().for_each(|problem| taken.note(problem));
        taken
    }

    /// Reads one object and counts it; a broken one is said and makes its collection incomplete.
    fn take_piece(&mut self, file: &Arc<str>, piece: &Piece<'_>, taken: &mut Taken) {
        let mut warnings = Vec::new();
        match self.read(file, piece, &mut warnings) {
            Ok(()) => taken.objects += 1,
            Err(reason) => {
                taken.unreadable += 1;
                self.broken.extend(piece.kind.map(Kind::collection));
                if piece.kind == Some(Kind::RoleAssignment) {
                    self.directory.lose_assignments();
                }
                let kind = piece.kind.map_or_else(|| "object".to_owned(), |kind| kind.noun(1));
                let place = if piece.pointer.is_empty() { String::new() } else { format!(" at `{}`", piece.pointer) };
                taken.note(Problem::file(format!("{kind}{place}: {reason}")));
            }
        }
        for warning in warnings {
            taken.note(Problem::warning(warning));
        }
    }

    /// Notes what a sign-in calls the policies it was met by, so that a policy that the evidence holds without an id may be found.
    pub fn see_logged_policies(&mut self, sign_in: &SignIn) {
        self.logged.see(sign_in.applied_policies.list());
        for tenant in [&sign_in.home_tenant_id, &sign_in.resource_tenant_id].into_iter().flatten() {
            if !tenant.is_empty() && !self.tenants.contains(tenant) {
                self.tenants.insert(tenant.clone());
            }
        }
    }

    /// Takes recipients that other files than a snapshot's hold.
    pub fn add_recipients(&mut self, recipients: Vec<Recipient>) {
        self.recipients.extend(recipients);
    }

    /// Notes that a collection is here as a whole.
    fn see(&mut self, file: &Arc<str>, whole: &Whole) {
        match &whole.relation {
            Relation::GroupMember(group) => self.directory.list_group_members(group, whole.is_open, file),
            Relation::RoleMember(role) => self.directory.list_role_members(role, whole.is_open, file),
            Relation::ScopedRoleMember(_) | Relation::Aside => {}
            Relation::Itself => {
                let collection = whole.kind.collection();
                self.present.insert(collection);
                let (open, closed) = self.lists.entry(collection).or_default();
                *if whole.is_open { open } else { closed } += 1;
                if whole.kind == Kind::RoleAssignment {
                    self.directory.list_assignments(whole.is_open);
                }
            }
        }
    }

    /// Reads one object.
    fn read(&mut self, file: &Arc<str>, piece: &Piece<'_>, warnings: &mut Vec<String>) -> Result<(), String> {
        let json = piece.json;
        match &piece.relation {
            Relation::Itself | Relation::Aside => {}
            Relation::GroupMember(group) => {
                let member = member_id(json).ok_or("it has no `id`")?;
                self.directory.add_group_member(group, member, file);
            }
            Relation::RoleMember(role) => {
                let member = member_id(json).ok_or("it has no `id`")?;
                self.directory.add_role_member(role, member, file);
            }
            Relation::ScopedRoleMember(role) => {
                let mut reading = Reading { file, json, pointer: &piece.pointer, is_passing: true, warnings };
                return self.directory.read_scoped_member(&mut reading, Some(role));
            }
        }
        let is_passing = piece.relation != Relation::Itself;
        let kind = match (piece.kind, json) {
            (None, _) => return Err("nothing tells what it is".to_owned()),
            (Some(Kind::DirectoryObject), _) => return Ok(()),
            (Some(kind), Json::Object(_)) => kind,
            (Some(_), Json::Text(text)) if notes::is_cut_off(text) => {
                return Err("it was cut off when it was exported (`ConvertTo-Json -Depth` was too small: export it again with `-Depth 10`)".to_owned());
            }
            (Some(_), other) => return Err(format!("it is {} where an object is expected", notes::shape_of(other))),
        };
        let mut reading = Reading { file, json, pointer: &piece.pointer, is_passing, warnings };
        match kind {
            Kind::User => self.directory.read_user(&mut reading)?,
            Kind::Group => self.directory.read_group(&mut reading)?,
            Kind::GroupMembership => self.directory.read_membership(&mut reading)?,
            Kind::DirectoryRole => self.directory.read_role(&mut reading)?,
            Kind::RoleAssignment => self.directory.read_assignment(&mut reading)?,
            Kind::ScopedRoleMember => self.directory.read_scoped_member(&mut reading, None)?,
            Kind::RoleDefinition => self.directory.read_definition(&mut reading)?,
            Kind::ServicePrincipal | Kind::Application => self.directory.read_application(&mut reading)?,
            Kind::Device => self.directory.read_device(&mut reading)?,
            kind => self.read_setting(kind, file, piece, warnings)?,
        }
        let is_holder = matches!(kind, Kind::User | Kind::Group | Kind::Contact | Kind::Deleted);
        if !is_passing && is_holder && !kinds::is_foreign(json) {
            let told = match kind {
                Kind::Group => RecipientKind::Group,
                Kind::Contact => RecipientKind::Contact,
                _ => RecipientKind::Unknown,
            };
            let is_deleted = kind == Kind::Deleted;
            self.recipients.extend(recipients::read_entra(file, json, &piece.pointer, told, is_deleted));
        }
        if !is_passing {
            let collection = kind.collection();
            self.present.insert(collection);
            *self.counts.entry(collection).or_default() += 1;
        }
        Ok(())
    }

    /// Reads an object that is no object of the directory.
    fn read_setting(
        &mut self,
        kind: Kind,
        file: &Arc<str>,
        piece: &Piece<'_>,
        warnings: &mut Vec<String>,
    ) -> Result<(), String> {
        let Object { json, mut origin } = Object::open(file, piece.json, &piece.pointer);
        if let Some(renames) = piece.renames {
            origin.renames.append(renames.clone());
        }
        match kind {
            Kind::Policy => {
                let PolicyReading { policy, warnings: more } = read_policy(&json, origin)?;
                warnings.extend(more);
                self.add_policy(policy, json.get("id").text().is_some(), warnings);
            }
            Kind::NamedLocation => {
                let location = locations::read_location(&json, origin, warnings)?;
                let id = location.id.clone();
                let older = self.named_locations.add_newest(&id, location, |held| held.modified);
                self.history.named_locations.extend(older.map(|text| Seen { text, until: None }));
            }
            Kind::AuthenticationStrength => {
                let strength = settings::read_strength(&json, origin, warnings)?;
                let narrowing = json.get("combinationConfigurations");
                if !narrowing.says_nothing() {
                    self.narrowed_strengths.insert(strength.id.to_ascii_lowercase(), narrowing.to_string());
                }
                self.strengths.add(&strength.id.clone(), strength, false);
            }
            Kind::DirectorySetting => {
                let rules = settings::read_password_rules(&json, origin, warnings);
                self.password_rules = self.password_rules.take().or(rules);
            }
            Kind::PortalBranding => {
                let (branding, is_default) = settings::read_branding(&json, origin);
                if self.branding.as_ref().is_none_or(|(_, held_is_default)| is_default && !held_is_default) {
                    self.branding = Some((branding, is_default));
                }
            }
            Kind::TokenLifetimePolicy => {
                let policy = settings::read_token_lifetime(&json, origin, warnings)?;
                self.token_lifetime_policies.add(&policy.id.clone(), policy, false);
            }
            Kind::SecurityDefaults => {
                let defaults = settings::read_security_defaults(&json, origin)?;
                self.security_defaults = self.security_defaults.take().or(Some(defaults));
            }
            Kind::Domain => {
                let domain = settings::read_domain(&json, origin)?;
                self.domains.add(&domain.name.clone(), domain, false);
            }
            Kind::Organization => {
                let organization = settings::read_organization(&json, origin)?;
                self.add_organization(organization, warnings);
            }
            // These are only counted.
            _ => {}
        }
        Ok(())
    }

    /// Keeps a policy. Of two with one id the one that was changed last is kept, in the place of the first: two would
    /// be evaluated twice.
    fn add_policy(&mut self, policy: Policy, has_own_id: bool, warnings: &mut Vec<String>) {
        let key = policy.id.to_ascii_lowercase();
        let held = self.policy_at.get(&key).filter(|_| has_own_id).and_then(|at| self.policies.get_mut(*at));
        let Some(held) = held else {
            if has_own_id {
                self.policy_at.insert(key, self.policies.len());
            } else {
                self.nameless.insert(self.policies.len());
            }
            // Whoever leaves out a policy's own id writes templates, in which other ids are left out too.
            if self.writes_names || !has_own_id {
                self.named.insert(self.policies.len());
            }
            self.policies.push(policy);
            return;
        };
        let plain = |policy: &Policy| Policy { origin: Origin::default(), ..policy.clone() };
        if plain(held) != plain(&policy) {
            let kept = if policy.modified > held.modified { &policy } else { &*held };
            warnings.push(format!(
                "policy `{}` is in the evidence in two versions: the one in `{}` is the newest, the other counts for its time",
                policy.display_name, kept.origin.file
            ));
        }
        if policy.modified > held.modified {
            self.history.policies.push(Seen { text: std::mem::replace(held, policy), until: None });
        } else if policy.modified < held.modified {
            self.history.policies.push(Seen { text: policy, until: None });
        } else if plain(held) != plain(&policy) {
            let text = "the evidence holds two versions, and neither says that it is the newer one".to_owned();
            held.unknown.push(UnknownMember { pointer: "/modifiedDateTime".to_owned(), text });
        }
    }

    fn add_organization(&mut self, organization: Organization, warnings: &mut Vec<String>) {
        match &self.organization {
            Some(held) if !held.id.eq_ignore_ascii_case(&organization.id) => warnings.push(format!(
                "the evidence holds two tenants: `{}` and `{}`; their objects are not kept apart",
                held.display_name, organization.display_name
            )),
            Some(_) => {}
            None => self.organization = Some(organization),
        }
    }

    /// The snapshot: members joined to groups and roles, strengths to policies.
    pub fn finish(self) -> Snapshot {
        self.finish_saying().0
    }

    /// The snapshot, and what was decided to join it: which name was taken for which id, as warnings with their files.
    pub fn finish_saying(mut self) -> (Snapshot, Vec<Said>) {
        let mut said = Vec::new();
        let mut dated = std::mem::take(&mut self.dated);
        let newest = dated.newest().map(|(from, until, newest)| {
            self.absorb(newest, &mut said);
            (from, until)
        });
        let older = dated.finish(&self.logged);
        let (mut snapshot, mut more) = self.finish_one();
        said.append(&mut more);
        said.extend(older.iter().filter_map(|older| older.said()));
        if let Some(newest) = newest {
            dated::remember(&mut snapshot, newest, older);
        }
        (snapshot, said)
    }

    /// The snapshot of what this builder took, without what is older.
    fn finish_one(mut self) -> (Snapshot, Vec<Said>) {
        let mut said = Vec::new();
        self.logged.join(&mut self.policies, &self.nameless, &mut said);
        let Builder { mut policies, mut present, mut counts, strengths, named_locations, domains, .. } = self;
        // All pages but the last go on; when every page does, the last one is missing.
        let open = self.lists.iter().filter(|(_, (open, closed))| *open > 0 && *closed == 0).map(|(held, _)| *held);
        let incomplete: BTreeSet<Collection> = open.chain(self.broken).collect();
        let single = present.iter().filter(|collection| !self.lists.contains_key(collection)).copied().collect();
        let strengths = strengths.into_objects();
        let mut history = self.history;
        let own = self.organization.as_ref().map(|own| own.id.as_str());
        let foreign = history.keep_own(own, &self.tenants);
        said.extend(foreign.into_iter().map(|(file, count)| {
            let what = if count == 1 {
                "1 event is of another tenant and is".to_owned()
            } else {
                format!("{count} events are of another tenant and are")
            };
            Said { file, text: format!("{what} left out") }
        }));
        history.sort();
        history.taken_at = self.taken_at;
        join_strengths(policies.iter_mut().chain(history.texts_of_policies()), &strengths, &self.narrowed_strengths);
        let wanted_roles = policies.iter().flat_map(|policy| {
            let users = &policy.conditions.users;
            users.include_roles.iter().chain(&users.exclude_roles).map(String::as_str)
        });
        // Templates of policies name roles by other words than their ids; of those nothing is known.
        let joined = self.directory.join(wanted_roles.filter(|id| is_guid(id)), &mut said);
        if joined.knows_memberships {
            present.insert(Collection::GroupMembers);
        }
        if joined.roles.iter().any(|role| role.members_known) {
            present.insert(Collection::DirectoryRoles);
        }
        let named_locations = named_locations.into_objects();
        names::resolve(&mut policies, &self.named, &joined, &named_locations, &mut said);
        let domains = domains.into_objects();
        let token_lifetime_policies = self.token_lifetime_policies.into_objects();
        // The same object may stand in several files; what was only counted as it came is counted again here.
        let lengths = [
            (Collection::Policies, policies.len()),
            (Collection::NamedLocations, named_locations.len()),
            (Collection::Users, joined.users.len()),
            (Collection::Groups, joined.groups.len()),
            (Collection::GroupMembers, joined.memberships),
            (Collection::DirectoryRoles, joined.roles.len()),
            (Collection::AuthenticationStrengths, strengths.len()),
            (Collection::TokenLifetimePolicies, token_lifetime_policies.len()),
            (Collection::Domains, domains.len()),
        ];
        counts.extend(lengths);
        for collection in &present {
            counts.entry(*collection).or_default();
        }
        counts.retain(|collection, _| present.contains(collection));
        let mut groups = joined.groups;
        add_told_groups(&mut groups, &history);
        let snapshot = Snapshot {
            recipients: self.recipients.into(),
            policies,
            named_locations,
            users: joined.users.into(),
            groups: groups.into(),
            roles: joined.roles.into(),
            applications: joined.applications.into(),
            devices: joined.devices.into(),
            authentication_strengths: strengths,
            password_rules: self.password_rules,
            branding: self.branding.map(|(branding, _)| branding),
            token_lifetime_policies,
            security_defaults: self.security_defaults,
            domains,
            organization: self.organization,
            history: Arc::new(history),
            taken_at: self.taken_at,
            present,
            incomplete,
            single,
            counts,
        };
        (snapshot, said)
    }
}

/// Adds the groups that only an audit log names: who came into one or left it is known of some, of the rest nothing is.
fn add_told_groups(groups: &mut Vec<Group>, history: &History) {
    let mut known: HashSet<String> = groups.iter().map(|group| group.id.to_ascii_lowercase()).collect();
    for change in &history.changes {
        let What::Member(Membership { holder, is_role: false, .. }) = &change.what else { continue };
        if known.insert(holder.id.to_ascii_lowercase()) {
            let (id, display_name) = (holder.id.clone(), holder.name.clone());
            groups.push(Group { id, display_name, origin: change.origin.clone(), ..Group::default() });
        }
    }
}

/// Whether a text is a GUID, the id of everything that a policy points at.
fn is_guid(id: &str) -> bool {
    id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

/// Gives policies that hold a strength by id or name what the collection says of it.
fn join_strengths<'a>(
    policies: impl Iterator<Item = &'a mut Policy>,
    strengths: &[AuthenticationStrength],
    narrowed: &HashMap<String, String>,
) {
    const AT: &str = "/grantControls/authenticationStrength";
    let by_id: HashMap<String, &AuthenticationStrength> =
        strengths.iter().map(|strength| (strength.id.to_ascii_lowercase(), strength)).collect();
    for policy in policies {
        let Some(reference) = policy.grant.as_mut().and_then(|grant| grant.strength.as_mut()) else { continue };
        if let (true, Some(built_in)) =
            (reference.id.is_empty(), reference.display_name.as_deref().and_then(first_party::strength_named))
        {
            reference.id.clone_from(&built_in.id);
        }
        let by_name = || {
            let name = reference.display_name.as_deref().filter(|_| reference.id.is_empty())?;
            strengths.iter().find(|strength| strength.display_name.eq_ignore_ascii_case(name))
        };
        let Some(strength) = by_id.get(&reference.id.to_ascii_lowercase()).copied().or_else(by_name) else { continue };
        reference.id.clone_from(&strength.id);
        reference.display_name.get_or_insert_with(|| strength.display_name.clone());
        if reference.allowed_combinations.is_empty() {
            reference.allowed_combinations.clone_from(&strength.allowed_combinations);
        }
        // Which keys or issuers count is nothing this program can check; the policy must not seem decided without it.
        let is_noted = policy.unknown.iter().any(|member| member.pointer.starts_with(AT));
        if let Some(text) = narrowed.get(&strength.id.to_ascii_lowercase()).filter(|_| !is_noted) {
            policy.unknown.push(UnknownMember { pointer: AT.to_owned(), text: text.clone() });
        }
    }
}
