//! Defines the command line: what can be typed, and the [`Command`] it means.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::domain::fact::Facts;
use crate::explain::lockout::Choices;
use crate::explain::session::replay::Change;
use crate::store::Request;
use crate::ui::theme::ThemeName;

/// Explains Microsoft Entra ID sign-ins from the logs and configuration a customer sent.
///
/// Without a subcommand the terminal interface opens. Without EVIDENCE the built-in demo case opens. Nothing is sent anywhere, and
/// nothing is written but what you export.
#[derive(Debug, Parser)]
#[command(name = "authopsy", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(flatten)]
    evidence: Evidence,
    #[command(flatten)]
    interface: Interface,
    #[command(subcommand)]
    subcommand: Option<Sub>,
}

/// What to open.
#[derive(Debug, Clone, Default, Args)]
struct Evidence {
    /// Sign-in logs, audit logs, tenant snapshots, browser traces, facts, folders and archives of them, in any order; what each one is, is found out by its content.
    /// `-` is standard input
    #[arg(value_name = "EVIDENCE")]
    evidence: Vec<PathBuf>,
    /// A file that is a sign-in log, whatever it looks like
    #[arg(long = "log", value_name = "FILE")]
    logs: Vec<PathBuf>,
    /// A file or folder that is a tenant snapshot, whatever it looks like
    #[arg(long = "tenant", value_name = "PATH")]
    tenants: Vec<PathBuf>,
    /// A fact that no export holds, said by you: `keepMeSignedIn=hidden|shown`, `rememberMfaDays=14`, `lockoutThreshold=5`,
    /// `lockoutDurationSeconds=60`, `cloud=public|usGov|china`, `authMethod=cloud|passwordHashSync|passThrough|federated`,
    /// `onPremisesLockoutThreshold=10`, `baselineScopes=legacy|enforced`, `mfaTrustedIps=none`
    #[arg(long = "fact", value_name = "NAME=VALUE", value_parser = fact_said)]
    facts: Vec<String>,
}

#[derive(Debug, Clone, Default, Args)]
struct Interface {
    /// The colours: dark, light, contrast or mono, which is also chosen when NO_COLOR is set
    #[arg(long, value_name = "THEME", value_parser = theme_named)]
    theme: Option<ThemeName>,
    /// Use plain letters in place of signs and lines
    #[arg(long)]
    ascii: bool,
}

#[derive(Debug, Subcommand)]
enum Sub {
    /// Say why each sign-in ended as it did
    Explain {
        #[command(flatten)]
        evidence: Evidence,
        /// Only sign-ins of this user: principal name, object id, display name, or a part of one
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Only this sign-in, by request id
        #[arg(long = "sign-in", value_name = "ID")]
        sign_in: Option<String>,
        /// Print the long text of a finding, gap or error code instead
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// Every line: all evidence, and every condition of every policy (text only; JSON is always complete)
        #[arg(long)]
        full: bool,
        #[command(flatten)]
        format: ExplainFormat,
    },
    /// List who is in the log, most failures first
    Users {
        #[command(flatten)]
        evidence: Evidence,
        #[command(flatten)]
        format: ListFormat,
    },
    /// List the sign-ins of a user, newest first
    #[command(name = "sign-ins")]
    SignIns {
        #[command(flatten)]
        evidence: Evidence,
        /// The user: principal name, object id, display name, or a part of one
        #[arg(long, value_name = "USER")]
        user: String,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show the sessions of a user: their clocks, what reset them, why the user was asked, and when they will be asked next
    Sessions {
        #[command(flatten)]
        evidence: Evidence,
        /// The user: principal name, object id, display name, or a part of one
        #[arg(long, value_name = "USER")]
        user: String,
        /// Play the log again with a persistent browser session for everything
        #[arg(long, value_name = "MODE", value_parser = ["always", "never"])]
        persistent_browser: Option<String>,
        /// Play the log again with a sign-in frequency of so many hours for everything; 0 takes away what there is
        #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(i64).range(0..=8760))]
        sign_in_frequency: Option<i64>,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show the lockouts: episodes of wrong passwords and locks, over how many counters, and what explains them
    Lockouts {
        #[command(flatten)]
        evidence: Evidence,
        /// Only this user: principal name, object id, display name, or a part of one
        #[arg(long, value_name = "USER")]
        user: Option<String>,
        /// Do not tie tries together by the pattern of request ids, which is documented nowhere
        #[arg(long)]
        no_pattern: bool,
        /// Take it that an accepted password does not set the counter back (that it does is documented for Azure AD B2C alone)
        #[arg(long)]
        ignore_resets: bool,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Show the address collisions: who holds what two objects want, who lost it and how, and how to put it right
    ///
    /// Exit status 1 when there are any, or when lists are cut or missing, so that none can be ruled out.
    Addresses {
        #[command(flatten)]
        evidence: Evidence,
        /// Only collisions about this: an address, a name, an id, or a part of one
        #[arg(long, value_name = "TEXT")]
        address: Option<String>,
        #[command(flatten)]
        format: TableFormat,
    },
    /// Say what each file is, what could not be read, and what is missing
    Inventory {
        #[command(flatten)]
        evidence: Evidence,
        /// Exit with 1 when a file or record could not be read
        #[arg(long)]
        strict: bool,
        /// Recompute every policy for every record, and count where the log agrees and where it differs, by cause
        #[arg(long)]
        check_model: bool,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Answer what would happen to requests, as Microsoft Graph's `evaluate` words them
    ///
    /// A request is the body of POST /identity/conditionalAccess/evaluate: signInIdentity, signInContext, signInConditions,
    /// appliedPoliciesOnly. Members of our own say what the service would look up itself: subject {userType, memberOf, roles,
    /// homeTenantId, guestKind}, location {namedLocationId, isTrusted, isThroughGlobalSecureAccess}, satisfiedControls,
    /// authenticationMethods, scopes, audiences, clientApplicationId, deviceRegistered, defaults (portal or graph). memberOf is
    /// complete: groups around those named count as well, no others. What is left out is unknown; "none" is known to be none.
    #[command(name = "what-if")]
    WhatIf {
        #[command(flatten)]
        evidence: Evidence,
        /// The requests: one object, a list, or one a line; `-` is standard input
        #[arg(long, value_name = "FILE")]
        request: PathBuf,
        #[command(flatten)]
        format: WhatIfFormat,
    },
    /// List every format that is read: who writes it, how it is told, what it never holds and what to ask for instead
    Formats {
        /// Only the format of this word, as the list has it in brackets
        #[arg(value_name = "WORD")]
        word: Option<String>,
        #[command(flatten)]
        format: ListFormat,
    },
    /// Print the keys of the interface
    Keys,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Copy, Args)]
struct ExplainFormat {
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
struct ListFormat {
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Listing::Text)]
    format: Listing,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
struct TableFormat {
    /// The form of the answer
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Table::Text)]
    format: Table,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, Args)]
