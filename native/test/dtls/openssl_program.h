// The openssl program of the system, and a transport to it over UDP on loopback.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "transport/packet_transport.h"

namespace peerwire {

class UdpTransport final : public PacketTransport {
 public:
  UdpTransport() : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in any = loopback(0);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  }
  ~UdpTransport() override { close(fd_); }
  static sockaddr_in loopback(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
  }
  /// A moment ago nobody had it.
  static uint16_t free_port() { return UdpTransport().port(); }
  uint16_t port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }
  bool send_packet(ByteView packet) override {
    return sendto(fd_, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) >= 0;
  }
  bool writable() const override { return true; }
  size_t max_packet_size() const override { return mtu; }
  std::vector<size_t> larger_packet_sizes() const override { return {1472, 8972}; }
  void set_packet_receiver(PacketReceiver* receiver) override { receiver_ = receiver; }
  void poll() {
    uint8_t buffer[2048];
    for (;;) {
      socklen_t size = sizeof peer;
      const ssize_t got = recvfrom(fd_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&peer), &size);
      if (got <= 0) return;
      if (receiver_) receiver_->on_packet({buffer, static_cast<size_t>(got)});
    }
  }
  sockaddr_in peer = loopback(9);
  size_t mtu = 1200;

 private:
  int fd_;
  PacketReceiver* receiver_ = nullptr;
};

/// A child process with pipes to its input and from its output; ended with the object.
class Program {
 public:
  explicit Program(std::vector<std::string> words) {
    int in[2], out[2];
    EXPECT_EQ(pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], 0);
      dup2(out[1], 1);
      dup2(out[1], 2);
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      execvp(arguments[0], arguments.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    in_ = in[1];
    out_ = out[0];
    fcntl(out_, F_SETFL, O_NONBLOCK);
  }
  ~Program() {
    close(in_);
    close(out_);
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  void type(const std::string& text) {
    EXPECT_EQ(write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void poll() {
    char buffer[4096];
    ssize_t got;
    while ((got = read(out_, buffer, sizeof buffer)) > 0) output.append(buffer, static_cast<size_t>(got));
  }
  std::string output;

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
};

}  // namespace peerwire
