//! The rules of the lint and of the generator as one catalogue, and the page of it.

use std::fmt::Write;

use openapi_document::Rule;
use openapi_lint::{grammar, rules as lint};

/// Where the page is, relative to the root of the workspace.
pub const PAGE: &str = "openapi/lint.md";

/// A part of the page: its title, what to know before, its rules.
type Part = (&'static str, &'static str, &'static [&'static [Rule]]);

const PARTS: &[Part] = &[
    ("Grammar", GRAMMAR, &[openapi_document::RULES, grammar::RULES]),
    ("What is declared is used", "", &[lint::components::RULES]),
    ("Paths and schemas", "", &[lint::paths::RULES, lint::schemas::RULES, lint::effects::RULES]),
    ("Links", "", &[lint::links::RULES]),
    ("Names and texts", "", &[lint::names::RULES, lint::texts::RULES]),
    (
        "What the generator takes",
        "What progenitor 0.15.1 panics on, fails on, or makes something wrong of, if a rule does not say otherwise. None of \
         it is wrong in OpenAPI.",
        &[lint::parameters::RULES, lint::bodies::RULES, openapi_codegen::rules::RULES],
    ),
    ("What the client does not hold", IGNORED, &[lint::ignored::RULES]),
    ("Conditional requests", CONDITIONAL, &[lint::conditional::RULES]),
    ("Waivers", "", &[lint::waivers::RULES]),
];

const INTRODUCTION: &str = "\
# The rules of the lint

`cargo xtask lint` checks the contract by these rules, and so does `cargo xtask codegen` before it
generates anything. `cargo xtask lint --explain RULE` prints a section.

A rule is of a **profile**, and each profile has the rules of those before it:

| profile | for |
|---|---|
| `openapi` | any contract: what OpenAPI and JSON Schema say |
| `generator` | a contract that a client is generated from: what the generator cannot take, and what the client does not hold |
| `house` | a contract that is written here: its names, its entity tags, its errors |

`--profile` names one. Otherwise it is that of `codegen.toml`, `profile` of `[lint]`, for the contract of the workspace,
`house` if it has none; and `openapi` for another file. The generation takes no less than `generator`.

An **error** stops the generation. A **warning** is about what is allowed and most likely not what was meant; in the
house it is an error. A **note** says what the generated client does not hold of what the
contract says; for people, those of one rule are one, with the other places below it.

A rule that can be waived is waived beside the place, on the object itself or on one around it, with the
reason:

```yaml
x-lint-waive:
  optional-if-match: The clients of the service do not send it.
```

An extension cannot stand beside a `$ref`: waive it on the object around, or where the reference leads.

A contract that is someone else's is excepted from a rule as a whole, in `codegen.toml`:

```toml
[lint.waive]
unused-component = 'the contract is generated'
```
";

const GRAMMAR: &str = "\
These are about OpenAPI itself, and come first: until they hold there is nothing to check the others on.
Sections are those of the [OpenAPI Specification 3.0.3](https://spec.openapis.org/oas/v3.0.3).";

const IGNORED: &str = "\
Nothing fails on these: the generator, or a pass of the code generation, reads them and drops them.";

const CONDITIONAL: &str = "\
A resource with an entity tag is protected against lost updates if, and only if, the tag goes all the way
round: a GET gives it out, a PUT takes it back as `If-Match` (RFC 9110 section 13.1.1), a stale one gets
an answer of its own, and the next tag comes with the success. A resource **has an entity tag** when a
success of one of its operations documents the header `ETag`, or when its path item has the extension
`x-etag`.";

/// Every rule, in the order of the page.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    PARTS.iter().flat_map(|(_, _, rules)| rules.iter().copied().flatten())
}

/// The page of the rules.
#[must_use]
pub fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for (title, introduction, rules) in PARTS {
        let _ = write!(page, "\n# {title}\n");
        if !introduction.is_empty() {
            let _ = write!(page, "\n{introduction}\n");
        }
        for rule in rules.iter().copied().flatten() {
            let (severity, profile) = (rule.severity.word(), rule.profile.word());
            let _ = write!(page, "\n## {}\n\n", rule.id);
            let _ = write!(page, "*{severity}, `{profile}`*\n\n{}\n", rule.explanation());
        }
    }
    page
}