struct WhatIfFormat {
    /// The form of the answer: text on a terminal and else a line of JSON for each request, unless it is said
    #[arg(long, value_name = "FORMAT", value_enum)]
    format: Option<Listing>,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Listing {
    Text,
    Json,
    Ndjson,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, on a terminal.
    Text,
    /// One JSON value, indented.
    Json,
    /// One JSON value a line.
    Ndjson,
    /// For tickets.
    Markdown,
}

/// The form of an answer that is a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Table {
    /// For people, on a terminal.
    Text,
    /// One JSON value, indented.
    Json,
    /// One JSON value a line.
    Ndjson,
    /// For spreadsheets.
    Csv,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// The terminal interface.
    Interface {
        /// What to open.
        request: Request,
        /// The theme, unless the environment is to decide.
        theme: Option<ThemeName>,
        /// Whether to use plain letters in place of signs.
        ascii: bool,
    },
    /// Explanations.
    Explain {
        /// What to open.
        request: Request,
        /// Whose sign-ins; everybody's when `None`.
        user: Option<String>,
        /// Which sign-in; all when `None`.
        sign_in: Option<String>,
        /// The form of the answer.
        format: Format,
        /// Whether the text shows what the screen hides until it is unfolded.
        full: bool,
    },
    /// The long text of a finding.
    Code(String),
    /// The users of the log.
    Users {
        /// What to open.
        request: Request,
        /// The form of the answer.
        format: Format,
    },
    /// The sign-ins of a user.
    SignIns {
        /// What to open.
        request: Request,
        /// Whose.
        user: String,
        /// The form of the answer.
        format: Format,
    },
    /// The sessions of a user.
    Sessions {
        /// What to open.
        request: Request,
        /// Whose.
        user: String,
        /// Under which other rules the log is played again.
        change: Change,
        /// The form of the answer.
        format: Format,
    },
    /// The lockouts.
    Lockouts {
        /// What to open.
        request: Request,
        /// Whose; everybody's when `None`.
        user: Option<String>,
        /// How the log is read where it can be read in two ways.
        choices: Choices,
        /// The form of the answer.
        format: Format,
    },
    /// The address collisions.
    Addresses {
        /// What to open.
        request: Request,
        /// What they must be about; anything when `None`.
        about: Option<String>,
        /// The form of the answer.
        format: Table,
    },
    /// What the files are.
    Inventory {
        /// What to open.
        request: Request,
        /// Whether anything unreadable makes the exit status 1.
        strict: bool,
        /// Whether every record is held against the model.
        check_model: bool,
        /// The form of the answer.
        format: Format,
    },
    /// What would happen to requests.
    WhatIf {
        /// What to open.
        request: Request,
        /// Where the requests stand.
        requests: PathBuf,
        /// The form of the answers; nothing leaves it to where they go.
        format: Option<Format>,
    },
    /// The formats that are read, all or the one of that word.
    Formats(Option<String>, Format),
    /// The keys of the interface.
    Keys,
    /// A completion script.
    Completions(clap_complete::Shell),
}

