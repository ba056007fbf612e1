#include "media/receive/frame_assembler.h"

#include <algorithm>

namespace peerwire {
namespace {

/// https://www.3gpp.org/ftp/Specs/archive/26_series/26.114 section 7.4.5: C F R R.
int rotation_of(uint8_t orientation) {
  return (orientation & 3) * 90;
}

bool is_same_frame(const BufferedPacket& a, const BufferedPacket& b) {
  return !a.is_empty && !b.is_empty && a.timestamp == b.timestamp && a.payload_type == b.payload_type;
}

int spatial_index_of(const BufferedPacket& packet) {
  return packet.dependencies ? packet.dependencies->spatial_index : packet.description.spatial_index;
}

}  // namespace

size_t AssembledFrame::octets() const {
  size_t octets = frame.data.size();
  for (const UpperLayer& layer : upper) octets += layer.frame.data.size();
  return octets;
}

int64_t FrameAssembler::NumberUnwrapper::unwrap(uint16_t value, int value_bits) {
  if (bits != value_bits) {
    bits = value_bits;
    // Far above zero, so that what is referred to stays positive.
    last = (int64_t{1} << 32) | value;
    return last;
  }
  const int64_t modulus = int64_t{1} << bits;
  int64_t difference = (value - last) % modulus;
  if (difference < 0) difference += modulus;
  if (difference >= modulus / 2) difference -= modulus;
  last += difference;
  return last;
}

void FrameAssembler::reset() {
  numbers_ = {};
}

void FrameAssembler::on_inserted(int64_t sequence, std::vector<AssembledFrame>& out) {
  const BufferedPacket* packet = packets_.find(sequence);
  if (!packet) return;
  if (!packet->is_empty) try_frame_with(sequence, out);
  // This packet may also be what shows where its neighbours' frames end and begin.
  const BufferedPacket* previous = packets_.find(sequence - 1);
  if (previous && !previous->is_used && !is_same_frame(*previous, *packet)) try_frame_with(sequence - 1, out);
  const BufferedPacket* next = packets_.find(sequence + 1);
  if (next && !next->is_used && (packet->marker || !is_same_frame(*next, *packet))) try_frame_with(sequence + 1, out);
}

void FrameAssembler::try_frame_with(int64_t sequence, std::vector<AssembledFrame>& out) {
  const BufferedPacket* packet = packets_.find(sequence);
  if (!packet || packet->is_used || packet->is_empty) return;
  // The end first: in a frame that comes in order it is missing, and nothing more has to be looked at.
  int64_t last = sequence;
  const BufferedPacket* last_packet = packet;
  while (!last_packet->marker) {
    const BufferedPacket* next = packets_.find(last + 1);
    if (!next) return;
    if (!is_same_frame(*next, *packet)) break;
    ++last;
    last_packet = next;
  }
  int64_t first = sequence;
  const BufferedPacket* first_packet = packet;
  while (true) {
    if (first == *packets_.first()) {
      const PayloadDescription& description = first_packet->description;
      // What was removed last ended a frame.
      if (!packets_.has_removed() && !description.begins_picture && !description.may_begin_picture) return;
      break;
    }
    const BufferedPacket* previous = packets_.find(first - 1);
    if (!previous) {
      if (!first_packet->description.begins_picture) return;
      break;
    }
    if (previous->marker || previous->is_used || !is_same_frame(*previous, *packet)) break;
    --first;
    first_packet = previous;
  }
  out.push_back(build(first, last));
  packets_.use(first, last);
}

std::optional<FrameDependencies> FrameAssembler::dependencies_of(const BufferedPacket& packet) {
  const PayloadDescription& description = packet.description;
  const FrameReferences* references = nullptr;
  FrameDependencies dependencies;
  // A layer of VP9 has its own references under the number of its picture.
  int64_t layer = 0;
  if (packet.dependencies) {
    dependencies.number = numbers_.unwrap(packet.dependencies->frame_number, 16);
    references = &packet.dependencies->references;
  } else if (description.picture_id && description.references) {
    constexpr int kLayerShift = 48;
    layer = int64_t{description.spatial_index} << kLayerShift;
    dependencies.number = layer + numbers_.unwrap(*description.picture_id, description.picture_id_bits);
    references = &*description.references;
  } else {
    return std::nullopt;
  }
  for (size_t i = 0; i < references->count; ++i) {
    dependencies.references.push_back(dependencies.number - references->differences[i]);
  }
  return dependencies;
}

int64_t FrameAssembler::end_of_layer(int64_t first, int64_t last) const {
  const int layer = spatial_index_of(*packets_.find(first));
  while (first < last && spatial_index_of(*packets_.find(first + 1)) == layer) ++first;
  return first;
}

bool FrameAssembler::build_layer(int64_t first, int64_t last, EncodedVideoFrame& frame) {
  const BufferedPacket& begin = *packets_.find(first);
  frame.rtp_timestamp = static_cast<uint32_t>(begin.timestamp);
  frame.first_packet_us = frame.last_packet_us = begin.arrival_us;
  frame.temporal_index = begin.dependencies ? begin.dependencies->temporal_index : begin.description.temporal_index;
  frame.spatial_index = spatial_index_of(begin);
  frame.is_layer_sync = begin.description.is_layer_sync;
  frame.is_discardable = begin.description.is_discardable;
  frame.refers_to_earlier = begin.description.refers_to_earlier;
  frame.refers_to_lower = begin.description.refers_to_lower;
  media_.clear();
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    const BufferedPacket& packet = *packets_.find(sequence);
    media_.push_back(packet.description.media);
    frame.first_packet_us = std::min(frame.first_packet_us, packet.arrival_us);
    frame.last_packet_us = std::max(frame.last_packet_us, packet.arrival_us);
    frame.is_keyframe = frame.is_keyframe || packet.description.is_keyframe;
    if (packet.description.width > 0) {
      frame.width = packet.description.width;
      frame.height = packet.description.height;
    }
  }
  VideoCodec codec{};
  Depacketizer* depacketizer = find_(begin.payload_type, codec);
  frame.codec = codec;
  return depacketizer && depacketizer->assemble(media_, frame);
}

