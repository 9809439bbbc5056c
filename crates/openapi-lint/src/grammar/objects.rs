//! The objects of OpenAPI 3.0.3 and their members, as a table.

use openapi_document::unescape;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Where the path items are.
pub(super) const PATHS: &str = "paths";

/// The types a schema may name.
pub(super) const TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "object", "array"];

/// What a member holds.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Any,
    Text,
    Flag,
    Count,
    Number,
    Type,
    In,
    Texts,
    Values,
    /// An object whose values are texts.
    Named,
    /// A list of objects whose values are lists of texts.
    Requirements,
    One(Object),
    List(Object),
    Map(Object),
    FlagOr(Object),
}

/// The objects of OpenAPI 3.0.3, section 4.7.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Object {
    Document,
    Info,
    Contact,
    License,
    Server,
    ServerVariable,
    Tag,
    ExternalDocs,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    MediaType,
    Encoding,
    Responses,
    Response,
    Header,
    Example,
    Link,
    Schema,
    Discriminator,
    Xml,
    Components,
    SecurityScheme,
    Flows,
    Flow,
}

/// One member: its name, what it holds, whether it must be there.
pub(super) type Member = (&'static str, Shape, bool);

impl Object {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Document => "the document",
            Self::Info => "info",
            Self::Contact => "contact",
            Self::License => "license",
            Self::Server => "a server",
            Self::ServerVariable => "a server variable",
            Self::Tag => "a tag",
            Self::ExternalDocs => "externalDocs",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::Parameter => "a parameter",
            Self::RequestBody => "a request body",
            Self::MediaType => "a media type",
            Self::Encoding => "an encoding",
            Self::Responses => "responses",
            Self::Response => "a response",
            Self::Header => "a header",
            Self::Example => "an example",
            Self::Link => "a link",
            Self::Schema => "a schema",
            Self::Discriminator => "a discriminator",
            Self::Xml => "xml",
            Self::Components => "components",
            Self::SecurityScheme => "a security scheme",
            Self::Flows => "flows",
            Self::Flow => "a flow",
        }
    }

    /// The section of the components that a `$ref` in its place leads to, if one may stand there; for a path item the
    /// paths.
    pub(super) fn section(self) -> Option<&'static str> {
        match self {
            Self::PathItem => Some(PATHS),
            Self::Parameter => Some("parameters"),
            Self::RequestBody => Some("requestBodies"),
            Self::Response => Some("responses"),
            Self::Header => Some("headers"),
            Self::Example => Some("examples"),
            Self::Link => Some("links"),
            Self::Schema => Some("schemas"),
            Self::SecurityScheme => Some("securitySchemes"),
            _ => None,
        }
    }

    /// What the table has at a JSON Pointer, if it has anything there.
    pub(super) fn at(pointer: &str) -> Option<Self> {
        let mut object = Self::Document;
        let mut tokens = pointer.split('/').skip(1).map(unescape);
        while let Some(token) = tokens.next() {
            if object == Self::Responses {
                object = Self::Response;
                continue;
            }
            let (_, shape, _) = object.members().iter().find(|(name, ..)| *name == token)?;
            object = match shape {
                Shape::One(inner) | Shape::FlagOr(inner) => *inner,
                Shape::List(inner) | Shape::Map(inner) => tokens.next().map(|_| *inner)?,
                _ => return None,
            };
        }
        Some(object)
    }

    /// Why `openapiv3` cannot read `value` as this object, if it cannot.
    pub(super) fn refusal(self, value: &Value) -> Option<String> {
        fn fails<T: DeserializeOwned>(value: &Value) -> Option<String> {
            T::deserialize(value).err().map(|error| error.to_string())
        }
        let probe = match self {
            Self::Document => fails::<openapiv3::OpenAPI>,
            Self::Info => fails::<openapiv3::Info>,
            Self::Contact => fails::<openapiv3::Contact>,
            Self::License => fails::<openapiv3::License>,
            Self::Server => fails::<openapiv3::Server>,
            Self::ServerVariable => fails::<openapiv3::ServerVariable>,
            Self::Tag => fails::<openapiv3::Tag>,
            Self::ExternalDocs => fails::<openapiv3::ExternalDocumentation>,
            Self::PathItem => fails::<openapiv3::PathItem>,
            Self::Operation => fails::<openapiv3::Operation>,
            Self::Parameter => fails::<openapiv3::Parameter>,
            Self::RequestBody => fails::<openapiv3::RequestBody>,
            Self::MediaType => fails::<openapiv3::MediaType>,
            Self::Encoding => fails::<openapiv3::Encoding>,
            Self::Responses => fails::<openapiv3::Responses>,
            Self::Response => fails::<openapiv3::Response>,
            Self::Header => fails::<openapiv3::Header>,
            Self::Example => fails::<openapiv3::Example>,
            Self::Link => fails::<openapiv3::Link>,
            Self::Schema => fails::<openapiv3::Schema>,
            Self::Discriminator => fails::<openapiv3::Discriminator>,
            Self::Components => fails::<openapiv3::Components>,
            Self::SecurityScheme => fails::<openapiv3::SecurityScheme>,
            Self::Flows => fails::<openapiv3::OAuth2Flows>,
            Self::Xml | Self::Flow => return None,
        };
        probe(value)
    }

    #[rustfmt::skip]
    #[expect(clippy::too_many_lines, reason = "a table")]
    pub(super) fn members(self) -> &'static [Member] {
        use Object as O;
        use Shape::{
            Any, Count, Flag, FlagOr, In, List, Map, Named, Number, One, Requirements, Text, Texts, Type,
            Values,
        };
        match self {
            O::Document => &[
                ("openapi", Text, true), ("info", One(O::Info), true), ("servers", List(O::Server), false),
                ("paths", Map(O::PathItem), true), ("components", One(O::Components), false),
                ("security", Requirements, false), ("tags", List(O::Tag), false),
                ("externalDocs", One(O::ExternalDocs), false),
            ],
            O::Info => &[
                ("title", Text, true), ("version", Text, true), ("description", Text, false),
                ("termsOfService", Text, false), ("contact", One(O::Contact), false),
                ("license", One(O::License), false),
            ],
            O::Contact => &[("name", Text, false), ("url", Text, false), ("email", Text, false)],
            O::License => &[("name", Text, true), ("url", Text, false)],
            O::Server => &[
                ("url", Text, true), ("description", Text, false), ("variables", Map(O::ServerVariable), false),
            ],
            O::ServerVariable => &[
                ("enum", Texts, false), ("default", Text, true), ("description", Text, false),
            ],
            O::Tag => &[
                ("name", Text, true), ("description", Text, false),
                ("externalDocs", One(O::ExternalDocs), false),
            ],
            O::ExternalDocs => &[("url", Text, true), ("description", Text, false)],
            O::PathItem => &[
                ("summary", Text, false), ("description", Text, false), ("servers", List(O::Server), false),
                ("parameters", List(O::Parameter), false), ("get", One(O::Operation), false),
                ("put", One(O::Operation), false), ("post", One(O::Operation), false),
                ("delete", One(O::Operation), false), ("options", One(O::Operation), false),
                ("head", One(O::Operation), false), ("patch", One(O::Operation), false),
                ("trace", One(O::Operation), false),
            ],
            O::Operation => &[
                ("tags", Texts, false), ("summary", Text, false), ("description", Text, false),
                ("externalDocs", One(O::ExternalDocs), false), ("operationId", Text, false),
                ("parameters", List(O::Parameter), false), ("requestBody", One(O::RequestBody), false),
                ("responses", One(O::Responses), true), ("callbacks", Any, false),
                ("deprecated", Flag, false), ("security", Requirements, false), ("servers", List(O::Server), false),
            ],
            O::Parameter => &[
                ("name", Text, true), ("in", In, true), ("description", Text, false),
                ("required", Flag, false), ("deprecated", Flag, false), ("allowEmptyValue", Flag, false),
                ("style", Text, false), ("explode", Flag, false), ("allowReserved", Flag, false),
                ("schema", One(O::Schema), false), ("example", Any, false), ("examples", Map(O::Example), false),
                ("content", Map(O::MediaType), false),
            ],
            O::RequestBody => &[
                ("description", Text, false), ("content", Map(O::MediaType), true), ("required", Flag, false),
            ],
            O::MediaType => &[
                ("schema", One(O::Schema), false), ("example", Any, false),
                ("examples", Map(O::Example), false), ("encoding", Map(O::Encoding), false),
            ],
            O::Encoding => &[
                ("contentType", Text, false), ("headers", Map(O::Header), false), ("style", Text, false),
                ("explode", Flag, false), ("allowReserved", Flag, false),
            ],
            O::Responses => &[],
            O::Response => &[
                ("description", Text, true), ("headers", Map(O::Header), false),
                ("content", Map(O::MediaType), false), ("links", Map(O::Link), false),
            ],
            O::Header => &[
                ("description", Text, false), ("required", Flag, false), ("deprecated", Flag, false),
                ("allowEmptyValue", Flag, false), ("style", Text, false), ("explode", Flag, false),
                ("allowReserved", Flag, false), ("schema", One(O::Schema), false), ("example", Any, false),
                ("examples", Map(O::Example), false), ("content", Map(O::MediaType), false),
            ],
            O::Example => &[
                ("summary", Text, false), ("description", Text, false), ("value", Any, false),
                ("externalValue", Text, false),
            ],
            O::Link => &[
                ("operationRef", Text, false), ("operationId", Text, false), ("parameters", Any, false),
                ("requestBody", Any, false), ("description", Text, false), ("server", One(O::Server), false),
            ],
            O::Schema => &[
                ("title", Text, false), ("multipleOf", Number, false), ("maximum", Number, false),
                ("exclusiveMaximum", Flag, false), ("minimum", Number, false),
                ("exclusiveMinimum", Flag, false), ("maxLength", Count, false), ("minLength", Count, false),
                ("pattern", Text, false), ("maxItems", Count, false), ("minItems", Count, false),
                ("uniqueItems", Flag, false), ("maxProperties", Count, false), ("minProperties", Count, false),
                ("required", Texts, false), ("enum", Values, false), ("type", Type, false),
                ("allOf", List(O::Schema), false), ("oneOf", List(O::Schema), false),
                ("anyOf", List(O::Schema), false), ("not", One(O::Schema), false),
                ("items", One(O::Schema), false), ("properties", Map(O::Schema), false),
                ("additionalProperties", FlagOr(O::Schema), false), ("description", Text, false),
                ("format", Text, false), ("default", Any, false), ("nullable", Flag, false),
                ("discriminator", One(O::Discriminator), false), ("readOnly", Flag, false), ("writeOnly", Flag, false),
                ("xml", One(O::Xml), false), ("externalDocs", One(O::ExternalDocs), false), ("example", Any, false),
                ("deprecated", Flag, false),
            ],
            O::Discriminator => &[("propertyName", Text, true), ("mapping", Named, false)],
            O::Xml => &[
                ("name", Text, false), ("namespace", Text, false), ("prefix", Text, false),
                ("attribute", Flag, false), ("wrapped", Flag, false),
            ],
            O::Components => &[
                ("schemas", Map(O::Schema), false), ("responses", Map(O::Response), false),
                ("parameters", Map(O::Parameter), false), ("examples", Map(O::Example), false),
                ("requestBodies", Map(O::RequestBody), false), ("headers", Map(O::Header), false),
                ("securitySchemes", Map(O::SecurityScheme), false), ("links", Map(O::Link), false),
                ("callbacks", Any, false),
            ],
            O::SecurityScheme => &[
                ("type", Text, true), ("description", Text, false), ("name", Text, false), ("in", In, false),
                ("scheme", Text, false), ("bearerFormat", Text, false), ("flows", One(O::Flows), false),
                ("openIdConnectUrl", Text, false),
            ],
            O::Flows => &[
                ("implicit", One(O::Flow), false), ("password", One(O::Flow), false),
                ("clientCredentials", One(O::Flow), false), ("authorizationCode", One(O::Flow), false),
            ],
            O::Flow => &[
                ("authorizationUrl", Text, false), ("tokenUrl", Text, false), ("refreshUrl", Text, false),
                ("scopes", Named, true),
            ],
        }
    }
}
