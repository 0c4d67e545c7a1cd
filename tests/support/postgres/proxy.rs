//! Between idgraph and a Postgres server: stops at a statement until the test says how to go on.

use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::Server;

/// How to go on with the statement that was stopped at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The server gets it, and all that follow.
    GoOn,
    /// The connection ends, and the server never sees it.
    Cut,
    /// The server gets it, and the connection ends before anyone hears of the result.
    SendAndCut,
}

/// One connection's proxy. What connects while that one is there is let through.
pub struct Proxy {
    port: u16,
    reached: Receiver<()>,
    then: Sender<Then>,
    thread: JoinHandle<usize>,
}

impl Proxy {
    /// Stops at statement `at`, counted from 1.
    pub fn start(server: &Server, at: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let upstream = (server.host(), server.port());
        let (says_reached, reached) = channel();
        let (then, hears_then) = channel();
        let thread = std::thread::spawn(move || {
            let (client, _) = listener.accept().expect("idgraph connects");
            let server = TcpStream::connect(&upstream).expect("the server is there");
            let over = Arc::new(AtomicBool::new(false));
            let is_over = Arc::clone(&over);
            std::thread::spawn(move || let_through(&listener, &upstream, &is_over));
            // Many small messages: none shall wait for the next.
            for side in [&client, &server] {
                side.set_nodelay(true).expect("a socket");
            }
            let (mut answers, mut asker) =
                (server.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut answers, &mut asker);
                let _ = asker.shutdown(Shutdown::Both);
            });
            let mut statements = 0;
            // Either side may be gone at any time: that is what is tested.
            let _ = relay(&client, &server, |is_statement| {
                statements += usize::from(is_statement);
                if !is_statement || statements != at || says_reached.send(()).is_err() {
                    return Then::GoOn;
                }
                hears_then.recv().unwrap_or(Then::Cut)
            });
            let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
            over.store(true, Ordering::SeqCst);
            statements
        });
        Self { port, reached, then, thread }
    }

    /// A URL through the proxy, for one to the server.
    pub fn url(&self, server: &Server, url: &str) -> String {
        let address = format!("{}:{}/", server.host(), server.port());
        let through = url.replace(&address, &format!("127.0.0.1:{}/", self.port));
        assert_ne!(through, url);
        format!("{through}?sslmode=disable")
    }

    /// Waits until the statement is there; false when the connection ended before it.
    pub fn reaches(&self) -> bool {
        self.reached.recv().is_ok()
    }

    /// Goes on, and says at the connection's end how many statements there were.
    pub fn then(self, then: Then) -> usize {
        let _ = self.then.send(then);
        self.thread.join().expect("the proxy")
    }
}

/// Connects others to the server, until it is over.
fn let_through(listener: &TcpListener, upstream: &(String, u16), is_over: &AtomicBool) {
    listener.set_nonblocking(true).expect("a socket");
    while !is_over.load(Ordering::SeqCst) {
        let Ok((client, _)) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(2));
            continue;
        };
        client.set_nonblocking(false).expect("a socket");
        let Ok(server) = TcpStream::connect(upstream) else { continue };
        for (from, to) in [(&client, &server), (&server, &client)] {
            let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Both);
            });
        }
    }
}

/// Hands on what the client sends, message by message, as `decide` says.
fn relay(
    mut client: &TcpStream,
    mut server: &TcpStream,
    mut decide: impl FnMut(bool) -> Then,
) -> Result<()> {
    // The first message has no letter in front of its length.
    let mut has_letter = false;
    loop {
        let mut message = vec![0; if has_letter { 5 } else { 4 }];
        client.read_exact(&mut message)?;
        let length =
            message[message.len() - 4..].iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        // Execute, and a simple query.
        let is_statement = has_letter && matches!(message[0], b'E' | b'Q');
        let head = message.len();
        message.resize(head - 4 + length, 0);
        client.read_exact(&mut message[head..])?;
        has_letter = true;
        let then = decide(is_statement);
        if then == Then::Cut {
            return Ok(());
        }
        server.write_all(&message)?;
        if then == Then::SendAndCut {
            // All up to Sync, without which the server does not answer.
            let mut rest = [0; 65536];
            let read = client.read(&mut rest)?;
            return server.write_all(&rest[..read]);
        }
    }
}
