//! What RFC 9113 and RFC 7541 say of a server, case by case, after the list of the test suite h2spec: what is wrong with a
//! connection ends it, what is wrong with a stream ends that, and what is unusual ends nothing.

use crate::support::backend::Backend;
use crate::support::collector::Setup;
use crate::support::h2::{self, PREFACE, frame};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PROTOCOL: u32 = 1;
const FLOW: u32 = 3;
const CLOSED: u32 = 5;
const SIZE: u32 = 6;
const REFUSED: u32 = 7;
const COMPRESSION: u32 = 9;
const CALM: u32 = 11;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const PRIORITY: u8 = 2;
const RESET: u8 = 3;
const SETTINGS: u8 = 4;
const PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW: u8 = 8;
const CONTINUATION: u8 = 9;

const END: u8 = 1;
const WHOLE: u8 = 4;
const PADDED: u8 = 8;
const WEIGHTED: u8 = 32;

/// What must come of a case.
#[derive(Clone, Copy, Debug)]
enum Ends {
    /// The connection ends, with one of these codes if it says one.
    Connection(&'static [u32]),
    /// The stream ends, or the connection, with one of these codes if one is said.
    Stream(&'static [u32]),
    /// Stream 1 is answered.
    Nothing,
    /// The connection stays, whatever becomes of a stream.
    Stays,
}
use Ends::{Connection, Nothing, Stays, Stream};

type Case = (&'static str, Ends, fn() -> Vec<u8>);

/// A header block without Huffman coding and without the table.
fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// A request to look at with these fields in the place of its own, or beside them.
fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    let own = [(":method", "POST"), (":scheme", "http"), (":path", "/v1/logs"), (":authority", "x")];
    let kept: Vec<_> = own.into_iter().filter(|(name, _)| !fields.iter().any(|(other, _)| name == other)).collect();
    let (pseudo, plain): (Vec<_>, Vec<_>) = fields.iter().copied().partition(|(name, _)| name.starts_with(':'));
    let all = [kept, pseudo, vec![("content-type", "application/x-protobuf")], plain].concat();
    block(&all)
}

/// A request that leaves one of its own fields out.
fn without(name: &str) -> Vec<u8> {
    let own = [(":method", "POST"), (":scheme", "http"), (":path", "/v1/logs"), (":authority", "x")];
    block(&own.into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>())
}

fn ask(flags: u8, stream: u32, block: &[u8]) -> Vec<u8> {
    frame(HEADERS, flags, stream, block)
}

/// A whole request on stream 1.
fn whole() -> Vec<u8> {
    ask(END | WHOLE, 1, &h2::request())
}

/// The head of a request on stream 1, whose body is to come.
fn head() -> Vec<u8> {
    ask(WHOLE, 1, &h2::request())
}

fn setting(id: u16, value: u32) -> Vec<u8> {
    frame(SETTINGS, 0, 0, &[&id.to_be_bytes()[..], &value.to_be_bytes()].concat())
}

fn more(increment: u32, stream: u32) -> Vec<u8> {
    frame(WINDOW, 0, stream, &increment.to_be_bytes())
}

fn reset(stream: u32) -> Vec<u8> {
    frame(RESET, 0, stream, &[0, 0, 0, 8])
}

fn all(frames: &[Vec<u8>]) -> Vec<u8> {
    frames.concat()
}

const CASES: &[Case] = &[
    // What is sound, if seldom.
    ("a request", Nothing, whole),
    ("a body in pieces", Nothing, || all(&[head(), frame(DATA, 0, 1, b""), frame(DATA, END, 1, b"")])),
    ("a body with padding", Nothing, || all(&[head(), frame(DATA, END | PADDED, 1, &[3, 0, 0, 0])])),
    ("headers with padding", Nothing, || ask(END | WHOLE | PADDED, 1, &[&[2][..], &h2::request(), &[0, 0]].concat())),
    ("headers with a weight", Nothing, || {
        ask(END | WHOLE | WEIGHTED, 1, &[&[0, 0, 0, 0, 255][..], &h2::request()].concat())
    }),
    ("headers in three parts", Nothing, || {
        let block = h2::request();
        all(&[
            ask(END, 1, &block[..5]),
            frame(CONTINUATION, 0, 1, &block[5..9]),
            frame(CONTINUATION, 4, 1, &block[9..]),
        ])
    }),
    ("trailers", Nothing, || all(&[head(), ask(END | WHOLE, 1, &block(&[("x-end", "1")]))])),
    ("priority before a stream", Nothing, || all(&[frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 9]), whole()])),
    ("priority behind a stream", Nothing, || all(&[whole(), frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 9])])),
    ("room behind a request", Nothing, || all(&[whole(), more(1, 1)])),
    ("an unknown frame", Nothing, || all(&[frame(0x16, 0, 0, &[0; 8]), whole()])),
    ("unknown flags", Nothing, || all(&[frame(PING, 0x16, 0, &[0; 8]), whole()])),
    ("a reserved bit", Nothing, || all(&[frame(PING, 0, 1 << 31, &[0; 8]), whole()])),
    ("an unknown setting", Nothing, || all(&[setting(0xFF, 1), whole()])),
    ("settings twice", Nothing, || all(&[setting(4, 100), setting(4, 65_535), whole()])),
    ("a window of one", Nothing, || all(&[setting(4, 1), whole()])),
    ("settings taken", Nothing, || all(&[frame(SETTINGS, 1, 0, b""), whole()])),
    ("a ping that answers", Nothing, || all(&[frame(PING, 1, 0, &[0; 8]), whole()])),
    ("an unknown reason for a reset", Stays, || all(&[head(), frame(RESET, 0, 1, &[0, 0, 0, 0xFF])])),
    ("a reset behind a request", Stays, || all(&[whole(), reset(1)])),
    // RFC 9113, 3.4: the preface.
    ("4.1 no length at all", Connection(&[SIZE, PROTOCOL]), || frame(SETTINGS, 0, 0, &[0; 3])),
    // 4.2: sizes.
    ("4.2 data beyond the largest frame", Stream(&[SIZE]), || all(&[head(), frame(DATA, END, 1, &vec![0; 1 << 17])])),
    ("4.2 headers beyond the largest frame", Connection(&[SIZE]), || ask(END | WHOLE, 1, &vec![0; 1 << 17])),
    // 4.3: header blocks.
    ("4.3 a block that is none", Connection(&[COMPRESSION]), || ask(END | WHOLE, 1, &[0xFF; 12])),
    ("4.3 priority within a block", Connection(&[PROTOCOL]), || {
        all(&[ask(END, 1, &h2::request()), frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 9])])
    }),
    ("4.3 another stream within a block", Connection(&[PROTOCOL]), || {
        all(&[ask(END, 1, &h2::request()), ask(END | WHOLE, 3, &h2::request())])
    }),
    ("5.5 an unknown frame within a block", Connection(&[PROTOCOL]), || {
        all(&[ask(END, 1, &h2::request()), frame(0x16, 0, 1, &[0; 8])])
    }),
    // 5.1: states of streams.
    ("5.1 data, idle", Connection(&[PROTOCOL]), || frame(DATA, END, 1, b"x")),
    ("5.1 reset, idle", Connection(&[PROTOCOL]), || reset(1)),
    ("5.1 room, idle", Connection(&[PROTOCOL]), || more(100, 1)),
    ("5.1 continuation, idle", Connection(&[PROTOCOL]), || frame(CONTINUATION, 4, 1, &h2::request())),
    ("5.1 data, half closed", Stream(&[CLOSED]), || all(&[whole(), frame(DATA, END, 1, b"x")])),
    ("5.1 headers, half closed", Stream(&[CLOSED]), || all(&[whole(), whole()])),
    ("5.1 continuation, half closed", Connection(&[CLOSED, PROTOCOL]), || {
        all(&[whole(), frame(CONTINUATION, 4, 1, &h2::request())])
    }),
    ("5.1 data, closed", Stream(&[CLOSED]), || all(&[head(), reset(1), frame(DATA, END, 1, b"x")])),
    ("5.1 headers, closed", Stream(&[CLOSED]), || all(&[head(), reset(1), whole()])),
    ("5.1 continuation, closed", Connection(&[CLOSED, PROTOCOL]), || {
        all(&[head(), reset(1), frame(CONTINUATION, 4, 1, &h2::request())])
    }),
    ("5.1.1 a stream of the server", Connection(&[PROTOCOL]), || ask(END | WHOLE, 2, &h2::request())),
    ("5.1.1 a stream before the last", Connection(&[PROTOCOL, CLOSED]), || {
        all(&[ask(END | WHOLE, 5, &h2::request()), ask(END | WHOLE, 3, &h2::request())])
    }),
    ("5.1.2 too many streams", Stream(&[PROTOCOL, REFUSED, CALM]), || {
        all(&(0..300).map(|number| ask(WHOLE, number * 2 + 1, &h2::request())).collect::<Vec<_>>())
    }),
    ("5.3.1 headers that wait for themselves", Stream(&[PROTOCOL]), || {
        ask(END | WHOLE | WEIGHTED, 1, &[&[0, 0, 0, 1, 255][..], &h2::request()].concat())
    }),
    ("5.3.1 priority of itself", Stream(&[PROTOCOL]), || all(&[head(), frame(PRIORITY, 0, 1, &[0, 0, 0, 1, 9])])),
    // 6: frames.
    ("6.1 data on no stream", Connection(&[PROTOCOL]), || frame(DATA, END, 0, b"x")),
    ("6.1 data that is all padding", Connection(&[PROTOCOL]), || all(&[head(), frame(DATA, END | PADDED, 1, &[9, 0])])),
    ("6.2 headers on no stream", Connection(&[PROTOCOL]), || ask(END | WHOLE, 0, &h2::request())),
    ("6.2 headers that are all padding", Connection(&[PROTOCOL]), || ask(END | WHOLE | PADDED, 1, &[99, 0, 0])),
    ("6.3 priority on no stream", Connection(&[PROTOCOL]), || frame(PRIORITY, 0, 0, &[0, 0, 0, 0, 9])),
    ("6.3 a short priority", Stream(&[SIZE]), || all(&[head(), frame(PRIORITY, 0, 1, &[0; 4])])),
    ("6.4 reset on no stream", Connection(&[PROTOCOL]), || reset(0)),
    ("6.4 a short reset", Connection(&[SIZE]), || all(&[head(), frame(RESET, 0, 1, &[0; 3])])),
    ("6.5 settings taken, with some", Connection(&[SIZE]), || frame(SETTINGS, 1, 0, &[0, 4, 0, 0, 0, 9])),
    ("6.5 settings of a stream", Connection(&[PROTOCOL]), || frame(SETTINGS, 0, 1, b"")),
    ("6.5 a half setting", Connection(&[SIZE]), || frame(SETTINGS, 0, 0, &[0; 5])),
    ("6.5.2 push, twice", Connection(&[PROTOCOL]), || setting(2, 2)),
    ("6.5.2 a window beyond the largest", Connection(&[FLOW]), || setting(4, 1 << 31)),
    ("6.5.2 a frame size below the smallest", Connection(&[PROTOCOL]), || setting(5, (1 << 14) - 1)),
    ("6.5.2 a frame size beyond the largest", Connection(&[PROTOCOL]), || setting(5, 1 << 24)),
    ("6.6 a promise of a client", Connection(&[PROTOCOL]), || {
        all(&[head(), frame(PROMISE, 4, 1, &[&[0, 0, 0, 2][..], &h2::request()].concat())])
    }),
    ("6.7 a ping of a stream", Connection(&[PROTOCOL]), || frame(PING, 0, 1, &[0; 8])),
    ("6.7 a short ping", Connection(&[SIZE]), || frame(PING, 0, 0, &[0; 6])),
    ("6.8 goaway of a stream", Connection(&[PROTOCOL]), || frame(GOAWAY, 0, 1, &[0; 8])),
    ("6.9 no more room", Connection(&[PROTOCOL]), || more(0, 0)),
    ("6.9 no more room, of a stream", Stream(&[PROTOCOL]), || all(&[head(), more(0, 1)])),
    ("6.9 a short word of room", Connection(&[SIZE]), || frame(WINDOW, 0, 0, &[0; 3])),
    ("6.9.1 too much room", Connection(&[FLOW]), || all(&[more(i32::MAX as u32, 0), more(i32::MAX as u32, 0)])),
    ("6.9.1 too much room, of a stream", Stream(&[FLOW]), || {
        all(&[head(), more(i32::MAX as u32, 1), more(i32::MAX as u32, 1)])
    }),
    ("6.9.2 a setting that makes too much room", Connection(&[FLOW]), || {
        all(&[head(), more(i32::MAX as u32 - 65_535, 1), setting(4, 65_536)])
    }),
    ("6.10 a continuation on no stream", Connection(&[PROTOCOL]), || {
        all(&[ask(END, 1, &h2::request()), frame(CONTINUATION, 4, 0, b"")])
    }),
    ("6.10 a continuation of what has ended", Connection(&[PROTOCOL]), || {
        all(&[head(), frame(CONTINUATION, 4, 1, &h2::request())])
    }),
    ("6.10 a continuation of data", Connection(&[PROTOCOL]), || {
        all(&[head(), frame(DATA, 0, 1, b""), frame(CONTINUATION, 4, 1, &h2::request())])
    }),
    // 8: messages.
    ("8.1 trailers that do not end", Stream(&[PROTOCOL]), || all(&[head(), ask(WHOLE, 1, &block(&[("x-end", "1")]))])),
    ("8.2.1 capitals", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[("X-TEST", "ok")]))),
    ("8.2.2 of a connection", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[("connection", "keep-alive")]))),
    ("8.2.2 te", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[("te", "trailers, deflate")]))),
    ("8.3 an unknown one", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[(":test", "ok")]))),
    ("8.3 one of answers", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[(":status", "200")]))),
    ("8.3 one in trailers", Stream(&[PROTOCOL]), || {
        all(&[head(), ask(END | WHOLE, 1, &block(&[(":method", "POST")]))])
    }),
    ("8.3 one behind others", Stream(&[PROTOCOL]), || {
        ask(
            END | WHOLE,
            1,
            &block(&[(":method", "POST"), (":scheme", "http"), ("x-test", "ok"), (":path", "/v1/logs")]),
        )
    }),
    ("8.3.1 an empty path", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &with(&[(":path", "")]))),
    ("8.3.1 no method", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &without(":method"))),
    ("8.3.1 no scheme", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &without(":scheme"))),
    ("8.3.1 no path", Stream(&[PROTOCOL]), || ask(END | WHOLE, 1, &without(":path"))),
    ("8.3.1 two methods", Stream(&[PROTOCOL]), || {
        ask(END | WHOLE, 1, &with(&[(":method", "POST"), (":method", "POST")]))
    }),
    ("8.3.1 two paths", Stream(&[PROTOCOL]), || {
        ask(END | WHOLE, 1, &with(&[(":path", "/v1/logs"), (":path", "/v1/logs")]))
    }),
    ("8.1.1 a length that is not that of the body", Stream(&[PROTOCOL]), || {
        all(&[ask(WHOLE, 1, &with(&[("content-length", "9")])), frame(DATA, END, 1, b"x")])
    }),
    ("8.1.1 a length that is not that of the parts", Stream(&[PROTOCOL]), || {
        all(&[ask(WHOLE, 1, &with(&[("content-length", "1")])), frame(DATA, 0, 1, b"x"), frame(DATA, END, 1, b"x")])
    }),
    // RFC 7541.
    ("7541 2.3.3 an entry that is not there", Connection(&[COMPRESSION]), || ask(END | WHOLE, 1, &[0xC6])),
    ("7541 4.2 a table size behind a field", Connection(&[COMPRESSION]), || {
        ask(END | WHOLE, 1, &[&h2::request()[..], &[0x20]].concat())
    }),
    ("7541 5.2 padding of eight bits", Connection(&[COMPRESSION]), || {
        ask(END | WHOLE, 1, &[0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x84, 0x49, 0x50, 0x9F, 0xFF])
    }),
    ("7541 5.2 padding of noughts", Connection(&[COMPRESSION]), || {
        ask(END | WHOLE, 1, &[0x00, 0x85, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0x83, 0x49, 0x50, 0x90])
    }),
    ("7541 5.2 the end of a text within", Connection(&[COMPRESSION]), || {
        ask(END | WHOLE, 1, &[0x00, 0x88, 0xF2, 0xB2, 0x4A, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0xFF])
    }),
    ("7541 6.1 entry nought", Connection(&[COMPRESSION]), || ask(END | WHOLE, 1, &[0x80])),
    ("7541 6.3 a table beyond its bound", Connection(&[COMPRESSION]), || {
        ask(END | WHOLE, 1, &[&[0x3F, 0xE1, 0xFF, 0x03][..], &h2::request()].concat())
    }),
];

