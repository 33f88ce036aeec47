//! Names that people sign in with, told from those of services.

use super::Validator;

/// A name that is no service's or role's.
pub(super) const USERNAME: Validator = Validator {
    name: "username",
    about: "not the account of a system, a service or a role",
    longest: None,
    check: |text, _| username(text),
};

fn username(text: &[u8]) -> bool {
    const ACCOUNTS: &str = "\
        root admin administrator system service daemon nobody guest anonymous default user users \
        test postgres mysql redis mongodb oracle sa elastic kafka rabbitmq nginx apache \
        www-data tomcat jenkins gitlab ubuntu debian centos ec2-user vagrant docker kube kubernetes \
        cron backup sshd ftp mail sync operator superuser ehr app web api \
        batch etl reporting readonly replicator repl prometheus grafana airflow celery deploy build \
        ci git node nagios zabbix telegraf fluentd fluent-bit vault consul haproxy postfix \
        dovecot named ntp chrony messagebus systemd dbus polkitd hdfs yarn spark hive \
        zookeeper cassandra memcache runner bot worker scheduler rabbit solr hadoop clickhouse pgbouncer \
        dba local public unknown none";
    // Machine accounts: `system:serviceaccount:..`, `svc-billing`, `HOST$`.
    let service =
        text.starts_with(b"system:") || text.starts_with(b"svc-") || text.starts_with(b"svc_") || text.ends_with(b"$");
    // What databases are opened with: `app_rw`, `ehr_ro`, `billing-svc`.
    let role = [&b"_rw"[..], b"_ro", b"_svc", b"-svc", b"_app", b"_user", b"-bot", b"[bot]"];
    let role = role.iter().any(|end| text.ends_with(end));
    let known = || ACCOUNTS.split_ascii_whitespace().any(|account| text.eq_ignore_ascii_case(account.as_bytes()));
    // What somebody said to a program is no name: `<user>my mother is ..</user>`.
    let blanks = text.iter().filter(|byte| byte.is_ascii_whitespace()).count();
    text.len() >= 2 && blanks <= 5 && !service && !role && !known()
}
