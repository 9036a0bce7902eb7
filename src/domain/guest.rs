//! Defines [`GuestKinds`], a set of the kinds of account that policies tell apart.

/// A set of kinds of account: the six kinds of guests and external users, and the member of the tenant itself.
///
/// The six and their bits are Graph's `conditionalAccessGuestOrExternalUserTypes` (microsoftgraph/msgraph-metadata, 2026-08-20).
/// A set stands for what an account can be: the more is known of it, the smaller the set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GuestKinds(u8);

impl GuestKinds {
    /// Credentials in this tenant, user type Guest.
    pub const INTERNAL_GUEST: GuestKinds = GuestKinds(1);
    /// An external account of user type Guest.
    pub const COLLABORATION_GUEST: GuestKinds = GuestKinds(2);
    /// An external account of user type Member.
    pub const COLLABORATION_MEMBER: GuestKinds = GuestKinds(4);
    /// An external user without an object here.
    pub const DIRECT_CONNECT: GuestKinds = GuestKinds(8);
    /// None of the other kinds, and no member of the tenant.
    pub const OTHER_EXTERNAL: GuestKinds = GuestKinds(16);
    /// A user of a partner that is a service provider.
    pub const SERVICE_PROVIDER: GuestKinds = GuestKinds(32);
    /// A member of the tenant itself, whom no policy for guests means.
    pub const MEMBER: GuestKinds = GuestKinds(64);
    /// The six kinds of guests and external users.
    pub const EXTERNAL: GuestKinds = GuestKinds(63);
    /// Everything: nothing is known.
    pub const ANY: GuestKinds = GuestKinds(127);
    /// No kind.
    pub const NONE: GuestKinds = GuestKinds(0);

    /// The names of the six kinds with their bits.
    pub const NAMED: [(GuestKinds, &'static str); 6] = [
        (GuestKinds::INTERNAL_GUEST, "internalGuest"),
        (GuestKinds::COLLABORATION_GUEST, "b2bCollaborationGuest"),
        (GuestKinds::COLLABORATION_MEMBER, "b2bCollaborationMember"),
        (GuestKinds::DIRECT_CONNECT, "b2bDirectConnectUser"),
        (GuestKinds::OTHER_EXTERNAL, "otherExternalUser"),
        (GuestKinds::SERVICE_PROVIDER, "serviceProvider"),
    ];

    /// The kind that Graph's word names.
    pub fn from_word(word: &str) -> Option<GuestKinds> {
        GuestKinds::NAMED.iter().find(|(_, name)| name.eq_ignore_ascii_case(word)).map(|(kind, _)| *kind)
    }

    /// The kinds of an account that lives in this tenant, or in another.
    #[must_use]
    pub const fn of_tenant(is_own: bool) -> GuestKinds {
        if is_own { GuestKinds(1 | 64) } else { GuestKinds(127 & !(1 | 64)) }
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: GuestKinds) -> GuestKinds {
        GuestKinds(self.0 | other.0)
    }

    /// What is in both sets.
    #[must_use]
    pub const fn and(self, other: GuestKinds) -> GuestKinds {
        GuestKinds(self.0 & other.0)
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether everything in it is in the other set.
    pub const fn is_within(self, other: GuestKinds) -> bool {
        self.0 & !other.0 == 0
    }

    /// The kinds in words.
    pub fn words(self) -> String {
        let member = self.is_within(GuestKinds::ANY) && !self.and(GuestKinds::MEMBER).is_empty();
        let named = GuestKinds::NAMED.iter().filter(|(kind, _)| !self.and(*kind).is_empty()).map(|(_, name)| *name);
        named.chain(member.then_some("a member of this tenant")).collect::<Vec<_>>().join(" or ")
    }
}

impl Default for GuestKinds {
    fn default() -> GuestKinds {
        GuestKinds::ANY
    }
}
