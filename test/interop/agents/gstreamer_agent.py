"""The commands of agent.mjs on GStreamer's webrtcbin, in lines on standard input and output: media from test sources."""

import json
import sys
import threading

import gi

for name in ("Gst", "GstWebRTC", "GstSdp"):
    gi.require_version(name, "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)
connections = {}

CAPS = {
    "audio": "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,encoding-params=(string)2,payload=111",
    "video": "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96",
}
SOURCES = {
    "audio": "audiotestsrc is-live=true ! opusenc ! rtpopuspay pt=111",
    "video": "videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! vp8enc deadline=1 ! rtpvp8pay pt=96",
}


def emit(**members):
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
    connections[pc] = {"pipeline": pipeline, "webrtc": webrtc, "channels": []}
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
        sink = Gst.ElementFactory.make("fakesink", None)
        sink.set_property("async", False)
        pipeline.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    webrtc.connect("on-data-channel", on_channel)
    webrtc.connect("pad-added", on_pad)
    pipeline.set_state(Gst.State.PLAYING)
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
    ask(webrtc, "create-offer", None, lambda reply: set_local(done, webrtc, reply.get_value("offer"), complete), done)


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
    "connect": connect, "transceiver": transceiver, "channel": channel, "offer": offer, "answer": answer,
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
