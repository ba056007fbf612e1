//! The agent's end of media-line.ts: encoded frames in records, each with a head of JSON.
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{mpsc, Mutex};
use std::thread;
use std::time::Instant;

use serde_json::{json, Value};

static LINE: Mutex<Option<TcpStream>> = Mutex::new(None);
static TAKERS: Mutex<Option<HashMap<String, mpsc::Sender<Frame>>>> = Mutex::new(None);

/// A frame and how long it lasts, in milliseconds.
pub struct Frame {
    pub milliseconds: f64,
    pub data: Vec<u8>,
}

pub fn open(port: u16) {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the line");
    stream.set_nodelay(true).expect("no delay");
    let mut reading = stream.try_clone().expect("a second handle");
    *LINE.lock().unwrap() = Some(stream);
    thread::spawn(move || {
        while let Ok((head, data)) = read_record(&mut reading) {
            let takers = TAKERS.lock().unwrap();
            let taker = takers.as_ref().and_then(|all| all.get(head["pc"].as_str().unwrap_or_default()));
            if let Some(taker) = taker {
                let _ = taker.send(Frame { milliseconds: head["time"].as_f64().unwrap_or_default(), data });
            }
        }
    });
}

fn read_record(from: &mut TcpStream) -> std::io::Result<(Value, Vec<u8>)> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut text = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut text)?;
    let head: Value = serde_json::from_slice(&text)?;
    let mut data = vec![0; head["length"].as_u64().unwrap_or_default() as usize];
    from.read_exact(&mut data)?;
    Ok((head, data))
}

/// What comes over the line for this connection.
pub fn frames_of(pc: &str) -> mpsc::Receiver<Frame> {
    let (sender, receiver) = mpsc::channel();
    TAKERS.lock().unwrap().get_or_insert_default().insert(pc.to_string(), sender);
    receiver
}

pub fn send(pc: &str, begin: Instant, data: &[u8]) {
    let time = begin.elapsed().as_secs_f64() * 1000.0;
    let text = json!({"pc": pc, "kind": "encoded", "time": time, "length": data.len()}).to_string();
    let mut record = (text.len() as u32).to_be_bytes().to_vec();
    record.extend_from_slice(text.as_bytes());
    record.extend_from_slice(data);
    if let Some(line) = LINE.lock().unwrap().as_mut() {
        let _ = line.write_all(&record); // the test may be over
    }
}
