// From RTP packets of sound, as they come, to an even stream of 10 ms blocks: waits as long as the network's jitter
// wants, decodes, conceals what is lost, and plays slower or faster until the wait is right. In the manner of
// libwebrtc's NetEq.
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "media/codec/audio_codec.h"
#include "media/codec/comfort_noise.h"
#include "media/codec/telephone_event.h"
#include "media/receive/audio_delay_estimator.h"
#include "media/receive/audio_packet_buffer.h"
#include "media/receive/audio_signal.h"
#include "media/receive/audio_stretch.h"

namespace peerwire {

/// What a payload type means.
struct AudioPayloadFormat {
  AudioCodec codec = AudioCodec::kOpus;
  int clock_rate = 48000;  // of the RTP timestamps
  int channels = 1;        // wanted of Opus
};

/// Members of RTCInboundRtpStreamStats. Samples are those of one channel.
struct AudioReceiveStats {
  std::optional<uint32_t> ssrc;  // what the others are about; none before the first packet
  uint64_t total_samples_received = 0;
  uint64_t concealed_samples = 0;
  uint64_t silent_concealed_samples = 0;
  uint64_t concealment_events = 0;
  uint64_t inserted_samples_for_deceleration = 0;
  uint64_t removed_samples_for_acceleration = 0;
  double jitter_buffer_delay_s = 0;
  double jitter_buffer_target_delay_s = 0;
  double jitter_buffer_minimum_delay_s = 0;
  uint64_t jitter_buffer_emitted_count = 0;
  double processing_delay_s = 0;  // from arrival to decoding
  uint64_t fec_packets_received = 0;
  uint64_t fec_packets_discarded = 0;
  uint64_t packets_discarded = 0;   // too late, or there was no room
  uint64_t packets_duplicated = 0;  // of those, already there
  double audio_level = 0;           // 0 to 1, of the last 100 ms
  double total_audio_energy = 0;
  double total_samples_duration_s = 0;
};

/// One stream. Used by one thread at a time; time is an argument, of one monotonic clock. Takes any octets.
class AudioJitterBuffer {
 public:
  static constexpr size_t kPayloadTypes = 128;
  struct PacketHeader {
    uint32_t ssrc = 0;
    uint8_t payload_type = 0;
    uint32_t timestamp = 0;
    /// A block of RED other than the last: `timestamp` is its own (RFC 2198).
    bool is_redundant = false;
  };

  AudioJitterBuffer();

  /// What was negotiated; payload types beyond are dropped. Packets that wait keep their meaning if it is still there.
  void set_payload_type(uint8_t payload_type, const AudioPayloadFormat& format);
  /// Takes away all others, and their decoders.
  void keep_payload_types(const std::bitset<kPayloadTypes>& kept);

  void insert(const PacketHeader& header, ByteView payload, int64_t arrival_us);
  /// The next 10 ms. Silence (48 kHz, mono) until the first packet. `rtp_timestamp` is set once there is sound.
  AudioBlock get_block(int64_t now_us);
  /// Forgets the stream, not the settings; what was counted stays until another SSRC comes.
  void reset();

  // Delays from arrival to playout. The target follows the network within these bounds.
  /// For lip sync: what the other kind's stream needs.
  void set_minimum_delay_us(int64_t delay_us) { minimum_delay_us_ = delay_us; }
  /// jitterBufferTarget, up to 4 s.
  void set_base_minimum_delay_us(int64_t delay_us) { base_minimum_delay_us_ = delay_us; }
  void set_maximum_delay_us(int64_t delay_us) { maximum_delay_us_ = delay_us; }
  int64_t target_delay_us() const;
  /// The target as it would be without set_minimum_delay_us().
  int64_t unsynced_delay_us() const { return std::max(minimum_target_us(), base_minimum_delay_us_); }
  /// How long sound that comes without delay waits, as of the packet that was decoded last.
  int64_t current_delay_us() const { return static_cast<int64_t>(delay_us_); }

