//! Commands of Redis and Memcached: `SET patient:482913:name "Maria Gonzalez" EX 3600`. A key says what it names between
//! colons, and whom; the latter goes. What is stored goes as a whole.

use super::literals::Literal;
use super::words::Says;
use std::ops::Range;

/// Which arguments of a command are values, counted from one.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// None: keys, numbers and options.
    None,
    /// All of them: passwords, users, hosts.
    All,
    /// This one.
    At(usize),
    /// All from this one on.
    From(usize),
    /// From this one on, one of so many.
    Each(usize, usize),
    /// Behind the options of `ZADD`: a score and a value in turns.
    Scored,
    /// The third behind `SET`: of `BITFIELD`, which may have it anywhere.
    Bits,
    /// The second behind `CONFIG SET`.
    Set,
}

use Values::{All, At, Bits, Each, From, Scored, Set};

/// Commands in order, and their values. From the documentation of Redis; those of Memcached store what follows the line.
const COMMANDS: [(&[u8], Values); 123] = [
    (b"ACL", From(2)),
    (b"APPEND", At(2)),
    (b"AUTH", All),
    (b"BITCOUNT", Values::None),
    (b"BITFIELD", Bits),
    (b"BITOP", Values::None),
    (b"BITPOS", Values::None),
    (b"BLPOP", Values::None),
    (b"BRPOP", Values::None),
    (b"BRPOPLPUSH", Values::None),
    (b"BZPOPMAX", Values::None),
    (b"BZPOPMIN", Values::None),
    (b"CLIENT", Values::None),
    (b"CLUSTER", Values::None),
    (b"COMMAND", Values::None),
    (b"CONFIG", Set),
    (b"DBSIZE", Values::None),
    (b"DECR", Values::None),
    (b"DECRBY", Values::None),
    (b"DEL", Values::None),
    (b"DISCARD", Values::None),
    (b"DUMP", Values::None),
    (b"ECHO", All),
    (b"EVAL", From(1)),
    (b"EVALSHA", From(3)),
    (b"EXISTS", Values::None),
    (b"EXPIRE", Values::None),
    (b"EXPIREAT", Values::None),
    (b"FLUSHALL", Values::None),
    (b"FLUSHDB", Values::None),
    (b"GEOADD", Each(4, 3)),
    (b"GEODIST", From(2)),
    (b"GEOHASH", From(2)),
    (b"GEOPOS", From(2)),
    (b"GEORADIUS", Values::None),
    (b"GEORADIUSBYMEMBER", At(2)),
    (b"GEOSEARCH", Values::None),
    (b"GET", Values::None),
    (b"GETBIT", Values::None),
    (b"GETDEL", Values::None),
    (b"GETEX", Values::None),
    (b"GETRANGE", Values::None),
    (b"GETSET", At(2)),
    (b"HDEL", Values::None),
    (b"HELLO", All),
    (b"HEXISTS", Values::None),
    (b"HGET", Values::None),
    (b"HGETALL", Values::None),
    (b"HINCRBY", Values::None),
    (b"HKEYS", Values::None),
    (b"HLEN", Values::None),
    (b"HMGET", Values::None),
    (b"HMSET", Each(3, 2)),
    (b"HSCAN", Values::None),
    (b"HSET", Each(3, 2)),
    (b"HSETNX", Each(3, 2)),
    (b"HVALS", Values::None),
    (b"INCR", Values::None),
    (b"INCRBY", Values::None),
    (b"INFO", Values::None),
    (b"JSON.GET", Values::None),
    (b"JSON.SET", At(3)),
    (b"KEYS", Values::None),
    (b"LINDEX", Values::None),
    (b"LINSERT", At(4)),
    (b"LLEN", Values::None),
    (b"LPOP", Values::None),
    (b"LPOS", At(2)),
    (b"LPUSH", From(2)),
    (b"LPUSHX", From(2)),
    (b"LRANGE", Values::None),
    (b"LREM", At(3)),
    (b"LSET", At(3)),
    (b"LTRIM", Values::None),
    (b"MGET", Values::None),
    (b"MIGRATE", All),
    (b"MSET", Each(2, 2)),
    (b"MSETNX", Each(2, 2)),
    (b"MULTI", Values::None),
    (b"PERSIST", Values::None),
    (b"PEXPIRE", Values::None),
    (b"PFADD", From(2)),
    (b"PFCOUNT", Values::None),
    (b"PING", Values::None),
    (b"PSETEX", At(3)),
    (b"PSUBSCRIBE", Values::None),
    (b"PTTL", Values::None),
    (b"PUBLISH", At(2)),
    (b"RENAME", Values::None),
    (b"RESTORE", At(3)),
    (b"RPOP", Values::None),
    (b"RPOPLPUSH", Values::None),
    (b"RPUSH", From(2)),
    (b"RPUSHX", From(2)),
    (b"SADD", From(2)),
    (b"SCAN", Values::None),
    (b"SCARD", Values::None),
    (b"SET", At(2)),
    (b"SETBIT", At(3)),
    (b"SETEX", At(3)),
    (b"SETNX", At(2)),
    (b"SETRANGE", At(3)),
    (b"SINTER", Values::None),
    (b"SISMEMBER", At(2)),
    (b"SMEMBERS", Values::None),
    (b"SMOVE", At(3)),
    (b"SREM", From(2)),
    (b"SSCAN", Values::None),
    (b"STRLEN", Values::None),
    (b"SUBSCRIBE", Values::None),
    (b"TOUCH", Values::None),
    (b"TTL", Values::None),
    (b"TYPE", Values::None),
    (b"UNLINK", Values::None),
    (b"WATCH", Values::None),
    (b"XADD", Each(4, 2)),
    (b"ZADD", Scored),
    (b"ZCARD", Values::None),
    (b"ZINCRBY", At(3)),
    (b"ZRANGE", Values::None),
    (b"ZRANK", At(2)),
    (b"ZREM", From(2)),
    (b"ZREVRANK", At(2)),
];

