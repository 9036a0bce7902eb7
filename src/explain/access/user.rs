//! Evaluates whom a policy is for: people by id, group, role and kind of guest, and applications as themselves.

use crate::domain::Verdict;
use crate::domain::context::{ClientApp, Subject, Target, UserSubject, Workload};
use crate::domain::guest::GuestKinds;
use crate::domain::policy::{ClientApplications, Guests, Policy};

use super::asked::Asked;
use super::tenant::Prepared;
use super::{Item, Scribe, Why, any, common, resource};

/// Whether the policy is for the person; nothing for a policy that is for applications.
pub(super) fn users(policy: &Policy, prepared: &Prepared, asked: &Asked<'_>, scribe: &mut Scribe) -> Option<Verdict> {
    let users = &policy.conditions.users;
    if policy.conditions.client_applications.is_some() {
        return None;
    }
    // Policies for people never meet applications (entra-docs, workload identities, 2023-11-09).
    if matches!(asked.context().subject, Subject::Workload(_)) {
        return Some(scribe.whole(Verdict::No, Why::OtherKindOfSubject));
    }
    let names_nobody = users.include_users.is_empty()
        && users.include_groups.is_empty()
        && users.include_roles.is_empty()
        && users.include_guests.is_none();
    if names_nobody {
        return Some(scribe.names_nothing(policy));
    }
    let mut holds = |people: &[String], groups: &[String], roles: &[String], guests: Option<&Guests>, out: bool| {
        let mut found = Verdict::No;
        for (index, wanted) in people.iter().enumerate() {
            found = found.or(scribe.note(Item::User(index), out, person(wanted, asked)));
        }
        for (index, group) in groups.iter().enumerate() {
            found = found.or(scribe.note(Item::Group(index), out, asked.is_member(group)));
        }
        for (index, role) in roles.iter().enumerate() {
            found = found.or(scribe.note(Item::Role(index), out, has_role(role, asked)));
        }
        if let Some(guests) = guests {
            found = found.or(scribe.note(Item::Guests, out, is_guest(guests, asked)));
        }
        found
    };
    let include = holds(
        &users.include_users,
        &prepared.include_groups,
        &users.include_roles,
        users.include_guests.as_ref(),
        false,
    );
    let exclude = holds(
        &users.exclude_users,
        &prepared.exclude_groups,
        &users.exclude_roles,
        users.exclude_guests.as_ref(),
        true,
    );
    // For ActiveSync, a policy for roles or guests hits others as well, says one page (entra-docs, conditions, 2024-06-20);
    // whom exactly no other page says.
    let names_more = !users.include_roles.is_empty() || users.include_guests.is_some();
    let include = match include {
        Verdict::No if names_more && is_for_active_sync(policy, asked) => {
            scribe.whole(Verdict::UnknownData, Why::Undocumented)
        }
        include => include,
    };
    Some(include.and(exclude.negate()))
}

fn is_for_active_sync(policy: &Policy, asked: &Asked<'_>) -> bool {
    let is_active_sync = |client| matches!(client, Some(ClientApp::ExchangeActiveSync(_)));
    is_active_sync(asked.context().client_app)
        && policy.conditions.client_app_types.iter().any(|word| is_active_sync(ClientApp::from_word(word)))
}

fn subject<'a>(asked: &Asked<'a>) -> Option<&'a UserSubject> {
    match &asked.context().subject {
        Subject::User(subject) => Some(subject),
        Subject::Workload(_) | Subject::Missing => None,
    }
}

fn person(wanted: &str, asked: &Asked<'_>) -> (Verdict, Why) {
    if wanted == "None" {
        return (Verdict::No, Why::Compared);
    }
    let Some(subject) = subject(asked) else { return (Verdict::UnknownContext, Why::NotInRecord) };
    match wanted {
        "All" => (Verdict::Yes, Why::Compared),
        // The old word means all kinds of external users (entra-docs, B2B authentication and Conditional Access, 2024-05-15).
        "GuestsOrExternalUsers" => among(subject.kinds, GuestKinds::EXTERNAL),
        wanted => match asked.user_id() {
            Some(id) => (Verdict::from_bool(id.eq_ignore_ascii_case(wanted)), Why::Compared),
            None => (Verdict::UnknownContext, Why::NotInRecord),
        },
    }
}

/// Whether an account that can be any of `possible` is one of `wanted`.
fn among(possible: GuestKinds, wanted: GuestKinds) -> (Verdict, Why) {
    if possible.is_within(wanted) {
        (Verdict::Yes, Why::Compared)
    } else if possible.and(wanted).is_empty() {
        (Verdict::No, Why::Compared)
    } else {
        (Verdict::UnknownContext, Why::NotInRecord)
    }
}

