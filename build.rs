//! The folders that are embedded in the binary: a change in one is a reason to build again.

fn main() {
    println!("cargo::rerun-if-changed=dialects");
    println!("cargo::rerun-if-changed=templates");
}
