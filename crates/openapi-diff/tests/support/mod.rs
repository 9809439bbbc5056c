//! What documents are written with.

use serde_json::Value;

/// Writes `value` as YAML in block style, as people do. Scalars are those of JSON.
pub(crate) fn block(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text.push('\n');
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    let indent = |text: &mut String| {
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', 2 * depth));
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                indent(text);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                inner(value, depth, text);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for value in items {
                indent(text);
                text.push('-');
                inner(value, depth, text);
            }
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn inner(value: &Value, depth: usize, text: &mut String) {
    let nested = value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if !nested {
        text.push(' ');
    }
    write(value, depth + 1, text);
}
