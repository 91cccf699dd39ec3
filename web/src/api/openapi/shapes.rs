//! Shapes of the document that no derive can say.

use utoipa::openapi::Ref;
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, Type};

/// Custom fields in a PATCH: an object whose values are those of fields, or `null`, which removes one.
pub fn custom_changes() -> Object {
    let value = OneOfBuilder::new()
        .item(Ref::from_schema_name("CustomValue"))
        .item(ObjectBuilder::new().schema_type(Type::Null));
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(Schema::from(value)))
        .build()
}
