//! A connection that is looked at once a millisecond while much comes over it.

use std::{
    future::Future as _,
    io::{self, ErrorKind, Read as _, Write as _},
    mem,
    net::{self, Shutdown},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How long what comes is let gather.
const REST: Duration = Duration::from_millis(1);

/// A connection. What comes alone is read as soon as it is there. Once two reads that were waited for are less than [`REST`]
/// apart, the runtime is not told of any more of them: to be woken for each frame costs more than all that is done with it.
pub(in crate::native) struct Gathered {
    state: State,
    rest: Pin<Box<Sleep>>,
    /// When the last read was that was waited for.
    woken: Option<Instant>,
    /// Whether a read is waited for.
    waits: bool,
}

enum State {
    /// The runtime tells when there is something to read.
    Watched(TcpStream),
    /// Nobody tells. `found` is whether there was something since the last rest.
    Polled { stream: net::TcpStream, found: bool },
    /// It could not be moved from one to the other.
    Gone,
}

impl Gathered {
    pub(in crate::native) fn new(stream: TcpStream) -> Self {
        let rest = Box::pin(sleep(Duration::ZERO));
        Self { state: State::Watched(stream), rest, woken: None, waits: false }
    }

    /// Whether a read that was waited for comes soon after another.
    fn is_hurried(&mut self) -> bool {
        let now = Instant::now();
        self.woken.replace(now).is_some_and(|last| now.duration_since(last) < REST)
    }

    fn poll_instead(&mut self) -> io::Result<()> {
        if let State::Watched(stream) = mem::replace(&mut self.state, State::Gone) {
            self.state = State::Polled { stream: stream.into_std()?, found: true };
        }
        Ok(())
    }

    fn watch_again(&mut self) -> io::Result<()> {
        if let State::Polled { stream, .. } = mem::replace(&mut self.state, State::Gone) {
            self.state = State::Watched(TcpStream::from_std(stream)?);
        }
        Ok(())
    }
}

impl AsyncRead for Gathered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.state {
                State::Watched(stream) => {
                    let read = Pin::new(stream).poll_read(context, into);
                    let waited = mem::replace(&mut this.waits, read.is_pending());
                    if waited && read.is_ready() && this.is_hurried() {
                        this.poll_instead()?;
                    }
                    return read;
                }
                State::Polled { stream, found } => {
                    if !*found {
                        ready!(this.rest.as_mut().poll(context));
                    }
                    match stream.read(into.initialize_unfilled()) {
                        Ok(read) => {
                            *found = true;
                            into.advance(read);
                            return Poll::Ready(Ok(()));
                        }
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) if error.kind() != ErrorKind::WouldBlock => {
                            return Poll::Ready(Err(error));
                        }
                        Err(_) if *found => {
                            *found = false;
                            this.rest.as_mut().reset(Instant::now() + REST);
                        }
                        Err(_) => this.watch_again()?,
                    }
                }
                State::Gone => return Poll::Ready(Err(gone())),
            }
        }
    }
}

impl AsyncWrite for Gathered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match &mut self.state {
                State::Watched(stream) => return Pin::new(stream).poll_write(context, bytes),
                State::Polled { stream, .. } => match stream.write(bytes) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => self.watch_again()?,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    written => return Poll::Ready(written),
                },
                State::Gone => return Poll::Ready(Err(gone())),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What is written is with the system.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.state {
            State::Watched(stream) => Pin::new(stream).poll_shutdown(context),
            State::Polled { stream, .. } => Poll::Ready(stream.shutdown(Shutdown::Write)),
            State::Gone => Poll::Ready(Ok(())),
        }
    }
}

impl Connection for Gathered {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

fn gone() -> io::Error {
    ErrorKind::NotConnected.into()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
        task::yield_now,
    };

    use super::*;

    async fn pair() -> (TcpStream, Gathered) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        far.set_nodelay(true).unwrap();
        (far, Gathered::new(listener.accept().await.unwrap().0))
    }

    /// What is read when so much is sent while it is waited for.
    async fn sent(far: &mut TcpStream, near: &mut Gathered, bytes: &[u8]) -> Vec<u8> {
        let mut read = vec![0; bytes.len()];
        let write = async {
            yield_now().await;
            far.write_all(bytes).await.unwrap();
        };
        let (_, ()) = tokio::join!(near.read_exact(&mut read), write);
        read
    }

    fn is_watched(near: &Gathered) -> bool {
        matches!(near.state, State::Watched(_))
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_alone_is_waited_for_and_what_comes_in_a_hurry_is_looked_for() {
        let (mut far, mut near) = pair().await;
        for alone in [b"a", b"b", b"c"] {
            assert_eq!(sent(&mut far, &mut near, alone).await, alone);
            assert!(is_watched(&near));
            tokio::time::advance(REST).await;
        }
        // No time passes between these.
        for hurried in [b"d", b"e"] {
            assert_eq!(sent(&mut far, &mut near, hurried).await, hurried);
        }
        assert!(!is_watched(&near));
        let begun = Instant::now();
        assert_eq!(sent(&mut far, &mut near, b"f").await, b"f");
        assert!(!is_watched(&near) && begun.elapsed() >= REST);
        // Two looks find nothing.
        tokio::select! {
            biased;
            _ = near.read_u8() => panic!("nothing was sent"),
            () = sleep(REST * 5) => {}
        }
        assert!(is_watched(&near));
        assert_eq!(sent(&mut far, &mut near, b"g").await, b"g");
    }

    #[tokio::test]
    async fn no_byte_is_lost_either_way() {
        const MANY: usize = 2_000_000;
        let (far, near) = pair().await;
        let byte = |place: usize| (place % 251) as u8;
        let (mut near_reads, mut near_writes) = tokio::io::split(near);
        let (mut far_reads, mut far_writes) = far.into_split();
        let send = async move {
            let mut place = 0;
            while place < MANY {
                let until = (place + 1 + place % 4_099).min(MANY);
                far_writes.write_all(&(place..until).map(byte).collect::<Vec<_>>()).await.unwrap();
                place = until;
                yield_now().await;
            }
        };
        // All goes back, to a reader who is slower than it is written to.
        let echo = async move {
            let mut bytes = vec![0; 10_000];
            loop {
                let read = near_reads.read(&mut bytes).await.unwrap();
                if read == 0 {
                    break near_writes.shutdown().await.unwrap();
                }
                near_writes.write_all(&bytes[..read]).await.unwrap();
            }
        };
        let receive = async move {
            let (mut bytes, mut place) = (vec![0; 3_000], 0);
            loop {
                let read = far_reads.read(&mut bytes).await.unwrap();
                if read == 0 {
                    break place;
                }
                assert!(bytes[..read].iter().zip(place..).all(|(got, place)| *got == byte(place)));
                place += read;
            }
        };
        let (_, _, received) = tokio::join!(tokio::spawn(send), tokio::spawn(echo), receive);
        assert_eq!(received, MANY);
    }
}
