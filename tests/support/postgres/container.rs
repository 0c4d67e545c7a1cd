//! Postgres in a container, through whatever Docker engine answers.
//!
//! Test processes end without a chance to remove what they share, and a killed one removes nothing.
//! So the container watches over itself: it ends, and is removed, when no session has been open for a
//! while. The administrator's session of [`super::Server`] stays open for as long as it is needed.

use std::time::{Duration, Instant};

use testcontainers::core::{ExecCommand, IntoContainerPort};
use testcontainers::runners::SyncRunner;
use testcontainers::{Container as Running, GenericImage, ImageExt};

use super::server::{ADMINISTRATOR, Options, free_port};

/// `sh -c WATCHER sh argument…`: runs the image's server with these arguments. The file `/stopped`
/// keeps it down, and says so when it is. 1538 is port 5432, 01 an open connection, in the kernel's table.
const WATCHER: &str = r#"
for file in /idgraph/*; do install -o postgres -m 600 "$file" "/var/lib/postgresql/${file##*/}"; done
start() { docker-entrypoint.sh postgres "$@" & server=$!; }
trap 'kill -QUIT $server; wait $server; exit' TERM INT
start "$@"
idle=0
while [ $idle -lt 150 ]; do
  sleep 0.2
  if [ -e /stopped ]; then
    kill -QUIT $server 2>/dev/null; wait $server; echo down >/stopped
  elif ! kill -0 $server 2>/dev/null; then start "$@"; fi
  if grep -q ':1538 [0-9A-F]*:[0-9A-F]* 01 ' /proc/net/tcp /proc/net/tcp6
  then idle=0; else idle=$((idle + 1)); fi
done
kill -QUIT $server
"#;

pub(super) struct Container {
    running: Running<GenericImage>,
    host: String,
    port: u16,
}

impl Container {
    pub(super) fn start(options: &Options) -> Result<Self, String> {
        // A port of our own choice: podman 4 does not tell testcontainers which one it chose.
        let port = free_port();
        let mut settings: Vec<String> = options.settings().map(str::to_owned).collect();
        settings.push("hba_file=/var/lib/postgresql/pg_hba.conf".to_owned());
        if options.certificate.is_some() {
            settings.push("ssl=on".to_owned());
            settings.push("ssl_cert_file=/var/lib/postgresql/server.crt".to_owned());
            settings.push("ssl_key_file=/var/lib/postgresql/server.key".to_owned());
        }
        let mut command = vec!["-c".to_owned(), WATCHER.to_owned(), "sh".to_owned()];
        command.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let mut request = GenericImage::new("postgres", "15")
            .with_entrypoint("sh")
            .with_cmd(command)
            .with_mapped_port(port, 5432.tcp())
            .with_label("idgraph", "test")
            .with_env_var("POSTGRES_USER", ADMINISTRATOR)
            .with_env_var("POSTGRES_PASSWORD", ADMINISTRATOR)
            .with_env_var("POSTGRES_DB", "postgres")
            .with_host_config_modifier(|config| config.auto_remove = Some(true))
            .with_copy_to("/idgraph/pg_hba.conf", options.hba().into_bytes());
        if let Some(certificate) = &options.certificate {
            request = request
                .with_copy_to("/idgraph/server.crt", certificate.certificate.clone().into_bytes())
                .with_copy_to("/idgraph/server.key", certificate.key.clone().into_bytes());
        }
        let running = request.start().map_err(|error| error.to_string())?;
        let host = running.get_host().map_err(|error| error.to_string())?.to_string();
        Ok(Self { running, host, port })
    }

    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn stop(&self) {
        self.execute("touch /stopped");
        let begin = Instant::now();
        while self.execute("cat /stopped").trim() != "down" {
            assert!(begin.elapsed() < Duration::from_secs(20), "the container's server goes on");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(super) fn start_again(&self) {
        self.execute("rm -f /stopped");
    }

    pub(super) fn log(&self) -> String {
        let bytes = self.running.stderr_to_vec().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn execute(&self, script: &str) -> String {
        let command = ExecCommand::new(["sh", "-c", script]);
        let mut result = self.running.exec(command).expect("run a command in the container");
        let output = result.stdout_to_vec().expect("the command's output");
        String::from_utf8_lossy(&output).into_owned()
    }
}
