//! Defines [`Holdings`], what the loaded logs hold as a whole; an explanation needs it to say what it cannot see.

/// What the loaded logs hold as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Whether there are interactive sign-ins.
    pub interactive: bool,
    /// Whether there are non-interactive sign-ins.
    pub non_interactive: bool,
    /// Whether there are sign-ins of applications.
    pub applications: bool,
    /// Whether a page says that there are more pages.
    pub more_pages: bool,
    /// Whether some records could not be read.
    pub unreadable: bool,
    /// The earliest sign-in, in milliseconds since 1970 UTC.
    pub first: Option<i64>,
    /// The latest sign-in, in milliseconds since 1970 UTC.
    pub last: Option<i64>,
}
