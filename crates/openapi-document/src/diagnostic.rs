//! What is wrong with a document, and where.

use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use crate::source::{Excerpt, Place, Source};

/// Whom a rule is for. Each profile has the rules of those before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Any contract: what OpenAPI and JSON Schema say.
    Openapi,
    /// A contract that a client is generated from: what the generator can take, and what the client does not hold.
    Generator,
    /// A contract that is written here: its names, its entity tags, its errors. What is a warning elsewhere is an
    /// error.
    #[default]
    House,
}

impl Profile {
    /// All of them, from the fewest rules to the most.
    pub const ALL: [Self; 3] = [Self::Openapi, Self::Generator, Self::House];

    /// The word for it: `openapi`, `generator` or `house`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Openapi => "openapi",
            Self::Generator => "generator",
            Self::House => "house",
        }
    }
}

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is generated until it is fixed.
    Error,
    /// Allowed, and most likely not what was meant.
    Warning,
    /// The client lacks something that the contract says; it is generated all the same.
    Note,
}

impl Severity {
    /// The word for it: `error`, `warning` or `note`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A rule that a contract must follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its stable name.
    pub id: &'static str,
    /// The first profile that has it.
    pub profile: Profile,
    /// What its diagnostics weigh.
    pub severity: Severity,
    /// Whether the contract may make an exception of it.
    pub waivable: bool,
    /// What it asks, in one line.
    pub summary: &'static str,
    /// What it asks, why, how to fix what it finds and how to waive it: lines of Markdown.
    pub rationale: &'static [&'static str],
    /// What breaks it.
    pub bad: &'static [Bad],
    /// What does not.
    pub good: &'static [Good],
}

/// An edit of a sound contract, what is replaced by what, and the line of what is found then.
pub type Bad = (&'static str, &'static str, u64);

/// An edit of a sound contract: what is replaced by what.
pub type Good = (&'static str, &'static str);

impl Rule {
    /// A rule without which nothing can be read or generated: it cannot be waived.
    #[must_use]
    pub const fn required(id: &'static str, summary: &'static str) -> Self {
        Self::new(id, summary, Severity::Error, false)
    }

    /// A rule whose diagnostics are errors unless they are waived.
    #[must_use]
    pub const fn error(id: &'static str, summary: &'static str) -> Self {
        Self::new(id, summary, Severity::Error, true)
    }

    /// A rule about what is allowed, and most likely not what was meant.
    #[must_use]
    pub const fn warning(id: &'static str, summary: &'static str) -> Self {
        Self::new(id, summary, Severity::Warning, true)
    }

    /// A rule about what is not read, so that nothing is known of it: it cannot be waived.
    #[must_use]
    pub const fn unread(id: &'static str, summary: &'static str) -> Self {
        Self::new(id, summary, Severity::Warning, false)
    }

    /// A rule whose diagnostics are notes.
    #[must_use]
    pub const fn note(id: &'static str, summary: &'static str) -> Self {
        Self::new(id, summary, Severity::Note, true)
    }

    const fn new(
        id: &'static str,
        summary: &'static str,
        severity: Severity,
        waivable: bool,
    ) -> Self {
        let profile = Profile::Openapi;
        Self { id, profile, severity, waivable, summary, rationale: &[], bad: &[], good: &[] }
    }

    /// The rule as one of a profile.
    #[must_use]
    pub const fn of(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The rule with its rationale and its examples.
    #[must_use]
    pub const fn explained(
        self,
        rationale: &'static [&'static str],
        bad: &'static [Bad],
        good: &'static [Good],
    ) -> Self {
        Self { rationale, bad, good, ..self }
    }