/// The commands of SQL that begin like one of Redis.
const SETTINGS: [&[u8]; 13] = [
    b"names",
    b"session",
    b"local",
    b"global",
    b"transaction",
    b"character",
    b"role",
    b"time",
    b"search_path",
    b"autocommit",
    b"statement_timeout",
    b"nocount",
    b"schema",
];

/// The longest number that is a time to live, a count, a score rather than somebody's.
const MAX_COUNT: usize = 7;

fn values(command: &[u8]) -> Option<Values> {
    // In order, so that a few comparisons refuse a word.
    let upper = command.to_ascii_uppercase();
    let found = COMMANDS.binary_search_by(|(known, _)| (*known).cmp(&upper));
    let known = found.ok().and_then(|at| COMMANDS.get(at));
    let more = || command.eq_ignore_ascii_case(b"ZSCORE").then_some(At(2));
    known.map(|(_, values)| *values).or_else(more)
}

/// Whether a statement is one for Redis or Memcached.
pub(super) fn is_command(text: &[u8]) -> bool {
    let mut words = text.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    // No verb of a statement is a command.
    if Says::of(first, 0..first.len()).any(Says::VERB) || values(first).is_none() {
        return false;
    }
    let (second, third) = (words.next().unwrap_or(&[]), words.next().unwrap_or(&[]));
    let set = first.eq_ignore_ascii_case(b"set");
    let setting = SETTINGS.iter().any(|known| second.eq_ignore_ascii_case(known));
    let assigned = second.contains(&b'=')
        || third.starts_with(b"=")
        || third.starts_with(b":=")
        || third.eq_ignore_ascii_case(b"to");
    !(set && (setting || assigned))
}

/// Reads the literals of commands, one a line.
pub(super) fn literals(text: &[u8], found: &mut Vec<Literal>) {
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or(&[]);
        let end = at + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        line(text, at..end, found);
        // What Memcached stores stands on a line of its own.
        let store = text.get(at..end).unwrap_or(&[]).ends_with(b"\r");
        if store && stores(text.get(at..end).unwrap_or(&[])) {
            let body = super::trimmed(text, (end + 1).min(text.len())..text.len());
            found.extend((!body.is_empty()).then_some(Literal { range: body, column: None, number: false }));
            return;
        }
        at = end + 1;
    }
}

