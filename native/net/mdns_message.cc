#include "net/mdns_message.h"

#include <algorithm>

namespace peerwire {
namespace {

constexpr uint16_t kClassIn = 1, kTopBit = 0x8000, kNsec = 47;
constexpr uint16_t kResponse = 0x8000, kAuthoritative = 0x0400, kOpcode = 0x7800, kRcode = 0x000f;
constexpr size_t kMaxName = 255, kMaxLabel = 63;
constexpr int kMaxJumps = 16;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

class MessageReader {
 public:
  explicit MessageReader(ByteView data) : data_(data) {}
  bool failed() const { return failed_; }

  uint16_t u16() {
    if (!need(2)) return 0;
    const auto value = static_cast<uint16_t>(data_[at_] << 8 | data_[at_ + 1]);
    at_ += 2;
    return value;
  }
  uint32_t u32() {
    const uint32_t high = u16();
    return high << 16 | u16();
  }
  ByteView octets(size_t count) {
    if (!need(count)) return {};
    const ByteView taken = data_.subspan(at_, count);
    at_ += count;
    return taken;
  }
  /// Empty for a name that is well-formed and not made of letters, digits, hyphens and underscores.
  std::string name() {
    std::string text;
    bool usable = true;
    size_t total = 0, from = at_, end = 0;
    for (int jumps = 0;;) {
      if (from >= data_.size()) return fail();
      const size_t length = data_[from];
      if (length >= 0xc0) {  // a pointer, backwards only: so that no circle can be
        if (from + 1 >= data_.size() || ++jumps > kMaxJumps) return fail();
        const size_t target = (length & 0x3f) << 8 | data_[from + 1];
        if (end == 0) end = from + 2;
        if (target >= from) return fail();
        from = target;
        continue;
      }
      if (length > kMaxLabel || from + 1 + length > data_.size()) return fail();
      total += length + 1;
      if (total > kMaxName) return fail();
      if (length == 0) break;
      if (!text.empty()) text += '.';
      for (size_t i = 0; i < length; ++i) {
        const char c = lower(static_cast<char>(data_[from + 1 + i]));
        usable &= plain(c);
        text += c;
      }
      from += length + 1;
    }
    at_ = end ? end : from + 1;
    return usable ? text : std::string();
  }

 private:
  bool need(size_t count) {
    if (!failed_ && data_.size() - at_ >= count) return true;
    failed_ = true;
    return false;
  }
  std::string fail() {
    failed_ = true;
    return {};
  }

  ByteView data_;
  size_t at_ = 0;
  bool failed_ = false;
};

void put16(Bytes& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put_name(Bytes& out, std::string_view name) {
  while (!name.empty()) {
    const size_t dot = std::min(name.find('.'), name.size());
    const std::string_view label = name.substr(0, dot);
    out.push_back(static_cast<uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  out.push_back(0);
}

}  // namespace

std::optional<MdnsMessage> MdnsMessage::parse(ByteView datagram) {
  MessageReader reader(datagram);
  MdnsMessage message;
  message.id = reader.u16();
  const uint16_t flags = reader.u16();
  const size_t questions = reader.u16(), answers = reader.u16(), authorities = reader.u16(), more = reader.u16();
  if (reader.failed() || (flags & (kOpcode | kRcode))) return std::nullopt;  // sections 18.3, 18.11
  message.response = flags & kResponse;
  for (size_t i = 0; i < questions; ++i) {
    Question question;
    question.name = reader.name();
    const uint16_t type = reader.u16(), of_class = reader.u16();
    if (reader.failed()) return std::nullopt;
    const auto known = static_cast<Type>(type);
    if (known != Type::kA && known != Type::kAaaa && known != Type::kAny) continue;
    if ((of_class & ~kTopBit) != kClassIn && (of_class & ~kTopBit) != 255) continue;
    if (question.name.empty() || message.questions.size() >= kMaxQuestions) continue;
    question.type = known;
    question.unicast_response = of_class & kTopBit;
    message.questions.push_back(std::move(question));
  }
  const size_t records = answers + authorities + more;
  for (size_t i = 0; i < records && message.answers.size() < kMaxAnswers; ++i) {
    Answer answer;
    answer.name = reader.name();
    const uint16_t type = reader.u16(), of_class = reader.u16();
    answer.ttl_s = reader.u32();
    const ByteView data = reader.octets(reader.u16());
    if (reader.failed()) return std::nullopt;
    if (i >= answers && i < answers + authorities) continue;  // what a prober would like to have
    const bool fits = (type == static_cast<uint16_t>(Type::kA) && data.size() == 4) ||
                      (type == static_cast<uint16_t>(Type::kAaaa) && data.size() == 16);
    if (!fits || (of_class & ~kTopBit) != kClassIn || answer.name.empty()) continue;
    answer.address = SocketAddress::from_octets(data, 0).value_or(SocketAddress());
    answer.cache_flush = of_class & kTopBit;
    message.answers.push_back(std::move(answer));
  }
  return message;
}

Bytes MdnsMessage::serialize() const {
  Bytes out;
  put16(out, id);
  put16(out, response ? kResponse | kAuthoritative : 0);
  put16(out, static_cast<uint32_t>(questions.size()));
  put16(out, static_cast<uint32_t>(answers.size()));
  put16(out, 0);
  put16(out, static_cast<uint32_t>(only_types.size()));
  for (const Question& question : questions) {
    put_name(out, question.name);
    put16(out, static_cast<uint16_t>(question.type));
    put16(out, kClassIn | (question.unicast_response ? kTopBit : 0));
  }
  for (const Answer& answer : answers) {
    put_name(out, answer.name);
    put16(out, static_cast<uint16_t>(answer.address.is_ipv4() ? Type::kA : Type::kAaaa));
    put16(out, kClassIn | (answer.cache_flush ? kTopBit : 0));
    put16(out, answer.ttl_s >> 16);
    put16(out, answer.ttl_s & 0xffff);
    const ByteView octets = answer.address.octets();
    put16(out, static_cast<uint32_t>(octets.size()));
    out.insert(out.end(), octets.begin(), octets.end());
  }
  for (const OnlyType& only : only_types) {
    put_name(out, only.name);
    put16(out, kNsec);
    put16(out, kClassIn | (only.cache_flush ? kTopBit : 0));
    put16(out, only.ttl_s >> 16);
    put16(out, only.ttl_s & 0xffff);
    // The name again, and a bit for each type that there is, of the first 256 (RFC 4034 section 4.1.2).
    Bytes data;
    put_name(data, only.name);
    const auto type = static_cast<uint8_t>(only.type);
    data.push_back(0);
    data.push_back(static_cast<uint8_t>(type / 8 + 1));
    data.resize(data.size() + type / 8);
    data.push_back(static_cast<uint8_t>(0x80 >> type % 8));
    put16(out, static_cast<uint32_t>(data.size()));
    out.insert(out.end(), data.begin(), data.end());
  }
  return out;
}

std::optional<std::string> MdnsMessage::host_name(std::string_view name) {
  constexpr std::string_view kSuffix = ".local";
  std::string text(name);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  if (!text.ends_with(kSuffix)) return std::nullopt;
  const std::string_view label = std::string_view(text).substr(0, text.size() - kSuffix.size());
  if (label.empty() || label.size() > kMaxLabel || !std::all_of(label.begin(), label.end(), plain)) return std::nullopt;
  return text;
}

}  // namespace peerwire
