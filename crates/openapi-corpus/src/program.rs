//! Reads instances, a number and JSON on each line, and writes a verdict for each.
#![allow(warnings)]

use std::io::{BufRead, Write};

use PACKAGE::validation::{Constrained, violations};
use PACKAGE::{Document, types};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn whole<T: DeserializeOwned + Serialize + Constrained>(
    text: &str,
    variant: fn(&T) -> Option<usize>,
) -> Value {
    let document = match Document::<T>::parse(text.to_owned().into()) {
        Ok(document) => document,
        Err(error) => {
            let plain = serde_json::from_str::<T>(text).err().map(|error| error.to_string());
            return json!({"error": error.to_string(), "plain": plain});
        }
    };
    let value: Value = serde_json::from_str(text).expect("JSON");
    let mut verdict = model(&*document, &value, variant);
    verdict["document"] = (serde_json::to_string(&document).ok().as_deref() == Some(text)).into();
    let found = violations::<T>(&value).into_iter();
    verdict["violations"] = found.map(|it| json!([it.pointer, it.to_string()])).collect();
    verdict
}

fn part<T: DeserializeOwned + Serialize>(text: &str, variant: fn(&T) -> Option<usize>) -> Value {
    match serde_json::from_str::<T>(text) {
        Ok(read) => model(&read, &serde_json::from_str(text).expect("JSON"), variant),
        Err(error) => json!({"error": error.to_string(), "plain": error.to_string()}),
    }
}

fn model<T: Serialize>(read: &T, value: &Value, variant: fn(&T) -> Option<usize>) -> Value {
    let mut verdict = json!({"variant": variant(read)});
    match serde_json::to_value(read) {
        Ok(written) if written == *value => {}
        Ok(written) => verdict["written"] = written,
        Err(error) => verdict["unwritten"] = error.to_string().into(),
    }
    verdict
}

fn main() {
    let (input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
    for line in input.lines() {
        let line = line.expect("a line");
        let (number, text) = line.split_once('\t').expect("a number and JSON");
        let verdict = read(number.parse().expect("a number"), text);
        writeln!(output, "{verdict}").expect("a reader");
    }
}

fn read(number: usize, text: &str) -> Value {
    match number {
        ARMS => Value::Null,
        _ => Value::Null,
    }
}
