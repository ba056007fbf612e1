"""The commands of agent.mjs on GStreamer's webrtcbin, in lines on standard input and output: media from test sources."""

import json
import sys
import threading

import gi

for name in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(name, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402
from media_line import MediaLine  # noqa: E402

Gst.init(None)
connections = {}
line = None

CAPS = {
    "audio": "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2,payload=111",
    "video": "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96",
}
SOURCES = {
    "audio": "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=111",
    "video": "videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! vp8enc deadline=1 ! rtpvp8pay pt=96",
}


# What makes packets of raw media, and what the description says of them.
ENCODERS = {
    "video/vp8": (
        "vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=100 ! rtpvp8pay pt=96",
        "encoding-name=VP8,clock-rate=90000,payload=96",
    ),
    "video/vp9": (
        "vp9enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=100 ! rtpvp9pay pt=98",
        "encoding-name=VP9,clock-rate=90000,payload=98",
    ),
    "video/h264": (
        "x264enc tune=zerolatency speed-preset=superfast bitrate=800 key-int-max=100"
        " ! video/x-h264,profile=constrained-baseline ! rtph264pay pt=102 config-interval=-1 aggregate-mode=zero-latency",
        "encoding-name=H264,clock-rate=90000,payload=102,packetization-mode=(string)1",
    ),
    "audio/opus": (
        "opusenc ! rtpopuspay pt=111",
        "encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2,payload=111",
    ),
    "audio/pcmu": ("mulawenc ! rtppcmupay pt=0", "encoding-name=PCMU,clock-rate=8000,payload=0"),
    "audio/pcma": ("alawenc ! rtppcmapay pt=8", "encoding-name=PCMA,clock-rate=8000,payload=8"),
    "audio/g722": ("avenc_g722 ! rtpg722pay pt=9", "encoding-name=G722,clock-rate=8000,payload=9"),
}


printing = threading.Lock()


def emit(**members):
    with printing:  # signals come on several threads
        print(json.dumps(members), flush=True)


def nick(element, name):
    return element.get_property(name).value_nick


def watch(pc, channel):
    label = channel.get_property("label")
    channel.connect("on-open", lambda _: emit(event="channel-open", pc=pc, key=label))
    channel.connect("on-close", lambda _: emit(event="channel-close", pc=pc, key=label))
    if label.startswith("echo"):
        channel.connect("on-message-string", lambda _, text: channel.emit("send-string", text))
        channel.connect("on-message-data", lambda _, octets: channel.emit("send-data", octets))
    if channel.get_property("ready-state") == GstWebRTC.WebRTCDataChannelState.OPEN:
        emit(event="channel-open", pc=pc, key=label)
    connections[pc]["channels"].append(channel)


def connect(done, pc, configuration=None):
    pipeline = Gst.Pipeline.new(None)
    webrtc = Gst.ElementFactory.make("webrtcbin", None)
    webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(webrtc)
    connections[pc] = {"pipeline": pipeline, "webrtc": webrtc, "channels": [], "sources": {}, "pads": []}
    webrtc.connect(
        "on-ice-candidate",
        lambda _, index, text: emit(
            event="candidate", pc=pc, candidate={"candidate": text, "sdpMLineIndex": index, "sdpMid": None}
        ),
    )
    webrtc.connect(
        "notify::connection-state",
        lambda *_: emit(event="connection-state", pc=pc, state=nick(webrtc, "connection-state")),
    )

    def on_channel(_, channel):
        watch(pc, channel)
        emit(event="channel", pc=pc, key=channel.get_property("label"))

    def on_pad(_, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        if line:
            return record(pc, pad)
        sink = Gst.ElementFactory.make("fakesink", None)
        sink.set_property("async", False)
        pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    webrtc.connect("on-data-channel", on_channel)
    webrtc.connect("pad-added", on_pad)
    pipeline.set_state(Gst.State.PLAYING)
    done(None)


def record(pc, pad):
    """Decodes what comes at a pad, and sends it over the line when it is to be shown or heard."""
    kind = nick(pad.get_property("transceiver"), "kind")
    ends = {
        "video": "videoconvert ! video/x-raw,format=I420",
        "audio": "audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1",
    }
    bin = Gst.parse_bin_from_description(
        f"{ends[kind]} ! appsink name=out async=false sync=false emit-signals=true max-buffers=20 drop=true", True
    )

    def on_sample(sink):
        sample = sink.emit("pull-sample")
        shape, buffer = sample.get_caps().get_structure(0), sample.get_buffer()
        payload = buffer.extract_dup(0, buffer.get_size())
        # When it is to be played, and not when it came here: sinks that join a pipeline that runs may wait differently.
        play_at = sample.get_segment().to_running_time(Gst.Format.TIME, buffer.pts)
        head = {"pc": pc, "kind": kind, "time": play_at / Gst.MSECOND}
        if kind == "audio":
            line.write(payload, **head, rate=48000, channels=1)
        else:
            width, height = shape.get_value("width"), shape.get_value("height")
            line.write(payload, **head, width=width, height=height)
        return Gst.FlowReturn.OK

    bin.get_by_name("out").connect("new-sample", on_sample)
    decoder = Gst.ElementFactory.make("decodebin", None)
    decoder.connect("pad-added", lambda _, decoded: decoded.link(bin.get_static_pad("sink")))
    for element in (bin, decoder):
        connections[pc]["pipeline"].add(element)
        element.sync_state_with_parent()
    pad.link(decoder.get_static_pad("sink"))


def media_line(done, port):
    global line

    def take(head, payload):
        connection = connections.get(head["pc"], {})
        source = connection.get("sources", {}).get(head["kind"])
        if not source:
            return
        if head["kind"] == "video":
            caps = f'video/x-raw,format=I420,width={head["width"]},height={head["height"]},framerate=25/1'
        else:
            caps = f'audio/x-raw,format=S16LE,layout=interleaved,rate={head["rate"]},channels={head["channels"]}'
        if not source.get_property("caps"):
            source.set_property("caps", Gst.Caps.from_string(caps))
        buffer = Gst.Buffer.new_wrapped(payload)
        buffer.pts = presentation_time(connection, head["time"])
        source.emit("push-buffer", buffer)

    def presentation_time(connection, milliseconds):
        """By the clock of who made it: when it came here is no measure, and audio encoders keep up to 40 ms of that error."""
        made = int(milliseconds * Gst.MSECOND)
        if "epoch" not in connection:
            clock = Gst.SystemClock.obtain()
            connection["epoch"] = clock.get_time() - connection["pipeline"].get_base_time() - made
        return max(0, connection["epoch"] + made)

    line = MediaLine(port, take)
    done(None)


def flow(done, pc, kind, codec=None, fmtp=""):
    """Sends what comes over the line; `codec`: nothing else."""
    connection = connections[pc]
    encoder, caps = ENCODERS[codec or {"video": "video/vp8", "audio": "audio/opus"}[kind]]
    convert = "videoconvert" if kind == "video" else "audioconvert ! audioresample"
    bin = Gst.parse_bin_from_description(
        f"appsrc name=in is-live=true format=time ! queue ! {convert} ! {encoder}", True
    )
    connection["pipeline"].add(bin)
    pad = connection["webrtc"].request_pad_simple("sink_%u")
    connection["pads"].append(pad)
    pad.set_property("msid", "flow")  # one stream of both kinds: otherwise nobody need play them together
    bin.get_static_pad("src").link(pad)
    one = pad.get_property("transceiver")
    one.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDRECV)
    one.set_property("codec-preferences", Gst.Caps.from_string(f"application/x-rtp,media={kind},{caps}"))
    one.set_property("do-nack", True)
    connection["sources"][kind] = bin.get_by_name("in")
    bin.sync_state_with_parent()
    done(None)


def transceiver(done, pc, kind, direction="sendrecv", rids=()):
    if rids:
        raise NotImplementedError("webrtcbin offers no simulcast")
    connection = connections[pc]
    if direction in ("recvonly", "inactive"):
        connection["webrtc"].emit(
            "add-transceiver",
            getattr(GstWebRTC.WebRTCRTPTransceiverDirection, direction.upper()),
            Gst.Caps.from_string(CAPS[kind]),
        )
        return done(None)
    source = Gst.parse_bin_from_description(SOURCES[kind], True)
    connection["pipeline"].add(source)
    pad = connection["webrtc"].request_pad_simple("sink_%u")
    source.get_static_pad("src").link(pad)
    one = pad.get_property("transceiver")
    one.set_property("direction", getattr(GstWebRTC.WebRTCRTPTransceiverDirection, direction.upper()))
    one.set_property("codec-preferences", Gst.Caps.from_string(CAPS[kind]))
    source.sync_state_with_parent()
    done(None)


def channel(done, pc, label, options=None):
    watch(pc, connections[pc]["webrtc"].emit("create-data-channel", label, None))
    done(None)


def description(text, kind):
    _, message = GstSdp.SDPMessage.new_from_text(text)
    return GstWebRTC.WebRTCSessionDescription.new(getattr(GstWebRTC.WebRTCSDPType, kind.upper()), message)


def ask(webrtc, signal, argument, then, done):
    """Emits an action signal with a promise; an error in its reply goes to `done`."""

    def on_change(promise):
        reply = promise.get_reply()
        error = reply.get_value("error") if reply and reply.has_field("error") else None
        if error:
            done(None, error.message)
        else:
            GLib.idle_add(lambda: then(reply) and False)

    promise = Gst.Promise.new_with_change_func(on_change)
    arguments = [promise] if argument is Ellipsis else [argument, promise]
    webrtc.emit(signal, *arguments)


def set_local(done, webrtc, created, complete):
    def then(_):
        def look():
            if complete and nick(webrtc, "ice-gathering-state") != "complete":
                return True
            local = webrtc.get_property("local-description")
            kind = local.type.value_nick
            done({"type": kind, "sdp": local.sdp.as_text()})
            return False

        GLib.timeout_add(5, look)

    ask(webrtc, "set-local-description", created, then, done)


def offer(done, pc, iceRestart=False, complete=False):
    if iceRestart:
        raise NotImplementedError("webrtcbin has no ICE restart")
    webrtc = connections[pc]["webrtc"]
    made = lambda reply: set_local(done, webrtc, reply.get_value("offer"), complete)  # noqa: E731
    pads = list(connections[pc]["pads"])

    def look():
        # What is sent is known, to webrtcbin as well, when it is there: only then the offer tells of SSRC and stream.
        if not all(pad.get_current_caps() for pad in pads):
            return True
        ask(webrtc, "create-offer", None, made, done)
        return False

    GLib.timeout_add(5, look)


def answer(done, pc, description: dict, complete=False):
    webrtc = connections[pc]["webrtc"]
    create = lambda _: ask(  # noqa: E731
        webrtc, "create-answer", None, lambda reply: set_local(done, webrtc, reply.get_value("answer"), complete), done
    )
    ask(webrtc, "set-remote-description", parsed(description), create, done)


def parsed(given):
    return description(given["sdp"], given["type"])


def accept(done, pc, description: dict):
    ask(connections[pc]["webrtc"], "set-remote-description", parsed(description), lambda _: done(None), done)


def candidate(done, pc, candidate):
    connections[pc]["webrtc"].emit("add-ice-candidate", candidate["sdpMLineIndex"], candidate["candidate"])
    done(None)


def view(done, pc):
    webrtc = connections[pc]["webrtc"]
    transceivers = []
    while one := webrtc.emit("get-transceiver", len(transceivers)):
        transceivers.append({
            "mid": one.get_property("mid"),
            "kind": nick(one, "kind"),
            "direction": nick(one, "direction"),
            "currentDirection": nick(one, "current-direction"),
        })
    done({
        "signaling": nick(webrtc, "signaling-state"),
        "connection": nick(webrtc, "connection-state"),
        "transceivers": transceivers,
    })


def close(done, pc):
    connections.pop(pc)["pipeline"].set_state(Gst.State.NULL)
    done(None)


commands = {
    "connect": connect, "media-line": media_line, "flow": flow, "transceiver": transceiver, "channel": channel, "offer": offer, "answer": answer,
    "accept": accept, "candidate": candidate, "view": view, "close": close,
}


def perform(line):
    command = json.loads(line)
    identity = command.pop("id")

    def done(result, error=None):
        emit(id=identity, **({"error": error} if error else {"result": result}))

    try:
        commands[command.pop("op")](done, **command)
    except Exception as error:  # whatever it is, the other side is to know
        done(None, repr(error))
    return False


def read():
    for line in sys.stdin:
        GLib.idle_add(perform, line)
    GLib.idle_add(loop.quit)


loop = GLib.MainLoop()
threading.Thread(target=read, daemon=True).start()
emit(event="ready")
loop.run()
