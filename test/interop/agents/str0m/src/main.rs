//! The commands of agent.mjs on str0m, in lines on standard input and output: data channels echo, media goes over the line.
mod connection;
mod frame_file;
mod line;

use std::collections::HashMap;
use std::io::BufRead;
use std::sync::mpsc;
use std::thread;

use serde_json::{json, Value};

/// One line, whole.
pub fn print(value: Value) {
    use std::io::Write;
    let text = format!("{value}\n");
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn main() {
    let is_lite = std::env::args().any(|one| one == "ice-lite");
    let mut connections: HashMap<String, mpsc::Sender<Value>> = HashMap::new();
    print(json!({"event": "ready"}));
    for text in std::io::stdin().lock().lines() {
        let Ok(text) = text else { return };
        let command: Value = serde_json::from_str(&text).expect("a command in JSON");
        let id = command["id"].clone();
        let key = command["pc"].as_str().unwrap_or_default().to_string();
        match command["op"].as_str().unwrap_or_default() {
            "media-line" => {
                line::open(command["port"].as_u64().unwrap_or_default() as u16);
                print(json!({"id": id, "result": null}));
            }
            "connect" => {
                let (sender, receiver) = mpsc::channel();
                connections.insert(key.clone(), sender);
                thread::spawn(move || connection::run(&key, is_lite, receiver));
                print(json!({"id": id, "result": null}));
            }
            _ => {
                if connections.get(&key).is_none_or(|one| one.send(command).is_err()) {
                    print(json!({"id": id, "error": format!("no such connection: {key}")}));
                }
            }
        }
    }
}
