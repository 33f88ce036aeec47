//! What Datadog makes of a resource: its host, its service, its tags. As in `opentelemetry-mapping-go`.

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};

/// Attributes of resources and the tags they become.
const TAGS: [(&str, &str); 37] = [
    ("deployment.environment.name", "env"),
    ("deployment.environment", "env"),
    ("service.name", "service"),
    ("service.version", "version"),
    ("container.id", "container_id"),
    ("container.name", "container_name"),
    ("container.image.name", "image_name"),
    ("container.image.tag", "image_tag"),
    ("container.runtime", "runtime"),
    ("cloud.provider", "cloud_provider"),
    ("cloud.region", "region"),
    ("cloud.availability_zone", "zone"),
    ("aws.ecs.task.family", "task_family"),
    ("aws.ecs.task.arn", "task_arn"),
    ("aws.ecs.task.revision", "task_version"),
    ("aws.ecs.cluster.arn", "ecs_cluster_name"),
    ("aws.ecs.container.arn", "ecs_container_name"),
    ("k8s.container.name", "kube_container_name"),
    ("k8s.cluster.name", "kube_cluster_name"),
    ("k8s.deployment.name", "kube_deployment"),
    ("k8s.replicaset.name", "kube_replica_set"),
    ("k8s.statefulset.name", "kube_stateful_set"),
    ("k8s.daemonset.name", "kube_daemon_set"),
    ("k8s.job.name", "kube_job"),
    ("k8s.cronjob.name", "kube_cronjob"),
    ("k8s.namespace.name", "kube_namespace"),
    ("k8s.pod.name", "pod_name"),
    ("app.kubernetes.io/name", "kube_app_name"),
    ("app.kubernetes.io/instance", "kube_app_instance"),
    ("app.kubernetes.io/version", "kube_app_version"),
    ("app.kubernetes.io/component", "kube_app_component"),
    ("app.kubernetes.io/part-of", "kube_app_part_of"),
    ("app.kubernetes.io/managed-by", "kube_app_managed_by"),
    ("process.runtime.name", "runtime_name"),
    ("telemetry.sdk.language", "telemetry_sdk_language"),
    ("telemetry.sdk.name", "telemetry_sdk_name"),
    ("telemetry.sdk.version", "telemetry_sdk_version"),
];

/// Hosts that are no hosts.
const NO_HOSTS: [&str; 7] =
    ["", "0.0.0.0", "127.0.0.1", "::1", "localhost", "localhost.localdomain", "localhost6.localdomain6"];

/// The text of an attribute.
pub(super) fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        Value::BoolValue(_)
        | Value::IntValue(_)
        | Value::DoubleValue(_)
        | Value::ArrayValue(_)
        | Value::KvlistValue(_)
        | Value::BytesValue(_)
        | Value::StringValueStrindex(_) => None,
    }
}

/// The host that attributes name.
pub(super) fn host(attributes: &[KeyValue]) -> Option<String> {
    let named = |key| text(attributes, key).filter(|host| !NO_HOSTS.contains(host));
    let on_aws = text(attributes, "cloud.provider") == Some("aws");
    let node = || {
        let node = named("k8s.node.name")?;
        Some(named("k8s.cluster.name").map_or_else(|| node.to_owned(), |cluster| format!("{node}-{cluster}")))
    };
    named("datadog.host.name")
        .or_else(|| named("host.id").filter(|_| on_aws))
        .map(str::to_owned)
        .or_else(node)
        .or_else(|| named("host.id").or_else(|| named("host.name")).map(str::to_owned))
}

/// The tags of a resource, separated by commas.
pub(super) fn tags(attributes: &[KeyValue]) -> String {
    let mut tags = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (attribute, tag) in TAGS {
        if let Some(value) = text(attributes, attribute).filter(|value| !value.is_empty() && !seen.contains(&tag)) {
            seen.push(tag);
            tags.push(format!("{tag}:{value}"));
        }
    }
    tags.join(",")
}
