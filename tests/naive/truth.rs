//! Defines [`Truth`], an answer as the booleans that it can still turn out to be.

/// What is known of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds in every world that fits what is known.
    Yes,
    /// It holds in none of them.
    No,
    /// It holds in some and not in others.
    Unknown,
}

impl Truth {
    /// The booleans it can turn out to be.
    fn worlds(self) -> &'static [bool] {
        match self {
            Truth::Yes => &[true],
            Truth::No => &[false],
            Truth::Unknown => &[true, false],
        }
    }

    /// The answer that fits all of these worlds.
    pub fn of_worlds(worlds: &[bool]) -> Truth {
        match (worlds.contains(&true), worlds.contains(&false)) {
            (true, false) => Truth::Yes,
            (false, true) => Truth::No,
            _ => Truth::Unknown,
        }
    }

    /// Something known.
    pub fn known(holds: bool) -> Truth {
        Truth::of_worlds(&[holds])
    }

    /// Something that may not be known.
    pub fn told(holds: Option<bool>) -> Truth {
        holds.map_or(Truth::Unknown, Truth::known)
    }

    /// Both hold.
    pub fn and(self, other: Truth) -> Truth {
        let pairs = self.worlds().iter().flat_map(|one| other.worlds().iter().map(move |two| *one && *two));
        Truth::of_worlds(&pairs.collect::<Vec<bool>>())
    }

    /// One of them holds.
    pub fn or(self, other: Truth) -> Truth {
        let pairs = self.worlds().iter().flat_map(|one| other.worlds().iter().map(move |two| *one || *two));
        Truth::of_worlds(&pairs.collect::<Vec<bool>>())
    }

    /// It does not hold.
    pub fn not(self) -> Truth {
        let turned = self.worlds().iter().map(|world| !world);
        Truth::of_worlds(&turned.collect::<Vec<bool>>())
    }

    /// All of them hold.
    pub fn all(parts: impl IntoIterator<Item = Truth>) -> Truth {
        parts.into_iter().fold(Truth::Yes, Truth::and)
    }

    /// One of them holds.
    pub fn any(parts: impl IntoIterator<Item = Truth>) -> Truth {
        parts.into_iter().fold(Truth::No, Truth::or)
    }

    /// Both answers where they are the same, else nothing known.
    pub fn agreed(self, other: Truth) -> Truth {
        if self == other { self } else { Truth::Unknown }
    }
}
