"""The commands of agent.mjs on aiortc, in lines on standard input and output."""

import asyncio
import fractions
import json
import sys
import time

import av
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.sdp import candidate_from_sdp
from media_line import MediaLine

connections = {}
line = None


class LineTrack(MediaStreamTrack):
    """What comes over the line."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.queue = asyncio.Queue(8)

    def put(self, head, payload):
        if not self.queue.full():  # nobody takes it yet
            self.queue.put_nowait((head, payload))

    async def recv(self):
        head, payload = await self.queue.get()
        if self.kind == "video":
            width, height = head["width"], head["height"]
            frame = av.VideoFrame(width, height, "yuv420p")
            for plane, size in zip(frame.planes, ((width, height), (width // 2, height // 2), (width // 2, height // 2))):
                rows = b"".join(
                    payload[row * size[0] : (row + 1) * size[0]].ljust(plane.line_size, b"\0") for row in range(size[1])
                )
                payload = payload[size[0] * size[1] :]
                plane.update(rows)
            frame.pts, frame.time_base = round(head["time"] * 90), fractions.Fraction(1, 90000)
        else:
            rate, channels = head["rate"], head["channels"]
            frame = av.AudioFrame("s16", "mono" if channels == 1 else "stereo", len(payload) // (2 * channels))
            frame.planes[0].update(payload)
            frame.sample_rate = rate
            frame.pts, frame.time_base = round(head["time"] * rate / 1000), fractions.Fraction(1, rate)
        return frame


async def record(pc, track):
    resampler = av.AudioResampler(format="s16", layout="mono")
    while True:
        try:
            frame = await track.recv()
        except MediaStreamError:
            return
        if line is None:
            continue
        now = time.monotonic() * 1000
        if track.kind == "video":
            picture = frame.reformat(format="yuv420p").to_ndarray().tobytes()
            line.write(picture, pc=pc, kind="video", width=frame.width, height=frame.height, time=now)
        else:
            for one in resampler.resample(frame):
                line.write(
                    one.to_ndarray().tobytes(), pc=pc, kind="audio", rate=one.sample_rate, channels=1, time=now
                )


def emit(event, **members):
    print(json.dumps({"event": event, **members}), flush=True)


def digest(octets):
    value = 0x811C9DC5
    for octet in octets:
        value = ((value ^ octet) * 0x01000193) & 0xFFFFFFFF
    return value


def watch(key, channel, name):
    connections[key]["channels"][name] = channel
    sunk = 0

    @channel.on("open")
    def on_open():
        emit("channel-open", pc=key, key=name)

    @channel.on("close")
    def on_close():
        emit("channel-close", pc=key, key=name)

    @channel.on("message")
    def on_message(data):
        nonlocal sunk
        octets = data.encode() if isinstance(data, str) else data
        if name.startswith("echo"):
            channel.send(data)
        elif name.startswith("sink"):
            sunk += len(octets)
            if isinstance(data, str):
                emit("sunk", pc=key, key=name, octets=sunk)
        else:
            text = isinstance(data, str)
            emit("message", pc=key, key=name, text=text, length=len(octets), digest=digest(octets))


def description_of(pc):
    return {"type": pc.localDescription.type, "sdp": pc.localDescription.sdp}


async def connect(pc, configuration=None):
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connections[pc] = {"pc": connection, "channels": {}, "flows": {}, "tasks": []}

    @connection.on("track")
    def on_track(track):
        connections[pc]["tasks"].append(asyncio.create_task(record(pc, track)))

    @connection.on("connectionstatechange")
    def on_state():
        emit("connection-state", pc=pc, state=connection.connectionState)

    @connection.on("datachannel")
    def on_channel(channel):
        watch(pc, channel, channel.label)
        emit("channel", pc=pc, key=channel.label, channel={
            "label": channel.label, "protocol": channel.protocol, "ordered": channel.ordered,
            "maxRetransmits": channel.maxRetransmits, "maxPacketLifeTime": channel.maxPacketLifeTime,
            "id": channel.id, "readyState": channel.readyState,
        })


async def channel(pc, label, options=None):
    watch(pc, connections[pc]["pc"].createDataChannel(label, **(options or {})), label)


async def transceiver(pc, kind, direction="sendrecv", rids=()):
    if rids:
        raise NotImplementedError("aiortc sends no simulcast")
    connection = connections[pc]["pc"]
    track = AudioStreamTrack() if kind == "audio" else VideoStreamTrack()
    connection.addTransceiver(kind if direction == "recvonly" else track, direction=direction)


async def media_line(port):
    global line
    loop = asyncio.get_running_loop()

    def take(head, payload):
        track = connections.get(head["pc"], {}).get("flows", {}).get(head["kind"])
        if track:
            loop.call_soon_threadsafe(track.put, head, payload)

    line = MediaLine(port, take)


async def flow(pc, kind, codec=None, fmtp=""):
    """Sends what comes over the line; `codec`: nothing else."""
    connection = connections[pc]
    track = LineTrack(kind)
    connection["flows"][kind] = track
    transceiver = connection["pc"].addTransceiver(track, direction="sendrecv")
    if codec:
        transceiver.setCodecPreferences([
            one
            for one in RTCRtpReceiver.getCapabilities(kind).codecs
            if one.mimeType.lower() in (codec, "video/rtx")
        ])


async def view(pc):
    connection = connections[pc]["pc"]
    return {
        "signaling": connection.signalingState,
        "connection": connection.connectionState,
        "transceivers": [
            {"mid": one.mid, "kind": one.kind, "direction": one.direction, "currentDirection": one.currentDirection}
            for one in connection.getTransceivers()
        ],
    }


async def offer(pc, iceRestart=False, complete=False):
    if iceRestart:
        raise NotImplementedError("aiortc has no ICE restart")
    connection = connections[pc]["pc"]
    await connection.setLocalDescription(await connection.createOffer())
    return description_of(connection)


async def answer(pc, description, complete=False):
    connection = connections[pc]["pc"]
    await connection.setRemoteDescription(RTCSessionDescription(**description))
    await connection.setLocalDescription(await connection.createAnswer())
    return description_of(connection)


async def accept(pc, description):
    await connections[pc]["pc"].setRemoteDescription(RTCSessionDescription(**description))


async def candidate(pc, candidate):
    parsed = candidate_from_sdp(candidate["candidate"].split(":", 1)[1])
    parsed.sdpMid = candidate["sdpMid"]
    parsed.sdpMLineIndex = candidate["sdpMLineIndex"]
    await connections[pc]["pc"].addIceCandidate(parsed)


async def flood(pc, key, total, length):
    target = connections[pc]["channels"][key]
    message = b"\5" * length
    for _ in range(0, total, length):
        while target.bufferedAmount > 1 << 20:
            await asyncio.sleep(0.001)
        target.send(message)
    target.send("end")


async def close_channel(pc, key):
    connections[pc]["channels"][key].close()


async def close(pc):
    await connections[pc]["pc"].close()


commands = {
    "connect": connect, "channel": channel, "transceiver": transceiver, "view": view, "offer": offer, "answer": answer,
    "media-line": media_line, "flow": flow, "accept": accept, "candidate": candidate, "flood": flood, "close-channel": close_channel, "close": close,
}


async def perform(line):
    command = json.loads(line)
    identity = command.pop("id")
    try:
        result = await commands[command.pop("op")](**command)
        print(json.dumps({"id": identity, "result": result}), flush=True)
    except Exception as error:  # whatever it is, the other side is to know
        print(json.dumps({"id": identity, "error": repr(error)}), flush=True)


async def main():
    reader = asyncio.StreamReader(limit=1 << 24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    emit("ready")
    tasks = set()
    while line := await reader.readline():
        task = asyncio.create_task(perform(line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


asyncio.run(main())