/// Whether the account is of one of the kinds and of one of the home tenants. Each kind it can be is answered by itself; whether a
/// list of tenants means internal guests as well is not documented.
fn is_guest(guests: &Guests, asked: &Asked<'_>) -> (Verdict, Why) {
    let Some(subject) = subject(asked) else { return (Verdict::UnknownContext, Why::NotInRecord) };
    let wanted =
        guests.kinds.iter().filter_map(|word| GuestKinds::from_word(word)).fold(GuestKinds::NONE, GuestKinds::or);
    let has_strange_kind = guests.kinds.iter().any(|word| GuestKinds::from_word(word).is_none());
    let from_tenant = match (&guests.tenants, &subject.home_tenant) {
        (None, _) => Verdict::Yes,
        (Some(tenants), Some(home)) => {
            Verdict::from_bool(tenants.iter().any(|tenant| tenant.eq_ignore_ascii_case(home)))
        }
        (Some(_), None) => Verdict::UnknownContext,
    };
    // In Teams and SharePoint a policy for users of direct connect hits guests who could come that way, and the reverse; who could
    // is in no export (entra-docs, B2B authentication and Conditional Access, 2024-05-15).
    let may_come_directly = |kind: GuestKinds| {
        let b2b = GuestKinds::COLLABORATION_GUEST.or(GuestKinds::COLLABORATION_MEMBER);
        let crosses = kind.is_within(b2b) && GuestKinds::DIRECT_CONNECT.is_within(wanted)
            || kind == GuestKinds::DIRECT_CONNECT && !wanted.and(b2b).is_empty();
        crosses && from_tenant != Verdict::No && is_for_direct_connect(asked)
    };
    let answer = |kind: GuestKinds| match kind {
        kind if !kind.is_within(wanted) && may_come_directly(kind) => Verdict::UnknownData,
        kind if !kind.is_within(wanted) && has_strange_kind && kind != GuestKinds::MEMBER => Verdict::UnknownData,
        kind if !kind.is_within(wanted) => Verdict::No,
        GuestKinds::INTERNAL_GUEST if guests.tenants.is_some() => Verdict::UnknownData,
        _ => from_tenant,
    };
    let kinds = GuestKinds::NAMED.iter().map(|(kind, _)| *kind).chain([GuestKinds::MEMBER]);
    let possible = kinds.filter(|kind| !kind.and(subject.kinds).is_empty());
    let verdict = common(possible.map(answer));
    let why = match verdict {
        Verdict::UnknownData if has_strange_kind => Why::Unreadable,
        Verdict::UnknownData => Why::Undocumented,
        Verdict::UnknownContext => Why::NotInRecord,
        _ => Why::Compared,
    };
    (verdict, why)
}

/// Microsoft Teams and SharePoint Online, which people reach by direct connect.
const DIRECT_CONNECT_RESOURCES: [&str; 2] =
    ["cc15fd57-2c6c-4117-a88c-83b1d56b4bbe", "00000003-0000-0ff1-ce00-000000000000"];

fn is_for_direct_connect(asked: &Asked<'_>) -> bool {
    match &asked.context().target {
        Target::UserAction(_) => false,
        Target::Missing => true,
        Target::Resources(resources) => {
            let mut ids = resources.audiences.iter().map(|audience| audience.id.as_str());
            let is_one = |id: &str| DIRECT_CONNECT_RESOURCES.iter().any(|known| known.eq_ignore_ascii_case(id));
            resources.audiences.is_empty() || ids.any(is_one)
        }
    }
}

/// Whether the user holds a built-in role, active and for the whole tenant. What is eligible, scoped or the tenant's own does not
/// count (entra-docs, Conditional Access users and groups, 2024-05-21).
fn has_role(wanted: &str, asked: &Asked<'_>) -> (Verdict, Why) {
    let Some(subject) = subject(asked) else { return (Verdict::UnknownContext, Why::NotInRecord) };
    let role = asked.tenant().role(wanted);
    if role.is_some_and(|role| role.is_custom) {
        return (Verdict::No, Why::CustomRole);
    }
    if let Some(roles) = &subject.roles {
        // A policy may name the role by its template or, in old exports, by its own id.
        let ids = role.map(|role| [role.template_id.as_str(), role.id.as_str()]);
        let is_it = |held: &String| {
            let mut ids = ids.into_iter().flatten().chain([wanted]);
            ids.any(|id| !id.is_empty() && id.eq_ignore_ascii_case(held))
        };
        return (Verdict::from_bool(roles.iter().any(is_it)), Why::Compared);
    }
    let Some(role) = role else {
        let why = if asked.user_id().is_none() { Verdict::UnknownContext } else { Verdict::UnknownData };
        return (why, if why == Verdict::UnknownData { Why::NotInSnapshot } else { Why::NotInRecord });
    };
    if asked.user_id().is_some_and(|id| role.members.iter().any(|member| member.eq_ignore_ascii_case(id))) {
        return (Verdict::Yes, Why::Compared);
    }
    let is_uncertain = |id: &str| {
        let template = role.template_id.to_ascii_lowercase();
        asked.tenant().then().is_some_and(|then| then.is_uncertain_role(&template, id))
    };
    if asked.user_id().is_some_and(is_uncertain) {
        return (Verdict::UnknownData, Why::MembersUnknown);
    }
    // Members that are groups hold the role for those in them.
    let groups = role.members.iter().filter(|member| asked.tenant().group(member).is_some());
    match any(groups.map(|group| asked.is_member(&group.to_ascii_lowercase()).0)) {
        Verdict::Yes => return (Verdict::Yes, Why::RoleThroughGroup),
        Verdict::No => {}
        unknown => return (unknown, Why::MembersUnknown),
    }
    let Some(id) = asked.user_id() else { return (Verdict::UnknownContext, Why::NotInRecord) };
    if !role.members_known {
        return (Verdict::UnknownData, Why::MembersUnknown);
    }
    let is_scoped = role.scoped_members.iter().any(|member| member.eq_ignore_ascii_case(id));
    (Verdict::No, if is_scoped { Why::Scoped } else { Why::Compared })
}

