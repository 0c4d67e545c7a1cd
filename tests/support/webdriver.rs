//! A browser: Chromium, headless, driven over WebDriver, which is JSON over plain HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A session of its own, with a profile of its own; ends with the value.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts chromedriver and with it Chromium.
    pub fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver on the PATH (Debian: apt-get install chromium chromium-driver)");
        let mut port = None;
        for line in BufReader::new(driver.stdout.as_mut().expect("piped")).lines() {
            let line = line.expect("text");
            if let Some((_, said)) = line.split_once("started successfully on port ") {
                port = said.trim_end_matches('.').parse().ok();
                break;
            }
        }
        let port = port.expect("chromedriver says its port");
        let mut browser = Self { driver, port, session: String::new() };
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            // Root may not use the sandbox; a container has little shared memory.
            "goog:chromeOptions": { "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--disable-background-networking", "--no-first-run", "--window-size=1280,900"
            ] }
        } } });
        let made = browser.request("POST", "/session", &capabilities);
        browser.session = made["sessionId"].as_str().expect("a session").to_owned();
        browser
    }

    /// Opens a file, with an anchor maybe.
    pub fn open(&self, file: &Path, anchor: &str) {
        let url = format!("file://{}{anchor}", file.display());
        self.command("POST", "/url", &json!({ "url": url }));
    }

    /// What a function body returns.
    pub fn run(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until a function body returns something true.
    #[track_caller]
    pub fn until(&self, script: &str) -> Value {
        let began = Instant::now();
        loop {
            let value = self.run(script);
            let is_false = matches!(value, Value::Null | Value::Bool(false)) || value == 0;
            if !is_false {
                return value;
            }
            if began.elapsed() > Duration::from_secs(20) {
                let now = self.run(
                    "return location.href + ' ' + document.activeElement.outerHTML.slice(0, 300)",
                );
                panic!("not so after 20 s: {script}\nat {now}\n{:?}", self.complaints());
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Presses keys one after another, as on a keyboard, once there is something to see: before, Chromium drops them.
    pub fn press(&self, keys: &str) {
        self.until("return performance.getEntriesByName('first-contentful-paint').length > 0");
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|way| json!({ "type": way, "value": key.to_string() }))
            })
            .collect();
        let keyboard =
            json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.command("POST", "/actions", &keyboard);
    }

    /// A command of the DevTools protocol.
    pub fn devtools(&self, method: &str, parameters: &Value) -> Value {
        let command = json!({ "cmd": method, "params": parameters });
        self.command("POST", "/goog/cdp/execute", &command)
    }

    /// How wide and high the page is, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Light or dark.
    pub fn scheme(&self, scheme: &str) {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &feature);
    }

    /// What the browser said of the pages since it was asked last: errors and warnings.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "browser" }));
        let log = log.as_array().cloned().unwrap_or_default();
        log.iter().map(|entry| format!("{} {}", entry["level"], entry["message"])).collect()
    }

    /// The addresses that were asked for since it was asked last.
    pub fn requests(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", &json!({ "type": "performance" }));
        let mut urls = Vec::new();
        for entry in log.as_array().into_iter().flatten() {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().expect("text")).expect("JSON");
            let message = &message["message"];
            if message["method"] == "Network.requestWillBeSent" {
                urls.push(message["params"]["request"]["url"].as_str().expect("a URL").to_owned());
            }
        }
        urls
    }

    /// A picture of what can be seen, or of the whole page, as PNG.
    pub fn screenshot(&self, file: &Path, whole: bool) {
        let shot = json!({ "format": "png", "captureBeyondViewport": whole });
        let shot = self.devtools("Page.captureScreenshot", &shot);
        let bytes = decoded(shot["data"].as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"));
        std::fs::write(file, bytes).expect("write");
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        self.request(method, &format!("/session/{}{path}", self.session), body)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = body.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("chromedriver");
        stream.set_read_timeout(Some(Duration::from_secs(120))).expect("a timeout");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("send");
        stream.write_all(body.as_bytes()).expect("send");
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("an answer");
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer).expect("an answer");
        let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let value = answer["value"].take();
        assert!(value.get("error").is_none(), "{method} {path} {body:.200}: {value:#}");
        value
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.command("DELETE", "", &json!({}));
        }
        // Chromium ends with it.
        let _ = Command::new("kill").arg(self.driver.id().to_string()).status();
        let _ = self.driver.wait();
    }
}

/// Base64, as pictures arrive.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.bytes().filter(|byte| *byte != b'=') {
        let value = LETTERS.iter().position(|one| *one == letter).expect("base64");
        bits = (bits << 6) | u32::try_from(value).expect("six bits");
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).expect("a byte"));
        }
    }
    bytes
}
