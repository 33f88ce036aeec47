use super::*;
use crate::settings::Notes;
use http::header::HeaderValue;
use processors::document::Node;

/// printf %s correct-horse-battery | sha256sum
fn hash(token: &str) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn gate(section: &str) -> Gate {
    let node = Node::parse("f", section).unwrap();
    let mut notes = Notes::default();
    let gate = section::read(&Component::new("otlp"), "f", &node, true, &mut notes);
    assert!(notes.mistakes.is_empty(), "{:?}", notes.mistakes);
    gate.unwrap()
}

async fn admit(gate: &Gate, values: &[&str], signal: Signal) -> Result<(), Denied> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
    }
    gate.admit(&headers, &Extensions::new(), signal).await.map(drop)
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

const DENIED: Result<(), Denied> = Err(Denied::Unauthenticated);

#[tokio::test]
async fn only_the_token_admits() {
    let gate = gate("bearer_token: correct-horse-battery");
    for values in
        [["Bearer correct-horse-battery"], ["bearer correct-horse-battery"], ["BEARER  correct-horse-battery"]]
    {
        assert_eq!(admit(&gate, &values, Signal::Logs).await, Ok(()));
    }
    let long = format!("Bearer {}", "x".repeat(1 << 20));
    for values in [
        &[][..],
        &[""],
        &["Bearer"],
        &["Bearer "],
        &["Bearer correct-horse-batterz"],
        &["Bearer correct-horse-batter"],
        &["Bearer correct-horse-batteryy"],
        &["Basic correct-horse-battery"],
        &["correct-horse-battery"],
        &["Bearer correct-horse-battery", "Bearer other"],
        &["Bearer correct-horse-battery", "Bearer correct-horse-battery"],
        &[&long],
    ] {
        assert_eq!(admit(&gate, values, Signal::Logs).await, DENIED, "{}", values.len());
    }
}

#[tokio::test]
async fn two_tokens_of_one_principal_are_live() {
    let section = format!(
        "principals: {{ labs: {{ token_hashes: [{}, {}], signals: [logs] }}, ward: {{ token_hashes: {} }} }}",
        hash("the-old-token-of-labs"),
        hash("the-new-token-of-labs"),
        hash("the-token-of-the-ward")
    );
    let gate = gate(&section);
    for token in ["the-old-token-of-labs", "the-new-token-of-labs"] {
        assert_eq!(admit(&gate, &[&format!("Bearer {token}")], Signal::Logs).await, Ok(()));
        assert_eq!(admit(&gate, &[&format!("Bearer {token}")], Signal::Traces).await, Err(Denied::Forbidden));
    }
    assert_eq!(admit(&gate, &["Bearer the-token-of-the-ward"], Signal::Traces).await, Ok(()));
    assert_eq!(admit(&gate, &["Bearer the-token-of-nobody"], Signal::Logs).await, DENIED);
    // A hash is no token.
    assert_eq!(admit(&gate, &[&format!("Bearer {}", hash("the-token-of-the-ward"))], Signal::Logs).await, DENIED);
}

#[tokio::test]
async fn a_name_needs_its_own_password() {
    let hashed = password::tests::hashed;
    let section = format!(
        "principals: {{ labs: {{ password_hash: '{}' }}, ward: {{ password_hash: '{}' }}, badge: {{ token_hashes: {} }} }}",
        hashed("horse:battery"),
        hashed("staple"),
        hash("some-token-or-other")
    );
    let gate = gate(&section);
    assert_eq!(admit(&gate, &[&basic("labs:horse:battery")], Signal::Logs).await, Ok(()));
    assert_eq!(admit(&gate, &[&basic("ward:staple")], Signal::Logs).await, Ok(()));
    for pair in ["labs:staple", "ward:horse:battery", "labs:", "labs", ":staple", "badge:", "nobody:staple"] {
        assert_eq!(admit(&gate, &[&basic(pair)], Signal::Logs).await, DENIED, "{pair}");
    }
    assert_eq!(admit(&gate, &["Basic no base64"], Signal::Logs).await, DENIED);
    assert_eq!(admit(&gate, &["Bearer staple"], Signal::Logs).await, DENIED);
}

#[tokio::test(start_paused = true)]
async fn who_sends_too_fast_waits() {
    let token = "the-token-of-the-ward";
    let section = format!("principals: {{ ward: {{ token_hashes: {}, requests_per_second: 3 }} }}", hash(token));
    let gate = gate(&section);
    let bearer = format!("Bearer {token}");
    for _ in 0..3 {
        assert_eq!(admit(&gate, &[&bearer], Signal::Logs).await, Ok(()));
    }
    assert_eq!(admit(&gate, &[&bearer], Signal::Logs).await, Err(Denied::TooFast));
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    assert_eq!(admit(&gate, &[&bearer], Signal::Logs).await, Ok(()));
}

#[test]
fn what_would_admit_nobody_or_anybody_is_a_mistake() {
    let token = hash("the-token-of-the-ward");
    for (section, why) in [
        ("{}".to_owned(), "takes `bearer_token`, `jwt` or `principals`"),
        ("bearer_token: short".to_owned(), "at least 16"),
        ("principals: { ward: }".to_owned(), "a principal needs"),
        ("principals: {}".to_owned(), "names nobody"),
        ("principals: { ward: { token_hashes: abc } }".to_owned(), "64 hexadecimal"),
        (format!("principals: {{ ward: {{ token_hashes: [{token}, {token}] }} }}"), "somebody's already"),
        (
            format!("principals: {{ a: {{ token_hashes: {token} }}, b: {{ token_hashes: {token} }} }}"),
            "somebody's already",
        ),
        (format!("principals: {{ a: {{ token_hashes: [{token}, {}, {}] }} }}", hash("x"), hash("y")), "two at most"),
        ("principals: { ward: { subject: x } }".to_owned(), "`subject` needs `jwt`"),
        ("principals: { ward: { password_hash: plain } }".to_owned(), "`password_hash` takes a hash like"),
        ("principals: { ward: { client_names: x, signals: [spans] } }".to_owned(), "`signals` takes"),
        ("jwt: { jwks_file: /nowhere, issuer: x }".to_owned(), "`audience` is missing"),
        ("jwt: { jwks_file: /nowhere, issuer: x, audience: y }".to_owned(), "`jwks_file` cannot be read"),
        ("jwt: { jwks_file: /x, issuer: x, audience: y, algorithms: [HS256] }".to_owned(), "who can verify"),
        ("jwt: { jwks_file: /x, issuer: x, audience: y, algorithms: [none] }".to_owned(), "who can verify"),
    ] {
        let node = Node::parse("f", &section).unwrap();
        let mut notes = Notes::default();
        let _gate = section::read(&Component::new("otlp"), "f", &node, true, &mut notes);
        let told: Vec<String> = notes.mistakes.sorted().iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains(why)), "{section}: {told:?}");
    }
    let node = Node::parse("f", "principals: { ward: { client_names: ward.example } }").unwrap();
    let mut notes = Notes::default();
    let _gate = section::read(&Component::new("otlp"), "f", &node, false, &mut notes);
    assert!(!notes.mistakes.is_empty(), "names in certificates that nobody shows");
}
