//! What two generated files have in common is left out before they are parsed: most of a client stays as it is
//! from one version of a contract to the next, and to read over its text takes a small part of the time.
//!
//! Only what the generator writes is read here, and whoever meets anything else parses the files as they are.

use std::collections::{HashMap, HashSet};

use crate::scan::{arguments, attributed, identifier, split};

/// The texts of two files without what is the same in both and in one group of [`items`](crate::items), of which
/// no comparison of them has anything to say. Of a type its name is left, by which others know it. `None` if
/// there is anything that the generator does not write.
pub(super) fn differing(before: &str, after: &str) -> Option<[String; 2]> {
    let files = [Pieces::of(before)?, Pieces::of(after)?];
    let [old, new] = files.each_ref().map(Pieces::groups);
    let same = old.iter().filter(|(group, pieces)| new.get(*group) == Some(*pieces));
    let same: HashSet<Group<'_>> = same.map(|(group, _)| *group).collect();
    Some(files.each_ref().map(|file| file.without(&same)))
}

/// What of a file is in one group.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Group<'t> {
    Operation(&'t str),
    Type(&'t str),
    Rest,
}

/// A part of a file.
enum Piece<'t> {
    /// A module or an `impl` begins, up to its brace.
    Begin(&'t str),
    /// What stands there.
    Item { group: Group<'t>, text: &'t str },
    /// It ends.
    End,
}

/// All that a file has, in order.
#[derive(Default)]
struct Pieces<'t> {
    all: Vec<Piece<'t>>,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let mut pieces = Self::default();
        split(text)?.into_iter().try_for_each(|item| pieces.top(item))?;
        Some(pieces)
    }

    /// Adds what stands in the braces of an item.
    fn inside(&mut self, text: &'t str, add: fn(&mut Self, &'t str) -> Option<()>) -> Option<()> {
        let from = attributed(text)?;
        let brace = from + text[from..].find('{')? + 1;
        let inner = text[brace..].trim_end().strip_suffix('}')?;
        self.all.push(Piece::Begin(&text[..brace]));
        split(inner)?.into_iter().try_for_each(|item| add(self, item))?;
        self.all.push(Piece::End);
        Some(())
    }

    /// Adds an item of the file itself.
    fn top(&mut self, text: &'t str) -> Option<()> {
        let head = Head::of(text)?;
        let group = match head.word {
            "mod" if identifier(head.rest)? == "types" => return self.inside(text, Self::of_types),
            "impl" => match block(head.rest)? {
                (false, Some("Client")) => return self.inside(text, Self::of_client),
                (true, Some(name)) if name != "Client" => Group::Type(name),
                _ => Group::Rest,
            },
            "struct" | "enum" | "type" | "trait" | "use" | "mod" | "const" | "static" | "fn" => {
                Group::Rest
            }
            _ => return None,
        };
        self.all.push(Piece::Item { group, text });
        Some(())
    }

    fn of_types(&mut self, text: &'t str) -> Option<()> {
        let head = Head::of(text)?;
        let group = match head.word {
            "struct" | "enum" | "type" => Group::Type(identifier(head.rest)?),
            "impl" => block(head.rest)?.1.map_or(Group::Rest, Group::Type),
            "trait" | "use" | "mod" | "const" | "static" | "fn" => Group::Rest,
            _ => return None,
        };
        self.all.push(Piece::Item { group, text });
        Some(())
    }

    fn of_client(&mut self, text: &'t str) -> Option<()> {
        let head = Head::of(text)?;
        let group = match head.word {
            "async" => Group::Operation(identifier(head.rest.strip_prefix("fn ")?)?),
            "fn" => Group::Rest,
            _ => return None,
        };
        self.all.push(Piece::Item { group, text });
        Some(())
    }

    /// The items of each group but the rest, each with what it stands in.
    fn groups(&self) -> HashMap<Group<'t>, Vec<(&'t str, &'t str)>> {
        let mut groups: HashMap<_, Vec<_>> = HashMap::new();
        let mut within = "";
        for piece in &self.all {
            match *piece {
                Piece::Begin(head) => within = head,
                Piece::End => within = "",
                Piece::Item { group: Group::Rest, .. } => {}
                Piece::Item { group, text } => {
                    groups.entry(group).or_default().push((within, text));
                }
            }
        }
        groups
    }

    /// The text without these groups.
    fn without(&self, same: &HashSet<Group<'_>>) -> String {
        let mut text = String::new();
        for piece in &self.all {
            match piece {
                Piece::Begin(head) => text.push_str(head),
                Piece::End => text.push_str("}\n"),
                Piece::Item { group, text: item } if !same.contains(group) => text.push_str(item),
                Piece::Item { text: item, .. } => {
                    if let Some(Head { visibility, word, rest }) = Head::of(item)
                        && let Some(name) = identifier(rest)
                        && let Some(end) = match word {
                            "struct" => Some(";"),
                            "enum" => Some(" {}"),
                            "type" => Some(" = ();"),
                            _ => None,
                        }
                    {
                        text.extend([visibility, " ", word, " ", name, end, "\n"]);
                    }
                }
            }
        }
        text
    }
}

/// How an item begins.
struct Head<'t> {
    /// `pub`, or whatever stands for it.
    visibility: &'t str,
    /// What it is, in its first word.
    word: &'t str,
    /// What comes after that.
    rest: &'t str,
}

