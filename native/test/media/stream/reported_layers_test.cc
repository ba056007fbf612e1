// Layers of simulcast that the peer has reported of: who receives them has to know whose packets are that tell it no
// more.
#include <map>
#include <set>
#include <string>

#include "call.h"

namespace peerwire {
namespace {

/// Simulcast of three layers, of which the peer has reported: packets no longer tell whose they are.
class ReportedLayers : public testing::Test {
 protected:
  ReportedLayers() {
    received.rids = {"q", "h", "f"};
    call.receive_video(received);
    call.send_video(call.simulcast_parameters());
    call.connect();
  }
  bool are_reported() {
    constexpr int kRidId = 3;
    std::set<uint32_t> unnamed;
    call.run([&] {
      call.left->link.filter = [&](ByteView packet) {
        if (!is_rtp_of(packet, kVp8Type)) return true;
        const auto view = RtpPacketView::parse(packet);
        if (view && !view->extension(kRidId)) unnamed.insert(view->header().ssrc);
        return true;
      };
    });
    const bool all = call.eventually([&] { return unnamed == std::set<uint32_t>{10, 20, 30} && call.eye->frames > 0; });
    call.run([&] { call.left->link.filter = nullptr; });
    return all;
  }
  /// Of the layer's stream; 0 where there is none. Network thread.
  double counter(const std::string& rid, const std::string& name) {
    for (const InboundStats& stream : call.video_receiver->stats(call.left->rtp->now_us()).streams) {
      if (stream.rid == rid) return Call::counter(stream, name);
    }
    return 0;
  }
  /// Packets of each layer. Network thread.
  std::map<std::string, double> come_until_now() {
    std::map<std::string, double> packets;
    for (const std::string& rid : received.rids) packets[rid] = counter(rid, "packetsReceived");
    return packets;
  }
  /// So many more of each.
  bool come_all(std::map<std::string, double> before = {}, double packets = 5) {
    return call.eventually(
        [&] {
          for (const std::string& rid : received.rids) {
            if (counter(rid, "packetsReceived") < before[rid] + packets) return false;
          }
          return true;
        },
        std::chrono::seconds(10));
  }
  void set_receiving(bool active) {
    received.active = active;
    call.video_receiver->configure(received);
  }
  void set_sending(bool active) {
    SendParameters parameters = call.simulcast_parameters();
    parameters.active = active;
    call.video_sender->configure(parameters);
  }

  Call call;
  ReceiveParameters received = Call::receive_parameters(MediaKind::kVideo);
};

TEST_F(ReportedLayers, AreRepaired) {
  ASSERT_TRUE(are_reported());
  int lost = 0;
  call.run([&] {
    call.left->link.filter = [&](ByteView packet) {
      const bool loses = lost == 0 && is_rtp_of(packet, kVp8Type) && packet[11] == 20;
      lost += loses;
      return !loses;
    };
  });
  EXPECT_TRUE(
      call.eventually([&] { return counter("h", "retransmittedPacketsReceived") >= 1; }, std::chrono::seconds(10)));
  call.run([&] {
    EXPECT_EQ(lost, 1);
    call.left->link.filter = nullptr;
  });
}

TEST_F(ReportedLayers, GoOnAfterAPauseOfBothSides) {
  ASSERT_TRUE(are_reported());
  std::map<std::string, double> before;
  call.run([&] {
    set_sending(false);
    set_receiving(false);
    before = come_until_now();
  });
  call.run([&] {
    set_receiving(true);
    set_sending(true);
  });
  EXPECT_TRUE(come_all(before));
  const int seen = call.eye->frames;
  EXPECT_TRUE(call.eventually([&] { return call.eye->frames > seen + 5; }, std::chrono::seconds(10)));
}

TEST_F(ReportedLayers, AreToldAnewToAPeerThatHasForgottenThem) {
  ASSERT_TRUE(are_reported());
  call.run([&] {
    set_sending(false);
    call.video_receiver.reset();
  });
  call.receive_video(received);
  call.run([&] { set_sending(true); });
  EXPECT_TRUE(come_all());
}

TEST_F(ReportedLayers, AreKnownAfterAPauseToAPeerThatDoesNotTellAnew) {
  ASSERT_TRUE(are_reported());
  std::map<std::string, double> before;
  call.run([&] {
    set_receiving(false);
    before = come_until_now();
  });
  const int seen = call.eye->frames;
  call.run([&] { set_receiving(true); });
  EXPECT_TRUE(come_all(before));
  EXPECT_TRUE(call.eventually([&] { return call.eye->frames > seen + 5; }, std::chrono::seconds(10)));
}

TEST_F(ReportedLayers, DoNotComeWhileNothingIsReceived) {
  ASSERT_TRUE(are_reported());
  int sent = 0;
  std::map<std::string, double> before;
  call.run([&] {
    set_receiving(false);
    before = come_until_now();
    call.left->link.filter = [&](ByteView packet) {
      sent += is_rtp_of(packet, kVp8Type);
      return true;
    };
  });
  EXPECT_TRUE(call.eventually([&] { return sent > 10; }));
  call.run([&] {
    call.left->link.filter = nullptr;
    EXPECT_EQ(come_until_now(), before);
    EXPECT_GE(call.right->rtp->stats().packets_discarded, 5u);
  });
}

TEST_F(ReportedLayers, AreKnownWhenTheyComeBackAfterABye) {
  ASSERT_TRUE(are_reported());
  std::map<std::string, double> before;
  call.run([&] { call.left->rtp->send_bye(20, true); });
  // Posted behind the BYE.
  call.run([&] { before = come_until_now(); });
  EXPECT_TRUE(come_all(before));
}

TEST_F(ReportedLayers, AreToldAnewWhenTheyGetOtherNames) {
  ASSERT_TRUE(are_reported());
  call.run([&] {
    received.rids = {"1", "2", "3"};
    call.video_receiver->configure(received);
    SendParameters parameters = call.simulcast_parameters();
    for (size_t index = 0; index < 3; ++index) parameters.encodings[index].rid = received.rids[index];
    call.video_sender->configure(parameters);
  });
  EXPECT_TRUE(come_all());
}

}  // namespace
}  // namespace peerwire
