//! Defines [`Command`], the line above a dump in which somebody asked for it.

/// Parameters that name the object that is asked for.
const NAMING: [&str; 7] = ["searchstring", "identity", "objectid", "userprincipalname", "userid", "anr", "filter"];

/// A command that was typed or pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// What was typed, behind the prompt.
    pub(super) text: String,
    /// Whether the prompt is the Exchange Management Shell's.
    pub(super) is_exchange_shell: bool,
}

impl Command {
    /// Reads a line that is a prompt with or without a command behind it, or a command that reads objects.
    pub(super) fn of_line(line: &str) -> Option<Command> {
        let line = line.trim();
        let (rest, is_exchange_shell) = match line.strip_prefix("[PS]") {
            Some(rest) => (rest.trim_start(), true),
            None => (line, false),
        };
        let command = |text: &str| Some(Command { text: text.trim().to_owned(), is_exchange_shell });
        // The prompt ends at the first `>` behind a path, which holds none.
        let path = rest
            .strip_prefix("PS ")
            .or(rest.strip_prefix("PS").filter(|rest| rest.starts_with('>')))
            .map(str::trim_start);
        let drive = |text: &str| {
            let mut signs = text.chars();
            signs.next().is_some_and(|c| c.is_ascii_alphabetic()) && signs.next() == Some(':')
        };
        let prompted = match path {
            Some(path) if path.starts_with(['>', '/', '~', '\\']) || drive(path) => Some(path),
            None if is_exchange_shell || drive(rest) && rest.get(2..).is_some_and(|rest| rest.starts_with('\\')) => {
                Some(rest)
            }
            _ => None,
        };
        if let Some((_, text)) = prompted.and_then(|path| path.split_once('>')) {
            return command(text);
        }
        let verb = line.trim_start_matches(['(', '$', ' ']);
        let verb = verb.get(..4).filter(|verb| verb.eq_ignore_ascii_case("get-")).and_then(|_| verb.get(4..));
        let is_cmdlet = verb.is_some_and(|noun| noun.starts_with(|c: char| c.is_ascii_alphabetic()));
        if is_cmdlet { command(line) } else { None }
    }

    /// What the command asks for: the value of a parameter that names an object, or the first argument.
    pub(super) fn target(&self) -> Option<String> {
        let words = words(&self.text);
        let at = words.iter().position(|word| word.to_ascii_lowercase().contains("get-"))?;
        let arguments: Vec<&str> =
            words.get(at + 1..)?.iter().map(String::as_str).take_while(|word| *word != "|" && *word != ")").collect();
        let named = arguments.windows(2).find_map(|pair| {
            let [name, value] = pair else { return None };
            let name = name.strip_prefix('-')?.to_ascii_lowercase();
            NAMING.contains(&name.as_str()).then_some(*value)
        });
        let first = arguments.first().copied().filter(|word| !word.starts_with('-'));
        let value = named.or(first)?;
        // `-Filter` holds a comparison, of which the text in quotes is the value.
        let quoted = value.rsplit(['\'', '"']).nth(1).filter(|_| value.contains(" -eq ") || value.contains(" eq "));
        let value = quoted.unwrap_or(value);
        (!value.is_empty() && !value.starts_with(['$', '(', '-', '*'])).then(|| value.to_owned())
    }

    /// The member that the command takes of its objects, as `(…).provisioningErrors` does.
    pub(super) fn member(&self) -> Option<&str> {
        let (_, rest) = self.text.rsplit_once(").")?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    }
}

/// The words of a command; quotes hold one together, and pipes and brackets stand for themselves.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars() {
        let straight = match c {
            '\u{201c}' | '\u{201d}' | '\u{2033}' => '"',
            '\u{2018}' | '\u{2019}' | '\u{2032}' => '\'',
            other => other,
        };
        match quote {
            Some(open) if straight == open => quote = None,
            Some(_) => word.push(c),
            None if matches!(straight, '"' | '\'') => quote = Some(straight),
            None if c.is_whitespace() => words.push(std::mem::take(&mut word)),
            None if matches!(c, '|' | '(' | ')') => words.extend([std::mem::take(&mut word), c.to_string()]),
            None => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, text: &str, is_exchange_shell: bool, target: Option<&str>) {
        let command = Command::of_line(line).unwrap();
        assert_eq!((command.text.as_str(), command.is_exchange_shell), (text, is_exchange_shell));
        assert_eq!(command.target().as_deref(), target, "{line}");
    }

    #[test]
    fn prompts_and_commands_are_told_from_prose() {
        check(r"PS C:\> Get-Recipient abc | fl", "Get-Recipient abc | fl", false, Some("abc"));
        check(
            r"[PS] C:\>Get-MailUser MarshExternal | FL",
            "Get-MailUser MarshExternal | FL",
            true,
            Some("MarshExternal"),
        );
        check(r"PS C:\Users\admin> ", "", false, None);
        check("PS /home/admin> Get-MgUser", "Get-MgUser", false, None);
        check(
            "Get-Mailbox -Identity \u{201c}A B\u{201d} -ResultSize 1",
            "Get-Mailbox -Identity \u{201c}A B\u{201d} -ResultSize 1",
            false,
            Some("A B"),
        );
        for prose in ["Get to work: now", "PS: one more thing > that", "In C:\\ nothing > is", "Note : x", "", "PS"] {
            assert_eq!(Command::of_line(prose), None, "{prose}");
        }
    }

    #[test]
    fn the_owner_of_errors_stands_in_the_command() {
        let line = r"PS C:\> (Get-AzureADUser -SearchString tmarsh@contoso.com).provisioningErrors | fl";
        check(line, &line[8..], false, Some("tmarsh@contoso.com"));
        assert_eq!(Command::of_line(line).unwrap().member(), Some("provisioningErrors"));
        check(
            "Get-Recipient -Filter \"EmailAddresses -eq 'a@b.com'\"",
            "Get-Recipient -Filter \"EmailAddresses -eq 'a@b.com'\"",
            false,
            Some("a@b.com"),
        );
        check("Get-MsolUser -All | fl", "Get-MsolUser -All | fl", false, None);
    }
}
