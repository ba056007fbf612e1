// Any octets are a STUN message or are none; reading them never goes out of bounds.
#include "transport/ice/stun_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* octets, size_t size) {
  using namespace peerwire;
  const auto message = ice::StunMessage::parse({octets, size});
  if (!message) return 0;
  const bool signed_right = message->check_integrity(as_bytes("password"));
  // What was read can be written again.
  ice::StunWriter writer(message->method, message->message_class, message->transaction);
  if (message->username) writer.add_text(ice::StunAttribute::kUsername, *message->username);
  if (message->mapped_address) {
    writer.add_xor_address(ice::StunAttribute::kXorMappedAddress, *message->mapped_address);
  }
  if (message->error_code) writer.add_error(message->error_code, message->error_reason);
  writer.add_unknown_attributes(*message);
  if (signed_right) writer.add_integrity(as_bytes("password"));
  const ByteView again = writer.add_fingerprint().finish();
  if (again.empty()) return 0;
  const auto reread = ice::StunMessage::parse(again);
  if (!reread || reread->username != message->username || reread->error_code != message->error_code ||
      reread->mapped_address != message->mapped_address) {
    __builtin_trap();
  }
  return 0;
}
