//! Ends the running statement from another thread.

use std::sync::mpsc;
use std::time::Duration;

use postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::plan::{Environment, Plan};
use crate::project::Url;

/// How long the request may take; it is sent over a connection of its own.
const LIMIT: Duration = Duration::from_secs(5);

/// What ends the statement that a connection runs. The server's own request for it: a pooler passes it on to the
/// session that runs the statement, of which no other connection knows.
pub(super) fn handle(client: &Client, url: &Url, target: &str) -> Box<dyn Fn() + Send> {
    let token = client.cancel_token();
    let plan = Plan::new(url, target, &Environment::of_process()).ok();
    let tls = plan.and_then(|plan| plan.tls);
    Box::new(move || {
        let (token, tls) = (token.clone(), tls.clone());
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            // What cannot be asked for goes on to its end.
            let _ = match tls {
                Some(tls) => token.cancel_query(MakeRustlsConnect::new(tls)),
                None => token.cancel_query(postgres::NoTls),
            };
            let _ = sender.send(());
        });
        let _ = receiver.recv_timeout(LIMIT);
    })
}