AssembledFrame FrameAssembler::build(int64_t first, int64_t last) {
  AssembledFrame out;
  const BufferedPacket& begin = *packets_.find(first);
  const BufferedPacket& end = *packets_.find(last);
  out.first_sequence = first;
  out.last_sequence = last;
  out.timestamp = begin.timestamp;
  out.payload_type = begin.payload_type;
  out.packets = static_cast<size_t>(last - first) + 1;
  out.tl0_index = begin.description.tl0_index;
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    const BufferedPacket& packet = *packets_.find(sequence);
    if (packet.playout_delay) out.playout_delay = packet.playout_delay;
    out.has_repaired_packets = out.has_repaired_packets || packet.is_repaired;
  }
  const auto sizes = begin.description.layer_sizes;
  const int rotation = end.orientation ? rotation_of(*end.orientation) : 0;
  for (int64_t layer_first = first; layer_first <= last;) {
    const int64_t layer_last = end_of_layer(layer_first, last);
    const bool is_lowest = layer_first == first;
    EncodedVideoFrame& frame = is_lowest ? out.frame : out.upper.emplace_back().frame;
    if (!build_layer(layer_first, layer_last, frame)) out.is_damaged = true;
    std::optional<FrameDependencies>& dependencies = is_lowest ? out.dependencies : out.upper.back().dependencies;
    dependencies = dependencies_of(*packets_.find(layer_first));
    frame.rotation = rotation;
    frame.ends_picture = layer_last == last;
    const auto layer = static_cast<size_t>(frame.spatial_index);
    if (layer < sizes.size() && sizes[layer].width > 0) {
      frame.width = sizes[layer].width;
      frame.height = sizes[layer].height;
    }
    layer_first = layer_last + 1;
  }
  out.frame.spatial_layers = static_cast<int>(out.upper.size()) + 1;
  for (UpperLayer& layer : out.upper) {
    layer.frame.spatial_layers = out.frame.spatial_layers;
    out.frame.last_packet_us = std::max(out.frame.last_packet_us, layer.frame.last_packet_us);
  }
  return out;
}

std::optional<AssembledFrame> FrameAssembler::lower_layers(int64_t first) {
  const BufferedPacket* begin = packets_.find(first);
  if (!begin || begin->is_used || begin->is_empty || !begin->description.begins_picture) return std::nullopt;
  std::optional<int64_t> last;
  for (int64_t sequence = first;; ++sequence) {
    const BufferedPacket* packet = packets_.find(sequence);
    if (!packet || packet->is_used || !is_same_frame(*packet, *begin)) break;
    const bool ends_layer = packet->dependencies ? packet->dependencies->ends_frame : packet->description.ends_layer;
    if (ends_layer) last = sequence;
  }
  if (!last) return std::nullopt;
  AssembledFrame out = build(first, *last);
  out.is_partial = true;
  return out;
}

}  // namespace peerwire
