//! Where connections come in: a port, or a socket in the file system.

use crate::settings::Listen;
use crate::telemetry::Component;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A place to listen at.
#[derive(Debug)]
pub(super) enum Door {
    Tcp(TcpListener),
    /// The socket's file goes when nobody listens any more.
    Unix(UnixListener, PathBuf),
}

/// A connection.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Door {
    /// Opens a port; the address is the one that was really taken.
    pub(super) async fn bind(component: &Component, listen: Listen) -> io::Result<(Self, SocketAddr)> {
        let tcp = TcpListener::bind(listen.address()).await.map_err(|error| {
            io::Error::new(error.kind(), format!("{component} cannot listen at {}: {error}", listen.address()))
        })?;
        let address = tcp.local_addr()?;
        Ok((Self::Tcp(tcp), address))
    }

    /// Opens a socket for this user alone.
    pub(super) fn bind_unix(component: &Component, path: &Path) -> io::Result<Self> {
        let refused = |error: io::Error| {
            io::Error::new(error.kind(), format!("{component} cannot listen at its socket: {error}"))
        };
        // Nobody answers at what a process left behind that was killed.
        let stale = std::fs::symlink_metadata(path).is_ok_and(|known| known.file_type().is_socket())
            && std::os::unix::net::UnixStream::connect(path).is_err();
        if stale {
            std::fs::remove_file(path).map_err(refused)?;
        }
        let unix = UnixListener::bind(path).map_err(refused)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(refused)?;
        Ok(Self::Unix(unix, path.to_owned()))
    }

    /// The address of a port.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Tcp(tcp) => tcp.local_addr(),
            Self::Unix(..) => Err(io::ErrorKind::AddrNotAvailable.into()),
        }
    }

    /// Waits for a connection; says from where it comes, if not from this machine's file system.
    pub(super) async fn accept(&self) -> io::Result<(Socket, Option<IpAddr>)> {
        match self {
            Self::Tcp(tcp) => {
                let (stream, peer) = tcp.accept().await?;
                // Answers are small: waiting for more to send with them only costs time.
                let _best_effort = stream.set_nodelay(true);
                Ok((Socket::Tcp(stream), Some(peer.ip())))
            }
            Self::Unix(unix, _) => {
                let (stream, _unnamed) = unix.accept().await?;
                Ok((Socket::Unix(stream), None))
            }
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            let _best_effort = std::fs::remove_file(path);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Unix(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }
}
