#include "transport/ice/udp_mux.h"

#include <algorithm>

#include "transport/ice/stun_message.h"

namespace peerwire::ice {
namespace {

/// Those that may be shared.
struct UdpMuxes {
  std::unordered_map<SocketAddress, std::weak_ptr<UdpMux>, SocketAddressHash> by_address;
};

/// Whether a STUN message that is sent says that its destination is one to talk with: a request, and a success
/// response, which is all that a lite agent has to say. It answers what was authenticated; errors are told to anybody.
bool opens_conversation(ByteView message) {
  return message[0] == 0 || (message.size() > 1 && message[0] == 1 && message[1] == 1);
}

}  // namespace

std::shared_ptr<UdpMux> UdpMux::acquire(NetworkThread& network, const SocketAddress& address, int* error) {
  auto& muxes = network.part<UdpMuxes>().by_address;
  if (const auto found = muxes.find(address); found != muxes.end()) {
    if (auto mux = found->second.lock()) return mux;
  }
  std::shared_ptr<UdpMux> mux(new UdpMux(network));
  mux->socket_ = UdpSocket::bind(network, address, 0, mux.get(), error);
  if (!mux->socket_) return nullptr;
  mux->key_ = mux->socket_->local_address();  // port 0 has become one
  muxes[mux->key_] = mux;
  return mux;
}

UdpMux::~UdpMux() {
  auto& muxes = network_.part<UdpMuxes>().by_address;
  if (const auto found = muxes.find(key_); found != muxes.end() && found->second.expired()) muxes.erase(found);
}

void UdpMux::add(Member* member, int tag, const std::string& username_fragment) {
  members_[member].tag = tag;
  fragments_.add(member, tag, username_fragment);
}

void UdpMux::remove(Member* member) {
  const auto found = members_.find(member);
  if (found == members_.end()) return;
  const Membership membership = std::move(found->second);
  members_.erase(found);
  fragments_.remove(member);
  for (const SocketAddress& remote : membership.remotes) forget(member, remote);
}

void UdpMux::forget(Member* member, const SocketAddress& remote) {
  const auto found = by_remote_.find(remote);
  if (found == by_remote_.end()) return;
  std::erase_if(found->second, [=](const Entry& entry) { return entry.member == member; });
  if (found->second.empty()) by_remote_.erase(found);
}

void UdpMux::learn(Member* member, Membership& membership, const SocketAddress& remote) {
  std::vector<SocketAddress>& remotes = membership.remotes;
  if (!remotes.empty() && remotes.back() == remote) return;
  const auto known = std::find(remotes.begin(), remotes.end(), remote);
  if (known != remotes.end()) {
    std::rotate(known, known + 1, remotes.end());
    return;
  }
  remotes.push_back(remote);
  by_remote_[remote].push_back({member, membership.tag});
  if (remotes.size() <= kMaxRemotes) return;
  forget(member, remotes.front());
  remotes.erase(remotes.begin());
}

bool UdpMux::send(Member* member, ByteView datagram, const SocketAddress& to) {
  if (datagram.empty()) return false;
  if (datagram[0] >= 4) return socket_->send(datagram, to);
  if (const auto found = members_.find(member); found != members_.end() && opens_conversation(datagram)) {
    learn(member, found->second, to);
  }
  return socket_->send_now(datagram, to);
}

void UdpMux::tell_unknown(const SocketAddress& from, std::string_view username) {
  if (listeners_.empty()) return;
  const auto request = unknown_.take(network_.now(), username, from);
  if (!request) return;
  for (Listener* listener : std::vector<Listener*>(listeners_)) {
    const bool listening = std::find(listeners_.begin(), listeners_.end(), listener) != listeners_.end();
    if (listening) listener->on_unknown_request(local_address(), from, *request);
  }
}

void UdpMux::on_datagram(int, const SocketAddress& from, ByteView datagram) {
  const auto alive = shared_from_this();  // the last member may leave while it is told
  if (StunMessage::looks_like_stun(datagram)) {
    const auto message = StunMessage::parse(datagram);
    if (message && message->message_class == StunClass::kRequest && message->username) {
      if (const auto* found = fragments_.find(local_fragment_of(*message->username))) {
        const Entry entry = *found;
        entry.member->on_mux_datagram(entry.tag, from, datagram);
      } else {
        tell_unknown(from, *message->username);
      }
      return;
    }
  }
  const auto found = by_remote_.find(from);
  if (found == by_remote_.end()) return;
  if (found->second.size() == 1) {
    const Entry entry = found->second.front();
    entry.member->on_mux_datagram(entry.tag, from, datagram);
    return;
  }
  // Several talk with the same remote address: the one to whom it means something takes it.
  const std::vector<Entry> entries = found->second;
  for (const Entry& entry : entries) {
    if (members_.contains(entry.member) && entry.member->on_mux_datagram(entry.tag, from, datagram)) return;
  }
}

}  // namespace peerwire::ice
