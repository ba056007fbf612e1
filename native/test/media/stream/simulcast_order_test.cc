// In which order the layers of a simulcast begin: servers tell them by that.
#include <algorithm>
#include <set>
#include <vector>

#include "call.h"

namespace peerwire {
namespace {

/// The largest layer comes first in the list, and takes longest.
class SimulcastOrder : public testing::Test {
 protected:
  SimulcastOrder() {
    received.rids = {"f", "h", "q"};
    std::reverse(parameters.encodings.begin(), parameters.encodings.end());
    call.receive_video(received);
  }
  ~SimulcastOrder() override {
    call.run([this] { call.left->link.filter = nullptr; });
  }
  void set_sending(bool active) {
    parameters.active = active;
    call.video_sender->configure(parameters);
  }
  /// Hears of each packet of media: of which layer it is, and whether it tells so. Network thread.
  void watch(std::function<void(uint32_t ssrc, bool names_layer)> told) {
    constexpr int kRidId = 3;
    call.left->link.filter = [told = std::move(told)](ByteView packet) {
      if (!is_rtp_of(packet, kVp8Type)) return true;
      if (const auto view = RtpPacketView::parse(packet))
        told(view->header().ssrc, view->extension(kRidId).has_value());
      return true;
    };
  }

  /// Once the peer has reported of a layer its packets tell no more which it is: all that do, after a pause, are new.
  bool are_reported() {
    call.run([this] {
      unnamed.clear();
      watch([this](uint32_t ssrc, bool names_layer) {
        if (!names_layer) unnamed.insert(ssrc);
      });
    });
    return call.eventually([this] { return unnamed.size() == 3; });
  }
  /// The layers that tell which they are, as they begin. Network thread.
  void watch_names() {
    order.clear();
    watch([this](uint32_t ssrc, bool names_layer) {
      if (names_layer && std::find(order.begin(), order.end(), ssrc) == order.end()) order.push_back(ssrc);
    });
  }

  /// Pictures of 1280 x 720, of which the largest encoding can have 200 kbit/s at most, a third of what it needs.
  void film_with_little() {
    parameters.estimate_wishes = {.start_bps = 300'000, .max_bps = 300'000};
    for (EncodingParameters& encoding : parameters.encodings) {
      if (encoding.rid != "f") encoding.max_bitrate_bps = 50'000;
    }
    call.send_video(parameters);
    call.connect();
    call.run([this] {
      call.video_sender->set_track(std::make_shared<VideoTrack>(large), nullptr);
      shoot_large();
    });
  }
  void shoot_large() {
    VideoFrame frame;
    frame.buffer = I420Buffer::allocate(1280, 720);
    frame.capture_time_us = call.left->rtp->now_us();
    large->deliver(black_frame(frame));
    call.again(std::chrono::milliseconds(33), [this] { shoot_large(); });
  }

  const std::shared_ptr<VideoSource> large = std::make_shared<VideoSource>();
  Call call;
  SendParameters parameters = call.simulcast_parameters();
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
  std::set<uint32_t> unnamed;
  std::vector<uint32_t> order;
};

TEST_F(SimulcastOrder, IsThatOfTheEncodingsWheneverTheyBegin) {
  call.send_video(parameters);
  call.connect();
  for (int round = 0; round < 4; ++round) {
    ASSERT_TRUE(are_reported());
    call.run([this] {
      set_sending(false);
      watch_names();
      set_sending(true);
    });
    ASSERT_TRUE(call.eventually([this] { return order.size() == 3; }));
    EXPECT_EQ(order, (std::vector<uint32_t>{30, 20, 10})) << "round " << round;
  }
}

TEST_F(SimulcastOrder, HoldsNothingUpForALayerOfWhichNothingComes) {
  call.send_video(parameters);
  call.connect();
  ASSERT_TRUE(are_reported());
  // A transform that keeps the first layer for itself.
  call.video_told->on_tapped = [this](TappedFrame frame) {
    if (frame.rid == "f") return;
    WrittenFrame written;
    written.token = frame.token;
    written.octets = std::move(frame.octets);
    call.network->post([this, written = std::move(written)]() mutable {
      if (call.video_sender) call.video_sender->write_frame(std::move(written));
    });
  };
  call.run([this] {
    set_sending(false);
    call.video_sender->set_tap(true, false);
    watch_names();
    set_sending(true);
  });
  EXPECT_TRUE(call.eventually([this] { return order.size() == 2; }));
  EXPECT_EQ(std::count(order.begin(), order.end(), 30u), 0);
}

TEST_F(SimulcastOrder, KeepsTheEncodingAliveThatIsListedFirstHoweverLargeItIs) {
  film_with_little();
  EXPECT_TRUE(call.eventually([this] { return call.outbound(0).frames_encoded > 40; }));
}

TEST_F(SimulcastOrder, PausesTheLargestThatIsNotListedFirstForWantOfBitrate) {
  std::reverse(parameters.encodings.begin(), parameters.encodings.end());
  film_with_little();
  ASSERT_TRUE(call.eventually([this] { return call.outbound(1).frames_encoded > 10; }));
  EXPECT_TRUE(call.eventually([this] { return call.outbound(2).target_bitrate == 0; }));
}

}  // namespace
}  // namespace peerwire
