// What the kernel and AES can do without a transport between them: UDP datagrams sealed and opened with AES-128-GCM, as
// DTLS does, sent one by one or in segments (UDP_SEGMENT, UDP_GRO). The receiver grants a window, so that nothing is
// lost.
//
//   datagram_limit receive ADDRESS SIZE SEGMENTS      prints its port, then its figures
//   datagram_limit send ADDRESS PORT SIZE SEGMENTS SECONDS
//
// Figures: octets of plain text, seconds, CPU seconds.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <openssl/evp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace {

constexpr size_t kNonce = 8, kTag = 16;
constexpr uint64_t kWindow = 1 << 20, kGrant = 1 << 18;  // octets
constexpr size_t kBatch = 60000;
const uint8_t kKey[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

class Cipher {
 public:
  explicit Cipher(bool seals) : seals_(seals), context_(EVP_CIPHER_CTX_new()) {
    if (!context_ || EVP_CipherInit_ex(context_, EVP_aes_128_gcm(), nullptr, kKey, nullptr, seals) != 1) fail("AES");
  }
  ~Cipher() { EVP_CIPHER_CTX_free(context_); }
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  void seal(const uint8_t* plain, size_t size, uint64_t number, uint8_t* out) {
    begin(number);
    std::memcpy(out, &number, kNonce);
    int done = 0;
    if (EVP_EncryptUpdate(context_, out + kNonce, &done, plain, static_cast<int>(size)) != 1 ||
        EVP_EncryptFinal_ex(context_, out + kNonce + size, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, kTag, out + kNonce + size) != 1) {
      fail("seal");
    }
  }
  bool open(uint8_t* sealed, size_t size, uint8_t* out) {
    uint64_t number = 0;
    std::memcpy(&number, sealed, kNonce);
    begin(number);
    int done = 0;
    const size_t plain = size - kNonce - kTag;
    return EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kTag, sealed + size - kTag) == 1 &&
           EVP_DecryptUpdate(context_, out, &done, sealed + kNonce, static_cast<int>(plain)) == 1 &&
           EVP_DecryptFinal_ex(context_, out + plain, &done) == 1;
  }

 private:
  void begin(uint64_t number) {
    uint8_t nonce[12] = {};
    std::memcpy(nonce + 4, &number, kNonce);
    if (EVP_CipherInit_ex(context_, nullptr, nullptr, nullptr, nonce, seals_) != 1) fail("nonce");
  }
  const bool seals_;
  EVP_CIPHER_CTX* const context_;
};

sockaddr_in address_of(const char* text, int port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<uint16_t>(port));
  if (inet_pton(AF_INET, text, &name.sin_addr) != 1) fail(text);
  return name;
}

int open_socket() {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  const int buffer = 4 << 20;
  if (fd < 0) fail("socket");
  for (const int option : {SO_RCVBUFFORCE, SO_SNDBUFFORCE}) setsockopt(fd, SOL_SOCKET, option, &buffer, sizeof buffer);
  return fd;
}

void report(uint64_t octets, double from, double cpu) {
  std::printf("%llu %.6f %.6f\n", static_cast<unsigned long long>(octets), seconds() - from, cpu_seconds() - cpu);
}

int receive(const char* address, size_t size, bool segments) {
  const int fd = open_socket();
  const int on = 1;
  if (segments && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0) fail("UDP_GRO");
  sockaddr_in name = address_of(address, 0);
  socklen_t length = sizeof name;
  if (bind(fd, reinterpret_cast<sockaddr*>(&name), sizeof name) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) {
    fail("bind");
  }
  std::printf("%d\n", ntohs(name.sin_port));
  std::fflush(stdout);
  Cipher cipher(false);
  std::vector<uint8_t> buffer(65536), plain(65536);
  uint64_t octets = 0, granted = 0;
  double from = 0, cpu = 0;
  for (;;) {
    sockaddr_in peer{};
    length = sizeof peer;
    const ssize_t got = recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&peer), &length);
    if (got < 0) fail("recvfrom");
    if (got == 1) break;  // the end
    if (octets == 0) {
      from = seconds();
      cpu = cpu_seconds();
    }
    const size_t sealed = size + kNonce + kTag;
    for (size_t at = 0; at + sealed <= static_cast<size_t>(got); at += sealed) {
      if (!cipher.open(buffer.data() + at, sealed, plain.data())) fail("a datagram does not open");
      octets += size;
    }
    if (octets - granted < kGrant) continue;
    granted = octets;
    sendto(fd, &granted, sizeof granted, 0, reinterpret_cast<sockaddr*>(&peer), length);
  }
  report(octets, from, cpu);
  return 0;
}

int send_all(const char* address, int port, size_t size, bool segments, double limit) {
  const int fd = open_socket();
  const sockaddr_in name = address_of(address, port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) fail("connect");
  Cipher cipher(true);
  const size_t sealed = size + kNonce + kTag;
  const size_t batch = segments ? std::max<size_t>(kBatch / sealed, 1) : 1;
  const int segment = static_cast<int>(sealed);
  if (batch > 1 && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof segment) != 0) fail("UDP_SEGMENT");
  const std::vector<uint8_t> plain(size, 7);
  std::vector<uint8_t> buffer(batch * sealed);
  uint64_t octets = 0, granted = 0, number = 0;
  const double from = seconds(), cpu = cpu_seconds();
  while (seconds() - from < limit) {
    while (octets > granted + kWindow) {
      if (recv(fd, &granted, sizeof granted, 0) < 0) fail("recv");
    }
    for (size_t i = 0; i < batch; ++i) cipher.seal(plain.data(), size, number++, buffer.data() + i * sealed);
    if (send(fd, buffer.data(), buffer.size(), 0) < 0) fail("send");
    octets += batch * size;
  }
  const uint8_t end = 0;
  if (send(fd, &end, sizeof end, 0) < 0) fail("send");
  report(octets, from, cpu);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::string mode = count > 1 ? words[1] : "";
  if (mode == "receive" && count == 5) return receive(words[2], std::stoul(words[3]), words[4][0] == '1');
  if (mode == "send" && count == 7) {
    return send_all(words[2], std::stoi(words[3]), std::stoul(words[4]), words[5][0] == '1', std::stod(words[6]));
  }
  std::fprintf(stderr,
               "usage: datagram_limit receive ADDRESS SIZE 0|1\n       datagram_limit send ADDRESS PORT SIZE 0|1 S\n");
  return 2;
}
