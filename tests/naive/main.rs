//! A second evaluator of Conditional Access, naive on purpose, held against the program's own on many made-up cases.
//!
//! It was written from the reference (`conditional-access-and-sessions.md`, part A, whose source keys stand in brackets) without a
//! look at the program's evaluator. It builds whole sets where the program looks things up, recomputes everything for every policy,
//! and answers with the worlds that fit what is known ([`truth`]). The parts:
//!
//! - [`people`], [`resources`], [`conditions`], [`filter`], [`grants`], [`judge`]: the evaluator;
//! - [`world`] makes tenants and requests up, [`chance`] decides how;
//! - [`compare`] asks the program and finds the smallest case in which the two differ, with [`shrink`];
//! - [`properties`] are about the program alone, with [`forget`] and [`matching`].
//!
//! ```text
//! AUTHOPSY_SEED=7 AUTHOPSY_SAVE=1 cargo test --test naive
//! ```
//!
//! # Rulings
//!
//! Where the reference is silent or leaves a choice, both evaluators follow these. "Not documented" stands for: no source says it, so
//! the answer is that it is not known.
//!
//! 1. State. A disabled policy still has an answer to whether it applies; its result is `notEnabled` [ACP]. A report-only policy that
//!    applies is `reportOnlySuccess` when its demands are met, `reportOnlyFailure` when they are not and would not be after
//!    everything the user can be asked to do, else `reportOnlyInterrupted` [RO]; for user actions it is `unknown`, because such
//!    policies cannot be evaluated report-only [RO]. Whatever rests on something unknown, and a policy whose state is not read, is
//!    `unknown`.
//! 2. Users. Channels of inclusion are added up and any exclusion wins [USR]; `None` matches nobody, whoever asks, but leaves the
//!    other channels [silent; ca-simulator does the same]. A policy that names nobody is for nobody [POL: the minimum of a policy].
//!    Policies for workload identities are never for users, nor the reverse [WLI]. Who is not known gives unknown for every other
//!    item. `All` holds guests [USR]. A user who can be of several kinds gets the answer that all of them agree on;
//!    `GuestsOrExternalUsers` is all of the six [B2B]. Whether listed home tenants restrict internal guests is not documented, nor
//!    what a new word for a kind means for somebody who is external.
//! 3. Groups. Nested members count [USR], also of a group that is said and is not in the snapshot but named there as a member. Who
//!    is reached through the snapshot's groups is in. Who is not reached is out where the request or the snapshot lists all groups
//!    of the user; else only where the members of the group and of all groups nested in it are known, each of them is a user, a
//!    group or an application of the snapshot or the snapshot has all groups, and no group there is nested in itself, which Entra
//!    does not allow for every kind of group and no source explains.
//! 4. Roles. Built-in roles only, active and for the whole tenant: custom roles and scoped assignments never count [USR]. Policies
//!    and requests may name a role by its template's id or its own. A role held by a group is held by its members. A role that the
//!    snapshot lacks is not known, unless the request says what the user holds.
//! 5. Resources. The audiences are a set, and a policy covers one that some item includes and none excludes [APP]. Audiences that
//!    may be missing are the client itself, if it can be a confidential one, which is a browser to policies [APP, CND], and what the
//!    applications ask for before they open [SVC]; they turn a no into unknown, as does not knowing which client it is, unless a legacy
//!    one, and what is ruled for baseline scopes is not asked of them. Without any audience only `All` without exclusion is sure, and
//!    with no target known nothing but that a policy without resources is for none. Office 365 and the admin portals hold nothing
//!    that somebody else than Microsoft owns; then they go by the ids in `assets/resource_groups.json`, then by a published name
//!    [O365, APP]. The portals are asked of the audience and, by its id alone, of the client; one of them is enough.
//! 6. Baseline scopes. Only for `All` with an exclusion, and only on Microsoft Graph and Windows Azure Active Directory [APP, EXC].
//!    Before March 2026 such a request is not covered; from September 2026 it counts as one for the directory, unless the audiences
//!    are recorded, which are then what the service evaluated; between the two, and without a date, both must agree, because the
//!    sources disagree on the day, but a recorded directory proves the new way [inferred]. The longer list of scopes is for
//!    confidential clients that the policy excludes [APP]: those it names by id, and they are not covered where they ask only who
//!    the user is [APP]. Native clients never have the longer list. Where it is not known whether only the baseline is asked for,
//!    both answers must agree.
//! 7. User actions and authentication contexts. `All` covers the registration of security information [EVA, example 3]; whether it
//!    covers other actions is not documented. A policy for an action is for no resource [APP], and with no target known that is not
//!    known. Policies for a context apply when the request asks for it [APP].
//! 8. Clients. An empty list and `all` are not configured [CND]. `exchangeActiveSync`, and `easUnsupported` as its old name, hold all
//!    of the protocol, `easSupported` the supported platforms only [GCS, CND]; `modern` is the old name of native clients [GCS]. A
//!    request of every kind matches every word, one of no named kind none of those known; a new word is not known.
//! 9. Platforms. `all` holds unknown platforms too, and they match nothing else [CND, UNK]. Where nothing is included beside an
//!    exclusion, what is excluded is out and the rest is not documented, for platforms and locations alike; nor is a new word.
//! 10. Locations. What the request is said to be in decides, then the names of networks in the record, then the ranges, the
//!     country [NET] or the way through Global Secure Access [NET]. `AllTrusted` goes by what is said of the place, and is a no where
//!     the record names networks and does not say so; else by the trusted named locations and the addresses of the MFA service
//!     settings [MFAS], whose location has an id of zeros and which no export holds: only who says where it is, or that the place is
//!     not trusted, settles them. Ranges with bits behind the prefix, and prefixes that the admin centre refuses [NET: longer than
//!     /8], do not tell of addresses in them.
//! 11. Risk and flows are explicit lists [GCS, FLW]; a hidden risk is not known [SIG].
//! 12. Members that are not read make what they stand in unknown: the condition, the policy as a whole, or what it demands. A no
//!     elsewhere still decides, also an unmet demand of the session beside an unread grant control; block stays block.
//! 13. Demands. All members are operands of the operator [inferred from the object]. Legacy clients show no page and send no device
//!     state [CND]; for Exchange ActiveSync Exchange checks devices [A17], which is not known here. A device code proves no device
//!     [GRT]; enrolment needs no compliant device [CMP], which comes first. External accounts cannot use approved applications,
//!     application protection, a password change or the remedy of a risk [B2B]; who comes by direct connect cannot accept terms or
//!     use custom controls either, and MFA and strengths are as they are, because they cannot be asked for [B2B]. MFA that nobody
//!     speaks of is read off the methods. A strength is met when the methods hold an allowed combination [STR] in every way of
//!     reading the log's words; a method that cannot be read may be any, and Windows Hello for Business does not count for the
//!     registration of a device [APP]. Session controls fail a policy [RO]; of them only token protection must hold for what the
//!     user can be asked to do to be enough, because nobody can be asked for it.
//! 14. Strengths of policies for `All` count as met where a policy for the user action with a strength is in force and applies,
//!     which replaces them [STR]. Where that is not known, neither is whether an unmet one counts.
//! 15. Ending. A block, or a demand that the user cannot meet, ends the request whatever else is not known [POL]. Policies whose
//!     state is not read may be in force.
//! 16. Status. A failure of an enabled policy, else success where one is for user and resource though its other conditions do not
//!     match, else not applied [LOG, seen in SEK].
//! 17. The shortest sign-in frequency wins [MFAP, inferred]; every time is the shortest.
//!
//! # Left out
//!
//! Not made up, because nothing is ruled: filters over attributes of applications, policies for workload identities that might fit,
//! the retired device state.
#![expect(clippy::expect_used, reason = "a test stops where it fails")]

