//! Something between a collector and its backend that breaks all connections off whenever it is told to, in the middle of what they bring.

use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// At work until it is dropped.
pub struct Flapping {
    pub address: SocketAddr,
    up: watch::Sender<bool>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Flapping {
    /// Begins up.
    pub fn start(to: SocketAddr) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (up, seen) = watch::channel(true);
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(bring(stream, to, seen.clone()));
            }
        });
        Self { address, up, runtime: Some(runtime) }
    }

    /// Whether connections are let through from now on; if not, those that there are break.
    pub fn set(&self, up: bool) {
        self.up.send_replace(up);
    }
}

impl Drop for Flapping {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn bring(mut stream: TcpStream, to: SocketAddr, mut up: watch::Receiver<bool>) {
    if *up.borrow_and_update()
        && let Ok(mut there) = TcpStream::connect(to).await
    {
        tokio::select! {
            _ended = tokio::io::copy_bidirectional(&mut stream, &mut there) => return,
            _down = up.wait_for(|up| !up) => there.set_zero_linger().unwrap(),
        }
    }
    // A reset, not an end.
    stream.set_zero_linger().unwrap();
}