/// What is not as the list says, and why that is left.
const KNOWN: &[(&str, &str)] = &[(
    "8.3 one in trailers",
    "the library drops such a field before anyone sees it; trailers say nothing to a receiver, and the request is whole",
)];

/// What a server did.
#[derive(Debug, Default)]
struct Did {
    goaway: Option<u32>,
    resets: Vec<u32>,
    answered: bool,
    pong: bool,
    closed: bool,
}

/// Reads frames until the connection closes, or `enough` says so.
fn watch(stream: &mut TcpStream, enough: impl Fn(&Did) -> bool) -> Did {
    let mut did = Did::default();
    let mut head = [0; 9];
    while !enough(&did) {
        let mut content = Vec::new();
        let read = stream.read_exact(&mut head).and_then(|()| {
            content.resize(u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize, 0);
            stream.read_exact(&mut content)
        });
        if let Err(error) = read {
            did.closed = !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut);
            return did;
        }
        let word = |at: usize| u32::from_be_bytes(content[at..at + 4].try_into().unwrap());
        match head[3] {
            GOAWAY => did.goaway = Some(word(4)),
            RESET => did.resets.push(word(0)),
            HEADERS => did.answered |= head[8] == 1,
            PING => did.pong |= head[4] == 1 && content == *b"whole!!!",
            _ => {}
        }
    }
    did
}

