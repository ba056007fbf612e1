import { unexplainedPrefix } from './expectations.mjs';

/** Reasons that hold for many subtests, told by what the failure says. The first that fits is taken. */
const reasonsByMessage = [
  [
    /AudioContext|captureStream|srcObject|<(video|audio|canvas)>|\bvideo is not defined|getElementsByTagName|createElement\('(video|audio|canvas)'\)/,
    'needs media elements, canvas or Web Audio, which Node.js does not have',
  ],
  [
    /\bnegotiate is not defined/,
    'uses a function of RTCDataChannel-helper.js, which the checkout does not have (fails in Chromium 156 too)',
  ],
  [/values\(\.\.\.\)\.find is not a function/, 'uses iterator helpers, which come with Node.js 22'],
  [
    /local descriptions cannot be rewritten/,
    'the test rewrites an offer before setLocalDescription(), which webrtc-pc forbids',
  ],
  [
    /(Audio|Video|Image)(Encoder|Decoder|Chunk|Track|TrackList)\b.*(is not defined|missing)/,
    'there are no encoders, decoders and images of WebCodecs',
  ],
  [/Encoded(Audio|Video)Chunk.*(is not defined|missing)/, 'there are no encoders, decoders and images of WebCodecs'],
  [/No stand-in for turned frames/, 'tests what canvases and images do, which the runner only stands in for'],
  [/indexedDB is not defined/, 'needs IndexedDB, which Node.js does not have'],
  [/new VideoTrackGenerator\(\)/, 'the test gives a generator where a track is needed'],
  [
    /externalFrame\.close is not a function|invalid object in transferList|as Node\.js cannot/,
    'needs frames that can be cloned, which Node.js cannot do for our objects',
  ],
  [/clone\.setMetadata is not a function/, 'needs frames that can be cloned, which Node.js cannot do for our objects'],
  [/marked as not testable/, 'the test says of itself that it cannot test this'],
  [/expected "[LS][23]T.*" but got "L1T1"/, 'spatial layers within one stream are not supported'],
  [/Level 1(\.\d)? H264 video is not supported/, 'the test writes the level with one digit of two'],
  [/Is psnr\w+ present/, 'PSNR is not measured'],
  [
    /Is (totalCorruption|totalSquaredCorruption|corruption)\w+ present/,
    'corruption is not measured: its header extension is not among ours',
  ],
  [
    /Is (\w+(Ect1|WithCe)\w*|packetsReportedAsLost\w*|ccfb\w+) present/,
    'the feedback of RFC 8888, and ECN with it, are not among ours',
  ],
  [/Is roundTripTime present/, 'needs receiver reference times (RTCP XR), which nobody asks for by default'],
  [/Is tcpType present/, 'TCP candidates are not signalled unless a program asks for them'],
  [/<iframe>|contentWindow/, 'needs frames, which Node.js does not have'],
  [
    /bad value of a=max-message-size/,
    'the test writes a=max-message-size:undefined where it means to leave it out (fails in Chromium 156 too)',
  ],
  [
    /RTCErrorEvent': 2 arguments required/,
    "the test leaves out the constructor's second argument, which the Recommendation requires (fails in Chromium 156 too)",
  ],
];
/** The same, told by the subtest's name. */
const reasonsByName = [
  [
    /serialize and deserialize into a deep clone/,
    'needs frames that can be cloned, which Node.js cannot do for our objects',
  ],
  [
    /Sending multiple messages simultaneously in unordered mode/,
    'the test sends 5 MB where a=max-message-size allows 256 KiB (fails in Chromium 156 too)',
  ],
  [
    /ICE restart when ICE is disconnected/,
    'the peer that lost its section in secret answers consent checks still (fails in Chromium 156 too)',
  ],
  [
    /repeated sRD\(offer\) works|sRD\(reoffer\) with candidates and without trickle|should not show up until sRD|section with duplicate msid/,
    'the test before waits for a promise that close() leaves pending, as webrtc-pc has it; what follows is not run',
  ],
  [
    /max-bundle with an offer without bundle/,
    'the test wants a transceiver that our answer has stopped to be listed still (fails in Chromium 156 too)',
  ],
  [/to two independent PeerConnections/, 'needs media elements, canvas or Web Audio, which Node.js does not have'],
  [/TCP .*port 8001/, 'an agent that has found no pair gives more candidates 15 seconds before it says "disconnected"'],
  [
    /srtpCipher is acceptable on/,
    'SRTP_AEAD_AES_128_GCM is negotiated first, as AEAD should be (RFC 8827 section 6.5); the list of the test lacks it',
  ],
  [
    /Two connected iceTransports should have matching/,
    "the test expects gatheringState 'completed', which is not one of its values ('complete' is) (fails in Chromium 156 too)",
  ],
  [/recvonly|sendonly/, 'none of our codecs is only sent or only received'],
  [
    /with codecs undefined/,
    "the test wants an InvalidModificationError where WebIDL's TypeError comes first (as in Chromium 156)",
  ],
  [
    /codecs after negotiation|match local SDP/,
    'the test wants codecs of a receiver that does not receive (fails in Chromium 156 too)',
  ],
  [/can remove (red|ulpfec)|video, (with|minimal) fmtp checks/, 'video RED and ULPFEC are not among our codecs'],
  [
    /audio, (with|no) fmtp checks/,
    'the descriptions of the test have no a=rtcp-mux, which rtcpMuxPolicy "require" refuses (fails in Chromium 156 too)',
  ],
  [
    /restart does not result in a transition back to checking/,
    'the state goes on to "completed", as webrtc-pc has it; Chromium never does',
  ],
  [
    /survives remote offer containing partial restart/,
    'bundled sections share their ICE credentials, so there is no restart of one alone (fails in Chromium 156 too)',
  ],
  [
    /"all" to "relay"|"relay" to "all"/,
    'the test waits for "failed", which takes longer than it has; what follows is not run (so in Chromium 156)',
  ],
  [
    /\(invalidOffer\) from have-local-offer does not undo rollback/,
    'the test hands two arguments to Promise.any(), which takes one iterable (fails in Chromium 156 too)',
  ],
];

