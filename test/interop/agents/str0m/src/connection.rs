//! One connection, on a thread and a socket of its own.
use std::collections::{HashMap, VecDeque};
use std::net::UdpSocket;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use str0m::change::{SdpAnswer, SdpOffer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId, Reliability};
use str0m::format::Codec;
use str0m::media::{Direction, Frequency, KeyframeRequestKind, MediaKind, MediaTime, Mid};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceConnectionState, Input, Output, Rtc, RtcConfig};

use crate::frame_file::FrameFile;
use crate::line::{self, Frame};
use crate::print;

type Failure = Box<dyn std::error::Error>;

struct Channel {
    id: ChannelId,
    label: String,
    is_open: bool,
    waiting: VecDeque<(bool, Vec<u8>)>,
    sunk: usize,
}

/// A codec whose frames come over the line.
struct Flow {
    kind: MediaKind,
    codec: Codec,
    mid: Option<Mid>,
    ticks: f64,
    frames: Receiver<Frame>,
}

struct Connection<'a> {
    key: &'a str,
    rtc: Rtc,
    candidate: Candidate,
    begin: Instant,
    /// Sections and channels for the next offer.
    medias: Vec<(MediaKind, Direction)>,
    announced: Vec<ChannelConfig>,
    pending: Option<SdpPendingOffer>,
    channels: Vec<Channel>,
    flow: Option<Flow>,
    kinds: HashMap<Mid, MediaKind>,
    file: FrameFile,
    is_negotiated: bool,
    has_begun: bool,
}

fn direction_of(name: &str) -> Direction {
    match name {
        "sendonly" => Direction::SendOnly,
        "recvonly" => Direction::RecvOnly,
        "inactive" => Direction::Inactive,
        _ => Direction::SendRecv,
    }
}

fn kind_of(name: &str) -> MediaKind {
    if name == "audio" {
        MediaKind::Audio
    } else {
        MediaKind::Video
    }
}

fn config_of(label: &str, options: &Value) -> ChannelConfig {
    let number = |name: &str| options[name].as_u64().map(|one| one as u16);
    let reliability = match (number("maxRetransmits"), number("maxPacketLifeTime")) {
        (Some(retransmits), _) => Reliability::MaxRetransmits { retransmits },
        (_, Some(lifetime)) => Reliability::MaxPacketLifetime { lifetime },
        _ => Reliability::Reliable,
    };
    ChannelConfig {
        label: label.to_string(),
        ordered: options["ordered"].as_bool().unwrap_or(true),
        reliability,
        negotiated: if options["negotiated"] == true { number("id") } else { None },
        protocol: options["protocol"].as_str().unwrap_or_default().to_string(),
    }
}

