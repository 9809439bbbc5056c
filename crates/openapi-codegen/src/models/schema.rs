//! Models as the schemas that the generator is given.

use serde_json::{Map, Value, json};

use super::{Kind, Model, Object, Rest, Shape, Type};

impl Type {
    /// The schema that says this and no more.
    pub(crate) fn json(&self) -> Value {
        let mut schema = match &self.kind {
            Kind::Any => return json!({}),
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Integer => json!({"type": "integer", "format": "int64"}),
            Kind::Unsigned => json!({"type": "integer", "format": "uint64"}),
            Kind::Number => json!({"type": "number", "format": "double"}),
            Kind::String => json!({"type": "string"}),
            Kind::Strict(schema) => schema.clone(),
            Kind::List(item) => json!({"type": "array", "items": item.json()}),
            Kind::Map(value) => json!({"type": "object", "additionalProperties": value.json()}),
            Kind::Named(name) => {
                let reference = json!({"$ref": format!("#/components/schemas/{name}")});
                if !self.nullable {
                    return reference;
                }
                json!({"allOf": [reference]})
            }
        };
        if self.nullable {
            schema["nullable"] = true.into();
        }
        schema
    }
}

impl Model {
    /// The schema that says this and no more.
    pub(crate) fn json(&self) -> Value {
        let mut schema = match &self.shape {
            Shape::Object(object) => object.json(),
            Shape::Union { variants, .. } => {
                let variants: Vec<_> = variants.iter().map(|variant| variant.ty.json()).collect();
                json!({"oneOf": variants})
            }
            Shape::Strict(schema) => schema.clone(),
            Shape::Newtype(ty) => ty.json(),
        };
        if let Some(text) = &self.description {
            schema["description"] = text.as_str().into();
        }
        schema
    }
}

impl Object {
    fn json(&self) -> Value {
        let mut properties = Map::new();
        for (name, member) in &self.members {
            let mut ty = member.ty.clone();
            // An empty list is not one that is left out.
            ty.nullable |= !member.required && matches!(ty.kind, Kind::List(_) | Kind::Map(_));
            let mut schema = ty.json();
            if let Some(text) = &member.description
                && schema.get("$ref").is_none()
                && schema.get("allOf").is_none()
            {
                schema["description"] = text.as_str().into();
            }
            properties.insert(name.clone(), schema);
        }
        let required: Vec<_> = self
            .members
            .iter()
            .filter(|(_, member)| member.required)
            .map(|(name, _)| name)
            .collect();
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        schema["additionalProperties"] = match &self.rest {
            Rest::Open => json!({}),
            Rest::Closed => json!(false),
            Rest::Of(ty) => ty.json(),
        };
        schema
    }
}
