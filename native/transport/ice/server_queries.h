// What STUN servers are asked: which addresses they see bases as, over UDP and over connections (RFC 8445 section
// 5.1.1.2, RFC 6544 section 5.2), and that NATs keep those addresses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "transport/ice/gathering_delegate.h"
#include "transport/ice/server_results.h"
#include "transport/ice/stun_server_query.h"
#include "transport/ice/stun_stream_query.h"

namespace peerwire::ice {

class ServerQueries {
 public:
  /// `network`: who sends and connects.
  ServerQueries(RandomSource& random, AgentDelegate* network, GatheringDelegate& agent, ServerResults& results)
      : random_(random), network_(network), agent_(agent), results_(results) {}
  ServerQueries(const ServerQueries&) = delete;
  ServerQueries& operator=(const ServerQueries&) = delete;

  /// Over UDP from a base of datagrams.
  void ask(int base, const IceServer& server, const SocketAddress& address);
  /// Over a connection out of the port of a base of kPassive.
  void ask_over_stream(int base, const IceServer& server, const SocketAddress& address);
  /// A generation is over. Connections stay until the next one has been gathered: it may ask the same.
  void leave();
  /// Connections of a generation that is over, which no other one has asked over.
  void drop_left();
  /// URLs of servers that have yet to answer.
  void add_awaited_urls(std::vector<std::string_view>& urls) const;

  /// What has become of a connection, if it is one of theirs.
  void stream_opened(int base);
  void stream_closed(int base, const std::string& reason);
  /// False when the message answers none of the queries.
  bool handle_response(int base, const SocketAddress& from, const StunMessage& message);
  TimePoint next_timeout() const;
  void handle_timeout(TimePoint now);
  /// Whether the base is one of their connections.
  bool uses(int base) const;
  /// What was asked from the base; false where something still is.
  bool forget(int base);

 private:
  void query_changed(StunServerQuery& query);
  /// Whether a server need not be asked any more for this connection.
  bool is_useless(const StunServerQuery& query) const;
  void run_stream_query(StunStreamQuery& query);
  void stream_query_answered(StunStreamQuery& query);
  void stream_query_lost(StunStreamQuery& query, int code, const std::string& reason);

  RandomSource& random_;
  AgentDelegate* network_;
  GatheringDelegate& agent_;
  ServerResults& results_;
  std::vector<std::unique_ptr<StunServerQuery>> queries_;
  std::vector<std::unique_ptr<StunStreamQuery>> stream_queries_;
};

}  // namespace peerwire::ice