/// Checks a fact as it is typed, so that a mistake is refused with the rest of the command line.
fn fact_said(text: &str) -> Result<String, String> {
    Facts::default().say_pair(text).map(|()| text.to_owned())
}

fn theme_named(word: &str) -> Result<ThemeName, String> {
    let known = ThemeName::ALL.into_iter().find(|theme| theme.word() == word);
    known.ok_or_else(|| format!("there is {}", ThemeName::ALL.map(ThemeName::word).join(", ")))
}

impl From<Evidence> for Request {
    fn from(evidence: Evidence) -> Request {
        let mut facts = Facts::default();
        for fact in &evidence.facts {
            // Each was checked while the command line was read; of two values for one fact the later counts.
            let _ = facts.say_pair(fact);
        }
        Request { evidence: evidence.evidence, logs: evidence.logs, tenants: evidence.tenants, facts }
    }
}

impl ListFormat {
    fn resolved(self) -> Format {
        match self.format {
            Listing::Text if self.json => Format::Json,
            Listing::Text => Format::Text,
            Listing::Json => Format::Json,
            Listing::Ndjson => Format::Ndjson,
        }
    }
}

/// Reads the command line. What is not a command (help, version, a mistake) is printed, and its exit code returned.
pub fn parse() -> Result<Command, ExitCode> {
    let arguments = Arguments::try_parse().map_err(|error| {
        // Printing can only fail when nobody is left to read it.
        let _ = error.print();
        ExitCode::from(if error.use_stderr() { 2 } else { 0 })
    })?;
    Ok(match arguments.subcommand {
        None => Command::Interface {
            request: arguments.evidence.into(),
            theme: arguments.interface.theme,
            ascii: arguments.interface.ascii,
        },
        Some(Sub::Explain { code: Some(code), .. }) => Command::Code(code),
        Some(Sub::Explain { evidence, user, sign_in, code: None, full, format }) => Command::Explain {
            request: evidence.into(),
            user,
            sign_in,
            full,
            format: if format.json { Format::Json } else { format.format },
        },
        Some(Sub::Users { evidence, format }) => Command::Users { request: evidence.into(), format: format.resolved() },
        Some(Sub::SignIns { evidence, user, format }) => {
            Command::SignIns { request: evidence.into(), user, format: format.resolved() }
        }
        Some(Sub::Sessions { evidence, user, persistent_browser, sign_in_frequency, format }) => Command::Sessions {
            request: evidence.into(),
            user,
            change: Change {
                persistent_browser: persistent_browser.map(|mode| mode == "always"),
                frequency_hours: sign_in_frequency,
            },
            format: format.resolved(),
        },
        Some(Sub::Lockouts { evidence, user, no_pattern, ignore_resets, format }) => Command::Lockouts {
            request: evidence.into(),
            user,
            choices: Choices { by_pattern: !no_pattern, success_resets: !ignore_resets },
            format: format.resolved(),
        },
        Some(Sub::Addresses { evidence, address, format }) => Command::Addresses {
            request: evidence.into(),
            about: address,
            format: if format.json { Table::Json } else { format.format },
        },
        Some(Sub::Inventory { evidence, strict, check_model, format }) => {
            Command::Inventory { request: evidence.into(), strict, check_model, format: format.resolved() }
        }
        Some(Sub::WhatIf { evidence, request, format }) => Command::WhatIf {
            request: evidence.into(),
            requests: request,
            format: match format.format {
                None => format.json.then_some(Format::Json),
                Some(format) => Some(ListFormat { format, json: false }.resolved()),
            },
        },
        Some(Sub::Formats { word, format }) => Command::Formats(word, format.resolved()),
        Some(Sub::Keys) => Command::Keys,
        Some(Sub::Completions { shell }) => Command::Completions(shell),
    })
}

/// Writes the completion script for a shell.
pub fn write_completions(shell: clap_complete::Shell, out: &mut dyn std::io::Write) {
    clap_complete::generate(shell, &mut Arguments::command(), "authopsy", out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
