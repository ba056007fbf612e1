#include "media/congestion_control/simulated_call.h"

#include <cmath>

namespace peerwire::test {
namespace {

constexpr uint32_t kAudioSsrc = 10, kVideoSsrc = 20, kPaddingSsrc = 30;
constexpr size_t kMaxPacket = 1200;
constexpr size_t kAudioPacket = 120;
constexpr size_t kPaddingPacket = 240;
constexpr int64_t kFrameUs = 33'333;
constexpr int64_t kAudioUs = 20'000;
constexpr int64_t kReportUs = 1'000'000;
constexpr int64_t kAudioBps = static_cast<int64_t>(kAudioPacket) * 8 * 50;

}  // namespace

SimulatedCall::SimulatedCall(SimulatedLink& link, CallSettings settings, int64_t now_us)
    : link_(link), settings_(settings), random_(settings.seed), controller_(now_us), pacer_(*this) {
  deliver_ = [this](const SimulatedLink::Packet& packet, int64_t arrival_us) { receive(packet, arrival_us); };
  controller_.set_allocated(0, settings_.max_bps, now_us);
  controller_.on_network_available(true, now_us);
  next_frame_us_ = next_audio_us_ = next_process_us_ = now_us;
  next_report_us_ = now_us + kReportUs;
  apply(now_us);
  encoder_bps_ = target_.target_bps;
}

void SimulatedCall::apply(int64_t now_us) {
  if (const auto rate = controller_.process(now_us)) {
    target_ = *rate;
    pacer_.set_rates(rate->pacing_bps, rate->padding_bps, now_us);
    encoder_rates_.push_back({now_us + settings_.encoder_lag_us, rate->target_bps});
  }
  const auto probes = controller_.take_probes();
  pacer_.add_probes(probes, now_us);
}

void SimulatedCall::encode(int64_t now_us) {
  while (!encoder_rates_.empty() && encoder_rates_.front().at_us <= now_us) {
    encoder_bps_ = encoder_rates_.front().bps;
    encoder_rates_.pop_front();
  }
  if (settings_.audio && now_us >= next_audio_us_) {
    next_audio_us_ += kAudioUs;
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = kAudioSsrc;
    packet->is_audio = true;
    pacer_.enqueue(std::move(packet), kAudioPacket, now_us);
  }
  if (now_us < next_frame_us_) return;
  next_frame_us_ += kFrameUs;
  const int64_t video_bps = std::min(encoder_bps_, settings_.max_bps) - (settings_.audio ? kAudioBps : 0);
  if (video_bps <= 0) return;
  int64_t left = 0;
  if (settings_.coder) {
    const int64_t audio_bps = settings_.audio ? kAudioBps : 0;
    const int64_t sustained_bps = std::min(target_.estimate_bps, settings_.max_bps) - audio_bps;
    const FrameCoder::Frame frame = settings_.coder->code(video_bps, sustained_bps, now_us);
    // As RtpTransport does: what waits is stale.
    if (frame.is_keyframe && target_.target_bps < target_.estimate_bps) pacer_.drop_waiting(kVideoSsrc);
    left = static_cast<int64_t>(frame.bytes);
  } else {
    const double variation = 1 + settings_.frame_variation * (2 * random_.unit() - 1);
    left = static_cast<int64_t>(static_cast<double>(video_bps) / 8 * kFrameUs / 1e6 * variation);
  }
  while (left > 0) {
    const size_t size = static_cast<size_t>(std::min<int64_t>(left, kMaxPacket));
    left -= static_cast<int64_t>(size);
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = kVideoSsrc;
    packet->header.marker = left <= 0;
    pacer_.enqueue(std::move(packet), std::max<size_t>(size, 60), now_us);
  }
}

void SimulatedCall::send_paced(std::unique_ptr<RtpPacketToSend> packet, size_t size, int probe_cluster_id) {
  const uint16_t number = next_sequence_number_++;
  ++sent_packets_;
  controller_.on_packet_sent(settings_.transport_feedback ? std::optional(number) : std::nullopt, size,
                             probe_cluster_id, now_us_);
  link_.send({number, size, now_us_, !packet->is_padding, packet->header.marker, &deliver_}, now_us_);
}

std::vector<Pacer::Packet> SimulatedCall::make_padding(size_t bytes) {
  std::vector<Pacer::Packet> packets;
  for (size_t made = 0; made < bytes; made += kPaddingPacket) {
    auto packet = std::make_unique<RtpPacketToSend>();
    packet->header.ssrc = kPaddingSsrc;
    packet->is_padding = true;
    packets.push_back({std::move(packet), bytes == 1 ? 40 : kPaddingPacket});
  }
  return packets;
}

void SimulatedCall::receive(const SimulatedLink::Packet& packet, int64_t arrival_us) {
  received_bytes_ += static_cast<int64_t>(packet.size);
  ++received_packets_;
  highest_received_ = std::max(highest_received_, unwrapper_.unwrap(packet.sequence_number));
  if (settings_.transport_feedback) {
    feedback_.on_packet(packet.sequence_number, kVideoSsrc, packet.size, packet.ends_frame, arrival_us);
  } else {
    const auto send_time = static_cast<uint32_t>(static_cast<double>(packet.sent_us) * 262'144 / 1e6);
    remb_.on_packet(send_time & 0xFFFFFF, kVideoSsrc, packet.size, arrival_us);
  }
}

void SimulatedCall::answer(int64_t now_us) {
  const int64_t at_us = now_us + settings_.return_delay_us;
  for (auto& feedback : feedback_.process(now_us)) {
    if (random_.unit() < settings_.feedback_loss) continue;
    answers_.push_back({at_us, [this, feedback = std::move(feedback)](int64_t now) {
                          controller_.on_transport_feedback(feedback, now);
                        }});
  }
  if (now_us % 25'000 == 0) {
    if (const auto remb = remb_.process(now_us)) {
      answers_.push_back({at_us, [this, bps = remb->bitrate_bps](int64_t now) { controller_.on_remb(bps, now); }});
    }
  }
  if (now_us >= next_report_us_ && highest_received_ >= 0) {
    next_report_us_ += kReportUs;
    rtcp::ReportBlock block;
    block.ssrc = kVideoSsrc;
    block.extended_highest_sequence_number = static_cast<uint32_t>(highest_received_);
    block.cumulative_lost = static_cast<int32_t>(highest_received_ + 1 - received_packets_);
    const int64_t rtt = link_.settings.delay_us + link_.queue_us() + settings_.return_delay_us;
    answers_.push_back(
        {at_us, [this, block, rtt](int64_t now) { controller_.on_report_blocks(std::span(&block, 1), rtt, now); }});
  }
}

void SimulatedCall::tick(int64_t now_us) {
  now_us_ = now_us;
  answer(now_us);
  bool changed = false;
  while (!answers_.empty() && answers_.front().at_us <= now_us) {
    const Answer next = std::move(answers_.front());
    answers_.pop_front();
    next.apply(now_us);
    changed = true;
  }
  if (changed || now_us >= next_process_us_) {
    next_process_us_ = now_us + congestion::kProcessIntervalUs;
    apply(now_us);
  }
  encode(now_us);
  if (pacer_.next_us(now_us) <= now_us) pacer_.process(now_us);
}

std::vector<Sample> run(SimulatedLink& link, std::vector<SimulatedCall*> calls, int64_t duration_us,
                        std::vector<Step> steps) {
  std::vector<Sample> samples;
  size_t next_step = 0;
  int64_t received = 0;
  constexpr int64_t kSampleUs = 50'000;
  const int64_t begin = 1'000'000'000;  // as a monotonic clock: not 0
  for (int64_t at = 0; at <= duration_us; at += 1'000) {
    const int64_t now = begin + at;
    while (next_step < steps.size() && steps[next_step].at_us <= at) steps[next_step++].change(link.settings);
    link.advance(now);
    for (SimulatedCall* call : calls) call->tick(now);
    if (at % kSampleUs == 0) {
      Sample sample;
      sample.time_us = at;
      sample.link_bps = link.settings.rate_bps;
      sample.estimate_bps = calls[0]->target().estimate_bps;
      sample.target_bps = calls[0]->target().target_bps;
      sample.received_bps = (calls[0]->received_bytes() - received) * 8'000'000 / kSampleUs;
      sample.queue_us = link.queue_us();
      sample.pacer_us = calls[0]->pacer_queue_us();
      received = calls[0]->received_bytes();
      samples.push_back(sample);
    }
  }
  return samples;
}

}  // namespace peerwire::test
