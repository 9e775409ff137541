use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The longest answer that is read.
const LONGEST: usize = 16 * 1024;

/// Posts webhooks to a server of this machine, over connections that stay open. It costs as little as a client can, so that many can be
/// sent beside what is measured.
pub struct Sender {
    at: SocketAddr,
    idle: Mutex<Vec<TcpStream>>,
}

/// What was answered to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The HTTP status.
    pub status: u16,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<u64>,
}

impl Sender {
    /// One that posts to this address.
    pub fn to(at: SocketAddr) -> Self {
        Self { at, idle: Mutex::new(Vec::new()) }
    }

    /// The bytes of a request with these headers.
    pub fn request(&self, path: &str, headers: &[(String, String)], body: &str) -> Vec<u8> {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n{headers}\r\n{body}",
            self.at
        )
        .into_bytes()
    }

    /// Sends a request, and reads the answer.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn post(&self, request: &[u8]) -> io::Result<Delivered> {
        let idle = self.idle().pop();
        let mut stream = match idle {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.at).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        let delivered = answer(&mut stream).await?;
        self.idle().push(stream);
        Ok(delivered)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn answer(stream: &mut TcpStream) -> io::Result<Delivered> {
    let odd = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let mut bytes = Vec::with_capacity(512);
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if bytes.len() > LONGEST {
            return Err(odd("the head does not end"));
        }
    };
    let head = str::from_utf8(&bytes[..end]).map_err(|_| odd("the head is no text"))?;
    let number = |wanted: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(':'));
        headers.find(|(name, _)| name.eq_ignore_ascii_case(wanted))?.1.trim().parse::<u64>().ok()
    };
    let status = head.get(9..12).and_then(|status| status.parse().ok());
    let delivered = Delivered {
        status: status.ok_or_else(|| odd("there is no status"))?,
        retry_after: number("retry-after"),
    };
    let length = number("content-length").ok_or_else(|| odd("there is no content-length"))?;
    let whole = end + 4 + usize::try_from(length).map_err(|_| odd("it is too long"))?;
    while bytes.len() < whole {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(delivered)
}