/** The same for whole files, whatever the failure says. */
const reasonsByFile = [
  [/CorruptionDetection/, 'corruption is not measured: its header extension is not among ours'],
  [
    /insertable-streams-video\.https/,
    "the test's frames are no VP8, which only libwebrtc's generic frame descriptor could tell from key frames; it is not among ours",
  ],
  [/hardware-capability/, 'what codes is hidden from pages that do not capture; a program may know what it runs on'],
  [/MediaStream-removetrack/, 'tests what media elements do, which the runner only stands in for'],
  [/script-metadata/, 'VP8 says nothing of dependencies to a receiver without the dependency descriptor'],
  [/capture-video/, 'needs a <video> that plays a file'],
  [/videoFrame-construction/, 'frames are made of canvases and frames alone: there is no <video> outside the runner'],
  [
    /MediaStreamTrackProcessor-(video|audio)/,
    'needs frames that can be cloned, which Node.js cannot do for our objects',
  ],
  [/video-frame-serialization/, 'needs frames that can be cloned, which Node.js cannot do for our objects'],
  [/insertable-streams\/idlharness/, 'the test gives a generator where a track is needed'],
  [/back-forward-cache/, 'needs navigation and its cache, which Node.js does not have'],
  [/h265/, 'H.265 is not among our codecs'],
  [/onaddstream/, 'onaddstream is of old, and must not be there (webrtc/historical.html)'],
];

/** A reason for a new failure, or one that begins with `unexplained: ` for a person to replace. */
export function explainFailure(file, { name, message }) {
  const found =
    reasonsByMessage.find(([pattern]) => pattern.test(message)) ??
    reasonsByName.find(([pattern]) => pattern.test(name)) ??
    reasonsByFile.find(([pattern]) => pattern.test(file));
  return found ? found[1] : `${unexplainedPrefix}${message.split('\n')[0].slice(0, 200)}`;
}
