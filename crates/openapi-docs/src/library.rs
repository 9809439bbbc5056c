//! How a library makes a call. No contract says that: it is the body of a function of its tests, so that
//! the page shows nothing that does not compile and run.

use openapi_document::fold;

/// The body of the function that is called like the operation.
pub(crate) fn call(functions: &str, operation_id: &str) -> Option<String> {
    let mut lines = functions.lines();
    let signature = lines.find(|line| {
        let name = line.strip_prefix("async fn ").and_then(|rest| rest.split('(').next());
        name.is_some_and(|name| fold(name) == fold(operation_id))
    })?;
    // What rustfmt writes: the signature ends with `{`, the function with `}` at the margin.
    if !signature.ends_with('{') {
        lines.find(|line| line.ends_with('{'))?;
    }
    let body: Vec<_> = lines
        .take_while(|line| *line != "}")
        .map(|line| line.strip_prefix("    ").unwrap_or(line))
        .collect();
    Some(body.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTIONS: &str = "
async fn get_pet(client: &Client) -> Result<Pet, Error> {
    let pet = client.pet().await?;
    if pet.name.is_none() {
        return Err(Error);
    }
    Ok(pet)
}
";

    #[test]
    fn a_call_is_the_body_of_a_function() {
        let body = "let pet = client.pet().await?;\nif pet.name.is_none() {\n    return Err(Error);\n}\nOk(pet)";
        assert_eq!(call(FUNCTIONS, "getPet").as_deref(), Some(body));
        assert_eq!(call(FUNCTIONS, "another"), None);
    }
}
