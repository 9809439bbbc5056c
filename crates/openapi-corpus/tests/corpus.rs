//! Models of random schemas and of the contract of this repository hold what the schemas say.

use std::path::Path;

use openapi_corpus::run::{Plan, run};

#[test]
fn models_read_write_and_check_what_their_schemas_say() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let contract = "openapi/partner-center.yaml";
    let text = std::fs::read_to_string(source.join(contract)).expect("the contract");
    let plan = Plan {
        target: source.join("target/corpus"),
        source,
        seed: 1,
        schemas: 200,
        instances: 50,
        contracts: vec![(contract.to_owned(), text)],
    };
    let report = run(&plan).expect("a run");
    assert!(report.is_clean(), "{report}");
    assert!(report.instances >= 9_000 && report.generated >= 150, "{report}");
}