fn stores(line: &[u8]) -> bool {
    [&b"set "[..], b"add ", b"replace ", b"append ", b"prepend ", b"cas "].iter().any(|verb| line.starts_with(verb))
}

fn line(text: &[u8], line: Range<usize>, found: &mut Vec<Literal>) {
    let mut at = line.start;
    let mut index = 0;
    let mut values = Values::None;
    // Where the arguments of `ZADD` begin, and those behind the last `SET` of `BITFIELD`.
    let mut from = 0;
    let memcached =
        stores(text.get(line.clone()).unwrap_or(&[])) && text.get(line.clone()).is_some_and(|it| it.ends_with(b"\r"));
    while let Some((whole, inner)) = argument(text, at..line.end) {
        at = whole.end;
        let word = text.get(inner.clone()).unwrap_or(&[]);
        if index == 0 {
            // Whatever an unknown command takes may be a value.
            values = if memcached { Values::None } else { self::values(word).unwrap_or(All) };
            from = if matches!(values, Scored) { 2 } else { 0 };
            index += 1;
            continue;
        }
        let value = match values {
            Values::None => false,
            All => true,
            At(only) => index == only,
            From(first) => index >= first,
            Each(first, of) => index >= first && (index - first).is_multiple_of(of),
            Scored => {
                if index == from && word.iter().all(u8::is_ascii_uppercase) && word.len() <= 4 {
                    from += 1;
                }
                index > from && (index - from) % 2 == 1
            }
            Bits => {
                if word.eq_ignore_ascii_case(b"SET") {
                    from = index;
                }
                // A command that was cut short goes on with the next one.
                let next = [&b"GET"[..], b"SET", b"INCRBY", b"OVERFLOW"].iter().any(|it| word.eq_ignore_ascii_case(it));
                from > 0 && index == from + 3 && !next
            }
            Set => {
                if index == 1 && word.eq_ignore_ascii_case(b"SET") {
                    from = index;
                }
                from > 0 && index == from + 2
            }
        };
        if value && !inner.is_empty() {
            found.push(Literal { range: inner, column: None, number: false });
        } else {
            key(text, inner, index == 1, found);
        }
        index += 1;
    }
}

/// The next argument: with its quotes, and without.
fn argument(text: &[u8], range: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let rest = text.get(range.clone())?;
    let start = range.start + rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let rest = text.get(start..range.end)?;
    if let Some(quote @ (b'"' | b'\'')) = rest.first() {
        let mut at = 1;
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\\' => at += 2,
                byte if byte == quote => return Some((start..start + at + 1, start + 1..start + at)),
                _ => at += 1,
            }
        }
        return Some((start..range.end, start + 1..range.end));
    }
    let len = rest.iter().position(|byte| byte.is_ascii_whitespace()).unwrap_or(rest.len());
    Some((start..start + len, start..start + len))
}

/// What a key names goes: the parts of it that hold a digit, or more than a plain word. An argument that is a small number
/// is an option's.
fn key(text: &[u8], argument: Range<usize>, first: bool, found: &mut Vec<Literal>) {
    let word = text.get(argument.clone()).unwrap_or(&[]);
    let digits = word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    if digits && !first && word.len() <= MAX_COUNT {
        return;
    }
    let separates =
        |byte: u8| matches!(byte, b':' | b'/' | b'|' | b'{' | b'}' | b',' | b';' | b'=' | b'#' | b'*' | b'?');
    let mut start = argument.start;
    for at in argument.start..=argument.end {
        let ends = at == argument.end || text.get(at).is_some_and(|byte| separates(*byte));
        if !ends {
            continue;
        }
        let part = text.get(start..at).unwrap_or(&[]);
        if names(part) {
            found.push(Literal { range: start..at, column: None, number: false });
        }
        start = at + 1;
    }
}

fn names(part: &[u8]) -> bool {
    let digit = part.iter().any(u8::is_ascii_digit);
    // `v2`, `db0`: a version, a number of a store.
    let version =
        part.len() <= 4 && part.iter().take_while(|byte| byte.is_ascii_alphabetic()).count() + 1 == part.len();
    digit && !version || part.contains(&b'@')
}
