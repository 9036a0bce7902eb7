//! Defines [`Verdict`], the four-valued truth in which conditions and policies are answered.

/// The answer to "does this condition hold for this sign-in?".
///
/// The two unknowns differ in what would settle them: [`Verdict::UnknownContext`] means that the record of the
/// sign-in lacks the value, [`Verdict::UnknownData`] that the tenant snapshot does. An unknown never becomes a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It cannot be decided because the sign-in record lacks a value.
    UnknownContext,
    /// It cannot be decided because the snapshot lacks a value.
    UnknownData,
}

impl Verdict {
    /// `Yes` for true and `No` for false.
    pub fn from_bool(value: bool) -> Verdict {
        if value { Verdict::Yes } else { Verdict::No }
    }

    /// Whether this is one of the two unknowns.
    pub fn is_unknown(self) -> bool {
        matches!(self, Verdict::UnknownContext | Verdict::UnknownData)
    }

    /// Both must hold. A no decides whatever the other is; of two unknowns the missing snapshot is named, because
    /// the customer can still be asked for it.
    #[must_use]
    pub fn and(self, other: Verdict) -> Verdict {
        use Verdict::{No, UnknownContext, UnknownData, Yes};
        match (self, other) {
            (No, _) | (_, No) => No,
            (UnknownData, _) | (_, UnknownData) => UnknownData,
            (UnknownContext, _) | (_, UnknownContext) => UnknownContext,
            (Yes, Yes) => Yes,
        }
    }

    /// One must hold. A yes decides whatever the other is.
    #[must_use]
    pub fn or(self, other: Verdict) -> Verdict {
        self.negate().and(other.negate()).negate()
    }

    /// The opposite; an unknown stays what it is.
    #[must_use]
    pub fn negate(self) -> Verdict {
        match self {
            Verdict::Yes => Verdict::No,
            Verdict::No => Verdict::Yes,
            unknown => unknown,
        }
    }

    /// The word that stands in the JSON output.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Yes => "yes",
            Verdict::No => "no",
            Verdict::UnknownContext => "unknownContext",
            Verdict::UnknownData => "unknownData",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{self, No, UnknownContext, UnknownData, Yes};

    const ALL: [Verdict; 4] = [Yes, No, UnknownContext, UnknownData];

    #[test]
    fn an_unknown_never_becomes_an_answer_unless_the_other_side_decides_alone() {
        for a in ALL {
            for b in ALL {
                assert_eq!(a.and(b), b.and(a));
                assert_eq!(a.or(b), b.or(a));
                if a.is_unknown() {
                    assert!(a.and(b).is_unknown() || b == No);
                    assert!(a.or(b).is_unknown() || b == Yes);
                }
                assert_eq!(a.and(b).negate(), a.negate().or(b.negate()));
            }
        }
    }
}
