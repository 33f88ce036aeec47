//! Something between a collector and its backend: forwards, holds, or speaks for itself.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What becomes of a connection.
#[derive(Clone)]
pub enum Fate {
    /// What each side says is brought to the other.
    Forward,
    /// These bytes are said, after something was heard.
    Say(Vec<u8>),
}

/// At work for as long as the test runs.
#[derive(Clone)]
pub struct Between {
    pub address: SocketAddr,
    to: Arc<Mutex<SocketAddr>>,
    connections: Arc<AtomicUsize>,
    /// Connections that are open now bring nothing any more, and nobody is told.
    held: Arc<Mutex<Arc<AtomicBool>>>,
}

impl Between {
    /// Decides of the n-th connection, counted from zero.
    pub fn start(to: SocketAddr, fate: impl Fn(usize) -> Fate + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let between = Self {
            address: listener.local_addr().unwrap(),
            to: Arc::new(Mutex::new(to)),
            connections: Arc::default(),
            held: Arc::default(),
        };
        let own = between.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let number = own.connections.fetch_add(1, Ordering::Relaxed);
                match fate(number) {
                    Fate::Forward => own.forward(stream),
                    Fate::Say(bytes) => drop(std::thread::spawn(move || say(stream, &bytes))),
                }
            }
        });
        between
    }

    /// How many connections there have been.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// From now on nothing goes over the connections that are open.
    pub fn hold(&self) {
        let held = std::mem::take(&mut *self.held.lock().unwrap());
        held.store(true, Ordering::Relaxed);
    }

    fn forward(&self, stream: TcpStream) {
        let Ok(there) = TcpStream::connect(*self.to.lock().unwrap()) else { return };
        let held = Arc::clone(&self.held.lock().unwrap());
        let (back, forth) = (stream.try_clone().unwrap(), there.try_clone().unwrap());
        let other = Arc::clone(&held);
        std::thread::spawn(move || bring(stream, forth, &held));
        std::thread::spawn(move || bring(there, back, &other));
    }
}

fn bring(mut from: TcpStream, mut to: TcpStream, held: &AtomicBool) {
    let mut part = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut part) {
        if held.load(Ordering::Relaxed) {
            // Neither end hears that this one is over.
            std::mem::forget((from, to));
            return;
        }
        if read == 0 || to.write_all(&part[..read]).is_err() {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Both);
}

fn say(mut stream: TcpStream, bytes: &[u8]) {
    let mut heard = vec![0; 1 << 16];
    let _some = stream.read(&mut heard);
    for part in bytes.chunks(1 << 16) {
        if stream.write_all(part).is_err() {
            return;
        }
    }
    let _closed = stream.shutdown(Shutdown::Write);
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    while stream.read(&mut heard).is_ok_and(|read| read > 0) {}
}
