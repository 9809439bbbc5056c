//! The passes that make the doc comments complete and readable.

use proc_macro2::Span;
use syn::token::{Bracket, Eq, Pound};
use syn::visit_mut::VisitMut;
use syn::{
    AttrStyle, Attribute, Block, Expr, ExprLit, File, Ident, ImplItem, Item, Lit, LitStr, Meta,
    MetaNameValue, Type,
};

use super::{argument, client_impls, last_segment, types_mut, wire_name};
use crate::models::{Models, Shape};

/// Every public member has a doc comment.
///
/// *Works around*: OpenAPI 3.0 allows no description beside a `$ref`; typify drops that of a member
/// which comes by way of `allOf`, and describes the unknown members nowhere. *Can go* with OpenAPI 3.1,
/// which allows it, once typify keeps what it merges.
pub(super) fn member_docs(file: &mut File, models: &Models) {
    for item in types_mut(file) {
        let Item::Struct(model) = item else { continue };
        let object = models.types.get(&model.ident.to_string()).and_then(|it| match &it.shape {
            Shape::Object(object) => Some(object),
            _ => None,
        });
        for field in model.fields.iter_mut().filter(|field| field.ident.is_some()) {
            if field.attrs.iter().any(|attribute| attribute.path().is_ident("doc")) {
                continue;
            }
            let text = match wire_name(field) {
                None => {
                    " Members that the contract does not know, kept as they were read.".to_owned()
                }
                Some(name) => object
                    .and_then(|object| object.members.get(&name)?.description.clone())
                    .unwrap_or_else(|| format!(" `{name}`, see [`{}`].", innermost(&field.ty))),
            };
            field.attrs.insert(0, doc(&text));
        }
    }
}

/// The description of an argument stays in its item of the list, however many lines it has.
///
/// *Works around*: progenitor puts a description behind the dash as it is, so that its second
/// paragraph ends the list. *Can go* when it indents it.
pub(super) fn argument_docs(file: &mut File, _: &Models) {
    for block in client_impls(file) {
        for item in &mut block.items {
            let ImplItem::Fn(method) = item else { continue };
            for attribute in &mut method.attrs {
                let Some(text) = doc_text(attribute) else { continue };
                let Some((before, list)) = text.split_once("Arguments:\n") else { continue };
                let lines = list.lines().map(|line| match line {
                    "" => "\n".to_owned(),
                    _ if line.starts_with("- `") => format!("{line}\n"),
                    _ => format!("  {line}\n"),
                });
                let text = format!("{before}Arguments:\n\n{}", lines.collect::<String>());
                *attribute = doc(&text);
            }
        }
    }
}

/// Doc comments are lines that start with `///`.
///
/// *Works around*: progenitor keeps a description as one string, which prints as a `/** … */` block
/// without indentation. A block of code without a language would be compiled as a test of the
/// documentation. *Can go* when it splits them and marks such blocks as text.
pub(super) fn line_docs(file: &mut File, _: &Models) {
    struct Split;
    impl VisitMut for Split {
        // There are no doc comments in code.
        fn visit_block_mut(&mut self, _: &mut Block) {}

        fn visit_expr_mut(&mut self, _: &mut Expr) {}

        fn visit_type_mut(&mut self, _: &mut Type) {}

        fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
            for attribute in std::mem::take(attributes) {
                match doc_text(&attribute) {
                    None => attributes.push(attribute),
                    Some(text) => attributes.extend(doc_lines(&text).iter().map(|it| doc(it))),
                }
            }
        }
    }
    Split.visit_file_mut(file);
}

/// The lines of a doc comment: a space before each, no space after, no empty ones in a row or at
/// the end. A comment of one line is one already, even if it is empty.
fn doc_lines(text: &str) -> Vec<String> {
    if !text.contains('\n') {
        let space = if text.is_empty() || text.starts_with(' ') { "" } else { " " };
        return vec![format!("{space}{}", text.trim_end())];
    }
    let mut lines: Vec<String> = Vec::new();
    let mut in_code = false;
    for line in text.trim().lines().map(str::trim_end) {
        match line {
            "" if lines.last().is_some_and(String::is_empty) => {}
            "" => lines.push(String::new()),
            _ if line.trim_start().starts_with("```") => {
                let language = if in_code || line.trim() != "```" { "" } else { "text" };
                in_code = !in_code;
                lines.push(format!(" {line}{language}"));
            }
            _ => lines.push(format!(" {line}")),
        }
    }
    lines
}

