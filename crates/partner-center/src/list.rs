//! Lists are written anew element by element: what did not change in them keeps its bytes.
//!
//! A list of numbers as the service writes them, such as `12345678901234567890123` or `1.50`, is not what
//! a model makes of it. So each element that the model has still, wherever it is now, is copied from the
//! document. What comes out is what the model has, and nothing of what was taken out of it.

use std::collections::HashMap;

use partner_center_api::scan::{elements, is_list, is_object, members};

/// How many pairs of elements are compared to find out which became of which.
const PAIRS_LIMIT: usize = 1 << 12;

/// Writes the value `after` with the bytes that `document` has for it, whose text in the model is
/// `before`.
pub(crate) fn rebuild(document: &str, before: &str, after: &str, out: &mut String) {
    if before == after {
        out.push_str(document);
    } else if is_list(document) && is_list(before) && is_list(after) {
        let (raw, old, new) = (elements(document), elements(before), elements(after));
        if raw.len() != old.len() {
            out.push_str(after);
            return;
        }
        let items = sources(&old, &new).into_iter().zip(new).map(|(source, after)| Item {
            source: source.map(|source| (source, old[source])),
            name: "",
            after,
        });
        write(document, &raw, items, out);
    } else if is_object(document) && is_object(before) && is_object(after) {
        let (raw, old, new) = (members(document), members(before), members(after));
        // The last of a name is what a model is read from.
        let places: HashMap<&str, usize> =
            raw.iter().enumerate().map(|(at, (name, _))| (&**name, at)).collect();
        let old: HashMap<&str, &str> = old.iter().map(|(name, value)| (&**name, *value)).collect();
        let items = new.iter().map(|(name, after)| Item {
            source: places.get(&**name).copied().zip(old.get(&**name).copied()),
            name,
            after,
        });
        let values: Vec<&str> = raw.iter().map(|(_, value)| *value).collect();
        write(document, &values, items, out);
    } else {
        out.push_str(after);
    }
}

/// An element or a member to be written.
struct Item<'a> {
    /// The place in the document of what it was, and the text of that in the model.
    source: Option<(usize, &'a str)>,
    /// The name of a member.
    name: &'a str,
    after: &'a str,
}

/// Writes a list or an object of the items, in the blanks of the document.
fn write<'a>(
    document: &str,
    values: &[&str],
    items: impl Iterator<Item = Item<'a>>,
    out: &mut String,
) {
    let start = |value: &str| value.as_ptr().addr() - document.as_ptr().addr();
    let end = |place: usize| start(values[place]) + values[place].len();
    let is_object = is_object(document);
    out.push(if is_object { '{' } else { '[' });
    for (index, Item { source, name, after }) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if let Some((place, before)) = source {
            // From behind the comma or bracket: blanks, and the name.
            let behind = place.checked_sub(1).map_or(0, end);
            let head = document[behind..start(values[place])].trim_ascii_start();
            out.push_str(head.get(1..).unwrap_or_default());
            rebuild(values[place], before, after, out);
        } else {
            if is_object {
                out.push_str(&serde_json::Value::from(name).to_string());
                out.push(':');
            }
            out.push_str(after);
        }
    }
    // Blanks and the bracket.
    let tail = match values.len().checked_sub(1) {
        Some(last) => &document[end(last)..],
        None => document.get(1..).unwrap_or_default(),
    };
    out.push_str(tail);
}

/// What each new element was: one that is the same, first from both ends, or else one that it was most
/// likely made of. A further copy of an element is the same as that element.
fn sources(old: &[&str], new: &[&str]) -> Vec<Option<usize>> {
    let mut sources = vec![None; new.len()];
    let mut free = vec![true; old.len()];
    let first = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - first;
    let ends = old.iter().rev().zip(new.iter().rev()).take(rest);
    let last = ends.take_while(|(old, new)| old == new).count();
    let front = (0..first).map(|at| (at, at));
    let back = (1..=last).map(|from| (old.len() - from, new.len() - from));
    for (from, to) in front.chain(back) {
        sources[to] = Some(from);
        free[from] = false;
    }
    let mut same: HashMap<&str, Vec<usize>> = HashMap::new();
    for from in (0..old.len()).rev().filter(|from| free[*from]) {
        same.entry(old[from]).or_default().push(from);
    }
    for to in first..new.len() - last {
        sources[to] = same.get_mut(new[to]).and_then(Vec::pop);
        if let Some(from) = sources[to] {
            free[from] = false;
        }
    }
    let places: HashMap<&str, usize> = old.iter().enumerate().map(|(at, old)| (*old, at)).collect();
    for (source, new) in sources.iter_mut().zip(new) {
        *source = source.or_else(|| places.get(new).copied());
    }
    made_of(old, new, &mut free, &mut sources);
    sources
}

/// Finds an element that is free for each that has none: those that share the most first, or those in
/// order where they are too many to compare.
fn made_of(old: &[&str], new: &[&str], free: &mut [bool], sources: &mut [Option<usize>]) {
    let left: Vec<usize> = (0..old.len()).filter(|from| free[*from]).collect();
    let open: Vec<usize> = (0..new.len()).filter(|to| sources[*to].is_none()).collect();
    let pair = |to: usize| left.iter().map(move |from| (shared(old[*from], new[to]), *from, to));
    let pairs = if left.len().saturating_mul(open.len()) <= PAIRS_LIMIT {
        let mut pairs: Vec<_> = open.iter().flat_map(|to| pair(*to)).collect();
        pairs.retain(|(shared, ..)| *shared > 0);
        pairs.sort_by_key(|(shared, ..)| std::cmp::Reverse(*shared));
        pairs
    } else {
        left.iter().zip(&open).map(|(from, to)| (1, *from, *to)).collect()
    };
    for (_, from, to) in pairs {
        if sources[to].is_none() && std::mem::take(&mut free[from]) {
            sources[to] = Some(from);
        }
    }
}

