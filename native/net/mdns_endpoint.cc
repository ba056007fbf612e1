#include "net/mdns_endpoint.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace peerwire {
namespace {

using std::chrono::seconds;

constexpr uint32_t kLegacyTtl = 10;  // section 6.7
constexpr size_t kMaxAddresses = 8;

MdnsMessage::Type type_of(const SocketAddress& address) {
  return address.is_ipv4() ? MdnsMessage::Type::kA : MdnsMessage::Type::kAaaa;
}

}  // namespace

uint64_t MdnsEndpoint::ask(TimePoint now, const std::string& name, Answered answered) {
  Question question{++last_id_, name, std::move(answered), now, now, 0};
  const auto cached = cache_.find(name);
  const bool known = published_.contains(name) || (cached != cache_.end() && cached->second.until > now);
  if (!known && questions_.size() < kMaxQuestions) {
    const bool asked = std::any_of(questions_.begin(), questions_.end(),
                                   [&](const Question& other) { return other.name == name && other.sent > 0; });
    if (!asked) transmit(question);
    question.sent = 1;
    question.next = now + kRepeatAfter[0];
  } else if (!known) {
    question.asked = now - kGiveUpAfter;  // one too many: given up at once
  }
  questions_.push_back(std::move(question));
  return last_id_;
}

void MdnsEndpoint::cancel(uint64_t question) {
  std::erase_if(questions_, [=](const Question& each) { return each.id == question; });
}

bool MdnsEndpoint::publish(const std::string& name, const SocketAddress& address) {
  if (published_.size() >= kMaxPublished) return false;
  published_[name].address = address.with_port(0);
  // Not probed for, as names of random numbers are unique; announced so that who has asked already is answered.
  MdnsMessage announcement;
  announcement.response = true;
  announcement.answers.push_back({name, address.with_port(0), kTtl, true});
  announcement.only_types.push_back({name, type_of(address), kTtl, true});
  sender_->multicast({}, announcement.serialize());
  return true;
}

void MdnsEndpoint::withdraw(const std::string& name) {
  const auto found = published_.find(name);
  if (found == published_.end()) return;
  MdnsMessage goodbye;  // section 10.1
  goodbye.response = true;
  goodbye.answers.push_back({name, found->second.address, 0, true});
  published_.erase(found);
  sender_->multicast({}, goodbye.serialize());
}

void MdnsEndpoint::transmit(Question& question) {
  const bool unicast = sender_->asks_from_other_port();
  MdnsMessage query;
  query.questions.push_back({question.name, MdnsMessage::Type::kA, unicast});
  query.questions.push_back({question.name, MdnsMessage::Type::kAaaa, unicast});
  sender_->multicast({}, query.serialize());
}

void MdnsEndpoint::handle_datagram(TimePoint now, const MdnsLink& link, const SocketAddress& from, ByteView datagram) {
  const auto message = MdnsMessage::parse(datagram);
  if (!message) return;
  if (!message->response) return answer(now, link, from, *message);
  if (from.port() == kPort) learn(now, *message);  // section 6: others must be ignored
}

void MdnsEndpoint::answer(TimePoint now, const MdnsLink& link, const SocketAddress& from, const MdnsMessage& query) {
  const bool legacy = from.port() != kPort;  // section 6.7
  MdnsMessage multicast, unicast;
  multicast.response = unicast.response = true;
  // Each question once: repeated ones take a few octets each, and would be answered with many.
  std::set<std::pair<std::string_view, MdnsMessage::Type>> answered;
  for (const MdnsMessage::Question& question : query.questions) {
    if (!answered.emplace(question.name, question.type).second) continue;
    const auto found = published_.find(question.name);
    if (found == published_.end()) continue;
    Published& own = found->second;
    const bool fits = question.type == MdnsMessage::Type::kAny || question.type == type_of(own.address);
    const uint32_t ttl = legacy ? kLegacyTtl : kTtl;
    const auto add_to = [&](MdnsMessage& message) {
      if (fits) message.answers.push_back({question.name, own.address, ttl, !legacy});
      message.only_types.push_back({question.name, type_of(own.address), ttl, !legacy});
    };
    if (legacy || question.unicast_response) {
      if (legacy) unicast.questions.push_back({question.name, question.type, false});
      add_to(unicast);
      continue;
    }
    const auto told = own.told.find({link, fits});
    if (told != own.told.end() && now - told->second < seconds(1)) continue;
    own.told[{link, fits}] = now;  // as many as the machine has links
    add_to(multicast);
  }
  if (legacy) unicast.id = query.id;
  if (!unicast.only_types.empty()) sender_->unicast(link, from, unicast.serialize());
  if (!multicast.only_types.empty()) sender_->multicast(link, multicast.serialize());
}

