//! Configurations and packs that are wrong: every mistake with its place, several at once, and no secret in any.

use super::PLANTED;
use crate::configuration::SOUND;
use crate::support::collector::{check, command};

/// What of the sound configuration is replaced, by what, and what `check` says then.
pub type Wrong = (&'static str, &'static str, &'static [&'static str]);

/// Receivers.
const RECEIVERS: &[Wrong] = &[
    (
        "receivers:",
        "recievers:",
        &[
            "config.yaml:1:1: `receivers` is missing",
            "config.yaml:1:1: unknown key `recievers`: did you mean `receivers`?",
            "config.yaml:9:25: no receiver `otlp` is defined",
        ],
    ),
    (
        "  otlp: {",
        "  otlpp: {",
        &[
            "config.yaml:2:3: no type of receiver is called `otlpp`: did you mean `otlp`?",
            "config.yaml:9:25: no receiver `otlp` is defined",
        ],
    ),
    ("grpc: ,", "grpc2: ,", &["config.yaml:2:24: unknown key `grpc2`: did you mean `grpc`?"]),
    ("grpc: , http: ", "", &["config.yaml:2:22: `protocols` takes grpc, http or both"]),
    (
        "grpc: ,",
        "grpc: { endpoint: '0.0.0.0:4317' },",
        &[
            "config.yaml:2:42: an endpoint beyond loopback needs `tls`: raw data would cross the network in plain text; where something else encrypts it, say `insecure_bind: true`",
        ],
    ),
    (
        "grpc: ,",
        "grpc: { endpoint: 4317 },",
        &["config.yaml:2:42: `endpoint` takes an IP address and a port, like 127.0.0.1:4317"],
    ),
    (
        "grpc: ,",
        "grpc: { max_request_bytes: lots },",
        &["config.yaml:2:51: `max_request_bytes` takes a size above zero, like 4MiB or 65536"],
    ),
    (
        "grpc: ,",
        "grpc: { tls: { cert_file: /nowhere, key_file: /nowhere } },",
        &["config.yaml:2:37: `cert_file` cannot be read or holds no PEM certificate"],
    ),
    ("grpc: ,", "grpc: { tls: { cert_file: x } },", &["config.yaml:2:37: `key_file` is missing"]),
    (
        "grpc: ,",
        "grpc: { auth: { bearer_token: 536-22-8147 } },",
        &["config.yaml:2:54: `bearer_token` takes at least 16 characters"],
    ),
];

/// Who may send, and who may look.
const CREDENTIALS: &[Wrong] = &[
    (
        "grpc: ,",
        "grpc: { tls: { cert_file: x, key_file: y, client_names: a.example } },",
        &[
            "config.yaml:2:37: `cert_file` cannot be read or holds no PEM certificate",
            "config.yaml:2:80: `client_names` needs `client_ca_file`",
        ],
    ),
    (
        "grpc: ,",
        "grpc: { tls: { cert_file: x, key_file: y, min_version: '1.1' } },",
        &[
            "config.yaml:2:37: `cert_file` cannot be read or holds no PEM certificate",
            "config.yaml:2:79: `min_version` is 1.2 or 1.3: nothing older is spoken",
        ],
    ),
    ("grpc: ,", "grpc: { auth: {} },", &["config.yaml:2:38: `auth` takes `bearer_token`, `jwt` or `principals`"]),
    (
        "grpc: ,",
        "grpc: { auth: { jwt: { jwks_file: /nowhere, issuer: x, audience: y } } },",
        &["config.yaml:2:45: `jwks_file` cannot be read"],
    ),
    (
        "grpc: ,",
        "grpc: { auth: { jwt: { jwks_file: /nowhere, issuer: x, audience: y, algorithms: HS256 } } },",
        &["config.yaml:2:45: `jwks_file` cannot be read", "config.yaml:2:104: `algorithms` takes RS256, "],
    ),
    (
        "grpc: ,",
        "grpc: { auth: { principals: { labs: { token_hashes: 536-22-8147 } } } },",
        &["config.yaml:2:76: `token_hashes` takes SHA-256 in 64 hexadecimal digits, as `sha256sum` prints it"],
    ),
    (
        "grpc: ,",
        "grpc: { auth: { principals: { labs: { password_hash: 536-22-8147 } } } },",
        &["config.yaml:2:77: `password_hash` takes a hash like $argon2id$v=19$m=19456,t=2,p=1$..$.."],
    ),
    (
        "grpc: ,",
        "grpc: { auth: { principals: { labs: { subject: svc-labs, client_names: labs.example } } } },",
        &[
            "config.yaml:2:71: `subject` needs `jwt`",
            "config.yaml:2:95: `client_names` needs `tls: { client_ca_file }`",
        ],
    ),
    (
        "grpc: ,",
        "grpc: { auth: { principals: { labs: { signals: spans } } } },",
        &[
            "config.yaml:2:60: a principal needs `token_hashes`, `password_hash`, `client_names` or `subject`",
            "config.yaml:2:71: `signals` takes traces, logs, metrics and profiles",
        ],
    ),
    (
        "service:",
        "service:\n  admin: { endpoint: '0.0.0.0:8889' }",
        &[
            "config.yaml:8:22: `endpoint` needs `token_hash`: every user of this machine can reach it",
            "config.yaml:8:22: `endpoint` takes an address of this machine, like 127.0.0.1:8889: these pages are for its operator",
        ],
    ),
    (
        "service:",
        "service:\n  admin: { endpoint: '127.0.0.1:0', socket: /run/x.sock }",
        &["config.yaml:8:10: `admin` takes `endpoint` or `socket`"],
    ),
    (
        "service:",
        "service:\n  memory_limit: 100MiB",
        &[
            "config.yaml:8:3: `raw_budget` (26214400) and the queues (`sending_queue::max_bytes`, 67108864) reserve more than three quarters of the memory (104857600)",
        ],
    ),
];