fn holds(ends: Ends, to: SocketAddr, bytes: &[u8]) -> Result<(), Did> {
    let mut stream = h2::open(to, b"");
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    // The server may have closed before all is written.
    let ping = if matches!(ends, Stays) { frame(PING, 0, 0, b"whole!!!") } else { Vec::new() };
    let _ = stream.write_all(&[bytes, &ping].concat());
    // As h2spec has it, a connection that is closed has ended; the library that reads frames says PROTOCOL_ERROR then, also
    // where there is a code that says more.
    let over = |did: &Did, codes: &[u32]| {
        did.closed && did.goaway.is_none_or(|code| code == PROTOCOL || codes.contains(&code))
    };
    let (good, did) = match ends {
        Connection(codes) => {
            let did = watch(&mut stream, |did| did.goaway.is_some_and(|code| codes.contains(&code)));
            (did.goaway.is_some_and(|code| codes.contains(&code)) || over(&did, codes) && !did.answered, did)
        }
        Stream(codes) => {
            let told = |did: &Did| did.resets.iter().chain(&did.goaway).any(|code| codes.contains(code));
            let did = watch(&mut stream, told);
            (told(&did) || over(&did, codes) && !did.answered, did)
        }
        Nothing => {
            let did = watch(&mut stream, |did| did.answered);
            (did.answered, did)
        }
        Stays => {
            let did = watch(&mut stream, |did| did.pong);
            (did.pong && did.goaway.is_none(), did)
        }
    };
    good.then_some(()).ok_or(did)
}

#[test]
fn a_server_does_as_http_2_says_case_by_case() {
    let backend = Backend::start();
    let collector = Setup::new("otlp_http", &format!("endpoint: '{}'", backend.url())).start();
    let mut wrong = Vec::new();
    for (listener, to) in [("http", collector.http()), ("grpc", collector.grpc())] {
        for (name, ends, bytes) in CASES {
            if KNOWN.iter().any(|(known, _)| known == name) {
                continue;
            }
            if let Err(did) = holds(*ends, to, &bytes()) {
                wrong.push(format!("{listener}, {name}: {ends:?}, but {did:?}"));
            }
        }
    }
    let tried = (CASES.len() - KNOWN.len()) * 2;
    eprintln!("{} of {tried} cases hold, {} are known not to", tried - wrong.len(), KNOWN.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    // A preface that is none.
    let mut stream = TcpStream::connect(collector.grpc()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&[b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", &PREFACE[..0], &whole()[..]].concat()).unwrap();
    let mut rest = Vec::new();
    let ended = stream.read_to_end(&mut rest);
    assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset));
    assert_eq!(collector.post("/v1/logs", b"").status, 200);
}
