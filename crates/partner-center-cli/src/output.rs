//! What is printed: data on stdout, words on stderr, and a spinner where a person waits.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::{BufRead, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use partner_center::Change;
use partner_center::pointer::{Pointer, push};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::member::{Profile, SERVICE};

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
const RED: Style = AnsiColor::Red.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const YELLOW: Style = AnsiColor::Yellow.on_default();

/// How data is printed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs: a profile as the service has it
    Json,
    /// The same, easier to read
    Yaml,
}

/// The terminal, the pipes, and how to print to them.
pub(crate) struct Ui {
    pub(crate) format: Format,
    /// Whether there is a person to ask.
    pub(crate) is_interactive: bool,
    /// That of the requests, once something may be sent.
    pub(crate) correlation_id: Cell<Option<Uuid>>,
    bar: ProgressBar,
    /// Why stdout cannot be written to, unless its reader just left.
    lost: Cell<Option<std::io::Error>>,
    closed: Cell<bool>,
}

/// Something that is waited for. It is over when this is dropped.
#[must_use]
pub(crate) struct Step<'a>(&'a Ui);

impl Drop for Step<'_> {
    fn drop(&mut self) {
        self.0.bar.disable_steady_tick();
        self.0.bar.finish_and_clear();
        self.0.bar.set_draw_target(ProgressDrawTarget::hidden());
        self.0.bar.set_prefix("");
    }
}

impl Ui {
    pub(crate) fn new(format: Format) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}{msg}") {
            bar.set_style(style);
        }
        let is_interactive = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        let correlation_id = Cell::default();
        let (lost, closed) = (Cell::new(None), Cell::new(false));
        Self { format, is_interactive, correlation_id, bar, lost, closed }
    }

    /// The spinner, for whoever knows more of what is waited for.
    pub(crate) fn bar(&self) -> ProgressBar {
        self.bar.clone()
    }

    /// Shows what is waited for, on a terminal.
    pub(crate) fn step(&self, what: &str) -> Step<'_> {
        if std::io::stderr().is_terminal() {
            self.bar.reset();
            self.bar.set_message(what.to_owned());
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
            self.bar.enable_steady_tick(Duration::from_millis(100));
        }
        Step(self)
    }

    /// Shows how far it is beside the spinner, and that nothing is waited for any more.
    pub(crate) fn progress(&self, line: &str) {
        self.bar.set_prefix(format!("{line}  "));
        self.bar.set_message("");
    }

    /// Whether nobody reads stdout any more, or it cannot be written to.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Prints data to stdout, byte for byte.
    ///
    /// If nobody reads there any more, the rest is not printed, and what is under way goes on.
    pub(crate) fn data(&self, text: &str) {
        self.print(text, std::io::stdout().lock());
    }

    /// Prints to stdout for a person, with colours where they are seen.
    pub(crate) fn styled(&self, text: &str) {
        self.print(text, anstream::stdout().lock());
    }

    fn print(&self, text: &str, mut stdout: impl Write) {
        if self.closed.get() {
            return;
        }
        if let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            self.closed.set(true);
            if error.kind() != ErrorKind::BrokenPipe {
                self.lost.set(Some(error));
            }
        }
    }

    /// What kept data from being printed.
    pub(crate) fn finish(&self) -> Option<std::io::Error> {
        self.lost.take()
    }

    /// Prints a value in the format of programs.
    pub(crate) fn value(&self, value: &Value) {
        if self.format == Format::Yaml {
            self.data(&yaml(value));
        } else {
            self.data(&format!("{value:#}\n"));
        }
    }

    /// Prints what is left to be decided, unless a person reads the words on stderr.
    pub(crate) fn left(&self, value: &Value) {
        if !self.is_interactive || self.format != Format::Table {
            self.value(value);
        }
    }

    /// Prints a line to stderr.
    pub(crate) fn say(&self, text: &str) {
        say(&self.bar, text);
    }

    pub(crate) fn error(&self, what: &str) {
        let style = RED.bold();
        self.say(&format!("{style}error:{style:#} {}", one_line(what)));
    }

    pub(crate) fn word(&self, word: &str, text: &str) {
        self.say(&format!("{BOLD}{word:>5}:{BOLD:#} {}", one_line(text)));
    }
}

/// Items that are printed as they come. As JSON they are one document, whose beginning is there before its end is
/// known.
pub(crate) struct Items<'a> {
    ui: &'a Ui,
    count: usize,
}

impl<'a> Items<'a> {
    pub(crate) fn new(ui: &'a Ui) -> Self {
        Self { ui, count: 0 }
    }

    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Prints an item for people.
    pub(crate) fn table(&mut self, text: &str) {
        self.count += 1;
        self.ui.styled(text);
    }

    /// Prints an item for programs.
    pub(crate) fn value(&mut self, value: &Value) {
        self.count += 1;
        if self.ui.format == Format::Yaml {
            self.ui.data(&yaml(&Value::from([value.clone()].as_slice())));
        } else {
            let before = if self.count == 1 { "[" } else { "," };
            let text = format!("{value:#}").replace('\n', "\n  ");
            self.ui.data(&format!("{before}\n  {text}"));
        }
    }

    /// Ends the document. Says `nothing` to people if it has no item, and if there is anything to say.
    pub(crate) fn end(&self, nothing: &str) {
        match (self.ui.format, self.count) {
            (Format::Table, 0) if !nothing.is_empty() => self.ui.say(nothing),
            (Format::Json, 0) => self.ui.data("[]\n"),
            (Format::Yaml, 0) => self.ui.data(&yaml(&Value::Array(Vec::new()))),
            (Format::Json, _) => self.ui.data("\n]\n"),
            _ => {}
        }
    }
}

