//! Words that say nothing about a person where they stand alone: English, and what software is called.
//!
//! `Will`, `May`, `Grace` and `Case` are names in `Grace Case` and words in every other line.

use crate::validators::{is_given_name, is_title_word};

/// One word a line, in the order of bytes; source and licence stand in the file beside it.
const WORDS: &[u8] = include_bytes!("everyday_words.txt");

/// Endings that make other words of a word.
const ENDINGS: [&[u8]; 7] = [b"s", b"es", b"ed", b"ing", b"ly", b"er", b"ers"];

/// Software and its makers, accounts of machines, months and days: in no dictionary, and in many logs.
const SOFTWARE: &str = "\
    administrator airflow akka alexa alpine android angular ansible apache apollo april argo athena atlas august \
    aurora avro azure babel bamboo bazel bedrock bigtable bitbucket bunyan caddy camel cassandra celery ceph chef \
    chrome cilium circe claude clang clojure cloudflare cobra codex commons confluence consul contour copilot \
    cordova cosmos couchbase cucumber curl cypress dagger daemon dask datadog debian december delta demo deno derby \
    django docker dotnet drupal druid eclipse edge elastic elixir ember envoy epic erlang eureka express falcon \
    fastapi fedora feign fhir firebase firefox flask flink flutter flux fortify friday gatling gemini gerrit \
    ghost github gitlab glacier glassfish godot golang gradle grafana groovy grpc guava guest guice gunicorn hadoop \
    harbor harness haskell hazelcast helm hermes hibernate hikari hudson hystrix ignite influx istio jackson jaeger \
    jasmine jasper java javascript jenkins jersey jest jetty jira jooq josso julia july june jupyter kafka karma \
    keras kernel keycloak kibana kong kotlin kube kubernetes lambda laravel lettuce libre linux liquid llama \
    localhost locust logback logstash lombok loki lucene luigi magento marathon marshal maven mercurial micrometer \
    minio mistral mocha monday mongo mongodb mozilla mysql nagios nagle netflix netty nexus nginx nobody node nomad november \
    numpy oauth october octave okta opera oracle orion pandas pascal perl phoenix playwright polaris postgres \
    postman presto prometheus pulsar puma puppet puppeteer pydantic pytest python quarkus rabbitmq rails redis \
    redhat redux robin root rubocop ruby safari saga salt sanic saturday saturn scala selenium sentry september \
    sequelize service shiro sidekiq sinatra siri sphinx splunk spock spring spark sqlite stanford storm struts \
    sunday swagger swarm swift symfony tempo terraform tesla test tester thanos thor thursday tika tomcat tornado \
    travis trino tuesday ubuntu unicorn user vagrant varnish vault velero vertx vicuna victoria vite watson webpack \
    apiserver appuser appserver auditd autoscaler autovacuum bitnami cgroup chroot cloudwatch configmap containerd \
    coredns crontab cronjob daemonset dataset dbadmin debezium dnsmasq dockerd etcd failover fluentbit fluentd \
    frontend backend haproxy healthcheck hostname hostpath httpd ingress initd ipsec iptables journald kubelet \
    keepalived lambda logrotate loopback lvm memcached minikube mongod mountd msmtp mutex mysqld namespace netfilter \
    nodejs ntpd oauth openssl payload pgbouncer playbook pgpool podman polkit postfix postgresql proxysql readonly \
    redisson replicaset rsyslog runtime rundeck runner samba scheduler sendmail serviceaccount sidecar snapd sshd \
    statefulset subnet sudo swap syslog systemd sysadmin sysctl tcpdump timestamp checksum tmpfs traefik udev unix \
    uwsgi uvicorn webhook webserver websocket winlogon wsgi xinetd zabbix \
    wednesday whisper windows winston wordpress xerxes yarn zeus zipkin zookeeper zuul";

/// Whether a word in lower case is one that every log may hold. Words of less than four letters always are.
pub(super) fn is_everyday(word: &str) -> bool {
    let bytes = word.as_bytes();
    // A word of hexadecimal digits is a part of a hash more often than a name.
    if word.chars().count() < 4 || bytes.iter().all(u8::is_ascii_hexdigit) {
        return true;
    }
    is_software(bytes) || is_title_word(bytes) || is_english(bytes) && !is_given_name(bytes)
}

fn is_software(word: &[u8]) -> bool {
    let list = SOFTWARE.as_bytes();
    let parts = |at: Option<&u8>| at.is_none_or(|byte| *byte == b' ');
    let alone = |at: usize| parts(at.checked_sub(1).and_then(|at| list.get(at))) && parts(list.get(at + word.len()));
    memchr::memmem::find_iter(list, word).any(alone)
}

/// Whether it is an English word, or one remains without its ending.
fn is_english(word: &[u8]) -> bool {
    let stem = |ending: &&[u8]| {
        let Some(stem) = word.strip_suffix(*ending) else { return false };
        stem.len() >= 4 && stands(stem) || stem.len() >= 3 && ending.len() > 1 && stands_with_e(stem)
    };
    stands(word) || ENDINGS.iter().any(stem)
}

/// Whether the word is in the list with an `e` behind it, which the ending has swallowed.
fn stands_with_e(stem: &[u8]) -> bool {
    let mut word = [0; 16];
    let (Some(head), Some(last)) = (word.get_mut(..stem.len()), stem.len().checked_add(1)) else { return false };
    head.copy_from_slice(stem);
    let Some(e) = word.get_mut(stem.len()) else { return false };
    *e = b'e';
    word.get(..last).is_some_and(stands)
}

/// Whether the word is in the list. Halves it some fifteen times.
fn stands(word: &[u8]) -> bool {
    let (mut low, mut high) = (0, WORDS.len());
    // Both are where a line begins, or the end.
    while low < high {
        let middle = low + (high - low) / 2;
        let before = WORDS.get(low..middle).unwrap_or(&[]);
        let start = memchr::memrchr(b'\n', before).map_or(low, |at| low + at + 1);
        let rest = WORDS.get(start..high).unwrap_or(&[]);
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        match rest.get(..len).unwrap_or(&[]).cmp(word) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = start + len + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_list_is_found_in_it() {
        let words: Vec<&str> = std::str::from_utf8(WORDS).unwrap().lines().collect();
        assert!(words.len() > 25_000 && words.is_sorted());
        assert!(words.iter().all(|word| stands(word.as_bytes())));
        for (number, word) in words.iter().enumerate().step_by(97) {
            assert!(!stands(format!("{word}~").as_bytes()), "{number}");
        }
    }

    #[test]
    fn words_are_told_from_names() {
        for word in [
            "will", "grace", "case", "ward", "page", "price", "hill", "mark", "read", "reads", "reading", "written",
            "bakers", "closed", "jackson", "jenkins", "admin", "postgres", "error", "lee", "cafe", "deadbeef", "lists",
        ] {
            assert!(is_everyday(word), "{word}");
        }
        for word in
            ["tanaka", "gonzalez", "okonkwo", "maria", "ingrid", "castellano", "garc\u{ed}a", "nguyen", "smythe"]
        {
            assert!(!is_everyday(word), "{word}");
        }
    }
}