  /// DTMF since the last call.
  std::vector<ReceivedTone> take_tones();
  const AudioReceiveStats& stats() const { return stats_; }
  /// Packets that wait.
  size_t packets() const { return packets_.size(); }

 private:
  /// What is being played when there is no packet to decode.
  enum class Filler {
    kConcealment,
    kComfortNoise,  // RFC 3389
    kCodecNoise,    // the decoder's, after a DTX packet
    kSilence,       // in place of a telephone event
  };
  struct PayloadType {
    AudioPayloadFormat format;
    std::unique_ptr<AudioDecoder> decoder;
  };

  // Arrival.
  PayloadType* type_of(uint8_t payload_type);
  AudioDecoder* decoder_of(PayloadType& type);
  void insert_event(const PacketHeader& header, const PayloadType& type, ByteView payload, int64_t arrival_us);
  void restart_at(uint32_t timestamp);
  void discard(bool is_redundant, bool is_duplicate);

  // Playout (audio_jitter_buffer_playout.cc).
  void fill_block(int64_t now_us);
  /// What comes before what was decoded last.
  bool is_past(int64_t timestamp) const;
  void drop_late_packets();
  /// Takes the next packet if it is its turn. False: something has to be made instead.
  bool try_packet(int64_t now_us);
  /// Restores a hole of so many frames from what the packet after it says.
  bool try_redundancy(const AudioPacket& next, PayloadType& type, size_t hole);
  void decode_front(int64_t now_us);
  void enter_comfort_noise(const AudioPacket& packet);
  void use_decoder(const AudioPacket& packet, PayloadType& type);
  void begin_filler(Filler filler);
  void fill(int64_t now_us);
  void conceal(size_t frames);
  /// Joins what was made and what has come, which begins at the pending frame `at`.
  void end_filler(size_t at);
  void join_by_pitch(size_t at, size_t joint);
  void stretch(int64_t now_us);
  void measure(const AudioBlock& block);
  /// Whether sound after this would be heard `delay_us` or more after it should have come.
  bool is_due(const AudioPacket& packet, int64_t now_us, int64_t delay_us) const;
  size_t frames_between(int64_t from, int64_t to) const;
  int64_t us_of(size_t frames) const;
  int64_t minimum_target_us() const;

  std::array<std::unique_ptr<PayloadType>, kPayloadTypes> types_;
  AudioPacketBuffer packets_;
  AudioDelayEstimator estimator_;
  AudioSignal signal_{48000, 1};
  PitchConcealer concealer_;
  NoiseGenerator noise_;
  TelephoneEventReceiver event_receiver_;
  std::vector<ReceivedTone> tones_;
  AudioReceiveStats stats_;

  // The stream.
  int64_t last_timestamp_ = 0;  // unwrapped, of the packet that came last
  bool has_timestamp_ = false;
  int clock_rate_ = 0;
  bool is_playing_ = false;
  bool resync_ = false;  // the next packet is where to go on, whatever its timestamp

  // Playout.
  AudioDecoder* decoder_ = nullptr;
  int decoder_type_ = -1;
  int64_t end_timestamp_ = 0;  // after what was decoded last
  std::optional<Filler> filler_;
  size_t filled_ = 0;     // frames of filler since end_timestamp_
  size_t postponed_ = 0;  // frames by which a packet that is there was put off
  float gain_ = 1;        // of concealment
  bool conceals_by_pitch_ = false;
  std::optional<int64_t> restored_timestamp_;  // of the packet whose redundancy was used last
  int64_t event_until_us_ = 0;                 // a telephone event takes the place of sound
  double delay_us_ = 0;
  bool has_delay_ = false;
  int blocks_since_stretch_ = 0;
  std::vector<int16_t> scratch_;
  std::array<double, 10> energies_{};  // of the last blocks
  size_t energy_at_ = 0;

  int64_t minimum_delay_us_ = 0;
  int64_t base_minimum_delay_us_ = 0;
  int64_t maximum_delay_us_ = 0;  // 0: none
};

}  // namespace peerwire