/// How many members or elements two values have in common; 1 more if both are lists or objects.
fn shared(old: &str, new: &str) -> usize {
    if is_object(old) && is_object(new) {
        let old = members(old);
        1 + members(new).iter().filter(|member| old.contains(member)).count()
    } else if is_list(old) && is_list(new) {
        let old = elements(old);
        1 + elements(new).iter().filter(|element| old.contains(element)).count()
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn rebuilt(document: &str, change: impl FnOnce(&mut Value)) -> String {
        let before: Value = serde_json::from_str(document).expect("JSON");
        let mut after = before.clone();
        change(&mut after);
        let mut out = String::new();
        rebuild(document, &before.to_string(), &after.to_string(), &mut out);
        let written: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(written, after, "{out}");
        out
    }

    fn list(value: &mut Value) -> &mut Vec<Value> {
        value.as_array_mut().expect("a list")
    }

    #[test]
    fn what_did_not_change_keeps_its_bytes() {
        let ids = "[12345678901234567890123,1.50]";
        assert_eq!(
            rebuilt(ids, |ids| list(ids).push(json!(7))),
            "[12345678901234567890123,1.50,7]"
        );
        assert_eq!(
            rebuilt(ids, |ids| list(ids).insert(0, json!(7))),
            "[7,12345678901234567890123,1.50]"
        );
        assert_eq!(rebuilt(ids, |ids| ids[0] = json!(7)), "[7,1.50]");
        assert_eq!(rebuilt(ids, |ids| list(ids).reverse()), "[1.50,12345678901234567890123]");
        assert_eq!(rebuilt(ids, |ids| drop(list(ids).remove(0))), "[1.50]");
        assert_eq!(rebuilt(ids, |ids| list(ids).clear()), "[]");
        assert_eq!(rebuilt(ids, |ids| *ids = json!([ids[1], 7, ids[1]])), "[1.50,7,1.50]");
        assert_eq!(rebuilt("[ ]", |ids| list(ids).push(json!(7))), "[7 ]");
        let spaced = "[ 1.50 ,\n  2e0\n]";
        assert_eq!(rebuilt(spaced, |ids| list(ids).push(json!(7))), "[ 1.50,\n  2e0,7\n]");
    }

    #[test]
    fn what_did_not_change_within_an_element_keeps_its_bytes() {
        let rows = r#"[{"id":1.0,"n":1.50, "gone":1},[[1.50],{"a" : 2e0 ,"b\/":[3.0]}]]"#;
        assert_eq!(
            rebuilt(rows, |rows| {
                rows[1][1]["b/"][0] = json!(4);
                list(&mut rows[1][0]).push(json!(5));
                let row = rows[0].as_object_mut().expect("an object");
                row.shift_remove("gone");
                row.insert("new".into(), Value::Null);
                list(rows).insert(0, json!({"id": 2}));
            }),
            r#"[{"id":2},{"id":1.0,"n":1.50,"new":null},[[1.50,5],{"a" : 2e0,"b\/":[4]}]]"#
        );
        // A duplicate member is written once.
        assert_eq!(
            rebuilt(r#"[{"a":1.0,"a":2.0,"b":1}]"#, |rows| rows[0]["b"] = json!(2)),
            r#"[{"a":2.0,"b":2}]"#
        );
    }

    /// A number that says what it is by how it is written, and its place.
    fn odd(value: u32) -> String {
        format!("{value}.50e0")
    }

    proptest! {
        #[test]
        fn every_element_that_is_still_there_keeps_its_bytes(
            numbers in prop::collection::btree_set(0..50_u32, 0..8),
            blanks in "[ \\n]{0,2}",
            picks in prop::collection::vec((0..60_u32, any::<bool>()), 0..8),
        ) {
            let row = |n: &u32| format!(r#"{{"k":{n},"n":{blanks}{}}}"#, odd(*n));
            let rows: Vec<String> = numbers.iter().map(row).collect();
            let document = format!("[{blanks}{}{blanks}]", rows.join(&format!("{blanks},")));
            let picked: Vec<Value> = picks.iter().map(|(n, touched)| {
                if *touched { json!({"k": n, "n": f64::from(*n) + 0.5, "x": 1}) } else { json!({"k": n, "n": f64::from(*n) + 0.5}) }
            }).collect();
            let written = rebuilt(&document, |value| *value = json!(picked));
            let elements = elements(&written);
            prop_assert_eq!(elements.len(), picks.len());
            for (element, (n, touched)) in elements.iter().zip(&picks) {
                if !touched && numbers.contains(n) {
                    prop_assert_eq!(element, &row(n));
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic(
            document in "[{}\\[\\],:\"\\\\a1 ä]{0,16}",
            before in "[{}\\[\\],:\"\\\\a1 ä]{0,16}",
            after in "[{}\\[\\],:\"\\\\a1 ä]{0,16}",
        ) {
            rebuild(&document, &before, &after, &mut String::new());
        }
    }
}