/// Processors and exporters.
const COMPONENTS: &[Wrong] = &[
    (
        "  scrub: { pseudonym_key",
        "  scrub: { pseudonym_kee",
        &["config.yaml:4:12: unknown key `pseudonym_kee`: did you mean `pseudonym_key`?"],
    ),
    (
        "0123456789abcdef",
        "536-22-8147",
        &["config.yaml:4:27: `pseudonym_key` takes at least 16 bytes: 32 random ones are right"],
    ),
    (
        "[secrets]",
        "[hippa, ./nowhere.yaml]",
        &[
            "config.yaml:4:53: no pack is called `hippa`: did you mean `hipaa`?",
            "config.yaml:4:60: the pack `./nowhere.yaml` cannot be read: entity not found",
        ],
    ),
    ("scrub: {", "scrub: { ack: durable,", &["config.yaml:4:17: `ack` is queued or delivered"]),
    ("endpoint: 'http://127.0.0.1:1'", "", &["config.yaml:6:14: `endpoint` is missing"]),
    (
        "'http://127.0.0.1:1'",
        "'ftp://127.0.0.1:1'",
        &["config.yaml:6:26: `endpoint` takes a URL that begins with http:// or https://"],
    ),
    (
        "'http://127.0.0.1:1'",
        "'http://127.0.0.1:1', compression: snappy",
        &["config.yaml:6:61: `compression` is none, gzip or zstd"],
    ),
    (
        "'http://127.0.0.1:1'",
        "'http://127.0.0.1:1', timeout: 5",
        &["config.yaml:6:57: `timeout` takes a duration above zero, like 300ms, 5s or 1m30s"],
    ),
    (
        "'http://127.0.0.1:1'",
        "'https://127.0.0.1:1', tls: { ca_file: /nowhere }",
        &["config.yaml:6:54: `ca_file` cannot be read or holds no PEM certificate"],
    ),
    (
        "'http://127.0.0.1:1'",
        "'http://127.0.0.1:1', sending_queue: { num_consumers: 0, max_byte: 1 }",
        &[
            "config.yaml:6:80: `num_consumers` takes a number from 1 to 1000",
            "config.yaml:6:83: unknown key `max_byte`: did you mean `max_bytes`?",
        ],
    ),
];