impl Connection<'_> {
    fn emit(&self, event: &str, rest: Value) {
        let mut line = json!({"event": event, "pc": self.key});
        for (name, value) in rest.as_object().into_iter().flatten() {
            line[name] = value.clone();
        }
        print(line);
    }

    fn tell_candidate(&self) {
        let text = self.candidate.to_sdp_string();
        self.emit("candidate", json!({"candidate": {"candidate": text, "sdpMid": null, "sdpMLineIndex": 0}}));
    }

    fn add_channel(&mut self, label: &str, options: &Value) {
        let config = config_of(label, options);
        if self.is_negotiated {
            let id = self.rtc.direct_api().create_data_channel(config);
            self.keep(id, label);
        } else {
            self.announced.push(config);
        }
    }

    fn keep(&mut self, id: ChannelId, label: &str) -> &mut Channel {
        let label = label.to_string();
        self.channels.push(Channel { id, label, is_open: false, waiting: VecDeque::new(), sunk: 0 });
        self.channels.last_mut().expect("just pushed")
    }

    fn offer(&mut self, restarts: bool) -> Result<Value, Failure> {
        let mut changes = self.rtc.sdp_api();
        for (kind, direction) in self.medias.drain(..) {
            changes.add_media(kind, direction, Some("str0m-stream".into()), None, None);
        }
        let mut made = vec![];
        for config in self.announced.drain(..) {
            let label = config.label.clone();
            made.push((changes.add_channel_with_config(config), label));
        }
        if restarts {
            changes.ice_restart(true);
        } else if !changes.has_changes() {
            // It offers changes only.
            changes.add_media(MediaKind::Audio, Direction::Inactive, None, None, None);
        }
        let (offer, pending) = changes.apply().ok_or("nothing to offer")?;
        self.pending = Some(pending);
        for (id, label) in made {
            self.keep(id, &label);
        }
        self.is_negotiated = true;
        Ok(json!({"type": "offer", "sdp": offer.to_sdp_string()}))
    }

    fn perform(&mut self, command: &Value) -> Result<Value, Failure> {
        let text = |name: &str| command[name].as_str().unwrap_or_default();
        let sdp = command["description"]["sdp"].as_str().unwrap_or_default();
        match text("op") {
            "channel" => self.add_channel(text("label"), &command["options"]),
            "transceiver" => self.medias.push((kind_of(text("kind")), direction_of(text("direction")))),
            "flow" => {
                let codec = match text("codec").to_lowercase().as_str() {
                    "video/vp8" => Codec::Vp8,
                    "video/vp9" => Codec::Vp9,
                    "video/h264" => Codec::H264,
                    "video/av1" => Codec::Av1,
                    "audio/pcmu" => Codec::PCMU,
                    "audio/pcma" => Codec::PCMA,
                    "audio/g722" => Codec::G722,
                    _ => Codec::Opus,
                };
                let frames = line::frames_of(self.key);
                self.flow = Some(Flow { kind: kind_of(text("kind")), codec, mid: None, ticks: 0.0, frames });
            }
            "offer" => {
                let offer = self.offer(command["iceRestart"] == true)?;
                self.tell_candidate();
                return Ok(offer);
            }
            "answer" => {
                let answer = self.rtc.sdp_api().accept_offer(SdpOffer::from_sdp_string(sdp)?)?;
                self.is_negotiated = true;
                self.tell_candidate();
                return Ok(json!({"type": "answer", "sdp": answer.to_sdp_string()}));
            }
            "accept" => {
                let pending = self.pending.take().ok_or("there is no offer")?;
                self.rtc.sdp_api().accept_answer(pending, SdpAnswer::from_sdp_string(sdp)?)?;
            }
            "candidate" => {
                let line = command["candidate"]["candidate"].as_str().unwrap_or_default();
                self.rtc.add_remote_candidate(Candidate::from_sdp_string(line)?);
            }
            "flood" => {
                let number = |name: &str| command[name].as_u64().unwrap_or_default() as usize;
                let message = vec![5; number("length")];
                let channel = self.channels.iter_mut().find(|one| one.label == text("key")).ok_or("no such channel")?;
                let mut sent = 0;
                while sent < number("total") {
                    channel.waiting.push_back((true, message.clone()));
                    sent += message.len();
                }
                channel.waiting.push_back((false, b"end".to_vec()));
            }
            "close-channel" => {
                let channel = self.channels.iter().find(|one| one.label == text("key")).ok_or("no such channel")?;
                self.rtc.direct_api().close_data_channel(channel.id);
            }
            "view" => return Ok(json!({"connection": if self.rtc.is_connected() { "connected" } else { "new" }})),
            "close" => self.rtc.close()?,
            other => return Err(format!("no such command: {other}").into()),
        }
        Ok(Value::Null)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Connected => self.emit("connection-state", json!({"state": "connected"})),
            Event::IceConnectionStateChange(state) => {
                self.emit("ice-state", json!({"state": format!("{state:?}").to_lowercase()}));
                if state == IceConnectionState::Disconnected {
                    self.emit("connection-state", json!({"state": "disconnected"}));
                }
            }
            Event::ChannelOpen(id, label) => {
                if !self.channels.iter().any(|one| one.id == id) {
                    self.keep(id, &label);
                    let config = self.rtc.channel(id).and_then(|one| one.config().cloned()).unwrap_or_default();
                    let (retransmits, lifetime) = match config.reliability {
                        Reliability::Reliable => (None, None),
                        Reliability::MaxRetransmits { retransmits } => (Some(retransmits), None),
                        Reliability::MaxPacketLifetime { lifetime } => (None, Some(lifetime)),
                    };
                    let stream = self.rtc.direct_api().sctp_stream_id_by_channel_id(id);
                    let channel = json!({"label": label, "protocol": config.protocol, "ordered": config.ordered,
                        "maxRetransmits": retransmits, "maxPacketLifeTime": lifetime, "id": stream});
                    self.emit("channel", json!({"key": label, "channel": channel}));
                }
                if let Some(one) = self.channels.iter_mut().find(|one| one.id == id) {
                    one.is_open = true;
                }
                self.emit("channel-open", json!({"key": label}));
            }
            Event::ChannelData(data) => {
                let Some(at) = self.channels.iter().position(|one| one.id == data.id) else { return };
                let channel = &mut self.channels[at];
                if channel.label.starts_with("echo") {
                    channel.waiting.push_back((data.binary, data.data));
                } else if channel.label.starts_with("sink") {
                    channel.sunk += data.data.len();
                    let (label, octets) = (channel.label.clone(), channel.sunk);
                    if !data.binary {
                        self.emit("sunk", json!({"key": label, "octets": octets}));
                    }
                }
            }
            Event::ChannelClose(id) => {
                if let Some(at) = self.channels.iter().position(|one| one.id == id) {
                    let label = self.channels.remove(at).label;
                    self.emit("channel-close", json!({"key": label}));
                }
            }
            Event::MediaAdded(added) => {
                self.kinds.insert(added.mid, added.kind);
                if let Some(flow) = self.flow.as_mut().filter(|one| one.mid.is_none() && one.kind == added.kind) {
                    flow.mid = Some(added.mid);
                }
            }
            Event::MediaData(data) => {
                // Whoever decodes may have missed the first one.
                let is_first = !std::mem::replace(&mut self.has_begun, true);
                if (is_first || !data.contiguous) && self.kinds.get(&data.mid) == Some(&MediaKind::Video) {
                    if let Some(mut writer) = self.rtc.writer(data.mid) {
                        let _ = writer.request_keyframe(None, KeyframeRequestKind::Pli);
                    }
                }
                let codec = data.params.spec().codec;
                let octets = self.file.add(codec, &data.data, data.time);
                line::send(self.key, self.begin, &octets);
            }
            Event::Closed => self.emit("connection-state", json!({"state": "closed"})),
            _ => {}
        }
    }

    fn send_waiting(&mut self) {
        for at in 0..self.channels.len() {
            let id = self.channels[at].id;
            while let Some((is_binary, data)) = self.channels[at].waiting.front() {
                let Some(mut channel) = self.rtc.channel(id) else { break };
                if !self.channels[at].is_open || channel.buffered_amount() > 1 << 17 {
                    break;
                }
                if !channel.write(*is_binary, data).unwrap_or(false) {
                    break;
                }
                self.channels[at].waiting.pop_front();
            }
        }
    }

    fn send_frames(&mut self) {
        let Some(flow) = self.flow.as_mut() else { return };
        while let Ok(Frame { milliseconds, data }) = flow.frames.try_recv() {
            let rate = match flow.codec {
                Codec::Opus => Frequency::FORTY_EIGHT_KHZ,
                Codec::PCMU | Codec::PCMA | Codec::G722 => Frequency::EIGHT_KHZ,
                _ => Frequency::NINETY_KHZ,
            };
            let time = MediaTime::new(flow.ticks as u64, rate);
            flow.ticks += milliseconds * f64::from(rate.get()) / 1000.0;
            let Some(writer) = flow.mid.and_then(|mid| self.rtc.writer(mid)) else { continue };
            let Some(pt) = writer.payload_params().find(|one| one.spec().codec == flow.codec).map(|one| one.pt())
            else {
                continue;
            };
            if let Err(error) = writer.write(pt, Instant::now(), time, data) {
                eprintln!("write: {error}");
            }
        }
    }
}

