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
    const ACCOUNTS: [&str; 44] = [
        "root",
        "admin",
        "administrator",
        "system",
        "service",
        "daemon",
        "nobody",
        "guest",
        "anonymous",
        "default",
        "user",
        "users",
        "test",
        "postgres",
        "mysql",
        "redis",
        "mongodb",
        "oracle",
        "sa",
        "elastic",
        "kafka",
        "rabbitmq",
        "nginx",
        "apache",
        "www-data",
        "tomcat",
        "jenkins",
        "gitlab",
        "ubuntu",
        "debian",
        "centos",
        "ec2-user",
        "vagrant",
        "docker",
        "kube",
        "kubernetes",
        "cron",
        "backup",
        "sshd",
        "ftp",
        "mail",
        "sync",
        "operator",
        "superuser",
    ];
    // Machine accounts: `system:serviceaccount:..`, `svc-billing`, `HOST$`.
    let service =
        text.starts_with(b"system:") || text.starts_with(b"svc-") || text.starts_with(b"svc_") || text.ends_with(b"$");
    text.len() >= 2 && !service && !ACCOUNTS.iter().any(|account| text.eq_ignore_ascii_case(account.as_bytes()))
}
