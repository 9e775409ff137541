//! The way between a client and a server, which may fall silent.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Passes bytes on, both ways, until it falls silent: nothing arrives then, and nothing ends, as where a machine is gone.
pub struct Wire {
    /// Where clients connect.
    pub address: SocketAddr,
    silent: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// One that leads to a port of this machine.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (silent, heard) = watch::channel(false);
        let accepting = tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(pass(near_in, far_out, heard.clone()));
                tokio::spawn(pass(far_in, near_out, heard.clone()));
            }
        });
        Self { address, silent, accepting }
    }

    /// What is connected now hears nothing more; what connects from now on does again.
    pub fn fall_silent(&self) {
        self.silent.send_replace(true);
    }

    /// New connections hear each other.
    pub fn speak(&self) {
        self.silent.send_replace(false);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut silent: watch::Receiver<bool>,
) {
    let mut buffer = [0; 4096];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            () = async { drop(silent.wait_for(|silent| *silent).await) } => break,
        };
        match read {
            Ok(count @ 1..) if to.write_all(&buffer[..count]).await.is_ok() => {}
            _ => return,
        }
    }
    // Held open, and never spoken on again.
    std::future::pending::<()>().await;
}