/// Pipelines, and YAML itself.
const PIPELINES: &[Wrong] = &[
    (
        "[scrub]",
        "[]",
        &[
            "config.yaml:4:3: the processor `scrub` is in no pipeline: put it in one or take it out",
            "config.yaml:9:11: a pipeline without `scrub` would let raw data through: `processors: [scrub]`",
        ],
    ),
    (
        "[scrub]",
        "[tail_sampling, scrub]",
        &["config.yaml:9:45: `tail_sampling` stands before `scrub`, where it would see raw data"],
    ),
    ("[scrub]", "[scrub, scrub]", &["config.yaml:9:52: a pipeline scrubs once: this is a second `scrub`"]),
    (
        "[otlp_http]",
        "[otlp_htp]",
        &[
            "config.yaml:6:3: the exporter `otlp_http` is in no pipeline: put it in one or take it out",
            "config.yaml:9:65: no exporter `otlp_htp` is defined: did you mean `otlp_http`?",
        ],
    ),
    (
        "exporters: [otlp_http]",
        "exporters: []",
        &[
            "config.yaml:6:3: the exporter `otlp_http` is in no pipeline: put it in one or take it out",
            "config.yaml:9:11: a pipeline needs at least one exporter",
        ],
    ),
    (
        "    logs:",
        "    log:",
        &["config.yaml:9:5: a pipeline is called traces, logs, metrics or profiles, and perhaps a name: `logs/audit`"],
    ),
    (
        "service:",
        "connectors: { count: }\nservice:",
        &["config.yaml:7:13: there are no connectors: they would see raw data"],
    ),
    (
        "service:",
        "service:\n  telemetry: { metrics: { endpoint: '0.0.0.0:8888' } }",
        &["config.yaml:8:37: an endpoint beyond loopback without TLS needs `insecure_bind: true`"],
    ),
    ("scrub: {", "scrub: [", &["config.yaml:5:1: while parsing a flow sequence"]),
];

/// Several mistakes in different sections.
const SEVERAL: &[Wrong] = &[(
    "otlp: { protocols: { grpc: , http: } }\nprocessors:\n  scrub: { pseudonym_key: 0123456789abcdef",
    "otlp: { protocols: { grpc: { endpoint: x, auth: { bearer_token: 536-22-8147 } } }, more: 1 }\n\
     processors:\n  scrub: { pseudonym_key: 536-22-8147, ack: never",
    &[
        "config.yaml:2:42: `endpoint` takes an IP address and a port, like 127.0.0.1:4317",
        "config.yaml:2:67: `bearer_token` takes at least 16 characters",
        "config.yaml:2:86: unknown key `more`: known are protocols",
        "config.yaml:4:27: `pseudonym_key` takes at least 16 bytes: 32 random ones are right",
        "config.yaml:4:45: `ack` is queued or delivered",
    ],
)];

/// All of them.
pub const CONFIGURATIONS: [&[Wrong]; 5] = [RECEIVERS, CREDENTIALS, COMPONENTS, PIPELINES, SEVERAL];