/// Whether the policy is for the application; nothing for a policy that is for people.
pub(super) fn workloads(
    policy: &Policy,
    prepared: &Prepared,
    asked: &Asked<'_>,
    scribe: &mut Scribe,
) -> Option<Verdict> {
    let workloads = policy.conditions.client_applications.as_ref()?;
    let workload = match &asked.context().subject {
        Subject::Workload(workload) => workload,
        Subject::User(_) => return Some(scribe.whole(Verdict::No, Why::OtherKindOfSubject)),
        Subject::Missing => return Some(scribe.whole(Verdict::UnknownContext, Why::NotInRecord)),
    };
    // Managed identities are not covered (entra-docs, workload identities, 2023-11-09).
    if workload.is_managed_identity == Some(true) {
        return Some(scribe.whole(Verdict::No, Why::NotOwn));
    }
    Some(covered(workloads, workload, prepared, asked, scribe))
}

fn covered(
    workloads: &ClientApplications,
    workload: &Workload,
    prepared: &Prepared,
    asked: &Asked<'_>,
    scribe: &mut Scribe,
) -> Verdict {
    let excludes = workloads.filter.as_ref().is_some_and(|filter| filter.mode.eq_ignore_ascii_case("exclude"));
    let id = workload.id.as_deref().or(workload.app_id.as_deref());
    let mut holds = |list: &[String], out: bool| {
        let listed = list
            .iter()
            .enumerate()
            .map(|(index, wanted)| scribe.note(Item::Workload(index), out, is_workload(wanted, workload, asked)));
        let listed = any(listed);
        // A filter whose mode cannot be read stands with the inclusions, where it leaves the policy undecided.
        match prepared.workload_filter.as_ref().filter(|_| out == excludes) {
            Some(rule) => {
                let found = resource::filtered(rule, id, asked.tenant());
                listed.or(scribe.note(Item::WorkloadFilter, out, found))
            }
            None => listed,
        }
    };
    let include = holds(&workloads.include, false);
    let exclude = holds(&workloads.exclude, true);
    let held = include.and(exclude.negate());
    if workload.is_managed_identity.is_none() { held.and(Verdict::UnknownContext) } else { held }
}

fn is_workload(wanted: &str, workload: &Workload, asked: &Asked<'_>) -> (Verdict, Why) {
    // Applications of other tenants are not covered (entra-docs, workload identities, 2023-11-09).
    if !wanted.eq_ignore_ascii_case("ServicePrincipalsInMyTenant") {
        return match &workload.id {
            Some(id) if !id.eq_ignore_ascii_case(wanted) => (Verdict::No, Why::Compared),
            Some(_) if is_own(workload, asked) == Some(false) => (Verdict::No, Why::NotOwn),
            Some(_) => (Verdict::Yes, Why::Compared),
            None => (Verdict::UnknownContext, Why::NotInRecord),
        };
    }
    match (workload.id.as_ref().or(workload.app_id.as_ref()), is_own(workload, asked)) {
        (None, _) => (Verdict::UnknownContext, Why::NotInRecord),
        (Some(_), Some(true)) => (Verdict::Yes, Why::Compared),
        (Some(_), Some(false)) => (Verdict::No, Why::NotOwn),
        (Some(_), None) => (Verdict::UnknownData, Why::NotInSnapshot),
    }
}

/// Whether the application is one of the tenant's own; nothing where the snapshot does not say whose it is.
fn is_own(workload: &Workload, asked: &Asked<'_>) -> Option<bool> {
    let id = workload.id.as_deref().or(workload.app_id.as_deref())?;
    let owner = asked.tenant().application(id)?.owner_tenant.as_deref()?;
    Some(owner.eq_ignore_ascii_case(asked.tenant().tenant_id()?))
}