/// Prints a line to stderr, past the spinner.
pub(crate) fn say(bar: &ProgressBar, text: &str) {
    bar.suspend(|| {
        // A closed pipe is no error.
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    });
}

/// Asks the person, and returns the answer in lower case; `None` at the end of the input.
pub(crate) fn ask(question: &str) -> Option<String> {
    // Not locked while it waits: Ctrl-C prints a message.
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{BOLD}{question}{BOLD:#} ").and_then(|()| stderr.flush());
    let mut answer = String::new();
    if matches!(std::io::stdin().lock().read_line(&mut answer), Ok(1..)) {
        return Some(answer.trim().to_lowercase());
    }
    let _ = writeln!(stderr);
    None
}

/// A profile as a table, with all of its members.
pub(crate) fn table<T: Profile>(title: &str, etag: Option<&str>, profile: &Value) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{BOLD}{title}{BOLD:#}");
    let row = |out: &mut String, name: &str, value: &str| {
        let _ = writeln!(out, "  {name:<22}  {value}");
    };
    row(&mut out, "ETag", &one_line(etag.unwrap_or("(none: this profile cannot be updated)")));
    for section in T::SECTIONS {
        if let Some(title) = section.title {
            let _ = writeln!(out, "{BOLD}{title}{BOLD:#}");
        }
        for member in section.members {
            let value = match profile.pointer(member.pointer) {
                None | Some(Value::Null) => format!("{DIM}(none){DIM:#}"),
                Some(Value::String(text)) if text.is_empty() => format!("{DIM}(empty){DIM:#}"),
                Some(Value::String(text)) => one_line(text),
                Some(other) => one_line(&other.to_string()),
            };
            row(&mut out, member.name, &value);
        }
    }
    let others = others::<T>(profile);
    if !others.is_empty() {
        let _ = writeln!(out, "{BOLD}Other members{BOLD:#}");
        for (pointer, value) in others {
            row(&mut out, &one_line(&pointer), &shown(Some(value)));
        }
    }
    out
}

/// The members that the command has no name for, by their JSON Pointers.
pub(crate) fn others<T: Profile>(profile: &Value) -> Vec<(String, &Value)> {
    let sections = T::SECTIONS.iter().map(|section| section.pointer);
    let known =
        sections.filter(|at| !at.is_empty()).chain(T::members().map(|member| member.pointer));
    let known: Vec<_> = known.chain(SERVICE).collect();
    let mut found = Vec::new();
    unknown(&mut String::new(), profile, &known, &mut found);
    found
}

/// The members that are none of those that are known, nor in an object that is none.
fn unknown<'a>(
    at: &mut String,
    value: &'a Value,
    known: &[&str],
    found: &mut Vec<(String, &'a Value)>,
) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let length = at.len();
        push(at, name);
        // What is known in it, or of it.
        let mut inside = known.iter().filter(|known| Pointer(known).is_within(at)).peekable();
        if inside.peek().is_none() {
            found.push((at.clone(), value));
        } else if inside.any(|known| known != at) {
            unknown(at, value, known, found);
        }
        at.truncate(length);
    }
}

/// Changes, a line for each: what it was, and what it becomes. In the order of the table.
pub(crate) fn difference<T: Profile>(changes: &[Change]) -> String {
    let mut out = String::new();
    let mut changes: Vec<_> = changes.iter().collect();
    changes.sort_by_key(|change| T::place(&change.pointer));
    for change in changes {
        let name = one_line(T::name(&change.pointer));
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let (style, mark) = match (before, after) {
            (None, _) => (GREEN, '+'),
            (_, None) => (RED, '-'),
            _ => (YELLOW, '~'),
        };
        // By their texts, which have the digits that were typed.
        let shown = |text: Option<&str>| text.map_or_else(|| shown(None), one_line);
        let (before, after) = (shown(change.before_text()), shown(change.after_text()));
        let _ = writeln!(out, "{style}{mark} {name:<22}  {before} -> {after}{style:#}");
    }
    out
}

/// A value on one line, as JSON, so that blanks and case are seen.
pub(crate) fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "(none)".to_owned(),
        Some(value) => one_line(&value.to_string()),
    }
}

/// A value as YAML, with its end of line.
pub(crate) fn yaml(value: &Value) -> String {
    // What JSON can hold, YAML can: this does not fail, and JSON is YAML.
    let text = serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string());
    if text.ends_with('\n') { text } else { text + "\n" }
}

/// A text on one line, in which a terminal finds nothing to obey.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        // What changes the direction of a text, or is not seen in it.
        let unseen = matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}');
        if c.is_control() || unseen {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use partner_center::models::CustomerBillingProfile;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_terminal_is_told_nothing_by_a_value() {
        assert_eq!(one_line("a\u{1b}[31m\nb\u{202e}c\u{9b}"), "a\\u{1b}[31m\\nb\\u{202e}c\\u{9b}");
        assert_eq!(shown(Some(&json!("ä \u{9b}"))), "\"ä \\u{9b}\"");
    }

    #[test]
    fn what_the_command_does_not_know_is_shown_where_it_is() {
        let profile = json!({
            "email": "a", "links": {"x": 1}, "odd~": {"a": 1},
            "defaultAddress": {"city": "B", "geo/code": [1]},
        });
        let table =
            anstream::adapter::strip_str(&table::<CustomerBillingProfile>("T", None, &profile))
                .to_string();
        let others = table.split_once("Other members\n").expect("others").1;
        assert_eq!(
            others,
            "  /odd~0                  {\"a\":1}\n  /defaultAddress/geo~1code  [1]\n"
        );
    }
}