void MdnsEndpoint::learn(TimePoint now, const MdnsMessage& response) {
  std::map<std::string, std::pair<std::vector<SocketAddress>, uint32_t>> told;
  for (const MdnsMessage::Answer& answer : response.answers) {
    if (answer.ttl_s == 0) {
      cache_.erase(answer.name);
      continue;
    }
    const SocketAddress& address = answer.address;
    // A name leads to a host, not to a group.
    const ByteView octets = address.octets();
    const bool group = octets.empty() || (address.is_ipv4() ? octets[0] >= 224 : octets[0] == 0xff);
    if (group || address.is_any()) continue;
    auto& [addresses, ttl] = told[answer.name];
    ttl = addresses.empty() ? answer.ttl_s : std::min(ttl, answer.ttl_s);
    const bool known = std::find(addresses.begin(), addresses.end(), address) != addresses.end();
    if (!known && addresses.size() < kMaxAddresses) addresses.push_back(address);
  }
  for (auto& [name, content] : told) {
    // Only what has been asked for: nobody fills the cache unasked.
    const bool asked = std::any_of(questions_.begin(), questions_.end(),
                                   [&name = name](const Question& each) { return each.name == name; });
    if (!asked) continue;
    remember(now, name, std::move(content.first), content.second);
    for (Question& question : questions_) {
      if (question.name == name) question.next = now;
    }
  }
  handle_timeout(now);
}

void MdnsEndpoint::remember(TimePoint now, const std::string& name, std::vector<SocketAddress> addresses,
                            uint32_t ttl_s) {
  std::erase_if(cache_, [now](const auto& entry) { return entry.second.until <= now; });
  if (cache_.size() >= kMaxCached) {
    cache_.erase(std::min_element(cache_.begin(), cache_.end(),
                                  [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  }
  cache_[name] = {std::move(addresses), now + seconds(std::min(ttl_s, kTtl))};
}

TimePoint MdnsEndpoint::next_timeout() const {
  TimePoint next = TimePoint::max();
  for (const Question& question : questions_) next = std::min({next, question.next, question.asked + kGiveUpAfter});
  return next;
}

void MdnsEndpoint::handle_timeout(TimePoint now) {
  // Answers are told last, and from a list of their own: who is told may ask again, or cancel another question.
  std::vector<std::pair<Question, std::vector<SocketAddress>>> ended;
  for (auto it = questions_.begin(); it != questions_.end();) {
    Question& question = *it;
    const auto own = published_.find(question.name);
    const auto cached = cache_.find(question.name);
    std::vector<SocketAddress> addresses;
    if (own != published_.end()) {
      addresses = {own->second.address};
    } else if (cached != cache_.end() && cached->second.until > now) {
      addresses = cached->second.addresses;
    }
    if (!addresses.empty() || now - question.asked >= kGiveUpAfter) {
      ended.emplace_back(std::move(question), std::move(addresses));
      it = questions_.erase(it);
      continue;
    }
    if (question.next <= now) {
      transmit(question);
      question.next = question.sent < std::size(kRepeatAfter) ? question.asked + kRepeatAfter[question.sent]
                                                              : question.asked + kGiveUpAfter;
      if (question.next <= now) question.next = question.asked + kGiveUpAfter;
      ++question.sent;
    }
    ++it;
  }
  for (const auto& [question, addresses] : ended) question.answered(addresses);
}

}  // namespace peerwire
