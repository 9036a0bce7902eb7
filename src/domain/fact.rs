//! Defines [`Fact`], what the operator says because no export holds it.

/// A fact said by the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact {
    /// How requests for nothing but baseline scopes are treated in this tenant.
    BaselineScopes(BaselineScopes),
    /// That the MFA service settings list no trusted addresses.
    NoMfaTrustedIps,
}

/// How requests for nothing but baseline scopes are treated by a policy for all resources with exclusions
/// (entra-docs, enforcement of resource exclusions, 2026-04-14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaselineScopes {
    /// The policy does not cover them, as before the change of 2026.
    Legacy,
    /// They count as requests for Windows Azure Active Directory.
    Enforced,
}

impl BaselineScopes {
    /// The word in which it is said.
    pub fn word(self) -> &'static str {
        match self {
            BaselineScopes::Legacy => "legacy",
            BaselineScopes::Enforced => "enforced",
        }
    }
}
