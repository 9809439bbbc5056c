//! What breaks is found, and said of every operation that it reaches and of no other: who that is, is
//! found by a search of its own through a graph of schemas.

use std::collections::BTreeSet;

use openapi_diff::{Direction, Verdict, diff};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::contract::Choices;
use crate::document;

/// What somebody does to a path item.
type Change = fn(&mut Value);

const SCHEMAS: usize = 8;
const OPERATIONS: usize = 6;

/// Which schema leads to which, and which operation sends and answers with which.
#[derive(Debug)]
struct Graph {
    edges: Vec<BTreeSet<usize>>,
    sends: Vec<usize>,
    answers: Vec<usize>,
}

impl Graph {
    fn any(choices: &mut Choices) -> Self {
        let edge =
            |choices: &mut Choices| (0..choices.below(3)).map(|_| choices.below(SCHEMAS)).collect();
        Self {
            edges: (0..SCHEMAS).map(|_| edge(choices)).collect(),
            sends: (0..OPERATIONS).map(|_| choices.below(SCHEMAS)).collect(),
            answers: (0..OPERATIONS).map(|_| choices.below(SCHEMAS)).collect(),
        }
    }

    /// The operations from whose schemas a schema can be reached.
    fn reaching(&self, from: &[usize], schema: usize) -> BTreeSet<String> {
        let reaches = |start: usize| {
            let mut seen = BTreeSet::from([start]);
            let mut todo = vec![start];
            while let Some(at) = todo.pop() {
                todo.extend(self.edges[at].iter().filter(|next| seen.insert(**next)));
            }
            seen.contains(&schema)
        };
        let operations = from.iter().enumerate().filter(|(_, start)| reaches(**start));
        operations.map(|(index, _)| format!("/o{index}")).collect()
    }

    fn contract(&self) -> Value {
        let to = |index: usize| json!({ "$ref": format!("#/components/schemas/S{index}") });
        let content = |index: usize| json!({ "application/json": { "schema": to(index) } });
        let mut contract =
            json!({ "openapi": "3.0.3", "paths": {}, "components": { "schemas": {} } });
        for (index, edges) in self.edges.iter().enumerate() {
            let mut schema = json!({
                "type": "object",
                "required": ["leaf"],
                "properties": { "leaf": { "type": "integer" } },
            });
            for next in edges {
                let inner = [
                    to(*next),
                    json!({ "type": "array", "items": to(*next) }),
                    json!({ "allOf": [to(*next)] }),
                ];
                schema["properties"][format!("to{next}")] = inner[(index + next) % 3].clone();
            }
            contract["components"]["schemas"][format!("S{index}")] = schema;
        }
        for (index, (sent, answered)) in self.sends.iter().zip(&self.answers).enumerate() {
            contract["paths"][format!("/o{index}")] = json!({ "put": {
                "requestBody": { "content": content(*sent) },
                "responses": { "200": { "description": "", "content": content(*answered) } },
            } });
        }
        contract
    }
}

/// The operations of the changes that break, by which way the message goes.
fn broken(base: &Value, revision: &Value, direction: Direction) -> BTreeSet<String> {
    let changes = diff(&document("base.json", base), &document("revision.json", revision));
    let breaking = changes
        .into_iter()
        .filter(|change| change.wire == Verdict::Breaking && change.direction == direction);
    breaking.flat_map(|change| change.operations).map(|operation| operation.path).collect()
}

proptest! {
    #![proptest_config(crate::config())]

    #[test]
    fn what_breaks_is_said_of_all_it_reaches(mut choices in Choices::any(60)) {
        let graph = Graph::any(&mut choices);
        let base = graph.contract();
        let schema = choices.below(SCHEMAS);
        let sent = graph.reaching(&graph.sends, schema);
        let answered = graph.reaching(&graph.answers, schema);
        let changed = |change: fn(&mut Value)| {
            let mut revision = base.clone();
            change(&mut revision["components"]["schemas"][format!("S{schema}")]);
            let broken = |direction| broken(&base, &revision, direction);
            (broken(Direction::Request), broken(Direction::Response))
        };
        let none = BTreeSet::new();

        let found = changed(|schema| schema["properties"]["leaf"]["type"] = json!("string"));
        prop_assert_eq!(found, (sent.clone(), answered.clone()));
        let found = changed(|schema| schema["properties"]["leaf"]["minimum"] = json!(1));
        prop_assert_eq!(found, (sent.clone(), none.clone()));
        let found = changed(|schema| schema["properties"]["leaf"]["nullable"] = json!(true));
        prop_assert_eq!(found, (none.clone(), answered.clone()));
        let found = changed(|schema| {
            schema["required"] = json!(["leaf", "new"]);
            schema["properties"]["new"] = json!({ "type": "string" });
        });
        prop_assert_eq!(found, (sent, none.clone()));
        let found = changed(|schema| schema["required"] = json!([]));
        prop_assert_eq!(found, (none, answered));
    }

    #[test]
    fn what_an_operation_loses_is_said_of_it_alone(mut choices in Choices::any(60)) {
        let base = Graph::any(&mut choices).contract();
        let path = format!("/o{}", choices.below(OPERATIONS));
        let changes: [(Direction, Change); 4] = [
            (Direction::Neither, |item| *item = json!({})),
            (Direction::Response, |item| item["put"]["responses"] = json!({ "201": { "description": "" } })),
            (Direction::Request, |item| item["put"]["requestBody"]["required"] = json!(true)),
            (Direction::Request, |item| {
                let new = json!({ "name": "n", "in": "query", "required": true, "schema": { "type": "string" } });
                item["parameters"] = json!([new]);
            }),
        ];
        for (direction, change) in changes {
            let mut revision = base.clone();
            change(&mut revision["paths"][&path]);
            prop_assert_eq!(broken(&base, &revision, direction), BTreeSet::from([path.clone()]));
        }
    }
}
