//! Profiles (v1development).

use super::Reason;
use super::Scrub::*;
use super::Type::*;
use super::common::{ANY_VALUE, RESOURCE, SCOPE};
use super::{Kind, Message, many, one};
use crate::tape::Place;

/// `profiles.v1development.ProfilesDictionary`.
pub(crate) static PROFILES_DICTIONARY: Message = Message::new(
    "profiles.v1development.ProfilesDictionary",
    Kind::Dictionary,
    &[
        many(1, "mapping_table", "mappingTable", Nested(&MAPPING), Enter),
        many(2, "location_table", "locationTable", Nested(&LOCATION), Enter),
        many(3, "function_table", "functionTable", Nested(&FUNCTION), Enter),
        many(4, "link_table", "linkTable", Nested(&PROFILE_LINK), Enter),
        many(5, "string_table", "stringTable", String, Text(Place::StringTable)),
        many(6, "attribute_table", "attributeTable", Nested(&KEY_VALUE_AND_UNIT), Enter),
        many(7, "stack_table", "stackTable", Nested(&STACK), Enter),
    ],
);

/// `profiles.v1development.ResourceProfiles`.
pub(crate) static RESOURCE_PROFILES: Message = Message::new(
    "profiles.v1development.ResourceProfiles",
    Kind::Resourced,
    &[
        one(1, "resource", "resource", Nested(&RESOURCE), Enter),
        many(2, "scope_profiles", "scopeProfiles", Nested(&SCOPE_PROFILES), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `profiles.v1development.ScopeProfiles`.
pub(crate) static SCOPE_PROFILES: Message = Message::new(
    "profiles.v1development.ScopeProfiles",
    Kind::Plain,
    &[
        one(1, "scope", "scope", Nested(&SCOPE), Enter),
        many(2, "profiles", "profiles", Nested(&PROFILE), Enter),
        one(3, "schema_url", "schemaUrl", String, Text(Place::SchemaUrl)),
    ],
);

/// `profiles.v1development.Profile`.
pub(crate) static PROFILE: Message = Message::new(
    "profiles.v1development.Profile",
    Kind::Record,
    &[
        one(1, "sample_type", "sampleType", Nested(&VALUE_TYPE), Enter),
        many(2, "samples", "samples", Nested(&SAMPLE), Enter),
        one(3, "time_unix_nano", "timeUnixNano", Fixed64, Keep(Reason::Time)),
        one(4, "duration_nano", "durationNano", Uint64, Keep(Reason::Measurement)),
        one(5, "period_type", "periodType", Nested(&VALUE_TYPE), Enter),
        one(6, "period", "period", Int64, Keep(Reason::Measurement)),
        one(7, "profile_id", "profileId", Bytes, Id(16)),
        one(8, "dropped_attributes_count", "droppedAttributesCount", Uint32, Keep(Reason::Count)),
        one(9, "original_payload_format", "originalPayloadFormat", String, Text(Place::PayloadFormat)),
        one(10, "original_payload", "originalPayload", Bytes, Payload),
        many(11, "attribute_indices", "attributeIndices", Int32, Keep(Reason::Index)),
    ],
);

/// `profiles.v1development.Link`.
pub(crate) static PROFILE_LINK: Message = Message::new(
    "profiles.v1development.Link",
    Kind::Plain,
    &[one(1, "trace_id", "traceId", Hex, Id(16)), one(2, "span_id", "spanId", Hex, Id(8))],
);

/// `profiles.v1development.ValueType`.
pub(crate) static VALUE_TYPE: Message = Message::new(
    "profiles.v1development.ValueType",
    Kind::Plain,
    &[
        one(1, "type_strindex", "typeStrindex", Int32, Keep(Reason::Index)),
        one(2, "unit_strindex", "unitStrindex", Int32, Keep(Reason::Index)),
    ],
);

/// `profiles.v1development.Sample`.
pub(crate) static SAMPLE: Message = Message::new(
    "profiles.v1development.Sample",
    Kind::Plain,
    &[
        one(1, "stack_index", "stackIndex", Int32, Keep(Reason::Index)),
        many(2, "attribute_indices", "attributeIndices", Int32, Keep(Reason::Index)),
        one(3, "link_index", "linkIndex", Int32, Keep(Reason::Index)),
        many(4, "values", "values", Int64, Keep(Reason::Measurement)),
        many(5, "timestamps_unix_nano", "timestampsUnixNano", Fixed64, Keep(Reason::Time)),
    ],
);

/// `profiles.v1development.Mapping`.
pub(crate) static MAPPING: Message = Message::new(
    "profiles.v1development.Mapping",
    Kind::Plain,
    &[
        one(1, "memory_start", "memoryStart", Uint64, Keep(Reason::Measurement)),
        one(2, "memory_limit", "memoryLimit", Uint64, Keep(Reason::Measurement)),
        one(3, "file_offset", "fileOffset", Uint64, Keep(Reason::Measurement)),
        one(4, "filename_strindex", "filenameStrindex", Int32, Keep(Reason::Index)),
        many(5, "attribute_indices", "attributeIndices", Int32, Keep(Reason::Index)),
    ],
);

/// `profiles.v1development.Stack`.
pub(crate) static STACK: Message = Message::new(
    "profiles.v1development.Stack",
    Kind::Plain,
    &[many(1, "location_indices", "locationIndices", Int32, Keep(Reason::Index))],
);

/// `profiles.v1development.Location`.
pub(crate) static LOCATION: Message = Message::new(
    "profiles.v1development.Location",
    Kind::Plain,
    &[
        one(1, "mapping_index", "mappingIndex", Int32, Keep(Reason::Index)),
        one(2, "address", "address", Uint64, Keep(Reason::Measurement)),
        many(3, "lines", "lines", Nested(&LINE), Enter),
        many(4, "attribute_indices", "attributeIndices", Int32, Keep(Reason::Index)),
    ],
);

/// `profiles.v1development.Line`.
pub(crate) static LINE: Message = Message::new(
    "profiles.v1development.Line",
    Kind::Plain,
    &[
        one(1, "function_index", "functionIndex", Int32, Keep(Reason::Index)),
        one(2, "line", "line", Int64, Keep(Reason::Measurement)),
        one(3, "column", "column", Int64, Keep(Reason::Measurement)),
    ],
);

/// `profiles.v1development.Function`.
pub(crate) static FUNCTION: Message = Message::new(
    "profiles.v1development.Function",
    Kind::Plain,
    &[
        one(1, "name_strindex", "nameStrindex", Int32, Keep(Reason::Index)),
        one(2, "system_name_strindex", "systemNameStrindex", Int32, Keep(Reason::Index)),
        one(3, "filename_strindex", "filenameStrindex", Int32, Keep(Reason::Index)),
        one(4, "start_line", "startLine", Int64, Keep(Reason::Measurement)),
    ],
);

/// `profiles.v1development.KeyValueAndUnit`.
pub(crate) static KEY_VALUE_AND_UNIT: Message = Message::new(
    "profiles.v1development.KeyValueAndUnit",
    Kind::KeyValueAndUnit,
    &[
        one(1, "key_strindex", "keyStrindex", Int32, Keep(Reason::Index)),
        one(2, "value", "value", Nested(&ANY_VALUE), Value(Place::ProfileAttribute)),
        one(3, "unit_strindex", "unitStrindex", Int32, Keep(Reason::Index)),
    ],
);

/// `collector.profiles.v1development.ExportProfilesServiceRequest`.
pub(crate) static PROFILES_REQUEST: Message = Message::new(
    "collector.profiles.v1development.ExportProfilesServiceRequest",
    Kind::Plain,
    &[
        many(1, "resource_profiles", "resourceProfiles", Nested(&RESOURCE_PROFILES), Enter),
        one(2, "dictionary", "dictionary", Nested(&PROFILES_DICTIONARY), Enter),
    ],
);