mod case;
mod chance;
mod compare;
mod conditions;
mod filter;
mod forget;
mod grants;
mod judge;
mod matching;
mod people;
mod properties;
mod resources;
mod shrink;
mod truth;
mod world;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use authopsy::explain::access::Tenant;

use crate::case::Case;
use crate::chance::Chance;
use crate::judge::Answer;
use crate::world::Bounds;

/// The seed from `AUTHOPSY_SEED`, so that others can be tried; without it always the same.
fn seed() -> u64 {
    env::var("AUTHOPSY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_601)
}

/// Keeps what was found where somebody asked for it.
fn keep(seed: u64, text: &str) {
    if env::var_os("AUTHOPSY_SAVE").is_some_and(|value| value == "1") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join("naive").join("found");
        fs::create_dir_all(&folder).expect("a folder for what is found");
        fs::write(folder.join(format!("{seed}.txt")), text).expect("a file for what is found");
    }
}

/// Makes up a tenant of whatever bounds.
fn any_tenant(chance: &mut Chance) -> (Case, Bounds) {
    let bounds =
        Bounds { complete: chance.percent(30), actions: chance.percent(25), unknown_members: chance.percent(50) };
    (world::tenant(chance, bounds), bounds)
}

/// What answers must say often enough, so that agreement means something.
const WORDS: [&str; 25] = [
    "applies Yes",
    "applies No",
    "applies Unknown",
    "granted Yes",
    "granted No",
    "granted Unknown",
    "result success",
    "result failure",
    "result notApplied",
    "result notEnabled",
    "result unknown",
    "result reportOnlySuccess",
    "result reportOnlyFailure",
    "result reportOnlyInterrupted",
    "result reportOnlyNotApplied",
    "ending granted",
    "ending blocked",
    "ending interrupted",
    "ending unknown",
    "status success",
    "status failure",
    "status notApplied",
    "status not known",
    "frequency every time",
    "frequency in hours",
];

/// What an answer says, in words to count.
fn words(answer: &Answer) -> Vec<String> {
    let mut words = vec![
        format!("ending {}", answer.ending),
        format!("status {}", answer.status.unwrap_or("not known")),
        match answer.frequency {
            None => "frequency none".to_owned(),
            Some(None) => "frequency every time".to_owned(),
            Some(Some(_)) => "frequency in hours".to_owned(),
        },
    ];
    for policy in &answer.policies {
        words.push(format!("applies {:?}", policy.applies));
        words.push(format!("granted {:?}", policy.granted));
        words.push(format!("result {}", policy.result));
    }
    words
}

#[test]
fn both_evaluators_answer_alike() {
    const PAIRS: usize = 100_000;
    let start = seed();
    let mut pairs = 0;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for seed in start.. {
        let mut chance = Chance::new(seed);
        let (mut case, bounds) = any_tenant(&mut chance);
        let tenant = Tenant::new(case.snapshot.clone());
        for _ in 0..10 {
            case.context = world::request(&mut chance, bounds);
            let naive = judge::judge(&case);
            if compare::program(&case.context, &tenant) != naive {
                let text = format!("seed {seed}\n{}", compare::report(case));
                keep(seed, &text);
                panic!("the evaluators differ; AUTHOPSY_SEED={seed} comes here at once\n{text}");
            }
            pairs += case.snapshot.policies.len();
            for word in words(&naive) {
                *seen.entry(word).or_default() += 1;
            }
        }
        if pairs >= PAIRS {
            break;
        }
    }
    for word in WORDS {
        let count = seen.get(word).copied().unwrap_or_default();
        assert!(count >= 100, "seed {start}: the cases say too rarely '{word}': {count}");
    }
}
