// Media over the agent's end of media-line.ts: encoded frames out, files as pion writes them in.
package main

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
	"github.com/pion/webrtc/v4/pkg/media/h264writer"
	"github.com/pion/webrtc/v4/pkg/media/ivfwriter"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"
)

type mediaHead struct {
	PC     string  `json:"pc"`
	Kind   string  `json:"kind"`
	Time   float64 `json:"time"`
	Length int     `json:"length"`
}

var (
	line     net.Conn
	lineLock sync.Mutex
	begin    = time.Now()
	// Tracks that send what comes over the line, by connection.
	flows = map[string]*webrtc.TrackLocalStaticSample{}
)

// lineWriter sends what is written to it as records of one connection.
type lineWriter struct{ pc string }

func (one lineWriter) Write(octets []byte) (int, error) {
	now := float64(time.Since(begin).Microseconds()) / 1000
	head, err := json.Marshal(mediaHead{PC: one.pc, Kind: "encoded", Time: now, Length: len(octets)})
	if err != nil {
		return 0, err
	}
	record := binary.BigEndian.AppendUint32(nil, uint32(len(head)))
	record = append(append(record, head...), octets...)
	lineLock.Lock()
	defer lineLock.Unlock()
	_, err = line.Write(record)
	return len(octets), err
}

func openLine(port int) error {
	connection, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(port))
	if err != nil {
		return err
	}
	line = connection
	go func() {
		for {
			var length uint32
			if binary.Read(connection, binary.BigEndian, &length) != nil {
				return
			}
			text := make([]byte, length)
			if _, err := io.ReadFull(connection, text); err != nil {
				return
			}
			var head mediaHead
			if err := json.Unmarshal(text, &head); err != nil {
				panic(err)
			}
			payload := make([]byte, head.Length)
			if _, err := io.ReadFull(connection, payload); err != nil {
				return
			}
			lock.Lock()
			track := flows[head.PC]
			lock.Unlock()
			if track != nil {
				// Of a frame or block, as long as its head says.
				_ = track.WriteSample(media.Sample{Data: payload, Duration: time.Duration(head.Time * float64(time.Millisecond))})
			}
		}
	}()
	return nil
}

// sendFlow adds a track whose frames come over the line, of one codec.
func sendFlow(key string, pc *webrtc.PeerConnection, one command) error {
	capability := webrtc.RTPCodecCapability{MimeType: one.Codec, SDPFmtpLine: one.Fmtp}
	track, err := webrtc.NewTrackLocalStaticSample(capability, one.Kind, "pion-stream")
	if err != nil {
		return err
	}
	if _, err := pc.AddTrack(track); err != nil {
		return err
	}
	lock.Lock()
	flows[key] = track
	lock.Unlock()
	return nil
}

// record writes what comes as a file, into the line.
func record(key string, pc *webrtc.PeerConnection, track *webrtc.TrackRemote) {
	if line == nil {
		return
	}
	out := lineWriter{key}
	var writer media.Writer
	var err error
	mimeType := track.Codec().MimeType
	switch strings.ToLower(mimeType) {
	case "video/h264":
		writer = h264writer.NewWith(out)
	case "audio/opus":
		writer, err = oggwriter.NewWith(out, 48000, 2)
	case "video/vp8", "video/vp9", "video/av1":
		writer, err = ivfwriter.NewWith(out, ivfwriter.WithCodec(mimeType))
	}
	if err != nil {
		panic(err)
	}
	if track.Kind() == webrtc.RTPCodecTypeVideo {
		_ = pc.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.SSRC())}})
	}
	var last uint16
	for isFirst := true; ; isFirst = false {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		// Padding, and what was sent again as a probe of the network: its writers take both for media.
		if !isFirst && int16(packet.SequenceNumber-last) <= 0 {
			continue
		}
		last = packet.SequenceNumber
		if len(packet.Payload) == 0 {
			continue
		}
		if writer == nil {
			_, err = out.Write(packet.Payload)
		} else {
			err = writer.WriteRTP(packet)
		}
		if err != nil {
			return
		}
	}
}
