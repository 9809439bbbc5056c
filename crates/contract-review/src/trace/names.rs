//! Things by their names, folded: which name is how an identifier begins.

use std::collections::HashMap;

use openapi_document::fold;

/// Things by their folded names, in the order they came.
pub(super) struct Names<T> {
    all: Vec<T>,
    /// By the name, and by what an identifier makes of it.
    by_name: HashMap<String, Vec<usize>>,
}

impl<T> Names<T> {
    /// What has a name that is how `target` begins, with what is left of that.
    pub(super) fn before<'t>(&self, target: &'t str) -> Vec<(&T, &'t str)> {
        let ends = target.char_indices().map(|(at, letter)| at + letter.len_utf8());
        let named =
            ends.filter_map(|end| Some((self.by_name.get(&target[..end])?, &target[end..])));
        let mut found: Vec<_> =
            named.flat_map(|(all, rest)| all.iter().map(move |index| (*index, rest))).collect();
        found.sort_unstable_by_key(|(index, rest)| (*index, rest.len()));
        found.into_iter().map(|(index, rest)| (&self.all[index], rest)).collect()
    }

    /// What has this name, folded.
    pub(super) fn of(&self, target: &str) -> impl Iterator<Item = &T> {
        self.by_name.get(target).into_iter().flatten().map(|index| &self.all[*index])
    }
}

impl<'n, T> FromIterator<(&'n str, T)> for Names<T> {
    fn from_iter<I: IntoIterator<Item = (&'n str, T)>>(named: I) -> Self {
        let (mut all, mut by_name) = (Vec::new(), HashMap::<_, Vec<_>>::new());
        for (name, thing) in named {
            for name in folded(name) {
                by_name.entry(name).or_default().push(all.len());
            }
            all.push(thing);
        }
        Self { all, by_name }
    }
}

/// A name as it is folded, and with the `x` that it gets where it begins with what no identifier begins with.
fn folded(name: &str) -> impl Iterator<Item = String> {
    let plain = Some(fold(name));
    let odd = |name: &String| name.chars().next().is_some_and(|first| !first.is_alphabetic());
    let marked = plain.clone().filter(odd).map(|name| format!("x{name}"));
    plain.into_iter().chain(marked)
}

/// What is left of a folded name after that of `name`.
pub(super) fn after<'t>(target: &'t str, name: &str) -> impl Iterator<Item = &'t str> {
    let named = folded(name).filter(|name| !name.is_empty());
    named.filter_map(|name| target.strip_prefix(name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_how_an_identifier_begins() {
        let names: Names<&str> =
            ["a", "A-b", "ab", "9", "-", "c"].into_iter().map(|name| (name, name)).collect();
        for (target, expected) in [
            ("abc", vec![("a", "bc"), ("A-b", "c"), ("ab", "c")]),
            ("ab", vec![("a", "b"), ("A-b", ""), ("ab", "")]),
            ("x9y", vec![("9", "y")]),
            ("9", vec![("9", "")]),
            ("é", vec![]),
        ] {
            let found: Vec<_> =
                names.before(target).into_iter().map(|(it, rest)| (*it, rest)).collect();
            assert_eq!(found, expected, "{target}");
        }
        // Of a sign nothing is left, and it is found by that.
        assert_eq!(names.of("").collect::<Vec<_>>(), [&"-"]);
        assert_eq!(names.of("ab").collect::<Vec<_>>(), [&"A-b", &"ab"]);
        assert_eq!(after("x9y", "9").collect::<Vec<_>>(), ["y"]);
        assert_eq!(after("9y", "-9").collect::<Vec<_>>(), ["y"]);
    }
}