/// The attribute that a doc comment is. There are too many to parse each.
fn doc(text: &str) -> Attribute {
    let text = LitStr::new(text, Span::call_site());
    Attribute {
        pound_token: Pound::default(),
        style: AttrStyle::Outer,
        bracket_token: Bracket::default(),
        meta: Meta::NameValue(MetaNameValue {
            path: Ident::new("doc", Span::call_site()).into(),
            eq_token: Eq::default(),
            value: Expr::Lit(ExprLit { attrs: Vec::new(), lit: Lit::Str(text) }),
        }),
    }
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if pair.path.is_ident("doc") => {
            Some(text.value())
        }
        _ => None,
    }
}

/// The type inside `Option<Vec<…>>`.
fn innermost(ty: &Type) -> String {
    let Some(segment) = last_segment(ty) else { return String::new() };
    argument(segment).map_or_else(|| segment.ident.to_string(), innermost)
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;
    use crate::refine::tests::{models, refines};

    #[test]
    fn members_without_a_description_refer_to_their_type() {
        refines(
            member_docs,
            &Models::default(),
            parse_quote! {
                mod types {
                    struct A {
                        /// Described.
                        a: String,
                        #[serde(rename = "theLinks")]
                        links: ::std::option::Option<::std::vec::Vec<Link>>,
                        #[serde(flatten)]
                        extra: Map<String, Value>,
                    }
                }
            },
            &parse_quote! {
                mod types {
                    struct A {
                        /// Described.
                        a: String,
                        /// `theLinks`, see [`Link`].
                        #[serde(rename = "theLinks")]
                        links: ::std::option::Option<::std::vec::Vec<Link>>,
                        /// Members that the contract does not know, kept as they were read.
                        #[serde(flatten)]
                        extra: Map<String, Value>,
                    }
                }
            },
        );
    }

    #[test]
    fn members_of_a_composition_keep_their_description() {
        let contract = "
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /a:
    get:
      operationId: getA
      responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Whole'}}}}}
components:
  schemas:
    Part: {type: object, properties: {ofPart: {type: string, description: First.}}}
    Whole:
      type: object
      properties: {own: {type: string, description: Own.}, link: {$ref: '#/components/schemas/Part'}}
      allOf:
      - {$ref: '#/components/schemas/Part'}
      - {type: object, properties: {ofPart: {type: string, description: Second.}}}
";
        refines(
            member_docs,
            &models(contract),
            parse_quote! {
                mod types {
                    struct Whole { #[serde(rename = "ofPart")] of_part: String, own: String, link: Part }
                }
            },
            &parse_quote! {
                mod types {
                    struct Whole {
                        #[doc = "First."]
                        #[serde(rename = "ofPart")]
                        of_part: String,
                        #[doc = "Own."]
                        own: String,
                        /// `link`, see [`Part`].
                        link: Part,
                    }
                }
            },
        );
    }

    #[test]
    fn arguments_stay_in_their_list() {
        let before = "Get\n\nArguments:\n- `a`: First\nline.\n\nSecond.\n- `b`: Other.\n";
        let after = "Get\n\nArguments:\n\n- `a`: First\n  line.\n\n  Second.\n- `b`: Other.\n";
        refines(
            argument_docs,
            &Models::default(),
            parse_quote! { impl Client { #[doc = #before] async fn get() {} } },
            &parse_quote! { impl Client { #[doc = #after] async fn get() {} } },
        );
    }

    #[test]
    fn docs_are_lines() {
        let block = "First  \n\n\n  - a\n    b\n```\nx\n```\n\n";
        refines(
            line_docs,
            &Models::default(),
            parse_quote! {
                #[doc = #block]
                struct A {
                    #[doc = "Short."]
                    a: u8,
                    /// Long
                    ///
                    /// already.
                    b: u8,
                }
            },
            &parse_quote! {
                #[doc = " First"]
                #[doc = ""]
                #[doc = "   - a"]
                #[doc = "     b"]
                #[doc = " ```text"]
                #[doc = " x"]
                #[doc = " ```"]
                struct A {
                    #[doc = " Short."]
                    a: u8,
                    /// Long
                    ///
                    /// already.
                    b: u8,
                }
            },
        );
    }
}