    /// The rationale as one text.
    #[must_use]
    pub fn explanation(&self) -> String {
        let lines = self.rationale.iter().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// Declares rules as constants, each with its rationale and its examples, and all of them as `RULES`, in
/// their order. A rule that names no profile is of the first.
#[macro_export]
macro_rules! rules {
    ($(
        $(#[doc = $why:literal])*
        $name:ident = $kind:ident($($profile:ident,)? $id:literal, $summary:literal) {
            bad: [$($bad:expr),* $(,)?],
            good: [$($good:expr),* $(,)?] $(,)?
        }
    )*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $summary, ".\n\n")]
            $(#[doc = $why])*
            pub const $name: $crate::Rule = $crate::Rule::$kind($id, $summary)$(.of($crate::Profile::$profile))?.explained(
                &[$($why),*],
                &[$($bad),*],
                &[$($good),*],
            );
        )*

        /// Every rule of this module, in the order of the page.
        pub const RULES: &[$crate::Rule] = &[$($name),*];
    };
}

crate::rules! {
    /// The contract is a file, and its text is UTF-8 (RFC 3629).
    ///
    /// **Fix** the path, or save the file as UTF-8. Cannot be waived.
    UNREADABLE = required("unreadable", "the contract is a UTF-8 file") {
        bad: [
        ],
        good: [
        ],
    }

    /// The file is one YAML document, and no key is in a mapping twice. A second key would silently win over the
    /// first; `200` and `'200'` are the same key once YAML is read as JSON (section 4.3). `yes` and `no` are
    /// words here, not booleans, as in YAML 1.2.
    ///
    /// **Fix** what the parser stumbles over, or remove one of the keys. Cannot be waived.
    YAML = required("yaml", "the contract is one YAML document with unique keys") {
        bad: [
            ("tags: [{name: t}]", "info: {title: T, version: '1'}", 3),
            ("        4XX:", "        200: {description: ok}\n        4XX:", 14),
        ],
        good: [
            ("title: T", "title: yes"),
        ],
    }
}

/// What `openapi-lint` says more of, for those who do not lint.
const REFERENCE: &str = "a reference leads to what belongs in its place";

/// A reference that leads nowhere.
pub const DANGLING: Rule = Rule::required("unresolved-reference", REFERENCE);

/// A reference that leads back to itself.
pub const CIRCULAR: Rule = Rule::required("circular-reference", REFERENCE);

/// Something that is wrong with a document, or worth knowing of it.
///
/// `Display` shows it as `rustc` does, with the line of the document.
///
/// # Examples
/// ```
/// let error = openapi_document::Document::parse("a.yaml", "a: 1\n  b: 2\n").unwrap_err();
/// let shown = error.to_string();
/// assert!(shown.starts_with("error[yaml]: "), "{shown}");
/// assert!(shown.contains("--> a.yaml:2:4\n"), "{shown}");
/// assert!(shown.contains("2 |   b: 2\n"), "{shown}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule that was broken, a stable name.
    pub rule: &'static str,
    /// The first profile that has it: that of the rule, or one after it.
    pub profile: Profile,
    /// How much it weighs.
    pub severity: Severity,
    /// The file, as given.
    pub path: String,
    /// Line and column, both from 1, if the place is known.
    pub place: Option<Place>,
    /// The line of the document at that place, unless it is very long.
    pub excerpt: Option<Excerpt>,
    /// The JSON Pointer of the value in its file; empty for the whole of it.
    pub pointer: String,
    /// The JSON Pointer of the value in the document: another one if that consists of several files.
    pub within: String,
    /// What is wrong.
    pub message: String,
    /// What was expected, or how to fix it.
    pub help: String,
    /// Why the contract lets it pass, if it does.
    pub waived: Option<String>,
}