#[test]
fn configurations() {
    let (code, _, err) = check(SOUND, &[], &[]);
    assert_eq!((code, err.as_str()), (0, ""), "the sound configuration is sound");
    let mut wrong = Vec::new();
    for (from, to, expected) in CONFIGURATIONS.into_iter().flatten() {
        assert!(SOUND.contains(from), "{from}");
        let found = check(&SOUND.replacen(from, to, 1), &[], &[]);
        wrong.extend(differs(&found, "config.yaml", expected).map(|why| format!("{to}\n{why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as expected in a refusal: exit code, lines, or something that nobody may see.
fn differs((code, out, err): &(i32, String, String), file: &str, expected: &[&str]) -> Option<String> {
    let lines: Vec<&str> = err.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    let alike = lines.len() == expected.len()
        && lines.iter().zip(expected).all(|(line, expected)| line.starts_with(expected) && line.starts_with(file));
    let echoes = PLANTED.iter().any(|part| err.contains(part) || out.contains(part));
    (*code != 1 || !out.is_empty() || !alike || echoes).then(|| format!("{code} {out}{err}"))
}

/// A pack of one sound rule.
pub const PACK: &str = "\
rules:
  - id: site.badge
    identifier: R
    pattern: 'BDG-\\d{6}'
    reference: https://intranet.example/badges
    matches: [ 'badge [[BDG-482913]] seen', '[[BDG-000417]]' ]
    ignores: [ 'BDG-48291', 'XBDG-482913' ]
";

/// What of the sound pack is replaced, by what, and what is said then.
pub const PACKS: &[Wrong] = &[
    (
        "'badge [[BDG-482913]] seen'",
        "'badge [[BDG-48291]] seen'",
        &["site.yaml:6:16: rule site.badge finds nothing where the example marks `BDG-48291`"],
    ),
    (
        "'badge [[BDG-482913]] seen'",
        "'badge [[BDG-482913 seen]]'",
        &["site.yaml:6:16: rule site.badge finds `BDG-482913` where the example marks `BDG-482913 seen`"],
    ),
    (
        "'BDG-48291'",
        "'BDG-482910'",
        &["site.yaml:7:16: rule site.badge finds `BDG-482910` where the example marks nothing"],
    ),
    ("[[BDG-000417]]", "[[BDG-000417", &["site.yaml:6:45: every `[[` needs its `]]`"]),
    ("[[BDG-000417]]", "BDG-000417", &["site.yaml:6:45: an example that must match says where: [[like this]]"]),
    (", 'XBDG-482913' ]", " ]", &["site.yaml:2:5: a rule needs at least 2 `ignores`: it has 1"]),
    (
        "identifier: R",
        "identifer: R",
        &[
            "site.yaml:2:5: a rule needs an `identifier`: A to R, or secret",
            "site.yaml:3:5: unknown key `identifer`: did you mean `identifier`?",
        ],
    ),
    ("identifier: R", "identifier: R\n    priority: 7", &["site.yaml:4:5: unknown key `priority`: known are "]),
    (
        "    reference: https://intranet.example/badges\n",
        "",
        &["site.yaml:2:5: a rule needs a `reference`: where its facts come from"],
    ),
    ("\\d{6}", "(\\d{6}", &["site.yaml:4:19: unclosed group"]),
    ("\\d{6}", "[0-9", &["site.yaml:4:19: unclosed character class"]),
    (
        "BDG-\\d{6}",
        "(?<!X)BDG-\\d{6}",
        &["site.yaml:4:15: look-around, including look-ahead and look-behind, is not supported"],
    ),
    ("\\d{6}", "\\d{6}(?=x)", &["site.yaml:4:24: look-around, including look-ahead and look-behind, is not supported"]),
    ("BDG-\\d{6}", "(BDG)-\\d{6}\\1", &["site.yaml:4:26: backreferences are not supported"]),
    (
        "BDG-\\d{6}",
        "\\bBDG-\\d{6}",
        &["site.yaml:4:15: anchors and word boundaries are not part of the dialect: name an `edge` instead"],
    ),
    ("BDG-\\d{6}", "x*", &["site.yaml:4:15: the pattern can match nothing at all, or an empty text"]),
    ("pattern: 'BDG-\\d{6}'", "edge: alnum", &["site.yaml:2:5: a rule needs a `pattern`, `keys` or a `detector`"]),
    ("pattern:", "validate: snn\n    pattern:", &["site.yaml:4:15: no validator is called `snn`: there are "]),
    (
        "pattern:",
        "action: shred\n    pattern:",
        &["site.yaml:4:13: `action` is redact, mask, token, generalize or drop"],
    ),
    (
        "pattern:",
        "confidence: low\n    pattern:",
        &["site.yaml:4:17: a rule of low confidence needs `context`: the words it must stand near"],
    ),
    ("pattern:", "keys: '<nobody> badge'\n    pattern:", &["site.yaml:4:11: "]),
    ("id: site.badge", "id: Site Badge", &["site.yaml:2:9: an id is of lower-case letters, digits, `.`, `_` and `-`"]),
    ("rules:", "rules: [", &["site.yaml:"]),
    (
        "rules:\n",
        "rules:\n  - badge\n",
        &[
            "site.yaml:2:5: a rule needs a `pattern`, `keys` or a `detector`",
            "site.yaml:2:5: a rule needs a `reference`",
            "site.yaml:2:5: a rule needs an `id`",
            "site.yaml:2:5: a rule needs an `identifier`",
            "site.yaml:2:5: a rule needs at least 2 `ignores`",
            "site.yaml:2:5: a rule needs at least 2 `matches`",
            "site.yaml:2:5: expected a mapping (`key: value`), found a scalar",
        ],
    ),
];

#[test]
fn packs() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("site.yaml");
    let pack = path.to_str().unwrap();
    let told = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let output = command(&["check", "--set", &format!("processors::scrub::packs=['{pack}']")]).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(pack, "site.yaml");
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let (code, _, err) = told(PACK);
    assert_eq!((code, err.as_str()), (0, ""), "the sound pack is sound");
    let mut wrong = Vec::new();
    for (from, to, expected) in PACKS {
        assert!(PACK.contains(from), "{from}");
        let found = told(&PACK.replacen(from, to, 1));
        wrong.extend(differs(&found, "site.yaml", expected).map(|why| format!("{to}\n{why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Mistakes of two rules, in one go.
    let two = PACK.replace("BDG-\\d{6}", "BDG-\\d{6") + &PACK.replace("rules:\n", "").replace("R\n", "Z\n");
    let found = told(&two);
    let expected = [
        "site.yaml:4:21: unclosed counted repetition: how often is written `{2,6}`",
        "site.yaml:8:5: another rule is called `site.badge`: site.yaml:2:5",
        "site.yaml:9:17: `identifier` is a letter of 45 CFR 164.514(b)(2)(i)",
    ];
    assert_eq!(differs(&found, "site.yaml", &expected), None);
}