pub fn run(key: &str, is_lite: bool, commands: Receiver<Value>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("its address");
    let candidate = Candidate::host(address, "udp").expect("a candidate");
    let begin = Instant::now();
    let mut rtc = RtcConfig::new()
        .set_sctp_max_buffered_amount(1 << 20)
        .enable_pcmu(true, false)
        .enable_pcma(true, false)
        .set_ice_lite(is_lite)
        .build(begin);
    rtc.add_local_candidate(candidate.clone());
    let mut one = Connection {
        key,
        rtc,
        candidate,
        begin,
        medias: vec![],
        announced: vec![],
        pending: None,
        channels: vec![],
        flow: None,
        kinds: HashMap::new(),
        file: FrameFile::default(),
        is_negotiated: false,
        has_begun: false,
    };
    let mut buffer = vec![0; 2000];
    loop {
        loop {
            match commands.try_recv() {
                Ok(command) => print(match one.perform(&command) {
                    Ok(result) => json!({"id": command["id"], "result": result}),
                    Err(error) => json!({"id": command["id"], "error": error.to_string()}),
                }),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return,
            }
        }
        one.send_waiting();
        one.send_frames();
        if !one.rtc.is_alive() {
            for channel in &one.channels {
                one.emit("channel-close", json!({"key": channel.label}));
            }
            // Late commands have their answers.
            for command in commands.iter() {
                print(json!({"id": command["id"], "result": null}));
            }
            return;
        }
        let timeout = match one.rtc.poll_output() {
            Ok(Output::Timeout(at)) => at,
            Ok(Output::Transmit(packet)) => {
                let _ = socket.send_to(&packet.contents, packet.destination);
                continue;
            }
            Ok(Output::Event(event)) => {
                one.take(event);
                continue;
            }
            Err(error) => {
                eprintln!("poll: {error}");
                one.rtc.disconnect();
                continue;
            }
        };
        // Commands and frames come by other ways: they wait no longer than this.
        let wait = timeout.saturating_duration_since(Instant::now()).min(Duration::from_millis(1));
        socket.set_read_timeout(Some(wait.max(Duration::from_micros(100)))).expect("a timeout");
        let input = match socket.recv_from(&mut buffer) {
            Ok((length, source)) => match buffer[..length].try_into() {
                Ok(contents) => Input::Receive(
                    Instant::now(),
                    Receive { proto: Protocol::Udp, source, destination: address, contents },
                ),
                Err(_) => continue,
            },
            Err(_) => Input::Timeout(Instant::now()),
        };
        if let Err(error) = one.rtc.handle_input(input) {
            eprintln!("input: {error}");
            one.rtc.disconnect();
        }
    }
}
