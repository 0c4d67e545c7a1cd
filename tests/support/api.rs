//! What idgraph's scripts speak to, on a port of this machine: comments as GitHub and GitLab keep them, and releases.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What may comment.
pub const TOKEN: &str = "ghs_0123456789abcdef";

/// What there is, and what was asked.
#[derive(Default)]
pub struct State {
    /// Comments as the API shows them.
    pub comments: Vec<Value>,
    /// Method and path of each request, in order.
    pub requests: Vec<String>,
    /// Whether the token may only read.
    pub reads_only: bool,
    /// Who the token says it is; GitHub does not tell a workflow.
    pub login: Option<&'static str>,
    /// Files of releases by their path.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// A server, until the end of the process.
pub struct Api {
    /// Without a slash at its end.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Api {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &mut shared.lock().expect("the state"));
            }
        });
        Self { url, state }
    }

    pub fn with<T>(&self, of: impl FnOnce(&mut State) -> T) -> T {
        of(&mut self.state.lock().expect("the state"))
    }

    /// The texts of all comments.
    pub fn bodies(&self) -> Vec<String> {
        let body = |one: &Value| one["body"].as_str().unwrap_or_default().to_owned();
        self.with(|state| state.comments.iter().map(body).collect())
    }

    /// The text of a comment.
    pub fn body_of(&self, id: usize) -> String {
        let found = |state: &mut State| {
            let one = state.comments.iter().find(|one| one["id"] == id).expect("a comment");
            one["body"].as_str().expect("a text").to_owned()
        };
        self.with(found)
    }

    /// The methods of the requests that write.
    pub fn written(&self) -> Vec<String> {
        let method = |one: &String| one.split(' ').next().unwrap_or_default().to_owned();
        self.with(|state| state.requests.iter().map(method).filter(|one| one != "GET").collect())
    }
}

fn answer(mut stream: TcpStream, state: &mut State) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let mut line = String::new();
    let mut headers = BTreeMap::new();
    let mut first = String::new();
    reader.read_line(&mut first).expect("a request");
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length =
        headers.get("content-length").map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let mut words = first.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    state.requests.push(format!("{method} {path}"));
    let (status, content) = if let Some((_, file)) = path.split_once("/releases/download/") {
        match state.files.get(file) {
            Some(content) => (200, content.clone()),
            None => (404, b"Not Found".to_vec()),
        }
    } else {
        let is_known =
            headers.get("authorization").is_some_and(|one| one == &format!("Bearer {TOKEN}"))
                || headers.get("private-token").is_some_and(|one| one == TOKEN);
        let (status, content) = if is_known {
            comments(method, path, &body, state)
        } else {
            (401, json!({ "message": "Bad credentials" }))
        };
        (status, content.to_string().into_bytes())
    };
    let head = format!(
        "HTTP/1.1 {status} Any\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&content)).expect("answer");
}

fn comments(method: &str, path: &str, body: &[u8], state: &mut State) -> (u16, Value) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path == "/user" {
        return match state.login {
            Some(login) => (200, json!({ "login": login, "username": login })),
            None => (403, json!({ "message": "Resource not accessible by integration" })),
        };
    }
    if method == "GET" {
        let page = query.split("page=").last().and_then(|page| page.parse::<usize>().ok());
        let all = state.comments.chunks(100).nth(page.expect("a page") - 1);
        return (200, json!(all.unwrap_or_default()));
    }
    if state.reads_only {
        return (403, json!({ "message": "Resource not accessible by integration" }));
    }
    let body: Value = serde_json::from_slice(body).expect("JSON");
    if method == "POST" {
        let login = state.login.unwrap_or("github-actions[bot]");
        let kind = if state.login.is_some() { "User" } else { "Bot" };
        let id = state.comments.len() + 1;
        state.comments.push(json!({
            "id": id, "body": body["body"],
            "user": { "login": login, "type": kind }, "author": { "username": login },
        }));
        return (201, json!({ "id": id }));
    }
    let id: usize = path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id");
    let found = state.comments.iter_mut().find(|one| one["id"] == id);
    match found {
        Some(one) if matches!(method, "PATCH" | "PUT") => {
            one["body"] = body["body"].clone();
            (200, json!({ "id": id }))
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}
