// The commands of agent.mjs on pion, in lines on standard input and output: data channels echo, media is described only.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/pion/webrtc/v4"
)

type command struct {
	ID          int                        `json:"id"`
	Op          string                     `json:"op"`
	PC          string                     `json:"pc"`
	Label       string                     `json:"label"`
	Kind        string                     `json:"kind"`
	Direction   string                     `json:"direction"`
	Rids        []string                   `json:"rids"`
	Codec       string                     `json:"codec"`
	Fmtp        string                     `json:"fmtp"`
	Port        int                        `json:"port"`
	Index       int                        `json:"index"`
	Complete    bool                       `json:"complete"`
	ICE         string                     `json:"ice"`
	ICERestart  bool                       `json:"iceRestart"`
	Description *webrtc.SessionDescription `json:"description"`
	Candidate   *webrtc.ICECandidateInit   `json:"candidate"`
}

var (
	output      sync.Mutex
	lock        sync.Mutex
	connections = map[string]*webrtc.PeerConnection{}
)

func print(line map[string]any) {
	output.Lock()
	defer output.Unlock()
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func watch(pc string, channel *webrtc.DataChannel) {
	label := channel.Label()
	channel.OnOpen(func() { print(map[string]any{"event": "channel-open", "pc": pc, "key": label}) })
	channel.OnClose(func() { print(map[string]any{"event": "channel-close", "pc": pc, "key": label}) })
	channel.OnMessage(func(message webrtc.DataChannelMessage) {
		if !strings.HasPrefix(label, "echo") {
			return
		}
		if message.IsString {
			_ = channel.SendText(string(message.Data))
		} else {
			_ = channel.Send(message.Data)
		}
	})
}

// iceSettings: "tcp-active" and "tcp-passive" are ICE over TCP on loopback, and nothing else.
func iceSettings(ice string) (webrtc.SettingEngine, error) {
	settings := webrtc.SettingEngine{}
	if ice == "" {
		return settings, nil
	}
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeTCP4})
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	if ice == "tcp-active" {
		return settings, nil
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return settings, err
	}
	settings.SetICETCPMux(webrtc.NewICETCPMux(nil, listener, 64))
	return settings, nil
}

func connect(key string, ice string) error {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return err
	}
	for _, uri := range []string{
		"urn:ietf:params:rtp-hdrext:sdes:mid",
		"urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
		"urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
	} {
		extension := webrtc.RTPHeaderExtensionCapability{URI: uri}
		if err := media.RegisterHeaderExtension(extension, webrtc.RTPCodecTypeVideo); err != nil {
			return err
		}
	}
	settings, err := iceSettings(ice)
	if err != nil {
		return err
	}
	api := webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(settings))
	pc, err := api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	connections[key] = pc
	pc.OnICECandidate(func(candidate *webrtc.ICECandidate) {
		if candidate == nil {
			print(map[string]any{"event": "candidate", "pc": key, "candidate": nil})
		} else {
			print(map[string]any{"event": "candidate", "pc": key, "candidate": candidate.ToJSON()})
		}
	})
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		print(map[string]any{"event": "connection-state", "pc": key, "state": state.String()})
	})
	pc.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) { record(key, pc, track) })
	pc.OnDataChannel(func(channel *webrtc.DataChannel) {
		watch(key, channel)
		print(map[string]any{"event": "channel", "pc": key, "key": channel.Label()})
	})
	return nil
}

func addTransceiver(pc *webrtc.PeerConnection, one command) error {
	kind := webrtc.NewRTPCodecType(one.Kind)
	direction := webrtc.NewRTPTransceiverDirection(one.Direction)
	if direction == webrtc.RTPTransceiverDirectionRecvonly {
		_, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: direction})
		return err
	}
	mimeType := map[webrtc.RTPCodecType]string{
		webrtc.RTPCodecTypeAudio: webrtc.MimeTypeOpus,
		webrtc.RTPCodecTypeVideo: webrtc.MimeTypeVP8,
	}[kind]
	track := func(options ...func(*webrtc.TrackLocalStaticRTP)) (*webrtc.TrackLocalStaticRTP, error) {
		capability := webrtc.RTPCodecCapability{MimeType: mimeType}
		return webrtc.NewTrackLocalStaticRTP(capability, one.Kind+"-track", "pion-stream", options...)
	}
	if len(one.Rids) == 0 {
		local, err := track()
		if err != nil {
			return err
		}
		_, err = pc.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: direction})
		return err
	}
	var sender *webrtc.RTPSender
	for _, rid := range one.Rids {
		local, err := track(webrtc.WithRTPStreamID(rid))
		if err != nil {
			return err
		}
		if sender == nil {
			transceiver, err := pc.AddTransceiverFromTrack(local, webrtc.RTPTransceiverInit{Direction: direction})
			if err != nil {
				return err
			}
			sender = transceiver.Sender()
		} else if err := sender.AddEncoding(local); err != nil {
			return err
		}
	}
	return nil
}

func setLocal(pc *webrtc.PeerConnection, description webrtc.SessionDescription, complete bool) (any, error) {
	gathered := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(description); err != nil {
		return nil, err
	}
	if complete {
		<-gathered
	}
	return pc.LocalDescription(), nil
}

func view(pc *webrtc.PeerConnection) any {
	transceivers := []any{}
	for _, one := range pc.GetTransceivers() {
		transceivers = append(transceivers, map[string]any{
			"mid": one.Mid(), "kind": one.Kind().String(), "direction": one.Direction().String(),
		})
	}
	return map[string]any{
		"signaling": pc.SignalingState().String(), "connection": pc.ConnectionState().String(), "transceivers": transceivers,
	}
}

func perform(one command) (any, error) {
	if one.Op == "connect" {
		lock.Lock()
		defer lock.Unlock()
		return nil, connect(one.PC, one.ICE)
	}
	if one.Op == "media-line" {
		return nil, openLine(one.Port)
	}
	lock.Lock()
	pc := connections[one.PC]
	lock.Unlock()
	if pc == nil {
		return nil, fmt.Errorf("no such connection: %s", one.PC)
	}
	switch one.Op {
	case "channel":
		channel, err := pc.CreateDataChannel(one.Label, nil)
		if err == nil {
			watch(one.PC, channel)
		}
		return nil, err
	case "flow":
		return nil, sendFlow(one.PC, pc, one)
	case "transceiver":
		return nil, addTransceiver(pc, one)
	case "stop":
		return nil, pc.GetTransceivers()[one.Index].Stop()
	case "offer":
		offer, err := pc.CreateOffer(&webrtc.OfferOptions{ICERestart: one.ICERestart})
		if err != nil {
			return nil, err
		}
		return setLocal(pc, offer, one.Complete)
	case "answer":
		if err := pc.SetRemoteDescription(*one.Description); err != nil {
			return nil, err
		}
		answer, err := pc.CreateAnswer(nil)
		if err != nil {
			return nil, err
		}
		return setLocal(pc, answer, one.Complete)
	case "accept":
		return nil, pc.SetRemoteDescription(*one.Description)
	case "candidate":
		return nil, pc.AddICECandidate(*one.Candidate)
	case "view":
		return view(pc), nil
	case "close":
		return nil, pc.Close()
	}
	return nil, fmt.Errorf("no such command: %s", one.Op)
}

func main() {
	print(map[string]any{"event": "ready"})
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var one command
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		// In order per line; nothing here waits for another line, save the gathering, which ends by itself.
		result, err := perform(one)
		if err != nil {
			print(map[string]any{"id": one.ID, "error": err.Error()})
		} else {
			print(map[string]any{"id": one.ID, "result": result})
		}
	}
}
