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

}  // namespace

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

void FrameAssembler::add_dependencies(const BufferedPacket& packet, AssembledFrame& frame) {
  const auto add = [&](uint16_t number, int bits, const FrameReferences& references) {
    const int64_t unwrapped = numbers_.unwrap(number, bits);
    if (std::find(frame.numbers.begin(), frame.numbers.end(), unwrapped) != frame.numbers.end()) {
      return;
    }
    constexpr size_t kMaxLayers = 8;
    if (frame.numbers.size() == kMaxLayers) return;
    frame.numbers.push_back(unwrapped);
    for (size_t i = 0; i < references.count; ++i) {
      frame.references.push_back(unwrapped - references.differences[i]);
    }
    frame.has_references = true;
  };
  const PayloadDescription& description = packet.description;
  if (packet.dependencies) {
    add(packet.dependencies->frame_number, 16, packet.dependencies->references);
    frame.frame.temporal_index = packet.dependencies->temporal_index;
  } else if (description.picture_id && description.references) {
    add(*description.picture_id, description.picture_id_bits, *description.references);
  }
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
  EncodedVideoFrame& frame = out.frame;
  frame.rtp_timestamp = static_cast<uint32_t>(begin.timestamp);
  frame.first_packet_us = frame.last_packet_us = begin.arrival_us;
  frame.temporal_index = begin.description.temporal_index;
  frame.is_layer_sync = begin.description.is_layer_sync;
  frame.is_discardable = begin.description.is_discardable;
  out.tl0_index = begin.description.tl0_index;
  if (end.orientation) frame.rotation = rotation_of(*end.orientation);
  media_.clear();
  // Every packet of a spatial layer tells the same of it: told apart by number, taken once. A layer of VP9 has its own
  // references under the number of its picture.
  bool has_dependencies = true;
  int spatial_index = -1;
  for (int64_t sequence = first; sequence <= last; ++sequence) {
    const BufferedPacket& packet = *packets_.find(sequence);
    const PayloadDescription& description = packet.description;
    media_.push_back(description.media);
    frame.first_packet_us = std::min(frame.first_packet_us, packet.arrival_us);
    frame.last_packet_us = std::max(frame.last_packet_us, packet.arrival_us);
    frame.is_keyframe = frame.is_keyframe || description.is_keyframe;
    if (description.width > 0) {
      frame.width = description.width;
      frame.height = description.height;
    }
    if (packet.playout_delay) out.playout_delay = packet.playout_delay;
    out.has_repaired_packets = out.has_repaired_packets || packet.is_repaired;
    if (!packet.dependencies && description.references && description.spatial_index != spatial_index &&
        spatial_index >= 0) {
      for (size_t i = 0; i < description.references->count && !out.numbers.empty(); ++i) {
        out.references.push_back(out.numbers[0] - description.references->differences[i]);
      }
    }
    spatial_index = description.spatial_index;
    add_dependencies(packet, out);
    has_dependencies = has_dependencies && (packet.dependencies || description.references);
  }
  out.has_references = out.has_references && has_dependencies;
  // References among the layers of one picture are met by its being whole.
  std::erase_if(out.references, [&](int64_t number) {
    return std::find(out.numbers.begin(), out.numbers.end(), number) != out.numbers.end();
  });
  VideoCodec codec{};
  Depacketizer* depacketizer = find_(out.payload_type, codec);
  frame.codec = codec;
  out.is_damaged = !depacketizer || !depacketizer->assemble(media_, frame);
  return out;
}

}  // namespace peerwire
