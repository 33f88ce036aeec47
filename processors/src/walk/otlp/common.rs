//! What every signal shares: values, attributes, scopes, entities, resources.

use super::Reason;
use super::Scrub::*;
use super::Type::*;
use super::{Kind, Message, many, one};
use crate::tape::Place;

/// `common.v1.AnyValue`.
pub(crate) static ANY_VALUE: Message = Message::new(
    "common.v1.AnyValue",
    Kind::AnyValue,
    &[
        one(1, "string_value", "stringValue", String, Inline),
        one(2, "bool_value", "boolValue", Bool, Inline),
        one(3, "int_value", "intValue", Int64, Inline),
        one(4, "double_value", "doubleValue", Double, Inline),
        one(5, "array_value", "arrayValue", Nested(&ARRAY_VALUE), Enter),
        one(6, "kvlist_value", "kvlistValue", Nested(&KEY_VALUE_LIST), Enter),
        one(7, "bytes_value", "bytesValue", Bytes, Inline),
        one(8, "string_value_strindex", "stringValueStrindex", Int32, Inline),
    ],
)
.with_oneof(&[1, 2, 3, 4, 5, 6, 7, 8]);

/// `common.v1.ArrayValue`.
pub(crate) static ARRAY_VALUE: Message =
    Message::new("common.v1.ArrayValue", Kind::ArrayValue, &[many(1, "values", "values", Nested(&ANY_VALUE), Enter)]);

/// `common.v1.KeyValueList`.
pub(crate) static KEY_VALUE_LIST: Message = Message::new(
    "common.v1.KeyValueList",
    Kind::KeyValueList,
    &[many(1, "values", "values", Nested(&KEY_VALUE), Enter)],
);

/// `common.v1.KeyValue`.
pub(crate) static KEY_VALUE: Message = Message::new(
    "common.v1.KeyValue",
    Kind::KeyValue,
    &[
        one(1, "key", "key", String, Inline),
        one(2, "value", "value", Nested(&ANY_VALUE), Enter),
        one(3, "key_strindex", "keyStrindex", Int32, Inline),
    ],
);

/// `common.v1.InstrumentationScope`.
pub(crate) static SCOPE: Message = Message::new(
    "common.v1.InstrumentationScope",
    Kind::Plain,
    &[
        one(1, "name", "name", String, Text(Place::ScopeName)),
        one(2, "version", "version", String, Text(Place::ScopeVersion)),
        many(3, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::ScopeAttribute)),
        one(4, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
    ],
);

/// `common.v1.EntityRef`.
pub(crate) static ENTITY_REF: Message = Message::new(
    "common.v1.EntityRef",
    Kind::Plain,
    &[
        one(1, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
        one(2, "type", "type", String, Text(Place::EntityType)),
        many(3, "id_keys", "idKeys", String, Text(Place::EntityKey)),
        many(4, "description_keys", "descriptionKeys", String, Text(Place::EntityKey)),
    ],
);

/// `resource.v1.Resource`.
pub(crate) static RESOURCE: Message = Message::new(
    "resource.v1.Resource",
    Kind::Plain,
    &[
        many(1, "attributes", "attributes", Nested(&KEY_VALUE), Attributes(Place::ResourceAttribute)),
        one(2, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
        many(3, "entity_refs", "entityRefs", Nested(&ENTITY_REF), Enter),
    ],
);
