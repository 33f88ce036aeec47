//! HTTP/2 frame by frame, for what no well-behaved client sends.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub fn frame(kind: u8, flags: u8, stream: u32, content: &[u8]) -> Vec<u8> {
    let mut frame = u32::try_from(content.len()).unwrap().to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(content);
    frame
}

/// A POST to `/v1/logs`, without Huffman coding and without the table: `:method`, `:scheme`, `:path`, `:authority`, type.
pub fn request() -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in [(":path", "/v1/logs"), (":authority", "x"), ("content-type", "application/x-protobuf")] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// A connection that has said its preface and its settings.
pub fn open(to: SocketAddr, settings: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(&[PREFACE, &frame(4, 0, 0, settings)].concat()).unwrap();
    stream
}

/// Sends round after round until the connection is closed; how many went, how long it took, and whether the server said that it
/// would close it.
pub fn flood(mut stream: TcpStream, most: usize, round: impl Fn(usize) -> Vec<u8>) -> Option<(usize, Duration)> {
    let began = Instant::now();
    let mut reader = stream.try_clone().unwrap();
    let drained = std::thread::spawn(move || {
        let mut rest = [0; 1 << 14];
        while reader.read(&mut rest).is_ok_and(|read| read > 0) {}
    });
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    let sent = (0..most).find(|number| stream.write_all(&round(*number)).is_err());
    let closed = sent.map(|sent| (sent, began.elapsed()));
    let _ = stream.shutdown(std::net::Shutdown::Both);
    drained.join().unwrap();
    closed
}