impl<'t> Head<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let text = &text[attributed(text)?..];
        let (mut visibility, mut item) = ("", text);
        if let Some(after) = text.strip_prefix("pub")
            && after.starts_with([' ', '('])
        {
            let length = if after.starts_with('(') { after.find(')')? + 1 } else { 0 };
            (visibility, item) = text.split_at("pub".len() + length);
        }
        let item = item.trim_start();
        let word = identifier(item)?;
        Some(Self { visibility, word, rest: item[word.len()..].trim_start() })
    }
}

/// Whether an `impl` is of a trait, and the last name of the path of its type, by what comes after that word; no
/// name if the type is no path.
fn block(mut rest: &str) -> Option<(bool, Option<&str>)> {
    if rest.starts_with('<') {
        rest = rest[arguments(rest)?..].trim_start();
    }
    let (first, after) = path(rest)?;
    let Some(on) = after.trim_start().strip_prefix("for ").map(str::trim_start) else {
        return Some((false, Some(first)));
    };
    let odd = on.starts_with(['&', '(', '[']);
    Some((true, if odd { None } else { Some(path(on)?.0) }))
}

/// The last name of the path that a text begins with, and what comes after the path.
fn path(text: &str) -> Option<(&str, &str)> {
    let mut rest = text.strip_prefix("::").unwrap_or(text);
    loop {
        let name = identifier(rest)?;
        rest = &rest[name.len()..];
        if rest.starts_with('<') {
            rest = &rest[arguments(rest)?..];
        }
        match rest.strip_prefix("::") {
            Some(inner) => rest = inner,
            // A function's arguments, a macro, and what is no name.
            None if rest.starts_with(['(', '!']) || ["const", "dyn"].contains(&name) => {
                return None;
            }
            None => return Some((name, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A client as the generator writes it.
    const CLIENT: &str = include_str!("../../partner-center-api/src/generated.rs");

    fn found_in(texts: [&str; 2]) -> (Vec<crate::ItemChange>, Vec<crate::ItemDiff>) {
        let [before, after] = texts.map(|text| syn::parse_file(text).expect("Rust"));
        (crate::compare(&before, &after), crate::item_diff(&before, &after))
    }

    /// What is left of two texts, of which the same is said as of the whole.
    fn left(before: &str, after: &str) -> [String; 2] {
        let left = differing(before, after).expect("what the generator writes");
        let whole = found_in([before, after]);
        assert_eq!(found_in(left.each_ref().map(String::as_str)), whole);
        left
    }

    #[test]
    fn of_a_client_that_stays_the_names_are_left() {
        let [before, after] = left(CLIENT, CLIENT);
        assert_eq!(before, after);
        assert!(before.len() < CLIENT.len() / 4, "{} of {}", before.len(), CLIENT.len());
        assert!(!before.contains("async fn"));
    }

    #[test]
    fn whatever_differs_is_found() {
        // Each line that stands once, left out where the rest is Rust all the same.
        let mut compared = 0;
        for line in CLIENT.lines().step_by(7) {
            let line = format!("{line}\n");
            if CLIENT.matches(&line).count() != 1 {
                continue;
            }
            let without = CLIENT.replacen(&line, "", 1);
            if syn::parse_file(&without).is_ok() {
                left(CLIENT, &without);
                left(&without, CLIENT);
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared}");
    }

    #[test]
    fn a_type_that_differs_is_whole() {
        let file = |a: &str, b: &str, head: &str| {
            format!(
                "//! A file.\npub mod types {{\n    /// {a};\n    #[derive(Clone)]\n    pub struct A {{\n        \
                 pub b: B,\n    }}\n    impl Clone for B {{}}\n    impl<'de> Read<'de> for A {{}}\n    \
                 pub(crate) struct B({b});\n    pub type C = A;\n}}\nimpl {head} {{\n    \
                 pub fn a(&self) {{}}\n    pub async fn b(&self) {{}}\n}}\n\
                 impl ::std::fmt::Display for types::A {{}}\n"
            )
        };
        let text = file("one", "u8", "Client");
        let [same, _] = left(&text, &text);
        assert_eq!(
            same,
            "//! A file.\npub mod types {pub struct A;\npub(crate) struct B;\npub type C = ();\n}\n\
             impl Client {\n    pub fn a(&self) {}\n}\n"
        );
        let [before, after] = left(&text, &file("two", "u8", "Client"));
        assert!(before.contains("one;") && after.contains("Display for types::A"), "{before}");
        assert!(before.contains("pub(crate) struct B;") && !before.contains("Clone for B"));
        let [before, after] = left(&text, &file("one", "u16", "Client"));
        assert!(before.contains("B(u8)") && after.contains("Clone for B"), "{after}");
        let [before, _] = left(&text, &file("one", "u8", "Client<>"));
        assert!(before.contains("async fn"), "{before}");
    }

    #[test]
    fn what_the_generator_does_not_write_is_not_read() {
        for odd in [
            "pub mod types {\n    unsafe impl Send for A {}\n}\n",
            "pub mod types {\n    impl Iterator<A> for dyn A {}\n}\n",
            "impl Client {\n    const fn a() {}\n}\n",
            "a! {}\n",
            "struct A; struct B;\n",
            "struct A {} struct B;\n",
            "struct A {\n",
            "struct A\n",
        ] {
            assert!(differing(odd, odd).is_none(), "{odd}");
        }
    }
}
