// Sound as codecs take and give it. One object codes one stream; it is used by one thread at a time, never the
// network's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "media/frame/audio_block.h"

namespace peerwire {

enum class AudioCodec { kOpus, kPcmu, kPcma, kG722, kComfortNoise, kTelephoneEvent, kRed };

/// What negotiation says of an encoding.
struct AudioEncoderSettings {
  AudioCodec codec = AudioCodec::kOpus;
  int channels = 1;                    // of what is coded: Opus 1 or 2, others 1
  int packet_time_ms = 20;             // 10 to 120 for Opus, multiples of 10; others 10 to 60
  uint32_t bitrate_bps = 0;            // 0: the codec's default for its channels
  uint32_t max_playback_rate = 48000;  // Opus
  bool in_band_fec = true;             // Opus useinbandfec
  bool dtx = false;                    // Opus usedtx
  bool constant_bitrate = false;       // Opus cbr
  bool is_music = false;               // contentHint "music"
  bool operator==(const AudioEncoderSettings&) const = default;
};

class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;
  static std::unique_ptr<AudioEncoder> create(const AudioEncoderSettings& settings, std::string* error);

  /// Rate at which encode() wants its samples: 48,000 for Opus, 8,000 for G.711, 16,000 for G.722.
  virtual int sample_rate() const = 0;
  /// Ticks of the RTP clock for one sample of one channel at sample_rate(): G.722 counts 8,000 a second (RFC 3551).
  virtual int rtp_clock_rate() const = 0;
  /// Of the samples that encode() wants.
  virtual int channels() const = 0;
  /// What a packet holds: at most what was asked for, as Opus has no packets of 30, 50, 70, 90 and 110 ms.
  virtual int packet_time_ms() const = 0;
  /// Exactly one packet's worth of interleaved samples. Empty output: nothing is sent (DTX).
  virtual bool encode(const int16_t* samples, size_t frames, Bytes& out) = 0;
  /// What encode() coded last was silence, of which little is sent (DTX).
  virtual bool is_pausing() const { return false; }
  /// 0: the codec's default for its channels.
  virtual void set_bitrate(uint32_t bitrate_bps) = 0;
  /// 0 to 1, what the peer reports: in-band FEC follows it.
  virtual void set_packet_loss(double fraction) = 0;
};

class AudioDecoder {
 public:
  virtual ~AudioDecoder() = default;
  /// `channels`: in the output at most (Opus), 1 or 2.
  static std::unique_ptr<AudioDecoder> create(AudioCodec codec, int channels);

  virtual int sample_rate() const = 0;
  virtual int channels() const = 0;
  /// Before the packet is given to decode(): from it on there may be more channels() than before.
  virtual void prepare(ByteView) {}
  virtual int rtp_clock_rate() const = 0;
  /// Length of a packet in samples of one channel at sample_rate(), without decoding it; -1 when it is damaged.
  virtual int packet_frames(ByteView packet) const = 0;
  /// Appends decoded interleaved samples to `out`. False when the packet is damaged.
  virtual bool decode(ByteView packet, std::vector<int16_t>& out) = 0;
  /// The packet before this one from its redundancy (Opus in-band FEC), `frames` long; false when there is none.
  virtual bool decode_fec(ByteView, size_t, std::vector<int16_t>&) { return false; }
  /// Length in samples of what decode_fec() could restore from the packet; 0 when there is nothing in it.
  virtual size_t fec_frames(ByteView) const { return 0; }
  /// The packet says that nothing follows until the talker speaks again (Opus DTX): silence is no loss.
  virtual bool is_dtx(ByteView) const { return false; }
  /// Conceals `frames` lost samples by the codec's own means; false when it has none.
  virtual bool conceal(size_t, std::vector<int16_t>&) { return false; }
};

/// Resamples and remixes blocks of any rate (8,000 to 192,000), channels (1 to 8) and length. Keeps what does not fill
/// an output sample; a change of input format starts it anew.
class AudioConverter {
 public:
  virtual ~AudioConverter() = default;
  static std::unique_ptr<AudioConverter> create(int sample_rate, int channels);
  /// Appends to `out`, interleaved.
  virtual void convert(const AudioBlock& block, std::vector<int16_t>& out) = 0;
};

}  // namespace peerwire