impl Diagnostic {
    /// Whether nothing can be generated because of it.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && self.waived.is_none()
    }

    /// Whether it is a note that is not waived.
    #[must_use]
    pub fn is_note(&self) -> bool {
        self.severity == Severity::Note && self.waived.is_none()
    }

    /// Whether it is a warning that is not waived.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning && self.waived.is_none()
    }

    /// The diagnostic as one of a profile after that of its rule.
    #[must_use]
    pub fn of(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The diagnostic as a warning, though the rule also finds errors.
    #[must_use]
    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// Where it is, as editors take it: `a.yaml:2:4`.
    #[must_use]
    pub fn location(&self) -> String {
        let place = self.place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
        format!("{}{place}", self.path)
    }

    /// What is wrong and where, in one line: `a.yaml:2:4: error[yaml]: …`.
    #[must_use]
    pub fn line(&self) -> String {
        let (at, severity) = (self.location(), self.severity.word());
        format!("{at}: {severity}[{}]: {}", self.rule, self.message)
    }

    /// The diagnostic with the ANSI escapes of a terminal.
    #[must_use]
    pub fn styled(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let number = |number| usize::try_from(number).unwrap_or(usize::MAX);
        let group = level.primary_title(&self.message).id(self.rule);
        let group = match (self.place, &self.excerpt) {
            (Some((line, _)), Some(Excerpt { text, range })) => {
                let snippet = Snippet::source(text).line_start(number(line)).path(&self.path);
                group.element(snippet.annotation(AnnotationKind::Primary.span(range.clone())))
            }
            (place, _) => {
                let origin = Origin::path(&self.path);
                group.element(match place {
                    Some((line, column)) => origin.line(number(line)).char_column(number(column)),
                    None => origin,
                })
            }
        };
        let at = (!self.pointer.is_empty()).then(|| format!("at {}", self.pointer));
        let group = group.elements(at.map(|at| Level::NOTE.message(at)));
        renderer.render(&[group.element(Level::HELP.message(&self.help))])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain()))
    }
}

impl std::error::Error for Diagnostic {}

impl Source {
    /// A diagnostic at `pointer`, or at its nearest ancestor that has a place.
    #[must_use]
    pub fn diagnostic(
        &self,
        rule: Rule,
        pointer: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let (file, at) = self.locate(pointer);
        let found = file.diagnostic_at(rule, self.place(pointer), message, help);
        Diagnostic { pointer: at.into_owned(), within: pointer.to_owned(), ..found }
    }

    /// A diagnostic at a line and a column.
    #[must_use]
    pub fn diagnostic_at(
        &self,
        rule: Rule,
        place: Option<Place>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            rule: rule.id,
            profile: rule.profile,
            severity: rule.severity,
            path: self.path.clone(),
            place,
            excerpt: place.and_then(|place| self.excerpt(place)),
            pointer: String::new(),
            within: String::new(),
            message: message.into(),
            help: help.into(),
            waived: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, place: Place) -> String {
        let source = Source::of("a.yaml", text);
        let excerpt = source.excerpt(place);
        let part = excerpt.as_ref().map(|Excerpt { text, range }| &text[range.clone()]);
        let part = part.map(str::to_owned);
        // Whatever it is, it can be shown.
        let found = source.diagnostic_at(YAML, Some(place), "m", "h").to_string();
        assert!(found.contains(&format!("--> a.yaml:{}:", place.0)) || place.0 == 0, "{found}");
        part.unwrap_or_default()
    }

    #[test]
    fn the_key_or_the_value_is_marked() {
        let text = "a: 1\r\n  b-c: [d, e]\r'f: g': {h: i}\n  ä: ö # k\nlast:\n";
        for (place, part) in [
            ((1, 1), "a"),
            ((1, 4), "1"),
            ((2, 3), "b-c"),
            ((2, 9), "d"),
            ((2, 12), "e"),
            ((3, 1), "'f: g'"),
            ((3, 10), "h"),
            ((3, 13), "i"),
            ((4, 3), "ä"),
            ((4, 6), "ö"),
            ((5, 1), "last"),
            ((6, 1), ""),
            ((9, 9), ""),
        ] {
            assert_eq!(shown(text, place), part, "{place:?}");
        }
    }

    #[test]
    fn any_place_in_any_text_can_be_shown() {
        let long = "x".repeat(10_000);
        for text in
            ["", "\n", "\r\r\n", "\u{FEFF}a: b", "\"", "'", "\t\u{1b}[31m: \u{0}", "😀: 'ä", &long]
        {
            for place in (0..5).flat_map(|line| (0..5).map(move |column| (line, column))) {
                shown(text, place);
            }
        }
        assert_eq!(shown(&long, (1, 1)), "");
    }

    #[test]
    fn a_place_is_found_by_its_offset() {
        let source = Source::of("a.toml", "ä = 1\nb = 2\n");
        let places = [0, 2, 7, 9, 100].map(|offset| source.place_at(offset));
        assert_eq!(places, [(1, 1), (1, 2), (2, 1), (2, 3), (3, 1)]);
    }
}
