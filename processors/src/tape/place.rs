//! Where on the wire a text came from.

/// A kind of place. Closed, so that it can label a metric and so that every one is decided about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// A whole line or document outside OTLP.
    Text,
    /// The key of an attribute or of a map entry.
    Key,
    /// A value of a resource attribute.
    ResourceAttribute,
    /// A value of a scope attribute.
    ScopeAttribute,
    /// A value of a span attribute.
    SpanAttribute,
    /// A value of a span event's attribute.
    EventAttribute,
    /// A value of a span link's attribute.
    LinkAttribute,
    /// A value of a log record's attribute.
    LogAttribute,
    /// A value of a metric's metadata.
    MetricMetadata,
    /// A value of a data point's attribute: a label, part of the identity of a series.
    MetricLabel,
    /// A value of an exemplar's attribute.
    ExemplarAttribute,
    /// A value in a profile's attribute table.
    ProfileAttribute,
    /// The name of an instrumentation scope.
    ScopeName,
    /// The version of an instrumentation scope.
    ScopeVersion,
    /// A schema URL.
    SchemaUrl,
    /// The type of an entity.
    EntityType,
    /// A key that an entity refers to: renamed with the attribute it names.
    EntityKey,
    /// The name of a span.
    SpanName,
    /// The W3C trace state of a span or link.
    TraceState,
    /// The message of a span's status.
    StatusMessage,
    /// The name of a span event or of a log event.
    EventName,
    /// The body of a log record.
    LogBody,
    /// The severity text of a log record.
    SeverityText,
    /// The name of a metric.
    MetricName,
    /// The description of a metric.
    MetricDescription,
    /// The unit of a metric.
    MetricUnit,
    /// An entry of a profile's string table.
    StringTable,
    /// The format name of a profile's original payload.
    PayloadFormat,
}

impl Place {
    /// The metric label of the place.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Key => "key",
            Self::ResourceAttribute => "resource_attribute",
            Self::ScopeAttribute => "scope_attribute",
            Self::SpanAttribute => "span_attribute",
            Self::EventAttribute => "event_attribute",
            Self::LinkAttribute => "link_attribute",
            Self::LogAttribute => "log_attribute",
            Self::MetricMetadata => "metric_metadata",
            Self::MetricLabel => "metric_label",
            Self::ExemplarAttribute => "exemplar_attribute",
            Self::ProfileAttribute => "profile_attribute",
            Self::ScopeName => "scope_name",
            Self::ScopeVersion => "scope_version",
            Self::SchemaUrl => "schema_url",
            Self::EntityType => "entity_type",
            Self::EntityKey => "entity_key",
            Self::SpanName => "span_name",
            Self::TraceState => "trace_state",
            Self::StatusMessage => "status_message",
            Self::EventName => "event_name",
            Self::LogBody => "log_body",
            Self::SeverityText => "severity_text",
            Self::MetricName => "metric_name",
            Self::MetricDescription => "metric_description",
            Self::MetricUnit => "metric_unit",
            Self::StringTable => "string_table",
            Self::PayloadFormat => "payload_format",
        }
    }

    /// Whether a text here names something that others refer to or group by. Two names that a fixed marker made
    /// equal would silently become one, so a name's replacement is always a keyed token.
    #[must_use]
    pub fn is_name(self) -> bool {
        match self {
            Self::Key
            | Self::EntityKey
            | Self::MetricName
            | Self::MetricLabel
            | Self::StringTable
            | Self::MetricUnit => true,
            Self::Text
            | Self::ResourceAttribute
            | Self::ScopeAttribute
            | Self::SpanAttribute
            | Self::EventAttribute
            | Self::LinkAttribute
            | Self::LogAttribute
            | Self::MetricMetadata
            | Self::ExemplarAttribute
            | Self::ProfileAttribute
            | Self::ScopeName
            | Self::ScopeVersion
            | Self::SchemaUrl
            | Self::EntityType
            | Self::SpanName
            | Self::TraceState
            | Self::StatusMessage
            | Self::EventName
            | Self::LogBody
            | Self::SeverityText
            | Self::MetricDescription
            | Self::PayloadFormat => false,
        }
    }
}
